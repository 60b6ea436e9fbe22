//! What is written, and what it means: the two ways between a line of JSON and a [`Record`].

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jid::BareJid;

use super::bonds::BondLists;
use super::fault::LineFault;
use super::settings::SettingsObject;
use super::word::{
    AffiliationWord, BareJidWord, JidWord, KindWord, NickWord, PrincipalsWord, TimeWord, WhoisWord,
};
use super::written::{self, JsonLine};
use crate::room::moderating::subject::{Subject, SubjectSet};
use crate::room::request::{Avatar, Named};
use crate::room::scope::Switches;
use crate::room::setting::addin::AddIn;
use crate::room::{
    Affiliated, ArchiveId, BondKind, Content, OccupantId, Payload, Salt, Snapshot, Words,
};
use crate::store::RoomRetention;
use crate::transfer::record::{
    CategoryRecord, ExportEnd, ExportHeader, MessageRecord, Record, RoomRecord,
};
use crate::wire::foreign;

/// What a line means.
///
/// # Errors
/// The [`LineFault`]s of a single line.
pub(super) fn read(line: JsonLine) -> Result<Record, LineFault> {
    match line {
        JsonLine::Header(header) => read_header(header).map(Record::Header),
        JsonLine::Category(category) => Ok(Record::Category(Box::new(read_category(category)))),
        JsonLine::Room(room) => read_room(*room).map(|room| Record::Room(Box::new(room))),
        JsonLine::Message(message) => {
            read_message(message).map(|message| Record::Message(Box::new(message)))
        }
        JsonLine::End(written::EndLine { rooms, messages }) => {
            Ok(Record::End(ExportEnd { rooms, messages }))
        }
    }
}

/// How a record is written.
///
/// # Errors
/// - [`LineFault::Bytes`]: a payload is no text, which a damaged database alone can bring about.
pub(super) fn write(record: &Record) -> Result<JsonLine, LineFault> {
    Ok(match record {
        Record::Header(header) => JsonLine::Header(written::HeaderLine {
            version: written::VERSION,
            software: header.software.clone(),
            domain: BareJidWord(header.domain.clone()),
            exported_at: TimeWord(header.exported_at),
        }),
        Record::Category(category) => JsonLine::Category(write_category(category)),
        Record::Room(room) => JsonLine::Room(Box::new(write_room(room)?)),
        Record::Message(message) => JsonLine::Message(write_message(message)?),
        Record::End(ExportEnd { rooms, messages }) => JsonLine::End(written::EndLine {
            rooms: *rooms,
            messages: *messages,
        }),
    })
}

fn read_header(header: written::HeaderLine) -> Result<ExportHeader, LineFault> {
    if header.version != written::VERSION {
        return Err(LineFault::Version {
            found: header.version,
        });
    }
    Ok(ExportHeader {
        software: header.software,
        domain: header.domain.0,
        exported_at: header.exported_at.0,
    })
}

fn read_category(category: written::CategoryLine) -> CategoryRecord {
    CategoryRecord {
        name: category.name.into(),
        description: category.description.into(),
        allowed: category.allowed.0,
        denied: category.denied.0,
        creators: category.creators.0,
        switches: Switches {
            history: category.history,
            invitations: category.invitations,
            uploads: category.uploads,
        },
    }
}

fn write_category(category: &CategoryRecord) -> written::CategoryLine {
    let switches = category.switches;
    written::CategoryLine {
        name: category.name.to_string(),
        description: category.description.to_string(),
        allowed: PrincipalsWord(category.allowed.clone()),
        denied: PrincipalsWord(category.denied.clone()),
        creators: PrincipalsWord(category.creators.clone()),
        history: switches.history,
        invitations: switches.invitations,
        uploads: switches.uploads,
    }
}

