//! Asking before something is destroyed.

use std::io::{self, IsTerminal};

use anyhow::{Context, anyhow};

use super::{Failure, print};

/// Whether what is asked for may be done without a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// It was said on the command line.
    Given,
    /// There is somebody at a terminal who can be asked.
    ToBeAsked,
}

/// Looks whether somebody has consented or can be asked.
///
/// # Errors
/// [`Failure::CommandLine`]: neither.
pub(super) fn consent(yes: bool) -> Result<Consent, Failure> {
    match (yes, io::stdin().is_terminal()) {
        (true, _) => Ok(Consent::Given),
        (false, true) => Ok(Consent::ToBeAsked),
        (false, false) => Err(Failure::CommandLine(
            "this destroys messages for good, and there is no terminal to ask at; say --yes if it \
             is meant, or look first with --dry-run"
                .to_owned(),
        )),
    }
}

impl Consent {
    /// Asks, if that is still to be done. `what` is what would happen, as a question.
    ///
    /// # Errors
    /// [`Failure::Other`]: it is not wanted.
    pub fn ask(self, what: &str) -> Result<(), Failure> {
        if self == Self::Given {
            return Ok(());
        }
        let unasked = "nobody could be asked";
        print::question(&format!("{what} This can't be undone. [y/N]")).context(unasked)?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).context(unasked)?;
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(anyhow!("nothing was done").into()),
        }
    }
}
