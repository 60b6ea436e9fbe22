//! What a message is for: to be read, to correct another, to take one back, or to say something of
//! one.
//!
//! The hard thing is that clients act on every element that they understand. So the room has to
//! look at all of a message: if only the first retraction in it were checked, a second one could
//! take back what others have said.

use jid::BareJid;
use xmpp_parsers::minidom::Element;

use super::{fallback, hints, traffic};
use crate::room::ArchiveId;
use crate::room::request::{Named, Purpose};
use crate::wire::stanza::problem::Problem;
use crate::wire::xml::frame::{Child, Frame};
use crate::wire::xml::header::STANZA_NAMESPACE;

/// What a message is for, as far as those of its elements tell that are passed on.
///
/// # Errors
/// - [`Problem::Malformed`]: it corrects or takes back without saying what, or is about more than
///   one message.
pub(in crate::wire) fn of(frame: &Frame, room: &BareJid) -> Result<Purpose, Problem> {
    let mut purpose = None;
    for child in frame
        .children()
        .filter(|child| traffic::is_relayed(child, room))
    {
        let Some(another) = deed(&child)? else {
            continue;
        };
        // The same twice is what serves clients of two versions of XEP-0424.
        if purpose.as_ref().is_some_and(|first| *first != another) {
            return Err(Problem::Malformed {
                element: "message",
                wanted: "one correction or one retraction, of one message",
            });
        }
        purpose = Some(another);
    }
    Ok(purpose.unwrap_or_else(|| match signal(frame) {
        Some(named) => Purpose::Signal(named),
        // Somebody types, and wants that to be kept.
        None if hints::is_of_the_moment(frame, room) => Purpose::Signal(None),
        None => Purpose::Speech,
    }))
}

/// What an element does to an earlier message, which only the author of that may do.
fn deed(child: &Child<'_>) -> Result<Option<Purpose>, Problem> {
    Ok(match (child.namespace(), child.name()) {
        // XEP-0308 §3 (#usecase): "refering to the previous message by id".
        (CORRECTION, "replace") => Some(Purpose::Correction(Named::ByContentId(id_of(child)?))),
        // XEP-0424 §5.1 (#business-id): "the ID assigned to the stanza by the group chat itself
        // must be used". COMPAT(clients that know no stanza ids): they name the message by the id
        // that they gave it.
        (RETRACTION, "retract") => Some(Purpose::Retraction(Named::ByEither(id_of(child)?))),
        // COMPAT(clients of before 2023): the previous version of XEP-0424 fastens it to the other
        // message.
        (FASTENING, "apply-to") if takes_back(child) => {
            Some(Purpose::Retraction(Named::ByEither(id_of(child)?)))
        }
        _ => None,
    })
}

/// Whether what is fastened to another message takes it back. XEP-0424 0.3.
fn takes_back(fastening: &Child<'_>) -> bool {
    let parsed = fastening.parse::<Element>();
    parsed.is_ok_and(|fastening| fastening.has_child("retract", RETRACTION_BEFORE))
}

fn id_of(child: &Child<'_>) -> Result<std::sync::Arc<str>, Problem> {
    let id = child.attribute("id").filter(|id| !id.is_empty());
    id.map(Into::into).ok_or(Problem::Malformed {
        element: match child.name() {
            "replace" => "replace",
            "retract" => "retract",
            _ => "apply-to",
        },
        wanted: "the id of a message as id",
    })
}

/// A message that has nothing to be read in it but what says something of another; which one, if it
/// tells.
fn signal(frame: &Frame) -> Option<Option<Named>> {
    let signal = frame.children().find(is_signal)?;
    if frame.child(STANZA_NAMESPACE, "body").is_some()
        && !fallback::is_all(frame, signal.namespace())
    {
        return None;
    }
    let id = signal.attribute("id").filter(|id| !id.is_empty());
    Some(id.map(|id| match signal.namespace() {
        // XEP-0444 §4.2 (#business-id): "the stanza's 'id' attribute MUST NOT be used for
        // reactions".
        REACTIONS => Named::ByArchiveId(ArchiveId(id.into())),
        // COMPAT(clients that know no stanza ids): XEP-0333 wants them too.
        _ => Named::ByEither(id.into()),
    }))
}

fn is_signal(child: &Child<'_>) -> bool {
    match child.namespace() {
        REACTIONS => child.name() == "reactions",
        hints::MARKERS => child.name() != "markable",
        _ => false,
    }
}

