//! Which defects a part has, how large they are and where: drawn from the seed, placed so that each lies wholly on the part.

use crate::raster::{LabelMap, Plane};

use super::defect::Defect;
use super::footprint::Footprint;
use super::layout::{self, POCKET, RING_RADIUS};
use super::random::Random;
use super::scene::Scene;
use super::{HEIGHT, MM_PER_PX, WIDTH, class, zone};

/// Share of parts that are good: without a defect, or with harmless small ones only.
const GOOD_SHARE: f32 = 0.45;
/// Tries to find a free place before a defect is given up.
const TRIES: u32 = 60;
/// Gap in pixels that is kept between two defects of one class, so that they stay two regions.
const GAP: i64 = 4;

/// A defect and the pixels it covers.
pub(super) struct Placed {
    pub defect: Defect,
    pub footprint: Footprint,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Size {
    Harmless,
    Any,
}

/// Where a defect shall lie.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    Zone(u8),
    /// Across the border between the seal ring and the face.
    RingEdge,
    /// Across the border between the face and the pocket.
    PocketEdge,
}

/// Draws the defects of one part. Stains come first, then scratches, cracks and pits: fluid lies under no scratch.
pub(super) fn defects(random: &mut Random, scene: &Scene) -> Vec<Placed> {
    let mut wanted = Vec::new();
    if random.chance(GOOD_SHARE) {
        if random.chance(0.5) {
            for _ in 0..=random.below(2) {
                wanted.push((harmless_class(random), Size::Harmless));
            }
        }
    } else {
        let count = match random.unit() {
            u if u < 0.40 => 1,
            u if u < 0.72 => 2,
            u if u < 0.90 => 3,
            _ => 4,
        };
        for _ in 0..count {
            wanted.push((any_class(random), Size::Any));
        }
    }
    wanted.sort_by_key(|&(class, _)| match class {
        class::STAIN => 0,
        class::SCRATCH => 1,
        class::CRACK => 2,
        _ => 3,
    });

    let mut taken = Plane::filled(WIDTH, HEIGHT, 0_u8);
    let mut placed = Vec::new();
    for (class, size) in wanted {
        if let Some(one) = place(random, scene, &taken, class, size) {
            for (x, y) in one.footprint.pixels() {
                taken.set(x, y, class);
            }
            placed.push(one);
        }
    }
    placed
}

fn harmless_class(random: &mut Random) -> u8 {
    match random.unit() {
        u if u < 0.45 => class::PIT,
        u if u < 0.80 => class::SCRATCH,
        _ => class::STAIN,
    }
}

fn any_class(random: &mut Random) -> u8 {
    match random.unit() {
        u if u < 0.36 => class::SCRATCH,
        u if u < 0.64 => class::PIT,
        u if u < 0.80 => class::CRACK,
        _ => class::STAIN,
    }
}

fn target(random: &mut Random, size: Size) -> Target {
    match (size, random.unit()) {
        (Size::Harmless, u) if u < 0.7 => Target::Zone(zone::COSMETIC),
        (Size::Harmless, _) => Target::Zone(zone::NON_VISIBLE),
        (Size::Any, u) if u < 0.52 => Target::Zone(zone::COSMETIC),
        (Size::Any, u) if u < 0.72 => Target::Zone(zone::FUNCTIONAL),
        (Size::Any, u) if u < 0.84 => Target::Zone(zone::NON_VISIBLE),
        (Size::Any, u) if u < 0.94 => Target::RingEdge,
        (Size::Any, _) => Target::PocketEdge,
    }
}

/// Tries places and shapes until one lies wholly on open surface, in its target, clear of others of its class.
fn place(random: &mut Random, scene: &Scene, taken: &Plane<u8>, class: u8, size: Size) -> Option<Placed> {
    let target = target(random, size);
    let measures = Measures::draw(random, class, size, target);
    for attempt in 0..TRIES {
        // When nothing fits, a smaller one may.
        let shrink = if attempt < TRIES / 2 { 1.0 } else { 0.6 };
        let centre = anchor(random, scene.zones(), target)?;
        let defect = measures.shape(random, class, centre, shrink);
        let footprint = defect.footprint();
        if fits(&footprint, scene, taken, class, target) {
            return Some(Placed { defect, footprint });
        }
    }
    None
}

/// Size and contrast of a defect, in pixels.
struct Measures {
    /// Length of a scratch or crack, diameter of the circle with the area of a pit or stain.
    extent: f32,
    width: f32,
    contrast: f32,
}

