//! The room's password. XEP-0045 §7.2.5 (#enter-pw).

use crate::room::{Affiliation, Refusal, Room};

impl Room {
    /// Whether this password lets this affiliation in. Owners know it anyway, so they need none.
    ///
    /// # Errors
    /// - [`Refusal::PasswordRequired`]: none was given, or a wrong one.
    pub(in crate::room) fn check_password(
        &self,
        affiliation: Affiliation,
        given: Option<&str>,
    ) -> Result<(), Refusal> {
        match &self.configuration.password {
            None => Ok(()),
            Some(_) if affiliation == Affiliation::Owner => Ok(()),
            Some(password) if given.is_some_and(|given| equal(given, password)) => Ok(()),
            Some(_) => Err(Refusal::PasswordRequired),
        }
    }
}

/// Compares in a time that does not tell where the first difference is.
fn equal(given: &str, password: &str) -> bool {
    given.len() == password.len()
        && given
            .bytes()
            .zip(password.bytes())
            .fold(0, |differences, (a, b)| differences | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_password_is_equal() {
        assert!(equal("cauldron", "cauldron"));
        assert!(!equal("cauldro", "cauldron"));
        assert!(!equal("Cauldron", "cauldron"));
        assert!(!equal("", "x"));
    }
}
