//! Prosody's files: data in the syntax of Lua. Nothing is executed.
//!
//! A value is told as JSON, in the way in which Prosody itself puts its tables into SQL databases:
//! one of numbered entries alone is an array, one of named entries alone an object, and in one of
//! both the numbered ones are the field `__array`. So what comes out is the same for either
//! storage.

use std::io::BufRead;

use serde_json::{Map, Number, Value};

use crate::transfer::cursor::{Cursor, DEPTH_MAX, Malformed};

/// Where the numbered entries of a table are that has named ones too.
pub(super) const ARRAY: &str = "__array";

/// Reads a file of one value: `return { … };`.
///
/// # Errors
/// See [`Malformed`].
pub(super) fn returned(input: impl BufRead) -> Result<Value, Malformed> {
    let mut reader = LuaReader::new(input);
    reader.space()?;
    if reader.cursor.take_while(is_of_word)? != "return" {
        return Err(reader.cursor.syntax("'return'"));
    }
    let value = reader.value(0)?;
    reader.end_of_statement()?;
    match reader.cursor.peek()? {
        None => Ok(value),
        Some(_) => Err(reader.cursor.syntax("the end of the file")),
    }
}

/// Reads a file of many values, one after the other: `item({ … });`.
///
/// What is no item is told, and what follows is read on from the next line that begins as one. So
/// little is lost where a server could not finish its writing.
#[derive(Debug)]
pub(super) struct LuaItems<R> {
    reader: LuaReader<R>,
    /// Whether `item(` is behind us.
    is_inside: bool,
    is_over: bool,
}

impl<R: BufRead> LuaItems<R> {
    /// A reader from the beginning of a file.
    pub fn new(input: R) -> Self {
        Self {
            reader: LuaReader::new(input),
            is_inside: false,
            is_over: false,
        }
    }

    fn read(&mut self) -> Result<Option<(u64, Value)>, Malformed> {
        self.reader.cursor.begin_value();
        if !std::mem::take(&mut self.is_inside) {
            self.reader.space()?;
            if self.reader.cursor.peek()?.is_none() {
                return Ok(None);
            }
            if self.reader.cursor.take_while(is_of_word)? != "item" {
                return Err(self.reader.cursor.syntax("'item'"));
            }
            self.reader.space()?;
            self.reader.cursor.expect(b'(', "'('")?;
        }
        let offset = self.reader.cursor.offset() - "item(".len() as u64;
        let value = self.reader.value(0)?;
        self.reader.space()?;
        self.reader.cursor.expect(b')', "')'")?;
        self.reader.end_of_statement()?;
        Ok(Some((offset, value)))
    }

    /// Goes to the next item.
    fn recover(&mut self) -> Result<(), Malformed> {
        while self.reader.cursor.skip_line()? {
            self.reader.cursor.begin_value();
            let mut rest = b"item(".iter();
            if rest.all(|byte| self.reader.cursor.take(*byte).unwrap_or(false)) {
                self.is_inside = true;
                return Ok(());
            }
        }
        self.is_over = true;
        Ok(())
    }
}

impl<R: BufRead> Iterator for LuaItems<R> {
    /// Where an item begins, and what it is.
    type Item = Result<(u64, Value), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let read = self.read();
        let recovered = match &read {
            Ok(Some(_)) => Ok(()),
            Ok(None) | Err(Malformed::Io(_)) => {
                self.is_over = true;
                Ok(())
            }
            Err(Malformed::Syntax { .. } | Malformed::TooLarge { .. }) => self.recover(),
        };
        if let Err(error) = recovered {
            self.is_over = true;
            return Some(Err(error));
        }
        read.transpose()
    }
}

#[derive(Debug)]
struct LuaReader<R> {
    cursor: Cursor<R>,
}

impl<R: BufRead> LuaReader<R> {
    fn new(input: R) -> Self {
        Self {
            cursor: Cursor::new(input, 0),
        }
    }

    fn space(&mut self) -> Result<(), Malformed> {
        self.cursor.skip_space()
    }

    fn end_of_statement(&mut self) -> Result<(), Malformed> {
        self.space()?;
        self.cursor.take(b';')?;
        self.space()
    }

