//! What a configuration form that was sent back asks for. XEP-0045 §10.2 (#roomconfig).
//!
//! Some things a form asks for twice: privacy stands beside the two fields of which it is a view,
//! the type beside one, and a password has a field that tells whether there is one. Clients send
//! back what they were shown, so of two fields the one counts that differs from what holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use crate::room::Refusal;
use crate::room::setting::addin::AddIns;
use crate::room::setting::configuration::Configuration;
use crate::room::setting::{Assignment, Privacy, RoomType, Setting, Value};

/// Everything that a form asks for.
#[derive(Debug)]
pub(super) struct Submitted {
    /// What is to hold.
    pub wanted: Configuration,
    /// The full list of owners, if there was one.
    pub owners: Option<BTreeSet<BareJid>>,
    /// The full list of admins, if there was one.
    pub admins: Option<BTreeSet<BareJid>>,
    /// The name of the category, if the form has one.
    pub category: Option<Arc<str>>,
    /// The full list of presenters, if there was one.
    pub presenters: Option<BTreeSet<BareJid>>,
    /// Which configuration the editor was shown, if the form says so.
    pub version: Option<Arc<str>>,
    /// The add-in's name, if there was one.
    addin: Option<Arc<str>>,
}

/// The fields that stand beside others.
#[derive(Default)]
struct Beside {
    privacy: Option<Privacy>,
    room_type: Option<RoomType>,
    protected: Option<bool>,
    password: Option<Arc<str>>,
}

impl Submitted {
    /// What a form asks for in a room that is configured like this; the last of two that are for
    /// one field counts.
    ///
    /// # Errors
    /// - [`Refusal::ConfigurationNotAcceptable`]: privacy and the fields beside it are changed to
    ///   different ends.
    pub fn of(now: &Configuration, assignments: Vec<Assignment>) -> Result<Self, Refusal> {
        let mut submitted = Self {
            wanted: now.clone(),
            owners: None,
            admins: None,
            category: None,
            presenters: None,
            version: None,
            addin: None,
        };
        let mut beside = Beside::default();
        for assignment in assignments {
            submitted.take(assignment, &mut beside);
        }
        let wanted = &mut submitted.wanted;
        wanted.password = password_after(now.password.clone(), beside.protected, beside.password);
        if let Some(privacy) = beside.privacy {
            choose_privacy(privacy, now, wanted)?;
        }
        // There are but two types, so whoever changes both fields means the same by both.
        if let Some(chosen) = beside.room_type.filter(|chosen| *chosen != now.room_type()) {
            *wanted = wanted.clone().with_room_type(chosen);
        }
        match wanted.disabled {
            // It is kept, though nobody is inside.
            true => wanted.persistent = true,
            false => wanted.disabled_reason = "".into(),
        }
        Ok(submitted)
    }

    /// Chooses the add-in that the form names, of those that there are.
    ///
    /// # Errors
    /// - [`Refusal::ConfigurationNotAcceptable`]: none of that name is registered.
    pub fn choose_addin(&mut self, addins: &AddIns) -> Result<(), Refusal> {
        if let Some(name) = &self.addin {
            let unknown = |_| Refusal::ConfigurationNotAcceptable {
                field: ADDIN,
                problem: "no add-in of that name is registered here",
            };
            self.wanted.addin = addins.chosen(name).map_err(unknown)?;
        }
        Ok(())
    }

    fn take(&mut self, assignment: Assignment, beside: &mut Beside) {
        match assignment {
            Assignment::Set(Setting::Password, Value::Secret(value)) => {
                beside.password = Some(value.unwrap_or_default());
            }
            Assignment::Set(setting, value) => {
                // Whoever makes an assignment reads the value by the setting's kind.
                let fits = self.wanted.set(setting, value);
                debug_assert!(fits.is_ok(), "{} got another kind of value", setting.name());
            }
            Assignment::Category(name) => self.category = Some(name),
            Assignment::Version(version) => self.version = Some(version),
            Assignment::Privacy(value) => beside.privacy = Some(value),
            Assignment::RoomType(value) => beside.room_type = Some(value),
            Assignment::PasswordProtected(value) => beside.protected = Some(value),
            Assignment::Admins(value) => self.admins = Some(value),
            Assignment::Owners(value) => self.owners = Some(value),
            Assignment::Presenters(value) => self.presenters = Some(value),
            Assignment::AddIn(name) => self.addin = Some(name),
        }
    }
}

/// Gives the room a privacy that is another than its own.
fn choose_privacy(
    privacy: Privacy,
    now: &Configuration,
    wanted: &mut Configuration,
) -> Result<(), Refusal> {
    if privacy == now.privacy() {
        return Ok(());
    }
    let chosen = now.clone().with_privacy(privacy);
    let contradicts = |now, wanted, chosen| wanted != now && wanted != chosen;
    let problem = if contradicts(now.public, wanted.public, chosen.public) {
        Some("contradicts muc#roomconfig_publicroom, which was changed as well; change one of them")
    } else if contradicts(now.members_only, wanted.members_only, chosen.members_only) {
        Some(
            "contradicts muc#roomconfig_membersonly, which was changed as well; change one of them",
        )
    } else {
        None
    };
    if let Some(problem) = problem {
        let field = PRIVACY;
        return Err(Refusal::ConfigurationNotAcceptable { field, problem });
    }
    wanted.public = chosen.public;
    wanted.members_only = chosen.members_only;
    Ok(())
}

