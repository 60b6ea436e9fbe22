//! Whose turn it is to be written, when more waits than the server takes.
//!
//! What waits stands in lines, and of a line only the front can leave. Among the fronts those go
//! first whose cause has been served the least: however much one person has brought about, in
//! however many rooms, what others have brought about elsewhere passes it. (Within a line it can't:
//! what happens in a room is seen in the order in which it happened.)
//!
//! This is start-time fair queueing. When a chunk comes to the front of its line, it gets a tag:
//! the number of bytes that its cause will have been served once all its chunks with a tag have
//! left, but at least the tag that was served last. The lowest tag goes first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use bytes::Bytes;

use super::parcel::{CausedBy, OrderedLine, PartBytes};

/// What waits, line by line.
#[derive(Debug, Default)]
pub(in crate::wire) struct FairQueue {
    lines: HashMap<OrderedLine, WaitingLine>,
    /// The front of each line, by its tag; of equal tags the one that came first.
    fronts: BinaryHeap<Reverse<(u64, u64, OrderedLine)>>,
    /// At which tag each cause's next front is, if that is above `served`.
    next: HashMap<CausedBy, u64>,
    /// The tag that was served last.
    served: u64,
    /// How many fronts there have been.
    count: u64,
}

#[derive(Debug, Default)]
struct WaitingLine {
    chunks: VecDeque<Chunk>,
    bytes: usize,
}

#[derive(Debug)]
struct Chunk {
    cause: CausedBy,
    bytes: ChunkBytes,
}

/// Those of a chunk, which are not copied where they are many.
#[derive(Debug)]
enum ChunkBytes {
    Shared(Bytes),
    Own(Vec<u8>),
}

/// A chunk grows to this, in bytes, while it is not at the front: so that many small stanzas make
/// few chunks.
const CHUNK_SIZE: usize = 32 * 1024;
/// Of more causes than this those are forgotten that have no advantage to lose.
const CAUSES_MAX: usize = 1024;

impl FairQueue {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Puts whole stanzas at the end of a line.
    pub fn push(&mut self, line: OrderedLine, cause: CausedBy, stanzas: PartBytes<'_>) {
        let waiting = self.lines.entry(line).or_default();
        waiting.bytes += stanzas.len();
        let may_grow = waiting.chunks.len() > 1 && stanzas.len() < CHUNK_SIZE;
        match waiting.chunks.back_mut() {
            Some(last) if may_grow && last.cause == cause && last.bytes.len() < CHUNK_SIZE => {
                last.bytes.append(stanzas.as_slice());
            }
            _ => waiting.chunks.push_back(Chunk {
                cause,
                bytes: stanzas.into(),
            }),
        }
        if waiting.chunks.len() == 1 {
            self.enters_front(line);
        }
    }

    /// How many bytes the next chunk has.
    pub fn next_size(&self) -> Option<usize> {
        let Reverse((_, _, line)) = self.fronts.peek()?;
        let front = self.lines.get(line)?.chunks.front()?;
        Some(front.bytes.len())
    }

    /// The next stanzas to be written.
    pub fn pop(&mut self) -> Option<Bytes> {
        let Reverse((tag, _, line)) = self.fronts.pop()?;
        self.served = tag;
        let chunk = self.take_front(line)?;
        self.enters_front(line);
        if self.lines.is_empty() {
            // Nobody has an advantage over anybody any more.
            *self = Self::default();
        }
        Some(match chunk.bytes {
            ChunkBytes::Shared(bytes) => bytes,
            ChunkBytes::Own(bytes) => bytes.into(),
        })
    }

    /// Gives up stanzas of the line in which most waits, the oldest, and tells how many bytes these
    /// were.
    pub fn drop_from_longest(&mut self) -> Option<usize> {
        let (line, _) = self.lines.iter().max_by_key(|(_, waiting)| waiting.bytes)?;
        let line = *line;
        self.fronts.retain(|Reverse((_, _, other))| *other != line);
        let chunk = self.take_front(line)?;
        self.enters_front(line);
        Some(chunk.bytes.len())
    }

    fn take_front(&mut self, line: OrderedLine) -> Option<Chunk> {
        let waiting = self.lines.get_mut(&line)?;
        let chunk = waiting.chunks.pop_front()?;
        waiting.bytes -= chunk.bytes.len();
        if waiting.chunks.is_empty() {
            self.lines.remove(&line);
        }
        Some(chunk)
    }

    /// Gives the front of a line its tag.
    fn enters_front(&mut self, line: OrderedLine) {
        let Some(front) = self.lines.get(&line).and_then(|line| line.chunks.front()) else {
            return;
        };
        let served = self.served;
        if self.next.len() >= CAUSES_MAX {
            self.next.retain(|_, next| *next > served);
        }
        let next = self.next.entry(front.cause).or_default();
        let tag = served.max(*next);
        *next = tag + front.bytes.len() as u64;
        self.count += 1;
        self.fronts.push(Reverse((tag, self.count, line)));
    }
}

