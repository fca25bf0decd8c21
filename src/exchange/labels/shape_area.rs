//! Shapes of the neutral model as pixels of an image whose real size is known.

use super::column_runs::area_of_columns;
use super::model::Shape;
use crate::paint::shape;
use crate::raster::{Area, Point, Span};

/// A shape may reach this many image sizes beyond the image before it is taken for broken.
const FARTHEST_SIZES: f64 = 1.0;

/// The pixels of a shape, cut to the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapePixels {
    pub area: Area,
    /// Something of the shape lay beyond the image.
    pub is_cut: bool,
}

impl Shape {
    /// The pixels of the shape in an image of `width` × `height` px, or what is wrong with it. Memory is bounded by the image: sizes in
    /// the shape are held against it first.
    pub fn pixels(&self, width: u32, height: u32) -> Result<ShapePixels, String> {
        match self {
            Self::Polygons(polygons) => polygon_pixels(polygons, Point::new(1.0, 1.0), width, height),
            Self::SharePolygons(polygons) => {
                polygon_pixels(polygons, Point::new(f64::from(width), f64::from(height)), width, height)
            }
            Self::Ellipse { centre, rx, ry } => {
                let (a, b) = (Point::new(centre.x - rx, centre.y - ry), Point::new(centre.x + rx, centre.y + ry));
                let is_cut = reach(&[a, b], width, height)?;
                Ok(ShapePixels { area: shape::ellipse(a, b, width, height), is_cut })
            }
            Self::ColumnRuns { width: w, height: h, counts } => {
                if (*w, *h) != (width, height) {
                    return Err(format!("the mask is {w}×{h} but the image is {width}×{height}"));
                }
                let area = area_of_columns(counts, width, height);
                let area = area.ok_or_else(|| format!("the run lengths do not sum up to {width}×{height} px"))?;
                Ok(ShapePixels { area, is_cut: false })
            }
            Self::BoxRuns { x, y, width: w, height: h, counts } => box_pixels((*x, *y), (*w, *h), counts, width, height),
        }
    }
}

fn polygon_pixels(polygons: &[Vec<Vec<Point>>], scale: Point, width: u32, height: u32) -> Result<ShapePixels, String> {
    let mut all = Area::new();
    let mut is_cut = false;
    for rings in polygons {
        let scaled: Vec<Vec<Point>> =
            rings.iter().map(|ring| ring.iter().map(|p| Point::new(p.x * scale.x, p.y * scale.y)).collect()).collect();
        let mut filled = Area::new();
        for ring in &scaled {
            is_cut |= reach(ring, width, height)?;
            let ring = shape::polygon(ring, width, height);
            // Even-odd over all rings of a polygon: what lies in both is out.
            filled = if filled.is_empty() { ring } else { filled.minus(&ring).union(&ring.minus(&filled)) };
        }
        all = if all.is_empty() { filled } else { all.union(&filled) };
    }
    Ok(ShapePixels { area: all, is_cut })
}

/// True when a point lies outside the image; an error when one is no number or absurdly far away. A tenth of a pixel is rounding.
fn reach(points: &[Point], width: u32, height: u32) -> Result<bool, String> {
    let (w, h) = (f64::from(width), f64::from(height));
    let mut is_outside = false;
    for p in points {
        let is_sane = |v: f64, size: f64| v >= -FARTHEST_SIZES * size && v <= (1.0 + FARTHEST_SIZES) * size;
        if !is_sane(p.x, w) || !is_sane(p.y, h) {
            return Err(format!("the point ({}, {}) lies far outside the image of {width}×{height} px", p.x, p.y));
        }
        is_outside |= p.x < -0.1 || p.y < -0.1 || p.x > w + 0.1 || p.y > h + 0.1;
    }
    Ok(is_outside)
}

fn box_pixels(at: (i64, i64), size: (u32, u32), counts: &[u32], width: u32, height: u32) -> Result<ShapePixels, String> {
    let (w, h) = (u64::from(size.0), u64::from(size.1));
    if w == 0 || h == 0 || w > 2 * u64::from(width) || h > 2 * u64::from(height) {
        return Err(format!("a mask of {w}×{h} px is none of an image of {width}×{height} px"));
    }
    let far = |at: i64, size: u32| at < -i64::from(size) || at > i64::from(size);
    if far(at.0, width) || far(at.1, height) {
        return Err(format!("the mask at ({}, {}) lies outside the image of {width}×{height} px", at.0, at.1));
    }
    let total = counts.iter().map(|&n| u64::from(n)).sum::<u64>();
    if total != w * h {
        return Err(format!("the run lengths sum up to {total} px, but the box has {w}×{h}"));
    }
    let (mut spans, mut is_cut, mut position) = (Vec::new(), false, 0_u64);
    for (i, &count) in counts.iter().enumerate() {
        let end = position + u64::from(count);
        while i % 2 == 1 && position < end {
            let (row, from) = (position / w, position % w);
            let to = (from + end - position).min(w);
            let (x0, x1, y) = (at.0 + from as i64, at.0 + to as i64, at.1 + row as i64);
            let clamp = |x: i64| x.clamp(0, i64::from(width)) as u32;
            let is_row = (0..i64::from(height)).contains(&y);
            is_cut |= !is_row || x0 < 0 || x1 > i64::from(width);
            if is_row {
                spans.push(Span::new(y as u32, clamp(x0), clamp(x1)));
            }
            position += to - from;
        }
        position = end;
    }
    Ok(ShapePixels { area: Area::from_spans(spans), is_cut })
}

