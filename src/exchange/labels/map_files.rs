//! One pixel, one value: Pascal VOC `SegmentationClass` and folders of indexed or gray PNG.
//!
//! The value counts, not the colour of the palette; RGB pictures (Datumaro writes VOC so) are read by exact colours, which a class table
//! or the VOC standard gives. A class table beside the images names the values (`classes.csv`, `labelmap.txt`, `labelmap.csv`,
//! `dataset_meta.json`, `mask_grayscale_map.json`, `class_names.txt`, `classes.txt`); without one a value means the project's class of
//! that id. 0 is background and 255 don't-care unless the table says otherwise. VOC numbers its classes from 1 in the order of
//! `labelmap.txt`; the others keep the ids of the project.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LabelReader;
use super::class_table::{Colours, colours_of_folder, values_of_folder, voc_colours};
use super::error::ExchangeError;
use super::files;
use super::format::Format;
use super::model::{Content, FileClass, LabelSet, LabelledImage, MapFile, MapValue};
use super::writer::{ClassList, ExportImage, IGNORE_NAME, LabelWriter, file_of, put};
use crate::files::palette_png;
use crate::project::label_file;
use crate::raster::{BACKGROUND, IGNORE, LabelMap, Plane};

pub struct Voc;

pub struct PngFolder;

impl LabelReader for Voc {
    fn read(&self, path: &Path) -> Result<LabelSet, ExchangeError> {
        let folder = path.join("SegmentationClass");
        if !folder.is_dir() {
            return Err(ExchangeError::content(path, "the folder", "has no SegmentationClass in it"));
        }
        read_folder(Format::Voc, path, &folder)
    }
}

impl LabelReader for PngFolder {
    fn read(&self, path: &Path) -> Result<LabelSet, ExchangeError> {
        if !path.is_dir() {
            let folder = path.parent().unwrap_or(path);
            let mut set = LabelSet::new(Format::Png);
            let table = values_of_folder(folder)?;
            let colours = colours_of_folder(folder)?.unwrap_or_default();
            add_maps(&mut set, table, colours, folder, vec![path.to_owned()])?;
            return Ok(set);
        }
        // Data sets with images beside keep their labels in one of these.
        let inner = ["masks", "labels", "annotations"].map(|n| path.join(n)).into_iter().find(|f| f.is_dir());
        read_folder(Format::Png, path, inner.as_deref().unwrap_or(path))
    }
}

fn read_folder(format: Format, root: &Path, folder: &Path) -> Result<LabelSet, ExchangeError> {
    let mut set = LabelSet::new(format);
    let table = match values_of_folder(folder)? {
        Some(table) => Some(table),
        None => values_of_folder(root)?,
    };
    let colours = match colours_of_folder(folder)? {
        Some(colours) => colours,
        None => colours_of_folder(root)?.unwrap_or_else(|| if format == Format::Voc { voc_colours() } else { Colours::new() }),
    };
    let pngs: Vec<PathBuf> = files::walk(folder)?.into_iter().filter(|f| files::has_ending(f, "png")).collect();
    if pngs.is_empty() {
        return Err(ExchangeError::content(folder, "the folder", "holds no PNG file"));
    }
    add_maps(&mut set, table, colours, folder, pngs)?;
    Ok(set)
}

fn add_maps(
    set: &mut LabelSet,
    table: Option<BTreeMap<u8, String>>,
    colours: Colours,
    folder: &Path,
    pngs: Vec<PathBuf>,
) -> Result<(), ExchangeError> {
    let colours = Arc::new(colours);
    let named = table.map(|table| {
        let mut values = BTreeMap::from([(BACKGROUND, MapValue::Background), (IGNORE, MapValue::Ignore)]);
        for (value, name) in table {
            let meaning = match name.to_lowercase().trim_matches('_') {
                "background" => MapValue::Background,
                IGNORE_NAME => MapValue::Ignore,
                _ => {
                    let at = set.class_index(&name);
                    set.classes[at].id = Some(i64::from(value));
                    MapValue::Class(at)
                }
            };
            values.insert(value, meaning);
        }
        values
    });
    for path in pngs {
        let values = match &named {
            Some(values) => values.clone(),
            None => values_of_file(&path, &colours, set)?,
        };
        let name = files::stem_below(&path, folder);
        let size = Some(png_size(&path)?);
        set.images.push(LabelledImage {
            name,
            size,
            source: path.clone(),
            content: Content::Map(MapFile { path, values, colours: Arc::clone(&colours) }),
        });
    }
    Ok(())
}

