//! Commands as forms: the fields that there are to be filled, and a command made of what was filled
//! in.
//!
//! Both are made from the description that the command line is read by, so that they can't differ
//! from it: a field is called as the flag is, and says what the help says. What was filled in
//! becomes words, `--name=value`, and those are read by the same parser; a value is never taken for
//! a flag, whatever it begins with.

mod kind;

use std::sync::LazyLock;

use clap::{Arg, Command, FromArgMatches, Subcommand};

pub use kind::{FieldChoice, FieldKind, TextKind};

use super::{Facts, Told, Wish};
use kind::kind;

/// What was filled in: fields by their names, each with its values.
pub type Filled = Vec<(String, Vec<String>)>;

/// A command as a form.
#[derive(Clone, Debug)]
pub struct CommandForm {
    /// What it is called, word by word, as [`Told::name`] has it.
    pub name: Vec<String>,
    /// What it does, in a sentence.
    pub title: String,
    /// What it does, in full.
    pub description: String,
    /// What there is to be filled in.
    pub fields: Vec<Field>,
    /// What is known of it.
    pub facts: Facts,
}

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

impl CommandForm {
    /// The field that says which room the command is about, if it is about one.
    pub fn room(&self) -> Option<&Field> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.kind == FieldKind::Text(TextKind::Room) && field.name == "room")
    }

    /// Whether a list has flags that add to it and take from it.
    fn has_changes_of(&self, name: &str) -> bool {
        let is_there = |prefix: &str| self.field(&format!("{prefix}{name}")).is_some();
        is_there(ADD) && is_there(REMOVE)
    }

    /// Whether a field adds to a list that is shown as a whole, or takes from it.
    pub fn is_change_of(&self, name: &str, shown: &[(String, Vec<String>)]) -> bool {
        let list = name.strip_prefix(ADD).or(name.strip_prefix(REMOVE));
        list.is_some_and(|list| {
            self.has_changes_of(list) && shown.iter().any(|(shown, _)| shown == list)
        })
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// All commands, in the order of the table.
pub fn all() -> &'static [CommandForm] {
    &ALL
}

/// The form of a command. `None`: there is no such command.
pub fn of(name: &[String]) -> Option<&'static CommandForm> {
    ALL.iter().find(|form| form.name == name)
}

/// The first value of a field.
pub fn value<'a>(filled: &'a [(String, Vec<String>)], name: &str) -> Option<&'a str> {
    let (_, values) = filled.iter().find(|(filled, _)| filled == name)?;
    values.first().map(String::as_str)
}

/// The command that a form was filled in for. What is left empty counts as not filled in, and so
/// does what holds anyway: a form shows it, and may send it back.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn read(name: &[String], filled: &[(String, Vec<String>)]) -> Result<Wish, String> {
    let mut words = TypedWords::of(name)?;
    for (name, values) in filled {
        let default = words.field(name)?.default.as_ref();
        let counts = |value: &&String| !value.is_empty() && Some(*value) != default;
        for value in values.iter().filter(counts) {
            words.add(name, value)?;
        }
    }
    words.read()
}

/// The command that a form was changed for which showed what is stored: what is as it was shown is
/// left as it is, and a field that was emptied gets nothing as its only value. `about` is what it
/// showed the rest for. `None`: nothing is another than it was.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn read_changes(
    name: &[String],
    about: &[(String, Vec<String>)],
    shown: &[(String, Vec<String>)],
    filled: &[(String, Vec<String>)],
) -> Result<Option<Wish>, String> {
    let mut words = TypedWords::of(name)?;
    let full = |values: &[String]| -> Vec<String> {
        let values = values.iter().filter(|value| !value.is_empty());
        values.cloned().collect()
    };
    let mut is_other = false;
    for (name, values) in filled {
        let before = shown.iter().find(|(shown, _)| shown == name);
        let before = before.map(|(_, values)| full(values)).unwrap_or_default();
        let values = full(values);
        if !words.is_same(name, &before, &values)? {
            is_other = true;
            words.change(name, &before, &values)?;
        }
    }
    for (name, values) in about {
        values.iter().try_for_each(|value| words.add(name, value))?;
    }
    match is_other {
        true => words.read().map(Some),
        false => Ok(None),
    }
}

