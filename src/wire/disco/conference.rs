//! What the service and its rooms say of themselves alike: both are conferences, and both have an
//! archive that is asked in the same way. XEP-0045 §6.2 (#disco-service), §6.4 (#disco-roominfo).

use std::collections::BTreeSet;

use xmpp_parsers::disco::Identity;
use xmpp_parsers::ns;

use crate::wire::adhoc;
use crate::wire::archive::form;

/// The identity of a conference in text. `lang` is the language of the name.
pub(in crate::wire) fn identity(name: String, lang: Option<String>) -> Identity {
    Identity {
        category: "conference".to_owned(),
        type_: "text".to_owned(),
        lang,
        name: Some(name),
    }
}

/// The features of both, with those that only one of them has.
pub(super) fn features(more: &[&str]) -> BTreeSet<String> {
    let features = FEATURES.iter().chain(more);
    features.map(|var| (*var).to_owned()).collect()
}

/// Takes away what only whoever has an archive can do.
pub(super) fn remove_archive(features: &mut BTreeSet<String>) {
    for feature in [ns::MAM, form::EXTENDED, form::FULLTEXT] {
        features.remove(feature);
    }
}

const FEATURES: &[&str] = &[
    adhoc::NAMESPACE,
    ns::MUC,
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::MAM,
    form::EXTENDED,
    form::FULLTEXT,
    ns::OID,
    ns::PING,
    ns::RSM,
    ns::SID,
    ns::VCARD,
    "http://jabber.org/protocol/muc#stable_id",
    // XEP-0424 §2 (#disco), §4 (#tombstones): for who sees to it that they are archived, and leaves
    // tombstones. The archive of the service is those of all rooms together.
    "urn:xmpp:message-retract:1",
    "urn:xmpp:message-retract:1#tombstone",
];
