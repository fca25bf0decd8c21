//! The annotation check over the labels of a project.

use super::each_image::each_image;
use super::error::WorkflowError;
use crate::check::{
    BoundaryCheck, ClassRule, Finding, FindingKind, Hygiene, RegionCheck, Scene, Soundness, Surroundings, check_components,
    check_region, findings,
};
use crate::judge::Disposition;
use crate::measure::Grouping;
use crate::paint::instance_at;
use crate::project::{Acceptance, Class, LabelState};
use crate::raster::{BACKGROUND, LabelMap, Photo, runs};
use crate::session::Snapshot;

/// How many regions got which answer of the boundary check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoundnessCounts {
    pub pass: usize,
    pub unmeasurable: usize,
    pub warn: usize,
    pub fail: usize,
}

impl SoundnessCounts {
    /// Counts checked regions.
    #[must_use]
    pub fn of<'a>(checks: impl IntoIterator<Item = &'a RegionCheck>) -> Self {
        let mut counts = Self::default();
        for check in checks {
            *match check.result.verdict {
                Soundness::Pass => &mut counts.pass,
                Soundness::Unmeasurable => &mut counts.unmeasurable,
                Soundness::Warn => &mut counts.warn,
                Soundness::Fail => &mut counts.fail,
            } += 1;
        }
        counts
    }

    #[must_use]
    pub const fn total(self) -> usize {
        self.pass + self.unmeasurable + self.warn + self.fail
    }
}

/// Somebody has worked on the label of an image: it is in memory, there is a label file, or its state says more than "to do". A blank
/// label that nobody made says nothing about the part, and one that a model proposed must not be the measure of that model.
#[must_use]
pub fn is_labelled(snapshot: &Snapshot, image: usize, state: LabelState) -> bool {
    match state {
        LabelState::Proposed => false,
        LabelState::Todo => snapshot.label_revision(image) > 0 || snapshot.project().label_path(image).exists(),
        _ => true,
    }
}

/// Checks the label of an image against its photo; an empty label costs no decoding.
pub fn check_label(snapshot: &Snapshot, image: usize, settings: &BoundaryCheck) -> Result<Vec<RegionCheck>, WorkflowError> {
    let project = snapshot.project();
    let label = snapshot.label(image)?;
    if label.is_blank() {
        return Ok(Vec::new());
    }
    let photo = project.read_photo(image)?;
    let zones = match project.part_number_of_image(image) {
        Some(pn) => snapshot.zones(pn).map_err(WorkflowError::Zones)?,
        None => None,
    };
    // A zone map of another size does not say where this photo shows the part.
    let zones = zones.filter(|z| (z.width(), z.height()) == (photo.width(), photo.height()));
    let rule = |class: u8| project.class(class).map_or_else(ClassRule::default, Class::rule);
    let grouped = snapshot.grouping(image).group(&runs::runs(&label));
    let mut checks = check_components(&photo, &label, &grouped.components, settings, rule, zones);
    for check in &mut checks {
        check.number = grouped.numbers[check.region];
    }
    Ok(checks)
}

/// Checks the one region of a label that holds pixel (x, y), as [`check_label`] would: quick enough to follow the brush. None on background
/// and ignored pixels, and for a region with a fragment of more than `max_pixels`. `part` may have another size; then it says nothing.
#[expect(clippy::too_many_arguments, reason = "what a label is checked against, each of which the caller has at hand")]
#[must_use]
pub fn check_region_at(
    photo: &Photo,
    part: Option<&LabelMap>,
    label: &LabelMap,
    grouping: &Grouping,
    (x, y): (u32, u32),
    rule_of: impl Fn(u8) -> ClassRule,
    settings: &BoundaryCheck,
    max_pixels: u64,
) -> Option<RegionCheck> {
    let area = instance_at(label, grouping, x, y, Some(max_pixels))?;
    let class = label.get(x, y);
    let rule = rule_of(class);
    let scene = Scene::new(photo, label, part.filter(|p| p.rect() == photo.rect()));
    let result = check_region(&scene, &area.runs(class), rule.boundary, &rule.settings(settings));
    Some(RegionCheck { region: 0, number: None, class, bounds: area.bounds(), result })
}

/// As [`check_label`] on many images at once; see [`each_image`].
pub fn check_all(
    snapshot: &Snapshot,
    images: &[usize],
    settings: &BoundaryCheck,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    done: impl Fn(usize, Result<Vec<RegionCheck>, WorkflowError>) + Sync,
) -> Result<(), WorkflowError> {
    each_image(images, is_cancelled, |image| check_label(snapshot, image, settings), done)
}

/// Everything that is to be said about a label, worst first: what its boundary checks found and what is not clean about its pixels.
/// An empty label is a finding only where somebody said that the part is NG; a good part has nothing to mark.
///
/// `checks`: those of [`check_label`] for the label as it is; none when only the pixels are to be looked at.
pub fn label_findings(
    snapshot: &Snapshot,
    image: usize,
    checks: &[RegionCheck],
    disposition: Disposition,
) -> Result<Vec<Finding>, WorkflowError> {
    let label = snapshot.label(image)?;
    let hygiene = Hygiene::default();
    let mut all = findings(checks);
    if !label.is_blank() || disposition == Disposition::Ng {
        let project = snapshot.project();
        let part_number = project.part_number_of_image(image);
        let zones = match part_number {
            Some(pn) => snapshot.zones(pn).map_err(WorkflowError::Zones)?.filter(|z| z.rect() == label.rect()),
            None => None,
        };
        let ignored = part_number.map(|pn| project.part_numbers[pn].ignored_zones()).unwrap_or_default();
        let pixel = part_number.and_then(|pn| project.part_numbers[pn].calibration);
        let rule = |class: u8| project.class(class).map_or_else(ClassRule::default, Class::rule);
        let around = Surroundings {
            rule_of: Some(&rule),
            zones,
            ignored_zones: &ignored,
            off_part: if zones.is_some_and(covers_part) { &[BACKGROUND] } else { &[] },
            pixel_mm: pixel.map(|c| c.pixel_area_mm2().sqrt()),
            checks,
        };
        let regions = snapshot.grouping(image).group(&runs::runs(&label)).components;
        all.extend(hygiene.findings_in(&label, &regions, &around));
    }
    // What shows nothing at all is said once.
    let phantoms: Vec<Option<usize>> = all.iter().filter(|f| f.kind == FindingKind::NoContrast).map(|f| f.region).collect();
    all.retain(|f| f.kind != FindingKind::Unmeasurable || !phantoms.contains(&f.region));
    crate::check::worst_first(&mut all);
    Ok(all)
}

/// The acceptance of each finding, where a person gave one for these very pixels.
pub fn acceptances<'a>(
    snapshot: &'a Snapshot,
    image: usize,
    findings: &[Finding],
) -> Result<Vec<Option<&'a Acceptance>>, WorkflowError> {
    let accepted = snapshot.accepted(image);
    if accepted.is_empty() {
        return Ok(vec![None; findings.len()]);
    }
    let label = snapshot.label(image)?;
    Ok(findings.iter().map(|f| accepted.iter().find(|a| a.covers(f, &label))).collect())
}

/// Zones that cover half of the image and more are taken for the outline of the part: what lies in none is beside it. Fewer may be a
/// functional area on a part whose rest is in no zone.
fn covers_part(zones: &LabelMap) -> bool {
    zones.histogram()[usize::from(BACKGROUND)] * 2 <= zones.rect().area()
}
