//! Mnesia's tables as text, as `ejabberdctl dump` and `dump_table` write them.
//!
//! A dump has its records in no particular order. So it is read twice: once to learn where each
//! room and each message is, which takes 24 bytes of memory for a message, and then room by room.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::PathBuf;
use std::vec;

use jid::BareJid;

use super::columns::Columns;
use super::message::{self, EjabberdEntry, Ids};
use super::room;
use super::term::{ErlangTerm, ErlangTerms};
use crate::room::Timestamp;
use crate::time;
use crate::transfer::cursor::Malformed;
use crate::transfer::item::{Error, SourceItem};
use crate::transfer::name;
use crate::transfer::record::Record;
use crate::transfer::rooms::{Listing, OpenedRoom, Storage};
use crate::transfer::skipped::{Reason, Skipped};

/// The rooms of one domain.
pub(in crate::transfer) struct EjabberdDump {
    files: Vec<PathBuf>,
    rooms: BTreeMap<BareJid, DumpPlace>,
    messages: BTreeMap<BareJid, Vec<DumpPlace>>,
    subjects_at: BTreeMap<BareJid, Timestamp>,
    columns: Columns,
}

/// Where a message is; in the order of time, and where that is the same, of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct DumpPlace {
    at: i64,
    file: usize,
    offset: u64,
}

/// A place in the archive of a room.
pub(in crate::transfer) struct EjabberdDumpArchive {
    room: BareJid,
    ids: Ids,
    places: vec::IntoIter<DumpPlace>,
    open: Option<OpenFile>,
}

/// The file read last.
struct OpenFile {
    file: usize,
    input: BufReader<File>,
}

impl EjabberdDump {
    /// The rooms of a domain.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    pub fn open(files: &[PathBuf], host: &BareJid) -> Result<(Self, Listing), Error> {
        let mut storage = Self {
            files: files.to_owned(),
            rooms: BTreeMap::new(),
            messages: BTreeMap::new(),
            subjects_at: BTreeMap::new(),
            columns: Columns::of_23_01(),
        };
        let mut listing = Listing::default();
        for (file, path) in files.iter().enumerate() {
            storage
                .index(file, host, &mut listing)
                .map_err(|cause| Error::Read {
                    path: path.clone(),
                    cause,
                })?;
        }
        for (room, places) in &mut storage.messages {
            places.sort_unstable();
            listing.add_archive(host, room.node().map(|node| node.as_str()));
        }
        Ok((storage, listing))
    }

    /// Learns where everything in a file is.
    fn index(&mut self, file: usize, host: &BareJid, listing: &mut Listing) -> io::Result<()> {
        let path = &self.files[file];
        let place = format!("a part of {}", path.display());
        let mut terms = ErlangTerms::new(BufReader::with_capacity(1 << 18, File::open(path)?), 0);
        loop {
            let broken = match terms.next() {
                Ok(Some((offset, term))) => {
                    let place = DumpPlace {
                        at: 0,
                        file,
                        offset,
                    };
                    self.note(place, &term, host, listing);
                    continue;
                }
                Ok(None) => return Ok(()),
                Err(Malformed::Io(error)) => return Err(error),
                Err(why) => why,
            };
            listing.skip(None, place.clone(), broken.into());
            match terms.recover() {
                Ok(true) => {}
                Err(Malformed::Io(error)) => return Err(error),
                _ => return Ok(()),
            }
        }
    }

    fn note(&mut self, place: DumpPlace, term: &ErlangTerm, host: &BareJid, listing: &mut Listing) {
        let ErlangTerm::Tuple(elements) = term else {
            return;
        };
        match elements.first().and_then(ErlangTerm::atom) {
            Some("tables") => self.columns.learn(&elements[1..]),
            Some("muc_room") => {
                let Some(localpart) = elements.get(1).and_then(|key| localpart(key, host)) else {
                    return;
                };
                listing.add(host, Some(localpart), || {
                    format!("the room at byte {}", place.offset)
                });
                if let Some(room) = name::bare_jid(&format!("{localpart}@{host}")) {
                    self.rooms.insert(room, place);
                }
            }
            Some("archive_msg") => {
                let key = elements.get(self.columns.us);
                let Some(localpart) = key.and_then(|key| localpart(key, host)) else {
                    return;
                };
                let text = format!("{localpart}@{host}");
                match name::bare_jid(&text) {
                    Some(room) => self.note_message(place, room, elements),
                    None => {
                        let place = format!("the message at byte {}", place.offset);
                        listing.skip(None, place, Reason::Address(text));
                    }
                }
            }
            _ => {}
        }
    }

    fn note_message(&mut self, place: DumpPlace, room: BareJid, elements: &[ErlangTerm]) {
        let at = elements.get(self.columns.timestamp).and_then(micros);
        let at = at.unwrap_or(i64::MAX);
        let packet = elements.get(self.columns.packet);
        if packet.is_some_and(message::sets_subject) && time::is_of_calendar(Timestamp(at)) {
            let last = self
                .subjects_at
                .entry(room.clone())
                .or_insert(Timestamp(at));
            *last = Timestamp(at).max(*last);
        }
        let places = self.messages.entry(room).or_default();
        places.push(DumpPlace { at, ..place });
    }

    /// Reads a record again, at its place, with the file that is open for it.
    fn term(
        &self,
        open: &mut Option<OpenFile>,
        place: DumpPlace,
    ) -> Result<Option<ErlangTerm>, Error> {
        let path = &self.files[place.file];
        let failed = |cause| Error::Read {
            path: path.clone(),
            cause,
        };
        let mut opened = match open.take().filter(|opened| opened.file == place.file) {
            Some(opened) => opened,
            None => OpenFile {
                file: place.file,
                input: BufReader::new(File::open(path).map_err(failed)?),
            },
        };
        let start = SeekFrom::Start(place.offset);
        opened.input.seek(start).map_err(failed)?;
        let term = ErlangTerms::new(&mut opened.input, place.offset).next();
        *open = Some(opened);
        Ok(term.ok().flatten().map(|(_, term)| term))
    }

    fn entry(&self, term: &ErlangTerm, at: i64) -> Option<EjabberdEntry> {
        let columns = self.columns;
        let elements = term.tuple()?;
        let packet = elements.get(columns.packet)?;
        let xml = message::element(packet).and_then(|element| element.to_xml());
        let text = |term: &ErlangTerm| term.text().map(ToOwned::to_owned);
        let kind = elements.get(columns.kind);
        Some(EjabberdEntry {
            at,
            author: elements.get(columns.peer).and_then(room::jid),
            nick: elements.get(columns.nick).and_then(text),
            kind: kind.and_then(ErlangTerm::atom).map(ToOwned::to_owned),
            xml: xml.ok_or(Reason::NoStanza),
        })
    }
}

