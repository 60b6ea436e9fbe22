//! A room of Prosody's: its configuration as a [`RoomRecord`].

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jid::BareJid;
use serde_json::{Map, Value};
use sha2::Sha256;

use super::stanza;
use crate::room::moderating::subject::{Subject, SubjectSet};
use crate::room::request::Roles;
use crate::room::setting::configuration::{Configuration, PrivateMessages, Whois};
use crate::room::{Affiliated, Affiliation, Bond, Bonds, Content, Role, Snapshot, Timestamp};
use crate::store::RoomRetention;
use crate::transfer::item::SourceItem;
use crate::transfer::name;
use crate::transfer::record::{Record, RoomRecord};
use crate::transfer::skipped::{Reason, Skipped};
use crate::wire::foreign;

/// Who has which occupant id, as far as it can be computed.
pub(super) type Authors = HashMap<String, BareJid>;

/// What is kept of a room beside its archive.
pub(super) struct KeptByProsody {
    /// `config`: settings and lists.
    pub config: Map<String, Value>,
    /// `vcard_muc`: a stanza.
    pub vcard: Option<Value>,
}

/// A room, and what of it can't be used; and whom its archive may speak of.
pub(super) fn read(jid: &BareJid, kept: &KeptByProsody) -> (Vec<SourceItem>, Authors) {
    let nothing = Map::new();
    let data = kept.config.get("_data").and_then(Value::as_object);
    let mut reading = ProsodyRoom {
        jid,
        data: data.unwrap_or(&nothing),
        skipped: Vec::new(),
    };
    let affiliations = reading.affiliations(&kept.config);
    let mut snapshot = Snapshot::new(reading.configuration());
    snapshot.bonds = reading.registrations(&kept.config);
    snapshot.subject = reading.subject();
    snapshot.avatar = kept.vcard.as_ref().and_then(|vcard| reading.avatar(vcard));
    let authors = reading.authors(&affiliations);
    snapshot.affiliations = affiliations;
    snapshot.keep_voice_of_members();
    let record = RoomRecord {
        jid: jid.clone(),
        salt: None,
        created_at: None,
        creator: None,
        origin: None,
        category: None,
        snapshot,
        keep: RoomRetention::default(),
        addin: None,
    };
    let mut items = vec![SourceItem::Record(Record::Room(Box::new(record)))];
    items.extend(reading.skipped.into_iter().map(SourceItem::Skipped));
    (items, authors)
}

struct ProsodyRoom<'a> {
    jid: &'a BareJid,
    data: &'a Map<String, Value>,
    skipped: Vec<Skipped>,
}

