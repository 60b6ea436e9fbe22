//! What there is to know of what comes, by its kind.

use std::collections::BTreeMap;

use crate::transfer::{Remark, RemarkKind};

/// All that there is to know.
#[derive(Default)]
pub(super) struct Remarks(BTreeMap<RemarkKind, KindRemarks>);

/// All remarks of a kind.
#[derive(Default)]
struct KindRemarks {
    told: Vec<Remark>,
    /// Number of those that are not told.
    more: u64,
}

impl Remarks {
    /// Adds one, or counts it where enough are told.
    pub fn add(&mut self, remark: Remark) {
        let of_kind = self.0.entry(remark.kind).or_default();
        match of_kind.told.len() < TOLD_MAX {
            true => of_kind.told.push(remark),
            false => of_kind.more += 1,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody's access would be wider than before.
    pub fn widen(&self) -> bool {
        self.0.contains_key(&RemarkKind::Widens)
    }

    /// For programs: a list for each kind.
    pub fn json(&self) -> serde_json::Value {
        let kinds = self.0.iter().map(|(kind, of_kind)| {
            let told = of_kind
                .told
                .iter()
                .map(|remark| serde_json::json!({ "about": remark.about, "text": remark.text }));
            let of_kind = serde_json::json!({
                "told": told.collect::<Vec<_>>(),
                "more": of_kind.more,
            });
            (kind.name().to_owned(), of_kind)
        });
        kinds.collect::<serde_json::Map<_, _>>().into()
    }

    /// For people: a heading for each kind, and a line for each remark.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().flat_map(|(kind, of_kind)| {
            let heading = format!("{}:", kind.heading());
            let told = of_kind.told.iter().map(|remark| format!("  {remark}"));
            let more = (of_kind.more > 0).then(|| format!("  and {} more", of_kind.more));
            std::iter::once(heading).chain(told).chain(more)
        })
    }
}

/// Maximum number of remarks of a kind that are told; more are counted.
const TOLD_MAX: usize = 1000;
