//! XEP-0045 §10 (#owner).

use crate::room::request::Roles;
use crate::room::setting::{Assignment, Setting, Value};
use jid::Jid;

use super::cast::{bare, elapsed, full, now};
use super::scene::{ANN, BEA, CID, DAN, ROOT, Scene, affiliate, told_to};
use crate::room::effect::{Change, Effect};
use crate::room::setting::configuration::Whois;
use crate::room::{Action, Affiliation, Refusal, Role};

fn owners(persons: &[usize]) -> Assignment {
    Assignment::Owners(persons.iter().map(|person| bare(*person)).collect())
}

fn admins(persons: &[usize]) -> Assignment {
    Assignment::Admins(persons.iter().map(|person| bare(*person)).collect())
}

/// Ann the owner, Bea an admin, Cid a member, Dan without affiliation: all inside.
fn court(settings: &[Assignment]) -> Scene {
    let mut scene = Scene::new();
    scene
        .set_affiliation(ANN, "bea@a.example", Affiliation::Admin)
        .unwrap();
    scene
        .set_affiliation(ANN, "cid@b.example", Affiliation::Member)
        .unwrap();
    for (person, nick) in [(BEA, "Bea"), (CID, "Cid"), (DAN, "Dan")] {
        scene.enter((person, 0), nick).unwrap();
    }
    scene.configure(ANN, settings).unwrap();
    scene
}

fn destroy() -> Action {
    Action::Destroy {
        alternate: Some(Jid::new("darkcave@rooms.example").unwrap()),
        password: None,
        reason: Some("Macbeth doth come.".into()),
    }
}

