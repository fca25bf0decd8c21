//! The finding that is looked at: its figures, and what can be done about it.

use delimit::check::{Cause, Finding, Fix};
use delimit::project::Moment;
use delimit::session::Command;
use delimit::workflow::finding_repair::is_offered;
use egui::{Key, Label, RichText, TextEdit, Ui};

use super::findings::consequence_words;
use crate::studio::app::Studio;
use crate::studio::film::words;
use crate::studio::icons;
use crate::studio::keys;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{section, value_row};

/// Reasons offered before anybody has given one.
const COMMON_REASONS: [&str; 4] = ["real defect, as drawn", "edge is a reflection", "agreed convention", "too small to matter"];

/// Reasons that are offered at most.
const MOST_REASONS: usize = 5;

/// The field that asks why a finding stays as it is.
#[derive(Debug, Default)]
pub struct Accepting {
    reason: Option<String>,
    wants_focus: bool,
}

enum Deed {
    Accept(String),
    Reopen,
    Cancel,
}

impl Studio {
    pub(super) fn finding_panel_ui(&mut self, ui: &mut Ui) {
        let Some(at) = self.finding_in_hand().cloned() else {
            section(ui, "Finding", None);
            let next = keys::text(Command::NextFinding);
            ui.add(Label::new(theme::caption(ui, format!("Choose one in the list; {next} goes to the next."))).wrap());
            return;
        };
        let finding = &at.finding;
        let project = self.session.project();
        let title = match finding.region {
            Some(region) => format!("{} #{}", project.class_name(finding.class), region + 1),
            None => project.images()[at.image].id.clone(),
        };
        section(ui, &title, None);
        ui.add(Label::new(&finding.message).wrap());
        ui.add(Label::new(theme::caption(ui, finding.kind.advice())).wrap());
        if !consequence_words(at.consequence).is_empty() {
            let ink = Theme::of(ui).review_text;
            ui.add(Label::new(RichText::new(self.stake_sentence(&at)).color(ink)).wrap());
        }
        ui.add_space(4.0);
        self.deeds_ui(ui, at.image, finding);
        ui.add_space(4.0);
        self.figures_ui(ui);
    }

