//! How far a disagreement is from being none: pixels on which label and prediction part, by their distance from the other side's
//! boundary.
//!
//! The distance is measured once, up to [`MAX_TOLERANCE_PX`]; a tolerance that is moved then only sorts the values of the map anew.

use std::collections::BTreeMap;

use super::pixels::Agreement;
use crate::raster::distance::squared_distances;
use crate::raster::{BACKGROUND, IGNORE, LabelMap, PixelRect, Plane, Tile};

/// Largest tolerance that can be asked for, px.
pub const MAX_TOLERANCE_PX: u32 = 8;

/// Steps of distance: 1 ..= [`MAX_TOLERANCE_PX`] px, and farther.
const STEPS: u8 = MAX_TOLERANCE_PX as u8 + 1;

/// Kinds of disagreement, in the order of their values.
const KINDS: [Agreement; 3] = [Agreement::Missed, Agreement::Extra, Agreement::Confused];

/// The value of pixels on which both sides say the same class.
const AGREED: u8 = 1;

/// The first value of a disagreement.
const FIRST: u8 = 2;

/// The number of values of the map.
const VALUES: usize = (FIRST + STEPS * KINDS.len() as u8) as usize;

/// Where two maps of one image part, and how far each such pixel is from the boundary of its class on the other side.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// What [`Self::meaning`] says of every pixel. A larger value is always a worse one: agreement, then disagreement by distance.
    pub map: LabelMap,
    /// Pixels of every value.
    counts: [u64; VALUES],
}

/// Pixels of a [`Disagreement`] under one tolerance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DisagreementCounts {
    pub agreed: u64,
    /// Disagreement within the tolerance…
    pub missed_within: u64,
    pub extra_within: u64,
    pub confused_within: u64,
    /// …and beyond it.
    pub missed: u64,
    pub extra: u64,
    pub confused: u64,
}

impl DisagreementCounts {
    /// Pixels of disagreement that the tolerance lets pass.
    #[must_use]
    pub const fn within(self) -> u64 {
        self.missed_within + self.extra_within + self.confused_within
    }

    /// Pixels of disagreement that it does not.
    #[must_use]
    pub const fn beyond(self) -> u64 {
        self.missed + self.extra + self.confused
    }
}

impl Disagreement {
    /// Compares two maps of one size, `label` as the truth; None when the sizes differ.
    ///
    /// The distance of a missed or extra pixel of a class is the Euclidean one between its centre and that of the nearest pixel of the
    /// class on the other side, which is a pixel of the class' boundary there, for the pixel itself lies outside. A pixel with two
    /// different classes has the larger of both distances. Pixels that `label` says to ignore are on neither side.
    #[must_use]
    pub fn of(label: &LabelMap, prediction: &LabelMap) -> Option<Self> {
        if label.rect() != prediction.rect() {
            return None;
        }
        let mut plane = Plane::filled(label.width(), label.height(), 0_u8);
        for index in 0..label.tile_count() {
            if let (Tile::Uniform(t), Tile::Uniform(p)) = (label.tile(index), prediction.tile(index))
                && t == p
                && !is_defect(*t)
            {
                continue;
            }
            compare_tile(label, prediction, label.tile_rect(index), &mut plane);
        }
        let map = LabelMap::from_plane(&plane);
        let mut counts = [0; VALUES];
        counts.copy_from_slice(&map.histogram()[..VALUES]);
        Some(Self { map, counts })
    }

    /// What a value of the map means: the kind, and for a disagreement the smallest whole number of pixels that reaches the other
    /// side's boundary, [`MAX_TOLERANCE_PX`] + 1 for "farther". 0 px for everything else. None for values that no map has.
    #[must_use]
    pub fn meaning(value: u8) -> Option<(Agreement, u32)> {
        match value {
            0 => Some((Agreement::Nothing, 0)),
            AGREED => Some((Agreement::Agreed, 0)),
            _ if usize::from(value) < VALUES => {
                let (step, kind) = ((value - FIRST) / KINDS.len() as u8, (value - FIRST) % KINDS.len() as u8);
                Some((KINDS[usize::from(kind)], u32::from(step) + 1))
            }
            _ => None,
        }
    }

