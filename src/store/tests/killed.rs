//! The process ends without warning, at any moment: what was reported is there.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rand::RngExt;

use super::check::check;
use super::*;
use crate::finding::Severity;

#[test]
fn whatever_was_reported_outlives_the_end_of_the_process() {
    let mut random = rand::rng();
    for _ in 0..5 {
        let directory = TempDir::new().unwrap();
        let settings = in_file(&directory);
        for _ in 0..10 {
            let delay = Duration::from_micros(random.random_range(0..60_000));
            let reported = run_and_kill(&settings, delay);
            assert_eq!(check(&settings.path).last().unwrap().severity, Severity::Ok);
            let store = Store::open(&settings).unwrap();
            let kept = store
                .recent_messages(&room("lobby"), &at_most(u32::MAX))
                .unwrap();
            assert!(kept.len() >= reported, "{} of {reported}", kept.len());
            assert_eq!(kept.len() % BATCH, 0, "a batch was torn apart");
            for (number, kept) in (0..).zip(kept) {
                assert_eq!(kept, message(number));
            }
        }
    }
}

/// Lets a process write until the delay after its first report, ends it, and counts the messages
/// that it reported or found.
fn run_and_kill(settings: &DatabaseSettings, delay: Duration) -> usize {
    let program = env::current_exe().unwrap();
    let part = "store::tests::killed::write_until_killed";
    let mut child = command_of_part(&program, part, &settings.path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.find_map(|line| reported(&line.unwrap())).unwrap();
    thread::sleep(delay);
    end(&mut child);
    // The last line may have been cut off in its middle; a shorter number is a lower one.
    let rest = lines
        .map_while(Result::ok)
        .filter_map(|line| reported(&line));
    rest.last().unwrap_or(first)
}

fn reported(line: &str) -> Option<usize> {
    line.strip_prefix("reported: ")?.parse().ok()
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
#[ignore = "a part of whatever_was_reported_outlives_the_end_of_the_process"]
fn write_until_killed() {
    let Some(path) = database_of_part() else {
        return;
    };
    let lobby = room("lobby");
    let durability = Synchronous::Full;
    let mut store = Store::open(&DatabaseSettings {
        path: path.into(),
        durability,
        searchable: |_| "".into(),
    })
    .unwrap();
    if !store.room_exists(&lobby).unwrap() {
        store.create(&lobby, [7; 32], Timestamp(1));
        commit(&mut store);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut next = store
        .recent_messages(&lobby, &at_most(u32::MAX))
        .unwrap()
        .len() as u32;
    println!();
    // Each batch with the number of messages there are after it.
    let mut awaited = VecDeque::new();
    loop {
        for _ in 0..next % 7 / 2 + 1 {
            for _ in 0..BATCH {
                store.archive(&lobby, message(next), "hello".into());
                next += 1;
            }
            awaited.push_back((store.submit().unwrap(), next));
        }
        let StoreReport::Committed(number) = runtime.block_on(store.report()) else {
            panic!("it failed")
        };
        while let Some((_, count)) = awaited.pop_front_if(|(batch, _)| *batch <= number) {
            println!("reported: {count}");
        }
        std::io::stdout().flush().unwrap();
    }
}

/// The command that runs a part of a test in a process of its own, to be killed or to have other
/// rights. The part is a test that is ignored, of `program`, which is this one or a copy of it; it
/// is told its database.
pub fn command_of_part(program: &Path, part: &str, database: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--exact", part, "--ignored", "--nocapture"])
        .env(DATABASE, database);
    command
}

/// The database that a part was told; none when somebody runs all tests that are ignored.
pub fn database_of_part() -> Option<OsString> {
    env::var_os(DATABASE)
}

const DATABASE: &str = "LYCEUM_TEST_DATABASE";

/// Messages of a batch.
const BATCH: usize = 3;
