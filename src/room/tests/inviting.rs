//! XEP-0045 §7.8.2 (#invite-mediated): how much may be invited, and what may be declined.

use std::sync::Arc;

use jid::Jid;

use super::cast::{nick, terms};
use super::scene::{ANN, BEA, CID, DAN, EVE, Scene, Told};
use crate::room::effect::Inviter;
use crate::room::request::Invite;
use crate::room::{Action, Affiliation, Refusal, Terms};

fn to(jid: &str) -> Invite {
    Invite {
        to: Jid::new(jid).unwrap(),
        reason: None,
        continuation: None,
    }
}

fn invite(jid: &str) -> Action {
    Action::Invite(vec![to(jid)])
}

fn decline(to: Inviter) -> Action {
    Action::Decline { to, reason: None }
}

fn nobody_is_told() -> Told {
    Vec::new()
}

/// Ann, Bea with two clients, and Cid.
fn company() -> Scene {
    let mut scene = Scene::new();
    scene.enter((BEA, 0), "Bea").unwrap();
    scene.enter((BEA, 1), "Bea").unwrap();
    scene.enter((CID, 0), "Cid").unwrap();
    scene
}

#[test]
fn only_who_was_invited_declines_to_the_inviter_once_and_within_a_day() {
    let mut scene = company();
    let to_bea = || decline(Inviter::Nick(nick("Bea")));
    assert_eq!(scene.act((EVE, 0), to_bea()), Ok(nobody_is_told()));

    scene.act((BEA, 0), invite("eve@c.example")).unwrap();
    assert_eq!(scene.act((DAN, 0), to_bea()), Ok(nobody_is_told()));
    let to_cid = decline(Inviter::Jid(Jid::new("cid@b.example").unwrap()));
    assert_eq!(scene.act((EVE, 0), to_cid), Ok(nobody_is_told()));
    let told = scene.act((EVE, 1), to_bea()).unwrap();
    assert_eq!(told, ["bea/0, bea/1: eve@c.example declines"]);
    assert_eq!(scene.act((EVE, 0), to_bea()), Ok(nobody_is_told()));

    scene.act((BEA, 0), invite("eve@c.example")).unwrap();
    scene.now += 24 * 60 * 60;
    assert_eq!(scene.act((EVE, 0), to_bea()), Ok(nobody_is_told()));
}

#[test]
fn who_is_named_twice_in_one_message_is_invited_once() {
    let mut scene = company();
    let named = ["eve@c.example/1", "eve@c.example", "dan@b.example"];
    let mut list: Vec<_> = named.map(to).into();
    list.extend(vec![to("eve@c.example/1"); 1000]);
    let told = scene.act((BEA, 0), Action::Invite(list)).unwrap();
    assert_eq!(
        told,
        [
            "outside eve@c.example/1: invitation from bea@a.example with no password",
            "outside dan@b.example: invitation from bea@a.example with no password",
        ]
    );
}

#[test]
fn the_less_somebody_belongs_to_a_room_the_fewer_he_invites_at_once() {
    let mut scene = company();
    scene.room.terms = Arc::new(Terms {
        items_max: 100,
        ..(*terms()).clone()
    });
    scene
        .set_affiliation(ANN, "cid@b.example", Affiliation::Member)
        .unwrap();
    for (person, most) in [(BEA, 10), (CID, 50), (ANN, 100)] {
        let mut some = |count| {
            let invite = |number| to(&format!("{number}@d.example"));
            let list = (0..count).map(invite).collect();
            scene.act((person, 0), Action::Invite(list))
        };
        assert_eq!(some(most).unwrap().len(), most);
        assert_eq!(some(most + 1), Err(Refusal::NoInvitee { most }));
    }
}
