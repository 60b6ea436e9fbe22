//! Every [`Problem`] as a stanza error. RFC 6120 §8.3.
//!
//! [`describe`] is the only table of them. A refusal that would tell a stranger about a secret room
//! has exactly the words of the one for a room that does not exist.

use std::borrow::Cow;

use jid::{BareJid, Jid};
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::envelope::Envelope;
use super::problem::{Problem, QuotaOf};
use super::short_text;
use crate::room::{AddInRefusal, List, Refusal};
use crate::wire::xml::header::StanzaKind;
use crate::wire::xml::limits::Unreadable;
use crate::wire::xml::uri;

/// The stanza that tells the asker, `None` when the stanza must not be answered. RFC 6120 §8.3.1.
pub fn answer(envelope: &Envelope, problem: &Problem) -> Option<Vec<u8>> {
    if !envelope.is_answerable() {
        return None;
    }
    if *problem == Problem::NoSubscriptions {
        // An error would leave the request in the asker's contact list for ever. RFC 6121 §3.1.4.
        return Some(envelope.answer("unsubscribed", |_| ()));
    }
    let error = stanza_error(problem, envelope.room().map(Jid::from));
    Some(envelope.answer("error", |xml| {
        if envelope.kind == StanzaKind::Presence {
            xml.open_in(ns::MUC, "x").close("x");
        }
        xml.typed(&error);
    }))
}

/// What people are told of a refusal.
pub fn words(refusal: &Refusal) -> Cow<'static, str> {
    explain_refusal(refusal)
}

/// The error element.
fn stanza_error(problem: &Problem, by: Option<Jid>) -> StanzaError {
    let (type_, defined_condition) = describe(problem);
    let text = explain(problem);
    StanzaError {
        type_,
        by,
        defined_condition,
        texts: [("en".to_owned(), text.into_owned())].into(),
        other: match problem {
            Problem::Command(problem) => problem.condition(),
            _ => None,
        },
    }
}

/// What a problem is in the terms of RFC 6120 §8.3.
fn describe(problem: &Problem) -> (ErrorType, DefinedCondition) {
    use DefinedCondition as C;
    use ErrorType::{Cancel, Modify, Wait};
    use Problem as P;
    match problem {
        P::Refused(refusal) => describe_refusal(refusal),
        P::Command(problem) => problem.describe(),
        P::BadAddress { .. }
        | P::BadNick { .. }
        | P::BadAddressInField { .. }
        | P::BadAddressInList { .. } => (Modify, C::JidMalformed),
        P::BadField { .. } | P::BadSearch(_) | P::PresenceTooLarge { .. } => {
            (Modify, C::NotAcceptable)
        }
        P::UnknownField { .. } | P::NoPagesByNumber | P::NotImplemented { .. } => {
            (Cancel, C::FeatureNotImplemented)
        }
        P::Unreadable(Unreadable::Busy | Unreadable::Overspent)
        | P::Overloaded
        | P::TooManyInvitations { .. }
        | P::QuotaReached { .. } => (Wait, C::ResourceConstraint),
        P::Unreadable(_) | P::Malformed { .. } | P::TextTooLong { .. } => (Modify, C::BadRequest),
        P::Unsupported { .. } | P::NothingThere => (Cancel, C::ServiceUnavailable),
        P::NoSubscriptions => (Cancel, C::NotAllowed),
        P::NoSuchNode | P::NotInArchive => (Cancel, C::ItemNotFound),
        // The asker may have the list and asked rightly, so it is neither `forbidden` nor
        // `bad-request`; and waiting helps as little as asking otherwise, so it is neither
        // `resource-constraint`, which is of type "wait", nor of type "modify". RFC 6120 §8.3.3.6.
        P::AnswerTooLong => (Cancel, C::NotAcceptable),
        // To ask the same later would take as long.
        P::TookTooLong => (Modify, C::PolicyViolation),
        P::Internal => (Wait, C::InternalServerError),
    }
}

