//! What can be filled in for an argument of a command.

use std::any::TypeId;

use clap::builder::{PossibleValue, ValueParser};
use clap::{Arg, ArgAction, Command};
use jid::{BareJid, Jid};

use crate::command::{Moment, RoomName};

/// What can be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Yes or no.
    Boolean,
    /// A text of one line.
    Text(TextKind),
    /// Any number of texts.
    Texts(TextKind),
    /// One of these.
    OneOf(Vec<FieldChoice>),
}

/// What a text has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Any words; or something that nothing is known of here.
    Words,
    /// The address of a room, or its first part.
    Room,
    /// An address of XMPP.
    Address,
    /// A time, see [`Moment`].
    Time,
    /// An address on the web.
    Uri,
    /// A number from the first to the second.
    Number(i64, i64),
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChoice {
    /// What is filled in when it is chosen.
    pub value: String,
    /// What it means, where that is told.
    pub label: Option<String>,
}

/// What can be filled in for an argument.
pub(super) fn kind(argument: &Arg) -> FieldKind {
    let choices = argument.get_possible_values();
    match argument.get_action() {
        // Its possible values would be `true` and `false`.
        ArgAction::SetTrue => FieldKind::Boolean,
        ArgAction::Append => FieldKind::Texts(text_kind(argument)),
        _ if choices.is_empty() => FieldKind::Text(text_kind(argument)),
        _ => FieldKind::OneOf(choices.iter().map(choice).collect()),
    }
}

/// What a text has to be, by the type that it is read as, or by what the help calls it.
fn text_kind(argument: &Arg) -> TextKind {
    let parser = argument.get_value_parser();
    let names = argument.get_value_names().unwrap_or_default();
    let is_called = |name: &str| names.iter().any(|called| called.as_str() == name);
    let is = |type_: TypeId| parser.type_id() == type_;
    let is_number = NUMBERS.iter().find(|(type_, _)| is(type_()));
    match is_number {
        Some((_, max)) => range(parser, *max),
        None if is(TypeId::of::<RoomName>()) => TextKind::Room,
        None if is(TypeId::of::<BareJid>()) || is(TypeId::of::<Jid>()) => TextKind::Address,
        None if is(TypeId::of::<Moment>()) => TextKind::Time,
        None if is_called("URL") => TextKind::Uri,
        None => TextKind::Words,
    }
}

/// The types of numbers, and the last of each.
const NUMBERS: [(fn() -> TypeId, i64); 4] = [
    (TypeId::of::<u8>, u8::MAX as i64),
    (TypeId::of::<u16>, u16::MAX as i64),
    (TypeId::of::<u32>, u32::MAX as i64),
    (TypeId::of::<u64>, i64::MAX),
];

/// The range of numbers that a parser takes, found by asking it; `max` is the last of the type.
fn range(parser: &ValueParser, max: i64) -> TextKind {
    let takes = |number: i64| {
        let argument = Arg::new("number").value_parser(parser.clone());
        let command = Command::new("").no_binary_name(true).arg(argument);
        command.try_get_matches_from([number.to_string()]).is_ok()
    };
    let min = (0..=1).find(|number| takes(*number)).unwrap_or_default();
    let (mut taken, mut beyond) = (min, max);
    if takes(max) {
        taken = max;
    }
    while beyond - taken > 1 {
        let middle = taken + (beyond - taken) / 2;
        match takes(middle) {
            true => taken = middle,
            false => beyond = middle,
        }
    }
    TextKind::Number(min, taken)
}

fn choice(value: &PossibleValue) -> FieldChoice {
    FieldChoice {
        value: value.get_name().to_owned(),
        label: value.get_help().map(ToString::to_string),
    }
}
