//! Occupants and their sessions. XEP-0045 §4.1 (#terms-general), §7.2.8 (#enter-conflict).
//!
//! An occupant is one person under one nick; a person who is there with several clients is one
//! occupant with several sessions (a multi-session nick). What the others see is what the session
//! that showed itself last shows.

mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::{Nick, NickKey, OccupantId, Payload, Role};
pub(super) use session::Manner;
pub use session::{Present, Session, SessionRecord};

/// A person in the room under one nick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupant {
    nick: Nick,
    bare_jid: BareJid,
    occupant_id: OccupantId,
    role: Role,
    seen_below: Option<u64>,
    /// Never empty while the occupant is in a room; in the order of their addresses.
    sessions: Vec<Session>,
}

impl Occupant {
    /// The nick, as spelled.
    pub fn nick(&self) -> &Nick {
        &self.nick
    }

    /// Who it is.
    pub fn bare_jid(&self) -> &BareJid {
        &self.bare_jid
    }

    /// The id in the room. XEP-0421.
    pub fn occupant_id(&self) -> &OccupantId {
        &self.occupant_id
    }

    /// The role for this visit.
    pub fn role(&self) -> Role {
        self.role
    }

    /// To which sessions the occupant has been shown: those whose arrival is below this number;
    /// `None`: to all. It says nothing of roles that are not shown at all.
    pub(super) fn seen_below(&self) -> Option<u64> {
        self.seen_below
    }

    /// The sessions; at least one.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The session that the others see: the one that showed itself last.
    pub fn shown(&self) -> &Session {
        self.sessions
            .iter()
            .max_by_key(|session| session.shown)
            .expect("an occupant in a room has at least one session")
    }

    fn record(&self, session: &Session) -> SessionRecord {
        SessionRecord {
            real_jid: session.real_jid.clone(),
            nick: self.nick.clone(),
            role: self.role,
            occupant_id: self.occupant_id.clone(),
            presence: session.presence.clone(),
            entered_at: session.entered_at,
            shown: session.shown,
            arrival: session.arrival,
            seen_below: self.seen_below,
        }
    }
}

/// Everybody in the room. No two occupants have the same [`NickKey`], no session is listed twice.
#[derive(Clone, Debug, Default)]
pub struct Occupants {
    by_nick: BTreeMap<NickKey, Occupant>,
    by_session: BTreeMap<Arc<FullJid>, NickKey>,
    /// By domain, and there by bare JID.
    by_person: BTreeMap<String, BTreeMap<BareJid, BTreeSet<NickKey>>>,
    shown_last: u64,
    /// How many occupants have not been shown to all.
    hidden: usize,
    /// All sessions, made when needed and forgotten when somebody comes or goes.
    everyone: Option<Audience>,
}

impl PartialEq for Occupants {
    fn eq(&self, other: &Self) -> bool {
        self.by_nick == other.by_nick && self.by_session == other.by_session
    }
}

impl Occupants {
    /// How many nicks there are.
    pub fn count(&self) -> usize {
        self.by_nick.len()
    }

    /// How many have not been shown to all.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Whether nobody is there.
    pub fn is_empty(&self) -> bool {
        self.by_nick.is_empty()
    }

    /// Everybody, in the order of nicks.
    pub fn iter(&self) -> impl Iterator<Item = &Occupant> {
        self.by_nick.values()
    }

    /// Who has a nick.
    pub fn by_nick(&self, nick: &Nick) -> Option<&Occupant> {
        self.by_nick.get(&nick.key())
    }

    /// Whose session this is.
    pub fn by_session(&self, real_jid: &FullJid) -> Option<&Occupant> {
        self.by_session
            .get(real_jid)
            .and_then(|key| self.by_nick.get(key))
    }

    /// A session that is inside.
    pub(super) fn session(&self, real_jid: &FullJid) -> Option<&Session> {
        let mut sessions = self.by_session(real_jid)?.sessions.iter();
        sessions.find(|session| *session.real_jid == *real_jid)
    }

