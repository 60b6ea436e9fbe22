//! Questions to archives, from the room's leave to the answer. XEP-0313.

use jid::BareJid;

use super::engine::{Engine, Stanza};
use crate::room::Timestamp;
use crate::room::archive::ArchiveQuestion;
use crate::store::{AskNumber, Error, Told};
use crate::wire::stanza_error::Problem;

impl Engine {
    /// Asks the store what somebody may read, and answers when that is found.
    pub(super) fn ask_archive(
        &mut self,
        _now: Timestamp,
        _room: &BareJid,
        stanza: Stanza<'_>,
        _question: ArchiveQuestion,
        _sees_real_jids: bool,
    ) {
        self.answer_problem(stanza.envelope, &Problem::Unsupported);
    }

    /// Takes what the store has found.
    pub(super) fn take_found(&mut self, _number: AskNumber, _told: &Result<Told, Error>) {}
}
