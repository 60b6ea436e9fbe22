//! What monitoring is told of the loop. Nothing in the service reads these numbers.

use super::Engine;
use crate::metrics::PoolMetrics;
use crate::wire::link::inbox::Inbox;
use crate::wire::link::inbox::LinkEvent;
use crate::wire::link::outbox::Outbox;
use crate::wire::xml::frame::Received;
use crate::wire::xml::header::StanzaKind;
use crate::wire::xml::limits::Unreadable;

/// Counts one event of the link.
pub fn count(metrics: &PoolMetrics, event: &LinkEvent) {
    match event {
        LinkEvent::Up => {
            metrics.link_up.set(1);
            metrics.links.inc();
        }
        LinkEvent::Down(_) => {
            metrics.link_up.set(0);
        }
        LinkEvent::Received(Received::Stanza(frame)) => {
            let counter = match frame.header.kind {
                StanzaKind::Message => &metrics.received.message,
                StanzaKind::Presence => &metrics.received.presence,
                StanzaKind::Iq => &metrics.received.iq,
            };
            counter.inc();
        }
        LinkEvent::Received(Received::Refused { why, .. }) => {
            let counter = match why {
                Unreadable::TooDeep => &metrics.refused.depth,
                Unreadable::TooLarge => &metrics.refused.size,
                Unreadable::TooComplex | Unreadable::Malformed => &metrics.refused.malformed,
                Unreadable::Overspent => &metrics.refused.rate,
                Unreadable::Busy => &metrics.refused.backlog,
            };
            counter.inc();
        }
    }
}

/// Notes how much there is of everything that waits.
pub fn measure(metrics: &PoolMetrics, engine: &Engine, inbox: &Inbox, outbox: &Outbox) {
    metrics.waiting.set(gauge(inbox.waiting()));
    metrics
        .unsent_bytes
        .set(gauge(engine.unreleased() + outbox.queued_bytes()));
    metrics.rooms_awake.set(gauge(engine.rooms_awake()));
}

/// A size as a gauge has it.
fn gauge(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use jid::DomainPart;

    use super::*;
    use crate::metrics::Metrics;
    use crate::wire::link::link_error::LinkError;

    #[test]
    fn the_link_is_up_until_it_is_down() {
        let domain = DomainPart::new("rooms.example.org").unwrap().into_owned();
        let metrics = Metrics::new([&domain]);
        let pool = metrics.pool(&domain).unwrap();
        count(pool, &LinkEvent::Up);
        assert_eq!((pool.link_up.get(), pool.links.get()), (1, 1));
        count(pool, &LinkEvent::Down(LinkError::HalfOpen));
        assert_eq!((pool.link_up.get(), pool.links.get()), (0, 1));
    }
}
