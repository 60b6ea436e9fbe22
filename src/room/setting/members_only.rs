//! Members-only rooms. XEP-0045 §7.2.6 (#enter-members).

use crate::room::{Affiliation, Refusal, Room};

impl Room {
    /// # Errors
    /// - [`Refusal::MembersOnly`]: the room is for members, and this is none.
    pub(in crate::room) fn check_membership(
        &self,
        affiliation: Affiliation,
    ) -> Result<(), Refusal> {
        if self.configuration.members_only && affiliation < Affiliation::Member {
            return Err(Refusal::MembersOnly);
        }
        Ok(())
    }
}
