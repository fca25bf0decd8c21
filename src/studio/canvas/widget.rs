//! The canvas widget: lays itself out, follows the pointer, draws the layers.
//!
//! A frame has three steps, so that a stroke is on the screen in the frame in which the hand made it:
//! [`Canvas::begin`] gives the pointer's events, the caller edits the label map and says what changed ([`Canvas::mark_dirty`]),
//! [`Canvas::paint`] uploads and draws, the caller paints on top, [`Canvas::finish`] draws the mini-map over all.

use delimit::raster::pyramid::Pyramid;
use delimit::raster::{LabelMap, MaxPyramid, PixelRect, Point, Shading};
use egui::{Color32, CursorIcon, Key, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use super::gesture::{GestureTracker, Gestures, PointerEvent, Surroundings, WheelEvent};
use super::keyboard::{self, CursorState, KeyboardCursor};
use super::minimap;
use super::outline;
use super::palette::Palette;
use super::tiles::{Budget, LayerKey, Source, TileCache};
use super::view::CanvasView;
use crate::studio::theme::Theme;

/// From this zoom on the borders of pixels are drawn.
const GRID_FROM_ZOOM: f64 = 16.0;

/// What [`Canvas::begin`] must know.
#[derive(Clone, Copy, Debug)]
pub struct CanvasOptions<'a> {
    /// Tells two canvases in one window apart.
    pub id_salt: &'a str,
    /// Tells images apart: textures are kept under this key, and must not be reused for other pixels.
    pub image_key: u64,
    pub width: u32,
    pub height: u32,
    /// Accessible name, as "Canvas, housing-7_03.png".
    pub label: &'a str,
    /// Accessible value, as "3 regions, NG".
    pub value: &'a str,
    /// The pointer over the image when it neither moves the view nor is over something else; `CursorIcon::None` for brushes.
    pub cursor: CursorIcon,
    /// Whether the mini-map may show.
    pub has_minimap: bool,
}

/// One layer of labels over the photo.
#[derive(Clone, Copy)]
pub struct OverlayLayer<'a> {
    /// Tells the layers of one image apart; the same layer keeps its key.
    pub key: u64,
    pub map: &'a LabelMap,
    /// Changes whenever the map does. After [`Canvas::mark_dirty`] with the new revision only the named part is read again; a new
    /// revision without it reads the whole layer again.
    pub revision: u64,
    /// A new palette reads the visible tiles again.
    pub palette: &'a Palette,
    /// 0 is not drawn, 1 hides the photo; costs nothing to change.
    pub opacity: f32,
    /// Draws only inside this rectangle of the window (points): the two sides of a wipe.
    pub clip: Option<Rect>,
    /// Only the borders of areas: pixels of the rim when zoomed out, lines along the borders of pixels when zoomed in. A layer of its
    /// own beside the filled one, with a key of its own.
    pub is_outline: bool,
    /// `map` with its coarser copies, when its values have an order: zoomed out the largest value counts. Ids have none.
    pub pooled: Option<&'a MaxPyramid>,
}

/// What is on the canvas.
#[derive(Clone, Copy)]
pub struct CanvasContent<'a> {
    pub pyramid: &'a Pyramid,
    /// How the photo is shown; made for its depth.
    pub shading: &'a Shading,
    /// Drawn in this order. A map of another size than the photo is left out.
    pub overlays: &'a [OverlayLayer<'a>],
}

/// What happened on the canvas in this frame, and how to paint on it.
pub struct CanvasFrame {
    pub response: Response,
    /// How image and screen lie to each other in this frame.
    pub view: CanvasView,
    /// Paints over the image, cut to the viewport.
    pub painter: Painter,
    /// The cursor of the keyboard, while the canvas has the focus. It is the pointer then.
    pub keyboard: Option<CursorState>,
    /// The image pixel under the pointer.
    pub hovered_pixel: Option<(u32, u32)>,
    /// The image position under the pointer, also outside of the image.
    pub image_point: Option<Point>,
    /// Strokes in the order in which they happened; usually none or one, a click inside one frame gives two.
    pub pointer: Vec<PointerEvent>,
    /// Wheel turns with Shift or Alt.
    pub wheel: Vec<WheelEvent>,
    /// The person is moving the image (or could, with Space held): draw no tool cursor.
    pub is_panning: bool,
    image_key: u64,
    minimap: Option<Rect>,
}

/// An image under the pointer. Keep one per place where images are shown; it remembers the view and the textures.
#[derive(Default)]
pub struct Canvas {
    view: Option<CanvasView>,
    /// The view follows the window: it stays fitted until the person moves it.
    is_fitted: bool,
    tracker: GestureTracker,
    keyboard: KeyboardCursor,
    tiles: TileCache,
    /// An image of another size is shown at the same relative place, not fitted.
    pub keeps_place: bool,
    /// To ask for a frame when the view or a layer changes after this one was drawn.
    ctx: Option<egui::Context>,
}

