//! The regions of the cell one by one, largest first.

use delimit::judge::{Disposition, Verdict};
use delimit::measure::Feature;
use egui::{Align, Label, Layout, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::Selected;
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::theme;
use crate::studio::widgets::{row_content, row_ground, section, verdict_badge};

const ROW: f32 = 28.0;

impl Studio {
    pub(super) fn cell_list_ui(&mut self, ui: &mut Ui) {
        let Some(regions) = self.cell_regions() else { return };
        let feature = self.view.feature;
        section(ui, "Regions, largest first", Some(regions.len()));
        self.selection_ui(ui);
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return };
        let table = evaluation.table();
        let mut chosen = None;
        ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, regions.len(), |ui, range| {
            for index in range.map(|i| regions.len() - 1 - i) {
                let row = regions.rows[index] as usize;
                let place = Selected { image: table.image()[row] as usize, region: table.region()[row] as usize };
                let part = evaluation.parts()[regions.parts[index] as usize];
                let name = format!("{} · #{}", self.session.project().parts()[part].serial, place.region + 1);
                let facts = (regions.values[index], feature, regions.verdict(evaluation, index), regions.truth(evaluation, index));
                if region_line_ui(ui, &name, facts, self.tune.selected == Some(place)) {
                    chosen = Some(place);
                }
            }
        });
        if chosen.is_some() {
            self.tune.selected = chosen;
        }
    }
}

fn region_line_ui(
    ui: &mut Ui,
    name: &str,
    (value, feature, verdict, truth): (f32, Feature, Verdict, Disposition),
    is_here: bool,
) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 2.0), Sense::click());
    response.widget_info(|| {
        let words = format!("{name}, {value:.2} {}, {}", feature.unit(), verdict.word());
        WidgetInfo::selected(egui::Role::Button, true, is_here, words)
    });
    row_ground(ui, rect, &response, is_here);
    let mut row = row_content(ui, rect);
    row.add_sized([180.0, 16.0], Label::new(name).halign(Align::LEFT).truncate());
    let figure = if value.is_nan() { "not measured".to_owned() } else { format!("{value:.2} {}", feature.unit()) };
    row.add_sized([96.0, 16.0], Label::new(figure).halign(Align::RIGHT));
    row.add_space(16.0);
    verdict_badge(&mut row, mark_of(verdict), None);
    row.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.label(theme::caption(ui, format!("part is {} in truth", truth.label())));
    });
    response.clicked()
}
