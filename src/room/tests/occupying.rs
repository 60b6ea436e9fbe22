//! XEP-0045 §7.4 (#message) to §7.14 (#exit), and XEP-0410. How much may be invited and declined is
//! in `inviting.rs`.

use crate::room::request::Roles;
use crate::room::setting::{Assignment, Setting};
use jid::Jid;

use super::cast::{nick, speech};
use super::scene::{ANN, BEA, CID, DAN, EVE, Scene, affiliate, told_to};
use crate::room::effect::{Answer, Effect};
use crate::room::request::{Invite, Keep, Moderation, Whisper, WhisperKind};
use crate::room::setting::configuration::{PrivateMessages, RegistrationPolicy};
use crate::room::{Action, Affiliation, Refusal, Role};

fn whisper(to: &str) -> Action {
    Action::Whisper(Box::new(Whisper {
        to: nick(to),
        kind: WhisperKind::Chat,
        content: speech("psst", Keep::Ephemeral).content,
    }))
}

fn invite(to: &str) -> Action {
    Action::Invite(vec![Invite {
        to: Jid::new(to).unwrap(),
        reason: None,
        continuation: None,
    }])
}

/// Ann, Bea with two clients, and Cid.
fn company(settings: &[Assignment]) -> Scene {
    let mut scene = Scene::with(settings);
    scene.enter((BEA, 0), "Bea").unwrap();
    scene.enter((BEA, 1), "Bea").unwrap();
    scene.enter((CID, 0), "Cid").unwrap();
    scene
}

#[test]
fn allowpm_says_who_may_send_private_messages() {
    use PrivateMessages::{Anyone, Moderators, None, Participants};
    for (allowed, visitor, participant, moderator) in [
        (Anyone, true, true, true),
        (Participants, false, true, true),
        (Moderators, false, false, true),
        (None, false, false, false),
    ] {
        let mut scene = company(&[Setting::PrivateMessages.to(allowed)]);
        scene.set_role(ANN, "Cid", Role::Visitor).unwrap();
        for (person, to, may) in [
            (CID, "Ann", visitor),
            (BEA, "Ann", participant),
            (ANN, "Cid", moderator),
        ] {
            let sent = scene.act((person, 0), whisper(to));
            let expected = if may {
                Ok(())
            } else {
                Err(Refusal::PrivateMessagesNotAllowed)
            };
            assert_eq!(sent.map(|_| ()), expected, "{allowed:?} {to}");
        }
    }
}

#[test]
fn a_nick_that_another_session_keeps_has_not_gone() {
    let mut scene = company(&[]);
    let told = scene.appear((BEA, 1), "Busy").unwrap();
    assert_eq!(
        told_to(&told, "cid/0"),
        ["Bea none participant bea/0", "Busy none participant bea/1"]
    );
    assert_eq!(
        told_to(&told, "bea/1"),
        [
            "Bea gone none participant now Busy 110 303 bea/1",
            "Bea none participant bea/0",
            "Busy none participant 110 bea/1",
        ]
    );
    assert_eq!(
        told_to(&told, "bea/0"),
        [
            "Bea none participant 110 bea/0",
            "Busy none participant bea/1"
        ]
    );
    // And back: the session joins the other again, and takes its spelling.
    let told = scene.appear((BEA, 1), "bea").unwrap();
    assert_eq!(
        told_to(&told, "bea/1"),
        [
            "Busy gone none participant now Bea 110 303 bea/1",
            "Bea none participant 110 210 bea/1",
        ]
    );
    assert_eq!(
        told_to(&told, "cid/0"),
        [
            "Busy gone none participant now Bea 303 bea/1",
            "Bea none participant bea/1"
        ]
    );
}

#[test]
fn nicks_that_differ_in_case_alone_do_not_split_a_person() {
    let mut scene = company(&[]);
    assert_eq!(scene.appear((BEA, 1), "BEA"), Err(Refusal::NickTaken));
    let told = scene.appear((CID, 0), "CID").unwrap();
    assert_eq!(
        told_to(&told, "ann/0")[0],
        "Cid gone none participant now CID 303 cid/0"
    );
}

