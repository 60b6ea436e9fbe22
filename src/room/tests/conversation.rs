//! Random conversations: small deeds of a few persons, as numbers and words, so that a shrunken
//! case can be read.

use crate::room::setting::{Assignment, Setting, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jid::Jid;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::about::{self, About, Origin, an_about, an_origin};
use super::cast::{NICKS, PERSONS, bare, entry, nick, speech, terms_with};
use crate::room::effect::Inviter;
use crate::room::request::{
    AffiliationTarget, Appearance, Avatar, Entry, HistoryRequest, Invite, Keep, Moderation,
    QueryTarget, VoiceAnswer, Whisper, WhisperKind,
};
use crate::room::setting::configuration::{PrivateMessages, RegistrationPolicy, Whois};
use crate::room::{Action, Affiliation, Content, Payload, Role};

/// One deed of one client of one person.
#[derive(Clone)]
pub struct Step {
    pub person: usize,
    pub client: usize,
    pub deed: Deed,
}

impl fmt::Debug for Step {
    /// One line, even where a failing case is printed at large.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = PERSONS[self.person];
        write!(formatter, "{name}/{}: {:?}", self.client, self.deed)
    }
}

/// What a client may do.
#[derive(Clone, Debug)]
pub enum Deed {
    Enter(&'static str, Option<&'static str>),
    Appear(&'static str, &'static str),
    Exit,
    Lost,
    Say,
    /// Something about another message.
    About(About, Option<Origin>),
    Subject(&'static str),
    Whisper(&'static str),
    Invite(Vec<&'static str>),
    Decline(&'static str),
    RequestVoice,
    AnswerVoice(&'static str, VoiceAnswer),
    Ask(Question),
    ListRole(Role),
    ListAffiliation(Affiliation),
    Moderate(Vec<Item>),
    Configure(Vec<Assignment>),
    CancelConfiguration,
    Destroy,
    Register(&'static str),
    Unregister,
    AnswerRegistration(&'static str, &'static str, bool),
    Ping(&'static str),
    Query(&'static str),
    SetAvatar(bool),
    ModerateMessage(Option<Origin>),
    /// The service has other operators, these persons.
    Govern(Vec<usize>),
    Expire,
}

/// What changes nothing.
#[derive(Clone, Copy, Debug)]
pub enum Question {
    Configuration,
    Registration,
    ReservedNick,
    Information,
    Occupants,
    Avatar,
}

/// One change of a list.
#[derive(Clone, Debug)]
pub enum Item {
    Role(&'static str, Role),
    OfJid(&'static str, Affiliation, Option<Option<&'static str>>),
    OfNick(&'static str, Affiliation),
}

/// The right password of every room that has one, and a wrong one.
pub const PASSWORD: &str = "right";

pub fn conversation(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let first = |deed| Step {
        person: 0,
        client: 0,
        deed,
    };
    let opening = vec![
        first(Deed::Enter("Ann", None)),
        first(Deed::Configure(Vec::new())),
    ];
    (proptest::bool::weighted(0.9), vec(step(), length)).prop_map(move |(opened, steps)| {
        let opening = if opened { opening.clone() } else { Vec::new() };
        opening.into_iter().chain(steps).collect()
    })
}

/// Owners, and who was one, do the deeds that only they may do; everybody does everything
/// sometimes.
fn step() -> impl Strategy<Value = Step> {
    let anybody = || 0..PERSONS.len();
    let ruler = prop_oneof![6 => Just(0), 2 => Just(5), 2 => anybody()];
    let client = || prop_oneof![5 => Just(0_usize), 3 => Just(1), 2 => Just(2)];
    let own_nick = proptest::bool::weighted(0.7);
    let everyday = (anybody(), client(), everyday_deed(), own_nick);
    let everyday = everyday.prop_map(|(person, client, deed, own_nick)| Step {
        person,
        client,
        deed: if own_nick {
            deed.under_own_nick(person)
        } else {
            deed
        },
    });
    let ruling = (ruler, client(), ruling_deed()).prop_map(|(person, client, deed)| Step {
        person,
        client,
        deed,
    });
    prop_oneof![6 => everyday.boxed(), 4 => ruling.boxed()]
}

fn everyday_deed() -> impl Strategy<Value = Deed> {
    let password = select(vec![None, Some(PASSWORD), Some(PASSWORD), Some("wrong")]);
    let shows = select(vec!["", "<show>away</show>", "<show>dnd</show>"]);
    prop_oneof![
        40 => (a_nick(), password).prop_map(|(nick, password)| Deed::Enter(nick, password)),
        14 => (a_nick(), shows).prop_map(|(nick, shows)| Deed::Appear(nick, shows)),
        5 => Just(Deed::Exit),
        2 => Just(Deed::Lost),
        4 => Just(Deed::Say),
        6 => (an_about(), an_origin()).prop_map(|(about, origin)| Deed::About(about, origin)),
        4 => select(vec!["", "tea", "coffee"]).prop_map(Deed::Subject),
        2 => a_nick().prop_map(Deed::Whisper),
        3 => vec(a_jid(), 1..3).prop_map(Deed::Invite),
        2 => a_nick().prop_map(Deed::Decline),
        3 => Just(Deed::RequestVoice),
        2 => a_question().prop_map(Deed::Ask),
        1 => select(&Role::ALL[..]).prop_map(Deed::ListRole),
        1 => select(&Affiliation::ALL[..]).prop_map(Deed::ListAffiliation),
        3 => a_nick().prop_map(Deed::Register),
        1 => Just(Deed::Unregister),
        1 => a_nick().prop_map(Deed::Ping),
        1 => a_nick().prop_map(Deed::Query),
        3 => vec(0..PERSONS.len(), 0..3).prop_map(Deed::Govern),
        1 => Just(Deed::Expire),
    ]
}

fn ruling_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        12 => vec(a_role_change(), 1..4).prop_map(Deed::Moderate),
        12 => vec(an_affiliation_change(), 1..4).prop_map(Deed::Moderate),
        1 => (a_role_change(), an_affiliation_change())
            .prop_map(|(role, affiliation)| Deed::Moderate(vec![role, affiliation])),
        16 => vec(a_setting(), 0..4).prop_map(Deed::Configure),
        4 => (a_nick(), an_answer()).prop_map(|(nick, answer)| Deed::AnswerVoice(nick, answer)),
        3 => (a_jid(), a_nick(), any::<bool>())
            .prop_map(|(jid, nick, granted)| Deed::AnswerRegistration(jid, nick, granted)),
        1 => Just(Deed::CancelConfiguration),
        1 => Just(Deed::Destroy),
        1 => any::<bool>().prop_map(Deed::SetAvatar),
        4 => an_origin().prop_map(Deed::ModerateMessage),
    ]
}

fn a_nick() -> impl Strategy<Value = &'static str> {
    select(&NICKS[..])
}

fn a_jid() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => select(&PERSONS[..]), 2 => select(vec!["a.example", "b.example", "c.example"])]
}

fn a_question() -> impl Strategy<Value = Question> {
    select(vec![
        Question::Configuration,
        Question::Registration,
        Question::ReservedNick,
        Question::Information,
        Question::Occupants,
        Question::Avatar,
    ])
}

fn a_role_change() -> impl Strategy<Value = Item> {
    (a_nick(), select(&Role::ALL[..])).prop_map(|(nick, role)| Item::Role(nick, role))
}

fn an_answer() -> impl Strategy<Value = VoiceAnswer> {
    select(vec![
        VoiceAnswer::Denied,
        VoiceAnswer::ForThisVisit,
        VoiceAnswer::ForGood,
    ])
}

fn an_affiliation_change() -> impl Strategy<Value = Item> {
    let reserve = prop_oneof![
        8 => Just(None),
        1 => Just(Some(None)),
        1 => a_nick().prop_map(|nick| Some(Some(nick))),
    ];
    prop_oneof![
        3 => (a_jid(), select(&Affiliation::ALL[..]), reserve)
            .prop_map(|(jid, affiliation, reserve)| Item::OfJid(jid, affiliation, reserve)),
        1 => (a_nick(), select(&Affiliation::ALL[..]))
            .prop_map(|(nick, affiliation)| Item::OfNick(nick, affiliation)),
    ]
}

fn a_setting() -> impl Strategy<Value = Assignment> {
    let roles = || proptest::collection::btree_set(select(&Role::ALL[1..]), 0..4);
    let jids = || {
        proptest::collection::btree_set(0..PERSONS.len(), 0..4)
            .prop_map(|persons| persons.into_iter().map(bare).collect::<BTreeSet<_>>())
    };
    let whois = select(vec![Whois::Anyone, Whois::Moderators]);
    let private = select(vec![
        PrivateMessages::Anyone,
        PrivateMessages::Participants,
        PrivateMessages::Moderators,
        PrivateMessages::None,
    ]);
    let registration = select(vec![
        RegistrationPolicy::Open,
        RegistrationPolicy::Approval,
        RegistrationPolicy::Closed,
    ]);
    prop_oneof![
        4 => roles().prop_map(|value| Setting::PresenceBroadcast.to(value)),
        4 => whois.prop_map(|value| Setting::Whois.to(value)),
        4 => any::<bool>().prop_map(|value| Setting::Moderated.to(value)),
        4 => any::<bool>().prop_map(|value| Setting::MembersOnly.to(value)),
        2 => (jids(), proptest::bool::weighted(0.9)).prop_map(|(mut owners, ann)| {
            owners.extend(ann.then(|| bare(0)));
            Assignment::Owners(owners)
        }),
        2 => jids().prop_map(Assignment::Admins),
        3 => jids().prop_map(Assignment::Presenters),
        4 => select(vec![None, Some(1), Some(2), Some(3), Some(5)])
            .prop_map(|most: Option<u32>| Setting::ParticipantUpdatesMax.to(most)),
        1 => any::<bool>().prop_map(|value| Setting::Persistent.to(value)),
        1 => any::<bool>().prop_map(|value| Setting::Public.to(value)),
        1 => any::<bool>().prop_map(Assignment::PasswordProtected),
        1 => select(vec!["", PASSWORD]).prop_map(|secret| Setting::Password.to(Value::Secret(Some(secret.into())))),
        1 => (0..5_u32).prop_map(|max| Setting::OccupantsMax.to(Some(max))),
        1 => Just(Setting::OccupantsMax.to(None::<u32>)),
        1 => any::<bool>().prop_map(|value| Setting::SubjectOpen.to(value)),
        1 => any::<bool>().prop_map(|value| Setting::InvitationsOpen.to(value)),
        1 => private.prop_map(|value| Setting::PrivateMessages.to(value)),
        1 => roles().prop_map(|value| Setting::MemberListReaders.to(value)),
        1 => any::<bool>().prop_map(|value| Setting::Logged.to(value)),
        1 => (0..60_u32).prop_map(|value| Setting::HistoryMax.to(value)),
        1 => any::<bool>().prop_map(|value| Setting::NickLocked.to(value)),
        1 => registration.prop_map(|value| Setting::Registration.to(value)),
        1 => Just(Setting::Name.to("Tea room")),
        1 => Just(Setting::Description.to("For tea")),
        1 => Just(Setting::Language.to("en")),
        1 => Just(Setting::PubsubNode.to("xmpp:pubsub.a.example?node=tea")),
    ]
}

impl Deed {
    /// Most people keep to a nick of their own.
    fn under_own_nick(self, person: usize) -> Self {
        let own = ["Ann", "Bea", "Cid", "Dan", "Eve", "Root"][person];
        match self {
            Self::Enter(_, password) => Self::Enter(own, password),
            Self::Appear(_, shows) => Self::Appear(own, shows),
            Self::Register(_) => Self::Register(own),
            other => other,
        }
    }

    /// Whether it is an IQ, which must be answered.
    pub fn is_iq(&self) -> bool {
        match self {
            Self::Enter(..)
            | Self::Appear(..)
            | Self::Exit
            | Self::Lost
            | Self::Say
            | Self::About(..)
            | Self::Subject(_)
            | Self::Whisper(_)
            | Self::Invite(_)
            | Self::Decline(_)
            | Self::RequestVoice
            | Self::AnswerVoice(..)
            | Self::AnswerRegistration(..)
            | Self::Govern(_)
            | Self::Expire => false,
            Self::Ask(_)
            | Self::ListRole(_)
            | Self::ListAffiliation(_)
            | Self::Moderate(_)
            | Self::Configure(_)
            | Self::CancelConfiguration
            | Self::Destroy
            | Self::Register(_)
            | Self::Unregister
            | Self::Ping(_)
            | Self::Query(_)
            | Self::SetAvatar(_)
            | Self::ModerateMessage(_) => true,
        }
    }

    /// The request that this deed is; `number` is different for each, so that ids are.
    pub fn action(&self, number: usize) -> Action {
        let id = number.to_string();
        match self {
            Self::Enter(wanted, password) => Action::Enter(Box::new(Entry {
                password: password.map(Arc::from),
                history: HistoryRequest::default(),
                ..entry(wanted)
            })),
            Self::Appear(to, shows) => Action::Appear(Box::new(Appearance {
                nick: nick(to),
                id: Some("appear".into()),
                payload: Payload::new(shows.as_bytes()),
            })),
            Self::Exit => Action::Exit {
                id: Some("exit".into()),
                payload: Payload::new(b"<status>bye</status>"),
            },
            Self::Lost => Action::Lost,
            Self::Say => Action::Say(Box::new(speech(&id, Keep::Archived))),
            Self::About(about, origin) => about.action(&id, *origin),
            Self::ModerateMessage(origin) => about::moderate(*origin),
            Self::Subject(text) => Action::ChangeSubject {
                speech: Box::new(speech(&id, Keep::Archived)),
                text: (*text).into(),
            },
            Self::Whisper(to) => Action::Whisper(Box::new(Whisper {
                to: nick(to),
                kind: WhisperKind::Chat,
                content: Content {
                    id: id.into(),
                    language: None,
                    payload: Payload::empty(),
                },
            })),
            Self::Invite(jids) => Action::Invite(jids.iter().map(|jid| invite(jid)).collect()),
            Self::Decline(to) => Action::Decline {
                to: Inviter::Nick(nick(to)),
                reason: None,
            },
            Self::RequestVoice => Action::RequestVoice,
            Self::AnswerVoice(about, answer) => Action::AnswerVoiceRequest {
                nick: nick(about),
                answer: *answer,
            },
            Self::Ask(question) => question.action(),
            Self::ListRole(role) => Action::ListRole(*role),
            Self::ListAffiliation(affiliation) => Action::ListAffiliation(*affiliation),
            Self::Moderate(items) => Action::Moderate(items.iter().map(Item::moderation).collect()),
            Self::Configure(settings) => Action::Configure(settings.clone()),
            Self::CancelConfiguration => Action::CancelConfiguration,
            Self::Destroy => Action::Destroy {
                alternate: None,
                password: None,
                reason: Some("enough".into()),
            },
            Self::Register(wanted) => Action::Register { nick: nick(wanted) },
            Self::Unregister => Action::Unregister,
            Self::AnswerRegistration(jid, wanted, granted) => Action::AnswerRegistration {
                jid: jid.parse().unwrap(),
                nick: nick(wanted),
                granted: *granted,
                reason: None,
            },
            Self::Ping(to) => Action::Ping { to: nick(to) },
            Self::Query(to) => Action::Query {
                to: nick(to),
                target: QueryTarget::Client,
            },
            Self::SetAvatar(some) => Action::SetAvatar {
                avatar: some.then(picture),
            },
            Self::Govern(operators) => Action::Govern(terms_with(operators)),
            Self::Expire => Action::Expire,
        }
    }
}

impl Question {
    fn action(self) -> Action {
        match self {
            Self::Configuration => Action::ShowConfiguration,
            Self::Registration => Action::ShowRegistration,
            Self::ReservedNick => Action::ShowReservedNick,
            Self::Information => Action::ShowInformation,
            Self::Occupants => Action::ShowOccupants,
            Self::Avatar => Action::ShowAvatar,
        }
    }
}

impl Item {
    fn moderation(&self) -> Moderation {
        let reason = Some("so be it".into());
        match self {
            Self::Role(of, role) => Moderation::Role {
                nick: nick(of),
                role: *role,
                reason,
            },
            Self::OfJid(jid, affiliation, reserve) => Moderation::Affiliation {
                target: AffiliationTarget::Jid(jid.parse().unwrap()),
                affiliation: *affiliation,
                reserve: reserve.map(|wanted| wanted.map(nick)),
                reason,
            },
            Self::OfNick(of, affiliation) => Moderation::Affiliation {
                target: AffiliationTarget::Nick(nick(of)),
                affiliation: *affiliation,
                reserve: None,
                reason,
            },
        }
    }
}

fn picture() -> Avatar {
    Avatar {
        vcard: Payload::new(b"<vCard/>"),
        hash: "cafe".into(),
    }
}

fn invite(jid: &str) -> Invite {
    Invite {
        to: Jid::new(jid).unwrap(),
        reason: None,
        continuation: None,
    }
}
