//! Mask hygiene: what is not clean about the pixels of a label. Most of it needs no photo.
//!
//! | id | flagged when (defaults) | where |
//! | --- | --- | --- |
//! | `empty-label` | nothing marked and the part is not said to be OK | here |
//! | `speck` | fewer pixels than the class asks for, else than 4 | `specks` |
//! | `class-island` | < 16 px and < 2 % of the one region of another class all around it | `specks` |
//! | `pinhole` | enclosed background of < 9 px and < 2 % of the region | `specks` |
//! | `unlabelled-gap` | ≤ 2 px of background between two regions over ≥ 3 px, or where a line of the class is broken | `gaps` |
//! | `border-gap` | ends 1–2 px before the border over ≥ 60 % of its extent | `gaps` |
//! | `touches-border` | off by default; `is_clipped` of a measured region says the same | `gaps` |
//! | `upscaled-mask` | ≥ 95 % of the rows and of the columns where the label changes lie on one grid of 2–16 px | `upscaled` |
//! | `jagged` | steps of ≥ 2 px both ways along > 25 % of the boundary | `contour_shape` |
//! | `coarse-polygon` | compact, and fewer corners than a circle of the same perimeter needs for 1 px | `contour_shape` |
//! | `below-resolution` | < 9 px, or mean width < 1.5 px | `contour_shape` |
//! | `off-part`, `in-ignore-zone` | > 9 px and > 1 % in no zone of a part that is covered by zones; ≥ 50 % ignored | `zones` |
//! | `no-contrast` | unmeasurable, no line, and an edge along ≤ 10 % of the contour | `phantom` |
//! | `implausible-shape` | off the median of its class by more than 4 · 1.4826 · MAD, or of the rare polarity; ≥ 20 regions | `class_shapes` |
//! | `size-mismatch`, `blended-values`, `unknown-class`, `not-class-ids` | a file that is no label of this project | `label_file` |
//! | `duplicate-differs`, `inconsistent-instances`, `rejected-good-part` | labels against each other and against the rules | `workflow::hygiene` |
//!
//! Polygons that overlap and classes above one another cannot be told from a label map: it holds one class per pixel. Parts that occur in
//! two splits, disagreement with a model and drift of an annotator are no matter of one label and are looked at where splits, predictions
//! and people are known. A region of the set's unusual size is an `implausible-shape`, not a speck.
//!
//! # How often it speaks
//! On 120 clean disks, blobs and scratches: never. Faults made on purpose (`tests/hygiene`, 40 shapes of each kind):
//!
//! | fault | found |
//! | --- | --- |
//! | enlarged ×2 … ×8 | disks 98 %, blobs 100 %, scratches of 3–6 px 88 % (they fall to pieces at ×8), with the right factor |
//! | enlarged × 3/2, 5/2, 7/3 | 100 %, as `jagged` |
//! | polygons that leave the outline by 4, 2, ≤ 1 px | 91 %, 31 %, 0 % |
//! | pinhole, island, speck, seam of 2 px | 100 % |
//! | label of another photo on a good tile | 53 % `no-contrast` (97 % are unmeasurable at least) |
//!
//! On labels of other people (regions: `coarse-polygon`, `jagged`, `no-contrast`, `pinhole`, `speck`, `unlabelled-gap`, `border-gap`,
//! `below-resolution`):
//!
//! | set | labels | regions | flagged |
//! | --- | --- | --- | --- |
//! | magnetic tiles | 152 | 176 | 1, 3, 2, 9, 5, 1, 0, 1 |
//! | steel strip (NEU) | 60 | 157 | 5, 0, 3, 0, 2, 3, 3, 5 |
//! | ball screws (polygons) | 19 | 25 | none |
//! | commutators (polygons) | 4 | 15 | 8 specks in one image |
//! | street scenes (6–18 MP) | 3 | 30 | 2, 0, 3, 10, 2, 21, 0, 1 |
//!
//! Looked at: the pinholes, specks, broken lines and labels that stop a pixel before the border are slips of the annotator or the tool;
//! the gaps of the street scenes are seams between car and road. Three scratches side by side, two pixels apart, are a gap too. `Hygiene`
//! of a label of 12 MP with 1000 regions takes 54 ms on two cores.

