//! The lists that a room keeps, how long they are and may be, and what of them a request needs to
//! be known.
//!
//! The hard thing is that a list may have hundreds of thousands of entries, and a stranger's stanza
//! must not cost more for that. So a room in memory does not hold its lists. It holds what is kept
//! of those who are inside; of whomever else a request concerns, that is looked up by key and
//! handed in before ([`Room::needs`], [`Room::learn`]). It knows how long its lists are, and holds
//! those of owners and admins as a whole once they are needed.
//!
//! Whoever is not known has no entry. A room that was handed everything, as the tests do, decides
//! the same.

use std::collections::BTreeSet;

use jid::{BareJid, FullJid};

use crate::room::moderating::change_standings::Planned;
use crate::room::request::{AccessWish, AffiliationTarget, Moderation};
use crate::room::setting::Assignment;
use crate::room::text::address;
use crate::room::{
    Action, Affiliated, Affiliation, BondKind, Bonds, Enrolment, List, NameKey, Nick, Refusal, Room,
};

/// What must be known before a request is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// What is kept under these addresses: of people, and of domains.
    pub people: BTreeSet<BareJid>,
    /// For whom these are reserved.
    pub nicks: Vec<Nick>,
    /// These lists as a whole: of owners or admins.
    pub whole: Vec<Affiliation>,
    /// Whether another room has this name.
    pub name: Option<NameKey>,
    /// All bonds of these kinds: of who waits to be registered, of whom there are few; of
    /// presenters, for a form.
    pub kinds: Vec<BondKind>,
}

impl Needed {
    /// Whether that is nothing.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
            && self.nicks.is_empty()
            && self.whole.is_empty()
            && self.name.is_none()
            && self.kinds.is_empty()
    }
}

/// What was found of what is [`Needed`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Affiliations, also those of the lists that were asked for as a whole.
    pub affiliations: Vec<(BareJid, Affiliated)>,
    /// What else binds people to the room.
    pub bonds: Bonds,
    /// The lists that are there as a whole.
    pub whole: Vec<Affiliation>,
    /// The name that was asked for, and whether another room has it.
    pub name: Option<(NameKey, bool)>,
    /// The kinds of bonds of which all are there.
    pub kinds: Vec<BondKind>,
}

impl Room {
    /// Whose entries must be known before a request is decided. Of those inside they are.
    pub fn needs(&self, from: &FullJid, action: &Action) -> Needed {
        let mut needed = Needed::default();
        self.need(&address::bare(from), &mut needed);
        match action {
            Action::Enter(entry) => needed.nicks.push(entry.nick.clone()),
            Action::Appear(appearance) => self.need_nick(from, &appearance.nick, &mut needed),
            Action::Register { nick } | Action::WishForAccess(AccessWish::Ask(nick)) => {
                needed.nicks.push(nick.clone());
            }
            Action::AnswerRegistration { jid, nick, .. } => {
                self.need(jid, &mut needed);
                needed.nicks.push(nick.clone());
            }
            Action::Moderate(items) => self.need_for_list(items, &mut needed),
            Action::Invite(invites) => {
                for invite in invites {
                    self.need(&invite.to.to_bare(), &mut needed);
                }
            }
            Action::Configure(assignments) => {
                self.need_for_form(assignments, &mut needed);
                needed.name = self.name_wanted(assignments);
            }
            Action::ChangePresenters {
                appointed,
                dismissed,
            } => {
                for jid in appointed.iter().chain(dismissed) {
                    self.need(jid, &mut needed);
                }
            }
            Action::ModerateMessage(moderation) => {
                let original = moderation.original.as_ref();
                if let Some(author) = original.and_then(|original| original.author.as_ref()) {
                    self.need(author, &mut needed);
                }
            }
            Action::Exit { .. }
            | Action::Say(_)
            | Action::ChangeSubject { .. }
            | Action::Whisper(_)
            | Action::Decline { .. }
            | Action::RequestVoice
            | Action::AnswerVoiceRequest { .. }
            | Action::ListRole(_)
            | Action::ListAffiliation(_)
            | Action::ReadArchive(_)
            | Action::ShowConfiguration
            | Action::CancelConfiguration
            | Action::Destroy { .. }
            | Action::ShowRegistration
            | Action::ShowRequests
            | Action::Unregister
            | Action::WishForAccess(AccessWish::Withdraw)
            | Action::ShowReservedNick
            | Action::ShowInformation
            | Action::ShowOccupants
            | Action::Ping { .. }
            | Action::Probe { .. }
            | Action::Query { .. }
            | Action::ShowAvatar
            | Action::SetAvatar { .. }
            | Action::Lost
            | Action::Govern(_)
            | Action::AddInChanged(_)
            | Action::ClearAddIn(_)
            | Action::Expire => {}
        }
        needed
    }

