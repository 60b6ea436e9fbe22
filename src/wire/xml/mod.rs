//! A stanza as text: read within limits into a frame, and written.

pub(super) mod address;
pub(super) mod disarm;
pub mod element;
pub mod frame;
pub(super) mod head;
pub mod header;
pub mod limits;
pub(super) mod namespace;
pub mod one_stanza;
pub mod overspent;
pub(super) mod payload;
pub mod reader;
pub(super) mod skim;
pub(super) mod stream_error;
pub mod template;
pub(super) mod text_between;
pub mod uri;
pub(crate) mod work;
pub(super) mod writer;
