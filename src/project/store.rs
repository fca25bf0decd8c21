//! The project in memory and its folder.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::class::{Class, class_name, unknown_class};
use super::error::ProjectError;
use super::label_file;
use super::model_use::ModelUse;
use super::part::{ImageEntry, Part};
use super::part_number::PartNumber;
use super::photo_file;
use super::sidecar::{self, Sidecar};
use crate::check::BoundaryCheck;
use crate::files::{FileStamp, RonError, ron_file, write_atomic};
use crate::judge::ruleset::UNZONED;
use crate::raster::{LabelMap, Photo};

/// Newest format of `project.ron` that this program reads and writes: 2 has several models on a part number. A project without them is
/// written in format 1, so that it stays readable for older programs.
pub const FORMAT: u32 = 2;

/// `project.ron` as it stands on disk.
#[derive(Serialize, Deserialize)]
struct ProjectFile {
    format: u32,
    name: String,
    classes: Vec<Class>,
    #[serde(default = "default_tolerance", skip_serializing_if = "is_default_tolerance")]
    tolerance_px: f64,
    part_numbers: Vec<PartNumber>,
}

fn default_tolerance() -> f64 {
    BoundaryCheck::default().tolerance_px
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_default_tolerance(px: &f64) -> bool {
    *px == default_tolerance()
}

/// Everything but pixels: what kinds of defect there are, which part numbers, which parts with which images.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    root: PathBuf,
    pub name: String,
    pub classes: Vec<Class>,
    /// How far the boundary of a label may be off where its class says nothing else, px, > 0.
    pub tolerance_px: f64,
    pub part_numbers: Vec<PartNumber>,
    images: Vec<ImageEntry>,
    parts: Vec<Part>,
}

