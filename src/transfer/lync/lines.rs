//! Lines of a file, in whichever of the encodings SQL Server's tools write it.
//!
//! `bcp -w` writes UTF-16 with a byte order mark, `bcp -c` ASCII, `sqlcmd` either; which it is, the
//! first bytes tell. A line ends at a line feed alone: other separators of lines may stand within.

use std::io::{self, BufRead};

use thiserror::Error;

/// Maximum length of a line in bytes. The largest message that can be archived fits many times,
/// with its formatted twin beside it and both in hex.
pub(super) const LINE_LENGTH_MAX: usize = 16 * 1024 * 1024;

/// How a file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, ASCII included.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
}

impl Encoding {
    /// The encoding of a file that begins with these bytes, and the number of bytes of its mark.
    fn of(beginning: &[u8]) -> (Self, usize) {
        match beginning {
            [0xff, 0xfe, ..] => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            [_, 0, ..] => (Self::Utf16Le, 0),
            [0, _, ..] => (Self::Utf16Be, 0),
            _ => (Self::Utf8, 0),
        }
    }
}

/// Where a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinePlace {
    /// Its first byte in the file.
    pub offset: u64,
    /// Its number; the first is 1.
    pub number: u64,
}

/// Why a line is no text.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum UnfitLine {
    /// It is in some code page.
    #[error(
        "it is neither UTF-8 nor UTF-16, as bcp -c writes it without -C 65001: export it with -w"
    )]
    Encoding,
    /// It has more bytes than [`LINE_LENGTH_MAX`].
    #[error("the line is longer than {} MiB", LINE_LENGTH_MAX / 1024 / 1024)]
    TooLong,
}

/// Lines, one by one.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    encoding: Encoding,
    next: LinePlace,
}

/// A line, and where it is.
pub(super) type PlacedLine = (LinePlace, Result<String, UnfitLine>);

impl<R: BufRead> Lines<R> {
    /// The lines of a file, from its beginning.
    pub fn new(mut input: R) -> io::Result<Self> {
        let (encoding, mark) = Encoding::of(input.fill_buf()?);
        input.consume(mark);
        let next = LinePlace {
            offset: mark as u64,
            number: 1,
        };
        Ok(Self {
            input,
            encoding,
            next,
        })
    }

    /// The lines from `place` on, where the input stands.
    pub fn from_place(input: R, encoding: Encoding, place: LinePlace) -> Self {
        Self {
            input,
            encoding,
            next: place,
        }
    }

    /// How the file is encoded.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What the lines come from.
    pub fn into_input(self) -> R {
        self.input
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<PlacedLine>> {
        let place = self.next;
        let mut bytes = Vec::new();
        let is_too_long = self.read(&mut bytes)?;
        if self.next.offset == place.offset {
            return Ok(None);
        }
        self.next.number += 1;
        let text = match is_too_long {
            true => Err(UnfitLine::TooLong),
            false => self.decode(&bytes),
        };
        Ok(Some((place, text)))
    }

    /// Reads to behind the next line feed. Returns whether bytes were dropped.
    fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let mut length = 0;
        // The two last bytes, and how many of the line there were, whatever was dropped.
        let mut before = 0;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let found = buffer.iter().position(|byte| *byte == b'\n');
            let mut taken = found.map_or(buffer.len(), |found| found + 1);
            let last_before = match taken {
                0 | 1 => before,
                _ => buffer[taken - 2],
            };
            let room = LINE_LENGTH_MAX.saturating_sub(bytes.len());
            bytes.extend_from_slice(&buffer[..taken.min(room)]);
            before = buffer[taken - 1];
            self.input.consume(taken);
            let is_even = (length + taken) % 2 == 0;
            let ends = found.is_some()
                && match self.encoding {
                    Encoding::Utf8 => true,
                    Encoding::Utf16Be => is_even && last_before == 0,
                    Encoding::Utf16Le => {
                        let high = self.input.fill_buf()?.first().copied();
                        let is_feed = !is_even && high == Some(0);
                        if is_feed {
                            self.input.consume(1);
                            taken += 1;
                        }
                        is_feed
                    }
                };
            length += taken;
            if ends {
                break;
            }
        }
        self.next.offset += length as u64;
        Ok(length > LINE_LENGTH_MAX)
    }

    fn decode(&self, bytes: &[u8]) -> Result<String, UnfitLine> {
        let wide = |unit: fn([u8; 2]) -> u16| {
            let (pairs, rest) = bytes.as_chunks::<2>();
            // The line feed's second byte is not read along.
            match rest {
                [] | [b'\n'] => Ok(decode_utf16(pairs.iter().copied().map(unit))),
                _ => Err(UnfitLine::Encoding),
            }
        };
        let mut text = match self.encoding {
            Encoding::Utf8 => std::str::from_utf8(bytes)
                .map(str::to_owned)
                .map_err(|_| UnfitLine::Encoding)?,
            Encoding::Utf16Le => wide(u16::from_le_bytes)?,
            Encoding::Utf16Be => wide(u16::from_be_bytes)?,
        };
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
        Ok(text)
    }
}

