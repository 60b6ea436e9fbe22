//! The catalogue: everything an owner can set, each once. XEP-0045 §16.5.3 (#registrar-formtype-owner).
//!
//! [`Configuration`] is typed, for the code that decides. Everybody else *loops* over [`Setting::ALL`]: the
//! configuration form, the configuration file, the database, exports, and the compliance log have a setting under its
//! one [`name`](Setting::name), with values of its [`kind`](Setting::kind), and read and write it by
//! [`Configuration::get`] and [`Configuration::set`]. A new setting is a variant here, a field of [`Configuration`], an
//! arm in each of the two matches, a row of the form in `wire`, and a column in `schema/`.

pub mod configuration;
pub(super) mod password;
mod value;
pub(super) mod whois;
mod word;

pub use value::{Assignment, Kind, Unfit, Value};
pub use word::Word;

use configuration::{Configuration, PrivateMessages, RegistrationPolicy, Whois};

/// One thing that an owner can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The name shown to people; empty: the room's address stands for it.
    Name,
    /// What the room is for.
    Description,
    /// A language tag (RFC 5646); empty: unsaid.
    Language,
    /// Whether the room stays when everybody has left.
    Persistent,
    /// Whether the room is listed.
    Public,
    /// Whether only members may enter.
    MembersOnly,
    /// Whether those without affiliation have no voice until they are given it.
    Moderated,
    /// The password that is needed to enter, if one is.
    Password,
    /// Maximum number of occupants.
    OccupantsMax,
    /// Who sees real JIDs.
    Whois,
    /// Whether participants may change the subject.
    SubjectOpen,
    /// Whether members may invite into a members-only room, and everybody into another.
    InvitationsOpen,
    /// Who may send private messages.
    PrivateMessages,
    /// The roles whose presence the others are shown.
    PresenceBroadcast,
    /// The roles that may read the member list; admins always may.
    MemberListReaders,
    /// Whether the archive is public; brings status 170.
    Logged,
    /// Maximum number of messages that are sent on entering.
    HistoryMax,
    /// The XMPP URI of the room's pubsub node; empty: none.
    PubsubNode,
    /// Whether a nick that is registered is the only one its owner may use.
    NickLocked,
    /// Who may register.
    Registration,
}

impl Setting {
    /// Every setting, in the order of the columns in the database.
    pub const ALL: [Self; 20] = [
        Self::Name,
        Self::Description,
        Self::Language,
        Self::Persistent,
        Self::Public,
        Self::MembersOnly,
        Self::Moderated,
        Self::Password,
        Self::OccupantsMax,
        Self::Whois,
        Self::SubjectOpen,
        Self::InvitationsOpen,
        Self::PrivateMessages,
        Self::PresenceBroadcast,
        Self::MemberListReaders,
        Self::Logged,
        Self::HistoryMax,
        Self::PubsubNode,
        Self::NickLocked,
        Self::Registration,
    ];

    /// The names, in the order of [`Self::ALL`].
    pub const NAMES: [&'static str; Self::ALL.len()] = {
        let mut names = [""; Self::ALL.len()];
        let mut place = 0;
        while place < names.len() {
            names[place] = Self::ALL[place].name();
            place += 1;
        }
        names
    };

    /// The one name of it: key in the configuration file, column in the database, field in exports and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Language => "language",
            Self::Persistent => "persistent",
            Self::Public => "public",
            Self::MembersOnly => "members_only",
            Self::Moderated => "moderated",
            Self::Password => "password",
            Self::OccupantsMax => "occupants_max",
            Self::Whois => "whois",
            Self::SubjectOpen => "subject_open",
            Self::InvitationsOpen => "invitations_open",
            Self::PrivateMessages => "private_messages",
            Self::PresenceBroadcast => "presence_broadcast",
            Self::MemberListReaders => "member_list_readers",
            Self::Logged => "logged",
            Self::HistoryMax => "history_max",
            Self::PubsubNode => "pubsub_node",
            Self::NickLocked => "nick_locked",
            Self::Registration => "registration",
        }
    }

    /// The setting of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// Which values it can have.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Name => Kind::Text {
                characters_max: 256,
            },
            Self::Description | Self::PubsubNode => Kind::Text {
                characters_max: 1000,
            },
            Self::Language => Kind::Text { characters_max: 35 },
            Self::Password => Kind::Secret {
                characters_max: 256,
            },
            Self::OccupantsMax => Kind::Limit {
                max: 1_000_000,
                unit: "occupants",
            },
            Self::HistoryMax => Kind::Number { unit: "messages" },
            Self::Persistent
            | Self::Public
            | Self::MembersOnly
            | Self::Moderated
            | Self::SubjectOpen
            | Self::InvitationsOpen
            | Self::Logged
            | Self::NickLocked => Kind::Flag,
            Self::Whois => Kind::Word(Whois::NAMES),
            Self::PrivateMessages => Kind::Word(PrivateMessages::NAMES),
            Self::Registration => Kind::Word(RegistrationPolicy::NAMES),
            Self::PresenceBroadcast | Self::MemberListReaders => Kind::Roles,
        }
    }

    /// This setting with a value.
    pub fn to(self, value: impl Into<Value>) -> Assignment {
        Assignment::Set(self, value.into())
    }
}

