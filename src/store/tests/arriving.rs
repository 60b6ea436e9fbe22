//! Rooms that come from elsewhere, and what their messages do to each other.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::room::request::Named;
use crate::room::setting::configuration::{Configuration, Whois};
use crate::room::{Affiliated, Affiliation, Bond, Role, Words};

struct Arrival {
    store: Store,
    room: Arriving,
    tally: Arc<Tally>,
}

impl Arrival {
    fn begin(mut store: Store) -> Self {
        let room = Arriving::default();
        let at = Timestamp(1);
        store.arrive(&room, ArrivalStep::Begin { salt: [1; 32], at });
        commit(&mut store);
        Self {
            store,
            room,
            tally: Arc::default(),
        }
    }

    fn take(&mut self, messages: Vec<ArrivingMessage>) {
        let tally = self.tally.clone();
        let step = ArrivalStep::Messages { messages, tally };
        self.store.arrive(&self.room, step);
        commit(&mut self.store);
    }

    /// The room shows itself, as `hall`; its messages.
    fn name(&mut self) -> Vec<Archived> {
        let whole = WholeRoom {
            jid: room("hall"),
            salt: [1; 32],
            created_at: Timestamp(1),
            category: CategoryId::GENERAL,
            creator: None,
            origin: Some(ORIGIN.into()),
            snapshot: Snapshot::new(Configuration::default()),
            keep: RoomRetention::default(),
        };
        self.store
            .arrive(&self.room, ArrivalStep::Name(Box::new(whole)));
        commit(&mut self.store);
        page(&mut self.store, &room("hall"), PageQuestion::default()).messages
    }

    fn counted(&self, count: impl Fn(&Tally) -> &AtomicU64) -> u64 {
        count(&self.tally).load(Ordering::Relaxed)
    }
}

fn arriving(message: Archived) -> ArrivingMessage {
    ArrivingMessage {
        spare: ArchiveId(format!("spare-{}", message.id).into()),
        text: "hello".into(),
        about: None,
        remains: (message.kind == ArchivedKind::Retraction).then(|| Payload::new(b"<retracted/>")),
        message,
    }
}

fn said(number: u32) -> ArrivingMessage {
    arriving(message(number))
}

fn about(number: u32, kind: ArchivedKind, named: Named) -> ArrivingMessage {
    let message = Archived {
        kind,
        ..message(number)
    };
    ArrivingMessage {
        about: Some(AboutMessage { named, spare: None }),
        ..arriving(message)
    }
}

fn by(who: &str, mut arriving: ArrivingMessage) -> ArrivingMessage {
    arriving.message.sender = Some(Sender {
        nick: Nick::new(who).unwrap(),
        occupant_id: None,
        author: Some(full_jid(&format!("{who}@example.org/x")).into()),
        whois: Whois::Anyone,
    });
    arriving
}

fn content_id(id: &str) -> Named {
    Named::ByContentId(id.into())
}

fn kinds(messages: &[Archived]) -> Vec<ArchivedKind> {
    messages.iter().map(|message| message.kind).collect()
}

#[test]
fn a_room_is_not_there_before_all_of_it_is() {
    let mut arrival = Arrival::begin(store_with(&room("other")));
    arrival.take(vec![said(1), said(2)]);
    let survey = arrival.store.survey_place().open().unwrap();
    assert!(!arrival.store.room_exists(&room("hall")).unwrap());
    assert_eq!(
        survey
            .rooms(
                &crate::store::RosterSelection::default(),
                &|_| true,
                None,
                10
            )
            .unwrap()
            .len(),
        1
    );
    // The end of another room, and what is tidied up after it, takes nothing of it.
    arrival.store.save(&room("other"), vanished());
    commit(&mut arrival.store);
    arrival.take(vec![said(3)]);
    assert!(!survey.is_being_tidied().unwrap());
    let messages = arrival.name();
    let ids: Vec<_> = messages.iter().map(|message| &*message.id.0).collect();
    assert_eq!(ids, ["archive-1", "archive-2", "archive-3"]);
}

