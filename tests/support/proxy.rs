//! A wire that tests can cut: a proxy for TCP connections between the service and its server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use memchr::memmem;

/// Forwards connections to a port of 127.0.0.1. Its threads end with the connections, the one that
/// listens with the process.
pub struct Proxy {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    open: AtomicBool,
    accepted: AtomicUsize,
    /// Both ends of every connection there was.
    ends: Mutex<Vec<TcpStream>>,
    /// What is called the first by the client is called the second by the server.
    words: Option<(&'static str, &'static str)>,
}

impl Proxy {
    /// Starts a proxy for a server's port.
    pub fn to(server: u16) -> Self {
        Self::start(server, None)
    }

    /// Starts a proxy that renames a word on the way to the server, and on the way back.
    pub fn renaming(server: u16, client_says: &'static str, server_says: &'static str) -> Self {
        Self::start(server, Some((client_says, server_says)))
    }

    fn start(server: u16, words: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            open: AtomicBool::new(true),
            accepted: AtomicUsize::new(0),
            ends: Mutex::new(Vec::new()),
            words,
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                accepting.accept(client, server);
            }
        });
        Self { port, shared }
    }

    /// Breaks every connection.
    pub fn cut(&self) {
        for end in self.shared.ends.lock().expect("no thread panics").drain(..) {
            // It may be closed already.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Whether connections are let through from now on; if not, they are closed at once.
    pub fn let_through(&self, open: bool) {
        self.shared.open.store(open, Ordering::Relaxed);
    }

    /// How many connections there were.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn accept(&self, client: TcpStream, server: u16) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        if !self.open.load(Ordering::Relaxed) {
            return;
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
            return;
        };
        let mut ends = self.ends.lock().expect("no thread panics");
        let back = self.words.map(|(client, server)| (server, client));
        for (from, to, words) in [(&client, &server, self.words), (&server, &client, back)] {
            let ends = (from.try_clone(), to.try_clone());
            if let (Ok(from), Ok(to)) = ends {
                thread::spawn(move || forward(from, to, words.map(Renaming::new)));
            }
        }
        ends.extend([client, server]);
    }
}

/// Ends when either side does, and then ends both.
fn forward(mut from: TcpStream, mut to: TcpStream, mut renaming: Option<Renaming>) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let written = match &mut renaming {
            Some(renaming) => to.write_all(&renaming.feed(&bytes[..count])),
            None => to.write_all(&bytes[..count]),
        };
        if written.is_err() {
            break;
        }
    }
    for end in [from, to] {
        // It may be closed already.
        let _ = end.shutdown(Shutdown::Both);
    }
}

/// Replaces a word in a stream of bytes.
struct Renaming {
    old: &'static str,
    new: &'static str,
    /// The last bytes, as long as they may be the beginning of the word.
    pending: Vec<u8>,
}

impl Renaming {
    fn new((old, new): (&'static str, &'static str)) -> Self {
        Self {
            old,
            new,
            pending: Vec::new(),
        }
    }

    /// Takes bytes and gives what can be passed on.
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.pending.extend_from_slice(bytes);
        let old = self.old.as_bytes();
        let mut passed = Vec::new();
        let mut done = 0;
        while let Some(place) = memmem::find(&self.pending[done..], old) {
            passed.extend_from_slice(&self.pending[done..done + place]);
            passed.extend_from_slice(self.new.as_bytes());
            done += place + old.len();
        }
        let rest = &self.pending[done..];
        let longest = rest.len().min(old.len() - 1);
        let kept = (0..=longest)
            .rev()
            .find(|length| rest.ends_with(&old[..*length]))
            .unwrap_or(0);
        passed.extend_from_slice(&rest[..rest.len() - kept]);
        self.pending.drain(..self.pending.len() - kept);
        passed
    }
}

#[test]
fn a_word_is_renamed_wherever_the_stream_is_broken() {
    let text = b"jabber:client, jabber:clien, jabber:jabber:client!";
    for size in 1..text.len() {
        let mut renaming = Renaming::new(("jabber:client", "other"));
        let passed: Vec<u8> = text
            .chunks(size)
            .flat_map(|bytes| renaming.feed(bytes))
            .collect();
        assert_eq!(
            passed, b"other, jabber:clien, jabber:other!",
            "in pieces of {size}"
        );
    }
}
