//! The cases that are hard for a check of this kind, with their truth: embossed scratches, thin lines moved across and along, colour,
//! an edge of the part nearby, a neighbour without a label, tiny pits, shading, fading, JPEG, holes, and labels on nothing at all.

use delimit::check::{BoundaryResult, Soundness};
use delimit::raster::{LabelMap, Photo, Plane};

use super::report::quantile;
use super::synth::{
    Background, CONTRAST, Change, Picture, Random, SIDE, Shape, Truth, blurred, coverage, embossed, of_level, picture, texture,
    to_byte,
};
use super::{check, truth_of};

/// Pictures of each kind.
const PICTURES: u64 = 24;

/// One label on one photo.
pub struct Case {
    pub group: String,
    pub photo: Photo,
    pub map: LabelMap,
    pub part: Option<LabelMap>,
}

/// The visible boundary of a case; None where there is none.
pub type Boundary<'a> = Option<&'a Truth>;

/// Verdicts, and errors of the bias and P90, of one group.
#[derive(Default)]
struct Group {
    name: String,
    verdicts: [u32; 4],
    bias: Vec<f64>,
    true_p90: Vec<f64>,
    p90: Vec<f64>,
}

impl Group {
    fn add(&mut self, truth: Boundary<'_>, result: &BoundaryResult) {
        self.verdicts[result.verdict as usize] += 1;
        let Some(t) = truth.and_then(|truth| truth_of(result, |x, y| truth.at(x, y))) else { return };
        if result.verdict != Soundness::Unmeasurable {
            self.bias.push(result.bias_px - t.mean);
            self.true_p90.push(t.p90);
            self.p90.push(result.p90_px);
        }
    }

    fn print(&mut self) {
        let [pass, unmeasurable, warn, fail] = self.verdicts;
        let mean = self.bias.iter().sum::<f64>() / self.bias.len() as f64;
        let sd = (self.bias.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / self.bias.len() as f64).sqrt();
        println!(
            "{:46} pass {pass:3} warn {warn:3} fail {fail:3} unmeasurable {unmeasurable:3} | bias {mean:+.2} ± {sd:.2} | P90 true {:.2} read {:.2}",
            self.name,
            quantile(&mut self.true_p90, 0.5),
            quantile(&mut self.p90, 0.5),
        );
    }
}

pub fn print(seed: u64) {
    println!("-- hard cases, σ = 1, CNR 8 where nothing else is said");
    let mut group = Group::default();
    for_each(seed, &mut |case, truth| {
        if case.group != group.name {
            if !group.name.is_empty() {
                group.print();
            }
            group = Group { name: case.group.clone(), ..Group::default() };
        }
        group.add(truth, &check(&case.photo, &case.map, case.part.as_ref()));
    });
    group.print();
}

const OFFSETS: [Change; 3] = [Change::Offset(0.0), Change::Offset(2.6), Change::Offset(-2.0)];

/// Makes the pictures of one kind, each with one label per change.
struct Maker<'a> {
    seed: u64,
    f: &'a mut dyn FnMut(Case, Boundary<'_>),
}

impl Maker<'_> {
    fn run(
        &mut self,
        (name, stream): (&str, u64),
        changes: &[Change],
        make: impl Fn(u64, &mut Random) -> (Picture, Photo, Option<LabelMap>),
    ) {
        for &change in changes {
            for k in 0..PICTURES {
                let mut random = Random::new(self.seed, stream + k);
                let (picture, photo, part) = make(k, &mut random);
                let Some(map) = picture.truth.label(change, &mut random) else { continue };
                (self.f)(Case { group: format!("{name}, {change:?}"), photo, map, part }, Some(&picture.truth));
            }
        }
    }
}

fn sign_of(k: u64) -> f64 {
    if k.is_multiple_of(2) { 1.0 } else { -1.0 }
}