/// Every value of a map without a table is a class of that number.
fn values_of_file(path: &Path, colours: &Colours, set: &mut LabelSet) -> Result<BTreeMap<u8, MapValue>, ExchangeError> {
    let histogram = decode(path, colours)?.histogram();
    let mut values = BTreeMap::from([(BACKGROUND, MapValue::Background), (IGNORE, MapValue::Ignore)]);
    for value in (1..IGNORE).filter(|v| histogram[usize::from(*v)] > 0) {
        let name = value.to_string();
        let at = set.class_index(&name);
        set.classes[at] = FileClass { name, id: Some(i64::from(value)), is_unnamed: true };
        values.insert(value, MapValue::Class(at));
    }
    Ok(values)
}

/// Width and height from the header alone.
fn png_size(path: &Path) -> Result<(u32, u32), ExchangeError> {
    let file = std::fs::File::open(path).map_err(|e| ExchangeError::io(path, e))?;
    let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
    let info = decoder.read_header_info().map_err(|e| ExchangeError::content(path, "the header", format!("is no PNG: {e}")))?;
    let (w, h) = (info.width, info.height);
    files::size(u64::from(w), u64::from(h)).map_err(|m| ExchangeError::content(path, "the header", m))
}

/// The values of an indexed or gray PNG, or of an RGB one by its exact colours.
pub(super) fn decode(path: &Path, colours: &Colours) -> Result<LabelMap, ExchangeError> {
    let (w, h) = png_size(path)?;
    let bytes = files::read(path)?;
    // Deflate packs at most about 1 : 1032; more pixels than that (8 a byte at the most) cannot be in the file.
    if u64::from(w) * u64::from(h) > 8 * 1100 * bytes.len() as u64 {
        return Err(ExchangeError::content(path, "the header", format!("promises {w}×{h} px in {} bytes", bytes.len())));
    }
    let wrong = |message: String| ExchangeError::content(path, "the image", message);
    if let Some(map) = decode_wide(&bytes, colours).map_err(wrong)? {
        return Ok(map);
    }
    palette_png::decode(Cursor::new(bytes)).map_err(|e| wrong(e.to_string()))
}

/// The values of an RGB or a 16-bit gray PNG; None for other kinds.
fn decode_wide(bytes: &[u8], colours: &Colours) -> Result<Option<LabelMap>, String> {
    let decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: 1 << 31 });
    let mut reader = decoder.read_info().map_err(|e| format!("is no PNG: {e}"))?;
    let (colour, depth) = reader.output_color_type();
    let (width, height) = (reader.info().width, reader.info().height);
    let is_rgb = matches!((colour, depth), (png::ColorType::Rgb | png::ColorType::Rgba, png::BitDepth::Eight));
    if !is_rgb && (colour, depth) != (png::ColorType::Grayscale, png::BitDepth::Sixteen) {
        return Ok(None);
    }
    if is_rgb && colours.is_empty() {
        return Err("is an RGB picture, and no class table beside it gives its colours (classes.csv, labelmap.txt)".to_owned());
    }
    let mut plane = Plane::filled(width, height, BACKGROUND);
    let mut y = 0;
    while let Some(row) = reader.next_row().map_err(|e| format!("is no PNG: {e}"))? {
        if y >= height {
            break;
        }
        let samples = row.data().chunks_exact(if is_rgb { colour.samples() } else { 2 });
        for (x, (target, sample)) in plane.row_mut(y).iter_mut().zip(samples).enumerate() {
            *target = match (is_rgb, sample) {
                (true, [r, g, b, ..]) => *colours.get(&[*r, *g, *b]).ok_or_else(|| {
                    format!("the colour {r},{g},{b} of pixel ({x}, {y}) is none of the class table; colours must be exact")
                })?,
                (_, [0, low]) => *low,
                _ => return Err(format!("the value of pixel ({x}, {y}) is more than the 255 that a class can have")),
            };
        }
        y += 1;
    }
    Ok(Some(LabelMap::from_plane(&plane)))
}

