//! How much one person may ask for. Nobody is made to wait: what is too much is refused with a
//! `wait` error, so that the link is always read.

use std::collections::HashMap;

use jid::BareJid;

pub use crate::config::Rate;
use crate::room::Elapsed;

/// One token bucket for each person who has lately sent something.
#[derive(Debug)]
pub struct RateLimit {
    rate: Option<Rate>,
    buckets: HashMap<BareJid, Bucket>,
    /// When buckets that are full again were last forgotten.
    cleaned_at: Elapsed,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Elapsed,
}

/// Full buckets are forgotten this often, in seconds.
const CLEAN_EVERY_S: i64 = 60;

impl RateLimit {
    /// A limit; `None` lets everything through.
    pub fn new(rate: Option<Rate>) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
            cleaned_at: Elapsed::BEGINNING,
        }
    }

    /// Takes one stanza of a person into account, and tells whether it is within the limit.
    #[cfg(test)]
    pub fn allows(&mut self, now: Elapsed, person: &BareJid) -> bool {
        let allowed = self.affords(now, person, 1);
        if allowed {
            self.spend(now, person, 1);
        }
        allowed
    }

    /// Whether a person may bring about this amount; to be asked before it is done. What is more
    /// than a whole burst is afforded by whoever has spent nothing of it lately, so that nothing is
    /// out of reach for good.
    pub fn affords(&mut self, now: Elapsed, person: &BareJid, amount: usize) -> bool {
        let Some(rate) = self.rate else { return true };
        // Whoever has no bucket has spent nothing, and shall not get one for being asked about.
        if amount == 0 || !self.buckets.contains_key(person) {
            return true;
        }
        let needed = tokens(amount).min(f64::from(rate.burst));
        self.bucket(now, person)
            .is_none_or(|bucket| bucket.tokens >= needed)
    }

    /// Takes into account what a person has brought about; it was done, so the bucket may go below
    /// nothing, and what comes next is refused until it has filled again.
    pub fn spend(&mut self, now: Elapsed, person: &BareJid, amount: usize) {
        if amount == 0 {
            return;
        }
        if let Some(bucket) = self.bucket(now, person) {
            bucket.tokens -= tokens(amount);
        }
    }

    /// Whether a person has used up what there was.
    pub fn is_exhausted(&mut self, now: Elapsed, person: &BareJid) -> bool {
        // Whoever has no bucket has spent nothing, and shall not get one for being asked about.
        self.buckets.contains_key(person)
            && self
                .bucket(now, person)
                .is_some_and(|bucket| bucket.tokens < 0.0)
    }

    /// A person's bucket, filled up to now; `None` when there is no limit.
    fn bucket(&mut self, now: Elapsed, person: &BareJid) -> Option<&mut Bucket> {
        let rate = self.rate?;
        self.clean(now, rate);
        if !self.buckets.contains_key(person) {
            let bucket = Bucket {
                tokens: f64::from(rate.burst),
                filled_at: now,
            };
            self.buckets.insert(person.clone(), bucket);
        }
        let bucket = self.buckets.get_mut(person)?;
        bucket.fill(now, rate);
        Some(bucket)
    }

    fn clean(&mut self, now: Elapsed, rate: Rate) {
        if now < self.cleaned_at.plus_seconds(CLEAN_EVERY_S) {
            return;
        }
        self.cleaned_at = now;
        self.buckets.retain(|_, bucket| {
            bucket.fill(now, rate);
            bucket.tokens < f64::from(rate.burst)
        });
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody sends so much at once that one more or less would matter"
)]
fn tokens(amount: usize) -> f64 {
    amount as f64
}

impl Bucket {
    fn fill(&mut self, now: Elapsed, rate: Rate) {
        let elapsed_us = now.micros_since(self.filled_at);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a few days in microseconds are exact"
        )]
        let elapsed_s = elapsed_us as f64 / 1_000_000.0;
        self.tokens = (self.tokens + elapsed_s * rate.per_second).min(f64::from(rate.burst));
        self.filled_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_the_steady_rate() {
        let mut limit = RateLimit::new(Some(Rate {
            per_second: 2.0,
            burst: 3,
        }));
        let ann = BareJid::new("ann@example.org").unwrap();
        let bob = BareJid::new("bob@example.org").unwrap();
        let start = Elapsed(1_000_000_000_000);
        let passed = (0..10).filter(|_| limit.allows(start, &ann)).count();
        assert_eq!(passed, 3);
        assert!(
            limit.allows(start, &bob),
            "one person's burst is not another's"
        );
        let later = start.plus_seconds(1);
        assert_eq!((0..10).filter(|_| limit.allows(later, &ann)).count(), 2);
    }

    #[test]
    fn who_has_spent_too_much_waits_until_it_is_there_again() {
        let mut limit = RateLimit::new(Some(Rate {
            per_second: 100.0,
            burst: 1000,
        }));
        let ann = BareJid::new("ann@example.org").unwrap();
        let start = Elapsed(1_000_000_000_000);
        assert!(!limit.is_exhausted(start, &ann));
        limit.spend(start, &ann, 1000);
        assert!(!limit.is_exhausted(start, &ann));
        limit.spend(start, &ann, 500);
        assert!(limit.is_exhausted(start.plus_seconds(4), &ann));
        assert!(!limit.is_exhausted(start.plus_seconds(6), &ann));
    }

    #[test]
    fn what_is_too_much_is_refused_before_it_is_done() {
        let mut limit = RateLimit::new(Some(Rate {
            per_second: 1.0,
            burst: 100,
        }));
        let ann = BareJid::new("ann@example.org").unwrap();
        let start = Elapsed(1_000_000_000_000);
        assert!(limit.affords(start, &ann, 100));
        limit.spend(start, &ann, 60);
        assert!(limit.affords(start, &ann, 40));
        assert!(!limit.affords(start, &ann, 41));
        assert!(limit.affords(start.plus_seconds(1), &ann, 41));
    }

    #[test]
    fn what_is_more_than_a_burst_is_done_after_a_rest() {
        let mut limit = RateLimit::new(Some(Rate {
            per_second: 1.0,
            burst: 100,
        }));
        let ann = BareJid::new("ann@example.org").unwrap();
        let start = Elapsed(1_000_000_000_000);
        assert!(limit.affords(start, &ann, 250));
        limit.spend(start, &ann, 250);
        assert!(!limit.affords(start.plus_seconds(200), &ann, 250));
        assert!(limit.affords(start.plus_seconds(250), &ann, 250));
    }

    #[test]
    fn who_is_quiet_is_forgotten() {
        let mut limit = RateLimit::new(Some(Rate {
            per_second: 2.0,
            burst: 3,
        }));
        let start = Elapsed(1_000_000_000_000);
        for number in 0..100 {
            let person = BareJid::new(&format!("p{number}@example.org")).unwrap();
            limit.allows(start, &person);
        }
        let ann = BareJid::new("ann@example.org").unwrap();
        limit.allows(start.plus_seconds(120), &ann);
        assert_eq!(limit.buckets.len(), 1);
    }
}
