//! How long a region is along its centre line: the right length of a scratch that is not straight.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::raster::components::Components;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::run_distance::squared_distances_inside;
use crate::raster::runs::Run;
use crate::raster::thinning;

/// A skeleton of fewer pixels tells no length.
const LEAST_PIXELS: usize = 8;
/// Skeletons of fragments are joined up to this many pixels of all together: all pairs are looked at.
const MOST_JOINED: usize = 10_000;

/// Length from tip to tip along the centre line, in the unit of the scale; None for a region without a skeleton to speak of, and for a cloud
/// of fragments too many to be joined to one line.
///
/// The longest shortest path through the skeleton, less the local half width at both ends, where a skeleton bends into a corner; smoothed
/// (Gaussian, σ = 1 px, ends pinned); and from both ends on in the direction of the line to the border of the region. Fragments are joined
/// by straight lines between the nearest pixels of their skeletons.
#[must_use]
pub(super) fn length_along(runs: &[Run], bounds: PixelRect, scale: (f64, f64)) -> Option<f64> {
    let skeleton = thinning::skeleton(runs, bounds);
    if skeleton.len() < LEAST_PIXELS {
        return None;
    }
    let pieces = Components::of_runs(runs);
    if pieces.len() > 1 && skeleton.len() > MOST_JOINED {
        return None;
    }
    let path = Graph::of(&skeleton, &pieces, scale).longest_path();
    let path: Vec<Point> = path.iter().map(|&i| centre_of(skeleton[i])).collect();
    let half_width = (half_width_at(&skeleton, runs) - 0.5).max(0.0);
    Some(extended(&smoothed(&path), runs, half_width, scale))
}

fn centre_of((x, y): (u32, u32)) -> Point {
    Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5)
}

/// Median over the skeleton of the distance to the nearest pixel outside, px.
fn half_width_at(skeleton: &[(u32, u32)], runs: &[Run]) -> f64 {
    let distances = squared_distances_inside(runs, (1.0, 1.0));
    let mut values = Vec::with_capacity(skeleton.len());
    let (mut start, mut run) = (0, 0);
    for &(x, y) in skeleton {
        while let Some(r) = runs.get(run).filter(|r| (r.y, r.x1) <= (y, x)) {
            start += r.len() as usize;
            run += 1;
        }
        if let Some(d) = runs.get(run).and_then(|r| distances.get(start + (x - r.x0) as usize)) {
            values.push(d.sqrt());
        }
    }
    let n = values.len();
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 { upper } else { f64::midpoint(below.iter().copied().fold(0.0, f64::max), upper) }
}

/// Two nodes and the length between them.
type Link = (u32, u32, f64);

/// Skeleton pixels and the steps between them.
struct Graph {
    /// Neighbours of each node and the length of the step in the unit of the scale.
    steps: Vec<Vec<(u32, f64)>>,
}

impl Graph {
    fn of(skeleton: &[(u32, u32)], pieces: &Components, (sx, sy): (f64, f64)) -> Self {
        let node = |x: u32, y: u32| skeleton.binary_search_by_key(&(y, x), |&(x, y)| (y, x)).ok();
        let diagonal = sx.hypot(sy);
        let mut steps = vec![Vec::with_capacity(2); skeleton.len()];
        for (i, &(x, y)) in skeleton.iter().enumerate() {
            // Each pair once: the neighbours that come later.
            let later = [(x + 1, y, sx), (x.wrapping_sub(1), y + 1, diagonal), (x, y + 1, sy), (x + 1, y + 1, diagonal)];
            for (u, v, length) in later {
                if let Some(k) = node(u, v) {
                    steps[i].push((k as u32, length));
                    steps[k].push((i as u32, length));
                }
            }
        }
        let mut graph = Self { steps };
        if pieces.len() > 1 {
            graph.bridge(skeleton, pieces, (sx, sy));
        }
        graph
    }

    /// Joins the skeletons of fragments by a minimum spanning tree (Prim) of the straight lines between their nearest pixels.
    fn bridge(&mut self, skeleton: &[(u32, u32)], pieces: &Components, (sx, sy): (f64, f64)) {
        let mut groups: Vec<Vec<u32>> = vec![Vec::new(); pieces.len()];
        for (i, &(x, y)) in skeleton.iter().enumerate() {
            if let Some(piece) = pieces.at(x, y) {
                groups[piece].push(i as u32);
            }
        }
        groups.retain(|g| !g.is_empty());
        let place = |i: u32| (f64::from(skeleton[i as usize].0) * sx, f64::from(skeleton[i as usize].1) * sy);
        let nearest = |a: &[u32], b: &[u32]| {
            let pairs = a.iter().flat_map(|&i| b.iter().map(move |&k| (i, k)));
            let length = |(i, k): (u32, u32)| (place(i).0 - place(k).0).hypot(place(i).1 - place(k).1);
            pairs.map(|pair| (pair.0, pair.1, length(pair))).min_by(|a, b| a.2.total_cmp(&b.2))
        };
        // The best link of each group to those that are joined already.
        let mut links: Vec<(Vec<u32>, Option<Link>)> = groups.into_iter().map(|g| (g, None)).collect();
        let Some((mut newest, _)) = links.pop() else { return };
        while !links.is_empty() {
            for (group, best) in &mut links {
                if let Some(link) = nearest(&newest, group).filter(|link| best.is_none_or(|b| link.2 < b.2)) {
                    *best = Some(link);
                }
            }
            let shortest = links.iter().enumerate().filter_map(|(g, (_, link))| link.map(|link| (g, link)));
            let Some((g, (i, k, length))) = shortest.min_by(|a, b| a.1.2.total_cmp(&b.1.2)) else { return };
            self.steps[i as usize].push((k, length));
            self.steps[k as usize].push((i, length));
            newest = links.swap_remove(g).0;
        }
    }

