//! The parts of one part number under a ruleset: verdicts, tally, escapes and overkill, reasons.

use crate::judge::{
    Board, Change, CompiledRuleset, Disposition, PartVerdict, Ruleset, RulesetError, Score, Tally, Verdict, judge_part,
};
use crate::measure::{Region, RegionTable};
use crate::project::Project;

/// Judged parts of one part number. Parts without regions known (not predicted yet, label unreadable) are left out and counted.
pub struct Evaluation {
    part_number: usize,
    /// Index in the project's parts of each part of the table.
    parts: Vec<usize>,
    left_out: usize,
    table: RegionTable,
    board: Board,
    truth: Vec<Disposition>,
}

/// A ruleset made ready for the classes and zones of a part number.
pub fn compile(project: &Project, part_number: usize, ruleset: &Ruleset) -> Result<CompiledRuleset, RulesetError> {
    ruleset.compile(&project.class_names(), &project.part_numbers[part_number].zone_names())
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
        let (mut parts, mut judged_truth, mut left_out) = (Vec::new(), Vec::new(), 0);
        for (index, part) in project.parts().iter().enumerate().filter(|(_, p)| p.part_number == part_number) {
            let Some(images) = part.images.iter().map(|&i| regions(i).map(|r| (i, r))).collect::<Option<Vec<_>>>() else {
                left_out += 1;
                continue;
            };
            for (image, regions) in images {
                for (i, region) in regions.iter().enumerate() {
                    table.push(image as u32, i as u32, region);
                }
            }
            table.finish_part();
            parts.push(index);
            judged_truth.push(truth[index]);
        }
        let board = Board::new(&table, rules);
        Self { part_number, parts, left_out, table, board, truth: judged_truth }
    }

    /// Goes over to another ruleset the cheapest way; returns what changed, by part of this evaluation.
    pub fn apply(&mut self, rules: &CompiledRuleset) -> Vec<Change> {
        self.board.apply(&self.table, rules)
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
    pub const fn table(&self) -> &RegionTable {
        &self.table
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
