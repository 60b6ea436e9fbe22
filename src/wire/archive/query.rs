//! Questions to archives as they come in. XEP-0313 §4 (#query), §5 (#archive-metadata).
//!
//! The conditions are read in `mam_filter.rs`; what is answered is written in `mam_result.rs`.

use jid::BareJid;
use xmpp_parsers::ns;
use xmpp_parsers::rsm::SetQuery;
use xso::FromXml;

use super::filter;
use crate::room::ArchiveId;
use crate::room::occupying::archive::{PageQuestion, PageStart};
use crate::wire::form::submission::Submission;
use crate::wire::stanza::page::{PageRequest, Start};
use crate::wire::stanza::problem::Problem;
use crate::wire::xml::frame::Child;

/// A query, or a question for the form of one. The library's own refuses forms that are none by the
/// letter.
#[derive(FromXml, Debug)]
#[xml(namespace = ns::MAM, name = "query")]
struct ArchiveQuery {
    #[xml(attribute(default))]
    queryid: Option<String>,
    #[xml(attribute(default))]
    node: Option<String>,
    #[xml(child(default))]
    form: Option<Submission>,
    #[xml(child(default))]
    set: Option<SetQuery>,
    #[xml(flag(name = "flip-page"))]
    flip_page: bool,
}

/// What is asked, and the id that every result is to bear.
#[derive(Debug)]
pub(in crate::wire) struct DecodedQuery {
    /// What is asked.
    pub question: PageQuestion,
    /// The id, if the asker gave one.
    pub query_id: Option<String>,
}

/// Every result repeats the id of its query; a longer one, in bytes, is no id but a burden.
const QUERY_ID_MAX: usize = 1024;

/// Reads a query to the archive of a room, or of the whole service.
///
/// # Errors
/// - [`Problem::Malformed`]: it is no query, or its id is too long.
/// - [`Problem::NoSuchNode`]: it names a node; only XEP-0442 knows nodes.
/// - [`Problem::NoPagesByNumber`]: it asks for a page by `<index/>`.
/// - Those of [`filter::decode`].
pub(in crate::wire) fn decode_query(
    child: &Child<'_>,
    archive: &BareJid,
) -> Result<DecodedQuery, Problem> {
    let query = parse(child)?;
    if query
        .queryid
        .as_ref()
        .is_some_and(|id| id.len() > QUERY_ID_MAX)
    {
        return Err(malformed("a queryid of at most 1024 bytes"));
    }
    let (filter, order) = match &query.form {
        Some(form) => filter::decode(form, archive)?,
        None => Default::default(),
    };
    let (size_max, start) = match query.set {
        Some(set) => part(set)?,
        None => Default::default(),
    };
    Ok(DecodedQuery {
        question: PageQuestion {
            filter,
            order,
            start,
            size_max,
            flipped: query.flip_page,
        },
        query_id: query.queryid,
    })
}

/// Reads the question by what can be asked. §4.1.5 (#query-form).
///
/// # Errors
/// - [`Problem::Malformed`]: it is no query.
/// - [`Problem::NoSuchNode`]: it names a node, of which an archive has none.
pub(in crate::wire) fn decode_form_question(child: &Child<'_>) -> Result<(), Problem> {
    parse(child).map(drop)
}

fn parse(child: &Child<'_>) -> Result<ArchiveQuery, Problem> {
    let query: ArchiveQuery = child.parse().map_err(|_| {
        malformed("at most one form, and one <set/> of XEP-0059 with numbers from 0 up")
    })?;
    match query.node {
        None => Ok(query),
        Some(_) => Err(Problem::NoSuchNode),
    }
}

fn malformed(wanted: &'static str) -> Problem {
    let element = "query";
    Problem::Malformed { element, wanted }
}

/// Which part of the result is wanted, XEP-0059: at most how many, and from where on.
fn part(set: SetQuery) -> Result<(Option<u32>, PageStart), Problem> {
    if set.before.is_some() && set.after.is_some() {
        // "RSM does not define the behaviour of including both": §4.3.2 (#query-paging-request).
        let problem = "not beside after; a form has before-id and after-id".into();
        let field = "before";
        return Err(Problem::BadField { field, problem });
    }
    let page = PageRequest::from(set);
    let start = match page.start {
        Start::First => PageStart::First,
        Start::Last => PageStart::Last,
        Start::After(id) if id.is_empty() => PageStart::First,
        Start::After(id) => PageStart::After(ArchiveId(id.into())),
        Start::Before(id) => PageStart::Before(ArchiveId(id.into())),
        Start::Index(_) => return Err(Problem::NoPagesByNumber),
    };
    let size_max = page
        .size_max
        .map(|size| u32::try_from(size).unwrap_or(u32::MAX));
    Ok((size_max, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;

    fn decoded(attributes: &str, children: &str) -> Result<DecodedQuery, Problem> {
        let xml = format!("<iq><query xmlns='urn:xmpp:mam:2' {attributes}>{children}</query></iq>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        let archive = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        decode_query(&frame.children().next().unwrap(), &archive)
    }

    fn set(children: &str) -> Result<(Option<u32>, PageStart), Problem> {
        let set = format!("<set xmlns='http://jabber.org/protocol/rsm'>{children}</set>");
        let question = decoded("", &set)?.question;
        Ok((question.size_max, question.start))
    }

    #[test]
    fn a_query_without_anything_asks_for_everything() {
        let query = decoded("", "").unwrap();
        assert_eq!(query.question, PageQuestion::default());
        assert_eq!(query.query_id, None);
    }

    #[test]
    fn a_query_has_an_id_and_may_be_flipped() {
        let query = decoded("queryid='f27'", "<flip-page/><unheard xmlns='urn:x'/>").unwrap();
        assert_eq!(query.query_id.as_deref(), Some("f27"));
        assert!(query.question.flipped);
        let long = format!("queryid='{}'", "x".repeat(QUERY_ID_MAX + 1));
        let refused = decoded(&long, "").unwrap_err();
        assert!(matches!(refused, Problem::Malformed { .. }));
        assert_eq!(decoded("node='n'", "").unwrap_err(), Problem::NoSuchNode);
    }

    #[test]
    fn a_part_starts_where_it_is_wanted() {
        let id = |id: &str| ArchiveId(id.into());
        assert_eq!(set("").unwrap(), (None, PageStart::First));
        assert_eq!(set("<max>0</max>").unwrap().0, Some(0));
        assert_eq!(set("<max>99999999999</max>").unwrap().0, Some(u32::MAX));
        assert_eq!(set("<before/>").unwrap().1, PageStart::Last);
        assert_eq!(set("<after/>").unwrap().1, PageStart::First);
        assert_eq!(
            set("<before>a</before>").unwrap().1,
            PageStart::Before(id("a"))
        );
        assert_eq!(
            set("<after>a</after>").unwrap().1,
            PageStart::After(id("a"))
        );
    }

    #[test]
    fn what_is_no_part_is_told() {
        assert_eq!(
            set("<max>1</max><index>3</index>"),
            Err(Problem::NoPagesByNumber)
        );
        for no in [
            "<max/>",
            "<max>-1</max>",
            "<max>many</max>",
            "<max>1</max><max>2</max>",
        ] {
            assert!(matches!(set(no), Err(Problem::Malformed { .. })), "{no}");
        }
        assert!(matches!(
            set("<before/><after>a</after>"),
            Err(Problem::BadField {
                field: "before",
                ..
            })
        ));
    }
}
