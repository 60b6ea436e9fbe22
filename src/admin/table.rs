//! Tables for people: a heading, and columns under it that begin, or end, at one place.
//!
//! Rows come one by one and may be many, so they are printed in portions; a column is as wide as
//! what was widest in it so far. A cell much wider than others are pushes what is behind it aside
//! rather than make every row as wide.

use unicode_width::UnicodeWidthStr;

use super::text::{Text, escaped};
use crate::command::Column;

/// A table under way.
#[derive(Debug)]
pub(super) struct Table {
    columns: &'static [Column],
    widths: Vec<usize>,
    /// Not yet printed, each with as many cells as there are columns.
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty one. The heading is printed with the first rows.
    pub fn new(columns: &'static [Column]) -> Self {
        let headings: Vec<_> = columns
            .iter()
            .map(|column| column.heading().to_owned())
            .collect();
        let mut table = Self {
            columns,
            widths: vec![0; columns.len()],
            rows: Vec::new(),
        };
        table.put(headings);
        table
    }

    /// Takes a row; gives what is to be printed now, if anything is.
    pub fn push(&mut self, cells: Vec<String>) -> Option<Text> {
        self.put(cells);
        (self.rows.len() >= PORTION).then(|| self.take())
    }

    /// What has not been printed.
    pub fn take(&mut self) -> Text {
        let rows = std::mem::take(&mut self.rows);
        Text::lines(rows.iter().map(|row| self.line(row)))
    }

    fn put(&mut self, cells: Vec<String>) {
        let cells: Vec<_> = cells.iter().map(|cell| escaped(cell)).collect();
        for (width, cell) in self.widths.iter_mut().zip(&cells) {
            *width = (*width).max(cell.width().min(WIDTH_MAX));
        }
        self.rows.push(cells);
    }

    fn line(&self, row: &[String]) -> String {
        let mut line = String::new();
        for ((column, width), cell) in self.columns.iter().zip(&self.widths).zip(row) {
            let gap = " ".repeat(width.saturating_sub(cell.width()));
            let (before, behind) = match column.is_number() {
                false => ("", gap.as_str()),
                true => (gap.as_str(), ""),
            };
            line.push_str(before);
            line.push_str(cell);
            line.push_str(behind);
            line.push_str(BETWEEN);
        }
        line.truncate(line.trim_end_matches(' ').len());
        line
    }
}

const BETWEEN: &str = "  ";
/// Number of rows that are printed at once.
const PORTION: usize = 500;
/// No column is made wider, in the columns of a terminal.
const WIDTH_MAX: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::words("room", "ROOM"),
        Column::number("people", "PEOPLE"),
        Column::words("name", "NAME"),
    ];

    fn row(cells: [&str; 3]) -> Vec<String> {
        cells.map(str::to_owned).to_vec()
    }

    #[test]
    fn columns_stand_below_their_headings() {
        let mut table = Table::new(COLUMNS);
        assert_eq!(
            table.push(row(["hall@rooms.example.org", "7", "The hall"])),
            None
        );
        assert_eq!(
            table.push(row(["b@rooms.example.org", "12345678", ""])),
            None
        );
        assert_eq!(
            table.take().as_str(),
            "ROOM                      PEOPLE  NAME\n\
             hall@rooms.example.org         7  The hall\n\
             b@rooms.example.org     12345678\n"
        );
    }

    #[test]
    fn what_takes_two_columns_of_a_terminal_is_two_wide_and_what_is_escaped_as_wide_as_it_is_shown()
    {
        let mut table = Table::new(COLUMNS);
        table.push(row(["茶室@x", "1", "x"]));
        table.push(row(["a\u{202e}", "1", "x"]));
        table.push(row(["123456", "1", "x"]));
        let text = table.take();
        let ends: Vec<_> = text.as_str().lines().map(UnicodeWidthStr::width).collect();
        assert_eq!(ends[1..], [ends[1]; 3], "{}", text.as_str());
    }

    #[test]
    fn one_long_cell_does_not_widen_all_rows() {
        let mut table = Table::new(COLUMNS);
        table.push(row([&"x".repeat(500), "1", "y"]));
        table.push(row(["a", "2", "z"]));
        let text = table.take();
        let last = text.as_str().lines().last().unwrap().to_owned();
        assert_eq!(last.width(), WIDTH_MAX + 2 + "PEOPLE".len() + 2 + 1);
    }

    #[test]
    fn many_rows_come_in_portions_under_one_heading() {
        let mut table = Table::new(COLUMNS);
        let mut printed = String::new();
        for number in 0..2 * PORTION {
            let portion = table.push(row(["a", &number.to_string(), "b"]));
            printed.extend(portion.map(|text| text.as_str().to_owned()));
        }
        assert!(printed.lines().count() >= PORTION);
        printed.push_str(table.take().as_str());
        assert_eq!(printed.lines().count(), 2 * PORTION + 1);
        assert_eq!(printed.matches("ROOM").count(), 1);
    }
}
