//! Another root directory for a script, and other programs.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A root directory of its own, with programs that come first.
pub struct Root {
    pub folder: TempDir,
}

impl Root {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        Self { folder }
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    pub fn mode(&self, below: &str) -> u32 {
        let metadata = fs::metadata(self.path(below)).unwrap();
        metadata.permissions().mode() & 0o777
    }

    /// A program of that name, which does what the script says.
    pub fn program(&self, name: &str, script: &str) {
        let below = format!("bin/{name}");
        self.write(&below, &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path(&below), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn run(&self, script: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut path = OsString::from(self.path("bin"));
        path.push(":/usr/bin:/bin:/usr/sbin");
        Command::new(script)
            .args(arguments)
            .env("PATH", path)
            .env("ROOT", self.folder.path())
            .env_remove("USERS_DOMAIN")
            .env_remove("LYCEUM_SECRET")
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// The same, and it goes well.
    #[track_caller]
    pub fn done(&self, script: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let output = self.run(script, arguments, environment);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        String::from_utf8(output.stdout).unwrap()
    }
}
