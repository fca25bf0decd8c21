//! What hangs on where the boundaries lie: parts whose verdict changes within a pixel, how stable the ruleset is, and errors that many
//! labels share.

use std::collections::BTreeMap;

use delimit::check::systematic::RegionFigures;
use delimit::check::{Correction, Systematic};
use delimit::judge::Verdict;
use delimit::workflow::evaluation::compile;
use delimit::workflow::flip_test::{FlipTest, ImageFlips, PartFlips, flip_test};
use delimit::workflow::label_groups::{ImageFigures, annotator_of, systematic_errors};
use egui::{Label, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::FindingAt;
use crate::studio::app::Studio;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::verdict_badge::paint_mark;
use crate::studio::widgets::{Mark, row_content, row_ground, section, value_row};

/// Rows that the list of fragile parts shows before it scrolls.
const MOST_ROWS: f32 = 6.0;

/// What moving boundaries does, as far as it is known.
#[derive(Default)]
pub struct Stakes {
    by_image: BTreeMap<usize, ImageFlips>,
    test: FlipTest,
    shared: Vec<Systematic>,
    /// With what both were made: checks, verdicts, part number.
    made_for: Option<(usize, u64, usize)>,
    /// Grows with every image that was tested.
    revision: usize,
}

impl Stakes {
    pub fn put(&mut self, image: usize, flips: ImageFlips) {
        self.by_image.insert(image, flips);
        self.revision += 1;
    }

    /// The error that many labels share which is at this place of the list.
    pub fn shared(&self, row: usize) -> Option<&Systematic> {
        self.shared.get(row)
    }
}

impl Studio {
    /// Judges the moved boundaries again when checks came in or a limit moved.
    pub(super) fn follow_stakes(&mut self) {
        let pn = self.view.part_number;
        let key = (self.checking.stakes.revision, self.analysis.revision(), pn);
        if self.checking.stakes.made_for == Some(key) || self.long_work.is_some() || pn >= self.session.project().part_numbers.len()
        {
            return;
        }
        let project = self.session.project();
        let Ok(rules) = compile(project, pn, self.session.ruleset(pn).current()) else { return };
        let stakes = &self.checking.stakes;
        let test = flip_test(project, pn, &rules, |image| stakes.by_image.get(&image));
        let figures: Vec<ImageFigures> = (0..project.images().len())
            .filter(|&i| project.part_number_of_image(i) == Some(pn))
            .filter_map(|image| {
                let checks = self.analysis.checks[image].as_ref()?;
                let annotator = annotator_of(self.session.sidecar(image)).to_owned();
                Some(ImageFigures { image, annotator, regions: checks.iter().map(RegionFigures::of).collect() })
            })
            .collect();
        let shared = systematic_errors(project, &figures);
        self.checking.findings.set_consequences(&test);
        let stakes = &mut self.checking.stakes;
        (stakes.test, stakes.shared, stakes.made_for) = (test, shared, Some(key));
    }

    /// "Moved to the edge it is OK instead of NG, and the part with it."
    pub(super) fn stake_sentence(&self, at: &FindingAt) -> String {
        let flips = at.finding.region.and_then(|region| self.checking.stakes.test.region(at.image, region));
        let Some((flips, moved)) = flips.and_then(|f| Some((f, f.moved?))) else { return String::new() };
        let region =
            moved.region.map_or_else(|| "is gone".to_owned(), |v| format!("is {} instead of {}", v.word(), flips.as_is.word()));
        if moved.part == flips.part_as_is {
            format!("At the edge in the photo the region {region}; the part stays {}.", flips.part_as_is.word())
        } else {
            format!(
                "At the edge in the photo the region {region}, and the part is {} instead of {}.",
                moved.part.word(),
                flips.part_as_is.word()
            )
        }
    }

    pub(super) fn stakes_ui(&mut self, ui: &mut Ui) {
        self.shared_errors_ui(ui);
        section(ui, "Verdicts at stake", None);
        let test = &self.checking.stakes.test;
        if test.parts.is_empty() {
            ui.add(Label::new(theme::caption(ui, "Known once the labels are checked and limits are set.")).wrap());
            return;
        }
        for px in [1_u8, 2] {
            let rate = test.stable_within(px);
            let interval = rate.interval();
            let row = value_row(ui, &format!("Same verdict at ± {px} px"), &format!("{} of {}", rate.count, rate.of), "");
            row.on_hover_text(format!(
                "All boundaries of a part are moved {px} px inwards and outwards; the verdict stays for {:.0} to {:.0} % of parts (95 %)",
                interval.low * 100.0,
                interval.high * 100.0
            ));
        }
        let wrong = test.wrong_by_labels();
        let row = value_row(ui, "Other verdict at the edges", &format!("{} of {}", wrong.count, wrong.of), "");
        row.on_hover_text("Parts that get another verdict when every measurable label follows the photo");
        let fragile: Vec<PartFlips> = test.fragile().into_iter().copied().collect();
        if fragile.is_empty() {
            return;
        }
        section(ui, "Fragile parts", Some(fragile.len()));
        let mut chosen = None;
        let height = (fragile.len() as f32).min(MOST_ROWS) * 26.0;
        ScrollArea::vertical().id_salt("fragile parts").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            for flips in &fragile {
                let part = &self.session.project().parts()[flips.part];
                if fragile_row_ui(ui, &part.serial, flips) {
                    chosen = part.images.first().copied();
                }
            }
        });
        if let Some(image) = chosen {
            self.go_to(image);
        }
    }

    /// What labels have in common, each with the correction of all of them.
    fn shared_errors_ui(&mut self, ui: &mut Ui) {
        if self.checking.stakes.shared.is_empty() {
            return;
        }
        section(ui, "Shared errors", Some(self.checking.stakes.shared.len()));
        let project = self.session.project();
        let name = |class: u8| project.class_name(class);
        let rows: Vec<(String, Option<Correction>)> =
            self.checking.stakes.shared.iter().map(|s| (s.sentence(&name), s.correction)).collect();
        let can_write = !self.session.is_read_only() && self.long_work.is_none();
        let mut wanted = None;
        for (row, (sentence, correction)) in rows.iter().enumerate() {
            ui.horizontal_top(|ui| {
                let (place, _) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
                paint_mark(ui.painter(), place.center(), 12.0, Mark::Review, Mark::Review.text_colour(Theme::of(ui)));
                ui.add(Label::new(sentence).wrap());
            });
            let Some(correction) = correction else { continue };
            let words = match correction {
                Correction::Offset { by_px } if *by_px < 0.0 => format!("Shrink all by {:.2} px…", -by_px),
                Correction::Offset { by_px } => format!("Grow all by {by_px:.2} px…"),
                Correction::Shift { by_px: (x, y) } => format!("Move all by {x:+.2}, {y:+.2} px…").replace('-', "−"),
            };
            if ui.add_enabled(can_write, egui::Button::new(words)).on_hover_text("Shows every label before it is changed").clicked()
            {
                wanted = Some(row);
            }
            ui.add_space(4.0);
        }
        if let Some(row) = wanted {
            self.start_correction(row);
        }
        ui.separator();
    }
}

