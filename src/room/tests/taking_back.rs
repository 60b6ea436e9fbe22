//! XEP-0308, XEP-0424, XEP-0425 and XEP-0444: messages that are about others.

use super::cast::{SALT, bare, moderation, original, speech};
use super::scene::{ANN, BEA, CID, DAN, EVE, ROOT, Scene};
use crate::room::effect::{Act, Archived, ArchivedKind, Deed, Effect, Stanza};
use crate::room::request::{Keep, Named, Original, Purpose, Speech};
use crate::room::{Action, ArchiveId, OccupantId, Refusal};

const SPOKEN: [ArchivedKind; 3] = [
    ArchivedKind::Speech,
    ArchivedKind::Signal,
    ArchivedKind::Correction,
];
const NOT_SPOKEN: [ArchivedKind; 4] = [
    ArchivedKind::Subject,
    ArchivedKind::Retraction,
    ArchivedKind::Moderation,
    ArchivedKind::Tombstone,
];

fn by(author: usize, kind: ArchivedKind) -> Option<Original> {
    Some(original(Some(author), kind))
}

fn about(purpose: fn(Named) -> Purpose, keep: Keep, original: Option<Original>) -> Action {
    Action::Say(Box::new(Speech {
        purpose: purpose(Named::ByEither("other".into())),
        original,
        ..speech("this", keep)
    }))
}

fn correct(original: Option<Original>) -> Action {
    about(Purpose::Correction, Keep::Archived, original)
}

fn retract(original: Option<Original>) -> Action {
    about(Purpose::Retraction, Keep::Archived, original)
}

fn react(original: Option<Original>) -> Action {
    about(
        |named| Purpose::Signal(Some(named)),
        Keep::Archived,
        original,
    )
}

fn moderate(original: Option<Original>) -> Action {
    Action::ModerateMessage(Box::new(moderation(original)))
}

fn archived(effects: &[Effect]) -> &Archived {
    let archived = effects.iter().find_map(|effect| match effect {
        Effect::Archive { message, .. } => Some(message),
        _ => None,
    });
    archived.expect("something is kept")
}

#[test]
fn nobody_speaks_for_another_not_even_an_owner() {
    let mut scene = Scene::bench(&[]);
    for person in [ANN, BEA, CID, EVE] {
        for action in [correct, retract] {
            let refused = scene.act((person, 0), action(by(DAN, ArchivedKind::Speech)));
            assert_eq!(refused, Err(Refusal::NotTheAuthor), "{person}");
        }
    }
    let of_nobody = Some(original(None, ArchivedKind::Speech));
    let refused = scene.act((DAN, 0), retract(of_nobody));
    assert_eq!(refused, Err(Refusal::NotTheAuthor));
}

#[test]
fn what_is_not_known_or_was_not_said_stays_as_it_is() {
    let mut scene = Scene::bench(&[]);
    for action in [correct, retract] {
        let refused = scene.act((DAN, 0), action(None));
        assert_eq!(refused, Err(Refusal::NoSuchMessage));
        for kind in NOT_SPOKEN {
            let refused = scene.act((DAN, 0), action(by(DAN, kind)));
            assert_eq!(refused, Err(Refusal::NoSuchMessage), "{kind:?}");
        }
    }
}

#[test]
fn what_nobody_keeps_may_correct_what_nobody_has_kept() {
    let mut scene = Scene::bench(&[]);
    let fleeting = |original| about(Purpose::Correction, Keep::Ephemeral, original);
    scene.act((DAN, 0), fleeting(None)).unwrap();
    let refused = scene.act((DAN, 0), fleeting(by(EVE, ArchivedKind::Speech)));
    assert_eq!(refused, Err(Refusal::NotTheAuthor));
}

#[test]
fn a_correction_of_a_correction_is_one_of_the_first_message() {
    let mut scene = Scene::bench(&[]);
    for (action, expected) in [
        (correct as fn(_) -> _, "archived root"),
        (react, "archived original"),
        (retract, "archived original"),
    ] {
        let effects = scene.effects((DAN, 0), action(by(DAN, ArchivedKind::Correction)));
        let about = archived(&effects.unwrap()).original.clone();
        assert_eq!(about, Some(ArchiveId(expected.into())));
    }
}

#[test]
fn everybody_with_a_voice_reacts_to_everything() {
    let mut scene = Scene::bench(&[]);
    for kind in SPOKEN.into_iter().chain(NOT_SPOKEN) {
        let effects = scene.effects((EVE, 0), react(by(DAN, kind))).unwrap();
        assert_eq!(archived(&effects).kind, ArchivedKind::Signal, "{kind:?}");
    }
    let effects = scene.effects((EVE, 0), react(None)).unwrap();
    assert_eq!(archived(&effects).original, None);
}

