//! The statements that set the scene, as stanzas.

use super::scenario::room_jid;
use super::xml::{Element, Node, STANZAS};

/// What a statement stands for.
#[derive(Debug)]
pub struct Scene {
    /// To be sent one after the other.
    pub stanzas: Vec<Element>,
    /// A room that is entered, and the nick.
    pub entered: Option<(String, String)>,
}

/// Reads the part of a statement behind the name of who does it. `nick_in` tells the nick under
/// which that one has entered a room.
///
/// # Errors
/// Why it is none.
pub fn scene(words: &str, nick_in: impl Fn(&str) -> Option<String>) -> Result<Scene, String> {
    let parts: Vec<_> = words.splitn(5, ' ').collect();
    match parts[..] {
        ["creates", room, "as", nick, rest] => {
            let fields = rest
                .strip_prefix("with ")
                .ok_or("write `with field=value, …`")?;
            Ok(creation(room, nick, &fields_of(fields)?))
        }
        ["creates", room, "as", nick] => Ok(creation(room, nick, &[])),
        ["configures", room, ..] => {
            let (_, fields) = words
                .split_once(" with ")
                .ok_or("write `with field=value, …`")?;
            Ok(sent(vec![configuration(
                &room_jid(room),
                &fields_of(fields)?,
            )]))
        }
        ["enters", room, "as", nick] => Ok(entry(room, nick, None)),
        ["enters", room, "as", nick, rest] => {
            let password = rest
                .strip_prefix("with password ")
                .ok_or("write `with password x`")?;
            Ok(entry(room, nick, Some(password)))
        }
        ["leaves", room] => {
            let room = room_jid(room);
            let nick = nick_in(&room).ok_or("that one has not entered the room in a scene")?;
            let mut presence = presence(&room, &nick);
            presence.set("type", "unavailable");
            Ok(sent(vec![presence]))
        }
        ["says", ..] => said(words),
        ["registers", nick, "in", room] => Ok(sent(vec![registration(&room_jid(room), nick)])),
        ["makes", whom, standing, "in", room] => {
            Ok(sent(vec![standing_of(&room_jid(room), whom, standing)]))
        }
        _ => Err(format!("what does it mean that somebody {words:?}?")),
    }
}

fn sent(stanzas: Vec<Element>) -> Scene {
    Scene {
        stanzas,
        entered: None,
    }
}

fn creation(room: &str, nick: &str, fields: &[(String, Vec<String>)]) -> Scene {
    let mut scene = entry(room, nick, None);
    scene.stanzas.push(configuration(&room_jid(room), fields));
    scene
}

fn entry(room: &str, nick: &str, password: Option<&str>) -> Scene {
    let room = room_jid(room);
    let mut x = element(MUC, "x");
    if let Some(password) = password {
        x = with(x, text(element(MUC, "password"), password));
    }
    Scene {
        stanzas: vec![with(presence(&room, nick), x)],
        entered: Some((room, nick.to_owned())),
    }
}

fn presence(room: &str, nick: &str) -> Element {
    let mut presence = element(STANZAS, "presence");
    presence.set("to", &format!("{room}/{nick}"));
    presence
}

fn said(words: &str) -> Result<Scene, String> {
    let written = words
        .strip_prefix("says \"")
        .and_then(|rest| rest.rsplit_once("\" in "));
    let (body, room) = written.ok_or("write `says \"…\" in room`")?;
    let mut message = element(STANZAS, "message");
    message.set("to", &room_jid(room));
    message.set("type", "groupchat");
    Ok(sent(vec![with(
        message,
        text(element(STANZAS, "body"), body),
    )]))
}

fn request(room: &str, payload: Element) -> Element {
    let mut iq = element(STANZAS, "iq");
    iq.set("to", room);
    iq.set("type", "set");
    iq.set("id", "scene");
    with(iq, payload)
}

fn configuration(room: &str, fields: &[(String, Vec<String>)]) -> Element {
    let mut form = element(FORM, "x");
    form.set("type", "submit");
    // An instant room is asked for with an empty form. XEP-0045 §10.1.2 (#createroom-instant).
    if !fields.is_empty() {
        form = with(
            form,
            field(
                "FORM_TYPE",
                &["http://jabber.org/protocol/muc#roomconfig".to_owned()],
            ),
        );
    }
    for (name, values) in fields {
        let known = name.contains(['#', ':']);
        let name = if known {
            name.clone()
        } else {
            format!("muc#roomconfig_{name}")
        };
        form = with(form, field(&name, values));
    }
    request(room, with(element(OWNER, "query"), form))
}

