//! Rooms that are not there: what the directory says of them, and what it has done.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::hindrance::Hindrance;
use crate::directory::{self, Change, Grave, GroupNews, NewRoom, Site, tombstones_due_before};
use crate::room::owning::create::Founding;
use crate::room::request::Entry;
use crate::room::{Effect, Now, Refusal, Room, Timestamp};
use crate::service::compliance;
use crate::service::engine::Engine;
use crate::service::fresh;
use crate::store::{self, AddInChange};

impl Engine {
    /// Tells the directory something that it does not refuse.
    pub(in crate::service) fn tell_directory(&mut self, now: Now, request: directory::Request) {
        if let Err(refusal) = self.ask_directory(now, request) {
            tracing::debug!(?refusal, "refused by the directory");
        }
    }

    /// Has the directory do something that it may refuse.
    ///
    /// # Errors
    /// The refusal; nothing was done then.
    pub(in crate::service) fn ask_directory(
        &mut self,
        now: Now,
        request: directory::Request,
    ) -> Result<(), Refusal> {
        let mut decided = Vec::new();
        self.directory.handle(now, request, &mut decided)?;
        let created = self.perform_for_directory(decided);
        debug_assert_eq!(created, None, "nobody is there to be let in");
        Ok(())
    }

    /// Somebody wants something of a room that is not there.
    pub(super) fn seek_room(
        &mut self,
        now: Now,
        jid: &BareJid,
        person: BareJid,
    ) -> Result<(), Hindrance> {
        let site = self.site(jid)?;
        let request = directory::Request::Seek { person, site };
        self.directory.handle(now, request, &mut Vec::new())?;
        Ok(())
    }

    /// Somebody enters a room that is not there. XEP-0045 §10.1 (#createroom).
    pub(super) fn create_room(
        &mut self,
        now: Now,
        jid: &BareJid,
        creator: Arc<FullJid>,
        entry: Entry,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Hindrance> {
        let new = self.decide_creation(now, jid, creator.to_bare())?;
        self.open_room(now, new, creator, entry, effects)
    }

    /// What the directory says to somebody who wants a room where there is none.
    pub(super) fn decide_creation(
        &mut self,
        now: Now,
        jid: &BareJid,
        person: BareJid,
    ) -> Result<NewRoom, Hindrance> {
        let site = self.site(jid)?;
        let since = site.now.map_or(Timestamp(i64::MIN), tombstones_due_before);
        let created = self.store.created_room_count(&person, since)?;
        let request = directory::Request::Create {
            creator: person,
            created,
            site,
        };
        let mut decided = Vec::new();
        self.directory.handle(now, request, &mut decided)?;
        let new = self.perform_for_directory(decided);
        Ok(*new.ok_or(Refusal::CreationNotAllowed)?)
    }

    /// An address at which there is no room, with what the store knows of it.
    fn site(&self, jid: &BareJid) -> Result<Site, store::Error> {
        let remains = match self.store.tombstone(jid)? {
            Some(destruction) => Some(Grave {
                destruction,
                creator: self.store.creator(jid)?,
            }),
            None => None,
        };
        Ok(Site {
            room: jid.clone(),
            remains,
            now: self.calendar.believed(),
        })
    }

    /// Carries out the effects of one request to the directory. Tells which room is to be created.
    fn perform_for_directory(&mut self, effects: Vec<directory::Effect>) -> Option<Box<NewRoom>> {
        let mut created = None;
        for effect in effects {
            match effect {
                directory::Effect::Save(Change::Kept { room, keep }) => {
                    self.store.keep(&room, keep);
                }
                directory::Effect::Save(Change::Learned(GroupNews::Named(named))) => {
                    self.store.set_named_groups(&named);
                }
                directory::Effect::Save(Change::Learned(GroupNews::Tree(tree))) => {
                    self.store.set_ldap_tree(&tree);
                }
                directory::Effect::Save(Change::AddIn(kept)) => {
                    self.store.save_addin(AddInChange::Set(kept));
                }
                directory::Effect::Save(Change::AddInTold { id, news }) => {
                    self.store.save_addin(AddInChange::Told(id, news));
                }
                directory::Effect::Save(Change::AddInRemoved(id)) => {
                    self.store.save_addin(AddInChange::Removed(id));
                }
                directory::Effect::Save(Change::Governed(stretches)) => {
                    self.store.set_governed(&stretches);
                }
                directory::Effect::Govern { after, among } => self.governing.begin(after, among),
                directory::Effect::Save(Change::CategorySet(category)) => {
                    self.store.set_category(category);
                }
                directory::Effect::Save(Change::CategoryListed {
                    category,
                    list,
                    entries,
                }) => self.store.set_category_list(category, list, entries),
                directory::Effect::Save(Change::CategoryRemoved(category)) => {
                    self.store.remove_category(category);
                }
                directory::Effect::Create(new) => created = Some(new),
                directory::Effect::Expire { retention } => {
                    self.store.expire(retention, self.calendar.believed());
                }
            }
        }
        created
    }

    fn open_room(
        &mut self,
        now: Now,
        new: NewRoom,
        creator: Arc<FullJid>,
        entry: Entry,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Hindrance> {
        let NewRoom {
            jid,
            creator: person,
            terms,
            configuration,
        } = new;
        let salt = fresh::salt();
        let founding = Founding {
            terms,
            salt,
            configuration,
        };
        let room = Room::create(founding, now, creator.clone(), entry, effects)?;
        if self.settings.compliance {
            let events = compliance::happened(
                now.at,
                &jid,
                &creator,
                room.nick_of(&creator),
                effects,
                self.directory.addins(),
            );
            events.into_iter().for_each(|event| self.store.log(event));
        }
        self.store.create(&jid, salt, now.at);
        self.store.set_creator(&jid, &person);
        self.deadlines
            .extend(room.next_deadline().map(|at| (at, jid.clone())));
        self.rooms.add(jid, room);
        Ok(())
    }
}
