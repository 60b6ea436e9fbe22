//! What whoever supervises the process is told: systemd, over the socket of sd_notify(3).
//!
//! The service is ready as soon as its databases are open and it tries to reach the server. Whether
//! the server lets it in is told as its state, which `systemctl status` shows: with a wrong secret,
//! or beside a server that starts later, waiting for the link would keep whoever started the
//! service waiting, and end in a start over and over.
//!
//! The watchdog hears of the process as long as the loop of every pool comes round. So a loop that
//! hangs, or a runtime that does, silences it, and systemd starts the service again; nothing that
//! was seen is lost by that.
//!
//! Without systemd there is nobody to tell, and all of this does nothing.

use std::env;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::cause;
use crate::wire::link::inbox::LinkEvent;

/// The way to the supervisor.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// `None`: there is none.
    socket: Option<UnixDatagram>,
    /// How long the supervisor hears nothing before it ends the process; `None`: it never does.
    watchdog: Option<Duration>,
    links: watch::Sender<Vec<Link>>,
    beats: Vec<Arc<AtomicBool>>,
}

/// How the link of a pool is.
#[derive(Clone, Debug)]
struct Link {
    domain: String,
    server: String,
    state: LinkState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum LinkState {
    Tried,
    Up,
    /// Why, in a sentence.
    Down(String),
}

/// What the loop of a pool tells.
#[derive(Debug)]
pub(super) struct Ward {
    beat: Arc<AtomicBool>,
    /// For how long the loop may sleep.
    sleep_max: Duration,
    links: watch::Sender<Vec<Link>>,
    /// Its place among the links.
    index: usize,
}

impl Supervisor {
    /// The one that the environment names, as sd_notify(3) and sd_watchdog_enabled(3) say.
    pub fn from_environment() -> Self {
        let socket = env::var_os("NOTIFY_SOCKET").and_then(|name| connect(&name).ok());
        let text = |name| env::var(name).ok();
        let watchdog = interval(
            text("WATCHDOG_USEC").as_deref(),
            text("WATCHDOG_PID").as_deref(),
        );
        Self::new(socket, watchdog)
    }

    fn new(socket: Option<UnixDatagram>, watchdog: Option<Duration>) -> Self {
        Self {
            watchdog: watchdog.filter(|_| socket.is_some()),
            socket,
            links: watch::Sender::new(Vec::new()),
            beats: Vec::new(),
        }
    }

    /// Tells what is done before the service is ready, and may take long.
    pub fn tell_opening(&self, domain: &str) {
        self.send(&[&status(&format!("{domain}: opening the database"))]);
    }

    /// Takes a pool into its care.
    pub fn ward(&mut self, domain: &str, server: &str) -> Ward {
        // As if it had just come round: the first interval is its own.
        let beat = Arc::new(AtomicBool::new(true));
        self.beats.push(Arc::clone(&beat));
        let link = Link {
            domain: domain.to_owned(),
            server: server.to_owned(),
            state: LinkState::Tried,
        };
        let mut index = 0;
        self.links.send_modify(|links| {
            index = links.len();
            links.push(link);
        });
        Ward {
            beat,
            // Four times within what is waited for at most, so that two looks never see the same
            // turn.
            sleep_max: self.watchdog.map_or(Duration::MAX, |watchdog| watchdog / 4),
            links: self.links.clone(),
            index,
        }
    }

    /// Tells that the service is ready, how it is, and that it lives, until it is told to stop. To
    /// be called when the databases are open.
    pub async fn watch(self, mut stopped: watch::Receiver<bool>) {
        let mut links = self.links.subscribe();
        let now = told(&links.borrow_and_update());
        self.send(&["READY=1", &now]);
        // Twice within what is waited for, as sd_watchdog_enabled(3) advises.
        let period = self.watchdog.map_or(IDLE, |watchdog| watchdog / 2);
        let mut ticks = interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !*stopped.borrow_and_update() {
            tokio::select! {
                changed = links.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    let now = told(&links.borrow_and_update());
                    self.send(&[&now]);
                }
                _ = ticks.tick() => {
                    if self.watchdog.is_some() && self.all_came_round() {
                        self.send(&["WATCHDOG=1"]);
                    }
                }
                changed = stopped.changed() => {
                    if changed.is_err() {
                        break;
                    }
                }
            }
        }
        self.send(&["STOPPING=1", &status("stopping")]);
    }

