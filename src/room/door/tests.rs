//! What the door decides, for every room and person that differ for it, and that nobody else
//! decides it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jid::FullJid;

use super::*;
use crate::room::moderating::subject::Subject;
use crate::room::occupant::SessionRecord;
use crate::room::occupying::archive::ArchiveQuestion;
use crate::room::{Affiliated, Bond, Nick, Now, OccupantId, Payload, Request, Snapshot, Terms};

const ASKER: &str = "asker@example.org/phone";

/// A kind of room: `s`ecret or `h`idden or else public, for `m`embers, with a `p`assword, `l`ocked,
/// `d`isabled, an `a`uditorium.
fn configuration(kind: &str) -> (Configuration, Option<Timestamp>) {
    let is = |letter| kind.contains(letter);
    let configuration = Configuration {
        public: !is('h') && !is('s'),
        members_only: is('m') || is('s'),
        moderated: is('a'),
        password: is('p').then(|| "open sesame".into()),
        disabled: is('d'),
        ..Configuration::default()
    };
    (configuration, is('l').then_some(Timestamp(1)))
}

const KINDS: [&str; 28] = [
    "", "m", "h", "s", "p", "mp", "hp", "sp", "l", "ml", "hl", "sl", "pl", "mpl", "hpl", "spl",
    "d", "md", "hd", "sd", "spd", "ld", "a", "ma", "sa", "pa", "spa", "sla",
];

fn door(kind: &str) -> Door {
    let (configuration, locked_since) = configuration(kind);
    Door::of(&configuration, locked_since)
}

fn everybody() -> impl Iterator<Item = Standing> {
    Affiliation::ALL.into_iter().flat_map(|affiliation| {
        Role::ALL.into_iter().flat_map(move |role| {
            [false, true].map(|is_presenter| Standing {
                is_presenter,
                ..standing(affiliation, role)
            })
        })
    })
}

fn standing(affiliation: Affiliation, role: Role) -> Standing {
    Standing {
        affiliation,
        role,
        in_scope: true,
        is_presenter: false,
    }
}

fn outside(affiliation: Affiliation) -> Standing {
    standing(affiliation, Role::None)
}

/// Rows: kinds of rooms. Columns: outcasts, those without affiliation, members, admins, owners, all
/// of them outside. Letters: k knows of the room, r reads, e enters with the password only, E
/// enters without one.
const OUTSIDE: [(&str, [&str; 5]); 16] = [
    ("", ["k", "krE", "krE", "krE", "krE"]),
    ("m", ["k", "k", "krE", "krE", "krE"]),
    ("h", ["k", "krE", "krE", "krE", "krE"]),
    ("s", ["", "", "krE", "krE", "krE"]),
    ("p", ["k", "ke", "kre", "kre", "krE"]),
    ("mp", ["k", "k", "kre", "kre", "krE"]),
    ("hp", ["k", "ke", "kre", "kre", "krE"]),
    ("sp", ["", "", "kre", "kre", "krE"]),
    ("l", ["", "", "", "", "krE"]),
    ("ml", ["", "", "", "", "krE"]),
    ("sl", ["", "", "", "", "krE"]),
    ("spl", ["", "", "", "", "krE"]),
    ("d", ["", "", "k", "k", "k"]),
    ("hpd", ["", "", "k", "k", "k"]),
    ("spd", ["", "", "k", "k", "k"]),
    ("ld", ["", "", "", "", "k"]),
];

/// The same for presenters. Who is none has nothing of it that the room is an auditorium.
const PRESENTERS: [(&str, [&str; 5]); 7] = [
    ("a", ["k", "krE", "krE", "krE", "krE"]),
    ("ma", ["k", "krE", "krE", "krE", "krE"]),
    ("sa", ["", "krE", "krE", "krE", "krE"]),
    ("pa", ["k", "kre", "kre", "kre", "krE"]),
    ("sla", ["", "", "", "", "krE"]),
    ("m", ["k", "k", "krE", "krE", "krE"]),
    ("s", ["", "", "krE", "krE", "krE"]),
];

fn letters(door: &Door, person: Standing) -> String {
    let mut found = String::new();
    found.extend(door.is_known_to(person).is_ok().then_some('k'));
    found.extend(door.reader(person).is_some().then_some('r'));
    found.extend(
        match (door.lets_in(person), door.lets_in_by_password(person)) {
            (Ok(()), _) => Some('E'),
            (Err(_), Ok(())) => Some('e'),
            (Err(_), Err(_)) => None,
        },
    );
    found
}

