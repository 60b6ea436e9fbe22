//! XML that other programs keep as a tree of their own, back to text.
//!
//! The text is not trusted for that: it is to be read as any other from outside.

use super::writer;

/// An element, with what stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, perhaps with a prefix that an attribute declares.
    pub name: String,
    /// Its attributes, declarations of namespaces among them.
    pub attributes: Vec<Attribute>,
    /// What stands in it.
    pub nodes: Vec<Node>,
}

/// An attribute of an [`Element`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its namespace, where the name has no prefix to say it.
    pub namespace: Option<String>,
    /// Its name, perhaps with a prefix that another attribute declares.
    pub name: String,
    /// Its value, not escaped.
    pub value: String,
}

/// A part of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element within the element.
    Element(Element),
    /// Text, not escaped.
    Text(String),
}

impl Element {
    /// The element as XML. `None` when a name in it can't be one.
    pub fn to_xml(&self) -> Option<String> {
        let mut out = Vec::new();
        self.write(&mut out)?;
        String::from_utf8(out).ok()
    }

    fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        out.push(b'<');
        out.extend_from_slice(name(&self.name)?);
        for (number, attribute) in self.attributes.iter().enumerate() {
            out.push(b' ');
            if let Some(namespace) = &attribute.namespace {
                let prefix = format!("lyceum{number}");
                write_value(out, &[b"xmlns:", prefix.as_bytes()], namespace);
                out.push(b' ');
                write_value(
                    out,
                    &[prefix.as_bytes(), b":", name(&attribute.name)?],
                    &attribute.value,
                );
            } else {
                write_value(out, &[name(&attribute.name)?], &attribute.value);
            }
        }
        out.push(b'>');
        for node in &self.nodes {
            match node {
                Node::Element(element) => element.write(out)?,
                Node::Text(text) => writer::escape(out, text),
            }
        }
        out.extend_from_slice(b"</");
        out.extend_from_slice(name(&self.name)?);
        out.push(b'>');
        Some(())
    }
}

fn write_value(out: &mut Vec<u8>, name: &[&[u8]], value: &str) {
    out.extend(name.concat());
    out.extend_from_slice(b"='");
    writer::escape(out, value);
    out.push(b'\'');
}

/// The name, if nothing can break out of it. Whether XML has such names is for the parser to say.
fn name(name: &str) -> Option<&[u8]> {
    let breaks_out = |character: char| character.is_whitespace() || "<>&'\"/=".contains(character);
    (!name.is_empty() && !name.contains(breaks_out)).then_some(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(namespace: Option<&str>, name: &str, value: &str) -> Attribute {
        Attribute {
            namespace: namespace.map(Into::into),
            name: name.into(),
            value: value.into(),
        }
    }

    #[test]
    fn a_tree_is_written_as_text() {
        let element = Element {
            name: "a".into(),
            attributes: vec![
                attribute(None, "xmlns", "urn:a"),
                attribute(Some("urn:b"), "k", "<'\"&\n>"),
                attribute(None, "xml:lang", "de"),
            ],
            nodes: vec![
                Node::Text("]]> & <b>".into()),
                Node::Element(Element {
                    name: "c".into(),
                    ..Element::default()
                }),
            ],
        };
        assert_eq!(
            element.to_xml().unwrap(),
            "<a xmlns='urn:a' xmlns:lyceum1='urn:b' lyceum1:k='&lt;&apos;&quot;&amp;&#10;&gt;' xml:lang='de'>\
             ]]&gt; &amp; &lt;b&gt;<c></c></a>"
        );
    }

    #[test]
    fn nothing_breaks_out_of_a_name() {
        for name in ["", "a b", "a>", "a/", "a='1'", "a\u{a0}"] {
            let element = Element {
                name: name.into(),
                ..Element::default()
            };
            assert_eq!(element.to_xml(), None, "{name}");
            let element = Element {
                name: "a".into(),
                attributes: vec![attribute(None, name, "")],
                nodes: Vec::new(),
            };
            assert_eq!(element.to_xml(), None, "{name}");
        }
    }
}
