//! Words that settings can have, each told once.

use super::configuration::{PrivateMessages, RegistrationPolicy, Whois};

/// A closed choice whose values are words, the same in forms, files and the database.
pub trait Word: Copy + PartialEq + Sized + 'static {
    /// All values there are.
    const ALL: &'static [Self];
    /// Their names, in the same order.
    const NAMES: &'static [&'static str];

    /// The word for a value.
    fn name(self) -> &'static str {
        let place = Self::ALL.iter().position(|value| *value == self);
        place.map_or("", |place| Self::NAMES[place])
    }

    /// The value of a word.
    fn from_name(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name)?;
        Self::ALL.get(place).copied()
    }
}

impl Word for Whois {
    const ALL: &'static [Self] = &[Self::Moderators, Self::Anyone];
    const NAMES: &'static [&'static str] = &["moderators", "anyone"];
}

impl Word for PrivateMessages {
    const ALL: &'static [Self] = &[
        Self::Anyone,
        Self::Participants,
        Self::Moderators,
        Self::None,
    ];
    const NAMES: &'static [&'static str] = &["anyone", "participants", "moderators", "none"];
}

impl Word for RegistrationPolicy {
    const ALL: &'static [Self] = &[Self::Open, Self::Approval, Self::Closed];
    const NAMES: &'static [&'static str] = &["open", "approval", "closed"];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_value_has_one_word<T: Word + std::fmt::Debug>() {
        assert_eq!(T::ALL.len(), T::NAMES.len());
        for value in T::ALL {
            assert_eq!(T::from_name(value.name()), Some(*value));
        }
        assert_eq!(T::from_name(""), None);
    }

    #[test]
    fn words_read_back() {
        every_value_has_one_word::<Whois>();
        every_value_has_one_word::<PrivateMessages>();
        every_value_has_one_word::<RegistrationPolicy>();
    }
}
