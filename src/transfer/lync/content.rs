//! The text of a message: `tblChat.content`.
//!
//! It is plain text but for three forms of which no grammar is published: stories, links and files.
//! So they are read tolerantly, what can't be told apart stays as it is in the database, and where
//! a message is made readable, its text in the database is kept beside it.

use jid::BareJid;
use uuid::Uuid;

/// What a text becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadContent {
    /// The title, of a story.
    pub subject: Option<String>,
    /// What is to be read as its text.
    pub body: String,
    /// The text as it is in the database, where something was made readable.
    pub original: Option<String>,
    /// What was found in it.
    pub found: Found,
}

/// The special forms that a text has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// A story whose title could be told from its text.
    pub story: bool,
    /// A story whose title could not.
    pub unclear_story: bool,
    /// A link that could be read.
    pub link: bool,
    /// What looks like a link and could not.
    pub unclear_link: bool,
    /// It has a file, of which only the address is in the database.
    pub file: bool,
}

/// Reads a text. `room` gives the address that a room of the old pool has here.
pub(super) fn read(content: &str, room: impl Fn(Uuid) -> Option<BareJid>) -> ReadContent {
    let content = clean(content);
    let mut found = Found {
        file: content.to_lowercase().contains(FILE_LINK),
        ..Found::default()
    };
    let (subject, text) = match content.strip_prefix(STORY).map(story) {
        None => (None, content.as_str()),
        Some(Some((title, text))) => {
            found.story = true;
            (Some(title), text)
        }
        Some(None) => {
            found.unclear_story = true;
            (None, content.as_str())
        }
    };
    let body = read_links(text, &room, &mut found);
    let subject = subject.map(|title| read_links(title, &room, &mut found));
    let is_changed = subject.is_some() || body != content;
    ReadContent {
        subject,
        body,
        original: is_changed.then_some(content),
        found,
    }
}

/// Replaces what XML can't have, and writes line breaks as XML has them.
pub(super) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let fit = |character| match character {
        '\t' | '\n' => character,
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    // Noncharacters of the higher planes are characters of XML.
    text.chars().map(fit).collect()
}

/// Title and text: the first line, if there is one, and what follows it.
fn story(text: &str) -> Option<(&str, &str)> {
    let (title, text) = text.split_once('\n')?;
    let (title, text) = (title.trim(), text.trim_start_matches('\n'));
    (!title.is_empty() && !text.trim().is_empty()).then_some((title, text))
}

/// A text with its links as people can read them: `text <address>`.
fn read_links(text: &str, room: &dyn Fn(Uuid) -> Option<BareJid>, found: &mut Found) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_link(rest) {
        let (before, from) = rest.split_at(at);
        read.push_str(&read_rooms(before, room));
        match WrittenLink::read(from) {
            Some((link, behind)) => {
                found.link = true;
                read.push_str(&link.shown(room));
                rest = behind;
            }
            None => {
                found.unclear_link = true;
                let (opening, behind) = from.split_at(2);
                read.push_str(opening);
                rest = behind;
            }
        }
    }
    read.push_str(&read_rooms(rest, room));
    read
}

/// Where something begins that may be a link: `<a` and a space.
fn find_link(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes.windows(3).position(|window| {
        window[0] == b'<' && window[1].eq_ignore_ascii_case(&b'a') && window[2] == b' '
    })
}

/// An element `<a … href="…">text</a>`.
struct WrittenLink<'a> {
    address: &'a str,
    text: &'a str,
}

impl<'a> WrittenLink<'a> {
    /// The link with which a text begins, and what is behind it.
    fn read(from: &'a str) -> Option<(Self, &'a str)> {
        let mut rest = from.get(2..)?;
        let mut address = None;
        loop {
            rest = rest.trim_start();
            if let Some(behind) = rest.strip_prefix('>') {
                let end = find_end(behind)?;
                let text = &behind[..end];
                let link = Self {
                    address: address?,
                    text,
                };
                // One within another is none that we know.
                let is_clear = find_link(text).is_none();
                return is_clear.then_some((link, &behind[end + END.len()..]));
            }
            let (name, behind) = rest.split_once('=')?;
            let quote = behind
                .chars()
                .next()
                .filter(|quote| ['"', '\''].contains(quote))?;
            let (value, behind) = behind[1..].split_once(quote)?;
            let is_name = |name: &str| name.chars().all(|one| one.is_alphanumeric() || one == '-');
            if !is_name(name.trim()) {
                return None;
            }
            if name.trim().eq_ignore_ascii_case("href") {
                address = Some(value);
            }
            rest = behind;
        }
    }

    fn shown(&self, room: &dyn Fn(Uuid) -> Option<BareJid>) -> String {
        let (address, text) = (unescape(self.address), unescape(self.text));
        let address = read_rooms(&address, room);
        match text.trim().is_empty() || text == address || text == self.address {
            true => address,
            false => format!("{text} <{address}>"),
        }
    }
}

fn find_end(text: &str) -> Option<usize> {
    let mut ends = text.as_bytes().windows(END.len());
    ends.position(|window| window.eq_ignore_ascii_case(END.as_bytes()))
}

/// Undoes the escapes that markup has to have.
fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

