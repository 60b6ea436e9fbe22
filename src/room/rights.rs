//! Who may do what to whom: the one table. XEP-0045 §5.1.1 (#roles-priv), §5.2.1 (#affil-priv).
//!
//! Rules that hang on a room's settings (subject, invitations, private messages, the member list)
//! stand in the file of the setting; everything about one person's power over another stands here.

use super::{Affiliation, Refusal, Role};

/// How a person stands to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The affiliation that holds: of an operator, for one, that is owner.
    pub affiliation: Affiliation,
    /// The role inside; none for somebody outside.
    pub role: Role,
    /// Whether they are in scope of the room's category.
    pub in_scope: bool,
    /// Whether they are listed as a presenter, by themselves or by their domain; what that means is
    /// the room's matter.
    pub is_presenter: bool,
}

impl Standing {
    /// Whether the person is inside.
    pub fn is_inside(self) -> bool {
        self.role > Role::None
    }

    /// The role that the person starts with. XEP-0045 §5.1.2 (#roles-default).
    ///
    /// DEVIATION: there a member has voice in a moderated room. For us a moderated room is an
    /// auditorium, where none but presenters speak, and those who run it; so a member enters it as
    /// a visitor, as whoever has no affiliation does.
    pub fn initial_role(self, is_auditorium: bool) -> Role {
        match self.affiliation {
            Affiliation::Owner | Affiliation::Admin => Role::Moderator,
            Affiliation::Member | Affiliation::None if is_auditorium && !self.is_presenter => {
                Role::Visitor
            }
            Affiliation::Member | Affiliation::None => Role::Participant,
            Affiliation::Outcast => Role::None,
        }
    }
}

/// May this affiliation change that one into a third? §5.2.2 (#affil-change).
///
/// # Errors
/// - [`Refusal::NotPrivileged`]: the actor may not touch these lists at all.
/// - [`Refusal::TargetTooHigh`]: the actor may, but not this person.
pub(super) fn may_change_affiliation(
    actor: Affiliation,
    from: Affiliation,
    to: Affiliation,
) -> Result<(), Refusal> {
    use Affiliation::{Admin, Member, None, Outcast, Owner};
    match (actor, from, to) {
        (Owner, _, _) => Ok(()),
        (Admin, Outcast | None | Member, Outcast | None | Member) => Ok(()),
        // §9.1 (#ban): "if an admin attempts to ban an owner, the service MUST deny the request".
        (Admin, Admin | Owner, Outcast | None | Member) => Err(Refusal::TargetTooHigh),
        (Admin, _, Admin | Owner) => Err(Refusal::NotPrivileged),
        (Member | None | Outcast, _, _) => Err(Refusal::NotPrivileged),
    }
}

/// May this occupant give that one this role? §5.1.3 (#roles-change).
///
/// # Errors
/// - [`Refusal::NotPrivileged`]: the actor is no moderator, or only admins may.
/// - [`Refusal::TargetTooHigh`]: not to this person.
pub(super) fn may_change_role(actor: Standing, target: Standing, to: Role) -> Result<(), Refusal> {
    if actor.role != Role::Moderator {
        return Err(Refusal::NotPrivileged);
    }
    let admin = actor.affiliation >= Affiliation::Admin;
    match (target.role, to) {
        // §8.2 (#kick): "A user cannot be kicked by a moderator with a lower affiliation."
        (_, Role::None) if target.affiliation > actor.affiliation => Err(Refusal::TargetTooHigh),
        // §5.1.3 (#roles-change): a moderator is "kicked by an admin or owner".
        (Role::Moderator, Role::None) if !admin => Err(Refusal::TargetTooHigh),
        (_, Role::None) => Ok(()),
        // §9.6 (#grantmod), §9.8 (#modifymod).
        (_, Role::Moderator) if admin => Ok(()),
        (_, Role::Moderator) => Err(Refusal::NotPrivileged),
        // §9.7 (#revokemod): nobody takes it from an admin or owner; §8.4 (#revokevoice): nor
        // voice.
        (_, Role::Visitor | Role::Participant) if target.affiliation >= Affiliation::Admin => {
            Err(Refusal::TargetTooHigh)
        }
        (Role::Moderator, Role::Visitor | Role::Participant) if admin => Ok(()),
        (Role::Moderator, Role::Visitor | Role::Participant) => Err(Refusal::NotPrivileged),
        (_, Role::Participant) => Ok(()),
        // §8.4 (#revokevoice): not "from a user whose affiliation is at or above the moderator's
        // level". DEVIATION: having none is no level, or a moderator without affiliation could
        // silence nobody.
        (_, Role::Visitor)
            if target.affiliation > Affiliation::None
                && target.affiliation >= actor.affiliation =>
        {
            Err(Refusal::TargetTooHigh)
        }
        (_, Role::Visitor) => Ok(()),
    }
}

