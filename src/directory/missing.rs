//! References to groups that aren't there, for whoever has to mend them.

use super::category::{Category, CategoryList};
use super::groups::Groups;

/// What lists of categories, and groups themselves, refer to and isn't there, in a sentence each.
/// Until it is there, it is nobody.
pub fn missing_groups<'a>(
    groups: &Groups,
    categories: impl Iterator<Item = &'a Category>,
) -> Vec<String> {
    let mut sentences = Vec::new();
    for category in categories {
        for list in CategoryList::ALL {
            for unknown in groups.unknown(category.list(list)) {
                let (name, list) = (&category.name, list.name());
                sentences.push(format!("category {name}, {list}: {unknown}; {NOBODY}"));
            }
        }
    }
    for unknown in groups.unknown_in_file() {
        sentences.push(format!("groups: {unknown}; {NOBODY}"));
    }
    sentences
}

const NOBODY: &str = "until there is, it is nobody";
