//! labelme JSON: one file per image, shapes in the order in which they lie on each other.
//!
//! Points are pixel corners, as labelme shows them. Its own export draws polygons with their outline through the pixels that the
//! points fall into (Pillow), about a pixel fatter to the right and below than what was drawn; here a pixel belongs to a shape when its
//! centre lies inside. A circle is centre and a point on it. A mask is a PNG that begins at the pixel of its first point; its size is
//! that of the PNG. `imagePath` may climb (`../images/a.jpg`), as labelme itself writes it: only its last part is used, to match.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::LabelReader;
use super::base64;
use super::error::ExchangeError;
use super::files;
use super::format::Format;
use super::model::{Content, LabelObject, LabelSet, LabelledImage, Losses, Shape};
use crate::raster::Point;

pub struct Labelme;

#[derive(Deserialize)]
struct File {
    shapes: Vec<ShapeIn>,
    #[serde(default, rename = "imagePath")]
    image_path: Option<String>,
    #[serde(default, rename = "imageHeight")]
    height: Option<u64>,
    #[serde(default, rename = "imageWidth")]
    width: Option<u64>,
}

#[derive(Deserialize)]
struct ShapeIn {
    label: String,
    points: Vec<[f64; 2]>,
    #[serde(default)]
    shape_type: Option<String>,
    #[serde(default)]
    mask: Option<String>,
    #[serde(default)]
    group_id: Option<i64>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    flags: Option<std::collections::HashMap<String, serde_json::Value>>,
}

impl LabelReader for Labelme {
    fn read(&self, path: &Path) -> Result<LabelSet, ExchangeError> {
        let mut set = LabelSet::new(Format::Labelme);
        let files: Vec<PathBuf> = if path.is_dir() {
            let is_ours = |f: &PathBuf| files::has_ending(f, "json") && f.file_name().is_none_or(|n| n != "certificate.json");
            files::walk(path)?.into_iter().filter(is_ours).collect()
        } else {
            vec![path.to_owned()]
        };
        if files.is_empty() {
            return Err(ExchangeError::content(path, "the folder", "holds no JSON file"));
        }
        for file in files {
            read_file(&file, &mut set)?;
        }
        Ok(set)
    }
}

fn read_file(path: &Path, set: &mut LabelSet) -> Result<(), ExchangeError> {
    let bytes = files::read(path)?;
    let file: File = serde_json::from_slice(&bytes).map_err(|e| {
        ExchangeError::content(path, format!("line {}, column {}", e.line(), e.column()), format!("is no labelme file: {e}"))
    })?;
    let wrong = |message: String| ExchangeError::content(path, "the image", message);
    let size = match (file.width, file.height) {
        (Some(w), Some(h)) => Some(files::size(w, h).map_err(wrong)?),
        _ => None,
    };
    let image_path = file.image_path.filter(|p| !p.is_empty());
    let own_name = || path.with_extension("").file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let name = image_path.map_or_else(own_name, |p| p.replace('\\', "/"));
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    let name = files::image_name(&name).map_err(wrong)?;
    let mut objects = Vec::new();
    for (i, shape) in file.shapes.into_iter().enumerate() {
        let place = format!("shape {} ({:?})", i + 1, shape.label);
        let message = |message: String| ExchangeError::content(path, place.clone(), message);
        count_losses(&shape, &mut set.losses);
        if let Some(pixels) = shape_of(&shape, &mut set.losses).map_err(message)? {
            let class = set.class_index(&shape.label);
            objects.push(LabelObject { class, shape: pixels, z_order: 0, is_crowd: false, place });
        }
    }
    set.images.push(LabelledImage { name, size, source: path.into(), content: Content::Objects(objects) });
    Ok(())
}

fn count_losses(shape: &ShapeIn, losses: &mut Losses) {
    if shape.flags.as_ref().is_some_and(|f| !f.is_empty()) {
        losses.add("flags of a shape");
    }
    if shape.description.as_ref().is_some_and(|d| !d.is_empty()) {
        losses.add("description of a shape");
    }
    if shape.group_id.is_some() {
        losses.add("group of a shape");
    }
}

/// The pixels of a shape; None for lines and points, which have none.
fn shape_of(shape: &ShapeIn, losses: &mut Losses) -> Result<Option<Shape>, String> {
    let points: Vec<Point> = shape.points.iter().map(|p| Point::new(p[0], p[1])).collect();
    let two = || match points[..] {
        [a, b] => Ok((a, b)),
        _ => Err(format!("it has {} points instead of two", points.len())),
    };
    Ok(match shape.shape_type.as_deref().unwrap_or("polygon") {
        "polygon" if points.len() < 3 => return Err(format!("a polygon of {} points; three are the least", points.len())),
        "polygon" => Some(Shape::Polygons(vec![vec![points]])),
        "rectangle" => {
            let (a, b) = two()?;
            Some(Shape::Polygons(vec![vec![vec![a, Point::new(b.x, a.y), b, Point::new(a.x, b.y)]]]))
        }
        "circle" => {
            let (centre, on_it) = two()?;
            let r = centre.distance(on_it);
            Some(Shape::Ellipse { centre, rx: r, ry: r })
        }
        "mask" => {
            let at = points.first().ok_or("a mask without a place")?;
            let png = shape.mask.as_deref().ok_or("a mask without its PNG")?;
            Some(mask(png, *at)?)
        }
        kind @ ("line" | "linestrip" | "point" | "points") => {
            losses.add(&format!("{kind} without an area"));
            None
        }
        other => return Err(format!("shape_type {other:?} is not known")),
    })
}

/// A PNG of whatever kind: what is not 0 is in the mask.
fn mask(text: &str, at: Point) -> Result<Shape, String> {
    let bytes = base64::decode(text).ok_or("the mask is no base64")?;
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes.as_slice()), png::Limits { bytes: 1 << 28 });
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|e| format!("the mask is no PNG: {e}"))?;
    let (width, height) = (reader.info().width, reader.info().height);
    files::size(u64::from(width), u64::from(height))?;
    // A few bytes cannot hold more than a thousandfold of pixels: the compression ends there.
    if u64::from(width) * u64::from(height) > 8 * 1100 * bytes.len() as u64 {
        return Err(format!("the mask promises {width}×{height} px in {} bytes", bytes.len()));
    }
    if !at.x.is_finite() || !at.y.is_finite() || at.x.abs() > 1e9 || at.y.abs() > 1e9 {
        return Err(format!("the mask lies at ({}, {})", at.x, at.y));
    }
    let size = reader.output_buffer_size().ok_or("the mask is too large")?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|e| format!("the mask is no PNG: {e}"))?;
    let samples = frame.color_type.samples();
    let has_alpha = matches!(frame.color_type, png::ColorType::GrayscaleAlpha | png::ColorType::Rgba);
    let colours = samples - usize::from(has_alpha);
    let is_in = |pixel: &[u8]| pixel[..colours].iter().any(|&v| v != 0) && (!has_alpha || pixel[colours] != 0);
    let mut counts = vec![0_u32];
    for row in pixels.chunks_exact(frame.line_size).take(height as usize) {
        for pixel in row.chunks_exact(samples).take(width as usize) {
            let is_odd = counts.len() % 2 == 0;
            if is_in(pixel) != is_odd {
                counts.push(0);
            }
            if let Some(last) = counts.last_mut() {
                *last += 1;
            }
        }
    }
    Ok(Shape::BoxRuns { x: at.x.floor() as i64, y: at.y.floor() as i64, width, height, counts })
}
