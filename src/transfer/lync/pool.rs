//! The old pool as a whole: its tables but for what was said, and what there is to know before
//! anything comes.

use std::collections::BTreeMap;
use std::path::Path;

use jid::BareJid;
use uuid::Uuid;

use super::access::{AccessLists, ListKind};
use super::address::RoomAddresses;
use super::fault::ExportFault;
use super::mapping::Mapping;
use super::node::{CategoryNode, Nodes, RoomNode, Visibility};
use super::principal::{OldPrincipals, PrincipalKind};
use super::role::{RoleKind, RoleTable};
use super::room;
use super::table::{self, ADD_INS, NODES, PRINCIPALS, ROLES, SCOPES};
use crate::room::scope::Switches;
use crate::room::setting::addin::AddIn;
use crate::transfer::item::Error;
use crate::transfer::record::{CategoryRecord, RoomRecord};
use crate::transfer::remark::{Remark, RemarkKind};
use crate::transfer::skipped::Skipped;

/// The tables of a pool.
pub(super) struct OldPool {
    nodes: Nodes,
    /// Who is who.
    pub principals: OldPrincipals,
    roles: RoleTable,
    add_ins: BTreeMap<Uuid, AddIn>,
    /// The rooms' addresses here, by their numbers.
    addresses: BTreeMap<i64, BareJid>,
    /// The rooms' numbers, by the ids of their old addresses.
    by_guid: BTreeMap<Uuid, i64>,
}

impl OldPool {
    /// Reads a pool whose rooms are to live at `domain`. What can't be used goes to `skipped`.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    /// - [`Error::Export`]: it is no export of such a pool.
    pub fn read(
        folder: &Path,
        domain: &BareJid,
        swaps_closed_and_secret: bool,
        skipped: &mut Vec<Skipped>,
    ) -> Result<Self, Error> {
        for table in [NODES, PRINCIPALS, ROLES, SCOPES] {
            if table.files(folder)?.is_empty() {
                return Err(Error::Export {
                    path: folder.to_owned(),
                    fault: ExportFault::Missing(table.name),
                });
            }
        }
        let mut nodes = Nodes::read(folder, skipped)?;
        if swaps_closed_and_secret {
            nodes.rooms.values_mut().for_each(swap);
        }
        let add_ins = table::read_all(ADD_INS, folder, skipped, |row| {
            let add_in = AddIn {
                name: row.text("siopName")?.into(),
                url: row.text("siopUrl")?.into(),
            };
            Ok((row.guid("siopID")?, add_in))
        })?;
        let mut addresses = RoomAddresses::new(domain);
        let places = nodes.rooms.iter().map(|(id, room)| {
            let is_known = nodes.categories.contains_key(&room.parent);
            let address = match room.visibility.filter(|_| is_known) {
                Some(Visibility::Open | Visibility::Scoped) => {
                    addresses.readable(&room.name, room.guid)
                }
                Some(Visibility::Private) | None => addresses.secret(room.guid),
            };
            (*id, address)
        });
        Ok(Self {
            addresses: places.collect(),
            by_guid: nodes
                .rooms
                .iter()
                .map(|(id, room)| (room.guid, *id))
                .collect(),
            principals: OldPrincipals::read(folder, skipped)?,
            roles: RoleTable::read(folder, skipped)?,
            add_ins: add_ins.into_iter().collect(),
            nodes,
        })
    }

    /// The numbers of all rooms, with their addresses here.
    pub fn rooms(&self) -> impl Iterator<Item = (i64, &BareJid)> {
        self.addresses.iter().map(|(id, room)| (*id, room))
    }

    /// The room of that number.
    pub fn room(&self, id: i64) -> Option<&RoomNode> {
        self.nodes.rooms.get(&id)
    }

    /// The address that a room has here, by the id in its old one.
    pub fn address(&self, guid: Uuid) -> Option<&BareJid> {
        self.addresses.get(self.by_guid.get(&guid)?)
    }

