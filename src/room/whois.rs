//! Who sees real JIDs. XEP-0045 §7.2.3 (#enter-nonanon), §7.2.4 (#enter-semianon).

use super::configuration::Whois;
use super::{Role, Room};

impl Room {
    /// Whether an occupant of this role is shown the real JIDs of the others.
    pub(super) fn sees_real_jids(&self, role: Role) -> bool {
        match self.configuration.whois {
            Whois::Anyone => role > Role::None,
            Whois::Moderators => role == Role::Moderator,
        }
    }
}
