//! The window that holds most: circles and upright rectangles laid anywhere over weighted points, exactly.
//!
//! For weights of 0 and more a circle that holds the most can be moved until one of its points lies on its rim, and a rectangle until
//! one lies on its left and one on its lower side; so it is enough to turn a circle around each point, and to sweep each strip that
//! starts at a point.

use super::rule::Shape;

/// A point with its weight, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub x: f64,
    pub y: f64,
    pub weight: f64,
    /// Row of the table.
    pub row: usize,
}

/// The highest sum of weights, and the row of a point where the window is; None without points.
///
/// A point counts as inside up to a millionth of the window beyond its rim: positions are rounded to the precision of measured values.
pub(super) fn fullest(spots: &[Spot], shape: Shape) -> Option<(f64, usize)> {
    let best = match shape {
        Shape::Circle { d } => circle(spots, d / 2.0),
        Shape::Rect { w, h } => rectangle(spots, w, h),
    };
    best.into_iter().max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
}

fn slack(size: f64) -> f64 {
    1e-6 * size.clamp(1.0, 1e6)
}

/// The best for each point: a circle whose rim goes through it turns around it once.
fn circle(spots: &[Spot], r: f64) -> Vec<(f64, usize)> {
    let tolerance = slack(2.0 * r);
    let outer = (r + tolerance).powi(2);
    let mut best = Vec::with_capacity(spots.len());
    let mut events: Vec<(f64, f64)> = Vec::new();
    let mut by_x: Vec<&Spot> = spots.iter().collect();
    by_x.sort_by(|a, b| a.x.total_cmp(&b.x));
    for spot in spots {
        events.clear();
        let (mut sum, mut most) = (0.0, 0.0_f64);
        let reach = 2.0 * r + tolerance;
        let first = by_x.partition_point(|o| o.x < spot.x - reach);
        for other in by_x[first..].iter().take_while(|o| o.x <= spot.x + reach) {
            let (dx, dy) = (other.x - spot.x, other.y - spot.y);
            let q = dx.hypot(dy);
            if q <= tolerance {
                sum += other.weight;
                continue;
            }
            // |centre − other|² = r² + q² − 2·r·q·cos(angle) ≤ (r + tolerance)²
            let cos = (r * r + q * q - outer) / (2.0 * r * q);
            if cos > 1.0 {
                continue;
            }
            let (middle, half) = (dy.atan2(dx), cos.max(-1.0).acos());
            if cos <= -1.0 {
                sum += other.weight;
                continue;
            }
            let turn = std::f64::consts::TAU;
            let start = (middle - half).rem_euclid(turn);
            let end = start + 2.0 * half;
            events.push((start, other.weight));
            if end >= turn {
                // It holds the point at angle 0 already.
                sum += other.weight;
                events.push((end - turn, -other.weight));
            } else {
                events.push((end, -other.weight));
            }
        }
        // Those that enter come before those that leave at the same angle.
        events.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
        most = most.max(sum);
        for &(_, weight) in &events {
            sum += weight;
            most = most.max(sum);
        }
        best.push((most, spot.row));
    }
    best
}

/// The best for each point: a strip that starts at it, swept from below.
fn rectangle(spots: &[Spot], w: f64, h: f64) -> Vec<(f64, usize)> {
    let (slack_w, slack_h) = (slack(w), slack(h));
    let mut by_y: Vec<&Spot> = spots.iter().collect();
    by_y.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut strip: Vec<&Spot> = Vec::new();
    let mut best = Vec::with_capacity(spots.len());
    for spot in spots {
        strip.clear();
        strip.extend(by_y.iter().filter(|o| o.x >= spot.x - slack_w && o.x <= spot.x + w + slack_w));
        // Summed anew where the window moves on, so that rounding does not pile up.
        let mut most = 0.0_f64;
        let mut end = 0;
        let mut sum = Sum::default();
        for start in 0..strip.len() {
            while end < strip.len() && strip[end].y <= strip[start].y + h + slack_h {
                sum.add(strip[end].weight);
                end += 1;
            }
            most = most.max(sum.value());
            sum.add(-strip[start].weight);
        }
        best.push((most, spot.row));
    }
    best
}

