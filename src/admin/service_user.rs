//! What the user that the service runs as can't open, told to whoever looks as root, who can open
//! everything.
//!
//! That user is the one that `User=` of the systemd unit names; where there is no such unit, the
//! owner of the database's directory, which is made for the service, while the database itself may
//! be root's by mistake.
//!
//! It is judged by owners, groups and modes, from the root directory on. A file with an access
//! control list may be open to more people than these say, so it is not complained of.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use crate::config::Pool;

/// Whom the service runs as, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServiceUser {
    name: String,
    uid: u32,
    gids: Vec<u32>,
    known_by: String,
}

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WantedAccess {
    Read,
    ReadAndWrite,
    /// Make files in it.
    Make,
}

impl ServiceUser {
    /// Finds them; `None`: nobody but root is known to run it, or root is not who looks.
    pub fn of(pool: &Pool) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let of_unit = || {
            let unit = UNITS.iter().find(|unit| Path::new(unit).exists())?;
            let name = user_of(&fs::read_to_string(unit).ok()?)?;
            Self::named(&name, format!("User= of {unit}"))
        };
        let of_directory = || {
            let directory = fs::canonicalize(directory_of(&pool.database)).ok()?;
            let owner = fs::metadata(&directory).ok()?;
            Some(Self::owner(&owner, &directory))
        };
        of_unit().or_else(of_directory).filter(|user| user.uid != 0)
    }

    fn named(name: &str, known_by: String) -> Option<Self> {
        Some(Self {
            name: name.to_owned(),
            uid: id(&["-u", name])?.parse().ok()?,
            gids: groups(name),
            known_by,
        })
    }

    fn owner(metadata: &Metadata, of: &Path) -> Self {
        let uid = metadata.uid();
        let name = id(&["-un", &uid.to_string()]);
        let mut gids = name.as_deref().map(groups).unwrap_or_default();
        if gids.is_empty() {
            gids.push(metadata.gid());
        }
        Self {
            name: name.unwrap_or_else(|| uid.to_string()),
            uid,
            gids,
            known_by: format!("the owner of {}", of.display()),
        }
    }

    /// What of a pool and its configuration they can't open, in a sentence each.
    pub fn obstacles(&self, configuration: &Path, pool: &Pool) -> Vec<String> {
        let mut needed = vec![(configuration.to_owned(), WantedAccess::Read)];
        needed.extend(
            pool.secret
                .file()
                .map(|file| (file.to_owned(), WantedAccess::Read)),
        );
        needed.push((directory_of(&pool.database).to_owned(), WantedAccess::Make));
        for ending in ["", "-wal", "-shm", "-lock"] {
            let mut name = pool.database.as_os_str().to_owned();
            name.push(ending);
            needed.push((name.into(), WantedAccess::ReadAndWrite));
        }
        let mut sentences = Vec::new();
        for (path, wanted) in needed {
            let sentence = self.obstacle(&path, wanted);
            sentences.extend(sentence.filter(|sentence| !sentences.contains(sentence)));
        }
        sentences
    }

    /// Why they can't open a file; `None` if they can, or if it isn't there.
    fn obstacle(&self, path: &Path, wanted: WantedAccess) -> Option<String> {
        let path = fs::canonicalize(path).ok()?;
        let mut folders: Vec<_> = path.ancestors().skip(1).collect();
        folders.reverse();
        let closed = folders.iter().find(|folder| !self.may(folder, ENTER));
        let (place, verb, mend) = match closed {
            Some(folder) => (
                folder.to_path_buf(),
                "enter the directory",
                "let them with chmod or chgrp".to_owned(),
            ),
            None if self.may(&path, wanted.bits()) => return None,
            None => {
                let mend = self.mend(&path, wanted);
                (path, wanted.verb(), mend)
            }
        };
        let Self { name, known_by, .. } = self;
        let mode = fs::metadata(&place).ok()?.permissions().mode() & 0o7777;
        Some(format!(
            "the service's user {name} ({known_by}) can't {verb} {}, whose mode is {mode:04o}; {mend}",
            place.display()
        ))
    }

    fn mend(&self, path: &Path, wanted: WantedAccess) -> String {
        let (name, path) = (&self.name, path.display());
        match wanted {
            WantedAccess::Read => {
                format!("run: chgrp \"$(id -gn {name})\" {path} && chmod g+r {path}")
            }
            WantedAccess::ReadAndWrite | WantedAccess::Make => format!("run: chown {name}: {path}"),
        }
    }

    /// Whether owner, group and mode let them do all that the bits say. What can't be looked at is
    /// not complained of.
    fn may(&self, path: &Path, wanted: u32) -> bool {
        let Ok(metadata) = fs::metadata(path) else {
            return true;
        };
        has_list(path)
            || self.may_by_mode((metadata.uid(), metadata.gid()), metadata.mode(), wanted)
    }

    fn may_by_mode(&self, (owner, group): (u32, u32), mode: u32, wanted: u32) -> bool {
        let allowed = if owner == self.uid {
            mode >> 6
        } else if self.gids.contains(&group) {
            mode >> 3
        } else {
            mode
        };
        allowed & wanted == wanted
    }

    /// Whether they may listen on a port, which below a bound is for root only.
    pub fn may_listen_on(&self, port: u16) -> bool {
        let bound = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
        let bound = bound.ok().and_then(|text| text.trim().parse().ok());
        port >= bound.unwrap_or(PRIVILEGED_PORTS)
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl WantedAccess {
    fn bits(self) -> u32 {
        match self {
            Self::Read => 0o4,
            Self::ReadAndWrite => 0o6,
            Self::Make => 0o3,
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadAndWrite => "read and write",
            Self::Make => "make files in",
        }
    }
}

fn directory_of(file: &Path) -> &Path {
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new("."))
}

