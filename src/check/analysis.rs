//! The boundary check of one region, step by step: outline, search for the edge at growing scales, width of the edge, a second search
//! matched to it, displacements, verdict.
//!
//! Related work: active shape models and caliper tools seek the strongest gradient along the normal of each point for itself; here the
//! points are coupled by a closed path of least cost (as in intelligent scissors and optimal surface search), with a known sign of
//! the step, and judged against the response of the background texture.

use super::boundary::{BoundaryCheck, BoundaryKind, BoundaryResult, ContourPoint, Polarity, Reason};
use super::colour;
use super::decompose::{decompose, weighted_quantile};
use super::edge_profile::EdgeProfile;
use super::frame::Frame;
use super::gauss;
use super::noise::Noise;
use super::outline::Outline;
use super::trace::{Responses, STEP, Trace};
use super::verdict;
use crate::raster::label_map::LabelMap;
use crate::raster::photo::Photo;
use crate::raster::runs::Run;

/// Scales of the first search, px; the smallest one with enough evidence is taken.
const SCALES: [f64; 3] = [1.0, 2.0, 3.5];
/// Averaging along the contour in the first search, px.
const LATERAL: f64 = 2.5;
/// Mean strength (SDs of the background response) that is enough evidence.
const ENOUGH_STRENGTH: f64 = 7.0;
/// A point shows an edge from this strength on.
const EDGE_STRENGTH: f64 = 3.0;
/// Edges wider than this (σ, px) are sought again with a matched filter.
const SHARP_SIGMA: f64 = 1.3;
/// Scale and lateral averaging of the matched search, in σ of the edge, and their largest values, px.
const MATCHED_SCALE: (f64, f64) = (0.8, 5.0);
const MATCHED_LATERAL: (f64, f64) = (2.0, 6.0);
/// Smoothing of the displacements along the contour: at least this, and this times σ, samples.
const SMOOTHING: f64 = 1.5;
/// Background pixels from which the best mixture of the colours is found.
const COLOUR_SAMPLES: usize = 2000;
/// Share of the theoretical localisation noise that is left after smoothing along the contour.
const NOISE_LEFT: f64 = 0.7;

/// The photo and the maps that regions are checked against.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    photo: &'a Photo,
    map: &'a LabelMap,
    part: Option<&'a LabelMap>,
    noise_floor: f64,
}

impl<'a> Scene<'a> {
    /// `part`: a zone map of the image; 0 = off the part, where no edge belongs to a defect. Without it the edge of the part may be
    /// taken for the edge of a defect nearby.
    #[must_use]
    pub fn new(photo: &'a Photo, map: &'a LabelMap, part: Option<&'a LabelMap>) -> Self {
        Self { photo, map, part, noise_floor: noise_floor(photo) }
    }

    #[must_use]
    pub const fn map(&self) -> &'a LabelMap {
        self.map
    }

    pub(super) const fn part(&self) -> Option<&'a LabelMap> {
        self.part
    }

    /// The same photo with another label map of the same size.
    pub(super) fn on<'b>(&self, map: &'b LabelMap) -> Scene<'b>
    where
        'a: 'b,
    {
        Scene { map, ..*self }
    }
}

/// Half a step of 8-bit gray, in the units of the photo: less noise than that is not believed.
///
/// Cameras of 10, 12 or 14 bits come in 16-bit files; the depth in use is the one that the brightest pixel needs.
fn noise_floor(photo: &Photo) -> f64 {
    let levels = |brightest: u16| {
        let bits = (16 - brightest.leading_zeros()).max(8);
        f64::from((1_u32 << bits) - 1)
    };
    let full_scale = match photo {
        Photo::Gray8(_) | Photo::Rgb8(_) => 255.0,
        Photo::Gray16(p) => levels(p.as_slice().iter().copied().max().unwrap_or(0)),
        Photo::Rgb16(p) => levels(p.as_slice().iter().flatten().copied().max().unwrap_or(0)),
        Photo::GrayF32(_) => f64::from(photo.full_scale()),
    };
    0.5 / 255.0 * full_scale
}

