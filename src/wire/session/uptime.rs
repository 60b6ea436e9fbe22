//! What the service asks the server: since when it runs. XEP-0012.

use crate::wire::stanza::stanza_type::{IqType, StanzaType};
use crate::wire::xml::frame::Frame;
use crate::wire::xml::header::StanzaKind;
use crate::wire::xml::writer::XmlWriter;

/// XEP-0012, which a server answers with the seconds since its start.
const LAST_ACTIVITY: &str = "jabber:iq:last";

/// Asks a server since when it runs. XEP-0012 §4 (#server).
pub fn ask(from: &str, server: &str, id: &str) -> Vec<u8> {
    let mut xml = XmlWriter::with_capacity(SIZE);
    xml.open(StanzaKind::Iq.name())
        .attribute("from", from)
        .attribute("to", server)
        .attribute("id", id)
        .attribute("type", "get")
        .open_in(LAST_ACTIVITY, "query")
        .close("query")
        .close(StanzaKind::Iq.name());
    xml.finish()
}

/// The seconds that a server has been running, from its answer; `None` if it has not told.
pub fn read(frame: &Frame) -> Option<i64> {
    if StanzaType::of(&frame.header) != StanzaType::Iq(IqType::Result) {
        return None;
    }
    let seconds = frame
        .child(LAST_ACTIVITY, "query")?
        .attribute("seconds")?
        .parse()
        .ok()?;
    (0..CENTURY_S).contains(&seconds).then_some(seconds)
}

const SIZE: usize = 512;
/// No server has been running for longer, in seconds.
const CENTURY_S: i64 = 100 * 366 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_sensible_number_tells_nothing() {
        for (type_, seconds, known) in [
            ("result", "seconds='123'", Some(123)),
            ("result", "seconds='-1'", None),
            ("result", "seconds='many'", None),
            ("result", "seconds='99999999999999999999'", None),
            ("result", "", None),
            ("error", "seconds='123'", None),
        ] {
            let xml = format!("<iq type='{type_}'><query xmlns='jabber:iq:last' {seconds}/></iq>");
            let frame = Frame::from_xml(xml.as_bytes()).unwrap();
            assert_eq!(read(&frame), known, "{xml}");
        }
    }
}
