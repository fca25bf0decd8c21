//! Cleaning without a photo: specks, pinholes, gaps between labels of one class, and what lies off the part.

use super::proposal::{Left, Repair, RepairKind};
use crate::paint::{close, grow, holes, islands};
use crate::raster::distance::squared_distances;
use crate::raster::runs::runs_in;
use crate::raster::{Area, BACKGROUND, Components, IGNORE, LabelMap, PixelRect, Span};

/// Specks this near to another region are joined to it, px between pixel centres along the nearer way.
const JOIN_PX: f64 = 2.0;
/// The widest gap that is closed, px.
const MAX_GAP_PX: f64 = 32.0;

/// What to do with a speck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeckRepair {
    /// Its pixels become background.
    Delete,
    /// It joins the nearest region at most 2 px away, of its own class first: it gets that class, and the pixels between them too. One that
    /// has no such neighbour is left as it is and listed.
    Join,
}

/// Deletes or joins the given regions of `components`, whatever their size: the caller knows which ones are specks.
#[must_use]
pub fn repair_specks(map: &LabelMap, components: &Components, specks: &[usize], how: SpeckRepair) -> Repair {
    let mut out = Repair::nothing(RepairKind::Specks);
    for &region in specks.iter().filter(|&&r| r < components.len()) {
        let runs = components.runs(region);
        let speck = Area::of_runs(runs);
        match how {
            SpeckRepair::Delete => out.add(region, runs, vec![(speck, BACKGROUND)]),
            SpeckRepair::Join => match nearest(map, &speck, runs[0].value) {
                Some((class, bridge)) => {
                    let area = if class == runs[0].value { bridge } else { speck.union(&bridge) };
                    out.add(region, runs, vec![(area, class)]);
                }
                None => out.left.push((region, Left::NoNeighbour)),
            },
        }
    }
    out
}

/// Class of the nearest region and the background pixels on the straight way to it.
fn nearest(map: &LabelMap, speck: &Area, class: u8) -> Option<(u8, Area)> {
    let rect = speck.bounds().grown(JOIN_PX.ceil() as u32, map.width(), map.height());
    let others: Vec<(u32, u32, u8)> = runs_in(map, rect)
        .into_iter()
        .filter(|r| r.value != IGNORE)
        .flat_map(|r| (r.x0..r.x1).map(move |x| (x, r.y, r.value)))
        .filter(|&(x, y, _)| !speck.contains(x, y))
        .collect();
    let own = speck.spans().iter().flat_map(|s| (s.x0..s.x1).map(move |x| (x, s.y)));
    let squared = |a: u32, b: u32| f64::from(a.abs_diff(b)).powi(2);
    let pairs =
        own.flat_map(|(x, y)| others.iter().map(move |&(u, v, value)| (squared(x, u) + squared(y, v), (x, y), (u, v), value)));
    let near = pairs.filter(|p| p.0 <= JOIN_PX * JOIN_PX);
    let (_, (x, y), (u, v), value) = near.min_by(|a, b| (a.3 != class).cmp(&(b.3 != class)).then(a.0.total_cmp(&b.0)))?;
    // Two pixels at most 2 px apart have at most one between them.
    let between = (u32::midpoint(x, u), u32::midpoint(y, v));
    let is_free = map.get(between.0, between.1) == BACKGROUND;
    let bridge =
        if is_free { Area::of_rect(PixelRect::new(between.0, between.1, between.0 + 1, between.1 + 1)) } else { Area::new() };
    Some((value, bridge))
}

/// Fills holes of fewer than `below_px` pixels in the given regions of `components`; a hole that holds another label is none.
#[must_use]
pub fn fill_pinholes(map: &LabelMap, components: &Components, regions: &[usize], below_px: u64) -> Repair {
    let mut out = Repair::nothing(RepairKind::Pinholes);
    for &region in regions.iter().filter(|&&r| r < components.len()) {
        let runs = components.runs(region);
        let small = holes(&Area::of_runs(runs)).into_iter().filter(|h| h.pixels() < below_px && is_background(map, h));
        let filled: Vec<_> = small.flat_map(|h| h.spans().to_vec()).collect();
        if !filled.is_empty() {
            out.add(region, runs, vec![(Area::from_spans(filled), runs[0].value)]);
        }
    }
    out
}

