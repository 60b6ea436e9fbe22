//! Who is to be told if what they asked for can't be stored.
//!
//! Only they are remembered for whom something was changed or who are answered: even an answer that
//! changes nothing may tell of what others have changed, so it waits for the same commit and is
//! lost with it. All others have nothing to lose. What they take in memory counts as work that
//! waits, so that a disk that hangs makes the service refuse, not grow.

use crate::wire::stanza::envelope::Envelope;

/// Some who asked, in order.
#[derive(Debug, Default)]
pub struct Askers {
    envelopes: Vec<Envelope>,
    size: usize,
}

/// What an envelope takes beside its texts, in bytes; about, with its place in the list and what
/// the allocator adds.
const ENVELOPE_SIZE: usize = 2 * size_of::<Envelope>();

impl Askers {
    /// Remembers one more.
    pub fn push(&mut self, asker: Envelope) {
        self.size += size(&asker);
        self.envelopes.push(asker);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.envelopes.len()
    }

    /// How much memory they take, in bytes, roughly.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Forgets all but the first of them.
    pub fn truncate(&mut self, len: usize) {
        for asker in self.envelopes.drain(len..) {
            self.size -= size(&asker);
        }
    }

    /// Forgets them all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl IntoIterator for Askers {
    type Item = Envelope;
    type IntoIter = std::vec::IntoIter<Envelope>;

    fn into_iter(self) -> Self::IntoIter {
        self.envelopes.into_iter()
    }
}

fn size(asker: &Envelope) -> usize {
    let id = asker.id.as_ref().map_or(0, String::len);
    ENVELOPE_SIZE + asker.asker.as_str().len() + asker.asked.as_str().len() + id
}

#[cfg(test)]
mod tests {
    use crate::service::tests::scene::ServiceScene;

    /// A service in which a commit is under way, and its report does not come.
    fn hanging() -> ServiceScene {
        let mut scene = ServiceScene::limited("presences_per_second = 0\nmessages_per_second = 0");
        scene.enter("ann");
        assert!(scene.engine.turn().is_empty());
        scene
    }

    #[test]
    fn while_a_commit_hangs_nothing_is_remembered_of_who_changes_nothing() {
        let mut scene = hanging();
        let before = scene.engine.unreleased();
        for number in 0..10_000 {
            scene.receive(&format!(
                "<presence from='eve@example.org/{number}' type='unavailable' \
                 to='nowhere@rooms.example.org/x'/>"
            ));
        }
        assert_eq!(scene.engine.unreleased(), before);
        assert_eq!(scene.engine.commit.askers(), 0);
    }

    #[test]
    fn who_waits_for_an_answer_counts_as_work_that_waits() {
        let mut scene = hanging();
        let before = scene.engine.unreleased();
        let stanza = "<message from='eve@example.org/e' to='nowhere@rooms.example.org' id='1' \
                      type='groupchat'><body>x</body></message>";
        (0..100).for_each(|_| scene.receive(stanza));
        assert_eq!(scene.engine.commit.askers(), 100);
        let answers: usize = {
            let grown = scene.engine.unreleased() - before;
            let askers = 100 * super::ENVELOPE_SIZE;
            assert!(grown > askers, "{grown}");
            grown - askers
        };
        assert!(answers > 100 * stanza.len());
    }
}
