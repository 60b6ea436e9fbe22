//! What is asked of the archive, as it stands on the wire. XEP-0313, XEP-0431.

use chrono::{DateTime, SecondsFormat};

use crate::address::{DOMAIN, OPERATOR};
use crate::chance::Chance;
use crate::facts::{Facts, Sample};
use crate::names;
use crate::population::PEOPLE;

/// A question, but for its id.
pub struct Question {
    /// A full JID.
    pub from: String,
    /// A room, or the service.
    pub to: String,
    pub query: String,
}

/// A way of asking.
pub struct Kind {
    pub name: &'static str,
    /// Whether the project wants an answer within a time.
    pub targeted: bool,
    pub make: fn(&Facts, &mut Chance) -> Question,
}

const LAST: &str = "<max>50</max><before/>";

/// All of them. Rooms are asked as often as something is said in them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "last page",
        targeted: true,
        make: |facts, chance| in_room(facts, chance, |_, _| (Vec::new(), LAST.to_owned())),
    },
    Kind {
        name: "page in the middle, before an id",
        targeted: true,
        make: |facts, chance| {
            in_room(facts, chance, |_, sample| {
                let set = format!("<max>50</max><before>{}</before>", sample.id);
                (Vec::new(), set)
            })
        },
    },
    Kind {
        name: "page from a time on",
        targeted: true,
        make: |facts, chance| {
            in_room(facts, chance, |_, sample| {
                (vec![("start", time(sample.at))], "<max>50</max>".to_owned())
            })
        },
    },
    Kind {
        name: "count of a room (max=0)",
        targeted: true,
        make: |facts, chance| {
            in_room(facts, chance, |_, _| {
                (Vec::new(), "<max>0</max>".to_owned())
            })
        },
    },
    Kind {
        name: "rare word in its room",
        targeted: true,
        make: |facts, chance| search_in_room(facts, chance, rarest),
    },
    Kind {
        name: "rare word everywhere, one who reads all",
        targeted: true,
        make: |facts, chance| {
            let word = rarest(facts, facts.sample(chance));
            everywhere(Some(OPERATOR), chance, &word)
        },
    },
    Kind {
        name: "rare word everywhere, a member of 20 rooms",
        targeted: true,
        make: |facts, chance| {
            let word = rarest(facts, facts.sample(chance));
            everywhere(None, chance, &word)
        },
    },
    Kind {
        name: "any word in its room",
        targeted: true,
        make: |facts, chance| {
            let place = chance.next() as usize;
            search_in_room(facts, chance, move |facts, sample| {
                let count = sample.words.len().max(1);
                let rank = sample.words.get(place % count).copied().unwrap_or(0);
                facts.vocabulary.word(rank).to_owned()
            })
        },
    },
    Kind {
        name: "common word in a room",
        targeted: true,
        make: |facts, chance| {
            let word = common(facts, chance);
            search_in_room(facts, chance, move |_, _| word.clone())
        },
    },
    Kind {
        name: "common word with an author in a room",
        targeted: true,
        make: |facts, chance| {
            let word = common(facts, chance);
            in_room(facts, chance, |_, sample| {
                let author = names::person(sample.author).to_string();
                (
                    vec![("with", author), (SEARCH, word.clone())],
                    LAST.to_owned(),
                )
            })
        },
    },
    Kind {
        name: "common word everywhere, one who reads all",
        targeted: true,
        make: |facts, chance| {
            let word = common(facts, chance);
            everywhere(Some(OPERATOR), chance, &word)
        },
    },
    Kind {
        name: "common word everywhere, a member of 20 rooms",
        targeted: true,
        make: |facts, chance| {
            let word = common(facts, chance);
            everywhere(None, chance, &word)
        },
    },
    Kind {
        name: "phrase of two words in its room",
        targeted: true,
        make: |facts, chance| search_in_room(facts, chance, phrase),
    },
    Kind {
        name: "beginning of a word in its room",
        targeted: false,
        make: |facts, chance| {
            search_in_room(facts, chance, |facts, sample| {
                let word = rarest(facts, sample);
                let beginning: String = word.chars().take(4).collect();
                format!("{beginning}*")
            })
        },
    },
    // The worst that anybody may ask: what must be given up shall be given up in time.
    Kind {
        name: "two letters of a word in a room",
        targeted: false,
        make: |facts, chance| search_in_room(facts, chance, two_letters),
    },
    Kind {
        name: "two letters of a word everywhere, a member of 20 rooms",
        targeted: false,
        make: |facts, chance| {
            let word = two_letters(facts, facts.sample(chance));
            everywhere(None, chance, &word)
        },
    },
    Kind {
        name: "count of two letters everywhere, one who reads all",
        targeted: false,
        make: |facts, chance| {
            let fields = vec![(SEARCH, two_letters(facts, facts.sample(chance)))];
            Question {
                from: format!("{OPERATOR}/load"),
                to: DOMAIN.to_owned(),
                query: query(&fields, "<max>0</max>"),
            }
        },
    },
    Kind {
        name: "count of what an author said in a room",
        targeted: false,
        make: |facts, chance| {
            in_room(facts, chance, |_, sample| {
                let author = names::person(sample.author).to_string();
                (vec![("with", author)], "<max>0</max>".to_owned())
            })
        },
    },
    Kind {
        name: "count of what one's own nick said in a room",
        targeted: false,
        make: |facts, chance| {
            let sample = facts.sample(chance);
            let room = names::room(sample.room);
            let occupant = format!("{room}/{}", names::nick(sample.author));
            Question {
                from: names::user(sample.author),
                to: room.to_string(),
                query: query(&vec![("with", occupant)], "<max>0</max>"),
            }
        },
    },
    Kind {
        name: "count of what one session said in a room",
        targeted: false,
        make: |facts, chance| {
            in_room(facts, chance, |_, sample| {
                let session = names::user(sample.author);
                (vec![("with", session)], "<max>0</max>".to_owned())
            })
        },
    },
    Kind {
        name: "unread in all rooms of a member",
        targeted: true,
        make: |_, chance| Question {
            from: names::user(chance.below(PEOPLE)),
            to: DOMAIN.to_owned(),
            query: "<unread xmlns='urn:lyceum:0'/>".to_owned(),
        },
    },
];

