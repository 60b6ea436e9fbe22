//! What attackers send, and the rooms that they send it to.

use std::fmt::Write as _;

use anyhow::Result;

use super::bystanders::{INSIDER, ROOM};
use crate::address::DOMAIN;
use crate::link::{Link, Progress};
use crate::stanzas;

/// The attackers are the users from this number on. They have accounts on a served domain.
pub const ATTACKER: usize = 1000;

/// The full address of a user.
pub fn user(number: usize) -> String {
    format!("u{number:07}@example.org/load")
}

/// The address of a room.
pub fn room(number: usize) -> String {
    format!("r{number:07}@{DOMAIN}")
}

/// What a user sends to an occupant, or to the room when there is no nick. `attributes` stand in
/// the first tag.
pub fn stanza(
    name: &str,
    from: &str,
    to: &str,
    attributes: &str,
    children: impl AsRef<str>,
) -> String {
    let children = children.as_ref();
    format!("<{name} from='{from}' to='{to}' {attributes}>{children}</{name}>")
}

/// Enters a room under the nick of that user, with more in the presence.
pub fn enter(from: &str, room_number: usize, nick: &str, more: &str) -> String {
    let to = format!("{}/{nick}", room(room_number));
    let children =
        format!("<x xmlns='http://jabber.org/protocol/muc'><history maxchars='0'/></x>{more}");
    stanza("presence", from, &to, "", children)
}

/// The first attacker owns the attacked room, and nobody else is in it.
pub fn own_room(link: &mut Link) -> Result<()> {
    stanzas::enter(link.out(), ROOM, ATTACKER);
    stanzas::open(link.out(), ROOM, ATTACKER);
    settle(link)
}

/// The same with one of the others in it.
pub fn shared_room(link: &mut Link) -> Result<()> {
    own_room(link)?;
    stanzas::enter(link.out(), ROOM, INSIDER);
    settle(link)
}

/// Sends what is queued, and waits until the component has dealt with it.
pub fn settle(link: &mut Link) -> Result<()> {
    let ping = stanza(
        "iq",
        &user(ATTACKER),
        DOMAIN,
        "type='get' id='settled'",
        "<ping xmlns='urn:xmpp:ping'/>",
    );
    link.out().extend_from_slice(ping.as_bytes());
    link.run(|stanza, _, _| {
        let settled = stanza.name == b"iq" && stanza.id == b"settled";
        Ok(if settled {
            Progress::Done
        } else {
            Progress::Waiting
        })
    })
}

/// One text for each number below `count`, one after the other.
pub fn repeat(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        let _ = write!(all, "{}", each(number));
        all
    })
}

/// Words, `count` of them, that differ from each other and from those of other messages.
pub fn distinct_words(message: usize, count: usize) -> String {
    repeat(count, |word| {
        format!("{:x}q{message:x} ", word * 7919 + 1_000_000)
    })
}
