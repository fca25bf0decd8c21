//! Label maps with their boundaries moved: all by whole pixels, or each point of one region to where the photo has its edge.

use crate::check::{BoundaryResult, ContourPoint};
use crate::paint::morphology::{grow, shrink};
use crate::raster::{Area, BACKGROUND, LabelMap, Plane, Span};

/// Displacements follow those of neighbours within this many samples (SD of a Gaussian), weighted by confidence.
const SMOOTHING: f64 = 1.5;
/// Signed distances closer to 0 than this are rounding of the contour: a boundary that does not move leaves its pixels alone, px.
const LEAST_DISTANCE_PX: f64 = 0.05;

/// One region of a label map.
#[derive(Clone, Debug)]
pub struct Entity {
    pub class: u8,
    pub area: Area,
    /// The number that a person gave it.
    pub number: Option<u32>,
    /// Regions of the same class that touch it and are kept apart by a cut, by their index.
    pub neighbours: Vec<usize>,
}

/// Takes the pixels of `from` that are not in `to` away from a map, and gives the class to those that are new.
pub fn replace(map: &mut LabelMap, class: u8, from: &Area, to: &Area) {
    for span in from.minus(to).spans() {
        map.fill_span(span.y, span.x0, span.x1, BACKGROUND);
    }
    for span in to.minus(from).spans() {
        map.fill_span(span.y, span.x0, span.x1, class);
    }
}

/// The regions without the pixels within `by_px` of a pixel that is not of their class. The border of the image is no boundary, and
/// neither is a cut between two regions.
#[must_use]
pub fn shrunk(map: &LabelMap, entities: &[Entity], by_px: f64) -> Vec<Area> {
    let one = |entity: &Entity| {
        if entity.neighbours.is_empty() {
            return shrink(&entity.area, by_px, map.width(), map.height());
        }
        let together = entity.neighbours.iter().fold(entity.area.clone(), |all, &n| all.union(&entities[n].area));
        shrink(&together, by_px, map.width(), map.height()).intersection(&entity.area)
    };
    entities.iter().map(one).collect()
}

/// The regions with the background within 1 px, and within 2 px. A pixel in reach of several goes to the nearest, then to the first;
/// nothing grows over another label or over ignored pixels.
#[must_use]
pub fn grown(map: &LabelMap, entities: &[Entity]) -> [Vec<Area>; 2] {
    let mut taken = map.clone();
    let mut areas: Vec<Area> = entities.iter().map(|e| e.area.clone()).collect();
    grow_ring(&mut taken, entities, &mut areas, 1.0);
    let by_one = areas.clone();
    for radius in [std::f64::consts::SQRT_2 + 1e-9, 2.0] {
        grow_ring(&mut taken, entities, &mut areas, radius);
    }
    [by_one, areas]
}

fn grow_ring(taken: &mut LabelMap, entities: &[Entity], areas: &mut [Area], radius: f64) {
    for (entity, area) in entities.iter().zip(areas) {
        let ring = grow(&entity.area, radius, taken.width(), taken.height()).minus(area);
        let free = background_of(taken, &ring);
        for span in &free {
            taken.fill_span(span.y, span.x0, span.x1, entity.class);
        }
        if !free.is_empty() {
            *area = area.union(&Area::from_spans(free));
        }
    }
}

/// The pixels of an area that are background.
fn background_of(map: &LabelMap, area: &Area) -> Vec<Span> {
    let mut out = Vec::new();
    for span in area.spans() {
        let mut from = None;
        for x in span.x0..=span.x1 {
            let is_free = x < span.x1 && map.get(x, span.y) == BACKGROUND;
            match (is_free, from) {
                (true, None) => from = Some(x),
                (false, Some(x0)) => {
                    out.push(Span::new(span.y, x0, x));
                    from = None;
                }
                _ => {}
            }
        }
    }
    out
}

