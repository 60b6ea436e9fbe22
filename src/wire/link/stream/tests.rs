//! The link from the handshake on, through a socket.

use super::*;
use crate::wire::link::inbox::{self, BacklogMax, Inbox};
use crate::wire::link::outbox::{self, Outbox};
use crate::wire::link::tests::ServerEnd;
use crate::wire::xml::limits::StanzaLimits;
use crate::wire::xml::overspent::Overspent;
use bytes::Bytes;
use tokio::net::TcpListener;

const DOMAIN: &str = "rooms.example";
const OPENING: &str = "<?xml version='1.0'?><stream:stream from='rooms.example' id='3BF96D32' \
    xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>";
/// Of the id above and `secret`, by `sha1sum`.
const HANDSHAKE: &str = "b09ea9b3b7f586be8a08d0a3dd7466f110aeb136";

struct Bench {
    listener: TcpListener,
    inbox: Inbox,
    outbox: Outbox,
    shutdown: watch::Sender<bool>,
}

impl Bench {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let settings = LinkSettings {
            domain: DOMAIN.into(),
            server: listener.local_addr().expect("bound").to_string(),
            secret: "secret".into(),
            limits: StanzaLimits::default(),
            overspent: Overspent::default(),
        };
        let (incomings, inbox) = inbox::channel(BacklogMax::default());
        let (outbox, outgoing) = outbox::channel(outbox::BYTES_MAX);
        let (shutdown, stop) = watch::channel(false);
        tokio::spawn(run(settings, incomings, outgoing, stop));
        Self {
            listener,
            inbox,
            outbox,
            shutdown,
        }
    }

    async fn accept(&self) -> ServerEnd<TcpStream> {
        let (socket, _) = self.listener.accept().await.expect("a connection");
        ServerEnd::new(socket)
    }

    /// A connection on which stanzas flow.
    async fn connected(&mut self) -> ServerEnd<TcpStream> {
        let mut server = self.accept().await;
        server.read_until(">").await;
        server.read_until(">").await;
        server.write(OPENING).await;
        server.read_until("</handshake>").await;
        server.write("<handshake/>").await;
        assert!(matches!(self.inbox.recv().await, Some(LinkEvent::Up)));
        server
    }

    async fn down(&mut self) -> LinkError {
        match self.inbox.recv().await {
            Some(LinkEvent::Down(error)) => error,
            other => panic!("not down: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_handshake_is_that_of_the_specification() {
    let mut bench = Bench::new().await;
    let mut server = bench.accept().await;
    assert!(server.read_until("?>").await.starts_with("<?xml"));
    let opening = server.read_until(">").await;
    for part in ["jabber:component:accept", "to='rooms.example'"] {
        assert!(opening.replace('"', "'").contains(part), "{opening}");
    }
    server.write(OPENING).await;
    let handshake = server.read_until("</handshake>").await;
    assert!(handshake.contains(&format!(">{HANDSHAKE}<")), "{handshake}");
    server
        .write("<handshake></handshake><presence from='a@h/r' to='r@rooms.example'/>")
        .await;
    assert!(matches!(bench.inbox.recv().await, Some(LinkEvent::Up)));
    assert!(matches!(
        bench.inbox.recv().await,
        Some(LinkEvent::Received(_))
    ));
}

#[tokio::test]
async fn every_refusal_of_the_handshake_has_its_own_cause() {
    for (condition, expected) in [
        ("not-authorized", "the server rejects the secret"),
        ("conflict", "the server has another connection"),
        (
            "host-unknown",
            "the server knows no component rooms.example",
        ),
        ("invalid-namespace", "127.0.0.1"),
        (
            "undefined-condition",
            "the server closed the stream: undefined-condition",
        ),
    ] {
        let mut bench = Bench::new().await;
        let mut server = bench.accept().await;
        server.read_until("?>").await;
        server.write(OPENING).await;
        server.refuse(condition).await;
        let error = bench.down().await.to_string();
        assert!(error.starts_with(expected), "{condition}: {error}");
    }
}

#[tokio::test]
async fn a_port_of_another_protocol_is_told_as_such() {
    let mut bench = Bench::new().await;
    let mut server = bench.accept().await;
    server.write("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    drop(server);
    assert!(matches!(
        bench.down().await,
        LinkError::NotAComponentPort { .. }
    ));
}

#[tokio::test]
async fn nobody_listening_is_told_as_such() {
    let mut bench = Bench::new().await;
    drop(bench.connected().await);
    bench.listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("another port");
    bench.down().await;
    assert!(matches!(bench.down().await, LinkError::Refused { .. }));
}

#[tokio::test]
async fn the_link_comes_back_and_brings_what_was_queued_meanwhile() {
    let mut bench = Bench::new().await;
    let mut server = bench.connected().await;
    server.refuse("system-shutdown").await;
    drop(server);
    assert!(matches!(bench.down().await, LinkError::ServerShutdown));
    bench.outbox.send(Bytes::from("<presence id='kept'/>"));
    let mut server = bench.connected().await;
    server.read_until("<presence id='kept'/>").await;
    assert_eq!(bench.outbox.dropped(), 0);
}

#[tokio::test]
async fn a_burst_leaves_in_few_large_writes() {
    let mut bench = Bench::new().await;
    let mut server = bench.connected().await;
    let count = 20_000;
    for _ in 0..count {
        bench.outbox.send(Bytes::from_static(b"<presence/>"));
    }
    bench.outbox.send(Bytes::from_static(b"<iq/>"));
    let read = server.read_until("<iq/>").await;
    assert_eq!(read.matches("<presence/>").count(), count);
}

#[tokio::test]
async fn a_stop_closes_the_stream_and_ends_the_inbox() {
    let mut bench = Bench::new().await;
    let mut server = bench.connected().await;
    bench.shutdown.send_replace(true);
    server.read_until("</stream:stream>").await;
    drop(server);
    assert!(bench.inbox.recv().await.is_none());
}

#[test]
fn pauses_grow_and_differ_and_are_long_after_a_wrong_secret() {
    let mut retry = Retry::default();
    let pauses: Vec<_> = (0..40)
        .map(|_| retry.pause(&LinkError::ClosedByServer))
        .collect();
    assert!(
        pauses
            .iter()
            .all(|pause| (PAUSE_MIN..=PAUSE_MAX).contains(pause))
    );
    assert!(pauses[0] <= 2 * PAUSE_MIN);
    assert!(pauses[20..].iter().any(|pause| *pause > PAUSE_MAX / 2));
    assert!(
        retry.pause(&LinkError::WrongSecret {
            domain: DOMAIN.into()
        }) >= PAUSE_MAX
    );
}
