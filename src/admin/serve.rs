//! `lyceum serve`: the service, from its start to the signal that ends it.

use std::path::Path;
use std::process;
use std::sync::Arc;

use anyhow::Context;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing::{info, warn};

use super::{Failure, http};
use crate::config::Config;
use crate::metrics::Metrics;
use crate::service;

/// Runs the service with the configuration at `path`.
///
/// # Errors
/// - [`Failure::Configuration`]: before anything is started.
/// - [`Failure::Other`]: the service could not start, or had to stop.
pub(super) fn run(path: &Path) -> Result<(), Failure> {
    let config = Config::load(path)?;
    for warning in &config.warnings {
        warn!("{warning}");
    }
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the service can't be started")?;
    runtime.block_on(serve(config))?;
    Ok(())
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let signals = Signals::listen().context("signals can't be received")?;
    tokio::spawn(signals.pass_on(stop));
    info!(
        version = env!("CARGO_PKG_VERSION"),
        pools = config.pools.len(),
        "starting"
    );
    let metrics = Arc::new(Metrics::new(config.pools.iter().map(|pool| &pool.domain)));
    if let Some(address) = config.http {
        let listener = http::listen(address).await?;
        info!(%address, "serving /healthz and /metrics");
        tokio::spawn(http::serve(listener, Arc::clone(&metrics)));
    }
    service::run(config, &metrics, stopped).await?;
    info!("stopped");
    Ok(())
}

/// The signals that end the service. A terminal that is closed ends it as Ctrl-C does.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Tells the service to stop at the first signal, and stops without it at the second: whoever
    /// asks twice does not want to wait. Nothing is lost by that, for what has been seen is stored.
    async fn pass_on(mut self, stop: watch::Sender<bool>) {
        let name = self.next().await;
        info!("{name}: stopping");
        // When nobody listens any more, the service has stopped of its own accord.
        let _ = stop.send(true);
        let name = self.next().await;
        warn!("{name}: stopping at once");
        process::exit(1);
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}
