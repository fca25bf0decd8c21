//! Label files that other programs wrote: size, blended values, values that are no class, colours instead of ids. Said with counts and
//! with the mapping that is offered; nothing is changed here.

use std::collections::BTreeMap;
use std::fmt;

use crate::check::finding::Finding;
use crate::check::finding_kind::FindingKind;
use crate::raster::geometry::PixelRect;
use crate::raster::label_map::LabelMap;
use crate::raster::photo::Photo;
use crate::raster::plane::Plane;
use crate::raster::{BACKGROUND, IGNORE};

/// Values of a lossy file that are nearer than this to a commoner one are the same one, gray steps of 255.
const LOSSY_STEPS: u32 = 24;
/// So many values are listed in a message.
const LISTED: usize = 6;

/// A value of a label file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileValue {
    /// A gray step, or the index of a palette.
    Gray(u16),
    /// Red, green, blue.
    Colour([u8; 3]),
}

impl fmt::Display for FileValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gray(v) => write!(f, "{v}"),
            Self::Colour([r, g, b]) => write!(f, "#{r:02X}{g:02X}{b:02X}"),
        }
    }
}

impl FileValue {
    /// Largest difference in a channel.
    fn distance(self, other: Self) -> u32 {
        match (self, other) {
            (Self::Gray(a), Self::Gray(b)) => u32::from(a.abs_diff(b)),
            (Self::Colour(a), Self::Colour(b)) => (0..3).map(|c| u32::from(a[c].abs_diff(b[c]))).max().unwrap_or(0),
            _ => u32::MAX,
        }
    }

    const fn is_black(self) -> bool {
        matches!(self, Self::Gray(0) | Self::Colour([0, 0, 0]))
    }
}

/// One value that areas of the file have, and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappedValue {
    pub value: FileValue,
    /// Pixels of this value, and of the blended values that are nearest to it.
    pub pixels: u64,
    /// The class id that is offered; None = a person has to say.
    pub class: Option<u8>,
}

/// A label file as decoded, and what it should be.
#[derive(Clone, Copy, Debug)]
pub struct LabelFile<'a> {
    /// Palette indices or gray steps as gray, else colours.
    pub pixels: &'a Photo,
    /// The format does not keep values, as JPEG.
    pub is_lossy: bool,
    /// Width and height of the image, px.
    pub image_size: (u32, u32),
    /// Ids of the classes and their colours.
    pub classes: &'a [(u8, [u8; 3])],
}

/// What is said about a label file.
#[derive(Clone, Debug, Default)]
pub struct LabelFileReport {
    /// Worst first; empty when the file is fine.
    pub findings: Vec<Finding>,
    /// The values of areas, commonest first. Every other value of the file goes with the nearest of these.
    pub mapping: Vec<MappedValue>,
}

/// How often a value occurs, and how often inside an area of itself.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    all: u64,
    solid: u64,
}

