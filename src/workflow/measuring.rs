//! Regions of labels and of predictions, measured in the same way.

use super::error::WorkflowError;
use crate::measure::region::{ZoneShare, measure, region_holding, regions_with_runs, zone_shares};
use crate::measure::{Feature, FeatureSet, Grouping, Measuring, Region, Wanted, regions};
use crate::paint::instance_at;
use crate::predict::{Prediction, Statement};
use crate::project::PartNumber;
use crate::raster::{LabelMap, Photo, PixelRect, Run};
use crate::session::Snapshot;

/// How a label or a prediction of a part number is measured.
fn measuring<'a>(
    part_number: &PartNumber,
    zones: Option<&'a LabelMap>,
    ignored_zones: &'a [u8],
    wanted: &'a Wanted,
) -> Measuring<'a> {
    Measuring {
        calibration: part_number.calibration,
        zones,
        ignored_zones,
        probability: None,
        grouping: None,
        features: wanted.features,
        photo: None,
        merge_gaps: wanted.merge_gaps.as_slice(),
    }
}

/// Measures the label of an image; what its part number's ruleset asks for with it ([`Snapshot::wanted`]).
pub fn label_regions(snapshot: &Snapshot, image: usize) -> Result<Vec<Region>, WorkflowError> {
    let label = snapshot.label(image)?;
    regions_of_label(snapshot, image, &label)
}

/// Measures a label map that may differ from the one in the project. The photo is read only when something in it is wanted.
pub fn regions_of_label(snapshot: &Snapshot, image: usize, label: &LabelMap) -> Result<Vec<Region>, WorkflowError> {
    let project = snapshot.project();
    let Some(pn) = project.part_number_of_image(image) else { return Ok(Vec::new()) };
    let part_number = &project.part_numbers[pn];
    let zones = snapshot.zones(pn).map_err(WorkflowError::Zones)?;
    let ignored = part_number.ignored_zones();
    let wanted = snapshot.wanted(pn);
    let photo = photo_for(snapshot, image, wanted)?;
    let with = Measuring {
        grouping: Some(snapshot.grouping(image)),
        photo: photo.as_ref(),
        ..measuring(part_number, zones, &ignored, wanted)
    };
    Ok(regions(label, &with))
}

fn photo_for(snapshot: &Snapshot, image: usize, wanted: &Wanted) -> Result<Option<Photo>, WorkflowError> {
    Ok(if wanted.needs_photo() { Some(snapshot.project().read_photo(image)?) } else { None })
}

/// Measures what a model said about an image, as [`label_regions`] does a label.
pub fn prediction_regions(snapshot: &Snapshot, image: usize, prediction: &Prediction) -> Result<Vec<Region>, WorkflowError> {
    let project = snapshot.project();
    let Some(pn) = project.part_number_of_image(image) else { return Ok(Vec::new()) };
    let zones = snapshot.zones(pn).map_err(WorkflowError::Zones)?;
    let wanted = snapshot.wanted(pn);
    let photo = photo_for(snapshot, image, wanted)?;
    Ok(regions_of_prediction(&project.part_numbers[pn], zones, prediction, photo.as_ref(), wanted))
}

/// Measures a prediction for a part number; the station and the studio share it. Features of the edge need the photo. What classifiers state
/// comes last, one region each; see `stated_region`.
#[must_use]
pub fn regions_of_prediction(
    part_number: &PartNumber,
    zones: Option<&LabelMap>,
    prediction: &Prediction,
    photo: Option<&Photo>,
    wanted: &Wanted,
) -> Vec<Region> {
    let ignored = part_number.ignored_zones();
    let with = Measuring { probability: Some(&prediction.probability), photo, ..measuring(part_number, zones, &ignored, wanted) };
    let mut regions = regions(&prediction.class, &with);
    regions.extend(prediction.statements.iter().map(|statement| stated_region(statement, &with)));
    regions
}

