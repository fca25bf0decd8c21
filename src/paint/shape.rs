//! Shapes as areas: polygons and freehand outlines, rectangles, ellipses, brush paths; and what Shift does to a corner being dragged.
//!
//! A pixel belongs to a shape when its centre lies inside. A shape too thin to hold a pixel's centre is therefore empty, however long:
//! thin things are drawn with a brush. Points that are not finite, or absurdly far away, make the whole shape empty.

use super::brush::Brush;
use crate::raster::{Area, Point, Span};

/// Farther from the image than this, in px, no pointer gets: such points are broken input.
const FARTHEST_PX: f64 = 1e9;

/// The pixels whose centre lies inside a closed polygon, cut to a raster of `width` × `height` px.
///
/// The last point is joined to the first. Where the line crosses itself, a point is inside when a ray from it meets the line an odd number
/// of times (even-odd rule). A centre on the line belongs to the shape right of it or below it, so that polygons which share a side
/// share no pixel and leave none out. Fewer than three points are empty.
#[must_use]
pub fn polygon(points: &[Point], width: u32, height: u32) -> Area {
    if points.len() < 3 || !points.iter().all(|p| is_sound(*p)) {
        return Area::new();
    }
    let ends = points.iter().skip(1).chain(points.first());
    let mut sides: Vec<Side> = points.iter().zip(ends).filter_map(|(a, b)| Side::new(*a, *b, height)).collect();
    sides.sort_unstable_by_key(|s| s.first_row);
    let (mut spans, mut active, mut next) = (Vec::new(), Vec::<Side>::new(), 0);
    let mut crossings: Vec<f64> = Vec::new();
    let mut y = sides.first().map_or(height, |s| s.first_row);
    while y < height && (next < sides.len() || !active.is_empty()) {
        while let Some(side) = sides.get(next).filter(|s| s.first_row <= y) {
            active.push(*side);
            next += 1;
        }
        active.retain(|s| s.end_row > y);
        crossings.clear();
        crossings.extend(active.iter().map(|s| s.x_at(f64::from(y) + 0.5)));
        crossings.sort_unstable_by(f64::total_cmp);
        for pair in crossings.as_chunks::<2>().0 {
            let (x0, x1) = (first_centre_from(pair[0], width), first_centre_from(pair[1], width));
            spans.push(Span::new(y, x0, x1));
        }
        y += 1;
    }
    Area::from_spans(spans)
}

/// The pixels whose centre lies in the rectangle with corners `a` and `b`, in whatever order, cut to a raster of `width` × `height` px: the
/// [`polygon`] of its four corners.
#[must_use]
pub fn rectangle(a: Point, b: Point, width: u32, height: u32) -> Area {
    if !is_sound(a) || !is_sound(b) {
        return Area::new();
    }
    let (x0, x1) = (first_centre_from(a.x.min(b.x), width), first_centre_from(a.x.max(b.x), width));
    let (y0, y1) = (first_centre_from(a.y.min(b.y), height), first_centre_from(a.y.max(b.y), height));
    Area::from_spans((y0..y1).map(|y| Span::new(y, x0, x1)).collect())
}

/// The pixels whose centre lies in or on the ellipse inscribed in the rectangle with corners `a` and `b`, in whatever order, cut to a
/// raster of `width` × `height` px.
#[must_use]
pub fn ellipse(a: Point, b: Point, width: u32, height: u32) -> Area {
    let (rx, ry) = ((b.x - a.x).abs() / 2.0, (b.y - a.y).abs() / 2.0);
    if !is_sound(a) || !is_sound(b) || rx == 0.0 || ry == 0.0 {
        return Area::new();
    }
    let (cx, cy) = (f64::midpoint(a.x, b.x), f64::midpoint(a.y, b.y));
    let rows = first_centre_from(cy - ry, height)..end_of_centres_to(cy + ry, height);
    let spans = rows.map(|y| {
        let dy = (f64::from(y) + 0.5 - cy) / ry;
        let half = rx * (1.0 - dy * dy).max(0.0).sqrt();
        Span::new(y, first_centre_from(cx - half, width), end_of_centres_to(cx + half, width))
    });
    Area::from_spans(spans.collect())
}

