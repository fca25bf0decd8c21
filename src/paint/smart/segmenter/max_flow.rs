//! Maximum flow on a grid of 8 neighbours (Boykov & Kolmogorov 2004, IEEE TPAMI 26:1124): two search trees that are kept between
//! augmentations. Whole numbers, so the flow is exact.

use std::collections::VecDeque;

/// Directions k and k ^ 1 are opposite: E W, S N, SE NW, SW NE.
pub(super) const STEPS: [(i64, i64); 8] = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (-1, 1), (1, -1)];

const FREE: u8 = 0;
const SOURCE: u8 = 1;
const SINK: u8 = 2;

const TERMINAL: u8 = 8;
const ORPHAN: u8 = 9;
const NONE: u8 = 10;

const FAR: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    /// Residual capacities to the eight neighbours.
    caps: [i32; 8],
    /// Residual capacity from the source (> 0) or to the sink (< 0).
    terminal: i32,
    stamp: u32,
    distance: u32,
    tree: u8,
    parent: u8,
    is_active: bool,
}

const BLANK: Node = Node { caps: [0; 8], terminal: 0, stamp: 0, distance: 0, tree: FREE, parent: NONE, is_active: false };

/// A grid of `width × height` nodes with a border of unconnected ones, so that every step has a target.
pub(super) struct GridFlow {
    stride: usize,
    offsets: [isize; 8],
    nodes: Vec<Node>,
    active: VecDeque<u32>,
    orphans: VecDeque<u32>,
    time: u32,
    flow: i64,
}

