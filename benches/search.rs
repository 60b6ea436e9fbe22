//! What it costs to turn a text into words, which is done for every message, and to understand a
//! search.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lyceum::search::{Search, words};

const TEXTS: [(&str, &str); 6] = [
    (
        "english",
        "The quick brown fox jumps over the lazy dog; don't forget to bring two umbrellas, it's raining a lot!",
    ),
    (
        "german",
        "Müller aß in der Großstraße einen Käsekuchen – schön süß, und größer als früher; Grüße an alle.",
    ),
    (
        "russian",
        "Мой ёжик съел ещё одно яблоко, и пошёл домой спать.",
    ),
    (
        "chinese",
        "我喜欢用Rust语言编写聊天服务器，而且今天天气很好。",
    ),
    ("thai", "ฉันกินข้าวที่ร้านอาหารกับเพื่อนเมื่อวานนี้"),
    ("emoji", "Done 👍🏽 ❤️ nice 🎉🎉"),
];

fn bench(criterion: &mut Criterion) {
    for (name, text) in TEXTS {
        criterion.bench_function(&format!("words of {name}"), |bencher| {
            bencher.iter(|| words(black_box(text)));
        });
    }
    // What nobody writes: one word, and what is longest after folding.
    for (name, text) in [
        ("one long word", "x".repeat(250_000)),
        ("long ligatures", "\u{fdfa}".repeat(83_000)),
    ] {
        criterion.bench_function(&format!("words of {name}"), |bencher| {
            bencher.iter(|| words(black_box(&text)));
        });
    }
    criterion.bench_function("parse a search", |bencher| {
        bencher.iter(|| Search::parse(black_box("\"black cat\" dog* -bird or 聊天服务器")));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
