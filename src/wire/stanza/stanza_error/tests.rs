//! Every refusal, with what it is on the wire.

use super::*;
use crate::room::owning::destroy::Destruction;
use crate::wire::stanza::envelope::tests::envelope;
use crate::wire::xml::frame::Frame;
use jid::BareJid;
use std::sync::Arc;

const ENTERING: &str = "<presence from='hag66@shakespeare.lit/pda' id='n13mt3l' \
    to='coven@chat.shakespeare.lit/thirdwitch'><x xmlns='http://jabber.org/protocol/muc'/></presence>";

fn told(refusal: Refusal) -> (String, StanzaError) {
    let xml = answer(&envelope(ENTERING), &refusal.into()).unwrap();
    let frame = Frame::from_xml(&xml).unwrap();
    assert_eq!(frame.header.type_.as_deref(), Some("error"));
    assert_eq!(frame.header.id.as_deref(), Some("n13mt3l"));
    assert_eq!(
        frame.header.from.as_deref(),
        Some("coven@chat.shakespeare.lit/thirdwitch")
    );
    assert!(frame.child(ns::MUC, "x").is_some());
    let error = frame.child("jabber:client", "error").unwrap();
    (String::from_utf8(xml).unwrap(), error.parse().unwrap())
}

#[test]
fn every_refusal_is_what_the_specification_says() {
    for (refusal, type_, condition) in refusals() {
        let (_, error) = told(refusal.clone());
        assert_eq!(
            (error.type_, error.defined_condition),
            (type_, condition),
            "{refusal:?}"
        );
        assert_eq!(
            error.by,
            Some(Jid::new("coven@chat.shakespeare.lit").unwrap())
        );
    }
}

fn gone() -> Refusal {
    Refusal::Gone(Arc::new(Destruction {
        secret: false,
        alternate: Some(Jid::new("new@chat.shakespeare.lit").unwrap()),
        ..Destruction::default()
    }))
}

/// Every refusal, with what it is on the wire.
pub fn refusals() -> Vec<(Refusal, ErrorType, DefinedCondition)> {
    [of_the_specification(), of_our_own()].concat()
}

/// Those of rules that only this service has. DESIGN §1.
fn of_our_own() -> Vec<(Refusal, ErrorType, DefinedCondition)> {
    use DefinedCondition as C;
    use ErrorType::{Auth, Cancel, Modify};
    use Refusal as R;
    vec![
        (R::Disabled("".into()), Cancel, C::NotAllowed),
        (R::RoomNameTaken, Cancel, C::Conflict),
        (R::ConfigurationChanged, Cancel, C::Conflict),
        (R::EnablingNotAllowed, Cancel, C::NotAllowed),
        (R::DestructionNotAllowed, Auth, C::Forbidden),
        (
            R::OutOfScope(BareJid::new("eve@elsewhere.test").unwrap()),
            Modify,
            C::NotAcceptable,
        ),
    ]
}

