//! What people read when something is refused: what was wrong, by its name, and what would be
//! right.

use xmpp_parsers::stanza_error::StanzaError;

use crate::wire::decode::tests::{ADDRESSES, CHILDREN, KINDS, TYPES, read};
use crate::wire::incoming::Incoming;
use crate::wire::stanza::envelope::tests::envelope;
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::stanza_error;
use crate::wire::stanza::stanza_error::tests::refusals;
use crate::wire::xml::frame::Frame;

/// Requests that are wrong, each with what has to be named.
const WRONG: &[(&str, &str)] = &[
    ("<presence to='r'/>", "nickname"),
    ("<presence to='r/ '/>", "to:"),
    (
        "<presence to='r/n' type='invisible'/>",
        "<presence/>: no type to enter",
    ),
    (
        "<presence to='r/n'><x xmlns='http://jabber.org/protocol/muc'><password/><password/></x></presence>",
        "<x/>: at most one <password/>",
    ),
    ("<message to='@'/>", "to:"),
    (
        "<message to='r' type='chat'><body>x</body></message>",
        "the type groupchat",
    ),
    (
        "<message to='s' type='chat'><body>x</body></message>",
        "room@service",
    ),
    (
        "<message to='r'><x xmlns='jabber:x:data' type='submit'><field var='a'/></x></message>",
        "FORM_TYPE",
    ),
    (
        "<message to='r'><x xmlns='http://jabber.org/protocol/muc#user'><invite/></x></message>",
        "<invite/>: an address",
    ),
    (
        "<message to='r'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='@'/></x></message>",
        "to of <invite/>:",
    ),
    (
        "<message to='r'><x xmlns='http://jabber.org/protocol/muc#user'><decline/></x></message>",
        "<decline/>: an address",
    ),
    (
        "<message to='r' type='groupchat'><replace xmlns='urn:xmpp:message-correct:0'/><body>x</body></message>",
        "<replace/>: the id",
    ),
    (
        "<message to='r' type='groupchat'><retract xmlns='urn:xmpp:message-retract:1' id='a'/>\
         <retract xmlns='urn:xmpp:message-retract:1' id='b'/></message>",
        "<message/>: one correction or one retraction",
    ),
    (
        "<message to='r'>REQUEST<field var='muc#role'><value>moderator</value></field></x></message>",
        "muc#role: participant",
    ),
    (
        "<message to='r'>REQUEST<field var='muc#request_allow'><value>perhaps</value></field></x></message>",
        "muc#request_allow: 1 or true",
    ),
    (
        "<message to='r'>REQUEST<field var='muc#request_allow'><value>1</value></field></x></message>",
        "muc#roomnick: needs a value",
    ),
    (
        "<iq to='r' type='set'/>",
        "<iq/>: the type get or set, and exactly one element",
    ),
    (
        "<iq to='r' type='get'><query xmlns='urn:unheard'/></iq>",
        "<query xmlns='urn:unheard'/>",
    ),
    (
        "<iq to='r' type='get'>ADMIN<item affiliation='king'/></query></iq>",
        "<item/>: an affiliation is owner, admin",
    ),
    (
        "<iq to='r' type='get'>ADMIN<item role='king'/></query></iq>",
        "<item/>: a role is moderator",
    ),
    (
        "<iq to='r' type='get'>ADMIN<item role='none'/></query></iq>",
        "<item/>: nobody is listed",
    ),
    ("<iq to='r' type='get'>ADMIN</query></iq>", "<item/>: one"),
    (
        "<iq to='r' type='set'>ADMIN</query></iq>",
        "<item/>: at least one",
    ),
    (
        "<iq to='r' type='set'>ADMIN<item role='none' affiliation='none'/></query></iq>",
        "<item/>: an affiliation or",
    ),
    (
        "<iq to='r' type='set'>ADMIN<item role='none' nick=' '/></query></iq>",
        "nick of <item/>:",
    ),
    (
        "<iq to='r' type='set'>ADMIN<item affiliation='none' jid='@'/></query></iq>",
        "jid of <item/>:",
    ),
    (
        "<iq to='r' type='set'>ADMIN<item affiliation='none'/></query></iq>",
        "<item/>: a jid, or a nick",
    ),
    (
        "<iq to='r' type='set'>OWNER</query></iq>",
        "<query/>: either one form",
    ),
    (
        "<iq to='r' type='set'>OWNER<x xmlns='jabber:x:data' type='form'/></query></iq>",
        "<x/>: a form",
    ),
    (
        "<iq to='r' type='set'>OWNER<destroy jid='@'/></query></iq>",
        "jid of <destroy/>:",
    ),
    (
        "<iq to='r' type='set'>FORM<field var='FORM_TYPE'><value>urn:x</value></field></x></query></iq>",
        "#roomconfig",
    ),
    (
        "<iq to='r' type='set'>CONFIGURE<field var='muc#roomconfig_publicroom'><value>yes</value></field></x></query></iq>",
        "muc#roomconfig_publicroom: 1 or true, 0 or false",
    ),
    (
        "<iq to='r' type='set'>CONFIGURE<field var='muc#roomconfig_whois'><value>all</value></field></x></query></iq>",
        "muc#roomconfig_whois: one of moderators, anyone",
    ),
    (
        "<iq to='r' type='set'>CONFIGURE<field var='muc#roomconfig_maxusers'><value>0</value></field></x></query></iq>",
        "muc#roomconfig_maxusers: a number from 1 up",
    ),
    (
        "<iq to='r' type='set'>CONFIGURE<field var='muc#roomconfig_roomowners'><value>@</value></field></x></query></iq>",
        "muc#roomconfig_roomowners: '@' is not a valid address",
    ),
    (
        "<iq to='r' type='set'><query xmlns='jabber:iq:register'/></iq>",
        "<query/>: <remove/>, <username/>",
    ),
    (
        "<iq to='r' type='set'><query xmlns='jabber:iq:register'><username> </username></query></iq>",
        "<username/>: not a valid nickname",
    ),
    (
        "<iq to='r' type='set'><vCard xmlns='vcard-temp'><PHOTO><BINVAL>=</BINVAL></PHOTO></vCard></iq>",
        "<PHOTO/>: one, with the picture in base64",
    ),
    (
        "<iq to='r' type='set'><moderate xmlns='urn:xmpp:message-moderate:1'/></iq>",
        "<moderate/>: the stanza-id",
    ),
    (
        "<iq to='r' type='set'><moderate xmlns='urn:xmpp:message-moderate:1' id='1'><x/></moderate></iq>",
        "<moderate/>: all that is done here is <retract/>",
    ),
    (
        "<iq to='r' type='set'>MAM<x xmlns='jabber:x:data' type='submit'/></query></iq>",
        "urn:xmpp:mam:2",
    ),
    (
        "<iq to='r' type='set'>MAM<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='unheard'/></x></query></iq>",
        "unheard: no field",
    ),
    (
        "<iq to='r' type='set'>MAM<set xmlns='http://jabber.org/protocol/rsm'><max>-1</max></set></query></iq>",
        "numbers from 0 up",
    ),
    (
        "<iq to='r' type='set'>MAM<set xmlns='http://jabber.org/protocol/rsm'><index>1</index></set></query></iq>",
        "<index/>",
    ),
    (
        "<iq to='s' type='get'><unread xmlns='urn:lyceum:0'><room/></unread></iq>",
        "<unread/>: any number of <room",
    ),
    (
        "<iq to='s' type='get'><query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>",
        "node:",
    ),
    (
        "<iq to='s/n' type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "to:",
    ),
];

