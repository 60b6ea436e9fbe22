//! The order of refusals, verb by verb: who asks, then who it is about, then whether the asker may,
//! then whether it can be at all. XEP-0045 §8 (#moderator), §9 (#admin), §10 (#owner).

use super::cast::{bare, full, nick, terms};
use super::scene::{ANN, BEA, CID, DAN, EVE, ROOT, Scene, affiliate};
use crate::room::request::{AffiliationTarget, Moderation};
use crate::room::setting::{Assignment, Setting};
use crate::room::{Action, Affiliated, Affiliation, Effect, Refusal, Role, Room};

/// Ann, the only owner, Bea, an admin, Cid, a member, Dan without affiliation and Root the
/// operator, all inside; and Eve, who is banned.
fn court() -> Scene {
    let mut scene = Scene::new();
    for (person, affiliation) in [
        (BEA, Affiliation::Admin),
        (CID, Affiliation::Member),
        (EVE, Affiliation::Outcast),
    ] {
        scene
            .set_affiliation(ANN, bare(person).as_str(), affiliation)
            .unwrap();
    }
    for (person, nick) in [(BEA, "Bea"), (CID, "Cid"), (DAN, "Dan"), (ROOT, "Root")] {
        scene.enter((person, 0), nick).unwrap();
    }
    scene
}

const NICKS: [&str; 6] = ["Ann", "Bea", "Cid", "Dan", "Eve", "Root"];

fn letter(result: &Result<Vec<String>, Refusal>) -> char {
    match result {
        Ok(_) => 'y',
        Err(Refusal::NotPrivileged) => 'p',
        Err(Refusal::NotToOneself) => 'c',
        Err(Refusal::LastOwner) => 'l',
        Err(Refusal::TargetTooHigh) => 't',
        Err(Refusal::NoSuchOccupant) => 'n',
        Err(Refusal::NotAPerson(_)) => 'd',
        Err(Refusal::OperatorAnyway) => 'o',
        Err(other) => panic!("{other:?}"),
    }
}

/// Rows: who asks; columns: about Ann, Bea, Cid, Dan, Eve, Root, a domain, and a nick that nobody
/// has. A letter for each new affiliation, lowest first: y yes, p not privileged, c not to oneself,
/// l the last owner, t target too high, n nobody there, d a domain, o an operator.
const AFFILIATIONS: [(usize, [&str; 8]); 6] = [
    (
        ANN,
        [
            "cllly", "yyyyy", "yyyyy", "yyyyy", "yyyyy", "ooooy", "yyydd", "nnnnn",
        ],
    ),
    (
        BEA,
        [
            "tttpp", "cttpp", "yyypp", "yyypp", "yyypp", "tttpp", "yyypp", "nnnnn",
        ],
    ),
    (CID, ["ppppp"; 8]),
    (DAN, ["ppppp"; 8]),
    (EVE, ["ppppp"; 8]),
    (
        ROOT,
        [
            "lllly", "yyyyy", "yyyyy", "yyyyy", "yyyyy", "coooy", "yyydd", "nnnnn",
        ],
    ),
];

#[test]
fn changes_of_affiliation_are_refused_in_the_order_of_the_sections() {
    for (asker, columns) in AFFILIATIONS {
        for (about, expected) in columns.into_iter().enumerate() {
            for target in targets(about) {
                for outside in [false, true] {
                    let found: String = Affiliation::ALL
                        .into_iter()
                        .map(|to| letter(&attempt(asker, &target, to, outside)))
                        .collect();
                    let place = if outside { "outside" } else { "inside" };
                    assert_eq!(found, expected, "{} {place}, {target:?}", NICKS[asker]);
                }
            }
        }
    }
}

/// The ways to name somebody: by address, and by nick where there is one inside.
fn targets(about: usize) -> Vec<AffiliationTarget> {
    let by_nick = |text: &str| AffiliationTarget::Nick(nick(text));
    match about {
        6 => vec![AffiliationTarget::Jid("d.example".parse().unwrap())],
        7 => vec![by_nick("Nobody")],
        EVE => vec![AffiliationTarget::Jid(bare(EVE))],
        _ => vec![AffiliationTarget::Jid(bare(about)), by_nick(NICKS[about])],
    }
}

