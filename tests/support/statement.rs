//! The statements of a scenario, from text.

use std::path::Path;

use super::archive::{Meaning, Questions};
use super::pattern::Strictness;
use super::scenario::{Deed, Person, Place, room_jid};
use super::xml::{self, Element};

/// What a statement that stands on this line says, with the block below it. `people` are those who
/// are known there.
///
/// # Errors
/// Why it says nothing.
pub fn deed(people: &[Person], line: usize, statement: &str, block: &str) -> Result<Deed, String> {
    if let Some(deed) = impersonal(statement)? {
        return Ok(deed);
    }
    let (who, rest) = actors(people, statement)?;
    let first = who[0].clone();
    if let Some(rest) = rest
        .strip_prefix("receives")
        .or(rest.strip_prefix("receive"))
    {
        return reception(who, rest, line, block);
    }
    Ok(match rest {
        "sends:" => Deed::Send {
            who: first,
            stanzas: patterns(line, block)?
                .into_iter()
                .map(|(_, stanza)| stanza)
                .collect(),
        },
        "sends as it is:" => Deed::SendAsItIs {
            who: first,
            bytes: multiply(block.trim())?,
        },
        "disconnects" => Deed::Disconnect { who: first },
        "is gone" => Deed::Gone { who: first },
        _ => match rest.strip_prefix("is told the same by ") {
            Some(rest) => same_answer(first, rest, line, block)?,
            None => Deed::Scene {
                who: first,
                words: rest.to_owned(),
            },
        },
    })
}

/// A statement about an archive with its block, written out; `None`: it is about something else.
///
/// # Errors
/// What is wrong with it.
pub fn long_form(
    people: &[Person],
    questions: &mut Questions,
    statement: &str,
    block: &str,
) -> Result<Option<(String, String)>, String> {
    let Ok((who, words)) = actors(people, statement) else {
        return Ok(None);
    };
    let [who] = &who[..] else { return Ok(None) };
    let meaning = questions.meaning(who, words, block)?;
    Ok(meaning.map(|meaning| match meaning {
        Meaning::Send(stanza) => (format!("{who} sends:"), stanza),
        Meaning::Receive(stanzas) => (format!("{who} receives:"), stanzas),
    }))
}

/// Splits `alice, bob and carol receive: …` after the names.
fn actors<'a>(people: &[Person], statement: &'a str) -> Result<(Vec<String>, &'a str), String> {
    let mut names = Vec::new();
    let mut rest = statement;
    loop {
        let end = rest.find([' ', ',']).ok_or("this is no statement")?;
        let (name, after) = rest.split_at(end);
        if !people.iter().any(|person| person.name == name) {
            return Err(format!(
                "there is nobody called {name:?} (`{name} is name@example.org/x`)"
            ));
        }
        names.push(name.to_owned());
        rest = match after.strip_prefix(", ").or(after.strip_prefix(" and ")) {
            Some(rest) => rest,
            None => return Ok((names, after.trim_start())),
        };
    }
}

/// The statements of a text, each with the lines that are indented below it.
pub fn statements<'a>(path: &Path, text: &'a str) -> Vec<(Place, &'a str, String)> {
    let mut statements: Vec<(Place, &str, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let indented = line.starts_with([' ', '\t']);
        match statements.last_mut() {
            Some((_, _, block)) if indented || line.is_empty() => {
                block.push_str(line);
                block.push('\n');
            }
            _ if line.is_empty() => {}
            Some((_, _, block)) if line.starts_with('#') => block.push('\n'),
            _ if line.starts_with('#') => {}
            _ => {
                let place = Place {
                    path: path.to_owned(),
                    line: number + 1,
                };
                statements.push((place, line.trim_end(), String::new()));
            }
        }
    }
    statements
}

/// Who is declared by a statement: the name, and the full JID.
pub fn declaration(statement: &str) -> Option<(&str, &str)> {
    let (name, jid) = statement.split_once(" is ")?;
    let is_jid = jid
        .split_once('/')
        .is_some_and(|(bare, _)| bare.contains('@') && !bare.contains(' '));
    (is_jid && !name.contains([' ', '{'])).then_some((name, jid))
}

