//! SIP addresses as XMPP addresses, and addresses for rooms. RFC 7247 §4, XEP-0106.

use std::collections::BTreeSet;

use jid::BareJid;
use uuid::Uuid;

use crate::room::text::address;
use crate::transfer::name;

/// The parts of a SIP address: who, percent-encoding undone, and the domain, in small letters.
/// `None` when it is none.
pub(super) fn sip(uri: &str) -> Option<(String, String)> {
    let uri = uri.trim();
    let rest = match uri.split_once(':') {
        Some((scheme, rest)) if ["sip", "sips"].contains(&&*scheme.to_lowercase()) => rest,
        Some((scheme, _)) if !scheme.contains('@') => return None,
        _ => uri,
    };
    let rest = rest.split([';', '?']).next()?;
    let (user, host) = rest.rsplit_once('@')?;
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let user = unpercent(user)?.to_lowercase();
    (!user.is_empty() && !host.is_empty()).then(|| (user, host.to_lowercase()))
}

/// The XMPP address of somebody at a domain. `None` when it can't be one.
pub(super) fn person(user: &str, domain: &str) -> Option<BareJid> {
    let person = name::bare_jid(&format!("{}@{domain}", escape(user)?))?;
    person.node().is_some().then_some(person)
}

/// The address that stands for somebody who has none here, and belongs to nobody: their old one, in
/// a domain that never is (RFC 2606), or the directory's id of them.
pub(super) fn nobodys(uri: &str, guid: Uuid) -> BareJid {
    let old = sip(uri).and_then(|(user, host)| person(&user, &format!("{host}.invalid")));
    let by_guid = || name::bare_jid(&format!("{}@principal.invalid", guid.hyphenated()));
    old.or_else(by_guid).unwrap_or_else(|| {
        // A GUID's digits and hyphens are good in any address.
        BareJid::new("nobody.invalid").expect("it is an address")
    })
}

/// Addresses for rooms, no two of them the same.
#[derive(Debug)]
pub(super) struct RoomAddresses {
    domain: BareJid,
    taken: BTreeSet<BareJid>,
}

impl RoomAddresses {
    /// Addresses of a domain.
    pub fn new(domain: &BareJid) -> Self {
        Self {
            domain: domain.clone(),
            taken: BTreeSet::new(),
        }
    }

    /// An address that can be read, made of a name; of two names that differ in nothing but what
    /// an address can't have, the second is told apart by the id.
    pub fn readable(&mut self, name: &str, guid: Uuid) -> BareJid {
        let word = address::of_name(name, READABLE_BYTES_MAX);
        let short = guid.simple().to_string();
        let texts = [word.clone(), format!("{word}-{}", &short[..8])];
        for text in texts
            .iter()
            .filter(|text| !text.starts_with('-') && !text.is_empty())
        {
            if let Some(room) = self.at(text).filter(|room| !self.taken.contains(room)) {
                self.taken.insert(room.clone());
                return room;
            }
        }
        self.secret(guid)
    }

    /// An address that nobody guesses: the id.
    pub fn secret(&mut self, guid: Uuid) -> BareJid {
        let room = self.at(&guid.hyphenated().to_string());
        let room = room.unwrap_or_else(|| self.domain.clone());
        self.taken.insert(room.clone());
        room
    }

    fn at(&self, localpart: &str) -> Option<BareJid> {
        let room = name::bare_jid(&format!("{localpart}@{}", self.domain))?;
        room.node().is_some().then_some(room)
    }
}

/// The user part of an address, with what it can't have replaced. XEP-0106.
fn escape(user: &str) -> Option<String> {
    if user.starts_with(' ') || user.ends_with(' ') {
        return None;
    }
    let mut escaped = String::with_capacity(user.len());
    for (at, character) in user.char_indices() {
        let is_escape = |code: &&str| user[at + 1..].starts_with(*code);
        match character {
            '\\' if !CODES.iter().any(is_escape) => escaped.push('\\'),
            ' ' | '"' | '&' | '\'' | '/' | ':' | '<' | '>' | '@' | '\\' => {
                escaped.push_str(&format!("\\{:02x}", u32::from(character)));
            }
            other => escaped.push(other),
        }
    }
    Some(escaped)
}

