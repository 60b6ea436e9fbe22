//! `message`: messages go, wherever they are in the archive.

use std::collections::{BTreeSet, HashSet};

use clap::{ArgGroup, Args, ValueEnum};
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::act::ListActs;
use super::work::{TakeOut, Work};
use super::{
    Column, Command, Conclusion, Error, Facts, Layout, Moment, RoomName, Tools, Wish, counted,
    table,
};
use crate::room::ArchiveId;
use crate::room::text::address;
use crate::search::{Search, SearchError};
use crate::store::{MessageSelection, SelectedMessage};
use crate::time;

table! {
    /// What there is to be done with messages.
    MessageWish {
        Remove(RemoveMessages),
        Replace(ReplaceMessages),
        Acts(ListActs),
    }
}

/// Remove messages: of each only its place, time and sender stay
///
/// Everybody inside is told, as when a moderator takes a message back, and it is put on record.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveMessages {
    #[command(flatten)]
    which: WhichMessages,
}

/// Put a notice in the place of messages
///
/// Everybody inside is told, as when a moderator takes a message back, and it is put on record.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplaceMessages {
    #[command(flatten)]
    which: WhichMessages,
    /// The notice, which is all that can be read there then
    #[arg(long, value_name = "NOTICE", default_value = NOTICE)]
    text: String,
}

/// Which messages are meant: those that meet all conditions, of which there must be one beside the
/// room.
///
/// A time is a date, 2026-11-21, which is its first moment in UTC, or RFC 3339,
/// 2026-11-21T14:30:00Z.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(group = ArgGroup::new("where").args(["room", "all_rooms"]).required(true))]
#[command(group = ArgGroup::new("which").args(["author", "after", "before", "words", "id"])
    .required(true).multiple(true))]
struct WhichMessages {
    /// In this room: its address, or what stands in it before the @
    room: Option<RoomName>,
    /// In all rooms of the pool
    #[arg(long)]
    all_rooms: bool,
    /// Said by this person
    #[arg(long, value_name = "JID", value_parser = address::parse_bare)]
    author: Option<BareJid>,
    /// Not before this time: 2026-11-21 (its first moment, in UTC) or 2026-11-21T14:30:00Z
    #[arg(long, value_name = "TIME")]
    after: Option<Moment>,
    /// Not later than this time
    #[arg(long, value_name = "TIME")]
    before: Option<Moment>,
    /// With these words, case and accents aside
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// How the words must be there: all of them, any of them, or exactly so one after the other
    #[arg(
        long = "match",
        value_name = "HOW",
        default_value = "all",
        requires = "words"
    )]
    matching: Matching,
    /// This message, by its stanza id; may be given several times
    #[arg(long, value_name = "STANZA-ID")]
    id: Vec<String>,
    /// Why; those inside are told, and it is put on record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// No more than this number of messages, the oldest
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Change nothing, and show which messages are meant
    #[arg(long)]
    dry_run: bool,
}

/// How words must be in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Matching {
    All,
    Any,
    Exact,
}

/// A message that is meant. Times are in RFC 3339.
#[derive(Serialize)]
struct MessageFields {
    /// Where it was said.
    room: BareJid,
    /// When it was said.
    at: String,
    /// By whom, if that is known.
    author: Option<BareJid>,
    /// The nick of whoever said it.
    nick: Option<String>,
    /// Its stanza id.
    id: String,
    /// What it says, from the beginning; not all of a long one.
    words: String,
}

/// What was done.
#[derive(Serialize)]
struct RemovedFields {
    messages: u64,
    rooms: u64,
}

const LIST: &[Column] = &[
    Column::words("room", "ROOM"),
    Column::time("at", "TIME"),
    Column::words("author", "AUTHOR").or_field("nick"),
    Column::words("id", "ID"),
    Column::words("words", "WORDS"),
];

impl Command for RemoveMessages {
    fn facts() -> Facts {
        Facts {
            destroys: true,
            ..Facts::default()
        }
    }

    fn room(&self) -> Option<&RoomName> {
        self.which.room.as_ref()
    }

    fn rehearsal(&self) -> Option<Wish> {
        let which = self.which.rehearsed()?;
        Some(Wish::Message(MessageWish::Remove(Self { which })))
    }

    fn layout(&self) -> Layout {
        self.which.layout()
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        remove(tools, &self.which, None)
    }
}

impl Command for ReplaceMessages {
    fn facts() -> Facts {
        RemoveMessages::facts()
    }

    fn room(&self) -> Option<&RoomName> {
        self.which.room.as_ref()
    }

    fn rehearsal(&self) -> Option<Wish> {
        let which = self.which.rehearsed()?;
        let text = self.text.clone();
        Some(Wish::Message(MessageWish::Replace(Self { which, text })))
    }

    fn layout(&self) -> Layout {
        self.which.layout()
    }

    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        remove(tools, &self.which, Some(&self.text))
    }
}

