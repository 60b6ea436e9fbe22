//! The machine's clock is set forward and back, by seconds, hours and ten years, at a start and
//! while the service runs. What a stanza shows of it is in the scenarios of `clock/`.

use std::thread;
use std::time::{Duration, Instant};

use jid::BareJid;
use lyceum::config::{Config, Pool, Surroundings};
use lyceum::room::{Elapsed, Now, Timestamp};
use lyceum::service::{Engine, settings};
use lyceum::store::{Store, Survey};
use lyceum::wire::xml::frame::{Frame, Received};
use tempfile::TempDir;

const HOUR_S: i64 = 60 * 60;
const DAY_S: i64 = 24 * HOUR_S;
const YEARS_S: i64 = 10 * 365 * DAY_S;
/// By how much the clock is set.
const SET_S: [i64; 6] = [4, -4, 3 * HOUR_S, -3 * HOUR_S, YEARS_S, -YEARS_S];

/// When all begins: the first of January 2026, at noon.
const BEGINNING: Now = Now {
    at: Timestamp(1_767_268_800_000_000),
    elapsed: Elapsed(0),
};

/// A service with a hall that Ann is in, and a clock that can be set.
struct Hall {
    pool: Pool,
    engine: Option<Engine>,
    now: Now,
    survey: Survey,
    said: usize,
    _folder: TempDir,
}

impl Hall {
    fn open(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\ndurability = 'relaxed'\n{configuration}"
        );
        let surroundings = Surroundings {
            path: folder.path().join("lyceum.toml"),
            ..Surroundings::default()
        };
        let config = Config::parse(&text, &surroundings).unwrap();
        let pool = config.pools.into_iter().next().unwrap();
        let (engine, survey) = start(&pool, BEGINNING);
        let mut hall = Self {
            survey,
            pool,
            engine: Some(engine),
            now: BEGINNING,
            said: 0,
            _folder: folder,
        };
        hall.pass(1);
        hall.receive("<presence FROM/Ann'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        hall.receive(
            "<iq FROM' type='set' id='1'><query xmlns='http://jabber.org/protocol/muc#owner'>\
             <x xmlns='jabber:x:data' type='submit'/></query></iq>",
        );
        hall
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    fn receive(&mut self, stanza: &str) -> String {
        let from = "from='ann@example.org/a' to='hall@rooms.example.org";
        let frame = Frame::from_xml(stanza.replace("FROM", from).as_bytes()).unwrap();
        let now = self.now;
        self.engine().receive(now, Received::Stanza(frame));
        String::from_utf8(self.engine().finish().concat()).unwrap()
    }

    /// Says something, and tells whether it passed.
    fn say(&mut self) -> bool {
        self.said += 1;
        let body = self.said;
        let told = self.receive(&format!(
            "<message FROM' type='groupchat'><body>{body}</body></message>"
        ));
        told.contains(&format!("<body>{body}</body>")) && !told.contains("type='error'")
    }

    /// Lets seconds go by, a minute at a time.
    fn pass(&mut self, seconds: i64) {
        let mut left = seconds;
        while left > 0 {
            let step = left.min(60);
            left -= step;
            self.now = self.now.plus_seconds(step);
            let now = self.now;
            if self.engine().is_due(now.elapsed) {
                self.engine().expire(now);
                self.engine().finish();
            }
        }
    }

    fn set_clock(&mut self, seconds: i64) {
        self.now.at = self.now.at.plus_seconds(seconds);
    }

    fn restart(&mut self) {
        self.engine = None;
        self.now.elapsed = BEGINNING.elapsed;
        let (engine, survey) = start(&self.pool, self.now);
        (self.engine, self.survey) = (Some(engine), survey);
        self.pass(1);
    }

    fn messages(&self) -> u64 {
        let hall = BareJid::new("hall@rooms.example.org").unwrap();
        self.survey.room(&hall).unwrap().unwrap().messages
    }

