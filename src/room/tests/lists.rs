//! How long the lists of a room may be, and that a room decides the same whether it has them or is
//! told.

use std::sync::Arc;

use super::cast::{SALT, at, bare, entry, full, nick, terms};
use super::scene::{ANN, BEA, CID, DAN, EVE, Scene, affiliate};
use crate::room::request::{AffiliationTarget, Invite, Moderation};
use crate::room::setting::configuration::RegistrationPolicy;
use crate::room::setting::{Assignment, Setting};
use crate::room::{
    Action, Affiliation, Known, Lengths, List, Now, Refusal, Request, Role, Room, Snapshot, Terms,
};

/// A room in which each list has no more entries than this.
fn scene_with(most: usize, settings: &[Assignment]) -> Scene {
    let mut scene = Scene::with(settings);
    let mut lists_max = Lengths::default();
    List::ALL.iter().for_each(|list| lists_max.set(*list, most));
    let terms = Terms {
        lists_max,
        ..(*terms()).clone()
    };
    scene.room = Room::restore(terms.into(), SALT, scene.room.snapshot());
    scene
}

fn full_list(list: List, most: usize) -> Result<Vec<String>, Refusal> {
    Err(Refusal::ListFull { list, most })
}

#[test]
fn no_list_of_affiliations_grows_beyond_what_it_may_be() {
    for (affiliation, list) in [
        (Affiliation::Outcast, List::Outcasts),
        (Affiliation::Member, List::Members),
        (Affiliation::Admin, List::Admins),
    ] {
        let mut scene = scene_with(2, &[]);
        let items = |people: &[&str]| {
            let items = people.iter().map(|jid| affiliate(jid, affiliation));
            Action::Moderate(items.collect())
        };
        let three = ["a@x.example", "b@x.example", "c@x.example"];
        let refused = scene.act((ANN, 0), items(&three));
        assert_eq!(refused, full_list(list, 2));
        scene.act((ANN, 0), items(&three[..2])).unwrap();
        assert_eq!(scene.room.lengths().of(list), 2);
        assert_eq!(scene.act((ANN, 0), items(&three[2..])), full_list(list, 2));
        // One comes and one goes.
        let swap = vec![
            affiliate("c@x.example", affiliation),
            affiliate("a@x.example", Affiliation::None),
        ];
        scene.act((ANN, 0), Action::Moderate(swap)).unwrap();
        assert_eq!(scene.room.lengths().of(list), 2);
    }
}

#[test]
fn a_list_that_is_too_long_may_shrink() {
    let mut scene = scene_with(9, &[]);
    for jid in ["a@x.example", "b@x.example", "c@x.example"] {
        scene
            .set_affiliation(ANN, jid, Affiliation::Outcast)
            .unwrap();
    }
    let strict = scene_with(1, &[]).room.terms;
    scene.room = Room::restore(strict, SALT, scene.room.snapshot());
    let refused = scene.set_affiliation(ANN, "d@x.example", Affiliation::Outcast);
    assert_eq!(refused, full_list(List::Outcasts, 1));
    scene
        .set_affiliation(ANN, "a@x.example", Affiliation::None)
        .unwrap();
    assert_eq!(scene.room.lengths().of(List::Outcasts), 2);
}

#[test]
fn neither_forms_nor_registrations_nor_invitations_go_around_that() {
    let registration = Setting::Registration.to(RegistrationPolicy::Open);
    let mut scene = scene_with(1, &[registration]);
    let owners = [bare(ANN), bare(BEA)].into();
    let refused = scene.configure(ANN, &[Assignment::Owners(owners)]);
    assert_eq!(refused, full_list(List::Owners, 1));
    let register = |text| Action::Register { nick: nick(text) };
    scene.act((BEA, 0), register("Bea")).unwrap();
    scene.act((BEA, 0), register("Bee")).unwrap();
    let refused = scene.act((CID, 0), register("Cid"));
    assert_eq!(refused, full_list(List::Members, 1));
    let reserve = |jid, text| Moderation::Affiliation {
        target: AffiliationTarget::Jid(jid),
        affiliation: Affiliation::Admin,
        reserve: Some(Some(nick(text))),
        reason: None,
    };
    let refused = scene.act((ANN, 0), Action::Moderate(vec![reserve(bare(CID), "Cid")]));
    assert_eq!(refused, full_list(List::Registrations, 1));

    scene
        .configure(ANN, &[Setting::MembersOnly.to(true)])
        .unwrap();
    let invite = |person| Invite {
        to: bare(person).into(),
        reason: None,
        continuation: None,
    };
    let refused = scene.act((ANN, 0), Action::Invite(vec![invite(DAN)]));
    assert_eq!(refused, full_list(List::Members, 1));
    scene
        .act((ANN, 0), Action::Invite(vec![invite(BEA)]))
        .unwrap();
}

#[test]
fn no_more_voices_are_given_than_can_be_remembered() {
    let mut scene = scene_with(1, &[Setting::Moderated.to(true)]);
    for (person, nick) in [(BEA, "Bea"), (CID, "Cid")] {
        scene.enter((person, 0), nick).unwrap();
    }
    scene.set_role(ANN, "Bea", Role::Participant).unwrap();
    scene.set_role(ANN, "Bea", Role::Participant).unwrap();
    let refused = scene.set_role(ANN, "Cid", Role::Participant);
    assert_eq!(refused, full_list(List::Voices, 1));
    scene.set_role(ANN, "Bea", Role::Visitor).unwrap();
    scene.set_role(ANN, "Cid", Role::Participant).unwrap();
}

