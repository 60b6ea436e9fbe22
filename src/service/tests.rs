//! What holds for the service as a whole, whichever of its parts does it.

mod bursts;
mod names;
pub mod scene;
mod stanzas;
mod unknown;
mod width;
mod work;
