//! Prosody's internal storage: a folder for each domain, a folder in it for each kind of thing, a
//! file for each room.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use jid::BareJid;
use serde_json::{Map, Value};

use super::lua::{self, LuaItems};
use super::message::{self, ProsodyEntry};
use super::room::{self, Authors, KeptByProsody};
use super::stanza;
use crate::transfer::cursor::Malformed;
use crate::transfer::item::{Error, SourceItem};
use crate::transfer::name;
use crate::transfer::record::Record;
use crate::transfer::rooms::{Listing, OpenedRoom, Storage};
use crate::transfer::skipped::{Reason, Skipped};

/// The folder of one domain.
pub(in crate::transfer) struct ProsodyFiles {
    folder: PathBuf,
}

/// A place in the archive of a room.
pub(in crate::transfer) struct ProsodyFileArchive {
    room: BareJid,
    authors: Authors,
    path: PathBuf,
    /// `None`: the room has no archive.
    items: Option<LuaItems<BufReader<File>>>,
}

impl ProsodyFiles {
    /// The rooms of a domain in Prosody's data directory.
    ///
    /// # Errors
    /// - [`Error::Read`]: a folder can't be read, or there is none of rooms' configurations.
    pub fn open(data: &Path, host: &BareJid) -> Result<(Self, Listing), Error> {
        let storage = Self {
            folder: data.join(encode(host.as_str())),
        };
        let mut listing = Listing::default();
        let folder = storage.folder.join("config");
        for file in files(&folder).map_err(|cause| failed(&folder, cause))? {
            if let Some(localpart) = file.strip_suffix(".dat") {
                listing.add(host, decode(localpart).as_deref(), || {
                    format!("config/{file}")
                });
            }
        }
        let folder = storage.folder.join("muc_log");
        let archives = match files(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            archives => archives.map_err(|cause| failed(&folder, cause))?,
        };
        for file in archives {
            if let Some(localpart) = file.strip_suffix(".list") {
                listing.add_archive(host, decode(localpart).as_deref());
            }
        }
        Ok((storage, listing))
    }

    fn path(&self, kind: &str, room: &BareJid, extension: &str) -> PathBuf {
        let localpart = room.node().map(|node| encode(node.as_str()));
        let file = format!("{}.{extension}", localpart.unwrap_or_default());
        self.folder.join(kind).join(file)
    }

    /// What is in a file of one value; `None` when there is no such file.
    fn value(&self, kind: &str, room: &BareJid) -> Result<Result<Option<Value>, Reason>, Error> {
        let path = self.path(kind, room, "dat");
        let Some(file) = open(&path)? else {
            return Ok(Ok(None));
        };
        match lua::returned(BufReader::new(file)) {
            Ok(value) => Ok(Ok(Some(value))),
            Err(Malformed::Io(cause)) => Err(Error::Read { path, cause }),
            Err(why) => Ok(Err(why.into())),
        }
    }
}

impl Storage for ProsodyFiles {
    type Archive = ProsodyFileArchive;

    fn open(&self, jid: &BareJid) -> Result<OpenedRoom<ProsodyFileArchive>, Error> {
        let config = match self.value("config", jid)? {
            Ok(config) => into_fields(config),
            Err(why) => return Ok(OpenedRoom::unusable(jid, why)),
        };
        let (vcard, broken) = match self.value("vcard_muc", jid)? {
            Ok(vcard) => (vcard, None),
            Err(why) => (None, Some(skipped(jid, "its vCard".to_owned(), why))),
        };
        let (mut items, authors) = room::read(jid, &KeptByProsody { config, vcard });
        items.extend(broken);
        let path = self.path("muc_log", jid, "list");
        let archive = ProsodyFileArchive {
            room: jid.clone(),
            authors,
            items: open(&path)?.map(|file| LuaItems::new(BufReader::with_capacity(1 << 18, file))),
            path,
        };
        Ok(OpenedRoom {
            items,
            archive: Some(archive),
        })
    }

    fn next(&self, archive: &mut ProsodyFileArchive) -> Result<Option<SourceItem>, Error> {
        let item = archive.items.as_mut().and_then(Iterator::next);
        let (place, entry) = match item {
            None => return Ok(None),
            Some(Ok((offset, value))) => (format!("the message at byte {offset}"), entry(&value)),
            Some(Err(Malformed::Io(cause))) => {
                let path = archive.path.clone();
                return Err(Error::Read { path, cause });
            }
            Some(Err(why)) => ("a part of the archive".to_owned(), Err(why.into())),
        };
        let message = entry.and_then(|entry| message::read(entry, &archive.room, &archive.authors));
        Ok(Some(match message {
            Ok(message) => SourceItem::Record(Record::Message(Box::new(message))),
            Err(why) => skipped(&archive.room, place, why),
        }))
    }
}

fn into_fields(config: Option<Value>) -> Map<String, Value> {
    match config {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn skipped(room: &BareJid, place: String, reason: Reason) -> SourceItem {
    SourceItem::Skipped(Skipped {
        room: Some(room.clone()),
        place,
        reason,
    })
}

/// An item of a list: a stanza, with what the archive says of it beside.
fn entry(value: &Value) -> Result<ProsodyEntry, Reason> {
    let text = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let when = value.get("when").and_then(Value::as_f64);
    let element = stanza::element(value).and_then(|element| element.to_xml());
    Ok(ProsodyEntry {
        id: text("key").ok_or(Reason::NoId)?,
        at: when.and_then(name::seconds),
        with: text("with"),
        xml: element.ok_or(Reason::NoStanza)?,
    })
}

/// The names of what is in a folder, in their order; what is no text, Prosody has not written.
fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn failed(path: &Path, cause: io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        cause,
    }
}

/// Opens a file; `None` when there is none.
fn open(path: &Path) -> Result<Option<File>, Error> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(failed(path, cause)),
    }
}

/// A name as Prosody's file system has it: everything but letters and digits as `%` and two digits.
fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02x}"));
        }
    }
    encoded
}

/// The reverse of [`encode`]; `None` for what no server has written.
fn decode(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_those_of_prosody() {
        assert_eq!(
            encode("conference.example.org"),
            "conference%2eexample%2eorg"
        );
        assert_eq!(encode("th\u{e9}-1_x"), "th%c3%a9%2d1%5fx");
        assert_eq!(decode("th%c3%a9%2d1%5fx").as_deref(), Some("th\u{e9}-1_x"));
        for no in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decode(no), None, "{no}");
        }
    }
}
