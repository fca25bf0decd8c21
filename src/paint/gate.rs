//! The one gate that every painted pixel passes.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::raster::label_map::TileRow;
use crate::raster::pyramid::Pyramid;
use crate::raster::{Area, BACKGROUND, LabelMap};

/// A set of pixel values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueSet([u64; 4]);

impl ValueSet {
    pub const ALL: Self = Self([u64::MAX; 4]);
    pub const NONE: Self = Self([0; 4]);

    /// The set of these values.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = u8>) -> Self {
        let mut set = Self::NONE;
        for value in values {
            set.insert(value);
        }
        set
    }

    #[must_use]
    pub const fn contains(&self, value: u8) -> bool {
        self.0[(value >> 6) as usize] & (1 << (value & 63)) != 0
    }

    pub const fn insert(&mut self, value: u8) {
        self.0[(value >> 6) as usize] |= 1 << (value & 63);
    }

    pub const fn remove(&mut self, value: u8) {
        self.0[(value >> 6) as usize] &= !(1 << (value & 63));
    }
}

/// A limit on where may be painted at all, whatever lies there.
#[derive(Clone, Debug)]
pub enum Fence {
    /// Only these pixels (a selection, a region).
    Inside(Arc<Area>),
    /// All but these pixels (locked regions).
    Outside(Arc<Area>),
    /// Only where this map of the same size has one of these values (zones).
    Where { map: LabelMap, values: ValueSet },
    /// Only where the gray value of the photo, in raw units, lies in the range, ends included.
    Intensity { photo: Arc<Pyramid>, range: RangeInclusive<f32> },
}

impl Fence {
    /// Calls `f(x0, x1)` for each stretch of columns `x0..x1` of row `y` that is open, left to right.
    fn for_each_open(&self, y: u32, x0: u32, x1: u32, f: &mut dyn FnMut(u32, u32)) {
        match self {
            Self::Inside(area) => {
                for span in area.row(y) {
                    let (a, b) = (span.x0.max(x0), span.x1.min(x1));
                    if a < b {
                        f(a, b);
                    }
                }
            }
            Self::Outside(area) => {
                let mut x = x0;
                for span in area.row(y).iter().filter(|s| s.x1 > x0 && s.x0 < x1) {
                    if span.x0 > x {
                        f(x, span.x0);
                    }
                    x = x.max(span.x1);
                }
                if x < x1 {
                    f(x, x1);
                }
            }
            Self::Where { map, values } => map.for_each_span_in_row(y, x0, x1, |a, b, row| match row {
                TileRow::Uniform(value) if values.contains(value) => f(a, b),
                TileRow::Uniform(_) => {}
                TileRow::Pixels(pixels) => for_each_stretch(a, b, |x| values.contains(pixels[(x - a) as usize]), f),
            }),
            Self::Intensity { photo, range } => {
                let photo = photo.photo();
                let x1 = x1.min(photo.width());
                if y < photo.height() && x0 < x1 {
                    for_each_stretch(x0, x1, |x| range.contains(&photo.gray_at(x, y)), f);
                }
            }
        }
    }
}

