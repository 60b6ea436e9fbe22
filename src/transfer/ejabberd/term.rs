//! Erlang terms as text: what `io:format("~p.")` and `io_lib:print` write. Nothing is evaluated.

use std::io::BufRead;

use crate::transfer::cursor::{Cursor, DEPTH_MAX, Malformed};

/// A term, as far as ejabberd keeps such in its tables.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ErlangTerm {
    /// `atom`, `'an atom'`
    Atom(String),
    /// A whole number: `1`
    Integer(i64),
    /// `1.5`, and whole numbers too large for us
    Float(f64),
    /// `<<"bytes">>`, `<<1,2,3>>`; also `"a string"`, in UTF-8
    Binary(Vec<u8>),
    /// A tuple: `{a,b}`
    Tuple(Vec<ErlangTerm>),
    /// A list: `[a,b]`
    List(Vec<ErlangTerm>),
    /// `#{a => b}`
    Map(Vec<(ErlangTerm, ErlangTerm)>),
    /// What means nothing outside the process that wrote it: `#Fun<…>`, `<0.1.0>`.
    Opaque,
}

impl ErlangTerm {
    /// The bytes as text. `None` when it is something else, or not in UTF-8.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Binary(bytes) => std::str::from_utf8(bytes).ok(),
            // The empty string and the empty list are the same.
            Self::List(terms) if terms.is_empty() => Some(""),
            _ => None,
        }
    }

    /// The name of an atom.
    pub fn atom(&self) -> Option<&str> {
        match self {
            Self::Atom(name) => Some(name),
            _ => None,
        }
    }

    /// The elements of a tuple.
    pub fn tuple(&self) -> Option<&[Self]> {
        match self {
            Self::Tuple(terms) => Some(terms),
            _ => None,
        }
    }

    /// The elements of a list; none when it is something else.
    pub fn list(&self) -> &[Self] {
        match self {
            Self::List(terms) => terms,
            _ => &[],
        }
    }

    /// In a list of pairs, what belongs to an atom.
    pub fn property(&self, name: &str) -> Option<&Self> {
        self.list().iter().find_map(|term| match term.tuple()? {
            [key, value] if key.atom() == Some(name) => Some(value),
            _ => None,
        })
    }
}

/// Reads a text that is one term, with or without a period behind it.
///
/// # Errors
/// See [`Malformed`].
pub(super) fn parse(text: &[u8]) -> Result<ErlangTerm, Malformed> {
    let mut terms = ErlangTerms::new(text, 0);
    let term = terms.term(0)?;
    terms.cursor.skip_space()?;
    terms.cursor.take(b'.')?;
    terms.cursor.skip_space()?;
    match terms.cursor.peek()? {
        None => Ok(term),
        Some(_) => Err(terms.cursor.syntax("the end")),
    }
}

/// Reads terms that each end with a period.
#[derive(Debug)]
pub(super) struct ErlangTerms<R> {
    cursor: Cursor<R>,
}

impl<R: BufRead> ErlangTerms<R> {
    /// A reader from a place of a file on, where a term begins.
    pub fn new(input: R, offset: u64) -> Self {
        Self {
            cursor: Cursor::new(input, offset),
        }
    }

    /// Where the next term begins, and what it is; `None` at the end.
    ///
    /// # Errors
    /// See [`Malformed`]. What follows can be found with [`Self::recover`].
    pub fn next(&mut self) -> Result<Option<(u64, ErlangTerm)>, Malformed> {
        self.cursor.begin_value();
        self.cursor.skip_space()?;
        if self.cursor.peek()?.is_none() {
            return Ok(None);
        }
        let offset = self.cursor.offset();
        let term = self.term(0)?;
        self.cursor.skip_space()?;
        self.cursor.expect(b'.', "'.'")?;
        Ok(Some((offset, term)))
    }

