//! The fields of a card, each with why it was filled so.

use delimit::predict::draft::{Guess, Scaling};
use delimit::predict::{Activation, Colour, InputSize, Layout as Axes, ModelCard, ModelKind, Resize};
use egui::{Align, Button, ComboBox, DragValue, Grid, Label, Layout, RichText, ScrollArea, Slider, TextEdit, Ui, vec2};

use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, section};

impl Studio {
    pub(super) fn wizard_ui(&mut self, ui: &mut Ui) {
        let Some(wizard) = &mut self.compare.models.wizard else { return };
        let theme = Theme::of(ui);
        let (mut leaves, mut saves, mut drafts) = (false, false, false);
        ui.horizontal(|ui| {
            section(ui, "Model card", None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                leaves = icons::icon_button_sized(ui, icons::CLOSE, "Leave the card", "Esc", false, vec2(24.0, 24.0)).clicked();
            });
        });
        ui.add(Label::new(theme::caption(ui, &wizard.file)).truncate());
        if let Some(why) = &wizard.problem {
            ui.add_space(4.0);
            ui.add(Label::new(RichText::new(why).color(theme.ng_text)).wrap());
            return self.after_wizard(leaves, false, false);
        }
        if wizard.is_drafting() {
            EmptyState {
                icon: icons::MODEL_REGION,
                title: "Reading the model…",
                hint: "It is run on the image to see what it answers",
                action: None,
            }
            .show(ui);
            return self.after_wizard(leaves, false, false);
        }
        let classes: Vec<String> = self.session.project().classes.iter().map(|c| c.name.clone()).collect();
        let (said, is_trying) = (wizard.said.clone(), wizard.is_trying());
        let Some(card) = &mut wizard.card else { return self.after_wizard(leaves, false, false) };
        let guesses = std::mem::take(&mut wizard.guesses);
        preview_line_ui(ui, said.as_ref(), is_trying);
        let is_new = wizard.saved.as_ref() != Some(card);
        let unknown = unknown_classes(card, &classes);
        ui.horizontal(|ui| {
            let may = is_new && unknown.is_empty() && card.check().is_ok();
            let button = Button::new(RichText::new("Write the card").color(if may { theme.on_accent } else { theme.faint }));
            let button = if may { button.fill(theme.accent) } else { button };
            saves = ui.add_enabled(may, button).clicked();
            drafts = ui
                .button("Read from file")
                .on_hover_text("Fills every field from the model file and a run on this image")
                .clicked();
        });
        if let Err(e) = card.check() {
            ui.add(Label::new(RichText::new(e.to_string()).color(theme.ng_text)).wrap());
        } else if !unknown.is_empty() {
            let words = format!("Say what {} stands for: choose a class of the project or no defect", unknown.join(", "));
            ui.add(Label::new(RichText::new(words).color(theme.review_text)).wrap());
        }
        ui.separator();
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Grid::new("card").num_columns(2).spacing([8.0, 6.0]).min_col_width(84.0).show(ui, |ui| {
                fields_ui(ui, card, &guesses);
            });
            if card.kind != ModelKind::Anomaly {
                ui.separator();
                section(ui, "Channels", Some(card.output.classes.len()));
                if let Some(guess) = guess_of(&guesses, "output.classes") {
                    ui.add(Label::new(theme::caption(ui, &guess.why)).wrap());
                }
                channels_ui(ui, card, &classes);
            }
            ui.separator();
            ui.label("Note");
            ui.add(
                TextEdit::multiline(&mut card.note)
                    .desired_rows(2)
                    .hint_text("Training set, date, who to ask")
                    .desired_width(f32::INFINITY),
            )
            .accessible_name("Note of the card");
        });
        if let Some(wizard) = &mut self.compare.models.wizard {
            wizard.guesses = guesses;
        }
        self.after_wizard(leaves, saves, drafts);
    }

    fn after_wizard(&mut self, leaves: bool, saves: bool, drafts: bool) {
        if leaves {
            self.leave_wizard();
        } else if saves {
            self.save_card();
        } else if drafts {
            self.draft_again();
        }
    }
}

/// What the model says about the image with the card as it stands.
fn preview_line_ui(ui: &mut Ui, said: Option<&Result<(String, String), String>>, is_trying: bool) {
    let theme = Theme::of(ui);
    ui.add_space(2.0);
    match said {
        Some(Ok((words, engine))) => {
            let ink = if is_trying { theme.faint } else { theme.text };
            ui.add(Label::new(RichText::new(format!("On this image: {words}")).color(ink)).wrap()).on_hover_text(engine);
        }
        Some(Err(why)) => drop(ui.add(Label::new(RichText::new(why).color(theme.ng_text)).wrap())),
        None => drop(ui.label(theme::caption(ui, "Trying it on this image…"))),
    }
    ui.add_space(2.0);
}

fn guess_of<'g>(guesses: &'g [Guess], field: &str) -> Option<&'g Guess> {
    guesses.iter().find(|g| g.field == field)
}

