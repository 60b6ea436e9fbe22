//! Whether those inside are still there, and what is asked of them.

mod ghosts;
pub(super) mod returned;
pub(super) mod sessions;
pub(super) mod verify;