    /// Goes to the next line that begins with a tuple, as each record of a dump does; false when
    /// there is none.
    ///
    /// # Errors
    /// - [`Malformed::Io`]: the file can't be read.
    pub fn recover(&mut self) -> Result<bool, Malformed> {
        while self.cursor.skip_line()? {
            if self.cursor.peek()? == Some(b'{') {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn term(&mut self, depth: usize) -> Result<ErlangTerm, Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed::TooLarge {
                offset: self.cursor.offset(),
            });
        }
        self.cursor.skip_space()?;
        match self.cursor.peek()?.unwrap_or_default() {
            b'{' => self.sequence(b'}', depth).map(ErlangTerm::Tuple),
            b'[' => self.sequence(b']', depth).map(ErlangTerm::List),
            b'<' => self.binary(),
            b'#' => self.map(depth),
            b'"' => self.strings(b'"').map(ErlangTerm::Binary),
            b'\'' => {
                let bytes = self.quoted(b'\'')?;
                let name = String::from_utf8_lossy(&bytes).into_owned();
                Ok(ErlangTerm::Atom(name))
            }
            b'-' | b'0'..=b'9' => self.number(),
            b'a'..=b'z' => {
                let is_of_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"_@".contains(&byte);
                self.cursor.take_while(is_of_atom).map(ErlangTerm::Atom)
            }
            _ => Err(self.cursor.syntax("a term")),
        }
    }

    fn sequence(&mut self, end: u8, depth: usize) -> Result<Vec<ErlangTerm>, Malformed> {
        self.cursor.next()?;
        let mut terms = Vec::new();
        self.cursor.skip_space()?;
        if self.cursor.take(end)? {
            return Ok(terms);
        }
        loop {
            terms.push(self.term(depth + 1)?);
            self.cursor.skip_space()?;
            if self.cursor.take(end)? {
                return Ok(terms);
            }
            // The tail of an improper list is as good as one more element.
            if !self.cursor.take(b'|')? {
                self.cursor.expect(b',', "','")?;
            }
        }
    }

    /// `<<…>>`, or a process, `<0.1.0>`.
    fn binary(&mut self) -> Result<ErlangTerm, Malformed> {
        self.cursor.next()?;
        if !self.cursor.take(b'<')? {
            return self.opaque();
        }
        let mut bytes = Vec::new();
        self.cursor.skip_space()?;
        while !self.cursor.take(b'>')? {
            match self.cursor.peek()? {
                Some(b'"') => bytes.extend(self.strings(b'"')?),
                _ => bytes.push(self.byte()?),
            }
            // Which encoding the text is in says nothing here: its bytes stand in the file as they
            // are.
            if self.cursor.take(b'/')? {
                self.cursor
                    .take_while(|byte| byte.is_ascii_alphanumeric())?;
            }
            self.cursor.skip_space()?;
            self.cursor.take(b',')?;
            self.cursor.skip_space()?;
        }
        self.cursor.expect(b'>', "'>>'")?;
        Ok(ErlangTerm::Binary(bytes))
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let digits = self.cursor.take_while(|byte| byte.is_ascii_digit())?;
        digits.parse().map_err(|_| self.cursor.syntax("a byte"))
    }

