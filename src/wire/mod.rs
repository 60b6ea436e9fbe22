//! XML in, requests out; effects in, XML out.
//!
//! [`decode`] and [`encode`] are the tables of contents, [`stanza_error`] is every way to say no.

mod caps;
mod configuration;
pub mod encode;
pub mod envelope;
mod form;
pub mod frame;
mod head;
mod invite;
mod message;
mod namespace;
pub mod page;
mod payload;
mod presence;
pub mod reader;
mod register;
mod room_information;
mod stamp;
pub mod stanza_error;
pub mod template;
mod uri;
mod voice;
mod xml;
