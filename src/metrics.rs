//! What the service counts, for monitoring: one set of numbers for each pool.
//!
//! A [`PoolMetrics`] is handed to whoever counts; its clones share their numbers, and counting is
//! an atomic addition. [`Metrics`] holds them all for whoever asks (`admin::http`). Names and units
//! follow OpenMetrics; every number bears the pool's domain as the label `pool`.

use std::fmt;

use jid::DomainPart;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

/// The numbers of all pools.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pools: Vec<(DomainPart, PoolMetrics)>,
}

/// The numbers of one pool. A clone counts into the same numbers.
#[derive(Debug, Clone)]
pub struct PoolMetrics {
    /// 1 while the link to the server stands (the handshake is done), otherwise 0.
    pub link_up: Gauge,
    /// How often the link was established.
    pub links: Counter,
    /// Stanzas that came from the server.
    pub received: Received,
    /// Stanzas that were refused before any room saw them.
    pub refused: Refused,
    /// Stanzas that went to the server, each recipient counted.
    pub sent: Counter,
    /// Stanzas that await their answer.
    pub backlog: Gauge,
    /// Rooms in memory.
    pub rooms_awake: Gauge,
    /// Sessions in rooms; one in three rooms counts three times.
    pub sessions: Gauge,
    /// Messages stored.
    pub messages_archived: Counter,
    /// How long each commit took, in seconds.
    pub commit_seconds: Histogram,
}

/// Stanzas from the server by kind, RFC 6120 §8.
#[derive(Debug, Clone)]
pub struct Received {
    /// `<message/>`
    pub message: Counter,
    /// `<presence/>`
    pub presence: Counter,
    /// `<iq/>`
    pub iq: Counter,
}

/// Refused stanzas by reason.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The stanza could not be parsed, or its addresses could not.
    pub malformed: Counter,
    /// It was larger than `stanza_size_max`.
    pub size: Counter,
    /// It was nested deeper than `depth_max`.
    pub depth: Counter,
    /// The user sends more than his rate allows.
    pub rate: Counter,
    /// Too many stanzas await their answer.
    pub backlog: Counter,
}

impl Metrics {
    /// Numbers for these pools, all of them zero.
    pub fn new<'a>(domains: impl IntoIterator<Item = &'a DomainPart>) -> Self {
        let mut registry = Registry::with_prefix("lyceum");
        let families = Families::register(&mut registry);
        let pool = |domain: &DomainPart| (domain.clone(), families.pool(domain.as_str()));
        let pools = domains.into_iter().map(pool).collect();
        Self { registry, pools }
    }

    /// The numbers of the pool with this domain, if there is one.
    #[must_use]
    pub fn pool(&self, domain: &DomainPart) -> Option<&PoolMetrics> {
        self.pools
            .iter()
            .find(|(of, _)| of == domain)
            .map(|(_, metrics)| metrics)
    }

    /// The domains of the pools whose link is down.
    pub fn unlinked(&self) -> impl Iterator<Item = &DomainPart> {
        let is_down = |(_, metrics): &&(DomainPart, PoolMetrics)| metrics.link_up.get() == 0;
        self.pools.iter().filter(is_down).map(|(domain, _)| domain)
    }

    /// All numbers in the text format of OpenMetrics 1.0.
    ///
    /// # Errors
    /// None in practice: a `String` takes everything that is written to it.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

