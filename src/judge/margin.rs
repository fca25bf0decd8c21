//! How far a region is from another verdict: what the hand at the brush wants to know.

use super::compiled::{CompiledCell, CompiledLimit, CompiledRuleset};
use super::part::judge_region;
use super::verdict::Verdict;
use crate::measure::{Calibration, Feature, Region};

/// The nearest change of one feature that changes the verdict on a region, the other features staying as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    pub feature: Feature,
    /// What the feature is now, in its unit.
    pub value: f64,
    /// The limit at which the verdict changes, in the same unit.
    pub limit: f64,
    /// The verdict on the other side of it.
    pub verdict: Verdict,
}

impl Margin {
    /// What is missing, in the unit of the feature; negative where the region must shrink.
    #[must_use]
    pub fn change(&self) -> f64 {
        self.limit - self.value
    }

    /// The change in whole pixels, for areas alone: how many more (or less) pixels make it.
    #[must_use]
    pub fn pixels(&self, calibration: Option<Calibration>) -> Option<i64> {
        let pixels = match (self.feature, calibration) {
            (Feature::AreaPx, _) => self.change(),
            (Feature::Area, Some(c)) => self.change() / c.pixel_area_mm2(),
            _ => return None,
        };
        // Away from zero: one pixel less would not do. Measured values are rounded to f32; a thousandth of a pixel is no pixel.
        Some(if pixels >= 0.0 { (pixels - 1e-3).ceil() } else { (pixels + 1e-3).floor() } as i64)
    }

    /// "+0.16 mm² (+42 px) → NG".
    #[must_use]
    pub fn words(&self, calibration: Option<Calibration>) -> String {
        let unit = self.feature.unit();
        let space = if unit.is_empty() { "" } else { " " };
        let what = match self.feature {
            Feature::Area | Feature::AreaPx => String::new(),
            other => format!("{} ", other.label().to_lowercase()),
        };
        let pixels = match self.feature {
            Feature::AreaPx => String::new(),
            _ => self.pixels(calibration).map_or_else(String::new, |n| format!(" ({n:+} px)")),
        };
        let digits = if unit == "px" { 0 } else { 2 };
        format!("{what}{:+.digits$}{space}{unit}{pixels} → {}", self.change(), self.verdict)
    }
}

/// The smallest change, relative to its limit, after which the verdict on a region is worse by the limits of its cells. None when no
/// limit can make it worse: it is NG already, or no rule speaks of it; and where the ruleset judges something else than the region as it
/// is.
#[must_use]
pub fn next_worse(region: &Region, rules: &CompiledRuleset) -> Option<Margin> {
    if !is_judged_as_it_is(region, rules) {
        return None;
    }
    let now = judge_region(region, rules);
    let mut nearest: Option<(f64, Margin)> = None;
    for limit in limits_on(region, rules) {
        let value = region.feature(limit.feature);
        let sign = if limit.thresholds.is_negated { -1.0 } else { 1.0 };
        for threshold in [limit.thresholds.accept, limit.thresholds.reject] {
            let verdict = limit.thresholds.verdict_signed(threshold);
            if !threshold.is_finite() || verdict <= now || value.is_nan() || sign * value >= threshold {
                continue;
            }
            let (value, limit_at) = (f64::from(value), f64::from(sign * threshold));
            let margin = Margin { feature: limit.feature, value, limit: limit_at, verdict };
            let distance = relative(&margin);
            if nearest.is_none_or(|(d, m)| distance < d || (distance == d && verdict > m.verdict)) {
                nearest = Some((distance, margin));
            }
        }
    }
    nearest.map(|(_, margin)| margin)
}

/// What must change most so that the verdict on a region gets better. None when it is OK, or when something but a measured value under
/// the limit of a cell keeps it where it is (no cell, another rule, not measured).
#[must_use]
pub fn next_better(region: &Region, rules: &CompiledRuleset) -> Option<Margin> {
    let now = judge_region(region, rules);
    let has_cell = |zone| rules.cell(region.class, zone).is_some_and(CompiledCell::decides);
    let is_by_cell = limits_on(region, rules).any(|l| l.thresholds.verdict(region.feature(l.feature)) == now);
    if now == Verdict::Ok
        || !is_by_cell
        || !rules.rules().is_empty()
        || !is_judged_as_it_is(region, rules)
        || !region.zones.iter().all(|share| has_cell(share.zone))
    {
        return None;
    }
    let (mut farthest, mut reached): (Option<(f64, Margin)>, Verdict) = (None, Verdict::Ok);
    for limit in limits_on(region, rules) {
        let value = region.feature(limit.feature);
        let verdict = limit.thresholds.verdict(value);
        if verdict < now {
            reached = reached.worse(verdict);
            continue;
        }
        if value.is_nan() {
            return None;
        }
        let threshold = if now == Verdict::Ng { limit.thresholds.reject } else { limit.thresholds.accept };
        let sign = if limit.thresholds.is_negated { -1.0 } else { 1.0 };
        let margin = Margin {
            feature: limit.feature,
            value: f64::from(value),
            limit: f64::from(sign * threshold),
            verdict: limit.thresholds.verdict_signed(threshold.next_down()),
        };
        reached = reached.worse(margin.verdict);
        let distance = relative(&margin);
        if farthest.is_none_or(|(d, _)| distance > d) {
            farthest = Some((distance, margin));
        }
    }
    farthest.map(|(_, margin)| Margin { verdict: reached, ..margin })
}