impl Canvas {
    #[must_use]
    pub fn new() -> Self {
        Self { is_fitted: true, ..Self::default() }
    }

    /// A canvas that keeps about so many bytes of textures.
    #[cfg(test)]
    #[must_use]
    pub fn with_byte_budget(byte_budget: usize) -> Self {
        Self { is_fitted: true, tiles: TileCache::with_byte_budget(byte_budget), ..Self::default() }
    }

    // --- the view ------------------------------------------------------------------------------------------------------------

    /// The view of the last frame; None before the first.
    #[must_use]
    pub const fn view(&self) -> Option<&CanvasView> {
        self.view.as_ref()
    }

    /// The whole image, also when the window changes, until the person moves it.
    pub fn fit(&mut self) {
        self.is_fitted = true;
        self.with_view(CanvasView::fit);
    }

    /// One image pixel per screen pixel.
    pub fn one_to_one(&mut self) {
        self.is_fitted = false;
        self.with_view(CanvasView::one_to_one);
    }

    pub fn zoom_in(&mut self) {
        self.is_fitted = false;
        self.with_view(CanvasView::zoom_in);
    }

    pub fn zoom_out(&mut self) {
        self.is_fitted = false;
        self.with_view(CanvasView::zoom_out);
    }

    /// Shows from now on what `view` shows, in the room of this canvas.
    pub fn go_along(&mut self, view: CanvasView) {
        self.is_fitted = false;
        self.view = Some(view);
    }

    /// Shows the pixels `rect` with room around them.
    pub fn centre_on(&mut self, rect: PixelRect) {
        self.is_fitted = false;
        self.with_view(|view| view.centre_on(rect));
    }

    /// Moves the image by `delta` points.
    #[cfg(test)]
    pub fn pan(&mut self, delta: egui::Vec2) {
        self.is_fitted = false;
        self.with_view(|view| view.pan(delta));
    }

    // --- the keyboard --------------------------------------------------------------------------------------------------------

    /// Gives the canvas the keyboard, or takes it away again.
    pub fn switch_keyboard(&mut self) {
        if self.keyboard.is_active() {
            self.keyboard.leave();
        } else {
            self.keyboard.take();
        }
        self.request_frame();
    }

    /// Takes the keyboard away; false when the canvas did not have it.
    pub fn leave_keyboard(&mut self) -> bool {
        let is_active = self.keyboard.is_active();
        if is_active {
            self.keyboard.leave();
            self.request_frame();
        }
        is_active
    }

    /// The canvas has the keyboard: arrows move the cursor on it.
    #[must_use]
    pub const fn has_keyboard(&self) -> bool {
        self.keyboard.is_active()
    }

    /// The button of the keyboard's cursor is held down.
    #[must_use]
    pub const fn is_key_held(&self) -> bool {
        self.keyboard.is_held()
    }

    fn with_view(&mut self, change: impl FnOnce(&mut CanvasView)) {
        if let Some(view) = &mut self.view {
            change(view);
        }
        self.request_frame();
    }

    fn request_frame(&self) {
        if let Some(ctx) = &self.ctx {
            ctx.request_repaint();
        }
    }

    // --- what changed --------------------------------------------------------------------------------------------------------

    /// Says that layer `layer` of image `image_key` changed inside `rect` (image pixels) and is now at `revision`. Only that part of
    /// the visible tiles is uploaded again.
    pub fn mark_dirty(&mut self, image_key: u64, layer: u64, rect: PixelRect, revision: u64) {
        self.tiles.mark_dirty(LayerKey::overlay(image_key, layer), rect, revision);
        self.request_frame();
    }

    /// Bytes of textures that are kept.
    #[cfg(test)]
    #[must_use]
    pub const fn texture_bytes(&self) -> usize {
        self.tiles.bytes()
    }

    // --- a frame -------------------------------------------------------------------------------------------------------------

