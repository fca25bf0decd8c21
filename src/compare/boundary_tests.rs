use super::*;
use proptest::prelude::*;

fn disk(r: f64, cx: f64) -> LabelMap {
    let inside = |x: u32, y: u32| (f64::from(x) - cx).powi(2) + (f64::from(y) - 32.0).powi(2) <= r * r;
    LabelMap::from_plane(&Plane::from_fn(64, 64, |x, y| u8::from(inside(x, y))))
}

/// Disks of 64 × 64 against one of radius 20 at (32, 32): Boundary IoU at 1 and 2 px, boundary F at 1 and 2, surface Dice at 1 and 2,
/// HD95, ASSD, by other programs (`cv2`, `scipy`).
#[test]
fn disks_have_the_published_figures() {
    let truth = disk(20.0, 32.0);
    for (said, figures) in [
        (disk(21.0, 32.0), [0.1765, 0.4808, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        (disk(22.0, 32.0), [0.0, 0.1286, 0.0, 0.8310, 0.0, 0.8305, 2.236, 1.8911]),
        (disk(20.0, 34.0), [0.1223, 0.3333, 0.4464, 1.0, 0.4464, 1.0, 2.0, 1.2412]),
        (disk(20.0, 37.0), [0.0541, 0.0870, 0.2143, 0.3214, 0.2143, 0.3214, 5.0, 2.9957]),
        (disk(10.0, 32.0), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.198, 9.7037]),
    ] {
        let at =
            |d: u32| boundaries(&truth, &said, &BoundarySettings { band_px: d, tolerance_px: f64::from(d) }).unwrap()[&1].clone();
        let (one, two) = (at(1), at(2));
        let found = [
            one.boundary_iou(),
            two.boundary_iou(),
            one.boundary_f(),
            two.boundary_f(),
            one.surface_dice(),
            two.surface_dice(),
            one.hd95.first().copied(),
            one.assd(),
        ];
        for (i, (got, printed)) in found.iter().zip(figures).enumerate() {
            let precision = if i == 6 { 0.6e-3 } else { 0.6e-4 };
            assert!((got.unwrap() - printed).abs() < precision, "figure {i}: {got:?} instead of {printed}");
        }
        assert_eq!(one.labelled, 112);
    }
}

#[test]
fn one_side_empty_is_zero_and_has_no_distance() {
    let (truth, blank) = (disk(20.0, 32.0), LabelMap::new(64, 64));
    for (label, said) in [(&truth, &blank), (&blank, &truth)] {
        let counts = &boundaries(label, said, &BoundarySettings::default()).unwrap()[&1];
        assert_eq!((counts.boundary_iou(), counts.boundary_f(), counts.surface_dice()), (Some(0.0), Some(0.0), Some(0.0)));
        assert_eq!((counts.assd(), counts.hd95.len()), (None, 0));
    }
    assert!(boundaries(&blank, &blank, &BoundarySettings::default()).unwrap().is_empty());
    assert!(boundaries(&blank, &LabelMap::new(3, 3), &BoundarySettings::default()).is_none());
    assert_eq!(BoundaryCounts::default().boundary_f(), None);
}

/// A box whose right half nobody can tell: what is predicted there does not count, and the cut is no boundary.
#[test]
fn ignored_pixels_cut_without_a_boundary() {
    let boxed =
        |x1: u32| LabelMap::from_plane(&Plane::from_fn(40, 20, |x, y| u8::from((5..x1).contains(&x) && (5..15).contains(&y))));
    let mut label = boxed(20).to_plane();
    for y in 0..20 {
        (20..40).for_each(|x| label.set(x, y, IGNORE));
    }
    let label = LabelMap::from_plane(&label);
    let counts = &boundaries(&label, &boxed(33), &BoundarySettings::default()).unwrap()[&1];
    assert_eq!((counts.labelled, counts.predicted), (15 + 15 + 8, 15 + 15 + 8));
    assert_eq!((counts.boundary_iou(), counts.boundary_f(), counts.assd()), (Some(1.0), Some(1.0), Some(0.0)));
}

proptest! {
    // Erosion with a box of 3 × 3, as often as the band is wide, on a mask with a border of nothing.
    #[test]
    fn bands_are_what_repeated_erosion_takes_away(pixels in prop::collection::vec(0_u8..3, 14 * 11), said in prop::collection::vec(0_u8..3, 14 * 11), band in 1_u32..4) {
        let planes = [Plane::from_vec(14, 11, pixels), Plane::from_vec(14, 11, said)];
        let band_of = |plane: &Plane<u8>, class: u8| {
            let mut mask = plane.map(|v| v == class);
            for _ in 0..band {
                mask = Plane::from_fn(14, 11, |x, y| (-1..=1).all(|dy| (-1..=1).all(|dx| {
                    let (u, v) = (i64::from(x) + dx, i64::from(y) + dy);
                    (0..14).contains(&u) && (0..11).contains(&v) && mask.at(u as u32, v as u32)
                })));
            }
            Plane::from_fn(14, 11, |x, y| plane.at(x, y) == class && !mask.at(x, y))
        };
        let maps = planes.each_ref().map(LabelMap::from_plane);
        let all = boundaries(&maps[0], &maps[1], &BoundarySettings { band_px: band, tolerance_px: 1.0 }).unwrap();
        for class in 1..3 {
            let (a, b) = (band_of(&planes[0], class), band_of(&planes[1], class));
            let count = |f: fn(bool, bool) -> bool| a.as_slice().iter().zip(b.as_slice()).filter(|(a, b)| f(**a, **b)).count() as u64;
            let counts = all.get(&class).cloned().unwrap_or_default();
            prop_assert_eq!((counts.band_both, counts.band_either), (count(|a, b| a && b), count(|a, b| a || b)));
        }
    }
}