/// Class names of the card that the project does not have.
fn unknown_classes(card: &ModelCard, known: &[String]) -> Vec<String> {
    let is_unknown = |name: &&String| !card.means_no_defect(name) && !known.contains(name);
    card.output.classes.iter().filter(is_unknown).cloned().collect()
}

/// The words of a field: amber when it was guessed, with why.
fn field_ui(ui: &mut Ui, words: &str, guess: Option<&Guess>) {
    let theme = Theme::of(ui);
    let ink = if guess.is_some_and(|g| !g.is_certain) { theme.review_text } else { theme.faint };
    let label = ui.label(RichText::new(words).color(ink));
    if let Some(guess) = guess {
        let sure = if guess.is_certain { "" } else { "Look at this one: it is a guess.\n" };
        label.on_hover_text(format!("{sure}{}", guess.why));
    }
}

fn choice<T: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut T, all: &[(T, &str)]) {
    let words = all.iter().find(|(v, _)| v == value).map_or("other", |(_, words)| words);
    let combo = ComboBox::from_id_salt(name).selected_text(words).width(136.0);
    let combo = combo.show_ui(ui, |ui| {
        for (v, words) in all {
            ui.selectable_value(value, *v, *words);
        }
    });
    combo.response.accessible_name(name);
}

fn fields_ui(ui: &mut Ui, card: &mut ModelCard, guesses: &[Guess]) {
    let guess = |field: &str| guess_of(guesses, field);
    field_ui(ui, "Name", None);
    ui.add(TextEdit::singleline(&mut card.name).desired_width(136.0)).accessible_name("Name of the model");
    ui.end_row();
    field_ui(ui, "Gives", guess("kind"));
    let kinds = [
        (ModelKind::Segmentation, "a class per pixel"),
        (ModelKind::Anomaly, "a score per pixel"),
        (ModelKind::Classifier, "one verdict"),
    ];
    choice(ui, "Kind of the model", &mut card.kind, &kinds);
    ui.end_row();
    field_ui(ui, "Colour", guess("input.colour"));
    let before = card.input.colour;
    choice(
        ui,
        "Colour of the input",
        &mut card.input.colour,
        &[(Colour::Gray, "gray"), (Colour::Rgb, "RGB"), (Colour::Bgr, "BGR")],
    );
    if card.input.colour != before {
        let channels = if card.input.colour == Colour::Gray { 1 } else { 3 };
        card.input.channels = channels;
        let first = |all: &[f32], default: f32| all.first().copied().unwrap_or(default);
        card.input.mean = vec![first(&card.input.mean, 0.0); channels as usize];
        card.input.std = vec![first(&card.input.std, 1.0); channels as usize];
    }
    ui.end_row();
    field_ui(ui, "Axes", guess("input.layout"));
    choice(ui, "Order of the axes", &mut card.input.layout, &[(Axes::Nchw, "planes (NCHW)"), (Axes::Nhwc, "pixels (NHWC)")]);
    ui.end_row();
    size_ui(ui, card, guess("input.size"));
    field_ui(ui, "Values", guess("input.scale, mean, std"));
    scaling_ui(ui, card);
    ui.end_row();
    if card.kind == ModelKind::Anomaly {
        field_ui(ui, "Scores", guess("output.score_range"));
        let (mut low, mut high) = card.output.score_range.unwrap_or((0.0, 1.0));
        ui.horizontal(|ui| {
            ui.add(DragValue::new(&mut low).speed(0.01)).accessible_name("Score of a good part");
            ui.label("to");
            ui.add(DragValue::new(&mut high).speed(0.01)).accessible_name("Score of a surely bad part");
        });
        card.output.score_range = Some((low, high));
        card.output.activation = Activation::Scores;
        card.output.classes.clear();
        ui.end_row();
    } else {
        field_ui(ui, "Answer", guess("output.activation"));
        let all = [
            (Activation::Softmax, "probabilities (softmax)"),
            (Activation::Sigmoid, "independent (sigmoid)"),
            (Activation::Logits, "raw scores (logits)"),
            (Activation::Argmax, "class numbers (argmax)"),
        ];
        choice(ui, "Meaning of the answer", &mut card.output.activation, &all);
        ui.end_row();
    }
    field_ui(ui, "Counts from", guess("output.threshold"));
    ui.horizontal(|ui| {
        let mut has_threshold = card.output.threshold.is_some();
        if ui
            .checkbox(&mut has_threshold, "")
            .on_hover_text("Otherwise the highest class wins, or 50 % where no channel means no defect")
            .changed()
        {
            card.output.threshold = has_threshold.then_some(0.5);
        }
        if let Some(threshold) = &mut card.output.threshold {
            let mut percent = *threshold * 100.0;
            ui.spacing_mut().slider_width = 56.0;
            if ui
                .add(Slider::new(&mut percent, 1.0..=99.0).suffix(" %").fixed_decimals(0))
                .accessible_name("Least probability")
                .changed()
            {
                *threshold = percent / 100.0;
            }
        } else {
            let has_background = card.output.classes.iter().any(|name| card.means_no_defect(name));
            ui.label(theme::caption(ui, if has_background { "the highest wins" } else { "50 %" }));
        }
    });
    ui.end_row();
    for (name, values) in &mut card.input.constants {
        field_ui(ui, name, guess("input.constants"));
        ui.horizontal_wrapped(|ui| {
            for value in values.iter_mut().take(8) {
                ui.add(DragValue::new(value).speed(0.1)).accessible_name(name);
            }
        });
        ui.end_row();
    }
}

