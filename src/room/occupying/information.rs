//! What the room tells about itself. XEP-0045 §6.4 (#disco-roominfo), §6.5 (#disco-roomitems).

use std::sync::Arc;

use jid::{BareJid, FullJid};

use crate::room::effect::{Answer, Effect, Information};
use crate::room::setting::configuration::Whois;
use crate::room::{Affiliation, Refusal, Room};

/// A room in the list of public ones. XEP-0045 §6.3 (#disco-rooms).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicRoom {
    /// The room's address.
    pub jid: BareJid,
    /// Its name; empty when it has none.
    pub name: Arc<str>,
}

impl Room {
    /// disco#info. XEP-0045 §6.4 (#disco-roominfo).
    ///
    /// The subject and the owners are told only to those who may read the archive (§14.4
    /// (#security-leaks)); the owners' addresses, moreover, to people of the service's own domains
    /// alone until they have entered. Whoever else looks for somebody to turn to finds the
    /// service's own contact (XEP-0157).
    ///
    /// # Errors
    /// None; that the room exists for the asker was seen before.
    pub(in crate::room) fn show_information(
        &self,
        from: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let information = Box::new(self.information_for(from));
        effects.push(Effect::Answer(Answer::Information(information)));
        Ok(())
    }

    /// What this person may know about the room.
    pub(in crate::room) fn information_for(&self, from: &FullJid) -> Information {
        let reads = self.door().reader(self.standing_of(from)).is_some();
        let contacts = match self.may_know_owners(from) {
            true => self.owners().into_iter().collect(),
            false => Vec::new(),
        };
        Information {
            configuration: self.configuration.clone(),
            category: self.terms.category.name.clone(),
            switches: self.terms.category.switches,
            occupants: self.occupants.count(),
            subject: match reads {
                true => self.subject.text.clone(),
                false => Arc::from(""),
            },
            contacts,
            avatar_hash: self.avatar.get().map(|avatar| avatar.hash.clone()),
            addin: self.addin().cloned(),
        }
    }

    /// Whether the owners are told to somebody as those to turn to.
    pub(in crate::room) fn may_know_owners(&self, from: &FullJid) -> bool {
        let person = self.standing_of(from);
        let at_home = person.is_inside() || self.terms.served.contains(from.domain());
        let sees_people =
            self.configuration.whois == Whois::Anyone || person.affiliation >= Affiliation::Admin;
        at_home && sees_people && self.door().reader(person).is_some()
    }

    /// disco#items. XEP-0045 §6.5 (#disco-roomitems): who is inside is told only to those inside.
    ///
    /// # Errors
    /// None.
    pub(in crate::room) fn show_occupants(
        &self,
        from: &Arc<FullJid>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let own = self.nick_of(from);
        let nicks = match self.door().shows_occupants_to(self.standing_of(from)) {
            false => Vec::new(),
            true => self
                .occupants
                .iter()
                .filter(|occupant| {
                    own.as_ref() == Some(occupant.nick()) || self.is_shown(occupant.role())
                })
                .map(|occupant| occupant.nick().clone())
                .collect(),
        };
        effects.push(Effect::Answer(Answer::Occupants(nicks)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::occupant::SessionRecord;
    use crate::room::setting::configuration::Configuration;
    use crate::room::{Affiliated, Nick, OccupantId, Payload, Role, Snapshot, Terms, Timestamp};
    use jid::{BareJid, DomainPart};

    const OWNER: &str = "owner@example.org";

    fn entry(jid: &str, affiliation: Affiliation) -> (BareJid, Affiliated) {
        let entry = Affiliated {
            affiliation,
            reason: None,
            given_by: None,
            given_at: Timestamp(1),
        };
        (BareJid::new(jid).unwrap(), entry)
    }

    fn session(jid: &FullJid) -> SessionRecord {
        SessionRecord {
            real_jid: Arc::new(jid.clone()),
            nick: Nick::new("asker").unwrap(),
            role: Role::Participant,
            occupant_id: OccupantId("asker".into()),
            presence: Payload::new(b""),
            entered_at: Timestamp(1),
            shown: 1,
            arrival: 1,
            seen_below: None,
        }
    }

    /// Whether the owners are told to who asks from there.
    fn is_told(
        configuration: &Configuration,
        asker: &str,
        affiliation: Affiliation,
        inside: bool,
    ) -> bool {
        let from = FullJid::new(&format!("{asker}/x")).unwrap();
        let mut affiliations = vec![entry(OWNER, Affiliation::Owner)];
        affiliations.extend((affiliation != Affiliation::None).then(|| entry(asker, affiliation)));
        let snapshot = Snapshot {
            affiliations,
            sessions: inside.then(|| session(&from)).into_iter().collect(),
            ..Snapshot::new(configuration.clone())
        };
        let terms = Terms {
            served: Arc::new([DomainPart::new("example.org").unwrap().into_owned()].into()),
            ..Terms::default()
        };
        let room = Room::restore(Arc::new(terms), [7; 32], snapshot);
        let contacts = room.information_for(&from).contacts;
        contacts.contains(&BareJid::new(OWNER).unwrap())
    }

    #[test]
    fn owners_are_told_to_those_inside_and_to_people_of_the_service_who_may_read() {
        for bits in 0..32_u32 {
            let is = |bit: u32| bits >> bit & 1 == 1;
            let configuration = Configuration {
                members_only: is(0),
                password: is(1).then(|| "open sesame".into()),
                whois: [Whois::Anyone, Whois::Moderators][usize::from(is(2))],
                ..Configuration::default()
            };
            let (inside, served) = (is(3), is(4));
            let asker = if served {
                "x@example.org"
            } else {
                "x@elsewhere.test"
            };
            for affiliation in Affiliation::ALL {
                let may_read = match affiliation {
                    Affiliation::Outcast => false,
                    Affiliation::None => !is(0) && !is(1),
                    Affiliation::Member | Affiliation::Admin | Affiliation::Owner => true,
                };
                let may_know = !is(2) || affiliation >= Affiliation::Admin;
                let expected = (inside || served && may_read) && may_know;
                let told = is_told(&configuration, asker, affiliation, inside);
                assert_eq!(told, expected, "{bits:05b}, {affiliation:?}");
            }
        }
    }
}
