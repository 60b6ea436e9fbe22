//! The link to the server, kept for as long as the program runs. XEP-0114.
//!
//! [`run`] connects, hands over what it reads and writes what is queued, and connects
//! again when the link breaks, for ever. It keeps nothing of a conversation: whatever was
//! on its way when the link broke is lost, since the protocol knows no acknowledgements.
//! What survives is what was not yet written, in the [`outbox`](super::outbox).

use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use rand::RngExt;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::connection::{Connection, Ended, stopped};
use super::echo::EchoAddress;
use super::handshake::connect;
use super::inbox::{Incomings, LinkEvent};
use super::link_error::LinkError;
use super::link_settings::LinkSettings;
use super::outbox::Outgoing;

/// Keeps the link until `shutdown` turns true or its sender is gone; then what is queued
/// is written, the stream closed, and the [`Inbox`] ends.
pub async fn run(
    settings: LinkSettings,
    incomings: Incomings,
    outgoing: Outgoing,
    shutdown: watch::Receiver<bool>,
) {
    let mut retry = Retry::default();
    loop {
        let connected = tokio::select! {
            connected = connect(&settings) => connected,
            () = stopped(shutdown.clone()) => return,
        };
        let started = Instant::now();
        let error = match connected {
            Err(error) => error,
            Ok(stream) => {
                tracing::info!(
                    domain = settings.domain,
                    server = settings.server,
                    "link: up"
                );
                incomings.send(LinkEvent::Up);
                let link = (incomings.clone(), outgoing.clone(), shutdown.clone());
                match serve(&settings, stream, link).await {
                    Ended::Shutdown => return,
                    Ended::Lost(error) => error,
                }
            }
        };
        if started.elapsed() >= STABLE_MIN {
            retry = Retry::default();
        }
        retry.report(&error, &settings);
        let pause = retry.pause(&error);
        incomings.send(LinkEvent::Down(error));
        tokio::select! {
            () = sleep(pause) => {}
            () = stopped(shutdown.clone()) => return,
        }
    }
}

async fn serve(
    settings: &LinkSettings,
    stream: BufReader<TcpStream>,
    (incomings, outgoing, shutdown): (Incomings, Outgoing, watch::Receiver<bool>),
) -> Ended {
    let domain = settings.domain.clone();
    let Some(echo) = EchoAddress::new(&domain) else {
        return Ended::Lost(LinkError::HostUnknown { domain });
    };
    let session = Connection {
        domain,
        echo,
        limits: settings.limits,
        incomings,
        outgoing,
        shutdown,
    };
    let leftover = stream.buffer().to_vec();
    let (reader, writer) = stream.into_inner().into_split();
    session.run(leftover, reader, writer).await
}

/// When to connect again, and what to say meanwhile.
#[derive(Default)]
struct Retry {
    failures: u32,
    last: Option<Discriminant<LinkError>>,
}

impl Retry {
    /// Tells the administrator, once for each cause in a row; a wrong secret every time.
    fn report(&mut self, error: &LinkError, settings: &LinkSettings) {
        let (domain, server) = (&settings.domain, &settings.server);
        let cause = std::error::Error::source(error).map(tracing::field::display);
        let repeated = self.last.replace(discriminant(error)) == Some(discriminant(error));
        if repeated && !matches!(error, LinkError::WrongSecret { .. }) {
            tracing::debug!(domain, server, cause, "link: still down: {error}");
        } else if error.is_configuration() {
            tracing::error!(domain, server, cause, "link: {error}");
        } else {
            tracing::warn!(domain, server, cause, "link: {error}; trying again");
        }
    }

    /// How long to wait: longer with every failure, and never the same for two programs
    /// that lost their server together. A wrong secret is not tried again soon, since
    /// servers take that for an attack.
    fn pause(&mut self, error: &LinkError) -> Duration {
        let doubled = PAUSE_MIN.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let (least, most) = match error {
            LinkError::WrongSecret { .. } => (PAUSE_MAX, PAUSE_MAX * 2),
            _ => (PAUSE_MIN, doubled.saturating_mul(2).min(PAUSE_MAX)),
        };
        rand::rng().random_range(least..=most)
    }
}

/// The shortest pause before connecting again.
const PAUSE_MIN: Duration = Duration::from_millis(500);

/// The longest pause, except after a wrong secret.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A link that held so long ended for a new reason.
const STABLE_MIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::link::inbox::{self, BacklogMax, Inbox};
    use crate::wire::link::outbox::{self, Outbox};
    use crate::wire::xml::limits::StanzaLimits;
    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
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

        async fn accept(&self) -> Server {
            let (socket, _) = self.listener.accept().await.expect("a connection");
            Server {
                socket,
                read: String::new(),
            }
        }

        /// A connection on which stanzas flow.
        async fn connected(&mut self) -> Server {
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

    struct Server {
        socket: TcpStream,
        read: String,
    }

    impl Server {
        async fn read_until(&mut self, end: &str) -> String {
            loop {
                if let Some(at) = self.read.find(end) {
                    let rest = self.read.split_off(at + end.len());
                    return std::mem::replace(&mut self.read, rest);
                }
                let mut buffer = [0; 4096];
                let count = self.socket.read(&mut buffer).await.expect("readable");
                assert!(count > 0, "{end} never came: {}", self.read);
                self.read
                    .push_str(std::str::from_utf8(&buffer[..count]).expect("ASCII"));
            }
        }

        async fn write(&mut self, xml: &str) {
            self.socket
                .write_all(xml.as_bytes())
                .await
                .expect("writable");
        }

        async fn refuse(&mut self, condition: &str) {
            self.write(&format!(
                "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                 </stream:error></stream:stream>"
            ))
            .await;
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
}
