//! Entering a room: the presence with `<x xmlns='http://jabber.org/protocol/muc'/>`. XEP-0045
//! §7.2.1 (#enter-muc).

use std::sync::Arc;

use xmpp_parsers::ns;
use xso::FromXml;

use crate::room::request::{Entry, HistoryRequest};
use crate::room::{Nick, Payload};
use crate::time;
use crate::wire::stanza::problem::Problem;
use crate::wire::xml::frame::Child;
use crate::wire::xml::text_between::PassOver;

/// What is wanted on entering.
#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC, name = "x")]
struct EnterElement {
    #[xml(extract(default, fields(text(type_ = String))))]
    password: Option<String>,
    #[xml(child(default))]
    history: Option<HistoryElement>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

/// The four limits, as text: one that is no number is passed over, for a client that can't count
/// should still get in. XEP-0045 §7.2.14 (#enter-managehistory).
#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC, name = "history")]
struct HistoryElement {
    #[xml(attribute(default))]
    maxchars: Option<String>,
    #[xml(attribute(default))]
    maxstanzas: Option<String>,
    #[xml(attribute(default))]
    seconds: Option<String>,
    #[xml(attribute(default))]
    since: Option<String>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

/// Reads what is wanted, and makes an entry of it.
///
/// # Errors
/// - [`Problem::Malformed`]: the element is not what the schema allows.
pub(in crate::wire) fn decode(
    child: &Child<'_>,
    nick: Nick,
    id: Option<Arc<str>>,
    payload: Payload,
) -> Result<Entry, Problem> {
    let wish: EnterElement = child.parse().map_err(|_| Problem::Malformed {
        element: "x",
        wanted: "at most one <password/> and one <history/>",
    })?;
    Ok(Entry {
        nick,
        password: wish
            .password
            .filter(|password| !password.is_empty())
            .map(Arc::from),
        history: wish
            .history
            .map(HistoryElement::request)
            .unwrap_or_default(),
        id,
        payload,
    })
}

impl HistoryElement {
    fn request(self) -> HistoryRequest {
        HistoryRequest {
            maxchars: number(self.maxchars),
            maxstanzas: number(self.maxstanzas).map(|wish| u32::try_from(wish).unwrap_or(u32::MAX)),
            seconds: number(self.seconds),
            since: self.since.and_then(|since| time::parse(since.trim())),
        }
    }
}

/// A number of things; more than anybody has counts as very many.
fn number(text: Option<String>) -> Option<u64> {
    let text = text?;
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::{Action, Timestamp};
    use crate::wire::decode::tests::{asked, decoded};
    use crate::wire::incoming::Incoming;

    fn entry(x: &str) -> Entry {
        let xml = format!(
            "<presence from='hag66@shakespeare.lit/pda' id='n13mt3l' \
             to='coven@chat.shakespeare.lit/thirdwitch'><show>away</show>\
             <x xmlns='http://jabber.org/protocol/muc'>{x}</x></presence>"
        );
        match asked(&xml) {
            Action::Enter(entry) => *entry,
            other => panic!("{other:?}"),
        }
    }

    fn history(limits: &str) -> HistoryRequest {
        entry(&format!("<history {limits}/>")).history
    }

    #[test]
    fn somebody_enters_with_nick_and_presence() {
        let entry = entry("");
        assert_eq!(entry.nick.as_str(), "thirdwitch");
        assert_eq!(entry.id.as_deref(), Some("n13mt3l"));
        assert_eq!(entry.payload.as_bytes(), b"<show>away</show>");
        assert_eq!(
            (entry.password, entry.history),
            (None, HistoryRequest::default())
        );
    }

    #[test]
    fn a_password_may_be_sent() {
        let password = entry("<password>cauldronburn</password>").password;
        assert_eq!(password.as_deref(), Some("cauldronburn"));
        assert_eq!(entry("<password/>").password, None);
    }

    #[test]
    fn history_has_four_limits() {
        let all = "maxchars='65000' maxstanzas='20' seconds='180' since='1970-01-01T00:00:00Z'";
        let expected = HistoryRequest {
            maxchars: Some(65000),
            maxstanzas: Some(20),
            seconds: Some(180),
            since: Some(Timestamp(0)),
        };
        assert_eq!(history(all), expected);
    }

    #[test]
    fn a_limit_that_is_none_is_passed_over() {
        let none = "maxchars='' maxstanzas='-1' seconds='many' since='yesterday'";
        assert_eq!(history(none), HistoryRequest::default());
        let huge = history("maxchars='99999999999999999999999' maxstanzas='99999999999'");
        assert_eq!(
            (huge.maxchars, huge.maxstanzas),
            (Some(u64::MAX), Some(u32::MAX))
        );
    }

    #[test]
    fn two_passwords_are_one_too_many() {
        let xml = "<presence from='a@b/c' to='coven@chat.shakespeare.lit/d'>\
            <x xmlns='http://jabber.org/protocol/muc'><password/><password/></x></presence>";
        assert!(matches!(
            decoded(xml),
            Incoming::Refused(Problem::Malformed { .. })
        ));
    }
}
