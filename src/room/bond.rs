//! What binds people to a room beside their affiliation, and how long each list of a room is: told
//! once.
//!
//! A reserved nick, a wish for one, a voice that is remembered, the right to present: each is a
//! list of people in the room, most with one value for each person. [`BondKind`] is the catalogue
//! of them. Everybody who keeps, carries or tells bonds loops over it: snapshots, the database and
//! what is on its way to it, exports, the compliance log, the configuration file. So a new list is,
//! beside the file of its rule, a variant here with a row and the arms that the compiler asks for,
//! a table in `schema/`, and the line of its limit in `lyceum.example.toml`. A room in memory has
//! them as `known.rs` says.
//!
//! Affiliations are another matter: they carry who gave them, when and why, and are listed by their
//! kind.

use std::collections::BTreeMap;

use jid::BareJid;

use super::{Affiliation, Nick, NickKey, Role};

pub(super) mod known;

/// Something that a person has in a room; with `None`, that they have it no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bond {
    /// A reserved nick. §7.10 (#register).
    Registration(Option<Nick>),
    /// The nick under which they wait to be registered. §9.9 (#regapprove).
    RegistrationRequest(Option<Nick>),
    /// The role that they have again at the next visit. §5.1 (#roles).
    Voice(Option<Role>),
    /// Whether they, or everybody of a domain, present in an auditorium.
    Presenter(bool),
}

/// A kind of bond; each is a list of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BondKind {
    /// The reserved nicks.
    Registration,
    /// Wishes to register.
    RegistrationRequest,
    /// Voices that are remembered.
    Voice,
    /// Who presents in an auditorium: people and domains.
    Presenter,
}

/// Everything in which kinds of bonds differ for those who do not decide by them.
#[derive(Clone, Copy, Debug)]
pub struct BondRow {
    /// The table in the database, with the columns `room`, `jid`, that of the value, and that of
    /// the key.
    pub table: &'static str,
    /// The column of the value, and its field in exports; none where it is all that somebody is
    /// listed.
    pub value: Option<&'static str>,
    /// The column of [`Bond::key`], if people are looked for by it.
    pub key: Option<&'static str>,
    /// What a text is that can't be a value, in words for the reader.
    pub unfit: &'static str,
    /// The list, if it is counted and limited.
    pub list: Option<List>,
    /// Whether it is looked up for each person whom a request concerns; else it is only read as a
    /// whole.
    pub by_person: bool,
    /// The list's name in exports.
    pub exported: &'static str,
    /// Whether exports have the list even when it is empty: one without it is older than the list.
    pub always_exported: bool,
    /// What the compliance log calls a change of it, if it is told.
    pub logged: Option<&'static str>,
}

impl BondKind {
    /// Every kind of bond.
    pub const ALL: [Self; 4] = [
        Self::Registration,
        Self::RegistrationRequest,
        Self::Voice,
        Self::Presenter,
    ];

    /// The row of the table.
    pub const fn row(self) -> BondRow {
        match self {
            Self::Registration => BondRow {
                table: "registration",
                value: Some("nick"),
                key: Some("nick_key"),
                unfit: "no nick",
                list: Some(List::Registrations),
                by_person: true,
                exported: "registered_nicks",
                always_exported: false,
                logged: Some("registered"),
            },
            Self::RegistrationRequest => BondRow {
                table: "registration_request",
                value: Some("nick"),
                key: None,
                unfit: "no nick",
                list: None,
                by_person: false,
                exported: "registration_requests",
                always_exported: false,
                logged: Some("asks to register"),
            },
            Self::Voice => BondRow {
                table: "voice",
                value: Some("role"),
                key: None,
                unfit: "none of moderator, participant, visitor, none",
                list: Some(List::Voices),
                by_person: true,
                exported: "voices",
                always_exported: false,
                // Told as what a moderator does.
                logged: None,
            },
            Self::Presenter => BondRow {
                table: "presenter",
                value: None,
                key: None,
                unfit: "more than that somebody presents",
                list: Some(List::Presenters),
                by_person: true,
                exported: "presenters",
                always_exported: true,
                logged: Some("presenter"),
            },
        }
    }

