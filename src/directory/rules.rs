//! What the configuration lays down for the service as a whole.

use std::sync::Arc;

use super::Retention;
use crate::room::Terms;
use crate::room::setting::configuration::Configuration;

/// The rules of a pool, from its configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// What holds in every room; who operates the service and whom it serves are part of it.
    pub terms: Terms,
    /// What a new room is like.
    pub new_room: Configuration,
    /// The name of the category to which a room goes whose creator may create there; `None`: the
    /// one that there is out of the box.
    pub default_category: Option<Arc<str>>,
    /// Maximum number of rooms that one person has created and that are still there; `None`: any
    /// number. Operators may have created more. Rooms that others gave a person don't count, or
    /// whoever gives could use up their number.
    pub rooms_per_person_max: Option<u64>,
    /// How long what is said is kept where a room says nothing else.
    pub retention: Retention,
}
