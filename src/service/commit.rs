//! What is decided and waits for the disk: *stored before seen*.
//!
//! What the service decides changes the rooms in memory at once and is collected, with all that is
//! to be sent because of it. One commit is under way at a time; whatever is decided meanwhile goes
//! into the next. What is collected is let out when the store has committed it, in the order in
//! which it was decided. If a commit fails, all of it is lost, and whoever had asked gets an error.

use super::archive::awaited::Awaited;
use super::askers::Askers;
use super::operate::Pending;
use super::road::OutboundRoad;
use crate::store::question::ask::Ask;
use crate::store::{BatchNumber, Store};
use crate::wire::link::parcel::Parcel;
use crate::wire::stanza::envelope::Envelope;

/// A question to archives, and who waits for its answer.
pub(super) type QueuedQuestion = (Ask, Awaited);

/// Collects what is decided, and lets it out when it is on the disk.
#[derive(Default)]
pub(super) struct Commit {
    collected: Decided,
    in_flight: Option<(BatchNumber, Decided)>,
}

/// What was decided and waits for its commit.
#[derive(Default)]
struct Decided {
    road: OutboundRoad,
    /// Who is to be told if the commit fails.
    askers: Askers,
    /// What operators wait for.
    operated: Vec<Pending>,
    /// What is to be asked of archives when it is committed.
    questions: Vec<QueuedQuestion>,
}

/// What may happen because something is committed.
#[derive(Default)]
pub(super) struct Released {
    /// What may go out.
    pub parcels: Vec<Parcel>,
    /// What may be asked of archives.
    pub questions: Vec<QueuedQuestion>,
}

/// What has become of what was handed to the store.
pub(super) enum HandedOver {
    /// The last commit is still under way: nothing was handed over.
    Busy,
    /// A commit has begun.
    UnderWay,
    /// There was nothing to be stored, so nothing has to wait.
    AtOnce(Released),
}

/// Who loses something when a commit fails.
#[derive(Default)]
pub(super) struct Lost {
    /// Those who had asked for something that was changed, or answered.
    pub askers: Vec<Envelope>,
    /// Operators who wait.
    pub operated: Vec<Pending>,
}

/// How much was collected at a moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct WorkMark {
    changes: usize,
    bytes: usize,
    questions: usize,
    askers: usize,
}

impl Commit {
    /// The road on which everything leaves that is decided now.
    pub fn road(&mut self) -> &mut OutboundRoad {
        &mut self.collected.road
    }

    /// Remembers who is to be told if the commit fails, unless nothing comes of what they asked;
    /// see [`Askers`].
    pub fn depend(&mut self, asker: Envelope) {
        self.collected.askers.push(asker);
    }

    /// Remembers an operator who waits for the commit.
    pub fn await_commit(&mut self, operated: Pending) {
        self.collected.operated.push(operated);
    }

    /// Keeps a question until everything that was decided before it is committed.
    pub fn ask_afterwards(&mut self, question: QueuedQuestion) {
        self.collected.questions.push(question);
    }

    /// How much is collected by now. Grows with everything that is changed, answered or asked.
    pub fn mark(&self, store: &Store) -> WorkMark {
        WorkMark {
            changes: store.collected_count(),
            bytes: self.collected.road.size(),
            questions: self.collected.questions.len(),
            askers: self.collected.askers.len(),
        }
    }

    /// Forgets who has asked since, if nothing came of it.
    pub fn forget_idle_askers(&mut self, since: WorkMark, store: &Store) {
        let now = WorkMark {
            askers: since.askers,
            ..self.mark(store)
        };
        if now == since {
            self.collected.askers.truncate(since.askers);
        }
    }

    /// How many would be told if what is not handed over yet could not be stored.
    #[cfg(test)]
    pub fn askers(&self) -> usize {
        self.collected.askers.len()
    }

    /// Bytes that wait for a commit, with what is remembered of those who wait.
    pub fn unreleased(&self) -> usize {
        let in_flight = self.in_flight.as_ref().map(|(_, decided)| decided.size());
        in_flight.unwrap_or(0) + self.collected.size()
    }