/// Who asks from outside has another client inside, so that the nicks are the same.
fn attempt(
    asker: usize,
    target: &AffiliationTarget,
    affiliation: Affiliation,
    outside: bool,
) -> Result<Vec<String>, Refusal> {
    let item = Moderation::Affiliation {
        target: target.clone(),
        affiliation,
        reserve: None,
        reason: None,
    };
    court().act((asker, usize::from(outside)), Action::Moderate(vec![item]))
}

/// As above, of roles: about oneself, Ann, Bea, Cid, Dan, and a nick that nobody has; the roles
/// lowest first. Cid has been made a moderator.
const ROLES: [(usize, [&str; 6]); 4] = [
    (ANN, ["ctty", "ctty", "ytty", "yyyy", "yyyy", "nnnn"]),
    (BEA, ["ctty", "ttty", "ctty", "yyyy", "yyyy", "nnnn"]),
    (CID, ["cppp", "tttp", "tttp", "cppp", "yyyp", "nnnn"]),
    (DAN, ["pppp"; 6]),
];

#[test]
fn changes_of_roles_are_refused_in_the_order_of_the_sections() {
    for (asker, columns) in ROLES {
        let about = [NICKS[asker], "Ann", "Bea", "Cid", "Dan", "Nobody"];
        for (of, expected) in about.into_iter().zip(columns) {
            let found: String = Role::ALL
                .into_iter()
                .map(|role| {
                    let mut scene = court();
                    scene.set_role(ANN, "Cid", Role::Moderator).unwrap();
                    letter(&scene.set_role(asker, of, role))
                })
                .collect();
            assert_eq!(found, expected, "{} of {of}", NICKS[asker]);
            let item = Moderation::Role {
                nick: nick(of),
                role: Role::Visitor,
                reason: None,
            };
            let outside = court().act((asker, 1), Action::Moderate(vec![item]));
            assert_eq!(outside, Err(Refusal::NotPrivileged), "{of} from outside");
        }
    }
}

#[test]
fn what_is_for_owners_is_refused_to_others_whatever_they_send() {
    let contradiction = vec![Assignment::PasswordProtected(true)];
    let verbs = [
        Action::ShowConfiguration,
        Action::Configure(vec![]),
        Action::Configure(contradiction),
        Action::Configure(vec![Assignment::Owners([].into())]),
        Action::CancelConfiguration,
        Action::SetAvatar { avatar: None },
        Action::Destroy {
            alternate: None,
            password: None,
            reason: None,
        },
    ];
    for verb in verbs {
        for asker in [BEA, CID, DAN, EVE] {
            for client in [0, 1] {
                let told = court().act((asker, client), verb.clone());
                assert_eq!(told, Err(Refusal::NotPrivileged), "{verb:?}");
            }
        }
    }
}

fn owners(room: &Room) -> Vec<String> {
    let owners = room.honoured(Affiliation::Owner);
    owners.map(|(jid, _)| jid.to_string()).collect()
}

