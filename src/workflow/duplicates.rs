//! Images that are there twice: the same file, or another picture of the same thing in the same pose.
//!
//! Near duplicates are looked for in two steps. A 64-bit difference hash (is each cell of a 9 × 8 gray copy brighter than its left
//! neighbour?) is hardly touched by exposure and rules most pairs out; normalised correlation of 64 × 64 copies decides. In these
//! copies each value tells how far it is from its surroundings, in units of the contrast there, so that neither exposure nor an
//! uneven light makes images alike or unlike.

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
    /// Least normalised correlation of the small copies, −1..=1. Two images of a group that are alike only through others need 0.6 of
    /// it.
    pub min_correlation: f32,
}

impl Default for DuplicateSettings {
    fn default() -> Self {
        Self { max_hash_distance: 24, min_correlation: 0.5 }
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
/// Surroundings of a value of a small copy: this many to each side.
const AROUND: usize = 3;
/// Images whose aspect ratios differ by more than this part are different things.
const MAX_ASPECT_DIFFERENCE: f32 = 0.06;
/// What less correlation is enough for within a group, as a part of the least.
const WITHIN_GROUP: f32 = 0.6;
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
        let cells = means(photo, CELLS.0, CELLS.1);
        let bits = (0..CELLS.1).flat_map(|y| (1..CELLS.0).map(move |x| y * CELLS.0 + x));
        let hash = bits.fold(0_u64, |hash, at| (hash << 1) | u64::from(cells[at] > cells[at - 1]));
        // Contrast below one of 256 gray values is noise of the camera, or of rounding.
        let copy = normalised(locally_scaled(&means(photo, SIDE, SIDE), photo.full_scale() / 255.0));
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

    fn has_aspect_of(&self, other: &Self) -> bool {
        (self.aspect / other.aspect).ln().abs() < MAX_ASPECT_DIFFERENCE
    }

    /// True when the other is a near duplicate.
    #[must_use]
    pub fn is_near(&self, other: &Self, settings: &DuplicateSettings) -> bool {
        self.has_aspect_of(other)
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

/// Each value of a small copy less the mean of its surroundings, over their contrast plus `noise`.
fn locally_scaled(values: &[f32], noise: f32) -> Vec<f32> {
    let flat: Vec<f32> = values.iter().zip(means_around(values)).map(|(v, mean)| v - mean).collect();
    let squares: Vec<f32> = flat.iter().map(|v| v * v).collect();
    flat.iter().zip(means_around(&squares)).map(|(v, square)| v / (square.sqrt() + noise)).collect()
}

/// Mean of the surroundings of each value of a small copy, cut at its border.
fn means_around(values: &[f32]) -> Vec<f32> {
    let near = |i: usize| i.saturating_sub(AROUND)..(i + AROUND + 1).min(SIDE);
    (0..SIDE * SIDE)
        .map(|i| {
            let (columns, rows) = (near(i % SIDE), near(i / SIDE));
            let n = (columns.len() * rows.len()) as f32;
            rows.map(|y| values[y * SIDE..][columns.clone()].iter().sum::<f32>()).sum::<f32>() / n
        })
        .collect()
}

fn normalised(mut values: Vec<f32>) -> Option<Box<[f32]>> {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    for v in &mut values {
        *v -= mean;
    }
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    // A picture without contrast: rounding alone is left.
    if length < 1e-2 {
        return None;
    }
    for v in &mut values {
        *v /= length;
    }
    Some(values.into())
}

/// Groups fingerprints: the most alike pairs first, and two groups become one only when all their images are alike enough, so that no
/// chain of small steps brings different things together. `is_cancelled` ends the work with [`WorkflowError::Cancelled`].
pub fn group(
    prints: &[(usize, Fingerprint)],
    settings: &DuplicateSettings,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<DuplicateGroup>, WorkflowError> {
    let alike = |a: usize, b: usize| prints[a].1.correlation(&prints[b].1);
    let near: Vec<Option<Vec<(f32, usize, usize)>>> = (0..prints.len())
        .into_par_iter()
        .map(|a| {
            let near = (0..a).filter(|&b| prints[a].1.is_near(&prints[b].1, settings)).map(|b| (alike(a, b), b, a));
            (!is_cancelled()).then(|| near.collect())
        })
        .collect();
    let mut pairs = near.into_iter().collect::<Option<Vec<_>>>().ok_or(WorkflowError::Cancelled)?.concat();
    pairs.sort_by(|p, q| q.0.total_cmp(&p.0).then((p.1, p.2).cmp(&(q.1, q.2))));
    let mut group_of: Vec<usize> = (0..prints.len()).collect();
    let mut members: Vec<Vec<usize>> = (0..prints.len()).map(|at| vec![at]).collect();
    let least = settings.min_correlation * WITHIN_GROUP;
    for (_, a, b) in pairs {
        let (a, b) = (group_of[a], group_of[b]);
        if a == b || !members[a].iter().all(|&x| members[b].iter().all(|&y| alike(x, y) >= least)) {
            continue;
        }
        let moved = std::mem::take(&mut members[b]);
        for &at in &moved {
            group_of[at] = a;
        }
        members[a].extend(moved);
    }
    let mut exact: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
    for (image, print) in prints {
        exact.entry(print.sha256).or_default().push(*image);
    }
    let alike: Vec<Vec<usize>> = members.into_iter().map(|group| group.into_iter().map(|at| prints[at].0).collect()).collect();
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
    let near = sorted(alike, false);
    // A group that is exact as a whole is told once.
    let others: Vec<DuplicateGroup> = near.into_iter().filter(|n| all.iter().all(|e| e.images != n.images)).collect();
    all.extend(others);
    Ok(all)
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
