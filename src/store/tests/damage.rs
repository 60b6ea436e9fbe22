//! Databases that can't be used, each told for what it is; all of them real files.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::check::check;
use super::killed::{command_of_part, database_of_part};
use super::*;
use crate::finding::Severity;

/// Opens what must not open.
fn refusal(settings: &DatabaseSettings) -> Error {
    match Store::open(settings) {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

/// A database with a room and many messages, closed.
fn filled(settings: &DatabaseSettings) {
    let lobby = room("lobby");
    let mut store = Store::open(settings).unwrap();
    store.create(&lobby, [7; 32], Timestamp(1));
    for number in 0..500 {
        store.archive(&lobby, message(number), "hello".into());
    }
    commit(&mut store);
}

/// The worst thing that the check finds.
fn verdict(path: &Path) -> Severity {
    check(path)
        .iter()
        .map(|finding| finding.severity)
        .max()
        .unwrap()
}

#[test]
fn a_database_of_an_earlier_version_is_not_read_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let settings = in_file(&directory);
    drop(Store::open(&settings).unwrap());
    assert!(Picture::of(&settings.path).is_ok());
    let connection = Connection::open(&settings.path).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let error = Picture::of(&settings.path).unwrap_err();
    assert!(matches!(error, Error::Older { .. }), "{error}");
}

#[test]
fn a_sound_database_passes_the_check_also_while_it_is_in_use() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    assert_eq!(check(&settings.path)[0].severity, Severity::Ok);
    assert!(!settings.path.exists());
    filled(&settings);
    assert_eq!(check(&settings.path).last().unwrap().severity, Severity::Ok);
    let store = Store::open(&settings).unwrap();
    assert_eq!(check(&settings.path).last().unwrap().severity, Severity::Ok);
    drop(store);
}

#[test]
fn two_processes_do_not_share_a_database() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let store = Store::open(&settings).unwrap();
    let link = DatabaseSettings {
        path: directory.path().join("other.db"),
        ..settings.clone()
    };
    std::os::unix::fs::symlink(&settings.path, &link.path).unwrap();
    for settings in [&settings, &link] {
        let Error::InUse { holder, .. } = refusal(settings) else {
            panic!()
        };
        assert_eq!(holder, Some(std::process::id()));
    }
    drop(store);
    Store::open(&settings).unwrap();
}

#[test]
fn a_lock_that_another_user_left_is_no_obstacle() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    filled(&settings);
    let lock = settings.path.with_extension("db-lock");
    for (path, mode) in [
        (directory.path(), 0o777),
        (&settings.path, 0o666),
        (&lock, 0o444),
    ] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    assert_eq!(told_to_ordinary_user(&settings), "nothing");
    // Whoever could open the file could keep the service from starting; so it is its user's alone
    // from then on.
    let store = Store::open(&settings).unwrap();
    assert_eq!(
        fs::metadata(&lock).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_ne!(told_to_ordinary_user(&settings), "nothing");
    drop(store);
}

#[test]
fn a_page_that_went_bad_is_damage() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    filled(&settings);
    let file = File::options().write(true).open(&settings.path).unwrap();
    let middle = file.metadata().unwrap().len() / 2 / 4096 * 4096;
    file.write_all_at(&[0xa5; 4096], middle).unwrap();
    let error = refusal(&settings);
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains(".recover"));
    assert_eq!(verdict(&settings.path), Severity::Error);
}

#[test]
fn a_file_that_is_no_database_is_damage_and_stays_as_it_is() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let text = "notes, a shopping list, and whatever else is no database\n".repeat(100);
    fs::write(&settings.path, &text).unwrap();
    assert!(matches!(refusal(&settings), Error::Damaged { .. }));
    assert_eq!(verdict(&settings.path), Severity::Error);
    assert_eq!(fs::read_to_string(&settings.path).unwrap(), text);
}

#[test]
fn the_database_of_another_program_stays_as_it_is() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    for header in [
        "",
        "PRAGMA application_id = 4711",
        "PRAGMA user_version = 3",
    ] {
        let _ = fs::remove_file(&settings.path);
        let connection = Connection::open(&settings.path).unwrap();
        connection
            .execute_batch("CREATE TABLE bookmark (url TEXT)")
            .unwrap();
        connection.execute_batch(header).unwrap();
        drop(connection);
        let before = fs::read(&settings.path).unwrap();
        assert!(matches!(refusal(&settings), Error::Foreign { .. }));
        assert_eq!(verdict(&settings.path), Severity::Error);
        assert_eq!(fs::read(&settings.path).unwrap(), before);
    }
}

