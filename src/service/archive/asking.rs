//! Questions to archives, from the room's leave to the answer. XEP-0313.
//!
//! What is asked of the service itself is asked of all rooms that the asker may read. The store
//! answers beside the work of the rooms: so what others say meanwhile may come before an answer,
//! but never between its messages.

use jid::BareJid;

use super::awaited::{Awaited, OutOfTime, Wanted};
use crate::room::occupying::archive::{ArchiveQuestion, PageQuestion, PageStart, UnreadRoom};
use crate::room::{Elapsed, KnownAuthors};
use crate::service::UNSENT_MAX;
use crate::service::compliance;
use crate::service::engine::{AskedStanza, Engine};
use crate::store;
use crate::store::question::ask::{
    ArchiveAnswer, ArchiveEnd, Ask, AskNumber, FoundPage, FoundSomewhere, Reader,
};
use crate::wire::archive::result::FoundMessage;
use crate::wire::archive::unread;
use crate::wire::archive::unread::UnreadQuestion;
use crate::wire::archive::{form, result};
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::problem::Problem;

/// No page has more bytes of content, unless it is one message; XEP-0313 §4.3.1
/// (#query-paging-limit) lets a server "place a reasonable limit".
const PAGE_BYTES_MAX: usize = 256 * 1024;

/// Maximum number of bytes kept ready for the server where pages of archives are among them: what
/// is said meanwhile waits behind them, and the server may take a second for a few MiB.
pub(in crate::service) const UNSENT_MAX_FOR_QUESTIONS: usize = 128 * 1024;

impl Engine {
    /// Asks the store what somebody may read of a room, and answers when that is found.
    pub(in crate::service) fn ask_archive(
        &mut self,
        room: &BareJid,
        stanza: AskedStanza<'_>,
        question: ArchiveQuestion,
        authors: KnownAuthors,
    ) {
        let envelope = stanza.envelope;
        let (ask, wanted) = match question {
            ArchiveQuestion::Form => return self.road().beside(&form::answer(envelope)),
            ArchiveQuestion::Metadata => (Ask::Ends { room: room.clone() }, Wanted::Ends),
            ArchiveQuestion::Page(question) => {
                let wanted = Wanted::Page {
                    room: room.clone(),
                    authors,
                    flipped: question.flipped,
                };
                let ask = Ask::Page {
                    room: room.clone(),
                    question: *question,
                    bytes_max: PAGE_BYTES_MAX,
                };
                (ask, wanted)
            }
        };
        self.await_answer(envelope, ask, wanted);
    }

    /// Asks for messages of all rooms that somebody may read.
    pub(in crate::service) fn ask_all_archives(
        &mut self,
        envelope: &Envelope,
        question: PageQuestion,
    ) {
        let flipped = question.flipped;
        if self.settings.compliance {
            let event = compliance::search_everywhere(self.now.at, &envelope.asker, &question);
            self.store.log(event);
        }
        let ask = self.everywhere(envelope, question);
        self.await_answer(envelope, ask, Wanted::Everywhere { flipped });
    }

    /// Asks for the first and the last message of all rooms that somebody may read.
    pub(in crate::service) fn ask_all_ends(&mut self, envelope: &Envelope) {
        let ask = self.everywhere(envelope, end_question(PageStart::First));
        self.await_answer(envelope, ask, Wanted::EndsEverywhere { first: None });
    }

    /// Asks how much is unread.
    pub(in crate::service) fn ask_unread(
        &mut self,
        envelope: &Envelope,
        question: &UnreadQuestion,
    ) {
        let rooms = match question {
            // Nothing but conversations elsewhere.
            Some(rooms) if rooms.is_empty() => {
                return self.road().beside(&unread::answer(envelope, &[]));
            }
            Some(rooms) => rooms.clone(),
            None => Vec::new(),
        };
        let reader = self.reader(envelope);
        let ask = Ask::Unread { reader, rooms };
        self.await_answer(envelope, ask, Wanted::Unread);
    }

    /// Who asks, with what decides of which rooms they may know.
    pub(in crate::service) fn reader(&self, envelope: &Envelope) -> Reader {
        let person = envelope.asker.to_bare();
        let terms = self.directory.terms();
        let is_operator = terms.operators.contains(&person);
        Reader {
            person,
            is_operator,
            categories: terms.categories.clone(),
        }
    }

