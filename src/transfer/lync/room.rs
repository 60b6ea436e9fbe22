//! A room of the old pool as a [`RoomRecord`].

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use super::access::{AccessLists, ListKind, addresses};
use super::content;
use super::node::{CategoryNode, RoomNode, Visibility};
use super::role::{RoleKind, RoleTable};
use crate::room::setting::configuration::{Configuration, InvitationPolicy};
use crate::room::{Affiliated, Affiliation, Bond, Snapshot, Timestamp};
use crate::store::RoomRetention;
use crate::transfer::record::RoomRecord;
use crate::transfer::remark::RemarkKind;

/// Who is who in a room.
struct RoomPeople {
    members: BTreeSet<BareJid>,
    managers: BTreeSet<BareJid>,
    presenters: BTreeSet<BareJid>,
}

/// The room whose number is `id`, at its address here.
pub(super) fn record(
    (id, node): (i64, &RoomNode),
    category: Option<&CategoryNode>,
    jid: BareJid,
    roles: &RoleTable,
    access: &mut AccessLists<'_>,
) -> RoomRecord {
    let about = format!("room {:?}", node.name);
    let mut list = |kind, role| addresses(access.entries(&about, kind, roles.of(id, role)));
    let people = RoomPeople {
        members: list(ListKind::Members, RoleKind::Member),
        managers: list(ListKind::Managers, RoleKind::Manager),
        presenters: list(ListKind::Presenters, RoleKind::Presenter),
    };
    let visibility = visibility(node, category, &about, access);
    compare(node, visibility, &people, &about, access);
    let mut snapshot = Snapshot::new(configuration(node, visibility));
    let given_at = node.created_at.unwrap_or(Timestamp(0));
    let given = |affiliation| Affiliated {
        affiliation,
        reason: None,
        given_by: None,
        given_at,
    };
    let members = people.members.difference(&people.managers);
    let owners = people.managers.iter();
    let owners = owners.map(|manager| (manager.clone(), given(Affiliation::Owner)));
    let members = members.map(|member| (member.clone(), given(Affiliation::Member)));
    snapshot.affiliations = owners.chain(members).collect();
    snapshot
        .affiliations
        .sort_by(|one, other| one.0.cmp(&other.0));
    for presenter in people.presenters {
        snapshot.bonds.set(presenter, Bond::Presenter(true));
    }
    RoomRecord {
        jid,
        salt: None,
        created_at: node.created_at,
        creator: None,
        origin: Some(format!("{ORIGIN}{}", node.guid.hyphenated()).into()),
        category: category.map(|category| category.name.as_str().into()),
        snapshot,
        keep: RoomRetention::default(),
        addin: None,
    }
}

/// Who may see the room; where that is not known, the fewest.
fn visibility(
    node: &RoomNode,
    category: Option<&CategoryNode>,
    about: &str,
    access: &mut AccessLists<'_>,
) -> Visibility {
    let unclear = match (category, node.visibility) {
        (Some(_), Some(visibility)) => return visibility,
        (None, _) => "its category is not in the export: it comes as a secret room".to_owned(),
        (Some(_), None) => "its visibility is unknown: it comes as a secret room".to_owned(),
    };
    access.remark(RemarkKind::NotUnderstood, about, unclear);
    Visibility::Private
}

fn configuration(node: &RoomNode, visibility: Visibility) -> Configuration {
    let text = |text: &str, characters_max| -> Arc<str> {
        let text = content::clean(text);
        let text: String = text.chars().take(characters_max).collect();
        text.trim().into()
    };
    let (public, members_only) = match visibility {
        Visibility::Open => (true, false),
        Visibility::Scoped => (true, true),
        Visibility::Private => (false, true),
    };
    Configuration {
        name: text(&node.name.replace(['\r', '\n'], " "), 256),
        description: text(&node.description, 1000),
        public,
        members_only,
        // What is not known lets fewer people speak.
        moderated: node.is_auditorium.unwrap_or(true),
        invitations: match node.inherits_invitations {
            true => InvitationPolicy::Inherit,
            false => InvitationPolicy::Off,
        },
        // Only managers made members, as an invitation would.
        invitations_open: !members_only,
        disabled: node.is_disabled,
        ..Configuration::default()
    }
}

/// Notes whose access is another than it was.
fn compare(
    node: &RoomNode,
    visibility: Visibility,
    people: &RoomPeople,
    about: &str,
    access: &mut AccessLists<'_>,
) {
    if node.is_auditorium.is_none() {
        let text = "its behavior is unknown: it comes as an auditorium".to_owned();
        access.remark(RemarkKind::NotUnderstood, about, text);
    }
    if visibility == Visibility::Open {
        if !people.members.is_empty() {
            let text = "it is open and has members all the same; they stay in its list".to_owned();
            access.remark(RemarkKind::NotUnderstood, about, text);
        }
        return;
    }
    let is_member = |person: &&BareJid| {
        let domain = BareJid::from_parts(None, person.domain());
        people.members.contains(*person) || people.members.contains(&domain)
    };
    let others = |list: &BTreeSet<BareJid>| {
        let others = list.iter().filter(|person| !is_member(person));
        let others: Vec<_> = others.map(|person| person.as_str()).collect();
        (!others.is_empty()).then(|| others.join(", "))
    };
    if let Some(presenters) = others(&people.presenters) {
        let text = format!("presenters who are no members may enter here: {presenters}");
        access.remark(RemarkKind::Widens, about, text);
    }
    if let Some(managers) = others(&people.managers) {
        let text = format!(
            "managers who are no members, and could only make themselves some, may enter here: \
             {managers}"
        );
        access.remark(RemarkKind::Changes, about, text);
    }
}

/// The scheme of rooms' old addresses.
const ORIGIN: &str = "ma-chan:";
