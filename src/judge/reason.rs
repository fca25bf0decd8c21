//! Why a part got its verdict: the rule, the region and the value, and the sentence that says so.

use super::aggregate::Aggregate;
use super::limit::{AtLimit, Bounds, Thresholds, Worse};
use super::ruleset::{ANY, UNZONED, aggregate_words};
use super::verdict::Verdict;
use crate::measure::Feature;

/// One thing that speaks against a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Review or NG.
    pub verdict: Verdict,
    /// Name of the class; for a part limit that of its cell, possibly `"*"`.
    pub class: String,
    /// Name of the zone; for a part limit that of its cell, possibly `"*"`.
    pub zone: String,
    /// The region, if one region is the cause.
    pub region: Option<RegionAt>,
    pub cause: Cause,
    /// The rule in words, e.g. "scratch × seal: length OK below 0.50 mm, NG from 2.00 mm".
    pub rule: String,
}

/// Where a region stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionAt {
    /// Row of the region table.
    pub row: usize,
    /// Index of the image in the project.
    pub image: u32,
    /// Index of the region in its image, from 0; people read it from 1.
    pub index: u32,
}

/// What was compared with what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// A feature of one region; the value is NaN when unmeasured.
    Limit { feature: Feature, value: f32, bounds: Bounds },
    /// A figure over all regions of a cell on the part; NaN when unmeasured.
    PartLimit { aggregate: Aggregate, value: f32, bounds: Bounds },
    /// A value of a rule; NaN when unmeasured.
    Rule {
        /// Index in [`super::CompiledRuleset::rules`].
        rule: usize,
        value: f32,
        thresholds: Thresholds,
        /// NG became review: the model is not sure enough, or something that decides whether the rule holds is not measured.
        is_capped: bool,
    },
    /// No rule speaks of the class in the zone.
    NoRule,
}

/// How far a value lies from the limit that it misses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// The limit at which the verdict gets better.
    pub limit: f64,
    /// What the value must change by to reach it, in its unit.
    pub change: f64,
    /// How far the value lies beyond it, in percent of the limit; 0 exactly at it, infinite when the limit is 0.
    pub percent: f64,
}

