//! Data forms. XEP-0004.

pub(super) mod blank_form;
pub(super) mod configuration;
pub(super) mod configuration_form;
pub(super) mod room_form;
pub(super) mod submission;
