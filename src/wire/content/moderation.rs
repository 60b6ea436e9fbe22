//! Messages that a moderator takes back: the request. XEP-0425 §3 (#usecase).
//!
//! What the room then says is in [`retraction`](super::retraction).

use xmpp_parsers::minidom::Element;

use crate::room::request::MessageModeration;
use crate::room::{Action, ArchiveId};
use crate::wire::stanza::fresh::Fresh;
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::short_text;
use crate::wire::xml::frame::Child;

/// The namespace of the request.
pub(in crate::wire) const NAMESPACE: &str = "urn:xmpp:message-moderate:1";
/// That of the version before, in which the request is fastened to the message.
pub(in crate::wire) const NAMESPACE_BEFORE: &str = "urn:xmpp:message-moderate:0";
/// What it was fastened with. XEP-0422.
pub(in crate::wire) const FASTENING: &str = "urn:xmpp:fasten:0";

/// Reads a request of the newest version, `<moderate/>`.
///
/// # Errors
/// - [`Problem::Malformed`]: it does not say which message, or not what is to be done with it.
/// - [`Problem::NotImplemented`]: something else is to be done than taking it back.
/// - [`Problem::TextTooLong`]: the reason.
pub(in crate::wire) fn decode(child: &Child<'_>, fresh: Fresh) -> Result<Action, Problem> {
    let moderate: Element = child.parse().map_err(|_| MALFORMED)?;
    let id = moderate.attr("id");
    action(id, &moderate, RETRACTION, child.language(), fresh)
}

/// Reads `<apply-to/>` with a `<moderate/>` in it. COMPAT(clients of before 2023): XEP-0425 0.2.
///
/// # Errors
/// - Those of [`decode`].
/// - [`Problem::Unsupported`]: there is no `<moderate/>`.
pub(in crate::wire) fn decode_fastened(child: &Child<'_>, fresh: Fresh) -> Result<Action, Problem> {
    let fastening: Element = child.parse().map_err(|_| MALFORMED)?;
    let moderate = fastening.get_child("moderate", NAMESPACE_BEFORE);
    let moderate = moderate.ok_or_else(|| Problem::unsupported(child))?;
    let id = fastening.attr("id");
    action(id, moderate, RETRACTION_BEFORE, child.language(), fresh)
}

fn action(
    id: Option<&str>,
    moderate: &Element,
    retraction: &str,
    stanzas_language: Option<&str>,
    fresh: Fresh,
) -> Result<Action, Problem> {
    let id = id.filter(|id| !id.is_empty()).ok_or(MALFORMED)?;
    if !moderate.has_child("retract", retraction) {
        let does_something = moderate.children().any(|child| child.name() != "reason");
        return Err(match does_something {
            true => Problem::NotImplemented { part: NOT_DONE },
            false => MALFORMED,
        });
    }
    let reason = moderate.get_child("reason", moderate.ns().as_str());
    let said = |reason: &Element| {
        let own = reason.attr("xml:lang").map(str::to_owned);
        let around = || stanzas_language.map(str::to_owned);
        (own.or_else(around), reason.text())
    };
    Ok(Action::ModerateMessage(Box::new(MessageModeration {
        message: ArchiveId(id.into()),
        original: None,
        reason: short_text::decode_words("reason", reason.map(said))?,
        archive_id: fresh.archive_id,
        id: fresh.message_id,
    })))
}

const MALFORMED: Problem = Problem::Malformed {
    element: "moderate",
    wanted: "the stanza-id of a message as id, and <retract/> in it",
};
const NOT_DONE: &str = "<moderate/>: all that is done here is <retract/>";
const RETRACTION: &str = "urn:xmpp:message-retract:1";
const RETRACTION_BEFORE: &str = "urn:xmpp:message-retract:0";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::tests::{asked, refused};

    fn iq(child: &str) -> String {
        format!(
            "<iq from='hag66@shakespeare.lit/pda' to='coven@chat.shakespeare.lit' type='set' id='i1'>{child}</iq>"
        )
    }

    #[track_caller]
    fn moderation(child: &str) -> MessageModeration {
        match asked(&iq(child)) {
            Action::ModerateMessage(moderation) => *moderation,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_of_either_version_is_understood() {
        let expected = MessageModeration {
            message: ArchiveId("stanza-id-1".into()),
            original: None,
            reason: Some("Indecent".into()),
            archive_id: ArchiveId("fresh-archive".into()),
            id: "fresh-message".into(),
        };
        for request in [
            "<moderate id='stanza-id-1' xmlns='urn:xmpp:message-moderate:1'>\
             <retract xmlns='urn:xmpp:message-retract:1'/><reason>Indecent</reason></moderate>",
            "<apply-to id='stanza-id-1' xmlns='urn:xmpp:fasten:0'>\
             <moderate xmlns='urn:xmpp:message-moderate:0'>\
             <retract xmlns='urn:xmpp:message-retract:0'/><reason>Indecent</reason></moderate></apply-to>",
        ] {
            assert_eq!(moderation(request), expected, "{request}");
        }
    }

    #[test]
    fn a_reason_may_be_missing_or_blank_but_not_long() {
        let with = |reason: &str| {
            format!(
                "<moderate id='s' xmlns='urn:xmpp:message-moderate:1'>\
                 <retract xmlns='urn:xmpp:message-retract:1'/>{reason}</moderate>"
            )
        };
        for none in ["", "<reason/>", "<reason> </reason>"] {
            assert_eq!(moderation(&with(none)).reason, None, "{none}");
        }
        let long = format!("<reason>{}</reason>", "x".repeat(short_text::TEXT_MAX + 1));
        let element = "reason";
        assert_eq!(refused(&iq(&with(&long))), Problem::TextTooLong { element });
    }

    #[test]
    fn what_is_missing_or_unheard_of_is_told_apart() {
        let retract = "<retract xmlns='urn:xmpp:message-retract:1'/>";
        let moderate = |attributes: &str, children: &str| {
            iq(&format!(
                "<moderate xmlns='urn:xmpp:message-moderate:1' {attributes}>{children}</moderate>"
            ))
        };
        assert_eq!(refused(&moderate("", retract)), MALFORMED);
        assert_eq!(refused(&moderate("id=''", retract)), MALFORMED);
        assert_eq!(
            refused(&moderate("id='s'", "<reason>x</reason>")),
            MALFORMED
        );
        assert_eq!(
            refused(&moderate("id='s'", "<edit xmlns='urn:x'/>")),
            Problem::NotImplemented { part: NOT_DONE }
        );
        let fastened =
            iq("<apply-to id='s' xmlns='urn:xmpp:fasten:0'><other xmlns='urn:x'/></apply-to>");
        assert!(matches!(refused(&fastened), Problem::Unsupported { .. }));
        let got = moderate("id='s'", retract).replace("type='set'", "type='get'");
        assert!(matches!(refused(&got), Problem::Unsupported { .. }));
    }
}
