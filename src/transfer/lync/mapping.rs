//! Who is who here: how people, groups and domains of the old directory are called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jid::BareJid;
use serde::Deserialize;
use thiserror::Error;

use super::address;
use super::principal::{OldPrincipal as Old, PrincipalKind};
use crate::room::scope::Principal;
use crate::transfer::name;

/// How people, groups and domains of the old directory are called here.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// XMPP domains by SIP domains.
    domains: BTreeMap<String, BareJid>,
    /// By old addresses, in small letters and without their scheme.
    people: BTreeMap<String, BareJid>,
    /// By distinguished names, addresses and ids, in small letters.
    groups: BTreeMap<String, Principal>,
    /// What becomes of groups that are not named.
    pub unmapped_groups: UnmappedGroups,
    /// Whether what the database calls "private" is a closed room and "scope" a secret one, and
    /// not the other way round; no document says it plainly.
    pub swaps_closed_and_secret: bool,
}

/// What becomes of groups, domains and containers that the mapping does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnmappedGroups {
    /// Those people of them stand in the lists whom the old server had met.
    #[default]
    Expand,
    /// The lists of categories name their entries in the LDAP directory.
    Ldap,
}

/// What is wrong with a mapping.
#[derive(Debug, Error)]
pub enum UnfitMapping {
    /// A domain's is not written as it should be.
    #[error("{0:?} maps no domain: it is written SIP-DOMAIN=XMPP-DOMAIN, contoso.com=example.org")]
    Domain(String),
    /// The file can't be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// Where it lies.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file is not written as it should be.
    #[error("{}: {cause}", path.display())]
    Toml {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong, and at which line.
        #[source]
        cause: Box<toml::de::Error>,
    },
    /// An entry that can't be.
    #[error("{}, {table:?}, {key:?}: {problem}", path.display())]
    Entry {
        /// Where it lies.
        path: PathBuf,
        /// In which of its tables.
        table: &'static str,
        /// What is mapped.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// A file of mappings, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    #[serde(default)]
    domains: BTreeMap<String, String>,
    #[serde(default)]
    people: BTreeMap<String, String>,
    #[serde(default)]
    groups: BTreeMap<String, String>,
}

impl Mapping {
    /// Takes `SIP-DOMAIN=XMPP-DOMAIN`.
    ///
    /// # Errors
    /// - [`UnfitMapping::Domain`]: it is something else.
    pub fn add_domain(&mut self, text: &str) -> Result<(), UnfitMapping> {
        let unfit = || UnfitMapping::Domain(text.to_owned());
        let (sip, xmpp) = text.split_once('=').ok_or_else(unfit)?;
        self.map_domain(sip, xmpp).ok_or_else(unfit)
    }

    fn map_domain(&mut self, sip: &str, xmpp: &str) -> Option<()> {
        let sip = sip.trim().to_lowercase();
        let xmpp = name::bare_jid(xmpp.trim()).filter(|xmpp| xmpp.node().is_none())?;
        let is_domain = !sip.is_empty() && !sip.contains(['@', ':', ' ']);
        is_domain.then(|| {
            self.domains.insert(sip, xmpp);
        })
    }

    /// Takes all that a file has: tables `[domains]`, `[people]` (old address, new address) and
    /// `[groups]` (distinguished name, address or id of a group, container or domain, and an entry
    /// as lists of categories have them).
    ///
    /// # Errors
    /// - [`UnfitMapping`], with the file and the entry.
    pub fn add_file(&mut self, path: &Path) -> Result<(), UnfitMapping> {
        let text = fs::read_to_string(path).map_err(|cause| UnfitMapping::Read {
            path: path.to_owned(),
            cause,
        })?;
        let file: MapFile = toml::from_str(&text).map_err(|cause| UnfitMapping::Toml {
            path: path.to_owned(),
            cause: Box::new(cause),
        })?;
        let unfit = |table, key: &str, problem: String| UnfitMapping::Entry {
            path: path.to_owned(),
            table,
            key: key.to_owned(),
            problem,
        };
        for (sip, xmpp) in &file.domains {
            let mapped = self.map_domain(sip, xmpp);
            mapped.ok_or_else(|| unfit("domains", sip, format!("{xmpp:?} is no domain")))?;
        }
        for (old, new) in &file.people {
            let key = address::sip(old).map(|(user, host)| format!("{user}@{host}"));
            let key = key.ok_or_else(|| unfit("people", old, "it is no SIP address".to_owned()))?;
            let person = name::bare_jid(new).filter(|person| person.node().is_some());
            let problem = || unfit("people", old, format!("{new:?} is no address of a person"));
            self.people.insert(key, person.ok_or_else(problem)?);
        }
        for (old, new) in &file.groups {
            let entry: Principal = new
                .parse()
                .map_err(|problem| unfit("groups", old, format!("{problem}")))?;
            self.groups.insert(old.trim().to_lowercase(), entry);
        }
        Ok(())
    }

