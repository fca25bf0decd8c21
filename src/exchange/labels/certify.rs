//! The round-trip certificate: what was written is read back and held against the labels, pixel by pixel and object by object.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use super::error::ExchangeError;
use super::files;
use super::format::Format;
use super::model::{Content, LabelSet, LabelledImage};
use super::plan::{Overlap, render};
use super::writer::{ExportClass, ExportImage, IGNORE_NAME, put};
use crate::raster::contour::mid_cracks;
use crate::raster::{Area, Components, IGNORE, LabelMap, Run};

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Certificate {
    pub format: &'static str,
    pub made_by: &'static str,
    pub classes: Vec<String>,
    /// True when every pixel of every image came back.
    pub is_exact: bool,
    /// Pixels that differ, over all images.
    pub xor_px: u64,
    pub images: Vec<ImageCertificate>,
}

/// What came back of one image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImageCertificate {
    pub image: String,
    pub width: u32,
    pub height: u32,
    /// Labelled pixels.
    pub label_px: u64,
    pub xor_px: u64,
    pub objects: usize,
    /// Objects of the file; more than `objects` where one is written in several pieces, fewer where the format knows pixels only.
    pub objects_read: usize,
    /// Intersection over union of each object with what came back in its place, in the order of their first pixels.
    pub iou: Vec<f64>,
    pub holes: usize,
    pub holes_read: usize,
}

impl Certificate {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let objects: usize = self.images.iter().map(|i| i.objects).sum();
        let least = self.images.iter().flat_map(|i| &i.iou).copied().fold(1.0, f64::min);
        let (holes, back) = self.images.iter().fold((0, 0), |(a, b), i| (a + i.holes, b + i.holes_read));
        let verdict = if self.is_exact { "every pixel came back".to_owned() } else { format!("{} px differ", self.xor_px) };
        format!(
            "read back: {verdict}; {} images, {objects} objects, least IoU {least:.4}, {back} of {holes} holes, {} classes",
            self.images.len(),
            self.classes.len()
        )
    }

    /// Writes `certificate.json` beside the export.
    pub fn write(&self, out: &Path) -> Result<(), ExchangeError> {
        let path = out.join("certificate.json");
        let bytes = serde_json::to_vec_pretty(self).map_err(|e| ExchangeError::io(&path, e.into()))?;
        put(&path, &bytes)
    }
}

/// Reads an export back and compares each of `count` images; `image` gives them as they were written, in any order.
pub fn certify(
    out: &Path,
    format: Format,
    classes: &[ExportClass],
    count: usize,
    image: impl Fn(usize) -> Result<ExportImage, ExchangeError>,
) -> Result<Certificate, ExchangeError> {
    let set = super::reader(format).read(out)?;
    let value =
        |name: &str| classes.iter().find(|c| c.name == name).map(|c| c.id).or_else(|| (name == IGNORE_NAME).then_some(IGNORE));
    let values: Vec<Option<u8>> = set.classes.iter().map(|c| value(&c.name)).collect();
    let by_key: HashMap<String, &LabelledImage> = set.images.iter().map(|i| (key_of(i, out, &set), i)).collect();
    let mut images = Vec::with_capacity(count);
    for i in 0..count {
        let original = image(i)?;
        let key =
            if matches!(format, Format::Coco | Format::CocoPolygons | Format::Cvat) { &original.name } else { &original.stem };
        let Some(found) = by_key.get(key) else {
            return Err(ExchangeError::content(out, original.name, "was written but is not there when read back"));
        };
        let size = (original.label.width(), original.label.height());
        let back = render(found, &values, size, Overlap::Order)?;
        let objects_read = match &found.content {
            Content::Objects(objects) => objects.len(),
            Content::Map(_) => back.objects,
        };
        images.push(compare(&original, &back.label, objects_read));
    }
    let xor_px = images.iter().map(|i| i.xor_px).sum();
    Ok(Certificate {
        format: format.name(),
        made_by: concat!("Delimit ", env!("CARGO_PKG_VERSION")),
        classes: classes.iter().map(|c| c.name.clone()).collect(),
        is_exact: xor_px == 0,
        xor_px,
        images,
    })
}

/// What names an image in the set that was read back: its own name, or its label file's below the folder of labels.
fn key_of(image: &LabelledImage, out: &Path, set: &LabelSet) -> String {
    match set.format {
        Format::Coco | Format::CocoPolygons | Format::Cvat => image.name.clone(),
        Format::Labelme | Format::Png | Format::Gray => files::stem_below(&image.source, out),
        Format::Yolo => files::stem_below(&image.source, &out.join("labels")),
        Format::Voc => files::stem_below(&image.source, &out.join("SegmentationClass")),
    }
}

fn compare(original: &ExportImage, back: &LabelMap, objects_read: usize) -> ImageCertificate {
    let label = &original.label;
    let objects = original.objects();
    // Each value's pixels as they came back, and as they were.
    let returned = areas_by_value(back);
    let were = areas_by_value(label);
    let blank = Area::new();
    let iou = objects.iter().enumerate().map(|(i, runs)| {
        let own = Area::of_runs(runs);
        let value = objects.value(i);
        let all = returned.get(&value).unwrap_or(&blank).cut_to(own.bounds().grown(1, label.width(), label.height()));
        // What came back around it and belongs to no other object of its class.
        let others = were.get(&value).unwrap_or(&blank).minus(&own);
        let here = all.minus(&others);
        let common = own.intersection(&here).pixels();
        common as f64 / (own.pixels() + here.pixels() - common) as f64
    });
    ImageCertificate {
        image: original.name.clone(),
        width: label.width(),
        height: label.height(),
        label_px: label.histogram()[1..].iter().sum(),
        xor_px: differing(label, back),
        objects: objects.len(),
        objects_read,
        iou: iou.collect(),
        holes: holes(label),
        holes_read: holes(back),
    }
}

fn areas_by_value(map: &LabelMap) -> HashMap<u8, Area> {
    let mut runs: HashMap<u8, Vec<Run>> = HashMap::new();
    for run in crate::raster::runs::runs(map) {
        runs.entry(run.value).or_default().push(run);
    }
    runs.into_iter().map(|(value, runs)| (value, Area::of_runs(&runs))).collect()
}

/// Pixels in which two maps of one size differ.
fn differing(a: &LabelMap, b: &LabelMap) -> u64 {
    if a == b {
        return 0;
    }
    let (a, b) = (a.to_plane(), b.to_plane());
    a.as_slice().iter().zip(b.as_slice()).filter(|(a, b)| a != b).count() as u64
}

/// Holes of all regions: rings of 4-connected pixels of another value inside an 8-connected region.
fn holes(map: &LabelMap) -> usize {
    Components::of(map).iter().map(|runs| mid_cracks(runs).iter().filter(|c| c.is_hole).count()).sum()
}
