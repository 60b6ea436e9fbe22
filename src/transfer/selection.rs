//! Which rooms are wanted, and where they are to live.

use std::collections::BTreeSet;

use jid::BareJid;

use super::item::{Error, SourceItem};
use super::record::{MessageRecord, Record, RoomRecord};
use super::skipped::{Reason, Skipped};
use crate::room::Payload;
use crate::wire::foreign::{self, UnfitXml};

/// Which rooms are wanted, and where they are to live.
#[derive(Clone, Debug, Default)]
pub struct RoomSelection {
    /// The addresses that they have in the source; `None`: all.
    pub rooms: Option<BTreeSet<BareJid>>,
    /// The domain that they are to have, without a localpart; `None`: the one of the source.
    pub domain: Option<BareJid>,
    /// The address that the only room is to have; it goes before the domain.
    pub address: Option<BareJid>,
}

impl RoomSelection {
    /// Whether a room of the source is wanted.
    pub fn contains(&self, room: &BareJid) -> bool {
        self.rooms.as_ref().is_none_or(|rooms| rooms.contains(room))
    }

    /// The address that a room of the source is to have.
    pub fn address(&self, room: &BareJid) -> BareJid {
        if let Some(address) = &self.address {
            return address.clone();
        }
        match &self.domain {
            Some(domain) => BareJid::from_parts(room.node(), domain.domain()),
            None => room.clone(),
        }
    }
}

/// What a selection leaves of a source, at its new addresses. At the end it tells of the rooms that
/// were not found.
pub(super) struct SelectedRooms<I> {
    items: I,
    selection: RoomSelection,
    missing: BTreeSet<BareJid>,
}

impl<I> SelectedRooms<I> {
    pub fn new(items: I, selection: RoomSelection) -> Self {
        let missing = selection.rooms.clone().unwrap_or_default();
        Self {
            items,
            selection,
            missing,
        }
    }

    fn select(&mut self, item: SourceItem) -> Option<SourceItem> {
        match item {
            SourceItem::Record(Record::Room(room)) => {
                self.missing.remove(&room.jid);
                let is_wanted = self.selection.contains(&room.jid);
                let mut room = room;
                // A copy of one of ours is another room than that.
                if self.selection.address.is_some() && room.salt.is_some() {
                    room.origin = None;
                }
                is_wanted.then(|| self.moved(room.jid.clone(), |to| move_room(*room, to)))
            }
            SourceItem::Record(Record::Message(message)) => {
                let is_wanted = self.selection.contains(&message.room);
                is_wanted.then(|| self.moved(message.room.clone(), |to| move_message(*message, to)))
            }
            SourceItem::Record(Record::Header(_) | Record::Category(_) | Record::End(_))
            | SourceItem::Remark(_) => Some(item),
            SourceItem::Skipped(skipped) => {
                if let Some(room) = &skipped.room {
                    self.missing.remove(room);
                }
                let room = skipped.room.as_ref();
                let is_wanted = room.is_none_or(|room| self.selection.contains(room));
                is_wanted.then_some(SourceItem::Skipped(skipped))
            }
        }
    }

    fn moved(
        &self,
        room: BareJid,
        move_to: impl FnOnce(BareJid) -> Result<Record, UnfitXml>,
    ) -> SourceItem {
        match move_to(self.selection.address(&room)) {
            Ok(record) => SourceItem::Record(record),
            Err(why) => SourceItem::Skipped(Skipped {
                room: Some(room),
                place: "at its new address".to_owned(),
                reason: Reason::Unfit(why),
            }),
        }
    }
}

impl<I: Iterator<Item = Result<SourceItem, Error>>> Iterator for SelectedRooms<I> {
    type Item = Result<SourceItem, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(item) = self.items.next() {
            match item.map(|item| self.select(item)) {
                Ok(Some(item)) => return Some(Ok(item)),
                Ok(None) => {}
                Err(error) => {
                    // What follows an error is unknown, and so is what is missing.
                    self.missing.clear();
                    return Some(Err(error));
                }
            }
        }
        let room = self.missing.pop_first()?;
        Some(Ok(SourceItem::Skipped(Skipped {
            room: Some(room),
            place: "the whole room".to_owned(),
            reason: Reason::NoSuchRoom,
        })))
    }
}

fn move_room(mut room: RoomRecord, to: BareJid) -> Result<Record, UnfitXml> {
    if room.jid != to {
        if let Some(set) = &mut room.snapshot.subject.set {
            set.content.payload = said_there(&set.content.payload, &to)?;
        }
        room.jid = to;
    }
    Ok(Record::Room(Box::new(room)))
}

