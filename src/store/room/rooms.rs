//! Rooms as rows: configuration, lock, subject, avatar, and the lists of rooms.

use std::sync::{Arc, LazyLock};

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, Result, Row, params, params_from_iter};

use super::{names, setting_column};
use crate::directory::RoomRetention;
use crate::room::moderating::subject::{Subject, SubjectSet};
use crate::room::request::Avatar;
use crate::room::scope::CategoryId;
use crate::room::setting::Setting;
use crate::room::setting::configuration::Configuration;
use crate::room::{Content, Payload, Salt, Timestamp};
use crate::store::column;

/// The number of a room's row.
pub(in crate::store) type RoomId = i64;

/// What a room's own row says.
pub(in crate::store) struct RoomColumns {
    /// By which the other tables refer to it.
    pub id: RoomId,
    /// The secret of occupant ids.
    pub salt: Salt,
    /// Since when it waits for its first configuration.
    pub locked_since: Option<Timestamp>,
    /// The category that it is in.
    pub category: CategoryId,
    /// What owners have set.
    pub configuration: Configuration,
    /// The subject, with the message that set it.
    pub subject: Subject,
}

/// Where a page of a list begins or ends.
#[derive(Clone, Copy, Debug)]
pub enum PagePlace<'a> {
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
pub(in crate::store) fn create(
    connection: &Connection,
    jid: Option<&BareJid>,
    salt: &Salt,
    at: Timestamp,
) -> Result<RoomId> {
    let mut statement = connection.prepare_cached(&INSERT)?;
    let mut values = vec![
        jid.map(|jid| jid.as_str().to_owned()).into(),
        salt.to_vec().into(),
        at.0.into(),
    ];
    values.extend(setting_column::values(&Configuration::default()));
    statement.insert(params_from_iter(values))
}

/// Writes the configuration.
pub(in crate::store) fn configure(
    connection: &Connection,
    room: RoomId,
    configuration: &Configuration,
) -> Result<()> {
    let mut statement = connection.prepare_cached(&UPDATE)?;
    let mut values = vec![room.into()];
    values.extend(setting_column::values(configuration));
    statement.execute(params_from_iter(values))?;
    names::set(connection, room, &configuration.name)
}

/// Moves the room to a category.
pub(in crate::store) fn set_category(
    connection: &Connection,
    room: RoomId,
    category: CategoryId,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE room SET category = ?2 WHERE id = ?1")?
        .execute(params![room, category.0])?;
    Ok(())
}

/// Reads which category a room is in.
pub(in crate::store) fn category(
    connection: &Connection,
    jid: &BareJid,
) -> Result<Option<CategoryId>> {
    connection
        .prepare_cached("SELECT category FROM room WHERE jid = ?1")?
        .query_row([jid.as_str()], |row| row.get(0).map(CategoryId))
        .optional()
}

