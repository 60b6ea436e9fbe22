//! A room of ejabberd's: its options as a [`RoomRecord`].

use jid::BareJid;

use super::term::ErlangTerm;
use crate::room::moderating::subject::{Subject, SubjectSet};
use crate::room::request::{Avatar, Roles};
use crate::room::setting::configuration::{Configuration, PrivateMessages, Whois};
use crate::room::{Affiliated, Affiliation, Content, Role, Snapshot, Timestamp};
use crate::store::RoomRetention;
use crate::transfer::item::SourceItem;
use crate::transfer::name;
use crate::transfer::record::{Record, RoomRecord};
use crate::transfer::skipped::{Reason, Skipped};
use crate::wire::foreign;
use crate::wire::stanza::short_text;

/// A room, and what of it can't be used. The time at which its subject was set last is in the
/// archive alone.
pub(super) fn read(
    jid: &BareJid,
    options: &ErlangTerm,
    subject_at: Option<Timestamp>,
) -> Vec<SourceItem> {
    let mut reading = EjabberdRoom {
        jid,
        options,
        subject_at,
        skipped: Vec::new(),
    };
    let mut snapshot = Snapshot::new(reading.configuration());
    snapshot.affiliations = reading.affiliations();
    snapshot.keep_voice_of_members();
    snapshot.subject = reading.subject();
    snapshot.avatar = reading.avatar();
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
    items
}

struct EjabberdRoom<'a> {
    jid: &'a BareJid,
    options: &'a ErlangTerm,
    subject_at: Option<Timestamp>,
    skipped: Vec<Skipped>,
}

impl<'a> EjabberdRoom<'a> {
    fn skip(&mut self, place: impl Into<String>, reason: Reason) {
        self.skipped.push(Skipped {
            room: Some(self.jid.clone()),
            place: place.into(),
            reason,
        });
    }

    fn text(&self, name: &str) -> &'a str {
        let value = self.options.property(name).and_then(ErlangTerm::text);
        value.unwrap_or_default()
    }

    fn word(&self, name: &str) -> Option<&'a str> {
        self.options.property(name)?.atom()
    }

    /// An option that may be missing, where an older ejabberd did not know it.
    fn flag(&self, name: &str, default: bool) -> bool {
        self.word(name).map_or(default, |word| word == "true")
    }

    fn configuration(&self) -> Configuration {
        let new = Configuration::default();
        let password = Some(self.text("password")).filter(|text| !text.is_empty());
        Configuration {
            name: self.text("title").into(),
            description: self.text("description").into(),
            language: self.text("lang").into(),
            persistent: self.flag("persistent", new.persistent),
            public: self.flag("public", new.public),
            members_only: self.flag("members_only", new.members_only),
            // Where everybody starts with a voice, the room is not moderated as we have it.
            moderated: self.flag("moderated", false) && !self.flag("members_by_default", true),
            password: password
                .filter(|_| self.flag("password_protected", true))
                .map(Into::into),
            occupants_max: self.occupants_max(),
            whois: match self.flag("anonymous", true) {
                true => Whois::Moderators,
                false => Whois::Anyone,
            },
            subject_open: self.flag("allow_change_subj", new.subject_open),
            invitations_open: self.flag("allow_user_invites", new.invitations_open),
            private_messages: self.private_messages(),
            presence_broadcast: self.presence_broadcast().unwrap_or(new.presence_broadcast),
            pubsub_node: self.text("pubsub").into(),
            ..Configuration::default()
        }
    }

    fn occupants_max(&self) -> Option<u32> {
        match self.options.property("max_users")? {
            ErlangTerm::Integer(number) => u32::try_from(*number).ok(),
            _ => None,
        }
    }

    /// One option since 23.10; before, one for all and one for visitors.
    fn private_messages(&self) -> PrivateMessages {
        match self.word("allowpm") {
            Some("participants") => return PrivateMessages::Participants,
            Some("moderators") => return PrivateMessages::Moderators,
            Some("none") => return PrivateMessages::None,
            Some(_) => return PrivateMessages::Anyone,
            None => {}
        }
        if !self.flag("allow_private_messages", true) {
            return PrivateMessages::None;
        }
        match self.word("allow_private_messages_from_visitors") {
            None | Some("anyone") => PrivateMessages::Anyone,
            Some(_) => PrivateMessages::Participants,
        }
    }

    fn presence_broadcast(&self) -> Option<Roles> {
        let roles = self.options.property("presence_broadcast")?.list().iter();
        Some(
            roles
                .filter_map(|role| Role::from_name(role.atom()?))
                .collect(),
        )
    }

    fn affiliations(&mut self) -> Vec<(BareJid, Affiliated)> {
        let entries = self
            .options
            .property("affiliations")
            .map_or(&[][..], ErlangTerm::list);
        let mut affiliations = Vec::new();
        for entry in entries {
            match affiliation(entry) {
                Ok(Some(entry)) => affiliations.push(entry),
                Ok(None) => {}
                Err(reason) => self.skip("an affiliation", reason),
            }
        }
        affiliations.sort_by(|one, other| one.0.cmp(&other.0));
        affiliations.dedup_by(|one, other| one.0 == other.0);
        affiliations
    }

    /// Of the subject itself ejabberd keeps the texts and the nick.
    fn subject(&self) -> Subject {
        let texts: Vec<_> = match self.options.property("subject") {
            Some(ErlangTerm::List(texts)) => texts.iter().filter_map(subject_text).collect(),
            Some(text) => text.text().map(|text| ("", text)).into_iter().collect(),
            None => Vec::new(),
        };
        let Some((_, text)) = texts.first().copied().filter(|(_, text)| !text.is_empty()) else {
            return Subject::default();
        };
        let author = match self.options.property("subject_author") {
            Some(ErlangTerm::Tuple(author)) => author.first().and_then(ErlangTerm::text),
            Some(author) => author.text(),
            None => None,
        };
        let set = author.and_then(name::nick).zip(foreign::subject(texts));
        let set = set.map(|(nick, payload)| SubjectSet {
            nick,
            at: self.subject_at.unwrap_or(Timestamp(0)),
            content: Content {
                id: "subject".into(),
                language: None,
                payload,
            },
        });
        Subject {
            text: text.into(),
            set,
        }
    }

    fn avatar(&mut self) -> Option<Avatar> {
        let vcard = Some(self.text("vcard")).filter(|text| !text.is_empty())?;
        let avatar = foreign::avatar(vcard);
        avatar
            .map_err(|why| self.skip("its vCard", why.into()))
            .ok()
    }
}