mod class_shapes;
mod contour_shape;
mod field;
mod gaps;
mod label_file;
mod phantom;
mod specks;
mod upscaled;
mod zones;

pub use class_shapes::{ClassShapes, ShapeFigures, ShapeLimits};
pub use label_file::{FileValue, LabelFile, LabelFileReport, MappedValue};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::boundary::Soundness;
use super::class_rule::ClassRule;
use super::finding::{Finding, RegionCheck, Severity, worst_first};
use super::finding_kind::FindingKind;
use crate::raster::components::Components;
use crate::raster::label_map::LabelMap;
use field::Field;

/// Limits of the hygiene checks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hygiene {
    /// Regions with fewer pixels are specks, where their class does not say otherwise.
    pub speck_px: u64,
    /// Regions with fewer pixels inside a region of another class are islands …
    pub island_px: u64,
    /// … when they also have less than this share of its area, percent.
    pub island_percent: u64,
    /// Holes with fewer pixels are pinholes …
    pub pinhole_px: u64,
    /// … when they also have less than this share of the region's area, percent.
    pub pinhole_percent: u64,
    /// Gaps between labels, and before the border of the image, are flagged up to this width, px …
    pub gap_px: u32,
    /// … and from this length on, px; between thin lines from the thickness of the line on.
    pub gap_length_px: u32,
    /// Share of the places where a label changes that lie on one grid when it was enlarged, 0..=1.
    pub grid_share: f64,
    /// Share of the boundary on steps of two pixels and more in both directions from which on it is jagged, 0..=1.
    pub jagged_share: f64,
    /// A compact region with less than this share of the corners that a circle of its perimeter needs is a coarse polygon.
    pub corner_share: f64,
    /// Point out every region that the border of the image cuts off. Off: half of the regions of close views are, and nothing is wrong
    /// with them; their measured features say so (`is_clipped`).
    pub notes_border: bool,
    /// Regions with fewer pixels are too small to have a shape.
    pub least_area_px: u64,
    /// Regions thinner than this are too thin to have a width, px: what optics and pixels resolve.
    pub least_width_px: f64,
    /// A region may have this many pixels beside the part …
    pub off_part_px: u64,
    /// … or this share of them, percent.
    pub off_part_percent: f64,
    /// From this share in ignored zones on a region is pointed out, percent.
    pub ignored_percent: f64,
    /// A region that cannot be measured and shows an edge along no more than this share of its contour is a phantom, 0..=1.
    pub phantom_coverage: f64,
}

impl Default for Hygiene {
    fn default() -> Self {
        Self {
            speck_px: 4,
            island_px: 16,
            island_percent: 2,
            pinhole_px: 9,
            pinhole_percent: 2,
            gap_px: 2,
            gap_length_px: 3,
            grid_share: 0.95,
            jagged_share: 0.25,
            corner_share: 1.0,
            notes_border: false,
            least_area_px: 9,
            least_width_px: 1.5,
            off_part_px: 9,
            off_part_percent: 1.0,
            ignored_percent: 50.0,
            phantom_coverage: 0.1,
        }
    }
}

/// What is known beside the label map itself. The default knows nothing.
#[derive(Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// What a class asks of its labels.
    pub rule_of: Option<&'a (dyn Fn(u8) -> ClassRule + Sync)>,
    /// Zone id per pixel, of the size of the label.
    pub zones: Option<&'a LabelMap>,
    /// Ids of zones whose pixels are not measured.
    pub ignored_zones: &'a [u8],
    /// Ids of zones beside the part, such as 0 where the zones cover the part; empty = not known.
    pub off_part: &'a [u8],
    /// Side of a pixel, mm.
    pub pixel_mm: Option<f64>,
    /// What the boundary check said about the regions, by their number.
    pub checks: &'a [RegionCheck],
}

