//! Presence as it comes in. XEP-0045 §7.2 (#enter), §7.6 (#changenick), §7.7 (#changepres), §7.14
//! (#exit).

use std::sync::Arc;

use jid::{BareJid, FullJid};
use xmpp_parsers::ns;

use super::content::traffic;
use super::incoming::{Address, Addressed, Incoming};
use super::muc::enter;
use super::stanza::language;
use super::stanza::problem::Problem;
use super::stanza::stanza_type::PresenceType;
use crate::room::request::Appearance;
use crate::room::{Action, Nick, Payload, Refusal};

/// Reads a presence. Who is nobody's client can't be in a room and is passed over.
pub(super) fn decode(reading: &Addressed<'_>, type_: PresenceType) -> Result<Incoming, Problem> {
    let Some(from) = reading.session() else {
        return without_session(type_);
    };
    match type_ {
        PresenceType::Available => available(reading, from),
        PresenceType::Unavailable => Ok(unavailable(reading, from)),
        PresenceType::Subscribe => Err(Problem::NoSubscriptions),
        PresenceType::Probe => Ok(probe(reading, from)),
        PresenceType::AboutSubscriptions | PresenceType::Error => Ok(Incoming::Nothing),
        PresenceType::Unknown => Err(Problem::Malformed {
            element: "presence",
            wanted: "no type to enter or to be seen, or the type unavailable to leave",
        }),
    }
}

fn available(reading: &Addressed<'_>, from: FullJid) -> Result<Incoming, Problem> {
    let (room, nick) = match reading.address() {
        Address::Service | Address::Nowhere => return Ok(Incoming::Nothing),
        Address::Room(_) => return Err(Refusal::NoNick.into()),
        Address::Occupant(room, nick) => (room, nick),
    };
    let nick = Nick::new(&nick).map_err(|_| Problem::BadNick { place: "to" })?;
    let id: Option<Arc<str>> = reading.envelope.id.as_deref().map(Arc::from);
    let payload = shown(reading, &room);
    let action = match reading.frame.child(ns::MUC, "x") {
        Some(x) => Action::Enter(Box::new(enter::decode(&x, nick, id, payload)?)),
        None => Action::Appear(Box::new(Appearance { nick, id, payload })),
    };
    Ok(Incoming::to_room(room, from, action))
}

/// To leave, no valid nick is needed, so that nobody is kept in by a client that has forgotten it.
fn unavailable(reading: &Addressed<'_>, from: FullJid) -> Incoming {
    let room: BareJid = match reading.address() {
        Address::Service | Address::Nowhere => return Incoming::Nothing,
        Address::Room(room) | Address::Occupant(room, _) => room,
    };
    let id = reading.envelope.id.as_deref().map(Arc::from);
    let payload = shown(reading, &room);
    Incoming::to_room(room, from, Action::Exit { id, payload })
}

/// What others are shown of a presence.
fn shown(reading: &Addressed<'_>, room: &BareJid) -> Payload {
    traffic::relayed(reading.frame, room).in_language(language::of(&reading.frame.header))
}

/// Somebody inside wants to know how an occupant is, or whether the room is still there. §17.3
/// (#bizrules-presence).
fn probe(reading: &Addressed<'_>, from: FullJid) -> Incoming {
    let (room, nick) = match reading.address() {
        Address::Service | Address::Nowhere => return Incoming::Nothing,
        Address::Room(room) => (room, None),
        Address::Occupant(room, nick) => match Nick::new(&nick) {
            Ok(nick) => (room, Some(nick)),
            Err(_) => return Incoming::Nothing,
        },
    };
    Incoming::to_room(room, from, Action::Probe { nick })
}

