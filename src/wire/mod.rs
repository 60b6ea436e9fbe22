//! XML in, requests out; effects in, XML out.
//!
//! The only user of `xmpp_parsers`. Folders and files are on five levels. They import only from
//! levels below their own, and from what is named before them on their own level:
//!
//! 1. [`xml`] reads and writes stanzas as text.
//! 2. [`stanza`] has what all stanzas share: who asks ([`stanza::envelope`]), what came back
//!    ([`stanza::bounce`]), and every way to say no ([`stanza::problem`]).
//! 3. `form` has the data forms, [`session`] asks whether somebody is still there, and [`link`]
//!    keeps the connection.
//! 4. [`muc`] is about what XEP-0045 puts into stanzas, [`content`] about what users put into
//!    messages, [`archive`] about archives, [`adhoc`] about commands, and [`disco`] tells what all
//!    of them can do.
//! 5. [`decode`] with [`incoming`] and its `incoming_*`, [`encode`], [`answer`] and [`foreign`] are
//!    the tables of contents: each of their arms leads to the file that is named for it.
//!
//! So whoever adds a kind of stanza writes one file on the fourth level, and one arm on the fifth.

pub mod adhoc;
pub mod answer;
pub mod archive;
pub mod content;
pub mod decode;
pub mod disco;
pub mod encode;
pub mod foreign;
mod form;
pub mod incoming;
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
