//! Registering with a room. XEP-0045 §7.10 (#register), §9.9 (#regapprove), XEP-0077.

use jid::BareJid;
use xmpp_parsers::ns;
use xso::{AsXml, FromXml};

use super::message::start_own;
use crate::room::{Action, Nick, Words};
use crate::wire::form::blank_form;
use crate::wire::form::blank_form::BlankForm;
use crate::wire::form::submission;
use crate::wire::form::submission::{FormKind, Submission};
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::short_text;
use crate::wire::xml::address;
use crate::wire::xml::frame::Child;
use crate::wire::xml::template::Template;

/// The type of the forms of this file. XEP-0045 §16.5.1 (#registrar-formtype-register).
pub(in crate::wire) const FORM_TYPE: &str = "http://jabber.org/protocol/muc#register";

/// A question or a submission.
#[derive(FromXml, Debug)]
#[xml(namespace = ns::REGISTER, name = "query")]
struct RegisterQuery {
    #[xml(flag)]
    remove: bool,
    #[xml(child(default))]
    form: Option<Submission>,
    #[xml(extract(default, fields(text(type_ = String))))]
    nick: Option<String>,
    #[xml(extract(default, fields(text(type_ = String))))]
    username: Option<String>,
}

/// What the room answers.
#[derive(AsXml, Debug)]
#[xml(namespace = ns::REGISTER, name = "query")]
pub(in crate::wire) struct Registration {
    #[xml(flag)]
    registered: bool,
    #[xml(extract(default, fields(text(type_ = String))))]
    instructions: Option<String>,
    #[xml(extract(default, fields(text(type_ = String))))]
    username: Option<String>,
    #[xml(child(default))]
    form: Option<BlankForm>,
}

/// Reads what somebody submits: a form, or the plain fields of XEP-0077 §3.1 (#usecases-register).
///
/// # Errors
/// - [`Problem::Malformed`]: there is neither, or the form is of another kind.
/// - [`Problem::BadNick`]: nobody can have the nick.
pub(in crate::wire) fn decode_set(child: &Child<'_>) -> Result<Action, Problem> {
    let query: RegisterQuery = child.parse().map_err(|_| MALFORMED)?;
    if query.remove {
        return Ok(Action::Unregister);
    }
    let nick = match &query.form {
        Some(form) => submitted_nick(form)?.to_owned(),
        None => query.username.or(query.nick).ok_or(MALFORMED)?,
    };
    let place = match query.form {
        Some(_) => NICK,
        None => "<username/>",
    };
    let nick = Nick::new(&nick).map_err(|_| Problem::BadNick { place })?;
    Ok(Action::Register { nick })
}

/// Reads an admin's answer to somebody's registration; `None` when it was put away.
///
/// # Errors
/// - [`Problem::Malformed`]: the form is neither submitted nor put away.
/// - [`Problem::BadField`]: it does not say whom it is about, or the answer is neither yes nor no.
/// - [`Problem::BadNick`], [`Problem::BadAddressInField`].
pub(in crate::wire) fn decode_approval(form: &Submission) -> Result<Option<Action>, Problem> {
    match form.kind() {
        FormKind::Submit => {}
        FormKind::Cancel => return Ok(None),
        FormKind::Other => return Err(submission::NOT_FILLED),
    }
    let allow = form.value(ALLOW).ok_or(submission::missing(ALLOW))?;
    let granted = submission::parse_boolean(allow).ok_or(submission::not_boolean(ALLOW))?;
    let jid = address::parse(form.value(JID).ok_or(submission::missing(JID))?);
    let jid = jid
        .map_err(|_| Problem::BadAddressInField { field: JID })?
        .to_bare();
    let nick = Nick::new(form.value(NICK).ok_or(submission::missing(NICK))?);
    let nick = nick.map_err(|_| Problem::BadNick { place: NICK })?;
    Ok(Some(Action::AnswerRegistration {
        jid,
        nick,
        granted,
        reason: None,
    }))
}

/// Asks an admin.
pub(in crate::wire) fn encode_request(
    room: &BareJid,
    jid: &BareJid,
    nick: &Nick,
    fresh_id: &str,
) -> Template {
    let form = BlankForm::new(
        FORM_TYPE,
        vec![
            blank_form::address(JID, "Address", jid.as_str()),
            blank_form::text(NICK, "Nickname asked for", nick.as_str()),
            blank_form::boolean(ALLOW, "Let this person register?", false),
        ],
    )
    .titled(
        "Request for registration",
        "Somebody asks to become a member of this room under this nickname.",
    );
    let mut draft = start_own(room, fresh_id);
    draft.xml().typed(&form);
    draft.finish()
}

/// Tells in words how somebody's request was answered, for their account: any client shows it, and
/// the server keeps it for whoever is not there.
pub(in crate::wire) fn encode_answer(
    room: &BareJid,
    granted: bool,
    reason: Option<&Words>,
    fresh_id: &str,
) -> Template {
    let told = match granted {
        true => "You asked to be let into this room: you are a member now, and may enter.",
        false => "You asked to be let into this room: the answer is no.",
    };
    let body = match reason {
        Some(reason) => format!("{told} {}", short_text::cut(reason)),
        None => told.to_owned(),
    };
    let mut draft = start_own(room, fresh_id);
    draft.xml().open("body").text(&body).close("body");
    draft.finish()
}

