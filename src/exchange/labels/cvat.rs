//! CVAT for images 1.1: one XML file of images with boxes, polygons, ellipses and masks.
//!
//! Coordinates are pixel corners; polygons are filled by pixel centres, as CVAT's own mask exports do through pycocotools. A mask's run
//! lengths go row by row inside its box, background first. Objects lie on each other by `z_order`, then by their order in the file.
//! Polylines, points, tags, skeletons, cuboids and attributes have no pixels and are counted as lost.

use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::LabelReader;
use super::error::ExchangeError;
use super::files;
use super::format::Format;
use super::model::{Content, LabelObject, LabelSet, LabelledImage, Shape};
use crate::raster::Point;

pub struct Cvat;

impl LabelReader for Cvat {
    fn read(&self, path: &Path) -> Result<LabelSet, ExchangeError> {
        let mut set = LabelSet::new(Format::Cvat);
        let files: Vec<PathBuf> = if path.is_dir() {
            files::walk(path)?.into_iter().filter(|f| files::has_ending(f, "xml")).collect()
        } else {
            vec![path.to_owned()]
        };
        if files.is_empty() {
            return Err(ExchangeError::content(path, "the folder", "holds no XML file"));
        }
        for file in files {
            let text = files::read_text(&file)?;
            Parser {
                path: &file,
                text: &text,
                set: &mut set,
                image: None,
                objects: 0,
                at: 0,
                counted: std::cell::Cell::new((1, 0)),
            }
            .run()?;
        }
        Ok(set)
    }
}

struct Parser<'a> {
    path: &'a Path,
    text: &'a str,
    set: &'a mut LabelSet,
    /// Index of the image that is open.
    image: Option<usize>,
    /// Objects of this image so far.
    objects: usize,
    /// Byte at which the present element begins.
    at: usize,
    /// The line of a byte before it, and that byte.
    counted: std::cell::Cell<(usize, usize)>,
}

