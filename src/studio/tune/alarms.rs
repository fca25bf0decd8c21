//! Alarms about the limits as they stand: sizes below which true defects pass.

use std::sync::Arc;

use delimit::judge::suggest::{SizeAlarm, size_alarms};
use egui::{Label, RichText, Sense, Ui};

use super::Selected;
use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};

/// From this many rows on, alarms wait until no button is held: they judge the whole table.
const MANY: usize = 200_000;

/// Alarms, and the verdicts that they belong to.
#[derive(Default)]
pub struct Alarms {
    made_for: Option<u64>,
    alarms: Arc<Vec<SizeAlarm>>,
}

impl Studio {
    fn size_alarms(&mut self, ui: &Ui) -> Arc<Vec<SizeAlarm>> {
        let revision = self.analysis.revision();
        let Some(evaluation) = self.analysis.evaluation(Source::Labels) else { return Arc::default() };
        let is_held = ui.input(|i| i.pointer.any_down());
        if self.tune.alarms.made_for != Some(revision) && !(is_held && evaluation.table().rows() > MANY) {
            let found = size_alarms(evaluation.table(), evaluation.board().rules(), evaluation.truth());
            self.tune.alarms = Alarms { made_for: Some(revision), alarms: Arc::new(found) };
        }
        Arc::clone(&self.tune.alarms.alarms)
    }

    /// Those under which parts escape; the others are counted.
    pub(super) fn alarms_ui(&mut self, ui: &mut Ui) {
        let alarms = self.size_alarms(ui);
        let Some(evaluation) = self.analysis.evaluation(Source::Labels) else { return };
        let rules = evaluation.board().rules();
        let table = evaluation.table();
        let mut chosen = None;
        for alarm in alarms.iter().filter(|a| a.escapes > 0) {
            let words = format!(
                "{} in {}: {} below {} {} is accepted, but {} such defect(s) let an NG part escape, the smallest of {:.2}",
                rules.class_name(alarm.class),
                rules.zone_name(alarm.zone),
                alarm.feature.label().to_lowercase(),
                super::histogram::short(alarm.accept_below),
                alarm.feature.unit(),
                alarm.escapes,
                alarm.smallest
            );
            let text = RichText::new(words).color(Theme::of(ui).ng_text).size(theme::CAPTION_SIZE);
            if ui.add(Label::new(text).wrap().sense(Sense::click())).on_hover_text("Show it").clicked() {
                chosen = Some(Selected { image: table.image()[alarm.row] as usize, region: table.region()[alarm.row] as usize });
            }
        }
        let others = alarms.iter().filter(|a| a.escapes == 0).count();
        if others > 0 {
            let words = format!("{others} cells accept regions on NG parts that other defects reject");
            ui.label(theme::caption(ui, words));
        }
        if chosen.is_some() {
            self.view.source = Source::Labels;
            self.tune.selected = chosen;
            self.tune.tab = super::SideTab::Part;
        }
    }
}
