//! Systematic errors found on rendered regions whose labels are all off in the same way, each below the tolerance.
//!
//! The figures to meet come from a program written independently in another language: 40 regions (disks, blobs, scratches in turn; blur
//! 0.7–2 px, contrast 6 times the noise, three backgrounds, both signs), correct labels b −0.04 ± 0.03; +0.5 px → 0.50 ± 0.02;
//! +1.0 → 1.02 ± 0.02; −0.5 → −0.57 ± 0.03; shift (+1, 0) → (0.89 ± 0.04, −0.03 ± 0.03) with the pull of the ridge still in it;
//! (+0.5, +0.5) → (0.49, 0.43).

#[expect(dead_code, reason = "the renderer knows more than this test asks for")]
#[path = "../benches/check_truth/synth.rs"]
mod synth;

use std::sync::OnceLock;

use delimit::check::systematic::{Group, Scope, Shared, systematic};
use delimit::check::{BoundaryCheck, BoundaryKind, Correction, GroupSummary, RegionFigures, check_image};
use delimit::raster::Photo;
use rayon::prelude::*;
use synth::{Background, Change, Picture, Random, Shape, picture};

const REGIONS: u64 = 40;

/// All labels of one kind, and what a group of them says.
struct Case {
    name: &'static str,
    change: Change,
    figures: Vec<RegionFigures>,
}

fn pictures() -> Vec<Picture> {
    let one = |i: u64| {
        let mut random = Random::new(77, i);
        let shape = [Shape::Disk, Shape::Blob, Shape::Scratch][i as usize % 3];
        let background = [Background::Flat, Background::Iso, Background::Brushed][i as usize % 3];
        let sigma = random.uniform(0.7, 2.0);
        let sign = if random.uniform(0.0, 1.0) < 0.5 { -1.0 } else { 1.0 };
        picture(shape, sigma, 6.0, background, sign, &mut random)
    };
    (0..REGIONS).into_par_iter().map(one).collect()
}

/// Rendered once for all tests.
fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(rendered)
}

fn rendered() -> Vec<Case> {
    let kinds = [
        ("correct", Change::Offset(0.0)),
        ("+0.5", Change::Offset(0.5)),
        ("-0.5", Change::Offset(-0.5)),
        ("+1.0", Change::Offset(1.0)),
        ("(+1, 0)", Change::Move(1.0, 0.0)),
        ("(+0.5, +0.5)", Change::Move(0.5, 0.5)),
    ];
    let pictures = pictures();
    let mut random = Random::new(78, 0);
    kinds
        .map(|(name, change)| {
            let mut figures = Vec::new();
            for picture in &pictures {
                let Some(map) = picture.truth.label(change, &mut random) else { continue };
                let photo = Photo::Gray8(picture.bytes());
                let checks = check_image(&photo, &map, &BoundaryCheck::default(), |_| BoundaryKind::Sharp, None);
                figures.extend(checks.iter().map(RegionFigures::of));
            }
            Case { name, change, figures }
        })
        .into()
}

#[test]
fn forty_labels_tell_what_one_cannot() {
    for &Case { name, change, ref figures } in cases() {
        let summary = GroupSummary::of(figures);
        let (bias, shift) = (summary.bias.unwrap(), summary.shift.unwrap());
        println!(
            "{name:>14}: n {} b {:+.2} ± {:.2}, T ({:+.2} ± {:.2}, {:+.2} ± {:.2}) of {}; {} pass",
            summary.measurable(),
            bias.median,
            bias.se,
            shift.x.median,
            shift.x.se,
            shift.y.median,
            shift.y.se,
            shift.regions,
            summary.pass,
        );
        let group = Group { scope: Scope::All, regions: figures.iter().collect() };
        let found = systematic(&[group]);
        let (b, (x, y)) = match change {
            Change::Offset(b) => (b, (0.0, 0.0)),
            Change::Move(x, y) => (0.0, (x, y)),
            _ => unreachable!("not among the cases"),
        };
        assert!(summary.measurable() >= 38 && shift.regions >= 25, "{name}");
        assert!((bias.median - b).abs() < 0.12 && bias.se < 0.06, "{name}: bias {bias:?}");
        // A shift reads up to a sixth low (the published prototype: a ninth): small round shapes hide a part of it.
        assert!((shift.x.median - x).abs() < 0.2 && (shift.y.median - y).abs() < 0.2, "{name}: shift {shift:?}");
        // Below or at the limits of half a pixel the answer may fall to either side of them.
        let wanted = usize::from(b.abs() > 0.6) + usize::from(x.hypot(y) > 0.6);
        assert!(found.len() == wanted || (b.abs() == 0.5 && found.len() == 1), "{name}: {found:?}");
        for error in &found {
            let is_right = match (error.correction.unwrap(), &error.error) {
                (Correction::Offset { by_px }, Shared::Bias(_)) => (by_px + b).abs() < 0.12,
                (Correction::Shift { by_px }, Shared::Shift { .. }) => (by_px.0 + x).hypot(by_px.1 + y) < 0.22,
                _ => false,
            };
            assert!(is_right, "{name}: {error:?}");
        }
        if b.abs() == 0.5 {
            assert!(summary.pass * 10 >= summary.measurable() * 9, "{name}: each one passes, {summary:?}");
        }
    }
}

/// Correct labels, drawn again and again: no class, person or batch of any size is told of an error.
#[test]
fn correct_labels_raise_no_alarm() {
    let mut random = Random::new(79, 0);
    let correct = &cases()[0].figures;
    let mut alarms = 0;
    for _ in 0..1000 {
        let mut draw = |n: usize| -> Vec<&RegionFigures> {
            (0..n).map(|_| &correct[random.uniform(0.0, correct.len() as f64) as usize]).collect()
        };
        let groups: Vec<Group<'_>> =
            [8, 10, 12, 20, 40, 100].map(|n| Group { scope: Scope::Batch(n.to_string()), regions: draw(n) }).into();
        alarms += systematic(&groups).len();
    }
    assert_eq!(alarms, 0, "of 6000 groups");
}
