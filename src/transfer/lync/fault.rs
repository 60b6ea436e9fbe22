//! Why a folder can't be imported at all.

use thiserror::Error;

/// Why a folder can't be imported at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExportFault {
    /// A table without which nothing can be told.
    #[error(
        "there is no {0}.jsonl and no {0}.tsv: run all queries of docs/lync-export.sql and put \
         their results into one folder"
    )]
    Missing(&'static str),
    /// It is of Group Chat 2010 or 2007 R2, whose database is another.
    #[error(
        "this is a database of Group Chat 2010 or older (nested categories, or rooms without \
         behavior and visibility): move it to Lync Server 2013 or Skype for Business Server 2015 \
         first, as Microsoft says"
    )]
    Older,
    /// There is nothing in it.
    #[error("there is neither a room nor a category in it")]
    Empty,
}
