//! Every command in a client: its form, and what comes of it; and what one person can't do to the
//! service by commands.

use tokio::runtime;
use tokio::sync::mpsc;

use crate::command::form::{self, CommandForm, FieldKind, TextKind};
use crate::service::operate::CommandRunner;
use crate::service::tests::scene::ServiceScene;
use crate::wire::xml::frame::Frame;

/// A service with the hall, and an operator whose address is `op@example.org`.
struct Desk {
    scene: ServiceScene,
}

impl Desk {
    fn new() -> Self {
        let lines = "operators = ['op@example.org']\n[pool.limits]\niqs_per_second = 0\n\
                     bytes_per_second = 0";
        let scene = ServiceScene::new(lines).with_hall();
        Self { scene }
    }

    /// What is answered to a stanza, when everything that it begins is carried out.
    fn answer_to(&mut self, stanza: &str) -> String {
        let mut told = self.scene.answer_to(stanza);
        let (runner, mut jobs) = CommandRunner::of(&self.scene.engine);
        let (sender, mut ends) = mpsc::channel(64);
        let waiting = runtime::Builder::new_current_thread().build().unwrap();
        let mut under_way = 0;
        loop {
            let orders = self.scene.engine.take_orders();
            under_way += orders.len();
            runner.begin_all(orders, &sender);
            if under_way == 0 {
                return told;
            }
            let (engine, now) = (&mut self.scene.engine, self.scene.now);
            waiting.block_on(async {
                tokio::select! {
                    Some(job) = jobs.recv() => engine.operate(now, job),
                    Some(end) = ends.recv() => {
                        under_way -= 1;
                        engine.take_outcome(now, end);
                    }
                }
            });
            told.push_str(&self.scene.told());
        }
    }

    /// One step of a command, and what is answered to it; what others are told is left out.
    fn step(&mut self, node: &str, attributes: &str, form: &str) -> String {
        let told = self.answer_to(&format!(
            "<iq from='op@example.org/o' to='SERVICE' type='set' id='step'>\
             <command xmlns='http://jabber.org/protocol/commands' node='{node}' {attributes}>{form}\
             </command></iq>"
        ));
        let answers = told.split_inclusive("</iq>");
        let begins = |stanzas: &str| stanzas.find("<iq from='rooms.example.org' to='op@");
        let mut own = answers.filter_map(|stanzas| Some(stanzas[begins(stanzas)?..].to_owned()));
        own.next().unwrap_or(told)
    }
}

/// An attribute of the command in an answer.
fn attribute(answer: &str, name: &str) -> Option<String> {
    let frame = Frame::from_xml(answer.as_bytes()).ok()?;
    frame.children().next()?.attribute(name)
}

fn node(form: &CommandForm) -> String {
    format!("urn:lyceum:0#{}", form.name.join("-"))
}

fn sample(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Boolean => "1".to_owned(),
        FieldKind::OneOf(choices) => choices[0].value.clone(),
        FieldKind::Text(kind) | FieldKind::Texts(kind) => match kind {
            TextKind::Room => "hall".to_owned(),
            TextKind::Address => "ann@example.org".to_owned(),
            TextKind::Time => "2026-11-21T14:30:00Z".to_owned(),
            TextKind::Uri => "https://apps.example.org/".to_owned(),
            TextKind::Number(min, _) => min.to_string(),
            TextKind::Words => "&lt;x'".to_owned(),
        },
    }
}

/// A form with these of a command's fields, filled.
fn submitted(form: &CommandForm, is_filled: impl Fn(&form::Field) -> bool) -> String {
    let fields = form.fields.iter().map(|field| {
        let values = match is_filled(field) {
            true => format!("<value>{}</value>", sample(&field.kind)),
            false => String::new(),
        };
        format!("<field var='{}'>{values}</field>", field.name)
    });
    let fields: String = fields.collect();
    format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>")
}

/// Whatever is filled in: each step is answered, with what is asked next, what is wrong, or the
/// end.
#[test]
fn every_command_is_asked_for_by_a_form_and_whatever_is_submitted_is_answered() {
    for form in form::all().iter().filter(|form| !form.facts.takes_rooms) {
        let node = node(form);
        let all = |_: &form::Field| true;
        let none = |_: &form::Field| false;
        let required = |field: &form::Field| field.is_required;
        let submissions: [&dyn Fn(&form::Field) -> bool; 3] = [&all, &none, &required];
        for is_filled in submissions {
            let mut desk = Desk::new();
            let mut answer = desk.step(&node, "", "");
            for _ in 0..4 {
                assert!(answer.contains("type='result'"), "{node}: {answer}");
                let status = attribute(&answer, "status").unwrap();
                if status == "completed" {
                    break;
                }
                let fields = form.fields.iter();
                let asked =
                    fields.filter(|field| answer.contains(&format!("var='{}'", field.name)));
                assert!(
                    asked.count() > 0 || answer.contains("<note type='warn'"),
                    "{answer}"
                );
                let session = attribute(&answer, "sessionid").unwrap();
                let next = desk.step(
                    &node,
                    &format!("sessionid='{session}'"),
                    &submitted(form, is_filled),
                );
                if next.contains("<bad-payload") {
                    break;
                }
                answer = next;
            }
        }
    }
}

