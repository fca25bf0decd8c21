//! The annotation check over the labels of a project.

use super::each_image::each_image;
use super::error::WorkflowError;
use crate::check::{BoundaryCheck, BoundaryKind, BoundaryResult, Scene, Soundness, check_region};
use crate::project::LabelState;
use crate::raster::{Components, LabelMap, PixelRect, Run};
use crate::session::Snapshot;

/// The check of one labelled region.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionCheck {
    /// Index of the region in its image, as [`super::measuring::label_regions`] counts where no zone is ignored.
    pub region: usize,
    pub class: u8,
    pub pixels: u64,
    /// Upright bounding box in pixels.
    pub bounds: PixelRect,
    pub boundary: BoundaryResult,
}

/// How many regions got which answer of the boundary check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoundnessCounts {
    pub pass: usize,
    pub unmeasurable: usize,
    pub warn: usize,
    pub fail: usize,
}

impl SoundnessCounts {
    pub const fn add(&mut self, verdict: Soundness) {
        *match verdict {
            Soundness::Pass => &mut self.pass,
            Soundness::Unmeasurable => &mut self.unmeasurable,
            Soundness::Warn => &mut self.warn,
            Soundness::Fail => &mut self.fail,
        } += 1;
    }

    #[must_use]
    pub const fn total(self) -> usize {
        self.pass + self.unmeasurable + self.warn + self.fail
    }
}

/// Somebody has worked on the label of an image: it is in memory, there is a label file, or its state says more than "to do". A blank
/// label that nobody made says nothing about the part.
#[must_use]
pub fn is_labelled(snapshot: &Snapshot, image: usize, state: LabelState) -> bool {
    state != LabelState::Todo || snapshot.label_revision(image) > 0 || snapshot.project().label_path(image).exists()
}

/// Checks every region of the label of an image against its photo. An unlabelled image has no regions and is not decoded.
pub fn check_label(snapshot: &Snapshot, image: usize, settings: &BoundaryCheck) -> Result<Vec<RegionCheck>, WorkflowError> {
    let project = snapshot.project();
    let label = snapshot.label(image)?;
    let components = Components::of(&label);
    if components.is_empty() {
        return Ok(Vec::new());
    }
    let photo = project.read_photo(image)?;
    let zones = match project.part_number_of_image(image) {
        Some(pn) => snapshot.zones(pn).map_err(WorkflowError::Zones)?,
        None => None,
    };
    // A zone map of another size says nothing about where this photo shows the part.
    let part: Option<&LabelMap> = zones.filter(|z| (z.width(), z.height()) == (label.width(), label.height()));
    let scene = Scene::new(&photo, &label, part);
    let checks = components.iter().enumerate().map(|(region, runs)| {
        let class = runs[0].value;
        let kind = project.class(class).map_or(BoundaryKind::Sharp, |c| c.boundary);
        let boundary = check_region(&scene, runs, kind, settings);
        RegionCheck { region, class, pixels: runs.iter().map(|r| u64::from(r.len())).sum(), bounds: bounds(runs), boundary }
    });
    Ok(checks.collect())
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

fn bounds(runs: &[Run]) -> PixelRect {
    runs.iter().fold(PixelRect::EMPTY, |rect, r| rect.union(PixelRect::new(r.x0, r.y, r.x1, r.y + 1)))
}
