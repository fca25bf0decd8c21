//! Images that are there twice: the same file, or another picture of the same thing in the same pose.
//!
//! Near duplicates are looked for in two steps. A 64-bit difference hash (is each cell of a 9 × 8 gray copy brighter than its left
//! neighbour?) is hardly touched by exposure and finds candidates; normalised correlation of 64 × 64 copies, which does not see gain
//! and offset at all, decides. The copies are the photo's brightness without its slow trend, so that vignetting does not make all
//! images alike.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::error::WorkflowError;
use crate::project::{Project, ProjectError};
use crate::raster::Photo;

/// How much alike two images must be to count as near duplicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DuplicateSettings {
    /// Most bits of 64 in which the difference hashes may differ.
    pub max_hash_distance: u32,
    /// Least normalised correlation of the small copies, −1..=1.
    pub min_correlation: f32,
}

impl Default for DuplicateSettings {
    fn default() -> Self {
        Self { max_hash_distance: 16, min_correlation: 0.9 }
    }
}

/// Images that belong together, by index, ascending; at least two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateGroup {
    pub images: Vec<usize>,
    /// All have the same bytes.
    pub is_exact: bool,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Duplicates {
    /// Exact groups first, then near ones, each by its first image.
    pub groups: Vec<DuplicateGroup>,
    /// Images that could not be read, and why.
    pub failed: Vec<(usize, String)>,
}

/// Side of the small copies.
const SIDE: usize = 64;
/// Cells of the difference hash.
const CELLS: (usize, usize) = (9, 8);

/// What is compared of one image.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    sha256: [u8; 32],
    hash: u64,
    /// [`SIDE`]² values of mean 0 and sum of squares 1; none for an image without contrast, which is like nothing else.
    copy: Option<Box<[f32]>>,
    /// Width over height.
    aspect: f32,
}

impl Fingerprint {
    /// The fingerprint of an image file; `path` names it in errors.
    pub fn of_file(bytes: &[u8], path: &Path) -> Result<Self, ProjectError> {
        let photo = crate::project::photo_file::read_bytes(bytes, path)?;
        Ok(Self { sha256: Sha256::digest(bytes).into(), ..Self::of_photo(&photo) })
    }

    fn of_photo(photo: &Photo) -> Self {
        let cells = detrended(means(photo, CELLS.0, CELLS.1), CELLS.0);
        let bits = (0..CELLS.1).flat_map(|y| (1..CELLS.0).map(move |x| y * CELLS.0 + x));
        let hash = bits.fold(0_u64, |hash, at| (hash << 1) | u64::from(cells[at] > cells[at - 1]));
        let copy = normalised(detrended(means(photo, SIDE, SIDE), SIDE));
        Self { sha256: [0; 32], hash, copy, aspect: photo.width() as f32 / photo.height().max(1) as f32 }
    }

    /// Bits in which the difference hashes differ.
    #[must_use]
    pub const fn hash_distance(&self, other: &Self) -> u32 {
        (self.hash ^ other.hash).count_ones()
    }

    /// Normalised correlation of the small copies; 0 when one has no contrast.
    #[must_use]
    pub fn correlation(&self, other: &Self) -> f32 {
        match (&self.copy, &other.copy) {
            (Some(a), Some(b)) => a.iter().zip(b).map(|(a, b)| a * b).sum(),
            _ => 0.0,
        }
    }

    /// True when the other is a near duplicate.
    #[must_use]
    pub fn is_near(&self, other: &Self, settings: &DuplicateSettings) -> bool {
        (self.aspect / other.aspect).ln().abs() < 0.2
            && self.hash_distance(other) <= settings.max_hash_distance
            && self.correlation(other) >= settings.min_correlation
    }
}

/// Mean brightness in `columns` × `rows` cells of equal size. Of each cell at most 16 × 16 pixels are looked at: a photo of 100 MP
/// costs no more than one of 1 MP.
fn means(photo: &Photo, columns: usize, rows: usize) -> Vec<f32> {
    const SAMPLES: u32 = 16;
    let range = |i: usize, n: usize, size: u32| {
        let from = (i as u64 * u64::from(size) / n as u64) as u32;
        let to = ((i as u64 + 1) * u64::from(size) / n as u64) as u32;
        (from.min(size - 1), to.clamp(from + 1, size.max(from + 1)))
    };
    let mut out = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        let (y0, y1) = range(row, rows, photo.height());
        for column in 0..columns {
            let (x0, x1) = range(column, columns, photo.width());
            let (step_x, step_y) = ((x1 - x0).div_ceil(SAMPLES), (y1 - y0).div_ceil(SAMPLES));
            let (mut sum, mut n) = (0.0_f32, 0.0_f32);
            for y in (y0..y1.min(photo.height())).step_by(step_y as usize) {
                for x in (x0..x1.min(photo.width())).step_by(step_x as usize) {
                    sum += photo.gray_at(x, y);
                    n += 1.0;
                }
            }
            out.push(if n > 0.0 { sum / n } else { 0.0 });
        }
    }
    out
}

