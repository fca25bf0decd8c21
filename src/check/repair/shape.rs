//! What a region keeps when its boundary moves: its pieces, its holes, its neighbours and what must not be touched.

use super::snap::SnapRefusal;
use crate::check::analysis::Scene;
use crate::check::boundary::BoundaryResult;
use crate::check::repair::moving::is_on_border;
use crate::paint::{holes, islands};
use crate::raster::runs::{Run, runs_in};
use crate::raster::{Area, BACKGROUND, LabelMap, PixelRect, Span};

/// Pieces with less than this share of the region are crumbs of the raster.
const CRUMB: f64 = 0.05;
/// Contours with fewer cracks are not traced by the check.
const TRACED_CRACKS: usize = 8;
/// How far beyond the region neighbours are looked for, px; more than any contour moves.
const MARGIN: u32 = 34;
/// Pixels this near to a point that cannot be judged stay as they are, px.
const HOLD: f64 = 1.5;

pub(super) struct Shape {
    original: Area,
    /// Pixels that the region must not take.
    walls: Area,
    pieces: usize,
    /// Fragments and holes without a contour of their own.
    loose: Area,
    pinholes: Area,
    /// Holes that have a contour.
    holes: Vec<Area>,
}

impl Shape {
    pub fn new(scene: &Scene<'_>, runs: &[Run]) -> Self {
        let original = Area::of_runs(runs);
        let is_traced = |a: &Area| a.contours().iter().any(|c| c.points.len() >= TRACED_CRACKS);
        let (traced, loose): (Vec<Area>, Vec<Area>) = islands(&original).into_iter().partition(is_traced);
        let (holes, pinholes): (Vec<Area>, Vec<Area>) = holes(&original).into_iter().partition(is_traced);
        let joined = |all: Vec<Area>| Area::from_spans(all.iter().flat_map(|a| a.spans().to_vec()).collect());
        let walls = walls(scene, &original, runs.first().map_or(BACKGROUND, |r| r.value));
        Self { walls, pieces: traced.len(), loose: joined(loose), pinholes: joined(pinholes), holes, original }
    }

    /// Pixels of the region before anything moved.
    pub fn pixels(&self) -> u64 {
        self.original.pixels()
    }

    /// The moved region `area` without what it must not take, crumbs and slips. `from`: the region before this move, and what the check
    /// said about it.
    pub fn settle(&self, area: Area, from: &Area, result: &BoundaryResult, image: PixelRect) -> Result<Area, SnapRefusal> {
        let held = held(result, image);
        let area = if held.is_empty() { area } else { area.minus(&held).union(&from.intersection(&held)) };
        let area = area.union(&self.loose).minus(&self.walls.minus(&self.original)).minus(&self.pinholes);
        let area = self.without_new_holes(area)?;
        let pieces = islands(&area);
        let least = CRUMB * area.pixels() as f64;
        let is_piece = |a: &Area| a.pixels() as f64 >= least || !a.intersection(&self.loose).is_empty();
        let (kept, crumbs): (Vec<Area>, Vec<Area>) = pieces.into_iter().partition(is_piece);
        let large = kept.iter().filter(|a| a.intersection(&self.loose).is_empty()).count();
        if large > self.pieces {
            return Err(SnapRefusal::Splits { pieces: large });
        }
        // Fragments of a region that was one of many pieces may be small.
        if self.pieces > 1 {
            return Ok(area);
        }
        Ok(crumbs.iter().fold(area, |area, crumb| area.minus(crumb)))
    }

    /// Holes that were there stay; others come from contours that cross and are filled.
    fn without_new_holes(&self, area: Area) -> Result<Area, SnapRefusal> {
        let now = holes(&area);
        let mut kept = vec![false; self.holes.len()];
        let mut fill = Vec::new();
        for hole in now {
            let old = self.holes.iter().position(|h| !h.intersection(&hole).is_empty());
            match old {
                Some(i) => kept[i] = true,
                None if hole.intersection(&self.pinholes).is_empty() => fill.extend_from_slice(hole.spans()),
                None => {}
            }
        }
        if kept.contains(&false) {
            return Err(SnapRefusal::ClosesHole);
        }
        Ok(if fill.is_empty() { area } else { area.union(&Area::from_spans(fill).minus(&self.walls)) })
    }

    /// The map with the region as it would be.
    pub fn on_map(&self, map: &LabelMap, area: &Area, class: u8) -> LabelMap {
        let mut out = map.clone();
        for (part, value) in [(self.original.minus(area), BACKGROUND), (area.minus(&self.original), class)] {
            for s in part.spans() {
                out.fill_span(s.y, s.x0, s.x1, value);
            }
        }
        out
    }
}

/// Pixels beside points that the check could not look from; at the border of the image there is nothing to keep.
fn held(result: &BoundaryResult, image: PixelRect) -> Area {
    let points = result.points.iter().filter(|p| p.is_blocked && !is_on_border(p, image));
    let mut spans = Vec::new();
    for p in points {
        let (x, y) = (p.position.x, p.position.y);
        for row in (y - HOLD).max(0.0) as u32..((y + HOLD).max(0.0) as u32 + 1).min(image.y1) {
            spans.push(Span::new(row, (x - HOLD).max(0.0) as u32, ((x + HOLD).max(0.0) as u32 + 1).min(image.x1)));
        }
    }
    Area::from_spans(spans)
}

/// Other labels, what lies off the part, and pixels beside another region of the same class unless the two touch already there.
fn walls(scene: &Scene<'_>, original: &Area, class: u8) -> Area {
    let map = scene.map();
    let rect = original.bounds().grown(MARGIN, map.width(), map.height());
    let mut spans = labels_around(map, original, rect, class);
    if let Some(part) = scene.part() {
        for y in rect.y0..rect.y1 {
            let mut x = rect.x0;
            while x < rect.x1 {
                let start = x;
                while x < rect.x1 && part.get(x, y) == BACKGROUND {
                    x += 1;
                }
                if x > start {
                    spans.push(Span::new(y, start, x));
                }
                x += 1;
            }
        }
    }
    Area::from_spans(spans)
}

/// Pixels of `rect` that have a label and are not in `area`, and the pixels beside those of `class`, with which `area` would hang together.
pub(super) fn labels_around(map: &LabelMap, area: &Area, rect: PixelRect, class: u8) -> Vec<Span> {
    let runs = runs_in(map, rect);
    let mut spans = Area::of_runs(&runs).minus(area).spans().to_vec();
    let own: Vec<Run> = runs.into_iter().filter(|r| r.value == class).collect();
    beside(&Area::of_runs(&own).minus(area), map.rect(), &mut spans);
    spans
}

/// Adds the pixels beside an area, across corners too, and its own.
pub(super) fn beside(area: &Area, image: PixelRect, spans: &mut Vec<Span>) {
    for s in area.spans() {
        let rows = s.y.saturating_sub(1)..(s.y + 2).min(image.y1);
        spans.extend(rows.map(|y| Span::new(y, s.x0.saturating_sub(1), (s.x1 + 1).min(image.x1))));
    }
}
