//! What each model said, kept on disk, found again by what they were made from.
//!
//! One file per answer: 8 bytes of signature, then engine, size, kind and what that kind says, each with its length in front; maps are gray
//! PNG streams; and a CRC-32 over everything before it. A file that is cut off or altered counts as absent. The folder can be deleted at any time.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::answered::{Answered, ModelAnswer};
use super::error::PredictError;
use crate::files::write_atomic;
use crate::raster::{LabelMap, PixelRect, Plane};

/// Raised whenever pre- or postprocessing changes what comes out for the same model and photo.
const METHOD: u32 = 1;

const SIGNATURE: &[u8; 8] = b"DLMTPRD\x02";

/// Names one answer: SHA-256 over model, card, class ids and image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

/// The part of the key that is the same for all photos of a run; hashing a model takes longer than hashing a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelKey([u8; 32]);

impl ModelKey {
    /// From the bytes of the model file and its card, and the class id of each output channel.
    #[must_use]
    pub fn new(model: &[u8], card: &[u8], class_ids: &[u8]) -> Self {
        Self(digest(&[&METHOD.to_le_bytes(), model, card, class_ids]))
    }

    /// From a model file, the card beside it and the class id of each output channel.
    pub fn of_file(model: &Path, card: &Path, class_ids: &[u8]) -> Result<Self, PredictError> {
        let read = |file: &Path| fs::read(file).map_err(|source| PredictError::Read { file: file.to_owned(), source });
        Ok(Self::new(&read(model)?, &read(card)?, class_ids))
    }

    /// For a model that sees only a part of the photos.
    #[must_use]
    pub fn with_view(&self, view: PixelRect) -> Self {
        let corners: Vec<u8> = [view.x0, view.y0, view.x1, view.y1].iter().flat_map(|v| v.to_le_bytes()).collect();
        Self(digest(&[&self.0, &corners]))
    }

    /// Adds the bytes of an image file.
    #[must_use]
    pub fn with_image(&self, image: &[u8]) -> CacheKey {
        CacheKey(digest(&[&self.0, image]))
    }
}

/// Every part is hashed on its own first, so that no shift of bytes between parts gives the same key.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut all = Sha256::new();
    for part in parts {
        all.update(Sha256::digest(part));
    }
    all.finalize().into()
}

/// A folder of answers, one model and photo each.
#[derive(Clone, Debug)]
pub struct PredictionCache {
    folder: PathBuf,
}

