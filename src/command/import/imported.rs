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
}

/// The sentence for people.
impl fmt::Display for ImportedRoom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.outcome {
            ImportOutcome::Imported => "imported",
            ImportOutcome::WouldBeImported => "would be imported",
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
