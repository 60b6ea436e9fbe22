//! Bodies that are there only for clients that don't understand the rest. XEP-0428.

use xmpp_parsers::minidom::Element;

use crate::wire::xml::frame::Frame;
use crate::wire::xml::header::STANZA_NAMESPACE;

/// Whether every body of a message stands only for what is said in `namespace`.
pub(in crate::wire) fn is_all(frame: &Frame, namespace: &str) -> bool {
    let marks: Vec<Element> = frame
        .children()
        .filter(|child| (child.namespace(), child.name()) == (FALLBACK, "fallback"))
        .filter_map(|child| child.parse().ok())
        // Without a namespace it means whatever else is in the message, as its version 0.1 had it.
        .filter(|mark: &Element| mark.attr("for").is_none_or(|meant| meant == namespace))
        .collect();
    // The widest mark alone decides, so that each mark and each body is read once, however many
    // there are.
    let Some(covered) = marks.iter().filter_map(covered).max() else {
        return false;
    };
    let mut bodies = frame
        .children()
        .filter(|child| (child.namespace(), child.name()) == (STANZA_NAMESPACE, "body"));
    bodies.all(|body| match covered {
        Covered::All => true,
        // XEP-0426 counts code points.
        Covered::Until(end) => end >= body.text().chars().count(),
    })
}

/// How much of a body a mark covers, from its start.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Covered {
    /// Up to this number of code points.
    Until(usize),
    /// The body as a whole.
    All,
}

/// "If the <fallback/> element does not have any childs, it is assumed to apply to every message
/// <body/>"; "if start and end attribute are not supplied, the whole respective message element".
fn covered(mark: &Element) -> Option<Covered> {
    let mut regions = mark.children().peekable();
    if regions.peek().is_none() {
        return Some(Covered::All);
    }
    let position = |region: &Element, name| region.attr(name).and_then(|at| at.parse().ok());
    regions
        .filter(|region| region.name() == "body" && position(region, "start").unwrap_or(0) == 0)
        .map(|region| position(region, "end").map_or(Covered::All, Covered::Until))
        .max()
}

const FALLBACK: &str = "urn:xmpp:fallback:0";

#[cfg(test)]
mod tests {
    use super::*;

    fn all(children: &str) -> bool {
        let frame = Frame::from_xml(format!("<message>{children}</message>").as_bytes()).unwrap();
        is_all(&frame, "urn:xmpp:reactions:0")
    }

    fn marked(fallback: &str) -> bool {
        all(&format!(
            "<body>\u{1f44d} it</body><fallback xmlns='urn:xmpp:fallback:0' {fallback}"
        ))
    }

    #[test]
    fn a_body_that_is_covered_is_a_fallback() {
        for fallback in [
            "/>",
            "for='urn:xmpp:reactions:0'/>",
            "for='urn:xmpp:reactions:0'><body/></fallback>",
            "for='urn:xmpp:reactions:0'><body start='0' end='4'/></fallback>",
            "for='urn:xmpp:reactions:0'><subject/><body end='99'/></fallback>",
        ] {
            assert!(marked(fallback), "{fallback}");
        }
    }

    #[test]
    fn a_body_of_which_something_is_left_is_not() {
        for fallback in [
            "for='urn:xmpp:reply:0'/>",
            "for='urn:xmpp:reactions:0'><subject/></fallback>",
            "for='urn:xmpp:reactions:0'><body start='1'/></fallback>",
            "for='urn:xmpp:reactions:0'><body start='0' end='3'/></fallback>",
        ] {
            assert!(!marked(fallback), "{fallback}");
        }
        assert!(!all("<body>x</body>"));
    }
}
