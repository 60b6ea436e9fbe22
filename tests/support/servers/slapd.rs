//! An LDAP directory for tests: Debian's slapd, in a temporary directory on ports of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::instance::Instance;

/// The entry below which everything is.
pub const BASE: &str = "dc=example,dc=org";

/// A running directory. Dropping it kills it and removes what it has.
pub struct Slapd {
    /// Where it listens without encryption, on 127.0.0.1.
    pub port: u16,
    /// Where it listens with encryption.
    pub tls_port: u16,
    /// The certificate that it shows.
    pub certificate: PathBuf,
    /// The password of `cn=admin` and of `cn=reader`.
    pub password: String,
    instance: Instance,
}

impl Slapd {
    /// Starts a directory with empty `ou=people` and `ou=groups`.
    pub fn start() -> Self {
        let mut instance = Instance::new("slapd", Vec::new());
        let settings = instance
            .start()
            .unwrap_or_else(|report| panic!("slapd did not start: {report}"));
        Self {
            port: settings.port("LDAP_PORT"),
            tls_port: settings.port("LDAPS_PORT"),
            certificate: settings.text("LDAP_CERTIFICATE").into(),
            password: settings.text("LDAP_PASSWORD"),
            instance,
        }
    }

    /// Stops it as an administrator would; its data and its ports stay.
    pub fn stop(&mut self) {
        self.instance.end("stop");
    }

    /// Starts it again after [`Self::stop`].
    pub fn start_again(&mut self) {
        if let Err(report) = self.instance.start() {
            panic!("slapd did not start again: {report}");
        }
    }

    /// Makes changes, in LDIF; entries that say nothing else are added.
    pub fn change(&self, ldif: &str) {
        let mut child = Command::new("ldapmodify")
            .args(["-a", "-x", "-H", &format!("ldap://127.0.0.1:{}", self.port)])
            .args(["-D", &format!("cn=admin,{BASE}"), "-w", &self.password])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ldap-utils are installed");
        let mut input = child.stdin.take().expect("it is a pipe");
        input.write_all(ldif.as_bytes()).expect("ldapmodify reads");
        drop(input);
        let output = child.wait_with_output().expect("ldapmodify ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}\n{ldif}");
    }

    /// Adds a person with that short name.
    pub fn add_person(&self, uid: &str) {
        self.change(&format!(
            "dn: uid={uid},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\n\
             sn: {uid}\nmail: {uid}@mail.example.org\n"
        ));
    }

    /// Adds a group with members, each by its name below the base.
    pub fn add_group(&self, cn: &str, members: &[&str]) {
        let members: String = members
            .iter()
            .map(|member| format!("member: {member},{BASE}\n"))
            .collect();
        self.change(&format!(
            "dn: cn={cn},ou=groups,{BASE}\nobjectClass: groupOfNames\ncn: {cn}\n{members}"
        ));
    }

    /// Adds a member to a group, or takes one out: `add` or `delete`.
    pub fn change_member(&self, how: &str, cn: &str, member: &str) {
        self.change(&format!(
            "dn: cn={cn},ou=groups,{BASE}\nchangetype: modify\n{how}: member\n\
             member: {member},{BASE}\n"
        ));
    }
}
