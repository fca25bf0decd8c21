//! A line laid over a photo: its length, the gray values along it, and the edges that its ends snap to.

use super::calibration::Calibration;
use crate::raster::{Photo, Point};

/// How far an end looks for an edge, in px.
pub const SNAP_REACH: f64 = 6.0;

/// A measuring line between two positions of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Caliper {
    pub from: Point,
    pub to: Point,
}

impl Caliper {
    #[must_use]
    pub const fn new(from: Point, to: Point) -> Self {
        Self { from, to }
    }

    /// Across and down, in px.
    #[must_use]
    pub const fn delta_px(&self) -> (f64, f64) {
        (self.to.x - self.from.x, self.to.y - self.from.y)
    }

    /// In px.
    #[must_use]
    pub fn length_px(&self) -> f64 {
        let (dx, dy) = self.delta_px();
        dx.hypot(dy)
    }

    /// Across and down on the part, in mm.
    #[must_use]
    pub const fn delta_mm(&self, calibration: Calibration) -> (f64, f64) {
        let (dx, dy) = self.delta_px();
        (dx * calibration.x_mm_per_px, dy * calibration.y_mm_per_px)
    }

    /// On the part, in mm; right also where pixels are not square.
    #[must_use]
    pub fn length_mm(&self, calibration: Calibration) -> f64 {
        let (dx, dy) = self.delta_mm(calibration);
        dx.hypot(dy)
    }

    /// The angle to the x axis, counter-clockwise as it is seen, −180..=180 degrees; on the part when it is calibrated.
    #[must_use]
    pub fn angle_deg(&self, calibration: Option<Calibration>) -> f64 {
        let (dx, dy) = calibration.map_or_else(|| self.delta_px(), |c| self.delta_mm(c));
        // −0.0 would turn a line to the left into one of −180°.
        (if dy == 0.0 { 0.0 } else { -dy }).atan2(dx).to_degrees()
    }

    /// The line turned about `from` to the nearest multiple of 45°, at the length that the other end projects to.
    #[must_use]
    pub fn snapped_to_eighths(&self) -> Self {
        let (dx, dy) = self.delta_px();
        let eighth = std::f64::consts::FRAC_PI_4;
        let (sin, cos) = ((dy.atan2(dx) / eighth).round() * eighth).sin_cos();
        let along = dx * cos + dy * sin;
        Self { from: self.from, to: Point::new(self.from.x + cos * along, self.from.y + sin * along) }
    }

    /// Both ends moved along the line to the strongest edge within [`SNAP_REACH`]; an end without an edge stays.
    #[must_use]
    pub fn snapped_to_edges(&self, photo: &Photo) -> Self {
        let length = self.length_px();
        if length < 1.0 {
            return *self;
        }
        let (dx, dy) = self.delta_px();
        let along = (dx / length, dy / length);
        // The two ends of a short line must not find the same edge.
        let reach = SNAP_REACH.min(length * 0.45);
        Self {
            from: edge_along(photo, self.from, along, reach).unwrap_or(self.from),
            to: edge_along(photo, self.to, along, reach).unwrap_or(self.to),
        }
    }

    /// Gray values (raw units, luma of colour) at `count` even steps from one end to the other, both included, by bilinear
    /// interpolation between pixel centres; NaN where the line has left the photo.
    #[must_use]
    pub fn profile(&self, photo: &Photo, count: usize) -> Vec<f32> {
        let last = count.saturating_sub(1).max(1) as f64;
        let (dx, dy) = self.delta_px();
        (0..count)
            .map(|i| {
                let t = i as f64 / last;
                gray_between(photo, Point::new(self.from.x + dx * t, self.from.y + dy * t)).unwrap_or(f32::NAN)
            })
            .collect()
    }

    /// The calibration under which this line is `known_mm` long. Pixels keep the proportions that `before` gave them and are square
    /// without it. None when the line has no length or the result is no calibration.
    #[must_use]
    pub fn calibration(&self, known_mm: f64, before: Option<Calibration>) -> Option<Calibration> {
        let proportion = before.map_or(1.0, |c| c.y_mm_per_px / c.x_mm_per_px);
        let length = self.length_mm(Calibration { x_mm_per_px: 1.0, y_mm_per_px: proportion });
        let x_mm_per_px = known_mm / length;
        let found = Calibration { x_mm_per_px, y_mm_per_px: x_mm_per_px * proportion };
        (length > 0.0 && found.is_valid()).then_some(found)
    }
}

