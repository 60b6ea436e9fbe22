//! What an engine does for operators, with a clock that goes only when it is told to.

use std::thread;
use std::time::{Duration, Instant};

use jid::BareJid;
use tokio::sync::oneshot;

use crate::command::{Change, Error, Job};
use crate::config::{Config, Surroundings};
use crate::directory::RoomRetention;
use crate::room::{Elapsed, Now, Timestamp};
use crate::service::{Engine, settings};
use crate::store::{Store, Survey};
use crate::wire::xml::frame::{Frame, Received};

fn engine(more: &str) -> Engine {
    let text = format!("[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'x'\n{more}");
    let surroundings = Surroundings {
        path: "lyceum.toml".into(),
        secret: None,
    };
    let config = Config::parse(&text, &surroundings).unwrap();
    let settings = settings::engine(&config.pools[0]);
    Engine::new(settings, Store::in_memory().unwrap(), START).unwrap()
}

fn receive(engine: &mut Engine, now: Now, stanza: &str) {
    let frame = Frame::from_xml(stanza.as_bytes()).unwrap();
    engine.receive(now, Received::Stanza(frame));
    engine.finish();
}

/// Ann opens the hall, and says something so many times.
fn talk(engine: &mut Engine, now: Now, times: usize) {
    let ann = "from='ann@example.org/a' to='hall@rooms.example.org";
    let enter = "<x xmlns='http://jabber.org/protocol/muc'/>";
    receive(
        engine,
        now,
        &format!("<presence {ann}/Ann'>{enter}</presence>"),
    );
    let form = "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>";
    receive(
        engine,
        now,
        &format!("<iq {ann}' type='set' id='1'>{form}</iq>"),
    );
    for number in 0..times {
        let body = format!("<body>{number}</body>");
        receive(
            engine,
            now,
            &format!("<message {ann}' type='groupchat'>{body}</message>"),
        );
    }
}

fn hall() -> BareJid {
    BareJid::new("hall@rooms.example.org").unwrap()
}

fn messages(survey: &Survey) -> u64 {
    survey.room(&hall()).unwrap().unwrap().messages
}

const START: Now = Now {
    at: Timestamp(1_767_268_800_000_000),
    elapsed: Elapsed::BEGINNING,
};

#[test]
fn what_is_kept_no_longer_goes_within_the_hour_without_a_restart() {
    let mut engine = engine("[pool.rooms]\nkeep_messages = 2");
    engine.expire(START);
    engine.finish();
    talk(&mut engine, START.plus_seconds(1), 5);
    let survey = engine.store.survey_place().open().unwrap();
    engine.expire(START.plus_seconds(3599));
    engine.finish();
    thread::sleep(Duration::from_millis(50));
    assert_eq!(messages(&survey), 5, "it is not time yet");
    let due = engine.next_deadline().unwrap();
    assert!(due <= START.plus_seconds(3600).elapsed);
    engine.expire(START.plus_seconds(3600));
    engine.finish();
    let patience = Instant::now() + Duration::from_secs(20);
    while messages(&survey) != 2 {
        assert!(Instant::now() < patience, "{} are left", messages(&survey));
        thread::sleep(Duration::from_millis(5));
    }
}

/// Stored before seen holds for operators, too.
#[test]
fn an_operator_is_told_of_a_change_when_it_is_committed_and_not_before() {
    let mut engine = engine("");
    talk(&mut engine, START, 1);
    let (done, mut told) = oneshot::channel();
    let change = Change::Keep {
        room: hall(),
        keep: RoomRetention::default(),
    };
    engine.operate(START, Job { change, done });
    assert!(told.try_recv().is_err());
    engine.finish();
    assert!(told.try_recv().unwrap().is_ok());
}

#[test]
fn a_change_of_a_room_that_is_not_there_takes_nothing_else_with_it() {
    let mut engine = engine("");
    talk(&mut engine, START, 3);
    let (done, mut told) = oneshot::channel();
    let change = Change::RemoveOldest {
        room: BareJid::new("nowhere@rooms.example.org").unwrap(),
        boundary: i64::MAX,
        record: None,
    };
    engine.operate(START, Job { change, done });
    let outcome = told.try_recv().unwrap();
    assert!(
        matches!(outcome, Err(Error::NoSuchRoom { .. })),
        "{outcome:?}"
    );
    engine.finish();
    let survey = engine.store.survey_place().open().unwrap();
    assert_eq!(messages(&survey), 3);
}
