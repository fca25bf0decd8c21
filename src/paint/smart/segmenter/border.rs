//! The last step: on a soft edge the cut may run anywhere on the slope; the border of a label is where half of the contrast is.

use super::Marks;
use crate::paint::morphology::{grow, shrink};
use crate::raster::{Area, Photo, PixelRect, Span};

/// Pixels so near to the border are decided anew.
const BAND_PX: f64 = 2.0;
/// What lies this much farther in and out says how bright the two sides are.
const SIDE_PX: f64 = 3.0;
/// The sides must differ by so many of their standard deviations; on rougher ground the cut knows more than single pixels.
const DISTINCT: f32 = 4.0;

/// The area with the pixels along its border given to the side that they are nearer to; as it was where the two sides are not distinct.
/// Marks keep their word.
pub(super) fn at_half_contrast(photo: &Photo, area: &Area, marks: &Marks<'_>, window: PixelRect) -> Area {
    let (width, height) = (photo.width(), photo.height());
    let (outer, inner) = (grow(area, BAND_PX, width, height), shrink(area, BAND_PX, width, height));
    let inside = inner.minus(&shrink(&inner, SIDE_PX, width, height));
    let outside = grow(&outer, SIDE_PX, width, height).minus(&outer).cut_to(window);
    let (Some(a), Some(b)) = (Side::of(photo, &inside), Side::of(photo, &outside)) else { return area.clone() };
    let towards: [f32; 3] = std::array::from_fn(|c| a.mean[c] - b.mean[c]);
    let distance = dot(towards, towards).sqrt();
    if distance <= DISTINCT * a.spread.max(b.spread) || distance == 0.0 {
        return area.clone();
    }
    let half: [f32; 3] = std::array::from_fn(|c| f32::midpoint(a.mean[c], b.mean[c]));
    let mut near = Vec::new();
    for span in outer.minus(&inner).spans() {
        for x in span.x0..span.x1 {
            let v = photo.rgb_at(x, span.y);
            if dot(std::array::from_fn(|c| v[c] - half[c]), towards) > 0.0 {
                near.push(Span::new(span.y, x, x + 1));
            }
        }
    }
    let bounds = marks.bounds.unwrap_or(window);
    let settled = inner.union(&Area::from_spans(near).cut_to(bounds));
    settled.minus(marks.background).union(&marks.foreground.cut_to(bounds).cut_to(window))
}

/// Mean and spread of the pixels on one side.
struct Side {
    mean: [f32; 3],
    spread: f32,
}

impl Side {
    /// None with too few pixels to speak of.
    fn of(photo: &Photo, area: &Area) -> Option<Self> {
        let pixels = || {
            area.spans().iter().flat_map(|s| (s.x0..s.x1).map(|x| photo.rgb_at(x, s.y))).filter(|v| v.iter().all(|c| c.is_finite()))
        };
        let n = pixels().count() as f32;
        if n < 12.0 {
            return None;
        }
        let sum = pixels().fold([0.0; 3], |sum: [f32; 3], v| std::array::from_fn(|c| sum[c] + v[c]));
        let mean = sum.map(|s| s / n);
        let variance = pixels()
            .map(|v| {
                let d: [f32; 3] = std::array::from_fn(|c| v[c] - mean[c]);
                dot(d, d)
            })
            .sum::<f32>()
            / n;
        Some(Self { mean, spread: variance.sqrt() })
    }
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
