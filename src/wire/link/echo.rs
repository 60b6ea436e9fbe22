//! Messages to ourselves, by way of the server.
//!
//! XEP-0114 has no acknowledgements and ejabberd accepts any number of connections for
//! one domain, of which a random one gets each stanza. Both a dead connection and a
//! second one that takes our stanzas show only in what does *not* arrive. So a few small
//! messages are sent to an address of our own with a resource (an IQ to the bare domain
//! would be eaten by a defect of ejabberd's `mod_privilege`), and what returns is judged:
//!
//! - nothing, and nothing else is heard either: the connection is half open;
//! - some, but not one that was sent before another that did return: since the order of
//!   stanzas is kept on one connection, it went to somebody else's;
//! - none, while other stanzas do arrive: the server does not route our own domain to us.
//!
//! [`Echo`] knows neither socket nor clock.

use std::time::Duration;

use bytes::Bytes;
use jid::{BareJid, FullJid, Jid};
use tokio::time::Instant;
use xmpp_parsers::message::{Id, Message, MessageType};

use crate::wire::xml::header::{Header, StanzaKind};

/// The echoes of one connection.
pub(crate) struct Echo {
    address: EchoAddress,
    /// Tells our echoes from those of another process that serves the same domain.
    instance: String,
    next_number: u64,
    round: Option<Round>,
    next_round: Instant,
    /// Echoes of another process that are younger than this prove that it is connected.
    settled: Instant,
    /// Whether the last verdict was a bad one.
    trouble: bool,
}

/// Echoes that were sent together.
struct Round {
    first: u64,
    /// One flag for each echo, whether it has returned.
    returned: Vec<bool>,
    sent: Instant,
    deadline: Instant,
    extended: bool,
}

/// What the echoes say about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkVerdict {
    /// All have returned.
    Healthy,
    /// The connection is dead.
    HalfOpen,
    /// Another connection gets some of our stanzas.
    Stolen,
    /// The server does not deliver to our domain.
    NotRouted,
}

/// Whose echo has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Returned {
    /// Which process, and which of its connections, sent it; empty for another domain.
    pub instance: String,
    /// Counts the echoes of one connection.
    pub number: u64,
}

/// What is to be done now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct EchoStep {
    /// Stanzas to be sent at once.
    pub send: Vec<Bytes>,
    /// A verdict that was not passed before.
    pub verdict: Option<LinkVerdict>,
}

impl Echo {
    /// The echoes of a connection that has just been made; the first round is due.
    pub fn new(address: EchoAddress, now: Instant) -> Self {
        Self {
            address,
            instance: uuid::Uuid::now_v7().simple().to_string(),
            next_number: 0,
            round: None,
            next_round: now,
            settled: now + SETTLING,
            trouble: false,
        }
    }

    /// When [`Self::tick`] wants to be called; `heard` is when anything was last read.
    pub fn due(&self, heard: Instant) -> Instant {
        match &self.round {
            Some(round) => round.deadline,
            None => self.next_round.min(heard + SILENCE_MAX),
        }
    }

    /// Judges a round whose time is over, or begins one that is due.
    pub fn tick(&mut self, now: Instant, heard: Instant) -> EchoStep {
        let mut step = EchoStep::default();
        if let Some(round) = self.round.as_mut().filter(|round| round.deadline <= now) {
            match round.judge(heard) {
                Some(verdict) => step.verdict = self.conclude(verdict),
                None => {
                    round.extended = true;
                    round.deadline = now + EXTENSION;
                }
            }
        }
        if self.round.is_none() && step.verdict != Some(LinkVerdict::HalfOpen) {
            if now >= self.next_round {
                self.next_round = now + ROUND_INTERVAL;
                step.send = self.begin(ROUND_SIZE, now);
            } else if now >= heard + SILENCE_MAX {
                step.send = self.begin(1, now);
            }
        }
        step
    }

    /// Takes note of an echo that has arrived.
    pub fn returned(&mut self, echo: &Returned, now: Instant) -> Option<LinkVerdict> {
        if echo.instance != self.instance {
            // Just after connecting it may be a late one of our own last connection.
            return (now >= self.settled)
                .then_some(LinkVerdict::Stolen)
                .filter(|_| !self.trouble_now());
        }
        let round = self.round.as_mut()?;
        let place = usize::try_from(echo.number.checked_sub(round.first)?).ok()?;
        *round.returned.get_mut(place)? = true;
        if round.returned.iter().all(|returned| *returned) {
            return self.conclude(LinkVerdict::Healthy);
        }
        None
    }

