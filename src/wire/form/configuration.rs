//! The configuration form of a room, as an owner has filled it. XEP-0045 §10.1.3
//! (#createroom-reserved), §16.5.3 (#registrar-formtype-owner).
//!
//! A submission may hold any of the fields in any order; what is missing stays as it is, and fields
//! that nobody knows are passed over, for a client sends back fields of other versions. A known
//! field with a bad value refuses the whole form, since half a configuration may open a room that
//! was to be closed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, Jid};

use super::room_form::{
    self, ADDIN, ADMINS, CATEGORY, FORM_TYPE, NO_LIMIT, OWNERS, PRESENTERS, PRIVACY, PROTECTED,
    ROLE_OPTIONS, ROOM_TYPE, VERSION,
};
use super::submission;
use super::submission::Submission;
use crate::room::Role;
use crate::room::request::Roles;
use crate::room::setting::{Assignment, Kind, Privacy, RoomType, Value, Word};
use crate::room::text::one_line::is_one_line;
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::short_text;
use crate::wire::xml::address;

/// Reads a submission.
///
/// # Errors
/// - [`Problem::Malformed`]: it is a form of another type.
/// - [`Problem::BadField`], [`Problem::BadAddressInList`]: a field has a value that it can't have.
pub(in crate::wire) fn decode(form: &Submission) -> Result<Vec<Assignment>, Problem> {
    // "an empty <x/> element" of type submit accepts the defaults, §10.1.2 (#createroom-instant).
    if !form.is_empty() && form.form_type() != Some(FORM_TYPE) {
        return Err(OTHER_FORM);
    }
    let mut assignments = Vec::new();
    for (var, values) in form.fields() {
        assignments.extend(assignment(var, values)?);
    }
    Ok(assignments)
}

const OTHER_FORM: Problem = Problem::Malformed {
    element: "x",
    wanted: "a form with http://jabber.org/protocol/muc#roomconfig as FORM_TYPE, or one without fields",
};

/// What one field asks for; `None` for a field that is not known, or has no value and needs one.
fn assignment(var: &str, values: &[String]) -> Result<Option<Assignment>, Problem> {
    let answer = |field| FilledField { field, values };
    match var {
        VERSION => Ok(values
            .first()
            .map(|shown| Assignment::Version(shown.trim().into()))),
        CATEGORY => Ok(values
            .first()
            .map(|name| Assignment::Category(name.trim().into()))),
        PRIVACY => Ok(answer(PRIVACY)
            .chosen::<Privacy>()?
            .map(Assignment::Privacy)),
        ROOM_TYPE => Ok(answer(ROOM_TYPE)
            .chosen::<RoomType>()?
            .map(Assignment::RoomType)),
        PROTECTED => Ok(answer(PROTECTED)
            .boolean()?
            .map(Assignment::PasswordProtected)),
        ADMINS => answer(ADMINS).addresses().map(Assignment::Admins).map(Some),
        OWNERS => answer(OWNERS).addresses().map(Assignment::Owners).map(Some),
        PRESENTERS => answer(PRESENTERS)
            .addresses()
            .map(Assignment::Presenters)
            .map(Some),
        ADDIN => {
            let name = answer(ADDIN).text(ADDIN_CHARACTERS_MAX)?;
            Ok(Some(Assignment::AddIn(name)).filter(|_| !values.is_empty()))
        }
        _ => match room_form::rows().find(|row| row.var == var) {
            Some(row) => {
                let value = answer(row.var).value(row.setting.kind())?;
                Ok(value.map(|value| row.setting.to(value)))
            }
            None => Ok(None),
        },
    }
}

/// No add-in has a longer name.
const ADDIN_CHARACTERS_MAX: usize = 256;

/// A known field with what was put into it.
struct FilledField<'a> {
    field: &'static str,
    values: &'a [String],
}

