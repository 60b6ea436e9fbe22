//! What the compliance log is told of a request: who came and went, what was said, read and
//! changed.
//!
//! It follows from the effects alone, so whatever brings a change about, it is seen. No match here
//! has a default: a new effect, change or stanza does not compile before it is said whether it is
//! logged.

use jid::{BareJid, FullJid};
use serde_json::{Value, json};

use crate::room::effect::{Leaver, Stanza};
use crate::room::occupying::archive::{ArchiveQuestion, Filter, PageQuestion, With};
use crate::room::setting::addin::AddIns;
use crate::room::setting::configuration::Configuration;
use crate::room::setting::{self, Setting};
use crate::room::{Change, Effect, Nick, Timestamp};
use crate::store::record::compliance::{Event, EventKind};

/// What has happened in a room, by the effects of what somebody asked it.
///
/// `nick` is the asker's, from before if they are no longer inside. Who has come is told first, and
/// last who has gone, by their addresses.
pub(super) fn happened(
    now: Timestamp,
    room: &BareJid,
    asker: &FullJid,
    nick: Option<Nick>,
    effects: &[Effect],
    addins: &AddIns,
) -> Vec<Event> {
    let witness = Witness {
        addins,
        at: now,
        room,
        asker,
        nick,
    };
    let events = effects.iter().flat_map(|effect| witness.of_effect(effect));
    let mut events: Vec<_> = events.collect();
    events.sort_by_cached_key(|event| match event.kind {
        EventKind::Join => (0, None),
        EventKind::Chat | EventKind::Whisper | EventKind::Backchat | EventKind::Administration => {
            (1, None)
        }
        EventKind::Part => (2, event.person.clone()),
    });
    events
}

/// What all events of one request have in common.
struct Witness<'a> {
    at: Timestamp,
    room: &'a BareJid,
    asker: &'a FullJid,
    nick: Option<Nick>,
    /// Those that the pool has.
    addins: &'a AddIns,
}

