//! A component that only copies: the ceiling of what any component can reach here.
//!
//! It lets everybody in, checks nothing, stores nothing, and multiplies a message by copying bytes
//! around each recipient's address. What it sends has the size of what a real service sends. It
//! is a process of its own, so that its CPU time is measured as any other component's.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::address::{self, DOMAIN};
use crate::scanner::{Scan, Stanza, scan};

/// The argument that makes this program the copier.
pub const ARGUMENT: &str = "--be-copier";

/// How it is started.
pub fn command(server: SocketAddr) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(ARGUMENT).arg(server.to_string());
    Ok(command)
}

/// Connects and copies until the server ends the connection.
pub fn run(server: &str) -> Result<()> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    write!(
        stream,
        "<stream:stream xmlns='jabber:component:accept' \
         xmlns:stream='http://etherx.jabber.org/streams' to='{DOMAIN}'>\
         <handshake>none</handshake>"
    )?;
    let mut input = Input::new(stream.try_clone()?);
    input.skip_past(b"<handshake/>")?;
    let mut rooms = Rooms::default();
    let mut out = Vec::with_capacity(2 * WRITE_SIZE);
    loop {
        while let Some(stanza) = input.next()? {
            rooms.handle(&stanza, &mut out)?;
            let length = stanza.bytes.len();
            if out.len() >= WRITE_SIZE {
                stream.write_all(&out)?;
                out.clear();
            }
            input.start += length;
        }
        stream.write_all(&out)?;
        out.clear();
        if !input.fill()? {
            return Ok(());
        }
    }
}

/// What has been read of the stream.
struct Input {
    stream: TcpStream,
    bytes: Vec<u8>,
    start: usize,
}

impl Input {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            bytes: Vec::new(),
            start: 0,
        }
    }

    fn skip_past(&mut self, text: &[u8]) -> Result<()> {
        loop {
            if let Some(at) = memchr::memmem::find(&self.bytes[self.start..], text) {
                self.start += at + text.len();
                return Ok(());
            }
            ensure!(self.fill()?, "the server refuses");
        }
    }

    fn next(&self) -> Result<Option<Stanza<'_>>> {
        let bytes = &self.bytes[self.start..];
        match scan(bytes) {
            Scan::Incomplete => Ok(None),
            Scan::End => bail!("the server has closed its stream"),
            Scan::Element(length) => Stanza::read(&bytes[..length]).context("not XML").map(Some),
        }
    }

    fn fill(&mut self) -> Result<bool> {
        self.bytes.drain(..self.start);
        self.start = 0;
        let end = self.bytes.len();
        self.bytes.resize(end + READ_SIZE, 0);
        let count = self.stream.read(&mut self.bytes[end..])?;
        self.bytes.truncate(end + count);
        Ok(count > 0)
    }
}

/// Who is in which room; the number of a room is its place.
#[derive(Default)]
struct Rooms(Vec<Room>);

#[derive(Default)]
struct Room {
    users: Vec<usize>,
    /// Their addresses, one behind the other, all of the same length.
    addresses: Vec<u8>,
}

impl Rooms {
    fn handle(&mut self, stanza: &Stanza<'_>, out: &mut Vec<u8>) -> Result<()> {
        if stanza.name == b"iq" {
            return answer(stanza, out);
        }
        let user = address::user(stanza.from).context("not from a user")?;
        let (number, _) = address::occupant(stanza.to).context("not to a room")?;
        if self.0.len() <= number {
            self.0.resize_with(number + 1, Room::default);
        }
        let room = &mut self.0[number];
        match (stanza.name, stanza.type_) {
            (b"message", _) => room.say(number, user, stanza, out),
            (_, b"unavailable") => room.leave(number, user, out),
            _ => room.enter(number, user, out),
        }
        Ok(())
    }
}