/// The abbreviations of [`WRONG`].
fn written_out(stanza: &str) -> String {
    stanza
        .replace("to='r", "from='a@b/c' id='1' to='coven@chat.shakespeare.lit")
        .replace("to='s", "from='a@b/c' id='1' to='chat.shakespeare.lit")
        .replace("<message to='@'", "<message from='a@b/c' to='@@'")
        .replace(
            "REQUEST",
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
             <value>http://jabber.org/protocol/muc#request</value></field>",
        )
        .replace(
            "CONFIGURE",
            "FORM<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>",
        )
        .replace("FORM<", "OWNER<x xmlns='jabber:x:data' type='submit'><")
        .replace("OWNER", "<query xmlns='http://jabber.org/protocol/muc#owner'>")
        .replace("ADMIN", "<query xmlns='http://jabber.org/protocol/muc#admin'>")
        .replace("MAM", "<query xmlns='urn:xmpp:mam:2'>")
}

/// The text of the error that answers a stanza, if one does.
fn told(xml: &str) -> Option<(Problem, String)> {
    let Some((envelope, Incoming::Refused(problem))) = read(xml) else {
        return None;
    };
    let answer = stanza_error::answer(&envelope, &problem)?;
    Some((problem, text(&answer)?))
}

fn text(answer: &[u8]) -> Option<String> {
    let frame = Frame::from_xml(answer).ok()?;
    let error: StanzaError = frame.child("jabber:client", "error")?.parse().ok()?;
    error.texts.get("en").cloned()
}

#[test]
fn what_is_wrong_is_named_and_so_is_what_would_be_right() {
    for (stanza, named) in WRONG {
        let stanza = written_out(stanza);
        let (problem, text) = told(&stanza).unwrap_or_else(|| panic!("not refused: {stanza}"));
        assert!(text.contains(named), "{stanza}: {problem:?}: {text}");
    }
}

/// Whether a text begins with the name of an element, an attribute or a field.
fn names_something(text: &str) -> bool {
    text.split_once(": ").is_some_and(|(name, rest)| {
        let name = name.split(" of ").last().unwrap_or(name);
        !rest.is_empty() && (name.starts_with('<') || !name.contains(' '))
    })
}

#[test]
fn no_refusal_of_any_stanza_leaves_its_reader_to_guess() {
    let mut refused = 0;
    for kind in KINDS {
        for type_ in TYPES {
            for to in ADDRESSES {
                for child in CHILDREN.iter().chain(&[""]) {
                    let xml = format!(
                        "<{kind} from='a@b/c' to='{to}' type='{type_}' id='1'>{child}</{kind}>"
                    );
                    let Some((problem, text)) = told(&xml) else {
                        continue;
                    };
                    refused += 1;
                    let by_the_room =
                        matches!(problem, Problem::Refused(_) | Problem::BadSearch(_));
                    assert!(
                        by_the_room || names_something(&text),
                        "{xml}: {problem:?}: {text}"
                    );
                    assert!(!text.contains("malformed"), "{xml}: {text}");
                }
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}

#[test]
fn no_refusal_of_a_room_leaves_its_reader_to_guess() {
    let asked = "<message from='a@b/c' to='coven@chat.shakespeare.lit' id='1'/>";
    for (refusal, _, condition) in refusals() {
        let answer = stanza_error::answer(&envelope(asked), &refusal.clone().into()).unwrap();
        let text = text(&answer).unwrap();
        assert!(!text.contains("malformed"), "{refusal:?}: {text}");
        let words = text.split_whitespace().count();
        assert!(
            words >= 4 || text == "f: p",
            "{refusal:?}: {condition:?}: {text}"
        );
    }
}
