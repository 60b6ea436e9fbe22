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

/// Nothing heard for so long calls for an echo.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// An echo that takes longer is a reason to judge.
const RETURN_MAX: Duration = Duration::from_secs(15);

/// More time for a server that is busy, not dead.
const EXTENSION: Duration = Duration::from_secs(45);

/// Echoes of a connection before this one may arrive for so long.
const SETTLING: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::frame::Frame;

    const SECOND: Duration = Duration::from_secs(1);

    struct Bench {
        echo: Echo,
        now: Instant,
        heard: Instant,
    }

    impl Bench {
        fn new() -> Self {
            let now = Instant::now();
            let address = EchoAddress::new("rooms.example").expect("a domain");
            Self {
                echo: Echo::new(address, now),
                now,
                heard: now,
            }
        }

        /// Lets time pass until something is due.
        fn due(&mut self) -> EchoStep {
            self.now = self.now.max(self.echo.due(self.heard));
            self.echo.tick(self.now, self.heard)
        }

        /// Brings an echo back a second later.
        fn bring_back(&mut self, stanza: &Bytes) -> Option<LinkVerdict> {
            self.now += SECOND;
            self.heard = self.now;
            let header = Frame::from_xml(stanza).expect("a stanza").header;
            let returned = self
                .echo
                .address
                .recognise(&header)
                .flatten()
                .expect("an echo");
            self.echo.returned(&returned, self.now)
        }
    }

    #[test]
    fn a_round_is_sent_at_once_and_again_every_five_minutes() {
        let mut bench = Bench::new();
        let start = bench.now;
        for stanza in bench.due().send {
            assert_eq!(bench.bring_back(&stanza), None);
        }
        bench.heard = start + ROUND_INTERVAL;
        let step = bench.due();
        assert_eq!(
            (bench.now, step.send.len()),
            (start + ROUND_INTERVAL, ROUND_SIZE)
        );
    }

    #[test]
    fn a_minute_of_silence_calls_for_one_echo() {
        let mut bench = Bench::new();
        for stanza in bench.due().send {
            bench.bring_back(&stanza);
        }
        let step = bench.due();
        assert_eq!((bench.now, step.send.len()), (bench.heard + SILENCE_MAX, 1));
        assert_eq!(bench.bring_back(&step.send[0]), None);
    }

    #[test]
    fn a_connection_that_says_nothing_at_all_is_half_open() {
        let mut bench = Bench::new();
        bench.due();
        let sent = bench.now;
        let step = bench.due();
        assert_eq!(bench.now, sent + RETURN_MAX);
        assert_eq!(
            step,
            EchoStep {
                send: vec![],
                verdict: Some(LinkVerdict::HalfOpen)
            }
        );
    }

    #[test]
    fn an_echo_that_was_overtaken_was_stolen() {
        let mut bench = Bench::new();
        let sent = bench.due().send;
        bench.bring_back(&sent[1]);
        assert_eq!(bench.due().verdict, Some(LinkVerdict::Stolen));
    }

    #[test]
    fn a_busy_server_gets_more_time_and_then_is_judged() {
        let mut bench = Bench::new();
        let sent = bench.due().send;
        bench.bring_back(&sent[0]);
        assert_eq!(bench.due(), EchoStep::default());
        for stanza in &sent[1..] {
            assert_eq!(bench.bring_back(stanza), None);
        }
        bench.now = bench.echo.next_round;
        let sent = bench.due().send;
        bench.bring_back(&sent[0]);
        assert_eq!(bench.due(), EchoStep::default());
        assert_eq!(bench.due().verdict, Some(LinkVerdict::Stolen));
    }

    #[test]
    fn a_server_that_sends_other_things_only_does_not_route_our_name() {
        let mut bench = Bench::new();
        bench.due();
        bench.heard += SECOND;
        assert_eq!(bench.due(), EchoStep::default());
        assert_eq!(bench.due().verdict, Some(LinkVerdict::NotRouted));
    }

    #[test]
    fn an_echo_of_another_process_is_a_theft_once_the_connection_has_settled() {
        let mut bench = Bench::new();
        let sent = bench.due().send;
        for stanza in &sent {
            bench.bring_back(stanza);
        }
        let foreign = Bench::new().due().send;
        assert_eq!(bench.bring_back(&foreign[0]), None);
        bench.now += SETTLING;
        assert_eq!(bench.bring_back(&foreign[1]), Some(LinkVerdict::Stolen));
        assert_eq!(bench.bring_back(&foreign[2]), None, "said once");
    }

    #[test]
    fn health_is_told_after_trouble_only() {
        let mut bench = Bench::new();
        let sent = bench.due().send;
        bench.bring_back(&sent[1]);
        assert_eq!(bench.due().verdict, Some(LinkVerdict::Stolen));
        bench.now = bench.echo.next_round;
        let sent = bench.due().send;
        let verdicts: Vec<_> = sent
            .iter()
            .filter_map(|stanza| bench.bring_back(stanza))
            .collect();
        assert_eq!(verdicts, [LinkVerdict::Healthy]);
    }

    #[test]
    fn only_messages_from_our_own_echo_address_are_echoes() {
        let address = EchoAddress::new("Rooms.Example").expect("a domain");
        let recognise = |from: &str, to: &str, id: &str| {
            let xml = format!("<message from='{from}' to='{to}' id='{id}'/>");
            address.recognise(&Frame::from_xml(xml.as_bytes()).expect("a stanza").header)
        };
        let ours = "rooms.example/echo";
        assert!(recognise(ours, ours, "lyceum-echo-a-7").flatten().is_some());
        assert_eq!(recognise(ours, ours, "lyceum-echo-a-x"), Some(None));
        let other = recognise(
            "other.example/echo",
            "other.example/echo",
            "lyceum-echo-a-7",
        );
        assert_ne!(other, recognise(ours, ours, "lyceum-echo-a-7"));
        assert!(other.flatten().is_some());
        assert_eq!(
            recognise("eve@example/echo", "eve@example/echo", "lyceum-echo-a-7"),
            None
        );
        assert_eq!(recognise("eve@example/echo", ours, "lyceum-echo-a-7"), None);
        assert_eq!(
            recognise(ours, "room@rooms.example", "lyceum-echo-a-7"),
            None
        );
        assert!(EchoAddress::new("a@b").is_none());
    }
}
