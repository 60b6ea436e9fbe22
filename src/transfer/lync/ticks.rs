//! Times as .NET counts them: units of 100 ns since the first moment of the year 1, UTC.

use crate::room::Timestamp;
use crate::time;

/// The moment that a number of ticks is, to the microsecond; what is finer is dropped. `None` when
/// it is outside the calendar.
pub(super) fn moment(ticks: i64) -> Option<Timestamp> {
    let since_1970 = ticks.checked_sub(TICKS_1970)?;
    let at = Timestamp(since_1970.div_euclid(TICKS_PER_MICROSECOND));
    time::is_of_calendar(at).then_some(at)
}

const TICKS_1970: i64 = 621_355_968_000_000_000;
const TICKS_PER_MICROSECOND: i64 = 10;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(ticks: i64) -> Option<String> {
        moment(ticks).and_then(time::format_micros)
    }

    #[test]
    fn the_moments_that_are_documented_are_right() {
        // The compliance sample of Microsoft's page gives this moment in three ways.
        assert_eq!(
            told(633_482_073_409_535_482).as_deref(),
            Some("2008-06-04T20:15:40.953548Z")
        );
        assert_eq!(
            told(635_000_000_000_000_000).as_deref(),
            Some("2013-03-27T16:53:20.000000Z")
        );
        assert_eq!(moment(TICKS_1970), Some(Timestamp(0)));
        assert_eq!(moment(TICKS_1970 - 1), Some(Timestamp(-1)));
        assert_eq!(told(0).as_deref(), Some("0001-01-01T00:00:00.000000Z"));
        assert_eq!(moment(i64::MAX), None);
        assert_eq!(moment(i64::MIN), None);
    }

    proptest! {
        #[test]
        fn each_tick_is_in_its_microsecond(ticks in 0..3_155_378_976_000_000_000_i64) {
            let Timestamp(micros) = moment(ticks).unwrap();
            let begins = micros * TICKS_PER_MICROSECOND + TICKS_1970;
            prop_assert!((begins..begins + TICKS_PER_MICROSECOND).contains(&ticks));
        }
    }
}
