//! What all stanzas share: who asks, what is refused, what is answered.

pub mod bounce;
mod command_problem;
pub mod envelope;
pub(super) mod fit;
pub mod fresh;
pub(super) mod language;
pub mod page;
pub mod problem;
pub mod short_text;
pub mod stanza_error;
pub mod stanza_type;

/// The namespace of our own extensions.
pub(in crate::wire) const OWN_NAMESPACE: &str = "urn:lyceum:0";
