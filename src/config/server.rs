//! `server`: where the XMPP server listens for components.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use jid::DomainPart;

use super::error::Fault;
use super::section::Section;

/// The port on which servers listen for components by custom; used when none is written.
pub const COMPONENT_PORT: u16 = 5347;

/// Ports on which XMPP servers listen for somebody else, and for whom.
const OTHER_PORTS: [(u16, &str); 6] = [
    (5222, "clients"),
    (5223, "clients"),
    (5269, "other servers"),
    (5270, "other servers"),
    (5280, "HTTP"),
    (5281, "HTTP"),
];

/// A host and a port. Names are resolved when connecting, not before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The port, above 0.
    pub port: u16,
}

impl Default for ServerAddress {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: COMPONENT_PORT,
        }
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// Reads `server`; complains of what is no address, and warns of a port meant for others.
pub(super) fn read(section: &mut Section<'_, '_>) -> ServerAddress {
    let Some(text) = section.text("server") else {
        return ServerAddress::default();
    };
    let offset = text.span().start;
    match parse(text.get_ref(), COMPONENT_PORT) {
        Ok(server) => {
            if let Some((port, whom)) = OTHER_PORTS.iter().find(|(port, _)| *port == server.port) {
                section
                    .reading()
                    .warn(offset, Fault::OtherPort { port: *port, whom });
            }
            server
        }
        Err(fault) => {
            section.reading().wrong(offset, fault);
            ServerAddress::default()
        }
    }
}

/// A host, and a port that may be left out.
pub(super) fn parse(text: &str, usual_port: u16) -> Result<ServerAddress, Fault> {
    let not_a_server = || Fault::NotAServer {
        found: text.to_owned(),
    };
    if text.parse::<Ipv6Addr>().is_ok() {
        return Err(Fault::BareIpv6 {
            found: text.to_owned(),
        });
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or_else(not_a_server)?;
            host.parse::<Ipv6Addr>().map_err(|_| not_a_server())?;
            let port = after.strip_prefix(':');
            if port.is_none() && !after.is_empty() {
                return Err(not_a_server());
            }
            (host, port)
        }
        None => {
            let (host, port) = match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            };
            // The rest of a URL is no port, and saying so would mislead.
            if !is_host(host) || port.is_some_and(|port| port.is_empty() || port.contains('/')) {
                return Err(not_a_server());
            }
            (host, port)
        }
    };
    Ok(ServerAddress {
        host: host.to_owned(),
        port: port.map_or(Ok(usual_port), parse_port)?,
    })
}

fn parse_port(text: &str) -> Result<u16, Fault> {
    let digits = text.chars().all(|c| c.is_ascii_digit());
    let port = text.parse().ok().filter(|port| digits && *port > 0);
    port.ok_or_else(|| Fault::NotAPort {
        found: text.to_owned(),
    })
}

/// Whether the text is an IPv4 address or a host name.
fn is_host(text: &str) -> bool {
    // A name never ends in a number (RFC 1123 §2.1), so `127.0.0.256` is a slip, not a name.
    let last = text
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .unwrap_or_default();
    let looks_like_a_number = !last.is_empty() && last.chars().all(|c| c.is_ascii_digit());
    // Container and service names may hold an underscore, which IDNA does not know.
    let name = text.replace('_', "-");
    text.parse::<Ipv4Addr>().is_ok()
        || (!looks_like_a_number
            && !name.contains(|c: char| c.is_whitespace() || "@/[".contains(c))
            && DomainPart::new(name.trim_matches('-')).is_ok())
}
