//! How much goes out because of one person, at the limits that a service has if nobody sets others.

use super::scene::{ServiceScene, address};

/// The hall with Ann in it.
fn hall(limits: &str) -> ServiceScene {
    ServiceScene::limited(limits).for_all_servers().with_hall()
}

/// How many messages of the room are in some output.
fn messages(output: &str) -> usize {
    output.matches("<message ").count()
}

/// A list of changes that makes people admins.
fn admins(first: usize, count: usize) -> String {
    let item = |n| format!("<item affiliation='admin' jid='admin{n}@example.org'/>");
    let items: String = (first..first + count).map(item).collect();
    format!(
        "<iq from='ANN' to='HALL' type='set' id='1'><query xmlns='MUC#admin'>{items}</query></iq>"
    )
}

/// What comes of it when somebody wants to be registered.
fn register(scene: &mut ServiceScene, who: &str) -> String {
    let from = address(who);
    scene.answer_to(&format!(
        "<iq from='{from}' to='HALL' type='set' id='1'>\
         <query xmlns='jabber:iq:register'><username>Eve</username></query></iq>"
    ))
}

#[test]
fn thousands_of_invitations_in_many_messages_are_a_thousand_in_an_hour() {
    let mut scene = hall("");
    let mut invited = 0;
    for number in 0..20 {
        let invite = |n| format!("<invite to='u{number}x{n}@elsewhere.test'/>");
        let invites: String = (0..400).map(invite).collect();
        let output = scene.answer_to(&format!(
            "<message from='ANN' to='HALL' id='1'><x xmlns='MUC#user'>{invites}</x></message>"
        ));
        invited += output.matches("<invite ").count();
    }
    assert_eq!(invited, 800);
}

#[test]
fn a_list_of_members_invites_as_messages_do() {
    let mut scene = hall("invitations_per_hour = 100\n");
    scene.configure("muc#roomconfig_membersonly", "1");
    let first = scene.answer_to(&admins(0, 80));
    assert_eq!(first.matches("<invite ").count(), 80);
    let second = scene.answer_to(&admins(80, 80));
    assert_eq!(second.matches("<invite ").count(), 0, "refused whole");
    assert!(second.contains("Nobody may invite more than 100 people in an hour"));
    // Whoever is in the list already is invited by nothing.
    let again = scene.answer_to(&admins(0, 80));
    assert!(!again.contains("type='error'"), "{again}");
}

#[test]
fn who_may_approve_is_told_inside_or_is_one_of_a_few() {
    let mut scene = ServiceScene::new("[pool.rooms]\nregistration = 'approval'\n").with_hall();
    scene.answer_to(&admins(0, 1000));
    let inside = register(&mut scene, "eve");
    assert_eq!(messages(&inside), 1, "Ann is inside");
    scene.leave("ann");
    scene.told();
    let outside = register(&mut scene, "mallory");
    assert_eq!(messages(&outside), 5, "a few");
    assert!(
        outside.contains("to='ann@example.org'"),
        "the owner is one of them"
    );
    let requests = scene.answer_to(
        "<iq from='admin7@example.org/a' to='HALL' type='get' id='1'>\
         <requests xmlns='urn:lyceum:0'/></iq>",
    );
    for who in ["eve@example.org", "mallory@example.org"] {
        assert!(requests.contains(&format!("<request jid='{who}'")), "{who}");
    }
}

#[test]
fn a_message_to_a_crowd_is_refused_before_it_is_sent() {
    let mut scene = hall("bytes_per_second = 0\n");
    for number in 0..61 {
        scene.enter(&format!("p{number}"));
        scene.told();
    }
    let text = "x".repeat(240_000);
    let (mut sent, mut refused) = (0, 0);
    for _ in 0..40 {
        scene.say("ann", &text);
        let output = scene.told();
        sent += output.len();
        refused += usize::from(output.contains("resource-constraint"));
    }
    assert!(sent < 550 * 1024 * 1024, "{sent}");
    assert!((1..10).contains(&refused), "{refused}");
    scene.say("ann", "x");
    assert!(!scene.told().contains("resource-constraint"));
}

#[test]
fn nobody_is_charged_for_how_much_others_have_written() {
    let mut scene = hall("entries_per_second = 0\n[pool.rooms]\nparticipant_updates_max = 0\n");
    let status = "x".repeat(4_000);
    for number in 0..100 {
        let from = address(&format!("p{number}"));
        scene.answer_to(&format!(
            "<presence from='{from}' to='HALL/p{number}'><status>{status}</status>\
             <x xmlns='MUC'/></presence>"
        ));
    }
    let body = "y".repeat(10_000);
    for number in 0..20 {
        scene.say(&format!("p{number}"), &body);
        scene.told();
    }
    let mut sent = 0;
    for time in 0..100 {
        scene.enter("cat");
        let output = scene.told();
        assert!(
            !output.contains("resource-constraint"),
            "time {time}, after {sent} bytes"
        );
        sent += output.len();
        scene.leave("cat");
        scene.told();
    }
    assert!(
        sent > 48 * 1024 * 1024,
        "more than anybody may ask for at once: {sent}"
    );
}
