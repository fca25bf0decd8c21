//! Groups of made-up figures; `tests/check_systematic.rs` has rendered ones.

use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;
use crate::check::{BoundaryResult, Cause, ContourPoint};
use crate::raster::{PixelRect, Point};

fn region(bias: f64, shift: Option<(f64, f64)>) -> RegionFigures {
    RegionFigures { class: 1, soundness: Soundness::Pass, bias_px: bias, p90_px: bias.abs() + 0.2, shift_px: shift }
}

fn names(class: u8) -> String {
    ["?", "scratch", "pit"][usize::from(class)].to_owned()
}

/// Reproducible standard normal numbers.
struct Normal(u64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn next(&mut self) -> f64 {
        (-2.0 * self.uniform().max(1e-12).ln()).sqrt() * (TAU * self.uniform()).cos()
    }
}

fn group(scope: Scope, regions: &[RegionFigures]) -> Group<'_> {
    Group { scope, regions: regions.iter().collect() }
}

#[test]
fn the_standard_error_is_that_of_a_median() {
    // Of 1..=9 the median is 5 and the MAD 2.
    let e = Estimate::of((1..=9).map(f64::from)).unwrap();
    assert!((e.median - 5.0).abs() < 1e-12 && (e.se - 1.2533 * 1.4826 * 2.0 / 3.0).abs() < 1e-12, "{e:?}");
    assert_eq!(Estimate::of([f64::NAN]), None);
    // And it is true: medians of 41 normal values scatter by it.
    let mut random = Normal(5);
    let estimates: Vec<Estimate> = (0..2000).map(|_| Estimate::of((0..41).map(|_| random.next())).unwrap()).collect();
    let sd = (estimates.iter().map(|e| e.median.powi(2)).sum::<f64>() / 2000.0).sqrt();
    let mean_se = estimates.iter().map(|e| e.se).sum::<f64>() / 2000.0;
    assert!((sd / mean_se - 1.0).abs() < 0.1, "{sd} {mean_se}");
}

#[test]
fn a_class_too_large_is_told_with_its_correction() {
    let mut random = Normal(1);
    let regions: Vec<RegionFigures> = (0..40).map(|_| region(1.8 + 0.3 * random.next(), None)).collect();
    let found = systematic(&[group(Scope::Class(1), &regions), group(Scope::All, &regions)]);
    assert_eq!(found.len(), 1, "the same regions are not tested twice: {found:?}");
    let sentence = found[0].sentence(&names);
    assert!(sentence.starts_with("scratch: +1.") && sentence.contains("px too large, n = 40; 40 of them pass"), "{sentence}");
    let Some(Correction::Offset { by_px }) = found[0].correction else { panic!("{found:?}") };
    assert!((by_px + 1.8).abs() < 0.25);
}

#[test]
fn one_class_is_not_told_again_as_all_labels_and_several_are() {
    let mut random = Normal(4);
    let mut of = |class: u8, bias: f64, n: usize| -> Vec<RegionFigures> {
        (0..n).map(|_| RegionFigures { class, ..region(bias + 0.2 * random.next(), None) }).collect()
    };
    let scopes = |regions: &[RegionFigures]| -> Vec<Scope> {
        let class = |c: u8| Group { scope: Scope::Class(c), regions: regions.iter().filter(|r| r.class == c).collect() };
        systematic(&[class(1), class(2), group(Scope::All, regions)]).into_iter().map(|s| s.scope).collect()
    };
    // Most labels are scratches that are too large; pits are right, or too few to say.
    let scratches = of(1, 1.5, 60);
    assert_eq!(scopes(&[scratches.clone(), of(2, 0.0, 20)].concat()), [Scope::Class(1)]);
    assert_eq!(scopes(&[scratches.clone(), of(2, 0.0, 4)].concat()), [Scope::Class(1)]);
    let mut all = scopes(&[scratches, of(2, 1.5, 30)].concat());
    all.sort();
    assert_eq!(all, [Scope::All, Scope::Class(1), Scope::Class(2)]);
}

