//! Areas: sets of pixels that a tool selected, kept as spans of rows.

use super::contour::{Contour, mid_cracks};
use super::geometry::PixelRect;
use super::plane::Plane;
use super::runs::Run;

/// Columns `x0..x1` of row `y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub y: u32,
    pub x0: u32,
    pub x1: u32,
}

impl Span {
    #[must_use]
    pub const fn new(y: u32, x0: u32, x1: u32) -> Self {
        Self { y, x0, x1 }
    }

    /// Number of pixels.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.x1.saturating_sub(self.x0)
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.x1 <= self.x0
    }
}

/// A set of pixels. The spans are sorted by row and column, do not overlap, and in one row do not touch: equal sets are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Area {
    spans: Vec<Span>,
}

impl Area {
    #[must_use]
    pub const fn new() -> Self {
        Self { spans: Vec::new() }
    }

    /// The union of spans in any order, overlapping or not; empty ones are left out.
    #[must_use]
    pub fn from_spans(mut spans: Vec<Span>) -> Self {
        spans.retain(|s| !s.is_empty());
        if !spans.is_sorted() {
            spans.sort_unstable();
        }
        let mut out: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match out.last_mut() {
                Some(last) if last.y == span.y && span.x0 <= last.x1 => last.x1 = last.x1.max(span.x1),
                _ => out.push(span),
            }
        }
        Self { spans: out }
    }

    /// Every pixel of a rectangle.
    #[must_use]
    pub fn of_rect(rect: PixelRect) -> Self {
        if rect.is_empty() {
            return Self::new();
        }
        Self { spans: (rect.y0..rect.y1).map(|y| Span::new(y, rect.x0, rect.x1)).collect() }
    }

    /// The true pixels of a mask whose first pixel lies at `origin` (x, y) of the image.
    #[must_use]
    pub fn of_mask(mask: &Plane<bool>, origin: (u32, u32)) -> Self {
        let mut spans = Vec::new();
        for y in 0..mask.height() {
            let row = mask.row(y);
            let mut x = 0;
            while let Some(start) = row[x..].iter().position(|&is_in| is_in).map(|n| x + n) {
                let end = row[start..].iter().position(|&is_in| !is_in).map_or(row.len(), |n| start + n);
                spans.push(Span::new(origin.1 + y, origin.0 + start as u32, origin.0 + end as u32));
                x = end;
            }
        }
        Self { spans }
    }

    /// The pixels of runs, whatever their values.
    #[must_use]
    pub fn of_runs(runs: &[Run]) -> Self {
        Self::from_spans(runs.iter().map(|r| Span::new(r.y, r.x0, r.x1)).collect())
    }

    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The spans of row `y`.
    #[must_use]
    pub fn row(&self, y: u32) -> &[Span] {
        let from = self.spans.partition_point(|s| s.y < y);
        let to = from + self.spans[from..].partition_point(|s| s.y == y);
        &self.spans[from..to]
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Number of pixels.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        self.spans.iter().map(|s| u64::from(s.len())).sum()
    }

    /// The smallest rectangle around it; empty for an empty area.
    #[must_use]
    pub fn bounds(&self) -> PixelRect {
        let (Some(first), Some(last)) = (self.spans.first(), self.spans.last()) else { return PixelRect::EMPTY };
        let (x0, x1) = self.spans.iter().fold((u32::MAX, 0), |(x0, x1), s| (x0.min(s.x0), x1.max(s.x1)));
        PixelRect::new(x0, first.y, x1, last.y + 1)
    }

    #[must_use]
    pub fn contains(&self, x: u32, y: u32) -> bool {
        let row = self.row(y);
        let at = row.partition_point(|s| s.x1 <= x);
        row.get(at).is_some_and(|s| s.x0 <= x)
    }

    /// The pixels in one or both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = Vec::with_capacity(self.spans.len() + other.spans.len());
        all.extend_from_slice(&self.spans);
        all.extend_from_slice(&other.spans);
        Self::from_spans(all)
    }

    /// The pixels in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut spans, mut i, mut k) = (Vec::new(), 0, 0);
        while let (Some(a), Some(b)) = (self.spans.get(i), other.spans.get(k)) {
            if a.y == b.y {
                let common = Span::new(a.y, a.x0.max(b.x0), a.x1.min(b.x1));
                if !common.is_empty() {
                    spans.push(common);
                }
            }
            if (a.y, a.x1) <= (b.y, b.x1) { i += 1 } else { k += 1 }
        }
        Self { spans }
    }

    /// The pixels that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let (mut spans, mut k) = (Vec::new(), 0);
        for a in &self.spans {
            let mut x = a.x0;
            while other.spans.get(k).is_some_and(|b| (b.y, b.x1) <= (a.y, x)) {
                k += 1;
            }
            let mut at = k;
            while let Some(b) = other.spans.get(at).filter(|b| b.y == a.y && b.x0 < a.x1) {
                if b.x0 > x {
                    spans.push(Span::new(a.y, x, b.x0));
                }
                x = x.max(b.x1);
                at += 1;
            }
            if x < a.x1 {
                spans.push(Span::new(a.y, x, a.x1));
            }
        }
        Self { spans }
    }

    /// The part inside `rect`.
    #[must_use]
    pub fn cut_to(&self, rect: PixelRect) -> Self {
        let inside = self.spans.iter().filter(|s| (rect.y0..rect.y1).contains(&s.y));
        let cut = inside.map(|s| Span::new(s.y, s.x0.max(rect.x0), s.x1.min(rect.x1))).filter(|s| !s.is_empty());
        Self { spans: cut.collect() }
    }

    /// As a mask of the pixels of `rect`.
    #[must_use]
    pub fn mask(&self, rect: PixelRect) -> Plane<bool> {
        let mut mask = Plane::filled(rect.width(), rect.height(), false);
        for s in self.cut_to(rect).spans {
            mask.row_mut(s.y - rect.y0)[(s.x0 - rect.x0) as usize..(s.x1 - rect.x0) as usize].fill(true);
        }
        mask
    }

    /// As runs of one value: what regions are measured from.
    #[must_use]
    pub fn runs(&self, value: u8) -> Vec<Run> {
        self.spans.iter().map(|s| Run { y: s.y, x0: s.x0, x1: s.x1, value }).collect()
    }

    /// The lines around it, holes included, through the middles of the cracks between pixels.
    #[must_use]
    pub fn contours(&self) -> Vec<Contour> {
        mid_cracks(&self.runs(1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec((0_u32..8, 0_u32..20, 0_u32..9).prop_map(|(y, x, n)| Span::new(y, x, x + n)), 0..24)
    }

    fn pixels(spans: &[Span]) -> BTreeSet<(u32, u32)> {
        spans.iter().flat_map(|s| (s.x0..s.x1).map(move |x| (s.y, x))).collect()
    }

    proptest! {
        #[test]
        fn an_area_is_a_set_of_pixels(a in spans(), b in spans()) {
            let (sa, sb) = (pixels(&a), pixels(&b));
            let (a, b) = (Area::from_spans(a), Area::from_spans(b));
            prop_assert_eq!(pixels(a.spans()), sa.clone());
            prop_assert_eq!(a.pixels(), sa.len() as u64);
            prop_assert_eq!(pixels(a.union(&b).spans()), sa.union(&sb).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(pixels(a.intersection(&b).spans()), sa.intersection(&sb).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(pixels(a.minus(&b).spans()), sa.difference(&sb).copied().collect::<BTreeSet<_>>());
            // One form for each set, whatever it came from.
            for area in [a.union(&b), a.intersection(&b), a.minus(&b)] {
                prop_assert_eq!(&Area::from_spans(area.spans().to_vec()), &area);
            }
            for y in 0..9 {
                for x in 0..30 {
                    prop_assert_eq!(a.contains(x, y), sa.contains(&(y, x)));
                }
            }
            let rect = PixelRect::new(3, 1, 17, 6);
            prop_assert_eq!(Area::of_mask(&a.mask(rect), (3, 1)), a.cut_to(rect));
            prop_assert_eq!(a.cut_to(rect), a.intersection(&Area::of_rect(rect)));
        }
    }
}
