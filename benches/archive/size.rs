//! What a message takes on disk, and what of it.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};

/// Tells the bytes per message of each table and index.
pub fn tell(database: &Path) -> Result<()> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, f64>(0));
    let messages = one("SELECT count(*) + 0.0 FROM message")?;
    let all = one("SELECT page_count * page_size + 0.0 FROM pragma_page_count, pragma_page_size")?;
    let free = one(
        "SELECT freelist_count * page_size + 0.0 FROM pragma_freelist_count, pragma_page_size",
    )?;
    println!(
        "database: {:.0} bytes for each of {messages} messages, of these",
        all / messages
    );
    let mut statement = connection.prepare(
        "SELECT name, pgsize, unused FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (name, bytes, unused): (String, f64, f64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if bytes / messages >= TOLD_MIN {
            println!(
                "  {name:<40}{:>8.1}  ({:.0} % of it unused)",
                bytes / messages,
                100.0 * unused / bytes
            );
        }
    }
    println!("  {:<40}{:>8.1}", "free pages", free / messages);
    let payload = one("SELECT sum(length(payload)) / count(*) + 0.0 FROM message")?;
    let spoken = one(
        "SELECT sum(instr(payload, X'3C2F626F64793E') - 7) + 0.0 FROM message
         WHERE kind IN (0, 3) AND instr(payload, X'3C2F626F64793E') > 0",
    )?;
    println!(
        "a message's payload has {payload:.0} bytes, its text {:.0}",
        spoken / messages
    );
    Ok(())
}

/// Bytes per message; what has less is not told.
const TOLD_MIN: f64 = 0.5;
