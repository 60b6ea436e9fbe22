//! What waits for a manager of a room, for whoever asks. An extension of our own:
//!
//! ```xml
//! <requests xmlns='urn:lyceum:0'/>
//! ```
//!
//! The answer names who wants to be registered and under which nick; it is answered with the form
//! of XEP-0045 §9.9 (#regapprove), as when the room had sent it:
//!
//! ```xml
//! <requests xmlns='urn:lyceum:0'>
//!   <request jid='hag66@shakespeare.lit' nick='thirdwitch'/>
//! </requests>
//! ```

use jid::BareJid;

use crate::room::Nick;
use crate::wire::stanza::OWN_NAMESPACE;
use crate::wire::xml::writer::XmlWriter;

/// The element of the question and of the answer.
pub(in crate::wire) const NAME: &str = "requests";

/// Writes the answer: as many as one stanza holds, the others when these are answered.
pub(in crate::wire) fn write<'a>(
    xml: &'a mut XmlWriter,
    waiting: &[(BareJid, Nick)],
) -> &'a mut XmlWriter {
    xml.open_in(OWN_NAMESPACE, NAME);
    let mut room_left = SIZE_MAX;
    for (jid, nick) in waiting {
        // Escaped, a character takes at most six bytes.
        let size = AROUND + 6 * (jid.as_str().len() + nick.as_str().len());
        if size > room_left {
            break;
        }
        room_left -= size;
        xml.open("request")
            .attribute("jid", jid.as_str())
            .attribute("nick", nick.as_str())
            .close("request");
    }
    xml.close(NAME)
}

/// What all requests of an answer may take, in bytes, however they are escaped.
const SIZE_MAX: usize = 200 * 1024;

/// What one takes beside its address and nick.
const AROUND: usize = 40;
