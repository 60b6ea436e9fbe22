//! One service with its folder, and the server in front of it, which the test plays.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::configuration::SECRET;
use crate::support::connection::{Connection, PATIENCE};
use crate::support::program::Program;
use crate::support::scenario::SERVICE;
use crate::support::server_side;
use crate::support::xml::escape;

/// A service, stopped at first.
pub struct Installation {
    folder: TempDir,
    listener: TcpListener,
    running: Option<(Program, Connection)>,
    asked: u32,
}

/// What a command has said.
pub struct Told(Output);

impl Told {
    /// The standard output of a command that must succeed.
    #[track_caller]
    pub fn expect_success(self) -> String {
        let complaint = String::from_utf8_lossy(&self.0.stderr);
        assert!(self.0.status.success(), "{complaint}");
        String::from_utf8(self.0.stdout).unwrap()
    }

    /// What was wrong.
    #[track_caller]
    pub fn expect_failure(self) -> String {
        assert_eq!(self.0.status.code(), Some(1));
        String::from_utf8(self.0.stderr).unwrap()
    }
}

impl Installation {
    /// A service without rooms.
    pub fn new() -> Self {
        Self::with("")
    }

    /// The same with a further line of configuration.
    pub fn with(line: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let configuration = format!(
            "[[pool]]\ndomain = '{SERVICE}'\nsecret = '{SECRET}'\nserver = '{server}'\n\
             database = 'lyceum.db'\ndurability = 'relaxed'\n{line}\n"
        );
        fs::write(folder.path().join("lyceum.toml"), configuration).unwrap();
        Self {
            folder,
            listener,
            running: None,
            asked: 0,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn start(&mut self) {
        let program = Program::start(self.folder.path(), "info", &[]).unwrap();
        let connection = server_side::accept(&self.listener).unwrap();
        self.running = Some((program, connection));
    }

    pub fn stop(&mut self) {
        let (mut program, _) = self.running.take().unwrap();
        assert!(program.stop().unwrap().success());
    }

    pub fn kill(&mut self) {
        let (mut program, _) = self.running.take().unwrap();
        program.kill().unwrap();
    }

    /// Carries out a command.
    pub fn lyceum(&self, arguments: &[&str]) -> Told {
        Told(self.command(arguments).output().unwrap())
    }

    /// Begins one. It is to be waited for.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        let quiet = Stdio::null;
        let mut command = self.command(arguments);
        command.stdout(quiet()).stderr(quiet()).spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lyceum"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LYCEUM_LOG", "warn")
            .env_remove("LYCEUM_SECRET");
        command
    }

    fn count(&self) -> i64 {
        let database = rusqlite::Connection::open(self.path("lyceum.db")).unwrap();
        let sql = "SELECT count(*) FROM message";
        // It may be opened by somebody else just now, with all that belongs to it.
        database.query_row(sql, [], |row| row.get(0)).unwrap_or(0)
    }

    /// Waits until messages are in the database, of whatever room.
    pub fn wait_for_messages(&self) {
        self.wait(|place| place.count() > 0);
    }

    /// Waits until there are more than these, of whatever rooms.
    pub fn wait_for_more_messages_than(&self, count: i64) {
        self.wait(|place| place.count() > count);
    }

    /// Waits until none is left.
    pub fn wait_for_no_messages(&self) {
        self.wait(|place| place.count() == 0);
    }

    fn wait(&self, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "it takes too long");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Somebody enters. Returns what they are shown then, or the refusal.
    pub fn enter(&mut self, who: &str, occupant: &str) -> Result<String, String> {
        let (room, nick) = occupant.split_once('/').unwrap();
        let address = format!("{room}@{SERVICE}/{}", escape(nick));
        let shown = self.exchange(&format!(
            "<presence from='{who}@example.org/phone' to='{address}'>\
             <x xmlns='http://jabber.org/protocol/muc'/></presence>"
        ));
        match shown.contains("type='error'") {
            true => Err(shown),
            false => Ok(shown),
        }
    }