impl ChunkBytes {
    fn len(&self) -> usize {
        match self {
            Self::Shared(bytes) => bytes.len(),
            Self::Own(bytes) => bytes.len(),
        }
    }

    fn append(&mut self, more: &[u8]) {
        match self {
            Self::Shared(bytes) => *self = Self::Own([bytes, more].concat()),
            Self::Own(bytes) => bytes.extend_from_slice(more),
        }
    }
}

impl From<PartBytes<'_>> for ChunkBytes {
    fn from(bytes: PartBytes<'_>) -> Self {
        match bytes {
            PartBytes::Shared(bytes) => Self::Shared(bytes),
            PartBytes::Lent(bytes) => Self::Own(bytes.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(queue: &mut FairQueue, line: &str, cause: &str, text: &str) {
        let stanzas = PartBytes::Lent(text.as_bytes());
        queue.push(OrderedLine::of(line), CausedBy::of(cause), stanzas);
    }

    fn all(queue: &mut FairQueue) -> String {
        let chunks = std::iter::from_fn(|| queue.pop());
        let chunks: Vec<u8> = chunks.flatten().collect();
        String::from_utf8(chunks).unwrap()
    }

    #[test]
    fn a_line_keeps_its_order_whoever_caused_what() {
        let mut queue = FairQueue::default();
        for (cause, text) in [("ann", "1"), ("bob", "2"), ("ann", "3"), ("ann", "4")] {
            push(&mut queue, "hall", cause, text);
        }
        assert_eq!(all(&mut queue), "1234");
        assert!(queue.is_empty());
    }

    #[test]
    fn who_has_caused_little_passes_who_has_caused_much() {
        let mut queue = FairQueue::default();
        for number in 0..100 {
            push(&mut queue, &format!("room {number}"), "eve", "eeeeeeeeee");
        }
        push(&mut queue, "hall", "ann", "ann");
        assert_eq!(all(&mut queue).find("ann"), Some(10));
    }

    #[test]
    fn shares_are_equal_while_both_have_something() {
        let mut queue = FairQueue::default();
        for _ in 0..10 {
            push(&mut queue, "den", "eve", &"e".repeat(CHUNK_SIZE));
        }
        for _ in 0..40 {
            push(&mut queue, "hall", "ann", &"a".repeat(CHUNK_SIZE / 4));
        }
        let half: String = all(&mut queue).chars().take(10 * CHUNK_SIZE).collect();
        let of_ann = half.chars().filter(|letter| *letter == 'a').count();
        assert!(
            of_ann.abs_diff(5 * CHUNK_SIZE) <= 2 * CHUNK_SIZE,
            "{of_ann} of {}",
            10 * CHUNK_SIZE
        );
    }

    #[test]
    fn nobody_saves_up_turns() {
        let mut queue = FairQueue::default();
        for text in ["e1", "e2", "e3"] {
            push(&mut queue, text, "eve", text);
        }
        queue.pop();
        queue.pop();
        for text in ["a1", "a2", "a3"] {
            push(&mut queue, text, "ann", text);
        }
        assert_eq!(all(&mut queue), "a1e3a2a3");
    }

    #[test]
    fn what_is_given_up_is_of_the_longest_line() {
        let mut queue = FairQueue::default();
        push(&mut queue, "hall", "ann", "aa");
        push(&mut queue, "den", "eve", "eee");
        push(&mut queue, "den", "eve", "fff");
        assert_eq!(queue.drop_from_longest(), Some(3));
        assert_eq!(all(&mut queue).len(), 5);
        assert_eq!(queue.drop_from_longest(), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_mixed_up(
            pushes in proptest::collection::vec(
                (0..5_u8, 0..4_u8, 1..60_000_usize, proptest::bool::ANY),
                1..60,
            ),
        ) {
            let mut queue = FairQueue::default();
            let mut expected = vec![Vec::<u8>::new(); 5];
            let mut found = vec![Vec::<u8>::new(); 5];
            let mut take = |queue: &mut FairQueue| {
                if let Some(stanzas) = queue.pop() {
                    found[usize::from(stanzas[0])].extend(stanzas);
                }
            };
            for (number, (line, cause, length, shared)) in pushes.into_iter().enumerate() {
                // Each push is its line, then bytes that tell it from others.
                let mut stanzas = vec![u8::try_from(number).unwrap(); length];
                stanzas[0] = line;
                expected[usize::from(line)].extend(&stanzas);
                let (line, cause) = (OrderedLine::of(&line.to_string()), CausedBy::of(&cause.to_string()));
                match shared {
                    true => queue.push(line, cause, PartBytes::Shared(stanzas.into())),
                    false => queue.push(line, cause, PartBytes::Lent(&stanzas)),
                }
                if number % 3 == 0 {
                    take(&mut queue);
                }
            }
            while !queue.is_empty() {
                take(&mut queue);
            }
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
