//! What an engine does for operators, with a clock that goes only when it is told to.

use std::thread;
use std::time::{Duration, Instant};

use jid::BareJid;
use tokio::sync::{mpsc, oneshot};

use super::CommandRunner;
use crate::command::{Asker, Attachment, Error, Job, Reply, Work, form};
use crate::directory::RoomRetention;
use crate::service::tests::scene::{HALL, START, ServiceScene};
use crate::store::{ActQuestion, Survey};

/// Ann says something in the hall a number of times.
fn talk(scene: &mut ServiceScene, times: usize) {
    (0..times).for_each(|number| scene.say("ann", &number.to_string()));
    scene.told();
}

/// Orders work, and gives where its end is told.
fn order(
    scene: &mut ServiceScene,
    asker: Asker,
    work: Work,
) -> oneshot::Receiver<Result<u64, Error>> {
    let (done, told) = oneshot::channel();
    scene.engine.operate(scene.now, Job { work, asker, done });
    told
}

fn hall() -> BareJid {
    BareJid::new(HALL).unwrap()
}

fn messages(survey: &Survey) -> u64 {
    survey.room(&hall()).unwrap().unwrap().messages
}

#[test]
fn what_is_kept_no_longer_goes_within_the_hour_without_a_restart() {
    let mut scene = ServiceScene::new("[pool.rooms]\nkeep_messages = 2");
    scene.expire();
    scene.at(1);
    scene.open("hall");
    talk(&mut scene, 5);
    let survey = scene.engine.store.survey_place().open().unwrap();
    scene.at(3599);
    scene.expire();
    thread::sleep(Duration::from_millis(50));
    assert_eq!(messages(&survey), 5, "it is not time yet");
    let due = scene.engine.next_deadline().unwrap();
    assert!(due <= START.plus_seconds(3600).elapsed);
    scene.at(3600);
    scene.expire();
    let patience = Instant::now() + Duration::from_secs(20);
    while messages(&survey) != 2 {
        assert!(Instant::now() < patience, "{} are left", messages(&survey));
        thread::sleep(Duration::from_millis(5));
    }
}

/// Stored before seen holds for operators, too.
#[test]
fn an_operator_is_told_of_a_change_when_it_is_committed_and_not_before() {
    let mut scene = ServiceScene::new("").with_hall();
    talk(&mut scene, 1);
    let work = Work::Keep {
        room: hall(),
        keep: RoomRetention::default(),
    };
    let mut told = order(&mut scene, Asker::Operator, work);
    assert!(told.try_recv().is_err());
    scene.told();
    assert!(told.try_recv().unwrap().is_ok());
}

#[test]
fn a_change_of_a_room_that_is_not_there_takes_nothing_else_with_it() {
    let mut scene = ServiceScene::new("").with_hall();
    talk(&mut scene, 3);
    let work = Work::RemoveOldest {
        room: BareJid::new("nowhere@rooms.example.org").unwrap(),
        boundary: i64::MAX,
        record: None,
    };
    let mut told = order(&mut scene, Asker::Operator, work);
    let outcome = told.try_recv().unwrap();
    assert!(
        matches!(outcome, Err(Error::NoSuchRoom { .. })),
        "{outcome:?}"
    );
    scene.told();
    let survey = scene.engine.store.survey_place().open().unwrap();
    assert_eq!(messages(&survey), 3);
}

#[test]
fn whoever_wants_something_done_is_put_on_record_and_the_operator_as_nobody() {
    let ann = BareJid::new("ann@example.org").unwrap();
    let mut scene = ServiceScene::new("").with_hall();
    talk(&mut scene, 1);
    for asker in [Asker::Person(ann.clone()), Asker::Operator] {
        let work = Work::RemoveOldest {
            room: hall(),
            boundary: 0,
            record: Some("nothing at all".into()),
        };
        let mut told = order(&mut scene, asker, work);
        scene.told();
        assert!(told.try_recv().unwrap().is_ok());
    }
    let survey = scene.engine.store.survey_place().open().unwrap();
    let acts = survey.acts(&ActQuestion::default(), 0, 9).unwrap();
    let actors: Vec<_> = acts.into_iter().map(|(_, _, act)| act.actor).collect();
    assert_eq!(actors, [Some(ann), None]);
}

#[test]
fn a_command_that_its_asker_may_not_run_is_not_begun() {
    let scene = ServiceScene::new("");
    let (runner, _jobs) = CommandRunner::of(&scene.engine);
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
