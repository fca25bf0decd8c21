//! The variants of one image's label, measured.

use super::STEPS;
use super::displaced::{Entity, at_the_edge, free_of_others, grown, replace, shrunk};
use super::grouped::{entities, regrouped};
use crate::check::{RegionCheck, Soundness};
use crate::measure::region::regions_with_runs;
use crate::measure::{Calibration, Grouping, Measuring, Region};
use crate::raster::{Area, Components, LabelMap, PixelRect};
use crate::session::Snapshot;
use crate::workflow::WorkflowError;
use crate::workflow::each_image::each_image;

/// A label with its boundaries moved, measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variant {
    pub regions: Vec<Region>,
    /// For each region of the label as it is, those here that share a pixel with it; none: nothing of it is left.
    pub of: Vec<Vec<u32>>,
}

/// One region with its boundary moved to where the photo has its edge, the others as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionCorrection {
    /// Regions as they are (indices in [`ImageFlips::as_is`]) in whose place `by` stands: this one and what lies around it.
    pub replaces: Vec<u32>,
    pub by: Vec<Region>,
    /// Those of `by` that hold a pixel of the corrected region; none: nothing of it is left.
    pub of: Vec<u32>,
}

/// One region of the label, as the boundary check counts them.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub class: u8,
    /// What of it is measured: indices in [`ImageFlips::as_is`]. None when it lies in ignored zones, several when those part it.
    pub as_is: Vec<u32>,
    /// None when the boundary could not be measured, or was not checked.
    pub correction: Option<RegionCorrection>,
}

/// What one image's label measures as it is and with its boundaries moved. Knows no limits: judge it with [`super::flip_test`].
#[derive(Clone, Debug, PartialEq)]
pub struct ImageFlips {
    /// As [`crate::workflow::measuring::label_regions`] gives them.
    pub as_is: Vec<Region>,
    /// All regions smaller or larger by [`STEPS`].
    pub steps: [Variant; 4],
    /// All measurable regions moved to where the photo has its edge.
    pub corrected: Variant,
    /// In the order of the boundary check.
    pub regions: Vec<Measured>,
}

/// What regions of an image are measured with.
struct Ground<'a> {
    calibration: Option<Calibration>,
    zones: Option<&'a LabelMap>,
    ignored: Vec<u8>,
}

impl Ground<'_> {
    fn measure(&self, map: &LabelMap, rect: PixelRect, grouping: &Grouping) -> (Vec<Region>, Components) {
        let with = Measuring {
            calibration: self.calibration,
            zones: self.zones,
            ignored_zones: &self.ignored,
            grouping: Some(grouping),
            ..Measuring::default()
        };
        regions_with_runs(map, rect, &with)
    }
}

/// A label, its regions, and what they measure.
struct Scene<'a> {
    ground: Ground<'a>,
    label: LabelMap,
    grouping: &'a Grouping,
    entities: Vec<Entity>,
    as_is: Vec<Region>,
    runs: Components,
}

/// Measures the variants of an image's label. `checks`: its boundary check, by which regions are corrected; may be empty.
pub fn image_flips(snapshot: &Snapshot, image: usize, checks: &[RegionCheck]) -> Result<ImageFlips, WorkflowError> {
    let project = snapshot.project();
    let label = snapshot.label(image)?;
    let ground = match project.part_number_of_image(image) {
        Some(pn) => Ground {
            calibration: project.part_numbers[pn].calibration,
            zones: snapshot.zones(pn).map_err(WorkflowError::Zones)?,
            ignored: project.part_numbers[pn].ignored_zones(),
        },
        None => Ground { calibration: None, zones: None, ignored: Vec::new() },
    };
    let grouping = snapshot.grouping(image);
    let entities = entities(&label, grouping);
    let (as_is, runs) = ground.measure(&label, label.rect(), grouping);
    Ok(Scene { ground, label, grouping, entities, as_is, runs }.flips(checks))
}

/// As [`image_flips`] on many images at once; see [`each_image`]. `checks_of` gives the boundary check of an image.
pub fn flip_images<'c>(
    snapshot: &Snapshot,
    images: &[usize],
    checks_of: impl Fn(usize) -> &'c [RegionCheck] + Sync,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    done: impl Fn(usize, Result<ImageFlips, WorkflowError>) + Sync,
) -> Result<(), WorkflowError> {
    each_image(images, is_cancelled, |image| image_flips(snapshot, image, checks_of(image)), done)
}

