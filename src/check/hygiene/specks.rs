//! Slips of a few pixels: specks, islands of another class, pinholes.

use std::collections::BTreeSet;

use super::Hygiene;
use super::field::{Field, Piece};
use crate::check::finding::Finding;
use crate::check::finding_kind::FindingKind;
use crate::raster::BACKGROUND;
use crate::raster::geometry::PixelRect;
use crate::raster::label_map::LabelMap;

/// A region with more pinholes than this gets one finding for all of them.
const TOLD_EACH: usize = 3;

impl Hygiene {
    /// A region of fewer pixels than `least`, unless it is an island.
    pub(super) fn speck(piece: &Piece<'_>, least: u64) -> Option<Finding> {
        (piece.pixels < least).then(|| {
            let message = format!("a speck of {} px: delete it or join it to its neighbour", piece.pixels);
            Finding::new(FindingKind::Speck, Some(piece.name()), piece.bounds, message)
        })
    }

    /// A small region all of whose neighbours belong to one region of another class.
    pub(super) fn island(&self, field: &Field<'_>, piece: &Piece<'_>) -> Option<Finding> {
        if piece.pixels >= self.island_px {
            return None;
        }
        let around = surrounding(field, piece)?;
        let host = &field.pieces[around];
        (piece.pixels * 100 < self.island_percent * host.pixels).then(|| {
            let message = format!("{} px of one class inside region #{} of another: give them its class", piece.pixels, around + 1);
            Finding::new(FindingKind::Island, Some(piece.name()), piece.bounds, message)
        })
    }

    pub(super) fn pinholes(&self, map: &LabelMap, piece: &Piece<'_>, out: &mut Vec<Finding>) {
        let bounds = |hole: &BTreeSet<(u32, u32)>| {
            hole.iter().fold(PixelRect::EMPTY, |all, &(y, x)| all.union(PixelRect::new(x, y, x + 1, y + 1)))
        };
        let put = |bounds: PixelRect, message: String| Finding::new(FindingKind::Pinhole, Some(piece.name()), bounds, message);
        let holes = self.holes(map, piece);
        if holes.len() <= TOLD_EACH {
            out.extend(holes.iter().map(|h| put(bounds(h), format!("a pinhole of {} px: fill it", h.len()))));
        } else {
            let pixels: usize = holes.iter().map(BTreeSet::len).sum();
            let all = holes.iter().map(bounds).fold(PixelRect::EMPTY, PixelRect::union);
            out.push(put(all, format!("{} pinholes of {pixels} px in all: fill them", holes.len())));
        }
    }

    /// Small 4-connected background components that the region alone encloses, as (row, column).
    fn holes(&self, map: &LabelMap, piece: &Piece<'_>) -> Vec<BTreeSet<(u32, u32)>> {
        let mut holes: Vec<BTreeSet<(u32, u32)>> = Vec::new();
        // A hole has a row in which it is a gap between two runs of the region.
        for pair in piece.runs.windows(2) {
            let gap = (pair[0].y == pair[1].y).then(|| pair[1].x0 - pair[0].x1);
            if gap.is_none_or(|g| u64::from(g) >= self.pinhole_px) {
                continue;
            }
            let seed = (pair[0].y, pair[0].x1);
            if holes.iter().rev().any(|h| h.contains(&seed)) {
                continue;
            }
            if let Some(hole) = self.flood(map, seed, piece)
                && hole.len() as u64 * 100 < self.pinhole_percent * piece.pixels
            {
                holes.push(hole);
            }
        }
        holes
    }

