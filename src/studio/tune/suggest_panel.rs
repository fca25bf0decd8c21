//! Limits that the decided parts speak for, and what a decision about one region would move: shown with their effect before they are taken.

use delimit::jobs::{Job, JobNews};
use delimit::judge::suggest::{
    Goal, Ground, Least, LimitEdit, RegionEdit, Request, Subject, Suggestion, Target, accept_region, effect, reject_region, suggest,
};
use delimit::judge::{Flip, Score, bounds_words};
use delimit::session::Command;
use egui::{Align, Button, DragValue, Frame, Label, Layout, Margin, RichText, Ui};

use super::Selected;
use super::flips_panel::kinds_words;
use crate::studio::app::Studio;
use crate::studio::keys;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::section;

/// Which limits may move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The one in the chart.
    #[default]
    Limit,
    /// All of the cell.
    Cell,
    /// All of the ruleset.
    Ruleset,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum GoalKind {
    #[default]
    None,
    AtMost,
    Rate,
}

/// Other limits that nobody has taken yet.
enum Made {
    Suggestion(Box<Suggestion>),
    Region(Box<RegionEdit>),
}

struct Proposal {
    made: Made,
    /// About which region, if it is about one.
    region: Option<Selected>,
    /// Of the regions that it was made from.
    table: u64,
}

impl Proposal {
    fn edits(&self) -> &[LimitEdit] {
        match &self.made {
            Made::Suggestion(s) => &s.edits,
            Made::Region(r) => &r.edits,
        }
    }

    fn scores(&self) -> (Score, Score) {
        match &self.made {
            Made::Suggestion(s) => (s.before, s.after),
            Made::Region(r) => (r.before, r.after),
        }
    }

    fn flips(&self) -> &[Flip] {
        match &self.made {
            Made::Suggestion(s) => &s.flips,
            Made::Region(r) => &r.flips,
        }
    }
}

/// What is asked for, and what was found.
pub struct Suggesting {
    scope: Scope,
    goal: GoalKind,
    escapes: usize,
    /// Per cent.
    rate: f64,
    by_cost: bool,
    has_review: bool,
    job: Option<Job<Proposal>>,
    proposal: Option<Proposal>,
    /// Why there is none.
    refusal: Option<String>,
}

impl Default for Suggesting {
    fn default() -> Self {
        Self {
            scope: Scope::default(),
            goal: GoalKind::default(),
            escapes: 1,
            rate: 1.0,
            by_cost: false,
            has_review: true,
            job: None,
            proposal: None,
            refusal: None,
        }
    }
}

impl Suggesting {
    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }
}