/// Every way by which a person stops to be an owner, tried by the last one and by an operator.
#[test]
fn the_last_owner_can_go_by_no_way() {
    let list = |jids: &[&str]| jids.iter().map(|jid| jid.parse().unwrap()).collect();
    let mut ways = vec![
        Action::Unregister,
        Action::Configure(vec![Assignment::Owners(list(&[]))]),
        Action::Configure(vec![Assignment::Owners(list(&["d.example"]))]),
        Action::Configure(vec![
            Assignment::Owners(list(&["root@c.example"])),
            Assignment::Owners(list(&[])),
        ]),
        Action::Configure(vec![Assignment::Admins(list(&["ann@a.example"]))]),
        Action::Configure(vec![
            Assignment::Owners(list(&[])),
            Assignment::Admins(list(&["ann@a.example"])),
        ]),
        Action::Moderate(vec![
            affiliate("d.example", Affiliation::Owner),
            affiliate("ann@a.example", Affiliation::None),
        ]),
        Action::Moderate(vec![
            affiliate("bea@a.example", Affiliation::Member),
            affiliate("ann@a.example", Affiliation::Admin),
        ]),
    ];
    for affiliation in &Affiliation::ALL[..4] {
        for target in targets(ANN) {
            ways.push(Action::Moderate(vec![Moderation::Affiliation {
                target,
                affiliation: *affiliation,
                reserve: None,
                reason: None,
            }]));
        }
    }
    for way in ways {
        for asker in [ANN, ROOT] {
            let mut scene = court();
            // Some of these say nothing of Ann, and are done; but she stays.
            let _ = scene.act((asker, 0), way.clone());
            assert_eq!(owners(&scene.room), ["ann@a.example"], "{way:?}");
        }
    }
}

#[test]
fn a_domain_that_was_listed_as_owner_does_not_count_as_one() {
    let mut scene = court();
    let entry = Affiliated {
        affiliation: Affiliation::Owner,
        reason: None,
        given_by: None,
        given_at: super::cast::at(0),
    };
    let domain: jid::BareJid = "d.example".parse().unwrap();
    scene.room.affiliations.set(domain.clone(), Some(entry));
    assert_eq!(scene.room.affiliation_of(&domain), Affiliation::None);
    assert_eq!(owners(&scene.room), ["ann@a.example"]);
    for affiliation in &Affiliation::ALL[1..4] {
        let gone = scene.set_affiliation(ANN, "ann@a.example", *affiliation);
        assert_eq!(gone, Err(Refusal::LastOwner));
    }
    // A form that is sent back as it was shown is taken, and the entry can be taken away.
    let form = scene.room.honoured(Affiliation::Owner);
    let form = Assignment::Owners(form.map(|(jid, _)| jid.clone()).collect());
    scene.configure(ANN, &[form]).unwrap();
    scene
        .set_affiliation(ANN, "d.example", Affiliation::None)
        .unwrap();
}

