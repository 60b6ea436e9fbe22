//! Databases of other programs, to be read and never written.
//!
//! What is in them is for others to understand: here are plain rows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use crate::store::error::ErrorCause;

/// How long somebody who writes may keep a database from being read.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// An SQLite database of another program.
#[derive(Debug)]
pub struct ForeignDatabase {
    connection: Connection,
    path: PathBuf,
}

/// Why it can't be read.
#[derive(Debug, Error)]
#[error("the database {} can't be read: {cause}", path.display())]
pub struct ForeignError {
    /// Where the database lies.
    path: PathBuf,
    /// SQLite's word for it.
    #[source]
    cause: ErrorCause,
}

/// A value that a question is asked with.
#[derive(Clone, Copy, Debug)]
pub enum Parameter<'a> {
    /// A text in UTF-8.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// There is no value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(f64),
    /// A text, which need not be UTF-8, or just bytes.
    Bytes(Vec<u8>),
}

/// A row, in the order of the question's columns.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignRow(Vec<Cell>);

impl ForeignDatabase {
    /// Opens a file, to read it. Its program had better be stopped: what it writes meanwhile may be
    /// read or not.
    ///
    /// # Errors
    /// - [`ForeignError`]: it is not there, or can't be opened.
    pub fn open(path: &Path) -> Result<Self, ForeignError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| failed(path, error))?;
        let path = path.to_owned();
        Ok(Self { connection, path })
    }

    /// All rows that answer a question; the question sees to it that they are few.
    ///
    /// # Errors
    /// - [`ForeignError`]: it has not these tables or columns, or is damaged.
    pub fn rows(
        &self,
        question: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<ForeignRow>, ForeignError> {
        let rows = || {
            let mut statement = self.connection.prepare_cached(question)?;
            let columns = statement.column_count();
            let parameters = rusqlite::params_from_iter(parameters);
            let rows = statement.query_map(parameters, |row| {
                let cells = (0..columns).map(|column| row.get_ref(column).map(Cell::from));
                cells.collect::<rusqlite::Result<_>>().map(ForeignRow)
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        rows().map_err(|error| failed(&self.path, error))
    }
}

fn failed(path: &Path, error: rusqlite::Error) -> ForeignError {
    ForeignError {
        path: path.to_owned(),
        cause: ErrorCause::new(error),
    }
}

impl ForeignRow {
    /// A column as text. `None` when it is NULL, no text, or not in UTF-8.
    pub fn text(&self, column: usize) -> Option<&str> {
        std::str::from_utf8(self.bytes(column)?).ok()
    }

    /// A column as bytes. `None` when it is NULL or a number.
    pub fn bytes(&self, column: usize) -> Option<&[u8]> {
        match self.0.get(column)? {
            Cell::Bytes(bytes) => Some(bytes),
            Cell::Null | Cell::Integer(_) | Cell::Real(_) => None,
        }
    }

    /// A column as a whole number. `None` when it is something else.
    pub fn integer(&self, column: usize) -> Option<i64> {
        match self.0.get(column)? {
            Cell::Integer(number) => Some(*number),
            Cell::Null | Cell::Real(_) | Cell::Bytes(_) => None,
        }
    }

    /// A column as a number. `None` when it is something else.
    pub fn number(&self, column: usize) -> Option<f64> {
        match self.0.get(column)? {
            #[expect(
                clippy::cast_precision_loss,
                reason = "asked for where a fraction may be"
            )]
            Cell::Integer(number) => Some(*number as f64),
            Cell::Real(number) => Some(*number),
            Cell::Null | Cell::Bytes(_) => None,
        }
    }
}

impl From<ValueRef<'_>> for Cell {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Self::Bytes(bytes.to_owned()),
        }
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Integer(number) => number.to_sql(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("foreign.sqlite");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, 1.5), (3, NULL), (4, x'ff')")
            .unwrap();
        let database = ForeignDatabase::open(&path).unwrap();
        let ask =
            |question| database.rows(question, &[Parameter::Integer(1), Parameter::Text("z")]);
        let rows = ask("SELECT b, a, ?2 FROM t WHERE a > ?1 ORDER BY a").unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].number(0), rows[0].integer(0)), (Some(1.5), None));
        assert_eq!(
            (rows[0].number(1), rows[0].integer(1)),
            (Some(2.0), Some(2))
        );
        assert_eq!(rows[0].text(2), Some("z"));
        assert_eq!(rows[1].bytes(0), None);
        assert_eq!(
            (rows[2].text(0), rows[2].bytes(0)),
            (None, Some(&[0xff][..]))
        );
        assert_eq!(rows[0].text(7), None);
        let error = ask("DELETE FROM t WHERE a = ?1 OR a = ?2")
            .unwrap_err()
            .to_string();
        assert!(error.contains("readonly"), "{error}");
    }

    #[test]
    fn what_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("foreign.sqlite");
        let error = ForeignDatabase::open(&path).unwrap_err().to_string();
        assert!(error.contains("foreign.sqlite"), "{error}");
        std::fs::write(&path, "no database").unwrap();
        let error =
            ForeignDatabase::open(&path).and_then(|database| database.rows("SELECT 1 FROM t", &[]));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("file is not a database"), "{error}");
    }
}
