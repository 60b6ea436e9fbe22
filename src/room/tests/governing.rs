//! New terms for a room with people in it: operators come and go.

use super::cast::{SALT, at, bare, full, nick, terms_with};
use super::scene::{ANN, BEA, EVE, ROOT, Scene, Told, told_to};
use crate::room::setting::Setting;
use crate::room::{Action, Affiliated, Affiliation, Change, Effect, Role, Room};

/// Ann's room with Bea and Root, the operator, in it.
fn company() -> Scene {
    let mut scene = Scene::new();
    scene.enter((BEA, 0), "Bea").unwrap();
    scene.enter((ROOT, 0), "Root").unwrap();
    scene
}

fn govern(scene: &mut Scene, operators: &[usize]) -> Told {
    // Who tells it doesn't matter: only the service can.
    scene
        .act((EVE, 0), Action::Govern(terms_with(operators)))
        .unwrap()
}

#[test]
fn whoever_is_no_operator_any_more_is_an_ordinary_occupant_again() {
    let mut scene = company();
    let told = govern(&mut scene, &[]);
    let shown = "Root none participant";
    assert_eq!(told_to(&told, "root/0"), [format!("{shown} 110 root/0")]);
    assert_eq!(told_to(&told, "ann/0"), [format!("{shown} root/0")]);
    assert_eq!(told_to(&told, "bea/0"), [format!("{shown} root/0")]);
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn whoever_becomes_an_operator_inside_is_a_moderator_at_once() {
    let mut scene = company();
    let told = govern(&mut scene, &[BEA, ROOT]);
    let shown = "Bea owner moderator";
    assert_eq!(told_to(&told, "bea/0"), [format!("{shown} 110 bea/0")]);
    assert_eq!(told_to(&told, "root/0"), [format!("{shown} bea/0")]);
    scene.set_role(BEA, "Root", Role::None).unwrap();
}

#[test]
fn an_operator_of_before_is_shown_out_where_only_members_may_be() {
    let mut scene = company();
    scene
        .configure(ANN, &[Setting::MembersOnly.to(true)])
        .unwrap();
    let told = govern(&mut scene, &[]);
    assert_eq!(
        told_to(&told, "root/0"),
        ["Root gone none none 110 321 root/0"]
    );
    assert_eq!(told_to(&told, "ann/0"), ["Root gone none none 321 root/0"]);
    assert_eq!(scene.standing("Root"), None);
}

#[test]
fn an_operator_of_before_has_what_the_lists_of_the_room_give() {
    let listed = |affiliation| Affiliated {
        affiliation,
        reason: None,
        given_by: None,
        given_at: at(0),
    };
    for (affiliation, role) in [
        (Affiliation::Owner, Some(Role::Moderator)),
        (Affiliation::Member, Some(Role::Participant)),
        (Affiliation::Outcast, None),
    ] {
        let mut snapshot = company().room.snapshot();
        // Listed before they became an operator.
        snapshot
            .affiliations
            .push((bare(ROOT), listed(affiliation)));
        let mut scene = company();
        scene.room = Room::restore(terms_with(&[ROOT]), SALT, snapshot);
        let told = govern(&mut scene, &[]);
        let standing = scene.standing("Root");
        assert_eq!(standing.map(|(_, role)| role), role, "{affiliation:?}");
        assert_eq!(told.is_empty(), affiliation == Affiliation::Owner);
    }
}

#[test]
fn terms_that_change_nobodys_standing_are_told_to_nobody_and_nothing_is_kept() {
    let mut scene = company();
    let terms = terms_with(&[ROOT, EVE]);
    let effects = scene.effects((EVE, 0), Action::Govern(terms.clone()));
    assert_eq!(effects, Ok(Vec::new()));
    assert_eq!(scene.room.terms(), &terms);
}

#[test]
fn a_changed_role_is_kept_for_after_a_restart() {
    let mut scene = company();
    let effects = scene.effects((EVE, 0), Action::Govern(terms_with(&[])));
    let kept = effects.unwrap().into_iter().any(|effect| match effect {
        Effect::Save(Change::Present(record)) => {
            record.real_jid == full(ROOT, 0)
                && record.nick == nick("Root")
                && record.role == Role::Participant
        }
        _ => false,
    });
    assert!(kept);
}
