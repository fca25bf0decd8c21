//! Tune: limits per class and zone, with the verdicts of all parts recounted while a limit is dragged.
//!
//! Left the matrix and the ruleset, in the middle the regions of the chosen cell as a chart with the limits to drag and as pictures at one
//! scale, right the tally and what follows from it.

mod alarms;
mod cell;
mod cost_panel;
mod curves;
mod flips_panel;
mod histogram;
mod list;
mod map;
mod matrix;
mod part_panel;
mod release_panel;
mod report;
mod rules_panel;
mod ruleset_panel;
mod scatter;
mod selection;
mod strip;
mod suggest_panel;
mod tally;

use std::sync::Arc;

use delimit::judge::CellKey;
use delimit::measure::{Feature, FeatureSet};
use delimit::session::command::Workspace;
use delimit::workflow::tuning::CellRegions;
use egui::{CentralPanel, Context, Frame, Margin, Panel, Ui};

use super::app::Studio;
use super::icons;
use super::state::Source;
use super::theme::Theme;
use super::widgets::EmptyState;

/// How the regions of the cell are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chart {
    /// How many regions by size.
    #[default]
    Histogram,
    /// One feature against another.
    Scatter,
    /// What the limit would give elsewhere.
    Curves,
    /// Where on the part.
    Map,
    /// One by one.
    List,
}

impl Chart {
    const ALL: [Self; 5] = [Self::Histogram, Self::Scatter, Self::Curves, Self::Map, Self::List];

    const fn label(self) -> &'static str {
        match self {
            Self::Histogram => "Histogram",
            Self::Scatter => "Scatter",
            Self::Curves => "Curves",
            Self::Map => "Map",
            Self::List => "List",
        }
    }
}

/// What the right side tells under the tally.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SideTab {
    #[default]
    Flips,
    Part,
    Suggest,
    Cost,
}

/// A region that somebody pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    pub image: usize,
    /// Index in its image.
    pub region: usize,
}

/// What the cached regions were made for.
#[derive(Clone, Debug, PartialEq)]
struct CellFor {
    table: u64,
    source: Source,
    key: CellKey,
    feature: Feature,
}

/// The state of the workspace.
pub struct TuneState {
    pub chart: Chart,
    pub is_log: bool,
    /// The upright axis of the scatter.
    pub second: Feature,
    pub tab: SideTab,
    pub selected: Option<Selected>,
    cell: Option<(CellFor, Arc<CellRegions>)>,
    strip: strip::Strip,
    map: map::MapState,
    pub curves: curves::Curves,
    suggesting: suggest_panel::Suggesting,
    releases: release_panel::Releases,
    alarms: alarms::Alarms,
    looked_at: FeatureSet,
    rules: rules_panel::RulesState,
    report: report::Writing,
}

impl Default for TuneState {
    fn default() -> Self {
        Self {
            chart: Chart::default(),
            is_log: false,
            second: Feature::Width,
            tab: SideTab::default(),
            selected: None,
            cell: None,
            strip: strip::Strip::default(),
            map: map::MapState::default(),
            curves: curves::Curves::default(),
            suggesting: suggest_panel::Suggesting::default(),
            releases: release_panel::Releases::default(),
            alarms: alarms::Alarms::default(),
            looked_at: FeatureSet::default(),
            rules: rules_panel::RulesState::default(),
            report: None,
        }
    }
}

impl TuneState {
    pub fn next_chart(&mut self) {
        let at = Chart::ALL.iter().position(|c| *c == self.chart).unwrap_or(0);
        self.chart = Chart::ALL[(at + 1) % Chart::ALL.len()];
    }
}

#[cfg(test)]
impl TuneState {
    /// Writes into the window with the ruleset as text.
    pub fn write_ruleset(&mut self, text: &str) {
        self.rules.write(text);
    }

    /// Releases and golden parts are read again.
    pub fn forget_releases(&mut self) {
        self.releases = release_panel::Releases::default();
    }

    /// As if the border of a zone were dragged.
    pub const fn try_border(&mut self, zone: u8, by_px: f64) {
        self.map.try_border(zone, by_px);
    }
}

const LEFT: f32 = 400.0;
const SIDE: f32 = 328.0;

impl Studio {
    pub fn tune_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        if self.session.project().part_numbers.is_empty() {
            EmptyState { icon: icons::TUNE, title: "No part number", hint: "Add one to project.ron", action: None }.show(ui);
            return;
        }
        Panel::left("matrix").exact_size(LEFT).resizable(false).frame(theme.panel_frame()).show(ui, |ui| self.tune_left_ui(ui));
        Panel::right("tally").exact_size(SIDE).resizable(false).frame(theme.panel_frame()).show(ui, |ui| self.tune_right_ui(ui));
        let ground = Frame::new().fill(theme.background).inner_margin(Margin::symmetric(12, 8));
        CentralPanel::no_frame().frame(ground).show(ui, |ui| self.cell_ui(ui));
    }

    /// Takes in pictures and trials. Once per frame.
    pub fn tick_tune(&mut self, ctx: &Context) {
        if self.view.workspace == Workspace::Tune {
            // What was once looked at stays measured: going to and fro costs nothing.
            self.tune.looked_at = self.tune.looked_at.with(self.view.feature);
            if self.tune.chart == Chart::Scatter {
                self.tune.looked_at = self.tune.looked_at.with(self.tune.second);
            }
            self.session.look_at(self.tune.looked_at);
        }
        self.tick_strip(ctx);
        self.tick_map(ctx);
        self.tick_suggest();
        self.tick_releases();
        self.tick_report();
    }

    /// Work of this workspace is under way.
    pub fn is_tuning(&self) -> bool {
        self.tune.strip.is_busy()
            || self.tune.map.is_busy()
            || self.tune.suggesting.is_busy()
            || self.tune.releases.is_busy()
            || self.tune.report.is_some()
    }

    /// The chosen cell with the ids of its class and zone.
    fn cell_here(&self) -> Option<(CellKey, u8, u8)> {
        let key = self.view.cell.clone()?;
        let project = self.session.project();
        let class = project.class_names().into_iter().find(|(_, name)| *name == key.class)?.0;
        let zone = project.part_numbers[self.view.part_number].zone_names().into_iter().find(|(_, n)| *n == key.zone)?.0;
        Some((key, class, zone))
    }

    /// The regions of the chosen cell in the order of a feature; kept until regions or the choice change.
    fn cell_regions(&mut self) -> Option<Arc<CellRegions>> {
        let (key, class, zone) = self.cell_here()?;
        let source = self.source_here();
        let wanted = CellFor { table: self.analysis.table_revision(), source, key, feature: self.view.feature };
        if let Some((made_for, regions)) = &self.tune.cell
            && *made_for == wanted
        {
            return Some(Arc::clone(regions));
        }
        let regions = Arc::new(CellRegions::of(self.analysis.evaluation(source)?, class, zone, self.view.feature));
        self.tune.cell = Some((wanted, Arc::clone(&regions)));
        Some(regions)
    }
}
