//! Verdicts and figures as `judge --json` and `inspect --json` write them. The shapes are part of the interface.

use std::collections::BTreeMap;

use delimit::judge::{Cause, Rate, Reason, Score, Tally, Verdict};
use delimit::measure::{Feature, Region};
use delimit::project::{Class, PartNumber, class_name};
use serde::Serialize;

/// One thing that speaks against a part.
#[derive(Serialize)]
pub struct ReasonReport {
    /// review or ng.
    pub verdict: Verdict,
    pub class: String,
    pub zone: String,
    /// Id of the image; null when all regions of the part together are the cause.
    pub image: Option<String>,
    /// Number of the region in its image, from 1; null as for `image`.
    pub region: Option<u32>,
    /// The number that a person gave the region; left out where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// What was compared with a limit; null when no rule speaks of the class in the zone.
    pub what: Option<String>,
    /// In the unit of the feature; null when it could not be measured.
    pub value: Option<f32>,
    /// For people.
    pub sentence: String,
    /// The rule in words.
    pub rule: String,
}

impl ReasonReport {
    /// `image_id` names an image by its index.
    pub fn of(reason: &Reason, image_id: impl Fn(u32) -> String) -> Self {
        let (what, value) = match reason.cause {
            Cause::Limit { feature, value, .. } => (Some(feature.name().to_owned()), Some(value)),
            Cause::PartLimit { aggregate, value, .. } => {
                let words = match aggregate {
                    delimit::judge::Aggregate::Count => "count".to_owned(),
                    delimit::judge::Aggregate::Total(f) => format!("total_{}", f.name()),
                    delimit::judge::Aggregate::Max(f) => format!("max_{}", f.name()),
                };
                (Some(words), Some(value))
            }
            Cause::Rule { value, .. } => (Some("rule".to_owned()), Some(value)),
            Cause::NoRule => (None, None),
        };
        Self {
            verdict: reason.verdict,
            class: reason.class.clone(),
            zone: reason.zone.clone(),
            image: reason.region.map(|r| image_id(r.image)),
            region: reason.region.map(|r| r.index + 1),
            number: None,
            what,
            value: value.filter(|v| v.is_finite()),
            sentence: reason.sentence(),
            rule: reason.rule.clone(),
        }
    }
}

/// `count` of `of`, with the Wilson 95 % interval of the share (0..=1).
#[derive(Serialize)]
pub struct RateReport {
    pub count: usize,
    pub of: usize,
    pub low: f64,
    pub high: f64,
}

impl From<Rate> for RateReport {
    fn from(rate: Rate) -> Self {
        let interval = rate.interval();
        Self { count: rate.count, of: rate.of, low: interval.low, high: interval.high }
    }
}

/// Verdicts against the truth.
#[derive(Serialize)]
pub struct ScoreReport {
    /// Accepted, of the parts that are NG in truth.
    pub escapes: RateReport,
    /// Rejected, of the parts that are OK in truth.
    pub overkill: RateReport,
    /// Review, of all parts.
    pub review_load: RateReport,
    /// Verdicts by truth.
    pub truly_ok: Tally,
    pub truly_ng: Tally,
    pub undecided: Tally,
}

impl From<Score> for ScoreReport {
    fn from(score: Score) -> Self {
        Self {
            escapes: score.escapes().into(),
            overkill: score.overkill().into(),
            review_load: score.review_load().into(),
            truly_ok: score.truly_ok,
            truly_ng: score.truly_ng,
            undecided: score.undecided,
        }
    }
}

/// One measured region.
#[derive(Serialize)]
pub struct RegionReport {
    /// From 1, as in sentences.
    pub region: usize,
    pub class: String,
    /// Pixels by zone name.
    pub zones: BTreeMap<String, u64>,
    /// x0, y0, x1, y1 in px; x1 and y1 are outside.
    pub bounds: [u32; 4],
    /// It touches the border of the image or of an ignored zone: sizes are lower bounds.
    pub is_clipped: bool,
    /// By name; mm, mm² or px, see `Feature`. null = unmeasured.
    pub features: BTreeMap<&'static str, Option<f32>>,
}

impl RegionReport {
    pub fn of(index: usize, region: &Region, classes: &[Class], part_number: &PartNumber) -> Self {
        let class = class_name(classes, region.class);
        Self {
            region: index + 1,
            class,
            zones: region.zones.iter().map(|z| (part_number.zone_name(z.zone).to_owned(), z.pixels)).collect(),
            bounds: [region.bounds.x0, region.bounds.y0, region.bounds.x1, region.bounds.y1],
            is_clipped: region.is_clipped,
            features: Feature::ALL.iter().map(|&f| (f.name(), Some(region.feature(f)).filter(|v| v.is_finite()))).collect(),
        }
    }
}
