//! What operators do with categories, and what follows for the rooms in them.
//!
//! Every change counts at once for whatever is asked of a room from then on. People who are inside
//! rooms and fall out of scope are found by the walk that governs rooms anew, see `operators.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::operators::Among;
use super::{Category, CategoryList, Change, Directory, Effect};
use crate::room::Refusal;
use crate::room::scope::{CategoryId, Principal, Switches, name_key};
use crate::room::text::one_line::is_one_line;

/// What an operator wants of a category. `None`, or an empty list of edits: it stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategoryWish {
    /// Its name from now on.
    pub name: Option<Arc<str>>,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Changes of its lists, in this order.
    pub edits: Vec<ListEdit>,
    /// Whether its rooms have a history.
    pub history: Option<bool>,
    /// Whether its rooms send invitations.
    pub invitations: Option<bool>,
    /// Whether its rooms are for files, too.
    pub uploads: Option<bool>,
}

/// A change of one list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListEdit {
    /// The list that is changed.
    pub list: CategoryList,
    /// How it is changed.
    pub step: EditStep,
    /// The entries that it is changed by.
    pub entries: Vec<Principal>,
}

/// How a list is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditStep {
    /// These come in place of all that there are.
    Replace,
    /// These come, unless they are there.
    Add,
    /// These go, if they are there.
    Remove,
}

/// Maximum length of a category's name and of its description, in characters.
const NAME_CHARACTERS_MAX: usize = 256;
const DESCRIPTION_CHARACTERS_MAX: usize = 1000;

impl Directory {
    /// Makes a category.
    ///
    /// # Errors
    /// - [`Refusal::CategoryNameTaken`], [`Refusal::NoCategoryName`], [`Refusal::NoSuchGroup`]
    pub(super) fn make_category(
        &mut self,
        wish: CategoryWish,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let id = self.categories.next_id();
        let name = wish.name.clone().unwrap_or_else(|| "".into());
        let made = self.wished(Category::new(id, name), &wish)?;
        effects.push(Effect::Save(Change::CategorySet(Box::new(made.clone()))));
        for list in CategoryList::ALL {
            let come = made.list(list).iter().map(|entry| (entry, true));
            save_list(id, list, come.collect(), effects);
        }
        self.categories.put(made);
        // Nobody is in a room of it, so all that are governed are governed by what is now.
        self.note_scopes(None, effects);
        Ok(())
    }

    /// Changes a category.
    ///
    /// # Errors
    /// - [`Refusal::NoSuchCategory`]
    /// - Those of [`Self::make_category`].
    pub(super) fn set_category(
        &mut self,
        name: &str,
        wish: &CategoryWish,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let before = self
            .categories
            .named(name)
            .ok_or(Refusal::NoSuchCategory(name.into()))?;
        let before = before.clone();
        let after = self.wished(before.clone(), wish)?;
        let id = after.id;
        if !after.is_but_for_lists(&before) {
            effects.push(Effect::Save(Change::CategorySet(Box::new(after.clone()))));
        }
        let mut narrows = false;
        for list in CategoryList::ALL {
            let entries = differences((&before, &after), list, &wish.edits);
            narrows |= entries.iter().any(|(_, comes)| match list {
                CategoryList::Allowed => !comes,
                CategoryList::Denied => *comes,
                CategoryList::Creators => false,
            });
            save_list(id, list, entries, effects);
        }
        self.categories.put(after);
        self.note_scopes(narrows.then_some(Among::One(id)), effects);
        Ok(())
    }

    /// Removes a category in which there is this number of rooms.
    ///
    /// # Errors
    /// - [`Refusal::NoSuchCategory`]
    /// - [`Refusal::CategoryInUse`]: there are rooms in it.
    pub(super) fn remove_category(
        &mut self,
        name: &str,
        rooms: u64,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let category = self
            .categories
            .named(name)
            .ok_or(Refusal::NoSuchCategory(name.into()))?;
        let id = category.id;
        if rooms > 0 {
            return Err(Refusal::CategoryInUse { rooms });
        }
        effects.push(Effect::Save(Change::CategoryRemoved(id)));
        self.categories.take(id);
        self.note_scopes(None, effects);
        Ok(())
    }

    /// The category as it would be.
    fn wished(&self, mut category: Category, wish: &CategoryWish) -> Result<Category, Refusal> {
        if let Some(name) = &wish.name {
            category.name = name.trim().into();
        }
        if let Some(description) = &wish.description {
            category.description = description.trim().into();
        }
        let text_fits = |text: &str, most| text.chars().count() <= most && is_one_line(text);
        let name_fits = text_fits(&category.name, NAME_CHARACTERS_MAX);
        if category.name.is_empty()
            || !name_fits
            || !text_fits(&category.description, DESCRIPTION_CHARACTERS_MAX)
        {
            return Err(Refusal::NoCategoryName);
        }
        let key = name_key(&category.name);
        let others = self
            .categories
            .iter()
            .filter(|other| other.id != category.id);
        if others.into_iter().any(|other| name_key(&other.name) == key) {
            return Err(Refusal::CategoryNameTaken(category.name));
        }
        for edit in &wish.edits {
            if edit.step != EditStep::Remove {
                self.check_groups(&edit.entries)?;
            }
            edit.apply(&mut category);
        }
        let Switches {
            history,
            invitations,
            uploads,
        } = category.switches;
        category.switches = Switches {
            history: wish.history.unwrap_or(history),
            invitations: wish.invitations.unwrap_or(invitations),
            uploads: wish.uploads.unwrap_or(uploads),
        };
        Ok(category)
    }

    fn check_groups(&self, entries: &[Principal]) -> Result<(), Refusal> {
        let entries = entries.iter().cloned().collect();
        let unknown = self.categories.groups().unknown(&entries);
        match unknown.first() {
            Some(unknown) => Err(Refusal::NoSuchGroup(unknown.to_string().into())),
            None => Ok(()),
        }
    }
}

impl ListEdit {
    fn apply(&self, category: &mut Category) {
        let list = category.list_mut(self.list);
        match self.step {
            EditStep::Replace => *list = self.entries.iter().cloned().collect(),
            EditStep::Add => list.extend(self.entries.iter().cloned()),
            EditStep::Remove => {
                for entry in &self.entries {
                    list.remove(entry);
                }
            }
        }
    }
}

/// Which entries of a list come by edits, and which go. Only those are looked at that the edits
/// name, unless they replace all.
fn differences(
    (before, after): (&Category, &Category),
    list: CategoryList,
    edits: &[ListEdit],
) -> Vec<(Principal, bool)> {
    let (before, after) = (before.list(list), after.list(list));
    let mut touched = BTreeSet::new();
    for edit in edits.iter().filter(|edit| edit.list == list) {
        touched.extend(edit.entries.iter().cloned());
        if edit.step == EditStep::Replace {
            touched.extend(before.iter());
        }
    }
    let changed = touched.into_iter().filter_map(|entry| {
        let comes = after.contains(&entry);
        (before.contains(&entry) != comes).then_some((entry, comes))
    });
    changed.collect()
}

fn save_list(
    category: CategoryId,
    list: CategoryList,
    entries: Vec<(Principal, bool)>,
    effects: &mut Vec<Effect>,
) {
    if !entries.is_empty() {
        effects.push(Effect::Save(Change::CategoryListed {
            category,
            list,
            entries,
        }));
    }
}