/// Text of units of UTF-16. SQL Server keeps whatever a client sent, halves of pairs too: they
/// become U+FFFD.
pub(super) fn decode_utf16(units: impl Iterator<Item = u16>) -> String {
    let characters = char::decode_utf16(units);
    characters
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) -> Vec<PlacedLine> {
        // A small buffer, so that lines and their feeds lie over its end.
        let mut lines = Lines::new(io::BufReader::with_capacity(4, bytes)).unwrap();
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    fn texts(bytes: &[u8]) -> Vec<String> {
        let lines = all(bytes).into_iter();
        lines.map(|(_, text)| text.unwrap()).collect()
    }

    fn encode(text: &str, encoding: Encoding, has_mark: bool) -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        let text = if has_mark { &marked } else { text };
        let units = text.encode_utf16();
        match encoding {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
        }
    }

    #[test]
    fn each_encoding_is_told_by_its_first_bytes() {
        let text = "{\"a\":\"Ü😀\u{2028}x\"}\r\n{}\n\r\n{\"\u{010a}\u{0a0a}\u{0a00}\"}";
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
            for has_mark in [true, false] {
                assert_eq!(
                    texts(&encode(text, encoding, has_mark)),
                    [
                        "{\"a\":\"Ü😀\u{2028}x\"}",
                        "{}",
                        "",
                        "{\"\u{010a}\u{0a0a}\u{0a00}\"}"
                    ],
                    "{encoding:?} {has_mark}"
                );
            }
        }
        assert_eq!(texts(b""), [""; 0]);
    }

    #[test]
    fn what_is_no_text_is_told_and_the_next_line_is_read() {
        assert_eq!(
            all(b"a\n\xfcber\nb\n")[1..],
            [
                (
                    LinePlace {
                        offset: 2,
                        number: 2
                    },
                    Err(UnfitLine::Encoding)
                ),
                (
                    LinePlace {
                        offset: 7,
                        number: 3
                    },
                    Ok("b".to_owned())
                )
            ]
        );
        let mut long = vec![b'x'; LINE_LENGTH_MAX + 1];
        long.extend(b"\nb");
        let mut lines = Lines::new(&long[..]).unwrap();
        assert_eq!(lines.next().unwrap().unwrap().1, Err(UnfitLine::TooLong));
        assert_eq!(lines.next().unwrap().unwrap().1, Ok("b".to_owned()));
        // Half a pair, and half a unit at the end.
        assert_eq!(texts(b"\xff\xfe\x3d\xd8a\0\n\0"), ["\u{fffd}a"]);
        let cut = all(b"\xff\xfea\0\n\0b");
        assert_eq!(cut[1].1, Err(UnfitLine::Encoding));
    }

    proptest! {
        #[test]
        fn lines_come_back_and_can_be_read_from_their_places(
            lines in proptest::collection::vec("[^\r\n]{0,12}", 1..8),
            wide in any::<bool>(),
        ) {
            let encoding = if wide { Encoding::Utf16Le } else { Encoding::Utf8 };
            let bytes = encode(&(lines.join("\n") + "\n"), encoding, true);
            let read = all(&bytes);
            prop_assert_eq!(read.len(), lines.len());
            for ((place, text), line) in read.iter().zip(&lines) {
                prop_assert_eq!(text.as_ref().unwrap(), line);
                let rest = &bytes[usize::try_from(place.offset).unwrap()..];
                let mut again = Lines::from_place(rest, encoding, *place);
                let (there, text) = again.next().unwrap().unwrap();
                prop_assert_eq!((there, text.unwrap()), (*place, line.clone()));
            }
        }
    }
}
