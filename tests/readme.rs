//! Every example of the README and of docs/ runs as it stands there, at a terminal, with the answer
//! "y" where it is asked.
//!
//! Only what is the machine's differs: the directories that it names lie below another root, nobody
//! becomes another user, and the configuration is found in the directory where the command is typed
//! rather than in /etc.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::servers::Prosody;

/// How many examples there are at least, so that none is lost when the pages' form changes.
const EXAMPLES_MIN: usize = 22;

/// Directories of the machine that the examples name.
const DIRECTORIES: [&str; 4] = [
    "/var/lib/lyceum",
    "/var/lib/prosody",
    "/var/lib/ejabberd",
    "/var/backups",
];

fn tree() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages for those who run the service.
fn pages() -> Vec<PathBuf> {
    let documents = fs::read_dir(tree().join("docs")).unwrap();
    let mut pages: Vec<_> = documents.map(|document| document.unwrap().path()).collect();
    pages.sort();
    pages.insert(0, tree().join("README.md"));
    pages
}

/// The lines of these pages that are set as they are typed.
fn typed() -> Vec<String> {
    let texts: Vec<_> = pages()
        .iter()
        .map(|page| fs::read_to_string(page).unwrap())
        .collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    let lines = lines.filter(|line| line.starts_with("    "));
    lines.map(|line| without_remark(line.trim())).collect()
}

/// The line without what stands to the right of it to explain it.
fn without_remark(line: &str) -> String {
    let gaps = line.match_indices("  ");
    let is_remark = |rest: &str| !rest.trim_start().starts_with(['-', '/', '"']);
    let remark = gaps.map(|(at, _)| at).find(|at| is_remark(&line[*at..]));
    let line = remark.map_or(line, |at| &line[..at]);
    line.trim().to_owned()
}

/// The examples of the program's own commands, each once: some stand on two pages.
fn examples() -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut lines = typed();
    lines.retain(|line| seen.insert(line.clone()));
    lines.retain(|line| line.starts_with("lyceum ") || line.starts_with("sudo -u lyceum lyceum "));
    lines
}

/// The groups that the rooms of the original product are for.
const GROUPS: &str = "traders = ['ann@example.org']\n";

