//! Lists that are told in parts, each as large as a stanza can hold. XEP-0059 §2.3 lets a page have
//! fewer items than were asked for.

use xmpp_parsers::disco::DiscoItemsResult;

use super::envelope::{Envelope, STANZA_OUT_MAX};
use super::page::{Extent, Start};

/// Answers with `part` of a list, which `extent` places in the whole, or with as much of it as
/// fits.
///
/// The items that stay are the nearest to where the page was asked to begin, so that a client that
/// pages on, in either direction, misses none.
pub(in crate::wire) fn items<T>(
    envelope: &Envelope,
    mut part: &[T],
    extent: &Extent,
    build: impl Fn(&[T], &Extent) -> DiscoItemsResult,
) -> Vec<u8> {
    let backwards = matches!(envelope.page().start, Start::Before(_) | Start::Last);
    let mut extent = extent.clone();
    loop {
        let answer = build(part, &extent);
        let written = envelope.try_answer("result", |xml| {
            xml.typed(&answer);
        });
        let too_long = match written {
            Ok(bytes) => return bytes,
            Err(too_long) => too_long,
        };
        let fitting = part.len() * STANZA_OUT_MAX / too_long.size;
        let kept = fitting.min(part.len().saturating_sub(1));
        if kept == 0 {
            return envelope.refuse_to_answer();
        }
        let left_out = part.len() - kept;
        if backwards {
            part = &part[left_out..];
            extent.first_index = extent.first_index.map(|index| index + left_out);
        } else {
            part = &part[..kept];
        }
    }
}
