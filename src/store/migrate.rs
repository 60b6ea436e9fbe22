//! Brings a database, new or old, to the version that this program knows.
//!
//! The version is `PRAGMA user_version`: how many of the numbered files in `schema/` have been run.
//! An empty file has run none, so that new and old databases take the same road. A file is never
//! edited once released.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::error::{Attempt, Error};

/// `LYCM`: what tells the service's databases from those of other programs.
pub(super) const APPLICATION_ID: i32 = 0x4c59_434d;

/// The steps, in order; the first makes version 1. `build.rs` lists the files.
pub(super) const MIGRATIONS: &[&str] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// What a file holds, as its header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// There is no table in it yet.
    Empty,
    /// A database of the service, of this version.
    Ours(u32),
}

/// Runs the steps that the database has not seen, each in a transaction of its own.
///
/// # Errors
/// - [`Error::Foreign`], [`Error::Newer`]: it is left untouched.
/// - [`Error::CannotMigrate`]: it has the version it had before the step that failed.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), Error> {
    let done = match origin(connection, path, migrations.len())? {
        Origin::Empty => 0,
        Origin::Ours(version) => version,
    };
    // A table that others refer to can only be rebuilt while SQLite doesn't look after the
    // references; the switch is without effect inside a transaction. `step` looks at the references
    // instead.
    let attempt = Attempt::Write("prepare for a new version");
    let failed = |error| Error::from_sqlite(path, attempt, error);
    connection
        .pragma_update(None, "foreign_keys", false)
        .map_err(failed)?;
    for (version, sql) in (1..).zip(migrations).skip(done as usize) {
        step(connection, version, sql).map_err(|error| cannot_migrate(path, version, error))?;
    }
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(failed)
}

/// Tells what the file holds.
///
/// # Errors
/// - [`Error::Foreign`]: something of another program.
/// - [`Error::Newer`]: a database of a later version than `known`.
pub(super) fn origin(connection: &Connection, path: &Path, known: usize) -> Result<Origin, Error> {
    let header = "SELECT (SELECT application_id FROM pragma_application_id),
                         (SELECT user_version FROM pragma_user_version),
                         EXISTS (SELECT 1 FROM sqlite_schema)";
    let (application_id, version, used): (i32, i32, bool) = connection
        .query_row(header, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .map_err(|error| Error::from_sqlite(path, Attempt::Read("tell its version"), error))?;
    if application_id == 0 && version == 0 && !used {
        return Ok(Origin::Empty);
    }
    match u32::try_from(version) {
        Ok(version) if application_id == APPLICATION_ID => {
            let known = u32::try_from(known).unwrap_or(u32::MAX);
            match version <= known {
                true => Ok(Origin::Ours(version)),
                false => Err(Error::Newer {
                    path: path.to_owned(),
                    version,
                    known,
                }),
            }
        }
        _ => Err(Error::Foreign {
            path: path.to_owned(),
            application_id,
        }),
    }
}

fn step(connection: &mut Connection, version: u32, sql: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    let dangling: Option<String> = transaction
        .query_row(
            "SELECT \"table\" FROM pragma_foreign_key_check",
            [],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(table) = dangling {
        return Err(rusqlite::Error::ToSqlConversionFailure(
            format!("a row of {table} refers to one that is gone").into(),
        ));
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

/// A full disk or a read-only file is told as such; whatever else is the step's own fault.
fn cannot_migrate(path: &Path, version: u32, error: rusqlite::Error) -> Error {
    match Error::from_sqlite(path, Attempt::Write("change its version"), error) {
        Error::CannotWrite { path, source, .. } => Error::CannotMigrate {
            path,
            version,
            source,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT);
        CREATE TABLE c (a INTEGER NOT NULL REFERENCES a ON DELETE CASCADE)";
    /// A table that others refer to is built anew, as ALTER TABLE can't do.
    const SECOND: &str = "CREATE TABLE new (id INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT '');
        INSERT INTO new SELECT id, b FROM a;
        DROP TABLE a;
        ALTER TABLE new RENAME TO a";
    const BROKEN: &str = "CREATE TABLE d (id INTEGER); CREATE TABLE d (id INTEGER)";
    const CARELESS: &str = "DELETE FROM a";

    fn run(connection: &mut Connection, migrations: &[&str]) -> Result<(), Error> {
        migrate(connection, Path::new("test.db"), migrations)
    }

    fn schema(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT sql FROM sqlite_schema ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn version(connection: &Connection) -> i32 {
        connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn old_and_new_databases_end_up_the_same() {
        let mut new = Connection::open_in_memory().unwrap();
        run(&mut new, &[FIRST, SECOND]).unwrap();
        let mut old = Connection::open_in_memory().unwrap();
        run(&mut old, &[FIRST]).unwrap();
        old.execute_batch("INSERT INTO a VALUES (1, 'text'); INSERT INTO c VALUES (1)")
            .unwrap();
        run(&mut old, &[FIRST, SECOND]).unwrap();
        run(&mut old, &[FIRST, SECOND]).unwrap();
        assert_eq!(schema(&old), schema(&new));
        assert_eq!((version(&old), version(&new)), (2, 2));
        let kept = "SELECT count(*) FROM a JOIN c ON c.a = a.id";
        assert_eq!(
            old.query_row(kept, [], |row| row.get::<_, i64>(0)).unwrap(),
            1
        );
        old.execute_batch("DELETE FROM a").unwrap();
        let left = "SELECT count(*) FROM c";
        assert_eq!(
            old.query_row(left, [], |row| row.get::<_, i64>(0)).unwrap(),
            0
        );
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        for bad in [BROKEN, CARELESS] {
            let mut connection = Connection::open_in_memory().unwrap();
            run(&mut connection, &[FIRST]).unwrap();
            connection
                .execute_batch("INSERT INTO a VALUES (1, 'text'); INSERT INTO c VALUES (1)")
                .unwrap();
            let before = schema(&connection);
            let error = run(&mut connection, &[FIRST, SECOND, bad]).unwrap_err();
            assert!(
                matches!(error, Error::CannotMigrate { version: 3, .. }),
                "{error:?}"
            );
            assert_eq!(version(&connection), 2);
            assert_ne!(schema(&connection), before);
            run(&mut connection, &[FIRST, SECOND]).unwrap();
        }
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &[FIRST, SECOND]).unwrap();
        let error = run(&mut connection, &[FIRST]).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Newer {
                    version: 2,
                    known: 1,
                    ..
                }
            ),
            "{error:?}"
        );
    }

    #[test]
    fn every_step_that_was_released_leads_to_the_present() {
        for steps in 0..=MIGRATIONS.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            run(&mut connection, &MIGRATIONS[..steps]).unwrap();
            run(&mut connection, MIGRATIONS).unwrap();
            assert_eq!(version(&connection) as usize, MIGRATIONS.len());
        }
    }
}
