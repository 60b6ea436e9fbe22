//! What holds for the service as a whole, whichever of its parts does it.

mod bursts;
mod hall;
mod stanzas;
mod width;
mod work;
