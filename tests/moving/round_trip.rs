//! Whatever an archive holds, it is the same when it was exported and imported.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use jid::{BareJid, Jid};
use lyceum::command::import::{Conflict, ImportRooms, ImportedRoom};
use lyceum::command::{self, Reply, Wish};
use lyceum::config::{Config, Pool, Surroundings};
use lyceum::directory::RoomRetention;
use lyceum::room::effect::{Archived, ArchivedKind, Sender, Tombstone};
use lyceum::room::scope::CategoryId;
use lyceum::room::setting::configuration::{Configuration, Whois};
use lyceum::room::{
    Affiliated, Affiliation, ArchiveId, Bond, Change, Content, Nick, OccupantId, Role, Timestamp,
    Words,
};
use lyceum::service;
use lyceum::service::settings;
use lyceum::store::{Picture, Store, StoreReport};
use lyceum::transfer::json_lines::RecordWriter;
use lyceum::transfer::record::{ExportHeader, MessageRecord, Record, RoomRecord};
use lyceum::wire::content::{retraction, searchable};
use lyceum::wire::foreign;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use crate::support::xml::escape;

/// What somebody does: who, what, about which earlier message (counted backwards), in which words,
/// under which ids.
type Deed = (usize, usize, usize, Vec<&'static str>, &'static str);

const PEOPLE: [(&str, Option<&str>, Option<&str>); 4] = [
    ("ann", Some("ann@example.org/phone"), Some("one/+=")),
    ("Bób ☃", Some("bob@example.org"), None),
    ("ann", None, Some("two")),
    ("שלום", None, None),
];

const WORDS: [&str; 10] = [
    "tea",
    "Café",
    "日本語",
    "לילה טוב",
    "ไทยดี",
    "e\u{301}",
    "👩‍👩‍👧",
    "<&>'\"",
    "]]>",
    "\u{a0}x\t",
];

const IDS: [&str; 5] = [
    "",
    "019a9f3ce0a87c0f9d6f1f1d1a2b3c4d",
    "019A9F3C-e0a8-7c0f-9d6f-1f1d1a2b3c4d",
    "019a9f3c-e0a8-7c0f-9d6f-1f1d1a2b3c4d",
    "💡 '\"\\",
];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let words = vec(select(&WORDS[..]), 1..4);
    vec(
        (
            0..PEOPLE.len(),
            0..8_usize,
            0..6_usize,
            words,
            select(&IDS[..]),
        ),
        0..40,
    )
}

/// What a room's archive has, as the room would have decided.
struct Story {
    store: Store,
    room: BareJid,
    told: Vec<(Archived, usize)>,
}

impl Story {
    fn act(&mut self, number: usize, (who, kind, back, words, id): Deed) {
        let text = words.join(" ");
        let body = format!("<body>{}</body>", escape(&text));
        let own = self.own(who, back);
        let earlier = self
            .told
            .iter()
            .rev()
            .nth(back)
            .map(|(message, _)| message.id.clone());
        let (kind, original, xml) = match (kind, own) {
            (0, _) => (ArchivedKind::Subject, None, format!("<subject xml:lang='fr'>{}</subject>", escape(&text))),
            (1, _) => (ArchivedKind::Signal, earlier, "<reactions xmlns='urn:xmpp:reactions:0' id='x'/>".into()),
            (2, Some(own)) => (ArchivedKind::Correction, Some(own), body + "<replace xmlns='urn:xmpp:message-correct:0' id='x'/>"),
            (3, Some(own)) => (ArchivedKind::Retraction, Some(own), "<retract xmlns='urn:xmpp:message-retract:1' id='x'/>".into()),
            (4, Some(own)) => (ArchivedKind::Moderation, Some(own), "<retract xmlns='urn:xmpp:message-retract:1' id='x'><moderated xmlns='urn:xmpp:message-moderate:1'/></retract>".into()),
            _ => (ArchivedKind::Speech, None, body + "<x xmlns='urn:x'/>"),
        };
        let takes_back = matches!(kind, ArchivedKind::Retraction | ArchivedKind::Moderation);
        let at = Timestamp(1_700_000_000_000_000 + number as i64 / 3);
        if let (true, Some(original)) = (takes_back, &original) {
            let remains = retraction::tombstone(&Tombstone {
                message: original.clone(),
                at,
                retraction_id: "r".into(),
            });
            self.store.retract(&self.room, original, remains);
            self.take_back(&original.clone());
        }
        let message = Archived {
            id: ArchiveId(format!("{id}{number}").into()),
            at,
            sender: (kind != ArchivedKind::Moderation).then(|| sender(who)),
            kind,
            original,
            content: Content {
                id: id.into(),
                language: number.is_multiple_of(2).then(|| Arc::from("zh-Hant")),
                payload: foreign::own(&xml).unwrap(),
            },
        };
        let is_words = matches!(
            kind,
            ArchivedKind::Speech | ArchivedKind::Subject | ArchivedKind::Correction
        );
        let text = is_words.then(|| searchable::text_of_archived(&message.content.payload));
        self.store
            .archive(&self.room, message.clone(), text.unwrap_or_default());
        self.told.push((message, who));
    }

