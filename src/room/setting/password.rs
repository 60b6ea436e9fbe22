//! The room's password. XEP-0045 §7.2.5 (#enter-pw).

use super::configuration::Configuration;

impl Configuration {
    /// Whether this is the room's password. Where none is needed, none is right.
    pub(in crate::room) fn is_password(&self, given: Option<&str>) -> bool {
        match (&self.password, given) {
            (Some(password), Some(given)) => equal(given, password),
            (Some(_), None) | (None, _) => false,
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
