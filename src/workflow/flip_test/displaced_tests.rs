//! Boundaries that move by known amounts, against closed forms.

use std::f64::consts::TAU;

use super::*;
use crate::check::{BoundaryCheck, BoundaryKind, check_image};
use crate::raster::{Components, Photo, Point};

const SIDE: u32 = 90;

fn disc(cx: f64, cy: f64, r: f64) -> Area {
    let is_in = |x: u32, y: u32| (f64::from(x) + 0.5 - cx).hypot(f64::from(y) + 0.5 - cy) <= r;
    Area::of_mask(&Plane::from_fn(SIDE, SIDE, is_in), (0, 0))
}

/// A result with contour points on a circle, displaced as told; every other figure is of no matter here.
fn on_circle(cx: f64, cy: f64, r: f64, displacement: impl Fn(f64, f64) -> f64) -> BoundaryResult {
    let map = LabelMap::from_plane(&Plane::from_fn(20, 20, |x, y| u8::from((5..15).contains(&x) && (5..15).contains(&y))));
    let photo = Photo::Gray8(Plane::from_fn(20, 20, |x, y| map.get(x, y) * 100));
    let mut result = check_image(&photo, &map, &BoundaryCheck::default(), |_| BoundaryKind::Sharp, None).remove(0).result;
    let n = (TAU * r) as usize;
    result.points = (0..n)
        .map(|i| {
            let (sin, cos) = (TAU * i as f64 / n as f64).sin_cos();
            ContourPoint {
                position: Point::new(cx + r * cos, cy + r * sin),
                normal: (cos, sin),
                displacement_px: displacement(cos, sin),
                strength: 10.0,
                confidence: 1.0,
                is_blocked: false,
            }
        })
        .collect();
    result.contours = std::iter::once(0..n).collect();
    result
}

/// Pixels in one and not in the other lie within `slack` px of the circle.
fn assert_is_disc(found: &Area, cx: f64, cy: f64, r: f64, slack: f64, what: &str) {
    let exact = disc(cx, cy, r);
    let wrong = found.minus(&exact).union(&exact.minus(found));
    let band = disc(cx, cy, r + slack).minus(&disc(cx, cy, r - slack));
    assert!(wrong.minus(&band).is_empty(), "{what}: {:?}", wrong.minus(&band).spans());
}

#[test]
fn a_disc_that_is_too_large_or_small_becomes_the_disc_of_the_edge() {
    for bias in [-5.0, -2.0, -0.6, 0.4, 1.0, 3.5, 7.0] {
        let label = disc(45.2, 44.9, 20.0 + bias);
        let found = at_the_edge(&label, &on_circle(45.2, 44.9, 20.0 + bias, |_, _| bias), SIDE, SIDE);
        assert_is_disc(&found, 45.2, 44.9, 20.0, 0.15, &bias.to_string());
    }
}

#[test]
fn a_shifted_disc_goes_back() {
    let (tx, ty) = (2.0, -1.0);
    let label = disc(45.0 + tx, 45.0 + ty, 20.0);
    let found = at_the_edge(&label, &on_circle(45.0 + tx, 45.0 + ty, 20.0, |nx, ny| nx * tx + ny * ty), SIDE, SIDE);
    // Across the shift the exact displacement is |T|²/2r = 0.13 px more than this first order, and smoothing along the contour adds to it.
    assert_is_disc(&found, 45.0, 45.0, 20.0, 0.35, "shift");
}

#[test]
fn what_is_not_known_follows_its_neighbours_and_what_is_blocked_stays() {
    let label = disc(45.0, 45.0, 22.0);
    let mut result = on_circle(45.0, 45.0, 22.0, |_, _| 2.0);
    for (i, point) in result.points.iter_mut().enumerate() {
        if i % 3 == 0 {
            (point.displacement_px, point.confidence) = (-8.0, 0.0);
        }
    }
    assert_is_disc(&at_the_edge(&label, &result, SIDE, SIDE), 45.0, 45.0, 20.0, 0.15, "without confidence");
    result.points.iter_mut().for_each(|p| p.is_blocked = true);
    assert_eq!(at_the_edge(&label, &result, SIDE, SIDE), label);
}

#[test]
fn a_boundary_that_does_not_move_leaves_every_pixel() {
    // Thin lines, corners, holes, single pixels: whatever the contour does there.
    let mut seed = 7_u32;
    for _ in 0..30 {
        let plane = Plane::from_fn(32, 24, |x, y| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::from(seed >> 24 > 150 && x > 0 && y > 2)
        });
        let map = LabelMap::from_plane(&plane);
        let photo = Photo::Gray8(plane.map(|v| v * 90));
        let components = Components::of(&map);
        for mut check in check_image(&photo, &map, &BoundaryCheck::default(), |_| BoundaryKind::Sharp, None) {
            check.result.points.iter_mut().for_each(|p| p.displacement_px = 0.0);
            check.result.bias_px = 0.0;
            let own = Area::of_runs(components.runs(check.region));
            assert_eq!(at_the_edge(&own, &check.result, 32, 24), own);
        }
    }
}
