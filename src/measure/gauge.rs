//! What the runs of a region tell without a look at what lies around them, and the memory of small forms.

use super::centre_line;
use super::feature::Feature;
use super::probability::set_probabilities;
use super::region::Measuring;
use super::shape::{Moments, Shape};
use crate::raster::geometry::PixelRect;
use crate::raster::pairs::Crofton;
use crate::raster::run_distance::largest_width;
use crate::raster::runs::Run;

type Features = [f32; Feature::COUNT];

/// Measures regions with one calibration, and remembers the small ones: noise repeats a few dozen forms, and a form measures the same
/// wherever it lies.
#[derive(Debug)]
pub(super) struct Gauge {
    scale: (f64, f64),
    crofton: Crofton,
    /// By a hash of the form: the form, 4 × 4 bits of which one is set in each that is known, and what depends on it alone.
    small: Vec<(u16, Features)>,
}

/// Forms that are remembered at once.
const SMALL_FORMS: usize = 256;
/// What follows from the length along the centre line.
const ALONG: [Feature; 4] = [Feature::CentreLine, Feature::MeanWidth, Feature::Slenderness, Feature::Straightness];
/// Of a region less slender than this (length ÷ mean width) the largest diameter counts.
const LEAST_SLENDERNESS: f64 = 3.0;

impl Gauge {
    /// Without a calibration ratios are those of square pixels.
    pub fn new(with: &Measuring<'_>) -> Self {
        let scale = with.calibration.map_or((1.0, 1.0), |c| (c.x_mm_per_px, c.y_mm_per_px));
        Self { scale, crofton: Crofton::eight(scale), small: Vec::new() }
    }

    /// All that the runs of a region or a part of one tell. `is_one` when its pixels hang together. `with` must always be what [`Self::new`]
    /// was called with.
    pub fn features(&mut self, runs: &[Run], moments: &Moments, with: &Measuring<'_>, is_one: bool) -> Features {
        let bounds = moments.bounds;
        let mut features = if bounds.width() <= 4 && bounds.height() <= 4 {
            self.of_small(form_of(runs, bounds), runs, moments, with, is_one)
        } else {
            self.of_form(runs, moments, with, is_one)
        };
        let mut set = |f: Feature, v: f64| features[f.index()] = v as f32;
        if with.calibration.is_some() {
            let centre = moments.centroid();
            set(Feature::CentreX, centre.x * self.scale.0);
            set(Feature::CentreY, centre.y * self.scale.1);
        }
        if let Some(probability) = with.probability {
            set_probabilities(runs, moments.pixels, probability, &mut set);
        }
        features
    }

    fn of_small(&mut self, form: u16, runs: &[Run], moments: &Moments, with: &Measuring<'_>, is_one: bool) -> Features {
        if self.small.is_empty() {
            self.small = vec![(0, [f32::NAN; Feature::COUNT]); SMALL_FORMS];
        }
        // Multiplicative hashing by the golden ratio.
        let place = usize::from(form.wrapping_mul(40_503) >> 8);
        if self.small[place].0 != form {
            self.small[place] = (form, self.of_form(runs, moments, with, is_one));
        }
        self.small[place].1
    }

    /// What does not depend on the place.
    fn of_form(&self, runs: &[Run], moments: &Moments, with: &Measuring<'_>, is_one: bool) -> Features {
        let mut features = [f32::NAN; Feature::COUNT];
        let mut set = |f: Feature, v: f64| features[f.index()] = v as f32;
        let (sx, sy) = self.scale;
        let shape = Shape::of(runs, moments, is_one, &self.crofton, self.scale);
        let area = moments.pixels as f64 * sx * sy;
        set(Feature::AreaPx, moments.pixels as f64);
        shape.set_ratios(area, &mut set);
        if with.calibration.is_some() {
            shape.set_sizes(sx * sy, &mut set);
            set(Feature::Area, area);
            set(Feature::EquivalentDiameter, (4.0 * area / std::f64::consts::PI).sqrt());
            set(Feature::BoxWidth, f64::from(moments.bounds.width()) * sx);
            set(Feature::BoxHeight, f64::from(moments.bounds.height()) * sy);
        }
        let asks = |f: Feature| with.features.contains(f);
        if asks(Feature::MaxWidth) && with.calibration.is_some() {
            set(Feature::MaxWidth, largest_width(runs, self.scale));
        }
        if ALONG.into_iter().any(asks) {
            // A region that is not slender has no centre line worth the name: its length is its largest diameter.
            let along = centre_line::length_along(runs, moments.bounds, self.scale);
            let along = along.filter(|along| along * along >= LEAST_SLENDERNESS * area).unwrap_or(shape.feret_max);
            let mean_width = area / along;
            set(Feature::Slenderness, along / mean_width);
            set(Feature::Straightness, (shape.feret_max / along).min(1.0));
            if with.calibration.is_some() {
                set(Feature::CentreLine, along);
                set(Feature::MeanWidth, mean_width);
            }
        }
        features
    }
}

/// The pixels of a region of at most 4 × 4 as bits; never 0.
fn form_of(runs: &[Run], bounds: PixelRect) -> u16 {
    runs.iter().fold(0, |form, r| {
        let bits = ((1_u16 << r.len()) - 1) << (r.x0 - bounds.x0);
        form | bits << (4 * (r.y - bounds.y0))
    })
}
