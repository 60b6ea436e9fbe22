//! Lyceum: persistent group chat beside any XMPP server, as an external component (XEP-0114).
//!
//! # The life of a message
//!
//! ```text
//!   server ──TCP──► wire::link ─► wire::decode ─► service::Engine ─► room::Room (pure)
//!                                                      │                  │
//!                                                      │◄──── effects ────┘
//!                                                      ├────► store: one writer thread,
//!                                                      │        group commit
//!   server ◄──TCP── wire::link ◄── released when ◄─────┘
//!                                   committed          wire::encode
//! ```
//!
//! A stanza is read within limits into a [`Frame`](wire::xml::frame::Frame), understood by
//! [`wire::decode`], and decided by the [`Room`](room::Room) that it is for. The room knows neither
//! XML nor SQL nor the time: it fills a list of [`Effect`](room::Effect)s. The
//! [`Engine`](service::Engine) carries them out in order: what is to be kept goes to the [`store`],
//! what is to be sent is encoded once for all its recipients, and waits until the commit it depends
//! on is on the disk.
//!
//! # Invariants
//!
//! 1. **Pure.** [`room`], [`directory`] and [`search`] know no XML, no SQL, no tokio, no clock and
//!    no chance. The same requests give the same effects.
//! 2. **A refusal leaves no trace.** On `Err` a room equals what it was, and nothing was asked for.
//! 3. **Stored before seen.** Nobody, the sender included, is told of anything that is not
//!    committed.
//! 4. **Deadlines are data.** A room tells when it wants to be asked again; nothing sleeps inside
//!    it. They are moments of a clock that nobody can set ([`Elapsed`](room::Elapsed)); the
//!    calendar is only for what is written down, and is believed with care where something is
//!    removed because of its age.
//! 5. **One owner.** One task owns all rooms: there are no locks, and so no order of locks.
//! 6. **Order is written in order.** [`room`]'s `enter.rs` reads as XEP-0045 §7.1 does.
//!
//! Rooms come from elsewhere, and go there, as the records of [`transfer`].
//!
//! What is *absent*: `room` does not know who is connected to the server, only who is inside;
//! `wire` decides nothing; `store` never answers a user; `command` knows neither XML nor where a
//! command is typed; no part but `wire` imports `xmpp_parsers`, none but `store` `rusqlite`,
//! none but [`groups`] `ldap3`.
//!
//! # Reading order
//!
//! [`room::request`] and [`room::effect`] (all that can happen, all that can follow),
//! [`room::Room::handle`] (the table of contents), `room/door.rs` (who may know, enter and read),
//! `room/occupying/enter.rs` (the longest rule), [`directory::Directory`] (the same form for the
//! service as a whole), [`wire::decode`], [`service::Engine`], `service/commit.rs` (what waits for
//! the disk), `service/road.rs` (the one door out), [`store`].
//!
//! # Who may know whom
//!
//! ```text
//!   main ──► admin ──► service ──► command, wire, store, config, transfer, groups, search, room,
//!              │                   directory, time
//!              └─────► command, config, store, transfer, groups, wire, metrics, search, time
//!
//!   command ──► store, transfer, directory, room, search, time
//!   transfer ──► wire, store, room, time  wire ──► room, directory, search, time
//!   store ──► room, directory, search     config ──► room, directory
//!   groups ──► config, directory, room, metrics
//!   directory ──► room ──► search ──► std, jid        time ──► room
//! ```
//!
//! # Specifications
//!
//! XEP-0045 1.35.5, XEP-0004 2.13.2, XEP-0030 2.5.0, XEP-0050 1.3.0, XEP-0054 (vcard-temp),
//! XEP-0059 1.0, XEP-0077 2.4, XEP-0082 1.1.1, XEP-0092 1.1, XEP-0114 1.6, XEP-0122 1.0.2, XEP-0128
//! 1.0.1, XEP-0153 1.1.1, XEP-0157 1.1.1, XEP-0199 2.0.1, XEP-0202 2.0, XEP-0203 2.0, XEP-0249 1.2,
//! XEP-0297 1.0, XEP-0308 1.2.1, XEP-0313 1.1.3, XEP-0317 0.3.1, XEP-0333 1.0.0, XEP-0334 1.0.0,
//! XEP-0359 0.7.0, XEP-0410 1.1.0, XEP-0421 1.0.1, XEP-0424 0.4.2 (and 0.3), XEP-0425 0.3.0 (and
//! 0.2), XEP-0428 0.2.1, XEP-0431 0.2.0, XEP-0444 0.2.1, XEP-0486 0.1.0, XEP-0490 1.0.1.

pub mod admin;
pub mod cause;
pub mod command;
pub mod config;
pub mod directory;
pub mod finding;
pub mod groups;
pub mod metrics;
pub mod room;
pub mod search;
pub mod service;
pub mod store;
pub mod time;
pub mod transfer;
pub mod whole_file;
pub mod wire;
