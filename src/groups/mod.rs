//! Groups from outside, read anew as long as the service runs: from a file, and from an LDAP
//! directory.
//!
//! Each of the two has a task that reads it at its interval and tells what has changed. What can't
//! be read, or is wrong, changes nothing: the last known state stays in force, as long as it takes,
//! and the log and the metrics say so. Nothing here decides anything; what the groups mean is
//! [`directory`](crate::directory)'s.
//!
//! This is the only user of `ldap3`.

mod file;
mod ldap;
mod ldap_fault;
mod watch;

pub use file::{FileFault, read as read_file};
pub use ldap::{Reading as LdapReading, read as read_ldap};
pub use ldap_fault::LdapFault;
pub use watch::{watch_file, watch_ldap};
