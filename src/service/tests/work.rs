//! Every element that is read, as large as a stanza can be in both of its parts that can be
//! repeated: the work must grow with the stanza, and not with the product of the two.
//!
//! Work is counted in [steps](crate::wire::xml::work). A new element that is read gets a row here;
//! a test looks through the sources for those that have none.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::scene::ServiceScene;
use super::stanzas::*;
use crate::wire::xml::frame::Frame;
use crate::wire::xml::work;

/// The largest stanza that is read, less what its own head takes.
const SIZE: usize = (256 - 8) * 1024 - 6 * 1024;
/// The children that a stanza may have, for each of two parts.
const CHILDREN: usize = 490;
/// The elements that may be in it, for each of two parts.
const ELEMENTS: usize = 4_900;
/// Maximum number of steps for each byte of a stanza: it is read, parsed again for its meaning,
/// searched through, written down and sent to two people.
const STEPS_PER_BYTE: usize = 12;

/// Every stanza: to each address that reads such elements.
static STANZAS: LazyLock<Vec<String>> = LazyLock::new(stanzas);

fn stanzas() -> Vec<String> {
    // The language of a stanza counts for each of its children.
    let foreign = TO_ALL.replace(" id=", &format!(" xml:lang='{}' id=", "x".repeat(5_000)));
    let heads: [(&[&str], &[Row]); 7] = [
        (&[TO_ALL, &foreign, TO_ROOM, TO_BOB], SAID),
        (&[TO_ROOM, TO_ALL], TOLD),
        (&[TO_BOB], WHISPERED),
        (&[BOUNCE, RESULT], RETURNED),
        (&[ENTER, APPEAR, LEAVE], SHOWN),
        (&[GET, GET_BOB, GET_SERVICE], ASKED),
        (&[SET, SET_SERVICE], ORDERED),
    ];
    let mut stanzas = Vec::new();
    for (heads, rows) in heads {
        for head in heads {
            let read = |stanza: &String| Frame::from_xml(stanza.as_bytes()).is_ok();
            // What declares namespaces grows when it is written down.
            let sizes = [SIZE, SIZE / 2, SIZE / 4];
            stanzas.extend(rows.iter().map(|row| {
                let candidates = sizes.iter().map(|size| stanza(head, row, *size));
                candidates
                    .reduce(|kept, next| if read(&kept) { kept } else { next })
                    .expect("there are three")
            }));
        }
    }
    stanzas
}

/// The stanza of a row, stretched to a size in bytes.
fn stanza(head: &str, row: &Row, size: usize) -> String {
    let [before, first, between, second, after] = row;
    let fixed = before.len() + between.len() + after.len();
    let half = (size - fixed) / 2;
    let name = head[1..].split(' ').next().unwrap();
    let first_is_child = before.is_empty() || before.ends_with("id='x'/>");
    let second_is_child = between.is_empty() && first_is_child || after.is_empty();
    [
        head.to_owned(),
        (*before).to_owned(),
        repeated(first, half, first_is_child),
        (*between).to_owned(),
        repeated(second, half, second_is_child),
        (*after).to_owned(),
        format!("</{name}>"),
    ]
    .concat()
}

/// A part as often as it fits into the bytes, and as is allowed; what it is to be stretched by
/// fills the rest.
fn repeated(part: &str, bytes: usize, is_child: bool) -> String {
    // A number takes up to four places more, and an apostrophe or a sign like it is written as an
    // entity.
    let size = part.len() + 4 * part.matches('%').count();
    let elements = part.matches('<').count() - part.matches("</").count();
    let most = match (elements, is_child) {
        (0, _) => usize::MAX,
        (_, true) => CHILDREN,
        (elements, false) => ELEMENTS / elements,
    };
    let count = (bytes / size).min(most);
    let room_left = (bytes / count).saturating_sub(size + 1).min(5_000);
    (0..count)
        .map(|number| {
            part.replace('%', &number.to_string())
                .replace('~', &"x".repeat(room_left))
        })
        .collect()
}

