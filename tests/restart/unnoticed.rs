//! The service is killed and started again, and nobody notices. DESIGN §2, decision 2.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use rand::RngExt;

use super::beside;
use crate::support::servers::{Ejabberd, Lyceum, Prosody, Server};
use crate::support::session::{Session, from_room, is_removal, list, said, statuses};
use crate::support::xml::Element;

#[test]
fn beside_prosody_a_killed_service_is_back_without_a_stanza_to_anybody() {
    a_killed_service_is_back_without_a_stanza_to_anybody(&Prosody::start());
}

#[test]
fn beside_ejabberd_a_killed_service_is_back_without_a_stanza_to_anybody() {
    a_killed_service_is_back_without_a_stanza_to_anybody(&Ejabberd::start());
}

/// Who is in which room: session, room, nick.
const SEATS: [(usize, &str, &str); 8] = [
    (0, "lounge", "Alice"),
    (1, "lounge", "Alice"),
    (2, "lounge", "Bob"),
    (0, "hall", "Speaker"),
    (2, "hall", "Guest"),
    (3, "hall", "Mouse"),
    (3, "den", "Carol"),
    (2, "den", "Bob"),
];

fn a_killed_service_is_back_without_a_stanza_to_anybody(server: &Server) {
    let mut lyceum = beside(server, &["alice", "bob", "carol", "dora"]);
    let mut sessions = [
        ("alice", "desk"),
        ("alice", "phone"),
        ("bob", "desk"),
        ("carol", "desk"),
    ]
    .map(|(name, resource)| Session::log_in(server, name, resource));
    set_the_scene(&mut sessions);

    let before = belief(&mut sessions);
    for _ in 0..3 {
        lyceum.kill();
        lyceum.start_again();
        nobody_received_anything(&mut sessions, &lyceum);
        everybody_is_heard_at_once(&mut sessions);
    }
    assert_eq!(
        belief(&mut sessions),
        before,
        "roles, affiliations, subjects"
    );
    presence_goes_on_as_before(&mut sessions);

    what_is_not_yet_on_the_disk_is_seen_by_nobody(&mut lyceum, &mut sessions);
    what_was_seen_is_in_the_history_after_a_kill_at_any_moment(server, &mut lyceum, &mut sessions);
    everybody_is_heard_at_once(&mut sessions);
}

/// Three rooms: a semi-anonymous one with a nick of two sessions and a subject, a moderated one in
/// which one guest has been given voice and another has not, and one where all are seen.
fn set_the_scene(sessions: &mut [Session; 4]) {
    for (owner, room, nick, fields) in [
        (
            0,
            "lounge",
            "Alice",
            [("whois", "moderators"), ("muc#maxhistoryfetch", "500")],
        ),
        (
            0,
            "hall",
            "Speaker",
            [("moderatedroom", "1"), ("changesubject", "0")],
        ),
        (
            3,
            "den",
            "Carol",
            [("whois", "anyone"), ("roomname", "The den")],
        ),
    ] {
        sessions[owner].enter(room, nick);
        sessions[owner].configure(room, &fields);
    }
    let [alice, phone, bob, carol] = sessions;
    phone.enter("lounge", "Alice");
    bob.enter("lounge", "Bob");
    bob.enter("hall", "Guest");
    carol.enter("hall", "Mouse");
    bob.enter("den", "Bob");
    alice.administer("hall", "nick='Guest' role='participant'");
    alice.administer(
        "lounge",
        "jid='dora@example.org' affiliation='outcast' reason='noise'",
    );
    let lounge = alice.room("lounge");
    alice.send(&format!(
        "<message to='{lounge}' type='groupchat'><subject>Tea &amp; talk</subject></message>"
    ));
    bob.say("lounge", "before the first restart");
    settle(sessions);
}

/// Reads away what has come, once all of it has.
fn settle(sessions: &mut [Session]) {
    for _ in 0..2 {
        for session in &mut *sessions {
            session.fence();
        }
    }
}

fn nobody_received_anything(sessions: &mut [Session], lyceum: &Lyceum) {
    for session in sessions {
        let came = session.fence();
        let log = lyceum.log_tail();
        assert!(
            came.is_empty(),
            "{} received {}\n{log}",
            session.jid,
            list(&came)
        );
    }
}

/// Everybody says something in each of their rooms, without entering again. Everybody in the room
/// hears it, and nobody else.
fn everybody_is_heard_at_once(sessions: &mut [Session]) {
    for (speaker, room, nick) in SEATS {
        assert!(
            sessions[speaker].is_inside(room, nick),
            "{nick} is not in {room}"
        );
        let body = format!("{nick} is heard in {room}");
        sessions[speaker].say(room, &body);
        let refused = sessions[speaker].fence();
        let has_voice = nick != "Mouse";
        for (index, session) in sessions.iter_mut().enumerate() {
            let mut heard = if index == speaker {
                refused.clone()
            } else {
                Vec::new()
            };
            heard.extend(session.fence());
            let is_here = SEATS.iter().any(|seat| (seat.0, seat.1) == (index, room));
            let from = format!("{}/{nick}", session.room(room));
            let fits = match heard.as_slice() {
                [one] if has_voice && is_here => {
                    said(one).as_deref() == Some(&body) && one.attribute("from") == Some(&from)
                }
                [one] if index == speaker => one.attribute("type") == Some("error"),
                heard => heard.is_empty() && (!has_voice || !is_here),
            };
            assert!(fits, "{body}; {} received {}", session.jid, list(&heard));
        }
    }
}

