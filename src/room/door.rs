//! The door: who may know of a room, enter it, read in it, and bring others in.
//!
//! XEP-0045 §7.2 (#enter), §7.8 (#invite), §7.10 (#register), §14.4 (#security-leaks); XEP-0313
//! §6.1.2 (#business-storeret-muc-archives). Everything of this kind is decided here, from two
//! values: the [`Door`], which is what of a room counts, and a person's [`Standing`]. Entering,
//! disco, the archive, the search in all rooms, invitations, registration and lists of rooms ask,
//! and add nothing of their own. Where the store has to answer for many rooms at once, in SQL, a
//! test holds it against the functions of this file.
//!
//! What else is to count one day (a category's scope) becomes a field of the door or of the
//! standing, and a line in the functions that it concerns.

use std::sync::Arc;

use jid::{BareJid, FullJid};

use super::occupant::Occupant;
use super::rights::Standing;
use super::scope::Switches;
use super::setting::configuration::{Configuration, InvitationPolicy, RegistrationPolicy};
use super::{Action, Affiliation, Refusal, Role, Room, Timestamp};

mod running;
#[cfg(test)]
mod tests;

/// What of a room decides who gets in. Its fields are for this file alone, so that nobody decides
/// beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    is_public: bool,
    is_for_members: bool,
    is_auditorium: bool,
    has_password: bool,
    is_locked: bool,
    /// Why the room is disabled; `None`: it is not.
    disabled: Option<Arc<str>>,
    invitations: InvitationPolicy,
    invitations_open: bool,
    registration: RegistrationPolicy,
    /// What its category lets the room do.
    switches: Switches,
}

/// How somebody becomes a member by asking for it. §7.10 (#register).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// By asking alone.
    AtOnce,
    /// When an admin says yes. §9.9 (#regapprove).
    OnApproval,
}

impl Door {
    /// The door of a room with this configuration, which waits for its first one since then, or
    /// not.
    pub fn of(configuration: &Configuration, locked_since: Option<Timestamp>) -> Self {
        Self {
            is_public: configuration.public,
            is_for_members: configuration.members_only,
            is_auditorium: configuration.moderated,
            has_password: configuration.password.is_some(),
            is_locked: locked_since.is_some(),
            disabled: configuration
                .disabled
                .then(|| configuration.disabled_reason.clone()),
            invitations: configuration.invitations,
            invitations_open: configuration.invitations_open,
            registration: configuration.registration,
            switches: Switches::default(),
        }
    }

    /// The door of the same room in a category that lets its rooms do this.
    #[must_use]
    pub fn with(self, switches: Switches) -> Self {
        Self { switches, ..self }
    }

    /// Whether the room does not exist to strangers: it is neither listed nor open, or it is
    /// disabled.
    pub fn is_secret(&self) -> bool {
        self.is_for_members && !self.is_public || self.disabled.is_some()
    }

    /// Whether the service lists the room to everybody. §6.3 (#disco-rooms).
    pub fn is_listed(&self) -> bool {
        self.is_public && !self.is_locked && self.disabled.is_none()
    }

    /// Whether somebody may know that there is such a room. There is none for whoever is out of
    /// scope. A secret one is hidden from strangers, and so is one that is disabled; a new one from
    /// all but its owner, §7.2.10 (#enter-locked); whoever is inside knows.
    ///
    /// # Errors
    /// - [`Refusal::NoSuchRoom`]: for this person there is none.
    /// - [`Refusal::Locked`]: it waits for its owner's first configuration.
    pub fn is_known_to(&self, person: Standing) -> Result<(), Refusal> {
        if !person.in_scope {
            return Err(Refusal::NoSuchRoom);
        }
        if person.is_inside() {
            return Ok(());
        }
        if self.is_secret() && !self.is_home_of(person) {
            return Err(Refusal::NoSuchRoom);
        }
        if self.is_locked && person.affiliation != Affiliation::Owner {
            return Err(Refusal::Locked);
        }
        Ok(())
    }

    /// Whether somebody belongs to the room: as a member, or higher; or to an auditorium as a
    /// presenter. In other rooms it means nothing to be listed as one.
    pub fn is_home_of(&self, person: Standing) -> bool {
        match person.affiliation {
            Affiliation::Outcast => false,
            Affiliation::None => self.is_auditorium && person.is_presenter,
            Affiliation::Member | Affiliation::Admin | Affiliation::Owner => true,
        }
    }

    /// Whether anything can be done with the room, but run it.
    ///
    /// # Errors
    /// - [`Refusal::Disabled`]
    pub fn is_enabled(&self) -> Result<(), Refusal> {
        match &self.disabled {
            None => Ok(()),
            Some(reason) => Err(Refusal::Disabled(reason.clone())),
        }
    }

