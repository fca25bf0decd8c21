//! Live-wire: a path along edges from an anchor to the pointer (intelligent scissors; Mortensen & Barrett 1995, 1998).
//!
//! The path runs on the *cracks* between pixels, from corner to corner, so a closed chain of paths encloses whole pixels: filling the
//! polygon by pixel centres gives exactly the pixels inside the edge, without a half pixel of doubt.

use super::plane_filters::{finite_gray, gaussian_weights, median, separable};
use crate::raster::{Photo, PixelRect, Plane, Point};

/// Smoothing before gradients, px.
const SIGMA: f32 = 1.0;
/// Side of the squares whose costs are computed at once.
const TILE: u32 = 64;
/// Around the anchor this far, px, the strongest edge says how strong the wanted edge is.
const LEARN: f64 = 6.0;

/// Costs of one crack add up to 255 at most: no edge here, no zero crossing, wrong direction, and length itself.
const STRENGTH: f32 = 130.0;
const CROSSING: f32 = 70.0;
const DIRECTION: f32 = 40.0;
const LENGTH: f32 = 8.0;

const UNREACHED: u32 = u32::MAX;
const BUCKETS: usize = 256;

/// Paths from one anchor to any point, grown only as far as was asked for.
#[derive(Clone, Debug)]
pub struct LiveWire {
    /// The part of the photo that paths may use.
    rect: PixelRect,
    gray: Plane<f32>,
    /// Costs of the crack above and of the crack left of each pixel.
    costs: Vec<Option<Box<[[u8; 2]]>>>,
    tile_columns: u32,
    /// Gradient of the wanted edge.
    strong: f32,
    anchor: (u32, u32),
    /// Corners: cost of the best path known, and the step that came there (0 none, 1 right, 2 down, 3 left, 4 up).
    distance: Vec<u32>,
    came: Vec<u8>,
    is_settled: Vec<bool>,
    /// Corners by cost modulo the number of buckets (Dial 1969).
    buckets: Vec<Vec<u32>>,
    level: u32,
    waiting: usize,
}

impl LiveWire {
    /// A good side of the window: 400 px to every side of the anchor with room for detours.
    pub const WINDOW_PX: u32 = 1024;

    /// Paths from the pixel corner nearest to `anchor`, inside the square of side `window_px` (64..=4096) around it. Keeps a copy of that
    /// part of the photo; gradients are computed where paths go.
    #[must_use]
    pub fn new(photo: &Photo, anchor: Point, window_px: u32) -> Self {
        let half = f64::from(window_px.clamp(64, 4096) / 2);
        let centre = corner_near(photo, anchor);
        let low = |v: u32| (f64::from(v) - half).max(0.0) as u32;
        let high = |v: u32, end: u32| ((f64::from(v) + half) as u32).min(end);
        let rect = PixelRect::new(low(centre.0), low(centre.1), high(centre.0, photo.width()), high(centre.1, photo.height()));
        let gray = finite_gray(photo, rect);
        let tile_columns = rect.width().div_ceil(TILE);
        let tiles = tile_columns as usize * rect.height().div_ceil(TILE) as usize;
        let corners = (rect.width() as usize + 1) * (rect.height() as usize + 1);
        let mut wire = Self {
            rect,
            gray,
            costs: vec![None; tiles],
            tile_columns,
            strong: f32::MIN_POSITIVE,
            anchor: (centre.0 - rect.x0.min(centre.0), centre.1 - rect.y0.min(centre.1)),
            distance: vec![UNREACHED; corners],
            came: vec![0; corners],
            is_settled: vec![false; corners],
            buckets: vec![Vec::new(); BUCKETS],
            level: 0,
            waiting: 1,
        };
        wire.strong = strength_of_edge(photo, centre);
        let start = wire.corner_index(wire.anchor.0, wire.anchor.1);
        wire.distance[start] = 0;
        wire.buckets[0].push(start as u32);
        wire
    }

    /// Where paths begin: a pixel corner.
    #[must_use]
    pub fn anchor(&self) -> Point {
        Point::new(f64::from(self.rect.x0 + self.anchor.0), f64::from(self.rect.y0 + self.anchor.1))
    }

