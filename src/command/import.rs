//! `import`: rooms with their archives, from JSON Lines.
//!
//! What comes is read and checked here, on the command's own thread, and given to the engine in
//! slices, each committed before the next is read. A room shows itself when all of it is there, or
//! never.

mod categories;
mod coming;
mod imported;

use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use jid::BareJid;
use serde::{Deserialize, Serialize};

pub use imported::{CategoryOutcome, ImportOutcome, Imported, ImportedCategory, ImportedRoom};

use super::work::Work;
use super::{Attachment, Command, Conclusion, Error, Facts, Tools};
use crate::directory;
use crate::room::setting::addin::{AddInId, AddIns};
use crate::room::{NameKey, Refusal};
use crate::store::ArrivalStep;
use crate::transfer::json_lines::RecordReader;
use crate::transfer::record::{MessageRecord, Record, RoomRecord};
use categories::ComingCategories;
use coming::{AddInFate, ComingRoom};

/// Bring in rooms with their archives: what `export` wrote, or the data of a Prosody or an ejabberd
///
/// The running service takes them while it goes on, or, when that is stopped, this program puts
/// them into the database itself. Each room comes as a whole or not at all; one that is there
/// already is left as it is.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRooms {
    /// What to do about a room that is here already; it is never changed
    #[arg(long, value_enum, default_value_t = Conflict::Fail)]
    pub on_conflict: Conflict,
    /// Only tell what would be imported
    #[arg(long)]
    pub dry_run: bool,
}

/// What to do about a room that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conflict {
    /// Stop there; rooms that came before stay
    Fail,
    /// Pass it over
    Skip,
}

impl Command for ImportRooms {
    fn facts() -> Facts {
        Facts {
            takes_rooms: true,
            ..Facts::default()
        }
    }

    /// Takes what comes with the command.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error> {
        let attachment = std::mem::replace(&mut tools.attachment, Attachment::none());
        let mut import = Importing {
            tools,
            wish: self,
            messages: 0,
            categories: ComingCategories::default(),
            room: CurrentRoom::None,
        };
        let outcome = RecordReader::new(attachment).try_for_each(|record| import.take(record?));
        if outcome.is_err() {
            import.abandon();
        }
        outcome.map(|()| Conclusion::default())
    }
}

/// An import under way.
struct Importing<'a> {
    tools: &'a Tools,
    wish: &'a ImportRooms,
    /// The number of messages that have come.
    messages: u64,
    categories: ComingCategories,
    room: CurrentRoom,
}

/// The room told last.
enum CurrentRoom {
    None,
    /// Its messages are passed over.
    Passed,
    Coming(Box<ComingRoom>),
}

