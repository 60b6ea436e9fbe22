//! Mnesia's tables as text, as `ejabberdctl dump` and `dump_table` write them.
//!
//! A dump has its records in no particular order. So it is read twice: once to learn where each room and each message
//! is, of which 24 bytes are kept, and then room by room.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::PathBuf;
use std::vec;

use jid::BareJid;

use super::message::{self, Entry, Ids};
use super::room;
use super::term::{Term, Terms};
use crate::room::Timestamp;
use crate::transfer::cursor::Malformed;
use crate::transfer::record::Record;
use crate::transfer::rooms::{Opened, Storage};
use crate::transfer::skipped::{Reason, Skipped};
use crate::transfer::source::{Error, Item};
use crate::transfer::{moment, name};

/// The rooms of one domain.
pub(in crate::transfer) struct DumpStorage {
    files: Vec<PathBuf>,
    rooms: BTreeMap<BareJid, Term>,
    messages: BTreeMap<BareJid, Vec<Place>>,
    subjects_at: BTreeMap<BareJid, Timestamp>,
    columns: Columns,
}

/// Where a message is; in the order of time, and where that is the same, of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: i64,
    file: usize,
    offset: u64,
}

/// A place in the archive of a room.
pub(in crate::transfer) struct Archive {
    room: BareJid,
    ids: Ids,
    places: vec::IntoIter<Place>,
    /// The file read last.
    open: Option<(usize, BufReader<File>)>,
}

/// Which element of a record `archive_msg` is what. It differs between versions, and a dump tells.
#[derive(Clone, Copy, Debug)]
struct Columns {
    us: usize,
    timestamp: usize,
    peer: usize,
    packet: usize,
    nick: usize,
    kind: usize,
}