    /// All occupants of one person: one for each nick.
    pub fn of_person(&self, bare_jid: &BareJid) -> impl Iterator<Item = &Occupant> {
        let of_domain = self.by_person.get(bare_jid.domain().as_str());
        let keys = of_domain.and_then(|people| people.get(bare_jid));
        keys.into_iter()
            .flatten()
            .filter_map(|key| self.by_nick.get(key))
    }

    /// Everybody whom an entry for this JID concerns: all occupants of one person, or all of a
    /// domain.
    pub fn concerned_by(&self, jid: &BareJid) -> Vec<&Occupant> {
        if jid.node().is_some() {
            return self.of_person(jid).collect();
        }
        let of_domain = self.by_person.get(jid.domain().as_str());
        let keys = of_domain.into_iter().flat_map(BTreeMap::values).flatten();
        keys.filter_map(|key| self.by_nick.get(key)).collect()
    }

    /// Whether there is anybody whom an entry for this JID concerns.
    pub fn concerns(&self, jid: &BareJid) -> bool {
        let of_domain = self.by_person.get(jid.domain().as_str());
        of_domain.is_some_and(|people| jid.node().is_none() || people.contains_key(jid))
    }

    /// How many sessions there are.
    pub fn session_count(&self) -> usize {
        self.by_session.len()
    }

    /// Every session's address, in order.
    pub fn sessions(&self) -> impl Iterator<Item = &Arc<FullJid>> {
        self.by_session.keys()
    }

    /// All sessions, as one shared list.
    pub fn everyone(&mut self) -> Audience {
        self.everyone
            .get_or_insert_with(|| self.by_session.keys().cloned().collect())
            .clone()
    }

    /// What a session is, for the store.
    pub fn record(&self, real_jid: &FullJid) -> Option<SessionRecord> {
        let occupant = self.by_session(real_jid)?;
        let session = occupant
            .sessions
            .iter()
            .find(|session| *session.real_jid == *real_jid)?;
        Some(occupant.record(session))
    }