#[test]
fn a_room_arrives_with_all_its_lists() {
    let folder = TempDir::new().unwrap();
    let mut arrival = Arrival::begin(Store::open(&in_file(&folder)).unwrap());
    let bob = BareJid::new("bob@example.org").unwrap();
    let nick = Nick::new("bob").unwrap();
    let mut snapshot = Snapshot::new(Configuration::default());
    snapshot.affiliations = vec![(
        bob.clone(),
        Affiliated {
            affiliation: Affiliation::Outcast,
            reason: Some(Words::new("pourquoi", Some("fr".into()))),
            given_by: None,
            given_at: Timestamp(2),
        },
    )];
    let registered = Bond::Registration(Some(nick.clone()));
    snapshot.bonds.set(bob.clone(), registered);
    let waits = Bond::RegistrationRequest(Some(nick));
    snapshot.bonds.set(bob.clone(), waits);
    snapshot.bonds.set(bob, Bond::Voice(Some(Role::Visitor)));
    let whole = WholeRoom {
        jid: room("hall"),
        salt: [1; 32],
        created_at: Timestamp(1),
        creator: None,
        origin: Some(ORIGIN.into()),
        category: CategoryId::GENERAL,
        snapshot,
        keep: RoomRetention::default(),
    };
    let name = ArrivalStep::Name(Box::new(whole.clone()));
    arrival.store.arrive(&arrival.room, name);
    commit(&mut arrival.store);
    let picture = Picture::of(&in_file(&folder).path).unwrap();
    assert_eq!(picture.room(&whole.jid).unwrap(), Some(whole));
}

#[test]
fn what_is_abandoned_leaves_its_ids_free() {
    let mut arrival = Arrival::begin(store_with(&room("other")));
    arrival.take(vec![said(1), said(2)]);
    arrival.store.arrive(&arrival.room, ArrivalStep::Abandon);
    commit(&mut arrival.store);
    // The thread tidies up between two batches.
    let survey = arrival.store.survey_place().open().unwrap();
    while survey.is_being_tidied().unwrap() {
        std::thread::yield_now();
    }
    let mut again = Arrival::begin(arrival.store);
    again.take(vec![said(1)]);
    assert_eq!(again.counted(|tally| &tally.renamed), 0);
    assert_eq!(again.name().len(), 1);
}

#[test]
fn what_was_interrupted_is_gone_when_the_database_is_opened_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut arrival = Arrival::begin(Store::open(&in_file(&directory)).unwrap());
    arrival.take(vec![said(1)]);
    drop(arrival);
    let store = Store::open(&in_file(&directory)).unwrap();
    let survey = store.survey_place().open().unwrap();
    while survey.is_being_tidied().unwrap() {
        std::thread::yield_now();
    }
    let mut again = Arrival::begin(store);
    again.take(vec![said(1)]);
    assert_eq!(again.counted(|tally| &tally.renamed), 0);
}

#[test]
fn an_id_that_is_taken_gives_way_and_is_followed() {
    let mut store = store_with(&room("other"));
    store.archive(&room("other"), message(1), "".into());
    commit(&mut store);
    let mut arrival = Arrival::begin(store);
    let mut reaction = about(2, ArchivedKind::Signal, Named::ByArchiveId(message(1).id));
    reaction.about.as_mut().unwrap().spare = Some(ArchiveId("spare-archive-1".into()));
    arrival.take(vec![said(1), reaction, said(1)]);
    assert_eq!(arrival.counted(|tally| &tally.renamed), 1);
    assert_eq!(arrival.counted(|tally| &tally.repeated), 1);
    let messages = arrival.name();
    assert_eq!(&*messages[0].id.0, "spare-archive-1");
    assert_eq!(messages[1].original, Some(messages[0].id.clone()));
    assert_eq!(messages.len(), 2);
}

#[test]
fn authors_correct_and_take_back_what_they_said_themselves() {
    let mut arrival = Arrival::begin(store_with(&room("other")));
    let named = || content_id("message-1");
    arrival.take(vec![
        said(1),
        about(2, ArchivedKind::Correction, named()),
        by("eve", about(3, ArchivedKind::Correction, named())),
        by("eve", about(4, ArchivedKind::Retraction, named())),
        by("eve", about(5, ArchivedKind::Signal, named())),
    ]);
    assert_eq!(arrival.counted(|tally| &tally.refused), 2);
    arrival.take(vec![
        about(6, ArchivedKind::Retraction, named()),
        // Nothing is left to be corrected or taken back.
        about(7, ArchivedKind::Correction, named()),
        about(8, ArchivedKind::Retraction, named()),
    ]);
    assert_eq!(arrival.counted(|tally| &tally.took_back), 1);
    assert_eq!(arrival.counted(|tally| &tally.refused), 3);
    let messages = arrival.name();
    assert_eq!(
        kinds(&messages),
        [
            ArchivedKind::Tombstone,
            ArchivedKind::Tombstone,
            ArchivedKind::Signal,
            ArchivedKind::Retraction,
            ArchivedKind::Retraction,
        ]
    );
    assert_eq!(messages[1].content.payload.as_bytes(), b"<retracted/>");
}