/// The two fields of a password: `passwordprotectedroom` decides when it is there; else a secret
/// means one. Protected without any secret is kept as an empty password, which is then refused.
fn password_after(
    before: Option<Arc<str>>,
    protected: Option<bool>,
    password: Option<Arc<str>>,
) -> Option<Arc<str>> {
    let given = password.clone().filter(|password| !password.is_empty());
    match (protected, password) {
        (Some(false), _) => None,
        (Some(true), Some(_)) => Some(given.unwrap_or_default()),
        (Some(true), None) => Some(before.unwrap_or_default()),
        (None, Some(_)) => given,
        (None, None) => before,
    }
}

/// The field of the add-in.
const ADDIN: &str = "{urn:lyceum:0}addin";

/// The field of the privacy.
const PRIVACY: &str = "{urn:lyceum:0}privacy";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::setting::Word;

    #[test]
    fn the_two_password_fields_agree() {
        let old: Option<Arc<str>> = Some("old".into());
        assert_eq!(password_after(old.clone(), None, None), old);
        assert_eq!(
            password_after(old.clone(), Some(false), Some("x".into())),
            None
        );
        assert_eq!(password_after(old.clone(), Some(true), None), old);
        assert_eq!(
            password_after(None, Some(true), Some("x".into())),
            Some("x".into())
        );
        assert_eq!(password_after(None, Some(true), None), Some("".into()));
        assert_eq!(
            password_after(None, None, Some("x".into())),
            Some("x".into())
        );
        assert_eq!(password_after(old, None, Some("".into())), None);
    }

    fn wanted(now: &Configuration, assignments: &[Assignment]) -> Result<Configuration, Refusal> {
        Submitted::of(now, assignments.to_vec()).map(|submitted| submitted.wanted)
    }

    fn with(public: bool, members_only: bool) -> Configuration {
        Configuration {
            public,
            members_only,
            ..Configuration::default()
        }
    }

    /// A whole form, as clients send it back, with one thing changed in it.
    fn whole(now: &Configuration, changed: Assignment) -> Vec<Assignment> {
        vec![
            Assignment::Privacy(now.privacy()),
            Setting::Public.to(now.public),
            Setting::MembersOnly.to(now.members_only),
            Assignment::RoomType(now.room_type()),
            Setting::Moderated.to(now.moderated),
            changed,
        ]
    }

    #[test]
    fn of_two_fields_for_one_thing_the_one_that_was_changed_counts() {
        for (public, members_only) in [(true, false), (true, true), (false, true), (false, false)] {
            let now = with(public, members_only);
            for privacy in Privacy::ALL {
                let chosen = wanted(&now, &whole(&now, Assignment::Privacy(*privacy)));
                assert_eq!(chosen.as_ref(), Ok(&now.clone().with_privacy(*privacy)));
            }
            let listed = wanted(&now, &whole(&now, Setting::Public.to(!public)));
            assert_eq!(listed, Ok(with(!public, members_only)));
            let members = wanted(&now, &whole(&now, Setting::MembersOnly.to(!members_only)));
            assert_eq!(members, Ok(with(public, !members_only)));
        }
        let now = Configuration::default();
        for changed in [
            Assignment::RoomType(RoomType::Auditorium),
            Setting::Moderated.to(true),
        ] {
            let chosen = wanted(&now, &whole(&now, changed)).unwrap();
            assert_eq!(chosen.room_type(), RoomType::Auditorium);
        }
    }

    #[test]
    fn two_fields_that_are_changed_to_one_end_agree_and_others_are_named() {
        let open = with(true, false);
        let secret = Assignment::Privacy(Privacy::Secret);
        let both = [secret.clone(), Setting::MembersOnly.to(true)];
        assert_eq!(wanted(&open, &both), Ok(with(false, true)));
        let closed = Assignment::Privacy(Privacy::Closed);
        for (chosen, other, named) in [
            (
                closed,
                Setting::Public.to(false),
                "muc#roomconfig_publicroom",
            ),
            (
                Assignment::Privacy(Privacy::Open),
                Setting::Public.to(false),
                "muc#roomconfig_publicroom",
            ),
        ] {
            let now = match chosen {
                Assignment::Privacy(Privacy::Open) => with(true, true),
                _ => open.clone(),
            };
            let refused = wanted(&now, &[chosen, other]).unwrap_err();
            let Refusal::ConfigurationNotAcceptable { field, problem } = refused else {
                panic!("{refused:?}");
            };
            assert_eq!(field, PRIVACY);
            assert!(problem.contains(named), "{problem}");
        }
        let now = with(false, false);
        let refused = wanted(&now, &[secret, Setting::MembersOnly.to(true)]);
        assert_eq!(refused, Ok(with(false, true)));
    }

    #[test]
    fn what_is_disabled_is_kept_and_only_that_has_a_reason() {
        let temporary = Configuration {
            persistent: false,
            ..Configuration::default()
        };
        let reason = Setting::DisabledReason.to("Moved.");
        let disabled = wanted(&temporary, &[Setting::Disabled.to(true), reason.clone()]).unwrap();
        assert!(disabled.persistent && &*disabled.disabled_reason == "Moved.");
        let enabled = wanted(&disabled, &[Setting::Disabled.to(false)]).unwrap();
        assert_eq!(&*enabled.disabled_reason, "");
        assert_eq!(wanted(&temporary, &[reason]), Ok(temporary));
    }
}
