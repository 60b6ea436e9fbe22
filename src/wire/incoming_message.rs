//! Messages as they come in. XEP-0045 §7.4 (#message), §7.5 (#privatemessage), §7.8.2
//! (#invite-mediated), §8.1 (#subject-mod), §8.6 (#voiceapprove).

use std::sync::Arc;

use jid::{BareJid, FullJid};
use xmpp_parsers::ns;

use super::content::{hints, purpose, searchable, traffic};
use super::form::submission::Submission;
use super::incoming::{Address, Addressed, Incoming};
use super::muc::{invite, register, voice};
use super::stanza::fresh::Fresh;
use super::stanza::language;
use super::stanza::problem::Problem;
use super::stanza::stanza_type::MessageType;
use super::xml::frame::Frame;
use super::xml::header::STANZA_NAMESPACE;
use crate::room::request::{Purpose, Speech, Whisper, WhisperKind};
use crate::room::{Action, Content, Nick, Payload, Refusal};

/// Reads a message. A type that nobody knows counts as `normal`, RFC 6121 §5.2.2.
pub(super) fn decode(
    reading: &Addressed<'_>,
    type_: MessageType,
    fresh: Fresh,
) -> Result<Incoming, Problem> {
    let address = reading.address();
    if matches!(address, Address::Service | Address::Nowhere) {
        // Headlines are for people to read and expect no answer; nor does a server that tells what
        // a component may do.
        return if type_ == MessageType::Headline || traffic::is_of_the_server(reading.frame) {
            Ok(Incoming::Nothing)
        } else {
            Err(Problem::NothingThere)
        };
    }
    let from = reading.session().ok_or(Refusal::NotAnOccupant)?;
    match (address, type_) {
        (Address::Room(room), MessageType::Groupchat) => to_all(reading, room, from, fresh),
        (Address::Room(room), _) => to_the_room(reading, room, from),
        (Address::Occupant(..), MessageType::Groupchat) => Err(Refusal::GroupchatToOccupant.into()),
        (Address::Occupant(room, nick), _) => {
            to_one(reading, room, &nick, whisper_kind(type_), from, fresh)
        }
        (Address::Service | Address::Nowhere, _) => Err(Problem::NothingThere),
    }
}

/// What is said to everybody, a change of the subject included.
fn to_all(
    reading: &Addressed<'_>,
    room: BareJid,
    from: FullJid,
    fresh: Fresh,
) -> Result<Incoming, Problem> {
    let frame = reading.frame;
    let purpose = purpose::of(frame, &room)?;
    let payload = traffic::relayed(frame, &room);
    let new_subject = new_subject(frame);
    let text = match purpose {
        // Whatever body they have is for clients that don't understand them.
        Purpose::Signal(_) | Purpose::Retraction(_) if new_subject.is_none() => "".into(),
        _ => searchable::text(frame),
    };
    let is_about_another = matches!(purpose, Purpose::Correction(_) | Purpose::Retraction(_));
    let speech = Box::new(Speech {
        content: content(frame, payload, fresh.message_id),
        keep: hints::keep(frame, &purpose, &room),
        archive_id: fresh.archive_id,
        text,
        purpose,
        original: None,
    });
    let action = match new_subject {
        // XEP-0308 §4 (#rules): a correction must not "change the nature of the stanza".
        Some(_) if is_about_another => {
            return Err(Problem::Malformed {
                element: "subject",
                wanted: "no subject is corrected or taken back; set another",
            });
        }
        Some(text) => Action::ChangeSubject { speech, text },
        None => Action::Say(speech),
    };
    Ok(Incoming::to_room(room, from, action))
}

fn whisper_kind(type_: MessageType) -> WhisperKind {
    match type_ {
        MessageType::Chat => WhisperKind::Chat,
        MessageType::Groupchat
        | MessageType::Headline
        | MessageType::Normal
        | MessageType::Error => WhisperKind::Normal,
    }
}

