//! The words of the boundary check: its settings, what it says about one region, and why.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::verdict;
use crate::raster::geometry::Point;

/// What kind of boundary a class has in the photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundaryKind {
    /// An edge that people agree on to within a pixel or two.
    #[default]
    Sharp,
    /// A haze or a stain that fades out: the check warns at most, it never fails such a label on pixels.
    Diffuse,
}

/// Settings of the boundary check. The defaults are the ones that the figures in the tests belong to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoundaryCheck {
    /// A label whose boundary is off by this much over a tenth of its length or more fails, px, > 0.
    pub tolerance_px: f64,
    /// How far from the label the edge is sought, px, 4–24. Must exceed the worst expected error.
    pub search_px: f64,
    /// The tolerance is at least this multiple of the blur σ of the photo: nobody labels a blurred edge to the pixel.
    pub tolerance_per_blur: f64,
    /// Share of the contour that must show an edge, 0..=1; below it the region is unmeasurable.
    pub min_coverage: f64,
    /// Edges wider than this from 10 % to 90 % are too diffuse to be measured, px.
    pub max_edge_width_px: f64,
    /// Whether defects are brighter or darker than their surroundings, when that is known; otherwise found per region.
    pub polarity: Option<Polarity>,
}

impl Default for BoundaryCheck {
    fn default() -> Self {
        Self {
            tolerance_px: 2.0,
            search_px: 8.0,
            tolerance_per_blur: 0.7,
            min_coverage: 0.45,
            max_edge_width_px: 10.0,
            polarity: None,
        }
    }
}

impl BoundaryCheck {
    /// These settings with every value inside its range; what is no number becomes the default.
    #[must_use]
    pub fn in_range(self) -> Self {
        let default = Self::default();
        let pick = |v: f64, low: f64, high: f64, otherwise: f64| if v.is_finite() { v.clamp(low, high) } else { otherwise };
        Self {
            tolerance_px: pick(self.tolerance_px, 0.1, 100.0, default.tolerance_px),
            search_px: pick(self.search_px, 4.0, 24.0, default.search_px),
            tolerance_per_blur: pick(self.tolerance_per_blur, 0.0, 10.0, default.tolerance_per_blur),
            min_coverage: pick(self.min_coverage, 0.0, 1.0, default.min_coverage),
            max_edge_width_px: pick(self.max_edge_width_px, 1.0, 100.0, default.max_edge_width_px),
            polarity: self.polarity,
        }
    }
}

/// The region against its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    Brighter,
    Darker,
}

/// What the check says about the boundary of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Soundness {
    /// The boundary follows the image.
    Pass,
    /// The image does not tell where the boundary is. Not a pass.
    Unmeasurable,
    /// At least three quarters of the tolerance are used up.
    Warn,
    /// The boundary is off by more than the tolerance.
    Fail,
}

impl Soundness {
    /// The word on the screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unmeasurable => "unmeasurable",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// Why a region is unmeasurable, or what to know about its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No contour of 8 cracks or more.
    TooSmall,
    /// Label map and photo have different sizes.
    SizeMismatch,
    /// The boundary lies on other labels, off the part or on the border of the image.
    Blocked,
    /// Too little of the contour shows an edge.
    LowCoverage,
    /// The mean profile is no step.
    NoEdge,
    /// The edge is wider than the settings allow.
    WideEdge,
    /// Noise moves the found edge by more than half the tolerance.
    Noise,
    /// The class has a diffuse boundary: a warning at most.
    DiffuseClass,
    /// The edge was found at the end of the search range for part of the contour: the true displacement may be larger.
    SearchLimit,
    /// Part of the contour lies on other labels or off the part and was left out.
    PartlyBlocked,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooSmall => "the region is too small to have a boundary",
            Self::SizeMismatch => "label and photo have different sizes",
            Self::Blocked => "its boundary lies on other labels, off the part or on the image border",
            Self::LowCoverage => "too little of the contour shows an edge in the photo",
            Self::NoEdge => "the photo shows no step-like edge along the contour",
            Self::WideEdge => "the edge in the photo is too diffuse",
            Self::Noise => "noise hides where the edge is",
            Self::DiffuseClass => "the class has a diffuse boundary",
            Self::SearchLimit => "the edge may lie beyond the search range",
            Self::PartlyBlocked => "part of the contour touches other labels or the part's edge",
        })
    }
}

/// What is mainly wrong with a boundary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nothing: the label passes or cannot be measured.
    #[default]
    None,
    /// Too large all around.
    Inflated,
    /// Too small all around.
    Deflated,
    /// Of the right size in the wrong place.
    Shifted,
    /// Now inside, now outside.
    Sloppy,
    /// Right for the most part and far off in one stretch.
    Local,
}

/// One point of a contour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContourPoint {
    /// On the boundary of the label, image space, px.
    pub position: Point,
    /// Unit normal out of the region.
    pub normal: (f64, f64),
    /// Distance from the edge in the image to the label along the normal, px; + = the label is too large here.
    pub displacement_px: f64,
    /// Step response at the edge ÷ response of the background (SD).
    pub strength: f64,
    /// 0..=1; grows with the strength, low where the edge was found at the end of the search range.
    pub confidence: f64,
    /// No ray may start here: another label, the part's edge or the image border is in the way. The point counts for nothing.
    pub is_blocked: bool,
}

