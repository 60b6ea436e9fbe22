//! What a user types, and what it means.

use super::*;

/// What a search means, in the words of FTS5.
fn meaning(typed: &str) -> String {
    match Search::parse(typed) {
        Ok(search) => search.to_match(),
        Err(error) => format!("{error:?}"),
    }
}

/// Sees that each of some searches means what is said.
fn mean<const COUNT: usize>(pairs: [(&str, &str); COUNT]) {
    for (typed, meant) in pairs {
        assert_eq!(meaning(typed), meant, "{typed:?}");
    }
}

#[test]
fn words_must_all_be_there() {
    mean([
        ("cat", r#"("cat")"#),
        ("Black CAT", r#"("black" AND "cat")"#),
        ("black AND cat", r#"("black" AND "cat")"#),
        ("  black\u{3000}cat\t\n", r#"("black" AND "cat")"#),
        ("salt and pepper", r#"("salt" AND "and" AND "pepper")"#),
    ]);
}

#[test]
fn what_stands_in_quotation_marks_is_a_phrase() {
    mean([
        (r#""black cat""#, r#"("black cat")"#),
        (r#""black, CAT!" dog"#, r#"("black cat" AND "dog")"#),
        (
            "“black cat” „der Hund“ « le chat »",
            r#"("black cat" AND "der hund" AND "le chat")"#,
        ),
        (
            r#"a"b c"d "e f"g"#,
            r#"("a b" AND "c d" AND "e f" AND "g")"#,
        ),
        (r#"("black cat" dog)"#, r#"("black cat" AND "dog")"#),
        (r#"said:"black cat""#, r#"("said" AND "black cat")"#),
        (r#"黒い"black cat""#, r#"("黒 い" AND "black cat")"#),
        (r#""or" "AND" "-x""#, r#"("or" AND "and" AND "x")"#),
    ]);
}

#[test]
fn a_word_of_several_words_is_a_phrase() {
    mean([
        ("don't", r#"("don t")"#),
        ("ann@example.org/phone", r#"("ann example org phone")"#),
        (
            "https://example.org/a?b=c#d",
            r#"("https example org a b c d")"#,
        ),
        ("snake_case v1.2.3", r#"("snake case" AND "v1 2 3")"#),
        ("C++ c#", r#"("c" AND "c")"#),
        ("Rust语言入门2024", r#"("rust 语 言 入 门 2024")"#),
    ]);
}

#[test]
fn a_star_lets_the_last_word_go_on() {
    mean([
        ("cat*", r#"("cat"*)"#),
        ("cat**", r#"("cat"*)"#),
        ("(cat*)", r#"("cat"*)"#),
        ("CAT＊", r#"("cat"*)"#),
        ("black-cat*", r#"("black cat"*)"#),
        (r#""black cat*""#, r#"("black cat"*)"#),
        (r#""black cat"*"#, r#"("black cat"*)"#),
        ("-cat*", "OnlyExclusions"),
        ("dog -cat*", r#"(("dog") NOT ("cat"*))"#),
        ("cat *", r#"("cat")"#),
        ("*cat c*t cat-*", r#"("cat" AND "c t" AND "cat")"#),
        ("语*", r#"("语"*)"#),
    ]);
}

#[test]
fn a_prefix_of_one_letter_is_a_word() {
    mean([
        ("a*", r#"("a")"#),
        ("my-a*", r#"("my a")"#),
        ("É*", r#"("e")"#),
        ("7*", r#"("7")"#),
    ]);
}

#[test]
fn a_minus_excludes() {
    mean([
        ("cat -dog", r#"(("cat") NOT ("dog"))"#),
        ("-dog cat", r#"(("cat") NOT ("dog"))"#),
        ("cat -dog −bird", r#"(("cat") NOT ("dog" OR "bird"))"#),
        (
            r#"cat -"black dog" mouse"#,
            r#"(("cat" AND "mouse") NOT ("black dog"))"#,
        ),
        ("cat -black-dog", r#"(("cat") NOT ("black dog"))"#),
        ("cat -👍 -ñ", r#"(("cat") NOT ("👍" OR "n"))"#),
        (
            "cat -- dog - bird --force -",
            r#"("cat" AND "dog" AND "bird" AND "force")"#,
        ),
        (r#""cat"-dog"#, r#"("cat" AND "dog")"#),
        ("cat -€ -(dog)", r#"("cat" AND "dog")"#),
        ("cat -or dog", r#"(("cat" AND "dog") NOT ("or"))"#),
    ]);
}

#[test]
fn or_binds_weaker_than_and() {
    mean([
        ("a b or c d", r#"("a" AND "b") OR ("c" AND "d")"#),
        ("a OR b|c ｜ d", r#"("a") OR ("b") OR ("c") OR ("d")"#),
        ("a -b or c -d", r#"(("a") NOT ("b")) OR (("c") NOT ("d"))"#),
        ("a||b", r#"("a") OR ("b")"#),
        ("a * or ( b", r#"("a") OR ("b")"#),
        ("Or Ore", r#"("or" AND "ore")"#),
    ]);
}

#[test]
fn connectives_that_connect_nothing_are_words() {
    mean([
        ("or", r#"("or")"#),
        ("AND", r#"("and")"#),
        ("or noir", r#"("or" AND "noir")"#),
        ("noir or", r#"("noir" AND "or")"#),
        ("noir or *", r#"("noir" AND "or")"#),
        ("a or or b", r#"("a") OR ("or" AND "b")"#),
        ("a AND or b", r#"("a" AND "or" AND "b")"#),
        ("| a |", r#"("a")"#),
    ]);
}

#[test]
fn anything_else_is_text() {
    mean([
        (r#""black cat"#, r#"("black" AND "cat")"#),
        (r#"5" disk"#, r#"("5" AND "disk")"#),
        (r#"cat" dog"#, r#"("cat" AND "dog")"#),
        ("NEAR(cat dog, 5)", r#"("near cat" AND "dog" AND "5")"#),
        (
            "body:cat {a b}: ^cat",
            r#"("body cat" AND "a" AND "b" AND "cat")"#,
        ),
        ("NOT cat", r#"("not" AND "cat")"#),
        (
            "'; DROP TABLE words; --",
            r#"("drop" AND "table" AND "words")"#,
        ),
        ("a\0b\u{7}c", r#"("a" AND "b" AND "c")"#),
        ("\u{e000}r12 a\u{e000}b", r#"("r12" AND "a b")"#),
    ]);
}

#[test]
fn without_a_word_there_is_nothing_to_search_for() {
    for empty in [
        "",
        " ",
        "\0",
        "\"",
        "\"\"",
        "- * ( ) : | ||",
        "-\"\" \"*\"",
        "\u{e000}",
        "\u{301}\u{200d}\u{fe0f}",
    ] {
        assert_eq!(Search::parse(empty), Err(SearchError::Empty), "{empty:?}");
        assert_eq!(Search::all(empty), Err(SearchError::Empty), "{empty:?}");
        assert_eq!(Search::any(empty), Err(SearchError::Empty), "{empty:?}");
        assert_eq!(Search::exact(empty), Err(SearchError::Empty), "{empty:?}");
    }
}

#[test]
fn exclusions_alone_are_refused() {
    for typed in ["-cat", "-\"black cat\" -dog", "cat or -dog", "-dog | cat"] {
        assert_eq!(
            Search::parse(typed),
            Err(SearchError::OnlyExclusions),
            "{typed:?}"
        );
    }
}

#[test]
fn the_size_of_a_search_is_bounded() {
    let many = |count: usize| "cat -dog ".repeat(count / 2);
    assert!(Search::parse(&many(Search::TERMS_MAX)).is_ok());
    assert_eq!(
        Search::parse(&many(Search::TERMS_MAX + 2)),
        Err(SearchError::TooManyTerms)
    );
    assert_eq!(
        Search::any(&many(Search::TERMS_MAX + 2)),
        Err(SearchError::TooManyTerms)
    );
    // Whatever else it is.
    let excluded = format!("{}cat", "-dog ".repeat(Search::TERMS_MAX + 1));
    assert_eq!(Search::parse(&excluded), Err(SearchError::TooManyTerms));
    let alternatives = |count: usize| vec!["cat"; count].join(" or ");
    assert!(Search::parse(&alternatives(Search::TERMS_MAX)).is_ok());
    let too_many = alternatives(Search::TERMS_MAX + 1);
    assert_eq!(Search::parse(&too_many), Err(SearchError::TooManyTerms));
    assert!(Search::exact(&"语".repeat(Search::WORDS_MAX)).is_ok());
    let long = "语".repeat(Search::WORDS_MAX + 1);
    assert_eq!(Search::exact(&long), Err(SearchError::TooManyTerms));
}

#[test]
fn only_some_words_may_go_on() {
    let prefixes = |count: usize, between: &str| vec!["ca*"; count].join(between);
    for between in [" ", " or ", " -"] {
        let some = format!("dog \"a b\" {}", prefixes(Search::PREFIXES_MAX, between));
        assert!(Search::parse(&some).is_ok(), "{some}");
        let many = prefixes(Search::PREFIXES_MAX + 1, between);
        assert_eq!(Search::parse(&many), Err(SearchError::TooManyPrefixes));
    }
}

#[test]
fn an_operator_names_all_any_or_exactly_the_words() {
    let text = r#"cat -dog "or" don't"#;
    let all = r#"("cat" AND "dog" AND "or" AND "don t")"#;
    assert_eq!(Search::all(text).unwrap().to_match(), all);
    let any = r#"("cat") OR ("dog") OR ("or") OR ("don t")"#;
    assert_eq!(Search::any(text).unwrap().to_match(), any);
    assert_eq!(
        Search::exact(text).unwrap().to_match(),
        r#"("cat dog or don t")"#
    );
}

#[test]
fn a_search_tells_its_alternatives() {
    let search = Search::parse("cat \"black dog\" -mou* or bird").unwrap();
    let [first, second] = search.alternatives() else {
        panic!("{search:?}");
    };
    assert_eq!(
        first.all,
        [
            SearchTerm::Word("cat".into()),
            SearchTerm::Phrase("black dog".into())
        ]
    );
    assert_eq!(first.none, [SearchTerm::Prefix("mou".into())]);
    assert_eq!(second, &Alternative::from(SearchTerm::Word("bird".into())));
}

#[test]
fn texts_are_found_by_what_they_have() {
    let text = "The quick brown fox jumps over the lazy dog.";
    all_find(
        [
            "fox",
            "DOG quick",
            "\"brown fox\"",
            "jump*",
            "\"the la*\"",
            "cat or dog",
            "fox -cat",
            "\"lazy dog\"",
        ],
        text,
    );
    none_finds(
        [
            "jump",
            "\"fox brown\"",
            "fox cat",
            "fox -dog",
            "cat or bird",
            "umps",
            "fox -jum*",
        ],
        text,
    );
}

#[test]
fn errors_are_told_in_words() {
    for error in [
        SearchError::Empty,
        SearchError::OnlyExclusions,
        SearchError::TooManyTerms,
        SearchError::TooManyPrefixes,
    ] {
        assert!(error.to_string().contains("to search for"), "{error}");
    }
}
