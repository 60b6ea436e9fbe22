//! The service.

use std::sync::Arc;

use tokio::sync::watch;

use crate::config::Config;
use crate::metrics::Metrics;

pub mod limits;
pub mod occupant_id;
pub mod relay;
pub mod verify;

/// Why the service ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {}

/// Runs until `stopped` becomes true.
///
/// # Errors
/// None.
pub async fn run(
    _config: Config,
    _metrics: Arc<Metrics>,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), Error> {
    let _ = stopped.wait_for(|stopped| *stopped).await;
    Ok(())
}