impl Studio {
    pub(super) fn suggest_ui(&mut self, ui: &mut Ui) {
        let cost = self.session.project().part_numbers[self.view.part_number].cost.clone();
        section(ui, "Limits that the parts speak for", None);
        let state = &mut self.tune.suggesting;
        row(ui, "May move", |ui| {
            for (scope, words, hint) in [
                (Scope::Limit, "this limit", "The one in the chart; exact"),
                (Scope::Cell, "this cell", "All limits of the cell; exact for two"),
                (Scope::Ruleset, "all", "Every limit; a search from many starts"),
            ] {
                ui.selectable_value(&mut state.scope, scope, words).on_hover_text(hint);
            }
        });
        row(ui, "Escapes", |ui| {
            ui.selectable_value(&mut state.goal, GoalKind::None, "none");
            ui.selectable_value(&mut state.goal, GoalKind::AtMost, "at most");
            if state.goal == GoalKind::AtMost {
                ui.add(DragValue::new(&mut state.escapes).range(0..=1000)).accessible_name("Escapes at most");
            }
            ui.selectable_value(&mut state.goal, GoalKind::Rate, "rate").on_hover_text("Proven with 95 % confidence");
            if state.goal == GoalKind::Rate {
                ui.add(DragValue::new(&mut state.rate).range(0.01..=50.0).suffix(" %").speed(0.05)).accessible_name("Escape rate");
            }
        });
        row(ui, "Least", |ui| {
            ui.selectable_value(&mut state.by_cost, false, "overkill + review");
            ui.add_enabled_ui(cost.is_some(), |ui| {
                ui.selectable_value(&mut state.by_cost, true, "cost")
                    .on_disabled_hover_text("Tell under Cost what your line costs");
            });
        });
        row(ui, "Between", |ui| {
            ui.checkbox(&mut state.has_review, "a band for review");
        });
        ui.add_space(4.0);
        let is_busy = state.job.is_some();
        let button = Button::new("Suggest").shortcut_text(keys::text(Command::SuggestLimits));
        if ui.add_enabled(!is_busy, button).clicked() {
            self.suggest_limits();
        }
        if is_busy {
            ui.label(theme::caption(ui, "looking…"));
        }
        if let Some(words) = &self.tune.suggesting.refusal {
            ui.add(Label::new(RichText::new(words).color(Theme::of(ui).review_text)).wrap());
        }
        let Some(proposal) = self.tune.suggesting.proposal.as_ref().filter(|p| p.region.is_none()) else { return };
        ui.add_space(4.0);
        proposal_ui(ui, proposal);
        if let Made::Suggestion(suggestion) = &proposal.made {
            for sentence in suggestion.sentences() {
                ui.add(Label::new(theme::caption(ui, sentence)).wrap());
                ui.add_space(1.0);
            }
        }
        self.take_or_leave_ui(ui);
    }