    /// That somebody has no bond of this kind.
    pub fn none(self) -> Bond {
        match self {
            Self::Registration => Bond::Registration(None),
            Self::RegistrationRequest => Bond::RegistrationRequest(None),
            Self::Voice => Bond::Voice(None),
            Self::Presenter => Bond::Presenter(false),
        }
    }

    /// The bond of this kind with a value as it is written, if it can be one.
    pub fn read(self, value: &str) -> Option<Bond> {
        Some(match self {
            Self::Registration => Bond::Registration(Some(Nick::new(value).ok()?)),
            Self::RegistrationRequest => Bond::RegistrationRequest(Some(Nick::new(value).ok()?)),
            Self::Voice => Bond::Voice(Some(Role::from_name(value)?)),
            Self::Presenter => value.is_empty().then_some(Bond::Presenter(true))?,
        })
    }
}

impl Bond {
    /// Which kind it is.
    pub fn kind(&self) -> BondKind {
        match self {
            Self::Registration(_) => BondKind::Registration,
            Self::RegistrationRequest(_) => BondKind::RegistrationRequest,
            Self::Voice(_) => BondKind::Voice,
            Self::Presenter(_) => BondKind::Presenter,
        }
    }

    /// Its value as it is written, empty where the kind has none; `None`: there is no such bond any
    /// more.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Registration(nick) | Self::RegistrationRequest(nick) => {
                nick.as_ref().map(Nick::as_str)
            }
            Self::Voice(role) => role.map(Role::name),
            Self::Presenter(presents) => presents.then_some(""),
        }
    }

    /// What people are looked for by who have this bond, where the kind has such a key.
    pub fn key(&self) -> Option<NickKey> {
        match self {
            Self::Registration(nick) => nick.as_ref().map(Nick::key),
            Self::RegistrationRequest(_) | Self::Voice(_) | Self::Presenter(_) => None,
        }
    }
}

/// Bonds of many people: kind after kind, each in the order of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bonds([BTreeMap<BareJid, Bond>; BondKind::ALL.len()]);

impl Bonds {
    /// Adds a bond, in place of the one of its kind that the person had; or takes that away.
    pub fn set(&mut self, jid: BareJid, bond: Bond) {
        let list = &mut self.0[bond.kind() as usize];
        match bond.value() {
            Some(_) => list.insert(jid, bond),
            None => list.remove(&jid),
        };
    }

    /// Every bond there is.
    pub fn iter(&self) -> impl Iterator<Item = (&BareJid, &Bond)> {
        self.0.iter().flatten()
    }

    /// Those of one kind.
    pub fn of_kind(&self, kind: BondKind) -> impl Iterator<Item = (&BareJid, &Bond)> {
        self.0[kind as usize].iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(BTreeMap::is_empty)
    }

    /// Keeps only some.
    pub fn retain(&mut self, keep: impl Fn(&BareJid, &Bond) -> bool) {
        for list in &mut self.0 {
            list.retain(|jid, bond| keep(jid, bond));
        }
    }
}

impl Extend<(BareJid, Bond)> for Bonds {
    fn extend<T: IntoIterator<Item = (BareJid, Bond)>>(&mut self, bonds: T) {
        for (jid, bond) in bonds {
            self.set(jid, bond);
        }
    }
}

impl FromIterator<(BareJid, Bond)> for Bonds {
    fn from_iter<T: IntoIterator<Item = (BareJid, Bond)>>(bonds: T) -> Self {
        let mut all = Self::default();
        all.extend(bonds);
        all
    }
}

/// A list that a room keeps, as far as it is counted and limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// Everybody who is banned.
    Outcasts,
    /// The room's members.
    Members,
    /// The room's admins.
    Admins,
    /// The room's owners.
    Owners,
    /// The reserved nicks.
    Registrations,
    /// Voices that are remembered.
    Voices,
    /// People and domains who present.
    Presenters,
}

