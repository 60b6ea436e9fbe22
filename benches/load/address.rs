//! The addresses of everybody and everything in a benchmark.
//!
//! They are numbers of seven digits behind a letter, so that an address is written and read back
//! in a few nanoseconds. User 12 is `u0000012@example.org/load` and has the nick `n0000012` in
//! whatever room it is in; so a presence is a user's own when the two numbers agree.

/// The component's domain.
pub const DOMAIN: &str = "rooms.example.org";

/// Who may do everything in every room.
pub const OPERATOR: &str = "operator@example.org";

/// Appends the full JID of a user.
pub fn write_user(out: &mut Vec<u8>, user: usize) {
    write_number(out, b'u', user);
    out.extend_from_slice(b"@example.org/load");
}

/// Appends the JID of a room.
pub fn write_room(out: &mut Vec<u8>, room: usize) {
    write_number(out, b'r', room);
    out.extend_from_slice(b"@rooms.example.org");
}

/// Appends the occupant JID of a user in a room.
pub fn write_occupant(out: &mut Vec<u8>, room: usize, user: usize) {
    write_room(out, room);
    write_number_after(out, b"/n", user);
}

/// Appends a letter and a number, which [`number`] reads back.
pub fn write_number(out: &mut Vec<u8>, letter: u8, number: usize) {
    write_number_after(out, &[letter], number);
}

/// The number at the beginning of a text, behind that letter.
pub fn number(letter: u8, text: &[u8]) -> Option<usize> {
    let (first, rest) = text.split_first()?;
    let digits = rest.first_chunk::<DIGITS>()?;
    if *first != letter {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + usize::from(digit - b'0')),
        _ => None,
    })
}

/// The user whose full JID this is.
pub fn user(jid: &[u8]) -> Option<usize> {
    number(b'u', jid)
}

/// The room and, from an occupant JID, the user behind the nick.
pub fn occupant(jid: &[u8]) -> Option<(usize, Option<usize>)> {
    let room = number(b'r', jid)?;
    let nick = jid.get(ROOM_LENGTH + 1..);
    Some((room, nick.and_then(|nick| number(b'n', nick))))
}

const DIGITS: usize = 7;

/// Of a room's JID, in bytes.
const ROOM_LENGTH: usize = 1 + DIGITS + 1 + DOMAIN.len();

fn write_number_after(out: &mut Vec<u8>, prefix: &[u8], mut number: usize) {
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
    out.extend_from_slice(prefix);
    out.extend_from_slice(&digits);
}