/// The same room, but it knows nobody who is not inside.
fn without_absent(scene: &Scene) -> Room {
    let snapshot = scene.room.snapshot();
    let lengths = scene.room.lengths();
    let inside = scene.room.occupants();
    let affiliations = snapshot.affiliations.iter();
    let mut bonds = snapshot.bonds.clone();
    bonds.retain(|jid, _| inside.concerns(jid));
    let sparse = Snapshot {
        affiliations: affiliations
            .filter(|(jid, _)| inside.concerns(jid))
            .cloned()
            .collect(),
        bonds,
        ..snapshot
    };
    Room::wake(scene.room.terms.clone(), SALT, sparse, lengths)
}

/// Tells a room what it needs of those that are kept.
fn inform(room: &mut Room, kept: &Snapshot, from: &jid::FullJid, action: &Action) {
    for whole in [false, true] {
        let needed = match whole {
            false => room.needs(from, action),
            true => room.needs_whole(from, action),
        };
        let mut bonds = kept.bonds.clone();
        bonds.retain(|jid, bond| {
            let key = bond.key();
            let by_key = key.is_some_and(|key| needed.nicks.iter().any(|nick| nick.key() == key));
            let is_wanted = needed.kinds.contains(&bond.kind());
            match bond.kind().row().by_person {
                true => needed.people.contains(jid) || by_key || is_wanted,
                false => is_wanted,
            }
        });
        room.learn(Known {
            name: None,
            affiliations: kept
                .affiliations
                .iter()
                .filter(|(jid, entry)| {
                    needed.people.contains(jid) || needed.whole.contains(&entry.affiliation)
                })
                .cloned()
                .collect(),
            bonds,
            whole: needed.whole.clone(),
            kinds: needed.kinds.clone(),
        });
    }
}

#[test]
fn a_room_that_is_told_of_people_decides_as_one_that_has_its_lists() {
    let mut scene = Scene::with(&[
        Setting::Moderated.to(true),
        Setting::Registration.to(RegistrationPolicy::Open),
    ]);
    for (person, text) in [(BEA, "Bea"), (CID, "Cid"), (DAN, "Dan")] {
        scene.enter((person, 0), text).unwrap();
        let nick = nick(text);
        scene.act((person, 0), Action::Register { nick }).unwrap();
    }
    scene.set_role(ANN, "Dan", Role::Visitor).unwrap();
    for (jid, affiliation) in [
        (bare(BEA).as_str(), Affiliation::Admin),
        ("c.example", Affiliation::Outcast),
        ("friend@c.example", Affiliation::Member),
    ] {
        scene.set_affiliation(ANN, jid, affiliation).unwrap();
    }
    for person in [BEA, CID, DAN] {
        scene.exit((person, 0));
    }
    let form = Action::Configure(vec![Assignment::Owners([bare(ANN), bare(BEA)].into())]);
    let bans = [bare(CID).as_str(), "b.example", "friend@c.example"]
        .map(|jid| affiliate(jid, Affiliation::Outcast));
    let invites = [DAN, EVE].map(|person| Invite {
        to: bare(person).into(),
        reason: None,
        continuation: None,
    });
    let mut actions = vec![
        (ANN, form),
        (ANN, Action::Moderate(bans.to_vec())),
        (BEA, Action::Moderate(bans.to_vec())),
        (ANN, Action::Invite(invites.to_vec())),
        (ANN, Action::ShowConfiguration),
        (EVE, Action::ShowRegistration),
        (CID, Action::Unregister),
        (BEA, Action::Unregister),
        (DAN, Action::ShowReservedNick),
        (DAN, Action::ShowInformation),
        (EVE, Action::Register { nick: nick("Dan") }),
        (BEA, Action::ListAffiliation(Affiliation::Member)),
    ];
    for person in [BEA, CID, DAN, EVE] {
        for text in ["Bea", "Dan", "Someone"] {
            let entry = entry(text);
            actions.push((person, Action::Enter(Box::new(entry))));
        }
    }
    let kept = scene.room.snapshot();
    for (person, action) in actions {
        let from = full(person, 0);
        let told = format!("{from} {action:?}");
        let handle = |mut room: Room| {
            let mut effects = Vec::new();
            let request = Request {
                from: Arc::clone(&from),
                action: action.clone(),
            };
            let outcome = room.handle(Now::in_step(at(9)), request, &mut effects);
            (outcome, effects, room.lengths())
        };
        let mut sparse = without_absent(&scene);
        inform(&mut sparse, &kept, &from, &action);
        let whole = Room::restore(scene.room.terms.clone(), SALT, kept.clone());
        assert_eq!(handle(sparse), handle(whole), "{told}");
    }
}

#[test]
fn who_is_absent_is_forgotten_and_who_is_inside_is_not() {
    let mut scene = Scene::new();
    scene.enter((BEA, 0), "Bea").unwrap();
    scene
        .set_affiliation(ANN, bare(BEA).as_str(), Affiliation::Admin)
        .unwrap();
    scene
        .set_affiliation(ANN, bare(BEA).domain().as_str(), Affiliation::Member)
        .unwrap();
    for number in 0..1000 {
        let jid = format!("{number}@x.example");
        scene
            .set_affiliation(ANN, &jid, Affiliation::Outcast)
            .unwrap();
    }
    let lengths = scene.room.lengths();
    scene.room.forget_absent();
    assert_eq!(scene.room.snapshot().affiliations.len(), 3);
    assert_eq!(scene.room.lengths(), lengths);
    assert_eq!(scene.room.affiliation_of(&bare(BEA)), Affiliation::Admin);
}
