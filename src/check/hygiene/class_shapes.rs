//! Size, shape and brightness of the regions of one class over a set, and the regions that are like none of the others.

use serde::{Deserialize, Serialize};

use crate::check::boundary::{Polarity, Soundness};
use crate::check::finding::{Finding, RegionCheck};
use crate::check::finding_kind::FindingKind;
use crate::raster::components::Components;
use crate::raster::geometry::PixelRect;
use crate::raster::hull::{min_area_rect, of_runs};

use super::field::Piece;

/// When a region is unlike the others of its class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShapeLimits {
    /// Classes with fewer regions have no usual shape.
    pub least_regions: usize,
    /// How many robust standard deviations (1.4826 · MAD) from the median a figure may lie.
    pub deviations: f64,
    /// Share of the measured regions that must be on one side (brighter or darker than their surroundings) for the class to have a
    /// side, 0..=1.
    pub one_sided: f64,
}

impl Default for ShapeLimits {
    fn default() -> Self {
        Self { least_regions: 20, deviations: 4.0, one_sided: 0.95 }
    }
}

/// What is compared of one region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapeFigures {
    /// Number in its label, and class.
    pub region: (usize, u8),
    pub bounds: PixelRect,
    /// Natural logarithm of the area in px.
    pub ln_area: f64,
    /// Natural logarithm of length ÷ width of the smallest rectangle.
    pub ln_slenderness: f64,
    /// Area ÷ area of the convex hull, 0..=1.
    pub solidity: f64,
    /// Brighter or darker than its surroundings; None when the boundary could not be measured.
    pub polarity: Option<Polarity>,
    /// The border of the image cuts it off: nobody knows its shape.
    pub is_clipped: bool,
}

impl ShapeFigures {
    /// The figures of every region of a label of `width` × `height` px; `checks` by number of the region, as far as there are any.
    #[must_use]
    pub fn of(components: &Components, (width, height): (u32, u32), checks: &[RegionCheck]) -> Vec<Self> {
        let one = |index: usize| {
            let piece = Piece::of(components, index);
            let hull = of_runs(piece.runs, (1.0, 1.0));
            let twice: f64 =
                (0..hull.len()).map(|i| (hull[i], hull[(i + 1) % hull.len()])).map(|(p, q)| p.x * q.y - q.x * p.y).sum();
            let slenderness = min_area_rect(&hull).map_or(1.0, |r| r.length / r.width.max(1e-9));
            let result = checks.get(index).map(|c| &c.result);
            let b = piece.bounds;
            Self {
                region: piece.name(),
                bounds: b,
                ln_area: (piece.pixels as f64).ln(),
                ln_slenderness: slenderness.ln(),
                solidity: piece.pixels as f64 / (twice.abs() / 2.0).max(1.0),
                polarity: result.filter(|r| r.verdict != Soundness::Unmeasurable).and_then(|r| r.polarity),
                is_clipped: b.x0 == 0 || b.y0 == 0 || b.x1 == width || b.y1 == height,
            }
        };
        (0..components.len()).map(one).collect()
    }
}

/// Middle and spread of one figure.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Middle {
    median: f64,
    /// Robust standard deviation, at least a floor: a class of equal regions would allow nothing else.
    deviation: f64,
}

impl Middle {
    fn of(mut values: Vec<f64>, floor: f64) -> Self {
        let median = median(&mut values);
        let mut off: Vec<f64> = values.iter().map(|v| (v - median).abs()).collect();
        Self { median, deviation: (1.4826 * self::median(&mut off)).max(floor) }
    }

    /// Signed distance from the median in deviations.
    fn deviations(self, value: f64) -> f64 {
        (value - self.median) / self.deviation
    }
}

/// Median; the mean of the two in the middle for an even number; 0 of nothing.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

/// What is usual for the regions of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassShapes {
    regions: usize,
    ln_area: Middle,
    ln_slenderness: Middle,
    solidity: Middle,
    side: Option<Polarity>,
}

