//! `[pool.limits]`: how much one user, one stanza, one room may ask of the service.

use crate::directory::Rules;
use crate::room::{List, Terms};

use super::section::Section;

pub(super) const SECTION: &str = "[pool.limits]";

/// Bounds that keep one user from harming the others, and the service from harming the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// The largest stanza taken from a user, in bytes as received.
    pub stanza_size_max: u32,
    /// How deep elements may be nested in a stanza, the stanza itself counted as 1.
    pub depth_max: u32,
    /// How often a user may send a message; `None` means as often as they like.
    pub messages: Option<Rate>,
    /// How often a user may send presence, entering rooms included.
    pub presences: Option<Rate>,
    /// How often a user may send a request (`iq`), reading an archive included.
    pub iqs: Option<Rate>,
    /// Number of people as which all of a domain that is not served count together; `None` means
    /// that each counts alone.
    pub foreign_people_max: Option<u32>,
    /// How many may enter one room; further ones wait in turn. `None`, also while `presences` is:
    /// all who come.
    pub entries: Option<Rate>,
    /// How many bytes of all these a user may send.
    pub bytes: Option<Rate>,
    /// How many people a user may invite in an hour; `None` means any number.
    pub invitations_per_hour: Option<u32>,
    /// What a user's presence may show, in bytes.
    pub presence_size_max: u32,
    /// How much what a user says may add to the archive in a day, in MiB; `None` means any amount.
    pub archive_mib_per_user_per_day: Option<u32>,
    /// How much what is said in a room may add to it in a day, in MiB; `None` means any amount.
    pub archive_mib_per_room_per_day: Option<u32>,
    /// How many stanzas may await their answer before further ones are refused with
    /// `resource-constraint`.
    pub backlog: u32,
}

/// A rate with room for a burst: a bucket that holds `burst` and refills with `per_second`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// How much the bucket gains each second, above 0.
    pub per_second: f64,
    /// What the bucket holds, at least 1.
    pub burst: u32,
}

impl Rate {
    /// As much as several have together, of whom each has this.
    #[must_use]
    pub fn times(self, people: u32) -> Self {
        Self {
            per_second: self.per_second * f64::from(people),
            burst: self.burst.saturating_mul(people),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stanza_size_max: CLIENT_STANZA_SIZE_MAX - HEADROOM,
            depth_max: 100,
            messages: Some(Rate {
                per_second: 10.0,
                burst: 100,
            }),
            // A client that starts enters all its rooms at once and asks several things of each.
            presences: Some(Rate {
                per_second: 20.0,
                burst: 1_000,
            }),
            iqs: Some(Rate {
                per_second: 50.0,
                burst: 2_000,
            }),
            foreign_people_max: Some(5),
            // A room of two thousand is full again in 40 s after the server was started anew;
            // letting them all in costs the server twice as long.
            entries: Some(Rate {
                per_second: 50.0,
                burst: 100,
            }),
            // A message as long as a book page in a second, or a picture for a room.
            bytes: Some(Rate {
                per_second: 131_072.0,
                burst: 4_194_304,
            }),
            invitations_per_hour: Some(1_000),
            presence_size_max: 4_096,
            archive_mib_per_user_per_day: None,
            archive_mib_per_room_per_day: None,
            backlog: 10_000,
        }
    }
}

/// What Prosody, and ejabberd as it is packaged, take for one stanza to or from a client, in bytes.
const CLIENT_STANZA_SIZE_MAX: u32 = 262_144;

/// What the service may add to a stanza on its way: two addresses of at most 3,071 bytes, the ids
/// of XEP-0359 and XEP-0421, a delay.
const HEADROOM: u32 = 8_192;

/// RFC 6120 §13.12: "the maximum stanza size MUST NOT be smaller than 10000 bytes".
const STANZA_SIZE_FLOOR: u32 = 10_000;
/// Prosody ends the link at a stanza of 512 KiB, and what a room adds comes on top.
const STANZA_SIZE_CEILING: u32 = 500_000;
/// What ordinary stanzas need (a form in a query in an IQ is 6 deep), with some to spare.
const DEPTH_FLOOR: u32 = 16;
/// ejabberd dies of 5,000 levels.
const DEPTH_CEILING: u32 = 1_000;
const RATE_CEILING: u32 = 100_000;
const BYTES_CEILING: u32 = 1_000_000_000;
/// What clients say of themselves in a presence, their capabilities and their picture, needs nearly
/// a thousand bytes.
const PRESENCE_SIZE_FLOOR: u32 = 1_000;
/// What is counted in bytes as a `u32`.
const QUOTA_CEILING: u32 = 4_000;
const COUNT_CEILING: u32 = 10_000_000;
const ROOMS_PER_USER: u32 = 1_000;