    /// Whether the room is for somebody at all; others who are inside are shown out.
    ///
    /// # Errors
    /// - [`Refusal::Banned`], §7.2.7 (#enter-banned).
    /// - [`Refusal::MembersOnly`], §7.2.6 (#enter-members).
    pub fn is_for(&self, person: Standing) -> Result<(), Refusal> {
        check_ban(person.affiliation)?;
        if self.is_for_members && !self.is_home_of(person) {
            return Err(Refusal::MembersOnly);
        }
        Ok(())
    }

    /// Whether somebody may enter who gives no password, or a wrong one. Owners know it anyway, so
    /// they need none.
    ///
    /// # Errors
    /// - [`Refusal::PasswordRequired`], §7.2.5 (#enter-pw).
    /// - Those of [`Self::lets_in_by_password`].
    pub fn lets_in(&self, person: Standing) -> Result<(), Refusal> {
        self.lets_in_by_password(person)?;
        if self.has_password && person.affiliation != Affiliation::Owner {
            return Err(Refusal::PasswordRequired);
        }
        Ok(())
    }

    /// Whether somebody may enter who gives the right password. Nick and space are another matter.
    ///
    /// # Errors
    /// Those of [`Self::is_known_to`], [`Self::is_enabled`] and [`Self::is_for`].
    pub fn lets_in_by_password(&self, person: Standing) -> Result<(), Refusal> {
        self.is_known_to(person)?;
        self.is_enabled()?;
        self.is_for(person)
    }

    /// The role that counts for somebody who reads what was said, and what the subject is: the one
    /// inside, or without being inside what the affiliation gives. `None`: they may read nothing,
    /// since the room is disabled, closed to strangers, by a password or otherwise, or to them.
    ///
    /// XEP-0313 §6.1.2 (#business-storeret-muc-archives): "A MUC archive MUST check that the user
    /// requesting the archive has the right to enter it at the time of the query". Members have it
    /// in a room with a password, too, though they must say the password when they come in: it is
    /// kept from strangers, not from them.
    pub fn reader(&self, person: Standing) -> Option<Role> {
        self.is_known_to(person).ok()?;
        self.is_enabled().ok()?;
        if person.is_inside() {
            return Some(person.role);
        }
        let is_closed = self.is_for_members || self.has_password;
        match person.affiliation {
            Affiliation::Outcast => None,
            Affiliation::None if is_closed && !self.is_home_of(person) => None,
            Affiliation::None | Affiliation::Member | Affiliation::Admin | Affiliation::Owner => {
                Some(person.initial_role(false))
            }
        }
    }

    /// The role that counts for somebody who reads the archive. `None`: they may read nothing of
    /// it, as those of [`Self::reader`], or nobody may.
    pub fn archive_reader(&self, person: Standing) -> Option<Role> {
        self.reader(person).filter(|_| self.has_history())
    }

    /// Whether what is said is kept for reading. What was kept before stays, and can be read when
    /// the category has a history again.
    pub fn has_history(&self) -> bool {
        self.switches.history
    }

    /// Whether the search in all rooms looks into this one for somebody: they may read it, and it
    /// is listed or they have to do with it. Otherwise a search would list what is not.
    pub fn is_searched_for(&self, person: Standing) -> bool {
        let belongs = person.is_inside() || self.is_home_of(person);
        self.archive_reader(person).is_some() && (self.is_public || belongs)
    }

    /// Whether somebody may know who is inside. §6.5 (#disco-roomitems).
    pub fn shows_occupants_to(&self, person: Standing) -> bool {
        person.is_inside()
    }

    /// Whether somebody may invite others. Admins may from outside.
    ///
    /// # Errors
    /// - [`Refusal::NotAnOccupant`]: only admins invite from outside.
    /// - [`Refusal::InvitationNotAllowed`]: only moderators and admins invite here, or nobody.
    pub fn lets_invite(&self, person: Standing) -> Result<(), Refusal> {
        let is_admin = person.affiliation >= Affiliation::Admin;
        if !is_admin && !person.is_inside() {
            return Err(Refusal::NotAnOccupant);
        }
        if !self.has_invitations() {
            return Err(Refusal::InvitationNotAllowed);
        }
        if is_admin {
            return Ok(());
        }
        // Into a room for members an invitation is an admission, which is not a moderator's to
        // give.
        let by_role = !self.is_for_members && person.role == Role::Moderator;
        match self.invitations_open || by_role {
            true => Ok(()),
            false => Err(Refusal::InvitationNotAllowed),
        }
    }

    /// Whether there are invitations to this room at all, those included that tell somebody that
    /// they have become a member.
    pub fn has_invitations(&self) -> bool {
        match self.invitations {
            InvitationPolicy::Inherit => self.switches.invitations,
            InvitationPolicy::Off => false,
        }
    }

    /// What an invitation makes of somebody. §9.5 (#modifymember): into a members-only room it
    /// "SHOULD automatically trigger the addition of the invitee to the member list", and into an
    /// open one "MUST NOT".
    ///
    /// # Errors
    /// - [`Refusal::InvitationNotAllowed`]: the invitee is banned.
    pub fn invited(&self, affiliation: Affiliation) -> Result<Affiliation, Refusal> {
        match affiliation {
            Affiliation::Outcast => Err(Refusal::InvitationNotAllowed),
            Affiliation::None if self.is_for_members => Ok(Affiliation::Member),
            other => Ok(other),
        }
    }

