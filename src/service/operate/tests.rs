//! What an engine does for operators, with a clock that goes only when it is told to.

use std::thread;
use std::time::{Duration, Instant};

use jid::BareJid;
use tokio::sync::{mpsc, oneshot};

use super::CommandRunner;
use crate::command::{Asker, Attachment, Error, Job, Reply, Work, form};
use crate::directory::RoomRetention;
use crate::room::request::{AffiliationTarget, Moderation};
use crate::room::setting::Setting;
use crate::room::{Action, Affiliation};
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

/// The last that a command says, to somebody or to the operator.
fn last(scene: &ServiceScene, asker: Asker, command: &str, room: &str) -> Result<String, String> {
    let (runner, _jobs) = CommandRunner::of(&scene.engine);
    let (sender, mut replies) = mpsc::channel(9);
    let name: Vec<_> = command.split(' ').map(str::to_owned).collect();
    let filled = ("room".to_owned(), vec![room.to_owned()]);
    let filled: Vec<_> = [filled].into_iter().filter(|_| !room.is_empty()).collect();
    let wish = form::read(&name, &filled).unwrap();
    runner.start(asker, wish, Attachment::none(), sender);
    let mut last = None;
    while let Some(reply) = replies.blocking_recv() {
        last = Some(reply);
    }
    match last.unwrap() {
        Reply::Done(conclusion) => Ok(conclusion.sentence),
        Reply::Failed { why } => Err(why),
        other => panic!("{other:?} is not the last"),
    }
}

fn person(name: &str) -> Asker {
    Asker::Person(BareJid::new(&format!("{name}@example.org")).unwrap())
}

#[test]
fn a_command_that_its_asker_may_not_run_is_not_begun() {
    let scene = ServiceScene::new("operators = ['op@example.org']");
    let list = |asker| last(&scene, asker, "room list", "");
    let refused = Err("you may not do this: room list".to_owned());
    assert_eq!(list(person("ann")), refused);
    let done = Ok("There are no rooms.".to_owned());
    assert_eq!(list(Asker::Operator), done);
    assert_eq!(
        list(person("op")),
        done,
        "an operator with an address is one"
    );
}

/// Secret or not, there or not: whoever does not manage a room is told the same of it.
#[test]
fn a_room_is_shown_to_its_managers_and_to_others_as_if_it_were_not_there() {
    let mut scene = ServiceScene::new("operators = ['op@example.org']").with_hall();
    scene.configure("muc#roomconfig_publicroom", "0");
    scene.told();
    let show = |asker, room| last(&scene, asker, "room show", room);
    for asker in [Asker::Operator, person("op"), person("ann")] {
        assert_eq!(show(asker, "hall"), Ok(String::new()));
    }
    for room in ["hall", "nowhere"] {
        let address = format!("{room}@rooms.example.org");
        let refused = format!("there is no room {address} that you manage");
        assert_eq!(show(person("bob"), room), Err(refused));
    }
    let unknown = Err("there is no room nowhere@rooms.example.org".to_owned());
    assert_eq!(show(Asker::Operator, "nowhere"), unknown);
}

fn address(room: &str) -> BareJid {
    BareJid::new(&format!("{room}@rooms.example.org")).unwrap()
}

/// Has something done, and tells how it ended; and what went out meanwhile.
fn done(scene: &mut ServiceScene, asker: &Asker, work: Work) -> (Result<u64, String>, String) {
    let mut told = order(scene, asker.clone(), work);
    let out = scene.told();
    let outcome = told.try_recv().unwrap();
    (outcome.map_err(|error| error.to_string()), out)
}

fn named(name: &str) -> Action {
    Action::Configure(vec![Setting::Name.to(name)])
}

fn affiliated(jid: &str, affiliation: Affiliation) -> Action {
    Action::Moderate(vec![Moderation::Affiliation {
        target: AffiliationTarget::Jid(BareJid::new(jid).unwrap()),
        affiliation,
        reserve: None,
        reason: None,
    }])
}

