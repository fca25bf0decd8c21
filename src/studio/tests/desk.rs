//! A window at work on a project of its own.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use delimit::predict::{EngineChoice, EngineSettings};
use delimit::project::{ModelUse, Project};
use delimit::raster::{LabelMap, Point};
use delimit::session::SurfaceId;
use delimit::workflow::sample_project::write_sample;
use delimit::workflow::{ModelSettings, ProjectModels};
use egui::accesskit::{Role, Toggled};
use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::wgpu::WgpuTestRenderer;
use egui_kittest::{Harness, HarnessBuilder, Node, SnapshotOptions, SnapshotResult};
use tempfile::TempDir;

use crate::studio::settings_file::SettingsFolder;
use crate::studio::{Studio, Window};

/// Parts of the sample that the tests work on, one image each.
pub const PARTS: u32 = 4;

/// A window on a project. The folder goes when the window is closed.
pub struct Desk {
    pub h: Harness<'static, Window>,
    pub root: PathBuf,
    folder_kept: Option<TempDir>,
    /// Keys and settings of the person in this window.
    pub settings: PathBuf,
    settings_kept: Option<TempDir>,
}

/// The files of a small sample, rendered once for all tests.
fn sample() -> &'static [(PathBuf, Vec<u8>)] {
    static FILES: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        write_sample(folder.path(), PARTS, 7, None, |_| true).unwrap();
        let mut files = Vec::new();
        collect(folder.path(), folder.path(), &mut files);
        files
    })
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().to_owned(), std::fs::read(&path).unwrap()));
        }
    }
}

/// The sample in a folder of its own.
pub fn sample_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in sample() {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

/// Puts the model of the sample into a project.
pub fn add_model(project: &Project) {
    let mut project = project.clone();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample-model/housing");
    let to = project.root().join("models/housing");
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    for ending in ["onnx", "ron"] {
        std::fs::copy(model.with_extension(ending), to.with_extension(ending)).unwrap();
    }
    project.part_numbers[0].models = vec![ModelUse::new("models/housing.onnx")];
    project.save().unwrap();
}

impl Desk {
    /// A window of 1600 × 1000 on a sample of four parts, at rest, without the first steps.
    pub fn open() -> Self {
        Self::open_changed(|_| {})
    }

    /// [`Self::open`] on a sample that was changed before.
    pub fn open_changed(change: impl FnOnce(&Project)) -> Self {
        let folder = sample_folder();
        change(&Project::load(folder.path()).unwrap());
        let mut desk = Self::on(folder.path());
        desk.folder_kept = Some(folder);
        desk.click("Close the first steps");
        desk.settle();
        desk
    }

    /// [`Self::open`] on a sample with its model, which then has run.
    pub fn open_with_model() -> Self {
        let mut desk = Self::open_changed(add_model);
        desk.show("Compare");
        desk.show("Label");
        desk
    }

    /// A small window on a sample with its model, for pictures of 960 × 540 pixels. The model has run before, in the engine that is
    /// compiled in: what is on the pictures does not hang on what else a machine has.
    pub fn open_to_be_drawn(renderer: WgpuTestRenderer) -> Self {
        let folder = sample_folder();
        add_model(&Project::load(folder.path()).unwrap());
        let project = Project::load(folder.path()).unwrap();
        let settings = ModelSettings { engine: EngineSettings { choice: EngineChoice::Rten, ..EngineSettings::default() } };
        let mut model = ProjectModels::open(&project, 0, &settings).unwrap();
        for image in 0..project.images().len() {
            model.predict(&project, image, &|| false).unwrap();
        }
        let builder = Harness::builder().with_size([1280.0, 720.0]).with_pixels_per_point(0.75).renderer(renderer);
        let mut desk = Self::build(folder.path(), builder);
        desk.folder_kept = Some(folder);
        desk.click("Close the first steps");
        desk
    }

    /// A window on a project that somebody else looks after.
    pub fn on(root: &Path) -> Self {
        Self::build(root, Harness::builder().with_size([1600.0, 1000.0]))
    }

    /// [`Self::on`] for a person whose keys and settings are in a folder.
    pub fn of_person(root: &Path, settings: &Path) -> Self {
        Self::build_for(root, settings, Harness::builder().with_size([1600.0, 1000.0]))
    }

    /// A window for a person who was never here.
    fn build(root: &Path, builder: HarnessBuilder<Window>) -> Self {
        let settings = tempfile::tempdir().unwrap();
        let mut desk = Self::build_for(root, settings.path(), builder);
        desk.settings_kept = Some(settings);
        desk
    }

    fn build_for(root: &Path, settings: &Path, builder: HarnessBuilder<Window>) -> Self {
        let root = root.to_owned();
        let project = root.clone();
        let folder = SettingsFolder::at(settings);
        let h = builder
            .with_step_dt(1.0 / 60.0)
            .with_accessibility_check(false)
            .build_eframe(move |cc| Window::with_settings(&cc.egui_ctx, &project, None, folder).unwrap());
        let mut desk = Self { h, root, folder_kept: None, settings: settings.to_owned(), settings_kept: None };
        desk.settle();
        desk
    }

    /// Compares a picture of the window at rest, without a pointer, with the one that is kept.
    pub fn picture(&mut self, name: &str, options: &SnapshotOptions) -> SnapshotResult {
        self.h.remove_cursor();
        self.settle();
        // What floats in and the tiles that come a few per frame.
        self.h.run_steps(30);
        self.h.try_snapshot_options(name, options)
    }

    pub fn studio(&self) -> &Studio {
        &self.h.state().studio
    }

    /// For settings that no test has to reach through their widgets.
    pub fn studio_mut(&mut self) -> &mut Studio {
        &mut self.h.state_mut().studio
    }

    /// Frames until all work in the background is done and was drawn.
    pub fn settle(&mut self) {
        let start = Instant::now();
        let mut calm = 0;
        // What unfolds moves for a tenth of a second: what is under the pointer must have come to rest too.
        while calm < 8 {
            self.h.step();
            if self.studio().is_busy() {
                calm = 0;
                std::thread::sleep(Duration::from_millis(2));
            } else {
                calm += 1;
            }
            assert!(start.elapsed() < Duration::from_mins(1), "the window does not come to rest");
        }
    }

    // --- hands ---------------------------------------------------------------------------------------------------------------

    pub fn key(&mut self, key: Key) {
        self.h.key_press(key);
        self.settle();
    }

    /// A key with Ctrl as a keyboard sends it.
    pub fn ctrl(&mut self, key: Key) {
        self.h.key_press_modifiers(Modifiers { ctrl: true, command: true, ..Modifiers::NONE }, key);
        self.settle();
    }

    /// A key with modifiers as a keyboard sends it.
    pub fn chord(&mut self, modifiers: Modifiers, key: Key) {
        self.h.key_press_modifiers(modifiers, key);
        self.settle();
    }

    pub fn click(&mut self, label: &str) {
        self.h.get_by_label(label).click();
        self.settle();
    }

    pub fn click_as(&mut self, role: Role, label: &str) {
        self.h.get_by_role_and_label(role, label).click();
        self.settle();
    }

    /// Presses a button with an icon before its words.
    pub fn click_labelled(&mut self, words: &str) {
        self.labelled(words).click();
        self.settle();
    }

    /// Opens a workspace by its tab.
    pub fn show(&mut self, workspace: &str) {
        self.click_as(Role::Tab, workspace);
    }

    /// Presses, drags through `points` of the window and lets go.
    pub fn stroke(&mut self, button: PointerButton, points: &[Pos2]) {
        let first = points[0];
        self.h.hover_at(first);
        self.h.event(press(button, first, true));
        for &point in points {
            self.h.hover_at(point);
        }
        self.h.event(press(button, points[points.len() - 1], false));
        self.settle();
    }

    // --- eyes ----------------------------------------------------------------------------------------------------------------

    /// Whether a text or a named thing is in the window.
    pub fn has(&self, label: &str) -> bool {
        self.h.query_all_by_label(label).next().is_some()
    }

    pub fn has_part(&self, words: &str) -> bool {
        self.h.query_all_by_label_contains(words).next().is_some()
    }

    /// Names of the buttons that begin with `start`, as drawn.
    pub fn buttons(&self, start: &str) -> Vec<String> {
        let all = self.h.query_all_by_role(Role::Button);
        all.filter_map(|n| n.accesskit_node().label()).filter(|l| l.starts_with(start)).collect()
    }

    pub fn button<'a>(&'a self, label: &'a str) -> Node<'a> {
        self.h.get_by_role_and_label(Role::Button, label)
    }

    /// A button with an icon before its words.
    pub fn labelled<'a>(&'a self, words: &'a str) -> Node<'a> {
        self.button(words)
    }

    /// Whether a button is drawn as the one that is on.
    pub fn is_on(&self, label: &str) -> bool {
        self.button(label).accesskit_node().toggled() == Some(Toggled::True)
    }

    pub fn is_disabled(&self, label: &str) -> bool {
        self.button(label).accesskit_node().is_disabled()
    }

    /// The figure that a slider or a handle says it has.
    pub fn figure(&self, label: &str) -> f64 {
        self.h.get_by_role_and_label(Role::Slider, label).accesskit_node().numeric_value().unwrap()
    }

    // --- the image on the canvas ---------------------------------------------------------------------------------------------

    /// The label of an image as it is in memory now.
    pub fn label_map(&self, image: usize) -> LabelMap {
        self.studio().session.surface(SurfaceId::Label(image)).unwrap().map().clone()
    }

    /// Where in the window an image position is drawn.
    pub fn on_screen(&self, x: f64, y: f64) -> Pos2 {
        self.studio().canvas.view().unwrap().screen_from_image(Point::new(x, y))
    }
}

pub const fn press(button: PointerButton, pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE }
}

