//! What an import would do, said before anything is done: which image gets which label, which class becomes which, what does not match
//! and what is lost. Making the label maps is a second step, image by image.

use std::collections::{BTreeMap, HashMap};

use super::error::ExchangeError;
use super::map_files::{decode, with_values};
use super::matching::ImageIndex;
pub use super::matching::MatchedBy;
use super::model::{Content, FileClass, LabelSet, LabelledImage, Losses, MapValue};
use super::writer::IGNORE_NAME;
use crate::project::{Class, Project};
use crate::raster::{Area, BACKGROUND, IGNORE, LabelMap, Plane, UNKNOWN};

/// Which object wins where two lie on each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// The higher `z_order`, and of equal ones the later in the file: as the tool shows them.
    #[default]
    Order,
    /// The smaller one, so that no defect disappears under a larger one.
    SmallOnTop,
}

/// How an import is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Classes of the file by name, and what the project calls them; an empty name drops the class, a new one is added.
    pub rename: Vec<(String, String)>,
    /// Classes that the project does not know are added; otherwise they stay open.
    pub are_unknown_added: bool,
    pub overlap: Overlap,
    /// Only images of this part number get labels.
    pub part_number: Option<usize>,
}

/// What becomes of a class of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassTarget {
    /// The project's class of this id.
    Class(u8),
    /// A class that the project gets.
    New { id: u8, name: String },
    /// Don't-care pixels.
    Ignore,
    /// Background: the class is no defect.
    Background,
    /// Its objects are left out, as was asked.
    Dropped,
    /// The project does not know it and nobody said what to do.
    Unknown,
}

impl ClassTarget {
    /// The pixel value; None for objects that are left out.
    #[must_use]
    pub const fn value(&self) -> Option<u8> {
        match self {
            Self::Class(id) | Self::New { id, .. } => Some(*id),
            Self::Ignore => Some(IGNORE),
            Self::Background => Some(BACKGROUND),
            Self::Dropped | Self::Unknown => None,
        }
    }
}

/// A class of the file and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassPlan {
    pub name: String,
    pub target: ClassTarget,
    /// Objects of it in matched images; label maps count as one for each image that may hold it.
    pub objects: usize,
}

/// An image that gets a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePlan {
    /// Index of the image in the project.
    pub image: usize,
    /// Index of the image in the set.
    pub source: usize,
    pub by: MatchedBy,
    /// There is a label file already.
    pub has_label: bool,
}

/// The dry run.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    pub set: LabelSet,
    pub classes: Vec<ClassPlan>,
    pub images: Vec<ImagePlan>,
    /// Images of the file without one in the project: name and why.
    pub unmatched: Vec<(String, String)>,
    overlap: Overlap,
}

/// A label map that an import made.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    pub label: LabelMap,
    /// Objects that were painted.
    pub objects: usize,
    /// What of this image could not be kept.
    pub losses: Losses,
    /// Pixels on which objects of different classes lay on each other.
    pub overlap_px: u64,
}

impl ImportPlan {
    /// Matches images and classes; no pixel is made. Fails where a renaming names no class of the file, or more classes come together
    /// than a label can hold.
    pub fn new(set: LabelSet, project: &Project, options: &ImportOptions) -> Result<Self, ExchangeError> {
        let targets = targets(&set.classes, project, options)?;
        let index = ImageIndex::new(project.images());
        let (mut images, mut unmatched) = (Vec::<ImagePlan>::new(), Vec::new());
        let mut taken: HashMap<usize, usize> = HashMap::new();
        for (source, found) in set.images.iter().enumerate() {
            let matched = index.find(&found.name).and_then(|(image, by)| {
                if options.part_number.is_some() && project.part_number_of_image(image) != options.part_number {
                    return Err("it belongs to another part number".to_owned());
                }
                match taken.insert(image, source) {
                    None => Ok((image, by)),
                    Some(other) => {
                        taken.insert(image, other);
                        Err(format!("{} means the same image", set.images[other].name))
                    }
                }
            });
            match matched {
                Ok((image, by)) => {
                    images.push(ImagePlan { image, source, by, has_label: project.label_path(image).exists() });
                }
                Err(why) => unmatched.push((found.name.clone(), why)),
            }
        }
        let counts = count_objects(&set, &images);
        let classes = set.classes.iter().zip(targets).zip(counts);
        let classes = classes.map(|((c, target), objects)| ClassPlan { name: c.name.clone(), target, objects }).collect();
        Ok(Self { set, classes, images, unmatched, overlap: options.overlap })
    }

    /// Classes that the project does not know, and that occur.
    pub fn unknown_classes(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().filter(|c| c.target == ClassTarget::Unknown && c.objects > 0).map(|c| c.name.as_str())
    }

    /// Classes that the project gets.
    #[must_use]
    pub fn new_classes(&self) -> Vec<Class> {
        let mut classes: Vec<Class> = Vec::new();
        for class in &self.classes {
            if let ClassTarget::New { id, name } = &class.target
                && classes.iter().all(|c| c.id != *id)
            {
                classes.push(Class::new(*id, name));
            }
        }
        classes
    }

    /// The label of one image of the plan, of `size` = width and height of the real image in px.
    pub fn render(&self, image: &ImagePlan, size: (u32, u32)) -> Result<Rendered, ExchangeError> {
        let values: Vec<Option<u8>> = self.classes.iter().map(|c| c.target.value()).collect();
        render(&self.set.images[image.source], &values, size, self.overlap)
    }
}

