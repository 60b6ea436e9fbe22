//! Why a step of a command is not done. XEP-0050 §4.4 (#desc-errors).

use std::borrow::Cow;

use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType};

/// What is wrong with a step, or with the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandProblem {
    /// There is no such action.
    MalformedAction,
    /// The action can't be done at this step.
    BadAction {
        /// What can be done, in a sentence.
        why: &'static str,
    },
    /// The command does not speak the language that is asked for.
    BadLocale,
    /// What was filled in can't be taken.
    BadPayload {
        /// What is wrong with it, in a sentence.
        why: String,
    },
    /// Nobody was given this session, or somebody else was.
    BadSession,
    /// The session has ended.
    SessionExpired,
    /// It is not for the asker to run.
    Forbidden,
    /// The asker, or all askers together, run as many commands as can be run.
    TooMany,
}

impl CommandProblem {
    pub(super) fn describe(&self) -> (ErrorType, DefinedCondition) {
        use DefinedCondition as C;
        use ErrorType::{Cancel, Modify, Wait};
        match self {
            Self::MalformedAction
            | Self::BadAction { .. }
            | Self::BadLocale
            | Self::BadPayload { .. }
            | Self::BadSession => (Modify, C::BadRequest),
            Self::SessionExpired => (Cancel, C::NotAllowed),
            Self::Forbidden => (Cancel, C::Forbidden),
            Self::TooMany => (Wait, C::ResourceConstraint),
        }
    }

    /// The condition beside that of the stanza.
    pub(super) fn condition(&self) -> Option<Element> {
        let name = match self {
            Self::MalformedAction => "malformed-action",
            Self::BadAction { .. } => "bad-action",
            Self::BadLocale => "bad-locale",
            Self::BadPayload { .. } => "bad-payload",
            Self::BadSession => "bad-sessionid",
            Self::SessionExpired => "session-expired",
            Self::Forbidden | Self::TooMany => return None,
        };
        Some(Element::bare(name, "http://jabber.org/protocol/commands"))
    }

    pub(super) fn explain(&self) -> Cow<'static, str> {
        let text = match self {
            Self::MalformedAction => "action: execute, next, prev, complete or cancel",
            Self::BadAction { why } => why,
            Self::BadLocale => "Commands are in English here",
            Self::BadPayload { why } => return why.clone().into(),
            Self::BadSession => "sessionid: this is none of your sessions; begin without one",
            Self::SessionExpired => "This has ended, or waited for too long; begin anew",
            Self::Forbidden => "You may not do this",
            Self::TooMany => "Too many commands are being carried out; please try again later",
        };
        text.into()
    }
}