    /// Accepts the configuration of a new room.
    pub fn create(&mut self, who: &str, room: &str) {
        let form = "<query xmlns='http://jabber.org/protocol/muc#owner'>\
            <x xmlns='jabber:x:data' type='submit'/></query>";
        let answer = self.ask(who, room, "set", form);
        assert!(answer.contains("type='result'"), "{answer}");
    }

    /// Somebody says something; its stanza id.
    pub fn say(&mut self, who: &str, room: &str, children: &str) -> String {
        self.asked += 1;
        let id = format!("message-{}", self.asked);
        self.say_as(who, room, &id, children)
    }

    /// The same with an id.
    pub fn say_as(&mut self, who: &str, room: &str, id: &str, children: &str) -> String {
        let heard = self.exchange(&format!(
            "<message from='{who}@example.org/phone' to='{room}@{SERVICE}' type='groupchat' \
             id='{id}' xml:lang='en'>{children}</message>"
        ));
        let after = heard
            .split("<stanza-id ")
            .nth(1)
            .unwrap_or_else(|| panic!("{heard}"));
        let id = after.split(" id='").nth(1).unwrap();
        id.split('\'').next().unwrap().to_owned()
    }

    /// Asks something; what comes until the answer, and with it.
    pub fn ask(&mut self, who: &str, room: &str, type_: &str, child: &str) -> String {
        let at = if room.is_empty() { "" } else { "@" };
        self.exchange(&format!(
            "<iq from='{who}@example.org/phone' to='{room}{at}{SERVICE}' type='{type_}' id='asked'>\
             {child}</iq>"
        ))
    }

    /// All messages of an archive, as XEP-0313 has them, oldest first, byte for byte.
    pub fn archive(&mut self, who: &str, room: &str, fields: &str) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let query = format!(
                "<query xmlns='urn:xmpp:mam:2' queryid='q'>{fields}\
                 <set xmlns='http://jabber.org/protocol/rsm'><max>4</max>{after}</set></query>"
            );
            let answer = self.ask(who, room, "set", &query);
            assert!(!answer.contains("type='error'"), "{answer}");
            let results = answer.split("<result ").skip(1);
            let page: Vec<_> = results
                .map(|result| result.split("</result>").next().unwrap().to_owned())
                .collect();
            let Some(last) = page.last() else { return all };
            let id = last
                .split(" id='")
                .nth(1)
                .or_else(|| last.split("id='").nth(1));
            let id = id.unwrap().split('\'').next().unwrap();
            after = format!("<after>{id}</after>");
            all.extend(page);
        }
    }

    /// The messages with such words.
    pub fn search(&mut self, who: &str, room: &str, words: &str) -> Vec<String> {
        self.archive(who, room, &form(words))
    }

    /// Looks for words in all rooms.
    pub fn search_everywhere(&mut self, who: &str, words: &str) -> String {
        let query = format!(
            "<query xmlns='urn:xmpp:mam:2' queryid='q'>{}</query>",
            form(words)
        );
        let answer = self.ask(who, "", "set", &query);
        assert!(!answer.contains("type='error'"), "{answer}");
        answer
    }

    /// Sends a stanza, and gives what comes until a question that is asked behind it is answered.
    fn exchange(&mut self, stanza: &str) -> String {
        let (_, connection) = self.running.as_mut().unwrap();
        connection.write(stanza).unwrap();
        if stanza.starts_with("<iq") {
            return until(connection, "asked");
        }
        let fence = format!(
            "<iq from='fence@example.org/x' to='{SERVICE}' type='get' id='fence'>\
             <query xmlns='jabber:iq:version'/></iq>"
        );
        connection.write(&fence).unwrap();
        until(connection, "fence")
    }
}

fn form(words: &str) -> String {
    format!(
        "<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>\
         <field var='{{urn:xmpp:fulltext:0}}fulltext'><value>{}</value></field></x>",
        escape(words)
    )
}

fn until(connection: &mut Connection, id: &str) -> String {
    let mut all = String::new();
    loop {
        let whole = connection.element().unwrap();
        let is_answer = whole.element.name == "iq" && whole.element.attribute("id") == Some(id);
        // Others are asked whether they are still there.
        all.push_str(&whole.raw);
        if is_answer {
            return all;
        }
    }
}
