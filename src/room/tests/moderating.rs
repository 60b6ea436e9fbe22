//! XEP-0045 §8 (#moderator).

use crate::room::request::Roles;
use crate::room::setting::{Assignment, Setting};

use super::cast::{nick, speech};
use super::scene::{ANN, BEA, CID, DAN, EVE, Scene, affiliate, told_to};
use crate::room::effect::{Answer, Effect, Stanza};
use crate::room::request::{Keep, Moderation};
use crate::room::setting::configuration::Whois;
use crate::room::{Action, Affiliation, Refusal, Role};

fn subject(text: &str) -> Action {
    Action::ChangeSubject {
        speech: Box::new(speech(text, Keep::Archived)),
        text: text.into(),
    }
}

fn role(of: &str, role: Role) -> Moderation {
    Moderation::Role {
        nick: nick(of),
        role,
        reason: Some("avaunt!".into()),
    }
}

/// Ann the owner, Bea an admin, Cid a member who moderates, Dan and Eve without affiliation.
fn court(settings: &[Assignment]) -> Scene {
    let mut scene = Scene::with(settings);
    scene
        .set_affiliation(ANN, "bea@a.example", Affiliation::Admin)
        .unwrap();
    scene
        .set_affiliation(ANN, "cid@b.example", Affiliation::Member)
        .unwrap();
    for (person, nick) in [(BEA, "Bea"), (CID, "Cid"), (DAN, "Dan"), (EVE, "Eve")] {
        scene.enter((person, 0), nick).unwrap();
    }
    scene.set_role(ANN, "Cid", Role::Moderator).unwrap();
    scene
}

#[test]
fn a_moderator_changes_the_subject_and_a_newcomer_is_told_who_did() {
    let mut scene = court(&[]);
    let told = scene.act((CID, 0), subject("Fire Burn")).unwrap();
    assert_eq!(
        told,
        ["ann/0, bea/0, cid/0, dan/0, eve/0: Cid says Fire Burn"]
    );
    let told = scene.enter((DAN, 1), "Dan").unwrap();
    assert!(told.contains(&"dan/1: subject \"Fire Burn\" by Cid".into()));
}

#[test]
fn a_cleared_subject_is_told_as_one_that_was_cleared() {
    let mut scene = court(&[]);
    scene.act((CID, 0), subject("Fire Burn")).unwrap();
    scene.act((ANN, 0), subject("")).unwrap();
    let told = scene.enter((DAN, 1), "Dan").unwrap();
    assert!(told.contains(&"dan/1: subject \"\" by Ann".into()));
}

#[test]
fn changesubject_opens_the_subject_to_participants_but_not_to_visitors() {
    let mut scene = court(&[]);
    assert_eq!(
        scene.act((DAN, 0), subject("x")),
        Err(Refusal::SubjectNotAllowed)
    );
    scene
        .configure(ANN, &[Setting::SubjectOpen.to(true)])
        .unwrap();
    assert!(scene.act((DAN, 0), subject("x")).is_ok());
    scene.set_role(ANN, "Dan", Role::Visitor).unwrap();
    assert_eq!(
        scene.act((DAN, 0), subject("y")),
        Err(Refusal::SubjectNotAllowed)
    );
}

#[test]
fn the_kicked_is_told_first_then_the_moderator_then_the_rest() {
    let mut scene = court(&[Setting::Whois.to(Whois::Moderators)]);
    assert_eq!(
        scene
            .act((CID, 0), Action::Moderate(vec![role("Eve", Role::None)]))
            .unwrap(),
        [
            "eve/0: Eve gone none none 110 307 by Cid",
            "answer: done",
            "ann/0, bea/0, cid/0: Eve gone none none 307 eve/0 by Cid",
            "dan/0: Eve gone none none 307 by Cid",
        ]
    );
}

