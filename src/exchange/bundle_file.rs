//! The bundle as a file: a zip with a manifest of SHA-256 sums. The same content gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;

use super::bundle::{Bundle, BundledModel, GoldenPart};
use crate::files::{RonError, palette_png, ron_file, write_atomic};
use crate::judge::{Ruleset, RulesetError};
use crate::predict::{ModelCard, PredictError};
use crate::project::{Class, PartNumber, label_file};

/// Newest format that this program reads and writes: since 2 a bundle may hold several models. Format 1 is still read.
pub const FORMAT: u32 = 2;

/// A bundle that unpacks to more than this is refused before it fills the memory.
const MAX_UNPACKED: u64 = 1 << 30;

const MANIFEST: &str = "manifest.ron";
const PART_NUMBER: &str = "part_number.ron";
const RULESET: &str = "ruleset.ron";
const ZONES: &str = "zones.png";
const MODELS: &str = "models.ron";
/// Where format 1 has its only model.
const MODEL: &str = "model/model.onnx";
const CARD: &str = "model/model.ron";
const GOLDEN: &str = "golden.ron";
const GOLDEN_FOLDER: &str = "golden/";

/// Why a bundle could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("{source}: {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("is no bundle: {message}: {}", path.display())]
    Broken { path: PathBuf, message: String },
    #[error("the bundle's {file} does not have the content that its manifest promises; take the bundle from its source again: {}", path.display())]
    Hash { path: PathBuf, file: String },
    #[error("the bundle unpacks to more than {} MB and was refused: {}", MAX_UNPACKED >> 20, path.display())]
    TooLarge { path: PathBuf },
    #[error(transparent)]
    Ron(#[from] RonError),
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
    #[error(transparent)]
    Model(#[from] PredictError),
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    /// Name of the part number, for a look without unpacking.
    part_number: String,
    made_by: String,
    #[serde(default)]
    note: String,
    /// SHA-256 in hexadecimal of every other file.
    files: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct PartNumberFile {
    format: u32,
    classes: Vec<Class>,
    part_number: PartNumber,
}

#[derive(Serialize, Deserialize)]
struct ModelsFile {
    format: u32,
    models: Vec<ModelEntry>,
}

/// A model lies in `model/<its place in the list>.onnx` and `.ron`.
#[derive(Serialize, Deserialize)]
struct ModelEntry {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roi: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct GoldenFile {
    format: u32,
    parts: Vec<GoldenPart>,
}

impl Bundle {
    /// Writes the bundle atomically and returns its SHA-256 in hexadecimal.
    pub fn write(&self, path: &Path) -> Result<String, BundleError> {
        let bytes = self.to_bytes(path)?;
        write_atomic(path, &bytes).map_err(|source| BundleError::Io { path: path.into(), source })?;
        Ok(hex(&bytes))
    }

    /// Reads a bundle and holds every file against the manifest.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let bytes = std::fs::read(path).map_err(|source| BundleError::Io { path: path.into(), source })?;
        Self::from_bytes(&bytes, path)
    }

    /// The bytes of the file; `path` names it in errors.
    pub fn to_bytes(&self, path: &Path) -> Result<Vec<u8>, BundleError> {
        let files = self.files(path)?;
        let manifest = Manifest {
            format: FORMAT,
            part_number: self.part_number.name.clone(),
            made_by: concat!("Delimit ", env!("CARGO_PKG_VERSION")).into(),
            note: self.note.clone(),
            files: files.iter().map(|(name, bytes)| (name.clone(), hex(bytes))).collect(),
        };
        let manifest = ron_file::to_text(&manifest, path)?;
        let broken = |e: &dyn std::fmt::Display| BundleError::Broken { path: path.into(), message: e.to_string() };
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        // A fixed time, so that the same content is the same file.
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let manifest_first = std::iter::once((MANIFEST, manifest.as_bytes()));
        for (name, content) in manifest_first.chain(files.iter().map(|(n, c)| (n.as_str(), c.as_slice()))) {
            zip.start_file(name, options).map_err(|e| broken(&e))?;
            zip.write_all(content).map_err(|e| broken(&e))?;
        }
        Ok(zip.finish().map_err(|e| broken(&e))?.into_inner())
    }

    fn files(&self, path: &Path) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
        let mut files = BTreeMap::new();
        let part_number = PartNumberFile { format: FORMAT, classes: self.classes.clone(), part_number: self.part_number.clone() };
        files.insert(PART_NUMBER.to_owned(), ron_file::to_text(&part_number, path)?.into_bytes());
        files.insert(RULESET.to_owned(), self.ruleset.to_ron()?.into_bytes());
        let entry = |model: &BundledModel| ModelEntry { name: model.name.clone(), roi: model.roi.clone() };
        let list = ModelsFile { format: FORMAT, models: self.models.iter().map(entry).collect() };
        files.insert(MODELS.to_owned(), ron_file::to_text(&list, path)?.into_bytes());
        for (number, model) in self.models.iter().enumerate() {
            let [onnx, card] = model_files(number);
            files.insert(onnx, model.onnx.clone());
            files.insert(card, model.card.to_ron()?.into_bytes());
        }
        if let Some(zones) = &self.zones {
            let palette = label_file::palette(self.part_number.zones.iter().map(|z| (z.id, z.colour)));
            let png = palette_png::encode(zones, &palette)
                .map_err(|e| BundleError::Broken { path: path.into(), message: e.to_string() })?;
            files.insert(ZONES.to_owned(), png);
        }
        let golden = GoldenFile { format: FORMAT, parts: self.golden.clone() };
        files.insert(GOLDEN.to_owned(), ron_file::to_text(&golden, path)?.into_bytes());
        for part in &self.golden {
            files.insert(format!("{GOLDEN_FOLDER}{}", part.image), part.bytes.clone());
        }
        Ok(files)
    }

    /// As [`Self::read`], of bytes; `path` names them in errors.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, BundleError> {
        let mut files = unpack(bytes, path)?;
        let mut text = |name: &str| take_text(&mut files, name, path);
        let inside = |name: &str| path.join(name);
        let manifest: Manifest = ron_file::parse(&text(MANIFEST)?, &inside(MANIFEST), FORMAT)?;
        let part_number: PartNumberFile = ron_file::parse(&text(PART_NUMBER)?, &inside(PART_NUMBER), FORMAT)?;
        let ruleset = Ruleset::from_ron(&text(RULESET)?, &inside(RULESET))?;
        let golden: GoldenFile = ron_file::parse(&text(GOLDEN)?, &inside(GOLDEN), FORMAT)?;
        let models = take_models(&mut files, path)?;
        let zones = match files.remove(ZONES) {
            Some(png) => Some(palette_png::decode(Cursor::new(png)).map_err(|e| broken(path, format!("its {ZONES}: {e}")))?),
            None => None,
        };
        let golden = golden
            .parts
            .into_iter()
            .map(|part| {
                let name = format!("{GOLDEN_FOLDER}{}", part.image);
                let bytes = files.remove(&name).ok_or_else(|| broken(path, format!("it has no {name}")))?;
                Ok(GoldenPart { bytes, ..part })
            })
            .collect::<Result<_, BundleError>>()?;
        Ok(Self {
            classes: part_number.classes,
            part_number: part_number.part_number,
            zones,
            ruleset,
            models,
            golden,
            note: manifest.note,
        })
    }
}

