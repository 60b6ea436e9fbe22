//! The service as the program that is run: a process, a configuration file, a database file, and a
//! connection on which the tests play the server's side of XEP-0114.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use xmpp_parsers::component::Handshake;

use super::configuration;
use super::connection::{Connection, PATIENCE};
use super::scenario::{Person, SERVICE, Scenario};
use super::stage::{Delivery, World, answered_late};
use super::surroundings::{Routed, Surroundings};
use super::xml::{Element, Piece, Whole};

/// The program, played to through a socket.
pub struct Socket {
    folder: TempDir,
    listener: TcpListener,
    program: Child,
    connection: Connection,
    surroundings: Surroundings,
    fences: u32,
    /// The ids of questions whose answers come after that to a ping.
    awaited: Vec<String>,
}

impl Socket {
    /// Starts the program for a scenario.
    ///
    /// # Errors
    /// Why it doesn't run, or doesn't connect.
    pub fn start(scenario: &Scenario) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(told)?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(told)?;
        let address = listener.local_addr().map_err(told)?;
        let text = configuration::of(scenario, &format!("{address}"));
        fs::write(folder.path().join("lyceum.toml"), text).map_err(told)?;
        let (program, connection) = connected(&folder, &listener)?;
        Ok(Self {
            folder,
            listener,
            program,
            connection,
            surroundings: Surroundings::new(scenario.cast()),
            fences: 0,
            awaited: Vec::new(),
        })
    }

    fn write(&mut self, xml: &str) -> Result<(), String> {
        let written = self.connection.write(xml);
        written.map_err(|reason| self.dead(&reason))
    }

    fn dead(&self, reason: &str) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(20).collect();
        let last: String = lines
            .iter()
            .rev()
            .map(|line| format!("\n    {line}"))
            .collect();
        format!("the connection to the service broke: {reason}; its log ends:{last}")
    }

    /// Reads until the fence has come back, and every answer that may come after it. Tells whether the server has sent
    /// anything meanwhile.
    fn read_to(&mut self, fence: &str, deliveries: &mut Vec<Delivery>) -> Result<bool, String> {
        let (mut quiet, mut fenced) = (true, false);
        while !fenced || !self.awaited.is_empty() {
            let stanza = self
                .connection
                .element()
                .map_err(|reason| self.dead(&reason))?;
            let id = stanza.element.attribute("id").unwrap_or_default();
            if id == fence {
                fenced = true;
                continue;
            }
            if stanza.element.name == "iq" {
                self.awaited.retain(|awaited| awaited != id);
            }
            quiet &= self.take(stanza, deliveries)?;
        }
        Ok(quiet)
    }

    /// Does with a stanza what a server does. Tells whether that is all.
    fn take(&mut self, stanza: Whole, deliveries: &mut Vec<Delivery>) -> Result<bool, String> {
        match self.surroundings.route(stanza) {
            Routed::Delivered(delivery) => deliveries.push(delivery),
            Routed::Dropped => {}
            Routed::Returned(xml) => {
                self.write(&xml)?;
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl World for Socket {
    fn send(&mut self, from: &Person, stanza: &Element) -> Result<(), String> {
        self.awaited.extend(answered_late(stanza));
        let xml = self.surroundings.stamp(from, stanza);
        self.write(&xml)
    }

    fn send_as_it_is(&mut self, bytes: &str) -> Result<(), String> {
        self.write(bytes)
    }

    /// The stream keeps its order, so that a ping's answer comes after everything that was caused
    /// before. Whatever the server answered meanwhile needs another.
    fn settle(&mut self, _sender: &Person) -> Result<Vec<Delivery>, String> {
        let mut deliveries = Vec::new();
        loop {
            self.fences += 1;
            let fence = format!("fence-{}", self.fences);
            self.write(&format!(
                "<iq type='get' from='fence@example.org/fence' to='{SERVICE}' id='{fence}'>\
                 <ping xmlns='urn:xmpp:ping'/></iq>"
            ))?;
            if self.read_to(&fence, &mut deliveries)? {
                return Ok(deliveries);
            }
        }
    }

    fn wait(&mut self) -> Result<Vec<Delivery>, String> {
        let mut deliveries = Vec::new();
        while deliveries.is_empty() {
            let stanza = self.connection.element_within(WAITING);
            match stanza.map_err(|reason| self.dead(&reason))? {
                Some(stanza) => self.take(stanza, &mut deliveries).map(drop)?,
                None => break,
            }
        }
        Ok(deliveries)
    }

    fn pass(&mut self, _seconds: u32) -> Result<(), String> {
        Err("the program's clock is the real one".to_owned())
    }

    fn restart(&mut self) -> Result<(), String> {
        self.program.kill().map_err(told)?;
        self.program.wait().map_err(told)?;
        (self.program, self.connection) = connected(&self.folder, &self.listener)?;
        Ok(())
    }

    fn reconnect(&mut self) -> Result<(), String> {
        self.connection.close();
        self.connection = accept(&self.listener).and_then(open)?;
        Ok(())
    }

    fn disconnect(&mut self, person: &Person) -> Result<(), String> {
        let farewells = self.surroundings.end(person);
        farewells.iter().try_for_each(|xml| self.write(xml))
    }

    fn lose(&mut self, person: &Person) -> Result<(), String> {
        self.surroundings.lose(person);
        Ok(())
    }
}

/// Starts the program and accepts its connection.
fn connected(folder: &TempDir, listener: &TcpListener) -> Result<(Child, Connection), String> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.path().join("log"))
        .map_err(told)?;
    let mut program = Command::new(env!("CARGO_BIN_EXE_lyceum"))
        .args(["serve", "--log", "debug"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(told)?)
        .stderr(log)
        .spawn()
        .map_err(told)?;
    match accept(listener).and_then(open) {
        Ok(connection) => Ok((program, connection)),
        Err(reason) => {
            // It may have ended by itself; then there is nothing to kill.
            let _ = program.kill();
            let _ = program.wait();
            let log = fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            Err(format!("the service does not connect: {reason}\n{log}"))
        }
    }
}

fn accept(listener: &TcpListener) -> Result<TcpStream, String> {
    let listener = listener.try_clone().map_err(told)?;
    let (sender, accepted) = mpsc::channel();
    // Accepting has no timeout of its own; a thread that nobody waits for any more does no harm.
    thread::spawn(move || sender.send(listener.accept()));
    let accepted = accepted.recv_timeout(PATIENCE);
    let (stream, _) = accepted
        .map_err(|_| "it does not come".to_owned())?
        .map_err(told)?;
    Ok(stream)
}

/// The server's side of XEP-0114 §3 (#proto).
fn open(stream: TcpStream) -> Result<Connection, String> {
    let mut connection = Connection::new(stream).map_err(told)?;
    let Some(Piece::Head(head)) = connection.piece_within(PATIENCE)? else {
        return Err("the stream has no head".to_owned());
    };
    if head.attribute("to") != Some(SERVICE) {
        return Err(format!("it opens a stream to {:?}", head.attribute("to")));
    }
    connection.write(&format!(
        "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns='jabber:component:accept' from='{SERVICE}' id='{STREAM_ID}'>"
    ))?;
    let Whole { element, .. } = connection.element()?;
    let secret = configuration::SECRET;
    let expected = Handshake::from_stream_id_and_password(STREAM_ID.to_owned(), secret);
    let digest = expected.data.as_ref().map(hex);
    if element.name != "handshake" || Some(element.text()) != digest {
        return Err(format!("wrong handshake {element}"));
    }
    connection.write("<handshake/>")?;
    Ok(connection)
}

fn hex(digest: &[u8; 20]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}

/// How long is waited for what comes by itself.
const WAITING: Duration = Duration::from_secs(3);

const STREAM_ID: &str = "3BF96D32";
