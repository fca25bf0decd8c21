//! Are the model's probabilities true? Reliability, its figures, and one temperature that mends them.

use super::joint::{JointCounts, LEVELS};
use super::pod::{ln_sigmoid, sigmoid};
use crate::raster::BACKGROUND;
use std::collections::BTreeMap;

/// A probability that was said, whether it came true, and how often that was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// 0..=1.
    pub probability: f64,
    pub came_true: bool,
    /// ≥ 0.
    pub weight: f64,
}

impl Forecast {
    /// One forecast.
    #[must_use]
    pub const fn new(probability: f64, came_true: bool) -> Self {
        Self { probability, came_true, weight: 1.0 }
    }

    /// From eight bits: 0 and 255 stand for the middle of the half step at the end, because a certainty that fails once would make every
    /// logarithm infinite.
    #[must_use]
    pub fn of_level(level: u8, came_true: bool, weight: f64) -> Self {
        Self { probability: (f64::from(level) / 255.0).clamp(0.25 / 255.0, 1.0 - 0.25 / 255.0), came_true, weight }
    }
}

/// One bar of a reliability diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReliabilityBin {
    /// Range of the probabilities; the upper end belongs to the next bin but for the last.
    pub low: f64,
    pub high: f64,
    /// Sum of the weights.
    pub weight: f64,
    /// Mean of the probabilities said and share that came true; 0 in an empty bin.
    pub said: f64,
    pub true_share: f64,
}

/// How far probabilities can be trusted.
#[derive(Clone, Debug, PartialEq)]
pub struct Reliability {
    /// Equally wide, empty ones included.
    pub bins: Vec<ReliabilityBin>,
    /// Sum of the weights.
    pub weight: f64,
    /// Expected calibration error: mean gap between said and true, by weight (Naeini et al., 2015).
    pub ece: f64,
    /// Largest gap of a bin.
    pub mce: f64,
    /// Mean squared difference between what was said and what was (Brier, 1950).
    pub brier: f64,
    /// Mean negative log likelihood, natural logarithm.
    pub nll: f64,
}

impl Reliability {
    /// `bins` ≥ 1 equally wide bins; None without forecasts.
    #[must_use]
    pub fn of(forecasts: &[Forecast], bins: usize) -> Option<Self> {
        let n = bins.max(1);
        let edge = |i: usize| i as f64 / n as f64;
        let mut bars: Vec<ReliabilityBin> =
            (0..n).map(|i| ReliabilityBin { low: edge(i), high: edge(i + 1), ..ReliabilityBin::default() }).collect();
        let (mut weight, mut brier, mut nll) = (0.0, 0.0, 0.0);
        for f in forecasts {
            let mut i = ((f.probability * n as f64) as usize).min(n - 1);
            // A product may round across an edge.
            if f.probability < edge(i) {
                i -= 1;
            } else if i + 1 < n && f.probability >= edge(i + 1) {
                i += 1;
            }
            let truth = f64::from(u8::from(f.came_true));
            bars[i].weight += f.weight;
            bars[i].said += f.weight * f.probability;
            bars[i].true_share += f.weight * truth;
            weight += f.weight;
            brier += f.weight * (f.probability - truth).powi(2);
            nll -= f.weight * if f.came_true { f.probability.ln() } else { (-f.probability).ln_1p() };
        }
        if weight <= 0.0 {
            return None;
        }
        let (mut ece, mut mce) = (0.0, 0.0_f64);
        for bar in bars.iter_mut().filter(|b| b.weight > 0.0) {
            bar.said /= bar.weight;
            bar.true_share /= bar.weight;
            let gap = (bar.said - bar.true_share).abs();
            ece += bar.weight / weight * gap;
            mce = mce.max(gap);
        }
        Some(Self { bins: bars, weight, ece, mce, brier: brier / weight, nll: nll / weight })
    }
}

/// Sharpest and flattest temperature that is ever proposed.
pub const TEMPERATURES: (f64, f64) = (0.05, 20.0);

