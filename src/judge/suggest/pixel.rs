//! Which verdicts hang on a pixel, estimated from the measured values: every boundary moved by one pixel, to first order.
//!
//! The exact answer grows and shrinks the pixels and measures again (`workflow::flip_test`); it needs the labels. This one needs the
//! table only: areas change by perimeter × pixel, lengths and widths by two pixels.

use crate::judge::compiled::CompiledRuleset;
use crate::judge::part::judge_table;
use crate::judge::tally::Rate;
use crate::measure::{Feature, RegionTable};

/// Parts whose verdict changes when all boundaries move by one pixel, estimated to first order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelFlips {
    /// With all regions one pixel smaller.
    pub smaller: Rate,
    /// With all regions one pixel larger.
    pub larger: Rate,
    /// Either way.
    pub either: Rate,
}

/// Judges the table with its regions a pixel smaller and larger. None when no region has both an area in mm² and in pixels, from which
/// the size of a pixel follows.
#[must_use]
pub fn pixel_flips(table: &RegionTable, rules: &CompiledRuleset) -> Option<PixelFlips> {
    let pixel = |row| f64::from(table.value(row, Feature::Area)) / f64::from(table.value(row, Feature::AreaPx));
    if !(0..table.rows()).any(|row| pixel(row) > 0.0) {
        return None;
    }
    let now = judge_table(table, rules);
    let [smaller, larger] = [-1.0, 1.0].map(|step| judge_table(&moved(table, step), rules));
    let count = |differs: &dyn Fn(usize) -> bool| Rate { count: (0..now.len()).filter(|&p| differs(p)).count(), of: now.len() };
    Some(PixelFlips {
        smaller: count(&|p| smaller[p] != now[p]),
        larger: count(&|p| larger[p] != now[p]),
        either: count(&|p| smaller[p] != now[p] || larger[p] != now[p]),
    })
}

/// The table with all boundaries moved by `step` pixels; what does not follow from the move stays as it is.
fn moved(table: &RegionTable, step: f64) -> RegionTable {
    let columns = Feature::ALL.map(|feature| match table.column(feature) {
        [] => Vec::new(),
        column => column.iter().enumerate().map(|(row, &value)| moved_value(table, row, feature, value, step)).collect(),
    });
    RegionTable::from_columns(table.part_starts().to_vec(), table.class().to_vec(), table.zone().to_vec(), columns)
}

fn moved_value(table: &RegionTable, row: usize, feature: Feature, value: f32, step: f64) -> f32 {
    let of = |feature| f64::from(table.value(row, feature));
    let pixel = (of(Feature::Area) / of(Feature::AreaPx)).sqrt();
    // Without a measured perimeter that of the smallest rectangle.
    let perimeter =
        Some(of(Feature::Perimeter)).filter(|p| !p.is_nan()).unwrap_or(2.0 * (of(Feature::Length) + of(Feature::Width)));
    let area = (of(Feature::Area) + step * perimeter * pixel).max(0.0);
    let is_gone = area == 0.0 || of(Feature::Width) + 2.0 * step * pixel <= 0.0;
    let value = f64::from(value);
    let is_area = matches!(feature, Feature::Area | Feature::AreaPx | Feature::EquivalentDiameter);
    let moved = match feature {
        _ if is_gone && (is_area || is_extent(feature)) => 0.0,
        Feature::Area => area,
        Feature::AreaPx => area / (pixel * pixel),
        Feature::EquivalentDiameter => (4.0 * area / std::f64::consts::PI).sqrt(),
        // A contour at distance d from a convex one is 2π·d longer.
        Feature::Perimeter => (value + std::f64::consts::TAU * step * pixel).max(0.0),
        _ if is_extent(feature) => (value + 2.0 * step * pixel).max(0.0),
        _ => value,
    };
    // Without a calibration nothing is known of the move: values in mm are unmeasured then, and pixels stay as they are.
    if pixel.is_nan() { value as f32 } else { moved as f32 }
}

/// Lengths from border to border: both ends move.
const fn is_extent(feature: Feature) -> bool {
    matches!(
        feature,
        Feature::Length
            | Feature::Width
            | Feature::BoxWidth
            | Feature::BoxHeight
            | Feature::FeretMax
            | Feature::FeretMin
            | Feature::CentreLine
            | Feature::MeanWidth
            | Feature::MaxWidth
    )
}