#[test]
fn every_command_is_listed_under_a_node_of_its_own_with_few_words() {
    let mut desk = Desk::new();
    let list = "<iq from='op@example.org/o' to='SERVICE' type='get' id='1'>\
                <query xmlns='http://jabber.org/protocol/disco#items' \
                node='http://jabber.org/protocol/commands'/></iq>";
    let told = desk.answer_to(list);
    for form in form::all() {
        let node = format!("node='{}'", node(form));
        let listed = told.matches(&node).count();
        assert_eq!(
            listed,
            usize::from(!form.facts.takes_rooms),
            "{node}: {told}"
        );
        let name = super::show::listed(form).name;
        assert!((5..70).contains(&name.len()), "{name}");
    }
}

#[test]
fn nobody_has_more_sessions_than_a_few_and_the_oldest_goes() {
    let mut desk = Desk::new();
    let begun: Vec<_> = (0..9)
        .map(|_| {
            let answer = desk.step("urn:lyceum:0#room-show", "", "");
            attribute(&answer, "sessionid").unwrap()
        })
        .collect();
    let form =
        "<x xmlns='jabber:x:data' type='submit'><field var='room'><value>hall</value></field></x>";
    let mut go_on =
        |id: &str| desk.step("urn:lyceum:0#room-show", &format!("sessionid='{id}'"), form);
    assert!(go_on(&begun[0]).contains("<session-expired"));
    assert!(go_on(&begun[1]).contains("status='completed'"));
    assert!(go_on(&begun[8]).contains("status='completed'"));
}

/// While something is carried out it can be cancelled, and both stanzas are answered.
#[test]
fn what_is_being_done_can_be_cancelled_and_nobody_runs_more_than_two() {
    let mut desk = Desk::new();
    let begin = |number: usize| {
        format!(
            "<iq from='op@example.org/o' to='SERVICE' type='set' id='{number}'>\
             <command xmlns='http://jabber.org/protocol/commands' node='urn:lyceum:0#addin-list'/></iq>"
        )
    };
    for number in 1..=2 {
        assert_eq!(desk.scene.answer_to(&begin(number)), "", "it is being done");
    }
    let third = desk.scene.answer_to(&begin(3));
    assert!(third.contains("<resource-constraint"), "{third}");
    let orders = desk.scene.engine.take_orders();
    assert_eq!(orders.len(), 2);
    let envelope = crate::service::tests::scene::envelope(&begin(1));
    let id = desk.scene.engine.adhoc.id(1, &envelope);
    let go_on = |action: &str| {
        format!(
            "<iq from='op@example.org/o' to='SERVICE' type='set' id='4'>\
             <command xmlns='http://jabber.org/protocol/commands' node='urn:lyceum:0#addin-list' \
             sessionid='{id}' action='{action}'/></iq>"
        )
    };
    assert!(desk.scene.answer_to(&go_on("next")).contains("<bad-action"));
    let told = desk.scene.answer_to(&go_on("cancel"));
    assert_eq!(told.matches("status='canceled'").count(), 2, "{told}");
    assert!(told.contains("id='1'") && told.contains("id='4'"), "{told}");
    // The turn is given back when the thread ends, not before.
    assert!(
        desk.scene
            .answer_to(&begin(5))
            .contains("<resource-constraint")
    );
    drop(orders);
    assert_eq!(desk.scene.answer_to(&begin(6)), "");
}

#[test]
fn who_waits_for_a_command_is_told_when_the_service_ends() {
    let mut desk = Desk::new();
    let told = desk.scene.answer_to(
        "<iq from='op@example.org/o' to='SERVICE' type='set' id='7'>\
         <command xmlns='http://jabber.org/protocol/commands' node='urn:lyceum:0#addin-list'/></iq>",
    );
    assert_eq!(told, "");
    desk.scene.engine.refuse_waiting();
    let told = desk.scene.told();
    assert!(
        told.contains("id='7' type='error'") && told.contains("<resource-constraint"),
        "{told}"
    );
}