/// Removes the messages that are meant, puts a notice in their place, or only tells which they are.
fn remove(tools: &Tools, which: &WhichMessages, notice: Option<&str>) -> Result<Conclusion, Error> {
    let selection = which.selection(tools, notice)?;
    let mut removal = Removing {
        tools,
        which,
        notice,
        roots: HashSet::new(),
        rooms: BTreeSet::new(),
        messages: 0,
    };
    if which.id.is_empty() {
        removal.go_through(&selection)?;
    } else {
        removal.take_these(&selection)?;
    }
    let (messages, rooms) = (removal.messages, removal.rooms.len() as u64);
    let counted = format!(
        "{} in {}",
        counted(messages, "message"),
        counted(rooms, "room")
    );
    let verb = match notice {
        Some(_) => "Replace",
        None => "Remove",
    };
    if which.dry_run {
        let conclusion = Conclusion::new(format!("{counted}; nothing was changed"));
        return Ok(conclusion.asking(format!("{verb} {counted}?"), messages));
    }
    tools.tell(&RemovedFields { messages, rooms })?;
    Ok(Conclusion::new(format!("{verb}d {counted}")))
}

impl WhichMessages {
    /// The same without any effect; `None`: there is none already.
    fn rehearsed(&self) -> Option<Self> {
        let rehearsed = Self {
            dry_run: true,
            ..self.clone()
        };
        (!self.dry_run).then_some(rehearsed)
    }

    fn layout(&self) -> Layout {
        match self.dry_run {
            true => Layout::Table(LIST),
            false => Layout::Sentence,
        }
    }

    /// The conditions, understood.
    fn selection(&self, tools: &Tools, notice: Option<&str>) -> Result<MessageSelection, Error> {
        let has_times = self.after.is_some() || self.before.is_some();
        let is_of_somebody = self.author.is_some();
        let has_place = self.room.is_some() || self.all_rooms;
        let has_condition =
            has_times || is_of_somebody || self.words.is_some() || !self.id.is_empty();
        // The parser sees to it, but not for what comes through the socket.
        if !has_place || !has_condition {
            return Err(Error::NoCondition);
        }
        let room = self.room.as_ref().map(|room| tools.room(room));
        Ok(MessageSelection {
            room: room.transpose()?.map(|room| room.room),
            author: self.author.clone(),
            after: self.after.map(Moment::at),
            before: self.before.map(Moment::at),
            search: self
                .words
                .as_ref()
                .map(|words| self.matching.search(words))
                .transpose()?,
            // In the place of what had no words there is nothing to be read.
            signals: notice.is_none(),
        })
    }
}

impl Matching {
    fn search(self, words: &str) -> Result<Search, SearchError> {
        match self {
            Self::All => Search::all(words),
            Self::Any => Search::any(words),
            Self::Exact => Search::exact(words),
        }
    }
}

/// A removal under way.
struct Removing<'a> {
    tools: &'a Tools,
    which: &'a WhichMessages,
    notice: Option<&'a str>,
    /// What is corrected by something that has been met; all that corrects it goes at once.
    roots: HashSet<i64>,
    rooms: BTreeSet<BareJid>,
    messages: u64,
}

impl Removing<'_> {
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
            if !self.which.dry_run {
                self.tools.progress(self.messages, None)?;
            }
        }
    }

    /// Takes those that are named. All are looked for before any goes.
    fn take_these(&mut self, selection: &MessageSelection) -> Result<(), Error> {
        let mut found = Vec::new();
        for id in &self.which.id {
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
            .which
            .limit
            .map_or(u64::MAX, |limit| limit - self.messages);
        page.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        for message in &page {
            self.rooms.insert(message.room.clone());
        }
        if self.which.dry_run {
            self.messages += page.len() as u64;
            for message in page {
                let text = (self.tools.environment.text_of)(&message.payload);
                self.tools.tell(&MessageFields::of(message, &text))?;
            }
        } else {
            for messages in page.chunk_by(|one, other| one.room == other.room) {
                self.messages += self.tools.change(self.work(messages))?;
            }
        }
        Ok(self.which.limit.is_none_or(|limit| self.messages < limit))
    }

    fn work(&self, messages: &[SelectedMessage]) -> Work {
        let notice = self.notice.map(Into::into);
        Work::TakeOut(TakeOut {
            room: messages[0].room.clone(),
            messages: messages.iter().map(|message| message.id.clone()).collect(),
            reason: self.which.reason.as_deref().map(Into::into),
            notice,
        })
    }
}

impl MessageFields {
    fn of(message: SelectedMessage, text: &str) -> Self {
        let words: Vec<_> = text.split_whitespace().collect();
        Self {
            room: message.room,
            at: time::format(message.at),
            author: message.author,
            nick: message.nick.map(|nick| nick.as_str().to_owned()),
            id: message.id.to_string(),
            words: words.join(" ").chars().take(WORDS_TOLD).collect(),
        }
    }
}

/// What stands in a message's place if nobody says anything else.
const NOTICE: &str = "This message was removed by the operator.";
/// Number of messages that are looked for at once, and at most removed in one commit.
const PAGE: u32 = 100;
/// How much of what a message says is told, in characters.
const WORDS_TOLD: usize = 100;
