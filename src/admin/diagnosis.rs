//! `lyceum check`: everything that can be found wrong without running the service.
//!
//! The configuration comes first, for without it there is nothing else to look at; then, for each
//! pool, its database and the server's side. All findings are printed to standard output, one line
//! each.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use super::Failure;
use crate::config::Config;

/// Something that is wrong, or may be.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    severity: Severity,
    about: About,
    /// The domain of the pool; `None` if it is about all of them.
    pool: Option<String>,
    /// A sentence: what is wrong and how to mend it.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
}

/// The part that a finding is about, in the order in which they are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum About {
    Configuration,
}

/// Looks, prints what it finds, and fails if something is wrong.
///
/// # Errors
/// - [`Failure::FoundInConfiguration`]: the configuration is wrong; nothing else was looked at.
/// - [`Failure::Found`]: something else is wrong.
pub(super) fn run(path: &Path, json: bool) -> Result<(), Failure> {
    let (lines, otherwise) = match Config::load(path) {
        Ok(config) => (look_at(&config), Failure::Found),
        Err(error) => (
            about_configuration(Severity::Error, error.lines()),
            Failure::FoundInConfiguration,
        ),
    };
    let output = if json {
        as_json(&lines)
    } else {
        as_text(&lines)
    };
    io::stdout()
        .write_all(output.as_bytes())
        .context("the findings can't be printed")?;
    match lines.iter().any(|line| line.severity == Severity::Error) {
        true => Err(otherwise),
        false => Ok(()),
    }
}

/// Looks at everything that a right configuration names.
fn look_at(config: &Config) -> Vec<Line> {
    about_configuration(Severity::Warning, config.warnings.clone())
}

fn about_configuration(severity: Severity, texts: Vec<String>) -> Vec<Line> {
    let about = About::Configuration;
    texts
        .into_iter()
        .map(|text| Line {
            severity,
            about,
            pool: None,
            text,
        })
        .collect()
}

/// The findings for a person.
fn as_text(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "All is well.\n".to_owned();
    }
    let line = |line: &Line| {
        let severity = match line.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        match &line.pool {
            Some(pool) => format!("{severity}: {pool}: {}\n", line.text),
            None => format!("{severity}: {}\n", line.text),
        }
    };
    lines.iter().map(line).collect()
}

/// The findings for a program: an array of objects, in one line.
fn as_json(lines: &[Line]) -> String {
    let json = serde_json::to_string(lines).expect("texts and names always have a form in JSON");
    json + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_for_a_person_and_one_object_for_a_program() {
        let texts = vec!["lyceum.toml:1:1: there is no pool".to_owned()];
        let lines = about_configuration(Severity::Error, texts);
        assert_eq!(
            as_text(&lines),
            "error: lyceum.toml:1:1: there is no pool\n"
        );
        assert_eq!(
            as_json(&lines),
            "[{\"severity\":\"error\",\"about\":\"configuration\",\"pool\":null,\
             \"text\":\"lyceum.toml:1:1: there is no pool\"}]\n"
        );
    }

    #[test]
    fn nothing_found_is_said_to_a_person_and_empty_for_a_program() {
        assert_eq!(as_text(&[]), "All is well.\n");
        assert_eq!(as_json(&[]), "[]\n");
    }
}
