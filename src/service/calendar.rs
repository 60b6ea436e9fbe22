//! Whether the calendar can be believed, for what nobody can undo: removing what is too old.
//!
//! A machine's clock may be set, and may be wrong, by seconds or by ten years. What waits goes by
//! the clock that nobody sets; but how old a message is only the calendar knows. So it is believed
//! as long as it agrees with what is known of the time: while the process runs, with the clock that
//! nobody sets; at a start, with what the last run believed, or with the newest message where no
//! run has left anything. When it doesn't, nothing is removed by age until it has gone evenly for
//! an hour. Where it is more than a month ahead of what is known, that is not enough: an archive
//! that was removed by mistake is gone, so it takes a week of the service's running, in which the
//! log and `lyceum check` tell of it.

use crate::room::{Now, Timestamp};
use crate::store::calendar::{CalendarRecord, Doubt, TimesKept};
use crate::time;

/// What is known of the time, and how far the calendar agrees.
#[derive(Debug)]
pub struct Calendar {
    /// The calendar when it was believed last, with the moment of this process at which that was
    /// known.
    known: Now,
    last: Now,
    /// For how long it has gone evenly, in microseconds; `None`: it is believed.
    even_us: Option<i64>,
}

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It was set to another time, and is believed no longer.
    Jumped {
        /// By how many microseconds; negative when it was put back.
        by_us: i64,
    },
    /// It is believed again.
    Believed,
}

const SECOND_US: i64 = 1_000_000;
const HOUR_US: i64 = 60 * 60 * SECOND_US;
const DAY_US: i64 = 24 * HOUR_US;
const MONTH_US: i64 = 31 * DAY_US;
/// Maximum difference between the calendar and the other clock from one look to the next, in
/// microseconds: both go, and time is slewed.
const JUMP_US: i64 = 2 * SECOND_US;
/// It is looked at least this often, in seconds, for over longer times the two clocks drift apart.
const LOOK_INTERVAL_S: i64 = 60;
/// How long it must go evenly before it is believed again.
const EVEN_US: i64 = HOUR_US;
/// The same where it is more than a month ahead.
const EVEN_LONG_US: i64 = 7 * DAY_US;

impl Calendar {
    /// What is to be thought of it at a start.
    pub fn at_start(now: Now, kept: &TimesKept) -> Self {
        let even_us = match kept.record {
            Some(CalendarRecord { believed, doubt }) => match doubt {
                None => (!follows(now.at, believed, DAY_US)).then_some(0),
                Some(Doubt { last, even_us }) if follows(now.at, last, MONTH_US) => Some(even_us),
                Some(_) => Some(0),
            },
            None => kept
                .newest
                .is_some_and(|newest| !follows(now.at, newest, DAY_US))
                .then_some(0),
        };
        let known = kept.record.map(|record| record.believed).or(kept.newest);
        Self {
            known: Now {
                at: known.unwrap_or(now.at),
                ..now
            },
            last: now,
            even_us,
        }
    }

    /// Takes notice of the time, and tells what has changed.
    pub fn look(&mut self, now: Now) -> Option<News> {
        let lived_us = now.elapsed.micros_since(self.last.elapsed);
        let by_us = now.at.0.saturating_sub(self.last.at.0) - lived_us;
        self.last = now;
        if by_us.abs() > JUMP_US {
            self.even_us = Some(0);
            return Some(News::Jumped { by_us });
        }
        if let Some(even_us) = &mut self.even_us {
            *even_us += lived_us;
            if *even_us < self.needed_us() {
                return None;
            }
        }
        self.known = now;
        self.even_us.take().map(|_| News::Believed)
    }

    /// When it is to be looked at again, at the latest.
    pub fn next_look(&self) -> crate::room::Elapsed {
        self.last.elapsed.plus_seconds(LOOK_INTERVAL_S)
    }

    /// What time it is, if that is believed.
    pub fn believed(&self) -> Option<Timestamp> {
        self.even_us.is_none().then_some(self.last.at)
    }

