//! Small pictures of images, kept on disk under `.delimit/thumbnails/`.
//!
//! A kept picture belongs to path, size and time of change of its image file, so that a changed file gets a new one. Files carry a
//! checksum: what is damaged is made anew. They are not synced to the disk one by one; after a power cut the checksum tells.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{ExtendedColorType, ImageDecoder as _};
use sha2::{Digest as _, Sha256};

use crate::project::{Project, ProjectError};
use crate::raster::Photo;
use crate::raster::pyramid::Window;

/// Longer side of a thumbnail, in pixels; smaller images keep their size.
pub const THUMBNAIL_PX: u32 = 160;

/// Bytes on disk that all thumbnails of a project may take: about 40 000 of them.
pub const DEFAULT_MAX_BYTES: u64 = 256 << 20;

/// First bytes of a kept thumbnail; then CRC-32 of the rest (little endian), then a JPEG.
const MAGIC: &[u8; 4] = b"DLT1";
const QUALITY: u8 = 85;

/// A small picture, as it is shown: deeper photos through the window from their 0.1st to their 99.9th percentile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    pub width: u32,
    pub height: u32,
    /// Row by row.
    pub rgb: Vec<[u8; 3]>,
}

impl Thumbnail {
    /// Averages a photo down. Of each block that becomes a pixel at most 4 × 4 are looked at: what it costs hangs on the size of the
    /// thumbnail, not on that of the photo.
    #[must_use]
    pub fn of_photo(photo: &Photo) -> Self {
        let (w, h) = (photo.width(), photo.height());
        let longer = w.max(h).max(1);
        let scaled = |side: u32| {
            if longer <= THUMBNAIL_PX {
                side
            } else {
                ((u64::from(side) * u64::from(THUMBNAIL_PX) + u64::from(longer) / 2) / u64::from(longer)).max(1) as u32
            }
        };
        let (width, height) = (scaled(w), scaled(h));
        let mut means = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            let ys = samples(y, height, h);
            for x in 0..width {
                let xs = samples(x, width, w);
                let (mut sum, mut n) = ([0.0_f32; 3], 0.0_f32);
                for v in ys.clone() {
                    for u in xs.clone() {
                        let rgb = photo.rgb_at(u, v);
                        if rgb.iter().all(|c| c.is_finite()) {
                            for (sum, c) in sum.iter_mut().zip(rgb) {
                                *sum += c;
                            }
                            n += 1.0;
                        }
                    }
                }
                means.push(sum.map(|s| if n > 0.0 { s / n } else { 0.0 }));
            }
        }
        let window = window_of(photo, &means);
        Self { width, height, rgb: means.into_iter().map(|rgb| rgb.map(|c| window.shade(c))).collect() }
    }

    fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut jpeg = Vec::new();
        let pixels = self.rgb.as_flattened();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode(pixels, self.width, self.height, ExtendedColorType::Rgb8).ok()?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(crc32fast::hash(&jpeg).to_le_bytes());
        bytes.extend(jpeg);
        Some(bytes)
    }

    /// None for bytes that are damaged or of another kind.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (crc, jpeg) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
        if crc32fast::hash(jpeg) != u32::from_le_bytes(*crc) {
            return None;
        }
        let decoder = JpegDecoder::new(Cursor::new(jpeg)).ok()?;
        let (width, height) = decoder.dimensions();
        if width > THUMBNAIL_PX || height > THUMBNAIL_PX || decoder.color_type() != image::ColorType::Rgb8 {
            return None;
        }
        let mut flat = vec![0; decoder.total_bytes() as usize];
        decoder.read_image(&mut flat).ok()?;
        let rgb = flat.as_chunks::<3>().0.to_vec();
        (rgb.len() == width as usize * height as usize).then_some(Self { width, height, rgb })
    }
}

/// Up to four places, spread evenly over the block of `size` pixels that becomes pixel `i` of `count`.
fn samples(i: u32, count: u32, size: u32) -> impl Iterator<Item = u32> + Clone {
    const MOST: u64 = 4;
    let from = u64::from(i) * u64::from(size) / u64::from(count);
    let to = ((u64::from(i) + 1) * u64::from(size) / u64::from(count)).max(from + 1);
    let n = (to - from).min(MOST);
    (0..n).map(move |k| (from + (2 * k + 1) * (to - from) / (2 * n)) as u32)
}