fn of_the_specification() -> Vec<(Refusal, ErrorType, DefinedCondition)> {
    use DefinedCondition as C;
    use ErrorType::{Auth, Cancel, Modify, Wait};
    use Refusal as R;
    let uri = "xmpp:new@chat.shakespeare.lit?join".to_owned();
    let domain = BareJid::new("bob").unwrap();
    vec![
        (R::NotAnOccupantAsking, Modify, C::BadRequest),
        (R::NoNick, Modify, C::JidMalformed),
        (R::PasswordRequired, Auth, C::NotAuthorized),
        (R::MembersOnly, Auth, C::RegistrationRequired),
        (R::Banned, Auth, C::Forbidden),
        (R::NickTaken, Cancel, C::Conflict),
        (R::Full, Wait, C::ServiceUnavailable),
        (R::Locked, Cancel, C::ItemNotFound),
        (R::NoSuchRoom, Cancel, C::ItemNotFound),
        (R::CreationNotAllowed, Cancel, C::NotAllowed),
        (
            gone(),
            Cancel,
            C::Gone {
                new_address: Some(uri),
            },
        ),
        (R::TooMany, Wait, C::ResourceConstraint),
        (R::NotAnOccupant, Cancel, C::NotAcceptable),
        (R::NoVoice, Auth, C::Forbidden),
        (R::NoSuchOccupant, Cancel, C::ItemNotFound),
        (R::GroupchatToOccupant, Modify, C::BadRequest),
        (R::PrivateMessagesNotAllowed, Auth, C::Forbidden),
        (R::NickLocked, Cancel, C::NotAcceptable),
        (R::InvitationNotAllowed, Auth, C::Forbidden),
        (R::NoInvitee { most: 10 }, Modify, C::BadRequest),
        (R::RegistrationNotAllowed, Cancel, C::NotAllowed),
        (R::RegistrationClosed, Auth, C::RegistrationRequired),
        (R::NotRegistered, Auth, C::RegistrationRequired),
        (R::NoSuchRequest, Cancel, C::ItemNotFound),
        (R::RegistrationConflict, Cancel, C::Conflict),
        (R::NoSuchList, Modify, C::BadRequest),
        (R::WrongNumberOfItems { most: 1000 }, Modify, C::BadRequest),
        (R::RolesWithAffiliations, Modify, C::BadRequest),
        (R::Contradiction, Modify, C::BadRequest),
        (R::NickForDomain, Modify, C::BadRequest),
        (R::VoiceNotNeeded, Modify, C::UnexpectedRequest),
        (R::TooSoon, Wait, C::ResourceConstraint),
        (R::NoSuchMessage, Cancel, C::ItemNotFound),
        (R::TooManyCorrections(3), Wait, C::ResourceConstraint),
        (R::NotTheAuthor, Auth, C::Forbidden),
        (R::ArchiveNotReadable, Auth, C::Forbidden),
        (R::AuthorsHidden, Auth, C::Forbidden),
        (R::SubjectNotAllowed, Auth, C::Forbidden),
        (R::NotPrivileged, Auth, C::Forbidden),
        (R::TargetTooHigh, Cancel, C::NotAllowed),
        (R::NotToOneself, Cancel, C::Conflict),
        (R::NotAPerson(domain), Modify, C::NotAcceptable),
        (R::OperatorAnyway, Cancel, C::NotAllowed),
        (R::LastOwner, Cancel, C::Conflict),
        (
            R::ConfigurationNotAcceptable {
                field: "f",
                problem: "p",
            },
            Modify,
            C::NotAcceptable,
        ),
    ]
}

#[test]
fn a_locked_room_is_told_from_none_by_its_words_alone() {
    let (locked, none) = (told(Refusal::Locked).1, told(Refusal::NoSuchRoom).1);
    assert_eq!(locked.defined_condition, none.defined_condition);
    assert!(locked.texts["en"].contains("is being set up"));
    assert_eq!(none.texts["en"], "There is no such room");
}

#[test]
fn a_tombstone_tells_its_reason() {
    let destruction = Destruction {
        secret: false,
        reason: Some("Macbeth doth come.".into()),
        ..Destruction::default()
    };
    let (_, error) = told(Refusal::Gone(Arc::new(destruction)));
    assert_eq!(
        error.defined_condition,
        DefinedCondition::Gone { new_address: None }
    );
    assert_eq!(error.texts["en"], "Macbeth doth come.");
}

#[test]
fn errors_and_farewells_are_not_answered() {
    for xml in [
        "<message from='a@b/c' to='coven@chat.shakespeare.lit' type='error'/>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='result'/>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='error'/>",
        "<presence from='a@b/c' to='coven@chat.shakespeare.lit/d' type='error'/>",
        "<presence from='a@b/c' to='coven@chat.shakespeare.lit/d' type='unavailable'/>",
    ] {
        assert_eq!(answer(&envelope(xml), &Problem::Internal), None, "{xml}");
    }
}

#[test]
fn a_subscription_is_declined_for_good() {
    let xml = "<presence from='a@b' to='coven@chat.shakespeare.lit' type='subscribe' id='1'/>";
    let declined = answer(&envelope(xml), &Problem::NoSubscriptions).unwrap();
    let frame = Frame::from_xml(&declined).unwrap();
    assert_eq!(frame.header.type_.as_deref(), Some("unsubscribed"));
}

#[test]
fn an_unreadable_stanza_is_told_its_limit() {
    let envelope = envelope("<iq from='a@b/c' to='chat.shakespeare.lit' type='set' id='1'/>");
    let xml = answer(&envelope, &Problem::Unreadable(Unreadable::TooDeep)).unwrap();
    let error: StanzaError = Frame::from_xml(&xml)
        .unwrap()
        .child("jabber:client", "error")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(error.defined_condition, DefinedCondition::BadRequest);
    assert_eq!(error.by, None);
    assert!(error.texts["en"].contains("nested too deeply"));
    let busy = answer(&envelope, &Problem::Unreadable(Unreadable::Busy));
    assert_eq!(busy, answer(&envelope, &Problem::Overloaded));
}
