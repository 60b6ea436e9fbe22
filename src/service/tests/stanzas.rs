//! Every element that is read, in stanzas whose parts can be repeated: see [`work`](super::work).

/// A stanza in five pieces, of which the second and the fourth are repeated. `%` becomes a number
/// that is different each time, `~` is stretched so that the whole is as large as it may be.
pub type Row = [&'static str; 5];

pub const TO_ALL: &str =
    "<message from='ann@example.org/a' to='hall@rooms.example.org' type='groupchat' id='1'>";
pub const TO_ROOM: &str = "<message from='ann@example.org/a' to='hall@rooms.example.org' id='1'>";
pub const TO_BOB: &str =
    "<message from='ann@example.org/a' to='hall@rooms.example.org/Bob' type='chat' id='1'>";
pub const BOUNCE: &str =
    "<message from='ann@example.org/a' to='hall@rooms.example.org' type='error' id='1'>";
pub const APPEAR: &str =
    "<presence from='ann@example.org/a' to='hall@rooms.example.org/Ann' id='1'>";
pub const ENTER: &str =
    "<presence from='cat@example.org/c' to='hall@rooms.example.org/Cat' id='1'>";
pub const LEAVE: &str =
    "<presence from='ann@example.org/a' to='hall@rooms.example.org/Ann' type='unavailable'>";
pub const GET: &str = "<iq from='ann@example.org/a' to='hall@rooms.example.org' type='get' id='1'>";
pub const SET: &str = "<iq from='ann@example.org/a' to='hall@rooms.example.org' type='set' id='1'>";
pub const RESULT: &str =
    "<iq from='ann@example.org/a' to='hall@rooms.example.org' type='result' id='1'>";
pub const GET_BOB: &str =
    "<iq from='ann@example.org/a' to='hall@rooms.example.org/Bob' type='get' id='1'>";
pub const GET_SERVICE: &str =
    "<iq from='ann@example.org/a' to='rooms.example.org' type='get' id='1'>";
pub const SET_SERVICE: &str =
    "<iq from='ann@example.org/a' to='rooms.example.org' type='set' id='1'>";

/// Messages to all. The first is the one that stopped the service for half a minute.
pub const SAID: &[Row] = &[
    [
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/><body>",
        "&amp;",
        "</body><fallback xmlns='urn:xmpp:fallback:0'>",
        "<body end='1'/>",
        "</fallback>",
    ],
    [
        "<reactions xmlns='urn:xmpp:reactions:0' id='x'/>",
        "<body>~</body>",
        "",
        "<fallback xmlns='urn:xmpp:fallback:0'><body end='1'>~</body></fallback>",
        "",
    ],
    [
        "<reactions xmlns='urn:xmpp:reactions:0' id='x'>",
        "<reaction>%</reaction>",
        "</reactions>",
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'>~</fallback>",
        "",
    ],
    [
        "",
        "<body xml:lang='x%'>~</body>",
        "",
        "<subject xml:lang='x%'>~</subject>",
        "",
    ],
    ["", "<thread>~</thread>", "", "<subject>~</subject>", ""],
    [
        "",
        "<replace xmlns='urn:xmpp:message-correct:0' id='x'>~</replace>",
        "",
        "<retract xmlns='urn:xmpp:message-retract:1' id='%'>~</retract>",
        "",
    ],
    [
        "",
        "<retract xmlns='urn:xmpp:message-retract:1' id='x'>~</retract>",
        "",
        "<apply-to xmlns='urn:xmpp:fasten:0' id='x'><retract xmlns='urn:xmpp:message-retract:0'/>~</apply-to>",
        "",
    ],
    [
        "<apply-to xmlns='urn:xmpp:fasten:0' id='x'>",
        "<y xmlns='urn:y%'/>",
        "",
        "<retract xmlns='urn:xmpp:message-retract:0'/>",
        "</apply-to>",
    ],
    [
        "",
        "<stanza-id xmlns='urn:xmpp:sid:0' by='a.~'/>",
        "",
        "<delay xmlns='urn:xmpp:delay' from='a\u{3002}~'/>",
        "",
    ],
    [
        "",
        "<x xmlns='jabber:x:delay' from='~'/>",
        "",
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='~'/>",
        "",
    ],
    [
        "",
        "<no-store xmlns='urn:xmpp:hints'>~</no-store>",
        "",
        "<acknowledged xmlns='urn:xmpp:chat-markers:0' id='%'>~</acknowledged>",
        "",
    ],
    [
        "",
        "<error>~</error>",
        "",
        "<addresses xmlns='http://jabber.org/protocol/address'>~</addresses>",
        "",
    ],
    [
        "<x xmlns='urn:x'>",
        "<y xmlns='urn:y'/>",
        "",
        "<n:z xmlns:n='urn:%' n:a='1'/>",
        "</x><body/>",
    ],
    [
        "<x xmlns='urn:x' xmlns:a='u' xmlns:b='u' xmlns:c='u' xmlns:d='u' xmlns:e='u' xmlns:f='u' xmlns:g='u' xmlns:h='u' xmlns:i='u' xmlns:j='u' xmlns:k='u' xmlns:l='u' xmlns:m='u' xmlns:n='u' xmlns:o='u' xmlns:p='u' xmlns:q='u' xmlns:r='u' xmlns:s='u' xmlns:t='u' xmlns:u='u' xmlns:v='u' xmlns:w='u' xmlns:x='u' xmlns:y='u' xmlns:z='u' xmlns:A='u' xmlns:B='u' xmlns:C='u' xmlns:D='u' xmlns:E='u'>",
        "<a:y b:c='1' c:d='2'/>",
        "",
        "<y>~</y>",
        "</x><body/>",
    ],
    [
        "<x xmlns='urn:x'>",
        "<y a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k='' l='' m='' n='' o='' p='' q='' r='' s='' t='' u='' v='' w='' x='' y='' z='' A='' B='' C='' D='' E='' F=''/>",
        "",
        "<z a='~'/>",
        "</x><body/>",
    ],
];

/// Messages to the room itself.
pub const TOLD: &[Row] = &[
    [
        "<x xmlns='http://jabber.org/protocol/muc#user'>",
        "<invite to='u%@v'/>",
        "",
        "<invite to='u%@v'><reason>x</reason></invite>",
        "</x>",
    ],
    [
        "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='u@v'><reason>",
        "&lt;",
        "</reason><continue thread='x'/></invite>",
        "<y>~</y>",
        "</x>",
    ],
    [
        "<x xmlns='http://jabber.org/protocol/muc#user'><decline to='u@v'><reason>",
        "&lt;",
        "</reason></decline>",
        "<y>~</y>",
        "</x>",
    ],
    [
        "",
        "<x xmlns='http://jabber.org/protocol/muc#user'>~</x>",
        "",
        "<x xmlns='jabber:x:data'>~</x>",
        "",
    ],
    [
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>",
        "<field var='muc#role'><value>participant</value></field>",
        "<field var='muc#request_allow'>",
        "<value>1</value>",
        "</field></x>",
    ],
    [
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_allow'><value>1</value></field><field var='{urn:lyceum:0}jid'>",
        "<value>u%@v</value>",
        "</field>",
        "<field var='muc#register_roomnick'><value>%</value></field>",
        "</x>",
    ],
];

/// Private messages, stretched in every place where a client may.
pub const WHISPERED: &[Row] = &[[
    "",
    "<body>~</body>",
    "",
    "<x xmlns='http://jabber.org/protocol/muc#user'>~</x>",
    "",
]];

/// Errors and results.
pub const RETURNED: &[Row] = &[
    [
        "<error type='cancel'>",
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='x%'>y</text>",
        "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>",
        "<y xmlns='urn:y'/>",
        "</error>",
    ],
    [
        "",
        "<error>~</error>",
        "",
        "<query xmlns='jabber:iq:last' seconds='1'>~</query>",
        "",
    ],
];

/// Presence to a room, stretched in every place where a client may.
pub const SHOWN: &[Row] = &[
    [
        "",
        "<status>~</status>",
        "",
        "<x xmlns='http://jabber.org/protocol/muc#user'>~</x>",
        "",
    ],
    [
        "<x xmlns='http://jabber.org/protocol/muc'><password>",
        "&amp;",
        "</password><history maxchars='1'/>",
        "<y>~</y>",
        "</x>",
    ],
    [
        "",
        "<x xmlns='http://jabber.org/protocol/muc'>~</x>",
        "",
        "<c xmlns='http://jabber.org/protocol/caps'>~</c>",
        "",
    ],
];

/// Questions to a room, to an occupant, and to the service.
pub const ASKED: &[Row] = &[
    [
        "<query xmlns='http://jabber.org/protocol/muc#admin'>",
        "<item affiliation='owner'/>",
        "",
        "<y>~</y>",
        "</query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/muc#owner'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/disco#info' node='~'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/disco#items'><set xmlns='http://jabber.org/protocol/rsm'><after>",
        "&amp;",
        "</after><max>",
        "1",
        "</max></set></query>",
    ],
    [
        "<query xmlns='jabber:iq:register'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</query>",
    ],
    [
        "<vCard xmlns='vcard-temp'>",
        "<y>~</y>",
        "",
        "<PHOTO>~</PHOTO>",
        "</vCard>",
    ],
    [
        "<ping xmlns='urn:xmpp:ping'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</ping>",
    ],
    [
        "<query xmlns='jabber:iq:version'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</query>",
    ],
    [
        "<time xmlns='urn:xmpp:time'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</time>",
    ],
    [
        "<requests xmlns='urn:lyceum:0'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</requests>",
    ],
    [
        "<metadata xmlns='urn:xmpp:mam:2'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</metadata>",
    ],
    [
        "<query xmlns='urn:xmpp:mam:2'>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</query>",
    ],
    [
        "<unread xmlns='urn:lyceum:0'>",
        "<room jid='r%@rooms.example.org' since='x'/>",
        "",
        "<item xmlns='http://jabber.org/protocol/pubsub' id='r%@rooms.example.org'><displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' id='x'/></displayed></item>",
        "</unread>",
    ],
    [
        "<unread xmlns='urn:lyceum:0'>",
        "<item xmlns='http://jabber.org/protocol/pubsub#event' id='r%@v'><displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' id='x'/></displayed></item>",
        "",
        "<room jid='hall@rooms.example.org'/>",
        "</unread>",
    ],
];

/// Requests to a room and the service, stretched in every place where a client may.
pub const ORDERED: &[Row] = &[
    [
        "<query xmlns='http://jabber.org/protocol/muc#admin'>",
        "<item affiliation='member' jid='u%@v'/>",
        "",
        "<item affiliation='outcast' jid='w%@v'><reason>x</reason></item>",
        "</query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/muc#admin'>",
        "<item role='visitor' nick='Bob'/>",
        "",
        "<item role='participant' nick='Bob'><reason>x</reason></item>",
        "</query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_roomadmins'>",
        "<value>u%@v</value>",
        "</field>",
        "<field var='muc#roomconfig_roomowners'><value>ann@example.org</value></field>",
        "</x></query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>",
        "<field var='muc#roomconfig_moderatedroom'><value>1</value></field>",
        "",
        "<field var='x%'><value>%</value></field>",
        "</x></query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_roomname'>",
        "<value>&amp;</value>",
        "</field><field var='muc#roomconfig_roomdesc'>",
        "<value>%</value>",
        "</field></x></query>",
    ],
    [
        "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='u@v'><reason>",
        "&amp;",
        "</reason><password>",
        "&amp;",
        "</password></destroy></query>",
    ],
    [
        "<command xmlns='http://jabber.org/protocol/commands' node='urn:lyceum:0#room-show'><x xmlns='jabber:x:data' type='submit'>",
        "<field var='room'><value>%</value></field>",
        "<field var='id'>",
        "<value>%</value>",
        "</field></x></command>",
    ],
    [
        "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>",
        "<field var='muc#register_roomnick'><value>%</value></field>",
        "<field var='x'>",
        "<value>%</value>",
        "</field></x></query>",
    ],
    [
        "<query xmlns='jabber:iq:register'><username>",
        "&amp;",
        "</username><nick>",
        "&amp;",
        "</nick></query>",
    ],
    [
        "<query xmlns='jabber:iq:register'><remove/>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</query>",
    ],
    [
        "<vCard xmlns='vcard-temp'><PHOTO><BINVAL>",
        "AAAA ",
        "</BINVAL></PHOTO>",
        "<y>~</y>",
        "</vCard>",
    ],
    [
        "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='ids'>",
        "<value>%</value>",
        "</field>",
        "<field var='with'><value>u@v</value></field>",
        "</x></query>",
    ],
    [
        "<query xmlns='urn:xmpp:mam:2' queryid='x'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='{urn:lyceum:0}rooms'>",
        "<value>r%@rooms.example.org</value>",
        "</field>",
        "<field var='withtext'><value>word</value></field>",
        "</x><set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set></query>",
    ],
    [
        "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='withtext'><value>",
        "word% ",
        "</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><before>",
        "x",
        "</before></set></query>",
    ],
    [
        "<query xmlns='urn:xmpp:mam:2'><flip-page/>",
        "<y>~</y>",
        "",
        "<z>~</z>",
        "</query>",
    ],
    [
        "<moderate xmlns='urn:xmpp:message-moderate:1' id='x'><reason>",
        "&amp;",
        "</reason>",
        "<y xmlns='urn:y%'/>",
        "<retract xmlns='urn:xmpp:message-retract:1'/></moderate>",
    ],
    [
        "<apply-to xmlns='urn:xmpp:fasten:0' id='x'>",
        "<y>~</y>",
        "<moderate xmlns='urn:xmpp:message-moderate:0'>",
        "<z>~</z>",
        "<retract xmlns='urn:xmpp:message-retract:0'/></moderate></apply-to>",
    ],
];