/// What is said to one occupant.
fn to_one(
    reading: &Addressed<'_>,
    room: BareJid,
    nick: &str,
    kind: WhisperKind,
    from: FullJid,
    fresh: Fresh,
) -> Result<Incoming, Problem> {
    // Nobody can have a nick that is none.
    let to = Nick::new(nick).map_err(|_| Refusal::NoSuchOccupant)?;
    let frame = reading.frame;
    let payload = traffic::relayed_privately(frame, &room);
    let content = content(frame, payload, fresh.message_id);
    let whisper = Whisper { to, kind, content };
    Ok(Incoming::to_room(
        room,
        from,
        Action::Whisper(Box::new(whisper)),
    ))
}

/// What is said to the room itself: invitations, requests and their answers.
fn to_the_room(reading: &Addressed<'_>, room: BareJid, from: FullJid) -> Result<Incoming, Problem> {
    let action = match mediated(reading.frame, &room)? {
        Some(action) => Some(action),
        None => submitted(reading.frame)?,
    };
    Ok(match action {
        Some(action) => Incoming::to_room(room, from, action),
        None => Incoming::Nothing,
    })
}

fn mediated(frame: &Frame, room: &BareJid) -> Result<Option<Action>, Problem> {
    match frame.child(ns::MUC_USER, "x") {
        Some(x) => invite::decode(&x, room),
        None => Ok(None),
    }
}

/// "A service MAY ignore messages that are improperly typed, or reject them with a bad-request
/// error"; who writes to a room as to a person should learn why nobody answers.
fn submitted(frame: &Frame) -> Result<Option<Action>, Problem> {
    let form = frame.child(ns::DATA_FORMS, "x").ok_or(MALFORMED)?;
    let form: Submission = form.parse().map_err(|_| MALFORMED)?;
    match form.form_type() {
        Some(voice::FORM_TYPE) => voice::decode(&form),
        Some(register::FORM_TYPE) => register::decode_approval(&form),
        // A form that is put away may come without fields, XEP-0004 §3.1 (#protocol-formtypes).
        None if form.is_empty() => Ok(None),
        _ => Err(MALFORMED),
    }
}

const MALFORMED: Problem = Problem::Malformed {
    element: "message",
    wanted: "what is said to a room has the type groupchat; what is asked of one is an invitation, its refusal, or a \
             form with muc#request or muc#register as FORM_TYPE",
};

/// The text of a message that changes the subject: "only a message that contains a <subject/> but
/// no <body/> element shall be considered a subject change", and one with a thread opens a
/// conversation.
pub(super) fn new_subject(frame: &Frame) -> Option<Arc<str>> {
    let subject = frame.child(STANZA_NAMESPACE, "subject")?;
    let speaks = ["body", "thread"]
        .iter()
        .any(|name| frame.child(STANZA_NAMESPACE, name).is_some());
    (!speaks).then(|| subject.text().into())
}

