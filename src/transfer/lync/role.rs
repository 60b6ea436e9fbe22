//! Who has which role, and who is allowed and denied: `tblPrincipalRole`, `tblScopePrincipal`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::row::{Row, UnfitRow};
use super::table::{self, ROLES, SCOPES};
use crate::transfer::item::Error;
use crate::transfer::skipped::Skipped;

/// What a principal may be in a room or a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RoleKind {
    /// May enter a room.
    Member,
    /// Configures a room.
    Manager,
    /// Speaks in an auditorium.
    Presenter,
    /// Makes rooms in a category.
    Creator,
}

/// All roles and all lists, by the number of the room or the category.
#[derive(Debug, Default)]
pub(super) struct RoleTable {
    roles: BTreeMap<(i64, RoleKind), BTreeSet<i64>>,
    allowed: BTreeMap<i64, BTreeSet<i64>>,
    denied: BTreeMap<i64, BTreeSet<i64>>,
}

impl RoleTable {
    /// Reads them.
    ///
    /// # Errors
    /// - [`Error::Read`]: a file can't be read.
    pub fn read(folder: &Path, skipped: &mut Vec<Skipped>) -> Result<Self, Error> {
        let mut roles = Self::default();
        let all = table::read_all(ROLES, folder, skipped, |row| {
            let node = row.integer("prinRoleNodeID")?;
            Ok((node, row.integer("prinRolePrinID")?, kind(row)?))
        })?;
        for (node, principal, kind) in all {
            let list = roles.roles.entry((node, kind)).or_default();
            list.insert(principal);
        }
        let scopes = table::read_all(SCOPES, folder, skipped, |row| {
            let node = row.integer("scopeNodeID")?;
            let principal = row.integer("scopePrinID")?;
            Ok((node, principal, row.flag("scopeIsDenied")?))
        })?;
        for (node, principal, is_denied) in scopes {
            let lists = match is_denied {
                true => &mut roles.denied,
                false => &mut roles.allowed,
            };
            lists.entry(node).or_default().insert(principal);
        }
        Ok(roles)
    }

    /// Those who have a role in a room or a category.
    pub fn of(&self, node: i64, kind: RoleKind) -> impl Iterator<Item = i64> {
        self.roles.get(&(node, kind)).into_iter().flatten().copied()
    }

    /// Those who are allowed in a category.
    pub fn allowed(&self, node: i64) -> impl Iterator<Item = i64> {
        self.allowed.get(&node).into_iter().flatten().copied()
    }

    /// Those who are denied in a category.
    pub fn denied(&self, node: i64) -> impl Iterator<Item = i64> {
        self.denied.get(&node).into_iter().flatten().copied()
    }

    /// The rooms and categories that have roles of this kind.
    pub fn nodes_with(&self, wanted: RoleKind) -> impl Iterator<Item = i64> {
        let keys = self.roles.keys();
        keys.filter_map(move |(node, kind)| (*kind == wanted).then_some(*node))
    }

    /// The rooms and categories that have lists of who is allowed and denied.
    pub fn nodes_with_scope(&self) -> BTreeSet<i64> {
        self.allowed
            .keys()
            .chain(self.denied.keys())
            .copied()
            .collect()
    }
}

/// By its word, and where that is none of the four, by what it may do: the numbers of roles are not
/// documented.
fn kind(row: &Row) -> Result<RoleKind, UnfitRow> {
    let word = row.text("rtypeDesc")?;
    match word.trim().to_lowercase().as_str() {
        "member" => return Ok(RoleKind::Member),
        "manager" => return Ok(RoleKind::Manager),
        "voiced" => return Ok(RoleKind::Presenter),
        "creator" => return Ok(RoleKind::Creator),
        _ => {}
    }
    let unknown = || UnfitRow::Value {
        column: "rtypeDesc",
        expected: "role (Member, Manager, Voiced, Creator)",
        found: format!("{word:?}"),
    };
    let permissions = row.integer_or_null("rtypeAllowedPermSet")?;
    permissions
        .and_then(kind_by_permissions)
        .ok_or_else(unknown)
}

/// What a role is by its permissions, each a bit.
fn kind_by_permissions(permissions: i64) -> Option<RoleKind> {
    let may = |bit: u32| permissions & (1 << bit) != 0;
    // Members have the bit of creators too, as everybody once had.
    if may(MANAGE) {
        Some(RoleKind::Manager)
    } else if may(SPEAK_IN_AUDITORIUM) {
        Some(RoleKind::Presenter)
    } else if may(JOIN) {
        Some(RoleKind::Member)
    } else {
        may(CREATE).then_some(RoleKind::Creator)
    }
}

const MANAGE: u32 = 2;
const CREATE: u32 = 4;
const JOIN: u32 = 7;
const SPEAK_IN_AUDITORIUM: u32 = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_by_its_word_or_by_what_it_may_do() {
        let read = |word: &str, permissions: &str| {
            let line =
                format!("{{\"rtypeDesc\":\"{word}\",\"rtypeAllowedPermSet\":{permissions}}}");
            kind(&Row::of_json(&line).unwrap())
        };
        assert_eq!(read("MEMBER", "null").unwrap(), RoleKind::Member);
        assert_eq!(read("Voiced", "0").unwrap(), RoleKind::Presenter);
        let bits = |bits: &[u32]| bits.iter().map(|bit| 1_i64 << bit).sum::<i64>().to_string();
        for (permissions, role) in [
            // Masks of public captures of the older protocol.
            ("3984".to_owned(), RoleKind::Member),
            ("12276".to_owned(), RoleKind::Manager),
            (bits(&[12, 8]), RoleKind::Presenter),
            (bits(&[4]), RoleKind::Creator),
        ] {
            assert_eq!(read("Mitglied", &permissions).unwrap(), role);
        }
        assert_eq!(
            read("Gast", "0").unwrap_err().to_string(),
            "its rtypeDesc is no role (Member, Manager, Voiced, Creator): \"Gast\""
        );
    }
}