impl Configuration {
    /// The value of a setting.
    pub fn get(&self, setting: Setting) -> Value {
        match setting {
            Setting::Name => self.name.clone().into(),
            Setting::Description => self.description.clone().into(),
            Setting::Language => self.language.clone().into(),
            Setting::Persistent => self.persistent.into(),
            Setting::Public => self.public.into(),
            Setting::MembersOnly => self.members_only.into(),
            Setting::Moderated => self.moderated.into(),
            Setting::Password => Value::Secret(self.password.clone()),
            Setting::OccupantsMax => self.occupants_max.into(),
            Setting::Whois => self.whois.into(),
            Setting::SubjectOpen => self.subject_open.into(),
            Setting::InvitationsOpen => self.invitations_open.into(),
            Setting::PrivateMessages => self.private_messages.into(),
            Setting::PresenceBroadcast => self.presence_broadcast.clone().into(),
            Setting::MemberListReaders => self.member_list_readers.clone().into(),
            Setting::Logged => self.logged.into(),
            Setting::HistoryMax => self.history_max.into(),
            Setting::PubsubNode => self.pubsub_node.clone().into(),
            Setting::NickLocked => self.nick_locked.into(),
            Setting::Registration => self.registration.into(),
        }
    }

    /// Gives a setting a value.
    ///
    /// # Errors
    /// [`Unfit`]: a value of another kind, or a word that is none of the setting's; nothing is changed.
    pub fn set(&mut self, setting: Setting, value: Value) -> Result<(), Unfit> {
        match setting {
            Setting::Name => self.name = value.text()?,
            Setting::Description => self.description = value.text()?,
            Setting::Language => self.language = value.text()?,
            Setting::Persistent => self.persistent = value.flag()?,
            Setting::Public => self.public = value.flag()?,
            Setting::MembersOnly => self.members_only = value.flag()?,
            Setting::Moderated => self.moderated = value.flag()?,
            Setting::Password => self.password = value.secret()?,
            Setting::OccupantsMax => self.occupants_max = value.limit()?,
            Setting::Whois => self.whois = value.word()?,
            Setting::SubjectOpen => self.subject_open = value.flag()?,
            Setting::InvitationsOpen => self.invitations_open = value.flag()?,
            Setting::PrivateMessages => self.private_messages = value.word()?,
            Setting::PresenceBroadcast => self.presence_broadcast = value.roles()?,
            Setting::MemberListReaders => self.member_list_readers = value.roles()?,
            Setting::Logged => self.logged = value.flag()?,
            Setting::HistoryMax => self.history_max = value.number()?,
            Setting::PubsubNode => self.pubsub_node = value.text()?,
            Setting::NickLocked => self.nick_locked = value.flag()?,
            Setting::Registration => self.registration = value.word()?,
        }
        Ok(())
    }

    /// The settings in which two configurations differ.
    pub fn differences(&self, other: &Self) -> impl Iterator<Item = Setting> {
        Setting::ALL
            .into_iter()
            .filter(|setting| self.get(*setting) != other.get(*setting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::Role;
    use crate::room::request::Roles;

    /// Another value of the same kind than the one given.
    fn another(setting: Setting, value: &Value) -> Value {
        match setting.kind() {
            Kind::Flag => Value::Flag(*value == Value::Flag(false)),
            Kind::Text { .. } => Value::Text("another".into()),
            Kind::Secret { .. } => Value::Secret(Some("another".into())),
            Kind::Number { .. } => Value::Number(7),
            Kind::Limit { .. } => Value::Limit(Some(7)),
            Kind::Roles => Value::Roles(Roles::from([Role::Visitor])),
            Kind::Word(names) => {
                let other = names.iter().find(|name| *value != Value::Word(name));
                Value::Word(other.expect("more than one word"))
            }
        }
    }

    #[test]
    fn what_is_set_is_got_and_nothing_else_changes() {
        let default = Configuration::default();
        for setting in Setting::ALL {
            let mut configuration = default.clone();
            let value = another(setting, &default.get(setting));
            configuration.set(setting, value.clone()).unwrap();
            assert_eq!(configuration.get(setting), value, "{}", setting.name());
            assert_eq!(
                configuration.differences(&default).collect::<Vec<_>>(),
                [setting]
            );
        }
    }

    #[test]
    fn no_setting_is_forgotten_and_none_has_two_names() {
        // The last variant closes the enum, so a list with all of them is as long as its number says.
        assert_eq!(Setting::ALL.len(), Setting::Registration as usize + 1);
        for setting in Setting::ALL {
            assert_eq!(Setting::from_name(setting.name()), Some(setting));
        }
        for (number, setting) in Setting::ALL.into_iter().enumerate() {
            assert_eq!(setting as usize, number);
        }
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        let mut configuration = Configuration::default();
        for setting in Setting::ALL {
            for wrong in [
                Value::Word("unheard of"),
                Value::Flag(true),
                Value::Limit(None),
                Value::Number(1),
            ] {
                let fits = matches!(
                    (setting.kind(), &wrong),
                    (Kind::Flag, Value::Flag(_))
                        | (Kind::Limit { .. }, Value::Limit(_))
                        | (Kind::Number { .. }, Value::Number(_))
                );
                let before = configuration.clone();
                if !fits {
                    assert_eq!(configuration.set(setting, wrong), Err(Unfit));
                    assert_eq!(configuration, before);
                }
            }
        }
    }
}
