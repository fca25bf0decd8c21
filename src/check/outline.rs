//! The outline of a region as the check needs it: contour points about 1 px apart, smoothed free of pixel stairs, with outward normals.

use std::ops::Range;

use super::gauss;
use crate::raster::contour::{self, Contour};
use crate::raster::geometry::Point;
use crate::raster::runs::Run;

/// Contours with fewer cracks than this carry no shape; a single pixel has four.
const MIN_CRACKS: usize = 8;

/// Points of all contours of a region, the longest contour first. Coordinates in image space, px.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    /// Unit normals that point out of the region (into the hole, for a hole).
    pub nx: Vec<f64>,
    pub ny: Vec<f64>,
    /// One range of points per contour.
    pub contours: Vec<Range<usize>>,
}

impl Outline {
    /// Mid-crack contours, resampled at about `spacing` = 1 px of arc, smoothed by 2G − G² (σ = 1 sample) which takes the stairs away
    /// and hardly any radius; normals from positions smoothed with σ = 2 samples.
    pub fn of(runs: &[Run]) -> Self {
        let mut contours = contour::mid_cracks(runs);
        contours.retain(|c| c.points.len() >= MIN_CRACKS);
        contours.sort_by_key(|c| std::cmp::Reverse(c.points.len()));
        let mut out = Self::default();
        for c in &contours {
            out.push(c);
        }
        out
    }

    fn push(&mut self, contour: &Contour) {
        let (x, y) = resampled(&contour.points);
        if x.len() < MIN_CRACKS {
            return;
        }
        let (x, y) = (without_stairs(&x), without_stairs(&y));
        let (sx, sy) = (gauss::smooth_ring(&x, 2.0), gauss::smooth_ring(&y, 2.0));
        let n = x.len();
        for i in 0..n {
            let (before, after) = ((i + n - 1) % n, (i + 1) % n);
            let (tx, ty) = (sx[after] - sx[before], sy[after] - sy[before]);
            let length = tx.hypot(ty).max(1e-9);
            // The region lies to the right hand of the way, so outside is to the left.
            self.nx.push(ty / length);
            self.ny.push(-tx / length);
        }
        let start = self.x.len();
        self.contours.push(start..start + n);
        self.x.extend(x);
        self.y.extend(y);
    }

    pub const fn len(&self) -> usize {
        self.x.len()
    }

    /// Point `i`, moved by `along` px along its normal.
    pub fn moved(&self, i: usize, along: f64) -> Point {
        Point::new(self.x[i] + along * self.nx[i], self.y[i] + along * self.ny[i])
    }

    /// Enclosed area (px², negative for a hole that is one) and length (px) of contour `c` with each of its points moved along its
    /// normal; `along` has one distance per point of the contour.
    pub fn area_and_length(&self, c: &Range<usize>, along: &[f64]) -> (f64, f64) {
        let (mut area, mut length) = (0.0, 0.0);
        let Some((last, by)) = c.clone().last().zip(along.last()) else { return (0.0, 0.0) };
        let mut before = self.moved(last, *by);
        for (i, by) in c.clone().zip(along) {
            let p = self.moved(i, *by);
            area += before.x * p.y - p.x * before.y;
            length += before.distance(p);
            before = p;
        }
        (area / 2.0, length)
    }
}

/// Points at equal distances, about 1 px, along the closed line through `points`.
fn resampled(points: &[Point]) -> (Vec<f64>, Vec<f64>) {
    let n = points.len();
    let length: f64 = (0..n).map(|i| points[i].distance(points[(i + 1) % n])).sum();
    let count = (length.round() as usize).max(MIN_CRACKS);
    let spacing = length / count as f64;
    let (mut x, mut y) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut at = 0.0;
    for i in 0..n {
        let (a, b) = (points[i], points[(i + 1) % n]);
        let step = a.distance(b);
        while x.len() < count && (x.len() as f64) * spacing < at + step {
            let f = (x.len() as f64 * spacing - at) / step;
            x.push(a.x + f * (b.x - a.x));
            y.push(a.y + f * (b.y - a.y));
        }
        at += step;
    }
    (x, y)
}

/// 2G − G² with σ = 1 sample: a low-pass whose response is flat at low frequency, so that small circles keep their radius.
fn without_stairs(values: &[f64]) -> Vec<f64> {
    let once = gauss::smooth_ring(values, 1.0);
    let rest: Vec<f64> = values.iter().zip(&once).map(|(v, s)| v - s).collect();
    let mut out = gauss::smooth_ring(&rest, 1.0);
    out.iter_mut().zip(&once).for_each(|(v, s)| *v += s);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(cx: f64, cy: f64, r: f64) -> Vec<Run> {
        let mut runs = Vec::new();
        for y in 0..100_u32 {
            let h = (r * r - (f64::from(y) + 0.5 - cy).powi(2)).max(0.0).sqrt();
            let (x0, x1) = ((cx - h - 0.5).ceil() as u32, (cx + h - 0.5).floor() as u32 + 1);
            if h > 0.0 && x1 > x0 {
                runs.push(Run { y, x0, x1, value: 1 });
            }
        }
        runs
    }

    #[test]
    fn a_disk_keeps_its_circle_and_its_normals_point_outwards() {
        let outline = Outline::of(&disk(50.3, 49.6, 20.0));
        assert_eq!(outline.contours.len(), 1);
        let mut mean = 0.0;
        for i in 0..outline.len() {
            let (dx, dy) = (outline.x[i] - 50.3, outline.y[i] - 49.6);
            let r = dx.hypot(dy);
            mean += r / outline.len() as f64;
            assert!((r - 20.0).abs() < 0.6, "point {i} at radius {r}");
            assert!((dx * outline.nx[i] + dy * outline.ny[i]) / r > 0.97);
            let next = (i + 1) % outline.len();
            let step = (outline.x[next] - outline.x[i]).hypot(outline.y[next] - outline.y[i]);
            assert!((0.8..1.2).contains(&step), "step {step}");
        }
        assert!((mean - 20.0).abs() < 0.06, "mean radius {mean}");
        let (area, length) = outline.area_and_length(&outline.contours[0], &vec![0.0; outline.len()]);
        assert!((area - std::f64::consts::PI * 400.0).abs() < 8.0, "{area}");
        assert!((length - std::f64::consts::TAU * 20.0).abs() < 2.5, "{length}");
    }

    #[test]
    fn a_pixel_has_no_outline() {
        assert_eq!(Outline::of(&[Run { y: 3, x0: 4, x1: 5, value: 1 }]).len(), 0);
        assert_eq!(Outline::of(&[]).len(), 0);
    }
}
