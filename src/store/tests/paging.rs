//! Pages through any result, in either direction, give what a plain look at all messages gives:
//! each once, in order.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::room::occupying::archive::{Filter, Order, PageStart, With};
use crate::search::Search;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pages_of_any_result_have_every_message_once_and_in_order(
        said in vec(said(), 1..40),
        asked in vec(asked(), 6),
    ) {
        let (mut store, model) = archive(&said);
        for asked in asked {
            for place in 0..2 {
                let filter = asked.filter(&model, Some(place));
                let expected = model.found(&filter, |entry| entry.place == place);
                let mut ask_page = |question| {
                    let room = rooms()[place].clone();
                    let told = ask(&mut store, Ask::Page { room, question, bytes_max: asked.bytes_max });
                    match told {
                        ArchiveAnswer::Page(page) => page,
                        told => panic!("{told:?}"),
                    }
                };
                asked.check(&filter, &expected, &mut ask_page, |found| found);
            }
            let filter = Filter {
                rooms: asked.rooms.iter().map(|place| rooms()[*place].clone()).collect(),
                in_the_open: !asked.is_operator && matches!(asked.with, Some(With::Address(_))),
                ..asked.filter(&model, None)
            };
            let here = |place| filter.rooms.is_empty() || filter.rooms.contains(&rooms()[place]);
            if model.names_of(&filter).any(|entry| !here(entry.place)) {
                continue;
            }
            let expected = model.found(&filter, |entry| here(entry.place));
            let mut ask_page = |question| {
                let reader = Reader { is_operator: asked.is_operator, ..reader("eve@example.org") };
                let told = ask(&mut store, Ask::Everywhere { reader, question, bytes_max: asked.bytes_max });
                match told {
                    ArchiveAnswer::Everywhere(page) => page,
                    told => panic!("{told:?}"),
                }
            };
            asked.check(&filter, &expected, &mut ask_page, |found| &found.message);
        }
    }
}

fn rooms() -> [BareJid; 2] {
    [room("lobby"), room("hall")]
}

/// A thing that happens to the archive.
#[derive(Clone, Debug)]
struct Said {
    place: usize,
    sender: Option<Sender>,
    deed: Deed,
    text: String,
    seconds_later: i64,
}

#[derive(Clone, Debug)]
enum Deed {
    Say(ArchivedKind),
    Correct(Index),
    Retract(Index),
}

fn said() -> impl Strategy<Value = Said> {
    let kinds = [
        ArchivedKind::Speech,
        ArchivedKind::Subject,
        ArchivedKind::Signal,
    ];
    let deed = prop_oneof![
        6 => select(kinds.to_vec()).prop_map(Deed::Say),
        1 => any::<Index>().prop_map(Deed::Correct),
        1 => any::<Index>().prop_map(Deed::Retract),
    ];
    let words = vec(select(&["cat", "dog", "hen"][..]), 0..4);
    (0..2usize, sender(), deed, words, 0..3i64).prop_map(
        |(place, sender, deed, words, seconds_later)| Said {
            place,
            sender,
            deed,
            text: words.join(" "),
            seconds_later,
        },
    )
}

fn sender() -> impl Strategy<Value = Option<Sender>> {
    select(vec![
        None,
        some_sender("ann", Some("ann@example.org/phone")),
        some_sender("ann", Some("ann@example.org/desk")),
        hidden_sender("ann", "ann@example.org/desk"),
        hidden_sender("bob", "bob@example.org/phone"),
        some_sender("bob", Some("ann@example.org/desk")),
        some_sender("bob", Some("bob@example.org/phone")),
        // Such are brought from elsewhere.
        some_sender("bob", Some("bob@example.org")),
        some_sender("ann", None),
        some_sender("eve", None),
    ])
}

fn some_sender(nick: &str, author: Option<&str>) -> Option<Sender> {
    Some(Sender {
        nick: Nick::new(nick).unwrap(),
        occupant_id: author.map(|_| OccupantId(nick.into())),
        author: author.map(|author| jid::Jid::new(author).unwrap()),
        whois: Whois::Anyone,
    })
}

fn hidden_sender(nick: &str, author: &str) -> Option<Sender> {
    let sender = some_sender(nick, Some(author))?;
    Some(Sender {
        whois: Whois::Moderators,
        ..sender
    })
}

/// What is in the archive, as a list.
struct Model(Vec<Entry>);

struct Entry {
    place: usize,
    message: Archived,
    words: String,
}