    /// What somebody can still correct or take back.
    fn own(&self, who: usize, back: usize) -> Option<ArchiveId> {
        let own = self.told.iter().rev().filter(|(message, author)| {
            let says = matches!(
                message.kind,
                ArchivedKind::Speech | ArchivedKind::Correction | ArchivedKind::Signal
            );
            says && *author == who
        });
        own.map(|(message, _)| message.id.clone()).nth(back)
    }

    /// It goes with all that corrects it, and with what it corrects.
    fn take_back(&mut self, id: &ArchiveId) {
        let find = |id: &ArchiveId| self.told.iter().find(|(message, _)| message.id == *id);
        let mut root = id.clone();
        while let Some((message, _)) = find(&root)
            && message.kind == ArchivedKind::Correction
            && let Some(original) = &message.original
        {
            root = original.clone();
        }
        let mut gone = vec![root];
        for (message, _) in &mut self.told {
            let corrects = message.kind == ArchivedKind::Correction
                && message
                    .original
                    .as_ref()
                    .is_some_and(|original| gone.contains(original));
            if corrects {
                gone.push(message.id.clone());
            }
            if gone.contains(&message.id) {
                message.kind = ArchivedKind::Tombstone;
            }
        }
    }
}

fn sender(who: usize) -> Sender {
    let (nick, author, occupant_id) = PEOPLE[who];
    Sender {
        nick: Nick::new(nick).unwrap(),
        occupant_id: occupant_id.map(|id| OccupantId(id.into())),
        author: author.map(|jid| Jid::new(jid).unwrap()),
        whois: [Whois::Anyone, Whois::Moderators][who % 2],
    }
}

fn pool(folder: &Path) -> Pool {
    let text = "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\ndurability = 'relaxed'\n";
    let surroundings = Surroundings {
        path: folder.join("lyceum.toml"),
        ..Surroundings::default()
    };
    Config::parse(text, &surroundings).unwrap().pools.remove(0)
}

fn open(pool: &Pool) -> Store {
    Store::open(&settings::store(pool)).unwrap()
}

/// A room in which nothing is as in a new one, but for its archive.
fn furnish(store: &mut Store, room: &BareJid) {
    let ann = BareJid::new("ann@example.org").unwrap();
    store.create(room, [7; 32], Timestamp(5));
    store.set_creator(room, &ann);
    let configuration = Box::new(Configuration {
        name: "Ñ".into(),
        members_only: true,
        history_max: 7,
        ..Configuration::default()
    });
    store.save(
        room,
        Change::Created {
            configuration,
            locked_since: None,
            category: CategoryId::GENERAL,
        },
    );
    let entry = Some(Affiliated {
        affiliation: Affiliation::Owner,
        reason: Some(Words::new("pourquoi", Some("fr".into()))),
        given_by: None,
        given_at: Timestamp(6),
    });
    store.save(
        room,
        Change::Affiliated {
            jid: ann.clone(),
            entry,
        },
    );
    let nick = Nick::new("ann").ok();
    store.save(
        room,
        Change::Bound {
            jid: ann.clone(),
            bond: Bond::Registration(nick),
        },
    );
    let nick = Nick::new("dee").ok();
    let dee = BareJid::new("dee@example.org").unwrap();
    let bond = Bond::RegistrationRequest(nick);
    store.save(room, Change::Bound { jid: dee, bond });
    store.save(
        room,
        Change::Bound {
            jid: ann,
            bond: Bond::Voice(Some(Role::Visitor)),
        },
    );
    store.keep(
        room,
        RoomRetention {
            days: Some(3),
            messages: Some(0),
        },
    );
}

