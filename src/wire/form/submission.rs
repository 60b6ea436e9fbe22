//! Forms that somebody has filled. XEP-0004, XEP-0068. Those to be filled are in `blank_form.rs`.
//!
//! The types are our own: unlike the library's they accept fields whose type or options make no
//! sense, since only names and values count in a submission.

use xmpp_parsers::ns;
use xso::FromXml;

use crate::wire::stanza::problem::Problem;
use crate::wire::xml::text_between::PassOver;
use crate::wire::xml::work;

/// A form as somebody sent it.
#[derive(FromXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::DATA_FORMS, name = "x")]
pub(in crate::wire) struct Submission {
    #[xml(attribute(name = "type", default))]
    type_: Option<String>,
    #[xml(child(n = ..))]
    fields: Vec<SubmittedField>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

#[derive(FromXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::DATA_FORMS, name = "field")]
struct SubmittedField {
    #[xml(attribute(default))]
    var: Option<String>,
    #[xml(extract(n = .., name = "value", fields(text(type_ = String))))]
    values: Vec<String>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

/// What was done with a form. XEP-0004 §3.1 (#protocol-formtypes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) enum FormKind {
    /// It was filled.
    Submit,
    /// It was put away.
    Cancel,
    /// Nothing that a form that comes in can be.
    Other,
}

impl Submission {
    /// What was done with the form.
    pub fn kind(&self) -> FormKind {
        match self.type_.as_deref() {
            Some("submit") => FormKind::Submit,
            Some("cancel") => FormKind::Cancel,
            _ => FormKind::Other,
        }
    }

    /// Whether it has no fields at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// What the form is about. XEP-0068 §3.
    pub fn form_type(&self) -> Option<&str> {
        self.value("FORM_TYPE")
    }

    /// The value of a field; `None` when the field is absent or has none.
    pub fn value(&self, var: &str) -> Option<&str> {
        work::steps(self.fields.len());
        let field = self
            .fields
            .iter()
            .find(|field| field.var.as_deref() == Some(var))?;
        field.values.first().map(String::as_str)
    }

    /// Every named field with its values, in the order they were sent.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.fields
            .iter()
            .filter_map(|field| Some((field.var.as_deref()?, field.values.as_slice())))
    }
}

/// The problem of a form that is neither filled nor put away.
pub(in crate::wire) const NOT_FILLED: Problem = Problem::Malformed {
    element: "x",
    wanted: "a form that is sent back has the type submit, or cancel",
};

/// The problem of a field that is neither true nor false.
pub(in crate::wire) fn not_boolean(field: &'static str) -> Problem {
    Problem::BadField {
        field,
        problem: "1 or true, 0 or false".into(),
    }
}

/// The problem of a field without which nothing can be done.
pub(in crate::wire) fn missing(field: &'static str) -> Problem {
    Problem::BadField {
        field,
        problem: "needs a value".into(),
    }
}

/// The truth value of a field. XEP-0004 §3.3 (#protocol-fieldtypes).
pub(in crate::wire) fn parse_boolean(value: &str) -> Option<bool> {
    match value.trim() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
pub(in crate::wire) mod tests {
    use super::*;

    /// A form filled with these fields.
    pub fn submission(fields: &str) -> Submission {
        let xml = format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>");
        xso::from_bytes(xml.as_bytes()).unwrap()
    }

    #[test]
    fn only_names_and_values_count() {
        let form = submission(
            "<title>t</title><field type='nonsense' var='a'><required/><value>1</value><value>2</value>\
             <option/></field><field><value>x</value></field><field var='b'/><reported/>\
             <field var='FORM_TYPE'><value>urn:x</value></field>",
        );
        assert_eq!(form.kind(), FormKind::Submit);
        assert_eq!(form.form_type(), Some("urn:x"));
        assert_eq!(form.value("a"), Some("1"));
        assert_eq!(form.value("b"), None);
        assert_eq!(form.fields().count(), 3);
    }

    #[test]
    fn there_are_four_truth_values() {
        assert_eq!(parse_boolean("1"), Some(true));
        assert_eq!(parse_boolean("true"), Some(true));
        assert_eq!(parse_boolean("0"), Some(false));
        assert_eq!(parse_boolean("false"), Some(false));
        assert_eq!(parse_boolean("yes"), None);
    }
}
