//! Errors that many labels share: a class drawn too large by half a pixel, an import that is off by one, two people who draw differently.
//!
//! One region is judged against its tolerance; a group of regions is known a hundred times better than one of them, so an error far
//! below the tolerance shows. For the regions of a group (a class, an annotator, an import batch, all) this takes the median of the
//! bias and of the shift with their standard errors, 1.2533 · 1.4826 · MAD / √n: 1.4826 · MAD estimates the SD of one region, and the
//! median of n normal values has an SE 1.2533 times that of their mean.
//!
//! **An error is told when all three hold:** it is large enough to matter ([`MIN_BIAS_PX`], [`MIN_SHIFT_PX`]); it is more than
//! [`MIN_STANDARD_ERRORS`] standard errors; and an exact test that assumes no distribution (sign test against 0, median test between
//! two people) rejects chance *after* correction for the number of tests made (Holm, [`FAMILY_LEVEL`] for all of them together). The
//! third matters where groups are small and many: the MAD of eight regions is a poor SD, and of thirty groups one is odd by chance.

use serde::{Deserialize, Serialize};

use super::boundary::Soundness;
use super::exact_tests::{holm, median_test, sign_test};
use super::finding::RegionCheck;

/// A median bias of this many px and more is told.
pub const MIN_BIAS_PX: f64 = 0.5;
/// A median shift of this length in px and more is told.
pub const MIN_SHIFT_PX: f64 = 0.4;
/// Two annotators whose median biases differ by more px than this are told.
pub const MIN_DIFFERENCE_PX: f64 = 0.5;
/// What is told is more than this many standard errors.
pub const MIN_STANDARD_ERRORS: f64 = 3.0;
/// Chance that labels without any systematic error are told of one, over all groups and tests together.
pub const FAMILY_LEVEL: f64 = 0.01;
/// Groups with fewer measurable regions are not tested: eight equal signs are the first that chance gives in less than 1 of 100.
pub const MIN_REGIONS: usize = 8;
/// The shift of a region counts when its normals point to all sides: smaller eigenvalue of Σw n nᵀ / Σw.
const MIN_NORMAL_DIVERSITY: f64 = 0.1;
/// The pull of the shift towards 0 when a region is measured, in the same unit; it is taken out again here.
const RIDGE: f64 = 0.03;

/// What groups need to know about one checked region: small enough to keep for a whole project.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionFigures {
    pub class: u8,
    pub soundness: Soundness,
    /// px, + = the label is too large; NaN when unmeasurable.
    pub bias_px: f64,
    /// Nine tenths of the contour are off by less, px; NaN when unmeasurable.
    pub p90_px: f64,
    /// Where the label sits against the image, px, without the pull of the ridge; None when unmeasurable and for regions whose
    /// boundary does not face all sides (a straight scratch cannot see a shift along itself).
    pub shift_px: Option<(f64, f64)>,
}

impl RegionFigures {
    #[must_use]
    pub fn of(check: &RegionCheck) -> Self {
        let result = &check.result;
        let is_measured = result.verdict != Soundness::Unmeasurable && result.bias_px.is_finite();
        let figure = |v: f64| if is_measured { v } else { f64::NAN };
        Self {
            class: check.class,
            soundness: result.verdict,
            bias_px: figure(result.bias_px),
            p90_px: figure(result.p90_px),
            shift_px: if is_measured { unshrunk_shift(check) } else { None },
        }
    }

    /// The boundary could be measured.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.bias_px.is_finite()
    }
}