#[test]
fn a_newer_database_is_refused_and_stays_as_it_is() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    filled(&settings);
    let connection = Connection::open(&settings.path).unwrap();
    connection
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    drop(connection);
    let before = fs::read(&settings.path).unwrap();
    let error = refusal(&settings);
    assert!(
        matches!(error, Error::Newer { version: 99, .. }),
        "{error:?}"
    );
    assert_eq!(verdict(&settings.path), Severity::Error);
    assert_eq!(fs::read(&settings.path).unwrap(), before);
}

#[test]
fn what_is_not_there_or_no_file_cannot_be_opened() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let nowhere = DatabaseSettings {
        path: directory.path().join("nowhere/lyceum.db"),
        ..settings.clone()
    };
    let folder = DatabaseSettings {
        path: directory.path().to_owned(),
        ..settings
    };
    for settings in [nowhere, folder] {
        let error = refusal(&settings);
        assert!(matches!(error, Error::CannotOpen { .. }), "{error:?}");
        assert_eq!(verdict(&settings.path), Severity::Error);
    }
}

#[test]
fn another_program_that_writes_for_long_is_told_of() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let mut store = Store::open(&settings).unwrap();
    store.on_writer(|connection| connection.busy_timeout(std::time::Duration::ZERO).unwrap());
    let other = Connection::open(&settings.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.set_meta("key", "value");
    assert!(matches!(failure(&mut store), Error::Busy { .. }));
    other.execute_batch("ROLLBACK").unwrap();
    store.resume();
    store.set_meta("key", "value");
    commit(&mut store);
}

#[test]
fn a_full_disk_fails_the_batch_and_loses_nothing_else() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    let lobby = room("lobby");
    filled(&settings);
    let mut store = Store::open(&settings).unwrap();
    let limit = |connection: &Connection, pages: u32| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        connection.execute_batch(&sql).unwrap();
    };
    // A limit below the size of the file is the size of the file.
    store.on_writer(move |connection| limit(connection, 1));
    for number in 500..1000 {
        store.archive(&lobby, message(number), "hello".into());
    }
    let error = failure(&mut store);
    assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9999)).unwrap().len(),
        500
    );
    store.resume();
    store.on_writer(move |connection| limit(connection, 1_000_000));
    store.archive(&lobby, message(500), "hello".into());
    commit(&mut store);
    assert_eq!(
        store.recent_messages(&lobby, &at_most(9999)).unwrap().len(),
        501
    );
}

#[test]
fn a_database_that_turns_read_only_fails_the_batch() {
    let directory = TempDir::new().unwrap();
    let mut store = Store::open(&in_file(&directory)).unwrap();
    store.on_writer(|connection| connection.execute_batch("PRAGMA query_only = 1").unwrap());
    store.set_meta("key", "value");
    assert!(matches!(failure(&mut store), Error::ReadOnly { .. }));
}

#[test]
fn a_file_or_a_directory_without_the_right_to_write_is_told_of() {
    let directory = TempDir::new().unwrap();
    let settings = in_file(&directory);
    filled(&settings);
    let lock = settings.path.with_extension("db-lock");
    let set_mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode));
    // A file that can't be written to, in a directory that can.
    fs::remove_file(&lock).unwrap();
    set_mode(&settings.path, 0o444).unwrap();
    set_mode(directory.path(), 0o777).unwrap();
    assert!(told_to_ordinary_user(&settings).starts_with("ReadOnly"));
    // The other way round.
    fs::remove_file(&lock).unwrap();
    set_mode(&settings.path, 0o666).unwrap();
    set_mode(directory.path(), 0o555).unwrap();
    assert!(told_to_ordinary_user(&settings).starts_with("ReadOnly"));
    set_mode(directory.path(), 0o700).unwrap();
}

/// What somebody is told at opening who has no more rights than the modes of the files give. Who
/// runs the tests may be root, to whom modes mean nothing, so it is a process of its own then.
fn told_to_ordinary_user(settings: &DatabaseSettings) -> String {
    let directory = TempDir::new().unwrap();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    let program = directory.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let part = "store::tests::damage::open_and_tell";
    let mut command = command_of_part(&program, part, &settings.path);
    command.current_dir("/");
    if File::options()
        .append(true)
        .open("/proc/sys/kernel/hostname")
        .is_ok()
    {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let told = output.lines().find_map(|line| line.split_once("told: "));
    told.unwrap_or_else(|| panic!("{output}")).1.to_owned()
}

#[test]
#[ignore = "a part of other tests"]
fn open_and_tell() {
    let Some(path) = database_of_part() else {
        return;
    };
    let settings = DatabaseSettings {
        path: path.into(),
        durability: Synchronous::Full,
        searchable: |_| "hello".into(),
    };
    match Store::open(&settings) {
        Ok(_) => println!("\ntold: nothing"),
        Err(error) => println!("\ntold: {error:?}"),
    }
}

const NOBODY: u32 = 65534;
