//! What keeps a room from doing what it is asked for, and what is said of it.

use jid::BareJid;

use crate::room::Refusal;
use crate::store;
use crate::wire::stanza::problem::Problem;

/// Why something was not done.
#[derive(Debug)]
pub(in crate::service) enum Hindrance {
    /// The room says no, or the directory does where there is no room.
    Refused(Refusal),
    /// It would reach further than this person may have sent.
    TooFar(Problem),
    /// What has to be known of it can't be read.
    Store(store::Error),
}

impl Hindrance {
    /// Whether somebody asks where there is no room for them: none, or one that is kept from them.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::Refused(Refusal::NoSuchRoom | Refusal::Locked | Refusal::Gone(_))
        )
    }

    /// Logs it: a refusal is expected, a store that can't be read is not.
    pub fn log(&self, room: &BareJid, from: &str) {
        match self {
            Self::Refused(refusal) => tracing::debug!(%room, from, ?refusal, "refused"),
            Self::TooFar(problem) => tracing::debug!(%room, from, ?problem, "refused"),
            Self::Store(error) => {
                let error = error as &dyn std::error::Error;
                tracing::error!(%room, error, "the room can't be read");
            }
        }
    }
}

impl From<Hindrance> for Problem {
    fn from(hindrance: Hindrance) -> Self {
        match hindrance {
            Hindrance::Refused(refusal) => Self::Refused(refusal),
            Hindrance::TooFar(problem) => problem,
            Hindrance::Store(_) => Self::Internal,
        }
    }
}

impl From<Refusal> for Hindrance {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Hindrance {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}
