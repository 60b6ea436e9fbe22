//! What a server finds when its container has started: certificates, domain and secret.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{tree, yaml};
use crate::support::root::Root;

/// What openssl(1) says of a certificate.
fn certificate(path: &Path, question: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["x509", "-noout", "-in"])
        .arg(path)
        .args(question)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Makes a certificate as an authority that isn't itself would, valid for `days`.
fn signed_by_another(root: &Root, folder: &str, name: &str, days: u32) {
    let script = format!(
        "mkdir -p {folder} && cd {folder} \
         && openssl req -x509 -newkey rsa:2048 -nodes -days 99 -subj /CN=Authority -keyout ca.key -out ca.crt \
         && openssl req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr \
         && openssl x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days {days} -out {name}.crt"
    );
    let made = Command::new("sh")
        .args(["-ec", &script])
        .current_dir(root.folder.path())
        .output();
    assert!(made.unwrap().status.success());
}

fn prosody_start(root: &Root, domain: &str) -> String {
    let script = tree().join("docker/prosody/start.sh");
    root.done(&script, &[], &[("USERS_DOMAIN", domain)])
}

#[test]
fn prosody_gets_a_certificate_for_each_of_its_hosts_whatever_they_are_called() {
    let root = Root::new();
    root.program("prosody", "echo \"prosody $*\"");
    let given = fs::read_to_string(tree().join("docker/prosody/prosody.cfg.lua")).unwrap();
    let edited = given + "VirtualHost \"other.example\"\n";
    root.write("etc/prosody/prosody.cfg.lua", &edited);
    assert_eq!(prosody_start(&root, "chat.example.net"), "prosody -F\n");
    for host in ["chat.example.net", "other.example"] {
        let file = format!("var/lib/prosody/certificates/{host}");
        let path = root.path(&format!("{file}.crt"));
        let names = certificate(&path, &["-ext", "subjectAltName"]);
        assert!(names.ends_with(&format!("DNS:{host}")), "{names}");
        assert_eq!(root.mode(&format!("{file}.key")), 0o600);
    }
    assert!(
        !root
            .path("var/lib/prosody/certificates/example.org.crt")
            .exists()
    );
}

#[test]
fn a_certificate_is_renewed_in_time_and_nobody_elses_is_touched() {
    let root = Root::new();
    root.program("prosody", "true");
    root.write(
        "etc/prosody/prosody.cfg.lua",
        "VirtualHost \"a.example\"\nVirtualHost \"b.example\"\n",
    );
    let folder = "var/lib/prosody/certificates";
    prosody_start(&root, "unused");
    let first = root.read(&format!("{folder}/a.example.crt"));
    prosody_start(&root, "unused");
    assert_eq!(
        root.read(&format!("{folder}/a.example.crt")),
        first,
        "it lasts"
    );
    // One that ends soon, made by itself, and one made by an authority.
    let script = format!(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 20 -subj /CN=a.example -keyout {folder}/a.example.key \
         -out {folder}/a.example.crt"
    );
    let made = Command::new("sh")
        .args(["-ec", &script])
        .current_dir(root.folder.path())
        .output();
    assert!(made.unwrap().status.success());
    signed_by_another(&root, folder, "b.example", 20);
    let theirs = root.read(&format!("{folder}/b.example.crt"));
    prosody_start(&root, "unused");
    let renewed = root.path(&format!("{folder}/a.example.crt"));
    let month = certificate(&renewed, &["-checkend", "8640000"]);
    assert_eq!(month, "Certificate will not expire");
    assert_eq!(root.read(&format!("{folder}/b.example.crt")), theirs);
}

#[test]
fn ejabberd_is_given_the_domain_its_certificate_and_the_secret() {
    let root = Root::new();
    root.program("ejabberdctl", "echo \"ejabberdctl $*\"");
    for file in ["ejabberd.yml", "lyceum.yml"] {
        let given = fs::read_to_string(tree().join("docker/ejabberd").join(file)).unwrap();
        root.write(&format!("etc/ejabberd/given/{file}"), &given);
    }
    let environment = [
        ("USERS_DOMAIN", "chat.example.net"),
        ("LYCEUM_SECRET", "s3same"),
    ];
    let script = tree().join("docker/ejabberd/start.sh");
    assert_eq!(
        root.done(&script, &[], &environment),
        "ejabberdctl foreground\n"
    );
    let own = yaml(&root.path("etc/ejabberd/ejabberd.yml"));
    assert_eq!(own["hosts"], serde_json::json!(["chat.example.net"]));
    let listener = &yaml(&root.path("etc/ejabberd/lyceum.yml"))["listen"][0];
    assert_eq!(listener["ip"], "0.0.0.0");
    assert!(listener["hosts"]["rooms.chat.example.net"].is_object());
    let macros = &yaml(&root.path("etc/ejabberd/secret.yml"))["define_macro"];
    assert_eq!(macros["LYCEUM_SECRET"], "s3same");
    assert_eq!(root.mode("etc/ejabberd/secret.yml"), 0o600);
    let made = root.path("var/lib/ejabberd/certificates/chat.example.net.crt");
    let names = certificate(&made, &["-ext", "subjectAltName"]);
    assert!(names.ends_with("DNS:chat.example.net"), "{names}");
    let patterns = own["certfiles"].as_array().unwrap();
    assert!(
        patterns.contains(&"/var/lib/ejabberd/certificates/*.crt".into()),
        "{patterns:?}"
    );
    assert!(
        patterns.contains(&"/var/lib/ejabberd/certificates/*.key".into()),
        "{patterns:?}"
    );
}