impl ContourPoint {
    /// What the point counts in all figures of the region; ≥ 0.
    pub(super) fn weight(&self) -> f64 {
        if self.is_blocked { 0.0 } else { self.confidence + 1e-3 }
    }

    /// Where the image has its edge, px.
    #[must_use]
    pub fn edge(&self) -> Point {
        Point::new(self.position.x - self.displacement_px * self.normal.0, self.position.y - self.displacement_px * self.normal.1)
    }
}

/// What the check found out about the boundary of one region. Figures are NaN when they could not be had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundaryResult {
    /// About one point per px, the longest contour first.
    pub points: Vec<ContourPoint>,
    /// One range of `points` per contour; each is closed.
    pub contours: Vec<Range<usize>>,
    /// Mean displacement after the shift is taken away, px; + = the label is too large.
    pub bias_px: f64,
    /// Where the label sits against the image, px.
    pub shift_px: (f64, f64),
    /// Robust SD of what bias and shift do not explain, px.
    pub spread_px: f64,
    /// Half of the contour is displaced by less than this, px, noise taken off.
    pub p50_px: f64,
    /// Nine tenths of the contour are displaced by less than this, px, noise taken off but for a fifth of [`Self::noise_px`]: the figure
    /// that the verdict goes by.
    pub p90_px: f64,
    /// Share of the contour that shows an edge, 0..=1; points on the border of the image do not count.
    pub coverage: f64,
    /// Share of the contour that lies on other labels or off the part and was left out, 0..=1.
    #[serde(default)]
    pub blocked: f64,
    /// Share of the contour whose edge was found at the end of the search range, 0..=1.
    #[serde(default)]
    pub at_limit: f64,
    /// Blur of the edge (σ of a Gaussian), px.
    pub edge_sigma_px: f64,
    /// How far noise moves a point of the found edge, px (RMS).
    pub noise_px: f64,
    /// Height of the edge, gray values of the photo; for colour, those of the mixture of channels that shows the region best.
    pub contrast: f64,
    /// None also for an embossed region: brighter than its surroundings on the side of the light, darker on the other.
    pub polarity: Option<Polarity>,
    /// The tolerance that was applied: the setting, or more for a blurred edge, px.
    pub tolerance_px: f64,
    pub verdict: Soundness,
    pub reasons: Vec<Reason>,
    pub cause: Cause,
    /// Share of the measured contour, by confidence, that is displaced by more than half the tolerance in the direction of the cause
    /// (too large, too small; either way for the other causes), 0..=1.
    pub affected: f64,
}

impl BoundaryResult {
    /// A result without figures.
    pub(super) fn unmeasurable(reason: Reason, tolerance_px: f64) -> Self {
        Self {
            points: Vec::new(),
            contours: Vec::new(),
            bias_px: f64::NAN,
            shift_px: (f64::NAN, f64::NAN),
            spread_px: f64::NAN,
            p50_px: f64::NAN,
            p90_px: f64::NAN,
            coverage: 0.0,
            blocked: 0.0,
            at_limit: 0.0,
            edge_sigma_px: f64::NAN,
            noise_px: f64::NAN,
            contrast: f64::NAN,
            polarity: None,
            tolerance_px,
            verdict: Soundness::Unmeasurable,
            reasons: vec![reason],
            cause: Cause::None,
            affected: 0.0,
        }
    }

    /// The same measurement judged by another tolerance, or as another kind of boundary: what
    /// [`check_region`](super::check_region) would say with these settings, without looking at the photo again.
    ///
    /// Of `settings`, `search_px` and `polarity` belong to the measurement and are not looked at here: a change of those needs a new
    /// check. `kind`: that of the class. Takes microseconds.
    #[must_use]
    pub fn judged(&self, kind: BoundaryKind, settings: &BoundaryCheck) -> Self {
        verdict::judge(self.clone(), kind, &settings.in_range())
    }

    /// As [`Self::judged`], in place: the contour points are not copied.
    pub fn judge_again(&mut self, kind: BoundaryKind, settings: &BoundaryCheck) {
        let empty = Self::unmeasurable(Reason::Blocked, f64::NAN);
        *self = verdict::judge(std::mem::replace(self, empty), kind, &settings.in_range());
    }

    /// 100 for a boundary on the edge, 0 from twice the tolerance on; NaN when unmeasurable. For sorting.
    #[must_use]
    pub fn score(&self) -> f64 {
        if self.verdict == Soundness::Unmeasurable {
            return f64::NAN;
        }
        100.0 * (1.0 - self.p90_px / (2.0 * self.tolerance_px)).max(0.0)
    }

    /// Length of the shift, px.
    #[must_use]
    pub fn shift_length_px(&self) -> f64 {
        self.shift_px.0.hypot(self.shift_px.1)
    }
}
