//! A room that somebody may not know of cannot be told from one that is not there: whatever they
//! send to either, the answers are the same byte for byte but for the address. DESIGN §1.

use crate::service::tests::scene::ServiceScene;
use crate::wire::decode::tests::CHILDREN;

/// How a hall is kept from strangers: the fields that make it so, and of whom it is kept.
type KeptRoom = (
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

/// Every way in which a room is kept from strangers.
const KEPT: [KeptRoom; 3] = [
    (
        &[("{urn:lyceum:0}privacy", "secret")],
        &["EVE", "eve@elsewhere.test/e"],
    ),
    (
        &[("{urn:lyceum:0}disabled", "1")],
        &["EVE", "eve@elsewhere.test/e"],
    ),
    (
        &[
            ("{urn:lyceum:0}privacy", "secret"),
            ("{urn:lyceum:0}type", "auditorium"),
            ("{urn:lyceum:0}registration", "approval"),
            ("muc#roomconfig_roomsecret", "x"),
        ],
        &["EVE"],
    ),
];

/// What can stand in a stanza, beside what the decoder's own tests have, which is mostly wrong.
const RIGHT: &[&str] = &[
    "",
    "<body>Hi</body>",
    "<subject>Hi</subject>",
    "<subject>Hi</subject><body>Hi</body>",
    "<x xmlns='MUC'/>",
    "<x xmlns='MUC'><password>x</password><history maxstanzas='1'/></x>",
    "<x xmlns='MUC#user'><invite to='bob@example.org'/></x>",
    "<x xmlns='MUC#user'><decline to='ann@example.org'/></x>",
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
     <value>http://jabber.org/protocol/muc#request</value></field>\
     <field var='muc#role'><value>participant</value></field></x>",
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
     <value>http://jabber.org/protocol/muc#register</value></field>\
     <field var='muc#register_roomnick'><value>Bob</value></field>\
     <field var='jid'><value>bob@example.org</value></field>\
     <field var='muc#register_allow'><value>1</value></field></x>",
    "<active xmlns='http://jabber.org/protocol/chatstates'/>",
    "<received xmlns='urn:xmpp:receipts' id='1'/>",
    "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>",
    "<reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>+</reaction></reactions>",
    "<replace xmlns='urn:xmpp:message-correct:0' id='1'/><body>Hi</body>",
    "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>",
    "<moderate xmlns='urn:xmpp:message-moderate:1' id='1'><retract xmlns='urn:xmpp:message-retract:1'/></moderate>",
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info' node='http://jabber.org/protocol/muc#traffic'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info' node='http://jabber.org/protocol/commands'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items'><set xmlns='http://jabber.org/protocol/rsm'>\
     <max>0</max></set></query>",
    "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>",
    "<command xmlns='http://jabber.org/protocol/commands' node='urn:lyceum:0#room-show'/>",
    "<command xmlns='http://jabber.org/protocol/commands' node='urn:lyceum:0#access-new'/>",
    "<ping xmlns='urn:xmpp:ping'/>",
    "<vCard xmlns='vcard-temp'/>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:metadata'/></pubsub>",
    "<query xmlns='jabber:iq:register'/>",
    "<query xmlns='jabber:iq:register'><username>Eve</username></query>",
    "<query xmlns='jabber:iq:register'><remove/></query>",
    "<query xmlns='jabber:iq:version'/>",
    "<query xmlns='jabber:iq:last'/>",
    "<time xmlns='urn:xmpp:time'/>",
    "<query xmlns='jabber:iq:search'/>",
    "<search xmlns='urn:xmpp:channel-search:0:search'/>",
    "<query xmlns='MUC#owner'/>",
    "<query xmlns='MUC#owner'><destroy/></query>",
    "<query xmlns='MUC#owner'><x xmlns='jabber:x:data' type='submit'/></query>",
    "<query xmlns='MUC#owner'><x xmlns='jabber:x:data' type='cancel'/></query>",
    "<query xmlns='MUC#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
     <value>http://jabber.org/protocol/muc#roomconfig</value></field>\
     <field var='muc#roomconfig_roomname'><value>Mine</value></field></x></query>",
    "<query xmlns='MUC#admin'><item affiliation='member'/></query>",
    "<query xmlns='MUC#admin'><item role='moderator'/></query>",
    "<query xmlns='MUC#admin'><item affiliation='owner' jid='eve@example.org'/></query>",
    "<query xmlns='MUC#admin'><item role='none' nick='Ann'/></query>",
    "<query xmlns='MUC#unique'/>",
    "<query xmlns='urn:xmpp:mam:2'/>",
    "<metadata xmlns='urn:xmpp:mam:2'/>",
    "<unread xmlns='urn:lyceum:0'/>",
    "<query xmlns='urn:example:unheard-of'/>",
];

const STANZAS: &[(&str, &[&str])] = &[
    (
        "message",
        &["", "chat", "groupchat", "normal", "headline", "error"],
    ),
    (
        "presence",
        &["", "unavailable", "subscribe", "probe", "error"],
    ),
    ("iq", &["get", "set", "result", "error"]),
];

const PLACES: [&str; 3] = ["", "/Ann", "/Eve"];

/// Ann is in the hall, which is kept from strangers.
fn hall(fields: &[(&str, &str)]) -> ServiceScene {
    let mut scene = ServiceScene::new(
        "[pool.limits]\nmessages_per_second = 0\npresences_per_second = 0\n\
         iqs_per_second = 0\nbytes_per_second = 0",
    )
    .with_hall();
    scene.say("ann", "between us");
    for (field, value) in fields {
        scene.configure(field, value);
    }
    scene
}

#[test]
fn nothing_that_a_stranger_sends_tells_a_room_that_is_kept_from_them_from_none() {
    let mut sent = 0;
    for (fields, strangers) in KEPT {
        let mut scene = hall(fields);
        for from in strangers {
            let quoted = quoted(from);
            for (kind, types) in STANZAS {
                for child in RIGHT.iter().chain(CHILDREN) {
                    for (type_, place) in types
                        .iter()
                        .flat_map(|type_| PLACES.map(|place| (type_, place)))
                    {
                        let typed = match *type_ {
                            "" => String::new(),
                            type_ => format!(" type='{type_}'"),
                        };
                        let stanza = |room: &str| {
                            format!(
                                "<{kind} from={quoted} to='{room}@rooms.example.org{place}' id='1'{typed}>\
                                 {child}</{kind}>"
                            )
                        };
                        // Whoever may create rooms would create one; that the address is not to be
                        // had they are told as of any other.
                        let creates = child.contains("'MUC'") || child.contains("protocol/muc'");
                        if *from == "EVE" && *kind == "presence" && creates {
                            continue;
                        }
                        let of_hall = scene.answer_to(&stanza("hall"));
                        let of_none = scene.answer_to(&stanza("none"));
                        assert_eq!(
                            of_hall,
                            of_none.replace("none@", "hall@"),
                            "{}",
                            stanza("hall")
                        );
                        sent += 1;
                    }
                }
            }
        }
    }
    assert!(sent > 10_000, "{sent}");
}

#[test]
fn of_a_room_that_is_not_kept_from_them_they_learn() {
    let mut scene = hall(&[]);
    let question = |room: &str| {
        format!(
            "<iq from='EVE' to='{room}@rooms.example.org' type='get' id='1'>\
             <query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
    };
    let of_hall = scene.answer_to(&question("hall"));
    assert_ne!(
        of_hall,
        scene.answer_to(&question("none")).replace("none@", "hall@")
    );
}

fn quoted(from: &str) -> String {
    format!("'{from}'")
}

/// Questions to the service as a whole.
const QUESTIONS: &[&str] = &[
    "<iq from='EVE' to='SERVICE' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    "<iq from='EVE' to='SERVICE' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'>\
     <set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set></query></iq>",
    "<iq from='EVE' to='SERVICE' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'>\
     <set xmlns='http://jabber.org/protocol/rsm'><max>5</max><after>hall@rooms.example.org</after></set></query></iq>",
    "<iq from='EVE' to='SERVICE' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    "<iq from='EVE' to='SERVICE' type='set' id='1'><query xmlns='urn:xmpp:mam:2'/></iq>",
    "<iq from='EVE' to='SERVICE' type='set' id='1'><query xmlns='urn:xmpp:mam:2'>\
     <set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set></query></iq>",
    "<iq from='EVE' to='SERVICE' type='set' id='1'><query xmlns='urn:xmpp:mam:2'>\
     <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>\
     <field var='{urn:xmpp:fulltext:0}fulltext'><value>between</value></field></x></query></iq>",
    "<iq from='EVE' to='SERVICE' type='get' id='1'><unread xmlns='urn:lyceum:0'/></iq>",
    "<iq from='EVE' to='SERVICE' type='get' id='1'><unread xmlns='urn:lyceum:0'>\
     <room jid='hall@rooms.example.org'/></unread></iq>",
];

#[test]
fn nor_does_a_list_a_count_or_a_search_of_the_service() {
    let ask = |scene: &mut ServiceScene, from: &str| -> Vec<String> {
        let of = |question: &&str| question.replace("'EVE'", from);
        let questions = QUESTIONS.iter().map(of);
        questions
            .map(|question| scene.answer_to(&question))
            .collect()
    };
    for (fields, strangers) in KEPT {
        for from in strangers {
            let from = quoted(from);
            let mut without = hall(&[]);
            without.receive(
                "<iq from='ANN' to='HALL' type='set' id='1'><query xmlns='MUC#owner'><destroy/></query></iq>",
            );
            without.told();
            let mut with = hall(fields);
            assert_eq!(
                ask(&mut with, &from),
                ask(&mut without, &from),
                "{fields:?}"
            );
        }
    }
}
