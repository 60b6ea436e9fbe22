//! What commands have the engine do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::pending::Pending;
use jid::BareJid;
use serde_json::json;

use crate::command::{Asker, Error, Job, TakeOut, Work};
use crate::directory::{self, CategoryWish, EditStep};
use crate::room::effect::{Act, ArchivedKind, Deed, MessageModerated};
use crate::room::request::{Named, Original};
use crate::room::{ArchiveId, Now, Refusal, Timestamp};
use crate::service::rooms::hindrance::Hindrance;
use crate::service::{Engine, compliance, fresh};
use crate::store::ArrivalStep;
use crate::store::record::compliance::Event;
use crate::wire::content::{notice, retraction};
use crate::wire::stanza::stanza_error;

/// What the compliance log is told of it, by whom nobody knows; long work is told once.
fn for_the_log(work: &Work, now: Timestamp) -> Option<Event> {
    let (room, detail) = match work {
        Work::Keep { room, keep } => (
            room,
            json!({"keep_days": keep.days, "keep_messages": keep.messages}),
        ),
        Work::Directory(request) => return for_the_log_of_directory(request, now),
        Work::RemoveAddIn { name, .. } => {
            return Some(compliance::operated(
                now,
                None,
                &json!({"addin_removed": &**name}),
            ));
        }
        Work::RemoveCategory { name, .. } => {
            return Some(compliance::operated(
                now,
                None,
                &json!({"category_removed": &**name}),
            ));
        }
        // Each room is told by itself.
        Work::ClearAddIn { .. } => return None,
        Work::RemoveOldest { record: None, .. } => return None,
        Work::RemoveOldest {
            room,
            record: Some(reason),
            ..
        } => (room, json!({"cleared": &**reason})),
        Work::TakeOut(wanted) => {
            let ids: Vec<_> = wanted.messages.iter().map(|id| &*id.0).collect();
            let reason = wanted.reason.as_deref();
            let detail = match &wanted.notice {
                Some(notice) => json!({"replaced": ids, "by": &**notice, "reason": reason}),
                None => json!({"removed": ids, "reason": reason}),
            };
            (&wanted.room, detail)
        }
        Work::Arrive {
            step: ArrivalStep::Name(whole),
            ..
        } => (&whole.jid, json!({"imported": true})),
        Work::Arrive {
            step: ArrivalStep::Resume { room },
            ..
        } => (room, json!({"imported": "more"})),
        // Rooms are witnessed where they are asked.
        Work::Ask { .. } | Work::Make { .. } => return None,
        Work::Arrive {
            step: ArrivalStep::Begin { .. } | ArrivalStep::Messages { .. } | ArrivalStep::Abandon,
            ..
        } => return None,
    };
    Some(compliance::operated(now, Some(room), &detail))
}

/// The same of what the directory is to do.
fn for_the_log_of_directory(request: &directory::Request, now: Timestamp) -> Option<Event> {
    use directory::Request;
    let detail = match request {
        Request::NewAddIn(addin) => json!({"addin": &*addin.name, "url": &*addin.url}),
        Request::SetAddIn {
            addin,
            new_name,
            url,
        } => json!({"addin": &**addin, "name": new_name.as_deref(), "url": url.as_deref()}),
        Request::RemoveAddIn { addin, .. } => json!({"addin_removed": &**addin}),
        Request::MakeCategory(wish) => {
            json!({"category": wish.name.as_deref(), "set": wished(wish)})
        }
        Request::SetCategory { name, wish } => json!({"category": &**name, "set": wished(wish)}),
        Request::RemoveCategory { name, .. } => json!({"category_removed": &**name}),
        // No command asks for these.
        Request::Begin { .. }
        | Request::Governed { .. }
        | Request::Learn(_)
        | Request::Seek { .. }
        | Request::Create { .. }
        | Request::AddInTold { .. }
        | Request::Keep { .. }
        | Request::CalendarSet
        | Request::Expire => return None,
    };
    Some(compliance::operated(now, None, &detail))
}

