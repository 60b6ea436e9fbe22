//! Thinning: in a large room not everybody's presence is told to everybody. DESIGN §2.10; XEP-0045
//! §7.2.2 (#enter-pres) knows no such limit.
//!
//! Above the number of occupants that the room's setting gives, only those are shown who run the
//! room or have voice in an auditorium. The others are there, counted and listed, but nobody is
//! told when they come or show themselves otherwise. It ends below four fifths of the number; then
//! those who were hidden are announced, some at a time.
//!
//! The hard thing is that nobody may believe in somebody who has left, nor believe gone who is
//! there and was shown; and to remember who was shown whom would take a place for each pair. It
//! follows from one number for each occupant. Sessions are numbered as they come in. Whoever is
//! shown to all is shown to each newcomer, too; when they stop being shown, at whatever moment,
//! everybody inside has seen them, and nobody who comes later will. So those who have seen an
//! occupant are always the sessions below a number: all, none, or those from before that moment.
//! What becomes of the occupant is told to them, and to nobody else. The numbers are kept with the
//! sessions, so a restart changes nothing.
//!
//! Whether the room is thinned at all follows from how many are inside, and whether anybody is
//! hidden.

use crate::room::effect::Effect;
use crate::room::{Elapsed, Nick, Now, Role, Room};

/// When the next of those who were hidden are announced. It is not kept over a restart, so two are
/// always equal.
#[derive(Clone, Debug)]
pub(in crate::room) struct Resumption {
    not_before: Elapsed,
}

impl Resumption {
    /// They may be announced at once.
    pub fn at_once() -> Self {
        Self {
            not_before: Elapsed::BEGINNING,
        }
    }
}

impl PartialEq for Resumption {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Resumption {}

impl Room {
    /// Whether not everybody is shown to a newcomer.
    pub(in crate::room) fn is_thinned(&self) -> bool {
        self.is_thinned_with(0)
    }

    /// Whether newcomers do not see all: the room is thinned, or was, and not all have been
    /// announced since.
    pub(in crate::room) fn hides_some(&self) -> bool {
        self.occupants.hidden() > 0 || self.is_thinned()
    }

    fn is_thinned_with(&self, newcomers: usize) -> bool {
        let Some(most) = self.configuration.participant_updates_max else {
            return false;
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let count = self.occupants.count() + newcomers;
        let has_hidden = self.occupants.hidden() > 0;
        count > most || has_hidden && count.saturating_mul(5) >= most.saturating_mul(4)
    }

    /// Whether occupants of this role are shown however many there are.
    pub(in crate::room) fn is_prominent(&self, role: Role) -> bool {
        match role {
            Role::Moderator => true,
            Role::Participant => self.configuration.moderated,
            Role::Visitor | Role::None => false,
        }
    }

    /// Whether it is told to nobody when an occupant of this role shows something else.
    pub(in crate::room) fn is_quiet(&self, role: Role) -> bool {
        self.is_thinned() && !self.is_prominent(role)
    }

    /// One more is about to come in, with a role: from now on the room may be thinned. Tells by
    /// which sessions the newcomer is seen: those below a number; `None`: all.
    pub(in crate::room) fn thin_for_newcomer(
        &mut self,
        role: Role,
        effects: &mut Vec<Effect>,
    ) -> Option<u64> {
        if !self.is_thinned_with(1) {
            return None;
        }
        if !self.is_thinned() {
            self.mark_those_seen(true, effects);
        }
        (!self.is_prominent(role)).then_some(0)
    }

    /// Keeps who has seen whom, after roles or the configuration have changed: whoever is now shown
    /// to all, is; whoever is that no longer has been seen by those who are inside. It has yet to
    /// be told.
    pub(in crate::room) fn mark_after_changes(&mut self, effects: &mut Vec<Effect>) {
        self.mark_those_seen(self.is_thinned(), effects);
    }

    fn mark_those_seen(&mut self, is_thinned: bool, effects: &mut Vec<Effect>) {
        let wanted = |role, seen_below: Option<u64>| {
            let is_prominent = self.is_prominent(role);
            match seen_below {
                Some(_) if is_prominent => Some(Mark::ShownToAll),
                None if is_thinned && !is_prominent => Some(Mark::SeenByNow),
                Some(_) | None => None,
            }
        };
        let occupants = self.occupants.iter();
        let marks: Vec<_> = occupants
            .filter_map(|occupant| {
                let mark = wanted(occupant.role(), occupant.seen_below())?;
                Some((occupant.nick().clone(), mark))
            })
            .collect();
        if marks.is_empty() {
            return;
        }
        let now = self.occupants.next_number();
        for (nick, mark) in marks {
            let seen_below = match mark {
                Mark::ShownToAll => None,
                Mark::SeenByNow => Some(now),
            };
            self.set_seen_below(&nick, seen_below, effects);
        }
    }

    fn set_seen_below(&mut self, nick: &Nick, below: Option<u64>, effects: &mut Vec<Effect>) {
        self.occupants.set_seen_below(nick, below);
        let Some(occupant) = self.occupants.by_nick(nick) else {
            return;
        };
        for session in occupant.sessions() {
            self.save_session(&session.real_jid, effects);
        }
    }

    /// When the next of those who were hidden are to be announced.
    pub(in crate::room) fn resumption_deadline(&self) -> Option<Elapsed> {
        let waits = self.occupants.hidden() > 0 && !self.is_thinned();
        waits.then_some(self.resumption.not_before)
    }

    /// Announces some of those who were hidden, if it is time: at least one, and as many as make no
    /// more than some thousand stanzas.
    pub(in crate::room) fn announce_hidden(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.resumption_deadline().is_none_or(|at| at > now.elapsed) {
            return;
        }
        self.resumption.not_before = Elapsed(now.elapsed.0.saturating_add(PAUSE_US));
        let at_once = (STANZAS_AT_ONCE / self.occupants.session_count().max(1)).max(1);
        let hidden = self.occupants.iter();
        let hidden = hidden.filter(|occupant| occupant.seen_below().is_some());
        let hidden: Vec<Nick> = hidden
            .take(at_once)
            .map(|occupant| occupant.nick().clone())
            .collect();
        for nick in &hidden {
            self.set_seen_below(nick, None, effects);
        }
        // Those who have seen them before learn what they have shown since.
        for occupant in hidden
            .iter()
            .filter_map(|nick| self.occupants.by_nick(nick))
        {
            if self.is_shown(occupant.role()) {
                self.send_to_others(&self.announcement(occupant), effects);
            }
        }
    }
}

/// What becomes of who has seen an occupant.
enum Mark {
    ShownToAll,
    SeenByNow,
}

/// Number of stanzas that announce those who were hidden at a time.
const STANZAS_AT_ONCE: usize = 2_000;

/// The pause after that, in microseconds.
const PAUSE_US: i64 = 500_000;
