//! Where a session of a command is: what it asks, what may be done next, and what follows from what
//! was filled in. XEP-0050 §3.4 (#impl-actions).

use super::sessions::{Answers, CommandSession, SessionStep};
use super::show::{self, ShownFields};
use crate::command::Wish;
use crate::command::form::{self, Filled};
use crate::wire::adhoc::answer::{AllowedActions, Onward};
use crate::wire::adhoc::asked_form::AskedForm;
use crate::wire::adhoc::request::{CommandAction, CommandStep};
use crate::wire::stanza::problem::{CommandProblem, Problem};

/// What is done with a session next.
pub(super) enum NextDeed {
    /// It is asked what the form is about.
    AskAbout,
    /// What is stored is read for the form.
    Read,
    /// The form is shown.
    AskForm,
    /// A command is tried without effect first, if that is to be done, and then carried out.
    Try(Box<Wish>),
    /// A command is carried out.
    Do(Box<Wish>),
    /// There is nothing to be done.
    Nothing,
}

impl CommandSession {
    /// What can't be chosen: the room that the command was given to.
    pub fn fixed(&self) -> Filled {
        let field = self.form.room();
        let room = field.zip(self.room.as_ref());
        let room = room.map(|(field, room)| (field.name.clone(), vec![room.to_string()]));
        room.into_iter().collect()
    }

    /// What the form is about, with what can't be chosen.
    pub fn about(&self) -> Filled {
        let mut about = self.answers.about.clone();
        for (name, values) in self.fixed() {
            about.retain(|(other, _)| *other != name);
            about.push((name, values));
        }
        about
    }

    /// Whether it was asked what the form is about.
    fn was_asked_about(&self) -> bool {
        self.form.facts.stored.is_some() && !show::says_what(self.form, &self.fixed())
    }

    /// What may be done next.
    pub fn allowed(&self) -> AllowedActions {
        let (previous, onward) = match &self.step {
            SessionStep::About => (false, Onward::Next),
            SessionStep::Consent(_) => (true, Onward::Complete),
            SessionStep::Form | SessionStep::Running(_) => {
                let onward = match self.form.facts.destroys {
                    true => Onward::Next,
                    false => Onward::Complete,
                };
                (self.was_asked_about(), onward)
            }
        };
        AllowedActions { previous, onward }
    }

    /// The form that this step shows.
    pub fn shown_form(&self) -> AskedForm {
        let Answers {
            about,
            shown,
            filled,
        } = &self.answers;
        let stored = shown;
        let (filled, fixed) = match &self.step {
            SessionStep::Consent(_) => return show::consent(self.form),
            SessionStep::About => (about, self.fixed()),
            SessionStep::Form | SessionStep::Running(_) => {
                let fixed = match self.form.facts.stored {
                    Some(_) => self.about(),
                    None => self.fixed(),
                };
                (filled.as_ref().unwrap_or(stored), fixed)
            }
        };
        let shown = ShownFields {
            filled,
            stored,
            fixed: &fixed,
        };
        match self.step {
            SessionStep::About => show::about(self.form, shown),
            SessionStep::Form | SessionStep::Consent(_) | SessionStep::Running(_) => {
                show::whole(self.form, shown)
            }
        }
    }

    /// What a command begins with.
    pub fn first(&self) -> Result<NextDeed, Problem> {
        let fixed = self.fixed();
        if self.form.facts.stored.is_some() {
            return Ok(match show::says_what(self.form, &fixed) {
                true => NextDeed::Read,
                false => NextDeed::AskAbout,
            });
        }
        let mut asked = self.form.fields.iter();
        if asked.any(|field| form::value(&fixed, &field.name).is_none()) {
            return Ok(NextDeed::AskForm);
        }
        let wish = form::read(&self.form.name, &fixed).map_err(bad_payload)?;
        Ok(NextDeed::Try(Box::new(wish)))
    }

    /// What the step before is, if there is one.
    pub fn go_back(&mut self) -> Result<NextDeed, Problem> {
        if self.is_running() || !self.allowed().previous {
            return Err(bad_action(self));
        }
        if matches!(self.step, SessionStep::Consent(_)) {
            return Ok(NextDeed::AskForm);
        }
        // "The responder MAY present "remembered" field values", §2.4.2 (#execute-multiple); those
        // of another room would be wrong.
        self.answers.filled = None;
        Ok(NextDeed::AskAbout)
    }

