//! What the compliance log is told of a request: who came and went, what was said, read and
//! changed.
//!
//! The room is not asked to help. A [`Witness`] looks at it before and after, and at the effects;
//! so whatever brings a change about, it is seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid};
use serde_json::{Value, json};

use crate::room::effect::Stanza;
use crate::room::occupying::archive::{ArchiveQuestion, Filter, PageQuestion, With};
use crate::room::request::{Keep, Moderation};
use crate::room::setting;
use crate::room::setting::configuration::Configuration;
use crate::room::{Action, Change, Effect, Nick, Room, Timestamp};
use crate::store::record::compliance::{Event, EventKind};

/// What was seen before a request was carried out.
pub(super) struct Witness {
    from: Arc<FullJid>,
    nick: Option<Nick>,
    /// Those inside whom the request may concern, with their nicks.
    inside: BTreeSet<(Arc<FullJid>, Nick)>,
    configuration: Option<Configuration>,
    /// What only the request tells.
    told: Vec<(EventKind, Value)>,
    /// Whether nothing is said that anybody would have to prove: somebody is typing.
    is_momentary: bool,
}

impl Witness {
    /// Looks at a room, and at what it is asked.
    pub fn before(room: Option<&Room>, from: &Arc<FullJid>, action: &Action) -> Self {
        let occupant = room.and_then(|room| room.occupants().by_session(from));
        let momentary = |speech: &crate::room::request::Speech| {
            speech.keep == Keep::Ephemeral && speech.text.is_empty()
        };
        Self {
            from: from.clone(),
            nick: occupant.map(|occupant| occupant.nick().clone()),
            inside: room.map_or_else(BTreeSet::new, |room| concerned(room, from, action)),
            configuration: match action {
                Action::Configure(_) => room.map(|room| room.snapshot().configuration),
                _ => None,
            },
            told: told_by(action),
            is_momentary: matches!(action, Action::Say(speech) if momentary(speech)),
        }
    }

    /// What has happened. `room` is as it is then.
    pub fn after(
        self,
        now: Timestamp,
        jid: &BareJid,
        room: &Room,
        effects: &[Effect],
    ) -> Vec<Event> {
        let nick = room.occupants().by_session(&self.from);
        let nick = nick
            .map(|occupant| occupant.nick().clone())
            .or(self.nick.clone());
        let event = |kind, detail: Option<Value>| Event {
            at: now,
            kind,
            room: Some(jid.clone()),
            person: Some((*self.from).clone().into()),
            nick: nick.clone(),
            message: None,
            content: None,
            detail: detail.map(|detail| detail.to_string()),
        };
        let mut events = Vec::new();
        let was_inside = self.inside.iter().any(|(session, _)| *session == self.from);
        if !was_inside && room.occupants().by_session(&self.from).is_some() {
            events.push(event(EventKind::Join, None));
        }
        for (kind, detail) in &self.told {
            events.push(event(*kind, Some(detail.clone())));
        }
        for effect in effects {
            match effect {
                Effect::Send { stanza, .. } => {
                    events.extend(self.heard(stanza, &event));
                }
                other => {
                    let seen = seen(other, self.configuration.as_ref());
                    events.extend(seen.map(|(kind, detail)| event(kind, Some(detail))));
                }
            }
        }
        for (session, nick) in &self.inside {
            if room.occupants().by_session(session).is_none() {
                let by = (*session != self.from).then(|| json!({"by": self.from.as_str()}));
                events.push(Event {
                    person: Some((**session).clone().into()),
                    nick: Some(nick.clone()),
                    ..event(EventKind::Part, by)
                });
            }
        }
        events
    }

