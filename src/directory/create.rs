//! Who may create a room. XEP-0045 §10.1.1 (#createroom-general).

use std::collections::BTreeSet;

use jid::BareJid;

use super::{Directory, Effect, NewRoom, Site};
use crate::room::Refusal;
use crate::room::scope::CategoryId;

/// Who may create rooms, operators aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Creators {
    /// Everybody of the served domains.
    #[default]
    Served,
    /// Everybody who can reach the service, over the federation too.
    Anyone,
    /// These people, and everybody of these domains (entries without a localpart).
    Listed(BTreeSet<BareJid>),
}

impl Directory {
    /// Creates a room for somebody who has created this number of others. XEP-0045 §10.1
    /// (#createroom).
    ///
    /// # Errors
    /// - [`Refusal::CreationNotAllowed`]: not this person, not here, or not one more.
    /// - [`Refusal::Gone`]: the same where a room was destroyed, with where it went.
    pub(super) fn create(
        &mut self,
        creator: &BareJid,
        created: u64,
        site: Site,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let mut others = created;
        if let Some(grave) = site.grave() {
            // The new room takes the place of the old one, in what its creator has created, too.
            if grave.creator.as_ref() == Some(creator) {
                others = others.saturating_sub(1);
            }
            if !self.may_make_anew(creator, grave) {
                return Err(grave.refusal(Refusal::CreationNotAllowed));
            }
        }
        if !self.may_create(creator, others) {
            return Err(site.refusal(Refusal::CreationNotAllowed));
        }
        effects.push(Effect::Create(Box::new(NewRoom {
            jid: site.room,
            creator: creator.clone(),
            terms: self.terms_in(CategoryId::GENERAL).clone(),
            configuration: self.rules.new_room.clone(),
        })));
        Ok(())
    }

    /// Whether somebody may create one more room, having created this number of others.
    fn may_create(&self, person: &BareJid, others: u64) -> bool {
        let terms = self.terms();
        if terms.operators.contains(person) {
            return true;
        }
        let in_scope = match &self.rules.creators {
            Creators::Served => terms.served.contains(person.domain()),
            Creators::Anyone => true,
            Creators::Listed(listed) => {
                listed.contains(person)
                    || listed.contains(&BareJid::from_parts(None, person.domain()))
            }
        };
        let max = self.rules.rooms_per_person_max;
        in_scope && max.is_none_or(|max| others < max)
    }
}
