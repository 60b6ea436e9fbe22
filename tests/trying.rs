//! `make run`: what somebody finds who tries Lyceum out.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// `docker/try.sh` under way.
struct Trial {
    script: Child,
    folder: TempDir,
    port: u16,
    printed: String,
    /// What it says later; it must be able to.
    output: BufReader<ChildStdout>,
}

impl Trial {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        // What an earlier one has left, when this was not looked after yet.
        let before = folder.path().join("run/prosody");
        fs::create_dir_all(&before).unwrap();
        fs::write(before.join("left"), "secret").unwrap();
        fs::set_permissions(before.join("left"), fs::Permissions::from_mode(0o644)).unwrap();
        let tree = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut script = Command::new(tree.join("docker/try.sh"))
            .env("RUN", folder.path().join("run"))
            .env("LYCEUM", env!("CARGO_BIN_EXE_lyceum"))
            .env("C2S_PORT", port.to_string())
            .env_remove("LYCEUM_SECRET")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(script.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.ends_with("Ctrl-C stops both.\n") {
            let length = output.read_line(&mut printed).unwrap();
            assert!(length > 0, "it has ended: {printed}");
        }
        Self {
            script,
            folder,
            port,
            printed,
            output,
        }
    }

    /// Ends it as Ctrl-C does.
    fn stop(&mut self) {
        let id = self.script.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.unwrap().success());
        assert!(self.script.wait().unwrap().success());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("Stopped."), "{rest}");
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join("run")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                files.push(path);
            }
        }
        files
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // It ends what it has started when it is asked to; it may have ended before.
        let id = self.script.id().to_string();
        let _ = Command::new("kill")
            .args(["-TERM", &id])
            .stderr(Stdio::null())
            .status();
        let _ = self.script.wait();
    }
}

/// A client that speaks in the clear, as it may on the machine itself.
struct Client(TcpStream);

impl Client {
    fn log_in(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut client = Self(stream);
        // `\0ann\0pw-ann` in base64.
        client.say(OPENING, "");
        client.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubgBwdy1hbm4=</auth>", "<success");
        client.say(OPENING, "");
        client.say(
            "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            "id='b'",
        );
        client
    }

    /// Says something, and hears all until `expected`.
    fn say(&mut self, text: &str, expected: &str) -> String {
        self.0.write_all(text.as_bytes()).unwrap();
        let mut heard = String::new();
        let mut buffer = [0; 4096];
        while !heard.contains(expected) || (!expected.is_empty() && !heard.ends_with('>')) {
            let length = self.0.read(&mut buffer).unwrap();
            assert!(length > 0, "closed without {expected}: {heard}");
            heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
        heard
    }
}

const OPENING: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                       version='1.0' to='localhost'>";

#[test]
fn who_tries_it_finds_one_service_a_client_and_nothing_open_to_others() {
    let mut trial = Trial::start();
    let command = format!(
        "    profanity -a 'ann@localhost server 127.0.0.1 port {} tls trust'\n",
        trial.port
    );
    assert!(trial.printed.contains(&command), "{}", trial.printed);
    assert!(
        trial.printed.contains("/join hall@rooms.localhost"),
        "{}",
        trial.printed
    );

    let mut ann = Client::log_in(trial.port);
    let query = "<iq type='get' id='i' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>";
    let items = ann.say(query, "</iq>");
    assert_eq!(items.matches("<item ").count(), 1, "{items}");
    assert!(items.contains("rooms.localhost"), "{items}");

    let certificate = trial
        .folder
        .path()
        .join("run/prosody/certificates/localhost.crt");
    let months = Command::new("openssl")
        .args(["x509", "-noout", "-checkend", "25920000", "-in"])
        .arg(&certificate)
        .stdout(Stdio::null())
        .status();
    assert!(months.unwrap().success(), "it lasts 300 days at least");
    let files = trial.files();
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        // The lock is outside of what is closed to others as a whole.
        let mode = fs::symlink_metadata(&file).unwrap().permissions().mode();
        let is_ours = file.parent() != Some(&trial.folder.path().join("run"));
        assert!(
            !is_ours || mode & 0o077 == 0,
            "{}: {mode:o}",
            file.display()
        );
    }
    let run = fs::metadata(trial.folder.path().join("run")).unwrap();
    assert_eq!(run.permissions().mode() & 0o777, 0o700);

    drop(ann);
    trial.stop();
    assert!(TcpStream::connect(("127.0.0.1", trial.port)).is_err());
}
