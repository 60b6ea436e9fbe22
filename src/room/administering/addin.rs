//! The add-in of a room, as those inside are to know it. DESIGN §1.

use crate::room::effect::{Change, Effect, Stanza, Status, Statuses};
use crate::room::setting::Setting;
use crate::room::setting::addin::{AddIn, AddInId};
use crate::room::{Refusal, Room};

impl Room {
    /// The add-in that clients are to show beside the room.
    pub(in crate::room) fn addin(&self) -> Option<&AddIn> {
        self.terms.addins.get(self.configuration.addin?)
    }

    /// The number of the add-in that is chosen.
    pub fn addin_id(&self) -> Option<AddInId> {
        self.configuration.addin
    }

    /// The add-in has another name or address. Whoever is inside is told as of any other change of
    /// the room's information, XEP-0045 §10.2.1 (#roomconfig-notify), and asks for it anew.
    ///
    /// # Errors
    /// None; in a room that does not use it nothing happens.
    pub(in crate::room) fn tell_of_addin(
        &mut self,
        addin: AddInId,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.configuration.addin == Some(addin) {
            self.tell_of_change(effects);
        }
        Ok(())
    }

    /// An operator takes the add-in away from all rooms, to remove it.
    ///
    /// # Errors
    /// None; in a room that does not use it nothing happens.
    pub(in crate::room) fn clear_addin(
        &mut self,
        addin: AddInId,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.configuration.addin == Some(addin) {
            self.configuration.addin = None;
            effects.push(Effect::Save(Change::Configured {
                configuration: Box::new(self.configuration.clone()),
                changed: vec![Setting::AddIn],
            }));
            self.tell_of_change(effects);
        }
        Ok(())
    }

    fn tell_of_change(&mut self, effects: &mut Vec<Effect>) {
        let changed = Statuses::one(Status::ConfigurationChanged);
        self.send_to_all(Stanza::Notice(changed), effects);
    }
}
