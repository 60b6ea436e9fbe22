//! The form by which an archive is asked for certain messages. XEP-0313 §4.1 (#filter), XEP-0431.
//!
//! For a search in words four names are in use, and a client that asks for the form takes the one it knows. All of
//! them mean the same here.

use jid::BareJid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::data_forms_validate::{Datatype, Method, Validate};
use xmpp_parsers::ns;

use super::envelope::Envelope;
use super::form::{self, FormKind, Submission};
use super::stanza_error::Problem;
use super::{address, stamp};
use crate::room::archive::{Filter, Order, With};
use crate::room::{ArchiveId, Nick, Timestamp};
use crate::search::Search;

/// The feature of XEP-0431 §2.1 (#feature).
pub(super) const FULLTEXT: &str = "urn:xmpp:fulltext:0";
/// The feature of everything that came after the first version. XEP-0313 §7 (#support).
pub(super) const EXTENDED: &str = "urn:xmpp:mam:2#extended";

/// What a field is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    FormType,
    With,
    Start,
    End,
    BeforeId,
    AfterId,
    Ids,
    Search,
    Order,
}

/// All fields, in the order of the form: those of §4.1 (#filter), then searches, then our own.
///
/// COMPAT: besides XEP-0431's field, `withtext` is ejabberd's and Prosody's, `full-text-search` MongooseIM's,
/// `search` M-Link's.
const FIELDS: [(&str, FieldType, Meaning); 12] = [
    ("FORM_TYPE", FieldType::Hidden, Meaning::FormType),
    ("with", FieldType::JidSingle, Meaning::With),
    ("start", FieldType::TextSingle, Meaning::Start),
    ("end", FieldType::TextSingle, Meaning::End),
    ("before-id", FieldType::TextSingle, Meaning::BeforeId),
    ("after-id", FieldType::TextSingle, Meaning::AfterId),
    ("ids", FieldType::ListMulti, Meaning::Ids),
    (SEARCH, FieldType::TextSingle, Meaning::Search),
    ("withtext", FieldType::TextSingle, Meaning::Search),
    ("full-text-search", FieldType::TextSingle, Meaning::Search),
    ("search", FieldType::TextSingle, Meaning::Search),
    (ORDER, FieldType::ListSingle, Meaning::Order),
];

const SEARCH: &str = "{urn:xmpp:fulltext:0}fulltext";
const ORDER: &str = "{urn:lyceum:0}order";
const CHRONOLOGICAL: &str = "chronological";
const RANK: &str = "rank";
/// So many messages at most can be asked for by id at once.
const IDS_MAX: usize = 1000;

/// The answer to who asks what he can ask for. §4.1.5 (#query-form).
pub fn answer(envelope: &Envelope) -> Vec<u8> {
    envelope.answer("result", |xml| {
        xml.open_in(ns::MAM, "query").typed(&form()).close("query");
    })
}

/// No field is ever required, says §4.1 (#filter).
fn form() -> DataForm {
    let fields = FIELDS
        .iter()
        .filter_map(|(var, type_, meaning)| match meaning {
            Meaning::FormType => None,
            Meaning::Ids => Some(ids_field()),
            Meaning::Order => Some(order_field()),
            Meaning::With
            | Meaning::Start
            | Meaning::End
            | Meaning::BeforeId
            | Meaning::AfterId
            | Meaning::Search => Some(Field::new(var, type_.clone())),
        });
    DataForm::new(DataFormType::Form, ns::MAM, fields.collect())
}

/// "the server MUST include a XEP-0122 <validate/> element that signals the list is open to arbitrary values".
fn ids_field() -> Field {
    let mut field = Field::new("ids", FieldType::ListMulti);
    field.validate = Some(Validate {
        datatype: Some(Datatype::String),
        method: Some(Method::Open),
        list_range: None,
    });
    field
}

fn order_field() -> Field {
    let options = [
        (CHRONOLOGICAL, "As it was said"),
        (RANK, "What fits best first"),
    ];
    form::choice(ORDER, "Order of what is found", CHRONOLOGICAL, &options)
}

