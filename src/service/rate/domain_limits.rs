//! What everybody may send and have sent: each person, and all people of a domain that is not
//! served together.
//!
//! A server says of itself who its people are. So what each of them may do holds nobody back who
//! has a server: beside the limits of the person stand those of the domain, as if it were some few
//! people.

use std::collections::BTreeSet;

use jid::{BareJid, DomainPart};

use super::party::Party;
use super::rates::{Caused, RateSettings, Rates};
use super::weight::Weight;
use crate::room::{Elapsed, Reach};
use crate::wire::stanza::problem::Problem;
use crate::wire::stanza::stanza_type::StanzaType;

/// The limits of all people, and of all domains that are not served.
#[derive(Debug)]
pub struct Allowances {
    people: Rates,
    /// `None`: only the people have limits.
    domains: Option<Rates>,
    served: BTreeSet<DomainPart>,
}

impl Allowances {
    /// Nobody has sent anything yet. All of a domain that is not among these may do what
    /// `foreign_people_max` people may.
    pub fn new(
        settings: RateSettings,
        foreign_people_max: Option<u32>,
        served: BTreeSet<DomainPart>,
    ) -> Self {
        Self {
            people: Rates::new(settings),
            domains: foreign_people_max.map(|people| Rates::of_many(settings, people)),
            served,
        }
    }

    /// Takes a stanza into account, see [`Rates::allow`].
    pub fn allow(
        &mut self,
        now: Elapsed,
        person: &BareJid,
        type_: StanzaType,
        weight: Weight,
    ) -> bool {
        let Some((domains, domain)) = self.domain_of(person) else {
            return self.people.allow(now, person, type_, weight);
        };
        // First, so that nothing is remembered of people that a domain makes up when it may send no
        // more; but it is taken into account last, so that one who is refused takes nothing from
        // the others.
        domains.may_send(now, &domain, type_, weight)
            && self.people.allow(now, person, type_, weight)
            && self
                .domains
                .as_mut()
                .is_none_or(|domains| domains.allow(now, &domain, type_, weight))
    }

    /// See [`Rates::check_reach`].
    ///
    /// # Errors
    /// - [`Problem::TooManyInvitations`], [`Problem::Overloaded`].
    pub fn check_reach(
        &mut self,
        now: Elapsed,
        person: &BareJid,
        reach: Reach,
    ) -> Result<(), Problem> {
        if let Some((domains, domain)) = self.domain_of(person) {
            domains.check_reach(now, &domain, reach)?;
        }
        self.people.check_reach(now, person, reach)
    }

    /// See [`Rates::list`].
    ///
    /// # Errors
    /// - [`Problem::Overloaded`]
    pub fn list(&mut self, now: Elapsed, person: &BareJid, length: usize) -> Result<(), Problem> {
        // First, so that one who is refused takes nothing from the others of the domain.
        self.people.list(now, person, length)?;
        match self.domain_of(person) {
            Some((domains, domain)) => domains.list(now, &domain, length),
            None => Ok(()),
        }
    }

    /// Takes into account that people were invited.
    pub fn invited(&mut self, now: Elapsed, person: &BareJid, count: usize) {
        if let Some((domains, domain)) = self.domain_of(person) {
            domains.invited(now, &domain, count);
        }
        self.people.invited(now, person, count);
    }

    /// Takes into account what was sent because of a person.
    pub fn charge(&mut self, now: Elapsed, person: &BareJid, caused: Caused) {
        if let Some((domains, domain)) = self.domain_of(person) {
            domains.charge(now, &domain, caused);
        }
        self.people.charge(now, person, caused);
    }

    /// The domain that a person counts with, if it has limits.
    fn domain_of(&mut self, person: &BareJid) -> Option<(&mut Rates, BareJid)> {
        let domains = self.domains.as_mut()?;
        match Party::of(person, &self.served) {
            Party::Person(_) => None,
            Party::Domain(domain) => Some((domains, domain)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Rate;
    use crate::wire::xml::frame::Frame;

    const START: Elapsed = Elapsed(1_000_000_000_000);

    fn allowances() -> Allowances {
        let rate = Some(Rate {
            per_second: 1.0,
            burst: 10,
        });
        let settings = RateSettings {
            messages: rate,
            presences: rate,
            iqs: rate,
            bytes: Some(Rate {
                per_second: 1000.0,
                burst: 100_000,
            }),
            invitations_per_hour: Some(10),
        };
        let served = DomainPart::new("example.org").unwrap().into_owned();
        Allowances::new(settings, Some(3), [served].into())
    }

    fn person(number: usize, domain: &str) -> BareJid {
        BareJid::new(&format!("p{number}@{domain}")).unwrap()
    }

    fn type_of(xml: &str) -> StanzaType {
        StanzaType::of(&Frame::from_xml(xml.as_bytes()).unwrap().header)
    }

    /// How many of as many stanzas pass, each of another person.
    fn passed(allowances: &mut Allowances, domain: &str, xml: &str, size: usize) -> usize {
        let pass = |number: &usize| {
            allowances.allow(START, &person(*number, domain), type_of(xml), size.into())
        };
        (0..1000).filter(pass).count()
    }

    #[test]
    fn people_who_are_made_up_share_one_limit_for_each_kind_and_for_bytes() {
        for xml in [
            "<message/>",
            "<message type='result'/>",
            "<presence/>",
            "<presence type='unavailable'/>",
            "<iq type='get'/>",
        ] {
            let mut allowances = allowances();
            assert_eq!(passed(&mut allowances, "remote.test", xml, 1), 30, "{xml}");
            assert_eq!(passed(&mut allowances, "other.test", xml, 1), 30, "{xml}");
            assert_eq!(
                passed(&mut allowances, "example.org", xml, 1),
                1000,
                "{xml}"
            );
        }
        let mut few = allowances();
        assert_eq!(
            passed(&mut few, "remote.test", "<iq type='set'/>", 100_000),
            3
        );
    }

    #[test]
    fn one_person_of_a_domain_can_not_use_up_what_the_others_have() {
        let mut allowances = allowances();
        let message = type_of("<message/>");
        let eve = person(0, "remote.test");
        let of_eve = (0..1000).filter(|_| allowances.allow(START, &eve, message, 1.into()));
        assert_eq!(of_eve.count(), 10);
        assert_eq!(passed(&mut allowances, "remote.test", "<message/>", 1), 20);
    }

    #[test]
    fn what_is_sent_because_of_a_domain_is_counted_together() {
        let mut allowances = allowances();
        let caused = Caused {
            asked_for: 30 * 1024 * 1024,
            fanned_out: 0,
        };
        for number in 0..4 {
            let visitor = person(number, "remote.test");
            let iq = type_of("<iq type='get'/>");
            assert_eq!(allowances.allow(START, &visitor, iq, 1.into()), number < 4);
            allowances.charge(START, &visitor, caused);
        }
        let next = person(9, "remote.test");
        let iq = type_of("<iq type='get'/>");
        assert!(!allowances.allow(START, &next, iq, 1.into()));
        assert!(allowances.allow(START, &person(9, "other.test"), iq, 1.into()));
    }

    #[test]
    fn invitations_of_a_domain_are_counted_together() {
        let mut allowances = allowances();
        let reach = Reach {
            bytes: 0,
            invitations: 10,
        };
        let invite = |number: &usize| {
            let visitor = person(*number, "remote.test");
            let allowed = allowances.check_reach(START, &visitor, reach).is_ok();
            if allowed {
                allowances.invited(START, &visitor, reach.invitations);
            }
            allowed
        };
        assert_eq!((0..10).filter(invite).count(), 3);
    }
}