/// The region with its boundary moved to where the photo has its edge, by the measured displacement of each point. Other labels are not
/// looked at: see [`free_of_others`].
///
/// A pixel goes by its nearest contour point: its distance from the boundary there, along the normal, against how far the boundary
/// moves. Points without confidence follow their neighbours, blocked ones stay.
#[must_use]
pub fn at_the_edge(own: &Area, result: &BoundaryResult, width: u32, height: u32) -> Area {
    let moves = smoothed_displacements(result);
    let farthest = moves.iter().fold(0.0_f64, |m, d| m.max(d.abs()));
    let reach = farthest.ceil() + 2.0;
    let rect = own.bounds().grown(reach as u32, width, height);
    if rect.is_empty() {
        return own.clone();
    }
    // Squared distance to the nearest point, and the signed distance to where it moves.
    let mut nearest = Plane::filled(rect.width(), rect.height(), (f64::INFINITY, 0.0));
    let is_own = own.mask(rect);
    let range = |at: f64, low: u32, high: u32| {
        let first = (at - reach - 0.5).ceil().max(f64::from(low)) as u32;
        let last = (at + reach - 0.5).floor().min(f64::from(high) - 1.0);
        first..if last < 0.0 { first } else { last as u32 + 1 }
    };
    for (point, displacement) in result.points.iter().zip(&moves) {
        for y in range(point.position.y, rect.y0, rect.y1) {
            for x in range(point.position.x, rect.x0, rect.x1) {
                let (dx, dy) = (f64::from(x) + 0.5 - point.position.x, f64::from(y) + 0.5 - point.position.y);
                let squared = dx * dx + dy * dy;
                let (u, v) = (x - rect.x0, y - rect.y0);
                if squared < nearest.at(u, v).0 {
                    let along = dx * point.normal.0 + dy * point.normal.1;
                    let along = if is_own.at(u, v) { along.min(-LEAST_DISTANCE_PX) } else { along.max(LEAST_DISTANCE_PX) };
                    nearest.set(u, v, (squared, along + displacement));
                }
            }
        }
    }
    let is_in = |x: u32, y: u32| match nearest.at(x, y) {
        (squared, level) if squared.is_finite() => level <= 0.0,
        _ => is_own.at(x, y),
    };
    Area::of_mask(&Plane::from_fn(rect.width(), rect.height(), is_in), (rect.x0, rect.y0))
}

/// How far the label lies outside the edge at each point, px.
fn smoothed_displacements(result: &BoundaryResult) -> Vec<f64> {
    let reach = (3.0 * SMOOTHING).ceil() as i64;
    let weight = |offset: i64| (-0.5 * (offset as f64 / SMOOTHING).powi(2)).exp();
    let fallback = if result.bias_px.is_finite() { result.bias_px } else { 0.0 };
    let mut out = vec![0.0; result.points.len()];
    for contour in &result.contours {
        let Some(points) = result.points.get(contour.clone()).filter(|p| !p.is_empty()) else { continue };
        let n = points.len() as i64;
        for (i, point) in points.iter().enumerate() {
            if point.is_blocked {
                continue;
            }
            let (mut sum, mut total) = (0.0, 0.0);
            for offset in -reach..=reach {
                let other: &ContourPoint = &points[(i as i64 + offset).rem_euclid(n) as usize];
                let w = if other.is_blocked { 0.0 } else { weight(offset) * other.confidence };
                sum += w * other.displacement_px;
                total += w;
            }
            out[contour.start + i] = if total > 1e-3 { sum / total } else { fallback };
        }
    }
    out
}

/// The pixels of `wanted` that `map` leaves to a region with the pixels `own`: its own and background.
#[must_use]
pub fn free_of_others(map: &LabelMap, own: &Area, wanted: &Area) -> Area {
    let new = Area::from_spans(background_of(map, &wanted.minus(own)));
    wanted.intersection(own).union(&new)
}

#[cfg(test)]
#[path = "displaced_tests.rs"]
mod tests;
