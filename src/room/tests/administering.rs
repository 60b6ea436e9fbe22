//! XEP-0045 §9 (#admin).

use super::cast::{at, bare, nick};
use super::scene::{ANN, BEA, CID, DAN, EVE, ROOT, Scene, affiliate, told_to};
use crate::room::effect::Effect;
use crate::room::request::{AffiliationTarget, Moderation};
use crate::room::setting::configuration::Whois;
use crate::room::setting::{Setting, Value};
use crate::room::{Action, Affiliated, Affiliation, List, Refusal, Role};

#[test]
fn a_banned_domain_shuts_out_its_users_but_not_those_with_an_entry() {
    let mut scene = Scene::court(&[]);
    let told = scene
        .set_affiliation(ANN, "b.example", Affiliation::Outcast)
        .unwrap();
    assert_eq!(
        told_to(&told, "dan/0"),
        ["Dan gone outcast none 110 301 dan/0 by Ann"]
    );
    assert!(
        scene.standing("Cid").is_some(),
        "a member has his own entry"
    );
    assert_eq!(scene.enter((DAN, 0), "Dan"), Err(Refusal::Banned));
    // The banner's own domain: the owner and the admin stay, for they have entries.
    scene
        .set_affiliation(BEA, "a.example", Affiliation::Outcast)
        .unwrap();
    assert!(scene.standing("Ann").is_some() && scene.standing("Bea").is_some());
    // And the operator's: they have none, and need none.
    scene.enter((ROOT, 0), "Root").unwrap();
    scene
        .set_affiliation(ROOT, "c.example", Affiliation::Outcast)
        .unwrap();
    assert_eq!(
        scene.standing("Root"),
        Some((Affiliation::Owner, Role::Moderator))
    );
    assert_eq!(scene.enter((EVE, 0), "Eve"), Err(Refusal::Banned));
}

#[test]
fn power_given_to_a_domain_is_not_that_of_its_users() {
    let mut scene = Scene::court(&[]);
    for power in [Affiliation::Admin, Affiliation::Owner] {
        let refused = scene.set_affiliation(ANN, "c.example", power);
        assert_eq!(
            refused,
            Err(Refusal::NotAPerson("c.example".parse().unwrap()))
        );
        // It may have been given before that was refused, or by another service.
        let entry = Affiliated {
            affiliation: power,
            reason: None,
            given_by: None,
            given_at: at(0),
        };
        let domain = "c.example".parse().unwrap();
        scene.room.affiliations.set(domain, Some(entry));
        assert_eq!(scene.room.affiliation_of(&bare(EVE)), Affiliation::None);
    }
    scene
        .set_affiliation(ANN, "c.example", Affiliation::Member)
        .unwrap();
    assert_eq!(scene.room.affiliation_of(&bare(EVE)), Affiliation::Member);
}

#[test]
fn a_new_member_of_a_members_only_room_who_is_absent_is_invited() {
    let mut scene = Scene::court(&[]);
    let settings = [
        Setting::MembersOnly.to(true),
        Setting::Password.to(Value::Secret(Some("cauldronburn".into()))),
    ];
    scene.configure(ANN, &settings).unwrap();
    for before in [Affiliation::None, Affiliation::Outcast] {
        scene.set_affiliation(BEA, "eve@c.example", before).unwrap();
        let told = scene
            .set_affiliation(BEA, "eve@c.example", Affiliation::Member)
            .unwrap();
        assert_eq!(
            told,
            [
                "answer: done",
                "ann/0, bea/0, cid/0: eve@c.example is member",
                "outside eve@c.example: invitation from the room with cauldronburn",
            ]
        );
    }
}

#[test]
fn of_a_ban_the_absent_is_not_told_and_of_other_changes_with_status_101() {
    let mut scene = Scene::court(&[]);
    let mut told = |affiliation| {
        scene
            .set_affiliation(ANN, "eve@c.example", affiliation)
            .unwrap()
    };
    assert_eq!(
        told(Affiliation::Member)[2],
        "outside eve@c.example: 101 member"
    );
    assert_eq!(
        told(Affiliation::Admin)[2],
        "outside eve@c.example: 101 admin"
    );
    assert_eq!(told(Affiliation::Outcast).len(), 2);
    assert_eq!(told(Affiliation::None).len(), 2);
}

