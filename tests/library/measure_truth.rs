//! Errors of the features against closed forms, at 20 random places and angles each: disks, ellipses, rectangles, bars and arcs drawn by
//! their pixel centres. The table of `assets/manual/measuring.md` is what the ignored test prints.

use std::f64::consts::{FRAC_PI_2, PI};

use delimit::measure::{Calibration, Feature, FeatureSet, Measuring, regions};
use delimit::raster::{LabelMap, Plane};

const POSES: usize = 20;

/// A shape about the origin, turned by nothing.
#[derive(Clone, Copy)]
enum Shape {
    /// Half axes.
    Ellipse(f64, f64),
    /// Both sides.
    Rectangle(f64, f64),
    /// A bar with round ends: length between the centres of the ends, width.
    Bar(f64, f64),
    /// A strip along a circle with round ends: radius of the circle, width, angle.
    Arc(f64, f64, f64),
}

impl Shape {
    fn name(self) -> String {
        match self {
            Self::Ellipse(a, b) if a == b => format!("disk r {a}"),
            Self::Ellipse(a, b) => format!("ellipse {a} × {b}"),
            Self::Rectangle(a, b) => format!("rectangle {a} × {b}"),
            Self::Bar(l, w) => format!("bar {l} × {w}"),
            Self::Arc(r, w, angle) => format!("arc r {r}, {w} wide, {:.0}°", angle.to_degrees()),
        }
    }

    fn holds(self, x: f64, y: f64) -> bool {
        match self {
            Self::Ellipse(a, b) => (x / a).powi(2) + (y / b).powi(2) <= 1.0,
            Self::Rectangle(a, b) => x.abs() <= a / 2.0 && y.abs() <= b / 2.0,
            Self::Bar(l, w) => (x.abs() - l / 2.0).max(0.0).hypot(y) <= w / 2.0,
            Self::Arc(r, w, angle) => {
                let end = |a: f64| (x - r * a.cos()).hypot(y - r * a.sin());
                let is_beside = y.atan2(x).rem_euclid(2.0 * PI) <= angle && (x.hypot(y) - r).abs() <= w / 2.0;
                is_beside || end(0.0).min(end(angle)) <= w / 2.0
            }
        }
    }

    /// Closed forms.
    fn truth(self) -> Vec<(Feature, f64)> {
        use Feature as F;
        match self {
            Self::Ellipse(a, b) => {
                // Ramanujan's second formula, better than 1e-4 here.
                let h = ((a - b) / (a + b)).powi(2);
                let perimeter = PI * (a + b) * (1.0 + 3.0 * h / (10.0 + (4.0 - 3.0 * h).sqrt()));
                vec![
                    (F::Area, PI * a * b),
                    (F::Perimeter, perimeter),
                    (F::FeretMax, 2.0 * a),
                    (F::FeretMin, 2.0 * b),
                    (F::EquivalentDiameter, 2.0 * (a * b).sqrt()),
                    (F::MaxWidth, 2.0 * b),
                    (F::Linearity, 1.0 - b / a),
                    (F::Circularity, 4.0 * PI * PI * a * b / perimeter.powi(2)),
                    (F::Roundness, b / a),
                    (F::Solidity, 1.0),
                ]
            }
            Self::Rectangle(a, b) => vec![
                (F::Area, a * b),
                (F::Perimeter, 2.0 * (a + b)),
                (F::FeretMax, a.hypot(b)),
                (F::Length, a),
                (F::Width, b),
                (F::MaxWidth, b),
                (F::Linearity, 1.0 - b / a),
                (F::Solidity, 1.0),
                (F::Rectangularity, 1.0),
            ],
            Self::Bar(l, w) => {
                let area = l * w + PI * w * w / 4.0;
                vec![
                    (F::Area, area),
                    (F::Perimeter, 2.0 * l + PI * w),
                    (F::FeretMax, l + w),
                    (F::FeretMin, w),
                    (F::CentreLine, l + w),
                    (F::MeanWidth, area / (l + w)),
                    (F::MaxWidth, w),
                    (F::Slenderness, (l + w).powi(2) / area),
                    (F::Straightness, 1.0),
                ]
            }
            Self::Arc(r, w, angle) => {
                let l = r * angle;
                let area = l * w + PI * w * w / 4.0;
                vec![
                    (F::Area, area),
                    (F::Perimeter, 2.0 * l + PI * w),
                    (F::CentreLine, l + w),
                    (F::MeanWidth, area / (l + w)),
                    (F::MaxWidth, w),
                    (F::Slenderness, (l + w).powi(2) / area),
                ]
            }
        }
    }

    fn drawn(self, at: (f64, f64), angle: f64) -> LabelMap {
        let (s, c) = angle.sin_cos();
        LabelMap::from_plane(&Plane::from_fn(140, 140, |x, y| {
            let (dx, dy) = (f64::from(x) + 0.5 - at.0, f64::from(y) + 0.5 - at.1);
            u8::from(self.holds(dx * c + dy * s, dy * c - dx * s))
        }))
    }
}

