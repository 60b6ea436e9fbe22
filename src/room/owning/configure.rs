//! Configuring a room. XEP-0045 §10.1.2 (#createroom-instant), §10.1.3 (#createroom-reserved),
//! §10.2 (#roomconfig).
//!
//! The settings are applied to a copy; when the whole is acceptable it takes the place of the old,
//! and what follows for those inside is done in the order: lists, removals, the answer, new roles,
//! status codes.

use std::collections::BTreeSet;

use jid::{BareJid, FullJid};

use super::submitted::Submitted;
use crate::room::aftermath::{Aftermath, Cause, ToldBy};
use crate::room::effect::{Answer, ConfigurationForm, Effect, Stanza, Status, Statuses};
use crate::room::moderating::change_standings::Planned;
use crate::room::moderating::kick::Removal;
use crate::room::setting::Assignment;
use crate::room::setting::configuration::{Configuration, Whois};
use crate::room::{Affiliation, Change, Door, Nick, Refusal, Role, Room, Standing, Timestamp};

impl Room {
    /// Shows what is set. XEP-0045 §10.2 (#roomconfig).
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: the asker is no owner.
    pub(in crate::room) fn show_configuration(
        &self,
        from: &FullJid,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_owner(from)?;
        let list = |affiliation| {
            self.honoured(affiliation)
                .map(|(jid, _)| jid.clone())
                .collect()
        };
        let form = ConfigurationForm {
            version: self.version(),
            configuration: self.configuration.clone(),
            owners: list(Affiliation::Owner),
            admins: list(Affiliation::Admin),
            category: self.terms.category.name.clone(),
            categories: self.categories_for(&from.to_bare()),
            presenters: self.presenters_for_form(),
            addins: self.terms.addins.clone(),
        };
        effects.push(Effect::Answer(Answer::Configuration(Box::new(form))));
        Ok(())
    }

    /// Sets what the form says, and opens a new room. Without settings a new room is an instant
    /// one.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: the asker is no owner.
    /// - [`Refusal::ConfigurationChanged`]: another configuration was shown to the asker.
    /// - [`Refusal::EnablingNotAllowed`]: only operators enable a room.
    /// - [`Refusal::ConfigurationNotAcceptable`]: the settings contradict each other or the
    ///   service's terms.
    /// - [`Refusal::RoomNameTaken`]: another room has the name.
    /// - [`Refusal::LastOwner`]: nobody would be owner.
    pub(in crate::room) fn configure(
        &mut self,
        now: Timestamp,
        from: &FullJid,
        assignments: Vec<Assignment>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_owner(from)?;
        let mut submitted = Submitted::of(&self.configuration, assignments)?;
        submitted.choose_addin(&self.terms.addins)?;
        self.check_version(submitted.version.as_deref())?;
        self.check_enabling(from, &submitted.wanted)?;
        self.check_acceptable(&submitted.wanted)?;
        let moved = self.terms_in(&from.to_bare(), submitted.category.as_deref())?;
        let terms_before = self.terms.clone();
        self.check_name(&submitted.wanted)?;
        let presenters = submitted.presenters.take();
        let appointments = presenters.map(|presenters| self.plan_presenters(presenters));
        let appointments = appointments.transpose()?;
        let mut plan = self.plan_lists(&submitted)?;

        let mut aftermath = self.look_around();
        let before = std::mem::replace(&mut self.configuration, submitted.wanted);
        if before != self.configuration {
            effects.push(Effect::Save(Change::Configured {
                configuration: Box::new(self.configuration.clone()),
                changed: before.differences(&self.configuration).collect(),
            }));
        }
        self.unlock(effects);
        if let Some(terms) = moved {
            // Who is out of the new scope gets nothing there.
            plan.retain(|planned| {
                planned.affiliation <= Affiliation::None || terms.admits(&planned.jid)
            });
            self.move_under(terms, effects, &mut aftermath);
        }
        for planned in plan {
            self.set_affiliation(now, Some(from), planned, effects, &mut aftermath);
        }
        if let Some(appointments) = appointments {
            self.carry_out_appointments(from, appointments, effects, &mut aftermath);
        }
        self.show_everybody_out(&before, effects, &mut aftermath);
        self.remove_non_members(effects, &mut aftermath);
        self.adapt_roles(&before, effects, &mut aftermath);
        self.tell(aftermath, Some(Answer::Done), effects);
        let is_moved = terms_before.category.id != self.terms.category.id;
        self.notify_of_changes(&before, is_moved, effects);
        self.end_if_abandoned(effects);
        Ok(())
    }

