//! One connection, from the handshake to its end.
//!
//! Two tasks share the connection and never wait for each other: a reader that always
//! reads, and a writer that writes what is queued in few, large writes. Between them a
//! small loop keeps the time: echoes, and the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::echo::{Echo, EchoAddress, LinkVerdict, Returned};
use super::handshake::READ_BUFFER;
use super::inbox::Incomings;
use super::link_error::LinkError;
use super::outbox::{Outgoing, WriteBatch};
use crate::wire::xml::frame::Received;
use crate::wire::xml::limits::StanzaLimits;
use crate::wire::xml::reader::{StanzaReader, StreamEvent};

/// How a connection ended.
#[derive(Debug)]
pub(in crate::wire) enum Ended {
    /// We were told to stop; everything queued is written and the stream closed.
    Shutdown,
    /// It broke.
    Lost(LinkError),
}

/// What a connection needs beside its socket.
pub(in crate::wire) struct Connection {
    pub domain: String,
    pub echo: EchoAddress,
    pub limits: StanzaLimits,
    pub incomings: Incomings,
    pub outgoing: Outgoing,
    /// Turns true when the program stops.
    pub shutdown: watch::Receiver<bool>,
}

impl Connection {
    /// Runs a connection whose handshake is done; `leftover` are bytes already read.
    pub async fn run<R, W>(self, leftover: Vec<u8>, reader: R, writer: W) -> Ended
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let clock = Arc::new(Heard::new());
        let (echoes, returned) = mpsc::unbounded_channel();
        let reading = ReaderTask {
            stanzas: StanzaReader::new(self.limits),
            domain: self.domain,
            echo: self.echo.clone(),
            incomings: self.incomings,
            echoes,
            heard: Arc::clone(&clock),
        };
        let (close, closing) = watch::channel(false);
        let writing = WriterTask {
            outgoing: self.outgoing.clone(),
            closing,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { Half::Reader(reading.run(leftover, reader).await) });
        tasks.spawn(async move { Half::Writer(writing.run(writer).await) });
        let keeper = Keeper {
            outgoing: self.outgoing,
            returned,
            heard: clock,
        };
        let echo = Echo::new(self.echo, Instant::now());
        let ended = tokio::select! {
            half = tasks.join_next() => Ended::Lost(cause(half, &mut tasks).await),
            error = keeper.run(echo) => Ended::Lost(error),
            () = stopped(self.shutdown) => {
                close.send_replace(true);
                finish(&mut tasks).await;
                Ended::Shutdown
            }
        };
        // Waits for the tasks, so that unwritten stanzas are back in the queue.
        tasks.shutdown().await;
        ended
    }
}

