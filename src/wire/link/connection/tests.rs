//! A connection whose server is the test itself.

use super::*;
use crate::wire::link::inbox;
use crate::wire::link::inbox::{BacklogMax, Inbox, LinkEvent};
use crate::wire::link::outbox;
use crate::wire::link::outbox::Outbox;
use crate::wire::link::tests::ServerEnd;
use bytes::Bytes;
use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinHandle;

/// A session whose server is the test itself.
struct Bench {
    server: ServerEnd<DuplexStream>,
    inbox: Inbox,
    outbox: Outbox,
    shutdown: watch::Sender<bool>,
    session: JoinHandle<Ended>,
}

impl Bench {
    fn new(leftover: &str) -> Self {
        let (incomings, inbox) = inbox::channel(BacklogMax::default());
        let (outbox, outgoing) = outbox::channel(outbox::BYTES_MAX);
        let (shutdown, stop) = watch::channel(false);
        let session = Connection {
            domain: "rooms.example".into(),
            echo: EchoAddress::new("rooms.example").expect("a domain"),
            limits: StanzaLimits::default(),
            overspent: Overspent::default(),
            incomings,
            outgoing,
            shutdown: stop,
        };
        let (server, ours) = duplex(1024 * 1024);
        let (reader, writer) = tokio::io::split(ours);
        let session = tokio::spawn(session.run(leftover.as_bytes().to_vec(), reader, writer));
        Self {
            server: ServerEnd::new(server),
            inbox,
            outbox,
            shutdown,
            session,
        }
    }

    /// Reads the eight echoes that every connection begins with.
    async fn read_echoes(&mut self) -> Vec<String> {
        let mut echoes = Vec::new();
        for _ in 0..8 {
            echoes.push(self.server.read_until("</message>").await);
        }
        echoes
    }

    async fn received(&mut self) -> Received {
        match self.inbox.recv().await {
            Some(LinkEvent::Received(received)) => received,
            other => panic!("no stanza: {other:?}"),
        }
    }

    async fn lost(self) -> LinkError {
        match self.session.await.expect("no panic") {
            Ended::Lost(error) => error,
            Ended::Shutdown => panic!("nobody told it to stop"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_half_open_after_fifteen_seconds() {
    let mut bench = Bench::new("");
    let start = Instant::now();
    bench.read_echoes().await;
    let server = std::mem::replace(&mut bench.server, ServerEnd::new(duplex(1).0));
    assert!(matches!(bench.lost().await, LinkError::HalfOpen));
    assert_eq!(start.elapsed().as_secs(), 15);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_later_is_noticed_too() {
    let mut bench = Bench::new("");
    let start = Instant::now();
    for echo in bench.read_echoes().await {
        bench.server.write(&echo).await;
    }
    assert!(
        bench
            .server
            .read_until("</message>")
            .await
            .contains("lyceum-echo-")
    );
    assert_eq!(start.elapsed().as_secs(), 60);
    let server = std::mem::replace(&mut bench.server, ServerEnd::new(duplex(1).0));
    assert!(matches!(bench.lost().await, LinkError::HalfOpen));
    assert_eq!(start.elapsed().as_secs(), 75);
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn echoes_never_reach_the_service() {
    let mut bench = Bench::new("");
    for echo in bench.read_echoes().await {
        bench.server.write(&echo).await;
    }
    bench.server.write("<iq from='a@h/r' id='1'/>").await;
    assert!(matches!(bench.received().await, Received::Stanza(frame)
        if frame.header.id.as_deref() == Some("1")));
}

#[tokio::test(start_paused = true)]
async fn stanzas_read_with_the_handshake_are_not_lost() {
    let mut bench = Bench::new("<iq id='1'/><iq i");
    bench.server.write("d='2'/>").await;
    for id in ["1", "2"] {
        assert!(matches!(bench.received().await, Received::Stanza(frame)
            if frame.header.id.as_deref() == Some(id)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_blank_is_written_when_idle() {
    let mut bench = Bench::new("");
    let start = Instant::now();
    for echo in bench.read_echoes().await {
        bench.server.write(&echo).await;
    }
    assert_eq!(bench.server.read_until(" ").await, " ");
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn the_reader_reads_while_the_server_does_not() {
    let mut bench = Bench::new("");
    bench.outbox.send(Bytes::from(vec![b' '; 8 * 1024 * 1024]));
    for id in 0..1000 {
        bench.server.write(&format!("<iq id='{id}'/>")).await;
        bench.received().await;
    }
    assert!(bench.outbox.queued_bytes() > 6 * 1024 * 1024);
}

#[tokio::test(start_paused = true)]
async fn a_stop_writes_what_is_queued_and_closes_the_stream() {
    let mut bench = Bench::new("");
    bench.read_echoes().await;
    bench.outbox.send(Bytes::from("<presence/>"));
    bench.shutdown.send_replace(true);
    assert_eq!(
        bench.server.read_until("</stream:stream>").await,
        "<presence/></stream:stream>"
    );
    bench
        .server
        .write("<message id='late'/></stream:stream>")
        .await;
    assert!(matches!(bench.session.await, Ok(Ended::Shutdown)));
    assert!(matches!(
        bench.inbox.recv().await,
        Some(LinkEvent::Received(_))
    ));
    assert!(bench.inbox.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_a_server_that_does_not_read() {
    let bench = Bench::new("");
    bench.outbox.send(Bytes::from(vec![b' '; 8 * 1024 * 1024]));
    bench.shutdown.send_replace(true);
    assert!(matches!(bench.session.await, Ok(Ended::Shutdown)));
}

#[tokio::test(start_paused = true)]
async fn a_stream_error_is_the_cause_even_when_writing_fails_first() {
    let mut bench = Bench::new("");
    bench.read_echoes().await;
    bench.server.refuse("invalid-from").await;
    bench.outbox.send(Bytes::from("<presence/>"));
    let Bench {
        server, session, ..
    } = bench;
    drop(server);
    assert!(matches!(
        session.await,
        Ok(Ended::Lost(LinkError::InvalidFrom))
    ));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_ends_the_connection_and_nothing_else() {
    for (sent, expected) in [
        ("<iq></message>", "the server sent what is not XMPP"),
        ("</stream:stream>", "the server closed the connection"),
        ("\u{1}", "the server sent what is not XMPP"),
    ] {
        let mut bench = Bench::new("");
        bench.server.write(sent).await;
        let error = bench.lost().await.to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
