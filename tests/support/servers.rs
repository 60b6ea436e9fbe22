//! Real XMPP servers for tests: a Prosody or an ejabberd of one's own, from Debian's packages.
//!
//! Each server lives in a temporary directory, with ports of its own on 127.0.0.1 and with the
//! configuration that `docker/servers/` writes; that configuration includes the very fragment an
//! administrator is given. A test binary uses this file with
//! `#[path = "support/servers.rs"] mod servers;`.
//!
//! The hard thing is to leave no process behind. A server runs under a small script that holds the
//! other end of a pipe; when that pipe closes, because the [`Server`] was dropped, the test panicked
//! or the whole test binary was killed, the script kills the server. So a server may also live in a
//! `static`, shared by the tests of a binary.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// How often a server is started before a test gives up. More than once, since another process may
/// take a free port between its choice and its use.
const ATTEMPTS: usize = 3;

/// Debian's Prosody.
pub struct Prosody;

impl Prosody {
    /// Starts a Prosody and waits until it listens.
    pub fn start() -> Server {
        Server::start(Kind::Prosody)
    }
}

/// Debian's ejabberd.
pub struct Ejabberd;

impl Ejabberd {
    /// Starts an ejabberd and waits until it listens.
    pub fn start() -> Server {
        Server::start(Kind::Ejabberd)
    }
}

/// Which program a [`Server`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Prosody,
    Ejabberd,
}

/// A running server. Dropping it kills it and removes its directory.
pub struct Server {
    kind: Kind,
    /// The users' domain, `example.org`.
    pub host: String,
    /// The component's domain, `rooms.example.org`.
    pub rooms: String,
    /// The component's secret.
    pub secret: String,
    /// Where clients connect, on 127.0.0.1, without encryption.
    pub c2s_port: u16,
    /// Where the component connects, on 127.0.0.1.
    pub component_port: u16,
    directory: TempDir,
    /// The script over the server, and with its standard input the life line; `None` while stopped.
    script: Option<Child>,
}

impl Server {
    /// Starts a server of the given kind and waits until it listens.
    ///
    /// # Panics
    /// When it does not start, with the end of its log.
    pub fn start(kind: Kind) -> Self {
        let mut failure = String::new();
        for _ in 0..ATTEMPTS {
            match Self::try_start(kind) {
                Ok(server) => return server,
                Err(report) => failure = report,
            }
        }
        panic!("{kind:?} did not start: {failure}");
    }

    fn try_start(kind: Kind) -> Result<Self, String> {
        let directory = tempfile::Builder::new()
            .prefix("lyceum-server-")
            .tempdir()
            .map_err(|error| format!("no temporary directory: {error}"))?;
        let mut server = Self {
            kind,
            host: String::new(),
            rooms: String::new(),
            secret: String::new(),
            c2s_port: 0,
            component_port: 0,
            directory,
            script: None,
        };
        let settings = server.launch()?;
        let text = |name: &str| settings.get(name).cloned().unwrap_or_default();
        let port = |name: &str| {
            text(name)
                .parse()
                .map_err(|_| format!("{name} is no port: '{}'", text(name)))
        };
        server.host = text("HOST");
        server.rooms = text("ROOMS");
        server.secret = text("SECRET");
        server.c2s_port = port("C2S_PORT")?;
        server.component_port = port("COMPONENT_PORT")?;
        Ok(server)
    }

    /// Makes an account, or gives it another password, and returns its bare JID.
    ///
    /// The name is of small letters and digits, the password of letters, digits, `.`, `_` and `-`.
    pub fn add_user(&self, name: &str, password: &str) -> String {
        self.script("add-user", &[name, password])
            .unwrap_or_else(|report| panic!("no account {name}: {report}"));
        format!("{name}@{}", self.host)
    }

    /// Stops the server as an administrator would; its data and its ports stay for
    /// [`Server::start_again`].
    pub fn stop(&mut self) {
        self.end("stop");
    }

    /// Ends the server as a power cut would: no client and no component is told.
    pub fn kill(&mut self) {
        self.end("kill");
    }

    /// Starts a stopped or killed server, on the same ports and with the same accounts.
    pub fn start_again(&mut self) {
        assert!(self.script.is_none(), "the server still runs");
        if let Err(report) = self.launch() {
            panic!("{:?} did not start again: {report}", self.kind);
        }
    }

    /// Stops the server and starts it again.
    pub fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// The last lines of the server's log, for the message of a failed assertion.
    pub fn log_tail(&self) -> String {
        let name = match self.kind {
            Kind::Prosody => "prosody.log",
            Kind::Ejabberd => "ejabberd.log",
        };
        let log = std::fs::read(self.directory.path().join(name)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Which program this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Runs the server under its script until it is ready, and returns its settings.
    fn launch(&mut self) -> Result<HashMap<String, String>, String> {
        let script = self
            .command("run", &[])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.script_path().display()))?;
        self.script = Some(script);
        let settings = self.script("ready", &[])?;
        Ok(settings
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }

    fn end(&mut self, action: &str) {
        let ended = self.script(action, &[]);
        self.cut_life_line();
        ended.unwrap_or_else(|report| panic!("{:?} did not end: {report}", self.kind));
    }

    /// Closes the pipe the server lives by, and waits until it is gone.
    fn cut_life_line(&mut self) {
        if let Some(mut script) = self.script.take() {
            drop(script.stdin.take());
            let _ = script.wait();
        }
    }

    /// Runs one action of the script and returns what it printed, or what it complained of.
    fn script(&self, action: &str, arguments: &[&str]) -> Result<String, String> {
        let output = self
            .command(action, arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", self.script_path().display()))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn command(&self, action: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.script_path());
        command
            .arg(action)
            .arg(self.directory.path())
            .args(arguments);
        command
    }

    fn script_path(&self) -> PathBuf {
        let name = match self.kind {
            Kind::Prosody => "prosody.sh",
            Kind::Ejabberd => "ejabberd.sh",
        };
        [env!("CARGO_MANIFEST_DIR"), "docker", "servers", name]
            .iter()
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- the end of {:?}'s log:\n{}", self.kind, self.log_tail());
        }
        self.cut_life_line();
    }
}
