//! A short connection that asks the server about itself, for `lyceum check`.
//!
//! It asks for all that the service depends on and cannot see from stanzas alone: whether our own
//! domain is routed to us and to us only, whether the served domains answer, and whether a stanza
//! of the greatest size passes, and how fast.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use jid::{BareJid, FullJid, Jid};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use xmpp_parsers::disco::{DiscoInfoQuery, DiscoInfoResult, DiscoItemsQuery, DiscoItemsResult};
use xmpp_parsers::iq::{Iq, IqGetPayload};
use xmpp_parsers::message::{Id, Lang, Message, MessageType};
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::StanzaError;
use xmpp_parsers::version::{VersionQuery, VersionResult};
use xso::AsXml;

use super::echo::EchoAddress;
use super::handshake::connect;
use super::link_error::LinkError;
use super::link_settings::LinkSettings;
use crate::wire::session::uptime;
use crate::wire::xml::frame::{Frame, Received};
use crate::wire::xml::header::{Header, STANZA_NAMESPACE};
use crate::wire::xml::reader::{StanzaReader, StreamEvent};

/// A connection that asks and does not serve.
pub(crate) struct Probe {
    stream: BufReader<TcpStream>,
    stanzas: StanzaReader,
    domain: BareJid,
    /// Where we ask from. It has a resource, because ejabberd's `mod_privilege` takes what
    /// is sent to a bare JID of ours for its own.
    jid: FullJid,
    echo: EchoAddress,
    instance: String,
    observed: Observed,
}

/// What came by while we waited for answers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Observed {
    /// Other domains whose stanzas were sent to us.
    pub other_domains: BTreeSet<String>,
    /// Whether the server offers privileges. XEP-0356 §4.1.
    pub privileges: bool,
    /// Whether an echo of another Lyceum came by.
    pub other_lyceum: bool,
}

/// What became of messages to ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Echoes {
    pub sent: usize,
    pub returned: usize,
}

/// What a domain answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Domain {
    pub name: String,
    pub info: ServerAnswer,
    /// Name and version of its software, if it tells (XEP-0092), or else the name it
    /// gives itself as a server (XEP-0030 §3.1), with an empty version.
    pub software: Option<(String, String)>,
    /// Whether it tells since when it runs. XEP-0012 §4 (#server).
    pub tells_uptime: bool,
    /// What it lists, if it answers. XEP-0030 §4.
    pub items: Option<BTreeSet<String>>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServerAnswer {
    /// With a result.
    Result,
    /// With an error of this condition.
    Error(String),
    /// Not in time.
    Nothing,
}

impl Probe {
    /// Connects as the component. `None` when the domain is none.
    ///
    /// # Errors
    /// - [`LinkError`], the variant being the cause.
    pub async fn connect(settings: &LinkSettings) -> Result<Self, LinkError> {
        let unknown = || LinkError::HostUnknown {
            domain: settings.domain.clone(),
        };
        let domain = BareJid::new(&settings.domain).map_err(|_| unknown())?;
        let jid = domain.with_resource_str("check").map_err(|_| unknown())?;
        let echo = EchoAddress::new(&settings.domain).ok_or_else(unknown)?;
        Ok(Self {
            stream: connect(settings).await?,
            stanzas: StanzaReader::new(settings.limits),
            domain,
            jid,
            echo,
            instance: uuid::Uuid::now_v7().simple().to_string(),
            observed: Observed::default(),
        })
    }

    /// What was seen besides the answers, up to now.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// Sends messages to ourselves and counts those that come back.
    ///
    /// # Errors
    /// - [`LinkError`]: the connection broke.
    pub async fn echoes(&mut self) -> Result<Echoes, LinkError> {
        let sent = u64::from(ECHOES);
        let stanzas = (0..sent).filter_map(|number| self.echo.stanza(&self.instance, number));
        let stanzas: Vec<_> = stanzas.collect();
        self.send(&stanzas).await?;
        let (echo, instance) = (self.echo.clone(), self.instance.clone());
        let mut returned = BTreeSet::new();
        self.receive_until(Instant::now() + ANSWER_MAX, |header, _| {
            if let Some(Some(one)) = echo.recognise(header)
                && one.instance == instance
            {
                returned.insert(one.number);
            }
            returned.len() == stanzas.len()
        })
        .await?;
        Ok(Echoes {
            sent: stanzas.len(),
            returned: returned.len(),
        })
    }

