//! What is asked of archives, beside the work of the rooms: pages, searches, counts.
//!
//! Such a question may take milliseconds. So it is not answered by who asks but on threads of its
//! own, and the answer comes as a [`StoreReport`], after everything that was committed when it was
//! asked.

use std::sync::Arc;

use jid::BareJid;

use crate::room::effect::Archived;
use crate::room::occupying::archive::{PageQuestion, UnreadRoom};
use crate::room::scope::{Categories, CategoryTerms};
use crate::room::{ArchiveId, KnownAuthors, Timestamp};
use crate::store::{Error, Store, StoreReport};

/// The number of a question; its answer bears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskNumber(pub(in crate::store) u64);

/// A question about one archive, or about many.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A page of a room's archive. Answered by [`ArchiveAnswer::Page`], or
    /// [`ArchiveAnswer::NoSuchMessage`].
    Page {
        /// The room that is asked.
        room: BareJid,
        /// What of it.
        question: PageQuestion,
        /// Maximum size of the content in bytes; but one message is told in any case.
        bytes_max: usize,
    },
    /// The first and the last message of a room. Answered by [`ArchiveAnswer::Ends`].
    Ends {
        /// The room that is asked.
        room: BareJid,
    },
    /// A page of what is found in all rooms that somebody may read. Answered by
    /// [`ArchiveAnswer::Everywhere`], or [`ArchiveAnswer::NoSuchMessage`].
    Everywhere {
        /// Who asks, by which it is decided what they find.
        reader: Reader,
        /// The messages that are wanted.
        question: PageQuestion,
        /// Maximum size of the content in bytes; but one message is told in any case.
        bytes_max: usize,
    },
    /// How much is unread in rooms that somebody may read. Answered by [`ArchiveAnswer::Unread`].
    Unread {
        /// Who asks, by which it is decided what they find.
        reader: Reader,
        /// In which rooms, and since which message; empty: in those where they are at least a
        /// member, or inside, the first [`UNREAD_ROOMS_MAX`](crate::store::UNREAD_ROOMS_MAX) by
        /// address.
        ///
        /// `None`: since what their own messages show to be read, the later of the last that they
        /// said and what their signals since then are about; if they never said anything, all is
        /// unread. Rooms that they may not read are left out of the answer, as are those that there
        /// are not.
        rooms: Vec<(BareJid, Option<ArchiveId>)>,
    },
}

/// How a question is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Haste {
    /// Soon or not at all: in [`QUICK_MAX`](crate::store::lanes::QUICK_MAX).
    Quick,
    /// Beside all others, in [`SLOW_MAX`](crate::store::lanes::SLOW_MAX).
    Slow,
}

impl Ask {
    /// The room that is asked about, if it is one alone.
    pub fn room(&self) -> Option<&BareJid> {
        match self {
            Self::Page { room, .. } | Self::Ends { room } => Some(room),
            Self::Everywhere { .. } | Self::Unread { .. } => None,
        }
    }
}

/// Who asks for what lies in many rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The bare JID.
    pub person: BareJid,
    /// Operators read everything.
    pub is_operator: bool,
    /// All categories, by which it is decided of which rooms they may know.
    pub categories: Arc<Categories>,
}

impl Reader {
    /// Whether they may know of the rooms of a category.
    pub fn is_in_scope(&self, category: &CategoryTerms) -> bool {
        self.is_operator || category.scope.contains(&self.person)
    }
}

/// What the question found.
#[derive(Clone, Debug, PartialEq)]
pub enum ArchiveAnswer {
    /// The page of one room.
    Page(FoundPage<Archived>),
    /// A page of messages from many rooms.
    Everywhere(FoundPage<FoundSomewhere>),
    /// An id that the question names is not in the archive. XEP-0313 §4.1.3 (#query-limit-id),
    /// §4.3.2 (#query-paging-request).
    NoSuchMessage,
    /// The first and the last message; `None`: there are none.
    Ends(Option<[ArchiveEnd; 2]>),
    /// What is unread.
    Unread(Vec<UnreadRoom>),
}

/// A page of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPage<T> {
    /// In the order of the result, also when the page is to be flipped.
    pub messages: Vec<T>,
    /// Whether the result has no more in the direction that was asked for.
    pub complete: bool,
    /// How many messages the whole result has; only where `size_max` is 0. In all rooms together it
    /// is counted up to [`COUNT_MAX`](crate::store::COUNT_MAX), which means: that many at least.
    pub count: Option<u64>,
}

/// A message, and where it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundSomewhere {
    /// Where it was said.
    pub room: BareJid,
    /// Who of those that spoke in this room the reader may know.
    pub authors: KnownAuthors,
    /// What was said.
    pub message: Archived,
}

/// One end of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveEnd {
    /// Its stanza id.
    pub id: ArchiveId,
    /// When the room took it.
    pub at: Timestamp,
}

impl Store {
    /// Asks, and tells under which number the answer will be reported. Never waits.
    ///
    /// A question that can't be answered soon is answered by [`Error::OutOfTime`]; then there is
    /// [`Self::ask_slowly`].
    ///
    /// The queue has no bound of its own: who asks looks at [`Self::questions_outstanding`] first.
    pub fn ask(&mut self, ask: Ask) -> AskNumber {
        self.ask_in(ask, Haste::Quick)
    }

    /// The same for what takes long. It is answered beside all that is quick, one after the other,
    /// and given up by [`Error::OutOfTime`] after some seconds.
    pub fn ask_slowly(&mut self, ask: Ask) -> AskNumber {
        self.ask_in(ask, Haste::Slow)
    }

    fn ask_in(&mut self, ask: Ask, haste: Haste) -> AskNumber {
        self.asked += 1;
        self.unanswered += 1;
        let number = AskNumber(self.asked);
        if self.lanes.ask(number, ask, haste).is_err() {
            self.settle(StoreReport::Told(number, Err(lane_ended())));
        }
        number
    }

    /// Whether a room's archive is ahead of what [`Self::ask`] would find, since something of it is
    /// not committed; without a room, whether any is.
    pub fn is_ahead(&self, room: Option<&BareJid>) -> bool {
        self.overlay.is_ahead(room)
    }

    /// Changes how long a quick question and a slow one may take.
    #[cfg(test)]
    pub fn change_patience(&self, quick: std::time::Duration, slow: std::time::Duration) {
        self.lanes.change_patience(quick, slow);
    }

    /// How many questions are asked and not answered yet.
    pub fn questions_outstanding(&self) -> usize {
        self.unanswered
    }
}

/// Only a mistake in the threads' own code can bring that about.
fn lane_ended() -> Error {
    Error::ReaderPanicked {
        message: "it has ended".to_owned(),
    }
}
