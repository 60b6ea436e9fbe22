//! What a right configuration means.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::sync::Arc;

use jid::{BareJid, DomainPart};

use crate::config::*;
use crate::directory::Rules;
use crate::room::setting::configuration::Configuration;
use crate::room::{Role, Terms};

#[test]
fn two_keys_are_enough() {
    let pool = one_pool("");
    assert_eq!(pool.domain, domain("rooms.example.org"));
    assert_eq!(pool.secret.reveal(), "s3same");
    assert_eq!(pool.server.to_string(), "127.0.0.1:5347");
    assert_eq!(pool.database, PathBuf::from("lyceum.db"));
    assert_eq!(pool.durability, Durability::Full);
    assert!(!pool.compliance);
    let terms = Terms {
        served: Arc::new([domain("example.org")].into()),
        ..Terms::default()
    };
    let rules = Rules {
        terms,
        rooms_per_person_max: Some(1_000),
        ..Rules::default()
    };
    assert_eq!(pool.rules, rules);
    assert_eq!(rules.default_category, None);
    assert_eq!(rules.new_room, Configuration::default());
    assert!(rules.retention.is_endless());
    assert_eq!(pool.name, "Chatrooms");
    assert_eq!(pool.lang, "en");
    assert_eq!(pool.contact.fields().count(), 0);
    assert_eq!(pool.limits, Limits::default());
}

#[test]
fn everything_is_kept_unless_it_is_said_for_how_long() {
    assert!(one_pool("").rules.retention.is_endless());
    let written = "[pool.rooms]\nkeep_days = 36525\nkeep_messages = 1_000_000_000";
    let retention = one_pool(written).rules.retention;
    assert_eq!(
        (retention.days, retention.messages),
        (36_525, 1_000_000_000)
    );
    let days_alone = one_pool("[pool.rooms]\nkeep_days = 1").rules.retention;
    assert!(!days_alone.is_endless());
}

#[test]
fn nothing_is_served_over_http_unless_asked_for() {
    assert_eq!(parse("").http, None);
    assert_eq!(parse("[http]").http, None);
    let http = parse("[http]\nlisten = '[::1]:5380'").http;
    assert_eq!(http, Some("[::1]:5380".parse().unwrap()));
}

#[test]
fn a_server_is_written_in_many_ways() {
    for (written, meant) in [
        ("127.0.0.1:5347", "127.0.0.1:5347"),
        ("127.0.0.1", "127.0.0.1:5347"),
        ("xmpp.example.org", "xmpp.example.org:5347"),
        ("xmpp.example.org:8888", "xmpp.example.org:8888"),
        ("prosody", "prosody:5347"),
        ("my_prosody:1", "my_prosody:1"),
        ("[::1]", "[::1]:5347"),
        ("[2001:db8::1]:65535", "[2001:db8::1]:65535"),
    ] {
        let server = one_pool(&format!("server = '{written}'")).server;
        assert_eq!(server.to_string(), meant, "{written}");
    }
}

#[test]
fn names_are_normalised_and_kept_once() {
    let pool = one_pool(
        "served = ['Example.ORG', 'example.org.', 'example.net']
         operators = ['Ann@Example.org', 'ann@example.org']",
    );
    let served = [domain("example.org"), domain("example.net")];
    assert_eq!(*pool.rules.terms.served, served.into());
    let ann = BareJid::new("ann@example.org").unwrap();
    assert_eq!(*pool.rules.terms.operators, BTreeSet::from([ann]));
}

#[test]
fn a_person_may_have_a_thousand_rooms_unless_it_is_said_how_many() {
    let max = |written| one_pool(written).rules.rooms_per_person_max;
    assert_eq!(max(""), Some(1_000));
    assert_eq!(max("[pool.limits]\nrooms_per_user = 5"), Some(5));
    assert_eq!(max("[pool.limits]\nrooms_per_user = 0"), None);
}

#[test]
fn contacts_become_fields_of_the_form() {
    let pool = one_pool(
        "[pool.contact]
         support = ['https://example.org/help', 'xmpp:help@example.org?message']
         admin = ['mailto:admin@example.org']",
    );
    let fields: Vec<_> = pool
        .contact
        .fields()
        .map(|(name, uris)| (name, uris.len()))
        .collect();
    assert_eq!(fields, [("admin-addresses", 1), ("support-addresses", 2)]);
}

#[test]
fn a_rate_of_zero_is_no_limit_and_a_fraction_is_a_rate() {
    let limits = one_pool("[pool.limits]\nmessages_per_second = 0\niqs_per_second = 0.5").limits;
    assert_eq!(limits.messages, None);
    assert_eq!(
        limits.iqs,
        Some(Rate {
            per_second: 0.5,
            burst: 2_000
        })
    );
}

#[test]
fn no_bytes_and_no_invitations_are_no_limits_either() {
    let limits = one_pool("[pool.limits]\nbytes_per_second = 0\ninvitations_per_hour = 0").limits;
    assert_eq!((limits.bytes, limits.invitations_per_hour), (None, None));
    let limits = one_pool("[pool.limits]\nbytes_burst = 10_000\ninvitations_per_hour = 5").limits;
    let burst = limits.bytes.map(|rate| rate.burst);
    assert_eq!(
        (burst, limits.invitations_per_hour),
        (Some(10_000), Some(5))
    );
}

