//! XEP-0045 §7.1 (#order) and §7.2 (#enter).

use crate::room::request::Roles;
use crate::room::setting::{Setting, Value};
use std::sync::Arc;

use super::cast::{SALT, at, bare, entry, full, nick, terms};
use super::scene::{ANN, BEA, CID, DAN, EVE, ROOT, Scene, told_to};
use crate::room::effect::{Effect, Presence, Stanza};
use crate::room::occupant::SessionRecord;
use crate::room::request::{Entry, HistoryRequest};
use crate::room::setting::configuration::{RegistrationPolicy, Whois};
use crate::room::{Action, Affiliation, Refusal, Role, Room};

fn password(wanted: &str, password: Option<&str>) -> Action {
    Action::Enter(Box::new(Entry {
        password: password.map(Arc::from),
        ..entry(wanted)
    }))
}

#[test]
fn a_newcomer_gets_others_then_itself_then_history_then_the_subject() {
    let mut scene = Scene::new();
    scene.enter((BEA, 0), "Bea").unwrap();
    let told = scene.enter((CID, 0), "Cid").unwrap();
    assert_eq!(
        told,
        [
            "cid/0: Ann owner moderator ann/0",
            "cid/0: Bea none participant bea/0",
            "cid/0: Cid none participant 100 110 cid/0",
            "cid/0: history of 20",
            "cid/0: no subject",
            "ann/0, bea/0: Cid none participant cid/0",
        ]
    );
}

#[test]
fn the_id_of_the_presence_comes_back_to_its_sender_alone() {
    let mut scene = Scene::new();
    let entry = entry("Bea");
    let effects = scene
        .effects((BEA, 0), Action::Enter(Box::new(entry)))
        .unwrap();
    for effect in &effects {
        if let Effect::Send { stanza, .. } = effect
            && let Stanza::Presence(Presence { statuses, id, .. }) = &**stanza
        {
            let own = statuses.iter().any(|status| status.code() == 110);
            assert_eq!(id.is_some(), own);
        }
    }
}

#[test]
fn in_a_semi_anonymous_room_only_moderators_are_shown_real_jids() {
    let mut scene = Scene::with(&[Setting::Whois.to(Whois::Moderators)]);
    scene.enter((BEA, 0), "Bea").unwrap();
    let told = scene.enter((CID, 0), "Cid").unwrap();
    assert!(told.contains(&"cid/0: Bea none participant".into()));
    assert!(told.contains(&"cid/0: Cid none participant 110".into()));
    assert!(told.contains(&"ann/0: Cid none participant cid/0".into()));
    assert!(told.contains(&"bea/0: Cid none participant".into()));
}

#[test]
fn a_logged_room_warns_with_status_170() {
    let mut scene = Scene::with(&[Setting::Logged.to(true)]);
    let told = scene.enter((BEA, 0), "Bea").unwrap();
    assert!(told.contains(&"bea/0: Bea none participant 100 110 170 bea/0".into()));
}

#[test]
fn without_the_password_nobody_enters_but_an_owner() {
    let secret = Setting::Password.to(Value::Secret(Some("cauldronburn".into())));
    let mut scene = Scene::with(&[secret]);
    for wrong in [None, Some("wrong"), Some("")] {
        let refused = scene.act((BEA, 0), password("Bea", wrong));
        assert_eq!(refused, Err(Refusal::PasswordRequired));
    }
    let right = password("Bea", Some("cauldronburn"));
    assert!(scene.act((BEA, 0), right).is_ok());
    assert!(scene.act((ANN, 1), password("Ann", None)).is_ok());
}

#[test]
fn a_members_only_room_is_closed_to_those_not_on_the_list() {
    let mut scene = Scene::with(&[Setting::MembersOnly.to(true)]);
    assert_eq!(scene.enter((BEA, 0), "Bea"), Err(Refusal::MembersOnly));
    scene
        .set_affiliation(ANN, "bea@a.example", Affiliation::Member)
        .unwrap();
    assert!(scene.enter((BEA, 0), "Bea").is_ok());
}

