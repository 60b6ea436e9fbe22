//! `/healthz` and `/metrics`, for monitoring. RFC 9112.
//!
//! Two documents that nobody can change need no HTTP library: of a request only its first line
//! matters, each connection gets one response, and its end is the end of the connection. What a
//! server must guard against is a client that asks for too much, too slowly, or too often; hence
//! the three limits below.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time;
use tracing::{debug, warn};

use crate::metrics::Metrics;
use crate::service::places::{Busy, Places};

/// The most that a request may have before its body, in bytes.
const HEAD_SIZE_MAX: usize = 8_192;
/// How long a client may take from connecting to having sent its request.
const REQUEST_WITHIN: Duration = Duration::from_secs(5);
/// How long it may take to read the response.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// How many clients have a connection at a time. Beyond these the oldest goes that has sent no
/// request yet.
const CLIENTS_MAX: usize = 64;
/// How long to wait when no connection can be accepted, as when too many files are open.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens on the address of `[http]`.
///
/// # Errors
/// The address isn't this machine's, is in use, or needs rights that the process doesn't have.
pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener
        .with_context(|| format!("[http] can't listen on {address}; change `listen` or free it"))
}

/// Answers whoever asks, for as long as the process lives.
pub(super) async fn serve(listener: TcpListener, metrics: Arc<Metrics>) {
    let mut places = Places::new(CLIENTS_MAX);
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                let metrics = Arc::clone(&metrics);
                // When all others are being answered, which is soon done, the client has to ask
                // again.
                places.admit(|busy| async move {
                    if let Err(error) = answer(client, &metrics, &busy).await {
                        debug!(%error, "a client of [http] has gone, or took too long");
                    }
                });
            }
            Err(error) => {
                warn!(%error, "[http] can't accept a connection");
                time::sleep(PAUSE).await;
            }
        }
    }
}

async fn answer(mut client: TcpStream, metrics: &Metrics, busy: &Busy) -> io::Result<()> {
    let head = time::timeout(REQUEST_WITHIN, read_head(&mut client)).await??;
    busy.begin();
    let response = match is_complete(&head) {
        true => respond(first_line(&head), metrics),
        false => Response::text("400 Bad Request", "This is not a request.\n"),
    };
    let response = response.bytes();
    let written = async {
        client.write_all(response.as_bytes()).await?;
        client.shutdown().await
    };
    time::timeout(READ_WITHIN, written).await?
}

/// Reads until the head of a request is complete, too long, or ends.
async fn read_head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(1_024);
    while !is_complete(&head) && head.len() < HEAD_SIZE_MAX {
        if client.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    Ok(head)
}

/// Whether the empty line after the head has arrived.
fn is_complete(head: &[u8]) -> bool {
    head.windows(4).any(|four| four == b"\r\n\r\n")
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|byte| *byte == b'\r').next().unwrap_or_default()
}

/// A response, ready but for the form of HTTP.
#[derive(Debug)]
struct Response {
    status: &'static str,
    content_type: &'static str,
    more_headers: &'static str,
    content: String,
    with_content: bool,
}

impl Response {
    fn text(status: &'static str, content: impl Into<String>) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            more_headers: "",
            content: content.into(),
            with_content: true,
        }
    }

    fn bytes(self) -> String {
        let Self {
            status,
            content_type,
            more_headers,
            content,
            with_content,
        } = self;
        let length = content.len();
        let content = if with_content { content } else { String::new() };
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
             {more_headers}Cache-Control: no-store\r\nConnection: close\r\n\r\n{content}"
        )
    }
}

/// The answer to a request line.
fn respond(line: &[u8], metrics: &Metrics) -> Response {
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let &[method, target, version] = words.as_slice() else {
        return Response::text("400 Bad Request", "This is not a request.\n");
    };
    if !version.starts_with(b"HTTP/1.") {
        return Response::text("505 HTTP Version Not Supported", "Ask with HTTP/1.1.\n");
    }
    let path = target
        .split(|byte| *byte == b'?')
        .next()
        .unwrap_or_default();
    let response = match path {
        b"/healthz" => health(metrics),
        b"/metrics" => numbers(metrics),
        _ => Response::text("404 Not Found", "Here are /healthz and /metrics.\n"),
    };
    match method {
        b"GET" => response,
        b"HEAD" => Response {
            with_content: false,
            ..response
        },
        _ => Response {
            more_headers: "Allow: GET, HEAD\r\n",
            ..Response::text(
                "405 Method Not Allowed",
                "There is nothing to change here.\n",
            )
        },
    }
}