    /// What the next run is to know.
    pub fn record(&self) -> CalendarRecord {
        CalendarRecord {
            believed: self.known.at,
            doubt: self.even_us.map(|even_us| Doubt {
                last: self.last.at,
                even_us,
            }),
        }
    }

    /// Why nothing is removed by age, in a sentence; `None`: it is.
    pub fn doubt(&self) -> Option<String> {
        let even_us = self.even_us?;
        let (says, known) = (time::format(self.last.at), time::format(self.expected()));
        let needed = match self.needed_us() {
            EVEN_LONG_US => "a week while the service runs",
            _ => "an hour while the service runs",
        };
        Some(format!(
            "the clock of this machine says {says}, and by what is known of the time it should be about {known} or \
             somewhat later: nothing is removed because of its age until the clock has gone evenly for {needed} \
             ({} minutes so far); if it is wrong, set it right",
            even_us / (60 * SECOND_US)
        ))
    }

    /// What the calendar would say if it had gone on evenly since it was believed last.
    fn expected(&self) -> Timestamp {
        let since_us = self.last.elapsed.micros_since(self.known.elapsed);
        Timestamp(self.known.at.0.saturating_add(since_us))
    }

    fn needed_us(&self) -> i64 {
        let ahead_us = self.last.at.0.saturating_sub(self.expected().0);
        match ahead_us > MONTH_US {
            true => EVEN_LONG_US,
            false => EVEN_US,
        }
    }
}

/// What `lyceum check` tells of the time: whatever is not as it should be, in a sentence each.
pub fn findings(now: Timestamp, kept: &TimesKept) -> Vec<String> {
    let calendar = Calendar::at_start(Now::in_step(now), kept);
    let ahead = kept.newest.filter(|newest| newest.0 - now.0 > JUMP_US);
    let ahead = ahead.map(|newest| {
        format!(
            "some messages are from times that are still to come, up to {}: the clock was ahead when they were said; \
             their order is right, and until then new messages of the same rooms bear the time of the last one",
            time::format(newest)
        )
    });
    calendar.doubt().into_iter().chain(ahead).collect()
}