    /// Every session as it is kept, ordered by address.
    pub fn records(&self) -> impl Iterator<Item = SessionRecord> + '_ {
        self.by_session
            .keys()
            .filter_map(|real_jid| self.record(real_jid))
    }

    /// Puts a kept session back where it was.
    ///
    /// Unless somebody is there under a nick that looks the same, which nicks that were kept before
    /// [`NickKey`] was as strict as it is may do: then the session stays outside, and learns so
    /// when it next shows itself. It must not be taken for the other person's.
    pub fn restore(&mut self, record: SessionRecord) {
        let is_another = |there: &Occupant| {
            there.nick != record.nick || there.bare_jid != record.real_jid.to_bare()
        };
        if self.by_nick(&record.nick).is_some_and(is_another) {
            return;
        }
        let numbers = [record.shown, record.arrival, record.seen_below.unwrap_or(0)];
        self.shown_last = numbers.into_iter().fold(self.shown_last, u64::max);
        let session = Session {
            real_jid: record.real_jid,
            presence: record.presence,
            entered_at: record.entered_at,
            arrival: record.arrival,
            shown: record.shown,
        };
        let manner = Manner {
            role: record.role,
            occupant_id: record.occupant_id,
            seen_below: record.seen_below,
        };
        self.place(record.nick, manner, session);
    }

    /// Adds a session under a nick; the caller has made sure that the nick is free or the same
    /// person's.
    pub(super) fn add(&mut self, nick: Nick, manner: Manner, mut session: Session) {
        session.shown = self.next_number();
        session.arrival = session.shown;
        self.place(nick, manner, session);
    }

    /// Changes what a session shows. Nothing happens when there is no such session.
    pub fn show(&mut self, real_jid: &FullJid, presence: Payload) {
        let shown = self.next_number();
        let Some(session) = self.session_mut(real_jid) else {
            return;
        };
        session.presence = presence;
        session.shown = shown;
    }

    /// Takes a session out, and with the last one its occupant. What is left of the occupant is
    /// still there.
    pub fn remove(&mut self, real_jid: &FullJid) {
        let Some(key) = self.by_session.remove(real_jid) else {
            return;
        };
        self.everyone = None;
        let Some(occupant) = self.by_nick.get_mut(&key) else {
            return;
        };
        occupant
            .sessions
            .retain(|session| *session.real_jid != *real_jid);
        if occupant.sessions.is_empty() {
            let bare_jid = occupant.bare_jid.clone();
            self.hidden -= usize::from(occupant.seen_below.is_some());
            self.by_nick.remove(&key);
            self.forget_nick(&bare_jid, &key);
        }
    }

    fn forget_nick(&mut self, bare_jid: &BareJid, key: &NickKey) {
        let domain = bare_jid.domain().as_str();
        let Some(people) = self.by_person.get_mut(domain) else {
            return;
        };
        if let Some(keys) = people.get_mut(bare_jid) {
            keys.remove(key);
            if keys.is_empty() {
                people.remove(bare_jid);
            }
        }
        if people.is_empty() {
            self.by_person.remove(domain);
        }
    }

    /// Moves a session to another nick, alone; the caller has made sure that the nick is free or
    /// the same person's. `seen_below` is for an occupant that was not there before.
    pub(super) fn rename(&mut self, real_jid: &FullJid, nick: Nick, seen_below: Option<u64>) {
        let Some(occupant) = self.by_session(real_jid) else {
            return;
        };
        let manner = Manner {
            role: occupant.role,
            occupant_id: occupant.occupant_id.clone(),
            seen_below,
        };
        let found = occupant
            .sessions
            .iter()
            .find(|session| *session.real_jid == *real_jid);
        let Some(mut session) = found.cloned() else {
            return;
        };
        session.shown = self.next_number();
        self.remove(real_jid);
        self.place(nick, manner, session);
    }

    /// Changes the role of whoever has the nick. Tells whether it was another.
    pub fn set_role(&mut self, nick: &Nick, role: Role) -> bool {
        self.by_nick
            .get_mut(&nick.key())
            .is_some_and(|occupant| std::mem::replace(&mut occupant.role, role) != role)
    }

    /// Keeps to which sessions an occupant has been shown.
    pub(super) fn set_seen_below(&mut self, nick: &Nick, seen_below: Option<u64>) {
        let Some(occupant) = self.by_nick.get_mut(&nick.key()) else {
            return;
        };
        self.hidden += usize::from(seen_below.is_some());
        self.hidden -= usize::from(occupant.seen_below.is_some());
        occupant.seen_below = seen_below;
    }

    /// Takes everybody out.
    pub fn take_all(&mut self) -> Vec<Occupant> {
        self.by_session.clear();
        self.by_person.clear();
        self.everyone = None;
        self.hidden = 0;
        std::mem::take(&mut self.by_nick).into_values().collect()
    }

    fn place(&mut self, nick: Nick, manner: Manner, session: Session) {
        let key = nick.key();
        self.everyone = None;
        let Manner {
            role,
            occupant_id,
            seen_below,
        } = manner;
        if !self.by_nick.contains_key(&key) {
            self.hidden += usize::from(seen_below.is_some());
        }
        self.by_session
            .insert(session.real_jid.clone(), key.clone());
        let bare_jid = session.real_jid.to_bare();
        self.by_person
            .entry(bare_jid.domain().as_str().to_owned())
            .or_default()
            .entry(bare_jid.clone())
            .or_default()
            .insert(key.clone());
        let occupant = self.by_nick.entry(key).or_insert_with(|| Occupant {
            nick,
            bare_jid,
            occupant_id,
            role,
            seen_below,
            sessions: Vec::new(),
        });
        let by_address = |other: &Session| other.real_jid.cmp(&session.real_jid);
        let place = occupant.sessions.binary_search_by(by_address);
        occupant
            .sessions
            .insert(place.unwrap_or_else(|place| place), session);
    }

    fn session_mut(&mut self, real_jid: &FullJid) -> Option<&mut Session> {
        let key = self.by_session.get(real_jid)?;
        let occupant = self.by_nick.get_mut(key)?;
        occupant
            .sessions
            .iter_mut()
            .find(|session| *session.real_jid == *real_jid)
    }

    /// The next number, above all that sessions have.
    pub(super) fn next_number(&mut self) -> u64 {
        self.shown_last += 1;
        self.shown_last
    }
}

/// Sessions, each once.
pub type Audience = Arc<[Arc<FullJid>]>;
