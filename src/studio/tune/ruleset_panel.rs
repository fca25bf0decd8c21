//! The ruleset as a whole: its name, whether it is saved, undo.

use delimit::session::Command;
use egui::Ui;

use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme;
use crate::studio::widgets::section;

impl Studio {
    pub(super) fn ruleset_ui(&mut self, ui: &mut Ui) {
        let pn = self.view.part_number;
        let slot = self.session.ruleset(pn);
        let name = if slot.current().name.is_empty() { "Ruleset".to_owned() } else { slot.current().name.clone() };
        let is_saved = slot.is_saved();
        section(ui, &name, None);
        ui.label(theme::caption(ui, if is_saved { "as saved" } else { "changed since it was saved; the draft is in the journal" }));
        ui.add_space(4.0);
        let state = self.command_state();
        ui.horizontal_wrapped(|ui| {
            for (command, icon) in [
                (Command::SaveRuleset, icons::CHECK),
                (Command::Undo, icons::UNDO),
                (Command::Redo, icons::REDO),
                (Command::WriteReport, icons::COPY),
            ] {
                let label = command.label();
                if ui.add_enabled(command.is_enabled(&state), icons::labelled_button(icon, &label)).clicked() {
                    self.push(command);
                }
            }
        });
    }
}