fn commit(store: &mut Store) {
    for report in store.flush() {
        assert!(matches!(report, StoreReport::Committed(_)), "{report:?}");
    }
}

/// Everything that is exported, behind the header.
fn export(pool: &Pool) -> String {
    let picture = Picture::of(&pool.database).unwrap();
    let mut writer = RecordWriter::new(Vec::new());
    writer
        .write(&Record::Header(ExportHeader {
            software: String::new(),
            domain: pool.domain.clone().into(),
            exported_at: Timestamp(0),
        }))
        .unwrap();
    for jid in picture.rooms().unwrap() {
        let room = RoomRecord::of(
            picture.room(&jid).unwrap().unwrap(),
            &picture.addins().unwrap(),
            None,
        );
        writer.write(&Record::Room(Box::new(room))).unwrap();
        picture
            .messages(&jid, |message| {
                let record = MessageRecord::of(jid.clone(), message);
                writer.write(&Record::Message(Box::new(record))).unwrap();
                Ok::<(), lyceum::store::Error>(())
            })
            .unwrap();
    }
    String::from_utf8(writer.finish().unwrap().0).unwrap()
}

fn import(pool: &Pool, text: &str) -> Vec<ImportedRoom> {
    drop(open(pool));
    let (mut writer, attachment) = command::attachment();
    let wish = Wish::Import(ImportRooms {
        on_conflict: Conflict::Fail,
        dry_run: false,
    });
    let mut offline = service::operate::offline(pool, wish, attachment).unwrap();
    let text = text.to_owned();
    let sent = thread::spawn(move || writer.write_all(text.as_bytes()).unwrap());
    let mut rows = Vec::new();
    while let Some(reply) = offline.replies.blocking_recv() {
        match reply {
            Reply::Row(row) => rows.push(row.read().unwrap()),
            Reply::Failed { why } => panic!("{why}"),
            Reply::Progress { .. } | Reply::Done(_) => {}
        }
    }
    sent.join().unwrap();
    offline.finish();
    rows
}

/// By which words which messages are found.
fn words(pool: &Pool) -> Vec<(String, i64)> {
    let database = rusqlite::Connection::open(&pool.database).unwrap();
    database
        .execute_batch("CREATE VIRTUAL TABLE temp.seen USING fts5vocab(main, word, instance)")
        .unwrap();
    let mut statement = database
        .prepare("SELECT term, doc - (SELECT min(id) FROM message) FROM temp.seen ORDER BY term, doc, offset")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_is_imported_as_it_was(deeds in deeds()) {
        let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let [here, there] = folders.each_ref().map(|folder| pool(folder.path()));
        let room = BareJid::new("hall@rooms.example.org").unwrap();
        let mut story = Story { store: open(&here), room: room.clone(), told: Vec::new() };
        furnish(&mut story.store, &room);
        let count = deeds.len() as u64;
        for (number, deed) in deeds.into_iter().enumerate() {
            story.act(number, deed);
        }
        commit(&mut story.store);
        drop(story);
        let exported = export(&here);
        for told in [r#""reason_language":"fr""#, r#""registration_requests":[{"jid":"dee@example.org","nick":"dee"}]"#] {
            prop_assert!(exported.contains(told), "{exported}");
        }
        let rows = import(&there, &exported);
        prop_assert_eq!(rows.len(), 1);
        let row = &rows[0];
        prop_assert_eq!(row.messages, count);
        prop_assert_eq!([row.renamed, row.moved, row.taken_back, row.refused, row.repeated], [0; 5]);
        prop_assert_eq!(export(&there), exported);
        prop_assert_eq!(words(&there), words(&here));
    }
}
