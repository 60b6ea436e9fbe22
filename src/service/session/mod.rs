//! Whether those inside are still there, and what is asked of them.

pub(super) mod returned;
pub(super) mod sessions;
pub(super) mod verify;