#[test]
fn a_room_is_made_with_all_that_is_asked_of_it_or_not_at_all() {
    let mut scene = ServiceScene::new("");
    let make = |actions| Work::Make {
        room: address("den"),
        actions,
    };
    let domain = affiliated("example.org", Affiliation::Owner);
    let (outcome, _) = done(
        &mut scene,
        &Asker::Operator,
        make(vec![named("Den"), domain]),
    );
    let why = "example.org is no person; a manager is one, by an address like ann@example.org";
    assert_eq!(outcome, Err(why.to_owned()));
    let survey = scene.engine.store.survey_place().open().unwrap();
    assert_eq!(survey.room(&address("den")).unwrap(), None);

    let ann = affiliated("ann@example.org", Affiliation::Owner);
    let (outcome, _) = done(&mut scene, &Asker::Operator, make(vec![named("Den"), ann]));
    assert_eq!(outcome, Ok(0));
    let den = survey.room(&address("den")).unwrap().unwrap();
    assert_eq!(&*den.configuration.name, "Den");
    let ann = BareJid::new("ann@example.org").unwrap();
    assert!(survey.is_managed_by(&address("den"), &ann).unwrap());
    let (again, _) = done(&mut scene, &Asker::Operator, make(vec![]));
    let exists = "there is a room den@rooms.example.org already; nothing of it was changed";
    assert_eq!(again, Err(exists.to_owned()));
    let (again, _) = done(&mut scene, &person("bob"), make(vec![]));
    assert_eq!(again, Err("you may not create a room here".to_owned()));
    scene.enter_room("bob", "den");
    assert!(
        scene.told().contains("<status code='110'/>"),
        "it is open to all"
    );
}

/// What a command does in a room is told to those inside as if its asker had sent a stanza.
#[test]
fn a_room_is_asked_in_the_name_of_whoever_wants_it_and_changes_wholly_or_not() {
    let mut scene = ServiceScene::new("compliance = true").with_hall();
    scene.enter("bob");
    scene.told();
    let ask = |actions| Work::Ask {
        room: hall(),
        actions,
    };
    let ban = || affiliated("bob@example.org", Affiliation::Outcast);
    let owner = || affiliated("ann@example.org", Affiliation::None);
    let before = scene.engine.rooms.awake(&hall()).cloned();
    let (outcome, out) = done(&mut scene, &person("ann"), ask(vec![ban(), owner()]));
    assert_eq!(
        outcome,
        Err("the room would be left without a manager".to_owned())
    );
    assert_eq!(
        (out, scene.engine.rooms.awake(&hall()).cloned()),
        (String::new(), before)
    );

    let (outcome, out) = done(&mut scene, &person("ann"), ask(vec![named("Heath"), ban()]));
    assert_eq!(outcome, Ok(0));
    assert!(out.contains("<status code='104'/>") && out.contains("<status code='301'/>"));
    assert!(out.contains("<actor nick='Ann'/>"), "{out}");
    let (outcome, _) = done(&mut scene, &person("bob"), ask(vec![named("Mine")]));
    assert_eq!(outcome, Err("you may not do this in this room".to_owned()));
    let (outcome, _) = done(&mut scene, &Asker::Operator, ask(vec![named("Op's")]));
    assert_eq!(outcome, Ok(0));
    let nowhere = Work::Ask {
        room: address("nowhere"),
        actions: vec![named("x")],
    };
    let (outcome, _) = done(&mut scene, &Asker::Operator, nowhere);
    let unknown = "there is no room nowhere@rooms.example.org";
    assert_eq!(outcome, Err(unknown.to_owned()));
}