/// Names of the files of a model, ONNX first.
fn model_files(number: usize) -> [String; 2] {
    [format!("model/{number}.onnx"), format!("model/{number}.ron")]
}

fn take_text(files: &mut BTreeMap<String, Vec<u8>>, name: &str, path: &Path) -> Result<String, BundleError> {
    let bytes = files.remove(name).ok_or_else(|| broken(path, format!("it has no {name}")))?;
    String::from_utf8(bytes).map_err(|_| broken(path, format!("its {name} is no text")))
}

/// The models of a bundle; of format 1 the only one.
fn take_models(files: &mut BTreeMap<String, Vec<u8>>, path: &Path) -> Result<Vec<BundledModel>, BundleError> {
    if !files.contains_key(MODELS) {
        return Ok(vec![take_model(files, [MODEL, CARD], None, Vec::new(), path)?]);
    }
    let list: ModelsFile = ron_file::parse(&take_text(files, MODELS, path)?, &path.join(MODELS), FORMAT)?;
    if list.models.is_empty() {
        return Err(broken(path, "it holds no model".to_owned()));
    }
    let numbered = list.models.into_iter().enumerate();
    numbered
        .map(|(number, entry)| {
            let [onnx, card] = model_files(number);
            take_model(files, [&onnx, &card], Some(entry.name), entry.roi, path)
        })
        .collect()
}