    /// Asks domains what they are. Those that are no domains are left out.
    ///
    /// # Errors
    /// - [`LinkError`]: the connection broke.
    pub async fn ask(&mut self, domains: &[String]) -> Result<Vec<Domain>, LinkError> {
        let mut stanzas = Vec::new();
        for domain in domains {
            let Ok(to) = Jid::new(domain) else { continue };
            stanzas.extend(self.request("info", &to, DiscoInfoQuery { node: None }));
            stanzas.extend(self.request(
                "items",
                &to,
                DiscoItemsQuery {
                    node: None,
                    rsm: None,
                },
            ));
            stanzas.extend(self.request("version", &to, VersionQuery));
            let id = request_id("uptime", &to.to_string());
            let question = uptime::ask(self.jid.as_str(), &to.to_string(), &id);
            stanzas.push(Bytes::from(question));
        }
        self.send(&stanzas).await?;
        let mut answers = BTreeMap::new();
        self.receive_until(Instant::now() + ANSWER_MAX, |header, frame| {
            if let (Some(id), Some(frame)) = (header.id.clone(), frame)
                && id.starts_with(REQUEST_ID)
                && matches!(header.type_.as_deref(), Some("result" | "error"))
            {
                answers.insert(id, frame.clone());
            }
            answers.len() == stanzas.len()
        })
        .await?;
        Ok(domains
            .iter()
            .map(|domain| Domain::from_answers(domain, &answers))
            .collect())
    }

    /// Sends a message of about `size` bytes to ourselves, then a small one, and gives the
    /// time until the small one is back. COMPAT(ejabberd): a shaper makes not the large
    /// stanza wait, but what follows it.
    ///
    /// # Errors
    /// - [`LinkError`]: the connection broke, perhaps because of the size.
    pub async fn large(&mut self, size: usize) -> Result<Option<Duration>, LinkError> {
        let start = Instant::now();
        for (id, size) in [(LARGE_ID, size), (AFTER_LARGE_ID, 0)] {
            let message = self.message_to_self(id, size);
            self.send(&Vec::from_iter(written(&message))).await?;
            let returned = |header: &Header, _: Option<&Frame>| header.id.as_deref() == Some(id);
            if !self.receive_until(start + LARGE_MAX, returned).await? {
                return Ok(None);
            }
        }
        Ok(Some(start.elapsed()))
    }

    /// Waits for the connection to be ended by the server, in favour of another.
    pub async fn wait_for_replacement(mut self) -> bool {
        let ended = self
            .receive_until(Instant::now() + REPLACED_MAX, |_, _| false)
            .await;
        matches!(ended, Err(LinkError::Conflict | LinkError::ClosedByServer))
    }

    /// Closes the stream.
    pub async fn close(mut self) {
        // Whatever fails now, the connection is over.
        let _ = timeout(REPLACED_MAX, async {
            self.stream.write_all(b"</stream:stream>").await?;
            self.stream.shutdown().await
        })
        .await;
    }

    fn message_to_self(&self, id: &str, size: usize) -> Message {
        let jid = Jid::from(self.jid.clone());
        let mut message = Message::new(Some(jid.clone()));
        message.from = Some(jid);
        message.id = Some(Id(id.to_owned()));
        message.type_ = MessageType::Normal;
        message.bodies.insert(Lang::new(), "x".repeat(size));
        message
    }

    fn request(&self, what: &str, to: &Jid, query: impl IqGetPayload) -> Option<Bytes> {
        let id = request_id(what, &to.to_string());
        let iq = Iq::from_get(id, query)
            .with_from(self.jid.clone().into())
            .with_to(to.clone());
        written(&iq)
    }

