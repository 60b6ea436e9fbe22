//! What of a room's output is put down to whoever asked for it.
//!
//! Entering a room is answered with what others have written: their presence, and the history. How
//! much that is, they have chosen, and nobody shall be locked out because of it. So each stanza of
//! others counts as one of the smallest, however large it is.

use jid::Jid;

use super::rates::Caused;
use crate::room::Effect;
use crate::room::effect::{Recipients, Stanza, Status};

/// To whom the bytes of an effect are put down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Share {
    /// Nobody has anything sent to them by it, or it is not known yet what.
    None,
    /// The asker, for all of it: an answer to them, or something that they have sent to one other.
    AskedFor,
    /// The asker, who has it sent to those inside.
    FannedOut,
    /// The asker, for a limited number of the smallest stanzas at most: others have written it.
    OfOthers,
}

/// What a stanza of others counts, in bytes: an available presence, with nothing in it but what the
/// room adds.
const OF_OTHERS: usize = 256;

impl Share {
    /// The share of one effect of what `asker` asks for.
    pub fn of(effect: &Effect, asker: Option<&Jid>) -> Self {
        match effect {
            Effect::Answer(_) | Effect::ListAffiliations { .. } => Self::AskedFor,
            Effect::SendHistory { .. } => Self::OfOthers,
            Effect::Send { stanza, to } => match to {
                Recipients::Many(_) => Self::FannedOut,
                Recipients::One(session) if is_of_others(stanza, session.as_str(), asker) => {
                    Self::OfOthers
                }
                Recipients::One(_) | Recipients::Absent(_) => Self::AskedFor,
            },
            Effect::Archive { .. }
            | Effect::Save(_)
            | Effect::Retract(_)
            | Effect::ModerateMessage(_)
            | Effect::Record(_)
            | Effect::RoleGiven { .. }
            | Effect::ReadArchive { .. }
            | Effect::PassOn { .. } => Self::None,
        }
    }

    /// Adds `sent` bytes in `stanzas` stanzas.
    pub fn add(self, caused: &mut Caused, sent: usize, stanzas: usize) {
        match self {
            Self::None => {}
            Self::AskedFor => caused.asked_for += sent,
            Self::FannedOut => caused.fanned_out += sent,
            Self::OfOthers => caused.asked_for += sent.min(stanzas.saturating_mul(OF_OTHERS)),
        }
    }
}

/// Presence that the asker is sent and that is not their own; and the subject, which somebody has
/// set.
fn is_of_others(stanza: &Stanza, to: &str, asker: Option<&Jid>) -> bool {
    if asker.is_none_or(|asker| asker.as_str() != to) {
        return false;
    }
    match stanza {
        Stanza::Presence(presence) => presence
            .statuses
            .iter()
            .all(|status| status != Status::SelfPresence),
        Stanza::Subject(_) => true,
        _ => false,
    }
}
