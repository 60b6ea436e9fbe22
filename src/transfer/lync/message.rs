//! A message of `tblChat` as a [`MessageRecord`].

use std::collections::BTreeMap;

use jid::{BareJid, Jid};
use uuid::Uuid;

use super::chat::ChatRow;
use super::content::{self, Found, ReadContent};
use super::mapping::Mapping;
use super::principal::{OldPrincipal, OldPrincipals, PrincipalKind};
use super::{address, ticks};
use crate::room::effect::ArchivedKind;
use crate::room::setting::configuration::Whois;
use crate::room::{ArchiveId, Content, Nick, OccupantId};
use crate::transfer::name;
use crate::transfer::record::MessageRecord;
use crate::transfer::skipped::Reason;
use crate::wire::foreign;
use crate::wire::xml::element::{Attribute, Element, Node};

/// Who says something.
#[derive(Clone, Debug)]
struct OldAuthor {
    nick: Nick,
    address: Option<BareJid>,
    /// `None`: their address tells them from others.
    occupant_id: Option<OccupantId>,
    /// Their old address, if they have none here.
    unmapped: Option<String>,
}

/// Authors, and what has been found in messages.
#[derive(Debug, Default)]
pub(super) struct Messages {
    authors: BTreeMap<i64, OldAuthor>,
    /// Authors who have no address here, and how much they have said.
    pub unmapped: BTreeMap<String, u64>,
    /// Messages whose author nobody knows.
    pub nobodys: u64,
    /// How many messages have each special form.
    pub found: FoundCounts,
}

/// How many messages have each special form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FoundCounts {
    /// Stories with their titles.
    pub stories: u64,
    /// Stories as they are in the database.
    pub unclear_stories: u64,
    /// Messages with links that can be read.
    pub links: u64,
    /// Messages with what looks like links and stays as it is.
    pub unclear_links: u64,
    /// Messages with files.
    pub files: u64,
}

/// Where a message was said.
#[derive(Clone, Copy)]
pub(super) struct MessagePlace<'a> {
    /// The room here.
    pub room: &'a BareJid,
    /// The old room's id.
    pub guid: Uuid,
}

impl Messages {
    /// Reads a message. `room` gives the address that a room of the old pool has here.
    ///
    /// # Errors
    /// See [`Reason`].
    pub fn read(
        &mut self,
        found: &ChatRow,
        place: MessagePlace<'_>,
        (principals, mapping): (&OldPrincipals, &Mapping),
        room: impl Fn(Uuid) -> Option<BareJid>,
    ) -> Result<MessageRecord, Reason> {
        let row = &found.row;
        let at = ticks::moment(row.integer("chatDate")?).ok_or(Reason::Time)?;
        let is_alert = row.flag("isAlert")?;
        let text = row.text("content")?;
        if text.is_empty() {
            return Err(Reason::Nothing);
        }
        let read = content::read(&text, room);
        let id = format!("{}-{}", place.guid.hyphenated(), row.integer("chatId")?);
        let payload = payload(&read, is_alert).ok_or(Reason::NoStanza)?;
        let payload = foreign::said(&payload, &[place.room])?;
        let user = row.integer("userId")?;
        let authors = self.authors.entry(user);
        let author =
            authors.or_insert_with(|| OldAuthor::of(principals.get(user), principals, mapping));
        let author = author.clone();
        self.count(&author, read.found);
        Ok(MessageRecord {
            room: place.room.clone(),
            id: ArchiveId(id.as_str().into()),
            at,
            nick: Some(author.nick),
            author: author.address.map(Jid::from),
            // Everybody saw who everybody was.
            whois: Whois::Anyone,
            occupant_id: author.occupant_id,
            kind: ArchivedKind::Speech,
            about: None,
            content: Content {
                id: id.into(),
                language: None,
                payload,
            },
        })
    }

    fn count(&mut self, author: &OldAuthor, found: Found) {
        if let Some(old) = &author.unmapped {
            *self.unmapped.entry(old.clone()).or_default() += 1;
        }
        self.nobodys += u64::from(author.address.is_none());
        let counts = &mut self.found;
        counts.stories += u64::from(found.story);
        counts.unclear_stories += u64::from(found.unclear_story);
        counts.links += u64::from(found.link);
        counts.unclear_links += u64::from(found.unclear_link);
        counts.files += u64::from(found.file);
    }
}

impl OldAuthor {
    fn of(old: Option<&OldPrincipal>, principals: &OldPrincipals, mapping: &Mapping) -> Self {
        let nobody = Self {
            nick: Nick::new(SERVICE).expect("it is a nick"),
            address: None,
            occupant_id: None,
            unmapped: None,
        };
        let Some(old) = old.filter(|old| old.kind == PrincipalKind::User) else {
            return nobody;
        };
        let user = address::sip(&old.uri).map(|(user, _)| user);
        let mut names = old.names.iter().map(String::as_str).chain(user.as_deref());
        let nick = names.find_map(|text| name::nick(&content::clean(text)));
        // An address that has passed to a successor is theirs.
        let is_lost = principals.has_lost_address(old);
        let mapped = mapping.person(&old.uri).filter(|_| !is_lost);
        let (occupant_id, unmapped) = match mapped {
            Some(_) => (None, None),
            None => {
                let id = old.guid.hyphenated().to_string();
                let whose = if is_lost { FORMER } else { "" };
                (
                    Some(OccupantId(id.into())),
                    Some(format!("{}{whose}", old.uri)),
                )
            }
        };
        let uri = if is_lost { "" } else { &old.uri };
        Self {
            nick: nick.unwrap_or(nobody.nick),
            address: mapped.or_else(|| Some(address::nobodys(uri, old.guid))),
            occupant_id,
            unmapped,
        }
    }
}

/// The children of the message: title, text, urgency (XEP-0131), and the text as it was.
fn payload(read: &ReadContent, is_alert: bool) -> Option<String> {
    let subject = read
        .subject
        .iter()
        .map(|subject| element("subject", None, subject));
    let mut elements: Vec<_> = subject.collect();
    elements.push(element("body", None, &read.body));
    if is_alert {
        let urgency = Attribute {
            namespace: None,
            name: "name".to_owned(),
            value: "Urgency".to_owned(),
        };
        let mut header = element("header", None, "high");
        header.attributes.push(urgency);
        let mut headers = element("headers", Some(HEADERS), "");
        headers.nodes = vec![Node::Element(header)];
        elements.push(headers);
    }
    let original = read.original.iter();
    elements.extend(original.map(|text| element("original", Some(ORIGINAL), text)));
    elements.iter().map(Element::to_xml).collect()
}

fn element(name: &str, namespace: Option<&str>, text: &str) -> Element {
    let namespace = namespace.map(|namespace| Attribute {
        namespace: None,
        name: "xmlns".to_owned(),
        value: namespace.to_owned(),
    });
    Element {
        name: name.to_owned(),
        attributes: namespace.into_iter().collect(),
        nodes: vec![Node::Text(text.to_owned())],
    }
}

/// Who speaks where nobody knows who did.
const SERVICE: &str = "Persistent Chat";
/// What is told of an address that somebody else has today.
const FORMER: &str = " (who had it before)";
/// XEP-0131 §7.1 (#registrar-ns).
const HEADERS: &str = "http://jabber.org/protocol/shim";
/// Of the text as the original product keeps it. None of `urn:lyceum:`, which nobody may send.
const ORIGINAL: &str = "urn:x-lync:content";
