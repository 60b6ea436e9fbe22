//! What a category lays down for its rooms.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::{People, Scope};

/// The number of a category, which stays when it is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(pub i64);

impl CategoryId {
    /// The category that every pool has out of the box.
    pub const GENERAL: Self = Self(1);
}

impl fmt::Display for CategoryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// A room is in another category from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomMove {
    /// The category's number.
    pub category: CategoryId,
    /// Its name.
    pub name: Arc<str>,
    /// How many people and domains were out of its scope, and go from the room's lists by the
    /// changes that follow.
    pub purged: u64,
}

/// What a category lets its rooms do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Whether what is said is kept for reading.
    pub history: bool,
    /// Whether invitations are sent.
    pub invitations: bool,
    /// Whether clients may offer to send files into the room; the service only tells it.
    pub uploads: bool,
}

impl Default for Switches {
    /// What a new category lets its rooms do: everything.
    fn default() -> Self {
        Self {
            history: true,
            invitations: true,
            uploads: true,
        }
    }
}

/// A category as its rooms know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryTerms {
    /// By which it is told from others, also when it is renamed.
    pub id: CategoryId,
    /// Its name, by which people know it.
    pub name: Arc<str>,
    /// Whom its rooms are for.
    pub scope: Scope,
    /// Who of these may create rooms in it, or move their own there.
    pub creators: People,
    /// What its rooms do.
    pub switches: Switches,
}

impl Default for CategoryTerms {
    /// A category for everybody, in which nobody but operators may create rooms.
    fn default() -> Self {
        Self {
            id: CategoryId::GENERAL,
            name: "General".into(),
            scope: Scope::everybody(),
            creators: People::default(),
            switches: Switches::default(),
        }
    }
}

/// All categories of a pool, as rooms know them: for whoever shows or judges where a room may go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Categories(BTreeMap<CategoryId, Arc<CategoryTerms>>);

impl Categories {
    /// A category; `None`: there is none with this number.
    pub fn get(&self, id: CategoryId) -> Option<&Arc<CategoryTerms>> {
        self.0.get(&id)
    }

    /// The category of that name, compared without case.
    pub fn named(&self, name: &str) -> Option<&Arc<CategoryTerms>> {
        let key = name_key(name);
        self.iter().find(|category| name_key(&category.name) == key)
    }

    /// Every category, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<CategoryTerms>> {
        self.0.values()
    }

    /// A number that the same scopes have in common, and others hardly ever.
    pub fn mark(&self) -> u64 {
        let mark = |category: &Arc<CategoryTerms>| {
            let mut hasher = DefaultHasher::new();
            (category.id, category.scope.mark()).hash(&mut hasher);
            hasher.finish()
        };
        self.iter().map(mark).fold(0, u64::wrapping_add)
    }

    /// Adds a category, or puts it in place of the one with its number.
    pub fn set(&mut self, category: Arc<CategoryTerms>) {
        self.0.insert(category.id, category);
    }

    /// Takes a category away.
    pub fn remove(&mut self, id: CategoryId) {
        self.0.remove(&id);
    }
}

impl FromIterator<Arc<CategoryTerms>> for Categories {
    fn from_iter<T: IntoIterator<Item = Arc<CategoryTerms>>>(all: T) -> Self {
        Self(all.into_iter().map(|one| (one.id, one)).collect())
    }
}

/// What two names of categories have in common that are the same but for case.
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}
