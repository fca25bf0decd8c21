//! The parts of one part number under a ruleset: verdicts, tally, escapes and overkill, reasons.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::judge::{
    Admitted, Aside, Board, Change, CompiledRuleset, Disposition, PartVerdict, Ruleset, RulesetError, Score, Surroundings, Tally,
    Verdict, judge_part,
};
use crate::measure::{Region, RegionTable};
use crate::project::{PartNumber, Project};
use crate::raster::LabelMap;
use crate::session::Snapshot;

/// Judged parts of one part number. Parts without regions known (not predicted yet, label unreadable) are left out and counted.
pub struct Evaluation {
    part_number: usize,
    /// Index in the project's parts of each part of the table.
    parts: Vec<usize>,
    left_out: usize,
    table: Arc<RegionTable>,
    board: Board,
    truth: Vec<Disposition>,
    aside: Vec<Aside>,
}

/// A ruleset made ready for the classes and zones of a part number. Only for a ruleset with densities the zone map is read from disk;
/// where it can't be read they are unmeasured, which gives review. See [`compile_in`].
pub fn compile(project: &Project, part_number: usize, ruleset: &Ruleset) -> Result<CompiledRuleset, RulesetError> {
    let zones = ruleset.needs_surroundings().then(|| project.read_zones(part_number).ok().flatten()).flatten();
    compile_for(project, part_number, ruleset, zones.as_ref())
}

/// As [`compile`], with the zone map that the snapshot holds.
pub fn compile_in(snapshot: &Snapshot, part_number: usize, ruleset: &Ruleset) -> Result<CompiledRuleset, RulesetError> {
    let zones = ruleset.needs_surroundings().then(|| snapshot.zones(part_number).ok().flatten()).flatten();
    compile_for(snapshot.project(), part_number, ruleset, zones)
}

fn compile_for(
    project: &Project,
    part_number: usize,
    ruleset: &Ruleset,
    zones: Option<&LabelMap>,
) -> Result<CompiledRuleset, RulesetError> {
    let pn = &project.part_numbers[part_number];
    ruleset.compile_with(&project.class_names(), &pn.zone_names(), &surroundings_of(ruleset, pn, zones))
}

/// How large zones and image of a part number are, when the ruleset asks for it.
#[must_use]
pub fn surroundings_of(ruleset: &Ruleset, part_number: &PartNumber, zones: Option<&LabelMap>) -> Surroundings {
    let Some(zones) = zones.filter(|_| ruleset.needs_surroundings()) else { return Surroundings::default() };
    let pixels = zones.histogram();
    let image_px = Some(pixels.iter().sum());
    let zone_areas_mm2 = part_number
        .calibration
        .map_or_else(BTreeMap::new, |c| (0..=u8::MAX).zip(pixels).map(|(zone, n)| (zone, n as f64 * c.pixel_area_mm2())).collect());
    Surroundings { zone_areas_mm2, image_px }
}

impl Evaluation {
    /// Judges every part of `part_number` all of whose images have regions; `truth` is by part of the project.
    #[must_use]
    pub fn new<'r>(
        project: &Project,
        part_number: usize,
        rules: &CompiledRuleset,
        truth: &[Disposition],
        regions: impl Fn(usize) -> Option<&'r [Region]>,
    ) -> Self {
        let mut table = RegionTable::new();
        let (mut parts, mut judged_truth, mut left_out, mut aside) = (Vec::new(), Vec::new(), 0, Vec::new());
        for (index, part) in project.parts().iter().enumerate().filter(|(_, p)| p.part_number == part_number) {
            let Some(images) = part.images.iter().map(|&i| regions(i).map(|r| (i, r))).collect::<Option<Vec<_>>>() else {
                left_out += 1;
                continue;
            };
            for (image, regions) in images {
                for (i, region) in regions.iter().enumerate() {
                    let (image, region_at) = (image as u32, i as u32);
                    let what = rules.admission().push(&mut table, image, region_at, region);
                    if what != Admitted::AsIs {
                        aside.push(Aside { part: parts.len(), image, region: region_at, what });
                    }
                }
            }
            table.finish_part();
            parts.push(index);
            judged_truth.push(truth[index]);
        }
        let board = Board::new(&table, rules);
        let table = Arc::new(table);
        Self { part_number, parts, left_out, table, board, truth: judged_truth, aside }
    }

    /// Goes over to another ruleset the cheapest way; returns what changed, by part of this evaluation. None when the other ruleset makes
    /// other rows of the regions (it ignores, treats or cuts differently): then nothing changed, and a new evaluation is needed.
    pub fn apply(&mut self, rules: &CompiledRuleset) -> Option<Vec<Change>> {
        self.can_apply(rules).then(|| self.board.apply(&self.table, rules))
    }

    /// The ruleset makes the same rows of the regions.
    #[must_use]
    pub fn can_apply(&self, rules: &CompiledRuleset) -> bool {
        self.board.rules().admission() == rules.admission()
    }

    /// Regions that are ignored or judged as something else, by part of this evaluation.
    #[must_use]
    pub fn aside(&self) -> &[Aside] {
        &self.aside
    }

    /// The same of one part of the project.
    #[must_use]
    pub fn aside_of_part(&self, part: usize) -> &[Aside] {
        let Some(part) = self.position(part) else { return &[] };
        let first = self.aside.partition_point(|a| a.part < part);
        let end = self.aside.partition_point(|a| a.part <= part);
        &self.aside[first..end]
    }

    #[must_use]
    pub const fn part_number(&self) -> usize {
        self.part_number
    }

    /// For each judged part its index in the project.
    #[must_use]
    pub fn parts(&self) -> &[usize] {
        &self.parts
    }

    /// Parts that could not be judged because regions of an image are not known.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    #[must_use]
    pub fn table(&self) -> &RegionTable {
        &self.table
    }

    /// The same for another thread.
    #[must_use]
    pub fn shared_table(&self) -> Arc<RegionTable> {
        Arc::clone(&self.table)
    }

    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    #[must_use]
    pub fn truth(&self) -> &[Disposition] {
        &self.truth
    }

    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        self.board.verdicts()
    }

    #[must_use]
    pub fn tally(&self) -> Tally {
        self.board.tally()
    }

    /// Tally against the truth: escapes, overkill, review load.
    #[must_use]
    pub fn score(&self) -> Score {
        Score::of(self.board.verdicts(), &self.truth)
    }

    /// The verdict of a part of the project; None when it was not judged.
    #[must_use]
    pub fn verdict_of_part(&self, part: usize) -> Option<Verdict> {
        Some(self.board.verdicts()[self.position(part)?])
    }

    /// Why a part of the project got its verdict; None when it was not judged.
    #[must_use]
    pub fn explain(&self, part: usize) -> Option<PartVerdict> {
        Some(judge_part(&self.table, self.position(part)?, self.board.rules()))
    }

    fn position(&self, part: usize) -> Option<usize> {
        self.parts.binary_search(&part).ok()
    }
}
