//! Who may create a room, and in which category. XEP-0045 §10.1.1 (#createroom-general).

use std::sync::Arc;

use jid::BareJid;

use super::{Directory, Effect, NewRoom, Site};
use crate::room::scope::{CategoryId, name_key};
use crate::room::{Refusal, Terms};

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
                let refusal = Refusal::CreationNotAllowed;
                return Err(self.site_refusal(creator, &site, refusal));
            }
        }
        let terms = self.terms_for_new(creator, others);
        let Some(terms) = terms else {
            return Err(self.site_refusal(creator, &site, Refusal::CreationNotAllowed));
        };
        effects.push(Effect::Create(Box::new(NewRoom {
            jid: site.room,
            creator: creator.clone(),
            terms: terms.clone(),
            configuration: self.rules.new_room.clone(),
        })));
        Ok(())
    }

    /// The terms of the category to which somebody's next room goes, who has created this number of
    /// others: the default one if they may create there, else the first by name where they may.
    /// `None`: they may not create another.
    fn terms_for_new(&self, person: &BareJid, others: u64) -> Option<&Arc<Terms>> {
        let is_operator = self.terms().operators.contains(person);
        let max = self.rules.rooms_per_person_max;
        if !is_operator && max.is_some_and(|max| others >= max) {
            return None;
        }
        let lets_create = |terms: &&Arc<Terms>| terms.lets_create_in(person, &terms.category);
        let default = self.default_category().map(|id| self.terms_in(id));
        if let Some(default) = default.filter(lets_create) {
            return Some(default);
        }
        let all = self.categories.iter().map(|one| self.terms_in(one.id));
        all.filter(lets_create)
            .min_by_key(|terms| name_key(&terms.category.name))
    }

    /// The category where rooms are made unless their creators may not.
    fn default_category(&self) -> Option<CategoryId> {
        let named = self.rules.default_category.as_deref();
        let found = match named {
            Some(name) => self.categories.named(name),
            None => self.categories.get(CategoryId::GENERAL),
        };
        found.map(|category| category.id)
    }
}
