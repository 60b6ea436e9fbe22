//! A client that others wrote, tokio-xmpp's own, on both servers: it enters, talks, configures,
//! moderates, leaves and comes back.
//!
//! One thing stands between it and the servers. The stanzas of components are in another namespace
//! than those of clients, and which of the two xmpp-parsers speaks is decided for a whole build, by
//! a Cargo feature that the service needs. So a proxy renames that namespace, and nothing else.

use std::time::Duration;

use futures::StreamExt;
use jid::{BareJid, FullJid, Jid};
use tokio::time::timeout;
use tokio_xmpp::connect::DnsConfig;
use tokio_xmpp::xmlstream::Timeouts;
use tokio_xmpp::{Client, Event, IqRequest, IqResponse, Stanza};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::delay::Delay;
use xmpp_parsers::message::{Lang, Message, MessageType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::muc::user::{Affiliation, Item, MucUser, Role, Status};
use xmpp_parsers::muc::{Muc, muc::History};
use xmpp_parsers::ns;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza_error::{DefinedCondition, StanzaError};

use crate::support::proxy::Proxy;
use crate::support::servers::{Ejabberd, Lyceum, Prosody, Server};
use crate::support::session::PASSWORD;

#[tokio::test]
async fn tokio_xmpp_is_at_home_beside_prosody() {
    is_at_home(Prosody::start()).await;
}

#[tokio::test]
async fn tokio_xmpp_is_at_home_beside_ejabberd() {
    is_at_home(Ejabberd::start()).await;
}

async fn is_at_home(server: Server) {
    let _lyceum = Lyceum::start(&server);
    let proxy = Proxy::renaming(server.c2s_port, "jabber:component:accept", "jabber:client");
    let mut ann = Guest::log_in(&server, &proxy, "ann", "Ann").await;
    let mut ben = Guest::log_in(&server, &proxy, "ben", "Ben").await;

    let created = ann.enter().await;
    assert!(
        created.status.contains(&Status::RoomHasBeenCreated),
        "{created:?}"
    );
    configures(&mut ann).await;
    ben_enters_and_is_given_voice(&mut ann, &mut ben).await;
    they_talk(&mut ann, &mut ben).await;
    ann_kicks_and_bans(&mut ann, &mut ben).await;
    ben_leaves_and_comes_back_to_what_was_said(&mut ann, &mut ben).await;

    for guest in [ann, ben] {
        guest
            .client
            .send_end()
            .await
            .expect("the stream can be closed");
    }
}

/// XEP-0045 §10.2 (#roomconfig): fetches the form, changes two fields and returns it.
async fn configures(ann: &mut Guest) {
    let query = format!("<query xmlns='{}'/>", MUC_OWNER);
    let answer = ann
        .ask(IqRequest::Get(element(&query)))
        .await
        .expect("a form");
    let answer = answer.expect("a query");
    let form = answer
        .get_child("x", ns::DATA_FORMS)
        .expect("a form")
        .clone();
    let form = DataForm::try_from(form).expect("a form that can be read");
    assert_eq!(
        form.form_type(),
        Some("http://jabber.org/protocol/muc#roomconfig")
    );
    let fields: Vec<_> = form
        .fields
        .iter()
        .filter_map(|field| field.var.as_deref())
        .collect();
    for wanted in ["muc#roomconfig_roomname", "muc#roomconfig_moderatedroom"] {
        assert!(fields.contains(&wanted), "{fields:?}");
    }
    let fields = vec![
        Field::text_single("muc#roomconfig_roomname", "Salon"),
        Field::text_single("muc#roomconfig_moderatedroom", "1"),
    ];
    let form_type = "http://jabber.org/protocol/muc#roomconfig";
    let form = DataForm::new(DataFormType::Submit, form_type, fields);
    let query = Element::builder("query", MUC_OWNER)
        .append(Element::from(form))
        .build();
    ann.ask(IqRequest::Set(query))
        .await
        .expect("the form is accepted");
    let query = format!("<query xmlns='{}'/>", ns::DISCO_INFO);
    let information = ann
        .ask(IqRequest::Get(element(&query)))
        .await
        .expect("information");
    let information = information.expect("a query");
    let features: Vec<_> = information
        .children()
        .filter_map(|child| child.attr("var"))
        .collect();
    assert!(features.contains(&"muc_moderated"), "{features:?}");
    let identity = information
        .get_child("identity", ns::DISCO_INFO)
        .expect("an identity");
    assert_eq!(identity.attr("name"), Some("Salon"));
}

/// XEP-0045 §8.3 (#grantvoice).
async fn ben_enters_and_is_given_voice(ann: &mut Guest, ben: &mut Guest) {
    let entered = ben.enter().await;
    assert_eq!(entered.items[0].role, Role::Visitor);
    assert_eq!(ann.presence_of("Ben").await.1.items[0].role, Role::Visitor);
    ben.say("May I speak?").await;
    assert_eq!(ben.refusal().await, DefinedCondition::Forbidden);
    ann.administer("nick='Ben' role='participant'").await;
    for guest in [&mut *ann, ben] {
        assert_eq!(
            guest.presence_of("Ben").await.1.items[0].role,
            Role::Participant
        );
    }
}

async fn they_talk(ann: &mut Guest, ben: &mut Guest) {
    for (speaks_first, body) in [
        (true, "Good evening, Ben"),
        (false, "Good evening, Ann & all"),
    ] {
        let nick = if speaks_first {
            ann.say(body).await;
            "Ann"
        } else {
            ben.say(body).await;
            "Ben"
        };
        for hearer in [&mut *ann, &mut *ben] {
            let heard = hearer.message(body).await;
            assert_eq!(heard.from.as_ref(), Some(&hearer.occupant(nick).into()));
        }
    }
    let mut subject = Message::groupchat(Jid::from(ann.room.clone()));
    subject.subjects.insert(Lang::new(), "Evenings".to_owned());
    ann.send(subject).await;
    for guest in [ann, ben] {
        let changed = guest.subject().await;
        assert_eq!(
            changed.subjects.values().next().map(String::as_str),
            Some("Evenings")
        );
    }
}

/// XEP-0045 §8.2 (#kick), §9.1 (#ban).
async fn ann_kicks_and_bans(ann: &mut Guest, ben: &mut Guest) {
    ann.administer("nick='Ben' role='none'").await;
    let (gone, kicked) = ben.presence_of("Ben").await;
    assert_eq!(gone.type_, Type::Unavailable);
    assert!(kicked.status.contains(&Status::Kicked), "{kicked:?}");
    ann.presence_of("Ben").await;
    ben.enter().await;
    ann.presence_of("Ben").await;

    let ban = format!("jid='{}' affiliation='outcast'", ben.jid.to_bare());
    ann.administer(&ban).await;
    let (gone, banned) = ben.presence_of("Ben").await;
    assert_eq!(gone.type_, Type::Unavailable);
    assert!(banned.status.contains(&Status::Banned), "{banned:?}");
    assert_eq!(banned.items[0].affiliation, Affiliation::Outcast);
    ann.presence_of("Ben").await;
    ben.ask_to_enter(None).await;
    assert_eq!(ben.refusal().await, DefinedCondition::Forbidden);

    let pardon = format!("jid='{}' affiliation='member'", ben.jid.to_bare());
    ann.administer(&pardon).await;
    let entered = ben.enter().await;
    let Item {
        affiliation, role, ..
    } = &entered.items[0];
    assert_eq!(
        (affiliation, role),
        // The room is an auditorium, in which only presenters have voice.
        (&Affiliation::Member, &Role::Visitor)
    );
    ann.presence_of("Ben").await;
    ann.administer("nick='Ben' role='participant'").await;
    for guest in [&mut *ben, &mut *ann] {
        let (_, voiced) = guest.presence_of("Ben").await;
        assert_eq!(voiced.items[0].role, Role::Participant);
    }
}

/// XEP-0045 §7.14 (#exit), §7.2.13 (#enter-history).
async fn ben_leaves_and_comes_back_to_what_was_said(ann: &mut Guest, ben: &mut Guest) {
    ben.send(Presence::unavailable().with_to(ben.occupant("Ben")))
        .await;
    for guest in [&mut *ben, &mut *ann] {
        assert_eq!(guest.presence_of("Ben").await.0.type_, Type::Unavailable);
    }
    ann.say("Has he gone?").await;
    ann.message("Has he gone?").await;

    ben.ask_to_enter(Some(History::new().with_maxstanzas(2)))
        .await;
    for body in ["Good evening, Ann & all", "Has he gone?"] {
        let kept = ben.message(body).await;
        let delay = kept
            .payloads
            .iter()
            .find_map(|payload| Delay::try_from(payload.clone()).ok());
        assert!(
            delay.is_some(),
            "history has the time of each message: {kept:?}"
        );
    }
    let subject = ben.subject().await;
    assert_eq!(
        subject.subjects.values().next().map(String::as_str),
        Some("Evenings")
    );
    ann.presence_of("Ben").await;
    ben.say("I am back.").await;
    ann.message("I am back.").await;
}

/// Somebody who uses the library as a program would.
struct Guest {
    client: Client,
    jid: FullJid,
    room: BareJid,
    nick: &'static str,
}

impl Guest {
    async fn log_in(server: &Server, proxy: &Proxy, account: &str, nick: &'static str) -> Self {
        let jid = format!("{}/desk", server.add_user(account, PASSWORD));
        let jid = FullJid::new(&jid).expect("it is a full JID");
        let addr = format!("127.0.0.1:{}", proxy.port);
        let dns = DnsConfig::Addr { addr };
        let client = Client::new_plaintext(jid.clone(), PASSWORD, dns, Timeouts::tight());
        let room = format!("salon@{}", server.component_domain);
        let room = BareJid::new(&room).expect("it is a bare JID");
        let mut guest = Self {
            client,
            jid,
            room,
            nick,
        };
        let event = timeout(PATIENCE, guest.client.next())
            .await
            .expect("it logs in in time");
        assert!(event.is_some_and(|event| event.is_online()));
        guest.send(Presence::available()).await;
        guest
    }

    fn occupant(&self, nick: &str) -> FullJid {
        self.room.with_resource_str(nick).expect("it is a nick")
    }

    async fn send(&mut self, stanza: impl Into<Stanza>) {
        self.client
            .send_stanza(stanza.into())
            .await
            .expect("the stream is open");
    }

    async fn say(&mut self, body: &str) {
        let message = Message::groupchat(Jid::from(self.room.clone()));
        self.send(message.with_body(Lang::new(), body.to_owned()))
            .await;
    }

    async fn ask_to_enter(&mut self, history: Option<History>) {
        let muc = Muc {
            history,
            ..Muc::new()
        };
        let to = self.occupant(self.nick);
        self.send(Presence::available().with_to(to).with_payload(muc))
            .await;
    }

    /// Enters, and gives what the room says of it.
    async fn enter(&mut self) -> MucUser {
        self.ask_to_enter(Some(History::new().with_maxstanzas(0)))
            .await;
        let (presence, user) = self.presence_of(self.nick).await;
        assert_eq!(presence.type_, Type::None, "{presence:?}");
        assert!(user.status.contains(&Status::SelfPresence), "{user:?}");
        self.subject().await;
        user
    }

    /// Asks the room something. The stanzas that come meanwhile wait in the client.
    async fn ask(&mut self, request: IqRequest) -> Result<Option<Element>, StanzaError> {
        let to = Jid::from(self.room.clone());
        let answer = self.client.send_iq(Some(to), request).await;
        let answer = timeout(PATIENCE, answer)
            .await
            .expect("it is answered in time");
        match answer.expect("the stream is open") {
            IqResponse::Result(payload) => Ok(payload),
            IqResponse::Error(error) => Err(error),
        }
    }

    async fn administer(&mut self, item: &str) {
        let query = format!("<query xmlns='{}'><item {item}/></query>", MUC_ADMIN);
        self.ask(IqRequest::Set(element(&query)))
            .await
            .expect("that is allowed");
    }

    /// The next stanza from the room that is chosen.
    async fn next<T>(&mut self, what: &str, choose: impl Fn(Stanza) -> Option<T>) -> T {
        let chosen = timeout(PATIENCE, async {
            loop {
                match self.client.next().await {
                    Some(Event::Stanza(stanza)) => {
                        if let Some(chosen) = choose(stanza) {
                            return chosen;
                        }
                    }
                    Some(Event::Disconnected(error)) => panic!("{error}"),
                    Some(Event::Online { .. }) => {}
                    None => panic!("the stream has ended"),
                }
            }
        });
        chosen
            .await
            .unwrap_or_else(|_| panic!("{} waits for {what}", self.jid))
    }

    /// The next presence of an occupant, with what the room says of him.
    async fn presence_of(&mut self, nick: &str) -> (Presence, MucUser) {
        let from = Jid::from(self.occupant(nick));
        self.next(&format!("presence of {nick}"), move |stanza| {
            let Stanza::Presence(presence) = stanza else {
                return None;
            };
            let user = |payload: &Element| MucUser::try_from(payload.clone()).ok();
            let user = presence.payloads.iter().find_map(user)?;
            (presence.from.as_ref() == Some(&from)).then_some((presence, user))
        })
        .await
    }

    /// The next message to everybody with this body.
    async fn message(&mut self, body: &str) -> Message {
        self.next(body, |stanza| {
            let Stanza::Message(message) = stanza else {
                return None;
            };
            let fits = message.type_ == MessageType::Groupchat
                && message.bodies.values().any(|said| said == body);
            fits.then_some(message)
        })
        .await
    }

    /// The next message that sets the subject.
    async fn subject(&mut self) -> Message {
        self.next("the subject", |stanza| {
            let Stanza::Message(message) = stanza else {
                return None;
            };
            (!message.subjects.is_empty() && message.bodies.is_empty()).then_some(message)
        })
        .await
    }

    /// What is wrong, as the next error says.
    async fn refusal(&mut self) -> DefinedCondition {
        self.next("a refusal", |stanza| {
            let payloads = match stanza {
                Stanza::Message(message) if message.type_ == MessageType::Error => message.payloads,
                Stanza::Presence(presence) if presence.type_ == Type::Error => presence.payloads,
                _ => return None,
            };
            let error = |payload| StanzaError::try_from(payload).ok();
            payloads
                .into_iter()
                .find_map(error)
                .map(|error| error.defined_condition)
        })
        .await
    }
}

fn element(xml: &str) -> Element {
    xml.parse().expect("it is well-formed")
}

const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
const MUC_ADMIN: &str = "http://jabber.org/protocol/muc#admin";

/// How long anything may take. Only what fails takes so long.
const PATIENCE: Duration = Duration::from_secs(20);