    /// A room as it comes; what there is to know of it goes to `access`.
    pub fn record(
        &self,
        id: i64,
        access: &mut AccessLists<'_>,
        mapping: &Mapping,
    ) -> Option<RoomRecord> {
        let (node, jid) = (self.nodes.rooms.get(&id)?, self.addresses.get(&id)?);
        let creator = node
            .creator
            .and_then(|creator| self.principals.get(creator));
        let creator = creator.filter(|creator| creator.kind == PrincipalKind::User);
        let creator = creator.and_then(|creator| mapping.person(&creator.uri));
        let category = self.category_of(node);
        let record = room::record((id, node), category, jid.clone(), &self.roles, access);
        let add_in = node.add_in.and_then(|guid| self.add_ins.get(&guid));
        if node.add_in.is_some() && add_in.is_none() {
            let text = "its add-in is in no row: it comes without".to_owned();
            let about = format!("room {:?}", node.name);
            access.remark(RemarkKind::NotUnderstood, &about, text);
        }
        Some(RoomRecord {
            creator,
            addin: add_in.cloned(),
            ..record
        })
    }

    /// The categories as they come.
    pub fn categories(&self, mapping: &Mapping) -> Vec<CategoryRecord> {
        let mut access = AccessLists::new(&self.principals, mapping);
        let nodes = self.nodes.categories.iter();
        nodes
            .map(|(id, node)| self.category(*id, node, &mut access))
            .collect()
    }

    fn category(
        &self,
        id: i64,
        node: &CategoryNode,
        access: &mut AccessLists<'_>,
    ) -> CategoryRecord {
        let about = format!("category {:?}", node.name);
        let roles = &self.roles;
        CategoryRecord {
            name: node.name.as_str().into(),
            description: node.description.as_str().into(),
            allowed: access.list(&about, ListKind::Allowed, roles.allowed(id)),
            denied: access.list(&about, ListKind::Denied, roles.denied(id)),
            creators: access.list(&about, ListKind::Creators, roles.of(id, RoleKind::Creator)),
            switches: Switches {
                history: node.history,
                invitations: node.invitations,
                uploads: node.uploads,
            },
        }
    }

    /// The name of a room's category.
    pub fn category_name(&self, room: i64) -> Option<&str> {
        let category = self.category_of(self.nodes.rooms.get(&room)?)?;
        Some(&category.name)
    }

    fn category_of(&self, room: &RoomNode) -> Option<&CategoryNode> {
        self.nodes.categories.get(&room.parent)
    }

    /// What there is to know of the pool, and of those rooms that are wanted, before anything
    /// comes.
    pub fn remarks(&self, mapping: &Mapping, is_wanted: impl Fn(&BareJid) -> bool) -> Vec<Remark> {
        let mut access = AccessLists::new(&self.principals, mapping);
        for (id, category) in &self.nodes.categories {
            let about = format!("category {:?}", category.name);
            let record = self.category(*id, category, &mut access);
            if record.allowed.is_empty() {
                let text = "it allows nobody: nobody but operators knows its rooms".to_owned();
                access.remark(RemarkKind::Narrows, &about, text);
            }
        }
        for (id, room) in self.rooms() {
            if is_wanted(room) {
                self.record(id, &mut access, mapping);
            }
        }
        self.look_for_the_unexpected(&mut access);
        let unmapped = std::mem::take(&mut access.unmapped);
        for (person, lists) in unmapped {
            let text = format!("no address here, and left out of {lists} lists");
            access.remark(RemarkKind::Unmapped, &person, text);
        }
        if access.disabled > 0 {
            let text = format!(
                "{} entries of people whose accounts are disabled or deleted are left out",
                access.disabled
            );
            access.remark(RemarkKind::Changes, "lists", text);
        }
        access.remarks
    }

    /// Rows that the schema does not foresee.
    fn look_for_the_unexpected(&self, access: &mut AccessLists<'_>) {
        let kinds = [RoleKind::Member, RoleKind::Manager, RoleKind::Presenter];
        let of_rooms = kinds.iter().flat_map(|kind| self.roles.nodes_with(*kind));
        let misplaced = of_rooms.filter(|node| !self.nodes.rooms.contains_key(node));
        let creators = self.roles.nodes_with(RoleKind::Creator);
        let scopes = self.roles.nodes_with_scope().into_iter();
        let of_categories = creators.chain(scopes);
        let of_categories = of_categories.filter(|node| !self.nodes.categories.contains_key(node));
        for node in misplaced.chain(of_categories) {
            let about = format!("node {node}");
            let text =
                "it has roles or lists that such a node should not have: left out".to_owned();
            access.remark(RemarkKind::NotUnderstood, &about, text);
        }
    }
}

/// Takes "private" for closed and "scope" for secret.
fn swap(room: &mut RoomNode) {
    room.visibility = room.visibility.map(|visibility| match visibility {
        Visibility::Private => Visibility::Scoped,
        Visibility::Scoped => Visibility::Private,
        Visibility::Open => Visibility::Open,
    });
}
