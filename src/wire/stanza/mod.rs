//! What all stanzas share: who asks, what is refused, what is answered.

pub mod bounce;
pub mod envelope;
pub(super) mod fit;
pub(super) mod language;
pub mod page;
pub mod short_text;
pub mod stanza_error;
pub mod stanza_type;
