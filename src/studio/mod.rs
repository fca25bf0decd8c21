//! The studio: the window over the library. It draws and passes on what people do; every figure comes from the library.
//!
//! `app` is the state and its clock, `predicting` the models it runs, `commands` what each command does, `work` the background work, `analysis` its results, `shell`
//! the frame that all workspaces share, `viewing`, `magnify` and `ruler` what one looks and measures with, `workspaces/` one file each, `canvas/` the image under the pointer, `widgets/` small parts,
//! `theme` every colour and size; `keys` and `key_sheet` the keys, `person` and `settings_file` what goes with the person from
//! project to project.

mod analysis;
mod app;
mod canvas;
mod check;
mod commands;
mod compare;
mod display_panel;
mod film;
mod filmstrip;
mod icons;
mod key_sheet;
mod keys;
mod magnify;
mod overlay_windows;
mod person;
mod picture;
mod predicting;
mod remeasuring;
mod ruler;
mod saving;
mod script;
mod settings_file;
mod shell;
mod stage;
mod state;
mod status_line;
mod theme;
mod toasts;
mod tools;
mod tune;
mod viewing;
mod widgets;
mod work;
mod workspaces;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

pub use app::Studio;
pub use picture::PictureRequest;
pub use script::Script;
use settings_file::SettingsFolder;

/// What the window shows when it opens.
#[derive(Clone, Debug)]
pub struct Options {
    pub project: PathBuf,
    /// Instead of waiting for a person: take one picture and close.
    pub picture: Option<PictureRequest>,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When the project cannot be opened, or there is no display.
pub fn run(options: Options) -> anyhow::Result<()> {
    let size = options.picture.as_ref().map_or([1600.0, 1000.0], |p| p.size);
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Delimit")
            .with_app_id("delimit")
            .with_inner_size(size)
            .with_min_inner_size([960.0, 600.0])
            .with_drag_and_drop(true),
        ..eframe::NativeOptions::default()
    };
    let Options { project, picture } = options;
    let root = project.clone();
    eframe::run_native(
        "Delimit",
        native,
        Box::new(move |cc| {
            let window = Window::new(&cc.egui_ctx, &project, picture)?;
            Ok(Box::new(window))
        }),
    )
    .map_err(|e| anyhow::anyhow!("{e}"))
    .with_context(|| format!("the studio could not be opened on {}", root.display()))
}

/// The eframe application around [`Studio`].
pub struct Window {
    pub studio: Studio,
    picture: Option<picture::Taking>,
}

impl Window {
    /// Opens the project and dresses `ctx`.
    ///
    /// # Errors
    /// When the project cannot be opened.
    pub fn new(
        ctx: &egui::Context,
        project: &Path,
        request: Option<PictureRequest>,
    ) -> Result<Self, delimit::session::SessionError> {
        // A picture shows the program, not the person.
        let folder = if request.is_some() { SettingsFolder::none() } else { SettingsFolder::of_the_person() };
        Self::with_settings(ctx, project, request, folder)
    }

    /// As [`Self::new`], with the person's files in a folder of one's choice.
    ///
    /// # Errors
    /// When the project cannot be opened.
    fn with_settings(
        ctx: &egui::Context,
        project: &Path,
        request: Option<PictureRequest>,
        folder: SettingsFolder,
    ) -> Result<Self, delimit::session::SessionError> {
        theme::install(ctx);
        let mut studio = Studio::open(project, ctx)?;
        studio.meet_person(folder, ctx);
        let picture = request.map(|request| picture::Taking::prepare(request, &mut studio, ctx));
        Ok(Self { studio, picture })
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        if ctx.input(|i| i.viewport().close_requested())
            && let Err(message) = self.studio.finish_saving()
        {
            // The journal has it; the message is for whoever looks at the terminal, the window goes.
            eprintln!("{message}; what is not saved is in the journal and comes back at the next start");
        }
        if ctx.input(|i| i.viewport().close_requested())
            && let Err(message) = self.studio.keep_settings_now(ctx)
        {
            eprintln!("{message}");
        }
        keys::follow(&self.studio.person.keymap);
        self.studio.catch_new_key(ctx);
        self.studio.follow_held_keys(ctx);
        for command in keys::pressed(ctx) {
            self.studio.push(command);
        }
        self.studio.run_commands(ctx);
        self.studio.tick(ctx);
        if let Some(picture) = &mut self.picture {
            picture.step(&mut self.studio, ctx);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.studio.shell_ui(ui);
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, input: &mut egui::RawInput) {
        if let Some(picture) = &mut self.picture {
            picture.feed(&mut self.studio, input);
        }
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}
