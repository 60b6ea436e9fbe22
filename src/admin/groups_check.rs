//! What `lyceum check` finds out about groups: whether their sources can be read now, and whether
//! what categories refer to is there.

use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::config::{self, Pool};
use crate::directory::{GroupNews, Groups, LdapTree, NamedGroups, missing_groups};
use crate::finding::Finding;
use crate::groups;
use crate::store::{self, KnownGroups};

/// Reads the sources as the service would, and looks at them with what the database has.
pub(super) fn check(runtime: &Runtime, pool: &Pool) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Of a database that can't be read enough has been said.
    let kept = store::check::kept_lists(&pool.database).unwrap_or_default();
    let (categories, KnownGroups { named, tree }) = kept;
    let named = match &pool.groups {
        Some(path) => read_file(path, &mut findings).unwrap_or(named),
        None => Arc::default(),
    };
    let tree = match &pool.ldap {
        Some(ldap) => read_ldap(runtime, ldap, &mut findings).unwrap_or(tree),
        None => Arc::default(),
    };
    let mut known = Groups::new(&pool.rules.terms.served);
    known.learn(GroupNews::Named(named));
    known.learn(GroupNews::Tree(tree));
    let missing = missing_groups(&known, categories.iter());
    findings.extend(missing.into_iter().map(Finding::warning));
    findings
}

fn read_file(path: &Path, findings: &mut Vec<Finding>) -> Option<Arc<NamedGroups>> {
    match groups::read_file(path) {
        Ok(named) => {
            let count = counted(named.len(), "group");
            findings.push(Finding::ok(format!("{}: {count}", path.display())));
            Some(Arc::new(named))
        }
        Err(fault) => {
            findings.push(Finding::error(format!("groups: {fault}; {STALE}")));
            None
        }
    }
}

fn read_ldap(
    runtime: &Runtime,
    ldap: &config::Ldap,
    findings: &mut Vec<Finding>,
) -> Option<Arc<LdapTree>> {
    match runtime.block_on(groups::read_ldap(ldap)) {
        Ok(groups::LdapReading { tree, unaddressed }) => {
            let people = match tree.count() {
                1 => "1 person".to_owned(),
                people => format!("{people} people"),
            };
            findings.push(Finding::ok(format!(
                "{}: {people} with an address, {unaddressed} without, {}",
                ldap.url,
                counted(tree.groups(), "group")
            )));
            Some(Arc::new(tree))
        }
        Err(fault) => {
            findings.push(Finding::error(format!("LDAP: {fault}; {STALE}")));
            None
        }
    }
}

fn counted(number: usize, unit: &str) -> String {
    crate::command::counted(number as u64, unit)
}

const STALE: &str = "until it can be read, what was known last stays in force";