/// Pairs of regions, the lower number first, that a gap of at most `width_px` pixels of background parts.
#[must_use]
pub fn facing_pairs(map: &LabelMap, components: &Components, width_px: u32) -> Vec<(usize, usize)> {
    gaps::gaps(&Field::new(map, components), width_px).into_iter().map(|g| g.regions).collect()
}

impl Hygiene {
    /// Everything that is not clean about a label map; worst first, then in the order of the image.
    ///
    /// An empty map is a finding: the caller leaves it out when the image is marked as good.
    #[must_use]
    pub fn findings(&self, map: &LabelMap) -> Vec<Finding> {
        self.findings_of(map, &Components::of(map))
    }

    /// As [`Self::findings`], for a map whose regions were split or merged by hand; a fragment of a merged region is no speck.
    #[must_use]
    pub fn findings_of(&self, map: &LabelMap, components: &Components) -> Vec<Finding> {
        self.findings_in(map, components, &Surroundings::default())
    }

    /// As [`Self::findings_of`], with all that is known beside the map.
    #[must_use]
    pub fn findings_in(&self, map: &LabelMap, components: &Components, around: &Surroundings<'_>) -> Vec<Finding> {
        if components.is_empty() && map.is_blank() {
            let message = "nothing is marked in this label; if the image shows no defect, mark it as good".to_owned();
            return vec![Finding::new(FindingKind::EmptyLabel, None, map.rect(), message)];
        }
        if components.is_empty() {
            let message =
                "all that is marked has the value 255, which means *ignore*; a mask of 0 and 255 needs its class".to_owned();
            return vec![Finding::new(FindingKind::NotClassIds, None, map.rect(), message).with_severity(Severity::Warning)];
        }
        let around = Surroundings { zones: around.zones.filter(|z| z.rect() == map.rect()), ..*around };
        let field = Field::new(map, components);
        let grid = self.upscaled(&field);
        let is_on_grid = |region: usize| grid.iter().any(|f| f.region.is_none_or(|r| r == region));
        let mut out: Vec<Finding> =
            field.pieces.par_iter().flat_map_iter(|piece| self.of_piece(&field, piece, &around, is_on_grid(piece.index))).collect();
        out.extend(self.unlabelled_gaps(&field));
        out.extend(grid);
        out.sort_by_key(|f| f.region);
        worst_first(&mut out);
        out
    }

    fn of_piece(&self, field: &Field<'_>, piece: &field::Piece<'_>, around: &Surroundings<'_>, is_on_grid: bool) -> Vec<Finding> {
        let mut out = Vec::new();
        let least = around.rule_of.and_then(|rule| rule(piece.class).min_area_px).unwrap_or(self.speck_px);
        // The smaller the slip, the less else there is to say about it.
        if let Some(slip) = self.island(field, piece).or_else(|| Self::speck(piece, least)) {
            out.push(slip);
            return out;
        }
        self.pinholes(field.map, piece, &mut out);
        out.extend(self.below_resolution(piece, around.pixel_mm));
        let passed = around.checks.get(piece.index).is_some_and(|c| c.result.verdict == Soundness::Pass);
        if !is_on_grid && !passed {
            self.contour_shape(field, piece, &mut out);
        }
        out.extend(around.checks.get(piece.index).and_then(|check| self.phantom(piece, check)));
        out.extend(self.border(field, piece));
        self.zones(piece, around, &mut out);
        out
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::raster::plane::Plane;

    /// A map drawn in characters: a dot is background, a digit a class.
    pub fn map(rows: &[&str]) -> LabelMap {
        map_of(rows[0].len() as u32, rows.len() as u32, |x, y| match rows[y as usize].as_bytes()[x as usize] {
            b'.' => 0,
            c => c - b'0',
        })
    }

    pub fn map_of(width: u32, height: u32, value: impl FnMut(u32, u32) -> u8) -> LabelMap {
        LabelMap::from_plane(&Plane::from_fn(width, height, value))
    }

    #[test]
    fn an_empty_label_is_a_finding_of_its_own() {
        let found = Hygiene::default().findings(&LabelMap::new(300, 20));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind, found[0].region), (FindingKind::EmptyLabel, None));
    }
}