/// The temperature T with the least negative log likelihood of `σ(logit(p) / T)` (Guo et al., 2017, for the probability of the class said
/// alone: the rest of the answer is not kept). Above 1 the model is too sure. None without forecasts.
#[must_use]
pub fn temperature(forecasts: &[Forecast]) -> Option<f64> {
    if forecasts.iter().all(|f| f.weight <= 0.0) {
        return None;
    }
    // Convex in 1/T: the slope changes its sign once.
    let slope = |inverse: f64| -> f64 {
        let of = |f: &Forecast| {
            let z = logit(f.probability);
            f.weight * z * (sigmoid(inverse * z) - f64::from(u8::from(f.came_true)))
        };
        forecasts.iter().map(of).sum()
    };
    let (mut low, mut high) = (1.0 / TEMPERATURES.1, 1.0 / TEMPERATURES.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(middle) < 0.0 { low = middle } else { high = middle }
    }
    Some(2.0 / (low + high))
}

/// What a probability becomes at a temperature.
#[must_use]
pub fn tempered(probability: f64, temperature: f64) -> f64 {
    sigmoid(logit(probability) / temperature)
}

/// Mean negative log likelihood at a temperature; None without forecasts.
#[must_use]
pub fn nll_at(forecasts: &[Forecast], temperature: f64) -> Option<f64> {
    let weight: f64 = forecasts.iter().map(|f| f.weight).sum();
    let of = |f: &Forecast| {
        let z = logit(f.probability) / temperature;
        -f.weight * ln_sigmoid(if f.came_true { z } else { -z })
    };
    (weight > 0.0).then(|| forecasts.iter().map(of).sum::<f64>() / weight)
}

/// Logarithm of the odds; certainties are taken for one in a billion.
fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    p.ln() - (-p).ln_1p()
}

/// A temperature with what it is worth on images that it was not fitted to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemperatureFit {
    /// Fitted to all images.
    pub temperature: f64,
    /// Mean negative log likelihood as it is, and with temperatures each fitted to the other half of the images.
    pub nll_before: f64,
    pub nll_held_out: f64,
}

impl TemperatureFit {
    /// `halves`: forecasts of every other image and of the rest. None when one has none: then nothing can be held out.
    #[must_use]
    pub fn of(halves: [&[Forecast]; 2]) -> Option<Self> {
        let [a, b] = halves;
        let all: Vec<Forecast> = a.iter().chain(b).copied().collect();
        let weight = |half: &[Forecast]| half.iter().map(|f| f.weight).sum::<f64>();
        let held_out = weight(a) * nll_at(a, temperature(b)?)? + weight(b) * nll_at(b, temperature(a)?)?;
        Some(Self {
            temperature: temperature(&all)?,
            nll_before: nll_at(&all, 1.0)?,
            nll_held_out: held_out / (weight(a) + weight(b)),
        })
    }
}

/// For each probability of a predicted class: pixels where the label says something else, and where it says the same.
pub type LevelCounts = [[u64; 2]; LEVELS];

/// Probabilities of pixels by predicted class, exact; several images are added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PixelForecasts {
    /// By predicted class, background included.
    pub classes: BTreeMap<u8, Box<LevelCounts>>,
}

impl PixelForecasts {
    /// The forecasts of one image.
    #[must_use]
    pub fn of(joint: &JointCounts) -> Self {
        let mut forecasts = Self::default();
        joint.for_each_pair(|t, p, levels| {
            let counts = forecasts.classes.entry(p).or_insert_with(|| Box::new([[0; 2]; LEVELS]));
            for (count, &n) in counts.iter_mut().zip(levels) {
                count[usize::from(t == p)] += u64::from(n);
            }
        });
        forecasts
    }

    /// Adds another image.
    pub fn add(&mut self, other: &Self) {
        for (&class, counts) in &other.classes {
            let sums = self.classes.entry(class).or_insert_with(|| Box::new([[0; 2]; LEVELS]));
            for (sum, n) in sums.iter_mut().zip(counts.iter()) {
                sum[0] += n[0];
                sum[1] += n[1];
            }
        }
    }

    /// The pixels predicted as `class`.
    #[must_use]
    pub fn of_class(&self, class: u8) -> Vec<Forecast> {
        self.classes.get(&class).map(|counts| forecasts_of(counts)).unwrap_or_default()
    }

    /// The pixels predicted as any defect. Background is left out: there is so much of it that nothing else would show.
    #[must_use]
    pub fn of_defects(&self) -> Vec<Forecast> {
        self.classes.iter().filter(|(class, _)| **class != BACKGROUND).flat_map(|(_, counts)| forecasts_of(counts)).collect()
    }
}

