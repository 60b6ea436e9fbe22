//! What of a message can be searched.

use std::sync::Arc;

use super::frame::{Frame, STANZA_NAMESPACE};

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