const fn mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Ok => Mark::Ok,
        Verdict::Review => Mark::Review,
        Verdict::Ng => Mark::Ng,
    }
}

/// "P-0007  ✓ → ✕ at +1 px"; true when it was pressed.
fn fragile_row_ui(ui: &mut Ui, serial: &str, flips: &PartFlips) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
    let Some((step, verdict)) = flips.smallest_flip() else { return false };
    let words = format!("{serial}: {} instead of {} at {step:+} px", verdict.word(), flips.as_is.word()).replace('-', "−");
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &words));
    row_ground(ui, rect, &response, false);
    let mut row = row_content(ui, rect);
    row.add(Label::new(serial).truncate().selectable(false));
    row.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let at = format!("at {step:+} px").replace('-', "−");
        ui.add(Label::new(theme::caption(ui, at)).selectable(false));
        let mut draw = |verdict: Verdict| {
            let (place, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
            paint_mark(ui.painter(), place.center(), 12.0, mark(verdict), mark(verdict).text_colour(theme));
        };
        draw(verdict);
        ui.add(Label::new(theme::caption(ui, "→")).selectable(false));
        let (place, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
        paint_mark(ui.painter(), place.center(), 12.0, mark(flips.as_is), mark(flips.as_is).text_colour(theme));
    });
    response.on_hover_text(words).clicked()
}
