//! Plays conversations and watches: no session may ever believe anything false, and the invariants
//! of the core hold after every step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jid::FullJid;
use proptest::prelude::*;

use super::about::{About, Origin};
use super::belief::Belief;
use super::cast::{SALT, bare, entry, founding, full, terms};
use super::conversation::{Deed, Step, conversation};
use super::ledger;
use crate::room::effect::{Effect, Presence, Recipients, Stanza, Status};
use crate::room::moderating::subject::Subject;
use crate::room::request::Keep;
use crate::room::{Affiliation, Change, Refusal, Request, Room, Snapshot};

type Verdict = Result<(), String>;

/// A room, what a store has of it, and what everybody believes.
struct Stage {
    room: Option<Room>,
    kept: Option<Snapshot>,
    beliefs: BTreeMap<Arc<FullJid>, Belief>,
}

/// Plays a whole conversation. The error tells the step and what is wrong.
fn play(steps: &[Step]) -> Verdict {
    let mut stage = Stage {
        room: None,
        kept: None,
        beliefs: BTreeMap::new(),
    };
    for (number, step) in steps.iter().enumerate() {
        stage
            .play(number, step)
            .map_err(|problem| format!("step {number}, {step:?}: {problem}"))?;
    }
    Ok(())
}

impl Stage {
    fn play(&mut self, number: usize, step: &Step) -> Verdict {
        let from = full(step.person, step.client);
        let now = super::cast::now(i64::try_from(number).unwrap() * 25);
        let before = self.room.clone();
        let mut effects = Vec::new();
        let result = match (&mut self.room, &step.deed) {
            (Some(room), deed) => {
                let action = deed.action(number);
                let request = || Request {
                    from: from.clone(),
                    action: action.clone(),
                };
                let result = room.handle(now, request(), &mut effects);
                let (mut again, mut same) = (before.clone().unwrap(), Vec::new());
                let second = again.handle(now, request(), &mut same);
                if (&second, &same, &again) != (&result, &effects, &*room) {
                    return Err("the same request has two outcomes".into());
                }
                result
            }
            (none, Deed::Enter(nick, _)) => {
                let created = Room::create(
                    founding(terms()),
                    now,
                    from.clone(),
                    entry(nick),
                    &mut effects,
                );
                created.map(|room| *none = Some(room))
            }
            (None, _) => return Ok(()),
        };
        if let Err(refusal) = result {
            return untouched(&before, &self.room, &effects, &refusal);
        }
        answered(&step.deed, before.is_some(), &effects)?;
        reflected(&from, &step.deed, number, &effects)?;
        entitled(&from, &step.deed, before.as_ref(), &effects)?;
        self.watch(&from, &step.deed, before.as_ref(), &effects)?;
        if self.room.as_ref().is_some_and(Room::has_ended) {
            self.room = None;
        }
        if number % 5 == 4 {
            self.restart();
        }
        Ok(())
    }

    /// The service is started again; nobody is to notice.
    fn restart(&mut self) {
        let terms = self
            .room
            .as_ref()
            .map_or_else(terms, |room| room.terms.clone());
        let kept = self.kept.clone();
        self.room = kept.map(|snapshot| Room::restore(terms, SALT, snapshot));
    }

    fn watch(
        &mut self,
        from: &Arc<FullJid>,
        deed: &Deed,
        before: Option<&Room>,
        effects: &[Effect],
    ) -> Verdict {
        stored_before_seen(effects)?;
        let room = self.room.as_ref().expect("something happened to a room");
        let mut forgetful = None;
        if matches!(deed, Deed::Enter(..)) {
            let belief = self.beliefs.entry(from.clone()).or_default();
            // Who enters again under the same nick may have forgotten everything or nothing; under
            // another nick, a client begins anew.
            let nick_before = before.and_then(|room| room.nick_of(from));
            if belief.is_inside() && nick_before == room.nick_of(from) {
                forgetful = Some((from.clone(), Belief::entering()));
                belief.enter_again();
            } else {
                *belief = Belief::entering();
            }
        }
        let subject = matches!(deed, Deed::Subject(_)).then_some(&room.subject);
        for effect in effects {
            if let Effect::Save(change) = effect {
                ledger::apply(&mut self.kept, change);
            }
            no_leak(effect, before, room)?;
            deliver(&mut self.beliefs, effect, subject)?;
            if let Some((session, belief)) = &mut forgetful {
                let mut alone = BTreeMap::from([(session.clone(), std::mem::take(belief))]);
                deliver_to(&mut alone, effect, subject, session)?;
                *belief = alone.remove(session).unwrap_or_default();
            }
        }
        for (session, belief) in self
            .beliefs
            .iter()
            .chain(forgetful.as_ref().map(|(s, b)| (s, b)))
        {
            belief
                .check(session, room)
                .map_err(|problem| format!("{session} {problem}"))?;
        }
        for session in room.occupants.sessions() {
            if !self.beliefs.contains_key(session) {
                return Err(format!("{session} is inside and was never told"));
            }
        }
        consistent(room)?;
        if room.has_ended() {
            return match self.kept {
                None => Ok(()),
                Some(_) => Err("the room has ended and is still kept".into()),
            };
        }
        lasting(room, self.kept.as_ref())
    }
}

