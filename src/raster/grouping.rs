//! What keeps touching pixels of one class apart, joins fragments that do not touch, and numbers what comes of it.
//!
//! Beside a label map, and not in it: no pixel is lost to a cut, and no class is spent on an instance.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::components::Components;
use super::cracks::Cracks;
use super::geometry::PixelRect;
use super::runs::Run;

/// A line along the cracks between pixels: corners (x, y) of pixels, (0, 0) being the outer corner of pixel (0, 0). A step that is
/// neither horizontal nor vertical separates nothing.
pub type Cut = Vec<(u32, u32)>;

/// A number, and the pixels (x, y) of which each makes the region that holds it part of what has this number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub number: u32,
    pub at: Vec<(u32, u32)>,
}

/// How the regions of one label map are split, merged and numbered.
///
/// * Two pixels that share a side do not connect across a cut that runs between them. Two that share only a corner do not connect when
///   both ways around that corner cross a cut.
/// * A piece that holds a pixel of an instance has its number; of two numbers the **lower** one wins. A pixel on background or ignored
///   pixels has no effect.
/// * Pieces of one class with one number are one region, wherever they lie. Pieces of two classes never are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<Instance>,
}

/// Regions as a [`Grouping`] makes them.
#[derive(Clone, Debug, Default)]
pub struct Grouped {
    /// In the order of the first pixel of each from top left. A region of several fragments is one component here; its runs are sorted
    /// and as long as possible, as those of every component.
    pub components: Components,
    /// The number of each component, where it has one.
    pub numbers: Vec<Option<u32>>,
}

