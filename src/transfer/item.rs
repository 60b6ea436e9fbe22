//! What a source gives, one by one.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::json_lines::LineError;
use super::lync::fault::ExportFault;
use super::record::Record;
use super::remark::Remark;
use super::skipped::Skipped;
use crate::store::transfer::foreign::ForeignError;

/// What a source gives, one by one.
pub type SourceItems = Box<dyn Iterator<Item = Result<SourceItem, Error>> + Send>;

/// One thing of a source.
#[derive(Debug)]
pub enum SourceItem {
    /// A record. A header and an end are in our own files only, and tell of the whole file,
    /// whatever is selected.
    Record(Record),
    /// Something that can't be imported.
    Skipped(Skipped),
    /// Something that an operator should know. What has to be known before anything comes is told
    /// before all records.
    Remark(Remark),
}

/// Why a source can't be read any further. What was read before is right, but not all.
#[derive(Debug, Error)]
pub enum Error {
    /// A file is not there, or can't be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// Where it lies.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A database is not there, can't be read, or is another one.
    #[error(transparent)]
    Database(#[from] ForeignError),
    /// A folder is no export of the original product, or of another version of it.
    #[error("{}: {fault}", path.display())]
    Export {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: ExportFault,
    },
    /// A line of our own format is wrong.
    #[error("{}, {cause}", path.display())]
    Line {
        /// In which file.
        path: PathBuf,
        /// Where, and what.
        #[source]
        cause: LineError,
    },
}