    fn value(&mut self, depth: usize) -> Result<Value, Malformed> {
        self.space()?;
        let Some(byte) = self.cursor.peek()? else {
            return Err(self.cursor.syntax("a value"));
        };
        match byte {
            b'{' => self.table(depth + 1),
            b'"' | b'\'' => self.string().map(Value::String),
            b'(' => self.infinity(),
            b'-' | b'0'..=b'9' => self.number(),
            _ => {
                let word = self.cursor.take_while(is_of_word)?;
                constant(&word).ok_or_else(|| self.cursor.syntax("a value"))
            }
        }
    }

    /// What no number is: `(1/0)`, `(-1/0)`, `(0/0)`.
    fn infinity(&mut self) -> Result<Value, Malformed> {
        self.cursor.next()?;
        self.cursor.take_while(|byte| b"-/01".contains(&byte))?;
        self.cursor.expect(b')', "')'")?;
        Ok(Value::Null)
    }

    fn number(&mut self) -> Result<Value, Malformed> {
        let text = self
            .cursor
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))?;
        let number = match text.parse::<i64>() {
            Ok(number) => Some(Number::from(number)),
            Err(_) => text.parse().ok().and_then(Number::from_f64),
        };
        number
            .map(Value::Number)
            .ok_or_else(|| self.cursor.syntax("a number"))
    }

    fn table(&mut self, depth: usize) -> Result<Value, Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed::TooLarge {
                offset: self.cursor.offset(),
            });
        }
        self.cursor.next()?;
        let mut array = Vec::new();
        let mut fields = Map::new();
        loop {
            self.space()?;
            if self.cursor.take(b'}')? {
                break;
            }
            match self.entry(depth)? {
                (None, value) => array.push(value),
                (Some(Value::Number(key)), value)
                    if key.as_u64() == Some(array.len() as u64 + 1) =>
                {
                    array.push(value);
                }
                (Some(Value::String(key)), value) => {
                    fields.insert(key, value);
                }
                (Some(key), value) => {
                    fields.insert(key.to_string(), value);
                }
            }
            self.space()?;
            if !self.cursor.take(b';')? && !self.cursor.take(b',')? {
                self.cursor.expect(b'}', "';' or '}'")?;
                break;
            }
        }
        Ok(match (array.is_empty(), fields.is_empty()) {
            (false, true) => Value::Array(array),
            (true, _) => Value::Object(fields),
            (false, false) => {
                fields.insert(ARRAY.to_owned(), Value::Array(array));
                Value::Object(fields)
            }
        })
    }

    /// One entry of a table: its key, if it has one, and its value.
    fn entry(&mut self, depth: usize) -> Result<(Option<Value>, Value), Malformed> {
        let byte = self.cursor.peek()?.unwrap_or_default();
        if byte == b'[' {
            self.cursor.next()?;
            let key = self.value(depth)?;
            self.space()?;
            self.cursor.expect(b']', "']'")?;
            self.space()?;
            self.cursor.expect(b'=', "'='")?;
            return Ok((Some(key), self.value(depth)?));
        }
        if !byte.is_ascii_alphabetic() && byte != b'_' {
            return Ok((None, self.value(depth)?));
        }
        let word = self.cursor.take_while(is_of_word)?;
        self.space()?;
        if self.cursor.take(b'=')? {
            return Ok((Some(Value::String(word)), self.value(depth)?));
        }
        match constant(&word) {
            Some(value) => Ok((None, value)),
            None => Err(self.cursor.syntax("'='")),
        }
    }

    fn string(&mut self) -> Result<String, Malformed> {
        let quote = self.cursor.next()?;
        let mut bytes = Vec::new();
        loop {
            // A newline stays where it is, for another item may begin behind it.
            if matches!(self.cursor.peek()?, None | Some(b'\n')) {
                return Err(self.cursor.syntax("the end of a string"));
            }
            match self.cursor.next()? {
                Some(b'\\') => bytes.push(self.escaped()?),
                byte if byte == quote => break,
                byte => bytes.extend(byte),
            }
        }
        String::from_utf8(bytes).map_err(|_| self.cursor.syntax("a string in UTF-8"))
    }

    fn escaped(&mut self) -> Result<u8, Malformed> {
        let Some(byte) = self.cursor.next()? else {
            return Err(self.cursor.syntax("the end of a string"));
        };
        Ok(match byte {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            b'0'..=b'9' => return self.decimal(byte),
            b'\\' | b'"' | b'\'' | b'\n' => byte,
            _ => return Err(self.cursor.syntax("an escape that Prosody writes")),
        })
    }

    /// Up to three digits.
    fn decimal(&mut self, first: u8) -> Result<u8, Malformed> {
        let mut code = u16::from(first - b'0');
        for _ in 0..2 {
            let Some(digit) = self.cursor.peek()?.filter(u8::is_ascii_digit) else {
                break;
            };
            code = code * 10 + u16::from(digit - b'0');
            self.cursor.next()?;
        }
        u8::try_from(code).map_err(|_| self.cursor.syntax("a byte"))
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn constant(word: &str) -> Option<Value> {
    match word {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "nil" => Some(Value::Null),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, String> {
        returned(text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_read_as_prosody_writes_them() {
        for (text, value) in [
            ("{}", json!({})),
            (
                "\"a\\n\\195\\169\\9\\\"\\'\\\\\\\nb\"",
                json!("a\né\t\"'\\\nb"),
            ),
            ("'it is'", json!("it is")),
            ("1795229413", json!(1_795_229_413)),
            ("-1.5e3", json!(-1500.0)),
            ("1795229413.25", json!(1_795_229_413.25)),
            ("(1/0)", json!(null)),
            ("{ true; false, nil }", json!([true, false, null])),
            (
                "{ a = 1, [\"b c\"] = { x = 'y' } ; }",
                json!({"a": 1, "b c": {"x": "y"}}),
            ),
            ("{ [1] = 'x'; [2] = 'y' }", json!(["x", "y"])),
            (
                "{ 'x'; k = 1; [7] = 2; [true] = 3 }",
                json!({"__array": ["x"], "k": 1, "7": 2, "true": 3}),
            ),
        ] {
            assert_eq!(read(&format!("return {text};\n")), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_data_is_an_error_with_its_place() {
        for (text, error) in [
            ("", "byte 0: 'return' expected"),
            ("return os.exit()", "byte 9: a value expected"),
            ("return (function() end)()", "byte 8: ')' expected"),
            ("return 'a' .. 'b'", "byte 11: the end of the file expected"),
            ("return {", "byte 8: a value expected"),
            ("return { a }", "byte 11: '=' expected"),
            ("return { 1 2 }", "byte 11: ';' or '}' expected"),
            ("return \"a\nb\"", "byte 9: the end of a string expected"),
            ("return \"\\300\"", "byte 12: a byte expected"),
            ("return \"\\255\"", "byte 13: a string in UTF-8 expected"),
            (
                "return \"\\x41\"",
                "byte 10: an escape that Prosody writes expected",
            ),
            ("return [[a]]", "byte 7: a value expected"),
            ("return --[[", "byte 9: a number expected"),
            ("return 1e999", "byte 12: a number expected"),
        ] {
            assert_eq!(read(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_table_without_bottom_is_given_up() {
        let text = format!("return {}", "{".repeat(100_000));
        assert_eq!(
            read(&text),
            Err("byte 207: a value that is too large".to_owned())
        );
    }

    /// The values, and the complaints between them.
    fn items(text: &str) -> Vec<Result<(u64, Value), String>> {
        LuaItems::new(text.as_bytes())
            .map(|item| item.map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn a_list_is_read_item_by_item() {
        assert_eq!(
            items("item({\n\ta = 1;\n});\nitem( 'x' )\n"),
            [Ok((0, json!({"a": 1}))), Ok((19, json!("x")))]
        );
        assert_eq!(items(""), []);
        assert_eq!(items("  \n"), []);
    }

    #[test]
    fn behind_what_is_broken_a_list_is_read_on() {
        let broken =
            "item({ a = \"cut\nitem(1);\nos.exit()\n    item(2);\nitem(3); item(4);\nitem({ a = ";
        assert_eq!(
            items(broken),
            [
                Err("byte 15: the end of a string expected".to_owned()),
                Ok((16, json!(1))),
                Err("byte 27: 'item' expected".to_owned()),
                Ok((48, json!(3))),
                Ok((57, json!(4))),
                Err("byte 77: a value expected".to_owned()),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[a-z{}\\[\\]=;,()\"'\\\\0-9 \n.-]{0,200}") {
            let _ = returned(text.as_bytes());
            proptest::prop_assert!(LuaItems::new(text.as_bytes()).count() <= text.len() + 1);
        }
    }
}
