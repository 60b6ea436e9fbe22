//! `[[pool]]`: one domain, one connection, one database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jid::DomainPart;

use crate::directory::Rules;

use super::error::Fault;
use super::secret_keys::OF_COMPONENT;
use super::section::Section;
use super::{Contact, Ldap, Limits, Secret, ServerAddress, Surroundings};
use super::{address, contact, ldap, limits, reading, rooms, secret, server};

pub(super) const SECTION: &str = "[[pool]]";

/// A component domain with the database of its rooms.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// The component's domain, home of all rooms of the pool.
    pub domain: DomainPart,
    /// Where the XMPP server listens for components.
    pub server: ServerAddress,
    /// What the server expects in the handshake.
    pub secret: Secret,
    /// The SQLite file. Its directory exists, the file need not.
    pub database: PathBuf,
    /// What a commit guarantees.
    pub durability: Durability,
    /// Whether it is logged who was where, said, read and changed what.
    pub compliance: bool,
    /// What holds in the service as a whole and in every room: whom it serves, who operates it,
    /// what a new room is like.
    pub rules: Rules,
    /// The name of the service in service discovery.
    pub name: String,
    /// The language of the name, an RFC 5646 tag.
    pub lang: String,
    /// Whom to turn to.
    pub contact: Contact,
    /// What one user, one stanza, one room may ask for.
    pub limits: Limits,
    /// The file that names groups; `None`: there is none.
    pub groups: Option<PathBuf>,
    /// The directory that is asked for people and groups; `None`: none is.
    pub ldap: Option<Ldap>,
}

/// What is certain once a commit has returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The data has reached the disk: nothing is lost when power fails.
    Full,
    /// The data has reached the operating system: nothing is lost when the program dies, the last
    /// moments may be when power fails.
    Relaxed,
}

/// The domains and databases that earlier pools have taken, and the line where.
#[derive(Default)]
pub(super) struct Claims {
    domains: Vec<(DomainPart, usize)>,
    databases: Vec<(PathBuf, usize)>,
}

const NAME: &str = "Chatrooms";
const NAME_LENGTH_MAX: usize = 255;
const LANG: &str = "en";
const DATABASE: &str = "lyceum.db";
const DURABILITY: [(&str, Durability); 2] =
    [("full", Durability::Full), ("relaxed", Durability::Relaxed)];

/// Reads one pool; `None` if there is no sense in one without what is missing. Goes through all
/// keys in either case, so that everything wrong is found.
pub(super) fn read(
    mut section: Section<'_, '_>,
    surroundings: &Surroundings,
    claims: &mut Claims,
) -> Option<Pool> {
    let domain = read_domain(&mut section, claims);
    let server = server::read(&mut section);
    let secret = read_secret(&mut section, surroundings);
    let database = read_database(&mut section, &surroundings.path, claims);
    let compliance = section.flag("compliance", false);
    let durability = section.choice("durability", Durability::Full, &DURABILITY);
    let mut rules = Rules::default();
    let operators = address::people(&mut section, "operators", domain.as_ref());
    rules.terms.operators = Arc::new(operators.into_iter().flatten().collect());
    let served = read_served(&mut section, domain.as_ref());
    rules.terms.served = Arc::new(served.into_iter().collect());
    rules.default_category = read_default_category(&mut section);
    let name = read_name(&mut section);
    let lang = address::language(&mut section, "lang");
    let contact = contact::read(section.section("contact", contact::SECTION));
    let groups = read_groups(&mut section, &surroundings.path);
    let ldap = ldap::read(section.section("ldap", ldap::SECTION), surroundings);
    rooms::read(section.section("rooms", rooms::SECTION), &mut rules);
    let limits = limits::read(section.section("limits", limits::SECTION), &mut rules);
    section.finish();
    Some(Pool {
        domain: domain?,
        server,
        secret: secret?,
        database,
        durability,
        compliance,
        rules,
        name,
        lang: lang.unwrap_or_else(|| LANG.to_owned()),
        contact,
        limits,
        groups,
        ldap,
    })
}

fn read_secret(section: &mut Section<'_, '_>, surroundings: &Surroundings) -> Option<Secret> {
    let keys = &OF_COMPONENT;
    let variable = surroundings.secret.as_deref();
    if variable.is_none() && secret::is_absent(section, keys) {
        let place = section.offset();
        section.reading().wrong(place, Fault::NoSecret);
    }
    secret::read(section, keys, &surroundings.path, variable)
}

