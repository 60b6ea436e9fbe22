//! What the users of a benchmark send.

use crate::address::{write_number, write_occupant, write_room, write_user};

/// Enters a room without asking for its history. XEP-0045 §7.2.1 (#enter-muc).
pub fn enter(out: &mut Vec<u8>, room: usize, user: usize) {
    out.extend_from_slice(b"<presence from='");
    write_user(out, user);
    out.extend_from_slice(b"' to='");
    write_occupant(out, room, user);
    out.extend_from_slice(
        b"'><x xmlns='http://jabber.org/protocol/muc'><history maxchars='0'/></x></presence>",
    );
}

/// Leaves it. XEP-0045 §7.14 (#exit).
pub fn leave(out: &mut Vec<u8>, room: usize, user: usize) {
    out.extend_from_slice(b"<presence type='unavailable' from='");
    write_user(out, user);
    out.extend_from_slice(b"' to='");
    write_occupant(out, room, user);
    out.extend_from_slice(b"'/>");
}

/// Opens a room that has just been created, as it is. XEP-0045 §10.1.2 (#createroom-instant).
/// The id of the request is the letter `c` and the room's number.
pub fn open(out: &mut Vec<u8>, room: usize, user: usize) {
    out.extend_from_slice(b"<iq type='set' from='");
    write_user(out, user);
    out.extend_from_slice(b"' to='");
    write_room(out, room);
    out.extend_from_slice(b"' id='");
    write_number(out, b'c', room);
    out.extend_from_slice(
        b"'><query xmlns='http://jabber.org/protocol/muc#owner'>\
          <x xmlns='jabber:x:data' type='submit'/></query></iq>",
    );
}

/// Says something of a hundred bytes to a room. The id is the letter `m` and a number.
pub fn say(out: &mut Vec<u8>, room: usize, user: usize, number: usize) {
    out.extend_from_slice(b"<message from='");
    write_user(out, user);
    out.extend_from_slice(b"' to='");
    write_room(out, room);
    out.extend_from_slice(b"' type='groupchat' id='");
    write_number(out, b'm', number);
    out.extend_from_slice(b"'><body>");
    out.extend_from_slice(BODY);
    out.extend_from_slice(b"</body></message>");
}

/// Asks a room what it is. XEP-0045 §6.4 (#disco-roominfo). The id is the letter `q` and a number.
pub fn ask(out: &mut Vec<u8>, room: usize, user: usize, number: usize) {
    out.extend_from_slice(b"<iq type='get' from='");
    write_user(out, user);
    out.extend_from_slice(b"' to='");
    write_room(out, room);
    out.extend_from_slice(b"' id='");
    write_number(out, b'q', number);
    out.extend_from_slice(b"'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
}

const BODY: &[u8; 100] = b"The quick brown fox jumps over the lazy dog, and the dog, being lazy, \
lets it; both have a fine day.";