#[test]
fn an_invitation_into_a_members_only_room_makes_a_member_and_into_another_none() {
    let mut scene = Scene::with(&[]);
    scene.act((ANN, 0), invite("cid@b.example")).unwrap();
    assert_eq!(
        scene.room.affiliation_of(&super::cast::bare(CID)),
        Affiliation::None
    );
    scene
        .configure(ANN, &[Setting::MembersOnly.to(true)])
        .unwrap();
    scene.act((ANN, 0), invite("cid@b.example/0")).unwrap();
    assert_eq!(
        scene.room.affiliation_of(&super::cast::bare(CID)),
        Affiliation::Member
    );
    scene.act((ANN, 0), invite("c.example")).unwrap();
    assert_eq!(
        scene.room.affiliation_of(&super::cast::bare(EVE)),
        Affiliation::None
    );
}

#[test]
fn who_registers_becomes_a_member_and_those_inside_see_it() {
    let mut scene = company(&[Setting::Registration.to(RegistrationPolicy::Open)]);
    let register = |wanted: &str| Action::Register { nick: nick(wanted) };
    assert_eq!(
        scene.act((CID, 0), register("bea")),
        Err(Refusal::RegistrationConflict)
    );
    assert_eq!(
        scene.act((CID, 0), register("Cid")).unwrap(),
        [
            "cid/0: Cid member participant 110 cid/0",
            "ann/0, bea/0, bea/1: Cid member participant cid/0",
        ]
        .map(String::from)
        .into_iter()
        .fold(vec!["answer: done".to_owned()], |mut told, line| {
            told.push(line);
            told
        })
    );
    assert_eq!(scene.enter((DAN, 0), "cid"), Err(Refusal::NickTaken));
    let entry = scene
        .room
        .snapshot()
        .affiliations
        .into_iter()
        .find(|(jid, _)| *jid == super::cast::bare(CID));
    assert_eq!(entry.unwrap().1.given_by, None, "nobody gave it");
}

#[test]
fn who_unregisters_gives_membership_and_nick_back() {
    let mut scene = company(&[Setting::Registration.to(RegistrationPolicy::Open)]);
    scene
        .act((CID, 0), Action::Register { nick: nick("Cid") })
        .unwrap();
    scene
        .configure(ANN, &[Setting::MembersOnly.to(true)])
        .unwrap();
    let told = scene.act((CID, 0), Action::Unregister).unwrap();
    assert_eq!(
        told[..2],
        ["cid/0: Cid gone none none 110 321 cid/0", "answer: done"]
    );
    assert_eq!(scene.room.occupants().count(), 1);
    let again = scene.act((BEA, 0), Action::Unregister);
    assert_eq!(again, Err(Refusal::NotRegistered));
}

#[test]
fn a_request_for_voice_reaches_moderators_alone_and_not_too_often() {
    let mut scene = company(&[Setting::Moderated.to(true)]);
    let told = scene.act((CID, 0), Action::RequestVoice).unwrap();
    assert_eq!(told, ["ann/0: Cid (cid@b.example/0) wants voice"]);
    assert_eq!(
        scene.act((CID, 0), Action::RequestVoice),
        Err(Refusal::TooSoon)
    );
    scene.now += 61;
    assert!(scene.act((CID, 0), Action::RequestVoice).is_ok());
    assert_eq!(
        scene.act((ANN, 0), Action::RequestVoice),
        Err(Refusal::VoiceNotNeeded)
    );
}

#[test]
fn who_is_inside_is_listed_to_those_inside_as_far_as_it_is_shown() {
    let mut scene = company(&[Setting::PresenceBroadcast.to(Roles::from([Role::Moderator]))]);
    let mut listed = |person| {
        let effects = scene.effects((person, 0), Action::ShowOccupants).unwrap();
        match &effects[..] {
            [Effect::Answer(Answer::Occupants(nicks))] => nicks.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(listed(CID), [nick("Ann"), nick("Cid")]);
    assert_eq!(listed(EVE), []);
}

#[test]
fn one_nick_is_not_reserved_for_two_by_one_list() {
    let mut scene = Scene::new();
    let reserve = |jid: &str| match affiliate(jid, Affiliation::Member) {
        Moderation::Affiliation {
            target,
            affiliation,
            reason,
            ..
        } => Moderation::Affiliation {
            target,
            affiliation,
            reserve: Some(Some(nick("Boss"))),
            reason,
        },
        other => other,
    };
    let list = vec![reserve("bea@a.example"), reserve("cid@b.example")];
    assert_eq!(
        scene.act((ANN, 0), Action::Moderate(list)),
        Err(Refusal::RegistrationConflict)
    );
}
