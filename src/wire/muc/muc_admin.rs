//! Lists of roles and affiliations, and changes to them: `http://jabber.org/protocol/muc#admin`.
//! XEP-0045 §8 (#moderator), §9 (#admin), §19.3 (#schemas-admin).

use xso::{AsXml, FromXml};

use crate::room::effect::{AffiliationItem, RoleItem};
use crate::room::request::{AffiliationTarget, Moderation};
use crate::room::{Action, Affiliation, Nick, Refusal, Role};
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::short_text;
use crate::wire::stanza::short_text::Said;
use crate::wire::xml::address;
use crate::wire::xml::frame::Child;
use crate::wire::xml::text_between::PassOver;

/// The namespace of this file.
pub(in crate::wire) const NAMESPACE: &str = "http://jabber.org/protocol/muc#admin";

/// A question, a list of changes, or an answer.
#[derive(FromXml, AsXml, Debug, Default)]
#[xml(namespace = NAMESPACE, name = "query")]
pub(in crate::wire) struct AdminQuery {
    #[xml(child(n = ..))]
    items: Vec<AdminItem>,
}

/// One person or occupant. Everything is text: what is wrong with it has to be told apart.
#[derive(FromXml, AsXml, Debug, Default)]
#[xml(namespace = NAMESPACE, name = "item")]
struct AdminItem {
    #[xml(attribute(default))]
    affiliation: Option<String>,
    #[xml(attribute(default))]
    jid: Option<String>,
    #[xml(attribute(default))]
    nick: Option<String>,
    #[xml(attribute(default))]
    role: Option<String>,
    #[xml(extract(default, fields(lang(default, type_ = Option<String>), text(type_ = String))))]
    reason: Option<Said>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

/// Reads which list is wanted: by affiliation, or by role.
///
/// # Errors
/// - [`Problem::Malformed`]: neither is named, or both.
/// - [`Refusal::NoSuchList`]: nobody is listed as `none`.
pub(in crate::wire) fn decode_get(child: &Child<'_>) -> Result<Action, Problem> {
    let query = parse(child)?;
    let [item] = query.items.as_slice() else {
        return Err(malformed(
            "one, with the affiliation or the role that is to be listed",
        ));
    };
    match (&item.affiliation, &item.role) {
        (Some(name), None) => Ok(Action::ListAffiliation(listed(affiliation(name)?)?)),
        (None, Some(name)) => match role(name)? {
            Role::None => Err(Refusal::NoSuchList.into()),
            role => Ok(Action::ListRole(role)),
        },
        _ => Err(malformed("an affiliation or a role, and not both")),
    }
}

/// Reads changes of roles or of affiliations.
///
/// # Errors
/// - [`Problem::Malformed`]: there are none, or one changes both a role and an affiliation, or
///   neither, or does not say whose.
/// - [`Problem::BadAddress`], [`Problem::BadNick`], [`Problem::TextTooLong`].
pub(in crate::wire) fn decode_set(child: &Child<'_>) -> Result<Action, Problem> {
    let query = parse(child)?;
    if query.items.is_empty() {
        return Err(malformed("at least one"));
    }
    let changes: Result<Vec<_>, _> = query.items.into_iter().map(change).collect();
    changes.map(Action::Moderate)
}

/// How much of a list of affiliations is told; less when all of it is too long for one stanza.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) enum ListDetail {
    /// All that is known.
    Full,
    /// All but the reasons.
    Nicks,
    /// Neither reasons nor nicks, but still everybody.
    Addresses,
}

/// Who has an affiliation. XEP-0045 §9.5 (#modifymember).
pub(in crate::wire) fn affiliations(list: &[AffiliationItem], detail: ListDetail) -> AdminQuery {
    let item = |entry: &AffiliationItem| AdminItem {
        affiliation: Some(entry.affiliation.name().to_owned()),
        jid: Some(entry.jid.to_string()),
        nick: entry
            .nick
            .as_ref()
            .filter(|_| detail != ListDetail::Addresses)
            .map(Nick::to_string),
        role: None,
        reason: entry
            .reason
            .as_ref()
            .filter(|_| detail == ListDetail::Full)
            .map(|reason| (reason.language().map(str::to_owned), reason.to_string())),
        _between: (),
    };
    AdminQuery {
        items: list.iter().map(item).collect(),
    }
}

