//! Both servers as they start in their containers, with the files of the containers, under another root directory and on
//! free ports: users of any domain find a certificate of theirs, and Lyceum all that it asks for.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::tree;
use crate::support::root::Root;

const DOMAIN: &str = "chat.example.net";

/// Long after a server must listen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs until this ends, or the whole test.
struct Served {
    root: Root,
    script: Child,
    c2s_port: u16,
    component_port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        // The end of its standard input ends it.
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

impl Served {
    fn start(server: &str, root: Root, c2s_port: u16, component_port: u16) -> Self {
        let start = tree().join("docker").join(server).join("start.sh");
        let line = format!("{} & cat; kill $!; wait", start.display());
        let path = format!("{}:/usr/bin:/bin:/usr/sbin", root.path("bin").display());
        let log = fs::File::create(root.path("log")).unwrap();
        let script = Command::new("sh")
            .args(["-c", &line])
            .env("PATH", path)
            .env("ROOT", root.path(""))
            .env("USERS_DOMAIN", DOMAIN)
            .env("LYCEUM_DOMAIN", format!("rooms.{DOMAIN}"))
            .env("LYCEUM_SECRET", "s3same")
            .env("LYCEUM_PORT", component_port.to_string())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let served = Self {
            root,
            script,
            c2s_port,
            component_port,
        };
        for port in [c2s_port, component_port] {
            served.wait_for(port);
        }
        served
    }

    fn wait_for(&self, port: u16) {
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let is_early = since.elapsed() < PATIENCE;
            assert!(is_early, "nobody listens:\n{}", self.root.read("log"));
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whom a client that encrypts takes the server for.
    fn certified_name(&self) -> String {
        let output = Command::new("openssl")
            .args(["s_client", "-starttls", "xmpp", "-xmpphost", DOMAIN])
            .args(["-connect", &format!("127.0.0.1:{}", self.c2s_port)])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let subject = told.lines().find(|line| line.starts_with("subject="));
        subject
            .unwrap_or_else(|| panic!("no certificate: {told}"))
            .replace(' ', "")
    }

    /// What `lyceum check` finds.
    fn checked(&self) -> String {
        let text = format!(
            "[[pool]]\ndomain = 'rooms.{DOMAIN}'\nserver = '127.0.0.1:{}'\nsecret = 's3same'\n",
            self.component_port
        );
        fs::create_dir(self.root.path("here")).unwrap();
        self.root.write("here/lyceum.toml", &text);
        let output = Command::new(env!("CARGO_BIN_EXE_lyceum"))
            .arg("check")
            .current_dir(self.root.path("here"))
            .env_remove("LYCEUM_SECRET")
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{told}");
        told
    }

    fn assert_well(&self) {
        assert_eq!(self.certified_name(), format!("subject=CN={DOMAIN}"));
        let told = self.checked();
        let uptime = format!("{DOMAIN} tells since when it runs");
        assert!(told.contains(&uptime), "{told}");
        let listed = format!("{DOMAIN} lists rooms.{DOMAIN}");
        assert!(told.contains(&listed), "{told}");
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn given(server: &str, file: &str) -> String {
    fs::read_to_string(tree().join("docker").join(server).join(file)).unwrap()
}

#[test]
fn prosody_serves_another_domain() {
    let root = Root::new();
    let (c2s, component) = (free_port(), free_port());
    let own = given("prosody", "prosody.cfg.lua")
        .replace(
            "/var/lib/prosody",
            &root.path("var/lib/prosody").display().to_string(),
        )
        .replace(
            "component_interfaces = { \"*\" }",
            "component_interfaces = { \"127.0.0.1\" }",
        );
    let before = format!(
        "run_as_root = true\ndata_path = \"{}\"\ninterfaces = {{ \"127.0.0.1\" }}\nc2s_ports = {{ {c2s} }}\n\
         component_ports = {{ {component} }}\n",
        root.path("var/lib/prosody").display()
    );
    root.write("etc/prosody/prosody.cfg.lua", &(before + &own));
    root.write(
        "etc/prosody/lyceum.cfg.lua",
        &given("prosody", "lyceum.cfg.lua"),
    );
    root.program(
        "prosody",
        "exec /usr/bin/prosody --config \"$ROOT/etc/prosody/prosody.cfg.lua\" \"$@\"",
    );
    Served::start("prosody", root, c2s, component).assert_well();
}

/// As `docker/servers/ejabberd.sh` starts it, which needs neither Debian's user nor a name for the node; and on this
/// machine alone.
const EJABBERDCTL: &str = r#"
for beam in /usr/lib/*/ejabberd-*/ebin/ejabberd.beam; do
    ERL_LIBS=${beam%/ejabberd-*/ebin/ejabberd.beam}
done
export ERL_LIBS EJABBERD_CONFIG_PATH="$ROOT/etc/ejabberd/ejabberd.yml" EJABBERD_LOG_PATH="$ROOT/ejabberd.log"
sed -i 's/"0.0.0.0"/"127.0.0.1"/' "$ROOT/etc/ejabberd/lyceum.yml"
cd "$ROOT"
exec erl -noinput -mnesia dir "\"$ROOT/mnesia\"" -s ejabberd
"#;

#[test]
fn ejabberd_serves_another_domain() {
    let root = Root::new();
    let (c2s, component) = (free_port(), free_port());
    let here = root.path("").display().to_string();
    let here = here.trim_end_matches('/');
    let own = given("ejabberd", "ejabberd.yml")
        .replace("/etc/ejabberd", &format!("{here}/etc/ejabberd"))
        .replace("/var/lib/ejabberd", &format!("{here}/var/lib/ejabberd"))
        .replace("5222", &c2s.to_string())
        .replace("\"::\"", "\"127.0.0.1\"");
    root.write("etc/ejabberd/given/ejabberd.yml", &own);
    root.write(
        "etc/ejabberd/given/lyceum.yml",
        &given("ejabberd", "lyceum.yml"),
    );
    root.program("ejabberdctl", EJABBERDCTL);
    Served::start("ejabberd", root, c2s, component).assert_well();
}