impl LabelFile<'_> {
    fn value(&self, x: u32, y: u32) -> FileValue {
        match self.pixels {
            Photo::Gray8(p) => FileValue::Gray(u16::from(p.at(x, y))),
            Photo::Gray16(p) => FileValue::Gray(p.at(x, y)),
            Photo::GrayF32(p) => FileValue::Gray(p.at(x, y).round().clamp(0.0, 65535.0) as u16),
            Photo::Rgb8(p) => FileValue::Colour(p.at(x, y)),
            Photo::Rgb16(p) => FileValue::Colour(p.at(x, y).map(|c| (c >> 8) as u8)),
        }
    }

    fn counts(&self) -> BTreeMap<FileValue, Count> {
        let (w, h) = (self.pixels.width(), self.pixels.height());
        let mut counts: BTreeMap<FileValue, Count> = BTreeMap::new();
        for y in 0..h {
            let mut x = 0;
            while x < w {
                let value = self.value(x, y);
                let end = (x + 1..w).find(|&u| self.value(u, y) != value).unwrap_or(w);
                let is_solid = |x: u32| {
                    let same = |u: u32, v: u32| u < w && v < h && self.value(u, v) == value;
                    x > 0 && y > 0 && same(x - 1, y) && same(x + 1, y) && same(x, y - 1) && same(x, y + 1)
                };
                let count = counts.entry(value).or_default();
                count.all += u64::from(end - x);
                count.solid += (x..end).filter(|&x| is_solid(x)).count() as u64;
                x = end;
            }
        }
        counts
    }

    /// The class that a value of an area stands for, as far as it can be told.
    fn class_of(&self, value: FileValue, marked: usize) -> Option<u8> {
        let only_class = || match self.classes {
            [(id, _)] if marked == 1 => Some(*id),
            _ => None,
        };
        match value {
            v if v.is_black() => Some(BACKGROUND),
            FileValue::Gray(v) => self.classes.iter().map(|c| c.0).find(|&id| u16::from(id) == v).or_else(only_class),
            FileValue::Colour(colour) => {
                let near = |c: [u8; 3]| FileValue::Colour(c).distance(value) <= if self.is_lossy { LOSSY_STEPS } else { 0 };
                self.classes.iter().find(|c| c.1 == colour || near(c.1)).map(|c| c.0).or_else(only_class)
            }
        }
    }

    /// Values that areas have, commonest first, with what they stand for.
    fn mapping(&self, counts: &BTreeMap<FileValue, Count>) -> Vec<MappedValue> {
        let is_id = |v: FileValue| matches!(v, FileValue::Gray(v) if v == 0 || self.classes.iter().any(|c| u16::from(c.0) == v));
        let mut areas: Vec<(FileValue, Count)> =
            counts.iter().filter(|(v, c)| c.solid > 0 || (is_id(**v) && !self.is_lossy)).map(|(v, c)| (*v, *c)).collect();
        areas.sort_by_key(|(v, c)| (std::cmp::Reverse(c.all), *v));
        if areas.is_empty() {
            areas.extend(counts.iter().max_by_key(|(_, c)| c.all).map(|(v, c)| (*v, *c)));
        }
        // A lossy format scatters each value; other blends have few values that fill anything.
        let mut kept: Vec<FileValue> = Vec::new();
        for &(value, count) in &areas {
            let near = if self.is_lossy { LOSSY_STEPS } else { 0 };
            let is_ramp = !is_id(value) && count.solid * 50 < count.all;
            if kept.is_empty() || (!is_ramp && kept.iter().all(|k| k.distance(value) > near)) {
                kept.push(value);
            }
        }
        let mut mapping: Vec<MappedValue> = kept.iter().map(|&value| MappedValue { value, pixels: 0, class: None }).collect();
        for (&value, count) in counts {
            if let Some(at) = nearest(&mapping, value) {
                mapping[at].pixels += count.all;
            }
        }
        let marked = kept.iter().filter(|v| !v.is_black()).count();
        for entry in &mut mapping {
            entry.class = self.class_of(entry.value, marked);
        }
        // As many unknown values as classes: taken in their order.
        let open: Vec<usize> = (0..mapping.len()).filter(|&i| mapping[i].class.is_none()).collect();
        if open.len() == marked && open.len() == self.classes.len() {
            let mut by_value = open;
            by_value.sort_by_key(|&i| mapping[i].value);
            let mut ids: Vec<u8> = self.classes.iter().map(|c| c.0).collect();
            ids.sort_unstable();
            for (at, id) in by_value.into_iter().zip(ids) {
                mapping[at].class = Some(id);
            }
        }
        mapping
    }

    /// Says what is wrong with the file, and offers a mapping of its values.
    #[must_use]
    pub fn report(&self) -> LabelFileReport {
        let size = (self.pixels.width(), self.pixels.height());
        let rect = PixelRect::of_size(size.0, size.1);
        let mut findings = Vec::new();
        if size != self.image_size {
            findings.push(Finding::new(FindingKind::SizeMismatch, None, rect, size_message(size, self.image_size)));
        }
        let counts = self.counts();
        let mapping = self.mapping(&counts);
        let marked: u64 = counts.iter().filter(|(v, _)| !v.is_black()).map(|(_, c)| c.all).sum();
        let blended: Vec<(FileValue, u64)> =
            counts.iter().filter(|(v, _)| mapping.iter().all(|m| m.value != **v)).map(|(v, c)| (*v, c.all)).collect();
        let blended_px: u64 = blended.iter().map(|b| b.1).sum();
        if blended_px > 0 {
            let share = 100.0 * blended_px as f64 / marked.max(1) as f64;
            let cause = if self.is_lossy { "a lossy format such as JPEG" } else { "smoothing or resizing" };
            let message = format!(
                "{blended_px} px ({share:.1} % of what is marked) have {} values that fill no area, as {cause} leaves them; each would go \
                 to the nearest of {}",
                blended.len(),
                list(mapping.iter().map(|m| m.value.to_string()))
            );
            findings.push(Finding::new(FindingKind::BlendedValues, None, rect, message));
        }
        let is_colour = matches!(self.pixels, Photo::Rgb8(_) | Photo::Rgb16(_));
        let is_unknown = |m: &&MappedValue| {
            !matches!(m.value, FileValue::Gray(v) if v == u16::from(IGNORE) || self.classes.iter().any(|c| u16::from(c.0) == v))
                && !m.value.is_black()
        };
        let unknown: Vec<&MappedValue> = mapping.iter().filter(is_unknown).collect();
        // A mask of 0 and 255 from another program would mean "ignore" here.
        let is_binary =
            !is_colour && mapping.iter().all(|m| m.value.is_black() || m.value == FileValue::Gray(255)) && blended_px > 0;
        if !unknown.is_empty() || is_binary {
            let kind = if is_colour || is_binary { FindingKind::NotClassIds } else { FindingKind::UnknownClass };
            let what = if is_colour { "colours instead of class ids" } else { "values that are no class" };
            let meaning = |m: &MappedValue| {
                let to = m.class.map_or_else(|| "?".to_owned(), |c| format!("class {c}"));
                format!("{} ({} px) → {to}", m.value, m.pixels)
            };
            let offered = list(mapping.iter().filter(|m| !m.value.is_black()).map(meaning));
            findings.push(Finding::new(kind, None, rect, format!("{what}; offered: {offered}")));
        }
        crate::check::worst_first(&mut findings);
        LabelFileReport { findings, mapping }
    }

    /// The label under a mapping, at the size of the file; None when a value of it has no class yet.
    #[must_use]
    pub fn mapped(&self, mapping: &[MappedValue]) -> Option<LabelMap> {
        let classes = mapping.iter().map(|m| m.class).collect::<Option<Vec<u8>>>()?;
        let mut known: BTreeMap<FileValue, u8> = BTreeMap::new();
        let mut pixels = Vec::with_capacity((self.pixels.width() as usize) * self.pixels.height() as usize);
        for y in 0..self.pixels.height() {
            for x in 0..self.pixels.width() {
                let value = self.value(x, y);
                let class = match known.get(&value) {
                    Some(&class) => class,
                    None => *known.entry(value).or_insert(classes[nearest(mapping, value)?]),
                };
                pixels.push(class);
            }
        }
        Some(LabelMap::from_plane(&Plane::from_vec(self.pixels.width(), self.pixels.height(), pixels)))
    }
}

