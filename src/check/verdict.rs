//! From the figures of a boundary to a verdict. Nothing here looks at the photo, so a new tolerance is judged at once.

use super::boundary::{BoundaryCheck, BoundaryKind, BoundaryResult, Cause, ContourPoint, Reason, Soundness};

/// 10–90 % width of a Gaussian edge, in σ.
const WIDTH_PER_SIGMA: f64 = 2.563;
/// Share of the tolerance from which on there is a warning.
const WARN_SHARE: f64 = 0.75;
/// SD of the reading of P90 per px of noise of a point.
const READING_PER_NOISE: f64 = 0.6;
/// What lies within this many SDs of a reading is not ruled out.
const IN_DOUBT: f64 = 1.3;
/// A label inside the 16–84 % band of a diffuse edge is as good as any other: its tolerance is at least this multiple of σ.
const DIFFUSE_PER_BLUR: f64 = 1.0;

/// Fills in what depends on the settings: tolerance, verdict, reasons, cause, affected share. `settings` in range.
pub(super) fn judge(mut result: BoundaryResult, kind: BoundaryKind, settings: &BoundaryCheck) -> BoundaryResult {
    if result.points.is_empty() {
        // Never measured, for a reason that no tolerance changes.
        result.tolerance_px = settings.tolerance_px;
        return result;
    }
    let per_blur = match kind {
        BoundaryKind::Sharp => settings.tolerance_per_blur,
        BoundaryKind::Diffuse => settings.tolerance_per_blur.max(DIFFUSE_PER_BLUR),
    };
    let sigma = result.edge_sigma_px;
    let tolerance = settings.tolerance_px.max(if sigma.is_finite() { per_blur * sigma } else { 0.0 });
    let mut reasons = Vec::new();
    if result.coverage < settings.min_coverage {
        reasons.push(if result.blocked > 0.5 { Reason::Blocked } else { Reason::LowCoverage });
    }
    if !sigma.is_finite() {
        reasons.push(Reason::NoEdge);
    } else if WIDTH_PER_SIGMA * sigma > settings.max_edge_width_px {
        reasons.push(Reason::WideEdge);
    }
    let p90 = result.p90_px;
    // A label that is right (half the tolerance at most) and one that is off (the tolerance at least) are both likely enough.
    let doubt = IN_DOUBT * READING_PER_NOISE * result.noise_px;
    let is_open = p90 - 0.5 * tolerance < doubt && tolerance - p90 < doubt;
    if result.noise_px > 0.5 * tolerance || is_open {
        reasons.push(Reason::Noise);
    }
    let verdict = if !reasons.is_empty() {
        Soundness::Unmeasurable
    } else if p90 >= tolerance && kind == BoundaryKind::Sharp {
        Soundness::Fail
    } else if p90 >= WARN_SHARE * tolerance {
        Soundness::Warn
    } else {
        Soundness::Pass
    };
    if kind == BoundaryKind::Diffuse && p90 >= tolerance && verdict == Soundness::Warn {
        reasons.push(Reason::DiffuseClass);
    }
    if result.at_limit > 0.1 && verdict != Soundness::Unmeasurable {
        reasons.push(Reason::SearchLimit);
    }
    if result.blocked > 0.0 && verdict != Soundness::Unmeasurable {
        reasons.push(Reason::PartlyBlocked);
    }
    result.tolerance_px = tolerance;
    result.cause = if matches!(verdict, Soundness::Warn | Soundness::Fail) { cause_of(&result, tolerance) } else { Cause::None };
    result.affected = affected(&result, tolerance);
    result.verdict = verdict;
    result.reasons = reasons;
    result
}

/// The part of the displacement that reaches furthest; [`Cause::Local`] when none comes near the tolerance.
fn cause_of(result: &BoundaryResult, tolerance: f64) -> Cause {
    let bias = result.bias_px.abs();
    // Along its own direction a shift reads its full length, elsewhere less; 90 % of normal residuals lie within 1.645 SD.
    let shift = result.shift_length_px();
    let rest = 1.645 * result.spread_px;
    if bias.max(shift).max(rest) < 0.4 * tolerance {
        Cause::Local
    } else if bias >= shift && bias >= rest {
        if result.bias_px > 0.0 { Cause::Inflated } else { Cause::Deflated }
    } else if shift >= rest {
        Cause::Shifted
    } else {
        Cause::Sloppy
    }
}

/// Share of the weight at points that are off by more than half the tolerance in the direction of the cause.
fn affected(result: &BoundaryResult, tolerance: f64) -> f64 {
    let is_affected = |d: f64| match result.cause {
        Cause::Inflated => d > 0.5 * tolerance,
        Cause::Deflated => d < -0.5 * tolerance,
        _ => d.abs() > 0.5 * tolerance,
    };
    let total: f64 = result.points.iter().map(ContourPoint::weight).sum();
    let off: f64 = result.points.iter().filter(|p| is_affected(p.displacement_px)).map(ContourPoint::weight).sum();
    if total > 0.0 { off / total } else { 0.0 }
}
