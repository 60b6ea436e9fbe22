//! Rooms as rows: configuration, lock, subject, avatar, and the lists of rooms.

use std::sync::Arc;

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::{PublicRoom, Salt, column};
use crate::directory::RoomRetention;
use crate::room::configuration::Configuration;
use crate::room::request::Avatar;
use crate::room::subject::{Subject, SubjectSet};
use crate::room::{Content, Payload, Timestamp};

/// The number of a room's row.
pub(super) type RoomId = i64;

/// What a room's own row says.
pub(super) struct RoomRow {
    /// By which the other tables refer to it.
    pub id: RoomId,
    /// The secret of occupant ids.
    pub salt: Salt,
    /// Since when it waits for its first configuration.
    pub locked_since: Option<Timestamp>,
    /// What owners have set.
    pub configuration: Configuration,
    /// The subject.
    pub subject: Subject,
}

/// Where a page of a list begins or ends.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The first page.
    First,
    /// The page that follows this address.
    After(&'a BareJid),
    /// The page that ends before this address.
    Before(&'a BareJid),
    /// The last page.
    Last,
}

/// Makes the row of a new room, with the default configuration; without an address nobody finds it.
///
/// It fails when the address is taken: nothing is ever overwritten.
pub(super) fn create(
    connection: &Connection,
    jid: Option<&BareJid>,
    salt: &Salt,
    at: Timestamp,
) -> Result<RoomId> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO room (jid, salt, created_at, name, description, language, persistent, public,
             members_only, moderated, whois, subject_open, invitations_open, private_messages,
             presence_broadcast, member_list_readers, logged, history_max, pubsub_node, nick_locked,
             registration)
         VALUES (?1, ?2, ?3, '', '', '', 0, 0, 0, 0, 'anyone', 0, 0, 'anyone', '', '', 0, 0, '', 0, 'closed')",
    )?;
    let id = statement.insert(params![jid.map(|jid| jid.as_str()), salt, at.0])?;
    configure(connection, id, &Configuration::default())?;
    Ok(id)
}

/// Writes the configuration.
pub(super) fn configure(
    connection: &Connection,
    room: RoomId,
    configuration: &Configuration,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "UPDATE room SET name = ?2, description = ?3, language = ?4, persistent = ?5, public = ?6,
             members_only = ?7, moderated = ?8, password = ?9, occupants_max = ?10, whois = ?11,
             subject_open = ?12, invitations_open = ?13, private_messages = ?14,
             presence_broadcast = ?15, member_list_readers = ?16, logged = ?17, history_max = ?18,
             pubsub_node = ?19, nick_locked = ?20, registration = ?21
         WHERE id = ?1",
    )?;
    statement.execute(params![
        room,
        configuration.name,
        configuration.description,
        configuration.language,
        configuration.persistent,
        configuration.public,
        configuration.members_only,
        configuration.moderated,
        configuration.password,
        configuration.occupants_max,
        column::whois_name(configuration.whois),
        configuration.subject_open,
        configuration.invitations_open,
        column::private_messages_name(configuration.private_messages),
        column::roles_text(&configuration.presence_broadcast),
        column::roles_text(&configuration.member_list_readers),
        configuration.logged,
        configuration.history_max,
        configuration.pubsub_node,
        configuration.nick_locked,
        column::registration_policy_name(configuration.registration),
    ])?;
    Ok(())
}

/// Locks the room, or unlocks it.
pub(super) fn set_lock(
    connection: &Connection,
    room: RoomId,
    since: Option<Timestamp>,
) -> Result<()> {
    let mut statement =
        connection.prepare_cached("UPDATE room SET locked_since = ?2 WHERE id = ?1")?;
    statement.execute(params![room, since.map(|since| since.0)])?;
    Ok(())
}