/// A text in its language: `{text,Language,Text}`.
fn subject_text(term: &ErlangTerm) -> Option<(&str, &str)> {
    match term.tuple()? {
        [_, language, text] => Some((language.text()?, text.text()?)),
        _ => None,
    }
}

/// `{{User,Server,Resource},{Affiliation,Reason}}`, or without a reason in its last part.
fn affiliation(term: &ErlangTerm) -> Result<Option<(BareJid, Affiliated)>, Reason> {
    let unreadable = |what: &ErlangTerm| Reason::Value {
        name: "form".to_owned(),
        value: format!("{what:?}"),
    };
    let Some([person, given]) = term.tuple() else {
        return Err(unreadable(term));
    };
    let (word, reason) = match given.tuple() {
        Some([word, reason]) => (word, reason.text().unwrap_or_default()),
        _ => (given, ""),
    };
    let person = jid(person).ok_or_else(|| unreadable(person))?;
    let person = name::bare_jid(&person).ok_or(Reason::Address(person))?;
    let affiliation = word.atom().and_then(Affiliation::from_name);
    let affiliation = affiliation.ok_or_else(|| unreadable(word))?;
    let reason = Some(short_text::cut(reason)).filter(|reason| !reason.trim().is_empty());
    let affiliated = Affiliated {
        affiliation,
        reason: reason.map(Into::into),
        given_by: None,
        given_at: Timestamp(0),
    };
    Ok((affiliation != Affiliation::None).then_some((person, affiliated)))
}

