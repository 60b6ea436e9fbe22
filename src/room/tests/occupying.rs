//! XEP-0045 §7.4 (#message) to §7.14 (#exit), and XEP-0410. How much may be invited and declined is in
//! `inviting.rs`.

use crate::room::request::Roles;
use crate::room::setting::{Assignment, Setting, Value};
use jid::Jid;

use super::cast::{nick, speech};
use super::scene::{ANN, BEA, CID, DAN, EVE, ROOT, Scene, Told, affiliate, told_to};
use crate::room::effect::{Answer, Effect};
use crate::room::request::{Invite, Keep, Moderation, Whisper, WhisperKind};
use crate::room::setting::configuration::{PrivateMessages, RegistrationPolicy, Whois};
use crate::room::{Action, Affiliation, Payload, Refusal, Role};

fn say(id: &str) -> Action {
    Action::Say(Box::new(speech(id, Keep::Archived)))
}

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

fn nobody_is_told() -> Told {
    Vec::new()
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
fn a_message_is_reflected_to_every_session_its_sender_included() {
    let mut scene = company(&[]);
    let told = scene.act((BEA, 1), say("hello")).unwrap();
    assert_eq!(told, ["ann/0, bea/0, bea/1, cid/0: Bea says hello"]);
}

#[test]
fn what_is_not_to_be_kept_has_no_archive_id() {
    let mut scene = company(&[]);
    let typing = Action::Say(Box::new(speech("typing", Keep::Ephemeral)));
    let effects = scene.effects((BEA, 0), typing).unwrap();
    assert!(matches!(effects[..], [Effect::Send { .. }]));
    let effects = scene.effects((BEA, 0), say("hello")).unwrap();
    assert!(matches!(
        effects[..],
        [Effect::Archive { .. }, Effect::Send { .. }]
    ));
}

#[test]
fn visitors_do_not_speak_and_strangers_neither() {
    let mut scene = Scene::with(&[Setting::Moderated.to(true)]);
    scene.enter((BEA, 0), "Bea").unwrap();
    assert_eq!(scene.act((BEA, 0), say("hello")), Err(Refusal::NoVoice));
    assert_eq!(
        scene.act((DAN, 0), say("hello")),
        Err(Refusal::NotAnOccupant)
    );
    assert_eq!(
        scene.act((ROOT, 0), say("hello")),
        Err(Refusal::NotAnOccupant)
    );
}

#[test]
fn a_private_message_goes_to_all_sessions_of_its_listener() {
    let mut scene = company(&[]);
    let told = scene.act((CID, 0), whisper("bea")).unwrap();
    assert_eq!(told, ["bea/0, bea/1: Cid whispers psst"]);
    assert_eq!(
        scene.act((CID, 0), whisper("Eve")),
        Err(Refusal::NoSuchOccupant)
    );
    assert_eq!(
        scene.act((EVE, 0), whisper("Bea")),
        Err(Refusal::NotAnOccupant)
    );
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
fn a_new_nick_is_told_with_303_and_the_new_nick() {
    let mut scene = Scene::with(&[Setting::Whois.to(Whois::Moderators)]);
    scene.enter((BEA, 0), "Bea").unwrap();
    scene.enter((CID, 0), "Cid").unwrap();
    assert_eq!(
        scene.appear((BEA, 0), "Busy").unwrap(),
        [
            "bea/0: Bea gone none participant now Busy 110 303",
            "ann/0: Bea gone none participant now Busy 303 bea/0",
            "cid/0: Bea gone none participant now Busy 303",
            "bea/0: Busy none participant 110",
            "ann/0: Busy none participant bea/0",
            "cid/0: Busy none participant",
        ]
    );
    assert_eq!(scene.appear((BEA, 0), "CID"), Err(Refusal::NickTaken));
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
fn a_mediated_invitation_names_the_inviter_as_the_room_allows_and_the_password() {
    let secret = Setting::Password.to(Value::Secret(Some("cauldronburn".into())));
    let mut scene = Scene::with(&[secret]);
    let told = scene.act((ANN, 0), invite("hecate@b.example")).unwrap();
    assert_eq!(
        told,
        ["outside hecate@b.example: invitation from ann@a.example with cauldronburn"]
    );
    scene
        .configure(ANN, &[Setting::Whois.to(Whois::Moderators)])
        .unwrap();
    let told = scene.act((ANN, 0), invite("hecate@b.example")).unwrap();
    assert_eq!(
        told,
        ["outside hecate@b.example: invitation from Ann with cauldronburn"]
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
fn a_member_without_the_privilege_does_not_invite_and_nobody_the_banned() {
    let settings = [
        Setting::MembersOnly.to(true),
        Setting::InvitationsOpen.to(false),
    ];
    let mut scene = Scene::new();
    for jid in ["bea@a.example", "cid@b.example"] {
        scene
            .set_affiliation(ANN, jid, Affiliation::Member)
            .unwrap();
    }
    scene.configure(ANN, &settings).unwrap();
    scene.enter((BEA, 0), "Bea").unwrap();
    let refused = scene.act((BEA, 0), invite("eve@c.example"));
    assert_eq!(refused, Err(Refusal::InvitationNotAllowed));
    assert_eq!(
        scene.act((CID, 0), invite("eve@c.example")),
        Err(Refusal::NotAnOccupant)
    );
    scene
        .set_affiliation(ANN, "eve@c.example", Affiliation::Outcast)
        .unwrap();
    let refused = scene.act((ANN, 0), invite("eve@c.example"));
    assert_eq!(refused, Err(Refusal::InvitationNotAllowed));
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
fn a_registration_that_needs_approval_is_put_to_the_admins() {
    let mut scene = company(&[Setting::Registration.to(RegistrationPolicy::Approval)]);
    let told = scene
        .act((CID, 0), Action::Register { nick: nick("Cid") })
        .unwrap();
    assert_eq!(
        told,
        ["ann/0: cid@b.example wants to be Cid", "answer: done"]
    );
    let answer = Action::AnswerRegistration {
        jid: super::cast::bare(CID),
        nick: nick("Cid"),
        granted: true,
    };
    assert_eq!(
        scene.act((BEA, 0), answer.clone()),
        Err(Refusal::NotPrivileged)
    );
    scene.act((ANN, 0), answer).unwrap();
    assert_eq!(
        scene.standing("Cid"),
        Some((Affiliation::Member, Role::Participant))
    );
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
fn registration_is_refused_to_the_banned_and_where_it_is_closed() {
    let mut scene = Scene::with(&[Setting::Registration.to(RegistrationPolicy::Closed)]);
    let refused = scene.act((EVE, 0), Action::ShowRegistration);
    assert_eq!(refused, Err(Refusal::RegistrationClosed));
    scene
        .configure(ANN, &[Setting::Registration.to(RegistrationPolicy::Open)])
        .unwrap();
    assert!(scene.act((EVE, 0), Action::ShowRegistration).is_ok());
    scene
        .set_affiliation(ANN, "eve@c.example", Affiliation::Outcast)
        .unwrap();
    let refused = scene.act((EVE, 0), Action::Register { nick: nick("Eve") });
    assert_eq!(refused, Err(Refusal::RegistrationNotAllowed));
}

#[test]
fn the_reserved_nick_is_told_also_to_somebody_inside() {
    let mut scene = company(&[Setting::Registration.to(RegistrationPolicy::Open)]);
    scene
        .act((CID, 0), Action::Register { nick: nick("Cid") })
        .unwrap();
    for (person, expected) in [(CID, Some(nick("Cid"))), (BEA, None)] {
        let effects = scene
            .effects((person, 0), Action::ShowReservedNick)
            .unwrap();
        assert_eq!(effects, [Effect::Answer(Answer::ReservedNick(expected))]);
    }
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
fn who_leaves_is_told_first_with_110_and_then_the_others() {
    let mut scene = Scene::with(&[Setting::Whois.to(Whois::Moderators)]);
    scene.enter((BEA, 0), "Bea").unwrap();
    scene.enter((CID, 0), "Cid").unwrap();
    assert_eq!(
        scene.exit((CID, 0)),
        [
            "cid/0: Cid gone none none 110",
            "ann/0: Cid gone none none cid/0",
            "bea/0: Cid gone none none",
        ]
    );
    assert_eq!(scene.exit((CID, 0)), nobody_is_told());
}

#[test]
fn one_of_two_sessions_leaves_and_the_nick_stays() {
    let mut scene = company(&[]);
    let told = scene.exit((BEA, 1));
    assert_eq!(told_to(&told, "bea/1"), ["Bea gone none none 110 bea/1"]);
    assert_eq!(told_to(&told, "bea/0"), ["Bea none participant 110 bea/0"]);
    assert_eq!(told_to(&told, "cid/0"), ["Bea none participant bea/0"]);
    // The session that is not shown leaves unseen.
    scene.enter((BEA, 1), "Bea").unwrap();
    let told = scene.exit((BEA, 0));
    assert_eq!(told, ["bea/0: Bea gone none none 110 bea/0"]);
}

#[test]
fn a_lost_session_is_removed_with_status_333() {
    let mut scene = company(&[]);
    let told = scene.act((CID, 0), Action::Lost).unwrap();
    assert_eq!(
        told,
        [
            "cid/0: Cid gone none none 110 333 cid/0",
            "ann/0, bea/0, bea/1: Cid gone none none 333 cid/0",
        ]
    );
}

#[test]
fn the_status_of_a_farewell_is_passed_on() {
    let mut scene = company(&[]);
    let payload = Payload::new(b"<status>gone where the goblins go</status>");
    let effects = scene
        .effects((CID, 0), Action::Exit { id: None, payload })
        .unwrap();
    let text = format!("{effects:?}");
    assert_eq!(text.matches("gone where the goblins go").count(), 2);
}

#[test]
fn a_ping_to_oneself_is_answered_by_the_room_and_to_another_passed_on() {
    let mut scene = company(&[]);
    let ping = |to: &str| Action::Ping { to: nick(to) };
    assert_eq!(scene.act((CID, 0), ping("cid")).unwrap(), ["answer: done"]);
    assert_eq!(
        scene.act((CID, 0), ping("Bea")).unwrap(),
        ["bea/1: IQ from Cid to Client"]
    );
    assert_eq!(
        scene.act((EVE, 0), ping("Cid")),
        Err(Refusal::NotAnOccupant)
    );
    assert_eq!(
        scene.act((CID, 0), ping("Eve")),
        Err(Refusal::NoSuchOccupant)
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