    /// Strings that stand side by side are one, as a long one is broken into lines.
    fn strings(&mut self, quote: u8) -> Result<Vec<u8>, Malformed> {
        let mut bytes = self.quoted(quote)?;
        loop {
            self.cursor.skip_space()?;
            if self.cursor.peek()? != Some(quote) {
                return Ok(bytes);
            }
            bytes.extend(self.quoted(quote)?);
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<Vec<u8>, Malformed> {
        self.cursor.next()?;
        let mut bytes = Vec::new();
        loop {
            // A newline is always escaped. Where it is not, another term may begin behind it.
            if matches!(self.cursor.peek()?, None | Some(b'\n')) {
                return Err(self.cursor.syntax("the end of a string"));
            }
            match self.cursor.next()? {
                Some(b'\\') => self.escaped(&mut bytes)?,
                Some(byte) if byte == quote => return Ok(bytes),
                byte => bytes.extend(byte),
            }
        }
    }

    fn escaped(&mut self, bytes: &mut Vec<u8>) -> Result<(), Malformed> {
        let Some(byte) = self.cursor.next()? else {
            return Err(self.cursor.syntax("the end of a string"));
        };
        bytes.push(match byte {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b's' => b' ',
            b'b' => 8,
            b'd' => 127,
            b'e' => 27,
            b'f' => 12,
            b'v' => 11,
            b'0'..=b'7' => self.octal(byte)?,
            b'x' => return self.hexadecimal(bytes),
            other => other,
        });
        Ok(())
    }

    /// Up to three digits.
    fn octal(&mut self, first: u8) -> Result<u8, Malformed> {
        let mut code = u16::from(first - b'0');
        for _ in 0..2 {
            let digit = self.cursor.peek()?;
            let Some(digit) = digit.filter(|digit| (b'0'..=b'7').contains(digit)) else {
                break;
            };
            code = code * 8 + u16::from(digit - b'0');
            self.cursor.next()?;
        }
        u8::try_from(code).map_err(|_| self.cursor.syntax("a byte"))
    }

    /// `\x{…}`: a byte, or a character that is more than one.
    fn hexadecimal(&mut self, bytes: &mut Vec<u8>) -> Result<(), Malformed> {
        self.cursor.expect(b'{', "'{'")?;
        let digits = self.cursor.take_while(|byte| byte.is_ascii_hexdigit())?;
        self.cursor.expect(b'}', "'}'")?;
        let code = u32::from_str_radix(&digits, 16).ok();
        let character = code.and_then(char::from_u32);
        let character = character.ok_or_else(|| self.cursor.syntax("a character"))?;
        match u8::try_from(u32::from(character)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<ErlangTerm, Malformed> {
        // No number ends a term of its own, so that a period can only be within one.
        let is_of_number = |byte: u8| byte.is_ascii_digit() || b"+-.e".contains(&byte);
        let text = self.cursor.take_while(is_of_number)?;
        match text.parse() {
            Ok(number) => Ok(ErlangTerm::Integer(number)),
            Err(_) => text
                .parse()
                .map(ErlangTerm::Float)
                .map_err(|_| self.cursor.syntax("a number")),
        }
    }

    /// `#{a => b}`, or what begins alike: `#Fun<…>`, `#Ref<…>`, `#Port<…>`.
    fn map(&mut self, depth: usize) -> Result<ErlangTerm, Malformed> {
        self.cursor.next()?;
        if self.cursor.peek()? != Some(b'{') {
            return self.opaque();
        }
        self.cursor.next()?;
        let mut pairs = Vec::new();
        self.cursor.skip_space()?;
        while !self.cursor.take(b'}')? {
            let key = self.term(depth + 1)?;
            self.cursor.skip_space()?;
            self.cursor.expect(b'=', "'=>'")?;
            self.cursor.expect(b'>', "'=>'")?;
            pairs.push((key, self.term(depth + 1)?));
            self.cursor.skip_space()?;
            self.cursor.take(b',')?;
            self.cursor.skip_space()?;
        }
        Ok(ErlangTerm::Map(pairs))
    }

    fn opaque(&mut self) -> Result<ErlangTerm, Malformed> {
        let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/<".contains(&byte);
        self.cursor.take_while(is_inside)?;
        self.cursor.expect(b'>', "'>'")?;
        Ok(ErlangTerm::Opaque)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(name: &str) -> ErlangTerm {
        ErlangTerm::Atom(name.to_owned())
    }

    fn binary(text: &str) -> ErlangTerm {
        ErlangTerm::Binary(text.into())
    }

    #[test]
    fn terms_are_read_as_erlang_writes_them() {
        for (text, term) in [
            ("undefined", atom("undefined")),
            ("'Not an Atom'", atom("Not an Atom")),
            ("-42", ErlangTerm::Integer(-42)),
            ("1.5e3", ErlangTerm::Float(1500.0)),
            ("<<>>", binary("")),
            (
                "<<\"a\\n\\\"\\\\\\303\\251\\x{e9}\\e\">>",
                ErlangTerm::Binary(b"a\n\"\\\xc3\xa9\xe9\x1b".into()),
            ),
            ("<<\"caf\u{e9}\">>", binary("caf\u{e9}")),
            (
                "<<\"caf\u{e9} \\x{2603}\"/utf8>>",
                binary("caf\u{e9} \u{2603}"),
            ),
            ("<<84,101,\n   97>>", binary("Tea")),
            ("<<\"long \"\n  \"text\">>", binary("long text")),
            ("\"text\"", binary("text")),
            ("[]", ErlangTerm::List(vec![])),
            (
                "{a, [b,c|d] }",
                ErlangTerm::Tuple(vec![
                    atom("a"),
                    ErlangTerm::List(vec![atom("b"), atom("c"), atom("d")]),
                ]),
            ),
            (
                "#{a => 1,<<\"b\">> => []}",
                ErlangTerm::Map(vec![
                    (atom("a"), ErlangTerm::Integer(1)),
                    (binary("b"), ErlangTerm::List(vec![])),
                ]),
            ),
            (
                "[#Fun<mod_muc.1.2>,#Ref<0.1.2>,<0.12.0>]",
                ErlangTerm::List(vec![
                    ErlangTerm::Opaque,
                    ErlangTerm::Opaque,
                    ErlangTerm::Opaque,
                ]),
            ),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), term, "{text}");
            assert_eq!(
                parse(format!(" {text} .\n").as_bytes()).unwrap(),
                term,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_term_is_an_error_with_its_place() {
        for (text, error) in [
            ("", "byte 0: a term expected"),
            ("A", "byte 0: a term expected"),
            ("os:cmd(\"x\")", "byte 2: the end expected"),
            ("{a", "byte 2: ',' expected"),
            ("{a,", "byte 3: a term expected"),
            ("<<256>>", "byte 5: a byte expected"),
            ("<<\"a\"", "byte 5: a byte expected"),
            ("\"a", "byte 2: the end of a string expected"),
            ("\"\\x{d800}\"", "byte 9: a character expected"),
            ("\"\\777\"", "byte 5: a byte expected"),
            ("#{a}", "byte 3: '=>' expected"),
            ("1e", "byte 2: a number expected"),
        ] {
            assert_eq!(
                parse(text.as_bytes()).unwrap_err().to_string(),
                error,
                "{text}"
            );
        }
        let deep = "[".repeat(100_000);
        assert_eq!(
            parse(deep.as_bytes()).unwrap_err().to_string(),
            "byte 201: a value that is too large"
        );
    }

    #[test]
    fn a_file_is_read_term_by_term_and_behind_what_is_broken() {
        let text = b"{a,1}.\n{b,<<\"cut\n{c,2.5}.\n  {d,\n{e,3}.\nx\n";
        let mut terms = ErlangTerms::new(&text[..], 100);
        let pair = |name: &str, value| ErlangTerm::Tuple(vec![atom(name), value]);
        assert_eq!(
            terms.next().unwrap(),
            Some((100, pair("a", ErlangTerm::Integer(1))))
        );
        assert!(terms.next().is_err());
        let mut again = ErlangTerms::new(&b"{b,[cut\n{c,2.5}.\n{e,3}."[..], 0);
        assert_eq!(
            again.next().unwrap_err().to_string(),
            "byte 8: ',' expected"
        );
        assert!(again.recover().unwrap());
        assert_eq!(
            again.next().unwrap(),
            Some((17, pair("e", ErlangTerm::Integer(3))))
        );
        assert_eq!(again.next().unwrap(), None);
        assert!(!again.recover().unwrap());
    }

    #[test]
    fn properties_are_found_by_their_names() {
        let term = parse(b"[flag,{title,<<\"x\">>},{title,<<\"y\">>},{a,b,c}]").unwrap();
        assert_eq!(term.property("title").and_then(ErlangTerm::text), Some("x"));
        assert_eq!(term.property("flag"), None);
        assert_eq!(atom("x").property("title"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[a-c{}\\[\\]<>#=,|\"'\\\\0-9 \n.-]{0,200}") {
            let _ = parse(text.as_bytes());
            let mut terms = ErlangTerms::new(text.as_bytes(), 0);
            while let Ok(Some(_)) = terms.next() {}
        }
    }
}
