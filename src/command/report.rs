//! What a command answers: rows, how far it is, and a conclusion.
//!
//! Rows are objects of JSON, which a program gets as they are; [`Column`]s say which of their
//! fields people are shown, and how.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::time;

/// One line of an answer: rows and progress in any number, then a conclusion or a failure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// A part of the result.
    Row(ReportRow),
    /// How far the work is.
    Progress {
        /// How many things are done.
        done: u64,
        /// How many there are; `None`: nobody knows.
        of: Option<u64>,
    },
    /// All is done.
    Done(Conclusion),
    /// It could not be done, or not all of it.
    Failed {
        /// Why, in words.
        why: String,
    },
}

/// What a command says at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// What was done, or found, in one sentence for people; empty: the rows say it all.
    pub sentence: String,
    /// After a [rehearsal](super::Command::rehearsal): what would be destroyed, as a question.
    /// `None`: nothing.
    pub question: Option<String>,
    /// After a rehearsal: the number of messages that the command will go through.
    pub count: Option<u64>,
}

/// A row: an object of JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportRow(Box<RawValue>);

/// How the rows of a command are shown.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    /// To people the conclusion says it all; a program gets the only row.
    Sentence,
    /// A list, of which people see these columns.
    Table(&'static [Column]),
    /// A single thing, of which people see these columns, one below the other.
    Card(&'static [Column]),
}

/// A field of rows as people are shown it.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What the field is called in the rows.
    name: &'static str,
    /// What stands above the column, or before it.
    heading: &'static str,
    kind: ColumnKind,
    /// What is shown when the row has nothing there.
    nothing: &'static str,
    /// The field that is shown then, if the row has that.
    substitute: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnKind {
    Words,
    Number,
    /// RFC 3339, which is shown in the zone of this machine.
    Time,
    /// A number of things, each of which is called this.
    Amount(&'static str),
}

impl Conclusion {
    /// A sentence for people.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            ..Self::default()
        }
    }

    /// What is put to whoever wants the effect, if there would be any.
    #[must_use]
    pub fn asking(self, question: impl Into<Option<String>>, count: u64) -> Self {
        Self {
            question: question.into(),
            count: Some(count),
            ..self
        }
    }
}

impl ReportRow {
    /// A row with the fields of a struct.
    pub fn of(row: &impl Serialize) -> Self {
        Self(to_raw_value(row).expect("texts and numbers always have a form in JSON"))
    }

    /// The row as JSON.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// The row as the struct that it was made of.
    ///
    /// # Errors
    /// It was made of another one.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.as_json())
    }

    /// What people are shown in each column.
    pub fn cells(&self, columns: &[Column]) -> Vec<String> {
        let fields: Map<_, _> = self.read().unwrap_or_default();
        columns.iter().map(|column| column.cell(&fields)).collect()
    }

    /// The same for somebody who may be anywhere: times are as the row has them.
    pub fn values(&self, columns: &[Column]) -> Vec<String> {
        let fields: Map<_, _> = self.read().unwrap_or_default();
        let value = |column: &Column| column.everywhere().cell(&fields);
        columns.iter().map(value).collect()
    }
}

impl Column {
    /// A column of texts.
    pub const fn words(name: &'static str, heading: &'static str) -> Self {
        Self::new(name, heading, ColumnKind::Words)
    }

    /// A column of numbers, which end at one place.
    pub const fn number(name: &'static str, heading: &'static str) -> Self {
        Self::new(name, heading, ColumnKind::Number)
    }

    /// A time in RFC 3339.
    pub const fn time(name: &'static str, heading: &'static str) -> Self {
        Self::new(name, heading, ColumnKind::Time).or_else("-")
    }

    /// A number of things, each of which is called `unit`.
    pub const fn amount(name: &'static str, heading: &'static str, unit: &'static str) -> Self {
        Self::new(name, heading, ColumnKind::Amount(unit))
    }

    const fn new(name: &'static str, heading: &'static str, kind: ColumnKind) -> Self {
        Self {
            name,
            heading,
            kind,
            nothing: "",
            substitute: None,
        }
    }