/// How many objects of each class lie on matched images.
fn count_objects(set: &LabelSet, images: &[ImagePlan]) -> Vec<usize> {
    let mut counts = vec![0; set.classes.len()];
    for image in images {
        match &set.images[image.source].content {
            Content::Objects(objects) => objects.iter().for_each(|o| counts[o.class] += 1),
            Content::Map(file) => {
                for value in file.values.values() {
                    if let MapValue::Class(class) = value {
                        counts[*class] += 1;
                    }
                }
            }
        }
    }
    counts
}

fn targets(classes: &[FileClass], project: &Project, options: &ImportOptions) -> Result<Vec<ClassTarget>, ExchangeError> {
    for (old, _) in &options.rename {
        if !classes.iter().any(|c| c.name.eq_ignore_ascii_case(old) || c.name == *old) {
            let known = classes.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ExchangeError::Plan(format!("--class {old}=…: the file has no class of that name (it has: {known})")));
        }
    }
    let mut added: BTreeMap<String, u8> = BTreeMap::new();
    let mut out = Vec::with_capacity(classes.len());
    for class in classes {
        let renamed =
            options.rename.iter().find(|(old, _)| old.to_lowercase() == class.name.to_lowercase()).map(|(_, new)| new.as_str());
        let wanted = renamed.unwrap_or(&class.name).trim();
        let lower = wanted.to_lowercase();
        let by_name = project.classes.iter().find(|c| c.name.to_lowercase() == lower);
        let by_id = project.classes.iter().find(|c| class.is_unnamed && renamed.is_none() && class.id == Some(i64::from(c.id)));
        let target = match by_name.or(by_id) {
            Some(known) => ClassTarget::Class(known.id),
            None if wanted.is_empty() => ClassTarget::Dropped,
            None if lower.trim_matches('_') == IGNORE_NAME => ClassTarget::Ignore,
            None if lower.trim_matches('_') == "background" => ClassTarget::Background,
            None if renamed.is_some() || options.are_unknown_added => {
                let id = match added.get(&lower) {
                    Some(id) => *id,
                    None => free_id(project, &added)?,
                };
                added.insert(lower, id);
                ClassTarget::New { id, name: wanted.to_owned() }
            }
            None => ClassTarget::Unknown,
        };
        out.push(target);
    }
    Ok(out)
}

fn free_id(project: &Project, added: &BTreeMap<String, u8>) -> Result<u8, ExchangeError> {
    let is_free = |id: &u8| project.class(*id).is_none() && added.values().all(|a| a != id);
    (1..UNKNOWN)
        .find(is_free)
        .ok_or_else(|| ExchangeError::Plan("project and file have more than 253 classes together; drop some".to_owned()))
}

/// The label map of one image; `values` gives the pixel value of each class of its set, None for those that are left out.
pub(super) fn render(
    image: &LabelledImage,
    values: &[Option<u8>],
    size: (u32, u32),
    overlap: Overlap,
) -> Result<Rendered, ExchangeError> {
    if let Some(found) = image.size
        && found != size
    {
        let message =
            format!("is {}×{} there, but the image is {}×{}; import labels of the full image", found.0, found.1, size.0, size.1);
        return Err(ExchangeError::content(&image.source, image.name.clone(), message));
    }
    match &image.content {
        Content::Map(file) => {
            let map = decode(&file.path, &file.colours)?;
            let mut table = [None; 256];
            for (value, meaning) in &file.values {
                table[usize::from(*value)] = match meaning {
                    MapValue::Background => Some(BACKGROUND),
                    MapValue::Ignore => Some(IGNORE),
                    MapValue::Class(class) => Some(values[*class].unwrap_or(BACKGROUND)),
                };
            }
            let histogram = map.histogram();
            if let Some(unknown) = (0..256).find(|&v| histogram[v] > 0 && table[v].is_none()) {
                let message = format!("pixels of value {unknown}, which the class table does not name");
                return Err(ExchangeError::content(&file.path, "the image", message));
            }
            let table = table.map(|v| v.unwrap_or(BACKGROUND));
            let objects = (1..255).filter(|&v| histogram[v] > 0 && table[v] != BACKGROUND).count();
            Ok(Rendered { label: with_values(&map, &table), objects, losses: Losses::default(), overlap_px: 0 })
        }
        Content::Objects(objects) => {
            let mut losses = Losses::default();
            let mut painted: Vec<(i64, u8, Area)> = Vec::with_capacity(objects.len());
            for object in objects {
                let Some(value) = values[object.class] else {
                    losses.add("object of a class that is left out");
                    continue;
                };
                let pixels = object.shape.pixels(size.0, size.1);
                let pixels =
                    pixels.map_err(|m| ExchangeError::content(&image.source, format!("{}, {}", image.name, object.place), m))?;
                if pixels.is_cut {
                    losses.add("object that reaches beyond the image: cut");
                }
                if pixels.area.is_empty() {
                    losses.add("object that covers no pixel's centre");
                    continue;
                }
                if object.is_crowd {
                    losses.add("crowd flag of an object");
                }
                painted.push((object.z_order, value, pixels.area));
            }
            match overlap {
                Overlap::Order => painted.sort_by_key(|p| p.0),
                Overlap::SmallOnTop => painted.sort_by_key(|p| std::cmp::Reverse(p.2.pixels())),
            }
            let mut plane = Plane::filled(size.0, size.1, BACKGROUND);
            let mut overlap_px = 0;
            for (_, value, area) in &painted {
                for span in area.spans() {
                    let row = &mut plane.row_mut(span.y)[span.x0 as usize..span.x1 as usize];
                    overlap_px += row.iter().filter(|v| **v != BACKGROUND && **v != *value).count() as u64;
                    row.fill(*value);
                }
            }
            Ok(Rendered { label: LabelMap::from_plane(&plane), objects: painted.len(), losses, overlap_px })
        }
    }
}