    /// Which lists must be known as a whole before a request is decided; to be asked when
    /// [`Self::needs`] is satisfied, for of somebody who may not do it no list is needed.
    pub fn needs_whole(&self, from: &FullJid, action: &Action) -> Needed {
        use Affiliation::{Admin, Member, Owner};
        let affiliation = self.affiliation_of(&address::bare(from));
        let wanted: &[Affiliation] = match action {
            // Owners are told as those to turn to.
            Action::ShowInformation if self.may_know_owners(from) => &[Owner],
            Action::Configure(assignments)
                if affiliation == Owner && self.is_moved_by(assignments) =>
            {
                &[Owner, Admin, Member]
            }
            Action::ShowConfiguration
            | Action::Configure(_)
            | Action::SetAvatar { .. }
            | Action::Destroy { .. }
                if affiliation == Owner =>
            {
                &[Owner, Admin]
            }
            Action::Moderate(_) | Action::Unregister if affiliation >= Admin => &[Owner],
            // They are asked for approval.
            Action::Register { .. } | Action::WishForAccess(AccessWish::Ask(_))
                if self.is_kept_waiting(from) =>
            {
                &[Owner, Admin]
            }
            _ => &[],
        };
        let unknown = wanted.iter().copied();
        Needed {
            whole: unknown
                .filter(|affiliation| !self.affiliations.is_whole(*affiliation))
                .collect(),
            kinds: BondKind::ALL
                .into_iter()
                .filter(|kind| !self.bonds.is_whole(*kind) && self.needs_all(*kind, from, action))
                .collect(),
            ..Needed::default()
        }
    }

    /// Whether somebody can't register without being approved of.
    fn is_kept_waiting(&self, from: &FullJid) -> bool {
        let person = self.standing_outside(&address::bare(from));
        self.door().enrolment(person) == Ok(Enrolment::OnApproval)
    }

    /// Takes note of what was found of what it [needs](Self::needs).
    pub fn learn(&mut self, known: Known) {
        for (jid, entry) in known.affiliations {
            self.affiliations.learn(jid, entry);
        }
        self.bonds.learn(known.bonds);
        for kind in known.kinds {
            self.bonds.know_whole(kind);
        }
        if let Some((name, is_taken)) = known.name {
            self.taken_name.learn(name, is_taken);
        }
        for affiliation in known.whole {
            self.affiliations.know_whole(affiliation);
        }
    }

    /// Forgets what it knows of people who are not inside, when that has become more than what it
    /// knows of those who are. Not for a room that was handed everything, for it would not be told
    /// again.
    pub fn forget_absent(&mut self) {
        let most = SPARE + 2 * self.occupants.count();
        let occupants = &self.occupants;
        let is_near = |jid: &BareJid| occupants.concerns(jid);
        self.affiliations.forget_all_but(most, is_near);
        self.bonds.forget_all_but(most, is_near);
    }

    /// Whether these changes leave no list longer than it may be. One that is too long already,
    /// since it was brought from elsewhere or more was allowed once, only must not grow.
    ///
    /// # Errors
    /// - [`Refusal::ListFull`]
    pub(in crate::room) fn check_lists(&self, plan: &[Planned]) -> Result<(), Refusal> {
        let mut growth = Growth::default();
        for planned in plan {
            let before = List::of(self.affiliations.stored(&planned.jid));
            growth.moved(before, List::of(planned.affiliation));
            let had_nick = self.bonds.nick_of(&planned.jid).is_some();
            let has_nick = match (planned.affiliation, &planned.reserve) {
                (Affiliation::Outcast | Affiliation::None, _) => false,
                (_, Some(nick)) => nick.is_some(),
                (_, None) => had_nick,
            };
            let listed = |is| Some(List::Registrations).filter(|_| is);
            growth.moved(listed(had_nick), listed(has_nick));
        }
        self.check_growth(&growth)
    }

    /// Whether one more entry may be added to a list.
    ///
    /// # Errors
    /// - [`Refusal::ListFull`]
    pub(in crate::room) fn check_one_more(&self, list: List) -> Result<(), Refusal> {
        let mut growth = Growth::default();
        growth.moved(None, Some(list));
        self.check_growth(&growth)
    }