fn move_message(mut message: MessageRecord, to: BareJid) -> Result<Record, UnfitXml> {
    if message.room != to {
        let is_said = message.nick.is_some() && message.kind.is_said();
        if is_said {
            message.content.payload = said_there(&message.content.payload, &to)?;
        }
        message.room = to;
    }
    Ok(Record::Message(Box::new(message)))
}

/// What was harmless in one place may claim to be from the service in another.
fn said_there(payload: &Payload, to: &BareJid) -> Result<Payload, UnfitXml> {
    foreign::said(&String::from_utf8_lossy(payload.as_bytes()), &[to])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::effect::ArchivedKind;
    use crate::room::moderating::subject::SubjectSet;
    use crate::room::setting::configuration::Configuration;
    use crate::room::{ArchiveId, Content, Nick, Snapshot, Timestamp};

    const FORGED: &str =
        "<body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='there.example'/>";

    fn bare(jid: &str) -> BareJid {
        BareJid::new(jid).unwrap()
    }

    fn content() -> Content {
        Content {
            id: "m".into(),
            language: None,
            payload: Payload::new(FORGED.as_bytes()),
        }
    }

    fn room(jid: &str) -> SourceItem {
        let mut snapshot = Snapshot::new(Configuration::default());
        snapshot.subject.set = Some(SubjectSet {
            nick: Nick::new("ann").unwrap(),
            at: Timestamp(0),
            content: content(),
        });
        SourceItem::Record(Record::Room(Box::new(RoomRecord {
            jid: bare(jid),
            salt: None,
            created_at: None,
            creator: None,
            origin: None,
            category: None,
            snapshot,
            keep: crate::store::RoomRetention::default(),
            addin: None,
        })))
    }

    fn message(jid: &str) -> SourceItem {
        SourceItem::Record(Record::Message(Box::new(MessageRecord {
            room: bare(jid),
            id: ArchiveId("a".into()),
            at: Timestamp(0),
            nick: Nick::new("ann").ok(),
            author: None,
            whois: crate::room::setting::configuration::Whois::Moderators,
            occupant_id: None,
            kind: ArchivedKind::Speech,
            about: None,
            content: content(),
        })))
    }

    /// The items that are left, as a line each.
    fn selected(
        items: Vec<SourceItem>,
        rooms: Option<&[&str]>,
        domain: Option<&str>,
    ) -> Vec<String> {
        let selection = RoomSelection {
            rooms: rooms.map(|rooms| rooms.iter().map(|room| bare(room)).collect()),
            domain: domain.map(bare),
            address: None,
        };
        let payload = |content: &Content| match content.payload.as_bytes() {
            b"<body>hi</body>" => "clean",
            _ => "as it was",
        };
        SelectedRooms::new(items.into_iter().map(Ok), selection)
            .map(|item| match item.unwrap() {
                SourceItem::Record(Record::Room(room)) => {
                    let set = room.snapshot.subject.set.unwrap();
                    format!("room {} {}", room.jid, payload(&set.content))
                }
                SourceItem::Record(Record::Message(message)) => {
                    format!("message {} {}", message.room, payload(&message.content))
                }
                SourceItem::Record(Record::Header(_) | Record::Category(_) | Record::End(_)) => {
                    "frame".to_owned()
                }
                SourceItem::Skipped(skipped) => skipped.to_string(),
                SourceItem::Remark(remark) => remark.to_string(),
            })
            .collect()
    }

    #[test]
    fn only_the_rooms_that_are_wanted_are_left() {
        let items = || vec![room("a@x"), message("a@x"), room("b@x"), message("b@x")];
        assert_eq!(selected(items(), None, None).len(), 4);
        assert_eq!(
            selected(items(), Some(&["b@x", "c@x"]), None),
            [
                "room b@x as it was",
                "message b@x as it was",
                "c@x, the whole room: there is no such room"
            ]
        );
        assert_eq!(selected(items(), Some(&[]), None), [""; 0]);
    }

    #[test]
    fn at_its_new_address_a_room_is_cleaned_of_what_claims_to_be_from_there() {
        let items = vec![room("a@x"), message("a@x")];
        assert_eq!(
            selected(items, None, Some("there.example")),
            [
                "room a@there.example clean",
                "message a@there.example clean"
            ]
        );
    }

    #[test]
    fn a_room_that_could_not_be_read_is_not_missing() {
        let skipped = SourceItem::Skipped(Skipped {
            room: Some(bare("a@x")),
            place: "its file".to_owned(),
            reason: Reason::Time,
        });
        assert_eq!(
            selected(vec![skipped], Some(&["a@x"]), None),
            ["a@x, its file: its time can't be read"]
        );
    }
}