    /// The cheapest path from the anchor to the corner nearest to `point` (moved into the window): pixel corners in image space, one unit
    /// step apart, both ends included. At the anchor itself, and for a point that is no number, only the anchor.
    #[must_use]
    pub fn path_to(&mut self, point: Point) -> Vec<Point> {
        if !(point.x.is_finite() && point.y.is_finite()) {
            return vec![self.anchor()];
        }
        let inside = |v: f64, from: u32, size: u32| (v - f64::from(from)).round().clamp(0.0, f64::from(size)) as u32;
        let (x, y) = (inside(point.x, self.rect.x0, self.rect.width()), inside(point.y, self.rect.y0, self.rect.height()));
        let target = self.corner_index(x, y);
        self.grow_to(target);
        let width = self.rect.width() as usize + 1;
        let mut path = Vec::new();
        let mut at = target;
        loop {
            let (cx, cy) = ((at % width) as u32, (at / width) as u32);
            path.push(Point::new(f64::from(self.rect.x0 + cx), f64::from(self.rect.y0 + cy)));
            at = match self.came[at] {
                1 => at - 1,
                2 => at - width,
                3 => at + 1,
                4 => at + width,
                _ => break,
            };
        }
        path.reverse();
        path
    }

    fn corner_index(&self, x: u32, y: u32) -> usize {
        y as usize * (self.rect.width() as usize + 1) + x as usize
    }

    /// Dijkstra until `target` is settled.
    fn grow_to(&mut self, target: usize) {
        let (w, h) = (self.rect.width(), self.rect.height());
        let stride = w as usize + 1;
        while !self.is_settled[target] && self.waiting > 0 {
            let Some(at) = self.buckets[self.level as usize % BUCKETS].pop() else {
                self.level += 1;
                continue;
            };
            self.waiting -= 1;
            let at = at as usize;
            if self.is_settled[at] {
                continue;
            }
            self.is_settled[at] = true;
            let (x, y) = ((at % stride) as u32, (at / stride) as u32);
            let from = self.distance[at];
            let steps = [
                (x < w).then(|| (at + 1, 1, (x, y, 0))),
                (y < h).then(|| (at + stride, 2, (x, y, 1))),
                (x > 0).then(|| (at - 1, 3, (x - 1, y, 0))),
                (y > 0).then(|| (at - stride, 4, (x, y - 1, 1))),
            ];
            for (next, step, (cx, cy, side)) in steps.into_iter().flatten() {
                if self.is_settled[next] {
                    continue;
                }
                let distance = from + u32::from(self.cost(cx, cy, side));
                if distance < self.distance[next] {
                    self.distance[next] = distance;
                    self.came[next] = step;
                    self.buckets[distance as usize % BUCKETS].push(next as u32);
                    self.waiting += 1;
                }
            }
        }
    }

    /// Cost of the crack above (`side` 0) or left of (1) pixel (x, y) of the window; cracks on the window's border have no edge.
    fn cost(&mut self, x: u32, y: u32, side: usize) -> u8 {
        let is_border = if side == 0 { y == 0 || y >= self.rect.height() } else { x == 0 || x >= self.rect.width() };
        if is_border {
            return 255;
        }
        let tile = ((y / TILE) * self.tile_columns + x / TILE) as usize;
        if self.costs[tile].is_none() {
            self.costs[tile] = Some(self.tile_costs(x / TILE * TILE, y / TILE * TILE));
        }
        let inner = ((y % TILE) * TILE + x % TILE) as usize;
        self.costs[tile].as_ref().map_or(255, |t| t[inner][side])
    }