const SHAPES: [Shape; 12] = [
    Shape::Ellipse(3.0, 3.0),
    Shape::Ellipse(10.0, 10.0),
    Shape::Ellipse(30.0, 30.0),
    Shape::Ellipse(20.0, 8.0),
    Shape::Ellipse(40.0, 10.0),
    Shape::Rectangle(40.0, 10.0),
    Shape::Rectangle(30.0, 25.0),
    Shape::Bar(60.0, 3.0),
    Shape::Bar(60.0, 5.0),
    Shape::Bar(40.0, 8.0),
    Shape::Arc(40.0, 3.0, FRAC_PI_2),
    Shape::Arc(25.0, 4.0, 200.0 / 180.0 * PI),
];

/// Errors of one feature on one shape: of ratios and angles as they are, of the others in per cent of the truth.
struct Errors {
    shape: String,
    feature: Feature,
    bias: f64,
    sd: f64,
    worst: f64,
}

fn all_errors() -> Vec<Errors> {
    let mut random = 7_u64;
    // splitmix64, 0..1
    let mut uniform = || {
        random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (random ^ (random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let with = Measuring { calibration: Some(Calibration::square(0.05)), features: FeatureSet::ALL, ..Measuring::default() };
    let mut out = Vec::new();
    for shape in SHAPES {
        let truth = shape.truth();
        let mut errors: Vec<Vec<f64>> = vec![Vec::new(); truth.len()];
        for _ in 0..POSES {
            let map = shape.drawn((70.0 + uniform() - 0.5, 70.0 + uniform() - 0.5), 2.0 * PI * uniform());
            let found = regions(&map, &with);
            assert_eq!(found.len(), 1, "{}", shape.name());
            for ((feature, value), errors) in truth.iter().zip(&mut errors) {
                let unit = match feature.unit() {
                    "mm" => 0.05,
                    "mm²" => 0.0025,
                    _ => 1.0,
                };
                let error = f64::from(found[0].feature(*feature)) / unit - value;
                errors.push(if is_ratio(*feature) { error } else { 100.0 * error / value });
            }
        }
        for ((feature, _), errors) in truth.iter().zip(errors) {
            let n = errors.len() as f64;
            let bias = errors.iter().sum::<f64>() / n;
            let sd = (errors.iter().map(|e| (e - bias).powi(2)).sum::<f64>() / n).sqrt();
            let worst = errors.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
            out.push(Errors { shape: shape.name(), feature: *feature, bias, sd, worst });
        }
    }
    out
}

fn is_ratio(feature: Feature) -> bool {
    feature.unit().is_empty() && feature != Feature::Slenderness
}

/// Largest error that any pose of a shape may have. What a label of whole pixels cannot show better is stated as it is: both extents from
/// corner to corner read about a pixel more than a slanted thin bar is wide.
fn allowed(e: &Errors) -> f64 {
    let is_thin = e.shape.contains("× 3") || e.shape.contains("× 5") || e.shape.contains(" wide");
    let (tiny, thin, other) = match e.feature {
        Feature::Area => (10.0, 3.0, 2.0),
        Feature::EquivalentDiameter => (5.0, 2.0, 1.0),
        Feature::Perimeter => (8.0, 5.0, 5.0),
        Feature::FeretMax => (22.0, 3.0, 7.0),
        Feature::FeretMin => (18.0, 50.0, 18.0),
        Feature::MaxWidth => (18.0, 22.0, 7.0),
        Feature::Length => (0.0, 0.0, 5.0),
        Feature::Width => (0.0, 0.0, 15.0),
        Feature::CentreLine => (0.0, 3.0, 3.0),
        Feature::MeanWidth => (0.0, 5.0, 5.0),
        Feature::Slenderness => (0.0, 7.0, 6.0),
        Feature::Linearity => (0.17, 0.03, 0.03),
        Feature::Circularity => (0.05, 0.02, 0.02),
        Feature::Roundness => (0.33, 0.12, 0.12),
        Feature::Solidity => (0.14, 0.14, 0.14),
        Feature::Rectangularity => (0.0, 0.0, 0.16),
        _ => (0.01, 0.01, 0.01),
    };
    if e.shape == "disk r 3" {
        tiny
    } else if is_thin {
        thin
    } else {
        other
    }
}

#[test]
fn closed_forms_are_met_at_every_place_and_angle() {
    for e in all_errors() {
        let most = allowed(&e);
        assert!(e.worst.abs() <= most, "{} {}: worst error {:.3}, allowed {most}", e.shape, e.feature.name(), e.worst);
    }
}

#[test]
#[ignore = "prints the table of the manual"]
fn table_of_errors() {
    println!("| shape (px) | feature | bias | sd | worst |\n| --- | --- | ---: | ---: | ---: |");
    for e in all_errors() {
        let unit = if is_ratio(e.feature) { "" } else { " %" };
        let digits = if is_ratio(e.feature) { 3 } else { 2 };
        let value = |v: f64| format!("{v:+.digits$}{unit}");
        println!("| {} | {} | {} | {:.digits$}{unit} | {} |", e.shape, e.feature.label(), value(e.bias), e.sd, value(e.worst));
    }
}