    /// The nodes of the longest of all shortest paths where the skeleton is a tree, and of a nearly longest one where it has loops: the
    /// farthest node from any node, and the farthest from that. The larger one of pieces that nothing joins.
    fn longest_path(&self) -> Vec<usize> {
        let (distances, _) = self.distances_from(0);
        let start = farthest(&distances);
        let (distances, before) = self.distances_from(start);
        let mut path = vec![farthest(&distances)];
        while let Some(previous) = path.last().and_then(|&last| before[last]) {
            path.push(previous as usize);
        }
        path
    }

    /// Dijkstra: distance of every node that can be reached, and the node before it on the way.
    fn distances_from(&self, start: usize) -> (Vec<f64>, Vec<Option<u32>>) {
        let mut distances = vec![f64::INFINITY; self.steps.len()];
        let mut before = vec![None; self.steps.len()];
        distances[start] = 0.0;
        // Lengths are positive, so their bits are in their order.
        let mut queue = BinaryHeap::from([Reverse((0.0_f64.to_bits(), start as u32))]);
        while let Some(Reverse((bits, node))) = queue.pop() {
            let here = f64::from_bits(bits);
            if here > distances[node as usize] {
                continue;
            }
            for &(next, length) in &self.steps[node as usize] {
                let there = here + length;
                if there < distances[next as usize] - 1e-12 {
                    distances[next as usize] = there;
                    before[next as usize] = Some(node);
                    queue.push(Reverse((there.to_bits(), next)));
                }
            }
        }
        (distances, before)
    }
}

fn farthest(distances: &[f64]) -> usize {
    let reached = distances.iter().enumerate().filter(|(_, d)| d.is_finite());
    reached.max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i)
}

/// Gaussian of σ = 1 sample along a path; beyond its ends it goes on as its mirror image through the end point, so that these stay.
fn smoothed(path: &[Point]) -> Vec<Point> {
    const REACH: usize = 4;
    let n = path.len();
    let reach = REACH.min(n.saturating_sub(1));
    if reach == 0 {
        return path.to_vec();
    }
    let weights: Vec<f64> = (0..=reach).map(|k| (-0.5 * (k as f64).powi(2)).exp()).collect();
    let total = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    let through = |end: Point, p: Point| Point::new(2.0 * end.x - p.x, 2.0 * end.y - p.y);
    let at = |i: isize| {
        if i < 0 {
            through(path[0], path[i.unsigned_abs()])
        } else if i as usize >= n {
            through(path[n - 1], path[2 * (n - 1) - i as usize])
        } else {
            path[i as usize]
        }
    };
    let one = |i: usize| {
        let (mut x, mut y) = (0.0, 0.0);
        for k in -(reach as isize)..=reach as isize {
            let (w, p) = (weights[k.unsigned_abs()], at(i as isize + k));
            (x, y) = (x + w * p.x, y + w * p.y);
        }
        Point::new(x / total, y / total)
    };
    (0..n).map(one).collect()
}

/// Length of a path with its ends cut off by `trim` px and drawn out to the border of the region.
fn extended(path: &[Point], runs: &[Run], trim: f64, scale: (f64, f64)) -> f64 {
    if path.len() < 6 {
        return length_of(path, scale);
    }
    let mut along = vec![0.0];
    for step in path.windows(2) {
        along.push(along[along.len() - 1] + step[0].distance(step[1]));
    }
    let whole = along[along.len() - 1];
    let cut = trim.min(0.25 * whole);
    let kept: Vec<Point> = path.iter().zip(&along).filter(|(_, at)| (cut..=whole - cut).contains(*at)).map(|(p, _)| *p).collect();
    let kept = if kept.len() < 4 { path } else { &kept };
    let n = kept.len();
    let base = (n - 1).min((trim as usize + 3).max(4));
    length_of(kept, scale) + ray(kept[0], kept[base], runs, scale) + ray(kept[n - 1], kept[n - 1 - base], runs, scale)
}

fn length_of(path: &[Point], (sx, sy): (f64, f64)) -> f64 {
    path.windows(2).map(|p| ((p[1].x - p[0].x) * sx).hypot((p[1].y - p[0].y) * sy)).sum()
}

/// From `start` away from `from` until the region ends.
fn ray(start: Point, from: Point, runs: &[Run], (sx, sy): (f64, f64)) -> f64 {
    const STEP: f64 = 0.1;
    let length = start.distance(from);
    if length == 0.0 {
        return 0.0;
    }
    let (dx, dy) = ((start.x - from.x) / length, (start.y - from.y) / length);
    let is_in = |t: f64| {
        let (x, y) = ((start.x + dx * t).floor(), (start.y + dy * t).floor());
        x >= 0.0 && y >= 0.0 && {
            let (x, y) = (x as u32, y as u32);
            let run = runs.partition_point(|r| (r.y, r.x1) <= (y, x));
            runs.get(run).is_some_and(|r| r.y == y && r.x0 <= x)
        }
    };
    let mut steps = 0_u32;
    while is_in(f64::from(steps + 1) * STEP) {
        steps += 1;
    }
    // The border lies between the last step inside and the next.
    (f64::from(steps) + 0.5) * STEP * (dx * sx).hypot(dy * sy)
}
