//! COCO instances: one JSON file of images, categories and annotations.
//!
//! Polygons are lists x, y, x, y … at pixel corners; several of one annotation are a union, there are no holes. pycocotools fills by pixel
//! centres too, after rounding points to fifths of a pixel, so slanted sides may differ from ours in single pixels on the line. Run
//! lengths go column by column over the whole image, background first. Bounding boxes without a segmentation are no pixels.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::LabelReader;
use super::column_runs::{column_runs, compressed, decompressed};
use super::error::ExchangeError;
use super::files;
use super::format::Format;
use super::model::{Content, FileClass, LabelObject, LabelSet, LabelledImage, Shape};
use super::rings::{keyhole, rings};
use super::writer::{ClassList, ExportImage, LabelWriter, put};
use crate::raster::{Area, Components, Point, Run};

/// Where exports lie, the name that CVAT and Datumaro give it.
const ANNOTATIONS: &str = "annotations/instances_default.json";

pub struct Coco;

#[derive(Deserialize)]
struct File {
    images: Vec<Image>,
    #[serde(default)]
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: i64,
    file_name: String,
    width: Option<u64>,
    height: Option<u64>,
}

#[derive(Deserialize)]
struct Category {
    id: i64,
    name: String,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    id: serde_json::Value,
    image_id: i64,
    category_id: i64,
    #[serde(default)]
    segmentation: Option<Segmentation>,
    #[serde(default)]
    iscrowd: u8,
    #[serde(default)]
    attributes: Option<HashMap<String, serde_json::Value>>,
    #[serde(default)]
    keypoints: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Segmentation {
    Polygons(Vec<Vec<f64>>),
    Runs { size: [u64; 2], counts: Counts },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Counts {
    Compressed(String),
    Plain(Vec<u32>),
}

impl LabelReader for Coco {
    fn read(&self, path: &Path) -> Result<LabelSet, ExchangeError> {
        let mut set = LabelSet::new(Format::Coco);
        if !path.is_dir() {
            read_file(path, &mut set)?;
            return Ok(set);
        }
        let is_ours = |f: &PathBuf| files::has_ending(f, "json") && f.file_name().is_none_or(|n| n != "certificate.json");
        let found: Vec<PathBuf> = files::walk(path)?.into_iter().filter(is_ours).collect();
        // Panoptic, caption and keypoint files lie beside the instances in data sets of the COCO family.
        let instances = |f: &&PathBuf| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with("instances"));
        let chosen: Vec<&PathBuf> =
            if found.iter().any(|f| instances(&f)) { found.iter().filter(instances).collect() } else { found.iter().collect() };
        if chosen.is_empty() {
            return Err(ExchangeError::content(path, "the folder", "holds no JSON file"));
        }
        for file in chosen {
            read_file(file, &mut set)?;
        }
        Ok(set)
    }
}

fn read_file(path: &Path, set: &mut LabelSet) -> Result<(), ExchangeError> {
    let bytes = files::read(path)?;
    let file: File = serde_json::from_slice(&bytes).map_err(|e| {
        ExchangeError::content(path, format!("line {}, column {}", e.line(), e.column()), format!("is no COCO file: {e}"))
    })?;
    drop(bytes);
    let mut classes: HashMap<i64, usize> = HashMap::new();
    for category in file.categories {
        let at = set.class_index(&category.name);
        set.classes[at] = FileClass { name: category.name, id: Some(category.id), is_unnamed: false };
        if classes.insert(category.id, at).is_some() {
            return Err(ExchangeError::content(path, format!("category {}", category.id), "there are two with this id"));
        }
    }
    let mut images: HashMap<i64, usize> = HashMap::new();
    for image in file.images {
        let place = format!("image {}", image.id);
        let wrong = |message: String| ExchangeError::content(path, place.clone(), message);
        let name = files::image_name(&image.file_name).map_err(wrong)?;
        let size = match (image.width, image.height) {
            (Some(w), Some(h)) => Some(files::size(w, h).map_err(wrong)?),
            _ => None,
        };
        if images.insert(image.id, set.images.len()).is_some() {
            return Err(wrong("there are two with this id".to_owned()));
        }
        set.images.push(LabelledImage { name, size, source: path.into(), content: Content::Objects(Vec::new()) });
    }
    for (i, annotation) in file.annotations.into_iter().enumerate() {
        let place = match &annotation.id {
            serde_json::Value::Null => format!("annotation {} of the list", i + 1),
            id => format!("annotation {id}"),
        };
        let wrong = |message: String| ExchangeError::content(path, place.clone(), message);
        let Some(&image) = images.get(&annotation.image_id) else {
            return Err(wrong(format!("no image has the id {}", annotation.image_id)));
        };
        let Some(&class) = classes.get(&annotation.category_id) else {
            return Err(wrong(format!("no category has the id {}", annotation.category_id)));
        };
        if annotation.attributes.is_some_and(|a| !a.is_empty()) {
            set.losses.add("attributes of an object");
        }
        if annotation.keypoints.is_some() {
            set.losses.add("keypoints of an object");
        }
        let Some(shape) = shape_of(annotation.segmentation).map_err(wrong)? else {
            set.losses.add("box without a segmentation");
            continue;
        };
        let object = LabelObject { class, shape, z_order: 0, is_crowd: annotation.iscrowd != 0, place };
        if let Content::Objects(objects) = &mut set.images[image].content {
            objects.push(object);
        }
    }
    Ok(())
}

fn shape_of(segmentation: Option<Segmentation>) -> Result<Option<Shape>, String> {
    Ok(match segmentation {
        None => None,
        Some(Segmentation::Polygons(list)) if list.is_empty() => None,
        Some(Segmentation::Polygons(list)) => {
            let polygons = list.iter().map(|flat| Ok(vec![points_of(flat)?]));
            Some(Shape::Polygons(polygons.collect::<Result<_, String>>()?))
        }
        Some(Segmentation::Runs { size: [h, w], counts }) => {
            let (width, height) = files::size(w, h)?;
            let counts = match counts {
                Counts::Compressed(text) => decompressed(&text, u64::from(width) * u64::from(height))?,
                Counts::Plain(counts) => counts,
            };
            let total = counts.iter().map(|&n| u64::from(n)).sum::<u64>();
            if total != w * h {
                return Err(format!("the run lengths sum up to {total} px, but the size is {w}×{h}"));
            }
            Some(Shape::ColumnRuns { width, height, counts })
        }
    })
}

/// x, y, x, y … as points; at least three.
fn points_of(flat: &[f64]) -> Result<Vec<Point>, String> {
    let (pairs, rest) = flat.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(format!("a polygon of {} numbers: they must be pairs of x and y", flat.len()));
    }
    if pairs.len() < 3 {
        return Err(format!("a polygon of {} points; three are the least", pairs.len()));
    }
    Ok(pairs.iter().map(|p| Point::new(p[0], p[1])).collect())
}

