//! What is written is read back as it was, and nothing else passes for it.

mod category;

use std::io::{self, Read as _};

use jid::{BareJid, Jid};

use super::*;
use crate::room::effect::ArchivedKind;
use crate::room::moderating::subject::{Subject, SubjectSet};
use crate::room::setting::addin::AddIn;
use crate::room::setting::configuration::{
    Configuration, InvitationPolicy, PrivateMessages, RegistrationPolicy, Whois,
};
use crate::room::{
    Affiliated, Affiliation, ArchiveId, Bond, Content, Nick, OccupantId, Payload, Role, Snapshot,
    Timestamp, Words,
};
use crate::store::RoomRetention;
use crate::transfer::record::{ExportEnd, ExportHeader, MessageRecord, Record, RoomRecord};

fn bare(jid: &str) -> BareJid {
    BareJid::new(jid).unwrap()
}

fn nick(text: &str) -> Nick {
    Nick::new(text).unwrap()
}

fn content(payload: &str) -> Content {
    Content {
        id: "m1".into(),
        language: Some("de".into()),
        payload: Payload::new(payload.as_bytes()),
    }
}

fn header() -> Record {
    Record::Header(ExportHeader {
        software: "Lyceum 0.1.0".into(),
        domain: bare("rooms.example.org"),
        exported_at: Timestamp(1_034_553_517_250_001),
    })
}

/// A room in which nothing is as in a new one.
fn room() -> RoomRecord {
    let mut snapshot = Snapshot::new(configuration());
    snapshot.locked_since = Some(Timestamp(1));
    snapshot.affiliations = vec![
        (bare("ann@example.org"), affiliated(Affiliation::Owner)),
        (bare("example.net"), affiliated(Affiliation::Outcast)),
    ];
    let registered = Bond::Registration(Some(nick("Änn \"the\" first")));
    let waits = Bond::RegistrationRequest(Some(nick("Dee")));
    let voice = Bond::Voice(Some(Role::Visitor));
    let presents = Bond::Presenter(true);
    snapshot.bonds.set(bare("ann@example.org"), registered);
    snapshot.bonds.set(bare("dee@example.org"), waits);
    snapshot.bonds.set(bare("bob@example.org"), voice);
    snapshot.bonds.set(bare("example.net"), presents);
    snapshot.subject = Subject {
        text: "Tea\n\u{1f375}".into(),
        set: Some(SubjectSet {
            nick: nick("ann"),
            at: Timestamp(-1),
            content: content("<subject>Tea\n\u{1f375}</subject>"),
        }),
    };
    let vcard = "<vCard xmlns='vcard-temp'><PHOTO><BINVAL>aGVsbG8=</BINVAL></PHOTO></vCard>";
    snapshot.avatar = Some(foreign_avatar(vcard));
    RoomRecord {
        jid: bare("tea@rooms.example.org"),
        salt: Some([7; 32]),
        created_at: Some(Timestamp(2)),
        creator: Some(bare("ann@example.org")),
        origin: Some("ma-chan:6f9619ff-8b86-d011-b42d-00c04fc964ff".into()),
        category: Some("Tea & more".into()),
        snapshot,
        keep: RoomRetention {
            days: Some(30),
            messages: Some(u32::MAX),
        },
        addin: Some(AddIn {
            name: "Ticker \"the\" first".into(),
            url: "https://apps.example.org/t?a=1&b=2".into(),
        }),
    }
}

fn foreign_avatar(vcard: &str) -> crate::room::request::Avatar {
    crate::wire::foreign::avatar(vcard).unwrap()
}

fn affiliated(affiliation: Affiliation) -> Affiliated {
    Affiliated {
        affiliation,
        reason: Some(Words::new("pourquoi \\ pas", Some("fr".into()))),
        given_by: Some(bare("cy@example.org")),
        given_at: Timestamp(3),
    }
}

