//! Who may read and what is listed: the tables say the same as the room's door does.

use super::*;
use crate::room::effect::Effect;
use crate::room::occupant::SessionRecord;
use crate::room::occupying::archive::{ArchiveQuestion, Filter, PageStart, With};
use crate::room::request::{Action, Request};
use crate::room::setting::configuration::{Configuration, Whois};
use crate::room::{
    Affiliated, Affiliation, Bond, BondKind, Door, KnownAuthors, Now, Role, Room, Standing, Terms,
};
use crate::store::question::unread::UNREAD_ROOMS_MAX;

/// Everybody who asks: with an entry of their own and maybe inside, of the domain that has one, of
/// neither, and the domain itself.
const PEOPLE: [&str; 4] = [
    PERSON,
    "cid@example.org",
    "eve@elsewhere.test",
    "example.org",
];
const PERSON: &str = "ann@example.org";
const SESSION: &str = "ann@example.org/phone";
const DOMAIN: &str = "example.org";

/// All rooms that differ in what counts for a reader.
fn all_rooms() -> Vec<Snapshot> {
    let mut rooms = Vec::new();
    // Of rooms that are disabled some are enough.
    let kinds = (0..64_u32).filter(|bits| bits & 0b10_1000 != 0b10_1000);
    for (bits, presenter) in kinds.flat_map(|bits| PRESENTERS.map(|who| (bits, who))) {
        let is = |bit: u32| bits >> bit & 1 == 1;
        for own in Affiliation::ALL {
            for of_domain in Affiliation::ALL {
                // Presenters are told from those who have one entry at most.
                if presenter.is_some() && of_domain != Affiliation::None {
                    continue;
                }
                for role in Role::ALL {
                    let configuration = Configuration {
                        public: is(0),
                        members_only: is(1),
                        password: is(2).then(|| "open sesame".into()),
                        disabled: is(5),
                        whois: [Whois::Anyone, Whois::Moderators][usize::from(is(3))],
                        moderated: presenter.is_some_and(|(is_auditorium, _)| is_auditorium),
                        ..Configuration::default()
                    };
                    let entries = [(DOMAIN, of_domain), (PERSON, own)];
                    let sessions = [role].into_iter().filter(|role| *role != Role::None);
                    rooms.push(Snapshot {
                        locked_since: is(4).then_some(Timestamp(1)),
                        affiliations: entries.into_iter().filter_map(entry).collect(),
                        bonds: presenter
                            .into_iter()
                            .map(|(_, who)| presents(who))
                            .collect(),
                        sessions: sessions.map(inside).collect(),
                        ..Snapshot::new(configuration)
                    });
                }
            }
        }
    }
    rooms
}

fn entry((jid, affiliation): (&str, Affiliation)) -> Option<(BareJid, Affiliated)> {
    let entry = Affiliated {
        affiliation,
        reason: None,
        given_by: None,
        given_at: Timestamp(1),
    };
    (affiliation != Affiliation::None).then(|| (BareJid::new(jid).unwrap(), entry))
}

/// Who presents, if anybody does: in an auditorium or not.
const PRESENTERS: [Option<(bool, &str)>; 4] = [
    None,
    Some((true, PERSON)),
    Some((true, DOMAIN)),
    Some((false, PERSON)),
];

fn presents(jid: &str) -> (BareJid, Bond) {
    (BareJid::new(jid).unwrap(), Bond::Presenter(true))
}

fn inside(role: Role) -> SessionRecord {
    SessionRecord {
        real_jid: Arc::new(full_jid(SESSION)),
        nick: Nick::new("ann").unwrap(),
        role,
        occupant_id: OccupantId("occupant".into()),
        presence: Payload::new(b""),
        entered_at: Timestamp(1),
        shown: 1,
        arrival: 1,
        seen_below: None,
    }
}

/// A room as it was kept, for whom it has operators.
fn awake(snapshot: &Snapshot, reader: &Reader) -> Room {
    let mut terms = Terms::default();
    if reader.is_operator {
        Arc::make_mut(&mut terms.operators).insert(reader.person.clone());
    }
    Room::restore(Arc::new(terms), [7; 32], snapshot.clone())
}

fn door(snapshot: &Snapshot) -> Door {
    Door::of(&snapshot.configuration, snapshot.locked_since)
}

