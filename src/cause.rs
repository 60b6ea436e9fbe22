//! An error with everything behind it, in one line.

use std::error::Error;

/// What went wrong and why, each cause told once.
///
/// An error may say its cause in its own words and name it as its source too; then what the source
/// says is there already. All that is printed of a chain of errors is made here, so that nobody
/// reads the same twice.
pub fn told(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("a line: {0}")]
    struct Inline(#[source] Plain);

    #[derive(Debug, thiserror::Error)]
    #[error("a file can't be read")]
    struct Plain(#[source] std::fmt::Error);

    #[test]
    fn a_cause_is_told_once_whether_or_not_its_error_says_it() {
        let error = Inline(Plain(std::fmt::Error));
        let cause = std::fmt::Error.to_string();
        assert_eq!(
            told(&error),
            format!("a line: a file can't be read: {cause}")
        );
        let error = anyhow::Error::new(error).context("an import");
        assert_eq!(
            told(error.as_ref()),
            format!("an import: a line: a file can't be read: {cause}")
        );
    }
}