/// Takes the best plane (brightness that rises evenly to one side) away. On a full grid the three terms are orthogonal, so that each is
/// a projection of its own.
fn detrended(mut values: Vec<f32>, columns: usize) -> Vec<f32> {
    let rows = values.len() / columns;
    let n = values.len() as f32;
    let centre = |i: usize, count: usize| i as f32 - (count as f32 - 1.0) / 2.0;
    let (mut sum, mut along_x, mut along_y, mut xx, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, v) in values.iter().enumerate() {
        let (x, y) = (centre(i % columns, columns), centre(i / columns, rows));
        sum += v;
        along_x += v * x;
        along_y += v * y;
        xx += x * x;
        yy += y * y;
    }
    let (mean, slope_x, slope_y) = (sum / n, along_x / xx, along_y / yy);
    for (i, v) in values.iter_mut().enumerate() {
        *v -= mean + slope_x * centre(i % columns, columns) + slope_y * centre(i / columns, rows);
    }
    values
}

fn normalised(mut values: Vec<f32>) -> Option<Box<[f32]>> {
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    // Rounding of gray values alone makes no picture.
    if length < 1e-3 * values.len() as f32 {
        return None;
    }
    values.iter_mut().for_each(|v| *v /= length);
    Some(values.into())
}

/// Groups fingerprints: near duplicates of near duplicates are in one group. `is_cancelled` ends the work with
/// [`WorkflowError::Cancelled`].
pub fn group(
    prints: &[(usize, Fingerprint)],
    settings: &DuplicateSettings,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<DuplicateGroup>, WorkflowError> {
    let near: Vec<Option<Vec<usize>>> = (0..prints.len())
        .into_par_iter()
        .map(|a| (!is_cancelled()).then(|| (0..a).filter(|&b| prints[a].1.is_near(&prints[b].1, settings)).collect()))
        .collect();
    let mut parent: Vec<usize> = (0..prints.len()).collect();
    for (a, found) in near.into_iter().enumerate() {
        for b in found.ok_or(WorkflowError::Cancelled)? {
            let (a, b) = (root_of(&mut parent, a), root_of(&mut parent, b));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut exact: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
    let mut alike: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, (image, print)) in prints.iter().enumerate() {
        exact.entry(print.sha256).or_default().push(*image);
        alike.entry(root_of(&mut parent, at)).or_default().push(*image);
    }
    let sorted = |groups: Vec<Vec<usize>>, is_exact: bool| {
        let mut groups: Vec<DuplicateGroup> = groups
            .into_iter()
            .filter(|images| images.len() > 1)
            .map(|mut images| {
                images.sort_unstable();
                DuplicateGroup { images, is_exact }
            })
            .collect();
        groups.sort_by_key(|g| g.images[0]);
        groups
    };
    let mut all = sorted(exact.into_values().collect(), true);
    let near = sorted(alike.into_values().collect(), false);
    // A group that is exact as a whole is told once.
    let others: Vec<DuplicateGroup> = near.into_iter().filter(|n| all.iter().all(|e| e.images != n.images)).collect();
    all.extend(others);
    Ok(all)
}

fn root_of(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// Looks for duplicates among `images` of a project, on all cores. `progress` hears how many are read; `is_cancelled` is asked before
/// every image.
pub fn find_duplicates(
    project: &Project,
    images: &[usize],
    settings: &DuplicateSettings,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Duplicates, WorkflowError> {
    let done = std::sync::atomic::AtomicUsize::new(0);
    let read: Vec<Option<(usize, Result<Fingerprint, String>)>> = images
        .par_iter()
        .map(|&image| {
            if is_cancelled() {
                return None;
            }
            let path = project.image_path(image);
            let bytes = std::fs::read(&path).map_err(|source| ProjectError::Io { path: path.clone(), source });
            let print = bytes.and_then(|bytes| Fingerprint::of_file(&bytes, &path)).map_err(|e| e.to_string());
            progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, images.len());
            Some((image, print))
        })
        .collect();
    let (mut prints, mut failed) = (Vec::new(), Vec::new());
    for one in read {
        match one.ok_or(WorkflowError::Cancelled)? {
            (image, Ok(print)) => prints.push((image, print)),
            (image, Err(message)) => failed.push((image, message)),
        }
    }
    Ok(Duplicates { groups: group(&prints, settings, is_cancelled)?, failed })
}