#[test]
fn the_creator_is_the_owner_and_learns_of_the_creation_by_201() {
    let (scene, told) = Scene::locked();
    assert!(told.contains(&"ann/0: Ann owner moderator 100 110 201 ann/0".into()));
    assert_eq!(
        scene.standing("Ann"),
        Some((Affiliation::Owner, Role::Moderator))
    );
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
fn an_empty_form_makes_an_instant_room() {
    let (mut scene, _) = Scene::locked();
    assert_eq!(scene.configure(ANN, &[]).unwrap(), ["answer: done"]);
    assert!(scene.enter((BEA, 0), "Bea").is_ok());
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
fn an_owner_who_cancels_or_leaves_destroys_a_locked_room() {
    let (mut scene, _) = Scene::locked();
    let effects = scene
        .effects((ANN, 0), Action::CancelConfiguration)
        .unwrap();
    assert_eq!(effects[0], Effect::Save(Change::Vanished));
    assert!(scene.room.has_ended());

    let (mut scene, _) = Scene::locked();
    let told = scene.exit((ANN, 0));
    assert_eq!(told, ["ann/0: Ann gone owner none 110 ann/0 destroyed"]);
    assert!(scene.room.has_ended());
}

#[test]
fn who_cancels_a_later_configuration_changes_nothing() {
    let mut scene = court(&[]);
    let before = scene.room.clone();
    let told = scene.act((ANN, 0), Action::CancelConfiguration).unwrap();
    assert_eq!(told, ["answer: done"]);
    assert_eq!(scene.room, before);
}

#[test]
fn a_blank_password_is_not_acceptable() {
    let mut scene = court(&[]);
    let blank = [
        Assignment::PasswordProtected(true),
        Setting::Password.to(Value::Secret(Some("".into()))),
    ];
    let refused = scene.configure(ANN, &blank);
    assert!(matches!(
        refused,
        Err(Refusal::ConfigurationNotAcceptable { .. })
    ));
}

#[test]
fn only_owners_configure_and_destroy() {
    let mut scene = court(&[]);
    for person in [BEA, CID, DAN] {
        assert_eq!(scene.configure(person, &[]), Err(Refusal::NotPrivileged));
        let asked = scene.act((person, 0), Action::ShowConfiguration);
        assert_eq!(asked, Err(Refusal::NotPrivileged));
        assert_eq!(
            scene.act((person, 0), destroy()),
            Err(Refusal::NotPrivileged)
        );
    }
    // An operator is an owner everywhere.
    assert!(scene.configure(ROOT, &[]).is_ok());
}

#[test]
fn by_the_form_owners_and_admins_fall_and_rise_before_the_eyes_of_all() {
    let mut scene = court(&[]);
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
    let mut scene = court(&[]);
    scene
        .configure(ANN, &[Setting::MembersOnly.to(true), admins(&[])])
        .unwrap();
    assert_eq!(
        scene.standing("Bea"),
        Some((Affiliation::Member, Role::Participant))
    );
}

#[test]
fn the_last_owner_stays_whatever_way_he_would_go() {
    let mut scene = court(&[]);
    let resign = |to| scene.set_affiliation(ANN, "ann@a.example", to);
    assert_eq!(
        [Affiliation::Admin, Affiliation::None].map(resign),
        [(); 2].map(|()| Err(Refusal::LastOwner))
    );
    assert_eq!(
        scene.configure(ANN, &[owners(&[])]),
        Err(Refusal::LastOwner)
    );
    let list = vec![
        affiliate("bea@a.example", Affiliation::Member),
        affiliate("ann@a.example", Affiliation::None),
    ];
    let refused = scene.act((ANN, 0), Action::Moderate(list));
    assert_eq!(refused, Err(Refusal::LastOwner));
    // An operator has no entry: he takes no last owner's place.
    let refused = scene.set_affiliation(ROOT, "ann@a.example", Affiliation::Admin);
    assert_eq!(refused, Err(Refusal::LastOwner));
}

#[test]
fn an_owner_resigns_when_there_is_another() {
    let mut scene = court(&[]);
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
fn only_owners_edit_the_lists_of_owners_and_admins() {
    let mut scene = court(&[]);
    for to in [Affiliation::Owner, Affiliation::Admin] {
        let refused = scene.set_affiliation(BEA, "dan@b.example", to);
        assert_eq!(refused, Err(Refusal::NotPrivileged));
        assert!(scene.set_affiliation(ANN, "dan@b.example", to).is_ok());
        assert_eq!(scene.standing("Dan"), Some((to, Role::Moderator)));
        scene
            .set_affiliation(ANN, "dan@b.example", Affiliation::None)
            .unwrap();
        assert_eq!(
            scene.standing("Dan"),
            Some((Affiliation::None, Role::Participant))
        );
    }
}

#[test]
fn a_room_that_becomes_members_only_shows_others_out_with_322() {
    let mut scene = court(&[]);
    let told = scene
        .configure(ANN, &[Setting::MembersOnly.to(true)])
        .unwrap();
    assert_eq!(
        told,
        [
            "dan/0: Dan gone none none 110 322 dan/0",
            "answer: done",
            "ann/0, bea/0, cid/0: Dan gone none none 322 dan/0",
            "ann/0, bea/0, cid/0: notice [104]",
        ]
    );
}

#[test]
fn who_is_shown_out_leaves_also_the_view_of_those_who_would_no_longer_be_shown_him() {
    let mut scene = court(&[]);
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
fn each_change_that_concerns_privacy_has_its_code() {
    let mut scene = court(&[]);
    for (setting, codes) in [
        (Setting::Logged.to(true), "[170]"),
        (Setting::Logged.to(false), "[171]"),
        (Setting::Whois.to(Whois::Moderators), "[173]"),
        (Setting::Whois.to(Whois::Anyone), "[172]"),
        (Setting::Name.to("A Dark Cave"), "[104]"),
    ] {
        let told = scene
            .configure(ANN, std::slice::from_ref(&setting))
            .unwrap();
        let notice = format!("ann/0, bea/0, cid/0, dan/0: notice {codes}");
        assert_eq!(told, ["answer: done", &notice], "{setting:?}");
    }
    let again = scene.configure(ANN, &[Setting::Name.to("A Dark Cave")]);
    assert_eq!(again.unwrap(), ["answer: done"]);
}

#[test]
fn a_room_that_becomes_moderated_silences_those_without_affiliation() {
    let mut scene = court(&[]);
    let told = scene
        .configure(ANN, &[Setting::Moderated.to(true)])
        .unwrap();
    assert_eq!(
        told_to(&told, "cid/0"),
        ["Dan none visitor dan/0", "notice [104]"]
    );
    scene
        .configure(ANN, &[Setting::Moderated.to(false)])
        .unwrap();
    assert_eq!(
        scene.standing("Dan"),
        Some((Affiliation::None, Role::Participant))
    );
}

#[test]
fn destroying_tells_each_once_where_to_go_and_leaves_a_tombstone() {
    let mut scene = court(&[]);
    let effects = scene.effects((ANN, 0), destroy()).unwrap();
    assert!(matches!(&effects[0], Effect::Save(Change::Destroyed(_))));
    let sent = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Send { .. }));
    assert_eq!(sent.count(), 4);
    assert!(scene.room.has_ended());

    let mut scene = court(&[]);
    let told = scene.act((ANN, 0), destroy()).unwrap();
    assert_eq!(
        told_to(&told, "dan/0"),
        ["Dan gone none none 110 destroyed"]
    );
    assert_eq!(told.last().unwrap(), "answer: done");
}

#[test]
fn a_temporary_room_ends_with_its_last_occupant_and_a_lasting_one_does_not() {
    let mut scene = Scene::new();
    scene.exit((ANN, 0));
    assert!(!scene.room.has_ended());
    let mut scene = Scene::with(&[Setting::Persistent.to(false)]);
    scene.exit((ANN, 0));
    assert!(scene.room.has_ended());
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
    let mut scene = court(&[]);
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
    // Who stays what he is does not count.
    assert!(scene.configure(ANN, &admins(11)).is_ok());
}
