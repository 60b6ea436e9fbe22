//! Real servers for tests: a Prosody or an ejabberd of one's own, from Debian's packages, and a
//! Lyceum process beside it.
//!
//! Each lives in a temporary directory, with ports of its own on 127.0.0.1 and with the
//! configuration that `docker/servers/` writes; that configuration includes the very fragment an
//! administrator is given.
//!
//! The hard thing is to leave no process behind. A process runs under a small script that holds the
//! other end of a pipe; when that pipe closes, because the [`Server`] was dropped, the test
//! panicked or the whole test binary was killed, the script kills the process. So a server may also
//! live in a `static`, shared by the tests of a binary.

#[path = "servers/instance.rs"]
mod instance;
#[path = "servers/slapd.rs"]
pub mod slapd;

use std::path::{Path, PathBuf};

use instance::Instance;

/// How often a server is started before a test gives up. More than once, since another process may
/// take a free port between its choice and its use.
const ATTEMPTS: usize = 3;

/// Prosody, as Debian has it.
pub struct Prosody;

impl Prosody {
    /// Starts a Prosody and waits until it listens.
    pub fn start() -> Server {
        Server::start(Kind::Prosody)
    }
}

/// ejabberd, as Debian has it.
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

/// A running XMPP server. Dropping it kills it and removes its directory.
pub struct Server {
    /// Which program this is.
    pub kind: Kind,
    /// The users' domain, `example.org`.
    pub domain: String,
    /// The component's domain, `rooms.example.org`.
    pub component_domain: String,
    /// The component's secret.
    pub secret: String,
    /// Where clients connect, on 127.0.0.1, without encryption.
    pub c2s_port: u16,
    /// Where the component connects, on 127.0.0.1.
    pub component_port: u16,
    instance: Instance,
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
        let name = match kind {
            Kind::Prosody => "prosody",
            Kind::Ejabberd => "ejabberd",
        };
        let mut instance = Instance::new(name, Vec::new());
        let settings = instance.start()?;
        Ok(Self {
            kind,
            domain: settings.text("USERS_DOMAIN"),
            component_domain: settings.text("ROOMS_DOMAIN"),
            secret: settings.text("COMPONENT_SECRET"),
            c2s_port: settings.port("C2S_PORT"),
            component_port: settings.port("COMPONENT_PORT"),
            instance,
        })
    }

    /// Makes an account, or gives it another password, and returns its bare JID.
    ///
    /// The name is of small letters and digits, the password of letters, digits, `.`, `_` and `-`.
    pub fn add_user(&self, name: &str, password: &str) -> String {
        self.instance
            .act("add-user", &[name, password])
            .unwrap_or_else(|report| panic!("no account {name}: {report}"));
        format!("{name}@{}", self.domain)
    }

    /// Stops the server as an administrator would; its data and its ports stay for
    /// [`Server::start_again`].
    pub fn stop(&mut self) {
        self.instance.end("stop");
    }

    /// Ends the server as a power cut would: no client and no component is told. ejabberd may lose
    /// the accounts of its last seconds, as it would in a power cut.
    pub fn kill(&mut self) {
        self.instance.end("kill");
    }

    /// Starts a stopped or killed server, on the same ports and with the same accounts.
    pub fn start_again(&mut self) {
        if let Err(report) = self.instance.start() {
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
        self.instance.log_tail()
    }

    /// Sends the process a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        self.instance.signal(name);
    }

    /// Where its settings are, and its data.
    pub fn directory(&self) -> &Path {
        self.instance.directory()
    }
}

/// A running Lyceum process beside a [`Server`]. Dropping it kills it and removes its database.
pub struct Lyceum {
    instance: Instance,
}

impl Lyceum {
    /// Starts Lyceum for the server's component and waits until the server has let it in. The
    /// operator of its pool is `admin` at the server's domain.
    ///
    /// # Panics
    /// When it does not come so far, with the end of its log.
    pub fn start(server: &Server) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_lyceum"));
        Self::start_as(program, server.directory())
    }

    /// Starts it as another program, which must become Lyceum, with the settings of the server that
    /// are in a directory.
    pub fn start_as(program: &Path, settings: &Path) -> Self {
        let environment = vec![
            ("LYCEUM", program.to_owned()),
            ("SERVER_DIR", settings.to_owned()),
        ];
        let mut lyceum = Self {
            instance: Instance::new("lyceum", environment),
        };
        lyceum.start_again();
        lyceum
    }

    /// Stops the process as an administrator would.
    pub fn stop(&mut self) {
        self.instance.end("stop");
    }

    /// Sends the process a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        self.instance.signal(name);
    }

    /// The id of the server's process.
    pub fn pid(&self) -> u32 {
        self.instance.pid()
    }

    /// All that it has logged since it was started last.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.directory().join("lyceum.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Ends the process with `kill -9`.
    pub fn kill(&mut self) {
        self.instance.end("kill");
    }

    /// Starts it again on the same database.
    pub fn start_again(&mut self) {
        if let Err(report) = self.instance.start() {
            panic!("Lyceum did not start: {report}");
        }
    }

    /// The configuration file in use; the database `lyceum.db` lies beside it.
    pub fn configuration(&self) -> PathBuf {
        self.directory().join("lyceum.toml")
    }

    /// Where the configuration, the database and the log are.
    pub fn directory(&self) -> &Path {
        self.instance.directory()
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        self.instance.log_tail()
    }
}