/// Checks the boundary of one region against the photo.
///
/// `runs`: the pixels of the region in the scene's label map, e.g. [`crate::raster::Components::runs`]; other labels nearby stop the
/// search. Never panics on odd input; what cannot be judged is [`Soundness::Unmeasurable`].
#[must_use]
pub fn check_region(scene: &Scene<'_>, runs: &[Run], kind: BoundaryKind, settings: &BoundaryCheck) -> BoundaryResult {
    let settings = settings.in_range();
    let size = (scene.photo.width(), scene.photo.height());
    if size != (scene.map.width(), scene.map.height()) {
        return BoundaryResult::unmeasurable(Reason::SizeMismatch, settings.tolerance_px);
    }
    if runs.iter().any(|r| r.y >= size.1 || r.x1 > size.0) {
        return BoundaryResult::unmeasurable(Reason::SizeMismatch, settings.tolerance_px);
    }
    let outline = Outline::of(runs);
    if outline.len() == 0 {
        return BoundaryResult::unmeasurable(Reason::TooSmall, settings.tolerance_px);
    }
    // Rays of the matched search and of the edge profile, and the background ring with its filters.
    let margin = 3.0 * settings.search_px + 3.0 * MATCHED_LATERAL.1;
    let mut frame = Frame::cut(scene.photo, scene.map, scene.part, runs, margin.ceil() as u32 + 2);
    if scene.photo.channels() > 1 {
        let (inner, outer) = (settings.search_px as u32, (3.0 * settings.search_px) as u32);
        let background = frame.background(runs, inner, outer, COLOUR_SAMPLES);
        if let Some(gray) = colour::best_projection(scene.photo, frame.rect, runs, &background, scene.noise_floor) {
            frame.gray = gray;
        }
    }
    let search = Search { frame: &frame, runs, outline: &outline, settings: &settings, floor: scene.noise_floor };
    let Some(found) = search.run() else {
        return BoundaryResult::unmeasurable(Reason::Blocked, settings.tolerance_px);
    };
    verdict::judge(measured(&frame, &outline, &found, settings.search_px), kind, &settings)
}

struct Search<'a> {
    frame: &'a Frame,
    runs: &'a [Run],
    outline: &'a Outline,
    settings: &'a BoundaryCheck,
    floor: f64,
}

/// The edge as finally found.
struct Found {
    responses: Responses,
    trace: Trace,
    profile: EdgeProfile,
}

impl Search<'_> {
    fn responses(&self, scale: f64, lateral: f64) -> Responses {
        let noise = Noise::around(self.frame, self.runs, self.settings.search_px, scale, lateral, self.floor);
        Responses::measure(self.frame, self.outline, self.settings.search_px, scale, lateral, &noise)
    }

    /// The better of both signs of the step: one whose edge does not turn inside out, and then the one that earns more.
    fn best_polarity(&self, responses: &Responses) -> Trace {
        match self.settings.polarity {
            Some(Polarity::Brighter) => responses.trace(self.outline, 1.0),
            Some(Polarity::Darker) => responses.trace(self.outline, -1.0),
            None => {
                let (a, b) = (responses.trace(self.outline, 1.0), responses.trace(self.outline, -1.0));
                match (a.is_upright(), b.is_upright()) {
                    (true, false) => a,
                    (false, true) => b,
                    _ if b.score > a.score => b,
                    _ => a,
                }
            }
        }
    }

    fn run(&self) -> Option<Found> {
        let mut best: Option<(Responses, Trace)> = None;
        for scale in SCALES {
            let responses = self.responses(scale, LATERAL);
            if (0..self.outline.len()).all(|i| responses.is_blocked(i)) {
                return None;
            }
            let trace = self.best_polarity(&responses);
            let is_enough = trace.mean_strength >= ENOUGH_STRENGTH;
            if is_enough || best.as_ref().is_none_or(|(_, b)| trace.mean_strength > b.mean_strength) {
                best = Some((responses, trace));
            }
            if is_enough {
                break;
            }
        }
        let (mut responses, mut trace) = best?;
        let mut profile = EdgeProfile::measure(self.frame, self.outline, &responses, &trace);
        if profile.sigma > SHARP_SIGMA {
            let scale = (MATCHED_SCALE.0 * profile.sigma).min(MATCHED_SCALE.1).max(responses.scale);
            let lateral = (MATCHED_LATERAL.0 * profile.sigma).clamp(LATERAL, MATCHED_LATERAL.1);
            let matched = self.responses(scale, lateral);
            let second = matched.trace(self.outline, trace.polarity);
            if second.is_upright() || !trace.is_upright() {
                (responses, trace) = (matched, second);
                profile = EdgeProfile::measure(self.frame, self.outline, &responses, &trace);
            }
        }
        Some(Found { responses, trace, profile })
    }
}

