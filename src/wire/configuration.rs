//! The configuration form of a room, as an owner has filled it. XEP-0045 §10.1.3 (#createroom-reserved), §16.5.3
//! (#registrar-formtype-owner).
//!
//! A submission may hold any of the fields in any order; what is missing stays as it is, and fields that nobody
//! knows are passed over, for a client sends back fields of other versions. A known field with a bad value refuses
//! the whole form, since half a configuration may open a room that was to be closed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, Jid};

use super::address;
use super::configuration_field::*;
use super::form::{self, Submission};
use super::stanza_error::Problem;
use crate::room::Role;
use crate::room::configuration::Setting;
use crate::room::request::Roles;

/// Reads a submission.
///
/// # Errors
/// - [`Problem::Malformed`]: it is a form of another type.
/// - [`Problem::BadField`], [`Problem::BadAddressInField`]: a field has a value that it can't have.
pub(super) fn decode(form: &Submission) -> Result<Vec<Setting>, Problem> {
    // "an empty <x/> element" of type submit accepts the defaults, §10.1.2 (#createroom-instant).
    if !form.is_empty() && form.form_type() != Some(FORM_TYPE) {
        return Err(OTHER_FORM);
    }
    let mut settings = Vec::new();
    for (var, values) in form.fields() {
        settings.extend(setting(var, values)?);
    }
    Ok(settings)
}

const OTHER_FORM: Problem = Problem::Malformed {
    element: "x",
    wanted: "a form with http://jabber.org/protocol/muc#roomconfig as FORM_TYPE, or one without fields",
};

/// What one field sets; `None` for a field that is not known, or has no value and needs one.
fn setting(var: &str, values: &[String]) -> Result<Option<Setting>, Problem> {
    let Some(field) = KNOWN.iter().find(|known| **known == var) else {
        return Ok(None);
    };
    let answer = Answer { field, values };
    let setting = match var {
        NAME => Setting::Name(answer.text(256)?),
        DESCRIPTION => Setting::Description(answer.text(1000)?),
        LANGUAGE => Setting::Language(answer.text(35)?),
        SECRET => Setting::Password(answer.text(256)?),
        PUBSUB => Setting::PubsubNode(answer.text(1000)?),
        BROADCAST => Setting::PresenceBroadcast(answer.roles()?),
        MEMBER_LIST => Setting::MemberListReaders(answer.roles()?),
        ADMINS => Setting::Admins(answer.addresses()?),
        OWNERS => Setting::Owners(answer.addresses()?),
        _ => return answer.single(),
    };
    Ok(Some(setting))
}

/// A known field with what was put into it.
struct Answer<'a> {
    field: &'static str,
    values: &'a [String],
}

