//! Who sees real JIDs. XEP-0045 §7.2.3 (#enter-nonanon), §7.2.4 (#enter-semianon).
//!
//! Inside, it is the room as it is that decides. For what was said, it is also the room as it was:
//! whoever spoke while only moderators saw who they were spoke under that promise, and no later
//! configuration takes it back. So every message keeps what held when it was said
//! ([`Sender::whois`](crate::room::effect::Sender)).

use super::configuration::Whois;
use crate::room::{Role, Room};

/// Whose addresses a reader of an archive may learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownAuthors {
    /// Nobody's but their own.
    None,
    /// Of those who spoke while everybody saw who they were.
    InTheOpen,
    /// Everybody who has spoken.
    All,
}

impl KnownAuthors {
    /// Whether who said something is among them; `whois` is what held when it was said.
    pub fn include(self, whois: Whois) -> bool {
        match self {
            Self::None => false,
            Self::InTheOpen => whois == Whois::Anyone,
            Self::All => true,
        }
    }
}

impl Room {
    /// Whether an occupant of this role is shown the real JIDs of the others.
    pub(in crate::room) fn sees_real_jids(&self, role: Role) -> bool {
        self.configuration.whois.shows(role)
    }
}

impl Whois {
    /// Whether it lets this role see real JIDs.
    pub fn shows(self, role: Role) -> bool {
        match self {
            Self::Anyone => role > Role::None,
            Self::Moderators => role == Role::Moderator,
        }
    }

    /// Whose addresses it lets a reader of this role learn from the archive.
    pub fn known_to(self, reader: Role) -> KnownAuthors {
        match reader {
            Role::Moderator => KnownAuthors::All,
            _ if self.shows(reader) => KnownAuthors::InTheOpen,
            _ => KnownAuthors::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_moderators_learn_who_spoke_while_only_moderators_knew() {
        let whois = [Whois::Anyone, Whois::Moderators];
        for role in [
            Role::None,
            Role::Visitor,
            Role::Participant,
            Role::Moderator,
        ] {
            for (now, then) in whois.iter().flat_map(|now| whois.map(|then| (*now, then))) {
                let learns = now.known_to(role).include(then);
                assert_eq!(
                    learns,
                    now.shows(role) && then.shows(role),
                    "{role:?}, {then:?}, then {now:?}"
                );
            }
        }
    }
}
