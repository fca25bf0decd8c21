//! An axis of a chart: values to shares of its length and back, linear or by powers of ten, with round figures to write beside it.

use std::ops::RangeInclusive;

/// From a lowest to a highest value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    /// Equal factors lie equally far apart.
    pub is_log: bool,
}

impl Axis {
    /// An axis over a range; one without extent becomes one of length 1. A logarithmic axis needs a range above zero and is linear without.
    pub fn new(range: RangeInclusive<f64>, is_log: bool) -> Self {
        let (low, mut high) = range.into_inner();
        if !(high - low > 0.0 && (high - low).is_finite()) {
            high = low + 1.0;
        }
        Self { low, high, is_log: is_log && low > 0.0 }
    }

    /// A round axis that holds these values with a little air. A logarithmic one when asked for and all values are above zero; a linear one
    /// begins at 0 when no value lies below.
    pub fn around(values: impl Iterator<Item = f64>, wants_log: bool) -> Self {
        let (mut low, mut high, mut least) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        for v in values.filter(|v| v.is_finite()) {
            (low, high) = (low.min(v), high.max(v));
            if v > 0.0 {
                least = least.min(v);
            }
        }
        if low > high {
            return Self::new(0.0..=1.0, false);
        }
        if wants_log && least.is_finite() {
            return Self::new(least / 1.25..=(high * 1.25).max(least * 2.0), true);
        }
        let low = if low >= 0.0 { 0.0 } else { -round_up(-low * 1.05) };
        Self::new(low..=if high > 0.0 { round_up(high * 1.05) } else { 0.0 }, false)
    }

    pub const fn range(&self) -> RangeInclusive<f64> {
        self.low..=self.high
    }

    /// Where a value lies, 0..=1; values beyond lie at the ends.
    pub fn share(&self, value: f64) -> f64 {
        let share = if self.is_log {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        // Beyond all ends lies what has no end: the gap to a neighbour that is not there.
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }

    /// The value at a share of the length.
    pub fn value(&self, share: f64) -> f64 {
        let share = share.clamp(0.0, 1.0);
        if self.is_log { self.low * (self.high / self.low).powf(share) } else { self.low + (self.high - self.low) * share }
    }

    /// A value rounded to what a point of `length` points can tell, so that dragging gives figures that people write: a 1, 2 or 5.
    pub fn rounded(&self, value: f64, length: f32) -> f64 {
        let share = self.share(value);
        let next = self.value((share + 1.0 / f64::from(length.max(1.0))).min(1.0));
        let before = self.value((share - 1.0 / f64::from(length.max(1.0))).max(0.0));
        let step = self.step_of((next - before) / 2.0);
        round_to(value, step)
    }

    /// What an arrow key moves a value by: about a two-hundredth of the axis, round.
    pub fn key_step(&self, value: f64) -> f64 {
        let share = self.share(value);
        self.step_of(self.value((share + 0.005).min(1.0)) - self.value((share - 0.005).max(0.0)))
    }

    fn step_of(&self, about: f64) -> f64 {
        if about > 0.0 && about.is_finite() { round_down(about) } else { (self.high - self.low) / 200.0 }
    }

    /// Round values along the axis, about `most` of them, with how many decimals they need.
    pub fn ticks(&self, most: usize) -> (Vec<f64>, usize) {
        if self.is_log && self.high / self.low > 8.0 {
            let decades = (self.low.log10().floor() as i32)..=(self.high.log10().ceil() as i32);
            let within = |v: &f64| *v >= self.low * 0.999 && *v <= self.high * 1.001;
            let all = |steps: &[f64]| -> Vec<f64> {
                decades.clone().flat_map(|d| steps.iter().map(move |s| s * 10_f64.powi(d))).filter(within).collect()
            };
            let few = all(&[1.0, 2.0, 5.0]);
            let ticks = if few.len() > most { all(&[1.0]) } else { few };
            let decimals = ticks.first().map_or(0, |v| (-v.log10().floor()).max(0.0) as usize);
            return (ticks, decimals);
        }
        let step = round_up((self.high - self.low) / most.max(1) as f64);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        ((first..=last).map(|i| i as f64 * step).collect(), (-(step.log10() + 1e-9).floor()).max(0.0) as usize)
    }
}

/// The next of 1, 2, 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|&v| v >= value * (1.0 - 1e-9)).unwrap_or(value)
}

/// The last of 1, 2, 5 times a power of ten.
fn round_down(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|&v| v <= value * (1.0 + 1e-9)).unwrap_or(power)
}

fn round_to(value: f64, step: f64) -> f64 {
    // Through the decimals as well, so that 3 × 0.1 is the 0.3 that is printed.
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{:.decimals$}", (value / step).round() * step).parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_are_inverse_to_values(low in 0.001..10.0_f64, span in 0.01..100.0_f64, share in 0.0..1.0_f64, is_log: bool) {
            let axis = Axis::new(low..=low + span, is_log);
            prop_assert!((axis.share(axis.value(share)) - share).abs() < 1e-9);
        }

        #[test]
        fn an_axis_holds_its_values_and_its_ticks(values in prop::collection::vec(0.001..1000.0_f64, 1..20), is_log: bool) {
            let axis = Axis::around(values.iter().copied(), is_log);
            let range = axis.range();
            prop_assert!(values.iter().all(|v| range.contains(v)), "{:?}", axis);
            let (ticks, decimals) = axis.ticks(6);
            prop_assert!(!ticks.is_empty() && ticks.len() <= 12, "{:?}", ticks);
            // What is written is what is meant.
            for tick in ticks {
                let written: f64 = format!("{tick:.decimals$}").parse().unwrap();
                prop_assert!((written - tick).abs() <= 1e-6 * tick.abs().max(1e-9), "{tick} is written {written}");
            }
        }
    }

    #[test]
    fn dragging_gives_round_figures() {
        let axis = Axis::new(0.0..=2.0, false);
        // 400 points over 2 mm: a point is 0.005 mm.
        assert_eq!(axis.rounded(0.612_34, 400.0), 0.61);
        assert_eq!(axis.key_step(1.0), 0.02);
        // On a logarithmic axis steps grow with the value.
        let log = Axis::new(0.01..=100.0, true);
        assert!(log.key_step(0.02) < 0.01 && log.key_step(50.0) >= 1.0);
        assert_eq!(log.share(1.0), 0.5);
        assert_eq!(log.ticks(6).0, [0.01, 0.1, 1.0, 10.0, 100.0]);
        assert_eq!(axis.ticks(4), (vec![0.0, 0.5, 1.0, 1.5, 2.0], 1));
    }

    #[test]
    fn nothing_to_show_is_still_an_axis() {
        let axis = Axis::around(std::iter::empty(), true);
        assert_eq!(axis.range(), 0.0..=1.0);
        assert_eq!(Axis::around([0.0].into_iter(), false).range(), 0.0..=1.0);
        assert!(Axis::new(2.0..=2.0, false).share(2.0) == 0.0);
        assert_eq!((axis.share(f64::INFINITY), axis.share(f64::NAN)), (1.0, 0.0));
    }
}
