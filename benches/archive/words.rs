//! Words that nobody has ever said, as frequent as those that people say.

use crate::chance::{Chance, Zipf};

/// Number of words of the language.
pub const WORDS: usize = 100_000;

/// All of them, the most frequent first.
#[derive(Debug)]
pub struct Vocabulary {
    words: Vec<String>,
    frequency: Zipf,
}

impl Vocabulary {
    pub fn new() -> Self {
        Self {
            words: (0..WORDS).map(word).collect(),
            frequency: Zipf::new(WORDS, 1.0),
        }
    }

    /// The word of a rank, from 0.
    pub fn word(&self, rank: usize) -> &str {
        &self.words[rank]
    }

    /// What somebody says: ten words in the median, sometimes a hundred, now and then with a link
    /// that is said once.
    pub fn sentence(&self, chance: &mut Chance) -> String {
        let length = (MEDIAN_WORDS * (DEVIATION * chance.normal()).exp()).clamp(1.0, WORDS_MAX);
        let mut text = String::with_capacity(length as usize * 6);
        for place in 0..length as usize {
            if place > 0 {
                let comma = chance.per_mille(60);
                text.push_str(if comma { ", " } else { " " });
            }
            text.push_str(self.word(self.frequency.rank(chance)));
        }
        if chance.per_mille(LINKS_PER_MILLE) {
            text.push_str(&format!(
                " https://example.org/{:08x}",
                chance.next() as u32
            ));
        }
        text.push(if chance.per_mille(150) { '?' } else { '.' });
        text
    }
}

/// The number of a word in letters. Frequent words are short, and no two are alike.
fn word(rank: usize) -> String {
    let mut word = String::new();
    if rank < SYLLABLES {
        push_syllable(&mut word, rank);
        return word;
    }
    // A prime to the number of pairs, so that neighbours in rank don't begin alike.
    let pair = (rank - SYLLABLES) * 65_537 % (SYLLABLES * SYLLABLES);
    push_syllable(&mut word, pair / SYLLABLES);
    push_syllable(&mut word, pair % SYLLABLES);
    if rank >= LONG_FROM {
        push_syllable(&mut word, rank * 31 % SYLLABLES);
    }
    word
}

fn push_syllable(word: &mut String, number: usize) {
    word.push_str(FIRST[number % FIRST.len()]);
    word.push_str(SECOND[number / FIRST.len() % SECOND.len()]);
    word.push_str(THIRD[number / FIRST.len() / SECOND.len()]);
}

const FIRST: [&str; 14] = [
    "t", "n", "s", "r", "h", "l", "d", "m", "w", "f", "g", "p", "b", "k",
];
const SECOND: [&str; 6] = ["e", "a", "o", "i", "u", "é"];
const THIRD: [&str; 5] = ["", "n", "r", "s", "l"];
const SYLLABLES: usize = FIRST.len() * SECOND.len() * THIRD.len();

/// Words from this rank on have three syllables.
const LONG_FROM: usize = 5000;

const MEDIAN_WORDS: f64 = 10.0;
/// Of the logarithm of the length: one message in a hundred has more than eighty words.
const DEVIATION: f64 = 0.9;
const WORDS_MAX: f64 = 400.0;
const LINKS_PER_MILLE: usize = 30;
