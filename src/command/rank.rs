//! Who may run which command.
//!
//! A command says which rank it takes ([`Facts`](super::Facts)), so that it can be offered before
//! its arguments are known. Which rank somebody has, they have towards a room; it is looked up in
//! what is committed. What a command does in a room is decided by the room once more, as it would
//! be if the asker had sent a stanza.

use jid::BareJid;

use super::asker::Asker;
use super::error::Error;
use super::tools::Tools;

/// How much somebody has to say, the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Whoever can ask.
    Anybody,
    /// A manager of the room that it is about, which is an owner in XEP-0045 §5.2 (#affil).
    Manager,
    /// An operator: everything in the pool is theirs to change.
    #[default]
    Operator,
}

impl Tools {
    /// The rank that the asker has towards a room; `None`: towards the pool.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rank(&self, room: Option<&BareJid>) -> Result<Rank, Error> {
        let person = match &self.asker {
            Asker::Operator => return Ok(Rank::Operator),
            Asker::Person(person) if self.operators.contains(person) => return Ok(Rank::Operator),
            Asker::Person(person) => person,
        };
        match room {
            Some(room) if self.survey.is_managed_by(room, person)? => Ok(Rank::Manager),
            Some(_) | None => Ok(Rank::Anybody),
        }
    }

    /// Whether the asker may do to a room what takes a rank.
    ///
    /// # Errors
    /// - [`Error::NotManaged`]: the room is not theirs. Whether there is one they don't learn.
    /// - The database can't be read.
    pub(super) fn check_rank(&self, least: Rank, room: &BareJid) -> Result<(), Error> {
        match self.rank(Some(room))? >= least {
            true => Ok(()),
            false => Err(Error::NotManaged { room: room.clone() }),
        }
    }
}
