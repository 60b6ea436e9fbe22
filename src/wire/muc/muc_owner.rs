//! Configuring and destroying a room: `http://jabber.org/protocol/muc#owner`. XEP-0045 §10.1
//! (#createroom), §10.9 (#destroyroom), §19.4 (#schemas-owner).

use xso::{AsXml, FromXml};

use crate::room::Action;
use crate::room::effect::ConfigurationForm;
use crate::wire::form::blank_form::BlankForm;
use crate::wire::form::submission;
use crate::wire::form::submission::{FormKind, Submission};
use crate::wire::form::{configuration, configuration_form, room_form};
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::short_text;
use crate::wire::stanza::short_text::Said;
use crate::wire::xml::address;
use crate::wire::xml::frame::Child;
use crate::wire::xml::text_between::PassOver;

/// The namespace of this file.
pub(in crate::wire) const NAMESPACE: &str = "http://jabber.org/protocol/muc#owner";

/// What an owner wants.
#[derive(FromXml, Debug)]
#[xml(namespace = NAMESPACE, name = "query")]
struct OwnerQuery {
    #[xml(child(default))]
    form: Option<Submission>,
    #[xml(child(default))]
    destroy: Option<Destroy>,
}

#[derive(FromXml, Debug)]
#[xml(namespace = NAMESPACE, name = "destroy")]
struct Destroy {
    #[xml(attribute(default))]
    jid: Option<String>,
    #[xml(extract(default, fields(text(type_ = String))))]
    password: Option<String>,
    #[xml(extract(default, fields(lang(default, type_ = Option<String>), text(type_ = String))))]
    reason: Option<Said>,
    #[xml(text(codec = PassOver))]
    _between: (),
}

/// What an owner is shown.
#[derive(AsXml, Debug)]
#[xml(namespace = NAMESPACE, name = "query")]
pub(in crate::wire) struct Shown {
    #[xml(child)]
    form: BlankForm,
}

/// Reads what an owner wants.
///
/// # Errors
/// - [`Problem::Malformed`]: it is neither a form nor a destruction, or both.
/// - [`Problem::BadAddress`]: the alternate room is no address.
/// - Those of the configuration form.
pub(in crate::wire) fn decode_set(child: &Child<'_>) -> Result<Action, Problem> {
    let query: OwnerQuery = child.parse().map_err(|_| MALFORMED)?;
    match (query.form, query.destroy) {
        (Some(form), None) => match form.kind() {
            FormKind::Submit => configuration::decode(&form).map(Action::Configure),
            FormKind::Cancel => Ok(Action::CancelConfiguration),
            FormKind::Other => Err(submission::NOT_FILLED),
        },
        (None, Some(destroy)) => destruction(destroy),
        _ => Err(MALFORMED),
    }
}

impl Shown {
    /// The configuration form.
    pub fn form(shown: &ConfigurationForm) -> Self {
        Self {
            form: configuration_form::encode(shown),
        }
    }

    /// The form without the lists of people, which stay as they are when a form without them is
    /// submitted.
    pub fn form_without_people(shown: &ConfigurationForm) -> Self {
        let people = [room_form::ADMINS, room_form::OWNERS, room_form::PRESENTERS];
        Self {
            form: configuration_form::encode(shown).without(&people),
        }
    }
}

const MALFORMED: Problem = Problem::Malformed {
    element: "query",
    wanted: "either one form, of type submit or cancel, or one <destroy/>",
};

fn destruction(destroy: Destroy) -> Result<Action, Problem> {
    let alternate = destroy.jid.filter(|jid| !jid.is_empty());
    let alternate = alternate.map(|jid| address::parse(&jid)).transpose();
    Ok(Action::Destroy {
        alternate: alternate.map_err(|_| Problem::BadAddress {
            place: "jid of <destroy/>",
        })?,
        password: short_text::decode_exact("password", destroy.password)?,
        reason: short_text::decode_words("reason", destroy.reason)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::setting::Setting;
    use crate::wire::xml::frame::Frame;

    fn set(children: &str) -> Result<Action, Problem> {
        let xml = format!("<iq><query xmlns='{NAMESPACE}'>{children}</query></iq>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        decode_set(&frame.children().next().unwrap())
    }

    #[test]
    fn an_empty_form_accepts_the_defaults() {
        let configured = set("<x xmlns='jabber:x:data' type='submit'/>");
        assert!(matches!(configured, Ok(Action::Configure(settings)) if settings.is_empty()));
        let canceled = set("<x xmlns='jabber:x:data' type='cancel'/>");
        assert!(matches!(canceled, Ok(Action::CancelConfiguration)));
    }

    #[test]
    fn a_filled_form_configures() {
        let configured = set(
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
             <value>http://jabber.org/protocol/muc#roomconfig</value></field>\
             <field var='muc#roomconfig_roomname'><value>A Dark Cave</value></field></x>",
        );
        let Ok(Action::Configure(settings)) = configured else {
            panic!("{configured:?}")
        };
        assert_eq!(settings, [Setting::Name.to("A Dark Cave")]);
    }

    #[test]
    fn a_room_is_destroyed_with_or_without_an_alternate() {
        let destroyed = set(
            "<destroy jid='coven@chat.shakespeare.lit'><reason>Macbeth doth come.</reason>\
             <password>p</password></destroy>",
        );
        let Ok(Action::Destroy {
            alternate,
            password,
            reason,
        }) = destroyed
        else {
            panic!("{destroyed:?}")
        };
        assert_eq!(alternate.unwrap().as_str(), "coven@chat.shakespeare.lit");
        assert_eq!(password.as_deref(), Some("p"));
        assert_eq!(reason.as_deref(), Some("Macbeth doth come."));
        assert!(matches!(
            set("<destroy/>"),
            Ok(Action::Destroy {
                alternate: None,
                ..
            })
        ));
    }

    #[test]
    fn anything_else_is_refused() {
        for children in [
            "",
            "<x xmlns='jabber:x:data' type='form'/>",
            "<x xmlns='jabber:x:data' type='submit'/><destroy/>",
        ] {
            let refused = set(children).unwrap_err();
            assert!(matches!(refused, Problem::Malformed { .. }), "{children}");
        }
        for name in ["reason", "password"] {
            let text = "x".repeat(1001);
            let destroyed = set(&format!("<destroy><{name}>{text}</{name}></destroy>"));
            let element = name;
            assert_eq!(destroyed.unwrap_err(), Problem::TextTooLong { element });
        }
        let refused = set("<destroy jid='@'/>").unwrap_err();
        assert!(matches!(refused, Problem::BadAddress { .. }));
    }
}
