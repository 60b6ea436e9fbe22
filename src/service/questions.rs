//! What is asked of the service itself. XEP-0045 §6.2 (#disco-service-features), §6.3
//! (#disco-rooms).

use super::engine::Engine;
use crate::room::text::address;
use crate::room::{Now, PublicRoom};
use crate::store::{self, PagePlace, Reader};
use crate::wire::archive::form;
use crate::wire::disco::service;
use crate::wire::incoming::ServiceQuestion;
use crate::wire::stanza::envelope::Envelope;
use crate::wire::stanza::page::{Extent, PageRequest, Start};
use crate::wire::stanza::problem::Problem;

/// Maximum number of rooms listed at once; whoever wants more asks for the next page. XEP-0045 §6.3
/// lets a service "return only a partial list".
const PAGE_MAX: usize = 500;

impl Engine {
    /// Answers a question to the service.
    pub(super) fn answer_question(
        &mut self,
        now: Now,
        envelope: &Envelope,
        question: &ServiceQuestion,
    ) {
        let information = &self.settings.information;
        let answer = match question {
            ServiceQuestion::Information => service::information(envelope, information),
            ServiceQuestion::Ping => service::done(envelope),
            ServiceQuestion::Version => service::version(envelope),
            ServiceQuestion::Time => service::time(envelope, now.at),
            ServiceQuestion::VCard => service::vcard(envelope, information),
            ServiceQuestion::Rooms(page) => return self.answer_rooms(envelope, page),
            ServiceQuestion::ArchiveForm => form::answer(envelope),
            ServiceQuestion::ArchiveMetadata => return self.ask_all_ends(envelope),
            ServiceQuestion::Archive(question) => {
                return self.ask_all_archives(envelope, (**question).clone());
            }
            ServiceQuestion::Unread(question) => return self.ask_unread(envelope, question),
        };
        self.road().beside(&answer);
    }

    fn answer_rooms(&mut self, envelope: &Envelope, page: &PageRequest) {
        match self.rooms_on(&self.reader(envelope), page) {
            Ok(Some((rooms, extent))) => {
                self.road()
                    .beside(&service::rooms(envelope, &rooms, &extent));
            }
            Ok(None) => self.answer_problem(envelope, &Problem::NoSuchNode),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the rooms can't be listed");
                self.answer_problem(envelope, &Problem::Internal);
            }
        }
    }

    /// The rooms of a page for somebody; `None` when it starts at what is no address.
    fn rooms_on(
        &self,
        reader: &Reader,
        page: &PageRequest,
    ) -> Result<Option<(Vec<PublicRoom>, Extent)>, store::Error> {
        let size = page.size_max.unwrap_or(PAGE_MAX).min(PAGE_MAX);
        let key;
        let place = match &page.start {
            Start::First | Start::Index(0) => PagePlace::First,
            Start::Last => PagePlace::Last,
            // XEP-0059 §2.6 (#jump) leaves it to us; a list that is paged by key knows no numbers.
            Start::Index(_) => return Ok(None),
            Start::After(address) | Start::Before(address) => {
                let Ok(address) = address::parse_bare(address) else {
                    return Ok(None);
                };
                key = address;
                if matches!(page.start, Start::After(_)) {
                    PagePlace::After(&key)
                } else {
                    PagePlace::Before(&key)
                }
            }
        };
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let found = self.store.listed_rooms(reader, place, size)?;
        let count = usize::try_from(self.store.listed_room_count(reader)?).unwrap_or(usize::MAX);
        let first_index = matches!(page.start, Start::First | Start::Index(0)).then_some(0);
        Ok(Some((
            found,
            Extent {
                first_index,
                count: Some(count),
            },
        )))
    }
}
