//! Groups that are kept elsewhere, on their way into the engine.

use std::fmt;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Engine;
use crate::config::Pool;
use crate::directory::{self, GroupNews};
use crate::groups;
use crate::metrics::PoolMetrics;
use crate::room::Now;

/// The tasks that look at the sources of groups; they end with this.
pub(super) struct GroupSources {
    /// What has changed.
    pub news: mpsc::Receiver<GroupNews>,
    _tasks: JoinSet<()>,
}

impl GroupSources {
    /// Has the sources of a pool looked at from now on.
    pub fn watch(pool: &Pool, engine: &Engine, counts: &PoolMetrics) -> Self {
        let (sender, news) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        let known = engine.directory.groups();
        if let Some(path) = &pool.groups {
            let (path, known) = (path.clone(), known.named().clone());
            let counts = counts.groups_file.clone();
            tasks.spawn(groups::watch_file(path, known, sender.clone(), counts));
        }
        if let Some(ldap) = &pool.ldap {
            let (ldap, known) = (ldap.clone(), known.tree().clone());
            let counts = counts.groups_ldap.clone();
            tasks.spawn(groups::watch_ldap(ldap, known, sender, counts));
        }
        Self {
            news,
            _tasks: tasks,
        }
    }
}

impl fmt::Debug for GroupSources {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GroupSources")
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Takes note of what has changed outside.
    pub fn learn(&mut self, now: Now, news: GroupNews) {
        let now = self.at(now);
        self.blame_nobody();
        let before = self.missing_groups();
        self.tell_directory(now, directory::Request::Learn(news));
        let unknown = self.missing_groups();
        for sentence in unknown.iter().filter(|one| !before.contains(one)) {
            tracing::warn!("{sentence}");
        }
    }

    /// Takes note of what the configuration says: of the file as it is now, and of sources that
    /// are there no longer. What can't be read leaves what was known last.
    pub(super) fn learn_from(&mut self, now: Now, pool: &Pool) {
        let known = self.directory.groups();
        let named = match &pool.groups {
            None => Some(Arc::default()),
            // Whoever watches it tells what is wrong.
            Some(path) => groups::read_file(path).ok().map(Arc::new),
        };
        let named = named.filter(|named| named != known.named());
        let tree = (pool.ldap.is_none() && !known.tree().entries().is_empty()).then(Arc::default);
        let news = named.map(GroupNews::Named).into_iter();
        for news in news.chain(tree.map(GroupNews::Tree)) {
            self.tell_directory(now, directory::Request::Learn(news));
        }
        for sentence in self.missing_groups() {
            tracing::warn!("{sentence}");
        }
    }

    fn missing_groups(&self) -> Vec<String> {
        directory::missing_groups(self.directory.groups(), self.directory.categories())
    }

    /// What was known may be newer than what is stored, when that could not be written.
    pub(super) fn learn_again(&mut self, known: [GroupNews; 2]) {
        for news in known {
            let is_known = match &news {
                GroupNews::Named(named) => named == self.directory.groups().named(),
                GroupNews::Tree(tree) => tree == self.directory.groups().tree(),
            };
            if !is_known {
                self.tell_directory(self.now, directory::Request::Learn(news));
            }
        }
    }
}
