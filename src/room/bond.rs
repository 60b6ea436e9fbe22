//! What binds people to a room beside their affiliation, and how long each list of a room is: told once.
//!
//! A reserved nick, a wish for one, a voice that is remembered: each is a list of people in the room, with one value
//! for each person. [`BondKind`] is the catalogue of them. Everybody who keeps, carries or tells bonds loops over it:
//! snapshots, the database and what is on its way to it, exports, the compliance log, the configuration file. So a new
//! list is, beside the file of its rule, a variant here with a row and the arms that the compiler asks for, a table in
//! `schema/`, and the line of its limit in `lyceum.example.toml`.
//!
//! Affiliations are another matter: they carry who gave them, when and why, and are listed by their kind.

use std::collections::BTreeMap;

use jid::BareJid;

use super::occupying::approval::Approvals;
use super::occupying::register::Registrations;
use super::occupying::voice::Voices;
use super::{Affiliation, Nick, NickKey, Role, Room};

/// Something that a person has in a room; with `None`, that they have it no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bond {
    /// A reserved nick. §7.10 (#register).
    Registration(Option<Nick>),
    /// The nick under which they wait to be registered. §9.9 (#regapprove).
    RegistrationRequest(Option<Nick>),
    /// The role that they have again at the next visit. §5.1 (#roles).
    Voice(Option<Role>),
}

/// A kind of bond; each is a list of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BondKind {
    /// Reserved nicks.
    Registration,
    /// Wishes to register.
    RegistrationRequest,
    /// Voices that are remembered.
    Voice,
}

/// Everything in which kinds of bonds differ for those who do not decide by them.
#[derive(Clone, Copy, Debug)]
pub struct BondRow {
    /// The table in the database, with the columns `room`, `jid`, that of the value, and that of the key.
    pub table: &'static str,
    /// The column of the value, and its field in exports.
    pub value: &'static str,
    /// The column of [`Bond::key`], if people are looked for by it.
    pub key: Option<&'static str>,
    /// Which values there are.
    pub holds: Holds,
    /// The list, if it is counted and limited.
    pub list: Option<List>,
    /// Whether it is looked up for each person whom a request concerns; else it is only read as a whole.
    pub by_person: bool,
    /// The list's name in exports.
    pub exported: &'static str,
    /// What the compliance log calls a change of it, if it is told.
    pub logged: Option<&'static str>,
}

/// What the value of a bond is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A nick, as its owner spells it.
    Nick,
    /// The name of a role.
    Role,
}

impl BondKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Registration, Self::RegistrationRequest, Self::Voice];

    /// The row of the table.
    pub const fn row(self) -> BondRow {
        match self {
            Self::Registration => BondRow {
                table: "registration",
                value: "nick",
                key: Some("nick_key"),
                holds: Holds::Nick,
                list: Some(List::Registrations),
                by_person: true,
                exported: "registered_nicks",
                logged: Some("registered"),
            },
            Self::RegistrationRequest => BondRow {
                table: "registration_request",
                value: "nick",
                key: None,
                holds: Holds::Nick,
                list: None,
                by_person: false,
                exported: "registration_requests",
                logged: Some("asks to register"),
            },
            Self::Voice => BondRow {
                table: "voice",
                value: "role",
                key: None,
                holds: Holds::Role,
                list: Some(List::Voices),
                by_person: true,
                exported: "voices",
                // Told as what a moderator does.
                logged: None,
            },
        }
    }

    /// The bond of this kind with a value as it is written, if it can be one.
    pub fn read(self, value: &str) -> Option<Bond> {
        Some(match self {
            Self::Registration => Bond::Registration(Some(Nick::new(value).ok()?)),
            Self::RegistrationRequest => Bond::RegistrationRequest(Some(Nick::new(value).ok()?)),
            Self::Voice => Bond::Voice(Some(Role::from_name(value)?)),
        })
    }
}

impl Bond {
    /// Its kind.
    pub fn kind(&self) -> BondKind {
        match self {
            Self::Registration(_) => BondKind::Registration,
            Self::RegistrationRequest(_) => BondKind::RegistrationRequest,
            Self::Voice(_) => BondKind::Voice,
        }
    }

