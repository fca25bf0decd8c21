//! The lit scene without defects: the brightness of every pixel of the bare part, and how strongly each texture applies there.
//!
//! It depends on the drawing and the lamp only, so it is computed once. A bar lamp stands at the upper left, a diffuse dome above.

use crate::raster::{LabelMap, Plane};

use super::layout::{self, Circle, POCKET, POCKET_DEPTH};
use super::texture::Textures;
use super::{HEIGHT, WIDTH, zone};

/// Samples per pixel in x and in y.
const SUPERSAMPLES: u32 = 3;
/// Direction to the bar lamp (x right, y down, z towards the camera), of length 1.
pub(super) const LAMP: [f32; 3] = [-0.48, -0.60, 0.64];
/// Centre of the image: the point over which the camera stands.
const AXIS: (f32, f32) = (WIDTH as f32 / 2.0, HEIGHT as f32 / 2.0);

/// What the camera sees at one point, before texture.
#[derive(Clone, Copy, Debug, Default)]
struct Shade {
    /// Brightness, 1 = the white of the sensor.
    level: f32,
    brushed: f32,
    turned: f32,
    cast: f32,
    /// Weight of the texture of the ground that the part lies on.
    ground: f32,
}

impl Shade {
    fn add(&mut self, other: Self, weight: f32) {
        self.level += weight * other.level;
        self.brushed += weight * other.brushed;
        self.turned += weight * other.turned;
        self.cast += weight * other.cast;
        self.ground += weight * other.ground;
    }
}

/// The bare part under its lamp, and its zones.
pub struct Scene {
    shades: Plane<Shade>,
    zones: LabelMap,
    open: Plane<bool>,
}

impl Scene {
    /// Lights the part: about a million shading samples.
    #[must_use]
    pub fn new() -> Self {
        let step = 1.0 / SUPERSAMPLES as f32;
        let weight = step * step;
        let shades = Plane::from_fn(WIDTH, HEIGHT, |x, y| {
            let mut sum = Shade::default();
            for j in 0..SUPERSAMPLES {
                for i in 0..SUPERSAMPLES {
                    let at = |p: u32, s: u32| p as f32 + (s as f32 + 0.5) * step;
                    sum.add(shade(at(x, i), at(y, j)), weight);
                }
            }
            sum
        });
        let open = Plane::from_fn(WIDTH, HEIGHT, |x, y| layout::is_open_surface(x as f32 + 0.5, y as f32 + 0.5));
        Self { shades, zones: layout::zone_map(), open }
    }

    /// The zone of every pixel: [`zone::FUNCTIONAL`], [`zone::COSMETIC`], [`zone::NON_VISIBLE`]; 0 off the part and in holes.
    #[must_use]
    pub const fn zones(&self) -> &LabelMap {
        &self.zones
    }

    /// True where a defect may lie: on the part, clear of its rims.
    pub(super) fn is_open(&self, x: u32, y: u32) -> bool {
        self.open.at(x, y)
    }

