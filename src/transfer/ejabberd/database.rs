//! ejabberd's SQL storage: the tables `muc_room` and `archive` of an SQLite database, of either
//! schema.

use std::collections::VecDeque;
use std::path::Path;

use jid::BareJid;

use super::message::{self, EjabberdEntry, Ids};
use super::{room, term};
use crate::room::Timestamp;
use crate::store::transfer::foreign::{ForeignDatabase, ForeignRow, Parameter};
use crate::time;
use crate::transfer::item::{Error, SourceItem};
use crate::transfer::record::Record;
use crate::transfer::rooms::{Listing, OpenedRoom, Storage};
use crate::transfer::skipped::{Reason, Skipped};

/// The rooms of one domain.
pub(in crate::transfer) struct EjabberdSql {
    database: ForeignDatabase,
    host: BareJid,
}

/// A place in the archive of a room.
pub(in crate::transfer) struct EjabberdSqlArchive {
    room: BareJid,
    ids: Ids,
    /// Time and number of the row read last.
    after: (i64, i64),
    page: VecDeque<ForeignRow>,
}

impl EjabberdSql {
    /// The rooms of a domain.
    ///
    /// # Errors
    /// - [`Error::Database`]: it can't be read, or is not ejabberd's.
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
}

impl Storage for EjabberdSql {
    type Archive = EjabberdSqlArchive;

    fn open(&self, jid: &BareJid) -> Result<OpenedRoom<EjabberdSqlArchive>, Error> {
        let localpart = jid.node().map_or("", |node| node.as_str());
        let parameters = [
            Parameter::Text(localpart),
            Parameter::Text(self.host.as_str()),
        ];
        let rows = self.database.rows(OPTIONS, &parameters)?;
        let options = rows
            .first()
            .and_then(|row| row.bytes(0))
            .unwrap_or_default();
        let options = match term::parse(options) {
            Ok(options) => options,
            Err(why) => return Ok(OpenedRoom::unusable(jid, why.into())),
        };
        let room = Parameter::Text(jid.as_str());
        let rows = self.database.rows(SUBJECT_AT, &[room])?;
        let subject_at = rows.first().and_then(|row| row.integer(0)).map(Timestamp);
        let subject_at = subject_at.filter(|at| time::is_of_calendar(*at));
        Ok(OpenedRoom {
            items: room::read(jid, &options, subject_at),
            archive: Some(EjabberdSqlArchive {
                room: jid.clone(),
                ids: Ids::default(),
                after: (i64::MIN, i64::MIN),
                page: VecDeque::new(),
            }),
        })
    }

    fn next(&self, archive: &mut EjabberdSqlArchive) -> Result<Option<SourceItem>, Error> {
        if archive.page.is_empty() {
            let (at, id) = archive.after;
            let parameters = [
                Parameter::Text(archive.room.as_str()),
                Parameter::Integer(at),
                Parameter::Integer(id),
            ];
            archive.page = self.database.rows(MESSAGES, &parameters)?.into();
        }
        let Some(row) = archive.page.pop_front() else {
            return Ok(None);
        };
        // A row without a number could be read for ever.
        let number = |column| row.integer(column).unwrap_or(i64::MAX);
        archive.after = (number(0), number(1));
        let message = message::read(entry(&row), &archive.room, &mut archive.ids);
        Ok(Some(match message {
            Ok(message) => SourceItem::Record(Record::Message(Box::new(message))),
            Err(reason) => SourceItem::Skipped(Skipped {
                room: Some(archive.room.clone()),
                place: format!("the message in row {}", number(1)),
                reason,
            }),
        }))
    }
}

fn entry(row: &ForeignRow) -> EjabberdEntry {
    let text = |column| row.text(column).map(ToOwned::to_owned);
    EjabberdEntry {
        at: row.integer(0).unwrap_or(i64::MAX),
        author: text(2),
        nick: text(3),
        kind: text(4),
        xml: text(5).ok_or(Reason::NoStanza),
    }
}

const ROOMS: &str = "SELECT DISTINCT name FROM muc_room WHERE host = ?1";

/// The archive has people's own messages too, of other domains.
const ARCHIVES: &str =
    "SELECT DISTINCT substr(username, 1, length(username) - length(?1) - 1) FROM archive
     WHERE substr(username, -length(?1) - 1) = '@' || ?1";

const OPTIONS: &str = "SELECT opts FROM muc_room WHERE name = ?1 AND host = ?2";

/// A text that is not there is empty, so that few messages have to be looked into.
const SUBJECT_AT: &str = "SELECT max(timestamp) FROM archive
     WHERE username = ?1 AND ifnull(txt, '') = '' AND xml LIKE '%<subject%'";

/// Few at once, for each may be as large as a stanza.
const MESSAGES: &str = "SELECT timestamp, id, peer, nick, kind, xml FROM archive
     WHERE username = ?1 AND timestamp >= ?2 AND (timestamp > ?2 OR id > ?3)
     ORDER BY timestamp, id LIMIT 100";
