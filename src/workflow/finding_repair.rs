//! What sets a finding right, and what sets right an error that many labels share: proposals for one image. Nothing is written.

use std::cell::OnceCell;

use super::error::WorkflowError;
use crate::check::systematic::Scope;
use crate::check::{
    BoundaryCheck, ClassRule, Correction, Finding, Fix, Repair, RepairKind, Scene, SpeckRepair, Systematic, clip_to_part,
    close_gaps, fill_pinholes, offset_regions, repair_specks, shift_labels, smooth_regions, snap_regions,
};
use crate::project::Class;
use crate::raster::{BACKGROUND, Components, LabelMap, Photo, runs};
use crate::session::Snapshot;

/// Widest gap that is closed, px; gaps that the check tells of are narrower.
const GAP_PX: f64 = 4.0;
/// Steps of a jagged outline are a few pixels long.
const SMOOTHING_PX: f64 = 2.0;

/// Whether [`ImageRepairs::finding`] knows how to carry a fix out; the others need a person, or more than the pixels of one label.
#[must_use]
pub const fn is_offered(fix: Fix) -> bool {
    matches!(fix, Fix::Snap | Fix::Delete | Fix::TakeSurroundingClass | Fix::Fill | Fix::CloseGap | Fix::ClipToPart | Fix::Smooth)
}

/// Why no proposal can be made.
#[derive(Debug, thiserror::Error)]
pub enum FindingRepairError {
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    #[error("no automatic repair is known for this; paint it, or accept it as it is")]
    NoRepair,
    #[error("the finding is about no region that is there now; check the label again")]
    Stale,
    #[error("the image has no zone map of its size that says where the part is")]
    NoPart,
}

/// One image whose findings are repaired; its photo is decoded once, and only when it is needed.
pub struct ImageRepairs<'a> {
    snapshot: &'a Snapshot,
    image: usize,
    label: LabelMap,
    components: Components,
    photo: OnceCell<Photo>,
}

impl<'a> ImageRepairs<'a> {
    /// Reads the label as it is in the snapshot.
    pub fn open(snapshot: &'a Snapshot, image: usize) -> Result<Self, WorkflowError> {
        let label = snapshot.label(image)?;
        let components = snapshot.grouping(image).group(&runs::runs(&label)).components;
        Ok(Self { snapshot, image, label, components, photo: OnceCell::new() })
    }

    fn photo(&self) -> Result<&Photo, WorkflowError> {
        if let Some(photo) = self.photo.get() {
            return Ok(photo);
        }
        let photo = self.snapshot.project().read_photo(self.image)?;
        Ok(self.photo.get_or_init(|| photo))
    }

    /// The zone map, when it has the size of the label: it says where the part is.
    fn part(&self) -> Result<Option<&LabelMap>, WorkflowError> {
        let Some(part_number) = self.snapshot.project().part_number_of_image(self.image) else { return Ok(None) };
        let zones = self.snapshot.zones(part_number).map_err(WorkflowError::Zones)?;
        Ok(zones.filter(|z| z.rect() == self.label.rect()))
    }

