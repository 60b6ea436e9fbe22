//! Sentences of many languages, and the searches that find them.

use super::*;

/// Sees that each of some texts has the words that are said.
fn are<const COUNT: usize>(pairs: [(&str, &str); COUNT]) {
    for (text, expected) in pairs {
        assert_eq!(words(text), expected, "{text:?}");
    }
}

#[test]
fn english_is_split_at_what_is_no_letter() {
    are([
        ("Don't panic: it's 10:45!", "don t panic it s 10 45"),
        (
            "mail ann@example.org, or https://example.org/~ann?x=1",
            "mail ann example org or https example org ann x 1",
        ),
        (
            "let snake_case = camelCase::<C++>(v1.2.3);",
            "let snake case camelcase c v1 2 3",
        ),
        (
            "/var/log/syslog.1\t--force\n\"quoted\"",
            "var log syslog 1 force quoted",
        ),
        ("  \0 \u{7f} ...  ", ""),
        ("", ""),
    ]);
}

#[test]
fn german() {
    let text = "Müller aß in der Großstraße einen Käse\u{ad}kuchen – schön süß!";
    all_find(
        [
            "muller",
            "MÜLLER",
            "Großstrasse",
            "GROẞSTRASSE",
            "grossstr*",
            "kasekuchen",
            "\"schön süss\"",
            "Mu\u{308}ller",
        ],
        text,
    );
    none_finds(["mueller", "strasse", "kuchen"], text);
}

#[test]
fn french() {
    let text = "L’été, l'œuvre de François coûte 3 € ; où est le garçon ?";
    all_find(
        [
            "été",
            "ETE",
            "oeuvre",
            "ŒUVRE",
            "francois",
            "l'été",
            "l’oeuvre",
            "coute",
            "\"où est le garcon\"",
        ],
        text,
    );
    none_finds(["let", "loeuvre"], text);
}

#[test]
fn the_north_and_the_east_of_europe() {
    all_find(
        [
            "angstrom",
            "ÅNGSTRÖM",
            "a\u{30a}ngstro\u{308}m",
            "rodgrod",
            "RØDGRØD",
            "þing",
            "aero",
        ],
        "Ångström: rødgrød på Þing, Ærø",
    );
    all_find(
        [
            "lodz",
            "ŁÓDŹ",
            "zazolc",
            "dakovo",
            "dvorak",
            "\"gesla jazn\"",
        ],
        "Łódź: zażółć gęślą jaźń, Đakovo, Dvořák",
    );
}

#[test]
fn compatibility_forms_are_what_they_stand_for() {
    are([
        ("ﬁne ﬂow", "fine flow"),
        ("ＦＵＬＬ　ｗｉｄｔｈ１２", "full width12"),
        ("ｶﾞｷﾞｸﾞ", "ガ ギ グ"),
        ("x² ½ ①② ㎏ ™", "x2 1 2 12 kg tm"),
        ("𝕬𝖇𝖈 𝟙𝟚", "abc 12"),
        ("㍿ ㊗", "株 式 会 社 祝"),
    ]);
}

#[test]
fn greek() {
    let text = "Ὁ Ὀδυσσεὺς εἶπε: ΤΟ ΠΑΝ ΡΕΙ. Καλημέρα σας, οδυσσεύς ᾳ";
    all_find(
        [
            "Οδυσσευς",
            "ΟΔΥΣΣΕΥΣ",
            "οδυσσευσ",
            "ειπε",
            "\"το παν ρει\"",
            "καλημερα σασ",
            "οδυσ*",
            "α",
        ],
        text,
    );
}

#[test]
fn russian_and_ukrainian() {
    all_find(
        ["еще", "ЁЖИК", "ежик", "Мой", "съел", "\"мой ежик\""],
        "Мой ёжик съел ещё одно яблоко",
    );
    all_find(
        ["їжак", "м'ята", "м’ята", "мʼята", "ґанок"],
        "Їжак, м’ята й ґанок",
    );
    none_finds(["cъел", "ел"], "Мой ёжик съел ещё одно яблоко");
}

#[test]
fn turkish() {
    let text = "İstanbul'da ışık, DİYARBAKIR, Iğdır ve çiğ köfte";
    all_find(
        [
            "istanbul",
            "ISTANBUL",
            "İSTANBUL",
            "ıstanbul",
            "isik",
            "ışık",
            "IŞIK",
            "diyarbakır",
            "ığdır",
            "cig kofte",
        ],
        text,
    );
}

