use super::*;
use crate::compare::{match_components, match_regions};
use crate::raster::{LabelMap, Plane};
use proptest::prelude::*;

fn boxes(list: &[(u32, u32, u32, u32, u8)]) -> LabelMap {
    LabelMap::from_plane(&Plane::from_fn(120, 40, |x, y| {
        list.iter().find(|b| (b.0..b.2).contains(&x) && (b.1..b.3).contains(&y)).map_or(0, |b| b.4)
    }))
}

fn compare(truth: &LabelMap, said: &LabelMap) -> DefectComparison {
    DefectComparison::of(&Components::of(truth), &Components::of(said), truth.rect())
}

const TRUTH: [(u32, u32, u32, u32, u8); 4] = [(5, 5, 25, 15, 1), (30, 5, 50, 15, 1), (60, 5, 80, 15, 1), (90, 5, 94, 9, 1)];
const SAID: [(u32, u32, u32, u32, u8); 4] = [(6, 5, 49, 15, 1), (60, 5, 70, 15, 1), (100, 20, 110, 30, 1), (72, 5, 80, 15, 1)];

/// One prediction over two defects, two over one, one beside everything, one defect missed.
#[test]
fn the_published_example_has_a_merge_a_split_and_a_false_call() {
    let c = compare(&boxes(&TRUTH), &boxes(&SAID));
    // The order is that of the first pixel from top left: the defect at (90, 5) and the second half of C come before nothing else.
    let coverage: Vec<f64> = c.labelled.iter().map(|d| d.coverage).collect();
    assert_eq!(coverage, [0.95, 0.95, 0.9, 0.0]);
    assert_eq!(c.labelled.iter().map(|d| d.outcome == Outcome::Found).collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!((c.split().collect::<Vec<_>>(), c.merged().collect::<Vec<_>>()), (vec![2], vec![0]));
    let matrix = c.matrix();
    assert_eq!((matrix[&(1, 1)].len(), matrix[&(1, 0)].len(), matrix[&(0, 1)].len()), (3, 1, 1));
    assert_eq!(matrix[&(1, 0)], [DefectPair { labelled: Some(3), predicted: None }]);
}

/// Intersections over union of the same boxes: A–P1 .432, B–P1 .432, C–P2 .5, C–P4 .4.
#[test]
fn by_overlap_of_outlines_fewer_are_found() {
    let (truth, said) = (Components::of(&boxes(&TRUTH)), Components::of(&boxes(&SAID)));
    for (threshold, pairs) in [(0.1, 2), (0.3, 2), (0.5, 1), (0.6, 0)] {
        assert_eq!(match_by_iou(&truth, &said, threshold).len(), pairs, "{threshold}");
    }
    // Of A and B, which fit P1 equally well, the first one; C goes with P2.
    assert_eq!(match_by_iou(&truth, &said, 0.3), [(2, 1), (0, 0)]);
}

#[test]
fn a_defect_of_another_class_is_one_case_and_not_two() {
    let truth = boxes(&[(5, 5, 25, 15, 1), (40, 5, 60, 15, 2), (80, 5, 90, 15, 3)]);
    // The first is taken for 2 for the most part and for 3 at its end; the second is found, with a false call of 1 on it.
    let said = boxes(&[(5, 5, 20, 15, 2), (20, 5, 25, 15, 3), (40, 5, 55, 15, 2), (55, 5, 60, 15, 1)]);
    let c = compare(&truth, &said);
    assert_eq!(c.labelled.iter().map(|d| d.outcome).collect::<Vec<_>>(), [Outcome::Taken(2), Outcome::Found, Outcome::Missed]);
    let cells: Vec<((u8, u8), usize)> = c.matrix().into_iter().map(|(cell, cases)| (cell, cases.len())).collect();
    assert_eq!(cells, [((0, 1), 1), ((0, 3), 1), ((1, 2), 1), ((2, 2), 1), ((3, 0), 1)]);
    assert_eq!((c.regions().missed(), c.regions().extra()), (2, 3), "classes apart");
}

proptest! {
    // The other way to compare regions finds the same; coverage and common pixels are what counting pixels gives.
    #[test]
    fn regions_agree_with_the_plain_comparison_and_with_counting(
        truth in prop::collection::vec(prop::sample::select(vec![0_u8, 0, 0, 1, 2]), 20 * 12),
        said in prop::collection::vec(prop::sample::select(vec![0_u8, 0, 0, 1, 2]), 20 * 12),
    ) {
        let (truth, said) = (LabelMap::from_plane(&Plane::from_vec(20, 12, truth)), LabelMap::from_plane(&Plane::from_vec(20, 12, said)));
        let (t, s) = (Components::of(&truth), Components::of(&said));
        let c = compare(&truth, &said);
        prop_assert_eq!(c.regions(), match_regions(&truth, &said));
        prop_assert_eq!(c.regions(), match_components(&t, &s, truth.rect()));
        for (i, d) in c.labelled.iter().enumerate() {
            let pixels: Vec<(u32, u32)> = t.runs(i).iter().flat_map(|r| (r.x0..r.x1).map(|x| (x, r.y))).collect();
            let covered = pixels.iter().filter(|p| said.get(p.0, p.1) == d.class).count();
            prop_assert_eq!(d.coverage, covered as f64 / pixels.len() as f64);
        }
        let cases: usize = c.matrix().iter().filter(|((t, _), _)| *t != 0).map(|(_, cases)| cases.len()).sum();
        prop_assert_eq!(cases, t.len(), "every labelled defect is in one cell");
        let common: u64 = (0..t.len()).flat_map(|i| (0..s.len()).map(move |k| (i, k))).map(|(i, k)| common_pixels(t.runs(i), s.runs(k))).sum();
        let both = (0..12).flat_map(|y| (0..20).map(move |x| (x, y))).filter(|&(x, y)| truth.get(x, y) > 0 && said.get(x, y) > 0).count();
        prop_assert_eq!(common, both as u64);
    }
}
