//! The link between the service and its server is lost. XEP-0114, and DESIGN §2, decisions 3 and 4.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lyceum::wire::link::inbox;
use lyceum::wire::link::inbox::{BacklogMax, LinkEvent};
use lyceum::wire::link::link_error::LinkError;
use lyceum::wire::link::link_settings::LinkSettings;
use lyceum::wire::link::outbox;
use lyceum::wire::link::stream;
use lyceum::wire::xml::limits::StanzaLimits;
use lyceum::wire::xml::overspent::Overspent;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::proxy::Proxy;
use crate::support::servers::{Lyceum, Prosody, Server};
use crate::support::session::{PASSWORD, Session, is_removal, list, said};

#[test]
fn a_cut_link_is_made_again_and_only_who_was_lost_meanwhile_is_removed() {
    let server = Prosody::start();
    let proxy = Proxy::to(server.component_port);
    let settings = settings_through(&server, &proxy);
    for account in ["alice", "bob", "carol"] {
        server.add_user(account, PASSWORD);
    }
    let lyceum = Lyceum::start_as(env!("CARGO_BIN_EXE_lyceum").as_ref(), settings.path());
    let [mut alice, bob, carol] = [("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")]
        .map(|(account, nick)| (Session::log_in(&server, account, "desk"), nick))
        .map(|(mut session, nick)| {
            session.enter("lounge", nick);
            if nick == "Alice" {
                session.configure("lounge", &[("whois", "anyone")]);
            }
            session
        });

    proxy.let_through(false);
    let before = proxy.accepted();
    proxy.cut();
    carol.vanish();
    thread::sleep(Duration::from_secs(4));
    let attempts = proxy.accepted() - before;
    assert!(
        (2..=6).contains(&attempts),
        "{attempts} attempts\n{}",
        lyceum.log_tail()
    );
    proxy.let_through(true);

    let removal = bob.until("the removal of Carol", is_removal);
    let who = removal.last().and_then(|stanza| stanza.attribute("from"));
    assert_eq!(who, Some("lounge@rooms.example.org/Carol"));
    alice.say("lounge", "The line was dead.");
    for session in [&alice, &bob] {
        let came = session.until("what Alice says", |stanza| {
            said(stanza).as_deref() == Some("The line was dead.")
        });
        let others = came.iter().filter(|stanza| is_removal(stanza)).count();
        assert!(others <= 1, "{}", list(&came));
    }
    assert!(alice.is_inside("lounge", "Alice"));
}

/// The settings of a server, but with the proxy's port for its components.
fn settings_through(server: &Server, proxy: &Proxy) -> TempDir {
    let folder = TempDir::new().expect("a temporary directory can be made");
    let settings = fs::read_to_string(server.directory().join("settings")).expect("it runs");
    let (own, other) = (server.component_port, proxy.port);
    let settings = settings.replace(
        &format!("COMPONENT_PORT={own}"),
        &format!("COMPONENT_PORT={other}"),
    );
    fs::write(folder.path().join("settings"), settings).expect("a file can be written");
    folder
}

#[test]
fn a_wrong_secret_is_told_plainly_and_not_tried_again_soon() {
    let server = Prosody::start();
    let proxy = Proxy::to(server.component_port);
    let folder = TempDir::new().expect("a temporary directory can be made");
    let configuration = format!(
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 'not this one'\nserver = '127.0.0.1:{}'\n",
        proxy.port
    );
    fs::write(folder.path().join("lyceum.toml"), configuration).expect("a file can be written");
    let mut process = Process(
        Command::new(env!("CARGO_BIN_EXE_lyceum"))
            .arg("serve")
            .current_dir(folder.path())
            .env_remove("LYCEUM_SECRET")
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started"),
    );
    let stderr = process.0.stderr.take().expect("it is piped");
    let told = BufReader::new(stderr)
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("ERROR"))
        .expect("it is told");
    assert!(
        told.contains("secret") && told.contains("rooms.example.org"),
        "{told}"
    );
    assert!(
        !told.contains("not this one"),
        "the secret itself is not told: {told}"
    );
    thread::sleep(Duration::from_secs(4));
    assert_eq!(proxy.accepted(), 1, "a server takes more for an attack");
}

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The clock stands still but for what everybody waits for, so this takes no time.
#[tokio::test]
async fn a_link_on_which_nothing_comes_back_is_given_up_within_three_minutes_and_made_again() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let settings = LinkSettings {
        domain: "rooms.example.org".to_owned(),
        server: listener.local_addr().expect("it is bound").to_string(),
        secret: "any".to_owned(),
        limits: StanzaLimits::default(),
        overspent: Overspent::default(),
    };
    let (incomings, mut inbox) = inbox::channel(BacklogMax::default());
    let (_outbox, outgoing) = outbox::channel(outbox::BYTES_MAX);
    let (_stop, stopped) = watch::channel(false);
    let link = tokio::spawn(stream::run(settings, incomings, outgoing, stopped));

    let mut silent = welcome(&listener).await;
    assert!(matches!(inbox.recv().await, Some(LinkEvent::Up)));
    let swallowing = tokio::spawn(async move {
        let mut bytes = [0; 4096];
        while matches!(silent.read(&mut bytes).await, Ok(1..)) {}
    });
    tokio::time::pause();
    let since = tokio::time::Instant::now();
    let down = inbox.recv().await;
    let waited = since.elapsed();
    tokio::time::resume();
    assert!(
        matches!(down, Some(LinkEvent::Down(LinkError::HalfOpen))),
        "{down:?}"
    );
    assert!(waited < Duration::from_secs(180), "{waited:?}");
    swallowing.await.expect("the old connection is closed");

    let began = Instant::now();
    let _again = welcome(&listener).await;
    assert!(matches!(inbox.recv().await, Some(LinkEvent::Up)));
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    link.abort();
}

/// The server's side of XEP-0114 §3 (#proto), for a server that takes any secret.
async fn welcome(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.expect("it connects");
    hear(&mut stream, "'>").await;
    let opening = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' id='1' \
                   xmlns:stream='http://etherx.jabber.org/streams' from='rooms.example.org'>";
    stream
        .write_all(opening.as_bytes())
        .await
        .expect("it listens");
    hear(&mut stream, "</handshake>").await;
    stream.write_all(b"<handshake/>").await.expect("it listens");
    stream
}

/// Reads until this has come.
async fn hear(stream: &mut TcpStream, end: &str) {
    let mut heard = Vec::new();
    while !String::from_utf8_lossy(&heard).contains(end) {
        let count = stream.read_buf(&mut heard).await.expect("it talks");
        assert!(
            count > 0,
            "closed after {}",
            String::from_utf8_lossy(&heard)
        );
    }
}
