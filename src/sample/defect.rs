//! The four kinds of defects: how each one looks, and its exact measures.
//!
//! All shapes are analytic. A pixel belongs to a defect when at least half of it lies inside the geometry, before any blur. The edge
//! of a stain is where its contrast has fallen to one half.

use super::blob::Blob;
use super::footprint::Footprint;
use super::layout::smoothstep;
use super::random::Random;
use super::scene::LAMP;
use super::stroke::{self, Node, Path, Place};
use super::{MM_PER_PX, class};

/// Half width of the soft edge of a stain, relative to its radius.
const STAIN_SOFTNESS: f32 = 0.26;

#[derive(Clone, Debug)]
enum Look {
    /// Positive contrast shines, negative is dark; `steps` is the strength along the line, one value per [`STEP_LENGTH`] pixels.
    Scratch {
        path: Path,
        steps: Vec<f32>,
    },
    Crack {
        paths: Vec<Path>,
    },
    Pit {
        blob: Blob,
    },
    Stain {
        blob: Blob,
        drift: (f32, f32),
    },
}

/// A defect with its place.
#[derive(Clone, Debug)]
pub(super) struct Defect {
    /// Relative change of brightness at its strongest, signed.
    pub contrast: f32,
    look: Look,
}

const STEP_LENGTH: f32 = 11.0;

impl Defect {
    /// A thin line in a gentle curve, `length` pixels from tip to tip and `width` pixels wide, its middle near `centre`.
    pub fn scratch(random: &mut Random, centre: (f32, f32), length: f32, width: f32, contrast: f32) -> Self {
        let count = ((length / 3.0) as usize).max(3);
        let step = (length - width).max(1.0) / count as f32;
        let mut heading = random.between(0.0, std::f32::consts::TAU);
        let bend = random.between(-0.010, 0.010);
        let mut sway = 0.0_f32;
        let half_at = |i: usize| {
            let t = i as f32 / count as f32;
            let taper = smoothstep(0.0, 0.22, t) * smoothstep(1.0, 0.72, t);
            (0.5 * width * (0.55 + 0.45 * taper)).max(0.62)
        };
        let mut nodes = vec![Node { x: 0.0, y: 0.0, half: half_at(0) }];
        let (mut x, mut y) = (0.0, 0.0);
        for i in 1..=count {
            sway = 0.8 * sway + 0.012 * random.normal();
            heading += bend * step + sway * 0.35;
            x += step * heading.cos();
            y += step * heading.sin();
            nodes.push(Node { x, y, half: half_at(i) });
        }
        let middle = nodes[count / 2];
        for node in &mut nodes {
            node.x += centre.0 - middle.x;
            node.y += centre.1 - middle.y;
        }
        let steps = (0..(length / STEP_LENGTH) as usize + 3).map(|_| random.between(0.62, 1.0)).collect();
        let path = Path { nodes, shared_area: 0.0, is_branch: false };
        Self { contrast, look: Look::Scratch { path, steps } }
    }

    /// A dark jagged line with up to two branches, its trunk `length` pixels from tip to tip.
    pub fn crack(random: &mut Random, centre: (f32, f32), length: f32, width: f32, contrast: f32) -> Self {
        let heading = random.between(0.0, std::f32::consts::TAU);
        let mut trunk = jagged(random, (0.0, 0.0), heading, (length - width).max(2.0), width);
        let middle = trunk[trunk.len() / 2];
        for node in &mut trunk {
            node.x += centre.0 - middle.x;
            node.y += centre.1 - middle.y;
        }
        let mut paths = vec![];
        let branches = if length > 40.0 { random.below(3) } else { usize::from(length > 26.0 && random.chance(0.4)) };
        for b in 0..branches {
            let at = 1 + (trunk.len() - 2) * (b + 1) / (branches + 1);
            let (node, before) = (trunk[at], trunk[at - 1]);
            let side = if random.chance(0.5) { 1.0 } else { -1.0 };
            let angle = side * random.between(0.55, 0.95);
            let direction = (node.y - before.y).atan2(node.x - before.x) + angle;
            let reach = length * random.between(0.18, 0.34);
            let half = (0.75 * node.half).max(0.62);
            let nodes = jagged(random, (node.x, node.y), direction, reach, 2.0 * half);
            // The branch leaves the trunk after running `half width / sin` inside it.
            paths.push(Path { nodes, shared_area: 2.0 * half * node.half / angle.sin().abs(), is_branch: true });
        }
        paths.insert(0, Path { nodes: trunk, shared_area: 0.0, is_branch: false });
        Self { contrast, look: Look::Crack { paths } }
    }

    /// A small hole of `area` px².
    pub fn pit(random: &mut Random, centre: (f32, f32), area: f32, contrast: f32) -> Self {
        let (stretch, angle) = (random.between(1.0, 1.5), random.between(0.0, std::f32::consts::PI));
        Self { contrast, look: Look::Pit { blob: Blob::new(random, centre, area, stretch, angle, 0.10) } }
    }

    /// A soft-edged patch of `area` px².
    pub fn stain(random: &mut Random, centre: (f32, f32), area: f32, contrast: f32) -> Self {
        // Fluid creeps along the brush marks, so stains are longer in x.
        let (stretch, angle) = (random.between(1.2, 2.8), random.between(-0.3, 0.3));
        let blob = Blob::new(random, centre, area, stretch, angle, 0.14);
        let drift = (random.between(-0.22, 0.22), random.between(-0.22, 0.22));
        Self { contrast, look: Look::Stain { blob, drift } }
    }