fn window_of(photo: &Photo, means: &[[f32; 3]]) -> Window {
    if matches!(photo, Photo::Gray8(_) | Photo::Rgb8(_)) {
        return Window { black: 0.0, white: 255.0 };
    }
    let mut values: Vec<f32> = means.iter().map(|rgb| (rgb[0] + rgb[1] + rgb[2]) / 3.0).collect();
    values.sort_unstable_by(f32::total_cmp);
    let at = |q: f64| values.get(((values.len() as f64 - 1.0) * q).round() as usize).copied().unwrap_or(0.0);
    let (black, white) = (at(0.001), at(0.999));
    Window { black, white: if white > black { white } else { black + 1.0 } }
}

/// The thumbnails of a project on disk.
#[derive(Clone, Debug)]
pub struct ThumbnailCache {
    folder: PathBuf,
    may_write: bool,
    max_bytes: u64,
}

impl ThumbnailCache {
    /// The cache of the project in `root`; one that may not write only reads.
    #[must_use]
    pub fn new(root: &Path, may_write: bool) -> Self {
        Self { folder: root.join(".delimit/thumbnails"), may_write, max_bytes: DEFAULT_MAX_BYTES }
    }

    /// The same with another bound.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The thumbnail of an image: kept, or made and kept. That it cannot be kept is no error.
    ///
    /// # Errors
    /// When the photo is missing or cannot be decoded.
    pub fn get_or_make(&self, project: &Project, image: usize) -> Result<Thumbnail, ProjectError> {
        let kept_in = self.file_of(&project.image_path(image));
        if let Some(kept) = kept_in.as_ref().and_then(|path| Thumbnail::from_bytes(&fs::read(path).ok()?)) {
            return Ok(kept);
        }
        let made = Thumbnail::of_photo(&project.read_photo(image)?);
        if let (Some(path), true) = (kept_in, self.may_write) {
            self.keep(&path, &made);
        }
        Ok(made)
    }

    /// None when the image file is not there.
    fn file_of(&self, image: &Path) -> Option<PathBuf> {
        let meta = fs::metadata(image).ok()?;
        let changed = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
        let mut hasher = Sha256::new();
        hasher.update(image.as_os_str().as_encoded_bytes());
        hasher.update(meta.len().to_le_bytes());
        hasher.update(changed.to_le_bytes());
        let digest = hasher.finalize();
        let name = digest[..16].iter().fold(0_u128, |n, b| (n << 8) | u128::from(*b));
        Some(self.folder.join(format!("{name:032x}")))
    }

    /// Writes beside and renames, so that a reader never meets half a file.
    fn keep(&self, path: &Path, thumbnail: &Thumbnail) {
        let Some(bytes) = thumbnail.to_bytes() else { return };
        let part = path.with_extension(format!("{:?}.part", std::thread::current().id()).replace(['(', ')'], ""));
        // A full disk or a missing right costs a thumbnail, no work.
        if fs::create_dir_all(&self.folder).is_err() || fs::write(&part, bytes).is_err() || fs::rename(&part, path).is_err() {
            drop(fs::remove_file(&part));
        }
    }

    /// Removes the oldest thumbnails when all together take too much; returns how many went. A job for a worker thread.
    pub fn prune(&self) -> usize {
        if !self.may_write {
            return 0;
        }
        let Ok(entries) = fs::read_dir(&self.folder) else { return 0 };
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let meta = entry.metadata().ok()?;
                Some((meta.modified().ok()?, meta.len(), entry.path()))
            })
            .collect();
        let mut total: u64 = files.iter().map(|f| f.1).sum();
        if total <= self.max_bytes {
            return 0;
        }
        files.sort();
        let mut removed = 0;
        // A quarter of room, or the next start would prune again.
        for (_, bytes, path) in files {
            if total <= self.max_bytes / 4 * 3 {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= bytes;
                removed += 1;
            }
        }
        removed
    }
}
