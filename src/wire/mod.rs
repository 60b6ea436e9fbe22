//! XML in, requests out; effects in, XML out.
//!
//! [`decode`] with its `incoming_*` and [`encode`] with [`answer`] are the tables of contents. Below them, each folder has
//! a role: [`xml`] reads and writes stanzas as text, [`link`] keeps the connection, [`stanza`] has what all stanzas share
//! (every way to say no is in [`stanza::problem`]), `form` the data forms; [`muc`], [`content`], [`archive`] and
//! [`disco`] are about what stanzas say, and [`session`] asks whether somebody is still there. The only user of
//! `xmpp_parsers`.

pub mod answer;
pub mod archive;
pub mod content;
pub mod decode;
pub mod disco;
pub mod encode;
pub mod foreign;
mod form;
mod incoming_iq;
mod incoming_message;
mod incoming_presence;
pub mod link;
pub mod muc;
pub mod session;
pub mod stanza;
pub mod xml;

#[cfg(test)]
mod tests;
