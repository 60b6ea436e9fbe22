//! Addresses as URIs, for those who are sent elsewhere. RFC 5122, XEP-0147.

use std::fmt::Write;

use jid::Jid;

/// The URI that opens a room in a client. XEP-0045 §16.7.1 (#registrar-querytypes-join).
pub fn to_join(room: &Jid) -> String {
    let mut uri = String::from("xmpp:");
    if let Some(node) = room.node() {
        encode(&mut uri, node.as_str());
        uri.push('@');
    }
    encode(&mut uri, room.domain().as_str());
    if let Some(resource) = room.resource() {
        uri.push('/');
        encode(&mut uri, resource.as_str());
    }
    uri.push_str("?join");
    uri
}

/// Percent-encodes all but what RFC 3986 §2.3 leaves as it is, and what makes an IPv6 address.
fn encode(uri: &mut String, part: &str) {
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'['
            | b']'
            | b':' => {
                uri.push(char::from(byte));
            }
            // Writing to a String never fails.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_uri_can_not_hold_is_encoded() {
        let room = Jid::new("caf\u{e9}#1@chat.example/a b?").unwrap();
        assert_eq!(
            to_join(&room),
            "xmpp:caf%C3%A9%231@chat.example/a%20b%3F?join"
        );
    }
}