    /// The values of the map with what they mean.
    pub fn values() -> impl Iterator<Item = (u8, Agreement, u32)> {
        (0..=u8::MAX).map_while(|value| Self::meaning(value).map(|(kind, px)| (value, kind, px)))
    }

    /// Counts pixels: a disagreement at most `tolerance_px` from the other side's boundary is within. 0 lets nothing pass, more than
    /// [`MAX_TOLERANCE_PX`] is taken as that.
    #[must_use]
    pub fn counts(&self, tolerance_px: u32) -> DisagreementCounts {
        let mut counts = DisagreementCounts::default();
        let tolerance_px = tolerance_px.min(MAX_TOLERANCE_PX);
        for ((_, kind, px), n) in Self::values().zip(self.counts) {
            let is_within = px <= tolerance_px;
            let sum = match kind {
                Agreement::Nothing => continue,
                Agreement::Agreed => &mut counts.agreed,
                Agreement::Missed if is_within => &mut counts.missed_within,
                Agreement::Missed => &mut counts.missed,
                Agreement::Extra if is_within => &mut counts.extra_within,
                Agreement::Extra => &mut counts.extra,
                Agreement::Confused if is_within => &mut counts.confused_within,
                Agreement::Confused => &mut counts.confused,
            };
            *sum += n;
        }
        counts
    }
}

const fn is_defect(value: u8) -> bool {
    value != BACKGROUND && value != IGNORE
}

/// The class on a side where it is to be looked for on the other: of the label, and of the prediction.
const SIDES: [bool; 2] = [true, false];

/// Fills in the values of `rect`. Only what lies near a disagreement is looked at, and a margin of [`MAX_TOLERANCE_PX`] around the
/// tile is enough: what is farther away has one value.
fn compare_tile(label: &LabelMap, prediction: &LabelMap, rect: PixelRect, out: &mut Plane<u8>) {
    let around = rect.grown(MAX_TOLERANCE_PX, label.width(), label.height());
    let (truth, mut said) = (label.crop(around), prediction.crop(around));
    for (p, &t) in said.as_mut_slice().iter_mut().zip(truth.as_slice()) {
        if t == IGNORE {
            *p = IGNORE;
        }
    }
    // Where each class is alone on one side.
    let mut alone: BTreeMap<(bool, u8), PixelRect> = BTreeMap::new();
    let columns = (rect.x0 - around.x0) as usize..(rect.x1 - around.x0) as usize;
    for y in rect.y0..rect.y1 {
        let (truth, said) = (&truth.row(y - around.y0)[columns.clone()], &said.row(y - around.y0)[columns.clone()]);
        let row = &mut out.row_mut(y)[rect.x0 as usize..rect.x1 as usize];
        for (x, ((&t, &p), out)) in (rect.x0..).zip(truth.iter().zip(said).zip(row)) {
            if t == p {
                *out = if is_defect(t) { AGREED } else { 0 };
                continue;
            }
            let pixel = PixelRect::new(x, y, x + 1, y + 1);
            for (is_label, class) in SIDES.into_iter().zip([t, p]).filter(|(_, class)| is_defect(*class)) {
                let bounds = alone.entry((is_label, class)).or_insert(pixel);
                *bounds = bounds.union(pixel);
            }
        }
    }
    for ((is_label, class), bounds) in alone {
        let near = bounds.grown(MAX_TOLERANCE_PX, label.width(), label.height());
        let (own, other) = if is_label { (&truth, &said) } else { (&said, &truth) };
        let part = |plane: &Plane<u8>, x: u32, y: u32| plane.at(x - around.x0, y - around.y0);
        let distances =
            squared_distances(&Plane::from_fn(near.width(), near.height(), |x, y| part(other, near.x0 + x, near.y0 + y) != class));
        for y in bounds.y0..bounds.y1 {
            for x in bounds.x0..bounds.x1 {
                let opposite = part(other, x, y);
                if part(own, x, y) == class && opposite != class {
                    let kind = match (is_label, is_defect(opposite)) {
                        (_, true) => 2,
                        (true, false) => 0,
                        (false, false) => 1,
                    };
                    let step = steps(distances.at(x - near.x0, y - near.y0));
                    let value = FIRST + (step - 1) * KINDS.len() as u8 + kind;
                    // With two classes the farther one counts; values grow with the distance.
                    out.set(x, y, out.at(x, y).max(value));
                }
            }
        }
    }
}