    /// What is shown in place of nothing; of an amount, in place of 0.
    #[must_use]
    pub const fn or_else(self, nothing: &'static str) -> Self {
        Self { nothing, ..self }
    }

    /// The field that is shown in place of nothing.
    #[must_use]
    pub const fn or_field(self, name: &'static str) -> Self {
        Self {
            substitute: Some(name),
            ..self
        }
    }

    /// The same column for somebody who may be in any zone.
    fn everywhere(self) -> Self {
        match self.kind {
            ColumnKind::Time => Self {
                kind: ColumnKind::Words,
                ..self
            },
            ColumnKind::Words | ColumnKind::Number | ColumnKind::Amount(_) => self,
        }
    }

    /// What the field is called in the rows.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What stands above the column, or before it.
    pub const fn heading(&self) -> &'static str {
        self.heading
    }

    /// Whether its cells end at one place rather than begin at one.
    pub fn is_number(&self) -> bool {
        self.kind == ColumnKind::Number
    }

    fn cell(&self, fields: &Map<String, Value>) -> String {
        let field = |name| fields.get(name).filter(|value| !value.is_null());
        let value = field(self.name).or_else(|| field(self.substitute?));
        match (self.kind, value) {
            (ColumnKind::Amount(_), Some(Value::Number(number)))
                if number.as_u64() == Some(0) && !self.nothing.is_empty() =>
            {
                self.nothing.to_owned()
            }
            (ColumnKind::Amount(unit), Some(Value::Number(number))) => {
                counted(number.as_u64().unwrap_or_default(), unit)
            }
            (ColumnKind::Time, Some(Value::String(text))) => time::local(text),
            (_, Some(Value::String(text))) => text.clone(),
            (_, Some(Value::Bool(true))) => "yes".to_owned(),
            (_, Some(Value::Bool(false))) => "no".to_owned(),
            (_, Some(Value::Array(texts))) if texts.is_empty() => self.nothing.to_owned(),
            (_, Some(Value::Array(texts))) => {
                let texts: Vec<_> = texts.iter().filter_map(Value::as_str).collect();
                texts.join(", ")
            }
            (_, Some(value)) => value.to_string(),
            (_, None) => self.nothing.to_owned(),
        }
    }
}

/// `1 room`, `2 rooms`.
pub fn counted(number: u64, unit: &str) -> String {
    match number {
        1 => format!("1 {unit}"),
        number => format!("{number} {unit}s"),
    }
}

/// A number of things, or what stands for 0.
pub(super) fn counted_or(number: u32, nothing: &str, unit: &str) -> String {
    match number {
        0 => nothing.to_owned(),
        number => counted(number.into(), unit),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_thing_has_no_s() {
        let all = [0, 1, 2].map(|number| counted(number, "room"));
        assert_eq!(all, ["0 rooms", "1 room", "2 rooms"]);
        assert_eq!(counted_or(1, "ever", "day"), "1 day");
        assert_eq!(counted_or(0, "ever", "day"), "ever");
    }

    #[test]
    fn people_see_a_row_by_its_columns_and_something_in_place_of_nothing() {
        let columns = [
            Column::words("room", "ROOM"),
            Column::number("inside", "INSIDE"),
            Column::time("last", "LAST"),
            Column::words("author", "AUTHOR").or_field("nick"),
            Column::words("actor", "BY").or_else("operator"),
            Column::amount("days", "FOR", "day").or_else("ever"),
            Column::amount("bytes", "CONTENT", "byte"),
        ];
        let row = ReportRow::of(&json!({
            "room": "hall", "inside": 2, "last": null, "nick": "Ann", "days": 0, "bytes": 1,
        }));
        let cells = ["hall", "2", "-", "Ann", "operator", "ever", "1 byte"];
        assert_eq!(row.cells(&columns), cells);
    }

    #[test]
    fn a_reply_is_read_as_it_was_sent() {
        let row = Reply::Row(ReportRow::of(&json!({"room": "hall\n"})));
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(text, r#"{"row":{"room":"hall\n"}}"#);
        let Reply::Row(row) = serde_json::from_str(&text).unwrap() else {
            panic!("it is a row");
        };
        assert_eq!(row.as_json(), r#"{"room":"hall\n"}"#);
    }
}