/// What is to be another of a category.
fn wished(wish: &CategoryWish) -> serde_json::Value {
    let edits = wish.edits.iter().map(|edit| {
        let step = match edit.step {
            EditStep::Replace => "replace",
            EditStep::Add => "add",
            EditStep::Remove => "remove",
        };
        let entries = edit.entries.iter().map(ToString::to_string);
        json!({"list": edit.list.name(), step: entries.collect::<Vec<_>>()})
    });
    json!({
        "name": wish.name.as_deref(),
        "description": wish.description.as_deref(),
        "lists": edits.collect::<Vec<_>>(),
        "history": wish.history,
        "invitations": wish.invitations,
        "uploads": wish.uploads,
    })
}

impl Engine {
    /// Makes a change that an operator wants.
    pub fn operate(&mut self, now: Now, job: Job) {
        let now = self.at(now);
        self.blame_nobody();
        let count = Arc::new(AtomicU64::new(0));
        let event = for_the_log(&job.work, now.at);
        match self.make(now, (&job.asker, job.work), &count) {
            Ok(()) => {
                if let Some(event) = event.filter(|_| self.settings.compliance) {
                    self.store.log(event);
                }
                self.commit.await_commit(Pending {
                    done: job.done,
                    count,
                });
            }
            // Whoever asked may be gone.
            Err(error) => drop(job.done.send(Err(error))),
        }
    }

    fn make(
        &mut self,
        now: Now,
        (asker, work): (&Asker, Work),
        count: &Arc<AtomicU64>,
    ) -> Result<(), Error> {
        match work {
            Work::Keep { room, keep } => {
                self.expect_room(&room)?;
                self.tell_directory(now, directory::Request::Keep { room, keep });
            }
            Work::Directory(request) => self
                .ask_directory(now, request)
                .map_err(refused_by_directory)?,
            Work::RemoveCategory { id, name } => {
                let rooms = self.store.rooms_in_category(id)?;
                let request = directory::Request::RemoveCategory { name, rooms };
                self.ask_directory(now, request)
                    .map_err(refused_by_directory)?;
            }
            Work::RemoveAddIn { id, name } => {
                let rooms = self.addin_room_count(id)?;
                let request = directory::Request::RemoveAddIn { addin: name, rooms };
                self.ask_directory(now, request)
                    .map_err(refused_by_directory)?;
            }
            Work::ClearAddIn { id, rooms } => self.clear_addin(now, id, &rooms)?,
            Work::Arrive { room, step } => self.arrive(now, &room, step)?,
            Work::Ask { room, actions } => {
                let outcome = self.command_room(now, asker, &room, actions);
                outcome.map_err(|hindrance| refused(hindrance, room))?;
            }
            Work::Make { room, actions } => {
                self.expect_nothing_at(asker, &room)?;
                let outcome = self.command_new_room(now, asker, &room, actions);
                outcome.map_err(|hindrance| refused(hindrance, room))?;
            }
            Work::RemoveOldest {
                room,
                boundary,
                record,
            } => {
                self.expect_room(&room)?;
                if let Some(reason) = record {
                    self.record(
                        now,
                        (asker, &room),
                        Deed::Cleared,
                        (None, None),
                        Some(reason),
                    );
                }
                self.store.remove_oldest(&room, boundary, count.clone());
            }
            Work::TakeOut(wanted) => self.take_out(now, asker, &wanted, count)?,
        }
        Ok(())
    }

    /// A change of a room that is not there would take all others of its commit with it.
    fn expect_room(&self, room: &BareJid) -> Result<(), Error> {
        match self.store.room_exists(room)? {
            true => Ok(()),
            false => Err(Error::NoSuchRoom { room: room.clone() }),
        }
    }

