//! The engine: everything the service decides, without sockets, tasks or a clock of its own.
//!
//! It is told what came in and what time it is, and gives back what is to be written to the server.
//! The one hard thing is *stored before seen*: what it decides changes the rooms in memory at once
//! and is collected as a batch; the output of a batch is let out when the store has committed it,
//! in the order in which it was decided. If a commit fails, the rooms in memory are ahead of the
//! disk: then all of them are forgotten, whoever had asked gets an error, and the rooms wake again
//! as the disk knows them.

use std::collections::BTreeSet;

use jid::BareJid;

use super::adhoc::sessions::CommandSessions;
use super::archive::awaited::Questions;
use super::calendar::{Calendar, News};
use super::commit::{Commit, HandedOver, Released};
use super::errand::{Errands, StanzaReply};
use super::operate::CommandOrder;
use super::rate::domain_limits::Allowances;
use super::rate::party::line_of;
use super::rate::quota::Quotas;
use super::road::OutboundRoad;
use super::rooms::awake::Rooms;
use super::rooms::doorway::{Doorway, Waiting};
use super::rooms::governed::Governing;
use super::session::returned::Returns;
use super::session::sessions::Sessions;
use super::settings::Settings;
use crate::directory::{self, Directory};
use crate::room::{Elapsed, Now};
use crate::store::{self, BatchNumber, Store, StoreReport};
use crate::wire::decode;
use crate::wire::incoming::Incoming;
use crate::wire::link::parcel::Parcel;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::stanza_error;
use crate::wire::xml::frame::{Frame, Received};
use crate::wire::xml::header::{Header, StanzaKind};
use crate::wire::xml::limits::Unreadable;
use crate::wire::xml::overspent::Overspent;

/// The service of one pool.
pub struct Engine {
    pub(super) settings: Settings,
    pub(super) store: Store,
    pub(super) directory: Directory,
    pub(super) rooms: Rooms,
    pub(super) governing: Governing,
    pub(super) errands: Errands,
    pub(super) returns: Returns,
    pub(super) sessions: Sessions,
    pub(super) questions: Questions,
    pub(super) adhoc: CommandSessions,
    /// Commands of clients that are to be carried out.
    pub(super) orders: Vec<CommandOrder>,
    /// When a room wants to be asked again.
    pub(super) deadlines: BTreeSet<(Elapsed, BareJid)>,
    /// The moment that it was told last.
    pub(super) now: Now,
    pub(super) calendar: Calendar,
    pub(super) quotas: Quotas,
    pub(super) rates: Allowances,
    pub(super) doorway: Doorway,
    /// How many bytes the server had not taken when that was told last.
    pub(super) unsent: usize,
    /// Whom the reader of the link is told to refuse.
    pub(super) overspent: Overspent,
    pub(super) commit: Commit,
}

/// A stanza that is being dealt with.
#[derive(Clone, Copy)]
pub(super) struct AskedStanza<'a> {
    pub envelope: &'a Envelope,
    pub frame: &'a Frame,
}

impl Engine {
    /// An engine on an open store.
    ///
    /// # Errors
    /// [`store::Error`]: the rooms that wait for their configuration can't be read.
    pub fn new(settings: Settings, store: Store, now: Now) -> Result<Self, store::Error> {
        let calendar = Calendar::at_start(now, &store.times_kept()?);
        if let Some(doubt) = calendar.doubt() {
            tracing::warn!("{doubt}");
        }
        let mut engine = Self {
            store,
            directory: Directory::new(settings.rules.clone()),
            rooms: Rooms::default(),
            governing: Governing::none(),
            errands: Errands::default(),
            returns: Returns::default(),
            questions: Questions::default(),
            adhoc: CommandSessions::new(),
            orders: Vec::new(),
            sessions: Sessions::new(settings.verification_pace_per_s),
            deadlines: BTreeSet::new(),
            now,
            calendar,
            quotas: Quotas::new(settings.quotas),
            rates: Allowances::new(
                settings.rates,
                settings.foreign_people_max,
                (*settings.rules.terms.served).clone(),
            ),
            doorway: Doorway::new(settings.entries),
            overspent: Overspent::default(),
            unsent: 0,
            commit: Commit::default(),
            settings,
        };
        engine.recall_directory()?;
        engine.recall_deadlines()?;
        Ok(engine)
    }

