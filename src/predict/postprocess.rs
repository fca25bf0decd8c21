//! From a model's answer to one class and one probability per pixel.
//!
//! Works plane by plane in blocks that stay in the first cache, with compare-and-select on lanes of equal width, so that the compiler
//! makes vector code of it on every processor; a pixel-by-pixel argmax jumps between planes and does not vectorise.

use super::card::{Activation, DEFAULT_THRESHOLD, ModelCard};

/// Pixels per block: three work rows of 4 bytes each stay in the first cache beside the plane that streams through.
const BLOCK: usize = 1024;

/// Which class wins a pixel, made from a card and the class ids of its channels.
pub struct Decision {
    activation: Activation,
    class_ids: Vec<u8>,
    rule: Rule,
    work: Box<Work>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// The highest of all channels.
    Highest,
    /// The highest channel that is not background when its probability reaches this, else background.
    Threshold(f32),
}

/// What was seen on the way, to tell a misread model from a strange photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Values that are no numbers (NaN).
    pub not_a_number: usize,
    /// Smallest and largest winning value before any activation.
    pub lowest: f32,
    pub highest: f32,
}

impl Default for Seen {
    fn default() -> Self {
        Self { not_a_number: 0, lowest: f32::INFINITY, highest: f32::NEG_INFINITY }
    }
}

impl Decision {
    /// `class_ids` has one entry per class of the card ([`ModelCard::class_ids`]).
    #[must_use]
    pub fn new(card: &ModelCard, class_ids: &[u8]) -> Self {
        let rule = match card.output.threshold {
            Some(threshold) => Rule::Threshold(threshold),
            None if class_ids.contains(&0) => Rule::Highest,
            None => Rule::Threshold(DEFAULT_THRESHOLD),
        };
        Self { activation: card.output.activation, class_ids: class_ids.to_vec(), rule, work: Box::default() }
    }

    /// Decides pixel by pixel. `planes` holds one slice per output channel (one for [`Activation::Argmax`]), all of the length of
    /// `class` and `probability`.
    ///
    /// `class` gets project class ids, 0 for background. `probability` gets, as `round(255 · p)`, the probability of the class that
    /// `class` names: of the winner where `class ≠ 0`; of background where `class = 0` (without a background channel `1 − p` of the best class).
    /// Equal values: the lower channel wins. An index beyond the list of an argmax model counts as not a number.
    pub fn decide(&mut self, planes: &[&[f32]], class: &mut [u8], probability: &mut [u8]) -> Seen {
        let mut seen = Seen::default();
        if self.activation == Activation::Argmax {
            self.take_indices(planes[0], class, probability, &mut seen);
            return seen;
        }
        let mut blocks: Vec<&[f32]> = Vec::with_capacity(planes.len());
        for start in (0..class.len()).step_by(BLOCK) {
            let end = (start + BLOCK).min(class.len());
            blocks.clear();
            blocks.extend(planes.iter().map(|plane| &plane[start..end]));
            self.decide_block(&blocks, &mut class[start..end], &mut probability[start..end], &mut seen);
        }
        seen
    }

