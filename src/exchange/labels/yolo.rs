//! YOLO segmentation: a text file per image, one line per object: `class x1 y1 x2 y2 …`, as shares of width and height.
//!
//! Points are pixel corners. A line of four numbers after the class is a box (centre, width, height). An empty file is an image without a
//! defect. Out: one line per connected region; holes are cut open by a keyhole, which gives the same pixels back here; tools that draw the
//! outline too (`cv2.fillPoly`) fill the pixels along it. A class list is `data.yaml` (`names`), `classes.txt` or `obj.names`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::LabelReader;
use super::class_table::{names_of_lines, names_of_yaml};
use super::error::ExchangeError;
use super::files;
use super::format::Format;
use super::model::{Content, FileClass, LabelObject, LabelSet, LabelledImage, Shape};
use super::rings::{keyhole, rings};
use super::writer::{ClassList, ExportImage, LabelWriter, file_of, put};
use crate::raster::{Components, Point};

pub struct Yolo;

impl LabelReader for Yolo {
    fn read(&self, path: &Path) -> Result<LabelSet, ExchangeError> {
        let mut set = LabelSet::new(Format::Yolo);
        // A data.yaml stands for its folder, a single label file for itself.
        let is_yaml = files::has_ending(path, "yaml") || files::has_ending(path, "yml");
        let root = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let found = if path.is_dir() || is_yaml { files::walk(root)? } else { vec![path.to_owned()] };
        let names = class_names(root, is_yaml.then_some(path))?;
        set.classes =
            (0_i64..).zip(&names).map(|(id, name)| FileClass { name: name.clone(), id: Some(id), is_unnamed: false }).collect();
        let is_label = |f: &&PathBuf| {
            let name = f.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
            files::has_ending(f, "txt")
                && !["classes.txt", "train.txt", "val.txt", "test.txt", "readme.txt"].contains(&name.as_str())
        };
        let labels: Vec<&PathBuf> = found.iter().filter(is_label).collect();
        if labels.is_empty() {
            return Err(ExchangeError::content(path, "the folder", "holds no label file (.txt)"));
        }
        for file in labels {
            let text = files::read_text(file)?;
            let objects = read_lines(file, &text, !names.is_empty(), &mut set)?;
            let stem = files::stem_below(file, root);
            let name = stem.strip_prefix("labels/").map_or_else(|| stem.replace("/labels/", "/"), str::to_owned);
            set.images.push(LabelledImage { name, size: None, source: file.clone(), content: Content::Objects(objects) });
        }
        Ok(set)
    }
}

fn class_names(root: &Path, yaml: Option<&Path>) -> Result<Vec<String>, ExchangeError> {
    for name in yaml.map(Path::to_path_buf).into_iter().chain(["data.yaml", "data.yml", "dataset.yaml"].map(|n| root.join(n))) {
        if name.is_file() {
            return names_of_yaml(&files::read_text(&name)?).map_err(|m| ExchangeError::content(&name, "names", m));
        }
    }
    for name in ["classes.txt", "obj.names", "labels/classes.txt"].map(|n| root.join(n)) {
        if name.is_file() {
            return Ok(names_of_lines(&files::read_text(&name)?));
        }
    }
    Ok(Vec::new())
}

fn read_lines(path: &Path, text: &str, has_names: bool, set: &mut LabelSet) -> Result<Vec<LabelObject>, ExchangeError> {
    let mut objects = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let place = format!("line {}", i + 1);
        let wrong = |message: String| ExchangeError::content(path, place.clone(), message);
        let mut words = line.split_whitespace();
        let class = words.next().unwrap_or_default();
        let id: u32 = class.parse().map_err(|_| wrong(format!("{class:?} is no class number")))?;
        let class = class_of(id, has_names, set).map_err(wrong)?;
        let numbers =
            words.map(|w| w.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| wrong(format!("{w:?} is no number"))));
        let numbers: Vec<f64> = numbers.collect::<Result<_, _>>()?;
        // A share may leave 0 to 1 by rounding; pixels say so loudly.
        if let Some(v) = numbers.iter().find(|v| !(-0.5..=1.5).contains(*v)) {
            return Err(wrong(format!("{v} is no share of the image; coordinates must be divided by its width and height")));
        }
        let ring = match numbers[..] {
            [x, y, w, h] => {
                let (w, h) = (w / 2.0, h / 2.0);
                [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)].map(|(x, y)| Point::new(x, y)).to_vec()
            }
            _ if numbers.len() % 2 == 1 || numbers.len() < 6 => {
                return Err(wrong(format!(
                    "{} numbers after the class: neither a box (4) nor pairs of at least three points",
                    numbers.len()
                )));
            }
            _ => numbers.as_chunks::<2>().0.iter().map(|p| Point::new(p[0], p[1])).collect(),
        };
        objects.push(LabelObject { class, shape: Shape::SharePolygons(vec![vec![ring]]), z_order: 0, is_crowd: false, place });
    }
    Ok(objects)
}

fn class_of(id: u32, has_names: bool, set: &mut LabelSet) -> Result<usize, String> {
    if has_names {
        let at = id as usize;
        let last = set.classes.len().saturating_sub(1);
        return if at < set.classes.len() { Ok(at) } else { Err(format!("class {id}, but the class list ends at {last}")) };
    }
    let name = id.to_string();
    let at = set.class_index(&name);
    set.classes[at] = FileClass { name, id: Some(i64::from(id)), is_unnamed: true };
    Ok(at)
}

pub(super) struct YoloWriter {
    pub out: PathBuf,
    pub classes: ClassList,
}

impl LabelWriter for YoloWriter {
    fn add(&mut self, image: &ExportImage) -> Result<(), ExchangeError> {
        let (w, h) = (f64::from(image.label.width()), f64::from(image.label.height()));
        let mut text = String::new();
        let objects = image.objects();
        for (i, runs) in objects.iter().enumerate() {
            let class = self.classes.require(objects.value(i), image)?;
            let plain: Vec<_> = runs.iter().map(|r| crate::raster::Run { value: 1, ..*r }).collect();
            for piece in Components::of_runs(&plain).iter() {
                let Some(line) = keyhole(&rings(piece)) else { continue };
                let _ = write!(text, "{class}");
                for p in line {
                    // Eight digits: far below half a pixel on any image.
                    let _ = write!(text, " {:.8} {:.8}", p.x / w, p.y / h);
                }
                text.push('\n');
            }
        }
        put(&file_of(&self.out.join("labels"), &image.stem, "txt"), text.as_bytes())
    }

    fn finish(self: Box<Self>) -> Result<(), ExchangeError> {
        let mut text = String::from("path: .\ntrain: images\nval: images\nnames:\n");
        for (i, name) in self.classes.names().iter().enumerate() {
            // A JSON string is a YAML string.
            let _ = writeln!(text, "  {i}: {}", serde_json::Value::from(*name));
        }
        put(&self.out.join("data.yaml"), text.as_bytes())
    }
}
