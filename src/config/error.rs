//! Everything an administrator can do wrong in the configuration, and how each is told.
//!
//! A message says what is wrong and then what would be right. No message holds a secret.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::secret_keys::SecretKeys;
use crate::directory::NameFault;

/// Why there is no configuration to run with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file does not exist.
    #[error(
        "{}: there is no configuration file; copy lyceum.example.toml, which comes with \
         Lyceum's source, to this place and set `domain` and `secret` in it, or name another \
         file with --config",
        either(paths)
    )]
    Missing {
        /// The files that were looked for, at least one.
        paths: Vec<PathBuf>,
    },
    /// The file exists and can't be read.
    #[error(
        "{path}: the configuration file can't be read ({source}); {}",
        unreadable_hint(source),
        path = path.display()
    )]
    Unreadable {
        /// The file that exists.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file was read, and something in it is wrong.
    #[error("{}", lines(path, problems).join("\n"))]
    Wrong {
        /// The file that was read.
        path: PathBuf,
        /// What is wrong, at least one thing, in the order of the file.
        problems: Vec<PlacedFault>,
    },
}

/// `one`, or `one or other`.
fn either(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(" or ")
}

/// A mistake and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFault {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// A mistake in a configuration file, or (the last two) something that probably is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum Fault {
    #[error("this is not valid TOML: {message}; {}", syntax_remedy(message))]
    Syntax { message: String },
    #[error("the file is not UTF-8 from here on; save it as UTF-8")]
    NotUtf8,
    #[error("unknown key `{key}` in {section}; {hint}")]
    UnknownKey {
        key: String,
        section: &'static str,
        hint: Hint,
    },
    #[error("`{key}` is {found} here; it must be {expected}")]
    WrongType {
        key: &'static str,
        found: &'static str,
        expected: &'static str,
    },
    #[error("`{key}` is {found} here; it must be a section of its own, {section}")]
    NotASection {
        key: &'static str,
        found: &'static str,
        section: &'static str,
    },
    #[error("`{key}` is {found}; it must be from {min} to {max} ({unit})")]
    OutOfRange {
        key: &'static str,
        found: String,
        min: u32,
        max: u32,
        unit: &'static str,
    },
    #[error("`{key}` can't be `{found}`; it can be {}", quoted(choices))]
    NotAChoice {
        key: &'static str,
        found: String,
        choices: Vec<&'static str>,
    },
    #[error("there is no pool; write a [[pool]] section with `domain` and `secret`")]
    NoPool,
    #[error("a pool is written as a section of its own under [[pool]], with two brackets each")]
    SinglePool,
    #[error(
        "this pool has no domain; write the component's, such as domain = \"rooms.example.org\""
    )]
    NoDomain,
    #[error(
        "`{key}` holds `{found}`, which is not a domain; write a name such as rooms.example.org, \
         without `@`, `/`, port or spaces"
    )]
    NotADomain { key: &'static str, found: String },
    #[error(
        "the domain {domain} already belongs to the pool of line {line}; every pool has its own, \
         registered at the server under that name"
    )]
    SameDomain { domain: String, line: usize },
    #[error(
        "`server` is `{found}`; write the host and port of the XMPP server, such as \
         127.0.0.1:5347 or [::1]:5347"
    )]
    NotAServer { found: String },
    #[error(
        "`server` is `{found}`; an IPv6 address is written in brackets, such as [{found}]:5347"
    )]
    BareIpv6 { found: String },
    #[error(
        "the port in `server` is `{found}`; it must be a number from 1 to 65535, by custom 5347"
    )]
    NotAPort { found: String },
    #[error(
        "this pool has no secret; write secret = \"…\" or secret_file = \"…\" here, or set the \
         environment variable LYCEUM_SECRET, to what the server has for this component"
    )]
    NoSecret,
    #[error("{} has both `{}` and `{}`; keep one of them", keys.of, keys.written, keys.file)]
    TwoSecrets { keys: &'static SecretKeys },
    #[error("`{}` {cause}; write {}", keys.written, keys.expected)]
    WrittenSecret {
        keys: &'static SecretKeys,
        cause: SecretFault,
    },
    #[error(
        "the environment variable {} {cause}; set it to {}, or unset it",
        keys.variable, keys.expected
    )]
    SecretVariable {
        keys: &'static SecretKeys,
        cause: SecretFault,
    },
    #[error(
        "the {noun} file {path} {cause}; it must hold the {noun} in one line",
        noun = keys.noun, path = path.display()
    )]
    SecretFile {
        keys: &'static SecretKeys,
        path: PathBuf,
        cause: SecretFault,
    },
    #[error(
        "`url` is `{found}`; write where the LDAP directory is, such as ldaps://ldap.example.org \
         or ldap://127.0.0.1:389, without a path"
    )]
    NotALdapUrl { found: String },
    #[error("`{key}` is `{found}`, which names no entry of an LDAP directory: {why}")]
    NotALdapName {
        key: &'static str,
        found: String,
        why: NameFault,
    },
    #[error("[pool.ldap] has no `{key}`; write {example}")]
    LdapKeyMissing {
        key: &'static str,
        example: &'static str,
    },
    #[error(
        "`address` is `{found}`; write the attribute that holds people's addresses, such as \
         \"mail\", or a pattern with one attribute in it, such as \"{{uid}}@example.org\""
    )]
    NotAnAddressPattern { found: String },
    #[error(
        "`bind` names {bind}, and there is no password; write `password` or `password_file`, \
             or set the environment variable LYCEUM_LDAP_PASSWORD"
    )]
    NoLdapPassword { bind: String },
    #[error("there is a password and no `bind`; write the entry that it belongs to")]
    NoLdapBind,
    #[error("`filter` is `{found}`; write one in parentheses, such as (objectClass=person)")]
    NotALdapFilter { found: String },
    #[error("`groups` is empty; name a file, such as groups.toml")]
    NoGroupsFile,
    /// A warning, not a mistake.
    #[error("the password for {url} goes over the network unencrypted; write ldaps:// in `url`")]
    OpenPassword { url: String },
    #[error("`database` is `{found}`, which is a directory; name a file, such as lyceum.db")]
    DatabaseNotAFile { found: String },
    #[error("`database` is empty; name a file, such as lyceum.db")]
    DatabaseEmpty,
    #[error(
        "the database {path} can't be made, because the directory {directory} doesn't exist; \
         create it, owned by the user that Lyceum runs as",
        path = path.display(), directory = directory.display()
    )]
    NoDatabaseDirectory { path: PathBuf, directory: PathBuf },
    #[error(
        "the database {path} already belongs to the pool of line {line}; give each pool its own, \
         with `database`",
        path = path.display()
    )]
    SameDatabase { path: PathBuf, line: usize },
    #[error(
        "`{key}` holds `{found}`, which is not a person's address; write one such as \
         ann@example.org"
    )]
    NotAPerson { key: &'static str, found: String },
    #[error(
        "`{key}` holds `{found}`, which is the address of a room of this pool; write the person's \
         own address, such as ann@example.org"
    )]
    OwnAddress { key: &'static str, found: String },
    #[error(
        "`{key}` holds `{found}`, which is not an address; write a person's, such as \
         ann@example.org, or a domain, such as example.org"
    )]
    NotAnAddress { key: &'static str, found: String },
    #[error(
        "`served` is missing, and the domain {domain} has no parent to take; write whose users the \
         rooms are for, such as served = [\"example.org\"]"
    )]
    NoServed { domain: String },
    #[error("the key `{key}` is gone: {instead}")]
    Gone {
        key: &'static str,
        instead: &'static str,
    },
    #[error("`name` must have 1 to {max} characters, all of them printable")]
    NotAName { max: usize },
    #[error("`{key}` is `{found}`, which is not a language tag; write one such as en or pt-BR")]
    NotALanguage { key: &'static str, found: String },
    #[error(
        "`{key}` holds `{found}`, which is not a URI; write one such as \
         mailto:admin@example.org, xmpp:admin@example.org or https://example.org/contact"
    )]
    NotAUri { key: &'static str, found: String },
    #[error(
        "`listen` is `{found}`; write an IP address of this machine and a port, such as \
         127.0.0.1:5380 or [::1]:5380"
    )]
    NotAListener { found: String },
    /// A warning, not a mistake.
    #[error(
        "port {port} is where servers listen for {whom}; components have one of their own, by \
         custom 5347"
    )]
    OtherPort { port: u16, whom: &'static str },
    /// A warning, not a mistake.
    #[error(
        "every user of this machine can read the secret in {path}; run: chmod o-r {path}",
        path = path.display()
    )]
    PublicSecret { path: PathBuf },
}

