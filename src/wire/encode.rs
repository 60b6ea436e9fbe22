//! From what the room sends to XML. This is the table of contents: each arm leads to the file that
//! is named for it.

use jid::BareJid;

use super::content::retraction;
use super::muc::invite;
use super::muc::message;
use super::muc::presence;
use super::muc::register;
use super::muc::voice;
use super::xml::template::Template;
use crate::room::effect::Stanza;

/// Writes a stanza of a room, ready for any number of recipients.
///
/// `fresh_id` makes the id of a stanza that the room itself sends; what occupants say keeps theirs.
/// It is not called for presence, of which a storm of newcomers makes a million.
pub fn encode(stanza: &Stanza, room: &BareJid, fresh_id: impl FnOnce() -> String) -> Template {
    match stanza {
        Stanza::Presence(presence) => presence::encode(presence, room),
        Stanza::Speech {
            nick,
            occupant_id,
            archive_id,
            content,
            is_passing: _,
        } => message::encode_speech(room, nick, occupant_id, archive_id.as_ref(), content),
        Stanza::MessageModerated(moderated) => retraction::encode_moderated(room, moderated),
        Stanza::Subject(subject) => message::encode_subject(room, subject, &fresh_id()),
        Stanza::Whisper {
            nick,
            occupant_id,
            to: _,
            kind,
            content,
        } => message::encode_whisper(room, nick, occupant_id, *kind, content),
        Stanza::Notice(statuses) => message::encode_notice(room, statuses, &fresh_id()),
        Stanza::AffiliationNotice {
            jid,
            affiliation,
            reason,
        } => {
            message::encode_affiliation(room, Some(jid), *affiliation, reason.as_ref(), &fresh_id())
        }
        Stanza::AffiliationChanged {
            affiliation,
            reason,
        } => message::encode_affiliation(room, None, *affiliation, reason.as_ref(), &fresh_id()),
        Stanza::Invitation(invitation) => invite::encode(room, invitation, &fresh_id()),
        Stanza::Decline { from, reason } => {
            invite::encode_decline(room, from, reason.as_ref(), &fresh_id())
        }
        Stanza::VoiceRequest {
            nick,
            real_jid,
            may_appoint,
        } => voice::encode(room, (nick, real_jid), *may_appoint, &fresh_id()),
        Stanza::RegistrationRequest { jid, nick } => {
            register::encode_request(room, jid, nick, &fresh_id())
        }
        Stanza::AccessAnswered { granted, reason } => {
            register::encode_answer(room, *granted, reason.as_ref(), &fresh_id())
        }
    }
}
