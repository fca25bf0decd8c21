//! Labels that were painted at a lower resolution and enlarged: their boundaries lie on a grid.
//!
//! Columns between which a region changes anywhere (and rows likewise) are spread over all phases in a label of native resolution; in
//! one that was enlarged by `f` without smoothing they all have the same remainder modulo `f`.

use super::Hygiene;
use super::field::Field;
use crate::check::finding::Finding;
use crate::check::finding_kind::FindingKind;
use crate::raster::runs::Run;

/// Factors that are looked for, largest first: what was enlarged by 8 lies on the grids of 2 and 4 as well.
const FACTORS: std::ops::RangeInclusive<u32> = 2..=16;
/// So many places per axis at least.
const LEAST_PLACES: usize = 4;
/// Natural logarithm of how unlikely the phases must be if the label were native: 1 in 10 000. A pair of upright rectangles with even
/// coordinates is no enlarged label.
const LEAST_EVIDENCE: f64 = 9.2;

/// Where a set of runs changes: distinct columns and rows, ascending, those of the image border left out.
#[derive(Debug, Default)]
struct Places {
    columns: Vec<u32>,
    rows: Vec<u32>,
}

impl Places {
    /// `runs`: sorted by row and column; `width`, `height`: of the image.
    fn of<'a>(runs: impl Iterator<Item = &'a Run> + Clone, width: u32, height: u32) -> Self {
        let mut columns: Vec<u32> = runs.clone().flat_map(|r| [r.x0, r.x1]).collect();
        columns.sort_unstable();
        columns.dedup();
        columns.retain(|&x| x > 0 && x < width);
        let (mut before, mut row): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
        let mut rows = Vec::new();
        let mut push = |y: u32| {
            if y > 0 && y < height && rows.last() != Some(&y) {
                rows.push(y);
            }
        };
        let is_same = |a: &[Run], b: &[Run]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a.x0, a.x1, a.value) == (b.x0, b.x1, b.value))
        };
        let mut runs = runs.peekable();
        while let Some(y) = runs.peek().map(|r| r.y) {
            std::mem::swap(&mut before, &mut row);
            row.clear();
            while let Some(run) = runs.next_if(|r| r.y == y) {
                row.push(*run);
            }
            match before.last() {
                Some(last) if last.y + 1 == y => {
                    if !is_same(&before, &row) {
                        push(y);
                    }
                }
                Some(last) => {
                    push(last.y + 1);
                    push(y);
                }
                None => push(y),
            }
        }
        if let Some(last) = row.last() {
            push(last.y + 1);
        }
        Self { columns, rows }
    }

    /// The factor by which the label was enlarged; None for one of native resolution, or too small to tell.
    fn factor(&self, least_share: f64) -> Option<u32> {
        if self.columns.len() < LEAST_PLACES || self.rows.len() < LEAST_PLACES {
            return None;
        }
        let places = (self.columns.len() + self.rows.len() - 2) as f64;
        FACTORS.rev().find(|&f| {
            places * f64::from(f).ln() >= LEAST_EVIDENCE
                && share_in_phase(&self.columns, f) >= least_share
                && share_in_phase(&self.rows, f) >= least_share
        })
    }
}

/// Share of the places that have the commonest remainder modulo `factor`, 0..=1.
fn share_in_phase(places: &[u32], factor: u32) -> f64 {
    let mut counts = [0_usize; 16];
    for &place in places {
        counts[(place % factor) as usize] += 1;
    }
    counts.into_iter().max().unwrap_or(0) as f64 / places.len().max(1) as f64
}

impl Hygiene {
    /// One finding for the whole image when all its labels lie on one grid, else one for each region that does.
    pub(super) fn upscaled(&self, field: &Field<'_>) -> Vec<Finding> {
        let (width, height) = (field.map.width(), field.map.height());
        let all = Places::of(field.runs().iter().map(|(r, _)| r), width, height).factor(self.grid_share);
        if let Some(factor) = all {
            let bounds = field.pieces.iter().fold(crate::raster::PixelRect::EMPTY, |all, p| all.union(p.bounds));
            let message =
                format!("the label was made at 1/{factor} of this size and enlarged: its boundaries go in steps of {factor} px");
            return vec![Finding::new(FindingKind::UpscaledMask, None, bounds, message)];
        }
        let one = |p: &super::field::Piece<'_>| {
            // No region can lie on a grid with fewer places than this.
            let is_large = p.bounds.width() as usize >= LEAST_PLACES && p.bounds.height() as usize >= LEAST_PLACES;
            let factor = if is_large { Places::of(p.runs.iter(), width, height).factor(self.grid_share) } else { None }?;
            let message = format!("made at 1/{factor} of this size and enlarged: its boundary goes in steps of {factor} px");
            Some(Finding::new(FindingKind::UpscaledMask, Some(p.name()), p.bounds, message))
        };
        field.pieces.iter().filter_map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_where_the_pixels_change() {
        let run = |y, x0, x1| Run { y, x0, x1, value: 1 };
        // Two equal rows, a wider one, a row without anything, one more, and one on the border.
        let runs = [run(2, 4, 6), run(3, 4, 6), run(4, 3, 7), run(6, 3, 7), run(6, 8, 10)];
        let places = Places::of(runs.iter(), 10, 7);
        assert_eq!(places.columns, [3, 4, 6, 7, 8]);
        assert_eq!(places.rows, [2, 4, 5, 6]);
    }

    #[test]
    fn few_places_prove_nothing() {
        let places =
            |f: u32, n: u32| Places { columns: (1..=n).map(|i| i * f + 1).collect(), rows: (1..=n).map(|i| i * f).collect() };
        assert_eq!(places(2, 4).factor(0.95), None);
        assert_eq!(places(2, 9).factor(0.95), Some(2));
        assert_eq!(places(3, 6).factor(0.95), Some(3));
        assert_eq!(places(8, 4).factor(0.95), Some(8));
        assert_eq!(places(1, 40).factor(0.95), None);
    }
}