    /// Hands what was decided to the store, if that is free.
    pub fn hand_over(&mut self, store: &mut Store) -> HandedOver {
        if self.in_flight.is_some() {
            return HandedOver::Busy;
        }
        match store.submit() {
            Some(number) => {
                self.in_flight = Some((number, std::mem::take(&mut self.collected)));
                HandedOver::UnderWay
            }
            None => {
                self.collected.askers.clear();
                HandedOver::AtOnce(self.collected.release())
            }
        }
    }

    /// What waited for this commit, if something did.
    pub fn committed(&mut self, number: BatchNumber) -> Option<Released> {
        let (_, mut decided) = self.in_flight.take_if(|(waiting, _)| *waiting <= number)?;
        Some(decided.release())
    }

    /// Gives up all that waits for a commit.
    pub fn fail(&mut self) -> Lost {
        let in_flight = self.in_flight.take().map(|(_, decided)| decided);
        let collected = std::mem::take(&mut self.collected);
        let mut lost = Lost::default();
        for decided in in_flight.into_iter().chain([collected]) {
            lost.askers.extend(decided.askers);
            lost.operated.extend(decided.operated);
        }
        lost
    }

    /// What is told of a failure goes out although nothing is committed.
    pub fn take_errors(&mut self) -> Vec<Parcel> {
        self.collected.askers.clear();
        self.collected.road.take()
    }
}

impl Decided {
    fn size(&self) -> usize {
        self.road.size() + self.askers.size()
    }

    /// It is committed, or nothing in it had to be: what may happen.
    fn release(&mut self) -> Released {
        for operated in self.operated.drain(..) {
            operated.committed();
        }
        Released {
            parcels: self.road.take(),
            questions: std::mem::take(&mut self.questions),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::scene::envelope;

    fn changed(store: &mut Store) {
        store.set_meta("something", "else");
    }

    #[test]
    fn what_changes_something_waits_for_the_disk_and_nothing_else_does() {
        let mut store = Store::in_memory().unwrap();
        let mut commit = Commit::default();
        commit.road().beside(b"<answer/>");
        let HandedOver::AtOnce(released) = commit.hand_over(&mut store) else {
            panic!("nothing is to be stored");
        };
        assert_eq!(released.parcels.concat(), b"<answer/>");

        changed(&mut store);
        commit.road().beside(b"<first/>");
        assert!(matches!(commit.hand_over(&mut store), HandedOver::UnderWay));
        commit.road().beside(b"<second/>");
        assert!(matches!(commit.hand_over(&mut store), HandedOver::Busy));
        assert_eq!(commit.unreleased(), b"<first/><second/>".len());
        let reports = store.flush();
        let crate::store::StoreReport::Committed(number) = &reports[0] else {
            panic!("{reports:?}");
        };
        let released = commit.committed(*number).unwrap();
        assert_eq!(released.parcels.concat(), b"<first/>");
        assert!(commit.committed(*number).is_none());
    }

    #[test]
    fn those_are_told_of_a_failure_for_whom_something_was_done() {
        let mut store = Store::in_memory().unwrap();
        let mut commit = Commit::default();
        let mark = commit.mark(&store);
        commit.depend(envelope(
            "<iq from='ann@example.org/a' to='x@rooms.example.org' id='1' type='get'/>",
        ));
        commit.forget_idle_askers(mark, &store);
        assert_eq!(commit.askers(), 0);
        let mark = commit.mark(&store);
        changed(&mut store);
        commit.depend(envelope(
            "<iq from='bob@example.org/b' to='x@rooms.example.org' id='2' type='set'/>",
        ));
        commit.forget_idle_askers(mark, &store);
        commit.road().beside(b"<never/>");
        let lost = commit.fail();
        assert_eq!(lost.askers.len(), 1);
        assert_eq!(lost.askers[0].asker.as_str(), "bob@example.org/b");
        assert_eq!((commit.unreleased(), commit.take_errors().len()), (0, 0));
    }
}
