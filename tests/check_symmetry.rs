//! What must not change the answer of the boundary check, through `check_image`: moving, turning and mirroring photo and label, inverting
//! and scaling the gray values; on a blob, a thin line and a spot of three classes, in gray and in colour.
//!
//! Bounds: the verdict stays, the bias within 0.08 px, P90 within 0.2 px. They are not zero because contour points and background samples
//! fall on other places.

use delimit::check::{BoundaryCheck, BoundaryKind, RegionCheck, Soundness, check_image};
use delimit::raster::{LabelMap, Photo, Plane};
use proptest::prelude::*;

const SIDE: u32 = 180;

/// A Gaussian-like step over a blur of about 1 px.
fn step(d: f64) -> f64 {
    1.0 / (1.0 + (1.702 * d).exp())
}

/// Signed distances (about, px) to the three defects.
fn distances(x: f64, y: f64, waves: f64) -> [f64; 3] {
    let (dx, dy) = (x - 52.0, y - 60.0);
    let angle = dy.atan2(dx);
    let blob = dx.hypot(dy) - 24.0 * (1.0 + waves * (3.0 * angle + 0.4).cos() + 0.5 * waves * (5.0 * angle).sin());
    let along = ((x - 100.0) * 0.8 + (y - 120.0) * 0.6).clamp(-35.0, 35.0);
    let line = (x - 100.0 - 0.8 * along).hypot(y - 120.0 - 0.6 * along) - 1.5;
    let spot = (x - 135.0).hypot(y - 45.0) - 9.0;
    [blob, line, spot]
}

struct Case {
    /// Signal of the defects plus noise, about 0 … 60, per channel.
    photo: Plane<[f32; 3]>,
    label: Plane<u8>,
}

/// Labels larger than their defects by `larger` px each.
fn case(seed: u64, waves: f64, larger: [f64; 3]) -> Case {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut noise = || {
        let sum: f64 = (0..4)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
            })
            .sum();
        3.0 * sum * 3.0_f64.sqrt()
    };
    let photo = Plane::from_fn(SIDE, SIDE, |x, y| {
        let d = distances(f64::from(x) + 0.5, f64::from(y) + 0.5, waves);
        let signal: f64 = 60.0 * d.iter().map(|d| step(*d)).sum::<f64>();
        [1.0, 0.3, -0.4].map(|gain| (100.0 + gain * signal + noise()) as f32)
    });
    let label = Plane::from_fn(SIDE, SIDE, |x, y| {
        let d = distances(f64::from(x) + 0.5, f64::from(y) + 0.5, waves);
        (0..3).find(|&k| d[k] <= larger[k]).map_or(0, |k| k as u8 + 1)
    });
    Case { photo, label }
}

fn gray(p: &Plane<[f32; 3]>, change: impl Fn(f32) -> f32) -> Photo {
    Photo::GrayF32(p.map(|v| change(v[0])))
}

fn colour(p: &Plane<[f32; 3]>, change: impl Fn(f32) -> f32) -> Photo {
    Photo::Rgb8(p.map(|v| v.map(|c| change(c).round().clamp(0.0, 255.0) as u8)))
}

/// By class: every class has one region.
fn checked(photo: &Photo, label: &Plane<u8>) -> Vec<RegionCheck> {
    let rule = |_| BoundaryKind::Sharp;
    let mut out = check_image(photo, &LabelMap::from_plane(label), &BoundaryCheck::default(), rule, None);
    out.sort_by_key(|c| c.class);
    out
}

fn compare(before: &[RegionCheck], after: &[RegionCheck], what: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(before.len(), after.len());
    for (a, b) in before.iter().zip(after) {
        let (p, q) = (&a.result, &b.result);
        prop_assert_eq!(a.class, b.class);
        prop_assert!(
            p.verdict == q.verdict,
            "{what}, class {}: {:?} → {:?}, P90 {} → {}",
            a.class,
            p.verdict,
            q.verdict,
            p.p90_px,
            q.p90_px
        );
        prop_assert!((p.bias_px - q.bias_px).abs() < 0.08, "{what}, class {}: bias {} → {}", a.class, p.bias_px, q.bias_px);
        prop_assert!((p.p90_px - q.p90_px).abs() < 0.2, "{what}, class {}: P90 {} → {}", a.class, p.p90_px, q.p90_px);
    }
    Ok(())
}

fn moved<T: Copy>(p: &Plane<T>, change: usize) -> Plane<T> {
    let n = SIDE;
    Plane::from_fn(n, n, |x, y| match change {
        0 => p.at((x + n - 5) % n, (y + 7) % n),
        1 => p.at(y, n - 1 - x),
        2 => p.at(n - 1 - x, n - 1 - y),
        _ => p.at(n - 1 - x, y),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn verdicts_and_figures_stay(
        seed in 1_u64..10_000, waves in 0.02_f64..0.12, offsets in proptest::array::uniform3(0_usize..3)
    ) {
        // Right, too large and too small, each clear of a limit; a line of 3 px cannot be smaller.
        let larger = [[0.0, 3.0, -3.0][offsets[0]], [0.0, 3.0, 0.5][offsets[1]], [0.0, 3.0, -3.0][offsets[2]]];
        let case = case(seed, waves, larger);
        for is_colour in [false, true] {
            let photo = |p: &Plane<[f32; 3]>, f: &dyn Fn(f32) -> f32| if is_colour { colour(p, f) } else { gray(p, f) };
            let before = checked(&photo(&case.photo, &|v| v), &case.label);
            prop_assert_eq!(before.len(), 3);
            for (c, by) in before.iter().zip(larger) {
                let expected = if by.abs() > 2.5 { Soundness::Fail } else { Soundness::Pass };
                prop_assert!(c.result.verdict == expected, "class {} larger by {by}: {:?} {}", c.class, c.result.verdict, c.result.p90_px);
            }
            for (change, name) in ["moved", "turned", "turned by 180°", "mirrored"].iter().enumerate() {
                let after = checked(&photo(&moved(&case.photo, change), &|v| v), &moved(&case.label, change));
                compare(&before, &after, name)?;
            }
            compare(&before, &checked(&photo(&case.photo, &|v| 255.0 - v), &case.label), "inverted")?;
            compare(&before, &checked(&photo(&case.photo, &|v| 0.8 * v + 30.0), &case.label), "scaled")?;
        }
    }
}
