//! Who may what: the lists of the old directory as ours, and whose access would be another.
//!
//! Nothing widens without a word. Whoever can't be named here is left out of what allows, which
//! narrows; but where they were denied, leaving them out would let them in, and that is told as
//! such. A group that nobody maps is taken for those people of it whom the old server had met.

use std::collections::{BTreeMap, BTreeSet};

use jid::BareJid;

use super::mapping::Mapping;
use super::principal::{OldPrincipal as Old, OldPrincipals, PrincipalKind};
use crate::room::scope::{Principal, Principals as Lists};
use crate::transfer::remark::{Remark, RemarkKind};

/// What a list does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKind {
    /// Whom a category is for.
    Allowed,
    /// Who of these is kept out.
    Denied,
    /// Who makes rooms.
    Creators,
    /// Who may enter a room.
    Members,
    /// Who configures a room; only people do.
    Managers,
    /// Who speaks in an auditorium.
    Presenters,
}

/// Reads lists, and notes what there is to know of them.
pub(super) struct AccessLists<'a> {
    principals: &'a OldPrincipals,
    mapping: &'a Mapping,
    /// What there is to know.
    pub remarks: Vec<Remark>,
    /// People of lists who have no address here, and in how many lists they stand.
    pub unmapped: BTreeMap<String, u64>,
    /// Entries of people whose accounts are disabled or deleted.
    pub disabled: u64,
}

impl ListKind {
    fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Creators => "a creator",
            Self::Members => "a member",
            Self::Managers => "a manager",
            Self::Presenters => "a presenter",
        }
    }

    /// Whether the list can have this entry.
    fn takes(self, entry: &Principal) -> bool {
        match (self, entry) {
            (Self::Allowed | Self::Denied | Self::Creators, _) | (_, Principal::Person(_)) => true,
            (Self::Members | Self::Presenters, Principal::Domain(_)) => true,
            (Self::Members | Self::Presenters, _) | (Self::Managers, _) => false,
        }
    }

    /// What becomes of access when somebody of the list is not named.
    fn loss(self) -> RemarkKind {
        match self {
            Self::Denied => RemarkKind::Widens,
            Self::Allowed | Self::Creators | Self::Members | Self::Managers | Self::Presenters => {
                RemarkKind::Narrows
            }
        }
    }
}

impl<'a> AccessLists<'a> {
    /// Nothing is read yet.
    pub fn new(principals: &'a OldPrincipals, mapping: &'a Mapping) -> Self {
        Self {
            principals,
            mapping,
            remarks: Vec::new(),
            unmapped: BTreeMap::new(),
            disabled: 0,
        }
    }

    /// Notes something that there is to know.
    pub fn remark(&mut self, kind: RemarkKind, about: &str, text: String) {
        self.remarks.push(Remark {
            kind,
            about: about.to_owned(),
            text,
        });
    }

    /// The entries of a list of old principals, which is one of `about`.
    pub fn entries(
        &mut self,
        about: &str,
        kind: ListKind,
        ids: impl Iterator<Item = i64>,
    ) -> BTreeSet<Principal> {
        let mut entries = BTreeSet::new();
        for id in ids {
            match self.principals.get(id) {
                Some(old) => self.add(about, kind, (id, old), &mut entries),
                None => {
                    let name = kind.name();
                    let text = format!("principal {id}, {name}, is in no row and is left out");
                    self.remark(kind.loss(), about, text);
                }
            }
        }
        entries
    }

    /// The same as a list of a category.
    pub fn list(&mut self, about: &str, kind: ListKind, ids: impl Iterator<Item = i64>) -> Lists {
        self.entries(about, kind, ids).into_iter().collect()
    }

    fn add(
        &mut self,
        about: &str,
        kind: ListKind,
        (id, old): (i64, &Old),
        entries: &mut BTreeSet<Principal>,
    ) {
        match old.kind {
            PrincipalKind::User => self.add_person(about, kind, old, entries),
            PrincipalKind::Domain | PrincipalKind::Group | PrincipalKind::Folder => {
                self.add_many(about, kind, (id, old), entries);
            }
            // The service itself needs no rights here.
            PrincipalKind::System => {}
            PrincipalKind::Unknown(number) => {
                let (name, role) = (old.shown(), kind.name());
                let text = format!("{name}, {role}, is of the unknown type {number}: left out");
                self.remark(kind.loss(), about, text);
            }
        }
    }

