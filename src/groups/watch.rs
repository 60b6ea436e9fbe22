//! Looking again and again whether groups have changed.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::{task, time};

use super::file::{self, FileFault};
use super::ldap::{self, Reading};
use super::ldap_fault::LdapFault;
use crate::config;
use crate::directory::{GroupNews, LdapTree, NamedGroups};
use crate::metrics::SourceMetrics;

/// How often it is looked whether the file has changed.
const FILE_INTERVAL: Duration = Duration::from_secs(2);
/// How long an LDAP directory is left alone that couldn't be read, at most.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// Tells of the file's groups when they change, as long as somebody listens. `known` are those that
/// are in force already.
pub async fn watch_file(
    path: PathBuf,
    mut known: Arc<NamedGroups>,
    news: mpsc::Sender<GroupNews>,
    counts: SourceMetrics,
) {
    let mut log = SourceLog::new(format!("the groups of {}", path.display()), counts);
    let mut looked_at = None;
    loop {
        let place = path.clone();
        let looked = task::spawn_blocking(move || look(&place, looked_at)).await;
        // A panic has told of itself; the next look may go better.
        if let Ok(Some((stamp, read))) = looked {
            looked_at = stamp;
            match read {
                Ok(groups) => {
                    log.is_well(&format_args!("{} groups", groups.len()));
                    if groups != *known {
                        known = Arc::new(groups);
                        if news.send(GroupNews::Named(known.clone())).await.is_err() {
                            return;
                        }
                    }
                }
                Err(fault) => log.is_stale(fault.to_string()),
            }
        }
        time::sleep(FILE_INTERVAL).await;
        if news.is_closed() {
            return;
        }
    }
}

/// By what is seen that a file is another one, or was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

type Looked = (Option<FileStamp>, Result<NamedGroups, FileFault>);

/// Reads the file, unless it is as it was.
fn look(path: &Path, before: Option<FileStamp>) -> Option<Looked> {
    let stamp = stamp(path).ok();
    if stamp.is_some() && stamp == before {
        return None;
    }
    // What is written while it is read has another stamp next time.
    Some((stamp, file::read(path)))
}

