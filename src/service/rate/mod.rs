//! How much may be asked for.

mod blame;
pub(super) mod charge;
pub(super) mod domain_limits;
pub(super) mod limiting;
pub(super) mod limits;
pub(super) mod party;
pub(super) mod presence_size;
pub(super) mod quota;
pub(super) mod rates;
pub(super) mod slow;
pub(super) mod weight;
