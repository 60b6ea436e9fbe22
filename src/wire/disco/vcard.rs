//! A room's picture, as a vCard. XEP-0486, XEP-0054, XEP-0153.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use xmpp_parsers::caps::hash_caps;
use xmpp_parsers::hashes::Algo;
use xmpp_parsers::ns;
use xso::FromXml;

use crate::room::request::Avatar;
use crate::room::{Action, Payload};
use crate::wire::stanza::envelope::STANZA_OUT_MAX;
use crate::wire::stanza::problem::Problem;
use crate::wire::xml::frame::Child;
use crate::wire::xml::limits::Unreadable;

/// A vCard, of which only the picture matters here; all of it is kept as it is.
#[derive(FromXml, Debug)]
#[xml(namespace = ns::VCARD, name = "vCard")]
struct VCard {
    #[xml(child(default))]
    photo: Option<Photo>,
}

#[derive(FromXml, Debug)]
#[xml(namespace = ns::VCARD, name = "PHOTO")]
struct Photo {
    #[xml(extract(default, name = "BINVAL", fields(text(type_ = String))))]
    picture: Option<String>,
}

/// Reads a vCard that an owner sets. "Setting an empty vCard unpublishes the avatar", XEP-0486 §3.2
/// (#owner-publish); so does one without a picture.
///
/// # Errors
/// - [`Problem::Malformed`]: the picture is not in base64.
/// - [`Problem::Unreadable`]: the card is so large that nobody could be given it.
pub(in crate::wire) fn decode_set(child: &Child<'_>) -> Result<Action, Problem> {
    if child.xml().len() > CARD_MAX {
        return Err(Problem::Unreadable(Unreadable::TooLarge));
    }
    let vcard: VCard = child.parse().map_err(|_| MALFORMED)?;
    let picture = vcard
        .photo
        .and_then(|photo| photo.picture)
        .unwrap_or_default();
    let picture: String = picture.split_ascii_whitespace().collect();
    if picture.is_empty() {
        return Ok(Action::SetAvatar { avatar: None });
    }
    let picture = BASE64_STANDARD.decode(picture).map_err(|_| MALFORMED)?;
    let avatar = Avatar {
        vcard: Payload::new(child.xml()),
        hash: hash(&picture).into(),
    };
    Ok(Action::SetAvatar {
        avatar: Some(avatar),
    })
}

/// Leaves room in an answer for its addresses and id.
const CARD_MAX: usize = STANZA_OUT_MAX - 8 * 1024;

/// The hash of the image itself, in lower-case hexadecimal. XEP-0153 §4.1 (#bizrules-presence).
const MALFORMED: Problem = Problem::Malformed {
    element: "PHOTO",
    wanted: "one, with the picture in base64 in one <BINVAL/>",
};

fn hash(picture: &[u8]) -> String {
    sha1(picture)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// SHA-1, which XEP-0153 demands.
fn sha1(bytes: &[u8]) -> Vec<u8> {
    hash_caps(bytes, Algo::Sha_1)
        .expect("the library knows SHA-1")
        .hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;

    fn set(children: &str) -> Result<Option<Avatar>, Problem> {
        let xml = format!("<iq><vCard xmlns='vcard-temp'>{children}</vCard></iq>");
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        match decode_set(&frame.children().next().unwrap()) {
            Ok(Action::SetAvatar { avatar }) => Ok(avatar),
            Ok(other) => panic!("{other:?}"),
            Err(problem) => Err(problem),
        }
    }

    #[test]
    fn the_hash_is_that_of_the_picture() {
        let photo = "<PHOTO><TYPE>image/png</TYPE><BINVAL>\n aGVs\n bG8=\n</BINVAL></PHOTO>";
        let avatar = set(&format!("<FN>Coven</FN>{photo}")).unwrap().unwrap();
        assert_eq!(&*avatar.hash, "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d");
        let vcard = String::from_utf8(avatar.vcard.as_bytes().to_vec()).unwrap();
        assert!(
            vcard.starts_with("<vCard xmlns='vcard-temp'><FN>Coven</FN>"),
            "{vcard}"
        );
    }

    #[test]
    fn a_vcard_without_picture_takes_it_away() {
        assert_eq!(set(""), Ok(None));
        assert_eq!(
            set("<FN>Coven</FN><PHOTO><EXTVAL>https://example.org/</EXTVAL></PHOTO>"),
            Ok(None)
        );
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert_eq!(set("<PHOTO><BINVAL>???</BINVAL></PHOTO>"), Err(MALFORMED));
    }

    #[test]
    fn a_card_that_nobody_could_be_given_is_refused() {
        assert_eq!(
            set(&format!("<FN>{}</FN>", "x".repeat(CARD_MAX))),
            Err(Problem::Unreadable(Unreadable::TooLarge))
        );
    }
}
