//! XML in, requests out; effects in, XML out.
//!
//! [`decode`] and [`encode`] are the tables of contents, [`stanza_error`] is every way to say no. [`stream`] is the
//! link to the server, [`frame`] a stanza as it came in. The only user of `xmpp_parsers`.

mod address;
pub mod answer;
mod blank_form;
pub mod bounce;
mod caps;
pub mod check;
mod configuration;
mod configuration_form;
pub mod decode;
mod disarm;
mod echo;
pub mod element;
pub mod encode;
pub mod enter;
pub mod envelope;
mod fallback;
mod fit;
pub mod foreign;
mod form;
pub mod frame;
mod handshake;
mod head;
mod hints;
pub mod history;
pub mod inbox;
mod incoming_iq;
mod incoming_message;
mod incoming_presence;
mod invite;
pub mod link_error;
pub mod mam;
mod mam_filter;
pub mod mam_form;
pub mod mam_result;
mod message;
mod moderation;
mod muc_admin;
mod muc_owner;
mod namespace;
pub mod notice;
pub mod outbox;
pub mod page;
mod payload;
mod presence;
pub(crate) mod probe;
mod purpose;
pub mod reader;
mod register;
pub mod relay;
mod requests;
pub mod retraction;
mod room_form;
mod room_information;
pub mod searchable;
pub mod service_answer;
pub(crate) mod session;
pub mod short_text;
pub mod stamp;
pub mod stanza_error;
pub mod stanza_type;
pub mod stream;
pub mod template;
mod text_between;
mod traffic;
pub mod unread;
pub mod uptime;
mod uri;
mod vcard;
mod voice;
pub(crate) mod work;
mod xml;

#[cfg(test)]
mod tests;
