//! Which prefix stands for which namespace, at one place of the stream.
//!
//! rxml's own resolver looks for a declaration through every level above an element,
//! declared or not, so that a hundred thousand levels cost five thousand million steps.
//! [`Scope`] keeps declarations only, in one flat and bounded list. Namespaces in XML 1.0.

use std::sync::Arc;

use super::disarm::DISARMED;
use super::frame::Unreadable;
use super::payload::CLIENT_NAMESPACE;

/// The declarations in force.
pub(super) struct Scope {
    declarations: Vec<Declaration>,
}

struct Declaration {
    /// The depth of the element that declares it.
    depth: usize,
    /// `None` for the default namespace.
    prefix: Option<String>,
    namespace: Arc<str>,
}

impl Scope {
    /// The scope of the stream's root: stanzas by default, and the prefix `stream`.
    /// XEP-0114 §3 (#proto).
    pub fn of_stream() -> Self {
        let mut scope = Self {
            declarations: Vec::new(),
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
        if self.declarations.len() >= DECLARATIONS_MAX {
            return Err(Unreadable::TooComplex);
        }
        self.push(depth, prefix, namespace);
        Ok(())
    }

    /// Forgets what elements at this depth or below have declared.
    pub fn leave(&mut self, depth: usize) {
        while self
            .declarations
            .last()
            .is_some_and(|declaration| declaration.depth >= depth)
        {
            self.declarations.pop();
        }
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
        self.declarations
            .iter()
            .rev()
            .find(|declaration| declaration.prefix.as_deref() == prefix)
            .map(|declaration| Arc::clone(&declaration.namespace))
    }

    fn push(&mut self, depth: usize, prefix: Option<&str>, namespace: &str) {
        let namespace = match namespace {
            xmpp_parsers::ns::COMPONENT_ACCEPT => CLIENT_NAMESPACE,
            other => other,
        };
        self.declarations.push(Declaration {
            depth,
            prefix: prefix.map(str::to_owned),
            namespace: Arc::from(namespace),
        });
    }
}

/// Bounds what one lookup costs.
const DECLARATIONS_MAX: usize = 256;