impl Project {
    /// A project in memory; [`Self::save`] writes it. `root` is its folder.
    #[must_use]
    pub fn new(root: &Path, name: &str) -> Self {
        Self {
            root: root.to_owned(),
            name: name.to_owned(),
            classes: Vec::new(),
            tolerance_px: default_tolerance(),
            part_numbers: Vec::new(),
            images: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Reads `project.ron` and `parts.csv` of the folder `root`; no image is opened.
    pub fn load(root: &Path) -> Result<Self, ProjectError> {
        let path = root.join("project.ron");
        if !path.exists() {
            return Err(ProjectError::NotAProject { path: root.into() });
        }
        let file: ProjectFile = ron_file::read(&path, FORMAT)?;
        let mut project = Self::new(root, &file.name);
        project.classes = file.classes;
        project.tolerance_px = file.tolerance_px;
        project.part_numbers = file.part_numbers;
        project.validate().map_err(|message| ProjectError::Content { path, message })?;
        let list = root.join("parts.csv");
        if list.exists() {
            project.images = read_part_list(&list)?;
            project.group_parts().map_err(|(line, message)| ProjectError::PartList { path: list, line, message })?;
        }
        Ok(project)
    }

    /// Writes `project.ron` and `parts.csv`.
    pub fn save(&self) -> Result<(), ProjectError> {
        for (path, text) in self.file_texts()? {
            write_atomic(&path, text.as_bytes()).map_err(|source| ProjectError::Io { path, source })?;
        }
        Ok(())
    }

    /// `project.ron` and `parts.csv` with what [`Self::save`] would write there.
    pub fn file_texts(&self) -> Result<[(PathBuf, String); 2], ProjectError> {
        let [path, list] = self.file_paths();
        self.check_content()?;
        let format = if self.part_numbers.iter().all(PartNumber::has_plain_model) { 1 } else { FORMAT };
        let file = ProjectFile {
            format,
            name: self.name.clone(),
            classes: self.classes.clone(),
            tolerance_px: self.tolerance_px,
            part_numbers: self.part_numbers.clone(),
        };
        let project = ron_file::to_text(&file, &path)?;
        let parts = part_list_text(&self.images).map_err(|message| ProjectError::Content { path: list.clone(), message })?;
        Ok([(path, project), (list, parts)])
    }

    /// Where `project.ron` and `parts.csv` lie.
    #[must_use]
    pub fn file_paths(&self) -> [PathBuf; 2] {
        [self.root.join("project.ron"), self.root.join("parts.csv")]
    }

    /// Says what could not be written to `project.ron` as it is; see [`Self::save`].
    pub fn check_content(&self) -> Result<(), ProjectError> {
        let [path, _] = self.file_paths();
        self.validate().map_err(|message| ProjectError::Content { path, message })
    }

    /// Class and zone ids and names are unique and in range, calibrations are lengths, names can be file names.
    fn validate(&self) -> Result<(), String> {
        unique(self.classes.iter().map(|c| (c.id, c.name.as_str())), "class")?;
        let mut tolerances = self.classes.iter().filter_map(|c| Some((c.name.as_str(), c.tolerance_px?)));
        if let Some((name, px)) = tolerances.find(|(_, px)| !is_tolerance(*px)) {
            return Err(format!("the tolerance of class {name:?} is {px}; give 0.1 to 100 px"));
        }
        if !is_tolerance(self.tolerance_px) {
            return Err(format!("the tolerance is {}; give 0.1 to 100 px", self.tolerance_px));
        }
        let mut names = HashSet::new();
        for pn in &self.part_numbers {
            if !names.insert(pn.name.as_str()) {
                return Err(format!("two part numbers are called {:?}", pn.name));
            }
            if !is_plain_name(&pn.name) {
                return Err(format!("part number {:?} cannot be a file name; use letters, digits, - and _", pn.name));
            }
            check_models(pn)?;
            unique(pn.zones.iter().map(|z| (z.id, z.name.as_str())), "zone")?;
            if pn.calibration.is_some_and(|c| !c.is_valid()) {
                return Err(format!("the calibration of part number {:?} must be two lengths above zero", pn.name));
            }
        }
        Ok(())
    }

    /// Adds images of one part number, each a part of its own named by its file; returns how many were new. Paths inside the
    /// project folder are kept relative. A file that is in the project already is passed over.
    pub fn add_images(&mut self, part_number: usize, paths: &[PathBuf]) -> Result<usize, ProjectError> {
        let mut ids: HashSet<String> = self.images.iter().map(|i| i.id.clone()).collect();
        let known: HashSet<String> = self.images.iter().map(|i| i.image.clone()).collect();
        let before = self.images.len();
        for path in paths {
            let image = self.path_text(path)?;
            if known.contains(&image) {
                continue;
            }
            let id = unused_id(&image, &ids);
            ids.insert(id.clone());
            let part = id.clone();
            self.images.push(ImageEntry { id, image, part, part_number: self.part_numbers[part_number].name.clone() });
        }
        self.regroup()?;
        Ok(self.images.len() - before)
    }

    /// Adds images whose id and part are known (an importer, the sample renderer).
    pub fn add_entries(&mut self, entries: impl IntoIterator<Item = ImageEntry>) -> Result<(), ProjectError> {
        self.images.extend(entries);
        self.regroup()
    }

    fn regroup(&mut self) -> Result<(), ProjectError> {
        self.group_parts().map_err(|(line, message)| ProjectError::PartList { path: self.root.join("parts.csv"), line, message })
    }

    /// Builds the parts from the image list; the images of a part need not stand together in the file.
    fn group_parts(&mut self) -> Result<(), (u64, String)> {
        let numbers: HashMap<&str, usize> = self.part_numbers.iter().enumerate().map(|(i, p)| (p.name.as_str(), i)).collect();
        let mut parts: Vec<Part> = Vec::new();
        let mut by_serial: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut ids = HashSet::new();
        for (index, entry) in self.images.iter().enumerate() {
            let line = index as u64 + 2;
            let Some(&part_number) = numbers.get(entry.part_number.as_str()) else {
                let known = self.part_numbers.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
                return Err((line, format!("no part number {:?} in project.ron (known: {known})", entry.part_number)));
            };
            if !ids.insert(entry.id.as_str()) {
                return Err((line, format!("a second image with the id {:?}; ids must be unique", entry.id)));
            }
            if !is_plain_path(&entry.id) {
                return Err((line, format!("the id {:?} leaves the labels folder; use a plain relative name", entry.id)));
            }
            let slot = *by_serial.entry((part_number, entry.part.as_str())).or_insert_with(|| {
                parts.push(Part { serial: entry.part.clone(), part_number, images: Vec::new() });
                parts.len() - 1
            });
            parts[slot].images.push(index);
        }
        self.parts = parts;
        Ok(())
    }

    // --- what is in it --------------------------------------------------------------------------------------------------------

    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    #[must_use]
    pub fn images(&self) -> &[ImageEntry] {
        &self.images
    }

    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Index of the part number of an image; None when there is no such image.
    #[must_use]
    pub fn part_number_of_image(&self, image: usize) -> Option<usize> {
        let name = &self.images.get(image)?.part_number;
        self.part_numbers.iter().position(|p| p.name == *name)
    }

    #[must_use]
    pub fn class(&self, id: u8) -> Option<&Class> {
        self.classes.iter().find(|c| c.id == id)
    }

    /// Name of a class id; `unknown` for anomalies that no class explains, `class 7` for one that the project does not know.
    #[must_use]
    pub fn class_name(&self, id: u8) -> String {
        class_name(&self.classes, id)
    }

    /// The class id of anomalies that no class explains.
    #[must_use]
    pub fn unknown_class(&self) -> u8 {
        unknown_class(&self.classes)
    }

    /// With which the labels of this project are checked.
    #[must_use]
    pub fn boundary_check(&self) -> BoundaryCheck {
        BoundaryCheck { tolerance_px: self.tolerance_px, ..BoundaryCheck::default() }
    }

    /// (id, name) of every class.
    #[must_use]
    pub fn class_names(&self) -> Vec<(u8, String)> {
        self.classes.iter().map(|c| (c.id, c.name.clone())).collect()
    }

    /// Colours of label files by pixel value.
    #[must_use]
    pub fn class_palette(&self) -> [[u8; 3]; 256] {
        label_file::palette(self.classes.iter().map(|c| (c.id, c.colour)))
    }

    /// Colours of the zone map of a part number by pixel value.
    #[must_use]
    pub fn zone_palette(&self, part_number: usize) -> [[u8; 3]; 256] {
        label_file::palette(self.part_numbers[part_number].zones.iter().map(|z| (z.id, z.colour)))
    }

    // --- where it lies --------------------------------------------------------------------------------------------------------

    #[must_use]
    pub fn image_path(&self, image: usize) -> PathBuf {
        self.root.join(&self.images[image].image)
    }

    #[must_use]
    pub fn label_path(&self, image: usize) -> PathBuf {
        self.root.join("labels").join(format!("{}.png", self.images[image].id))
    }

    #[must_use]
    pub fn sidecar_path(&self, image: usize) -> PathBuf {
        self.root.join("labels").join(format!("{}.ron", self.images[image].id))
    }

    #[must_use]
    pub fn zones_path(&self, part_number: usize) -> PathBuf {
        self.root.join("zones").join(format!("{}.png", self.part_numbers[part_number].name))
    }

    #[must_use]
    pub fn ruleset_path(&self, part_number: usize) -> PathBuf {
        self.root.join("rules").join(format!("{}.ron", self.part_numbers[part_number].name))
    }

    /// Where the ONNX file of a model lies.
    #[must_use]
    pub fn model_path(&self, model: &ModelUse) -> PathBuf {
        self.root.join(&model.file)
    }

    #[must_use]
    pub fn nominal_path(&self, part_number: usize) -> Option<PathBuf> {
        self.part_numbers[part_number].nominal.as_ref().map(|n| self.root.join(n))
    }

    // --- pixels and sidecars --------------------------------------------------------------------------------------------------

    /// Decodes the photo of an image.
    pub fn read_photo(&self, image: usize) -> Result<Photo, ProjectError> {
        let path = self.image_path(image);
        if !path.exists() {
            return Err(ProjectError::MissingImage { id: self.images[image].id.clone(), path });
        }
        photo_file::read(&path)
    }

    /// Size of an image without decoding it.
    pub fn image_size(&self, image: usize) -> Result<(u32, u32), ProjectError> {
        let path = self.image_path(image);
        if !path.exists() {
            return Err(ProjectError::MissingImage { id: self.images[image].id.clone(), path });
        }
        photo_file::size(&path)
    }

    /// The label of an image, held against the size of the image and the classes; blank when there is no label file yet.
    pub fn read_label(&self, image: usize) -> Result<LabelMap, ProjectError> {
        self.read_stamped_label(image).map(|(map, _)| map)
    }

    /// As [`Self::read_label`], with what the file was; None when there is none.
    pub fn read_stamped_label(&self, image: usize) -> Result<(LabelMap, Option<FileStamp>), ProjectError> {
        let size = self.image_size(image)?;
        let path = self.label_path(image);
        let Some((map, stamp)) = label_file::read_stamped(&path)? else { return Ok((LabelMap::new(size.0, size.1), None)) };
        label_file::check_size(&map, size, &path)?;
        label_file::check_class_ids(&map, &self.classes, &path)?;
        Ok((map, Some(stamp)))
    }

    /// Writes the label of an image.
    pub fn write_label(&self, image: usize, map: &LabelMap) -> Result<(), ProjectError> {
        label_file::write(&self.label_path(image), map, &self.class_palette())
    }

    /// The zone map of a part number; None when none was painted.
    pub fn read_zones(&self, part_number: usize) -> Result<Option<LabelMap>, ProjectError> {
        Ok(self.read_stamped_zones(part_number)?.map(|(map, _)| map))
    }

    /// As [`Self::read_zones`], with what the file was.
    pub fn read_stamped_zones(&self, part_number: usize) -> Result<Option<(LabelMap, FileStamp)>, ProjectError> {
        let path = self.zones_path(part_number);
        let Some((map, stamp)) = label_file::read_stamped(&path)? else { return Ok(None) };
        label_file::check_zone_ids(&map, &self.part_numbers[part_number].zones, &path)?;
        if let Some(nominal) = self.nominal_path(part_number)
            && nominal.exists()
        {
            label_file::check_size(&map, photo_file::size(&nominal)?, &path)?;
        }
        Ok(Some((map, stamp)))
    }

    pub fn write_zones(&self, part_number: usize, map: &LabelMap) -> Result<(), ProjectError> {
        label_file::write(&self.zones_path(part_number), map, &self.zone_palette(part_number))
    }

    /// What people said about an image; the defaults when nobody said anything yet.
    pub fn read_sidecar(&self, image: usize) -> Result<Sidecar, ProjectError> {
        let path = self.sidecar_path(image);
        match ron_file::read_once::<Sidecar>(&path, sidecar::FORMAT, |s| s.format) {
            Ok(read) => Ok(Sidecar { format: sidecar::FORMAT, ..read }),
            Err(RonError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(Sidecar::default()),
            Err(e) => Err(e.into()),
        }
    }

    pub fn write_sidecar(&self, image: usize, sidecar: &Sidecar) -> Result<(), ProjectError> {
        Ok(ron_file::write(&self.sidecar_path(image), sidecar)?)
    }

    /// A path as `parts.csv` keeps it: relative with `/` inside the project folder, absolute elsewhere.
    fn path_text(&self, path: &Path) -> Result<String, ProjectError> {
        let io = |source| ProjectError::Io { path: path.into(), source };
        let full = fs::canonicalize(path).map_err(io)?;
        let root = fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        let text = match full.strip_prefix(&root) {
            Ok(inside) => inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"),
            Err(_) => full.to_string_lossy().into_owned(),
        };
        Ok(text)
    }
}

/// Files are named once, and regions of interest name zones of the part number.
fn check_models(number: &PartNumber) -> Result<(), String> {
    let mut files = HashSet::new();
    for model in &number.models {
        if model.file.trim().is_empty() {
            return Err(format!("part number {:?} has a model without a file name", number.name));
        }
        if !files.insert(model.file.as_str()) {
            return Err(format!("part number {:?} names the model {:?} twice", number.name, model.file));
        }
        if let Some(zone) = model.roi.iter().find(|&zone| number.zones.iter().all(|z| z.name != *zone)) {
            return Err(format!(
                "model {:?} looks at zone {zone:?}, which part number {:?} does not have",
                model.file, number.name
            ));
        }
    }
    if number.models.len() > 200 {
        return Err(format!("part number {:?} has {} models; 200 are the most", number.name, number.models.len()));
    }
    Ok(())
}

/// What [`BoundaryCheck::in_range`] leaves as it is.
fn is_tolerance(px: f64) -> bool {
    (0.1..=100.0).contains(&px)
}

fn read_part_list(path: &Path) -> Result<Vec<ImageEntry>, ProjectError> {
    let broken = |line: u64, message: String| ProjectError::PartList { path: path.into(), line, message };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(|e| broken(1, e.to_string()))?;
    let mut images = Vec::new();
    for row in reader.deserialize() {
        images.push(row.map_err(|e| broken(e.position().map_or(0, csv::Position::line), e.to_string()))?);
    }
    Ok(images)
}

fn part_list_text(images: &[ImageEntry]) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if images.is_empty() {
        writer.write_record(["id", "image", "part", "part_number"]).map_err(|e| e.to_string())?;
    }
    for image in images {
        writer.serialize(image).map_err(|e| e.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

fn unique<'a>(items: impl Iterator<Item = (u8, &'a str)>, what: &str) -> Result<(), String> {
    let (mut ids, mut names) = (HashSet::new(), HashSet::new());
    for (id, name) in items {
        if id == 0 || id == 255 {
            return Err(format!("{what} {name:?} has the id {id}; 0 is background and 255 is ignore, use 1 to 254"));
        }
        if name.trim().is_empty() || name == "*" || name == UNZONED {
            return Err(format!("a {what} cannot be called {name:?}"));
        }
        if !ids.insert(id) {
            return Err(format!("two entries of kind {what} have the id {id}"));
        }
        if !names.insert(name) {
            return Err(format!("two entries of kind {what} are called {name:?}"));
        }
    }
    Ok(())
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0'])
}

fn is_plain_path(id: &str) -> bool {
    !id.is_empty() && !id.contains(['\\', ':', '\0']) && Path::new(id).components().all(|c| matches!(c, Component::Normal(_)))
}

/// An id from an image path: without `images/` in front and the ending behind; only the file name for paths outside the project.
fn unused_id(image: &str, taken: &HashSet<String>) -> String {
    let is_inside = Path::new(image).is_relative() && !image.starts_with("..");
    let stem = Path::new(image).with_extension("");
    let base = if is_inside {
        let text = stem.to_string_lossy().into_owned();
        text.strip_prefix("images/").unwrap_or(&text).to_owned()
    } else {
        stem.file_name().map_or_else(|| "image".to_owned(), |n| n.to_string_lossy().into_owned())
    };
    let base = base.replace(['\\', ':'], "_");
    if !taken.contains(&base) {
        return base;
    }
    // One more candidate than there are ids: one of them is free.
    (2..taken.len() + 3).map(|n| format!("{base}_{n}")).find(|id| !taken.contains(id)).unwrap_or(base)
}