/// Writes how long the room keeps what is said in it.
pub(super) fn keep(connection: &Connection, room: RoomId, keep: RoomRetention) -> Result<()> {
    connection
        .prepare_cached("UPDATE room SET keep_days = ?2, keep_messages = ?3 WHERE id = ?1")?
        .execute(params![room, keep.days, keep.messages])?;
    Ok(())
}

/// Writes the subject.
pub(super) fn set_subject(connection: &Connection, room: RoomId, subject: &Subject) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "UPDATE room SET subject = ?2, subject_nick = ?3, subject_at = ?4, subject_id = ?5,
             subject_language = ?6, subject_payload = ?7
         WHERE id = ?1",
    )?;
    let set = subject.set.as_ref();
    statement.execute(params![
        room,
        subject.text,
        set.map(|set| set.nick.as_str()),
        set.map(|set| set.at.0),
        set.map(|set| &set.content.id),
        set.and_then(|set| set.content.language.as_ref()),
        set.map(|set| set.content.payload.as_bytes()),
    ])?;
    Ok(())
}

/// Writes the avatar, or takes it away.
pub(super) fn set_avatar(
    connection: &Connection,
    room: RoomId,
    avatar: Option<&Avatar>,
) -> Result<()> {
    let Some(avatar) = avatar else {
        connection
            .prepare_cached("DELETE FROM avatar WHERE room = ?1")?
            .execute([room])?;
        return Ok(());
    };
    let mut statement =
        connection.prepare_cached("REPLACE INTO avatar (room, vcard, hash) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![room, avatar.vcard.as_bytes(), avatar.hash])?;
    Ok(())
}

/// Finds the row of a room.
pub(super) fn id_of(connection: &Connection, jid: &BareJid) -> Result<Option<RoomId>> {
    connection
        .prepare_cached(ID)?
        .query_row([jid.as_str()], |row| row.get(0))
        .optional()
}

/// Reads the row of a room.
pub(super) fn load(connection: &Connection, jid: &BareJid) -> Result<Option<RoomRow>> {
    connection
        .prepare_cached(ROW)?
        .query_row([jid.as_str()], |row| {
            Ok(RoomRow {
                id: row.get(0)?,
                salt: row.get(1)?,
                locked_since: column::timestamp_or_null(row, 2)?,
                configuration: read_configuration(row)?,
                subject: read_subject(row)?,
            })
        })
        .optional()
}

/// Reads the avatar.
pub(super) fn load_avatar(connection: &Connection, room: RoomId) -> Result<Option<Avatar>> {
    connection
        .prepare_cached(AVATAR)?
        .query_row([room], |row| {
            Ok(Avatar {
                vcard: column::payload(row, 0)?,
                hash: column::text(row, 1)?,
            })
        })
        .optional()
}

/// Reads a page of the rooms that are public and not locked, in the order of their addresses.
pub(super) fn public(
    connection: &Connection,
    place: Place<'_>,
    rooms_max: u32,
) -> Result<Vec<PublicRoom>> {
    let (sql, bound, backwards) = match place {
        Place::First => (PUBLIC_AFTER, "", false),
        Place::After(jid) => (PUBLIC_AFTER, jid.as_str(), false),
        Place::Before(jid) => (PUBLIC_BEFORE, jid.as_str(), true),
        Place::Last => (PUBLIC_BEFORE, BEHIND_ALL, true),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![bound, rooms_max], |row| {
        Ok(PublicRoom {
            jid: column::bare_jid(row, 0)?,
            name: column::text(row, 1)?,
        })
    })?;
    let mut rooms = rows.collect::<Result<Vec<_>>>()?;
    if backwards {
        rooms.reverse();
    }
    Ok(rooms)
}

/// Notes who has created a room.
pub(super) fn set_creator(connection: &Connection, id: RoomId, creator: &BareJid) -> Result<()> {
    connection
        .prepare_cached("UPDATE room SET creator = ?2 WHERE id = ?1")?
        .execute(params![id, creator.as_str()])?;
    Ok(())
}

/// Reads who has created a room.
pub(super) fn creator(connection: &Connection, jid: &BareJid) -> Result<Option<BareJid>> {
    let found: Option<Option<BareJid>> = connection
        .prepare_cached("SELECT creator FROM room WHERE jid = ?1")?
        .query_row([jid.as_str()], |row| column::bare_jid_or_null(row, 0))
        .optional()?;
    Ok(found.flatten())
}

/// Counts the rooms that somebody has created.
pub(super) fn count_created(connection: &Connection, creator: &BareJid) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM room WHERE creator = ?1 AND jid IS NOT NULL")?
        .query_row([creator.as_str()], |row| row.get(0).map(i64::cast_unsigned))
}