/// By how much the calendar is set, less than nothing when it is put back.
fn seconds_set(words: &str) -> Option<i64> {
    let (sign, words) = match words.strip_prefix("forward by ") {
        Some(words) => (1, words),
        None => (-1, words.strip_prefix("back by ")?),
    };
    let (number, unit) = words.split_once(' ')?;
    let unit_s = match unit {
        "seconds" => 1,
        "hours" => 60 * 60,
        "years" => 365 * 24 * 60 * 60,
        _ => return None,
    };
    Some(sign * number.parse::<i64>().ok()? * unit_s)
}

fn impersonal(statement: &str) -> Result<Option<Deed>, String> {
    if let Some(how) = statement.strip_prefix("the service restarts") {
        let with = how.strip_prefix(" with ").map(str::to_owned);
        if !how.is_empty() && with.is_none() {
            return Err("write `the service restarts with key = value`".to_owned());
        }
        return Ok(Some(Deed::Restart { with }));
    }
    if let Some(typed) = statement.strip_prefix("the operator ") {
        return operation(typed).map(Some);
    }
    if statement == "the server was away" {
        return Ok(Some(Deed::Reconnect));
    }
    if let Some(seconds) = statement.strip_suffix(" seconds pass") {
        let seconds = seconds
            .parse()
            .map_err(|_| format!("{seconds:?} is no number"))?;
        return Ok(Some(Deed::Pass { seconds }));
    }
    if let Some(set) = statement.strip_prefix("the calendar is put ") {
        let seconds =
            seconds_set(set).ok_or("write `… forward by 4 seconds` or `… back by 10 years`")?;
        return Ok(Some(Deed::SetCalendar { seconds }));
    }
    if !statement.starts_with('{') {
        return Ok(None);
    }
    let (one, equal, other) = match statement.split_once(" is not ") {
        Some((one, other)) => (one, false, other),
        None => {
            let (one, other) = statement
                .split_once(" is ")
                .ok_or("write `{one} is {other}`")?;
            (one, true, other)
        }
    };
    Ok(Some(Deed::Compare {
        one: one.to_owned(),
        other: other.to_owned(),
        equal,
    }))
}

/// What an operator types, and how it ends.
fn operation(statement: &str) -> Result<Deed, String> {
    if let Some(typed) = statement.strip_prefix("runs ") {
        let (words, failing) = (typed_words(typed)?, None);
        return Ok(Deed::Operate { words, failing });
    }
    let failure = statement
        .strip_prefix("fails with \"")
        .and_then(|rest| rest.split_once("\" at "));
    let (told, typed) =
        failure.ok_or("write `… runs COMMAND` or `… fails with \"words\" at COMMAND`")?;
    Ok(Deed::Operate {
        words: typed_words(typed)?,
        failing: Some(told.to_owned()),
    })
}