    /// Brightness with the surface of one part, 1 = the white of the sensor.
    pub(super) fn surface(&self, textures: &Textures) -> Plane<f32> {
        Plane::from_fn(WIDTH, HEIGHT, |x, y| {
            let s = self.shades.at(x, y);
            let mut change = 0.0;
            if s.brushed > 0.0 {
                change += s.brushed * (0.062 * textures.brushed.at(x, y) + 0.014 * textures.mottle.at(x, y));
            }
            if s.turned > 0.0 {
                let (radius, turn) = polar(x as f32 + 0.5, y as f32 + 0.5);
                change += s.turned * 0.075 * textures.turned_at(radius, turn);
            }
            if s.cast > 0.0 {
                change += s.cast * (0.088 * textures.cast.at(x, y) + 0.025 * textures.mottle.at(x, y));
            }
            if s.ground > 0.0 {
                change += s.ground * (0.05 * textures.cast.at(x, y) + 0.05 * textures.mottle.at(x, y));
            }
            s.level * (1.0 + change)
        })
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

/// Distance from the axis of the nearest turned feature and the angle around it as a fraction of a turn.
fn polar(x: f32, y: f32) -> (f32, f32) {
    let centre = turned_centre(x, y);
    let (dx, dy) = (x - centre.x, y - centre.y);
    let turn = dy.atan2(dx) / std::f32::consts::TAU;
    ((dx * dx + dy * dy).sqrt(), if turn < 0.0 { (turn + 1.0).min(0.999_999) } else { turn })
}

fn turned_centre(x: f32, y: f32) -> Circle {
    if layout::BORE.radius_at(x, y) < layout::RING_RADIUS + 2.0 {
        return layout::BORE;
    }
    let nearest = layout::SCREW_HOLES.iter().min_by(|a, b| a.distance(x, y).total_cmp(&b.distance(x, y)));
    nearest.copied().unwrap_or(layout::BORE)
}

/// Brightness and texture weights at a point.
fn shade(x: f32, y: f32) -> Shade {
    if layout::outline_distance(x, y) >= 0.0 {
        return ground(x, y);
    }
    if let Some(hole) = layout::hole_at(x, y) {
        return Shade { level: lamp_falloff(x, y) * hole_level(hole, x, y), ..Shade::default() };
    }
    metal(x, y)
}

/// The lamp is nearer to the upper left; the dome evens it out. Relative, 1 in the middle.
fn lamp_falloff(x: f32, y: f32) -> f32 {
    let (u, v) = ((x - AXIS.0) / AXIS.0, (y - AXIS.1) / AXIS.0);
    1.0 - 0.085 * u - 0.105 * v + 0.02 * u * v
}

/// The black mat under the part, with the shadow of the part and a weak gleam of its chamfer.
fn ground(x: f32, y: f32) -> Shade {
    let distance = layout::outline_distance(x, y);
    let shadow = layout::smoothstep(9.0, -5.0, layout::outline_distance(x - 7.0, y - 9.0));
    let gleam = 0.022 * layout::smoothstep(7.0, 0.0, distance) * layout::smoothstep(6.0, -6.0, x + y - AXIS.0 - AXIS.1);
    Shade { level: lamp_falloff(x, y) * (0.098 * (1.0 - 0.62 * shadow) + gleam), ground: 1.0, ..Shade::default() }
}

/// Inside a hole one sees a crescent of its wall (the camera stands over the middle of the image, so the bottom is shifted towards
/// it), and the dark below.
fn hole_level(hole: Circle, x: f32, y: f32) -> f32 {
    let (to_x, to_y) = (AXIS.0 - hole.x, AXIS.1 - hole.y);
    let shift = 0.10_f32.min(0.28 * hole.r / (to_x * to_x + to_y * to_y).sqrt());
    let bottom = Circle { x: hole.x + shift * to_x, y: hole.y + shift * to_y, r: 0.90 * hole.r };
    let d = bottom.distance(x, y);
    let r = hole.radius_at(x, y).max(1.0);
    // The wall faces the axis of the hole; it is lit where that is towards the lamp.
    let facing = (-(x - hole.x) * LAMP[0] - (y - hole.y) * LAMP[1]) / r;
    let depth = (d / (hole.r - bottom.r + 1.0)).clamp(0.0, 1.0);
    let wall = (0.10 + 0.42 * facing.max(0.0)) * (0.35 + 0.65 * depth);
    let dark = 0.035 + 0.02 * layout::smoothstep(-0.9 * hole.r, 0.0, d);
    let t = layout::smoothstep(-0.8, 0.8, d);
    dark * (1.0 - t) + wall * t
}

/// Slope of the height at (x, y), in pixels per pixel.
fn slope(x: f32, y: f32) -> (f32, f32) {
    const STEP: f32 = 0.35;
    let along = |dx: f32, dy: f32| (layout::height(x + dx, y + dy) - layout::height(x - dx, y - dy)) / (2.0 * STEP);
    (along(STEP, 0.0), along(0.0, STEP))
}

fn metal(x: f32, y: f32) -> Shade {
    let (gx, gy) = slope(x, y);
    let norm = 1.0 / (gx * gx + gy * gy + 1.0).sqrt();
    let normal = [-gx * norm, -gy * norm, norm];
    let lambert = (normal[0] * LAMP[0] + normal[1] * LAMP[1] + normal[2] * LAMP[2]).max(0.0);
    // Half way between lamp and camera: where a mirror would throw the lamp into the lens.
    let half_length = (LAMP[0] * LAMP[0] + LAMP[1] * LAMP[1] + (LAMP[2] + 1.0).powi(2)).sqrt();
    let half = [LAMP[0] / half_length, LAMP[1] / half_length, (LAMP[2] + 1.0) / half_length];
    let mirror = (normal[0] * half[0] + normal[1] * half[1] + normal[2] * half[2]).max(0.0);
    let gloss = mirror.powi(26);
    let dome = 0.5 + 0.5 * normal[2];

    let pocket = POCKET.distance(x, y);
    let floor = layout::smoothstep(3.0, 9.0, -pocket);
    let r = layout::BORE.radius_at(x, y);
    let is_ring = layout::zone_at(x, y) == zone::FUNCTIONAL;
    let sink = layout::SCREW_HOLES.iter().fold(f32::MAX, |d, hole| d.min(hole.distance(x, y)));
    let is_sink = sink < layout::COUNTERSINK;

    let mut level = lamp_falloff(x, y);
    let mut s = Shade::default();
    if pocket < 0.0 {
        // The skin of the casting is duller than cut metal. The walls throw a soft shadow on the floor and keep the dome out.
        let reach = POCKET_DEPTH * 0.55;
        let shadow = layout::smoothstep(-7.0, 5.0, POCKET.distance(x + reach * LAMP[0] / LAMP[2], y + reach * LAMP[1] / LAMP[2]));
        let open = 0.72 + 0.28 * layout::smoothstep(0.0, 34.0, -pocket);
        level *= 0.30 * dome * open + (0.28 * lambert + 0.16 * gloss) * (1.0 - 0.62 * shadow);
        s.cast = 0.35 + 0.65 * floor;
    } else if is_ring {
        // Turned metal: the lamp shows as two fans where the marks run across the light.
        let (dx, dy) = (x - layout::BORE.x, y - layout::BORE.y);
        let across = (dx * LAMP[0] + dy * LAMP[1]) / (r * (LAMP[0] * LAMP[0] + LAMP[1] * LAMP[1]).sqrt());
        let fan = across * across;
        let feed = triangle(r / 2.7);
        level *= 0.27 * dome + 0.30 * lambert + 0.14 * gloss + 0.36 * fan * fan * fan + 0.045 * fan;
        level *= 1.0 + 0.035 * feed;
        s.turned = 1.0;
    } else if is_sink {
        level *= 0.28 * dome + 0.38 * lambert + 0.36 * gloss;
        s.turned = 0.7;
    } else {
        level *= 0.31 * dome + 0.33 * lambert + 0.22 * gloss;
        s.brushed = 1.0;
        // The edge of the pocket is broken by hand: a thin worn line.
        level *= 1.0 + 0.10 * layout::smoothstep(2.5, 0.5, pocket);
    }
    s.level = level;
    s
}

/// A triangle wave of period 1 between −1 and 1.
fn triangle(t: f32) -> f32 {
    4.0 * ((t - t.floor()) - 0.5).abs() - 1.0
}
