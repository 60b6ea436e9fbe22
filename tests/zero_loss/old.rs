//! A database that the first version of the program has left.

use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::disk::Disk;
use super::notes::FILES;

/// What is on a disk with such a database: one of the crowd's rooms, with that number of messages.
pub fn database(messages: u32) -> Disk {
    let folder = TempDir::new().expect("a temporary directory can be made");
    let path = folder.path().join(FILES[0]);
    let mut connection = Connection::open(path).expect("a database can be made");
    fill(&mut connection, messages).expect("it takes what fits its tables");
    drop(connection);
    Disk::read(folder.path()).expect("it was just written")
}

fn fill(connection: &mut Connection, messages: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(include_str!("../../schema/0001_rooms.sql"))?;
    transaction.execute_batch(ROOM)?;
    for number in 0..messages {
        let id = format!("0.0.{number}");
        let payload = format!("<body>{id} {}</body>", "words ".repeat(20));
        let archive_id = format!("{number:032x}");
        transaction.prepare_cached(MESSAGE)?.execute(params![
            archive_id,
            number,
            id,
            payload.as_bytes()
        ])?;
    }
    transaction.commit()
}

const ROOM: &str = "PRAGMA application_id = 0x4c59434d;
    PRAGMA user_version = 1;
    INSERT INTO room (id, jid, salt, created_at, name, description, language, persistent, public,
        members_only, moderated, whois, subject_open, invitations_open, private_messages,
        presence_broadcast, member_list_readers, logged, history_max, pubsub_node, nick_locked,
        registration)
    VALUES (1, 'red@rooms.example.org', zeroblob(32), 0, '', '', '', 1, 1, 0, 0, 'anyone', 0, 1,
        'anyone', 'moderator participant visitor', 'moderator participant', 0, 20, '', 0, 'open');
    INSERT INTO affiliation (room, jid, affiliation, given_at)
    VALUES (1, 'ann@example.org', 'owner', 0);";

const MESSAGE: &str = "INSERT INTO message
        (room, archive_id, at, kind, nick, occupant_id, author, content_id, payload)
    VALUES (1, ?1, ?2, 'speech', 'ann', 'occupant', 'ann@example.org/desk', ?3, ?4)";