impl Parser<'_> {
    fn run(mut self) -> Result<(), ExchangeError> {
        let mut reader = Reader::from_str(self.text);
        // Where in the task's list of labels a <name> stands.
        let (mut open, mut is_cvat) = (Vec::<String>::new(), false);
        loop {
            self.at = usize::try_from(reader.buffer_position()).unwrap_or(0);
            let event = reader.read_event().map_err(|e| self.error(format!("is no XML: {e}")))?;
            match event {
                Event::Start(element) => {
                    let name = name_of(&element);
                    is_cvat |= name == "annotations";
                    self.open(&name, &element)?;
                    open.push(name);
                    if open.len() > 64 {
                        return Err(self.error("elements inside each other more than 64 deep".to_owned()));
                    }
                }
                Event::Empty(element) => {
                    let name = name_of(&element);
                    is_cvat |= name == "annotations";
                    self.open(&name, &element)?;
                    self.close(&name);
                }
                Event::End(element) => {
                    self.close(&String::from_utf8_lossy(element.name().as_ref()));
                    open.pop();
                }
                Event::Text(text) if matches!(&open[..], [.., a, b] if a == "label" && b == "name") => {
                    let name = text.decode().map_err(|e| self.error(e.to_string()))?;
                    let name = quick_xml::escape::unescape(&name).map_err(|e| self.error(e.to_string()))?;
                    if !name.trim().is_empty() {
                        self.set.class_index(name.trim());
                    }
                }
                Event::Eof if !is_cvat => return Err(self.error("has no <annotations>; is it a CVAT for images file?".to_owned())),
                Event::Eof if !open.is_empty() => return Err(self.error(format!("ends inside <{}>", open[open.len() - 1]))),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn open(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), ExchangeError> {
        match name {
            "image" => {
                let file_name = self.required(element, "name")?;
                let name = files::image_name(&file_name).map_err(|m| self.error(m))?;
                let (w, h) = (self.number(element, "width")?, self.number(element, "height")?);
                let size = files::size(w, h).map_err(|m| self.error(m))?;
                self.image = Some(self.set.images.len());
                self.objects = 0;
                let content = Content::Objects(Vec::new());
                self.set.images.push(LabelledImage { name, size: Some(size), source: self.path.into(), content });
            }
            "track" => return Err(self.error("is a CVAT for video file; export the task as CVAT for images".to_owned())),
            "attribute" if self.image.is_some() => self.set.losses.add("attribute of an object"),
            "polyline" | "points" | "tag" | "skeleton" | "cuboid" if self.image.is_some() => {
                self.set.losses.add(&format!("{name} without an area"));
            }
            "box" | "polygon" | "ellipse" | "mask" => {
                if let Some(image) = self.image {
                    self.object(image, name, element)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        if name == "image" {
            self.image = None;
        }
    }

    fn object(&mut self, image: usize, kind: &str, element: &BytesStart<'_>) -> Result<(), ExchangeError> {
        self.objects += 1;
        let label = self.required(element, "label")?;
        let shape = match kind {
            "box" => {
                let [x0, y0, x1, y1] = [
                    self.number(element, "xtl")?,
                    self.number(element, "ytl")?,
                    self.number(element, "xbr")?,
                    self.number(element, "ybr")?,
                ];
                let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)].map(|(x, y)| Point::new(x, y)).to_vec();
                if self.attribute(element, "rotation")?.is_some_and(|r| r.trim().parse::<f64>() != Ok(0.0)) {
                    let degrees: f64 = self.number(element, "rotation")?;
                    Shape::Polygons(vec![vec![turned(&corners, degrees)]])
                } else {
                    Shape::Polygons(vec![vec![corners]])
                }
            }
            "ellipse" => Shape::Ellipse {
                centre: Point::new(self.number(element, "cx")?, self.number(element, "cy")?),
                rx: self.number(element, "rx")?,
                ry: self.number(element, "ry")?,
            },
            "polygon" => Shape::Polygons(vec![vec![self.points(&self.required(element, "points")?)?]]),
            _ => self.mask(element)?,
        };
        if kind == "ellipse" && self.attribute(element, "rotation")?.is_some_and(|r| r.trim().parse::<f64>() != Ok(0.0)) {
            return Err(self.error("a turned ellipse; make it a polygon in CVAT".to_owned()));
        }
        let z_order = match self.attribute(element, "z_order")? {
            Some(_) => self.number(element, "z_order")?,
            None => 0,
        };
        let class = self.set.class_index(&label);
        let place = format!("{kind} {} ({label:?}), line {}", self.objects, self.line());
        if let Content::Objects(objects) = &mut self.set.images[image].content {
            objects.push(LabelObject { class, shape, z_order, is_crowd: false, place });
        }
        Ok(())
    }

    fn points(&self, text: &str) -> Result<Vec<Point>, ExchangeError> {
        let points = text.split(';').map(|pair| {
            let (x, y) = pair.split_once(',').ok_or_else(|| self.error(format!("{pair:?} is no point; write x,y")))?;
            let number = |t: &str| t.trim().parse::<f64>().map_err(|_| self.error(format!("{t:?} is no number")));
            Ok(Point::new(number(x)?, number(y)?))
        });
        let points: Vec<Point> = points.collect::<Result<_, ExchangeError>>()?;
        if points.len() < 3 {
            return Err(self.error(format!("a polygon of {} points; three are the least", points.len())));
        }
        Ok(points)
    }

    fn mask(&self, element: &BytesStart<'_>) -> Result<Shape, ExchangeError> {
        let counts = self.required(element, "rle")?;
        let counts =
            counts.split(',').map(|n| n.trim().parse::<u32>().map_err(|_| self.error(format!("run length {n:?} is no count"))));
        let counts: Vec<u32> = counts.collect::<Result<_, _>>()?;
        let (width, height) =
            files::size(self.number(element, "width")?, self.number(element, "height")?).map_err(|m| self.error(m))?;
        let total = counts.iter().map(|&n| u64::from(n)).sum::<u64>();
        if total != u64::from(width) * u64::from(height) {
            return Err(self.error(format!("the run lengths sum up to {total} px, but the box has {width}×{height}")));
        }
        Ok(Shape::BoxRuns { x: self.number(element, "left")?, y: self.number(element, "top")?, width, height, counts })
    }

    fn attribute(&self, element: &BytesStart<'_>, name: &str) -> Result<Option<String>, ExchangeError> {
        let found = element.try_get_attribute(name).map_err(|e| self.error(e.to_string()))?;
        let Some(attribute) = found else { return Ok(None) };
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|e| self.error(e.to_string()))?;
        Ok(Some(value.into_owned()))
    }

    fn required(&self, element: &BytesStart<'_>, name: &str) -> Result<String, ExchangeError> {
        self.attribute(element, name)?.ok_or_else(|| self.error(format!("<{}> has no {name}", name_of(element))))
    }

    fn number<T: std::str::FromStr>(&self, element: &BytesStart<'_>, name: &str) -> Result<T, ExchangeError> {
        let text = self.required(element, name)?;
        text.trim()
            .parse()
            .map_err(|_| self.error(format!("{name}={text:?} of <{}> is no number that can stand there", name_of(element))))
    }

    /// Counted from 1.
    fn line(&self) -> usize {
        let at = self.at.min(self.text.len());
        let (mut line, from) = self.counted.get();
        // From where it was counted last: a file of many objects is passed once.
        line += self.text.as_bytes()[from.min(at)..at].split(|b| *b == b'\n').count() - 1;
        self.counted.set((line, at));
        line
    }

    fn error(&self, message: String) -> ExchangeError {
        ExchangeError::content(self.path, format!("line {}", self.line()), message)
    }
}

fn name_of(element: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(element.name().as_ref()).into_owned()
}

/// Turned clockwise on the screen about the middle of the corners.
fn turned(corners: &[Point], degrees: f64) -> Vec<Point> {
    let (cx, cy) = (f64::midpoint(corners[0].x, corners[2].x), f64::midpoint(corners[0].y, corners[2].y));
    let (sin, cos) = degrees.to_radians().sin_cos();
    let turn = |p: &Point| Point::new(cx + (p.x - cx) * cos - (p.y - cy) * sin, cy + (p.x - cx) * sin + (p.y - cy) * cos);
    corners.iter().map(turn).collect()
}
