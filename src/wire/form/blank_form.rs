//! Forms to be filled. XEP-0004 §3 (#protocol), XEP-0068.
//!
//! The types are our own, since the library leaves out the type of a field for one line of text,
//! which is the default: "if the form type is 'form', each <field/> element SHOULD include a 'type'
//! attribute". COMPAT(profanity): it shows no field without one, and so no room could be named with
//! it. Here no field can be without.

use xmpp_parsers::data_forms_validate::Validate;
use xmpp_parsers::ns;
use xso::AsXml;

/// A form to be filled.
#[derive(AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::DATA_FORMS, name = "x")]
pub(in crate::wire) struct BlankForm {
    #[xml(attribute = "type")]
    type_: String,
    #[xml(extract(default, fields(text(type_ = String))))]
    title: Option<String>,
    #[xml(extract(default, fields(text(type_ = String))))]
    instructions: Option<String>,
    #[xml(child(n = ..))]
    fields: Vec<BlankField>,
}

/// A field of a form to be filled.
#[derive(AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::DATA_FORMS, name = "field")]
pub(in crate::wire) struct BlankField {
    /// What may be put into it. XEP-0004 §3.3 (#protocol-fieldtypes).
    #[xml(attribute = "type")]
    type_: String,
    /// Its name; `None` for one that only says something.
    #[xml(attribute(default))]
    var: Option<String>,
    #[xml(attribute(default))]
    label: Option<String>,
    #[xml(flag)]
    required: bool,
    #[xml(extract(n = .., name = "value", fields(text(type_ = String))))]
    values: Vec<String>,
    #[xml(child(n = ..))]
    options: Vec<FormOption>,
    #[xml(child(default))]
    validate: Option<Validate>,
}

#[derive(AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::DATA_FORMS, name = "option")]
struct FormOption {
    #[xml(attribute)]
    label: String,
    #[xml(extract(fields(text(type_ = String))))]
    value: String,
}

impl BlankForm {
    /// A form about what `form_type` names. XEP-0068 §3.
    pub fn new(form_type: &str, fields: Vec<BlankField>) -> Self {
        let about = BlankField::new("hidden", "FORM_TYPE").with_values([form_type]);
        Self {
            type_: "form".into(),
            title: None,
            instructions: None,
            fields: std::iter::once(about).chain(fields).collect(),
        }
    }

    /// The form with words that say what it is for.
    pub fn titled(self, title: &str, instructions: &str) -> Self {
        Self {
            title: Some(title.into()),
            instructions: Some(instructions.into()),
            ..self
        }
    }

    /// The form without some of its fields, by their names.
    pub fn without(mut self, vars: &[&str]) -> Self {
        self.fields.retain(|field| {
            let var = field.var.as_deref();
            !var.is_some_and(|var| vars.contains(&var))
        });
        self
    }
}

impl BlankField {
    fn new(type_: &str, var: &str) -> Self {
        Self {
            type_: type_.into(),
            var: Some(var.into()),
            label: None,
            required: false,
            values: Vec::new(),
            options: Vec::new(),
            validate: None,
        }
    }

    fn labelled(self, label: &str) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    fn with_values<'a>(self, values: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            values: values.into_iter().map(str::to_owned).collect(),
            ..self
        }
    }

    fn with_options(self, options: &[(&str, &str)]) -> Self {
        let option = |(value, label): &(&str, &str)| FormOption {
            label: (*label).to_owned(),
            value: (*value).to_owned(),
        };
        Self {
            options: options.iter().map(option).collect(),
            ..self
        }
    }

    /// The field, which must not be left empty.
    pub fn required(mut self) -> Self {
        self.required = true;
        self.values.retain(|value| !value.is_empty());
        self
    }

    /// The field, in which nothing is filled in.
    pub fn without_value(self) -> Self {
        let values = Vec::new();
        Self { values, ..self }
    }

    /// The field, whose values a client may check so. XEP-0122.
    pub fn validated(self, validate: Validate) -> Self {
        Self {
            validate: Some(validate),
            ..self
        }
    }
}

/// A heading: it says something, and nothing is put into it.
pub(in crate::wire) fn heading(words: &str) -> BlankField {
    BlankField {
        var: None,
        ..BlankField::new("fixed", "").with_values([words])
    }
}

/// A field that nobody is shown, and that comes back as it is.
pub(in crate::wire) fn hidden(var: &str, value: &str) -> BlankField {
    BlankField::new("hidden", var).with_values([value])
}

/// A field for one line of text.
pub(in crate::wire) fn text(var: &str, label: &str, value: &str) -> BlankField {
    single("text-single", var, label, value)
}

/// A field for any number of lines of text.
pub(in crate::wire) fn texts<'a>(
    var: &str,
    label: &str,
    values: impl Iterator<Item = &'a str>,
) -> BlankField {
    BlankField::new("text-multi", var)
        .labelled(label)
        .with_values(values)
}

/// A field for a password.
pub(in crate::wire) fn password(var: &str, label: &str, value: &str) -> BlankField {
    single("text-private", var, label, value)
}

/// A field for an address.
pub(in crate::wire) fn address(var: &str, label: &str, value: &str) -> BlankField {
    single("jid-single", var, label, value)
}

/// A yes or no.
pub(in crate::wire) fn boolean(var: &str, label: &str, value: bool) -> BlankField {
    single("boolean", var, label, if value { "1" } else { "0" })
}

/// A field for any number of addresses.
pub(in crate::wire) fn addresses<'a>(
    var: &str,
    label: &str,
    values: impl Iterator<Item = &'a str>,
) -> BlankField {
    BlankField::new("jid-multi", var)
        .labelled(label)
        .with_values(values)
}

/// A choice of one; the options are values with their labels.
pub(in crate::wire) fn choice(
    var: &str,
    label: &str,
    value: &str,
    options: &[(&str, &str)],
) -> BlankField {
    single("list-single", var, label, value).with_options(options)
}

/// A choice of any number.
pub(in crate::wire) fn choices<'a>(
    var: &str,
    label: &str,
    values: impl Iterator<Item = &'a str>,
    options: &[(&str, &str)],
) -> BlankField {
    BlankField::new("list-multi", var)
        .labelled(label)
        .with_values(values)
        .with_options(options)
}

/// A field of a type, with neither label nor value.
pub(in crate::wire) fn bare(type_: &str, var: &str) -> BlankField {
    BlankField::new(type_, var)
}

fn single(type_: &str, var: &str, label: &str, value: &str) -> BlankField {
    BlankField::new(type_, var)
        .labelled(label)
        .with_values([value])
}
