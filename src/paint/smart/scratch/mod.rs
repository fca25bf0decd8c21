//! Scratch tracer: follows a faint thin line from one click, or between two.
//!
//! A scratch of the contrast of the noise cannot be seen in one pixel, but integrated along 60 pixels it stands out eightfold. So every
//! decision here is taken on sums of a ridge response along arcs: first the arc through the click that stands out most of all
//! directions and bends, then arcs ahead of both ends as long as the line goes on. The response of plain ground along the same
//! directions, measured around the click, says what a sum means: brushed metal has its noise along the brush.

mod between;
mod follow;
mod profile;
mod refine;
mod ridge;
mod seed;

use thiserror::Error;

use crate::raster::{Area, Photo, Point, Span};
use profile::CrossSection;

/// Settings of the tracer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScratchTracer {
    /// How far from a click the line may lie, px.
    pub reach_px: f64,
    /// Least signal-to-noise ratio of the sum along the arc through the click. At the default of 5.5, about 1 click of 100 on white noise,
    /// grain or brushed ground finds a line.
    pub level: f32,
    /// A trace ends at this length, px.
    pub max_length_px: f64,
}

impl Default for ScratchTracer {
    fn default() -> Self {
        Self { reach_px: 8.0, level: 5.5, max_length_px: 4000.0 }
    }
}

/// Whether the line is darker or brighter than its ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    Dark,
    Bright,
    /// A bright side next to a dark one, as raking light shows a groove.
    Embossed,
}

/// Why there is no trace.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum ScratchError {
    #[error("the point ({x:.0}, {y:.0}) lies outside the photo; click on the scratch")]
    Outside { x: f64, y: f64 },
    #[error(
        "no line stands out here: the best one has {found:.1} times the noise and {needed:.1} are needed; click closer to the scratch, \
         or click its two ends"
    )]
    NoLine { found: f32, needed: f32 },
    #[error("the two points are {distance:.0} px apart and at most {limit:.0} px can be traced at once; click in between")]
    TooFar { distance: f64, limit: f64 },
}

/// A traced line.
#[derive(Clone, Debug, PartialEq)]
pub struct ScratchTrace {
    /// Centre line from one end to the other in image space, px, about one point per pixel.
    pub centre: Vec<Point>,
    /// Half of the visible width at every point of the centre line, px: from the centre to half contrast.
    pub half_width: Vec<f32>,
    /// Median of the visible full width at half contrast, px; includes the blur of the optics.
    pub width: f32,
    pub polarity: Polarity,
    /// Difference between the middle of the line and the ground beside it, raw units, > 0; of an embossed line between its two sides.
    pub contrast: f32,
    /// Signal-to-noise ratio of the response summed over the whole line.
    pub snr: f32,
    size: (u32, u32),
}

impl ScratchTrace {
    /// Length of the centre line, px.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.centre.windows(2).map(|p| p[0].distance(p[1])).sum()
    }

    /// The pixels whose centre lies within the measured half width (at least half of `min_width`, px) of the centre line, and every pixel
    /// that the line itself passes: at least one pixel wide and 8-connected.
    #[must_use]
    pub fn area(&self, min_width: f32) -> Area {
        let (w, h) = (f64::from(self.size.0), f64::from(self.size.1));
        let mut spans = Vec::new();
        for (i, ends) in self.centre.windows(2).enumerate() {
            let (a, b) = (ends[0], ends[1]);
            let half = |k: usize| f64::from(self.half_width[k].max(min_width / 2.0));
            let r = half(i).max(half(i + 1));
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let length2 = dx * dx + dy * dy;
            if length2 == 0.0 || !length2.is_finite() {
                continue;
            }
            let (is_first, is_last) = (i == 0, i + 2 == self.centre.len());
            let rows = (a.y.min(b.y) - r).floor().clamp(0.0, h)..(a.y.max(b.y) + r).ceil().clamp(0.0, h);
            let columns = (a.x.min(b.x) - r).floor().clamp(0.0, w)..(a.x.max(b.x) + r).ceil().clamp(0.0, w);
            for y in rows.start as u32..rows.end as u32 {
                for x in columns.start as u32..columns.end as u32 {
                    let (px, py) = (f64::from(x) + 0.5 - a.x, f64::from(y) + 0.5 - a.y);
                    let t = (px * dx + py * dy) / length2;
                    // The ends are cut straight, joints are round.
                    if (is_first && t < 0.0) || (is_last && t > 1.0) {
                        continue;
                    }
                    let t = t.clamp(0.0, 1.0);
                    let reach = half(i) + (half(i + 1) - half(i)) * t;
                    if (px - t * dx).hypot(py - t * dy) <= reach {
                        spans.push(Span::new(y, x, x + 1));
                    }
                }
            }
            for k in 0..=4 {
                let (x, y) = (a.x + dx * f64::from(k) / 4.0, a.y + dy * f64::from(k) / 4.0);
                if (0.0..w).contains(&x) && (0.0..h).contains(&y) {
                    spans.push(Span::new(y as u32, x as u32, x as u32 + 1));
                }
            }
        }
        Area::from_spans(spans)
    }
}

/// A line as the search leaves it: points about one pixel apart, and how much it stands out.
struct RawLine {
    points: Vec<Point>,
    /// +1 for a dark line, −1 for a bright one.
    sign: f32,
    /// Signal-to-noise ratio of the response per pixel of length.
    snr_per_px: f32,
    scale_index: usize,
}

/// Follows the scratch at `a` in both directions until it ends, or from `a` to `b`.
///
/// Works on windows around the line only. The line may be as wide as 8 px.
pub fn trace(photo: &Photo, a: Point, b: Option<Point>, settings: &ScratchTracer) -> Result<ScratchTrace, ScratchError> {
    for p in [Some(a), b].into_iter().flatten() {
        let is_inside = (0.0..f64::from(photo.width())).contains(&p.x) && (0.0..f64::from(photo.height())).contains(&p.y);
        if !is_inside {
            return Err(ScratchError::Outside { x: p.x, y: p.y });
        }
    }
    let line = if let Some(b) = b.filter(|b| b.distance(a) >= 2.0 * between::STEP) {
        between::connect(photo, a, b, settings)?
    } else {
        let (seed, mut ridge) = seed::find(photo, a, settings)?;
        follow::both_ways(&mut ridge, &seed, settings)
    };
    let nothing = ScratchError::NoLine { found: 0.0, needed: settings.level };
    if line.points.len() < follow::LEAST_LENGTH {
        return Err(nothing);
    }
    let scale = ridge::SCALES[line.scale_index];
    let mut points = line.points;
    for _ in 0..2 {
        points = refine::centred(photo, &points, scale, line.sign, line.snr_per_px);
    }
    let section = CrossSection::fit(photo, &points, scale, line.sign).ok_or(nothing)?;
    let points = refine::moved(&points, &vec![section.centre; points.len()]);
    let half_width = section.half_widths(photo, &points, line.snr_per_px);
    let snr = line.snr_per_px * (points.len() as f32).sqrt();
    Ok(ScratchTrace {
        width: section.width,
        polarity: section.polarity,
        contrast: section.contrast,
        half_width,
        snr,
        size: (photo.width(), photo.height()),
        centre: points,
    })
}

/// Unit vector of the angle.
fn unit(angle: f64) -> (f64, f64) {
    let (sin, cos) = angle.sin_cos();
    (cos, sin)
}

#[cfg(test)]
mod tests;
