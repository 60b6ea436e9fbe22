//! Addresses as their servers have made them, people's emoji included. RFC 7622, RFC 3454.
//!
//! The library prepares an address by stringprep, which knows Unicode as it was in 2002 and refuses
//! every character that came later: the resource of `bob@example.org/Bobs 📱`, and the nick of a
//! horse. RFC 7622 takes them, and so do the servers, which prepare by stringprep too, and let pass
//! *as it is* what that does not know (RFC 3454 §7 calls it a query). So that is done here: what
//! stringprep knows is prepared by it, run by run, and what came later stays as it is, unless RFC
//! 7622 §3.4 would not have it either: what draws nothing, and what controls how others are drawn.
//! Nothing else would do, RFC 7622's own profile neither: a session is only reached by the very
//! address its server knows it under.
//!
//! This is the one place where addresses are made of text from outside; what was ours before, in
//! the database too, is read by it again.

use std::borrow::Cow;

use jid::{BareJid, DomainPart, Error, FullJid, Jid, NodeRef, ResourcePart, ResourceRef};
use stringprep::tables::unassigned_code_point as is_later;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::root::strip_root;

/// Reads an address. One whose normal form is not normal itself is none: it would not be the same
/// person after it was stored, and a ban of it would not hold.
///
/// # Errors
/// What is wrong with which part.
pub fn parse(text: &str) -> Result<Jid, Error> {
    let text = &*strip_root(text)?;
    if text.is_ascii() {
        return Jid::new(text);
    }
    let jid = read(text)?;
    if read(jid.as_str())? != jid {
        return Err(Error::NodePrep);
    }
    Ok(jid)
}

/// Reads an address without a resource.
///
/// # Errors
/// As [`parse`], or that there is a resource.
pub fn parse_bare(text: &str) -> Result<BareJid, Error> {
    parse(text)?
        .try_into_full()
        .map_or_else(Ok, |_| Err(Error::ResourceInBareJid))
}

/// Reads an address with a resource.
///
/// # Errors
/// As [`parse`], or that there is no resource.
pub fn parse_full(text: &str) -> Result<FullJid, Error> {
    parse(text)?
        .try_into_full()
        .map_err(|_| Error::ResourceMissingInFullJid)
}

/// What a name reads like in an address: its letters and digits in lower case, a hyphen for all
/// that is between. So it has nothing in it that XEP-0106 would have to escape. It is cut off
/// behind `bytes_max` bytes, roughly; empty: the name has no letter and no digit.
pub fn of_name(name: &str, bytes_max: usize) -> String {
    let mut word = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if word.len() >= bytes_max {
            break;
        }
        match character.is_alphanumeric() {
            true => word.push(character),
            false if !word.is_empty() && !word.ends_with('-') => word.push('-'),
            false => {}
        }
    }
    word.truncate(word.trim_end_matches('-').len());
    word
}

/// Prepares a resource, such as a nick.
///
/// # Errors
/// It has a character that no resource has, or too many bytes, or none at all.
pub fn resource(text: &str) -> Result<ResourcePart, Error> {
    if !text.contains(is_later) {
        return ResourcePart::new(text).map(Cow::into_owned);
    }
    let prepared = prepare(text, |run| stringprep::resourceprep(run).ok());
    let prepared = within(prepared.ok_or(Error::ResourcePrep)?, Error::ResourceTooLong)?;
    Ok(resource_ref(&prepared).to_owned())
}

/// The address with a resource that [`resource`] has prepared, or prepares now.
///
/// # Errors
/// As [`resource`].
pub fn with_resource(bare: &BareJid, text: &str) -> Result<FullJid, Error> {
    Ok(bare.with_resource(&resource(text)?))
}

fn read(text: &str) -> Result<Jid, Error> {
    if !text.contains(is_later) {
        return Jid::new(text);
    }
    // RFC 7622 §3.2: the resource is cut off first, for it may hold both signs.
    let (bare, resource_text) = match text.split_once('/') {
        Some((bare, resource)) => (bare, Some(resource)),
        None => (text, None),
    };
    let (node, domain) = match bare.split_once('@') {
        Some((node, domain)) => (Some(node), domain),
        None => (None, bare),
    };
    let node = node.map(self::node).transpose()?;
    let domain = DomainPart::new(domain)?;
    let resource = resource_text.map(resource).transpose()?;
    Ok(Jid::from_parts(
        node.as_deref().map(node_ref),
        &domain,
        resource.as_deref(),
    ))
}

/// The bare address of somebody. For what is done for every stanza: the library's way writes it
/// anew, part by part, and takes some five times as long.
pub fn bare(address: &Jid) -> BareJid {
    address.clone().into_bare()
}

/// The text of that.
pub fn bare_text(address: &Jid) -> &str {
    let text = address.as_str();
    // A slash is in no part before the resource. RFC 7622 §3.2.
    text.split_once('/').map_or(text, |(bare, _)| bare)
}

fn node(text: &str) -> Result<String, Error> {
    let prepared = prepare(text, |run| stringprep::nodeprep(run).ok());
    within(prepared.ok_or(Error::NodePrep)?, Error::NodeTooLong)
}

/// Prepares each run of characters that stringprep knows, and leaves those between as they are.
fn prepare(text: &str, prepare_run: impl Fn(&str) -> Option<Cow<'_, str>>) -> Option<String> {
    let mut prepared = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_later) {
        let (run, later) = rest.split_at(at);
        let mut characters = later.chars();
        let character = characters.next().filter(|later| may_stand(*later))?;
        prepared.push_str(&prepare_run(run)?);
        prepared.push(character);
        rest = characters.as_str();
    }
    prepared.push_str(&prepare_run(rest)?);
    Some(prepared)
}

