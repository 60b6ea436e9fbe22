//! The type of a room: who speaks in it, as one choice. DESIGN §1.
//!
//! It is no setting of its own, but a view of whether the room is moderated. What follows for those
//! inside is another matter.

use super::configuration::Configuration;
use super::word::Word;

/// Who speaks in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomType {
    /// Everybody who may enter.
    Normal,
    /// Presenters and those who run the room; all others read.
    Auditorium,
}

impl Word for RoomType {
    const ALL: &'static [Self] = &[Self::Normal, Self::Auditorium];
    const NAMES: &'static [&'static str] = &["normal", "auditorium"];
}

impl Configuration {
    /// The type as which the setting reads.
    pub fn room_type(&self) -> RoomType {
        match self.moderated {
            false => RoomType::Normal,
            true => RoomType::Auditorium,
        }
    }

    /// This configuration with another type.
    pub fn with_room_type(mut self, room_type: RoomType) -> Self {
        self.moderated = room_type == RoomType::Auditorium;
        self
    }
}
