//! Commands as they look in a client: the list of them, their forms, and what came of them.

use crate::command::form::{CommandForm, Field, FieldKind, Filled, TextKind, value};
use crate::command::{Column, Gathered, Layout};
use crate::wire::adhoc::asked_form::{AskedField, AskedForm, AskedKind, LineKind};
use crate::wire::adhoc::listing::ListedCommand;
use crate::wire::adhoc::request::NODES;
use crate::wire::adhoc::told_form::{ToldColumn, ToldForm, ToldRows};

/// The node of a command.
pub(super) fn node(form: &CommandForm) -> String {
    format!("{NODES}{}", form.name.join("-"))
}

/// A command as it is listed.
pub(super) fn listed(form: &CommandForm) -> ListedCommand {
    let node = node(form);
    let name = short(&form.title).to_owned();
    ListedCommand { node, name }
}

/// What a sentence says before it goes into details.
fn short(sentence: &str) -> &str {
    sentence.split([':', ';', ',']).next().unwrap_or(sentence)
}

/// What of a command's form is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShownFields<'a> {
    /// What is filled in already.
    pub filled: &'a Filled,
    /// What is stored.
    pub stored: &'a Filled,
    /// The values of what can't be changed, which people don't see.
    pub fixed: &'a Filled,
}

/// The form that asks what a command is about.
pub(super) fn about(form: &CommandForm, shown: ShownFields<'_>) -> AskedForm {
    let of = form.facts.stored.map_or(&[][..], |stored| stored.of);
    let fields = form.fields.iter();
    let fields = fields.filter(|field| of.contains(&field.name.as_str()));
    let fields = fields.map(|field| AskedField {
        // Without it there is nothing to be shown.
        is_required: true,
        ..asked(field, shown)
    });
    ask(form, fields.collect())
}

/// The form of a command, with all that is asked.
pub(super) fn whole(form: &CommandForm, shown: ShownFields<'_>) -> AskedForm {
    let fields = form.fields.iter();
    // A list that is shown needs no field that changes it.
    let fields = fields.filter(|field| !form.is_change_of(&field.name, shown.stored));
    let fields = fields.map(|field| asked(field, shown));
    ask(form, fields.collect())
}

/// The form that only asks for consent.
pub(super) fn consent(form: &CommandForm) -> AskedForm {
    AskedForm {
        instructions: "Complete this to do it. Nothing has been changed so far.".to_owned(),
        ..ask(form, Vec::new())
    }
}

fn ask(form: &CommandForm, fields: Vec<AskedField>) -> AskedForm {
    AskedForm {
        form_type: node(form),
        title: short(&form.title).to_owned(),
        instructions: form.description.clone(),
        fields,
    }
}

fn asked(field: &Field, shown: ShownFields<'_>) -> AskedField {
    let values_of = |filled: &Filled| {
        let found = filled.iter().find(|(name, _)| *name == field.name);
        found.map(|(_, values)| values.clone())
    };
    let fixed = values_of(shown.fixed);
    let kind = match &fixed {
        Some(_) => AskedKind::Hidden,
        None => kind(&field.kind, field.is_required),
    };
    let values = fixed.or_else(|| values_of(shown.filled));
    let default = || field.default.iter().cloned().collect();
    AskedField {
        name: field.name.clone(),
        label: field.label.clone(),
        is_required: field.is_required && kind != AskedKind::Hidden,
        kind,
        values: values.unwrap_or_else(default),
    }
}

fn kind(kind: &FieldKind, is_required: bool) -> AskedKind {
    match kind {
        FieldKind::Boolean => AskedKind::Boolean,
        FieldKind::Text(kind) => AskedKind::Line(line(*kind)),
        FieldKind::Texts(kind) => AskedKind::Lines(line(*kind)),
        FieldKind::OneOf(choices) => {
            let choice = choices.iter().map(|choice| {
                let label = choice.label.clone().unwrap_or_else(|| choice.value.clone());
                (choice.value.clone(), label)
            });
            // Where none need be chosen, it must be possible to choose none.
            let none = (!is_required).then(|| (String::new(), "—".to_owned()));
            AskedKind::OneOf(none.into_iter().chain(choice).collect())
        }
    }
}

fn line(kind: TextKind) -> LineKind {
    match kind {
        TextKind::Words => LineKind::Words,
        // What stands before the @ is an address, too.
        TextKind::Room | TextKind::Address => LineKind::Address,
        TextKind::Time => LineKind::Time,
        TextKind::Uri => LineKind::Uri,
        TextKind::Number(min, max) => LineKind::Number(min, max),
    }
}

/// What a command has found; nothing when its conclusion says it all.
pub(super) fn found(form: &CommandForm, layout: Layout, gathered: &Gathered) -> Option<ToldForm> {
    let (columns, rows) = match layout {
        Layout::Sentence => return None,
        Layout::Card(columns) => {
            let row = gathered.rows.first()?;
            (columns, ToldRows::One(row.values(columns)))
        }
        Layout::Table(_) if gathered.rows.is_empty() => return None,
        Layout::Table(columns) => {
            let rows = gathered
                .rows
                .iter()
                .map(|row| row.values(columns))
                .collect();
            let rest = format!(
                "`lyceum {}` shows all of them at the command line.",
                form.name.join(" ")
            );
            let left_out = gathered.left_out;
            (
                columns,
                ToldRows::Table {
                    rows,
                    left_out,
                    rest,
                },
            )
        }
    };
    Some(ToldForm {
        title: short(&form.title).to_owned(),
        columns: columns.iter().map(column).collect(),
        rows,
    })
}

fn column(column: &Column) -> ToldColumn {
    let heading = column.heading().to_lowercase();
    let mut letters = heading.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    ToldColumn {
        name: column.name().to_owned(),
        label: first.chain(letters.clone()).collect(),
    }
}

/// Whether every field that says what a command is about has a value.
pub(super) fn says_what(form: &CommandForm, about: &Filled) -> bool {
    let of = form.facts.stored.map_or(&[][..], |stored| stored.of);
    let is_filled = |name: &&str| value(about, name).is_some_and(|value| !value.is_empty());
    of.iter().all(is_filled)
}
