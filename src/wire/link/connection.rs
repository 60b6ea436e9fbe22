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
use crate::wire::xml::overspent::Overspent;
use crate::wire::xml::reader::{StanzaReader, StreamEvent};

/// How a connection ended.
#[derive(Debug)]
pub(in crate::wire) enum Ended {
    /// We were told to stop; everything queued is written and the stream closed.
    Shutdown,
    /// It broke, for this reason.
    Lost(LinkError),
}

/// What a connection needs beside its socket.
pub(in crate::wire) struct Connection {
    pub domain: String,
    pub echo: EchoAddress,
    pub limits: StanzaLimits,
    pub overspent: Overspent,
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
            stanzas: StanzaReader::new(self.limits).refusing(self.overspent),
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
            // There is more than a buffer holds. Whoever refuses what has been read has to have a
            // turn, or all of a flood would be read before any of it is refused.
            if count == buffer.len() {
                tokio::task::yield_now().await;
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

/// After this time without a stanza a blank is written, for firewalls. RFC 6120 §4.6.1.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// A write that has made no progress for this time never will.
const WRITE_MAX: Duration = Duration::from_secs(60);

/// For reading why the server broke the connection.
const LAST_WORD: Duration = Duration::from_secs(1);

/// For writing everything that is queued when the program stops.
const FLUSH_MAX: Duration = Duration::from_secs(5);

/// For the server to close its side then.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
