//! The service under systemd: what it is told over its socket, and the unit file that is copied.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use tempfile::TempDir;

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docker/systemd/lyceum.service");

/// The exposure that the unit must stay below, in tenths.
const EXPOSURE_MAX: &str = "20";

/// A service, and the socket on which it tells how it is.
struct Supervised {
    service: Child,
    socket: UnixDatagram,
    _folder: TempDir,
}

impl Supervised {
    fn start(server: &str, watchdog: Option<Duration>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'wrong'\nserver = '{server}'\n"
        );
        fs::write(folder.path().join("lyceum.toml"), text).unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lyceum"));
        command
            .arg("serve")
            .current_dir(folder.path())
            .env("NOTIFY_SOCKET", folder.path().join("notify"))
            .env_remove("LYCEUM_SECRET")
            .stderr(Stdio::null());
        if let Some(watchdog) = watchdog {
            command.env("WATCHDOG_USEC", watchdog.as_micros().to_string());
        }
        Self {
            service: command.spawn().unwrap(),
            socket,
            _folder: folder,
        }
    }

    /// The next that is told within a time.
    fn hear(&self, within: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(within)).unwrap();
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8(buffer[..length].to_vec()).unwrap())
    }

    /// All that is told until something is, which must be soon.
    #[track_caller]
    fn hear_until(&self, part: &str) -> Vec<String> {
        let since = Instant::now();
        let mut all = Vec::new();
        while since.elapsed() < SOON {
            all.extend(self.hear(SOON));
            if all.last().is_some_and(|last| last.contains(part)) {
                return all;
            }
        }
        panic!("{part} is not told: {all:?}");
    }

    fn signal(&self, signal: &str) {
        let id = self.service.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}

/// Long after it must have happened.
const SOON: Duration = Duration::from_secs(20);

/// A server that rejects every secret.
fn rejecting_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            // What it says first is the opening of its stream; whatever fails then is the client's
            // affair.
            let _ = stream.read(&mut buffer);
            let _ = stream.write_all(
                b"<stream:stream from='rooms.example.org' id='1' xmlns='jabber:component:accept' \
                  xmlns:stream='http://etherx.jabber.org/streams'><stream:error>\
                  <not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
            );
        }
    });
    address
}

#[test]
fn with_a_wrong_secret_it_is_ready_and_says_what_is_wrong() {
    let supervised = Supervised::start(&rejecting_server(), None);
    let told = supervised.hear_until("READY=1");
    assert!(
        told[0].contains("STATUS=rooms.example.org: opening the database"),
        "{told:?}"
    );
    let told = supervised.hear_until("not connected");
    let status = told.last().unwrap();
    assert!(status.contains("rejects the secret"), "{status}");
    supervised.signal("TERM");
    supervised.hear_until("STOPPING=1");
}

#[test]
fn an_idle_service_keeps_its_watchdog_and_a_stopped_one_does_not() {
    let watchdog = Duration::from_millis(1000);
    let supervised = Supervised::start("127.0.0.1:1", Some(watchdog));
    supervised.hear_until("READY=1");
    let mut signs = Vec::new();
    while signs.len() < 4 {
        let since = Instant::now();
        supervised.hear_until("WATCHDOG=1");
        signs.push(since.elapsed());
    }
    // The process as a whole hangs.
    supervised.signal("STOP");
    while supervised.hear(watchdog / 10).is_some() {}
    assert_eq!(supervised.hear(watchdog * 2), None);
    supervised.signal("CONT");
    supervised.hear_until("WATCHDOG=1");
}

#[test]
fn a_database_that_cannot_be_opened_is_never_ready() {
    let folder = tempfile::tempdir().unwrap();
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    fs::write(
        folder.path().join("lyceum.db"),
        b"this is no database at all",
    )
    .unwrap();
    fs::write(
        folder.path().join("lyceum.toml"),
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\nserver = '127.0.0.1:1'\n",
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_lyceum"))
        .arg("serve")
        .current_dir(folder.path())
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    socket.set_nonblocking(true).unwrap();
    let mut buffer = [0; 4096];
    while let Ok(length) = socket.recv(&mut buffer) {
        let told = String::from_utf8_lossy(&buffer[..length]);
        assert!(!told.contains("READY"), "{told}");
    }
}

fn analyse(arguments: &[&str], unit: &Path) -> Output {
    Command::new("systemd-analyze")
        .args(arguments)
        .arg(unit)
        .output()
        .expect("systemd-analyze is there: docker/install.sh checks")
}

#[test]
fn the_unit_exposes_little() {
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    let arguments = ["security", "--offline=yes", "--no-pager", &threshold];
    let output = analyse(&arguments, Path::new(UNIT));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn the_unit_has_no_mistake() {
    // Program and user of it are not on this machine.
    let text = fs::read_to_string(UNIT).unwrap();
    let text = text
        .replace("/usr/local/bin/lyceum", env!("CARGO_BIN_EXE_lyceum"))
        .replace("User=lyceum", "User=daemon");
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("lyceum.service");
    fs::write(&unit, text).unwrap();
    let output = analyse(&["verify", "--recursive-errors=no", "--man=no"], &unit);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let about_it: Vec<_> = told
        .lines()
        .filter(|line| line.contains("lyceum.service"))
        .collect();
    assert!(about_it.is_empty(), "{told}");
}

#[test]
fn the_unit_waits_for_what_the_service_tells() {
    let text = fs::read_to_string(UNIT).unwrap();
    let has = |line: &str| text.lines().any(|one| one == line);
    for line in [
        "Type=notify",
        "WatchdogSec=60",
        "RestartPreventExitStatus=2",
    ] {
        assert!(has(line), "{line}");
    }
    // What must not be cut short has no limit.
    assert!(has("TimeoutStartSec=infinity"));
}
