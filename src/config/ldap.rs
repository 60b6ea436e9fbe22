//! `[pool.ldap]`: the directory that is asked for people and groups. RFC 4511.

use jid::BareJid;

use super::error::Fault;
use super::secret_keys::OF_LDAP;
use super::section::Section;
use super::{Secret, Surroundings, secret, server};
use crate::directory::DistinguishedName;

pub(super) const SECTION: &str = "[pool.ldap]";

/// How to find people and groups in an LDAP directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Ldap {
    /// `ldap://HOST:PORT` or `ldaps://HOST:PORT`.
    pub url: String,
    /// Whom Lyceum is to the directory; `None`: nobody in particular.
    pub bind: Option<Bind>,
    /// The entry below which all people and groups are.
    pub base: String,
    /// Which of the entries are people, as RFC 4515 has it.
    pub filter: String,
    /// How people's addresses follow from their entries.
    pub address: AddressPattern,
    /// How long a reading is good for, in seconds.
    pub refresh_s: u32,
    /// How long an answer may take, in seconds.
    pub timeout_s: u32,
    /// Maximum number of entries that are read; a directory with more is too large to be read.
    pub entries_max: u32,
}

/// A name in the directory and its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// A distinguished name, as the directory takes it; some take others, too.
    pub name: String,
    /// The password of that entry.
    pub password: Secret,
}

/// An address with one attribute in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressPattern {
    before: String,
    attribute: String,
    after: String,
}

/// The keys of which one at least is written where a directory is meant.
const WITHOUT_DEFAULT: [&str; 6] = [
    "url",
    "bind",
    "password",
    "password_file",
    "base",
    "address",
];
const FILTER: &str = "(objectClass=person)";
const REFRESH_S: u32 = 300;
const DAY_S: u32 = 86_400;
const TIMEOUT_S: u32 = 30;
const ENTRIES_MAX: u32 = 200_000;
const ENTRIES_CEILING: u32 = 10_000_000;
/// Each scheme with its usual port. RFC 4516 §2; ldaps by custom.
const SCHEMES: [(&str, u16); 2] = [("ldap", 389), ("ldaps", 636)];

/// Reads the section; `None` if no directory is written there, or something is wrong, which has
/// been said.
pub(super) fn read(mut section: Section<'_, '_>, surroundings: &Surroundings) -> Option<Ldap> {
    let is_there = WITHOUT_DEFAULT
        .iter()
        .any(|key| section.value(key).is_some());
    let url = read_url(&mut section, is_there);
    let bind = read_bind(&mut section, is_there, surroundings);
    let base = read_base(&mut section, is_there);
    let filter = read_filter(&mut section);
    let address = read_address(&mut section, is_there);
    let refresh_s = section.whole("refresh_s", REFRESH_S, 1..=DAY_S, "seconds");
    let timeout_s = section.whole("timeout_s", TIMEOUT_S, 1..=3600, "seconds");
    let ceiling = 1..=ENTRIES_CEILING;
    let entries_max = section.whole("entries_max", ENTRIES_MAX, ceiling, "entries");
    if let (Some((url, false)), Some(_)) = (&url, &bind) {
        let (place, url) = (section.offset(), url.clone());
        section.reading().warn(place, Fault::OpenPassword { url });
    }
    section.finish();
    Some(Ldap {
        url: url?.0,
        bind,
        base: base?,
        filter,
        address: address?,
        refresh_s,
        timeout_s,
        entries_max,
    })
}

/// Complains that a key is missing, if the section is there.
fn miss(section: &mut Section<'_, '_>, key: &'static str, example: &'static str) {
    if section.value(key).is_none() {
        let place = section.offset();
        let fault = Fault::LdapKeyMissing { key, example };
        section.reading().wrong(place, fault);
    }
}

/// The address in full, and whether nobody between can read what goes there.
fn read_url(section: &mut Section<'_, '_>, is_there: bool) -> Option<(String, bool)> {
    let Some(text) = section.text("url") else {
        if is_there {
            miss(section, "url", "url = \"ldaps://ldap.example.org\"");
        }
        return None;
    };
    let parsed = text.get_ref().split_once("://").and_then(|(scheme, rest)| {
        let (scheme, port) = SCHEMES.iter().find(|(known, _)| *known == scheme)?;
        let address = server::parse(rest.strip_suffix('/').unwrap_or(rest), *port).ok()?;
        let is_here = ["localhost", "127.0.0.1", "::1"].contains(&&*address.host);
        Some((
            format!("{scheme}://{address}"),
            is_here || *scheme == "ldaps",
        ))
    });
    if parsed.is_none() {
        let found = (*text.get_ref()).to_owned();
        section
            .reading()
            .wrong(text.span().start, Fault::NotALdapUrl { found });
    }
    parsed
}

