//! The short form for questions to an archive (XEP-0313) and for what is found in it, as the
//! stanzas that it stands for.
//!
//! ```text
//! bob asks lounge with max=2, after={two}         or without `with`: for all there is
//! bob asks the service with text=black cat        the archive of all rooms
//! bob finds:                                      these results in this order, and no more
//!   {one} Alice: One                              the archive id, whose nick, the body
//!   {two} hall/Alice: Two                         the same in the archive of all rooms
//! bob finds, with more to come:                   the same, and the end is not reached
//! bob finds nothing
//! bob counts 3                                    after `max=0`: how many there are
//! bob is refused: modify not-acceptable           an error of this type with this condition
//! ```
//!
//! Fields of the form are named as they are in it, but for `text`, `order` and `rooms`; `max`,
//! `before` and `after` are of XEP-0059, `flip` of XEP-0313 §4.3.4. Several values of a field are
//! separated by `|`.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::scenario::{SERVICE, room_jid};

/// Questions that were asked last, by those who asked.
#[derive(Debug, Default)]
pub struct Questions {
    last: BTreeMap<String, Question>,
    count: usize,
}

#[derive(Clone, Debug)]
struct Question {
    archive: String,
    id: String,
    is_flipped: bool,
}

/// What a statement of the short form stands for, as XML in the spelling of scenarios.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    Send(String),
    Receive(String),
}

impl Questions {
    /// What a statement means behind the name of who does it; `None`: it is of another kind.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn meaning(
        &mut self,
        who: &str,
        words: &str,
        block: &str,
    ) -> Result<Option<Meaning>, String> {
        if let Some(question) = words.strip_prefix("asks ") {
            return self.ask(who, question).map(Meaning::Send).map(Some);
        }
        let last = || {
            self.last
                .get(who)
                .ok_or_else(|| format!("{who} has asked no archive"))
        };
        let received = match words {
            "finds nothing" => last()?.results("", true)?,
            "finds:" => last()?.results(block, true)?,
            "finds, with more to come:" => last()?.results(block, false)?,
            _ => {
                if let Some(count) = words.strip_prefix("counts ") {
                    last()?.counted(count)
                } else if let Some(error) = words.strip_prefix("is refused: ") {
                    last()?.refused(error)?
                } else {
                    return Ok(None);
                }
            }
        };
        Ok(Some(Meaning::Receive(received)))
    }

    fn ask(&mut self, who: &str, question: &str) -> Result<String, String> {
        let (archive, with) = question.split_once(" with ").unwrap_or((question, ""));
        let archive = match archive {
            "the service" => SERVICE.to_owned(),
            room => room_jid(room),
        };
        self.count += 1;
        let id = format!("question{}", self.count);
        let (mut form, mut page, mut flip) = (String::new(), String::new(), "");
        for part in with.split(", ").filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match (name, part.contains('=')) {
                ("flip", false) => flip = "<flip-page/>",
                ("before", false) => page.push_str("<before/>"),
                ("max" | "before" | "after", true) => element(&mut page, name, value),
                (_, true) => field(&mut form, name, value),
                _ => return Err(format!("{part:?} is not name=value")),
            }
        }
        if !form.is_empty() {
            let kind = "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>";
            form = format!("<x xmlns='form' type='submit'>{kind}{form}</x>");
        }
        if !page.is_empty() {
            page = format!("<set xmlns='rsm'>{page}</set>");
        }
        let asked = format!(
            "<iq to='{archive}' type='set' id='{id}'><query xmlns='mam'>{form}{page}{flip}</query></iq>"
        );
        let is_flipped = !flip.is_empty();
        let question = Question {
            archive,
            id,
            is_flipped,
        };
        self.last.insert(who.to_owned(), question);
        Ok(asked)
    }
}