/// Everything in which lists differ.
#[derive(Clone, Copy, Debug)]
pub struct ListRow {
    /// What is listed, in words for the reader.
    pub name: &'static str,
    /// The name under which the database counts its entries.
    pub counted_as: &'static str,
    /// The key of its limit in the configuration file.
    pub limit: &'static str,
    /// The limit where nothing is configured: more than any organisation has been seen to need.
    pub entries_max: usize,
}

impl List {
    /// Every list, in the order of the keys in the configuration file.
    pub const ALL: [Self; 7] = [
        Self::Outcasts,
        Self::Members,
        Self::Admins,
        Self::Owners,
        Self::Registrations,
        Self::Voices,
        Self::Presenters,
    ];

    /// The row of the table.
    pub const fn row(self) -> ListRow {
        let (name, counted_as, limit, entries_max) = match self {
            Self::Outcasts => ("banned people", "outcast", "outcasts_per_room", 20_000),
            Self::Members => ("members", "member", "members_per_room", 100_000),
            Self::Admins => ("admins", "admin", "admins_per_room", 1_000),
            Self::Owners => ("owners", "owner", "owners_per_room", 1_000),
            Self::Registrations => (
                "reserved nicknames",
                "registration",
                "registrations_per_room",
                100_000,
            ),
            Self::Voices => ("voices", "voice", "voices_per_room", 20_000),
            Self::Presenters => ("presenters", "presenter", "presenters_per_room", 20_000),
        };
        ListRow {
            name,
            counted_as,
            limit,
            entries_max,
        }
    }

    /// Where an affiliation is listed; nowhere, if it is none.
    pub fn of(affiliation: Affiliation) -> Option<Self> {
        match affiliation {
            Affiliation::Outcast => Some(Self::Outcasts),
            Affiliation::None => None,
            Affiliation::Member => Some(Self::Members),
            Affiliation::Admin => Some(Self::Admins),
            Affiliation::Owner => Some(Self::Owners),
        }
    }

    /// The list that the database counts under a name.
    pub fn counted_as(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|list| list.row().counted_as == name)
    }
}

/// A number for each list: how long it is, or may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths([usize; List::ALL.len()]);

impl Lengths {
    /// The limits where nothing is configured.
    pub fn limits() -> Self {
        Self(List::ALL.map(|list| list.row().entries_max))
    }

    /// The number of one list.
    pub fn of(&self, list: List) -> usize {
        self.0[list as usize]
    }

    /// Sets the number of one list.
    pub fn set(&mut self, list: List, number: usize) {
        self.0[list as usize] = number;
    }

    /// Takes into account that an entry has come, gone, or moved from one list to another.
    pub(super) fn moved(&mut self, from: Option<List>, to: Option<List>) {
        if let Some(from) = from {
            self.0[from as usize] = self.0[from as usize].saturating_sub(1);
        }
        if let Some(to) = to {
            self.0[to as usize] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_and_no_list_is_forgotten() {
        // The last variant closes the enum, so a list with all of them is as long as its number
        // says.
        assert_eq!(BondKind::ALL.len(), BondKind::Presenter as usize + 1);
        assert_eq!(List::ALL.len(), List::Presenters as usize + 1);
        for (number, kind) in BondKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
        for (number, list) in List::ALL.into_iter().enumerate() {
            assert_eq!(list as usize, number);
            assert_eq!(List::counted_as(list.row().counted_as), Some(list));
        }
        for affiliation in Affiliation::ALL {
            let list = List::of(affiliation);
            let counted = list.map(|list| list.row().counted_as);
            assert_eq!(
                counted.unwrap_or("none"),
                affiliation.name(),
                "a trigger counts by name"
            );
        }
    }

    #[test]
    fn a_bond_is_read_as_it_was_written() {
        for kind in BondKind::ALL {
            let value = match kind {
                BondKind::Registration | BondKind::RegistrationRequest => "Änn",
                BondKind::Voice => "visitor",
                BondKind::Presenter => "",
            };
            let bond = kind.read(value).unwrap();
            assert_eq!((bond.kind(), bond.value()), (kind, Some(value)));
            assert_eq!(bond.key().is_some(), kind.row().key.is_some(), "{kind:?}");
            assert_eq!(kind.read(" "), None);
        }
    }
}
