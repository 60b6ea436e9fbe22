//! Records as JSON has them: the fields, their names, and what may be left out.
//!
//! Reading is strict about what it does not know, so that nothing is lost without a word: an
//! unknown field, an unknown word or an address that is none is an error. It is lenient about what
//! is not there: of a room only its address is needed, everything else is as in a new room.

use serde::{Deserialize, Serialize};

use super::bonds::BondLists;
use super::settings::SettingsObject;
use super::word::{
    AffiliationWord, BareJidWord, JidWord, KindWord, NickWord, PrincipalsWord, TimeWord, WhoisWord,
};

/// The version of the format. It grows when a reader of the version before could misread what is
/// written.
pub const VERSION: u32 = 1;

/// One line of an export.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum JsonLine {
    Header(HeaderLine),
    Category(CategoryLine),
    Room(Box<RoomLine>),
    Message(MessageLine),
    End(EndLine),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderLine {
    pub version: u32,
    pub software: String,
    pub domain: BareJidWord,
    pub exported_at: TimeWord,
}

/// A category; what is left out of its switches is on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CategoryLine {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub allowed: PrincipalsWord,
    #[serde(default)]
    pub denied: PrincipalsWord,
    #[serde(default)]
    pub creators: PrincipalsWord,
    #[serde(default = "on")]
    pub history: bool,
    #[serde(default = "on")]
    pub invitations: bool,
    #[serde(default = "on")]
    pub uploads: bool,
}

fn on() -> bool {
    true
}

#[derive(Serialize, Deserialize)]
pub(super) struct RoomLine {
    pub jid: BareJidWord,
    /// The secret of occupant ids in base64, 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<TimeWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<BareJidWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_since: Option<TimeWord>,
    #[serde(default)]
    pub configuration: SettingsObject,
    #[serde(default)]
    pub affiliations: Vec<WrittenAffiliation>,
    /// It finds what is no field of a room, too.
    #[serde(flatten)]
    pub bonds: BondLists,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<WrittenSubject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<WrittenAvatar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addin: Option<WrittenAddIn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_messages: Option<u64>,
}

/// The add-in of a room, with all that another pool has to know to register it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAddIn {
    pub name: String,
    pub url: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAffiliation {
    /// A bare JID, or a domain.
    pub jid: BareJidWord,
    pub affiliation: AffiliationWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The `xml:lang` of the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_by: Option<BareJidWord>,
    pub given_at: TimeWord,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSubject {
    /// Empty when it was taken away.
    pub text: String,
    /// Who changed it last; nobody ever did when it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<WrittenSubjectSet>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSubjectSet {
    pub nick: NickWord,
    pub at: TimeWord,
    pub message_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    pub payload: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAvatar {
    /// The `<vCard/>`; its picture's hash follows from it.
    pub vcard: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageLine {
    pub room: BareJidWord,
    pub id: String,
    pub at: TimeWord,
    pub kind: KindWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<WrittenAbout>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nick: Option<NickWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<JidWord>,
    /// Who saw the author's address when it was said. Where it is not told, nobody knows, and it is
    /// moderators.
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

/// The message that another is about. As a rule a stanza id; only what was read elsewhere names it
/// otherwise.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a stanza id, or {\"message_id\":…}, or {\"any_id\":…}"
)]
pub(super) enum WrittenAbout {
    StanzaId(String),
    MessageId { message_id: String },
    Either { any_id: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine {
    pub rooms: u64,
    pub messages: u64,
}
