//! What disco#info tells of a room. XEP-0045 §6.4 (#disco-roominfo), XEP-0128.

use std::collections::BTreeSet;

use jid::BareJid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::ns;

use super::conference;
use crate::room::effect::Information;
use crate::room::scope::Switches;
use crate::room::setting::configuration::Configuration;
use crate::room::setting::{Value, Word};
use crate::wire::content::moderation;
use crate::wire::form::room_form;
use crate::wire::form::room_form::ToldAs;
use crate::wire::muc::presence::HATS;
use crate::wire::muc::register;
use crate::wire::stanza::short_text;

/// The answer to a disco#info query.
pub(in crate::wire) fn room_information(
    room: &BareJid,
    information: &Information,
) -> DiscoInfoResult {
    let configuration = &information.configuration;
    let name = match &*configuration.name {
        "" => name_of_address(room),
        name => name.to_owned(),
    };
    DiscoInfoResult {
        node: None,
        identities: vec![conference::identity(name, None)],
        features: features(configuration, information.switches),
        extensions: vec![form(information)],
    }
}

/// The name of a room that was given none: its address as people write it. XEP-0106 §3.3
/// (#unescaping).
pub(in crate::wire) fn name_of_address(room: &BareJid) -> String {
    let Some(node) = room.node() else {
        return room.to_string();
    };
    node.unescape()
        .map_or_else(|_| node.to_string(), |name| name.into_owned())
}

/// What every room can do, beside what the service can do too.
const FEATURES: &[&str] = &[
    "http://jabber.org/protocol/muc#request",
    "http://jabber.org/protocol/muc#roomconfig",
    "http://jabber.org/protocol/muc#roominfo",
    "http://jabber.org/protocol/muc#self-ping-optimization",
    moderation::NAMESPACE,
    moderation::NAMESPACE_BEFORE,
    HATS,
];

/// The features of §16.3 (#registrar-features) among others.
fn features(configuration: &Configuration, switches: Switches) -> BTreeSet<String> {
    let mut features = conference::features(FEATURES);
    if !switches.history {
        conference::remove_archive(&mut features);
    }
    for row in room_form::rows() {
        let value = configuration.get(row.setting);
        let texts = room_form::texts(&value);
        for told in row.told {
            match told {
                ToldAs::Feature(value, feature) if texts.iter().any(|text| text == value) => {
                    features.insert((*feature).to_owned());
                }
                ToldAs::Feature(..) | ToldAs::Field(_) => {}
            }
        }
    }
    // Whoever is kept out can ask to be let in, whatever else its registration is for.
    if configuration.members_only {
        features.extend([ns::REGISTER, register::FORM_TYPE].map(str::to_owned));
    }
    features
}

/// The fields of §16.5.4 (#registrar-formtype-roominfo) that have a value, and those of the
/// configuration that tell an occupant what may be done. Sorted, so that every answer about the
/// same room is the same.
fn form(information: &Information) -> DataForm {
    let mut fields = lasting_fields(&information.configuration);
    fields.extend(
        information
            .avatar_hash
            .as_deref()
            .and_then(|hash| field_if(AVATAR_HASH, hash)),
    );
    fields.extend(passing_fields(information));
    fields.sort_by(|one, other| one.var.cmp(&other.var));
    DataForm::new(DataFormType::Result_, FORM_TYPE, fields)
}

/// What changes with the configuration only.
fn lasting_fields(room: &Configuration) -> Vec<Field> {
    let mut fields = vec![
        field(room_form::PRIVACY, room.privacy().name()),
        field(room_form::ROOM_TYPE, room.room_type().name()),
    ];
    if room.disabled {
        fields.push(field(room_form::DISABLED, "1"));
        fields.extend(field_if(room_form::DISABLED_REASON, &room.disabled_reason));
    }
    for row in room_form::rows() {
        let value = room.get(row.setting);
        let texts = room_form::texts(&value);
        // Of what is unsaid nothing is said, but that no role is shown says something.
        if texts.is_empty() && !matches!(value, Value::Roles(_)) {
            continue;
        }
        for told in row.told {
            match told {
                ToldAs::Field(var) => fields.push(fields_of(var, texts.iter().map(|text| &**text))),
                ToldAs::Feature(..) => {}
            }
        }
    }
    fields
}

/// Maximum number of owners that are named as contacts: some who can help, not a list of all.
const CONTACTS_MAX: usize = 20;

/// What changes with those inside, or depends on who asks.
fn passing_fields(information: &Information) -> Vec<Field> {
    let occupants = information.occupants.to_string();
    let flag = |is_on: bool| if is_on { "1" } else { "0" };
    let mut fields = vec![
        field("muc#roominfo_occupants", &occupants),
        field(room_form::CATEGORY, &information.category),
        field(HISTORY, flag(information.switches.history)),
        field(UPLOADS, flag(information.switches.uploads)),
    ];
    // A longer one would only keep people from the rest; the subject is told in full to those
    // inside.
    fields.extend(field_if(
        "muc#roominfo_subject",
        short_text::cut(&information.subject),
    ));
    if let Some(addin) = &information.addin {
        fields.push(field("{urn:lyceum:0}addin-name", &addin.name));
        fields.push(field("{urn:lyceum:0}addin-url", &addin.url));
    }
    if !information.contacts.is_empty() {
        let contacts = information.contacts.iter().take(CONTACTS_MAX);
        let contacts = contacts.map(|jid| jid.as_str());
        fields.push(fields_of("muc#roominfo_contactjid", contacts));
    }
    fields
}