/// Every hard case, group by group.
pub fn for_each(seed: u64, f: &mut dyn FnMut(Case, Boundary<'_>)) {
    let mut maker = Maker { seed, f };
    embossed_scratches(&mut maker);
    moved_lines(&mut maker);
    colours(&mut maker);
    edges_nearby(&mut maker);
    appearances(&mut maker);
    nothing_there(&mut maker);
}

fn embossed_scratches(maker: &mut Maker<'_>) {
    for width in [5.0, 8.0, 12.0] {
        maker.run((&format!("embossed scratch {width} px"), 10_000), &OFFSETS, |_, random| {
            let picture = embossed(width, 1.0, 8.0, random);
            let photo = Photo::Gray8(picture.bytes());
            (picture, photo, None)
        });
    }
    maker.run(("embossed scratch 8 px", 10_000), &[Change::Shift(3.0), Change::Sloppy(2.0)], |_, random| {
        let picture = embossed(8.0, 1.0, 8.0, random);
        let photo = Photo::Gray8(picture.bytes());
        (picture, photo, None)
    });
}

fn moved_lines(maker: &mut Maker<'_>) {
    for (name, is_along) in [("across", false), ("along", true)] {
        for by in [1.0, 2.0, 3.0, 4.0, 6.0] {
            for k in 0..PICTURES {
                let mut random = Random::new(maker.seed, 20_000 + k);
                let picture = picture(Shape::Scratch, 1.0, 8.0, Background::Flat, sign_of(k), &mut random);
                let Some(line) = &picture.line else { continue };
                let (dx, dy) = line.direction();
                let (dx, dy) = if is_along { (dx, dy) } else { (-dy, dx) };
                let Some(map) = picture.truth.label(Change::Move(by * dx, by * dy), &mut random) else { continue };
                let photo = Photo::Gray8(picture.bytes());
                (maker.f)(
                    Case { group: format!("line of 3 px moved {by} px {name}"), photo, map, part: None },
                    Some(&picture.truth),
                );
            }
        }
    }
}

/// One of three channels shows the defect; or red and green change against each other, so that luma hardly does.
fn colours(maker: &mut Maker<'_>) {
    for (name, gain) in [
        ("red only", [1.0, 0.0, 0.0]),
        ("blue only", [0.0, 0.0, 1.0]),
        ("red against green", [1.0, -0.51, 0.0]),
        ("faint gray", [0.25, 0.25, 0.25]),
    ] {
        maker.run((&format!("colour, {name}"), 30_000), &OFFSETS, |_, random| {
            let picture = picture(Shape::Blob, 1.0, 1e9, Background::Flat, 1.0, random);
            let noise = CONTRAST / 8.0;
            let rgb = Plane::from_fn(SIDE, SIDE, |x, y| {
                let signal = picture.gray.at(x, y) - 128.0;
                gain.map(|g| to_byte(120.0 + g * signal + noise * random.normal()))
            });
            (picture, Photo::Rgb8(rgb), None)
        });
    }
    // Luma shows the defect in part, noise that is common to the channels hides it there; the difference of channels is clean.
    for shape in [Shape::Blob, Shape::Scratch] {
        maker.run((&format!("colour under gray noise, {shape:?}"), 31_000), &OFFSETS, |_, random| {
            let picture = picture(shape, 1.0, 1e9, Background::Flat, 1.0, random);
            let common = texture(Background::Iso, random);
            let rgb = Plane::from_fn(SIDE, SIDE, |x, y| {
                let signal = picture.gray.at(x, y) - 128.0;
                [0.5, 0.1, -0.2].map(|g| to_byte(120.0 + g * signal + 15.0 * common.at(x, y) + 3.0 * random.normal()))
            });
            (picture, Photo::Rgb8(rgb), None)
        });
    }
}

/// Ground of another gray from `gap` px to the right of the exact label on: the photo, and which part of it is the part.
fn with_part_edge(picture: &Picture, step: f64, random: &mut Random) -> (Photo, LabelMap) {
    let exact = picture.truth.label(Change::Offset(0.0), random).unwrap_or_else(|| LabelMap::new(SIDE, SIDE));
    let right = (0..SIDE).rev().find(|&x| (0..SIDE).any(|y| exact.get(x, y) != 0)).unwrap_or(0) + 6;
    let ground = blurred(&Plane::from_fn(SIDE, SIDE, |x, _| f64::from(u8::from(x >= right))), 1.0, 1.0);
    let photo = Plane::from_fn(SIDE, SIDE, |x, y| to_byte(picture.gray.at(x, y) + step * ground.at(x, y)));
    (Photo::Gray8(photo), LabelMap::from_plane(&Plane::from_fn(SIDE, SIDE, |x, _| u8::from(x < right))))
}

fn edges_nearby(maker: &mut Maker<'_>) {
    for (name, step) in [("brighter", 90.0), ("darker", -90.0)] {
        for is_given in [false, true] {
            let known = if is_given { ", outline given" } else { "" };
            maker.run((&format!("part edge 5 px away, {name} ground{known}"), 40_000), &OFFSETS, |_, random| {
                let picture = picture(Shape::Blob, 1.0, 8.0, Background::Flat, 1.0, random);
                let (photo, part) = with_part_edge(&picture, step, random);
                (picture, photo, is_given.then_some(part))
            });
        }
    }
    // Another defect of the same sign, 6 px beside the exact boundary, that nobody labelled.
    maker.run(("neighbour 6 px away, not labelled", 41_000), &OFFSETS, |k, random| {
        let picture = picture(Shape::Disk, 1.0, 8.0, Background::Flat, sign_of(k), random);
        let (sin, cos) = random.uniform(0.0, std::f64::consts::TAU).sin_cos();
        let middle = f64::from(SIDE) / 2.0;
        let edge = (0..300).map(|i| f64::from(i) * 0.25).find(|t| picture.truth.at(middle + t * cos, middle + t * sin) >= 6.0);
        let (at, r) = (edge.unwrap_or(0.0) + 9.0, 9.0);
        let disk = blurred(&coverage(|x, y| (x - middle - at * cos).hypot(y - middle - at * sin) <= r), 1.0, 1.0);
        let photo = Plane::from_fn(SIDE, SIDE, |x, y| to_byte(picture.gray.at(x, y) + sign_of(k) * CONTRAST * disk.at(x, y)));
        (picture, Photo::Gray8(photo), None)
    });
}

fn appearances(maker: &mut Maker<'_>) {
    maker.run(("tiny pits of r 2–4 px", 50_000), &[Change::Offset(0.0), Change::Offset(2.6), Change::Shift(3.0)], |k, random| {
        let (r, cx, cy) = (random.uniform(2.0, 4.0), 80.0 + random.uniform(-1.0, 1.0), 80.0 + random.uniform(-1.0, 1.0));
        let picture = of_level(&coverage(|x, y| (x - cx).hypot(y - cy) <= r), 1.0, 8.0, sign_of(k), random);
        let photo = Photo::Gray8(picture.bytes());
        (picture, photo, None)
    });
    maker.run(("ring with a hole", 51_000), &OFFSETS, |k, random| {
        let (r, cx, cy) = (random.uniform(20.0, 30.0), 80.0 + random.uniform(-3.0, 3.0), 80.0 + random.uniform(-3.0, 3.0));
        let picture = of_level(&coverage(|x, y| (r - 12.0..=r).contains(&(x - cx).hypot(y - cy))), 1.0, 8.0, sign_of(k), random);
        let photo = Photo::Gray8(picture.bytes());
        (picture, photo, None)
    });
    maker.run(("light falls from 1.4 to 0.6", 52_000), &OFFSETS, |k, random| {
        let picture = picture(Shape::Blob, 1.0, 8.0, Background::Flat, sign_of(k), random);
        let light = |x: u32| 1.4 - 0.8 * f64::from(x) / f64::from(SIDE - 1);
        let photo = Plane::from_fn(SIDE, SIDE, |x, y| to_byte(picture.gray.at(x, y) * light(x)));
        (picture, Photo::Gray8(photo), None)
    });
    maker.run(("contrast fades to 0 over the left half", 53_000), &OFFSETS, |k, random| {
        let picture = picture(Shape::Blob, 1.0, 1e9, Background::Flat, sign_of(k), random);
        let photo = Plane::from_fn(SIDE, SIDE, |x, y| {
            let gain = ((f64::from(x) - 40.0) / 45.0).clamp(0.0, 1.0);
            to_byte(128.0 + gain * (picture.gray.at(x, y) - 128.0) + CONTRAST / 8.0 * random.normal())
        });
        (picture, Photo::Gray8(photo), None)
    });
    maker.run(("JPEG of quality 75", 54_000), &OFFSETS, |k, random| {
        let shape = [Shape::Disk, Shape::Blob, Shape::Scratch][(k % 3) as usize];
        let picture = picture(shape, 1.0, 8.0, Background::Flat, sign_of(k), random);
        let photo = Photo::Gray8(through_jpeg(&picture.bytes()));
        (picture, photo, None)
    });
}

fn through_jpeg(plane: &Plane<u8>) -> Plane<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 75);
    let written =
        image::ImageEncoder::write_image(encoder, plane.as_slice(), plane.width(), plane.height(), image::ExtendedColorType::L8);
    written.unwrap_or_else(|e| panic!("a JPEG in memory: {e}"));
    let read = image::load_from_memory(&file.into_inner()).unwrap_or_else(|e| panic!("a JPEG in memory: {e}")).to_luma8();
    Plane::from_vec(read.width(), read.height(), read.into_raw())
}

/// A label where the photo shows texture alone: never a pass.
fn nothing_there(maker: &mut Maker<'_>) {
    for background in [Background::Flat, Background::Iso, Background::Brushed] {
        for shape in [Shape::Disk, Shape::Blob, Shape::Scratch] {
            for k in 0..PICTURES {
                let mut random = Random::new(maker.seed, 60_000 + k);
                let shaped = picture(shape, 1.0, 1e9, Background::Flat, 1.0, &mut random);
                let Some(map) = shaped.truth.label(Change::Offset(0.0), &mut random) else { continue };
                let texture = texture(background, &mut random);
                let photo = Photo::Gray8(texture.map(|v| to_byte(128.0 + 15.0 * v)));
                (maker.f)(Case { group: format!("nothing there, {background:?}, {shape:?}"), photo, map, part: None }, None);
            }
        }
    }
}
