//! The person at the window: keys and settings that go with them from project to project.

use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::session::Keymap;
use egui::{Context, ThemePreference};

use super::app::Studio;
use super::keys;
use super::settings_file::{Settings, SettingsFolder, ThemeChoice};

/// Seconds of rest after which changed settings are written.
const WRITE_AFTER_S: f64 = 1.5;

/// Keys and settings, and the files that hold them.
#[derive(Default)]
pub struct Person {
    pub keymap: Arc<Keymap>,
    folder: SettingsFolder,
    /// As they stand in the file.
    kept: Settings,
    /// As they were in the last frame, and since when.
    seen: Option<(Settings, f64)>,
    writing: Option<Job<()>>,
}

impl Studio {
    /// Reads what belongs to the person and dresses the window with it.
    pub fn meet_person(&mut self, mut folder: SettingsFolder, ctx: &Context) {
        let read = folder.read();
        for message in &read.messages {
            self.toasts.error(message);
        }
        self.person = Person { keymap: Arc::new(read.keymap), folder, ..Person::default() };
        self.apply_settings(&read.settings, ctx);
        self.person.kept = read.settings;
        keys::follow(&self.person.keymap);
    }

    /// The same person goes on with another project.
    pub fn hand_person_over(&mut self, next: &mut Self, ctx: &Context) {
        let settings = self.settings_now(ctx);
        next.person = std::mem::take(&mut self.person);
        next.apply_settings(&settings, ctx);
    }

    fn apply_settings(&mut self, settings: &Settings, ctx: &Context) {
        match settings.theme {
            Some(ThemeChoice::Dark) => ctx.set_theme(ThemePreference::Dark),
            Some(ThemeChoice::Light) => ctx.set_theme(ThemePreference::Light),
            None => {}
        }
        if let Some(author) = &settings.author {
            self.session.set_author(author);
        }
        let view = &mut self.view;
        view.shows_hints = !settings.are_first_steps_closed;
        view.opacity = settings.opacity;
        view.viewing.style = settings.label_style;
        view.viewing.has_loupe = settings.has_loupe;
        view.settings = settings.tools.clone();
        view.engine = settings.engine.clone();
    }

    /// The settings as the window has them.
    fn settings_now(&self, ctx: &Context) -> Settings {
        let view = &self.view;
        let theme = match ctx.options(|o| o.theme_preference) {
            ThemePreference::Dark => Some(ThemeChoice::Dark),
            ThemePreference::Light => Some(ThemeChoice::Light),
            ThemePreference::System => None,
        };
        Settings {
            theme,
            author: self.person.kept.author.clone(),
            are_first_steps_closed: !view.shows_hints,
            opacity: view.opacity,
            label_style: view.viewing.style,
            has_loupe: view.viewing.has_loupe,
            tools: view.settings.clone(),
            engine: view.engine.clone(),
            ..self.person.kept.clone()
        }
    }

    /// Writes settings that rest since a while. Once per frame.
    pub fn keep_settings(&mut self, ctx: &Context) {
        if let Some(job) = &mut self.person.writing {
            match job.poll() {
                JobNews::Result(()) | JobNews::Working => return,
                JobNews::Finished => self.person.writing = None,
                JobNews::Failed(message) => {
                    self.toasts.error(&message);
                    self.person.writing = None;
                }
            }
        }
        let settings = self.settings_now(ctx);
        let now = ctx.input(|i| i.time);
        if settings == self.person.kept {
            self.person.seen = None;
            return;
        }
        let since = self.person.seen.take().filter(|(seen, _)| *seen == settings).map_or(now, |(_, since)| since);
        if now - since < WRITE_AFTER_S {
            ctx.request_repaint_after(std::time::Duration::from_secs_f64(WRITE_AFTER_S - (now - since) + 0.05));
            self.person.seen = Some((settings, since));
            return;
        }
        // Written or not: they are not tried again in every frame.
        if let Some(write) = self.person.folder.writing_settings(&settings) {
            self.person.writing = Some(Job::start("Keeping the settings", self.waker(), move |_| write()));
        }
        self.person.kept = settings;
    }

    /// Writes what is not written yet, before the window closes.
    pub fn keep_settings_now(&mut self, ctx: &Context) -> Result<(), String> {
        if let Some(mut job) = self.person.writing.take() {
            while matches!(job.wait(), JobNews::Result(())) {}
        }
        let settings = self.settings_now(ctx);
        if settings == self.person.kept {
            return Ok(());
        }
        let write = self.person.folder.writing_settings(&settings);
        self.person.kept = settings;
        write.map_or(Ok(()), |write| write())
    }

    /// Says who signs from now on, here and in every project to come.
    #[cfg_attr(not(test), expect(dead_code, reason = "the field to type a name into is with the notes"))]
    pub fn set_author(&mut self, name: &str, ctx: &Context) {
        self.session.set_author(name);
        let mut settings = self.settings_now(ctx);
        let name = name.trim();
        settings.author = (!name.is_empty()).then(|| name.to_owned());
        if let Some(write) = self.person.folder.writing_settings(&settings)
            && let Err(message) = write()
        {
            self.toasts.error(&message);
        }
        self.person.kept = settings;
    }

    /// Changes the keys and writes them.
    pub fn change_keys<T>(&mut self, change: impl FnOnce(&mut Keymap) -> T) -> T {
        let mut keymap = Keymap::clone(&self.person.keymap);
        let answer = change(&mut keymap);
        if keymap != *self.person.keymap {
            if let Err(message) = self.person.folder.write_keys(&keymap) {
                self.toasts.error(&message);
            }
            self.person.keymap = Arc::new(keymap);
            keys::follow(&self.person.keymap);
        }
        answer
    }
}
