//! The stage: the canvas in the middle of a workspace, with its photo, its layers, and the brush on it.

use std::sync::Arc;

use delimit::raster::pyramid::Pyramid;
use delimit::session::command::{CompareView, Workspace};
use egui::{Color32, CursorIcon, Ui};

use super::app::Studio;
use super::canvas::{Canvas, CanvasContent, CanvasFrame, CanvasOptions, Layer, OverlayLayer, Palette};
use super::icons;
use super::magnify::{draw_loupe, draw_values};
use super::theme::Theme;
use super::tools::Place;
use super::widgets::EmptyState;
use super::work::PhotoKey;

/// Of regions that no class explains.
const UNKNOWN_COLOUR: Color32 = Color32::from_rgb(0xC0, 0xC8, 0xD8);

/// Layers of one image, told apart for their textures.
pub const LABELS: u64 = 1;
pub const OUTLINES: u64 = 3;

impl Studio {
    /// Draws the canvas over the room that is left; `on_top` paints over the image.
    pub fn stage_ui(&mut self, ui: &mut Ui, on_top: impl Fn(&Self, &CanvasFrame)) {
        let Some(key) = self.photo_key() else {
            self.no_image_ui(ui);
            return;
        };
        let pyramid = match self.photo(key) {
            Some(Ok(pyramid)) => Arc::clone(pyramid),
            Some(Err(message)) => {
                let message = message.clone();
                EmptyState { icon: icons::WARNING, title: "This image cannot be shown", hint: &message, action: None }.show(ui);
                return;
            }
            None => {
                // The ground of the canvas, so that nothing jumps when the photo comes.
                ui.painter().rect_filled(ui.available_rect_before_wrap(), 0, Theme::of(ui).canvas_ground);
                return;
            }
        };
        self.photo_ui(ui, key, &pyramid, on_top);
    }

    fn no_image_ui(&mut self, ui: &mut Ui) {
        let state = EmptyState {
            icon: icons::IMAGE,
            title: "No image yet",
            hint: "Drop image files on the window, or add them",
            action: Some("Add images…"),
        };
        if state.show(ui) {
            self.push(delimit::session::Command::AddImages);
        }
    }

    fn photo_ui(&mut self, ui: &mut Ui, key: PhotoKey, pyramid: &Arc<Pyramid>, on_top: impl Fn(&Self, &CanvasFrame)) {
        let (width, height) = (pyramid.photo().width(), pyramid.photo().height());
        let name = self.photo_name(key);
        let value = self.photo_words(key);
        let paints = self.view.workspace == Workspace::Label && !self.session.is_read_only();
        let options = CanvasOptions {
            id_salt: "stage",
            image_key: key.texture_key(),
            width,
            height,
            label: &format!("Canvas, {name}"),
            value: &value,
            cursor: if paints && !self.is_viewing_tool() { CursorIcon::None } else { CursorIcon::Crosshair },
            has_minimap: true,
        };
        let compared = self.compared_image(key);
        if let Some(image) = compared.filter(|_| self.view.compare.view == CompareView::SideBySide) {
            self.pair_ui(ui, &options, (key, pyramid), image, on_top);
            return;
        }
        let mut canvas = std::mem::take(&mut self.canvas);
        let mut frame = canvas.begin(ui, &options);
        self.take_viewing_gestures(&mut frame, key, pyramid, ui);
        if compared.is_some() {
            self.compare_gestures(&frame, ui);
        }
        self.hover_pixel(key, pyramid, frame.hovered_pixel);
        if let Some(cursor) = frame.keyboard {
            // Read out whenever it changes: where the cursor is first.
            let place = pyramid.photo().value_text(cursor.pixel.0, cursor.pixel.1).unwrap_or_default();
            let place = format!("pixel {}, {}, value {place}", cursor.pixel.0, cursor.pixel.1);
            let held = if cursor.is_held { ", button held" } else { "" };
            ui.ctx().accesskit_node_builder(frame.response.id, |node| node.set_value(format!("{place}{held}; {value}")));
        }
        if paints {
            let place = Place { surface: key.surface(), pyramid: Arc::clone(pyramid), view: frame.view };
            for event in &frame.pointer {
                self.tool_event(&place, event, ui.ctx());
            }
            self.tool_frame(&place, &frame, ui.ctx());
            if matches!(key, PhotoKey::Image(_)) {
                self.follow_live_check(&frame, pyramid);
            }
        }
        self.mark_dirty_layers(&mut canvas, key);
        let shading = self.shading(key, pyramid);
        let layers = match compared {
            _ if self.view.are_labels_hidden => Vec::new(),
            Some(image) => self.compare_layers(image, frame.view.viewport(), Theme::of(ui)),
            None => self.surface_layers(key),
        };
        let overlays: Vec<OverlayLayer<'_>> = layers.iter().map(Layer::overlay).collect();
        let content = CanvasContent { pyramid, shading: &shading, overlays: &overlays };
        canvas.paint(&frame, &content);
        draw_values(&frame, pyramid.photo(), &shading);
        if paints && !frame.is_panning {
            self.draw_tool(&frame, ui);
        }
        if let Some(image) = compared {
            self.draw_compare(&frame, image);
        }
        on_top(self, &frame);
        self.draw_solo(&frame);
        self.draw_ruler(&frame);
        canvas.finish(&frame, &content);
        if self.view.viewing.has_loupe && self.view.workspace == Workspace::Label {
            draw_loupe(&mut canvas, &frame, &content);
        }
        self.canvas = canvas;
        if let PhotoKey::Image(image) = key {
            self.notes_on_canvas_ui(ui, image, &frame);
        }
    }

