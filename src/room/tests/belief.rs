//! What a session must believe about the room, made from nothing but the stanzas that it received.
//!
//! The believer is a client as plain as can be: available presence puts somebody into the list,
//! unavailable presence takes somebody out, status 303 renames, status 110 is about itself. It
//! objects to whatever a client could only be confused by: news of somebody it never heard of,
//! presence when it is not inside, anything after it was shown out.

use std::collections::BTreeMap;
use std::sync::Arc;

use jid::FullJid;

use crate::room::effect::{Availability, Presence, Stanza, Status};
use crate::room::moderating::subject::Subject;
use crate::room::{Affiliation, Hats, Nick, OccupantId, Payload, Role, Room};

/// What is believed about one occupant.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    role: Role,
    affiliation: Affiliation,
    payload: Payload,
    occupant_id: Option<OccupantId>,
    real_jid: Option<Arc<FullJid>>,
    hats: Hats,
}

/// What one session believes.
#[derive(Clone, Debug, Default)]
pub struct Belief {
    stage: Stage,
    own_nick: Option<Nick>,
    occupants: BTreeMap<Nick, Sight>,
    subject: Option<Subject>,
    /// Whether the room became non-anonymous while the session was inside, so that it need not know
    /// all.
    unveiled: bool,
}

/// How far a session is in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Stage {
    #[default]
    Outside,
    /// Has asked to enter and receives the list.
    Entering,
    /// Has had its own presence; history may come, and the subject must.
    Introduced,
    Inside,
}

type Verdict = Result<(), String>;

impl Belief {
    /// Of a session that begins to enter.
    pub fn entering() -> Self {
        Self {
            stage: Stage::Entering,
            ..Self::default()
        }
    }

    /// Of a session that enters again without having forgotten what it knew.
    pub fn enter_again(&mut self) {
        self.stage = Stage::Entering;
    }

    /// Whether the session believes to be inside.
    pub fn is_inside(&self) -> bool {
        self.stage == Stage::Inside
    }

    /// The session receives history.
    pub fn receive_history(&mut self) -> Verdict {
        if self.stage == Stage::Introduced {
            Ok(())
        } else {
            Err(format!("history while {:?}", self.stage))
        }
    }

    /// The session receives a stanza. `changes_subject`: whether a message is a change of the
    /// subject, and to what, which a client would see inside.
    pub fn receive(&mut self, stanza: &Stanza, changes_subject: Option<&Subject>) -> Verdict {
        let inside = self.stage == Stage::Inside;
        match stanza {
            Stanza::Presence(presence) => self.receive_presence(presence),
            Stanza::Subject(subject) if self.stage == Stage::Introduced => {
                self.subject = Some(subject.clone());
                self.stage = Stage::Inside;
                Ok(())
            }
            Stanza::Speech { .. } if inside => {
                if let Some(subject) = changes_subject {
                    self.subject = Some(subject.clone());
                }
                Ok(())
            }
            Stanza::Notice(statuses) if inside => {
                self.unveiled |= statuses.iter().any(|one| one == Status::NowNonAnonymous);
                Ok(())
            }
            Stanza::Whisper { .. }
            | Stanza::MessageModerated(_)
            | Stanza::AffiliationNotice { .. }
            | Stanza::Decline { .. }
            | Stanza::VoiceRequest { .. }
            | Stanza::RegistrationRequest { .. }
                if inside =>
            {
                Ok(())
            }
            other => Err(format!("while {:?}, received {other:?}", self.stage)),
        }
    }

    fn receive_presence(&mut self, presence: &Presence) -> Verdict {
        let own = presence
            .statuses
            .iter()
            .any(|one| one == Status::SelfPresence);
        let is_mine = self.own_nick.as_ref() == Some(&presence.nick);
        match presence.state {
            Availability::Available if presence.role == Role::None => {
                Err("available without a role".into())
            }
            Availability::Available if own => self.see_myself(presence),
            Availability::Available if is_mine && self.stage != Stage::Entering => {
                Err("own presence without status 110".into())
            }
            Availability::Available => self.see(presence),
            Availability::Unavailable if own => self.part_myself(presence),
            Availability::Unavailable => self.part(presence),
        }
    }

    fn see_myself(&mut self, presence: &Presence) -> Verdict {
        match self.stage {
            Stage::Outside | Stage::Introduced => {
                return Err(format!("own presence while {:?}", self.stage));
            }
            Stage::Entering => self.stage = Stage::Introduced,
            Stage::Inside => {
                if self.own_nick.as_ref() != Some(&presence.nick) {
                    return Err(format!("I am {:?}, not {:?}", self.own_nick, presence.nick));
                }
            }
        }
        self.own_nick = Some(presence.nick.clone());
        self.occupants
            .insert(presence.nick.clone(), sight(presence));
        Ok(())
    }

