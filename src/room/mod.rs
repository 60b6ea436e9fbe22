//! The core: what a room decides. XEP-0045.
//!
//! Here is no XML, no SQL, no clock and no chance: [`Room::handle`] takes the time and a
//! [`Request`] and fills a list of [`Effect`]s, or refuses and leaves everything as it was. It
//! knows `std`, `jid`, and for [occupant ids](occupant_id) a keyed hash; nothing else.
//!
//! [`Room::handle`] is the table of contents: each arm leads to the file that is named for the
//! rule.

use std::sync::Arc;

use jid::FullJid;

mod administering;
mod affiliation;
mod aftermath;
mod answer;
mod archived;
mod avatar;
mod bond;
mod door;
mod hat;
mod identity;
pub mod moderating;
mod name_key;
mod nick;
pub mod occupying;
pub mod owning;
mod reach;
mod refusal;
mod rights;
mod role;
pub mod scope;
mod snapshot;
mod status;
mod terms;
pub mod text;

pub mod content;
pub mod effect;
pub mod occupant;
pub mod occupant_id;
pub mod request;
pub mod setting;

#[cfg(test)]
mod tests;

pub use administering::lists::{Known, Needed};
pub use affiliation::{Affiliated, Affiliation};
pub use bond::{Bond, BondKind, BondRow, Bonds, Lengths, List};
pub use content::{Content, Payload};
pub use door::{Door, Enrolment};
pub use effect::{Change, Effect};
pub use hat::{Hat, Hats};
pub use identity::{ArchiveId, Elapsed, Now, Timestamp};
pub use name_key::NameKey;
pub use nick::{InvalidNick, Nick, NickKey};
pub use occupant_id::{OccupantId, Salt};
pub use occupying::exit::not_inside;
pub use occupying::history::HistoryLimits;
pub use occupying::information::PublicRoom;
pub use reach::Reach;
pub use refusal::{AddInRefusal, Refusal};
pub use request::{Action, Request};
pub use rights::Standing;
pub use role::Role;
pub use setting::whois::KnownAuthors;
pub use snapshot::Snapshot;
pub use terms::{RoomDelete, Terms};
pub use text::words::Words;

use affiliation::Affiliations;
use avatar::RoomAvatar;
use bond::known::KnownBonds;
use moderating::subject::Subject;
use occupant::{Occupants, Present};
use occupying::approval::Approvals;
use occupying::invitations::Invitations;
use occupying::recent::Recent;
use occupying::thinning::Resumption;
use owning::destroy::Destruction;
use owning::lock::Lock;
use owning::name::TakenName;
use setting::configuration::Configuration;

/// One room that is awake: its lasting state and who is inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    terms: Arc<Terms>,
    salt: Salt,
    configuration: Configuration,
    taken_name: TakenName,
    lock: Lock,
    affiliations: Affiliations,
    bonds: KnownBonds,
    approvals: Approvals,
    voice_requests: Recent,
    invitations: Invitations,
    subject: Subject,
    avatar: RoomAvatar,
    occupants: Occupants,
    resumption: Resumption,
    /// Set when the room has been destroyed; it is then only to be forgotten.
    ended: bool,
}

impl Room {
    /// Wakes a room as it was kept, with all its lists. Where two nicks look the same, who entered
    /// first keeps theirs.
    pub fn restore(terms: Arc<Terms>, salt: Salt, snapshot: Snapshot) -> Self {
        let mut lengths = Lengths::default();
        for (_, entry) in &snapshot.affiliations {
            lengths.moved(None, List::of(entry.affiliation));
        }
        for (_, bond) in snapshot.bonds.iter() {
            lengths.moved(None, bond.kind().row().list);
        }
        let mut room = Self::wake(terms, salt, snapshot, lengths);
        room.affiliations.know_whole(Affiliation::Owner);
        room.affiliations.know_whole(Affiliation::Admin);
        for kind in BondKind::ALL {
            room.bonds.know_whole(kind);
        }
        room
    }

    /// Wakes a room of whose lists only those entries are in the snapshot that concern who is
    /// inside; `lengths` is how long they are. Of others it must be [told](Self::learn).
    pub fn wake(terms: Arc<Terms>, salt: Salt, snapshot: Snapshot, lengths: Lengths) -> Self {
        let mut occupants = Occupants::default();
        let mut sessions = snapshot.sessions;
        sessions.sort_by_key(|record| record.entered_at);
        for record in sessions {
            occupants.restore(record);
        }
        Self {
            lock: Lock::restore(snapshot.locked_since, &terms),
            terms,
            salt,
            configuration: snapshot.configuration,
            taken_name: TakenName::default(),
            affiliations: Affiliations::restore(snapshot.affiliations, lengths),
            bonds: KnownBonds::restore(snapshot.bonds, &lengths),
            approvals: Approvals::default(),
            voice_requests: Recent::default(),
            invitations: Invitations::default(),
            subject: snapshot.subject,
            avatar: RoomAvatar::restore(snapshot.avatar),
            occupants,
            resumption: Resumption::at_once(),
            ended: false,
        }
    }