fn size_ui(ui: &mut Ui, card: &mut ModelCard, guess: Option<&Guess>) {
    field_ui(ui, "Size", guess);
    let mut is_fixed = matches!(card.input.size, InputSize::Fixed { .. });
    let was_fixed = is_fixed;
    ui.vertical(|ui| {
        choice(ui, "Size of the input", &mut is_fixed, &[(false, "any size"), (true, "one size")]);
        if is_fixed != was_fixed {
            card.input.size =
                if is_fixed { InputSize::Fixed { width: 512, height: 512 } } else { InputSize::Dynamic { multiple_of: 32 } };
        }
        ui.horizontal(|ui| match &mut card.input.size {
            InputSize::Dynamic { multiple_of } => {
                ui.label("multiple of");
                ui.add(DragValue::new(multiple_of).range(1..=256).suffix(" px")).accessible_name("Multiple of the size");
            }
            InputSize::Fixed { width, height } => {
                ui.add(DragValue::new(width).range(1..=16384)).accessible_name("Width of the input");
                ui.label("×");
                ui.add(DragValue::new(height).range(1..=16384).suffix(" px")).accessible_name("Height of the input");
            }
        });
        if is_fixed {
            choice(
                ui,
                "Resizing",
                &mut card.input.resize,
                &[(Resize::Smooth, "smooth (Pillow)"), (Resize::Plain, "plain (OpenCV)")],
            );
        }
    });
    ui.end_row();
}

/// Scale, mean and std as one of the usual ways, or by number.
fn scaling_ui(ui: &mut Ui, card: &mut ModelCard) {
    let usual = Scaling::usual(card.input.channels);
    let here = usual.iter().position(|s| {
        let on = s.on(card).input;
        (on.scale, &on.mean, &on.std) == (card.input.scale, &card.input.mean, &card.input.std)
    });
    ui.vertical(|ui| {
        let words = here.map_or("by number", |at| usual[at].name);
        let combo = ComboBox::from_id_salt("scaling").selected_text(words).width(136.0);
        let mut chosen = None;
        let combo = combo.show_ui(ui, |ui| {
            for (at, scaling) in usual.iter().enumerate() {
                if ui.selectable_label(here == Some(at), scaling.name).clicked() {
                    chosen = Some(at);
                }
            }
        });
        combo.response.accessible_name("Scaling of the values");
        if let Some(at) = chosen {
            *card = usual[at].on(card);
        }
        if here.is_none() {
            let input = &mut card.input;
            ui.add(DragValue::new(&mut input.scale).speed(0.0001).max_decimals(6).prefix("× ")).accessible_name("Scale");
            for (name, values) in [("Mean", &mut input.mean), ("Std", &mut input.std)] {
                ui.horizontal(|ui| {
                    ui.label(theme::caption(ui, name));
                    for value in values {
                        ui.add(DragValue::new(value).speed(0.001).max_decimals(4)).accessible_name(name);
                    }
                });
            }
        }
    });
}

/// Which class of the project each channel is.
fn channels_ui(ui: &mut Ui, card: &mut ModelCard, known: &[String]) {
    let theme = Theme::of(ui);
    let is_free = |name: &str, all: &[String]| !all.iter().any(|n| n == name);
    let all = card.output.classes.clone();
    for at in 0..all.len() {
        let is_known = card.means_no_defect(&all[at]) || known.contains(&all[at]);
        ui.horizontal(|ui| {
            ui.add_sized(vec2(20.0, 20.0), Label::new(RichText::new(at.to_string()).color(theme.faint)));
            let ink = if is_known { theme.text } else { theme.review_text };
            let combo = ComboBox::from_id_salt(("channel", at)).selected_text(RichText::new(&all[at]).color(ink)).width(176.0);
            let combo = combo.show_ui(ui, |ui| {
                let none = delimit::predict::card::BACKGROUND_NAME;
                for name in std::iter::once(none).chain(known.iter().map(String::as_str)) {
                    let words = if name == none { "no defect" } else { name };
                    let may = all[at] == name || is_free(name, &all);
                    if ui.add_enabled(may, Button::selectable(all[at] == name, words)).clicked() {
                        name.clone_into(&mut card.output.classes[at]);
                    }
                }
            });
            combo.response.accessible_name(format!("Class of channel {at}"));
        });
    }
    if ui.small_button("One more channel").clicked() {
        card.output.classes.push(format!("class {}", all.len()));
    }
    if all.len() > 1 && ui.small_button("One channel less").clicked() {
        card.output.classes.pop();
    }
}