/// Whether a file has an access control list beside its mode.
fn has_list(path: &Path) -> bool {
    let mut buffer = [0_u8; 1];
    match rustix::fs::getxattr(path, "system.posix_acl_access", &mut buffer) {
        Ok(_) | Err(rustix::io::Errno::RANGE) => true,
        Err(_) => false,
    }
}

/// The user that a unit names.
fn user_of(unit: &str) -> Option<String> {
    let lines = unit.lines().map(str::trim);
    let mut users = lines.filter_map(|line| line.strip_prefix("User="));
    let user = users.next_back()?;
    (!user.is_empty()).then(|| user.to_owned())
}

/// What id(1) says, which asks whatever the machine keeps its users in.
fn id(arguments: &[&str]) -> Option<String> {
    let output: io::Result<_> = Command::new("id").args(arguments).output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn groups(name: &str) -> Vec<u32> {
    let numbers = id(&["-G", name]).unwrap_or_default();
    numbers
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect()
}

/// Where a unit of the service may be, the administrator's first.
const UNITS: [&str; 3] = [
    "/etc/systemd/system/lyceum.service",
    "/usr/lib/systemd/system/lyceum.service",
    "/lib/systemd/system/lyceum.service",
];

const ENTER: u32 = 0o1;

/// Ports below are for root, unless the system says otherwise.
const PRIVILEGED_PORTS: u16 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn user(uid: u32, gids: &[u32]) -> ServiceUser {
        ServiceUser {
            name: "lyceum".to_owned(),
            uid,
            gids: gids.to_vec(),
            known_by: "a test".to_owned(),
        }
    }

    #[test]
    fn only_the_first_of_owner_group_and_others_counts() {
        let lyceum = user(7, &[70, 71]);
        for (owner, group, mode, read, write) in [
            (7, 0, 0o600, true, true),
            (7, 70, 0o066, false, false),
            (0, 70, 0o640, true, false),
            (0, 71, 0o660, true, true),
            (0, 71, 0o606, false, false),
            (0, 0, 0o640, false, false),
            (0, 0, 0o644, true, false),
        ] {
            let may =
                |wanted: WantedAccess| lyceum.may_by_mode((owner, group), mode, wanted.bits());
            assert_eq!(may(WantedAccess::Read), read, "{owner}:{group} {mode:o}");
            assert_eq!(
                may(WantedAccess::ReadAndWrite),
                write,
                "{owner}:{group} {mode:o}"
            );
        }
    }

    #[test]
    fn a_file_that_is_closed_and_one_in_a_closed_directory_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("below");
        fs::create_dir(&below).unwrap();
        let file = below.join("lyceum.toml");
        fs::write(&file, "").unwrap();
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let stranger = user(u32::MAX - 7, &[]);
        let below = fs::canonicalize(&below).unwrap();
        mode(folder.path(), 0o755);
        mode(&below, 0o750);
        mode(&file, 0o640);
        let told = stranger.obstacle(&file, WantedAccess::Read).unwrap();
        assert!(
            told.contains(&format!(
                "can't enter the directory {}, whose mode is 0750",
                below.display()
            )),
            "{told}"
        );
        mode(&below, 0o755);
        let told = stranger.obstacle(&file, WantedAccess::Read).unwrap();
        assert!(
            told.contains("can't read") && told.contains("chmod g+r"),
            "{told}"
        );
        mode(&file, 0o644);
        assert_eq!(stranger.obstacle(&file, WantedAccess::Read), None);
        let told = stranger
            .obstacle(&file, WantedAccess::ReadAndWrite)
            .unwrap();
        assert!(told.contains("run: chown lyceum: "), "{told}");
        let told = stranger.obstacle(&below, WantedAccess::Make).unwrap();
        assert!(told.contains("can't make files in"), "{told}");
        assert_eq!(
            stranger.obstacle(&below.join("none"), WantedAccess::Read),
            None
        );
    }

    #[test]
    fn the_last_user_of_a_unit_counts() {
        assert_eq!(
            user_of("[Service]\nUser=a\n User=lyceum \n").as_deref(),
            Some("lyceum")
        );
        assert_eq!(user_of("[Service]\n#User=a\n"), None);
        assert_eq!(user_of("User=a\nUser=\n"), None);
    }
}