#[test]
fn vietnamese() {
    all_find(
        ["viet nam", "Việt", "tieng", "\"đường phố\"", "duong"],
        "Tiếng Việt Nam, đường phố",
    );
}

#[test]
fn arabic_and_persian() {
    let text = "السَّلَامُ عَلَيْكُم يا أحمد، مدرســة ٢٠٢٤ ﻻ";
    all_find(
        [
            "السلام",
            "عليكم",
            "احمد",
            "أحمد",
            "مدرسة",
            "مدرسه",
            "2024",
            "۲۰۲۴",
            "لا",
            "\"السلام عليكم\"",
        ],
        text,
    );
    all_find(
        ["می‌خواهم", "میخواهم", "كتاب", "کتاب", "کتا*"],
        "من می‌خواهم کتاب بخوانم",
    );
}

#[test]
fn hebrew() {
    let text = "שָׁלוֹם עוֹלָם, צה\"ל וג׳ירפה, יְרוּשָׁלַ͏ִם";
    all_find(
        [
            "שלום",
            "שָׁלוֹם עולם",
            "צה\"ל",
            "צה״ל",
            "\"שלום עולם\"",
            "ירושל*",
            "וג'ירפה",
        ],
        text,
    );
    none_finds(["צהל", "ל\"צה"], text);
}

#[test]
fn hindi_keeps_its_vowel_signs_and_viramas() {
    let text = "नमस्ते दुनिया, हिन्दी में लिखा क्या है? कि की १२";
    all_find(
        [
            "नमस्ते",
            "\"नमस्ते दुनिया\"",
            "हिन्दी",
            "क्या",
            "कि",
            "की",
            "नम*",
            "दुनि*",
            "12",
        ],
        text,
    );
    none_finds(["नमसत", "कया", "दनय", "क", "कु"], text);
    are([
        ("क्\u{200d}ष क्\u{200c}ष", "क्ष क्ष"),
        ("\u{958} \u{915}\u{93c}", "क़ क़"),
    ]);
}

#[test]
fn other_scripts_of_india_keep_theirs() {
    are([
        ("தமிழ் மொழி", "தமிழ் மொழி"),
        ("বাংলা ভাষা কো", "বাংলা ভাষা কো"),
        ("తెలుగు ಕನ್ನಡ മലയാളം", "తెలుగు ಕನ್ನಡ മലയാളം"),
    ]);
    // One vowel sign, and the two that it is composed of.
    all_find(["\u{995}\u{9c7}\u{9be}"], "\u{995}\u{9cb}");
}

#[test]
fn tibetan_is_split_at_its_marks_between_syllables() {
    are([("བོད་སྐད།", "བོད སྐད")]);
}

#[test]
fn chinese_is_found_by_any_part_of_it() {
    let text = "我喜欢用Rust语言编写聊天服务器，2024年！";
    all_find(
        [
            "喜欢",
            "聊天服务器",
            "用Rust",
            "Rust语言",
            "rust",
            "2024年",
            "服务",
            "欢用",
            "服*",
            "编写 服务器",
        ],
        text,
    );
    none_finds(["欢喜", "服器", "rus", "服务机"], text);
    are([("入门：𠮷野家〇々", "入 门 𠮷 野 家 〇 々")]);
}

#[test]
fn japanese_is_found_by_any_part_of_it() {
    let text = "東京タワーでｺｰﾋｰを飲みました。がぎぐ";
    all_find(
        [
            "東京",
            "タワー",
            "コーヒー",
            "ｺｰﾋｰ",
            "飲みま",
            "ました",
            "か\u{3099}き\u{3099}く\u{3099}",
            "がぎ",
        ],
        text,
    );
    none_finds(["かきく", "京東", "はぎ"], text);
}

#[test]
fn korean_is_found_without_its_particles() {
    let text = "대학교에서 한국어를 공부합니다 ㅋㅋㅋ";
    all_find(
        [
            "학교",
            "대학교",
            "한국어",
            "공부",
            "\"한국어를 공부\"",
            "ㅋㅋ",
            "\u{1112}\u{1161}\u{11ab}국",
        ],
        text,
    );
    none_finds(["하구", "교학", "ㅎ"], text);
    are([
        ("하 한 학교", "하 한 학 교"),
        ("\u{1112}\u{1161}\u{11ab}", "한"),
    ]);
}

