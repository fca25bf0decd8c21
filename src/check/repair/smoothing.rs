//! Smoothing of jagged outlines that keeps the area.

use super::coverage::half_covered;
use super::proposal::{Left, Repair, RepairKind};
use crate::check::gauss;
use crate::paint::{holes, islands};
use crate::raster::contour::mid_cracks;
use crate::raster::runs::Run;
use crate::raster::{Area, BACKGROUND, Components, LabelMap, Point};

/// The largest smoothing, px.
pub const MAX_SMOOTHING_PX: f64 = 16.0;
/// The area of a region may change by this much, in percent.
pub const MOST_AREA_PERCENT: f64 = 1.0;

/// Smooths the outlines of the given regions of `components`: of steps and jags that are 4 · `sigma_px` long along the outline half is
/// left, of shorter ones less, of longer ones more.
///
/// Each contour is smoothed along its length by a Gaussian of `sigma_px` px twice, the second time what the first took away (2G − G², which
/// hardly shrinks), then moved along its normals until it encloses the area of the pixels, and rasterised by exact coverage. Other labels
/// are not touched. A region whose area would change by more than 1 %, or that would lose a piece or a hole, is left as it is and listed.
#[must_use]
pub fn smooth_regions(map: &LabelMap, components: &Components, regions: &[usize], sigma_px: f64) -> Repair {
    let mut out = Repair::nothing(RepairKind::Smooth);
    let sigma = if sigma_px > 0.0 { sigma_px.min(MAX_SMOOTHING_PX) } else { return out };
    for &region in regions.iter().filter(|&&r| r < components.len()) {
        let runs = components.runs(region);
        let area = Area::of_runs(runs);
        let new = smoothed(runs, sigma, map);
        let (new, free) = (new.clone(), super::cleaning::background_of(map, &new.minus(&area)));
        let new = new.intersection(&area).union(&free);
        let percent = 100.0 * (new.pixels() as f64 / area.pixels() as f64 - 1.0);
        let pieces = islands(&new).len();
        if new.is_empty() || pieces != islands(&area).len() {
            out.left.push((region, if new.is_empty() { Left::Vanishes } else { Left::Splits { pieces } }));
        } else if percent.abs() > MOST_AREA_PERCENT {
            out.left.push((region, Left::Area { percent }));
        } else if holes(&new).len() != holes(&area).len() {
            out.left.push((region, Left::Holes));
        } else if new != area {
            out.add(region, runs, vec![(area.minus(&new), BACKGROUND), (new.minus(&area), runs[0].value)]);
        }
    }
    out
}

fn smoothed(runs: &[Run], sigma: f64, map: &LabelMap) -> Area {
    let contours = mid_cracks(runs);
    let rings: Vec<Vec<Point>> = contours.iter().map(|c| smoothed_ring(&c.points, sigma, map)).collect();
    half_covered(&rings, map.width(), map.height())
}

/// A ring without its steps, enclosing the area of the pixels that it came from. Points at the border of the image stay there.
fn smoothed_ring(points: &[Point], sigma: f64, map: &LabelMap) -> Vec<Point> {
    const REACH: f64 = 0.6;
    // Too short to have a shape: what is smoothed must be longer than the kernel.
    let n = points.len();
    if (n as f64) < 4.0 * sigma || n < 8 {
        return points.to_vec();
    }
    let smooth = |values: &[f64]| {
        let once = gauss::smooth_ring(values, sigma);
        let rest: Vec<f64> = values.iter().zip(&once).map(|(v, s)| v - s).collect();
        gauss::smooth_ring(&rest, sigma).iter().zip(&once).map(|(r, s)| r + s).collect::<Vec<f64>>()
    };
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().map(|p| (p.x, p.y)).unzip();
    let (x, y) = (smooth(&x), smooth(&y));
    let mut ring: Vec<Point> = x.into_iter().zip(y).map(|(x, y)| Point::new(x, y)).collect();
    // The mid-crack line cuts an eighth of a pixel off at each turn; the pixels themselves have the area of their corners.
    let wanted = twice_area_of_pixels(points);
    for _ in 0..3 {
        let (area, length) = (twice_area(&ring), length(&ring));
        let by = (wanted - area) / 2.0 / length.max(1e-9);
        ring = moved(&ring, by);
    }
    let (w, h) = (f64::from(map.width()), f64::from(map.height()));
    for (target, p) in ring.iter_mut().zip(points) {
        if p.x < REACH || p.x > w - REACH {
            target.x = p.x;
        }
        if p.y < REACH || p.y > h - REACH {
            target.y = p.y;
        }
    }
    ring
}

/// Twice the signed area that the cracks enclose, whose middles the points are: the corner between two cracks adds what the straight way
/// between their middles cuts off.
fn twice_area_of_pixels(points: &[Point]) -> f64 {
    let n = points.len();
    let is_level = |p: Point| p.y.fract() == 0.0;
    let corners = (0..n).map(|i| {
        let (a, b) = (points[i], points[(i + 1) % n]);
        let corner = if is_level(a) { Point::new(b.x, a.y) } else { Point::new(a.x, b.y) };
        if is_level(a) == is_level(b) { 0.0 } else { cross(a, corner) + cross(corner, b) - cross(a, b) }
    });
    twice_area(points) + corners.sum::<f64>()
}

fn cross(a: Point, b: Point) -> f64 {
    a.x * b.y - b.x * a.y
}

fn twice_area(ring: &[Point]) -> f64 {
    (0..ring.len()).map(|i| cross(ring[i], ring[(i + 1) % ring.len()])).sum()
}

fn length(ring: &[Point]) -> f64 {
    (0..ring.len()).map(|i| ring[i].distance(ring[(i + 1) % ring.len()])).sum()
}

/// Every point `by` px outwards; outside lies to the left of the way.
fn moved(ring: &[Point], by: f64) -> Vec<Point> {
    let n = ring.len();
    (0..n)
        .map(|i| {
            let (a, b) = (ring[(i + n - 1) % n], ring[(i + 1) % n]);
            let d = a.distance(b).max(1e-9);
            Point::new(ring[i].x + by * (b.y - a.y) / d, ring[i].y - by * (b.x - a.x) / d)
        })
        .collect()
}