/// An IQ is answered once; to anything else there is no answer.
fn answered(deed: &Deed, existed: bool, effects: &[Effect]) -> Verdict {
    let is_answer = |effect: &&Effect| {
        matches!(
            effect,
            Effect::Answer(_) | Effect::ListAffiliations { .. } | Effect::PassOn { .. }
        )
    };
    let answers = effects.iter().filter(is_answer).count();
    if answers == usize::from(existed && deed.is_iq()) {
        Ok(())
    } else {
        Err(format!("there are {answers} answers"))
    }
}

/// What comes back to its sender bears the id with which it was sent, and nothing else does.
fn reflected(from: &Arc<FullJid>, deed: &Deed, number: usize, effects: &[Effect]) -> Verdict {
    let id = match deed {
        Deed::Enter(..) => Some("enter"),
        Deed::Appear(..) => Some("appear"),
        Deed::Exit => Some("exit"),
        _ => None,
    };
    for effect in effects {
        let Effect::Send { stanza, to } = effect else {
            continue;
        };
        let (found, expected) = match &**stanza {
            Stanza::Presence(presence) => {
                let is_own = presence
                    .statuses
                    .iter()
                    .any(|status| status == Status::SelfPresence);
                let to_sender = *to == Recipients::One(from.clone());
                (presence.id.as_deref(), id.filter(|_| is_own && to_sender))
            }
            Stanza::Speech { content, .. } => {
                let number = number.to_string();
                match *content.id == *number {
                    true => continue,
                    false => (Some(&*content.id), None),
                }
            }
            _ => continue,
        };
        if found != expected {
            return Err(format!(
                "the id is {found:?} and not {expected:?} in {effect:?}"
            ));
        }
    }
    Ok(())
}

/// What somebody said is only touched by themselves, or by a moderator whom they do not stand
/// above; and who takes back what another said is on record.
fn entitled(from: &FullJid, deed: &Deed, before: Option<&Room>, effects: &[Effect]) -> Verdict {
    let is_act = |effect: &&Effect| {
        matches!(
            effect,
            Effect::Retract(_) | Effect::ModerateMessage(_) | Effect::Record(_)
        )
    };
    let acts = effects.iter().filter(is_act).count();
    let author = |origin: &Option<Origin>| origin.and_then(|origin| origin.author).map(bare);
    let expected = match deed {
        Deed::About(About::Retract, origin) if author(origin) == Some(from.to_bare()) => 1,
        // What nobody keeps may correct what nobody has kept.
        Deed::About(About::Correct(Keep::Ephemeral), None) => 0,
        Deed::About(About::Correct(_), origin) if author(origin) != Some(from.to_bare()) => {
            return Err("speaks for another".into());
        }
        Deed::ModerateMessage(origin) => {
            let standing = |jid| before.map(|room| room.affiliation_of(&jid));
            if author(origin).and_then(standing) > standing(from.to_bare()) {
                return Err("takes back what was said by a higher one".into());
            }
            2
        }
        _ => 0,
    };
    if acts == expected {
        Ok(())
    } else {
        Err(format!("{acts} acts instead of {expected}"))
    }
}

/// On a refusal the room is as it was, and nothing is asked for.
fn untouched(
    before: &Option<Room>,
    after: &Option<Room>,
    effects: &[Effect],
    refusal: &Refusal,
) -> Verdict {
    if before != after {
        return Err(format!("{refusal:?} has changed the room"));
    }
    match effects.first() {
        None => Ok(()),
        Some(effect) => Err(format!("{refusal:?} left {effect:?}")),
    }
}

/// Everything to be kept comes before everything to be seen; only the end of a room that all have
/// left may come last, for nobody is left to be told.
fn stored_before_seen(effects: &[Effect]) -> Verdict {
    let mut seen = false;
    for effect in effects {
        match effect {
            Effect::Save(Change::Vanished { .. }) | Effect::RoleGiven { .. } => {}
            Effect::Save(_)
            | Effect::Archive { .. }
            | Effect::Retract(_)
            | Effect::ModerateMessage(_)
            | Effect::Record(_) => {
                if seen {
                    return Err(format!("{effect:?} comes after something that is seen"));
                }
            }
            Effect::Send { .. }
            | Effect::ReadArchive { .. }
            | Effect::ListAffiliations { .. }
            | Effect::SendHistory { .. }
            | Effect::Answer(_)
            | Effect::PassOn { .. } => seen = true,
        }
    }
    Ok(())
}