/// Its address is an operator of its rooms, which nobody may make use of.
#[test]
fn nobody_speaks_for_the_service_but_itself() {
    let mut scene = ServiceScene::new("").with_hall();
    scene.receive(
        "<iq from='rooms.example.org/service' to='HALL' type='set' id='1'>\
         <query xmlns='MUC#owner'><destroy/></query></iq>",
    );
    assert!(scene.told().contains("<forbidden"));
    assert!(scene.engine.store.room_exists(&hall()).unwrap());
}

/// What somebody is answered who fills in a command's form, while the engine does its work: the
/// rows, or why it is refused.
fn filled_in(
    scene: &mut ServiceScene,
    asker: Asker,
    command: &str,
    fields: &[(&str, &str)],
) -> Result<Vec<serde_json::Value>, String> {
    let (runner, mut jobs) = CommandRunner::of(&scene.engine);
    let (sender, mut replies) = mpsc::channel(9);
    let name: Vec<_> = command.split(' ').map(str::to_owned).collect();
    let filled = fields.iter();
    let filled = filled.map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]));
    let wish = form::read(&name, &filled.collect::<Vec<_>>()).unwrap();
    runner.start(asker, wish, Attachment::none(), sender);
    drop(runner);
    let told = thread::spawn(move || {
        let mut rows = Vec::new();
        while let Some(reply) = replies.blocking_recv() {
            match reply {
                Reply::Row(row) => rows.push(row.read().unwrap()),
                Reply::Failed { why } => return Err(why),
                Reply::Progress { .. } | Reply::Done(_) => {}
            }
        }
        Ok(rows)
    });
    while let Some(job) = jobs.blocking_recv() {
        scene.engine.operate(scene.now, job);
        scene.told();
    }
    told.join().unwrap()
}

/// What everybody may, and managers, with an address instead of the command line.
#[test]
fn somebody_makes_a_room_names_its_people_and_finds_it_among_their_own() {
    let mut scene = ServiceScene::new("").with_hall();
    let privacy = [("name", "Den"), ("privacy", "secret"), ("address", "den")];
    let made = filled_in(&mut scene, person("bob"), "room new", &privacy).unwrap();
    assert_eq!(made[0]["room"], "den@rooms.example.org");
    let cid = [("room", "den"), ("user", "cid@example.org")];
    let refused = filled_in(&mut scene, person("ann"), "member new", &cid);
    let unknown = "there is no room den@rooms.example.org that you manage";
    assert_eq!(refused, Err(unknown.to_owned()));
    filled_in(&mut scene, person("bob"), "member new", &cid).unwrap();
    let own = |scene: &mut ServiceScene, name, command| {
        let rows = filled_in(scene, person(name), command, &[]).unwrap();
        let told = |row: &serde_json::Value| format!("{} {}", row["room"], row["listed_as"]);
        rows.iter().map(told).collect::<Vec<_>>()
    };
    let den = |what: &str| [format!("\"den@rooms.example.org\" \"{what}\"")];
    assert_eq!(own(&mut scene, "bob", "room mine"), den("manager"));
    assert_eq!(own(&mut scene, "cid", "room mine"), den("member"));
    assert_eq!(own(&mut scene, "bob", "room managed"), den("manager"));
    assert_eq!(own(&mut scene, "cid", "room managed"), [""; 0]);
    let with_cid = [("member", "cid@example.org")];
    let managed = filled_in(&mut scene, person("bob"), "room managed", &with_cid).unwrap();
    assert_eq!(managed.len(), 1);
    let disabled = [("room", "den"), ("disabled", "on")];
    filled_in(&mut scene, person("bob"), "room set", &disabled).unwrap();
    let enabled = [("room", "den"), ("disabled", "off")];
    let refused = filled_in(&mut scene, person("bob"), "room set", &enabled);
    assert!(refused.unwrap_err().contains("operator"));
    let stranger = [("name", "Pit")];
    let eve = Asker::Person(BareJid::new("eve@elsewhere.test").unwrap());
    let refused = filled_in(&mut scene, eve, "room new", &stranger);
    assert_eq!(refused, Err("you may not create a room here".to_owned()));
}