/// Whether every pool has its link to the server, for a load balancer or a supervisor.
fn health(metrics: &Metrics) -> Response {
    let unlinked: String = metrics
        .unlinked()
        .map(|domain| format!("{domain} has no link to the server\n"))
        .collect();
    match unlinked.is_empty() {
        true => Response::text("200 OK", "ok\n"),
        false => Response::text("503 Service Unavailable", unlinked),
    }
}

fn numbers(metrics: &Metrics) -> Response {
    match metrics.encode() {
        Ok(text) => Response {
            content_type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
            ..Response::text("200 OK", text)
        },
        Err(_) => Response::text(
            "500 Internal Server Error",
            "The numbers can't be written.\n",
        ),
    }
}

#[cfg(test)]
mod tests {
    use jid::DomainPart;

    use super::*;

    #[test]
    fn each_request_has_its_answer() {
        let (metrics, _) = metrics();
        for (request, status) in [
            ("GET /metrics HTTP/1.1", "200 OK"),
            ("GET /metrics?x=y HTTP/1.0", "200 OK"),
            ("GET / HTTP/1.1", "404 Not Found"),
            ("POST /metrics HTTP/1.1", "405 Method Not Allowed"),
            ("GET /metrics HTTP/2", "505 HTTP Version Not Supported"),
            ("GET /metrics", "400 Bad Request"),
            ("", "400 Bad Request"),
            ("\u{1}\u{2}", "400 Bad Request"),
        ] {
            assert_eq!(
                respond(request.as_bytes(), &metrics).status,
                status,
                "{request}"
            );
        }
    }

    #[test]
    fn health_is_the_link_of_every_pool() {
        let (metrics, domain) = metrics();
        let health = || respond(b"GET /healthz HTTP/1.1", &metrics);
        assert_eq!(health().status, "503 Service Unavailable");
        assert_eq!(
            health().content,
            "rooms.example.org has no link to the server\n"
        );
        metrics.pool(&domain).unwrap().link_up.set(1);
        assert_eq!(health().status, "200 OK");
    }

    #[test]
    fn a_head_has_the_length_but_not_the_content() {
        let (metrics, _) = metrics();
        let response = respond(b"HEAD /nothing HTTP/1.1", &metrics).bytes();
        assert!(
            response.contains("\r\nContent-Length: 32\r\n"),
            "{response}"
        );
        assert!(response.ends_with("\r\n\r\n"), "{response}");
    }

    #[tokio::test]
    async fn a_client_gets_an_answer_however_it_asks() {
        let (metrics, _) = metrics();
        let listener = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener, Arc::new(metrics)));
        for (parts, status) in [
            (vec!["GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"], "200"),
            (vec!["GET /met", "rics HTTP/1.1\r\n", "\r\n"], "200"),
            (vec!["GET /metrics HTTP/1.1\r\n"], "400"),
            (vec![&"x".repeat(HEAD_SIZE_MAX)], "400"),
        ] {
            let mut client = TcpStream::connect(address).await.unwrap();
            for part in parts {
                client.write_all(part.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
            client.shutdown().await.unwrap();
            let mut response = String::new();
            client.read_to_string(&mut response).await.unwrap();
            assert!(
                response.starts_with(&format!("HTTP/1.1 {status} ")),
                "{response}"
            );
        }
        server.abort();
    }

    fn metrics() -> (Metrics, DomainPart) {
        let domain = DomainPart::new("rooms.example.org").unwrap().into_owned();
        (Metrics::new([&domain]), domain)
    }

    /// Sixteen of these kept a monitor out until they were given up, and then the next sixteen did.
    #[tokio::test]
    async fn silent_connections_keep_nobody_out() {
        let (metrics, _) = metrics();
        let listener = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener, Arc::new(metrics)));
        let mut silent = Vec::new();
        for number in 0..3 * CLIENTS_MAX {
            let mut client = TcpStream::connect(address).await.unwrap();
            if number % 2 == 0 {
                client.write_all(b"GET /healthz HT").await.unwrap();
            }
            silent.push(client);
        }
        let asked = async {
            let mut client = TcpStream::connect(address).await.unwrap();
            client
                .write_all(b"GET /healthz HTTP/1.1\r\n\r\n")
                .await
                .unwrap();
            let mut response = String::new();
            client.read_to_string(&mut response).await.unwrap();
            response
        };
        let response = time::timeout(Duration::from_secs(2), asked).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
        server.abort();
    }
}