/// Whether a moment may well be the next that somebody saw after another: not before it, and not
/// too long after.
fn follows(at: Timestamp, earlier: Timestamp, gap_max_us: i64) -> bool {
    let gap_us = at.0.saturating_sub(earlier.0);
    (-JUMP_US..=gap_max_us).contains(&gap_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::Elapsed;

    const START: Timestamp = Timestamp(1_767_268_800_000_000);
    const YEARS_US: i64 = 10 * 365 * DAY_US;

    /// A calendar that is looked at every minute.
    struct Trial {
        calendar: Calendar,
        now: Now,
    }

    impl Trial {
        fn after(kept: &TimesKept, at: Timestamp) -> Self {
            let now = Now {
                at,
                elapsed: Elapsed::BEGINNING,
            };
            let calendar = Calendar::at_start(now, kept);
            Self { calendar, now }
        }

        fn new() -> Self {
            Self::after(&TimesKept::default(), START)
        }

        /// Lets minutes go by, and tells after how many it was believed again.
        fn pass(&mut self, minutes: i64) -> Option<i64> {
            (1..=minutes).find(|_| {
                self.now = self.now.plus_seconds(60);
                self.calendar.look(self.now) == Some(News::Believed)
            })
        }

        fn set(&mut self, by_us: i64) -> Option<News> {
            self.now.at.0 += by_us;
            self.calendar.look(self.now)
        }

        /// The service ends, and starts again after some time by a calendar that was set meanwhile.
        fn restart(&self, by_us: i64) -> Self {
            let kept = TimesKept {
                record: Some(self.calendar.record()),
                newest: None,
            };
            Self::after(&kept, Timestamp(self.now.at.0 + by_us))
        }
    }

    #[test]
    fn a_calendar_that_goes_on_is_believed_also_over_a_restart() {
        let mut trial = Trial::new();
        trial.pass(100);
        for away in [0, HOUR_US, DAY_US] {
            let mut again = trial.restart(away);
            assert_eq!(again.calendar.believed(), Some(again.now.at));
            assert_eq!(again.pass(100), None, "it is no news");
        }
    }

    #[test]
    fn whatever_the_jump_it_is_believed_after_an_hour_or_a_week() {
        let hours = [60, 60, 60, 60, 60, 60, 7 * 24 * 60];
        let jumps = [
            4 * SECOND_US,
            -4 * SECOND_US,
            3 * HOUR_US,
            -3 * HOUR_US,
            MONTH_US - HOUR_US,
            -YEARS_US,
            YEARS_US,
        ];
        for (by_us, minutes) in jumps.into_iter().zip(hours) {
            let mut running = Trial::new();
            running.pass(5);
            assert_eq!(running.set(by_us), Some(News::Jumped { by_us }));
            assert_eq!(running.calendar.believed(), None);
            assert_eq!(running.pass(20_000), Some(minutes), "{by_us} while running");
            assert_eq!(running.calendar.believed(), Some(running.now.at));

            let away = if by_us > 0 { DAY_US } else { 0 };
            let mut started = Trial::new().restart(by_us + away);
            assert_eq!(started.calendar.believed(), None, "{by_us} at the start");
            let long = by_us + away > MONTH_US;
            let minutes = if long { 7 * 24 * 60 } else { 60 };
            assert_eq!(started.pass(20_000), Some(minutes), "{by_us} at the start");
        }
    }

    #[test]
    fn a_clock_that_was_ahead_for_a_moment_and_is_right_again_is_believed_after_an_hour() {
        for by_us in [4 * SECOND_US, 3 * HOUR_US, YEARS_US] {
            let mut trial = Trial::new();
            trial.set(by_us);
            trial.now = trial.now.plus_seconds(4);
            assert_eq!(trial.set(-by_us), Some(News::Jumped { by_us: -by_us }));
            assert_eq!(trial.pass(20_000), Some(60));

            // Ahead at a start, and right at the next one.
            let ahead = Trial::new().restart(by_us + DAY_US);
            let mut right = ahead.restart(-by_us - DAY_US);
            assert_eq!(right.pass(20_000), Some(60));
        }
    }

    #[test]
    fn however_often_the_service_is_restarted_a_clock_that_is_ten_years_ahead_is_given_a_week() {
        let mut trial = Trial::new().restart(YEARS_US);
        let mut minutes = 0;
        for _ in 0..30 {
            assert_eq!(trial.pass(5 * 60), None);
            minutes += 5 * 60;
            trial = trial.restart(19 * HOUR_US);
        }
        let rest = trial.pass(20_000).unwrap();
        assert_eq!(minutes + rest, 7 * 24 * 60);
    }

    #[test]
    fn without_a_record_the_newest_message_tells_the_time() {
        let kept = |by_us| TimesKept {
            record: None,
            newest: Some(Timestamp(START.0 - by_us)),
        };
        for (by_us, believed) in [
            (HOUR_US, true),
            (-HOUR_US, false),
            (3 * DAY_US, false),
            (YEARS_US, false),
        ] {
            let trial = Trial::after(&kept(by_us), START);
            assert_eq!(trial.calendar.believed().is_some(), believed, "{by_us}");
        }
    }

    #[test]
    fn check_tells_what_is_not_as_it_should_be() {
        let mut trial = Trial::new();
        trial.pass(10);
        let mut kept = TimesKept {
            record: Some(trial.calendar.record()),
            newest: Some(trial.now.at),
        };
        assert_eq!(findings(trial.now.at, &kept), [""; 0]);
        let ahead = Timestamp(trial.now.at.0 + YEARS_US);
        let told = findings(ahead, &kept);
        assert!(
            told[0].contains("says 2035-12-30") && told[0].contains("evenly for a week"),
            "{told:?}"
        );
        kept.newest = Some(ahead);
        let told = findings(trial.now.at, &kept);
        assert!(told[0].contains("up to 2035-12-30"), "{told:?}");
        trial.set(HOUR_US);
        trial.pass(7);
        kept.record = Some(trial.calendar.record());
        let told = findings(trial.now.at, &kept);
        assert!(
            told[0].contains("evenly for an hour while the service runs (7 minutes"),
            "{told:?}"
        );
    }
}
