//! The text by which a message is found.

use std::sync::Arc;

use crate::room::Payload;
use crate::wire::xml::frame::Frame;
use crate::wire::xml::header::STANZA_NAMESPACE;

/// The text of a message: what is said in it, in every language it is said in.
pub fn text(frame: &Frame) -> Arc<str> {
    let mut text = String::new();
    for child in frame.children() {
        let spoken =
            child.namespace() == STANZA_NAMESPACE && matches!(child.name(), "body" | "subject");
        if spoken {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&child.text());
        }
    }
    text.into()
}

/// The same of a message as it is archived.
pub fn text_of_archived(payload: &Payload) -> Arc<str> {
    let mut xml = b"<message>".to_vec();
    xml.extend_from_slice(payload.as_bytes());
    xml.extend_from_slice(b"</message>");
    Frame::from_xml(&xml).map_or_else(|_| "".into(), |frame| text(&frame))
}
