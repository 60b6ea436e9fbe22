//! From a host and a port to a stream on which stanzas flow. XEP-0114 §3 (#proto).

use std::io;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use rustix::net::sockopt::set_socket_send_buffer_size;
use tokio::io::{AsyncBufRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_xmpp::xmlstream::{
    FallibleStreamElement, ReadError, StreamHeader, Timeouts, XmppStream, XmppStreamElement,
    initiate_stream,
};
use xmpp_parsers::component::Handshake;
use xmpp_parsers::ns;
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use super::link_error::LinkError;
use super::link_settings::LinkSettings;

/// Connects and authenticates. The result may already hold bytes of the first stanzas.
///
/// # Errors
/// - [`LinkError`], the variant being the cause.
pub(crate) async fn connect(settings: &LinkSettings) -> Result<BufReader<TcpStream>, LinkError> {
    let server = settings.server.clone();
    let stream = match timeout(CONNECT_MAX, dial(settings)).await {
        Err(_) => return Err(LinkError::TimedOut { server }),
        Ok(dialled) => dialled?,
    };
    stream.set_nodelay(true)?;
    // The system would keep some MiB for a server that falls behind, which nothing here could be
    // put in front of.
    set_socket_send_buffer_size(&stream, SEND_BUFFER).map_err(io::Error::from)?;
    let stream = BufReader::with_capacity(READ_BUFFER, stream);
    match timeout(HANDSHAKE_MAX, negotiate(stream, settings)).await {
        Err(_) => Err(LinkError::TimedOut { server }),
        Ok(negotiated) => negotiated,
    }
}

/// Opens the stream and authenticates on a connection that is already there.
///
/// # Errors
/// - [`LinkError`], the variant being the cause.
pub(in crate::wire) async fn negotiate<Io: AsyncBufRead + AsyncWrite + Unpin>(
    io: Io,
    settings: &LinkSettings,
) -> Result<Io, LinkError> {
    let to = Some(settings.domain.as_str().into());
    let header = StreamHeader {
        to,
        ..StreamHeader::default()
    };
    let opening = initiate_stream(io, ns::COMPONENT_ACCEPT, header, Timeouts::tight());
    let mut opened = opening.await.map_err(|error| no_stream(error, settings))?;
    // COMPAT(prosody): the id is empty when the name will be refused.
    let id = opened.take_header().id.filter(|id| !id.is_empty());
    let mut stream: XmppStream<Io> = opened.skip_features();
    if let Some(id) = &id {
        let handshake = Handshake::from_stream_id_and_password(id.to_string(), &settings.secret);
        let handshake = XmppStreamElement::ComponentHandshake(handshake);
        // A server that refuses our name has closed the stream by now; its word is
        // worth more than the error on the socket.
        let _ = stream.send(&handshake).await;
    }
    loop {
        let element = match stream.next().await {
            Some(Ok(FallibleStreamElement::Ok(element))) => element,
            Some(Err(ReadError::HardError(error))) => return Err(LinkError::Io(error)),
            Some(Err(ReadError::StreamFooterReceived)) | None => {
                return Err(LinkError::ClosedInHandshake);
            }
            // Anything else that the stream offers or says is no concern of ours; a server
            // that says nothing else runs into the timeout.
            Some(Ok(FallibleStreamElement::Err(_)))
            | Some(Err(ReadError::SoftTimeout | ReadError::ParseError(_))) => continue,
        };
        match element {
            XmppStreamElement::ComponentHandshake(_) if id.is_some() => {
                return Ok(stream.into_inner());
            }
            XmppStreamElement::StreamError(error) => return Err(refusal(&error.0, settings)),
            _ => {}
        }
    }
}

async fn dial(settings: &LinkSettings) -> Result<TcpStream, LinkError> {
    let server = settings.server.clone();
    let addresses: Vec<_> = match tokio::net::lookup_host(&settings.server).await {
        Ok(addresses) => addresses.collect(),
        Err(source) => return Err(LinkError::Unresolvable { server, source }),
    };
    TcpStream::connect(&addresses[..])
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::ConnectionRefused => LinkError::Refused { server, source },
            io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable => LinkError::TimedOut { server },
            _ => LinkError::Io(source),
        })
}

/// Why no stream was opened, as far as the error tells. A server that closes the connection without
/// a word wants TLS, or speaks another protocol.
fn no_stream(error: io::Error, settings: &LinkSettings) -> LinkError {
    match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe => LinkError::NotAComponentPort {
            server: settings.server.clone(),
            found: error.to_string(),
        },
        _ => LinkError::Io(error),
    }
}

/// What a stream error before the handshake's end means.
fn refusal(error: &StreamError, settings: &LinkSettings) -> LinkError {
    match error.condition {
        // The port of clients or of other servers.
        DefinedCondition::InvalidNamespace
        | DefinedCondition::BadNamespacePrefix
        | DefinedCondition::UnsupportedVersion
        | DefinedCondition::BadFormat => LinkError::NotAComponentPort {
            server: settings.server.clone(),
            found: format!("it answers {}", error.condition),
        },
        _ => LinkError::from_stream_error(error, &settings.domain),
    }
}

/// Time for the TCP connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Time for everything up to the server's handshake.
const HANDSHAKE_MAX: Duration = Duration::from_secs(15);

/// The system keeps twice as many bytes for the server, of which about half are stanzas.
const SEND_BUFFER: usize = 256 * 1024;

/// Bytes read at once.
pub(in crate::wire) const READ_BUFFER: usize = 64 * 1024;
