//! The service as the program that is run: a process, a configuration file, a database file, and a
//! connection on which the tests play the server's side of XEP-0114.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::configuration;
use super::connection::Connection;
use super::program::Program;
use super::scenario::{Person, SERVICE, Scenario};
use super::server_side;
use super::stage::{Delivery, World, answered_late};
use super::surroundings::{Routed, Surroundings};
use super::xml::{Element, Whole};

/// The program, played to through a socket.
pub struct Socket {
    folder: TempDir,
    listener: TcpListener,
    program: Program,
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
        if scenario.is_general_open {
            configuration::open_general_in(&folder.path().join("lyceum.db"))?;
        }
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

    /// Where its configuration and its database are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops the program as an operator does.
    ///
    /// # Errors
    /// That it doesn't end, or not well.
    pub fn stop(&mut self) -> Result<(), String> {
        let status = self.program.stop()?;
        match status.success() {
            true => Ok(()),
            false => Err(format!(
                "it ended with {status}: {}",
                self.program.last_words()
            )),
        }
    }

    /// Ends the program with signal 9.
    ///
    /// # Errors
    /// That this is impossible.
    pub fn kill(&mut self) -> Result<(), String> {
        self.program.kill().map(drop)
    }

    /// Starts the program that was stopped or killed again.
    ///
    /// # Errors
    /// Why it doesn't run, or doesn't connect.
    pub fn start_again(&mut self) -> Result<(), String> {
        (self.program, self.connection) = connected(&self.folder, &self.listener)?;
        Ok(())
    }

    fn write(&mut self, xml: &str) -> Result<(), String> {
        let written = self.connection.write(xml);
        written.map_err(|reason| self.dead(&reason))
    }

    fn dead(&self, reason: &str) -> String {
        let last = self.program.last_words();
        format!("the connection to the service broke: {reason}; its log ends:{last}")
    }

    /// Reads until the fence has come back, and every answer that may come after it. Tells whether
    /// the server has sent anything meanwhile.
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

    fn set_calendar(&mut self, _seconds: i64) -> Result<(), String> {
        Err("the program's clock is the real one".to_owned())
    }

    fn reconfigure(&mut self, line: &str) -> Result<(), String> {
        let path = self.folder.path().join("lyceum.toml");
        let text = fs::read_to_string(&path).map_err(told)?;
        fs::write(path, configuration::changed(&text, line)).map_err(told)
    }

    fn operate(&mut self, words: &[String]) -> Result<Option<String>, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_lyceum"))
            .args(words)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_remove("LYCEUM_SECRET")
            .env_remove("RUST_LOG")
            .output()
            .map_err(told)?;
        let words = || String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((!output.status.success()).then(words))
    }

    fn restart(&mut self) -> Result<(), String> {
        self.program.kill()?;
        (self.program, self.connection) = connected(&self.folder, &self.listener)?;
        Ok(())
    }

    fn reconnect(&mut self) -> Result<(), String> {
        self.connection.close();
        self.connection = server_side::accept(&self.listener)?;
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
fn connected(folder: &TempDir, listener: &TcpListener) -> Result<(Program, Connection), String> {
    let program = Program::start(folder.path(), "debug", &[])?;
    match server_side::accept(listener) {
        Ok(connection) => Ok((program, connection)),
        Err(reason) => {
            let log = program.last_words();
            Err(format!(
                "the service does not connect: {reason}; its log ends:{log}"
            ))
        }
    }
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}

/// How long is waited for what comes by itself.
const WAITING: Duration = Duration::from_secs(3);