    /// Whether each pool's loop has come round since this was asked last.
    fn all_came_round(&self) -> bool {
        let hanging = self.beats.iter();
        // Each is asked, also behind one that hangs.
        let hanging = hanging.filter(|beat| !beat.swap(false, Ordering::Relaxed));
        hanging.count() == 0
    }

    fn send(&self, lines: &[&str]) {
        if let Some(socket) = &self.socket {
            // One that doesn't listen any more must not hold up the service.
            let _ = socket.send(lines.join("\n").as_bytes());
        }
    }
}

impl Ward {
    /// The loop has come round.
    pub fn beat(&self) {
        self.beat.store(true, Ordering::Relaxed);
    }

    /// How long the loop may sleep when it has nothing to do for `pause`.
    pub fn pause(&self, pause: Duration) -> Duration {
        pause.min(self.sleep_max)
    }

    /// What has become of the link.
    pub fn notice(&self, event: &LinkEvent) {
        let state = match event {
            LinkEvent::Received(_) => return,
            LinkEvent::Up => LinkState::Up,
            LinkEvent::Down(error) => LinkState::Down(cause::told(error)),
        };
        self.links.send_if_modified(|links| {
            let Some(link) = links.get_mut(self.index) else {
                return false;
            };
            let is_other = link.state != state;
            link.state = state;
            is_other
        });
    }
}

/// The state of all links, as `systemctl status` shows it.
fn told(links: &[Link]) -> String {
    let one = |link: &Link| {
        let Link { domain, server, .. } = link;
        match &link.state {
            LinkState::Tried => format!("{domain}: connecting to {server}"),
            LinkState::Up => format!("{domain}: connected to {server}"),
            LinkState::Down(why) => format!("{domain}: not connected; {why}"),
        }
    };
    let all: Vec<_> = links.iter().map(one).collect();
    status(&all.join(" | "))
}

/// A line of the protocol; what came over the network in it can't begin another.
fn status(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|character| match character.is_control() {
            true => ' ',
            false => character,
        })
        .take(STATUS_MAX)
        .collect();
    format!("STATUS={text}")
}

/// Connects to a socket by its name, `@` in front standing for one without a file.
fn connect(name: &OsStr) -> std::io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    // Whoever supervises may be slow; the service isn't for it.
    socket.set_nonblocking(true)?;
    match name.as_bytes().strip_prefix(b"@") {
        Some(name) => socket.connect_addr(&without_file(name)?)?,
        None => socket.connect(name)?,
    }
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn without_file(name: &[u8]) -> std::io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

/// Other systems have no such sockets, and no systemd.
#[cfg(not(target_os = "linux"))]
fn without_file(_: &[u8]) -> std::io::Result<SocketAddr> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// How long the supervisor waits, if it waits for this process.
fn interval(micros: Option<&str>, process: Option<&str>) -> Option<Duration> {
    let is_ours = process.is_none_or(|process| process == std::process::id().to_string());
    let micros: u64 = micros.filter(|_| is_ours)?.parse().ok()?;
    (micros >= WATCHDOG_MIN_US).then(|| Duration::from_micros(micros))
}

