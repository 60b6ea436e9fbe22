//! `[pool.rooms]`: what a room is like before its owner configures it, and what they may choose.
//!
//! The keys are the names of the core's [`Setting`]s, which loop through here, and the defaults are
//! the core's too: those of [`Rules`].

use crate::directory::{Retention, Rules};
use crate::room::setting::{Kind, Setting, Value};
use crate::room::{Role, RoomDelete, Terms};

use super::address;
use super::section::Section;

pub(super) const SECTION: &str = "[pool.rooms]";

const HISTORY_CEILING: u32 = 5_000;
const ADMINS_CEILING: u32 = 1_000_000;
/// A day, in seconds.
const WAIT_CEILING: u32 = 86_400;

/// Reads the section into the rules: what a new room is like, how long messages are kept, and what
/// holds for all rooms. What is wrong is noted and its default taken.
pub(super) fn read(mut section: Section<'_, '_>, rules: &mut Rules) {
    read_terms(&mut section, &mut rules.terms);
    rules.retention = Retention {
        days: section.whole("keep_days", 0, 0..=Retention::DAYS_MAX, "days"),
        messages: section.whole("keep_messages", 0, 0..=Retention::MESSAGES_MAX, "messages"),
    };
    let history_ceiling = rules.terms.history_ceiling;
    for setting in Setting::ALL {
        let default = rules.new_room.get(setting);
        let value = read_setting(&mut section, setting, default, history_ceiling);
        rules
            .new_room
            .set(setting, value)
            .expect("a value is read by its setting's kind");
    }
    section.finish();
}

/// Reads what a new room has of a setting; the default where nothing is written.
fn read_setting(
    section: &mut Section<'_, '_>,
    setting: Setting,
    default: Value,
    history_ceiling: u32,
) -> Value {
    let key = setting.name();
    match (setting.kind(), default) {
        // No room begins disabled.
        (_, default) if setting == Setting::Disabled => default,
        (Kind::Flag, Value::Flag(default)) => section.flag(key, default).into(),
        (Kind::Word(names), Value::Word(default)) => {
            let words: Vec<_> = names.iter().map(|name| (*name, *name)).collect();
            Value::Word(section.choice(key, default, &words))
        }
        (Kind::Roles, Value::Roles(default)) => {
            let roles =
                [Role::Moderator, Role::Participant, Role::Visitor].map(|role| (role.name(), role));
            section.choices(key, &roles).unwrap_or(default).into()
        }
        (Kind::Limit { max, unit }, Value::Limit(default)) => {
            let limit = section.whole(key, default.unwrap_or(0), 0..=max, unit);
            (limit > 0).then_some(limit).into()
        }
        (Kind::Number { unit }, Value::Number(default)) => {
            // A lower ceiling alone is not a mistake: the default follows it down.
            let default = default.min(history_ceiling);
            section
                .whole(key, default, 0..=history_ceiling, unit)
                .into()
        }
        (Kind::Text { .. }, _) if setting == Setting::Language => {
            address::language_or_none(section, key).as_str().into()
        }
        // A name, a description, a password or a node of its own is for one room, not for all.
        (_, default) => default,
    }
}

/// What holds for all rooms, whatever their owners choose.
fn read_terms(section: &mut Section<'_, '_>, terms: &mut Terms) {
    terms.history_ceiling = section.whole(
        "history_ceiling",
        terms.history_ceiling,
        0..=HISTORY_CEILING,
        "messages",
    );
    terms.reserve_for_admins = section.whole(
        "reserve_for_admins",
        terms.reserve_for_admins,
        0..=ADMINS_CEILING,
        "occupants",
    );
    terms.room_delete = section.choice(
        "room_delete",
        terms.room_delete,
        &[
            ("managers", RoomDelete::Managers),
            ("operators", RoomDelete::Operators),
        ],
    );
    terms.unlock_after_s = seconds(section, "unlock_after_s", terms.unlock_after_s);
    terms.voice_request_interval_s = seconds(
        section,
        "voice_request_interval_s",
        terms.voice_request_interval_s,
    );
}

/// A time to wait.
fn seconds(section: &mut Section<'_, '_>, key: &'static str, default: i64) -> i64 {
    let default = u32::try_from(default).expect("defaults are short times from now on");
    section
        .whole(key, default, 1..=WAIT_CEILING, "seconds")
        .into()
}
