//! What a message is for: to be read, to correct another, to take one back, or to say something of one.

use super::frame::{Child, Frame, STANZA_NAMESPACE};
use crate::room::ArchiveId;
use crate::room::request::{Named, Purpose};

/// What a message is for, as far as its elements tell.
pub(super) fn of(frame: &Frame) -> Purpose {
    if let Some(id) = named(frame, CORRECTION, "replace") {
        return Purpose::Correction(Named::ByContentId(id.as_str().into()));
    }
    if let Some(retraction) = retraction(frame) {
        return Purpose::Retraction(retraction);
    }
    signal(frame).map_or(Purpose::Speech, Purpose::Signal)
}

/// XEP-0424 §5.1 (#business-id): "the ID assigned to the stanza by the group chat itself must be used".
fn retraction(frame: &Frame) -> Option<Named> {
    if let Some(id) = named(frame, RETRACTION, "retract") {
        return Some(Named::ByEither(id.as_str().into()));
    }
    // COMPAT(clients of before 2023): the previous version of XEP-0424 fastens it to the other message.
    let fastened = frame.child(FASTENING, "apply-to")?;
    let mark = format!("<retract xmlns='{RETRACTION_BEFORE}'");
    let retracts = fastened
        .xml()
        .windows(mark.len())
        .any(|window| window == mark.as_bytes());
    let id = fastened.attribute("id").filter(|_| retracts)?;
    Some(Named::ByEither(id.as_str().into()))
}

/// A message that has nothing to be read in it but what says something of another; which one, if it tells.
fn signal(frame: &Frame) -> Option<Option<Named>> {
    let signal = frame.children().find(is_signal)?;
    let has_words = frame.child(STANZA_NAMESPACE, "body").is_some()
        && frame.child(FALLBACK, "fallback").is_none();
    if has_words {
        return None;
    }
    let id = signal.attribute("id").filter(|id| !id.is_empty());
    Some(id.map(|id| match signal.namespace() {
        REACTIONS => Named::ByArchiveId(ArchiveId(id.as_str().into())),
        _ => Named::ByEither(id.as_str().into()),
    }))
}

fn is_signal(child: &Child<'_>) -> bool {
    match child.namespace() {
        REACTIONS => child.name() == "reactions",
        MARKERS => child.name() != "markable",
        _ => false,
    }
}

fn named(frame: &Frame, namespace: &str, name: &str) -> Option<String> {
    frame
        .child(namespace, name)?
        .attribute("id")
        .filter(|id| !id.is_empty())
}

const CORRECTION: &str = "urn:xmpp:message-correct:0";
const RETRACTION: &str = "urn:xmpp:message-retract:1";
const RETRACTION_BEFORE: &str = "urn:xmpp:message-retract:0";
const FASTENING: &str = "urn:xmpp:fasten:0";
const REACTIONS: &str = "urn:xmpp:reactions:0";
const MARKERS: &str = "urn:xmpp:chat-markers:0";
const FALLBACK: &str = "urn:xmpp:fallback:0";
