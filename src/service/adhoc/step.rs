//! The steps of a command: beginning it, going on, back, to its end, or no further. XEP-0050 §2.4
//! (#execute), §3.4 (#impl-actions).

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::going::{NextDeed, is_english};
use super::sessions::{CommandSession, Running, SessionStep, Then};
use super::show;
use crate::command::{Asker, Gathered, Told, Wish};
use crate::room::Now;
use crate::room::text::address;
use crate::service::engine::Engine;
use crate::service::operate::{CommandOrder, CommandTask};
use crate::wire::adhoc::answer::{self, CommandAnswer, CommandNote, CommandStage};
use crate::wire::adhoc::request::{CommandAction, CommandStep};
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::{CommandProblem, Problem};

impl Engine {
    /// Takes a step. `None`: the answer is still to come.
    pub(super) fn take_step(
        &mut self,
        now: Now,
        envelope: &Envelope,
        step: CommandStep,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let Some(id) = &step.session else {
            let (number, deed) = self.begin_command(now, envelope, &step)?;
            return self.act(envelope, number, deed);
        };
        // Whoever was an operator a moment ago is none for the next step.
        let form = self.command_for(envelope, &step.node);
        let (number, session) = self.adhoc.find(now.elapsed, id, envelope)?;
        if !std::ptr::eq(form?, session.form) {
            return Err(CommandProblem::BadSession.into());
        }
        if step.action == CommandAction::Cancel {
            return Ok(Some(self.cancel(envelope, number, id)));
        }
        let deed = match step.action {
            CommandAction::Previous => session.go_back()?,
            CommandAction::Execute
            | CommandAction::Next
            | CommandAction::Complete
            | CommandAction::Cancel => session.go_on(&step)?,
        };
        self.act(envelope, number, deed)
    }

    fn begin_command(
        &mut self,
        now: Now,
        envelope: &Envelope,
        step: &CommandStep,
    ) -> Result<(u64, NextDeed), Problem> {
        if step.language.as_deref().is_some_and(|tag| !is_english(tag)) {
            return Err(CommandProblem::BadLocale.into());
        }
        let form = self.command_for(envelope, &step.node)?;
        if step.action != CommandAction::Execute {
            let why = "A command begins with the action execute, and without a sessionid";
            return Err(CommandProblem::BadAction { why }.into());
        }
        if step
            .filled
            .as_ref()
            .is_some_and(|filled| !filled.is_empty())
        {
            let why = "Nothing has been asked yet; begin without a form".to_owned();
            return Err(CommandProblem::BadPayload { why }.into());
        }
        let session = CommandSession::new(envelope, form, SessionStep::Form);
        let deed = session.first()?;
        Ok((self.adhoc.begin(now.elapsed, session)?, deed))
    }

    /// Does what comes next. `None`: the answer is still to come.
    pub(super) fn act(
        &mut self,
        envelope: &Envelope,
        number: u64,
        deed: NextDeed,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let session = self.adhoc.get_mut(number).ok_or(Problem::Internal)?;
        let (task, then) = match deed {
            NextDeed::AskAbout => return self.ask(envelope, number, SessionStep::About, vec![]),
            NextDeed::AskForm => return self.ask(envelope, number, SessionStep::Form, vec![]),
            NextDeed::Nothing => {
                let note = CommandNote::info("Nothing is another than it was.");
                return self.complete(envelope, number, None, note);
            }
            NextDeed::Read => {
                let (form, about) = (session.form, session.about());
                (CommandTask::Read { form, about }, Then::Form)
            }
            NextDeed::Try(wish) => match wish.command().rehearsal() {
                Some(rehearsal) => (CommandTask::Do(Box::new(rehearsal)), Then::Consent(wish)),
                None => (CommandTask::Do(wish.clone()), Then::End(wish)),
            },
            NextDeed::Do(wish) => (CommandTask::Do(wish.clone()), Then::End(wish)),
        };
        let owner = session.owner.clone();
        let rank = self.rank_of(envelope)?;
        let turns = match self.adhoc.turn(&owner, rank) {
            Ok(turns) => turns,
            Err(problem) => {
                self.forget_begun(number);
                return Err(problem.into());
            }
        };
        let stop = Arc::<AtomicBool>::default();
        if let Some(session) = self.adhoc.get_mut(number) {
            let running = Running::new(envelope.clone(), then, stop.clone());
            session.step = SessionStep::Running(running);
        }
        let asker = Asker::Person(address::bare(&owner));
        if let CommandTask::Do(wish) = &task {
            tracing::info!(command = wish.name(), %owner, "a command of a client");
            tracing::debug!(?wish, "in full");
        }
        self.orders.push(CommandOrder {
            number,
            asker,
            task,
            stop,
            _turns: turns,
        });
        Ok(None)
    }

    /// A session whose first answer is an error is known to nobody.
    fn forget_begun(&mut self, number: u64) {
        let is_begun = |session: &mut CommandSession| {
            session.answers.about.is_empty() && session.answers.filled.is_none()
        };
        if self.adhoc.get_mut(number).is_some_and(is_begun) {
            self.adhoc.end(number);
        }
    }

    /// Asks what is to be asked at a step.
    pub(super) fn ask(
        &mut self,
        envelope: &Envelope,
        number: u64,
        step: SessionStep,
        notes: Vec<CommandNote>,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let id = self.adhoc.id(number, envelope);
        let session = self.adhoc.get_mut(number).ok_or(Problem::Internal)?;
        session.step = step;
        let answer = CommandAnswer {
            node: &show::node(session.form),
            session: &id,
            stage: CommandStage::Asking {
                actions: session.allowed(),
                form: Some(session.shown_form()),
            },
            notes,
        };
        Ok(Some(answer::encode(envelope, &answer)))
    }

    /// Ends a session with what came of it.
    pub(super) fn complete(
        &mut self,
        envelope: &Envelope,
        number: u64,
        done: Option<(&Wish, &Gathered)>,
        note: CommandNote,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let id = self.adhoc.id(number, envelope);
        let session = self.adhoc.end(number).ok_or(Problem::Internal)?;
        let form = session.form;
        let told =
            done.and_then(|(wish, gathered)| show::found(form, wish.command().layout(), gathered));
        let answer = CommandAnswer {
            node: &show::node(form),
            session: &id,
            stage: CommandStage::Completed(told),
            notes: Some(note)
                .filter(CommandNote::says_something)
                .into_iter()
                .collect(),
        };
        Ok(Some(answer::encode(envelope, &answer)))
    }

    /// Ends a session, and whatever is carried out for it. Whoever waits for that is told so.
    fn cancel(&mut self, envelope: &Envelope, number: u64, id: &str) -> Vec<u8> {
        let session = self.adhoc.end(number);
        let node = session.as_ref().map(|session| show::node(session.form));
        let canceled = |envelope: &Envelope| {
            let answer = CommandAnswer {
                node: node.as_deref().unwrap_or_default(),
                session: id,
                stage: CommandStage::Canceled,
                notes: Vec::new(),
            };
            answer::encode(envelope, &answer)
        };
        if let Some(SessionStep::Running(running)) = session.map(|session| session.step) {
            let answer = canceled(&running.envelope);
            self.road().beside(&answer);
        }
        canceled(envelope)
    }
}