impl Model {
    fn found(&self, filter: &Filter, counts: impl Fn(&Entry) -> bool) -> Vec<Archived> {
        let place = |id: &Option<ArchiveId>| {
            let id = id.as_ref()?;
            self.0.iter().position(|entry| entry.message.id == *id)
        };
        let (after, before) = (place(&filter.after_id), place(&filter.before_id));
        let matches = |(place, entry): &(usize, &Entry)| {
            counts(entry)
                && after.is_none_or(|after| *place > after)
                && before.is_none_or(|before| *place < before)
                && (filter.ids.is_empty() || filter.ids.contains(&entry.message.id))
                && filter.start.is_none_or(|start| entry.message.at >= start)
                && filter.end.is_none_or(|end| entry.message.at <= end)
                && filter
                    .with
                    .as_ref()
                    .is_none_or(|with| is_by(&entry.message, with))
                && (!filter.in_the_open || is_in_the_open(&entry.message))
                && filter
                    .search
                    .as_ref()
                    .is_none_or(|search| search.matches(&entry.words))
        };
        let found = self.0.iter().enumerate().filter(matches);
        found.map(|(_, entry)| entry.message.clone()).collect()
    }

    /// The messages that a filter names.
    fn names_of(&self, filter: &Filter) -> impl Iterator<Item = &Entry> {
        let named = [&filter.after_id, &filter.before_id]
            .into_iter()
            .flatten()
            .chain(&filter.ids);
        let named: Vec<_> = named.cloned().collect();
        self.0
            .iter()
            .filter(move |entry| named.contains(&entry.message.id))
    }

    /// One correction after the other stands for what is first corrected.
    fn root(&self, place: usize) -> usize {
        let message = &self.0[place].message;
        match (message.kind, &message.original) {
            (ArchivedKind::Correction, Some(original)) => {
                let is_it = |entry: &Entry| entry.message.id == *original;
                self.0.iter().position(is_it).unwrap()
            }
            _ => place,
        }
    }

    fn same(&mut self, root: usize) -> impl Iterator<Item = &mut Entry> {
        let id = self.0[root].message.id.clone();
        self.0.iter_mut().filter(move |entry| {
            let message = &entry.message;
            message.id == id
                || message.kind == ArchivedKind::Correction
                    && message.original.as_ref() == Some(&id)
        })
    }
}

fn is_by(message: &Archived, with: &With) -> bool {
    let Some(sender) = &message.sender else {
        return false;
    };
    match with {
        With::Nick(nick) => sender.nick == *nick,
        With::Address(address) => sender.author.as_ref().is_some_and(|author| {
            author == address || address.is_bare() && author.to_bare() == address.to_bare()
        }),
    }
}

fn is_in_the_open(message: &Archived) -> bool {
    let sender = message.sender.as_ref();
    sender.is_some_and(|sender| sender.whois == Whois::Anyone)
}

fn archive(said: &[Said]) -> (Store, Model) {
    let mut store = Store::in_memory().unwrap();
    for room in rooms() {
        store.create(&room, [7; 32], Timestamp(1));
    }
    let (mut model, mut at) = (Model(Vec::new()), 0);
    for (number, said) in (0..).zip(said) {
        at += said.seconds_later * 1_000_000;
        let room = &rooms()[said.place];
        let mut new = Archived {
            at: Timestamp(at),
            sender: said.sender.clone(),
            ..message(number)
        };
        let here: Vec<_> = (0..model.0.len())
            .filter(|place| model.0[*place].place == said.place)
            .filter(|place| model.0[*place].message.kind != ArchivedKind::Tombstone)
            .collect();
        match &said.deed {
            Deed::Retract(index) if !here.is_empty() => {
                let root = model.root(*index.get(&here));
                let id = model.0[root].message.id.clone();
                let remains = Payload::new(b"<retracted/>");
                store.retract(room, &id, remains.clone());
                for entry in model.same(root) {
                    entry.words.clear();
                    entry.message.kind = ArchivedKind::Tombstone;
                    entry.message.content.payload = remains.clone();
                }
                continue;
            }
            Deed::Correct(index) if !here.is_empty() => {
                let root = model.root(*index.get(&here));
                new.kind = ArchivedKind::Correction;
                new.original = Some(model.0[root].message.id.clone());
                model.same(root).for_each(|entry| entry.words.clear());
            }
            Deed::Say(kind) => new.kind = *kind,
            Deed::Correct(_) | Deed::Retract(_) => {}
        }
        store.archive(room, new.clone(), said.text.as_str().into());
        model.0.push(Entry {
            place: said.place,
            message: new,
            words: said.text.clone(),
        });
    }
    commit(&mut store);
    (store, model)
}

/// What is asked, before it is known of what.
#[derive(Clone, Debug)]
struct Asked {
    with: Option<With>,
    search: Option<&'static str>,
    times: [Option<i64>; 2],
    named: [Option<Index>; 2],
    ids: Vec<Index>,
    /// Only for what is asked everywhere.
    rooms: Vec<usize>,
    size: u32,
    bytes_max: usize,
    is_operator: bool,
    /// What the room demands; of everywhere it is not asked for, but so for everybody who is no
    /// moderator and names an address.
    in_the_open: bool,
}

