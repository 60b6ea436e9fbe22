//! Commands as forms: the fields that there are to be filled, and a command made of what was filled
//! in.
//!
//! Both are made from the description that the command line is read by, so that they can't differ
//! from it: a field is called as the flag is, and says what the help says. What was filled in
//! becomes words, `--name=value`, and those are read by the same parser; a value is never taken for
//! a flag, whatever it begins with.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command, FromArgMatches, Subcommand};

use super::Wish;

/// One field of a command's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is called: as the flag, without its dashes.
    pub name: String,
    /// What it asks for, in a sentence.
    pub label: String,
    /// What can be filled in.
    pub kind: FieldKind,
    /// Whether the command can't do without.
    pub is_required: bool,
    /// What holds if nothing is filled in.
    pub default: Option<String>,
}

/// What can be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Yes or no.
    Boolean,
    /// A text of any length.
    Text,
    /// Any number of texts.
    Texts,
    /// One of these.
    OneOf(Vec<FieldChoice>),
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChoice {
    /// What is filled in when it is chosen.
    pub value: String,
    /// What it means, where that is told.
    pub label: Option<String>,
}

/// The names of all commands, word by word, as [`Told::name`](super::Told::name) has them.
pub fn names() -> Vec<Vec<String>> {
    let mut names = Vec::new();
    gather(&tree(), &mut Vec::new(), &mut names);
    names
}

/// What a command does, in a sentence. `None`: there is no such command.
pub fn title(name: &[String]) -> Option<String> {
    let about = command(name)?.get_about().map(ToString::to_string);
    Some(about.unwrap_or_default())
}

/// The form of a command. `None`: there is no such command.
pub fn fields(name: &[String]) -> Option<Vec<Field>> {
    Some(command(name)?.get_arguments().map(field).collect())
}

/// The command that a form was filled in for. What is left empty counts as not filled in.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn read(name: &[String], filled: &[(String, Vec<String>)]) -> Result<Wish, String> {
    let no_such_command = || format!("there is no command {}", name.join(" "));
    let fields = fields(name).ok_or_else(no_such_command)?;
    let mut words = name.to_vec();
    for (name, values) in filled {
        let field = fields.iter().find(|field| field.name == *name);
        let field = field.ok_or_else(|| format!("there is no field {name}"))?;
        for value in values.iter().filter(|value| !value.is_empty()) {
            words.extend(word(field, value)?);
        }
    }
    let matches = tree().try_get_matches_from(words).map_err(told)?;
    Wish::from_arg_matches(&matches).map_err(told)
}

/// A value as it would be typed; `None`: it would not be.
fn word(field: &Field, value: &str) -> Result<Option<String>, String> {
    let name = &field.name;
    match (&field.kind, value) {
        (FieldKind::Boolean, "true" | "1") => Ok(Some(format!("--{name}"))),
        (FieldKind::Boolean, "false" | "0") => Ok(None),
        (FieldKind::Boolean, _) => Err(format!("{name} is yes or no")),
        (FieldKind::Text | FieldKind::Texts | FieldKind::OneOf(_), value) => {
            Ok(Some(format!("--{name}={value}")))
        }
    }
}

/// All commands, of each every argument under its name.
fn tree() -> Command {
    let tree = Command::new("").no_binary_name(true);
    named(Wish::augment_subcommands(tree).disable_help_subcommand(true))
}

fn named(command: Command) -> Command {
    let command = command.disable_help_flag(true).mut_args(|argument| {
        let id = argument.get_id().clone();
        match argument.get_long() {
            Some(_) => argument,
            None => argument.long(id),
        }
    });
    command.mut_subcommands(named)
}

fn name_of(argument: &Arg) -> String {
    let id = argument.get_id().as_str();
    argument.get_long().unwrap_or(id).to_owned()
}

fn command(name: &[String]) -> Option<Command> {
    let mut command = tree();
    for word in name {
        command = command.find_subcommand(word)?.clone();
    }
    (!command.has_subcommands()).then_some(command)
}

fn gather(command: &Command, name: &mut Vec<String>, names: &mut Vec<Vec<String>>) {
    for inner in command.get_subcommands() {
        name.push(inner.get_name().to_owned());
        match inner.has_subcommands() {
            true => gather(inner, name, names),
            false => names.push(name.clone()),
        }
        name.pop();
    }
}

fn field(argument: &Arg) -> Field {
    let default = argument.get_default_values().first();
    Field {
        name: name_of(argument),
        label: argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default(),
        kind: kind(argument),
        is_required: argument.is_required_set(),
        default: default.and_then(|value| value.to_str().map(str::to_owned)),
    }
}

fn kind(argument: &Arg) -> FieldKind {
    let choices = argument.get_possible_values();
    match argument.get_action() {
        // Its possible values would be `true` and `false`.
        ArgAction::SetTrue => FieldKind::Boolean,
        ArgAction::Append => FieldKind::Texts,
        _ if choices.is_empty() => FieldKind::Text,
        _ => FieldKind::OneOf(choices.iter().map(choice).collect()),
    }
}

fn choice(value: &PossibleValue) -> FieldChoice {
    FieldChoice {
        value: value.get_name().to_owned(),
        label: value.get_help().map(ToString::to_string),
    }
}

/// What the parser says before an empty line; behind it is how to use the command line.
fn told(error: clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim);
    let sentence: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    sentence.join(" ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests;
