//! The slim row over the filmstrip: the filter, what is wrong with it, how many images are listed, how far the work is, the order.

use delimit::project::LabelState;
use delimit::session::Command;
use delimit::workflow::film::{FilmSort, SortKey};
use egui::{Align, ComboBox, Layout, RichText, TextEdit, Ui, vec2};

use crate::studio::app::Studio;
use crate::studio::theme::{CAPTION_SIZE, Theme};
use crate::studio::{icons, keys};

/// What can be asked, for the tooltip of the field.
const HELP: &str = "class:scratch   zone:seal   area:>2   length:>=1.5   width:<0.3   regions:0\n\
state:todo|progress|done|flagged|reviewed|approved   truth:ok|ng|unknown   verdict:ok|review|ng\n\
flipped   note   note:open   conflict   duplicate   by:kim   part:0007   any other word: in id, part or path\n\
side by side: all of them.  a | b: one of both.  -a: not a.  Terms about a region hold on one region.";

impl Studio {
    pub fn film_bar_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let small = |text: String| RichText::new(text).size(CAPTION_SIZE).color(theme.faint);
        let counts = self.state_counts();
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.set_height(26.0);
            ui.label(icons::SEARCH.rich_text().size(14.0).color(theme.faint));
            self.film_field_ui(ui);
            let list = &self.film_state.list;
            let (shown, total) = list.counts();
            let count = match (shown, total) {
                (1, 1) => "1 image".to_owned(),
                _ if shown == total => format!("{total} images"),
                _ => format!("{shown} of {total}"),
            };
            let unknown = list.unknown;
            let mistake = list.mistake.as_ref().map(ToString::to_string);
            let label = ui.label(RichText::new(count).size(CAPTION_SIZE).color(theme.text));
            if unknown > 0 {
                label.on_hover_text(format!("Of {unknown} more it is not known yet: they are being measured or judged"));
                ui.label(small(format!("{unknown} not known yet")));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                self.film_sort_ui(ui);
                let summary = summary(counts);
                ui.label(small(summary)).on_hover_text("How far the labels of this part number are");
                if let Some(mistake) = mistake {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(egui::Label::new(RichText::new(mistake).size(CAPTION_SIZE).color(theme.ng_text)).truncate());
                    });
                }
            });
        });
    }

    fn film_field_ui(&mut self, ui: &mut Ui) {
        let raised = Theme::of(ui).raised;
        let list = &mut self.film_state.list;
        let width = (ui.available_width() * 0.3).clamp(180.0, 360.0);
        let hint = format!("Filter  {}", keys::text(Command::FilterFilm));
        let field = TextEdit::singleline(&mut list.text).hint_text(hint).desired_width(width);
        let field = field.margin(vec2(6.0, 3.0)).align(egui::Align2::LEFT_CENTER).background_color(raised);
        let field = ui.add(field).accessible_name("Filter of the images");
        if std::mem::take(&mut list.wants_focus) {
            field.request_focus();
        }
        list.had_focus = field.has_focus();
        let is_filled = !list.text.is_empty();
        field.on_hover_text(HELP);
        if is_filled {
            let clear = icons::icon_button_sized(ui, icons::CLOSE, "Clear the filter", "", false, vec2(20.0, 20.0));
            if clear.clicked() {
                self.film_state.list.text.clear();
            }
        }
    }

    fn film_sort_ui(&mut self, ui: &mut Ui) {
        let sort = &mut self.film_state.list.sort;
        let (icon, name) =
            if sort.is_descending { (icons::DESCENDING, "Descending order") } else { (icons::ASCENDING, "Ascending order") };
        if icons::icon_button_sized(ui, icon, name, "", false, vec2(22.0, 22.0)).clicked() {
            sort.is_descending = !sort.is_descending;
        }
        let mut key = sort.key;
        let combo = ComboBox::from_id_salt("film sort").selected_text(key.label()).width(124.0).show_ui(ui, |ui| {
            for k in SortKey::ALL {
                ui.selectable_value(&mut key, k, k.label());
            }
        });
        combo.response.accessible_name("Order of the images");
        if key != sort.key {
            *sort = FilmSort::by(key);
        }
    }
}

/// "12 to do · 25 done · 3 approved": states that no image has are left out.
fn summary(counts: [usize; LabelState::ALL.len()]) -> String {
    let all = LabelState::ALL.iter().zip(counts).filter(|(_, n)| *n > 0);
    all.map(|(state, n)| format!("{n} {}", state.label())).collect::<Vec<_>>().join(" · ")
}
