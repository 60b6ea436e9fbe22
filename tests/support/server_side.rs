//! The server's side of XEP-0114, where the tests play the server.

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use xmpp_parsers::component::Handshake;

use super::configuration;
use super::connection::{Connection, PATIENCE};
use super::scenario::SERVICE;
use super::xml::{Piece, Whole};

/// Waits for the service to connect, and lets it in.
///
/// # Errors
/// Why it doesn't come, or what it does wrong.
pub fn accept(listener: &TcpListener) -> Result<Connection, String> {
    let listener = listener.try_clone().map_err(told)?;
    let (sender, accepted) = mpsc::channel();
    // Accepting has no timeout of its own; a thread that nobody waits for any more does no harm.
    thread::spawn(move || sender.send(listener.accept()));
    let accepted = accepted.recv_timeout(PATIENCE);
    let (stream, _) = accepted
        .map_err(|_| "it does not come".to_owned())?
        .map_err(told)?;
    open(stream)
}

/// XEP-0114 §3 (#proto).
fn open(stream: TcpStream) -> Result<Connection, String> {
    let mut connection = Connection::new(stream).map_err(told)?;
    let Some(Piece::Head(head)) = connection.piece_within(PATIENCE)? else {
        return Err("the stream has no head".to_owned());
    };
    if head.attribute("to") != Some(SERVICE) {
        return Err(format!("it opens a stream to {:?}", head.attribute("to")));
    }
    connection.write(&format!(
        "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns='jabber:component:accept' from='{SERVICE}' id='{STREAM_ID}'>"
    ))?;
    let Whole { element, .. } = connection.element()?;
    let secret = configuration::SECRET;
    let expected = Handshake::from_stream_id_and_password(STREAM_ID.to_owned(), secret);
    let digest = expected.data.as_ref().map(hex);
    if element.name != "handshake" || Some(element.text()) != digest {
        return Err(format!("wrong handshake {element}"));
    }
    connection.write("<handshake/>")?;
    Ok(connection)
}

fn hex(digest: &[u8; 20]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}

const STREAM_ID: &str = "3BF96D32";