    /// Keeps the pixel under the pointer in words for the status line.
    pub(super) fn hover_pixel(&mut self, key: PhotoKey, pyramid: &Pyramid, pixel: Option<(u32, u32)>) {
        self.hovered = pixel.and_then(|pixel| {
            let words = self.pixel_words(key, pyramid.photo(), pixel)?;
            let said = self.compared_image(key).map_or_else(Vec::new, |image| self.compare_words(image, pixel));
            Some(std::iter::once(words).chain(said).collect::<Vec<_>>().join("   "))
        });
    }

    /// Tells the textures what was painted since the last frame.
    pub(super) fn mark_dirty_layers(&mut self, canvas: &mut Canvas, key: PhotoKey) {
        let surface = key.surface();
        let dirty = self.session.take_dirty(surface);
        if let Some(s) = self.session.surface(surface)
            && !dirty.is_empty()
        {
            canvas.mark_dirty(key.texture_key(), LABELS, dirty, s.revision());
            canvas.mark_dirty(key.texture_key(), OUTLINES, dirty, s.revision());
        }
    }

    /// The label or zone map over its photo, as this workspace shows it.
    fn surface_layers(&self, key: PhotoKey) -> Vec<Layer> {
        let Some(surface) = self.session.surface(key.surface()) else { return Vec::new() };
        // While boundaries are looked at, the fill must not hide the edge in the photo.
        let opacity = if self.view.workspace == Workspace::Check { self.view.opacity * 0.3 } else { self.view.opacity };
        let (palette, style) = (self.label_palette(key), self.view.viewing.style);
        Layer::of_labels([LABELS, OUTLINES], surface.map(), surface.revision(), &palette, style, opacity)
    }

    pub(super) fn label_palette(&self, key: PhotoKey) -> Palette {
        let colour = |c: [u8; 3]| Color32::from_rgb(c[0], c[1], c[2]);
        match key {
            PhotoKey::Image(_) => {
                let shown = self.session.project().classes.iter();
                let is_shown = |id: &u8| !self.view.hidden_classes.contains(id) && self.view.viewing.shows(*id);
                let shown = shown.filter(|c| is_shown(&c.id));
                // What no class explains is shown in a tone that no class has.
                let unknown = (self.session.project().unknown_class(), UNKNOWN_COLOUR);
                Palette::of_classes(std::iter::once(unknown).chain(shown.map(|c| (c.id, colour(c.colour)))))
            }
            PhotoKey::Nominal(pn) => {
                Palette::of_classes(self.session.project().part_numbers[pn].zones.iter().map(|z| (z.id, colour(z.colour))))
            }
        }
    }

    pub(super) fn photo_name(&self, key: PhotoKey) -> String {
        match key {
            PhotoKey::Image(image) => self.session.project().images()[image].id.clone(),
            PhotoKey::Nominal(pn) => format!("nominal image of {}", self.session.project().part_numbers[pn].name),
        }
    }

    /// The image in words, for those who cannot see it.
    fn photo_words(&self, key: PhotoKey) -> String {
        let PhotoKey::Image(image) = key else { return "zones".into() };
        let regions = self.analysis.labels[image].as_ref().map_or(0, |f| f.regions.len());
        let verdict = self.mark_of_image(image).map_or("not judged", super::widgets::Mark::name);
        format!("{regions} regions, {verdict}")
    }

    /// The colour of what the brush paints.
    pub fn value_colour(&self) -> Color32 {
        let project = self.session.project();
        let colour = if self.view.is_painting_zones {
            project.part_numbers[self.view.part_number].zones.iter().find(|z| z.id == self.view.zone).map(|z| z.colour)
        } else {
            project.class(self.view.class).map(|c| c.colour)
        };
        colour.map_or(Color32::GRAY, |c| Color32::from_rgb(c[0], c[1], c[2]))
    }

    /// The colour of a class.
    pub fn class_colour(&self, class: u8) -> Color32 {
        self.session.project().class(class).map_or(UNKNOWN_COLOUR, |c| Color32::from_rgb(c.colour[0], c.colour[1], c.colour[2]))
    }
}
