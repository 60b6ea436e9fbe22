//! XEP-0045 §10 (#owner).

use crate::room::request::Roles;
use crate::room::setting::{Assignment, Setting};

use super::cast::{bare, elapsed, full, now};
use super::scene::{ANN, BEA, CID, DAN, Scene, affiliate, told_to};
use crate::room::{Action, Affiliation, Refusal, Role};

fn owners(persons: &[usize]) -> Assignment {
    Assignment::Owners(persons.iter().map(|person| bare(*person)).collect())
}

fn admins(persons: &[usize]) -> Assignment {
    Assignment::Admins(persons.iter().map(|person| bare(*person)).collect())
}

#[test]
fn a_locked_room_is_not_to_be_found_but_by_its_owner() {
    let (mut scene, _) = Scene::locked();
    assert_eq!(scene.enter((BEA, 0), "Bea"), Err(Refusal::Locked));
    assert_eq!(
        scene.act((BEA, 0), Action::ShowInformation),
        Err(Refusal::Locked)
    );
    assert!(scene.enter((ANN, 1), "Ann").is_ok());
    assert!(scene.act((ANN, 0), Action::ShowConfiguration).is_ok());
}

#[test]
fn a_locked_room_that_is_secret_is_no_room_for_strangers() {
    let (mut scene, _) = Scene::locked();
    scene.room.configuration.public = false;
    scene.room.configuration.members_only = true;
    // What a stranger is told of a secret room whether it is locked or not.
    assert_eq!(
        scene.act((BEA, 0), Action::ShowInformation),
        Err(Refusal::NoSuchRoom)
    );
    assert_eq!(
        scene.enter((BEA, 0), "Bea"),
        Err(Refusal::CreationNotAllowed)
    );
}

#[test]
fn a_room_whose_owner_says_nothing_opens_after_a_while() {
    let (mut scene, _) = Scene::locked();
    assert_eq!(scene.room.next_deadline(), Some(elapsed(300)));
    scene.now = 299;
    scene.act((ANN, 0), Action::Expire).unwrap();
    assert_eq!(scene.enter((BEA, 0), "Bea"), Err(Refusal::Locked));
    scene.now = 300;
    scene.act((ANN, 0), Action::Expire).unwrap();
    assert!(scene.enter((BEA, 0), "Bea").is_ok());
    assert_eq!(scene.room.next_deadline(), None);
}

#[test]
fn by_the_form_owners_and_admins_fall_and_rise_before_the_eyes_of_all() {
    let mut scene = Scene::court(&[]);
    let told = scene
        .configure(ANN, &[owners(&[ANN, CID]), admins(&[DAN])])
        .unwrap();
    assert_eq!(
        told_to(&told, "ann/0"),
        [
            "Bea none participant bea/0 by Ann",
            "Cid owner moderator cid/0 by Ann",
            "Dan admin moderator dan/0 by Ann",
        ]
    );
    // A former owner becomes admin.
    let told = scene.configure(ANN, &[owners(&[ANN])]).unwrap();
    assert_eq!(
        told_to(&told, "ann/0"),
        ["Cid admin moderator cid/0 by Ann"]
    );
}

#[test]
fn a_former_admin_stays_a_member_where_only_members_may_be() {
    let mut scene = Scene::court(&[]);
    scene
        .configure(ANN, &[Setting::MembersOnly.to(true), admins(&[])])
        .unwrap();
    assert_eq!(
        scene.standing("Bea"),
        Some((Affiliation::Member, Role::Participant))
    );
}

#[test]
fn an_owner_resigns_when_there_is_another() {
    let mut scene = Scene::court(&[]);
    let list = vec![
        affiliate("bea@a.example", Affiliation::Owner),
        affiliate("ann@a.example", Affiliation::Admin),
    ];
    scene.act((ANN, 0), Action::Moderate(list)).unwrap();
    assert_eq!(
        scene.standing("Ann"),
        Some((Affiliation::Admin, Role::Moderator))
    );
    assert_eq!(
        scene.standing("Bea"),
        Some((Affiliation::Owner, Role::Moderator))
    );
}

#[test]
fn who_is_shown_out_leaves_also_the_view_of_those_who_would_no_longer_be_shown_him() {
    let mut scene = Scene::court(&[]);
    let hidden = Setting::PresenceBroadcast.to(Roles::from([Role::Moderator]));
    let told = scene
        .configure(ANN, &[Setting::MembersOnly.to(true), hidden])
        .unwrap();
    assert_eq!(
        told_to(&told, "bea/0"),
        [
            "Dan gone none none 322 dan/0",
            "Cid gone member none cid/0",
            "notice [104]"
        ]
    );
}

#[test]
fn a_refused_creation_leaves_no_trace() {
    let terms = crate::room::Terms {
        sessions_per_person_max: 0,
        ..crate::room::Terms::default()
    };
    let mut effects = Vec::new();
    let creator = full(ANN, 0);
    let refused = crate::room::Room::create(
        super::cast::founding(terms.into()),
        now(0),
        creator.clone(),
        super::cast::entry("Ann"),
        &mut effects,
    );
    assert_eq!(refused.unwrap_err(), Refusal::TooMany);
    assert_eq!(effects, []);
}

#[test]
fn a_form_changes_no_more_standings_than_a_list_may() {
    let mut scene = Scene::court(&[]);
    let many = |count: usize| -> std::collections::BTreeSet<_> {
        let jid = |number| format!("{number}@d.example").parse().unwrap();
        (0..count).map(jid).collect()
    };
    let field = |refused| match refused {
        Err(Refusal::ConfigurationNotAcceptable { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let before = scene.room.clone();
    let admins = |count| [Assignment::Admins(many(count))];
    let refused = scene.configure(ANN, &admins(3000));
    assert_eq!(field(refused), "muc#roomconfig_roomadmins");
    let owners = [Assignment::Owners(many(3000))];
    let refused = scene.configure(ANN, &owners);
    assert_eq!(field(refused), "muc#roomconfig_roomowners");
    assert_eq!(scene.room, before);
    // Bea is no longer admin, five others become it.
    assert!(scene.configure(ANN, &admins(5)).is_ok());
    // Whoever stays what they are does not count.
    assert!(scene.configure(ANN, &admins(11)).is_ok());
}