#[test]
fn a_moderator_takes_a_message_back_and_that_is_on_record() {
    let mut scene = Scene::bench(&[]);
    let effects = scene
        .effects((CID, 0), moderate(by(DAN, ArchivedKind::Speech)))
        .unwrap();
    let [
        Effect::ModerateMessage(_),
        Effect::Record(act),
        Effect::Send { stanza, .. },
        Effect::Answer(_),
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    let expected = Act {
        at: act.at,
        actor: Some(bare(CID)),
        deed: Deed::Moderated,
        message: Some(ArchiveId("archived original".into())),
        author: Some(bare(DAN)),
        reason: Some("so be it".into()),
    };
    assert_eq!(**act, expected);
    let Stanza::MessageModerated(told) = &**stanza else {
        panic!("{stanza:?}");
    };
    let (nick, occupant_id) = told.moderator.as_ref().unwrap();
    assert_eq!(nick.as_str(), "Cid");
    assert_eq!(*occupant_id, OccupantId::of(&bare(CID), &SALT));
}

#[test]
fn who_may_moderate_from_outside_is_not_named_to_the_others() {
    let mut scene = Scene::bench(&[]);
    let of_dan = || moderate(by(DAN, ArchivedKind::Speech));
    for person in [ANN, BEA, ROOT] {
        let effects = scene.effects((person, 7), of_dan()).unwrap();
        let Effect::ModerateMessage(moderated) = &effects[0] else {
            panic!("{effects:?}");
        };
        assert_eq!(moderated.moderator, None);
    }
    assert_eq!(scene.act((CID, 7), of_dan()), Err(Refusal::NotAnOccupant));
}

#[test]
fn moderating_has_the_bounds_of_kicking() {
    let mut scene = Scene::bench(&[]);
    for (person, author, refusal) in [
        (DAN, EVE, Refusal::NotPrivileged),
        (DAN, DAN, Refusal::NotPrivileged),
        (CID, BEA, Refusal::TargetTooHigh),
        (BEA, ANN, Refusal::TargetTooHigh),
        (ANN, ROOT, Refusal::NoSuchMessage),
    ] {
        let kind = match refusal {
            Refusal::NoSuchMessage => ArchivedKind::Tombstone,
            _ => ArchivedKind::Speech,
        };
        let refused = scene.act((person, 0), moderate(by(author, kind)));
        assert_eq!(refused, Err(refusal), "{person} of {author}");
    }
    scene
        .act((CID, 0), moderate(by(CID, ArchivedKind::Speech)))
        .unwrap();
    let of_nobody = Some(original(None, ArchivedKind::Speech));
    scene.act((CID, 0), moderate(of_nobody)).unwrap();
}

#[test]
fn only_what_somebody_said_is_moderated() {
    let mut scene = Scene::bench(&[]);
    for kind in NOT_SPOKEN {
        let refused = scene.act((ANN, 0), moderate(by(DAN, kind)));
        assert_eq!(refused, Err(Refusal::NoSuchMessage), "{kind:?}");
    }
    assert_eq!(
        scene.act((ANN, 0), moderate(None)),
        Err(Refusal::NoSuchMessage)
    );
    let refused = scene.act((DAN, 0), moderate(None));
    assert_eq!(
        refused,
        Err(Refusal::NotPrivileged),
        "he learns nothing of the archive"
    );
}

#[test]
fn what_corrects_takes_back_or_says_something_of_a_message_refers_to_it() {
    let named = || Named::ByContentId("earlier".into());
    let say = |purpose| {
        let keep = Keep::Archived;
        Action::Say(Box::new(Speech {
            purpose,
            ..speech("x", keep)
        }))
    };
    let moderated = Named::ByArchiveId(ArchiveId("archived original".into()));
    for (mut action, expected) in [
        (say(Purpose::Speech), None),
        (say(Purpose::Signal(None)), None),
        (say(Purpose::Signal(Some(named()))), Some((named(), false))),
        (say(Purpose::Retraction(named())), Some((named(), false))),
        (say(Purpose::Correction(named())), Some((named(), true))),
        (moderate(None), Some((moderated, false))),
        (Action::ShowInformation, None),
    ] {
        let referred_to = action
            .refers_to()
            .map(|reference| (reference.named, reference.is_to_be_corrected));
        assert_eq!(referred_to, expected, "{action:?}");
    }
}
