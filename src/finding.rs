//! What `lyceum check` finds, wherever it looks.

use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "&'static str")]
pub enum Severity {
    /// As it should be; the text may hold advice on what can't be seen from here.
    Ok,
    /// The service runs, but not as well as it could, or somebody should look.
    Warning,
    /// The service does not work.
    Error,
}

/// One thing that was looked at, in a sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What is so, and if it is bad, how to mend it.
    pub text: String,
}

impl Finding {
    /// All is well.
    pub fn ok(text: impl Into<String>) -> Self {
        Self::new(Severity::Ok, text)
    }

    /// Somebody should look.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, text)
    }

    /// The service does not work.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Severity::Error, text)
    }

    fn new(severity: Severity, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { severity, text }
    }
}

impl From<Severity> for &'static str {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Ok => "ok",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}