#[test]
fn a_shift_along_one_axis_and_half_a_pixel_along_both() {
    let mut random = Normal(2);
    let mut shifted = |x: f64, y: f64| -> Vec<RegionFigures> {
        (0..30).map(|_| region(0.0, Some((x + 0.15 * random.next(), y + 0.15 * random.next())))).collect()
    };
    let one = shifted(1.0, 0.0);
    let found = systematic(&[group(Scope::All, &one)]);
    let text = found[0].sentence(&names);
    assert!(
        text.starts_with("all labels: ") && text.contains("px to the right of the image (as after an import that is off by one)"),
        "{text}"
    );
    let Some(Correction::Shift { by_px: (x, y) }) = found[0].correction else { panic!() };
    assert!((x + 1.0).abs() < 0.1 && y.abs() < 0.1);
    let half = shifted(-0.5, 0.5);
    let text = systematic(&[group(Scope::All, &half)])[0].sentence(&names);
    assert!(text.contains("to the left and") && text.contains("down") && text.contains("half a pixel"), "{text}");
    // Below the limit, and where the larger axis is lost in its error.
    assert!(systematic(&[group(Scope::All, &shifted(0.2, 0.2))]).is_empty());
}

#[test]
fn two_people_who_differ_are_told_and_nobody_is_corrected() {
    let mut random = Normal(3);
    let mut by = |bias: f64, n: usize| -> Vec<RegionFigures> { (0..n).map(|_| region(bias + 0.2 * random.next(), None)).collect() };
    let (ann, bob, cid) = (by(0.4, 40), by(-0.4, 52), by(-0.3, 30));
    let of = |name: &str| Scope::AnnotatorOfClass(name.into(), 1);
    let found = systematic(&[group(of("Ann"), &ann), group(of("Bob"), &bob), group(of("Cid"), &cid)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|f| f.correction.is_none() && f.scope == of("Ann")));
    let text = found[0].sentence(&names);
    assert!(text.starts_with("scratch by Ann: 0.") && text.contains("larger than by Bob, n = 40 and 52"), "{text}");
    // Other classes are not held against each other.
    assert!(systematic(&[group(of("Ann"), &ann), group(Scope::AnnotatorOfClass("Bob".into(), 2), &bob)]).is_empty());
}

/// Labels that are wrong by chance alone, in small groups and with a scatter far above the limits: three standard errors alone would
/// be passed often, because a MAD of few values is a poor SD.
#[test]
fn false_alarms_stay_below_the_level_over_all_groups_together() {
    let (mut alarms, mut naive, projects) = (0, 0, 400);
    let mut random = Normal(11);
    for _ in 0..projects {
        let sizes = [8, 9, 10, 12, 15, 20, 30, 60];
        let groups: Vec<Vec<RegionFigures>> = sizes
            .iter()
            .map(|&n| {
                let mut one = || {
                    // Heavy tails: t with two degrees of freedom.
                    let tail = (random.next().powi(2) + random.next().powi(2)).sqrt().max(1e-3) / std::f64::consts::SQRT_2;
                    region(2.0 * random.next() / tail, Some((2.0 * random.next() / tail, 2.0 * random.next() / tail)))
                };
                (0..n).map(|_| one()).collect()
            })
            .collect();
        let list: Vec<Group<'_>> = groups.iter().enumerate().map(|(i, g)| group(Scope::Batch(i.to_string()), g)).collect();
        alarms += usize::from(!systematic(&list).is_empty());
        naive +=
            usize::from(list.iter().any(|g| bias_of(g).is_some_and(|c| c.is_large) || shift_of(g).is_some_and(|c| c.is_large)));
    }
    // 1 % of 400 is 4; the 99.9 % quantile of a binomial of that mean is 11.
    assert!(alarms <= 11, "{alarms} of {projects}");
    assert!(naive > 40, "the draws must be able to fail the test: {naive} of {projects} without the exact test");
}

fn check_with(points: Vec<ContourPoint>, shift_px: (f64, f64)) -> RegionCheck {
    let n = points.len();
    let result = BoundaryResult { points, shift_px, ..round_result(n) };
    RegionCheck { region: 0, number: None, class: 1, bounds: PixelRect::of_size(9, 9), result }
}

