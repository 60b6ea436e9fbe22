//! Which earlier message a request is about: a correction, a retraction, a reaction, a moderation.
//!
//! A room does not keep its archive in memory. So whoever hands a request to it looks first for the
//! message that [`Action::refers_to`] names, and puts what the archive knows of it into the
//! request.

use crate::room::Action;
use crate::room::request::{Named, Original, Purpose};

/// An earlier message that a request is about.
#[derive(Debug)]
pub struct Reference<'a> {
    /// How the request names it.
    pub named: Named,
    /// Whether it is to be corrected: then it matters how often it has been.
    pub is_to_be_corrected: bool,
    /// The place for what the archive knows of it.
    pub original: &'a mut Option<Original>,
}

impl Action {
    /// The earlier message that this is about, if it is about one.
    pub fn refers_to(&mut self) -> Option<Reference<'_>> {
        match self {
            Self::Say(speech) => {
                let (named, is_to_be_corrected) = match &speech.purpose {
                    Purpose::Speech => return None,
                    Purpose::Signal(named) => (named.clone()?, false),
                    Purpose::Correction(named) => (named.clone(), true),
                    Purpose::Retraction(named) => (named.clone(), false),
                };
                Some(Reference {
                    named,
                    is_to_be_corrected,
                    original: &mut speech.original,
                })
            }
            Self::ModerateMessage(moderation) => Some(Reference {
                named: Named::ByArchiveId(moderation.message.clone()),
                is_to_be_corrected: false,
                original: &mut moderation.original,
            }),
            // A subject is neither corrected nor taken back, and says nothing of another message.
            Self::ChangeSubject { .. } => None,
            Self::Enter(_)
            | Self::Appear(_)
            | Self::Probe { .. }
            | Self::Exit { .. }
            | Self::Whisper(_)
            | Self::Invite(_)
            | Self::Decline { .. }
            | Self::RequestVoice
            | Self::AnswerVoiceRequest { .. }
            | Self::ListRole(_)
            | Self::ListAffiliation(_)
            | Self::Moderate(_)
            | Self::ReadArchive(_)
            | Self::ShowConfiguration
            | Self::Configure(_)
            | Self::CancelConfiguration
            | Self::Destroy { .. }
            | Self::ShowRegistration
            | Self::Register { .. }
            | Self::Unregister
            | Self::AnswerRegistration { .. }
            | Self::WishForAccess(_)
            | Self::ShowRequests
            | Self::ShowReservedNick
            | Self::ShowInformation
            | Self::ShowOccupants
            | Self::Ping { .. }
            | Self::Query { .. }
            | Self::ShowAvatar
            | Self::SetAvatar { .. }
            | Self::Lost
            | Self::Govern(_)
            | Self::ChangePresenters { .. }
            | Self::AddInChanged(_)
            | Self::ClearAddIn(_)
            | Self::Expire => None,
        }
    }
}
