//! Who may read: the tables say the same as the room does.

use super::*;
use crate::room::effect::Effect;
use crate::room::occupant::SessionRecord;
use crate::room::occupying::archive::{ArchiveQuestion, Filter, PageStart, With};
use crate::room::request::{Action, Request};
use crate::room::setting::configuration::{Configuration, Whois};
use crate::room::{Affiliated, Affiliation, KnownAuthors, Now, Role, Room, Terms};

const PERSON: &str = "ann@example.org";
const SESSION: &str = "ann@example.org/phone";
const DOMAIN: &str = "example.org";

/// All rooms that differ in what counts for a reader.
fn all_rooms() -> Vec<Snapshot> {
    let mut rooms = Vec::new();
    for bits in 0..32_u32 {
        let is = |bit: u32| bits >> bit & 1 == 1;
        for own in Affiliation::ALL {
            for of_domain in Affiliation::ALL {
                for role in Role::ALL {
                    let configuration = Configuration {
                        public: is(0),
                        members_only: is(1),
                        password: is(2).then(|| "open sesame".into()),
                        whois: [Whois::Anyone, Whois::Moderators][usize::from(is(3))],
                        ..Configuration::default()
                    };
                    let entries = [(DOMAIN, of_domain), (PERSON, own)];
                    let sessions = [role].into_iter().filter(|role| *role != Role::None);
                    rooms.push(Snapshot {
                        locked_since: is(4).then_some(Timestamp(1)),
                        affiliations: entries.into_iter().filter_map(entry).collect(),
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

fn inside(role: Role) -> SessionRecord {
    SessionRecord {
        real_jid: Arc::new(full_jid(SESSION)),
        nick: Nick::new("ann").unwrap(),
        role,
        occupant_id: OccupantId("occupant".into()),
        presence: Payload::new(b""),
        entered_at: Timestamp(1),
        shown: 1,
    }
}

/// What the room answers to who wants to read: whom they may know, if they may read.
fn answer_of_the_room(snapshot: Snapshot, is_operator: bool) -> Option<KnownAuthors> {
    let mut terms = Terms::default();
    if is_operator {
        terms.operators.insert(BareJid::new(PERSON).unwrap());
    }
    let mut room = Room::restore(Arc::new(terms), [7; 32], snapshot);
    let request = Request {
        from: Arc::new(full_jid(SESSION)),
        action: Action::ReadArchive(Box::new(ArchiveQuestion::Metadata)),
    };
    let mut effects = Vec::new();
    room.handle(Now::in_step(Timestamp(2)), request, &mut effects)
        .ok()?;
    match effects[..] {
        [Effect::ReadArchive { authors, .. }] => Some(authors),
        _ => panic!("{effects:?}"),
    }
}

/// An open room that is not listed is not searched for those who have nothing to do with it.
fn is_searched_for(snapshot: &Snapshot, is_operator: bool) -> bool {
    let room = Room::restore(Arc::default(), [7; 32], snapshot.clone());
    let person = BareJid::new(PERSON).unwrap();
    snapshot.configuration.public
        || is_operator
        || !snapshot.sessions.is_empty()
        || room.affiliation_of(&person) >= Affiliation::Member
}

fn keep(store: &mut Store, number: u32, snapshot: &Snapshot) {
    let room = room(&format!("room-{number:04}"));
    store.create(&room, [7; 32], Timestamp(1));
    let created = Change::Created {
        configuration: Box::new(snapshot.configuration.clone()),
        locked_since: snapshot.locked_since,
    };
    store.save(&room, created);
    for (jid, entry) in &snapshot.affiliations {
        let (jid, entry) = (jid.clone(), Some(entry.clone()));
        store.save(&room, Change::Affiliated { jid, entry });
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

#[test]
fn what_is_found_everywhere_is_what_the_rooms_would_let_be_read() {
    let mut store = Store::in_memory().unwrap();
    let rooms = all_rooms();
    for (number, snapshot) in (0..).zip(&rooms) {
        keep(&mut store, number, snapshot);
    }
    commit(&mut store);
    for is_operator in [false, true] {
        let reader = Reader {
            is_operator,
            ..reader(PERSON)
        };
        let (mut readable, mut named) = (Vec::new(), Vec::new());
        let (mut of_bob, mut own) = (Vec::new(), Vec::new());
        for (number, snapshot) in (0..).zip(&rooms) {
            let Some(authors) = answer_of_the_room(snapshot.clone(), is_operator) else {
                continue;
            };
            named.push(room(&format!("room-{number:04}")));
            if is_searched_for(snapshot, is_operator) {
                readable.push((message(number).id, authors));
                match author(number) {
                    PERSON => own.push((message(number).id, authors)),
                    _ if authors.include(whois_of(number)) => {
                        of_bob.push((message(number).id, authors));
                    }
                    _ => {}
                }
            }
        }
        assert!(readable.len() > 500 && named.len() >= readable.len());
        assert_eq!(found(&mut store, &reader, &Filter::default()), readable);

        for (author, expected) in [("bob@example.org", of_bob), (PERSON, own)] {
            let by_author = Filter {
                with: Some(With::Address(jid::Jid::new(author).unwrap())),
                ..Filter::default()
            };
            assert_eq!(found(&mut store, &reader, &by_author), expected);
        }

        let all = (0..rooms.len()).map(|number| (room(&format!("room-{number:04}")), None));
        let rooms = all.collect();
        let Told::Unread(unread) = ask(&mut store, Ask::Unread { reader, rooms }) else {
            panic!("no answer to what was asked");
        };
        let told: Vec<_> = unread.into_iter().map(|unread| unread.room).collect();
        assert_eq!(told, named);
    }
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