fn registration(room: &str, nick: &str) -> Element {
    let mut form = element(FORM, "x");
    form.set("type", "submit");
    form = with(
        form,
        field(
            "FORM_TYPE",
            &["http://jabber.org/protocol/muc#register".to_owned()],
        ),
    );
    form = with(form, field("muc#register_roomnick", &[nick.to_owned()]));
    request(room, with(element("jabber:iq:register", "query"), form))
}

fn standing_of(room: &str, whom: &str, standing: &str) -> Element {
    let mut item = element(ADMIN, "item");
    if whom.contains(['@', '.']) {
        item.set("jid", whom);
        item.set("affiliation", standing);
    } else {
        item.set("nick", whom);
        item.set("role", standing);
    }
    request(room, with(element(ADMIN, "query"), item))
}

fn fields_of(written: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut fields = Vec::new();
    for field in written.split(", ") {
        let (name, values) = field
            .split_once('=')
            .ok_or(format!("{field:?} is not field=value"))?;
        fields.push((
            name.to_owned(),
            values.split('|').map(str::to_owned).collect(),
        ));
    }
    Ok(fields)
}

fn field(name: &str, values: &[String]) -> Element {
    let mut field = element(FORM, "field");
    field.set("var", name);
    values.iter().fold(field, |field, value| {
        with(field, text(element(FORM, "value"), value))
    })
}

fn element(namespace: &str, name: &str) -> Element {
    Element {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        attributes: Vec::new(),
        children: Vec::new(),
    }
}

fn with(mut element: Element, child: Element) -> Element {
    element.children.push(Node::Element(child));
    element
}

fn text(mut element: Element, text: &str) -> Element {
    element.children.push(Node::Text(text.to_owned()));
    element
}

const MUC: &str = "http://jabber.org/protocol/muc";
const OWNER: &str = "http://jabber.org/protocol/muc#owner";
const ADMIN: &str = "http://jabber.org/protocol/muc#admin";
const FORM: &str = "jabber:x:data";

#[cfg(test)]
mod tests {
    use super::*;

    fn stanzas(words: &str) -> Vec<String> {
        let scene = scene(words, |_| Some("Bob".to_owned())).unwrap();
        scene.stanzas.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_scene_is_what_a_client_would_send() {
        assert_eq!(
            stanzas("enters lounge as Bob with password x y"),
            [
                "<presence to='lounge@rooms.example.org/Bob'><x xmlns='http://jabber.org/protocol/muc'>\
              <password>x y</password></x></presence>"
            ]
        );
        assert_eq!(
            stanzas("leaves lounge"),
            ["<presence to='lounge@rooms.example.org/Bob' type='unavailable'/>"]
        );
        assert_eq!(
            stanzas("says \"Good \"evening\"\" in lounge"),
            [
                "<message to='lounge@rooms.example.org' type='groupchat'><body>Good &quot;evening&quot;</body></message>"
            ]
        );
        assert_eq!(
            stanzas("makes bob@example.org none in lounge"),
            [
                "<iq to='lounge@rooms.example.org' type='set' id='scene'><query \
              xmlns='http://jabber.org/protocol/muc#admin'><item jid='bob@example.org' affiliation='none'/></query></iq>"
            ]
        );
        let created = stanzas(
            "creates lounge as Bob with roomname=Our lounge, presencebroadcast=visitor|moderator",
        );
        assert!(
            created[1].contains("muc#roomconfig_roomname'><value>Our lounge</value>"),
            "{created:?}"
        );
        assert!(
            created[1].contains("<value>visitor</value><value>moderator</value>"),
            "{created:?}"
        );
        assert!(!stanzas("creates lounge as Bob")[1].contains("FORM_TYPE"));
    }

    #[test]
    fn nonsense_is_told() {
        for words in [
            "dances",
            "enters lounge",
            "says hi in lounge",
            "creates lounge as Bob fast",
        ] {
            assert!(scene(words, |_| None).is_err(), "{words}");
        }
    }
}
