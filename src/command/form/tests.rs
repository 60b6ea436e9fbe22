//! Every command of the table as a form, filled in and read again.

use super::*;
use crate::command::{Facts, Rank, Told};

/// Something to fill in for each kind of argument, by what the help calls its value; and it is
/// hostile where it can be.
const SAMPLES: &[(&str, &str)] = &[
    ("ROOM", "hall@rooms.example.org"),
    ("JID", "ann@example.org"),
    ("PERSON", "ann@example.org"),
    ("LOCALPART", "den"),
    ("TIME", "2026-11-21T14:30:00Z"),
    ("TEXT", "--yes"),
    ("NOTICE", "-x=y z"),
    ("STANZA-ID", "--"),
    ("NUMBER", "7"),
    ("NAME", "--force"),
    ("ENTRY", "--everybody"),
    ("URL", "https://apps.example.org/?--yes"),
];

/// The names of all commands, word by word.
fn names() -> Vec<Vec<String>> {
    all().iter().map(|form| form.name.clone()).collect()
}

fn command(name: &[String]) -> Command {
    name.iter().fold(TREE.clone(), |command, word| {
        command.find_subcommand(word).unwrap().clone()
    })
}

fn sample(argument: &Arg) -> String {
    if let FieldKind::OneOf(choices) = kind(argument) {
        return choices[0].value.clone();
    }
    let names = argument.get_value_names().unwrap_or_default();
    let name = names.first().map_or("", |name| name.as_str());
    let found = SAMPLES.iter().find(|(known, _)| *known == name);
    let (_, sample) = found.unwrap_or_else(|| panic!("{name} has no sample"));
    (*sample).to_owned()
}

/// What is filled in for every field of a command, as far as they go together.
fn filled(name: &[String]) -> Vec<(String, Vec<String>)> {
    let command = command(name);
    let excluded = |argument: &Arg| {
        // Of a group of which one is wanted, the first is taken.
        let mut groups = command.get_groups();
        groups.any(|group| {
            let mut group = group.clone();
            let others = group.get_args().position(|id| id == argument.get_id());
            !group.is_multiple() && others.is_some_and(|position| position > 0)
        })
    };
    // Of arguments that exclude each other, the first is taken.
    let before = |argument: &Arg| {
        let place = |of: &Arg| command.get_arguments().position(|other| other == of);
        let mut conflicting = command.get_arg_conflicts_with(argument).into_iter();
        conflicting.any(|other| place(other) < place(argument))
    };
    let arguments = command
        .get_arguments()
        .filter(|argument| !excluded(argument) && !before(argument));
    let value = |argument: &Arg| match kind(argument) {
        FieldKind::Boolean => vec!["true".to_owned()],
        FieldKind::Texts(_) => vec![sample(argument), sample(argument)],
        FieldKind::Text(_) | FieldKind::OneOf(_) => vec![sample(argument)],
    };
    arguments
        .map(|argument| (name_of(argument), value(argument)))
        .collect()
}

#[test]
fn every_command_is_made_of_its_filled_form_with_all_that_was_filled_in() {
    for name in names() {
        let filled = filled(&name);
        let wish = read(&name, &filled).unwrap_or_else(|why| panic!("{name:?}: {why}"));
        assert_eq!(wish.name(), name.join(" "));
        let json = serde_json::to_string(&wish).unwrap();
        for (field, values) in &filled {
            // A time is sent as a number.
            let values = values.iter().filter(|value| !value.ends_with("00Z"));
            for value in values.filter(|value| value.as_str() != "true") {
                let value = serde_json::to_string(value).unwrap();
                let is_there = json.contains(&value) || json.contains(value.trim_matches('"'));
                assert!(is_there, "{name:?} {field}: {value} is not in {json}");
            }
        }
    }
}

/// As it goes through the control socket.
#[test]
fn every_command_is_read_from_json_as_it_was_written() {
    for name in names() {
        let wish = read(&name, &filled(&name)).unwrap();
        let json = serde_json::to_string(&wish).unwrap();
        assert_eq!(serde_json::from_str::<Wish>(&json).unwrap(), wish, "{json}");
    }
}

#[test]
fn every_command_and_every_field_says_what_it_is_for() {
    for form in all() {
        assert!(!form.title.is_empty(), "{:?}", form.name);
        for field in &form.fields {
            assert!(field.label.len() > 5, "{:?} {}", form.name, field.name);
        }
    }
}