/// What may have been meant by an unknown key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A key of the same section, written almost like it.
    Meant(&'static str),
    /// The section that has a key of this name.
    Elsewhere(&'static str),
    /// A key written almost like it, and the other section that has it.
    MeantElsewhere(&'static str, &'static str),
    /// No guess, but all keys of the section.
    Known(Vec<&'static str>),
}

/// What is wrong with a secret, wherever it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what they are")]
pub enum SecretFault {
    #[error("is empty")]
    Empty,
    #[error("has more than one line")]
    SeveralLines,
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("is a directory")]
    Directory,
    #[error("has more than 4096 bytes")]
    TooLong,
    #[error("can't be read ({0})")]
    Unreadable(io::ErrorKind),
}

/// Warnings on their way from places in the file to lines for the administrator.
pub(super) struct Warnings<'a> {
    pub(super) path: &'a Path,
    pub(super) problems: Vec<PlacedFault>,
}

impl Error {
    /// One line for each thing wrong, beginning with the file and, where there is one, the place.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Missing { .. } | Self::Unreadable { .. } => vec![self.to_string()],
            Self::Wrong { path, problems } => lines(path, problems),
        }
    }
}

impl Warnings<'_> {
    pub(super) fn lines(&self) -> Vec<String> {
        lines(self.path, &self.problems)
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meant(key) => write!(f, "did you mean `{key}`?"),
            Self::Elsewhere(section) => write!(f, "it belongs in {section}"),
            Self::MeantElsewhere(key, section) => {
                write!(f, "did you mean `{key}`, which belongs in {section}?")
            }
            Self::Known(keys) => write!(f, "what can stand there is {}", quoted(keys)),
        }
    }
}