fn configuration() -> Configuration {
    Configuration {
        name: "Tea".into(),
        description: "All about it".into(),
        language: "en".into(),
        persistent: false,
        public: false,
        members_only: true,
        moderated: true,
        password: Some("milk".into()),
        occupants_max: Some(9),
        participant_updates_max: None,
        whois: Whois::Moderators,
        subject_open: true,
        invitations_open: false,
        private_messages: PrivateMessages::None,
        presence_broadcast: [Role::Moderator].into(),
        member_list_readers: [Role::Visitor, Role::Moderator].into(),
        logged: true,
        history_max: 3,
        pubsub_node: "xmpp:pubsub.example.org?;node=tea".into(),
        nick_locked: true,
        registration: RegistrationPolicy::Closed,
        invitations: InvitationPolicy::Off,
        disabled: true,
        disabled_reason: "Moved.".into(),
        addin: None,
    }
}

fn message() -> MessageRecord {
    MessageRecord {
        room: bare("tea@rooms.example.org"),
        id: ArchiveId("a1".into()),
        at: Timestamp(4),
        nick: Some(nick("ann")),
        author: Some(Jid::new("ann@example.org/phone").unwrap()),
        whois: Whois::Anyone,
        occupant_id: Some(OccupantId("o1".into())),
        kind: ArchivedKind::Speech,
        about: None,
        content: content("<body>hi \u{2028}&amp;</body><x xmlns='urn:x' a='&quot;'/>"),
    }
}

/// The room's own announcement of a moderation, and what is left of the message.
fn of_the_room() -> [MessageRecord; 2] {
    let moderated =
        "<moderated xmlns='urn:xmpp:message-moderate:1' by='tea@rooms.example.org/ann'/>";
    let announcement = MessageRecord {
        nick: None,
        author: None,
        whois: Whois::Moderators,
        occupant_id: None,
        content: Content {
            language: None,
            ..content(&format!(
                "<retract xmlns='urn:xmpp:message-retract:1' id='a1'>{moderated}</retract>"
            ))
        },
        ..message()
    };
    let left = MessageRecord {
        kind: ArchivedKind::Tombstone,
        content: content(&format!(
            "<retracted xmlns='urn:xmpp:message-retract:1'>{moderated}</retracted>"
        )),
        ..message()
    };
    [announcement, left]
}

fn everything() -> Vec<Record> {
    let plain = RoomRecord {
        jid: bare("plain@rooms.example.org"),
        salt: None,
        created_at: None,
        creator: None,
        origin: None,
        category: None,
        snapshot: Snapshot::new(Configuration::default()),
        keep: RoomRetention::default(),
        addin: None,
    };
    let [announcement, left] = of_the_room();
    vec![
        header(),
        Record::Room(Box::new(room())),
        Record::Message(Box::new(message())),
        Record::Message(Box::new(announcement)),
        Record::Message(Box::new(left)),
        Record::Room(Box::new(plain)),
    ]
}

fn written(records: &[Record]) -> String {
    let mut writer = RecordWriter::new(Vec::new());
    for record in records {
        writer.write(record).unwrap();
    }
    String::from_utf8(writer.finish().unwrap().0).unwrap()
}

fn read(text: &[u8]) -> Result<Vec<Record>, LineError> {
    RecordReader::new(text).collect()
}

/// What is said of a text that is no export.
fn complaint(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let records = everything();
    let text = written(&records);
    assert_eq!(text.lines().count(), 7, "{text}");
    let mut read = read(text.as_bytes()).unwrap();
    let end = read.pop().unwrap();
    assert_eq!(
        end,
        Record::End(ExportEnd {
            rooms: 2,
            messages: 3
        })
    );
    assert_eq!(read, records);
    assert_eq!(written(&read), text);
}

#[test]
fn a_line_names_its_fields() {
    let text = written(&everything());
    let message = text.lines().nth(2).unwrap();
    assert_eq!(
        message,
        "{\"type\":\"message\",\"room\":\"tea@rooms.example.org\",\"id\":\"a1\",\
         \"at\":\"1970-01-01T00:00:00.000004Z\",\"kind\":\"speech\",\"nick\":\"ann\",\
         \"author\":\"ann@example.org/phone\",\"whois\":\"anyone\",\"occupant_id\":\"o1\",\
         \"message_id\":\"m1\",\"language\":\"de\",\"payload\":\"<body>hi \u{2028}&amp;</body><x xmlns='urn:x' a='&quot;'/>\"}"
    );
}