fn asked() -> impl Strategy<Value = Asked> {
    let addresses = [
        "ann@example.org",
        "ann@example.org/desk",
        "bob@example.org",
        "x@example.org",
    ];
    let with = prop_oneof![
        select(addresses.to_vec()).prop_map(|text| With::Address(jid::Jid::new(text).unwrap())),
        select(&["ann", "bob", "eve", "zoe"][..])
            .prop_map(|text| With::Nick(Nick::new(text).unwrap())),
    ];
    let search = select(
        &[
            "cat",
            "cat dog",
            "dog or hen",
            "cat -hen",
            "\"cat dog\"",
            "he*",
            "emu",
        ][..],
    );
    let time = || option::weighted(0.2, 0..40i64);
    let named = || option::weighted(0.2, any::<Index>());
    let ids = prop_oneof![4 => Just(Vec::new()), 1 => vec(any::<Index>(), 1..8)];
    (
        option::of(with),
        option::of(search),
        [time(), time()],
        [named(), named()],
        (ids, vec(0..2usize, 0..2)),
        1..6u32,
        prop_oneof![3 => Just(usize::MAX), 1 => 0..80usize],
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(
                with,
                search,
                times,
                named,
                (ids, rooms),
                size,
                bytes_max,
                (is_operator, in_the_open),
            )| Asked {
                with,
                search,
                times,
                named,
                ids,
                rooms,
                size,
                bytes_max,
                is_operator,
                in_the_open,
            },
        )
}

impl Asked {
    /// The filter, with ids of messages that there are.
    fn filter(&self, model: &Model, place: Option<usize>) -> Filter {
        let here: Vec<_> = model
            .0
            .iter()
            .filter(|entry| place.is_none_or(|place| entry.place == place))
            .map(|entry| entry.message.id.clone())
            .collect();
        let id = |index: &Index| (!here.is_empty()).then(|| index.get(&here).clone());
        let [start, end] = self
            .times
            .map(|time| time.map(|time| Timestamp(time * 1_000_000)));
        Filter {
            with: self.with.clone(),
            start,
            end,
            after_id: self.named[0].as_ref().and_then(id),
            before_id: self.named[1].as_ref().and_then(id),
            ids: self.ids.iter().filter_map(id).collect(),
            rooms: Vec::new(),
            search: self.search.map(|typed| Search::parse(typed).unwrap()),
            in_the_open: self.in_the_open,
        }
    }

    /// Reads the result from both ends, counts it, and ranks it.
    fn check<T>(
        &self,
        filter: &Filter,
        expected: &[Archived],
        ask_page: &mut dyn FnMut(PageQuestion) -> FoundPage<T>,
        message: impl Fn(&T) -> &Archived,
    ) {
        let question = |start, size| PageQuestion {
            filter: filter.clone(),
            start,
            size_max: Some(size),
            ..PageQuestion::default()
        };
        let counted = ask_page(question(PageStart::First, 0));
        assert_eq!(counted.count, Some(expected.len() as u64), "{filter:?}");
        let mut forward = Vec::new();
        let mut start = PageStart::First;
        loop {
            let page = ask_page(question(start, self.size));
            forward.extend(page.messages.iter().map(|found| message(found).clone()));
            assert_eq!(page.complete, forward.len() == expected.len(), "{filter:?}");
            if page.complete {
                break;
            }
            start = PageStart::After(forward.last().unwrap().id.clone());
        }
        assert_eq!(forward, expected, "{filter:?}");
        let mut backward: Vec<Archived> = Vec::new();
        let mut start = PageStart::Last;
        loop {
            let page = ask_page(question(start, self.size));
            let found = page.messages.iter().map(|found| message(found).clone());
            backward.splice(0..0, found);
            assert_eq!(
                page.complete,
                backward.len() == expected.len(),
                "{filter:?}"
            );
            if page.complete {
                break;
            }
            start = PageStart::Before(backward[0].id.clone());
        }
        assert_eq!(backward, expected, "{filter:?}");
        let mut ranked = Vec::new();
        let mut start = PageStart::First;
        loop {
            let page = ask_page(PageQuestion {
                order: Order::Rank,
                ..question(start, self.size)
            });
            ranked.extend(page.messages.iter().map(|found| message(found).clone()));
            if page.complete {
                break;
            }
            start = PageStart::After(ranked.last().unwrap().id.clone());
        }
        ranked.sort_by_key(|found| expected.iter().position(|other| other == found));
        assert_eq!(ranked, expected, "{filter:?}");
    }
}