/// The entry whose value is nearest; of equals the higher value, so that the middle between background and a class is the class.
fn nearest(mapping: &[MappedValue], value: FileValue) -> Option<usize> {
    (0..mapping.len()).min_by_key(|&i| (mapping[i].value.distance(value), std::cmp::Reverse(mapping[i].value)))
}

fn list(items: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = items.collect();
    let more = if all.len() > LISTED { format!(" and {} more", all.len() - LISTED) } else { String::new() };
    format!("{}{more}", all[..all.len().min(LISTED)].join(", "))
}

/// Sizes in words, with the plain relation between them where there is one.
fn size_message((w, h): (u32, u32), (image_w, image_h): (u32, u32)) -> String {
    let is_whole = |k: &u32, (w, h): (u32, u32), (a, b): (u32, u32)| w.checked_mul(*k) == Some(a) && h.checked_mul(*k) == Some(b);
    let turned = (h, w);
    let factor = |from: (u32, u32), to: (u32, u32)| (2..=16).find(|k| is_whole(k, from, to));
    let relation = if turned == (image_w, image_h) {
        "lies on its side: it was made before the image was turned upright (EXIF)".to_owned()
    } else if let Some(k) = factor((w, h), (image_w, image_h)) {
        format!("is exactly 1/{k} of the image")
    } else if let Some(k) = factor((image_w, image_h), (w, h)) {
        format!("is exactly {k} times the image")
    } else if let Some(k) = factor(turned, (image_w, image_h)) {
        format!("lies on its side and is exactly 1/{k} of the image")
    } else if (f64::from(w) * f64::from(image_h) / (f64::from(h) * f64::from(image_w)) - 1.0).abs() < 0.01 {
        "has the proportions of the image, but no whole factor of its size".to_owned()
    } else {
        "has other proportions than the image: it may belong to another one".to_owned()
    };
    format!("the label is {w}×{h} but its image is {image_w}×{image_h}; it {relation}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: [(u8, [u8; 3]); 2] = [(1, [255, 0, 0]), (2, [0, 255, 0])];

    fn report(pixels: &Photo, is_lossy: bool, classes: &[(u8, [u8; 3])]) -> LabelFileReport {
        LabelFile { pixels, is_lossy, image_size: (pixels.width(), pixels.height()), classes }.report()
    }

    fn kinds(report: &LabelFileReport) -> Vec<FindingKind> {
        report.findings.iter().map(|f| f.kind).collect()
    }

    #[test]
    fn ids_of_classes_are_fine() {
        let photo = Photo::Gray8(Plane::from_fn(30, 20, |x, y| {
            if x < 10 {
                0
            } else if y < 10 {
                1
            } else {
                2
            }
        }));
        assert!(report(&photo, false, &CLASSES).findings.is_empty());
    }

    #[test]
    fn a_smoothed_mask_is_blended_and_goes_to_the_nearer_side() {
        // A disk of 255 with a soft rim.
        let level = |x: u32, y: u32| {
            let d = (f64::from(x) - 20.0).hypot(f64::from(y) - 20.0);
            ((12.5 - d).clamp(0.0, 1.0) * 255.0).round() as u8
        };
        let photo = Photo::Gray8(Plane::from_fn(41, 41, level));
        let classes = [(3, [255, 0, 0])];
        let report = report(&photo, false, &classes);
        assert_eq!(kinds(&report), [FindingKind::BlendedValues, FindingKind::NotClassIds]);
        let rim = (0..41 * 41).filter(|i| !matches!(level(i % 41, i / 41), 0 | 255)).count();
        assert!(report.findings[0].message.starts_with(&format!("{rim} px")), "{}", report.findings[0].message);
        assert!(report.findings[1].message.contains("255") && report.findings[1].message.contains("class 3"));
        let file = LabelFile { pixels: &photo, is_lossy: false, image_size: (41, 41), classes: &classes };
        let map = file.mapped(&report.mapping).unwrap();
        for y in 0..41 {
            for x in 0..41 {
                assert_eq!(map.get(x, y), if level(x, y) >= 128 { 3 } else { 0 }, "{x} {y}");
            }
        }
    }

    #[test]
    fn unknown_values_and_colours_are_listed() {
        let photo = Photo::Gray8(Plane::from_fn(40, 20, |x, _| [0, 1, 7, 9][x as usize / 10]));
        let r = report(&photo, false, &CLASSES);
        assert_eq!(kinds(&r), [FindingKind::UnknownClass]);
        assert!(r.findings[0].message.contains("7 (200 px) → ?") && r.findings[0].message.contains("1 (200 px) → class 1"));
        let mapped = LabelFile { pixels: &photo, is_lossy: false, image_size: (40, 20), classes: &CLASSES }.mapped(&r.mapping);
        assert!(mapped.is_none(), "nobody said what 7 is");
        // Two unknown values for two classes go in their order.
        let photo = Photo::Gray8(Plane::from_fn(30, 20, |x, _| [0, 80, 160][x as usize / 10]));
        let r = report(&photo, false, &CLASSES);
        assert!(r.findings[0].message.contains("80 (200 px) → class 1, 160 (200 px) → class 2"), "{}", r.findings[0].message);

        let colours = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [9, 9, 200]];
        let photo = Photo::Rgb8(Plane::from_fn(40, 20, |x, _| colours[x as usize / 10]));
        let r = report(&photo, false, &CLASSES);
        assert_eq!(kinds(&r), [FindingKind::NotClassIds]);
        let text = &r.findings[0].message;
        assert!(text.contains("#FF0000 (200 px) → class 1") && text.contains("#0909C8 (200 px) → ?"), "{text}");
    }

    #[test]
    fn noise_of_a_lossy_format_is_no_class() {
        // 0 and 200 with a scatter of ±6, as JPEG leaves it.
        let noise = |x: u32, y: u32| ((x * 7 + y * 13 + x * y) % 7) as i32 * 2 - 6;
        let level = |x: u32, y: u32| (if x < 30 { 0 } else { 200 } + noise(x / 3, y / 3)).clamp(0, 255) as u8;
        let r = report(&Photo::Gray8(Plane::from_fn(60, 40, level)), true, &[(1, [255, 0, 0])]);
        assert_eq!(r.mapping.len(), 2, "{:?}", r.mapping);
        assert_eq!((r.mapping[0].pixels, r.mapping[1].pixels), (1200, 1200));
        assert!(kinds(&r).contains(&FindingKind::BlendedValues));
    }

    #[test]
    fn sizes_have_plain_relations() {
        let text = |a, b| size_message(a, b);
        assert!(text((50, 40), (100, 80)).contains("1/2"));
        assert!(text((400, 320), (100, 80)).contains("4 times"));
        assert!(text((80, 100), (100, 80)).contains("EXIF"));
        assert!(text((40, 50), (100, 80)).contains("its side and is exactly 1/2"));
        assert!(text((150, 120), (100, 80)).contains("proportions of the image"));
        assert!(text((150, 10), (100, 80)).contains("another one"));
    }
}
