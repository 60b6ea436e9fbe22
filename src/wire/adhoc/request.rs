//! What is asked about commands, and the requests of somebody who runs one. XEP-0050 §2.4
//! (#execute), §4.1 (#desc-command).

use super::NAMESPACE;
use crate::wire::form::submission::{FormKind, Submission};
use crate::wire::stanza::problem::{CommandProblem, Problem};
use crate::wire::xml::frame::Child;
use xso::FromXml;

/// What can be asked of whoever has commands.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandQuestion {
    /// Which commands there are for the asker. §2.2 (#retrieve).
    List,
    /// What the list of commands is.
    ListInformation,
    /// What a command is, by its node.
    Information(String),
    /// A step of a command.
    Step(Box<CommandStep>),
}

/// A step of a command: its beginning, or what is done with what was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandStep {
    /// The node of the command.
    pub node: String,
    /// The session that it goes on in; `None`: a new one begins.
    pub session: Option<String>,
    /// What is to be done.
    pub action: CommandAction,
    /// The form that was filled, each field with its values; `None`: there is none.
    pub filled: Option<Vec<(String, Vec<String>)>>,
    /// The language that is asked for, beside that of the stanza.
    pub language: Option<String>,
}

/// What is to be done with a command. §4.1 (#desc-command).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandAction {
    /// Whatever comes next.
    Execute,
    /// Nothing more is to be done.
    Cancel,
    /// The step before.
    Previous,
    /// The step behind.
    Next,
    /// The last step.
    Complete,
}

/// `<command/>` as somebody sent it. Its `status` is the responder's alone: "If specified by the
/// requester, the responder MUST ignore it."
#[derive(FromXml, Debug)]
#[xml(namespace = NAMESPACE, name = "command", on_unknown_attribute = Discard, on_unknown_child = Discard)]
struct SentCommand {
    #[xml(attribute(default))]
    node: Option<String>,
    #[xml(attribute(default))]
    sessionid: Option<String>,
    #[xml(attribute(default))]
    action: Option<String>,
    #[xml(child(n = ..))]
    forms: Vec<Submission>,
    #[xml(text(codec = crate::wire::xml::text_between::PassOver))]
    _between: (),
}

/// Whether a node of service discovery is about commands.
pub(in crate::wire) fn question(node: &str) -> Option<CommandQuestion> {
    match node {
        NAMESPACE => Some(CommandQuestion::ListInformation),
        _ if node.starts_with(NODES) => Some(CommandQuestion::Information(node.to_owned())),
        _ => None,
    }
}

/// Reads a step.
///
/// # Errors
/// - [`Problem::Malformed`]: no command is named.
/// - [`CommandProblem::MalformedAction`]: the action is none that there is.
/// - [`CommandProblem::BadPayload`]: there is no form that was filled.
pub(in crate::wire) fn decode(child: &Child<'_>) -> Result<CommandStep, Problem> {
    let Ok(sent) = child.parse::<SentCommand>() else {
        return Err(bad_payload("a form of jabber:x:data that was filled"));
    };
    let node = sent.node.ok_or(NO_NODE)?;
    let action = match sent.action.as_deref() {
        None | Some("execute") => CommandAction::Execute,
        Some("cancel") => CommandAction::Cancel,
        Some("prev") => CommandAction::Previous,
        Some("next") => CommandAction::Next,
        Some("complete") => CommandAction::Complete,
        Some(_) => return Err(CommandProblem::MalformedAction.into()),
    };
    let filled = sent.forms.first().map(filled).transpose()?;
    Ok(CommandStep {
        node,
        session: sent.sessionid,
        action,
        filled,
        language: child.attribute("xml:lang"),
    })
}

/// "Responders SHOULD consider any <x type='cancel'/> to be <x type='submit'/>", §3.5.1
/// (#impl-forms).
fn filled(form: &Submission) -> Result<Vec<(String, Vec<String>)>, Problem> {
    match form.kind() {
        FormKind::Submit | FormKind::Cancel => {}
        FormKind::Other => return Err(bad_payload("a form that is sent back has the type submit")),
    }
    let fields = form.fields();
    Ok(fields
        .map(|(var, values)| (var.to_owned(), values.to_vec()))
        .collect())
}

fn bad_payload(why: &str) -> Problem {
    let why = why.to_owned();
    CommandProblem::BadPayload { why }.into()
}

/// What the nodes of all commands begin with; behind it are noun and verb.
pub const NODES: &str = "urn:lyceum:0#";

const NO_NODE: Problem = Problem::Malformed {
    element: "command",
    wanted: "the node of a command, as disco#items tells them",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;

    fn decoded(command: &str) -> Result<CommandStep, Problem> {
        let xml = format!("<iq type='set'>{command}</iq>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        decode(&frame.children().next().unwrap())
    }

    fn step(attributes: &str, children: &str) -> Result<CommandStep, Problem> {
        decoded(&format!(
            "<command xmlns='{NAMESPACE}' {attributes}>{children}</command>"
        ))
    }

    #[test]
    fn what_the_requester_says_of_the_status_does_not_count() {
        let wanted = CommandStep {
            node: "list".into(),
            session: None,
            action: CommandAction::Execute,
            filled: None,
            language: None,
        };
        for attributes in [
            "node='list'",
            "node='list' action='execute'",
            "node='list' status='completed' urgent='1'",
        ] {
            assert_eq!(step(attributes, "").as_ref(), Ok(&wanted), "{attributes}");
        }
        let step = step("node='list'", "<note type='info'>x</note><y xmlns='z'/>");
        assert_eq!(step, Ok(wanted));
    }

    #[test]
    fn a_form_counts_as_filled_when_it_was_put_away() {
        for type_ in ["submit", "cancel"] {
            let form = format!(
                "\n<x xmlns='jabber:x:data' type='{type_}'><field var='a'><value>1</value>\
                 <value>2</value></field><field var='b'/></x>"
            );
            let step = step("node='n' sessionid='s' action='next'", &form).unwrap();
            assert_eq!(step.session.as_deref(), Some("s"));
            assert_eq!(step.action, CommandAction::Next);
            let filled = step.filled.unwrap();
            assert_eq!(filled[0], ("a".into(), vec!["1".into(), "2".into()]));
            assert_eq!(filled[1], ("b".into(), vec![]));
        }
    }

    #[test]
    fn what_is_wrong_with_a_step_has_its_error() {
        assert_eq!(step("", ""), Err(NO_NODE));
        let malformed = step("node='n' action='fly'", "");
        assert_eq!(malformed, Err(CommandProblem::MalformedAction.into()));
        for form in [
            "<x xmlns='jabber:x:data' type='result'/>",
            "<x xmlns='jabber:x:data'/>",
        ] {
            let told = step("node='n' sessionid='s'", form);
            assert!(
                matches!(
                    told,
                    Err(Problem::Command(CommandProblem::BadPayload { .. }))
                ),
                "{form}: {told:?}"
            );
        }
    }
}
