//! A row of a table, of either form of the export.
//!
//! Form A is a JSON object a row, form B fields between tabs, where a text is an `x` with the hex
//! of its UTF-16. In both a value may be NULL, which is not the same as an empty text.

use std::collections::BTreeMap;

use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use super::lines::{UnfitLine, decode_utf16};

/// A row: its values by the names of their columns, without those that are NULL.
#[derive(Debug)]
pub(super) struct Row(BTreeMap<String, RowCell>);

/// A value that is there.
#[derive(Debug, PartialEq)]
enum RowCell {
    Integer(i64),
    Flag(bool),
    /// Of form A, as it is.
    Text(String),
    /// Of form B: a text in hex, or a number or an id as it is printed.
    Field(String),
}

/// Why a row, or a value of it, can't be read.
#[derive(Debug, Error)]
pub enum UnfitRow {
    /// The line is no text.
    #[error(transparent)]
    Line(#[from] UnfitLine),
    /// Form A, and no JSON.
    #[error("it is no JSON object: {0}")]
    Json(serde_json::Error),
    /// Form A, and the line ends within a value.
    #[error(
        "the line ends in the middle of a value: a line break within, or cut off, as sqlcmd does \
         without -y 0"
    )]
    Cut,
    /// Form B, and another number of fields.
    #[error("it has {found} fields between tabs instead of {expected}")]
    Fields {
        /// The number of fields it has.
        found: usize,
        /// The number it should have.
        expected: usize,
    },
    /// A column that must be there is not, or is NULL.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// A value of the wrong kind.
    #[error("its {column} is no {expected}: {found}")]
    Value {
        /// In which column it stands.
        column: &'static str,
        /// What it should be.
        expected: &'static str,
        /// The beginning of what it is.
        found: String,
    },
}

impl Row {
    /// A row of form A.
    pub fn of_json(line: &str) -> Result<Self, UnfitRow> {
        let object: serde_json::Map<String, Value> =
            serde_json::from_str(line).map_err(|error| match error.is_eof() {
                true => UnfitRow::Cut,
                false => UnfitRow::Json(error),
            })?;
        let cells = object.into_iter().filter_map(|(name, value)| {
            let cell = match value {
                Value::Null => return None,
                Value::Bool(flag) => RowCell::Flag(flag),
                Value::String(text) => RowCell::Text(text),
                // No number of ours has a fraction, and those as large as times lose their ends
                // with one.
                Value::Number(number) => match number.as_i64() {
                    Some(number) => RowCell::Integer(number),
                    None => RowCell::Text(number.to_string()),
                },
                other @ (Value::Array(_) | Value::Object(_)) => RowCell::Text(other.to_string()),
            };
            Some((name.to_ascii_lowercase(), cell))
        });
        Ok(Self(cells.collect()))
    }