    /// What follows from a step onward.
    pub fn go_on(&mut self, step: &CommandStep) -> Result<NextDeed, Problem> {
        let fits = match (step.action, self.allowed().onward) {
            (CommandAction::Next, Onward::Complete) | (CommandAction::Complete, Onward::Next) => {
                false
            }
            (
                CommandAction::Execute
                | CommandAction::Next
                | CommandAction::Complete
                | CommandAction::Previous
                | CommandAction::Cancel,
                _,
            ) => !self.is_running(),
        };
        if !fits {
            return Err(bad_action(self));
        }
        if let SessionStep::Consent(wish) = &self.step {
            return Ok(NextDeed::Do(wish.clone()));
        }
        let filled = step
            .filled
            .as_ref()
            .ok_or_else(|| bad_payload(NO_FORM.to_owned()))?;
        let filled = self.own_fields(filled)?;
        if matches!(self.step, SessionStep::About) {
            if !show::says_what(self.form, &filled) {
                return Err(bad_payload(SAYS_NOT_WHAT.to_owned()));
            }
            self.answers.about = filled;
            return Ok(NextDeed::Read);
        }
        let name = &self.form.name;
        let wish = if self.form.facts.stored.is_some() {
            let about = self.about();
            form::read_changes(name, &about, &self.answers.shown, &filled)
        } else {
            let with_fixed = [self.fixed(), filled.clone()].concat();
            form::read(name, &with_fixed).map(Some)
        };
        let wish = wish.map_err(bad_payload)?;
        self.answers.filled = Some(filled);
        Ok(wish.map_or(NextDeed::Nothing, |wish| NextDeed::Try(Box::new(wish))))
    }

    /// What was filled in, without what can't be, and without what only says which form it is.
    fn own_fields(&self, filled: &Filled) -> Result<Filled, Problem> {
        let form_type = form::value(filled, "FORM_TYPE");
        if form_type.is_some_and(|form_type| form_type != show::node(self.form)) {
            return Err(bad_payload(OTHER_FORM.to_owned()));
        }
        let fixed = match self.step {
            SessionStep::About => self.fixed(),
            SessionStep::Form | SessionStep::Consent(_) | SessionStep::Running(_) => {
                match self.form.facts.stored {
                    Some(_) => self.about(),
                    None => self.fixed(),
                }
            }
        };
        let is_own = |name: &str| name != "FORM_TYPE" && form::value(&fixed, name).is_none();
        let own = filled.iter().filter(|(name, _)| is_own(name));
        Ok(own.cloned().collect())
    }
}

/// Whether a language tag says English, of whatever country.
pub(super) fn is_english(tag: &str) -> bool {
    let language = tag.split(['-', '_']).next().unwrap_or(tag);
    language.is_empty() || language.eq_ignore_ascii_case("en")
}

const NO_FORM: &str = "This step needs the form that was shown, filled";
const SAYS_NOT_WHAT: &str = "Say what it is about";
const OTHER_FORM: &str = "This is the form of another command";

pub(super) fn bad_payload(why: String) -> Problem {
    CommandProblem::BadPayload {
        why: sentence(&why),
    }
    .into()
}

fn bad_action(session: &CommandSession) -> Problem {
    let allowed = session.allowed();
    let why = match (session.is_running(), allowed.previous, allowed.onward) {
        (true, ..) => "It is still being done; it can only be cancelled",
        (false, true, Onward::Next) => "This step has the actions prev, next and cancel",
        (false, true, Onward::Complete) => "This step has the actions prev, complete and cancel",
        (false, false, Onward::Next) => "This step has the actions next and cancel",
        (false, false, Onward::Complete) => "This step has the actions complete and cancel",
    };
    CommandProblem::BadAction { why }.into()
}

/// A text that begins as a sentence does, unless it begins with an address.
pub(super) fn sentence(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    if first.contains('@') {
        return text.to_owned();
    }
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.clone()).collect()
}