/// Calls `f` for each stretch of `x0..x1` on which `is_open` holds.
fn for_each_stretch(x0: u32, x1: u32, is_open: impl Fn(u32) -> bool, f: &mut dyn FnMut(u32, u32)) {
    let mut start = None;
    for x in x0..x1 {
        match (is_open(x), start) {
            (true, None) => start = Some(x),
            (false, Some(from)) => {
                f(from, x);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        f(from, x1);
    }
}

/// Decides for each pixel whether a tool may write it: what may be painted over, and where.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Values that may be painted over.
    writable: ValueSet,
    fences: Vec<Fence>,
}

impl Gate {
    /// Everything may be painted over.
    pub const OPEN: Self = Self { writable: ValueSet::ALL, fences: Vec::new() };

    /// Only background and `value` itself may be painted over: other classes are protected.
    #[must_use]
    pub fn protecting_all_but(value: u8) -> Self {
        Self::over(ValueSet::of([BACKGROUND, value]))
    }

    /// Only pixels of these values may be painted over.
    #[must_use]
    pub const fn over(values: ValueSet) -> Self {
        Self { writable: values, fences: Vec::new() }
    }

    /// Pixels of `value` may not be changed (a locked class).
    #[must_use]
    pub fn locking(mut self, value: u8) -> Self {
        self.writable.remove(value);
        self
    }

    /// Painting is limited to what the fence leaves open, beside all limits there are.
    #[must_use]
    pub fn fenced(mut self, fence: Fence) -> Self {
        self.fences.push(fence);
        self
    }

    /// True when a pixel of value `old` may be changed where no fence forbids it.
    #[must_use]
    pub const fn allows(&self, old: u8) -> bool {
        self.writable.contains(old)
    }

    /// True when no value is protected.
    #[must_use]
    pub fn protects_nothing(&self) -> bool {
        self.writable == ValueSet::ALL
    }

    /// True when painting is allowed in some places only.
    #[must_use]
    pub const fn has_fences(&self) -> bool {
        !self.fences.is_empty()
    }

    /// True when nothing is protected: the screen shows a badge otherwise.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.protects_nothing() && !self.has_fences()
    }

    /// Calls `f(x0, x1)` for each stretch of columns `x0..x1` of row `y` inside all fences, left to right.
    pub fn for_each_open(&self, y: u32, x0: u32, x1: u32, mut f: impl FnMut(u32, u32)) {
        through(&self.fences, y, x0, x1, &mut f);
    }
}

fn through(fences: &[Fence], y: u32, x0: u32, x1: u32, f: &mut dyn FnMut(u32, u32)) {
    match fences.split_first() {
        None => f(x0, x1),
        Some((first, others)) => first.for_each_open(y, x0, x1, &mut |a, b| through(others, y, a, b, f)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Photo, PixelRect, Plane, Span};

    fn open_pixels(gate: &Gate, y: u32, width: u32) -> Vec<u32> {
        let mut out = Vec::new();
        gate.for_each_open(y, 0, width, |a, b| out.extend(a..b));
        out
    }

    #[test]
    fn each_fence_leaves_open_what_its_definition_says_and_several_leave_what_all_do() {
        let area = Arc::new(Area::from_spans(vec![Span::new(1, 2, 9), Span::new(1, 12, 15)]));
        let photo = Arc::new(Pyramid::build(Photo::Gray8(Plane::from_fn(20, 3, |x, _| (x * 10) as u8))));
        let mut zones = LabelMap::new(20, 3);
        for y in 0..3 {
            zones.fill_span(y, 4, 13, 2);
        }
        let inside = Fence::Inside(Arc::clone(&area));
        let outside = Fence::Outside(Arc::clone(&area));
        let bright = Fence::Intensity { photo, range: 60.0..=140.0 };
        let zone = Fence::Where { map: zones, values: ValueSet::of([2]) };
        let in_area = |x: &u32| area.contains(*x, 1);
        let is_bright = |x: &u32| (60..=140).contains(&(x * 10));
        let in_zone = |x: &u32| (4..13).contains(x);
        let all = || 0..20_u32;
        assert_eq!(open_pixels(&Gate::OPEN.fenced(inside.clone()), 1, 20), all().filter(in_area).collect::<Vec<_>>());
        assert_eq!(open_pixels(&Gate::OPEN.fenced(outside), 1, 20), all().filter(|x| !in_area(x)).collect::<Vec<_>>());
        assert_eq!(open_pixels(&Gate::OPEN.fenced(bright.clone()), 1, 20), all().filter(is_bright).collect::<Vec<_>>());
        assert_eq!(open_pixels(&Gate::OPEN.fenced(zone.clone()), 1, 20), all().filter(in_zone).collect::<Vec<_>>());
        let three = Gate::OPEN.fenced(inside).fenced(bright).fenced(zone);
        let expected: Vec<u32> = all().filter(in_area).filter(is_bright).filter(in_zone).collect();
        assert_eq!(open_pixels(&three, 1, 20), expected);
        assert!(!three.is_open() && three.protects_nothing());
        assert!(open_pixels(&three, 0, 20).is_empty(), "the area has nothing in row 0");
        assert_eq!(Area::of_rect(PixelRect::new(0, 0, 2, 2)).pixels(), 4);
    }
}