    /// Its value as it is written; `None`: there is no such bond any more.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Registration(nick) | Self::RegistrationRequest(nick) => {
                nick.as_ref().map(Nick::as_str)
            }
            Self::Voice(role) => role.map(Role::name),
        }
    }

    /// What people are looked for by who have this bond, where the kind has such a key.
    pub fn key(&self) -> Option<NickKey> {
        match self {
            Self::Registration(nick) => nick.as_ref().map(Nick::key),
            Self::RegistrationRequest(_) | Self::Voice(_) => None,
        }
    }
}

/// Bonds of many people: kind after kind, each in the order of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bonds(BTreeMap<(BondKind, BareJid), Bond>);

impl Bonds {
    /// Adds a bond, in place of the one of its kind that the person had; or takes that away.
    pub fn set(&mut self, jid: BareJid, bond: Bond) {
        let place = (bond.kind(), jid);
        match bond.value() {
            Some(_) => self.0.insert(place, bond),
            None => self.0.remove(&place),
        };
    }

    /// Every bond.
    pub fn iter(&self) -> impl Iterator<Item = (&BareJid, &Bond)> {
        self.0.iter().map(|((_, jid), bond)| (jid, bond))
    }

    /// Those of one kind.
    pub fn of_kind(&self, kind: BondKind) -> impl Iterator<Item = (&BareJid, &Bond)> {
        self.iter().filter(move |(_, bond)| bond.kind() == kind)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps only some.
    pub fn retain(&mut self, mut keep: impl FnMut(&BareJid, &Bond) -> bool) {
        self.0.retain(|(_, jid), bond| keep(jid, bond));
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

/// The part of a list that is known, and how long the whole is. Whoever is not known has no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownPart<V> {
    known: BTreeMap<BareJid, V>,
    length: usize,
}

impl<V> Default for KnownPart<V> {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            length: 0,
        }
    }
}

impl<V> KnownPart<V> {
    /// Takes note of how long the whole is.
    pub fn set_length(&mut self, length: usize) {
        self.length = length;
    }

    /// How long the whole is.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Takes note of an entry that there is.
    pub fn learn(&mut self, jid: BareJid, value: Option<V>) {
        self.known.extend(value.map(|value| (jid, value)));
    }

    /// Makes an entry, or takes it away, and gives back the one before. What there is of the person must be known.
    pub fn set(&mut self, jid: &BareJid, value: Option<V>) -> Option<V> {
        self.length += usize::from(value.is_some());
        let before = match value {
            Some(value) => self.known.insert(jid.clone(), value),
            None => self.known.remove(jid),
        };
        self.length = self.length.saturating_sub(usize::from(before.is_some()));
        before
    }

    /// The entry of a person.
    pub fn of(&self, jid: &BareJid) -> Option<&V> {
        self.known.get(jid)
    }

    /// Everything that is known, in the order of addresses.
    pub fn iter(&self) -> impl Iterator<Item = (&BareJid, &V)> {
        self.known.iter()
    }

    /// Forgets the entries of people who are not near, if more than `most` are known. Tells whether it did.
    pub fn forget_all_but(&mut self, most: usize, is_near: impl Fn(&BareJid) -> bool) -> bool {
        let forgets = self.known.len() > most;
        if forgets {
            self.known.retain(|jid, _| is_near(jid));
        }
        forgets
    }
}

/// What a room in memory knows of bonds: for each kind the type that its rule works with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct People {
    pub registrations: Registrations,
    pub approvals: Approvals,
    pub voices: Voices,
}

impl People {
    /// Those that are known, of lists that are so long.
    pub fn restore(known: Bonds, lengths: &Lengths) -> Self {
        let mut people = Self::default();
        people.learn(known);
        for kind in BondKind::ALL {
            let Some(list) = kind.row().list else {
                continue;
            };
            let length = lengths.of(list);
            match kind {
                BondKind::Registration => people.registrations.set_length(length),
                BondKind::RegistrationRequest => {}
                BondKind::Voice => people.voices.remembered.set_length(length),
            }
        }
        people
    }

    /// Takes note of bonds that there are.
    pub fn learn(&mut self, known: Bonds) {
        for ((_, jid), bond) in known.0 {
            match bond {
                Bond::Registration(nick) => self.registrations.learn(&jid, nick),
                Bond::RegistrationRequest(nick) => self.approvals.learn(jid, nick),
                Bond::Voice(role) => self.voices.remembered.learn(jid, role),
            }
        }
    }