impl ClassShapes {
    /// None when there are too few regions to say what is usual. Regions cut off by the border are left out.
    #[must_use]
    pub fn of<'a>(figures: impl Iterator<Item = &'a ShapeFigures>, limits: &ShapeLimits) -> Option<Self> {
        let all: Vec<&ShapeFigures> = figures.filter(|f| !f.is_clipped).collect();
        if all.len() < limits.least_regions.max(2) {
            return None;
        }
        let sided: Vec<Polarity> = all.iter().filter_map(|f| f.polarity).collect();
        let is_usual = |side: Polarity| {
            let n = sided.iter().filter(|&&s| s == side).count();
            sided.len() >= limits.least_regions && n as f64 >= limits.one_sided * sided.len() as f64
        };
        Some(Self {
            regions: all.len(),
            // A tenth more or less is nothing to speak of; neither are the teeth of the pixels.
            ln_area: Middle::of(all.iter().map(|f| f.ln_area).collect(), 0.2),
            ln_slenderness: Middle::of(all.iter().map(|f| f.ln_slenderness).collect(), 0.15),
            solidity: Middle::of(all.iter().map(|f| f.solidity).collect(), 0.05),
            side: [Polarity::Brighter, Polarity::Darker].into_iter().find(|&s| is_usual(s)),
        })
    }

    /// A finding when the region is unlike the others in one figure or more.
    #[must_use]
    pub fn judge(&self, figures: &ShapeFigures, limits: &ShapeLimits) -> Option<Finding> {
        let mut odd = Vec::new();
        let mut ratio = |middle: Middle, value: f64, more: &str, less: &str| {
            let d = middle.deviations(value);
            if d.abs() > limits.deviations {
                let times = (value - middle.median).abs().exp();
                odd.push(format!("{times:.1} times {} than the median", if d > 0.0 { more } else { less }));
            }
        };
        if !figures.is_clipped {
            ratio(self.ln_area, figures.ln_area, "larger", "smaller");
            ratio(self.ln_slenderness, figures.ln_slenderness, "more slender", "less slender");
            if self.solidity.deviations(figures.solidity).abs() > limits.deviations {
                let (has, usual) = (100.0 * figures.solidity, 100.0 * self.solidity.median);
                odd.push(format!("fills {has:.0} % of its hull instead of {usual:.0} %"));
            }
        }
        match (self.side, figures.polarity) {
            (Some(Polarity::Darker), Some(Polarity::Brighter)) => {
                odd.push("brighter than its surroundings, the others are darker".into());
            }
            (Some(Polarity::Brighter), Some(Polarity::Darker)) => {
                odd.push("darker than its surroundings, the others are brighter".into());
            }
            _ => {}
        }
        if odd.is_empty() {
            return None;
        }
        let message = format!("unlike the {} regions of its class: {}", self.regions, odd.join("; "));
        Some(Finding::new(FindingKind::ImplausibleShape, Some(figures.region), figures.bounds, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::hygiene::tests::map_of;

    #[test]
    fn medians_and_deviations_by_hand() {
        let m = Middle::of(vec![1.0, 2.0, 4.0, 8.0, 100.0], 0.1);
        // Distances 3, 2, 0, 4, 96: their median is 3.
        assert_eq!(m, Middle { median: 4.0, deviation: 3.0 * 1.4826 });
        assert_eq!(Middle::of(vec![5.0; 9], 0.2).deviation, 0.2);
    }

    #[test]
    fn figures_of_a_bar_and_an_angle() {
        // A bar of 20 × 4 and an angle of two bars whose hull is known.
        let map = map_of(60, 40, |x, y| match (x, y) {
            (5..25, 5..9) => 1,
            (30..32, 10..30) | (30..50, 28..30) => 2,
            _ => 0,
        });
        let f = ShapeFigures::of(&Components::of(&map), (60, 40), &[]);
        assert!((f[0].ln_area - 80_f64.ln()).abs() < 1e-12 && (f[0].ln_slenderness - 5_f64.ln()).abs() < 1e-12);
        assert!((f[0].solidity - 1.0).abs() < 1e-12);
        // Hull: the square of 20 less the triangle beyond the line from (32, 10) to (50, 28).
        assert!((f[1].solidity - 76.0 / (400.0 - 18.0 * 18.0 / 2.0)).abs() < 1e-12);
    }

    #[test]
    fn one_region_in_thirty_is_unlike_the_others() {
        // Squares of 8 to 10 px, one bar and one square on the border.
        let map = map_of(700, 60, |x, y| {
            let (i, u) = (x / 20, x % 20);
            let side = 8 + i % 3;
            match (i, u, y) {
                (34, ..) => u8::from(y < 50),
                (10, 5..9, 5..55) => 1,
                (i, ..) if i != 10 => u8::from((5..5 + side).contains(&u) && (5..5 + side).contains(&y)),
                _ => 0,
            }
        });
        let f = ShapeFigures::of(&Components::of(&map), (700, 60), &[]);
        let limits = ShapeLimits::default();
        let usual = ClassShapes::of(f.iter(), &limits).unwrap();
        let odd: Vec<Finding> = f.iter().filter_map(|f| usual.judge(f, &limits)).collect();
        assert_eq!(odd.len(), 1, "{odd:?}");
        assert_eq!(odd[0].bounds, PixelRect::new(205, 5, 209, 55));
        assert!(odd[0].message.contains("12.5 times more slender"), "{}", odd[0].message);
        assert!(ClassShapes::of(f[..5].iter(), &limits).is_none());
    }
}
