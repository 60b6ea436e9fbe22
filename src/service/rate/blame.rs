//! Because of whom something goes out, and with what it keeps its order.

use jid::{BareJid, Jid};

use super::party::{Party, line_of};
use crate::service::engine::{AskedStanza, Engine};
use crate::wire::link::parcel::{CausedBy, OrderedLine};
use crate::wire::stanza::envelope::Envelope;

impl Engine {
    /// As whom somebody counts.
    pub(in crate::service) fn party(&self, address: &Jid) -> Party {
        Party::of(address, &self.directory.terms().served)
    }

    /// What goes out next is because of who asked this, and keeps its order with what comes from
    /// where they asked.
    pub(in crate::service) fn blame(&mut self, envelope: &Envelope) {
        let served = &self.directory.terms().served;
        let cause = CausedBy::of(Party::name_of(&envelope.asker, served));
        let line = line_of(envelope);
        let road = self.road();
        road.blame(cause);
        road.stand_in(line);
    }

    /// What goes out next is told by a room, because somebody asked for something or by itself.
    pub(in crate::service) fn blame_for_room(
        &mut self,
        room: &BareJid,
        asked: Option<AskedStanza<'_>>,
    ) {
        if asked.is_none() {
            self.blame_nobody();
        }
        self.road().stand_in(OrderedLine::of(room.as_str()));
    }

    /// What goes out next is because nobody asked for anything.
    pub(in crate::service) fn blame_nobody(&mut self) {
        let road = self.road();
        road.blame(CausedBy::default());
        road.stand_in(OrderedLine::default());
    }
}