fn unpercent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// What stands behind the backslash of an escape. XEP-0106 §4 (#escaping).
const CODES: [&str; 10] = ["20", "22", "26", "27", "2f", "3a", "3c", "3e", "40", "5c"];
/// Names are longer than what anybody would type as an address.
const READABLE_BYTES_MAX: usize = 61;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sip_address_becomes_a_jid() {
        let jid = |uri: &str| {
            let (user, host) = sip(uri)?;
            person(&user, &host).map(|jid| jid.to_string())
        };
        for (uri, expected) in [
            ("sip:Ann.Old@Contoso.com", "ann.old@contoso.com"),
            ("SIPS:ann@contoso.com:5061;transport=tls", "ann@contoso.com"),
            ("ann@contoso.com?x=y", "ann@contoso.com"),
            ("sip:o%27neil@contoso.com", "o\\27neil@contoso.com"),
            ("sip:a b@contoso.com", "a\\20b@contoso.com"),
            ("sip:d\\27x@contoso.com", "d\\5c27x@contoso.com"),
            ("sip:d\\x@contoso.com", "d\\x@contoso.com"),
            ("sip:a/b&c@contoso.com", "a\\2fb\\26c@contoso.com"),
        ] {
            assert_eq!(jid(uri).as_deref(), Some(expected), "{uri}");
        }
        for uri in [
            "",
            "sip:",
            "sip:@contoso.com",
            "sip:ann@",
            "ma-grp:6f9619ff@u.g",
            "sip:a%zz@contoso.com",
            "sip: ann@contoso.com",
        ] {
            assert_eq!(jid(uri), None, "{uri}");
        }
    }

    #[test]
    fn whoever_has_no_address_has_one_of_nobody() {
        let guid = Uuid::from_u128(7);
        assert_eq!(
            nobodys("sip:Ann@contoso.com", guid).as_str(),
            "ann@contoso.com.invalid"
        );
        assert_eq!(
            nobodys("gone", guid).as_str(),
            "00000000-0000-0000-0000-000000000007@principal.invalid"
        );
    }

    #[test]
    fn rooms_have_addresses_that_can_be_read_and_no_two_the_same() {
        let mut addresses = RoomAddresses::new(&BareJid::new("rooms.example.org").unwrap());
        let mut next = 0_u128;
        let mut readable = |name: &str| {
            next += 1;
            let room = addresses.readable(name, Uuid::from_u128(next << 96));
            room.node().unwrap().to_string()
        };
        assert_eq!(readable("  Sales & Trading (EMEA)"), "sales-trading-emea");
        assert_eq!(
            readable("Sales/Trading EMEA"),
            "sales-trading-emea-00000002"
        );
        assert_eq!(readable("Küche ☕"), "küche");
        assert_eq!(readable("日本"), "日本");
        assert_eq!(readable("***"), "00000005-0000-0000-0000-000000000000");
        assert!(readable(&"x".repeat(256)).len() < 70);
    }

    proptest! {
        #[test]
        fn any_name_gives_an_address(name in any::<String>(), id in any::<u128>()) {
            let mut addresses = RoomAddresses::new(&BareJid::new("rooms.example.org").unwrap());
            let room = addresses.readable(&name, Uuid::from_u128(id));
            prop_assert!(room.node().is_some());
            prop_assert_ne!(addresses.readable(&name, Uuid::from_u128(!id)), room);
        }

        #[test]
        fn no_text_makes_it_fall(uri in any::<String>()) {
            if let Some((user, host)) = sip(&uri) {
                let _ = person(&user, &host);
            }
            let _ = nobodys(&uri, Uuid::nil());
        }
    }
}