    fn add_person(
        &mut self,
        about: &str,
        kind: ListKind,
        old: &Old,
        entries: &mut BTreeSet<Principal>,
    ) {
        // Who has no account any more has no rights, but stays denied.
        if old.is_disabled && kind != ListKind::Denied {
            self.disabled += 1;
            return;
        }
        match self.mapping.person(&old.uri) {
            Some(person) => {
                entries.insert(Principal::Person(person));
            }
            None => {
                *self.unmapped.entry(old.uri.clone()).or_default() += 1;
                if kind == ListKind::Denied && !old.is_disabled {
                    let text = format!("{} was denied and has no address here", old.uri);
                    self.remark(RemarkKind::Widens, about, text);
                }
            }
        }
    }

    fn add_many(
        &mut self,
        about: &str,
        kind: ListKind,
        (id, old): (i64, &Old),
        entries: &mut BTreeSet<Principal>,
    ) {
        let mapped = self.mapping.group(old);
        let is_named = mapped.is_some();
        let entry = mapped.or_else(|| self.domain_of(about, kind, old));
        match entry {
            Some(entry) if kind.takes(&entry) => {
                self.compare(about, kind, old, &entry);
                entries.insert(entry);
            }
            Some(_) | None => self.expand(about, kind, (id, old), is_named, entries),
        }
    }

    /// The domain that a domain of the directory is here.
    fn domain_of(&mut self, about: &str, kind: ListKind, old: &Old) -> Option<Principal> {
        if old.kind != PrincipalKind::Domain {
            return None;
        }
        let name = dns_name(old.path.as_deref()?)?;
        let (domain, is_shared) = self.mapping.domain(&name)?;
        let domain = domain.domain().to_owned();
        if is_shared && kind.loss() == RemarkKind::Narrows {
            let role = kind.name();
            let text = format!(
                "the domain {name}, {role}, is all of {domain}, to which other domains are mapped \
                 as well"
            );
            self.remark(RemarkKind::Widens, about, text);
        }
        Some(Principal::Domain(domain))
    }

    /// Notes an entry that means more people than the old one.
    fn compare(&mut self, about: &str, kind: ListKind, old: &Old, entry: &Principal) {
        let is_part = match old.kind {
            PrincipalKind::Group | PrincipalKind::Folder => true,
            PrincipalKind::Domain => false,
            PrincipalKind::User | PrincipalKind::System | PrincipalKind::Unknown(_) => false,
        };
        let is_wide = match entry {
            Principal::Everybody => true,
            Principal::Domain(_) => is_part,
            Principal::Person(_) | Principal::Group(_) | Principal::Ldap(_) => false,
        };
        if is_wide && kind != ListKind::Denied {
            let (shown, name) = (old.shown(), kind.name());
            let text = format!("{shown}, {name}, is mapped to all of {entry}");
            self.remark(RemarkKind::Widens, about, text);
        }
    }

    fn expand(
        &mut self,
        about: &str,
        kind: ListKind,
        (id, old): (i64, &Old),
        is_named: bool,
        entries: &mut BTreeSet<Principal>,
    ) {
        let mut count = 0;
        for person in self.principals.known_of(id) {
            match self.mapping.person(&person.uri) {
                Some(person) => {
                    count += 1;
                    entries.insert(Principal::Person(person));
                }
                None => *self.unmapped.entry(person.uri.clone()).or_default() += 1,
            }
        }
        let why = match is_named {
            true => "can't stand in a room's list",
            false => "is not mapped",
        };
        let text = format!(
            "{}, {}, {why}: {count} of its people whom the old server had met stand for it",
            old.shown(),
            kind.name()
        );
        self.remark(kind.loss(), about, text);
    }
}

/// The people and domains of entries, as rooms' lists have them.
pub(super) fn addresses(entries: BTreeSet<Principal>) -> BTreeSet<BareJid> {
    let addresses = entries.into_iter().filter_map(|entry| match entry {
        Principal::Person(person) => Some(person),
        Principal::Domain(domain) => Some(BareJid::from_parts(None, &domain)),
        Principal::Everybody | Principal::Group(_) | Principal::Ldap(_) => None,
    });
    addresses.collect()
}

/// The name of a domain of the directory: `DC=contoso,DC=com` is `contoso.com`.
fn dns_name(path: &str) -> Option<String> {
    let labels = path.split(',').map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("DC")
            .then(|| value.to_lowercase())
    });
    let labels: Option<Vec<_>> = labels.collect();
    Some(labels?.join("."))
}
