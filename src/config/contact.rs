//! `[pool.contact]`: whom to turn to, shown in the service's disco#info. XEP-0157.

use super::address;
use super::section::Section;

pub(super) const SECTION: &str = "[pool.contact]";

/// Each kind of address: its key in the file, and its field in the form of XEP-0157 §7.1
/// (#registrar-formtype).
pub const CONTACT_KINDS: [(&str, &str); 7] = [
    ("abuse", "abuse-addresses"),
    ("admin", "admin-addresses"),
    ("feedback", "feedback-addresses"),
    ("sales", "sales-addresses"),
    ("security", "security-addresses"),
    ("status", "status-addresses"),
    ("support", "support-addresses"),
];

/// Contact addresses, all of them URIs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// In the order of [`CONTACT_KINDS`].
    addresses: [Vec<String>; CONTACT_KINDS.len()],
}

impl Contact {
    /// The form's fields with at least one address: field name and addresses.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        CONTACT_KINDS
            .iter()
            .zip(&self.addresses)
            .filter(|(_, addresses)| !addresses.is_empty())
            .map(|((_, field), addresses)| (*field, addresses.as_slice()))
    }
}

/// Reads the section; an address that is wrong is noted and left out.
pub(super) fn read(mut section: Section<'_, '_>) -> Contact {
    let addresses = CONTACT_KINDS.map(|(key, _)| address::uris(&mut section, key));
    section.finish();
    Contact { addresses }
}