    /// The background pixels that hang together with `seed`; None when they are too many, reach the border or touch another label.
    fn flood(&self, map: &LabelMap, seed: (u32, u32), piece: &Piece<'_>) -> Option<BTreeSet<(u32, u32)>> {
        let mut found = BTreeSet::from([seed]);
        let mut open = vec![seed];
        while let Some((y, x)) = open.pop() {
            if map.get(x, y) != BACKGROUND || x == 0 || y == 0 || x + 1 >= map.width() || y + 1 >= map.height() {
                return None;
            }
            for (v, u) in [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)] {
                if !piece.contains(u, v) && found.insert((v, u)) {
                    if found.len() as u64 >= self.pinhole_px {
                        return None;
                    }
                    open.push((v, u));
                }
            }
        }
        Some(found)
    }
}

/// The one region that all 8-neighbours of `piece` outside itself belong to; None when there are several, background or the border.
fn surrounding(field: &Field<'_>, piece: &Piece<'_>) -> Option<usize> {
    let mut host = None;
    for run in piece.runs {
        let x0 = run.x0.checked_sub(1)?;
        for y in [run.y.checked_sub(1)?, run.y, run.y + 1] {
            for x in x0..=run.x1 {
                let owner = field.owner(x, y)?;
                if owner != piece.index && *host.get_or_insert(owner) != owner {
                    return None;
                }
            }
        }
    }
    host.filter(|&h| field.pieces[h].class != piece.class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::hygiene::tests::map;
    use crate::raster::geometry::Point;

    fn only(kind: FindingKind, rows: &[&str]) -> Vec<Finding> {
        Hygiene::default().findings(&map(rows)).into_iter().filter(|f| f.kind == kind).collect()
    }

    #[test]
    fn specks_are_regions_below_four_pixels() {
        let found = only(FindingKind::Speck, &["11.......", ".1....22.", "......22.", "3........"]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].kind, found[0].class, found[0].bounds), (FindingKind::Speck, 1, PixelRect::new(0, 0, 2, 2)));
        assert_eq!((found[1].class, found[1].place), (3, Point::new(0.5, 3.5)));
    }

    #[test]
    fn pinholes_are_small_enclosed_and_background() {
        let mut rows = vec!["1".repeat(40); 40];
        rows[5].replace_range(5..7, "..");
        rows[6].replace_range(6..7, ".");
        // Diagonal neighbours are two holes; a hole with another label inside is none; nine pixels are a hole that is meant.
        rows[10].replace_range(10..11, ".");
        rows[11].replace_range(11..12, ".");
        rows[20].replace_range(20..22, ".2");
        rows[30].replace_range(10..19, ".........");
        rows[0].replace_range(30..31, ".");
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let holes = only(FindingKind::Pinhole, &rows);
        assert_eq!(holes.len(), 3, "{holes:?}");
        assert_eq!(holes[0].bounds, PixelRect::new(5, 5, 7, 7));
        assert!(holes[0].message.contains("3 px"));
        assert_eq!(only(FindingKind::Speck, &rows).len(), 1);
        // A sieve is one finding.
        let mut sieve = vec!["1".repeat(40); 40];
        for at in 3..12 {
            sieve[2 * at].replace_range(at..=at, ".");
        }
        let sieve: Vec<&str> = sieve.iter().map(String::as_str).collect();
        let told = only(FindingKind::Pinhole, &sieve);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].message.contains("9 pinholes of 9 px") && told[0].bounds == PixelRect::new(3, 6, 12, 23));
        // In a small region the same hole is too large a share to be a slip.
        assert!(only(FindingKind::Pinhole, &["111", "1.1", "111"]).is_empty());
    }

    #[test]
    fn an_island_lies_in_one_region_of_another_class() {
        let mut rows = vec!["1".repeat(40); 20];
        rows[4].replace_range(4..6, "22");
        rows[5].replace_range(4..6, "22");
        // Beside the border, beside background and between two classes there is no island.
        rows[0].replace_range(9..10, "2");
        rows[9].replace_range(9..11, "2.");
        rows[14].replace_range(14..17, "232");
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let found = only(FindingKind::Island, &rows);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].bounds, found[0].class), (PixelRect::new(4, 4, 6, 6), 2));
        assert!(found[0].message.contains("#1"));
    }
}