/// Whether a character that stringprep does not know may stand in an address: one that draws
/// something. What is not in our tables either is taken for that, for a client may know a newer
/// Unicode than we do.
fn may_stand(character: char) -> bool {
    let draws_nothing = matches!(
        character,
        // Default_Ignorable_Code_Point, as far as it came after 2002, with what is kept free for
        // more of it.
        '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{180f}' | '\u{2064}'..='\u{206f}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{e0000}'..='\u{e0fff}'
    );
    let is_no_character =
        (u32::from(character) & 0xfffe) == 0xfffe || matches!(character, '\u{fdd0}'..='\u{fdef}');
    let controls = matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::SpaceSeparator
    );
    !draws_nothing && !is_no_character && !controls
}

/// RFC 7622 §3.1: a part has between 1 and 1023 bytes. What has a character that came later is not
/// empty.
fn within(part: String, too_long: Error) -> Result<String, Error> {
    match part.len() {
        0..=1023 => Ok(part),
        _ => Err(too_long),
    }
}

/// What has been prepared here, as the library's type.
fn resource_ref(prepared: &str) -> &ResourceRef {
    let pointer = std::ptr::from_ref(prepared) as *const ResourceRef;
    // SAFETY: `ResourceRef` is a `#[repr(transparent)]` struct of one `str`, and the library makes
    // its own in the same way. It has no other way in that does not refuse what stringprep does not
    // know. What it wants of the text, to be prepared and within the length, only keeps addresses
    // comparable, and has been seen to above.
    unsafe { &*pointer }
}

/// The same for the part before the domain.
fn node_ref(prepared: &str) -> &NodeRef {
    let pointer = std::ptr::from_ref(prepared) as *const NodeRef;
    // SAFETY: as in `resource_ref`.
    unsafe { &*pointer }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_have_emoji_and_new_letters() {
        for address in [
            "bob@remote.test/Bobs 📱",
            "bob@remote.test/🐎",
            "bob@remote.test/Ⱥ and Ꞗ", // 2005, 2014
            "ბობ@remote.test/Აბ",      // 2018
            "bob@remote.test/👍🏽",
            "bob@remote.test/🫠",
            "𞤀@remote.test/x",
        ] {
            let jid = parse(address).unwrap_or_else(|error| panic!("{address}: {error}"));
            assert_eq!(jid.as_str(), address, "and it stays as its server has it");
            assert_eq!(parse(jid.as_str()).unwrap(), jid);
            assert_eq!(jid.domain().as_str(), "remote.test");
        }
    }

    #[test]
    fn what_stringprep_knows_is_prepared_as_before() {
        let prepared = |text| parse(text).map(|jid| jid.to_string());
        assert_eq!(prepared("Ann@Example.org/X").unwrap(), "ann@example.org/X");
        assert_eq!(
            prepared("J\u{fc}rgen@example.org").unwrap(),
            "j\u{fc}rgen@example.org"
        );
        assert_eq!(
            prepared("ÄNN🐎Ä@example.org/ﬁ🐎ﬁ").unwrap(),
            "änn🐎ä@example.org/fi🐎fi"
        );
        // "commonly mapped to nothing", RFC 3454 B.1: the servers send an emoji of several so.
        assert_eq!(prepared("a@b/👩\u{200d}💻❤\u{fe0f}").unwrap(), "a@b/👩💻❤");
        assert!(parse("@@").is_err());
        assert!(parse("a b🐎@example.org").is_err());
        assert!(parse("🐎@exam🐎ple.org/\u{85}").is_err());
    }

    #[test]
    fn what_draws_nothing_or_turns_the_line_is_refused() {
        for character in [
            '\u{2066}',
            '\u{2069}',
            '\u{61c}',
            '\u{e0100}',
            '\u{e0041}',
            '\u{fffe}',
            '\u{1ffff}',
            '\u{e000}',
            '\u{2065}',
            '\u{fdd0}',
            '\u{1d173}',
            '\u{85}',
            '\u{202e}',
            '\u{7}',
        ] {
            for text in [format!("a@b/x{character}y"), format!("a@b/🐎{character}y")] {
                assert!(parse(&text).is_err(), "{text:?}");
            }
        }
    }

    #[test]
    fn a_part_is_not_endless() {
        let horses = "🐎".repeat(256);
        assert!(matches!(resource(&horses), Err(Error::ResourceTooLong)));
        assert!(parse(&format!("{horses}@b")).is_err());
        assert!(resource(&horses[4..]).is_ok());
    }

    #[test]
    fn an_address_is_bare_or_full() {
        assert!(parse_bare("🐎@b").is_ok() && parse_bare("🐎@b/c").is_err());
        assert!(parse_full("a@b/🐎").is_ok() && parse_full("a@b").is_err());
        let room = parse_bare("r@b").unwrap();
        assert_eq!(with_resource(&room, "🐎").unwrap().as_str(), "r@b/🐎");
    }

    proptest! {
        #[test]
        fn an_address_is_the_same_when_it_is_read_again(node in ".{0,6}", resource in ".{0,8}") {
            if let Ok(jid) = parse(&format!("{node}@example.org/{resource}")) {
                prop_assert_eq!(parse(jid.as_str()).unwrap(), jid);
            }
        }

        #[test]
        fn without_later_characters_it_is_what_the_library_reads(text in "[a-zA-Z@/. \u{e0}-\u{ff}]{1,12}") {
            if let Ok(jid) = parse(&text) {
                // But for the dot of the root.
                prop_assert_eq!(Some(jid), Jid::new(&strip_root(&text).unwrap()).ok());
            }
        }
    }
}
