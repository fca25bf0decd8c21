//! With what models run: the engine, ONNX Runtime's library and what it computes on.

use delimit::jobs::{Job, JobNews};
use delimit::predict::{Provider, engine};
use egui::{ComboBox, Label, RichText, Ui};

use crate::studio::app::Studio;
use crate::studio::settings_file::{EngineWish, WantedEngine};
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::section;

/// What the ONNX Runtime of this machine offers; asked once, because asking loads it.
#[derive(Default)]
pub struct EngineOffer {
    job: Option<Job<Result<Vec<Provider>, String>>>,
    offer: Option<Result<Vec<Provider>, String>>,
}

impl EngineOffer {
    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }
}

impl Studio {
    /// Asks what there is. Once per frame while the panel is open.
    pub(super) fn tick_engine_offer(&mut self) {
        let library = self.view.engine.library.clone();
        let waker = self.waker();
        let state = &mut self.compare.models.engines;
        if let Some(job) = &mut state.job {
            match job.poll() {
                JobNews::Result(offer) => (state.offer, state.job) = (Some(offer), None),
                JobNews::Working => {}
                JobNews::Finished => state.job = None,
                JobNews::Failed(why) => (state.offer, state.job) = (Some(Err(why)), None),
            }
        } else if state.offer.is_none() {
            state.job = Some(Job::start("Looking for engines", waker, move |cx| {
                cx.send(engine::available_providers(library.as_deref()).map_err(|e| e.to_string()));
                Ok(())
            }));
        }
    }

    pub(super) fn engine_ui(&mut self, ui: &mut Ui) {
        self.tick_engine_offer();
        section(ui, "Engine", None);
        let theme = Theme::of(ui);
        let before = self.view.engine.clone();
        let wish = &mut self.view.engine;
        let words = |engine: WantedEngine| match engine {
            WantedEngine::Auto => "the fastest there is",
            WantedEngine::OnnxRuntime => "ONNX Runtime",
            WantedEngine::BuiltIn => "built in (rten)",
        };
        let combo = ComboBox::from_id_salt("engine").selected_text(words(wish.engine)).width(160.0).show_ui(ui, |ui| {
            for engine in [WantedEngine::Auto, WantedEngine::OnnxRuntime, WantedEngine::BuiltIn] {
                ui.selectable_value(&mut wish.engine, engine, words(engine));
            }
        });
        combo.response.accessible_name("Engine");
        match &self.compare.models.engines.offer {
            None => drop(ui.label(theme::caption(ui, "Looking for ONNX Runtime…"))),
            Some(Err(why)) => {
                let words = "ONNX Runtime was not found on this machine: the built-in engine runs, more slowly.";
                ui.add(Label::new(theme::caption(ui, words)).wrap()).on_hover_text(why);
            }
            Some(Ok(offer)) => {
                for provider in offer.iter().filter(|p| **p != Provider::Cpu) {
                    let mut is_on = wish.providers.iter().any(|p| p == provider.key());
                    if ui.checkbox(&mut is_on, provider.name()).changed() {
                        wish.providers.retain(|p| p != provider.key());
                        if is_on {
                            wish.providers.push(provider.key().to_owned());
                        }
                    }
                }
                if offer.len() < 2 {
                    ui.label(theme::caption(ui, "This ONNX Runtime computes on the CPU only."));
                }
            }
        }
        let mut picks = false;
        ui.horizontal(|ui| {
            let name = wish.library.as_ref().and_then(|l| l.file_name()).map(|n| n.to_string_lossy().into_owned());
            let words = name.as_deref().unwrap_or("Library of ONNX Runtime…");
            picks = ui.button(words).on_hover_text("When it is not where it is looked for; counts after a restart").clicked();
            if wish.library.is_some() && ui.small_button("×").on_hover_text("Where it is looked for").clicked() {
                wish.library = None;
            }
        });
        if picks {
            let picked = rfd::FileDialog::new().set_title("The library of ONNX Runtime").pick_file();
            self.view.engine.library = picked.or_else(|| self.view.engine.library.clone());
        }
        if let Some(note) = &self.analysis.engine_note {
            ui.add(Label::new(RichText::new(format!("Active: {note}")).size(theme::CAPTION_SIZE).color(theme.text)).wrap());
        }
        if self.view.engine != before {
            self.engine_changed(&before);
        }
    }

    /// Models run with it from the next run on; what is in the cache stays, because every engine gives the same masks.
    fn engine_changed(&mut self, before: &EngineWish) {
        if self.view.engine.library != before.library {
            self.compare.models.engines = EngineOffer::default();
        }
        self.toasts.info("The next run uses this engine; predictions that were made stay");
    }
}