    fn see(&mut self, presence: &Presence) -> Verdict {
        if !matches!(self.stage, Stage::Entering | Stage::Inside) {
            return Err(format!("presence while {:?}", self.stage));
        }
        self.occupants
            .insert(presence.nick.clone(), sight(presence));
        Ok(())
    }

    fn part_myself(&mut self, presence: &Presence) -> Verdict {
        if let Some(new_nick) = &presence.new_nick {
            if self.own_nick.as_ref() != Some(&presence.nick) {
                return Err("renamed while I am not that".into());
            }
            self.rename(&presence.nick, new_nick)?;
            self.own_nick = Some(new_nick.clone());
            return Ok(());
        }
        if presence.role != Role::None {
            return Err("gone with a role".into());
        }
        // Who is told not to be inside, after a presence without <x/>, learns nothing new.
        *self = Self::default();
        Ok(())
    }

    fn part(&mut self, presence: &Presence) -> Verdict {
        if self.stage != Stage::Inside {
            return Err(format!("a farewell while {:?}", self.stage));
        }
        if let Some(new_nick) = &presence.new_nick {
            return self.rename(&presence.nick, new_nick);
        }
        if presence.role != Role::None {
            return Err("gone with a role".into());
        }
        match self.occupants.remove(&presence.nick) {
            Some(_) => Ok(()),
            None => Err(format!("farewell of an unknown {:?}", presence.nick)),
        }
    }

    /// As some clients do: the same person, elsewhere in the list.
    fn rename(&mut self, old: &Nick, new: &Nick) -> Verdict {
        match self.occupants.remove(old) {
            Some(sight) => {
                self.occupants.insert(new.clone(), sight);
                Ok(())
            }
            None => Err(format!("an unknown {old:?} becomes {new:?}")),
        }
    }

    /// Compares with the room.
    pub fn check(&self, session: &FullJid, room: &Room) -> Verdict {
        let Some(myself) = room.occupants.by_session(session) else {
            return match self.stage {
                Stage::Outside => Ok(()),
                stage => Err(format!("is not inside and believes to be {stage:?}")),
            };
        };
        if self.stage != Stage::Inside || self.own_nick.as_ref() != Some(myself.nick()) {
            let own_nick = &self.own_nick;
            return Err(format!(
                "is {:?}, believes {own_nick:?}, {:?}",
                myself.nick(),
                self.stage
            ));
        }
        if self.subject.as_ref() != Some(&room.subject) {
            return Err(format!("believes in the subject {:?}", self.subject));
        }
        let mut left = self.occupants.clone();
        for occupant in room.occupants.iter() {
            let nick = occupant.nick();
            let is_me = nick == myself.nick();
            let known = is_me || room.is_seen_by(occupant, session);
            let mut found = left.remove(nick);
            // Of whom not all see it is not told what they show.
            let is_told = is_me || occupant.seen_below().is_none();
            if let Some(found) = found.as_mut().filter(|_| !is_told) {
                found.payload = occupant.shown().presence.clone();
            }
            let truth = known.then(|| Sight {
                role: occupant.role(),
                affiliation: room.affiliation_of(occupant.bare_jid()),
                payload: occupant.shown().presence.clone(),
                occupant_id: Some(occupant.occupant_id().clone()),
                real_jid: found.as_ref().and_then(|sight| sight.real_jid.clone()),
                hats: room.hats_of(occupant.bare_jid()),
            });
            if found != truth {
                return Err(format!(
                    "of {nick:?}: believes {found:?}, true is {truth:?}"
                ));
            }
            let real_jid = found.and_then(|sight| sight.real_jid);
            let must_know = room.sees_real_jids(myself.role()) && !self.unveiled;
            match real_jid {
                Some(real_jid) if real_jid == occupant.shown().real_jid => {}
                Some(_) if !is_told => {}
                None if !known || !must_know => {}
                other => return Err(format!("believes that {nick:?} is {other:?}")),
            }
        }
        match left.keys().next() {
            None => Ok(()),
            Some(ghost) => Err(format!("believes in a {ghost:?} who is not there")),
        }
    }
}

fn sight(presence: &Presence) -> Sight {
    Sight {
        role: presence.role,
        affiliation: presence.affiliation,
        payload: presence.payload.clone(),
        occupant_id: presence.occupant_id.clone(),
        real_jid: presence.real_jid.clone(),
        hats: presence.hats,
    }
}