impl Grouping {
    /// True when regions are just the connected pixels of one class.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cuts.is_empty() && self.instances.is_empty()
    }

    /// Groups runs, given from top to bottom and left to right, into regions.
    #[must_use]
    pub fn group(&self, runs: &[Run]) -> Grouped {
        let base = Components::of_runs(runs);
        if self.is_empty() {
            let numbers = vec![None; base.len()];
            return Grouped { components: base, numbers };
        }
        let pieces = self.taken_apart(&base, bounds_of(runs));
        if self.instances.is_empty() {
            let numbers = vec![None; pieces.len()];
            return Grouped { components: Components::of_groups(&pieces), numbers };
        }
        self.joined(pieces)
    }

    /// The connected pieces of `runs` between the cuts, whatever their numbers: the fragments of regions.
    #[must_use]
    pub fn pieces(&self, runs: &[Run]) -> Components {
        let base = Components::of_runs(runs);
        if self.cuts.is_empty() {
            return base;
        }
        Components::of_groups(&self.taken_apart(&base, bounds_of(runs)))
    }

    /// The number of a piece: the lowest of those that have a pixel in it. `is_in` tells whether a pixel (x, y) lies in the piece.
    #[must_use]
    pub fn number_in(&self, is_in: impl Fn(u32, u32) -> bool) -> Option<u32> {
        self.instances.iter().filter(|i| i.at.iter().any(|&(x, y)| is_in(x, y))).map(|i| i.number).min()
    }

    /// The pixels of all instances with this number.
    pub fn pixels_of(&self, number: u32) -> impl Iterator<Item = (u32, u32)> {
        self.instances.iter().filter(move |i| i.number == number).flat_map(|i| i.at.iter().copied())
    }

    /// The pairs of pixels (x, y) inside `rect` on both sides of each crack of a cut, the upper or left one first.
    pub fn sides(cut: &[(u32, u32)], rect: PixelRect) -> impl Iterator<Item = ((u32, u32), (u32, u32))> {
        cut.windows(2).flat_map(move |step| {
            let ((ax, ay), (bx, by)) = (step[0], step[1]);
            let is_upright = ax == bx && ax > rect.x0 && ax < rect.x1;
            let is_level = ay == by && ay > rect.y0 && ay < rect.y1;
            let rows = if is_upright { ay.min(by).max(rect.y0)..ay.max(by).min(rect.y1) } else { 0..0 };
            let columns = if is_level { ax.min(bx).max(rect.x0)..ax.max(bx).min(rect.x1) } else { 0..0 };
            rows.map(move |y| ((ax - 1, y), (ax, y))).chain(columns.map(move |x| ((x, ay - 1), (x, ay))))
        })
    }

    /// Heap bytes that this value takes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let points = self.cuts.iter().map(Vec::len).sum::<usize>() + self.instances.iter().map(|i| i.at.len()).sum::<usize>();
        size_of::<Cut>() * self.cuts.len() + size_of::<Instance>() * self.instances.len() + size_of::<(u32, u32)>() * points
    }

    /// The components, those that a cut meets in their pieces; in the order of their first pixels.
    fn taken_apart<'a>(&self, base: &'a Components, within: PixelRect) -> Vec<Cow<'a, [Run]>> {
        let cracks = Cracks::of(&self.cuts, within);
        let mut pieces: Vec<Cow<'a, [Run]>> = Vec::with_capacity(base.len());
        let mut is_sorted = true;
        for runs in base.iter() {
            // Most components lie beside all cuts: the rows alone tell it of most of them.
            if cracks.are_in_rows(runs[0].y, runs[runs.len() - 1].y + 1) && cracks.meet(bounds_of(runs)) {
                pieces.extend(cracks.take_apart(runs).into_iter().map(Cow::Owned));
                is_sorted = false;
            } else {
                pieces.push(Cow::Borrowed(runs));
            }
        }
        if !is_sorted {
            pieces.sort_by_key(|runs| (runs[0].y, runs[0].x0));
        }
        pieces
    }

    /// Pieces of one class and number as one; the others as they are.
    fn joined(&self, pieces: Vec<Cow<'_, [Run]>>) -> Grouped {
        let mut pixels: Vec<(u32, u32, u32)> =
            self.instances.iter().flat_map(|i| i.at.iter().map(|&(x, y)| (y, x, i.number))).collect();
        pixels.sort_unstable();
        let number_of = |runs: &[Run]| {
            let in_run = |r: &Run| {
                let from = pixels.partition_point(|&(y, x, _)| (y, x) < (r.y, r.x0));
                pixels[from..].iter().take_while(|&&(y, x, _)| (y, x) < (r.y, r.x1)).map(|&(.., number)| number).min()
            };
            runs.iter().filter_map(in_run).min()
        };
        let mut groups: Vec<Cow<'_, [Run]>> = Vec::with_capacity(pieces.len());
        let mut numbers = Vec::with_capacity(pieces.len());
        let mut place_of: BTreeMap<(u32, u8), usize> = BTreeMap::new();
        let mut is_joined = Vec::new();
        for runs in pieces {
            let number = number_of(&runs);
            if let Some(number) = number {
                let place = *place_of.entry((number, runs[0].value)).or_insert(groups.len());
                if let Some(group) = groups.get_mut(place) {
                    group.to_mut().extend_from_slice(&runs);
                    is_joined.push(place);
                    continue;
                }
            }
            groups.push(runs);
            numbers.push(number);
        }
        is_joined.sort_unstable();
        is_joined.dedup();
        for place in is_joined {
            let runs = groups[place].to_mut();
            runs.sort_unstable_by_key(|r| (r.y, r.x0));
            // Two pieces that a cut parted may lie side by side.
            runs.dedup_by(|next, run| {
                let meets = next.y == run.y && next.x0 == run.x1;
                if meets {
                    run.x1 = next.x1;
                }
                meets
            });
        }
        Grouped { components: Components::of_groups(&groups), numbers }
    }
}

/// The smallest rectangle around runs that are sorted from top to bottom.
fn bounds_of(runs: &[Run]) -> PixelRect {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return PixelRect::EMPTY };
    let (x0, x1) = runs.iter().fold((u32::MAX, 0), |(x0, x1), r| (x0.min(r.x0), x1.max(r.x1)));
    PixelRect::new(x0, first.y, x1, last.y + 1)
}

#[cfg(test)]
#[path = "grouping_tests.rs"]
mod tests;