/// The shift of a region with each component along the eigenvectors of Σw n nᵀ / Σw multiplied by (λ + ridge) / λ.
fn unshrunk_shift(check: &RegionCheck) -> Option<(f64, f64)> {
    let (mut xx, mut xy, mut yy, mut total) = (0.0, 0.0, 0.0, 0.0);
    for point in check.result.points.iter().filter(|p| !p.is_blocked) {
        // As in the measurement: a point without confidence counts next to nothing.
        let w = point.confidence + 1e-3;
        let (nx, ny) = point.normal;
        xx += w * nx * nx;
        xy += w * nx * ny;
        yy += w * ny * ny;
        total += w;
    }
    if total <= 0.0 {
        return None;
    }
    let (xx, xy, yy) = (xx / total, xy / total, yy / total);
    let (middle, apart) = (0.5 * (xx + yy), (0.5 * (xx - yy)).hypot(xy));
    let (large, small) = (middle + apart, middle - apart);
    let (tx, ty) = check.result.shift_px;
    if small <= MIN_NORMAL_DIVERSITY || !tx.is_finite() || !ty.is_finite() {
        return None;
    }
    let (sin, cos) = (0.5 * (2.0 * xy).atan2(xx - yy)).sin_cos();
    let along = (tx * cos + ty * sin) * (large + RIDGE) / large;
    let across = (ty * cos - tx * sin) * (small + RIDGE) / small;
    Some((along * cos - across * sin, along * sin + across * cos))
}

/// A median with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// px
    pub median: f64,
    /// Standard error, px.
    pub se: f64,
}

impl Estimate {
    /// None without values.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        if values.is_empty() {
            return None;
        }
        let middle = super::gauss::median(&mut values);
        let mut deviations: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
        let se = 1.2533 * 1.4826 * super::gauss::median(&mut deviations) / (values.len() as f64).sqrt();
        Some(Self { median: middle, se })
    }

    fn is_beyond_chance(self) -> bool {
        self.median.abs() > MIN_STANDARD_ERRORS * self.se
    }
}

/// Where the labels of a group sit against the image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupShift {
    /// + = the labels lie too far to the right.
    pub x: Estimate,
    /// + = too far down.
    pub y: Estimate,
    /// Regions whose boundary faces all sides.
    pub regions: usize,
}

/// The regions of a group in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupSummary {
    pub pass: usize,
    pub warn: usize,
    pub fail: usize,
    pub unmeasurable: usize,
    /// Median bias; + = the labels are too large. None when nothing is measurable.
    pub bias: Option<Estimate>,
    /// Median over the regions of what nine tenths of a contour stay below, px; NaN when nothing is measurable.
    pub p90_px: f64,
    pub shift: Option<GroupShift>,
}

impl GroupSummary {
    #[must_use]
    pub fn of<'a>(regions: impl IntoIterator<Item = &'a RegionFigures>) -> Self {
        let regions: Vec<&RegionFigures> = regions.into_iter().collect();
        let count = |soundness| regions.iter().filter(|r| r.soundness == soundness).count();
        let shifts: Vec<(f64, f64)> = regions.iter().filter_map(|r| r.shift_px).collect();
        let (x, y) = (Estimate::of(shifts.iter().map(|t| t.0)), Estimate::of(shifts.iter().map(|t| t.1)));
        Self {
            pass: count(Soundness::Pass),
            warn: count(Soundness::Warn),
            fail: count(Soundness::Fail),
            unmeasurable: count(Soundness::Unmeasurable),
            bias: Estimate::of(regions.iter().map(|r| r.bias_px)),
            p90_px: Estimate::of(regions.iter().map(|r| r.p90_px)).map_or(f64::NAN, |e| e.median),
            shift: x.zip(y).map(|(x, y)| GroupShift { x, y, regions: shifts.len() }),
        }
    }

    /// All regions, measurable or not.
    #[must_use]
    pub const fn regions(&self) -> usize {
        self.pass + self.warn + self.fail + self.unmeasurable
    }

    /// Regions with a measured boundary.
    #[must_use]
    pub const fn measurable(&self) -> usize {
        self.pass + self.warn + self.fail
    }

    /// Share of the measurable regions that warn or fail, 0..=1; None when nothing is measurable.
    #[must_use]
    pub fn flagged_share(&self) -> Option<f64> {
        let of = self.measurable();
        (of > 0).then(|| (self.warn + self.fail) as f64 / of as f64)
    }
}