impl Reason {
    /// One sentence for people, e.g. `NG: scratch #2, length 4.13 mm ≥ 2.00 in zone seal`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { verdict, class, zone, .. } = self;
        let place = place(zone);
        let number = self.region.map_or(String::new(), |r| format!(" #{}", r.index + 1));
        match self.cause {
            Cause::NoRule => format!("{verdict}: {class}{number}{place}: no rule speaks of {class} there"),
            Cause::Rule { value, thresholds, is_capped, .. } => {
                let subject = if self.region.is_some() { format!("{class}{number}{place}: ") } else { String::new() };
                let value = if value.is_nan() { "not measured".to_owned() } else { plain(f64::from(value)) };
                let is_spared = is_capped && thresholds.verdict(self.value()) == Verdict::Ng;
                let cap = if is_spared { " (not sure enough to reject)" } else { "" };
                format!("{verdict}: {subject}{}; it is {value}{cap}", self.rule)
            }
            Cause::Limit { feature, value, bounds } => {
                let compared = compared(*verdict, f64::from(value), feature.unit(), bounds, "");
                format!("{verdict}: {class}{number}, {} {compared}{place}", words(feature))
            }
            Cause::PartLimit { aggregate: Aggregate::Count, value, bounds } => {
                let what = format!(" {}{place}", plural(class, value == 1.0));
                format!("{verdict}: {}", compared(*verdict, f64::from(value), "", bounds, &what))
            }
            Cause::PartLimit { aggregate, value, bounds } => {
                let compared = compared(*verdict, f64::from(value), aggregate.unit(), bounds, "");
                let figure = aggregate_words(aggregate);
                let figure = figure.strip_prefix("the ").unwrap_or(&figure);
                format!("{verdict}: {}{place}, {figure} {compared}", plural(class, false))
            }
        }
    }

    /// The value that was compared; NaN when it is unmeasured or nothing was compared.
    #[must_use]
    pub const fn value(&self) -> f32 {
        match self.cause {
            Cause::Limit { value, .. } | Cause::PartLimit { value, .. } | Cause::Rule { value, .. } => value,
            Cause::NoRule => f32::NAN,
        }
    }

    /// How far the value lies beyond the limit that it misses; None when it is unmeasured or no limit is the cause.
    #[must_use]
    pub fn beyond(&self) -> Option<Beyond> {
        let (value, limit) = match self.cause {
            Cause::Limit { value, bounds, .. } | Cause::PartLimit { value, bounds, .. } => {
                let limit =
                    if self.verdict == Verdict::Ng { bounds.reject_from.or(bounds.accept_below) } else { bounds.accept_below };
                (value, limit?)
            }
            Cause::Rule { value, thresholds, .. } => {
                let is_ng = thresholds.verdict(value) == Verdict::Ng;
                let limit = if is_ng { thresholds.reject } else { thresholds.accept };
                (value, f64::from(if thresholds.is_negated { -limit } else { limit }))
            }
            Cause::NoRule => return None,
        };
        if value.is_nan() || !limit.is_finite() {
            return None;
        }
        let change = limit - f64::from(value);
        let percent = if change == 0.0 { 0.0 } else { 100.0 * change.abs() / limit.abs() };
        Some(Beyond { limit, change, percent })
    }

    /// How far the value lies beyond what would be accepted, as a ratio; unmeasured and unspoken of least.
    pub(super) fn excess(&self) -> f64 {
        let (value, limit, is_small_bad) = match self.cause {
            Cause::Limit { value, bounds, .. } | Cause::PartLimit { value, bounds, .. } => {
                (value, bounds.reject_from.or(bounds.accept_below).unwrap_or(1.0), bounds.worse == Worse::Smaller)
            }
            Cause::Rule { value, thresholds, .. } => {
                let limit = f64::from(thresholds.reject);
                (value, if thresholds.is_negated { -limit } else { limit }, thresholds.is_negated)
            }
            Cause::NoRule => return f64::NEG_INFINITY,
        };
        let value = f64::from(value);
        let ratio = if is_small_bad { limit / value } else { value / limit };
        if ratio.is_nan() { f64::NEG_INFINITY } else { ratio }
    }
}

/// The rule of a limit in words: "OK below 0.50 mm, NG from 2.00 mm".
#[must_use]
pub fn bounds_words(bounds: Bounds, unit: &str) -> String {
    let decimals = decimals(&[bounds.accept_below, bounds.reject_from], unit);
    let number = |v: f64| format!("{v:.decimals$}{}", spaced(unit));
    let (below, from) = match (bounds.worse, bounds.at_limit) {
        (Worse::Smaller, _) => ("from", "below"),
        (Worse::Larger, AtLimit::Worse) => ("below", "from"),
        (Worse::Larger, AtLimit::Better) => ("up to", "above"),
    };
    match (bounds.accept_below, bounds.reject_from) {
        (Some(a), Some(r)) => format!("OK {below} {}, NG {from} {}", number(a), number(r)),
        (Some(a), None) => format!("OK {below} {}, else NG", number(a)),
        (None, Some(r)) => format!("NG {from} {}", number(r)),
        (None, None) => "no limit".to_owned(),
    }
}

/// "length OK below 0.50 mm, NG from 2.00 mm", with the cell in front.
pub(super) fn limit_words(class: &str, zone: &str, feature: Feature, bounds: Bounds) -> String {
    format!("{class} × {zone}: {} {}", words(feature), bounds_words(bounds, feature.unit()))
}

pub(super) fn part_limit_words(class: &str, zone: &str, aggregate: Aggregate, bounds: Bounds) -> String {
    let unit = if aggregate == Aggregate::Count { COUNTED } else { aggregate.unit() };
    format!("{class} × {zone}: {} per part {}", aggregate_words(aggregate), bounds_words(bounds, unit))
}

/// Stands in for the unit of a count, which is written without decimals.
const COUNTED: &str = "#";

fn spaced(unit: &str) -> String {
    if unit.is_empty() || unit == COUNTED { String::new() } else { format!(" {unit}") }
}

