//! What the room tells about itself. XEP-0045 §6.4 (#disco-roominfo), §6.5 (#disco-roomitems).

use std::sync::Arc;

use jid::FullJid;

use super::configuration::Whois;
use super::effect::{Answer, Effect, Information, Stanza};
use super::{Affiliation, Refusal, Room};

impl Room {
    /// disco#info. XEP-0045 §6.4 (#disco-roominfo).
    ///
    /// The subject and the owners are told only to those who could enter and see them (§14.4 (#security-leaks)).
    ///
    /// # Errors
    /// None; that the room exists for the asker was seen before.
    pub(super) fn show_information(
        &self,
        from: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let information = Box::new(self.information_for(from));
        effects.push(Effect::Answer(Answer::Information(information)));
        Ok(())
    }

    /// What this person may know about the room.
    pub(super) fn information_for(&self, from: &FullJid) -> Information {
        let affiliation = self.affiliation_of(&from.to_bare());
        let inside = self.occupants.by_session(from).is_some();
        let welcome = inside
            || (affiliation > Affiliation::Outcast
                && self.check_membership(affiliation).is_ok()
                && self.check_password(affiliation, None).is_ok());
        let knows_people = welcome
            && (self.configuration.whois == Whois::Anyone || affiliation >= Affiliation::Admin);
        let contacts = if knows_people {
            self.honoured(Affiliation::Owner)
                .map(|(jid, _)| jid.clone())
                .collect()
        } else {
            Vec::new()
        };
        Information {
            configuration: self.configuration.clone(),
            occupants: self.occupants.count(),
            subject: if welcome {
                self.subject.text.clone()
            } else {
                Arc::from("")
            },
            contacts,
            avatar_hash: self.avatar.get().map(|avatar| avatar.hash.clone()),
        }
    }

    /// Tells those inside, who have been told the room's capabilities on entering, that they are others from now on: else
    /// a client that remembers them would not ask again. XEP-0115 §4 (#protocol), XEP-0045 §10.2.1 (#roomconfig-notify).
    pub(super) fn tell_capabilities(&mut self, from: &FullJid, effects: &mut Vec<Effect>) {
        let information = Box::new(self.information_for(from));
        self.send_to_all(Stanza::RoomPresence(information), effects);
    }

    /// disco#items. XEP-0045 §6.5 (#disco-roomitems): who is inside is told only to those inside.
    ///
    /// # Errors
    /// None.
    pub(super) fn show_occupants(
        &self,
        from: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let nicks = match self.occupants.by_session(from) {
            None => Vec::new(),
            Some(asker) => self
                .occupants
                .iter()
                .filter(|occupant| {
                    occupant.nick() == asker.nick() || self.is_shown(occupant.role())
                })
                .map(|occupant| occupant.nick().clone())
                .collect(),
        };
        effects.push(Effect::Answer(Answer::Occupants(nicks)));
        Ok(())
    }
}
