//! Whether a message outlives its delivery. XEP-0334.

use jid::BareJid;
use xmpp_parsers::ns;

use super::traffic;
use crate::room::request::{Keep, Purpose};
use crate::wire::xml::frame::{Child, Frame};
use crate::wire::xml::header::STANZA_NAMESPACE;

/// What its author asks for, else what the message is: kept, unless there is nothing in it but what
/// serves the moment.
pub(in crate::wire) fn keep(frame: &Frame, purpose: &Purpose, room: &BareJid) -> Keep {
    // XEP-0424 §5 (#rules): "The archiving service therefore MUST store the retraction message".
    if matches!(purpose, Purpose::Retraction(_)) {
        return Keep::Archived;
    }
    let hint = |name| frame.child(HINTS, name).is_some();
    if hint("no-store") || hint("no-permanent-store") || hint("no-permanent-storage") {
        return Keep::Ephemeral;
    }
    if hint("store") || !is_of_the_moment(frame, room) {
        return Keep::Archived;
    }
    Keep::Ephemeral
}

/// Whether there is nothing in a message, as it is passed on, but what serves the moment.
pub(in crate::wire) fn is_of_the_moment(frame: &Frame, room: &BareJid) -> bool {
    let lasts = |child: Child<'_>| traffic::is_relayed(&child, room) && !is_momentary(&child);
    !frame.children().any(lasts)
}

/// Whether a message only tells that somebody types, or how far they have read: a client sends such
/// of its own accord, and nobody waits for an answer. XEP-0085, XEP-0184, XEP-0333.
pub fn is_passing_sign(frame: &Frame, room: &BareJid) -> bool {
    let signs = [MARKERS, ns::CHATSTATES, ns::RECEIPTS];
    let is_sign = |child: Child<'_>| signs.contains(&child.namespace());
    is_of_the_moment(frame, room) && frame.children().any(is_sign)
}

/// Whether an element alone is not worth keeping: it is of the moment, or says something about
/// other elements.
fn is_momentary(child: &Child<'_>) -> bool {
    match child.namespace() {
        STANZA_NAMESPACE => child.name() == "thread",
        namespace => MOMENTARY.contains(&namespace),
    }
}

const HINTS: &str = "urn:xmpp:hints";
/// How far somebody has read. XEP-0333.
pub(super) const MARKERS: &str = "urn:xmpp:chat-markers:0";
const MOMENTARY: &[&str] = &[
    HINTS,
    // How far somebody has read is kept when a hint asks for it. XEP-0333.
    MARKERS,
    ns::CHATSTATES,
    ns::DELAY,
    ns::MUC_USER,
    ns::NICK,
    ns::OID,
    ns::RECEIPTS,
    ns::SID,
    "http://jabber.org/protocol/address",
    "urn:xmpp:attention:0",
    "urn:xmpp:rtt:0",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(children: &str) -> bool {
        let frame = Frame::from_xml(format!("<message>{children}</message>").as_bytes()).unwrap();
        let room = jid::BareJid::new("coven@chat.shakespeare.lit").unwrap();
        let purpose = crate::wire::content::purpose::of(&frame, &room).unwrap();
        keep(&frame, &purpose, &room) == Keep::Archived
    }

    const TYPING: &str = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";

    const DISPLAYED: &str = "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>";

    #[test]
    fn what_somebody_says_is_kept() {
        for children in [
            "<body>x</body>",
            "<subject>x</subject>",
            "<reactions xmlns='urn:xmpp:reactions:0' id='1'/>",
            "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>",
            "<encrypted xmlns='urn:xmpp:openpgp:0'/>",
            "<unheard xmlns='urn:example:new'/>",
        ] {
            assert!(kept(children), "{children}");
            assert!(kept(&format!("{TYPING}{children}")), "{children}");
        }
    }

    #[test]
    fn what_serves_the_moment_is_not() {
        assert!(!kept(""));
        assert!(!kept(TYPING));
        assert!(!kept(DISPLAYED));
        assert!(!kept(&format!(
            "{TYPING}<thread>t</thread><origin-id xmlns='urn:xmpp:sid:0' id='1'/>"
        )));
    }

    #[test]
    fn nor_is_what_is_not_passed_on() {
        for forged in [
            "<retracted xmlns='urn:xmpp:message-retract:1' id='1'/>",
            "<result xmlns='urn:xmpp:mam:2' id='1'/>",
        ] {
            assert!(!kept(forged), "{forged}");
            assert!(kept(&format!("{forged}<body>x</body>")), "{forged}");
        }
    }

    #[test]
    fn a_hint_decides() {
        let hint = |name: &str| format!("<{name} xmlns='urn:xmpp:hints'/>");
        assert!(kept(&format!("{TYPING}{}", hint("store"))));
        assert!(kept(&format!("{DISPLAYED}{}", hint("store"))));
        for name in ["no-store", "no-permanent-store"] {
            assert!(
                !kept(&format!("<body>x</body>{}{}", hint(name), hint("store"))),
                "{name}"
            );
        }
        assert!(kept(&format!("<body>x</body>{}", hint("no-copy"))));
    }

    #[test]
    fn a_retraction_is_kept_whatever_a_hint_says() {
        let hint = "<no-store xmlns='urn:xmpp:hints'/>";
        for retraction in [
            "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>",
            "<apply-to xmlns='urn:xmpp:fasten:0' id='1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
        ] {
            assert!(kept(&format!("{retraction}{hint}")), "{retraction}");
        }
    }
}
