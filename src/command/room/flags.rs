//! What the flags of several commands on rooms say, and how each is read.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::room::setting::configuration::{Configuration, InvitationPolicy};
use crate::room::setting::{Assignment, Kind, Privacy, RoomType, Setting};
use crate::room::text::one_line::is_one_line;

/// Who may know of a room, and enter it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PrivacyFlag {
    /// Everybody of the category enters
    Open,
    /// Everybody of the category knows of it, members enter
    Closed,
    /// Nobody but members knows that there is such a room
    Secret,
}

/// Who speaks in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TypeFlag {
    /// Everybody who is inside
    Normal,
    /// Presenters and managers; all others read
    Auditorium,
}

/// Whether people invite others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum InvitationsFlag {
    /// As the category says
    Inherit,
    /// Nobody invites others
    Off,
}

/// Whether something is so, on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::command) enum Switch {
    /// It is so
    On,
    /// It is not so
    Off,
}

impl PrivacyFlag {
    /// That of a room.
    pub fn of(configuration: &Configuration) -> Self {
        match configuration.privacy() {
            Privacy::Open => Self::Open,
            Privacy::Closed => Self::Closed,
            Privacy::Secret => Self::Secret,
        }
    }

    /// What makes it that of a room.
    pub fn assignment(self) -> Assignment {
        Assignment::Privacy(match self {
            Self::Open => Privacy::Open,
            Self::Closed => Privacy::Closed,
            Self::Secret => Privacy::Secret,
        })
    }
}

impl TypeFlag {
    /// That of a room.
    pub fn of(configuration: &Configuration) -> Self {
        match configuration.room_type() {
            RoomType::Normal => Self::Normal,
            RoomType::Auditorium => Self::Auditorium,
        }
    }

    /// What makes it that of a room.
    pub fn assignment(self) -> Assignment {
        Assignment::RoomType(match self {
            Self::Normal => RoomType::Normal,
            Self::Auditorium => RoomType::Auditorium,
        })
    }
}

impl InvitationsFlag {
    /// That of a room.
    pub fn of(configuration: &Configuration) -> Self {
        match configuration.invitations {
            InvitationPolicy::Inherit => Self::Inherit,
            InvitationPolicy::Off => Self::Off,
        }
    }

    /// What makes it that of a room.
    pub fn assignment(self) -> Assignment {
        Setting::Invitations.to(match self {
            Self::Inherit => InvitationPolicy::Inherit,
            Self::Off => InvitationPolicy::Off,
        })
    }
}

impl Switch {
    /// Whether it is on.
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// The word for a choice.
pub(super) fn word(choice: impl ValueEnum) -> String {
    let value = choice.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Reads a name for a room.
pub(super) fn name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a name has something to be seen".to_owned()),
        trimmed => line(trimmed, Setting::Name),
    }
}

/// Reads what a room is for; empty: nothing is said of it.
pub(super) fn description(text: &str) -> Result<String, String> {
    line(text.trim(), Setting::Description)
}

/// Reads why a room is disabled.
pub(super) fn disabled_reason(text: &str) -> Result<String, String> {
    line(text.trim(), Setting::DisabledReason)
}

fn line(text: &str, setting: Setting) -> Result<String, String> {
    if !is_one_line(text) {
        return Err("one line is wanted, without control characters".to_owned());
    }
    match setting.kind() {
        Kind::Text { characters_max } if text.chars().count() > characters_max => {
            Err(format!("at most {characters_max} characters"))
        }
        _ => Ok(text.to_owned()),
    }
}
