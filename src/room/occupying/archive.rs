//! Reading the archive. XEP-0313.
//!
//! The room decides who may read, and what the reader may know of authors; the messages lie in the
//! store, and how they are looked for is its business. So the room's part ends with
//! [`Effect::ReadArchive`].

use jid::{BareJid, FullJid, Jid};

use crate::room::effect::Effect;
use crate::room::{ArchiveId, KnownAuthors, Nick, Refusal, Room, Timestamp};
use crate::search::Search;

/// What can be asked of an archive.
#[derive(Clone, Debug, PartialEq)]
pub enum ArchiveQuestion {
    /// By what messages can be asked for. XEP-0313 §4.1.5 (#query-form).
    Form,
    /// The ends of the archive. XEP-0313 §5 (#archive-metadata).
    Metadata,
    /// A page of messages.
    Page(Box<PageQuestion>),
}

/// A part of those messages that meet all conditions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageQuestion {
    /// The conditions that messages meet.
    pub filter: Filter,
    /// In what order the result is, before it is cut into pages.
    pub order: Order,
    /// Where in the result the page starts.
    pub start: PageStart,
    /// Maximum number of messages; `None`: as many as the service gives. With 0 only the number of
    /// all is wanted, which else is never counted. XEP-0059 §2.7 (#count).
    pub size_max: Option<u32>,
    /// Whether the page is sent last message first. XEP-0313 §4.3.4 (#query-paging-flip).
    pub flipped: bool,
}

/// The conditions; `None`, or an empty list, is no condition. XEP-0313 §4.1 (#filter).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only in these rooms; of use where all rooms are asked at once.
    pub rooms: Vec<BareJid>,
    /// Said by this one. §4.1.1 (#filter-jid).
    pub with: Option<With>,
    /// Not before. §4.1.2 (#filter-time).
    pub start: Option<Timestamp>,
    /// Not later. §4.1.2 (#filter-time).
    pub end: Option<Timestamp>,
    /// After this one in the archive, which must be in it. §4.1.3 (#query-limit-id).
    pub after_id: Option<ArchiveId>,
    /// Before this one in the archive, which must be in it. §4.1.3 (#query-limit-id).
    pub before_id: Option<ArchiveId>,
    /// Just these, all of which must be in the archive. §4.1.3 (#query-limit-id).
    pub ids: Vec<ArchiveId>,
    /// With such words. XEP-0431.
    pub search: Option<Search>,
    /// Only what was said while everybody saw who said it. Nobody asks for this: the room adds it
    /// where somebody else is looked for by their address, and the asker may not know all authors.
    pub in_the_open: bool,
}

impl Filter {
    /// Whether it names the address of somebody else. A nick is no secret, an address may be.
    pub fn names_another(&self, person: &BareJid) -> bool {
        match &self.with {
            Some(With::Address(address)) => address.to_bare() != *person,
            Some(With::Nick(_)) | None => false,
        }
    }
}

/// Whose messages are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum With {
    /// Of a person, or with a full JID of one session.
    Address(Jid),
    /// Of whoever had this nick.
    Nick(Nick),
}

/// The order of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As everybody has seen it; the newest come first by asking for the last page.
    #[default]
    Chronological,
    /// What fits best first. Only a search has such an order.
    Rank,
}

/// Where a page starts. XEP-0059.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PageStart {
    /// With the first message of the result.
    #[default]
    First,
    /// It ends with the last one.
    Last,
    /// Behind this one, which must be in the archive.
    After(ArchiveId),
    /// It ends before this one, which must be in the archive.
    Before(ArchiveId),
}

/// What is unread in a room, for one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadRoom {
    /// The room's address.
    pub room: BareJid,
    /// Number of messages to be read that came since; `None`: the id that was given is not in the
    /// archive.
    pub count: Option<u64>,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl Room {
    /// Lets somebody read, inside or not. XEP-0313 §6.1.2 (#business-storeret-muc-archives); who
    /// may is decided by [`Door::archive_reader`](crate::room::Door::archive_reader).
    ///
    /// # Errors
    /// - [`Refusal::ArchiveNotReadable`]: the asker may not read here.
    /// - [`Refusal::AuthorsHidden`]: the question names an address that the asker may not know;
    ///   their own they know.
    pub(in crate::room) fn read_archive(
        &self,
        from: &FullJid,
        mut question: Box<ArchiveQuestion>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let reader = self.door().archive_reader(self.standing_of(from));
        let role = reader.ok_or(Refusal::ArchiveNotReadable)?;
        let authors = self.configuration.whois.known_to(role);
        if let ArchiveQuestion::Page(page) = &mut *question
            && page.filter.names_another(&from.to_bare())
        {
            match authors {
                KnownAuthors::None => return Err(Refusal::AuthorsHidden),
                KnownAuthors::InTheOpen => page.filter.in_the_open = true,
                KnownAuthors::All => {}
            }
        }
        effects.push(Effect::ReadArchive { question, authors });
        Ok(())
    }
}
