//! How much a presence may show. It is kept, and sent to everybody who enters, for as long as
//! somebody stays; so it may be far smaller than a message.

use crate::room::{Action, Payload};
use crate::service::engine::Engine;
use crate::wire::stanza::problem::Problem;

impl Engine {
    /// Checks what a presence shows. Of a good-bye, which must not be refused, what is too much is
    /// left out.
    ///
    /// # Errors
    /// - [`Problem::PresenceTooLarge`]
    pub(in crate::service) fn check_presence(&self, action: &mut Action) -> Result<(), Problem> {
        let size_max = self.settings.presence_size_max;
        let too_large = |payload: &Payload| payload.as_bytes().len() > size_max;
        let refused = match action {
            Action::Enter(entry) => too_large(&entry.payload),
            Action::Appear(appearance) => too_large(&appearance.payload),
            Action::Exit { payload, .. } => {
                if too_large(payload) {
                    *payload = Payload::empty();
                }
                false
            }
            _ => false,
        };
        match refused {
            true => Err(Problem::PresenceTooLarge { size_max }),
            false => Ok(()),
        }
    }
}
