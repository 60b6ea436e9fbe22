//! What has become of a room that came from elsewhere.

use std::fmt;

use jid::BareJid;
use serde::{Deserialize, Serialize};

use crate::command::counted;

/// A room that came from elsewhere, and what has become of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedRoom {
    /// Its address here.
    pub room: BareJid,
    /// Whether it was taken.
    pub outcome: ImportOutcome,
    /// The number of stanzas in its archive.
    pub messages: u64,
    /// The number of these that have another stanza id than they had, which a stanza of another
    /// room has.
    pub renamed: u64,
    /// The number of these whose time was changed: it was before that of the stanza before, or in
    /// the future.
    pub moved: u64,
    /// The number of earlier ones that were taken back by their authors, and are tombstones.
    pub taken_back: u64,
    /// The number of those left out because they correct or take back what somebody else said, or
    /// what was taken back already.
    pub refused: u64,
    /// The number of those left out because the room has had a stanza with that id.
    pub repeated: u64,
    /// The name that it has here, where another room has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The add-in that was registered here for it; `None`: none had to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addin: Option<String>,
    /// Why it comes without the add-in that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addin_refused: Option<String>,
}

/// A category that came from elsewhere, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedCategory {
    /// What it is called.
    pub category: String,
    /// Whether it was taken.
    pub outcome: CategoryOutcome,
}

/// Whether a category was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CategoryOutcome {
    /// It is here now.
    Imported,
    /// It would be; nothing was done.
    WouldBeImported,
    /// It is here already, for the same people.
    Exists,
    /// There is one of that name for others, which was left as it is.
    Differs,
}

/// A row of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Imported {
    /// What has become of a category.
    Category(ImportedCategory),
    /// What has become of a room.
    Room(ImportedRoom),
}

/// Whether a room was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// It is here now.
    Imported,
    /// It would be; nothing was done.
    WouldBeImported,
    /// There is such a room already, which was left as it is.
    Exists,
    /// It has come before from the same place, and was given the messages that were new.
    Resumed,
    /// It would be given them; nothing was done.
    WouldBeResumed,
}

/// The sentence for people.
impl fmt::Display for ImportedRoom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.outcome {
            ImportOutcome::Imported => "imported",
            ImportOutcome::WouldBeImported => "would be imported",
            ImportOutcome::Resumed => "is here already, and was given what is new",
            ImportOutcome::WouldBeResumed => "is here already, and would be given what is new",
            ImportOutcome::Exists => {
                return write!(
                    formatter,
                    "{}: is here already, and was left as it is",
                    self.room
                );
            }
        };
        let counted = counted(self.messages, "message");
        write!(formatter, "{}: {what}, {counted}", self.room)?;
        let remarks = [
            (self.renamed, "with another id, for theirs was taken"),
            (
                self.moved,
                "with another time, for theirs was out of order or in the future",
            ),
            (self.taken_back, "taken back by their authors"),
            (
                self.refused,
                "left out, for they change what somebody else said or what is gone",
            ),
            (self.repeated, "left out, for their id was there before"),
        ];
        for (count, remark) in remarks.iter().filter(|(count, _)| *count > 0) {
            write!(formatter, "; {count} {remark}")?;
        }
        if let Some(name) = &self.name {
            write!(formatter, "; named {name:?}, for another room has its name")?;
        }
        if let Some(addin) = &self.addin {
            write!(formatter, "; its add-in {addin} was registered")?;
        }
        if let Some(why) = &self.addin_refused {
            write!(formatter, "; without its add-in: {why}")?;
        }
        Ok(())
    }
}

/// The sentence for people.
impl fmt::Display for ImportedCategory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.outcome {
            CategoryOutcome::Imported => "imported",
            CategoryOutcome::WouldBeImported => "would be imported",
            CategoryOutcome::Exists => "is here already, for the same people",
            CategoryOutcome::Differs => {
                "is here already, for others than the one that came, and was left as it is"
            }
        };
        write!(formatter, "category {}: {what}", self.category)
    }
}
