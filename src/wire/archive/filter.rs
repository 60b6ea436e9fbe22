//! The conditions of a query, as its form tells them. XEP-0313 §4.1 (#filter).

use jid::BareJid;
use xmpp_parsers::ns;

use super::form;
use super::form::{CHRONOLOGICAL, Meaning, ORDER, RANK};
use crate::room::occupying::archive::{Filter, Order, With};
use crate::room::{ArchiveId, Nick, Timestamp};
use crate::search::Search;
use crate::time;
use crate::wire::form::submission::{FormKind, Submission};
use crate::wire::stanza::problem::Problem;
use crate::wire::xml::address;

/// Maximum number of messages that can be asked for by id at once, and of rooms.
const VALUES_MAX: usize = 1000;

const NO_FILTER: Problem = Problem::Malformed {
    element: "x",
    wanted: "a form of type submit with urn:xmpp:mam:2 as FORM_TYPE",
};

/// Maximum number of characters that are repeated of the name of a field that is not known.
const FIELD_SHOWN: usize = 100;

/// Reads the form of a query to the archive of a room, or of the service. An empty field is none.
///
/// # Errors
/// - [`Problem::Malformed`]: it is another form, or was not submitted.
/// - [`Problem::UnknownField`]: "If a client includes a form field that the server does not
///   recognise, the server MUST respond with a 'feature-not-implemented' error", §4.1.5
///   (#query-form).
/// - [`Problem::BadField`], [`Problem::BadAddressInField`], [`Problem::BadSearch`]
pub(in crate::wire) fn decode(
    form: &Submission,
    archive: &BareJid,
) -> Result<(Filter, Order), Problem> {
    if form.kind() != FormKind::Submit || form.form_type() != Some(ns::MAM) {
        return Err(NO_FILTER);
    }
    let mut conditions = QueryConditions::default();
    for (var, values) in form.fields() {
        let (field, meaning) = form::field(archive, var).ok_or_else(|| {
            let field = var.chars().take(FIELD_SHOWN).collect();
            Problem::UnknownField { field }
        })?;
        match meaning {
            Meaning::Ids => conditions.take_ids(field, values)?,
            Meaning::Rooms => conditions.take_rooms(field, values, archive)?,
            Meaning::FormType
            | Meaning::With
            | Meaning::Start
            | Meaning::End
            | Meaning::BeforeId
            | Meaning::AfterId
            | Meaning::Search
            | Meaning::Order => conditions.take(field, meaning, values, archive)?,
        }
    }
    conditions.finish()
}

/// The conditions that have been read.
#[derive(Default)]
struct QueryConditions {
    filter: Filter,
    /// What is searched for, as it was typed.
    search: Option<String>,
    order: Option<Order>,
    /// The room that an author is named in.
    room_of_author: Option<BareJid>,
}

impl QueryConditions {
    fn take(
        &mut self,
        field: &'static str,
        meaning: Meaning,
        values: &[String],
        archive: &BareJid,
    ) -> Result<(), Problem> {
        let Some(value) = single(field, values)? else {
            return Ok(());
        };
        let filter = &mut self.filter;
        let id = || ArchiveId(value.into());
        match meaning {
            Meaning::FormType | Meaning::Ids | Meaning::Rooms => Ok(()),
            Meaning::With => self.take_author(field, value, archive),
            Meaning::Start => once(field, &mut filter.start, time(field, value)?),
            Meaning::End => once(field, &mut filter.end, time(field, value)?),
            Meaning::BeforeId => once(field, &mut filter.before_id, id()),
            Meaning::AfterId => once(field, &mut filter.after_id, id()),
            Meaning::Search => once(field, &mut self.search, value.to_owned()),
            Meaning::Order => once(field, &mut self.order, order(field, value)?),
        }
    }

    fn take_ids(&mut self, field: &'static str, values: &[String]) -> Result<(), Problem> {
        let ids = values.iter().filter(|id| !id.is_empty());
        let ids = ids.map(|id| ArchiveId(id.as_str().into()));
        self.filter.ids.extend(ids);
        not_too_many(field, self.filter.ids.len())
    }

