//! Which commands there are, and what they are. XEP-0050 §2.2 (#retrieve).

use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult, Identity, Item};
use xmpp_parsers::ns;

use super::NAMESPACE;
use crate::wire::stanza::envelope::Envelope;

/// A command that somebody may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCommand {
    /// By which it is run.
    pub node: String,
    /// What it does, in a few words.
    pub name: String,
}

/// The commands of the address that was asked.
pub fn items(envelope: &Envelope, commands: Vec<ListedCommand>) -> Vec<u8> {
    let item = |command: ListedCommand| Item {
        jid: envelope.asked.clone(),
        node: Some(command.node),
        name: Some(command.name),
    };
    let answer = DiscoItemsResult {
        node: Some(NAMESPACE.to_owned()),
        items: commands.into_iter().map(item).collect(),
        rsm: None,
    };
    envelope.answer("result", |xml| {
        xml.typed(&answer);
    })
}

/// What the list of commands is.
pub fn list_information(envelope: &Envelope) -> Vec<u8> {
    information(envelope, NAMESPACE, ("command-list", "Commands"), &[])
}

/// What a command is.
pub fn command_information(envelope: &Envelope, command: &ListedCommand) -> Vec<u8> {
    let identity = ("command-node", command.name.as_str());
    information(
        envelope,
        &command.node,
        identity,
        &[NAMESPACE, ns::DATA_FORMS],
    )
}

fn information(
    envelope: &Envelope,
    node: &str,
    (type_, name): (&str, &str),
    features: &[&str],
) -> Vec<u8> {
    let identity = Identity {
        category: "automation".to_owned(),
        type_: type_.to_owned(),
        lang: Some("en".to_owned()),
        name: Some(name.to_owned()),
    };
    let all = features.iter().chain(&[ns::DISCO_INFO, ns::DISCO_ITEMS]);
    let answer = DiscoInfoResult {
        node: Some(node.to_owned()),
        identities: vec![identity],
        features: all.map(|feature| (*feature).to_owned()).collect(),
        extensions: Vec::new(),
    };
    envelope.answer("result", |xml| {
        xml.typed(&answer);
    })
}
