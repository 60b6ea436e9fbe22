//! What an invitation says. XEP-0045 §7.8 (#invite).

use std::sync::Arc;

use jid::Jid;

use crate::room::{Nick, Words};

/// An invitation as the invitee gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// Who invites: the occupant's address as far as the invitee may know it; `None`: the room
    /// itself.
    pub from: Option<Inviter>,
    /// The inviter's reason.
    pub reason: Option<Words>,
    /// That a chat goes on.
    pub continuation: Option<Continuation>,
    /// The room's password, when it has one.
    pub password: Option<Arc<str>>,
}

/// Who an invitation is from, as the invitee is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inviter {
    /// By the own address.
    Jid(Jid),
    /// By the occupant JID: the room hides real JIDs.
    Nick(Nick),
}

/// The `<continue/>` of an invitation. §7.9 (#continue).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Continuation {
    /// The thread that goes on.
    pub thread: Option<Arc<str>>,
}