type Labels = Vec<(&'static str, String)>;

/// The numbers as OpenMetrics orders them: by name first, and then by pool.
struct Families {
    link_up: Family<Labels, Gauge>,
    links: Family<Labels, Counter>,
    received: Family<Labels, Counter>,
    refused: Family<Labels, Counter>,
    sent: Family<Labels, Counter>,
    backlog: Family<Labels, Gauge>,
    rooms_awake: Family<Labels, Gauge>,
    sessions: Family<Labels, Gauge>,
    messages_archived: Family<Labels, Counter>,
    commit_seconds: Family<Labels, Histogram, fn() -> Histogram>,
}

impl Families {
    fn register(registry: &mut Registry) -> Self {
        let to = registry;
        Self {
            link_up: registered(to, "link_up", "Whether the link to the XMPP server stands"),
            links: registered(to, "links", "Links established to the XMPP server"),
            received: registered(to, "stanzas_received", "Stanzas from the XMPP server"),
            refused: registered(
                to,
                "stanzas_refused",
                "Stanzas refused before any room saw them",
            ),
            sent: registered(
                to,
                "stanzas_sent",
                "Stanzas to the XMPP server, by recipient",
            ),
            backlog: registered(to, "backlog", "Stanzas that await their answer"),
            rooms_awake: registered(to, "rooms_awake", "Rooms in memory"),
            sessions: registered(to, "sessions", "Sessions in rooms"),
            messages_archived: registered(to, "messages_archived", "Messages stored"),
            commit_seconds: {
                let family = Family::new_with_constructor(commit_histogram as fn() -> Histogram);
                to.register("commit_seconds", "How long a commit took", family.clone());
                family
            },
        }
    }

    /// The numbers of one pool. They begin to be shown with this.
    fn pool(&self, domain: &str) -> PoolMetrics {
        let labels = || vec![("pool", domain.to_owned())];
        let kind = |kind: &str| of(&self.received, [labels(), vec![("kind", kind.to_owned())]]);
        let reason = |why: &str| of(&self.refused, [labels(), vec![("reason", why.to_owned())]]);
        PoolMetrics {
            link_up: of(&self.link_up, [labels()]),
            links: of(&self.links, [labels()]),
            received: Received {
                message: kind("message"),
                presence: kind("presence"),
                iq: kind("iq"),
            },
            refused: Refused {
                malformed: reason("malformed"),
                size: reason("size"),
                depth: reason("depth"),
                rate: reason("rate"),
                backlog: reason("backlog"),
            },
            sent: of(&self.sent, [labels()]),
            backlog: of(&self.backlog, [labels()]),
            rooms_awake: of(&self.rooms_awake, [labels()]),
            sessions: of(&self.sessions, [labels()]),
            messages_archived: of(&self.messages_archived, [labels()]),
            commit_seconds: of(&self.commit_seconds, [labels()]),
        }
    }
}

fn registered<M: Default>(registry: &mut Registry, name: &str, help: &str) -> Family<Labels, M>
where
    Family<Labels, M>: Metric + Clone,
{
    let family = Family::<Labels, M>::default();
    registry.register(name, help, family.clone());
    family
}

/// The one number of a family that bears these labels.
fn of<M: Clone, C: MetricConstructor<M>, const N: usize>(
    family: &Family<Labels, M, C>,
    labels: [Labels; N],
) -> M {
    family.get_or_create_owned(&labels.concat())
}

/// From a commit into memory (a tenth of a millisecond) over one to a good disk (some milliseconds)
/// to one to a disk in trouble.
fn commit_histogram() -> Histogram {
    Histogram::new([
        0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_bear_the_domain_of_their_pool() {
        let domains = domains();
        let metrics = Metrics::new(&domains);
        let pool = metrics.pool(&domains[1]).unwrap().clone();
        pool.received.iq.inc();
        pool.refused.rate.inc_by(2);
        pool.commit_seconds.observe(0.002);
        pool.link_up.set(1);
        let text = metrics.encode().unwrap();
        for line in [
            "lyceum_link_up{pool=\"a.example.org\"} 0",
            "lyceum_link_up{pool=\"b.example.org\"} 1",
            "lyceum_stanzas_received_total{pool=\"b.example.org\",kind=\"iq\"} 1",
            "lyceum_stanzas_refused_total{pool=\"b.example.org\",reason=\"rate\"} 2",
            "lyceum_commit_seconds_bucket{le=\"0.003\",pool=\"b.example.org\"} 1",
            "# EOF",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line}\nnot in\n{text}"
            );
        }
        assert_eq!(metrics.unlinked().collect::<Vec<_>>(), [&domains[0]]);
    }

    #[test]
    fn every_name_is_described_once() {
        let text = Metrics::new(&domains()).encode().unwrap();
        let mut described: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("# TYPE"))
            .collect();
        let count = described.len();
        described.sort_unstable();
        described.dedup();
        assert_eq!(described.len(), count);
    }

    fn domains() -> [DomainPart; 2] {
        ["a.example.org", "b.example.org"].map(|name| DomainPart::new(name).unwrap().into_owned())
    }
}
