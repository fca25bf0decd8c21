//! Clean shapes give nothing; the same shapes with one fault each give that fault.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use delimit::check::{Finding, FindingKind, Hygiene};
use delimit::raster::{Components, LabelMap, Plane};
use proptest::prelude::*;

use super::shapes::{Dice, KINDS, Kind, SIDE, map, mask, outline, simplified};

const SEEDS: u64 = 40;

fn findings(plane: &Plane<u8>) -> Vec<Finding> {
    Hygiene::default().findings(&map(plane))
}

fn has(found: &[Finding], kind: FindingKind) -> bool {
    found.iter().any(|f| f.kind == kind)
}

#[test]
fn clean_shapes_give_nothing() {
    let mut table: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for kind in KINDS {
        for seed in 0..SEEDS {
            for f in findings(&mask(&outline(kind, seed), 1, (0, 0))) {
                *table.entry((f.kind.id(), format!("{kind:?}"))).or_default() += 1;
            }
        }
    }
    println!("findings on {} clean shapes: {table:?}", 3 * SEEDS);
    assert!(table.is_empty(), "{table:?}");
}

#[test]
fn enlarged_labels_are_found_with_their_factor() {
    for kind in KINDS {
        let mut line = format!("{kind:?}: ");
        let (mut found, mut right, mut all) = (0, 0, 0);
        for factor in 2..=8 {
            let mut here = 0;
            for seed in 0..SEEDS {
                let mut dice = Dice::new(seed + 1000);
                let phase = ((dice.next() * f64::from(factor)) as u32, (dice.next() * f64::from(factor)) as u32);
                let list = findings(&mask(&outline(kind, seed), factor, phase));
                all += 1;
                if let Some(f) = list.iter().find(|f| f.kind == FindingKind::UpscaledMask) {
                    here += 1;
                    right += usize::from(f.message.contains(&format!("steps of {factor} px")));
                }
            }
            found += here;
            write!(line, "×{factor} {here}/{SEEDS}  ").unwrap();
        }
        println!("{line} factor right {right}/{all}");
        // A scratch of 3 px is in pieces at a sixth of the resolution: nothing is left to tell a grid from.
        let least = if kind == Kind::Scratch { 85 } else { 97 };
        assert!(found * 100 >= least * all, "{kind:?}: {found} of {all}");
        assert!(right * 100 >= least * all, "{kind:?}: factor of {right} of {all}");
    }
}

#[test]
fn polygons_with_long_chords_are_found() {
    let count = |hygiene: &Hygiene, kind: Kind, epsilon: f64| {
        let of = |s: u64| {
            has(&hygiene.findings(&map(&mask(&simplified(&outline(kind, s), epsilon), 1, (0, 0)))), FindingKind::CoarsePolygon)
        };
        (0..SEEDS).filter(|&s| of(s)).count()
    };
    for kind in [Kind::Disk, Kind::Blob] {
        for share in [0.8, 0.9, 1.0, 1.1, 1.2] {
            let hygiene = Hygiene { corner_share: share, ..Hygiene::default() };
            let flagged = [0.05, 0.5, 1.0, 2.0, 4.0].map(|e| count(&hygiene, kind, e));
            println!("{kind:?}, share {share}: coarse at ε 0.05, 0.5, 1, 2, 4 px {flagged:?} of {SEEDS}");
        }
        let of = |epsilon: f64| count(&Hygiene::default(), kind, epsilon);
        assert_eq!(of(0.05), 0);
        assert!(of(0.5) * 20 <= SEEDS as usize);
        assert!(of(4.0) * 10 >= 8 * SEEDS as usize);
    }
}

/// Enlarged by 3 to 2 with the nearest pixel: no single grid, but steps all the same.
#[test]
fn broken_factors_are_jagged() {
    for kind in KINDS {
        for (num, den) in [(3, 2), (5, 2), (7, 3)] {
            let flagged = (0..SEEDS)
                .filter(|&seed| {
                    let small: Vec<(f64, f64)> = outline(kind, seed)
                        .iter()
                        .map(|p| (p.0 * f64::from(den) / f64::from(num), p.1 * f64::from(den) / f64::from(num)))
                        .collect();
                    let coarse = mask(&small, 1, (0, 0));
                    let large = Plane::from_fn(SIDE, SIDE, |x, y| coarse.at(x * den / num, y * den / num));
                    let list = findings(&large);
                    has(&list, FindingKind::Jagged) || has(&list, FindingKind::UpscaledMask)
                })
                .count();
            println!("{kind:?} × {num}/{den}: {flagged}/{SEEDS} jagged");
            if (num, den) == (5, 2) {
                assert!(flagged * 10 >= 7 * SEEDS as usize, "{kind:?}");
            }
        }
    }
}

