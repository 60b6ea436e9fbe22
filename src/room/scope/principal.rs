//! One entry of a list of a category, as it is written: whom it means.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jid::{BareJid, DomainPart};

use crate::room::text::address;

/// One entry, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// `*`: everybody, of whatever domain.
    Everybody,
    /// A person, by bare JID.
    Person(BareJid),
    /// Everybody of a domain, and the domain itself. Those of its subdomains are others.
    Domain(DomainPart),
    /// `group:NAME`: whoever the pool knows under a name.
    Group(Arc<str>),
    /// `ldap:DN`: whoever is in or below an entry of the LDAP directory, by its distinguished name.
    Ldap(Arc<str>),
}

/// Why a text is no [`Principal`]. The words are for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPrincipal {
    text: String,
    problem: &'static str,
}

/// What a group is written with.
const GROUP: &str = "group:";
/// What an entry of the LDAP directory is written with.
const LDAP: &str = "ldap:";
/// Maximum length of a group's name and of a distinguished name, in bytes.
const REFERENCE_BYTES_MAX: usize = 1023;

impl FromStr for Principal {
    type Err = NoPrincipal;

    fn from_str(text: &str) -> Result<Self, NoPrincipal> {
        let wrong = |problem| NoPrincipal {
            text: text.to_owned(),
            problem,
        };
        let written = text.trim();
        if written == "*" {
            return Ok(Self::Everybody);
        }
        if let Some(name) = written.strip_prefix(GROUP) {
            let name = reference(name).ok_or_else(|| wrong("a group has a name, group:NAME"))?;
            return Ok(Self::Group(name));
        }
        if let Some(name) = written.strip_prefix(LDAP) {
            let problem = "an entry of the directory has a distinguished name, ldap:DN";
            let name = reference(name).filter(|name| name.contains('='));
            return Ok(Self::Ldap(name.ok_or_else(|| wrong(problem))?));
        }
        let address = address::parse(written).map_err(|_| {
            wrong("it is none of: an address, a domain, * for everybody, group:NAME, ldap:DN")
        })?;
        if address.resource().is_some() {
            return Err(wrong(
                "an address without a resource is wanted, user@example.org",
            ));
        }
        Ok(match address.node() {
            Some(_) => Self::Person(address.into_bare()),
            None => Self::Domain(address.domain().to_owned()),
        })
    }
}

/// What stands behind the prefix, if it can be a name.
fn reference(name: &str) -> Option<Arc<str>> {
    let name = name.trim();
    let is_name =
        !name.is_empty() && name.len() <= REFERENCE_BYTES_MAX && !name.contains(char::is_control);
    is_name.then(|| name.into())
}

/// As it is written; read again it is the same.
impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => formatter.write_str("*"),
            Self::Person(person) => write!(formatter, "{person}"),
            Self::Domain(domain) => write!(formatter, "{domain}"),
            Self::Group(name) => write!(formatter, "{GROUP}{name}"),
            Self::Ldap(name) => write!(formatter, "{LDAP}{name}"),
        }
    }
}

impl fmt::Display for NoPrincipal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` can't stand in a list of a category: {}",
            self.text.escape_debug(),
            self.problem
        )
    }
}

impl std::error::Error for NoPrincipal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        for (written, normal) in [
            ("*", "*"),
            (" Ann@Example.org ", "ann@example.org"),
            ("Example.ORG", "example.org"),
            ("localhost", "localhost"),
            ("group:Trading floor", "group:Trading floor"),
            ("group: served", "group:served"),
            (
                "ldap:cn=Sales,dc=example,dc=org",
                "ldap:cn=Sales,dc=example,dc=org",
            ),
        ] {
            let principal: Principal = written.parse().unwrap();
            assert_eq!(principal.to_string(), normal);
            assert_eq!(normal.parse(), Ok(principal));
        }
    }

    #[test]
    fn what_can_be_no_entry_is_told_why() {
        for (written, why) in [
            ("", "it is none of"),
            ("ann smith", "it is none of"),
            ("ann@example.org/phone", "without a resource"),
            ("example.org/phone", "without a resource"),
            ("@example.org", "it is none of"),
            ("**", ""),
            ("group:", "group:NAME"),
            ("group: \t", "group:NAME"),
            ("ldap:", "ldap:DN"),
            ("ldap:sales", "ldap:DN"),
            ("ldap:cn=a\nb", "ldap:DN"),
        ] {
            let told = written.parse::<Principal>().map(|it| it.to_string());
            match told {
                Err(told) => assert!(told.to_string().contains(why), "{told}"),
                Ok(read) => assert_eq!((written, &*read), ("**", "**")),
            }
        }
    }
}
