//! Times as they are typed.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime};

use crate::service::operate;

/// A time on the command line: RFC 3339, or a date alone, which is its first moment in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub operate::Moment);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let micros = match text.parse::<NaiveDate>() {
            Ok(date) if text.len() == DATE_LENGTH => {
                date.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
            }
            _ => DateTime::parse_from_rfc3339(text)
                .map_err(|_| {
                    "a time is written as 2026-11-21 (its first moment, in UTC) or as \
                     2026-11-21T14:30:00Z or 2026-11-21T15:30:00+01:00"
                        .to_owned()
                })?
                .timestamp_micros(),
        };
        Ok(Self(operate::Moment(micros)))
    }
}

const DATE_LENGTH: usize = "2026-11-21".len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_first_moment_and_a_time_may_have_any_zone() {
        let micros = |text: &str| text.parse::<Moment>().unwrap().0.0;
        assert_eq!(micros("1970-01-02"), 86_400_000_000);
        assert_eq!(micros("1970-01-01T00:00:01Z"), 1_000_000);
        assert_eq!(micros("1970-01-01T01:00:00.5+01:00"), 500_000);
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        for text in [
            "",
            "yesterday",
            "2026-11-31",
            "2026-1-1",
            "21.11.2026",
            "2026-11-21T14:30:00",
            "2026-11-21 14:30",
            "+12026-11-21",
        ] {
            let told = text.parse::<Moment>().unwrap_err();
            assert!(told.contains("2026-11-21T14:30:00Z"), "{text}: {told}");
        }
    }
}