/// `{User,Server,Resource}` as text.
pub(super) fn jid(term: &ErlangTerm) -> Option<String> {
    let [user, server, resource] = term.tuple()? else {
        return None;
    };
    let (user, server, resource) = (user.text()?, server.text()?, resource.text()?);
    let at = if user.is_empty() { "" } else { "@" };
    let slash = if resource.is_empty() { "" } else { "/" };
    Some(format!("{user}{at}{server}{slash}{resource}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::BondKind;
    use crate::transfer::ejabberd::term;

    fn read_room(options: &str) -> (RoomRecord, Vec<String>) {
        let jid = BareJid::new("tea@conference.example.org").unwrap();
        let mut rooms = Vec::new();
        let mut skipped = Vec::new();
        for item in read(&jid, &term::parse(options.as_bytes()).unwrap(), None) {
            match item {
                SourceItem::Record(Record::Room(room)) => rooms.push(*room),
                SourceItem::Skipped(left_out) => skipped.push(left_out.to_string()),
                other @ (SourceItem::Record(_) | SourceItem::Remark(_)) => panic!("{other:?}"),
            }
        }
        (rooms.pop().unwrap(), skipped)
    }

    fn configuration(options: &str) -> Configuration {
        read_room(options).0.snapshot.configuration
    }

    #[test]
    fn voice_that_everybody_has_is_no_moderation() {
        assert!(!configuration("[{moderated,true},{members_by_default,true}]").moderated);
        assert!(configuration("[{moderated,true},{members_by_default,false}]").moderated);
        assert!(!configuration("[{moderated,false},{members_by_default,false}]").moderated);
    }

    #[test]
    fn private_messages_are_understood_in_either_form() {
        for (options, meaning) in [
            ("[]", PrivateMessages::Anyone),
            ("[{allow_private_messages,false}]", PrivateMessages::None),
            (
                "[{allow_private_messages_from_visitors,moderators}]",
                PrivateMessages::Participants,
            ),
            ("[{allowpm,moderators}]", PrivateMessages::Moderators),
            ("[{allowpm,none}]", PrivateMessages::None),
        ] {
            assert_eq!(
                configuration(options).private_messages,
                meaning,
                "{options}"
            );
        }
    }

    #[test]
    fn a_password_that_is_switched_off_does_not_come_back() {
        let password = |options| configuration(options).password;
        let on = "[{password_protected,true},{password,<<\"x\">>}]";
        assert_eq!(password(on).as_deref(), Some("x"));
        assert_eq!(
            password("[{password_protected,false},{password,<<\"x\">>}]"),
            None
        );
        assert_eq!(
            password("[{password_protected,true},{password,<<>>}]"),
            None
        );
    }

    #[test]
    fn subjects_and_affiliations_are_understood_in_either_form() {
        let long = "x".repeat(short_text::TEXT_MAX + 1);
        let (room, skipped) = read_room(&format!(
            "[{{subject,<<\"Fire\">>}},{{subject_author,{{<<\"ann\">>,<<\"x\">>}}}},{{affiliations,[
              {{{{<<\"ann\">>,<<\"example.org\">>,<<>>}},owner}},{{{{<<>>,<<\"example.net\">>,<<>>}},
              {{outcast,<<\"{long}\">>}}}},{{{{<<\"bob\">>,<<\"example.org\">>,<<>>}},none}},
              {{{{<<\"@\">>,<<>>,<<>>}},member}}]}},{{vcard,<<\"<vCard/>\">>}}]"
        ));
        assert_eq!(skipped.len(), 2, "{skipped:?}");
        assert!(
            skipped[0].ends_with("an affiliation: \"@@\" is no address"),
            "{skipped:?}"
        );
        assert!(skipped[1].contains("its vCard"), "{skipped:?}");
        let affiliations: Vec<_> = room.snapshot.affiliations.iter().collect();
        assert_eq!(affiliations.len(), 2);
        assert_eq!(affiliations[0].1.affiliation, Affiliation::Owner);
        let reason = affiliations[1].1.reason.as_deref().unwrap();
        assert_eq!(reason.len(), short_text::TEXT_MAX);
        let set = room.snapshot.subject.set.unwrap();
        assert_eq!(
            (set.nick.as_str(), set.content.payload.as_bytes()),
            ("ann", &b"<subject>Fire</subject>"[..])
        );
    }

    #[test]
    fn members_of_a_moderated_room_had_voice_and_keep_it_as_presenters() {
        for (by_default, presenters) in [("false", 1), ("true", 0)] {
            let (room, _) = read_room(&format!(
                "[{{moderated,true}},{{members_by_default,{by_default}}},{{affiliations,[
                  {{{{<<\"bob\">>,<<\"example.org\">>,<<>>}},member}}]}}]"
            ));
            let listed = room.snapshot.bonds.of_kind(BondKind::Presenter);
            assert_eq!(listed.count(), presenters, "{by_default}");
        }
    }
}
