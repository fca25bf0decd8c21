//! The icons by what they mean here, all of one family, and the square button that carries one.

use egui::{Button, FontId, Response, Sense, Ui, Vec2, Widget, WidgetInfo};
use egui_material_icons::{MaterialIcon, icons as m};

use super::theme::{ICON_SIZE, RADIUS, Theme, focus_ring};
use super::widgets::kbd;

// Tools
pub const BRUSH: MaterialIcon = m::ICON_BRUSH;
pub const ERASER: MaterialIcon = m::ICON_INK_ERASER;
pub const SELECT: MaterialIcon = m::ICON_ARROW_SELECTOR_TOOL;
pub const THRESHOLD_BRUSH: MaterialIcon = m::ICON_INK_HIGHLIGHTER;
pub const POLYGON: MaterialIcon = m::ICON_LASSO_SELECT;
pub const RECTANGLE: MaterialIcon = m::ICON_RECTANGLE;
pub const ELLIPSE: MaterialIcon = m::ICON_CIRCLE;
pub const FILL: MaterialIcon = m::ICON_FORMAT_COLOR_FILL;
pub const KNIFE: MaterialIcon = m::ICON_CONTENT_CUT;
pub const WAND: MaterialIcon = m::ICON_WAND_STARS;
pub const LIVEWIRE: MaterialIcon = m::ICON_CONVERSION_PATH;
pub const LEVEL_TRACE: MaterialIcon = m::ICON_TARGET;
pub const SCRATCH_TRACER: MaterialIcon = m::ICON_GESTURE;
pub const SEGMENTER: MaterialIcon = m::ICON_INK_SELECTION;
pub const MODEL_REGION: MaterialIcon = m::ICON_SMART_TOY;
// Regions
pub const GROW: MaterialIcon = m::ICON_ADD_CIRCLE;
pub const SHRINK: MaterialIcon = m::ICON_DO_NOT_DISTURB_ON;
pub const SMOOTH: MaterialIcon = m::ICON_LINE_CURVE;
pub const OPEN: MaterialIcon = m::ICON_CONTRAST;
pub const CLOSE_GAPS: MaterialIcon = m::ICON_JOIN;
pub const FILL_HOLES: MaterialIcon = m::ICON_ADJUST;
pub const SPLIT: MaterialIcon = m::ICON_CALL_SPLIT;
pub const MERGE: MaterialIcon = m::ICON_CALL_MERGE;
pub const LARGEST: MaterialIcon = m::ICON_FILTER_1;
pub const SMALL: MaterialIcon = m::ICON_GRAIN;
pub const COPY: MaterialIcon = m::ICON_CONTENT_COPY;
pub const DELETE: MaterialIcon = m::ICON_DELETE;
// View
pub const ZOOM_IN: MaterialIcon = m::ICON_ZOOM_IN;
pub const ZOOM_OUT: MaterialIcon = m::ICON_ZOOM_OUT;
pub const FIT: MaterialIcon = m::ICON_FIT_SCREEN;
pub const SHOWN: MaterialIcon = m::ICON_VISIBILITY;
pub const HIDDEN: MaterialIcon = m::ICON_VISIBILITY_OFF;
pub const LAYERS: MaterialIcon = m::ICON_LAYERS;
pub const DARK: MaterialIcon = m::ICON_DARK_MODE;
pub const LIGHT: MaterialIcon = m::ICON_LIGHT_MODE;
// Edit
pub const ADD: MaterialIcon = m::ICON_ADD;
pub const UNDO: MaterialIcon = m::ICON_UNDO;
pub const REDO: MaterialIcon = m::ICON_REDO;
pub const LOCKED: MaterialIcon = m::ICON_LOCK;
pub const CHECK: MaterialIcon = m::ICON_CHECK;
pub const CLOSE: MaterialIcon = m::ICON_CLOSE;
pub const EXPAND: MaterialIcon = m::ICON_EXPAND_MORE;
// Workspaces
pub const FINDINGS: MaterialIcon = m::ICON_FACT_CHECK;
pub const SWAP: MaterialIcon = m::ICON_SWAP_HORIZ;
pub const COMPARE: MaterialIcon = m::ICON_COMPARE;
pub const TUNE: MaterialIcon = m::ICON_TUNE;
pub const EXPORT: MaterialIcon = m::ICON_IOS_SHARE;
// Things
pub const PROJECT: MaterialIcon = m::ICON_FOLDER_OPEN;
pub const IMAGE: MaterialIcon = m::ICON_IMAGE;
pub const SEARCH: MaterialIcon = m::ICON_SEARCH;
pub const HELP: MaterialIcon = m::ICON_HELP;
pub const INFO: MaterialIcon = m::ICON_INFO;
pub const WARNING: MaterialIcon = m::ICON_WARNING;
pub const BOOK: MaterialIcon = m::ICON_MENU_BOOK;
pub const NOTE: MaterialIcon = m::ICON_ADD_COMMENT;
pub const ASCENDING: MaterialIcon = m::ICON_ARROW_UPWARD;
pub const DESCENDING: MaterialIcon = m::ICON_ARROW_DOWNWARD;
pub const STOP: MaterialIcon = m::ICON_STOP;
pub const REFRESH: MaterialIcon = m::ICON_REFRESH;

/// The font of `icon` at `size` points, for painters.
#[must_use]
pub fn font(icon: MaterialIcon, size: f32) -> FontId {
    FontId::new(size, icon.font_family())
}

/// A square button with one icon. `name` is its accessible name and, with the key, its tooltip; `key` may be empty.
pub fn icon_button(ui: &mut Ui, icon: MaterialIcon, name: &str, key: &str, is_selected: bool) -> Response {
    icon_button_sized(ui, icon, name, key, is_selected, Vec2::splat(28.0))
}

/// [`icon_button`] with a size of its own, in points.
pub fn icon_button_sized(ui: &mut Ui, icon: MaterialIcon, name: &str, key: &str, is_selected: bool, size: Vec2) -> Response {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, is_enabled, is_selected, name));
    if ui.is_rect_visible(rect) {
        let (fill, ink) = if is_selected {
            (theme.accent, theme.on_accent)
        } else if response.is_pointer_button_down_on() || response.hovered() {
            (theme.hovered, theme.text)
        } else {
            (egui::Color32::TRANSPARENT, if is_enabled { theme.text } else { theme.faint })
        };
        ui.painter().rect_filled(rect, RADIUS, fill);
        focus_ring(ui, &response);
        let galley = ui.painter().layout_no_wrap(icon.codepoint.to_owned(), font(icon, ICON_SIZE), ink);
        // Icon glyphs fill their em square, so the middle of the row is the middle of the drawing.
        let at = rect.center() - galley.size() / 2.0;
        ui.painter().galley(at, galley, ink);
    }
    response.on_hover_ui(|ui| {
        ui.horizontal(|ui| {
            ui.label(name);
            if !key.is_empty() {
                kbd(ui, key);
            }
        });
    })
}

/// A wide button with an icon before its text. Its accessible name is the text alone.
pub fn labelled_button(icon: MaterialIcon, text: &str) -> impl Widget {
    move |ui: &mut Ui| {
        let is_enabled = ui.is_enabled();
        let response = ui.add(Button::new((icon.rich_text().size(16.0), text)));
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, is_enabled, text));
        response
    }
}
