//! Every change of a room, in any order: what comes back is what a model in memory has.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::room::moderating::subject::{Subject, SubjectSet};
use crate::room::occupant::SessionRecord;
use crate::room::owning::destroy::Destruction;
use crate::room::request::{Avatar, Roles};
use crate::room::setting::addin::AddInId;
use crate::room::setting::configuration::{
    Configuration, InvitationPolicy, PrivateMessages, RegistrationPolicy, Whois,
};
use crate::room::{Affiliated, Affiliation, Bond, Role, Words};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_sequence_of_changes_comes_back(
        changes in vec((0..2usize, change(), any::<bool>()), 1..60),
    ) {
        let rooms = [room("lobby"), room("hall")];
        let mut models: [Option<Snapshot>; 2] = [None, None];
        let mut tombstones = [None, None];
        let mut store = Store::in_memory().unwrap();
        for (place, change, commits) in changes {
            if models[place].is_none() {
                store.create(&rooms[place], [7; 32], Timestamp(1));
                models[place] = Some(Snapshot::new(Configuration::default()));
                tombstones[place] = None;
            }
            if let Change::Destroyed { destruction, .. } = &change {
                tombstones[place] = Some(destruction.clone());
            }
            apply(&mut models[place], &change);
            store.save(&rooms[place], change);
            if commits {
                commit(&mut store);
            }
        }
        commit(&mut store);
        for ((room, model), tombstone) in rooms.iter().zip(models).zip(tombstones) {
            prop_assert_eq!(store.tombstone(room).unwrap(), tombstone);
            let stored = store.load_whole(room).unwrap();
            if let (Some(stored), Some(model)) = (&stored, &model) {
                prop_assert_eq!(stored.lengths, lengths_of(model));
            }
            prop_assert_eq!(stored.map(|stored| stored.snapshot), model);
        }
    }
}

fn lengths_of(room: &Snapshot) -> Lengths {
    let woken = crate::room::Room::restore(Arc::default(), [7; 32], room.clone());
    woken.lengths()
}

/// What the change does to a room in memory.
fn apply(model: &mut Option<Snapshot>, change: &Change) {
    let Some(room) = model else { return };
    match change.clone() {
        Change::Created {
            configuration,
            locked_since,
            category: _,
        } => {
            room.configuration = *configuration;
            room.locked_since = locked_since;
        }
        Change::Configured { configuration, .. } => room.configuration = *configuration,
        Change::Moved { .. } => {}
        Change::Unlocked => room.locked_since = None,
        Change::Affiliated { jid, entry } => set(&mut room.affiliations, jid, entry),
        Change::Bound { jid, bond } => room.bonds.set(jid, bond),
        Change::SubjectChanged(subject) => room.subject = subject,
        Change::AvatarChanged(avatar) => room.avatar = avatar,
        Change::Entered(record) | Change::Present(record) => {
            room.sessions
                .retain(|session| session.real_jid != record.real_jid);
            room.sessions.push(*record);
            room.sessions.sort_by(|a, b| a.real_jid.cmp(&b.real_jid));
        }
        Change::Left(leaver) => room
            .sessions
            .retain(|session| session.real_jid != leaver.real_jid),
        Change::Destroyed { .. } | Change::Vanished { .. } => *model = None,
    }
}

fn set<T>(list: &mut Vec<(BareJid, T)>, jid: BareJid, value: Option<T>) {
    list.retain(|(other, _)| *other != jid);
    list.extend(value.map(|value| (jid, value)));
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => (configuration(), option::of(time())).prop_map(|(configuration, locked_since)| {
            Change::Created {
                configuration: Box::new(configuration),
                locked_since,
                category: CategoryId::GENERAL,
            }
        }),
        2 => configuration().prop_map(configured),
        1 => Just(Change::Unlocked),
        4 => (bare_jid(), option::of(affiliated()))
            .prop_map(|(jid, entry)| Change::Affiliated { jid, entry }),
        9 => (bare_jid(), bond()).prop_map(|(jid, bond)| Change::Bound { jid, bond }),
        2 => subject().prop_map(Change::SubjectChanged),
        1 => option::of(avatar()).prop_map(Change::AvatarChanged),
        3 => record().prop_map(|record| Change::Entered(Box::new(record))),
        3 => record().prop_map(|record| Change::Present(Box::new(record))),
        3 => session().prop_map(left),
        1 => destruction().prop_map(destroyed),
        1 => Just(vanished()),
    ]
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let texts = (text(), text(), text(), option::of(text()), text());
    let switches = any::<[bool; 8]>();
    let numbers = (option::of(any::<u32>()), any::<u32>());
    let choices = (
        select(vec![Whois::Anyone, Whois::Moderators]),
        select(vec![
            PrivateMessages::Anyone,
            PrivateMessages::Participants,
            PrivateMessages::Moderators,
            PrivateMessages::None,
        ]),
        select(vec![
            RegistrationPolicy::Open,
            RegistrationPolicy::Approval,
            RegistrationPolicy::Closed,
        ]),
        roles(),
        roles(),
    );
    (texts, switches, numbers, choices).prop_map(|(texts, switches, numbers, choices)| {
        let (name, description, language, password, pubsub_node) = texts;
        let (occupants_max, history_max) = numbers;
        let (whois, private_messages, registration, broadcast, readers) = choices;
        let [
            persistent,
            public,
            members_only,
            moderated,
            subject_open,
            invitations,
            logged,
            locked,
        ] = switches;
        Configuration {
            name,
            description: description.clone(),
            language,
            persistent,
            public,
            members_only,
            moderated,
            password,
            occupants_max,
            participant_updates_max: occupants_max,
            whois,
            subject_open,
            invitations_open: invitations,
            private_messages,
            presence_broadcast: broadcast,
            member_list_readers: readers,
            logged,
            history_max,
            pubsub_node,
            nick_locked: locked,
            registration,
            invitations: match logged {
                true => InvitationPolicy::Off,
                false => InvitationPolicy::Inherit,
            },
            disabled: invitations,
            disabled_reason: description.clone(),
            addin: Some(AddInId(7)),
        }
    })
}

