//! What holds for the service as a whole, whichever of its parts does it.

mod stanzas;
mod work;
