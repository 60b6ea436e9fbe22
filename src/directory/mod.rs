//! The service as a whole: a second pure state machine beside [`Room`](crate::room::Room).
//!
//! A room decides what happens in it; the directory decides what concerns the service, or a room
//! that is not there: who may create one and where, what is left of destroyed ones, how long rooms
//! keep what was said, and the [`Terms`] under which each of them lives, also when its operators
//! have changed. [`Directory::handle`] has the form of `Room::handle` and keeps the same promises:
//! the same requests give the same effects, and a refusal leaves no trace. What it refuses, it
//! refuses as a room does ([`Refusal`]), so that nobody can tell which of the two has answered.
//!
//! Facts that only the store has, such as how many rooms a person has created, come with the
//! request: there may be more of them than memory holds.
//!
//! Add-ins, categories and groups are a file each beside `create.rs`; what a category or an add-in
//! means for one room is in the room's terms, which all rooms of a category share.

use std::sync::Arc;

mod addin;
mod categorise;
mod category;
mod create;
mod destroyed;
mod distinguished_name;
mod effect;
mod groups;
mod ldap_tree;
mod missing;
mod operators;
mod request;
mod retention;
mod rules;

#[cfg(test)]
mod tests;

pub use addin::{AddInNews, KeptAddIn, KeptAddIns};
pub use categorise::{CategoryWish, EditStep, ListEdit};
pub use category::{Category, CategoryList};
pub use destroyed::{Grave, Site, tombstones_due_before};
pub use distinguished_name::{DistinguishedName, NameFault};
pub use effect::{Change, Effect, NewRoom};
pub use groups::{GroupFault, GroupNews, Groups, NamedGroups, UnknownGroup};
pub use ldap_tree::{FoundEntry, FoundMembers, LdapTree, TreeEntry};
pub use missing::missing_groups;
pub use operators::{Among, Stretch};
pub use request::Request;
pub use retention::{Retention, RoomRetention};
pub use rules::Rules;

use crate::room::scope::CategoryId;
use crate::room::{Elapsed, Now, Refusal, Terms};
use addin::AddInRegistry;
use category::CategoryTable;
use operators::Ungoverned;

/// What the service knows and decides beyond its single rooms.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    rules: Rules,
    /// What is laid down for the rooms of each.
    categories: CategoryTable,
    /// The mark of the scopes by which rooms are governed that are.
    governed_mark: u64,
    /// The rooms in which people are under terms of before.
    ungoverned: Ungoverned,
    addins: AddInRegistry,
    /// When rooms are looked at for what they keep no longer.
    retention_due: Elapsed,
}

impl Directory {
    /// A directory with the rules of the configuration.
    pub fn new(rules: Rules) -> Self {
        let categories = CategoryTable::new(rules.terms.clone());
        Self {
            governed_mark: categories.mark(),
            categories,
            rules,
            ungoverned: Ungoverned::default(),
            addins: AddInRegistry::default(),
            retention_due: Elapsed::BEGINNING,
        }
    }

    /// Lets one thing happen to the directory.
    ///
    /// # Errors
    /// The refusal that tells why not. The directory then equals what it was, and `effects` is as
    /// long as it was.
    pub fn handle(
        &mut self,
        now: Now,
        request: Request,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        match request {
            Request::Begin {
                governed,
                categories,
                groups,
                addins,
            } => {
                groups
                    .into_iter()
                    .for_each(|news| self.categories.learn(news));
                self.categories.load(categories);
                self.begin(governed, addins, effects)
            }
            Request::Governed { up_to } => self.note_governed(up_to, effects),
            Request::Seek { person, site } => self.seek(&person, &site),
            Request::Create {
                creator,
                created,
                site,
            } => self.create(&creator, created, site, effects),
            Request::Learn(news) => self.learn(news, effects),
            Request::NewAddIn(addin) => self.new_addin(addin, effects),
            Request::SetAddIn {
                addin,
                new_name,
                url,
            } => self.set_addin(&addin, (new_name, url), effects),
            Request::RemoveAddIn { addin, rooms } => self.remove_addin(&addin, rooms, effects),
            Request::AddInTold { addin, up_to } => self.note_addin_told(addin, up_to, effects),
            Request::Keep { room, keep } => self.keep(room, keep, effects),
            Request::MakeCategory(wish) => self.make_category(wish, effects),
            Request::SetCategory { name, wish } => self.set_category(&name, &wish, effects),
            Request::RemoveCategory { name, rooms } => self.remove_category(&name, rooms, effects),
            Request::CalendarSet => self.look_again(now),
            Request::Expire => self.expire(now, effects),
        }
    }

    /// Takes note of what has changed outside, and has rooms follow.
    ///
    /// # Errors
    /// None.
    fn learn(&mut self, news: GroupNews, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        effects.push(Effect::Save(Change::Learned(news.clone())));
        self.categories.learn(news);
        self.categories.resolve();
        self.note_scopes(Some(Among::All), effects);
        Ok(())
    }

    /// The groups by which lists of categories are resolved.
    pub fn groups(&self) -> &Groups {
        self.categories.groups()
    }

    /// When [`Request::Expire`] is to be sent.
    pub fn next_deadline(&self) -> Elapsed {
        self.retention_due
    }

    /// What holds in all rooms of the pool, whatever their owners want; of no category in
    /// particular.
    pub fn terms(&self) -> &Terms {
        self.categories.base()
    }

    /// What holds in the rooms of a category.
    pub fn terms_in(&self, category: CategoryId) -> &Arc<Terms> {
        self.categories.terms(category)
    }

    /// Every category of the pool, in the order in which they were made.
    pub fn categories(&self) -> impl Iterator<Item = &Category> {
        self.categories.iter()
    }

    /// The category of that name, compared without case.
    pub fn category_named(&self, name: &str) -> Option<&Category> {
        self.categories.named(name)
    }

    /// How long what is said is kept where a room says nothing else.
    pub fn retention(&self) -> Retention {
        self.rules.retention
    }
}