fn words(feature: Feature) -> String {
    feature.label().to_lowercase()
}

fn place(zone: &str) -> String {
    match zone {
        UNZONED => " outside all zones".to_owned(),
        ANY => String::new(),
        name => format!(" in zone {name}"),
    }
}

/// `4.13 mm ≥ 2.00`, `0.61 mm² between 0.50 and 2.00` or `not measured`; `after` stands between value and comparison.
fn compared(verdict: Verdict, value: f64, unit: &str, bounds: Bounds, after: &str) -> String {
    if value.is_nan() {
        return format!("not measured{after}");
    }
    let limit = bounds.reject_from.or(bounds.accept_below).unwrap_or(f64::NAN);
    let kind = if after.is_empty() { unit } else { COUNTED };
    let sign = match (bounds.worse, bounds.at_limit) {
        (Worse::Smaller, _) => "<",
        (Worse::Larger, AtLimit::Better) => ">",
        (Worse::Larger, AtLimit::Worse) => "≥",
    };
    if verdict == Verdict::Ng {
        let d = decimals(&[Some(value), Some(limit)], kind);
        return format!("{value:.d$}{}{after} {sign} {limit:.d$}", spaced(unit));
    }
    let accept = bounds.accept_below.unwrap_or(limit);
    let d = decimals(&[Some(value), Some(accept), Some(limit)], kind);
    format!("{value:.d$}{}{after} between {accept:.d$} and {limit:.d$}", spaced(unit))
}

/// A value with about four digits: "4.13", "0.00512", "101".
fn plain(value: f64) -> String {
    let digits = if value == 0.0 || !value.is_finite() { 0 } else { value.abs().log10().floor() as i32 };
    let decimals = usize::try_from((3 - digits).clamp(0, 12)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Decimals to write these numbers with: 2 (0 for pieces and pixels), more where a number would look like another or lose half a
/// percent.
fn decimals(numbers: &[Option<f64>], unit: &str) -> usize {
    let numbers: Vec<f64> = numbers.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    let start = if unit == "px" || unit == COUNTED { 0 } else { 2 };
    let is_clear = |d: &usize| {
        let texts: Vec<String> = numbers.iter().map(|v| format!("{v:.0$}", *d)).collect();
        let close = |(text, v): (&String, &f64)| text.parse::<f64>().is_ok_and(|t| (t - v).abs() <= 0.005 * v.abs());
        let apart = (0..numbers.len()).all(|i| (0..i).all(|j| texts[i] != texts[j] || numbers[i] as f32 == numbers[j] as f32));
        apart && texts.iter().zip(&numbers).all(close)
    };
    (start..=9).find(is_clear).unwrap_or(9)
}

/// Plural of a class name ("pits", "scratches", "cavities"), "regions" for any class.
fn plural(class: &str, is_one: bool) -> String {
    let class = if class == ANY { "region" } else { class };
    if is_one {
        return class.to_owned();
    }
    if ["s", "x", "z", "ch", "sh"].iter().any(|end| class.ends_with(end)) {
        return format!("{class}es");
    }
    match class.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{class}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_never_look_like_the_limit_they_miss() {
        assert_eq!(
            compared(Verdict::Review, 1.999_9, "mm²", Bounds::new(Some(0.5), Some(2.0)), ""),
            "1.9999 mm² between 0.5000 and 2.0000"
        );
        assert_eq!(compared(Verdict::Ng, 2.0, "mm", Bounds::new(None, Some(2.0)), ""), "2.00 mm ≥ 2.00");
        assert_eq!(compared(Verdict::Ng, 0.0051, "mm", Bounds::new(Some(0.004), None), ""), "0.0051 mm ≥ 0.0040");
        assert_eq!(compared(Verdict::Ng, 101.0, "px", Bounds::new(Some(100.0), Some(101.0)), ""), "101 px ≥ 101");
    }

    #[test]
    fn plurals() {
        for (one, many) in [("pit", "pits"), ("scratch", "scratches"), ("cavity", "cavities"), ("void", "voids"), ("*", "regions")]
        {
            assert_eq!(plural(one, false), many);
        }
        assert_eq!(plural("*", true), "region");
    }
}