/// The pixels that a brush covers on its way along `points`, ends included, cut to a raster of `width` × `height` px; one point is a dab.
#[must_use]
pub fn stroke_path(points: &[Point], brush: Brush, width: u32, height: u32) -> Area {
    if !points.iter().all(|p| is_sound(*p)) {
        return Area::new();
    }
    // Stretches of a path overlap in nearly every row: joined at once, they stay few.
    let mut rows: Vec<Vec<Span>> = vec![Vec::new(); height as usize];
    let mut add = |y: u32, x0: u32, x1: u32| match rows[y as usize].last_mut() {
        Some(last) if x0 <= last.x1 && last.x0 <= x1 => (last.x0, last.x1) = (last.x0.min(x0), last.x1.max(x1)),
        _ => rows[y as usize].push(Span::new(y, x0, x1)),
    };
    if let [only] = points {
        brush.for_each_span(*only, *only, width, height, &mut add);
    }
    for pair in points.windows(2) {
        brush.for_each_span(pair[0], pair[1], width, height, &mut add);
    }
    Area::from_spans(rows.concat())
}

/// The corner opposite to `a` of the square that a drag from `a` to `b` means: as far as the longer way, to the same quarter.
#[must_use]
pub fn constrain_square(a: Point, b: Point) -> Point {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let side = dx.abs().max(dy.abs());
    Point::new(a.x + side.copysign(dx), a.y + side.copysign(dy))
}

/// The point nearest to `b` on the nearest of the lines from `a` in directions of whole multiples of `step_degrees` (15 or 45, say)
/// from the x axis; `b` itself when `step_degrees` is not a number above 0.
#[must_use]
pub fn constrain_direction(a: Point, b: Point, step_degrees: f64) -> Point {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    if !(step_degrees > 0.0 && step_degrees.is_finite()) {
        return b;
    }
    let step = step_degrees.to_radians();
    let (sin, cos) = ((dy.atan2(dx) / step).round() * step).sin_cos();
    let along = dx * cos + dy * sin;
    Point::new(a.x + along * cos, a.y + along * sin)
}

fn is_sound(p: Point) -> bool {
    // False for what is not a number, too.
    p.x.abs() <= FARTHEST_PX && p.y.abs() <= FARTHEST_PX
}

/// The first pixel of `0..size` whose centre lies at or after `at`; `size` when there is none.
fn first_centre_from(at: f64, size: u32) -> u32 {
    (at - 0.5).ceil().clamp(0.0, f64::from(size)) as u32
}

/// The pixel after the last one of `0..size` whose centre lies at or before `at`; 0 when there is none.
fn end_of_centres_to(at: f64, size: u32) -> u32 {
    ((at - 0.5).floor() + 1.0).clamp(0.0, f64::from(size)) as u32
}

/// A side of a polygon and the rows whose centre lines it crosses, `first_row..end_row`.
#[derive(Clone, Copy)]
struct Side {
    top: Point,
    bottom: Point,
    first_row: u32,
    end_row: u32,
}

impl Side {
    /// None for a side that crosses no centre line of a row.
    fn new(a: Point, b: Point, height: u32) -> Option<Self> {
        // From top to bottom whatever the way around: polygons that share a side cross each row at the very same place.
        let (top, bottom) = if (a.y, a.x) <= (b.y, b.x) { (a, b) } else { (b, a) };
        let (first_row, end_row) = (first_centre_from(top.y, height), first_centre_from(bottom.y, height));
        (first_row < end_row).then_some(Self { top, bottom, first_row, end_row })
    }

    fn x_at(&self, y: f64) -> f64 {
        self.top.x + (self.bottom.x - self.top.x) * ((y - self.top.y) / (self.bottom.y - self.top.y))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const W: u32 = 40;
    const H: u32 = 30;

    /// Corners on a grid of an eighth of a pixel, so that the exact answer can be had in whole numbers.
    fn corners() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((-80_i64..400, -80_i64..320), 3..12)
    }

    fn points(eighths: &[(i64, i64)]) -> Vec<Point> {
        eighths.iter().map(|&(x, y)| Point::new(x as f64 / 8.0, y as f64 / 8.0)).collect()
    }

    /// Even-odd by counting crossings of a ray to the right, exactly; None on the line.
    fn is_inside(corners: &[(i64, i64)], x: i64, y: i64) -> Option<bool> {
        let mut inside = false;
        for (i, &(ax, ay)) in corners.iter().enumerate() {
            let (bx, by) = corners[(i + 1) % corners.len()];
            let side = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
            let in_box = (ax.min(bx)..=ax.max(bx)).contains(&x) && (ay.min(by)..=ay.max(by)).contains(&y);
            if side == 0 && in_box {
                return None;
            }
            if (ay <= y) != (by <= y) && (side > 0) == (by < ay) {
                inside = !inside;
            }
        }
        Some(inside)
    }