impl Question {
    /// The results of a block, and the end of the page.
    fn results(&self, block: &str, is_complete: bool) -> Result<String, String> {
        let archive = &self.archive;
        let mut received = String::new();
        let mut ids = Vec::new();
        for line in block.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let written = line.split_once(": ").and_then(|(head, body)| {
                let (id, author) = head.split_once(' ')?;
                Some((id, author, body))
            });
            let (id, author, body) = written.ok_or("write `{id} Nick: body`")?;
            let author = match author.split_once('/') {
                Some((room, nick)) => format!("{}/{nick}", room_jid(room)),
                None => format!("{archive}/{author}"),
            };
            let body = escaped(body);
            writeln!(
                received,
                "<message from='{archive}'><result xmlns='mam' id='{id}'><forwarded xmlns='forward'>\
                 <delay xmlns='delay' stamp='*stamp'/>\
                 <message xmlns='stanza' from='{author}'>...<body>{body}</body></message>\
                 </forwarded></result></message>"
            )
            .expect("a string takes everything");
            ids.push(id);
        }
        // They are of the page in the order of the archive, however it is sent.
        let mut ends = [ids.first(), ids.last()];
        if self.is_flipped {
            ends.reverse();
        }
        let set = match ends {
            [Some(first), Some(last)] => format!("<first>{first}</first><last>{last}</last>"),
            _ => String::new(),
        };
        received.push_str(&self.end(is_complete, &set));
        Ok(received)
    }

    fn counted(&self, count: &str) -> String {
        self.end(count == "0", &format!("<count>{count}</count>"))
    }

    fn end(&self, is_complete: bool, set: &str) -> String {
        let Self { archive, id, .. } = self;
        format!(
            "<iq from='{archive}' type='result' id='{id}'>\
             <fin xmlns='mam' complete='{is_complete}'><set xmlns='rsm'>{set}</set></fin></iq>"
        )
    }

    fn refused(&self, error: &str) -> Result<String, String> {
        let Self { archive, id, .. } = self;
        let (kind, condition) = error.split_once(' ').ok_or("write `type condition`")?;
        Ok(format!(
            "<iq from='{archive}' type='error' id='{id}'>\
             <error type='{kind}'><{condition} xmlns='error'/></error></iq>"
        ))
    }
}

fn field(form: &mut String, name: &str, values: &str) {
    let name = match name {
        "text" => "{urn:xmpp:fulltext:0}fulltext".to_owned(),
        "order" | "rooms" => format!("{{urn:lyceum:0}}{name}"),
        other => other.to_owned(),
    };
    let mut written = String::new();
    for value in values.split('|') {
        element(&mut written, "value", value);
    }
    form.push_str(&format!("<field var='{name}'>{written}</field>"));
}

fn element(xml: &mut String, name: &str, text: &str) {
    xml.push_str(&format!("<{name}>{}</{name}>", escaped(text)));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_and_what_is_found_stand_for_their_stanzas() {
        let mut questions = Questions::default();
        let asked = questions.meaning("bob", "asks lounge with text=a b, max=1, before, flip", "");
        let Ok(Some(Meaning::Send(asked))) = asked else {
            panic!("{asked:?}")
        };
        for part in [
            "<iq to='lounge@rooms.example.org' type='set' id='question1'>",
            "<field var='{urn:xmpp:fulltext:0}fulltext'><value>a b</value></field></x>",
            "<set xmlns='rsm'><max>1</max><before/></set><flip-page/></query>",
        ] {
            assert!(asked.contains(part), "{asked}");
        }
        let found = questions.meaning(
            "bob",
            "finds, with more to come:",
            "  {two} Al: 1 < 2\n\n  {one} Al: x: y\n",
        );
        let Ok(Some(Meaning::Receive(found))) = found else {
            panic!("{found:?}")
        };
        for part in [
            "id='{two}'",
            "from='lounge@rooms.example.org/Al'>...<body>1 &lt; 2</body>",
            "<body>x: y</body>",
            "id='question1'><fin xmlns='mam' complete='false'><set xmlns='rsm'><first>{one}</first><last>{two}</last>",
        ] {
            assert!(found.contains(part), "{found}");
        }
    }

    #[test]
    fn what_is_not_of_the_short_form_is_left_and_what_is_wrong_is_told() {
        let mut questions = Questions::default();
        assert_eq!(
            questions.meaning("bob", "enters lounge as Bob", ""),
            Ok(None)
        );
        assert!(questions.meaning("bob", "finds nothing", "").is_err());
        assert!(
            questions
                .meaning("bob", "asks lounge with quickly", "")
                .is_err()
        );
        questions.meaning("bob", "asks lounge", "").unwrap();
        assert!(questions.meaning("alice", "finds nothing", "").is_err());
        assert!(
            questions
                .meaning("bob", "finds:", "  {one} says hi")
                .is_err()
        );
        assert!(questions.meaning("bob", "is refused: loudly", "").is_err());
    }
}
