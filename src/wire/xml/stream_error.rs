//! Why the server is about to close the stream. RFC 6120 §4.9 (#streams-error).

use xmpp_parsers::ns;
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use super::payload::Recording;

/// The stream error with these children; one that says nothing we know is
/// `undefined-condition`, which claims nothing. RFC 6120 §4.9.3.21.
pub(in crate::wire) fn stream_error(payload: &Recording) -> StreamError {
    let mut xml = b"<error xmlns='".to_vec();
    xml.extend_from_slice(ns::STREAM.as_bytes());
    xml.extend_from_slice(b"'>");
    xml.extend_from_slice(&payload.xml);
    xml.extend_from_slice(b"</error>");
    xso::from_bytes(&xml).unwrap_or_else(|_| StreamError {
        condition: DefinedCondition::UndefinedCondition,
        texts: Default::default(),
        application_specific: Vec::new(),
    })
}
