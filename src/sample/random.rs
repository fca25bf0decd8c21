//! Random numbers that are the same on every machine: `ChaCha8` words turned into uniform and near-normal values by plain arithmetic.
//!
//! No logarithm or cosine is used, because those may differ in the last bit between platforms.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a generator is used for. Each purpose has its own stream, so a change in one (say, one more defect) leaves the others
/// (brush marks, sensor noise) as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Surface = 1,
    Defects = 2,
    Sensor = 3,
    Annotator = 4,
}

/// The generator of one purpose for one part.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64, index: u32, purpose: Purpose) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&index.to_le_bytes());
        key[12] = purpose as u8;
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Uniform in `[0, 1)`, 24 bits.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// Uniform in `[from, to)`.
    pub fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    /// As [`Self::between`], with small values more frequent: the square of a uniform value spreads over the range.
    pub fn mostly_small(&mut self, from: f32, to: f32) -> f32 {
        let u = self.unit();
        from + (to - from) * u * u
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// Uniform in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f32) as usize).min(n.saturating_sub(1))
    }

    /// Near-normal with mean 0 and standard deviation 1: the sum of four 16-bit uniforms (Irwin–Hall), tails end at ±3.46.
    pub fn normal(&mut self) -> f32 {
        let word = self.0.next_u64();
        let sum = (word & 0xffff) + (word >> 16 & 0xffff) + (word >> 32 & 0xffff) + (word >> 48);
        // Four uniforms over 0..=65535 have mean 2 · 65535 and variance 4 · 65536² / 12.
        (sum as f32 - 131_070.0) / 37_837.227
    }
}
