//! Asking before something is destroyed.

use std::io::{self, IsTerminal};

use anyhow::{Context, anyhow};

use super::{Failure, print};

/// Whether something may be destroyed without a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// It was said on the command line.
    Given,
    /// There is somebody at a terminal who can be asked.
    ToBeAsked,
    /// There is nobody who could be asked.
    Impossible,
}

/// Looks whether somebody has consented or can be asked.
pub(super) fn consent(yes: bool) -> Consent {
    match (yes, io::stdin().is_terminal()) {
        (true, _) => Consent::Given,
        (false, true) => Consent::ToBeAsked,
        (false, false) => Consent::Impossible,
    }
}

impl Consent {
    /// Asks, if that is still to be done. `what` is what would happen, as a question.
    ///
    /// # Errors
    /// - [`Failure::CommandLine`]: nobody can be asked.
    /// - [`Failure::Other`]: it is not wanted.
    pub fn ask(self, what: &str) -> Result<(), Failure> {
        match self {
            Self::Given => Ok(()),
            Self::Impossible => Err(Failure::CommandLine(
                "this destroys messages for good, and there is no terminal to ask at; say --yes if it \
                 is meant, or look first with --dry-run"
                    .to_owned(),
            )),
            Self::ToBeAsked => ask(what),
        }
    }
}

fn ask(what: &str) -> Result<(), Failure> {
    let unasked = "nobody could be asked";
    print::question(&format!("{what} This can't be undone. [y/N]")).context(unasked)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context(unasked)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(anyhow!("nothing was done").into()),
    }
}