impl PredictionCache {
    /// The folder is created with the first entry.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where the entry of this key lies, or would.
    #[must_use]
    pub fn path_of(&self, key: &CacheKey) -> PathBuf {
        use std::fmt::Write as _;
        let mut name = String::with_capacity(64 + 4);
        for byte in key.0 {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        self.folder.join(name + ".prd")
    }

    /// The stored answer; None when there is none or it cannot be trusted.
    #[must_use]
    pub fn get(&self, key: &CacheKey) -> Option<ModelAnswer> {
        decode(&fs::read(self.path_of(key)).ok()?)
    }

    /// Stores an answer. The entry appears as a whole or not at all.
    pub fn put(&self, key: &CacheKey, answer: &ModelAnswer) -> Result<(), PredictError> {
        let file = self.path_of(key);
        let failed = |source: std::io::Error| PredictError::Write { file: file.clone(), source };
        let bytes = encode(answer).map_err(|error| failed(error.into()))?;
        write_atomic(&file, &bytes).map_err(failed)
    }

    /// Removes the entries that were written longest ago until all together take at most `bytes`; returns how many went. What cannot
    /// be removed stays. The cache is a convenience: what is missing is computed again.
    pub fn shrink_to(&self, bytes: u64) -> usize {
        let Ok(folder) = self.folder.read_dir() else { return 0 };
        let entry = |e: fs::DirEntry| {
            let about = e.metadata().ok().filter(|_| e.path().extension().is_some_and(|end| end == "prd"))?;
            Some((about.modified().ok()?, about.len(), e.path()))
        };
        let mut entries: Vec<_> = folder.flatten().filter_map(entry).collect();
        entries.sort_unstable();
        let mut total: u64 = entries.iter().map(|e| e.1).sum();
        let mut gone = 0;
        for (_, size, path) in entries {
            if total <= bytes {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= size;
                gone += 1;
            }
        }
        gone
    }

    /// The stored answer, or the one that `predict` makes, which is then stored. A cache that cannot be written to (full or read-only
    /// disk) does not cost the prediction.
    pub fn get_or_predict<E>(&self, key: &CacheKey, predict: impl FnOnce() -> Result<ModelAnswer, E>) -> Result<ModelAnswer, E> {
        if let Some(prediction) = self.get(key) {
            return Ok(prediction);
        }
        let prediction = predict()?;
        // Deliberately ignored, see above.
        let _ = self.put(key, &prediction);
        Ok(prediction)
    }
}

/// Kinds as they are stored.
const MAP: u8 = 0;
const SCORES: u8 = 1;
const STATEMENT: u8 = 2;

fn encode(answer: &ModelAnswer) -> Result<Vec<u8>, png::EncodingError> {
    let (width, height) = answer.size;
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    let (kind, content) = match &answer.said {
        Answered::Map { class, probability } => (MAP, vec![encode_plane(&class.to_plane())?, encode_plane(probability)?]),
        Answered::Scores { probability } => (SCORES, vec![encode_plane(probability)?]),
        Answered::Statement { class, probability } => (STATEMENT, vec![vec![*class, *probability]]),
    };
    let mut bytes = SIGNATURE.to_vec();
    let head = [answer.engine.as_bytes(), &size, &[kind]];
    for part in head.into_iter().chain(content.iter().map(Vec::as_slice)) {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part);
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    Ok(bytes)
}

fn decode(bytes: &[u8]) -> Option<ModelAnswer> {
    let (content, crc) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(content) != u32::from_le_bytes(*crc) {
        return None;
    }
    let rest = content.strip_prefix(SIGNATURE)?;
    let (engine, rest) = part(rest)?;
    let (size, rest) = part(rest)?;
    let (kind, rest) = part(rest)?;
    let (width, height) = size.split_first_chunk::<4>()?;
    let size = (u32::from_le_bytes(*width), u32::from_le_bytes(height.try_into().ok()?));
    let (first, rest) = part(rest)?;
    let plane = |bytes: &[u8]| decode_plane(bytes).filter(|plane| (plane.width(), plane.height()) == size);
    let (said, rest) = match *kind {
        [MAP] => {
            let (second, rest) = part(rest)?;
            (Answered::Map { class: LabelMap::from_plane(&plane(first)?), probability: plane(second)? }, rest)
        }
        [SCORES] => (Answered::Scores { probability: plane(first)? }, rest),
        [STATEMENT] => {
            let &[class, probability] = first else { return None };
            (Answered::Statement { class, probability }, rest)
        }
        _ => return None,
    };
    let engine = String::from_utf8(engine.to_vec()).ok()?;
    rest.is_empty().then_some(ModelAnswer { said, size, engine })
}

/// A length and that many bytes, and what follows.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// Gray, fast, without filters: class maps are runs, and probabilities are not worth waiting for.
fn encode_plane(plane: &Plane<u8>) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, plane.width(), plane.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(plane.as_slice())?;
    writer.finish()?;
    Ok(bytes)
}

fn decode_plane(bytes: &[u8]) -> Option<Plane<u8>> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().ok()?;
    let mut data = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut data).ok()?;
    let is_gray = frame.color_type == png::ColorType::Grayscale && frame.bit_depth == png::BitDepth::Eight;
    (is_gray && data.len() == frame.width as usize * frame.height as usize)
        .then(|| Plane::from_vec(frame.width, frame.height, data))
}
