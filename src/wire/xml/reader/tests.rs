//! Reading: limits are kept, and reading goes on behind them.

use xmpp_parsers::stream_error::DefinedCondition;

use super::*;

/// Everything that can be read from `xml`, given in pieces of `size` bytes.
fn read_in_pieces(xml: &[u8], size: usize) -> Vec<StreamEvent> {
    let mut reader = StanzaReader::new(StanzaLimits::default());
    let mut read = Vec::new();
    for mut piece in xml.chunks(size) {
        while let Some(incoming) = reader.next(&mut piece).expect("well-formed") {
            read.push(incoming);
        }
    }
    read
}

fn read(xml: &str) -> Vec<Received> {
    let stanza = |incoming| match incoming {
        StreamEvent::Stanza(received) => received,
        other => panic!("not a stanza: {other:?}"),
    };
    read_in_pieces(xml.as_bytes(), usize::MAX)
        .into_iter()
        .map(stanza)
        .collect()
}

fn why(received: &Received) -> Option<Unreadable> {
    match received {
        Received::Stanza(_) => None,
        Received::Refused { why, .. } => Some(*why),
    }
}

const NEXT: &str = "<presence from='next@h/r' to='room@s/n'/>";

#[track_caller]
fn assert_refused(stanza: &str, expected: Unreadable) -> Header {
    let mut received = read(&format!("{stanza}{NEXT}"));
    assert_eq!(
        received.iter().map(why).collect::<Vec<_>>(),
        [Some(expected), None]
    );
    match received.swap_remove(0) {
        Received::Refused { header, .. } => header,
        Received::Stanza(_) => unreachable!("checked above"),
    }
}

#[test]
fn a_hundred_thousand_levels_are_refused_and_reading_goes_on() {
    let levels = 100_000;
    let started = std::time::Instant::now();
    let header = assert_refused(
        &format!(
            "<message from='a@h/r' to='b@s' id='7'>{}{}</message>",
            "<x xmlns='urn:x'>".repeat(levels),
            "</x>".repeat(levels)
        ),
        Unreadable::TooDeep,
    );
    assert_eq!(header.id.as_deref(), Some("7"));
    // Five thousand million steps, one for each pair of levels, would take minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(30));
}

#[test]
fn as_many_levels_as_allowed_are_accepted_and_one_more_is_not() {
    let nested = |levels: usize| {
        format!(
            "<iq from='a@h'>{}{}</iq>",
            "<x>".repeat(levels),
            "</x>".repeat(levels)
        )
    };
    assert_eq!(why(&read(&nested(99))[0]), None);
    assert_eq!(why(&read(&nested(100))[0]), Some(Unreadable::TooDeep));
}

#[test]
fn a_stanza_of_half_a_mebibyte_is_refused_with_its_header() {
    let header = assert_refused(
        &format!(
            "<message from='a@h/r' to='b@s' type='groupchat' id='i'><body>{}</body></message>",
            "y".repeat(500 * 1024)
        ),
        Unreadable::TooLarge,
    );
    assert_eq!(header.from.as_deref(), Some("a@h/r"));
    assert_eq!(header.type_.as_deref(), Some("groupchat"));
}

#[test]
fn an_attribute_of_a_hundred_kibibytes_is_refused_and_the_stream_goes_on() {
    for size in [8 * 1024, 100 * 1024] {
        let value = "z".repeat(size);
        let received = read(&format!(
            "<iq from='a@h'><x xmlns='urn:x' a='{value}'/></iq>{NEXT}"
        ));
        assert_eq!(received.len(), 2);
        let Received::Refused { header, why } = &received[0] else {
            panic!("an attribute of {size} bytes was kept")
        };
        assert_eq!(
            (header.from.as_deref(), *why),
            (Some("a@h"), Unreadable::TooLarge)
        );
    }
}

#[test]
fn an_oversized_id_is_dropped_from_the_header_of_a_refused_stanza() {
    let id = "i".repeat(300 * 1024);
    let header = assert_refused(
        &format!("<iq id='{id}' from='a@h/r'/>"),
        Unreadable::TooLarge,
    );
    assert_eq!((header.id, header.from.as_deref()), (None, Some("a@h/r")));
}

#[test]
fn an_id_counts_as_it_is_written_again() {
    let id = "'".repeat(50 * 1024);
    let header = assert_refused(
        &format!("<message id=\"{id}\" from='a@h/r'/>"),
        Unreadable::TooLarge,
    );
    assert_eq!((header.id, header.from.as_deref()), (None, Some("a@h/r")));
}

#[test]
fn a_namespace_declared_once_and_written_often_does_not_multiply() {
    let namespace = "n".repeat(100 * 1024);
    assert_refused(
        &format!(
            "<message xmlns:a='{namespace}'>{}</message>",
            "<a:x><y/></a:x>".repeat(10_000)
        ),
        Unreadable::TooLarge,
    );
}

