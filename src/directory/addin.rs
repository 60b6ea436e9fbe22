//! The add-ins of the pool: web pages that are registered once, and of which each room may choose
//! one. DESIGN §1.
//!
//! What rooms need of them is part of their terms. The hard thing is who is to be told when a name
//! or an address changes: everybody who is inside a room that uses it, of which there may be tens
//! of thousands. So a change is kept with how far people have been told of it ([`AddInNews`]); the
//! service goes from room to room, in the order of their addresses, and goes on after a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use jid::BareJid;
use url::Url;

use super::{Change, Directory, Effect};
use crate::room::setting::addin::{AddIn, AddInId, AddIns, NONE, name_key};
use crate::room::text::one_line::is_one_line;
use crate::room::{AddInRefusal, Refusal};

/// How far those are told of an add-in's last change who are inside rooms that use it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AddInNews {
    /// All of them.
    #[default]
    Told,
    /// In the rooms up to this address, in the order of addresses; `None`: in none yet.
    ToldUpTo(Option<BareJid>),
}

/// An add-in as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAddIn {
    /// By which rooms know it.
    pub id: AddInId,
    /// What people know of it.
    pub addin: AddIn,
    /// Who knows of its last change.
    pub news: AddInNews,
}

/// All add-ins, as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptAddIns {
    /// Those that are registered.
    pub all: Vec<KeptAddIn>,
    /// The largest number that any ever had; none of these is given again.
    pub last: AddInId,
}

/// The registry of the pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AddInRegistry {
    /// As the rooms know it.
    shared: Arc<AddIns>,
    last: AddInId,
    /// The last room in which people were told, of those whose change is not told everywhere.
    untold: BTreeMap<AddInId, Option<BareJid>>,
}

impl AddInRegistry {
    /// The registry as it was kept.
    pub fn of(kept: KeptAddIns) -> Self {
        let untold = kept.all.iter().filter_map(|addin| match &addin.news {
            AddInNews::Told => None,
            AddInNews::ToldUpTo(room) => Some((addin.id, room.clone())),
        });
        Self {
            untold: untold.collect(),
            last: kept.last,
            shared: Arc::new(
                kept.all
                    .into_iter()
                    .map(|kept| (kept.id, kept.addin))
                    .collect(),
            ),
        }
    }

    /// The registry as the rooms know it.
    pub fn shared(&self) -> &Arc<AddIns> {
        &self.shared
    }
}

impl Directory {
    /// Registers an add-in.
    ///
    /// # Errors
    /// - [`AddInRefusal::NotAcceptable`]: the name or the address can't be one.
    /// - [`AddInRefusal::NameTaken`], [`AddInRefusal::TooMany`]
    pub(super) fn new_addin(
        &mut self,
        addin: AddIn,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        check_name(&addin.name)?;
        check_url(&addin.url)?;
        self.check_addin_name(&addin.name, None)?;
        if self.addins.shared.count() >= ADD_INS_MAX {
            return Err(Refusal::AddIn(AddInRefusal::TooMany { most: ADD_INS_MAX }));
        }
        let id = AddInId(self.addins.last.0 + 1);
        self.addins.last = id;
        self.keep_addin(id, addin, AddInNews::Told, effects);
        Ok(())
    }

    /// Gives an add-in another name, another address, or both. Those inside rooms that use it are
    /// told one room after the other.
    ///
    /// # Errors
    /// - [`AddInRefusal::Unknown`]
    /// - [`AddInRefusal::NotAcceptable`]: the name or the address can't be one.
    /// - [`AddInRefusal::NameTaken`]: by another one.
    pub(super) fn set_addin(
        &mut self,
        name: &str,
        (new_name, url): (Option<Arc<str>>, Option<Arc<str>>),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (id, before) = self.addin_named(name)?;
        let addin = AddIn {
            name: new_name.unwrap_or_else(|| before.name.clone()),
            url: url.unwrap_or_else(|| before.url.clone()),
        };
        check_name(&addin.name)?;
        check_url(&addin.url)?;
        self.check_addin_name(&addin.name, Some(id))?;
        if addin != *before {
            self.keep_addin(id, addin, AddInNews::ToldUpTo(None), effects);
        }
        Ok(())
    }

    /// Removes an add-in that is no room's; `rooms` is how many have it.
    ///
    /// # Errors
    /// - [`AddInRefusal::Unknown`]
    /// - [`AddInRefusal::InUse`]
    pub(super) fn remove_addin(
        &mut self,
        name: &str,
        rooms: u64,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (id, _) = self.addin_named(name)?;
        if rooms > 0 {
            return Err(Refusal::AddIn(AddInRefusal::InUse { rooms }));
        }
        Arc::make_mut(&mut self.addins.shared).remove(id);
        self.addins.untold.remove(&id);
        self.share_addins();
        effects.push(Effect::Save(Change::AddInRemoved(id)));
        Ok(())
    }

