//! What one session saw of its room, and whether that is what is kept.

use super::archive::Kept;
use super::crowd::{HISTORY, Place, Seat};
use super::sight::{Message, Seen, Sight};

/// What a session saw of its room in one round.
#[derive(Default)]
pub struct View<'a> {
    past: Vec<&'a Message>,
    live: Vec<&'a Message>,
    missed: Vec<&'a Message>,
    caught_up: Option<bool>,
}

impl<'a> View<'a> {
    pub fn of(sights: impl Iterator<Item = &'a Sight>) -> Self {
        let mut view = Self::default();
        for sight in sights {
            match &sight.what {
                Seen::Past(message) => view.past.push(message),
                Seen::Live(message) => view.live.push(message),
                Seen::Missed(message) => view.missed.push(message),
                Seen::CaughtUp(complete) => view.caught_up = Some(*complete),
                Seen::Place(_) => {}
            }
        }
        view
    }

    /// Compares it with what is kept of the room, given the length of its history at the start.
    /// Gives the ids of what is lost.
    ///
    /// # Errors
    /// What is missing, in another order or different.
    pub fn compare(
        &self,
        seat: &Seat,
        kept: &[&Kept],
        known: usize,
    ) -> Result<Vec<&'a str>, String> {
        if let Some(last) = &seat.last {
            self.compare_missed(kept, known, last)?;
        }
        let first = (seat.at_start == Place::Inside).then_some(known);
        self.compare_said(kept, first)
    }

    /// Compares what was missed with what is kept behind the last message seen. What is said while
    /// the answer is being made may be in it or not.
    fn compare_missed(&self, kept: &[&Kept], known: usize, last: &str) -> Result<(), String> {
        let start = kept.iter().position(|kept| kept.archive_id == last);
        let start = start.ok_or("the last message seen is not there")? + 1;
        for (kept, message) in kept[start..].iter().zip(&self.missed) {
            if !kept.is(message) {
                return Err(different(kept, message));
            }
        }
        let (shown, there) = (self.missed.len(), kept.len() - start);
        let complete = self.caught_up == Some(true);
        match shown > there || (complete && start + shown < known) {
            true => Err(format!("{shown} of {there} were told as missed")),
            false => Ok(()),
        }
    }

    /// Compares it with what is kept of the room. What was said before the eyes of a session is one
    /// piece of that, without gaps; it begins with number `first` if the session was inside from
    /// the start. What a newcomer was shown of the past is the piece of all speech that ends there.
    /// Gives the ids of what is lost.
    fn compare_said(&self, kept: &[&Kept], first: Option<usize>) -> Result<Vec<&'a str>, String> {
        if let Some(first) = first {
            return match self.past.is_empty() {
                true => piece(kept, first, &self.live),
                false => Err("a session that was inside was shown the past".to_owned()),
            };
        }
        let is_speech = |kept: &&&Kept| kept.payload.starts_with("<body");
        let speech: Vec<_> = kept.iter().filter(is_speech).copied().collect();
        let first = place(kept, &self.live);
        let mut lost = piece(kept, first, &self.live)?;
        // Where nothing came behind it, the past may have been cut off by the end.
        let start = match first < kept.len() {
            true => {
                let before = kept[..first].iter().filter(is_speech).count();
                let shown = self.past.len();
                if shown != before.min(HISTORY) {
                    return Err(format!("a newcomer was shown {shown} of {before}"));
                }
                before - shown
            }
            false => place(&speech, &self.past),
        };
        lost.extend(piece(&speech, start, &self.past)?);
        Ok(lost)
    }
}

/// The number of the first message of a story; how many there are where it is not.
fn place(kept: &[&Kept], story: &[&Message]) -> usize {
    let found = story.first().and_then(|first| {
        let mut kept = kept.iter();
        kept.position(|kept| kept.archive_id == first.stanza_id)
    });
    found.unwrap_or(kept.len())
}

