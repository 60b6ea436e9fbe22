//! Changes and lists as XML.

use super::*;
use crate::wire::xml::frame::Frame;
use crate::wire::xml::writer::to_xml;
use jid::{BareJid, FullJid};
use std::sync::Arc;

fn with_query<T>(items: &str, decode: impl Fn(&Child<'_>) -> T) -> T {
    let xml = format!("<iq><query xmlns='{NAMESPACE}'>{items}</query></iq>");
    let frame = Frame::from_xml(xml.as_bytes()).unwrap();
    let child = frame.children().next().unwrap();
    decode(&child)
}

fn changes(items: &str) -> Vec<Moderation> {
    match with_query(items, decode_set) {
        Ok(Action::Moderate(changes)) => changes,
        other => panic!("{other:?}"),
    }
}

fn member(reserve: Option<Option<Nick>>) -> Moderation {
    Moderation::Affiliation {
        target: AffiliationTarget::Jid(BareJid::new("hag66@shakespeare.lit").unwrap()),
        affiliation: Affiliation::Member,
        reserve,
        reason: None,
    }
}

#[test]
fn a_kick_is_a_role_by_nick() {
    let kick = Moderation::Role {
        nick: Nick::new("pistol").unwrap(),
        role: Role::None,
        reason: Some("Avaunt, you cullion!".into()),
    };
    let items = "<item nick='pistol' role='none'><reason>Avaunt, you cullion!</reason></item>";
    assert_eq!(changes(items), [kick]);
}

#[test]
fn an_endless_reason_is_refused() {
    let items = format!(
        "<item nick='pistol' role='none'><reason>{}</reason></item>",
        "x".repeat(1001)
    );
    assert_eq!(
        with_query(&items, decode_set).unwrap_err(),
        Problem::TextTooLong { element: "reason" }
    );
}

#[test]
fn an_affiliation_is_by_address_and_may_reserve_a_nick() {
    let item = |nick: &str| {
        changes(&format!(
            "<item affiliation='member' jid='hag66@shakespeare.lit/pda' {nick}/>"
        ))
    };
    assert_eq!(item(""), [member(None)]);
    assert_eq!(item("nick=''"), [member(Some(None))]);
    let thirdwitch = Nick::new("thirdwitch").unwrap();
    assert_eq!(item("nick='thirdwitch'"), [member(Some(Some(thirdwitch)))]);
}

#[test]
fn a_ban_reserves_nothing_and_may_be_of_a_domain() {
    let items = "<item affiliation='outcast' jid='shakespeare.lit' nick='x'/>";
    let [
        Moderation::Affiliation {
            target, reserve, ..
        },
    ] = &changes(items)[..]
    else {
        panic!("not a ban");
    };
    assert_eq!(
        *target,
        AffiliationTarget::Jid(BareJid::new("shakespeare.lit").unwrap())
    );
    assert_eq!(*reserve, None);
}

#[test]
fn an_occupant_may_be_meant_by_nick_alone() {
    let items = "<item affiliation='outcast' nick='pistol'/>";
    let [Moderation::Affiliation { target, .. }] = &changes(items)[..] else {
        panic!("not a ban");
    };
    assert_eq!(
        *target,
        AffiliationTarget::Nick(Nick::new("pistol").unwrap())
    );
}

#[test]
fn a_change_of_both_or_neither_is_refused() {
    for items in [
        "",
        "<item jid='a@b'/>",
        "<item nick='a' role='none' affiliation='none'/>",
        "<item role='none' jid='a@b'/>",
        "<item affiliation='member'/>",
        "<item nick='a' role='king'/>",
        "<item jid='a@b' affiliation='king'/>",
        "<item affiliation='member' jid='a@b'/><item/>",
    ] {
        let refused = with_query(items, decode_set).unwrap_err();
        assert!(matches!(refused, Problem::Malformed { .. }), "{items}");
    }
    let bad = |items: &str| with_query(items, decode_set).unwrap_err();
    assert_eq!(
        bad("<item affiliation='member' jid='@'/>"),
        Problem::BadAddress {
            place: "jid of <item/>"
        }
    );
    let place = "nick of <item/>";
    assert_eq!(
        bad("<item role='none' nick=' '/>"),
        Problem::BadNick { place }
    );
}

#[test]
fn a_list_is_of_a_role_or_an_affiliation() {
    let get = |items: &str| with_query(items, decode_get);
    assert!(matches!(
        get("<item affiliation='outcast'/>"),
        Ok(Action::ListAffiliation(Affiliation::Outcast))
    ));
    assert!(matches!(
        get("<item role='moderator'/>"),
        Ok(Action::ListRole(Role::Moderator))
    ));
    for items in [
        "",
        "<item/>",
        "<item affiliation='none'/>",
        "<item role='none'/>",
        "<item role='moderator' affiliation='owner'/>",
        "<item affiliation='owner'/><item affiliation='admin'/>",
    ] {
        let refused = get(items).unwrap_err();
        let of_none = Refusal::NoSuchList.into();
        assert!(
            matches!(refused, Problem::Malformed { .. }) || refused == of_none,
            "{items}"
        );
    }
}

#[test]
fn lists_tell_what_the_specification_wants() {
    let list = [AffiliationItem {
        jid: BareJid::new("hag66@shakespeare.lit").unwrap(),
        affiliation: Affiliation::Member,
        nick: Some(Nick::new("thirdwitch").unwrap()),
        reason: Some("why not".into()),
    }];
    let xml = String::from_utf8(to_xml(&affiliations(&list, ListDetail::Full))).unwrap();
    for part in [
        "affiliation='member'",
        "jid='hag66@shakespeare.lit'",
        "nick='thirdwitch'",
        "why not",
    ] {
        assert!(xml.contains(part), "{xml}");
    }
    assert!(!xml.contains("role"), "{xml}");
    let list = [RoleItem {
        nick: Nick::new("thirdwitch").unwrap(),
        role: Role::Visitor,
        affiliation: Affiliation::None,
        real_jid: Some(Arc::new(FullJid::new("hag66@shakespeare.lit/pda").unwrap())),
    }];
    let xml = String::from_utf8(to_xml(&roles(&list))).unwrap();
    for part in [
        "affiliation='none'",
        "jid='hag66@shakespeare.lit/pda'",
        "role='visitor'",
    ] {
        assert!(xml.contains(part), "{xml}");
    }
}