    /// Those inside the rooms up to this one know of an add-in's change; `None`: everybody.
    ///
    /// # Errors
    /// None.
    pub(super) fn note_addin_told(
        &mut self,
        id: AddInId,
        up_to: Option<BareJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Some(told) = self.addins.untold.get_mut(&id) else {
            return Ok(());
        };
        let news = match up_to {
            Some(room) => {
                *told = Some(room.clone());
                AddInNews::ToldUpTo(Some(room))
            }
            None => {
                self.addins.untold.remove(&id);
                AddInNews::Told
            }
        };
        effects.push(Effect::Save(Change::AddInTold { id, news }));
        Ok(())
    }

    /// An add-in of whose change people are still to be told, and the room after which to go on.
    pub fn untold_addin(&self) -> Option<(AddInId, Option<&BareJid>)> {
        let (id, room) = self.addins.untold.first_key_value()?;
        Some((*id, room.as_ref()))
    }

    /// The add-ins that are registered.
    pub fn addins(&self) -> &Arc<AddIns> {
        self.addins.shared()
    }

    fn addin_named(&self, name: &str) -> Result<(AddInId, &AddIn), Refusal> {
        let addins = &self.addins.shared;
        let found = addins
            .named(name)
            .and_then(|id| Some((id, addins.get(id)?)));
        found.ok_or(Refusal::AddIn(AddInRefusal::Unknown))
    }

    /// Whether no other add-in has a name.
    fn check_addin_name(&self, name: &str, own: Option<AddInId>) -> Result<(), Refusal> {
        match self.addins.shared.named(name) {
            Some(id) if Some(id) != own => Err(Refusal::AddIn(AddInRefusal::NameTaken)),
            Some(_) | None => Ok(()),
        }
    }

    fn keep_addin(
        &mut self,
        id: AddInId,
        addin: AddIn,
        news: AddInNews,
        effects: &mut Vec<Effect>,
    ) {
        Arc::make_mut(&mut self.addins.shared).set(id, addin.clone());
        if news != AddInNews::Told {
            self.addins.untold.insert(id, None);
        }
        self.share_addins();
        effects.push(Effect::Save(Change::AddIn(KeptAddIn { id, addin, news })));
    }

    /// Lets rooms have the add-ins of now in their terms. Those that are awake get them when
    /// something is asked of them.
    pub(super) fn share_addins(&mut self) {
        self.categories.share_addins(self.addins.shared.clone());
    }
}

/// Whether an add-in can be called so.
///
/// # Errors
/// - [`AddInRefusal::NotAcceptable`]: what is wrong with it.
fn check_name(name: &str) -> Result<(), Refusal> {
    let problem = if name.trim().is_empty() {
        "needs something to be seen"
    } else if name.trim() != name {
        "no blanks at its ends"
    } else if !is_one_line(name) {
        "one line, without control characters"
    } else if name.chars().count() > NAME_CHARACTERS_MAX {
        "at most 256 characters"
    } else if name_key(name) == NONE {
        "the word `none` stands for no add-in"
    } else {
        return Ok(());
    };
    Err(Refusal::AddIn(AddInRefusal::NotAcceptable {
        field: "name",
        problem,
    }))
}

/// Whether an add-in can be at this address.
///
/// What a browser would take is not enough (it finds a host in `https:///x`): RFC 3986 §3.2.2 has
/// the host not empty in these schemes. A name or password in it would be shown to everybody.
///
/// # Errors
/// - [`AddInRefusal::NotAcceptable`]: what is wrong with it.
fn check_url(url: &str) -> Result<(), Refusal> {
    let refused = |problem| {
        Err(Refusal::AddIn(AddInRefusal::NotAcceptable {
            field: "url",
            problem,
        }))
    };
    if url.chars().count() > URL_CHARACTERS_MAX {
        return refused("at most 2048 characters");
    }
    if url.chars().any(char::is_whitespace) {
        return refused("no blanks; write %20 for one");
    }
    if !is_one_line(url) || url.chars().any(char::is_control) {
        return refused("no control characters");
    }
    let Some((scheme, rest)) = url.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return refused("a whole address is needed, such as https://apps.example.org/ticker");
    };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return refused("only http and https are shown beside a room");
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return refused("two slashes are needed after the colon: https://apps.example.org/ticker");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return refused("without user name and password, which everybody would see");
    }
    if authority.contains('\\') {
        return refused("slashes are written /");
    }
    if host(authority).is_empty() {
        return refused("the host is missing");
    }
    match Url::parse(url) {
        Ok(parsed) if parsed.host_str().is_some_and(|host| !host.is_empty()) => Ok(()),
        Ok(_) => refused("the host is missing"),
        Err(url::ParseError::InvalidPort) => refused("the port is a number up to 65535"),
        Err(_) => refused("this host can't be one"),
    }
}

/// What stands before the port.
fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// RFC 3986 §3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
}

/// Maximum number of add-ins of a pool: a form that offers them all fits into a stanza.
const ADD_INS_MAX: usize = 200;
const NAME_CHARACTERS_MAX: usize = 256;
const URL_CHARACTERS_MAX: usize = 2048;

#[cfg(test)]
mod tests;
