//! What a request would have the room send to others, told before anything is done.
//!
//! Whoever writes one stanza chooses with it how wide it goes: by the people they invite, by the
//! changes in a list, by the room they say it in. So the service asks how wide that is, and whether
//! this person may have that sent, before the room decides.

use std::collections::BTreeSet;

use jid::BareJid;

use super::request::{AffiliationTarget, Moderation};
use super::setting::{Assignment, Setting};
use super::{Action, Affiliation, Room};

/// How far a request reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Bytes to those inside and to people outside, roughly, and rather too many than too few.
    pub bytes: usize,
    /// People outside who are invited.
    pub invitations: usize,
}

impl Room {
    /// How far a request of somebody reaches, if it is granted. Nothing for what must not be
    /// refused: leaving, and what the service itself lets happen.
    pub fn reach(&self, action: &Action) -> Reach {
        let bytes = match action {
            Action::Say(speech) | Action::ChangeSubject { speech, .. } => {
                self.to_all(speech.content.payload.as_bytes().len())
            }
            // Where not everybody is shown, the newcomer is told of the others, and they of nobody.
            Action::Enter(_) if self.is_thinned() => {
                (self.occupants.count() - self.occupants.hidden()).saturating_mul(AROUND)
            }
            Action::Enter(entry) => self.to_all(entry.payload.as_bytes().len()),
            // Under another nick it is told twice.
            Action::Appear(appearance) => 2 * self.to_all(appearance.payload.as_bytes().len()),
            Action::Whisper(whisper) => whisper.content.payload.as_bytes().len() + AROUND,
            Action::Moderate(items) => items.iter().map(|item| self.to_all(reason(item))).sum(),
            Action::Configure(assignments) => self.reach_of_configuration(assignments),
            Action::ChangePresenters {
                appointed,
                dismissed,
            } => self.reach_of_standings(appointed.iter().chain(dismissed)),
            // Of each new member those inside are told.
            Action::Invite(invites) if self.door().is_for_members() => {
                self.to_all(0).saturating_mul(invites.len())
            }
            Action::Invite(_)
            | Action::Register { .. }
            | Action::Unregister
            | Action::AnswerRegistration { .. }
            | Action::WishForAccess(_)
            | Action::RequestVoice
            | Action::AnswerVoiceRequest { .. }
            | Action::ModerateMessage(_)
            | Action::SetAvatar { .. }
            | Action::Destroy { .. } => self.to_all(0),
            _ => 0,
        };
        let invitations = self.invitations_by(action);
        Reach {
            bytes: bytes.saturating_add(invitations.saturating_mul(AROUND)),
            invitations,
        }
    }

    /// How many people a request invites who are not in the room's lists yet, or whom it names as
    /// invited.
    fn invitations_by(&self, action: &Action) -> usize {
        match action {
            Action::Invite(invites) => {
                let people: BTreeSet<_> =
                    invites.iter().map(|invite| invite.to.to_bare()).collect();
                people.len()
            }
            // A new member of a members-only room is invited, §9.5 (#modifymember).
            Action::Moderate(items) if self.door().is_for_members() => items
                .iter()
                .filter(|item| match item {
                    Moderation::Affiliation {
                        target: AffiliationTarget::Jid(jid),
                        affiliation,
                        ..
                    } => *affiliation >= Affiliation::Member && self.is_new(jid),
                    Moderation::Affiliation { .. } | Moderation::Role { .. } => false,
                })
                .count(),
            Action::Configure(assignments) => assignments
                .iter()
                .map(|assignment| match assignment {
                    Assignment::Owners(people) | Assignment::Admins(people) => {
                        people.iter().filter(|jid| self.is_new(jid)).count()
                    }
                    _ => 0,
                })
                .sum(),
            _ => 0,
        }
    }

    fn is_new(&self, jid: &BareJid) -> bool {
        jid.node().is_some() && self.affiliation_of(jid) < Affiliation::Member
    }

    /// A configuration is told to all once; what changes roles or shows people to each other, for
    /// each of them.
    fn reach_of_configuration(&self, assignments: &[Assignment]) -> usize {
        let now = &self.configuration;
        let changes_all = assignments.iter().any(|assignment| match assignment {
            Assignment::Set(
                setting @ (Setting::Moderated
                | Setting::ParticipantUpdatesMax
                | Setting::MembersOnly
                | Setting::PresenceBroadcast
                | Setting::Disabled),
                value,
            ) => *value != now.get(*setting),
            Assignment::Privacy(privacy) => *privacy != now.privacy(),
            Assignment::RoomType(room_type) => *room_type != now.room_type(),
            _ => false,
        });
        let people: usize = assignments
            .iter()
            .map(|assignment| match assignment {
                Assignment::Owners(people)
                | Assignment::Admins(people)
                | Assignment::Presenters(people) => people.len(),
                _ => 0,
            })
            .sum();
        let changed = if changes_all {
            self.occupants.count()
        } else {
            people.min(self.occupants.count())
        };
        self.to_all(0).saturating_mul(changed.saturating_add(1))
    }

    /// Of each of those who are inside all others are told; of a domain, that may be anybody.
    fn reach_of_standings<'a>(&self, listed: impl Iterator<Item = &'a BareJid>) -> usize {
        let changed: usize = listed
            .map(|jid| self.occupants.concerned_by(jid).len())
            .sum();
        self.to_all(0).saturating_mul(changed)
    }

    /// Bytes of something of this size to every session.
    fn to_all(&self, size: usize) -> usize {
        self.occupants.session_count().saturating_mul(size + AROUND)
    }
}

fn reason(item: &Moderation) -> usize {
    let (Moderation::Role { reason, .. } | Moderation::Affiliation { reason, .. }) = item;
    reason.as_ref().map_or(0, |reason| reason.len())
}

/// What the room adds to a stanza on its way, in bytes: addresses, ids, what is told of an
/// occupant.
const AROUND: usize = 400;
