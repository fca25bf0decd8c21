//! Mask hygiene: specks, pinholes and empty labels. Needs no photo.

use std::collections::BTreeSet;

use super::finding::{Finding, FindingKind, Severity, bounds_of, worst_first};
use crate::raster::BACKGROUND;
use crate::raster::components::Components;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::label_map::LabelMap;
use crate::raster::runs::Run;

/// Limits of the hygiene checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hygiene {
    /// Regions with fewer pixels are specks.
    pub speck_px: u64,
    /// Holes with fewer pixels are pinholes …
    pub pinhole_px: u64,
    /// … when they also have less than this share of the region's area, in percent.
    pub pinhole_percent: u64,
}

impl Default for Hygiene {
    fn default() -> Self {
        Self { speck_px: 4, pinhole_px: 9, pinhole_percent: 2 }
    }
}

impl Hygiene {
    /// Everything that is not clean about a label map; warnings first, then in the order of the image.
    ///
    /// An empty map is a finding: the caller leaves it out when the image is marked as good.
    #[must_use]
    pub fn findings(&self, map: &LabelMap) -> Vec<Finding> {
        self.findings_of(map, &Components::of(map))
    }

    /// As [`Self::findings`], for a map whose regions were split or merged by hand; a fragment of a merged region is no speck.
    #[must_use]
    pub fn findings_of(&self, map: &LabelMap, components: &Components) -> Vec<Finding> {
        if map.is_blank() {
            let message = "nothing is marked in this label; if the image shows no defect, mark it as good".to_owned();
            let place = map.rect().centre();
            return vec![finding(None, BACKGROUND, FindingKind::EmptyLabel, Severity::Warning, map.rect(), place, message)];
        }
        let mut out = Vec::new();
        for (region, runs) in components.iter().enumerate() {
            let class = components.value(region);
            let pixels: u64 = runs.iter().map(|r| u64::from(r.len())).sum();
            if pixels < self.speck_px {
                let bounds = bounds_of(runs);
                let message = format!("a speck of {pixels} px: delete it or join it to its neighbour");
                out.push(finding(Some(region), class, FindingKind::Speck, Severity::Warning, bounds, bounds.centre(), message));
            }
            for hole in self.pinholes(map, runs, pixels) {
                let n = hole.len();
                let bounds = hole.iter().fold(PixelRect::EMPTY, |all, &(y, x)| all.union(PixelRect::new(x, y, x + 1, y + 1)));
                let message = format!("a pinhole of {n} px: fill it");
                out.push(finding(Some(region), class, FindingKind::Pinhole, Severity::Info, bounds, bounds.centre(), message));
            }
        }
        worst_first(&mut out);
        out
    }

    /// Small 4-connected background components that the region alone encloses, as (row, column).
    fn pinholes(&self, map: &LabelMap, runs: &[Run], pixels: u64) -> Vec<BTreeSet<(u32, u32)>> {
        let mut holes: Vec<BTreeSet<(u32, u32)>> = Vec::new();
        let is_inside = |x: u32, y: u32| {
            let next = runs.partition_point(|r| (r.y, r.x0) <= (y, x));
            next > 0 && runs[next - 1].y == y && x < runs[next - 1].x1
        };
        // A hole has a row in which it is a gap between two runs of the region.
        for pair in runs.windows(2) {
            let gap = (pair[0].y == pair[1].y).then(|| pair[1].x0 - pair[0].x1);
            if gap.is_none_or(|g| u64::from(g) >= self.pinhole_px) {
                continue;
            }
            let seed = (pair[0].y, pair[0].x1);
            if holes.iter().rev().any(|h| h.contains(&seed)) {
                continue;
            }
            if let Some(hole) = self.flood(map, seed, &is_inside)
                && hole.len() as u64 * 100 < self.pinhole_percent * pixels
            {
                holes.push(hole);
            }
        }
        holes
    }

    /// The background pixels that hang together with `seed`; None when they are too many, reach the border or touch another label.
    fn flood(&self, map: &LabelMap, seed: (u32, u32), is_inside: &impl Fn(u32, u32) -> bool) -> Option<BTreeSet<(u32, u32)>> {
        let mut found = BTreeSet::from([seed]);
        let mut open = vec![seed];
        while let Some((y, x)) = open.pop() {
            if map.get(x, y) != BACKGROUND || x == 0 || y == 0 || x + 1 >= map.width() || y + 1 >= map.height() {
                return None;
            }
            for (v, u) in [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)] {
                if !is_inside(u, v) && found.insert((v, u)) {
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

fn finding(
    region: Option<usize>,
    class: u8,
    kind: FindingKind,
    severity: Severity,
    bounds: PixelRect,
    place: Point,
    message: String,
) -> Finding {
    Finding { region, class, kind, severity, bounds, place, message, bias_px: f64::NAN, p90_px: f64::NAN, tolerance_px: f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::plane::Plane;

    fn map(rows: &[&str]) -> LabelMap {
        LabelMap::from_plane(&Plane::from_fn(rows[0].len() as u32, rows.len() as u32, |x, y| {
            match rows[y as usize].as_bytes()[x as usize] {
                b'.' => 0,
                c => c - b'0',
            }
        }))
    }

    #[test]
    fn specks_are_regions_below_four_pixels() {
        let found = Hygiene::default().findings(&map(&["11.......", ".1....22.", "......22.", "3........"]));
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
        let found = Hygiene::default().findings(&map(&rows));
        let holes: Vec<&Finding> = found.iter().filter(|f| f.kind == FindingKind::Pinhole).collect();
        assert_eq!(holes.len(), 3, "{holes:?}");
        assert_eq!(holes[0].bounds, PixelRect::new(5, 5, 7, 7));
        assert!(holes[0].message.contains("3 px"));
        assert_eq!(found.iter().filter(|f| f.kind == FindingKind::Speck).count(), 1);
        // In a small region the same hole is too large a share to be a slip.
        assert!(Hygiene { speck_px: 0, ..Hygiene::default() }.findings(&map(&["111", "1.1", "111"])).is_empty());
    }

    #[test]
    fn an_empty_label_is_a_finding_of_its_own() {
        let found = Hygiene::default().findings(&LabelMap::new(300, 20));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind, found[0].region), (FindingKind::EmptyLabel, None));
    }
}
