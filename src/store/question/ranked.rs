//! What fits best first: the order of a search by rank.
//!
//! To rank a message costs more than to find it, so only the newest [`RANKED_MAX`] that are found
//! are ranked. Their order is that of FTS5's bm25, the newer first among equals. It is made anew
//! for each page, so when messages come meanwhile, one may come twice or be left out, as the order
//! of the archive never allows.
//!
//! For bm25, FTS5 counts for each word of the search how many messages of all rooms have it: about
//! a tenth of a second for a million.

use std::ops::{ControlFlow, Range};

use rusqlite::{Connection, Result, params};

use super::searched::Searched;
use super::walk::{Direction, Path};

/// A result in the order of rank has no more messages than this.
pub const RANKED_MAX: usize = 1_000;

/// The rows that match and are admitted, best first.
pub(in crate::store) fn rows(
    connection: &Connection,
    words: &str,
    parts: &[Range<i64>],
    scope: &mut impl Searched,
) -> Result<Vec<i64>> {
    let path = Path::Words(words.to_owned());
    let mut newest = Vec::new();
    for rows in parts.iter().rev() {
        let mut visit = |row| {
            if scope.admits(row)? {
                newest.push(row);
            }
            Ok(match newest.len() < RANKED_MAX {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            })
        };
        let walked = path.walk(connection, rows, Direction::Backward, &mut visit)?;
        if walked.is_break() {
            break;
        }
    }
    rank(connection, words, &newest)
}

/// Puts rows into order, which are given newest first.
fn rank(connection: &Connection, words: &str, newest: &[i64]) -> Result<Vec<i64>> {
    let (Some(last), Some(first)) = (newest.first(), newest.last()) else {
        return Ok(Vec::new());
    };
    let numbers: Vec<String> = newest.iter().map(i64::to_string).collect();
    let numbers = format!("[{}]", numbers.join(","));
    let mut ranked: Vec<(f64, i64)> = connection
        .prepare_cached(RANKS)?
        .query_map(params![first, last, words, numbers], |row| {
            Ok((row.get(1)?, row.get(0)?))
        })?
        .collect::<Result<_>>()?;
    // What is better is less.
    ranked.sort_by(|(rank, row), (other_rank, other)| {
        rank.total_cmp(other_rank).then(other.cmp(row))
    });
    Ok(ranked.into_iter().map(|(_, row)| row).collect())
}

/// The part of the result that the page can be made of, in the order in which it is. `None`: the
/// row that it is to start at is not there.
pub(in crate::store) fn on_page(
    mut ranked: Vec<i64>,
    start: Option<i64>,
    direction: Direction,
) -> Option<Vec<i64>> {
    if direction == Direction::Backward {
        ranked.reverse();
    }
    if let Some(start) = start {
        let place = ranked.iter().position(|row| *row == start)?;
        ranked.drain(..=place);
    }
    Some(ranked)
}

/// The sign keeps FTS5 from being asked once for each row.
pub(in crate::store) const RANKS: &str = "SELECT rowid, rank FROM word
     WHERE rowid >= ?1 AND rowid <= ?2 AND word MATCH ?3 AND +rowid IN (SELECT value FROM json_each(?4))
     ORDER BY rowid";