/// A machine with a service that has one room, `hall`, and what the examples read.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new(server: &str) -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for directory in DIRECTORIES.iter().chain(&["/bin", "/here"]) {
            fs::create_dir_all(machine.path(directory)).unwrap();
        }
        let program = env!("CARGO_BIN_EXE_lyceum");
        std::os::unix::fs::symlink(program, machine.path("/bin/lyceum")).unwrap();
        let sudo = machine.path("/bin/sudo");
        fs::write(
            &sudo,
            "#!/bin/sh\n[ \"$1\" = -u ] && shift 2 && exec \"$@\"\n",
        )
        .unwrap();
        fs::set_permissions(&sudo, fs::Permissions::from_mode(0o755)).unwrap();
        machine.configure(server, "secret");
        machine.make_database();
        machine.give("prosody-internal", "/var/lib");
        let data = machine.path("/var/lib/prosody-internal");
        fs::remove_dir(machine.path("/var/lib/prosody")).unwrap();
        fs::rename(data, machine.path("/var/lib/prosody")).unwrap();
        machine.give("prosody.sqlite", "/var/lib/prosody/prosody.sqlite");
        machine.give("ejabberd.sqlite", "/var/lib/ejabberd/ejabberd.db");
        machine.give("ejabberd-dump.txt", "/var/lib/ejabberd/dump.txt");
        machine.give("lync/json-lines", "/here/export");
        machine.give("lync/map.toml", "/here/map.toml");
        machine
    }

    /// Where a path of the machine really is.
    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path.trim_start_matches('/'))
    }

    fn configure(&self, server: &str, secret: &str) {
        let text = format!(
            "[[pool]]\ndomain = 'rooms.example.org'\nsecret = '{secret}'\nserver = '{server}'\n\
             database = '{}'\ncompliance = true\ngroups = 'groups.toml'\n",
            self.path("/var/lib/lyceum/lyceum.db").display()
        );
        fs::write(self.path("/here/groups.toml"), GROUPS).unwrap();
        let path = self.path("/here/lyceum.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Puts what the tests know of another server where the server has it.
    fn give(&self, name: &str, path: &str) {
        let copied = Command::new("cp")
            .arg("-R")
            .arg(tree().join("tests/transfer").join(name))
            .arg(self.path(path))
            .status();
        assert!(copied.unwrap().success());
    }

    /// Has the service make its database, as it does at its first start.
    fn make_database(&self) {
        let mut service = Command::new(env!("CARGO_BIN_EXE_lyceum"))
            .args(["serve", "--log", "info"])
            .current_dir(self.path("/here"))
            .env_remove("LYCEUM_SECRET")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(service.stderr.take().unwrap()).lines();
        let is_open = |line: std::io::Result<String>| line.unwrap().contains("link: ");
        assert!(lines.any(is_open));
        let stopped = Command::new("kill").arg(service.id().to_string()).status();
        assert!(stopped.unwrap().success());
        // It says more until it ends.
        assert!(lines.all(|line| line.is_ok()));
        assert!(service.wait().unwrap().success());
    }

    /// Types a line at a terminal, and `y` if something is asked.
    fn type_in(&self, line: &str) -> Output {
        let mut line = line.to_owned();
        for directory in DIRECTORIES {
            let there = self.path(directory).display().to_string();
            line = line.replace(directory, &there);
        }
        let path = format!("{}:/usr/bin:/bin", self.path("/bin").display());
        let mut terminal = Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(self.path("/here"))
            .env("PATH", path)
            .env("RUST_LOG", "warn")
            .env_remove("LYCEUM_SECRET")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script(1) is part of every Debian");
        let mut keys = terminal.stdin.take().unwrap();
        // Whoever asks nothing may have ended before.
        let _ = keys.write_all(b"y\n");
        let output = terminal.wait_with_output().unwrap();
        drop(keys);
        output
    }

    /// What the terminal shows, but for the answer that was typed.
    #[track_caller]
    fn done(&self, line: &str) -> String {
        let output = self.type_in(line);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}\n{told}");
        let told = told.replacen("y\r\n", "", 1);
        told.replace("\r\n", "\n")
    }
}

#[test]
fn every_example_runs_as_it_stands() {
    let examples = examples();
    assert!(examples.len() >= EXAMPLES_MIN, "{examples:#?}");
    let full = with_a_room();
    let empty = Machine::new("127.0.0.1:1");
    for file in [
        "/here/rooms.jsonl",
        "/here/hall.jsonl",
        "/var/lib/lyceum/hall.jsonl",
    ] {
        full.done(&format!(
            "lyceum export hall --output {}",
            full.path("/here/of-hall.jsonl").display()
        ));
        fs::copy(full.path("/here/of-hall.jsonl"), full.path(file)).unwrap();
    }
    for line in examples
        .iter()
        .filter(|line| !line.ends_with("lyceum check"))
    {
        // What is brought in comes to an installation where it isn't yet, unless it gets another
        // name.
        let is_new = line.contains("lyceum import") && !line.contains("--as");
        if !is_new {
            let told = full.done(line);
            if line.contains("message replace") {
                assert!(told.contains("[y/N] Replaced"), "it has asked: {told}");
            }
            continue;
        }
        let fresh = Machine::new("127.0.0.1:1");
        for file in ["/here/rooms.jsonl", "/var/lib/lyceum/hall.jsonl"] {
            fs::copy(full.path("/here/of-hall.jsonl"), fresh.path(file)).unwrap();
        }
        // The export that the tests have is damaged in places, which its exit code may tell.
        if line.contains("--from lync") {
            let output = fresh.type_in(line);
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(told.contains("imported, 8 messages"), "{line}: {told}");
            continue;
        }
        let told = fresh.done(line);
        assert!(
            told.contains("imported, ") && !told.contains(" 0 messages"),
            "{line}: {told}"
        );
    }
    assert_eq!(empty.done("lyceum room list"), "There are no rooms.\n");
}