    fn tile_costs(&self, left: u32, top: u32) -> Box<[[u8; 2]]> {
        let tile = PixelRect::new(left, top, left + TILE, top + TILE).intersection(self.gray.rect());
        let edges = Edges::new(&self.gray, tile);
        let mut out = vec![[255_u8; 2]; (TILE * TILE) as usize].into_boxed_slice();
        for y in tile.y0..tile.y1 {
            for x in tile.x0..tile.x1 {
                let costs = &mut out[((y - top) * TILE + x - left) as usize];
                for (side, cost) in costs.iter_mut().enumerate() {
                    let crack = edges.crack(i64::from(x), i64::from(y), side);
                    let strength = STRENGTH * (1.0 - (crack.gradient / self.strong).min(1.0));
                    let crossing = if crack.is_crossing { 0.0 } else { CROSSING };
                    *cost = (LENGTH + strength + crossing + DIRECTION * (1.0 - crack.alignment)) as u8;
                }
            }
        }
        out
    }
}

/// The corner of a pixel on the strongest edge within `radius` px of `point`; the nearest corner where there is none. Among edges of
/// nearly the same strength the nearer one is taken (a fifth of the strength at the full radius).
#[must_use]
pub fn snap(photo: &Photo, point: Point, radius: f64) -> Point {
    let (cx, cy) = corner_near(photo, point);
    let nearest = Point::new(f64::from(cx), f64::from(cy));
    let radius = if radius.is_finite() { radius.clamp(0.0, 64.0) } else { 0.0 };
    let mut best: Option<(f32, Point)> = None;
    for_each_crack_near(photo, (cx, cy), radius, |place, crack| {
        let d = place.distance(nearest);
        let score = crack.gradient * (1.0 - 0.2 * (d / radius.max(1.0)) as f32);
        if d <= radius && crack.is_crossing && score > best.map_or(0.0, |b| b.0) {
            best = Some((score, place));
        }
    });
    best.map_or(nearest, |b| b.1)
}

fn corner_near(photo: &Photo, p: Point) -> (u32, u32) {
    let near = |v: f64, end: u32| if v.is_finite() { v.round().clamp(0.0, f64::from(end)) as u32 } else { 0 };
    (near(p.x, photo.width()), near(p.y, photo.height()))
}

/// Gradient of the strongest edge near the anchor, at least four times what is usual there, so that noise is no edge.
fn strength_of_edge(photo: &Photo, corner: (u32, u32)) -> f32 {
    let mut strongest = 0.0_f32;
    let mut all = Vec::new();
    let centre = Point::new(f64::from(corner.0), f64::from(corner.1));
    for_each_crack_near(photo, corner, 4.0 * LEARN, |place, crack| {
        all.push(crack.gradient);
        if place.distance(centre) <= LEARN {
            strongest = strongest.max(crack.gradient);
        }
    });
    let usual = median(&mut all).unwrap_or(0.0);
    strongest.max(4.0 * usual).max(f32::MIN_POSITIVE)
}

/// Calls `f` with a corner of every crack within `radius` of a corner.
fn for_each_crack_near(photo: &Photo, corner: (u32, u32), radius: f64, mut f: impl FnMut(Point, Crack)) {
    let r = radius.ceil() as u32 + 1;
    let tile = PixelRect::new(corner.0.saturating_sub(r), corner.1.saturating_sub(r), corner.0 + r, corner.1 + r);
    let tile = tile.intersection(photo.rect());
    if tile.is_empty() {
        return;
    }
    let outer = tile.grown(12, photo.width(), photo.height());
    let gray = finite_gray(photo, outer);
    let inner = PixelRect::new(tile.x0 - outer.x0, tile.y0 - outer.y0, tile.x1 - outer.x0, tile.y1 - outer.y0);
    let edges = Edges::new(&gray, inner);
    for y in inner.y0..inner.y1 {
        for x in inner.x0..inner.x1 {
            let place = Point::new(f64::from(outer.x0 + x), f64::from(outer.y0 + y));
            for side in 0..2 {
                let is_border = if side == 0 { outer.y0 + y == 0 } else { outer.x0 + x == 0 };
                if !is_border {
                    f(place, edges.crack(i64::from(x), i64::from(y), side));
                }
            }
        }
    }
}

/// What lies at one crack.
#[derive(Clone, Copy, Debug)]
struct Crack {
    /// Gray values per pixel.
    gradient: f32,
    /// Share of the gradient across the crack, 0..=1.
    alignment: f32,
    /// The Laplacian changes its sign between the two pixels: the gradient is largest here.
    is_crossing: bool,
}

