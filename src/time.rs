//! Times as text: RFC 3339, which is the DateTime profile of XEP-0082, too.
//!
//! A [`Timestamp`] is a number everywhere inside; here it becomes what a stanza, a record, a list
//! or a command line shows, and comes back. Where the time comes from is not told here, see
//! [`service::now`](crate::service::now).

use std::fmt::Display;

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveTime, SecondsFormat, TimeZone};

use crate::room::Timestamp;

/// A time in UTC with as many digits as it needs: `2002-10-13T23:58:37.250Z`. XEP-0082 §3.2.
pub fn format(at: Timestamp) -> String {
    let at = DateTime::from_timestamp_micros(at.0).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A time in UTC, always to the microsecond: `2026-11-21T02:30:37.000000Z`. `None` when it is
/// [outside the calendar](is_of_calendar).
pub fn format_micros(at: Timestamp) -> Option<String> {
    let at = Some(at).filter(|at| is_of_calendar(*at))?;
    let at = DateTime::from_timestamp_micros(at.0)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// A time in RFC 3339 with any offset from UTC; digits behind the microsecond are dropped. `None`
/// when the text is something else, or the time is [outside the calendar](is_of_calendar).
pub fn parse(text: &str) -> Option<Timestamp> {
    let at = Timestamp(DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros());
    is_of_calendar(at).then_some(at)
}

/// A time as people type it: RFC 3339, or a date alone, which is its first moment in UTC.
///
/// # Errors
/// The text is neither; what would be right, in words.
pub fn parse_typed(text: &str) -> Result<Timestamp, String> {
    let date = text.parse::<NaiveDate>();
    let date = date.ok().filter(|_| text.len() == DATE_LENGTH);
    let at = match date {
        Some(date) => {
            let midnight = date.and_time(NaiveTime::MIN).and_utc();
            Some(Timestamp(midnight.timestamp_micros()))
        }
        None => parse(text),
    };
    at.ok_or_else(|| {
        "a time is written as 2026-11-21 (its first moment, in UTC) or as \
         2026-11-21T14:30:00Z or 2026-11-21T15:30:00+01:00"
            .to_owned()
    })
}

/// Whether the year of a time has four digits, without which RFC 3339 has no form for it.
pub fn is_of_calendar(at: Timestamp) -> bool {
    (YEAR_0..YEAR_10000).contains(&at.0)
}

/// A time in RFC 3339 as people read it: to the second, where this machine is, with the offset from
/// UTC. Any other text stays as it is.
pub fn local(text: &str) -> String {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => in_zone(time, &Local),
        Err(_) => text.to_owned(),
    }
}

fn in_zone<Zone: TimeZone>(time: DateTime<FixedOffset>, zone: &Zone) -> String
where
    Zone::Offset: Display,
{
    let time = time.with_timezone(zone);
    time.format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

const DATE_LENGTH: usize = "2026-11-21".len();
const YEAR_0: i64 = -62_167_219_200_000_000;
const YEAR_10000: i64 = 253_402_300_800_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_as_many_digits_as_it_needs_or_all_six() {
        let at = |micros| (format(Timestamp(micros)), format_micros(Timestamp(micros)));
        assert_eq!(
            at(0),
            (
                "1970-01-01T00:00:00Z".to_owned(),
                Some("1970-01-01T00:00:00.000000Z".to_owned())
            )
        );
        assert_eq!(
            at(1_034_553_517_250_000),
            (
                "2002-10-13T23:58:37.250Z".to_owned(),
                Some("2002-10-13T23:58:37.250000Z".to_owned())
            )
        );
    }

    #[test]
    fn a_time_is_read_with_any_offset_and_to_the_microsecond() {
        let at = Some(Timestamp(1_034_553_517_250_001));
        assert_eq!(parse("2002-10-13T23:58:37.250001Z"), at);
        assert_eq!(parse("2002-10-14T01:58:37.2500019+02:00"), at);
        for no in ["", "yesterday", "1970-01-01", "1970-01-01T00:00:00"] {
            assert_eq!(parse(no), None, "{no}");
        }
    }

    #[test]
    fn every_time_that_is_written_is_read() {
        for micros in [YEAR_0, -1, 0, YEAR_10000 - 1] {
            let at = Timestamp(micros);
            let text = format_micros(at).unwrap();
            assert_eq!(parse(&text), Some(at), "{text}");
            assert_eq!(parse(&format(at)), Some(at), "{text}");
        }
        for micros in [i64::MIN, YEAR_0 - 1, YEAR_10000, i64::MAX] {
            assert_eq!(format_micros(Timestamp(micros)), None);
        }
        assert_eq!(parse("0000-01-01T00:00:00+00:01"), None);
    }

    #[test]
    fn a_typed_date_is_its_first_moment_and_a_typed_time_may_have_any_offset() {
        let micros = |text: &str| parse_typed(text).unwrap().0;
        assert_eq!(micros("1970-01-02"), 86_400_000_000);
        assert_eq!(micros("1970-01-01T00:00:01Z"), 1_000_000);
        assert_eq!(micros("1970-01-01T01:00:00.5+01:00"), 500_000);
    }

    #[test]
    fn anything_else_that_is_typed_is_refused_with_what_would_be_right() {
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
            let told = parse_typed(text).unwrap_err();
            assert!(told.contains("2026-11-21T14:30:00Z"), "{text}: {told}");
        }
    }

    #[test]
    fn a_time_for_people_is_that_of_the_place_to_the_second_with_the_offset() {
        let time = DateTime::parse_from_rfc3339("2026-11-21T23:30:00.123456Z").unwrap();
        let place = FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
        assert_eq!(in_zone(time, &place), "2026-11-22 05:00:00 +05:30");
        assert_eq!(local("-"), "-");
    }
}
