//! The service as the program that is run: a process, in a folder with its configuration and log.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::connection::PATIENCE;

/// The running program, which ends with this.
pub struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts `lyceum serve` with the `lyceum.toml` of a folder. What it says goes to `log` there,
    /// behind what was said before.
    ///
    /// # Errors
    /// Why it can't be started.
    pub fn start(
        folder: &Path,
        level: &str,
        environment: &[(&str, OsString)],
    ) -> Result<Self, String> {
        let path = folder.join("log");
        let log = File::options().create(true).append(true).open(&path);
        let log = log.map_err(told)?;
        let child = Command::new(env!("CARGO_BIN_EXE_lyceum"))
            .args(["serve", "--log", level])
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(told)?)
            .stderr(log)
            .spawn()
            .map_err(told)?;
        Ok(Self { child, log: path })
    }

    /// Ends the process with signal 9, and tells how it ended: perhaps by itself before.
    ///
    /// # Errors
    /// That this is impossible.
    pub fn kill(&mut self) -> Result<ExitStatus, String> {
        self.child.kill().map_err(told)?;
        self.child.wait().map_err(told)
    }

    /// Asks the process to end, as an operator does, and tells how it ended.
    ///
    /// # Errors
    /// That it doesn't.
    pub fn stop(&mut self) -> Result<ExitStatus, String> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        asked.map_err(told)?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().map_err(told)? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(2));
        }
        Err("it does not end".to_owned())
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(20)..];
        last.iter().map(|line| format!("\n    {line}")).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.kill();
    }
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}