#[test]
fn people_outside_know_read_and_enter_as_the_table_says() {
    for (kind, row) in OUTSIDE {
        for (affiliation, expected) in Affiliation::ALL.into_iter().zip(row) {
            for kind in [kind.to_owned(), format!("{kind}a")] {
                let found = letters(&door(&kind), outside(affiliation));
                assert_eq!(found, expected, "{kind:?}, {affiliation:?}");
            }
        }
    }
    for (kind, row) in PRESENTERS {
        for (affiliation, expected) in Affiliation::ALL.into_iter().zip(row) {
            let person = Standing {
                is_presenter: true,
                ..outside(affiliation)
            };
            assert_eq!(
                letters(&door(kind), person),
                expected,
                "{kind:?}, {affiliation:?}"
            );
        }
    }
}

#[test]
fn whoever_may_do_more_may_do_less() {
    for kind in KINDS {
        let door = door(kind);
        for person in everybody() {
            let who = format!("{kind:?}, {person:?}");
            let known = door.is_known_to(person).is_ok();
            let reads = door.reader(person).is_some();
            assert!(known || !reads, "who reads knows: {who}");
            assert!(
                reads || door.lets_in(person).is_err(),
                "who enters reads: {who}"
            );
            assert!(
                reads || !door.is_searched_for(person),
                "who searches reads: {who}"
            );
            assert!(
                reads || !person.is_inside() || kind.contains('d'),
                "whoever is inside reads: {who}"
            );
            if door.is_listed() {
                assert!(known, "what is listed is known to all: {who}");
            }
        }
    }
}

#[test]
fn a_refusal_names_the_rule() {
    let refused = |kind, affiliation| door(kind).lets_in(outside(affiliation)).unwrap_err();
    assert_eq!(refused("mp", Affiliation::Outcast), Refusal::Banned);
    assert_eq!(refused("mp", Affiliation::None), Refusal::MembersOnly);
    assert_eq!(
        refused("mp", Affiliation::Member),
        Refusal::PasswordRequired
    );
    assert_eq!(refused("spl", Affiliation::None), Refusal::NoSuchRoom);
    assert_eq!(refused("spl", Affiliation::Member), Refusal::Locked);
    assert_eq!(refused("spd", Affiliation::None), Refusal::NoSuchRoom);
    assert_eq!(
        refused("spd", Affiliation::Owner),
        Refusal::Disabled("".into())
    );
}

/// Rows: whether the setting is on, and the kind of room. Columns: the affiliations. Letters: the
/// roles from none to moderator: y may, n not allowed, o is not an occupant.
#[test]
fn people_invite_as_the_table_says() {
    let table = [
        ((true, ""), ["oyyy", "oyyy", "oyyy", "yyyy", "yyyy"]),
        ((true, "m"), ["oyyy", "oyyy", "oyyy", "yyyy", "yyyy"]),
        ((false, ""), ["onny", "onny", "onny", "yyyy", "yyyy"]),
        ((false, "m"), ["onnn", "onnn", "onnn", "yyyy", "yyyy"]),
    ];
    for ((invitations_open, kind), row) in table {
        let door = Door {
            invitations_open,
            ..door(kind)
        };
        for (affiliation, expected) in Affiliation::ALL.into_iter().zip(row) {
            let letter = |role| match door.lets_invite(standing(affiliation, role)) {
                Ok(()) => 'y',
                Err(Refusal::NotAnOccupant) => 'o',
                Err(_) => 'n',
            };
            let found: String = Role::ALL.into_iter().map(letter).collect();
            assert_eq!(found, expected, "{invitations_open}, {kind:?}");
        }
    }
}

#[test]
fn nobody_invites_where_invitations_are_off() {
    for kind in KINDS {
        let door = Door {
            invitations: InvitationPolicy::Off,
            ..door(kind)
        };
        for person in everybody() {
            assert!(door.lets_invite(person).is_err(), "{kind:?}, {person:?}");
        }
    }
}

#[test]
fn an_invitation_makes_members_of_strangers_where_members_alone_may_enter() {
    for affiliation in Affiliation::ALL {
        let unchanged = match affiliation {
            Affiliation::Outcast => Err(Refusal::InvitationNotAllowed),
            other => Ok(other),
        };
        let admitted = match affiliation {
            Affiliation::None => Ok(Affiliation::Member),
            _ => unchanged.clone(),
        };
        assert_eq!(door("").invited(affiliation), unchanged);
        assert_eq!(door("m").invited(affiliation), admitted);
    }
}

/// Letters for the policies open, approval, closed: y at once, a on approval, c closed, n not
/// allowed.
#[test]
fn people_register_as_the_table_says() {
    let policies = [
        RegistrationPolicy::Open,
        RegistrationPolicy::Approval,
        RegistrationPolicy::Closed,
    ];
    for (kind, row) in [
        ("", ["nnn", "yac", "yyy", "yyy", "yyy"]),
        ("m", ["nnn", "aaa", "yyy", "yyy", "yyy"]),
    ] {
        for (affiliation, expected) in Affiliation::ALL.into_iter().zip(row) {
            let letter = |registration| {
                let door = Door {
                    registration,
                    ..door(kind)
                };
                let person = Standing {
                    affiliation,
                    role: Role::None,
                    in_scope: true,
                    is_presenter: false,
                };
                match door.enrolment(person) {
                    Ok(Enrolment::AtOnce) => 'y',
                    Ok(Enrolment::OnApproval) => 'a',
                    Err(Refusal::RegistrationClosed) => 'c',
                    Err(_) => 'n',
                }
            };
            let found: String = policies.into_iter().map(letter).collect();
            assert_eq!(found, expected, "{kind:?}, {affiliation:?}");
        }
    }
}

