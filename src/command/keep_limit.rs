//! How much of its history a room keeps, among the arguments of commands.

use serde::{Deserialize, Serialize};

use super::form::Filled;
use super::{Error, Tools};
use crate::directory::Retention;

/// How much of its history a room keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KeepLimit {
    /// As the configuration says.
    Default,
    /// This number of days, or of messages; 0: all.
    Exactly(u32),
}

impl KeepLimit {
    /// Reads a number of days.
    pub fn of_days(text: &str) -> Result<Self, String> {
        Self::parse(text, FOREVER, Retention::DAYS_MAX)
    }

    /// Reads a number of messages.
    pub fn of_messages(text: &str) -> Result<Self, String> {
        Self::parse(text, UNLIMITED, Retention::MESSAGES_MAX)
    }

    /// A number from 1 to the ceiling, or a word for all, or for what the configuration says.
    fn parse(text: &str, all: &str, ceiling: u32) -> Result<Self, String> {
        match text.parse() {
            _ if text == DEFAULT => Ok(Self::Default),
            _ if text == all => Ok(Self::Exactly(0)),
            Ok(number) if (1..=ceiling).contains(&number) => Ok(Self::Exactly(number)),
            _ => Err(format!(
                "write a number from 1 to {ceiling}, `{all}` or `default`"
            )),
        }
    }

    /// What the room says itself.
    pub fn number(self) -> Option<u32> {
        match self {
            Self::Default => None,
            Self::Exactly(number) => Some(number),
        }
    }
}

/// What a room says of how long it keeps what is said in it.
pub(super) fn stored(about: &[(String, Vec<String>)], tools: &Tools) -> Result<Filled, Error> {
    let keep = tools.room_filled_in(about)?.keep;
    let text = |number: Option<u32>, all: &str| match number {
        None => DEFAULT.to_owned(),
        Some(0) => all.to_owned(),
        Some(number) => number.to_string(),
    };
    Ok(vec![
        ("days".to_owned(), vec![text(keep.days, FOREVER)]),
        ("messages".to_owned(), vec![text(keep.messages, UNLIMITED)]),
    ])
}

const DEFAULT: &str = "default";
const FOREVER: &str = "forever";
const UNLIMITED: &str = "unlimited";