/// Nothing is ignored, treated as another class or cut: the limits are held against the features of the region.
fn is_judged_as_it_is(region: &Region, rules: &CompiledRuleset) -> bool {
    rules.admission().is_plain() || (region.zones.len() == 1 && rules.admission().takes_as_is(region))
}

fn limits_on<'r>(region: &'r Region, rules: &'r CompiledRuleset) -> impl Iterator<Item = CompiledLimit> + 'r {
    let cells = region.zones.iter().filter_map(|share| rules.cell(region.class, share.zone));
    cells.flat_map(|cell| cell.limits.iter().copied())
}

/// Distance from the limit as a share of it, so that mm, mm² and ratios can be held against each other.
fn relative(margin: &Margin) -> f64 {
    margin.change().abs() / margin.limit.abs().max(1e-9)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::judge::{Bounds, CellKey, Ruleset};
    use crate::measure::ZoneShare;
    use crate::raster::{PixelRect, Point};

    fn region(area: f32, length: f32) -> Region {
        let mut features = [f32::NAN; Feature::COUNT];
        features[Feature::Area.index()] = area;
        features[Feature::Length.index()] = length;
        Region {
            class: 1,
            number: None,
            pixels: 100,
            bounds: PixelRect::of_size(10, 10),
            centroid: Point::new(5.0, 5.0),
            anchor: (0, 0),
            is_clipped: false,
            zones: vec![ZoneShare::new(1, 100)],
            features,
        }
    }

    fn rules(area: (f64, f64), length: (f64, f64)) -> CompiledRuleset {
        let mut ruleset = Ruleset::new("r");
        let key = CellKey::new("pit", "seal");
        for (feature, (accept, reject)) in [(Feature::Area, area), (Feature::Length, length)] {
            ruleset.set_limit(&key, feature, Some(Bounds::new(Some(accept), Some(reject)))).unwrap();
        }
        ruleset.compile(&[(1, "pit".into())], &[(1, "seal".into())]).unwrap()
    }

    #[test]
    fn the_nearest_limit_is_told_in_its_unit_and_in_pixels() {
        let rules = rules((1.0, 2.0), (4.0, 8.0));
        let up = next_worse(&region(0.84, 1.0), &rules).unwrap();
        assert_eq!((up.feature, up.verdict), (Feature::Area, Verdict::Review));
        // A pixel of 0.05 mm is 0.0025 mm²: 0.16 mm² are 64 pixels.
        assert_eq!(up.words(Some(Calibration::square(0.05))), "+0.16 mm² (+64 px) → review");
        let length = next_worse(&region(0.1, 3.9), &rules).unwrap();
        assert_eq!(length.words(None), "length +0.10 mm → review");
        // In review by its area: what makes it NG, and what makes it OK.
        assert_eq!(next_worse(&region(1.5, 1.0), &rules).unwrap().words(None), "+0.50 mm² → NG");
        assert_eq!(next_better(&region(1.5, 1.0), &rules).unwrap().words(None), "-0.50 mm² → OK");
        // NG: nothing is worse; the way back ends in review.
        assert!(next_worse(&region(2.5, 1.0), &rules).is_none());
        assert_eq!(next_better(&region(2.5, 1.0), &rules).unwrap().verdict, Verdict::Review);
        assert!(next_better(&region(0.5, 1.0), &rules).is_none());
    }

    #[test]
    fn what_no_rule_speaks_of_and_what_is_unmeasured_has_no_way_out() {
        let rules = rules((1.0, 2.0), (4.0, 8.0));
        let mut other = region(0.1, 0.1);
        other.class = 7;
        assert!(next_worse(&other, &rules).is_none() && next_better(&other, &rules).is_none());
        assert!(next_better(&region(0.5, f32::NAN), &rules).is_none());
    }

    proptest! {
        // The words are true: just before the limit the verdict is the old one, at the limit the one that was told.
        #[test]
        fn going_there_changes_the_verdict_and_stopping_short_does_not(
            area in 0.0_f32..3.0, length in 0.0_f32..12.0,
            a in 0.1_f64..1.5, b in 1.5_f64..3.0, c in 0.5_f64..6.0, d in 6.0_f64..12.0,
        ) {
            let rules = rules((a, b), (c, d));
            let region = region(area, length);
            let now = judge_region(&region, &rules);
            let with = |margin: &Margin, value: f32| {
                let mut moved = region.clone();
                moved.features[margin.feature.index()] = value;
                judge_region(&moved, &rules)
            };
            if let Some(margin) = next_worse(&region, &rules) {
                let limit = margin.limit as f32;
                prop_assert_eq!(with(&margin, limit), margin.verdict);
                prop_assert_eq!(with(&margin, limit.next_down()), now);
                prop_assert!(margin.verdict > now);
            } else {
                prop_assert_eq!(now, Verdict::Ng);
            }
            if let Some(margin) = next_better(&region, &rules) {
                // Shrinking this one to the limit is not enough while it is at it.
                prop_assert_eq!(with(&margin, margin.limit as f32), now);
                prop_assert!(margin.verdict < now);
            } else {
                prop_assert_eq!(now, Verdict::Ok);
            }
        }
    }
}