/// How a reader stands to a room.
fn standing(snapshot: &Snapshot, reader: &Reader) -> Standing {
    let sessions = snapshot.sessions.iter();
    let mut own = sessions.filter(|session| session.real_jid.to_bare() == reader.person);
    let presents = |jid: &BareJid| {
        let mut presenters = snapshot.bonds.of_kind(BondKind::Presenter);
        presenters.any(|(listed, _)| listed == jid)
    };
    let domain = BareJid::from_parts(None, reader.person.domain());
    Standing {
        affiliation: awake(snapshot, reader).affiliation_of(&reader.person),
        role: own.next().map_or(Role::None, |session| session.role),
        in_scope: true,
        is_presenter: presents(&reader.person) || presents(&domain),
    }
}

/// What the door says to who wants to read: whom they may know, if they may read. The room itself
/// says the same.
fn answer_of_the_door(snapshot: &Snapshot, reader: &Reader) -> Option<KnownAuthors> {
    let role = door(snapshot).reader(standing(snapshot, reader));
    let authors = role.map(|role| snapshot.configuration.whois.known_to(role));
    let request = Request {
        from: Arc::new(full_jid(&format!("{}/phone", reader.person))),
        action: Action::ReadArchive(Box::new(ArchiveQuestion::Metadata)),
    };
    let mut effects = Vec::new();
    let mut room = awake(snapshot, reader);
    let answer = room.handle(Now::in_step(Timestamp(2)), request, &mut effects);
    match (answer, &effects[..]) {
        (Err(_), []) => assert_eq!(authors, None),
        (Ok(()), [Effect::ReadArchive { authors: told, .. }]) => assert_eq!(authors, Some(*told)),
        (answer, _) => panic!("{answer:?} {effects:?}"),
    }
    authors
}

fn keep(store: &mut Store, number: u32, snapshot: &Snapshot) {
    let room = room(&format!("room-{number:04}"));
    store.create(&room, [7; 32], Timestamp(1));
    let created = Change::Created {
        configuration: Box::new(snapshot.configuration.clone()),
        locked_since: snapshot.locked_since,
        category: CategoryId::GENERAL,
    };
    store.save(&room, created);
    for (jid, entry) in &snapshot.affiliations {
        let (jid, entry) = (jid.clone(), Some(entry.clone()));
        store.save(&room, Change::Affiliated { jid, entry });
    }
    for (jid, bond) in snapshot.bonds.iter() {
        let (jid, bond) = (jid.clone(), bond.clone());
        store.save(&room, Change::Bound { jid, bond });
    }
    for record in &snapshot.sessions {
        store.save(&room, Change::Present(Box::new(record.clone())));
    }
    let mut said = message(number);
    let sender = said.sender.as_mut().unwrap();
    sender.author = Some(jid::Jid::new(author(number)).unwrap());
    sender.whois = whois_of(number);
    store.archive(&room, said, "hello".into());
}

/// Who saw who it was when something was said there.
fn whois_of(number: u32) -> Whois {
    match number / 7 % 2 {
        0 => Whois::Anyone,
        _ => Whois::Moderators,
    }
}

/// Who has spoken in a room: in every third it was who reads.
fn author(number: u32) -> &'static str {
    match number % 3 {
        0 => PERSON,
        _ => "bob@example.org",
    }
}

/// Everything that is found everywhere, by the number of its message.
fn found(store: &mut Store, reader: &Reader, filter: &Filter) -> Vec<(ArchiveId, KnownAuthors)> {
    let mut all = Vec::new();
    let mut start = PageStart::First;
    loop {
        let question = PageQuestion {
            filter: filter.clone(),
            start,
            size_max: Some(PAGE_SIZE_MAX),
            ..PageQuestion::default()
        };
        let page = everywhere(store, reader, question);
        let found = page.messages.into_iter();
        all.extend(found.map(|found| (found.message.id, found.authors)));
        match all.last() {
            Some((last, _)) if !page.complete => start = PageStart::After(last.clone()),
            _ => return all,
        }
    }
}

/// Every room that differs for a reader, kept.
fn kept() -> (Store, Vec<Snapshot>) {
    let mut store = Store::in_memory().unwrap();
    let rooms = all_rooms();
    for (number, snapshot) in (0..).zip(&rooms) {
        keep(&mut store, number, snapshot);
    }
    commit(&mut store);
    (store, rooms)
}

/// Everybody, as operator and not.
fn readers() -> impl Iterator<Item = Reader> {
    PEOPLE.into_iter().flat_map(|person| {
        [false, true].map(|is_operator| Reader {
            is_operator,
            ..reader(person)
        })
    })
}