    /// The proposal about the selected region, under its line.
    pub(super) fn region_proposal_ui(&mut self, ui: &mut Ui) {
        let Some(proposal) = self.tune.suggesting.proposal.as_ref().filter(|p| p.region.is_some()) else {
            if let Some(words) = self.tune.suggesting.refusal.as_ref().filter(|_| self.tune.tab != super::SideTab::Suggest) {
                ui.add(Label::new(RichText::new(words).size(theme::CAPTION_SIZE).color(Theme::of(ui).review_text)).wrap());
            }
            return;
        };
        if proposal.region != self.tune.selected {
            self.tune.suggesting.proposal = None;
            return;
        }
        let edits: Vec<String> = proposal.edits().iter().map(edit_words).collect();
        let words = if edits.is_empty() { "It is so already".to_owned() } else { edits.join("; ") };
        let (before, after) = proposal.scores();
        let told = format!("{words} · {}", effect_words(&before, &after, proposal.flips()));
        let frame =
            Frame::new().fill(Theme::of(ui).accent_ground).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(8, 3));
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    self.take_or_leave_ui(ui);
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(Label::new(&told).truncate()).on_hover_text(&told);
                    });
                });
            });
        });
    }

    fn take_or_leave_ui(&mut self, ui: &mut Ui) {
        let is_empty = self.tune.suggesting.proposal.as_ref().is_none_or(|p| p.edits().iter().all(|e| e.before == e.after));
        let (mut takes, mut leaves) = (false, false);
        ui.horizontal(|ui| {
            takes = ui.add_enabled(!is_empty, Button::new("Take").small()).on_hover_text("One step of undo").clicked();
            leaves = ui.small_button("Leave").clicked();
        });
        if takes {
            self.take_proposal();
        } else if leaves {
            self.tune.suggesting.proposal = None;
        }
    }

    fn take_proposal(&mut self) {
        let Some(proposal) = self.tune.suggesting.proposal.take() else { return };
        let pn = self.view.part_number;
        let mut problem = None;
        self.try_session(|s| {
            s.edit_ruleset(pn, |rules| {
                let outcome = match &proposal.made {
                    Made::Suggestion(s) => s.apply(rules),
                    Made::Region(r) => r.apply(rules),
                };
                problem = outcome.err().map(|e| e.to_string());
            })?;
            s.settle_ruleset(pn).map(drop)
        });
        if let Some(problem) = problem {
            self.toasts.error(&problem);
        }
        self.analysis.apply_ruleset(&self.session, pn);
    }

    /// Looks for limits as asked for in the panel, which opens.
    pub fn suggest_limits(&mut self) {
        self.tune.tab = super::SideTab::Suggest;
        let cost = self.session.project().part_numbers.get(self.view.part_number).and_then(|n| n.cost.clone());
        let rules = self.session.ruleset(self.view.part_number).current().clone();
        let Some(key) = self.view.cell.clone() else { return };
        let of_cell = |cell: &delimit::judge::ruleset::Cell| -> Vec<Target> {
            let subjects = cell.limits.iter().map(|l| Subject::Region(l.feature));
            let all = subjects.chain(cell.per_part.iter().map(|l| Subject::Part(l.aggregate)));
            all.map(|subject| Target { cell: cell.key(), subject }).collect()
        };
        let here = rules.resolve(&key.class, &key.zone).cloned();
        let targets = match self.tune.suggesting.scope {
            Scope::Limit => {
                let cell = here.filter(|c| c.limits.iter().any(|l| l.feature == self.view.feature)).map_or(key, |c| c.key());
                vec![Target { cell, subject: Subject::Region(self.view.feature) }]
            }
            Scope::Cell => here.as_ref().map(of_cell).unwrap_or_default(),
            // Zero tolerance is a decision, not a measured limit.
            Scope::Ruleset => {
                let limited = rules.cells.iter().filter(|c| !c.limits.iter().any(|l| l.reject_from == Some(0.0)));
                limited.flat_map(of_cell).collect()
            }
        };
        let state = &self.tune.suggesting;
        let goal = match state.goal {
            GoalKind::None => Goal::NoEscape,
            GoalKind::AtMost => Goal::AtMost(state.escapes),
            GoalKind::Rate => Goal::RateBelow(state.rate / 100.0),
        };
        let mut request = Request { goal, has_review: state.has_review, ..Request::new(targets) };
        if let (true, Some(cost)) = (state.by_cost, cost) {
            request.least = Least::Cost(cost);
        }
        self.propose(None, move |ground| {
            let found = suggest(ground, &request).map_err(|e| e.to_string())?;
            Ok(Made::Suggestion(Box::new(found)))
        });
    }

    /// What would move if the selected region were acceptable, or were not.
    pub(super) fn decide_region(&mut self, is_acceptable: bool) {
        let (Some(selected), Some(evaluation)) = (self.tune.selected, self.analysis.evaluation(self.source_here())) else { return };
        let table = evaluation.table();
        let is_it =
            |row: &usize| table.image()[*row] as usize == selected.image && table.region()[*row] as usize == selected.region;
        let Some(row) = self
            .part_of_image(selected.image)
            .and_then(|part| evaluation.parts().binary_search(&part).ok())
            .and_then(|at| table.rows_of_part(at).find(is_it))
        else {
            return;
        };
        let rules = evaluation.board().rules().clone();
        self.propose(Some(selected), move |ground| {
            let found =
                if is_acceptable { accept_region(ground.table, &rules, row) } else { reject_region(ground.table, &rules, row) };
            let edits = found.map_err(|e| e.to_string())?;
            Ok(Made::Region(Box::new(effect(ground, edits).map_err(|e| e.to_string())?)))
        });
    }

    fn propose(&mut self, region: Option<Selected>, find: impl FnOnce(&Ground<'_>) -> Result<Made, String> + Send + 'static) {
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return };
        let (table, truth) = (evaluation.shared_table(), evaluation.truth().to_vec());
        let pn = self.view.part_number;
        let ruleset = self.session.ruleset(pn).current().clone();
        let project = self.session.shared_project();
        let revision = self.analysis.table_revision();
        let job = Job::start("Suggesting limits", self.waker(), move |cx| {
            let compile = |rules: &delimit::judge::Ruleset| delimit::workflow::evaluation::compile(&project, pn, rules);
            let ground = Ground { table: &table, ruleset: &ruleset, compile: &compile, truth: &truth, groups: None };
            cx.send(Proposal { made: find(&ground)?, region, table: revision });
            Ok(())
        });
        let state = &mut self.tune.suggesting;
        (state.job, state.proposal, state.refusal) = (Some(job), None, None);
    }

    pub(super) fn tick_suggest(&mut self) {
        let table = self.analysis.table_revision();
        let state = &mut self.tune.suggesting;
        // Regions changed: what was found belongs to others.
        if state.proposal.as_ref().is_some_and(|p| p.table != table) {
            state.proposal = None;
        }
        let Some(job) = &mut state.job else { return };
        match job.poll() {
            JobNews::Result(proposal) => state.proposal = Some(proposal),
            JobNews::Working => {}
            JobNews::Finished => state.job = None,
            // It says why no limit can be found, which is an answer.
            JobNews::Failed(message) => {
                state.job = None;
                state.refusal = Some(message);
            }
        }
    }
}