    /// Whether those without affiliation can't enter, so that to make somebody a member is to let
    /// them in.
    pub fn is_for_members(&self) -> bool {
        self.is_for_members
    }

    /// Whether somebody may register, and how. §7.10 (#register) leaves open whether one could
    /// enter without being a member or not.
    ///
    /// # Errors
    /// - [`Refusal::RegistrationNotAllowed`]: they are banned.
    /// - [`Refusal::RegistrationClosed`]: nobody becomes a member here by asking.
    pub fn enrolment(&self, person: Standing) -> Result<Enrolment, Refusal> {
        match person.affiliation {
            Affiliation::Outcast => return Err(Refusal::RegistrationNotAllowed),
            Affiliation::Member | Affiliation::Admin | Affiliation::Owner => {
                return Ok(Enrolment::AtOnce);
            }
            Affiliation::None => {}
        }
        // A closed room can always be asked for, by whom it keeps out.
        if self.is_for(person).is_err() {
            return Ok(Enrolment::OnApproval);
        }
        match self.registration {
            RegistrationPolicy::Closed => Err(Refusal::RegistrationClosed),
            RegistrationPolicy::Approval => Ok(Enrolment::OnApproval),
            // A presenter may enter a members-only room, and is no member by that.
            RegistrationPolicy::Open if self.is_for_members => Err(Refusal::RegistrationClosed),
            RegistrationPolicy::Open => Ok(Enrolment::AtOnce),
        }
    }
}

/// Whether somebody may have to do with the room at all.
///
/// # Errors
/// - [`Refusal::Banned`]: they are banned.
pub(super) fn check_ban(affiliation: Affiliation) -> Result<(), Refusal> {
    match affiliation {
        Affiliation::Outcast => Err(Refusal::Banned),
        Affiliation::None | Affiliation::Member | Affiliation::Admin | Affiliation::Owner => Ok(()),
    }
}

impl Room {
    /// The door as it is.
    pub(super) fn door(&self) -> Door {
        let door = Door::of(&self.configuration, self.lock.since());
        door.with(self.terms.category.switches)
    }

    /// How somebody stands before the door, or behind it.
    pub(super) fn standing_of(&self, from: &FullJid) -> Standing {
        let occupant = self.occupants.by_session(from);
        self.standing(&from.to_bare(), occupant.map_or(Role::None, Occupant::role))
    }

    /// How a person stands before the door, wherever they are.
    pub(super) fn standing_outside(&self, person: &BareJid) -> Standing {
        self.standing(person, Role::None)
    }

    /// How a person stands who has a role, or none.
    pub(super) fn standing(&self, person: &BareJid, role: Role) -> Standing {
        Standing {
            affiliation: self.affiliation_of(person),
            role,
            in_scope: self.terms.is_in_scope(person),
            is_presenter: self.bonds.presents(person),
        }
    }

    /// What holds for a person, or is said of a domain: operators are owners everywhere, and what
    /// is given to somebody out of scope is without effect; but a ban stays one.
    pub fn affiliation_of(&self, bare_jid: &BareJid) -> Affiliation {
        if self.terms.operators.contains(bare_jid) {
            return Affiliation::Owner;
        }
        match self.affiliations.of(bare_jid) {
            affiliation if affiliation <= Affiliation::None => affiliation,
            given if self.terms.admits(bare_jid) => given,
            _ => Affiliation::None,
        }
    }

    /// To whom the room does not exist, it says so before anything else; and if it is disabled, to
    /// whoever wants something else than to run it.
    ///
    /// # Errors
    /// - [`Refusal::CreationNotAllowed`]: to enter a room that is not there is to create it, and
    ///   that is refused.
    /// - Those of [`Door::is_known_to`] and [`Door::is_enabled`].
    pub(super) fn check_known(&self, from: &FullJid, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::Lost
            | Action::Govern(_)
            | Action::AddInChanged(_)
            | Action::ClearAddIn(_)
            | Action::Expire => return Ok(()),
            // These are for those inside, and tell everybody else the same whether there is a room
            // or not. XEP-0410 §3.3: a room says "not-acceptable" to whoever is not inside;
            // "item-not-found" would mean that they are.
            Action::Exit { .. }
            | Action::Appear(_)
            | Action::Probe { .. }
            | Action::Ping { .. } => return Ok(()),
            _ => {}
        }
        // Whoever is inside knows of the room; to see that first spares each message a look into
        // the lists.
        if self.occupants.by_session(from).is_some() {
            return Ok(());
        }
        let door = self.door();
        match (door.is_known_to(self.standing_of(from)), action) {
            (Err(Refusal::NoSuchRoom), Action::Enter(_)) => Err(Refusal::CreationNotAllowed),
            (Ok(()), action) if !running::runs_the_room(action) => door.is_enabled(),
            (known, _) => known,
        }
    }
}