    pub const fn class(&self) -> u8 {
        match self.look {
            Look::Scratch { .. } => class::SCRATCH,
            Look::Crack { .. } => class::CRACK,
            Look::Pit { .. } => class::PIT,
            Look::Stain { .. } => class::STAIN,
        }
    }

    /// Length in mm: tip to tip along the line (the trunk of a crack); the longest extent of a pit or stain.
    pub fn length_mm(&self) -> f64 {
        MM_PER_PX
            * f64::from(match &self.look {
                Look::Scratch { path, .. } => path.tip_to_tip(),
                Look::Crack { paths } => paths[0].tip_to_tip(),
                Look::Pit { blob } | Look::Stain { blob, .. } => blob.longest_extent(),
            })
    }

    /// Area of the geometry in mm².
    pub fn area_mm2(&self) -> f64 {
        MM_PER_PX
            * MM_PER_PX
            * f64::from(match &self.look {
                Look::Scratch { path, .. } => path.area(),
                Look::Crack { paths } => paths.iter().map(Path::area).sum(),
                Look::Pit { blob } | Look::Stain { blob, .. } => blob.area(),
            })
    }

    /// Pixels and light of the defect.
    pub fn footprint(&self) -> Footprint {
        let c = self.contrast;
        match &self.look {
            Look::Scratch { path, steps } => {
                let count = path.centre_length();
                stroke::footprint(std::slice::from_ref(path), |place| {
                    let ends = smoothstep(0.0, 0.12 * count, place.along) * smoothstep(count, 0.88 * count, place.along);
                    let strength = c * (0.55 + 0.45 * ends) * strength_at(steps, place.along);
                    strength * (1.0 - 0.35 * place.across.abs()) + 0.5 * strength.abs() * flank(place)
                })
            }
            Look::Crack { paths } => {
                stroke::footprint(paths, |place| c * (1.0 - 0.25 * place.across * place.across) + 0.12 * c.abs() * flank(place))
            }
            Look::Pit { blob } => {
                let (min, max) = blob.bounds(1.0);
                Footprint::sample(min, max, |x, y| {
                    let q = blob.relative_radius(x, y);
                    let (dx, dy) = (x - blob.centre.0, y - blob.centre.1);
                    let r = dx.hypot(dy).max(1e-3);
                    // The wall away from the lamp faces it and catches light; the near wall lies in shade.
                    let lit = -(dx * LAMP[0] + dy * LAMP[1]) / (r * LAMP[0].hypot(LAMP[1]));
                    (q < 1.0, if q < 1.0 { c * (1.0 - 0.30 * q * q - 0.72 * q * q * lit) } else { 0.0 })
                })
            }
            Look::Stain { blob, drift } => {
                let (min, max) = blob.bounds(1.0 + STAIN_SOFTNESS);
                Footprint::sample(min, max, |x, y| {
                    let q = blob.relative_radius(x, y);
                    let depth = smoothstep(1.0 + STAIN_SOFTNESS, 1.0 - STAIN_SOFTNESS, q);
                    let (u, v) = ((x - blob.centre.0) / blob.radius, (y - blob.centre.1) / blob.radius);
                    let uneven = 1.0 + drift.0 * u.clamp(-1.5, 1.5) + drift.1 * v.clamp(-1.5, 1.5);
                    // Where it dried last, a little inside the edge, more was left behind.
                    let rim = 1.0 + 0.30 * smoothstep(0.45, 0.74, q) * smoothstep(0.92, 0.74, q);
                    (q < 1.0, c * depth * uneven * rim)
                })
            }
        }
    }
}

/// How much a wall of a groove faces the lamp, −1 to 1: the wall on the far side of the lamp is the lit one.
fn flank(place: Place) -> f32 {
    -place.across * (place.normal.0 * LAMP[0] + place.normal.1 * LAMP[1]) / LAMP[0].hypot(LAMP[1])
}

/// The strength at `along` pixels, eased between the steps.
fn strength_at(steps: &[f32], along: f32) -> f32 {
    let t = (along / STEP_LENGTH).max(0.0);
    let i = (t as usize).min(steps.len().saturating_sub(2));
    let f = smoothstep(0.0, 1.0, t - i as f32);
    steps[i] * (1.0 - f) + steps[i + 1] * f
}

/// A jagged line of `length` pixels that keeps to `heading` on the whole, thinning out to its end.
fn jagged(random: &mut Random, start: (f32, f32), heading: f32, length: f32, width: f32) -> Vec<Node> {
    let (mut x, mut y) = start;
    let mut nodes = vec![Node { x, y, half: (0.5 * width).max(0.62) }];
    let mut done = 0.0;
    while done < length {
        let step = random.between(3.0, 6.5).min(length - done);
        let direction = heading + random.between(-0.62, 0.62);
        done += step;
        x += step * direction.cos();
        y += step * direction.sin();
        let t = done / length;
        nodes.push(Node { x, y, half: (0.5 * width * (1.0 - 0.5 * t) * random.between(0.85, 1.1)).max(0.62) });
        if length - done < 0.3 {
            break;
        }
    }
    nodes
}