    /// A row of form B with these columns, of which the last may be missing from `least` on.
    pub fn of_fields(line: &str, columns: &[&'static str], least: usize) -> Result<Self, UnfitRow> {
        let fields: Vec<_> = line.split('\t').collect();
        if !(least..=columns.len()).contains(&fields.len()) {
            return Err(UnfitRow::Fields {
                found: fields.len(),
                expected: columns.len(),
            });
        }
        let named = columns.iter().zip(fields);
        // bcp writes nothing for NULL, sqlcmd a word.
        let there = named.filter(|(_, field)| !field.is_empty() && *field != "NULL");
        let cells = there
            .map(|(name, field)| (name.to_ascii_lowercase(), RowCell::Field(field.to_owned())));
        Ok(Self(cells.collect()))
    }

    /// Whether the export has that column at all, and here it is not NULL.
    pub fn has(&self, column: &'static str) -> bool {
        self.cell(column).is_some()
    }

    /// A whole number, which must be there.
    pub fn integer(&self, column: &'static str) -> Result<i64, UnfitRow> {
        required(column, self.integer_or_null(column)?)
    }

    /// A whole number.
    pub fn integer_or_null(&self, column: &'static str) -> Result<Option<i64>, UnfitRow> {
        self.read(column, "whole number", |cell| match cell {
            RowCell::Integer(number) => Some(*number),
            RowCell::Flag(flag) => Some(i64::from(*flag)),
            RowCell::Text(text) | RowCell::Field(text) => text.trim().parse().ok(),
        })
    }

    /// A `bit`, which must be there.
    pub fn flag(&self, column: &'static str) -> Result<bool, UnfitRow> {
        required(column, self.flag_or_null(column)?)
    }

    /// A `bit`; `None`: NULL.
    pub fn flag_or_null(&self, column: &'static str) -> Result<Option<bool>, UnfitRow> {
        self.read(column, "bit (0 or 1)", |cell| match cell {
            RowCell::Flag(flag) => Some(*flag),
            RowCell::Integer(0) => Some(false),
            RowCell::Integer(1) => Some(true),
            RowCell::Integer(_) => None,
            RowCell::Text(text) | RowCell::Field(text) => match text.trim() {
                "0" | "false" => Some(false),
                "1" | "true" => Some(true),
                _ => None,
            },
        })
    }

    /// A text, which must be there.
    pub fn text(&self, column: &'static str) -> Result<String, UnfitRow> {
        required(column, self.text_or_null(column)?)
    }

    /// A text; `None`: NULL, which an empty one is not.
    pub fn text_or_null(&self, column: &'static str) -> Result<Option<String>, UnfitRow> {
        self.read(
            column,
            "text in hex with an x before it",
            |cell| match cell {
                RowCell::Text(text) => Some(text.clone()),
                RowCell::Field(field) => from_hex(field),
                RowCell::Integer(_) | RowCell::Flag(_) => None,
            },
        )
    }

    /// A `uniqueidentifier`, which must be there.
    pub fn guid(&self, column: &'static str) -> Result<Uuid, UnfitRow> {
        required(column, self.guid_or_null(column)?)
    }

    /// A `uniqueidentifier`; `None`: NULL.
    pub fn guid_or_null(&self, column: &'static str) -> Result<Option<Uuid>, UnfitRow> {
        self.read(column, "GUID", |cell| match cell {
            RowCell::Text(text) | RowCell::Field(text) => Uuid::try_parse(text.trim()).ok(),
            RowCell::Integer(_) | RowCell::Flag(_) => None,
        })
    }

    fn cell(&self, column: &'static str) -> Option<&RowCell> {
        self.0.get(&column.to_ascii_lowercase())
    }

    fn read<T>(
        &self,
        column: &'static str,
        expected: &'static str,
        read: impl FnOnce(&RowCell) -> Option<T>,
    ) -> Result<Option<T>, UnfitRow> {
        let Some(cell) = self.cell(column) else {
            return Ok(None);
        };
        let unfit = || UnfitRow::Value {
            column,
            expected,
            found: cell.shown(),
        };
        read(cell).map(Some).ok_or_else(unfit)
    }
}

impl RowCell {
    /// Its beginning, for people.
    fn shown(&self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Text(text) | Self::Field(text) => {
                let beginning: String = text.chars().take(SHOWN_CHARACTERS).collect();
                format!("{beginning:?}")
            }
        }
    }
}

fn required<T>(column: &'static str, value: Option<T>) -> Result<T, UnfitRow> {
    value.ok_or(UnfitRow::Missing(column))
}

/// A text of form B: `x` and the hex of its UTF-16, low bytes first. bcp writes an empty text that
/// has no `x` as a byte of zero.
fn from_hex(field: &str) -> Option<String> {
    if field == "\0" {
        return Some(String::new());
    }
    let (units, rest) = field.strip_prefix('x')?.as_bytes().as_chunks::<4>();
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u16);
    let unit = |[a, b, c, d]: &[u8; 4]| {
        Some(digit(*c)? << 12 | digit(*d)? << 8 | digit(*a)? << 4 | digit(*b)?)
    };
    let units: Option<Vec<u16>> = units.iter().map(unit).collect();
    rest.is_empty()
        .then(|| decode_utf16(units?.into_iter()).into())?
}