impl Storage for EjabberdDump {
    type Archive = EjabberdDumpArchive;

    fn open(&self, jid: &BareJid) -> Result<OpenedRoom<EjabberdDumpArchive>, Error> {
        let Some(place) = self.rooms.get(jid) else {
            return Ok(OpenedRoom::unusable(jid, Reason::NoSuchRoom));
        };
        let mut open = None;
        let term = self.term(&mut open, *place)?;
        let options = term.as_ref().and_then(|term| term.tuple()?.get(2));
        let Some(options) = options else {
            return Ok(OpenedRoom::unusable(jid, Reason::NoStanza));
        };
        let places = self.messages.get(jid).cloned().unwrap_or_default();
        Ok(OpenedRoom {
            items: room::read(jid, options, self.subjects_at.get(jid).copied()),
            archive: Some(EjabberdDumpArchive {
                room: jid.clone(),
                ids: Ids::default(),
                places: places.into_iter(),
                open,
            }),
        })
    }

    fn next(&self, archive: &mut EjabberdDumpArchive) -> Result<Option<SourceItem>, Error> {
        let Some(place) = archive.places.next() else {
            return Ok(None);
        };
        let term = self.term(&mut archive.open, place)?;
        let entry = term.as_ref().and_then(|term| self.entry(term, place.at));
        let message = entry
            .ok_or(Reason::NoStanza)
            .and_then(|entry| message::read(entry, &archive.room, &mut archive.ids));
        Ok(Some(match message {
            Ok(message) => SourceItem::Record(Record::Message(Box::new(message))),
            Err(reason) => SourceItem::Skipped(Skipped {
                room: Some(archive.room.clone()),
                place: format!("the message at byte {}", place.offset),
                reason,
            }),
        }))
    }
}

/// The first of `{Name,Host}`, of this host.
fn localpart<'a>(term: &'a ErlangTerm, host: &BareJid) -> Option<&'a str> {
    match term.tuple()? {
        [localpart, of] if of.text() == Some(host.as_str()) => localpart.text(),
        _ => None,
    }
}

/// A time as Erlang has it: `{Megaseconds,Seconds,Microseconds}`.
fn micros(term: &ErlangTerm) -> Option<i64> {
    let number = |term: &ErlangTerm| match term {
        ErlangTerm::Integer(number) => Some(*number),
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
