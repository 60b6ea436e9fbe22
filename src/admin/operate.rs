//! The commands of the vocabulary as they are typed: what is wanted, and where.
//!
//! [`command`](crate::command) tells what each is called, takes and does. Here it gets what every
//! command has at a command line, is confirmed if it destroys something, and its answer is printed.
//! Nothing here is about one command; but rooms that come with one are read by
//! [`import`](super::import).

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};

use super::confirm::{self, Consent};
use super::import::{self, RoomSource};
use super::print::Printer;
use super::{Failure, Where, road};
use crate::command::{Facts, Told, Wish};
use crate::config::Pool;

/// A command as it is typed.
#[derive(Debug)]
pub struct TypedCommand {
    wish: Wish,
    place: Where,
    /// Whether it destroys something without a question.
    confirmed: bool,
    /// The rooms that come with it.
    rooms: Option<RoomSource>,
}

/// How a command that destroys something is confirmed.
#[derive(Debug, Args)]
struct Confirmation {
    /// Don't ask whether it is meant
    #[arg(long)]
    yes: bool,
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(typed: &TypedCommand) -> Result<(), Failure> {
    let TypedCommand { wish, place, .. } = typed;
    if let Some(rooms) = &typed.rooms {
        return import::run(wish, place, rooms);
    }
    let command = wish.command();
    let pool = place.pool(command.room())?;
    let mut printer = Printer::new(place.json, command.layout());
    if let Some(rehearsal) = command.rehearsal() {
        let consent = confirm::consent(typed.confirmed);
        // Whoever has consented and doesn't look on need not wait until all is counted.
        if consent != Consent::Given || printer.progress().is_seen() {
            rehearse(&pool, &rehearsal, consent, &mut printer)?;
        }
    }
    let conclusion = road::carry_out(&pool, wish, &mut |reply| printer.take(reply));
    printer.finish(conclusion)
}

/// Asks about what would be destroyed.
fn rehearse(
    pool: &Pool,
    rehearsal: &Wish,
    consent: Consent,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let conclusion = road::carry_out(pool, rehearsal, &mut |_| Ok(()))?;
    if let Some(count) = conclusion.count {
        printer.progress().expect(count);
    }
    conclusion
        .question
        .map_or(Ok(()), |question| consent.ask(&question))
}

impl Subcommand for TypedCommand {
    fn augment_subcommands(line: clap::Command) -> clap::Command {
        let mut facts = Wish::facts().into_iter();
        let wishes = Wish::augment_subcommands(clap::Command::new(""));
        let wishes = wishes.get_subcommands().cloned();
        line.subcommands(wishes.map(|wish| placed(wish, &mut facts)))
    }

    fn augment_subcommands_for_update(line: clap::Command) -> clap::Command {
        Self::augment_subcommands(line)
    }

    fn has_subcommand(name: &str) -> bool {
        Wish::has_subcommand(name)
    }
}

/// A command, or all of a noun, with what every command has beside its own arguments. `facts` has
/// those of this command and of all behind it in the table.
fn placed(command: clap::Command, facts: &mut impl Iterator<Item = Facts>) -> clap::Command {
    if command.has_subcommands() {
        return command.mut_subcommands(|command| placed(command, facts));
    }
    let (about, long_about) = (
        command.get_about().cloned(),
        command.get_long_about().cloned(),
    );
    let facts = facts.next().unwrap_or_default();
    let mut command = Where::augment_args(command);
    if facts.destroys {
        command = Confirmation::augment_args(command);
    }
    if facts.takes_rooms {
        command = RoomSource::augment_args(command);
    }
    // What is told of those arguments together isn't about the command.
    let command = command.about(about.unwrap_or_default());
    match long_about {
        Some(long_about) => command.long_about(long_about),
        None => command.long_about(None::<&str>),
    }
}

impl FromArgMatches for TypedCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut of_command = matches;
        while let Some((_, inner)) = of_command.subcommand() {
            of_command = inner;
        }
        let has = |id| of_command.ids().any(|found| found.as_str() == id);
        Ok(Self {
            wish: Wish::from_arg_matches(matches)?,
            place: Where::from_arg_matches(of_command)?,
            confirmed: has("yes") && Confirmation::from_arg_matches(of_command)?.yes,
            rooms: match has("paths") {
                true => Some(RoomSource::from_arg_matches(of_command)?),
                false => None,
            },
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
