//! Closed cracks between pixels, and what they take apart.

use super::geometry::PixelRect;
use super::runs::Run;

/// The cracks, each one pixel long, that cuts run along.
pub(super) struct Cracks {
    /// (y, x): between the pixels (x − 1, y) and (x, y); sorted.
    upright: Vec<(u32, u32)>,
    /// (y, x): between the pixels (x, y − 1) and (x, y); sorted.
    level: Vec<(u32, u32)>,
}

impl Cracks {
    /// Cracks between two pixels of `within`; the others can separate nothing in it. A cut that a person wrote into a file may be as long
    /// as numbers go: no more of it is walked than lies within.
    pub fn of(cuts: &[Vec<(u32, u32)>], within: PixelRect) -> Self {
        let (mut upright, mut level) = (Vec::new(), Vec::new());
        for step in cuts.iter().flat_map(|cut| cut.windows(2)) {
            let ((ax, ay), (bx, by)) = (step[0], step[1]);
            if ax == bx && (within.x0 + 1..within.x1).contains(&ax) {
                upright.extend((ay.min(by).max(within.y0)..ay.max(by).min(within.y1)).map(|y| (y, ax)));
            } else if ay == by && (within.y0 + 1..within.y1).contains(&ay) {
                level.extend((ax.min(bx).max(within.x0)..ax.max(bx).min(within.x1)).map(|x| (ay, x)));
            }
        }
        for cracks in [&mut upright, &mut level] {
            cracks.sort_unstable();
            cracks.dedup();
        }
        Self { upright, level }
    }

    /// Some crack may part two pixels of rows `y0..y1`.
    pub fn are_in_rows(&self, y0: u32, y1: u32) -> bool {
        [&self.upright, &self.level].into_iter().any(|cracks| {
            let from = cracks.partition_point(|&(y, _)| y < y0);
            cracks.get(from).is_some_and(|&(y, _)| y < y1)
        })
    }

    /// Some crack lies between two pixels of this rectangle.
    pub fn meet(&self, rect: PixelRect) -> bool {
        let has = |cracks: &[(u32, u32)], y0: u32, x0: u32| {
            let from = cracks.partition_point(|&(y, _)| y < y0);
            cracks[from..].iter().take_while(|&&(y, _)| y < rect.y1).any(|&(_, x)| x >= x0 && x < rect.x1)
        };
        has(&self.upright, rect.y0, rect.x0 + 1) || has(&self.level, rect.y0 + 1, rect.x0)
    }

    fn is_upright(&self, x: u32, y: u32) -> bool {
        self.upright.binary_search(&(y, x)).is_ok()
    }

    fn is_level(&self, x: u32, y: u32) -> bool {
        self.level.binary_search(&(y, x)).is_ok()
    }

    /// Cracks above, below, left and right of corner (x, y).
    fn around(&self, x: u32, y: u32) -> [bool; 4] {
        let before = |v: u32| v.wrapping_sub(1);
        [self.is_upright(x, before(y)), self.is_upright(x, y), self.is_level(before(x), y), self.is_level(x, y)]
    }

    /// The pixels of one component in its pieces, each sorted; the pieces in the order of their first pixels.
    pub fn take_apart(&self, runs: &[Run]) -> Vec<Vec<Run>> {
        let mut parts: Vec<Run> = Vec::with_capacity(runs.len() + self.upright.len());
        for run in runs {
            let mut x0 = run.x0;
            let from = self.upright.partition_point(|&c| c <= (run.y, run.x0));
            for &(_, x) in self.upright[from..].iter().take_while(|&&c| c < (run.y, run.x1)) {
                parts.push(Run { x0, x1: x, ..*run });
                x0 = x;
            }
            parts.push(Run { x0, ..*run });
        }
        let mut sets = Sets::new(parts.len());
        let (mut above, mut row) = (0..0, 0..0);
        while row.end < parts.len() {
            let y = parts[row.end].y;
            above = if row.end > row.start && parts[row.start].y + 1 == y { row.clone() } else { above.end..above.end };
            row = row.end..row.end + parts[row.end..].partition_point(|r| r.y == y);
            let mut first = above.start;
            for below in row.clone() {
                while first < above.end && parts[first].x1 < parts[below].x0 {
                    first += 1;
                }
                for over in (first..above.end).take_while(|&i| parts[i].x0 <= parts[below].x1) {
                    if self.leave_open(&parts[over], &parts[below]) {
                        sets.join(over, below);
                    }
                }
            }
        }
        sets.groups(&parts)
    }

    /// A pixel of `over` connects with one of `below`, the runs being in rows that follow each other.
    fn leave_open(&self, over: &Run, below: &Run) -> bool {
        let (from, to, y) = (over.x0.max(below.x0), over.x1.min(below.x1), below.y);
        let holds = |run: &Run, x: u32| (run.x0..run.x1).contains(&x);
        let mut sides = from..to;
        sides.any(|x| !self.is_level(x, y))
            || (from..=to).any(|x| {
                let before = x.wrapping_sub(1);
                let (falls, rises) = (holds(over, before) && holds(below, x), holds(over, x) && holds(below, before));
                if !falls && !rises {
                    return false;
                }
                let [up, down, left, right] = self.around(x, y);
                (falls && !((up || right) && (left || down))) || (rises && !((up || left) && (right || down)))
            })
    }
}

/// Sets of indices that are joined, each named by its smallest one.
struct Sets(Vec<usize>);

impl Sets {
    fn new(len: usize) -> Self {
        Self((0..len).collect())
    }

    fn root(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }

    fn groups(&mut self, parts: &[Run]) -> Vec<Vec<Run>> {
        let mut groups: Vec<Vec<Run>> = Vec::new();
        let mut place = vec![0; parts.len()];
        for (i, part) in parts.iter().enumerate() {
            let root = self.root(i);
            if root == i {
                place[i] = groups.len();
                groups.push(Vec::new());
            }
            groups[place[root]].push(*part);
        }
        for group in &mut groups {
            // A crack that ends inside a region cuts a run in two that belong together all the same.
            group.dedup_by(|next, run| {
                let meets = next.y == run.y && next.x0 == run.x1;
                if meets {
                    run.x1 = next.x1;
                }
                meets
            });
        }
        groups
    }
}
