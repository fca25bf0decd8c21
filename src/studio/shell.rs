//! The frame that all workspaces share: top bar, filmstrip, status line, and what lies over them.

use delimit::session::Command;
use delimit::session::command::{Group, Workspace};
use egui::{Align, Button, Layout, Margin, Panel, RichText, Sense, Ui, vec2};

use super::app::Studio;
use super::state::Source;
use super::theme::{self, Theme};
use super::widgets::{Mark, verdict_badge};
use super::{icons, keys};

/// Height of the bar at the top, of the filmstrip and of the status line, in points.
const TOP_BAR: f32 = 40.0;
const FILMSTRIP: f32 = 124.0;
const STATUS_LINE: f32 = 24.0;

impl Studio {
    /// The whole window.
    pub fn shell_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let bar = egui::Frame::new().fill(theme.panel).inner_margin(Margin::symmetric(8, 0));
        Panel::top("top bar").exact_size(TOP_BAR).frame(bar).show(ui, |ui| self.top_bar_ui(ui));
        Panel::bottom("status line").exact_size(STATUS_LINE).frame(theme.ground_frame()).show(ui, |ui| self.status_line_ui(ui));
        if !self.session.project().images().is_empty() && self.view.workspace != Workspace::Export {
            Panel::bottom("filmstrip").exact_size(FILMSTRIP).frame(theme.ground_frame()).show(ui, |ui| self.filmstrip_ui(ui));
        }
        self.conflict_bar_ui(ui);
        match self.view.workspace {
            Workspace::Label => self.label_ui(ui),
            Workspace::Check => self.check_ui(ui),
            Workspace::Compare => self.compare_ui(ui),
            Workspace::Tune => self.tune_ui(ui),
            Workspace::Export => self.export_ui(ui),
        }
        let ctx = ui.ctx().clone();
        self.take_dropped_files(&ctx);
        self.book_ui(&ctx);
        self.palette_ui(&ctx);
        self.keys_ui(&ctx);
        self.toasts.ui(&ctx);
    }

    fn top_bar_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        ui.horizontal_centered(|ui| {
            self.project_menu_ui(ui);
            self.part_number_ui(ui);
            ui.add_space(8.0);
            for workspace in Workspace::ALL {
                let is_here = self.view.workspace == workspace;
                let tab = workspace_tab_ui(ui, workspace, is_here);
                if tab.clicked() {
                    self.push(Command::Show(workspace));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (icon, name) = if theme.is_dark { (icons::LIGHT, "Light theme") } else { (icons::DARK, "Dark theme") };
                if icons::icon_button(ui, icon, name, &keys::text(Command::SwitchTheme), false).clicked() {
                    self.push(Command::SwitchTheme);
                }
                if icons::icon_button(ui, icons::HELP, "Keys and gestures", &keys::text(Command::ShowKeys), false).clicked() {
                    self.push(Command::ShowKeys);
                }
                if icons::icon_button(ui, icons::SEARCH, "Find a command", &keys::text(Command::CommandPalette), false).clicked() {
                    self.push(Command::CommandPalette);
                }
                ui.add_space(8.0);
                self.small_tally_ui(ui);
            });
        });
    }

    /// The menu with every command, by group.
    fn project_menu_ui(&mut self, ui: &mut Ui) {
        let name = self.session.project().name.clone();
        let title = (icons::PROJECT.rich_text().size(16.0), theme::semibold(&name), icons::EXPAND.rich_text().size(16.0));
        let state = self.command_state();
        let mut chosen = None;
        let (menu, _) = egui::containers::menu::MenuButton::from_button(Button::new(title).frame(false)).ui(ui, |ui| {
            for group in Group::ALL {
                let commands: Vec<Command> = Command::all()
                    .into_iter()
                    .filter(|c| c.group() == group && !matches!(c, Command::Pick(_) | Command::ShowOnly(_)))
                    .collect();
                ui.menu_button(group.label(), |ui| {
                    for command in commands {
                        let button = Button::new(command.label()).shortcut_text(keys::text(command));
                        if ui.add_enabled(command.is_enabled(&state), button).clicked() {
                            chosen = Some(command);
                            ui.close();
                        }
                    }
                });
            }
        });
        // The icons before and after the name are for the eye.
        menu.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Menu of {name}")));
        if let Some(command) = chosen {
            self.push(command);
        }
    }

    fn part_number_ui(&mut self, ui: &mut Ui) {
        let names: Vec<String> = self.session.project().part_numbers.iter().map(|p| p.name.clone()).collect();
        if names.is_empty() {
            return;
        }
        let mut chosen = self.view.part_number;
        ui.label(RichText::new("PN").size(theme::CAPTION_SIZE).color(Theme::of(ui).faint));
        let combo = egui::ComboBox::from_id_salt("part number").selected_text(&names[chosen]).width(104.0).show_ui(ui, |ui| {
            for (i, name) in names.iter().enumerate() {
                ui.selectable_value(&mut chosen, i, name);
            }
        });
        combo.response.accessible_name("Part number");
        if chosen != self.view.part_number {
            self.choose_part_number(chosen);
        }
    }

    /// Counts of parts by verdict: of the labels while labelling and checking, of what the model says elsewhere once it was run.
    fn small_tally_ui(&mut self, ui: &mut Ui) {
        let source = self.source_here();
        let Some(evaluation) = self.analysis.evaluation(source) else { return };
        let tally = evaluation.tally();
        let of_what = match source {
            Source::Labels => "Verdicts on the labels",
            Source::Predictions => "Verdicts on what the model says",
        };
        let hover = format!("{of_what}: {} OK, {} NG, {} review, of {} parts", tally.ok, tally.ng, tally.review, tally.total());
        for (mark, count) in [(Mark::Review, tally.review), (Mark::Ng, tally.ng), (Mark::Ok, tally.ok)] {
            verdict_badge(ui, mark, Some(count)).on_hover_text(&hover);
        }
        ui.label(RichText::new(source.label()).size(theme::CAPTION_SIZE).color(Theme::of(ui).faint));
    }

    fn take_dropped_files(&mut self, ctx: &egui::Context) {
        let dropped: Vec<std::path::PathBuf> =
            ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_owned()).filter(|p| p.exists()).collect());
        match dropped.as_slice() {
            [model] if model.extension().is_some_and(|e| e.eq_ignore_ascii_case("onnx")) => {
                self.push(Command::Show(Workspace::Compare));
                self.add_model(model);
            }
            [] => {}
            [folder] if folder.is_dir() => self.reopen(folder, ctx),
            files => self.add_images(files, ctx),
        }
    }
}

