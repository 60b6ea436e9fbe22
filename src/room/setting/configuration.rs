//! What an owner can set, a row each. What a change brings about is in `configure.rs`.

use std::sync::Arc;

use super::addin::AddInId;
pub use super::word::{InvitationPolicy, PrivateMessages, RegistrationPolicy, Whois};
use super::{Kind, Unfit, Value, Word};
use crate::room::Role;
use crate::room::role::Roles;

/// Makes the catalogue of rows: the variant of [`Setting`], the field of [`Configuration`] (whose
/// name is the setting's one name everywhere), its type and what it is out of the box, how it is
/// taken from a [`Value`], and its [`Kind`].
macro_rules! catalogue {
    ($(
        $(#[$doc:meta])*
        $variant:ident, $field:ident: $type:ty = $default:expr, $take:ident, $kind:expr;
    )*) => {
        /// One thing that an owner can set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Setting {
            $($(#[$doc])* $variant,)*
        }

        impl Setting {
            /// Every setting, in the order of the columns in the database.
            pub const ALL: [Self; [$(Self::$variant),*].len()] = [$(Self::$variant),*];

            /// The names, in the order of [`Self::ALL`].
            pub const NAMES: [&'static str; Self::ALL.len()] = [$(stringify!($field)),*];

            /// The one name of it: key in the configuration file, column in the database, field in
            /// exports and logs.
            pub const fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// Which values it can have.
            pub const fn kind(self) -> Kind {
                match self {
                    $(Self::$variant => $kind,)*
                }
            }
        }

        /// Everything an owner can set, as it is for one room.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Configuration {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Default for Configuration {
            /// What a new room has out of the box: persistent, open, normal, non-anonymous.
            fn default() -> Self {
                Self {
                    $($field: $default,)*
                }
            }
        }

        impl Configuration {
            /// The value of a setting.
            pub fn get(&self, setting: Setting) -> Value {
                match setting {
                    $(Setting::$variant => Clone::clone(&self.$field).into(),)*
                }
            }

            /// Gives a setting a value.
            ///
            /// # Errors
            /// [`Unfit`]: a value of another kind, or a word that is none of the setting's; nothing
            /// is changed.
            pub fn set(&mut self, setting: Setting, value: Value) -> Result<(), Unfit> {
                match setting {
                    $(Setting::$variant => self.$field = value.$take()?,)*
                }
                Ok(())
            }
        }
    };
}

catalogue! {
    /// The name shown to people; empty: the room's address stands for it.
    Name, name: Arc<str> = "".into(), text, Kind::Text { characters_max: 256 };
    /// What the room is for.
    Description, description: Arc<str> = "".into(), text, Kind::Text { characters_max: 1000 };
    /// A language tag (RFC 5646); empty: unsaid.
    Language, language: Arc<str> = "".into(), text, Kind::Text { characters_max: 35 };
    /// Whether the room stays when everybody has left.
    Persistent, persistent: bool = true, flag, Kind::Flag;
    /// Whether the room is listed.
    Public, public: bool = true, flag, Kind::Flag;
    /// Whether only members may enter.
    MembersOnly, members_only: bool = false, flag, Kind::Flag;
    /// Whether those without affiliation have no voice until they are given it.
    Moderated, moderated: bool = false, flag, Kind::Flag;
    /// The password that is needed to enter, if one is.
    Password, password: Option<Arc<str>> = None, secret, Kind::Secret { characters_max: 256 };
    /// Maximum number of occupants.
    OccupantsMax, occupants_max: Option<u32> = None, limit,
        Kind::Limit { max: 1_000_000, unit: "occupants" };
    /// Maximum number of occupants whose presence is all told to all.
    ParticipantUpdatesMax, participant_updates_max: Option<u32> = Some(75), limit,
        Kind::Limit { max: 1_000_000, unit: "occupants" };
    /// Who sees real JIDs.
    Whois, whois: Whois = Whois::Anyone, word, Kind::Word(Whois::NAMES);
    /// Whether participants may change the subject.
    SubjectOpen, subject_open: bool = false, flag, Kind::Flag;
    /// Whether members may invite into a members-only room, and everybody into another.
    InvitationsOpen, invitations_open: bool = true, flag, Kind::Flag;
    /// Who may send private messages.
    PrivateMessages, private_messages: PrivateMessages = PrivateMessages::Anyone, word,
        Kind::Word(PrivateMessages::NAMES);
    /// The roles whose presence the others are shown.
    PresenceBroadcast, presence_broadcast: Roles =
        Roles::from([Role::Visitor, Role::Participant, Role::Moderator]), roles, Kind::Roles;
    /// The roles that may read the member list; admins always may.
    MemberListReaders, member_list_readers: Roles =
        Roles::from([Role::Participant, Role::Moderator]), roles, Kind::Roles;
    /// Whether the archive is public; brings status 170.
    Logged, logged: bool = false, flag, Kind::Flag;
    /// Maximum number of messages that are sent on entering.
    HistoryMax, history_max: u32 = 20, number, Kind::Number { unit: "messages" };
    /// The XMPP URI of the room's pubsub node; empty: none.
    PubsubNode, pubsub_node: Arc<str> = "".into(), text, Kind::Text { characters_max: 1000 };
    /// Whether a nick that is registered is the only one its owner may use. XEP-0045 §7.10
    /// (#register).
    NickLocked, nick_locked: bool = false, flag, Kind::Flag;
    /// Who may register. XEP-0045 §7.10 (#register).
    Registration, registration: RegistrationPolicy = RegistrationPolicy::Closed, word,
        Kind::Word(RegistrationPolicy::NAMES);
    /// Whether people invite others at all.
    Invitations, invitations: InvitationPolicy = InvitationPolicy::Inherit, word,
        Kind::Word(InvitationPolicy::NAMES);
    /// Whether nobody may be inside, and nothing of the room is seen; all of it is kept.
    Disabled, disabled: bool = false, flag, Kind::Flag;
    /// Why, for those who are shown out, and who come; empty in a room that is not disabled.
    DisabledReason, disabled_reason: Arc<str> = "".into(), text,
        Kind::Text { characters_max: 1000 };
    /// The web page that clients show beside the room.
    AddIn, addin: Option<AddInId> = None, addin, Kind::AddIn;
}

impl Setting {
    /// The setting of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// This setting with a value.
    pub fn to(self, value: impl Into<Value>) -> super::Assignment {
        super::Assignment::Set(self, value.into())
    }
}

impl Configuration {
    /// The settings in which two configurations differ.
    pub fn differences(&self, other: &Self) -> impl Iterator<Item = Setting> {
        Setting::ALL
            .into_iter()
            .filter(|setting| self.get(*setting) != other.get(*setting))
    }
}
