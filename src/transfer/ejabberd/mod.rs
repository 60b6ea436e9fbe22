//! ejabberd's own rooms, as mod_muc and mod_mam keep them, in an SQLite database or in Mnesia.
//!
//! What lies in Mnesia is read from a dump: `ejabberdctl dump FILE` writes all tables as text,
//! `ejabberdctl dump_table FILE TABLE` one of them, and `muc_room` and `archive_msg` are those
//! needed.
//!
//! What comes over: the configuration as far as it means the same here, affiliations with their
//! reasons, the subject, the avatar and the archive, under the ids that clients know: the time in
//! microseconds. Where a setting could open to more people what was said among few, it is left as
//! it is in a new room (`logging`). What has no counterpart is left: subscriptions (MUC/Sub), hats,
//! captchas, nicks registered with the whole service.
//!
//! ejabberd 23.01 has no occupant ids, and knows the author of each message by their full JID.

mod columns;
mod database;
mod dump;
mod message;
mod room;
mod term;

pub(super) use database::EjabberdSql;
pub(super) use dump::EjabberdDump;