    fn everywhere(&self, envelope: &Envelope, question: PageQuestion) -> Ask {
        Ask::Everywhere {
            reader: self.reader(envelope),
            question,
            bytes_max: PAGE_BYTES_MAX,
        }
    }

    fn await_answer(&mut self, envelope: &Envelope, ask: Ask, wanted: Wanted) {
        let awaited = Awaited {
            envelope: envelope.clone(),
            wanted,
        };
        if self.store.is_ahead(ask.room()) {
            // A newcomer was not sent what is not committed yet. They must find it here, or they
            // would never learn of it.
            self.commit.ask_afterwards((ask, awaited));
        } else {
            self.queue_questions(vec![(ask, awaited)]);
        }
    }

    /// Puts questions behind those that wait already.
    pub(in crate::service) fn queue_questions(&mut self, questions: Vec<(Ask, Awaited)>) {
        for (ask, awaited) in questions {
            let envelope = awaited.envelope.clone();
            let party = self.party(&envelope.asker);
            if !self.questions.queue(ask, awaited, party) {
                self.answer_problem(&envelope, &Problem::Overloaded);
            }
        }
    }

    /// Asks the store what waits to be asked, as much as is good at a time. To be called again and
    /// again. `unsent` is how many bytes wait for the server: each answer adds to that, so while
    /// they are many only one question is asked now and then, lest those wait for ever who read
    /// while others talk.
    pub fn ask_waiting(&mut self, now: Elapsed, unsent: usize) {
        if unsent > UNSENT_MAX_FOR_QUESTIONS {
            if unsent <= UNSENT_MAX && self.questions.is_time_for_one(now) {
                self.ask_next();
            }
            return;
        }
        while self.ask_next() {}
        if let Some((ask, awaited)) = self.questions.next_slow() {
            let number = self.store.ask_slowly(ask);
            self.questions.asked_slowly(number, awaited);
        }
    }

    fn ask_next(&mut self) -> bool {
        let Some((ask, awaited)) = self.questions.next() else {
            return false;
        };
        let number = self.store.ask(ask.clone());
        self.questions.asked(number, ask, awaited);
        true
    }

    /// The service ends, and would take the longer the more is asked: who still waits shall ask
    /// again.
    pub fn refuse_waiting(&mut self) {
        self.send_away_waiting();
        let waiting = [self.questions.forget_all(), self.adhoc.end_all()];
        for envelope in waiting.into_iter().flatten() {
            self.answer_problem(&envelope, &Problem::Overloaded);
        }
    }

    /// Takes what the store has found.
    pub(in crate::service) fn take_found(
        &mut self,
        number: AskNumber,
        told: &Result<ArchiveAnswer, store::Error>,
    ) {
        if matches!(told, Err(store::Error::OutOfTime)) {
            return self.take_out_of_time(number);
        }
        let Some(awaited) = self.questions.answered(number) else {
            return;
        };
        self.blame(&awaited.envelope);
        let before = self.road().size();
        match told {
            Ok(told) => self.tell(&awaited, told),
            Err(error) => {
                let error = error as &dyn std::error::Error;
                tracing::error!(error, "an archive can't be read");
                self.answer_problem(&awaited.envelope, &Problem::Internal);
            }
        }
        let person = awaited.person();
        let size = self.road().size() - before;
        self.charge_now(&person, size);
        // What was found goes out with what was decided meanwhile, and would be lost with it.
        self.commit.depend(awaited.envelope);
    }

    /// A question took too long: it gets more time once, and then an error.
    fn take_out_of_time(&mut self, number: AskNumber) {
        if let Some(OutOfTime::GivenUp(awaited)) = self.questions.out_of_time(number) {
            tracing::debug!(asker = %awaited.envelope.asker, "a question to an archive took too long");
            self.answer_problem(&awaited.envelope, &Problem::TookTooLong);
            self.commit.depend(awaited.envelope);
        }
    }