/// A command as it would be typed.
struct TypedWords {
    form: &'static CommandForm,
    words: Vec<String>,
}

impl TypedWords {
    fn of(name: &[String]) -> Result<Self, String> {
        let no_such_command = || format!("there is no command {}", name.join(" "));
        let form = of(name).ok_or_else(no_such_command)?;
        let words = name.to_vec();
        Ok(Self { form, words })
    }

    fn field(&self, name: &str) -> Result<&'static Field, String> {
        let field = self.form.field(name);
        field.ok_or_else(|| format!("there is no field {name}"))
    }

    /// Adds a value.
    fn add(&mut self, name: &str, value: &str) -> Result<(), String> {
        match (&self.field(name)?.kind, value) {
            (FieldKind::Boolean, "true" | "1") => self.words.push(format!("--{name}")),
            (FieldKind::Boolean, "false" | "0") => {}
            (FieldKind::Boolean, _) => return Err(format!("{name} is yes or no")),
            (FieldKind::Text(_) | FieldKind::Texts(_) | FieldKind::OneOf(_), value) => {
                self.words.push(format!("--{name}={value}"));
            }
        }
        Ok(())
    }

    /// Changes a field from some values to others. A list that has flags for that is changed by
    /// what comes and what goes, so that what others do to it meanwhile stays.
    fn change(&mut self, name: &str, before: &[String], after: &[String]) -> Result<(), String> {
        if self.form.has_changes_of(name) {
            let (add, remove) = (format!("{ADD}{name}"), format!("{REMOVE}{name}"));
            let mut come = after.iter().filter(|value| !before.contains(value));
            let mut go = before.iter().filter(|value| !after.contains(value));
            come.try_for_each(|value| self.add(&add, value))?;
            return go.try_for_each(|value| self.add(&remove, value));
        }
        match after.is_empty() {
            true => self.add(name, ""),
            false => after.iter().try_for_each(|value| self.add(name, value)),
        }
    }

    /// Whether a field says the same with other values.
    fn is_same(&self, name: &str, before: &[String], after: &[String]) -> Result<bool, String> {
        let field = self.field(name)?;
        if field.kind == FieldKind::Boolean {
            let is_yes = |values: &[String]| matches!(values, [one] if one == "true" || one == "1");
            return Ok(is_yes(before) == is_yes(after));
        }
        Ok(before == after)
    }

    fn read(self) -> Result<Wish, String> {
        let matches = TREE
            .clone()
            .try_get_matches_from(self.words)
            .map_err(told)?;
        Wish::from_arg_matches(&matches).map_err(told)
    }
}

/// What stands before the name of a list where something is added to it, or taken from it.
const ADD: &str = "add-";
const REMOVE: &str = "remove-";

/// The description that everything here is made from.
static TREE: LazyLock<Command> = LazyLock::new(tree);

static ALL: LazyLock<Vec<CommandForm>> = LazyLock::new(|| {
    let mut forms = Vec::new();
    gather(&TREE, &mut Vec::new(), &mut forms);
    for (form, facts) in forms.iter_mut().zip(Wish::facts()) {
        form.facts = facts;
    }
    forms
});

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

/// Adds the forms of all commands in one, without the facts.
fn gather(command: &Command, name: &mut Vec<String>, forms: &mut Vec<CommandForm>) {
    for inner in command.get_subcommands() {
        name.push(inner.get_name().to_owned());
        match inner.has_subcommands() {
            true => gather(inner, name, forms),
            false => forms.push(form(inner, name)),
        }
        name.pop();
    }
}

fn form(command: &Command, name: &[String]) -> CommandForm {
    let title = command.get_about().map(ToString::to_string);
    let title = title.unwrap_or_default();
    let description = command.get_long_about().map(ToString::to_string);
    CommandForm {
        name: name.to_vec(),
        description: description.unwrap_or_else(|| title.clone()),
        title,
        fields: command.get_arguments().map(field).collect(),
        facts: Facts::default(),
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

/// What the parser says before an empty line; behind it is how to use the command line.
fn told(error: clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim);
    let sentence: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    sentence.join(" ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests;