fn read_bind(
    section: &mut Section<'_, '_>,
    is_there: bool,
    surroundings: &Surroundings,
) -> Option<Bind> {
    let keys = &OF_LDAP;
    let name = section.text("bind");
    // What the environment has is for those that bind.
    let variable = surroundings
        .ldap_password
        .as_deref()
        .filter(|_| name.is_some() && is_there);
    let password = secret::read(section, keys, &surroundings.path, variable);
    match (name, password) {
        (Some(name), Some(password)) => Some(Bind {
            name: (*name.get_ref()).to_owned(),
            password,
        }),
        (Some(name), None) => {
            if variable.is_none() && secret::is_absent(section, keys) {
                let bind = (*name.get_ref()).to_owned();
                let fault = Fault::NoLdapPassword { bind };
                section.reading().wrong(name.span().start, fault);
            }
            None
        }
        (None, Some(_)) => {
            let place = section.offset();
            section.reading().wrong(place, Fault::NoLdapBind);
            None
        }
        (None, None) => None,
    }
}

fn read_base(section: &mut Section<'_, '_>, is_there: bool) -> Option<String> {
    let Some(text) = section.text("base") else {
        if is_there {
            miss(section, "base", "base = \"dc=example,dc=org\"");
        }
        return None;
    };
    let found = (*text.get_ref()).to_owned();
    match DistinguishedName::parse(&found) {
        Ok(_) => Some(found),
        Err(why) => {
            let key = "base";
            let fault = Fault::NotALdapName { key, found, why };
            section.reading().wrong(text.span().start, fault);
            None
        }
    }
}

/// Whether it is one in all detail is found out by whoever asks with it.
fn read_filter(section: &mut Section<'_, '_>) -> String {
    let Some(text) = section.text("filter") else {
        return FILTER.to_owned();
    };
    let found = text.get_ref().trim().to_owned();
    let is_enclosed = found.starts_with('(') && found.ends_with(')');
    let count = |sign| found.matches(sign).count();
    if !is_enclosed || count('(') != count(')') || !found.contains('=') {
        let fault = Fault::NotALdapFilter { found };
        section.reading().wrong(text.span().start, fault);
        return FILTER.to_owned();
    }
    found
}

fn read_address(section: &mut Section<'_, '_>, is_there: bool) -> Option<AddressPattern> {
    let Some(text) = section.text("address") else {
        if is_there {
            miss(
                section,
                "address",
                "address = \"mail\" or address = \"{uid}@example.org\"",
            );
        }
        return None;
    };
    let pattern = AddressPattern::parse(text.get_ref());
    if pattern.is_none() {
        let found = (*text.get_ref()).to_owned();
        let fault = Fault::NotAnAddressPattern { found };
        section.reading().wrong(text.span().start, fault);
    }
    pattern
}

impl AddressPattern {
    /// `attribute`, or `before{attribute}after`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (before, rest) = text.split_once('{').unwrap_or(("", text));
        let (attribute, after) = rest.split_once('}').unwrap_or((rest, ""));
        let is_attribute =
            |character: char| character.is_ascii_alphanumeric() || "-.;".contains(character);
        let pattern = Self {
            before: before.to_owned(),
            attribute: attribute.to_owned(),
            after: after.to_owned(),
        };
        let is_bare = !text.contains(['{', '}']);
        let is_right = !attribute.is_empty() && attribute.chars().all(is_attribute);
        // A pattern must make an address out of a name. Of a bare attribute nobody can say.
        let makes_one = is_bare || pattern.address_of("x").is_some();
        let is_one = is_bare || text.matches(['{', '}']).count() == 2;
        (is_right && makes_one && is_one).then_some(pattern)
    }

    /// The attribute that it is made of.
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// The address that a value of the attribute makes; `None`: it makes no person's.
    pub fn address_of(&self, value: &str) -> Option<BareJid> {
        let text = format!("{}{}{}", self.before, value.trim(), self.after);
        let address = BareJid::new(&text).ok()?;
        address.node().is_some().then_some(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_makes_addresses() {
        for (pattern, value, address) in [
            ("mail", "Ann@Example.org", Some("ann@example.org")),
            ("mail", "ann", None),
            ("{uid}@example.org", "ann", Some("ann@example.org")),
            ("{uid}@example.org", "ann@x", None),
            ("{uid}@example.org", "ann smith", None),
            ("{uid}@example.org", "", None),
            ("x-{uid}@example.org", "ann", Some("x-ann@example.org")),
            ("{mail}", "ann@example.org", None),
            ("msRTCSIP-PrimaryUserAddress", "x", None),
        ] {
            let parsed = AddressPattern::parse(pattern);
            let made = parsed.and_then(|pattern| pattern.address_of(value));
            assert_eq!(
                made.as_ref().map(|made| made.as_str()),
                address,
                "{pattern} {value}"
            );
        }
        for wrong in [
            "",
            "{}@x.org",
            "{uid}",
            "{uid}{sn}@x.org",
            "{uid@x.org",
            "uid}@x.org",
            "a b",
        ] {
            assert_eq!(AddressPattern::parse(wrong), None, "{wrong}");
        }
    }
}
