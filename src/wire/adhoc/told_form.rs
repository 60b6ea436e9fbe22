//! What a command has found, as a form of type `result`: a table, or one thing with its fields.
//! XEP-0004 §3.4 (#protocol-results).

use xmpp_parsers::ns;

use super::answer::CommandNote;
use crate::wire::xml::writer::XmlWriter;

/// What a command has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldForm {
    /// What it is, in a sentence.
    pub title: String,
    /// The columns of the table, or the fields of the one thing.
    pub columns: Vec<ToldColumn>,
    /// What there is in each.
    pub rows: ToldRows,
}

/// A column, or a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldColumn {
    /// What it is called.
    pub name: String,
    /// What it is called for people.
    pub label: String,
}

/// What there is in a form that tells something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToldRows {
    /// What there is of one thing.
    One(Vec<String>),
    /// The first rows of a table.
    Table {
        /// Each with as many cells as there are columns.
        rows: Vec<Vec<String>>,
        /// The number of rows that there are behind them.
        left_out: u64,
        /// How the rest is got, in a sentence.
        rest: String,
    },
}

impl ToldForm {
    /// Leaves out rows, so that what had `size` bytes has about `size_max`. False: it can't.
    pub(super) fn shorten(&mut self, size_max: usize, size: usize) -> bool {
        let ToldRows::Table { rows, left_out, .. } = &mut self.rows else {
            return false;
        };
        let fitting = (rows.len() * size_max / size.max(1)).min(rows.len().saturating_sub(1));
        *left_out += (rows.len() - fitting) as u64;
        rows.truncate(fitting);
        fitting > 0
    }

    /// What is said of the rows that are left out.
    pub(super) fn left_out_note(&self) -> Option<CommandNote> {
        match &self.rows {
            ToldRows::Table {
                rows,
                left_out: left_out @ 1..,
                rest,
            } => {
                let (shown, all) = (rows.len(), rows.len() as u64 + left_out);
                let text = format!("These are the first {shown} of {all}. {rest}");
                Some(CommandNote::warning(text))
            }
            ToldRows::Table { .. } | ToldRows::One(_) => None,
        }
    }

    pub(super) fn write(&self, xml: &mut XmlWriter) {
        xml.open_in(ns::DATA_FORMS, "x")
            .word("type", "result")
            .text_element("title", &self.title);
        match &self.rows {
            ToldRows::One(cells) => {
                for (column, cell) in self.columns.iter().zip(cells) {
                    field(xml, column, Some(cell));
                }
            }
            ToldRows::Table { rows, .. } => {
                xml.open("reported");
                for column in &self.columns {
                    field(xml, column, None);
                }
                xml.close("reported");
                for row in rows {
                    item(xml, &self.columns, row);
                }
            }
        }
        xml.close("x");
    }
}

fn item(xml: &mut XmlWriter, columns: &[ToldColumn], row: &[String]) {
    xml.open("item");
    for (column, cell) in columns.iter().zip(row) {
        xml.open("field")
            .attribute("var", &column.name)
            .text_element("value", cell)
            .close("field");
    }
    xml.close("item");
}

fn field(xml: &mut XmlWriter, column: &ToldColumn, value: Option<&str>) {
    xml.open("field")
        .attribute("var", &column.name)
        .attribute("label", &column.label)
        .word("type", "text-single");
    if let Some(value) = value {
        xml.text_element("value", value);
    }
    xml.close("field");
}
