//! Asking for voice, and the answer. XEP-0045 §7.13 (#requestvoice), §8.6 (#voiceapprove).

use jid::{BareJid, FullJid};

use super::message::start_own;
use crate::room::request::VoiceAnswer;
use crate::room::{Action, Nick};
use crate::wire::form::blank_form;
use crate::wire::form::blank_form::BlankForm;
use crate::wire::form::submission;
use crate::wire::form::submission::{FormKind, Submission};
use crate::wire::stanza::problem::Problem;
use crate::wire::xml::template::Template;

/// What a form in a message to the room is about. XEP-0045 §16.5.2 (#registrar-formtype-request).
pub(in crate::wire) const FORM_TYPE: &str = "http://jabber.org/protocol/muc#request";

/// Reads a request for voice, or a moderator's answer to one; `None` when a moderator has put it
/// away.
///
/// # Errors
/// - [`Problem::Malformed`]: the form is neither submitted nor put away.
/// - [`Problem::BadField`]: another role than participant, an answer without a nick, or one that is
///   neither yes nor no.
/// - [`Problem::BadNick`]: the answer names none that anybody could have.
pub(in crate::wire) fn decode(form: &Submission) -> Result<Option<Action>, Problem> {
    match form.kind() {
        FormKind::Submit => {}
        FormKind::Cancel => return Ok(None),
        FormKind::Other => return Err(submission::NOT_FILLED),
    }
    if form.value(ROLE).is_some_and(|role| role != "participant") {
        return Err(Problem::BadField {
            field: ROLE,
            problem: "participant is all that can be asked for".into(),
        });
    }
    let Some(allow) = form.value(ALLOW) else {
        return Ok(Some(Action::RequestVoice));
    };
    let granted = submission::parse_boolean(allow).ok_or(submission::not_boolean(ALLOW))?;
    let nick = Nick::new(form.value(NICK).ok_or(submission::missing(NICK))?);
    let nick = nick.map_err(|_| Problem::BadNick { place: NICK })?;
    let for_good = form
        .value(PRESENTER)
        .map(|value| submission::parse_boolean(value).ok_or(submission::not_boolean(PRESENTER)));
    let answer = match (granted, for_good.transpose()?) {
        (false, _) => VoiceAnswer::Denied,
        (true, None | Some(false)) => VoiceAnswer::ForThisVisit,
        (true, Some(true)) => VoiceAnswer::ForGood,
    };
    Ok(Some(Action::AnswerVoiceRequest { nick, answer }))
}

/// Asks a moderator; one who may appoint presenters, whether it is to be for good.
pub(in crate::wire) fn encode(
    room: &BareJid,
    (nick, real_jid): (&Nick, &FullJid),
    may_appoint: bool,
    fresh_id: &str,
) -> Template {
    let mut draft = start_own(room, fresh_id);
    draft
        .xml()
        .typed(&approval_form(nick, real_jid, may_appoint));
    draft.finish()
}

fn approval_form(nick: &Nick, real_jid: &FullJid, may_appoint: bool) -> BlankForm {
    let for_good = || {
        blank_form::boolean(
            PRESENTER,
            "For good, as a presenter of the auditorium?",
            false,
        )
    };
    let fields = vec![
        blank_form::choice(
            ROLE,
            "Role asked for",
            "participant",
            &[("participant", "Participant")],
        ),
        blank_form::address(JID, "Address", real_jid.as_str()),
        blank_form::text(NICK, "Nickname", nick.as_str()),
        blank_form::boolean(ALLOW, "Let this person speak?", false),
    ];
    let fields = fields.into_iter().chain(may_appoint.then(for_good));
    BlankForm::new(FORM_TYPE, fields.collect()).titled(
        "Request for voice",
        "Somebody asks to be allowed to speak in this room.",
    )
}

const ROLE: &str = "muc#role";
const JID: &str = "muc#jid";
const NICK: &str = "muc#roomnick";
const ALLOW: &str = "muc#request_allow";
/// Whether voice is given for good, which makes a presenter. A field of our own, XEP-0068.
const PRESENTER: &str = "{urn:lyceum:0}presenter";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::form::submission::tests::submission;
    use crate::wire::xml::frame::Frame;

    #[test]
    fn a_form_with_the_role_alone_asks_for_voice() {
        let form = submission("<field var='muc#role'><value>participant</value></field>");
        assert!(matches!(decode(&form), Ok(Some(Action::RequestVoice))));
        let form = submission("<field var='muc#role'><value>moderator</value></field>");
        let refused = decode(&form).unwrap_err();
        assert!(matches!(refused, Problem::BadField { field: ROLE, .. }));
    }

    #[test]
    fn a_form_with_an_answer_is_a_moderators() {
        let answer = |allow: &str, for_good: &str| {
            decode(&submission(&format!(
                "<field var='muc#roomnick'><value>thirdwitch</value></field>\
                 <field var='muc#request_allow'><value>{allow}</value></field>{for_good}"
            )))
        };
        let presenter = |value| {
            format!("<field var='{{urn:lyceum:0}}presenter'><value>{value}</value></field>")
        };
        for (allow, for_good, expected) in [
            ("true", String::new(), VoiceAnswer::ForThisVisit),
            ("true", presenter("0"), VoiceAnswer::ForThisVisit),
            ("true", presenter("1"), VoiceAnswer::ForGood),
            ("false", presenter("1"), VoiceAnswer::Denied),
        ] {
            let Ok(Some(Action::AnswerVoiceRequest { nick, answer })) = answer(allow, &for_good)
            else {
                panic!("not an answer");
            };
            assert_eq!((nick.as_str(), answer), ("thirdwitch", expected));
        }
        assert!(matches!(
            answer("perhaps", ""),
            Err(Problem::BadField { .. })
        ));
        let unclear = answer("1", &presenter("perhaps"));
        assert!(matches!(
            unclear,
            Err(Problem::BadField {
                field: PRESENTER,
                ..
            })
        ));
    }

    #[test]
    fn moderators_get_the_form_they_can_send_back() {
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        let real_jid = FullJid::new("hag66@shakespeare.lit/pda").unwrap();
        let nick = Nick::new("thirdwitch").unwrap();
        let template = encode(&room, (&nick, &real_jid), true, "f1");
        let frame = Frame::from_xml(&template.to("crone1@shakespeare.lit/pda")).unwrap();
        let form: Submission = frame.children().next().unwrap().parse().unwrap();
        assert_eq!(form.form_type(), Some(FORM_TYPE));
        assert_eq!(form.value(JID), Some("hag66@shakespeare.lit/pda"));
        assert_eq!(form.value(NICK), Some("thirdwitch"));
        assert_eq!(form.value(ALLOW), Some("0"));
        assert_eq!(form.value(PRESENTER), Some("0"));
    }
}
