//! Answering with a list of affiliations. XEP-0045 §9.2 (#modifyban), §9.5 (#modifymember).
//!
//! A list may be longer than any stanza. That is known before it is read: from how many entries
//! there are, and then from how long they are.

use jid::BareJid;

use crate::room::Affiliation;
use crate::room::effect::Answer;
use crate::room::text::address;
use crate::service::engine::{AskedStanza, Engine};
use crate::store;
use crate::wire::answer;
use crate::wire::stanza::envelope::STANZA_OUT_MAX;
use crate::wire::stanza::problem::Problem;

/// No item of a list is written with fewer bytes, its affiliation and address aside.
const ITEM_BYTES_MIN: usize = "<item affiliation='' jid=''/>".len();
/// The shortest address.
const ADDRESS_BYTES_MIN: usize = 1;

impl Engine {
    /// Answers with everybody who has an affiliation, of whom there are `length`.
    pub(in crate::service) fn answer_list(
        &mut self,
        room: &BareJid,
        stanza: AskedStanza<'_>,
        affiliation: Affiliation,
        length: usize,
    ) {
        let asker = address::bare(&stanza.envelope.asker);
        if let Err(problem) = self.rates.list(self.now.elapsed, &asker, length) {
            self.answer_problem(stanza.envelope, &problem);
            return;
        }
        match self.list_of(room, affiliation, length) {
            Ok(Some(list)) => {
                let bytes = answer::answer(stanza.envelope, &list);
                self.road().beside(&bytes);
            }
            Ok(None) => self.answer_problem(stanza.envelope, &Problem::AnswerTooLong),
            Err(error) => {
                tracing::error!(%room, error = &error as &dyn std::error::Error, "a list can't be read");
                self.answer_problem(stanza.envelope, &Problem::Internal);
            }
        }
    }

    /// The list, with as much of each entry as a stanza may hold; `None`: it can't hold all
    /// addresses.
    fn list_of(
        &self,
        room: &BareJid,
        affiliation: Affiliation,
        length: usize,
    ) -> Result<Option<Answer>, store::Error> {
        let items = length.saturating_mul(ITEM_BYTES_MIN + affiliation.name().len());
        if items.saturating_add(length * ADDRESS_BYTES_MIN) > STANZA_OUT_MAX {
            return Ok(None);
        }
        let size = self.store.list_size(room, affiliation)?;
        if items + size.addresses > STANZA_OUT_MAX {
            return Ok(None);
        }
        let with_reasons = items + size.addresses + size.reasons <= STANZA_OUT_MAX;
        let mut list = self.store.list(room, affiliation, with_reasons)?;
        let terms = self.terms_of_room(room)?;
        list.retain(|item| terms.honours(&item.jid, affiliation));
        if let Some(room) = self.rooms.awake(room) {
            for item in &mut list {
                let mut inside = room.occupants().of_person(&item.jid);
                let nick = || inside.next().map(|occupant| occupant.nick().clone());
                item.nick = item.nick.take().or_else(nick);
            }
        }
        Ok(Some(Answer::Affiliations(list)))
    }
}

#[cfg(test)]
mod tests {
    use jid::BareJid;

    use crate::room::{Affiliated, Affiliation, Change, Timestamp};
    use crate::service::tests::scene::{HALL, ServiceScene};

    /// The list of a room in which a number of people are banned, each for a reason.
    fn list(banned: usize, reason: &str) -> String {
        let mut scene = ServiceScene::new("").with_hall();
        scene.leave("ann");
        scene.told();
        for number in 0..banned {
            let entry = Affiliated {
                affiliation: Affiliation::Outcast,
                reason: Some(reason.into()),
                given_by: None,
                given_at: Timestamp(1),
            };
            let change = Change::Affiliated {
                jid: BareJid::new(&format!("u{number}@v")).unwrap(),
                entry: Some(entry),
            };
            scene
                .engine
                .store
                .save(&BareJid::new(HALL).unwrap(), change);
        }
        scene.engine.store.flush();
        scene.answer_to(
            "<iq from='ANN' to='HALL' type='get' id='2'>\
             <query xmlns='MUC#admin'><item affiliation='outcast'/></query></iq>",
        )
    }

    #[test]
    fn a_list_is_told_as_far_as_a_stanza_can_hold_it_and_whole_or_not_at_all() {
        let short = list(3, "why not");
        assert_eq!(short.matches("why not").count(), 3, "{short}");
        let without_reasons = list(3_000, &"because ".repeat(20));
        assert_eq!(without_reasons.matches("<item ").count(), 3_000);
        assert!(!without_reasons.contains("because"));
        // The number of entries alone tells it of one, only their addresses of the other.
        for banned in [6_000, 8_000] {
            let refused = list(banned, "x");
            assert!(refused.contains("not-acceptable"), "{banned}");
            assert!(!refused.contains("<item "), "{banned}");
        }
    }
}