    /// What was said to all, once; what is whispered goes to several sessions, and is told by the
    /// request.
    fn heard(
        &self,
        stanza: &Stanza,
        event: &dyn Fn(EventKind, Option<Value>) -> Event,
    ) -> Option<Event> {
        let Stanza::Speech {
            archive_id,
            content,
            ..
        } = stanza
        else {
            return None;
        };
        (!self.is_momentary).then(|| Event {
            message: archive_id.clone(),
            content: Some(content.payload.clone()),
            ..event(EventKind::Chat, None)
        })
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

/// That the operator changed something, from the command line.
pub(super) fn operated(now: Timestamp, room: &BareJid, detail: &Value) -> Event {
    Event {
        at: now,
        kind: EventKind::Administration,
        room: Some(room.clone()),
        person: None,
        nick: None,
        message: None,
        content: None,
        detail: Some(detail.to_string()),
    }
}

/// Those inside who may not be when the request has been carried out, and who asks.
fn concerned(room: &Room, from: &Arc<FullJid>, action: &Action) -> BTreeSet<(Arc<FullJid>, Nick)> {
    let of = |session: &Arc<FullJid>| {
        let occupant = room.occupants().by_session(session)?;
        Some((session.clone(), occupant.nick().clone()))
    };
    let may_remove_others = matches!(
        action,
        Action::Moderate(_)
            | Action::Configure(_)
            | Action::CancelConfiguration
            | Action::Destroy { .. }
            | Action::Unregister
            | Action::AnswerRegistration { .. }
            | Action::Govern(_)
            | Action::Expire
    );
    if may_remove_others {
        room.occupants().sessions().filter_map(of).collect()
    } else {
        of(from).into_iter().collect()
    }
}

/// What only the request tells: the effects show it to too many, or not at all.
fn told_by(action: &Action) -> Vec<(EventKind, Value)> {
    match action {
        Action::Whisper(whisper) => vec![(
            EventKind::Whisper,
            json!({
                "to": whisper.to.as_str(),
                "content": String::from_utf8_lossy(whisper.content.payload.as_bytes()),
            }),
        )],
        Action::Moderate(items) => items.iter().filter_map(role_changed).collect(),
        _ => Vec::new(),
    }
}

fn role_changed(item: &Moderation) -> Option<(EventKind, Value)> {
    let Moderation::Role { nick, role, reason } = item else {
        return None;
    };
    let change = json!({"role": role.name(), "of": nick.as_str(), "reason": reason.as_deref()});
    Some((EventKind::Administration, change))
}

/// What an effect is to the log; `before` is the configuration that was.
fn seen(effect: &Effect, before: Option<&Configuration>) -> Option<(EventKind, Value)> {
    match effect {
        Effect::SendHistory { limits, .. } => Some((
            EventKind::Backchat,
            json!({"on": "entering", "messages_max": limits.messages_max}),
        )),
        Effect::ReadArchive { question, .. } => match &**question {
            ArchiveQuestion::Page(question) => Some((EventKind::Backchat, page(question))),
            ArchiveQuestion::Form | ArchiveQuestion::Metadata => None,
        },
        Effect::Save(change) => {
            changed(change, before).map(|detail| (EventKind::Administration, detail))
        }
        Effect::ModerateMessage(moderated) => Some((
            EventKind::Administration,
            json!({"took_back": &*moderated.message.0, "reason": moderated.reason.as_deref()}),
        )),
        Effect::Archive { .. }
        | Effect::Retract(_)
        | Effect::Record(_)
        | Effect::Send { .. }
        | Effect::ListAffiliations { .. }
        | Effect::Answer(_)
        | Effect::PassOn { .. } => None,
    }
}

fn changed(change: &Change, before: Option<&Configuration>) -> Option<Value> {
    Some(match change {
        Change::Created { .. } => json!({"created": true}),
        Change::Configured(configuration) => {
            json!({"configured": differences(before, configuration)})
        }
        Change::Unlocked => json!({"unlocked": true}),
        Change::Affiliated { jid, entry } => json!({
            "affiliation": entry.as_ref().map_or("none", |entry| entry.affiliation.name()),
            "of": jid.as_str(),
            "reason": entry.as_ref().and_then(|entry| entry.reason.as_deref()),
        }),
        Change::Bound { jid, bond } => {
            let change = bond.kind().row().logged?;
            json!({change: bond.value(), "of": jid.as_str()})
        }
        Change::AvatarChanged(avatar) => {
            json!({"avatar": avatar.as_ref().map(|avatar| &*avatar.hash)})
        }
        Change::Destroyed(destruction) => json!({
            "destroyed": true,
            "reason": destruction.reason.as_deref(),
            "alternate": destruction.alternate.as_ref().map(jid::Jid::as_str),
        }),
        Change::Vanished => json!({"vanished": true}),
        // Told as what somebody says, or as coming and going.
        Change::SubjectChanged(_) | Change::Present(_) | Change::Left(_) => return None,
    })
}

/// What is set now that was not so before; a password is told without being told.
fn differences(before: Option<&Configuration>, after: &Configuration) -> Value {
    let before = before.cloned().unwrap_or_default();
    let changes = before
        .differences(after)
        .map(|setting| (setting.name().to_owned(), told(after.get(setting))));
    Value::Object(changes.collect())
}

/// A setting's value as the log has it.
fn told(value: setting::Value) -> Value {
    match value {
        setting::Value::Flag(flag) => flag.into(),
        setting::Value::Text(text) => (*text).into(),
        setting::Value::Secret(Some(_)) => "set".into(),
        setting::Value::Secret(None) => "taken away".into(),
        setting::Value::Number(number) => number.into(),
        setting::Value::Limit(limit) => limit.into(),
        setting::Value::Word(word) => word.into(),
        setting::Value::Roles(roles) => roles.iter().map(|role| role.name()).collect(),
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
