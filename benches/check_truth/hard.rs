//! The cases that are hard for a check of this kind: embossed scratches, thin lines moved across and along, colour, a part edge nearby.

use delimit::check::{BoundaryResult, Soundness};
use delimit::raster::{LabelMap, Photo, Plane};

use super::report::quantile;
use super::synth::{Background, CONTRAST, Change, Picture, Random, SIDE, Shape, blurred, embossed, picture, to_byte};
use super::{check, truth_of};

/// Pictures of each kind.
const PICTURES: u64 = 24;

/// Verdicts, and errors of the bias and P90, of one group.
#[derive(Default)]
struct Group {
    verdicts: [u32; 4],
    bias: Vec<f64>,
    true_p90: Vec<f64>,
    p90: Vec<f64>,
}

impl Group {
    fn add(&mut self, picture: &Picture, result: &BoundaryResult) {
        let Some(t) = truth_of(result, |x, y| picture.truth.at(x, y)) else { return };
        self.verdicts[result.verdict as usize] += 1;
        if result.verdict != Soundness::Unmeasurable {
            self.bias.push(result.bias_px - t.mean);
            self.true_p90.push(t.p90);
            self.p90.push(result.p90_px);
        }
    }

    fn print(&mut self, name: &str) {
        let [pass, unmeasurable, warn, fail] = self.verdicts;
        let mean = self.bias.iter().sum::<f64>() / self.bias.len() as f64;
        let sd = (self.bias.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / self.bias.len() as f64).sqrt();
        println!(
            "{name:44} pass {pass:3} warn {warn:3} fail {fail:3} unmeasurable {unmeasurable:3} | bias {mean:+.2} ± {sd:.2} | P90 true {:.2} read {:.2}",
            quantile(&mut self.true_p90, 0.5),
            quantile(&mut self.p90, 0.5),
        );
    }
}

fn run(name: &str, changes: &[Change], mut one: impl FnMut(u64, Change) -> Option<(Picture, BoundaryResult)>) {
    for &change in changes {
        let mut group = Group::default();
        for k in 0..PICTURES {
            if let Some((picture, result)) = one(k, change) {
                group.add(&picture, &result);
            }
        }
        group.print(&format!("{name}, {change:?}"));
    }
}

pub fn print(seed: u64) {
    println!("-- hard cases, σ = 1, CNR 8 where nothing else is said");
    let offsets = [Change::Offset(0.0), Change::Offset(2.6), Change::Offset(-2.0)];
    for width in [5.0, 8.0, 12.0] {
        run(&format!("embossed scratch {width} px"), &offsets, |k, change| {
            let mut random = Random::new(seed, 10_000 + k);
            let picture = embossed(width, 1.0, 8.0, &mut random);
            let map = picture.truth.label(change, &mut random)?;
            let result = check(&Photo::Gray8(picture.bytes()), &map, None);
            Some((picture, result))
        });
    }
    run("embossed scratch 8 px", &[Change::Shift(3.0), Change::Sloppy(2.0)], |k, change| {
        let mut random = Random::new(seed, 10_000 + k);
        let picture = embossed(8.0, 1.0, 8.0, &mut random);
        let map = picture.truth.label(change, &mut random)?;
        let result = check(&Photo::Gray8(picture.bytes()), &map, None);
        Some((picture, result))
    });
    for (name, is_along) in [("across", false), ("along", true)] {
        for by in [1.0, 2.0, 3.0, 4.0, 6.0] {
            run(&format!("line of 3 px moved {by} px {name}"), &[Change::Offset(0.0)], |k, _| {
                let mut random = Random::new(seed, 20_000 + k);
                let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
                let picture = picture(Shape::Scratch, 1.0, 8.0, Background::Flat, sign, &mut random);
                let (dx, dy) = picture.line.as_ref()?.direction();
                let (dx, dy) = if is_along { (dx, dy) } else { (-dy, dx) };
                let map = picture.truth.label(Change::Move(by * dx, by * dy), &mut random)?;
                let result = check(&Photo::Gray8(picture.bytes()), &map, None);
                Some((picture, result))
            });
        }
    }
    // One of three channels shows the defect; two defects differ in hue and hardly in luminance.
    for (name, gain) in [
        ("red only", [1.0, 0.0, 0.0]),
        ("blue only", [0.0, 0.0, 1.0]),
        ("red against green", [1.0, -0.51, 0.0]),
        ("faint gray", [0.25, 0.25, 0.25]),
    ] {
        run(&format!("colour, {name}"), &offsets, |k, change| {
            let mut random = Random::new(seed, 30_000 + k);
            let picture = picture(Shape::Blob, 1.0, 1e9, Background::Flat, 1.0, &mut random);
            let map = picture.truth.label(change, &mut random)?;
            let noise = CONTRAST / 8.0;
            let rgb = Plane::from_fn(SIDE, SIDE, |x, y| {
                let signal = picture.gray.at(x, y) - 128.0;
                gain.map(|g| to_byte(120.0 + g * signal + noise * random.normal()))
            });
            let result = check(&Photo::Rgb8(rgb), &map, None);
            Some((picture, result))
        });
    }
    // The part ends 5 px beside the defect, with more contrast than the defect has.
    for (name, step) in [("brighter", 90.0), ("darker", -90.0)] {
        run(&format!("part edge 5 px away, {name} ground"), &offsets, |k, change| {
            let mut random = Random::new(seed, 40_000 + k);
            let picture = picture(Shape::Blob, 1.0, 8.0, Background::Flat, 1.0, &mut random);
            let exact = picture.truth.label(Change::Offset(0.0), &mut random)?;
            let map = picture.truth.label(change, &mut random)?;
            let photo = Photo::Gray8(with_part_edge(&picture, &exact, step));
            let result = check(&photo, &map, None);
            Some((picture, result))
        });
    }
}

/// Ground of another gray from 5 px to the right of the exact label on.
fn with_part_edge(picture: &Picture, exact: &LabelMap, step: f64) -> Plane<u8> {
    let right = (0..SIDE).rev().find(|&x| (0..SIDE).any(|y| exact.get(x, y) != 0)).unwrap_or(0) + 6;
    let ground = blurred(&Plane::from_fn(SIDE, SIDE, |x, _| f64::from(u8::from(x >= right))), 1.0, 1.0);
    Plane::from_fn(SIDE, SIDE, |x, y| to_byte(picture.gray.at(x, y) + step * ground.at(x, y)))
}
