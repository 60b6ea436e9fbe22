//! Some users on their way in, and the proof that it went by the book.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::crowd::{Crowd, progress};
use crate::figures::Histogram;
use crate::link::{Progress, text};
use crate::scanner::Stanza;
use crate::stanzas;

/// How long it took.
pub struct Entered {
    /// From a user's request to the user's own presence.
    pub own: Histogram,
    /// Until the last had their own.
    pub own_all: Duration,
    /// Until everybody had everybody's.
    pub all: Duration,
    /// Presences that were delivered.
    pub presences: usize,
}

/// Whether who enters has a room to open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    Needed,
    Done,
}

/// Some users on their way in.
pub struct Admission<'a> {
    crowd: &'a mut Crowd,
    coming: std::vec::IntoIter<usize>,
    opening: Opening,
    started: Instant,
    requested: Vec<Option<Instant>>,
    own_left: usize,
    presences_left: usize,
    subjects_left: usize,
    openings_left: usize,
    pub entered: Entered,
}

impl<'a> Admission<'a> {
    pub fn new(crowd: &'a mut Crowd, users: Vec<usize>, opening: Opening) -> Self {
        let plan = crowd.plan;
        let mut expected = crowd.present.clone();
        let mut presences = 0;
        for user in &users {
            let inside = &mut expected[plan.room_of(*user) - plan.first_room];
            // The others' to the newcomer, the newcomer's to all, themselves included.
            presences += 2 * *inside + 1;
            *inside += 1;
        }
        let openings_left = match opening {
            Opening::Needed => users.len(),
            Opening::Done => 0,
        };
        Self {
            opening,
            started: Instant::now(),
            requested: vec![None; plan.users()],
            own_left: users.len(),
            presences_left: presences,
            subjects_left: users.len(),
            openings_left,
            entered: Entered {
                own: Histogram::default(),
                own_all: Duration::ZERO,
                all: Duration::ZERO,
                presences,
            },
            coming: users.into_iter(),
            crowd,
        }
    }

    /// The next user's request; `false` when there is no more.
    pub fn request(&mut self, now: Instant, out: &mut Vec<u8>) -> bool {
        let Some(user) = self.coming.next() else {
            return false;
        };
        if let Some(place) = self.crowd.plan.place(user) {
            self.requested[place] = Some(now);
        }
        stanzas::enter(out, self.crowd.plan.room_of(user), user);
        true
    }

    pub fn judge(
        &mut self,
        stanza: &Stanza<'_>,
        now: Instant,
        out: &mut Vec<u8>,
    ) -> Result<Progress> {
        match (stanza.name, stanza.type_) {
            // The room tells of itself, its avatar for instance, if it likes to.
            (b"presence", b"") if !stanza.from.contains(&b'/') => {}
            (b"presence", b"") => self.presence(stanza, now, out)?,
            (b"message", b"groupchat") if stanza.contains("<subject") => self.subject(stanza)?,
            (b"iq", b"result") if self.openings_left > 0 => {
                self.openings_left -= 1;
                self.request(now, out);
            }
            _ => bail!("while all were entering came {}", text(stanza.bytes)),
        }
        let left = self.presences_left + self.subjects_left + self.openings_left;
        if left == 0 {
            self.entered.all = now - self.started;
        }
        Ok(progress(left))
    }

    fn presence(&mut self, stanza: &Stanza<'_>, now: Instant, out: &mut Vec<u8>) -> Result<()> {
        let (from, to) = self.crowd.pair(stanza)?;
        ensure!(
            self.crowd.note(from, to, true),
            "told again: {}",
            text(stanza.bytes)
        );
        self.presences_left = self
            .presences_left
            .checked_sub(1)
            .context("a presence too many")?;
        if from == to {
            self.own_presence(stanza, to, now, out)?;
        }
        Ok(())
    }

    /// A user is in. XEP-0045 §7.1 (#order): they have been told of all who were there before.
    fn own_presence(
        &mut self,
        stanza: &Stanza<'_>,
        user: usize,
        now: Instant,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let plan = self.crowd.plan;
        let room = plan.room_of(user);
        let place = plan.place(user).context("a stranger")?;
        let present = &mut self.crowd.present[room - plan.first_room];
        ensure!(
            self.crowd.told_count[place] > *present,
            "in before he was told of all {present}: {}",
            text(stanza.bytes)
        );
        *present += 1;
        let requested = self.requested[place].context("in without having asked")?;
        self.entered.own.add(now - requested);
        self.own_left -= 1;
        if self.own_left == 0 {
            self.entered.own_all = now - self.started;
        }
        match self.opening {
            Opening::Needed => stanzas::open(out, room, user),
            Opening::Done => {
                self.request(now, out);
            }
        }
        Ok(())
    }

    fn subject(&mut self, stanza: &Stanza<'_>) -> Result<()> {
        self.subjects_left = self
            .subjects_left
            .checked_sub(1)
            .with_context(|| format!("a subject too many: {}", text(stanza.bytes)))?;
        Ok(())
    }
}
