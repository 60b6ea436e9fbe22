//! How far the machine's calendar was believed, as one run of the service leaves it to the next.

use std::path::Path;

use rusqlite::OpenFlags;

use super::error::{Attempt, Error};
use super::message::messages;
use super::{Store, connect, meta};
use crate::room::Timestamp;

/// What a run has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarRecord {
    /// What the calendar said when it was believed last.
    pub believed: Timestamp,
    /// `None`: it was believed to the end.
    pub doubt: Option<Doubt>,
}

/// A calendar that is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What it said last.
    pub last: Timestamp,
    /// For how long it had gone evenly by then while the service ran, in microseconds.
    pub even_us: i64,
}

/// What a database tells of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimesKept {
    /// `None`: no run has left anything yet.
    pub record: Option<CalendarRecord>,
    /// The latest time of any message.
    pub newest: Option<Timestamp>,
}

/// The key under which the store keeps it: what was believed, and where there is a doubt, what was
/// said last and for how long it has gone evenly, with spaces between.
const CALENDAR: &str = "calendar";

impl Store {
    /// Collects how far the calendar is believed.
    pub fn set_calendar(&mut self, record: &CalendarRecord) {
        self.set_meta(CALENDAR, &record.to_text());
    }

    /// What is known of the time. Looks at every room.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn times_kept(&self) -> Result<TimesKept, Error> {
        Ok(TimesKept {
            record: self
                .meta(CALENDAR)?
                .as_deref()
                .and_then(CalendarRecord::from_text),
            newest: self.newest_at()?,
        })
    }
}

/// What the database of a path tells of the time, whether a service has it open or not.
///
/// # Errors
/// It can't be read.
pub fn times_kept(path: &Path) -> Result<TimesKept, Error> {
    let connection = connect::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let read = || {
        Ok(TimesKept {
            record: meta::load(&connection, CALENDAR)?
                .as_deref()
                .and_then(CalendarRecord::from_text),
            newest: messages::newest_at(&connection)?,
        })
    };
    read().map_err(|error| Error::from_sqlite(path, Attempt::Read("read the times"), error))
}

impl CalendarRecord {
    fn to_text(self) -> String {
        match self.doubt {
            None => self.believed.0.to_string(),
            Some(Doubt { last, even_us }) => format!("{} {} {even_us}", self.believed.0, last.0),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        let numbers: Result<Vec<i64>, _> = text.split(' ').map(str::parse).collect();
        match numbers.ok()?[..] {
            [believed] => Some(Self {
                believed: Timestamp(believed),
                doubt: None,
            }),
            [believed, last, even_us] => Some(Self {
                believed: Timestamp(believed),
                doubt: Some(Doubt {
                    last: Timestamp(last),
                    even_us,
                }),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_is_found_and_nonsense_is_nothing() {
        let believed = Timestamp(7);
        let doubt = Doubt {
            last: Timestamp(-3),
            even_us: 5,
        };
        for doubt in [None, Some(doubt)] {
            let record = CalendarRecord { believed, doubt };
            assert_eq!(CalendarRecord::from_text(&record.to_text()), Some(record));
        }
        for text in ["", "soon", "1 2", "1 2 3 4"] {
            assert_eq!(CalendarRecord::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_tells_what_the_store_has_noted() {
        let folder = tempfile::tempdir().unwrap();
        let settings = crate::store::DatabaseSettings {
            path: folder.path().join("lyceum.db"),
            durability: crate::store::Synchronous::Normal,
            searchable: |_| "".into(),
        };
        let mut store = Store::open(&settings).unwrap();
        assert_eq!(store.times_kept().unwrap(), TimesKept::default());
        let record = CalendarRecord {
            believed: Timestamp(7),
            doubt: None,
        };
        store.set_calendar(&record);
        store.flush();
        assert_eq!(store.times_kept().unwrap().record, Some(record));
        assert_eq!(times_kept(&settings.path).unwrap().record, Some(record));
    }
}