impl Witness<'_> {
    fn of_effect(&self, effect: &Effect) -> Vec<Event> {
        match effect {
            Effect::Send { stanza, .. } => self.of_stanza(stanza).into_iter().collect(),
            Effect::Save(change) => self.of_change(change),
            Effect::RoleGiven { nick, role, reason } => vec![self.administered(
                &json!({"role": role.name(), "of": nick.as_str(), "reason": reason.as_deref()}),
            )],
            Effect::ModerateMessage(moderated) => vec![self.administered(
                &json!({"took_back": &*moderated.message.0, "reason": moderated.reason.as_deref()}),
            )],
            Effect::SendHistory { limits, .. } => vec![self.event(
                EventKind::Backchat,
                Some(&json!({"on": "entering", "messages_max": limits.messages_max})),
            )],
            Effect::ReadArchive { question, .. } => match &**question {
                ArchiveQuestion::Page(question) => {
                    vec![self.event(EventKind::Backchat, Some(&page(question)))]
                }
                ArchiveQuestion::Form | ArchiveQuestion::Metadata => Vec::new(),
            },
            Effect::Archive { .. }
            | Effect::Retract(_)
            | Effect::Record(_)
            | Effect::ListAffiliations { .. }
            | Effect::Answer(_)
            | Effect::PassOn { .. } => Vec::new(),
        }
    }

    /// What was said; each of it is one effect, however many hear it.
    fn of_stanza(&self, stanza: &Stanza) -> Option<Event> {
        match stanza {
            Stanza::Speech {
                archive_id,
                content,
                is_passing,
                nick: _,
                occupant_id: _,
            } => (!is_passing).then(|| Event {
                message: archive_id.clone(),
                content: Some(content.payload.clone()),
                ..self.event(EventKind::Chat, None)
            }),
            Stanza::Whisper {
                to,
                content,
                nick: _,
                occupant_id: _,
                kind: _,
            } => {
                let said = String::from_utf8_lossy(content.payload.as_bytes());
                let detail = json!({"to": to.as_str(), "content": said});
                Some(self.event(EventKind::Whisper, Some(&detail)))
            }
            Stanza::Presence(_)
            | Stanza::MessageModerated(_)
            | Stanza::Subject(_)
            | Stanza::Notice(_)
            | Stanza::AffiliationNotice { .. }
            | Stanza::AffiliationChanged { .. }
            | Stanza::Invitation(_)
            | Stanza::Decline { .. }
            | Stanza::VoiceRequest { .. }
            | Stanza::RegistrationRequest { .. }
            | Stanza::AccessAnswered { .. } => None,
        }
    }

    fn of_change(&self, change: &Change) -> Vec<Event> {
        let detail = match change {
            Change::Entered(_) => return vec![self.event(EventKind::Join, None)],
            Change::Left(leaver) => return vec![self.parted(leaver)],
            Change::Created { .. } => json!({"created": true}),
            Change::Moved(moved) => {
                json!({"category": &*moved.name, "purged": moved.purged})
            }
            Change::Configured {
                configuration,
                changed,
            } => json!({"configured": self.configured(configuration, changed)}),
            Change::Unlocked => json!({"unlocked": true}),
            Change::Affiliated { jid, entry } => json!({
                "affiliation": entry.as_ref().map_or("none", |entry| entry.affiliation.name()),
                "of": jid.as_str(),
                "reason": entry.as_ref().and_then(|entry| entry.reason.as_deref()),
            }),
            Change::Bound { jid, bond } => match bond.kind().row().logged {
                Some(change) if bond.kind().row().value.is_none() => {
                    json!({change: bond.value().is_some(), "of": jid.as_str()})
                }
                Some(change) => json!({change: bond.value(), "of": jid.as_str()}),
                None => return Vec::new(),
            },
            Change::AvatarChanged(avatar) => {
                json!({"avatar": avatar.as_ref().map(|avatar| &*avatar.hash)})
            }
            Change::Destroyed {
                destruction,
                shown_out,
            } => {
                let detail = json!({
                    "destroyed": true,
                    "reason": destruction.reason.as_deref(),
                    "alternate": destruction.alternate.as_ref().map(jid::Jid::as_str),
                });
                return self.ended(&detail, shown_out);
            }
            Change::Vanished { shown_out } => {
                return self.ended(&json!({"vanished": true}), shown_out);
            }
            // The subject is told as what somebody says.
            Change::SubjectChanged(_) | Change::Present(_) => return Vec::new(),
        };
        vec![self.administered(&detail)]
    }

    /// That the room is no more, and that all who were inside are not.
    fn ended(&self, detail: &Value, shown_out: &[Leaver]) -> Vec<Event> {
        let parted = shown_out.iter().map(|leaver| self.parted(leaver));
        std::iter::once(self.administered(detail))
            .chain(parted)
            .collect()
    }

    /// That a session has left, or was shown out by somebody else.
    fn parted(&self, leaver: &Leaver) -> Event {
        let by = (*leaver.real_jid != *self.asker).then(|| json!({"by": self.asker.as_str()}));
        Event {
            person: Some((*leaver.real_jid).clone().into()),
            nick: Some(leaver.nick.clone()),
            ..self.event(EventKind::Part, by.as_ref())
        }
    }

    /// What is set now that was not so before; a password is told without being told.
    fn configured(&self, configuration: &Configuration, changed: &[Setting]) -> Value {
        let settings = changed.iter().map(|setting| {
            let value = configuration.get(*setting);
            (setting.name().to_owned(), self.told(value))
        });
        Value::Object(settings.collect())
    }

    /// A setting's value as the log has it.
    fn told(&self, value: setting::Value) -> Value {
        match value {
            setting::Value::Flag(flag) => flag.into(),
            setting::Value::Text(text) => (*text).into(),
            setting::Value::Secret(Some(_)) => "set".into(),
            setting::Value::Secret(None) => "taken away".into(),
            setting::Value::Number(number) => number.into(),
            setting::Value::Limit(limit) => limit.into(),
            setting::Value::Word(word) => word.into(),
            setting::Value::Roles(roles) => roles.iter().map(|role| role.name()).collect(),
            setting::Value::AddIn(addin) => {
                let addin = addin.and_then(|addin| self.addins.get(addin));
                addin.map(|addin| &*addin.name).into()
            }
        }
    }

    fn administered(&self, detail: &Value) -> Event {
        self.event(EventKind::Administration, Some(detail))
    }

    fn event(&self, kind: EventKind, detail: Option<&Value>) -> Event {
        Event {
            at: self.at,
            kind,
            room: Some(self.room.clone()),
            person: Some(self.asker.clone().into()),
            nick: self.nick.clone(),
            message: None,
            content: None,
            detail: detail.map(Value::to_string),
        }
    }
}

