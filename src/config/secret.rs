//! What the component and the server both know, from one of three places. XEP-0114 §3 (#proto).
//! The password for an LDAP directory comes from three such places, too.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::error::{Fault, SecretFault};
use super::secret_keys::SecretKeys;
use super::section::Section;

/// A shared secret. Shows itself to nobody but [`Secret::reveal`]'s caller.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    /// Where it was read, if in a file of its own.
    file: Option<PathBuf>,
}

impl Secret {
    /// The secret itself, for the handshake only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The file it stands in, unless that is the configuration or the environment.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The most that is read of a secret file, in bytes. Nobody's secret is longer; a device or a log
/// named by mistake is.
const FILE_SIZE_MAX: u64 = 4_096;

/// Finds the secret: in the section, else in a file that it names, else in the environment. `None`:
/// there is none, or it is wrong, which has been said.
///
/// A pool's own key wins over the environment, which speaks to all pools at once.
pub(super) fn read(
    section: &mut Section<'_, '_>,
    keys: &'static SecretKeys,
    config: &Path,
    variable: Option<&OsStr>,
) -> Option<Secret> {
    let written = section.text(keys.written);
    let file = section.text(keys.file);
    match (written, file, variable) {
        (Some(_), Some(file), _) => {
            let place = file.span().start;
            section.reading().wrong(place, Fault::TwoSecrets { keys });
            None
        }
        (Some(text), None, _) => inline(section, keys, &text, config),
        (None, Some(file), _) => from_file(section, keys, &file, config),
        (None, None, Some(variable)) if is_absent(section, keys) => {
            let secret = variable
                .to_str()
                .map(str::to_owned)
                .ok_or(SecretFault::NotUtf8);
            let secret = secret.and_then(checked);
            let place = section.offset();
            let wrong = |cause| {
                let fault = Fault::SecretVariable { keys, cause };
                section.reading().wrong(place, fault);
            };
            secret.map_err(wrong).ok()
        }
        // Nothing is written, or something of the wrong type, and that has been said.
        (None, None, _) => None,
    }
}

/// Whether neither of the keys is written.
pub(super) fn is_absent(section: &mut Section<'_, '_>, keys: &SecretKeys) -> bool {
    section.value(keys.written).is_none() && section.value(keys.file).is_none()
}

fn inline(
    section: &mut Section<'_, '_>,
    keys: &'static SecretKeys,
    text: &Spanned<&str>,
    config: &Path,
) -> Option<Secret> {
    let place = text.span().start;
    if is_public(config) {
        let path = config.to_owned();
        section.reading().warn(place, Fault::PublicSecret { path });
    }
    let secret = checked((*text.get_ref()).to_owned());
    let wrong = |cause| {
        let fault = Fault::WrittenSecret { keys, cause };
        section.reading().wrong(place, fault);
    };
    secret.map_err(wrong).ok()
}

fn from_file(
    section: &mut Section<'_, '_>,
    keys: &'static SecretKeys,
    file: &Spanned<&str>,
    config: &Path,
) -> Option<Secret> {
    let place = file.span().start;
    let path = super::reading::beside(config, file.get_ref());
    if is_public(&path) {
        section
            .reading()
            .warn(place, Fault::PublicSecret { path: path.clone() });
    }
    match file_text(&path).and_then(checked) {
        Ok(secret) => Some(Secret {
            file: Some(path),
            ..secret
        }),
        Err(cause) => {
            let fault = Fault::SecretFile { keys, path, cause };
            section.reading().wrong(place, fault);
            None
        }
    }
}

/// The text of the file without the line end that editors and `echo` put there.
fn file_text(path: &Path) -> Result<String, SecretFault> {
    let unreadable = |error: io::Error| SecretFault::Unreadable(error.kind());
    if fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Err(SecretFault::Directory);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_SIZE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_SIZE_MAX {
        return Err(SecretFault::TooLong);
    }
    let text = String::from_utf8(bytes).map_err(|_| SecretFault::NotUtf8)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn checked(text: String) -> Result<Secret, SecretFault> {
    match text {
        text if text.is_empty() => Err(SecretFault::Empty),
        text if text.contains(['\n', '\r']) => Err(SecretFault::SeveralLines),
        text => Ok(Secret { text, file: None }),
    }
}

/// Whether every user of the machine may read the file. Always false where files have no modes.
fn is_public(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |metadata: fs::Metadata| metadata.permissions().mode();
        fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && mode(metadata) & 0o004 != 0)
    }
    #[cfg(not(unix))]
    false
}
