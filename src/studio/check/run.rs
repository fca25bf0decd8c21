//! What the commands of Check do, and how results of the check come in.

use delimit::check::{BoundaryCheck, ClassRule, Finding, RegionCheck};
use delimit::project::{Acceptance, Class};
use delimit::session::command::Workspace;
use delimit::session::{Command, SurfaceId};
use delimit::workflow::flip_test::{Consequence, ImageFlips};
use delimit::workflow::label_groups::annotator_of;
use egui::Context;

use super::FindingAt;
use crate::studio::app::Studio;
use crate::studio::state::FindingPlace;

/// What has been seen of the session.
#[derive(Debug, Default)]
pub struct CheckRun {
    /// Of the sidecars whose acceptances are in the list.
    seen_sidecars: u64,
    /// The list follows a key press to its finding.
    pub scrolls_to_finding: bool,
    /// Row of the finding that was last gone to: where it was when it is no longer listed.
    pub row: usize,
    /// The classes and tolerances that the verdicts belong to.
    seen_rules: Option<(f64, Vec<ClassRule>)>,
}

impl Studio {
    /// Carries a command of Check out; false for any other.
    pub fn run_on_findings(&mut self, command: Command, ctx: &Context) -> bool {
        match command {
            Command::RunCheck => self.start_check(),
            Command::NextFinding | Command::PreviousFinding if self.checking.repair.has_batch() => {
                self.step_batch(if command == Command::NextFinding { 1 } else { -1 });
            }
            Command::NextFinding => self.step_finding(1),
            Command::PreviousFinding => self.step_finding(-1),
            Command::SnapToEdge => self.start_snap(),
            Command::SnapListed => self.start_batch_snap(),
            Command::AcceptFinding => self.begin_accepting(),
            Command::EdgeFit => self.checking.live.is_on = !self.checking.live.is_on,
            Command::DefectBook => self.switch_book(),
            Command::Accept if self.has_repair() => self.take_repair(ctx),
            _ => return false,
        }
        true
    }

    /// With which the labels are checked while a slider of Check is held, otherwise as the project says.
    pub fn check_settings(&self) -> BoundaryCheck {
        let common = self.checking.tolerance.held(None).unwrap_or(self.session.project().tolerance_px);
        BoundaryCheck { tolerance_px: common, ..self.session.project().boundary_check() }
    }

    fn rule_of(&self, class: u8) -> ClassRule {
        let rule = self.session.project().class(class).map_or_else(ClassRule::default, Class::rule);
        ClassRule { tolerance_px: self.checking.tolerance.held(Some(class)).or(rule.tolerance_px), ..rule }
    }

    /// Takes in what the check says about an image.
    pub fn learn_checks(
        &mut self,
        image: usize,
        checks: Vec<RegionCheck>,
        findings: Vec<(Finding, Option<Acceptance>)>,
        flips: ImageFlips,
    ) {
        let is_edited = self.analysis.checks[image].is_some();
        let found = findings.into_iter().map(|(finding, acceptance)| FindingAt {
            image,
            acceptance,
            consequence: Consequence::default(),
            is_of_set: false,
            finding,
        });
        self.checking.findings.put(image, found.collect(), is_edited);
        self.checking.stakes.put(image, flips);
        self.analysis.checks[image] = Some(checks);
        self.analysis.is_any_checked = true;
        self.judge_image_again(image);
    }

    fn judge_image_again(&mut self, image: usize) {
        let Some(checks) = &self.analysis.checks[image] else { return };
        let judged = super::findings::judged(checks, &self.check_settings(), |class| self.rule_of(class));
        self.checking.findings.judge_again(image, &judged);
        self.analysis.checks[image] = Some(judged);
        self.checking.groups.outdate();
    }

    /// Brings the list up to date with tolerances, acceptances and limits. Once per frame, before drawing.
    pub fn tick_check(&mut self, ctx: &Context) {
        self.take_repairs();
        if !self.checking.book.is_open {
            // However the book was closed, what was written in it stays.
            self.keep_guideline(ctx);
        }
        if !self.analysis.is_any_checked {
            return;
        }
        self.follow_tolerances();
        let is_wanted = self.checking.findings.take_acceptances_wanted();
        if is_wanted || self.checking.run.seen_sidecars != self.session.sidecar_revision() {
            self.checking.run.seen_sidecars = self.session.sidecar_revision();
            self.follow_acceptances();
        }
        if self.view.workspace == Workspace::Check {
            self.follow_stakes();
        }
        let (session, pn) = (&self.session, self.view.part_number);
        let annotator = |image: usize| annotator_of(session.sidecar(image)).to_owned();
        let is_checking = self.long_work.is_some();
        self.checking.findings.list(session.project(), pn, is_checking, annotator);
    }

    /// A tolerance that is dragged, set or undone is judged at once: nothing is measured for it.
    fn follow_tolerances(&mut self) {
        let rules = self.session.project().classes.iter().map(|c| self.rule_of(c.id)).collect();
        let now = (self.check_settings().tolerance_px, rules);
        if self.checking.run.seen_rules.as_ref() == Some(&now) {
            return;
        }
        if self.checking.run.seen_rules.replace(now).is_some() {
            for image in 0..self.analysis.checks.len() {
                self.judge_image_again(image);
            }
        }
    }

    /// What people said may have changed by a button, an undo or a file of somebody else.
    fn follow_acceptances(&mut self) {
        let (findings, session) = (&mut self.checking.findings, &self.session);
        for (image, checks) in self.analysis.checks.iter().enumerate() {
            let Some(surface) = session.surface(SurfaceId::Label(image)).filter(|_| checks.is_some()) else { continue };
            let accepted = &session.sidecar(image).accepted;
            findings.set_acceptances(image, |f| accepted.iter().find(|a| a.covers(f, surface.map())).cloned());
        }
    }

    /// Shows a finding: its image, and its region in the middle.
    pub fn go_to_finding(&mut self, place: FindingPlace) {
        if self.view.selected_finding != Some(place) {
            self.drop_repair();
            self.checking.accepting = super::finding_panel::Accepting::default();
        }
        self.view.selected_finding = Some(place);
        self.go_to(place.image);
        self.canvas.centre_on(place.bounds);
    }

    pub(super) fn step_finding(&mut self, by: isize) {
        let count = self.checking.findings.len() as isize;
        self.view.workspace = Workspace::Check;
        if count == 0 {
            self.toasts.info("No finding is listed");
            return;
        }
        let here = self.view.selected_finding.and_then(|place| self.checking.findings.row_of(place));
        let next = match here {
            Some(row) => (row as isize + by).rem_euclid(count),
            None if self.view.selected_finding.is_none() && by > 0 => 0,
            // What was looked at is settled: the next one has moved up into its row.
            None => (self.checking.run.row as isize + by.min(0)).rem_euclid(count),
        };
        self.checking.run.row = next as usize;
        if let Some(place) = self.checking.findings.get(next as usize).map(FindingAt::place) {
            self.checking.run.scrolls_to_finding = true;
            self.go_to_finding(place);
        }
    }

    /// The finding that is looked at.
    pub fn finding_in_hand(&self) -> Option<&FindingAt> {
        self.checking.findings.find(self.view.selected_finding?)
    }

    /// Its boundary check.
    pub(super) fn check_in_hand(&self) -> Option<&RegionCheck> {
        let place = self.view.selected_finding?;
        let region = place.region?;
        self.analysis.checks.get(place.image)?.as_ref()?.iter().find(|c| c.region == region)
    }
}