impl Room {
    fn enter(&mut self, number: usize, user: usize, out: &mut Vec<u8>) {
        let mut newcomer = Vec::new();
        address::write_user(&mut newcomer, user);
        for other in &self.users {
            let presence = Copies::presence(number, *other, "", "");
            presence.write(&newcomer, out);
        }
        let presence = Copies::presence(number, user, "", "");
        presence.write_all(&self.addresses, newcomer.len(), out);
        self.users.push(user);
        self.addresses.extend_from_slice(&newcomer);
        let presence = Copies::presence(number, user, "", "<status code='110'/>");
        presence.write(&newcomer, out);
        let subject = Copies::new("message", number, None, "type='groupchat'><subject/>");
        subject.write(&newcomer, out);
    }

    fn leave(&mut self, number: usize, user: usize, out: &mut Vec<u8>) {
        let Some(place) = self.users.iter().position(|present| *present == user) else {
            return;
        };
        let length = self.addresses.len() / self.users.len();
        self.users.remove(place);
        let left = self.addresses.drain(place * length..(place + 1) * length);
        let left: Vec<u8> = left.collect();
        let presence = Copies::presence(number, user, " type='unavailable'", "");
        presence.write_all(&self.addresses, length, out);
        presence.write(&left, out);
    }

    fn say(&self, number: usize, user: usize, stanza: &Stanza<'_>, out: &mut Vec<u8>) {
        let payload = memchr::memmem::find(stanza.bytes, b"<body>").map_or(0, |at| at);
        let payload = &stanza.bytes[payload..stanza.bytes.len() - "</message>".len()];
        let rest = format!(
            "id='{}' type='groupchat'>{}\
             <stanza-id xmlns='urn:xmpp:sid:0' by='{}@{DOMAIN}' \
             id='00000000-0000-0000-0000-000000000000'/>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='AAAAAAAAAAAAAAAAAAAAAAAA'/>",
            String::from_utf8_lossy(stanza.id),
            String::from_utf8_lossy(payload),
            "r0000000",
        );
        if !self.users.is_empty() {
            let length = self.addresses.len() / self.users.len();
            let message = Copies::new("message", number, Some(user), &rest);
            message.write_all(&self.addresses, length, out);
        }
    }
}

/// A stanza but for its recipient: what comes before and what comes behind.
struct Copies {
    before: Vec<u8>,
    behind: Vec<u8>,
}

impl Copies {
    fn new(name: &str, room: usize, user: Option<usize>, rest: &str) -> Self {
        let mut before = format!("<{name} from='").into_bytes();
        match user {
            Some(user) => address::write_occupant(&mut before, room, user),
            None => address::write_room(&mut before, room),
        }
        before.extend_from_slice(b"' to='");
        let behind = format!("' {rest}</{name}>").into_bytes();
        Self { before, behind }
    }

    fn presence(room: usize, user: usize, attributes: &str, status: &str) -> Self {
        let rest = format!(
            "{attributes}><x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='none' role='participant' jid='u0000000@example.org/load'/>\
             {status}</x>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='AAAAAAAAAAAAAAAAAAAAAAAA'/>"
        );
        Self::new("presence", room, Some(user), &rest)
    }

    fn write(&self, to: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(to);
        out.extend_from_slice(&self.behind);
    }

    fn write_all(&self, addresses: &[u8], length: usize, out: &mut Vec<u8>) {
        for to in addresses.chunks_exact(length) {
            self.write(to, out);
        }
    }
}

/// An empty result, whatever was asked.
fn answer(stanza: &Stanza<'_>, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(b"<iq type='result' from='");
    out.extend_from_slice(stanza.to);
    out.extend_from_slice(b"' to='");
    out.extend_from_slice(stanza.from);
    out.extend_from_slice(b"' id='");
    out.extend_from_slice(stanza.id);
    out.extend_from_slice(b"'/>");
    Ok(())
}

const READ_SIZE: usize = 64 * 1024;
const WRITE_SIZE: usize = 256 * 1024;
