//! Ids that clients and services make, as the database has them: a UUID as its bytes, everything
//! else as it is.

use std::sync::Arc;

use rusqlite::types::{FromSqlError, ToSqlOutput, Value, ValueRef};
use rusqlite::{Result, Row, ToSql};
use uuid::Uuid;

/// An id on its way into the database.
pub(in crate::store) struct Identifier<'a>(pub &'a str);

impl ToSql for Identifier<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        let Some(uuid) = Uuid::try_parse(self.0).ok() else {
            return Ok(ToSqlOutput::from(self.0));
        };
        let mut text = Uuid::encode_buffer();
        if uuid.simple().encode_lower(&mut text) == self.0 {
            return Ok(ToSqlOutput::Owned(Value::Blob(uuid.as_bytes().to_vec())));
        }
        if uuid.hyphenated().encode_lower(&mut text) == self.0 {
            let mut bytes = vec![b'-'];
            bytes.extend_from_slice(uuid.as_bytes());
            return Ok(ToSqlOutput::Owned(Value::Blob(bytes)));
        }
        Ok(ToSqlOutput::from(self.0))
    }
}

/// Reads an id.
pub(in crate::store) fn read(row: &Row<'_>, index: usize) -> Result<Arc<str>> {
    let value = row.get_ref(index)?;
    let unexpected = |reason: FromSqlError| {
        rusqlite::Error::FromSqlConversionFailure(index, value.data_type(), reason.into())
    };
    let bytes = match value {
        ValueRef::Text(_) => return Ok(value.as_str().map_err(unexpected)?.into()),
        ValueRef::Blob(bytes) => bytes,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {
            return Err(unexpected(FromSqlError::InvalidType));
        }
    };
    let mut text = Uuid::encode_buffer();
    let (hyphenated, uuid) = match bytes.strip_prefix(b"-") {
        Some(rest) if bytes.len() == 17 => (true, rest),
        _ => (false, bytes),
    };
    let uuid = Uuid::from_slice(uuid).map_err(|_| unexpected(FromSqlError::InvalidType))?;
    Ok(match hyphenated {
        true => (&*uuid.hyphenated().encode_lower(&mut text)).into(),
        false => (&*uuid.simple().encode_lower(&mut text)).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn every_id_comes_back_as_it_was() {
        let connection = Connection::open_in_memory().unwrap();
        for id in [
            "",
            "a",
            "019a9f3ce0a87c0f9d6f1f1d1a2b3c4d",
            "019A9F3CE0A87C0F9D6F1F1D1A2B3C4D",
            "019a9f3c-e0a8-7c0f-9d6f-1f1d1a2b3c4d",
            "019a9f3c-E0a8-7c0f-9d6f-1f1d1a2b3c4d",
            "{019a9f3c-e0a8-7c0f-9d6f-1f1d1a2b3c4d}",
            "urn:uuid:019a9f3c-e0a8-7c0f-9d6f-1f1d1a2b3c4d",
            "1763690000123456",
        ] {
            let found = connection
                .query_row("SELECT ?1", [Identifier(id)], |row| read(row, 0))
                .unwrap();
            assert_eq!(&*found, id);
        }
    }
}