    /// The room as it would be kept, with as much of its lists as is known.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            configuration: self.configuration.clone(),
            locked_since: self.lock.since(),
            affiliations: self
                .affiliations
                .iter()
                .map(|(jid, entry)| (jid.clone(), entry.clone()))
                .collect(),
            bonds: self.bonds.known().clone(),
            subject: self.subject.clone(),
            avatar: self.avatar.get().cloned(),
            sessions: self.occupants.records().collect(),
        }
    }

    /// Lets one thing happen to the room.
    ///
    /// Requests that arrive together may share a commit, but effects are carried out in order.
    ///
    /// # Errors
    /// The refusal that tells why not. The room then equals what it was, and `effects` is as long
    /// as it was.
    pub fn handle(
        &mut self,
        clock: Now,
        request: Request,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Request { from, action } = request;
        let Now { at: now, elapsed } = clock;
        self.check_known(&from, &action)?;
        match action {
            Action::Enter(entry) => self.enter(now, from, *entry, effects),
            Action::Appear(appearance) => self.appear(&from, *appearance, effects),
            Action::Exit { id, payload } => self.exit(&from, id, payload, effects),
            Action::Probe { nick } => self.probe(&from, nick, effects),
            Action::Lost => self.lose(&from, effects),
            Action::Say(speech) => self.say(now, &self.present(&from)?, *speech, effects),
            Action::ChangeSubject { speech, text } => {
                self.change_subject(now, &self.present(&from)?, *speech, text, effects)
            }
            Action::Whisper(whisper) => self.whisper(&self.present(&from)?, *whisper, effects),
            Action::Invite(invites) => self.invite(clock, &from, invites, effects),
            Action::Decline { to, reason } => self.decline(elapsed, &from, &to, reason, effects),
            Action::RequestVoice => self.request_voice(elapsed, &self.present(&from)?, effects),
            Action::AnswerVoiceRequest { nick, answer } => {
                self.answer_voice_request(&self.present(&from)?, &nick, answer, effects)
            }
            Action::ListRole(role) => self.list_role(&from, role, effects),
            Action::ListAffiliation(affiliation) => {
                self.list_affiliation(&from, affiliation, effects)
            }
            Action::Moderate(items) => self.moderate(now, &from, items, effects),
            Action::ChangePresenters {
                appointed,
                dismissed,
            } => self.change_presenters(&from, appointed, dismissed, effects),
            Action::ModerateMessage(moderation) => {
                self.moderate_message(now, &from, *moderation, effects)
            }
            Action::ReadArchive(question) => self.read_archive(&from, question, effects),
            Action::ShowConfiguration => self.show_configuration(&from, effects),
            Action::Configure(assignments) => self.configure(now, &from, assignments, effects),
            Action::CancelConfiguration => self.cancel_configuration(&from, effects),
            Action::Destroy {
                alternate,
                password,
                reason,
            } => {
                let wish = Destruction {
                    alternate,
                    password,
                    reason,
                    ..Destruction::default()
                };
                self.destroy(now, &from, wish, effects)
            }
            Action::ShowRegistration => self.show_registration(&from, effects),
            Action::Register { nick } => self.register(clock, &from, nick, effects),
            Action::Unregister => self.unregister(now, &from, effects),
            Action::AnswerRegistration {
                jid,
                nick,
                granted,
                reason,
            } => {
                let answer = (granted, reason);
                self.answer_registration(now, &from, (jid, nick), answer, effects)
            }
            Action::WishForAccess(wish) => self.wish_for_access(clock, &from, wish, effects),
            Action::ShowRequests => self.show_requests(&from, effects),
            Action::ShowReservedNick => self.show_reserved_nick(&from, effects),
            Action::ShowInformation => self.show_information(&from, effects),
            Action::ShowOccupants => self.show_occupants(&from, effects),
            Action::Ping { to } => self.ping(&from, &to, effects),
            Action::Query { to, target } => self.query(&from, &to, target, effects),
            Action::ShowAvatar => self.show_avatar(effects),
            Action::SetAvatar { avatar } => self.set_avatar(&from, avatar, effects),
            Action::Govern(terms) => self.govern(terms, effects),
            Action::AddInChanged(addin) => self.tell_of_addin(addin, effects),
            Action::ClearAddIn(addin) => self.clear_addin(addin, effects),
            Action::Expire => self.expire(clock, effects),
        }
    }

    /// When [`Action::Expire`] is to be sent, if at all.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        let deadlines = [self.lock.deadline(), self.resumption_deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Whether nobody is inside, so that the room may sleep.
    pub fn is_empty(&self) -> bool {
        self.occupants.is_empty()
    }

    /// Whether the room is no more.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Everybody inside, for whoever looks after sessions.
    pub fn occupants(&self) -> &Occupants {
        &self.occupants
    }

    /// The occupant behind a session.
    fn present(&self, real_jid: &Arc<FullJid>) -> Result<Present, Refusal> {
        let occupant = self
            .occupants
            .by_session(real_jid)
            .ok_or(Refusal::NotAnOccupant)?;
        Ok(Present {
            nick: occupant.nick().clone(),
            real_jid: real_jid.clone(),
            occupant_id: occupant.occupant_id().clone(),
            role: occupant.role(),
        })
    }
}
