//! The server's end of a link, played by a test.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What the server sends and reads.
pub(super) struct ServerEnd<Socket> {
    socket: Socket,
    /// What has arrived and the test not yet looked at.
    arrived: String,
}

impl<Socket: AsyncRead + AsyncWrite + Unpin> ServerEnd<Socket> {
    pub fn new(socket: Socket) -> Self {
        Self {
            socket,
            arrived: String::new(),
        }
    }

    /// Reads until `end` has come, and gives everything up to there.
    pub async fn read_until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.arrived.find(end) {
                let rest = self.arrived.split_off(at + end.len());
                return std::mem::replace(&mut self.arrived, rest);
            }
            let mut buffer = [0; 4096];
            let count = self.socket.read(&mut buffer).await.expect("readable");
            assert!(count > 0, "{end} never came: {}", self.arrived);
            self.arrived
                .push_str(std::str::from_utf8(&buffer[..count]).expect("ASCII"));
        }
    }

    pub async fn write(&mut self, xml: &str) {
        self.socket
            .write_all(xml.as_bytes())
            .await
            .expect("writable");
    }

    /// Tells why the stream ends, and ends it. RFC 6120 §4.9.
    pub async fn refuse(&mut self, condition: &str) {
        self.write(&format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             </stream:error></stream:stream>"
        ))
        .await;
    }
}
