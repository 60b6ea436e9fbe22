//! A message of Prosody's archive, as a [`MessageRecord`].

use jid::BareJid;

use super::room::Authors;
use crate::room::setting::configuration::Whois;
use crate::room::{ArchiveId, Content, Timestamp};
use crate::transfer::name;
use crate::transfer::record::MessageRecord;
use crate::transfer::rooms::deed_of;
use crate::transfer::skipped::Reason;
use crate::wire::foreign;

/// What the archive says of a message.
pub(super) struct ProsodyEntry {
    /// `key`, by which clients know it.
    pub id: String,
    /// `when`, the time at which it was said.
    pub at: Option<Timestamp>,
    /// `with`: what kind of stanza it is.
    pub with: Option<String>,
    /// The stanza, as XML.
    pub xml: String,
}

/// What the archive calls that which was said to all.
const GROUPCHAT: &str = "message<groupchat";

/// Reads a message.
///
/// # Errors
/// See [`Reason`].
pub(super) fn read(
    entry: ProsodyEntry,
    room: &BareJid,
    authors: &Authors,
) -> Result<MessageRecord, Reason> {
    if entry.with.is_some_and(|with| with != GROUPCHAT) {
        return Err(Reason::NotSaid);
    }
    let message = foreign::message(&entry.xml, room, &[room])?;
    let (kind, about) = deed_of(&message)?;
    let occupant = message.from.filter(|from| from.to_bare() == *room);
    let nick = occupant.as_ref().and_then(|jid| jid.resource());
    let nick = nick.and_then(|nick| name::nick(nick.as_str()));
    let id = message.occupant_id.as_ref();
    let known = || id.and_then(|id| authors.get(&*id.0)).cloned();
    // Prosody notes an address while everybody sees it, and else none.
    let whois = match message.author {
        Some(_) => Whois::Anyone,
        None => Whois::Moderators,
    };
    let author = message.author.or_else(|| known().map(Into::into));
    Ok(MessageRecord {
        room: room.clone(),
        at: entry.at.ok_or(Reason::Time)?,
        nick: Some(nick.ok_or(Reason::NoOccupant)?),
        author,
        whois,
        occupant_id: message.occupant_id,
        kind,
        about,
        content: Content {
            id: message.id.unwrap_or_else(|| entry.id.as_str().into()),
            language: message.language,
            payload: message.payload,
        },
        id: ArchiveId(entry.id.into()),
    })
}
