//! One process in a temporary directory of its own, under a script of `docker/servers/`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// How many lines of a log are told when something fails.
const TAIL_LINES: usize = 40;

/// The process; it is killed and its directory removed when this is dropped.
pub struct Instance {
    /// The name of the script, which is that of the program, too.
    name: &'static str,
    environment: Vec<(&'static str, PathBuf)>,
    directory: TempDir,
    /// The script over the process, and with its standard input the life line; `None` while the
    /// process is stopped.
    script: Option<Child>,
}

impl Instance {
    /// An instance that does not run yet.
    pub fn new(name: &'static str, environment: Vec<(&'static str, PathBuf)>) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("lyceum-test-")
            .tempdir()
            .expect("a temporary directory can be made");
        Self {
            name,
            environment,
            directory,
            script: None,
        }
    }

    /// Starts the process, waits until it is ready, and returns its settings.
    ///
    /// # Errors
    /// What the script complains of, with the end of the log.
    pub fn start(&mut self) -> Result<Settings, String> {
        assert!(self.script.is_none(), "{} runs already", self.name);
        let script = self
            .command("run", &[])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.name))?;
        self.script = Some(script);
        self.act("ready", &[]).map(|text| Settings::read(&text))
    }

    /// Ends the process by one of the script's two ways, `stop` or `kill`, and waits until it is
    /// gone.
    pub fn end(&mut self, action: &str) {
        let ended = self.act(action, &[]);
        self.cut_life_line();
        ended.unwrap_or_else(|report| panic!("{} did not end: {report}", self.name));
    }

    /// Runs one action of the script and returns what it printed.
    ///
    /// # Errors
    /// What the script complains of.
    pub fn act(&self, action: &str, arguments: &[&str]) -> Result<String, String> {
        let output = self
            .command(action, arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", self.name))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        let log = self.directory.path().join(self.name).with_extension("log");
        let log = std::fs::read(log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }

    /// The process.
    ///
    /// # Panics
    /// When it does not run.
    pub fn pid(&self) -> u32 {
        let pid = std::fs::read_to_string(self.directory().join("pid"));
        let pid = pid.unwrap_or_else(|error| panic!("{} does not run: {error}", self.name));
        pid.trim().parse().expect("a script writes a number")
    }

    /// Sends the process a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "{} gets no {name}",
            self.name
        );
    }

    /// Where the process keeps its configuration, its data and its log.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Closes the pipe the process lives by, and waits until it is gone.
    fn cut_life_line(&mut self) {
        if let Some(mut script) = self.script.take() {
            drop(script.stdin.take());
            let _ = script.wait();
        }
    }

    fn command(&self, action: &str, arguments: &[&str]) -> Command {
        let script = [
            env!("CARGO_MANIFEST_DIR"),
            "docker",
            "servers",
            &format!("{}.sh", self.name),
        ];
        let mut command = Command::new(script.iter().collect::<PathBuf>());
        command
            .arg(action)
            .arg(self.directory.path())
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        // Meant for `make run`: two servers cannot share the ports.
        for name in ["C2S_PORT", "COMPONENT_PORT"] {
            command.env_remove(name);
        }
        command
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the end of {}'s log:\n{}", self.name, self.log_tail());
        }
        self.cut_life_line();
    }
}

/// What a script has chosen for its process.
pub struct Settings(HashMap<String, String>);

impl Settings {
    fn read(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// The setting as text; empty when there is none.
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// The setting as a port.
    ///
    /// # Panics
    /// When it is none, since the scripts always say their ports.
    pub fn port(&self, name: &str) -> u16 {
        self.text(name)
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no port: '{}'", self.text(name)))
    }
}