/// What sessions are told of the rooms when they ask: who has which role and affiliation, and what
/// the rooms are like.
fn belief(sessions: &mut [Session; 4]) -> Vec<String> {
    let mut told = Vec::new();
    for (session, room) in [(0, "lounge"), (0, "hall"), (3, "den")] {
        let session: &mut Session = &mut sessions[session];
        let room = session.room(room);
        for list in [
            "role='moderator'",
            "role='participant'",
            "role='visitor'",
            "affiliation='owner'",
            "affiliation='outcast'",
        ] {
            let query = format!(
                "<query xmlns='http://jabber.org/protocol/muc#admin'><item {list}/></query>"
            );
            told.push(payload(&session.ask(&room, "get", &query).1));
        }
        let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
        told.push(payload(&session.ask(&room, "get", info).1));
    }
    told
}

fn payload(answer: &Element) -> String {
    assert_eq!(answer.attribute("type"), Some("result"), "{answer}");
    answer.elements().map(ToString::to_string).collect()
}

/// A changed presence goes to all others in the room with the nick, role and id of before.
fn presence_goes_on_as_before(sessions: &mut [Session; 4]) {
    let lounge = sessions[2].room("lounge");
    let id = |stanzas: &[Element]| -> BTreeSet<String> {
        let presences = stanzas.iter().filter(|stanza| stanza.name == "presence");
        let ids =
            presences.filter_map(|stanza| stanza.child("urn:xmpp:occupant-id:0", "occupant-id"));
        ids.filter_map(|id| id.attribute("id"))
            .map(str::to_owned)
            .collect()
    };
    sessions[2].send(&format!(
        "<presence to='{lounge}/Bob'><show>away</show></presence>"
    ));
    let own = sessions[2].fence();
    assert_eq!(id(&own).len(), 1, "{}", list(&own));
    for index in [0, 1] {
        let seen = sessions[index].fence();
        let [presence] = seen.as_slice() else {
            panic!("{}", list(&seen))
        };
        assert_eq!(
            presence.attribute("from"),
            Some(format!("{lounge}/Bob").as_str())
        );
        assert_eq!(id(&seen), id(&own), "an occupant id lasts");
        assert!(statuses(presence).is_empty(), "{presence}");
    }
}

/// Another program holds the database for a moment. What is said meanwhile waits; when the service
/// is killed before it could be stored, nobody has seen it.
fn what_is_not_yet_on_the_disk_is_seen_by_nobody(lyceum: &mut Lyceum, sessions: &mut [Session; 4]) {
    let hold = |lyceum: &Lyceum| {
        let database = lyceum.directory().join("lyceum.db");
        let database = rusqlite::Connection::open(database).expect("it is there");
        database
            .execute_batch("BEGIN IMMEDIATE")
            .expect("nobody writes now");
        database
    };
    for killed in [true, false] {
        let held = hold(lyceum);
        sessions[0].say("lounge", "written on water");
        for session in &*sessions {
            let seen = session.next_within(Duration::from_millis(400));
            assert!(seen.is_none(), "{} saw {seen:?}", session.jid);
        }
        if killed {
            lyceum.kill();
            drop(held);
            lyceum.start_again();
            nobody_received_anything(sessions, lyceum);
        } else {
            drop(held);
            for session in &sessions[..3] {
                session.until("what was said", |stanza| {
                    said(stanza).as_deref() == Some("written on water")
                });
            }
        }
    }
}

/// Three sessions talk without pause while the service is killed again and again, at moments that
/// chance chooses.
fn what_was_seen_is_in_the_history_after_a_kill_at_any_moment(
    server: &Server,
    lyceum: &mut Lyceum,
    sessions: &mut [Session; 4],
) {
    let mut seen: [Vec<Element>; 3] = Default::default();
    for round in 0..5 {
        let moment = Duration::from_millis(rand::rng().random_range(20..300));
        thread::scope(|scope| {
            for session in &mut sessions[..3] {
                scope.spawn(move || {
                    for number in 0..25 {
                        session.say("lounge", &format!("{} {round} {number}", session.jid));
                        thread::sleep(Duration::from_millis(10));
                    }
                });
            }
            thread::sleep(moment);
            lyceum.kill();
        });
        lyceum.start_again();
        for (session, seen) in sessions.iter_mut().zip(&mut seen) {
            seen.extend(session.fence());
        }
    }
    let newcomer = Session::log_in(server, "carol", "late");
    let came = newcomer.enter_with("lounge", "Carol", "<history maxstanzas='500'/>");
    let history: Vec<_> = came.iter().filter_map(spoken).collect();
    let once: BTreeSet<_> = history.iter().collect();
    assert_eq!(once.len(), history.len(), "nothing is there twice");
    for (session, seen) in sessions.iter().zip(&seen) {
        assert!(!seen.iter().any(is_removal), "{}", list(seen));
        let heard: Vec<_> = seen.iter().filter_map(spoken).collect();
        let mut rest = history.iter();
        for message in &heard {
            let found = rest.any(|kept| kept == message);
            assert!(
                found,
                "{} heard {message:?}, not in its place in the history",
                session.jid
            );
        }
        println!(
            "{}: {} of {} were heard",
            session.jid,
            heard.len(),
            history.len()
        );
    }
    assert!(
        history.len() > 50,
        "too little was said to prove anything: {}",
        history.len()
    );
    drop(newcomer);
    sessions[2].until("Carol's leaving", |stanza| {
        from_room(stanza, "lounge@rooms.example.org")
            && stanza.attribute("type") == Some("unavailable")
    });
    settle(sessions);
}

/// What was said, and the id under which it is kept. XEP-0359.
fn spoken(stanza: &Element) -> Option<(String, String)> {
    let id = stanza
        .child("urn:xmpp:sid:0", "stanza-id")?
        .attribute("id")?;
    Some((said(stanza)?, id.to_owned()))
}
