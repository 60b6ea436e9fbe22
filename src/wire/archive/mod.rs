//! Questions to archives and their answers. XEP-0313.

pub(super) mod filter;
pub mod form;
pub mod query;
pub mod result;
pub mod unread;
