//! Who wants something done.

use jid::BareJid;

/// Who wants a command carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Whoever can reach the control socket or the database: the operator at the command line.
    Operator,
    /// Somebody who is known by their address.
    Person(BareJid),
}

impl Asker {
    /// As whom they are put on record; `None`: the operator.
    pub fn jid(&self) -> Option<&BareJid> {
        match self {
            Self::Operator => None,
            Self::Person(jid) => Some(jid),
        }
    }
}