impl GridFlow {
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width + 2;
        let offsets = STEPS.map(|(dx, dy)| dy as isize * stride as isize + dx as isize);
        Self {
            stride,
            offsets,
            nodes: vec![BLANK; stride * (height + 2)],
            active: VecDeque::new(),
            orphans: VecDeque::new(),
            time: 0,
            flow: 0,
        }
    }

    const fn index(&self, x: usize, y: usize) -> usize {
        (y + 1) * self.stride + x + 1
    }

    /// Adds capacity from the source and to the sink.
    pub fn add_terminal(&mut self, x: usize, y: usize, source: i32, sink: i32) {
        let i = self.index(x, y);
        self.flow += i64::from(source.min(sink));
        self.nodes[i].terminal += source - sink;
    }

    /// Sets the capacity, both ways alike, between (x, y) and its neighbour in direction `k`, which must lie inside.
    pub fn set_edge(&mut self, x: usize, y: usize, k: usize, capacity: i32) {
        let i = self.index(x, y);
        let j = self.step(i, k);
        self.nodes[i].caps[k] = capacity;
        self.nodes[j].caps[k ^ 1] = capacity;
    }

    /// After [`Self::solve`]: the node lies on the source's side of the minimum cut.
    pub fn is_source(&self, x: usize, y: usize) -> bool {
        self.nodes[self.index(x, y)].tree == SOURCE
    }

    const fn step(&self, i: usize, k: usize) -> usize {
        i.wrapping_add_signed(self.offsets[k])
    }

    /// The value of the maximum flow.
    pub fn solve(&mut self) -> i64 {
        for i in 0..self.nodes.len() {
            let terminal = self.nodes[i].terminal;
            if terminal != 0 {
                let node = &mut self.nodes[i];
                node.tree = if terminal > 0 { SOURCE } else { SINK };
                node.parent = TERMINAL;
                node.distance = 1;
                self.activate(i);
            }
        }
        let mut current: Option<usize> = None;
        loop {
            let i = match current.take().filter(|&i| self.nodes[i].tree != FREE) {
                Some(i) => i,
                None => match self.next_active() {
                    Some(i) => i,
                    None => return self.flow,
                },
            };
            let bridge = self.grow(i);
            self.time += 1;
            if let Some((from, k)) = bridge {
                current = Some(i);
                self.augment(from, k);
                while let Some(orphan) = self.orphans.pop_front() {
                    self.adopt(orphan as usize);
                }
            }
        }
    }

    fn activate(&mut self, i: usize) {
        if !self.nodes[i].is_active {
            self.nodes[i].is_active = true;
            self.active.push_back(i as u32);
        }
    }

    fn next_active(&mut self) -> Option<usize> {
        while let Some(i) = self.active.pop_front() {
            let node = &mut self.nodes[i as usize];
            node.is_active = false;
            if node.tree != FREE {
                return Some(i as usize);
            }
        }
        None
    }

    /// Takes free neighbours into the tree of `i`; the edge (source side, direction) at which it meets the other tree.
    fn grow(&mut self, i: usize) -> Option<(usize, usize)> {
        let Node { caps, tree, stamp, distance, .. } = self.nodes[i];
        for (k, &cap) in caps.iter().enumerate() {
            let j = self.step(i, k);
            let residual = if tree == SOURCE { cap } else { self.nodes[j].caps[k ^ 1] };
            if residual <= 0 {
                continue;
            }
            let other = &mut self.nodes[j];
            if other.tree == FREE {
                other.tree = tree;
                other.parent = (k ^ 1) as u8;
                other.stamp = stamp;
                other.distance = distance + 1;
                self.activate(j);
            } else if other.tree != tree {
                return Some(if tree == SOURCE { (i, k) } else { (j, k ^ 1) });
            } else if other.stamp <= stamp && other.distance > distance {
                other.parent = (k ^ 1) as u8;
                other.stamp = stamp;
                other.distance = distance + 1;
            }
        }
        None
    }

    /// Pushes as much as fits along the path through the edge from `from` in direction `k`.
    fn augment(&mut self, from: usize, k: usize) {
        let to = self.step(from, k);
        let mut room = self.nodes[from].caps[k];
        let mut i = from;
        while self.nodes[i].parent != TERMINAL {
            let d = self.nodes[i].parent as usize;
            i = self.step(i, d);
            room = room.min(self.nodes[i].caps[d ^ 1]);
        }
        room = room.min(self.nodes[i].terminal);
        i = to;
        while self.nodes[i].parent != TERMINAL {
            let d = self.nodes[i].parent as usize;
            room = room.min(self.nodes[i].caps[d]);
            i = self.step(i, d);
        }
        room = room.min(-self.nodes[i].terminal);

        self.nodes[from].caps[k] -= room;
        self.nodes[to].caps[k ^ 1] += room;
        i = from;
        while self.nodes[i].parent != TERMINAL {
            let d = self.nodes[i].parent as usize;
            let up = self.step(i, d);
            self.nodes[i].caps[d] += room;
            self.nodes[up].caps[d ^ 1] -= room;
            if self.nodes[up].caps[d ^ 1] == 0 {
                self.orphan_first(i);
            }
            i = up;
        }
        self.nodes[i].terminal -= room;
        if self.nodes[i].terminal == 0 {
            self.orphan_first(i);
        }
        i = to;
        while self.nodes[i].parent != TERMINAL {
            let d = self.nodes[i].parent as usize;
            let up = self.step(i, d);
            self.nodes[up].caps[d ^ 1] += room;
            self.nodes[i].caps[d] -= room;
            if self.nodes[i].caps[d] == 0 {
                self.orphan_first(i);
            }
            i = up;
        }
        self.nodes[i].terminal += room;
        if self.nodes[i].terminal == 0 {
            self.orphan_first(i);
        }
        self.flow += i64::from(room);
    }

    fn orphan_first(&mut self, i: usize) {
        self.nodes[i].parent = ORPHAN;
        self.orphans.push_front(i as u32);
    }

    /// Finds a new parent in the same tree that still leads to the terminal, or sets the node and then its children free.
    fn adopt(&mut self, i: usize) {
        let tree = self.nodes[i].tree;
        let (mut nearest, mut parent) = (FAR, NONE);
        for k in 0..8 {
            let j = self.step(i, k);
            if self.nodes[j].tree != tree || self.residual_towards(tree, i, j, k) <= 0 {
                continue;
            }
            let distance = self.distance_to_root(j);
            if distance < nearest {
                (nearest, parent) = (distance, k as u8);
            }
        }
        if parent != NONE {
            let node = &mut self.nodes[i];
            node.parent = parent;
            node.stamp = self.time;
            node.distance = nearest + 1;
            return;
        }
        for k in 0..8 {
            let j = self.step(i, k);
            if self.nodes[j].tree != tree {
                continue;
            }
            if self.residual_towards(tree, i, j, k) > 0 {
                self.activate(j);
            }
            if self.nodes[j].parent as usize == k ^ 1 {
                self.nodes[j].parent = ORPHAN;
                self.orphans.push_back(j as u32);
            }
        }
        let node = &mut self.nodes[i];
        node.tree = FREE;
        node.parent = NONE;
    }

    /// What can still flow between `i` and its neighbour `j` in direction `k`, as a parent of `i`.
    fn residual_towards(&self, tree: u8, i: usize, j: usize, k: usize) -> i32 {
        if tree == SOURCE { self.nodes[j].caps[k ^ 1] } else { self.nodes[i].caps[k] }
    }

    /// Steps from `j` to its terminal; [`FAR`] when an orphan lies between. Marks the way, so that it is walked once per time.
    fn distance_to_root(&mut self, j: usize) -> u32 {
        let (mut at, mut steps) = (j, 0);
        let total = loop {
            let node = &mut self.nodes[at];
            if node.stamp == self.time {
                break steps + node.distance;
            }
            match node.parent {
                TERMINAL => {
                    node.stamp = self.time;
                    node.distance = 1;
                    break steps + 1;
                }
                ORPHAN | NONE => return FAR,
                d => {
                    steps += 1;
                    at = self.step(at, d as usize);
                }
            }
        };
        let (mut at, mut left) = (j, total);
        while self.nodes[at].stamp != self.time {
            self.nodes[at].stamp = self.time;
            self.nodes[at].distance = left;
            left -= 1;
            at = self.step(at, self.nodes[at].parent as usize);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The cheapest of all cuts of small grids, tried one by one.
        #[test]
        fn the_flow_is_the_cheapest_cut(
            w in 1_usize..5, h in 1_usize..4,
            terminals in prop::collection::vec((0_i32..20, 0_i32..20), 12),
            caps in prop::collection::vec(0_i32..12, 48),
        ) {
            let mut flow = GridFlow::new(w, h);
            let mut edges = Vec::new();
            for y in 0..h {
                for x in 0..w {
                    let (source, sink) = terminals[y * 4 + x];
                    flow.add_terminal(x, y, source, sink);
                    for (e, k) in [0, 2, 4, 6].into_iter().enumerate() {
                        let (nx, ny) = (x as i64 + STEPS[k].0, y as i64 + STEPS[k].1);
                        if (0..w as i64).contains(&nx) && (0..h as i64).contains(&ny) {
                            let c = caps[(y * 4 + x) * 4 + e];
                            flow.set_edge(x, y, k, c);
                            edges.push((y * w + x, ny as usize * w + nx as usize, c));
                        }
                    }
                }
            }
            let cost = |cut: usize| -> i64 {
                let side = |i: usize| cut >> i & 1 == 1;
                let ends: i64 = (0..w * h).map(|i| {
                    let (source, sink) = terminals[i / w * 4 + i % w];
                    i64::from(if side(i) { sink } else { source })
                }).sum();
                ends + edges.iter().filter(|e| side(e.0) != side(e.1)).map(|e| i64::from(e.2)).sum::<i64>()
            };
            let best = (0..1_usize << (w * h)).map(cost).min().unwrap();
            prop_assert_eq!(flow.solve(), best);
            let own = (0..w * h).filter(|&i| flow.is_source(i % w, i / w)).fold(0, |cut, i| cut | 1 << i);
            prop_assert_eq!(cost(own), best);
        }
    }
}
