//! What comes back: answers to what we asked, and stanzas that could not be delivered. XEP-0045
//! §18.1.2 (#impl-service-ghosts).
//!
//! Neither is ever answered, however broken it is.

use xmpp_parsers::stanza_error::{DefinedCondition, StanzaError};

use super::stanza_type::StanzaType;
use crate::wire::xml::frame::Frame;
use crate::wire::xml::header::STANZA_NAMESPACE;

/// What an error tells about who sent it. RFC 6120 §8.3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There is no such session: `gone`, `item-not-found`, `recipient-unavailable`, `redirect`,
    /// `remote-server-not-found`, `jid-malformed`.
    NoSuchSession,
    /// `service-unavailable`, or an error without a readable condition: perhaps there is no such
    /// session, perhaps the person blocks who had sent the stanza.
    Ambiguous,
    /// It may pass: `remote-server-timeout`, `internal-server-error`, `resource-constraint`.
    Trouble,
    /// Anything else: somebody is there and says no.
    Refused,
}

/// What became of a stanza of ours, as its answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StanzaOutcome {
    /// It was carried out, and the answer has what was asked for.
    Result,
    /// It was refused, or it could not be delivered.
    Error(Condition),
}

/// What a stanza tells of one of ours; `None` if it is neither an error nor a result.
pub(in crate::wire) fn outcome(frame: &Frame) -> Option<StanzaOutcome> {
    let type_ = StanzaType::of(&frame.header);
    if type_.is_error() {
        Some(StanzaOutcome::Error(condition(frame)))
    } else {
        type_.is_reply().then_some(StanzaOutcome::Result)
    }
}

fn condition(frame: &Frame) -> Condition {
    use DefinedCondition as C;
    let error = frame
        .child(STANZA_NAMESPACE, "error")
        .and_then(|error| error.parse::<StanzaError>().ok());
    match error.map(|error| error.defined_condition) {
        Some(
            C::Gone { .. }
            | C::ItemNotFound
            | C::RecipientUnavailable
            | C::Redirect { .. }
            | C::RemoteServerNotFound
            | C::JidMalformed,
        ) => Condition::NoSuchSession,
        None | Some(C::ServiceUnavailable) => Condition::Ambiguous,
        Some(C::RemoteServerTimeout | C::InternalServerError | C::ResourceConstraint) => {
            Condition::Trouble
        }
        Some(_) => Condition::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::tests::decoded;
    use crate::wire::incoming::Incoming;

    fn bounced(condition: &str) -> Condition {
        let xml = format!(
            "<message from='hag66@shakespeare.lit/pda' to='coven@chat.shakespeare.lit/firstwitch' id='m1' \
             type='error'><body>x</body><error type='cancel'>{condition}</error></message>"
        );
        match decoded(&xml) {
            Incoming::Bounce(condition) => condition,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn conditions_are_told_apart() {
        for (name, expected) in [
            ("gone", Condition::NoSuchSession),
            ("item-not-found", Condition::NoSuchSession),
            ("recipient-unavailable", Condition::NoSuchSession),
            ("redirect", Condition::NoSuchSession),
            ("remote-server-not-found", Condition::NoSuchSession),
            ("service-unavailable", Condition::Ambiguous),
            ("remote-server-timeout", Condition::Trouble),
            ("policy-violation", Condition::Refused),
            ("feature-not-implemented", Condition::Refused),
        ] {
            let condition = format!("<{name} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
            assert_eq!(bounced(&condition), expected, "{name}");
        }
        assert_eq!(bounced(""), Condition::Ambiguous);
    }

    #[test]
    fn answers_to_what_we_asked_are_told_by_their_id() {
        let iq = |type_: &str| {
            decoded(&format!(
                "<iq from='a@b/c' to='chat.shakespeare.lit' {type_}/>"
            ))
        };
        assert!(matches!(
            iq("type='result' id='1'"),
            Incoming::Reply { id, outcome: StanzaOutcome::Result } if id == "1"
        ));
        assert!(matches!(
            iq("type='error' id='1'"),
            Incoming::Reply {
                outcome: StanzaOutcome::Error(Condition::Ambiguous),
                ..
            }
        ));
        assert!(matches!(iq("type='result'"), Incoming::Nothing));
    }

    #[test]
    fn a_bounced_presence_is_told() {
        let xml = "<presence from='a@b/c' to='coven@chat.shakespeare.lit/x' type='error'/>";
        assert!(matches!(decoded(xml), Incoming::Bounce(_)));
    }
}
