//! Every way to say no. Which error of RFC 6120 §8.3 each is, and in which words people are told,
//! is in [`stanza_error`](super::stanza_error).

use std::borrow::Cow;

pub use super::command_problem::CommandProblem;
use crate::room::Refusal;
use crate::search::SearchError;
use crate::wire::xml::frame::Child;
use crate::wire::xml::limits::Unreadable;

/// Why a stanza gets an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The room said no.
    Refused(Refusal),
    /// An address in the stanza, its `to` for one, is no JID.
    BadAddress {
        /// Where it stands: an attribute, and of which element where that is not the stanza.
        place: &'static str,
    },
    /// A text that should be a nick can't be one. XEP-0045 §17.1 (#bizrules-jids).
    BadNick {
        /// Where it stands: an attribute, an element, or a field's `var`.
        place: &'static str,
    },
    /// A field of a form has a value it can't have.
    BadField {
        /// The field's `var`.
        field: &'static str,
        /// What it has to be, in a few words.
        problem: Cow<'static, str>,
    },
    /// An address in a form is no JID.
    BadAddressInField {
        /// The field's `var`.
        field: &'static str,
    },
    /// One of the addresses in a field of a form is no JID.
    BadAddressInList {
        /// The field's `var`.
        field: &'static str,
        /// As much of what stands there as is repeated.
        address: String,
    },
    /// A form has a field that means nothing here. XEP-0313 §4.1.5 (#query-form).
    UnknownField {
        /// As much of the field's `var` as is repeated.
        field: String,
    },
    /// A list is paged by key, and not by number. XEP-0059 §2.6 (#jump).
    NoPagesByNumber,
    /// Nothing can be searched for by what was typed.
    BadSearch(SearchError),
    /// An id that is named is not in the archive. XEP-0313 §4.1.3 (#query-limit-id).
    NotInArchive,
    /// The stanza breaks a rule of its protocol.
    Malformed {
        /// The name of the element that does.
        element: &'static str,
        /// What it has to be, in a few words.
        wanted: &'static str,
    },
    /// Nothing here answers the element that was sent. RFC 6120 §8.4.
    Unsupported {
        /// As much of the name and namespace of what was asked as is repeated.
        asked: String,
    },
    /// At the address in the service there is nothing that could be asked or written to.
    NothingThere,
    /// The request is known, but this part of it is not done here.
    NotImplemented {
        /// What is not done, and what is instead.
        part: &'static str,
    },
    /// Rooms and the service have no presence to subscribe to.
    NoSubscriptions,
    /// There is no such node, item or page here. XEP-0030 §7 (#errors).
    NoSuchNode,
    /// The stanza passed a limit before anybody looked at its meaning.
    Unreadable(Unreadable),
    /// A reason or another short text has more than [`TEXT_MAX`](super::short_text::TEXT_MAX)
    /// characters.
    TextTooLong {
        /// The name of the element that holds it.
        element: &'static str,
    },
    /// No stanza can hold the answer, see [`STANZA_OUT_MAX`](super::envelope::STANZA_OUT_MAX).
    AnswerTooLong,
    /// A step of a command is not done.
    Command(CommandProblem),
    /// Something broke here; the stanza was not at fault.
    Internal,
    /// There is too much to do at the moment.
    Overloaded,
    /// To answer takes longer than any question may take.
    TookTooLong,
    /// The limit on what is kept of a day is reached, and nothing is delivered that is not kept.
    QuotaReached {
        /// By whom or where.
        of: QuotaOf,
        /// How much that is, in MiB.
        mib: u32,
    },
    /// The asker has invited as many people as anybody may.
    TooManyInvitations {
        /// How many that is in an hour.
        per_hour: u32,
    },
    /// A presence shows too much to be sent to everybody who enters.
    PresenceTooLarge {
        /// What is allowed, in bytes.
        size_max: usize,
    },
}

/// What has a quota of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaOf {
    /// A person, in all rooms together.
    Person,
    /// A room, for all people together.
    Room,
}

impl Problem {
    /// That nothing here answers an element, which is named as far as it is not too long.
    pub(in crate::wire) fn unsupported(child: &Child<'_>) -> Self {
        let part = |text: &str| text.chars().take(100).collect::<String>();
        let (name, namespace) = (part(child.name()), part(child.namespace()));
        Self::Unsupported {
            asked: format!("<{name} xmlns='{namespace}'/>"),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<CommandProblem> for Problem {
    fn from(problem: CommandProblem) -> Self {
        Self::Command(problem)
    }
}
