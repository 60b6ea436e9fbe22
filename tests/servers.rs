//! The real servers of the other tests do what those tests take for granted.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::servers::{Ejabberd, Prosody, Server};

/// Sends a stream header and then `more`; returns all the server says until it has said `expected`.
fn converse(port: u16, header: &str, more: &str, expected: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream.write_all(header.as_bytes()).unwrap();
    stream.write_all(more.as_bytes()).unwrap();
    let mut heard = String::new();
    let mut buffer = [0; 4096];
    while !heard.contains(expected) {
        let count = stream
            .read(&mut buffer)
            .expect("the server answers in time");
        assert!(count > 0, "closed without '{expected}': {heard}");
        heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    heard
}

/// Logs in as ann with SASL PLAIN, `\0ann\0swordfish` in base64, and expects success.
fn ann_logs_in(server: &Server) {
    let header = format!(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='{}'>",
        server.domain
    );
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubgBzd29yZGZpc2g=</auth>";
    converse(server.c2s_port, &header, auth, "<success");
}

fn knows_the_component_but_not_its_wrong_secret(server: &Server) {
    let header = format!(
        "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='{}'>",
        server.component_domain
    );
    converse(
        server.component_port,
        &header,
        "<handshake>0000000000000000000000000000000000000000</handshake>",
        "not-authorized",
    );
}

fn keeps_its_accounts_over_a_restart_and_a_crash(mut server: Server) {
    assert_eq!(server.add_user("ann", "swordfish"), "ann@example.org");
    let port = server.c2s_port;
    ann_logs_in(&server);
    server.restart();
    assert_eq!(server.c2s_port, port);
    ann_logs_in(&server);
    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.start_again();
    ann_logs_in(&server);
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn prosody_knows_the_component_and_keeps_its_accounts() {
    let server = Prosody::start();
    knows_the_component_but_not_its_wrong_secret(&server);
    keeps_its_accounts_over_a_restart_and_a_crash(server);
}

#[test]
fn ejabberd_knows_the_component_and_keeps_its_accounts() {
    let server = Ejabberd::start();
    knows_the_component_but_not_its_wrong_secret(&server);
    keeps_its_accounts_over_a_restart_and_a_crash(server);
}