impl Answer<'_> {
    /// The settings that need exactly one value.
    fn single(&self) -> Result<Option<Setting>, Problem> {
        let Some(value) = self.values.first() else {
            return Ok(None);
        };
        let boolean = || form::parse_boolean(value).ok_or(form::not_boolean(self.field));
        let setting = match self.field {
            PERSISTENT => Setting::Persistent(boolean()?),
            PUBLIC => Setting::Public(boolean()?),
            MEMBERS_ONLY => Setting::MembersOnly(boolean()?),
            MODERATED => Setting::Moderated(boolean()?),
            PROTECTED => Setting::PasswordProtected(boolean()?),
            SUBJECT => Setting::SubjectOpen(boolean()?),
            INVITES => Setting::InvitationsOpen(boolean()?),
            LOGGING => Setting::Logged(boolean()?),
            NICK_LOCKED => Setting::NickLocked(boolean()?),
            MAX_USERS => Setting::OccupantsMax(self.occupants_max(value)?),
            HISTORY => Setting::HistoryMax(self.number(value)?),
            WHOIS => Setting::Whois(self.option(value, WHOIS_OPTIONS)?),
            PRIVATE => Setting::PrivateMessages(self.option(value, PRIVATE_OPTIONS)?),
            REGISTRATION => Setting::Registration(self.option(value, REGISTRATION_OPTIONS)?),
            _ => return Ok(None),
        };
        Ok(Some(setting))
    }

    /// All lines as one text; COMPAT(clients that show it in several lines).
    fn text(&self, characters_max: usize) -> Result<Arc<str>, Problem> {
        let text = self.values.join("\n");
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

    fn occupants_max(&self, value: &str) -> Result<Option<u32>, Problem> {
        match value.trim() {
            "" | "none" => Ok(None),
            "0" => Err(self.bad("a number from 1 up, or none")),
            value => self.number(value).map(Some),
        }
    }

    fn option<T: Copy>(&self, value: &str, options: &[(T, &str, &str)]) -> Result<T, Problem> {
        options
            .iter()
            .find(|(_, name, _)| *name == value.trim())
            .map(|(option, _, _)| *option)
            .ok_or_else(|| self.none_of(options.iter().map(|(_, name, _)| *name)))
    }

    fn roles(&self) -> Result<Roles, Problem> {
        let role = |value: &String| {
            Role::from_name(value.trim())
                .filter(|role| *role != Role::None)
                .ok_or_else(|| self.none_of(ROLE_OPTIONS.iter().map(|(name, _)| *name)))
        };
        self.values.iter().map(role).collect()
    }

    fn addresses(&self) -> Result<BTreeSet<BareJid>, Problem> {
        let field = self.field;
        let address = |value: &str| {
            address::parse(value.trim())
                .map(Jid::into_bare)
                .map_err(|_| Problem::BadAddressInField { field })
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
    use crate::room::configuration::{Configuration, PrivateMessages, Whois};
    use crate::room::effect::ConfigurationForm;
    use crate::wire::configuration_form;
    use crate::wire::form::tests::submission;
    use crate::wire::xml::to_xml;

    fn settings(fields: &str) -> Result<Vec<Setting>, Problem> {
        decode(&submission(&format!(
            "{fields}<field var='FORM_TYPE'><value>{FORM_TYPE}</value></field>"
        )))
    }

    fn one(var: &str, value: &str) -> Result<Vec<Setting>, Problem> {
        settings(&format!(
            "<field var='{var}'><value>{value}</value></field>"
        ))
    }

    fn shown() -> ConfigurationForm {
        ConfigurationForm {
            configuration: Configuration {
                name: "A Dark Cave".into(),
                password: Some("cauldronburn".into()),
                occupants_max: Some(7),
                ..Configuration::default()
            },
            owners: vec![BareJid::new("crone1@shakespeare.lit").unwrap()],
            admins: Vec::new(),
        }
    }

    #[test]
    fn every_field_reads_back_as_it_was_shown() {
        let xml = String::from_utf8(to_xml(&configuration_form::encode(&shown()))).unwrap();
        let form: Submission = xso::from_bytes(xml.as_bytes()).unwrap();
        let settings = decode(&form).unwrap();
        assert_eq!(settings.len(), KNOWN.len());
        for expected in [
            Setting::Name("A Dark Cave".into()),
            Setting::PasswordProtected(true),
            Setting::Password("cauldronburn".into()),
            Setting::OccupantsMax(Some(7)),
            Setting::Whois(Whois::Anyone),
            Setting::PrivateMessages(PrivateMessages::Anyone),
            Setting::Registration(Configuration::default().registration),
            Setting::HistoryMax(20),
            Setting::PresenceBroadcast(Configuration::default().presence_broadcast),
            Setting::Admins(BTreeSet::new()),
            Setting::Owners(shown().owners.into_iter().collect()),
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
            (PUBLIC, "yes"),
            (WHOIS, "none"),
            (PRIVATE, ""),
            (BROADCAST, "none"),
            (MAX_USERS, "0"),
            (MAX_USERS, "-1"),
            (HISTORY, "many"),
            (REGISTRATION, "perhaps"),
            (NAME, &"x".repeat(257)),
            (DESCRIPTION, &"\u{e9}".repeat(1001)),
        ] {
            let refused = one(var, value);
            assert!(
                matches!(refused, Err(Problem::BadField { field, .. }) if field == var),
                "{var}: {value}: {refused:?}"
            );
        }
        assert_eq!(
            one(ADMINS, "@"),
            Err(Problem::BadAddressInField { field: ADMINS })
        );
    }

    #[test]
    fn values_are_read_in_every_form_they_have() {
        assert_eq!(one(PUBLIC, "true"), Ok(vec![Setting::Public(true)]));
        assert_eq!(
            one(MAX_USERS, "none"),
            Ok(vec![Setting::OccupantsMax(None)])
        );
        assert_eq!(one(NAME, &"\u{e9}".repeat(256)).unwrap().len(), 1);
        let owners = BTreeSet::from([BareJid::new("a@b").unwrap(), BareJid::new("c@d").unwrap()]);
        let fields =
            "<field var='muc#roomconfig_roomowners'><value>A@b/x\n c@d</value><value/></field>";
        assert_eq!(settings(fields), Ok(vec![Setting::Owners(owners)]));
        let nobody = "<field var='muc#roomconfig_presencebroadcast'/>";
        assert_eq!(
            settings(nobody),
            Ok(vec![Setting::PresenceBroadcast(BTreeSet::new())])
        );
    }
}
