//! What was written: a table of the file whose keys are asked for one by one.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::error::Fault;
use super::reading::TomlReading;

/// Keys that there were once: their section, their name, and what there is in their place.
const GONE: &[(&str, &str, &str)] = &[(
    "[[pool]]",
    "creators",
    "who may create rooms is said by each category; for example: \
     lyceum category set General --creators example.org",
)];

/// A table of the file, or one that could be there and is not.
pub(super) struct Section<'r, 't> {
    reading: &'r mut TomlReading<'t>,
    name: &'static str,
    table: Option<&'t DeTable<'t>>,
    offset: usize,
}

impl<'r, 't> Section<'r, 't> {
    /// `name` is how the section is called in messages, `offset` where it begins.
    pub(super) fn new(
        reading: &'r mut TomlReading<'t>,
        name: &'static str,
        table: Option<&'t DeTable<'t>>,
        offset: usize,
    ) -> Self {
        Self {
            reading,
            name,
            table,
            offset,
        }
    }

    /// Ends the reading of this section: what was not asked for is unknown.
    pub(super) fn finish(self) {
        for key in self.table.into_iter().flat_map(|table| table.keys()) {
            let (name, place) = (key.get_ref(), key.span().start);
            let gone = GONE
                .iter()
                .find(|(section, gone, _)| *section == self.name && gone == name);
            match gone {
                Some((_, key, instead)) => self.reading.wrong(place, Fault::Gone { key, instead }),
                None => self.reading.written(self.name, name, place),
            }
        }
    }

    /// Where the section begins; the place to complain about a key that is missing.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn reading(&mut self) -> &mut TomlReading<'t> {
        self.reading
    }

    /// The value of `key` as it was written, of whatever type.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.reading.asked(self.name, key);
        self.table.and_then(|table| table.get(key))
    }

    /// A table below this one, called `name` in messages; empty when it is not written.
    pub(super) fn section(&mut self, key: &'static str, name: &'static str) -> Section<'_, 't> {
        let value = self.value(key);
        let offset = value.map_or(self.offset, |value| value.span().start);
        let table = value.and_then(|value| match value.get_ref() {
            DeValue::Table(table) => Some(table),
            other => {
                let fault = Fault::NotASection {
                    key,
                    found: kind(other),
                    section: name,
                };
                self.reading.wrong(offset, fault);
                None
            }
        });
        Section::new(self.reading, name, table, offset)
    }

    /// A text, where it stands in the file.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Spanned<&'t str>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text)),
            other => {
                self.wrong_type(key, value, other, "a text in quotes");
                None
            }
        }
    }

    /// A list of texts. An element of another type is complained about and left out.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<Spanned<&'t str>>> {
        const EXPECTED: &str = "a list of texts in quotes, such as [\"…\", \"…\"]";
        let value = self.value(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(key, value, value.get_ref(), EXPECTED);
            return None;
        };
        let mut texts = Vec::with_capacity(array.len());
        for element in array.iter() {
            match element.get_ref() {
                DeValue::String(text) => texts.push(Spanned::new(element.span(), &**text)),
                other => self.wrong_type(key, element, other, EXPECTED),
            }
        }
        Some(texts)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.value(key) else {
            return default;
        };
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            other => {
                self.wrong_type(key, value, other, "true or false, without quotes");
                default
            }
        }
    }

    /// A whole number within `range`, counting `unit`.
    pub(super) fn whole(
        &mut self,
        key: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
        unit: &'static str,
    ) -> u32 {
        let Some(value) = self.value(key) else {
            return default;
        };
        let DeValue::Integer(integer) = value.get_ref() else {
            self.wrong_type(
                key,
                value,
                value.get_ref(),
                "a whole number, without quotes",
            );
            return default;
        };
        let number = integer_value(integer).and_then(|number| u32::try_from(number).ok());
        match number.filter(|number| range.contains(number)) {
            Some(number) => number,
            None => {
                let found = integer.to_string();
                let (min, max) = (*range.start(), *range.end());
                let fault = Fault::OutOfRange {
                    key,
                    found,
                    min,
                    max,
                    unit,
                };
                self.reading.wrong(value.span().start, fault);
                default
            }
        }
    }

    /// A number from 0 to `max`, with or without decimals, counting `unit`.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        default: f64,
        max: u32,
        unit: &'static str,
    ) -> f64 {
        let Some(value) = self.value(key) else {
            return default;
        };
        let (number, found) = match value.get_ref() {
            DeValue::Integer(integer) => {
                // Rounding is harmless: the range ends long before a double's precision does.
                (
                    integer_value(integer).map(|number| number as f64),
                    integer.to_string(),
                )
            }
            DeValue::Float(float) => (float.as_str().parse().ok(), float.to_string()),
            other => {
                self.wrong_type(key, value, other, "a number, without quotes");
                return default;
            }
        };
        match number.filter(|number| (0.0..=f64::from(max)).contains(number)) {
            Some(number) => number,
            None => {
                let fault = Fault::OutOfRange {
                    key,
                    found,
                    min: 0,
                    max,
                    unit,
                };
                self.reading.wrong(value.span().start, fault);
                default
            }
        }
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        default: T,
        choices: &[(&'static str, T)],
    ) -> T {
        match self.text(key) {
            Some(text) => self.chosen(key, &text, choices).unwrap_or(default),
            None => default,
        }
    }

    /// Any of several words; `None` if the key isn't written.
    pub(super) fn choices<T: Copy + Ord>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<BTreeSet<T>> {
        let texts = self.texts(key)?;
        Some(
            texts
                .iter()
                .filter_map(|text| self.chosen(key, text, choices))
                .collect(),
        )
    }

    fn chosen<T: Copy>(
        &mut self,
        key: &'static str,
        text: &Spanned<&str>,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let chosen = choices.iter().find(|(word, _)| word == text.get_ref());
        if chosen.is_none() {
            let found = (*text.get_ref()).to_owned();
            let choices = choices.iter().map(|(word, _)| *word).collect();
            self.reading.wrong(
                text.span().start,
                Fault::NotAChoice {
                    key,
                    found,
                    choices,
                },
            );
        }
        chosen.map(|(_, choice)| *choice)
    }

    fn wrong_type(
        &mut self,
        key: &'static str,
        place: &Spanned<DeValue<'t>>,
        found: &DeValue<'t>,
        expected: &'static str,
    ) {
        let found = kind(found);
        self.reading.wrong(
            place.span().start,
            Fault::WrongType {
                key,
                found,
                expected,
            },
        );
    }
}

/// What a value is, in words. Never the value itself, for it may be a secret.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with decimals",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn integer_value(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