/// What people are told of a problem.
pub fn explain(problem: &Problem) -> Cow<'static, str> {
    use Problem as P;
    let text = match problem {
        P::Refused(refusal) => return explain_refusal(refusal),
        P::Command(problem) => return problem.explain(),
        P::BadField { field, problem } => return format!("{field}: {problem}").into(),
        P::BadAddressInField { field: place } | P::BadAddress { place } => {
            return format!("{place}: not a valid address; one is user@domain").into();
        }
        P::BadAddressInList { field, address } => {
            return format!("{field}: '{address}' is not a valid address; one is user@domain")
                .into();
        }
        P::BadNick { place } => {
            return format!(
                "{place}: not a valid nickname; one has something to be seen, nothing invisible at its ends, no \
                 control characters, and at most 1023 bytes"
            )
            .into();
        }
        P::Malformed { element, wanted } => return format!("<{element}/>: {wanted}").into(),
        P::TextTooLong { element } => {
            let most = short_text::TEXT_MAX;
            return format!("<{element}/>: at most {most} characters").into();
        }
        P::UnknownField { field } => {
            return format!("{field}: no field of this form; it is told to who asks for it").into();
        }
        P::Unsupported { asked } => {
            return format!("{asked}: not known here; disco#info tells what is").into();
        }
        P::NotImplemented { part } => part,
        P::BadSearch(error) => return error.to_string().into(),
        P::TooManyInvitations { per_hour } => {
            return format!("Nobody may invite more than {per_hour} people in an hour").into();
        }
        P::QuotaReached { of, mib } => {
            let of = match of {
                QuotaOf::Person => "of what one person says",
                QuotaOf::Room => "of what is said in one room",
            };
            return format!(
                "This message was not sent: in a day no more than {mib} MiB is kept {of}; please try again later"
            )
            .into();
        }
        P::PresenceTooLarge { size_max } => {
            return format!("A presence may show at most {size_max} bytes").into();
        }
        P::Unreadable(Unreadable::Busy | Unreadable::Overspent) | P::Overloaded => {
            "The service is overloaded, please try again later"
        }
        P::Unreadable(why) => return format!("The stanza was not read: {why}").into(),
        P::NoPagesByNumber => {
            "<index/>: pages are asked for by <after/> or <before/> here, not by number"
        }
        P::NotInArchive => "The archive has no message of the id that is named",
        P::NoSubscriptions => "There is nothing to subscribe to; a room is entered instead",
        P::NothingThere => "to: there is nothing at this address; a room is at room@service",
        P::AnswerTooLong => "The answer is too long for one stanza",
        P::TookTooLong => {
            "To answer would take too long; ask for a shorter time, for whole words, or for fewer rooms"
        }
        P::NoSuchNode => "node: there is nothing of that name here; ask without a node",
        P::Internal => "Something went wrong here, please try again later",
    };
    text.into()
}

/// The table of refusals, in the order of the XEP.
fn describe_refusal(refusal: &Refusal) -> (ErrorType, DefinedCondition) {
    use DefinedCondition as C;
    use ErrorType::{Auth, Cancel, Modify, Wait};
    use Refusal as R;
    match refusal {
        R::NotAnOccupantAsking => (Modify, C::BadRequest),
        R::NoNick => (Modify, C::JidMalformed),
        R::PasswordRequired => (Auth, C::NotAuthorized),
        R::MembersOnly => (Auth, C::RegistrationRequired),
        R::Banned => (Auth, C::Forbidden),
        R::NickTaken => (Cancel, C::Conflict),
        R::Full => (Wait, C::ServiceUnavailable),
        R::Locked | R::NoSuchRoom => (Cancel, C::ItemNotFound),
        R::CreationNotAllowed | R::Disabled(_) => (Cancel, C::NotAllowed),
        R::Gone(destruction) => {
            let new_address = destruction.alternate.as_ref().map(uri::to_join);
            (Cancel, C::Gone { new_address })
        }
        R::TooMany => (Wait, C::ResourceConstraint),
        R::NotAnOccupant => (Cancel, C::NotAcceptable),
        R::NoVoice => (Auth, C::Forbidden),
        R::NoSuchOccupant => (Cancel, C::ItemNotFound),
        R::GroupchatToOccupant => (Modify, C::BadRequest),
        R::PrivateMessagesNotAllowed => (Auth, C::Forbidden),
        R::NickLocked => (Cancel, C::NotAcceptable),
        R::InvitationNotAllowed => (Auth, C::Forbidden),
        R::NoInvitee { .. } => (Modify, C::BadRequest),
        R::RegistrationNotAllowed => (Cancel, C::NotAllowed),
        // COMPAT(Converse.js): it asks at every visit, and knows this answer from Prosody.
        R::RegistrationClosed | R::NotRegistered => (Auth, C::RegistrationRequired),
        R::NoSuchRequest => (Cancel, C::ItemNotFound),
        R::RegistrationConflict => (Cancel, C::Conflict),
        R::NoSuchList
        | R::WrongNumberOfItems { .. }
        | R::RolesWithAffiliations
        | R::Contradiction
        | R::NickForDomain => (Modify, C::BadRequest),
        R::VoiceNotNeeded | R::AccessNotNeeded => (Modify, C::UnexpectedRequest),
        R::TooSoon | R::TooManyRequests { .. } => (Wait, C::ResourceConstraint),
        R::NoSuchMessage => (Cancel, C::ItemNotFound),
        R::TooManyCorrections(_) => (Wait, C::ResourceConstraint),
        R::NotTheAuthor | R::ArchiveNotReadable | R::AuthorsHidden => (Auth, C::Forbidden),
        R::SubjectNotAllowed => (Auth, C::Forbidden),
        R::ListFull { .. } => (Wait, C::ResourceConstraint),
        R::NotPrivileged => (Auth, C::Forbidden),
        R::TargetTooHigh => (Cancel, C::NotAllowed),
        R::NotToOneself => (Cancel, C::Conflict),
        R::NotAPerson(_) | R::OutOfScope(_) => (Modify, C::NotAcceptable),
        R::OperatorAnyway => (Cancel, C::NotAllowed),
        R::NoSuchCategory(_) | R::NoSuchGroup(_) => (Cancel, C::ItemNotFound),
        R::CategoryNameTaken(_) | R::CategoryInUse { .. } => (Cancel, C::Conflict),
        R::NoCategoryName => (Modify, C::NotAcceptable),
        R::LastOwner => (Cancel, C::Conflict),
        R::ConfigurationNotAcceptable { .. } => (Modify, C::NotAcceptable),
        R::RoomNameTaken | R::ConfigurationChanged => (Cancel, C::Conflict),
        R::EnablingNotAllowed => (Cancel, C::NotAllowed),
        R::DestructionNotAllowed => (Auth, C::Forbidden),
        R::AddIn(refusal) => match refusal {
            AddInRefusal::Unknown => (Cancel, C::ItemNotFound),
            AddInRefusal::NameTaken | AddInRefusal::InUse { .. } => (Cancel, C::Conflict),
            AddInRefusal::NotAcceptable { .. } => (Modify, C::NotAcceptable),
            AddInRefusal::TooMany { .. } => (Wait, C::ResourceConstraint),
        },
    }
}