/// Splits what is typed at its blanks, but for those in quotation marks.
fn typed_words(typed: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    for (number, part) in typed.split('"').enumerate() {
        match number % 2 {
            1 => words.push(part.to_owned()),
            _ => words.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    match typed.matches('"').count() % 2 {
        0 => Ok(words),
        _ => Err("a quotation mark is missing".to_owned()),
    }
}

fn reception(who: Vec<String>, rest: &str, line: usize, block: &str) -> Result<Deed, String> {
    let (any_order, strictness) = match rest.trim() {
        ":" => (false, Strictness::Tolerant),
        "nothing" => (false, Strictness::Tolerant),
        "in any order:" => (true, Strictness::Tolerant),
        "exactly:" => (false, Strictness::Exact),
        other => return Err(format!("how is something received {other:?}?")),
    };
    let patterns = patterns(line, block)?;
    if patterns.is_empty() != (rest.trim() == "nothing") {
        return Err("what is received?".to_owned());
    }
    Ok(Deed::Receive {
        who,
        patterns,
        any_order,
        strictness,
    })
}

fn same_answer(who: String, rest: &str, line: usize, block: &str) -> Result<Deed, String> {
    let (one, other) = rest
        .trim_end_matches(':')
        .split_once(" as by ")
        .ok_or("write `bob is told the same by ROOM as by ROOM:`")?;
    let stanzas = patterns(line, block)?
        .into_iter()
        .map(|(_, stanza)| stanza)
        .collect();
    Ok(Deed::SameAnswer {
        who,
        rooms: [one, other].map(room_jid),
        stanzas,
    })
}

/// The elements of a block, with their lines; `line` is that of the statement above.
fn patterns(line: usize, block: &str) -> Result<Vec<(usize, Element)>, String> {
    let wholes = xml::elements(block)?;
    let mut patterns = Vec::new();
    for whole in wholes {
        let mut element = whole.element;
        element.map_namespaces(&|namespace| {
            let long = NAMESPACES.iter().find(|(short, _)| *short == namespace);
            long.map_or(namespace, |(_, long)| long).to_owned()
        });
        patterns.push((
            line + 1 + block[..whole.offset].matches('\n').count(),
            element,
        ));
    }
    Ok(patterns)
}

/// Writes out `{9*<a>}`.
fn multiply(text: &str) -> Result<String, String> {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) = after.split_once('}').ok_or("a brace is not closed")?;
        let (times, what) = inside.split_once('*').ok_or("write {9*<a>}")?;
        let times = times
            .parse()
            .map_err(|_| format!("{times:?} is no number"))?;
        written.push_str(before);
        written.push_str(&what.repeat(times));
        rest = after;
    }
    written.push_str(rest);
    Ok(written)
}

/// What namespaces are called in scenarios.
pub const NAMESPACES: &[(&str, &str)] = &[
    ("muc", "http://jabber.org/protocol/muc"),
    ("muc#user", "http://jabber.org/protocol/muc#user"),
    ("muc#admin", "http://jabber.org/protocol/muc#admin"),
    ("muc#owner", "http://jabber.org/protocol/muc#owner"),
    ("muc#unique", "http://jabber.org/protocol/muc#unique"),
    ("disco#info", "http://jabber.org/protocol/disco#info"),
    ("disco#items", "http://jabber.org/protocol/disco#items"),
    ("rsm", "http://jabber.org/protocol/rsm"),
    ("form", "jabber:x:data"),
    ("conference", "jabber:x:conference"),
    ("register", "jabber:iq:register"),
    ("commands", "http://jabber.org/protocol/commands"),
    ("validate", "http://jabber.org/protocol/xdata-validate"),
    ("version", "jabber:iq:version"),
    ("ping", "urn:xmpp:ping"),
    ("time", "urn:xmpp:time"),
    ("delay", "urn:xmpp:delay"),
    ("sid", "urn:xmpp:sid:0"),
    ("occupant-id", "urn:xmpp:occupant-id:0"),
    ("hints", "urn:xmpp:hints"),
    ("forward", "urn:xmpp:forward:0"),
    ("hats", "urn:xmpp:hats:0"),
    ("correct", "urn:xmpp:message-correct:0"),
    ("retract", "urn:xmpp:message-retract:1"),
    ("retract-before", "urn:xmpp:message-retract:0"),
    ("fasten", "urn:xmpp:fasten:0"),
    ("moderate", "urn:xmpp:message-moderate:1"),
    ("moderate-before", "urn:xmpp:message-moderate:0"),
    ("reactions", "urn:xmpp:reactions:0"),
    ("fallback", "urn:xmpp:fallback:0"),
    ("markers", "urn:xmpp:chat-markers:0"),
    ("addresses", "http://jabber.org/protocol/address"),
    ("chatstates", "http://jabber.org/protocol/chatstates"),
    ("nick", "http://jabber.org/protocol/nick"),
    ("caps", "http://jabber.org/protocol/caps"),
    ("vcard", "vcard-temp"),
    ("vcard-update", "vcard-temp:x:update"),
    ("mam", "urn:xmpp:mam:2"),
    ("error", "urn:ietf:params:xml:ns:xmpp-stanzas"),
    ("stanza", "jabber:client"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_multiplied() {
        assert_eq!(multiply("x{3*<a>}y{2*b}").unwrap(), "x<a><a><a>ybb");
        assert!(multiply("{3}").is_err());
    }
}
