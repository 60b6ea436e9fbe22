//! Records as JSON has them: the fields, their names, and what may be left out.
//!
//! Reading is strict about what it does not know, so that nothing is lost without a word: an unknown field, an unknown
//! word or an address that is none is an error. It is lenient about what is not there: of a room only its address is
//! needed, everything else is as in a new room.

use serde::{Deserialize, Serialize};

use super::settings::Settings;
use super::word::{AffiliationWord, Any, Bare, KindWord, Name, RoleWord, Time, WhoisWord};

/// The version of the format. It grows when a reader of the version before could misread what is written.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line {
    Header(Header),
    Room(Box<Room>),
    Message(Message),
    End(End),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub version: u32,
    pub software: String,
    pub domain: Bare,
    pub exported_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Room {
    pub jid: Bare,
    /// The secret of occupant ids in base64, 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<Bare>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_since: Option<Time>,
    #[serde(default)]
    pub configuration: Settings,
    #[serde(default)]
    pub affiliations: Vec<Affiliated>,
    #[serde(default)]
    pub registered_nicks: Vec<Registered>,
    #[serde(default)]
    pub voices: Vec<Voiced>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Avatar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_messages: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Affiliated {
    /// A bare JID, or a domain.
    pub jid: Bare,
    pub affiliation: AffiliationWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_by: Option<Bare>,
    pub given_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registered {
    pub jid: Bare,
    pub nick: Name,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Voiced {
    pub jid: Bare,
    pub role: RoleWord,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subject {
    /// Empty when it was taken away.
    pub text: String,
    /// Who changed it last; nobody ever did when it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<SubjectSet>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectSet {
    pub nick: Name,
    pub at: Time,
    pub message_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    pub payload: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Avatar {
    /// The `<vCard/>`; its picture's hash follows from it.
    pub vcard: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    pub room: Bare,
    pub id: String,
    pub at: Time,
    pub kind: KindWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nick: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Any>,
    /// Who saw the author's address when it was said. Where it is not told, nobody knows, and it is moderators.
    #[serde(default, skip_serializing_if = "WhoisWord::is_default")]
    pub whois: WhoisWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupant_id: Option<String>,
    pub message_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The children of the message, one after the other.
    pub payload: String,
}

/// The message that another is about. As a rule a stanza id; only what was read elsewhere names it otherwise.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a stanza id, or {\"message_id\":…}, or {\"any_id\":…}"
)]
pub(super) enum About {
    StanzaId(String),
    MessageId { message_id: String },
    Either { any_id: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub rooms: u64,
    pub messages: u64,
}
