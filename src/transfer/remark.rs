//! What an operator should know about what comes, beyond what is left out.

use std::fmt;

/// What an operator should know of one thing that comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Of what sort it is.
    pub kind: RemarkKind,
    /// What it is about: a room, a category, a person.
    pub about: String,
    /// What there is to know.
    pub text: String,
}

/// What a [`Remark`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// Somebody could see or do more than before.
    Widens,
    /// Somebody could see or do less than before.
    Narrows,
    /// Somebody has no address here.
    Unmapped,
    /// Something is kept as it is, or taken for the safest that it can be.
    NotUnderstood,
    /// Something that is done otherwise than before.
    Changes,
}

impl RemarkKind {
    /// All of them, the gravest first.
    pub const ALL: [Self; 5] = [
        Self::Widens,
        Self::Narrows,
        Self::Unmapped,
        Self::NotUnderstood,
        Self::Changes,
    ];

    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Widens => "widens",
            Self::Narrows => "narrows",
            Self::Unmapped => "unmapped",
            Self::NotUnderstood => "not-understood",
            Self::Changes => "changes",
        }
    }

    /// What stands above remarks of this kind.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Widens => "Access that is wider than before",
            Self::Narrows => "Access that is narrower than before",
            Self::Unmapped => "People without an address here",
            Self::NotUnderstood => "What is not understood",
            Self::Changes => "What is otherwise than before",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.about, self.text)
    }
}
