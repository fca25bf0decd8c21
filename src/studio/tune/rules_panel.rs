//! What cells cannot say: rules over counts, totals, spacing and windows; what becomes of a defect in several zones; and the ruleset as
//! text.

use std::path::Path;

use delimit::judge::rule::{Between, Figure, Shape};
use delimit::judge::{Bound, Expression, Rule, Ruleset, Scope, Straddling, Tier};
use delimit::workflow::tuning::{PolicyTrial, rule_hits, try_policies};
use egui::{Align, CollapsingHeader, ComboBox, DragValue, FontId, Label, Layout, RichText, ScrollArea, TextEdit, Ui, Window, vec2};

use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{Mark, counted_mark, section};

/// From this many rows on, policies and hits of rules are not counted while somebody drags.
const MANY: usize = 200_000;

/// Verdicts as they were, and whose.
type MadeFor = (u64, Source);

/// A change of the ruleset that is made after its rows are drawn.
type Change = Box<dyn FnOnce(&mut Ruleset)>;

/// What was counted, and for which verdicts.
#[derive(Default)]
pub struct RulesState {
    hits: Option<(MadeFor, Vec<(usize, usize)>)>,
    policies: Option<(MadeFor, Vec<PolicyTrial>)>,
    /// The ruleset being written as text, and what is wrong with it.
    text: Option<(String, Option<String>)>,
}

#[cfg(test)]
impl RulesState {
    pub fn write(&mut self, text: &str) {
        self.text = Some((text.to_owned(), None));
    }
}

/// A rule to begin with, for the cell that is looked at.
#[derive(Clone, Copy)]
enum Template {
    Count,
    TotalArea,
    Density,
    Spacing,
    InACircle,
    Expression,
}

impl Template {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Count, "so many on a part"),
        (Self::TotalArea, "total area on a part"),
        (Self::Density, "density per cm² of the zone"),
        (Self::Spacing, "least spacing"),
        (Self::InACircle, "so many in any circle"),
        (Self::Expression, "any expression of a region"),
    ];

    /// Scope, what is rejected, and its name.
    fn parts(self) -> (Scope, &'static str, &'static str) {
        let of = |text: &str| Expression::parse(text).ok();
        let total = |of: Figure, per: Option<Expression>| Scope::Total { of, per_zone: per.is_some(), per };
        match self {
            Self::Count => (total(Figure::Count, None), "> 3", "count"),
            Self::TotalArea => (total(of("area").map_or(Figure::Count, Figure::Sum), None), "> 5", "total area"),
            Self::Density => (total(Figure::Count, of("zone_area / 100")), "> 1", "density"),
            Self::Spacing => (Scope::Pair(Between::Edges), "< 2", "spacing"),
            Self::InACircle => (Scope::Window { shape: Shape::Circle { d: 10.0 }, of: Figure::Count }, "> 2", "cluster"),
            Self::Expression => (of("length / width").map_or(Scope::Pair(Between::Edges), Scope::Region), "> 10", "expression"),
        }
    }
}