/// A text in which addresses of rooms that have come are the addresses they have here.
fn read_rooms(text: &str, room: &dyn Fn(Uuid) -> Option<BareJid>) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(ROOM) {
        let (before, from) = rest.split_at(at);
        read.push_str(before);
        let (domain_end, guid) = match from[ROOM.len()..].split_once('/') {
            Some((domain, behind)) => (ROOM.len() + domain.len() + 1, behind.get(..GUID)),
            None => (ROOM.len(), None),
        };
        let is_domain = !from[..domain_end].contains(char::is_whitespace);
        let guid = guid
            .filter(|_| is_domain)
            .and_then(|guid| Uuid::try_parse(guid).ok());
        match guid.and_then(room) {
            Some(room) => {
                read.push_str(&format!("xmpp:{room}?join"));
                rest = &from[domain_end + GUID..];
            }
            None => {
                read.push_str(ROOM);
                rest = &from[ROOM.len()..];
            }
        }
    }
    read.push_str(rest);
    read
}

const STORY: &str = "[STORY]";
const FILE_LINK: &str = "ma-filelink:";
const ROOM: &str = "ma-chan://";
const END: &str = "</a>";
/// Length of a GUID as addresses have it.
const GUID: usize = 36;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HERE: Uuid = Uuid::from_u128(0x6f96_19ff_8b86_d011_b42d_00c0_4fc9_64ff);

    fn room(guid: Uuid) -> Option<BareJid> {
        (guid == HERE).then(|| BareJid::new("sales@rooms.example.org").unwrap())
    }

    fn body(content: &str) -> String {
        read(content, room).body
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        let read = read(
            "a <b> &amp; \"c\"\r\nd\re\u{0}\u{b}\u{ffff}😀\u{fffd}",
            room,
        );
        assert_eq!(
            read.body,
            "a <b> &amp; \"c\"\nd\ne\u{fffd}\u{fffd}\u{fffd}😀\u{fffd}"
        );
        assert_eq!((read.subject, read.original), (None, None));
        assert_eq!(read.found, Found::default());
    }

    #[test]
    fn a_story_has_a_title_where_it_can_be_told() {
        let told = read("[STORY] The end\r\n\r\nof it\r\nall", room);
        assert_eq!(told.subject.as_deref(), Some("The end"));
        assert_eq!(told.body, "of it\nall");
        assert_eq!(
            told.original.as_deref(),
            Some("[STORY] The end\n\nof it\nall")
        );
        assert!(told.found.story);
        for unclear in [
            "[STORY]",
            "[STORY] is what they write",
            "[STORY]\nx",
            "[STORY] x\n \n",
        ] {
            let told = read(unclear, room);
            assert_eq!((told.subject, &*told.body), (None, unclear));
            assert!(told.found.unclear_story && told.original.is_none());
        }
        assert!(!read("he wrote [STORY] x\ny", room).found.unclear_story);
    }

    #[test]
    fn links_can_be_read_by_people() {
        for (content, expected) in [
            (
                "see <a href=\"http://x/?a=1&amp;b\">this</a>!",
                "see this <http://x/?a=1&b>!",
            ),
            (
                "<A target='_blank' HREF='http://x'>http://x</A>",
                "http://x",
            ),
            ("<a href=\"http://x\"></a> &amp;", "http://x &amp;"),
            (
                "<a href=\"ma-chan://contoso.com/6f9619ff-8b86-d011-b42d-00c04fc964ff\">Sales</a>",
                "Sales <xmpp:sales@rooms.example.org?join>",
            ),
            (
                "in ma-chan://contoso.com/6F9619FF-8B86-D011-B42D-00C04FC964FF, and ma-chan://contoso.com/300",
                "in xmpp:sales@rooms.example.org?join, and ma-chan://contoso.com/300",
            ),
        ] {
            assert_eq!(body(content), expected);
            assert_eq!(read(content, room).original.as_deref(), Some(content));
        }
    }

    #[test]
    fn what_is_no_whole_link_stays_as_it_is() {
        for content in [
            "<a href=\"http://x\">no end",
            "<a href=http://x>x</a>",
            "<a name='x'>x</a>",
            "<a >x</a>",
            "<a x y='1' href='z'>x</a>",
            "if a <a b = c",
            "<a href='",
            "ma-chan://a b/6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "ma-chan://",
            "ma-chan://contoso.com/\u{e9}6f9619ff-8b86-d011-b42d-00c04fc964",
        ] {
            let told = read(content, room);
            assert_eq!((&*told.body, told.original), (content, None));
            assert_eq!(told.found.unclear_link, content.contains("<a"), "{content}");
        }
    }

    #[test]
    fn files_are_counted_and_stay_as_they_are() {
        let content = "Ma-FileLink://contoso.com/x \"plan.doc\" 10 kilobytes";
        let told = read(content, room);
        assert!(told.found.file);
        assert_eq!(told.body, content);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall_or_is_lost(
            content in "(\\[STORY\\])?(<a |href=|['\">]|</a>|ma-chan://|x|\u{e9}|/|\n|&amp;){0,12}",
        ) {
            let told = read(&content, room);
            let is_kept = told.body == clean(&content) && told.subject.is_none();
            prop_assert!(is_kept || told.original.as_deref() == Some(&*clean(&content)));
        }
    }
}