/// What people are told, in the order of the XEP.
fn explain_refusal(refusal: &Refusal) -> Cow<'static, str> {
    use Refusal as R;
    let text = match refusal {
        R::NotAnOccupantAsking => "Only occupants may ask an occupant",
        R::NoNick => "A nickname is needed to enter the room",
        R::PasswordRequired => "The room needs the right password",
        R::MembersOnly => "Only members may enter this room",
        R::Banned => "You are banned from this room",
        R::NickTaken => "That nickname belongs to somebody else",
        R::Full => "The room is full",
        // Nobody learns by the words that there is a room.
        R::Locked => "The room is being set up by its owner, please try again later",
        R::NoSuchRoom => "There is no such room",
        R::CreationNotAllowed => "You may not create a room here",
        R::Disabled(reason) => return room_is_disabled(reason),
        R::Gone(destruction) => match &destruction.reason {
            Some(reason) => return short_text::cut(reason).to_owned().into(),
            None => "This room was closed for good",
        },
        R::TooMany => "You are in too many rooms, or too many times in this one",
        R::NotAnOccupant => "You are not in the room",
        R::NoVoice => "You may not speak in this room",
        R::NoSuchOccupant => "There is nobody of that nickname in the room",
        R::GroupchatToOccupant => "A message to one occupant must not be of type groupchat",
        R::PrivateMessagesNotAllowed => "You may not send private messages in this room",
        R::NickLocked => "Here you may only use your registered nickname",
        R::InvitationNotAllowed => "You may not invite people to this room",
        R::NoInvitee { most } => return format!("<invite/>: 1 to {most} at once").into(),
        R::RegistrationNotAllowed => "You may not register with this room",
        R::RegistrationClosed => "Nobody becomes a member here by asking; an admin names them",
        R::NotRegistered => "You are not registered with this room",
        R::NoSuchRequest => "This person does not ask to be registered, or no more",
        R::RegistrationConflict => "That nickname is reserved or in use",
        R::NoSuchList => "<item/>: nobody is listed as 'none'; ask for another role or affiliation",
        R::WrongNumberOfItems { most } => return format!("<item/>: 1 to {most} at once").into(),
        R::RolesWithAffiliations => "<item/>: roles and affiliations go in requests of their own",
        R::Contradiction => "<item/>: one person is named twice, with different wishes",
        R::NickForDomain => "A nickname is reserved for a person; the address needs a user part",
        R::VoiceNotNeeded | R::AccessNotNeeded => "There is nothing to ask for",
        R::TooSoon => "You asked for this a moment ago",
        R::TooManyRequests { most } => return too_many_wait(*most),
        R::NoSuchMessage => "There is no such message, or it was taken back",
        R::TooManyCorrections(most) => return no_more_corrections(*most),
        R::NotTheAuthor => "The message is somebody else's",
        R::ArchiveNotReadable => "You may not read the archive of this room",
        R::AuthorsHidden => "Only moderators may ask by address in this room",
        R::SubjectNotAllowed => "You may not change the subject",
        R::ListFull { list, most } => return list_is_full(*list, *most),
        R::NotPrivileged => "You may not do this in this room",
        R::TargetTooHigh => "You may not do this to this person",
        R::NotToOneself => "You can't do this to yourself",
        R::NotAPerson(jid) => return is_no_person(jid),
        R::OperatorAnyway => OPERATOR_ANYWAY,
        R::OutOfScope(jid) => return is_out_of_scope(jid),
        R::NoSuchCategory(name) => return format!("There is no category {name}").into(),
        R::CategoryNameTaken(name) => return category_is_taken(name),
        R::NoCategoryName => NO_CATEGORY_NAME,
        R::CategoryInUse { rooms } => return category_is_in_use(*rooms),
        R::NoSuchGroup(why) => return why.to_string().into(),
        R::LastOwner => "The room needs an owner",
        R::ConfigurationNotAcceptable { field, problem } => return about_field(field, problem),
        R::RoomNameTaken => ROOM_NAME_TAKEN,
        R::ConfigurationChanged => CONFIGURATION_CHANGED,
        R::EnablingNotAllowed => ENABLING_NOT_ALLOWED,
        R::DestructionNotAllowed => DESTRUCTION_NOT_ALLOWED,
        R::AddIn(refusal) => return explain_addin(refusal),
    };
    text.into()
}

