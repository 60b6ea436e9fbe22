//! Values of settings, as those who only pass them on know them.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use super::addin::AddInId;
use super::{Privacy, RoomType, Setting, Word};
use crate::room::role::Roles;

/// Which values a setting can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Flag,
    /// A text; empty is said of what is unsaid.
    Text {
        /// Maximum length, in characters.
        characters_max: usize,
    },
    /// A text that logs don't show, or none.
    Secret {
        /// Maximum length, in characters.
        characters_max: usize,
    },
    /// A number. How large it may be is in the service's terms.
    Number {
        /// What is counted.
        unit: &'static str,
    },
    /// A number above zero, or no limit.
    Limit {
        /// The largest number that the configuration file takes.
        max: u32,
        /// What is counted.
        unit: &'static str,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any of the roles that an occupant can have.
    Roles,
    /// One of the add-ins that are registered in the pool, or none. Rooms keep its number; people
    /// and exports have its name.
    AddIn,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A value of [`Kind::Flag`].
    Flag(bool),
    /// A value of [`Kind::Text`].
    Text(Arc<str>),
    /// A value of [`Kind::Secret`].
    Secret(Option<Arc<str>>),
    /// A value of [`Kind::Number`].
    Number(u32),
    /// Of [`Kind::Limit`]; `None`: no limit.
    Limit(Option<u32>),
    /// A value of [`Kind::Word`].
    Word(&'static str),
    /// A value of [`Kind::Roles`].
    Roles(Roles),
    /// A value of [`Kind::AddIn`].
    AddIn(Option<AddInId>),
}

/// What one field of a submitted configuration form asks for. The lists, the second field of the
/// password, privacy and type are no settings of their own, and the version sets nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// A setting gets a value.
    Set(Setting, Value),
    /// Which configuration the editor was shown, see [`ConfigurationForm::version`].
    ///
    /// [`ConfigurationForm::version`]: crate::room::effect::ConfigurationForm::version
    Version(Arc<str>),
    /// Who may know of the room and enter it, in one word.
    Privacy(Privacy),
    /// Who speaks in the room, in one word.
    RoomType(RoomType),
    /// The name of the category that the room is to be in.
    Category(Arc<str>),
    /// Whether a password is needed.
    PasswordProtected(bool),
    /// The full list of admins.
    Admins(BTreeSet<BareJid>),
    /// The full list of owners.
    Owners(BTreeSet<BareJid>),
    /// The full list of presenters: people and domains.
    Presenters(BTreeSet<BareJid>),
    /// The add-in of this name; [`NONE`](super::addin::NONE) for none.
    AddIn(Arc<str>),
}

/// A value that a setting can't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit;

impl Value {
    pub(super) fn flag(self) -> Result<bool, Unfit> {
        match self {
            Self::Flag(flag) => Ok(flag),
            _ => Err(Unfit),
        }
    }

    pub(super) fn text(self) -> Result<Arc<str>, Unfit> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(Unfit),
        }
    }

    pub(super) fn secret(self) -> Result<Option<Arc<str>>, Unfit> {
        match self {
            Self::Secret(secret) => Ok(secret),
            _ => Err(Unfit),
        }
    }

    pub(super) fn number(self) -> Result<u32, Unfit> {
        match self {
            Self::Number(number) => Ok(number),
            _ => Err(Unfit),
        }
    }

    pub(super) fn limit(self) -> Result<Option<u32>, Unfit> {
        match self {
            Self::Limit(limit) => Ok(limit),
            _ => Err(Unfit),
        }
    }

    pub(super) fn word<T: Word>(self) -> Result<T, Unfit> {
        match self {
            Self::Word(name) => T::from_name(name).ok_or(Unfit),
            _ => Err(Unfit),
        }
    }

    pub(super) fn addin(self) -> Result<Option<AddInId>, Unfit> {
        match self {
            Self::AddIn(addin) => Ok(addin),
            _ => Err(Unfit),
        }
    }

    pub(super) fn roles(self) -> Result<Roles, Unfit> {
        match self {
            Self::Roles(roles) => Ok(roles),
            _ => Err(Unfit),
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<Arc<str>>> for Value {
    fn from(secret: Option<Arc<str>>) -> Self {
        Self::Secret(secret)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<Option<u32>> for Value {
    fn from(limit: Option<u32>) -> Self {
        Self::Limit(limit)
    }
}

impl From<Roles> for Value {
    fn from(roles: Roles) -> Self {
        Self::Roles(roles)
    }
}

impl From<Option<AddInId>> for Value {
    fn from(addin: Option<AddInId>) -> Self {
        Self::AddIn(addin)
    }
}

impl<T: Word> From<T> for Value {
    fn from(word: T) -> Self {
        Self::Word(word.name())
    }
}
