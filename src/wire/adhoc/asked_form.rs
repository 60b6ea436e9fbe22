//! The form in which a command asks for what it needs. XEP-0004 §3 (#protocol), XEP-0122.

use xmpp_parsers::data_forms_validate::{Datatype, Method, Validate};

use crate::wire::form::blank_form::{self, BlankField, BlankForm};

/// A form to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedForm {
    /// The scope of its fields' names. XEP-0068 §3.
    pub form_type: String,
    /// What is done with it, in a few words.
    pub title: String,
    /// What is done with it, in full.
    pub instructions: String,
    /// What is asked.
    pub fields: Vec<AskedField>,
}

/// A field to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedField {
    /// What it is called.
    pub name: String,
    /// What it asks for.
    pub label: String,
    /// What can be filled in.
    pub kind: AskedKind,
    /// What is filled in already.
    pub values: Vec<String>,
    /// Whether it must not be left empty.
    pub is_required: bool,
}

/// What can be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedKind {
    /// Nothing: the value is given, and people don't see it.
    Hidden,
    /// Yes or no.
    Boolean,
    /// A text of one line.
    Line(LineKind),
    /// Any number of texts of one line.
    Lines(LineKind),
    /// One of these: what is filled in, and what it is called.
    OneOf(Vec<(String, String)>),
}

/// What a line has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Whatever words there are.
    Words,
    /// An address of XMPP.
    Address,
    /// An address on the web.
    Uri,
    /// A moment in time.
    Time,
    /// A number from the first to the second.
    Number(i64, i64),
}

impl AskedForm {
    pub(super) fn blank(&self) -> BlankForm {
        let fields = self.fields.iter().map(field).collect();
        BlankForm::new(&self.form_type, fields).titled(&self.title, &self.instructions)
    }
}

fn field(field: &AskedField) -> BlankField {
    let (name, label) = (&field.name, &field.label);
    let values = || field.values.iter().map(String::as_str);
    let value = || values().next().unwrap_or_default();
    let blank = match &field.kind {
        AskedKind::Hidden => blank_form::hidden(name, value()),
        AskedKind::Boolean => blank_form::boolean(name, label, matches!(value(), "1" | "true")),
        AskedKind::Line(LineKind::Address) => blank_form::address(name, label, value()),
        AskedKind::Line(_) => blank_form::text(name, label, value()),
        AskedKind::Lines(LineKind::Address) => blank_form::addresses(name, label, values()),
        AskedKind::Lines(_) => blank_form::texts(name, label, values()),
        AskedKind::OneOf(options) => {
            let options: Vec<_> = options
                .iter()
                .map(|(value, label)| (value.as_str(), label.as_str()))
                .collect();
            blank_form::choice(name, label, value(), &options)
        }
    };
    let blank = match &field.kind {
        AskedKind::Line(kind) => checked(blank, *kind, Method::Basic),
        // "it hints that each value for a "text-multi" field shall be validated separately",
        // XEP-0122 §3.2.2 (#usercases-validation.open).
        AskedKind::Lines(kind) => checked(blank, *kind, Method::Open),
        AskedKind::Hidden | AskedKind::Boolean | AskedKind::OneOf(_) => blank,
    };
    let blank = match field.values.is_empty() {
        // A value of nothing is one, and a choice or an address of it would be wrong.
        true if field.kind != AskedKind::Boolean => blank.without_value(),
        true | false => blank,
    };
    match field.is_required {
        true => blank.required(),
        false => blank,
    }
}

/// The field with what a client may check. Neither words nor addresses get anything: the one is
/// the default, and the other is told by the field's type.
fn checked(field: BlankField, kind: LineKind, method: Method) -> BlankField {
    let (datatype, method) = match (kind, method) {
        (LineKind::Words | LineKind::Address, _) => return field,
        (LineKind::Uri, method) => (Datatype::AnyUri, method),
        (LineKind::Time, method) => (Datatype::DateTime, method),
        // Of several values a range "SHOULD NOT" be asked, XEP-0122 §4.6 (#impl-display).
        (LineKind::Number(min, max), Method::Basic) => {
            let range = Method::Range {
                min: Some(min.to_string()),
                max: Some(max.to_string()),
            };
            (Datatype::Integer, range)
        }
        (LineKind::Number(..), method) => (Datatype::Integer, method),
    };
    field.validated(Validate {
        datatype: Some(datatype),
        method: Some(method),
        list_range: None,
    })
}