/// The smallest whole number whose square is at least `squared`, at most [`STEPS`].
fn steps(squared: u32) -> u8 {
    (1..STEPS).find(|&px| u32::from(px).pow(2) >= squared).unwrap_or(STEPS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compare::PixelComparison;

    /// The kind of one pixel and whether it is within, straight from the definition: over all boundary pixels of the other side.
    fn by_search(truth: &Plane<u8>, said: &Plane<u8>, x: u32, y: u32, tolerance: u32) -> (Agreement, bool) {
        let is_ignored = |x: u32, y: u32| truth.at(x, y) == IGNORE;
        // A pixel of the class with something else, or the border of the image, beside it.
        let is_boundary = |plane: &Plane<u8>, u: u32, v: u32, class: u8| {
            let is = |u: i64, v: i64| {
                let inside = u >= 0 && v >= 0 && u < i64::from(plane.width()) && v < i64::from(plane.height());
                inside && plane.at(u as u32, v as u32) == class && !is_ignored(u as u32, v as u32)
            };
            let (u, v) = (i64::from(u), i64::from(v));
            is(u, v) && [(-1, 0), (1, 0), (0, -1), (0, 1)].iter().any(|(du, dv)| !is(u + du, v + dv))
        };
        let is_near = |plane: &Plane<u8>, class: u8| {
            (0..plane.height()).any(|v| {
                (0..plane.width()).any(|u| {
                    let squared = u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2);
                    squared <= tolerance.pow(2) && is_boundary(plane, u, v, class)
                })
            })
        };
        let (t, p) = (truth.at(x, y), said.at(x, y));
        match (t, p) {
            (IGNORE, _) => (Agreement::Nothing, false),
            (t, p) if t == p => (if t == 0 { Agreement::Nothing } else { Agreement::Agreed }, false),
            (t, p) if is_defect(t) && is_defect(p) => (Agreement::Confused, is_near(said, t) && is_near(truth, p)),
            (t, p) if is_defect(t) => (Agreement::Missed, {
                let _ = p;
                is_near(said, t)
            }),
            (_, p) => (Agreement::Extra, is_near(truth, p)),
        }
    }

    fn any_map(width: u32, height: u32) -> impl Strategy<Value = Plane<u8>> {
        let boxes = proptest::collection::vec(
            (0..width, 0..height, 1..14_u32, 1..14_u32, proptest::sample::select(vec![0, 1, 1, 2, 255])),
            0..7,
        );
        boxes.prop_map(move |boxes| {
            let mut plane = Plane::filled(width, height, 0_u8);
            for (x, y, w, h, value) in boxes {
                for v in y..(y + h).min(height) {
                    plane.row_mut(v)[x as usize..(x + w).min(width) as usize].fill(value);
                }
            }
            plane
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn every_pixel_is_as_a_search_over_all_boundary_pixels_says(
            (truth, said) in (any_map(37, 29), any_map(37, 29).prop_map(|p| p.map(|v| if v == 255 { 1 } else { v }))),
            tolerance in 0_u32..=8,
        ) {
            let d = Disagreement::of(&LabelMap::from_plane(&truth), &LabelMap::from_plane(&said)).unwrap();
            let mut counts = DisagreementCounts::default();
            for y in 0..29 {
                for x in 0..37 {
                    let expected = by_search(&truth, &said, x, y, tolerance);
                    let (kind, px) = Disagreement::meaning(d.map.get(x, y)).unwrap();
                    let is_within = px <= tolerance && !matches!(kind, Agreement::Nothing | Agreement::Agreed);
                    prop_assert_eq!((kind, is_within), expected, "pixel {}, {}", x, y);
                    *match (kind, is_within) {
                        (Agreement::Nothing, _) => continue,
                        (Agreement::Agreed, _) => &mut counts.agreed,
                        (Agreement::Missed, true) => &mut counts.missed_within,
                        (Agreement::Missed, false) => &mut counts.missed,
                        (Agreement::Extra, true) => &mut counts.extra_within,
                        (Agreement::Extra, false) => &mut counts.extra,
                        (Agreement::Confused, true) => &mut counts.confused_within,
                        (Agreement::Confused, false) => &mut counts.confused,
                    } += 1;
                }
            }
            prop_assert_eq!(d.counts(tolerance), counts);
        }
    }

    /// Maps of several tiles: the distance reaches across their borders, and the kinds are those of the pixel comparison.
    #[test]
    fn borders_of_tiles_do_not_count() {
        let stripe = |x0: u32, x1: u32, class: u8| {
            let mut map = LabelMap::new(600, 300);
            for y in 10..290 {
                map.fill_span(y, x0, x1, class);
            }
            map
        };
        // The label ends at 250, the model begins at 258: 250 + k is k + 1 px from column 249, 8 px reach column 257.
        let (label, prediction) = (stripe(200, 250, 1), stripe(200, 270, 1));
        let d = Disagreement::of(&label, &prediction).unwrap();
        for x in 250..270 {
            let expected = (Agreement::Extra, (x - 249).min(MAX_TOLERANCE_PX + 1));
            assert_eq!(Disagreement::meaning(d.map.get(x, 255)), Some(expected), "column {x}");
        }
        for tolerance in 0..=MAX_TOLERANCE_PX + 3 {
            let counts = d.counts(tolerance);
            let within = u64::from(tolerance.min(MAX_TOLERANCE_PX)) * 280;
            assert_eq!((counts.agreed, counts.within(), counts.beyond()), (50 * 280, within, 20 * 280 - within));
        }
        let (label, prediction) = (stripe(240, 280, 1), stripe(250, 300, 2));
        let (d, pixels) = (Disagreement::of(&label, &prediction).unwrap(), PixelComparison::of(&label, &prediction).unwrap());
        let none = d.counts(0);
        assert_eq!(
            (none.agreed, none.missed, none.extra, none.confused),
            (pixels.agreed, pixels.missed, pixels.extra, pixels.confused)
        );
        // No class lies on both sides: nothing is near its own class.
        assert_eq!(d.counts(8).within(), 0);
        assert!(Disagreement::of(&label, &LabelMap::new(3, 3)).is_none());
    }

    #[test]
    fn worse_is_larger_and_every_value_is_named() {
        let all: Vec<_> = Disagreement::values().collect();
        assert_eq!(all.len(), VALUES);
        assert_eq!(all[0].1, Agreement::Nothing);
        assert_eq!(all[1].1, Agreement::Agreed);
        assert!(all.windows(2).all(|w| w[0].2 <= w[1].2));
        assert!(
            (1..=MAX_TOLERANCE_PX + 1).all(|px| KINDS.iter().all(|k| all
                .iter()
                .filter(|(_, kind, p)| kind == k && *p == px)
                .count()
                == 1))
        );
        assert_eq!(Disagreement::meaning(VALUES as u8), None);
    }
}
