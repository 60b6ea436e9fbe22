//! A whole room as it is kept, and the way back.

use std::sync::Arc;

use jid::BareJid;

use super::moderating::subject::Subject;
use super::occupant::SessionRecord;
use super::request::Avatar;
use super::setting::configuration::Configuration;
use super::{Affiliated, Affiliation, Bond, Bonds, Timestamp};

/// Everything that a room is, as the store gives it back. Lists are in the order of their JIDs, so
/// that two snapshots of the same room are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What owners have set.
    pub configuration: Configuration,
    /// Since when the room waits for its first configuration.
    pub locked_since: Option<Timestamp>,
    /// Affiliations of bare JIDs and domains.
    pub affiliations: Vec<(BareJid, Affiliated)>,
    /// What else binds people to the room.
    pub bonds: Bonds,
    /// The subject, if one is set.
    pub subject: Subject,
    /// The avatar, if it has one.
    pub avatar: Option<Avatar>,
    /// Who is inside.
    pub sessions: Vec<SessionRecord>,
}

impl Snapshot {
    /// A room of which nothing but the configuration is known.
    pub fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            locked_since: None,
            affiliations: Vec::new(),
            bonds: Bonds::default(),
            subject: Subject {
                text: Arc::from(""),
                set: None,
            },
            avatar: None,
            sessions: Vec::new(),
        }
    }

    /// Makes presenters of all members of a moderated room that comes from where those had voice,
    /// as XEP-0045 §5.1.2 (#roles-default) has it: nobody who could speak loses that on the way.
    pub fn keep_voice_of_members(&mut self) {
        if !self.configuration.moderated {
            return;
        }
        for (jid, entry) in &self.affiliations {
            if entry.affiliation == Affiliation::Member {
                self.bonds.set(jid.clone(), Bond::Presenter(true));
            }
        }
    }
}
