//! Where commands write that write much: to a file, or to standard output.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::print::JsonLines;
use crate::whole_file::{Existing, WholeFile};

/// Writes JSON Lines to a file, which appears when it is whole; without one to standard output.
pub(super) fn write_lines(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(path) = path else {
        return write(&mut JsonLines::new());
    };
    let cannot = || format!("{} can't be written", path.display());
    let whole = WholeFile::begin(path).with_context(cannot)?;
    let file = OpenOptions::new().write(true).open(whole.partial());
    write(&mut file.with_context(cannot)?)?;
    whole.finish(Existing::Overwritten).with_context(cannot)
}