impl Measures {
    fn draw(random: &mut Random, class: u8, size: Size, target: Target) -> Self {
        let px = |mm: f32| mm / MM_PER_PX as f32;
        let disc = |area_mm2: f32| px((area_mm2 * 4.0 / std::f32::consts::PI).sqrt());
        let is_harmless = size == Size::Harmless;
        // In the fans of the ring and on cast skin nothing can be seen that is fainter than this.
        let floor = if target == Target::Zone(zone::COSMETIC) { 0.0 } else { 0.05 };
        let (extent, width, contrast) = match class {
            class::SCRATCH => {
                let extent = if is_harmless { random.between(0.8, 2.2) } else { random.mostly_small(1.4, 10.0) };
                let width = if is_harmless { random.between(1.5, 2.0) } else { random.mostly_small(1.5, 4.0) };
                let strength = if is_harmless { random.between(0.12, 0.26) } else { random.mostly_small(0.14, 0.62) };
                let is_bright = random.chance(0.6);
                (px(extent), width, if is_bright { strength + floor } else { -0.85 * strength - floor })
            }
            class::CRACK => (px(random.between(1.5, 6.0)), random.between(1.4, 2.7), -random.between(0.34, 0.80)),
            class::PIT => {
                let extent = if is_harmless { random.between(0.2, 0.4) } else { random.mostly_small(0.35, 1.4) };
                (px(extent), 0.0, -random.between(0.38, 0.78))
            }
            _ => {
                let area = if is_harmless { random.between(1.0, 4.0) } else { random.mostly_small(3.0, 26.0) };
                (disc(area), 0.0, -random.mostly_small(0.10, 0.30) - floor)
            }
        };
        Self { extent, width, contrast }
    }

    fn shape(&self, random: &mut Random, class: u8, centre: (f32, f32), shrink: f32) -> Defect {
        let extent = self.extent * shrink;
        let disc = std::f32::consts::FRAC_PI_4 * extent * extent;
        match class {
            class::SCRATCH => Defect::scratch(random, centre, extent, self.width, self.contrast),
            class::CRACK => Defect::crack(random, centre, extent, self.width, self.contrast),
            class::PIT => Defect::pit(random, centre, disc, self.contrast),
            _ => Defect::stain(random, centre, disc, self.contrast),
        }
    }
}

/// A random point in the target zone or on the target border; none after many misses.
fn anchor(random: &mut Random, zones: &LabelMap, target: Target) -> Option<(f32, f32)> {
    for _ in 0..4000 {
        let (x, y) = (random.between(1.0, WIDTH as f32 - 1.0), random.between(1.0, HEIGHT as f32 - 1.0));
        let is_hit = match target {
            Target::Zone(id) => zones.get(x as u32, y as u32) == id,
            Target::RingEdge => (layout::BORE.radius_at(x, y) - RING_RADIUS).abs() < 4.0,
            Target::PocketEdge => POCKET.distance(x, y).abs() < 4.0,
        };
        if is_hit {
            return Some((x, y));
        }
    }
    None
}

fn fits(footprint: &Footprint, scene: &Scene, taken: &Plane<u8>, class: u8, target: Target) -> bool {
    let mut zones = [0_u32; 4];
    let mut total = 0_u32;
    for (x, y) in footprint.pixels() {
        if !scene.is_open(x, y) || is_near(taken, x, y, class) {
            return false;
        }
        zones[usize::from(scene.zones().get(x, y).min(3))] += 1;
        total += 1;
    }
    let share = |id: u8| zones[usize::from(id)] as f32 / total.max(1) as f32;
    total >= 4
        && match target {
            // Stains run over edges as they like.
            Target::Zone(id) => class == class::STAIN || share(id) == 1.0,
            Target::RingEdge => share(zone::FUNCTIONAL) > 0.15 && share(zone::COSMETIC) > 0.15,
            Target::PocketEdge => share(zone::NON_VISIBLE) > 0.15 && share(zone::COSMETIC) > 0.15,
        }
}

/// A pixel of the class lies within [`GAP`].
fn is_near(taken: &Plane<u8>, x: u32, y: u32, class: u8) -> bool {
    let (x, y) = (i64::from(x), i64::from(y));
    [(0, 0), (GAP, 0), (-GAP, 0), (0, GAP), (0, -GAP), (GAP, GAP), (-GAP, -GAP), (GAP, -GAP), (-GAP, GAP)]
        .iter()
        .any(|(dx, dy)| taken.at_clamped(x + dx, y + dy) == class)
}
