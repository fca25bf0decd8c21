//! From a model's answer to one class and one probability per pixel.
//!
//! Works in blocks whose work rows stay in the first cache, with compare-and-select on lanes of equal width, so that all of it is vector code;
//! a pixel-by-pixel argmax jumps between planes and is not. It is compiled for several sets of vector instructions, and the widest that
//! the processor has is taken at run time. All of them give the same answer, bit by bit.

use pulp::{Arch, Simd, WithSimd};

use super::card::{Activation, DEFAULT_THRESHOLD, ModelCard};
use super::lanes::{Channel, Extremes, highest, narrow, to_bytes};

/// Pixels per block. Short, because work rows and planes at the same place in their pages push each other out of the first cache: measured,
/// 1024 take nearly twice as long.
const BLOCK: usize = 128;

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
        if self.activation == Activation::Argmax {
            let mut seen = Seen::default();
            self.take_indices(planes[0], class, probability, &mut seen);
            return seen;
        }
        Arch::new().dispatch(Pixels { decision: self, planes, class, probability })
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

/// One call of [`Decision::decide`], compiled for each set of instructions.
struct Pixels<'a> {
    decision: &'a mut Decision,
    planes: &'a [&'a [f32]],
    class: &'a mut [u8],
    probability: &'a mut [u8],
}

impl WithSimd for Pixels<'_> {
    type Output = Seen;

    #[expect(clippy::inline_always, reason = "only what is inlined is compiled for the set of instructions of the caller")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Seen {
        let Self { decision: Decision { activation, class_ids, rule, work }, planes, class, probability } = self;
        let Work { value, background, id } = work.as_mut();
        let all: Vec<Channel<'_>> = planes.iter().copied().zip(class_ids.iter().copied()).collect();
        let (backgrounds, defects): (Vec<Channel<'_>>, Vec<Channel<'_>>) = all.iter().partition(|&&(_, id)| id == 0);
        let has_background = !backgrounds.is_empty();
        let (mut range, mut not_a_number) = (Extremes::default(), 0);
        let blocks = class.chunks_mut(BLOCK).zip(probability.chunks_mut(BLOCK));
        for (at, (class, probability)) in (0..).step_by(BLOCK).zip(blocks) {
            let n = class.len();
            let (value, background, id) = (&mut value[..n], &mut background[..n], &mut id[..n]);
            if *rule == Rule::Highest {
                not_a_number += highest(simd, &all, at, class_ids[0], value, id);
                range.note(value);
            } else if has_background {
                not_a_number += highest(simd, &backgrounds, at, 0, background, id);
                not_a_number += highest(simd, &defects, at, 0, value, id);
                range.note_higher(value, background);
            } else {
                not_a_number += highest(simd, &defects, at, 0, value, id);
                range.note(value);
            }
            if *activation == Activation::Logits {
                apply_activation(planes, at, has_background, value, background);
            }
            if let Rule::Threshold(threshold) = *rule {
                for ((value, id), &background) in value.iter_mut().zip(id.iter_mut()).zip(background.iter()) {
                    let wins = *value >= threshold;
                    let otherwise = if has_background { background } else { 1.0 - *value };
                    *id = if wins { *id } else { 0 };
                    *value = if wins { *value } else { otherwise };
                }
            }
            narrow(id, class);
            to_bytes(value, probability);
        }
        let (lowest, highest) = range.range();
        Seen { not_a_number, lowest, highest }
    }
}

/// Turns winning scores into probabilities: softmax over all channels with a background channel, sigmoid without. `at` is the place of the
/// first value in the planes.
fn apply_activation(planes: &[&[f32]], at: usize, has_background: bool, value: &mut [f32], background: &mut [f32]) {
    if !has_background {
        for v in value {
            *v = 1.0 / (1.0 + (-*v).exp());
        }
        return;
    }
    for i in 0..value.len() {
        // Relative to the largest score, so that no exponential overflows.
        let largest = planes.iter().map(|plane| plane[at + i]).fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = planes.iter().map(|plane| (plane[at + i] - largest).exp()).sum();
        value[i] = (value[i] - largest).exp() / sum;
        background[i] = (background[i] - largest).exp() / sum;
    }
}

/// The work rows of one block.
struct Work {
    value: [f32; BLOCK],
    background: [f32; BLOCK],
    /// Class ids, as wide as a float, so that value and id are selected with the same mask.
    id: [u32; BLOCK],
}

impl Default for Work {
    fn default() -> Self {
        Self { value: [0.0; BLOCK], background: [0.0; BLOCK], id: [0; BLOCK] }
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
