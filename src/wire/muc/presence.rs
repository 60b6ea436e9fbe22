//! An occupant's presence as it leaves. XEP-0045 §7.2.2 (#enter-pres), §17.3 (#bizrules-presence).
//!
//! When many enter a large room at once a million of these leave, so no typed element is built on
//! the way.

use jid::BareJid;
use xmpp_parsers::ns;

use crate::room::effect::{Availability, Presence, Statuses};
use crate::room::owning::destroy::Destruction;
use crate::room::{Affiliation, Hats, OccupantId, Role};
use crate::wire::stanza::{OWN_NAMESPACE, short_text};
use crate::wire::xml::header::StanzaKind;
use crate::wire::xml::template::{Draft, Template};
use crate::wire::xml::writer::XmlWriter;

/// Writes a presence.
pub(in crate::wire) fn encode(presence: &Presence, room: &BareJid) -> Template {
    let payload = presence.payload.as_bytes();
    let mut draft = Draft::new(
        StanzaKind::Presence,
        room,
        Some(&presence.nick),
        payload.len(),
    );
    let xml = draft.xml();
    xml.attribute_if("id", presence.id.as_deref());
    if presence.state == Availability::Unavailable {
        xml.word("type", "unavailable");
    }
    let language = presence.payload.language();
    xml.attribute_if("xml:lang", language.map(|language| &**language));
    xml.elements(payload);
    xml.open_in(ns::MUC_USER, "x");
    write_occupant(xml, presence);
    write_statuses(xml, &presence.statuses);
    if let Some(destruction) = &presence.destruction {
        write_destruction(xml, destruction);
    }
    xml.close("x");
    if !presence.hats.is_empty() {
        write_hats(xml, presence.hats);
    }
    if let Some(occupants) = presence.thinned {
        xml.open_in(OWN_NAMESPACE, "thinned")
            .attribute("occupants", &occupants.to_string())
            .close("thinned");
    }
    if let Some(occupant_id) = &presence.occupant_id {
        write_occupant_id(xml, occupant_id);
    }
    draft.finish()
}

/// The `<item/>` of an occupant.
fn write_occupant(xml: &mut XmlWriter, presence: &Presence) {
    open_item(xml, presence.affiliation, presence.role);
    xml.attribute_if(
        "jid",
        presence.real_jid.as_ref().map(|real_jid| real_jid.as_str()),
    );
    xml.attribute_if("nick", presence.new_nick.as_ref().map(|nick| nick.as_str()));
    if let Some(actor) = &presence.actor {
        xml.open("actor")
            .attribute("nick", actor.as_str())
            .close("actor");
    }
    if let Some(reason) = &presence.reason {
        short_text::write_words(xml, "reason", reason);
    }
    xml.close("item");
}

/// The head of an `<item/>`, to be closed by the caller.
pub(in crate::wire) fn open_item(xml: &mut XmlWriter, affiliation: Affiliation, role: Role) {
    xml.open("item")
        .word("affiliation", affiliation.name())
        .word("role", role.name());
}

/// All `<status/>` elements.
pub(in crate::wire) fn write_statuses(xml: &mut XmlWriter, statuses: &Statuses) {
    for status in statuses.iter() {
        let code = status.code();
        // All codes have three digits; formatting one as a number would cost more than the rest of
        // it.
        let digits =
            [code / 100 % 10, code / 10 % 10, code % 10].map(|digit| b'0' + digit.to_le_bytes()[0]);
        let digits = std::str::from_utf8(&digits).expect("digits are ASCII");
        xml.open("status").attribute("code", digits).close("status");
    }
}

/// What somebody is to the room beside role and affiliation. XEP-0317.
fn write_hats(xml: &mut XmlWriter, hats: Hats) {
    xml.open_in(HATS, "hats");
    for hat in hats.iter() {
        xml.open("hat")
            .attribute("title", hat.title())
            .attribute("uri", hat.uri())
            .close("hat");
    }
    xml.close("hats");
}

/// The namespace of hats. XEP-0317.
pub(in crate::wire) const HATS: &str = "urn:xmpp:hats:0";

/// Tells by which id the occupant is known in this room. XEP-0421.
pub(in crate::wire) fn write_occupant_id(xml: &mut XmlWriter, occupant_id: &OccupantId) {
    xml.open_in(ns::OID, "occupant-id")
        .attribute("id", &occupant_id.0)
        .close("occupant-id");
}

