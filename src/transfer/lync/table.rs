//! The files of an export: one for each query, in either form.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::lines::{Encoding, LinePlace, Lines};
use super::row::{Row, UnfitRow};
use crate::transfer::item::Error;
use crate::transfer::skipped::{Reason, Skipped};

/// What one query of the export gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExportTable {
    /// The name of its file, without its ending.
    pub name: &'static str,
    /// Its columns in the order of form B; those of form A have names of their own.
    pub columns: &'static [&'static str],
    /// The number of these that must be there, from the first.
    pub least: usize,
}

/// Categories and rooms: `tblNode`.
pub(super) const NODES: ExportTable = ExportTable {
    name: "nodes",
    columns: &[
        "nodeID",
        "nodeGuid",
        "parentID",
        "nodeType",
        "nodeName",
        "nodeDesc",
        "invite",
        "logged",
        "filePost",
        "disabled",
        "behavior",
        "visibility",
        "siopID",
        "nodeAddedBy",
        "nodeAddedOn",
    ],
    least: 15,
};
/// People, groups, containers, domains: `tblPrincipal`.
pub(super) const PRINCIPALS: ExportTable = ExportTable {
    name: "principals",
    columns: &[
        "prinID",
        "prinGuid",
        "prinTypeID",
        "prinUri",
        "prinName",
        "prinDisplayName",
        "prinADPath",
        "prinDisabled",
    ],
    least: 8,
};
/// Who has which role where: `tblPrincipalRole` with the words of `tblRoleType`.
pub(super) const ROLES: ExportTable = ExportTable {
    name: "roles",
    columns: &[
        "prinRoleNodeID",
        "prinRolePrinID",
        "rtypeDesc",
        "rtypeAllowedPermSet",
    ],
    least: 3,
};
/// Who is allowed and denied where: `tblScopePrincipal`.
pub(super) const SCOPES: ExportTable = ExportTable {
    name: "scopes",
    columns: &["scopeNodeID", "scopePrinID", "scopeIsDenied"],
    least: 3,
};
/// What is registered as add-ins: `tblSiopWhiteList`.
pub(super) const ADD_INS: ExportTable = ExportTable {
    name: "addins",
    columns: &["siopID", "siopName", "siopUrl"],
    least: 3,
};
/// The words for the numbers of `tblNode`: `tblEnumValue`.
pub(super) const ENUMS: ExportTable = ExportTable {
    name: "enums",
    columns: &["valueID", "attributeName", "attributeValue"],
    least: 3,
};
/// Who of those that the server has met is in which group: `tblPrincipalAffiliations`.
pub(super) const AFFILIATIONS: ExportTable = ExportTable {
    name: "affiliations",
    columns: &["affiliationID", "principalID"],
    least: 2,
};
/// What was said: `tblChat`.
pub(super) const CHAT: ExportTable = ExportTable {
    name: "chat",
    columns: &[
        "channelId",
        "chatId",
        "chatDate",
        "userId",
        "isAlert",
        "content",
        "rtf",
    ],
    least: 6,
};
/// How much was said in each room.
pub(super) const COUNTS: ExportTable = ExportTable {
    name: "counts",
    columns: &["channelId", "messages"],
    least: 2,
};

/// In which form a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileForm {
    /// Form A: a JSON object a line.
    Json,
    /// Form B: fields between tabs.
    Fields,
}

/// A file of a table.
#[derive(Clone, Debug)]
pub(super) struct TableFile {
    table: ExportTable,
    path: PathBuf,
    form: FileForm,
}

/// The rows of a file, one by one.
#[derive(Debug)]
pub(super) struct Rows {
    file: TableFile,
    lines: Lines<BufReader<File>>,
}

/// A row and where it is.
pub(super) type PlacedRow = (LinePlace, Result<Row, UnfitRow>);

impl ExportTable {
    /// Its file in a folder, if there is one.
    pub fn file(self, folder: &Path) -> Option<TableFile> {
        self.named(folder, self.name).into_iter().next()
    }