    /// Whose long stanzas the link need not read to their end.
    pub fn overspent(&self) -> &Overspent {
        &self.overspent
    }

    /// Takes one stanza from the server.
    pub fn receive(&mut self, now: Now, received: Received) {
        let now = self.at(now);
        self.with_asker(|engine| match received {
            Received::Refused { header, why } => engine.refuse_unread(&header, why),
            Received::Stanza(frame) => engine.read(now, frame),
        });
    }

    /// Takes a stanza that had to wait.
    pub(super) fn read_at_last(&mut self, now: Now, waiting: Waiting) {
        let Waiting {
            mut envelope,
            frame,
        } = waiting;
        self.with_asker(|engine| {
            engine.blame(&envelope);
            let incoming = decode::decode(&mut envelope, &frame, super::fresh::fresh());
            engine.deal_with(now, incoming, envelope, &frame);
        });
    }

    /// Does something that somebody has asked for, and forgets who, if nothing came of it.
    fn with_asker(&mut self, act: impl FnOnce(&mut Self)) {
        let before = self.commit.mark(&self.store);
        act(self);
        self.commit.forget_idle_askers(before, &self.store);
    }

    /// Does what has become due.
    pub fn expire(&mut self, now: Now) {
        let now = self.at(now);
        self.errands.forget_old(now.elapsed);
        self.expire_rooms(now);
        if self.directory.next_deadline() <= now.elapsed {
            self.store.set_calendar(&self.calendar.record());
            self.tell_directory(now, directory::Request::Expire);
        }
        self.govern_next(now);
        self.tell_next_of_addins(now);
        self.proceed_with_sessions(now);
    }

    /// When [`Self::expire`] is to be called, at the latest.
    pub fn next_deadline(&self) -> Option<Elapsed> {
        let room = self.deadlines.first().map(|(at, _)| *at);
        let session = self.sessions.next_deadline();
        let errand = self.errands.next_deadline();
        let by_the_calendar = self
            .directory
            .next_deadline()
            .min(self.calendar.next_look());
        room.into_iter()
            .chain(self.doorway.next_deadline())
            .chain(session)
            .chain(self.governing_deadline())
            .chain(self.telling_deadline())
            .chain(errand)
            .chain([by_the_calendar])
            .min()
    }

    /// Whether it is time for [`Self::expire`].
    pub fn is_due(&self, now: Elapsed) -> bool {
        self.next_deadline().is_some_and(|deadline| deadline <= now)
    }

    /// Hands what was decided to the store, if that is free, and gives back what needs not wait for
    /// it.
    pub fn turn(&mut self) -> Vec<Parcel> {
        match self.commit.hand_over(&mut self.store) {
            HandedOver::Busy => Vec::new(),
            HandedOver::UnderWay => {
                self.rooms.submitted();
                Vec::new()
            }
            HandedOver::AtOnce(released) => {
                self.rooms.submitted();
                self.release(released)
            }
        }
    }

    /// A batch is on the disk: what waited for it goes out, and the next is handed over.
    fn committed(&mut self, number: BatchNumber) -> Vec<Parcel> {
        let released = self.commit.committed(number);
        let mut parcels = released.map_or_else(Vec::new, |released| self.release(released));
        parcels.extend(self.turn());
        parcels
    }

    fn release(&mut self, released: Released) -> Vec<Parcel> {
        self.rooms.committed();
        self.queue_questions(released.questions);
        released.parcels
    }

    /// Bytes that wait for a commit, with what is remembered of those who wait.
    pub fn unreleased(&self) -> usize {
        self.commit.unreleased()
    }

    /// How many operations wait to be handed to the store.
    pub fn collected_operations(&self) -> usize {
        self.store.collected_count()
    }

    /// Waits for the next report of the store. Dropping the future loses nothing.
    pub async fn report(&mut self) -> StoreReport {
        self.store.report().await
    }

    /// Takes a report of the store, and gives back what may go out because of it.
    pub fn take_report(&mut self, report: &StoreReport) -> Vec<Parcel> {
        match report {
            StoreReport::Committed(number) => self.committed(*number),
            StoreReport::Failed(_, error) => self.failed(error),
            StoreReport::Told(number, told) => {
                self.take_found(*number, told);
                self.turn()
            }
        }
    }

