//! What an engine does for operators, with a clock that goes only when it is told to.

use std::thread;
use std::time::{Duration, Instant};

use jid::BareJid;
use tokio::sync::{mpsc, oneshot};

use super::CommandRunner;
use crate::command::{Asker, Attachment, Error, Job, Reply, Work, form};
use crate::config::{Config, Surroundings};
use crate::directory::RoomRetention;
use crate::room::{Elapsed, Now, Timestamp};
use crate::service::{Engine, settings};
use crate::store::{ActQuestion, Store, Survey};
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

/// Ann opens the hall, and says something a number of times.
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

/// Orders work, and gives where its end is told.
fn order(engine: &mut Engine, asker: Asker, work: Work) -> oneshot::Receiver<Result<u64, Error>> {
    let (done, told) = oneshot::channel();
    engine.operate(START, Job { work, asker, done });
    told
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
    let work = Work::Keep {
        room: hall(),
        keep: RoomRetention::default(),
    };
    let mut told = order(&mut engine, Asker::Operator, work);
    assert!(told.try_recv().is_err());
    engine.finish();
    assert!(told.try_recv().unwrap().is_ok());
}

#[test]
fn a_change_of_a_room_that_is_not_there_takes_nothing_else_with_it() {
    let mut engine = engine("");
    talk(&mut engine, START, 3);
    let work = Work::RemoveOldest {
        room: BareJid::new("nowhere@rooms.example.org").unwrap(),
        boundary: i64::MAX,
        record: None,
    };
    let mut told = order(&mut engine, Asker::Operator, work);
    let outcome = told.try_recv().unwrap();
    assert!(
        matches!(outcome, Err(Error::NoSuchRoom { .. })),
        "{outcome:?}"
    );
    engine.finish();
    let survey = engine.store.survey_place().open().unwrap();
    assert_eq!(messages(&survey), 3);
}

#[test]
fn whoever_wants_something_done_is_put_on_record_and_the_operator_as_nobody() {
    let ann = BareJid::new("ann@example.org").unwrap();
    let mut engine = engine("");
    talk(&mut engine, START, 1);
    for asker in [Asker::Person(ann.clone()), Asker::Operator] {
        let work = Work::RemoveOldest {
            room: hall(),
            boundary: 0,
            record: Some("nothing at all".into()),
        };
        let mut told = order(&mut engine, asker, work);
        engine.finish();
        assert!(told.try_recv().unwrap().is_ok());
    }
    let survey = engine.store.survey_place().open().unwrap();
    let acts = survey.acts(&ActQuestion::default(), 0, 9).unwrap();
    let actors: Vec<_> = acts.into_iter().map(|(_, _, act)| act.actor).collect();
    assert_eq!(actors, [Some(ann), None]);
}

#[test]
fn a_command_that_its_asker_may_not_run_is_not_begun() {
    let engine = engine("");
    let (runner, _jobs) = CommandRunner::of(&engine);
    let last = |asker| {
        let (sender, mut replies) = mpsc::channel(9);
        let wish = form::read(&["room".to_owned(), "list".to_owned()], &[]).unwrap();
        runner.start(asker, wish, Attachment::none(), sender);
        let mut last = None;
        while let Some(reply) = replies.blocking_recv() {
            last = Some(reply);
        }
        last.unwrap()
    };
    let somebody = Asker::Person(BareJid::new("ann@example.org").unwrap());
    let Reply::Failed { why } = last(somebody) else {
        panic!("it was done");
    };
    assert_eq!(why, "you may not do this: room list");
    let Reply::Done(conclusion) = last(Asker::Operator) else {
        panic!("it was not done");
    };
    assert_eq!(conclusion.sentence, "There are no rooms.");
}
