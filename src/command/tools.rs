//! What a command has at hand while it is carried out.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, DomainPart};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::asker::Asker;
use super::attachment::Attachment;
use super::error::Error;
use super::form;
use super::replies::Replies;
use super::report::{Reply, ReportRow};
use super::room_name::RoomName;
use super::work::{Job, Work};
use crate::directory::{Category, Retention};
use crate::room::effect::Tombstone;
use crate::room::{Action, Payload, Salt, Timestamp};
use crate::store::{RoomSummary, Survey};

/// What a command works with. It blocks the thread of the command.
#[derive(Debug)]
pub struct Tools {
    /// Who wants it.
    pub asker: Asker,
    /// The domain of the pool.
    pub service: BareJid,
    /// Who operates the pool.
    pub operators: Arc<BTreeSet<BareJid>>,
    /// The domains whose users the pool is for.
    pub served: Arc<BTreeSet<DomainPart>>,
    /// Reads the database.
    pub survey: Survey,
    /// Maximum number of changes that a room makes at one request.
    pub items_max: usize,
    /// How long rooms keep what is said in them, unless they say otherwise.
    pub retention: Retention,
    /// What comes with the command.
    pub attachment: Attachment,
    /// What only the service knows.
    pub environment: Environment,
    /// Takes the work to the engine.
    pub jobs: mpsc::Sender<Job>,
    /// Takes the answer to whoever asked.
    pub replies: Replies,
}

/// What commands leave to the service that carries them out: the time, chance, and whatever is XML.
#[derive(Clone, Copy, Debug)]
pub struct Environment {
    /// What time it is.
    pub now: fn() -> Timestamp,
    /// An id that nobody else makes.
    pub fresh_id: fn() -> String,
    /// The secret of a new room.
    pub fresh_salt: fn() -> Salt,
    /// What a client enters a room by.
    pub link: fn(&BareJid) -> String,
    /// What an archived stanza says.
    pub text_of: fn(&Payload) -> Arc<str>,
    /// What stays of a message that its author has taken back.
    pub tombstone: fn(&Tombstone) -> Payload,
}

impl Tools {
    /// The room of a name.
    ///
    /// # Errors
    /// - [`Error::NoSuchRoom`]
    /// - The database can't be read.
    pub fn room(&self, name: &RoomName) -> Result<RoomSummary, Error> {
        let room = name.at(&self.service);
        let summary = self.survey.room(&room)?;
        summary.ok_or(Error::NoSuchRoom { room })
    }

    /// The room that the field of that name says.
    ///
    /// # Errors
    /// - [`Error::NoSuchRoom`]
    /// - The database can't be read.
    pub fn room_filled_in(&self, about: &[(String, Vec<String>)]) -> Result<RoomSummary, Error> {
        let name = form::value(about, "room").unwrap_or_default();
        let name: RoomName = name.parse().map_err(|why| Error::NotAcceptable { why })?;
        self.room(&name)
    }

    /// The category of a name, compared without case.
    ///
    /// # Errors
    /// - [`Error::NoSuchCategory`]
    /// - The database can't be read.
    pub fn category(&self, name: &str) -> Result<Category, Error> {
        let found = self.survey.category(name)?;
        found.ok_or_else(|| Error::NoSuchCategory {
            name: name.to_owned(),
        })
    }

    /// Gives out a row of the result.
    ///
    /// # Errors
    /// [`Error::Abandoned`]
    pub fn tell(&self, row: &impl Serialize) -> Result<(), Error> {
        self.replies.take(Reply::Row(ReportRow::of(row)))
    }

    /// Tells how far the work is.
    ///
    /// # Errors
    /// [`Error::Abandoned`]
    pub fn progress(&self, done: u64, of: Option<u64>) -> Result<(), Error> {
        self.replies.take(Reply::Progress { done, of })
    }

    /// Has the engine do something, and waits until it is committed. Returns the number of messages
    /// that it was done to.
    ///
    /// # Errors
    /// [`Error::Stopping`], or why it can't be done.
    pub fn change(&self, work: Work) -> Result<u64, Error> {
        let (done, outcome) = oneshot::channel();
        let asker = self.asker.clone();
        let job = Job { work, asker, done };
        self.jobs.blocking_send(job).map_err(|_| Error::Stopping)?;
        outcome.blocking_recv().map_err(|_| Error::Stopping)?
    }

    /// Has a room do some things in the asker's name, all of them or none; nothing, where there are
    /// none. What it says of a room that they may not know is what is said where there is none.
    ///
    /// # Errors
    /// As [`Self::change`]
    pub fn ask_room(&self, room: &BareJid, actions: Vec<Action>) -> Result<(), Error> {
        if !actions.is_empty() {
            let room = room.clone();
            self.change(Work::Ask { room, actions })?;
        }
        Ok(())
    }
}