fn field_if(var: &str, value: &str) -> Option<Field> {
    (!value.is_empty()).then(|| field(var, value))
}

fn field(var: &str, value: &str) -> Field {
    fields_of(var, std::iter::once(value))
}

fn fields_of<'a>(var: &str, values: impl Iterator<Item = &'a str>) -> Field {
    let mut field = Field::new(var, FieldType::TextSingle);
    field.values = values.map(str::to_owned).collect();
    if field.values.len() > 1 {
        field.type_ = FieldType::TextMulti;
    }
    field
}

/// Whether what is said is kept for reading.
const HISTORY: &str = "{urn:lyceum:0}history";
/// Whether clients may offer to send files; the service that takes them is another.
const UPLOADS: &str = "{urn:lyceum:0}uploads";
const FORM_TYPE: &str = "http://jabber.org/protocol/muc#roominfo";
/// Which picture the room has, so that clients know when to ask for it. XEP-0486 §3.3.
const AVATAR_HASH: &str = "muc#roominfo_avatarhash";

#[cfg(test)]
pub(in crate::wire) mod tests {
    use super::*;
    use crate::room::setting::addin::AddIn;
    use crate::room::setting::configuration::{RegistrationPolicy, Whois};

    /// A room with something in every field.
    pub fn information() -> Information {
        Information {
            configuration: Configuration {
                name: "A Dark Cave".into(),
                description: "The place for all good witches!".into(),
                language: "en".into(),
                password: Some("cauldronburn".into()),
                whois: Whois::Moderators,
                ..Configuration::default()
            },
            category: "General".into(),
            switches: Switches::default(),
            occupants: 3,
            subject: "Spells".into(),
            contacts: vec![BareJid::new("crone1@shakespeare.lit").unwrap()],
            avatar_hash: Some("a31c4bd04de69663cfd7f424a8453f4674da37ff".into()),
            addin: Some(AddIn {
                name: "Potions".into(),
                url: "https://apps.shakespeare.lit/potions?room=1".into(),
            }),
        }
    }

    fn room() -> BareJid {
        BareJid::new("coven@chat.shakespeare.lit").unwrap()
    }

    fn value<'a>(answer: &'a DiscoInfoResult, var: &str) -> Option<&'a str> {
        let fields = &answer.extensions[0].fields;
        let field = fields
            .iter()
            .find(|field| field.var.as_deref() == Some(var))?;
        field.values.first().map(String::as_str)
    }

    #[test]
    fn everything_that_is_known_is_told() {
        let answer = room_information(&room(), &information());
        assert_eq!(answer.identities[0].name.as_deref(), Some("A Dark Cave"));
        for feature in [
            ns::MUC,
            "http://jabber.org/protocol/muc#request",
            "http://jabber.org/protocol/muc#stable_id",
            "http://jabber.org/protocol/muc#self-ping-optimization",
            "muc_passwordprotected",
            "muc_public",
            "muc_persistent",
            "muc_open",
            "muc_unmoderated",
            "muc_semianonymous",
            "vcard-temp",
            "urn:xmpp:message-moderate:1",
            "urn:xmpp:message-moderate:0",
            "urn:xmpp:message-retract:1",
            "urn:xmpp:message-retract:1#tombstone",
        ] {
            assert!(answer.features.contains(feature), "{feature}");
        }
        for (var, expected) in [
            ("FORM_TYPE", FORM_TYPE),
            (
                "muc#roominfo_description",
                "The place for all good witches!",
            ),
            ("muc#roominfo_contactjid", "crone1@shakespeare.lit"),
            ("muc#roominfo_subject", "Spells"),
            ("muc#roomconfig_changesubject", "0"),
            ("muc#roominfo_occupants", "3"),
            ("muc#roominfo_lang", "en"),
            (
                "muc#roominfo_avatarhash",
                "a31c4bd04de69663cfd7f424a8453f4674da37ff",
            ),
            ("muc#maxhistoryfetch", "20"),
            ("{urn:lyceum:0}addin-name", "Potions"),
            (
                "{urn:lyceum:0}addin-url",
                "https://apps.shakespeare.lit/potions?room=1",
            ),
        ] {
            assert_eq!(value(&answer, var), Some(expected), "{var}");
        }
    }

    #[test]
    fn a_room_without_a_name_is_called_by_its_address() {
        let mut information = information();
        information.configuration = Configuration {
            registration: RegistrationPolicy::Closed,
            ..Configuration::default()
        };
        let answer = room_information(&room(), &information);
        assert_eq!(answer.identities[0].name.as_deref(), Some("coven"));
        let escaped = BareJid::new("tea\\20\\26\\20coffee@chat.shakespeare.lit").unwrap();
        assert_eq!(name_of_address(&escaped), "tea & coffee");
        assert!(!answer.features.contains("jabber:iq:register"));
        assert_eq!(value(&answer, "muc#roominfo_lang"), None);
    }
}
