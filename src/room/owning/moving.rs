//! The category that a room is in, and moving it to another.
//!
//! A room goes where its owner may create rooms, and an operator anywhere. Whoever is out of the new
//! scope loses what the room's lists gave them, and is shown out if they are inside; bans stay.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use crate::room::aftermath::{Aftermath, Cause};
use crate::room::bond::BondKind;
use crate::room::scope::{CategoryTerms, RoomMove, name_key};
use crate::room::setting::Assignment;
use crate::room::{Affiliation, Change, Effect, Refusal, Room, Terms};

/// The field of the category.
const CATEGORY: &str = "{urn:lyceum:0}category";

impl Terms {
    /// Whether somebody may create rooms in a category, and move their own there.
    pub fn lets_create_in(&self, person: &BareJid, category: &CategoryTerms) -> bool {
        self.operators.contains(person)
            || category.creators.contain(person) && category.scope.contains(person)
    }
}

impl Room {
    /// The categories that somebody may choose for the room: those where they may create rooms, and
    /// the one that it is in; in the order of their names.
    pub(in crate::room) fn categories_for(&self, person: &BareJid) -> Vec<Arc<str>> {
        let present = &self.terms.category;
        let all = self.terms.categories.iter();
        let others = all.filter(|category| {
            category.id != present.id && self.terms.lets_create_in(person, category)
        });
        let names = others.map(|category| category.name.clone());
        let mut names: Vec<_> = names.chain([present.name.clone()]).collect();
        names.sort_by_cached_key(|name| name_key(name));
        names
    }

    /// The terms that somebody wants by naming a category; `None`: those that hold.
    ///
    /// # Errors
    /// - [`Refusal::ConfigurationNotAcceptable`]: there is no such category that they may know of,
    ///   or they may not create rooms in it.
    pub(in crate::room) fn terms_in(
        &self,
        person: &BareJid,
        category: Option<&str>,
    ) -> Result<Option<Arc<Terms>>, Refusal> {
        let field = CATEGORY;
        let Some(name) = category else {
            return Ok(None);
        };
        if name_key(name) == name_key(&self.terms.category.name) {
            return Ok(None);
        }
        let named = self.terms.categories.named(name);
        let is_operator = self.terms.operators.contains(person);
        let named = named.filter(|category| is_operator || category.scope.contains(person));
        let Some(category) = named else {
            let problem = "there is no such category";
            return Err(Refusal::ConfigurationNotAcceptable { field, problem });
        };
        if !self.terms.lets_create_in(person, category) {
            let problem = "you may not create rooms in that category";
            return Err(Refusal::ConfigurationNotAcceptable { field, problem });
        }
        Ok(Some(Arc::new(self.terms.in_category(category.clone()))))
    }

    /// Whether a form names another category than the one that the room is in.
    pub(in crate::room) fn is_moved_by(&self, assignments: &[Assignment]) -> bool {
        assignments.iter().any(|assignment| match assignment {
            Assignment::Category(name) => name_key(name) != name_key(&self.terms.category.name),
            _ => false,
        })
    }

    /// Moves the room to the category of these terms. All its lists must be known.
    pub(in crate::room) fn move_under(
        &mut self,
        terms: Arc<Terms>,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        let everybody = self.affected_by_terms();
        effects.push(Effect::Save(Change::Moved(RoomMove {
            category: terms.category.id,
            name: terms.category.name.clone(),
            purged: u64::try_from(self.out_of(&terms).len()).unwrap_or(u64::MAX),
        })));
        for jid in self.out_of(&terms) {
            self.purge(&jid, effects);
        }
        self.terms = terms;
        for one in &everybody {
            self.follow_standing(one, Cause::default(), effects, aftermath);
        }
        self.affiliations.forget_whole(Affiliation::Member);
    }

    /// Everybody in a list of the room, bans aside, to whom it could not give anything under these
    /// terms.
    fn out_of(&self, terms: &Terms) -> BTreeSet<BareJid> {
        let given = self
            .affiliations
            .iter()
            .filter(|(_, entry)| entry.affiliation > Affiliation::None)
            .map(|(jid, _)| jid);
        let bound = self.bonds.known().iter().map(|(jid, _)| jid);
        let listed = given.chain(bound).filter(|jid| !terms.admits(jid));
        listed.cloned().collect()
    }

    fn purge(&mut self, jid: &BareJid, effects: &mut Vec<Effect>) {
        if self.affiliations.stored(jid) > Affiliation::None {
            self.affiliations.set(jid.clone(), None);
            effects.push(Effect::Save(Change::Affiliated {
                jid: jid.clone(),
                entry: None,
            }));
        }
        for kind in BondKind::ALL {
            if self.bonds.of(kind, jid).is_some() {
                self.set_bond(jid, kind.none(), effects);
            }
        }
    }
}
