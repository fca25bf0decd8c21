use super::*;
use crate::paint::smart::plane_filters::{gaussian_weights, separable};
use crate::raster::Plane;

const SIDE: u32 = 300;
const NOISE: f64 = 12.0;
/// Blur of the optics, px.
const BLUR: f64 = 0.7;

struct Dice(u64);

impl Dice {
    fn even(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.even()).ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Ground {
    Flat,
    Shaded,
    Grainy,
}

fn distance(p: Point, line: &[Point]) -> f64 {
    let one = |a: Point, b: Point| {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let t = (((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        (p.x - a.x - t * dx).hypot(p.y - a.y - t * dy)
    };
    line.windows(2).map(|s| one(s[0], s[1])).fold(f64::INFINITY, f64::min)
}

/// A step from 0 to 1 at 0, blurred. Logistic approximation of the normal distribution, error below 0.0002 (Page 1977).
fn step(t: f64) -> f64 {
    let x = t / BLUR;
    1.0 / (1.0 + (-1.5976 * x - 0.070_56 * x * x * x).exp())
}

/// The profile of a bar at `d` from its middle.
fn bar(d: f64, width: f64) -> f64 {
    step(d + width / 2.0) - step(d - width / 2.0)
}

fn width_at_half(width: f64) -> f64 {
    (0..20_000).map(|i| f64::from(i) * 0.001).find(|&d| bar(d, width) < bar(0.0, width) / 2.0).unwrap() * 2.0
}

/// A photo with a scratch of known centre line, width (px) and contrast (in standard deviations of the noise).
fn photo(line: &[Point], profile: impl Fn(f64) -> f64, contrast: f64, ground: Ground, dice: &mut Dice) -> Photo {
    let white = Plane::from_fn(SIDE, SIDE, |_, _| dice.normal() as f32);
    let noise = if ground == Ground::Grainy {
        let g = gaussian_weights(1.5, 0);
        let grain = separable(&white, &g, &g);
        let sd = (grain.as_slice().iter().map(|v| v * v).sum::<f32>() / grain.as_slice().len() as f32).sqrt();
        Plane::from_fn(SIDE, SIDE, |x, y| 0.7 * grain.at(x, y) / sd + 0.7 * dice.normal() as f32)
    } else {
        white
    };
    let shade = |x: u32, y: u32| if ground == Ground::Shaded { 0.15 * f64::from(x) + 0.0004 * f64::from(y).powi(2) } else { 0.0 };
    Photo::Gray16(Plane::from_fn(SIDE, SIDE, |x, y| {
        let p = Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
        let d = if line.len() > 1 { distance(p, line) } else { 1e3 };
        let side =
            line.first().zip(line.last()).map_or(1.0, |(a, b)| ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)).signum());
        (1000.0 + shade(x, y) + NOISE * (contrast * profile(side * d) + f64::from(noise.at(x, y)))).round() as u16
    }))
}

fn straight(angle: f64, half: f64) -> Vec<Point> {
    let (dx, dy) = unit(angle);
    vec![Point::new(150.0 - half * dx, 150.0 - half * dy), Point::new(150.0 + half * dx, 150.0 + half * dy)]
}

fn arc(radius: f64, angle: f64, half: f64) -> Vec<Point> {
    let point = |k: i32| {
        let (dx, dy) = unit(angle + f64::from(k) / 20.0 * half / radius);
        let (cx, cy) = unit(angle);
        Point::new(150.0 + radius * (dx - cx), 150.0 + radius * (dy - cy))
    };
    (-20..=20).map(point).collect()
}

/// Mean and 95th percentile of the distance of the traced line from the true one, and the share of the true one that was found.
fn errors(found: &ScratchTrace, truth: &[Point]) -> (f64, f64, f64) {
    let mut far: Vec<f64> = found.centre.iter().map(|&p| distance(p, truth)).collect();
    far.sort_by(f64::total_cmp);
    let along = |s: &[Point]| {
        let place =
            |k: usize| Point::new(s[0].x + (s[1].x - s[0].x) * k as f64 / 20.0, s[0].y + (s[1].y - s[0].y) * k as f64 / 20.0);
        (0..20).map(place).collect::<Vec<_>>()
    };
    let places: Vec<Point> = truth.windows(2).flat_map(along).collect();
    let covered = places.iter().filter(|&&p| distance(p, &found.centre) < 2.5).count() as f64 / places.len() as f64;
    (far.iter().sum::<f64>() / far.len() as f64, far[far.len() * 95 / 100], covered)
}

#[test]
fn scratches_are_followed_from_one_click() {
    let cases = [
        // (line, width px, contrast in σ, ground, allowed mean error, allowed 95 %, allowed width error)
        (straight(0.3, 110.0), 3.0, 1.5, Ground::Flat, 0.5, 1.5, 0.25),
        (straight(1.9, 110.0), 2.0, 3.0, Ground::Flat, 0.3, 0.8, 0.25),
        (arc(150.0, 0.8, 110.0), 3.0, 2.0, Ground::Flat, 0.4, 1.2, 0.25),
        (arc(90.0, 2.5, 90.0), 2.0, 4.0, Ground::Shaded, 0.3, 0.8, 0.25),
        (straight(2.8, 110.0), 6.0, 1.0, Ground::Shaded, 0.8, 2.5, 0.25),
        (straight(1.1, 100.0), 4.0, 3.0, Ground::Grainy, 0.5, 1.5, 0.3),
    ];
    let mut dice = Dice(0x5EED_1234);
    for (i, (line, width, contrast, ground, mean, p95, off)) in cases.into_iter().enumerate() {
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        let photo = photo(&line, |d| bar(d, width), sign * contrast, ground, &mut dice);
        let click = Point::new(150.0 + 4.0 * dice.even() - 2.0, 150.0 + 4.0 * dice.even() - 2.0);
        let found = trace(&photo, click, None, &ScratchTracer::default()).unwrap();
        let got = errors(&found, &line);
        assert!(got.0 <= mean && got.1 <= p95 && got.2 >= 0.9, "case {i}: {got:?}");
        assert_eq!(found.polarity, if sign > 0.0 { Polarity::Bright } else { Polarity::Dark }, "case {i}");
        let truth = width_at_half(width);
        assert!((f64::from(found.width) / truth - 1.0).abs() <= off, "case {i}: width {} of {truth}", found.width);
        let top = contrast * NOISE * bar(0.0, width);
        assert!((f64::from(found.contrast) / top - 1.0).abs() <= 0.35, "case {i}: contrast {} of {top}", found.contrast);
    }
}

#[test]
fn a_line_of_the_noise_is_found_between_two_clicks() {
    let mut dice = Dice(77);
    for (line, contrast) in [(straight(0.5, 120.0), 1.0), (arc(160.0, 2.0, 110.0), 1.5)] {
        let photo = photo(&line, |d| bar(d, 2.0), contrast, Ground::Flat, &mut dice);
        let (a, b) = (line[0], line[line.len() - 1]);
        let found = trace(&photo, a, Some(b), &ScratchTracer::default()).unwrap();
        let got = errors(&found, &line);
        assert!(got.0 <= 0.8 && got.1 <= 2.5 && got.2 >= 0.9, "{got:?}");
        let ends = (found.centre[0].distance(a), found.centre[found.centre.len() - 1].distance(b));
        assert!(ends.0 < 5.0 && ends.1 < 5.0, "{ends:?}");
    }
}

#[test]
fn plain_noise_is_refused() {
    let mut dice = Dice(4711);
    let alarms = (0..50).filter(|_| {
        let photo = photo(&[], |_| 0.0, 0.0, Ground::Flat, &mut dice);
        trace(&photo, Point::new(150.0, 150.0), None, &ScratchTracer::default()).is_ok()
    });
    let alarms = alarms.count();
    assert!(alarms <= 1, "{alarms} of 50");
}

#[test]
fn a_groove_with_two_sides_is_embossed() {
    let mut dice = Dice(99);
    let line = straight(0.7, 110.0);
    let photo = photo(&line, |d| bar(d - 1.5, 3.0) - bar(d + 1.5, 3.0), 4.0, Ground::Flat, &mut dice);
    let found = trace(&photo, Point::new(150.0, 150.0), None, &ScratchTracer::default()).unwrap();
    assert_eq!(found.polarity, Polarity::Embossed);
    let got = errors(&found, &line);
    assert!(got.0 <= 0.8 && got.2 >= 0.9, "{got:?}");
    assert!((f64::from(found.width) - 6.0).abs() <= 1.5, "{}", found.width);
}

#[test]
fn the_area_is_as_wide_as_the_line_and_hangs_together() {
    let mut dice = Dice(5);
    let line = straight(0.4, 100.0);
    let photo = photo(&line, |d| bar(d, 4.0), 5.0, Ground::Flat, &mut dice);
    let found = trace(&photo, Point::new(150.0, 150.0), None, &ScratchTracer::default()).unwrap();
    let area = found.area(0.0);
    let truth = Plane::from_fn(SIDE, SIDE, |x, y| distance(Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5), &line) <= 2.0);
    let truth = Area::of_mask(&truth, (0, 0));
    let iou = area.intersection(&truth).pixels() as f64 / area.union(&truth).pixels() as f64;
    assert!(iou >= 0.8, "{iou}");
    // However thin, one outer contour: 8-connected.
    let thin = ScratchTrace { half_width: vec![0.0; found.centre.len()], ..found.clone() };
    for width in [0.0, 1.0, 9.0] {
        let area = thin.area(width);
        assert_eq!(area.contours().iter().filter(|c| !c.is_hole).count(), 1);
        let share = area.pixels() as f64 / thin.length();
        assert!((share - f64::from(width).max(1.0)).abs() <= 0.15 * f64::from(width) + 0.6, "{width}: {share}");
    }
}

#[test]
fn at_the_border_and_on_nothing() {
    let mut dice = Dice(6);
    // A line that runs out of the photo on both sides, 3 px from the upper border.
    let line = vec![Point::new(0.0, 3.0), Point::new(300.0, 8.0)];
    let edge = photo(&line, |d| bar(d, 3.0), 4.0, Ground::Flat, &mut dice);
    let found = trace(&edge, Point::new(150.0, 4.0), None, &ScratchTracer::default()).unwrap();
    let got = errors(&found, &line);
    assert!(got.0 <= 0.6 && got.2 >= 0.9, "{got:?}");

    let settings = ScratchTracer::default();
    let at = Point::new(0.5, 0.5);
    let outside = trace(&Photo::Gray8(Plane::filled(0, 0, 0)), at, None, &settings);
    assert!(matches!(outside, Err(ScratchError::Outside { .. })));
    assert!(matches!(trace(&edge, Point::new(f64::NAN, 0.0), None, &settings), Err(ScratchError::Outside { .. })));
    for photo in [
        Photo::Gray8(Plane::filled(1, 1, 7)),
        Photo::Rgb8(Plane::filled(90, 90, [7, 8, 9])),
        Photo::GrayF32(Plane::filled(60, 60, f32::NAN)),
        Photo::GrayF32(Plane::filled(60, 60, 0.0)),
    ] {
        assert!(matches!(trace(&photo, at, None, &settings), Err(ScratchError::NoLine { .. })));
        let b = Point::new(f64::from(photo.width()) - 0.5, f64::from(photo.height()) - 0.5);
        assert!(trace(&photo, at, Some(b), &settings).is_err());
    }
    let wide = Photo::Gray8(Plane::filled(3000, 10, 7));
    let far = trace(&wide, at, Some(Point::new(2900.0, 5.0)), &settings);
    assert!(matches!(far, Err(ScratchError::TooFar { .. })));
}