#[test]
fn a_secret_room_does_not_exist_for_strangers() {
    let mut scene = Scene::with(&[Setting::MembersOnly.to(true), Setting::Public.to(false)]);
    assert_eq!(
        scene.enter((BEA, 0), "Bea"),
        Err(Refusal::CreationNotAllowed)
    );
    let asked = scene.act((BEA, 0), Action::ShowInformation);
    assert_eq!(asked, Err(Refusal::NoSuchRoom));
    // XEP-0410: also of a room that does not exist, the answer is that one is not inside.
    let pinged = scene.act((BEA, 0), Action::Ping { to: nick("Ann") });
    assert_eq!(pinged, Err(Refusal::NotAnOccupant));
}

#[test]
fn the_banned_are_told_that_they_are_before_anything_else() {
    let mut scene = Scene::with(&[
        Setting::MembersOnly.to(true),
        Setting::Password.to(Value::Secret(Some("cauldronburn".into()))),
    ]);
    scene
        .set_affiliation(ANN, "bea@a.example", Affiliation::Outcast)
        .unwrap();
    assert_eq!(scene.enter((BEA, 0), "Bea"), Err(Refusal::Banned));
}

#[test]
fn the_nick_of_another_is_refused_whatever_its_case() {
    let mut scene = Scene::new();
    scene.enter((BEA, 0), "Bea").unwrap();
    assert_eq!(scene.enter((CID, 0), "Bea"), Err(Refusal::NickTaken));
    assert_eq!(scene.enter((CID, 0), "bea"), Err(Refusal::NickTaken));
}

#[test]
fn the_reserved_nick_of_somebody_absent_is_refused() {
    let mut scene = Scene::new();
    scene
        .act((ANN, 0), Action::Register { nick: nick("Boss") })
        .unwrap();
    assert_eq!(scene.enter((CID, 0), "boss"), Err(Refusal::NickTaken));
}

#[test]
fn another_client_of_the_same_person_shares_the_nick() {
    let mut scene = Scene::new();
    scene.enter((BEA, 0), "Bea").unwrap();
    let told = scene.enter((BEA, 1), "bea").unwrap();
    // It is given the spelling of the nick that it shares, and told so.
    assert_eq!(
        told_to(&told, "bea/1")[1],
        "Bea none participant 100 110 210 bea/1"
    );
    assert_eq!(told_to(&told, "bea/0"), ["Bea none participant 110 bea/1"]);
    assert_eq!(told_to(&told, "ann/0"), ["Bea none participant bea/1"]);
}

#[test]
fn a_full_room_still_admits_admins_up_to_a_number_and_shared_nicks() {
    let mut scene = Scene::with(&[Setting::OccupantsMax.to(Some(2))]);
    scene.enter((BEA, 0), "Bea").unwrap();
    assert_eq!(scene.enter((CID, 0), "Cid"), Err(Refusal::Full));
    assert!(scene.enter((BEA, 1), "Bea").is_ok());
    assert!(scene.enter((ROOT, 0), "Root").is_ok());
    scene
        .set_affiliation(ANN, "dan@b.example", Affiliation::Admin)
        .unwrap();
    // The terms of these tests keep one place for admins.
    assert_eq!(scene.enter((DAN, 0), "Dan"), Err(Refusal::Full));
}

#[test]
fn nobody_makes_a_full_room_fuller_by_splitting_a_nick() {
    let mut scene = Scene::with(&[Setting::OccupantsMax.to(Some(2))]);
    scene.enter((BEA, 0), "Bea").unwrap();
    scene.enter((BEA, 1), "Bea").unwrap();
    assert_eq!(scene.appear((BEA, 1), "Busy"), Err(Refusal::Full));
}

#[test]
fn a_person_has_only_so_many_sessions() {
    let mut scene = Scene::new();
    for client in 0..4 {
        scene.enter((BEA, client), "Bea").unwrap();
    }
    assert_eq!(scene.enter((BEA, 4), "Bea"), Err(Refusal::TooMany));
}

