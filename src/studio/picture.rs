//! Taking a picture of the window: how the pictures of the README are made, by the program itself.

use std::path::{Path, PathBuf};

use delimit::session::command::Workspace;
use egui::{ColorImage, Context, ViewportCommand};

use super::app::Studio;

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
}

/// Frames of rest after the last work ended before the picture is taken.
const REST: u32 = 20;

/// A picture being taken.
pub struct Taking {
    request: PictureRequest,
    calm_frames: u32,
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
        Self { request, calm_frames: 0, is_asked: false }
    }

    /// Waits until all work is done and the window has come to rest, takes the picture, writes it and closes the window.
    pub fn step(&mut self, studio: &mut Studio, ctx: &Context) {
        ctx.request_repaint();
        self.calm_frames = if studio.is_busy() { 0 } else { self.calm_frames + 1 };
        if self.calm_frames > REST && !self.is_asked {
            self.is_asked = true;
            let (out, window) = (self.request.out.clone(), ctx.clone());
            let callback = egui::ScreenshotCallback::new(move |image| {
                write(&out, &image);
                window.send_viewport_cmd(ViewportCommand::Close);
            });
            ctx.send_viewport_cmd(ViewportCommand::Screenshot(callback));
        }
    }
}

fn write(out: &Path, image: &ColorImage) {
    let [width, height] = image.size;
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
    if let Err(e) = image::save_buffer(out, &bytes, width as u32, height as u32, image::ColorType::Rgb8) {
        eprintln!("{e}: {}", out.display());
    }
}
