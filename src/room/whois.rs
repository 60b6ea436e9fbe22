//! Who sees real JIDs. XEP-0045 §7.2.3 (#enter-nonanon), §7.2.4 (#enter-semianon).

use super::configuration::Whois;
use super::{Role, Room};

impl Room {
    /// Whether an occupant of this role is shown the real JIDs of the others.
    pub(super) fn sees_real_jids(&self, role: Role) -> bool {
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
}
