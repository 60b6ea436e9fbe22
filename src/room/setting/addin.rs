//! Add-ins: web pages that clients show beside a room. DESIGN §1.
//!
//! They are registered for the whole pool, by the directory, and a room has one of them or none. A
//! room keeps the number of its add-in, so that another name or address of it needs no change of
//! the room; what the number stands for is in the room's terms.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::Unfit;

/// The number of a registered add-in. It stays when the name or the address changes, and is never
/// given to another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddInId(pub i64);

/// A registered web page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddIn {
    /// What people call it; no two in a pool have the same, compared without case.
    pub name: Arc<str>,
    /// Its address, http or https, as it was written.
    pub url: Arc<str>,
}

/// All add-ins of a pool, as they are at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddIns(BTreeMap<AddInId, AddIn>);

impl AddIns {
    /// The add-in of a number; `None`: it is registered no longer.
    pub fn get(&self, id: AddInId) -> Option<&AddIn> {
        self.0.get(&id)
    }

    /// The add-in of a name, however its letters are written.
    pub fn named(&self, name: &str) -> Option<AddInId> {
        let key = name_key(name);
        let mut all = self.0.iter();
        let found = all.find(|(_, addin)| name_key(&addin.name) == key);
        found.map(|(id, _)| *id)
    }

    /// All of them, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (AddInId, &AddIn)> {
        self.0.iter().map(|(id, addin)| (*id, addin))
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Registers one, or changes it.
    pub fn set(&mut self, id: AddInId, addin: AddIn) {
        self.0.insert(id, addin);
    }

    /// It is registered no longer.
    pub fn remove(&mut self, id: AddInId) {
        self.0.remove(&id);
    }

    /// The one that a form chooses by its name; `None`: [none](NONE).
    ///
    /// # Errors
    /// [`Unfit`]: none of that name is registered in this pool.
    pub fn chosen(&self, name: &str) -> Result<Option<AddInId>, Unfit> {
        if name.is_empty() || name_key(name) == NONE {
            return Ok(None);
        }
        self.named(name).map(Some).ok_or(Unfit)
    }
}

impl FromIterator<(AddInId, AddIn)> for AddIns {
    fn from_iter<T: IntoIterator<Item = (AddInId, AddIn)>>(addins: T) -> Self {
        Self(addins.into_iter().collect())
    }
}

/// What names have in common that are the same but for case.
pub fn name_key(name: &str) -> String {
    let lower: String = name.nfkc().flat_map(char::to_lowercase).collect();
    lower.nfkc().collect()
}

/// The word for no add-in in forms and commands; none is called so.
pub const NONE: &str = "none";