impl FilledField<'_> {
    /// The value of a setting; `None` if one is needed and there is none.
    fn value(&self, kind: Kind) -> Result<Option<Value>, Problem> {
        let first = self.values.first();
        Ok(match kind {
            Kind::Text { characters_max } => Some(self.text(characters_max)?.into()),
            Kind::Secret { characters_max } => {
                Some(Value::Secret(Some(self.text(characters_max)?)))
            }
            Kind::Roles => Some(self.roles()?.into()),
            Kind::Flag => self.boolean()?.map(Value::Flag),
            // Its field is no row: the room knows which there are.
            Kind::AddIn => None,
            Kind::Number { .. } => first
                .map(|value| self.number(value))
                .transpose()?
                .map(Value::Number),
            Kind::Limit { .. } => first
                .map(|value| self.limit(value))
                .transpose()?
                .map(Value::Limit),
            Kind::Word(names) => first
                .map(|value| self.word(value, names))
                .transpose()?
                .map(Value::Word),
        })
    }

    fn boolean(&self) -> Result<Option<bool>, Problem> {
        let parse = |value: &String| {
            submission::parse_boolean(value).ok_or(submission::not_boolean(self.field))
        };
        self.values.first().map(parse).transpose()
    }

    /// One line, as text-single and text-private have; COMPAT(clients that show it in several):
    /// those become one. XEP-0004 §3.3 (#protocol-fieldtypes).
    fn text(&self, characters_max: usize) -> Result<Arc<str>, Problem> {
        if !self.values.iter().all(|value| is_one_line(value)) {
            return Err(self.bad("one line, without control characters"));
        }
        let text = self.values.join(" ");
        if text.chars().count() > characters_max {
            return Err(self.bad(format!("at most {characters_max} characters")));
        }
        Ok(text.into())
    }

    fn number(&self, value: &str) -> Result<u32, Problem> {
        value
            .trim()
            .parse()
            .map_err(|_| self.bad("a number from 0 up"))
    }

    fn limit(&self, value: &str) -> Result<Option<u32>, Problem> {
        match value.trim() {
            "" | NO_LIMIT => Ok(None),
            "0" => Err(self.bad("a number from 1 up, or none")),
            value => self.number(value).map(Some),
        }
    }

    fn word(&self, value: &str, names: &[&'static str]) -> Result<&'static str, Problem> {
        let known = names.iter().find(|name| **name == value.trim());
        known
            .copied()
            .ok_or_else(|| self.none_of(names.iter().copied()))
    }

    /// What is chosen of words that are no setting's.
    fn chosen<T: Word>(&self) -> Result<Option<T>, Problem> {
        let first = self.values.first();
        let name = first.map(|value| self.word(value, T::NAMES)).transpose()?;
        Ok(name.and_then(T::from_name))
    }

    fn roles(&self) -> Result<Roles, Problem> {
        let role = |value: &String| {
            Role::from_name(value.trim())
                .filter(|role| *role != Role::None)
                .ok_or_else(|| self.none_of(ROLE_OPTIONS.iter().map(|(role, _)| role.name())))
        };
        self.values.iter().map(role).collect()
    }

    fn addresses(&self) -> Result<BTreeSet<BareJid>, Problem> {
        let field = self.field;
        let address = |value: &str| {
            address::parse(value.trim())
                .map(Jid::into_bare)
                .map_err(|_| Problem::BadAddressInList {
                    field,
                    address: short_text::cut(value.trim()).to_owned(),
                })
        };
        let lines = self.values.iter().flat_map(|value| value.lines());
        lines
            .filter(|line| !line.trim().is_empty())
            .map(address)
            .collect()
    }

    fn none_of<'a>(&self, options: impl Iterator<Item = &'a str>) -> Problem {
        let options: Vec<_> = options.collect();
        self.bad(format!("one of {}", options.join(", ")))
    }

    fn bad(&self, wanted: impl Into<Cow<'static, str>>) -> Problem {
        Problem::BadField {
            field: self.field,
            problem: wanted.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::effect::ConfigurationForm;
    use crate::room::setting::Setting;
    use crate::room::setting::configuration::{Configuration, PrivateMessages, Whois};
    use crate::room::text::one_line::is_unruly;
    use crate::wire::form::configuration_form;
    use crate::wire::form::submission::tests::submission;
    use crate::wire::xml::writer::to_xml;

    fn settings(fields: &str) -> Result<Vec<Assignment>, Problem> {
        decode(&submission(&format!(
            "{fields}<field var='FORM_TYPE'><value>{FORM_TYPE}</value></field>"
        )))
    }

    fn one(var: &str, value: &str) -> Result<Vec<Assignment>, Problem> {
        settings(&format!(
            "<field var='{var}'><value>{value}</value></field>"
        ))
    }

    fn shown() -> ConfigurationForm {
        ConfigurationForm {
            version: "first".into(),
            configuration: Configuration {
                name: "A Dark Cave".into(),
                password: Some("cauldronburn".into()),
                occupants_max: Some(7),
                ..Configuration::default()
            },
            owners: vec![BareJid::new("crone1@shakespeare.lit").unwrap()],
            addins: std::sync::Arc::default(),
            admins: Vec::new(),
            category: "General".into(),
            categories: vec!["General".into(), "Trading".into()],
            presenters: Some(Vec::new()),
        }
    }

    #[test]
    fn every_field_reads_back_as_it_was_shown() {
        let xml = String::from_utf8(to_xml(&configuration_form::encode(&shown()))).unwrap();
        let form: Submission = xso::from_bytes(xml.as_bytes()).unwrap();
        let settings = decode(&form).unwrap();
        assert_eq!(settings.len(), Setting::ALL.len() + 8);
        for expected in [
            Setting::Name.to("A Dark Cave"),
            Assignment::Version("first".into()),
            Assignment::Category("General".into()),
            Assignment::Privacy(Privacy::Open),
            Assignment::RoomType(RoomType::Normal),
            Assignment::PasswordProtected(true),
            Setting::Password.to(Value::Secret(Some("cauldronburn".into()))),
            Setting::OccupantsMax.to(Some(7)),
            Setting::Whois.to(Whois::Anyone),
            Setting::PrivateMessages.to(PrivateMessages::Anyone),
            Setting::Registration.to(Configuration::default().registration),
            Setting::HistoryMax.to(20),
            Setting::PresenceBroadcast.to(Configuration::default().presence_broadcast),
            Assignment::Admins(BTreeSet::new()),
            Assignment::Presenters(BTreeSet::new()),
            Assignment::Owners(shown().owners.into_iter().collect()),
        ] {
            assert!(settings.contains(&expected), "{expected:?}");
        }
    }

    #[test]
    fn what_is_unknown_or_empty_changes_nothing() {
        assert_eq!(one("muc#roomconfig_unheard", "1"), Ok(vec![]));
        assert_eq!(
            settings("<field var='muc#roomconfig_publicroom'/>"),
            Ok(vec![])
        );
        assert_eq!(decode(&submission("")), Ok(vec![]));
    }

    #[test]
    fn a_form_of_another_type_is_refused() {
        let form = submission("<field var='FORM_TYPE'><value>urn:x</value></field>");
        assert_eq!(decode(&form), Err(OTHER_FORM));
        let form = submission("<field var='muc#roomconfig_publicroom'><value>1</value></field>");
        assert_eq!(decode(&form), Err(OTHER_FORM));
    }

    #[test]
    fn a_value_that_can_not_be_refuses_the_form() {
        for (var, value) in [
            ("muc#roomconfig_publicroom", "yes"),
            ("muc#roomconfig_whois", "none"),
            ("muc#roomconfig_allowpm", ""),
            ("muc#roomconfig_presencebroadcast", "none"),
            ("muc#roomconfig_maxusers", "0"),
            ("muc#roomconfig_maxusers", "-1"),
            ("muc#maxhistoryfetch", "many"),
            ("{urn:lyceum:0}registration", "perhaps"),
            ("muc#roomconfig_roomname", &"x".repeat(257)),
            ("muc#roomconfig_roomdesc", &"\u{e9}".repeat(1001)),
        ] {
            let refused = one(var, value);
            assert!(
                matches!(refused, Err(Problem::BadField { field, .. }) if field == var),
                "{var}: {value}: {refused:?}"
            );
        }
        assert_eq!(
            one(ADMINS, "@"),
            Err(Problem::BadAddressInList {
                field: ADMINS,
                address: "@".to_owned()
            })
        );
    }

    #[test]
    fn a_text_of_more_than_one_line_is_refused_and_the_field_named() {
        let texts = room_form::rows()
            .filter(|row| matches!(row.setting.kind(), Kind::Text { .. } | Kind::Secret { .. }));
        let texts: Vec<_> = texts.collect();
        assert!(texts.len() >= 5);
        for row in texts {
            for unruly in ('\0'..='\u{2fff}').filter(|character| is_unruly(*character)) {
                let values = [format!("Tea{unruly}forged")];
                let refused = assignment(row.var, &values);
                assert!(
                    matches!(refused, Err(Problem::BadField { field, .. }) if field == row.var),
                    "{}: {unruly:?}: {refused:?}",
                    row.var
                );
            }
            let several = assignment(row.var, &["One".to_owned(), "two".to_owned()]);
            let expected = match row.setting.kind() {
                Kind::Secret { .. } => Value::Secret(Some("One two".into())),
                _ => Value::Text("One two".into()),
            };
            assert_eq!(several, Ok(Some(row.setting.to(expected))));
        }
    }

    #[test]
    fn values_are_read_in_every_form_they_have() {
        assert_eq!(
            one("muc#roomconfig_publicroom", "true"),
            Ok(vec![Setting::Public.to(true)])
        );
        assert_eq!(
            one("muc#roomconfig_maxusers", "none"),
            Ok(vec![Setting::OccupantsMax.to(None::<u32>)])
        );
        assert_eq!(
            one("muc#roomconfig_roomname", &"\u{e9}".repeat(256))
                .unwrap()
                .len(),
            1
        );
        let owners = BTreeSet::from([BareJid::new("a@b").unwrap(), BareJid::new("c@d").unwrap()]);
        let fields =
            "<field var='muc#roomconfig_roomowners'><value>A@b/x\n c@d</value><value/></field>";
        assert_eq!(settings(fields), Ok(vec![Assignment::Owners(owners)]));
        let nobody = "<field var='muc#roomconfig_presencebroadcast'/>";
        assert_eq!(
            settings(nobody),
            Ok(vec![Setting::PresenceBroadcast.to(BTreeSet::new())])
        );
    }
}
