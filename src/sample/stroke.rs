//! Line-like shapes of changing width: scratches and cracks. A stroke is a chain of tapered capsules.

use super::footprint::{Footprint, SUBSAMPLES, pixel_box, sub_centre};

/// A point of the centre line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub x: f32,
    pub y: f32,
    /// Half of the width there, in pixels.
    pub half: f32,
}

/// A centre line with its widths; at least two nodes.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub nodes: Vec<Node>,
    /// Area that the path shares with the one it grows out of, in px²; 0 for a path of its own.
    pub shared_area: f32,
    /// The start lies inside another path, so it has no cap of its own.
    pub is_branch: bool,
}

impl Path {
    /// Length of the centre line in pixels, from node to node.
    pub fn centre_length(&self) -> f32 {
        self.nodes.windows(2).map(|n| (n[1].x - n[0].x).hypot(n[1].y - n[0].y)).sum()
    }

    /// Length from tip to tip, with the round ends.
    pub fn tip_to_tip(&self) -> f32 {
        let ends = self.nodes.first().map_or(0.0, |n| n.half) + self.nodes.last().map_or(0.0, |n| n.half);
        self.centre_length() + ends
    }

    /// Area in px²: the tapered pieces, a half disc at every free end, less what is shared with the parent. What two pieces share on
    /// the inner side of a bend equals, to third order in the angle, the gap that the round joint fills on the outer side.
    pub fn area(&self) -> f32 {
        let pieces: f32 = self.nodes.windows(2).map(|n| (n[1].x - n[0].x).hypot(n[1].y - n[0].y) * (n[0].half + n[1].half)).sum();
        let cap = |n: Option<&Node>| n.map_or(0.0, |n| 0.5 * std::f32::consts::PI * n.half * n.half);
        let start = if self.is_branch { 0.0 } else { cap(self.nodes.first()) };
        pieces + start + cap(self.nodes.last()) - self.shared_area
    }
}

/// Where a sample lies in a stroke.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Distance to the edge of the stroke in pixels, negative inside.
    pub gap: f32,
    /// Position across: −1 at one edge, 0 on the centre line, 1 at the other.
    pub across: f32,
    /// Unit normal of the centre line, towards positive `across`.
    pub normal: (f32, f32),
    /// Position along the path in pixels.
    pub along: f32,
}

const FAR: Place = Place { gap: f32::MAX, across: 0.0, normal: (0.0, 0.0), along: 0.0 };

/// Puts strokes on the pixel grid; `gain` gives the relative change of brightness for a place inside.
pub(super) fn footprint(paths: &[Path], gain: impl Fn(Place) -> f32) -> Footprint {
    let nodes = || paths.iter().flat_map(|p| &p.nodes);
    let low = |f: fn(&Node) -> f32| nodes().map(|n| f(n) - n.half - 1.0).fold(f32::MAX, f32::min);
    let high = |f: fn(&Node) -> f32| nodes().map(|n| f(n) + n.half + 1.0).fold(f32::MIN, f32::max);
    let (min, max) = ((low(|n| n.x), low(|n| n.y)), (high(|n| n.x), high(|n| n.y)));
    let rect = pixel_box(min, max);
    let columns = (rect.width() * SUBSAMPLES) as usize;
    let mut places = vec![FAR; columns * (rect.height() * SUBSAMPLES) as usize];

    for path in paths {
        let mut along = 0.0;
        for pair in path.nodes.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let length = dx.hypot(dy);
            if length <= 0.0 {
                continue;
            }
            let reach = a.half.max(b.half) + 1.0;
            let part = pixel_box((a.x.min(b.x) - reach, a.y.min(b.y) - reach), (a.x.max(b.x) + reach, a.y.max(b.y) + reach))
                .intersection(rect);
            if part.is_empty() {
                continue;
            }
            for sy in (part.y0 - rect.y0) * SUBSAMPLES..(part.y1 - rect.y0) * SUBSAMPLES {
                let y = sub_centre(rect.y0 + sy / SUBSAMPLES, sy % SUBSAMPLES);
                for sx in (part.x0 - rect.x0) * SUBSAMPLES..(part.x1 - rect.x0) * SUBSAMPLES {
                    let x = sub_centre(rect.x0 + sx / SUBSAMPLES, sx % SUBSAMPLES);
                    let t = (((x - a.x) * dx + (y - a.y) * dy) / (length * length)).clamp(0.0, 1.0);
                    let (ex, ey) = (x - a.x - t * dx, y - a.y - t * dy);
                    let half = a.half + t * (b.half - a.half);
                    let gap = ex.hypot(ey) - half;
                    let place = &mut places[sy as usize * columns + sx as usize];
                    if gap < place.gap {
                        let normal = (-dy / length, dx / length);
                        let across = ((ex * normal.0 + ey * normal.1) / half).clamp(-1.0, 1.0);
                        *place = Place { gap, across, normal, along: along + t * length };
                    }
                }
            }
            along += length;
        }
    }

    Footprint::sample(min, max, |x, y| {
        let sx = ((x - rect.x0 as f32) * SUBSAMPLES as f32) as usize;
        let sy = ((y - rect.y0 as f32) * SUBSAMPLES as f32) as usize;
        let place = places[sy * columns + sx];
        if place.gap < 0.0 { (true, gain(place)) } else { (false, 0.0) }
    })
}
