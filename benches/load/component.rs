//! The programs that are measured: started, watched from outside, and stopped.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::address::{DOMAIN, OPERATOR};
use crate::copier;
use crate::link::{Link, Listener};

/// Which program is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `lyceum serve`, with its database on disk.
    Lyceum,
    /// A component that only copies: see [`copier`].
    Copier,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Lyceum => "lyceum",
            Self::Copier => "copier",
        }
    }
}

/// Whether anybody is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// Nobody is, for what is measured is what the program can do.
    Off,
    /// As the program has them when nothing is configured.
    #[allow(dead_code, reason = "the archive benchmark has none")]
    ByDefault,
}

/// A running program, and its files, which are removed in the end.
pub struct Component {
    child: Child,
    directory: TempDir,
}

impl Component {
    /// Starts the program and waits until it is connected.
    pub fn start(kind: Kind) -> Result<(Self, Link)> {
        Self::start_in(directory()?, kind)
    }

    /// Starts Lyceum with a copy of a database, and waits until it is connected.
    #[allow(dead_code, reason = "used by the archive benchmark")]
    pub fn start_with(database: &Path) -> Result<(Self, Link)> {
        let directory = directory()?;
        fs::copy(database, directory.path().join(DATABASE))
            .with_context(|| format!("{} can't be copied", database.display()))?;
        Self::start_in(directory, Kind::Lyceum)
    }

    fn start_in(directory: TempDir, kind: Kind) -> Result<(Self, Link)> {
        let listener = Listener::bind()?;
        let child = spawn(directory.path(), kind, Limits::Off, listener.address()?)?;
        let mut component = Self { child, directory };
        let link = component.connected(&listener)?;
        Ok((component, link))
    }

    /// Stops Lyceum and starts it again with the same database.
    #[allow(dead_code, reason = "used by the hostile scenarios")]
    pub fn start_again(&mut self, limits: Limits) -> Result<Link> {
        self.end()?;
        let listener = Listener::bind()?;
        let directory = self.directory.path();
        self.child = spawn(directory, Kind::Lyceum, limits, listener.address()?)?;
        self.connected(&listener)
    }

    fn connected(&mut self, listener: &Listener) -> Result<Link> {
        let accepted = listener.accept(|| self.check_alive());
        accepted.map_err(|error| self.explain(error))
    }

    /// What tells of the program's memory, also from another thread.
    #[allow(dead_code, reason = "used by the hostile scenarios")]
    pub fn meter(&self) -> Meter {
        Meter {
            process: self.child.id().to_string(),
        }
    }

    /// What the program has used until now.
    pub fn usage(&self) -> Result<Usage> {
        Usage::of(&self.child.id().to_string())
    }

    /// Where its database is.
    #[allow(dead_code, reason = "not every benchmark asks")]
    pub fn database(&self) -> PathBuf {
        self.directory.path().join(DATABASE)
    }

    /// The size of the database and the files beside it, in bytes; 0 when there is none.
    pub fn database_size(&self) -> Result<u64> {
        let mut size = 0;
        for entry in fs::read_dir(self.directory.path())? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(DATABASE) {
                size += entry.metadata()?.len();
            }
        }
        Ok(size)
    }

    /// Adds to an error the end of what the program has logged.
    pub fn explain(&mut self, error: anyhow::Error) -> anyhow::Error {
        let log = fs::read(self.directory.path().join(LOG)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n  ");
        error.context(format!("The component's last words:\n  {last}\nFailed"))
    }

    /// Asks the program to stop and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .context("kill(1) is missing")?;
        let deadline = Instant::now() + STOP_MAX;
        while asked.success() && Instant::now() < deadline {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        bail!("the component did not stop within {STOP_MAX:?}")
    }

    fn check_alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the component ended with {status}"),
        }
    }
}