impl Scene<'_> {
    fn flips(self, checks: &[RegionCheck]) -> ImageFlips {
        let [by_one, by_two] = grown(&self.label, &self.entities);
        let areas = STEPS.map(|step| match step {
            1 => by_one.clone(),
            2 => by_two.clone(),
            _ => shrunk(&self.label, &self.entities, f64::from(-step)),
        });
        let targets = self.targets(checks);
        let mut all_corrected: Vec<Area> = Vec::with_capacity(self.entities.len());
        // What earlier regions moved to is taken.
        let mut taken = self.label.clone();
        for (entity, target) in self.entities.iter().zip(&targets) {
            let area = target.as_ref().map_or_else(|| entity.area.clone(), |t| free_of_others(&taken, &entity.area, t));
            for span in area.minus(&entity.area).spans() {
                taken.fill_span(span.y, span.x0, span.x1, entity.class);
            }
            all_corrected.push(area);
        }
        let own = self.own_regions();
        let regions = own.into_iter().zip(&targets).enumerate().map(|(i, (as_is, target))| Measured {
            class: self.entities[i].class,
            as_is,
            correction: target.as_ref().map(|target| self.correction(i, target)),
        });
        let regions = regions.collect();
        let steps = areas.map(|areas| self.variant(&areas));
        let corrected = self.variant(&all_corrected);
        ImageFlips { as_is: self.as_is, steps, corrected, regions }
    }

    /// Where the edge is around each region, other labels left aside; None where it is not known.
    fn targets(&self, checks: &[RegionCheck]) -> Vec<Option<Area>> {
        let mut targets = vec![None; self.entities.len()];
        for check in checks.iter().filter(|c| c.result.verdict != Soundness::Unmeasurable) {
            if let (Some(target), Some(entity)) = (targets.get_mut(check.region), self.entities.get(check.region)) {
                *target = Some(at_the_edge(&entity.area, &check.result, self.label.width(), self.label.height()));
            }
        }
        targets
    }

    /// For each region of the check the measured regions that lie in it.
    fn own_regions(&self) -> Vec<Vec<u32>> {
        let areas: Vec<&Area> = self.entities.iter().map(|e| &e.area).collect();
        let mut own = vec![Vec::new(); areas.len()];
        for (entity, region) in overlaps(&areas, &self.runs) {
            own[entity].push(region);
        }
        own
    }

    fn grouping_of(&self, areas: &[Area]) -> Grouping {
        if self.grouping.is_empty() { Grouping::default() } else { regrouped(&self.entities, areas) }
    }

    /// The label with these pixels for its regions, measured.
    fn variant(&self, areas: &[Area]) -> Variant {
        let mut map = self.label.clone();
        for (entity, area) in self.entities.iter().zip(areas) {
            replace(&mut map, entity.class, &entity.area, area);
        }
        let (regions, runs) = self.ground.measure(&map, map.rect(), &self.grouping_of(areas));
        let base: Vec<Area> = self.runs.iter().map(Area::of_runs).collect();
        let mut of = vec![Vec::new(); self.as_is.len()];
        for (was, is) in overlaps(&base.iter().collect::<Vec<_>>(), &runs) {
            of[was].push(is);
        }
        Variant { regions, of }
    }

    /// One region moved to `target`, the others as they are: only what lies around it is measured again.
    fn correction(&self, index: usize, target: &Area) -> RegionCorrection {
        let entity = &self.entities[index];
        let area = free_of_others(&self.label, &entity.area, target);
        let mut map = self.label.clone();
        replace(&mut map, entity.class, &entity.area, &area);
        let grouping = if self.grouping.is_empty() {
            Grouping::default()
        } else {
            let mut areas: Vec<Area> = self.entities.iter().map(|e| e.area.clone()).collect();
            areas[index] = area.clone();
            regrouped(&self.entities, &areas)
        };
        let (width, height) = (map.width(), map.height());
        let rect = self.closed_around(entity.area.bounds().union(area.bounds()).grown(1, width, height));
        let inside = |b: PixelRect| b.intersection(rect) == b;
        let replaces = (0..self.as_is.len()).filter(|&i| inside(self.as_is[i].bounds)).map(|i| i as u32).collect();
        let (by, runs) = self.ground.measure(&map, rect, &grouping);
        let of = overlaps(&[&area], &runs).into_iter().map(|(_, region)| region).collect();
        RegionCorrection { replaces, by, of }
    }

    /// The smallest rectangle around `rect` that no region reaches out of.
    fn closed_around(&self, mut rect: PixelRect) -> PixelRect {
        let bounds: Vec<PixelRect> = self.entities.iter().map(|e| e.area.bounds()).collect();
        loop {
            let all = bounds.iter().filter(|b| !b.intersection(rect).is_empty()).fold(rect, |all, b| all.union(*b));
            if all == rect {
                return rect;
            }
            rect = all;
        }
    }
}

/// The pairs (index in `areas`, component) that share a pixel, each once, ascending. The areas must not overlap one another.
fn overlaps(areas: &[&Area], components: &Components) -> Vec<(usize, u32)> {
    let mut spans: Vec<(u32, u32, u32, usize)> =
        areas.iter().enumerate().flat_map(|(i, a)| a.spans().iter().map(move |s| (s.y, s.x0, s.x1, i))).collect();
    spans.sort_unstable();
    let mut pairs = Vec::new();
    for (component, runs) in components.iter().enumerate() {
        for run in runs {
            let from = spans.partition_point(|&(y, _, x1, _)| (y, x1) <= (run.y, run.x0));
            let meets = spans[from..].iter().take_while(|&&(y, x0, ..)| y == run.y && x0 < run.x1);
            pairs.extend(meets.map(|&(.., i)| (i, component as u32)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