/// The run lengths, row by row and background first, of the pixels of `area` in its own bounding box. `area` must not be empty.
#[must_use]
pub fn box_runs(area: &Area) -> Shape {
    let bounds = area.bounds();
    let width = u64::from(bounds.width());
    // Even places are background, odd ones the object.
    let (mut counts, mut at) = (Vec::<u32>::new(), 0_u64);
    for span in area.spans() {
        let start = u64::from(span.y - bounds.y0) * width + u64::from(span.x0 - bounds.x0);
        match counts.last_mut() {
            // A span that begins where the one of the row before ended goes on with it.
            Some(last) if start == at => *last += span.len(),
            _ => counts.extend([(start - at) as u32, span.len()]),
        }
        at = start + u64::from(span.len());
    }
    let rest = (width * u64::from(bounds.height()) - at) as u32;
    if rest > 0 {
        counts.push(rest);
    }
    Shape::BoxRuns { x: i64::from(bounds.x0), y: i64::from(bounds.y0), width: bounds.width(), height: bounds.height(), counts }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::Plane;

    #[test]
    fn the_mask_of_the_cvat_documentation_is_a_wheel() {
        // "3, 5, 7, …" in a box of 13 × 15: the rows of a disc, read off the numbers.
        let counts = [3, 5, 7, 7, 5, 9, 3, 11, 2, 11, 2, 12, 1, 12, 1, 26, 1, 12, 1, 12, 2, 11, 3, 9, 5, 7, 7, 5, 3];
        let mask = Shape::BoxRuns { x: 707, y: 888, width: 13, height: 15, counts: counts.to_vec() };
        let area = mask.pixels(1600, 1200).unwrap().area;
        assert_eq!(area.pixels(), 149);
        assert_eq!(area.row(888), [Span::new(888, 710, 715)]);
        assert_eq!(area.row(895), [Span::new(895, 707, 720)]);
        assert_eq!(box_runs(&area), mask);
    }

    #[test]
    fn a_mask_that_reaches_beyond_the_image_is_cut_and_one_that_overruns_refused() {
        let mask = |x, y, counts: &[u32]| Shape::BoxRuns { x, y, width: 4, height: 2, counts: counts.to_vec() };
        let cut = mask(-1, 0, &[0, 8]).pixels(5, 5).unwrap();
        assert!(cut.is_cut);
        assert_eq!(cut.area.spans(), [Span::new(0, 0, 3), Span::new(1, 0, 3)]);
        assert!(mask(0, 0, &[0, 9]).pixels(5, 5).unwrap_err().contains("sum up to 9"));
        assert!(mask(i64::MIN, 0, &[0, 8]).pixels(5, 5).is_err());
        let huge = Shape::BoxRuns { x: 0, y: 0, width: u32::MAX, height: u32::MAX, counts: vec![] };
        assert!(huge.pixels(5, 5).is_err());
    }

    #[test]
    fn points_far_away_or_no_numbers_are_refused() {
        let ring = |x: f64| Shape::Polygons(vec![vec![vec![Point::new(0.0, 0.0), Point::new(x, 0.0), Point::new(0.0, 4.0)]]]);
        assert!(!ring(5.0).pixels(5, 5).unwrap().is_cut);
        assert!(ring(7.0).pixels(5, 5).unwrap().is_cut);
        for wrong in [f64::NAN, f64::INFINITY, -1e300, 11.0] {
            assert!(ring(wrong).pixels(5, 5).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_ring_in_a_ring_is_a_hole_and_polygons_are_a_union() {
        let square = |a: f64, b: f64| vec![Point::new(a, a), Point::new(b, a), Point::new(b, b), Point::new(a, b)];
        let holed = Shape::Polygons(vec![vec![square(0.0, 5.0), square(1.0, 3.0)]]);
        assert_eq!(holed.pixels(9, 9).unwrap().area.pixels(), 21);
        let union = Shape::Polygons(vec![vec![square(0.0, 5.0)], vec![square(1.0, 3.0)]]);
        assert_eq!(union.pixels(9, 9).unwrap().area.pixels(), 25);
    }

    proptest! {
        #[test]
        fn any_mask_survives_its_box_runs(bits in prop::collection::vec(any::<bool>(), 63)) {
            let area = Area::of_mask(&Plane::from_fn(9, 7, |x, y| bits[(y * 9 + x) as usize]), (2, 1));
            prop_assume!(!area.is_empty());
            prop_assert_eq!(box_runs(&area).pixels(20, 20).unwrap(), ShapePixels { area, is_cut: false });
        }
    }
}