#[test]
fn of_a_room_only_its_address_is_needed() {
    let text = written(&[header()]);
    let (header, _) = text.split_once('\n').unwrap();
    let text = format!(
        "{header}\n{{\"type\":\"room\",\"jid\":\"plain@rooms.example.org\"}}\n\
         {{\"type\":\"end\",\"rooms\":1,\"messages\":0}}\n"
    );
    let records = read(text.as_bytes()).unwrap();
    assert_eq!(records[1], everything()[5]);
}

#[test]
fn a_file_that_was_cut_anywhere_is_not_taken_for_whole() {
    let text = written(&everything());
    let bytes = text.as_bytes();
    for length in 0..bytes.len() - 1 {
        let error = read(&bytes[..length]).expect_err("it is not whole");
        let at_a_line = length == 0 || bytes[length - 1] == b'\n';
        // All but the brace that ends a line, and all but the newline behind it, are within it.
        match error.fault {
            LineFault::Truncated => assert!(!at_a_line, "at {length}"),
            LineFault::Unfinished => assert!(at_a_line || bytes[length] == b'\n', "at {length}"),
            other => panic!("at {length}: {other}"),
        }
    }
    assert!(
        read(&bytes[..bytes.len() - 1]).is_ok(),
        "but for its last newline"
    );
}

#[test]
fn after_an_error_there_is_nothing_more() {
    let mut reader = RecordReader::new(&b"{}\n{}\n"[..]);
    assert!(reader.next().unwrap().is_err());
    assert!(reader.next().is_none());
}

/// A line of [`everything`], what is replaced in it, by what, and what is then said.
const WRONG: &[(usize, &str, &str, &str)] = &[
    (
        1,
        "\"version\":1",
        "\"version\":2",
        "line 1: version 2 of the format, and this program knows version 1 only",
    ),
    (
        1,
        "header",
        "banner",
        "line 1: unknown variant `banner`, expected one of",
    ),
    (
        2,
        "\"public\"",
        "\"pubic\"",
        "line 2: unknown field `pubic`, expected one of `name`",
    ),
    (
        2,
        "BwcH",
        "Bw",
        "line 2: the salt of a room is 32 bytes in base64",
    ),
    (
        2,
        "\"owner\"",
        "\"none\"",
        "line 2: \"none\" is none of owner, admin, member, outcast",
    ),
    (
        2,
        "\"visitor\"",
        "\"guest\"",
        "line 2: \"guest\" is none of moderator,",
    ),
    (
        2,
        "\"closed\"",
        "\"shut\"",
        "line 2: unknown variant `shut`, expected one of `open`",
    ),
    (
        2,
        "aGVsbG8=",
        "",
        "line 2: a payload can't be used: the vCard has no picture",
    ),
    (
        3,
        "\"nick\"",
        "\"nickname\"",
        "line 3: unknown field `nickname`",
    ),
    (
        3,
        "\"nick\":\"ann\"",
        "\"nick\":\" ann\"",
        "line 3: \" ann\" is no nick: it starts or ends",
    ),
    (
        3,
        "\"room\":\"tea@",
        "\"room\":\"coffee@",
        "line 3: a message of coffee@rooms.example.org, but the room told last is tea@rooms.example.org",
    ),
    (
        3,
        "ann@example.org/phone",
        "@",
        "line 3: \"@\" is no address",
    ),
    (
        3,
        "ann@example.org/phone",
        "a b@x",
        "line 3: \"a b@x\" is no address",
    ),
    (
        2,
        "bob@example.org",
        "bob@example.org/x",
        "line 2: \"bob@example.org/x\" is no bare address",
    ),
    (
        3,
        "1970-01-01T00",
        "1970-13-01T00",
        "line 3: \"1970-13-01T00:00:00.000004Z\" is no time like",
    ),
    (
        3,
        "</body>",
        "",
        "line 3: a payload can't be used: the XML is unusable: not well-formed",
    ),
    (
        3,
        "<body>",
        "</message><message><body>",
        "line 3: a payload can't be used: the XML has more than one root",
    ),
    (
        3,
        "<body>hi",
        "<p:body>hi",
        "line 3: a payload can't be used: the XML is unusable: ",
    ),
    (4, ",\"id\":\"a1\"", "", "line 4: missing field `id`"),
    (5, "{", "[", "line 5: "),
    (
        7,
        "3",
        "4",
        "line 7: 2 rooms and 4 messages should have been before this, but there were 2 and 3",
    ),
];