#[test]
fn presence_without_x_from_outside_is_answered_with_a_kick() {
    let mut scene = Scene::new();
    let told = scene.appear((BEA, 0), "Bea").unwrap();
    assert_eq!(told, ["bea/0: Bea gone none none 110 307 333"]);
    assert_eq!(scene.room.occupants().count(), 1);
}

#[test]
fn who_enters_again_is_sent_everything_again_and_the_others_nothing() {
    let mut scene = Scene::new();
    let first = scene.enter((BEA, 0), "Bea").unwrap();
    let again = scene.enter((BEA, 0), "Bea").unwrap();
    assert_eq!(told_to(&again, "bea/0"), told_to(&first, "bea/0"));
    assert_eq!(told_to(&again, "ann/0"), Vec::<String>::new());
}

#[test]
fn who_enters_again_under_another_nick_has_changed_it_for_the_others() {
    let mut scene = Scene::new();
    scene.enter((BEA, 0), "Bea").unwrap();
    let told = scene.enter((BEA, 0), "Busy").unwrap();
    assert_eq!(
        told,
        [
            "bea/0: Ann owner moderator ann/0",
            "bea/0: Busy none participant 100 110 bea/0",
            "bea/0: history of 20",
            "bea/0: no subject",
            "ann/0: Bea gone none participant now Busy 303 bea/0",
            "ann/0: Busy none participant bea/0",
        ]
    );
}

#[test]
fn the_default_roles_are_those_of_section_5_1_2() {
    let mut scene = Scene::with(&[Setting::Moderated.to(true)]);
    scene
        .set_affiliation(ANN, "bea@a.example", Affiliation::Member)
        .unwrap();
    scene
        .set_affiliation(ANN, "cid@b.example", Affiliation::Admin)
        .unwrap();
    for (person, nick) in [(BEA, "Bea"), (CID, "Cid"), (DAN, "Dan"), (ROOT, "Root")] {
        scene.enter((person, 0), nick).unwrap();
    }
    use Affiliation::{Admin, Member, None, Owner};
    assert_eq!(scene.standing("Bea"), Some((Member, Role::Participant)));
    assert_eq!(scene.standing("Cid"), Some((Admin, Role::Moderator)));
    assert_eq!(scene.standing("Dan"), Some((None, Role::Visitor)));
    assert_eq!(scene.standing("Root"), Some((Owner, Role::Moderator)));
}

#[test]
fn a_role_whose_presence_is_not_broadcast_is_shown_to_itself_alone() {
    let mut scene = Scene::with(&[
        Setting::Moderated.to(true),
        Setting::PresenceBroadcast.to(Roles::from([Role::Participant, Role::Moderator])),
    ]);
    let told = scene.enter((BEA, 0), "Bea").unwrap();
    assert!(told.contains(&"bea/0: Bea none visitor 100 110 bea/0".into()));
    assert_eq!(told_to(&told, "ann/0"), Vec::<String>::new());
    let told = scene.enter((CID, 0), "Cid").unwrap();
    assert_eq!(told_to(&told, "cid/0")[0], "Ann owner moderator ann/0");
    assert_eq!(told_to(&told, "cid/0")[1], "Cid none visitor 100 110 cid/0");
}

#[test]
fn history_meets_every_limit_at_once() {
    let mut scene = Scene::with(&[Setting::HistoryMax.to(30)]);
    scene.now = 1000;
    let mut asked = |history| {
        let entry = Entry {
            history,
            ..entry("Bea")
        };
        let effects = scene
            .effects((BEA, 0), Action::Enter(Box::new(entry)))
            .unwrap();
        effects.into_iter().find_map(|effect| match effect {
            Effect::SendHistory { limits, .. } => Some(limits),
            _ => None,
        })
    };
    let limits = asked(HistoryRequest {
        maxchars: Some(65_000),
        maxstanzas: Some(40),
        seconds: Some(100),
        since: Some(at(950)),
    });
    let limits = limits.unwrap();
    assert_eq!(limits.messages_max, 30, "the room's own bound");
    assert_eq!(limits.characters_max, Some(65_000));
    assert_eq!(limits.since, Some(at(950)), "the later of both");
    let nothing = HistoryRequest {
        maxchars: Some(0),
        ..HistoryRequest::default()
    };
    assert_eq!(asked(nothing), None);
    let none = HistoryRequest {
        maxstanzas: Some(0),
        ..HistoryRequest::default()
    };
    assert_eq!(asked(none), None);
}