    fn tell(&mut self, awaited: &Awaited, told: &ArchiveAnswer) {
        let envelope = &awaited.envelope;
        match (told, &awaited.wanted) {
            (ArchiveAnswer::NoSuchMessage, _) => {
                self.answer_problem(envelope, &Problem::NotInArchive)
            }
            (
                ArchiveAnswer::Page(page),
                Wanted::Page {
                    room,
                    authors,
                    flipped,
                },
            ) => {
                let authors = *authors;
                let found = |message| FoundMessage {
                    room,
                    message,
                    authors,
                };
                self.tell_page(envelope, page, *flipped, found);
            }
            (ArchiveAnswer::Everywhere(page), Wanted::Everywhere { flipped }) => {
                self.tell_page(envelope, page, *flipped, found_somewhere);
            }
            (ArchiveAnswer::Everywhere(page), Wanted::EndsEverywhere { first }) => {
                self.tell_end(envelope, page, first.as_ref());
            }
            (ArchiveAnswer::Ends(ends), Wanted::Ends) => self.tell_ends(envelope, ends.as_ref()),
            (ArchiveAnswer::Unread(rooms), Wanted::Unread) => self.tell_unread(envelope, rooms),
            (
                ArchiveAnswer::Page(_)
                | ArchiveAnswer::Everywhere(_)
                | ArchiveAnswer::Ends(_)
                | ArchiveAnswer::Unread(_),
                Wanted::Page { .. }
                | Wanted::Ends
                | Wanted::Everywhere { .. }
                | Wanted::EndsEverywhere { .. }
                | Wanted::Unread,
            ) => {
                tracing::error!("the store answers another question than was asked");
                self.answer_problem(envelope, &Problem::Internal);
            }
        }
    }

    /// "the server MUST send the <iq/> result after last query result has been sent": XEP-0313 §4
    /// (#query).
    fn tell_page<'a, T>(
        &mut self,
        envelope: &Envelope,
        page: &'a FoundPage<T>,
        flipped: bool,
        found: impl Fn(&'a T) -> FoundMessage<'a>,
    ) {
        let mut messages: Vec<FoundMessage<'_>> = page.messages.iter().map(found).collect();
        let ends = messages.first().zip(messages.last());
        // "flipping a page does not affect what results are returned", §4.3.4 (#query-paging-flip);
        // so the ends are those of the result, by which the next page is asked for.
        let end = result::ResultEnd {
            ends: ends.map(|(first, last)| (&first.message.id, &last.message.id)),
            count: page.count,
            complete: page.complete,
        };
        if flipped {
            messages.reverse();
        }
        for message in &messages {
            self.road().beside(&result::result(envelope, message));
        }
        self.road().beside(&result::end(envelope, &end));
    }

    /// One end of all archives is known: then the other is asked for.
    fn tell_end(
        &mut self,
        envelope: &Envelope,
        page: &FoundPage<FoundSomewhere>,
        first: Option<&ArchiveEnd>,
    ) {
        let found = page.messages.first().map(|found| ArchiveEnd {
            id: found.message.id.clone(),
            at: found.message.at,
        });
        match (first, found) {
            (_, None) => self.tell_ends(envelope, None),
            (Some(first), Some(last)) => self.tell_ends(envelope, Some(&[first.clone(), last])),
            (None, found @ Some(_)) => {
                let ask = self.everywhere(envelope, end_question(PageStart::Last));
                self.await_answer(envelope, ask, Wanted::EndsEverywhere { first: found });
            }
        }
    }

    fn tell_ends(&mut self, envelope: &Envelope, ends: Option<&[ArchiveEnd; 2]>) {
        let ends = ends.map(|ends| ends.each_ref().map(|end| (&end.id, end.at)));
        self.road().beside(&result::metadata(envelope, ends));
    }

    fn tell_unread(&mut self, envelope: &Envelope, rooms: &[UnreadRoom]) {
        self.road().beside(&unread::answer(envelope, rooms));
    }
}

fn found_somewhere(found: &FoundSomewhere) -> FoundMessage<'_> {
    FoundMessage {
        room: &found.room,
        message: &found.message,
        authors: found.authors,
    }
}

