//! The messages a newcomer is sent. XEP-0045 §7.2.13 (#enter-history), §7.2.14
//! (#enter-managehistory).

use jid::{BareJid, FullJid};

use super::message;
use crate::room::HistoryLimits;
use crate::room::effect::{Archived, ArchivedKind};
use crate::wire::xml::template::Template;

/// Writes the newest messages that meet all limits, oldest first. `archived` are the messages from
/// which to choose, oldest first; changes of the subject are no part of the history.
///
/// "The service MUST send complete message stanzas only", and counts the characters of the whole
/// stanza as the newcomer gets it.
pub fn encode_history(
    archived: &[Archived],
    limits: &HistoryLimits,
    room: &BareJid,
    to: &FullJid,
) -> Vec<Template> {
    let mut characters_left = limits.characters_max.unwrap_or(u64::MAX);
    let mut chosen: Vec<Template> = archived
        .iter()
        .rev()
        .filter(|message| message.kind != ArchivedKind::Subject)
        .take_while(|message| limits.since.is_none_or(|since| message.at >= since))
        .take(usize::try_from(limits.messages_max).unwrap_or(usize::MAX))
        .map(|message| message::encode_past(room, message))
        .map_while(|template| {
            characters_left = characters_left.checked_sub(template.characters(to.as_str()))?;
            Some(template)
        })
        .collect();
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::effect::Sender;
    use crate::room::setting::configuration::Whois;
    use crate::room::{ArchiveId, Content, Nick, OccupantId, Payload, Timestamp};
    use crate::wire::xml::frame::Frame;
    use jid::Jid;

    const NO_LIMITS: HistoryLimits = HistoryLimits {
        messages_max: u32::MAX,
        characters_max: None,
        since: None,
    };

    fn archived(number: i64, kind: ArchivedKind) -> Archived {
        Archived {
            id: ArchiveId(format!("a{number}").into()),
            at: Timestamp(number * 1_000_000),
            sender: Some(Sender {
                nick: Nick::new("firstwitch").unwrap(),
                occupant_id: Some(OccupantId("o1".into())),
                author: Some(Jid::new("crone1@shakespeare.lit/desktop").unwrap()),
                whois: Whois::Anyone,
            }),
            kind,
            original: None,
            content: Content {
                id: format!("m{number}").into(),
                language: None,
                payload: Payload::new("<body>\u{e9}</body>".as_bytes()),
            },
        }
    }

    fn room() -> BareJid {
        BareJid::new("coven@chat.shakespeare.lit").unwrap()
    }

    fn newcomer() -> FullJid {
        FullJid::new("hecate@shakespeare.lit/broom").unwrap()
    }

    fn sent(limits: &HistoryLimits) -> Vec<String> {
        let archive: Vec<Archived> = (1..=4)
            .map(|number| {
                let kind = if number == 3 {
                    ArchivedKind::Subject
                } else {
                    ArchivedKind::Speech
                };
                archived(number, kind)
            })
            .collect();
        encode_history(&archive, limits, &room(), &newcomer())
            .iter()
            .map(|template| {
                Frame::from_xml(&template.to(newcomer().as_str()))
                    .unwrap()
                    .header
                    .id
                    .unwrap()
            })
            .collect()
    }

    #[test]
    fn the_newest_messages_come_oldest_first_without_subjects() {
        assert_eq!(sent(&NO_LIMITS), ["m1", "m2", "m4"]);
        assert_eq!(
            sent(&HistoryLimits {
                messages_max: 2,
                ..NO_LIMITS
            }),
            ["m2", "m4"]
        );
        let since = Some(Timestamp(2_000_000));
        assert_eq!(sent(&HistoryLimits { since, ..NO_LIMITS }), ["m2", "m4"]);
    }

    #[test]
    fn only_whole_stanzas_count_against_the_characters() {
        let one = message::encode_past(&room(), &archived(4, ArchivedKind::Speech))
            .to(newcomer().as_str());
        let size = String::from_utf8(one).unwrap().chars().count() as u64;
        let with = |characters| {
            sent(&HistoryLimits {
                characters_max: Some(characters),
                ..NO_LIMITS
            })
        };
        assert_eq!(with(size), ["m4"]);
        assert_eq!(with(size * 2), ["m2", "m4"]);
        assert!(with(size - 1).is_empty());
    }

    #[test]
    fn a_past_message_is_stamped_by_the_room() {
        let template = message::encode_past(&room(), &archived(0, ArchivedKind::Speech));
        let xml = String::from_utf8(template.to("a@b/c")).unwrap();
        assert!(
            xml.contains(
                "<delay xmlns='urn:xmpp:delay' from='coven@chat.shakespeare.lit' \
                 stamp='1970-01-01T00:00:00Z'/>"
            ),
            "{xml}"
        );
        assert!(
            xml.contains("<stanza-id") && xml.contains("<occupant-id"),
            "{xml}"
        );
        assert!(
            !xml.contains("crone1"),
            "the author's own address is nobody's business: {xml}"
        );
    }
}