/// The gray value at a position by bilinear interpolation; None outside of the photo.
pub(super) fn gray_between(photo: &Photo, p: Point) -> Option<f32> {
    let (w, h) = (photo.width(), photo.height());
    if w == 0 || h == 0 || p.x < 0.0 || p.y < 0.0 || p.x > f64::from(w) || p.y > f64::from(h) {
        return None;
    }
    // Values stand at pixel centres; the outer half pixel repeats them.
    let (u, v) = ((p.x - 0.5).clamp(0.0, f64::from(w - 1)), (p.y - 0.5).clamp(0.0, f64::from(h - 1)));
    let (x, y) = (u.floor() as u32, v.floor() as u32);
    let (fx, fy) = ((u - u.floor()) as f32, (v - v.floor()) as f32);
    let at = |x: u32, y: u32| photo.gray_at(x.min(w - 1), y.min(h - 1));
    let mix = |a: f32, b: f32, t: f32| if t == 0.0 { a } else { a + (b - a) * t };
    Some(mix(mix(at(x, y), at(x + 1, y), fx), mix(at(x, y + 1), at(x + 1, y + 1), fx), fy))
}

/// The place of the steepest change of gray along the direction `along` (unit length) within `reach` px of `near`, to a part of a
/// pixel: the centre of mass of the slope within 2 px of the steepest place, which is the edge itself where it is even. Three parallel
/// profiles are averaged against noise. None where all is flat or the photo ends.
#[must_use]
pub fn edge_along(photo: &Photo, near: Point, along: (f64, f64), reach: f64) -> Option<Point> {
    const STEP: f64 = 0.5;
    let steps = (reach / STEP).floor() as i64;
    let value = |t: f64| -> Option<f64> {
        let mut sum = 0.0;
        for side in [-1.0, 0.0, 1.0] {
            let p = Point::new(near.x + along.0 * t - along.1 * side, near.y + along.1 * t + along.0 * side);
            sum += f64::from(gray_between(photo, p)?);
        }
        Some(sum / 3.0)
    };
    let slope = |t: f64| -> Option<f64> {
        let slope = (value(t + 0.5)? - value(t - 0.5)?).abs();
        slope.is_finite().then_some(slope)
    };
    // The nearer of two equal edges.
    let mut best: Option<(f64, f64)> = None;
    for t in (0..=steps).flat_map(|k| if k == 0 { vec![0.0] } else { vec![k as f64 * STEP, -(k as f64) * STEP] }) {
        if let Some(s) = slope(t)
            && best.is_none_or(|(_, b)| s > b + b.abs() * 1e-9)
        {
            best = Some((t, s));
        }
    }
    let (peak, _) = best.filter(|&(_, s)| s > 0.0)?;
    // The window moves with its own centre of mass until it lies even about the edge.
    let mut t = peak;
    for _ in 0..12 {
        let (mut sum, mut moment) = (0.0, 0.0);
        for j in -4..=4 {
            let at = t + f64::from(j) * STEP;
            let weight = slope(at).unwrap_or(0.0);
            sum += weight;
            moment += weight * at;
        }
        if sum > 0.0 {
            t = (moment / sum).clamp(peak - 1.0, peak + 1.0);
        }
    }
    Some(Point::new(near.x + along.0 * t, near.y + along.1 * t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;
    use proptest::prelude::*;

    /// A blurred step of 100 gray values at x·cos + y·sin = `at`: the mean of a logistic edge over each pixel, sampled finely.
    fn edge(at: f64, angle: f64, width: f64) -> Photo {
        let (sin, cos) = angle.sin_cos();
        Photo::GrayF32(Plane::from_fn(60, 60, |x, y| {
            let mut sum = 0.0;
            for i in 0..64 {
                let (u, v) = (f64::from(i % 8), f64::from(i / 8));
                let d = (f64::from(x) + (u + 0.5) / 8.0) * cos + (f64::from(y) + (v + 0.5) / 8.0) * sin - at;
                sum += 50.0 + 100.0 / (1.0 + (-d / width).exp());
            }
            (sum / 64.0) as f32
        }))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn an_end_snaps_to_the_edge_to_a_part_of_a_pixel(at in 26.0..34.0_f64, off in -4.0..4.0_f64, width in 0.6..1.2_f64) {
            let photo = edge(at, 0.0, width);
            let found = edge_along(&photo, Point::new(at + off, 30.0), (1.0, 0.0), SNAP_REACH).unwrap();
            prop_assert!((found.x - at).abs() < 0.08, "{} for {at}", found.x);
            prop_assert_eq!(found.y, 30.0);
        }

        #[test]
        fn a_slanted_edge_is_found_along_its_normal(angle in 0.1..1.4_f64, off in -3.0..3.0_f64) {
            let (sin, cos) = angle.sin_cos();
            let at = 30.0 * cos + 30.0 * sin;
            let photo = edge(at, angle, 0.9);
            let near = Point::new(30.0 + cos * off, 30.0 + sin * off);
            let found = edge_along(&photo, near, (cos, sin), SNAP_REACH).unwrap();
            prop_assert!((found.x * cos + found.y * sin - at).abs() < 0.1);
        }

        #[test]
        fn a_drawn_length_is_the_known_length_afterwards(
            dx in -300.0..300.0_f64, dy in 1.0..300.0_f64, known in 0.01..500.0_f64, x in 0.001..1.0_f64, y in 0.001..1.0_f64,
        ) {
            let caliper = Caliper::new(Point::new(7.0, 9.0), Point::new(7.0 + dx, 9.0 + dy));
            for before in [None, Some(Calibration { x_mm_per_px: x, y_mm_per_px: y })] {
                let now = caliper.calibration(known, before).unwrap();
                prop_assert!((caliper.length_mm(now) - known).abs() < 1e-9 * known);
                let proportion = before.map_or(1.0, |c| c.y_mm_per_px / c.x_mm_per_px);
                prop_assert!((now.y_mm_per_px / now.x_mm_per_px - proportion).abs() < 1e-9 * proportion);
            }
        }
    }

    #[test]
    fn lengths_and_angles_of_a_known_triangle() {
        let caliper = Caliper::new(Point::new(10.0, 20.0), Point::new(13.0, 16.0));
        assert_eq!((caliper.length_px(), caliper.delta_px()), (5.0, (3.0, -4.0)));
        // Up is counter-clockwise: atan(4/3).
        assert!((caliper.angle_deg(None) - 53.130_102).abs() < 1e-5);
        // 3 · 0.04 = 0.12 across and 4 · 0.04 = 0.16 up with square pixels; with rows of 0.03 both legs are 0.12.
        assert!((caliper.length_mm(Calibration::square(0.04)) - 0.2).abs() < 1e-12);
        let rows = Calibration { x_mm_per_px: 0.04, y_mm_per_px: 0.03 };
        assert!((caliper.length_mm(rows) - 0.12 * std::f64::consts::SQRT_2).abs() < 1e-12);
        assert!((caliper.angle_deg(Some(rows)) - 45.0).abs() < 1e-9);
        assert_eq!(Caliper::new(Point::new(5.0, 0.0), Point::new(0.0, 0.0)).angle_deg(None), 180.0);
    }

    #[test]
    fn shift_turns_to_the_nearest_eighth() {
        let snapped = Caliper::new(Point::new(0.0, 0.0), Point::new(10.0, 1.0)).snapped_to_eighths();
        assert!((snapped.to.x - 10.0).abs() < 1e-12 && snapped.to.y.abs() < 1e-12);
        let snapped = Caliper::new(Point::new(1.0, 1.0), Point::new(9.0, 7.0)).snapped_to_eighths();
        assert!((snapped.to.x - 8.0).abs() < 1e-12 && (snapped.to.y - 8.0).abs() < 1e-12);
    }

    #[test]
    fn a_bar_is_measured_between_its_edges() {
        // A bright bar from 20.0 to 37.5: the pixel at 37 is half covered.
        let bar = |x: u32| match x {
            20..=36 => 200.0,
            37 => 120.0,
            _ => 40.0,
        };
        let photo = Photo::GrayF32(Plane::from_fn(60, 20, |x, _| bar(x)));
        let drawn = Caliper::new(Point::new(17.2, 10.0), Point::new(40.9, 10.0));
        let snapped = drawn.snapped_to_edges(&photo);
        assert!((snapped.from.x - 20.0).abs() < 0.05 && (snapped.to.x - 37.5).abs() < 0.05, "{snapped:?}");
        assert!((snapped.length_px() - 17.5).abs() < 0.1);
        // Where all is flat, or nothing, ends stay.
        let flat = Photo::Gray8(Plane::filled(60, 20, 9));
        assert_eq!(drawn.snapped_to_edges(&flat), drawn);
        let outside = Caliper::new(Point::new(-40.0, -9.0), Point::new(-30.0, -9.0));
        assert_eq!(outside.snapped_to_edges(&photo), outside);
        let point = Caliper::new(drawn.from, drawn.from);
        assert_eq!(point.snapped_to_edges(&photo), point);
        assert_eq!(point.calibration(1.0, None), None);
        assert_eq!(drawn.calibration(0.0, None), None);
    }

    #[test]
    fn the_profile_of_a_ramp_is_the_ramp() {
        // 3 per column: the value at x is 3 (x − 1/2).
        let photo = Photo::Gray8(Plane::from_fn(60, 4, |x, _| (3 * x) as u8));
        let profile = Caliper::new(Point::new(10.0, 2.0), Point::new(30.0, 2.0)).profile(&photo, 41);
        for (i, value) in profile.iter().enumerate() {
            let x = 10.0 + i as f32 * 0.5;
            assert!((value - 3.0 * (x - 0.5)).abs() < 1e-3, "{value} at {x}");
        }
        let beyond = Caliper::new(Point::new(50.0, 2.0), Point::new(70.0, 2.0)).profile(&photo, 3);
        assert!(beyond[0].is_finite() && beyond[2].is_nan());
    }
}