/// The question for the message at one end.
fn end_question(start: PageStart) -> PageQuestion {
    PageQuestion {
        start,
        size_max: Some(1),
        ..PageQuestion::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::room::Elapsed;
    use crate::service::tests::scene::{ServiceScene, text};
    use crate::store::{Store, StoreReport};

    const QUERY: &str = "<query xmlns='urn:xmpp:mam:2'/>";

    fn hall() -> ServiceScene {
        ServiceScene::limited("messages_per_second = 0").with_hall()
    }

    /// Ann asks the hall for something of its archive.
    fn question(id: usize, query: &str) -> String {
        format!("<iq from='ANN' to='HALL' type='set' id='{id}'>{query}</iq>")
    }

    #[test]
    fn what_is_on_its_way_to_the_disk_is_found() {
        for to in ["HALL", "SERVICE"] {
            let mut scene = hall();
            scene.say("ann", "Listen");
            assert!(scene.engine.turn().is_empty(), "it is being committed");
            scene.receive(&format!(
                "<iq from='ANN' to='{to}' type='set' id='2'>{QUERY}</iq>"
            ));
            scene.engine.turn();
            scene.engine.ask_waiting(Elapsed::BEGINNING, 0);
            let asked = scene.engine.store.questions_outstanding();
            assert_eq!(asked, 0, "too early: {to}");
            let told = scene.told();
            let result = told.find("<result").expect("a result");
            assert!(told[result..].contains("<body>Listen</body>"), "{told}");
            assert!(told.find("<fin").unwrap() > result);
        }
    }

    #[test]
    fn while_the_server_falls_behind_only_some_are_asked() {
        let mut scene = hall();
        (2..5).for_each(|id| scene.receive(&question(id, QUERY)));
        scene.told();
        (5..8).for_each(|id| scene.receive(&question(id, QUERY)));
        let engine = &mut scene.engine;
        engine.turn();
        let after = |tenths: i64| Elapsed(1_000_000_000 + tenths * 100_000);
        engine.ask_waiting(after(0), UNSENT_MAX + 1);
        assert_eq!(engine.store.questions_outstanding(), 0);
        for asked in 1..3 {
            engine.ask_waiting(after(asked), UNSENT_MAX_FOR_QUESTIONS + 1);
            engine.ask_waiting(after(asked), UNSENT_MAX_FOR_QUESTIONS + 1);
            assert_eq!(engine.store.questions_outstanding(), asked as usize);
        }
        engine.ask_waiting(after(3), UNSENT_MAX_FOR_QUESTIONS);
        assert_eq!(engine.store.questions_outstanding(), 3);
    }

    #[test]
    fn what_takes_too_long_gets_more_time_and_then_an_error_and_nobody_else_waits() {
        let mut scene = hall();
        (0..1_000).for_each(|number| scene.say("ann", &format!("Listen {number}")));
        scene.told();
        let count = "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>\
             <field var='with'><value>hall@rooms.example.org/Ann</value></field></x>\
             <set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set></query>";
        let mut ask = |query: &str, patience, patience_of_the_slow| {
            let store = &mut scene.engine.store;
            store.change_patience(patience, patience_of_the_slow);
            scene.answer_to(&question(2, query))
        };
        let long = Duration::from_secs(3600);
        let told = ask(count, Duration::ZERO, long);
        assert!(told.contains("<count>1000</count>"), "{told}");

        let told = ask(count, Duration::ZERO, Duration::ZERO);
        assert!(told.contains("id='2' type='error'"), "{told}");
        assert!(
            told.contains("policy-violation") && told.contains("would take too long"),
            "{told}"
        );
        // Its time must not run out on a machine that is busy with other things.
        let quick = "<query xmlns='urn:xmpp:mam:2'>\
             <set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set></query>";
        let told = ask(quick, long, Duration::ZERO);
        assert!(told.contains("<fin"), "what is quick is answered: {told}");
    }

    #[test]
    fn who_waits_is_told_when_the_service_ends() {
        let mut scene = hall();
        scene.receive(&question(2, QUERY));
        scene.engine.turn();
        scene.engine.refuse_waiting();
        let told = scene.told();
        assert!(told.contains("id='2' type='error'"), "{told}");
        assert!(
            told.contains("resource-constraint") && !told.contains("<fin"),
            "{told}"
        );
    }

    #[test]
    fn who_waits_is_told_when_nothing_can_be_stored() {
        let mut scene = hall();
        scene.receive(&question(2, QUERY));
        assert!(scene.engine.turn().is_empty());
        scene.engine.ask_waiting(Elapsed::BEGINNING, 0);
        let mut elsewhere = Store::in_memory().unwrap();
        elsewhere.set_meta("key", "value");
        let number = elsewhere.submit().unwrap();
        let failed = StoreReport::Failed(number, store::Error::Suspended);
        let told = text(&scene.engine.take_report(&failed));
        assert!(told.contains("id='2' type='error'"), "{told}");
        assert!(told.contains("internal-server-error"), "{told}");
        assert_eq!(scene.told(), "", "and told once");
    }
}
