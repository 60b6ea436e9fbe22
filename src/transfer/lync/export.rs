//! An export as a stream: what there is to know, then room by room what was said.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use jid::BareJid;
use uuid::Uuid;

use super::access::AccessLists;
use super::chat::{Chat, RoomChat};
use super::mapping::Mapping;
use super::message::{FoundCounts, MessagePlace, Messages};
use super::pool::OldPool;
use super::table::{self, COUNTS};
use crate::transfer::item::{Error, SourceItem};
use crate::transfer::record::{CategoryRecord, Record};
use crate::transfer::remark::{Remark, RemarkKind};
use crate::transfer::selection::RoomSelection;
use crate::transfer::skipped::{Reason, Skipped};

/// A folder with the results of all queries.
pub(in crate::transfer) struct LyncExport {
    pool: OldPool,
    chat: Chat,
    mapping: Mapping,
    selection: RoomSelection,
    /// What is to be told before anything is read.
    ready: VecDeque<SourceItem>,
    rooms: VecDeque<i64>,
    current: Option<RoomInHand>,
    messages: Messages,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
}

/// The room told last.
struct RoomInHand {
    jid: BareJid,
    guid: Uuid,
    chat: RoomChat,
}

impl LyncExport {
    /// Reads a folder for rooms that are to live at `domain`.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    /// - [`Error::Export`]: it is no export of such a pool.
    pub fn open(
        folder: &Path,
        domain: &BareJid,
        mapping: &Mapping,
        selection: &RoomSelection,
    ) -> Result<Self, Error> {
        let mut skipped = Vec::new();
        let pool = OldPool::read(
            folder,
            domain,
            mapping.swaps_closed_and_secret,
            &mut skipped,
        )?;
        let mut chat = Chat::index(folder)?;
        let mut remarks = pool.remarks(mapping, |room| selection.contains(room));
        let counts = table::read_all(COUNTS, folder, &mut skipped, |row| {
            Ok((row.integer("channelId")?, row.integer("messages")?))
        })?;
        remarks.extend(miscounted(&pool, &chat, counts.into_iter().collect()));
        if !chat.has_files() {
            let text = "there is no chat.jsonl and no chat.tsv: rooms come without messages";
            remarks.push(Remark {
                kind: RemarkKind::NotUnderstood,
                about: "the export".to_owned(),
                text: text.to_owned(),
            });
        }
        skipped.extend(chat.take_damaged());
        skipped.extend(of_no_room(&pool, &chat));
        let categories = pool.categories(mapping).into_iter();
        let categories = categories.filter(|category| wanted_in(&pool, selection, category));
        let categories = categories.map(|category| Record::Category(Box::new(category)));
        let categories: Vec<_> = categories.map(SourceItem::Record).collect();
        let wanted = pool.rooms().filter(|(_, room)| selection.contains(room));
        let remarks = remarks.into_iter().map(SourceItem::Remark);
        let skipped = skipped.into_iter().map(SourceItem::Skipped);
        Ok(Self {
            rooms: wanted.map(|(id, _)| id).collect(),
            ready: remarks.chain(skipped).chain(categories).collect(),
            pool,
            chat,
            mapping: mapping.clone(),
            selection: selection.clone(),
            current: None,
            messages: Messages::default(),
            state: State::Reading,
        })
    }