/// Has a command carried out for somebody; gives its rows and how it ends.
fn command_of(scene: &mut ServiceScene, person: &str, words: &[&str]) -> (Vec<String>, Reply) {
    let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
    let fields = words[2..].chunks(2);
    let fields = fields.map(|field| (field[0].clone(), vec![field[1].clone()]));
    let wish = form::read(&words[..2], &fields.collect::<Vec<_>>()).unwrap();
    let (runner, mut jobs) = CommandRunner::of(&scene.engine);
    let (sender, mut replies) = mpsc::channel(99);
    let asker = Asker::Person(BareJid::new(person).unwrap());
    runner.start(asker, wish, Attachment::none(), sender);
    drop(runner);
    while let Some(job) = jobs.blocking_recv() {
        scene.engine.operate(scene.now, job);
        scene.told();
    }
    let (mut rows, mut last) = (Vec::new(), None);
    while let Some(reply) = replies.blocking_recv() {
        match reply {
            Reply::Row(row) => rows.push(serde_json::to_string(&row).unwrap()),
            Reply::Progress { .. } => {}
            Reply::Done(_) | Reply::Failed { .. } => last = Some(reply),
        }
    }
    (rows, last.unwrap())
}

fn fails(reply: &Reply) -> String {
    match reply {
        Reply::Failed { why } => why.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn everybody_asks_for_access_for_themselves_and_managers_answer_for_their_rooms() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = ServiceScene::in_folder(folder.path(), "").with_hall();
    let (ann, bob, eve) = ("ann@example.org", "bob@example.org", "eve@example.org");
    let asks = ["access", "new", "room", "hall"];
    let (_, reply) = command_of(&mut scene, bob, &asks);
    assert_eq!(fails(&reply), "there is nothing to ask for", "it is open");
    scene.configure("muc#roomconfig_membersonly", "1");
    let (_, reply) = command_of(&mut scene, bob, &asks);
    assert!(matches!(reply, Reply::Done(_)), "{reply:?}");
    for (person, count) in [(ann, 1), (bob, 1), (eve, 0)] {
        let (rows, _) = command_of(&mut scene, person, &["access", "list"]);
        assert_eq!(rows.len(), count, "{person}: {rows:?}");
    }
    let answers = [
        "access", "answer", "room", "hall", "user", bob, "approve", "1",
    ];
    for person in [bob, eve] {
        let (_, reply) = command_of(&mut scene, person, &answers);
        assert!(matches!(reply, Reply::Failed { .. }), "{person}");
    }
    // What is not there and what is kept from somebody is told alike.
    scene.configure("muc#roomconfig_publicroom", "0");
    let no_room = |place: &str| format!("there is no room {place}@rooms.example.org");
    for place in ["hall", "nowhere"] {
        let (_, reply) = command_of(&mut scene, eve, &["access", "new", "room", place]);
        assert_eq!(fails(&reply), no_room(place));
    }
    let (rows, _) = command_of(&mut scene, bob, &["access", "list"]);
    assert_eq!(rows.len(), 0, "{rows:?}");
    scene.configure("muc#roomconfig_publicroom", "1");
    let takes_back = ["access", "remove", "room", "hall"];
    let (_, reply) = command_of(&mut scene, bob, &takes_back);
    assert!(matches!(reply, Reply::Done(_)), "{reply:?}");
    let (_, reply) = command_of(&mut scene, bob, &takes_back);
    assert!(matches!(reply, Reply::Failed { .. }), "{reply:?}");
    command_of(&mut scene, bob, &asks);
    let (_, reply) = command_of(&mut scene, ann, &answers);
    assert!(matches!(reply, Reply::Done(_)), "{reply:?}");
    let (_, reply) = command_of(&mut scene, bob, &asks);
    assert_eq!(fails(&reply), "there is nothing to ask for");
}