    /// Whoever is no operator learns of a room only that theirs can't be made there: it may be one
    /// that they must not know.
    fn expect_nothing_at(&self, asker: &Asker, room: &BareJid) -> Result<(), Error> {
        let operators = &self.directory.terms().operators;
        let is_operator = asker.jid().is_none_or(|person| operators.contains(person));
        match self.expect_free_address(room) {
            Err(Error::RoomExists { room }) if !is_operator => {
                let reserved = Refusal::CreationNotAllowed;
                Err(refused(reserved.into(), room))
            }
            outcome => outcome,
        }
    }

    fn take_out(
        &mut self,
        now: Now,
        asker: &Asker,
        wanted: &TakeOut,
        count: &AtomicU64,
    ) -> Result<(), Error> {
        let room = &wanted.room;
        self.expect_room(room)?;
        for message in &wanted.messages {
            let named = Named::ByArchiveId(message.clone());
            let original = self.store.original(room, &named, &self.settings.service)?;
            if let Some(original) = original.filter(can_be_taken_out) {
                self.take_out_one(now, asker, wanted, original)?;
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// To those inside it is as if a moderator took the message back who is not among them.
    /// XEP-0425 §3 (#usecase).
    fn take_out_one(
        &mut self,
        now: Now,
        asker: &Asker,
        wanted: &TakeOut,
        original: Original,
    ) -> Result<(), Error> {
        let room = &wanted.room;
        let fresh = fresh::fresh();
        let moderated = MessageModerated {
            message: original.id.clone(),
            at: now.at,
            moderator: None,
            reason: wanted.reason.as_deref().map(Into::into),
            archive_id: fresh.archive_id,
            id: fresh::id().into(),
        };
        let deed = match &wanted.notice {
            None => {
                self.moderate_message(room, &moderated);
                Deed::Removed
            }
            Some(text) => {
                let remains = retraction::tombstone_of_moderated(room, &moderated);
                let replacement = (notice::payload(text), text.clone());
                self.store
                    .replace(room, &moderated.message, replacement, remains);
                self.archive_announcement(room, &moderated);
                Deed::Replaced
            }
        };
        let whose = (Some(original.id), original.author);
        self.record(now, (asker, room), deed, whose, wanted.reason.clone());
        let mut effects = Vec::new();
        let awake = self.rooms.wake(room, &self.directory, &self.store)?;
        if let Some(awake) = awake {
            awake.tell_of_moderation(moderated, &mut effects);
        }
        self.rooms.settle(room);
        self.perform(now, room, None, effects);
        Ok(())
    }

    fn record(
        &mut self,
        now: Now,
        (asker, room): (&Asker, &BareJid),
        deed: Deed,
        (message, author): (Option<ArchiveId>, Option<BareJid>),
        reason: Option<Arc<str>>,
    ) {
        let act = Act {
            at: now.at,
            actor: asker.jid().cloned(),
            deed,
            message,
            author,
            reason,
        };
        self.store.record(room, act);
    }
}

/// What the directory says no to, in the words of commands.
fn refused_by_directory(refusal: Refusal) -> Error {
    Error::Refused {
        why: stanza_error::words(&refusal).into_owned(),
        refusal,
    }
}

/// What a hindrance is in the words of commands.
fn refused(hindrance: Hindrance, room: BareJid) -> Error {
    match hindrance {
        Hindrance::Refused(Refusal::NoSuchRoom) => Error::NoSuchRoom { room },
        Hindrance::Refused(refusal) => refused_by_directory(refusal),
        Hindrance::TooFar(problem) => Error::Unready {
            why: stanza_error::explain(&problem).into_owned(),
        },
        Hindrance::Store(error) => Error::Store(error),
    }
}

/// The room's own words and what is gone already stay as they are. Of a subject only what the
/// archive has of it goes: the room keeps it until somebody sets another.
fn can_be_taken_out(original: &Original) -> bool {
    match original.kind {
        ArchivedKind::Speech
        | ArchivedKind::Subject
        | ArchivedKind::Correction
        | ArchivedKind::Signal => true,
        ArchivedKind::Retraction | ArchivedKind::Moderation | ArchivedKind::Tombstone => false,
    }
}
