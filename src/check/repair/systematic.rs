//! Repairs of what is wrong with every label: all of a class too large or too small, all of a map moved.

use std::collections::BTreeMap;

use super::cleaning::background_of;
use super::coverage;
use super::distance::{rings, signed_distances};
use super::proposal::{Left, Repair, RepairKind};
use super::shape::{beside, labels_around};
use crate::paint::islands;
use crate::raster::runs::{Run, runs};
use crate::raster::{Area, BACKGROUND, Components, IGNORE, LabelMap, PixelRect, Point, Span};

/// The farthest that regions grow, shrink or move by, px.
pub const MAX_SYSTEMATIC_PX: f64 = 64.0;
/// Pieces with fewer pixels that break off a shrinking region are crumbs of the raster.
const CRUMB_PX: u64 = 3;

/// Grows (`by_px` > 0) or shrinks (`by_px` < 0) the given regions of `components` by a distance in px that need not be whole, at most
/// [`MAX_SYSTEMATIC_PX`]: to take away a bias of +b that the check found, give −b.
///
/// A pixel belongs to the new region when its centre lies inside the outline moved by `by_px`: exact Euclidean distances from the outline
/// of the region, which is smoothed free of pixel stairs, so that fractions count wherever the outline is not straight along the raster.
/// Growing takes background only, leaves a gap of one pixel to other regions of the class, and where two regions grow into the same
/// pixel the first gets it. The border of the image is no boundary: a region that lies at it stays at it. What would vanish or fall
/// apart is left as it is and listed.
#[must_use]
pub fn offset_regions(map: &LabelMap, components: &Components, regions: &[usize], by_px: f64) -> Repair {
    let by_px = if by_px.is_finite() { by_px.clamp(-MAX_SYSTEMATIC_PX, MAX_SYSTEMATIC_PX) } else { 0.0 };
    let mut out = Repair::nothing(RepairKind::Offset { by_px });
    if by_px == 0.0 {
        return out;
    }
    for &region in regions.iter().filter(|&&r| r < components.len()) {
        let runs = components.runs(region);
        let area = Area::of_runs(runs);
        let new = offset(&area, runs, by_px, map.rect());
        if by_px > 0.0 {
            let room = new.minus(&area).minus(&taken(map, &out, &area, new.bounds(), runs[0].value));
            if !room.is_empty() {
                out.add(region, runs, vec![(room, runs[0].value)]);
            }
            continue;
        }
        let before = islands(&area).len();
        let (kept, crumbs): (Vec<Area>, Vec<Area>) = islands(&new).into_iter().partition(|a| a.pixels() >= CRUMB_PX);
        if kept.is_empty() {
            out.left.push((region, Left::Vanishes));
        } else if kept.len() > before {
            out.left.push((region, Left::Splits { pieces: kept.len() }));
        } else {
            let gone = crumbs.iter().fold(area.minus(&new), |gone, crumb| gone.union(crumb));
            if !gone.is_empty() {
                out.add(region, runs, vec![(gone, BACKGROUND)]);
            }
        }
    }
    out
}

/// The pixels whose centre lies inside the outline moved outwards by `by_px`; never fewer than before for growth, nor more for shrinking.
fn offset(area: &Area, runs: &[Run], by_px: f64, image: PixelRect) -> Area {
    let reach = by_px.abs() + 2.0;
    let rect = area.bounds().grown(by_px.max(0.0).ceil() as u32 + 1, image.x1, image.y1);
    let rings: Vec<Vec<Point>> = rings(runs).iter().map(|r| pushed_out(r, image, reach + 2.0)).collect();
    let distances = signed_distances(&rings, area, rect, reach);
    let inside = Area::of_mask(&distances.map(|d| d <= by_px), (rect.x0, rect.y0));
    if by_px > 0.0 { inside.union(area) } else { inside.intersection(area) }
}

/// A ring whose points at the border of the image are moved far beyond it, so that no distance is measured to them.
fn pushed_out(ring: &[Point], image: PixelRect, by: f64) -> Vec<Point> {
    const REACH: f64 = 0.6;
    let (w, h) = (f64::from(image.x1), f64::from(image.y1));
    let push = |v: f64, end: f64| {
        if v < REACH {
            v - by
        } else if v > end - REACH {
            v + by
        } else {
            v
        }
    };
    ring.iter().map(|p| Point::new(push(p.x, w), push(p.y, h))).collect()
}

/// What a growing region must not take: labels, pixels that other regions of the repair have got, and the pixels beside those of its class.
fn taken(map: &LabelMap, repair: &Repair, area: &Area, rect: PixelRect, class: u8) -> Area {
    let rect = rect.grown(1, map.width(), map.height());
    let mut spans = labels_around(map, area, rect, class);
    for (other, value) in &repair.changes {
        let near = other.cut_to(rect);
        if *value == class {
            beside(&near, map.rect(), &mut spans);
        } else {
            spans.extend_from_slice(near.spans());
        }
    }
    Area::from_spans(spans)
}