impl Studio {
    pub(super) fn rules_ui(&mut self, ui: &mut Ui) {
        let pn = self.view.part_number;
        let rules = self.session.ruleset(pn).current().clone();
        let source = self.source_here();
        let hits = self.rule_hits(source);
        ui.horizontal(|ui| {
            section(ui, "Rules", Some(rules.rules.len()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.small_button("As text…").on_hover_text("The whole ruleset as its file stands").clicked() {
                    let text = rules.to_ron().unwrap_or_default();
                    self.tune.rules.text = Some((text, None));
                }
                self.add_rule_ui(ui);
            });
        });
        if rules.rules.is_empty() {
            ui.add(Label::new(theme::caption(ui, "Beside the cells: counts, totals, spacing, clusters, conditions.")).wrap());
        }
        let mut change: Option<Change> = None;
        let mut is_final = true;
        for (index, rule) in rules.rules.iter().enumerate() {
            ui.horizontal(|ui| {
                let about =
                    [&rule.classes, &rule.zones].map(|names| if names.is_empty() { "all".to_owned() } else { names.join(", ") });
                ui.add(Label::new(&rule.name).truncate()).on_hover_text(format!(
                    "{}\nclasses: {}; zones: {}\n{}",
                    scope_words(&rule.scope),
                    about[0],
                    about[1],
                    rule.note
                ));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if icons::icon_button_sized(
                        ui,
                        icons::CLOSE,
                        &format!("Take the rule {} away", rule.name),
                        "",
                        false,
                        vec2(20.0, 20.0),
                    )
                    .clicked()
                    {
                        change = Some(Box::new(move |r| drop(r.rules.remove(index))));
                    }
                    for bound in [Bound::Reject, Bound::Accept] {
                        if let Some((moved, ended)) = tier_ui(ui, rule, bound) {
                            let name = rule.name.clone();
                            is_final = ended;
                            change = Some(Box::new(move |r| drop(r.set_rule_limit(&name, bound, moved))));
                        }
                    }
                    if let Some((ng, review)) = hits.get(index).copied() {
                        for (mark, n) in [(Mark::Review, review), (Mark::Ng, ng)] {
                            if n > 0 {
                                counted_mark(ui, mark, Some(n));
                            }
                        }
                    }
                });
            });
        }
        if let Some(change) = change {
            self.change_ruleset(change, is_final);
        }
        CollapsingHeader::new("Defects in several zones").id_salt("policies").show(ui, |ui| self.policies_ui(ui, &rules));
        self.ruleset_text_ui(ui);
    }

    /// Edits the ruleset, judges anew, and with `is_final` makes it one step of undo.
    fn change_ruleset(&mut self, change: impl FnOnce(&mut Ruleset), is_final: bool) {
        let pn = self.view.part_number;
        self.try_session(|s| {
            s.edit_ruleset(pn, change)?;
            if is_final { s.settle_ruleset(pn).map(drop) } else { Ok(()) }
        });
        self.analysis.apply_ruleset(&self.session, pn);
    }

    fn add_rule_ui(&mut self, ui: &mut Ui) {
        let mut chosen = None;
        let combo = ComboBox::from_id_salt("add rule").selected_text("add").width(72.0).show_ui(ui, |ui| {
            for (template, words) in Template::ALL {
                if ui.selectable_label(false, words).clicked() {
                    chosen = Some(template);
                }
            }
        });
        combo.response.accessible_name("Add a rule");
        let (Some(template), Some(key)) = (chosen, self.view.cell.clone()) else { return };
        let (scope, reject, name) = template.parts();
        let known = self.session.ruleset(self.view.part_number).current();
        let base = format!("{name} of {}", key.class);
        let names = (1..=known.rules.len() + 1).map(|n| if n == 1 { base.clone() } else { format!("{base} {n}") });
        let free = names.into_iter().find(|n| known.rule(n).is_none());
        let mut rule = Rule::new(free.unwrap_or(base), scope);
        (rule.classes, rule.zones) = (vec![key.class], vec![key.zone]);
        rule.reject = Tier::parse(reject).ok();
        self.change_ruleset(move |r| r.rules.push(rule), true);
    }

    fn rule_hits(&mut self, source: Source) -> Vec<(usize, usize)> {
        let wanted = (self.analysis.revision(), source);
        if let Some((made_for, hits)) = &self.tune.rules.hits
            && *made_for == wanted
        {
            return hits.clone();
        }
        let Some(evaluation) = self.analysis.evaluation(source) else { return Vec::new() };
        let all = evaluation.board().rules().rules();
        if all.is_empty() || evaluation.table().rows() > MANY {
            return Vec::new();
        }
        // Members of groups stand in the list of compiled rules too; only those of the ruleset itself are shown.
        let by_name = rule_hits(evaluation);
        let rules = &self.session.ruleset(self.view.part_number).current().rules;
        let hits_of = |rule: &Rule| {
            let places = all.iter().enumerate().filter(|(_, c)| rule.with_members().any(|m| m.name == c.name));
            places.map(|(i, _)| by_name[i]).fold((0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)))
        };
        let hits: Vec<(usize, usize)> = rules.iter().map(hits_of).collect();
        self.tune.rules.hits = Some((wanted, hits.clone()));
        hits
    }

    fn policies_ui(&mut self, ui: &mut Ui, rules: &Ruleset) {
        let source = self.source_here();
        let trials = self.try_policies(source);
        let mut chosen = None;
        for (policy, name, hint) in [
            (Straddling::Strictest, "strictest", "Judged as a whole in every zone it touches; the worst counts"),
            (Straddling::Majority, "majority", "Judged as a whole in the zone that holds most of it"),
            (Straddling::Clip, "clipped", "Judged in every zone by the piece that lies there"),
        ] {
            ui.horizontal(|ui| {
                let is_here = rules.straddling == policy && rules.straddling_in.is_empty();
                if ui.radio(is_here, name).on_hover_text(hint).clicked() {
                    chosen = Some(policy);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let Some(trial) = trials.iter().find(|t| t.policy == policy) else { return };
                    let score = trial.score;
                    ui.label(theme::caption(ui, format!("escapes {}, overkill {}", score.escapes().count, score.overkill().count)));
                    for (mark, n) in [(Mark::Review, trial.tally.review), (Mark::Ng, trial.tally.ng), (Mark::Ok, trial.tally.ok)] {
                        counted_mark(ui, mark, Some(n));
                    }
                });
            });
        }
        if let Some(trial) = trials.first() {
            ui.label(theme::caption(ui, format!("{} regions lie in more than one zone", trial.straddling)));
        }
        if !rules.straddling_in.is_empty() {
            ui.label(theme::caption(ui, "single zones have a policy of their own (see the text)"));
        }
        if let Some(policy) = chosen {
            self.change_ruleset(
                move |r| {
                    r.straddling = policy;
                    r.straddling_in.clear();
                },
                true,
            );
        }
    }

    fn try_policies(&mut self, source: Source) -> Vec<PolicyTrial> {
        let wanted = (self.analysis.revision(), source);
        if let Some((made_for, trials)) = &self.tune.rules.policies
            && *made_for == wanted
        {
            return trials.clone();
        }
        let pn = self.view.part_number;
        if self.analysis.evaluation(source).is_none_or(|e| e.table().rows() > MANY) {
            return Vec::new();
        }
        let truth = self.session.dispositions();
        let regions = |image: usize| self.analysis.regions(source, image);
        let ruleset = self.session.ruleset(pn).current();
        let trials = try_policies(self.session.project(), pn, ruleset, &truth, regions).unwrap_or_default();
        self.tune.rules.policies = Some((wanted, trials.clone()));
        trials
    }

    /// The ruleset as text, in a window of its own: taken when it can be read, otherwise told what is wrong and where.
    fn ruleset_text_ui(&mut self, ui: &Ui) {
        let Some((text, problem)) = &mut self.tune.rules.text else { return };
        let (mut is_open, mut takes) = (true, false);
        let frame = egui::Frame::window(ui.style()).fill(Theme::of(ui).panel);
        let window = Window::new("Ruleset as text").open(&mut is_open).frame(frame).collapsible(false).default_size([760.0, 560.0]);
        window.show(ui.ctx(), |ui| {
            ui.label(theme::caption(
                ui,
                "See assets/manual/rules.md for what can be said. Names of classes and zones are checked too.",
            ));
            let height = ui.available_height() - 64.0;
            ScrollArea::both().max_height(height).auto_shrink(false).show(ui, |ui| {
                let font = FontId::monospace(theme::BODY_SIZE);
                ui.add(TextEdit::multiline(text).font(font).desired_width(f32::INFINITY).desired_rows(24));
            });
            if let Some(problem) = problem {
                ui.add(Label::new(RichText::new(problem.as_str()).color(Theme::of(ui).ng_text)).wrap());
            }
            takes = ui.button("Take").on_hover_text("One step of undo").clicked();
        });
        if takes {
            let text = text.clone();
            self.take_ruleset_text(&text);
        } else if !is_open {
            self.tune.rules.text = None;
        }
    }

    fn take_ruleset_text(&mut self, text: &str) {
        let pn = self.view.part_number;
        let parsed = Ruleset::from_ron(text, Path::new("the text")).and_then(|rules| {
            delimit::workflow::evaluation::compile(self.session.project(), pn, &rules)?;
            Ok(rules)
        });
        match parsed {
            Ok(rules) => {
                self.change_ruleset(move |r| *r = rules, true);
                self.tune.rules.text = None;
            }
            Err(e) => self.tune.rules.text = Some((text.to_owned(), Some(e.to_string()))),
        }
    }
}

