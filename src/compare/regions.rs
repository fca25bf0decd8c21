//! Region by region: which labelled defects were found, and which predicted ones nobody labelled.

use crate::raster::{Components, LabelMap, PixelRect, Run};

/// How far, in pixels, a prediction may lie beside a labelled region and still count as having found it. Inspection asks whether
/// a defect was found, not whether its outline agrees.
pub const FOUND_WITHIN_PX: u32 = 2;

/// Which regions of label and prediction meet, same class only. Indices are those of [`Components::of`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionComparison {
    /// For each labelled region: it was found.
    pub found: Vec<bool>,
    /// For each predicted region: it lies on a labelled one.
    pub is_labelled: Vec<bool>,
}

impl RegionComparison {
    /// Labelled regions that nothing predicted.
    #[must_use]
    pub fn missed(&self) -> usize {
        self.found.iter().filter(|f| !**f).count()
    }

    /// Predicted regions that nobody labelled.
    #[must_use]
    pub fn extra(&self) -> usize {
        self.is_labelled.iter().filter(|f| !**f).count()
    }
}

/// Matches regions by *any overlap with the labelled region dilated by* [`FOUND_WITHIN_PX`] (a square of that half side).
#[must_use]
pub fn match_regions(label: &LabelMap, prediction: &LabelMap) -> RegionComparison {
    match_components(&Components::of(label), &Components::of(prediction), label.rect())
}

/// As [`match_regions`], for labels whose regions were split or merged by hand: a region of several fragments is found when one of them is.
/// `image` is the rectangle of the whole image; indices are those of the components given.
#[must_use]
pub fn match_components(truth: &Components, said: &Components, image: PixelRect) -> RegionComparison {
    let boxes: Vec<PixelRect> = said.iter().map(bounds).collect();
    let mut comparison = RegionComparison { found: vec![false; truth.len()], is_labelled: vec![false; said.len()] };
    for (i, region) in truth.iter().enumerate() {
        let near = bounds(region).grown(FOUND_WITHIN_PX, image.x1, image.y1);
        for (k, candidate) in said.iter().enumerate() {
            if said.value(k) == truth.value(i) && !boxes[k].intersection(near).is_empty() && touch(region, candidate) {
                comparison.found[i] = true;
                comparison.is_labelled[k] = true;
            }
        }
    }
    comparison
}

pub(super) fn bounds(runs: &[Run]) -> PixelRect {
    runs.iter().fold(PixelRect::EMPTY, |rect, r| rect.union(PixelRect::new(r.x0, r.y, r.x1, r.y + 1)))
}

/// Some pixel of `a`, grown by [`FOUND_WITHIN_PX`] in both directions, is a pixel of `b`.
pub(super) fn touch(a: &[Run], b: &[Run]) -> bool {
    a.iter().any(|r| {
        let (top, bottom) = (r.y.saturating_sub(FOUND_WITHIN_PX), r.y + FOUND_WITHIN_PX);
        let from = b.partition_point(|q| q.y < top);
        b[from..].iter().take_while(|q| q.y <= bottom).any(|q| q.x0 < r.x1 + FOUND_WITHIN_PX && r.x0 < q.x1 + FOUND_WITHIN_PX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;

    fn boxes(list: &[(u32, u32, u32, u32, u8)]) -> LabelMap {
        LabelMap::from_plane(&Plane::from_fn(120, 40, |x, y| {
            list.iter().find(|b| (b.0..b.2).contains(&x) && (b.1..b.3).contains(&y)).map_or(0, |b| b.4)
        }))
    }

    /// The example of methods.md F: one prediction over two defects, two over one, one beside everything, one defect missed.
    #[test]
    fn the_published_example_has_three_of_four_found_and_one_extra() {
        let truth = boxes(&[(5, 5, 25, 15, 1), (30, 5, 50, 15, 1), (60, 5, 80, 15, 1), (90, 5, 94, 9, 1)]);
        let said = boxes(&[(6, 5, 49, 15, 1), (60, 5, 70, 15, 1), (100, 20, 110, 30, 1), (72, 5, 80, 15, 1)]);
        let c = match_regions(&truth, &said);
        assert_eq!(c.found, [true, true, true, false]);
        assert_eq!((c.missed(), c.extra()), (1, 1));
    }

    #[test]
    fn two_pixels_beside_is_found_and_three_is_not() {
        let truth = boxes(&[(10, 10, 20, 20, 1)]);
        assert_eq!(match_regions(&truth, &boxes(&[(21, 10, 25, 20, 1)])).missed(), 0);
        assert_eq!(match_regions(&truth, &boxes(&[(22, 10, 25, 20, 1)])).missed(), 1);
        assert_eq!(match_regions(&truth, &boxes(&[(10, 10, 20, 20, 2)])).missed(), 1, "another class");
    }
}
