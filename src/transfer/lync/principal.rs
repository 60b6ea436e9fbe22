//! People, groups, containers and domains: `tblPrincipal`, and who is in which group.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use uuid::Uuid;

use super::row::{Row, UnfitRow};
use super::table::{self, AFFILIATIONS, PRINCIPALS};
use crate::transfer::item::Error;
use crate::transfer::skipped::Skipped;

/// Everybody whom the database knows.
#[derive(Debug, Default)]
pub(super) struct OldPrincipals {
    all: BTreeMap<i64, OldPrincipal>,
    /// The people in a group, domain or container, as far as the server has met them.
    known: BTreeMap<i64, BTreeSet<i64>>,
    /// Addresses of people who are still there.
    active: BTreeSet<String>,
}

/// A person, or many.
#[derive(Debug)]
pub(super) struct OldPrincipal {
    /// The directory's id of it.
    pub guid: Uuid,
    /// What it is.
    pub kind: PrincipalKind,
    /// Its address, `sip:` for people.
    pub uri: String,
    /// The names to be shown, the best first.
    pub names: Vec<String>,
    /// The distinguished name in the directory.
    pub path: Option<String>,
    /// Whether the person has no account any more.
    pub is_disabled: bool,
}

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrincipalKind {
    /// The service itself.
    System,
    /// A person, who has a SIP address.
    User,
    /// A domain of the directory.
    Domain,
    /// A security group or a distribution list.
    Group,
    /// An organisational unit, or another container.
    Folder,
    /// A number that isn't documented.
    Unknown(i64),
}

impl OldPrincipals {
    /// Reads them.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    pub fn read(folder: &Path, skipped: &mut Vec<Skipped>) -> Result<Self, Error> {
        let all = table::read_all(PRINCIPALS, folder, skipped, read)?;
        let mut principals = Self::default();
        for (_, principal) in &all {
            if principal.kind == PrincipalKind::User && !principal.is_disabled {
                principals.active.insert(principal.uri.to_lowercase());
            }
        }
        principals.all.extend(all);
        let pairs = table::read_all(AFFILIATIONS, folder, skipped, |row| {
            Ok((row.integer("affiliationID")?, row.integer("principalID")?))
        })?;
        for (group, person) in pairs {
            principals.known.entry(group).or_default().insert(person);
        }
        Ok(principals)
    }

    /// Whoever has that number.
    pub fn get(&self, id: i64) -> Option<&OldPrincipal> {
        self.all.get(&id)
    }

    /// The people of a group, a domain or a container whom the server has met and who still are
    /// there; not all that the directory has.
    pub fn known_of(&self, group: i64) -> impl Iterator<Item = &OldPrincipal> {
        let people = self.known.get(&group).into_iter().flatten();
        people
            .filter_map(|id| self.all.get(id))
            .filter(|person| person.kind == PrincipalKind::User && !person.is_disabled)
    }

    /// Whether the address has passed to somebody who came later.
    pub fn has_lost_address(&self, principal: &OldPrincipal) -> bool {
        principal.is_disabled && self.active.contains(&principal.uri.to_lowercase())
    }
}

impl OldPrincipal {
    /// What to call it, for people.
    pub fn shown(&self) -> String {
        match self.kind {
            PrincipalKind::User => self.uri.clone(),
            PrincipalKind::System
            | PrincipalKind::Domain
            | PrincipalKind::Group
            | PrincipalKind::Folder
            | PrincipalKind::Unknown(_) => {
                let name = self.path.as_ref().or(self.names.first());
                name.unwrap_or(&self.uri).clone()
            }
        }
    }
}

fn read(row: &Row) -> Result<(i64, OldPrincipal), UnfitRow> {
    let texts = [
        row.text_or_null("prinDisplayName")?,
        row.text_or_null("prinName")?,
    ];
    let names = texts.into_iter().flatten();
    let principal = OldPrincipal {
        guid: row.guid("prinGuid")?,
        kind: match row.integer("prinTypeID")? {
            4 => PrincipalKind::System,
            5 => PrincipalKind::User,
            8 => PrincipalKind::Domain,
            9 => PrincipalKind::Group,
            10 => PrincipalKind::Folder,
            other => PrincipalKind::Unknown(other),
        },
        uri: row.text_or_null("prinUri")?.unwrap_or_default(),
        names: names.filter(|name| !name.trim().is_empty()).collect(),
        path: row
            .text_or_null("prinADPath")?
            .filter(|path| !path.is_empty()),
        is_disabled: row.integer_or_null("prinDisabled")?.unwrap_or(0) != 0,
    };
    Ok((row.integer("prinID")?, principal))
}
