//! The names of rooms, as far as they are compared: a pool has no two rooms of one name. DESIGN §1.
//!
//! As with nicks, two names are the same that look the same; `likeness.rs` tells what that forgets,
//! case among it. Here gaps at the ends are forgotten as well.

use std::sync::Arc;

use super::text::likeness;

/// What makes two names of rooms the same to the eye.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(Arc<str>);

impl NameKey {
    /// The making of keys. The store keeps keys; it makes them anew when this is another number
    /// than before, so it is to be raised together with
    /// [`NickKey::VERSION`](super::NickKey::VERSION).
    pub const VERSION: u32 = super::NickKey::VERSION;

    /// What a name is compared by. `None`: there is nothing to be seen of it, so that the room's
    /// address stands for it, and any number of rooms are named like this.
    pub fn of(name: &str) -> Option<Self> {
        // Of all letters only this one is in capitals two others; Unicode folds it to them.
        let look = likeness::of(name).replace('ß', "ss");
        let look = look.trim();
        (!look.is_empty()).then(|| Self(look.into()))
    }

    /// The key as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("Sales floor", "SALES  FLOOR"),
            ("Sales floor", " sales floor "),
            ("Straße", "STRASSE"),
            ("Ångström", "A\u{30a}ngstro\u{308}m"),
            ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
            ("Room\u{200b}", "room"),
        ] {
            assert_eq!(NameKey::of(one), NameKey::of(other), "{one} {other}");
        }
        assert_ne!(NameKey::of("Sales 1"), NameKey::of("Sales 2"));
        for nothing in ["", " ", "\u{200b}\u{a0}"] {
            assert_eq!(NameKey::of(nothing), None, "{nothing:?}");
        }
    }
}
