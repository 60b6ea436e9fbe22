//! `[http]`: where monitoring asks.

use std::net::SocketAddr;

use super::error::Fault;
use super::section::Section;

pub(super) const SECTION: &str = "[http]";

/// Reads the section: the address to listen on, `None` if it isn't written.
pub(super) fn read(mut section: Section<'_, '_>) -> Option<SocketAddr> {
    let text = section.text("listen");
    let address = text.and_then(|text| {
        let found = *text.get_ref();
        let address = found
            .parse()
            .ok()
            .filter(|address: &SocketAddr| address.port() > 0);
        if address.is_none() {
            let fault = Fault::NotAListener {
                found: found.to_owned(),
            };
            section.reading().wrong(text.span().start, fault);
        }
        address
    });
    section.finish();
    address
}
