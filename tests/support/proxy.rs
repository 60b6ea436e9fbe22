//! A wire that tests can cut: a proxy for TCP connections between the service and its server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

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
}

impl Proxy {
    /// Starts a proxy for a server's port.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            open: AtomicBool::new(true),
            accepted: AtomicUsize::new(0),
            ends: Mutex::new(Vec::new()),
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
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { return };
        let mut ends = self.ends.lock().expect("no thread panics");
        for (from, to) in [(&client, &server), (&server, &client)] {
            let ends = (from.try_clone(), to.try_clone());
            if let (Ok(from), Ok(to)) = ends {
                thread::spawn(move || forward(from, to));
            }
        }
        ends.extend([client, server]);
    }
}

/// Ends when either side does, and then ends both.
fn forward(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    for end in [from, to] {
        // It may be closed already.
        let _ = end.shutdown(Shutdown::Both);
    }
}