fn read_room(room: written::RoomLine) -> Result<RoomRecord, LineFault> {
    let services = [&room.jid.0];
    let affiliations = room.affiliations.into_iter().map(|entry| {
        let affiliated = Affiliated {
            affiliation: entry.affiliation.0,
            reason: entry
                .reason
                .map(|text| Words::new(text, entry.reason_language.map(Into::into))),
            given_by: entry.given_by.map(|jid| jid.0),
            given_at: entry.given_at.0,
        };
        (entry.jid.0, affiliated)
    });
    let mut snapshot = Snapshot {
        configuration: room.configuration.0,
        locked_since: room.locked_since.map(|at| at.0),
        affiliations: affiliations.collect(),
        bonds: room.bonds.bonds,
        subject: read_subject(room.subject, &services)?,
        avatar: room
            .avatar
            .map(|avatar| foreign::avatar(&avatar.vcard))
            .transpose()?,
        sessions: Vec::new(),
    };
    // A snapshot has its lists in this order; a file that somebody has edited need not.
    snapshot
        .affiliations
        .sort_by(|one, other| one.0.cmp(&other.0));
    // Before there were presenters, members had voice in every moderated room.
    if !room.bonds.listed.contains(&BondKind::Presenter) {
        snapshot.keep_voice_of_members();
    }
    Ok(RoomRecord {
        salt: room.salt.map(|salt| read_salt(&salt)).transpose()?,
        jid: room.jid.0,
        created_at: room.created_at.map(|at| at.0),
        creator: room.creator.map(|jid| jid.0),
        origin: room.origin.map(Into::into),
        category: room.category.map(Into::into),
        addin: room.addin.map(|addin| AddIn {
            name: addin.name.into(),
            url: addin.url.into(),
        }),
        snapshot,
        keep: RoomRetention {
            days: room.keep_days,
            // Files were written with larger numbers once, and nobody has that many messages.
            messages: room
                .keep_messages
                .map(|messages| u32::try_from(messages).unwrap_or(u32::MAX)),
        },
    })
}

fn read_salt(text: &str) -> Result<Salt, LineFault> {
    let bytes = BASE64_STANDARD.decode(text).ok();
    bytes
        .and_then(|bytes| Salt::try_from(bytes).ok())
        .ok_or(LineFault::Salt)
}

fn read_subject(
    subject: Option<written::WrittenSubject>,
    services: &[&BareJid],
) -> Result<Subject, LineFault> {
    let Some(subject) = subject else {
        return Ok(Subject::default());
    };
    let set = subject.set.map(|set| {
        Ok::<_, LineFault>(SubjectSet {
            nick: set.nick.0,
            at: set.at.0,
            content: Content {
                id: set.message_id.into(),
                language: set.language.map(Into::into),
                payload: foreign::said(&set.payload, services)?,
            },
        })
    });
    Ok(Subject {
        text: subject.text.into(),
        set: set.transpose()?,
    })
}

fn read_message(message: written::MessageLine) -> Result<MessageRecord, LineFault> {
    // A room's own announcements and what it has left of a message hold what nobody else may say.
    let payload = match message.kind.0.is_said() && message.nick.is_some() {
        true => foreign::said(&message.payload, &[&message.room.0])?,
        false => foreign::own(&message.payload)?,
    };
    Ok(MessageRecord {
        room: message.room.0,
        id: ArchiveId(message.id.into()),
        at: message.at.0,
        nick: message.nick.map(|nick| nick.0),
        author: message.author.map(|jid| jid.0),
        whois: message.whois.0,
        occupant_id: message.occupant_id.map(|id| OccupantId(id.into())),
        kind: message.kind.0,
        about: message.about.map(read_about),
        content: Content {
            id: message.message_id.into(),
            language: message.language.map(Into::into),
            payload,
        },
    })
}

fn read_about(about: written::WrittenAbout) -> Named {
    match about {
        written::WrittenAbout::StanzaId(id) => Named::ByArchiveId(ArchiveId(id.into())),
        written::WrittenAbout::MessageId { message_id } => Named::ByContentId(message_id.into()),
        written::WrittenAbout::Either { any_id } => Named::ByEither(any_id.into()),
    }
}