const NO_CATEGORY_NAME: &str = "A category has a name of one line and at most 256 characters, and a description of at most 1000";
fn explain_addin(refusal: &AddInRefusal) -> Cow<'static, str> {
    match refusal {
        AddInRefusal::Unknown => "There is no add-in of that name".into(),
        AddInRefusal::NameTaken => "There is an add-in of that name already".into(),
        AddInRefusal::NotAcceptable { field, problem } => format!("{field}: {problem}").into(),
        AddInRefusal::TooMany { most } => {
            format!("There are {most} add-ins, and there can't be more").into()
        }
        AddInRefusal::InUse { rooms } => {
            format!("The add-in is that of rooms still, in number {rooms}").into()
        }
    }
}

const OPERATOR_ANYWAY: &str =
    "An operator of the service is an owner of every room, whatever its lists say";
const ROOM_NAME_TAKEN: &str =
    "muc#roomconfig_roomname: another room has this name already, or one that looks the same";
const CONFIGURATION_CHANGED: &str = "{urn:lyceum:0}version: the settings were changed by somebody else while you had them open; \
     nothing of yours was saved; open them again and change what you still want to";
const ENABLING_NOT_ALLOWED: &str =
    "{urn:lyceum:0}disabled: only an operator of the service can enable a room again";
const DESTRUCTION_NOT_ALLOWED: &str =
    "Only an operator of the service may destroy rooms here; an owner may disable one";

fn category_is_taken(name: &str) -> Cow<'static, str> {
    format!("There is a category {name} already").into()
}

fn category_is_in_use(rooms: u64) -> Cow<'static, str> {
    format!("The category has rooms in it ({rooms}); move them first").into()
}

fn about_field(field: &str, problem: &str) -> Cow<'static, str> {
    format!("{field}: {problem}").into()
}

fn too_many_wait(most: usize) -> Cow<'static, str> {
    format!("{most} people wait to be registered with this room already").into()
}

fn is_out_of_scope(jid: &BareJid) -> Cow<'static, str> {
    format!("{jid} is out of scope of the room's category").into()
}

fn is_no_person(jid: &BareJid) -> Cow<'static, str> {
    format!(
        "<item jid='{jid}'/>: only a person can be an owner or admin, by an address like user@example.org"
    )
    .into()
}

fn room_is_disabled(reason: &str) -> Cow<'static, str> {
    match short_text::cut(reason) {
        "" => "This room is disabled".into(),
        reason => format!("This room is disabled: {reason}").into(),
    }
}

fn no_more_corrections(most: u32) -> Cow<'static, str> {
    format!("The message was corrected {most} times, and can't be more often").into()
}

fn list_is_full(list: List, most: usize) -> Cow<'static, str> {
    let list = list.row().name;
    format!("The room's list of {list} is full: it may have {most} entries").into()
}

#[cfg(test)]
pub(in crate::wire) mod tests;
