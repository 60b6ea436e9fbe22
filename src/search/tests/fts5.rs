//! A real FTS5 table, which has to accept every search and to find what [`Search::matches`] finds.

use proptest::prelude::*;
use rusqlite::Connection;

use super::properties::{text, typed};
use super::*;

/// An index as the store has it: contentless, with the tokenizer `ascii`.
struct Index(Connection);

impl Index {
    fn of(texts: &[String]) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='ascii')",
            )
            .unwrap();
        for (rowid, text) in (0_i64..).zip(texts) {
            connection
                .execute(
                    "INSERT INTO words (rowid, text) VALUES (?1, ?2)",
                    (rowid, words(text)),
                )
                .unwrap();
        }
        Self(connection)
    }

    /// Which of its texts are found.
    fn find(&self, search: &Search) -> Vec<i64> {
        self.0
            .prepare("SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid")
            .unwrap()
            .query_map([search.to_match()], |row| row.get(0))
            .and_then(Iterator::collect)
            .unwrap_or_else(|error| panic!("{error}: {}", search.to_match()))
    }
}

/// What is found without an index.
fn expected(search: &Search, texts: &[String]) -> Vec<i64> {
    let found = (0_i64..)
        .zip(texts)
        .filter(|(_, text)| search.matches(text));
    found.map(|(at, _)| at).collect()
}

proptest! {
    // Each case is a table and dozens of searches.
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn fts5_finds_what_a_search_matches(
        texts in prop::collection::vec(text(), 1..12),
        typed in prop::collection::vec(typed(), 1..12),
    ) {
        let index = Index::of(&texts);
        let parsed = typed.iter().map(|typed| Search::parse(typed));
        let built = typed.iter().flat_map(|typed| [Search::all(typed), Search::any(typed), Search::exact(typed)]);
        for search in parsed.chain(built).flatten() {
            prop_assert_eq!(index.find(&search), expected(&search, &texts), "{}", search.to_match());
        }
    }
}

proptest! {
    #[test]
    fn fts5_accepts_whatever_is_typed(typed in any::<String>()) {
        if let Ok(search) = Search::parse(&typed) {
            Index::of(&[]).find(&search);
        }
    }

    #[test]
    fn fts5_sees_the_words_that_we_see(text in text()) {
        let index = Index::of(std::slice::from_ref(&text));
        index.0.execute_batch("CREATE VIRTUAL TABLE seen USING fts5vocab(words, instance)").unwrap();
        let mut statement = index.0.prepare("SELECT term FROM seen ORDER BY offset").unwrap();
        let seen: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(seen.join(" "), words(&text));
    }
}

#[test]
fn fts5_accepts_the_largest_searches() {
    let index = Index::of(&["cat".into()]);
    let half = Search::TERMS_MAX / 2;
    for (typed, found) in [
        ("cat ".repeat(2 * half), 1),
        ("cat* ".repeat(Search::PREFIXES_MAX), 1),
        ("cat -语言 ".repeat(half), 1),
        ("cat | ".repeat(2 * half), 1),
        ("cat -dog | ".repeat(half), 1),
        ("语".repeat(Search::WORDS_MAX), 0),
        (format!("{}*", "语".repeat(Search::WORDS_MAX)), 0),
    ] {
        let search = Search::parse(typed.trim_end_matches([' ', '|'])).unwrap();
        assert_eq!(index.find(&search).len(), found, "{typed}");
    }
}

#[test]
fn a_search_is_a_part_of_a_larger_expression() {
    let index = Index::of(&[]);
    for tagged in ["\u{e000}r1 cat", "\u{e000}r2 cat", "\u{e000}r1 bird dog"] {
        index
            .0
            .execute("INSERT INTO words (text) VALUES (?1)", [tagged])
            .unwrap();
    }
    let search = Search::parse("cat or bird -dog").unwrap();
    let expression = format!("\"\u{e000}r1\" AND ({})", search.to_match());
    let count = "SELECT count(*) FROM words WHERE words MATCH ?1";
    let found: u32 = index
        .0
        .query_row(count, [expression], |row| row.get(0))
        .unwrap();
    assert_eq!(found, 1);
}
