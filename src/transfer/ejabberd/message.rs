//! A message of ejabberd's archive, as a [`MessageRecord`].

use jid::BareJid;

use super::term::ErlangTerm;
use crate::room::setting::configuration::Whois;
use crate::room::{ArchiveId, Content, Timestamp};
use crate::time;
use crate::transfer::name;
use crate::transfer::record::MessageRecord;
use crate::transfer::rooms::deed_of;
use crate::transfer::skipped::Reason;
use crate::wire::foreign;
use crate::wire::xml::element::{Attribute, Element, Node};

/// What the archive says of a message.
pub(super) struct EjabberdEntry {
    /// When, in microseconds since 1970: also the id by which clients know it.
    pub at: i64,
    /// `groupchat`, if it was said to all.
    pub kind: Option<String>,
    /// The author's own address.
    pub author: Option<String>,
    /// Under which nick.
    pub nick: Option<String>,
    /// The message, as its author sent it.
    pub xml: Result<String, Reason>,
}

/// Makes ids: they are times, and two messages may have the same.
#[derive(Default)]
pub(super) struct Ids {
    last: i64,
    repeated: u32,
}

impl Ids {
    fn next(&mut self, at: i64) -> ArchiveId {
        self.repeated = if self.last == at {
            self.repeated + 1
        } else {
            0
        };
        self.last = at;
        ArchiveId(match self.repeated {
            0 => at.to_string().into(),
            // Who asks for the id gets the first, as before.
            repeated => format!("{at}-{repeated}").into(),
        })
    }
}

/// Reads a message.
///
/// # Errors
/// See [`Reason`].
pub(super) fn read(
    entry: EjabberdEntry,
    room: &BareJid,
    ids: &mut Ids,
) -> Result<MessageRecord, Reason> {
    let at = Timestamp(entry.at);
    if !time::is_of_calendar(at) {
        return Err(Reason::Time);
    }
    let id = ids.next(entry.at);
    if entry.kind.is_some_and(|kind| kind != "groupchat") {
        return Err(Reason::NotSaid);
    }
    let message = foreign::message(&entry.xml?, room, &[room])?;
    let (kind, about) = deed_of(&message)?;
    let nick = entry.nick.as_deref().and_then(name::nick);
    Ok(MessageRecord {
        room: room.clone(),
        at,
        nick: Some(nick.ok_or(Reason::NoOccupant)?),
        author: entry.author.as_deref().and_then(foreign::address),
        // ejabberd notes every author, whoever saw who it was.
        whois: Whois::Moderators,
        // What stands in the message was put there by its author.
        occupant_id: None,
        kind,
        about,
        content: Content {
            id: message.id.unwrap_or_else(|| id.0.clone()),
            language: message.language,
            payload: message.payload,
        },
        id,
    })
}

/// `{xmlel,Name,[{Name,Value}],[…]}`
pub(super) fn element(term: &ErlangTerm) -> Option<Element> {
    let [_, name, attributes, nodes] = term.tuple()? else {
        return None;
    };
    let attributes = attributes
        .list()
        .iter()
        .map(|attribute| match attribute.tuple()? {
            [name, value] => Some(Attribute {
                namespace: None,
                name: name.text()?.to_owned(),
                value: value.text()?.to_owned(),
            }),
            _ => None,
        });
    let nodes = nodes.list().iter().map(|node| match node.tuple()? {
        [kind, text] if kind.atom() == Some("xmlcdata") => {
            Some(Node::Text(text.text()?.to_owned()))
        }
        _ => element(node).map(Node::Element),
    });
    Some(Element {
        name: name.text()?.to_owned(),
        attributes: attributes.collect::<Option<_>>()?,
        nodes: nodes.collect::<Option<_>>()?,
    })
}

/// Whether a message in that form changes the subject: it has one, and no body.
pub(super) fn sets_subject(packet: &ErlangTerm) -> bool {
    let has = |name: &str| {
        let nodes = packet.tuple().and_then(|packet| packet.get(3));
        let nodes = nodes.map_or(&[][..], ErlangTerm::list).iter();
        let mut names = nodes.filter_map(|node| node.tuple()?.get(1)?.text());
        names.any(|found| found == name)
    };
    has("subject") && !has("body")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_messages_have_the_same_id() {
        let mut ids = Ids::default();
        let given = [1, 2, 2, 2, 3].map(|at| ids.next(at).to_string());
        assert_eq!(given, ["1", "2", "2-1", "2-2", "3"]);
    }
}