    /// The address that somebody with an old address has here.
    pub(super) fn person(&self, uri: &str) -> Option<BareJid> {
        let (user, host) = address::sip(uri)?;
        if let Some(person) = self.people.get(&format!("{user}@{host}")) {
            return Some(person.clone());
        }
        address::person(&user, self.domains.get(&host)?.as_str())
    }

    /// The domain that an old one is here, and whether another old one is the same here.
    pub(super) fn domain(&self, sip: &str) -> Option<(&BareJid, bool)> {
        let domain = self.domains.get(&sip.to_lowercase())?;
        let is_shared = self
            .domains
            .values()
            .filter(|other| *other == domain)
            .count()
            > 1;
        Some((domain, is_shared))
    }

    /// What stands for a group, a container or a domain.
    pub(super) fn group(&self, old: &Old) -> Option<Principal> {
        let guid = old.guid.hyphenated().to_string();
        let keys = [old.path.as_deref().unwrap_or_default(), &old.uri, &guid];
        let named = keys
            .iter()
            .find_map(|key| self.groups.get(&key.to_lowercase()));
        if let Some(named) = named {
            return Some(named.clone());
        }
        match (self.unmapped_groups, old.kind, &old.path) {
            (UnmappedGroups::Ldap, PrincipalKind::Group | PrincipalKind::Folder, Some(path)) => {
                format!("ldap:{path}").parse().ok()
            }
            (UnmappedGroups::Expand | UnmappedGroups::Ldap, _, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn of_file(text: &str) -> Result<Mapping, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.toml");
        fs::write(&path, text).unwrap();
        let mut mapping = Mapping::default();
        mapping.add_domain("contoso.com=example.org").unwrap();
        let added = mapping.add_file(&path);
        added.map(|()| mapping).map_err(|error| error.to_string())
    }

    #[test]
    fn people_are_known_by_their_domain_or_by_name() {
        let mapping = of_file(
            "[domains]\n'fabrikam.com' = 'fab.example.org'\n\
             [people]\n'sip:Ann.Old@contoso.com' = 'ann@example.org'\n",
        )
        .unwrap();
        let person = |uri: &str| mapping.person(uri).map(|jid| jid.to_string());
        assert_eq!(
            person("SIP:ann.old@contoso.com").as_deref(),
            Some("ann@example.org")
        );
        assert_eq!(
            person("sip:Bob@Contoso.com").as_deref(),
            Some("bob@example.org")
        );
        assert_eq!(
            person("sip:cy@fabrikam.com").as_deref(),
            Some("cy@fab.example.org")
        );
        assert_eq!(person("sip:cy@elsewhere.com"), None);
    }

    #[test]
    fn groups_are_known_by_their_names_addresses_and_ids() {
        let guid = Uuid::from_u128(9);
        let old = |path: Option<&str>, uri: &str, kind| Old {
            guid,
            kind,
            uri: uri.to_owned(),
            names: Vec::new(),
            path: path.map(str::to_owned),
            is_disabled: false,
        };
        let mut mapping = of_file(&format!(
            "[groups]\n'cn=traders,dc=contoso,dc=com' = 'group:traders'\n\
             'ma-grp:1@u.g' = 'ldap:cn=x'\n'{guid}' = 'example.org'\n"
        ))
        .unwrap();
        let group = |mapping: &Mapping, old: &Old| mapping.group(old).map(|new| new.to_string());
        let traders = old(
            Some("CN=Traders,DC=contoso,DC=com"),
            "",
            PrincipalKind::Group,
        );
        assert_eq!(group(&mapping, &traders).as_deref(), Some("group:traders"));
        let other = old(None, "MA-GRP:1@u.g", PrincipalKind::Group);
        assert_eq!(group(&mapping, &other).as_deref(), Some("ldap:cn=x"));
        let by_id = old(Some("CN=Y"), "ma-grp:2@u.g", PrincipalKind::Folder);
        assert_eq!(group(&mapping, &by_id).as_deref(), Some("example.org"));
        mapping.groups.clear();
        assert_eq!(group(&mapping, &by_id), None);
        mapping.unmapped_groups = UnmappedGroups::Ldap;
        assert_eq!(group(&mapping, &by_id).as_deref(), Some("ldap:CN=Y"));
        assert_eq!(group(&mapping, &other), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_entry() {
        let mut mapping = Mapping::default();
        for text in [
            "contoso.com",
            "=example.org",
            "contoso.com=",
            "a@b=c",
            "a=b@c",
        ] {
            assert!(mapping.add_domain(text).is_err(), "{text}");
        }
        for (text, told) in [
            ("[peple]\n", "unknown field `peple`"),
            (
                "[people]\n'ann' = 'ann@example.org'\n",
                "it is no SIP address",
            ),
            (
                "[people]\n'a@b' = 'example.org'\n",
                "\"people\", \"a@b\": \"example.org\" is no",
            ),
            ("[groups]\n'CN=x' = 'group:'\n", "a group has a name"),
            ("[domains]\n'x' = 'a@b'\n", "\"a@b\" is no domain"),
        ] {
            let error = of_file(text).unwrap_err();
            assert!(
                error.contains("map.toml") && error.contains(told),
                "{error}"
            );
        }
    }
}