/// The label moved to the right by `by` pixels.
pub fn shifted(map: &LabelMap, by: u32) -> LabelMap {
    let mut out = LabelMap::new(map.width(), map.height());
    for y in 0..map.height() {
        for x in by..map.width() {
            let value = map.get(x - by, y);
            if value != 0 {
                out.fill_span(y, x, x + 1, value);
            }
        }
    }
    out
}

/// Pixels with other values in the two maps.
pub fn changed(before: &LabelMap, after: &LabelMap) -> Vec<(u32, u32)> {
    let all = (0..before.height()).flat_map(|y| (0..before.width()).map(move |x| (x, y)));
    all.filter(|&(x, y)| before.get(x, y) != after.get(x, y)).collect()
}

/// The middle of a square of background of 2 · `reach` pixels, away from the border of the image.
pub fn empty_place(map: &LabelMap, reach: u32) -> (u32, u32) {
    let is_free = |x: u32, y: u32| (y - reach..y + reach).all(|v| (x - reach..x + reach).all(|u| map.get(u, v) == 0));
    let rows = (reach..map.height() - reach).step_by(8);
    // From the middle of the image on: nothing lies over the canvas there.
    let mut places: Vec<(u32, u32)> = rows.flat_map(|y| (reach..map.width() - reach).step_by(8).map(move |x| (x, y))).collect();
    places.sort_by_key(|&(x, y)| x.abs_diff(map.width() / 2).pow(2) + y.abs_diff(map.height() / 2).pow(2));
    places.into_iter().find(|&(x, y)| is_free(x, y)).unwrap()
}
