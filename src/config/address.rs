//! Keys whose values are names and addresses: domains, JIDs, URIs, languages.

use jid::{BareJid, DomainPart};
use toml::Spanned;

use super::error::Fault;
use super::section::Section;
use crate::room::text::address;

/// A domain, normalised; complains and returns `None` if it isn't one.
pub(super) fn domain(
    section: &mut Section<'_, '_>,
    key: &'static str,
    text: &Spanned<&str>,
) -> Option<DomainPart> {
    let domain = domain_name(text.get_ref());
    if domain.is_none() {
        let fault = Fault::NotADomain {
            key,
            found: (*text.get_ref()).to_owned(),
        };
        section.reading().wrong(text.span().start, fault);
    }
    domain
}

/// A list of domains, each once.
pub(super) fn domains(section: &mut Section<'_, '_>, key: &'static str) -> Option<Vec<DomainPart>> {
    let texts = section.texts(key)?;
    let mut domains = Vec::with_capacity(texts.len());
    for text in &texts {
        let domain = domain(section, key, text);
        domains.extend(domain.filter(|domain| !domains.contains(domain)));
    }
    Some(domains)
}

/// A list of people, each once: bare JIDs with a local part, none of them on `pool_domain`.
pub(super) fn people(
    section: &mut Section<'_, '_>,
    key: &'static str,
    pool_domain: Option<&DomainPart>,
) -> Option<Vec<BareJid>> {
    let texts = section.texts(key)?;
    let mut people = Vec::with_capacity(texts.len());
    for text in &texts {
        let found = *text.get_ref();
        match bare(found) {
            Some(jid)
                if jid.node().is_some() && Some(jid.domain()) == pool_domain.map(|d| &**d) =>
            {
                let fault = Fault::OwnAddress {
                    key,
                    found: found.to_owned(),
                };
                section.reading().wrong(text.span().start, fault);
            }
            Some(jid) if jid.node().is_some() => {
                if !people.contains(&jid) {
                    people.push(jid);
                }
            }
            _ => {
                let fault = Fault::NotAPerson {
                    key,
                    found: found.to_owned(),
                };
                section.reading().wrong(text.span().start, fault);
            }
        }
    }
    Some(people)
}

/// A list of URIs.
pub(super) fn uris(section: &mut Section<'_, '_>, key: &'static str) -> Vec<String> {
    let texts = section.texts(key).unwrap_or_default();
    let mut uris = Vec::with_capacity(texts.len());
    for text in &texts {
        let found = *text.get_ref();
        if is_uri(found) {
            uris.push(found.to_owned());
        } else {
            let fault = Fault::NotAUri {
                key,
                found: found.to_owned(),
            };
            section.reading().wrong(text.span().start, fault);
        }
    }
    uris
}

/// A language tag.
pub(super) fn language(section: &mut Section<'_, '_>, key: &'static str) -> Option<String> {
    let text = section.text(key)?;
    let found = *text.get_ref();
    if !is_language(found) {
        let fault = Fault::NotALanguage {
            key,
            found: found.to_owned(),
        };
        section.reading().wrong(text.span().start, fault);
        return None;
    }
    Some(found.to_owned())
}

/// A language tag, or an empty text for no language in particular.
pub(super) fn language_or_none(section: &mut Section<'_, '_>, key: &'static str) -> String {
    match section.text(key) {
        Some(text) if !text.get_ref().is_empty() => language(section, key).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A host's name in the form XMPP uses it. An IP address is none: no room lives at a number.
fn domain_name(text: &str) -> Option<DomainPart> {
    let is_number = text.starts_with('[') || text.parse::<std::net::IpAddr>().is_ok();
    // Port and path would pass nameprep in some versions of the library; a name has neither.
    if is_number || text.contains(|c: char| c.is_whitespace() || "@/:".contains(c)) {
        return None;
    }
    let jid = address::parse(text).ok()?;
    Some(jid.domain().to_owned())
}

/// A bare JID whose domain is a name.
fn bare(text: &str) -> Option<BareJid> {
    let jid = address::parse_bare(text).ok()?;
    domain_name(jid.domain().as_str())?;
    Some(jid)
}

/// Whether the text is a URI with a scheme, RFC 3986 §3, and in printable ASCII throughout.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !rest.is_empty()
        && rest
            .chars()
            .all(|c| c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c))
}

/// Whether the text has the form of an RFC 5646 tag: subtags of one to eight letters or digits.
fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(place, subtag)| {
        (1..=8).contains(&subtag.len())
            && subtag.chars().all(|c| {
                if place == 0 {
                    c.is_ascii_alphabetic()
                } else {
                    c.is_ascii_alphanumeric()
                }
            })
    })
}
