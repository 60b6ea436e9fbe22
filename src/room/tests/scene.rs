//! A room with people in it, and what each is told, in lines that can be read beside the text of
//! the XEP.

use crate::room::setting::Assignment;
use std::sync::Arc;

use jid::FullJid;

use super::cast::{bare, entry, founding, full, nick, now, terms};
use crate::room::effect::{
    Answer, Availability, Effect, Invitation, Inviter, Presence, Recipients, Stanza,
};
use crate::room::request::{AffiliationTarget, Appearance, Moderation};
use crate::room::{Action, Affiliation, Payload, Refusal, Request, Role, Room};

pub const ANN: usize = 0;
pub const BEA: usize = 1;
pub const CID: usize = 2;
pub const DAN: usize = 3;
pub const EVE: usize = 4;
pub const ROOT: usize = 5;

/// A room whose owner is Ann.
pub struct Scene {
    pub room: Room,
    pub now: i64,
}

/// What happened: lines of the form `ann/0, bea/0: what they are told`.
pub type Told = Vec<String>;

impl Scene {
    /// Ann the owner, Bea an admin, Cid a member, and Dan without affiliation, all inside a room
    /// that is configured when they are.
    pub fn court(settings: &[Assignment]) -> Self {
        let mut scene = Self::new();
        scene.appoint();
        for (person, nick) in [(BEA, "Bea"), (CID, "Cid"), (DAN, "Dan")] {
            scene.enter((person, 0), nick).unwrap();
        }
        scene.configure(ANN, settings).unwrap();
        scene
    }

    /// Ann the owner, Bea an admin, Cid a member who moderates, Dan and Eve without affiliation,
    /// all in a room that was configured before they came.
    pub fn bench(settings: &[Assignment]) -> Self {
        let mut scene = Self::with(settings);
        scene.appoint();
        for (person, nick) in [(BEA, "Bea"), (CID, "Cid"), (DAN, "Dan"), (EVE, "Eve")] {
            scene.enter((person, 0), nick).unwrap();
        }
        scene.set_role(ANN, "Cid", Role::Moderator).unwrap();
        scene
    }

    fn appoint(&mut self) {
        for (person, affiliation) in [(BEA, Affiliation::Admin), (CID, Affiliation::Member)] {
            self.set_affiliation(ANN, bare(person).as_str(), affiliation)
                .unwrap();
        }
    }

    /// An open room with Ann in it.
    pub fn new() -> Self {
        let (mut scene, _) = Self::locked();
        scene.configure(ANN, &[]).unwrap();
        scene
    }

    /// The same, with these settings.
    pub fn with(settings: &[Assignment]) -> Self {
        let mut scene = Self::new();
        scene.configure(ANN, settings).unwrap();
        scene
    }

    /// A room that Ann has just created.
    pub fn locked() -> (Self, Told) {
        let mut effects = Vec::new();
        let creator = full(ANN, 0);
        let room = Room::create(
            founding(terms()),
            now(0),
            creator,
            entry("Ann"),
            &mut effects,
        );
        let scene = Self {
            room: room.unwrap(),
            now: 0,
        };
        (scene, effects.iter().filter_map(line).collect())
    }

    /// Lets a client do something.
    pub fn act(&mut self, from: (usize, usize), action: Action) -> Result<Told, Refusal> {
        let effects = self.effects(from, action)?;
        Ok(effects.iter().filter_map(line).collect())
    }

    /// The same, with everything that the room asks for.
    pub fn effects(
        &mut self,
        (person, client): (usize, usize),
        action: Action,
    ) -> Result<Vec<Effect>, Refusal> {
        let mut effects = Vec::new();
        let from = full(person, client);
        self.room
            .handle(now(self.now), Request { from, action }, &mut effects)?;
        Ok(effects)
    }

    pub fn enter(&mut self, from: (usize, usize), nick: &str) -> Result<Told, Refusal> {
        self.act(from, Action::Enter(Box::new(entry(nick))))
    }

    /// Presence without `<x/>`.
    pub fn appear(&mut self, from: (usize, usize), wanted: &str) -> Result<Told, Refusal> {
        let appearance = Appearance {
            nick: nick(wanted),
            id: None,
            payload: Payload::empty(),
        };
        self.act(from, Action::Appear(Box::new(appearance)))
    }

    pub fn exit(&mut self, from: (usize, usize)) -> Told {
        let (id, payload) = (None, Payload::empty());
        self.act(from, Action::Exit { id, payload }).unwrap()
    }

    pub fn configure(&mut self, person: usize, settings: &[Assignment]) -> Result<Told, Refusal> {
        self.act((person, 0), Action::Configure(settings.to_vec()))
    }

    pub fn set_role(&mut self, person: usize, of: &str, role: Role) -> Result<Told, Refusal> {
        let item = Moderation::Role {
            nick: nick(of),
            role,
            reason: None,
        };
        self.act((person, 0), Action::Moderate(vec![item]))
    }