    fn check_owner(&self, from: &FullJid) -> Result<(), Refusal> {
        if self.affiliation_of(&from.to_bare()) == Affiliation::Owner {
            Ok(())
        } else {
            Err(Refusal::NotPrivileged)
        }
    }

    fn check_acceptable(&self, wanted: &Configuration) -> Result<(), Refusal> {
        let unacceptable =
            |field, problem| Err(Refusal::ConfigurationNotAcceptable { field, problem });
        if wanted.password.as_deref() == Some("") {
            return unacceptable(
                "muc#roomconfig_roomsecret",
                "the password must not be empty",
            );
        }
        let history_changed = wanted.history_max != self.configuration.history_max;
        if history_changed && wanted.history_max > self.terms.history_ceiling {
            return unacceptable("muc#maxhistoryfetch", "more than the service allows");
        }
        if wanted.occupants_max == Some(0) {
            return unacceptable("muc#roomconfig_maxusers", "nobody could enter");
        }
        Ok(())
    }

    /// What the full lists of owners and admins change. A former owner becomes admin, §10.2
    /// (#roomconfig), unless the form says otherwise; a former admin stays a member where only
    /// members may be.
    ///
    /// # Errors
    /// - [`Refusal::LastOwner`]: nobody would be owner.
    /// - [`Refusal::ConfigurationNotAcceptable`]: the lists change more than one request may, or
    ///   name who can't be.
    /// - [`Refusal::ListFull`]
    fn plan_lists(&self, submitted: &Submitted) -> Result<Vec<Planned>, Refusal> {
        let entries = |affiliation| -> BTreeSet<BareJid> {
            self.honoured(affiliation)
                .map(|(jid, _)| jid.clone())
                .collect()
        };
        self.check_people(submitted)?;
        let (owners_now, admins_now) = (entries(Affiliation::Owner), entries(Affiliation::Admin));
        let owners = submitted
            .owners
            .clone()
            .unwrap_or_else(|| owners_now.clone());
        if owners.is_empty() && !owners_now.is_empty() {
            return Err(Refusal::LastOwner);
        }
        let mut admins = submitted.admins.clone().unwrap_or_else(|| {
            admins_now
                .union(&owners_now)
                .filter(|jid| !owners.contains(*jid))
                .cloned()
                .collect()
        });
        admins.retain(|jid| !owners.contains(jid));
        let fallen = if Door::of(&submitted.wanted, None).is_for_members() {
            Affiliation::Member
        } else {
            Affiliation::None
        };
        let everybody: BTreeSet<&BareJid> = owners
            .iter()
            .chain(&admins)
            .chain(&owners_now)
            .chain(&admins_now)
            .collect();
        let plan: Vec<_> = everybody
            .into_iter()
            .filter_map(|jid| {
                let before = self.affiliations.stored(jid);
                let affiliation = if owners.contains(jid) {
                    Affiliation::Owner
                } else if admins.contains(jid) {
                    Affiliation::Admin
                } else {
                    fallen
                };
                // An operator who is no longer listed as owner is none of the others either.
                let affiliation = match self.check_can_be(jid, affiliation) {
                    Ok(()) => affiliation,
                    Err(_) => Affiliation::None,
                };
                (before != affiliation).then(|| Planned {
                    jid: jid.clone(),
                    before: self.affiliation_of(jid),
                    affiliation,
                    reserve: None,
                    reason: None,
                    told_by: ToldBy::Room,
                })
            })
            .collect();
        let owners_changed = owners.symmetric_difference(&owners_now).count();
        self.check_count(plan.len(), owners_changed)?;
        self.check_lists(&plan)?;
        Ok(plan)
    }

