//! Findings: what the checks flag, as a list for people, worst first.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::analysis::{Scene, check_region};
use super::boundary::{BoundaryCheck, BoundaryResult, Cause, ContourPoint, Soundness};
use super::class_rule::ClassRule;
use super::finding_kind::FindingKind;
use crate::raster::BACKGROUND;
use crate::raster::components::Components;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::label_map::LabelMap;
use crate::raster::photo::Photo;
use crate::raster::runs::Run;

/// The boundary check of one region of an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionCheck {
    /// Number of the region in the order of [`Components::of`] on the same label map.
    pub region: usize,
    /// The number that a person gave the region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    pub class: u8,
    /// Upright bounding box of the region.
    pub bounds: PixelRect,
    pub result: BoundaryResult,
}

/// How much a finding matters. Ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// One thing that the annotation check flags, with place and severity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Number of the region in the order of [`Components::of`]; none for a finding about the whole image.
    pub region: Option<usize>,
    /// 0 for a finding about the whole image.
    pub class: u8,
    pub kind: FindingKind,
    pub severity: Severity,
    /// What to show.
    pub bounds: PixelRect,
    /// Where to look: for a boundary, the point that is worst.
    pub place: Point,
    /// One line for people.
    pub message: String,
    /// Mean displacement of the boundary, px; + = the label is too large. NaN where there is none.
    pub bias_px: f64,
    /// What nine tenths of the contour stay below, px. NaN where there is none.
    pub p90_px: f64,
    /// The tolerance that was applied, px. NaN where there is none.
    pub tolerance_px: f64,
}

impl Finding {
    /// A finding without figures of a boundary, of the severity of its kind and placed in the middle of `bounds`. `region`: its number
    /// and class; None for the whole image.
    #[must_use]
    pub fn new(kind: FindingKind, region: Option<(usize, u8)>, bounds: PixelRect, message: String) -> Self {
        Self {
            region: region.map(|(region, _)| region),
            class: region.map_or(BACKGROUND, |(_, class)| class),
            kind,
            severity: kind.severity(),
            bounds,
            place: bounds.centre(),
            message,
            bias_px: f64::NAN,
            p90_px: f64::NAN,
            tolerance_px: f64::NAN,
        }
    }

    /// The same, shown elsewhere.
    #[must_use]
    pub fn at(self, place: Point) -> Self {
        Self { place, ..self }
    }

    /// The same, of another severity.
    #[must_use]
    pub fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// Order of the list: severity, and then how many times the tolerance the boundary is off.
    fn rank(&self) -> (Severity, f64) {
        let ratio = self.p90_px / self.tolerance_px;
        (self.severity, if ratio.is_finite() { ratio } else { 0.0 })
    }

    /// Which of two comes first in a list that begins with the worst.
    #[must_use]
    pub fn worse_first(&self, other: &Self) -> std::cmp::Ordering {
        let ((severity, ratio), (severity_of_other, ratio_of_other)) = (self.rank(), other.rank());
        severity_of_other.cmp(&severity).then(ratio_of_other.total_cmp(&ratio))
    }
}

/// Checks every region of an image, several at a time, in the order of [`Components::of`].
///
/// `rule_of` tells what a class asks of its labels. `part`: a zone map of the same size; 0 = off the part. With it edges of the part
/// are not taken for edges of defects.
#[must_use]
pub fn check_image<R: Into<ClassRule>>(
    photo: &Photo,
    map: &LabelMap,
    settings: &BoundaryCheck,
    rule_of: impl Fn(u8) -> R + Sync,
    part: Option<&LabelMap>,
) -> Vec<RegionCheck> {
    check_components(photo, map, &Components::of(map), settings, rule_of, part)
}

