//! The report as a value: figures and words, no markup.

use super::sources::Source;
use crate::judge::{Claim, Cost, Disposition, Interval, Score, SweepPoint, Tally, Verdict};
use crate::measure::Calibration;
use crate::project::Signature;
use crate::raster::PixelRect;
use crate::raster::contour::Contour;

/// All that a report says.
#[derive(Clone, Debug)]
pub struct Report {
    pub project: String,
    pub part_number: String,
    /// Who made it, and when.
    pub made: Signature,
    /// Version of the program.
    pub program: String,
    pub ruleset: RulesetIdentity,
    /// Zone map, models and their cards as their files stand.
    pub files: Vec<FileHash>,
    pub calibration: Option<Calibration>,
    /// SHA-256 of the calibration as it stands in the project file.
    pub calibration_sha256: Option<String>,
    /// Sign before amounts of money.
    pub currency: String,
    /// Labels first.
    pub sources: Vec<SourceReport>,
    /// What golden parts were held against; None when nothing was judged.
    pub golden_on: Option<Source>,
    pub golden: Vec<Golden>,
    /// Size limits below which labelled true defects lie.
    pub alarms: Vec<Alarm>,
}

/// Which ruleset it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesetIdentity {
    pub name: String,
    pub note: String,
    /// SHA-256 of its text, in hexadecimal; the same as in a release of it.
    pub sha256: String,
    /// The release that it equals, in words.
    pub release: Option<String>,
    /// The version of that release.
    pub version: Option<u32>,
}

/// A file that the verdicts hang on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHash {
    /// "zone map", "model", "model card".
    pub what: &'static str,
    pub name: String,
    /// In hexadecimal; None when it cannot be read.
    pub sha256: Option<String>,
}

/// Labels, or predictions.
#[derive(Clone, Debug)]
pub struct SourceReport {
    pub source: Source,
    /// Which engine ran; None for labels and for what came from the cache alone.
    pub engine: Option<String>,
    pub tally: Tally,
    pub score: Score,
    /// What the counts prove: escapes, overkill.
    pub claims: Vec<Claim>,
    /// None when nobody told costs.
    pub cost: Option<Cost>,
    /// Serials of parts that were not judged: an image has no label or no prediction, or cannot be read.
    pub not_judged: Vec<String>,
    /// What could not be measured, a sentence each.
    pub problems: Vec<String>,
    pub matrix: Vec<MatrixRow>,
    pub rules: Vec<RuleHits>,
    /// Most parts first.
    pub causes: Vec<Cause>,
    pub curves: Vec<Curve>,
    pub strips: Vec<Strip>,
    /// Escapes first.
    pub wrong: Vec<WrongPart>,
}

/// A class in a zone: what decides there and what it decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixRow {
    pub class: String,
    pub zone: String,
    /// The cell that decides, when it is another than this class and zone: "pit × *". None where no cell does.
    pub decided_by: Option<String>,
    /// Its limits in words, one each.
    pub limits: Vec<String>,
    /// Regions by the verdict they get by themselves. A region in two zones counts in both.
    pub regions: Tally,
}

/// A rule and how often it spoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleHits {
    /// The rule with its limits.
    pub words: String,
    /// Parts that it makes NG, and parts that it makes review.
    pub ng_parts: usize,
    pub review_parts: usize,
}

/// What parts are NG or review for: the class and zone of the worst reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub class: String,
    pub zone: String,
    pub ng_parts: usize,
    pub review_parts: usize,
    /// Share of all NG and review parts that this cause and those before it explain, 0..=1.
    pub cumulative: f64,
}

/// One value of a limit moved over all places where something changes.
#[derive(Clone, Debug)]
pub struct Curve {
    /// "pit × seal ring: length, NG from".
    pub title: String,
    pub unit: String,
    /// Where it stands.
    pub now: f64,
    /// Ascending by place.
    pub points: Vec<SweepPoint>,
}

/// The regions nearest to a limit on either side, by ascending value.
#[derive(Clone, Debug)]
pub struct Strip {
    /// "pit × seal ring: length OK below 0.30 mm, NG from 0.40 mm".
    pub title: String,
    pub unit: String,
    /// The values of the limit, ascending.
    pub limits: Vec<f64>,
    /// Side of every square, image px: all pictures of a strip have one scale.
    pub side_px: u32,
    /// The same in mm, (width, height).
    pub side_mm: Option<(f64, f64)>,
    pub regions: Vec<Borderline>,
}

/// A region near a limit.
#[derive(Clone, Debug)]
pub struct Borderline {
    pub part: String,
    pub image: String,
    /// In its image, from 1.
    pub number: u32,
    pub class: u8,
    pub value: f32,
    /// On the region by itself.
    pub verdict: Verdict,
    /// What its part is in truth.
    pub truth: Disposition,
    /// None when the photo cannot be read.
    pub crop: Option<Crop>,
}

/// A picture of a region.
#[derive(Clone, Debug)]
pub struct Crop {
    /// What it shows, image px.
    pub rect: PixelRect,
    /// The photo, encoded.
    pub png: Vec<u8>,
    /// Outlines, image px, with the colour of the class.
    pub outlines: Vec<([u8; 3], Contour)>,
}

/// A golden part and what it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Golden {
    pub part: String,
    pub expected: Verdict,
    /// None when it was not judged.
    pub got: Option<Verdict>,
    pub note: String,
    pub agreed: Signature,
}

/// A size limit that lets labelled true defects pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub sentence: String,
    /// Parts among them that nothing else speaks against.
    pub escapes: usize,
}

/// A part whose verdict is not what it is in truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongPart {
    pub part: String,
    /// Accepted though NG; otherwise rejected though OK.
    pub is_escape: bool,
    /// Why it got its verdict.
    pub sentence: String,
}

impl SourceReport {
    /// Escapes, overkill and review with their Wilson 95 % intervals.
    #[must_use]
    pub fn rates(&self) -> [(&'static str, crate::judge::Rate, Interval); 3] {
        let s = &self.score;
        [("Escapes", s.escapes()), ("Overkill", s.overkill()), ("Review", s.review_load())].map(|(n, r)| (n, r, r.interval()))
    }
}