/// A map whose values are changed by a table.
pub(super) fn with_values(map: &LabelMap, table: &[u8; 256]) -> LabelMap {
    LabelMap::from_plane(&map.to_plane().map(|v| table[usize::from(v)]))
}

pub(super) struct VocWriter {
    out: PathBuf,
    classes: ClassList,
    stems: Vec<String>,
}

impl VocWriter {
    pub const fn new(out: PathBuf, classes: ClassList) -> Self {
        Self { out, classes, stems: Vec::new() }
    }
}

impl LabelWriter for VocWriter {
    fn add(&mut self, image: &ExportImage) -> Result<(), ExchangeError> {
        let mut table = [BACKGROUND; 256];
        table[usize::from(IGNORE)] = IGNORE;
        for (value, class) in (1..=254_u8).zip(&self.classes.classes) {
            table[usize::from(class.id)] = value;
        }
        check_values(image, &self.classes)?;
        let palette = label_file::palette((1..=254_u8).zip(self.classes.classes.iter().map(|c| c.colour)));
        let path = file_of(&self.out.join("SegmentationClass"), &image.stem, "png");
        label_file::write(&path, &with_values(&image.label, &table), &palette)?;
        self.stems.push(image.stem.clone());
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExchangeError> {
        let mut text = String::from("# label:color_rgb:parts:actions\nbackground:0,0,0::\n");
        for class in &self.classes.classes {
            if class.name.contains([':', '\n']) || class.name.starts_with('#') {
                return Err(ExchangeError::Plan(format!("the class name {:?} cannot stand in labelmap.txt", class.name)));
            }
            let [r, g, b] = class.colour;
            let _ = writeln!(text, "{}:{r},{g},{b}::", class.name);
        }
        put(&self.out.join("labelmap.txt"), text.as_bytes())?;
        let list = self.stems.iter().fold(String::new(), |all, stem| all + stem + "\n");
        put(&self.out.join("ImageSets/Segmentation/default.txt"), list.as_bytes())
    }
}

pub(super) struct PngWriter {
    pub out: PathBuf,
    pub classes: ClassList,
    pub is_gray: bool,
}

impl LabelWriter for PngWriter {
    fn add(&mut self, image: &ExportImage) -> Result<(), ExchangeError> {
        check_values(image, &self.classes)?;
        let path = file_of(&self.out, &image.stem, "png");
        if !self.is_gray {
            let palette = label_file::palette(self.classes.classes.iter().map(|c| (c.id, c.colour)));
            return Ok(label_file::write(&path, &image.label, &palette)?);
        }
        let bytes = gray_png(&image.label).map_err(|e| ExchangeError::content(&path, "the image", e.to_string()))?;
        put(&path, &bytes)
    }

    fn finish(self: Box<Self>) -> Result<(), ExchangeError> {
        let path = self.out.join("classes.csv");
        let mut writer = csv::Writer::from_writer(Vec::new());
        let wrong = |e: &dyn std::fmt::Display| ExchangeError::content(&path, "the class table", e.to_string());
        writer.write_record(["id", "name", "r", "g", "b"]).map_err(|e| wrong(&e))?;
        for class in &self.classes.classes {
            let numbers = [class.id, class.colour[0], class.colour[1], class.colour[2]].map(|n| n.to_string());
            let [id, r, g, b] = &numbers;
            writer.write_record([id.as_str(), &class.name, r, g, b]).map_err(|e| wrong(&e))?;
        }
        let bytes = writer.into_inner().map_err(|e| wrong(&e))?;
        put(&path, &bytes)
    }
}

fn check_values(image: &ExportImage, classes: &ClassList) -> Result<(), ExchangeError> {
    let histogram = image.label.histogram();
    for value in (1..IGNORE).filter(|v| histogram[usize::from(*v)] > 0) {
        classes.require(value, image)?;
    }
    Ok(())
}

fn gray_png(map: &LabelMap) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, map.width(), map.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(map.to_plane().as_slice())?;
    writer.finish()?;
    Ok(bytes)
}
