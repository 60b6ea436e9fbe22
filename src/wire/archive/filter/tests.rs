//! Forms of queries, and the conditions in them.

use super::*;
use crate::wire::form::submission::tests::submission;
use jid::Jid;

const ROOM: &str = "coven@chat.shakespeare.lit";

fn asked_of(archive: &str, fields: &[(&str, &[&str])]) -> Result<(Filter, Order), Problem> {
    let fields: String = [("FORM_TYPE", &["urn:xmpp:mam:2"][..])]
        .iter()
        .chain(fields)
        .map(|(var, values)| {
            let values: String = values
                .iter()
                .map(|value| format!("<value>{value}</value>"))
                .collect();
            format!("<field var='{var}'>{values}</field>")
        })
        .collect();
    decode(&submission(&fields), &BareJid::new(archive).unwrap())
}

fn decoded(fields: &[(&str, &[&str])]) -> Result<(Filter, Order), Problem> {
    asked_of(ROOM, fields)
}

fn with(address: &str) -> Result<Option<With>, Problem> {
    Ok(decoded(&[("with", &[address])])?.0.with)
}

#[track_caller]
fn assert_bad(fields: &[(&str, &[&str])], expected: &str) {
    match decoded(fields) {
        Err(Problem::BadField { field, .. }) => assert_eq!(field, expected),
        other => panic!("{fields:?}: {other:?}"),
    }
}

#[test]
fn every_condition_is_read() {
    let (filter, order) = decoded(&[
        ("start", &["1970-01-01T00:00:00Z"]),
        ("end", &["1970-01-01T01:00:01+01:00"]),
        ("after-id", &["a"]),
        ("before-id", &["b"]),
        ("ids", &["c", "", "d"]),
        ("search", &["cat"]),
        (ORDER, &["rank"]),
    ])
    .unwrap();
    let id = |id: &str| ArchiveId(id.into());
    assert_eq!(filter.start, Some(Timestamp(0)));
    assert_eq!(filter.end, Some(Timestamp(1_000_000)));
    assert_eq!(
        (filter.after_id, filter.before_id),
        (Some(id("a")), Some(id("b")))
    );
    assert_eq!(filter.ids, [id("c"), id("d")]);
    assert_eq!(filter.search, Some(Search::parse("cat").unwrap()));
    assert_eq!(order, Order::Rank);
}

#[test]
fn what_is_empty_is_no_condition() {
    for field in [
        "with",
        "start",
        "end",
        "before-id",
        "after-id",
        "ids",
        "search",
        ORDER,
    ] {
        for values in [&[][..], &[""]] {
            let nothing = (Filter::default(), Order::default());
            assert_eq!(decoded(&[(field, values)]), Ok(nothing), "{field}");
        }
    }
}

#[test]
fn an_author_is_an_address_or_a_nick() {
    let address = |jid| Some(With::Address(Jid::new(jid).unwrap()));
    assert_eq!(
        with("hag66@shakespeare.lit"),
        Ok(address("hag66@shakespeare.lit"))
    );
    assert_eq!(
        with("hag66@shakespeare.lit/pda"),
        Ok(address("hag66@shakespeare.lit/pda"))
    );
    let nick = With::Nick(Nick::new("firstwitch").unwrap());
    assert_eq!(
        with("coven@chat.shakespeare.lit/firstwitch"),
        Ok(Some(nick))
    );
    assert_eq!(with("coven@chat.shakespeare.lit"), Ok(None));
    let other = "heath@chat.shakespeare.lit/firstwitch";
    assert_eq!(with(other), Ok(address(other)));
    let bad = Err(Problem::BadAddressInField { field: "with" });
    assert_eq!(with("@"), bad);
    assert_eq!(with("coven@chat.shakespeare.lit/\u{3164}"), bad);
}

#[test]
fn the_service_is_asked_for_some_rooms() {
    let asked = |fields: &[(&str, &[&str])]| {
        let (filter, _) = asked_of("chat.shakespeare.lit", fields)?;
        let rooms = filter.rooms.iter().map(ToString::to_string).collect();
        Ok::<(Vec<String>, _), Problem>((rooms, filter.with))
    };
    let (coven, heath) = ("coven@chat.shakespeare.lit", "heath@chat.shakespeare.lit");
    let rooms = "{urn:lyceum:0}rooms";
    assert_eq!(
        asked(&[(rooms, &[coven, heath])]),
        Ok((vec![coven.to_owned(), heath.to_owned()], None))
    );
    assert_eq!(
        asked(&[("with", &[coven])]),
        Ok((vec![coven.to_owned()], None))
    );
    let nick = Some(With::Nick(Nick::new("firstwitch").unwrap()));
    let witch = "coven@chat.shakespeare.lit/firstwitch";
    for fields in [
        &[("with", &[witch][..])][..],
        &[(rooms, &[heath, coven]), ("with", &[witch])],
    ] {
        assert_eq!(asked(fields), Ok((vec![coven.to_owned()], nick.clone())));
    }
    let elsewhere = asked(&[(rooms, &[heath]), ("with", &[witch])]);
    assert!(matches!(
        elsewhere,
        Err(Problem::BadField { field: "with", .. })
    ));
    for no in ["@", "chat.shakespeare.lit", "hag66@shakespeare.lit", witch] {
        let bad = Err(Problem::BadAddressInField { field: rooms });
        assert_eq!(asked(&[(rooms, &[no])]), bad, "{no}");
    }
    let unknown = decoded(&[(rooms, &[coven])]);
    assert!(matches!(unknown, Err(Problem::UnknownField { field }) if field == rooms));
}

#[test]
fn what_can_not_be_meant_is_told_by_the_fields_name() {
    assert_bad(&[("start", &["yesterday"])], "start");
    assert_bad(&[("end", &["1970-01-01"])], "end");
    assert_bad(&[("after-id", &["a", "b"])], "after-id");
    assert_bad(
        &[
            ("start", &["1970-01-01T00:00:00Z"]),
            ("start", &["1970-01-01T00:00:01Z"]),
        ],
        "start",
    );
    assert_bad(&[("withtext", &["cat"]), ("search", &["dog"])], "search");
    assert_bad(&[(ORDER, &["newest"])], ORDER);
    assert_bad(&[(ORDER, &["rank"])], ORDER);
    let many = vec!["x"; VALUES_MAX + 1];
    assert_bad(&[("ids", &many)], "ids");
    assert!(decoded(&[("ids", &many[1..])]).is_ok());
    let search = decoded(&[("search", &["-cat"])]);
    assert!(matches!(search, Err(Problem::BadSearch(_))), "{search:?}");
}

#[test]
fn another_form_or_field_is_refused() {
    for field in ["include-groupchat", "With", "{urn:lyceum:0}fulltext"] {
        let unknown = Problem::UnknownField {
            field: field.into(),
        };
        assert_eq!(decoded(&[(field, &["x"])]), Err(unknown));
    }
    assert_eq!(
        decode(
            &submission("<field var='with'/>"),
            &BareJid::new(ROOM).unwrap()
        ),
        Err(NO_FILTER)
    );
}
