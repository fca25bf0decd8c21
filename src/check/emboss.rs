//! Regions that are bright on one side and dark on the other: scratches and dents under light from the side.
//!
//! Sought with one sign all around, such a region is only half of itself: one side of the contour finds its own edge, the other the
//! step between the bright half and the dark one, which is twice as high. So there is a third hypothesis beside brighter and darker: the
//! sign of the step is that of `n · l`, for a normal `n` and a direction `l` across which the light falls. It has to earn its place:
//! both sides must show an edge of about one height where a single sign shows two very different ones.

use super::gauss;
use super::outline::Outline;
use super::trace::{Responses, Trace};

/// The edges of both signs lie further apart than this where they disagree, px.
const APART: f64 = 1.0;
/// Least length of the mean of the signed normals: 1 for a straight scratch, 2/π for a disk, 0 where there is no direction.
const LEAST_DIRECTION: f64 = 0.5;
/// Points whose normal lies within 60° of the light belong to a side.
const SIDE: f64 = 0.5;
/// Lower side ÷ higher side: at least this for both sides of an embossed region …
const BALANCED: f64 = 0.6;
/// … and at most this for the single sign.
const UNBALANCED: f64 = 0.75;
/// Mean strength, in SDs of the response of the background, of every one of the three edges.
const LEAST_STRENGTH: f64 = 5.0;

/// The edge of an embossed region, when `best` and `other`, the edges of both signs, are two halves of one.
pub(super) fn trace(outline: &Outline, responses: &Responses, best: &Trace, other: &Trace) -> Option<Trace> {
    if best.mean_strength < LEAST_STRENGTH || other.mean_strength < LEAST_STRENGTH {
        return None;
    }
    let (bright, dark) = if best.signs.first() > Some(&0.0) { (best, other) } else { (other, best) };
    // The outer one of both edges is that of the region, and its sign that of its side.
    let (mut x, mut y, mut count) = (0.0, 0.0, 0.0);
    for i in 0..outline.len() {
        let apart = bright.along[i] - dark.along[i];
        if apart.abs() >= APART && !responses.is_blocked(i) {
            x += outline.nx[i] * apart.signum();
            y += outline.ny[i] * apart.signum();
            count += 1.0;
        }
    }
    let length = f64::hypot(x, y);
    if count < 0.5 * outline.len() as f64 || length < LEAST_DIRECTION * count {
        return None;
    }
    let light = (x / length, y / length);
    let towards = |i: usize| outline.nx[i] * light.0 + outline.ny[i] * light.1;
    let balance = |t: &Trace| {
        let side = |sign: f64| {
            let mut heights: Vec<f64> = (0..outline.len())
                .filter(|&i| sign * towards(i) > SIDE && !responses.is_blocked(i))
                .map(|i| responses.height(t, i))
                .collect();
            gauss::median(&mut heights)
        };
        let (a, b) = (side(1.0), side(-1.0));
        a.min(b) / a.max(b)
    };
    let before = balance(best);
    if before.is_nan() || before > UNBALANCED {
        return None;
    }
    let signs = (0..outline.len()).map(|i| if towards(i) >= 0.0 { 1.0 } else { -1.0 }).collect();
    let found = responses.trace(outline, signs);
    let is_better = balance(&found) >= BALANCED.max(before + 0.1);
    (is_better && found.is_upright() && found.fold > best.fold && found.mean_strength >= LEAST_STRENGTH).then_some(found)
}