impl ProsodyRoom<'_> {
    fn skip(&mut self, place: impl Into<String>, reason: Reason) {
        self.skipped.push(Skipped {
            room: Some(self.jid.clone()),
            place: place.into(),
            reason,
        });
    }

    fn text(&self, name: &str) -> &str {
        let value = self.data.get(name).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.data.get(name) == Some(&Value::Bool(true))
    }

    fn number(&self, name: &str) -> Option<u32> {
        let number = self.data.get(name)?.as_f64()?;
        // Out of range it becomes the nearest, and a fraction is of no use.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "said above"
        )]
        Some(number as u32)
    }

    fn configuration(&self) -> Configuration {
        let new = Configuration::default();
        let members_only = self.flag("members_only");
        Configuration {
            name: self.text("name").into(),
            description: self.text("description").into(),
            language: self.text("language").into(),
            persistent: self.flag("persistent"),
            public: !self.flag("hidden"),
            members_only,
            moderated: self.flag("moderated"),
            password: Some(self.text("password"))
                .filter(|text| !text.is_empty())
                .map(Into::into),
            whois: match self.text("whois") {
                "anyone" => Whois::Anyone,
                _ => Whois::Moderators,
            },
            subject_open: self.flag("changesubject"),
            // Into a room that is for everybody, everybody may invite.
            invitations_open: self.flag("allow_member_invites") || !members_only,
            private_messages: match self.text("allow_pm") {
                "participant" | "participants" | "affiliated" | "members" => {
                    PrivateMessages::Participants
                }
                "moderator" | "moderators" => PrivateMessages::Moderators,
                "none" => PrivateMessages::None,
                _ => PrivateMessages::Anyone,
            },
            presence_broadcast: self.presence_broadcast().unwrap_or(new.presence_broadcast),
            history_max: self.number("history_length").unwrap_or(HISTORY_LENGTH),
            ..Configuration::default()
        }
    }

    fn presence_broadcast(&self) -> Option<Roles> {
        let roles = self.data.get("presence_broadcast")?.as_object()?;
        let shown = |role: &Role| roles.get(role.name()) == Some(&Value::Bool(true));
        Some(
            Role::ALL
                .into_iter()
                .filter(|role| *role != Role::None)
                .filter(shown)
                .collect(),
        )
    }

    /// Those of the format in use, of JIDs beside names that begin with `_`; or of the one before,
    /// in a table.
    fn affiliations(&mut self, config: &Map<String, Value>) -> Vec<(BareJid, Affiliated)> {
        let entries = config
            .get("_affiliations")
            .and_then(Value::as_object)
            .unwrap_or(config);
        let mut affiliations = Vec::new();
        for (key, value) in entries {
            let Some(word) = value
                .as_str()
                .filter(|_| !key.starts_with('_') && key != "jid")
            else {
                continue;
            };
            let place = || format!("the affiliation of {key}");
            let Some(jid) = name::bare_jid(key) else {
                self.skip(place(), Reason::Address(key.clone()));
                continue;
            };
            match Affiliation::from_name(word) {
                Some(Affiliation::None) => {}
                Some(affiliation) => affiliations.push((jid, given(affiliation))),
                None => self.skip(place(), value_error("affiliation", word)),
            }
        }
        affiliations.sort_by(|one, other| one.0.cmp(&other.0));
        affiliations.dedup_by(|one, other| one.0 == other.0);
        affiliations
    }

    fn registrations(&mut self, config: &Map<String, Value>) -> Bonds {
        let data = config.get("_affiliation_data").and_then(Value::as_object);
        let mut registrations: Vec<(BareJid, Bond)> = Vec::new();
        for (key, data) in data.into_iter().flatten() {
            let Some(text) = data.get("reserved_nickname").and_then(Value::as_str) else {
                continue;
            };
            match (name::bare_jid(key), name::nick(text)) {
                (Some(jid), Some(nick)) => {
                    registrations.push((jid, Bond::Registration(Some(nick))))
                }
                (None, _) => self.skip("a reserved nick", Reason::Address(key.clone())),
                (_, None) => self.skip(format!("the nick of {key}"), value_error("nick", text)),
            }
        }
        // Of several for one person, the first counts.
        registrations.into_iter().rev().collect()
    }

    /// Prosody keeps the text, not the message.
    fn subject(&mut self) -> Subject {
        let text = self.text("subject");
        let from = self.text("subject_from");
        let nick = from.split_once('/').and_then(|(_, nick)| name::nick(nick));
        let payload = foreign::subject([("", text)]);
        let seconds = self.data.get("subject_time").and_then(Value::as_f64);
        let at = seconds.and_then(name::seconds).unwrap_or(Timestamp(0));
        let set = nick.zip(payload).map(|(nick, payload)| SubjectSet {
            nick,
            at,
            content: Content {
                id: "subject".into(),
                language: None,
                payload,
            },
        });
        Subject {
            text: text.into(),
            set: set.filter(|_| !text.is_empty()),
        }
    }

    fn avatar(&mut self, vcard: &Value) -> Option<crate::room::request::Avatar> {
        let xml = stanza::element(vcard).and_then(|element| element.to_xml());
        let avatar = foreign::avatar(xml.as_deref().unwrap_or_default());
        avatar
            .map_err(|why| self.skip("its vCard", why.into()))
            .ok()
    }

    fn authors(&self, affiliations: &[(BareJid, Affiliated)]) -> Authors {
        let salt = self.text("occupant_id_salt");
        if salt.is_empty() {
            return Authors::new();
        }
        let persons = affiliations.iter().filter(|(jid, _)| jid.node().is_some());
        persons
            .map(|(jid, _)| (occupant_id(salt, jid), jid.clone()))
            .collect()
    }
}

/// As util/hashes and muc/occupant_id.lib.lua of Prosody 0.12 have it.
fn occupant_id(salt: &str, jid: &BareJid) -> String {
    let mut hash = Hmac::<Sha256>::new_from_slice(jid.as_str().as_bytes())
        .expect("HMAC takes a key of any length");
    hash.update(salt.as_bytes());
    BASE64_STANDARD.encode(hash.finalize().into_bytes())
}

/// Prosody keeps neither reason nor giver nor time.
fn given(affiliation: Affiliation) -> Affiliated {
    Affiliated {
        affiliation,
        reason: None,
        given_by: None,
        given_at: Timestamp(0),
    }
}

