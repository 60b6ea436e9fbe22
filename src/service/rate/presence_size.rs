//! How much a presence may show. It is kept, and sent to everybody who enters, for as long as
//! somebody stays; so it may be far smaller than a message.

use crate::room::{Action, Payload};
use crate::service::engine::Engine;
use crate::wire::decode::Asked;
use crate::wire::stanza::problem::Problem;

impl Engine {
    /// Checks what a presence shows. Of a good-bye, which must not be refused, what is too much is
    /// left out.
    ///
    /// # Errors
    /// - [`Problem::PresenceTooLarge`]
    pub(in crate::service) fn check_presence(&self, asked: &mut Asked) -> Result<(), Problem> {
        let size_max = self.settings.presence_size_max;
        let too_large = |payload: &Payload| payload.as_bytes().len() > size_max;
        let refused = match asked {
            Asked::Enter(arrival) => too_large(&arrival.payload),
            Asked::Act(Action::Appear(appearance)) => too_large(&appearance.payload),
            Asked::Act(Action::Exit { payload, .. }) => {
                if too_large(payload) {
                    *payload = Payload::empty();
                }
                false
            }
            Asked::Act(_) => false,
        };
        match refused {
            true => Err(Problem::PresenceTooLarge { size_max }),
            false => Ok(()),
        }
    }
}
