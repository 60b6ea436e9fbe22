//! The answer to a step of a command: how far it is, what is to be done next, and what is asked or
//! told. XEP-0050 §4 (#desc).

use super::NAMESPACE;
use super::asked_form::AskedForm;
use super::told_form::ToldForm;
use crate::wire::stanza::envelope::{Envelope, STANZA_OUT_MAX};
use crate::wire::xml::writer::XmlWriter;

/// The answer to a step.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandAnswer<'a> {
    /// The node of the command.
    pub node: &'a str,
    /// The session that it goes on in, or has ended in.
    pub session: &'a str,
    /// How far it is.
    pub stage: CommandStage,
    /// What is said about it.
    pub notes: Vec<CommandNote>,
}

/// How far a command is. §4.1 (#desc-command).
#[derive(Debug, Clone, PartialEq)]
pub enum CommandStage {
    /// Something is asked.
    Asking {
        /// What may be done next.
        actions: AllowedActions,
        /// The form to be filled; `None`: only consent is asked for.
        form: Option<AskedForm>,
    },
    /// It has ended, and this is what came of it.
    Completed(Option<ToldForm>),
    /// The asker has ended it.
    Canceled,
}

/// What may be done next, beside cancelling. §4.2 (#desc-actions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedActions {
    /// Whether there is a step before.
    pub previous: bool,
    /// What goes on; it is what `execute` means.
    pub onward: Onward,
}

/// How a command goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// With the next step.
    Next,
    /// To its end.
    Complete,
}

/// Something that is said about a command. §4.3 (#desc-note).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandNote {
    kind: &'static str,
    text: String,
}

impl CommandNote {
    /// What was done.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new("info", text)
    }

    /// What is to be thought about.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new("warn", text)
    }

    /// Why it was not done. §3.6 (#impl-commands): "If a command completes but fails, the responder
    /// MUST include at least one <note type='error'/>".
    pub fn failure(text: impl Into<String>) -> Self {
        Self::new("error", text)
    }

    /// Whether there are any words.
    pub fn says_something(&self) -> bool {
        !self.text.is_empty()
    }

    fn new(kind: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, text }
    }
}

/// The answer as a stanza. Of a table that no stanza can hold it tells the first rows.
pub fn encode(envelope: &Envelope, answer: &CommandAnswer<'_>) -> Vec<u8> {
    let mut answer = answer.clone();
    loop {
        let size = match envelope.try_answer("result", |xml| command(xml, &answer)) {
            Ok(bytes) => return bytes,
            Err(too_long) => too_long.size,
        };
        let is_shorter = match &mut answer.stage {
            CommandStage::Completed(Some(told)) => told.shorten(STANZA_OUT_MAX, size),
            CommandStage::Completed(None)
            | CommandStage::Asking { .. }
            | CommandStage::Canceled => false,
        };
        if !is_shorter {
            return envelope.refuse_to_answer();
        }
    }
}

fn command(xml: &mut XmlWriter, answer: &CommandAnswer<'_>) {
    let status = match answer.stage {
        CommandStage::Asking { .. } => "executing",
        CommandStage::Completed(_) => "completed",
        CommandStage::Canceled => "canceled",
    };
    xml.open_in(NAMESPACE, "command")
        .attribute("node", answer.node)
        .attribute("sessionid", answer.session)
        .word("status", status)
        .word("xml:lang", "en");
    if let CommandStage::Asking { actions, .. } = &answer.stage {
        allowed(xml, *actions);
    }
    let rest = match &answer.stage {
        CommandStage::Completed(Some(told)) => told.left_out_note(),
        CommandStage::Completed(None) | CommandStage::Asking { .. } | CommandStage::Canceled => {
            None
        }
    };
    for note in answer.notes.iter().chain(&rest) {
        xml.open("note")
            .word("type", note.kind)
            .text(&note.text)
            .close("note");
    }
    match &answer.stage {
        CommandStage::Asking {
            form: Some(form), ..
        } => {
            xml.typed(&form.blank());
        }
        CommandStage::Completed(Some(told)) => told.write(xml),
        CommandStage::Asking { form: None, .. }
        | CommandStage::Completed(None)
        | CommandStage::Canceled => {}
    }
    xml.close("command");
}

fn allowed(xml: &mut XmlWriter, actions: AllowedActions) {
    let onward = match actions.onward {
        Onward::Next => "next",
        Onward::Complete => "complete",
    };
    xml.open("actions").word("execute", onward);
    if actions.previous {
        xml.open("prev").close("prev");
    }
    xml.open(onward).close(onward).close("actions");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::adhoc::told_form::{ToldColumn, ToldRows};
    use crate::wire::stanza::envelope::tests::envelope;

    fn table(rows: Vec<Vec<String>>, left_out: u64) -> String {
        let column = ToldColumn {
            name: "name".into(),
            label: "Name".into(),
        };
        let told = ToldForm {
            title: "Names".into(),
            columns: vec![column],
            rows: ToldRows::Table {
                rows,
                left_out,
                rest: "Ask elsewhere.".into(),
            },
        };
        let answer = CommandAnswer {
            node: "list",
            session: "1",
            stage: CommandStage::Completed(Some(told)),
            notes: Vec::new(),
        };
        let envelope = envelope(
            "<iq from='hag66@shakespeare.lit/pda' to='chat.shakespeare.lit' type='set' id='i1'/>",
        );
        String::from_utf8(encode(&envelope, &answer)).unwrap()
    }

    #[test]
    fn of_many_rows_those_are_told_that_fit_and_all_are_counted() {
        let told = table(vec![vec!["x".into()]; 3], 0);
        assert_eq!(told.matches("<item>").count(), 3);
        assert!(!told.contains("<note"), "{told}");
        let told = table(vec![vec!["<".repeat(256)]; 1000], 234);
        let shown = told.matches("<item>").count();
        assert!((180..240).contains(&shown), "{shown}");
        assert!(told.len() <= STANZA_OUT_MAX);
        let sentence = format!("These are the first {shown} of 1234. Ask elsewhere.</note>");
        assert!(told.contains(&sentence), "{}", &told[..500]);
        let told = table(vec![vec!["x".repeat(STANZA_OUT_MAX)]; 2], 0);
        assert!(told.contains("type='error'"), "{}", &told[..500]);
    }
}
