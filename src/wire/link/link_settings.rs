//! What the link has to know before it connects. XEP-0114 §3 (#proto).

use std::fmt;

use crate::wire::xml::limits::StanzaLimits;
use crate::wire::xml::overspent::Overspent;

/// Where to connect, and as whom.
#[derive(Clone)]
pub struct LinkSettings {
    /// The component's domain.
    pub domain: String,
    /// Where the server listens for components, `host:port`.
    pub server: String,
    /// The secret that the server knows for the domain.
    pub secret: String,
    /// What is refused without being looked at.
    pub limits: StanzaLimits,
    /// Whose long stanzas are not read to their end.
    pub overspent: Overspent,
}

impl fmt::Debug for LinkSettings {
    /// Leaves the secret out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LinkSettings")
            .field("domain", &self.domain)
            .field("server", &self.server)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_in_the_settings_debug_output() {
        let settings = LinkSettings {
            domain: "rooms.example".into(),
            server: "127.0.0.1:1".into(),
            secret: "hush".into(),
            limits: StanzaLimits::default(),
            overspent: Overspent::default(),
        };
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