fn value_error(name: &str, value: &str) -> Reason {
    Reason::Value {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// What Prosody does not write down.
const HISTORY_LENGTH: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::BondKind;
    use crate::transfer::prosody::lua;

    fn kept(config: &str) -> KeptByProsody {
        let value = |text: &str| lua::returned(format!("return {text};").as_bytes()).unwrap();
        let vcard = "{ name = 'vCard'; attr = { xmlns = 'vcard-temp' };
            { name = 'PHOTO'; attr = {}; { 'aGVsbG8='; name = 'BINVAL'; attr = {} } } }";
        KeptByProsody {
            config: value(config).as_object().unwrap().clone(),
            vcard: Some(value(vcard)),
        }
    }

    fn read_room(config: &str) -> (RoomRecord, Vec<String>) {
        let jid = BareJid::new("tea@conference.example.org").unwrap();
        let (items, _) = read(&jid, &kept(config));
        let mut rooms = Vec::new();
        let mut skipped = Vec::new();
        for item in items {
            match item {
                SourceItem::Record(Record::Room(room)) => rooms.push(*room),
                SourceItem::Skipped(left_out) => skipped.push(left_out.to_string()),
                other @ (SourceItem::Record(_) | SourceItem::Remark(_)) => panic!("{other:?}"),
            }
        }
        (rooms.pop().unwrap(), skipped)
    }

    #[test]
    fn what_prosody_does_not_write_down_is_as_it_is_there() {
        let (room, skipped) = read_room("{ _jid = 'tea@conference.example.org' }");
        let configuration = room.snapshot.configuration;
        assert_eq!(skipped, [""; 0]);
        assert!(configuration.public && configuration.invitations_open);
        assert!(!configuration.persistent && !configuration.logged);
        assert_eq!(configuration.whois, Whois::Moderators);
        assert_eq!(configuration.history_max, 20);
        assert_eq!(room.snapshot.subject, Subject::default());
        let avatar = room.snapshot.avatar.unwrap();
        assert_eq!(
            avatar.vcard.as_bytes(),
            b"<vCard xmlns='vcard-temp'><PHOTO><BINVAL>aGVsbG8=</BINVAL></PHOTO></vCard>"
        );
    }

    #[test]
    fn settings_of_later_versions_and_of_modules_are_understood() {
        let room = |data: &str| read_room(&format!("{{ _data = {{ {data} }} }}")).0.snapshot;
        for (word, meaning) in [
            ("everyone", PrivateMessages::Anyone),
            ("participant", PrivateMessages::Participants),
            ("affiliated", PrivateMessages::Participants),
            ("moderators", PrivateMessages::Moderators),
        ] {
            let configuration = room(&format!("allow_pm = '{word}'")).configuration;
            assert_eq!(configuration.private_messages, meaning, "{word}");
        }
        let shown =
            room("presence_broadcast = { moderator = true; visitor = false }").configuration;
        assert_eq!(shown.presence_broadcast, Roles::from([Role::Moderator]));
        let invitations = |data: &str| room(data).configuration.invitations_open;
        assert!(!invitations("members_only = true"));
        assert!(invitations(
            "members_only = true; allow_member_invites = true"
        ));
        let subject = room("subject = 'x'").subject;
        assert_eq!((&*subject.text, subject.set), ("x", None));
        assert_eq!(room("history_length = (1/0)").configuration.history_max, 20);
    }

    #[test]
    fn affiliations_of_the_format_before_are_read() {
        let (room, skipped) = read_room(
            "{ jid = 'tea@conference.example.org'; _affiliations = { ['ann@example.org'] = 'owner';
               ['bob@example.org'] = 'none' };
               _affiliation_data = { ['ann@example.org'] = { reserved_nickname = ' ' };
               ['cy@example.org'] = { reserved_nickname = ' cy' } } }",
        );
        assert_eq!(
            skipped,
            ["tea@conference.example.org, the nick of ann@example.org: its nick can't be  "]
        );
        let ann = BareJid::new("ann@example.org").unwrap();
        assert_eq!(
            room.snapshot.affiliations,
            [(ann, given(Affiliation::Owner))]
        );
        let cy = BareJid::new("cy@example.org").unwrap();
        assert_eq!(
            room.snapshot.bonds,
            Bonds::from_iter([(cy, BondKind::Registration.read("cy").unwrap())])
        );
    }

    #[test]
    fn members_of_a_moderated_room_had_voice_and_keep_it_as_presenters() {
        for (moderated, presenters) in [("true", 1), ("false", 0)] {
            let (room, _) = read_room(&format!(
                "{{ _data = {{ moderated = {moderated} }}; ['ann@example.org'] = 'owner';
                   ['bob@example.org'] = 'member' }}"
            ));
            let bonds = room.snapshot.bonds;
            let listed: Vec<_> = bonds.of_kind(BondKind::Presenter).collect();
            assert_eq!(listed.len(), presenters, "{moderated}");
            assert!(
                listed
                    .iter()
                    .all(|(jid, _)| jid.as_str() == "bob@example.org")
            );
        }
    }
}
