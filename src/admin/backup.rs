//! `lyceum backup`: a copy of a pool's database, while the service runs or is stopped.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use super::print::{self, Progress};
use super::text::Text;
use super::{Failure, Where};
use crate::command::counted;
use crate::store;
use crate::whole_file::Existing;

/// What `lyceum backup` is told.
#[derive(Debug, Args)]
pub struct BackupCommand {
    #[command(flatten)]
    place: Where,
    /// The file that the copy is written to
    file: PathBuf,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

/// What was copied, for a program.
#[derive(Debug, Serialize)]
struct Copied<'a> {
    file: &'a Path,
    bytes: u64,
}

/// Makes the copy. It reads the database beside the service, and writes as the user who calls.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(command: &BackupCommand) -> Result<(), Failure> {
    let pool = command.place.pool(None)?;
    let file = &command.file;
    if !pool.database.exists() {
        let database = pool.database.display();
        return Err(anyhow!("there is no database {database} yet").into());
    }
    if file.symlink_metadata().is_ok() && !command.force {
        return Err(Failure::CommandLine(format!(
            "{} is there already; name another file, or say --force",
            file.display()
        )));
    }
    let existing = match command.force {
        true => Existing::Overwritten,
        false => Existing::Kept,
    };
    let mut progress = Progress::new("page");
    let bytes = store::backup(&pool.database, file, existing, &mut |done, of| {
        progress.show(done, Some(of));
    });
    progress.clear();
    let bytes = bytes.map_err(|error| anyhow!(store::explain(&error)))?;
    let text = format!("{}: {}", file.display(), counted(bytes, "byte"));
    Ok(print::one(
        command.place.json,
        &Copied { file, bytes },
        &Text::line(text),
    )?)
}