#[test]
fn what_is_found_everywhere_is_what_the_door_lets_be_searched() {
    let (mut store, rooms) = kept();
    for reader in readers() {
        let (mut all, mut own, mut of_bob) = (Vec::new(), Vec::new(), Vec::new());
        for (number, snapshot) in (0..).zip(&rooms) {
            let answer = answer_of_the_door(snapshot, &reader);
            let is_searched = door(snapshot).is_searched_for(standing(snapshot, &reader));
            let Some(authors) = answer.filter(|_| is_searched) else {
                continue;
            };
            let found = (message(number).id, authors);
            all.push(found.clone());
            match author(number) {
                PERSON if reader.person.as_str() == PERSON => own.push(found),
                PERSON => {}
                _ if authors.include(whois_of(number)) => of_bob.push(found),
                _ => {}
            }
        }
        let by = |author: &str| Filter {
            with: Some(With::Address(jid::Jid::new(author).unwrap())),
            ..Filter::default()
        };
        assert_eq!(found(&mut store, &reader, &Filter::default()), all);
        assert_eq!(found(&mut store, &reader, &by("bob@example.org")), of_bob);
        if reader.person.as_str() == PERSON {
            assert!(all.len() > 500);
            assert_eq!(found(&mut store, &reader, &by(PERSON)), own);
        }
    }
}

#[test]
fn what_is_unread_is_told_of_the_rooms_that_the_door_lets_be_read() {
    let (mut store, rooms) = kept();
    let number_of_rooms = u32::try_from(rooms.len()).unwrap();
    let address = |number: u32| room(&format!("room-{number:04}"));
    for reader in readers() {
        let (mut named, mut own) = (Vec::new(), Vec::new());
        for (number, snapshot) in (0..).zip(&rooms) {
            if answer_of_the_door(snapshot, &reader).is_none() {
                continue;
            }
            named.push(address(number));
            // An operator may read all, but belongs only where everybody else would.
            let plain = Reader {
                is_operator: false,
                ..reader.clone()
            };
            let person = standing(snapshot, &plain);
            let reads = door(snapshot).reader(person).is_some();
            if reads && (person.is_inside() || door(snapshot).is_home_of(person)) {
                own.push(address(number));
            }
        }
        own.truncate(UNREAD_ROOMS_MAX);
        let all = (0..number_of_rooms).map(|number| (address(number), None));
        for (asked, expected) in [(all.collect(), named), (Vec::new(), own)] {
            let ask_for = Ask::Unread {
                reader: reader.clone(),
                rooms: asked,
            };
            let ArchiveAnswer::Unread(unread) = ask(&mut store, ask_for) else {
                panic!("no answer to what was asked");
            };
            let told: Vec<_> = unread.into_iter().map(|unread| unread.room).collect();
            assert_eq!(told, expected, "{reader:?}");
        }
    }
}

#[test]
fn the_rooms_that_are_listed_are_those_that_the_door_lists() {
    let (store, rooms) = kept();
    let listed = (0..).zip(&rooms).filter(|(_, room)| door(room).is_listed());
    let listed: Vec<_> = listed
        .map(|(number, _): (u32, _)| room(&format!("room-{number:04}")))
        .collect();
    let count = u32::try_from(listed.len()).unwrap();
    assert_eq!(
        store.listed_room_count(&reader("ann@example.org")).unwrap(),
        u64::from(count)
    );
    let told = store
        .listed_rooms(&reader("ann@example.org"), PagePlace::First, count + 1)
        .unwrap();
    let told: Vec<_> = told.into_iter().map(|room| room.jid).collect();
    assert_eq!(told, listed);
}

#[test]
fn a_stranger_is_bound_by_no_other_entry() {
    let mut store = Store::in_memory().unwrap();
    let open = Snapshot::new(Configuration::default());
    let hidden = Snapshot::new(Configuration {
        public: false,
        ..Configuration::default()
    });
    for (number, snapshot) in [(0, open), (1, hidden)] {
        let snapshot = Snapshot {
            affiliations: [
                (PERSON, Affiliation::Outcast),
                ("bob@example.org", Affiliation::Owner),
            ]
            .into_iter()
            .filter_map(entry)
            .collect(),
            sessions: vec![inside(Role::Moderator)],
            ..snapshot
        };
        keep(&mut store, number, &snapshot);
    }
    commit(&mut store);
    for stranger in [
        "an@example.org",
        "ann@example.org.net",
        "example.org",
        "ann@example.or",
    ] {
        let found = found(&mut store, &reader(stranger), &Filter::default());
        assert_eq!(
            found,
            [(message(0).id, KnownAuthors::InTheOpen)],
            "{stranger}"
        );
    }
}