/// Nothing is to be told without a watchdog, so rarely is it looked.
const IDLE: Duration = Duration::from_secs(3600);
/// A state of more characters helps nobody, and a datagram has to hold it.
const STATUS_MAX: usize = 2000;
/// A watchdog of less would bite a process that waits for its turn at the processor, in
/// microseconds.
const WATCHDOG_MIN_US: u64 = 10_000;

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::wire::link::link_error::LinkError;

    /// What a supervisor hears.
    struct Ear {
        socket: UnixDatagram,
        folder: tempfile::TempDir,
    }

    impl Ear {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
            Self { socket, folder }
        }

        fn supervisor(&self, watchdog: Option<Duration>) -> Supervisor {
            let path = self.folder.path().join("notify");
            Supervisor::new(connect(path.as_os_str()).ok(), watchdog)
        }

        /// The next thing within a time.
        fn hear(&self, within: Duration) -> Option<String> {
            self.socket.set_read_timeout(Some(within)).unwrap();
            let mut buffer = [0; 4096];
            let length = self.socket.recv(&mut buffer).ok()?;
            Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
        }
    }

    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test(flavor = "multi_thread")]
    async fn ready_comes_first_and_then_how_each_link_is() {
        let ear = Ear::new();
        let mut supervisor = ear.supervisor(None);
        supervisor.tell_opening("rooms.example");
        let one = supervisor.ward("rooms.example", "127.0.0.1:1");
        let other = supervisor.ward("rooms.other", "127.0.0.1:2");
        let (stop, stopped) = watch::channel(false);
        let watching = tokio::spawn(supervisor.watch(stopped));
        let told = ear.hear(LONG);
        assert_eq!(
            told.as_deref(),
            Some("STATUS=rooms.example: opening the database")
        );
        let told = ear.hear(LONG).unwrap();
        assert_eq!(
            told,
            "READY=1\nSTATUS=rooms.example: connecting to 127.0.0.1:1 | rooms.other: connecting to 127.0.0.1:2"
        );
        one.notice(&LinkEvent::Up);
        let told = ear.hear(LONG).unwrap();
        assert!(
            told.contains("rooms.example: connected to 127.0.0.1:1 | "),
            "{told}"
        );
        let wrong = LinkError::WrongSecret {
            domain: "rooms.other\nREADY=0".to_owned(),
        };
        other.notice(&LinkEvent::Down(wrong));
        let told = ear.hear(LONG).unwrap();
        assert!(told.contains("rooms.other: not connected; "), "{told}");
        assert!(
            !told.contains('\n'),
            "what is told begins no other line: {told}"
        );
        stop.send_replace(true);
        assert_eq!(
            ear.hear(LONG).as_deref(),
            Some("STOPPING=1\nSTATUS=stopping")
        );
        watching.await.unwrap();
    }

    /// Pools whose loops run on threads of their own, so that one can hang while the runtime lives.
    fn coming_round(ward: Ward, until: watch::Receiver<bool>) -> thread::JoinHandle<()> {
        thread::spawn(move || {
            while !*until.borrow() {
                ward.beat();
                thread::sleep(ward.pause(LONG));
            }
        })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_loop_that_hangs_stops_the_watchdog() {
        let ear = Ear::new();
        let watchdog = Duration::from_millis(400);
        let mut supervisor = ear.supervisor(Some(watchdog));
        let healthy = supervisor.ward("rooms.example", "127.0.0.1:1");
        let ill = supervisor.ward("rooms.other", "127.0.0.1:2");
        let (hang, hanging) = watch::channel(false);
        let (stop, stopped) = watch::channel(false);
        let loops = [
            coming_round(healthy, stopped.clone()),
            coming_round(ill, hanging),
        ];
        let watching = tokio::spawn(supervisor.watch(stopped));
        assert!(ear.hear(LONG).unwrap().starts_with("READY=1"));
        for _ in 0..4 {
            assert_eq!(ear.hear(LONG).as_deref(), Some("WATCHDOG=1"));
        }
        hang.send_replace(true);
        // One may have been on its way.
        let mut after = 0;
        while ear.hear(watchdog * 2).is_some() {
            after += 1;
        }
        assert!(after <= 2, "{after} signs of life of a loop that hangs");
        stop.send_replace(true);
        watching.await.unwrap();
        for one in loops {
            one.join().unwrap();
        }
    }

    #[test]
    fn a_watchdog_is_for_the_process_that_it_names() {
        let own = std::process::id().to_string();
        let second = Some(Duration::from_secs(1));
        assert_eq!(interval(Some("1000000"), None), second);
        assert_eq!(interval(Some("1000000"), Some(&own)), second);
        assert_eq!(interval(Some("1000000"), Some("1")), None);
        assert_eq!(interval(None, Some(&own)), None);
        for nonsense in ["", "x", "-1", "0"] {
            assert_eq!(interval(Some(nonsense), None), None, "{nonsense}");
        }
    }

    #[test]
    fn a_socket_without_a_file_is_found_and_nobody_listening_is_no_error() {
        use std::os::linux::net::SocketAddrExt;
        let name = format!("lyceum-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let ear = UnixDatagram::bind_addr(&address).unwrap();
        let name = format!("@{name}");
        let supervisor = Supervisor::new(connect(OsStr::new(&name)).ok(), None);
        supervisor.tell_opening("a");
        let mut buffer = [0; 100];
        let length = ear.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"STATUS=a: opening the database");
        drop(ear);
        supervisor.tell_opening("a");
        assert!(connect(OsStr::new(&name)).is_err());
    }
}
