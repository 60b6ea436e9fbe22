//! XEP-0045 §8 (#moderator).

use crate::room::request::Roles;
use crate::room::setting::Setting;

use super::cast::nick;
use super::scene::{ANN, BEA, CID, DAN, Scene, affiliate, told_to};
use crate::room::request::Moderation;
use crate::room::{Action, Affiliation, Refusal, Role};

fn role(of: &str, role: Role) -> Moderation {
    Moderation::Role {
        nick: nick(of),
        role,
        reason: Some("avaunt!".into()),
    }
}

#[test]
fn of_several_kicked_none_hears_of_the_others() {
    let mut scene = Scene::bench(&[]);
    let list = vec![role("Dan", Role::None), role("Eve", Role::None)];
    let told = scene.act((ANN, 0), Action::Moderate(list)).unwrap();
    assert_eq!(
        told_to(&told, "dan/0"),
        ["Dan gone none none 110 307 dan/0 by Ann"]
    );
    assert_eq!(
        told_to(&told, "eve/0"),
        ["Eve gone none none 110 307 eve/0 by Ann"]
    );
    assert_eq!(told_to(&told, "cid/0").len(), 2);
}

#[test]
fn roles_and_affiliations_are_not_changed_in_one_list() {
    let mut scene = Scene::bench(&[]);
    let list = vec![
        affiliate("dan@b.example", Affiliation::Admin),
        role("Dan", Role::Visitor),
    ];
    assert_eq!(
        scene.act((ANN, 0), Action::Moderate(list)),
        Err(Refusal::RolesWithAffiliations)
    );
}

#[test]
fn voice_is_not_revoked_from_admins_owners_or_ones_equals() {
    let mut scene = Scene::bench(&[]);
    for of in ["Ann", "Bea"] {
        for by in [ANN, BEA, CID] {
            let refused = scene.set_role(by, of, Role::Visitor);
            assert_eq!(refused, Err(Refusal::TargetTooHigh), "{of}");
        }
    }
    scene
        .set_affiliation(ANN, "dan@b.example", Affiliation::Member)
        .unwrap();
    assert_eq!(
        scene.set_role(CID, "Dan", Role::Visitor),
        Err(Refusal::TargetTooHigh)
    );
    assert!(scene.set_role(BEA, "Dan", Role::Visitor).is_ok());
}

#[test]
fn a_visitor_who_is_not_shown_appears_with_the_voice_and_vanishes_with_it() {
    let shown = Roles::from([Role::Participant, Role::Moderator]);
    let mut scene = Scene::bench(&[
        Setting::Moderated.to(true),
        Setting::PresenceBroadcast.to(shown),
    ]);
    let told = scene.set_role(CID, "Dan", Role::Participant).unwrap();
    assert_eq!(
        told_to(&told, "eve/0"),
        ["Dan none participant dan/0 by Cid"]
    );
    let told = scene.set_role(CID, "Dan", Role::Visitor).unwrap();
    assert_eq!(told_to(&told, "eve/0"), ["Dan gone none none dan/0"]);
    assert_eq!(
        told_to(&told, "dan/0"),
        ["Dan none visitor 110 dan/0 by Cid"]
    );
}

#[test]
fn an_actor_who_is_not_shown_is_not_named() {
    let shown = Roles::from([Role::Participant]);
    let mut scene = Scene::bench(&[Setting::PresenceBroadcast.to(shown)]);
    let told = scene.set_role(CID, "Eve", Role::None).unwrap();
    assert_eq!(
        told_to(&told, "eve/0"),
        ["Eve gone none none 110 307 eve/0"]
    );
    assert_eq!(told_to(&told, "dan/0"), ["Eve gone none none 307 eve/0"]);
}

#[test]
fn in_a_moderated_room_a_voice_is_remembered_until_the_affiliation_changes() {
    let mut scene = Scene::bench(&[Setting::Moderated.to(true)]);
    scene.set_role(CID, "Dan", Role::Participant).unwrap();
    scene.exit((DAN, 0));
    scene.enter((DAN, 0), "Dan").unwrap();
    assert_eq!(
        scene.standing("Dan"),
        Some((Affiliation::None, Role::Participant))
    );
    scene.exit((DAN, 0));
    scene
        .set_affiliation(ANN, "dan@b.example", Affiliation::Outcast)
        .unwrap();
    scene
        .set_affiliation(ANN, "dan@b.example", Affiliation::None)
        .unwrap();
    scene.enter((DAN, 0), "Dan").unwrap();
    assert_eq!(
        scene.standing("Dan"),
        Some((Affiliation::None, Role::Visitor))
    );
}
