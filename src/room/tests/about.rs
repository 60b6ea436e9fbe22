//! What random conversations say about other messages.

use proptest::prelude::*;
use proptest::sample::select;

use super::cast::{PERSONS, moderation, original, speech};
use crate::room::Action;
use crate::room::effect::ArchivedKind;
use crate::room::request::{Keep, Named, Original, Purpose, Speech};

/// What a message does to another.
#[derive(Clone, Copy, Debug)]
pub enum About {
    Correct(Keep),
    Retract,
    React,
}

/// What the archive knows of the other: who said it, if that is known, and what it is.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub author: Option<usize>,
    pub kind: ArchivedKind,
}

pub fn an_about() -> impl Strategy<Value = About> {
    select(vec![
        About::Correct(Keep::Archived),
        About::Correct(Keep::Ephemeral),
        About::Retract,
        About::React,
    ])
}

pub fn an_origin() -> impl Strategy<Value = Option<Origin>> {
    let kind = prop_oneof![4 => Just(ArchivedKind::Speech), 3 => select(vec![
        ArchivedKind::Subject,
        ArchivedKind::Signal,
        ArchivedKind::Correction,
        ArchivedKind::Retraction,
        ArchivedKind::Moderation,
        ArchivedKind::Tombstone,
    ])];
    let author = proptest::option::weighted(0.9, 0..PERSONS.len());
    let origin = (author, kind).prop_map(|(author, kind)| Origin { author, kind });
    proptest::option::weighted(0.9, origin)
}

/// The request of a moderator that takes it back.
pub fn moderate(origin: Option<Origin>) -> Action {
    Action::ModerateMessage(Box::new(moderation(origin.map(Origin::original))))
}

impl About {
    /// The request that says so.
    pub fn action(self, id: &str, origin: Option<Origin>) -> Action {
        Action::Say(Box::new(self.speech(id, origin.map(Origin::original))))
    }

    fn speech(self, id: &str, original: Option<Original>) -> Speech {
        let named = Named::ByEither("other".into());
        let (purpose, keep) = match self {
            Self::Correct(keep) => (Purpose::Correction(named), keep),
            Self::Retract => (Purpose::Retraction(named), Keep::Archived),
            Self::React => (Purpose::Signal(Some(named)), Keep::Archived),
        };
        Speech {
            purpose,
            original,
            ..speech(id, keep)
        }
    }
}

impl Origin {
    fn original(self) -> Original {
        original(self.author, self.kind)
    }
}
