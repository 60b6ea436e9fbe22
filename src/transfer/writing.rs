//! How a [`Record`] is written: as a line of JSON.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::json_lines::Fault;
use super::record::{End, MessageRecord, Record, RoomRecord};
use super::word::{AffiliationWord, Any, Bare, Name, RoleWord, Time};
use super::written::{self, Line};
use crate::room::Payload;
use crate::room::configuration::Configuration;
use crate::room::request::{Avatar, Roles};
use crate::room::subject::Subject;

/// How a record is written.
///
/// # Errors
/// - [`Fault::Bytes`]: a payload is no text, which a damaged database alone can bring about.
pub(super) fn write(record: &Record) -> Result<Line, Fault> {
    Ok(match record {
        Record::Header(header) => Line::Header(written::Header {
            version: written::VERSION,
            software: header.software.clone(),
            domain: Bare(header.domain.clone()),
            exported_at: Time(header.exported_at),
        }),
        Record::Room(room) => Line::Room(Box::new(write_room(room)?)),
        Record::Message(message) => Line::Message(write_message(message)?),
        Record::End(End { rooms, messages }) => Line::End(written::End {
            rooms: *rooms,
            messages: *messages,
        }),
    })
}

fn write_room(room: &RoomRecord) -> Result<written::Room, Fault> {
    let snapshot = &room.snapshot;
    let affiliations = snapshot
        .affiliations
        .iter()
        .map(|(jid, entry)| written::Affiliated {
            jid: Bare(jid.clone()),
            affiliation: AffiliationWord(entry.affiliation),
            reason: entry.reason.as_deref().map(Into::into),
            given_by: entry.given_by.clone().map(Bare),
            given_at: Time(entry.given_at),
        });
    let registrations = snapshot
        .registrations
        .iter()
        .map(|(jid, nick)| written::Registered {
            jid: Bare(jid.clone()),
            nick: Name(nick.clone()),
        });
    let voices = snapshot.voices.iter().map(|(jid, role)| written::Voiced {
        jid: Bare(jid.clone()),
        role: RoleWord(*role),
    });
    Ok(written::Room {
        jid: Bare(room.jid.clone()),
        salt: room.salt.map(|salt| BASE64_STANDARD.encode(salt)),
        created_at: room.created_at.map(Time),
        creator: room.creator.clone().map(Bare),
        locked_since: snapshot.locked_since.map(Time),
        configuration: written::Settings::from(&snapshot.configuration),
        affiliations: affiliations.collect(),
        registered_nicks: registrations.collect(),
        voices: voices.collect(),
        subject: write_subject(&snapshot.subject)?,
        avatar: snapshot.avatar.as_ref().map(write_avatar).transpose()?,
        keep_days: room.retention.keep_days,
        keep_messages: room.retention.keep_messages,
    })
}

fn write_subject(subject: &Subject) -> Result<Option<written::Subject>, Fault> {
    if *subject == Subject::default() {
        return Ok(None);
    }
    let set = subject.set.as_ref().map(|set| {
        Ok::<_, Fault>(written::SubjectSet {
            nick: Name(set.nick.clone()),
            at: Time(set.at),
            message_id: set.content.id.to_string(),
            language: set.content.language.as_deref().map(Into::into),
            payload: text(&set.content.payload)?,
        })
    });
    Ok(Some(written::Subject {
        text: subject.text.to_string(),
        set: set.transpose()?,
    }))
}

fn write_avatar(avatar: &Avatar) -> Result<written::Avatar, Fault> {
    let vcard = text(&avatar.vcard)?;
    Ok(written::Avatar { vcard })
}

fn write_message(message: &MessageRecord) -> Result<written::Message, Fault> {
    Ok(written::Message {
        room: Bare(message.room.clone()),
        id: message.id.to_string(),
        at: Time(message.at),
        kind: message.kind,
        nick: message.nick.clone().map(Name),
        author: message.author.clone().map(Any),
        occupant_id: message.occupant_id.as_ref().map(ToString::to_string),
        message_id: message.content.id.to_string(),
        language: message.content.language.as_deref().map(Into::into),
        payload: text(&message.content.payload)?,
    })
}

fn text(payload: &Payload) -> Result<String, Fault> {
    let text = std::str::from_utf8(payload.as_bytes());
    text.map(Into::into).map_err(|_| Fault::Bytes)
}

impl From<&Configuration> for written::Settings {
    fn from(configuration: &Configuration) -> Self {
        let words = |roles: &Roles| roles.iter().copied().map(RoleWord).collect();
        Self {
            name: configuration.name.to_string(),
            description: configuration.description.to_string(),
            language: configuration.language.to_string(),
            persistent: configuration.persistent,
            public: configuration.public,
            members_only: configuration.members_only,
            moderated: configuration.moderated,
            password: configuration.password.as_deref().map(Into::into),
            occupants_max: configuration.occupants_max,
            whois: configuration.whois,
            subject_open: configuration.subject_open,
            invitations_open: configuration.invitations_open,
            private_messages: configuration.private_messages,
            presence_broadcast: words(&configuration.presence_broadcast),
            member_list_readers: words(&configuration.member_list_readers),
            logged: configuration.logged,
            history_max: configuration.history_max,
            pubsub_node: configuration.pubsub_node.to_string(),
            nick_locked: configuration.nick_locked,
            registration: configuration.registration,
        }
    }
}

impl Default for written::Settings {
    fn default() -> Self {
        Self::from(&Configuration::default())
    }
}