    /// Waits until the hall has that number of messages, which the store removes when it has time.
    fn expect(&self, messages: u64) {
        let patience = Instant::now() + Duration::from_secs(20);
        while self.messages() != messages {
            assert!(Instant::now() < patience, "{} are left", self.messages());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Everything that was said is there, also after a while in which the store could have removed
    /// it.
    fn expect_all(&self) {
        thread::sleep(Duration::from_millis(50));
        assert_eq!(self.messages(), self.said as u64);
    }
}

fn start(pool: &Pool, now: Now) -> (Engine, Survey) {
    let store = Store::open(&settings::store(pool)).unwrap();
    let survey = store.survey_place().open().unwrap();
    let mut engine = Engine::new(settings::engine(pool), store, now).unwrap();
    engine.link_up(now);
    engine.finish();
    (engine, survey)
}

#[test]
fn limits_fill_again_with_the_time_that_goes_by_whatever_the_clock_says() {
    let limits = "limits.messages_per_second = 5\nlimits.messages_burst = 5";
    for set_s in SET_S {
        let mut hall = Hall::open(limits);
        // Ahead, or behind, for four seconds in which somebody speaks, then right again.
        hall.set_clock(set_s);
        assert!((0..5).all(|_| hall.say()), "a burst");
        assert!(!hall.say(), "and no more");
        hall.pass(4);
        assert!(hall.say());
        hall.set_clock(-set_s);
        let passed = |hall: &mut Hall| {
            let said = (0..150).filter(|_| {
                hall.now = Now {
                    at: Timestamp(hall.now.at.0 + 200_000),
                    elapsed: Elapsed(hall.now.elapsed.0 + 200_000),
                };
                hall.say()
            });
            said.count()
        };
        assert_eq!(passed(&mut hall), 150, "{set_s} while running");
        hall.set_clock(set_s);
        hall.restart();
        assert_eq!(passed(&mut hall), 150, "{set_s} at a start");
        hall.set_clock(-set_s);
        hall.restart();
        assert_eq!(passed(&mut hall), 150, "{set_s} and right again at a start");
    }
}

#[test]
fn nothing_of_today_is_removed_by_age_because_the_clock_was_set() {
    for set_s in SET_S {
        let mut running = Hall::open("rooms.keep_days = 30");
        assert!(running.say() && running.say());
        running.set_clock(set_s);
        running.pass(2 * HOUR_S);
        running.expect_all();
        running.set_clock(-set_s);
        running.pass(2 * HOUR_S);
        running.expect_all();

        let mut starting = Hall::open("rooms.keep_days = 30");
        assert!(starting.say() && starting.say());
        starting.set_clock(set_s);
        for _ in 0..5 {
            starting.restart();
            starting.pass(DAY_S);
            starting.expect_all();
        }
        starting.set_clock(-set_s);
        starting.restart();
        starting.pass(2 * HOUR_S);
        starting.expect_all();
    }
}

#[test]
fn what_is_too_old_goes_when_the_clock_has_gone_evenly_for_an_hour() {
    let mut hall = Hall::open("rooms.keep_days = 1");
    assert!(hall.say() && hall.say());
    hall.pass(DAY_S - HOUR_S);
    hall.set_clock(4);
    hall.pass(HOUR_S - 60);
    hall.expect_all();
    // Now they are older than a day by any clock, but it is not believed yet.
    hall.set_clock(2 * HOUR_S);
    hall.pass(HOUR_S - 60);
    hall.expect_all();
    hall.pass(120);
    hall.expect(0);
}

#[test]
fn what_is_too_many_goes_even_when_nobody_knows_what_time_it_is() {
    let mut hall = Hall::open("rooms.keep_days = 30\nrooms.keep_messages = 2");
    assert!((0..5).all(|_| hall.say()));
    hall.set_clock(YEARS_S);
    hall.restart();
    hall.expect(2);
}

#[test]
fn a_service_that_was_away_for_a_night_or_a_month_removes_what_is_too_old() {
    for (away_s, after_s) in [(12 * HOUR_S, 1), (20 * DAY_S, HOUR_S + 60)] {
        let mut hall = Hall::open("rooms.keep_days = 1");
        assert!(hall.say());
        hall.pass(13 * HOUR_S);
        hall.set_clock(away_s);
        hall.restart();
        hall.pass(after_s);
        hall.expect(0);
    }
}