#[test]
fn absurd_numbers_of_attributes_declarations_and_children_are_refused() {
    let attributes: String = (0..300).map(|n| format!(" a{n}=''")).collect();
    assert_refused(
        &format!("<iq><x{attributes}/></iq>"),
        Unreadable::TooComplex,
    );
    let declarations: String = (0..300).map(|n| format!(" xmlns:a{n}='u'")).collect();
    let header = assert_refused(
        &format!("<iq{declarations} from='a@h'/>"),
        Unreadable::TooComplex,
    );
    assert_eq!(header.from.as_deref(), Some("a@h"));
    assert_refused(
        &format!("<iq>{}</iq>", "<x/>".repeat(1001)),
        Unreadable::TooComplex,
    );
}

#[test]
fn attributes_of_a_stanza_that_nobody_knows_cannot_crowd_out_its_address() {
    let unknown: String = (0..5000).map(|n| format!(" a{n}='v'")).collect();
    match &read(&format!("<iq{unknown} from='a@h'/>"))[0] {
        Received::Stanza(frame) => assert_eq!(frame.header.from.as_deref(), Some("a@h")),
        Received::Refused { why, .. } => panic!("refused: {why}"),
    }
}

#[test]
fn undeclared_prefixes_and_duplicate_attributes_refuse_one_stanza_only() {
    for stanza in [
        "<iq><p:x/></iq>",
        "<iq><x p:a=''/></iq>",
        "<iq><x a='1' a='2'/></iq>",
        "<iq><x xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'/></iq>",
        "<iq from='a@h' from='b@h'/>",
        "<iq><x xmlns='http://www.w3.org/XML/1998/namespace'/></iq>",
        "<iq><xml:x/></iq>",
    ] {
        assert_refused(stanza, Unreadable::Malformed);
    }
}

#[test]
fn a_stream_split_at_every_byte_reads_the_same() {
    let xml = "<message from='a@h/r' to='r@s' id='1'><body>gr\u{fc}\u{df} &amp; \u{1f600}</body>\
               <x xmlns='urn:x'><y:z xmlns:y='urn:y' y:a='&#x41;'/></x></message>\
               <iq id='3'><x xmlns='http://www.w3.org/XML/1998/namespace'/></iq> \n \
               <iq type='get' id='2'><query xmlns='q'/></iq><stream:error><conflict \
               xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";
    let whole = format!("{:?}", read_in_pieces(xml.as_bytes(), usize::MAX));
    assert_eq!(format!("{:?}", read_in_pieces(xml.as_bytes(), 1)), whole);
    for at in 1..xml.len() {
        let mut reader = StanzaReader::new(StanzaLimits::default());
        let mut read = Vec::new();
        for mut piece in [&xml.as_bytes()[..at], &xml.as_bytes()[at..]] {
            while let Some(incoming) = reader.next(&mut piece).expect("well-formed") {
                let last = matches!(incoming, StreamEvent::StreamEnd);
                read.push(incoming);
                if last {
                    break;
                }
            }
        }
        assert_eq!(format!("{read:?}"), whole, "split at {at}");
    }
}

#[test]
fn carriage_returns_before_any_byte_anywhere_read_as_line_ends() {
    let followers: Vec<char> = (' '..='~')
        .chain(['\t', '\n', '\r', '\u{e9}', '\u{2028}', '\u{1f600}'])
        .collect();
    for follower in followers {
        // What must not stand for itself does not come from any server.
        let follower = match follower {
            '<' => "&lt;".to_owned(),
            '&' => "&amp;".to_owned(),
            '\'' => "&apos;".to_owned(),
            other => other.to_string(),
        };
        for line_end in ["\r", "\r\n", "\r\r", "a\r"] {
            let template = "<message from='a@b/c' id='CR'><body>CR</body><x xmlns='CR' a='CR' \
                            b='CRz'/>CR<y>CR<z/>CR</y>CR</message>CR";
            let with = |text: &str| template.replace("CR", text);
            let xml = with(&format!("{line_end}{follower}")) + NEXT;
            // As XML 1.0 §2.11 says.
            let normal = xml.replace("\r\n", "\n").replace('\r', "\n");
            // Only blanks may stand between stanzas.
            let between = |xml: String| match xml.split_once("</message>") {
                Some((stanza, _)) => format!("{stanza}</message>\n\n{NEXT}"),
                None => xml,
            };
            let (xml, normal) = (between(xml), between(normal));
            let expected = format!("{:?}", read_in_pieces(normal.as_bytes(), usize::MAX));
            for size in [1, 2, 3, 7, usize::MAX] {
                let read = read_in_pieces(xml.as_bytes(), size);
                assert_eq!(format!("{read:?}"), expected, "{xml:?} by {size}");
            }
        }
    }
    let [Received::Stanza(frame), _] = &read(&format!(
        "<iq id='a\rb\r\nc\r'\r><x\rxmlns='urn:x'\r\n/></iq\r>\r{NEXT}"
    ))[..] else {
        panic!("two stanzas");
    };
    assert_eq!(frame.header.id.as_deref(), Some("a b c "));
}