    fn begin(&mut self, count: usize, now: Instant) -> Vec<Bytes> {
        let first = self.next_number;
        self.round = Some(Round {
            first,
            returned: vec![false; count],
            sent: now,
            deadline: now + RETURN_MAX,
            extended: false,
        });
        (0..count)
            .filter_map(|_| {
                self.next_number += 1;
                self.address.stanza(&self.instance, self.next_number - 1)
            })
            .collect()
    }

    /// Ends the round. Health is only worth a word after trouble.
    fn conclude(&mut self, verdict: LinkVerdict) -> Option<LinkVerdict> {
        self.round = None;
        let was_trouble = std::mem::replace(&mut self.trouble, verdict != LinkVerdict::Healthy);
        (was_trouble || self.trouble).then_some(verdict)
    }

    /// Notes trouble, and tells whether it was known.
    fn trouble_now(&mut self) -> bool {
        std::mem::replace(&mut self.trouble, true)
    }
}

impl Round {
    /// `None` when only more time will tell.
    fn judge(&self, heard: Instant) -> Option<LinkVerdict> {
        let last = self.returned.iter().rposition(|returned| *returned);
        let overtaken = last.is_some_and(|last| !self.returned[..last].iter().all(|it| *it));
        match last {
            _ if overtaken => Some(LinkVerdict::Stolen),
            None if heard <= self.sent => Some(LinkVerdict::HalfOpen),
            _ if !self.extended => None,
            None => Some(LinkVerdict::NotRouted),
            Some(_) => Some(LinkVerdict::Stolen),
        }
    }
}

/// Where echoes go to and come from: `domain/echo`.
#[derive(Debug, Clone)]
pub(crate) struct EchoAddress {
    jid: FullJid,
}

impl EchoAddress {
    /// The address of echoes for this domain; `None` when it is no domain.
    pub fn new(domain: &str) -> Option<Self> {
        let domain = BareJid::new(domain)
            .ok()
            .filter(|jid| jid.node().is_none())?;
        Some(Self {
            jid: domain.with_resource_str(RESOURCE).ok()?,
        })
    }

    /// What `header` is the echo of. `Some(None)` for one that is not to be understood,
    /// `None` for a stanza that is no echo at all.
    ///
    /// An echo goes from a domain to itself, and servers let nobody else send from there.
    /// One of another domain was sent by another component and given to us by mistake.
    pub fn recognise(&self, header: &Header) -> Option<Option<Returned>> {
        let (from, to) = (header.from.as_deref()?, header.to.as_deref()?);
        let is_echo = header.kind == StanzaKind::Message && from == to && !from.contains('@');
        if !is_echo || from.split_once('/')?.1 != RESOURCE {
            return None;
        }
        let ours = from.eq_ignore_ascii_case(self.jid.as_str());
        let parse = |id: &str| {
            let (instance, number) = id.strip_prefix(ID_PREFIX)?.split_once('-')?;
            let instance = if ours {
                instance.to_owned()
            } else {
                String::new()
            };
            Some(Returned {
                instance,
                number: number.parse().ok()?,
            })
        };
        Some(header.id.as_deref().and_then(parse))
    }

    /// `None` never happens: a message of ours can always be written.
    pub fn stanza(&self, instance: &str, number: u64) -> Option<Bytes> {
        let jid = Jid::from(self.jid.clone());
        let mut message = Message::new(Some(jid.clone()));
        message.from = Some(jid);
        message.id = Some(Id(format!("{ID_PREFIX}{instance}-{number}")));
        message.type_ = MessageType::Normal;
        xso::to_vec(&message).ok().map(Bytes::from)
    }
}

const ID_PREFIX: &str = "lyceum-echo-";

const RESOURCE: &str = "echo";

/// A second connection lets all of a round through once in 256 times.
const ROUND_SIZE: usize = 8;

/// Between two rounds.
const ROUND_INTERVAL: Duration = Duration::from_secs(300);

/// After this time without anything heard an echo is sent.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// An echo that takes longer is a reason to judge.
const RETURN_MAX: Duration = Duration::from_secs(15);

/// More time for a server that is busy, not dead.
const EXTENSION: Duration = Duration::from_secs(45);

/// For this time echoes of the connection before this one may still arrive.
const SETTLING: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests;