/// The region of a classifier's statement: it lies in the zones of its bounds, but its size is unknown, so every feature but the probability
/// stays unmeasured and a limit on size gives review.
fn stated_region(statement: &Statement, with: &Measuring<'_>) -> Region {
    let bounds = statement.bounds;
    let rows: Vec<Run> = (bounds.y0..bounds.y1).map(|y| Run { y, x0: bounds.x0, x1: bounds.x1, value: statement.class }).collect();
    let mut zones = zone_shares(&rows, bounds.area(), with.zones);
    zones.retain(|share| !with.ignored_zones.contains(&share.zone));
    if zones.is_empty() {
        zones.push(ZoneShare::new(0, 0));
    }
    let mut features = [f32::NAN; Feature::COUNT];
    features[Feature::MeanProbability.index()] = statement.probability;
    features[Feature::MaxProbability.index()] = statement.probability;
    Region {
        class: statement.class,
        number: None,
        pixels: 0,
        bounds,
        centroid: bounds.centre(),
        anchor: (bounds.x0, bounds.y0),
        is_clipped: false,
        zones,
        features,
    }
}

/// Name of the model that a predicted region comes from; None when nobody noted it.
#[must_use]
pub fn model_of_region<'a>(prediction: &'a Prediction, region: &Region) -> Option<&'a str> {
    prediction.model_of(region.class, region.anchor, region.bounds)
}

/// What lies under a region that is measured alone.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    pub part_number: Option<&'a PartNumber>,
    pub zones: Option<&'a LabelMap>,
    pub label: &'a LabelMap,
    pub grouping: &'a Grouping,
    /// For features of the edge.
    pub photo: Option<&'a Photo>,
}

/// Measures the one region of a label map that holds pixel (x, y), as [`regions_of_label`] would: quick enough for every frame of a
/// stroke. None on background and ignored pixels, and for a region with a fragment of more than `max_pixels`.
/// Fragments whose gap is small enough are looked for around it; the distance to the next defect would need all others and stays unmeasured.
#[must_use]
pub fn region_under(ground: &Ground<'_>, pixel: (u32, u32), max_pixels: u64, wanted: &Wanted) -> Option<Region> {
    let (x, y) = pixel;
    let area = instance_at(ground.label, ground.grouping, x, y, Some(max_pixels))?;
    let ignored = ground.part_number.map(PartNumber::ignored_zones).unwrap_or_default();
    let with = Measuring {
        calibration: ground.part_number.and_then(|p| p.calibration),
        zones: ground.zones,
        ignored_zones: &ignored,
        probability: None,
        grouping: Some(ground.grouping),
        features: wanted.features,
        photo: ground.photo,
        merge_gaps: &wanted.merge_gaps,
    };
    let class = ground.label.get(x, y);
    let gap = wanted.merge_gaps.iter().filter(|g| g.0 == class).map(|g| g.1).fold(0.0, f64::max);
    if let Some(c) = with.calibration.filter(|_| gap > 0.0) {
        let reach = (gap / c.x_mm_per_px.min(c.y_mm_per_px)).ceil().min(f64::from(u32::MAX / 4)) as u32 + 1;
        return joined_under(ground, pixel, max_pixels, area.bounds(), reach, &with);
    }
    region_holding(&area.runs(class), pixel, ground.label, &with)
}

/// The region that holds a pixel with all fragments that gaps join to it: in a window that grows until nothing within `reach` px of the
/// region lies outside.
fn joined_under(
    ground: &Ground<'_>,
    (x, y): (u32, u32),
    max_pixels: u64,
    bounds: PixelRect,
    reach: u32,
    with: &Measuring<'_>,
) -> Option<Region> {
    let (width, height) = (ground.label.width(), ground.label.height());
    let mut window = bounds.grown(reach, width, height);
    loop {
        let plain = Measuring { features: FeatureSet::ALWAYS, ..*with };
        let (regions, components) = regions_with_runs(ground.label, window, &plain);
        let index = components.at(x, y)?;
        let region = regions.get(index).filter(|r| r.pixels <= max_pixels)?;
        let needed = region.bounds.grown(reach, width, height);
        if needed.union(window) == window {
            return Some(Region { number: region.number, ..measure(components.runs(index), ground.label, with) });
        }
        window = needed.union(window).grown(reach, width, height);
    }
}