#[test]
fn of_several_kicked_none_hears_of_the_others() {
    let mut scene = court(&[]);
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
fn a_kick_removes_every_session_of_the_nick() {
    let mut scene = court(&[]);
    scene.enter((EVE, 1), "Eve").unwrap();
    let told = scene.set_role(ANN, "Eve", Role::None).unwrap();
    for session in ["eve/0", "eve/1"] {
        assert_eq!(
            told_to(&told, session),
            ["Eve gone none none 110 307 eve/1 by Ann"]
        );
    }
    assert_eq!(scene.standing("Eve"), None);
}

#[test]
fn nobody_is_kicked_by_a_moderator_of_lower_affiliation() {
    let mut scene = court(&[]);
    assert_eq!(
        scene.set_role(CID, "Bea", Role::None),
        Err(Refusal::TargetTooHigh)
    );
    assert_eq!(
        scene.set_role(BEA, "Ann", Role::None),
        Err(Refusal::TargetTooHigh)
    );
    assert_eq!(
        scene.set_role(DAN, "Eve", Role::None),
        Err(Refusal::NotPrivileged)
    );
    assert_eq!(
        scene.set_role(CID, "Cid", Role::None),
        Err(Refusal::NotToOneself)
    );
    assert_eq!(
        scene.set_role(ANN, "Ann", Role::None),
        Err(Refusal::NotToOneself)
    );
}

#[test]
fn of_a_list_with_one_forbidden_change_nothing_is_done() {
    let mut scene = court(&[]);
    let list = vec![role("Eve", Role::None), role("Bea", Role::None)];
    let refused = scene.act((CID, 0), Action::Moderate(list));
    assert_eq!(refused, Err(Refusal::TargetTooHigh));
    assert!(scene.standing("Eve").is_some());
}

#[test]
fn roles_and_affiliations_are_not_changed_in_one_list() {
    let mut scene = court(&[]);
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
fn voice_is_granted_and_revoked_before_the_eyes_of_all() {
    let mut scene = court(&[Setting::Moderated.to(true)]);
    assert_eq!(
        scene.set_role(CID, "Dan", Role::Participant).unwrap(),
        [
            "answer: done",
            "dan/0: Dan none participant 110 dan/0 by Cid",
            "ann/0, bea/0, cid/0, eve/0: Dan none participant dan/0 by Cid",
        ]
    );
    assert_eq!(
        scene.set_role(CID, "Dan", Role::Visitor).unwrap()[2],
        "ann/0, bea/0, cid/0, eve/0: Dan none visitor dan/0 by Cid"
    );
}

#[test]
fn voice_is_not_revoked_from_admins_owners_or_ones_equals() {
    let mut scene = court(&[]);
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
    let mut scene = court(&[
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
fn who_is_made_a_moderator_is_shown_the_real_jids() {
    let mut scene = court(&[Setting::Whois.to(Whois::Moderators)]);
    let told = scene.set_role(ANN, "Dan", Role::Moderator).unwrap();
    let told = told_to(&told, "dan/0");
    assert_eq!(told[0], "Dan none moderator 110 dan/0 by Ann");
    assert!(told.contains(&"Eve none participant eve/0".into()));
    let told = scene.set_role(ANN, "Dan", Role::Participant).unwrap();
    assert_eq!(told_to(&told, "dan/0"), ["Dan none participant 110 by Ann"]);
}

#[test]
fn an_actor_who_is_not_shown_is_not_named() {
    let shown = Roles::from([Role::Participant]);
    let mut scene = court(&[Setting::PresenceBroadcast.to(shown)]);
    let told = scene.set_role(CID, "Eve", Role::None).unwrap();
    assert_eq!(
        told_to(&told, "eve/0"),
        ["Eve gone none none 110 307 eve/0"]
    );
    assert_eq!(told_to(&told, "dan/0"), ["Eve gone none none 307 eve/0"]);
}

#[test]
fn the_voice_list_is_for_moderators_and_names_jid_role_and_affiliation() {
    let mut scene = court(&[]);
    let list = Action::ListRole(Role::Participant);
    assert_eq!(
        scene.act((DAN, 0), list.clone()),
        Err(Refusal::NotPrivileged)
    );
    let effects = scene.effects((CID, 0), list).unwrap();
    let [Effect::Answer(Answer::Roles(items))] = &effects[..] else {
        panic!("{effects:?}");
    };
    let nicks: Vec<_> = items.iter().map(|item| item.nick.as_str()).collect();
    assert_eq!(nicks, ["Dan", "Eve"]);
    assert!(items.iter().all(|item| item.real_jid.is_some()));
    // §9.8: the moderator list is for admins.
    let list = Action::ListRole(Role::Moderator);
    assert_eq!(
        scene.act((CID, 0), list.clone()),
        Err(Refusal::NotPrivileged)
    );
    assert!(scene.act((BEA, 0), list).is_ok());
}

#[test]
fn a_moderator_answers_a_request_for_voice() {
    let mut scene = court(&[Setting::Moderated.to(true)]);
    let answer = |granted| Action::AnswerVoiceRequest {
        nick: nick("Dan"),
        granted,
    };
    assert_eq!(
        scene.act((EVE, 0), answer(true)),
        Err(Refusal::NotPrivileged)
    );
    assert_eq!(
        scene.act((CID, 0), answer(false)).unwrap(),
        Vec::<String>::new()
    );
    let told = scene.act((CID, 0), answer(true)).unwrap();
    assert_eq!(
        told_to(&told, "eve/0"),
        ["Dan none participant dan/0 by Cid"]
    );
}

#[test]
fn in_a_moderated_room_a_voice_is_remembered_until_the_affiliation_changes() {
    let mut scene = court(&[Setting::Moderated.to(true)]);
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

#[test]
fn the_reason_goes_to_everybody() {
    let mut scene = court(&[]);
    let list = Action::Moderate(vec![role("Eve", Role::None)]);
    for effect in scene.effects((ANN, 0), list).unwrap() {
        if let Effect::Send { stanza, .. } = effect
            && let Stanza::Presence(presence) = *stanza
        {
            assert_eq!(presence.reason.as_deref(), Some("avaunt!"));
        }
    }
}