const SHOWN_CHARACTERS: usize = 40;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMNS: &[&str] = &["number", "flag", "text", "more"];

    fn hex(text: &str) -> String {
        let bytes = text.encode_utf16().flat_map(u16::to_le_bytes);
        let digits: String = bytes.map(|byte| format!("{byte:02X}")).collect();
        format!("x{digits}")
    }

    #[test]
    fn form_a_is_read_whatever_the_case_of_its_names() {
        let row = Row::of_json(
            r#"{"NUMBER":635000000000000001,"Flag":true,"text":"a\/b\r\n\u0001","guid":"6F9619FF-8B86-D011-B42D-00C04FC964FF","none":null}"#,
        )
        .unwrap();
        assert_eq!(row.integer("number").unwrap(), 635_000_000_000_000_001);
        assert!(row.flag("flag").unwrap());
        assert_eq!(row.text("text").unwrap(), "a/b\r\n\u{1}");
        assert_eq!(
            row.guid("guid").unwrap().to_string(),
            "6f9619ff-8b86-d011-b42d-00c04fc964ff"
        );
        assert_eq!(row.flag_or_null("none").unwrap(), None);
        assert_eq!(row.text_or_null("not there").unwrap(), None);
    }

    #[test]
    fn form_b_tells_null_from_an_empty_text() {
        let read = |line: &str| Row::of_fields(line, COLUMNS, 3).unwrap();
        let row = read("7\t1\tx\tx4100");
        assert_eq!(row.integer("Number").unwrap(), 7);
        assert!(row.flag("flag").unwrap());
        assert_eq!(row.text_or_null("text").unwrap().as_deref(), Some(""));
        assert_eq!(row.text("more").unwrap(), "A");
        assert_eq!(read("7\t\t\t").text_or_null("text").unwrap(), None);
        assert_eq!(read("7\tNULL\tNULL").flag_or_null("flag").unwrap(), None);
        let empty = read("7\t0\t\0").text_or_null("text").unwrap();
        assert_eq!(empty.as_deref(), Some(""));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_column() {
        let json = |line| Row::of_json(line).unwrap_err().to_string();
        assert!(json("{\"content\":\"a").starts_with("the line ends in the middle"));
        assert!(json("b\"}").starts_with("it is no JSON object: expected value"));
        let fields = |line| Row::of_fields(line, COLUMNS, 3).map(drop);
        assert_eq!(
            fields("7\t1").unwrap_err().to_string(),
            "it has 2 fields between tabs instead of 4"
        );
        let row = Row::of_fields("1.5\t2\t41\tx41", COLUMNS, 3).unwrap();
        let whole = |told: Result<i64, UnfitRow>| told.unwrap_err().to_string();
        assert_eq!(
            whole(row.integer("number")),
            "its number is no whole number: \"1.5\""
        );
        assert_eq!(
            row.flag("flag").unwrap_err().to_string(),
            "its flag is no bit (0 or 1): \"2\""
        );
        for column in ["text", "more"] {
            let error = row.text(column).unwrap_err().to_string();
            assert!(error.contains("is no text in hex"), "{error}");
        }
        assert_eq!(
            row.integer("nothing").unwrap_err().to_string(),
            "it has no nothing"
        );
        // A time that has gone through a float has lost its end.
        let row = Row::of_json("{\"number\":6.35e17}").unwrap();
        assert!(row.integer("number").is_err());
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_hex(text in any::<String>()) {
            let line = format!("1\t0\t{}", hex(&text));
            let row = Row::of_fields(&line, COLUMNS, 3).unwrap();
            prop_assert_eq!(row.text("text").unwrap(), text);
        }

        #[test]
        fn any_text_comes_back_from_json(text in any::<String>(), number in any::<i64>()) {
            let line = serde_json::json!({ "text": text, "number": number }).to_string();
            let row = Row::of_json(&line).unwrap();
            prop_assert_eq!(row.text("text").unwrap(), text);
            prop_assert_eq!(row.integer("number").unwrap(), number);
        }

        #[test]
        fn no_line_makes_it_fall(line in any::<String>()) {
            let _ = Row::of_json(&line);
            if let Ok(row) = Row::of_fields(&line, COLUMNS, 1) {
                let _ = (row.integer("number"), row.flag("flag"), row.text("text"), row.guid("more"));
            }
        }
    }
}
