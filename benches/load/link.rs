//! The server's side of a component connection. XEP-0114 §3 (#proto).
//!
//! One thread reads, judges what has come and writes the answer, in turns; that is the
//! cheapest there is. Only a flood, more than a socket holds, is written by a thread of its own, so
//! that the component can never be blocked by what it has written itself.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use memchr::memmem;

use crate::address::DOMAIN;
use crate::scanner::{Scan, Stanza, scan};

/// Where the component is to connect to.
pub struct Listener(TcpListener);

impl Listener {
    /// Listens on a free port of the loopback interface.
    pub fn bind() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }

    /// Waits for the component; `alive` is asked again and again whether it is still there.
    pub fn accept(&self, mut alive: impl FnMut() -> Result<()>) -> Result<Link> {
        let deadline = Instant::now() + CONNECT_MAX;
        loop {
            match self.0.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    return Link::negotiate(stream);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    alive()?;
                    ensure!(
                        Instant::now() < deadline,
                        "the component did not connect within {CONNECT_MAX:?}"
                    );
                    thread::sleep(Duration::from_millis(2));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether a scenario waits for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Waiting,
    Done,
}

/// Writes to a component beside its [`Link`].
#[allow(dead_code, reason = "not every benchmark writes beside")]
pub struct Writer {
    stream: TcpStream,
    turn: Arc<Mutex<()>>,
}

#[allow(dead_code, reason = "not every benchmark writes beside")]
impl Writer {
    pub fn write(&mut self, stanzas: &[u8]) -> Result<()> {
        let _turn = self.turn.lock();
        self.stream
            .write_all(stanzas)
            .context("the component does not read")
    }
}

/// A connected component.
pub struct Link {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The part of `buffer` that has been read and not yet looked at.
    start: usize,
    end: usize,
    /// What is written before the next read.
    out: Vec<u8>,
    flood: Option<JoinHandle<std::io::Result<()>>>,
    /// Held by who writes, so that stanzas stay whole.
    turn: Arc<Mutex<()>>,
    /// Bytes that have come since the beginning.
    received: u64,
    /// How often they had to be asked for.
    reads: u64,
}

impl Link {
    /// Queues bytes; they leave before the next read.
    pub fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Another who may write whole stanzas, from another thread.
    #[allow(dead_code, reason = "not every benchmark writes beside")]
    pub fn writer(&self) -> Result<Writer> {
        Ok(Writer {
            stream: self.stream.try_clone()?,
            turn: self.turn.clone(),
        })
    }

    /// Writes as much as there is, beside what else happens.
    pub fn flood(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.flush()?;
        let mut stream = self.stream.try_clone()?;
        self.flood = Some(thread::spawn(move || stream.write_all(&bytes)));
        Ok(())
    }

    /// Bytes that have come, and reads that brought them, since the beginning.
    pub fn received(&self) -> (u64, u64) {
        (self.received, self.reads)
    }

    /// Hands every stanza to `judge`, with the time it came and a place for answers, until that
    /// is done. Stanzas between the component and its server are answered here.
    pub fn run(
        &mut self,
        mut judge: impl FnMut(&Stanza<'_>, Instant, &mut Vec<u8>) -> Result<Progress>,
    ) -> Result<()> {
        let mut now = Instant::now();
        loop {
            while let Some(stanza) = next(&self.buffer[self.start..self.end])? {
                self.start += stanza.skipped + stanza.element.bytes.len();
                if answer(&stanza.element, &mut self.out) {
                    continue;
                }
                if judge(&stanza.element, now, &mut self.out)? == Progress::Done {
                    return self.finish();
                }
            }
            self.flush()?;
            self.fill()?;
            now = Instant::now();
        }
    }

    /// Waits longer than otherwise for a component that says nothing.
    #[allow(dead_code, reason = "used by the hostile scenarios")]
    pub fn be_patient(&mut self, silence_max: Duration) -> Result<()> {
        self.stream.set_read_timeout(Some(silence_max))?;
        Ok(self.stream.set_write_timeout(Some(silence_max))?)
    }

    /// Reads what still comes, without looking at it, until nothing has come for so long. What
    /// comes after that may begin in the middle of a stanza.
    #[allow(dead_code, reason = "used by the hostile scenarios")]
    pub fn drain(&mut self, quiet: Duration) -> Result<()> {
        self.flush()?;
        self.stream.set_read_timeout(Some(quiet))?;
        loop {
            match self.stream.read(&mut self.buffer) {
                Ok(0) => bail!("the component has closed the connection"),
                Ok(_) => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The opening of the stream, to the end of the handshake. Whatever the component says to
    /// prove itself is taken: that it is started with a secret of ours is proof enough.
    fn negotiate(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        stream.set_write_timeout(Some(SILENCE_MAX))?;
        let mut link = Self {
            stream,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            out: Vec::new(),
            flood: None,
            turn: Arc::default(),
            received: 0,
            reads: 0,
        };
        link.skip_past(b"'jabber:component:accept'", b"\"jabber:component:accept\"")?;
        link.skip_past(b">", b">")?;
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
             xmlns:stream='http://etherx.jabber.org/streams' from='{DOMAIN}' id='load'>"
        );
        link.out.extend_from_slice(header.as_bytes());
        link.flush()?;
        link.skip_past(b"</handshake>", b"</handshake>")?;
        link.out.extend_from_slice(b"<handshake/>");
        link.flush()?;
        Ok(link)
    }

    /// Reads until one of two texts has come, and goes on behind it.
    fn skip_past(&mut self, text: &[u8], or: &[u8]) -> Result<()> {
        loop {
            let bytes = &self.buffer[self.start..self.end];
            if let Some(at) = memmem::find(bytes, text).or_else(|| memmem::find(bytes, or)) {
                self.start += at + text.len();
                return Ok(());
            }
            self.fill().with_context(|| {
                format!(
                    "no handshake; waiting for {}",
                    String::from_utf8_lossy(text)
                )
            })?;
        }
    }

    fn flush(&mut self) -> Result<()> {
        if !self.out.is_empty() {
            let _turn = self.turn.lock();
            self.stream
                .write_all(&self.out)
                .context("the component does not read")?;
            self.out.clear();
        }
        Ok(())
    }

    /// Reads what there is; at least one byte.
    fn fill(&mut self) -> Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let count = match self.stream.read(&mut self.buffer[self.end..]) {
            Ok(0) => bail!("the component has closed the connection"),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                bail!("nothing came for {SILENCE_MAX:?}")
            }
            Err(error) => return Err(error.into()),
        };
        self.end += count;
        self.received += count as u64;
        self.reads += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.flush()?;
        if let Some(flood) = self.flood.take() {
            let ended = flood.join().map_err(|_| anyhow!("the flood panicked"))?;
            ended.context("the component does not read")?;
        }
        Ok(())
    }
}

/// A stanza, behind some white space.
struct Found<'a> {
    skipped: usize,
    element: Stanza<'a>,
}

fn next(bytes: &[u8]) -> Result<Option<Found<'_>>> {
    let skipped = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let bytes = &bytes[skipped..];
    match scan(bytes) {
        Scan::Incomplete => Ok(None),
        Scan::End => bail!("the component has closed its stream"),
        Scan::Element(length) => {
            let element = Stanza::read(&bytes[..length])
                .with_context(|| format!("not XML: {}", text(&bytes[..length])))?;
            ensure!(
                element.name != b"stream:error",
                "the component reports {}",
                text(element.bytes)
            );
            Ok(Some(Found { skipped, element }))
        }
    }
}

/// Answers what the component asks of its server, and brings back what it sends to itself.
fn answer(stanza: &Stanza<'_>, out: &mut Vec<u8>) -> bool {
    if stanza.to.starts_with(DOMAIN.as_bytes()) {
        out.extend_from_slice(stanza.bytes);
        return true;
    }
    if stanza.name != b"iq" || !matches!(stanza.type_, b"get" | b"set") {
        return false;
    }
    for part in [
        b"<iq type='error' from='".as_slice(),
        stanza.to,
        b"' to='",
        stanza.from,
        b"' id='",
        stanza.id,
        b"'><error type='cancel'><feature-not-implemented \
          xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    ] {
        out.extend_from_slice(part);
    }
    true
}

/// The beginning of some XML, to be shown in a message.
pub fn text(bytes: &[u8]) -> String {
    const SHOWN: usize = 1000;
    String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned()
}

const CONNECT_MAX: Duration = Duration::from_secs(20);

/// A component that says nothing for so long has lost something.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Number of bytes that are read at once: small enough to stay in a core's cache.
const BUFFER: usize = 256 * 1024;
