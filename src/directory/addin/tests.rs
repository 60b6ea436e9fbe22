//! Which add-ins there can be, and who is told when one changes.

use super::*;
use crate::directory::{Request, Rules};
use crate::room::{Now, Timestamp};

fn addin(name: &str, url: &str) -> AddIn {
    AddIn {
        name: name.into(),
        url: url.into(),
    }
}

fn handle(directory: &mut Directory, request: Request) -> Result<Vec<Effect>, Refusal> {
    let mut effects = Vec::new();
    directory.handle(Now::in_step(Timestamp(1)), request, &mut effects)?;
    Ok(effects)
}

fn set(name: &str, new_name: Option<&str>, url: Option<&str>) -> Request {
    Request::SetAddIn {
        addin: name.into(),
        new_name: new_name.map(Into::into),
        url: url.map(Into::into),
    }
}

fn remove(name: &str, rooms: u64) -> Request {
    Request::RemoveAddIn {
        addin: name.into(),
        rooms,
    }
}

const URL: &str = "https://apps.example.org/ticker";

/// A directory with a ticker.
fn directory() -> Directory {
    let mut directory = Directory::new(Rules::default());
    handle(&mut directory, Request::NewAddIn(addin("Ticker", URL))).unwrap();
    directory
}

fn problem(outcome: Result<(), Refusal>) -> Option<(&'static str, &'static str)> {
    match outcome {
        Ok(()) => None,
        Err(Refusal::AddIn(AddInRefusal::NotAcceptable { field, problem })) => {
            Some((field, problem))
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn whole_addresses_of_web_pages_are_taken_as_they_are_written() {
    let long = format!("https://a.example/{}", "x".repeat(2030));
    for url in [
        URL,
        "HTTP://apps.example.org",
        "hTTps://apps.example.org:8443/t?room=%20x#top",
        "https://bücher.example/täglich",
        "http://127.0.0.1:8080/",
        "http://[2001:db8::1]:8080/a@b",
        "https://a.example?who=a@b",
        &long,
    ] {
        assert_eq!(problem(check_url(url)), None, "{url}");
        let mut directory = Directory::new(Rules::default());
        handle(&mut directory, Request::NewAddIn(addin("x", url))).unwrap();
        assert_eq!(&*directory.addins().get(AddInId(1)).unwrap().url, url);
    }
}

#[test]
fn what_is_wrong_with_an_address_is_told() {
    let long = format!("https://a.example/{}", "x".repeat(2031));
    for (url, told) in [
        ("", "a whole address is needed"),
        ("apps.example.org/ticker", "a whole address is needed"),
        ("/ticker", "a whole address is needed"),
        ("//apps.example.org/ticker", "a whole address is needed"),
        ("ftp://apps.example.org/", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("https:apps.example.org", "two slashes"),
        ("https:/apps.example.org", "two slashes"),
        ("https:\\\\apps.example.org", "two slashes"),
        ("https:///x", "the host is missing"),
        ("https://", "the host is missing"),
        ("https://?x", "the host is missing"),
        ("https://:80/", "the host is missing"),
        ("https://[]/", "the host is missing"),
        ("https://[::1/", "this host can't be one"),
        ("https://a<b/", "this host can't be one"),
        ("https://a.example\\evil/", "slashes are written /"),
        ("https://a.example:65536/", "the port is a number"),
        ("https://a.example:http/", "the port is a number"),
        ("https://ann@a.example/", "without user name and password"),
        ("https://ann:secret@a.example/", "without user name"),
        ("https://@a.example/", "without user name"),
        ("https://a.example/a b", "no blanks"),
        (" https://a.example/", "no blanks"),
        ("https://a.example/\n", "no blanks"),
        ("https://a.example/\u{3000}", "no blanks"),
        ("https://a.exa\u{0}mple/", "no control characters"),
        ("https://a.example/\u{202e}gnp", "no control characters"),
        (&long, "at most 2048 characters"),
    ] {
        let (field, problem) = problem(check_url(url)).unwrap_or_else(|| panic!("{url} is taken"));
        assert_eq!(field, "url");
        assert!(problem.starts_with(told), "{url}: {problem}");
    }
}

#[test]
fn what_is_wrong_with_a_name_is_told() {
    let longest = "ä".repeat(256);
    for name in ["Ticker", "Börse 24", &longest] {
        assert_eq!(problem(check_name(name)), None, "{name}");
    }
    let long = "ä".repeat(257);
    for (name, told) in [
        ("", "needs something"),
        (" ", "needs something"),
        (" Ticker", "no blanks at its ends"),
        ("Tick\ner", "one line"),
        ("Tick\u{202e}er", "one line"),
        ("none", "the word `none`"),
        ("NONE", "the word `none`"),
        (&long, "at most 256"),
    ] {
        let (field, problem) = problem(check_name(name)).unwrap_or_else(|| panic!("{name:?}"));
        assert_eq!(field, "name");
        assert!(problem.starts_with(told), "{name}: {problem}");
    }
}

#[test]
fn no_two_have_the_same_name_however_their_letters_are_written() {
    let mut directory = directory();
    for name in ["Ticker", "TICKER", "ｔicker"] {
        let outcome = handle(&mut directory, Request::NewAddIn(addin(name, URL)));
        assert_eq!(
            outcome,
            Err(Refusal::AddIn(AddInRefusal::NameTaken)),
            "{name}"
        );
    }
    handle(&mut directory, Request::NewAddIn(addin("Board", URL))).unwrap();
    let outcome = handle(&mut directory, set("board", Some("tickeR"), None));
    assert_eq!(outcome, Err(Refusal::AddIn(AddInRefusal::NameTaken)));
    // Its own name can be written otherwise.
    handle(&mut directory, set("board", Some("BOARD"), None)).unwrap();
}

#[test]
fn rooms_share_the_add_ins_of_now() {
    let mut directory = directory();
    let before = directory.terms().clone();
    handle(&mut directory, set("TICKER", Some("Board"), None)).unwrap();
    assert_eq!(directory.terms().addins.named("board"), Some(AddInId(1)));
    assert_eq!(before.addins.named("ticker"), Some(AddInId(1)));
    assert_eq!(directory.terms().addins.named("ticker"), None);
}

#[test]
fn people_are_told_of_a_change_up_to_the_last_room_and_of_nothing_else() {
    let room = BareJid::new("hall@rooms.example.org").unwrap();
    let told = |up_to: Option<&BareJid>| Request::AddInTold {
        addin: AddInId(1),
        up_to: up_to.cloned(),
    };
    let mut directory = directory();
    assert_eq!(directory.untold_addin(), None, "a new one is no room's");
    assert_eq!(
        handle(&mut directory, set("ticker", None, Some(URL))),
        Ok(vec![])
    );
    assert_eq!(directory.untold_addin(), None, "nothing has changed");
    handle(
        &mut directory,
        set("ticker", None, Some("http://a.example")),
    )
    .unwrap();
    assert_eq!(directory.untold_addin(), Some((AddInId(1), None)));
    let effects = handle(&mut directory, told(Some(&room))).unwrap();
    assert_eq!(directory.untold_addin(), Some((AddInId(1), Some(&room))));
    let id = AddInId(1);
    let news = AddInNews::ToldUpTo(Some(room.clone()));
    assert_eq!(effects, [Effect::Save(Change::AddInTold { id, news })]);
    // Another change begins anew.
    handle(&mut directory, set("ticker", Some("Board"), None)).unwrap();
    assert_eq!(directory.untold_addin(), Some((AddInId(1), None)));
    handle(&mut directory, told(None)).unwrap();
    assert_eq!(directory.untold_addin(), None);
}

#[test]
fn only_what_no_room_has_is_removed_and_its_number_is_not_given_again() {
    let mut directory = directory();
    assert_eq!(
        handle(&mut directory, remove("ticker", 2)),
        Err(Refusal::AddIn(AddInRefusal::InUse { rooms: 2 }))
    );
    assert_eq!(
        handle(&mut directory, remove("clock", 0)),
        Err(Refusal::AddIn(AddInRefusal::Unknown))
    );
    handle(&mut directory, remove("TICKER", 0)).unwrap();
    handle(&mut directory, Request::NewAddIn(addin("Ticker", URL))).unwrap();
    assert_eq!(directory.addins().named("ticker"), Some(AddInId(2)));
}

#[test]
fn there_are_no_more_than_a_form_can_offer() {
    let mut directory = Directory::new(Rules::default());
    for number in 0..ADD_INS_MAX {
        let one = addin(&format!("number {number}"), URL);
        handle(&mut directory, Request::NewAddIn(one)).unwrap();
    }
    assert_eq!(
        handle(&mut directory, Request::NewAddIn(addin("one more", URL))),
        Err(Refusal::AddIn(AddInRefusal::TooMany { most: ADD_INS_MAX }))
    );
}
