//! Giving rooms other terms while people are inside: all of them, in a walk, and each at the latest
//! when something is asked of it.

use std::sync::Arc;

use jid::BareJid;

use super::hindrance::Hindrance;
use super::walking::PAGE;
use crate::directory::{self, Among};
use crate::room::scope::CategoryId;
use crate::room::{Action, Elapsed, Now, Terms};
use crate::service::engine::Engine;
use crate::store;

impl Engine {
    /// Has the directory begin with what is stored.
    ///
    /// # Errors
    /// [`store::Error`]: it can't be read.
    pub(in crate::service) fn recall_directory(&mut self) -> Result<(), store::Error> {
        let begin = directory::Request::Begin {
            governed: self.store.governed()?,
            categories: self.store.categories()?,
            groups: self.store.known_groups()?.into_news(),
            addins: self.store.addins()?,
        };
        self.tell_directory(self.now, begin);
        Ok(())
    }

    /// What could not be stored is to be governed again, when the trouble has passed.
    pub(in crate::service) fn recall_directory_after_failure(&mut self) {
        self.governing.pause(self.now.elapsed);
        let known = self.directory.groups().as_news();
        if let Err(error) = self.recall_directory() {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "it is not known which rooms were governed");
        }
        self.learn_again(known);
    }

    /// When the next rooms are to be governed: not before people can be told of it, and what was
    /// before has left.
    pub(in crate::service) fn governing_deadline(&self) -> Option<Elapsed> {
        self.when_to_walk(self.governing.walk.is_under_way())
    }

    /// Governs the next rooms, if it is time.
    pub(in crate::service) fn govern_next(&mut self, now: Now) {
        if self.governing_deadline().is_none_or(|at| at > now.elapsed) {
            return;
        }
        let read = |after: Option<&BareJid>| self.store.rooms_with_sessions(after, PAGE);
        match self.governing.walk.page(read) {
            Ok(page) => self.govern_page(now, page),
            Err(error) => self.pause_walks(now, &error, "rooms can't be governed anew"),
        }
    }

    fn govern_page(&mut self, now: Now, page: Vec<BareJid>) {
        let is_last = page.is_empty();
        let reached = self.walk_page(now, page, |engine, room| engine.govern_on_walk(now, room));
        match &reached {
            Some(room) => self.governing.walk.go_on_after(room.clone()),
            None if is_last => self.governing.walk.end(),
            None => return,
        }
        self.tell_directory(now, directory::Request::Governed { up_to: reached });
    }

    /// Governs a room that a walk comes to, if it is one that the walk is for.
    fn govern_on_walk(&mut self, now: Now, room: &BareJid) -> Result<(), Hindrance> {
        let is_meant = match self.governing.among {
            Among::All => true,
            Among::One(category) => self.terms_of_room(room)?.category.id == category,
        };
        match is_meant {
            true => self.govern(now, room),
            false => Ok(()),
        }
    }

    /// The terms under which a room lives that is there.
    ///
    /// # Errors
    /// [`store::Error`]: it can't be read which category it is in.
    pub(super) fn terms_of_room(&self, room: &BareJid) -> Result<Arc<Terms>, store::Error> {
        if let Some(awake) = self.rooms.awake(room) {
            return Ok(awake.terms().clone());
        }
        let category = self.store.category_of(room)?;
        let category = category.unwrap_or(CategoryId::GENERAL);
        Ok(self.directory.terms_in(category).clone())
    }

    /// Gives a room the terms of today, if the people in it are under others.
    pub(super) fn govern(&mut self, now: Now, room: &BareJid) -> Result<(), Hindrance> {
        let terms = match self.rooms.awake(room) {
            Some(awake) => {
                let terms = self.directory.terms_in(awake.terms().category.id);
                (!Arc::ptr_eq(awake.terms(), terms)).then_some(terms)
            }
            None if self.directory.is_ungoverned(room) => {
                let category = self.store.category_of(room)?;
                category.map(|category| self.directory.terms_in(category))
            }
            None => None,
        };
        let Some(terms) = terms else {
            return Ok(());
        };
        let action = Action::Govern(terms.clone());
        self.have_room_do(now, room, action)
    }
}

#[cfg(test)]
mod tests;
