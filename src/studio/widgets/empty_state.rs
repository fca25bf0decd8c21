//! What an empty list shows: an icon, what to do next, and the button that does it.

use egui::{Align, Layout, RichText, Ui};
use egui_material_icons::MaterialIcon;

use crate::studio::theme::{Theme, semibold};

/// An empty list, drawn in the middle of the room that is left.
#[derive(Clone, Copy, Debug)]
pub struct EmptyState<'a> {
    pub icon: MaterialIcon,
    /// What there is none of: "No findings".
    pub title: &'a str,
    /// What to do next, one line.
    pub hint: &'a str,
    /// Text of the button that does it.
    pub action: Option<&'a str>,
}

impl EmptyState<'_> {
    /// Draws it; true when the button was pressed.
    pub fn show(self, ui: &mut Ui) -> bool {
        let theme = Theme::of(ui);
        let height = 40.0 + 48.0 + if self.action.is_some() { 40.0 } else { 0.0 };
        let mut is_pressed = false;
        ui.with_layout(Layout::top_down(Align::Center), |ui| {
            ui.add_space(((ui.available_height() - height) * 0.42).clamp(8.0, 400.0));
            ui.label(self.icon.rich_text().size(32.0).color(theme.strong_line));
            ui.add_space(8.0);
            ui.label(semibold(self.title));
            ui.label(RichText::new(self.hint).color(theme.faint));
            if let Some(action) = self.action {
                ui.add_space(12.0);
                let button = egui::Button::new(RichText::new(action).color(theme.on_accent)).fill(theme.accent);
                is_pressed = ui.add(button).clicked();
            }
        });
        is_pressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::icons;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn the_button_does_what_it_says_once() {
        let mut harness = Harness::builder().with_size([320.0, 240.0]).build_ui_state(
            |ui, pressed: &mut usize| {
                crate::studio::theme::install(ui.ctx());
                let state = EmptyState {
                    icon: icons::FINDINGS,
                    title: "No findings",
                    hint: "Run the check on this image",
                    action: Some("Run check"),
                };
                *pressed += usize::from(state.show(ui));
            },
            0,
        );
        harness.get_by_label("Run check").click();
        harness.run();
        assert_eq!(*harness.state(), 1);
        harness.get_by_label("Run the check on this image");
    }
}
