//! What a room says to a stanza, in the words of commands.

use crate::room::Refusal;

/// What whoever typed a command is told of a refusal: the flag is named that is wrong, if one is.
/// `why` has the words of a stanza's error, which may name elements and fields.
pub(super) fn words(refusal: &Refusal, why: &str) -> String {
    match refusal {
        Refusal::NotAPerson(jid) => {
            format!("{jid} is no person; a manager is one, by an address like ann@example.org")
        }
        Refusal::OperatorAnyway => {
            "an operator of the pool manages every room, and can't be less in one".to_owned()
        }
        Refusal::LastOwner => "the room would be left without a manager".to_owned(),
        Refusal::ConfigurationNotAcceptable { field, problem } => match flag(field) {
            Some(flag) => format!("--{flag}: {problem}"),
            None => format!("{field}: {problem}"),
        },
        _ => by_flag(why).unwrap_or_else(|| lowered(why)),
    }
}

/// Words that begin with a field, with the flag in its place.
fn by_flag(why: &str) -> Option<String> {
    let (field, problem) = why.split_once(": ")?;
    Some(format!("--{}: {problem}", flag(field)?))
}

/// The flag that says what a field of the configuration form says.
fn flag(field: &str) -> Option<&'static str> {
    let row = FLAGS.iter().find(|(of, _)| *of == field);
    row.map(|(_, flag)| *flag)
}

/// Behind `lyceum: ` a sentence goes on.
fn lowered(words: &str) -> String {
    let mut characters = words.chars();
    let first = characters.next();
    let first = first.map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

const FLAGS: &[(&str, &str)] = &[
    ("muc#roomconfig_roomname", "name"),
    ("muc#roomconfig_roomdesc", "description"),
    ("muc#roomconfig_roomowners", "manager"),
    ("muc#roomconfig_publicroom", "privacy"),
    ("muc#roomconfig_membersonly", "privacy"),
    ("muc#roomconfig_moderatedroom", "type"),
    ("{urn:lyceum:0}category", "category"),
    ("{urn:lyceum:0}privacy", "privacy"),
    ("{urn:lyceum:0}type", "type"),
    ("{urn:lyceum:0}presenters", "presenter"),
    ("{urn:lyceum:0}addin", "addin"),
    ("{urn:lyceum:0}invitations", "invitations"),
    ("{urn:lyceum:0}disabled", "disabled"),
    ("{urn:lyceum:0}disabled-reason", "reason"),
];
