//! What there is to be done.

use jid::BareJid;
use serde::{Deserialize, Serialize};

/// Something that an operator wants done in one pool. As JSON it is what goes through the control socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Tell of every room.
    ListRooms,
    /// Tell of one room, and how large it is.
    ShowRoom {
        /// Its address.
        room: BareJid,
    },
}