/// Reads the form of a query to the archive of a room, or of the service. An empty field is none.
///
/// # Errors
/// - [`Problem::Malformed`]: it is another form, or was not submitted.
/// - [`Problem::UnknownField`]: "If a client includes a form field that the server does not recognise, the server MUST
///   respond with a 'feature-not-implemented' error", §4.1.5 (#query-form).
/// - [`Problem::BadField`], [`Problem::BadAddressInField`], [`Problem::BadSearch`]
pub(super) fn decode(form: &Submission, archive: &BareJid) -> Result<(Filter, Order), Problem> {
    if form.kind() != FormKind::Submit || form.form_type() != Some(ns::MAM) {
        return Err(Problem::Malformed);
    }
    let mut conditions = Conditions::default();
    for (var, values) in form.fields() {
        let (field, _, meaning) = FIELDS
            .iter()
            .find(|(known, _, _)| *known == var)
            .ok_or(Problem::UnknownField)?;
        conditions.take(field, *meaning, values, archive)?;
    }
    conditions.finish()
}

/// What was read so far.
#[derive(Default)]
struct Conditions {
    filter: Filter,
    /// What is searched for, as it was typed.
    search: Option<String>,
    order: Option<Order>,
}

impl Conditions {
    fn take(
        &mut self,
        field: &'static str,
        meaning: Meaning,
        values: &[String],
        archive: &BareJid,
    ) -> Result<(), Problem> {
        if meaning == Meaning::Ids {
            return self.take_ids(field, values);
        }
        let Some(value) = single(field, values)? else {
            return Ok(());
        };
        let filter = &mut self.filter;
        let id = || ArchiveId(value.into());
        match meaning {
            Meaning::FormType | Meaning::Ids => Ok(()),
            Meaning::With => match with(field, value, archive)? {
                Some(with) => once(field, &mut filter.with, with),
                None => Ok(()),
            },
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
        self.filter
            .ids
            .extend(ids.map(|id| ArchiveId(id.as_str().into())));
        if self.filter.ids.len() > IDS_MAX {
            let problem = "not more than 1000 at once";
            return Err(Problem::BadField { field, problem });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(Filter, Order), Problem> {
        self.filter.search = self
            .search
            .map(|text| Search::parse(&text).map_err(Problem::BadSearch))
            .transpose()?;
        let order = self.order.unwrap_or_default();
        if order == Order::Rank && self.filter.search.is_none() {
            let (field, problem) = (ORDER, "only a search has a rank");
            return Err(Problem::BadField { field, problem });
        }
        Ok((self.filter, order))
    }
}

/// The value of a field that has one or none.
fn single<'a>(field: &'static str, values: &'a [String]) -> Result<Option<&'a str>, Problem> {
    match values {
        [] => Ok(None),
        [value] if value.is_empty() => Ok(None),
        [value] => Ok(Some(value)),
        _ => {
            let problem = "more than one value";
            Err(Problem::BadField { field, problem })
        }
    }
}

/// Keeps a value, unless another was given before for the same thing.
fn once<T: PartialEq>(field: &'static str, place: &mut Option<T>, value: T) -> Result<(), Problem> {
    if place.as_ref().is_some_and(|before| *before != value) {
        let problem = "more than one value";
        return Err(Problem::BadField { field, problem });
    }
    *place = Some(value);
    Ok(())
}

fn time(field: &'static str, value: &str) -> Result<Timestamp, Problem> {
    let problem = "not a date and time as XEP-0082 has them";
    stamp::parse(value).ok_or(Problem::BadField { field, problem })
}

fn order(field: &'static str, value: &str) -> Result<Order, Problem> {
    match value {
        CHRONOLOGICAL => Ok(Order::Chronological),
        RANK => Ok(Order::Rank),
        _ => {
            let problem = "neither chronological nor rank";
            Err(Problem::BadField { field, problem })
        }
    }
}

/// Whose messages are wanted. §4.1.1 (#filter-jid): in the archive of a room, all come from the room's own address, so
/// that it is no condition.
fn with(field: &'static str, value: &str, archive: &BareJid) -> Result<Option<With>, Problem> {
    let jid = address::parse(value).map_err(|_| Problem::BadAddressInField { field })?;
    if jid.to_bare() != *archive {
        return Ok(Some(With::Address(jid)));
    }
    match jid.try_into_full() {
        Ok(occupant) => {
            let nick = Nick::new(occupant.resource().as_str());
            let nick = nick.map_err(|_| Problem::BadAddressInField { field })?;
            Ok(Some(With::Nick(nick)))
        }
        Err(_) => Ok(None),
    }
}
