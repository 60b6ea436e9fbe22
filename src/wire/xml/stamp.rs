//! Times on the wire. XEP-0082, XEP-0203.

use chrono::{DateTime, SecondsFormat};
use jid::BareJid;
use xmpp_parsers::ns;

use super::writer::XmlWriter;
use crate::room::Timestamp;

/// A time in the DateTime profile, in UTC. XEP-0082 §3.2.
pub fn format(at: Timestamp) -> String {
    DateTime::from_timestamp_micros(at.0)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A time in the DateTime profile; `None` when the text is something else.
pub(in crate::wire) fn parse(text: &str) -> Option<Timestamp> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Timestamp(at.timestamp_micros()))
}

/// Tells that a stanza is older than its delivery, on the room's word. XEP-0203 §2 (#protocol).
pub(in crate::wire) fn write_delay(xml: &mut XmlWriter, room: &BareJid, at: Timestamp) {
    xml.open_in(ns::DELAY, "delay")
        .attribute("from", room.as_str())
        .attribute("stamp", &format(at))
        .close("delay");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_in_utc() {
        assert_eq!(format(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(
            format(Timestamp(1_034_553_517_250_000)),
            "2002-10-13T23:58:37.250Z"
        );
        assert_eq!(parse("1970-01-01T01:00:00+01:00"), Some(Timestamp(0)));
        assert_eq!(parse("1970-01-01T00:00:00.000001Z"), Some(Timestamp(1)));
        for no in ["", "yesterday", "1970-01-01", "1970-01-01T00:00:00"] {
            assert_eq!(parse(no), None, "{no}");
        }
    }
}