/// Collects everything and writes one file at the end.
pub(super) struct CocoWriter {
    out: PathBuf,
    classes: ClassList,
    are_polygons: bool,
    images: Vec<ImageOut>,
    annotations: Vec<AnnotationOut>,
}

#[derive(Serialize)]
struct FileOut {
    info: Info,
    licenses: [(); 0],
    images: Vec<ImageOut>,
    categories: Vec<CategoryOut>,
    annotations: Vec<AnnotationOut>,
}

#[derive(Serialize)]
struct Info {
    description: &'static str,
}

#[derive(Serialize)]
struct ImageOut {
    id: usize,
    file_name: String,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct CategoryOut {
    id: u8,
    name: String,
    supercategory: &'static str,
}

#[derive(Serialize)]
struct AnnotationOut {
    id: usize,
    image_id: usize,
    category_id: u8,
    segmentation: SegmentationOut,
    area: u64,
    bbox: [u32; 4],
    iscrowd: u8,
}

#[derive(Serialize)]
#[serde(untagged)]
enum SegmentationOut {
    Polygons(Vec<Vec<u32>>),
    Runs { size: [u32; 2], counts: String },
}

impl CocoWriter {
    pub fn new(out: PathBuf, classes: ClassList, are_polygons: bool) -> Self {
        Self { out, classes, are_polygons, images: Vec::new(), annotations: Vec::new() }
    }
}

impl LabelWriter for CocoWriter {
    fn add(&mut self, image: &ExportImage) -> Result<(), ExchangeError> {
        let (width, height) = (image.label.width(), image.label.height());
        let image_id = self.images.len() + 1;
        self.images.push(ImageOut { id: image_id, file_name: image.name.clone(), width, height });
        let objects = image.objects();
        for (i, runs) in objects.iter().enumerate() {
            let category_id = objects.value(i);
            self.classes.require(category_id, image)?;
            let area = Area::of_runs(runs);
            let bounds = area.bounds();
            let segmentation = if self.are_polygons {
                SegmentationOut::Polygons(flat_polygons(runs))
            } else {
                SegmentationOut::Runs { size: [height, width], counts: compressed(&column_runs(runs, width, height)) }
            };
            self.annotations.push(AnnotationOut {
                id: self.annotations.len() + 1,
                image_id,
                category_id,
                segmentation,
                area: area.pixels(),
                bbox: [bounds.x0, bounds.y0, bounds.width(), bounds.height()],
                iscrowd: 0,
            });
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExchangeError> {
        let ignore = self.classes.has_ignore.then(|| (crate::raster::IGNORE, super::writer::IGNORE_NAME.to_owned()));
        let classes = self.classes.classes.iter().map(|c| (c.id, c.name.clone())).chain(ignore);
        let file = FileOut {
            info: Info { description: concat!("written by Delimit ", env!("CARGO_PKG_VERSION")) },
            licenses: [],
            images: self.images,
            categories: classes.map(|(id, name)| CategoryOut { id, name, supercategory: "" }).collect(),
            annotations: self.annotations,
        };
        let path = self.out.join(ANNOTATIONS);
        let text = serde_json::to_vec(&file).map_err(|e| ExchangeError::io(&path, e.into()))?;
        put(&path, &text)
    }
}

/// One closed line per fragment, holes bridged.
fn flat_polygons(runs: &[Run]) -> Vec<Vec<u32>> {
    // Don't-care pixels are a class like others here.
    let plain: Vec<Run> = runs.iter().map(|r| Run { value: 1, ..*r }).collect();
    let pieces = Components::of_runs(&plain);
    let lines = pieces.iter().filter_map(|piece| keyhole(&rings(piece)));
    lines.map(|line| line.iter().flat_map(|p| [p.x as u32, p.y as u32]).collect()).collect()
}
