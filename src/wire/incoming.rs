//! What a stanza that came in can mean, and the stanza while it is being read.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::adhoc::request::CommandQuestion;
use super::archive::unread::UnreadQuestion;
use super::stanza::bounce::{Condition, StanzaOutcome};
use super::stanza::envelope::Envelope;
use super::stanza::page::PageRequest;
use super::stanza::problem::Problem;
use super::xml::frame::Frame;
use super::xml::header::StanzaKind;
use crate::room::Action;
use crate::room::occupying::archive::PageQuestion;

/// What a stanza means.
#[derive(Debug)]
pub enum Incoming {
    /// Somebody wants something of a room.
    ToRoom {
        /// Which room; whether it exists is another question.
        room: BareJid,
        /// Who. For an IQ that came from a bare JID, with a resource that nobody has.
        from: Arc<FullJid>,
        /// What is wanted of it.
        action: Action,
    },
    /// Somebody asks the service itself.
    ToService(ServiceQuestion),
    /// Somebody asks the service or a room about commands, or runs one.
    ToCommands(CommandQuestion),
    /// The answer to an IQ that went out from here, or what claims to be one. The envelope's asker
    /// is who answers.
    Reply {
        /// The id of the question.
        id: String,
        /// What the answer is.
        outcome: StanzaOutcome,
    },
    /// A message or presence of ours came back. The envelope's asker is who did not get it, under
    /// the id of ours.
    Bounce(Condition),
    /// The stanza is to be answered with an error, see
    /// [`answer`](super::stanza::stanza_error::answer).
    Refused(Problem),
    /// There is nothing to be done.
    Nothing,
}

/// What can be asked of the service itself.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceQuestion {
    /// disco#info. XEP-0045 §6.2 (#disco-service-features).
    Information,
    /// The public rooms. XEP-0045 §6.3 (#disco-rooms).
    Rooms(PageRequest),
    /// Whether the service is there. XEP-0199.
    Ping,
    /// Which software this is. XEP-0092.
    Version,
    /// What time it is. XEP-0202.
    Time,
    /// The card of the service. XEP-0054.
    VCard,
    /// By what messages can be asked for. XEP-0313 §4.1.5 (#query-form).
    ArchiveForm,
    /// The ends of all archives together. XEP-0313 §5 (#archive-metadata).
    ArchiveMetadata,
    /// Messages of all rooms. XEP-0313 §4 (#query).
    Archive(Box<PageQuestion>),
    /// How much is unread.
    Unread(UnreadQuestion),
}

/// A stanza that is being read, and its envelope.
pub(super) struct Addressed<'a> {
    pub frame: &'a Frame,
    pub envelope: &'a mut Envelope,
}

/// The address that a stanza was sent to.
pub(super) enum Address {
    /// The service itself.
    Service,
    /// Something in the service that is no room.
    Nowhere,
    /// A room as a whole.
    Room(BareJid),
    /// An occupant, by what need not be a valid nick.
    Occupant(BareJid, String),
}

impl Addressed<'_> {
    /// What the stanza was sent to.
    pub fn address(&self) -> Address {
        let asked = &self.envelope.asked;
        let resource = asked
            .resource()
            .map(|resource| resource.as_str().to_owned());
        match (self.envelope.room(), resource) {
            (None, None) => Address::Service,
            (None, Some(_)) => Address::Nowhere,
            (Some(room), None) => Address::Room(room),
            (Some(room), Some(nick)) => Address::Occupant(room, nick),
        }
    }

    /// The session that sent the stanza; none when it came from an account or a server.
    pub fn session(&self) -> Option<FullJid> {
        self.envelope.asker.try_as_full().ok().cloned()
    }
}

impl Incoming {
    /// What came back of a stanza of ours. It is never answered, however broken it is.
    pub(super) fn returned(frame: &Frame, outcome: StanzaOutcome) -> Self {
        match (frame.header.kind, outcome) {
            (StanzaKind::Iq, outcome) => match frame.header.id.clone() {
                Some(id) => Self::Reply { id, outcome },
                None => Self::Nothing,
            },
            (StanzaKind::Message | StanzaKind::Presence, StanzaOutcome::Error(condition)) => {
                Self::Bounce(condition)
            }
            (StanzaKind::Message | StanzaKind::Presence, StanzaOutcome::Result) => Self::Nothing,
        }
    }

    pub(super) fn to_room(room: BareJid, from: FullJid, action: Action) -> Self {
        Self::ToRoom {
            room,
            from: Arc::new(from),
            action,
        }
    }
}
