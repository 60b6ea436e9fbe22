//! Chance that is the same on every machine: what is generated today can be compared with what was
//! generated a year ago.

/// A generator of numbers: SplitMix64.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to less than 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Less than `count`.
    pub fn below(&mut self, count: usize) -> usize {
        (self.part() * count as f64) as usize
    }

    /// True in `count` of a thousand cases.
    pub fn per_mille(&mut self, count: usize) -> bool {
        self.below(1000) < count
    }

    /// Around 0, with a deviation of 1: Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.part()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.part()).cos()
    }

    /// A UUID of version 4, hyphens included.
    pub fn uuid(&mut self) -> uuid::Uuid {
        let bytes = (u128::from(self.next()) << 64) | u128::from(self.next());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }
}

/// Ranks of which the first are much more frequent than the last: Zipf's law, with an exponent.
#[derive(Debug)]
pub struct Zipf {
    /// The part of all that falls on a rank or one before it.
    until: Vec<f64>,
}

impl Zipf {
    pub fn new(count: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        let mut until: Vec<f64> = (1..=count)
            .map(|rank| {
                sum += (rank as f64).powf(-exponent);
                sum
            })
            .collect();
        until.iter_mut().for_each(|part| *part /= sum);
        Self { until }
    }

    /// A rank, from 0.
    pub fn rank(&self, chance: &mut Chance) -> usize {
        let part = chance.part();
        let rank = self.until.partition_point(|until| *until <= part);
        rank.min(self.until.len() - 1)
    }
}
