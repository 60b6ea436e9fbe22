//! Rooms among the arguments of commands.

use std::fmt;
use std::str::FromStr;

use jid::BareJid;
use serde::{Deserialize, Serialize};

use crate::room::text::address;

/// A room as people name it: its address, or what stands in it before the `@`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoomName {
    text: String,
    /// With some domain, when the text has none.
    jid: BareJid,
}

impl FromStr for RoomName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let jid = match text.contains('@') {
            true => address::parse_bare(text),
            false => address::parse_bare(&format!("{text}@example")),
        };
        let jid = jid.map_err(|error| format!("this is no address of a room: {error}"))?;
        let text = text.to_owned();
        Ok(Self { text, jid })
    }
}

impl RoomName {
    /// The address in a service's domain, unless the name has a domain of its own.
    pub fn at(&self, service: &BareJid) -> BareJid {
        match self.is_address() {
            true => self.jid.clone(),
            false => BareJid::from_parts(self.jid.node(), service.domain()),
        }
    }

    /// The domain, if the name has one.
    pub fn domain(&self) -> Option<&str> {
        self.is_address().then(|| self.jid.domain().as_str())
    }

    fn is_address(&self) -> bool {
        self.text.contains('@')
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl TryFrom<String> for RoomName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<RoomName> for String {
    fn from(name: RoomName) -> Self {
        name.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_domain_is_a_room_of_the_service_that_is_asked() {
        let service = BareJid::new("rooms.example.org").unwrap();
        let room = |text: &str| text.parse::<RoomName>().unwrap().at(&service);
        assert_eq!(room("Hall").as_str(), "hall@rooms.example.org");
        assert_eq!(room("hall@elsewhere.org").as_str(), "hall@elsewhere.org");
        assert!("@".parse::<RoomName>().is_err());
    }

    #[test]
    fn a_name_is_sent_as_it_was_typed() {
        let name: RoomName = "Hall".parse().unwrap();
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(json, "\"Hall\"");
        assert_eq!(serde_json::from_str::<RoomName>(&json).unwrap(), name);
        assert!(serde_json::from_str::<RoomName>("\"a@b@c\"").is_err());
    }
}
