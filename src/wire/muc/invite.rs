//! Mediated invitations and their refusals. XEP-0045 §7.8.2 (#invite-mediated), XEP-0249.

use jid::{BareJid, Jid};
use xmpp_parsers::ns;
use xso::FromXml;

use super::message::start_own;
use crate::room::effect::{Invitation, Inviter};
use crate::room::request::{Continuation, Invite};
use crate::room::{Action, Nick, Words};
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::short_text;
use crate::wire::stanza::short_text::Said;
use crate::wire::xml::address;
use crate::wire::xml::frame::Child;
use crate::wire::xml::template::Template;
use crate::wire::xml::text_between::PassOver;

/// The `<x/>` of a message to the room.
#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC_USER, name = "x")]
struct Mediated {
    #[xml(child(n = ..))]
    invites: Vec<InviteElement>,
    #[xml(child(default))]
    decline: Option<DeclineElement>,
}

#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC_USER, name = "invite")]
struct InviteElement {
    #[xml(attribute(default))]
    to: Option<String>,
    #[xml(extract(default, fields(lang(default, type_ = Option<String>), text(type_ = String))))]
    reason: Option<Said>,
    #[xml(child(default))]
    continuation: Option<ContinueElement>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC_USER, name = "continue")]
struct ContinueElement {
    #[xml(attribute(default))]
    thread: Option<String>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

#[derive(FromXml, Debug)]
#[xml(namespace = ns::MUC_USER, name = "decline")]
struct DeclineElement {
    #[xml(attribute(default))]
    to: Option<String>,
    #[xml(extract(default, fields(lang(default, type_ = Option<String>), text(type_ = String))))]
    reason: Option<Said>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

/// Reads invitations or a refusal; `None` when the element holds neither.
///
/// # Errors
/// - [`Problem::Malformed`]: it does not say who is meant.
/// - [`Problem::BadAddress`]: what it says is no address.
/// - [`Problem::TextTooLong`]: the reason is longer than a short text.
pub(in crate::wire) fn decode(
    child: &Child<'_>,
    room: &BareJid,
) -> Result<Option<Action>, Problem> {
    let mediated: Mediated = child.parse().map_err(|_| Problem::Malformed {
        element: "x",
        wanted: "<invite/> or one <decline/>, each with at most one <reason/>",
    })?;
    if let Some(decline) = mediated.decline {
        let to = address("decline", decline.to.as_deref())?;
        let reason = short_text::decode_words("reason", decline.reason)?;
        return Ok(Some(Action::Decline {
            to: inviter(to, room)?,
            reason,
        }));
    }
    let invites: Result<Vec<_>, _> = mediated.invites.into_iter().map(invite).collect();
    let invites = invites?;
    Ok((!invites.is_empty()).then_some(Action::Invite(invites)))
}

/// Invites somebody on behalf of the inviter.
pub(in crate::wire) fn encode(room: &BareJid, invitation: &Invitation, fresh_id: &str) -> Template {
    let mut draft = start_own(room, fresh_id);
    let xml = draft.xml();
    // COMPAT(clients that know no invitations): the same in words, so that something is seen of it.
    xml.text_element("body", &in_words(room, invitation));
    xml.open_in(ns::MUC_USER, "x").open("invite");
    match &invitation.from {
        Some(Inviter::Jid(jid)) => xml.attribute("from", jid.as_str()),
        Some(Inviter::Nick(nick)) => xml.attribute_of("from", &[room.as_str(), "/", nick.as_str()]),
        // "The room itself MUST then add a 'from' address"; it is the inviter when nobody else is.
        None => xml.attribute("from", room.as_str()),
    };
    if let Some(reason) = &invitation.reason {
        short_text::write_words(xml, "reason", reason);
    }
    if let Some(continuation) = &invitation.continuation {
        xml.open("continue")
            .attribute_if("thread", continuation.thread.as_deref())
            .close("continue");
    }
    xml.close("invite");
    if let Some(password) = &invitation.password {
        xml.text_element("password", password);
    }
    xml.close("x");
    // COMPAT(clients that know only direct invitations): XEP-0249 §2 (#protocol).
    xml.open_in(DIRECT_INVITATION, "x")
        .attribute("jid", room.as_str())
        .attribute_if("password", invitation.password.as_deref())
        .attribute_if("reason", invitation.reason.as_deref())
        .close("x");
    draft.finish()
}

/// An invitation for people to read. The password is left to clients that know what it is.
fn in_words(room: &BareJid, invitation: &Invitation) -> String {
    let mut words = match &invitation.from {
        Some(Inviter::Jid(jid)) => format!("{} invites you to the room {room}", jid.to_bare()),
        Some(Inviter::Nick(nick)) => format!("{nick} invites you to the room {room}"),
        None => format!("You are invited to the room {room}"),
    };
    if let Some(reason) = &invitation.reason {
        words.push_str(": ");
        words.push_str(reason);
    }
    words
}

/// Tells an inviter that somebody will not come.
pub(in crate::wire) fn encode_decline(
    room: &BareJid,
    from: &BareJid,
    reason: Option<&Words>,
    fresh_id: &str,
) -> Template {
    let mut draft = start_own(room, fresh_id);
    let xml = draft.xml();
    xml.open_in(ns::MUC_USER, "x")
        .open("decline")
        .attribute("from", from.as_str());
    if let Some(reason) = reason {
        short_text::write_words(xml, "reason", reason);
    }
    xml.close("decline").close("x");
    draft.finish()
}

fn invite(element: InviteElement) -> Result<Invite, Problem> {
    Ok(Invite {
        to: address("invite", element.to.as_deref())?,
        reason: short_text::decode_words("reason", element.reason)?,
        continuation: element.continuation.map(continuation).transpose()?,
    })
}

/// Who had invited: by an occupant JID of this room when that was all the invitee was told.
fn inviter(to: Jid, room: &BareJid) -> Result<Inviter, Problem> {
    match to.resource() {
        Some(nick) if to.to_bare() == *room => {
            let nick = Nick::new(nick.as_str()).map_err(|_| Problem::BadNick {
                place: "to of <decline/>",
            })?;
            Ok(Inviter::Nick(nick))
        }
        _ => Ok(Inviter::Jid(to)),
    }
}

fn address(element: &'static str, to: Option<&str>) -> Result<Jid, Problem> {
    let wanted = "an address in the attribute 'to'";
    let to = to.ok_or(Problem::Malformed { element, wanted })?;
    let place = match element {
        "invite" => "to of <invite/>",
        _ => "to of <decline/>",
    };
    address::parse(to).map_err(|_| Problem::BadAddress { place })
}

fn continuation(element: ContinueElement) -> Result<Continuation, Problem> {
    Ok(Continuation {
        thread: short_text::decode("continue", element.thread)?,
    })
}

/// The namespace of XEP-0249.
const DIRECT_INVITATION: &str = "jabber:x:conference";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;

