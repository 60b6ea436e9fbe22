//! What was said in all rooms over the years, message for message.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jid::Jid;
use lyceum::room::effect::{Archived, ArchivedKind, Sender};
use lyceum::room::setting::configuration::Whois;
use lyceum::room::{ArchiveId, Content, Nick, OccupantId, Payload, Timestamp};

use crate::chance::Chance;
use crate::names;
use crate::population::{Population, ROOMS};
use crate::words::Vocabulary;

/// Everything that is said, one after the other.
pub struct History {
    chance: Chance,
    population: Population,
    vocabulary: Vocabulary,
    /// For every room what was said last.
    recent: Vec<VecDeque<Recent>>,
    /// By room and speaker.
    senders: HashMap<(usize, usize), Sender>,
    at: i64,
    /// Between two messages, on average, in microseconds.
    pause_us: usize,
}

/// What is said.
pub struct Said {
    pub room: usize,
    pub message: Archived,
    pub text: Arc<str>,
    /// What is taken back with it, and what stays of that.
    pub retracted: Option<(ArchiveId, Payload)>,
}

#[derive(Clone)]
struct Recent {
    id: ArchiveId,
    content_id: Arc<str>,
    speaker: usize,
}

impl History {
    /// The history of that number of messages; another for every seed.
    pub fn new(seed: u64, messages: usize) -> Self {
        Self {
            chance: Chance::new(seed),
            population: Population::new(seed),
            vocabulary: Vocabulary::new(),
            recent: vec![VecDeque::with_capacity(RECENT + 1); ROOMS],
            senders: HashMap::new(),
            at: BEGIN_US,
            pause_us: SPAN_US / messages,
        }
    }

    /// The next message.
    pub fn next(&mut self) -> Said {
        self.at += 1 + self.chance.below(2 * self.pause_us) as i64;
        let room = self.population.room(&mut self.chance);
        let speaker = self.population.speaker(room, &mut self.chance);
        let kind = self.chance.below(1000);
        let said = match kind {
            0..REACTIONS => self.reaction(room, speaker),
            REACTIONS..CORRECTIONS => self.correction(room, speaker),
            CORRECTIONS..RETRACTIONS => self.retraction(room, speaker),
            _ => None,
        };
        said.unwrap_or_else(|| self.speech(room, speaker))
    }

    fn speech(&mut self, room: usize, speaker: usize) -> Said {
        let text = self.vocabulary.sentence(&mut self.chance);
        let content_id = self.content_id();
        let mut payload = format!("<body>{text}</body>");
        if self.chance.per_mille(500) {
            payload.push_str(&format!(
                "<origin-id xmlns='urn:xmpp:sid:0' id='{content_id}'/>\
                 <markable xmlns='urn:xmpp:chat-markers:0'/>"
            ));
        }
        let message = self.message(room, speaker, ArchivedKind::Speech, content_id, &payload);
        let recent = &mut self.recent[room];
        recent.push_back(Recent {
            id: message.id.clone(),
            content_id: message.content.id.clone(),
            speaker,
        });
        if recent.len() > RECENT {
            recent.pop_front();
        }
        Said {
            room,
            message,
            text: text.into(),
            retracted: None,
        }
    }

    fn reaction(&mut self, room: usize, speaker: usize) -> Option<Said> {
        let place = self.chance.below(RECENT);
        let to = self.recent[room].get(place)?.id.clone();
        let payload = format!(
            "<reactions xmlns='urn:xmpp:reactions:0' id='{}'><reaction>\u{1f44d}</reaction></reactions>",
            to.0
        );
        Some(self.about(room, speaker, ArchivedKind::Signal, &payload, to))
    }

    fn correction(&mut self, room: usize, speaker: usize) -> Option<Said> {
        let of = self.own(room, speaker)?;
        let text = self.vocabulary.sentence(&mut self.chance);
        let payload = format!(
            "<body>{text}</body><replace xmlns='urn:xmpp:message-correct:0' id='{}'/>",
            of.content_id
        );
        let mut said = self.about(room, speaker, ArchivedKind::Correction, &payload, of.id);
        said.text = text.into();
        Some(said)
    }

    fn retraction(&mut self, room: usize, speaker: usize) -> Option<Said> {
        let of = self.own(room, speaker)?.id;
        self.recent[room].retain(|recent| recent.id != of);
        let payload = format!(
            "<retract xmlns='urn:xmpp:message-retract:1' id='{}'/>",
            of.0
        );
        let mut said = self.about(
            room,
            speaker,
            ArchivedKind::Retraction,
            &payload,
            of.clone(),
        );
        let remains = format!(
            "<retracted xmlns='urn:xmpp:message-retract:1' id='{}' stamp='2026-01-01T00:00:00Z'/>",
            said.message.content.id
        );
        said.retracted = Some((of, Payload::new(remains.as_bytes())));
        Some(said)
    }

    /// What somebody has said himself of late.
    fn own(&self, room: usize, speaker: usize) -> Option<Recent> {
        let mut newest_first = self.recent[room].iter().rev();
        newest_first
            .find(|recent| recent.speaker == speaker)
            .cloned()
    }

    fn about(
        &mut self,
        room: usize,
        speaker: usize,
        kind: ArchivedKind,
        payload: &str,
        original: ArchiveId,
    ) -> Said {
        let content_id = self.content_id();
        let mut message = self.message(room, speaker, kind, content_id, payload);
        message.original = Some(original);
        Said {
            room,
            message,
            text: "".into(),
            retracted: None,
        }
    }

    fn message(
        &mut self,
        room: usize,
        speaker: usize,
        kind: ArchivedKind,
        content_id: String,
        payload: &str,
    ) -> Archived {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.chance.next().to_be_bytes());
        let ms = u64::try_from(self.at / 1000).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid();
        let sender = self.senders.entry((room, speaker));
        let sender = sender.or_insert_with(|| sender_of(room, speaker)).clone();
        Archived {
            id: ArchiveId(id.simple().to_string().into()),
            at: Timestamp(self.at),
            sender: Some(sender),
            kind,
            original: None,
            content: Content {
                id: content_id.into(),
                language: None,
                payload: Payload::new(payload.as_bytes()),
            },
        }
    }

    /// Most clients name their messages by UUIDs, the others by something shorter.
    fn content_id(&mut self) -> String {
        let id = self.chance.uuid();
        match self.chance.per_mille(700) {
            true => id.hyphenated().to_string(),
            false => id.simple().to_string()[..22].to_owned(),
        }
    }
}

fn sender_of(room: usize, speaker: usize) -> Sender {
    // As long as a real one, and another in every room.
    let occupant_id = format!("{:0>43}=", room * 10_000_000 + speaker);
    Sender {
        nick: Nick::new(&names::nick(speaker)).expect("it is a nick"),
        occupant_id: Some(OccupantId(occupant_id.into())),
        author: Some(Jid::new(&names::user(speaker)).expect("it is a JID")),
        whois: Whois::Anyone,
    }
}

/// A day in November 2023.
const BEGIN_US: i64 = 1_700_000_000_000_000;
/// Two years and a half.
const SPAN_US: usize = 79_000_000_000_000;

/// Number of latest messages to which a message may refer.
const RECENT: usize = 24;

/// Of a thousand messages.
const REACTIONS: usize = 80;
const CORRECTIONS: usize = REACTIONS + 15;
const RETRACTIONS: usize = CORRECTIONS + 4;
