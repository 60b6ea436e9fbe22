//! From bytes to stanzas, at the price of a few passes of `memchr`.
//!
//! The program that plays the server shares its cores with the component it measures, so it can't
//! afford an XML parser. What is here finds where a stanza ends, and reads the attributes of its
//! first tag. It relies on two things that hold for every component measured here: `>` is
//! escaped within attributes, and there are neither comments nor CDATA sections (RFC 6120 §11.1
//! forbids them on a stream).

use memchr::memchr;

/// What is at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Scan {
    /// Not all of it is there.
    Incomplete,
    /// An element, with its length in bytes.
    Element(usize),
    /// The end of the stream.
    End,
}

/// Finds the end of the element that begins at the first byte.
pub fn scan(bytes: &[u8]) -> Scan {
    match find_end(bytes) {
        None => Scan::Incomplete,
        Some(0) => Scan::End,
        Some(length) => Scan::Element(length),
    }
}

/// A stanza with the attributes of its first tag, as they are written; those which are absent
/// are empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stanza<'a> {
    /// `message`, `presence`, `iq`, or something else.
    pub name: &'a [u8],
    pub from: &'a [u8],
    pub to: &'a [u8],
    pub id: &'a [u8],
    pub type_: &'a [u8],
    /// All of it.
    pub bytes: &'a [u8],
}

impl<'a> Stanza<'a> {
    /// Reads the first tag of an element that [`scan`] has found; `None` when it isn't one.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let inside = bytes.get(1..)?;
        let name_end = inside
            .iter()
            .position(|byte| matches!(byte, b' ' | b'>' | b'/'))?;
        let mut stanza = Stanza {
            name: &inside[..name_end],
            bytes,
            ..Stanza::default()
        };
        let mut rest = &inside[name_end..];
        while let [b' ', attribute @ ..] = rest {
            let name_end = memchr(b'=', attribute)?;
            let (name, value) = attribute.split_at(name_end);
            let (quote, value) = value.get(1..)?.split_first()?;
            let value_end = memchr(*quote, value)?;
            stanza.set(name, &value[..value_end]);
            rest = &value[value_end + 1..];
        }
        Some(stanza)
    }

    /// Whether the text is anywhere in the stanza.
    pub fn contains(&self, text: &str) -> bool {
        memchr::memmem::find(self.bytes, text.as_bytes()).is_some()
    }

    fn set(&mut self, name: &[u8], value: &'a [u8]) {
        match name {
            b"to" => self.to = value,
            b"from" => self.from = value,
            b"id" => self.id = value,
            b"type" => self.type_ = value,
            _ => {}
        }
    }
}

/// The length of the first element; 0 when it is the end tag of what surrounds it.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut position = 0;
    loop {
        let tag_end = position + memchr(b'>', &bytes[position..])?;
        if bytes[position + 1] == b'/' {
            if depth == 0 {
                return Some(0);
            }
            depth -= 1;
        } else if bytes[tag_end - 1] != b'/' {
            depth += 1;
        }
        position = tag_end + 1;
        if depth == 0 {
            return Some(position);
        }
        position += memchr(b'<', &bytes[position..])?;
    }
}

/// Proves that wherever a read breaks off, the same stanzas are found. There is no test harness
/// in a benchmark; so the self-test calls this.
///
/// # Panics
/// - When it isn't so.
pub fn check() {
    let message = b"<message from='a@b/c' to=\"d@e/f\" id='1' type='groupchat'>\
        <body>1 > 2 / 3</body><x xmlns='y'/><z></z></message>";
    let next = b"<presence/></stream:stream>";
    let stream = [message.as_slice(), next].concat();
    for cut in 0..message.len() {
        assert_eq!(scan(&stream[..cut]), Scan::Incomplete, "cut at {cut}");
    }
    assert_eq!(scan(&stream), Scan::Element(message.len()));
    let stanza = Stanza::read(message).expect("it is a stanza");
    assert_eq!(stanza.name, b"message");
    assert_eq!((stanza.from, stanza.to), (&b"a@b/c"[..], &b"d@e/f"[..]));
    assert_eq!((stanza.id, stanza.type_), (&b"1"[..], &b"groupchat"[..]));
    assert!(stanza.contains("<z>") && !stanza.contains("<q>"));
    assert_eq!(scan(next), Scan::Element(b"<presence/>".len()));
    assert_eq!(scan(b"</stream:stream>"), Scan::End);
    let presence = Stanza::read(b"<presence/>").expect("it is a stanza");
    assert_eq!((presence.name, presence.to), (&b"presence"[..], &b""[..]));
}
