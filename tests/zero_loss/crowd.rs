//! A few people in a few rooms, who all talk at once, come and go; and what each of them sees.

use rand::RngExt;
use rand::rngs::StdRng;

use super::sight::{MAM, MUC, Seen, Sight};
use crate::support::scenario::SERVICE;
use crate::support::xml::Whole;

pub const ROOMS: [&str; 3] = ["red", "green", "blue"];

/// Sessions. The first two belong to the owner of all rooms, who never leaves.
const SESSIONS: [&str; 5] = [
    "ann@example.org/desk",
    "ann@example.org/phone",
    "ben@example.org/desk",
    "cid@example.org/desk",
    "dan@example.org/desk",
];

/// Number of messages of the past that a newcomer asks for.
pub const HISTORY: usize = 20;

/// All sessions in all rooms, from one start of the service to the next.
pub struct Crowd {
    pub seats: Vec<Seat>,
    /// How often the service was started.
    pub round: u32,
}

/// A session in a room.
pub struct Seat {
    pub room: &'static str,
    session: &'static str,
    /// Where it was when the service was started.
    pub at_start: Place,
    /// What it has told the room since, last.
    told: Option<Place>,
    /// How many messages it has sent since.
    said: u32,
    /// The last message that it had seen before, by its stanza id.
    pub last: Option<String>,
}

/// Whether a session is in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Inside,
    Outside,
    /// It had no answer when it went in or out.
    Unknown,
}

impl Crowd {
    pub fn new() -> Self {
        let seat = |room, session| Seat {
            room,
            session,
            at_start: Place::Unknown,
            told: None,
            said: 0,
            last: None,
        };
        let seats = ROOMS.map(|room| SESSIONS.map(|session| seat(room, session)));
        Self {
            seats: seats.into_iter().flatten().collect(),
            round: 0,
        }
    }

    /// The service is being started again. Whoever had seen themselves in a room must be there.
    pub fn begin_round(&mut self, last_seen: &[Sight]) {
        self.round += 1;
        for (number, seat) in self.seats.iter_mut().enumerate() {
            let mut place = None;
            for sight in last_seen.iter().filter(|sight| sight.seat == number) {
                match &sight.what {
                    Seen::Place(seen) => place = Some(*seen),
                    Seen::Past(seen) | Seen::Live(seen) => seat.last = Some(seen.stanza_id.clone()),
                    Seen::Missed(_) | Seen::CaughtUp(_) => {}
                }
            }
            seat.at_start = match (seat.told.take(), place) {
                (None, _) => seat.at_start,
                (Some(told), Some(seen)) if told == seen => seen,
                (Some(_), _) => Place::Unknown,
            };
            seat.said = 0;
        }
    }

    /// The first stanzas: the rooms are made, whoever doesn't know where they are goes in, and the
    /// owner asks for everything missed.
    pub fn opening(&mut self) -> String {
        let mut stanzas = String::new();
        for number in 0..self.seats.len() {
            let owns = self.seats[number].owns();
            if self.seats[number].at_start == Place::Unknown {
                stanzas.push_str(&self.enter(number));
            }
            if owns {
                stanzas.push_str(&self.seats[number].configure());
                stanzas.push_str(&self.seats[number].catch_up());
            }
        }
        stanzas
    }

    /// Something that somebody says or does. Tells whether it is a message to a room.
    pub fn next(&mut self, random: &mut StdRng) -> (String, bool) {
        let number = random.random_range(0..self.seats.len());
        let seat = &self.seats[number];
        let whim = random.random_range(0..100);
        match seat.told.unwrap_or(seat.at_start) {
            Place::Inside if whim < 2 && !seat.owns() => (self.leave(number), false),
            Place::Inside if whim < 3 && !seat.owns() => (seat.rename(self.round), false),
            Place::Inside if whim < 5 => (seat.show(), false),
            Place::Inside => (self.speak(number, random), true),
            // Once in a round is enough: so what it sees is one piece of what was said.
            Place::Outside if seat.told.is_some() => self.next(random),
            Place::Outside | Place::Unknown => (self.enter(number), false),
        }
    }