/// May this occupant take back what somebody of that affiliation has said? XEP-0425 §3.2
/// (#usecase-error).
///
/// As with kicking, XEP-0045 §8.2 (#kick): not what somebody said who stands higher.
///
/// # Errors
/// - [`Refusal::NotPrivileged`]: the actor is no moderator.
/// - [`Refusal::TargetTooHigh`]: not of this person.
pub(super) fn may_moderate_message(actor: Standing, author: Affiliation) -> Result<(), Refusal> {
    if actor.role != Role::Moderator {
        return Err(Refusal::NotPrivileged);
    }
    if author > actor.affiliation {
        return Err(Refusal::TargetTooHigh);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: the actor; columns: from outcast, none, member, admin, owner. One letter for each `to`
    /// in the same order: y yes, t target too high, p not privileged.
    const AFFILIATIONS: [(Affiliation, [&str; 5]); 5] = [
        (
            Affiliation::Owner,
            ["yyyyy", "yyyyy", "yyyyy", "yyyyy", "yyyyy"],
        ),
        (
            Affiliation::Admin,
            ["yyypp", "yyypp", "yyypp", "tttpp", "tttpp"],
        ),
        (
            Affiliation::Member,
            ["ppppp", "ppppp", "ppppp", "ppppp", "ppppp"],
        ),
        (
            Affiliation::None,
            ["ppppp", "ppppp", "ppppp", "ppppp", "ppppp"],
        ),
        (
            Affiliation::Outcast,
            ["ppppp", "ppppp", "ppppp", "ppppp", "ppppp"],
        ),
    ];

    fn standing(affiliation: Affiliation, role: Role) -> Standing {
        Standing {
            affiliation,
            role,
            in_scope: true,
            is_presenter: false,
        }
    }

    #[test]
    fn initial_roles_are_those_of_the_table() {
        use Affiliation as A;
        // Columns: a normal room, an auditorium, an auditorium as a presenter. Letters: those that
        // the roles begin with.
        for (affiliation, row) in [
            (A::Outcast, "nnn"),
            (A::None, "pvp"),
            (A::Member, "pvp"),
            (A::Admin, "mmm"),
            (A::Owner, "mmm"),
        ] {
            let columns = [(false, false), (true, false), (true, true)];
            let found = columns.map(|(is_auditorium, is_presenter)| {
                let person = Standing {
                    is_presenter,
                    ..standing(affiliation, Role::None)
                };
                person.initial_role(is_auditorium).name()[..1].to_owned()
            });
            assert_eq!(found.concat(), row, "{affiliation:?}");
        }
    }

    fn letter(result: &Result<(), Refusal>) -> char {
        match result {
            Ok(()) => 'y',
            Err(Refusal::TargetTooHigh) => 't',
            Err(_) => 'p',
        }
    }

    #[test]
    fn affiliations_change_as_the_table_says() {
        for (actor, rows) in AFFILIATIONS {
            for (from, row) in Affiliation::ALL.into_iter().zip(rows) {
                let found: String = Affiliation::ALL
                    .into_iter()
                    .map(|to| letter(&may_change_affiliation(actor, from, to)))
                    .collect();
                assert_eq!(found, row, "{actor:?} changes {from:?}");
            }
        }
    }

    /// Rows: a moderator of an affiliation; columns: an author who is outcast, none, member, admin,
    /// owner.
    #[test]
    fn moderators_take_back_what_is_not_above_them() {
        let table = [
            (Affiliation::None, "yyttt"),
            (Affiliation::Member, "yyytt"),
            (Affiliation::Admin, "yyyyt"),
            (Affiliation::Owner, "yyyyy"),
        ];
        for (affiliation, row) in table {
            for role in Role::ALL {
                let actor = standing(affiliation, role);
                let found: String = Affiliation::ALL
                    .into_iter()
                    .map(|author| letter(&may_moderate_message(actor, author)))
                    .collect();
                let expected = if role == Role::Moderator {
                    row
                } else {
                    "ppppp"
                };
                assert_eq!(found, expected, "{actor:?}");
            }
        }
    }

    /// One line for each actor and target; letters for the roles none, visitor, participant,
    /// moderator.
    #[test]
    fn roles_change_as_the_table_says() {
        use Affiliation::{Admin, Member, None, Owner};
        use Role::{Moderator, Participant, Visitor};
        let table = [
            ((Owner, Moderator), (Owner, Moderator), "ytty"),
            ((Owner, Moderator), (Admin, Moderator), "ytty"),
            ((Owner, Moderator), (Member, Moderator), "yyyy"),
            ((Admin, Moderator), (Owner, Moderator), "ttty"),
            ((Admin, Moderator), (Admin, Moderator), "ytty"),
            ((Admin, Moderator), (Member, Moderator), "yyyy"),
            ((Admin, Moderator), (None, Visitor), "yyyy"),
            ((Member, Moderator), (Owner, Moderator), "tttp"),
            ((Member, Moderator), (Member, Moderator), "tppp"),
            ((Member, Moderator), (Member, Participant), "ytyp"),
            ((Member, Moderator), (None, Participant), "yyyp"),
            ((None, Moderator), (Member, Participant), "ttyp"),
            ((None, Moderator), (None, Participant), "yyyp"),
            ((Owner, Participant), (None, Visitor), "pppp"),
            ((Member, Participant), (None, Visitor), "pppp"),
        ];
        for ((affiliation, role), (other, other_role), row) in table {
            let actor = standing(affiliation, role);
            let target = standing(other, other_role);
            let found: String = Role::ALL
                .into_iter()
                .map(|to| letter(&may_change_role(actor, target, to)))
                .collect();
            assert_eq!(found, row, "{actor:?} changes {target:?}");
        }
    }
}