/// What the regions of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every label.
    All,
    /// Class id.
    Class(u8),
    /// Name of a person.
    Annotator(String),
    /// Images that came together.
    Batch(String),
    /// What one person drew of one class: held against the others who drew it.
    AnnotatorOfClass(String, u8),
}

impl Scope {
    /// "scratch", "all labels", "labels by Ann".
    #[must_use]
    pub fn words(&self, class_name: &dyn Fn(u8) -> String) -> String {
        match self {
            Self::All => "all labels".to_owned(),
            Self::Class(class) => class_name(*class),
            Self::Annotator(name) => format!("labels by {name}"),
            Self::Batch(name) => format!("labels in {name}"),
            Self::AnnotatorOfClass(name, class) => format!("{} by {name}", class_name(*class)),
        }
    }
}

/// Regions that may share an error.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    pub scope: Scope,
    pub regions: Vec<&'a RegionFigures>,
}

/// What would set right the labels of a group; the same for each of its regions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// Move every boundary outwards by this many px; negative = inwards.
    Offset { by_px: f64 },
    /// Move every region by (x, y) px.
    Shift { by_px: (f64, f64) },
}

/// An error that the labels of a group share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// Too large (+) or too small (−) all around.
    Bias(Estimate),
    /// In the wrong place.
    Shift { x: Estimate, y: Estimate },
    /// The group draws larger (+) or smaller (−) than another person draws the same class.
    Difference { other: String, difference: Estimate, regions_of_other: usize },
}

/// One systematic error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Systematic {
    pub scope: Scope,
    pub error: Shared,
    /// Measurable regions that it was found on.
    pub regions: usize,
    /// How many of them pass one by one.
    pub passing: usize,
    /// Chance of this among labels without the error, corrected for the number of tests, 0..=1.
    pub p_value: f64,
    /// None where two people differ: who is right is for people to say.
    pub correction: Option<Correction>,
}

impl Systematic {
    /// How many times what is worth telling; for sorting.
    #[must_use]
    pub fn excess(&self) -> f64 {
        match &self.error {
            Shared::Bias(b) => b.median.abs() / MIN_BIAS_PX,
            Shared::Shift { x, y } => x.median.hypot(y.median) / MIN_SHIFT_PX,
            Shared::Difference { difference, .. } => difference.median.abs() / MIN_DIFFERENCE_PX,
        }
    }

    /// One sentence for people, e.g. `scratch: +1.80 ± 0.10 px too large, n = 212; 180 of them pass one by one`.
    #[must_use]
    pub fn sentence(&self, class_name: &dyn Fn(u8) -> String) -> String {
        let who = self.scope.words(class_name);
        let (n, passing) = (self.regions, self.passing);
        match &self.error {
            Shared::Bias(b) => {
                let how = if b.median > 0.0 { "too large" } else { "too small" };
                format!("{who}: {} px {how}, n = {n}; {passing} of them pass one by one", signed(b))
            }
            Shared::Shift { x, y } => {
                let (across, down) = (direction(x, "to the right", "to the left"), direction(y, "down", "up"));
                let where_to = [across, down].into_iter().flatten().collect::<Vec<_>>().join(" and ");
                let hint = import_hint(x.median, y.median);
                format!("{who}: {where_to} of the image{hint}, n = {n}; {passing} of them pass one by one")
            }
            Shared::Difference { other, difference, regions_of_other } => {
                let how = if difference.median > 0.0 { "larger" } else { "smaller" };
                let by = Estimate { median: difference.median.abs(), se: difference.se };
                format!("{who}: {} px {how} than by {other}, n = {n} and {regions_of_other}", plain(&by))
            }
        }
    }
}

fn signed(e: &Estimate) -> String {
    format!("{:+.2} ± {:.2}", e.median, e.se).replace('-', "−")
}