fn without_session(type_: PresenceType) -> Result<Incoming, Problem> {
    match type_ {
        PresenceType::Subscribe => Err(Problem::NoSubscriptions),
        _ => Ok(Incoming::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::tests::{asked, decoded, refused};

    fn presence(to: &str, rest: &str) -> String {
        format!("<presence from='hag66@shakespeare.lit/pda' id='i1' to='{to}' {rest}</presence>")
    }

    #[test]
    fn presence_without_x_is_an_appearance() {
        let xml = presence("coven@chat.shakespeare.lit/oldhag", "><show>xa</show>");
        let Action::Appear(appearance) = asked(&xml) else {
            panic!("not an appearance");
        };
        assert_eq!(appearance.nick.as_str(), "oldhag");
        assert_eq!(appearance.id.as_deref(), Some("i1"));
        assert_eq!(appearance.payload.as_bytes(), b"<show>xa</show>");
    }

    #[test]
    fn one_leaves_by_any_address_of_the_room() {
        for to in [
            "coven@chat.shakespeare.lit/oldhag",
            "coven@chat.shakespeare.lit",
        ] {
            let xml = presence(to, "type='unavailable'><status>bye</status>");
            let Action::Exit { id, payload } = asked(&xml) else {
                panic!("not an exit");
            };
            assert_eq!(payload.as_bytes(), b"<status>bye</status>");
            assert_eq!(id.as_deref(), Some("i1"));
        }
    }

    #[test]
    fn entering_needs_a_nick() {
        let x = "><x xmlns='http://jabber.org/protocol/muc'/>";
        assert_eq!(
            refused(&presence("coven@chat.shakespeare.lit", x)),
            Refusal::NoNick.into()
        );
        let invisible = presence("coven@chat.shakespeare.lit/\u{3164}", x);
        let place = "to";
        assert_eq!(refused(&invisible), Problem::BadNick { place });
    }

    #[test]
    fn an_unknown_type_is_refused() {
        let xml = presence("coven@chat.shakespeare.lit/oldhag", "type='invisible'>");
        assert!(matches!(refused(&xml), Problem::Malformed { .. }));
    }

    #[test]
    fn presence_keeps_its_language() {
        let to = "coven@chat.shakespeare.lit/oldhag";
        for (type_, lang) in [("", "de"), ("type='unavailable'", "en-GB")] {
            let xml = presence(to, &format!("{type_} xml:lang='{lang}'>"));
            let payload = match asked(&xml) {
                Action::Appear(appearance) => appearance.payload,
                Action::Exit { payload, .. } => payload,
                other => panic!("{other:?}"),
            };
            assert_eq!(payload.language().map(|tag| &**tag), Some(lang));
        }
    }

    #[test]
    fn probes_are_questions_to_the_room() {
        let wanted = |to: &str| match asked(&presence(to, "type='probe'>")) {
            Action::Probe { nick } => nick.map(|nick| nick.to_string()),
            other => panic!("{other:?}"),
        };
        assert_eq!(wanted("coven@chat.shakespeare.lit"), None);
        let nick = Some("oldhag".to_owned());
        assert_eq!(wanted("coven@chat.shakespeare.lit/oldhag"), nick);
    }

    #[test]
    fn subscriptions_are_declined_and_answers_to_them_passed_over() {
        let subscribe = presence("coven@chat.shakespeare.lit", "type='subscribe'>");
        assert_eq!(refused(&subscribe), Problem::NoSubscriptions);
        for type_ in ["subscribed", "unsubscribe", "unsubscribed"] {
            let xml = presence(
                "coven@chat.shakespeare.lit/oldhag",
                &format!("type='{type_}'>"),
            );
            assert!(matches!(decoded(&xml), Incoming::Nothing), "{type_}");
        }
    }

    #[test]
    fn presence_to_the_service_or_from_an_account_means_nothing() {
        assert!(matches!(
            decoded(&presence("chat.shakespeare.lit", ">")),
            Incoming::Nothing
        ));
        let xml = "<presence from='a@b' to='coven@chat.shakespeare.lit/c'/>";
        assert!(matches!(decoded(xml), Incoming::Nothing));
    }
}