impl DumpStorage {
    /// The rooms of a domain, in the order of their addresses, and what of the dump can't be used.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    pub fn open(
        files: &[PathBuf],
        host: &BareJid,
    ) -> Result<(Self, Vec<BareJid>, Vec<Item>), Error> {
        let mut storage = Self {
            files: files.to_owned(),
            rooms: BTreeMap::new(),
            messages: BTreeMap::new(),
            subjects_at: BTreeMap::new(),
            columns: Columns::of_23_01(),
        };
        let mut skipped = Vec::new();
        for (file, path) in files.iter().enumerate() {
            let read = File::open(path).map_err(Malformed::Io).and_then(|opened| {
                storage.index(
                    file,
                    BufReader::with_capacity(1 << 18, opened),
                    host,
                    &mut skipped,
                )
            });
            match read {
                Ok(()) => {}
                Err(Malformed::Io(cause)) => {
                    let path = path.clone();
                    return Err(Error::Read { path, cause });
                }
                Err(why) => skipped.push(damaged(path, why)),
            }
        }
        for places in storage.messages.values_mut() {
            places.sort_unstable();
        }
        let rooms = storage.rooms.keys().cloned().collect();
        Ok((storage, rooms, skipped))
    }

    /// Learns where everything in a file is.
    fn index(
        &mut self,
        file: usize,
        input: BufReader<File>,
        host: &BareJid,
        skipped: &mut Vec<Item>,
    ) -> Result<(), Malformed> {
        let mut terms = Terms::new(input, 0);
        loop {
            match terms.next() {
                Ok(Some((offset, term))) => {
                    self.note(
                        Place {
                            at: 0,
                            file,
                            offset,
                        },
                        term,
                        host,
                    );
                }
                Ok(None) => return Ok(()),
                Err(Malformed::Io(error)) => return Err(error.into()),
                Err(why) => {
                    skipped.push(damaged(&self.files[file], why));
                    if !terms.recover()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn note(&mut self, place: Place, mut term: Term, host: &BareJid) {
        let Term::Tuple(elements) = &mut term else {
            return;
        };
        match elements.first().and_then(Term::atom) {
            Some("tables") => self.columns.learn(&elements[1..]),
            Some("muc_room") => {
                let room = elements.get(1).and_then(room_of);
                if let (Some(room), Some(options)) =
                    (room.filter(|room| is_of(room, host)), elements.get_mut(2))
                {
                    self.rooms
                        .insert(room, std::mem::replace(options, Term::Opaque));
                }
            }
            Some("archive_msg") => {
                let room = elements.get(self.columns.us).and_then(room_of);
                if let Some(room) = room.filter(|room| is_of(room, host)) {
                    self.note_message(place, room, elements);
                }
            }
            _ => {}
        }
    }

    fn note_message(&mut self, place: Place, room: BareJid, elements: &[Term]) {
        let at = elements.get(self.columns.timestamp).and_then(micros);
        let at = at.unwrap_or(i64::MAX);
        let packet = elements.get(self.columns.packet);
        if packet.is_some_and(message::sets_subject) && moment::is_of_calendar(Timestamp(at)) {
            let last = self
                .subjects_at
                .entry(room.clone())
                .or_insert(Timestamp(at));
            *last = Timestamp(at).max(*last);
        }
        let places = self.messages.entry(room).or_default();
        places.push(Place { at, ..place });
    }

    /// Reads a record again, at its place.
    fn term(&self, archive: &mut Archive, place: Place) -> Result<Option<Term>, Error> {
        let failed = |cause| Error::Read {
            path: self.files[place.file].clone(),
            cause,
        };
        if archive
            .open
            .as_ref()
            .is_none_or(|(file, _)| *file != place.file)
        {
            let file = File::open(&self.files[place.file]).map_err(failed)?;
            archive.open = Some((place.file, BufReader::new(file)));
        }
        let Some((_, input)) = &mut archive.open else {
            return Ok(None);
        };
        input.seek(SeekFrom::Start(place.offset)).map_err(failed)?;
        let term = Terms::new(input, place.offset).next();
        Ok(term.ok().flatten().map(|(_, term)| term))
    }

    fn entry(&self, term: &Term, at: i64) -> Option<Entry> {
        let columns = self.columns;
        let elements = term.tuple()?;
        let packet = elements.get(columns.packet)?;
        let xml = message::element(packet).and_then(|element| element.to_xml());
        let text = |term: &Term| term.text().map(ToOwned::to_owned);
        let kind = elements.get(columns.kind);
        Some(Entry {
            at,
            author: elements.get(columns.peer).and_then(room::jid),
            nick: elements.get(columns.nick).and_then(text),
            kind: kind.and_then(Term::atom).map(ToOwned::to_owned),
            xml: xml.ok_or(Reason::NoStanza),
        })
    }
}

impl Storage for DumpStorage {
    type Archive = Archive;

    fn open(&self, jid: &BareJid) -> Result<Opened<Archive>, Error> {
        let Some(options) = self.rooms.get(jid) else {
            return Ok(Opened::unusable(jid, Reason::NoSuchRoom));
        };
        let places = self.messages.get(jid).cloned().unwrap_or_default();
        Ok(Opened {
            items: room::read(jid, options, self.subjects_at.get(jid).copied()),
            archive: Some(Archive {
                room: jid.clone(),
                ids: Ids::default(),
                places: places.into_iter(),
                open: None,
            }),
        })
    }

    fn next(&self, archive: &mut Archive) -> Result<Option<Item>, Error> {
        let Some(place) = archive.places.next() else {
            return Ok(None);
        };
        let term = self.term(archive, place)?;
        let entry = term.as_ref().and_then(|term| self.entry(term, place.at));
        let message = entry
            .ok_or(Reason::NoStanza)
            .and_then(|entry| message::read(entry, &archive.room, &mut archive.ids));
        Ok(Some(match message {
            Ok(message) => Item::Record(Record::Message(Box::new(message))),
            Err(reason) => Item::Skipped(Skipped {
                room: Some(archive.room.clone()),
                place: format!("the message at byte {}", place.offset),
                reason,
            }),
        }))
    }
}

impl Columns {
    /// Those of ejabberd 23.01.
    fn of_23_01() -> Self {
        Self {
            us: 1,
            timestamp: 3,
            peer: 4,
            packet: 6,
            nick: 7,
            kind: 8,
        }
    }

    /// `[{Table,[{record_name,…},{attributes,[…]}]}]`
    fn learn(&mut self, tables: &[Term]) {
        let table = tables
            .iter()
            .find_map(|tables| tables.property("archive_msg"));
        let Some(attributes) = table.and_then(|table| table.property("attributes")) else {
            return;
        };
        let attributes = attributes.list();
        let place = |name: &str, before: usize| {
            let found = attributes
                .iter()
                .position(|attribute| attribute.atom() == Some(name));
            // The name of the record is before all of them.
            found.map_or(before, |place| place + 1)
        };
        *self = Self {
            us: place("us", self.us),
            timestamp: place("timestamp", self.timestamp),
            peer: place("peer", self.peer),
            packet: place("packet", self.packet),
            nick: place("nick", self.nick),
            kind: place("type", self.kind),
        };
    }
}

fn is_of(room: &BareJid, host: &BareJid) -> bool {
    room.node().is_some() && room.domain() == host.domain()
}

/// `{Name,Host}`
fn room_of(term: &Term) -> Option<BareJid> {
    match term.tuple()? {
        [localpart, host] => name::bare_jid(&format!("{}@{}", localpart.text()?, host.text()?)),
        _ => None,
    }
}

/// `{Megaseconds,Seconds,Microseconds}`
fn micros(term: &Term) -> Option<i64> {
    let number = |term: &Term| match term {
        Term::Integer(number) => Some(*number),
        _ => None,
    };
    let [mega, seconds, micros] = term.tuple()? else {
        return None;
    };
    let seconds = number(mega)?
        .checked_mul(1_000_000)?
        .checked_add(number(seconds)?)?;
    seconds.checked_mul(1_000_000)?.checked_add(number(micros)?)
}

fn damaged(path: &std::path::Path, why: Malformed) -> Item {
    Item::Skipped(Skipped {
        room: None,
        place: format!("a part of {}", path.display()),
        reason: why.into(),
    })
}
