//! What the directory decides, by sentences and by random requests.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, DomainPart};
use proptest::prelude::*;

use super::*;
use crate::room::Timestamp;
use crate::room::owning::destroy::Destruction;
use crate::room::scope::CategoryId;

const MONTH_S: i64 = 31 * 24 * 60 * 60;
/// When rooms were destroyed.
const DESTROYED: Timestamp = Timestamp(1_000_000);

fn jid(text: &str) -> BareJid {
    BareJid::new(text).unwrap()
}

/// A service for `example.org`, whose people may have two rooms each.
fn directory() -> Directory {
    Directory::new(Rules {
        terms: Terms {
            served: Arc::new([DomainPart::new("example.org").unwrap().into_owned()].into()),
            operators: Arc::new([jid("root@admin.example")].into()),
            ..Terms::default()
        },
        rooms_per_person_max: Some(2),
        ..Rules::default()
    })
}

fn free() -> Site {
    Site {
        room: jid("hall@rooms.example.org"),
        remains: None,
        now: Some(DESTROYED),
    }
}

/// Where ann and bea owned a room that cid had created.
fn grave() -> Site {
    let destruction = Destruction {
        at: Some(DESTROYED),
        owners: [jid("ann@example.org"), jid("bea@example.org")].into(),
        ..Destruction::default()
    };
    Site {
        remains: Some(Grave {
            destruction: Arc::new(destruction),
            creator: Some(jid("cid@example.org")),
        }),
        ..free()
    }
}

fn secret(mut site: Site) -> Site {
    if let Some(grave) = &mut site.remains {
        Arc::make_mut(&mut grave.destruction).secret = true;
    }
    site
}

fn create(
    directory: &Directory,
    person: &str,
    created: u64,
    site: &Site,
) -> Result<Vec<Effect>, Refusal> {
    let request = Request::Create {
        creator: jid(person),
        created,
        site: site.clone(),
    };
    let mut effects = Vec::new();
    let now = Now::in_step(DESTROYED);
    directory.clone().handle(now, request, &mut effects)?;
    Ok(effects)
}

fn may_create(directory: &Directory, person: &str, created: u64) -> bool {
    create(directory, person, created, &free()).is_ok()
}

#[test]
fn the_served_create_strangers_do_not_operators_always_may() {
    let directory = directory();
    assert!(may_create(&directory, "ann@example.org", 1));
    assert!(!may_create(&directory, "ann@example.org", 2));
    assert!(!may_create(&directory, "eve@evil.example", 0));
    assert!(!may_create(&directory, "eve@sub.example.org", 0));
    assert!(may_create(&directory, "root@admin.example", 1000));
}

/// The same with another wish for the first category.
fn with_general(wish: CategoryWish) -> Directory {
    let mut directory = directory();
    effects_of(
        &mut directory,
        Request::SetCategory {
            name: "general".into(),
            wish,
        },
    );
    directory
}

fn edit(list: CategoryList, step: EditStep, entries: &[&str]) -> ListEdit {
    let entries = entries.iter().map(|entry| entry.parse().unwrap());
    ListEdit {
        list,
        step,
        entries: entries.collect(),
    }
}

#[test]
fn creators_are_people_and_domains_in_scope() {
    let edits = vec![
        edit(
            CategoryList::Allowed,
            EditStep::Replace,
            &["a.example", "b.example"],
        ),
        edit(
            CategoryList::Creators,
            EditStep::Replace,
            &["ann@a.example", "b.example", "c.example"],
        ),
        edit(CategoryList::Denied, EditStep::Add, &["eve@b.example"]),
    ];
    let directory = with_general(CategoryWish {
        edits,
        ..CategoryWish::default()
    });
    assert!(may_create(&directory, "ann@a.example", 0));
    assert!(!may_create(&directory, "bob@a.example", 0));
    assert!(may_create(&directory, "bob@b.example", 0));
    assert!(!may_create(&directory, "eve@b.example", 0), "denied");
    assert!(!may_create(&directory, "cid@c.example", 0), "out of scope");
}