/// Compares a story with what is kept from a number on. Gives the ids of what is lost: nothing is
/// kept from there on, so it was seen last.
fn piece<'a>(kept: &[&Kept], start: usize, story: &[&'a Message]) -> Result<Vec<&'a str>, String> {
    let there = kept.get(start..).ok_or("there is less than before")?;
    for (kept, message) in there.iter().zip(story) {
        if !kept.is(message) {
            return Err(different(kept, message));
        }
    }
    let lost: Vec<_> = story
        .iter()
        .skip(there.len())
        .map(|message| &*message.stanza_id)
        .collect();
    match kept.iter().find(|kept| lost.contains(&&*kept.archive_id)) {
        Some(kept) => Err(format!("it is not where it was seen: {kept:?}")),
        None => Ok(lost),
    }
}

fn different(kept: &Kept, message: &Message) -> String {
    format!("seen was {}\nkept is {kept:?}", message.stanza)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_a_swap_a_change_and_a_loss_are_seen() {
        let kept = ["a", "b", "c"].map(kept);
        let kept: Vec<_> = kept.iter().collect();
        let compare = |past: &str, live: &str, first| {
            let [past, live] = [past, live].map(|ids| ids.split_whitespace().map(message));
            let (past, live): (Vec<_>, Vec<_>) = (past.collect(), live.collect());
            let (past, live) = (past.iter().collect(), live.iter().collect());
            let view = View {
                past,
                live,
                ..View::default()
            };
            let lost = view.compare_said(&kept, first).ok()?;
            Some(lost.concat())
        };
        let lost = |ids: &str| Some(ids.to_owned());
        assert_eq!(compare("", "b c", Some(1)), lost(""));
        assert_eq!(compare("", "b", Some(1)), lost(""), "c was not seen yet");
        assert_eq!(compare("", "b c d e", Some(1)), lost("de"));
        assert_eq!(compare("a", "b c", None), lost(""));
        assert_eq!(compare("b", "", None), lost(""), "the history was cut off");
        assert_eq!(compare("", "d", None), lost("d"));
        assert_eq!(compare("", "c", Some(1)), None, "a gap before");
        assert_eq!(compare("", "a c", Some(0)), None, "a gap between");
        assert_eq!(compare("", "c b", Some(1)), None, "a swap");
        assert_eq!(compare("", "d c", None), None, "a swap with what is lost");
        assert_eq!(compare("", "B c", Some(1)), None, "a change");
        assert_eq!(compare("", "b c", None), None, "a newcomer without history");
        assert_eq!(compare("a", "c", None), None, "a gap behind the history");
    }

    #[test]
    fn what_was_missed_begins_behind_what_was_seen_last() {
        let kept = ["a", "b", "c"].map(kept);
        let kept: Vec<_> = kept.iter().collect();
        let fits = |missed: &str, caught_up, last| {
            let missed: Vec<_> = missed.split_whitespace().map(message).collect();
            let view = View {
                missed: missed.iter().collect(),
                caught_up,
                ..View::default()
            };
            view.compare_missed(&kept, 3, last).is_ok()
        };
        assert!(
            fits("b c", Some(true), "a") && fits("b", Some(false), "a") && fits("b", None, "a")
        );
        assert!(!fits("b", Some(true), "a"), "that was not all");
        assert!(!fits("c", None, "a"), "a gap");
        assert!(!fits("c d", Some(true), "b"), "what is not kept");
    }

    fn kept(id: &str) -> Kept {
        Kept {
            id: 0,
            room: "red".to_owned(),
            archive_id: id.to_owned(),
            payload: format!("<body>{id}</body>"),
        }
    }

    fn message(id: &str) -> Message {
        Message {
            stanza_id: id.to_lowercase(),
            stanza: format!("<message><body>{id}</body><stanza-id id=''/></message>"),
            seat: 0,
        }
    }
}