/// Smoothed values and Laplacian of one tile with a margin.
struct Edges {
    origin: (i64, i64),
    smooth: Plane<f32>,
    laplacian: Plane<f32>,
}

impl Edges {
    fn new(gray: &Plane<f32>, tile: PixelRect) -> Self {
        let (g0, g2) = (gaussian_weights(SIGMA, 0), gaussian_weights(SIGMA, 2));
        let outer = tile.grown(g0.len() as u32 / 2 + 2, gray.width(), gray.height());
        let part = gray.crop(outer);
        let smooth = separable(&part, &g0, &g0);
        let (mut laplacian, yy) = (separable(&part, &g2, &g0), separable(&part, &g0, &g2));
        laplacian.as_mut_slice().iter_mut().zip(yy.as_slice()).for_each(|(a, b)| *a += b);
        Self { origin: (i64::from(outer.x0), i64::from(outer.y0)), smooth, laplacian }
    }

    fn crack(&self, x: i64, y: i64, side: usize) -> Crack {
        let (x, y) = (x - self.origin.0, y - self.origin.1);
        let s = |dx: i64, dy: i64| self.smooth.at_clamped(x + dx, y + dy);
        let (across, along, before) = if side == 0 {
            (s(0, 0) - s(0, -1), (s(1, 0) + s(1, -1) - s(-1, 0) - s(-1, -1)) / 4.0, (0, -1))
        } else {
            (s(0, 0) - s(-1, 0), (s(0, 1) + s(-1, 1) - s(0, -1) - s(-1, -1)) / 4.0, (-1, 0))
        };
        let gradient = across.hypot(along);
        let alignment = if gradient > 0.0 { across.abs() / gradient } else { 0.0 };
        let (a, b) = (self.laplacian.at_clamped(x, y), self.laplacian.at_clamped(x + before.0, y + before.1));
        Crack { gradient, alignment, is_crossing: (a > 0.0) != (b > 0.0) && gradient > 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(seed: &mut u64) -> f64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        (*seed >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(seed: &mut u64) -> f64 {
        (-2.0 * (1.0 - hash(seed)).ln()).sqrt() * (std::f64::consts::TAU * hash(seed)).cos()
    }

    /// A disc of radius 40 around (100.3, 99.6), blurred by 1.5 px: super-sampled, then smoothed.
    fn disc(contrast: f64, noise: f64, seed: u64) -> Photo {
        let coverage = Plane::from_fn(200, 200, |x, y| {
            let inside = (0..64).filter(|k| {
                let (sx, sy) = (f64::from(x) + f64::from(k % 8) / 8.0 + 0.0625, f64::from(y) + f64::from(k / 8) / 8.0 + 0.0625);
                (sx - 100.3).hypot(sy - 99.6) <= 40.0
            });
            inside.count() as f32 / 64.0
        });
        let g = gaussian_weights(1.5, 0);
        let blurred = separable(&coverage, &g, &g);
        let mut seed = seed;
        Photo::Gray8(blurred.map(|c| (120.0 + contrast * f64::from(c) + noise * normal(&mut seed)).round() as u8))
    }

    /// The pixels whose centre lies inside a closed polygon, by the even-odd rule.
    fn filled(polygon: &[Point], side: u32) -> Plane<bool> {
        Plane::from_fn(side, side, |x, y| {
            let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let crossings = (0..polygon.len()).filter(|&i| {
                let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
                (a.y > py) != (b.y > py) && px < a.x + (py - a.y) * (b.x - a.x) / (b.y - a.y)
            });
            crossings.count() % 2 == 1
        })
    }

    #[test]
    fn four_clicks_beside_the_edge_give_the_disc() {
        for (contrast, seed) in [(100.0, 1), (-80.0, 2), (60.0, 3), (20.0, 4)] {
            let photo = disc(contrast, 0.03 * f64::abs(contrast), seed);
            let anchors: Vec<Point> = (0..4)
                .map(|k| {
                    let angle = 0.4 + std::f64::consts::FRAC_PI_2 * f64::from(k);
                    let r = if k % 2 == 0 { 45.0 } else { 35.0 };
                    snap(&photo, Point::new(100.3 + r * angle.cos(), 99.6 + r * angle.sin()), 8.0)
                })
                .collect();
            let mut polygon = Vec::new();
            for k in 0..4 {
                let mut wire = LiveWire::new(&photo, anchors[k], 400);
                polygon.extend(wire.path_to(anchors[(k + 1) % 4]).into_iter().skip(1));
            }
            let found = filled(&polygon, 200);
            let (mut both, mut any) = (0.0, 0.0);
            for y in 0..200 {
                for x in 0..200 {
                    let truth = (f64::from(x) + 0.5 - 100.3).hypot(f64::from(y) + 0.5 - 99.6) <= 40.0;
                    both += f64::from(u8::from(truth && found.at(x, y)));
                    any += f64::from(u8::from(truth || found.at(x, y)));
                }
            }
            assert!(both / any >= 0.98, "IoU {} at contrast {contrast}", both / any);
        }
    }

    #[test]
    fn a_path_is_a_chain_of_unit_steps_and_the_same_in_any_order() {
        let photo = disc(100.0, 3.0, 7);
        let anchor = Point::new(140.0, 99.0);
        let mut wire = LiveWire::new(&photo, anchor, 300);
        let targets = [(60.0, 100.0), (101.0, 140.0), (0.0, 0.0), (200.0, 200.0), (140.0, 99.0), (-50.0, 1e9)];
        for (x, y) in targets {
            let path = wire.path_to(Point::new(x, y));
            assert_eq!(path[0], anchor);
            assert!(path.windows(2).all(|p| p[0].distance(p[1]) == 1.0));
            let fresh = LiveWire::new(&photo, anchor, 300).path_to(Point::new(x, y));
            assert_eq!(path, fresh);
        }
        assert_eq!(wire.path_to(anchor), [anchor]);
        assert_eq!(wire.path_to(Point::new(f64::NAN, 1.0)), [anchor]);
    }

    /// Bellman-Ford over all cracks of a small photo gives the same costs.
    #[test]
    fn the_path_is_the_cheapest() {
        let mut seed = 99;
        let photo = Photo::Gray8(Plane::from_fn(12, 9, |_, _| (hash(&mut seed) * 255.0) as u8));
        let mut wire = LiveWire::new(&photo, Point::new(3.0, 4.0), 64);
        let (w, h) = (12_u32, 9_u32);
        let mut cost = vec![u32::MAX; 13 * 10];
        cost[4 * 13 + 3] = 0;
        for _ in 0..130 {
            for y in 0..=h {
                for x in 0..=w {
                    let at = (y * 13 + x) as usize;
                    for (next, crack) in [((x + 1, y), (x, y, 0)), ((x, y + 1), (x, y, 1))] {
                        if next.0 > w || next.1 > h {
                            continue;
                        }
                        let c = u32::from(wire.cost(crack.0, crack.1, crack.2));
                        let to = (next.1 * 13 + next.0) as usize;
                        cost[to] = cost[to].min(cost[at].saturating_add(c));
                        cost[at] = cost[at].min(cost[to].saturating_add(c));
                    }
                }
            }
        }
        for (i, &c) in cost.iter().enumerate() {
            let _ = wire.path_to(Point::new((i % 13) as f64, (i / 13) as f64));
            assert_eq!(wire.distance[i], c);
        }
    }

    #[test]
    fn nothing_breaks_on_tiny_photos_and_holes() {
        for photo in [
            Photo::Gray8(Plane::filled(0, 0, 0)),
            Photo::Rgb8(Plane::filled(1, 1, [1, 2, 3])),
            Photo::GrayF32(Plane::filled(30, 20, f32::NAN)),
        ] {
            let p = snap(&photo, Point::new(1.0, 1.0), 5.0);
            let mut wire = LiveWire::new(&photo, p, 100);
            assert!(!wire.path_to(Point::new(20.0, 15.0)).is_empty());
        }
    }
}