#[test]
fn what_is_wrong_with_a_line_is_told_with_its_number() {
    let text = written(&everything());
    let lines: Vec<&str> = text.lines().collect();
    let changed = |line: usize, old: &str, new: &str| {
        let mut lines = lines.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(lines[line - 1].contains(old), "{}", lines[line - 1]);
        lines[line - 1] = lines[line - 1].replacen(old, new, 1);
        complaint(&(lines.join("\n") + "\n"))
    };
    for (line, old, new, expected) in WRONG {
        let complaint = changed(*line, old, new);
        assert!(complaint.starts_with(expected), "{complaint}");
    }
}

#[test]
fn the_order_of_lines_is_checked() {
    let text = written(&everything());
    let lines: Vec<&str> = text.lines().collect();
    let of = |numbers: &[usize]| {
        let lines: Vec<&str> = numbers.iter().map(|number| lines[number - 1]).collect();
        complaint(&(lines.join("\n") + "\n"))
    };
    assert!(of(&[2, 3]).starts_with("line 1: a header is expected here"));
    assert!(of(&[1, 1]).starts_with("line 2: a second header"));
    assert!(of(&[1, 3]).ends_with("but the room told last is none"));
    assert!(of(&[1, 2, 3, 4, 5, 6, 7, 6]).starts_with("line 8: this stands behind the end"));
}

#[test]
fn what_only_the_service_may_say_is_taken_out_of_what_others_said() {
    let forged = MessageRecord {
        content: content("<body>hi</body><occupant-id xmlns='urn:xmpp:occupant-id:0' id='x'/>"),
        ..message()
    };
    let text = written(&[
        header(),
        Record::Room(Box::new(room())),
        Record::Message(Box::new(forged)),
    ]);
    let records = read(text.as_bytes()).unwrap();
    let Record::Message(message) = &records[2] else {
        panic!("no message")
    };
    assert_eq!(message.content.payload.as_bytes(), b"<body>hi</body>");
}

#[test]
fn a_line_without_end_is_given_up() {
    let endless = io::repeat(b'x').take(LINE_LENGTH_MAX + 10);
    let mut reader = RecordReader::new(io::BufReader::with_capacity(1 << 20, endless));
    let error = reader.next().unwrap().unwrap_err();
    assert!(matches!(error.fault, LineFault::TooLong), "{error}");
}

#[test]
fn what_no_text_can_hold_is_not_written() {
    let mut writer = RecordWriter::new(Vec::new());
    let mut message = message();
    message.content.payload = Payload::new(b"\xff");
    let written = writer.write(&Record::Message(Box::new(message.clone())));
    assert!(matches!(written, Err(LineFault::Bytes)));
    message.content.payload = Payload::empty();
    message.at = Timestamp(i64::MAX);
    let written = writer.write(&Record::Message(Box::new(message)));
    assert!(matches!(written, Err(LineFault::Json(_))));
    let (output, end) = writer.finish().unwrap();
    assert_eq!((output.len(), end), (38, ExportEnd::default()));
}

#[test]
fn a_room_of_a_hundred_thousand_fits_in_a_line() {
    let mut large = room();
    let entry = |number| {
        (
            bare(&format!("user{number:05}@example.org")),
            affiliated(Affiliation::Member),
        )
    };
    large.snapshot.affiliations = (0..2_000).map(entry).collect();
    let all = [header(), Record::Room(Box::new(large))];
    let text = written(&all);
    assert_eq!(read(text.as_bytes()).unwrap()[..2], all);
    assert!((text.len() as u64) * 50 < LINE_LENGTH_MAX);
}

#[test]
fn a_number_of_messages_that_is_too_large_becomes_the_largest() {
    let mut line = serde_json::to_value(meaning::write(&everything()[1]).unwrap()).unwrap();
    line["keep_messages"] = serde_json::json!(u64::MAX);
    let read = meaning::read(serde_json::from_value(line).unwrap());
    assert!(matches!(read, Ok(Record::Room(room)) if room.keep.messages == Some(u32::MAX)));
}
