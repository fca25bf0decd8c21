//! Measured once, judged by many settings: the same as checked anew with each.

use std::sync::OnceLock;

use delimit::check::{BoundaryCheck, BoundaryKind, BoundaryResult, Scene, Soundness, check_region};
use delimit::raster::{Components, LabelMap, Photo, Plane};
use proptest::prelude::*;

const SIDE: u32 = 72;

struct Case {
    photo: Photo,
    map: LabelMap,
    /// Judged by the default settings.
    first: BoundaryResult,
}

fn checked(photo: &Photo, map: &LabelMap, kind: BoundaryKind, settings: &BoundaryCheck) -> BoundaryResult {
    let components = Components::of(map);
    check_region(&Scene::new(photo, map, None), components.runs(0), kind, settings)
}

/// A spot with an edge of about the blur σ under a label of another size and place, beside a neighbour if one is wanted.
fn case(sigma: f64, noise: f64, larger: f64, (cx, cy): (f64, f64), has_neighbour: bool) -> Case {
    let mut state = 5_u64;
    let photo = Photo::Gray8(Plane::from_fn(SIDE, SIDE, |x, y| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        let d = (f64::from(x) + 0.5 - cx).hypot(f64::from(y) + 0.5 - cy) - 14.0;
        (90.0 + 60.0 / (1.0 + (1.702 * d / sigma).exp()) + noise * 3.46 * uniform).round().clamp(0.0, 255.0) as u8
    }));
    let map = LabelMap::from_plane(&Plane::from_fn(SIDE, SIDE, |x, y| {
        let r = (f64::from(x) + 0.5 - cx - 0.4).hypot(f64::from(y) + 0.5 - cy);
        u8::from(r <= 14.0 + larger) + 2 * u8::from(has_neighbour && x > 54)
    }));
    let first = checked(&photo, &map, BoundaryKind::Sharp, &BoundaryCheck::default());
    Case { photo, map, first }
}

fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let middle = (36.0, 36.0);
        let mut cases = vec![
            case(1.0, 3.0, 0.0, middle, false),
            case(1.0, 3.0, 1.3, middle, false),
            case(1.0, 3.0, -3.0, middle, false),
            case(2.4, 6.0, 1.8, middle, false),
            case(4.5, 2.0, 2.5, middle, false),
            case(1.0, 60.0, 0.5, middle, false),
            case(1.0, 3.0, 2.0, (8.0, 36.0), true),
            case(1.0, 3.0, 7.5, middle, true),
        ];
        let Case { photo, .. } = case(1.0, 3.0, 0.0, middle, false);
        for plane in [
            Plane::filled(SIDE, SIDE, 1),
            Plane::filled(9, 9, 1),
            Plane::from_fn(SIDE, SIDE, |x, y| u8::from(x + y == 9 && x == 4)),
        ] {
            let map = LabelMap::from_plane(&plane);
            let first = checked(&photo, &map, BoundaryKind::Sharp, &BoundaryCheck::default());
            cases.push(Case { photo: photo.clone(), map, first });
        }
        cases
    })
}

#[test]
fn the_cases_get_all_the_answers() {
    for wanted in [Soundness::Pass, Soundness::Warn, Soundness::Fail, Soundness::Unmeasurable] {
        assert!(cases().iter().any(|c| c.first.verdict == wanted), "none is {wanted:?}");
    }
}

fn settings() -> impl Strategy<Value = BoundaryCheck> {
    (0.05_f64..9.0, 0.0_f64..2.0, 0.0_f64..1.0, 0.5_f64..20.0, any::<bool>()).prop_map(
        |(tolerance, per_blur, coverage, width, odd)| BoundaryCheck {
            tolerance_px: if odd { f64::NAN } else { tolerance },
            tolerance_per_blur: per_blur,
            min_coverage: coverage,
            max_edge_width_px: width,
            ..BoundaryCheck::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn judging_again_equals_checking_again(settings in settings(), is_diffuse in any::<bool>()) {
        let kind = if is_diffuse { BoundaryKind::Diffuse } else { BoundaryKind::Sharp };
        for (k, case) in cases().iter().enumerate() {
            // As text, in which NaN equals NaN and every digit counts.
            let anew = format!("{:?}", checked(&case.photo, &case.map, kind, &settings));
            prop_assert!(format!("{:?}", case.first.judged(kind, &settings)) == anew, "case {}", k);
            let mut again = case.first.judged(BoundaryKind::Diffuse, &BoundaryCheck { tolerance_px: 7.0, ..settings });
            again.judge_again(kind, &settings);
            prop_assert!(format!("{again:?}") == anew, "case {}, in place", k);
        }
    }
}