    fn deeds_ui(&mut self, ui: &mut Ui, image: usize, finding: &Finding) {
        let state = self.command_state();
        let acceptance = self.finding_in_hand().and_then(|f| f.acceptance.clone());
        let mut deed = None;
        if let Some(acceptance) = &acceptance {
            let theme = Theme::of(ui);
            ui.add(Label::new(RichText::new(format!("Accepted: {}", acceptance.reason)).color(theme.ok_text)).wrap());
            ui.label(theme::caption(ui, words::signed(&acceptance.accepted, Moment::now())));
            if ui.add_enabled(!self.session.is_read_only(), egui::Button::new("Open it again")).clicked() {
                deed = Some(Deed::Reopen);
            }
        } else if self.checking.accepting.reason.is_some() {
            deed = self.reason_ui(ui);
        } else {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for command in [Command::SnapToEdge, Command::AcceptFinding] {
                    let words = match command {
                        Command::SnapToEdge => finding.kind.fix().filter(|fix| is_offered(*fix)).map(Fix::label),
                        _ => Some("Accept…"),
                    };
                    let Some(words) = words else { continue };
                    let button = egui::Button::new(words).shortcut_text(keys::text(command));
                    if ui.add_enabled(command.is_enabled(&state), button).clicked() {
                        self.push(command);
                    }
                }
            });
            if let Some(why) = self.view.selected_finding.and_then(|place| self.refusal_of(place)) {
                let ink = Theme::of(ui).review_text;
                ui.add(Label::new(RichText::new(format!("Not repaired: {why}")).color(ink)).wrap());
            }
            let is_region = finding.region.is_some();
            if is_region && self.book_buttons_ui(ui, image, finding) {
                self.checking.book.is_open = true;
            }
        }
        match deed {
            Some(Deed::Accept(reason)) => {
                self.try_session(|s| s.accept_finding(image, finding, &reason));
                self.checking.accepting = Accepting::default();
                self.touch(ui.ctx());
                self.checking.findings.mark_stale();
                self.push(Command::NextFinding);
            }
            Some(Deed::Reopen) => {
                self.try_session(|s| s.reopen_finding(image, finding));
                self.touch(ui.ctx());
            }
            Some(Deed::Cancel) => self.checking.accepting = Accepting::default(),
            None => {}
        }
    }

    /// Asks for the reason; what people gave before is a press away.
    fn reason_ui(&mut self, ui: &mut Ui) -> Option<Deed> {
        let reasons = self.reasons();
        let accepting = &mut self.checking.accepting;
        let text = accepting.reason.as_mut()?;
        let field = TextEdit::singleline(text).hint_text("Why does it stay as it is?").desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name("Reason");
        if std::mem::take(&mut accepting.wants_focus) {
            field.request_focus();
        }
        let mut deed = None;
        if field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !text.trim().is_empty() {
            deed = Some(Deed::Accept(text.trim().to_owned()));
        }
        ui.horizontal_wrapped(|ui| {
            for reason in &reasons {
                if ui.small_button(reason).clicked() {
                    deed = Some(Deed::Accept(reason.clone()));
                }
            }
        });
        ui.horizontal(|ui| {
            let has_text = !text.trim().is_empty();
            if ui.add_enabled(has_text, egui::Button::new("Accept").shortcut_text("Enter")).clicked() {
                deed = Some(Deed::Accept(text.trim().to_owned()));
            }
            if ui.add(egui::Button::new("Cancel").shortcut_text("Esc")).clicked() {
                deed = Some(Deed::Cancel);
            }
        });
        deed
    }

    /// The last reasons that were given on the images of this part number, newest first; common ones fill up.
    fn reasons(&self) -> Vec<String> {
        let pn = self.view.part_number;
        let project = self.session.project();
        let images = (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(pn));
        let mut given: Vec<_> = images.flat_map(|i| &self.session.sidecar(i).accepted).collect();
        given.sort_by_key(|a| std::cmp::Reverse(a.accepted.at));
        let mut reasons: Vec<String> = Vec::new();
        for reason in given.into_iter().map(|a| a.reason.as_str()).chain(COMMON_REASONS) {
            if reasons.len() < MOST_REASONS && reasons.iter().all(|r| r != reason) {
                reasons.push(reason.to_owned());
            }
        }
        reasons
    }

    pub(super) fn begin_accepting(&mut self) {
        if self.finding_in_hand().is_some_and(|f| f.acceptance.is_none()) {
            self.checking.accepting = Accepting { reason: Some(String::new()), wants_focus: true };
        }
    }

    /// Escape: true when there was a question to leave.
    pub fn escape_check(&mut self) -> bool {
        self.checking.accepting.reason.take().is_some() || self.drop_repair() || std::mem::take(&mut self.checking.book.is_open)
    }

    /// Figures of the region's boundary.
    fn figures_ui(&self, ui: &mut Ui) {
        let Some(check) = self.check_in_hand() else { return };
        let result = &check.result;
        let signed = |v: f64| if v.is_nan() { "–".to_owned() } else { format!("{v:+.2}").replace('-', "−") };
        let plain = |v: f64| if v.is_nan() { "–".to_owned() } else { format!("{v:.2}") };
        value_row(ui, "Boundary", result.verdict.label(), "");
        value_row(ui, "Cause", cause_word(result.cause), "");
        value_row(ui, "Bias", &signed(result.bias_px), "px");
        value_row(ui, "Shift", &format!("{}, {}", signed(result.shift_px.0), signed(result.shift_px.1)), "px");
        value_row(ui, "Spread", &plain(result.spread_px), "px");
        value_row(ui, "90 % within", &plain(result.p90_px), "px");
        value_row(ui, "Tolerance", &plain(result.tolerance_px), "px");
        value_row(ui, "Edge seen on", &format!("{:.0}", result.coverage * 100.0), "%");
        value_row(ui, "Edge blur σ", &plain(result.edge_sigma_px), "px");
        for reason in &result.reasons {
            ui.add(Label::new(theme::caption(ui, reason.to_string())).wrap());
        }
    }

    /// Buttons that put the region on the page of its class; true when one was pressed.
    fn book_buttons_ui(&mut self, ui: &mut Ui, image: usize, finding: &Finding) -> bool {
        let can_write = !self.session.is_read_only();
        let mut added = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (words, is_good) in [("Example", true), ("Counter-example", false)] {
                let hint = "Puts this place on the page of its class in the defect book";
                if ui.add_enabled(can_write, egui::Button::new(words).small()).on_hover_text(hint).clicked() {
                    added = Some(is_good);
                }
            }
            let hint = keys::with_key("Opens the defect book", Command::DefectBook);
            if icons::icon_button_sized(ui, icons::BOOK, "Defect book", &hint, false, egui::vec2(22.0, 22.0)).clicked() {
                self.push(Command::DefectBook);
            }
        });
        let Some(is_good) = added else { return false };
        self.try_session(|s| s.add_example(finding.class, image, finding.bounds, is_good, ""));
        self.checking.book.show(finding.class);
        self.touch(ui.ctx());
        true
    }
}

const fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "none",
        Cause::Inflated => "too large",
        Cause::Deflated => "too small",
        Cause::Shifted => "shifted",
        Cause::Sloppy => "sloppy",
        Cause::Local => "off in one stretch",
    }
}