/// Each problem as `file:line:column: what is wrong; what would be right`.
fn lines(path: &Path, problems: &[PlacedFault]) -> Vec<String> {
    let line = |problem: &PlacedFault| {
        let PlacedFault {
            line,
            column,
            fault,
        } = problem;
        // A key or value may hold a line break, and nothing may look like a problem of its own.
        let fault = fault.to_string().replace(|c: char| c.is_control(), " ");
        format!("{}:{line}:{column}: {fault}", path.display())
    };
    problems.iter().map(line).collect()
}

/// Words as an enumeration: `a`, `b` or `c`.
fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}

/// What would be right, for mistakes of which the parser only says what is wrong.
fn syntax_remedy(message: &str) -> &'static str {
    const REMEDIES: [(&str, &str); 6] = [
        (
            "duplicate key",
            "it stands in this section already, so keep one of the two",
        ),
        (
            "must be quoted",
            "a text is written in double quotes, as in domain = \"rooms.example.org\"",
        ),
        (
            "invalid basic string",
            "a text ends with the double quote it began with, in the same line",
        ),
        ("escaped value", "a backslash in a text is written twice"),
        ("key with no value", "a line is written as key = value"),
        (
            "array table",
            "a pool begins with [[pool]], with two brackets each",
        ),
    ];
    let remedy = REMEDIES
        .iter()
        .find(|(mistake, _)| message.contains(mistake));
    remedy.map_or("see lyceum.example.toml for the form", |(_, remedy)| remedy)
}

fn unreadable_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "let the user that Lyceum runs as read it",
        io::ErrorKind::IsADirectory => "name a file, not a directory, with --config",
        _ => "name a readable file with --config",
    }
}
