//! The configuration file: read once, checked as a whole, turned into a [`Config`].
//!
//! What was written and what it means are two things. What was written is a TOML tree in which
//! every key and value still knows its place in the file (`toml::Spanned`), seen through
//! `section::Section`; what it means is [`Config`], in which nothing is left to check: names are
//! normalised, paths are absolute to the file's directory, secrets are read, defaults are filled
//! in. Nothing outside this module sees the former.
//!
//! The tree is not read by a derived `Deserialize`, because that stops at the first mistake, and
//! an administrator wants to hear of all of them at once. So each key is asked for by name,
//! together with its default; a key that nobody asked for is unknown; and every mistake becomes a
//! [`PlacedFault`] with its line and column while reading goes on. The keys asked for are also the
//! list from which suggestions are made and against which `lyceum.example.toml` is tested.

mod address;
mod contact;
mod error;
mod http;
mod ldap;
mod limits;
mod pool;
mod reading;
mod rooms;
mod secret;
mod secret_keys;
mod section;
mod server;
#[cfg(test)]
mod tests;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use contact::{CONTACT_KINDS, Contact};
pub use error::{Error, Fault, Hint, PlacedFault, SecretFault};
pub use ldap::{AddressPattern, Bind, Ldap};
pub use limits::{Limits, Rate};
pub use pool::{Durability, Pool};
pub use secret::Secret;
pub use secret_keys::SecretKeys;
pub use server::{COMPONENT_PORT, ServerAddress};

use error::Warnings;
use reading::TomlReading;
use section::Section;

/// The files of which the first that is there is read when the command line names none.
pub const USUAL_PATHS: [&str; 2] = ["lyceum.toml", "/etc/lyceum/lyceum.toml"];

/// The environment variable with the secret of every pool that has none in the file.
pub const SECRET_VARIABLE: &str = "LYCEUM_SECRET";

/// The environment variable with the password for every LDAP directory that has none in the file.
pub const LDAP_PASSWORD_VARIABLE: &str = "LYCEUM_LDAP_PASSWORD";

/// A checked configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The pools, at least one, in the order of the file. No two share a domain or a database.
    pub pools: Vec<Pool>,
    /// Where `/healthz` and `/metrics` are served; `None` means nowhere.
    pub http: Option<SocketAddr>,
    /// What is allowed but probably not meant, one line each, to be logged or printed.
    pub warnings: Vec<String>,
}

/// Where a configuration comes from: everything that [`Config::parse`] may look at beside the text.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The file's path, as the administrator gave it; relative paths in the file start from its
    /// directory, and errors begin with it.
    pub path: PathBuf,
    /// The value of [`SECRET_VARIABLE`], if it is set.
    pub secret: Option<OsString>,
    /// The value of [`LDAP_PASSWORD_VARIABLE`], if it is set.
    pub ldap_password: Option<OsString>,
}

impl Config {
    /// Reads and checks the file at `path`, with the secret of the environment.
    ///
    /// # Errors
    /// - [`Error::Missing`], [`Error::Unreadable`]: there is no text to look at.
    /// - [`Error::Wrong`]: everything that is wrong in it.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::Missing {
                paths: vec![path.to_owned()],
            },
            _ => Error::Unreadable {
                path: path.to_owned(),
                source,
            },
        })?;
        let surroundings = Surroundings {
            path: path.to_owned(),
            secret: env::var_os(SECRET_VARIABLE),
            ldap_password: env::var_os(LDAP_PASSWORD_VARIABLE),
        };
        match str::from_utf8(&bytes) {
            Ok(text) => Self::parse(text, &surroundings),
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let mut reading = TomlReading::new(&valid);
                reading.wrong(valid.len(), Fault::NotUtf8);
                Err(reading.into_error(path))
            }
        }
    }

    /// Checks the text of a configuration file.
    ///
    /// Looks at the file system where a key names a file or directory, and nowhere else.
    ///
    /// # Errors
    /// [`Error::Wrong`] with every problem found, in the order of the file.
    pub fn parse(text: &str, surroundings: &Surroundings) -> Result<Self, Error> {
        let mut reading = TomlReading::new(text);
        let (tree, syntax_errors) = DeTable::parse_recoverable(text);
        for error in syntax_errors {
            let offset = error.span().map_or(0, |span| span.start);
            reading.wrong(
                offset,
                Fault::Syntax {
                    message: error.message().to_owned(),
                },
            );
        }
        // What the parser made of a broken file says little about what was meant.
        if reading.has_problems() {
            return Err(reading.into_error(&surroundings.path));
        }
        let (pools, http) = read_top(&mut reading, tree.get_ref(), surroundings);
        reading.judge_unknown_keys();
        if reading.has_problems() {
            return Err(reading.into_error(&surroundings.path));
        }
        let warnings = Warnings {
            path: &surroundings.path,
            problems: reading.take_warnings(),
        };
        Ok(Self {
            pools,
            http,
            warnings: warnings.lines(),
        })
    }
}

