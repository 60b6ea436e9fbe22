//! `message remove` and `message replace`: messages go, wherever they are in the archive.

use std::collections::{BTreeSet, HashSet};

use jid::BareJid;

use super::answer::{MessageRow, Outcome, Row};
use super::change::{Change, TakeOut};
use super::command::{Matching, Removal, Words};
use super::error::Error;
use super::tools::Tools;
use crate::room::{ArchiveId, Timestamp};
use crate::search::{Search, SearchError};
use crate::store::{MessageSelection, SelectedMessage};
use crate::time;

/// So many messages are looked for at once, and removed in one commit at most.
const PAGE: u32 = 100;
/// So much of what a message says is told, in characters.
const WORDS_TOLD: usize = 100;

/// Removes the messages that meet the conditions, or tells which.
pub(super) fn remove(tools: &Tools, removal: &Removal) -> Result<Outcome, Error> {
    let selection = selection(tools, removal)?;
    let mut work = Work {
        tools,
        removal,
        roots: HashSet::new(),
        rooms: BTreeSet::new(),
        messages: 0,
    };
    if removal.ids.is_empty() {
        work.go_through(&selection)?;
    } else {
        work.take_these(&selection)?;
    }
    Ok(Outcome::Removed {
        messages: work.messages,
        rooms: work.rooms.len() as u64,
    })
}

/// The conditions, understood.
fn selection(tools: &Tools, removal: &Removal) -> Result<MessageSelection, Error> {
    let has_times = removal.after.is_some() || removal.before.is_some();
    let is_of_somebody = removal.author.is_some();
    if !has_times && !is_of_somebody && removal.words.is_none() && removal.ids.is_empty() {
        return Err(Error::NoCondition);
    }
    if let Some(room) = &removal.room
        && tools.survey.room(room)?.is_none()
    {
        return Err(Error::NoSuchRoom { room: room.clone() });
    }
    let time = |moment: super::Moment| Timestamp(moment.0);
    Ok(MessageSelection {
        room: removal.room.clone(),
        author: removal.author.clone(),
        after: removal.after.map(time),
        before: removal.before.map(time),
        search: removal.words.as_ref().map(search).transpose()?,
        // In the place of what had no words there is nothing to be read.
        signals: removal.notice.is_none(),
    })
}

fn search(words: &Words) -> Result<Search, SearchError> {
    match words.matching {
        Matching::All => Search::all(&words.text),
        Matching::Any => Search::any(&words.text),
        Matching::Exact => Search::exact(&words.text),
    }
}

/// A removal under way.
struct Work<'a> {
    tools: &'a Tools,
    removal: &'a Removal,
    /// What is corrected by something that has been met; all that corrects it goes at once.
    roots: HashSet<i64>,
    rooms: BTreeSet<BareJid>,
    messages: u64,
}

impl Work<'_> {
    fn go_through(&mut self, selection: &MessageSelection) -> Result<(), Error> {
        let mut behind = 0;
        loop {
            let page = self.tools.survey.select(selection, behind, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            behind = last.row;
            if !self.take(page)? {
                return Ok(());
            }
            if !self.removal.dry_run {
                self.tools.progress(self.messages, None)?;
            }
        }
    }

    /// Takes those that are named. All are looked for before any goes.
    fn take_these(&mut self, selection: &MessageSelection) -> Result<(), Error> {
        let mut found = Vec::new();
        for id in &self.removal.ids {
            let id = ArchiveId(id.as_str().into());
            match self.tools.survey.select_one(selection, &id)? {
                Some(message) => found.push(message),
                None => return Err(Error::NoSuchMessage { id }),
            }
        }
        found.sort_by_key(|message| message.row);
        let mut found = found.into_iter();
        loop {
            let page: Vec<_> = found.by_ref().take(PAGE as usize).collect();
            if page.is_empty() || !self.take(page)? {
                return Ok(());
            }
        }
    }

    /// Takes messages; tells whether there may be more.
    fn take(&mut self, mut page: Vec<SelectedMessage>) -> Result<bool, Error> {
        page.retain(|message| message.root == message.row || self.roots.insert(message.root));
        let left = self
            .removal
            .limit
            .map_or(u64::MAX, |limit| limit - self.messages);
        page.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        for message in &page {
            self.rooms.insert(message.room.clone());
        }
        if self.removal.dry_run {
            self.messages += page.len() as u64;
            for message in page {
                let text = (self.tools.environment.text_of)(&message.payload);
                self.tools.tell(Row::Message(row(message, &text)))?;
            }
        } else {
            for messages in page.chunk_by(|one, other| one.room == other.room) {
                self.messages += self.tools.change(self.change(messages))?;
            }
        }
        Ok(self.removal.limit.is_none_or(|limit| self.messages < limit))
    }

    fn change(&self, messages: &[SelectedMessage]) -> Change {
        let notice = self.removal.notice.as_deref().map(Into::into);
        Change::TakeOut(TakeOut {
            room: messages[0].room.clone(),
            messages: messages.iter().map(|message| message.id.clone()).collect(),
            reason: self.removal.reason.as_deref().map(Into::into),
            notice,
        })
    }
}

fn row(message: SelectedMessage, text: &str) -> MessageRow {
    let words: Vec<_> = text.split_whitespace().collect();
    MessageRow {
        room: message.room,
        at: time::format(message.at),
        author: message.author,
        nick: message.nick.map(|nick| nick.as_str().to_owned()),
        id: message.id.to_string(),
        words: words.join(" ").chars().take(WORDS_TOLD).collect(),
    }
}