/// As [`check_image`], for a map whose regions were split or merged by hand; in the order of `components`. Where two regions touch there is
/// no boundary to be seen, and none is asked for.
#[must_use]
pub fn check_components<R: Into<ClassRule>>(
    photo: &Photo,
    map: &LabelMap,
    components: &Components,
    settings: &BoundaryCheck,
    rule_of: impl Fn(u8) -> R + Sync,
    part: Option<&LabelMap>,
) -> Vec<RegionCheck> {
    let scene = Scene::new(photo, map, part);
    (0..components.len())
        .into_par_iter()
        .map(|region| {
            let (runs, class) = (components.runs(region), components.value(region));
            let rule: ClassRule = rule_of(class).into();
            let result = check_region(&scene, runs, rule.boundary, &rule.settings(settings));
            RegionCheck { region, number: None, class, bounds: bounds_of(runs), result }
        })
        .collect()
}

pub(super) fn bounds_of(runs: &[Run]) -> PixelRect {
    runs.iter().fold(PixelRect::EMPTY, |all, r| all.union(PixelRect::new(r.x0, r.y, r.x1, r.y + 1)))
}

/// The findings among boundary checks, worst first; regions that pass give none.
#[must_use]
pub fn findings(checks: &[RegionCheck]) -> Vec<Finding> {
    let mut out: Vec<Finding> = checks.iter().filter_map(finding).collect();
    worst_first(&mut out);
    out
}

/// Worst first; equals in the order of the image.
pub fn worst_first(findings: &mut [Finding]) {
    findings.sort_by(Finding::worse_first);
}

fn finding(check: &RegionCheck) -> Option<Finding> {
    let result = &check.result;
    let (severity, kind, message) = match result.verdict {
        Soundness::Pass => return None,
        Soundness::Unmeasurable => {
            let why: Vec<String> = result.reasons.iter().map(ToString::to_string).collect();
            (Severity::Info, FindingKind::Unmeasurable, format!("boundary cannot be checked: {}", why.join("; ")))
        }
        Soundness::Warn => (Severity::Warning, FindingKind::Boundary(result.cause), describe(result)),
        Soundness::Fail => (Severity::Error, FindingKind::Boundary(result.cause), describe(result)),
    };
    let place = worst_point(result).map_or_else(|| check.bounds.centre(), |p| p.position);
    Some(Finding {
        region: Some(check.region),
        class: check.class,
        kind,
        severity,
        bounds: check.bounds,
        place,
        message,
        bias_px: result.bias_px,
        p90_px: result.p90_px,
        tolerance_px: result.tolerance_px,
    })
}

/// The point with the largest displacement, weighted by confidence.
fn worst_point(result: &BoundaryResult) -> Option<&ContourPoint> {
    let badness = |p: &ContourPoint| p.confidence * p.displacement_px.abs();
    result.points.iter().filter(|p| !p.is_blocked).max_by(|a, b| badness(a).total_cmp(&badness(b)))
}

fn describe(result: &BoundaryResult) -> String {
    let share = (100.0 * result.affected).round();
    let mut text = match result.cause {
        Cause::Inflated => format!("label {:.1} px too large along {share:.0} % of the contour", result.bias_px),
        Cause::Deflated => format!("label {:.1} px too small along {share:.0} % of the contour", -result.bias_px),
        Cause::Shifted => {
            format!("label sits {:.1} px too far {}", result.shift_length_px(), direction(result.shift_px))
        }
        Cause::Sloppy => format!("boundary wanders {:.1} px to both sides of the edge", 1.645 * result.spread_px),
        Cause::Local | Cause::None => format!("boundary up to {:.1} px off along {share:.0} % of the contour", result.p90_px),
    };
    for reason in &result.reasons {
        text.push_str(" (");
        text.push_str(&reason.to_string());
        text.push(')');
    }
    text
}

/// One of eight directions on the screen.
fn direction((x, y): (f64, f64)) -> &'static str {
    const NAMES: [&str; 8] =
        ["to the right", "down and right", "down", "down and left", "to the left", "up and left", "up", "up and right"];
    let turn = y.atan2(x).rem_euclid(std::f64::consts::TAU) / std::f64::consts::FRAC_PI_4;
    NAMES[turn.round() as usize % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_those_of_the_screen() {
        assert_eq!(direction((1.0, 0.1)), "to the right");
        assert_eq!(direction((0.0, 2.0)), "down");
        assert_eq!(direction((-1.0, -1.1)), "up and left");
        assert_eq!(direction((1.0, -0.1)), "to the right");
    }
}