/// Who has a role. XEP-0045 §8.5 (#modifyvoice).
pub(in crate::wire) fn roles(list: &[RoleItem]) -> AdminQuery {
    let item = |entry: &RoleItem| AdminItem {
        affiliation: Some(entry.affiliation.name().to_owned()),
        jid: entry.real_jid.as_ref().map(|real_jid| real_jid.to_string()),
        nick: Some(entry.nick.to_string()),
        role: Some(entry.role.name().to_owned()),
        reason: None,
        _between: (),
    };
    AdminQuery {
        items: list.iter().map(item).collect(),
    }
}

fn change(item: AdminItem) -> Result<Moderation, Problem> {
    let reason = short_text::decode_words("reason", item.reason)?;
    match (item.affiliation, item.role) {
        (None, Some(name)) => {
            let nick = nick(&item.nick.ok_or(malformed("a nick, beside a role"))?)?;
            Ok(Moderation::Role {
                nick,
                role: role(&name)?,
                reason,
            })
        }
        (Some(name), None) => {
            let affiliation = affiliation(&name)?;
            let (target, reserve) = target(affiliation, item.jid, item.nick)?;
            Ok(Moderation::Affiliation {
                target,
                affiliation,
                reserve,
                reason,
            })
        }
        // "if a moderator, admin, or owner attempts to modify both ... the service MUST return a
        // bad-request".
        _ => Err(malformed("an affiliation or a role, and not both")),
    }
}

/// The person that a change of affiliation is about, and the nick that it reserves. A nick beside
/// an address is one to be reserved, but not for somebody who is on no list or banned: clients that
/// ban somebody tell their present nick.
fn target(
    affiliation: Affiliation,
    jid: Option<String>,
    wish: Option<String>,
) -> Result<(AffiliationTarget, Option<Option<Nick>>), Problem> {
    let Some(jid) = jid else {
        let nick = nick(&wish.ok_or(malformed("a jid, or a nick"))?)?;
        return Ok((AffiliationTarget::Nick(nick), None));
    };
    // "a service SHOULD use the bare JID representation".
    let jid = address::parse(&jid)
        .map_err(|_| Problem::BadAddress {
            place: "jid of <item/>",
        })?
        .into_bare();
    let reserve = match (wish.as_deref(), affiliation) {
        (None, _) | (Some(_), Affiliation::Outcast | Affiliation::None) => None,
        // "To unset a reserved nickname, the 'nick' attribute must be set to an empty string."
        (Some(""), _) => Some(None),
        (Some(wish), _) => Some(Some(nick(wish)?)),
    };
    Ok((AffiliationTarget::Jid(jid), reserve))
}

fn parse(child: &Child<'_>) -> Result<AdminQuery, Problem> {
    child.parse().map_err(|_| Problem::Malformed {
        element: "query",
        wanted: "any number of <item/>, each with at most one <reason/>",
    })
}

fn malformed(wanted: &'static str) -> Problem {
    let element = "item";
    Problem::Malformed { element, wanted }
}

fn nick(text: &str) -> Result<Nick, Problem> {
    let place = "nick of <item/>";
    Nick::new(text).map_err(|_| Problem::BadNick { place })
}

fn role(name: &str) -> Result<Role, Problem> {
    Role::from_name(name).ok_or(malformed(
        "a role is moderator, participant, visitor or none",
    ))
}

fn affiliation(name: &str) -> Result<Affiliation, Problem> {
    Affiliation::from_name(name).ok_or(malformed(
        "an affiliation is owner, admin, member, none or outcast",
    ))
}

/// There is no list of those who have no affiliation.
fn listed(affiliation: Affiliation) -> Result<Affiliation, Problem> {
    match affiliation {
        Affiliation::None => Err(Refusal::NoSuchList.into()),
        listed => Ok(listed),
    }
}

#[cfg(test)]
mod tests;