    /// Takes all the room that is left in `ui`, moves the view, and tells what the pointer did.
    pub fn begin(&mut self, ui: &mut Ui, options: &CanvasOptions<'_>) -> CanvasFrame {
        if self.ctx.is_none() {
            self.ctx = Some(ui.ctx().clone());
        }
        let rect = ui.available_rect_before_wrap();
        let id = ui.scope_id().with(("canvas", options.id_salt));
        ui.advance_cursor_after_rect(rect);
        let response = ui.interact(rect, id, Sense::click_and_drag());
        let mut view = self.arrive(rect, ui.ctx().pixels_per_point(), options);

        let map_place = if options.has_minimap { minimap::place(&view) } else { None };
        let before = view;
        if let Some(place) = map_place {
            minimap::interact(ui, id.with("mini-map"), place, &mut view);
        }
        let is_space_down = !ui.ctx().text_edit_focused() && ui.input(|i| i.key_down(Key::Space));
        let around = Surroundings {
            // `hovered`, not `contains_pointer`: the latter is also true under the mini-map and under what callers lay on top.
            owns_pointer: response.hovered()
                || response.is_pointer_button_down_on()
                || response.clicked()
                || response.secondary_clicked(),
            is_space_down,
            is_any_button_down: ui.input(|i| i.pointer.any_down()),
            is_multi_touch: ui.input(|i| i.multi_touch().is_some()),
            modifiers: ui.input(|i| i.modifiers),
        };
        let Gestures { mut pointer, wheel, .. } = ui.input(|i| self.tracker.follow(&i.raw.events, &mut view, around));
        if let Some(touch) = ui.input(egui::InputState::multi_touch).filter(|_| around.owns_pointer) {
            view.zoom_at(touch.center_pos, view.zoom() * f64::from(touch.zoom_delta));
            view.pan(touch.translation_delta);
        }
        let keyboard = self.keyboard.follow(ui, &response, options.image_key, &mut view, &mut pointer);
        if view != before {
            self.is_fitted = false;
        }
        self.view = Some(view);

        let is_panning = self.tracker.is_panning() || (is_space_down && !self.tracker.is_stroking());
        let is_here = response.hovered() || response.is_pointer_button_down_on() || self.tracker.is_stroking();
        let pos = ui.input(|i| i.pointer.latest_pos()).filter(|_| is_here);
        if is_here {
            ui.ctx().set_cursor_icon(match (self.tracker.is_panning(), is_panning) {
                (true, _) => CursorIcon::Grabbing,
                (false, true) => CursorIcon::Grab,
                _ => options.cursor,
            });
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, options.label));
        ui.ctx().accesskit_node_builder(id, |node| node.set_value(options.value));
        CanvasFrame {
            painter: ui.painter_at(rect),
            view,
            keyboard,
            hovered_pixel: keyboard.map(|k| k.pixel).or_else(|| view.pixel_at(pos?)),
            image_point: keyboard.map(|k| keyboard::centre(k.pixel)).or_else(|| Some(view.image_from_screen(pos?))),
            pointer,
            wheel,
            is_panning,
            image_key: options.image_key,
            minimap: map_place,
            response,
        }
    }

    /// Draws ground, photo and layers of the frame that `frame` began. Call after the frame's edits.
    pub fn paint(&mut self, frame: &CanvasFrame, content: &CanvasContent<'_>) {
        self.tiles.begin_frame();
        self.paint_beside(frame, content);
    }

    /// Draws what a second canvas shows of the same image, with the textures of this one. Call after [`Self::paint`].
    pub fn paint_beside(&mut self, frame: &CanvasFrame, content: &CanvasContent<'_>) {
        let CanvasFrame { view, painter, .. } = frame;
        let theme = Theme::of_context(painter.ctx());
        let image = view.screen_rect(PixelRect::of_size(view.image_size().0, view.image_size().1));
        painter.rect_filled(view.viewport(), 0, theme.canvas_ground);
        painter.rect_stroke(image, 0, Stroke::new(1.0, theme.canvas_line), StrokeKind::Outside);
        let mut budget = Budget::frame();
        let last = content.pyramid.last_level();
        // The coarsest level first: it stands in for everything that is not there yet, and is one small tile.
        let photo = Source::Photo { pyramid: content.pyramid, shading: content.shading };
        self.tiles.prepare(painter.ctx(), LayerKey::photo(frame.image_key), &photo, last, &mut budget);
        self.draw_layers(painter, view, frame.image_key, content, &mut budget, (view.photo_level(last), view.label_level(last)));
        if view.zoom() >= GRID_FROM_ZOOM {
            draw_grid(painter, view, theme.pixel_grid);
        }
        if budget.is_overdrawn() {
            painter.ctx().request_repaint();
        }
    }

    /// Draws the frame's image once more into `place` through a view of its own: a loupe. Call after [`Self::paint`].
    pub fn paint_inset(&mut self, frame: &CanvasFrame, content: &CanvasContent<'_>, place: Rect, view: &CanvasView) {
        let painter = frame.painter.with_clip_rect(place.intersect(frame.painter.clip_rect()));
        painter.rect_filled(place, 0, Theme::of_context(painter.ctx()).canvas_ground);
        let last = content.pyramid.last_level();
        let mut budget = Budget::new(4, None);
        self.draw_layers(&painter, view, frame.image_key, content, &mut budget, (view.photo_level(last), view.label_level(last)));
        if budget.is_overdrawn() {
            painter.ctx().request_repaint();
        }
    }

    /// Draws the mini-map, and the ring of the keyboard's focus, over everything.
    pub fn finish(&mut self, frame: &CanvasFrame, content: &CanvasContent<'_>) {
        if let Some(state) = frame.keyboard {
            keyboard::draw_cursor(&frame.painter, &frame.view, state);
        }
        if let Some(place) = frame.minimap {
            minimap::draw_ground(&frame.painter, place);
            let map = minimap::map_view(place, &frame.view);
            let last = content.pyramid.last_level();
            let mut budget = Budget::new(1, None);
            let level = map.label_level(last);
            self.draw_layers(&frame.painter.with_clip_rect(place), &map, frame.image_key, content, &mut budget, (level, level));
            minimap::draw_frame(&frame.painter, place, &frame.view);
            if budget.is_overdrawn() {
                frame.painter.ctx().request_repaint();
            }
        }
        if frame.response.has_focus() {
            let ring = Stroke::new(1.5, Theme::of_context(frame.painter.ctx()).accent_text);
            frame.painter.rect_stroke(frame.view.viewport(), 0, ring, StrokeKind::Inside);
        }
    }

    /// The three steps at once, with `on_top` painting over the image.
    #[cfg(test)]
    pub fn show(
        &mut self,
        ui: &mut Ui,
        options: &CanvasOptions<'_>,
        content: &CanvasContent<'_>,
        on_top: impl FnOnce(&CanvasFrame),
    ) -> CanvasFrame {
        let frame = self.begin(ui, options);
        self.paint(&frame, content);
        on_top(&frame);
        self.finish(&frame, content);
        frame
    }

    fn draw_layers(
        &mut self,
        painter: &Painter,
        view: &CanvasView,
        image: u64,
        content: &CanvasContent<'_>,
        budget: &mut Budget,
        (photo, label): (u32, u32),
    ) {
        let CanvasContent { pyramid, shading, overlays } = *content;
        let key = LayerKey::photo(image);
        self.tiles.sync_photo(key, shading.display());
        self.tiles.draw(painter, view, key, &Source::Photo { pyramid, shading }, photo, Color32::WHITE, budget);
        for OverlayLayer { key, map, revision, palette, opacity, clip, is_outline, pooled } in overlays {
            if (map.width(), map.height()) != view.image_size() || *opacity <= 0.0 {
                continue;
            }
            let key = LayerKey::overlay(image, *key);
            self.tiles.sync_labels(key, *revision, palette, *is_outline);
            let tint = Color32::WHITE.gamma_multiply(opacity.min(1.0));
            let painter = match clip {
                Some(clip) => painter.with_clip_rect(painter.clip_rect().intersect(*clip)),
                None => painter.clone(),
            };
            if *is_outline
                && view.zoom() >= outline::LINES_FROM_ZOOM
                && let Some(lines) = outline::lines(map, palette, view)
            {
                painter.add(lines);
                continue;
            }
            let source = Source::Labels { map, palette, is_outline: *is_outline, pooled: *pooled };
            self.tiles.draw(&painter, view, key, &source, label, tint, budget);
        }
    }

    /// The view for this frame: the last one moved to where the canvas is now, or a fitted one for an image of another size.
    fn arrive(&mut self, rect: Rect, pixels_per_point: f32, options: &CanvasOptions<'_>) -> CanvasView {
        let mut view = match self.view {
            // Images of one part number have one size: stepping through them keeps the place that the person looks at.
            Some(view) if view.image_size() == (options.width, options.height) => view,
            Some(view) if self.keeps_place && !self.is_fitted => view.for_size(options.width, options.height),
            _ => {
                self.is_fitted = true;
                CanvasView::new(rect, pixels_per_point, options.width, options.height)
            }
        };
        view.set_viewport(rect, pixels_per_point);
        if self.is_fitted {
            view.fit();
        }
        view
    }
}

/// Lines on the borders of pixels.
fn draw_grid(painter: &Painter, view: &CanvasView, [dark, light]: [Color32; 2]) {
    let visible = view.visible_pixels();
    let area = view.screen_rect(visible);
    let pixel = (1.0 / view.pixels_per_point()) as f32;
    for x in visible.x0..=visible.x1 {
        let at = view.screen_from_image(Point::new(f64::from(x), 0.0)).x;
        painter.vline(at - pixel / 2.0, area.y_range(), Stroke::new(pixel, dark));
        painter.vline(at + pixel / 2.0, area.y_range(), Stroke::new(pixel, light));
    }
    for y in visible.y0..=visible.y1 {
        let at = view.screen_from_image(Point::new(0.0, f64::from(y))).y;
        painter.hline(area.x_range(), at - pixel / 2.0, Stroke::new(pixel, dark));
        painter.hline(area.x_range(), at + pixel / 2.0, Stroke::new(pixel, light));
    }
}
