//! Commands that people give by forms. XEP-0050.
//!
//! What a command is called, asks for and does is told elsewhere; here is how it looks in XML: the
//! requests ([`request`]), the answers ([`answer`]), the forms in them ([`asked_form`],
//! [`told_form`]), and how the commands that there are are listed ([`listing`]).

pub mod answer;
pub mod asked_form;
pub mod listing;
pub mod request;
pub mod told_form;

/// The namespace of all of it, the feature, and the node under which the commands are listed. §2.2
/// (#retrieve): "use of a fixed node for all commands".
pub const NAMESPACE: &str = "http://jabber.org/protocol/commands";
