//! Repairs of labels over the images of a project: proposals, off the caller's thread. Nothing is written.

use super::each_image::each_image;
use super::error::WorkflowError;
use crate::check::{
    BoundaryCheck, ClassRule, RegionCheck, Repair, RepairKind, Scene, Soundness, SpeckRepair, check_components, clip_to_part,
    close_gaps, fill_pinholes, offset_regions, repair_specks, shift_labels, smooth_regions, snap_regions,
};
use crate::project::Class;
use crate::raster::{Components, LabelMap, Photo, runs};
use crate::session::Snapshot;

/// Which checked regions to snap: all that every given condition holds for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionFilter {
    /// Only these verdicts; empty = warnings and failures, because a boundary that passes gains little. Regions that cannot be measured are
    /// never snapped.
    pub verdicts: Vec<Soundness>,
    /// Only these classes; empty = all.
    pub classes: Vec<u8>,
    /// Only boundaries that are off by this much or more, px.
    pub p90_from_px: Option<f64>,
    /// Only boundaries that are off by less than this, px: what is farther off wants a person's eye.
    pub p90_below_px: Option<f64>,
}

impl RegionFilter {
    /// The region is to be snapped.
    #[must_use]
    pub fn keeps(&self, check: &RegionCheck) -> bool {
        let verdict = check.result.verdict;
        let is_wanted = if self.verdicts.is_empty() { verdict >= Soundness::Warn } else { self.verdicts.contains(&verdict) };
        let p90 = check.result.p90_px;
        verdict != Soundness::Unmeasurable
            && is_wanted
            && includes(&self.classes, check.class)
            && self.p90_from_px.is_none_or(|least| p90 >= least)
            && self.p90_below_px.is_none_or(|most| p90 < most)
    }
}

/// No class named means every class.
fn includes(classes: &[u8], class: u8) -> bool {
    classes.is_empty() || classes.contains(&class)
}

/// What to repair in each label. Lists of classes that are empty mean every class.
#[derive(Clone, Debug, PartialEq)]
pub enum RepairPlan {
    /// Boundaries onto the edges in the photo.
    Snap { settings: BoundaryCheck, filter: RegionFilter },
    /// All regions larger (+) or smaller (−) by a distance, px.
    Offset { classes: Vec<u8>, by_px: f64 },
    /// All labels by a distance, px.
    Shift { dx_px: f64, dy_px: f64 },
    /// Regions of fewer pixels than this.
    Specks { classes: Vec<u8>, below_px: u64, how: SpeckRepair },
    /// Holes of fewer pixels than this.
    Pinholes { classes: Vec<u8>, below_px: u64 },
    /// Gaps up to this wide, px.
    Gaps { class: u8, gap_px: f64 },
    /// What lies off the part, where the image has a zone map of its size.
    Clip { classes: Vec<u8> },
    /// Jags of this size, px.
    Smooth { classes: Vec<u8>, sigma_px: f64 },
}

/// A repair of one image, and the label that it was made for.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedRepair {
    /// Its numbers of regions are those of the grouped label; those of [`RepairPlan::Shift`] are of the connected pixels.
    pub repair: Repair,
    /// Revision of the label that the proposal belongs to, see [`Snapshot::label_revision`]: with any other it is stale.
    pub label_revision: u64,
}

/// The repair of one image. A blank label costs no decoding; only snapping reads the photo.
pub fn propose(snapshot: &Snapshot, image: usize, plan: &RepairPlan) -> Result<ProposedRepair, WorkflowError> {
    let label = snapshot.label(image)?;
    let components = snapshot.grouping(image).group(&runs::runs(&label)).components;
    let of_classes = |classes: &[u8]| (0..components.len()).filter(|&i| includes(classes, components.value(i))).collect::<Vec<_>>();
    let repair = match plan {
        RepairPlan::Snap { .. } if components.is_empty() => Repair::nothing(RepairKind::Snap),
        RepairPlan::Snap { settings, filter } => snapped(snapshot, image, &label, &components, settings, filter)?,
        RepairPlan::Offset { classes, by_px } => offset_regions(&label, &components, &of_classes(classes), *by_px),
        RepairPlan::Shift { dx_px, dy_px } => shift_labels(&label, *dx_px, *dy_px),
        RepairPlan::Specks { classes, below_px, how } => {
            let pixels = |i: usize| components.runs(i).iter().map(|r| u64::from(r.len())).sum::<u64>();
            let specks: Vec<usize> = of_classes(classes).into_iter().filter(|&i| pixels(i) < *below_px).collect();
            repair_specks(&label, &components, &specks, *how)
        }
        RepairPlan::Pinholes { classes, below_px } => fill_pinholes(&label, &components, &of_classes(classes), *below_px),
        RepairPlan::Gaps { class, gap_px } => close_gaps(&label, &components, *class, *gap_px),
        RepairPlan::Clip { classes } => match part_of(snapshot, image, (label.width(), label.height()))? {
            Some(part) => clip_to_part(part, &components, &of_classes(classes)),
            None => Repair::nothing(RepairKind::Clip),
        },
        RepairPlan::Smooth { classes, sigma_px } => smooth_regions(&label, &components, &of_classes(classes), *sigma_px),
    };
    Ok(ProposedRepair { repair, label_revision: snapshot.label_revision(image) })
}

/// The zone map of an image, when it has the size of its label.
pub(super) fn part_of(snapshot: &Snapshot, image: usize, size: (u32, u32)) -> Result<Option<&LabelMap>, WorkflowError> {
    let Some(part_number) = snapshot.project().part_number_of_image(image) else { return Ok(None) };
    let zones = snapshot.zones(part_number).map_err(WorkflowError::Zones)?;
    Ok(zones.filter(|z| (z.width(), z.height()) == size))
}

fn snapped(
    snapshot: &Snapshot,
    image: usize,
    label: &LabelMap,
    components: &Components,
    settings: &BoundaryCheck,
    filter: &RegionFilter,
) -> Result<Repair, WorkflowError> {
    let project = snapshot.project();
    let photo: Photo = project.read_photo(image)?;
    let part = part_of(snapshot, image, (photo.width(), photo.height()))?;
    let rule = |class: u8| project.class(class).map_or_else(ClassRule::default, Class::rule);
    let checks = check_components(&photo, label, components, settings, rule, part);
    let chosen: Vec<usize> = checks.iter().filter(|c| filter.keeps(c)).map(|c| c.region).collect();
    Ok(snap_regions(&Scene::new(&photo, label, part), components, &chosen, settings, rule))
}

/// As [`propose`] on many images at once; see [`each_image`]. Images with nothing to change give an empty repair.
pub fn propose_all(
    snapshot: &Snapshot,
    images: &[usize],
    plan: &RepairPlan,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    done: impl Fn(usize, Result<ProposedRepair, WorkflowError>) + Sync,
) -> Result<(), WorkflowError> {
    each_image(images, is_cancelled, |image| propose(snapshot, image, plan), done)
}