    /// Every bond that is known.
    pub fn bonds(&self) -> Bonds {
        let mut bonds = Bonds::default();
        for kind in BondKind::ALL {
            match kind {
                BondKind::Registration => {
                    let known = self.registrations.iter();
                    bonds.extend(
                        known.map(|(jid, nick)| {
                            (jid.clone(), Bond::Registration(Some(nick.clone())))
                        }),
                    );
                }
                BondKind::RegistrationRequest => {
                    let known = self.approvals.iter();
                    bonds.extend(known.map(|(jid, nick)| {
                        (jid.clone(), Bond::RegistrationRequest(Some(nick.clone())))
                    }));
                }
                BondKind::Voice => {
                    let known = self.voices.remembered.iter();
                    bonds.extend(known.map(|(jid, role)| (jid.clone(), Bond::Voice(Some(*role)))));
                }
            }
        }
        bonds
    }

    /// How long the list of a kind is; nothing for those that are not counted.
    fn length(&self, kind: BondKind) -> usize {
        match kind {
            BondKind::Registration => self.registrations.length(),
            BondKind::RegistrationRequest => 0,
            BondKind::Voice => self.voices.remembered.length(),
        }
    }

    /// Forgets those of people who are not near, of each kind of which more than `most` are known.
    pub fn forget_all_but(&mut self, most: usize, is_near: impl Fn(&BareJid) -> bool) {
        for kind in BondKind::ALL {
            match kind {
                BondKind::Registration => self.registrations.forget_all_but(most, &is_near),
                // They are few, and known all or not at all.
                BondKind::RegistrationRequest => {}
                BondKind::Voice => {
                    self.voices.remembered.forget_all_but(most, &is_near);
                }
            }
        }
    }
}

impl Room {
    /// How long its lists are.
    pub fn lengths(&self) -> Lengths {
        let mut lengths = *self.affiliations.lengths();
        for kind in BondKind::ALL {
            if let Some(list) = kind.row().list {
                lengths.set(list, self.people.length(kind));
            }
        }
        lengths
    }
}

/// A list that a room keeps, as far as it is counted and limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// Everybody banned.
    Outcasts,
    /// The members.
    Members,
    /// The admins.
    Admins,
    /// The owners.
    Owners,
    /// Reserved nicks.
    Registrations,
    /// Voices that are remembered.
    Voices,
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
    pub const ALL: [Self; 6] = [
        Self::Outcasts,
        Self::Members,
        Self::Admins,
        Self::Owners,
        Self::Registrations,
        Self::Voices,
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
        // The last variant closes the enum, so a list with all of them is as long as its number says.
        assert_eq!(BondKind::ALL.len(), BondKind::Voice as usize + 1);
        assert_eq!(List::ALL.len(), List::Voices as usize + 1);
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
        let value = |holds| match holds {
            Holds::Nick => "Änn",
            Holds::Role => "visitor",
        };
        for kind in BondKind::ALL {
            let value = value(kind.row().holds);
            let bond = kind.read(value).unwrap();
            assert_eq!((bond.kind(), bond.value()), (kind, Some(value)));
            assert_eq!(bond.key().is_some(), kind.row().key.is_some(), "{kind:?}");
            assert_eq!(kind.read(" "), None);
        }
    }

    #[test]
    fn a_room_in_memory_holds_every_kind() {
        let jid = BareJid::new("ann@example.org").unwrap();
        let bonds: Bonds = BondKind::ALL
            .into_iter()
            .map(|kind| match kind.row().holds {
                Holds::Nick => (jid.clone(), kind.read("Ann").unwrap()),
                Holds::Role => (jid.clone(), kind.read("visitor").unwrap()),
            })
            .collect();
        let mut lengths = Lengths::default();
        for kind in BondKind::ALL {
            if let Some(list) = kind.row().list {
                lengths.set(list, 7 + kind as usize);
            }
        }
        let people = People::restore(bonds.clone(), &lengths);
        assert_eq!(people.bonds(), bonds);
        for kind in BondKind::ALL {
            let length = kind.row().list.map_or(0, |_| 7 + kind as usize);
            assert_eq!(people.length(kind), length, "{kind:?}");
        }
    }
}
