//! Thin gaps of background between two labels, and between a label and the border of the image.

use std::collections::BTreeMap;

use super::Hygiene;
use super::field::{Field, Piece};
use crate::check::finding::{Finding, Severity};
use crate::check::finding_kind::FindingKind;
use crate::raster::BACKGROUND;
use crate::raster::geometry::PixelRect;
use crate::raster::runs::Run;

/// A gap between two regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Numbers of the regions, the lower one first.
    pub regions: (usize, usize),
    /// Background pixels across, at the narrowest.
    pub width_px: u32,
    /// Rows or columns in which the regions face each other across the gap, whichever are more; 0 where only corners of a line do.
    pub length_px: u32,
    /// The pixels of the gap.
    pub bounds: PixelRect,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    width: u32,
    rows: u32,
    columns: u32,
    /// Where the regions face each other.
    bounds: PixelRect,
    /// Where corners are near each other.
    corners: PixelRect,
}

/// Gaps of background of at most `width_px` pixels between different regions, by regions. The width counts along rows and columns, for
/// lines along diagonals too.
pub(crate) fn gaps(field: &Field<'_>, width_px: u32) -> Vec<Gap> {
    let mut found: BTreeMap<(usize, usize), Found> = BTreeMap::new();
    let mut put = |a: u32, b: u32, width: u32, rows: u32, columns: u32, bounds: PixelRect| {
        let key = (a.min(b) as usize, a.max(b) as usize);
        let all = found.entry(key).or_insert(Found {
            width: u32::MAX,
            rows: 0,
            columns: 0,
            bounds: PixelRect::EMPTY,
            corners: PixelRect::EMPTY,
        });
        all.width = all.width.min(width);
        all.rows += rows;
        all.columns += columns;
        let place = if rows + columns > 0 { &mut all.bounds } else { &mut all.corners };
        *place = place.union(bounds);
    };
    let is_line: Vec<bool> = field.pieces.iter().map(Piece::is_line).collect();
    let is_blank = |r: PixelRect| (r.y0..r.y1).all(|y| (r.x0..r.x1).all(|x| field.map.get(x, y) == BACKGROUND));
    for y in 0..field.map.height() {
        let row = field.row(y);
        for pair in row.windows(2) {
            let ((left, a), (right, b)) = (pair[0], pair[1]);
            let rect = PixelRect::new(left.x1, y, right.x0, y + 1);
            if a != b && (1..=width_px).contains(&(right.x0 - left.x1)) && is_blank(rect) {
                put(a, b, right.x0 - left.x1, 1, 0, rect);
            }
        }
        // Rows above, each with a pointer that only moves to the right.
        for step in 1..=(width_px + 1).min(y) {
            let above = field.row(y - step);
            let mut first = 0;
            for &(run, owner) in row {
                while first < above.len() && above[first].0.x1 + width_px < run.x0 {
                    first += 1;
                }
                for &(other, owner_above) in above[first..].iter().take_while(|(r, _)| r.x0 <= run.x1 + width_px) {
                    if owner_above == owner {
                        continue;
                    }
                    let (x0, x1) = (run.x0.max(other.x0), run.x1.min(other.x1));
                    let free = |x: &u32| step > 1 && is_blank(PixelRect::new(*x, y + 1 - step, *x + 1, y));
                    for x in (x0..x1).filter(free) {
                        put(owner, owner_above, step - 1, 0, 1, PixelRect::new(x, y + 1 - step, x + 1, y));
                    }
                    if !is_line[owner as usize] && !is_line[owner_above as usize] {
                        continue;
                    }
                    // The ends of a broken line seldom face each other.
                    let reach = width_px + 1;
                    for x in run.x0.max(other.x0.saturating_sub(reach))..run.x1.min(other.x1 + reach) {
                        for u in other.x0.max(x.saturating_sub(reach))..other.x1.min(x + reach + 1) {
                            if u != x && step.max(x.abs_diff(u)) > 1 {
                                let between = between_corners((x, y), (u, y - step));
                                if is_blank(between) {
                                    put(owner, owner_above, step.max(x.abs_diff(u)) - 1, 0, 0, between);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(regions, f)| Gap {
            regions,
            width_px: f.width,
            length_px: f.rows.max(f.columns),
            bounds: if f.bounds.is_empty() { f.corners } else { f.bounds },
        })
        .collect()
}

/// The pixels between two that share neither row nor column, the second one further up: those strictly inside the rectangle that the two
/// span, or beside both where it has no inside.
fn between_corners((x, y): (u32, u32), (u, v): (u32, u32)) -> PixelRect {
    let (left, right) = (x.min(u), x.max(u));
    match (right - left > 1, y - v > 1) {
        (true, true) => PixelRect::new(left + 1, v + 1, right, y),
        (true, false) => PixelRect::new(left + 1, v, right, y + 1),
        (false, _) => PixelRect::new(left, v + 1, right + 1, y),
    }
}

impl Hygiene {
    /// Gaps that look like a slip of the brush: seams of some length, or a short break of a thin line.
    pub(super) fn unlabelled_gaps(&self, field: &Field<'_>) -> Vec<Finding> {
        let is_slip = |gap: &Gap| {
            let (a, b) = (&field.pieces[gap.regions.0], &field.pieces[gap.regions.1]);
            let is_broken_line = a.class == b.class && (a.is_line() || b.is_line());
            // Round defects side by side come near each other over a short way only; specks are spoken of as such.
            a.pixels.min(b.pixels) >= self.speck_px && (gap.length_px >= self.gap_length_px || is_broken_line)
        };
        gaps(field, self.gap_px)
            .into_iter()
            .filter(is_slip)
            .map(|gap| {
                let (a, b) = (&field.pieces[gap.regions.0], &field.pieces[gap.regions.1]);
                let (is_same, n) = (a.class == b.class, gap.width_px);
                let of = if is_same { "the same class" } else { "another class" };
                let along = if gap.length_px > 0 { format!(" over {} px", gap.length_px) } else { String::new() };
                let message = format!("a gap of {n} px{along} to region #{} of {of}: close it", gap.regions.1 + 1);
                let finding = Finding::new(FindingKind::UnlabelledGap, Some(a.name()), gap.bounds, message);
                if is_same { finding } else { finding.with_severity(Severity::Info) }
            })
            .collect()
    }

    /// At the border of the image: regions that it cuts off, and labels that end just before it.
    pub(super) fn border(&self, field: &Field<'_>, piece: &Piece<'_>) -> Option<Finding> {
        let (width, height) = (field.map.width(), field.map.height());
        let b = piece.bounds;
        if piece.is_clipped(width, height) {
            if !self.notes_border {
                return None;
            }
            let message = "cut off by the border of the image: its size is a lower bound".to_owned();
            return Some(Finding::new(FindingKind::TouchesBorder, Some(piece.name()), b, message));
        }
        let near = self.gap_px;
        if b.x0 > near && b.y0 > near && b.x1 + near < width && b.y1 + near < height {
            return None;
        }
        let rows = |f: &dyn Fn(&Run) -> bool| piece.runs.iter().filter(|r| f(r)).count() as u32;
        let columns = |f: &dyn Fn(&Run) -> bool| {
            let mut seen: Vec<(u32, u32)> = piece.runs.iter().filter(|r| f(r)).map(|r| (r.x0, r.x1)).collect();
            seen.sort_unstable();
            let mut end = 0;
            let mut count = 0;
            for (x0, x1) in seen {
                count += x1.saturating_sub(x0.max(end));
                end = end.max(x1);
            }
            count
        };
        let sides = [
            (b.x0, rows(&|r| r.x0 <= near), b.height(), PixelRect::new(0, b.y0, b.x0, b.y1)),
            (width - b.x1, rows(&|r| r.x1 + near >= width), b.height(), PixelRect::new(b.x1, b.y0, width, b.y1)),
            (b.y0, columns(&|r| r.y <= near), b.width(), PixelRect::new(b.x0, 0, b.x1, b.y0)),
            (height - b.y1, columns(&|r| r.y + 1 + near >= height), b.width(), PixelRect::new(b.x0, b.y1, b.x1, height)),
        ];
        // A round defect comes near the border with a small part of its extent.
        let is_gap = |&&(gap, facing, extent, _): &&(u32, u32, u32, PixelRect)| {
            (1..=near).contains(&gap) && facing >= self.gap_length_px && f64::from(facing) >= BORDER_SHARE * f64::from(extent)
        };
        let (gap, facing, _, rect) = sides.iter().find(is_gap)?;
        let message = format!("ends {gap} px before the border of the image over {facing} px");
        Some(Finding::new(FindingKind::BorderGap, Some(piece.name()), *rect, message))
    }
}

/// Share of the extent of a region that faces the border nearby when the region stops short of it.
const BORDER_SHARE: f64 = 0.6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::hygiene::tests::map;
    use crate::raster::components::Components;
    use crate::raster::label_map::LabelMap;
    use crate::raster::plane::Plane;

    fn found(rows: &[&str]) -> Vec<(FindingKind, Severity, PixelRect)> {
        let mut found = Hygiene { notes_border: true, ..Hygiene::default() }.findings(&map(rows));
        found.retain(|f| matches!(f.kind, FindingKind::UnlabelledGap | FindingKind::BorderGap | FindingKind::TouchesBorder));
        found.into_iter().map(|f| (f.kind, f.severity, f.bounds)).collect()
    }

    #[test]
    fn seams_between_labels_are_gaps() {
        let rows = [
            "...............",
            "...............",
            "...............",
            "...1111.111....",
            "...1111.111....",
            "...1111.111....",
            "...1111.111....",
            "...1111........",
            "...............",
            "...222222222...",
            "...222222222...",
            "...222222222...",
            "...............",
            "...............",
            "...............",
        ];
        let gap = FindingKind::UnlabelledGap;
        let wanted = [
            (gap, Severity::Warning, PixelRect::new(7, 3, 8, 7)),
            (gap, Severity::Info, PixelRect::new(3, 8, 7, 9)),
            (gap, Severity::Info, PixelRect::new(8, 7, 11, 9)),
        ];
        assert_eq!(found(&rows), wanted);
    }

    #[test]
    fn a_broken_line_has_a_gap_and_touching_corners_have_none() {
        let blank = ".".repeat(16);
        let mut rows = vec![blank.clone(); 16];
        for (y, at) in [(2, 2), (3, 3), (4, 4), (5, 5), (8, 7), (9, 8), (10, 9), (11, 10)] {
            rows[y].replace_range(at..=at, "1");
        }
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(found(&rows), [(FindingKind::UnlabelledGap, Severity::Warning, PixelRect::new(6, 6, 7, 8))]);
    }

    #[test]
    fn labels_end_before_the_border_or_at_it() {
        let rows = [
            "..............",
            "...........11.",
            ".11111.....11.",
            ".11111.....11.",
            ".11111........",
            "............22",
            "............22",
        ];
        let mut all = found(&rows);
        all.retain(|f| f.0 != FindingKind::UnlabelledGap);
        assert_eq!(
            all,
            [
                (FindingKind::BorderGap, Severity::Warning, PixelRect::new(13, 1, 14, 4)),
                (FindingKind::BorderGap, Severity::Warning, PixelRect::new(0, 2, 1, 5)),
                (FindingKind::TouchesBorder, Severity::Info, PixelRect::new(12, 5, 14, 7)),
            ]
        );
    }

    proptest! {
        /// Every pair of pixels of two regions in one row or column with nothing but background between them.
        #[test]
        fn gaps_are_those_of_a_search_over_all_pairs(cells in prop::collection::vec(0_u8..6, 14 * 12), width_px in 1_u32..4) {
            let plane = Plane::from_fn(14, 12, |x, y| cells[(y * 14 + x) as usize].saturating_sub(3).min(2));
            let map = LabelMap::from_plane(&plane);
            let components = Components::of(&map);
            let field = Field::new(&map, &components);
            let owner = |x: u32, y: u32| components.at(x, y);
            let mut wanted: BTreeMap<(usize, usize), (u32, u32, u32)> = BTreeMap::new();
            for y in 0..12 {
                for x in 0..14 {
                    let Some(a) = owner(x, y) else { continue };
                    for n in 1..=width_px {
                        let in_row = |k: u32| (x + k, y);
                        let in_column = |k: u32| (x, y + k);
                        for is_row in [true, false] {
                            let at = |k: u32| if is_row { in_row(k) } else { in_column(k) };
                            let end = at(n + 1);
                            if end.0 >= 14 || end.1 >= 12 || (1..=n).any(|k| plane.at(at(k).0, at(k).1) != 0) {
                                continue;
                            }
                            if let Some(b) = owner(end.0, end.1).filter(|&b| b != a) {
                                let w = wanted.entry((a.min(b), a.max(b))).or_insert((u32::MAX, 0, 0));
                                w.0 = w.0.min(n);
                                if is_row { w.1 += 1 } else { w.2 += 1 }
                            }
                        }
                    }
                }
            }
            let found = gaps(&field, width_px);
            for gap in found.iter().filter(|g| g.length_px > 0) {
                let w = wanted.remove(&gap.regions);
                prop_assert_eq!(w.map(|w| w.1.max(w.2)), Some(gap.length_px), "regions {:?}", gap.regions);
                prop_assert!(gap.width_px <= w.map_or(0, |w| w.0));
            }
            prop_assert!(wanted.is_empty(), "not found: {:?}", wanted);
            // Where nothing faces, some pair of pixels is near in both directions.
            for gap in found.iter().filter(|g| g.length_px == 0) {
                let pixels = |i: usize| components.runs(i).iter().flat_map(|r| (r.x0..r.x1).map(move |x| (x, r.y))).collect::<Vec<_>>();
                let (a, b) = (pixels(gap.regions.0), pixels(gap.regions.1));
                let nearest = a.iter().flat_map(|p| b.iter().map(move |q| p.0.abs_diff(q.0).max(p.1.abs_diff(q.1)))).min();
                prop_assert!(nearest.is_some_and(|n| n <= gap.width_px + 1));
            }
        }

        #[test]
        fn cracks_are_those_of_a_count_over_all_pixels(cells in prop::collection::vec(any::<bool>(), 12 * 9)) {
            let map = LabelMap::from_plane(&Plane::from_fn(12, 9, |x, y| u8::from(cells[(y * 12 + x) as usize])));
            let components = Components::of(&map);
            for piece in &Field::new(&map, &components).pieces {
                let inside = |x: i64, y: i64| x >= 0 && y >= 0 && piece.contains(x as u32, y as u32);
                let mut count = 0;
                for y in 0..9 {
                    for x in 0..12 {
                        let near = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)];
                        count += if inside(x, y) { near.iter().filter(|p| !inside(p.0, p.1)).count() as u64 } else { 0 };
                    }
                }
                prop_assert_eq!(piece.cracks(), count);
            }
        }
    }
}