fn round_result(n: usize) -> BoundaryResult {
    let check = crate::check::check_image(
        &crate::raster::Photo::Gray8(crate::raster::Plane::filled(9, 9, 0)),
        &crate::raster::LabelMap::from_plane(&crate::raster::Plane::from_fn(9, 9, |x, y| {
            u8::from((3..6).contains(&x) && (3..6).contains(&y))
        })),
        &crate::check::BoundaryCheck::default(),
        |_| crate::check::BoundaryKind::Sharp,
        None,
    )
    .remove(0);
    let mut result = check.result;
    result.verdict = Soundness::Pass;
    (result.bias_px, result.p90_px, result.cause, result.contours) = (0.0, 0.0, Cause::None, std::iter::once(0..n).collect());
    result
}

proptest! {
    /// An ellipse-like set of normals measured with the ridge reads the true shift when the ridge is taken out: the shrunk shift is
    /// (C + ridge)⁻¹ C T by its definition.
    #[test]
    fn the_ridge_is_taken_out_exactly(x in -3.0_f64..3.0, y in -3.0_f64..3.0, long in 1.0_f64..2.0, turn in 0.0..TAU) {
        let n = 180;
        let points: Vec<ContourPoint> = (0..n).map(|i| {
            let (s, c) = (TAU * f64::from(i) / f64::from(n)).sin_cos();
            let (a, b) = (c, long * s);
            let size = a.hypot(b);
            let (st, ct) = turn.sin_cos();
            let normal = ((a * ct - b * st) / size, (a * st + b * ct) / size);
            ContourPoint { position: Point::new(4.0, 4.0), normal, displacement_px: 0.0, strength: 9.0, confidence: 1.0, is_blocked: false }
        }).collect();
        let sum = |f: &dyn Fn((f64, f64)) -> f64| points.iter().map(|p| f(p.normal)).sum::<f64>() / f64::from(n);
        let (cxx, cxy, cyy) = (sum(&|n| n.0 * n.0), sum(&|n| n.0 * n.1), sum(&|n| n.1 * n.1));
        let (vx, vy) = (cxx * x + cxy * y, cxy * x + cyy * y);
        let (a, d) = (cxx + 0.03, cyy + 0.03);
        let det = a * d - cxy * cxy;
        let shrunk = ((d * vx - cxy * vy) / det, (a * vy - cxy * vx) / det);
        let (ux, uy) = RegionFigures::of(&check_with(points, shrunk)).shift_px.unwrap();
        prop_assert!((ux - x).abs() < 1e-9 && (uy - y).abs() < 1e-9, "{ux} {uy}");
    }
}

#[test]
fn a_straight_scratch_does_not_speak_of_shifts() {
    let normal = |i: usize| if i.is_multiple_of(2) { (0.0, 1.0) } else { (0.0, -1.0) };
    let points: Vec<ContourPoint> = (0..100)
        .map(|i| ContourPoint {
            position: Point::new(4.0, 4.0),
            normal: normal(i),
            displacement_px: 0.0,
            strength: 9.0,
            confidence: 1.0,
            is_blocked: false,
        })
        .collect();
    assert_eq!(RegionFigures::of(&check_with(points, (0.0, 1.0))).shift_px, None);
}

#[test]
fn a_summary_counts_and_leaves_out_what_could_not_be_measured() {
    let mut regions = vec![region(1.0, None), region(2.0, Some((1.0, 0.0))), region(4.0, None)];
    regions[2].soundness = Soundness::Fail;
    regions.push(RegionFigures { soundness: Soundness::Unmeasurable, bias_px: f64::NAN, p90_px: f64::NAN, ..regions[0] });
    let s = GroupSummary::of(&regions);
    assert_eq!((s.regions(), s.measurable(), s.pass, s.fail, s.unmeasurable), (4, 3, 2, 1, 1));
    assert_eq!((s.bias.unwrap().median, s.p90_px, s.shift.unwrap().regions), (2.0, 2.2, 1));
    assert_eq!(s.flagged_share(), Some(1.0 / 3.0));
    assert_eq!(GroupSummary::of(&[]).flagged_share(), None);
}
