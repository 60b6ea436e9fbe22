//! The start of an element: its name and attributes, collected one by one.
//!
//! rxml's lower layer checks neither duplicates nor prefixes, so both are checked here,
//! at a cost bounded by the number of attributes an element may have.

use rxml::parser::RawQName;

use super::header::{Header, StanzaKind};
use super::limits::Unreadable;
use super::namespace::NamespaceScope;
use super::payload::ResolvedAttribute;
use super::work;
use super::writer::escape;

/// The start of an element, as far as it has been read.
pub(in crate::wire) struct Head {
    name: RawQName,
    attributes: Vec<(RawQName, String)>,
    /// Bytes the attributes may still take.
    room_left: usize,
    /// Set once an attribute had to be left out.
    refusal: Option<Unreadable>,
}

impl Head {
    /// The start of an element whose attributes may take `room_left` bytes, and never more than
    /// [`ATTRIBUTES_SIZE_MAX`].
    pub fn new(name: RawQName, room_left: usize) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            room_left: room_left.min(ATTRIBUTES_SIZE_MAX),
            refusal: None,
        }
    }

    /// The local name.
    pub fn name(&self) -> &str {
        self.name.1.as_str()
    }

    /// The prefix of the name.
    pub fn prefix(&self) -> Option<&str> {
        prefix(&self.name)
    }

    /// Keeps an attribute, within the limits. Of a stanza's own only those are kept
    /// that a [`Header`] has, so that no number of others can push them out.
    pub fn add(&mut self, is_stanza: bool, name: RawQName, value: String) {
        let is_of_header = is_stanza && is_of_header(&name);
        if is_stanza && !is_of_header && !is_declaration(&name) {
            return;
        }
        // An id is written again as it came, so it counts as it is written.
        let size = if is_of_header {
            name.1.len() + escaped_size(&value)
        } else {
            name.1.len() + value.len()
        };
        work::steps(self.attributes.len());
        let why = if self.attributes.iter().any(|(other, _)| *other == name) {
            Unreadable::Malformed
        } else if size > self.room_left {
            Unreadable::TooLarge
        } else if self.attributes.len() >= ATTRIBUTES_MAX && !is_of_header {
            Unreadable::TooComplex
        } else {
            self.room_left -= size;
            self.attributes.push((name, value));
            return;
        };
        self.refusal.get_or_insert(why);
    }

    /// Brings the element's namespace declarations into force.
    ///
    /// # Errors
    /// - [`Unreadable`]: these declarations are too many, or an attribute was left out.
    pub fn declare(&self, depth: usize, scope: &mut NamespaceScope) -> Result<(), Unreadable> {
        for (name, value) in self
            .attributes
            .iter()
            .filter(|(name, _)| is_declaration(name))
        {
            let declared = name.0.as_ref().map(|_| name.1.as_str());
            scope.declare(depth, declared, value)?;
        }
        self.refusal.map_or(Ok(()), Err)
    }

    /// All attributes that are no declarations.
    ///
    /// # Errors
    /// - [`Unreadable::Malformed`]: a prefix is unknown, or two attributes are the same.
    pub fn resolve(&self, scope: &NamespaceScope) -> Result<Vec<ResolvedAttribute>, Unreadable> {
        let mut resolved: Vec<ResolvedAttribute> = Vec::with_capacity(self.attributes.len());
        for (name, value) in self
            .attributes
            .iter()
            .filter(|(name, _)| !is_declaration(name))
        {
            let namespace = scope.of_attribute(prefix(name))?;
            let local = name.1.as_str();
            work::steps(resolved.len());
            if resolved
                .iter()
                .any(|other| other.name == local && other.namespace == namespace)
            {
                return Err(Unreadable::Malformed);
            }
            let (name, value) = (local.to_owned(), value.clone());
            resolved.push(ResolvedAttribute {
                namespace,
                name,
                value,
            });
        }
        Ok(resolved)
    }

    /// The header of a stanza, and the bytes its values take.
    pub fn header(&self, kind: StanzaKind) -> (Header, usize) {
        let mut header = Header {
            kind,
            from: None,
            to: None,
            id: None,
            type_: None,
            lang: None,
        };
        let mut size = 0;
        for (name, value) in &self.attributes {
            let field = match (prefix(name), name.1.as_str()) {
                (None, "from") => &mut header.from,
                (None, "to") => &mut header.to,
                (None, "id") => &mut header.id,
                (None, "type") => &mut header.type_,
                (Some("xml"), "lang") => &mut header.lang,
                _ => continue,
            };
            size += escaped_size(value);
            *field = Some(value.clone());
        }
        (header, size)
    }
}

/// How many bytes a value takes when it is written.
fn escaped_size(value: &str) -> usize {
    let mut written = Vec::new();
    escape(&mut written, value);
    written.len()
}

fn prefix(name: &RawQName) -> Option<&str> {
    name.0.as_ref().map(|prefix| prefix.as_str())
}

fn is_declaration((prefix, local): &RawQName) -> bool {
    match prefix {
        Some(prefix) => prefix.as_str() == "xmlns",
        None => local.as_str() == "xmlns",
    }
}

fn is_of_header((prefix, local): &RawQName) -> bool {
    match prefix {
        Some(prefix) => prefix.as_str() == "xml" && local.as_str() == "lang",
        None => matches!(local.as_str(), "from" | "to" | "id" | "type"),
    }
}

/// Maximum number of bytes of the attributes of one element: two addresses of the greatest length
/// that the standard allows, and little more. COMPAT(Prosody): its parser, libexpat from 2.6 on
/// (and Debian's 2.5.0-1+deb12u2), holds a start tag of 8 KiB back until as much again has
/// followed, and with it the whole link.
const ATTRIBUTES_SIZE_MAX: usize = 6 * 1024;
/// No element of any specification has more than a dozen. Each is compared with all before it.
const ATTRIBUTES_MAX: usize = 32;
