//! The start of a stanza: which of the three it is, and its attributes as they were sent.

/// The namespace of stanzas on our link, which [`Child::namespace`] gives for a child in
/// the stanza's own namespace, whatever that was called on the wire. XEP-0114 §3 (#proto).
pub const STANZA_NAMESPACE: &str = xmpp_parsers::ns::DEFAULT_NS;

/// The stanza's own namespace as it is written; implied directly in a stanza.
pub(in crate::wire) const CLIENT_NAMESPACE: &str = xmpp_parsers::ns::JABBER_CLIENT;

/// The name of the stanza's element. RFC 6120 §8.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StanzaKind {
    /// A `<message/>` stanza.
    Message,
    /// A `<presence/>` stanza.
    Presence,
    /// An `<iq/>` stanza.
    Iq,
}

impl StanzaKind {
    /// The name of the element.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Presence => "presence",
            Self::Iq => "iq",
        }
    }

    /// The kind whose element has this name.
    pub(in crate::wire) fn from_name(name: &str) -> Option<Self> {
        [Self::Message, Self::Presence, Self::Iq]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// The attributes of a stanza, as they were sent: nothing of them has been validated.
/// RFC 6120 §8.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which of the three stanzas it is.
    pub kind: StanzaKind,
    /// The sender; every server stamps it, but it need not be a valid JID.
    pub from: Option<String>,
    /// The address in our domain that is meant; it need not be a valid JID.
    pub to: Option<String>,
    /// The sender's id, to be echoed in an answer.
    pub id: Option<String>,
    /// The type; it may be one that no specification knows.
    ///
    /// Beyond this layer [`StanzaType`](crate::wire::stanza::stanza_type::StanzaType) tells it:
    /// what a type means depends on the kind.
    pub(in crate::wire) type_: Option<String>,
    /// `xml:lang`, the language of the texts that name none of their own.
    pub lang: Option<String>,
}