impl Registration {
    /// The form to be filled, which says who decides, and what the asker waits for already.
    pub fn form(needs_approval: bool, asked_for: Option<&Nick>) -> Self {
        let instructions = match (needs_approval, asked_for) {
            (true, Some(_)) => {
                "You have asked for this nickname, and no admin of the room has answered yet. Another one takes its place."
            }
            (true, None) => {
                "Choose your nickname in this room. An admin is asked, and you become a member when they agree."
            }
            (false, _) => "Choose your nickname in this room. You become a member by it.",
        };
        let asked_for = asked_for.map_or("", Nick::as_str);
        let nick = blank_form::text(NICK, "Nickname", asked_for).required();
        let form = BlankForm::new(FORM_TYPE, vec![nick])
            .titled("Registration with the room", instructions);
        Self {
            registered: false,
            instructions: Some(instructions.to_owned()),
            username: None,
            form: Some(form),
        }
    }

    /// That the asker has registered already.
    pub fn done(nick: Option<&Nick>) -> Self {
        Self {
            registered: true,
            instructions: None,
            username: nick.map(|nick| nick.as_str().to_owned()),
            form: None,
        }
    }
}

fn submitted_nick(form: &Submission) -> Result<&str, Problem> {
    if form.kind() != FormKind::Submit || form.form_type() != Some(FORM_TYPE) {
        return Err(MALFORMED);
    }
    form.value(NICK).ok_or(submission::missing(NICK))
}

const MALFORMED: Problem = Problem::Malformed {
    element: "query",
    wanted: "<remove/>, <username/>, or a form of type submit with http://jabber.org/protocol/muc#register as FORM_TYPE",
};

const NICK: &str = "muc#register_roomnick";
const ALLOW: &str = "muc#register_allow";
/// The registry has no field for the address, without which an admin could be made to admit another
/// person who asks for the same nick meanwhile.
const JID: &str = "{urn:lyceum:0}jid";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;
    use crate::wire::xml::writer::to_xml;

    fn set(query: &str) -> Result<Action, Problem> {
        let xml = format!("<iq type='set'><query xmlns='jabber:iq:register'>{query}</query></iq>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        decode_set(&frame.children().next().unwrap())
    }

    fn registered(query: &str) -> String {
        match set(query) {
            Ok(Action::Register { nick }) => nick.as_str().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_nick_is_registered_by_form_or_by_field() {
        let form = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
            <value>http://jabber.org/protocol/muc#register</value></field>\
            <field var='muc#register_first'><value>Brunhilde</value></field>\
            <field var='muc#register_roomnick'><value>thirdwitch</value></field></x>";
        assert_eq!(registered(form), "thirdwitch");
        assert_eq!(
            registered("<username>thirdwitch</username><password>x</password>"),
            "thirdwitch"
        );
        assert_eq!(registered("<nick>thirdwitch</nick>"), "thirdwitch");
        assert!(matches!(set("<remove/>"), Ok(Action::Unregister)));
    }

    #[test]
    fn an_invalid_registration_is_refused() {
        assert_eq!(set("").unwrap_err(), MALFORMED);
        let refused = set("<nick> </nick>").unwrap_err();
        assert!(matches!(refused, Problem::BadNick { .. }));
        assert_eq!(
            set("<x xmlns='jabber:x:data' type='submit'/>").unwrap_err(),
            MALFORMED
        );
    }

    #[test]
    fn an_admin_sends_back_what_was_asked() {
        let room = BareJid::new("coven@chat.shakespeare.lit").unwrap();
        let jid = BareJid::new("hag66@shakespeare.lit").unwrap();
        let template = encode_request(&room, &jid, &Nick::new("thirdwitch").unwrap(), "f1");
        let xml = String::from_utf8(template.to("crone1@shakespeare.lit/pda")).unwrap();
        let answered = xml
            .replace("type='form'", "type='submit'")
            .replace("<value>0</value>", "<value>1</value>");
        let frame = Frame::from_xml(answered.as_bytes()).unwrap();
        let form: Submission = frame.children().next().unwrap().parse().unwrap();
        let Ok(Some(Action::AnswerRegistration {
            jid: whose,
            nick,
            granted,
            reason: None,
        })) = decode_approval(&form)
        else {
            panic!("not an answer: {answered}");
        };
        assert_eq!((whose, nick.as_str(), granted), (jid, "thirdwitch", true));
    }

    #[test]
    fn who_has_registered_is_told_the_nick() {
        let nick = Nick::new("thirdwitch").unwrap();
        let xml = String::from_utf8(to_xml(&Registration::done(Some(&nick)))).unwrap();
        assert!(xml.contains("<registered"), "{xml}");
        assert!(xml.contains("<username>thirdwitch</username>"), "{xml}");
        let form = String::from_utf8(to_xml(&Registration::form(false, None))).unwrap();
        assert!(
            form.contains("muc#register_roomnick") && form.contains("<required"),
            "{form}"
        );
    }
}
