//! Who has sent more elements than they may, so that their next long stanza need not be read.
//!
//! The service charges people for the elements of their stanzas and refuses those that they can't
//! afford. To read these takes longer than to refuse them, and everybody behind them in the stream
//! waits for it. So the service tells the reader of whom it has refused one, and the reader refuses
//! the next without reading it to its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Elements of a stanza that nobody has to pay for: no client's everyday stanza has more.
pub const ELEMENTS_FREE: usize = 100;

/// Those people, known to the service and to the reader of its link.
#[derive(Clone, Debug, Default)]
pub struct Overspent(Arc<Mutex<HashMap<String, Instant>>>);

impl Overspent {
    /// Somebody, by bare address, can't afford the elements that they have sent.
    pub fn note(&self, person: &str, now: Instant) {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= PEOPLE_MAX {
            people.retain(|_, until| *until > now);
        }
        if people.len() < PEOPLE_MAX {
            people.insert(person.to_owned(), now + REFUSED_FOR);
        }
    }

    /// Whether a stanza from this address, which has more elements than are free, is to be refused.
    pub(in crate::wire) fn refuses(&self, from: &str, now: Instant) -> bool {
        let person = from.split('/').next().unwrap_or(from);
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        people.get(person).is_some_and(|until| *until > now)
    }
}

/// How long the reader refuses what is long, after the service has: then what they may send has
/// grown by some hundred elements.
const REFUSED_FOR: Duration = Duration::from_secs(1);

/// Maximum number of people who are remembered; the stanzas of others are read to their end.
const PEOPLE_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_refused_for_a_second_whatever_session_they_send_from() {
        let (overspent, now) = (Overspent::default(), Instant::now());
        overspent.note("bob@example.org", now);
        assert!(overspent.refuses("bob@example.org/phone", now));
        assert!(overspent.refuses("bob@example.org", now));
        assert!(!overspent.refuses("ann@example.org/bob", now));
        assert!(!overspent.refuses("bob@example.org/phone", now + REFUSED_FOR));
    }

    #[test]
    fn a_crowd_does_not_fill_the_memory() {
        let (overspent, now) = (Overspent::default(), Instant::now());
        for number in 0..=PEOPLE_MAX {
            overspent.note(&format!("{number}@example.org"), now);
        }
        assert_eq!(overspent.0.lock().unwrap().len(), PEOPLE_MAX);
        overspent.note("late@example.org", now + REFUSED_FOR);
        assert!(overspent.refuses("late@example.org", now + REFUSED_FOR));
    }
}
