//! Whom groups mean, by sentences and by random files.

use jid::BareJid;
use proptest::prelude::*;

use super::*;
use crate::directory::ldap_tree::{FoundEntry, FoundMembers};
use crate::room::scope::Scope;

fn jid(text: &str) -> BareJid {
    BareJid::new(text).unwrap()
}

fn list(entries: &[&str]) -> Principals {
    entries.iter().map(|entry| entry.parse().unwrap()).collect()
}

fn named(groups: &[(&str, &[&str])]) -> Result<NamedGroups, Vec<String>> {
    let groups = groups
        .iter()
        .map(|(name, entries)| ((*name).into(), list(entries)));
    NamedGroups::new(groups.collect())
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn groups(of_file: &[(&str, &[&str])]) -> Groups {
    let served = DomainPart::new("example.org").unwrap().into_owned();
    let mut groups = Groups::new(&[served].into());
    groups.learn(GroupNews::Named(Arc::new(named(of_file).unwrap())));
    groups
}

fn tree() -> LdapTree {
    let entry = |name: &str, members: Option<&[&str]>| FoundEntry {
        name: DistinguishedName::parse(&format!("{name},dc=x")).unwrap(),
        addresses: match name.strip_prefix("uid=") {
            Some(uid) => vec![jid(&format!("{uid}@example.org"))],
            None => Vec::new(),
        },
        short_names: Vec::new(),
        members: members.map(|members| FoundMembers {
            names: members
                .iter()
                .map(|one| DistinguishedName::parse(&format!("{one},dc=x")).unwrap())
                .collect(),
            short_names: Vec::new(),
        }),
    };
    LdapTree::of(vec![
        entry("uid=ann", None),
        entry("uid=bob", None),
        entry("cn=traders", Some(&["uid=ann"])),
    ])
}

#[test]
fn a_list_means_whoever_is_in_its_groups_at_any_depth() {
    let mut groups = groups(&[
        ("inner", &["ann@example.org", "example.net", "group:served"]),
        ("outer", &["group:inner", "bob@example.com"]),
        ("all", &["*"]),
        ("empty", &[]),
    ]);
    for (entries, person, is_meant) in [
        (&["group:outer"][..], "ann@example.org", true),
        (&["group:outer"], "bob@example.com", true),
        (&["group:outer"], "eve@example.com", false),
        (&["group:outer"], "eve@example.net", true),
        (&["group:outer"], "eve@example.org", true),
        (&["group:empty", "eve@example.com"], "eve@example.com", true),
        (&["group:empty"], "ann@example.org", false),
        (&["group:all"], "anybody@anywhere.test", true),
        (&["group:served"], "eve@example.org", true),
        (&["group:served"], "eve@example.net", false),
        (&["group:unknown"], "ann@example.org", false),
    ] {
        let people = groups.resolve(&list(entries));
        assert_eq!(
            people.contain(&jid(person)),
            is_meant,
            "{entries:?} {person}"
        );
    }
}

#[test]
fn entries_of_the_ldap_directory_are_looked_up_through_groups_and_anew_when_it_changes() {
    let mut groups = groups(&[("desk", &["ldap:CN=Traders, DC=x"])]);
    let desk = list(&["group:desk"]);
    assert!(!groups.resolve(&desk).contain(&jid("ann@example.org")));
    groups.learn(GroupNews::Tree(Arc::new(tree())));
    assert!(groups.resolve(&desk).contain(&jid("ann@example.org")));
    assert!(!groups.resolve(&desk).contain(&jid("bob@example.org")));
    groups.learn(GroupNews::Tree(Arc::default()));
    assert!(!groups.resolve(&desk).contain(&jid("ann@example.org")));
}

#[test]
fn circles_are_named_with_their_whole_path_and_unknown_groups_with_those_that_there_are() {
    let faults = named(&[
        ("a", &["group:b"]),
        ("b", &["group:c", "group:nobody"]),
        ("c", &["group:a"]),
        ("d", &["group:d", "group:a"]),
        ("served", &[]),
    ]);
    assert_eq!(
        faults.unwrap_err(),
        [
            "group `b` refers to group:nobody, and there is no such group; there are: a, b, c, d, \
             served",
            "`served` is the group of everybody whom the pool serves; give this one another name",
            "groups can't be part of themselves: a > b > c > a; take one of these entries out",
            "groups can't be part of themselves: d > d; take one of these entries out",
        ]
    );
}

#[test]
fn nesting_ends_somewhere() {
    let names: Vec<_> = (0..=NESTING_MAX)
        .map(|number| format!("g{number:02}"))
        .collect();
    let chain = |length: usize| {
        let entries = |number: usize| match number + 1 < length {
            true => list(&[&format!("group:g{:02}", number + 1)]),
            false => Principals::default(),
        };
        NamedGroups::new(
            (0..length)
                .map(|number| ((&*names[number]).into(), entries(number)))
                .collect(),
        )
    };
    assert!(chain(NESTING_MAX).is_ok());
    let too_deep = chain(NESTING_MAX + 1).unwrap_err();
    assert!(
        too_deep[0].to_string().contains("group `g00` is nested"),
        "{too_deep:?}"
    );
}

#[test]
fn what_is_not_there_is_told() {
    let mut groups = groups(&[("desk", &["ldap:cn=gone,dc=x"])]);
    groups.learn(GroupNews::Tree(Arc::new(tree())));
    let told = |entries: &[&str]| {
        let unknown = groups.unknown(&list(entries));
        unknown.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(told(&["group:desk", "group:served", "ldap:cn=traders,dc=x", "*"]).is_empty());
    assert_eq!(
        told(&["group:desks", "ldap:cn=a,dc=x", "ldap:cn=a,dc"]),
        [
            "there is no group `desks`; there are: desk, served",
            "`ldap:cn=a,dc` names no entry of an LDAP directory: a part of the name is not written \
             as attribute=value",
            "the LDAP directory, as it was read last, has no entry `cn=a,dc=x` that is a person, a \
             group or contains some",
        ]
    );
    assert_eq!(groups.unknown_in_file().len(), 1);
    groups.learn(GroupNews::Tree(Arc::default()));
    let unknown = groups.unknown(&list(&["ldap:cn=traders,dc=x"]));
    assert!(
        unknown[0]
            .to_string()
            .starts_with("nothing is known of an LDAP directory")
    );
}

const PEOPLE: [&str; 4] = ["ann@a.test", "bob@a.test", "ann@b.test", "eve@c.test"];

/// Entries of a group that may refer only to groups of a lower number, so that there is no circle.
fn entries(below: usize) -> impl Strategy<Value = Vec<String>> {
    let entry = prop_oneof![
        prop::sample::select(&PEOPLE[..]).prop_map(str::to_owned),
        "[abc]\\.test",
        (0..below.max(1)).prop_map(move |number| match below {
            0 => "d.test".to_owned(),
            _ => format!("group:g{number}"),
        }),
    ];
    prop::collection::vec(entry, 0..4)
}

/// Whether a list means somebody, by the plainest way to find out.
fn means(of_file: &[Vec<String>], entries: &[String], person: &BareJid) -> bool {
    entries
        .iter()
        .any(|entry| match entry.strip_prefix("group:g") {
            Some(number) => means(of_file, &of_file[number.parse::<usize>().unwrap()], person),
            None => **entry == *person.as_str() || **entry == *person.domain().as_str(),
        })
}

proptest! {
    #[test]
    fn nested_groups_mean_what_they_say_and_deny_beats_allow_through_them(
        of_file in (entries(0), entries(1), entries(2), entries(3), entries(4)),
        allowed in entries(5),
        denied in entries(5),
    ) {
        let of_file = [of_file.0, of_file.1, of_file.2, of_file.3, of_file.4];
        let read = |entries: &[String]| -> Principals {
            entries.iter().map(|entry| entry.parse().unwrap()).collect()
        };
        let file = of_file.iter().enumerate();
        let file = file.map(|(number, entries)| (format!("g{number}").into(), read(entries)));
        let mut groups = Groups::default();
        groups.learn(GroupNews::Named(Arc::new(NamedGroups::new(file.collect()).unwrap())));
        let scope = Scope::new(groups.resolve(&read(&allowed)), groups.resolve(&read(&denied)));
        for person in PEOPLE {
            let person = jid(person);
            let is_denied = means(&of_file, &denied, &person);
            let expected = means(&of_file, &allowed, &person) && !is_denied;
            prop_assert_eq!(scope.contains(&person), expected, "{}", person);
        }
    }

    /// Whatever refers to whatever: circles are found if there are any, and the search ends.
    #[test]
    fn a_circle_is_found_exactly_if_there_is_one(
        refers in prop::collection::vec(prop::collection::btree_set(0..6_usize, 0..4), 6),
    ) {
        let entries = |to: &BTreeSet<usize>| -> Principals {
            to.iter().map(|to| Principal::Group(format!("g{to}").into())).collect()
        };
        let of_file = refers.iter().enumerate();
        let of_file = of_file.map(|(number, to)| (format!("g{number}").into(), entries(to)));
        let found = NamedGroups::new(of_file.collect());
        // Whoever can be reached in six steps can be reached at all.
        let mut reached = refers.clone();
        for _ in 0..6 {
            for number in 0..6 {
                let further: BTreeSet<_> =
                    reached[number].iter().flat_map(|to| reached[*to].clone()).collect();
                reached[number].extend(further);
            }
        }
        let has_circle = (0..6).any(|number| reached[number].contains(&number));
        prop_assert_eq!(found.is_err(), has_circle);
        for fault in found.err().into_iter().flatten() {
            let GroupFault::Circle { groups } = fault else {
                return Err(TestCaseError::fail("another fault"));
            };
            prop_assert_eq!(groups.first(), groups.last());
            prop_assert!(groups.len() >= 2);
        }
    }
}
