//! labelme JSON out: a region without a hole as a polygon along its cracks, one with holes as a mask, so that nothing is lost.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::base64;
use super::error::ExchangeError;
use super::rings::rings;
use super::writer::{ClassList, ExportImage, LabelWriter, file_of, put};
use crate::raster::{Area, Plane, Run};

pub(super) struct LabelmeWriter {
    pub out: PathBuf,
    pub classes: ClassList,
}

#[derive(Serialize)]
struct File<'a> {
    version: &'static str,
    flags: Empty,
    shapes: Vec<ShapeOut<'a>>,
    #[serde(rename = "imagePath")]
    image_path: String,
    #[serde(rename = "imageData")]
    image_data: Option<()>,
    #[serde(rename = "imageHeight")]
    height: u32,
    #[serde(rename = "imageWidth")]
    width: u32,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct ShapeOut<'a> {
    label: &'a str,
    points: Vec<[f64; 2]>,
    group_id: Option<u32>,
    description: &'static str,
    shape_type: &'static str,
    flags: Empty,
    mask: Option<String>,
}

impl LabelWriter for LabelmeWriter {
    fn add(&mut self, image: &ExportImage) -> Result<(), ExchangeError> {
        let path = file_of(&self.out, &image.stem, "json");
        let names = self.classes.names();
        let objects = image.objects();
        let mut shapes = Vec::with_capacity(objects.len());
        for (i, runs) in objects.iter().enumerate() {
            let label = names[self.classes.require(objects.value(i), image)?];
            shapes.push(shape(label, runs, &path)?);
        }
        let file = File {
            version: "5.7.0",
            flags: Empty {},
            shapes,
            image_path: path_from(path.parent().unwrap_or(&self.out), &image.path).unwrap_or_else(|| image.name.clone()),
            image_data: None,
            height: image.label.height(),
            width: image.label.width(),
        };
        let text = serde_json::to_vec_pretty(&file).map_err(|e| ExchangeError::io(&path, e.into()))?;
        put(&path, &text)
    }

    fn finish(self: Box<Self>) -> Result<(), ExchangeError> {
        Ok(())
    }
}

fn shape<'a>(label: &'a str, runs: &[Run], path: &Path) -> Result<ShapeOut<'a>, ExchangeError> {
    let rings = rings(runs);
    let out =
        ShapeOut { label, points: Vec::new(), group_id: None, description: "", shape_type: "polygon", flags: Empty {}, mask: None };
    if let [only] = &rings[..] {
        return Ok(ShapeOut { points: only.points.iter().map(|p| [p.x, p.y]).collect(), ..out });
    }
    let area = Area::of_runs(runs);
    let bounds = area.bounds();
    // labelme's box ends at the last pixel, not after it.
    let corner = |x: u32, y: u32| [f64::from(x), f64::from(y)];
    let points = vec![corner(bounds.x0, bounds.y0), corner(bounds.x1 - 1, bounds.y1 - 1)];
    let png = gray_png(&area.mask(bounds)).map_err(|e| ExchangeError::content(path, "a mask", e.to_string()))?;
    Ok(ShapeOut { points, shape_type: "mask", mask: Some(base64::encode(&png)), ..out })
}

/// An 8-bit gray PNG of 0 and 1, as labelme writes its masks.
fn gray_png(mask: &Plane<bool>) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, mask.width(), mask.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(mask.map(u8::from).as_slice())?;
    writer.finish()?;
    Ok(bytes)
}

/// `file` as seen from `folder`, with `/`; None when they share no root or cannot be found.
fn path_from(folder: &Path, file: &Path) -> Option<String> {
    std::fs::create_dir_all(folder).ok()?;
    let (folder, file) = (folder.canonicalize().ok()?, file.canonicalize().ok()?);
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return None;
    }
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = file.components().skip(shared).map(|c| c.as_os_str().to_string_lossy().into_owned());
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}
