//! What is in a room's answers to IQs.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::scope::Switches;
use super::setting::addin::{AddIn, AddIns};
use super::setting::configuration::Configuration;
use super::{Affiliation, Nick, Role, Words};

/// One line of a list of affiliations.
#[derive(Clone, Debug, PartialEq)]
pub struct AffiliationItem {
    /// A bare JID or a domain.
    pub jid: BareJid,
    /// The affiliation that they have.
    pub affiliation: Affiliation,
    /// The reserved nick, else the nick of now.
    pub nick: Option<Nick>,
    /// Why it was given.
    pub reason: Option<Words>,
}

/// One line of a list of roles.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleItem {
    /// The occupant's nick.
    pub nick: Nick,
    /// The role that is listed.
    pub role: Role,
    /// The affiliation that they have.
    pub affiliation: Affiliation,
    /// The full JID; `None` for an asker who may not see it.
    pub real_jid: Option<Arc<FullJid>>,
}

/// What the configuration form shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigurationForm {
    /// What is shown, in a few letters: another once anything of it is.
    pub version: Arc<str>,
    /// What holds now.
    pub configuration: Configuration,
    /// Everybody who owns the room.
    pub owners: Vec<BareJid>,
    /// Everybody who is an admin.
    pub admins: Vec<BareJid>,
    /// The name of the category that it is in.
    pub category: Arc<str>,
    /// The names of those that may be chosen, that one among them.
    pub categories: Vec<Arc<str>>,
    /// Who presents; `None` where that is too long a list for a form.
    pub presenters: Option<Vec<BareJid>>,
    /// The add-ins that can be chosen.
    pub addins: Arc<AddIns>,
}

/// What disco#info tells of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Information {
    /// What holds now.
    pub configuration: Configuration,
    /// The category that the room is in, by its name.
    pub category: Arc<str>,
    /// What the category lets the room do.
    pub switches: Switches,
    /// How many occupants are inside.
    pub occupants: usize,
    /// The subject as text; empty when there is none.
    pub subject: Arc<str>,
    /// Whom to turn to: the owners, where the asker may know them.
    pub contacts: Vec<BareJid>,
    /// The avatar's hash.
    pub avatar_hash: Option<Arc<str>>,
    /// The web page that is shown beside the room.
    pub addin: Option<AddIn>,
}
