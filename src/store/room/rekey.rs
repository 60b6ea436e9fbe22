//! Making the keys of reserved nicks and of rooms' names anew, when they are of another making than
//! this program's: after an update that takes others for the same, and in a database from before
//! there were keys.

use rusqlite::{Connection, Result, TransactionBehavior, params};

use super::names;
use crate::room::{NameKey, NickKey};
use crate::store::{column, meta};

/// Makes the keys if those of the database are others, in one transaction. Some hundred thousand
/// take a second.
pub(in crate::store) fn bring_up_to_date(connection: &mut Connection) -> Result<()> {
    make_names(connection)?;
    let making = NickKey::VERSION.to_string();
    if meta::load(connection, META_KEY)?.as_ref() == Some(&making) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut nicks = transaction.prepare("SELECT room, jid, nick FROM registration")?;
        let mut set = transaction
            .prepare("UPDATE registration SET nick_key = ?3 WHERE room = ?1 AND jid = ?2")?;
        let mut keys = Vec::new();
        let mut rows = nicks.query([])?;
        while let Some(row) = rows.next()? {
            let (room, jid): (i64, String) = (row.get(0)?, row.get(1)?);
            keys.push((room, jid, column::nick(row, 2)?.key()));
        }
        for (room, jid, key) in keys {
            set.execute(params![room, jid, key.as_str()])?;
        }
    }
    meta::set(&transaction, META_KEY, &making)?;
    transaction.commit()
}

/// Makes the keys of the names of all rooms, those that have ended aside.
fn make_names(connection: &mut Connection) -> Result<()> {
    let making = NameKey::VERSION.to_string();
    if meta::load(connection, NAMES_META_KEY)?.as_ref() == Some(&making) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let named: Vec<(i64, String)> = transaction
        .prepare("SELECT id, name FROM room WHERE name <> '' AND jid IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    for (room, name) in named {
        names::set(&transaction, room, &name)?;
    }
    meta::set(&transaction, NAMES_META_KEY, &making)?;
    transaction.commit()
}

const META_KEY: &str = "nick keys";

const NAMES_META_KEY: &str = "name keys";