    /// What sets a finding right. `settings`: with which its region was checked.
    ///
    /// A repair without a change says in [`Repair::left`] why the region stays as it is.
    pub fn finding(&self, finding: &Finding, settings: &BoundaryCheck) -> Result<Repair, FindingRepairError> {
        let fix = finding.kind.fix().ok_or(FindingRepairError::NoRepair)?;
        let region = finding.region.filter(|&r| r < self.components.len() && self.components.value(r) == finding.class);
        let one = || region.map(|r| [r]).ok_or(FindingRepairError::Stale);
        let (label, components) = (&self.label, &self.components);
        Ok(match fix {
            Fix::Snap => {
                let project = self.snapshot.project();
                let rule = |class: u8| project.class(class).map_or_else(ClassRule::default, Class::rule);
                let scene = Scene::new(self.photo()?, label, self.part()?);
                snap_regions(&scene, components, &one()?, settings, rule)
            }
            Fix::Delete => repair_specks(label, components, &one()?, SpeckRepair::Delete),
            Fix::TakeSurroundingClass => repair_specks(label, components, &one()?, SpeckRepair::Join),
            Fix::Fill => fill_pinholes(label, components, &one()?, finding.bounds.area() + 1),
            Fix::CloseGap => self.only_at(finding, close_gaps(label, components, finding.class, GAP_PX)),
            Fix::ClipToPart => clip_to_part(self.part()?.ok_or(FindingRepairError::NoPart)?, components, &one()?),
            Fix::Smooth => smooth_regions(label, components, &one()?, SMOOTHING_PX),
            Fix::ExtendToBorder | Fix::Rescale | Fix::MapValues | Fix::MarkGood | Fix::CopyLabel => {
                return Err(FindingRepairError::NoRepair);
            }
        })
    }

    /// Of a repair of the whole label, what lies at the finding.
    fn only_at(&self, finding: &Finding, repair: Repair) -> Repair {
        let here = finding.bounds.grown(GAP_PX as u32, self.label.width(), self.label.height());
        let changes = repair.changes.into_iter().map(|(area, value)| (area.cut_to(here), value)).filter(|(a, _)| !a.is_empty());
        Repair { changes: changes.collect(), ..repair }
    }

    /// What sets right an error that the labels of a group share. `annotator`: who drew this label. Empty for an image that is not in
    /// the group, and where there is no correction.
    pub fn shared(&self, annotator: &str, error: &Systematic) -> Result<Repair, WorkflowError> {
        let kind = match error.correction {
            Some(Correction::Offset { by_px }) => RepairKind::Offset { by_px },
            Some(Correction::Shift { by_px: (dx_px, dy_px) }) => RepairKind::Shift { dx_px, dy_px },
            None => return Ok(Repair::nothing(RepairKind::Offset { by_px: 0.0 })),
        };
        let project = self.snapshot.project();
        let folder = project.images()[self.image].image.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
        let class = match &error.scope {
            Scope::All => None,
            Scope::Class(class) => Some(*class),
            Scope::Annotator(name) if name == annotator => None,
            Scope::AnnotatorOfClass(name, class) if name == annotator => Some(*class),
            Scope::Batch(name) if name == folder => None,
            _ => return Ok(Repair::nothing(kind)),
        };
        let is_meant = |value: u8| class.is_none_or(|c| c == value);
        Ok(match kind {
            RepairKind::Offset { by_px } => {
                let regions: Vec<usize> = (0..self.components.len()).filter(|&i| is_meant(self.components.value(i))).collect();
                offset_regions(&self.label, &self.components, &regions, by_px)
            }
            RepairKind::Shift { dx_px, dy_px } if class.is_none() => shift_labels(&self.label, dx_px, dy_px),
            RepairKind::Shift { dx_px, dy_px } => self.shifted_class(is_meant, dx_px, dy_px),
            _ => Repair::nothing(kind),
        })
    }

    /// The labels of one class moved; over the others they do not go.
    fn shifted_class(&self, is_meant: impl Fn(u8) -> bool, dx_px: f64, dy_px: f64) -> Repair {
        let mut own = LabelMap::new(self.label.width(), self.label.height());
        let mut others = Vec::new();
        for run in runs::runs(&self.label) {
            if is_meant(run.value) {
                own.fill_span(run.y, run.x0, run.x1, run.value);
            } else {
                others.push(run);
            }
        }
        let others = crate::raster::Area::of_runs(&others);
        let repair = shift_labels(&own, dx_px, dy_px);
        let free = |(area, value): (crate::raster::Area, u8)| (if value == BACKGROUND { area } else { area.minus(&others) }, value);
        let changes = repair.changes.into_iter().map(free).filter(|(area, _)| !area.is_empty()).collect();
        Repair { changes, ..repair }
    }
}
