//! How much goes out because of one person, at the limits that a service has if nobody sets others.

use super::hall::{ANN, enter, send, service};
use crate::service::Engine;

/// How many messages of the room are in some output.
fn messages(output: &str) -> usize {
    output.matches("<message ").count()
}

/// A list of changes that makes people admins.
fn admins(first: usize, count: usize) -> String {
    let item = |n| format!("<item affiliation='admin' jid='admin{n}@example.org'/>");
    let items: String = (first..first + count).map(item).collect();
    format!(
        "<iq {ANN} type='set' id='1'><query xmlns='http://jabber.org/protocol/muc#admin'>{items}</query></iq>"
    )
}

fn register(engine: &mut Engine, jid: &str) -> String {
    let query = "<query xmlns='jabber:iq:register'><username>Eve</username></query>";
    let to = "to='hall@rooms.example.org'";
    send(
        engine,
        &format!("<iq from='{jid}' {to} type='set' id='1'>{query}</iq>"),
    )
}

#[test]
fn thousands_of_invitations_in_many_messages_are_a_thousand_in_an_hour() {
    let mut engine = service("");
    let mut invited = 0;
    for number in 0..20 {
        let invite = |n| format!("<invite to='u{number}x{n}@elsewhere.test'/>");
        let invites: String = (0..400).map(invite).collect();
        let output = send(
            &mut engine,
            &format!(
                "<message {ANN} id='1'><x xmlns='http://jabber.org/protocol/muc#user'>{invites}</x></message>"
            ),
        );
        invited += output.matches("<invite ").count();
    }
    assert_eq!(invited, 800);
}

#[test]
fn a_list_of_members_invites_as_messages_do() {
    let mut engine = service("invitations_per_hour = 100\n");
    let form = "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>\
        <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
        <field var='muc#roomconfig_membersonly'><value>1</value></field></x></query>";
    send(
        &mut engine,
        &format!("<iq {ANN} type='set' id='1'>{form}</iq>"),
    );
    let first = send(&mut engine, &admins(0, 80));
    assert_eq!(first.matches("<invite ").count(), 80);
    let second = send(&mut engine, &admins(80, 80));
    assert_eq!(second.matches("<invite ").count(), 0, "refused whole");
    assert!(second.contains("Nobody may invite more than 100 people in an hour"));
    // Whoever is in the list already is invited by nothing.
    let again = send(&mut engine, &admins(0, 80));
    assert!(!again.contains("type='error'"), "{again}");
}

#[test]
fn who_may_approve_is_told_inside_or_is_one_of_a_few() {
    let mut engine = service("[pool.rooms]\nregistration = 'approval'\n");
    send(&mut engine, &admins(0, 1000));
    let inside = register(&mut engine, "eve@example.org/e");
    assert_eq!(messages(&inside), 1, "Ann is inside");
    let leave =
        "<presence from='ann@example.org/a' to='hall@rooms.example.org/Ann' type='unavailable'/>";
    send(&mut engine, leave);
    let outside = register(&mut engine, "mallory@example.org/m");
    assert_eq!(messages(&outside), 5, "a few");
    assert!(
        outside.contains("to='ann@example.org'"),
        "the owner is one of them"
    );
    let requests = send(
        &mut engine,
        "<iq from='admin7@example.org/a' to='hall@rooms.example.org' type='get' id='1'>\
         <requests xmlns='urn:lyceum:0'/></iq>",
    );
    for who in ["eve@example.org", "mallory@example.org"] {
        assert!(requests.contains(&format!("<request jid='{who}'")), "{who}");
    }
}

#[test]
fn a_message_to_a_crowd_is_refused_before_it_is_sent() {
    let mut engine = service("bytes_per_second = 0\n");
    for number in 0..60 {
        send(
            &mut engine,
            &enter(&format!("p{number}@example.org/a"), &format!("P{number}")),
        );
    }
    let text = "x".repeat(240_000);
    let (mut sent, mut refused) = (0, 0);
    for _ in 0..40 {
        let output = send(
            &mut engine,
            &format!("<message {ANN} type='groupchat' id='1'><body>{text}</body></message>"),
        );
        sent += output.len();
        refused += usize::from(output.contains("resource-constraint"));
    }
    assert!(sent < 550 * 1024 * 1024, "{sent}");
    assert!((1..10).contains(&refused), "{refused}");
    let short = format!("<message {ANN} type='groupchat' id='1'><body>x</body></message>");
    assert!(!send(&mut engine, &short).contains("resource-constraint"));
}

#[test]
fn nobody_is_charged_for_how_much_others_have_written() {
    let mut engine = service("entries_per_second = 0\n");
    let status = "x".repeat(4_000);
    let show = |who: &str| {
        format!(
            "<presence from='{who}@example.org/a' to='hall@rooms.example.org/{who}'><status>{status}</status>\
             <x xmlns='http://jabber.org/protocol/muc'/></presence>"
        )
    };
    for number in 0..100 {
        send(&mut engine, &show(&format!("p{number}")));
    }
    let body = "y".repeat(10_000);
    for number in 0..20 {
        let from = format!("from='p{number}@example.org/a' to='hall@rooms.example.org'");
        let message = format!("<message {from} type='groupchat'><body>{body}</body></message>");
        send(&mut engine, &message);
    }
    let leave =
        "<presence from='cat@example.org/c' to='hall@rooms.example.org/Cat' type='unavailable'/>";
    let mut sent = 0;
    for time in 0..100 {
        let output = send(&mut engine, &enter("cat@example.org/c", "Cat"));
        assert!(
            !output.contains("resource-constraint"),
            "time {time}, after {sent} bytes"
        );
        sent += output.len();
        send(&mut engine, leave);
    }
    assert!(
        sent > 48 * 1024 * 1024,
        "more than anybody may ask for at once: {sent}"
    );
}
