//! The part as its drawing gives it: outlines as signed distances in pixels, heights, and the zone map.
//!
//! Positions are in image space (pixels from the outer corner of pixel (0, 0)); the fixture holds every part in the same place.

use crate::raster::{LabelMap, Plane};

use super::stamp;
use super::{HEIGHT, WIDTH, zone};

/// Centre and half size of the plate, its corner radius.
const PLATE: RoundedBox = RoundedBox { x: 256.0, y: 192.0, half_w: 236.0, half_h: 173.0, radius: 36.0 };
/// The recess with the cast floor.
pub(super) const POCKET: RoundedBox = RoundedBox { x: 377.0, y: 192.0, half_w: 69.0, half_h: 104.0, radius: 24.0 };
/// Orientation notch in the lower edge: a half disc.
const NOTCH: Circle = Circle { x: 232.0, y: 369.0, r: 13.0 };
pub(super) const BORE: Circle = Circle { x: 176.0, y: 192.0, r: 56.0 };
/// Outer radius of the seal ring around the bore, where its edge meets the face.
pub(super) const RING_RADIUS: f32 = 96.0;
/// Screw holes with a countersink of [`COUNTERSINK`] pixels around them.
pub(super) const SCREW_HOLES: [Circle; 4] = [
    Circle { x: 60.0, y: 57.0, r: 12.0 },
    Circle { x: 452.0, y: 57.0, r: 12.0 },
    Circle { x: 60.0, y: 327.0, r: 12.0 },
    Circle { x: 452.0, y: 327.0, r: 12.0 },
];
pub(super) const COUNTERSINK: f32 = 9.0;
/// Plain holes for dowel pins.
const PIN_HOLES: [Circle; 2] = [Circle { x: 289.0, y: 52.0, r: 7.5 }, Circle { x: 289.0, y: 332.0, r: 7.5 }];

/// Widths in pixels of the slopes between two levels.
const CHAMFER: f32 = 6.0;
const POCKET_WALL: f32 = 9.0;
pub(super) const POCKET_DEPTH: f32 = 15.0;
const RING_STEP: f32 = 3.5;
const BORE_CHAMFER: f32 = 4.5;

#[derive(Clone, Copy, Debug)]
pub(super) struct Circle {
    pub x: f32,
    pub y: f32,
    pub r: f32,
}

impl Circle {
    /// Distance of (x, y) from the centre.
    pub fn radius_at(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.x, y - self.y);
        (dx * dx + dy * dy).sqrt()
    }

    /// Signed distance to the rim, negative inside.
    pub fn distance(&self, x: f32, y: f32) -> f32 {
        self.radius_at(x, y) - self.r
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct RoundedBox {
    x: f32,
    y: f32,
    half_w: f32,
    half_h: f32,
    radius: f32,
}

impl RoundedBox {
    /// Signed distance to the outline, negative inside.
    pub fn distance(&self, x: f32, y: f32) -> f32 {
        let qx = (x - self.x).abs() - self.half_w + self.radius;
        let qy = (y - self.y).abs() - self.half_h + self.radius;
        let (ox, oy) = (qx.max(0.0), qy.max(0.0));
        (ox * ox + oy * oy).sqrt() + qx.max(qy).min(0.0) - self.radius
    }
}

/// 0 below `from`, 1 above `to`, a smooth cubic between.
pub(super) fn smoothstep(from: f32, to: f32, v: f32) -> f32 {
    let t = ((v - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A ramp of slope 1 from 0, with a soft knee of about one pixel.
fn soft_ramp(v: f32) -> f32 {
    0.5 * (v + (v * v + 0.8).sqrt())
}

/// Signed distance to the outer outline of the plate with its notch, negative on the plate (holes not regarded).
pub(super) fn outline_distance(x: f32, y: f32) -> f32 {
    PLATE.distance(x, y).max(-NOTCH.distance(x, y))
}

/// Distance to the nearest through hole, negative inside one.
pub(super) fn hole_distance(x: f32, y: f32) -> f32 {
    SCREW_HOLES.iter().chain(&PIN_HOLES).fold(BORE.distance(x, y), |d, hole| d.min(hole.distance(x, y)))
}

/// The hole that (x, y) lies in.
pub(super) fn hole_at(x: f32, y: f32) -> Option<Circle> {
    [BORE].into_iter().chain(SCREW_HOLES).chain(PIN_HOLES).find(|hole| hole.distance(x, y) < 0.0)
}

/// Height of the surface over the face in pixels, for points on the plate outside the holes.
pub(super) fn height(x: f32, y: f32) -> f32 {
    let mut h = -0.60 * soft_ramp(outline_distance(x, y) + CHAMFER);
    let pocket = POCKET.distance(x, y);
    if pocket < 0.5 {
        let floor = smoothstep(0.0, POCKET_WALL, -pocket);
        h -= POCKET_DEPTH * floor;
        h += floor * stamp::relief(x, y);
    }
    let r = BORE.radius_at(x, y);
    if r < RING_RADIUS + 1.0 {
        h += 2.2 * smoothstep(RING_RADIUS, RING_RADIUS - RING_STEP, r);
        h -= 0.9 * soft_ramp(BORE.r + BORE_CHAMFER - r);
    }
    for hole in &SCREW_HOLES {
        let d = hole.distance(x, y);
        if d < COUNTERSINK + 3.0 {
            h -= 0.95 * soft_ramp(COUNTERSINK - d);
        }
    }
    for hole in &PIN_HOLES {
        let d = hole.distance(x, y);
        if d < 4.0 {
            h -= 0.8 * soft_ramp(1.6 - d);
        }
    }
    h
}

/// The zone of the point (x, y), 0 off the part and in holes.
pub(super) fn zone_at(x: f32, y: f32) -> u8 {
    if outline_distance(x, y) >= 0.0 || hole_distance(x, y) < 0.0 {
        0
    } else if BORE.radius_at(x, y) < RING_RADIUS {
        zone::FUNCTIONAL
    } else if POCKET.distance(x, y) < 0.0 {
        zone::NON_VISIBLE
    } else {
        zone::COSMETIC
    }
}

/// The zone of every pixel, taken at its centre.
pub(super) fn zone_map() -> LabelMap {
    LabelMap::from_plane(&Plane::from_fn(WIDTH, HEIGHT, |x, y| zone_at(x as f32 + 0.5, y as f32 + 0.5)))
}

/// True where a defect may lie: on the part, clear of the outer chamfer and of the rims of the holes.
pub(super) fn is_open_surface(x: f32, y: f32) -> bool {
    outline_distance(x, y) < -(CHAMFER + 3.0)
        && BORE.distance(x, y) > BORE_CHAMFER + 3.0
        && SCREW_HOLES.iter().all(|hole| hole.distance(x, y) > COUNTERSINK + 3.0)
        && PIN_HOLES.iter().all(|hole| hole.distance(x, y) > 5.0)
}