    fn room() -> BareJid {
        BareJid::new("coven@chat.shakespeare.lit").unwrap()
    }

    fn decoded(x: &str) -> Result<Option<Action>, Problem> {
        let xml =
            format!("<message><x xmlns='http://jabber.org/protocol/muc#user'>{x}</x></message>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        decode(&frame.children().next().unwrap(), &room())
    }

    #[test]
    fn several_people_are_invited_at_once() {
        let Ok(Some(Action::Invite(invites))) = decoded(
            "<invite to='hecate@shakespeare.lit'><reason>Hey Hecate</reason></invite>\
             <invite to='a@b/c'><continue thread='t1'/></invite>",
        ) else {
            panic!("no invitations");
        };
        assert_eq!(invites[0].to.as_str(), "hecate@shakespeare.lit");
        assert_eq!(invites[0].reason.as_deref(), Some("Hey Hecate"));
        assert_eq!(invites[0].continuation, None);
        let thread = Some("t1".into());
        assert_eq!(invites[1].continuation, Some(Continuation { thread }));
    }

    #[test]
    fn an_invitation_needs_somebody_to_invite() {
        let refused = decoded("<invite/>").unwrap_err();
        assert!(matches!(
            refused,
            Problem::Malformed {
                element: "invite",
                ..
            }
        ));
        assert_eq!(
            decoded("<invite to='@'/>").unwrap_err(),
            Problem::BadAddress {
                place: "to of <invite/>"
            }
        );
        assert!(matches!(decoded(""), Ok(None)));
    }

    #[test]
    fn an_endless_text_is_refused() {
        let text = "x".repeat(1001);
        for (element, x) in [
            (
                "reason",
                format!("<invite to='a@b'><reason>{text}</reason></invite>"),
            ),
            (
                "continue",
                format!("<invite to='a@b'><continue thread='{text}'/></invite>"),
            ),
            (
                "reason",
                format!("<decline to='a@b'><reason>{text}</reason></decline>"),
            ),
        ] {
            let refused = decoded(&x).unwrap_err();
            assert_eq!(refused, Problem::TextTooLong { element });
        }
    }

    #[test]
    fn a_refusal_goes_back_to_who_invited() {
        let to = |to: &str| match decoded(&format!(
            "<decline to='{to}'><reason>busy</reason></decline>"
        )) {
            Ok(Some(Action::Decline { to, reason })) => {
                assert_eq!(reason.as_deref(), Some("busy"));
                to
            }
            other => panic!("{other:?}"),
        };
        let jid = Jid::new("crone1@shakespeare.lit").unwrap();
        assert_eq!(to("crone1@shakespeare.lit"), Inviter::Jid(jid));
        let nick = Nick::new("firstwitch").unwrap();
        assert_eq!(
            to("coven@chat.shakespeare.lit/firstwitch"),
            Inviter::Nick(nick)
        );
    }

    #[test]
    fn an_invitee_learns_all_that_is_needed() {
        let from = Inviter::Jid(Jid::new("crone1@shakespeare.lit/desktop").unwrap());
        let invitation = Invitation {
            from: Some(from),
            reason: Some(Words::new("Hey", Some("en".into()))),
            continuation: Some(Continuation {
                thread: Some("t1".into()),
            }),
            password: Some("cauldronburn".into()),
        };
        let xml = encode(&room(), &invitation, "f1").to("hecate@shakespeare.lit");
        assert_eq!(
            String::from_utf8(xml).unwrap(),
            "<message from='coven@chat.shakespeare.lit' to='hecate@shakespeare.lit' id='f1'>\
             <body>crone1@shakespeare.lit invites you to the room coven@chat.shakespeare.lit: Hey</body>\
             <x xmlns='http://jabber.org/protocol/muc#user'><invite from='crone1@shakespeare.lit/desktop'>\
             <reason xml:lang='en'>Hey</reason><continue thread='t1'/></invite><password>cauldronburn</password></x>\
             <x xmlns='jabber:x:conference' jid='coven@chat.shakespeare.lit' password='cauldronburn' \
             reason='Hey'/></message>"
        );
    }

    #[test]
    fn words_tell_who_invites_as_far_as_the_invitee_may_know() {
        let words = |from: Option<Inviter>, reason: Option<Words>| {
            let invitation = Invitation {
                from,
                reason,
                continuation: None,
                password: Some("secret".into()),
            };
            in_words(&room(), &invitation)
        };
        let nick = Inviter::Nick(Nick::new("firstwitch").unwrap());
        assert_eq!(
            words(Some(nick), None),
            "firstwitch invites you to the room coven@chat.shakespeare.lit"
        );
        assert_eq!(
            words(None, Some("tea".into())),
            "You are invited to the room coven@chat.shakespeare.lit: tea"
        );
    }

    #[test]
    fn an_inviter_learns_of_the_refusal() {
        let from = BareJid::new("hecate@shakespeare.lit").unwrap();
        let xml = encode_decline(&room(), &from, Some(&"busy".into()), "f1")
            .to("crone1@shakespeare.lit/d");
        assert_eq!(
            String::from_utf8(xml).unwrap(),
            "<message from='coven@chat.shakespeare.lit' to='crone1@shakespeare.lit/d' id='f1'>\
             <x xmlns='http://jabber.org/protocol/muc#user'><decline from='hecate@shakespeare.lit'>\
             <reason>busy</reason></decline></x></message>"
        );
    }
}