/// Reads the section; the limits that rooms and the directory keep go into the rules. What is wrong
/// is noted and its default taken.
pub(super) fn read(mut section: Section<'_, '_>, rules: &mut Rules) -> Limits {
    read_terms(&mut section, &mut rules.terms);
    let rooms_per_user = count(&mut section, "rooms_per_user", ROOMS_PER_USER, "rooms");
    rules.rooms_per_person_max = (rooms_per_user > 0).then_some(rooms_per_user.into());
    let default = Limits::default();
    let limits = Limits {
        stanza_size_max: section.whole(
            "stanza_size_max",
            default.stanza_size_max,
            STANZA_SIZE_FLOOR..=STANZA_SIZE_CEILING,
            "bytes",
        ),
        depth_max: section.whole(
            "depth_max",
            default.depth_max,
            DEPTH_FLOOR..=DEPTH_CEILING,
            "levels",
        ),
        messages: rate(
            &mut section,
            ["messages_per_second", "messages_burst"],
            default.messages,
            ["messages per second", "messages"],
        ),
        presences: rate(
            &mut section,
            ["presences_per_second", "presences_burst"],
            default.presences,
            ["presences per second", "presences"],
        ),
        iqs: rate(
            &mut section,
            ["iqs_per_second", "iqs_burst"],
            default.iqs,
            ["requests per second", "requests"],
        ),
        foreign_people_max: most(
            &mut section,
            "foreign_people_max",
            default.foreign_people_max,
            "people",
        ),
        entries: entries(&mut section, default.entries),
        bytes: bytes_rate(&mut section, default.bytes),
        invitations_per_hour: most(
            &mut section,
            "invitations_per_hour",
            default.invitations_per_hour,
            "invitations",
        ),
        presence_size_max: section.whole(
            "presence_size_max",
            default.presence_size_max,
            PRESENCE_SIZE_FLOOR..=STANZA_SIZE_CEILING,
            "bytes",
        ),
        archive_mib_per_user_per_day: quota(&mut section, "archive_mib_per_user_per_day"),
        archive_mib_per_room_per_day: quota(&mut section, "archive_mib_per_room_per_day"),
        backlog: section.whole("backlog", default.backlog, 100..=COUNT_CEILING, "stanzas"),
    };
    section.finish();
    limits
}

/// The limits that rooms keep themselves.
fn read_terms(section: &mut Section<'_, '_>, terms: &mut Terms) {
    terms.sessions_per_person_max = bound(
        section,
        "sessions_per_user_in_room",
        terms.sessions_per_person_max,
        "sessions",
    );
    terms.items_max = bound(section, "items_per_request", terms.items_max, "items");
    for list in List::ALL {
        let most = bound(
            section,
            list.row().limit,
            terms.lists_max.of(list),
            "entries",
        );
        terms.lists_max.set(list, most);
    }
    terms.corrections_max = section.whole(
        "corrections_per_message",
        terms.corrections_max,
        1..=COUNT_CEILING,
        "corrections",
    );
}

/// A number of things that must be at least one.
fn bound(
    section: &mut Section<'_, '_>,
    key: &'static str,
    default: usize,
    unit: &'static str,
) -> usize {
    let default = u32::try_from(default).expect("defaults are within the range");
    section.whole(key, default, 1..=COUNT_CEILING, unit) as usize
}

/// A rate from its two keys, the one per second and the one for the burst.
fn rate(
    section: &mut Section<'_, '_>,
    [per_second, burst]: [&'static str; 2],
    default: Option<Rate>,
    units: [&'static str; 2],
) -> Option<Rate> {
    let default = default.expect("every rate has a default");
    let per_second = section.number(per_second, default.per_second, RATE_CEILING, units[0]);
    let burst = section.whole(burst, default.burst, 1..=RATE_CEILING, units[1]);
    (per_second > 0.0).then_some(Rate { per_second, burst })
}

/// The rate of bytes. A burst holds the smallest stanza that XMPP allows; a larger one passes after
/// a rest.
fn bytes_rate(section: &mut Section<'_, '_>, default: Option<Rate>) -> Option<Rate> {
    let default = default.expect("the rate has a default");
    let (key, unit) = ("bytes_per_second", "bytes per second");
    let per_second = section.number(key, default.per_second, BYTES_CEILING, unit);
    let range = STANZA_SIZE_FLOOR..=BYTES_CEILING;
    let burst = section.whole("bytes_burst", default.burst, range, "bytes");
    (per_second > 0.0).then_some(Rate { per_second, burst })
}

/// An amount a day; 0 is no limit, and so is the default.
fn quota(section: &mut Section<'_, '_>, key: &'static str) -> Option<u32> {
    let mib = section.whole(key, 0, 0..=QUOTA_CEILING, "MiB");
    (mib > 0).then_some(mib)
}

/// How many one room lets in.
fn entries(section: &mut Section<'_, '_>, default: Option<Rate>) -> Option<Rate> {
    let keys = ["entries_per_second", "entries_burst"];
    rate(section, keys, default, ["entries per second", "entries"])
}

/// A number that is no limit when it is 0.
fn most(
    section: &mut Section<'_, '_>,
    key: &'static str,
    default: Option<u32>,
    unit: &'static str,
) -> Option<u32> {
    let most = count(section, key, default.unwrap_or_default(), unit);
    (most > 0).then_some(most)
}

fn count(
    section: &mut Section<'_, '_>,
    key: &'static str,
    default: u32,
    unit: &'static str,
) -> u32 {
    section.whole(key, default, 0..=COUNT_CEILING, unit)
}
