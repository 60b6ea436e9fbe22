//! Going through everything of a kind that the database has, a page at a time.

use super::error::Error;

/// Hands on everything of a kind, in the order of keys, and tells whether there was anything. A
/// page is read behind the key of the last that was handed on, or from the first.
///
/// # Errors
/// Why a page can't be read, or what was made of one thing.
pub(super) fn each<Item, Key>(
    mut page: impl FnMut(Option<&Key>) -> Result<Vec<Item>, Error>,
    key: impl Fn(&Item) -> Key,
    mut take: impl FnMut(Item) -> Result<(), Error>,
) -> Result<bool, Error> {
    let mut after = None;
    loop {
        let items = page(after.as_ref())?;
        let Some(last) = items.last() else {
            return Ok(after.is_some());
        };
        after = Some(key(last));
        items.into_iter().try_for_each(&mut take)?;
    }
}
