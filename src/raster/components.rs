//! Connected components: the pixels of one value that hang together, 8-connected, found on runs.

use super::geometry::PixelRect;
use super::label_map::LabelMap;
use super::runs::{self, Run};
use super::{BACKGROUND, IGNORE};

/// The components of a label map, numbered from 0 in the order in which their first pixel is met from top left.
#[derive(Clone, Debug, Default)]
pub struct Components {
    /// Runs grouped by component, each group from top to bottom and left to right.
    runs: Vec<Run>,
    /// `runs[starts[i]..starts[i + 1]]` belong to component `i`.
    starts: Vec<u32>,
}

impl Components {
    /// Components of every class in `map`; [`IGNORE`] pixels belong to none.
    #[must_use]
    pub fn of(map: &LabelMap) -> Self {
        Self::of_runs(&runs::runs(map))
    }

    /// Components of the pixels inside `rect` only.
    #[must_use]
    pub fn of_rect(map: &LabelMap, rect: PixelRect) -> Self {
        Self::of_runs(&runs::runs_in(map, rect))
    }

    /// Groups runs, given from top to bottom and left to right, into 8-connected components of equal value.
    #[must_use]
    pub fn of_runs(all: &[Run]) -> Self {
        let mut parent: Vec<u32> = Vec::with_capacity(all.len());
        let (mut above_start, mut above_end) = (0, 0);
        let mut i = 0;
        while i < all.len() {
            let y = all[i].y;
            let row_start = i;
            if above_end > above_start && all[above_start].y + 1 != y {
                above_start = above_end;
            }
            let mut above = above_start;
            while i < all.len() && all[i].y == y {
                let run = all[i];
                while above < above_end && all[above].x1 < run.x0 {
                    above += 1;
                }
                // Joins the sets of all touching runs above; the smallest index is the root.
                let mut root = i as u32;
                let mut k = above;
                while k < above_end && all[k].x0 <= run.x1 {
                    if all[k].value == run.value {
                        let other = find(&mut parent, k as u32);
                        if root == i as u32 {
                            root = other;
                        } else if other < root {
                            parent[root as usize] = other;
                            root = other;
                        } else {
                            parent[other as usize] = root;
                        }
                    }
                    k += 1;
                }
                parent.push(root);
                i += 1;
            }
            above_start = row_start;
            above_end = i;
        }
        Self::grouped(all, parent)
    }

    /// Components from runs that were grouped elsewhere: each group one value, sorted from top to bottom and left to right; empty ones
    /// are left out.
    #[must_use]
    pub fn of_groups<G: AsRef<[Run]>>(groups: &[G]) -> Self {
        let mut runs = Vec::with_capacity(groups.iter().map(|g| g.as_ref().len()).sum());
        let mut starts = Vec::with_capacity(groups.len() + 1);
        for group in groups.iter().map(AsRef::as_ref).filter(|g| !g.is_empty()) {
            starts.push(runs.len() as u32);
            runs.extend_from_slice(group);
        }
        starts.push(runs.len() as u32);
        Self { runs, starts }
    }

    fn grouped(all: &[Run], parent: Vec<u32>) -> Self {
        const NONE: u32 = u32::MAX;
        // A parent has a smaller index than its child, so one pass turns parents into component numbers in place.
        let mut component = parent;
        let mut starts: Vec<u32> = Vec::new();
        for (i, run) in all.iter().enumerate() {
            let parent = component[i] as usize;
            component[i] = if run.value == IGNORE || run.value == BACKGROUND {
                NONE
            } else if parent == i {
                starts.push(0);
                starts.len() as u32 - 1
            } else {
                component[parent]
            };
            if let Some(size) = starts.get_mut(component[i] as usize) {
                *size += 1;
            }
        }
        // From sizes to the place of the first run of each.
        let mut total = 0;
        for size in &mut starts {
            total += std::mem::replace(size, total);
        }
        let mut next = starts.clone();
        let mut runs = vec![Run { y: 0, x0: 0, x1: 0, value: 0 }; total as usize];
        for (run, &number) in all.iter().zip(&component) {
            if let Some(place) = next.get_mut(number as usize) {
                runs[*place as usize] = *run;
                *place += 1;
            }
        }
        starts.push(total);
        Self { runs, starts }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The runs of component `index`, from top to bottom and left to right; never empty.
    #[must_use]
    pub fn runs(&self, index: usize) -> &[Run] {
        &self.runs[self.starts[index] as usize..self.starts[index + 1] as usize]
    }

    /// The value that all pixels of component `index` share.
    #[must_use]
    pub fn value(&self, index: usize) -> u8 {
        self.runs[self.starts[index] as usize].value
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Run]> {
        (0..self.len()).map(|i| self.runs(i))
    }

    /// The component that pixel (x, y) belongs to.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> Option<usize> {
        (0..self.len()).find(|&i| {
            let runs = self.runs(i);
            let from = runs.partition_point(|r| r.y < y);
            runs[from..].iter().take_while(|r| r.y == y).any(|r| r.x0 <= x && x < r.x1)
        })
    }
}

/// Root of the set of `i`, halving the path on the way.
fn find(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        let grand = parent[parent[i as usize] as usize];
        parent[i as usize] = grand;
        i = grand;
    }
    i
}