    fn enter(&mut self, number: usize) -> String {
        let seat = &mut self.seats[number];
        seat.told = Some(Place::Inside);
        let history = format!("<history maxstanzas='{HISTORY}'/>");
        seat.presence("", &format!("<x xmlns='{MUC}'>{history}</x>"))
    }

    fn leave(&mut self, number: usize) -> String {
        let seat = &mut self.seats[number];
        seat.told = Some(Place::Outside);
        seat.presence("type='unavailable'", "")
    }

    fn speak(&mut self, number: usize, random: &mut StdRng) -> String {
        let round = self.round;
        let seat = &mut self.seats[number];
        let Seat { room, session, .. } = *seat;
        let id = format!("{round}.{number}.{}", seat.said);
        seat.said += 1;
        // Most are short; some fill pages of the database.
        let length = match random.random_range(0..50) {
            0 => random.random_range(0..40_000),
            1..5 => random.random_range(0..6_000),
            _ => random.random_range(0..200),
        };
        let words = "word ".repeat(length / 5);
        let element = match seat.owns() && random.random_ratio(1, 20) {
            true => "subject",
            false => "body",
        };
        format!(
            "<message from='{session}' to='{room}@{SERVICE}' type='groupchat' id='{id}'>\
             <{element}>{id} {words}</{element}></message>"
        )
    }

    /// Notes what the server is given for a session.
    ///
    /// # Errors
    /// That it is an error, or a message without an id. Those who ask for what they missed may be
    /// told to ask again, for the service may be told to stop before it has the answer.
    pub fn see(&self, stanza: Whole, noted: usize) -> Result<Option<Sight>, String> {
        let element = &stanza.element;
        let (Some(from), Some(to)) = (element.attribute("from"), element.attribute("to")) else {
            return Err(format!("without address: {}", stanza.raw));
        };
        if element.attribute("type") == Some("error") {
            if element.attribute("id") == Some("catch-up")
                && stanza.raw.contains("resource-constraint")
            {
                return Ok(None);
            }
            return Err(format!("refused: {}", stanza.raw));
        }
        let room = from.split('@').next().unwrap_or_default();
        let sits = |seat: &Seat| seat.session == to && seat.room == room;
        let Some(seat) = self.seats.iter().position(sits) else {
            return Ok(None);
        };
        let what = Seen::in_stanza(&stanza)?;
        Ok(what.map(|what| Sight { seat, what, noted }))
    }
}

impl Seat {
    /// Whether it is one of the owner's.
    fn owns(&self) -> bool {
        self.nick() == "ann"
    }

    /// An instant room. XEP-0045 §10.1.2 (#createroom-instant).
    fn configure(&self) -> String {
        let Self { room, session, .. } = self;
        format!(
            "<iq from='{session}' to='{room}@{SERVICE}' type='set' id='configure'>\
             <query xmlns='{MUC}#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"
        )
    }

    /// Asks for what came behind the last message. That is an error if the archive doesn't have it.
    /// XEP-0313 §4.3 (#query-paging).
    fn catch_up(&self) -> String {
        let Self { room, session, .. } = self;
        let Some(last) = &self.last else {
            return String::new();
        };
        format!(
            "<iq from='{session}' to='{room}@{SERVICE}' type='set' id='catch-up'>\
             <query xmlns='{MAM}'><set xmlns='http://jabber.org/protocol/rsm'>\
             <max>20</max><after>{last}</after></set></query></iq>"
        )
    }

    fn show(&self) -> String {
        self.presence("", &format!("<status>{}</status>", self.said))
    }

    /// Sessions of one person share a nick: the owner's stay as they are.
    fn rename(&self, round: u32) -> String {
        let Self { room, session, .. } = self;
        let nick = format!("{} {round}.{}", self.nick(), self.said);
        format!("<presence from='{session}' to='{room}@{SERVICE}/{nick}'/>")
    }

    fn nick(&self) -> &str {
        self.session.split('@').next().unwrap_or_default()
    }

    fn presence(&self, attribute: &str, payload: &str) -> String {
        let Self { room, session, .. } = self;
        let nick = self.nick();
        format!(
            "<presence from='{session}' to='{room}@{SERVICE}/{nick}' {attribute}>\
             {payload}</presence>"
        )
    }
}
