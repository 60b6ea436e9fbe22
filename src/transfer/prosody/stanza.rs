//! Stanzas as Prosody serialises them.

use serde_json::{Map, Value};

use super::lua::ARRAY;
use crate::wire::xml::element::{Attribute, Element, Node};

/// A stanza as Prosody serialises it: its name, its attributes, and its children as numbered
/// entries.
pub(super) fn element(value: &Value) -> Option<Element> {
    let fields = value.as_object()?;
    let nodes = fields.get(ARRAY).and_then(Value::as_array);
    let nodes = nodes.into_iter().flatten().map(|node| match node {
        Value::String(text) => Some(Node::Text(text.clone())),
        other => element(other).map(Node::Element),
    });
    Some(Element {
        name: fields.get("name")?.as_str()?.to_owned(),
        attributes: attributes(fields)?,
        nodes: nodes.collect::<Option<_>>()?,
    })
}

fn attributes(fields: &Map<String, Value>) -> Option<Vec<Attribute>> {
    let attributes = fields.get("attr").and_then(Value::as_object);
    let attributes = attributes.into_iter().flatten().map(|(key, value)| {
        let (namespace, name) = match key.split_once('\u{1}') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, key.as_str()),
        };
        Some(Attribute {
            namespace,
            name: name.to_owned(),
            value: value.as_str()?.to_owned(),
        })
    });
    attributes.collect()
}