fn take_model(
    files: &mut BTreeMap<String, Vec<u8>>,
    [onnx, card]: [&str; 2],
    name: Option<String>,
    roi: Vec<String>,
    path: &Path,
) -> Result<BundledModel, BundleError> {
    let card = ModelCard::parse(&take_text(files, card, path)?, &path.join(card))?;
    let onnx = files.remove(onnx).ok_or_else(|| broken(path, format!("it has no {onnx}")))?;
    Ok(BundledModel { name: name.unwrap_or_else(|| card.name.clone()), onnx, card, roi })
}

fn broken(path: &Path, message: String) -> BundleError {
    BundleError::Broken { path: path.into(), message }
}

/// All files of the zip, each with the hash that the manifest promises. Nothing is written to disk, so a name cannot lead astray;
/// names that try are refused all the same.
fn unpack(bytes: &[u8], path: &Path) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(path, e.to_string()))?;
    let mut files = BTreeMap::new();
    let mut total = 0_u64;
    for i in 0..zip.len() {
        let file = zip.by_index(i).map_err(|e| broken(path, e.to_string()))?;
        let name = file.name().map_err(|e| broken(path, e.to_string()))?.into_owned();
        if file.enclosed_name().is_none() || file.is_symlink() || name.contains('\\') {
            return Err(broken(path, format!("it holds a file that leaves its folder: {name:?}")));
        }
        let mut content = Vec::new();
        // The size in the header may lie: read at most one byte more than is allowed.
        file.take(MAX_UNPACKED - total + 1).read_to_end(&mut content).map_err(|e| broken(path, e.to_string()))?;
        total += content.len() as u64;
        if total > MAX_UNPACKED {
            return Err(BundleError::TooLarge { path: path.into() });
        }
        if files.insert(name.clone(), content).is_some() {
            return Err(broken(path, format!("it holds {name} twice")));
        }
    }
    let text = files.get(MANIFEST).ok_or_else(|| broken(path, format!("it has no {MANIFEST}")))?;
    let text = std::str::from_utf8(text).map_err(|_| broken(path, format!("its {MANIFEST} is no text")))?;
    let manifest: Manifest = ron_file::parse(text, &path.join(MANIFEST), FORMAT)?;
    let promised: BTreeSet<&str> = manifest.files.keys().map(String::as_str).collect();
    if let Some(extra) = files.keys().find(|n| n.as_str() != MANIFEST && !promised.contains(n.as_str())) {
        return Err(broken(path, format!("it holds {extra}, which its manifest does not name")));
    }
    for (name, sum) in &manifest.files {
        let content = files.get(name).ok_or_else(|| broken(path, format!("it has no {name}")))?;
        if hex(content) != *sum {
            return Err(BundleError::Hash { path: path.into(), file: name.clone() });
        }
    }
    Ok(files)
}

/// SHA-256 in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(half), 16));
        }
        text
    })
}