fn forecasts_of(counts: &LevelCounts) -> Vec<Forecast> {
    let each = (0..=255_u8).zip(counts.iter());
    let both = each.flat_map(|(level, n)| [(level, false, n[0]), (level, true, n[1])]);
    both.filter(|(_, _, n)| *n > 0).map(|(level, is_true, n)| Forecast::of_level(level, is_true, n as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{LabelMap, Plane};

    fn published() -> Vec<Forecast> {
        let p = [0.05, 0.1, 0.15, 0.3, 0.35, 0.4, 0.6, 0.65, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99];
        let t = [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1];
        p.iter().zip(t).map(|(&p, t)| Forecast::new(p, t == 1)).collect()
    }

    /// Fifteen forecasts in five bins; figures of `numpy`.
    #[test]
    fn the_published_example_has_the_published_errors() {
        let r = Reliability::of(&published(), 5).unwrap();
        for (got, printed) in [(r.ece, 0.109_333), (r.mce, 0.4), (r.brier, 0.097_067), (r.nll, 0.315_776)] {
            assert!((got - printed).abs() < 0.6e-6, "{got} instead of {printed}");
        }
        assert_eq!(r.bins.iter().map(|b| b.weight).collect::<Vec<_>>(), [3.0, 2.0, 1.0, 3.0, 6.0]);
        assert!((nll_at(&published(), 1.0).unwrap() - r.nll).abs() < 1e-12);
        assert_eq!(Reliability::of(&[], 5), None);
        // Twice as often is the same.
        let twice: Vec<Forecast> = published().iter().map(|f| Forecast { weight: 2.0, ..*f }).collect();
        assert!((Reliability::of(&twice, 5).unwrap().ece - r.ece).abs() < 1e-12);
    }

    /// Logits that are three times too large, with exactly the shares that a third of them promises.
    #[test]
    fn the_temperature_of_a_model_that_is_three_times_too_sure_is_three() {
        let mut forecasts = Vec::new();
        for z in [-2.0, -0.5, 0.3, 1.0, 1.7] {
            let (said, share) = (sigmoid(3.0 * z), sigmoid(z));
            forecasts.push(Forecast { probability: said, came_true: true, weight: share });
            forecasts.push(Forecast { probability: said, came_true: false, weight: 1.0 - share });
        }
        let t = temperature(&forecasts).unwrap();
        assert!((t - 3.0).abs() < 1e-6, "{t}");
        let fit = TemperatureFit::of([&forecasts, &forecasts]).unwrap();
        assert!((fit.temperature - 3.0).abs() < 1e-6 && fit.nll_held_out < fit.nll_before);
        let mended: Vec<Forecast> = forecasts.iter().map(|f| Forecast { probability: tempered(f.probability, t), ..*f }).collect();
        assert!(Reliability::of(&mended, 10).unwrap().ece < 1e-6);
        assert_eq!(temperature(&[]), None);
        assert_eq!(TemperatureFit::of([&forecasts, &[]]), None);
    }

    #[test]
    fn no_temperature_is_better_than_the_best() {
        let all = published();
        let best = temperature(&all).unwrap();
        let nll = nll_at(&all, best).unwrap();
        for i in 1..400 {
            assert!(nll_at(&all, f64::from(i) * 0.05).unwrap() >= nll - 1e-12);
        }
    }

    #[test]
    fn pixels_are_counted_by_predicted_class_and_level() {
        let label = LabelMap::from_plane(&Plane::from_vec(6, 1, vec![0, 1, 1, 2, 255, 1]));
        let said = LabelMap::from_plane(&Plane::from_vec(6, 1, vec![0, 1, 1, 1, 1, 0]));
        let sure = Plane::from_vec(6, 1, vec![255, 204, 204, 204, 9, 51]);
        let forecasts = PixelForecasts::of(&JointCounts::of(&label, &said, Some(&sure)).unwrap());
        assert_eq!(forecasts.classes[&1][204], [1, 2]);
        assert_eq!((forecasts.classes[&0][255], forecasts.classes[&0][51]), ([0, 1], [1, 0]));
        let r = Reliability::of(&forecasts.of_class(1), 10).unwrap();
        assert!((r.ece - (0.8 - 2.0 / 3.0)).abs() < 1e-12 && r.weight == 3.0);
        let mut twice = forecasts.clone();
        twice.add(&forecasts);
        assert_eq!(twice.of_defects()[0].weight, 2.0);
        // A certainty that failed costs much, but not everything.
        assert!(Reliability::of(&[Forecast::of_level(255, false, 1.0)], 5).unwrap().nll.is_finite());
    }
}