fn row(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let caption = RichText::new(name).color(Theme::of(ui).faint);
        super::tally::left(ui, egui::vec2(64.0, 22.0), |ui| drop(ui.label(caption)));
        add(ui);
    });
}

/// Each limit before and after, and what that does.
fn proposal_ui(ui: &mut Ui, proposal: &Proposal) {
    let frame = Frame::new().fill(Theme::of(ui).raised).corner_radius(theme::CARD_RADIUS).inner_margin(Margin::same(8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        if proposal.edits().iter().all(|e| e.before == e.after) {
            ui.label("The limits are already there.");
        }
        for edit in proposal.edits().iter().filter(|e| e.before != e.after) {
            ui.add(Label::new(edit_words(edit)).wrap());
        }
        let (before, after) = proposal.scores();
        for (name, a, b) in [
            ("escapes", before.escapes().count, after.escapes().count),
            ("overkill", before.overkill().count, after.overkill().count),
            ("review", before.review_load().count, after.review_load().count),
        ] {
            ui.horizontal(|ui| {
                ui.label(RichText::new(name).color(Theme::of(ui).faint));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(theme::semibold(format!("{a} → {b}")));
                });
            });
        }
        ui.label(theme::caption(ui, flips_words(proposal.flips())));
    });
}

/// "pit × outer face, length: OK below 0.50 mm, NG from 0.80 mm → OK below …".
fn edit_words(edit: &LimitEdit) -> String {
    let words = |b: Option<delimit::judge::Bounds>| {
        b.map_or_else(|| "no limit".to_owned(), |b| bounds_words(b, edit.target.subject.unit()))
    };
    format!("{}, {}: {} → {}", edit.target.cell, edit.target.subject.words(), words(edit.before), words(edit.after))
}

fn effect_words(before: &Score, after: &Score, flips: &[Flip]) -> String {
    let pairs = [
        ("escapes", before.escapes().count, after.escapes().count),
        ("overkill", before.overkill().count, after.overkill().count),
        ("review", before.review_load().count, after.review_load().count),
    ];
    let moved: Vec<String> = pairs.iter().filter(|(_, a, b)| a != b).map(|(n, a, b)| format!("{n} {a} → {b}")).collect();
    if moved.is_empty() { flips_words(flips) } else { moved.join(", ") }
}

fn flips_words(flips: &[Flip]) -> String {
    let Some(told) = kinds_words(&flips.iter().map(|f| f.kind).collect::<Vec<_>>()) else {
        return "no part gets another verdict".to_owned();
    };
    let all = if flips.len() == 1 { "1 part flips".to_owned() } else { format!("{} parts flip", flips.len()) };
    format!("{all}: {told}")
}
