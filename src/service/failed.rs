//! What is told when nothing could be stored.

use super::engine::Engine;
use crate::store;
use crate::wire::link::parcel::Parcel;
use crate::wire::stanza::problem::Problem;

impl Engine {
    /// A batch could not be committed: all who had asked for anything since get an error.
    pub(super) fn failed(&mut self, error: &store::Error) -> Vec<Parcel> {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "nothing could be stored: whoever asked is told so, and the rooms are as they were before"
        );
        let lost = self.commit.fail();
        self.rooms.forget_all();
        self.store.resume();
        self.recall_directory_after_failure();
        for operated in lost.operated {
            operated.failed(store::explain(error));
        }
        let mut asking = lost.askers;
        // Who waits for an archive may have asked before what is lost, or with it.
        for waiting in self.questions.forget_all() {
            if !asking.contains(&waiting) {
                asking.push(waiting);
            }
        }
        for asker in &asking {
            self.answer_problem(asker, &Problem::Internal);
        }
        self.commit.take_errors()
    }
}
