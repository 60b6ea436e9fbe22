//! Why there is no link, one variant for each cause an administrator can do something about.

use std::io;

use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use crate::wire::xml::reader::ReadError;

/// Why the link is not there.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The name of the server has no address.
    #[error("{server} cannot be resolved; check `server` in the configuration")]
    Unresolvable {
        /// As configured, `host:port`.
        server: String,
        /// What the resolver said.
        #[source]
        source: io::Error,
    },
    /// Nobody listens at the address.
    #[error(
        "{server} refuses connections; is the XMPP server running, and does it listen for components there?"
    )]
    Refused {
        /// As configured, `host:port`.
        server: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// No answer in time, to the connection or to the handshake.
    #[error("{server} does not answer; check address, port and firewall")]
    TimedOut {
        /// As configured, `host:port`.
        server: String,
    },
    /// Something listens there, but it does not speak XEP-0114.
    #[error("{server} is not a component port of an XMPP server ({found})")]
    NotAComponentPort {
        /// As configured, `host:port`.
        server: String,
        /// What was seen instead.
        found: String,
    },
    /// `not-authorized`, the answer to a wrong handshake. XEP-0114 §3 (#proto).
    /// COMPAT(ejabberd): also the answer to a domain that the listener does not have.
    #[error(
        "the server rejects the secret for {domain}: `secret` here and there differ, \
         or an ejabberd does not have the domain under `hosts` of this listener"
    )]
    WrongSecret {
        /// The domain we asked for.
        domain: String,
    },
    /// The server closed the stream after it was opened, without an answer.
    /// COMPAT(ejabberd): its listener crashes on such a `domain_balancing`.
    #[error(
        "the server closed the stream in the middle of the handshake; on ejabberd, \
         `domain_balancing` for this domain may lack its `component_number`"
    )]
    ClosedInHandshake,
    /// `conflict`: the server has, or now prefers, another connection for the domain.
    #[error(
        "the server has another connection for this domain: an old one that is not yet timed out, or a second Lyceum"
    )]
    Conflict,
    /// `host-unknown`: nobody told the server about the domain.
    #[error(
        "the server knows no component {domain}: add it to the server's configuration, \
         and check that the port is the one for components"
    )]
    HostUnknown {
        /// The domain we asked for.
        domain: String,
    },
    /// `improper-addressing`: we sent a stanza without `from` or `to`.
    #[error("the server closed the stream: a stanza lacked an address")]
    ImproperAddressing,
    /// `invalid-from`: we sent a stanza in the name of another domain.
    #[error("the server closed the stream: a stanza was sent in the name of another domain")]
    InvalidFrom,
    /// `system-shutdown`: the server goes away.
    #[error("the server is shutting down")]
    ServerShutdown,
    /// Any other stream error. RFC 6120 §4.9.3.
    #[error("the server closed the stream: {0}")]
    StreamError(String),
    /// The server closed stream or socket and gave no reason.
    #[error("the server closed the connection")]
    ClosedByServer,
    /// What the server sent cannot be read.
    #[error("the server sent what is not XMPP: {0}")]
    Unreadable(#[from] ReadError),
    /// Nothing we send comes back and nothing else is heard: the connection is dead.
    #[error("the connection is half open: nothing was heard from the server for too long")]
    HalfOpen,
    /// The operating system reports an error on the connection.
    #[error("the connection broke")]
    Io(#[from] io::Error),
}

impl LinkError {
    /// The cause that a stream error names.
    pub(in crate::wire) fn from_stream_error(error: &StreamError, domain: &str) -> Self {
        match error.condition {
            DefinedCondition::NotAuthorized => Self::WrongSecret {
                domain: domain.to_owned(),
            },
            DefinedCondition::Conflict => Self::Conflict,
            DefinedCondition::HostUnknown | DefinedCondition::HostGone => Self::HostUnknown {
                domain: domain.to_owned(),
            },
            DefinedCondition::ImproperAddressing => Self::ImproperAddressing,
            DefinedCondition::InvalidFrom => Self::InvalidFrom,
            DefinedCondition::SystemShutdown => Self::ServerShutdown,
            _ => Self::StreamError(error.to_string()),
        }
    }

    /// Whether the cause lies in a configuration, ours or the server's, so that trying
    /// again soon is of no use.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::WrongSecret { .. }
                | Self::HostUnknown { .. }
                | Self::NotAComponentPort { .. }
                | Self::Unresolvable { .. }
        )
    }

    /// Whether it is the server's word, and so a better cause than an error on the socket.
    pub(in crate::wire) fn is_said_by_server(&self) -> bool {
        !matches!(self, Self::Io(_) | Self::ClosedByServer | Self::HalfOpen)
    }
}