    proptest! {
        #[test]
        fn a_polygon_holds_the_pixels_whose_centres_lie_inside(corners in corners()) {
            let area = polygon(&points(&corners), W, H);
            for y in 0..H {
                for x in 0..W {
                    if let Some(inside) = is_inside(&corners, i64::from(x) * 8 + 4, i64::from(y) * 8 + 4) {
                        prop_assert_eq!(area.contains(x, y), inside, "({}, {})", x, y);
                    }
                }
            }
            prop_assert!(area.spans().iter().all(|s| s.y < H && s.x1 <= W));
            let mut backwards = points(&corners);
            backwards.reverse();
            backwards.rotate_left(1);
            prop_assert_eq!(polygon(&backwards, W, H), area);
        }

        /// Triangles around a common point tile the rectangle: nothing twice, nothing left out, centres on the sides included.
        #[test]
        fn polygons_that_share_sides_share_no_pixel(x in 0_u32..80, y in 0_u32..60) {
            let middle = Point::new(f64::from(x) / 2.0, f64::from(y) / 2.0);
            let (w, h) = (f64::from(W), f64::from(H));
            let frame = [Point::new(0.0, 0.0), Point::new(w, 0.0), Point::new(w, h), Point::new(0.0, h)];
            let parts: Vec<Area> = (0..4).map(|i| polygon(&[frame[i], frame[(i + 1) % 4], middle], W, H)).collect();
            prop_assert_eq!(parts.iter().map(Area::pixels).sum::<u64>(), u64::from(W * H));
            prop_assert_eq!(parts.iter().fold(Area::new(), |all, p| all.union(p)), rectangle(frame[0], frame[2], W, H));
        }

        #[test]
        fn a_rectangle_is_the_polygon_of_its_corners(ax in -80_i64..400, ay in -80_i64..320, bx in -80_i64..400, by in -80_i64..320) {
            let p = points(&[(ax, ay), (bx, ay), (bx, by), (ax, by)]);
            prop_assert_eq!(rectangle(p[0], p[2], W, H), polygon(&p, W, H));
            prop_assert_eq!(rectangle(p[1], p[3], W, H), polygon(&p, W, H));
        }

        #[test]
        fn an_ellipse_holds_the_centres_inside_it(ax in -10.0..50.0_f64, ay in -10.0..40.0_f64, bx in -10.0..50.0_f64, by in -10.0..40.0_f64) {
            let area = ellipse(Point::new(ax, ay), Point::new(bx, by), W, H);
            prop_assert_eq!(&area, &ellipse(Point::new(bx, ay), Point::new(ax, by), W, H));
            for y in 0..H {
                for x in 0..W {
                    let u = (f64::from(x) + 0.5 - f64::midpoint(ax, bx)) / ((bx - ax) / 2.0);
                    let v = (f64::from(y) + 0.5 - f64::midpoint(ay, by)) / ((by - ay) / 2.0);
                    let distance = u * u + v * v;
                    if (distance - 1.0).abs() > 1e-9 {
                        prop_assert_eq!(area.contains(x, y), distance < 1.0);
                    }
                }
            }
        }

        #[test]
        fn a_brush_path_covers_the_centres_within_half_its_width(
            corners in prop::collection::vec((-80_i64..400, -80_i64..320), 1..6), diameter in 2.5..20.0_f64,
        ) {
            let path = points(&corners);
            let area = stroke_path(&path, Brush::round(diameter), W, H);
            for y in 0..H {
                for x in 0..W {
                    let centre = Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                    let ends = if path.len() == 1 { vec![[path[0], path[0]]] } else { path.windows(2).map(|p| [p[0], p[1]]).collect() };
                    let distance = ends.iter().map(|[a, b]| to_segment(centre, *a, *b)).fold(f64::INFINITY, f64::min);
                    if (distance - diameter / 2.0).abs() > 1e-9 {
                        prop_assert_eq!(area.contains(x, y), distance < diameter / 2.0);
                    }
                }
            }
        }

        #[test]
        fn a_constrained_direction_is_a_multiple_of_the_step_and_nothing_allowed_lies_nearer(
            dx in -50.0..50.0_f64, dy in -50.0..50.0_f64, step in prop::sample::select(vec![15.0, 45.0, 90.0]),
        ) {
            let (a, b) = (Point::new(7.0, -3.0), Point::new(7.0 + dx, -3.0 + dy));
            let c = constrain_direction(a, b, step);
            let turns = (c.y - a.y).atan2(c.x - a.x).to_degrees() / step;
            prop_assert!(a.distance(c) < 1e-6 || (turns - turns.round()).abs() < 1e-6);
            for i in 0..(360.0 / step) as u32 {
                let (sin, cos) = (f64::from(i) * step).to_radians().sin_cos();
                let foot = (dx * cos + dy * sin).max(0.0);
                prop_assert!(b.distance(c) <= b.distance(Point::new(a.x + foot * cos, a.y + foot * sin)) + 1e-9);
            }
            let s = constrain_square(a, b);
            prop_assert!(((s.x - a.x).abs() - (s.y - a.y).abs()).abs() < 1e-9);
            prop_assert!((s.x - a.x) * dx >= 0.0 && (s.y - a.y) * dy >= 0.0);
            prop_assert!(((s.x - a.x).abs() - dx.abs().max(dy.abs())).abs() < 1e-9);
        }
    }