/// That somebody searched all rooms that they may read.
pub(super) fn search_everywhere(
    now: Timestamp,
    person: &jid::Jid,
    question: &PageQuestion,
) -> Event {
    Event {
        at: now,
        kind: EventKind::Backchat,
        room: None,
        person: Some(person.clone()),
        nick: None,
        message: None,
        content: None,
        detail: Some(page(question).to_string()),
    }
}

/// That the operator changed something, from the command line; `room` is `None` where it is about
/// the service as a whole.
pub(super) fn operated(now: Timestamp, room: Option<&BareJid>, detail: &Value) -> Event {
    Event {
        at: now,
        kind: EventKind::Administration,
        room: room.cloned(),
        person: None,
        nick: None,
        message: None,
        content: None,
        detail: Some(detail.to_string()),
    }
}

/// A question to the archive, as far as it has conditions.
fn page(question: &PageQuestion) -> Value {
    let Filter {
        with,
        start,
        end,
        after_id,
        before_id,
        ids,
        search,
        rooms,
        // Not the asker's: it follows from who they are.
        in_the_open: _,
    } = &question.filter;
    let with = with.as_ref().map(|with| match with {
        With::Address(jid) => jid.as_str(),
        With::Nick(nick) => nick.as_str(),
    });
    let id = |id: &Option<crate::room::ArchiveId>| id.as_ref().map(|id| id.0.to_string());
    let mut conditions = json!({
        "with": with,
        "start": start.map(|at| at.0),
        "end": end.map(|at| at.0),
        "after": id(after_id),
        "before": id(before_id),
        "words": search.as_ref().map(crate::search::Search::to_match),
    });
    if !rooms.is_empty() {
        conditions["rooms"] = rooms.iter().map(|room| room.to_string()).collect();
    }
    if !ids.is_empty() {
        conditions["ids"] = ids.iter().map(|id| id.0.to_string()).collect();
    }
    if let Some(conditions) = conditions.as_object_mut() {
        conditions.retain(|_, value| !value.is_null());
    }
    conditions
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::service::tests::scene::{DATABASE, START, ServiceScene};
    use crate::store;

    /// The hall with Ann and Bob in it, who do something more; gives what was logged.
    fn log_of(lines: &str, act: impl FnOnce(&mut ServiceScene)) -> Vec<Event> {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = ServiceScene::in_folder(folder.path(), lines).with_hall();
        scene.enter("bob");
        scene.told();
        act(&mut scene);
        scene.told();
        between(folder.path(), None, None)
    }

    /// What was logged between two seconds of a scene.
    fn between(folder: &Path, from: Option<i64>, to: Option<i64>) -> Vec<Event> {
        let at = |second: i64| START.plus_seconds(second).at;
        let path = folder.join(DATABASE);
        let mut events = Vec::new();
        store::record::compliance::read(&path, from.map(at), to.map(at), |event| {
            events.push(event);
            Ok::<(), store::Error>(())
        })
        .unwrap();
        events
    }

    fn told(event: &Event) -> String {
        let person = event
            .person
            .as_ref()
            .and_then(|person| person.node().map(|node| node.to_string()));
        let content = event.content.as_ref();
        let content =
            content.map(|content| String::from_utf8_lossy(content.as_bytes()).into_owned());
        format!(
            "{} {} {}{}",
            event.kind.name(),
            person.unwrap_or_default(),
            content.unwrap_or_default(),
            event.detail.as_deref().unwrap_or_default()
        )
    }

    #[test]
    fn nothing_is_logged_unless_it_is_switched_on() {
        assert_eq!(log_of("", |scene| scene.say("bob", "Hi")), []);
    }

    #[test]
    fn coming_speaking_reading_ruling_and_going_are_logged() {
        let events = log_of("compliance = true", |scene| {
            scene.say("bob", "Hi");
            scene.receive(
                "<message from='BOB' to='HALL' type='groupchat'>\
                 <composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
            );
            scene.receive(
                "<message from='BOB' to='HALL/Ann' type='chat'><body>Psst</body></message>",
            );
            scene.receive(
                "<iq from='ANN' to='HALL' type='set' id='2'><query xmlns='MUC#admin'>\
                 <item jid='bob@example.org' affiliation='outcast'><reason>Treason</reason></item>\
                 </query></iq>",
            );
            scene.leave("ann");
        });
        let lines: Vec<_> = events.iter().map(told).collect();
        let expected = [
            "join ann ",
            r#"administration ann {"affiliation":"owner","of":"ann@example.org","reason":null}"#,
            r#"administration ann {"unlocked":true}"#,
            "join bob ",
            "chat bob <body>Hi</body>",
            r#"administration ann {"affiliation":"outcast","of":"bob@example.org","reason":"Treason"}"#,
            r#"part bob {"by":"ann@example.org/a"}"#,
            "part ann ",
        ];
        for line in expected {
            assert!(
                lines.iter().any(|found| found == line),
                "{line} is not among {lines:#?}"
            );
        }
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with("whisper bob ") && line.contains("Psst"))
        );
        assert!(
            lines.iter().any(|line| line.starts_with("backchat bob ")),
            "entering shows history"
        );
        assert!(
            !lines.iter().any(|line| line.contains("composing")),
            "{lines:#?}"
        );
        let chat = events
            .iter()
            .find(|event| event.kind == EventKind::Chat)
            .unwrap();
        assert!(chat.message.is_some() && chat.nick.as_ref().unwrap().as_str() == "Bob");
    }

    #[test]
    fn a_role_is_logged_even_if_it_changes_nothing_and_a_setting_only_if_it_changes() {
        let form = "<iq from='ANN' to='HALL' type='set' id='3'><query xmlns='MUC#owner'>\
            <x xmlns='jabber:x:data' type='submit'>\
            <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
            <field var='muc#roomconfig_roomname'><value>Heath</value></field>\
            <field var='muc#roomconfig_moderatedroom'><value>0</value></field></x></query></iq>";
        let events = log_of("compliance = true", |scene| {
            scene.receive(
                "<iq from='ANN' to='HALL' type='set' id='2'><query xmlns='MUC#admin'>\
                 <item nick='Bob' role='participant'/></query></iq>",
            );
            scene.receive(form);
            scene.receive(form);
        });
        let lines: Vec<_> = events.iter().rev().take(2).map(told).collect();
        assert_eq!(
            lines,
            [
                r#"administration ann {"configured":{"name":"Heath"}}"#,
                r#"administration ann {"of":"Bob","reason":null,"role":"participant"}"#,
            ]
        );
    }

    #[test]
    fn a_range_of_times_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = ServiceScene::in_folder(folder.path(), "compliance = true").with_hall();
        for second in 10..13 {
            scene.at(second);
            scene.say("ann", &second.to_string());
        }
        scene.told();
        let events = between(folder.path(), Some(11), Some(12));
        let lines: Vec<_> = events.iter().map(told).collect();
        assert_eq!(lines, ["chat ann <body>11</body>"]);
    }

    #[test]
    fn a_room_that_is_destroyed_leaves_its_log() {
        let events = log_of("compliance = true", |scene| {
            scene.receive(
                "<iq from='ANN' to='HALL' type='set' id='3'>\
                 <query xmlns='MUC#owner'><destroy/></query></iq>",
            );
        });
        let lines: Vec<_> = events.iter().map(told).collect();
        let parts = lines
            .iter()
            .filter(|line| line.starts_with("part "))
            .count();
        assert_eq!(parts, 2, "{lines:#?}");
        assert!(
            lines.iter().any(|line| line.contains("destroyed")),
            "{lines:#?}"
        );
    }
}
