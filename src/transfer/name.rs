//! Addresses, nicks and times as other servers keep them, as ours.

use jid::BareJid;

use crate::room::{Nick, Timestamp};
use crate::time;
use crate::wire::foreign;

/// A bare JID, or a domain; `None` when it is neither, or not the same when it is read again.
pub(super) fn bare_jid(text: &str) -> Option<BareJid> {
    let jid = foreign::address(text)?;
    jid.resource().is_none().then(|| jid.to_bare())
}

/// A nick. One that we would not let in since nobody could tell it from another, for the spaces
/// around it, loses those rather than all that was said under it.
pub(super) fn nick(text: &str) -> Option<Nick> {
    let is_edge = |character: char| character.is_whitespace() || character.is_control();
    Nick::new(text)
        .or_else(|_| Nick::new(text.trim_matches(is_edge)))
        .ok()
}

/// A time in seconds since 1970, with or without a fraction.
pub(super) fn seconds(seconds: f64) -> Option<Timestamp> {
    // What is too large becomes the largest, which is in no calendar.
    #[expect(clippy::cast_possible_truncation, reason = "said above")]
    let at = Timestamp((seconds * 1e6).round() as i64);
    (seconds.is_finite() && time::is_of_calendar(at)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_far_as_they_can_be_ours() {
        assert_eq!(
            bare_jid("Ann@Example.org").unwrap().as_str(),
            "ann@example.org"
        );
        assert_eq!(bare_jid("example.org").unwrap().as_str(), "example.org");
        for no in ["", "ann@example.org/x", "@", "\u{e000}@example.org"] {
            assert_eq!(bare_jid(no), None, "{no}");
        }
        assert_eq!(
            nick(" \u{c7}y \u{2603} ").unwrap().as_str(),
            "\u{c7}y \u{2603}"
        );
        for no in ["", " ", "\u{200b}"] {
            assert_eq!(nick(no), None, "{no:?}");
        }
    }

    #[test]
    fn times_are_taken_to_the_microsecond() {
        assert_eq!(
            seconds(1_795_229_413.0),
            Some(Timestamp(1_795_229_413_000_000))
        );
        assert_eq!(
            seconds(1_795_229_413.493_117),
            Some(Timestamp(1_795_229_413_493_117))
        );
        for no in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
            assert_eq!(seconds(no), None, "{no}");
        }
    }
}