    pub fn set_affiliation(
        &mut self,
        person: usize,
        of: &str,
        affiliation: Affiliation,
    ) -> Result<Told, Refusal> {
        let item = affiliate(of, affiliation);
        self.act((person, 0), Action::Moderate(vec![item]))
    }

    /// Affiliation and role of whoever has a nick.
    pub fn standing(&self, of: &str) -> Option<(Affiliation, Role)> {
        let occupant = self.room.occupants().by_nick(&nick(of))?;
        Some((
            self.room.affiliation_of(occupant.bare_jid()),
            occupant.role(),
        ))
    }
}

pub fn affiliate(of: &str, affiliation: Affiliation) -> Moderation {
    Moderation::Affiliation {
        target: AffiliationTarget::Jid(of.parse().unwrap()),
        affiliation,
        reserve: None,
        reason: None,
    }
}

/// The lines that are told to one session, without its name.
pub fn told_to(told: &Told, session: &str) -> Vec<String> {
    let mine = told.iter().filter_map(|line| {
        let (names, what) = line.split_once(": ")?;
        names
            .split(", ")
            .any(|name| name == session)
            .then(|| what.into())
    });
    mine.collect()
}

pub fn line(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Archive { .. }
        | Effect::Save(_)
        | Effect::Retract(_)
        | Effect::ModerateMessage(_)
        | Effect::Record(_)
        | Effect::RoleGiven { .. } => return None,
        Effect::ReadArchive { .. } => "the archive is read".into(),
        Effect::ListAffiliations { affiliation, .. } => {
            format!("the list of {} is read", affiliation.name())
        }
        Effect::Send { stanza, to } => format!("{}: {}", names(to), what(stanza)),
        Effect::SendHistory { to, limits } => {
            format!("{}: history of {}", name(to), limits.messages_max)
        }
        Effect::Answer(Answer::Done) => "answer: done".into(),
        Effect::Answer(answer) => format!("answer: {answer:?}"),
        Effect::PassOn { from, to, target } => {
            format!("{}: IQ from {from} to {target:?}", name(to))
        }
    })
}

fn names(to: &Recipients) -> String {
    match to {
        Recipients::One(session) => name(session),
        Recipients::Many(sessions) => {
            let names: Vec<_> = sessions.iter().map(name).collect();
            names.join(", ")
        }
        Recipients::Absent(jid) => format!("outside {jid}"),
    }
}

/// `ann@a.example/0` is `ann/0` for short.
fn name(session: &Arc<FullJid>) -> String {
    let node = session.node().map(|node| node.to_string());
    format!("{}/{}", node.unwrap_or_default(), session.resource())
}

fn what(stanza: &Stanza) -> String {
    match stanza {
        Stanza::Presence(presence) => shown(presence),
        Stanza::Speech { nick, content, .. } => format!("{nick} says {}", content.id),
        Stanza::MessageModerated(moderated) => format!("{} is taken back", moderated.message),
        Stanza::Subject(subject) => match &subject.set {
            None => "no subject".into(),
            Some(set) => format!("subject {:?} by {}", subject.text, set.nick),
        },
        Stanza::Whisper { nick, content, .. } => format!("{nick} whispers {}", content.id),
        Stanza::Notice(statuses) => {
            let codes: Vec<_> = statuses.iter().map(|status| status.code()).collect();
            format!("notice {codes:?}")
        }
        Stanza::AffiliationNotice {
            jid, affiliation, ..
        } => format!("{jid} is {}", affiliation.name()),
        Stanza::AffiliationChanged { affiliation, .. } => format!("101 {}", affiliation.name()),
        Stanza::Invitation(Invitation { from, password, .. }) => {
            let from = match from {
                None => "the room".into(),
                Some(Inviter::Jid(jid)) => jid.to_string(),
                Some(Inviter::Nick(nick)) => nick.to_string(),
            };
            let password = password.as_deref().unwrap_or("no password");
            format!("invitation from {from} with {password}")
        }
        Stanza::Decline { from, .. } => format!("{from} declines"),
        Stanza::VoiceRequest {
            nick,
            real_jid,
            may_appoint: _,
        } => format!("{nick} ({real_jid}) wants voice"),
        Stanza::AccessAnswered { granted, .. } => format!("access is granted: {granted}"),
        Stanza::RegistrationRequest { jid, nick } => format!("{jid} wants to be {nick}"),
    }
}

fn shown(presence: &Presence) -> String {
    let state = match presence.state {
        Availability::Available => "",
        Availability::Unavailable => "gone ",
    };
    let (affiliation, role) = (presence.affiliation.name(), presence.role.name());
    let mut line = format!("{} {state}{affiliation} {role}", presence.nick);
    if let Some(nick) = &presence.new_nick {
        line += &format!(" now {nick}");
    }
    for status in presence.statuses.iter() {
        line += &format!(" {}", status.code());
    }
    if let Some(jid) = &presence.real_jid {
        line += &format!(" {}", name(jid));
    }
    if let Some(actor) = &presence.actor {
        line += &format!(" by {actor}");
    }
    if presence.destruction.is_some() {
        line += " destroyed";
    }
    line
}