/// A sum that keeps what rounding drops (Neumaier), so that taking a weight away leaves no trace of it.
#[derive(Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        let next = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() { (self.sum - next) + value } else { (value - next) + self.sum };
        self.sum = next;
    }

    fn value(&self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All windows that a rule book names: circles through each two points and around each, rectangles from each x and each y.
    fn brute(spots: &[Spot], shape: Shape) -> Option<f64> {
        let mut best: Option<f64> = None;
        let mut take = |is_in: &dyn Fn(&Spot) -> bool| {
            let sum = spots.iter().filter(|s| is_in(s)).map(|s| s.weight).sum();
            best = Some(best.map_or(sum, |b: f64| b.max(sum)));
        };
        match shape {
            Shape::Circle { d } => {
                let r = d / 2.0;
                let mut centres: Vec<(f64, f64)> = spots.iter().map(|s| (s.x, s.y)).collect();
                for (i, a) in spots.iter().enumerate() {
                    for b in &spots[..i] {
                        let (dx, dy) = (b.x - a.x, b.y - a.y);
                        let q = dx.hypot(dy);
                        if q > 0.0 && q <= d + 1e-9 {
                            let h = (r * r - q * q / 4.0).max(0.0).sqrt();
                            let (mx, my) = (f64::midpoint(a.x, b.x), f64::midpoint(a.y, b.y));
                            centres.push((mx - h * dy / q, my + h * dx / q));
                            centres.push((mx + h * dy / q, my - h * dx / q));
                        }
                    }
                }
                for (x, y) in centres {
                    take(&|s| (s.x - x).hypot(s.y - y) <= r + 1e-9);
                }
            }
            Shape::Rect { w, h } => {
                for a in spots {
                    for b in spots {
                        take(&|s| s.x >= a.x - 1e-9 && s.x <= a.x + w + 1e-9 && s.y >= b.y - 1e-9 && s.y <= b.y + h + 1e-9);
                    }
                }
            }
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

        // On a grid many points lie exactly on a rim.
        #[test]
        fn the_fullest_window_is_the_fullest_of_all_that_matter(
            points in prop::collection::vec((0..12_i32, 0..12_i32, 0..5_u32), 0..14),
            d in prop::sample::select(&[1.0, 2.0, 5.0, 7.3, 10.0, 13.0, 40.0][..]),
            h in prop::sample::select(&[0.5, 3.0, 6.0, 1e9][..]),
        ) {
            let spots: Vec<Spot> = points.iter().enumerate().map(|(row, &(x, y, w))| Spot {
                x: f64::from(x), y: f64::from(y), weight: f64::from(w) * 0.25, row,
            }).collect();
            for shape in [Shape::Circle { d }, Shape::Rect { w: d, h }] {
                let (got, expected) = (fullest(&spots, shape).map(|b| b.0), brute(&spots, shape));
                prop_assert!(
                    got.zip(expected).map_or(got.is_none() && expected.is_none(), |(a, b)| (a - b).abs() < 1e-9),
                    "{:?}: {:?}, not {:?}", shape, got, expected
                );
            }
        }
    }

    #[test]
    fn known_windows() {
        let row = |xs: &[f64]| xs.iter().enumerate().map(|(row, &x)| Spot { x, y: 0.0, weight: 1.0, row }).collect::<Vec<_>>();
        assert_eq!(fullest(&row(&[0.0, 200.0, 401.0]), Shape::Circle { d: 200.0 }).map(|b| b.0), Some(2.0));
        assert_eq!(fullest(&row(&[0.0, 4.0, 8.1]), Shape::Rect { w: 4.0, h: 4.0 }).map(|b| b.0), Some(2.0));
        assert_eq!(fullest(&[], Shape::Circle { d: 1.0 }), None);
        // Three corners of an equilateral triangle of side 1 fit into a circle of diameter 2/√3 and into none smaller.
        let corners = [(0.0, 0.0), (1.0, 0.0), (0.5, 0.75_f64.sqrt())];
        let spots: Vec<Spot> = corners.iter().enumerate().map(|(row, &(x, y))| Spot { x, y, weight: 1.0, row }).collect();
        let d = 2.0 / 3.0_f64.sqrt();
        assert_eq!(fullest(&spots, Shape::Circle { d }).map(|b| b.0), Some(3.0));
        assert_eq!(fullest(&spots, Shape::Circle { d: d - 1e-4 }).map(|b| b.0), Some(2.0));
    }
}
