//! What was measured, and how it is told: medians of several runs with the lowest and highest.

use std::fmt::Write as _;
use std::time::Duration;

/// A figure of one run.
#[derive(Debug, Clone)]
pub struct Figure {
    /// With its unit.
    pub name: String,
    pub value: f64,
    /// What the project wants of the component.
    pub target: Option<Target>,
}

/// What a figure is to be.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        Self {
            name: name.into(),
            value,
            target: None,
        }
    }

    pub fn with_target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    pub fn untargeted(mut self) -> Self {
        self.target = None;
        self
    }
}

impl Target {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {}", number(least)),
            Self::AtMost(most) => format!("≤ {}", number(most)),
        }
    }
}

/// The table of a scenario: a line for each figure, a column for each component, in each the
/// median of its runs with the range in parentheses.
pub fn table(components: &[(&str, Vec<Vec<Figure>>)]) -> String {
    let mut text = String::new();
    let _ = write!(text, "{:<50}", "");
    for (name, runs) in components {
        let heading = match runs.len() {
            1 => format!("{name} (1 run)"),
            count => format!("{name} ({count} runs)"),
        };
        let _ = write!(text, "{heading:<40}");
    }
    let Some(first) = components.iter().find_map(|(_, runs)| runs.first()) else {
        return text;
    };
    text.truncate(text.trim_end().len());
    text.push('\n');
    for figure in first {
        let _ = write!(text, "  {:<47} ", figure.name);
        for (_, runs) in components {
            let _ = write!(text, "{:<39} ", cell(&figure.name, runs));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// How long many things took, in buckets at most 2 % wide. Adding is a few instructions, for it
/// is done for every delivery.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_ns: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: vec![0; 64 * STEPS],
            count: 0,
            max_ns: 0,
        }
    }
}

impl Histogram {
    pub fn add(&mut self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(ns)] += 1;
        self.count += 1;
        self.max_ns = self.max_ns.max(ns);
    }

    /// The time within which that part of all was done, in milliseconds; 0 when there was none.
    pub fn percentile_ms(&self, part: f64) -> f64 {
        let wanted = (self.count as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted.max(1) {
                return lowest(bucket).min(self.max_ns) as f64 / 1e6;
            }
        }
        0.0
    }

    /// The 50th, 95th and 99th percentile and the longest, as figures under that name.
    pub fn figures(&self, name: &str) -> Vec<Figure> {
        let mut figures: Vec<Figure> = [(50, 0.5), (95, 0.95), (99, 0.99)]
            .into_iter()
            .map(|(percent, part)| {
                Figure::new(format!("{name} p{percent}, ms"), self.percentile_ms(part))
            })
            .collect();
        figures.push(Figure::new(
            format!("{name} max, ms"),
            self.max_ns as f64 / 1e6,
        ));
        figures
    }
}

/// Number of buckets between two powers of two.
const STEPS: usize = 1 << STEP_BITS;
const STEP_BITS: u32 = 6;

fn bucket(ns: u64) -> usize {
    let exponent = (ns | 1).ilog2();
    if exponent <= STEP_BITS {
        return ns as usize;
    }
    let shift = exponent - STEP_BITS;
    (shift as usize) * STEPS + (ns >> shift) as usize
}

/// The shortest time that belongs to the bucket.
fn lowest(bucket: usize) -> u64 {
    if bucket < 2 * STEPS {
        return bucket as u64;
    }
    let shift = bucket / STEPS - 1;
    ((bucket - shift * STEPS) as u64) << shift
}

fn cell(name: &str, runs: &[Vec<Figure>]) -> String {
    let mut figures: Vec<&Figure> = runs
        .iter()
        .flatten()
        .filter(|figure| figure.name == name)
        .collect();
    figures.sort_by(|one, other| one.value.total_cmp(&other.value));
    let (Some(lowest), Some(highest)) = (figures.first(), figures.last()) else {
        return "–".to_owned();
    };
    let middle = figures[figures.len() / 2];
    let median = match figures.len() % 2 {
        1 => middle.value,
        _ => f64::midpoint(figures[figures.len() / 2 - 1].value, middle.value),
    };
    let mut text = number(median);
    if figures.len() > 1 {
        let _ = write!(
            text,
            " ({}–{})",
            number(lowest.value),
            number(highest.value)
        );
    }
    if let Some(target) = middle.target {
        let verdict = if target.is_met(median) {
            "met"
        } else {
            "MISSED"
        };
        let _ = write!(text, " {}: {verdict}", target.text());
    }
    text
}

/// Three digits that say something, and thousands apart.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        small if small < 1.0 => 3,
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    let plain = format!("{value:.decimals$}");
    let whole_length = plain.find('.').unwrap_or(plain.len());
    let mut text = String::new();
    for (position, character) in plain.char_indices() {
        let left = whole_length.saturating_sub(position);
        if left > 0 && left % 3 == 0 && text.ends_with(|last: char| last.is_ascii_digit()) {
            text.push(',');
        }
        text.push(character);
    }
    text
}

/// Proves that percentiles and numbers are told as they are; called by the self-test.
///
/// # Panics
/// - When they aren't.
pub fn check() {
    let mut histogram = Histogram::default();
    assert!(histogram.percentile_ms(0.5).abs() < f64::EPSILON);
    for ms in 1..=1000 {
        histogram.add(Duration::from_millis(ms));
    }
    for (part, expected) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0), (1.0, 1000.0)] {
        let found = histogram.percentile_ms(part);
        assert!(
            (found - expected).abs() / expected < 0.02,
            "{part}: {found} instead of {expected}"
        );
    }
    for ns in (0..2000).chain([u64::MAX / 3, u64::MAX]) {
        assert!(lowest(bucket(ns)) <= ns, "{ns}");
        assert!(bucket(lowest(bucket(ns))) == bucket(ns), "{ns}");
    }
    for (value, text) in [
        (0.0, "0"),
        (0.0874, "0.087"),
        (9.876, "9.88"),
        (12.34, "12.3"),
        (999.0, "999"),
        (-1234.5, "-1,234"),
        (1_234_567.0, "1,234,567"),
    ] {
        assert_eq!(number(value), text);
    }
}
