//! Categories and rooms: `tblNode`.

use std::collections::BTreeMap;
use std::path::Path;

use uuid::Uuid;

use super::enums::Enums;
use super::fault::ExportFault;
use super::row::{Row, UnfitRow};
use super::table::{self, NODES};
use super::ticks;
use crate::room::Timestamp;
use crate::transfer::item::Error;
use crate::transfer::skipped::Skipped;

/// The tree of a pool: a root, categories below it, rooms below these.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    /// By their numbers.
    pub categories: BTreeMap<i64, CategoryNode>,
    /// By their numbers.
    pub rooms: BTreeMap<i64, RoomNode>,
}

/// A category: what its rooms have in common.
#[derive(Debug)]
pub(super) struct CategoryNode {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether new members are sent invitations.
    pub invitations: bool,
    /// Whether what is said is kept.
    pub history: bool,
    /// Whether files may be uploaded.
    pub uploads: bool,
}

/// A room, without who is who in it.
#[derive(Debug)]
pub(super) struct RoomNode {
    /// What its addresses have in them.
    pub guid: Uuid,
    /// The number of its category.
    pub parent: i64,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it sends invitations as its category says, or never.
    pub inherits_invitations: bool,
    /// Whether nobody may use it.
    pub is_disabled: bool,
    /// Whether only presenters speak; `None`: an unknown kind of room.
    pub is_auditorium: Option<bool>,
    /// Who may see it; `None`: an unknown number.
    pub visibility: Option<Visibility>,
    /// The add-in that it shows, by its id.
    pub add_in: Option<Uuid>,
    /// The number of who created it.
    pub creator: Option<i64>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// Who may see a room, in the words of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visibility {
    /// "private": its members.
    Private,
    /// "scope": everybody in scope; its members may enter.
    Scoped,
    /// "open": everybody in scope.
    Open,
}

enum OldNode {
    Root,
    Category(i64, CategoryNode, i64),
    Room(i64, RoomNode),
}

impl Nodes {
    /// Reads them.
    ///
    /// # Errors
    /// - [`Error::Read`]: the file can't be read.
    /// - [`Error::Export`]: it is of 2010, or there is nothing in it.
    pub fn read(folder: &Path, skipped: &mut Vec<Skipped>) -> Result<Self, Error> {
        let unfit = |fault| Error::Export {
            path: folder.to_owned(),
            fault,
        };
        let enums = Enums::read(folder, skipped)?;
        let mut is_older = false;
        let all = table::read_all(NODES, folder, skipped, |row| {
            is_older |= !(row.has("visibility") && row.has("behavior")) && row.has("nodeID");
            read(row, &enums)
        })?;
        if is_older {
            return Err(unfit(ExportFault::Older));
        }
        let mut nodes = Self::default();
        for node in all {
            match node {
                OldNode::Root => {}
                OldNode::Category(_, _, parent) if parent != ROOT => {
                    return Err(unfit(ExportFault::Older));
                }
                OldNode::Category(id, category, _) => {
                    nodes.categories.insert(id, category);
                }
                OldNode::Room(id, room) => {
                    nodes.rooms.insert(id, room);
                }
            }
        }
        match nodes.rooms.is_empty() && nodes.categories.is_empty() {
            true => Err(unfit(ExportFault::Empty)),
            false => Ok(nodes),
        }
    }
}

fn read(row: &Row, enums: &Enums) -> Result<OldNode, UnfitRow> {
    let id = row.integer("nodeID")?;
    let parent = row.integer("parentID")?;
    if id == ROOT {
        return Ok(OldNode::Root);
    }
    let name = row.text("nodeName")?;
    let description = row.text_or_null("nodeDesc")?.unwrap_or_default();
    if row.flag("nodeType")? {
        let is_on = |flag: Option<bool>| flag.unwrap_or(true);
        let category = CategoryNode {
            name,
            description,
            invitations: is_on(row.flag_or_null("invite")?),
            history: is_on(row.flag_or_null("logged")?),
            uploads: is_on(row.flag_or_null("filePost")?),
        };
        return Ok(OldNode::Category(id, category, parent));
    }
    let room = RoomNode {
        guid: row.guid("nodeGuid")?,
        parent,
        name,
        description,
        inherits_invitations: row.flag_or_null("invite")? != Some(false),
        is_disabled: row.flag_or_null("disabled")?.unwrap_or(false),
        is_auditorium: enums.is_auditorium(row.integer("behavior")?),
        visibility: enums.visibility(row.integer("visibility")?),
        add_in: row.guid_or_null("siopID")?,
        creator: row.integer_or_null("nodeAddedBy")?,
        created_at: row.integer_or_null("nodeAddedOn")?.and_then(ticks::moment),
    };
    Ok(OldNode::Room(id, room))
}

/// The number of the root.
const ROOT: i64 = 1;
