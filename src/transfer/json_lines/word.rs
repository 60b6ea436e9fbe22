//! Single values as JSON has them. Other values are refused in words that say what would be
//! expected.

use jid::{BareJid, Jid};
use serde::{Deserialize, Serialize, Serializer, ser};

use crate::room::effect::ArchivedKind;
use crate::room::scope::{NoPrincipal, Principal, Principals};
use crate::room::setting::Word as _;
use crate::room::setting::configuration::Whois;
use crate::room::{Affiliation, InvalidNick, Nick, Role, Timestamp};
use crate::time;
use crate::transfer::name;
use crate::wire::foreign;

/// A time, see [`time`].
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct TimeWord(pub Timestamp);

impl TryFrom<String> for TimeWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let at = time::parse(&text);
        at.map(Self)
            .ok_or_else(|| format!("{text:?} is no time like 2026-11-21T02:30:37.000000Z"))
    }
}

impl Serialize for TimeWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = time::format_micros(self.0);
        let text = text.ok_or_else(|| ser::Error::custom("a time outside the calendar"))?;
        serializer.serialize_str(&text)
    }
}

/// A list of a category, an entry each as it is written.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(super) struct PrincipalsWord(pub Principals);

impl TryFrom<Vec<String>> for PrincipalsWord {
    type Error = NoPrincipal;

    fn try_from(written: Vec<String>) -> Result<Self, NoPrincipal> {
        let entries = written.iter().map(|entry| entry.parse::<Principal>());
        entries.collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for PrincipalsWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|entry| entry.to_string()))
    }
}

/// An address, bare or full.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct JidWord(pub Jid);

impl TryFrom<String> for JidWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let jid = foreign::address(&text);
        jid.map(Self)
            .ok_or_else(|| format!("{text:?} is no address"))
    }
}

impl Serialize for JidWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

/// An address without a resource.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct BareJidWord(pub BareJid);

impl TryFrom<String> for BareJidWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let jid = name::bare_jid(&text);
        jid.map(Self)
            .ok_or_else(|| format!("{text:?} is no bare address"))
    }
}

impl Serialize for BareJidWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

/// A nick that a room lets in.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct NickWord(pub Nick);

impl TryFrom<String> for NickWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let why = match Nick::new(&text) {
            Ok(nick) => return Ok(Self(nick)),
            Err(InvalidNick::Blank) => "nothing of it can be seen",
            Err(InvalidNick::Malformed) => "it is too long or has characters that no JID has",
            Err(InvalidNick::Padded) => "it starts or ends with what can't be seen",
        };
        Err(format!("{text:?} is no nick: {why}"))
    }
}

impl Serialize for NickWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

/// An affiliation that is kept, by its name.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct AffiliationWord(pub Affiliation);

impl TryFrom<String> for AffiliationWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Affiliation::from_name(&text)
            .filter(|affiliation| *affiliation != Affiliation::None)
            .map(Self)
            .ok_or_else(|| format!("{text:?} is none of owner, admin, member, outcast"))
    }
}

impl Serialize for AffiliationWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

/// What an archived message does, by its name.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct KindWord(pub ArchivedKind);

impl TryFrom<String> for KindWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let found = ArchivedKind::ALL
            .into_iter()
            .find(|kind| kind.name() == text);
        found.map(Self).ok_or_else(|| {
            let names = ArchivedKind::ALL.map(ArchivedKind::name).join(", ");
            format!("{text:?} is none of {names}")
        })
    }
}

impl Serialize for KindWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

/// A role, by its name.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct RoleWord(pub Role);

impl TryFrom<String> for RoleWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Role::from_name(&text)
            .map(Self)
            .ok_or_else(|| format!("{text:?} is none of moderator, participant, visitor, none"))
    }
}

impl Serialize for RoleWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

/// Who sees real JIDs, by the word for it; moderators where nothing is said.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct WhoisWord(pub Whois);

impl WhoisWord {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for WhoisWord {
    fn default() -> Self {
        Self(Whois::Moderators)
    }
}

impl TryFrom<String> for WhoisWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let whois = Whois::from_name(&text).map(Self);
        whois.ok_or_else(|| format!("{text:?} is none of {}", Whois::NAMES.join(", ")))
    }
}

impl Serialize for WhoisWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}