fn two_letters(facts: &Facts, sample: &Sample) -> String {
    let word = rarest(facts, sample);
    let beginning: String = word.chars().take(2).collect();
    format!("{beginning}*")
}

type Fields = Vec<(&'static str, String)>;

/// A question about the room of a message, by somebody who may read it.
fn in_room(
    facts: &Facts,
    chance: &mut Chance,
    make: impl FnOnce(&Facts, &Sample) -> (Fields, String),
) -> Question {
    let sample = facts.sample(chance);
    let reader = facts.reader(sample.room, chance);
    let (fields, set) = make(facts, sample);
    Question {
        from: names::user(reader),
        to: names::room(sample.room).to_string(),
        query: query(&fields, &set),
    }
}

fn search_in_room(
    facts: &Facts,
    chance: &mut Chance,
    words: impl FnOnce(&Facts, &Sample) -> String,
) -> Question {
    in_room(facts, chance, |facts, sample| {
        (vec![(SEARCH, words(facts, sample))], LAST.to_owned())
    })
}

fn everywhere(by: Option<&str>, chance: &mut Chance, words: &str) -> Question {
    let from = match by {
        Some(person) => format!("{person}/load"),
        None => names::user(chance.below(PEOPLE)),
    };
    Question {
        from,
        to: DOMAIN.to_owned(),
        query: query(&vec![(SEARCH, words.to_owned())], LAST),
    }
}

fn query(fields: &Fields, set: &str) -> String {
    let mut xml = "<query xmlns='urn:xmpp:mam:2'>".to_owned();
    if !fields.is_empty() {
        xml.push_str("<x xmlns='jabber:x:data' type='submit'>");
        let form_type = ("FORM_TYPE", "urn:xmpp:mam:2".to_owned());
        for (name, value) in std::iter::once(&form_type).chain(fields) {
            // Nothing in a question needs escaping but the quotes of a phrase, and those only in
            // attributes.
            xml.push_str(&format!(
                "<field var='{name}'><value>{value}</value></field>"
            ));
        }
        xml.push_str("</x>");
    }
    xml.push_str("<set xmlns='http://jabber.org/protocol/rsm'>");
    xml.push_str(set);
    xml.push_str("</set></query>");
    xml
}

fn time(at: i64) -> String {
    let time = DateTime::from_timestamp_micros(at).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The rarest word of a message, so that there is something to be found.
fn rarest(facts: &Facts, sample: &Sample) -> String {
    let rank = sample.words.iter().max().copied().unwrap_or(0);
    facts.vocabulary.word(rank).to_owned()
}

fn common(facts: &Facts, chance: &mut Chance) -> String {
    facts.vocabulary.word(chance.below(COMMON)).to_owned()
}

fn phrase(facts: &Facts, sample: &Sample) -> String {
    let words: Vec<&str> = sample
        .words
        .iter()
        .take(2)
        .map(|rank| facts.vocabulary.word(*rank))
        .collect();
    match words.is_empty() {
        true => facts.vocabulary.word(0).to_owned(),
        false => format!("\"{}\"", words.join(" ")),
    }
}

const SEARCH: &str = "{urn:xmpp:fulltext:0}fulltext";

/// Every third message has the most common word, every fiftieth the last of these.
const COMMON: usize = 20;