#[test]
fn nobody_has_a_quota_of_the_archive_unless_one_is_set() {
    let quotas = |text: &str| {
        let limits = one_pool(text).limits;
        [
            limits.archive_mib_per_user_per_day,
            limits.archive_mib_per_room_per_day,
        ]
    };
    assert_eq!(quotas(""), [None, None]);
    let written = "archive_mib_per_user_per_day = 20\narchive_mib_per_room_per_day = 0";
    assert_eq!(
        quotas(&format!("[pool.limits]\n{written}")),
        [Some(20), None]
    );
}

#[test]
fn a_lower_ceiling_lowers_the_default_history() {
    let pool = one_pool("[pool.rooms]\nhistory_ceiling = 5");
    assert_eq!(
        (
            pool.rules.new_room.history_max,
            pool.rules.terms.history_ceiling
        ),
        (5, 5)
    );
}

#[test]
fn roles_may_be_listed_twice() {
    let rooms = one_pool("[pool.rooms]\nmember_list_readers = ['visitor', 'moderator', 'visitor']")
        .rules
        .new_room;
    assert_eq!(
        rooms.member_list_readers,
        BTreeSet::from([Role::Visitor, Role::Moderator])
    );
}

#[test]
fn paths_start_from_the_directory_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    fs::write(directory.path().join("secret"), "from a file\r\n").unwrap();
    let path = directory.path().join("lyceum.toml");
    let text = "[[pool]]
        domain = 'rooms.example.org'
        secret_file = 'secret'
        database = 'data/rooms.db'";
    let config = Config::parse(
        text,
        &Surroundings {
            path,
            ..Surroundings::default()
        },
    )
    .unwrap();
    assert_eq!(config.pools[0].secret.reveal(), "from a file");
    assert_eq!(
        config.pools[0].database,
        directory.path().join("data/rooms.db")
    );
}

#[test]
fn the_environment_speaks_for_pools_without_a_secret_of_their_own() {
    let text = "[[pool]]
        domain = 'a.example.org'
        [[pool]]
        domain = 'b.example.org'
        database = 'b.db'
        secret = 'its own'";
    let secret = Some(OsString::from("of all"));
    let config = Config::parse(
        text,
        &Surroundings {
            path: "lyceum.toml".into(),
            secret,
            ..Surroundings::default()
        },
    )
    .unwrap();
    let secrets: Vec<_> = config
        .pools
        .iter()
        .map(|pool| pool.secret.reveal())
        .collect();
    assert_eq!(secrets, ["of all", "its own"]);
}

#[test]
fn a_secret_is_shown_to_nobody() {
    let shown = format!("{:?}", one_pool(""));
    assert!(!shown.contains("s3same"), "{shown}");
}

#[test]
fn a_port_meant_for_others_is_a_warning() {
    let config = parse("server = 'localhost:5222'");
    assert_eq!(
        config.warnings,
        [
            "lyceum.toml:4:10: port 5222 is where servers listen for clients; components have one \
          of their own, by custom 5347"
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_secret_that_everyone_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lyceum.toml");
    let secret = directory.path().join("secret");
    fs::write(&secret, "s3same\n").unwrap();
    fs::write(
        &path,
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret_file = 'secret'\n",
    )
    .unwrap();
    for (mode, warnings) in [(0o644, 1), (0o640, 0)] {
        fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!(config.warnings.len(), warnings, "{:?}", config.warnings);
    }
    fs::write(
        &path,
        "[[pool]]\ndomain = 'rooms.example.org'\nsecret = 's3same'\n",
    )
    .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    assert_eq!(
        Config::load(&path).unwrap().warnings,
        [format!(
            "{path}:3:10: every user of this machine can read the secret in {path}; run: \
             chmod o-r {path}",
            path = path.display()
        )]
    );
}

#[test]
fn the_first_of_the_usual_places_that_is_there_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let (here, there) = (
        directory.path().join("here"),
        directory.path().join("there"),
    );
    let places: [&Path; 2] = [&here, &there];
    let told = find(&places).unwrap_err().to_string();
    let both = format!("{} or {}: there is no", here.display(), there.display());
    assert!(told.starts_with(&both), "{told}");
    fs::write(&there, "").unwrap();
    assert_eq!(find(&places).unwrap(), there);
    fs::write(&here, "").unwrap();
    assert_eq!(find(&places).unwrap(), here);
    assert_eq!(USUAL_PATHS, ["lyceum.toml", "/etc/lyceum/lyceum.toml"]);
}

fn parse(more: &str) -> Config {
    let text = format!("[[pool]]\ndomain = 'rooms.example.org'\nsecret = 's3same'\n{more}");
    let surroundings = Surroundings {
        path: PathBuf::from("lyceum.toml"),
        ..Surroundings::default()
    };
    Config::parse(&text, &surroundings).unwrap()
}

fn one_pool(more: &str) -> Pool {
    let mut config = parse(more);
    assert_eq!(config.warnings, Vec::<String>::new());
    config.pools.remove(0)
}

fn domain(name: &str) -> DomainPart {
    DomainPart::new(name).unwrap().into_owned()
}
