//! Words that settings can have, each told once.

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

/// Who sees real JIDs. §7.2.3 (#enter-nonanon), §7.2.4 (#enter-semianon).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whois {
    /// Everybody: the room is non-anonymous.
    Anyone,
    /// Moderators: the room is semi-anonymous.
    Moderators,
}

/// Who may send private messages. §7.5 (#privatemessage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateMessages {
    /// Everybody who is inside.
    Anyone,
    /// Those with voice.
    Participants,
    /// Moderators and nobody else.
    Moderators,
    /// Nobody at all.
    None,
}

/// Who may register with the room. §7.10 (#register).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationPolicy {
    /// Whoever may enter: the membership comes at once.
    Open,
    /// Whoever asks, when an admin approves. §9.9 (#regapprove).
    Approval,
    /// Nobody but those who already have an affiliation.
    Closed,
}

/// Whether people invite others here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationPolicy {
    /// As the room's category says.
    Inherit,
    /// Nobody does, whatever the category says.
    Off,
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

impl Word for InvitationPolicy {
    const ALL: &'static [Self] = &[Self::Inherit, Self::Off];
    const NAMES: &'static [&'static str] = &["inherit", "off"];
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
        every_value_has_one_word::<InvitationPolicy>();
    }
}
