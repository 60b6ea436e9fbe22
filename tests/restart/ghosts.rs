//! Sessions that are doubted because something came back: ghosts are removed, and whoever is there
//! is not. XEP-0045 §18.1.2 (#impl-service-ghosts), DESIGN §2, decision 3.

use std::thread;
use std::time::{Duration, Instant};

use super::beside;
use crate::support::servers::{Ejabberd, Lyceum, Prosody, Server};
use crate::support::session::{Manners, Session, is_ping, is_removal, list, said};
use crate::support::xml::Element;

#[test]
fn beside_prosody_only_ghosts_are_removed() {
    only_ghosts_are_removed(&Prosody::start());
}

#[test]
fn beside_ejabberd_only_ghosts_are_removed() {
    only_ghosts_are_removed(&Ejabberd::start());
}

fn only_ghosts_are_removed(server: &Server) {
    let mut lyceum = beside(server, &["alice", "bob", "carol"]);
    let mut alice = Session::log_in(server, "alice", "desk");
    alice.enter("lounge", "Alice");
    alice.configure("lounge", &[("whois", "anyone")]);
    let mut bob = Session::log_in(server, "bob", "desk");
    bob.enter("lounge", "Bob");
    alice.fence();

    who_vanished_while_the_service_was_away_is_removed(server, &mut lyceum, &mut alice, &mut bob);
    one_of_two_sessions_of_a_nick_is_removed_alone(server, &mut lyceum, &mut alice, &mut bob);
    who_blocks_somebody_stays(&mut alice, &mut bob);
    who_knows_no_ping_stays(&mut alice, &mut bob);
    who_returns_everything_stays(&mut alice, &mut bob);
}

/// The server can't tell a service that is away who has gone. Until something is sent to the ghost
/// nobody knows; then it is asked for, and it is removed.
fn who_vanished_while_the_service_was_away_is_removed(
    server: &Server,
    lyceum: &mut Lyceum,
    alice: &mut Session,
    bob: &mut Session,
) {
    let carol = Session::log_in(server, "carol", "desk");
    carol.enter("lounge", "Carol");
    settle(alice, bob);
    lyceum.kill();
    carol.vanish();
    let_the_server_notice();
    lyceum.start_again();
    let quiet = alice.fence();
    assert!(
        quiet.is_empty(),
        "nothing has been sent to Carol yet: {}",
        list(&quiet)
    );

    alice.say("lounge", "Is Carol here?");
    for session in [&mut *alice, bob] {
        let came = session.until("the removal of Carol", is_removal);
        let removal = came.last().expect("it has come");
        assert_eq!(
            removal.attribute("from"),
            Some("lounge@rooms.example.org/Carol")
        );
        assert_eq!(
            came.iter().filter_map(said).collect::<Vec<_>>(),
            ["Is Carol here?"]
        );
        assert!(
            !came.iter().any(is_ping),
            "only who is doubted is asked: {}",
            list(&came)
        );
    }
    both_are_there(alice, bob);
}

/// As long as one session of a nick is left, the others see no change at all.
fn one_of_two_sessions_of_a_nick_is_removed_alone(
    server: &Server,
    lyceum: &mut Lyceum,
    alice: &mut Session,
    bob: &mut Session,
) {
    let mut desk = Session::log_in(server, "carol", "desk");
    desk.enter("lounge", "Carol");
    let phone = Session::log_in(server, "carol", "phone");
    phone.enter("lounge", "Carol");
    desk.fence();
    settle(alice, bob);
    lyceum.kill();
    phone.vanish();
    let_the_server_notice();
    lyceum.start_again();

    alice.say("lounge", "Which of the two?");
    desk.until("what Alice says", |stanza| said(stanza).is_some());
    // The ghost is gone when nothing comes back for it any more.
    let deadline = Instant::now() + Duration::from_secs(20);
    while !lyceum.log().contains("removed: the session is gone") {
        assert!(Instant::now() < deadline, "{}", lyceum.log_tail());
        thread::sleep(Duration::from_millis(20));
    }
    assert!(desk.is_inside("lounge", "Carol"));
    for session in [&mut *alice, &mut *bob] {
        let came = session.fence();
        let gone = came
            .iter()
            .any(|stanza| stanza.attribute("type") == Some("unavailable"));
        assert!(!gone, "{}", list(&came));
    }
    desk.send("<presence to='lounge@rooms.example.org/Carol' type='unavailable'/>");
    desk.fence();
    drop(desk);
    both_are_there(alice, bob);
}

/// XEP-0191: what a blocked occupant says may come back as from a session that is gone.
fn who_blocks_somebody_stays(alice: &mut Session, bob: &mut Session) {
    for blocked in [
        "lounge@rooms.example.org/Bob",
        "lounge@rooms.example.org",
        "rooms.example.org",
    ] {
        list_as_blocked(alice, "block", blocked);
        for number in 0..3 {
            bob.say("lounge", &format!("Alice should not hear this, {number}"));
        }
        let removed = bob.fence().iter().any(is_removal) || bob.fence().iter().any(is_removal);
        assert!(!removed, "she who blocks {blocked} was removed");
        list_as_blocked(alice, "unblock", blocked);
        both_are_there(alice, bob);
    }
}

fn list_as_blocked(session: &mut Session, action: &str, jid: &str) {
    let payload = format!("<{action} xmlns='urn:xmpp:blocking'><item jid='{jid}'/></{action}>");
    session.send(&format!("<iq type='set' id='{action}'>{payload}</iq>"));
    // The answer is the server's own. Whatever is sent behind it finds the list changed.
    session.until_any("an answer to blocking", |stanza| {
        stanza.name == "iq" && stanza.attribute("id") == Some(action)
    });
}

/// Such a client answers a ping with what a server says for a session that is gone.
fn who_knows_no_ping_stays(alice: &mut Session, bob: &mut Session) {
    alice.behave(Manners::KnowsNoPing);
    come_under_doubt(alice);
    let mut pings = 0;
    while pings < 2 {
        let came = alice.until("a ping", is_ping);
        pings += came.iter().filter(|stanza| is_ping(stanza)).count();
    }
    both_are_there(alice, bob);
    alice.behave(Manners::Answers);
}

/// A client that returns what it can't read is there all the same.
fn who_returns_everything_stays(alice: &mut Session, bob: &mut Session) {
    for _ in 0..5 {
        come_under_doubt(alice);
    }
    both_are_there(alice, bob);
}

/// Returns a message, as a server does for a session that is gone.
fn come_under_doubt(session: &Session) {
    session.send(
        "<message to='lounge@rooms.example.org/Bob' type='error'><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
}

fn both_are_there(alice: &mut Session, bob: &mut Session) {
    let removal = |came: &[Element]| came.iter().any(is_removal);
    assert!(alice.is_inside("lounge", "Alice") && bob.is_inside("lounge", "Bob"));
    for speaker in [&*alice, &*bob] {
        speaker.say("lounge", "still here");
        for hearer in [&*alice, &*bob] {
            let came = hearer.until("it", |stanza| said(stanza).as_deref() == Some("still here"));
            assert!(!removal(&came), "{}", list(&came));
        }
    }
}

fn settle(alice: &mut Session, bob: &mut Session) {
    for _ in 0..2 {
        alice.fence();
        bob.fence();
    }
}

/// The server notices by itself that a connection is closed, and tells nobody that it has.
fn let_the_server_notice() {
    thread::sleep(Duration::from_millis(500));
}