#[test]
fn elements_that_are_no_stanzas_are_skipped() {
    let received = read(&format!(
        "<handshake/><x xmlns='urn:x'><message/></x><p:message/><message xmlns='urn:x'/>{NEXT}"
    ));
    assert_eq!(received.iter().map(why).collect::<Vec<_>>(), [None]);
}

#[test]
fn stream_errors_are_typed_and_unknown_ones_undefined() {
    let condition = |xml: &str| match &read_in_pieces(xml.as_bytes(), usize::MAX)[..] {
        [StreamEvent::StreamError(error)] => error.condition.clone(),
        other => panic!("no stream error: {other:?}"),
    };
    assert_eq!(
        condition(
            "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no</text></stream:error>"
        ),
        DefinedCondition::HostUnknown
    );
    assert_eq!(
        condition("<stream:error><x xmlns='urn:x'/></stream:error>"),
        DefinedCondition::UndefinedCondition
    );
    let deep = format!("{}{}", "<x>".repeat(5000), "</x>".repeat(5000));
    assert_eq!(
        condition(&format!("<stream:error>{deep}</stream:error>")),
        DefinedCondition::UndefinedCondition
    );
}

#[test]
fn broken_xml_loses_the_stream_and_says_so_again_and_again() {
    for xml in [
        "<message></iq>",
        "<message a=1/>",
        "<!-- -->",
        "<iq>&nbsp;</iq>",
        "<x <y/>",
        "\u{1}",
    ] {
        let mut reader = StanzaReader::new(StanzaLimits::default());
        assert!(reader.next(&mut xml.as_bytes()).is_err(), "{xml}");
        assert!(reader.next(&mut "<iq/>".as_bytes()).is_err(), "{xml}");
    }
}

#[test]
fn nesting_without_bottom_loses_the_stream_instead_of_the_memory() {
    let mut reader = StanzaReader::new(StanzaLimits::default());
    let xml = "<x>".repeat(LEVELS_MAX);
    let error = reader
        .next(&mut xml.as_bytes())
        .expect_err("too deep for anybody");
    assert!(matches!(error, ReadError::Bottomless));
}

#[test]
fn wherever_a_stanza_is_refused_the_next_one_is_read() {
    let deep = "<x xmlns='urn:x'>".repeat(100);
    let up = "</x>".repeat(100);
    let declare = |number| format!(" xmlns:p{number}='urn:x'");
    let declarations: String = (0..1_000).map(declare).collect();
    let rest = "<y a='/>' b=\"'>\"/>t &gt; <![CDATA[</message>]]><z><z/></z >";
    for refused in [
        format!("<message from='a@h/r'>{deep}{up}{rest}</message>"),
        format!("<message from='a@h/r'>{deep}{rest}{up}</message >"),
        format!("<iq from='a@h/r'><p:x/>{rest}<q:y>{rest}</q:y></iq>"),
        format!("<iq from='a@h/r'{declarations}/>"),
        format!("<iq from='a@h/r'><p:x>{rest}</p:x><b/></iq>"),
    ] {
        let xml = format!("{refused}{NEXT}{refused}{NEXT}");
        for size in [1, 2, 3, 5, 64, usize::MAX] {
            let whys: Vec<_> = read_in_pieces(xml.as_bytes(), size)
                .iter()
                .map(|event| match event {
                    StreamEvent::Stanza(received) => why(received).is_some(),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(whys, [true, false, true, false], "{refused} by {size}");
        }
    }
}

#[test]
fn a_long_stanza_of_whoever_has_sent_too_many_elements_is_not_read_to_its_end() {
    let overspent = Overspent::default();
    overspent.note("a@h", Instant::now());
    let list = |from: &str, elements: usize| {
        let items = "<item xmlns='urn:x'/>".repeat(elements);
        format!("<iq from='{from}' to='b@s' type='set' id='1'>{items}</iq>")
    };
    let limit = ELEMENTS_FREE;
    let mut reader = StanzaReader::new(StanzaLimits::default()).refusing(overspent);
    for (from, elements, expected) in [
        ("a@h/r", limit, None),
        ("a@h/r", limit + 1, Some(Unreadable::Overspent)),
        ("b@h/r", limit + 1, None),
    ] {
        let xml = list(from, elements);
        let read = reader.next(&mut xml.as_bytes()).expect("well-formed");
        let Some(StreamEvent::Stanza(received)) = read else {
            panic!("{read:?}");
        };
        assert_eq!(why(&received), expected, "{elements} of {from}");
    }
}