/// The word of a workspace with the accent under the one that is open.
fn workspace_tab_ui(ui: &mut Ui, workspace: Workspace, is_here: bool) -> egui::Response {
    let theme = Theme::of(ui);
    let font = if is_here { theme::semibold_family() } else { egui::FontFamily::Proportional };
    let colour = if is_here { theme.text } else { theme.faint };
    let galley = ui.painter().layout_no_wrap(workspace.label().to_owned(), egui::FontId::new(theme::BODY_SIZE, font), colour);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 20.0, TOP_BAR), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, is_here, workspace.label()));
    let painter = ui.painter();
    if is_here {
        let line =
            egui::Rect::from_min_max(egui::pos2(rect.min.x + 6.0, rect.max.y - 2.0), egui::pos2(rect.max.x - 6.0, rect.max.y));
        painter.rect_filled(line, 1, theme.accent_text);
    } else if response.hovered() || response.has_focus() {
        painter.rect_filled(rect.shrink2(vec2(2.0, 6.0)), theme::RADIUS, theme.raised);
    }
    painter.galley(rect.center() - galley.size() / 2.0, galley, colour);
    theme::focus_ring(ui, &response);
    let key = keys::text(Command::Show(workspace));
    response.on_hover_text(format!("{}  {key}", workspace.label()))
}