/// Counts the rooms that are public and not locked.
pub(super) fn count_public(connection: &Connection) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM room WHERE public = 1 AND locked_since IS NULL")?
        .query_row([], |row| row.get(0).map(i64::cast_unsigned))
}

/// Reads the addresses of all rooms that wait for their first configuration.
pub(super) fn locked(connection: &Connection) -> Result<Vec<BareJid>> {
    connection
        .prepare_cached("SELECT jid FROM room WHERE locked_since IS NOT NULL ORDER BY jid")?
        .query_map([], |row| column::bare_jid(row, 0))?
        .collect()
}

fn read_configuration(row: &Row<'_>) -> Result<Configuration> {
    Ok(Configuration {
        name: column::text(row, 3)?,
        description: column::text(row, 4)?,
        language: column::text(row, 5)?,
        persistent: row.get(6)?,
        public: row.get(7)?,
        members_only: row.get(8)?,
        moderated: row.get(9)?,
        password: column::text_or_null(row, 10)?,
        occupants_max: row.get(11)?,
        whois: column::whois(row, 12)?,
        subject_open: row.get(13)?,
        invitations_open: row.get(14)?,
        private_messages: column::private_messages(row, 15)?,
        presence_broadcast: column::roles(row, 16)?,
        member_list_readers: column::roles(row, 17)?,
        logged: row.get(18)?,
        history_max: row.get(19)?,
        pubsub_node: column::text(row, 20)?,
        nick_locked: row.get(21)?,
        registration: column::registration_policy(row, 22)?,
    })
}

fn read_subject(row: &Row<'_>) -> Result<Subject> {
    let text: Arc<str> = column::text(row, 23)?;
    if row.get::<_, Option<Arc<str>>>(24)?.is_none() {
        return Ok(Subject { text, set: None });
    }
    let payload: Payload = column::payload(row, 28)?;
    let content = Content {
        id: column::text(row, 26)?,
        language: column::text_or_null(row, 27)?,
        payload,
    };
    let set = SubjectSet {
        nick: column::nick(row, 24)?,
        at: column::timestamp(row, 25)?,
        content,
    };
    Ok(Subject {
        text,
        set: Some(set),
    })
}

const PUBLIC_AFTER: &str = "SELECT jid, name FROM room
     WHERE public = 1 AND locked_since IS NULL AND jid > ?1 ORDER BY jid LIMIT ?2";

const PUBLIC_BEFORE: &str = "SELECT jid, name FROM room
     WHERE public = 1 AND locked_since IS NULL AND jid < ?1 ORDER BY jid DESC LIMIT ?2";

/// A text behind all JIDs.
const BEHIND_ALL: &str = "\u{10ffff}";

pub(super) const ID: &str = "SELECT id FROM room WHERE jid = ?1";

pub(super) const ROW: &str =
    "SELECT id, salt, locked_since, name, description, language, persistent, public,
     members_only, moderated, password, occupants_max, whois, subject_open,
     invitations_open, private_messages, presence_broadcast, member_list_readers,
     logged, history_max, pubsub_node, nick_locked, registration, subject,
     subject_nick, subject_at, subject_id, subject_language, subject_payload
     FROM room WHERE jid = ?1";

pub(super) const AVATAR: &str = "SELECT vcard, hash FROM avatar WHERE room = ?1";