/// The `<destroy/>` that tells where to go instead. XEP-0045 §10.9 (#destroyroom).
fn write_destruction(xml: &mut XmlWriter, destruction: &Destruction) {
    xml.open("destroy").attribute_if(
        "jid",
        destruction.alternate.as_ref().map(|room| room.as_str()),
    );
    if let Some(password) = &destruction.password {
        xml.text_element("password", password);
    }
    if let Some(reason) = &destruction.reason {
        short_text::write_words(xml, "reason", reason);
    }
    xml.close("destroy");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::effect::Status;
    use crate::room::{Nick, Payload};
    use jid::{FullJid, Jid};
    use std::sync::Arc;

    fn presence() -> Presence {
        Presence {
            nick: Nick::new("thirdwitch").unwrap(),
            id: None,
            state: Availability::Available,
            payload: Payload::empty(),
            occupant_id: None,
            affiliation: Affiliation::Member,
            role: Role::Participant,
            real_jid: None,
            new_nick: None,
            actor: None,
            reason: None,
            statuses: Statuses::none(),
            hats: Hats::NONE,
            thinned: None,
            destruction: None,
        }
    }

    #[track_caller]
    fn assert_written(presence: &Presence, expected: &str) {
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        let xml = encode(presence, &room).to("crone1@shakespeare.lit/desktop");
        assert_eq!(String::from_utf8(xml).unwrap(), expected);
    }

    #[test]
    fn an_occupant_is_shown_with_all_there_is() {
        let presence = Presence {
            id: Some("n13mt3l".into()),
            payload: Payload::new(b"<show>away</show>"),
            occupant_id: Some(OccupantId("o1".into())),
            real_jid: Some(Arc::new(
                FullJid::new("hag66@shakespeare.lit/p'da").unwrap(),
            )),
            statuses: Statuses::one(Status::SelfPresence).and(Status::NonAnonymous),
            ..presence()
        };
        assert_written(
            &presence,
            "<presence from='coven@chat.shakespeare.lit/thirdwitch' to='crone1@shakespeare.lit/desktop' \
             id='n13mt3l'><show>away</show><x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='member' role='participant' jid='hag66@shakespeare.lit/p&apos;da'/>\
             <status code='100'/><status code='110'/></x>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/></presence>",
        );
    }

    #[test]
    fn a_kick_names_actor_and_reason() {
        let presence = Presence {
            state: Availability::Unavailable,
            affiliation: Affiliation::None,
            role: Role::None,
            actor: Some(Nick::new("Fluellen").unwrap()),
            reason: Some("Avaunt, you cullion!".into()),
            statuses: Statuses::one(Status::Kicked),
            ..presence()
        };
        assert_written(
            &presence,
            "<presence from='coven@chat.shakespeare.lit/thirdwitch' to='crone1@shakespeare.lit/desktop' \
             type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='none' role='none'><actor nick='Fluellen'/>\
             <reason>Avaunt, you cullion!</reason></item><status code='307'/></x></presence>",
        );
    }

    #[test]
    fn a_new_nick_is_announced() {
        let presence = Presence {
            state: Availability::Unavailable,
            new_nick: Some(Nick::new("oldhag").unwrap()),
            statuses: Statuses::one(Status::NickChanged),
            ..presence()
        };
        assert_written(
            &presence,
            "<presence from='coven@chat.shakespeare.lit/thirdwitch' to='crone1@shakespeare.lit/desktop' \
             type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='member' role='participant' nick='oldhag'/><status code='303'/></x></presence>",
        );
    }

    #[test]
    fn a_destroyed_room_says_where_to_go() {
        let presence = Presence {
            state: Availability::Unavailable,
            affiliation: Affiliation::None,
            role: Role::None,
            destruction: Some(Arc::new(Destruction {
                secret: false,
                alternate: Some(Jid::new("coven@chat.shakespeare.lit").unwrap()),
                password: Some("p&w".into()),
                reason: Some("Macbeth doth come.".into()),
                ..Destruction::default()
            })),
            ..presence()
        };
        assert_written(
            &presence,
            "<presence from='coven@chat.shakespeare.lit/thirdwitch' to='crone1@shakespeare.lit/desktop' \
             type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='none' role='none'/><destroy jid='coven@chat.shakespeare.lit'>\
             <password>p&amp;w</password><reason>Macbeth doth come.</reason></destroy></x></presence>",
        );
    }
}
