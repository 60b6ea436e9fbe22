//! What came of commands that were carried out, as their askers are told. XEP-0050 §3.6
//! (#impl-commands).

use super::going::{NextDeed, sentence};
use super::sessions::{SessionStep, Then};
use crate::room::Now;
use crate::room::text::address;
use crate::service::engine::Engine;
use crate::service::operate::{CommandFinding, CommandOutcome};
use crate::wire::adhoc::answer::CommandNote;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::Problem;

impl Engine {
    /// Takes what came of something that was carried out.
    pub fn take_outcome(&mut self, now: Now, outcome: CommandOutcome) {
        let now = self.at(now);
        let number = outcome.number;
        let Some(session) = self.adhoc.get_mut(number) else {
            return;
        };
        session.begin_waiting(now.elapsed);
        let running = match std::mem::replace(&mut session.step, SessionStep::Form) {
            SessionStep::Running(running) => running,
            other @ (SessionStep::About | SessionStep::Form | SessionStep::Consent(_)) => {
                session.step = other;
                return;
            }
        };
        let envelope = running.envelope;
        self.blame(&envelope);
        let before = self.road().size();
        match self.show_outcome(&envelope, number, (running.then, outcome.end)) {
            Ok(Some(answer)) => self.road().beside(&answer),
            Ok(None) => {}
            Err(problem) => self.answer_problem(&envelope, &problem),
        }
        let size = self.road().size().saturating_sub(before);
        self.charge_now(&address::bare(&envelope.asker), size);
        self.commit.depend(envelope);
    }

    fn show_outcome(
        &mut self,
        envelope: &Envelope,
        number: u64,
        (then, end): (Then, Result<CommandFinding, String>),
    ) -> Result<Option<Vec<u8>>, Problem> {
        let (then, found) = match (then, end) {
            (then, Ok(found)) => (then, found),
            (Then::Form, Err(why)) => return self.ask_about_again(envelope, number, &why),
            (Then::Consent(_) | Then::End(_), Err(why)) => {
                tracing::info!(why, owner = %envelope.asker, "a command of a client failed");
                let note = CommandNote::failure(sentence(&why));
                return self.complete(envelope, number, None, note);
            }
        };
        match (then, found) {
            (Then::Form, CommandFinding::Read(stored)) => {
                if let Some(session) = self.adhoc.get_mut(number) {
                    session.answers.shown = stored;
                    session.answers.filled = None;
                }
                self.act(envelope, number, NextDeed::AskForm)
            }
            (Then::Consent(wish), CommandFinding::Done(_, conclusion)) => {
                match conclusion.question {
                    None => self.act(envelope, number, NextDeed::Do(wish)),
                    Some(question) => {
                        let text = format!("{question} This can't be undone.");
                        let notes = vec![CommandNote::warning(text)];
                        let step = SessionStep::Consent(wish);
                        self.ask(envelope, number, step, notes)
                    }
                }
            }
            (Then::End(wish), CommandFinding::Done(gathered, conclusion)) => {
                let done = Some((&*wish, &gathered));
                let note = CommandNote::info(sentence(&conclusion.sentence));
                self.complete(envelope, number, done, note)
            }
            (Then::Form, CommandFinding::Done(..))
            | (Then::Consent(_) | Then::End(_), CommandFinding::Read(_)) => Err(Problem::Internal),
        }
    }

    /// What was named is not there: it may be named anew, unless it could not be chosen.
    fn ask_about_again(
        &mut self,
        envelope: &Envelope,
        number: u64,
        why: &str,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let note = CommandNote::failure(sentence(why));
        let session = self.adhoc.get_mut(number);
        match session.is_some_and(|session| session.room.is_none()) {
            true => self.ask(envelope, number, SessionStep::About, vec![note]),
            false => self.complete(envelope, number, None, note),
        }
    }
}
