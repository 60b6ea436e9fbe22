//! The address of a new room, made of its name.
//!
//! People type addresses and read them in links, so one is made that reads like the name. A secret
//! room must not be met by guessing, so its address has nothing of the name.

use jid::BareJid;

use crate::command::{Error, Tools};
use crate::room::text::address;

/// The address that a room of a name gets: the first one that nothing is known of.
///
/// # Errors
/// The database can't be read.
pub(super) fn of_name(tools: &Tools, name: &str) -> Result<BareJid, Error> {
    let stem = stem(name);
    for number in 1..=NUMBER_MAX {
        let localpart = match number {
            1 => stem.clone(),
            number => format!("{stem}-{number}"),
        };
        if let Some(room) = at(&localpart, &tools.service)
            && tools.survey.is_unused(&room)?
        {
            return Ok(room);
        }
    }
    Ok(unguessable(tools))
}

/// An address that nobody meets by guessing: 128 bits of chance.
pub(super) fn unguessable(tools: &Tools) -> BareJid {
    let salt = (tools.environment.fresh_salt)();
    let localpart: String = salt[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    at(&localpart, &tools.service).expect("hexadecimal digits are a localpart")
}

/// The room of a localpart, if it can be one.
pub(super) fn at(localpart: &str, service: &BareJid) -> Option<BareJid> {
    let room = address::parse_bare(&format!("{localpart}@{}", service.domain())).ok()?;
    room.node().is_some().then_some(room)
}

fn stem(name: &str) -> String {
    let stem = address::of_name(name, BYTES_MAX);
    match stem.is_empty() {
        true => "room".to_owned(),
        false => stem,
    }
}

/// Where an address is cut off, roughly; a longer one could not be read out any more.
const BYTES_MAX: usize = 60;

/// The last number that is tried behind a name.
const NUMBER_MAX: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_like_the_name() {
        let service = BareJid::new("rooms.example.org").unwrap();
        let made = |name: &str| {
            at(&stem(name), &service)
                .unwrap()
                .node()
                .unwrap()
                .to_string()
        };
        assert_eq!(made("Sales floor"), "sales-floor");
        assert_eq!(made("  R&D / 'Q4' <2026>  "), "r-d-q4-2026");
        assert_eq!(made("Größe"), "grösse");
        assert_eq!(made("Продажи"), "продажи");
        assert_eq!(made("🎉"), "room");
        assert!(made(&"long ".repeat(99)).len() <= BYTES_MAX);
    }
}