    /// All files in a folder whose name is the table's, or begins with it and a hyphen, in the
    /// order of their names: what is large may be exported in parts.
    ///
    /// # Errors
    /// - [`Error::Read`]: the folder can't be read.
    pub fn files(self, folder: &Path) -> Result<Vec<TableFile>, Error> {
        let failed = |cause| Error::Read {
            path: folder.to_owned(),
            cause,
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let name = PathBuf::from(entry.map_err(failed)?.file_name());
            let stem = name.file_stem().and_then(|stem| stem.to_str());
            names.extend(stem.map(str::to_owned));
        }
        names.retain(|name| {
            let rest = name.strip_prefix(self.name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        names.sort();
        names.dedup();
        let files = names.iter().flat_map(|name| self.named(folder, name));
        Ok(files.collect())
    }

    fn named(self, folder: &Path, name: &str) -> Vec<TableFile> {
        let forms = [("jsonl", FileForm::Json), ("tsv", FileForm::Fields)];
        let files = forms.into_iter().map(|(ending, form)| TableFile {
            table: self,
            path: folder.join(format!("{name}.{ending}")),
            form,
        });
        files.filter(|file| file.path.is_file()).collect()
    }
}

impl TableFile {
    /// A place in it, for people.
    pub fn place(&self, place: LinePlace) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name}, line {}", place.number)
    }

    /// Something of it that can't be used.
    pub fn skipped(&self, place: LinePlace, why: UnfitRow) -> Skipped {
        Skipped {
            room: None,
            place: self.place(place),
            reason: Reason::Row(why),
        }
    }

    /// All its rows.
    ///
    /// # Errors
    /// - [`Error::Read`]: it can't be read.
    pub fn rows(&self) -> Result<Rows, Error> {
        let input = self.open()?;
        let lines = Lines::new(input).map_err(|cause| self.failed(cause))?;
        let file = self.clone();
        Ok(Rows { file, lines })
    }

    /// Opens it, at its beginning.
    pub fn open(&self) -> Result<BufReader<File>, Error> {
        let file = File::open(&self.path).map_err(|cause| self.failed(cause))?;
        Ok(BufReader::with_capacity(BUFFER, file))
    }

    /// That it can't be read.
    pub fn failed(&self, cause: std::io::Error) -> Error {
        Error::Read {
            path: self.path.clone(),
            cause,
        }
    }

    fn read(&self, line: &str) -> Result<Row, UnfitRow> {
        match self.form {
            FileForm::Json => Row::of_json(line),
            FileForm::Fields => Row::of_fields(line, self.table.columns, self.table.least),
        }
    }
}

impl Rows {
    /// The rows from a place of a file on.
    pub fn from_place(
        file: &TableFile,
        input: BufReader<File>,
        encoding: Encoding,
        place: LinePlace,
    ) -> Self {
        Self {
            file: file.clone(),
            lines: Lines::from_place(input, encoding, place),
        }
    }

    /// How the file is encoded.
    pub fn encoding(&self) -> Encoding {
        self.lines.encoding()
    }

    /// What the rows come from.
    pub fn into_input(self) -> BufReader<File> {
        self.lines.into_input()
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// - [`Error::Read`]: the file can't be read any further.
    pub fn next(&mut self) -> Result<Option<PlacedRow>, Error> {
        loop {
            let line = self.lines.next();
            let Some((place, line)) = line.map_err(|cause| self.file.failed(cause))? else {
                return Ok(None);
            };
            match line {
                Ok(line) if line.is_empty() => {}
                Ok(line) => return Ok(Some((place, self.file.read(&line)))),
                Err(why) => return Ok(Some((place, Err(why.into())))),
            }
        }
    }
}

/// Reads a small table wholly. What of it can't be used goes to `skipped`; a table that is not
/// there has no rows.
///
/// # Errors
/// - [`Error::Read`]: it can't be read.
pub(super) fn read_all<T>(
    table: ExportTable,
    folder: &Path,
    skipped: &mut Vec<Skipped>,
    mut read: impl FnMut(&Row) -> Result<T, UnfitRow>,
) -> Result<Vec<T>, Error> {
    let Some(file) = table.file(folder) else {
        return Ok(Vec::new());
    };
    let (mut rows, mut all) = (file.rows()?, Vec::new());
    while let Some((place, row)) = rows.next()? {
        match row.and_then(|row| read(&row)) {
            Ok(read) => all.push(read),
            Err(why) => skipped.push(file.skipped(place, why)),
        }
    }
    Ok(all)
}

const BUFFER: usize = 1 << 18;
