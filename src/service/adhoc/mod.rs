//! Commands that people give in their clients. XEP-0050.
//!
//! Everything that there is to be asked, and what is asked first, follows from the table of
//! [`command`](crate::command): nothing here is about one command. A command is carried out on a
//! thread of its own, as one from the control socket is; until that tells its outcome the asker's
//! stanza waits, and the service goes on. What a command changes is committed before its end is
//! told, for the command waits for that itself.

mod going;
mod outcome;
pub(in crate::service) mod sessions;
mod show;
mod step;
#[cfg(test)]
mod tests;

use jid::{BareJid, FullJid, ResourcePart};

use super::engine::Engine;
use crate::command::Rank;
use crate::command::form::{self, CommandForm};
use crate::room::text::address;
use crate::room::{Action, Now};
use crate::service::operate::CommandOrder;
use crate::store;
use crate::wire::adhoc::listing;
use crate::wire::adhoc::request::CommandQuestion;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::{CommandProblem, Problem};

impl Engine {
    /// Answers what is asked about commands, and takes the steps of those who give one.
    pub(super) fn answer_about_commands(
        &mut self,
        now: Now,
        envelope: &Envelope,
        question: CommandQuestion,
    ) {
        let answered = self.expect_address(now, envelope).and_then(|()| {
            match question {
                CommandQuestion::List => self.list_commands(envelope),
                CommandQuestion::ListInformation => Ok(listing::list_information(envelope)),
                CommandQuestion::Information(node) => {
                    let form = self.command_for(envelope, &node)?;
                    Ok(listing::command_information(envelope, &show::listed(form)))
                }
                CommandQuestion::Step(step) => return self.take_step(now, envelope, *step),
            }
            .map(Some)
        });
        match answered {
            Ok(Some(answer)) => self.road().beside(&answer),
            // It is still to come.
            Ok(None) => {}
            Err(problem) => self.answer_problem(envelope, &problem),
        }
    }

    /// Commands that are to be carried out.
    pub fn take_orders(&mut self) -> Vec<CommandOrder> {
        std::mem::take(&mut self.orders)
    }

    /// A room that its asker may not know of has no commands either.
    fn expect_address(&mut self, now: Now, envelope: &Envelope) -> Result<(), Problem> {
        let Some(room) = envelope.room() else {
            return Ok(());
        };
        let from = asker(envelope).into();
        // That it would tell about itself is all that is wanted; what it would tell is not.
        let mut told = Vec::new();
        let known = self.decide(now, &room, from, Action::ShowInformation, &mut told);
        known.map_err(|hindrance| {
            hindrance.log(&room, envelope.asker.as_str());
            hindrance.into()
        })
    }

    fn list_commands(&mut self, envelope: &Envelope) -> Result<Vec<u8>, Problem> {
        let rank = self.rank_of(envelope)?;
        let forms = form::all().iter();
        let offered = forms.filter(|form| is_offered(form, envelope) && form.facts.rank <= rank);
        Ok(listing::items(
            envelope,
            offered.map(show::listed).collect(),
        ))
    }

    /// The command of a node, if the asker may run it.
    fn command_for(
        &self,
        envelope: &Envelope,
        node: &str,
    ) -> Result<&'static CommandForm, Problem> {
        let mut forms = form::all().iter();
        let form = forms.find(|form| show::node(form) == node && is_offered(form, envelope));
        let form = form.ok_or(Problem::NoSuchNode)?;
        match form.facts.rank <= self.rank_of(envelope)? {
            true => Ok(form),
            false => Err(CommandProblem::Forbidden.into()),
        }
    }

    /// The highest rank that the asker has: towards the room that they ask, or towards any.
    fn rank_of(&self, envelope: &Envelope) -> Result<Rank, Problem> {
        let person = address::bare(&envelope.asker);
        if self.directory.terms().operators.contains(&person) {
            return Ok(Rank::Operator);
        }
        match self.is_manager(envelope.room().as_ref(), &person) {
            Ok(true) => Ok(Rank::Manager),
            Ok(false) => Ok(Rank::Anybody),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the rooms of a manager can't be read");
                Err(Problem::Internal)
            }
        }
    }

    fn is_manager(&self, room: Option<&BareJid>, person: &BareJid) -> Result<bool, store::Error> {
        match room {
            Some(room) => self.store.is_managed_by(room, person),
            None => self.store.manages_any(person),
        }
    }
}

/// Whether a command can be given at an address at all: no file comes with a stanza, and a room
/// takes what is about a room.
fn is_offered(form: &CommandForm, envelope: &Envelope) -> bool {
    !form.facts.takes_rooms && (envelope.room().is_none() || form.room().is_some())
}

/// Who asks. An account or a server that asks on its own is nobody's session, and gets a resource
/// that makes it one which is in no room.
fn asker(envelope: &Envelope) -> FullJid {
    let session = envelope.asker.try_as_full().ok().cloned();
    session.unwrap_or_else(|| {
        let resource = ResourcePart::new("-").expect("a hyphen is a resource");
        address::bare(&envelope.asker).with_resource(&resource)
    })
}
