//! The configuration of the service in scenarios.

use std::path::Path;

use lyceum::directory::CategoryList;
use lyceum::room::scope::{CategoryId, Principal};
use lyceum::store::{DatabaseSettings, Store, Synchronous};
use lyceum::wire::content::searchable;

use super::scenario::{SERVICE, Scenario};

/// The component's secret.
pub const SECRET: &str = "s3cret";

/// The configuration file for a scenario, with the address where its server listens. What the
/// scenario says itself takes the place of what is said for all.
pub fn of(scenario: &Scenario, server: &str) -> String {
    let mut text =
        format!("[[pool]]\ndomain = '{SERVICE}'\nsecret = '{SECRET}'\nserver = '{server}'\n");
    let defaults = DEFAULTS.iter().filter(|(key, _)| {
        !scenario
            .service
            .iter()
            .any(|line| line.split('=').next().map(str::trim) == Some(key))
    });
    for (key, value) in defaults {
        text.push_str(&format!("{key} = {value}\n"));
    }
    for line in &scenario.service {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The configuration with another line in the place of the one with the same key.
pub fn changed(text: &str, line: &str) -> String {
    let key = |line: &str| line.split('=').next().map(|key| key.trim().to_owned());
    let lines = text.lines().filter(|old| key(old) != key(line));
    let lines: Vec<_> = lines.chain([line]).collect();
    lines.join("\n")
}

/// Lets people of all servers into the rooms of the first category: the stories of scenarios have
/// strangers.
pub fn open_general(store: &mut Store) {
    let everybody = vec![(Principal::Everybody, true)];
    store.set_category_list(CategoryId::GENERAL, CategoryList::Allowed, everybody);
    store.flush();
}

/// The same in a file, which is made.
///
/// # Errors
/// Why it can't be made.
pub fn open_general_in(database: &Path) -> Result<(), String> {
    let settings = DatabaseSettings {
        path: database.to_owned(),
        durability: Synchronous::Normal,
        searchable: searchable::text_of_archived,
    };
    let store = Store::open(&settings);
    open_general(&mut store.map_err(|error| error.to_string())?);
    Ok(())
}

/// What all scenarios have: nothing is slowed down, and nothing waits for a disk.
const DEFAULTS: [(&str, &str); 8] = [
    ("database", "'lyceum.db'"),
    ("durability", "'relaxed'"),
    ("operators", "['admin@example.org']"),
    ("limits.messages_per_second", "0"),
    ("limits.presences_per_second", "0"),
    ("limits.iqs_per_second", "0"),
    ("limits.bytes_per_second", "0"),
    ("limits.invitations_per_hour", "0"),
];
