//! Resizing one axis: which source pixels make an output pixel, and with which share. Pixel centres are aligned,
//! `x' = (x + ½) · from / to − ½`, and clamped at the border.

use super::card::Resize;

/// Where one output pixel falls between two source pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    pub low: u32,
    pub high: u32,
    /// Share of `high`, 0–1.
    pub weight: f32,
}

impl Tap {
    /// The value between two neighbours of a row.
    pub(super) fn sample(&self, row: &[f32]) -> f32 {
        mix(row[self.low as usize], row[self.high as usize], self.weight)
    }

    /// The nearer of the two.
    pub(super) const fn nearest(&self) -> u32 {
        if self.weight < 0.5 { self.low } else { self.high }
    }
}

/// `a` at weight 0, `b` at weight 1; exact when both are equal.
pub(super) fn mix(a: f32, b: f32, weight: f32) -> f32 {
    a + (b - a) * weight
}

/// The taps that resize an axis of `from` px to `to` px with pixel centres aligned.
pub(super) fn taps(to: u32, from: u32) -> Vec<Tap> {
    let ratio = f64::from(from) / f64::from(to);
    (0..to)
        .map(|i| {
            let at = ((f64::from(i) + 0.5) * ratio - 0.5).clamp(0.0, f64::from(from - 1));
            let low = at.floor();
            Tap { low: low as u32, high: (low as u32 + 1).min(from - 1), weight: (at - low) as f32 }
        })
        .collect()
}

/// The source pixels of one output pixel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights {
    pub start: usize,
    /// Shares of `start`, `start + 1`, …; they add up to 1.
    pub values: Vec<f32>,
}

impl Weights {
    /// One past the last source pixel.
    pub(super) const fn end(&self) -> usize {
        self.start + self.values.len()
    }

    /// The weighted mean of a row.
    pub(super) fn mean(&self, row: &[f32]) -> f32 {
        row[self.start..self.end()].iter().zip(&self.values).map(|(value, share)| value * share).sum()
    }
}

/// The weights that resize an axis of `from` px to `to` px.
pub(super) fn weights(to: u32, from: u32, resize: Resize) -> Vec<Weights> {
    let ratio = f64::from(from) / f64::from(to);
    if resize == Resize::Plain || ratio <= 1.0 {
        let of_tap = |tap: Tap| Weights {
            start: tap.low as usize,
            values: if tap.low == tap.high { vec![1.0] } else { vec![1.0 - tap.weight, tap.weight] },
        };
        return taps(to, from).into_iter().map(of_tap).collect();
    }
    // A triangle of half width `ratio` around the centre, cut at the border and brought back to a sum of 1.
    (0..to)
        .map(|i| {
            let centre = (f64::from(i) + 0.5) * ratio;
            let start = (centre - ratio).floor().max(0.0) as u32;
            let end = ((centre + ratio).ceil() as u32).min(from);
            let shares: Vec<f64> = (start..end).map(|j| (1.0 - ((f64::from(j) + 0.5 - centre) / ratio).abs()).max(0.0)).collect();
            let sum: f64 = shares.iter().sum();
            Weights { start: start as usize, values: shares.iter().map(|share| (share / sum) as f32).collect() }
        })
        .collect()
}
