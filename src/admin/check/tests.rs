//! The check of the server, against servers with one defect each.

use super::*;
use crate::finding::Severity;
use crate::wire::xml::frame::{Frame, Received};
use crate::wire::xml::limits::StanzaLimits;
use crate::wire::xml::overspent::Overspent;
use crate::wire::xml::reader::{StanzaReader, StreamEvent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const OPENING: &str = "<stream:stream from='rooms.example' id='1' \
    xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>";

/// What is the matter with the server.
#[derive(Clone, Copy, PartialEq)]
enum Defect {
    None,
    WrongSecret,
    ClosesInHandshake,
    Steals,
    RoutesElsewhere,
    DoesNotAnswer,
    DoesNotList,
    DoesNotTellUptime,
    IsNotServed,
    LimitsSize,
    GivesOtherDomains,
}

async fn findings(defect: Defect) -> Vec<Finding> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = listener.local_addr().expect("bound").to_string();
    let serving = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.expect("a connection");
        // The check may end the connection whenever it likes.
        let _ = serve(socket, defect).await;
    });
    let settings = CheckSettings {
        link: LinkSettings {
            domain: "rooms.example".into(),
            server,
            secret: "secret".into(),
            limits: StanzaLimits::default(),
            overspent: Overspent::default(),
        },
        served: vec!["example".into()],
    };
    let found = check(&settings).await;
    serving.abort();
    found
}

async fn serve(mut socket: TcpStream, defect: Defect) -> std::io::Result<()> {
    let mut read = String::new();
    while !read.ends_with("version='1.0'>") {
        read.push(char::from(socket.read_u8().await?));
    }
    socket.write_all(OPENING.as_bytes()).await?;
    let mut read = String::new();
    while !read.ends_with("</handshake>") {
        read.push(char::from(socket.read_u8().await?));
    }
    let mut buffer = vec![0; 64 * 1024];
    let handshake = match defect {
        Defect::WrongSecret => {
            "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             </stream:error></stream:stream>"
        }
        Defect::ClosesInHandshake => "</stream:stream>",
        _ => "<handshake/>",
    };
    socket.write_all(handshake.as_bytes()).await?;
    let mut stanzas = StanzaReader::new(StanzaLimits {
        depth_max: 9,
        stanza_size_max: 1 << 20,
    });
    let mut count = 0_u32;
    loop {
        let length = socket.read(&mut buffer).await?;
        let mut bytes = &buffer[..length];
        while let Ok(Some(StreamEvent::Stanza(Received::Stanza(frame)))) = stanzas.next(&mut bytes)
        {
            count += 1;
            let reply = answer(defect, &frame, count);
            socket.write_all(reply.as_bytes()).await?;
        }
        if length == 0 {
            return Ok(());
        }
    }
}

fn answer(defect: Defect, frame: &Frame, count: u32) -> String {
    let header = &frame.header;
    let (from, to) = (
        header.from.as_deref().expect("from"),
        header.to.as_deref().expect("to"),
    );
    let id = header.id.as_deref().expect("an id");
    if from == to {
        let is_lost = defect == Defect::RoutesElsewhere
            || defect == Defect::Steals && count.is_multiple_of(2);
        if frame.payload().len() > 100_000 && defect == Defect::LimitsSize {
            return "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                    </stream:error>"
                .into();
        }
        let other = match defect {
            Defect::GivesOtherDomains => "<message from='a@example' to='news.example'/>",
            _ => "",
        };
        let payload = String::from_utf8_lossy(frame.payload());
        return match is_lost {
            true => String::new(),
            false => {
                format!("{other}<message from='{from}' to='{to}' id='{id}'>{payload}</message>")
            }
        };
    }
    let query = frame
        .children()
        .next()
        .expect("a query")
        .namespace()
        .to_owned();
    let content = match (query.as_str(), defect) {
        (_, Defect::DoesNotAnswer) => return String::new(),
        (_, Defect::IsNotServed) => {
            return format!(
                "<iq type='error' from='{to}' to='{from}' id='{id}'><error type='cancel'>\
                 <remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            );
        }
        ("jabber:iq:last", Defect::DoesNotTellUptime) => {
            return format!(
                "<iq type='error' from='{to}' to='{from}' id='{id}'><error type='cancel'>\
                 <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            );
        }
        ("jabber:iq:last", _) => {
            return format!(
                "<iq type='result' from='{to}' to='{from}' id='{id}'>\
                 <query xmlns='jabber:iq:last' seconds='903'/></iq>"
            );
        }
        ("jabber:iq:version", _) => "<name>ejabberd</name><version>23.01</version>",
        ("http://jabber.org/protocol/disco#items", Defect::DoesNotList) => {
            "<item jid='pubsub.example'/>"
        }
        ("http://jabber.org/protocol/disco#items", _) => {
            "<item jid='pubsub.example'/><item jid='rooms.example'/>"
        }
        _ => "<identity category='server' type='im' name='ejabberd'/>",
    };
    format!(
        "<iq type='result' from='{to}' to='{from}' id='{id}'><query xmlns='{query}'>{content}</query></iq>"
    )
}

/// The one finding that is not good, which must hold `text`.
async fn assert_found(defect: Defect, severity: Severity, text: &str) {
    let mut found = findings(defect).await;
    found.retain(|finding| finding.severity != Severity::Ok);
    match &found[..] {
        [one] => {
            assert_eq!(one.severity, severity, "{}", one.text);
            assert!(one.text.contains(text), "{}", one.text);
        }
        other => panic!("not one finding about {text}: {other:#?}"),
    }
}

#[tokio::test]
async fn a_server_that_is_as_it_should_be_has_only_good_findings() {
    let found = findings(Defect::None).await;
    assert!(
        found.iter().all(|finding| finding.severity == Severity::Ok),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|finding| finding.text.contains("ejabberd 23.01")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn a_refused_handshake_is_the_only_finding() {
    assert_found(
        Defect::WrongSecret,
        Severity::Error,
        "`secret` here and there differ",
    )
    .await;
    assert_found(
        Defect::ClosesInHandshake,
        Severity::Error,
        "component_number",
    )
    .await;
}

#[tokio::test]
async fn a_domain_that_does_not_list_us_or_is_not_served_is_named() {
    assert_found(Defect::DoesNotList, Severity::Warning, "extra_domains").await;
    assert_found(
        Defect::IsNotServed,
        Severity::Warning,
        "remote-server-not-found",
    )
    .await;
}

#[tokio::test]
async fn a_domain_that_does_not_tell_since_when_it_runs_is_named() {
    assert_found(
        Defect::DoesNotTellUptime,
        Severity::Warning,
        "`uptime` (Prosody)",
    )
    .await;
}

#[tokio::test]
async fn a_limit_on_the_size_is_named() {
    assert_found(
        Defect::LimitsSize,
        Severity::Warning,
        "component_stanza_size_limit",
    )
    .await;
}

#[tokio::test]
async fn stanzas_for_another_component_are_named() {
    assert_found(Defect::GivesOtherDomains, Severity::Error, "news.example").await;
}

#[tokio::test]
async fn theft_and_silence_are_told_apart() {
    let stolen = assert_found(Defect::Steals, Severity::Error, "a second connection");
    let elsewhere = assert_found(
        Defect::RoutesElsewhere,
        Severity::Error,
        "routes the domain",
    );
    let silent = assert_found(Defect::DoesNotAnswer, Severity::Warning, "mod_privilege");
    tokio::join!(stolen, elsewhere, silent);
}