    fn take_rooms(
        &mut self,
        field: &'static str,
        values: &[String],
        service: &BareJid,
    ) -> Result<(), Problem> {
        for value in values.iter().filter(|value| !value.is_empty()) {
            let room = address::parse(value).ok();
            let room = room.and_then(|jid| BareJid::try_from(jid).ok());
            let room = room.filter(|jid| jid.node().is_some() && jid.domain() == service.domain());
            let room = room.ok_or(Problem::BadAddressInField { field })?;
            self.filter.rooms.push(room);
        }
        not_too_many(field, self.filter.rooms.len())
    }

    /// Whose messages are wanted. §4.1.1 (#filter-jid): what was said in a room comes from an
    /// address in the room; so the room's own address stands for all of it, and an occupant's for a
    /// nick.
    fn take_author(
        &mut self,
        field: &'static str,
        value: &str,
        archive: &BareJid,
    ) -> Result<(), Problem> {
        let bad = Problem::BadAddressInField { field };
        let jid = address::parse(value).map_err(|_| bad.clone())?;
        let is_of_service = archive.node().is_none();
        let room = jid.to_bare();
        let in_archive = match is_of_service {
            true => room.node().is_some() && room.domain() == archive.domain(),
            false => room == *archive,
        };
        if !in_archive {
            return once(field, &mut self.filter.with, With::Address(jid));
        }
        if is_of_service {
            once(field, &mut self.room_of_author, room)?;
        }
        match jid.try_into_full() {
            Ok(occupant) => {
                let nick = Nick::new(occupant.resource().as_str()).map_err(|_| bad)?;
                once(field, &mut self.filter.with, With::Nick(nick))
            }
            Err(_) => Ok(()),
        }
    }

    fn finish(mut self) -> Result<(Filter, Order), Problem> {
        if let Some(room) = self.room_of_author {
            if !self.filter.rooms.is_empty() && !self.filter.rooms.contains(&room) {
                let (field, problem) = ("with", "has to be in one of the rooms".into());
                return Err(Problem::BadField { field, problem });
            }
            self.filter.rooms = vec![room];
        }
        self.filter.search = self
            .search
            .map(|text| Search::parse(&text).map_err(Problem::BadSearch))
            .transpose()?;
        let order = self.order.unwrap_or_default();
        if order == Order::Rank && self.filter.search.is_none() {
            let (field, problem) = (ORDER, "rank needs something to search for".into());
            return Err(Problem::BadField { field, problem });
        }
        Ok((self.filter, order))
    }
}

fn not_too_many(field: &'static str, count: usize) -> Result<(), Problem> {
    if count > VALUES_MAX {
        let problem = format!("at most {VALUES_MAX} at once").into();
        return Err(Problem::BadField { field, problem });
    }
    Ok(())
}

/// The value of a field that has one or none.
fn single<'a>(field: &'static str, values: &'a [String]) -> Result<Option<&'a str>, Problem> {
    match values {
        [] => Ok(None),
        [value] if value.is_empty() => Ok(None),
        [value] => Ok(Some(value)),
        _ => {
            let problem = "one value at most".into();
            Err(Problem::BadField { field, problem })
        }
    }
}

/// Keeps a value, unless another was given before for the same thing.
fn once<T: PartialEq>(field: &'static str, place: &mut Option<T>, value: T) -> Result<(), Problem> {
    if place.as_ref().is_some_and(|before| *before != value) {
        let problem = "one value at most".into();
        return Err(Problem::BadField { field, problem });
    }
    *place = Some(value);
    Ok(())
}

fn time(field: &'static str, value: &str) -> Result<Timestamp, Problem> {
    let problem = "a date and time as in 2026-01-31T09:30:00Z (XEP-0082)".into();
    time::parse(value).ok_or(Problem::BadField { field, problem })
}

fn order(field: &'static str, value: &str) -> Result<Order, Problem> {
    match value {
        CHRONOLOGICAL => Ok(Order::Chronological),
        RANK => Ok(Order::Rank),
        _ => {
            let problem = "chronological or rank".into();
            Err(Problem::BadField { field, problem })
        }
    }
}

#[cfg(test)]
mod tests;
