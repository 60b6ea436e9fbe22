//! Times among the arguments of commands.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::room::Timestamp;
use crate::time;

/// A time. It is typed as [`time::parse_typed`] has it, and sent as microseconds since 1970-01-01
/// 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(i64);

impl Moment {
    /// The time itself.
    pub fn at(self) -> Timestamp {
        Timestamp(self.0)
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        time::parse_typed(text).map(|at| Self(at.0))
    }
}