/// Moves every label of the map by (`dx_px`, `dy_px`), + = right and down, at most [`MAX_SYSTEMATIC_PX`] each: to take away a shift of T that
/// the check found, give −T.
///
/// Sides that run straight along the raster can only move by whole pixels: of them a fraction below one half moves none.
///
/// Whole pixels move exactly; what leaves the image is lost and what comes in is background. A fraction moves the outlines, which are
/// smoothed free of pixel stairs, and a pixel goes to the region that covers most of it, or to none when all together cover less than
/// half. A region that would vanish is left where it is and listed, and nothing is moved over it but other labels. Ignored pixels move as
/// labels do; their regions are counted after those of [`Components::of`].
#[must_use]
pub fn shift_labels(map: &LabelMap, dx_px: f64, dy_px: f64) -> Repair {
    let sound = |v: f64| if v.is_finite() { v.clamp(-MAX_SYSTEMATIC_PX, MAX_SYSTEMATIC_PX) } else { 0.0 };
    let (dx, dy) = (sound(dx_px), sound(dy_px));
    let mut out = Repair::nothing(RepairKind::Shift { dx_px: dx, dy_px: dy });
    if (dx, dy) == (0.0, 0.0) {
        return out;
    }
    let regions = regions_of(map);
    let mut moved = LabelMap::new(map.width(), map.height());
    let own: Vec<Area> = if dx.fract() == 0.0 && dy.fract() == 0.0 {
        whole(&regions, &mut moved, dx, dy)
    } else {
        by_coverage(&regions, &mut moved, dx, dy)
    };
    for (number, ((value, runs), own)) in regions.iter().zip(own).enumerate() {
        let is_there = own.spans().iter().any(|s| (s.x0..s.x1).any(|x| moved.get(x, s.y) == *value));
        if is_there {
            out.note(number, runs);
        } else {
            out.left.push((number, Left::Vanishes));
            for s in background_of(&moved, &Area::of_runs(runs)).spans() {
                moved.fill_span(s.y, s.x0, s.x1, *value);
            }
        }
    }
    out.changes = differences(map, &moved);
    out
}

/// Regions of every value with their runs, those of [`Components::of`] first and in its order, then ignored pixels.
fn regions_of(map: &LabelMap) -> Vec<(u8, Vec<Run>)> {
    let all = runs(map);
    // Ignored pixels make no components; as class 1 they do.
    let ignored: Vec<Run> = all.iter().filter(|r| r.value == IGNORE).map(|r| Run { value: 1, ..*r }).collect();
    let classes = Components::of_runs(&all);
    let classes = classes.iter().map(|r| (r[0].value, r.to_vec()));
    classes.chain(Components::of_runs(&ignored).iter().map(|r| (IGNORE, r.to_vec()))).collect()
}

/// Moves runs by whole pixels; gives what became of each region.
fn whole(regions: &[(u8, Vec<Run>)], map: &mut LabelMap, dx: f64, dy: f64) -> Vec<Area> {
    let (w, h, dx, dy) = (i64::from(map.width()), i64::from(map.height()), dx as i64, dy as i64);
    let moved = |r: &Run| {
        let y = i64::from(r.y) + dy;
        let (x0, x1) = ((i64::from(r.x0) + dx).clamp(0, w), (i64::from(r.x1) + dx).clamp(0, w));
        ((0..h).contains(&y) && x1 > x0).then(|| Span::new(y as u32, x0 as u32, x1 as u32))
    };
    let mut out = Vec::with_capacity(regions.len());
    for (value, runs) in regions {
        let area = Area::from_spans(runs.iter().filter_map(moved).collect());
        area.spans().iter().for_each(|s| map.fill_span(s.y, s.x0, s.x1, *value));
        out.push(area);
    }
    out
}

/// Moves outlines by any distance: each pixel goes to the region that covers most of it, the first of several. Gives for each region the
/// pixels that it covers at all.
fn by_coverage(regions: &[(u8, Vec<Run>)], map: &mut LabelMap, dx: f64, dy: f64) -> Vec<Area> {
    /// Covered as a whole, but for rounding.
    const WHOLE: f64 = 1.0 - 1e-6;
    let (w, h) = (map.width(), map.height());
    // Sum of the shares, largest share, and the value that has it.
    let mut parts: BTreeMap<(u32, u32), (f64, f64, u8)> = BTreeMap::new();
    let mut out = Vec::with_capacity(regions.len());
    for (value, runs) in regions {
        let moved = |p: Point| Point::new(p.x + dx, p.y + dy);
        let rings: Vec<Vec<Point>> = rings(runs).into_iter().map(|r| r.into_iter().map(moved).collect()).collect();
        let mut spans = Vec::new();
        coverage::for_each_stretch(&rings, w, h, |y, x0, x1, share| {
            spans.push(Span::new(y, x0, x1));
            if share >= WHOLE {
                map.fill_span(y, x0, x1, *value);
                return;
            }
            for x in x0..x1 {
                let part = parts.entry((y, x)).or_insert((0.0, 0.0, BACKGROUND));
                part.0 += share;
                if share > part.1 + 1e-9 {
                    (part.1, part.2) = (share, *value);
                }
            }
        });
        out.push(Area::from_spans(spans));
    }
    for ((y, x), (sum, _, value)) in parts {
        if sum >= coverage::HALF && map.get(x, y) == BACKGROUND {
            map.fill_span(y, x, x + 1, value);
        }
    }
    out
}

/// What to write so that `old` becomes `new`, one area for each value.
fn differences(old: &LabelMap, new: &LabelMap) -> Vec<(Area, u8)> {
    let mut spans: BTreeMap<u8, Vec<Span>> = BTreeMap::new();
    let bounds =
        |map: &LabelMap| runs(map).iter().fold(PixelRect::EMPTY, |all, r| all.union(PixelRect::new(r.x0, r.y, r.x1, r.y + 1)));
    let rect = bounds(old).union(bounds(new));
    for y in rect.y0..rect.y1 {
        let row = PixelRect::new(rect.x0, y, rect.x1, y + 1);
        let (was, is) = (old.crop(row), new.crop(row));
        for (x, (was, is)) in (rect.x0..).zip(was.as_slice().iter().zip(is.as_slice())) {
            if was != is {
                spans.entry(*is).or_default().push(Span::new(y, x, x + 1));
            }
        }
    }
    spans.into_iter().map(|(value, spans)| (Area::from_spans(spans), value)).collect()
}
