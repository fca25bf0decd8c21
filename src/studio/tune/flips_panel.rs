//! Parts whose verdict differs from that of the saved ruleset: new escapes first, then new overkill, then what is right now.

use delimit::judge::{Flip, FlipKind};
use egui::{RichText, Sense, Ui, WidgetInfo, vec2};

use super::{Selected, SideTab};
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{counted_mark, row_content, row_ground, section};

/// Rows that are listed at most.
const MOST: usize = 300;

impl Studio {
    pub(super) fn flips_ui(&mut self, ui: &mut Ui) {
        let source = self.source_here();
        let flips = self.analysis.flips(source);
        section(ui, "Flipped since saved", Some(flips.len()));
        if flips.is_empty() {
            ui.label(theme::caption(ui, "Move a limit: parts whose verdict changes are listed here."));
            return;
        }
        let Some(evaluation) = self.analysis.evaluation(source) else { return };
        let mut chosen = None;
        for kind in FlipKind::WORST_FIRST {
            let of_kind: Vec<&Flip> = flips.iter().filter(|f| f.kind == kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            ui.add_space(2.0);
            let words = format!("{} {}", of_kind.len(), kind.label());
            ui.label(RichText::new(words).size(theme::CAPTION_SIZE).color(colour_of(kind, Theme::of(ui))));
            for flip in of_kind.iter().take(MOST) {
                let part = evaluation.parts()[flip.part];
                let serial = &self.session.project().parts()[part].serial;
                if flip_row_ui(ui, serial, flip) {
                    chosen = Some((part, self.defect_of(flip)));
                }
            }
            if of_kind.len() > MOST {
                ui.label(theme::caption(ui, format!("and {} more", of_kind.len() - MOST)));
            }
        }
        if let Some((part, defect)) = chosen {
            match defect {
                Some(selected) => {
                    self.tune.selected = Some(selected);
                    self.go_to(selected.image);
                }
                None => {
                    if let Some(&image) = self.session.project().parts()[part].images.first() {
                        self.go_to(image);
                    }
                }
            }
            self.tune.tab = SideTab::Part;
        }
    }

    /// The region that decides a part now; where none does, the one that is largest for its cell.
    fn defect_of(&self, flip: &Flip) -> Option<Selected> {
        let evaluation = self.analysis.evaluation(self.source_here())?;
        let table = evaluation.table();
        let explained = evaluation.explain(evaluation.parts()[flip.part])?;
        let row = explained.reasons.iter().find_map(|r| r.region.map(|at| at.row)).or_else(|| {
            let area = |row: &usize| table.value(*row, delimit::measure::Feature::AreaPx);
            table.rows_of_part(flip.part).max_by(|a, b| area(a).total_cmp(&area(b)))
        })?;
        Some(Selected { image: table.image()[row] as usize, region: table.region()[row] as usize })
    }
}

/// "2 new escape, 1 newly right"; None of no flip.
pub(super) fn kinds_words(kinds: &[FlipKind]) -> Option<String> {
    let count = |kind: FlipKind| kinds.iter().filter(|k| **k == kind).count();
    let told = FlipKind::WORST_FIRST.into_iter().map(|k| (count(k), k)).filter(|(n, _)| *n > 0);
    let told: Vec<String> = told.map(|(n, k)| format!("{n} {}", k.label())).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

const fn colour_of(kind: FlipKind, theme: &Theme) -> egui::Color32 {
    match kind {
        FlipKind::NewEscape => theme.ng_text,
        FlipKind::NewOverkill => theme.review_text,
        FlipKind::NewlyRight => theme.ok_text,
        _ => theme.faint,
    }
}

fn flip_row_ui(ui: &mut Ui, serial: &str, flip: &Flip) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
    let words = flip.kind.label();
    response.widget_info(|| {
        let spoken = format!("{serial}: {} to {}, {words}", flip.before.word(), flip.after.word());
        WidgetInfo::labeled(egui::Role::Button, true, spoken)
    });
    row_ground(ui, rect, &response, false);
    let mut row = row_content(ui, rect);
    row.label(serial);
    row.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        counted_mark(ui, mark_of(flip.after), None);
        ui.label(RichText::new("→").color(theme.faint));
        counted_mark(ui, mark_of(flip.before), None);
    });
    response.on_hover_text("Show the region that decides").clicked()
}
