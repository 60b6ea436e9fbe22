//! Categories: whom rooms are for, who may create them, and what they do, told once for all rooms
//! of a kind.
//!
//! Each room is in exactly one category. [`Category`] is what operators set, lists as they are
//! written; from it follow the [`Terms`] that all rooms of the category share, with its lists
//! resolved by [`groups`](super::groups).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::groups::{GroupNews, Groups};
use crate::room::Terms;
use crate::room::scope::{
    Categories, CategoryId, CategoryTerms, Principal, Principals, Scope, Switches, name_key,
};
use crate::room::setting::addin::AddIns;

/// A category as operators set it.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Its number, which stays when it is renamed.
    pub id: CategoryId,
    /// Its name. No other category of the pool has the same, but for case.
    pub name: Arc<str>,
    /// What it is for; empty: unsaid.
    pub description: Arc<str>,
    /// Who may know its rooms and enter them; nobody, if it is empty.
    pub allowed: Principals,
    /// Who of these may not.
    pub denied: Principals,
    /// Who of those in scope may create rooms in it.
    pub creators: Principals,
    /// What its rooms do.
    pub switches: Switches,
}

/// A list of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CategoryList {
    /// Who may know its rooms and enter them.
    Allowed,
    /// Who of these may not.
    Denied,
    /// Who of those in scope may create rooms.
    Creators,
}

impl CategoryList {
    /// Every list, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Denied, Self::Creators];

    /// Its name in the database, in exports, and among the flags of commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Creators => "creators",
        }
    }

    /// The list that is called so there.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }
}

impl Category {
    /// The category that every pool has out of the box: for the people whom the pool serves, all of
    /// whom may create rooms.
    pub fn general() -> Self {
        let served: Principals = [Principal::Group(Groups::SERVED.into())]
            .into_iter()
            .collect();
        Self {
            allowed: served.clone(),
            creators: served,
            ..Self::new(CategoryId::GENERAL, "General".into())
        }
    }

    /// A category for nobody yet.
    pub fn new(id: CategoryId, name: Arc<str>) -> Self {
        Self {
            id,
            name,
            description: "".into(),
            allowed: Principals::default(),
            denied: Principals::default(),
            creators: Principals::default(),
            switches: Switches::default(),
        }
    }

    /// Whether it is the same as another, lists left aside.
    pub(super) fn is_but_for_lists(&self, other: &Self) -> bool {
        (&self.name, &self.description, self.switches)
            == (&other.name, &other.description, other.switches)
    }

    /// One of its lists.
    pub fn list(&self, list: CategoryList) -> &Principals {
        match list {
            CategoryList::Allowed => &self.allowed,
            CategoryList::Denied => &self.denied,
            CategoryList::Creators => &self.creators,
        }
    }

    /// One of its lists, to be changed.
    pub fn list_mut(&mut self, list: CategoryList) -> &mut Principals {
        match list {
            CategoryList::Allowed => &mut self.allowed,
            CategoryList::Denied => &mut self.denied,
            CategoryList::Creators => &mut self.creators,
        }
    }

    /// What it lays down for its rooms, by groups as they are.
    fn terms(&self, groups: &mut Groups) -> CategoryTerms {
        CategoryTerms {
            id: self.id,
            name: self.name.clone(),
            scope: Scope::new(groups.resolve(&self.allowed), groups.resolve(&self.denied)),
            creators: groups.resolve(&self.creators),
            switches: self.switches,
        }
    }
}

/// All categories of the pool, with the terms of the rooms in each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CategoryTable {
    /// What holds in all rooms of the pool.
    base: Terms,
    groups: Groups,
    all: BTreeMap<CategoryId, Category>,
    terms: BTreeMap<CategoryId, Arc<Terms>>,
    /// By which it is seen whether any scope is another than before.
    mark: u64,
    /// For rooms whose category nobody knows, which are for operators alone.
    unknown: Arc<Terms>,
}

impl CategoryTable {
    /// With the one category that there is out of the box.
    pub fn new(base: Terms) -> Self {
        let mut table = Self {
            groups: Groups::new(&base.served),
            unknown: Arc::default(),
            base,
            all: BTreeMap::new(),
            terms: BTreeMap::new(),
            mark: 0,
        };
        table.load(vec![Category::general()]);
        table
    }

    /// Puts these in place of all that there are.
    pub fn load(&mut self, all: Vec<Category>) {
        self.all = all.into_iter().map(|one| (one.id, one)).collect();
        self.resolve();
    }

    /// Knows this of groups from now on; [`Self::resolve`] has the categories follow.
    pub fn learn(&mut self, news: GroupNews) {
        self.groups.learn(news);
    }

    /// Looks up anew whom the lists of all categories mean.
    pub fn resolve(&mut self) {
        let known = self.all.values();
        let known = known.map(|category| Arc::new(category.terms(&mut self.groups)));
        let known = known.collect();
        self.share(known);
    }

    /// A category; `None`: there is none with this number.
    pub fn get(&self, id: CategoryId) -> Option<&Category> {
        self.all.get(&id)
    }

    /// Adds a category, or puts it in place of the one with its number.
    pub fn put(&mut self, category: Category) {
        let mut known = (*self.base.categories).clone();
        known.set(Arc::new(category.terms(&mut self.groups)));
        self.all.insert(category.id, category);
        self.share(known);
    }

    /// Takes a category away.
    pub fn take(&mut self, id: CategoryId) {
        let mut known = (*self.base.categories).clone();
        known.remove(id);
        self.all.remove(&id);
        self.share(known);
    }

    /// A number that no category has.
    pub fn next_id(&self) -> CategoryId {
        let last = self.all.last_key_value();
        CategoryId(last.map_or(CategoryId::GENERAL.0, |(id, _)| id.0 + 1))
    }

    /// The groups by which lists are resolved.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// A number that the same scopes have in common, and others hardly ever.
    pub fn mark(&self) -> u64 {
        self.mark
    }

    /// The category of that name, compared without case.
    pub fn named(&self, name: &str) -> Option<&Category> {
        let key = name_key(name);
        self.all.values().find(|one| name_key(&one.name) == key)
    }

    /// Every category, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Category> {
        self.all.values()
    }

    /// What holds in the rooms of a category.
    pub fn terms(&self, id: CategoryId) -> &Arc<Terms> {
        self.terms.get(&id).unwrap_or(&self.unknown)
    }

    /// What holds in all rooms of the pool.
    pub fn base(&self) -> &Terms {
        &self.base
    }

    /// Has all rooms know these add-ins.
    pub fn share_addins(&mut self, addins: Arc<AddIns>) {
        self.base.addins = addins;
        let known = self.base.categories.iter().cloned().collect();
        self.share(known);
    }

    /// Has all rooms know these categories.
    fn share(&mut self, known: Categories) {
        self.mark = known.mark();
        let known = Arc::new(known);
        self.base.categories = known.clone();
        let terms_in = |category: Arc<CategoryTerms>| Arc::new(self.base.in_category(category));
        let terms = known.iter().map(|one| (one.id, terms_in(one.clone())));
        self.terms = terms.collect();
        self.unknown = terms_in(Arc::new(CategoryTerms {
            scope: Scope::default(),
            ..CategoryTerms::default()
        }));
    }
}