#[test]
fn where_nicks_are_locked_the_registered_one_is_given() {
    let mut scene = Scene::with(&[Setting::NickLocked.to(true)]);
    scene
        .set_affiliation(ANN, "eve@c.example", Affiliation::Member)
        .unwrap();
    let registered = Action::Register { nick: nick("Eve") };
    scene.act((EVE, 0), registered).unwrap();
    let told = scene.enter((EVE, 0), "Mallory").unwrap();
    assert!(told.contains(&"eve/0: Eve member participant 100 110 210 eve/0".into()));
    assert_eq!(scene.appear((EVE, 0), "Mallory"), Err(Refusal::NickLocked));
    let again = scene.enter((EVE, 0), "Mallory").unwrap();
    assert!(again.contains(&"eve/0: Eve member participant 100 110 210 eve/0".into()));
}

#[test]
fn the_bound_of_the_service_holds_also_for_rooms_made_before_it() {
    let mut scene = Scene::with(&[Setting::HistoryMax.to(40)]);
    let terms = crate::room::Terms {
        history_ceiling: 10,
        ..(*scene.room.terms).clone()
    };
    scene.room = crate::room::Room::restore(terms.into(), SALT, scene.room.snapshot());
    let told = scene.enter((BEA, 0), "Bea").unwrap();
    assert!(told.contains(&"bea/0: history of 10".into()));
    let unchanged = [Setting::HistoryMax.to(40), Setting::Name.to("Tea")];
    assert!(scene.configure(ANN, &unchanged).is_ok());
}

#[test]
fn of_two_kept_persons_who_look_the_same_the_first_stays_and_the_other_is_told_to_have_left() {
    let mut scene = Scene::new();
    scene.now = 10;
    scene.enter((CID, 0), "Cid").unwrap();
    scene.now = 20;
    scene.enter((BEA, 0), "Bea").unwrap();
    let mut snapshot = scene.room.snapshot();
    // As an older key could have let them in; Bea comes before Cid in the order of addresses.
    let beas = |record: &&mut SessionRecord| *record.real_jid == *full(BEA, 0);
    snapshot.sessions.iter_mut().find(beas).unwrap().nick = nick("CID");
    scene.room = Room::restore(terms(), SALT, snapshot);

    let cid = scene.room.occupants().by_nick(&nick("cid")).unwrap();
    assert_eq!((cid.bare_jid(), cid.sessions().len()), (&bare(CID), 1));
    assert_eq!(scene.room.occupants().session_count(), 2);
    let told = scene.appear((BEA, 0), "CID").unwrap();
    assert_eq!(told, ["bea/0: CID gone none none 110 307 333"]);
}

#[test]
fn of_two_kept_reservations_that_look_the_same_neither_takes_the_other_away() {
    let mut scene = Scene::with(&[Setting::Registration.to(RegistrationPolicy::Open)]);
    let mut snapshot = scene.room.snapshot();
    snapshot.registrations = vec![(bare(BEA), nick("Boss")), (bare(CID), nick("BOSS"))];
    scene.room = Room::restore(terms(), SALT, snapshot);
    scene.act((CID, 0), Action::Unregister).unwrap();
    assert_eq!(scene.enter((DAN, 0), "boss"), Err(Refusal::NickTaken));
    assert!(scene.enter((BEA, 0), "Boss").is_ok());
}