/// Locks the room, or unlocks it.
pub(in crate::store) fn set_lock(
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
pub(in crate::store) fn keep(
    connection: &Connection,
    room: RoomId,
    keep: RoomRetention,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE room SET keep_days = ?2, keep_messages = ?3 WHERE id = ?1")?
        .execute(params![room, keep.days, keep.messages])?;
    Ok(())
}

/// Writes the subject.
pub(in crate::store) fn set_subject(
    connection: &Connection,
    room: RoomId,
    subject: &Subject,
) -> Result<()> {
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
pub(in crate::store) fn set_avatar(
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
pub(in crate::store) fn id_of(connection: &Connection, jid: &BareJid) -> Result<Option<RoomId>> {
    connection
        .prepare_cached(ID)?
        .query_row([jid.as_str()], |row| row.get(0))
        .optional()
}

/// Reads the row of a room.
pub(in crate::store) fn load(
    connection: &Connection,
    jid: &BareJid,
) -> Result<Option<RoomColumns>> {
    connection
        .prepare_cached(&SELECT)?
        .query_row([jid.as_str()], |row| {
            Ok(RoomColumns {
                id: row.get(0)?,
                salt: row.get(1)?,
                locked_since: column::timestamp_or_null(row, 2)?,
                category: CategoryId(row.get(9)?),
                configuration: setting_column::read(row, SETTINGS_AT)?,
                subject: read_subject(row)?,
            })
        })
        .optional()
}

/// Reads the avatar.
pub(in crate::store) fn load_avatar(
    connection: &Connection,
    room: RoomId,
) -> Result<Option<Avatar>> {
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

/// Notes who has created a room.
pub(in crate::store) fn set_creator(
    connection: &Connection,
    id: RoomId,
    creator: &BareJid,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE room SET creator = ?2 WHERE id = ?1")?
        .execute(params![id, creator.as_str()])?;
    Ok(())
}

/// Notes where a room comes from, unless another has come from there before.
pub(in crate::store) fn set_origin(
    connection: &Connection,
    id: RoomId,
    origin: &str,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE room SET origin = ?2 WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM room WHERE origin = ?2 AND jid IS NOT NULL)",
        )?
        .execute(params![id, origin])?;
    Ok(())
}

/// Reads who has created a room.
pub(in crate::store) fn creator(connection: &Connection, jid: &BareJid) -> Result<Option<BareJid>> {
    let found: Option<Option<BareJid>> = connection
        .prepare_cached("SELECT creator FROM room WHERE jid = ?1")?
        .query_row([jid.as_str()], |row| column::bare_jid_or_null(row, 0))
        .optional()?;
    Ok(found.flatten())
}

/// Counts the rooms that somebody has created.
pub(in crate::store) fn count_created(connection: &Connection, creator: &BareJid) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM room WHERE creator = ?1 AND jid IS NOT NULL")?
        .query_row([creator.as_str()], |row| row.get(0).map(i64::cast_unsigned))
}

/// Reads the addresses of all rooms that wait for their first configuration, or hide somebody.
pub(in crate::store) fn with_deadlines(connection: &Connection) -> Result<Vec<BareJid>> {
    connection
        .prepare_cached(
            "SELECT jid FROM room
             WHERE (locked_since IS NOT NULL
                 OR id IN (SELECT room FROM session INDEXED BY session_hidden WHERE seen_below IS NOT NULL))
                 AND jid IS NOT NULL
             ORDER BY jid",
        )?
        .query_map([], |row| column::bare_jid(row, 0))?
        .collect()
}

fn read_subject(row: &Row<'_>) -> Result<Subject> {
    let text: Arc<str> = column::text(row, 3)?;
    if row.get::<_, Option<Arc<str>>>(4)?.is_none() {
        return Ok(Subject { text, set: None });
    }
    let payload: Payload = column::payload(row, 8)?;
    let content = Content {
        id: column::text(row, 6)?,
        language: column::text_or_null(row, 7)?,
        payload,
    };
    let set = SubjectSet {
        nick: column::nick(row, 4)?,
        at: column::timestamp(row, 5)?,
        content,
    };
    Ok(Subject {
        text,
        set: Some(set),
    })
}

/// Makes a row.
static INSERT: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<_> = (4..)
        .take(Setting::ALL.len())
        .map(|n| format!("?{n}"))
        .collect();
    format!(
        "INSERT INTO room (jid, salt, created_at, {}) VALUES (?1, ?2, ?3, {})",
        Setting::NAMES.join(", "),
        places.join(", ")
    )
});

/// Writes all settings of a row.
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<_> = (2..)
        .zip(Setting::NAMES)
        .map(|(n, name)| format!("{name} = ?{n}"))
        .collect();
    format!("UPDATE room SET {} WHERE id = ?1", places.join(", "))
});

/// Reads a row.
pub(in crate::store) static SELECT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT id, salt, locked_since, subject, subject_nick, subject_at, subject_id, subject_language,
             subject_payload, category, {} FROM room WHERE jid = ?1",
        Setting::NAMES.join(", ")
    )
});

/// Where the settings begin in what [`SELECT`] reads.
const SETTINGS_AT: usize = 10;

pub(in crate::store) const ID: &str = "SELECT id FROM room WHERE jid = ?1";

pub(in crate::store) const AVATAR: &str = "SELECT vcard, hash FROM avatar WHERE room = ?1";
