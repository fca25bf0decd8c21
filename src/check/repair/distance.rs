//! Signed distances of pixel centres from the outline of a region, finer than pixels.

use crate::check::outline::Outline;
use crate::raster::contour::mid_cracks;
use crate::raster::runs::Run;
use crate::raster::{Area, PixelRect, Plane, Point};

/// The outlines of a region as closed rings: smoothed free of pixel stairs as the boundary check does; those of fewer than 8 cracks as they are.
pub(super) fn rings(runs: &[Run]) -> Vec<Vec<Point>> {
    const TRACED_CRACKS: usize = 8;
    let outline = Outline::of(runs);
    let mut out: Vec<Vec<Point>> = outline.contours.iter().map(|c| c.clone().map(|i| outline.moved(i, 0.0)).collect()).collect();
    out.extend(mid_cracks(runs).into_iter().filter(|c| c.points.len() < TRACED_CRACKS).map(|c| c.points));
    out
}

/// Distance of every pixel centre of `rect` from the rings, px, up to `reach_px`; larger ones are `reach_px`. − inside `area`.
///
/// The distance to the nearest side, exact; the sign is that of the pixel. Work grows with the length of the rings × reach².
pub(super) fn signed_distances(rings: &[Vec<Point>], area: &Area, rect: PixelRect, reach_px: f64) -> Plane<f64> {
    let mut out = Plane::filled(rect.width(), rect.height(), reach_px);
    let index = |v: f64, from: u32, size: u32| (v - f64::from(from) - 0.5).clamp(-1.0, f64::from(size)) as i64;
    for ring in rings {
        for (i, &a) in ring.iter().enumerate() {
            let b = ring[(i + 1) % ring.len()];
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let squared = (dx * dx + dy * dy).max(1e-18);
            let x0 = index((a.x.min(b.x) - reach_px).floor(), rect.x0, rect.width()).max(0);
            let x1 = index((a.x.max(b.x) + reach_px).ceil() + 1.0, rect.x0, rect.width()).min(i64::from(rect.width()) - 1);
            let y0 = index((a.y.min(b.y) - reach_px).floor(), rect.y0, rect.height()).max(0);
            let y1 = index((a.y.max(b.y) + reach_px).ceil() + 1.0, rect.y0, rect.height()).min(i64::from(rect.height()) - 1);
            for y in y0..=y1 {
                let py = f64::from(rect.y0) + y as f64 + 0.5 - a.y;
                let row = out.row_mut(y as u32);
                for x in x0..=x1 {
                    let px = f64::from(rect.x0) + x as f64 + 0.5 - a.x;
                    let t = ((px * dx + py * dy) / squared).clamp(0.0, 1.0);
                    let (ex, ey) = (px - t * dx, py - t * dy);
                    let d = (ex * ex + ey * ey).sqrt();
                    let target = &mut row[x as usize];
                    *target = target.min(d);
                }
            }
        }
    }
    for s in area.cut_to(rect).spans() {
        out.row_mut(s.y - rect.y0)[(s.x0 - rect.x0) as usize..(s.x1 - rect.x0) as usize].iter_mut().for_each(|d| *d = -*d);
    }
    out
}