const CORRECTION: &str = "urn:xmpp:message-correct:0";
const RETRACTION: &str = "urn:xmpp:message-retract:1";
const RETRACTION_BEFORE: &str = "urn:xmpp:message-retract:0";
const FASTENING: &str = "urn:xmpp:fasten:0";
const REACTIONS: &str = "urn:xmpp:reactions:0";

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(children: &str) -> Result<Purpose, Problem> {
        let frame = Frame::from_xml(format!("<message>{children}</message>").as_bytes()).unwrap();
        of(&frame, &BareJid::new("coven@chat.shakespeare.lit").unwrap())
    }

    fn archive_id(id: &str) -> Named {
        Named::ByArchiveId(ArchiveId(id.into()))
    }

    const BODY: &str = "<body>Words</body>";
    const REPLACE: &str = "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>";
    const RETRACT: &str = "<retract xmlns='urn:xmpp:message-retract:1' id='s1'/>";
    const RETRACT_BEFORE: &str = "<apply-to xmlns='urn:xmpp:fasten:0' id='s1'>\
        <r:retract xmlns:r='urn:xmpp:message-retract:0'/></apply-to>";
    const REACT: &str = "<reactions xmlns='urn:xmpp:reactions:0' id='s1'/>";
    const DISPLAYED: &str = "<displayed xmlns='urn:xmpp:chat-markers:0' id='s1'/>";

    #[test]
    fn a_correction_names_the_id_that_its_author_gave() {
        let expected = Ok(Purpose::Correction(Named::ByContentId("m1".into())));
        assert_eq!(purpose(&format!("{BODY}{REPLACE}")), expected);
        assert_eq!(purpose(&format!("{REPLACE}{REACT}")), expected);
    }

    #[test]
    fn a_retraction_of_either_version_names_a_message_by_either_id() {
        let expected = Ok(Purpose::Retraction(Named::ByEither("s1".into())));
        for retraction in [RETRACT, RETRACT_BEFORE] {
            assert_eq!(purpose(&format!("{BODY}{retraction}")), expected);
        }
        let both = format!("{RETRACT}{BODY}{RETRACT_BEFORE}");
        assert_eq!(purpose(&both), expected, "for clients of both versions");
    }

    #[test]
    fn a_message_is_about_one_other() {
        let another = RETRACT.replace("s1", "s2");
        for children in [
            format!("{REPLACE}{RETRACT}"),
            format!("{RETRACT}{another}"),
            format!("{RETRACT_BEFORE}{another}"),
            format!("{REPLACE}{}", REPLACE.replace("m1", "m2")),
            "<replace xmlns='urn:xmpp:message-correct:0'/>".into(),
            "<retract xmlns='urn:xmpp:message-retract:1' id=''/>".into(),
            RETRACT_BEFORE.replace(" id='s1'", ""),
        ] {
            let refused = purpose(&children);
            assert!(
                matches!(refused, Err(Problem::Malformed { .. })),
                "{children}"
            );
        }
    }

    #[test]
    fn what_is_not_passed_on_does_nothing() {
        let forged = "<retract xmlns='urn:xmpp:message-retract:1' id='s1'>\
            <moderated xmlns='urn:xmpp:message-moderate:1'/></retract>";
        assert_eq!(purpose(&format!("{BODY}{forged}")), Ok(Purpose::Speech));
    }

    #[test]
    fn what_only_says_something_of_another_is_a_signal() {
        assert_eq!(purpose(REACT), Ok(Purpose::Signal(Some(archive_id("s1")))));
        let displayed = Ok(Purpose::Signal(Some(Named::ByEither("s1".into()))));
        assert_eq!(purpose(DISPLAYED), displayed);
        let fallback = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'/>";
        assert_eq!(
            purpose(&format!("{BODY}{REACT}{fallback}")),
            Ok(Purpose::Signal(Some(archive_id("s1"))))
        );
        assert_eq!(
            purpose("<reactions xmlns='urn:xmpp:reactions:0'/>"),
            Ok(Purpose::Signal(None))
        );
    }

    #[test]
    fn what_serves_the_moment_is_not_there_to_be_read() {
        let store = "<store xmlns='urn:xmpp:hints'/>";
        for children in [
            "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
            "<received xmlns='urn:xmpp:receipts' id='m1'/>",
            "<retracted xmlns='urn:xmpp:message-retract:1' id='m1'/>",
        ] {
            let kept = format!("{children}{store}");
            assert_eq!(purpose(&kept), Ok(Purpose::Signal(None)), "{kept}");
        }
        let encrypted = format!("<encrypted xmlns='urn:xmpp:omemo:2'/>{store}");
        assert_eq!(purpose(&encrypted), Ok(Purpose::Speech));
    }

    #[test]
    fn words_are_speech_whatever_else_is_said() {
        let reply = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'/>";
        for children in [
            BODY.to_owned(),
            format!("{BODY}{DISPLAYED}"),
            format!("{BODY}{REACT}"),
            format!("{BODY}{REACT}{reply}"),
            format!("{BODY}<markable xmlns='urn:xmpp:chat-markers:0'/>"),
            "<apply-to xmlns='urn:xmpp:fasten:0' id='s1'><x xmlns='urn:x'/></apply-to>".into(),
        ] {
            assert_eq!(purpose(&children), Ok(Purpose::Speech), "{children}");
        }
    }
}
