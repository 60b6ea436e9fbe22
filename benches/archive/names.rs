//! The addresses of [`address`] as text.

use jid::BareJid;

use crate::address;

/// The full JID of a person.
pub fn user(number: usize) -> String {
    text(address::write_user, number)
}

/// The bare JID of a person.
pub fn person(number: usize) -> BareJid {
    let full = user(number);
    let bare = full.split('/').next().unwrap_or_default();
    BareJid::new(bare).expect("it is a JID")
}

/// The JID of a room.
pub fn room(number: usize) -> BareJid {
    BareJid::new(&text(address::write_room, number)).expect("it is a JID")
}

/// The nick of a person, everywhere.
pub fn nick(number: usize) -> String {
    text(
        |out, number| address::write_number(out, b'n', number),
        number,
    )
}

fn text(write: impl Fn(&mut Vec<u8>, usize), number: usize) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes, number);
    String::from_utf8(bytes).expect("addresses are ASCII")
}