    async fn send(&mut self, stanzas: &[Bytes]) -> Result<(), LinkError> {
        let all = stanzas.concat();
        match timeout(LARGE_MAX, self.stream.write_all(&all)).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(LinkError::HalfOpen),
        }
    }

    /// Reads until `done` says so, which gives true, or the time is over.
    async fn receive_until(
        &mut self,
        deadline: Instant,
        mut done: impl FnMut(&Header, Option<&Frame>) -> bool,
    ) -> Result<bool, LinkError> {
        loop {
            while let Some(received) = self.next_buffered()? {
                let (header, frame) = match &received {
                    Received::Stanza(frame) => (&frame.header, Some(frame)),
                    Received::Refused { header, .. } => (header, None),
                };
                self.look(header, frame);
                if done(header, frame) {
                    return Ok(true);
                }
            }
            let Ok(bytes) = timeout_at(deadline, self.stream.fill_buf()).await else {
                return Ok(false);
            };
            if bytes?.is_empty() {
                return Err(LinkError::ClosedByServer);
            }
        }
    }

    /// The next stanza that is complete in what has been read.
    fn next_buffered(&mut self) -> Result<Option<Received>, LinkError> {
        let buffered = self.stream.buffer();
        let mut rest = buffered;
        let incoming = self.stanzas.next(&mut rest)?;
        let taken = buffered.len() - rest.len();
        self.stream.consume(taken);
        match incoming {
            None => Ok(None),
            Some(StreamEvent::Stanza(received)) => Ok(Some(received)),
            Some(StreamEvent::StreamError(error)) => {
                Err(LinkError::from_stream_error(&error, self.domain.as_str()))
            }
            Some(StreamEvent::StreamEnd) => Err(LinkError::ClosedByServer),
        }
    }

    fn look(&mut self, header: &Header, frame: Option<&Frame>) {
        let to = header.to.as_deref().and_then(|to| Jid::new(to).ok());
        if let Some(to) = to.filter(|to| to.domain() != self.domain.domain()) {
            self.observed.other_domains.insert(to.domain().to_string());
        }
        if let Some(Some(echo)) = self.echo.recognise(header) {
            self.observed.other_lyceum |= echo.instance != self.instance;
        }
        if let Some(frame) = frame {
            self.observed.privileges |= PRIVILEGES
                .iter()
                .any(|namespace| frame.child(namespace, "privilege").is_some());
        }
    }
}

impl Domain {
    fn from_answers(name: &str, answers: &BTreeMap<String, Frame>) -> Self {
        // The ids hold the address as a JID is written.
        let to = Jid::new(name).map_or_else(|_| name.to_owned(), |jid| jid.to_string());
        let answer = |what: &str| answers.get(&request_id(what, &to));
        let result = |what: &str, namespace: &str| {
            let frame =
                answer(what).filter(|frame| frame.header.type_.as_deref() == Some("result"))?;
            frame.child(namespace, "query")
        };
        let software = result("version", ns::VERSION)
            .and_then(|child| child.parse::<VersionResult>().ok())
            .map(|software| (software.name, software.version));
        let identity = || {
            let info: DiscoInfoResult = result("info", ns::DISCO_INFO)?.parse().ok()?;
            let server = info
                .identities
                .into_iter()
                .find(|one| one.category == "server");
            Some((server?.name?, String::new()))
        };
        let items = result("items", ns::DISCO_ITEMS)
            .and_then(|child| child.parse::<DiscoItemsResult>().ok())
            .map(|list| {
                list.items
                    .into_iter()
                    .map(|item| item.jid.to_string())
                    .collect()
            });
        Self {
            name: name.to_owned(),
            info: answer("info").map_or(ServerAnswer::Nothing, ServerAnswer::of),
            software: software.or_else(identity),
            tells_uptime: answer("uptime").and_then(uptime::read).is_some(),
            items,
        }
    }
}

impl ServerAnswer {
    fn of(frame: &Frame) -> Self {
        if frame.header.type_.as_deref() == Some("result") {
            return Self::Result;
        }
        let error = frame.child(STANZA_NAMESPACE, "error");
        let error = error.and_then(|error| error.parse::<StanzaError>().ok());
        Self::Error(error.map_or_else(
            || "an error nobody knows".to_owned(),
            |error| condition(&error),
        ))
    }
}

/// The condition's name, as in RFC 6120 §8.3.3.
fn condition(error: &StanzaError) -> String {
    let name = error
        .defined_condition
        .as_xml_iter()
        .ok()
        .and_then(|mut items| items.next());
    match name {
        Some(Ok(xso::Item::ElementHeadStart(_, name))) => name.to_string(),
        _ => "undefined-condition".to_owned(),
    }
}

fn request_id(what: &str, to: &str) -> String {
    format!("{REQUEST_ID}{what}-{to}")
}

/// `None` never happens: what we make can always be written.
fn written(stanza: &impl AsXml) -> Option<Bytes> {
    xso::to_vec(stanza).ok().map(Bytes::from)
}

/// A second connection lets all of them through once in 65,536 times.
const ECHOES: u8 = 16;

const REQUEST_ID: &str = "lyceum-check-";
const LARGE_ID: &str = "lyceum-check-large";
const AFTER_LARGE_ID: &str = "lyceum-check-after-large";

/// Both namespaces that servers speak. XEP-0356 §4.1.
const PRIVILEGES: [&str; 2] = ["urn:xmpp:privilege:1", "urn:xmpp:privilege:2"];

/// For an answer to a small stanza. Tests have servers that are fast or silent.
const ANSWER_MAX: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 10 });

/// For a large one to go and come back.
const LARGE_MAX: Duration = Duration::from_secs(20);

/// For the server to end a connection that it has replaced.
const REPLACED_MAX: Duration = Duration::from_secs(2);
