//! The hash of a room's capabilities, so that clients need not ask what they know. XEP-0115.
//!
//! The library's own computation is not used: it sorts strings with the `<` that ends them, so that
//! `…/muc#stable_id` comes before `…/muc`, and it does not sort a form's fields; both make another hash.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jid::BareJid;
use xmpp_parsers::caps::hash_caps;
use xmpp_parsers::data_forms::DataForm;
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::hashes::Algo;
use xmpp_parsers::ns;

use super::frame::StanzaKind;
use super::room_information::{Extent, room_information};
use super::template::{Draft, Template};
use crate::room::effect::Information;

/// The node under which rooms answer for their capabilities; a hash follows after `#`.
pub(super) const NODE: &str = "urn:lyceum:0";

/// The presence of the room itself. XEP-0115 §4 (#protocol), and XEP-0153 for its picture.
///
/// COMPAT(ejabberd): that service sends the same to newcomers, and clients that know it save a question for each
/// room they enter.
pub(super) fn encode_room_presence(room: &BareJid, information: &Information) -> Template {
    let mut draft = Draft::new(StanzaKind::Presence, room, None, 0);
    let xml = draft.xml();
    xml.open_in(ns::CAPS, "c")
        .attribute("hash", "sha-1")
        .attribute("node", NODE)
        .attribute("ver", &room_version(room, information))
        .close("c");
    xml.open_in(ns::VCARD_UPDATE, "x").text_element(
        "photo",
        information.avatar_hash.as_deref().unwrap_or_default(),
    );
    xml.close("x");
    draft.finish()
}

/// The version of a room's capabilities: that of the part of its information which is the same for everybody.
pub(super) fn room_version(room: &BareJid, information: &Information) -> String {
    version(&room_information(room, information, Extent::Lasting))
}

/// Whether a node of service discovery is that of a room's capabilities as they are. XEP-0115 §6.2 (#discover): of
/// another version, one from before or one that never was, nothing is known.
pub(super) fn is_version(node: &str, room: &BareJid, information: &Information) -> bool {
    node.split_once('#')
        .is_some_and(|(name, version)| name == NODE && version == room_version(room, information))
}

/// The verification string. XEP-0115 §5.1 (#ver-gen).
fn version(answer: &DiscoInfoResult) -> String {
    let mut identities: Vec<String> = answer
        .identities
        .iter()
        .map(|identity| {
            let lang = identity.lang.as_deref().unwrap_or_default();
            let name = identity.name.as_deref().unwrap_or_default();
            format!("{}/{}/{lang}/{name}", identity.category, identity.type_)
        })
        .collect();
    identities.sort();
    let mut forms: Vec<&DataForm> = answer.extensions.iter().collect();
    forms.sort_by_key(|form| form.form_type());
    let strings = identities
        .into_iter()
        .chain(answer.features.iter().cloned())
        .chain(forms.into_iter().flat_map(form_strings));
    let input: String = strings
        .flat_map(|string| [string, "<".to_owned()])
        .collect();
    BASE64_STANDARD.encode(sha1(input.as_bytes()))
}

/// What a form adds: its type, then each field's name and values, all sorted.
fn form_strings(form: &DataForm) -> Vec<String> {
    let mut fields: Vec<_> = form
        .fields
        .iter()
        .filter_map(|field| Some((field.var.as_deref()?, &field.values)))
        .filter(|(var, _)| *var != "FORM_TYPE")
        .collect();
    fields.sort();
    let mut strings = vec![form.form_type().unwrap_or_default().to_owned()];
    for (var, values) in fields {
        let mut values = values.clone();
        values.sort();
        strings.push(var.to_owned());
        strings.extend(values);
    }
    strings
}

/// SHA-1, which XEP-0115 and XEP-0153 demand.
pub(super) fn sha1(bytes: &[u8]) -> Vec<u8> {
    hash_caps(bytes, Algo::Sha_1)
        .expect("the library knows SHA-1")
        .hash
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of XEP-0115 §5.2 (#ver-gen-simple) and §5.3 (#ver-gen-complex).
    #[test]
    fn versions_are_those_of_the_specification() {
        let query = |xml: &str| -> DiscoInfoResult {
            let xml = format!("<query xmlns='http://jabber.org/protocol/disco#info'>{xml}</query>");
            xso::from_bytes(xml.as_bytes()).unwrap()
        };
        let features = "<feature var='http://jabber.org/protocol/disco#info'/>\
            <feature var='http://jabber.org/protocol/disco#items'/>\
            <feature var='http://jabber.org/protocol/muc'/>\
            <feature var='http://jabber.org/protocol/caps'/>";
        let simple =
            format!("<identity category='client' name='Exodus 0.9.1' type='pc'/>{features}");
        assert_eq!(version(&query(&simple)), "QgayPKawpkPSDYmwT/WM94uAlu0=");
        let complex = format!(
            "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>\
             <identity xml:lang='el' category='client' name='\u{3a8} 0.11' type='pc'/>{features}\
             <x xmlns='jabber:x:data' type='result'>\
             <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>\
             <field var='os_version'><value>10.5.1</value></field>\
             <field var='os'><value>Mac</value></field>\
             <field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field>\
             <field var='software_version'><value>0.11</value></field>\
             <field var='software'><value>Psi</value></field></x>"
        );
        assert_eq!(version(&query(&complex)), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
    }
}