    /// Commits all that was decided, waiting for the disk, and gives back what may go out then; for
    /// the end of the service, and for tests.
    pub fn finish(&mut self) -> Vec<Parcel> {
        let mut released = self.turn();
        loop {
            self.admit_waiting(self.now, 0);
            self.ask_waiting(self.now.elapsed, 0);
            let reports = self.store.flush();
            if reports.is_empty() {
                return released;
            }
            for report in reports {
                released.extend(self.take_report(&report));
            }
        }
    }

    /// How many rooms are awake.
    pub fn rooms_awake(&self) -> usize {
        self.rooms.count()
    }

    /// Takes notice of the time.
    pub(super) fn at(&mut self, now: Now) -> Now {
        self.now = now;
        match self.calendar.look(now) {
            None => return now,
            Some(News::Believed) => tracing::info!("the clock of this machine is believed again"),
            Some(News::Jumped { by_us }) => {
                let doubt = self.calendar.doubt();
                tracing::warn!(
                    seconds = by_us / 1_000_000,
                    "the clock of this machine was set: {}",
                    doubt.unwrap_or_default()
                );
                self.calendar_was_set(by_us);
            }
        }
        // What rooms keep is looked at again, and it is noted how far the calendar is believed.
        self.tell_directory(now, directory::Request::CalendarSet);
        now
    }

    fn read(&mut self, now: Now, frame: Frame) {
        let Some(mut envelope) = Envelope::of(&frame.header, &self.settings.service) else {
            return;
        };
        self.blame(&envelope);
        if self.is_too_much(now, &envelope, &frame) {
            self.answer_problem(&envelope, &Problem::Overloaded);
            self.commit.depend(envelope);
            return;
        }
        let incoming = decode::decode(&mut envelope, &frame, super::fresh::fresh());
        let stanza = AskedStanza {
            envelope: &envelope,
            frame: &frame,
        };
        if !self.waits_at_the_door(now, &incoming, stanza) {
            self.deal_with(now, incoming, envelope, &frame);
        }
    }

    fn deal_with(&mut self, now: Now, incoming: Incoming, envelope: Envelope, frame: &Frame) {
        match incoming {
            Incoming::ToRoom { room, from, action } => {
                self.take_sign_of_life(&from, &frame.header);
                let stanza = AskedStanza {
                    envelope: &envelope,
                    frame,
                };
                self.ask_room(now, &room, from, action, stanza);
                self.commit.depend(envelope);
            }
            Incoming::ToService(question) => {
                self.answer_question(now, &envelope, &question);
                self.commit.depend(envelope);
            }
            Incoming::ToCommands(question) => {
                self.answer_about_commands(now, &envelope, question);
                self.commit.depend(envelope);
            }
            Incoming::Reply { id, outcome } => {
                let reply = StanzaReply {
                    id: &id,
                    outcome,
                    frame,
                };
                self.take_reply(now, &envelope.asker, &reply);
            }
            Incoming::Bounce(condition) => {
                let Envelope {
                    kind,
                    asker: from,
                    asked: to,
                    id,
                    ..
                } = envelope;
                if let (StanzaKind::Message, Some(id)) = (kind, &id) {
                    self.return_message(&(to, id.clone(), from.clone()), frame);
                }
                self.take_bounce(&from, id.as_deref(), condition);
            }
            Incoming::Refused(problem) => {
                self.answer_problem(&envelope, &problem);
                self.commit.depend(envelope);
            }
            Incoming::Nothing => {}
        }
    }

    fn refuse_unread(&mut self, header: &Header, why: Unreadable) {
        tracing::debug!(from = header.from, %why, "a stanza was not read");
        if let Some(envelope) = Envelope::of(header, &self.settings.service) {
            self.blame(&envelope);
            self.answer_problem(&envelope, &Problem::Unreadable(why));
            self.commit.depend(envelope);
        }
    }

    /// Tells somebody what was wrong, if that may be told.
    pub(super) fn answer_problem(&mut self, envelope: &Envelope, problem: &Problem) {
        if let Some(answer) = stanza_error::answer(envelope, problem) {
            self.road().stand_in(line_of(envelope));
            self.road().beside(&answer);
        }
    }

    /// The road on which everything leaves.
    pub(super) fn road(&mut self) -> &mut OutboundRoad {
        self.commit.road()
    }
}
