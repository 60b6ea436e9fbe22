//! Operators come and go with the configuration, and people fall out of the scope of categories,
//! while they are inside rooms.
//!
//! How those inside stand was told to everybody when they came in, under the operators of then. So
//! it is kept which operators those were; after a start with others, a walk governs one room after
//! the other anew, in the order of their addresses, and until it has come to a room, that one wakes
//! under the terms of before. A walk may be interrupted, and the operators may change again before
//! it is over: hence [`Stretch`]es.
//!
//! With the operators is kept by what scopes rooms were governed, as a mark that tells other scopes
//! from these: they follow from lists in the database, and from groups that are told elsewhere. Who
//! was in scope before needs not be known: whoever is inside was.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use super::addin::AddInRegistry;
use super::{Change, Directory, Effect, KeptAddIns};
use crate::room::scope::CategoryId;
use crate::room::{Refusal, Terms};

/// Rooms in the order of their addresses, up to the next stretch, and the operators under whom the
/// people in them are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The address after which it begins; `None`: with the first room.
    pub after: Option<BareJid>,
    /// Who operated the service when these rooms were governed last.
    pub operators: BTreeSet<BareJid>,
    /// What the scopes of all categories had in common with no others then.
    pub mark: u64,
}

/// The rooms that a walk governs; it passes the others by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Among {
    /// Whatever category they are in.
    #[default]
    All,
    /// Those of one category.
    One(CategoryId),
}

/// The rooms that stand under operators of before.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ungoverned {
    /// How far the walk has come.
    reached: Option<BareJid>,
    /// In the order of addresses; empty when no room is left. What the walk has reached of the
    /// first is governed.
    stretches: Vec<Stretch>,
    /// Which of them are governed.
    among: Among,
}

impl Directory {
    /// Takes note of how the service was left: which rooms stood under which operators, in the
    /// order of addresses; empty when that is not known, as in a new database. And which add-ins
    /// there are.
    ///
    /// # Errors
    /// None.
    pub(super) fn begin(
        &mut self,
        mut left: Vec<Stretch>,
        addins: KeptAddIns,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.addins = AddInRegistry::of(addins);
        self.share_addins();
        if left.is_empty() {
            effects.push(Effect::Save(Change::Governed(vec![self.all_rooms()])));
        }
        let is_of_today = |stretch: &Stretch| {
            stretch.operators == *self.terms().operators && stretch.mark == self.categories.mark()
        };
        let reached = match left.first().is_some_and(is_of_today) {
            true => {
                left.remove(0);
                left.first().and_then(|stretch| stretch.after.clone())
            }
            false => None,
        };
        let stretches = left;
        if !stretches.is_empty() {
            let after = reached.clone();
            effects.push(Effect::Govern {
                after,
                among: Among::All,
            });
        }
        self.governed_mark = self.categories.mark();
        self.ungoverned = Ungoverned {
            reached,
            stretches,
            among: Among::All,
        };
        Ok(())
    }

    /// The walk has governed all rooms up to this one; `None`: all that there are.
    ///
    /// # Errors
    /// None.
    pub(super) fn note_governed(
        &mut self,
        up_to: Option<BareJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.ungoverned.stretches.is_empty() {
            return Ok(());
        }
        self.ungoverned.reach(up_to);
        self.save_governed(effects);
        Ok(())
    }

    /// The scopes of categories may be others. `narrowed` tells in which rooms there may be people
    /// who have fallen out of scope: these are governed anew, from the first.
    pub(super) fn note_scopes(&mut self, narrowed: Option<Among>, effects: &mut Vec<Effect>) {
        let mark = self.categories.mark();
        if mark == self.governed_mark {
            return;
        }
        let before = std::mem::replace(&mut self.governed_mark, mark);
        let Some(narrowed) = narrowed else {
            // Whoever was in scope still is, so what was governed is.
            return self.save_governed(effects);
        };
        let was_idle = self.ungoverned.stretches.is_empty();
        let among = match was_idle || self.ungoverned.among == narrowed {
            true => narrowed,
            false => Among::All,
        };
        let mut stretches: Vec<_> = self.ungoverned.left().collect();
        if stretches.first().is_none_or(|first| first.after.is_some()) {
            let governed = Stretch {
                mark: before,
                ..self.all_rooms()
            };
            stretches.insert(0, governed);
        }
        effects.push(Effect::Save(Change::Governed(stretches.clone())));
        effects.push(Effect::Govern { after: None, among });
        self.ungoverned = Ungoverned {
            reached: None,
            stretches,
            among,
        };
    }

    fn save_governed(&self, effects: &mut Vec<Effect>) {
        let left = self.ungoverned.left();
        let governed = [self.all_rooms()].into_iter().chain(left).collect();
        effects.push(Effect::Save(Change::Governed(governed)));
    }

    /// Whether the people in a room are under terms of before, unless it has been governed anew
    /// since something was asked of it.
    pub fn is_ungoverned(&self, room: &BareJid) -> bool {
        self.ungoverned.operators_of(room).is_some()
    }

    /// The terms under which the people in a room of a category are: those of before, until the
    /// room has been governed anew. Nothing else of them than the operators is seen by those
    /// inside.
    pub fn terms_of(&self, room: &BareJid, category: CategoryId) -> Arc<Terms> {
        let today = self.terms_in(category);
        match self.ungoverned.operators_of(room) {
            None => today.clone(),
            Some(operators) => Arc::new(Terms {
                operators: Arc::new(operators.clone()),
                ..(**today).clone()
            }),
        }
    }

    /// A stretch of all rooms that stand under the operators of today.
    fn all_rooms(&self) -> Stretch {
        Stretch {
            after: None,
            operators: (*self.terms().operators).clone(),
            mark: self.categories.mark(),
        }
    }
}

impl Ungoverned {
    fn reach(&mut self, up_to: Option<BareJid>) {
        let Some(reached) = up_to else {
            *self = Self::default();
            return;
        };
        let passed = |stretch: &Stretch| !begins_behind(stretch, &reached);
        // Of those that begin before, the last one goes on.
        let begun = self.stretches.iter().take_while(|one| passed(one)).count();
        self.stretches.drain(..begun.saturating_sub(1));
        self.reached = Some(reached);
    }

    /// What is left, each stretch from where it begins now.
    fn left(&self) -> impl Iterator<Item = Stretch> {
        let from = |stretch: &Stretch| match &self.reached {
            Some(reached) if !begins_behind(stretch, reached) => Some(reached.clone()),
            _ => stretch.after.clone(),
        };
        self.stretches.iter().map(move |stretch| Stretch {
            after: from(stretch),
            operators: stretch.operators.clone(),
            mark: stretch.mark,
        })
    }

    fn operators_of(&self, room: &BareJid) -> Option<&BTreeSet<BareJid>> {
        let is_governed = |reached: &BareJid| room.as_str() <= reached.as_str();
        if self.reached.as_ref().is_some_and(is_governed) {
            return None;
        }
        let begun = |stretch: &&Stretch| {
            let after = stretch.after.as_ref();
            after.is_none_or(|after| after.as_str() < room.as_str())
        };
        let last = self.stretches.iter().take_while(begun).last();
        last.map(|stretch| &stretch.operators)
    }
}

/// Whether a stretch begins with a room behind the one after this address. By the bytes of
/// addresses, as the store orders them.
fn begins_behind(stretch: &Stretch, address: &BareJid) -> bool {
    let after = stretch.after.as_ref();
    after.is_some_and(|after| after.as_str() > address.as_str())
}