fn plain(e: &Estimate) -> String {
    format!("{:.2} ± {:.2}", e.median, e.se)
}

/// The part of a shift along one axis; None where it is lost in its error or below a tenth of a pixel.
fn direction(e: &Estimate, ahead: &str, back: &str) -> Option<String> {
    let is_there = e.is_beyond_chance() && e.median.abs() >= 0.1;
    let size = Estimate { median: e.median.abs(), se: e.se };
    is_there.then(|| format!("{} px {}", plain(&size), if e.median > 0.0 { ahead } else { back }))
}

/// What a shift of whole or half pixels looks like.
fn import_hint(x: f64, y: f64) -> &'static str {
    let is_near = |v: f64, to: f64| (v.abs() - to).abs() <= 0.15;
    let all = |to: f64| [x, y].iter().all(|&v| is_near(v, to) || is_near(v, 0.0));
    if all(1.0) {
        " (as after an import that is off by one)"
    } else if all(0.5) {
        " (as after an import that is off by half a pixel, or with light from one side)"
    } else {
        ""
    }
}

/// One test: what would be told, how likely it is by chance, and whether it is large enough.
struct Candidate {
    found: Systematic,
    is_large: bool,
}

/// The systematic errors of these groups, the largest first. A group with the very regions of an earlier one is not tested again, so
/// list the narrower ones (classes, annotators) first.
#[must_use]
pub fn systematic(groups: &[Group<'_>]) -> Vec<Systematic> {
    let mut candidates = Vec::new();
    let mut seen: Vec<Vec<*const RegionFigures>> = Vec::new();
    for group in groups {
        if let Scope::AnnotatorOfClass(..) = group.scope {
            continue;
        }
        let mut members: Vec<*const RegionFigures> =
            group.regions.iter().filter(|r| r.is_measured()).map(|r| std::ptr::from_ref(*r)).collect();
        members.sort_unstable();
        if members.len() < MIN_REGIONS || seen.contains(&members) {
            continue;
        }
        seen.push(members);
        candidates.extend(bias_of(group));
        candidates.extend(shift_of(group));
    }
    for (i, one) in groups.iter().enumerate() {
        for other in &groups[i + 1..] {
            candidates.extend(difference_between(one, other));
        }
    }
    let corrected = holm(&candidates.iter().map(|c| c.found.p_value).collect::<Vec<_>>());
    let mut told: Vec<Systematic> = Vec::new();
    for (candidate, p_value) in candidates.into_iter().zip(corrected) {
        if candidate.is_large && p_value <= FAMILY_LEVEL {
            told.push(Systematic { p_value, ..candidate.found });
        }
    }
    let is_explained: Vec<bool> = told.iter().map(|wide| is_explained_by_classes(wide, &told, groups)).collect();
    let mut is_explained = is_explained.into_iter();
    told.retain(|_| is_explained.next() != Some(true));
    told.sort_by(|a, b| b.excess().total_cmp(&a.excess()));
    told
}

/// What is told of people, batches or all labels comes from one class, and without the classes that are told nothing is left of it.
fn is_explained_by_classes(wide: &Systematic, told: &[Systematic], groups: &[Group<'_>]) -> bool {
    let is_same_kind = |a: &Shared| std::mem::discriminant(a) == std::mem::discriminant(&wide.error);
    if !matches!(wide.scope, Scope::All | Scope::Annotator(_) | Scope::Batch(_)) {
        return false;
    }
    let class_of = |t: &Systematic| if let Scope::Class(class) = t.scope { Some(class) } else { None };
    let classes: Vec<u8> = told.iter().filter(|t| is_same_kind(&t.error)).filter_map(class_of).collect();
    let Some(group) = groups.iter().find(|g| g.scope == wide.scope).filter(|_| !classes.is_empty()) else { return false };
    let regions: Vec<&RegionFigures> = group.regions.iter().copied().filter(|r| !classes.contains(&r.class)).collect();
    let rest = Group { scope: group.scope.clone(), regions };
    let candidate = if let Shared::Shift { .. } = wide.error { shift_of(&rest) } else { bias_of(&rest) };
    match candidate.filter(|c| c.found.regions >= MIN_REGIONS) {
        Some(rest) => !rest.is_large,
        // Several classes with one error are one error of all.
        None => classes.len() == 1,
    }
}

fn biases(group: &Group<'_>) -> Vec<f64> {
    group.regions.iter().map(|r| r.bias_px).filter(|b| b.is_finite()).collect()
}

fn passing<'a>(regions: impl Iterator<Item = &'a &'a RegionFigures>) -> usize {
    regions.filter(|r| r.soundness == Soundness::Pass).count()
}

fn bias_of(group: &Group<'_>) -> Option<Candidate> {
    let values = biases(group);
    let bias = Estimate::of(values.iter().copied())?;
    let found = Systematic {
        scope: group.scope.clone(),
        error: Shared::Bias(bias),
        regions: values.len(),
        passing: passing(group.regions.iter()),
        p_value: sign_test(&values),
        correction: Some(Correction::Offset { by_px: -bias.median }),
    };
    Some(Candidate { found, is_large: bias.median.abs() >= MIN_BIAS_PX && bias.is_beyond_chance() })
}

fn shift_of(group: &Group<'_>) -> Option<Candidate> {
    let shifts: Vec<(f64, f64)> = group.regions.iter().filter_map(|r| r.shift_px).collect();
    if shifts.len() < MIN_REGIONS {
        return None;
    }
    let along = |pick: fn(&(f64, f64)) -> f64| shifts.iter().map(pick).collect::<Vec<f64>>();
    let (xs, ys) = (along(|t| t.0), along(|t| t.1));
    let (x, y) = (Estimate::of(xs.iter().copied())?, Estimate::of(ys.iter().copied())?);
    // The larger component carries at least 1/√2 of the length, so it is the one that must be beyond chance.
    let main = if x.median.abs() >= y.median.abs() { x } else { y };
    let found = Systematic {
        scope: group.scope.clone(),
        error: Shared::Shift { x, y },
        regions: shifts.len(),
        passing: passing(group.regions.iter().filter(|r| r.shift_px.is_some())),
        // Two axes, two tests.
        p_value: (2.0 * sign_test(&xs).min(sign_test(&ys))).min(1.0),
        correction: Some(Correction::Shift { by_px: (-x.median, -y.median) }),
    };
    Some(Candidate { found, is_large: x.median.hypot(y.median) >= MIN_SHIFT_PX && main.is_beyond_chance() })
}

/// Two people who drew the same class.
fn difference_between(one: &Group<'_>, other: &Group<'_>) -> Option<Candidate> {
    let (Scope::AnnotatorOfClass(_, class), Scope::AnnotatorOfClass(name, class_of_other)) = (&one.scope, &other.scope) else {
        return None;
    };
    let (a, b) = (biases(one), biases(other));
    if class != class_of_other || a.len() < MIN_REGIONS || b.len() < MIN_REGIONS {
        return None;
    }
    let (ea, eb) = (Estimate::of(a.iter().copied())?, Estimate::of(b.iter().copied())?);
    let difference = Estimate { median: ea.median - eb.median, se: ea.se.hypot(eb.se) };
    let found = Systematic {
        scope: one.scope.clone(),
        error: Shared::Difference { other: name.clone(), difference, regions_of_other: b.len() },
        regions: a.len(),
        passing: passing(one.regions.iter()),
        p_value: median_test(&a, &b),
        correction: None,
    };
    Some(Candidate { found, is_large: difference.median.abs() > MIN_DIFFERENCE_PX && difference.is_beyond_chance() })
}

#[cfg(test)]
#[path = "systematic_tests.rs"]
mod tests;
