//! Looking for the earlier messages that a request is about, before the room is asked.

use jid::BareJid;

use crate::room::Action;
use crate::room::request::{Named, Purpose};
use crate::service::engine::Engine;
use crate::store::Error;

impl Engine {
    /// Puts into a request what the archive knows of the message that it names.
    pub(in crate::service) fn recall_original(
        &self,
        room: &BareJid,
        from: &BareJid,
        action: &mut Action,
    ) -> Result<(), Error> {
        match action {
            Action::Say(speech) => {
                let named = match &speech.purpose {
                    Purpose::Correction(named) | Purpose::Retraction(named) => Some(named),
                    Purpose::Signal(named) => named.as_ref(),
                    Purpose::Speech => None,
                };
                if let Some(named) = named {
                    speech.original = self.store.original(room, named, from)?;
                }
                if let (Purpose::Correction(_), Some(original)) =
                    (&speech.purpose, &mut speech.original)
                {
                    let most = self.directory.terms().corrections_max;
                    original.corrections = self.store.corrections(room, &original.root, most)?;
                }
            }
            Action::ModerateMessage(moderation) => {
                let named = Named::ByArchiveId(moderation.message.clone());
                moderation.original = self.store.original(room, &named, from)?;
            }
            _ => {}
        }
        Ok(())
    }
}
