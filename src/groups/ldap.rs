//! Reading an LDAP directory: all people and groups below one entry, in one go. RFC 4511.
//!
//! Everything is read page by page (RFC 2696), so that a directory gives more than its limit for
//! one answer, and put together when all of it is there. Reading all of it, instead of one group
//! after the other, makes one picture of one moment, and lets any entry be looked up at once.

use std::collections::HashMap;
use std::time::Duration;

use jid::BareJid;
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry};
use tokio::time;

use super::ldap_fault::LdapFault;
use crate::config;
use crate::directory::{DistinguishedName, FoundEntry, FoundMembers, LdapTree};

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The people and groups.
    pub tree: LdapTree,
    /// Number of people whose entry gives no address, or one that can't be one.
    pub unaddressed: usize,
}

/// What an entry must be so that it can be referred to, people aside: a group of the usual kinds,
/// or something that contains people. RFC 4519 §3, RFC 2307 §4, RFC 2247; `group` and `container`
/// are Active Directory's.
const GROUPS: &str = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)\
    (objectClass=posixGroup)(objectClass=group)(objectClass=organizationalUnit)\
    (objectClass=organization)(objectClass=dcObject)(objectClass=domain)(objectClass=container))";
/// The attributes by which groups name their members.
const BY_NAME: [&str; 2] = ["member", "uniqueMember"];
const BY_SHORT_NAME: &str = "memberUid";
/// The attribute that holds the short name of a person.
const SHORT_NAME: &str = "uid";
/// Number of entries that are asked for at once.
const PAGE: i32 = 500;
/// Maximum number of members of all groups, for each entry that may be read.
const MEMBERS_PER_ENTRY_MAX: usize = 50;
/// Maximum number of bytes of all that is kept, for each entry that may be read.
const BYTES_PER_ENTRY_MAX: usize = 4096;
/// How long a whole reading may take, in the time that one answer may take.
const READING_ANSWERS: u32 = 20;

/// Reads a directory.
///
/// # Errors
/// Why it could not be read as a whole.
pub async fn read(settings: &config::Ldap) -> Result<Reading, LdapFault> {
    let seconds = settings.timeout_s.saturating_mul(READING_ANSWERS);
    let whole = Duration::from_secs(seconds.into());
    let url = settings.url.clone();
    match time::timeout(whole, read_unbounded(settings)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(LdapFault::Slow { url, seconds }),
    }
}

async fn read_unbounded(settings: &config::Ldap) -> Result<Reading, LdapFault> {
    let timeout = Duration::from_secs(settings.timeout_s.into());
    let connection = LdapConnSettings::new().set_conn_timeout(timeout);
    let connected = LdapConnAsync::with_settings(connection, &settings.url).await;
    let (connection, ldap) = connected.map_err(|error| match error {
        LdapError::Timeout { .. } => slow(settings),
        error => LdapFault::Unreachable {
            url: settings.url.clone(),
            why: crate::cause::told(&error),
        },
    })?;
    let driver = tokio::spawn(async move {
        // Whoever waits for an answer is told of the trouble.
        let _ = connection.drive().await;
    });
    let mut search = DirectorySearch {
        settings,
        ldap,
        found: Vec::new(),
        cut_short: Vec::new(),
        unaddressed: 0,
        entries: 0,
        members: 0,
        bytes: 0,
    };
    let outcome = search.all().await;
    // The end of the connection says the same.
    let _ = time::timeout(timeout, search.ldap.unbind()).await;
    driver.abort();
    outcome?;
    let url = settings.url.clone();
    let tree = LdapTree::of(search.found);
    match tree.count() {
        0 => Err(LdapFault::Nobody {
            url,
            base: settings.base.clone(),
        }),
        _ => Ok(Reading {
            tree,
            unaddressed: search.unaddressed,
        }),
    }
}

/// One reading of a directory, on one connection.
struct DirectorySearch<'s> {
    settings: &'s config::Ldap,
    ldap: Ldap,
    found: Vec<FoundEntry>,
    /// Groups that have told only of some members: the name, the attribute, and the number of the
    /// member that comes next.
    cut_short: Vec<(String, String, u64)>,
    unaddressed: usize,
    entries: usize,
    members: usize,
    bytes: usize,
}