/// The figures of the edge as found, with nothing judged yet.
fn measured(frame: &Frame, outline: &Outline, found: &Found, search_px: f64) -> BoundaryResult {
    let Found { responses, trace, profile } = found;
    let n = outline.len();
    let sigma = profile.sigma;
    let smoothing = SMOOTHING * profile.sigma_or(1.0).max(1.0);
    let half_level = if profile.half_level.is_finite() { profile.half_level } else { 0.0 };
    let mut displacement = Vec::with_capacity(n);
    for c in &outline.contours {
        displacement.extend(gauss::smooth_ring(&trace.along[c.clone()], smoothing).into_iter().map(|d| -(d + half_level)));
    }

    let mut confidence = vec![0.0; n];
    let (mut shown, mut counted, mut blocked, mut at_limit) = (0.0, 0.0, 0.0, 0.0);
    for i in 0..n {
        if responses.is_blocked(i) {
            // The image ends here, and so does the label: there is no boundary to judge.
            if !frame.is_on_image_border(outline.x[i], outline.y[i]) {
                counted += 1.0;
                blocked += 1.0;
            }
            continue;
        }
        counted += 1.0;
        confidence[i] = ((trace.strength[i] - 1.5) / 3.0).clamp(0.0, 1.0);
        if trace.along[i].abs() >= search_px - STEP {
            confidence[i] *= 0.25;
            at_limit += 1.0;
        }
        shown += f64::from(u8::from(trace.strength[i] >= EDGE_STRENGTH));
    }
    let counted = f64::max(counted, 1.0);
    let points: Vec<ContourPoint> = (0..n)
        .map(|i| ContourPoint {
            position: outline.moved(i, 0.0),
            normal: (outline.nx[i], outline.ny[i]),
            displacement_px: displacement[i],
            strength: trace.strength[i],
            confidence: confidence[i],
            is_blocked: responses.is_blocked(i),
        })
        .collect();
    let weights: Vec<f64> = points.iter().map(ContourPoint::weight).collect();
    let total: f64 = weights.iter().sum();
    let parts = decompose(&displacement, &outline.nx, &outline.ny, &weights);

    // Noise of the found position, and what it adds to the displacements.
    let width = trace_scale_squared(responses.scale, profile.sigma_or(responses.scale));
    let noise_of = |i: usize| 1.22 * width / responses.scale / trace.strength[i].max(1.0);
    let mean = |f: &dyn Fn(usize) -> f64| (0..n).map(|i| weights[i] * f(i)).sum::<f64>() / total;
    let noise = NOISE_LEFT * mean(&|i| noise_of(i).powi(2)).sqrt();
    let rms = mean(&|i| displacement[i].powi(2)).sqrt();
    let shrink = (rms * rms - noise.min(0.9 * rms).powi(2)).max(0.0).sqrt() / rms.max(1e-9);
    let sizes: Vec<f64> = displacement.iter().map(|d| d.abs()).collect();
    BoundaryResult {
        points,
        contours: outline.contours.clone(),
        bias_px: parts.bias,
        shift_px: parts.shift,
        spread_px: parts.spread,
        p50_px: shrink * weighted_quantile(&sizes, &weights, 0.5),
        p90_px: shrink * weighted_quantile(&sizes, &weights, 0.9),
        coverage: shown / counted,
        blocked: blocked / counted,
        at_limit: at_limit / counted,
        edge_sigma_px: sigma,
        noise_px: noise,
        contrast: trace.contrast,
        polarity: Some(if trace.polarity > 0.0 { Polarity::Brighter } else { Polarity::Darker }),
        ..BoundaryResult::unmeasurable(Reason::Blocked, f64::NAN)
    }
}

/// Variance of the peak of the step response to an edge of blur `sigma`, px².
fn trace_scale_squared(scale: f64, sigma: f64) -> f64 {
    scale * scale + sigma * sigma
}
