//! Status codes, which say beside a stanza what it is about. XEP-0045 §12 (#statuscodes).

/// Status codes of one stanza, ascending, each once. §12 (#statuscodes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses(Vec<Status>);

/// A status code. §16.6 (#registrar-statuscodes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum Status {
    /// Everybody sees your full JID.
    NonAnonymous = 100,
    /// Your affiliation changed while you were out.
    AffiliationChanged = 101,
    /// Absent members are shown.
    ShowsUnavailable = 102,
    /// Absent members are no longer shown.
    HidesUnavailable = 103,
    /// The configuration changed, without effect on privacy.
    ConfigurationChanged = 104,
    /// This is about yourself.
    SelfPresence = 110,
    /// The room is publicly logged.
    LoggingEnabled = 170,
    /// The room is no longer logged.
    LoggingDisabled = 171,
    /// The room shows real JIDs from now on.
    NowNonAnonymous = 172,
    /// The room hides real JIDs from now on.
    NowSemiAnonymous = 173,
    /// The room was created.
    Created = 201,
    /// The service chose your nick.
    NickAssigned = 210,
    /// Removed by a ban.
    Banned = 301,
    /// Has another nick from now on.
    NickChanged = 303,
    /// Removed for this visit.
    Kicked = 307,
    /// Removed because of a change of affiliation.
    AffiliationLost = 321,
    /// Removed because the room became members-only.
    MembersOnly = 322,
    /// Removed because the service stops.
    Shutdown = 332,
    /// Removed because of a technical problem.
    Unreachable = 333,
}

impl Statuses {
    /// No codes at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// A single code.
    pub fn one(status: Status) -> Self {
        Self(vec![status])
    }

    /// These, and one more.
    pub fn and(mut self, status: Status) -> Self {
        self.add(status);
        self
    }

    /// Adds a code.
    pub fn add(&mut self, status: Status) {
        if let Err(place) = self.0.binary_search(&status) {
            self.0.insert(place, status);
        }
    }

    /// The codes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Status> + '_ {
        self.0.iter().copied()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Status {
    /// The number on the wire.
    pub fn code(self) -> u16 {
        self as u16
    }
}