/// The file of groups. Whether it is there and right is looked at by whoever reads it: it changes
/// while the service runs.
fn read_groups(section: &mut Section<'_, '_>, config: &Path) -> Option<PathBuf> {
    let text = section.text("groups")?;
    if text.get_ref().is_empty() {
        section
            .reading()
            .wrong(text.span().start, Fault::NoGroupsFile);
        return None;
    }
    Some(reading::beside(config, text.get_ref()))
}

fn read_domain(section: &mut Section<'_, '_>, claims: &mut Claims) -> Option<DomainPart> {
    let Some(text) = section.text("domain") else {
        if section.value("domain").is_none() {
            let place = section.offset();
            section.reading().wrong(place, Fault::NoDomain);
        }
        return None;
    };
    let domain = address::domain(section, "domain", &text)?;
    let place = text.span().start;
    let line = section.reading().line(place);
    match claims.domains.iter().find(|(taken, _)| *taken == domain) {
        Some((_, earlier)) => {
            let fault = Fault::SameDomain {
                domain: domain.to_string(),
                line: *earlier,
            };
            section.reading().wrong(place, fault);
        }
        None => claims.domains.push((domain.clone(), line)),
    }
    Some(domain)
}

fn read_database(section: &mut Section<'_, '_>, config: &Path, claims: &mut Claims) -> PathBuf {
    let text = section.text("database");
    let place = text
        .as_ref()
        .map_or(section.offset(), |text| text.span().start);
    let written = text.as_ref().map_or(DATABASE, |text| *text.get_ref());
    let path = reading::beside(config, written);
    let directory = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => Path::new("/"),
    };
    if written.is_empty() {
        section.reading().wrong(place, Fault::DatabaseEmpty);
    } else if path.is_dir() {
        let fault = Fault::DatabaseNotAFile {
            found: written.to_owned(),
        };
        section.reading().wrong(place, fault);
    } else if !directory.is_dir() {
        let fault = Fault::NoDatabaseDirectory {
            path: path.clone(),
            directory: directory.to_owned(),
        };
        section.reading().wrong(place, fault);
    }
    // Two spellings of one directory are one directory.
    let file = path.file_name().unwrap_or_default();
    let same = directory
        .canonicalize()
        .unwrap_or_else(|_| directory.to_owned())
        .join(file);
    let line = section.reading().line(place);
    match claims.databases.iter().find(|(taken, _)| *taken == same) {
        Some((_, earlier)) => {
            let fault = Fault::SameDatabase {
                path: path.clone(),
                line: *earlier,
            };
            section.reading().wrong(place, fault);
        }
        None => claims.databases.push((same, line)),
    }
    path
}

/// The served domains; without the key, the pool's domain less its first label.
fn read_served(section: &mut Section<'_, '_>, domain: Option<&DomainPart>) -> Vec<DomainPart> {
    if let Some(served) = address::domains(section, "served") {
        return served;
    }
    let Some(domain) = domain else {
        return Vec::new();
    };
    let parent = domain
        .as_str()
        .split_once('.')
        .and_then(|(_, parent)| DomainPart::new(parent).ok());
    match parent {
        Some(parent) => vec![parent.into_owned()],
        None => {
            if section.value("served").is_none() {
                let place = section.offset();
                let fault = Fault::NoServed {
                    domain: domain.to_string(),
                };
                section.reading().wrong(place, fault);
            }
            Vec::new()
        }
    }
}

fn read_default_category(section: &mut Section<'_, '_>) -> Option<Arc<str>> {
    let text = section.text("default_category")?;
    Some((*text.get_ref()).into())
}

fn read_name(section: &mut Section<'_, '_>) -> String {
    let Some(text) = section.text("name") else {
        return NAME.to_owned();
    };
    let name = *text.get_ref();
    let length = name.chars().count();
    if name.trim().is_empty() || length > NAME_LENGTH_MAX || name.contains(char::is_control) {
        section.reading().wrong(
            text.span().start,
            Fault::NotAName {
                max: NAME_LENGTH_MAX,
            },
        );
    }
    name.to_owned()
}
