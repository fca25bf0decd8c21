//! Taking a picture of the window: how the pictures of the README are made, by the program itself.

use std::path::{Path, PathBuf};

use delimit::session::command::Workspace;
use egui::{ColorImage, Context, ViewportCommand};

use super::app::Studio;
use super::script::Script;

/// One picture to take.
#[derive(Clone, Debug)]
pub struct PictureRequest {
    pub out: PathBuf,
    pub workspace: Workspace,
    /// Width and height of the window in points.
    pub size: [f32; 2],
    pub is_light: bool,
    /// Image to show, counted from 0.
    pub image: usize,
    pub paints_zones: bool,
    pub shows_keys: bool,
    /// Keys and pointer moves to make before.
    pub script: Script,
    /// Only this part of the window, in points: left, top, width, height.
    pub crop: Option<[u32; 4]>,
}

/// Frames of rest after the last work ended before the picture is taken.
const REST: u32 = 20;

/// Frames of rest between two steps of a script.
const BETWEEN_STEPS: u32 = 3;

/// A picture being taken.
pub struct Taking {
    request: PictureRequest,
    calm_frames: u32,
    /// Steps of the script that were made.
    steps: usize,
    is_asked: bool,
}

impl Taking {
    pub fn prepare(request: PictureRequest, studio: &mut Studio, ctx: &Context) -> Self {
        ctx.set_theme(if request.is_light { egui::ThemePreference::Light } else { egui::ThemePreference::Dark });
        studio.view.workspace = request.workspace;
        studio.view.shows_hints = false;
        studio.view.is_painting_zones = request.paints_zones;
        studio.view.shows_keys = request.shows_keys;
        studio.go_to(request.image);
        Self { request, calm_frames: 0, steps: 0, is_asked: false }
    }

    /// Makes the next step of the script once the window has come to rest after the last one.
    pub fn feed(&mut self, studio: &mut Studio, input: &mut egui::RawInput) {
        if self.calm_frames < BETWEEN_STEPS {
            return;
        }
        if let Some(step) = self.request.script.0.get(self.steps) {
            step.feed(studio, input);
            self.steps += 1;
            self.calm_frames = 0;
        }
    }

    /// Waits until all work is done and the window has come to rest, takes the picture, writes it and closes the window.
    pub fn step(&mut self, studio: &mut Studio, ctx: &Context) {
        ctx.request_repaint();
        self.calm_frames = if studio.is_busy() { 0 } else { self.calm_frames + 1 };
        let is_through = self.steps == self.request.script.0.len();
        if is_through && self.calm_frames > REST && !self.is_asked {
            self.is_asked = true;
            let (out, crop, window) = (self.request.out.clone(), self.request.crop, ctx.clone());
            let callback = egui::ScreenshotCallback::new(move |image| {
                write(&out, &image, crop);
                window.send_viewport_cmd(ViewportCommand::Close);
            });
            ctx.send_viewport_cmd(ViewportCommand::Screenshot(callback));
        }
    }
}

fn write(out: &Path, image: &ColorImage, crop: Option<[u32; 4]>) {
    let [width, height] = image.size;
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
    let Some(mut whole) = image::RgbImage::from_raw(width as u32, height as u32, bytes) else { return };
    let picture = match crop {
        Some([x, y, w, h]) => image::imageops::crop(&mut whole, x, y, w, h).to_image(),
        None => whole,
    };
    if let Err(e) = picture.save(out) {
        eprintln!("{e}: {}", out.display());
    }
}