#[test]
fn commands_are_for_operators_unless_they_say_otherwise() {
    let ranks = names().into_iter().zip(Wish::facts());
    let others: Vec<_> = ranks
        .filter(|(_, facts)| facts.rank < Rank::Operator)
        .map(|(name, facts)| (name.join(" "), facts.rank))
        .collect();
    let expected = [
        ("room new", Rank::Anybody),
        ("room set", Rank::Manager),
        ("room remove", Rank::Manager),
        ("room mine", Rank::Anybody),
        ("room managed", Rank::Anybody),
        ("room show", Rank::Manager),
        ("member new", Rank::Manager),
        ("member remove", Rank::Manager),
        ("member list", Rank::Manager),
        ("manager new", Rank::Manager),
        ("manager remove", Rank::Manager),
        ("manager list", Rank::Manager),
        ("presenter new", Rank::Manager),
        ("presenter remove", Rank::Manager),
        ("presenter list", Rank::Manager),
        ("access new", Rank::Anybody),
        ("access list", Rank::Anybody),
        ("access answer", Rank::Manager),
        ("access remove", Rank::Anybody),
    ];
    let expected = expected.map(|(name, rank)| (name.to_owned(), rank));
    assert_eq!(others, expected);
}

#[test]
fn a_command_that_destroys_has_a_rehearsal_that_has_none_itself() {
    for (name, facts) in names().iter().zip(Wish::facts()) {
        let mut filled = filled(name);
        filled.retain(|(name, _)| name != "dry-run");
        let wish = read(name, &filled).unwrap();
        let rehearsal = wish.command().rehearsal();
        assert_eq!(rehearsal.is_some(), facts.destroys, "{name:?}");
        if let Some(rehearsal) = rehearsal {
            assert_eq!(rehearsal.name(), wish.name());
            assert_ne!(rehearsal, wish);
            assert!(rehearsal.command().rehearsal().is_none(), "{name:?}");
        }
    }
}

#[test]
fn what_is_known_of_commands_is_in_the_order_of_their_names() {
    let takes_rooms = |facts: &Facts| facts.takes_rooms;
    let facts = Wish::facts();
    let names = names();
    assert_eq!(facts.len(), names.len());
    let position = facts.iter().position(takes_rooms);
    assert_eq!(position, names.iter().position(|name| *name == ["import"]));
}

fn words(name: &str) -> Vec<String> {
    name.split(' ').map(str::to_owned).collect()
}

fn read_one(name: &str, filled: &[(&str, &str)]) -> Result<Wish, String> {
    let filled = filled.iter();
    let filled = filled.map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]));
    read(&words(name), &filled.collect::<Vec<_>>())
}

#[test]
fn a_form_has_a_field_for_each_argument_of_its_kind() {
    let fields = &of(&words("message remove")).unwrap().fields;
    let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
    assert_eq!(field("room").kind, FieldKind::Text(TextKind::Room));
    assert_eq!(field("author").kind, FieldKind::Text(TextKind::Address));
    assert_eq!(field("before").kind, FieldKind::Text(TextKind::Time));
    assert_eq!(field("all-rooms").kind, FieldKind::Boolean);
    assert_eq!(field("id").kind, FieldKind::Texts(TextKind::Words));
    let FieldKind::OneOf(choices) = &field("match").kind else {
        panic!("there is a choice");
    };
    let choices: Vec<_> = choices.iter().map(|choice| &*choice.value).collect();
    assert_eq!(choices, ["all", "any", "exact"]);
    assert_eq!(field("match").default.as_deref(), Some("all"));
    assert!(
        !fields
            .iter()
            .any(|field| field.name == "yes" || field.name == "config")
    );
    let fields = &of(&words("room clear")).unwrap().fields;
    assert!(
        fields
            .iter()
            .all(|field| field.is_required == (field.kind != FieldKind::Boolean))
    );
}

#[test]
fn what_is_wrong_with_a_form_is_told_in_a_sentence() {
    for (name, filled, why) in [
        ("room fly", &[][..], "no command room fly"),
        ("room", &[], "no command room"),
        ("room show", &[], "--room"),
        ("room show", &[("room", "")], "--room"),
        ("room show", &[("room", "@")], "no address of a room"),
        (
            "room show",
            &[("room", "hall"), ("help", "1")],
            "no field help",
        ),
        ("room keep", &[("room", "hall"), ("days", "0")], "`forever`"),
        ("room keep", &[("room", "hall")], "--days"),
        ("import", &[("dry-run", "perhaps")], "yes or no"),
        (
            "message remove",
            &[("room", "hall"), ("id", "x"), ("all-rooms", "1")],
            "cannot be used",
        ),
    ] {
        let told = read_one(name, filled).unwrap_err();
        assert!(told.contains(why), "{name} {filled:?}: {told}");
        assert!(!told.contains('\n') && !told.contains("error"), "{told}");
    }
}
