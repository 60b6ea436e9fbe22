//! XEP-0045 §7.1 (#order) and §7.2 (#enter).

use crate::room::setting::{Setting, Value};
use std::sync::Arc;

use super::cast::{SALT, bare, entry, full, nick, terms};
use super::scene::{ANN, BEA, CID, DAN, ROOT, Scene, told_to};
use crate::room::effect::{Effect, Presence, Stanza};
use crate::room::occupant::SessionRecord;
use crate::room::request::Entry;
use crate::room::setting::configuration::RegistrationPolicy;
use crate::room::{Action, Affiliation, Bond, Bonds, Refusal, Room};

fn password(wanted: &str, password: Option<&str>) -> Action {
    Action::Enter(Box::new(Entry {
        password: password.map(Arc::from),
        ..entry(wanted)
    }))
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
    let boss = |text| Bond::Registration(Some(nick(text)));
    snapshot.bonds = Bonds::from_iter([(bare(BEA), boss("Boss")), (bare(CID), boss("BOSS"))]);
    scene.room = Room::restore(terms(), SALT, snapshot);
    scene.act((CID, 0), Action::Unregister).unwrap();
    assert_eq!(scene.enter((DAN, 0), "boss"), Err(Refusal::NickTaken));
    assert!(scene.enter((BEA, 0), "Boss").is_ok());
}