#[test]
fn a_new_room_begins_with_the_rules_of_the_configuration() {
    let directory = directory();
    let effects = create(&directory, "ann@example.org", 0, &free()).unwrap();
    let [Effect::Create(new)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(new.jid, free().room);
    assert_eq!(new.creator, jid("ann@example.org"));
    let terms = directory.terms_in(CategoryId::GENERAL);
    assert!(Arc::ptr_eq(&new.terms, terms));
    assert_eq!(new.configuration, directory.rules.new_room);
}

#[test]
fn owners_and_operators_make_a_destroyed_room_anew_and_nobody_else() {
    let directory = directory();
    for (person, may) in [
        ("ann@example.org", true),
        ("bea@example.org", true),
        ("root@admin.example", true),
        ("cid@example.org", false),
        ("example.org", false),
    ] {
        let outcome = create(&directory, person, 0, &grave());
        assert_eq!(outcome.is_ok(), may, "{person}");
        assert!(may || matches!(outcome, Err(Refusal::Gone(_))), "{person}");
    }
}

#[test]
fn a_room_made_anew_takes_the_place_of_the_old_one_among_its_creators_rooms() {
    let directory = directory();
    let mut site = grave();
    assert!(create(&directory, "ann@example.org", 2, &site).is_err());
    if let Some(grave) = &mut site.remains {
        grave.creator = Some(jid("ann@example.org"));
    }
    assert!(create(&directory, "ann@example.org", 2, &site).is_ok());
    assert!(create(&directory, "ann@example.org", 3, &site).is_err());
}

#[test]
fn an_address_is_free_after_a_month_if_somebody_knows_that_it_has_passed() {
    let directory = directory();
    let at = |now| Site { now, ..grave() };
    let last_moment = DESTROYED.plus_seconds(MONTH_S);
    for (now, free) in [
        (Some(DESTROYED), false),
        (Some(last_moment), false),
        (Some(last_moment.plus_seconds(1)), true),
        (None, false),
    ] {
        let outcome = create(&directory, "dan@example.org", 0, &at(now));
        assert_eq!(outcome.is_ok(), free, "{now:?}");
    }
}

#[test]
fn a_secret_room_that_was_destroyed_is_as_if_it_had_never_been() {
    let mut directory = directory();
    let mut seek = |site: Site| {
        directory.handle(
            Now::in_step(DESTROYED),
            Request::Seek {
                person: jid("dan@example.org"),
                site,
            },
            &mut Vec::new(),
        )
    };
    assert!(matches!(seek(grave()), Err(Refusal::Gone(_))));
    assert_eq!(seek(secret(grave())), seek(free()));
    let outcome = create(&directory, "dan@example.org", 0, &secret(grave()));
    assert_eq!(outcome, Err(Refusal::CreationNotAllowed));
}

#[test]
fn what_rooms_keep_is_looked_at_every_hour_and_when_the_calendar_was_set() {
    let mut directory = directory();
    let mut looks_at = |second: i64, request| {
        let mut effects = Vec::new();
        let now = Now::in_step(Timestamp(second * 1_000_000));
        directory.handle(now, request, &mut effects).unwrap();
        !effects.is_empty()
    };
    assert!(looks_at(1, Request::Expire));
    assert!(!looks_at(3_600, Request::Expire));
    assert!(looks_at(3_601, Request::Expire));
    assert!(!looks_at(3_602, Request::CalendarSet));
    assert!(looks_at(3_602, Request::Expire));
}

/// Operators of before and of today, by the letters of their names.
fn operators(names: &str) -> BTreeSet<BareJid> {
    let people = names
        .chars()
        .map(|name| jid(&format!("{name}@admin.example")));
    people.collect()
}

fn operated_by(names: &str) -> Directory {
    Directory::new(Rules {
        terms: Terms {
            operators: Arc::new(operators(names)),
            ..Terms::default()
        },
        ..Rules::default()
    })
}

fn stretch(after: Option<&BareJid>, names: &str) -> Stretch {
    Stretch {
        after: after.cloned(),
        operators: operators(names),
        mark: operated_by(names).categories.mark(),
    }
}

fn govern(after: Option<BareJid>) -> Effect {
    Effect::Govern {
        after,
        among: Among::All,
    }
}

fn begin(governed: Vec<Stretch>) -> Request {
    Request::Begin {
        addins: KeptAddIns::default(),
        governed,
        categories: vec![Category::general()],
        groups: Groups::default().as_news(),
    }
}

fn effects_of(directory: &mut Directory, request: Request) -> Vec<Effect> {
    let mut effects = Vec::new();
    let outcome = directory.handle(Now::in_step(DESTROYED), request, &mut effects);
    outcome.expect("only creating and seeking are refused");
    effects
}

#[test]
fn a_directory_that_knows_of_no_operators_before_notes_those_of_today() {
    let mut directory = operated_by("ab");
    let governed = Vec::new();
    let noted = Change::Governed(vec![stretch(None, "ab")]);
    let effects = effects_of(&mut directory, begin(governed));
    assert_eq!(effects, [Effect::Save(noted)]);
}

#[test]
fn with_the_operators_of_before_no_room_is_governed_anew() {
    let mut directory = operated_by("ab");
    let governed = vec![stretch(None, "ab")];
    assert_eq!(effects_of(&mut directory, begin(governed)), []);
    assert_eq!(
        effects_of(&mut directory, Request::Governed { up_to: None }),
        []
    );
}

#[test]
fn other_operators_have_all_rooms_governed_anew_and_a_walk_goes_on_where_it_was() {
    let room = jid("hall@rooms.example.org");
    let mut directory = operated_by("b");
    let governed = vec![stretch(None, "a")];
    let effects = effects_of(&mut directory, begin(governed));
    assert_eq!(effects, [govern(None)]);
    let up_to = Some(room.clone());
    let left = vec![stretch(None, "b"), stretch(Some(&room), "a")];
    let effects = effects_of(&mut directory, Request::Governed { up_to });
    assert_eq!(effects, [Effect::Save(Change::Governed(left.clone()))]);
    // The service stops here.
    let mut directory = operated_by("b");
    let effects = effects_of(&mut directory, begin(left));
    assert_eq!(effects, [govern(Some(room))]);
    let effects = effects_of(&mut directory, Request::Governed { up_to: None });
    let all = vec![stretch(None, "b")];
    assert_eq!(effects, [Effect::Save(Change::Governed(all))]);
}

fn room(number: usize) -> BareJid {
    jid(&format!(
        "{}@rooms.example.org",
        ["a", "b", "b.c", "b0", "bb", "z"][number]
    ))
}

proptest! {
    /// Each start has other operators, and is over when its walk has passed some of the rooms.
    #[test]
    fn at_any_time_each_room_wakes_under_the_operators_that_governed_it_last(
        starts in prop::collection::vec(("[a-c]{0,2}", 0..8_usize), 1..8)
    ) {
        let mut kept = Vec::new();
        let mut rooms: Vec<(BareJid, Option<String>)> = (0..6).map(|number| (room(number), None)).collect();
        rooms.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        for (names, pages) in starts {
            let mut directory = operated_by(&names);
            let first = kept.is_empty();
            let mut effects = effects_of(&mut directory, begin(kept.clone()));
            if first {
                rooms.iter_mut().for_each(|(_, under)| *under = Some(names.clone()));
            }
            let asked = effects.iter().find_map(|effect| match effect {
                Effect::Govern { after, .. } => Some(after.clone()),
                _ => None,
            });
            if let Some(after) = asked {
                let is_left = |room: &BareJid| after.as_ref().is_none_or(|after| after.as_str() < room.as_str());
                let left: Vec<_> = rooms.iter_mut().filter(|(room, _)| is_left(room)).collect();
                let count = left.len();
                for (number, (room, under)) in left.into_iter().enumerate().take(pages) {
                    *under = Some(names.clone());
                    let up_to = Some(room.clone());
                    effects.extend(effects_of(&mut directory, Request::Governed { up_to }));
                    prop_assert!(number < count);
                }
                if pages > count {
                    effects.extend(effects_of(&mut directory, Request::Governed { up_to: None }));
                }
            }
            for (room, under) in &rooms {
                let under = operators(under.as_deref().unwrap_or_default());
                prop_assert_eq!(&*directory.terms_of(room, CategoryId::GENERAL).operators, &under, "{}", room);
            }
            for effect in effects {
                if let Effect::Save(Change::Governed(stretches)) = effect {
                    kept = stretches;
                }
            }
        }
    }
}

fn person() -> impl Strategy<Value = BareJid> {
    let people = [
        "ann@example.org",
        "bea@example.org",
        "cid@example.org",
        "eve@evil.example",
        "root@admin.example",
    ];
    prop::sample::select(people.map(jid).to_vec())
}

fn site() -> impl Strategy<Value = Site> {
    let sites = vec![free(), grave(), secret(grave())];
    let days = prop::option::of(0..40_i64);
    (prop::sample::select(sites), days).prop_map(|(site, days)| Site {
        now: days.map(|days| DESTROYED.plus_seconds(days * 24 * 60 * 60)),
        ..site
    })
}

fn request() -> impl Strategy<Value = Request> {
    let keep = (prop::option::of(0..9_u32), prop::option::of(0..9_u32));
    prop_oneof![
        (person(), site()).prop_map(|(person, site)| Request::Seek { person, site }),
        (person(), 0..4_u64, site()).prop_map(|(creator, created, site)| Request::Create {
            creator,
            created,
            site
        }),
        keep.prop_map(|(days, messages)| Request::Keep {
            room: free().room,
            keep: RoomRetention { days, messages },
        }),
        Just(begin(vec![
            stretch(None, "a"),
            stretch(Some(&room(2)), "bc")
        ])),
        prop::option::of(0..6_usize).prop_map(|number| Request::Governed {
            up_to: number.map(room),
        }),
        Just(Request::CalendarSet),
        Just(Request::Expire),
    ]
}

proptest! {
    #[test]
    fn the_same_requests_have_the_same_effects_and_a_refusal_leaves_no_trace(
        requests in prop::collection::vec((request(), 0..4_000_i64), 1..30)
    ) {
        let mut one = directory();
        let mut other = one.clone();
        let (mut told_one, mut told_other) = (Vec::new(), Vec::new());
        let mut second = 0;
        for (request, pause) in requests {
            second += pause;
            let now = Now::in_step(Timestamp(second * 1_000_000));
            let (before, told_before) = (one.clone(), told_one.len());
            let outcome = one.handle(now, request.clone(), &mut told_one);
            prop_assert_eq!(&outcome, &other.handle(now, request.clone(), &mut told_other));
            prop_assert_eq!(&told_one, &told_other);
            prop_assert_eq!(&one, &other);
            if outcome.is_err() {
                prop_assert_eq!(&one, &before);
                prop_assert_eq!(told_one.len(), told_before);
            }
        }
    }

    #[test]
    fn nobody_may_create_where_they_might_not_without_a_grave(
        (person, created, site) in (person(), 0..4_u64, site())
    ) {
        let directory = directory();
        let created_elsewhere = match site.remains {
            Some(_) => created.saturating_sub(1),
            None => created,
        };
        let person = person.as_str();
        if create(&directory, person, created, &site).is_ok() {
            prop_assert!(may_create(&directory, person, created_elsewhere));
        }
    }
}
