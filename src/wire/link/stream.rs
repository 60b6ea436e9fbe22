//! The link to the server, kept for as long as the program runs. XEP-0114.
//!
//! [`run`] connects, hands over what it reads and writes what is queued, and connects
//! again when the link breaks, for ever. It keeps nothing of a conversation: stanzas that were
//! on their way when the link broke are lost, since the protocol knows no acknowledgements.
//! Only stanzas that were not yet written survive, in the [`outbox`](super::outbox).

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
        overspent: settings.overspent.clone(),
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

/// A link that has held for this time ended for a new reason.
const STABLE_MIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