fn with_a_room() -> Machine {
    let machine = Machine::new("127.0.0.1:1");
    machine.done(
        "lyceum import --from prosody --host conference.example.org /var/lib/prosody --room tea --as hall",
    );
    machine
}

#[test]
fn the_check_finds_nothing_wrong_beside_a_server_of_the_examples() {
    let server = Prosody::start();
    let machine = Machine::new("127.0.0.1:1");
    machine.configure(
        &format!("127.0.0.1:{}", server.component_port),
        &server.secret,
    );
    let lines = examples();
    let line = lines.iter().find(|line| line.ends_with("lyceum check"));
    let told = machine.done(line.expect("it is told of"));
    let good = told.lines().all(|line| line.starts_with("ok: "));
    assert!(good, "{told}");
    assert!(
        told.contains("example.org tells since when it runs"),
        "{told}"
    );
}

#[test]
fn somebody_at_a_terminal_sees_how_much_of_how_much_is_done() {
    let machine = with_a_room();
    let told = machine.done("lyceum export --output all.jsonl");
    assert!(
        !told.contains("message"),
        "an export as small as this is done at once: {told}"
    );
    let fresh = Machine::new("127.0.0.1:1");
    fs::copy(
        machine.path("/here/all.jsonl"),
        fresh.path("/here/all.jsonl"),
    )
    .unwrap();
    let told = fresh.done("lyceum import all.jsonl");
    let (_, count) = told.split_once("imported, ").unwrap();
    let count = count.split_whitespace().next().unwrap();
    assert!(
        told.contains(&format!("{count} of {count} messages …")),
        "{told:?}"
    );
    let told = fresh.done("lyceum message remove hall --after 2000-01-01 --yes");
    assert!(
        told.contains(" of ") && told.contains(" messages …"),
        "{told:?}"
    );
}

#[test]
fn what_the_examples_install_is_in_the_tree() {
    let lines = typed();
    let installs = lines
        .iter()
        .filter_map(|line| line.strip_prefix("install -m "));
    let files: Vec<_> = installs
        .map(|line| {
            line.split_whitespace()
                .filter(|word| !word.starts_with('-'))
                .rev()
                .nth(1)
                .unwrap()
        })
        .collect();
    assert_eq!(
        files,
        [
            "target/release/lyceum",
            "lyceum.example.toml",
            "docker/systemd/lyceum.service"
        ]
    );
    for file in &files[1..] {
        assert!(tree().join(file).exists(), "{file}");
    }
}

/// The anchor that a heading has when it is shown: in small letters, with hyphens for blanks.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let is_kept =
        |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_');
    let kept: String = heading.chars().filter(is_kept).collect();
    kept.replace(' ', "-")
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    let mut pages = pages();
    pages.push(tree().join("CONTRIBUTING.md"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for link in text.split("](").skip(1) {
            let (link, _) = link.split_once(')').expect("a link ends");
            if link.starts_with("https://") {
                continue;
            }
            count += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(file)
            };
            let has_heading = |text: String| {
                text.lines()
                    .any(|line| line.starts_with('#') && anchor(line) == heading)
            };
            let leads = target.exists()
                && (heading.is_empty() || fs::read_to_string(&target).is_ok_and(has_heading));
            if !leads {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(count >= 15, "links are found: {count}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The files and folders that a table of CONTRIBUTING names.
#[test]
fn every_file_that_contributors_are_sent_to_is_there() {
    let text = fs::read_to_string(tree().join("CONTRIBUTING.md")).unwrap();
    let named = text.split('`').skip(1).step_by(2);
    let is_file = |word: &&str| {
        ["src/", "tests/", "docker/", "schema/", "benches/"]
            .iter()
            .any(|folder| word.starts_with(folder))
            && !word.contains(['*', ' '])
            && !word.contains("node_modules")
    };
    let named: Vec<_> = named.filter(is_file).collect();
    assert!(named.len() > 20, "{named:?}");
    let gone: Vec<_> = named
        .iter()
        .filter(|file| !tree().join(file).exists())
        .collect();
    assert!(gone.is_empty(), "{gone:?}");
}