/// Nothing that was started is left behind, however a scenario ends.
impl Drop for Component {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Tells of a running program's memory.
#[allow(dead_code, reason = "used by the hostile scenarios")]
pub struct Meter {
    process: String,
}

#[allow(dead_code, reason = "used by the hostile scenarios")]
impl Meter {
    /// Memory of its own that is not a file's, in bytes.
    pub fn anonymous(&self) -> Result<u64> {
        Ok(Usage::of(&self.process)?.anonymous)
    }
}

/// CPU time and memory of a process, as proc(5) has them.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    pub at: Instant,
    /// In the program itself.
    pub user: Duration,
    /// In the kernel on its behalf: mostly reading and writing.
    pub system: Duration,
    /// Memory of its own that is not a file's, in bytes.
    pub anonymous: u64,
    /// All of its memory, in bytes.
    pub resident: u64,
    /// The most that `resident` has been.
    pub peak: u64,
}

impl Usage {
    /// Of this process.
    pub fn of_self() -> Result<Self> {
        Self::of("self")
    }

    /// The CPU time since an earlier time, in microseconds: of the program and of the kernel.
    pub fn cpu_us_since(&self, earlier: &Self) -> (f64, f64) {
        let us = |later: Duration, earlier: Duration| (later - earlier).as_secs_f64() * 1e6;
        (us(self.user, earlier.user), us(self.system, earlier.system))
    }

    fn of(process: &str) -> Result<Self> {
        let read = |file: &str| {
            let path = format!("/proc/{process}/{file}");
            fs::read_to_string(&path).with_context(|| format!("{path} can't be read"))
        };
        let (stat, status) = (read("stat")?, read("status")?);
        // The name of the program may contain anything, but ends with the last parenthesis.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = |field: usize| {
            let ticks = fields.split_ascii_whitespace().nth(field);
            ticks
                .and_then(|ticks| ticks.parse().ok())
                .map(|ticks: u64| Duration::from_millis(ticks * TICK_MS))
                .context("/proc has no CPU times")
        };
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_ascii_whitespace().nth(1)?.parse().ok())
                .map(|kib: u64| kib * 1024)
                .with_context(|| format!("/proc has no {name}"))
        };
        Ok(Self {
            at: Instant::now(),
            user: ticks(11)?,
            system: ticks(12)?,
            anonymous: bytes("RssAnon")?,
            resident: bytes("VmRSS")?,
            peak: bytes("VmHWM")?,
        })
    }
}

fn directory() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("load-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .context("no directory for the database")
}

fn spawn(directory: &Path, kind: Kind, limits: Limits, server: SocketAddr) -> Result<Child> {
    let mut command = match kind {
        Kind::Lyceum => lyceum(directory, limits, server)?,
        Kind::Copier => copier::command(server)?,
    };
    let log = File::create(directory.join(LOG))?;
    command
        .current_dir(directory)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("{} can't be started", kind.name()))
}

fn lyceum(directory: &Path, limits: Limits, server: SocketAddr) -> Result<Command> {
    let configuration: PathBuf = directory.join("lyceum.toml");
    fs::write(&configuration, configuration_file(limits, server))?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_lyceum"));
    command.arg("serve").arg("--config").arg(configuration);
    Ok(command)
}

/// Everything as it is by default, but for the limits where they are off; and that all are told of
/// all however many there are, which is what most scenarios measure.
fn configuration_file(limits: Limits, server: SocketAddr) -> String {
    let limits = match limits {
        Limits::Off => NO_LIMITS,
        Limits::ByDefault => "",
    };
    format!(
        "[[pool]]\n\
         domain = \"{DOMAIN}\"\n\
         secret = \"load\"\n\
         server = \"{server}\"\n\
         database = \"{DATABASE}\"\n\
         durability = \"full\"\n\
         operators = [\"{OPERATOR}\"]\n{limits}\
         [pool.rooms]\n\
         participant_updates_max = 0\n"
    )
}

const NO_LIMITS: &str = "[pool.limits]\n\
    messages_per_second = 0\n\
    presences_per_second = 0\n\
    iqs_per_second = 0\n\
    bytes_per_second = 0\n\
    rooms_per_user = 0\n\
    backlog = 10000000\n";
const DATABASE: &str = "lyceum.db";
const LOG: &str = "log";
const LOG_LINES: usize = 20;
const STOP_MAX: Duration = Duration::from_secs(30);

/// `USER_HZ`, in which /proc counts, is 100 on every architecture that Linux runs on today.
const TICK_MS: u64 = 10;