    /// Whether the voices that are given and taken can be remembered.
    ///
    /// # Errors
    /// - [`Refusal::ListFull`]
    pub(in crate::room) fn check_voices(&self, items: &[Moderation]) -> Result<(), Refusal> {
        let mut growth = Growth::default();
        for item in items {
            let Moderation::Role { nick, role, .. } = item else {
                continue;
            };
            let Some(occupant) = self.occupants.by_nick(nick) else {
                continue;
            };
            if self.is_remembered(occupant.bare_jid(), *role)
                && self.bonds.voice_of(occupant.bare_jid()).is_none()
            {
                growth.moved(None, Some(List::Voices));
            }
        }
        self.check_growth(&growth)
    }

    /// Whether a list may get these entries and lose those.
    ///
    /// # Errors
    /// - [`Refusal::ListFull`]
    pub(in crate::room) fn check_exchange(
        &self,
        list: List,
        (added, removed): (usize, usize),
    ) -> Result<(), Refusal> {
        let mut growth = Growth::default();
        growth.0[list as usize] = (added, removed);
        self.check_growth(&growth)
    }

    fn check_growth(&self, growth: &Growth) -> Result<(), Refusal> {
        let lengths = self.lengths();
        for list in List::ALL {
            let (added, removed) = growth.0[list as usize];
            let most = self.terms.lists_max.of(list);
            if added > removed && lengths.of(list) + added - removed > most {
                return Err(Refusal::ListFull { list, most });
            }
        }
        Ok(())
    }

    /// What is kept of somebody is needed, and of the domain.
    fn need(&self, jid: &BareJid, needed: &mut Needed) {
        if self.occupants.concerns(jid) {
            return;
        }
        needed.people.insert(jid.clone());
        if jid.node().is_some() {
            let domain = BareJid::from_parts(None, jid.domain());
            if !self.occupants.concerns(&domain) {
                needed.people.insert(domain);
            }
        }
    }

    /// A nick that somebody inside is to have instead of the own one.
    fn need_nick(&self, from: &FullJid, nick: &Nick, needed: &mut Needed) {
        let own = self.occupants.by_session(from);
        if own.is_some_and(|own| own.nick() != nick) {
            needed.nicks.push(nick.clone());
        }
    }

    fn need_for_list(&self, items: &[Moderation], needed: &mut Needed) {
        for item in items.iter().take(self.terms.items_max) {
            let Moderation::Affiliation {
                target, reserve, ..
            } = item
            else {
                continue;
            };
            if let AffiliationTarget::Jid(jid) = target {
                self.need(jid, needed);
            }
            needed.nicks.extend(reserve.iter().flatten().cloned());
        }
    }

    fn need_for_form(&self, assignments: &[Assignment], needed: &mut Needed) {
        for assignment in assignments {
            if let Assignment::Owners(people)
            | Assignment::Admins(people)
            | Assignment::Presenters(people) = assignment
            {
                for jid in people {
                    self.need(jid, needed);
                }
            }
        }
    }
}

impl Room {
    /// Whether all bonds of a kind are needed to decide what somebody wants.
    fn needs_all(&self, kind: BondKind, from: &FullJid, action: &Action) -> bool {
        let affiliation = self.affiliation_of(&address::bare(from));
        // Whoever is out of the new scope goes from every list.
        if let Action::Configure(assignments) = action
            && affiliation == Affiliation::Owner
            && self.is_moved_by(assignments)
        {
            return true;
        }
        match kind {
            BondKind::RegistrationRequest => may_touch_requests(action, affiliation),
            BondKind::Presenter => {
                affiliation == Affiliation::Owner && self.needs_presenters(action)
            }
            BondKind::Registration | BondKind::Voice => false,
        }
    }
}

/// Whether a request of somebody may let a registration wait, or answer one, if only by giving an
/// affiliation.
fn may_touch_requests(action: &Action, affiliation: Affiliation) -> bool {
    match action {
        Action::Register { .. } | Action::Unregister | Action::WishForAccess(_) => true,
        Action::Moderate(_)
        | Action::Configure(_)
        | Action::AnswerRegistration { .. }
        | Action::ShowRequests => affiliation >= Affiliation::Admin,
        Action::Invite(_) => affiliation > Affiliation::Outcast,
        _ => false,
    }
}

/// How many entries of each list come, and how many go.
#[derive(Default)]
struct Growth([(usize, usize); List::ALL.len()]);

impl Growth {
    fn moved(&mut self, from: Option<List>, to: Option<List>) {
        if let Some(from) = from {
            self.0[from as usize].1 += 1;
        }
        if let Some(to) = to {
            self.0[to as usize].0 += 1;
        }
    }
}

/// Number of people who are not inside of whom what is known is kept in any case.
const SPARE: usize = 256;