fn content(frame: &Frame, payload: Payload, fresh_id: Arc<str>) -> Content {
    let id = frame.header.id.as_deref().filter(|id| !id.is_empty());
    Content {
        id: id.map_or(fresh_id, Arc::from),
        language: language::of(&frame.header),
        payload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::request::Keep;
    use crate::wire::decode::tests::{asked, decoded, refused};

    const ROOM: &str = "coven@chat.shakespeare.lit";
    const OCCUPANT: &str = "coven@chat.shakespeare.lit/firstwitch";

    fn message(to: &str, type_: &str, children: &str) -> String {
        format!(
            "<message from='hag66@shakespeare.lit/pda' id='hysf1v37' to='{to}' type='{type_}' xml:lang='en'>\
             {children}</message>"
        )
    }

    fn act(xml: &str) -> Action {
        asked(xml)
    }

    #[test]
    fn groupchat_is_said_to_all() {
        let Action::Say(speech) = act(&message(ROOM, "groupchat", "<body>x</body>")) else {
            panic!("not said");
        };
        assert_eq!(&*speech.content.id, "hysf1v37");
        assert_eq!(speech.content.language.as_deref(), Some("en"));
        assert_eq!(speech.content.payload.as_bytes(), b"<body>x</body>");
        assert_eq!(
            (speech.keep, &*speech.archive_id.0),
            (Keep::Archived, "fresh-archive")
        );
    }

    #[test]
    fn a_message_without_id_gets_one() {
        for id in ["", "id=''"] {
            let xml = format!(
                "<message from='a@b/c' to='{ROOM}' {id} type='groupchat'><body/></message>"
            );
            let Action::Say(speech) = act(&xml) else {
                panic!("not said")
            };
            assert_eq!(&*speech.content.id, "fresh-message");
        }
    }

    #[test]
    fn a_subject_alone_changes_the_subject() {
        let xml = message(ROOM, "groupchat", "<subject>Fire</subject>");
        let Action::ChangeSubject { speech, text } = act(&xml) else {
            panic!("no subject")
        };
        assert_eq!(&*text, "Fire");
        assert_eq!(
            speech.content.payload.as_bytes(),
            b"<subject>Fire</subject>"
        );
        for more in ["<body>x</body>", "<body/>", "<thread>t</thread>"] {
            let xml = message(ROOM, "groupchat", &format!("<subject>Fire</subject>{more}"));
            assert!(matches!(act(&xml), Action::Say(_)), "{more}");
        }
    }

    #[test]
    fn other_types_to_an_occupant_are_private() {
        for (type_, expected) in [
            ("chat", WhisperKind::Chat),
            ("normal", WhisperKind::Normal),
            ("unheard", WhisperKind::Normal),
        ] {
            let Action::Whisper(whisper) = act(&message(OCCUPANT, type_, "<body>x</body>")) else {
                panic!("not private");
            };
            assert_eq!(
                (whisper.to.as_str(), whisper.kind),
                ("firstwitch", expected)
            );
            let expected = b"<body>x</body><x xmlns='http://jabber.org/protocol/muc#user'/>";
            assert_eq!(whisper.content.payload.as_bytes(), expected);
        }
    }

    #[test]
    fn a_private_message_is_not_for_a_groupchat() {
        let xml = message(OCCUPANT, "groupchat", "<body>x</body>");
        assert_eq!(refused(&xml), Refusal::GroupchatToOccupant.into());
    }

    #[test]
    fn a_direct_invitation_is_passed_to_an_occupant_untouched() {
        let x = "<x xmlns='jabber:x:conference' jid='heath@chat.shakespeare.lit'/>";
        let Action::Whisper(whisper) = act(&message(OCCUPANT, "normal", x)) else {
            panic!("not private");
        };
        assert!(whisper.content.payload.as_bytes().starts_with(x.as_bytes()));
    }

    #[test]
    fn requests_to_the_room_are_told_apart() {
        let x = "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b'/></x>";
        assert!(matches!(
            act(&message(ROOM, "normal", x)),
            Action::Invite(_)
        ));
        let x = "<x xmlns='http://jabber.org/protocol/muc#user'><decline to='a@b'/></x>";
        assert!(matches!(
            act(&message(ROOM, "normal", x)),
            Action::Decline { .. }
        ));
        let form = |fields: &str| format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>");
        let field =
            |var: &str, value: &str| format!("<field var='{var}'><value>{value}</value></field>");
        let request = field("FORM_TYPE", voice::FORM_TYPE) + &field("muc#role", "participant");
        assert!(matches!(
            act(&message(ROOM, "normal", &form(&request))),
            Action::RequestVoice
        ));
        let approval = field("FORM_TYPE", register::FORM_TYPE)
            + &field("muc#register_roomnick", "n")
            + &field("{urn:lyceum:0}jid", "a@b")
            + &field("muc#register_allow", "1");
        let action = act(&message(ROOM, "normal", &form(&approval)));
        assert!(matches!(
            action,
            Action::AnswerRegistration { granted: true, .. }
        ));
    }

    #[test]
    fn a_form_put_away_means_nothing() {
        let xml = message(ROOM, "normal", "<x xmlns='jabber:x:data' type='cancel'/>");
        assert!(matches!(decoded(&xml), Incoming::Nothing));
    }

    #[test]
    fn who_writes_to_a_room_as_to_a_person_is_told() {
        assert_eq!(refused(&message(ROOM, "chat", "<body>x</body>")), MALFORMED);
        assert_eq!(
            refused(&message("chat.shakespeare.lit", "chat", "")),
            Problem::NothingThere
        );
        let headline = message("chat.shakespeare.lit", "headline", "");
        assert!(matches!(decoded(&headline), Incoming::Nothing));
        let xml = format!("<message from='a@b' to='{ROOM}' type='groupchat'><body/></message>");
        assert_eq!(refused(&xml), Refusal::NotAnOccupant.into());
    }
}
