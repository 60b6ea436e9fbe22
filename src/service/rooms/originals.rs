//! Looking for the earlier message that a request is about, before the room is asked.

use jid::BareJid;

use crate::room::Action;
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
        let Some(reference) = action.refers_to() else {
            return Ok(());
        };
        let mut found = self.store.original(room, &reference.named, from)?;
        if let (true, Some(original)) = (reference.is_to_be_corrected, &mut found) {
            let most = self.directory.terms().corrections_max;
            original.corrections = self.store.corrections(room, &original.root, most)?;
        }
        *reference.original = found;
        Ok(())
    }
}