/// A limit that is a number, to drag; one that is an expression, to read. The new value, and whether the drag is over.
fn tier_ui(ui: &mut Ui, rule: &Rule, bound: Bound) -> Option<(f64, bool)> {
    let tier = rule.tier(bound)?;
    let theme = Theme::of(ui);
    let (ink, word) = match bound {
        Bound::Accept => (theme.ok_text, "accept"),
        Bound::Reject => (theme.ng_text, "reject"),
    };
    let sign = tier.sign.sign();
    let Some(mut value) = tier.limit.as_number() else {
        ui.label(RichText::new(tier.to_string()).color(ink).size(theme::CAPTION_SIZE));
        return None;
    };
    let speed = (value.abs() / 100.0).max(0.01);
    ui.visuals_mut().override_text_color = Some(ink);
    let response = ui
        .add(DragValue::new(&mut value).prefix(format!("{sign} ")).speed(speed))
        .accessible_name(format!("{}, {word}", rule.name))
        .on_hover_text(format!("{word} {sign}"));
    ui.visuals_mut().override_text_color = None;
    let has_ended = response.drag_stopped() || response.lost_focus();
    (response.changed() || has_ended).then_some((value, has_ended || !response.dragged()))
}

/// What a rule looks at, in words.
fn scope_words(scope: &Scope) -> String {
    let figure = |of: &Figure| match of {
        Figure::Count => "number of regions".to_owned(),
        Figure::Sum(e) => format!("sum of {e}"),
        Figure::Max(e) => format!("highest {e}"),
        Figure::Mean(e) => format!("mean of {e}"),
        Figure::Share(e) => format!("share of {e}"),
    };
    match scope {
        Scope::Region(e) => format!("{e} of each region"),
        Scope::Total { of, per_zone, per } => {
            let per = per.as_ref().map_or_else(String::new, |e| format!(" per {e}"));
            format!("{} on a part{}{per}", figure(of), if *per_zone { ", zone by zone" } else { "" })
        }
        Scope::Window { shape: Shape::Circle { d }, of } => format!("{} in any circle of {d} mm", figure(of)),
        Scope::Window { shape: Shape::Rect { w, h }, of } => format!("{} in any rectangle of {w} × {h} mm", figure(of)),
        Scope::Pair(Between::Centres) => "distance of any two, centre to centre (mm)".to_owned(),
        Scope::Pair(Between::Edges) => "distance of any two, edge to edge (mm)".to_owned(),
        Scope::All(rules) => format!("NG only if all of: {}", rules.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join(", ")),
    }
}