fn affiliated() -> impl Strategy<Value = Affiliated> {
    let affiliation = select(vec![
        Affiliation::Outcast,
        Affiliation::Member,
        Affiliation::Admin,
        Affiliation::Owner,
    ]);
    (
        affiliation,
        option::of(words()),
        option::of(bare_jid()),
        time(),
    )
        .prop_map(|(affiliation, reason, given_by, given_at)| Affiliated {
            affiliation,
            reason,
            given_by,
            given_at,
        })
}

fn subject() -> impl Strategy<Value = Subject> {
    let content =
        (text(), option::of(text()), payload()).prop_map(|(id, language, payload)| Content {
            id,
            language,
            payload,
        });
    let set =
        (nick(), time(), content).prop_map(|(nick, at, content)| SubjectSet { nick, at, content });
    (text(), option::of(set)).prop_map(|(text, set)| Subject { text, set })
}

fn avatar() -> impl Strategy<Value = Avatar> {
    (payload(), text()).prop_map(|(vcard, hash)| Avatar { vcard, hash })
}

fn record() -> impl Strategy<Value = SessionRecord> {
    (
        session(),
        nick(),
        role(),
        text(),
        shown(),
        time(),
        (any::<u64>(), any::<u64>(), option::of(any::<u64>())),
    )
        .prop_map(
            |(real_jid, nick, role, occupant_id, presence, entered_at, numbers)| SessionRecord {
                real_jid: Arc::new(real_jid),
                nick,
                role,
                occupant_id: OccupantId(occupant_id),
                presence,
                entered_at,
                shown: numbers.0,
                arrival: numbers.1,
                seen_below: numbers.2,
            },
        )
}

fn destruction() -> impl Strategy<Value = Destruction> {
    (
        option::of(bare_jid()),
        option::of(text()),
        option::of(words()),
        option::of(time()),
        any::<bool>(),
        btree_set(bare_jid(), 0..3),
    )
        .prop_map(
            |(alternate, password, reason, at, secret, owners)| Destruction {
                secret,
                category: secret.then_some(CategoryId(7)),
                owners,
                alternate: alternate.map(Into::into),
                password,
                reason,
                at,
            },
        )
}

/// A few that come again and again, domains, and any other whose normal form is normal: nodeprep
/// knows nothing of the capitals that Unicode has gained since version 3.2, and leaves `(A)` of `🄐`
/// where `(a)` is meant.
fn bare_jid() -> impl Strategy<Value = BareJid> {
    let node = vec(any::<char>(), 1..8).prop_map(String::from_iter);
    prop_oneof![
        select(vec![
            "ann@example.org",
            "bob@example.org",
            "example.net",
            "zoë@ex.org",
            "a@z.org"
        ])
        .prop_map(|text| BareJid::new(text).unwrap()),
        node.prop_filter_map("a JID", |node| {
            let jid = BareJid::new(&format!("{node}@example.org")).ok()?;
            (BareJid::new(jid.as_str()).ok()? == jid).then_some(jid)
        }),
    ]
}

fn session() -> impl Strategy<Value = FullJid> {
    let any_text = vec(any::<char>(), 1..8).prop_map(String::from_iter);
    let resource = prop_oneof![Just("phone".to_owned()), Just("desk".to_owned()), any_text];
    (bare_jid(), resource).prop_filter_map("a JID", |(jid, resource)| {
        jid.with_resource_str(&resource).ok()
    })
}

fn nick() -> impl Strategy<Value = Nick> {
    prop_oneof![Just("ann".to_owned()), any::<String>()]
        .prop_filter_map("a nick", |text| Nick::new(&text).ok())
}

fn role() -> impl Strategy<Value = Role> {
    select(Role::ALL.to_vec())
}

fn roles() -> impl Strategy<Value = Roles> {
    btree_set(role(), 0..4)
}

fn words() -> impl Strategy<Value = Words> {
    (text(), option::of(text())).prop_map(|(text, language)| Words::new(text, language))
}

fn text() -> impl Strategy<Value = Arc<str>> {
    any::<String>().prop_map(Arc::from)
}

fn payload() -> impl Strategy<Value = Payload> {
    vec(any::<u8>(), 0..2000).prop_map(|bytes| Payload::new(&bytes))
}

/// What a presence shows, in its language.
fn shown() -> impl Strategy<Value = Payload> {
    (payload(), option::of(text())).prop_map(|(shown, language)| shown.in_language(language))
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp)
}

fn bond() -> impl Strategy<Value = Bond> {
    prop_oneof![
        option::of(nick()).prop_map(Bond::Registration),
        option::of(nick()).prop_map(Bond::RegistrationRequest),
        option::of(role()).prop_map(Bond::Voice),
        proptest::bool::ANY.prop_map(Bond::Presenter),
    ]
}