#[test]
fn thai_and_its_neighbours_are_found_by_any_part() {
    let text = "ฉันกินข้าวที่ร้านอาหาร น้ำ ๑๒";
    all_find(
        ["กินข้าว", "ข้าว", "ร้าน", "อาหาร", "น้ำ", "12", "ก*", "\"ข้าวที่\""],
        text,
    );
    none_finds(["ขาว", "กัน", "ก"], text);
    all_find(["ພາສາ", "ລາວ"], "ພາສາລາວ");
    all_find(["ភាសា", "ខ្មែរ"], "ភាសាខ្មែរ");
    all_find(["မြန်မာ", "စာ"], "မြန်မာစာ");
    none_finds(["မရနမ"], "မြန်မာစာ");
}

#[test]
fn emoji_are_words() {
    let text = "Done👍🏽 ❤️ 👨‍👩‍👧 🇩🇪🇫🇷 1️⃣ 🏴\u{e0067}\u{e0062}\u{e007f} 🤷🏿‍♀️!";
    all_find(
        [
            "👍",
            "👍🏿",
            "done👍",
            "❤",
            "❤️",
            "👨‍👩‍👧",
            "👩",
            "🇩🇪",
            "🇫🇷",
            "1",
            "🏴",
            "🤷",
            "done -👎",
        ],
        text,
    );
    none_finds(["👎", "🇪🇫", "🇩", "💔"], text);
    are([
        ("👍👍", "👍 👍"),
        ("❤\u{fe0f}x", "❤ x"),
        ("🇩🇪🇫🇷🇩", "🇩🇪 🇫🇷 🇩"),
        ("❝quoted❞ → +", "quoted"),
    ]);
}

#[test]
fn private_use_is_left_to_the_store() {
    are([
        (
            "\u{e000}r12 a\u{e000}b \u{f8ff}\u{f0000}\u{10fffd}",
            "r12 a b",
        ),
        ("\u{fffd}x\u{ffff}", "x"),
    ]);
}

#[test]
fn marks_on_nothing_are_nothing() {
    are([
        ("\u{e49} \u{94d}x\u{94d} 👍\u{94d}", "x\u{94d} 👍"),
        ("\u{301}\u{5b0}", ""),
    ]);
}

#[test]
fn a_long_word_is_cut_alike_on_both_sides() {
    let long = "x".repeat(250_000);
    assert_eq!(words(&long), "x".repeat(WORD_BYTES_MAX));
    assert_eq!(
        words(&format!("{long} y")),
        format!("{} y", "x".repeat(WORD_BYTES_MAX))
    );
    all_find([&long, &long[..100], &format!("{long}*")], &long);
    none_finds([&long[..63]], &long);
    // Nothing shorter gets in behind a letter that was too long.
    let cut = format!("{}ab", "ж".repeat(32));
    assert_eq!(words(&format!("a{cut}")), format!("a{}", "ж".repeat(31)));
    let marked = format!("ก{} b", "\u{e49}".repeat(99));
    assert_eq!(words(&marked), format!("ก{} b", "\u{e49}".repeat(20)));
    let followed = format!("ก{}b", "\u{e49}".repeat(99));
    assert_eq!(words(&followed), words(&marked));
}

#[test]
fn the_number_of_words_is_bounded() {
    for word in ["x ", "语", "ж ", "👍", "x🇩🇪"] {
        let text = word.repeat(WORDS_MAX + 10);
        let indexed = words(&text);
        assert_eq!(indexed.split(' ').count(), WORDS_MAX, "{word}");
        assert_eq!(words(&indexed), indexed, "{word}");
    }
}

#[test]
fn the_number_of_different_words_is_bounded() {
    let different = |count: usize| (0..count).map(|n| format!("w{n} ")).collect::<String>();
    let most = different(DIFFERENT_WORDS_MAX);
    assert_eq!(words(&most), most.trim_end());
    assert_eq!(
        words(&format!("{most} w1 w2 w1")),
        format!("{most}w1 w2 w1")
    );
    for after in ["one", "w1 one w2 w3", "one two three"] {
        let indexed = words(&format!("{most} {after}"));
        let kept = if after.starts_with("w1") { "w1" } else { "" };
        assert_eq!(indexed, format!("{most}{kept}").trim_end(), "{after}");
        assert_eq!(words(&indexed), indexed, "{after}");
    }
    let many = different(WORDS_MAX);
    assert_eq!(words(&many), most.trim_end());
}