    fn decide_block(&mut self, planes: &[&[f32]], class: &mut [u8], probability: &mut [u8], seen: &mut Seen) {
        let n = class.len();
        let Self { activation, class_ids, rule, work } = self;
        let all = || 0..planes.len();
        let defects = || all().filter(|&channel| class_ids[channel] != 0);
        let backgrounds = || all().filter(|&channel| class_ids[channel] == 0);
        seen.not_a_number += match *rule {
            Rule::Highest => highest(planes, all(), &mut work.value[..n], &mut work.index[..n]),
            Rule::Threshold(_) => {
                highest(planes, backgrounds(), &mut work.background[..n], &mut work.index[..n])
                    + highest(planes, defects(), &mut work.value[..n], &mut work.index[..n])
            }
        };
        let has_background = class_ids.contains(&0);
        if *rule != Rule::Highest && has_background {
            let pairs = work.value[..n].iter().zip(&work.background[..n]);
            seen.note(pairs.map(|(&value, &background)| value.max(background)));
        } else {
            seen.note(work.value[..n].iter().copied());
        }
        if *activation == Activation::Logits {
            apply_activation(planes, has_background, &mut work.value[..n], &mut work.background[..n]);
        }
        let (value, index, background) = (&work.value[..n], &work.index[..n], &work.background[..n]);
        match *rule {
            Rule::Highest => {
                for (class, &index) in class.iter_mut().zip(index) {
                    *class = class_ids[index as usize];
                }
                for (probability, &p) in probability.iter_mut().zip(value) {
                    *probability = to_u8(p);
                }
            }
            Rule::Threshold(threshold) => {
                for i in 0..n {
                    let p = value[i];
                    let wins = p >= threshold;
                    class[i] = if wins { class_ids[index[i] as usize] } else { 0 };
                    let otherwise = if has_background { background[i] } else { 1.0 - p };
                    probability[i] = to_u8(if wins { p } else { otherwise });
                }
            }
        }
    }

    fn take_indices(&self, indices: &[f32], class: &mut [u8], probability: &mut [u8], seen: &mut Seen) {
        for (class, &index) in class.iter_mut().zip(indices) {
            let known = if index >= 0.0 { self.class_ids.get(index as usize) } else { None };
            seen.not_a_number += usize::from(known.is_none());
            *class = known.copied().unwrap_or(0);
        }
        probability.fill(255);
        seen.note(indices.iter().copied());
    }
}

/// Turns winning scores into probabilities: softmax over all channels with a background channel, sigmoid without.
fn apply_activation(planes: &[&[f32]], has_background: bool, value: &mut [f32], background: &mut [f32]) {
    if !has_background {
        for v in value {
            *v = 1.0 / (1.0 + (-*v).exp());
        }
        return;
    }
    for i in 0..value.len() {
        // Relative to the largest score, so that no exponential overflows.
        let largest = planes.iter().map(|plane| plane[i]).fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = planes.iter().map(|plane| (plane[i] - largest).exp()).sum();
        value[i] = (value[i] - largest).exp() / sum;
        background[i] = (background[i] - largest).exp() / sum;
    }
}

/// The work rows of one block.
struct Work {
    value: [f32; BLOCK],
    background: [f32; BLOCK],
    /// As wide as a float, so that value and index are selected with the same mask.
    index: [u32; BLOCK],
}

impl Default for Work {
    fn default() -> Self {
        Self { value: [0.0; BLOCK], background: [0.0; BLOCK], index: [0; BLOCK] }
    }
}

impl Seen {
    fn note(&mut self, values: impl Iterator<Item = f32>) {
        for value in values {
            self.lowest = if value < self.lowest { value } else { self.lowest };
            self.highest = if value > self.highest { value } else { self.highest };
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            not_a_number: self.not_a_number + other.not_a_number,
            lowest: self.lowest.min(other.lowest),
            highest: self.highest.max(other.highest),
        }
    }
}

/// The highest value over `channels` and its channel; the first wins a tie. Returns how many values are NaN, which never win.
fn highest(planes: &[&[f32]], channels: impl Iterator<Item = usize>, value: &mut [f32], index: &mut [u32]) -> usize {
    value.fill(f32::NEG_INFINITY);
    index.fill(0);
    let mut not_a_number = 0_u32;
    for channel in channels {
        let plane = &planes[channel][..value.len()];
        let number = channel as u32;
        for ((&new, value), index) in plane.iter().zip(value.iter_mut()).zip(index.iter_mut()) {
            let is_higher = new > *value;
            *value = if is_higher { new } else { *value };
            *index = if is_higher { number } else { *index };
            not_a_number += u32::from(new.is_nan());
        }
    }
    not_a_number as usize
}

/// 0–1 to 0–255, rounded. The sum is never negative, so the cut is the rounding; anything outside is clamped by the cast.
fn to_u8(p: f32) -> u8 {
    (p * 255.0 + 0.5) as u8
}
