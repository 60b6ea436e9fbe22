//! The server is lost and comes back: its lost sessions are found and removed, and no others.
//! DESIGN §2, decisions 2 and 3.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use super::beside;
use crate::support::roster::Roster;
use crate::support::servers::{Ejabberd, Lyceum, Prosody, Server};
use crate::support::session::{Session, list, said};

#[test]
fn beside_prosody_the_lost_sessions_of_a_restarted_server_are_removed_and_no_others() {
    the_lost_sessions_of_a_restarted_server_are_removed_and_no_others(Prosody::start());
}

#[test]
fn beside_ejabberd_the_lost_sessions_of_a_restarted_server_are_removed_and_no_others() {
    the_lost_sessions_of_a_restarted_server_are_removed_and_no_others(Ejabberd::start());
}

const ACCOUNTS: [&str; 8] = ["ann", "ben", "cid", "dan", "eva", "fay", "gus", "hal"];
const ROOMS: [&str; 5] = ["red", "green", "blue", "black", "white"];
const SESSIONS: usize = 200;

/// Longest time until the lost sessions are gone, from when the server listens again.
/// They are asked at 100 a second, and each twice; the rest is for a machine that is busy.
const FOUND_MAX: Duration = Duration::from_secs(60);

fn the_lost_sessions_of_a_restarted_server_are_removed_and_no_others(mut server: Server) {
    let mut lyceum = beside(&server, &ACCOUNTS);
    let mut seats: Vec<_> = (0..SESSIONS)
        .map(|number| Seat::taken(&server, number))
        .collect();

    server.kill();
    seats.truncate(20);
    server.start_again();
    let started = Instant::now();
    come_back(&server, &mut seats);
    only_they_are_inside(&mut seats, &lyceum);
    println!(
        "{:?}: all were found after {:?}",
        server.kind,
        started.elapsed()
    );

    // A server tells since when it runs in whole seconds, and what it says takes its way: two
    // starts can be told apart when some seconds lie between them.
    thread::sleep(Duration::from_secs(8).saturating_sub(started.elapsed()));
    lyceum.kill();
    server.kill();
    seats.truncate(10);
    server.start_again();
    lyceum.start_again();
    come_back(&server, &mut seats);
    // Slowness is no reason to doubt anybody, and to remove anybody even less.
    server.signal("STOP");
    thread::sleep(Duration::from_secs(4));
    server.signal("CONT");
    only_they_are_inside(&mut seats, &lyceum);
}

/// A session and the room in which it is.
struct Seat {
    session: Session,
    number: usize,
    roster: Roster,
}

impl Seat {
    /// Takes the seat of this number, as the first in its room or not.
    fn taken(server: &Server, number: usize) -> Self {
        let mut seat = Self::entered(server, number);
        if number < ROOMS.len() {
            seat.session
                .configure(seat.room(), &[("roomname", ROOMS[number])]);
        }
        seat
    }

    fn entered(server: &Server, number: usize) -> Self {
        let account = ACCOUNTS[number % ACCOUNTS.len()];
        let session = Session::log_in(server, account, &format!("r{number}"));
        let room = ROOMS[number % ROOMS.len()];
        let mut seat = Self {
            roster: Roster::of(&session.room(room)),
            session,
            number,
        };
        seat.wait_for_the_service();
        for stanza in seat.session.enter(room, &seat.nick()) {
            seat.roster.see(&stanza);
        }
        seat
    }

    /// A server that has just started may not have its component yet.
    fn wait_for_the_service(&mut self) {
        let deadline = Instant::now() + FOUND_MAX;
        let service = self.session.service.clone();
        let ping = "<ping xmlns='urn:xmpp:ping'/>";
        while self.session.ask(&service, "get", ping).1.attribute("type") != Some("result") {
            assert!(Instant::now() < deadline, "the service is not linked");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn room(&self) -> &'static str {
        ROOMS[self.number % ROOMS.len()]
    }

    fn nick(&self) -> String {
        format!("n{}", self.number)
    }

    fn look(&mut self) {
        for stanza in self.session.fence() {
            self.roster.see(&stanza);
        }
    }
}

/// The same full JIDs log in again and enter again, while the service asks for all sessions.
fn come_back(server: &Server, seats: &mut Vec<Seat>) {
    let numbers: Vec<_> = seats.drain(..).map(|seat| seat.number).collect();
    seats.extend(
        numbers
            .into_iter()
            .map(|number| Seat::entered(server, number)),
    );
    // Whoever was asked for before they came back was rightly removed.
    for seat in seats {
        seat.look();
        seat.roster.removed.clear();
    }
}

/// All others are removed in time, each by name, and those who are there can talk at once.
fn only_they_are_inside(seats: &mut [Seat], lyceum: &Lyceum) {
    let deadline = Instant::now() + FOUND_MAX;
    for index in 0..seats.len() {
        let here: BTreeSet<_> = seats
            .iter()
            .filter(|seat| seat.room() == seats[index].room())
            .map(Seat::nick)
            .collect();
        let seat = &mut seats[index];
        while seat.roster.nicks != here {
            let false_removals: Vec<_> = seat.roster.removed.intersection(&here).collect();
            assert!(
                false_removals.is_empty(),
                "{false_removals:?}\n{}",
                lyceum.log_tail()
            );
            assert!(
                Instant::now() < deadline,
                "still there: {:?}\n{}",
                seat.roster.nicks.difference(&here),
                lyceum.log_tail()
            );
            thread::sleep(Duration::from_millis(20));
            seat.look();
        }
        assert!(seat.roster.inside, "{} was removed", seat.session.jid);
        assert!(
            seat.session.is_inside(seat.room(), &seat.nick()),
            "{}",
            seat.session.jid
        );
    }
    for index in 0..seats.len() {
        let (room, body) = (
            seats[index].room(),
            format!("{} is back", seats[index].nick()),
        );
        seats[index].session.say(room, &body);
        for seat in seats.iter().filter(|seat| seat.room() == room) {
            let came = seat
                .session
                .until(&body, |stanza| said(stanza).as_deref() == Some(&body));
            let removed = came
                .iter()
                .any(|stanza| stanza.attribute("type") == Some("unavailable"));
            assert!(!removed, "{}", list(&came));
        }
    }
}
