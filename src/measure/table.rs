//! All regions of a project in columns: what the judge reads.

use super::feature::Feature;
use super::region::Region;

/// One row per region **and touched zone**: a defect that straddles two zones has a row in each, with the features of the whole
/// defect, and the worse verdict wins (the policy *strictest touched*).
///
/// Rows are sorted by part: the rows of part `p` are `rows_of_part(p)`. A feature that nothing measured may have no column.
#[derive(Clone, Debug)]
pub struct RegionTable {
    /// Index of the image in the project.
    image: Vec<u32>,
    /// Index of the region in its image.
    region: Vec<u32>,
    class: Vec<u8>,
    zone: Vec<u8>,
    columns: [Vec<f32>; Feature::COUNT],
    /// `part_starts[p]..part_starts[p + 1]` are the rows of part `p`.
    part_starts: Vec<u32>,
}

impl RegionTable {
    /// An empty table without a part.
    #[must_use]
    pub fn new() -> Self {
        Self {
            image: Vec::new(),
            region: Vec::new(),
            class: Vec::new(),
            zone: Vec::new(),
            columns: [const { Vec::new() }; Feature::COUNT],
            part_starts: vec![0],
        }
    }

    /// A table from columns made elsewhere (benchmarks, tests): `part_starts` has one entry more than there are parts; a missing
    /// feature is an empty column.
    ///
    /// # Panics
    /// When lengths disagree.
    #[must_use]
    pub fn from_columns(part_starts: Vec<u32>, class: Vec<u8>, zone: Vec<u8>, columns: [Vec<f32>; Feature::COUNT]) -> Self {
        let rows = class.len();
        assert_eq!(zone.len(), rows, "one zone per row");
        assert!(columns.iter().all(|c| c.is_empty() || c.len() == rows), "a column has one value per row, or none");
        assert_eq!(part_starts.last().copied(), Some(rows as u32), "the last part ends with the last row");
        assert!(part_starts.is_sorted(), "parts follow each other");
        Self { image: vec![0; rows], region: (0..rows as u32).collect(), class, zone, columns, part_starts }
    }

    /// Ends the current part; the rows pushed from now on belong to the next. Call once per part, also for one without a region.
    pub fn finish_part(&mut self) {
        self.part_starts.push(self.class.len() as u32);
    }

    /// Adds the rows of one region to the current part.
    pub fn push(&mut self, image: u32, index_in_image: u32, region: &Region) {
        for share in &region.zones {
            self.push_row(image, index_in_image, (region.class, share.zone), &region.features_in(share));
        }
    }

    /// Adds one row to the current part: a region in a zone, with the class and the features it is judged by.
    pub fn push_row(&mut self, image: u32, index_in_image: u32, (class, zone): (u8, u8), features: &[f32; Feature::COUNT]) {
        self.image.push(image);
        self.region.push(index_in_image);
        self.class.push(class);
        self.zone.push(zone);
        for (column, &value) in self.columns.iter_mut().zip(features) {
            column.push(value);
        }
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.class.len()
    }

    #[must_use]
    pub fn parts(&self) -> usize {
        self.part_starts.len().saturating_sub(1)
    }

    #[must_use]
    pub fn rows_of_part(&self, part: usize) -> std::ops::Range<usize> {
        self.part_starts[part] as usize..self.part_starts[part + 1] as usize
    }

    /// Row numbers at which each part starts, with the number of rows at the end.
    #[must_use]
    pub fn part_starts(&self) -> &[u32] {
        &self.part_starts
    }

    /// The part that a row belongs to.
    #[must_use]
    pub fn part_of_row(&self, row: usize) -> usize {
        self.part_starts.partition_point(|&start| start as usize <= row) - 1
    }

    #[must_use]
    pub fn class(&self) -> &[u8] {
        &self.class
    }

    #[must_use]
    pub fn zone(&self) -> &[u8] {
        &self.zone
    }

    #[must_use]
    pub fn image(&self) -> &[u32] {
        &self.image
    }

    /// Index of each row's region in its image.
    #[must_use]
    pub fn region(&self) -> &[u32] {
        &self.region
    }

    /// All values of one feature; empty when nothing measured it.
    #[must_use]
    pub fn column(&self, feature: Feature) -> &[f32] {
        &self.columns[feature.index()]
    }

    /// One value; NaN when it was not measured.
    #[must_use]
    pub fn value(&self, row: usize, feature: Feature) -> f32 {
        self.columns[feature.index()].get(row).copied().unwrap_or(f32::NAN)
    }
}

impl Default for RegionTable {
    fn default() -> Self {
        Self::new()
    }
}