    /// Owners and admins are people, and an operator is an owner already; the field is named that
    /// says otherwise.
    fn check_people(&self, submitted: &Submitted) -> Result<(), Refusal> {
        let fields = [
            (OWNERS, Affiliation::Owner, &submitted.owners),
            (ADMINS, Affiliation::Admin, &submitted.admins),
        ];
        for (field, affiliation, listed) in fields {
            let named = listed.iter().flatten();
            let problem = named
                .filter_map(|jid| self.check_can_be(jid, affiliation).err())
                .next();
            let problem = match problem {
                None => continue,
                Some(Refusal::OperatorAnyway) => {
                    "an operator of the service is an owner of every room, and can't be less"
                }
                Some(out @ Refusal::OutOfScope(_)) => return Err(out),
                Some(_) => "people are wanted, each by an address like user@example.org",
            };
            return Err(Refusal::ConfigurationNotAcceptable { field, problem });
        }
        Ok(())
    }

    /// A form may change no more standings than a list; the field is named that changes too many.
    fn check_count(&self, changed: usize, owners_changed: usize) -> Result<(), Refusal> {
        let changes_max = self.terms.items_max;
        if changed <= changes_max {
            return Ok(());
        }
        Err(Refusal::ConfigurationNotAcceptable {
            field: if owners_changed > changes_max {
                OWNERS
            } else {
                ADMINS
            },
            problem: "more changes than the service allows at once",
        })
    }

    /// §10.2 (#roomconfig): when the room becomes members-only, non-members are removed with status
    /// 322; so are presenters who are no members, when it is no auditorium any more.
    fn remove_non_members(&mut self, effects: &mut Vec<Effect>, aftermath: &mut Aftermath) {
        let door = self.door();
        if !door.is_for_members() {
            return;
        }
        for (nick, person) in self.standings() {
            if door.is_for(person).is_err() {
                let removal = Removal {
                    status: Status::MembersOnly,
                    affiliation: person.affiliation,
                    cause: Cause::default(),
                };
                self.remove(&nick, removal, effects, aftermath);
            }
        }
    }

    /// In a room that becomes an auditorium all but presenters lose their voice, and get it back
    /// when it no longer is one; §5.1.2 (#roles-default). Roles that a moderator gave stay.
    fn adapt_roles(
        &mut self,
        before: &Configuration,
        effects: &mut Vec<Effect>,
        aftermath: &mut Aftermath,
    ) {
        if before.moderated == self.configuration.moderated {
            return;
        }
        for (nick, person) in self.standings() {
            let Some(occupant) = self.occupants.by_nick(&nick) else {
                continue;
            };
            let wanted = self.default_role(person, occupant.bare_jid());
            if person.role != Role::Moderator && person.role != wanted {
                self.set_role(&nick, wanted, Cause::default(), effects, aftermath);
            }
        }
    }

    /// Tells everybody inside what has changed. §10.2.1 (#roomconfig-notify).
    fn notify_of_changes(
        &mut self,
        before: &Configuration,
        is_moved: bool,
        effects: &mut Vec<Effect>,
    ) {
        let now = &self.configuration;
        let mut statuses = Statuses::none();
        match (before.logged, now.logged) {
            (false, true) => statuses.add(Status::LoggingEnabled),
            (true, false) => statuses.add(Status::LoggingDisabled),
            _ => {}
        }
        match (before.whois, now.whois) {
            (Whois::Moderators, Whois::Anyone) => statuses.add(Status::NowNonAnonymous),
            (Whois::Anyone, Whois::Moderators) => statuses.add(Status::NowSemiAnonymous),
            _ => {}
        }
        let private = Configuration {
            logged: now.logged,
            whois: now.whois,
            ..before.clone()
        };
        if private != *now || is_moved {
            statuses.add(Status::ConfigurationChanged);
        }
        if !statuses.is_empty() {
            self.send_to_all(Stanza::Notice(statuses), effects);
        }
    }

    /// Everybody inside, with how they stand.
    pub(super) fn standings(&self) -> Vec<(Nick, Standing)> {
        self.occupants
            .iter()
            .map(|occupant| (occupant.nick().clone(), self.standing_inside(occupant)))
            .collect()
    }
}

/// The field of all owners.
const OWNERS: &str = "muc#roomconfig_roomowners";

/// The field of all admins.
const ADMINS: &str = "muc#roomconfig_roomadmins";
