//! The inner loops of the decision, written so that they become vector code: best of several planes, extremes, bytes.
//!
//! Every function is inlined into one that is compiled for a set of instructions (`pulp`), which is why none of them may be a call.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the set of instructions of the caller")]

use pulp::Simd;

/// A plane of values and the class id that its channel stands for.
pub(super) type Channel<'a> = (&'a [f32], u8);

/// As many planes as are read side by side at most: more streams than that get into each other's way in the first cache, because planes of
/// one answer lie a multiple of a page apart. Measured: eight planes in two passes are twice as fast as in one.
const SIDE_BY_SIDE: usize = 4;
/// Planes per pass where there are more.
const PER_PASS: usize = 4;

/// The highest value over `channels` and the id of its channel, for pixels `at..at + value.len()`; the first wins a tie. `first_id` stands where
/// every value is NaN or minus infinity; NaN never wins. Returns how many values are NaN.
#[inline(always)]
pub(super) fn highest<S: Simd>(
    simd: S,
    channels: &[Channel<'_>],
    at: usize,
    first_id: u8,
    value: &mut [f32],
    id: &mut [u32],
) -> usize {
    value.fill(f32::NEG_INFINITY);
    id.fill(u32::from(first_id));
    let mut all_numbers = true;
    let mut rest = channels;
    while !rest.is_empty() {
        let count = if rest.len() <= SIDE_BY_SIDE { rest.len() } else { PER_PASS };
        let (now, later) = rest.split_at(count);
        all_numbers &= match *now {
            [a] => pass(simd, [a], at, value, id),
            [a, b] => pass(simd, [a, b], at, value, id),
            [a, b, c] => pass(simd, [a, b, c], at, value, id),
            [a, b, c, d] => pass(simd, [a, b, c, d], at, value, id),
            [a, b, c, d, e] => pass(simd, [a, b, c, d, e], at, value, id),
            [a, b, c, d, e, f] => pass(simd, [a, b, c, d, e, f], at, value, id),
            _ => true,
        };
        rest = later;
    }
    // NaN is rare: only where there is one it is worth counting.
    let count = |plane: &[f32]| plane[at..at + value.len()].iter().filter(|v| v.is_nan()).count();
    if all_numbers { 0 } else { channels.iter().map(|(plane, _)| count(plane)).sum() }
}

/// Lets `N` more channels compete with what stands in `value` and `id`. False when one of their values is NaN.
#[inline(always)]
fn pass<S: Simd, const N: usize>(simd: S, channels: [Channel<'_>; N], at: usize, value: &mut [f32], id: &mut [u32]) -> bool {
    let planes = channels.map(|(plane, _)| &plane[at..at + value.len()]);
    let (values, value_rest) = S::as_mut_simd_f32s(value);
    let (ids, id_rest) = S::as_mut_simd_u32s(id);
    let vectors = planes.map(|plane| &S::as_simd_f32s(plane).0[..values.len()]);
    let numbers = channels.map(|(_, id)| simd.splat_u32s(u32::from(id)));
    let zero = simd.splat_f32s(0.0);
    let mut is_number = simd.equal_f32s(zero, zero);
    for (i, (value, id)) in values.iter_mut().zip(ids).enumerate() {
        let (mut best, mut winner) = (*value, *id);
        for c in 0..N {
            let new = vectors[c][i];
            let is_higher = simd.greater_than_f32s(new, best);
            is_number = simd.and_m32s(is_number, simd.equal_f32s(new, new));
            best = simd.select_f32s(is_higher, new, best);
            winner = simd.select_u32s(is_higher, numbers[c], winner);
        }
        (*value, *id) = (best, winner);
    }
    let mut all_numbers = simd.first_true_m32s(simd.not_m32s(is_number)) >= S::F32_LANES;
    // What is left over is less than one vector.
    for (&(_, number), plane) in channels.iter().zip(planes) {
        let rest = &plane[plane.len() - value_rest.len()..];
        for ((&new, value), id) in rest.iter().zip(value_rest.iter_mut()).zip(id_rest.iter_mut()) {
            let is_higher = new > *value;
            *value = if is_higher { new } else { *value };
            *id = if is_higher { u32::from(number) } else { *id };
            all_numbers &= !new.is_nan();
        }
    }
    all_numbers
}

/// Values that are compared side by side; as many as the widest processors take in two steps.
const LANES: usize = 32;

/// Smallest and largest of many values, lane by lane: one running minimum would wait for itself at every value.
pub(super) struct Extremes {
    lowest: [f32; LANES],
    highest: [f32; LANES],
}

impl Default for Extremes {
    fn default() -> Self {
        Self { lowest: [f32::INFINITY; LANES], highest: [f32::NEG_INFINITY; LANES] }
    }
}

impl Extremes {
    #[inline(always)]
    pub(super) fn note(&mut self, values: &[f32]) {
        for lanes in values.chunks(LANES) {
            for ((lowest, highest), &value) in self.lowest.iter_mut().zip(&mut self.highest).zip(lanes) {
                *lowest = if value < *lowest { value } else { *lowest };
                *highest = if value > *highest { value } else { *highest };
            }
        }
    }

    /// Notes the higher of each pair; neither may be NaN.
    #[inline(always)]
    pub(super) fn note_higher(&mut self, a: &[f32], b: &[f32]) {
        for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
            let mut higher = [0.0; LANES];
            for ((higher, &a), &b) in higher.iter_mut().zip(a).zip(b) {
                *higher = if a > b { a } else { b };
            }
            self.note(&higher[..a.len()]);
        }
    }

    /// Infinity and minus infinity when nothing was noted.
    pub(super) fn range(&self) -> (f32, f32) {
        let lowest = self.lowest.iter().copied().fold(f32::INFINITY, f32::min);
        (lowest, self.highest.iter().copied().fold(f32::NEG_INFINITY, f32::max))
    }
}

/// Numbers to bytes; they must be below 256.
#[inline(always)]
pub(super) fn narrow(numbers: &[u32], bytes: &mut [u8]) {
    for (byte, &number) in bytes.iter_mut().zip(numbers) {
        *byte = number as u8;
    }
}

/// Probabilities to bytes: `round(255 · p)`, halves up, clamped to 0–255; NaN gives 0.
#[inline(always)]
pub(super) fn to_bytes(probabilities: &[f32], bytes: &mut [u8]) {
    for (byte, &p) in bytes.iter_mut().zip(probabilities) {
        *byte = to_byte(p);
    }
}

/// `(255 · p + ½) as u8`, in steps that have vector instructions: the cast of the language clamps one value at a time.
#[inline(always)]
fn to_byte(p: f32) -> u8 {
    // Adding 2²³ leaves the nearest whole number in the low bits, one too many where that was rounded up.
    const SHIFT: f32 = 8_388_608.0;
    let v = p * 255.0 + 0.5;
    let v = if v > 0.0 { v } else { 0.0 };
    let v = if v < 255.0 { v } else { 255.0 };
    let shifted = v + SHIFT;
    (shifted.to_bits() - u32::from(shifted - SHIFT > v)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_the_cast_of_the_language_for_every_kind_of_float() {
        // Every 257th of all floats, whatever they are, and all around the steps.
        let mut inputs: Vec<f32> = (0..=u32::MAX / 257).map(|i| f32::from_bits(i * 257)).collect();
        for step in 0..=256_u32 {
            let edge = ((step as f32 - 0.5) / 255.0).to_bits();
            inputs.extend((0..400).map(|i| f32::from_bits(edge.wrapping_add(i).wrapping_sub(200))));
        }
        for p in inputs {
            assert_eq!(to_byte(p), (p * 255.0 + 0.5) as u8, "{p} {:#x}", p.to_bits());
        }
    }
}