/// Returns when the program is to stop, which it also is when nobody can tell it any more.
pub(in crate::wire) async fn stopped(mut shutdown: watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

/// What a task ended with.
enum Half {
    Reader(LinkError),
    /// The writer ends without error only after it closed the stream.
    Writer(Result<(), LinkError>),
}

type Join = Option<Result<Half, tokio::task::JoinError>>;

/// The best cause to be had. When writing fails, the server has often said why, and only
/// the reader has yet to read it.
async fn cause(first: Join, tasks: &mut JoinSet<Half>) -> LinkError {
    let broken = match first {
        Some(Ok(Half::Reader(error))) => return error,
        Some(Ok(Half::Writer(Err(error)))) => error,
        Some(Ok(Half::Writer(Ok(())))) | None => LinkError::ClosedByServer,
        Some(Err(error)) => LinkError::Io(std::io::Error::other(error)),
    };
    match timeout(LAST_WORD, tasks.join_next()).await {
        Ok(Some(Ok(Half::Reader(said)))) if said.is_said_by_server() => said,
        _ => broken,
    }
}

/// Gives the writer time to write what is queued, then the server time to close its side.
async fn finish(tasks: &mut JoinSet<Half>) {
    let flushed = timeout(FLUSH_MAX, async {
        while let Some(half) = tasks.join_next().await {
            if matches!(half, Ok(Half::Writer(_))) {
                break;
            }
        }
    });
    if flushed.await.is_err() {
        tracing::warn!("link: the server did not take everything before we stopped");
        return;
    }
    let _ = timeout(FAREWELL_MAX, tasks.join_next()).await;
}

/// The task that reads.
struct ReaderTask {
    stanzas: StanzaReader,
    domain: String,
    echo: EchoAddress,
    incomings: Incomings,
    echoes: mpsc::UnboundedSender<Returned>,
    heard: Arc<Heard>,
}

impl ReaderTask {
    async fn run<R: AsyncRead + Unpin>(mut self, leftover: Vec<u8>, mut reader: R) -> LinkError {
        if let Err(error) = self.take(&leftover) {
            return error;
        }
        drop(leftover);
        let mut buffer = vec![0; READ_BUFFER];
        loop {
            let count = match reader.read(&mut buffer).await {
                Ok(0) => return LinkError::ClosedByServer,
                Ok(count) => count,
                Err(error) => return LinkError::Io(error),
            };
            self.heard.now();
            if let Err(error) = self.take(&buffer[..count]) {
                return error;
            }
        }
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), LinkError> {
        while let Some(incoming) = self.stanzas.next(&mut bytes)? {
            match incoming {
                StreamEvent::Stanza(received) => self.deliver(received),
                StreamEvent::StreamError(error) => {
                    return Err(LinkError::from_stream_error(&error, &self.domain));
                }
                StreamEvent::StreamEnd => return Err(LinkError::ClosedByServer),
            }
        }
        Ok(())
    }

    fn deliver(&self, received: Received) {
        let (Received::Stanza(crate::wire::xml::frame::Frame { header, .. })
        | Received::Refused { header, .. }) = &received;
        match self.echo.recognise(header) {
            None => self.incomings.received(received),
            Some(Some(returned)) => {
                // The keeper listens as long as this task runs.
                let _ = self.echoes.send(returned);
            }
            Some(None) => {}
        }
    }
}

/// The task that writes.
struct WriterTask {
    outgoing: Outgoing,
    closing: watch::Receiver<bool>,
}

impl WriterTask {
    async fn run<W: AsyncWrite + Unpin>(mut self, mut writer: W) -> Result<(), LinkError> {
        loop {
            let batch = self.outgoing.take();
            if !batch.is_empty() {
                write(&mut writer, batch).await?;
            } else if *self.closing.borrow() {
                writer.write_all(STREAM_END).await?;
                writer.shutdown().await?;
                return Ok(());
            } else {
                tokio::select! {
                    () = self.outgoing.ready() => {}
                    _ = self.closing.changed() => {}
                    () = tokio::time::sleep(IDLE_MAX) => writer.write_all(b" ").await?,
                }
            }
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(
    writer: &mut W,
    mut batch: WriteBatch,
) -> Result<(), LinkError> {
    while !batch.is_empty() {
        let written = {
            let slices = batch.slices();
            timeout(WRITE_MAX, writer.write_vectored(&slices)).await
        };
        match written {
            Ok(Ok(0)) => return Err(LinkError::ClosedByServer),
            Ok(count) => batch.advance(count?),
            Err(_) => return Err(LinkError::HalfOpen),
        }
    }
    Ok(())
}

/// The loop that sends echoes and judges them.
struct Keeper {
    outgoing: Outgoing,
    returned: mpsc::UnboundedReceiver<Returned>,
    heard: Arc<Heard>,
}

impl Keeper {
    /// Returns when the connection is dead.
    async fn run(mut self, mut echo: Echo) -> LinkError {
        loop {
            let due = echo.due(self.heard.last());
            let verdict = tokio::select! {
                Some(returned) = self.returned.recv() => echo.returned(&returned, Instant::now()),
                () = sleep_until(due) => {
                    let step = echo.tick(Instant::now(), self.heard.last());
                    for stanza in step.send.into_iter().rev() {
                        self.outgoing.send_first(stanza);
                    }
                    step.verdict
                }
            };
            match verdict {
                None => {}
                Some(LinkVerdict::HalfOpen) => return LinkError::HalfOpen,
                Some(LinkVerdict::Healthy) => tracing::info!("link: all echoes return again"),
                Some(LinkVerdict::Stolen) => tracing::error!("link: {STOLEN_ADVICE}"),
                Some(LinkVerdict::NotRouted) => tracing::error!("link: {NOT_ROUTED_ADVICE}"),
            }
        }
    }
}

/// When something was last read. Shared between two tasks, so it is a number.
struct Heard {
    start: Instant,
    nanos: AtomicU64,
}

impl Heard {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            nanos: AtomicU64::new(0),
        }
    }

    fn now(&self) {
        let nanos = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanos.store(nanos, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.start + Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }
}

/// What to do about [`LinkVerdict::Stolen`].
pub(crate) const STOLEN_ADVICE: &str = "a second connection takes part of our stanzas: stop the \
    other Lyceum (or the old process) that connects to the same server with the same domain; on \
    ejabberd give the domain a listener of its own, or set `global_routes: false` on it";

/// What to do about [`LinkVerdict::NotRouted`].
pub(crate) const NOT_ROUTED_ADVICE: &str = "messages to our own domain do not come back: the \
    server routes the domain elsewhere; check that no other component, virtual host or cluster \
    node serves it, and on ejabberd that every slot of `domain_balancing` is connected";

/// Closes our half of the stream. RFC 6120 §4.4.
const STREAM_END: &[u8] = b"</stream:stream>";

/// A blank is written after so long without a stanza, for firewalls. RFC 6120 §4.6.1.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// A write that makes no progress for so long never will.
const WRITE_MAX: Duration = Duration::from_secs(60);

/// For reading why the server broke the connection.
const LAST_WORD: Duration = Duration::from_secs(1);

/// For writing everything that is queued when the program stops.
const FLUSH_MAX: Duration = Duration::from_secs(5);

/// For the server to close its side then.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::link::inbox;
    use crate::wire::link::inbox::{BacklogMax, Inbox, LinkEvent};
    use crate::wire::link::outbox;
    use crate::wire::link::outbox::Outbox;
    use bytes::Bytes;
    use tokio::io::{DuplexStream, duplex};
    use tokio::task::JoinHandle;

    /// A session whose server is the test itself.
    struct Bench {
        server: DuplexStream,
        inbox: Inbox,
        outbox: Outbox,
        shutdown: watch::Sender<bool>,
        session: JoinHandle<Ended>,
        /// What the server has read and the test not yet looked at.
        read: String,
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
                incomings,
                outgoing,
                shutdown: stop,
            };
            let (server, ours) = duplex(1024 * 1024);
            let (reader, writer) = tokio::io::split(ours);
            let session = tokio::spawn(session.run(leftover.as_bytes().to_vec(), reader, writer));
            Self {
                server,
                inbox,
                outbox,
                shutdown,
                session,
                read: String::new(),
            }
        }

        /// Reads until `end` has come, and gives everything up to there.
        async fn read_until(&mut self, end: &str) -> String {
            loop {
                if let Some(at) = self.read.find(end) {
                    let rest = self.read.split_off(at + end.len());
                    return std::mem::replace(&mut self.read, rest);
                }
                let mut buffer = [0; 4096];
                let count = self.server.read(&mut buffer).await.expect("readable");
                assert!(count > 0, "{end} never came: {}", self.read);
                self.read
                    .push_str(std::str::from_utf8(&buffer[..count]).expect("ASCII"));
            }
        }

        /// Reads the eight echoes that every connection begins with.
        async fn read_echoes(&mut self) -> Vec<String> {
            let mut echoes = Vec::new();
            for _ in 0..8 {
                echoes.push(self.read_until("</message>").await);
            }
            echoes
        }

        async fn write(&mut self, xml: &str) {
            self.server
                .write_all(xml.as_bytes())
                .await
                .expect("writable");
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
        let server = std::mem::replace(&mut bench.server, duplex(1).0);
        assert!(matches!(bench.lost().await, LinkError::HalfOpen));
        assert_eq!(start.elapsed().as_secs(), 15);
        drop(server);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_falls_silent_later_is_noticed_too() {
        let mut bench = Bench::new("");
        let start = Instant::now();
        for echo in bench.read_echoes().await {
            bench.write(&echo).await;
        }
        assert!(
            bench
                .read_until("</message>")
                .await
                .contains("lyceum-echo-")
        );
        assert_eq!(start.elapsed().as_secs(), 60);
        let server = std::mem::replace(&mut bench.server, duplex(1).0);
        assert!(matches!(bench.lost().await, LinkError::HalfOpen));
        assert_eq!(start.elapsed().as_secs(), 75);
        drop(server);
    }

    #[tokio::test(start_paused = true)]
    async fn echoes_never_reach_the_service() {
        let mut bench = Bench::new("");
        for echo in bench.read_echoes().await {
            bench.write(&echo).await;
        }
        bench.write("<iq from='a@h/r' id='1'/>").await;
        assert!(matches!(bench.received().await, Received::Stanza(frame)
            if frame.header.id.as_deref() == Some("1")));
    }

    #[tokio::test(start_paused = true)]
    async fn stanzas_read_with_the_handshake_are_not_lost() {
        let mut bench = Bench::new("<iq id='1'/><iq i");
        bench.write("d='2'/>").await;
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
            bench.write(&echo).await;
        }
        assert_eq!(bench.read_until(" ").await, " ");
        assert_eq!(start.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn the_reader_reads_while_the_server_does_not() {
        let mut bench = Bench::new("");
        bench.outbox.send(Bytes::from(vec![b' '; 8 * 1024 * 1024]));
        for id in 0..1000 {
            bench.write(&format!("<iq id='{id}'/>")).await;
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
            bench.read_until("</stream:stream>").await,
            "<presence/></stream:stream>"
        );
        bench.write("<message id='late'/></stream:stream>").await;
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
        bench
            .write(
                "<stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                 </stream:error></stream:stream>",
            )
            .await;
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
            bench.write(sent).await;
            let error = bench.lost().await.to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