impl DirectorySearch<'_> {
    async fn all(&mut self) -> Result<(), LdapFault> {
        if let Some(config::Bind { name, password }) = &self.settings.bind {
            let mut ldap = self.in_time();
            let bound = ldap.simple_bind(name, password.reveal()).await;
            let code = bound.map_err(|error| self.trouble(error))?;
            if code.rc != 0 {
                return Err(self.refusal(code.rc, &code.text));
            }
        }
        let settings = self.settings;
        let attribute = settings.address.attribute();
        self.page_through(
            &settings.base,
            &settings.filter,
            &[attribute, SHORT_NAME],
            Sought::Person,
        )
        .await?;
        let attributes = [BY_NAME[0], BY_NAME[1], BY_SHORT_NAME];
        self.page_through(&settings.base, GROUPS, &attributes, Sought::Group)
            .await?;
        while let Some((name, attribute, next)) = self.cut_short.pop() {
            let ranged = format!("{attribute};range={next}-*");
            self.look_at(&name, &ranged).await?;
        }
        Ok(())
    }

    /// A handle that waits no longer than it may.
    fn in_time(&self) -> Ldap {
        let mut ldap = self.ldap.clone();
        ldap.with_timeout(Duration::from_secs(self.settings.timeout_s.into()));
        ldap
    }

    /// Takes every entry that a filter lets through.
    async fn page_through(
        &mut self,
        base: &str,
        filter: &str,
        attributes: &[&str],
        kind: Sought,
    ) -> Result<(), LdapFault> {
        let attributes: Vec<String> = attributes.iter().map(|&name| name.to_owned()).collect();
        let adapters: Vec<Box<dyn Adapter<'_, String, Vec<String>>>> = vec![
            Box::new(EntriesOnly::new()),
            Box::new(PagedResults::new(PAGE)),
        ];
        let mut ldap = self.in_time();
        let stream = ldap.streaming_search_with(adapters, base, Scope::Subtree, filter, attributes);
        let mut stream = stream.await.map_err(|error| self.trouble(error))?;
        loop {
            let next = stream.next().await;
            let Some(entry) = next.map_err(|error| self.trouble(error))? else {
                break;
            };
            self.take(SearchEntry::construct(entry), kind)?;
        }
        let result = stream.finish().await;
        match result.rc {
            0 => Ok(()),
            code => Err(self.refusal(code, &result.text)),
        }
    }

    /// Asks for the members that a group has not told of yet.
    async fn look_at(&mut self, name: &str, attribute: &str) -> Result<(), LdapFault> {
        let mut ldap = self.in_time();
        let all = "(objectClass=*)";
        let search = ldap.search(name, Scope::Base, all, vec![attribute]).await;
        let result = search.map_err(|error| self.trouble(error))?;
        let (entries, result) = (result.0, result.1);
        if result.rc != 0 {
            return Err(self.refusal(result.rc, &result.text));
        }
        for entry in entries {
            self.take(SearchEntry::construct(entry), Sought::Group)?;
        }
        Ok(())
    }

    fn take(&mut self, entry: SearchEntry, kind: Sought) -> Result<(), LdapFault> {
        self.entries += 1;
        if self.entries > self.settings.entries_max as usize {
            return Err(self.too_large("entries"));
        }
        let values = entry.attrs.values().flatten();
        self.bytes += entry.dn.len() + values.map(String::len).sum::<usize>();
        if self.bytes > BYTES_PER_ENTRY_MAX.saturating_mul(self.settings.entries_max as usize) {
            return Err(self.too_large("bytes"));
        }
        // A name that can't be one can't be referred to either.
        let Ok(name) = DistinguishedName::parse(&entry.dn) else {
            return Ok(());
        };
        let mut found = FoundEntry {
            name,
            addresses: Vec::new(),
            short_names: Vec::new(),
            members: None,
        };
        match kind {
            Sought::Person => self.take_person(&entry, &mut found),
            Sought::Group => self.take_group(&entry, &mut found)?,
        }
        self.found.push(found);
        Ok(())
    }

    fn take_person(&mut self, entry: &SearchEntry, found: &mut FoundEntry) {
        let pattern = &self.settings.address;
        let values = values_of(&entry.attrs, pattern.attribute());
        let addresses = values.filter_map(|value| pattern.address_of(value));
        found.addresses = addresses.collect::<Vec<BareJid>>();
        self.unaddressed += usize::from(found.addresses.is_empty());
        found.short_names = values_of(&entry.attrs, SHORT_NAME).cloned().collect();
    }

    fn take_group(&mut self, entry: &SearchEntry, found: &mut FoundEntry) -> Result<(), LdapFault> {
        let mut members = FoundMembers::default();
        for (attribute, values) in &entry.attrs {
            let (plain, range) = attribute.split_once(";range=").unwrap_or((attribute, ""));
            if plain.eq_ignore_ascii_case(BY_SHORT_NAME) {
                members.short_names.extend(values.iter().cloned());
            } else if BY_NAME.iter().any(|name| plain.eq_ignore_ascii_case(name)) {
                let names = values
                    .iter()
                    .filter_map(|name| DistinguishedName::parse(name).ok());
                members.names.extend(names);
                if let Some(next) = next_of(range) {
                    let name = entry.dn.clone();
                    self.cut_short.push((name, plain.to_owned(), next));
                }
            }
        }
        self.members += members.names.len() + members.short_names.len();
        if self.members > MEMBERS_PER_ENTRY_MAX.saturating_mul(self.settings.entries_max as usize) {
            return Err(self.too_large("members of groups"));
        }
        // What contains people and has no members is no group, whose members would be nobody.
        let is_group = entry.attrs.iter().any(|(_, values)| !values.is_empty());
        found.members = is_group.then_some(members);
        Ok(())
    }

    fn too_large(&self, what: &'static str) -> LdapFault {
        let url = self.settings.url.clone();
        LdapFault::TooLarge { url, what }
    }

    /// What the library couldn't do.
    fn trouble(&self, error: LdapError) -> LdapFault {
        let url = self.settings.url.clone();
        match error {
            LdapError::Timeout { .. } => slow(self.settings),
            LdapError::FilterParsing => LdapFault::Filter {
                filter: self.settings.filter.clone(),
            },
            LdapError::LdapResult { result } => self.refusal(result.rc, &result.text),
            LdapError::EndOfStream | LdapError::ResultRecv { .. } | LdapError::OpSend { .. } => {
                let why = "the connection was cut".to_owned();
                LdapFault::Unreachable { url, why }
            }
            error => LdapFault::Other {
                url,
                why: crate::cause::told(&error),
            },
        }
    }

    /// What the directory doesn't do. RFC 4511 appendix A.1.
    fn refusal(&self, code: u32, text: &str) -> LdapFault {
        let url = self.settings.url.clone();
        let bind = self.settings.bind.as_ref();
        match code {
            3 => slow(self.settings),
            4 => LdapFault::Part {
                url,
                why: "size limit".to_owned(),
            },
            11 => LdapFault::Part {
                url,
                why: "administrative limit".to_owned(),
            },
            32 => LdapFault::NoBase {
                url,
                base: self.settings.base.clone(),
            },
            49 => LdapFault::Refused {
                url,
                bind: bind.map_or("us".to_owned(), |bind| bind.name.clone()),
            },
            50 => LdapFault::NoBase {
                url,
                base: self.settings.base.clone(),
            },
            _ => LdapFault::Other {
                url,
                why: format!("result {code} {text}").trim_end().to_owned(),
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    Person,
    /// Or something that contains people.
    Group,
}

fn slow(settings: &config::Ldap) -> LdapFault {
    LdapFault::Slow {
        url: settings.url.clone(),
        seconds: settings.timeout_s,
    }
}

/// The values of an attribute, whose name has no case.
fn values_of<'e>(
    attributes: &'e HashMap<String, Vec<String>>,
    name: &'e str,
) -> impl Iterator<Item = &'e String> {
    let found = attributes.iter();
    let found = found.filter(move |(attribute, _)| attribute.eq_ignore_ascii_case(name));
    found.flat_map(|(_, values)| values)
}

/// Active Directory gives members in ranges, `0-1499`, the last of them as `1500-*`: the number of
/// the member that comes next, if one does.
fn next_of(range: &str) -> Option<u64> {
    let (_, last) = range.split_once('-')?;
    last.parse::<u64>().ok()?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_that_ends_with_a_number_is_gone_on_with() {
        for (range, next) in [
            ("0-1499", Some(1500)),
            ("1500-*", None),
            ("", None),
            ("x", None),
            ("0-99999999999999999999999", None),
        ] {
            assert_eq!(next_of(range), next, "{range}");
        }
    }
}
