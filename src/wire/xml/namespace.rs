//! Which prefix stands for which namespace, at one place of the stream.
//!
//! rxml's own resolver looks for a declaration through every level above an element,
//! declared or not, so that a hundred thousand levels cost five thousand million steps.
//! [`NamespaceScope`] keeps declarations only, in one flat and bounded list. Namespaces in XML 1.0.

use std::sync::Arc;

use super::disarm::DISARMED;
use super::header::CLIENT_NAMESPACE;
use super::limits::Unreadable;
use super::work;

/// The declarations in force.
pub(in crate::wire) struct NamespaceScope {
    /// Default namespaces, the innermost last: nearly every element may declare one, and asks for
    /// one.
    defaults: Vec<Declaration<()>>,
    /// Prefixes, of which each lookup goes through all.
    prefixes: Vec<Declaration<String>>,
}

struct Declaration<Prefix> {
    /// The depth of the element that declares it.
    depth: usize,
    prefix: Prefix,
    namespace: Arc<str>,
}

impl NamespaceScope {
    /// The scope of the stream's root: stanzas by default, and the prefix `stream`.
    /// XEP-0114 §3 (#proto).
    pub fn of_stream() -> Self {
        let mut scope = Self {
            defaults: Vec::new(),
            prefixes: Vec::new(),
        };
        scope.push(1, None, xmpp_parsers::ns::COMPONENT_ACCEPT);
        scope.push(1, Some("stream"), xmpp_parsers::ns::STREAM);
        scope
    }

    /// Adds a declaration made by an element.
    ///
    /// # Errors
    /// - [`Unreadable::TooComplex`]: more are in force than any stanza needs.
    /// - [`Unreadable::Malformed`]: the namespace must not be declared.
    pub fn declare(
        &mut self,
        depth: usize,
        prefix: Option<&str>,
        namespace: &str,
    ) -> Result<(), Unreadable> {
        if namespace == DISARMED {
            return Err(Unreadable::Malformed);
        }
        let full = match prefix {
            None => self.defaults.len() >= DEFAULTS_MAX,
            Some(_) => self.prefixes.len() >= PREFIXES_MAX,
        };
        if full {
            return Err(Unreadable::TooComplex);
        }
        self.push(depth, prefix, namespace);
        Ok(())
    }

    /// Forgets what elements at this depth or below have declared.
    pub fn leave(&mut self, depth: usize) {
        leave(&mut self.defaults, depth);
        leave(&mut self.prefixes, depth);
    }

    /// The namespace of an element. The stanza's own is always `jabber:client`.
    ///
    /// # Errors
    /// - [`Unreadable::Malformed`]: nobody has declared the prefix.
    pub fn of_element(&self, prefix: Option<&str>) -> Result<Arc<str>, Unreadable> {
        match (self.find(prefix), prefix) {
            (Some(namespace), _) => Ok(namespace),
            (None, None) => Ok(Arc::from("")),
            (None, Some(_)) => Err(Unreadable::Malformed),
        }
    }

    /// The namespace of an attribute: none without a prefix.
    ///
    /// # Errors
    /// - [`Unreadable::Malformed`]: nobody has declared the prefix.
    pub fn of_attribute(&self, prefix: Option<&str>) -> Result<Arc<str>, Unreadable> {
        match prefix {
            None => Ok(Arc::from("")),
            Some("xml") => Ok(Arc::from(rxml::XMLNS_XML)),
            prefix => self.of_element(prefix),
        }
    }

    fn find(&self, prefix: Option<&str>) -> Option<Arc<str>> {
        let Some(prefix) = prefix else {
            let innermost = self.defaults.last();
            return innermost.map(|declaration| Arc::clone(&declaration.namespace));
        };
        work::steps(self.prefixes.len());
        self.prefixes
            .iter()
            .rev()
            .find(|declaration| declaration.prefix == prefix)
            .map(|declaration| Arc::clone(&declaration.namespace))
    }

    fn push(&mut self, depth: usize, prefix: Option<&str>, namespace: &str) {
        let namespace = match namespace {
            xmpp_parsers::ns::COMPONENT_ACCEPT => CLIENT_NAMESPACE,
            other => other,
        };
        let namespace = Arc::from(namespace);
        match prefix {
            None => self.defaults.push(Declaration {
                depth,
                prefix: (),
                namespace,
            }),
            Some(prefix) => self.prefixes.push(Declaration {
                depth,
                prefix: prefix.to_owned(),
                namespace,
            }),
        }
    }
}

fn leave<Prefix>(declarations: &mut Vec<Declaration<Prefix>>, depth: usize) {
    while declarations
        .last()
        .is_some_and(|declaration| declaration.depth >= depth)
    {
        declarations.pop();
    }
}

/// Bounds what is remembered. It is more than a stanza may have levels, each of which may declare
/// one.
const DEFAULTS_MAX: usize = 2_000;

/// Bounds what one lookup costs.
const PREFIXES_MAX: usize = 32;