/// The first of some files that is there, or that may be and can't be looked at.
///
/// # Errors
/// - [`Error::Missing`]: none is there.
pub fn find(paths: &[&Path]) -> Result<PathBuf, Error> {
    let may_be_there = |path: &&&Path| path.try_exists().unwrap_or(true);
    let found = paths.iter().find(may_be_there);
    found.map(PathBuf::from).ok_or_else(|| Error::Missing {
        paths: paths.iter().map(PathBuf::from).collect(),
    })
}

/// Reads the top level of the file.
fn read_top<'t>(
    reading: &mut TomlReading<'t>,
    tree: &'t DeTable<'t>,
    surroundings: &Surroundings,
) -> (Vec<Pool>, Option<SocketAddr>) {
    let mut claims = pool::Claims::default();
    let mut pools = Vec::new();
    let mut top = Section::new(reading, "the top level", Some(tree), 0);
    let written = top.value("pool");
    let http = http::read(top.section("http", http::SECTION));
    top.finish();
    for (table, offset) in pool_tables(reading, written) {
        let section = Section::new(reading, pool::SECTION, Some(table), offset);
        pools.extend(pool::read(section, surroundings, &mut claims));
    }
    (pools, http)
}

/// The tables under `pool`, each with its place; complains when there are none.
fn pool_tables<'t>(
    reading: &mut TomlReading<'t>,
    written: Option<&'t Spanned<DeValue<'t>>>,
) -> Vec<(&'t DeTable<'t>, usize)> {
    let Some(written) = written else {
        reading.wrong(0, Fault::NoPool);
        // The keys are learned from a pool that is not there, so that a misplaced one is told its
        // place.
        reading.learn(|reading| {
            let nowhere = Section::new(reading, pool::SECTION, None, 0);
            pool::read(
                nowhere,
                &Surroundings::default(),
                &mut pool::Claims::default(),
            );
        });
        return Vec::new();
    };
    let offset = written.span().start;
    match written.get_ref() {
        DeValue::Array(array) if array.is_empty() => reading.wrong(offset, Fault::NoPool),
        DeValue::Array(array) => return tables_in(reading, array),
        DeValue::Table(table) => {
            reading.wrong(offset, Fault::SinglePool);
            return vec![(table, offset)];
        }
        _ => reading.wrong(offset, Fault::SinglePool),
    }
    Vec::new()
}

/// The elements of `array` that are tables; complains about the others.
fn tables_in<'t>(
    reading: &mut TomlReading<'t>,
    array: &'t [Spanned<DeValue<'t>>],
) -> Vec<(&'t DeTable<'t>, usize)> {
    let mut tables = Vec::with_capacity(array.len());
    for element in array {
        match element.get_ref() {
            DeValue::Table(table) => tables.push((table, element.span().start)),
            _ => reading.wrong(element.span().start, Fault::SinglePool),
        }
    }
    tables
}