/// A real JID is shown only to those who may see it, before or after; and to its owner.
fn no_leak(effect: &Effect, before: Option<&Room>, after: &Room) -> Verdict {
    let Effect::Send { stanza, to } = effect else {
        return Ok(());
    };
    let may_see = |room: &Room, session: &FullJid| {
        let occupant = room.occupants.by_session(session);
        occupant.is_some_and(|occupant| room.sees_real_jids(occupant.role()))
    };
    for session in recipients(to) {
        let knows = may_see(after, session) || before.is_some_and(|room| may_see(room, session));
        let told = match &**stanza {
            Stanza::Presence(Presence { real_jid, .. }) => real_jid
                .as_ref()
                .is_some_and(|real_jid| real_jid.to_bare() != session.to_bare()),
            Stanza::AffiliationNotice { .. }
            | Stanza::VoiceRequest { .. }
            | Stanza::RegistrationRequest { .. } => true,
            _ => false,
        };
        if told && !knows {
            return Err(format!("{session} may not see what is in {stanza:?}"));
        }
    }
    if let (Stanza::Presence(_) | Stanza::Speech { .. }, Recipients::Absent(jid)) = (&**stanza, to)
    {
        return Err(format!("{jid} outside is sent {stanza:?}"));
    }
    Ok(())
}

fn recipients(to: &Recipients) -> Vec<&Arc<FullJid>> {
    match to {
        Recipients::One(session) => vec![session],
        Recipients::Many(sessions) => sessions.iter().collect(),
        Recipients::Absent(_) => Vec::new(),
    }
}

fn deliver(
    beliefs: &mut BTreeMap<Arc<FullJid>, Belief>,
    effect: &Effect,
    subject: Option<&Subject>,
) -> Verdict {
    if let Effect::SendHistory { to, .. } = effect {
        return deliver_to(beliefs, effect, subject, to);
    }
    let Effect::Send { to, .. } = effect else {
        return Ok(());
    };
    let sessions = recipients(to);
    let distinct: BTreeSet<_> = sessions.iter().collect();
    if distinct.len() < sessions.len() {
        return Err(format!("somebody gets twice {effect:?}"));
    }
    for session in sessions {
        deliver_to(beliefs, effect, subject, session)?;
    }
    Ok(())
}

fn deliver_to(
    beliefs: &mut BTreeMap<Arc<FullJid>, Belief>,
    effect: &Effect,
    subject: Option<&Subject>,
    session: &Arc<FullJid>,
) -> Verdict {
    let belief = beliefs.entry(session.clone()).or_default();
    let verdict = match effect {
        Effect::Send { stanza, to } if recipients(to).contains(&session) => {
            belief.receive(stanza, subject)
        }
        Effect::SendHistory { to, .. } if to == session => belief.receive_history(),
        _ => Ok(()),
    };
    verdict.map_err(|problem| format!("{session}: {problem}, from {effect:?}"))
}

/// What must hold of every room.
fn consistent(room: &Room) -> Verdict {
    let mut keys = BTreeSet::new();
    let mut sessions = BTreeSet::new();
    for occupant in room.occupants.iter() {
        if !keys.insert(occupant.nick().key()) {
            return Err(format!("two are called {:?}", occupant.nick()));
        }
        for session in occupant.sessions() {
            let listed = room.occupants.by_session(&session.real_jid);
            if !sessions.insert(&session.real_jid) || listed != Some(occupant) {
                return Err(format!("{} is there twice", session.real_jid));
            }
            if session.real_jid.to_bare() != *occupant.bare_jid() {
                return Err(format!("{} is under another's nick", session.real_jid));
            }
        }
        let affiliation = room.affiliation_of(occupant.bare_jid());
        if room
            .door()
            .is_for(room.standing_outside(occupant.bare_jid()))
            .is_err()
        {
            return Err(format!("{:?} should not be inside", occupant.nick()));
        }
        if affiliation >= Affiliation::Admin && occupant.role() != crate::room::Role::Moderator {
            return Err(format!("{:?} has no power inside", occupant.nick()));
        }
    }
    if sessions.len() != room.occupants.session_count() {
        return Err("sessions are listed that nobody has".into());
    }
    if room.honoured(Affiliation::Owner).next().is_none() {
        return Err("nobody owns the room".into());
    }
    Ok(())
}

/// What is kept is the room, and the room can be woken from it.
fn lasting(room: &Room, kept: Option<&Snapshot>) -> Verdict {
    let snapshot = room.snapshot();
    if kept != Some(&snapshot) {
        return Err(format!("kept is {kept:#?}, true is {snapshot:#?}"));
    }
    let woken = Room::restore(room.terms.clone(), SALT, snapshot);
    if woken == *room {
        Ok(())
    } else {
        Err("the room wakes as another".into())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_ever_believes_anything_false(steps in conversation(1..120)) {
        let verdict = play(&steps);
        prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    }
}
