//! What the service counts, for monitoring: one set of numbers for each pool.
//!
//! A [`PoolMetrics`] is handed to whoever counts; its clones share their numbers, and counting is
//! an atomic addition. [`Metrics`] holds them all for whoever asks (`admin::http`). Names and units
//! follow OpenMetrics; every number bears the pool's domain as the label `pool`.

use std::fmt;

use jid::DomainPart;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Metric, Registry};

/// The numbers of all pools.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pools: Vec<(DomainPart, PoolMetrics)>,
}

/// The numbers of one pool. A clone counts into the same numbers.
#[derive(Debug, Clone, Default)]
pub struct PoolMetrics {
    /// 1 while the link to the server stands (the handshake is done), otherwise 0.
    pub link_up: Gauge,
    /// How often the link was established.
    pub links: Counter,
    /// Stanzas that came from the server and could be read.
    pub received: ReceivedCounts,
    /// Stanzas that came from the server and were refused unread, by reason.
    pub refused: Refused,
    /// Stanzas that wait to be looked at.
    pub waiting: Gauge,
    /// Bytes that wait to be sent to the server.
    pub unsent_bytes: Gauge,
    /// Rooms in memory.
    pub rooms_awake: Gauge,
    /// How it stands with the file of groups.
    pub groups_file: SourceMetrics,
    /// How it stands with the LDAP directory.
    pub groups_ldap: SourceMetrics,
}

/// How it stands with what groups are read from.
#[derive(Debug, Clone, Default)]
pub struct SourceMetrics {
    /// 1 while it can't be read, so that what was known last is in force, otherwise 0; also where
    /// there is no such source.
    pub stale: Gauge,
    /// When it was read last, in seconds since 1970; 0: not since the start.
    pub read_at: Gauge,
}

/// Stanzas from the server by kind, RFC 6120 §8.
#[derive(Debug, Clone, Default)]
pub struct ReceivedCounts {
    /// Received `<message/>` stanzas.
    pub message: Counter,
    /// Received `<presence/>` stanzas.
    pub presence: Counter,
    /// Received `<iq/>` stanzas.
    pub iq: Counter,
}

/// Refused stanzas by reason.
#[derive(Debug, Clone, Default)]
pub struct Refused {
    /// Not what XMPP allows, or addressed badly.
    pub malformed: Counter,
    /// Larger than `stanza_size_max`.
    pub size: Counter,
    /// Nested deeper than `depth_max`.
    pub depth: Counter,
    /// More were waiting than `backlog` allows.
    pub backlog: Counter,
    /// Longer than their senders may send at present.
    pub rate: Counter,
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
    waiting: Family<Labels, Gauge>,
    unsent_bytes: Family<Labels, Gauge>,
    rooms_awake: Family<Labels, Gauge>,
    groups_stale: Family<Labels, Gauge>,
    groups_read_at: Family<Labels, Gauge>,
}

impl Families {
    fn register(registry: &mut Registry) -> Self {
        let to = registry;
        Self {
            link_up: registered(to, "link_up", "Whether the link to the XMPP server stands"),
            links: registered(to, "links", "Links established to the XMPP server"),
            received: registered(to, "stanzas_received", "Stanzas from the XMPP server"),
            refused: registered(to, "stanzas_refused", "Stanzas refused unread"),
            waiting: registered(to, "stanzas_waiting", "Stanzas that wait to be looked at"),
            unsent_bytes: registered(to, "unsent_bytes", "Bytes that wait to be sent"),
            rooms_awake: registered(to, "rooms_awake", "Rooms in memory"),
            groups_stale: registered(
                to,
                "groups_stale",
                "Whether groups can't be read, so that those known last are in force",
            ),
            groups_read_at: registered(
                to,
                "groups_read_time_seconds",
                "When groups were read last, since 1970",
            ),
        }
    }

    /// The numbers of one pool. They begin to be shown with this.
    fn pool(&self, domain: &str) -> PoolMetrics {
        let pool = || vec![("pool", domain.to_owned())];
        let kind = |kind: &str| of(&self.received, [pool(), vec![("kind", kind.to_owned())]]);
        let reason = |why: &str| of(&self.refused, [pool(), vec![("reason", why.to_owned())]]);
        let source = |source: &str| {
            let labels = || [pool(), vec![("source", source.to_owned())]];
            SourceMetrics {
                stale: of(&self.groups_stale, labels()),
                read_at: of(&self.groups_read_at, labels()),
            }
        };
        PoolMetrics {
            link_up: of(&self.link_up, [pool()]),
            links: of(&self.links, [pool()]),
            received: ReceivedCounts {
                message: kind("message"),
                presence: kind("presence"),
                iq: kind("iq"),
            },
            refused: Refused {
                malformed: reason("malformed"),
                size: reason("size"),
                depth: reason("depth"),
                backlog: reason("backlog"),
                rate: reason("rate"),
            },
            waiting: of(&self.waiting, [pool()]),
            unsent_bytes: of(&self.unsent_bytes, [pool()]),
            rooms_awake: of(&self.rooms_awake, [pool()]),
            groups_file: source("file"),
            groups_ldap: source("ldap"),
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
fn of<M: Clone + Default, const N: usize>(family: &Family<Labels, M>, labels: [Labels; N]) -> M {
    family.get_or_create_owned(&labels.concat())
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
        pool.refused.size.inc_by(2);
        pool.link_up.set(1);
        let text = metrics.encode().unwrap();
        for line in [
            "lyceum_link_up{pool=\"a.example.org\"} 0",
            "lyceum_link_up{pool=\"b.example.org\"} 1",
            "lyceum_stanzas_received_total{pool=\"b.example.org\",kind=\"iq\"} 1",
            "lyceum_stanzas_refused_total{pool=\"b.example.org\",reason=\"size\"} 2",
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
