//! XML in, requests out; effects in, XML out.
//!
//! [`decode`] and [`encode`] are the tables of contents, [`stanza_error`] is every way to say no.

pub mod answer;
pub mod bounce;
mod caps;
pub mod check;
mod configuration;
pub mod decode;
pub mod encode;
pub mod enter;
pub mod envelope;
mod form;
pub mod frame;
mod head;
mod hints;
pub mod history;
mod incoming_iq;
mod incoming_message;
mod incoming_presence;
mod invite;
mod message;
mod muc_admin;
mod muc_owner;
mod namespace;
pub mod page;
mod payload;
mod presence;
pub mod reader;
mod register;
pub mod relay;
mod room_information;
pub mod service_answer;
mod stamp;
pub mod stanza_error;
pub mod template;
mod traffic;
mod uri;
mod vcard;
mod voice;
mod xml;