/// A room with a subject, and somebody who stands to it like this.
fn room(kind: &str, person: Standing) -> Room {
    let from = FullJid::new(ASKER).unwrap();
    let (configuration, locked_since) = configuration(kind);
    let entry = Affiliated {
        affiliation: person.affiliation,
        reason: None,
        given_by: None,
        given_at: Timestamp(1),
    };
    let session = SessionRecord {
        real_jid: Arc::new(from.clone()),
        nick: Nick::new("asker").unwrap(),
        role: person.role,
        occupant_id: OccupantId("asker".into()),
        presence: Payload::new(b""),
        entered_at: Timestamp(1),
        shown: 1,
        arrival: 1,
        seen_below: None,
    };
    let has_entry = person.affiliation != Affiliation::None;
    let snapshot = Snapshot {
        locked_since,
        affiliations: has_entry
            .then(|| (from.to_bare(), entry))
            .into_iter()
            .collect(),
        bonds: person
            .is_presenter
            .then(|| (from.to_bare(), Bond::Presenter(true)))
            .into_iter()
            .collect(),
        sessions: person.is_inside().then_some(session).into_iter().collect(),
        subject: Subject {
            text: "Spells".into(),
            set: None,
        },
        ..Snapshot::new(configuration)
    };
    Room::restore(Arc::new(Terms::default()), [7; 32], snapshot)
}

fn effects(room: &mut Room, action: Action) -> Result<Vec<crate::room::Effect>, Refusal> {
    let mut effects = Vec::new();
    let from = Arc::new(FullJid::new(ASKER).unwrap());
    let request = Request { from, action };
    room.handle(Now::in_step(Timestamp(2)), request, &mut effects)?;
    Ok(effects)
}

#[test]
fn whoever_may_read_the_archive_may_see_the_subject_and_nobody_else() {
    for kind in KINDS {
        for person in everybody() {
            let mut room = room(kind, person);
            let question = Box::new(ArchiveQuestion::Metadata);
            let reads = effects(&mut room, Action::ReadArchive(question)).is_ok();
            let from = FullJid::new(ASKER).unwrap();
            let sees = !room.information_for(&from).subject.is_empty();
            assert_eq!(reads, sees, "{kind:?}, {person:?}");
            let known = effects(&mut room, Action::ShowInformation).is_ok();
            assert!(known || !reads, "{kind:?}, {person:?}");
        }
    }
}

/// The settings that the door is made of, and who else may look at them, and why.
const SETTINGS: [(&str, &[&str]); 6] = [
    // What becomes of those inside, and who enables it again.
    (
        ".disabled",
        &[
            "command/room/list.rs",
            "command/room/own.rs",
            "command/room/set.rs",
            "room/owning/disable.rs",
            "room/owning/submitted.rs",
        ],
    ),
    // What a form asks for.
    (".public", &["room/owning/submitted.rs"]),
    (".members_only", &["room/owning/submitted.rs"]),
    (".invitations_open", &[]),
    (".registration", &[]),
    // What is told to those who are invited, what a form says, what somebody gives who enters,
    // where a room went.
    (
        ".password",
        &[
            "room/administering/follow_affiliation.rs",
            "room/occupying/invite.rs",
            "room/occupying/enter.rs",
            "room/owning/configure.rs",
            "room/owning/submitted.rs",
            "store/room/destroyed.rs",
        ],
    ),
];

#[test]
fn nobody_decides_beside_the_door() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut read = 0;
    for folder in ["room", "directory", "store", "service", "command"] {
        for file in sources(&src.join(folder)) {
            let name = file.strip_prefix(&src).unwrap().to_str().unwrap();
            let decides = name == "room/door.rs" || name.starts_with("room/setting/");
            if decides || name.contains("tests") {
                continue;
            }
            read += 1;
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for (setting, may) in SETTINGS {
                if is_named(code, setting) && !may.contains(&name) {
                    wrong.push(format!("{name}: {setting}"));
                }
            }
        }
    }
    assert!(read > 100, "only {read} files were read");
    assert!(wrong.is_empty(), "ask the door instead: {wrong:#?}");
}

/// Whether code looks at a field of this name.
fn is_named(code: &str, field: &str) -> bool {
    code.match_indices(field).any(|(at, _)| {
        let behind = code[at + field.len()..].chars().next();
        !behind.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '(')
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(sources(&path)),
            false => files.push(path),
        }
    }
    files
}