#[test]
fn a_field_that_names_who_cannot_be_is_named() {
    let list = |jid: &str| [jid.parse().unwrap()].into();
    let field = |setting| match court().configure(ANN, &[setting]) {
        Err(Refusal::ConfigurationNotAcceptable { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let owners = "muc#roomconfig_roomowners";
    let admins = "muc#roomconfig_roomadmins";
    assert_eq!(field(Assignment::Owners(list("bob"))), owners);
    assert_eq!(field(Assignment::Admins(list("bob"))), admins);
    assert_eq!(field(Assignment::Admins(list("root@c.example"))), admins);
}

/// The lists, as an owner reads them.
fn listed(scene: &mut Scene, affiliation: Affiliation) -> Vec<String> {
    let effects = scene.effects((ANN, 0), Action::ListAffiliation(affiliation));
    let effects = effects.unwrap();
    let [Effect::ListAffiliations { .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    // What is read of the list, of all that is kept.
    let kept = scene.room.snapshot().affiliations.into_iter();
    let listed = kept.filter(|(jid, entry)| {
        entry.affiliation == affiliation && scene.room.terms.honours(jid, affiliation)
    });
    listed.map(|(jid, _)| jid.to_string()).collect()
}

/// A person becomes an operator who was listed before.
#[test]
fn lists_tell_what_holds_also_for_who_has_become_an_operator() {
    for before in [
        Affiliation::Outcast,
        Affiliation::Member,
        Affiliation::Admin,
        Affiliation::Owner,
    ] {
        let mut scene = court();
        scene.set_affiliation(ANN, "gus@d.example", before).unwrap();
        assert!(listed(&mut scene, before).contains(&"gus@d.example".to_owned()));
        let mut operators = terms().operators.clone();
        std::sync::Arc::make_mut(&mut operators).insert("gus@d.example".parse().unwrap());
        scene.room.terms = std::sync::Arc::new(crate::room::Terms {
            operators,
            ..(*terms()).clone()
        });
        for affiliation in &Affiliation::ALL {
            if *affiliation == Affiliation::None {
                continue;
            }
            let is_listed = listed(&mut scene, *affiliation).contains(&"gus@d.example".to_owned());
            let holds = *affiliation == Affiliation::Owner && before == Affiliation::Owner;
            assert_eq!(is_listed, holds, "{before:?} in {affiliation:?}");
        }
        // What was shown may be sent back, and changes nothing.
        let shown = |affiliation| {
            let shown = scene.room.honoured(affiliation);
            shown.map(|(jid, _)| jid.clone()).collect()
        };
        let form = [
            Assignment::Owners(shown(Affiliation::Owner)),
            Assignment::Admins(shown(Affiliation::Admin)),
        ];
        let snapshot = scene.room.snapshot();
        scene.configure(ANN, &form).unwrap();
        assert_eq!(scene.room.snapshot(), snapshot);
        // The entry can be taken away, and that is all.
        scene
            .set_affiliation(ANN, "gus@d.example", Affiliation::None)
            .unwrap();
        let again = scene.set_affiliation(ANN, "gus@d.example", Affiliation::None);
        assert_eq!(again, Err(Refusal::OperatorAnyway));
    }
}

/// List, invitation, registration and its approval: those inside are told the same.
#[test]
fn by_whatever_way_somebody_becomes_a_member_those_inside_are_told_alike() {
    use crate::room::request::Invite;
    use crate::room::setting::configuration::RegistrationPolicy;
    let invite = Action::Invite(vec![Invite {
        to: jid::Jid::new("gus@d.example").unwrap(),
        reason: None,
        continuation: None,
    }]);
    let list = Action::Moderate(vec![affiliate("gus@d.example", Affiliation::Member)]);
    let approval = Action::AnswerRegistration {
        jid: "gus@d.example".parse().unwrap(),
        nick: nick("Gus"),
        granted: true,
        reason: None,
    };
    let register = Action::Register { nick: nick("Gus") };
    let gus = std::sync::Arc::new(jid::FullJid::new("gus@d.example/0").unwrap());
    for (asker, members_only, action) in [
        (full(ANN, 0), true, list.clone()),
        (full(ANN, 0), false, list),
        (full(ANN, 0), true, invite),
        (full(ANN, 0), true, approval),
        (gus.clone(), false, register.clone()),
    ] {
        let mut scene = court();
        let settings = [
            Setting::MembersOnly.to(members_only),
            Setting::Registration.to(RegistrationPolicy::Open),
        ];
        if matches!(action, Action::AnswerRegistration { .. }) {
            let approval = Setting::Registration.to(RegistrationPolicy::Approval);
            scene.configure(ANN, &[approval]).unwrap();
            let asked = crate::room::Request {
                from: gus.clone(),
                action: register.clone(),
            };
            let now = super::cast::now(0);
            scene.room.handle(now, asked, &mut Vec::new()).unwrap();
        }
        scene.configure(ANN, &settings).unwrap();
        let mut effects = Vec::new();
        let request = crate::room::Request {
            from: asker,
            action: action.clone(),
        };
        scene
            .room
            .handle(super::cast::now(0), request, &mut effects)
            .unwrap();
        let told: Vec<_> = effects
            .iter()
            .filter_map(super::scene::line)
            .filter(|line| line.contains("gus@d.example is member"))
            .collect();
        let everybody = match members_only {
            true => "ann/0, bea/0, cid/0, root/0",
            false => "ann/0, bea/0, cid/0, dan/0, root/0",
        };
        assert_eq!(
            told,
            [format!("{everybody}: gus@d.example is member")],
            "{action:?}"
        );
        let outside = effects.iter().filter_map(super::scene::line);
        let outside = outside.filter(|line| line.starts_with("outside gus@d.example"));
        // Whoever has asked for it is told the answer beside.
        let outside = outside.filter(|line| !line.contains("access is granted"));
        assert_eq!(outside.count(), 1, "{action:?}");
    }
}
