//! What can be done with a room that is disabled.

use crate::room::Action;

/// Whether something is done, or asked, that is about how the room is run; that goes on while it is
/// disabled.
pub(super) fn runs_the_room(action: &Action) -> bool {
    matches!(
        action,
        Action::ShowInformation
            | Action::ShowConfiguration
            | Action::Configure(_)
            | Action::CancelConfiguration
            | Action::Destroy { .. }
            | Action::ListAffiliation(_)
            | Action::Moderate(_)
            | Action::ChangePresenters { .. }
            | Action::ShowRequests
            | Action::AnswerRegistration { .. }
    )
}
