//! Where rooms can come from.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::item::{Error, SourceItem, SourceItems};
use super::json_lines::RecordReader;
use super::lync::{LyncExport, Mapping};
use super::rooms::{Listing, Storage, StorageRooms};
use super::selection::{RoomSelection, SelectedRooms};
use super::{ejabberd, prosody};
use jid::BareJid;

/// Where rooms can come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file that we have written, see [`json_lines`](super::json_lines).
    JsonLines(PathBuf),
    /// A Prosody that keeps things in files, as it does unless told otherwise
    /// (`storage = "internal"`).
    Prosody {
        /// Its data directory, `/var/lib/prosody` on Debian.
        data: PathBuf,
        /// The domain of its rooms.
        host: BareJid,
    },
    /// A Prosody that keeps things in SQLite (`storage = "sql"`).
    ProsodySql {
        /// The database, `prosody.sqlite` in its data directory.
        database: PathBuf,
        /// The domain of its rooms.
        host: BareJid,
    },
    /// An ejabberd that keeps rooms and archive in SQLite (`db_type: sql`).
    EjabberdSql {
        /// The database, as `sql_database` has it.
        database: PathBuf,
        /// The domain of its rooms.
        host: BareJid,
    },
    /// An ejabberd that keeps rooms and archive in Mnesia, as it does unless told otherwise.
    EjabberdDump {
        /// What `ejabberdctl dump` has written, or `ejabberdctl dump_table` of the tables
        /// `muc_room` and `archive_msg`.
        files: Vec<PathBuf>,
        /// The domain of its rooms.
        host: BareJid,
    },
    /// What the queries of `docs/lync-export.sql` give of a Persistent Chat of Lync Server 2013 or
    /// Skype for Business Server 2015.
    Lync {
        /// The folder with their results.
        folder: PathBuf,
        /// The domain that its rooms are to have; the old ones have no names in addresses.
        domain: BareJid,
        /// Who is who here.
        mapping: Box<Mapping>,
    },
}

impl Source {
    /// Reads what is selected, one by one: each room, and behind it its messages in the order of
    /// the archive. After an error there is no more.
    ///
    /// # Errors
    /// See [`enum@Error`]; here those that show at once.
    pub fn records(&self, selection: &RoomSelection) -> Result<SourceItems, Error> {
        Ok(match self {
            Self::JsonLines(path) => select(json_lines(path)?, selection),
            Self::Prosody { data, host } => of(prosody::ProsodyFiles::open(data, host)?, selection),
            Self::ProsodySql { database, host } => {
                of(prosody::ProsodySql::open(database, host)?, selection)
            }
            Self::EjabberdSql { database, host } => {
                of(ejabberd::EjabberdSql::open(database, host)?, selection)
            }
            Self::EjabberdDump { files, host } => {
                of(ejabberd::EjabberdDump::open(files, host)?, selection)
            }
            Self::Lync {
                folder,
                domain,
                mapping,
            } => select(
                LyncExport::open(folder, domain, mapping, selection)?,
                selection,
            ),
        })
    }
}

fn select(
    items: impl Iterator<Item = Result<SourceItem, Error>> + Send + 'static,
    selection: &RoomSelection,
) -> SourceItems {
    Box::new(SelectedRooms::new(items, selection.clone()))
}

fn of<S>((storage, listing): (S, Listing), selection: &RoomSelection) -> SourceItems
where
    S: Storage + Send + 'static,
    S::Archive: Send,
{
    select(StorageRooms::new(storage, listing, selection), selection)
}

fn json_lines(
    path: &Path,
) -> Result<impl Iterator<Item = Result<SourceItem, Error>> + use<>, Error> {
    let path = path.to_owned();
    let file = File::open(&path).map_err(|cause| Error::Read {
        path: path.clone(),
        cause,
    })?;
    let records = RecordReader::new(BufReader::with_capacity(1 << 18, file));
    Ok(records.map(move |record| {
        record.map(SourceItem::Record).map_err(|cause| Error::Line {
            path: path.clone(),
            cause,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rooms.jsonl");
        let records = |path: &Path| {
            let source = Source::JsonLines(path.to_owned());
            source.records(&RoomSelection::default())
        };
        let error = records(&path).err().unwrap().to_string();
        assert!(
            error.starts_with(&format!("cannot read {}", path.display())),
            "{error}"
        );
        std::fs::write(&path, "{}\n").unwrap();
        let mut items = records(&path).unwrap();
        let error = items.next().unwrap().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{}, line 1: ", path.display())),
            "{error}"
        );
        assert!(items.next().is_none());
    }
}
