//! Reading the lists. XEP-0045 §8.5 (#modifyvoice), §9.2 (#modifyban), §9.5 (#modifymember), §9.8,
//! §10.5, §10.8.

use std::sync::Arc;

use jid::FullJid;

use crate::room::effect::{Answer, Effect, RoleItem};
use crate::room::setting::configuration::Whois;
use crate::room::{Affiliation, List, Refusal, Role, Room};

impl Room {
    /// Lists everybody inside who has a role.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: participants and visitors are listed to moderators, §8.5
    ///   (#modifyvoice), moderators to admins, §9.8 (#modifymod).
    /// - [`Refusal::NoSuchList`]: nobody inside has the role none.
    pub(in crate::room) fn list_role(
        &self,
        from: &Arc<FullJid>,
        role: Role,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let affiliation = self.affiliation_of(&from.to_bare());
        let own_role = self
            .occupants
            .by_session(from)
            .map(|occupant| occupant.role());
        let may = match role {
            Role::None => return Err(Refusal::NoSuchList),
            Role::Visitor | Role::Participant => {
                own_role == Some(Role::Moderator) || affiliation >= Affiliation::Admin
            }
            Role::Moderator => affiliation >= Affiliation::Admin,
        };
        if !may {
            return Err(Refusal::NotPrivileged);
        }
        let items = self
            .occupants
            .iter()
            .filter(|occupant| occupant.role() == role)
            .map(|occupant| RoleItem {
                nick: occupant.nick().clone(),
                role,
                affiliation: self.affiliation_of(occupant.bare_jid()),
                real_jid: Some(occupant.shown().real_jid.clone()),
            })
            .collect();
        effects.push(Effect::Answer(Answer::Roles(items)));
        Ok(())
    }

    /// Lists everybody who has an affiliation; the list itself lies in the store. Who is listed
    /// with another than holds for them is left out.
    ///
    /// # Errors
    /// - [`Refusal::NotPrivileged`]: see [`Self::may_list`].
    /// - [`Refusal::NoSuchList`]: there is no list of those without affiliation.
    pub(in crate::room) fn list_affiliation(
        &self,
        from: &Arc<FullJid>,
        affiliation: Affiliation,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if affiliation == Affiliation::None {
            return Err(Refusal::NoSuchList);
        }
        if !self.may_list(from, affiliation) {
            return Err(Refusal::NotPrivileged);
        }
        let length = List::of(affiliation).map_or(0, |list| self.lengths().of(list));
        effects.push(Effect::ListAffiliations {
            affiliation,
            length,
        });
        Ok(())
    }

    /// Who may read which list.
    ///
    /// Owners read all; admins the bans and members. Where real JIDs are no secret, admins and
    /// those whom `getmemberlist` names read the other lists too, and so do members who are not
    /// inside (§9.5 (#modifymember): "SHOULD also allow any member to retrieve the member list even
    /// if not yet an occupant"). In a semi-anonymous room "the service MUST return a <forbidden/>
    /// error" for owners (§10.5) and admins (§10.8).
    fn may_list(&self, from: &Arc<FullJid>, affiliation: Affiliation) -> bool {
        let asker = self.affiliation_of(&from.to_bare());
        let open = self.configuration.whois == Whois::Anyone;
        let named = match self.occupants.by_session(from) {
            Some(occupant) => self
                .configuration
                .member_list_readers
                .contains(&occupant.role()),
            None => {
                asker >= Affiliation::Member && !self.configuration.member_list_readers.is_empty()
            }
        };
        match affiliation {
            Affiliation::Owner | Affiliation::Admin => {
                asker == Affiliation::Owner || (open && (asker == Affiliation::Admin || named))
            }
            Affiliation::Member => asker >= Affiliation::Admin || (open && named),
            Affiliation::Outcast => asker >= Affiliation::Admin,
            Affiliation::None => false,
        }
    }
}