fn stamp(path: &Path) -> io::Result<FileStamp> {
    let metadata = fs::metadata(path)?;
    Ok(FileStamp {
        inode: metadata.ino(),
        size: metadata.size(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// Tells of the LDAP directory when it has changed, as long as somebody listens. `known` is what is
/// in force already.
pub async fn watch_ldap(
    settings: config::Ldap,
    mut known: Arc<LdapTree>,
    news: mpsc::Sender<GroupNews>,
    counts: SourceMetrics,
) {
    let mut log = SourceLog::new(format!("the LDAP directory {}", settings.url), counts);
    let refresh = Duration::from_secs(settings.refresh_s.into());
    loop {
        let pause = match read_apart(&settings).await {
            Ok(Reading { tree, unaddressed }) => {
                log.is_well(&format_args!(
                    "{} people, {} groups, {unaddressed} people without an address",
                    tree.count(),
                    tree.groups()
                ));
                if tree != *known {
                    known = Arc::new(tree);
                    if news.send(GroupNews::Tree(known.clone())).await.is_err() {
                        return;
                    }
                }
                refresh
            }
            Err(why) => {
                log.is_stale(why);
                refresh.min(RETRY_MAX)
            }
        };
        tokio::select! {
            () = time::sleep(pause) => {}
            () = news.closed() => return,
        }
    }
}

/// Reads in a task of its own: whatever the answers of a directory do to the library that reads
/// them, it is only a reading that failed.
async fn read_apart(settings: &config::Ldap) -> Result<Reading, String> {
    let settings = settings.clone();
    let reading = task::spawn(async move { ldap::read(&settings).await });
    match reading.await {
        Ok(read) => read.map_err(|fault: LdapFault| fault.to_string()),
        Err(error) => Err(format!("its answer could not be understood: {error}")),
    }
}

/// Says once that a source fails, and once that it is well again.
struct SourceLog {
    what: String,
    counts: SourceMetrics,
    /// Why what it says now isn't known; `None` as long as nobody has looked, too.
    stale: Option<String>,
    /// Whether it was ever read.
    was_read: bool,
}

impl SourceLog {
    fn new(what: String, counts: SourceMetrics) -> Self {
        Self {
            what,
            counts,
            stale: None,
            was_read: false,
        }
    }

    fn is_well(&mut self, holds: &std::fmt::Arguments<'_>) {
        let what = &self.what;
        if self.stale.take().is_some() {
            tracing::info!("{what} can be read again: {holds}");
        } else if !self.was_read {
            tracing::info!("{what} were read: {holds}");
        }
        self.was_read = true;
        self.counts.stale.set(0);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs());
        self.counts
            .read_at
            .set(i64::try_from(now).unwrap_or(i64::MAX));
    }

    fn is_stale(&mut self, why: String) {
        self.counts.stale.set(1);
        if self.stale.as_ref() != Some(&why) {
            tracing::warn!(
                "{} can't be read, so what was known last stays in force: {why}",
                self.what
            );
            self.stale = Some(why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::scope::Principal;

    fn names(news: &GroupNews) -> String {
        let GroupNews::Named(groups) = news else {
            panic!("{news:?}");
        };
        let names: Vec<_> = groups
            .iter()
            .map(|(name, list)| format!("{name}:{}", list.len()))
            .collect();
        names.join(" ")
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_is_read_anew_when_it_changes_and_what_is_broken_or_gone_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("groups.toml");
        fs::write(&path, "a = ['ann@example.org']").unwrap();
        let (sender, mut news) = mpsc::channel(1);
        let counts = SourceMetrics::default();
        let watching = tokio::spawn(watch_file(
            path.clone(),
            Arc::default(),
            sender,
            counts.clone(),
        ));
        assert_eq!(names(&news.recv().await.unwrap()), "a:1");
        assert_eq!(counts.stale.get(), 0);
        assert!(counts.read_at.get() > 0);

        fs::write(&path, "a = [").unwrap();
        while counts.stale.get() == 0 {
            time::sleep(FILE_INTERVAL).await;
        }
        fs::remove_file(&path).unwrap();
        time::sleep(FILE_INTERVAL * 3).await;
        assert_eq!(counts.stale.get(), 1);
        // The same again is no news; the next change is.
        fs::write(&path, "a = ['ann@example.org']").unwrap();
        while counts.stale.get() == 1 {
            time::sleep(FILE_INTERVAL).await;
        }
        assert!(news.try_recv().is_err());
        // As editors do: another file in its place, of the same size.
        let other = folder.path().join("other");
        fs::write(&other, "b = ['ann@example.org']").unwrap();
        fs::rename(&other, &path).unwrap();
        let told = news.recv().await.unwrap();
        assert_eq!(names(&told), "b:1");
        let GroupNews::Named(groups) = told else {
            panic!()
        };
        let entry: Principal = "ann@example.org".parse().unwrap();
        assert!(groups.iter().all(|(_, list)| list.contains(&entry)));
        drop(news);
        watching.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_ldap_directory_that_is_away_is_told_and_asked_again() {
        let settings = config::Ldap {
            url: "ldap://127.0.0.1:1".to_owned(),
            bind: None,
            base: "dc=example".to_owned(),
            filter: "(objectClass=person)".to_owned(),
            address: config::AddressPattern::parse("mail").unwrap(),
            refresh_s: 1,
            timeout_s: 1,
            entries_max: 10,
        };
        let fault = ldap::read(&settings).await.unwrap_err().to_string();
        assert!(
            fault.starts_with("ldap://127.0.0.1:1 can't be reached ("),
            "{fault}"
        );
        let (sender, news) = mpsc::channel(1);
        let counts = SourceMetrics::default();
        let watching = tokio::spawn(watch_ldap(settings, Arc::default(), sender, counts.clone()));
        while counts.stale.get() == 0 {
            time::sleep(FILE_INTERVAL).await;
        }
        drop(news);
        watching.await.unwrap();
    }
}