/// The hall with Ann and Bob in it, where nothing is limited.
fn hall() -> ServiceScene {
    let mut scene = ServiceScene::limited(
        "messages_per_second = 0\npresences_per_second = 0\niqs_per_second = 0\nbytes_per_second = 0\n\
         invitations_per_hour = 0\npresence_size_max = 500000\n",
    )
    .with_hall();
    scene.enter("bob");
    scene.told();
    scene
}

/// The start of a stanza, for who reads of a failure.
fn start(stanza: &str) -> &str {
    stanza.get(..300).unwrap_or(stanza)
}

#[test]
fn the_work_of_every_stanza_grows_with_its_size_alone() {
    let mut scene = hall();
    let mut too_much = Vec::new();
    for stanza in STANZAS.iter() {
        let steps = work::of(|| match Frame::from_xml(stanza.as_bytes()) {
            Ok(frame) => scene.take(frame),
            Err(error) => too_much.push(format!("{error}: {}", start(stanza))),
        });
        scene.engine.finish();
        if steps > STEPS_PER_BYTE * stanza.len() {
            let by_byte = steps / stanza.len();
            too_much.push(format!("{by_byte} steps a byte: {}", start(stanza)));
        }
        if stanza.starts_with(LEAVE) || scene.engine.rooms_awake() == 0 {
            scene = hall();
        }
    }
    assert!(too_much.is_empty(), "{}", too_much.join("\n"));
}

#[test]
fn every_stanza_of_the_table_is_nearly_as_large_as_one_can_be() {
    let sizes = STANZAS.iter().map(|stanza| (stanza.len(), stanza));
    let wrong: Vec<_> = sizes
        .filter(|(size, _)| !(SIZE / 5..SIZE + 6 * 1024).contains(size))
        .map(|(size, stanza)| format!("{size}: {}", start(stanza)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sources of `wire` that read nothing of clients: what operators import, and what the server
/// answers to us.
const NOT_OF_CLIENTS: [&str; 5] = [
    "foreign.rs",
    "server_check.rs",
    "echo.rs",
    "connection.rs",
    "tests.rs",
];

/// Names of elements in the sources of `wire` that are told there to be read, without those of a
/// stanza's own attributes, of what we write, of what our own questions are answered with, and of
/// what operators import.
fn read_elements() -> BTreeSet<String> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wire")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.extend((name != "tests").then_some(path));
            } else if !NOT_OF_CLIENTS.contains(&name.as_str()) {
                sources.push(path);
            }
        }
    }
    let mut names = BTreeSet::new();
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let mut reads = false;
        for line in code.lines() {
            if line.starts_with("#[derive(") {
                reads = line.contains("FromXml");
            }
            if reads && line.contains("#[xml(") {
                names.extend(after(line, "name = \"").map(str::to_owned));
            }
            // A child that is looked for, or told apart by its name: "x" in
            // `child(ns::MUC_USER, "x")`.
            let looks = ["child(", "(Verb::", ".name()) == (", ".name() == \""];
            let pair = [
                "(CORRECTION",
                "(RETRACTION",
                "(FASTENING",
                "(ns::",
                "(super::",
            ];
            let begins = pair.iter().any(|begins| line.trim().starts_with(begins));
            if begins || looks.iter().any(|look| line.contains(look)) {
                let quoted = line.split('"').skip(1).step_by(2);
                let is_name = |text: &&str| {
                    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
                };
                names.extend(quoted.filter(is_name).map(str::to_owned));
            }
        }
    }
    names
}

/// What stands between a mark and the next quote.
fn after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(mark)?;
    rest.split('"').next()
}

#[test]
fn every_element_that_is_read_is_in_the_table() {
    let table = STANZAS.concat();
    let names = read_elements();
    assert!(names.len() > 25, "{names:?}");
    // These are attributes, and the last an element that we write.
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !["type", "by", "start", "retracted"].contains(&name.as_str()))
        .filter(|name| !table.contains(&format!("<{name}")))
        .collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}
