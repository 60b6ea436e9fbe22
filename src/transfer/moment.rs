//! Times in records: RFC 3339, in UTC, to the microsecond.

use chrono::{DateTime, SecondsFormat};

use crate::room::Timestamp;

/// A time as text: `2026-11-21T02:30:37.000000Z`. `None` for one before the year 0 or after the year 9999.
pub(super) fn format(at: Timestamp) -> Option<String> {
    if !is_of_calendar(at) {
        return None;
    }
    let at = DateTime::from_timestamp_micros(at.0)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// A time in whatever zone; digits behind the microsecond are dropped. `None` when the text is something else.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let at = Timestamp(DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros());
    is_of_calendar(at).then_some(at)
}

/// Whether four digits are enough for its year.
pub(super) fn is_of_calendar(at: Timestamp) -> bool {
    (YEAR_0..YEAR_10000).contains(&at.0)
}

const YEAR_0: i64 = -62_167_219_200_000_000;
const YEAR_10000: i64 = 253_402_300_800_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_to_the_microsecond_and_read_in_any_zone() {
        let at = Timestamp(1_034_553_517_250_001);
        assert_eq!(format(at).unwrap(), "2002-10-13T23:58:37.250001Z");
        assert_eq!(parse("2002-10-13T23:58:37.250001Z"), Some(at));
        assert_eq!(parse("2002-10-14T01:58:37.2500019+02:00"), Some(at));
        assert_eq!(parse("2002-10-13T23:58:37"), None);
    }

    #[test]
    fn every_time_that_is_written_is_read() {
        for micros in [YEAR_0, -1, 0, YEAR_10000 - 1] {
            let text = format(Timestamp(micros)).unwrap();
            assert_eq!(parse(&text), Some(Timestamp(micros)), "{text}");
        }
        for micros in [i64::MIN, YEAR_0 - 1, YEAR_10000, i64::MAX] {
            assert_eq!(format(Timestamp(micros)), None);
        }
        assert_eq!(parse("0000-01-01T00:00:00+00:01"), None);
    }
}
