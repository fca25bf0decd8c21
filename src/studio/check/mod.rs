//! Check: labels whose contour leaves the edge in the image, what hangs on them, and how they are set right.
//!
//! `findings` is the list behind the screen, `list` the left panel, `finding_panel`, `summary_panel` and `stakes` the right one,
//! `marks` what lies on the canvas, `live` the same at the brush, `repair` moving labels to the edge, `book` the pages of the classes.

pub mod book;
mod finding_panel;
pub mod findings;
mod list;
mod live;
mod marks;
mod repair;
mod run;
mod stakes;
mod summary_panel;

use std::time::Duration;

use egui::{CentralPanel, Panel, ScrollArea, Ui};

use super::app::Studio;
use super::theme::Theme;

pub use self::findings::FindingAt;

/// While checks come in from many images, lists and histograms are made anew at most this often: a frame must not wait for all of them.
const WHILE_CHECKING: Duration = Duration::from_millis(500);

const LIST: f32 = 304.0;
const SIDE: f32 = 288.0;

/// What the workspace knows and shows.
#[derive(Default)]
pub struct CheckState {
    pub findings: findings::Findings,
    pub run: run::CheckRun,
    pub accepting: finding_panel::Accepting,
    pub groups: summary_panel::GroupChoice,
    pub tolerance: summary_panel::ToleranceChoice,
    pub stakes: stakes::Stakes,
    pub repair: repair::RepairDesk,
    pub book: book::Book,
    pub live: live::LiveCheck,
}

impl Studio {
    pub fn check_ui(&mut self, ui: &mut Ui) {
        let frame = Theme::of(ui).panel_frame();
        Panel::left("findings").exact_size(LIST).resizable(false).frame(frame).show(ui, |ui| self.findings_ui(ui));
        Panel::right("check side").exact_size(SIDE).resizable(false).frame(frame).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                self.finding_panel_ui(ui);
                ui.separator();
                self.summary_panel_ui(ui);
                ui.separator();
                self.stakes_ui(ui);
            });
        });
        CentralPanel::no_frame().show(ui, |ui| {
            self.stage_ui(ui, marks::draw);
            self.repair_card_ui(ui);
        });
    }
}