    fn read(&mut self) -> Result<Option<SourceItem>, Error> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if let Some(item) = self.message()? {
                return Ok(Some(item));
            }
            if let Some(id) = self.rooms.pop_front() {
                self.begin(id)?;
            } else if self.state == State::Reading {
                self.state = State::Ended;
                let conclusion = self.conclusion().into_iter();
                self.ready.extend(conclusion.map(SourceItem::Remark));
            } else {
                return Ok(None);
            }
        }
    }

    fn begin(&mut self, id: i64) -> Result<(), Error> {
        // What there is to know was told.
        let mut access = AccessLists::new(&self.pool.principals, &self.mapping);
        let record = self.pool.record(id, &mut access, &self.mapping);
        if let (Some(record), Some(node)) = (record, self.pool.room(id)) {
            self.current = Some(RoomInHand {
                jid: record.jid.clone(),
                guid: node.guid,
                chat: self.chat.of(id)?,
            });
            let record = Record::Room(Box::new(record));
            self.ready.push_back(SourceItem::Record(record));
        }
        Ok(())
    }

    fn message(&mut self) -> Result<Option<SourceItem>, Error> {
        let Some(current) = &mut self.current else {
            return Ok(None);
        };
        let Some(found) = self.chat.next(&mut current.chat)? else {
            self.current = None;
            return Ok(None);
        };
        let (pool, selection) = (&self.pool, &self.selection);
        let place = MessagePlace {
            room: &current.jid,
            guid: current.guid,
        };
        let message =
            self.messages
                .read(&found, place, (&pool.principals, &self.mapping), |guid| {
                    pool.address(guid).map(|room| selection.address(room))
                });
        Ok(Some(match message {
            Ok(message) => SourceItem::Record(Record::Message(Box::new(message))),
            Err(reason) => SourceItem::Skipped(Skipped {
                room: Some(current.jid.clone()),
                place: found.place,
                reason,
            }),
        }))
    }

    /// What there is to know when all is read.
    fn conclusion(&mut self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut remark = |kind, about: &str, text: String| {
            remarks.push(Remark {
                kind,
                about: about.to_owned(),
                text,
            });
        };
        for (author, count) in std::mem::take(&mut self.messages.unmapped) {
            let text = format!("no address here: {count} messages come from nobody's");
            remark(RemarkKind::Unmapped, &author, text);
        }
        let FoundCounts {
            stories,
            unclear_stories,
            links,
            unclear_links,
            files,
        } = self.messages.found;
        for (count, kind, text) in [
            (
                stories,
                RemarkKind::Changes,
                "stories whose first line is the title now",
            ),
            (
                unclear_stories,
                RemarkKind::NotUnderstood,
                "stories without a title: as they are",
            ),
            (
                links,
                RemarkKind::Changes,
                "messages with links, written out",
            ),
            (
                unclear_links,
                RemarkKind::NotUnderstood,
                "messages with links in part: as they are",
            ),
            (
                files,
                RemarkKind::NotUnderstood,
                "messages with files, which stay behind",
            ),
            (
                self.messages.nobodys,
                RemarkKind::NotUnderstood,
                "messages whose author is in no row",
            ),
        ] {
            if count > 0 {
                remark(kind, "messages", format!("{count} {text}"));
            }
        }
        remarks
    }
}

impl Iterator for LyncExport {
    type Item = Result<SourceItem, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            self.ready.clear();
            self.rooms.clear();
            self.current = None;
            self.state = State::Ended;
        }
        read.transpose()
    }
}

/// Whether rooms that are wanted are in a category; if all are, it need not have any.
fn wanted_in(pool: &OldPool, selection: &RoomSelection, category: &CategoryRecord) -> bool {
    let mut rooms = pool.rooms().filter(|(_, room)| selection.contains(room));
    selection.rooms.is_none() || rooms.any(|(id, _)| pool.category_name(id) == Some(&category.name))
}

/// Rooms of which another number of messages is there than there should be.
fn miscounted(pool: &OldPool, chat: &Chat, counts: BTreeMap<i64, i64>) -> Vec<Remark> {
    let found = |id| chat.count(id).map_or(0, |(count, _)| count);
    let wrong = counts
        .into_iter()
        .filter(|(id, count)| count.unsigned_abs() != found(*id));
    let remarks = wrong.filter_map(|(id, count)| {
        let room = pool.room(id)?;
        Some(Remark {
            kind: RemarkKind::NotUnderstood,
            about: format!("room {:?}", room.name),
            text: format!(
                "{count} messages should be in the export, {} are",
                found(id)
            ),
        })
    });
    remarks.collect()
}

/// Messages of rooms that are not there.
fn of_no_room(pool: &OldPool, chat: &Chat) -> Vec<Skipped> {
    let unknown = chat.channels().filter(|id| pool.room(*id).is_none());
    let skipped = unknown.filter_map(|id| {
        let (count, first) = chat.count(id)?;
        Some(Skipped {
            room: None,
            place: format!("{count} messages of node {id}, from {first} on"),
            reason: Reason::NoSuchRoom,
        })
    });
    skipped.collect()
}
