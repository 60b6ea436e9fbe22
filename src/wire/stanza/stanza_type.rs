//! What a stanza is by its kind and its type. RFC 6120 §8.2.3, RFC 6121 §4.7.1, §5.2.2.
//!
//! Kind and type are read together and here only: whoever limits a stanza, answers it or acts on it
//! looks at the same [`StanzaType`]. A type means something for its own kind alone: `result` is an
//! answer on an IQ and nothing on a message, which is read as one of type `normal`, and so has to
//! be counted as one.

use crate::wire::xml::header::{Header, StanzaKind};

/// A stanza's kind and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StanzaType {
    /// A `<message/>`, with its type.
    Message(MessageType),
    /// A `<presence/>`, with its type.
    Presence(PresenceType),
    /// An `<iq/>`, with its type.
    Iq(IqType),
}

/// RFC 6121 §5.2.2: "If an application receives a message with no 'type' attribute or the
/// application does not understand the value of the 'type' attribute provided, it MUST consider the
/// message to be of type "normal"".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageType {
    /// To one person, in a conversation.
    Chat,
    /// To a room.
    Groupchat,
    /// To be read, and not to be answered.
    Headline,
    /// Any other message, of an unknown type too.
    Normal,
    /// A message came back.
    Error,
}

/// RFC 6121 §4.7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresenceType {
    /// No type: somebody is there.
    Available,
    /// Somebody goes, or leaves a room.
    Unavailable,
    /// Somebody asks to see our presence.
    Subscribe,
    /// Somebody asks how we are, and is told by a presence, never by an error.
    Probe,
    /// The rest of what is said about subscriptions: nothing here, and never answered.
    AboutSubscriptions,
    /// A presence came back.
    Error,
    /// A type that there is none of.
    Unknown,
}

/// RFC 6120 §8.2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IqType {
    /// Something is asked.
    Get,
    /// Something is to be changed.
    Set,
    /// What was asked for.
    Result,
    /// A question or an order was refused.
    Error,
    /// None, or a type that there is none of.
    Unknown,
}

impl StanzaType {
    /// The type of the stanza with this header.
    pub fn of(header: &Header) -> Self {
        let type_ = header.type_.as_deref();
        match header.kind {
            StanzaKind::Message => Self::Message(match type_ {
                Some("chat") => MessageType::Chat,
                Some("groupchat") => MessageType::Groupchat,
                Some("headline") => MessageType::Headline,
                Some("error") => MessageType::Error,
                _ => MessageType::Normal,
            }),
            StanzaKind::Presence => Self::Presence(match type_ {
                None => PresenceType::Available,
                Some("unavailable") => PresenceType::Unavailable,
                Some("subscribe") => PresenceType::Subscribe,
                Some("subscribed" | "unsubscribe" | "unsubscribed") => {
                    PresenceType::AboutSubscriptions
                }
                Some("probe") => PresenceType::Probe,
                Some("error") => PresenceType::Error,
                Some(_) => PresenceType::Unknown,
            }),
            StanzaKind::Iq => Self::Iq(match type_ {
                Some("get") => IqType::Get,
                Some("set") => IqType::Set,
                Some("result") => IqType::Result,
                Some("error") => IqType::Error,
                _ => IqType::Unknown,
            }),
        }
    }

    /// Whether it is an error, which is never answered: RFC 6120 §8.3.1.
    pub fn is_error(self) -> bool {
        matches!(
            self,
            Self::Message(MessageType::Error)
                | Self::Presence(PresenceType::Error)
                | Self::Iq(IqType::Error)
        )
    }

    /// Whether it answers a request of ours, or of one occupant to another.
    pub fn is_reply(self) -> bool {
        matches!(self, Self::Iq(IqType::Result | IqType::Error))
    }

    /// Whether an error may be sent for it. An error is no answer to an answer, or two services
    /// would go on for ever; and who says good-bye or tells about a subscription expects none. RFC
    /// 6120 §8.3.1, RFC 6121 §4.5.
    pub fn is_answerable(self) -> bool {
        match self {
            Self::Message(_) | Self::Iq(_) => !self.is_error() && !self.is_reply(),
            Self::Presence(type_) => matches!(
                type_,
                PresenceType::Available | PresenceType::Subscribe | PresenceType::Unknown
            ),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;

    fn of(kind: &str, type_: &str) -> StanzaType {
        let xml = format!("<{kind} type='{type_}'/>");
        StanzaType::of(&Frame::from_xml(xml.as_bytes()).unwrap().header)
    }

    /// Every type that a stanza of any kind has, and some that none has.
    pub const TYPES: [&str; 19] = [
        "available",
        "chat",
        "error",
        "get",
        "groupchat",
        "headline",
        "normal",
        "probe",
        "result",
        "set",
        "subscribe",
        "subscribed",
        "unavailable",
        "unsubscribe",
        "unsubscribed",
        "",
        "RESULT",
        "error ",
        "\u{e9}",
    ];

    #[test]
    fn an_unknown_type_of_message_is_a_normal_message() {
        for type_ in TYPES {
            let known = ["chat", "groupchat", "headline", "error"].contains(&type_);
            let normal = of("message", type_) == StanzaType::Message(MessageType::Normal);
            assert_eq!(normal, !known, "{type_:?}");
        }
    }

    #[test]
    fn a_type_counts_for_its_own_kind_only() {
        for kind in ["message", "presence", "iq"] {
            for type_ in TYPES {
                let read = of(kind, type_);
                assert_eq!(read.is_error(), type_ == "error", "{kind} {type_:?}");
                let replies = kind == "iq" && ["result", "error"].contains(&type_);
                assert_eq!(read.is_reply(), replies, "{kind} {type_:?}");
            }
        }
        assert_eq!(
            of("presence", "unavailable"),
            StanzaType::Presence(PresenceType::Unavailable)
        );
        assert_eq!(of("iq", "unavailable"), StanzaType::Iq(IqType::Unknown));
    }
}
