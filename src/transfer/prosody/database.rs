//! Prosody's SQL storage: the tables `prosody` and `prosodyarchive` of an SQLite database.

use std::collections::VecDeque;
use std::path::Path;

use jid::BareJid;
use serde_json::{Map, Number, Value};

use super::lua::ARRAY;
use super::message::{self, ProsodyEntry};
use super::room::{self, Authors, KeptByProsody};
use super::stanza;
use crate::store::transfer::foreign::{ForeignDatabase, ForeignRow, Parameter};
use crate::transfer::item::{Error, SourceItem};
use crate::transfer::name;
use crate::transfer::record::Record;
use crate::transfer::rooms::{Listing, OpenedRoom, Storage};
use crate::transfer::skipped::{Reason, Skipped};

/// The rooms of one domain.
pub(in crate::transfer) struct ProsodySql {
    database: ForeignDatabase,
    host: BareJid,
}

/// A place in the archive of a room.
pub(in crate::transfer) struct ProsodySqlArchive {
    room: BareJid,
    authors: Authors,
    /// The row read last.
    after: i64,
    page: VecDeque<ForeignRow>,
}

impl ProsodySql {
    /// The rooms of a domain.
    ///
    /// # Errors
    /// - [`Error::Database`]: it can't be read, or is not Prosody's.
    pub fn open(path: &Path, host: &BareJid) -> Result<(Self, Listing), Error> {
        let storage = Self {
            database: ForeignDatabase::open(path)?,
            host: host.clone(),
        };
        let domain = [Parameter::Text(host.as_str())];
        let mut listing = Listing::default();
        for row in storage.database.rows(ROOMS, &domain)? {
            listing.add(host, row.text(0), || "a room".to_owned());
        }
        for row in storage.database.rows(ARCHIVES, &domain)? {
            listing.add_archive(host, row.text(0));
        }
        Ok((storage, listing))
    }

    /// A table of which each field has a row. `None` when there is no row at all.
    fn fields(&self, room: &BareJid, kind: &str) -> Result<Option<Map<String, Value>>, Error> {
        let rows = self.database.rows(FIELDS, &self.of(room, kind))?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut fields = Map::new();
        for row in rows {
            let key = row.text(0).unwrap_or_default();
            match value(&row, 1) {
                // What has no name of its own: numbered entries, and others whose key is no text.
                Some(Value::Object(more)) if key.is_empty() => fields.extend(more),
                Some(array @ Value::Array(_)) if key.is_empty() => {
                    fields.insert(ARRAY.to_owned(), array);
                }
                Some(value) => {
                    fields.insert(key.to_owned(), value);
                }
                None => {}
            }
        }
        Ok(Some(fields))
    }

    fn of<'a>(&'a self, room: &'a BareJid, kind: &'a str) -> [Parameter<'a>; 3] {
        let localpart = room.node().map_or("", |node| node.as_str());
        [
            Parameter::Text(self.host.as_str()),
            Parameter::Text(localpart),
            Parameter::Text(kind),
        ]
    }
}

impl Storage for ProsodySql {
    type Archive = ProsodySqlArchive;

    fn open(&self, jid: &BareJid) -> Result<OpenedRoom<ProsodySqlArchive>, Error> {
        let kept = KeptByProsody {
            config: self.fields(jid, "config")?.unwrap_or_default(),
            vcard: self.fields(jid, "vcard_muc")?.map(Value::Object),
        };
        let (items, authors) = room::read(jid, &kept);
        let archive = ProsodySqlArchive {
            room: jid.clone(),
            authors,
            after: i64::MIN,
            page: VecDeque::new(),
        };
        Ok(OpenedRoom {
            items,
            archive: Some(archive),
        })
    }

    fn next(&self, archive: &mut ProsodySqlArchive) -> Result<Option<SourceItem>, Error> {
        if archive.page.is_empty() {
            let [host, user, store] = self.of(&archive.room, "muc_log");
            let after = Parameter::Integer(archive.after);
            let rows = self.database.rows(MESSAGES, &[host, user, store, after])?;
            archive.page = rows.into();
        }
        let Some(row) = archive.page.pop_front() else {
            return Ok(None);
        };
        // A row without a number could be read for ever.
        archive.after = row.integer(0).unwrap_or(i64::MAX);
        let message = entry(&row);
        let message =
            message.and_then(|entry| message::read(entry, &archive.room, &archive.authors));
        Ok(Some(match message {
            Ok(message) => SourceItem::Record(Record::Message(Box::new(message))),
            Err(reason) => SourceItem::Skipped(Skipped {
                room: Some(archive.room.clone()),
                place: format!("the message in row {}", archive.after),
                reason,
            }),
        }))
    }
}

fn entry(row: &ForeignRow) -> Result<ProsodyEntry, Reason> {
    let text = |column| row.text(column).map(ToOwned::to_owned);
    let xml = match row.text(4) {
        Some("xml") => text(5),
        _ => value(row, 4).and_then(|value| stanza::element(&value)?.to_xml()),
    };
    Ok(ProsodyEntry {
        id: text(1).ok_or(Reason::NoId)?,
        at: row.number(2).and_then(name::seconds),
        with: text(3).filter(|with| !with.is_empty()),
        xml: xml.ok_or(Reason::NoStanza)?,
    })
}

/// A value, of which one column tells the type and the next what it is.
fn value(row: &ForeignRow, column: usize) -> Option<Value> {
    let text = row.text(column + 1)?;
    match row.text(column)? {
        "string" => Some(Value::String(text.to_owned())),
        "boolean" => Some(Value::Bool(text == "true")),
        "number" => text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number),
        "json" => serde_json::from_str(text).ok(),
        _ => None,
    }
}

const ROOMS: &str = "SELECT DISTINCT user FROM prosody WHERE host = ?1 AND store = 'config'";

const ARCHIVES: &str =
    "SELECT DISTINCT user FROM prosodyarchive WHERE host = ?1 AND store = 'muc_log'";

const FIELDS: &str =
    "SELECT key, type, value FROM prosody WHERE host = ?1 AND user = ?2 AND store = ?3";

/// Few at once, for each may be as large as a stanza.
const MESSAGES: &str = "SELECT sort_id, key, \"when\", \"with\", type, value FROM prosodyarchive
     WHERE host = ?1 AND user = ?2 AND store = ?3 AND sort_id > ?4 ORDER BY sort_id LIMIT 100";
