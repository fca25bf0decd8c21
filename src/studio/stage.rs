//! The stage: the canvas in the middle of a workspace, with its photo, its layers, and the brush on it.

use std::sync::Arc;

use delimit::raster::pyramid::Pyramid;
use delimit::session::command::Workspace;
use egui::{Color32, CursorIcon, Ui};

use super::app::Studio;
use super::canvas::{CanvasContent, CanvasFrame, CanvasOptions, OverlayLayer, Palette};
use super::icons;
use super::magnify::{draw_loupe, draw_values};
use super::theme::Theme;
use super::tools::Place;
use super::widgets::EmptyState;
use super::work::PhotoKey;

/// Layers of one image, told apart for their textures.
const LABELS: u64 = 1;
const DIFFERENCE: u64 = 2;
const OUTLINES: u64 = 3;

/// Values of the difference map (`compare::Agreement`).
const MISSED: u8 = 1;
const EXTRA: u8 = 2;
const AGREED: u8 = 3;
const CONFUSED: u8 = 4;

impl Studio {
    /// Draws the canvas over the room that is left; `on_top` paints over the image.
    pub fn stage_ui(&mut self, ui: &mut Ui, on_top: impl FnOnce(&Self, &CanvasFrame)) {
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

    fn photo_ui(&mut self, ui: &mut Ui, key: PhotoKey, pyramid: &Arc<Pyramid>, on_top: impl FnOnce(&Self, &CanvasFrame)) {
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
        let mut canvas = std::mem::take(&mut self.canvas);
        let mut frame = canvas.begin(ui, &options);
        self.take_viewing_gestures(&mut frame, key, pyramid, ui);
        self.hovered = frame.hovered_pixel.and_then(|pixel| self.pixel_words(key, pyramid.photo(), pixel));
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
        let surface = key.surface();
        let dirty = self.session.take_dirty(surface);
        if let Some(s) = self.session.surface(surface)
            && !dirty.is_empty()
        {
            canvas.mark_dirty(key.texture_key(), LABELS, dirty, s.revision());
            canvas.mark_dirty(key.texture_key(), OUTLINES, dirty, s.revision());
        }
        let theme = Theme::of(ui);
        let shading = self.shading(key, pyramid);
        let label_palette = self.label_palette(key);
        let difference_palette = difference_palette(theme);
        let mut overlays = Vec::new();
        if !self.view.are_labels_hidden {
            self.push_layers(key, &label_palette, &difference_palette, &mut overlays);
        }
        let content = CanvasContent { pyramid, shading: &shading, overlays: &overlays };
        canvas.paint(&frame, &content);
        draw_values(&frame, pyramid.photo(), &shading);
        if paints && !frame.is_panning {
            self.draw_tool(&frame, ui);
        }
        on_top(self, &frame);
        self.draw_solo(&frame);
        self.draw_ruler(&frame);
        canvas.finish(&frame, &content);
        if self.view.viewing.has_loupe && self.view.workspace == Workspace::Label {
            draw_loupe(&mut canvas, &frame, &content);
        }
        drop(overlays);
        self.canvas = canvas;
        if let PhotoKey::Image(image) = key {
            self.notes_on_canvas_ui(ui, image, &frame);
        }
    }

    /// The layers that this workspace shows over the photo.
    fn push_layers<'a>(
        &'a self,
        key: PhotoKey,
        labels: &'a Palette,
        difference: &'a Palette,
        overlays: &mut Vec<OverlayLayer<'a>>,
    ) {
        let comparison = match key {
            PhotoKey::Image(image) if self.view.workspace == Workspace::Compare => {
                self.analysis.predictions[image].as_ref().and_then(|p| p.comparison.as_ref())
            }
            _ => None,
        };
        if let Some((revision, comparison)) = comparison {
            let opacity = 0.85;
            overlays.push(OverlayLayer {
                key: DIFFERENCE,
                map: &comparison.pixels.map,
                revision: *revision,
                palette: difference,
                opacity,
                clip: None,
                is_outline: false,
            });
            return;
        }
        if let Some(surface) = self.session.surface(key.surface()) {
            // While boundaries are looked at, the fill must not hide the edge in the photo.
            let opacity = if self.view.workspace == Workspace::Check { self.view.opacity * 0.3 } else { self.view.opacity };
            let style = self.view.viewing.style;
            let layers = [(LABELS, style.has_fill(), opacity, false), (OUTLINES, style.has_outline(), 1.0, true)];
            for (key, _, opacity, is_outline) in layers.into_iter().filter(|(_, is_shown, ..)| *is_shown) {
                overlays.push(OverlayLayer {
                    key,
                    map: surface.map(),
                    revision: surface.revision(),
                    palette: labels,
                    opacity,
                    clip: None,
                    is_outline,
                });
            }
        }
    }

    fn label_palette(&self, key: PhotoKey) -> Palette {
        let colour = |c: [u8; 3]| Color32::from_rgb(c[0], c[1], c[2]);
        match key {
            PhotoKey::Image(_) => {
                let shown = self.session.project().classes.iter();
                let is_shown = |id: &u8| !self.view.hidden_classes.contains(id) && self.view.viewing.shows(*id);
                let shown = shown.filter(|c| is_shown(&c.id));
                Palette::of_classes(shown.map(|c| (c.id, colour(c.colour))))
            }
            PhotoKey::Nominal(pn) => {
                Palette::of_classes(self.session.project().part_numbers[pn].zones.iter().map(|z| (z.id, colour(z.colour))))
            }
        }
    }

    fn photo_name(&self, key: PhotoKey) -> String {
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
        self.session.project().class(class).map_or(Color32::GRAY, |c| Color32::from_rgb(c.colour[0], c.colour[1], c.colour[2]))
    }
}

fn difference_palette(theme: &Theme) -> Palette {
    Palette::of_classes([(MISSED, theme.missed), (EXTRA, theme.extra), (AGREED, theme.agreed), (CONFUSED, theme.review)])
}