impl Importing<'_> {
    fn take(&mut self, record: Record) -> Result<(), Error> {
        match record {
            Record::Header(_) => Ok(()),
            Record::Category(category) => {
                self.complete()?;
                self.categories.take(*category, self.wish, self.tools)
            }
            Record::Room(room) => {
                self.complete()?;
                self.begin(*room)
            }
            Record::Message(message) => self.add(*message),
            Record::End(_) => self.complete(),
        }
    }

    fn begin(&mut self, record: RoomRecord) -> Result<(), Error> {
        if let Some(origin) = &record.origin
            && let Some(here) = self.tools.survey.room_of_origin(origin)?
        {
            return self.resume(record, here);
        }
        if self.tools.survey.has_room(&record.jid)? {
            return self.exists(record.jid);
        }
        if !self.wish.dry_run {
            self.wait_for_ids()?;
        }
        let category = record.category.as_deref();
        let category = self.categories.of_room(category, self.wish, self.tools)?;
        let mut record = record;
        let fate = self.addin_of(&mut record)?;
        let coming = ComingRoom::new(record, fate, self.tools.environment).in_category(category);
        if !self.wish.dry_run {
            let at = (self.tools.environment.now)();
            let salt = coming.salt();
            self.change(&coming, ArrivalStep::Begin { salt, at })?;
        }
        self.room = CurrentRoom::Coming(Box::new(coming));
        Ok(())
    }

    /// Goes on with a room that has come before. It stays as it is here but for what is new of its
    /// archive.
    fn resume(&mut self, record: RoomRecord, here: BareJid) -> Result<(), Error> {
        let coming =
            ComingRoom::new(record, AddInFate::Here, self.tools.environment).resumed(here.clone());
        if !self.wish.dry_run {
            self.change(&coming, ArrivalStep::Resume { room: here })?;
        }
        self.room = CurrentRoom::Coming(Box::new(coming));
        Ok(())
    }

    /// The add-in that the room has here: the one of that name, which is registered if there is
    /// none.
    fn addin_of(&self, record: &mut RoomRecord) -> Result<AddInFate, Error> {
        record.snapshot.configuration.addin = None;
        let Some(addin) = &record.addin else {
            return Ok(AddInFate::Here);
        };
        let mut fate = AddInFate::Here;
        if self.addin_named(&addin.name)?.is_none() {
            if self.wish.dry_run {
                return Ok(AddInFate::Registered);
            }
            let request = directory::Request::NewAddIn(addin.clone());
            fate = match self.tools.change(Work::Directory(request)) {
                Ok(_) => AddInFate::Registered,
                Err(Error::Refused { why, .. }) => AddInFate::Refused(why),
                Err(error) => return Err(error),
            };
        }
        record.snapshot.configuration.addin = self.addin_named(&addin.name)?;
        Ok(fate)
    }

    fn addin_named(&self, name: &str) -> Result<Option<AddInId>, Error> {
        let addins: AddIns = self.tools.survey.addins()?.into_iter().collect();
        Ok(addins.named(name))
    }

    fn exists(&mut self, room: BareJid) -> Result<(), Error> {
        if self.wish.on_conflict == Conflict::Fail {
            return Err(Error::RoomExists { room });
        }
        self.room = CurrentRoom::Passed;
        self.tools.tell(&ImportedRoom {
            room,
            outcome: ImportOutcome::Exists,
            messages: 0,
            renamed: 0,
            moved: 0,
            taken_back: 0,
            refused: 0,
            repeated: 0,
            name: None,
            addin: None,
            addin_refused: None,
        })
    }

    /// A room that was destroyed a moment ago still has the ids that may come now. It is not waited
    /// for ever: what finds its id taken gets another.
    fn wait_for_ids(&self) -> Result<(), Error> {
        let begun = Instant::now();
        while begun.elapsed() < WAIT_MAX && self.tools.survey.is_being_tidied()? {
            thread::sleep(WAIT);
        }
        Ok(())
    }

    fn add(&mut self, message: MessageRecord) -> Result<(), Error> {
        self.messages += 1;
        let CurrentRoom::Coming(coming) = &mut self.room else {
            return Ok(());
        };
        coming.add(message);
        if coming.has_whole_slice() {
            self.send_slice()?;
        }
        Ok(())
    }

    fn send_slice(&mut self) -> Result<(), Error> {
        let CurrentRoom::Coming(coming) = &mut self.room else {
            return Ok(());
        };
        let (messages, tally) = coming.take_slice();
        if let Some(here) = coming.is_here().filter(|_| self.wish.dry_run) {
            let ids: Vec<_> = messages.iter().map(|one| one.message.id.clone()).collect();
            let known = self.tools.survey.count_known(here, &ids)?;
            coming.leave_out(known);
        }
        let room = coming.arriving();
        if !self.wish.dry_run && !messages.is_empty() {
            let step = ArrivalStep::Messages { messages, tally };
            self.tools.change(Work::Arrive { room, step })?;
        }
        self.tools.progress(self.messages, None)
    }

    /// All of the room told last is there.
    fn complete(&mut self) -> Result<(), Error> {
        self.send_slice()?;
        self.name()?;
        let CurrentRoom::Coming(coming) = &self.room else {
            return Ok(());
        };
        let row = coming.row(self.wish.dry_run);
        self.room = CurrentRoom::None;
        self.tools.tell(&row)
    }

    /// Has the room shown, under the first name that no other room has. What is taken is looked up
    /// here, and decided by the engine.
    fn name(&mut self) -> Result<(), Error> {
        let CurrentRoom::Coming(coming) = &mut self.room else {
            return Ok(());
        };
        if coming.is_here().is_some() {
            return Ok(());
        }
        loop {
            while let Some(name) = NameKey::of(&coming.name())
                && self.tools.survey.has_name(&name)?
            {
                coming.name_anew();
            }
            if self.wish.dry_run {
                return Ok(());
            }
            let room = coming.arriving();
            let step = ArrivalStep::Name(Box::new(coming.whole()));
            match self.tools.change(Work::Arrive { room, step }) {
                Err(Error::Refused {
                    refusal: Refusal::RoomNameTaken,
                    ..
                }) => coming.name_anew(),
                outcome => return outcome.map(drop),
            }
        }
    }

    fn abandon(&mut self) {
        if let CurrentRoom::Coming(coming) = &self.room
            && !self.wish.dry_run
            && coming.is_here().is_none()
        {
            // If that can't be done either, it is done when the database is opened again.
            let _ = self.change(coming, ArrivalStep::Abandon);
        }
    }

    fn change(&self, coming: &ComingRoom, step: ArrivalStep) -> Result<u64, Error> {
        let room = coming.arriving();
        self.tools.change(Work::Arrive { room, step })
    }
}

/// How long is waited for the ids of rooms that have ended.
const WAIT_MAX: Duration = Duration::from_secs(60);
const WAIT: Duration = Duration::from_millis(20);