fn is_background(map: &LabelMap, area: &Area) -> bool {
    area.spans().iter().all(|s| (s.x0..s.x1).all(|x| map.get(x, s.y) == BACKGROUND))
}

/// Closes thin background between regions of `class`: every background pixel on a straight way of at most `gap_px` px of background (at
/// most 32) from one region to another, where the gap is bounded on both sides. Other labels are not touched.
#[must_use]
pub fn close_gaps(map: &LabelMap, components: &Components, class: u8, gap_px: f64) -> Repair {
    let mut out = Repair::nothing(RepairKind::Gaps);
    let own: Vec<usize> = (0..components.len()).filter(|&i| components.value(i) == class).collect();
    if own.len() < 2 || gap_px <= 0.0 || gap_px.is_nan() {
        return out;
    }
    let gap_px = gap_px.min(MAX_GAP_PX);
    let areas: Vec<Area> = own.iter().map(|&i| Area::of_runs(components.runs(i))).collect();
    let all = Area::from_spans(areas.iter().flat_map(|a| a.spans().to_vec()).collect());
    // Pixel centres on both sides of a gap of g pixels are g + 1 apart; a disc that reaches half of that meets in the middle.
    let (w, h) = (map.width(), map.height());
    let reach = f64::midpoint(gap_px, 1.0).max(1.0);
    let free = background_of(map, &close(&all, reach, w, h).minus(&all));
    for piece in islands(&free) {
        let near = grow(&piece, gap_px + 1.0, w, h);
        let sides: Vec<usize> = (0..own.len()).filter(|&i| !areas[i].intersection(&near).is_empty()).collect();
        if sides.len() < 2 {
            continue;
        }
        let rect = near.bounds();
        let distances: Vec<_> = sides.iter().map(|&i| squared_distances(&areas[i].mask(rect).map(|v| !v))).collect();
        let is_between = |x: u32, y: u32| {
            let (mut first, mut second) = (f64::INFINITY, f64::INFINITY);
            for d in distances.iter().map(|d| f64::from(d.at(x - rect.x0, y - rect.y0)).sqrt()) {
                if d < first {
                    (first, second) = (d, first);
                } else {
                    second = second.min(d);
                }
            }
            first + second <= gap_px + 1.0 + 1e-9
        };
        let columns = |s: &Span| s.x0..s.x1;
        let pixels =
            piece.spans().iter().flat_map(|s| columns(s).filter(|&x| is_between(x, s.y)).map(|x| Span::new(s.y, x, x + 1)));
        let closed = Area::from_spans(pixels.collect());
        if !closed.is_empty() {
            let first = own[sides[0]];
            out.add(first, components.runs(first), vec![(closed, class)]);
        }
    }
    out
}

pub(super) fn background_of(map: &LabelMap, area: &Area) -> Area {
    let mut spans = Vec::new();
    for s in area.spans() {
        let row = map.crop(PixelRect::new(s.x0, s.y, s.x1, s.y + 1));
        spans.extend_from_slice(Area::of_mask(&row.map(|v| v == BACKGROUND), (s.x0, s.y)).spans());
    }
    Area::from_spans(spans)
}

/// Takes away what lies off the part: pixels where `part` has 0, or that it does not reach. A region that lies off the part as a whole is
/// left as it is and listed: that is for a person to decide.
#[must_use]
pub fn clip_to_part(part: &LabelMap, components: &Components, regions: &[usize]) -> Repair {
    let mut out = Repair::nothing(RepairKind::Clip);
    for &region in regions.iter().filter(|&&r| r < components.len()) {
        let runs = components.runs(region);
        let area = Area::of_runs(runs);
        let on = runs_in(part, area.bounds()).into_iter().map(|r| Span::new(r.y, r.x0, r.x1)).collect();
        let off = area.minus(&Area::from_spans(on));
        if off == area {
            out.left.push((region, Left::Vanishes));
        } else if !off.is_empty() {
            out.add(region, runs, vec![(off, BACKGROUND)]);
        }
    }
    out
}