#[test]
fn who_reads_which_list() {
    use Affiliation::{Admin, Member, Outcast, Owner};
    // Rows: owner, admin, member and stranger inside, member outside; letters for owner, admin,
    // member, outcast.
    let open = ["yyyy", "yyyy", "yyyn", "yyyn", "yyyn"];
    let semi_anonymous = ["yyyy", "nnyy", "nnnn", "nnnn", "nnnn"];
    for (whois, rows) in [(Whois::Anyone, open), (Whois::Moderators, semi_anonymous)] {
        let mut scene = Scene::court(&[Setting::Whois.to(whois)]);
        scene
            .set_affiliation(ANN, "eve@c.example", Affiliation::Member)
            .unwrap();
        for (person, row) in [ANN, BEA, CID, DAN, EVE].into_iter().zip(rows) {
            let may = |list| {
                scene
                    .act((person, 0), Action::ListAffiliation(list))
                    .is_ok()
            };
            let found: String = [Owner, Admin, Member, Outcast]
                .map(may)
                .map(|may| if may { 'y' } else { 'n' })
                .into_iter()
                .collect();
            assert_eq!(found, row, "{whois:?} {person}");
        }
    }
}

#[test]
fn a_list_of_affiliations_is_told_with_its_length() {
    let mut scene = Scene::court(&[]);
    let item = Moderation::Affiliation {
        target: AffiliationTarget::Jid(bare(EVE)),
        affiliation: Affiliation::Member,
        reserve: Some(Some(nick("Evie"))),
        reason: Some("trusted".into()),
    };
    scene.act((BEA, 0), Action::Moderate(vec![item])).unwrap();
    let list = Action::ListAffiliation(Affiliation::Member);
    let effects = scene.effects((BEA, 0), list).unwrap();
    let length = scene.room.lengths().of(List::Members);
    let members = scene.room.snapshot().affiliations.into_iter();
    let members = members.filter(|(_, entry)| entry.affiliation == Affiliation::Member);
    assert_eq!(length, members.count());
    let listed = Effect::ListAffiliations {
        affiliation: Affiliation::Member,
        length,
    };
    assert_eq!(effects, [listed]);
}

#[test]
fn what_is_told_of_the_absent_is_what_holds() {
    let mut scene = Scene::court(&[]);
    let mut told = |of, affiliation| scene.set_affiliation(ANN, of, affiliation).unwrap();
    told("eve@c.example", Affiliation::Member);
    told("c.example", Affiliation::Member);
    // Eve is still a member: everybody of her domain is.
    assert_eq!(told("eve@c.example", Affiliation::None), ["answer: done"]);
}

#[test]
fn a_list_that_wants_two_things_for_one_person_is_refused() {
    let mut scene = Scene::court(&[]);
    let back_and_forth = vec![
        affiliate("eve@c.example", Affiliation::Member),
        affiliate("eve@c.example", Affiliation::None),
        affiliate("eve@c.example", Affiliation::Member),
    ];
    let refused = scene.act((ANN, 0), Action::Moderate(back_and_forth));
    assert_eq!(refused, Err(Refusal::Contradiction));
    let twice = vec![affiliate("eve@c.example", Affiliation::Member); 3];
    let told = scene.act((ANN, 0), Action::Moderate(twice)).unwrap();
    assert_eq!(told_to(&told, "outside eve@c.example"), ["101 member"]);
}

#[test]
fn of_the_absent_only_what_is_another_in_the_end_is_told() {
    let mut scene = Scene::court(&[]);
    scene
        .set_affiliation(ANN, "eve@c.example", Affiliation::Member)
        .unwrap();
    let still_a_member = vec![
        affiliate("eve@c.example", Affiliation::None),
        affiliate("c.example", Affiliation::Member),
    ];
    let told = scene
        .act((ANN, 0), Action::Moderate(still_a_member))
        .unwrap();
    assert!(told_to(&told, "outside eve@c.example").is_empty());
    assert!(!told.iter().any(|line| line.contains("eve@c.example is")));
}