#[test]
fn what_is_about_a_message_that_is_gone_is_kept() {
    let mut arrival = Arrival::begin(store_with(&room("other")));
    arrival.take(vec![
        about(1, ArchivedKind::Correction, content_id("gone")),
        about(2, ArchivedKind::Retraction, content_id("gone")),
    ]);
    let messages = arrival.name();
    let expected = [ArchivedKind::Correction, ArchivedKind::Retraction];
    assert_eq!(kinds(&messages), expected);
    assert!(messages.iter().all(|message| message.original.is_none()));
}

#[test]
fn authors_without_an_address_are_known_by_occupant_id_or_nick() {
    let unknown = |nick: &str, id: Option<&str>, mut arriving: ArrivingMessage| {
        arriving.message.sender = Some(Sender {
            nick: Nick::new(nick).unwrap(),
            occupant_id: id.map(|id| OccupantId(id.into())),
            author: None,
            whois: Whois::Moderators,
        });
        arriving
    };
    let take_back = |number| about(number, ArchivedKind::Retraction, content_id("message-1"));
    for (first, second, is_taken_back) in [
        (("ann", Some("1")), ("bob", Some("1")), true),
        (("ann", Some("1")), ("ann", Some("2")), false),
        (("ann", None), ("ann", Some("2")), true),
        (("ann", None), ("bob", None), false),
    ] {
        let mut arrival = Arrival::begin(store_with(&room("other")));
        arrival.take(vec![
            unknown(first.0, first.1, said(1)),
            unknown(second.0, second.1, take_back(2)),
        ]);
        let took_back = arrival.counted(|tally| &tally.took_back);
        assert_eq!(took_back == 1, is_taken_back, "{first:?} {second:?}");
    }
}

#[test]
fn a_room_that_came_before_is_given_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let mut arrival = Arrival::begin(Store::open(&in_file(&folder)).unwrap());
    arrival.take(vec![said(1), said(2)]);
    assert_eq!(arrival.name().len(), 2);
    let survey = arrival.store.survey_place().open().unwrap();
    assert_eq!(survey.room_of_origin(ORIGIN).unwrap(), Some(room("hall")));
    assert_eq!(survey.room_of_origin("ma-chan:2").unwrap(), None);
    let ids: Vec<_> = (1..=3).map(|number| said(number).message.id).collect();
    assert_eq!(survey.count_known(&room("hall"), &ids).unwrap(), 2);
    arrival.room = Arriving::default();
    let step = ArrivalStep::Resume { room: room("hall") };
    arrival.store.arrive(&arrival.room, step);
    arrival.take(vec![said(1), said(2), said(3)]);
    arrival.take(vec![said(3), said(4)]);
    let page = page(&mut arrival.store, &room("hall"), PageQuestion::default());
    let found: Vec<_> = page.messages.into_iter().map(|one| one.id).collect();
    let all: Vec<_> = (1..=4).map(|number| said(number).message.id).collect();
    assert_eq!(found, all);
    assert_eq!(arrival.counted(|tally| &tally.repeated), 3);
    assert_eq!(arrival.counted(|tally| &tally.renamed), 0);
}

#[test]
fn what_comes_for_a_room_that_is_gone_meanwhile_goes_nowhere() {
    let mut arrival = Arrival::begin(store_with(&room("other")));
    arrival.room = Arriving::default();
    let step = ArrivalStep::Resume {
        room: room("nowhere"),
    };
    arrival.store.arrive(&arrival.room, step);
    arrival.take(vec![said(1)]);
    assert_eq!(arrival.counted(|tally| &tally.taken), 0);
}

#[test]
fn the_first_room_of_an_origin_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut arrival = Arrival::begin(Store::open(&in_file(&folder)).unwrap());
    arrival.name();
    let mut again = Arrival {
        room: Arriving::default(),
        tally: Arc::default(),
        store: arrival.store,
    };
    let step = ArrivalStep::Begin {
        salt: [2; 32],
        at: Timestamp(1),
    };
    again.store.arrive(&again.room, step);
    let whole = WholeRoom {
        jid: room("copy"),
        salt: [2; 32],
        created_at: Timestamp(1),
        category: CategoryId::GENERAL,
        creator: None,
        origin: Some(ORIGIN.into()),
        snapshot: Snapshot::new(Configuration::default()),
        keep: RoomRetention::default(),
    };
    let name = ArrivalStep::Name(Box::new(whole));
    again.store.arrive(&again.room, name);
    commit(&mut again.store);
    let survey = again.store.survey_place().open().unwrap();
    assert_eq!(survey.room_of_origin(ORIGIN).unwrap(), Some(room("hall")));
    let picture = Picture::of(&in_file(&folder).path).unwrap();
    assert_eq!(picture.room(&room("copy")).unwrap().unwrap().origin, None);
}

const ORIGIN: &str = "ma-chan:1";