fn write_about(about: &Named) -> written::WrittenAbout {
    match about {
        Named::ByArchiveId(id) => written::WrittenAbout::StanzaId(id.0.to_string()),
        Named::ByContentId(id) => written::WrittenAbout::MessageId {
            message_id: id.to_string(),
        },
        Named::ByEither(id) => written::WrittenAbout::Either {
            any_id: id.to_string(),
        },
    }
}

fn write_room(room: &RoomRecord) -> Result<written::RoomLine, LineFault> {
    let snapshot = &room.snapshot;
    let affiliations =
        snapshot
            .affiliations
            .iter()
            .map(|(jid, entry)| written::WrittenAffiliation {
                jid: BareJidWord(jid.clone()),
                affiliation: AffiliationWord(entry.affiliation),
                reason: entry.reason.as_deref().map(Into::into),
                reason_language: entry
                    .reason
                    .as_ref()
                    .and_then(|reason| reason.language().map(Into::into)),
                given_by: entry.given_by.clone().map(BareJidWord),
                given_at: TimeWord(entry.given_at),
            });
    Ok(written::RoomLine {
        jid: BareJidWord(room.jid.clone()),
        salt: room.salt.map(|salt| BASE64_STANDARD.encode(salt)),
        created_at: room.created_at.map(TimeWord),
        creator: room.creator.clone().map(BareJidWord),
        origin: room.origin.as_deref().map(Into::into),
        category: room.category.as_deref().map(Into::into),
        locked_since: snapshot.locked_since.map(TimeWord),
        configuration: SettingsObject(snapshot.configuration.clone()),
        affiliations: affiliations.collect(),
        bonds: BondLists {
            bonds: snapshot.bonds.clone(),
            ..BondLists::default()
        },
        subject: write_subject(&snapshot.subject)?,
        avatar: snapshot.avatar.as_ref().map(write_avatar).transpose()?,
        addin: room.addin.as_ref().map(|addin| written::WrittenAddIn {
            name: addin.name.to_string(),
            url: addin.url.to_string(),
        }),
        keep_days: room.keep.days,
        keep_messages: room.keep.messages.map(u64::from),
    })
}

fn write_subject(subject: &Subject) -> Result<Option<written::WrittenSubject>, LineFault> {
    if *subject == Subject::default() {
        return Ok(None);
    }
    let set = subject.set.as_ref().map(|set| {
        Ok::<_, LineFault>(written::WrittenSubjectSet {
            nick: NickWord(set.nick.clone()),
            at: TimeWord(set.at),
            message_id: set.content.id.to_string(),
            language: set.content.language.as_deref().map(Into::into),
            payload: text(&set.content.payload)?,
        })
    });
    Ok(Some(written::WrittenSubject {
        text: subject.text.to_string(),
        set: set.transpose()?,
    }))
}

fn write_avatar(avatar: &Avatar) -> Result<written::WrittenAvatar, LineFault> {
    let vcard = text(&avatar.vcard)?;
    Ok(written::WrittenAvatar { vcard })
}

fn write_message(message: &MessageRecord) -> Result<written::MessageLine, LineFault> {
    Ok(written::MessageLine {
        room: BareJidWord(message.room.clone()),
        id: message.id.to_string(),
        at: TimeWord(message.at),
        kind: KindWord(message.kind),
        about: message.about.as_ref().map(write_about),
        nick: message.nick.clone().map(NickWord),
        author: message.author.clone().map(JidWord),
        whois: WhoisWord(message.whois),
        occupant_id: message.occupant_id.as_ref().map(ToString::to_string),
        message_id: message.content.id.to_string(),
        language: message.content.language.as_deref().map(Into::into),
        payload: text(&message.content.payload)?,
    })
}

fn text(payload: &Payload) -> Result<String, LineFault> {
    let text = std::str::from_utf8(payload.as_bytes());
    text.map(Into::into).map_err(|_| LineFault::Bytes)
}