    fn to_segment(p: Point, a: Point, b: Point) -> f64 {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = dx * dx + dy * dy;
        let t = if length == 0.0 { 0.0 } else { (((p.x - a.x) * dx + (p.y - a.y) * dy) / length).clamp(0.0, 1.0) };
        p.distance(Point::new(a.x + t * dx, a.y + t * dy))
    }

    #[test]
    fn a_five_pointed_star_is_hollow_and_its_area_is_the_closed_form() {
        let (n, r) = (5_u32, 400.0);
        let tip = |i: u32| (f64::from(i) * 4.0 * std::f64::consts::PI / f64::from(n)).sin_cos();
        let star: Vec<Point> = (0..n).map(|i| Point::new(500.0 + r * tip(i).0, 500.0 - r * tip(i).1)).collect();
        let area = polygon(&star, 1000, 1000);
        assert!(!area.contains(500, 500), "the middle is crossed twice");
        // Five triangles on an inner pentagon of circumradius ρ = r (√5 − 1)² / 4: side 2ρ sin 36°, height r cos 36°… − ρ cos 36°.
        let rho = r * (5.0_f64.sqrt() - 1.0).powi(2) / 4.0;
        let angle = 36.0_f64.to_radians();
        let closed = 5.0 * (rho * angle.sin()) * (r - rho * angle.cos());
        assert!((area.pixels() as f64 / closed - 1.0).abs() < 2e-3, "{} against {closed}", area.pixels());
    }

    #[test]
    fn broken_and_thin_input_is_empty() {
        let good = [Point::new(1.0, 1.0), Point::new(9.0, 1.0), Point::new(5.0, 9.0)];
        assert!(!polygon(&good, W, H).is_empty());
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            let mut points = good.to_vec();
            points.push(Point::new(bad, 3.0));
            assert!(polygon(&points, W, H).is_empty() && stroke_path(&points, Brush::round(3.0), W, H).is_empty());
            assert!(rectangle(good[0], points[3], W, H).is_empty() && ellipse(good[0], points[3], W, H).is_empty());
        }
        assert!(polygon(&good[..2], W, H).is_empty() && polygon(&good, 0, 0).is_empty());
        // Between two rows of centres.
        let thin = [Point::new(1.0, 3.6), Point::new(30.0, 3.6), Point::new(30.0, 4.4), Point::new(1.0, 4.4)];
        assert!(polygon(&thin, W, H).is_empty());
        assert_eq!(constrain_direction(good[0], good[2], 0.0), good[2]);
    }

    #[test]
    fn a_freehand_path_of_many_points_is_quick_work() {
        let path: Vec<Point> = (0..40_000)
            .map(|i| {
                let t = f64::from(i) / 40_000.0 * std::f64::consts::TAU;
                Point::new(5000.0 + 4000.0 * t.cos() * (1.0 + 0.1 * (40.0 * t).sin()), 5000.0 + 4000.0 * t.sin())
            })
            .collect();
        let start = std::time::Instant::now();
        let area = polygon(&path, 10_000, 10_000);
        // Unscaled it would be π·4000²; the ripple adds nothing to first order. A loose limit: this guards against quadratic work only.
        assert!((area.pixels() as f64 / (std::f64::consts::PI * 16e6) - 1.0).abs() < 0.01);
        assert!(start.elapsed().as_secs() < 5);
    }
}