/// A disk of class 1 with one fault, and the place where it must be found.
#[test]
fn small_faults_are_found_where_they_were_made() {
    let mut missed: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..SEEDS {
        let clean = mask(&outline(Kind::Blob, seed), 1, (0, 0));
        let mut dice = Dice::new(seed + 77);
        let inside = |dice: &mut Dice| loop {
            let (x, y) = (dice.between(40.0, 160.0) as u32, dice.between(40.0, 160.0) as u32);
            let all = (y - 4..=y + 5).all(|v| (x - 4..=x + 5).all(|u| clean.at(u, v) == 1));
            if all {
                return (x, y);
            }
        };
        let mut check = |name: &'static str, kind: FindingKind, plane: &Plane<u8>, at: (u32, u32)| {
            let hit = findings(plane).iter().any(|f| f.kind == kind && f.bounds.grown(1, SIDE, SIDE).contains(at.0, at.1));
            if !hit {
                *missed.entry(name).or_default() += 1;
            }
        };
        let mut holed = clean.clone();
        let at = inside(&mut dice);
        for (dx, dy) in [(0, 0), (1, 0), (1, 1)] {
            holed.set(at.0 + dx, at.1 + dy, 0);
        }
        check("pinhole", FindingKind::Pinhole, &holed, at);
        let mut island = clean.clone();
        for (dx, dy) in [(0, 0), (1, 0), (0, 1)] {
            island.set(at.0 + dx, at.1 + dy, 2);
        }
        check("island", FindingKind::Island, &island, at);
        let mut speck = clean.clone();
        let corner = (dice.between(3.0, 30.0) as u32, dice.between(3.0, 30.0) as u32);
        speck.set(corner.0, corner.1, 1);
        speck.set(corner.0 + 1, corner.1 + 1, 1);
        check("speck", FindingKind::Speck, &speck, corner);
        // A seam of two pixels all across, upright, level and slanting.
        let mut seam = clean.clone();
        let slope = [0, 1][seed as usize % 2];
        let mut place = None;
        for y in 0..SIDE {
            for x in (at.0 + slope * y / 3)..(at.0 + slope * y / 3 + 2) {
                let x = x.saturating_sub(slope * at.1 / 3);
                if x < SIDE && seam.at(x, y) == 1 {
                    seam.set(x, y, 0);
                    place = if y == at.1 { Some((x, y)) } else { place };
                }
            }
        }
        check("gap", FindingKind::UnlabelledGap, &seam, place.unwrap());
    }
    println!("missed of {SEEDS} each: {missed:?}");
    assert!(missed.is_empty(), "{missed:?}");
}

/// Kinds with how often each occurs.
fn summary(found: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut out = BTreeMap::new();
    for f in found {
        *out.entry(f.kind.id()).or_default() += 1;
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Moving a map, turning it over and swapping its axes changes where a finding is and nothing else.
    #[test]
    fn findings_move_with_the_map(
        cells in prop::collection::vec(0_u8..4, 12 * 10), scale in 1_u32..4, dx in 0_u32..9, dy in 0_u32..9, turn in 0_usize..4,
    ) {
        // Blobs of cells of `scale` pixels, with a margin wider than the gaps that are looked for.
        let (w, h) = (12 * scale, 10 * scale);
        let at = |x: u32, y: u32| if x < w && y < h { cells[(y / scale * 12 + x / scale) as usize].saturating_sub(1) } else { 0 };
        let side = w + 30;
        let still = Plane::from_fn(side, side, |x, y| at(x.wrapping_sub(6), y.wrapping_sub(6)));
        let moved = Plane::from_fn(side, side, |x, y| {
            let (x, y) = match turn {
                0 => (x, y),
                1 => (side - 1 - x, y),
                2 => (x, side - 1 - y),
                _ => (y, x),
            };
            at(x.wrapping_sub(6 + dx), y.wrapping_sub(6 + dy))
        });
        prop_assert_eq!(summary(&findings(&still)), summary(&findings(&moved)));
    }

    /// Nothing panics, and findings lie inside the map.
    #[test]
    fn any_map_is_looked_at(cells in prop::collection::vec(prop_oneof![4 => Just(0_u8), 4 => Just(1), 1 => any::<u8>()], 30 * 20)) {
        let plane = Plane::from_fn(30, 20, |x, y| cells[(y * 30 + x) as usize]);
        let label = LabelMap::from_plane(&plane);
        let regions = Components::of(&label).len();
        for f in Hygiene::default().findings(&label) {
            prop_assert!(!f.bounds.is_empty() && f.bounds.x1 <= 30 && f.bounds.y1 <= 20, "{f:?}");
            prop_assert!(f.region.is_none_or(|r| r < regions));
        }
    }
}

/// A label of 12 MP with 1000 regions of all sorts.
#[test]
#[ignore = "a measurement; run with --release"]
fn speed_of_a_large_label() {
    let (w, h) = (4000, 3000);
    let mut plane = Plane::filled(w, h, 0);
    for i in 0..1000_u32 {
        let shape = mask(&outline(KINDS[i as usize % 3], u64::from(i)), 1, (0, 0));
        let (x0, y0) = (i % 40 * 100, i / 40 * 120);
        for y in 0..120 {
            for x in 0..100 {
                if shape.at(x + 50, y + 40) == 1 {
                    plane.set(x0 + x, y0 + y, (i % 5 + 1) as u8);
                }
            }
        }
    }
    let label = map(&plane);
    let components = Components::of(&label);
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let start = std::time::Instant::now();
            std::hint::black_box(Hygiene::default().findings_of(&label, &components));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{} regions on 12 MP: {:.1} ms at best, {:.1} ms in the middle", components.len(), times[0], times[4]);
}
