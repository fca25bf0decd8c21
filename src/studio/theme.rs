//! The look: every colour, text size and spacing of the studio, in a dark and a light dress. No other file names a colour.

use std::sync::Arc;

use delimit::raster::display::Lut;
use egui::style::{HandleShape, ScrollStyle, Selection, Style, TextCursorStyle, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, RichText, Shadow, Stroke, TextStyle, Ui,
    Visuals, vec2,
};

/// Steps of the grid on which everything stands, in points.
pub const GRID: f32 = 4.0;

/// Radius of buttons and cells, in points.
pub const RADIUS: u8 = 4;

/// Radius of cards, menus and dialogs, in points.
pub const CARD_RADIUS: u8 = 6;

/// Side of a tool icon, in points.
pub const ICON_SIZE: f32 = 18.0;

/// Text sizes, in points.
pub const CAPTION_SIZE: f32 = 11.0;
pub const BODY_SIZE: f32 = 13.0;
pub const HEADING_SIZE: f32 = 15.0;
pub const TALLY_SIZE: f32 = 24.0;

const SEMIBOLD: &str = "semibold";

/// One dress of the studio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// True in the dark dress.
    pub is_dark: bool,
    /// Behind everything: gaps, status line, filmstrip.
    pub background: Color32,
    /// Side panels and bars.
    pub panel: Color32,
    /// Buttons, fields, cards on a panel.
    pub raised: Color32,
    /// A raised thing under the pointer.
    pub hovered: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Outlines that must be found: fields, slider rails, unchecked boxes.
    pub strong_line: Color32,
    pub text: Color32,
    /// Captions and units; still readable.
    pub faint: Color32,
    /// The one accent: fill of what is selected or active.
    pub accent: Color32,
    /// The accent as text or as a thin line.
    pub accent_text: Color32,
    /// Text on [`Self::accent`].
    pub on_accent: Color32,
    /// The accent as a quiet ground: the selected row.
    pub accent_ground: Color32,
    /// Verdicts as marks and bars…
    pub ok: Color32,
    pub review: Color32,
    pub ng: Color32,
    /// …as text…
    pub ok_text: Color32,
    pub review_text: Color32,
    pub ng_text: Color32,
    /// …and as a quiet ground behind [`Self::text`].
    pub ok_ground: Color32,
    pub review_ground: Color32,
    pub ng_ground: Color32,
    /// Defect in the label, absent from the prediction.
    pub missed: Color32,
    /// Defect in the prediction, absent from the label.
    pub extra: Color32,
    /// Defect in both (45 % opaque).
    pub agreed: Color32,
    /// Neutral gray around the image, so that it tints no judgement.
    pub canvas_ground: Color32,
    /// The hairline around the image.
    pub canvas_line: Color32,
    /// Dark rim around everything that is drawn on an image.
    pub halo: Color32,
    /// Light core of things that are drawn on an image.
    pub ink: Color32,
    /// Dark and light side of the lines of the pixel grid: one of them shows on any photo.
    pub pixel_grid: [Color32; 2],
    /// Fill of tags and cards that float over an image.
    pub float: Color32,
}

/// Verdict hues on screen, the same in both dresses.
const OK: Color32 = hex(0x3B_A7_76);
const REVIEW: Color32 = hex(0xF2_A9_3B);
const NG: Color32 = hex(0xE5_48_4D);

pub const DARK: Theme = Theme {
    is_dark: true,
    background: hex(0x16_18_1C),
    panel: hex(0x1D_20_25),
    raised: hex(0x26_2A_31),
    hovered: hex(0x30_35_3E),
    line: hex(0x31_36_3F),
    strong_line: hex(0x4A_52_5E),
    text: hex(0xE6_E9_EF),
    faint: hex(0x9A_A3_B2),
    accent: hex(0x3D_6B_E6),
    accent_text: hex(0x8F_B3_FF),
    on_accent: Color32::WHITE,
    accent_ground: hex(0x25_34_59),
    ok: OK,
    review: REVIEW,
    ng: NG,
    ok_text: hex(0x4F_C4_8F),
    review_text: hex(0xF2_A9_3B),
    ng_text: hex(0xFF_7A_7D),
    ok_ground: hex(0x1B_35_2B),
    review_ground: hex(0x3D_30_1C),
    ng_ground: hex(0x41_22_26),
    missed: hex(0xFF_4F_A3),
    extra: hex(0x3E_C1_FF),
    agreed: Color32::from_rgba_premultiplied(0x61, 0x66, 0x6E, 0x73),
    canvas_ground: Color32::from_gray(0x2B),
    canvas_line: Color32::from_gray(0x55),
    halo: Color32::from_black_alpha(150),
    ink: Color32::WHITE,
    pixel_grid: [Color32::from_black_alpha(72), Color32::from_rgba_premultiplied(30, 30, 30, 30)],
    float: hex(0x1D_20_25),
};

pub const LIGHT: Theme = Theme {
    is_dark: false,
    background: hex(0xF6_F7_F9),
    panel: hex(0xFF_FF_FF),
    raised: hex(0xED_EF_F3),
    hovered: hex(0xE2_E6_EC),
    line: hex(0xD5_DA_E2),
    strong_line: hex(0xA9_B1_BF),
    text: hex(0x1B_1F_27),
    faint: hex(0x5B_64_72),
    accent: hex(0x2F_5E_DE),
    accent_text: hex(0x24_50_CC),
    on_accent: Color32::WHITE,
    accent_ground: hex(0xDF_E8_FD),
    ok: OK,
    review: REVIEW,
    ng: NG,
    ok_text: hex(0x17_6B_47),
    review_text: hex(0x83_53_00),
    ng_text: hex(0xBF_23_2A),
    ok_ground: hex(0xDC_F1_E7),
    review_ground: hex(0xFD_EF_D8),
    ng_ground: hex(0xFC_E3_E4),
    missed: hex(0xFF_4F_A3),
    extra: hex(0x3E_C1_FF),
    agreed: Color32::from_rgba_premultiplied(0x61, 0x66, 0x6E, 0x73),
    canvas_ground: Color32::from_gray(0xC4),
    canvas_line: Color32::from_gray(0x8A),
    halo: Color32::from_black_alpha(150),
    ink: Color32::WHITE,
    pixel_grid: [Color32::from_black_alpha(72), Color32::from_rgba_premultiplied(30, 30, 30, 30)],
    float: hex(0xFF_FF_FF),
};

impl Theme {
    /// The dress that `ui` wears.
    #[must_use]
    pub fn of(ui: &Ui) -> &'static Self {
        Self::for_mode(ui.visuals().dark_mode)
    }

    /// The dress of the whole window.
    #[must_use]
    pub fn of_context(ctx: &Context) -> &'static Self {
        Self::for_mode(ctx.theme() == egui::Theme::Dark)
    }

    #[must_use]
    pub const fn for_mode(is_dark: bool) -> &'static Self {
        if is_dark { &DARK } else { &LIGHT }
    }

    /// A hairline for borders and separators.
    #[must_use]
    pub fn hairline(&self) -> Stroke {
        Stroke::new(1.0, self.line)
    }

    /// A panel of the frame: 8 points inside, no line of its own (the panel draws its separator).
    pub fn panel_frame(&self) -> egui::Frame {
        egui::Frame::new().fill(self.panel).inner_margin(Margin::same(8))
    }

    /// The frame of the filmstrip and the status line.
    pub fn ground_frame(&self) -> egui::Frame {
        egui::Frame::new().fill(self.background).inner_margin(Margin::symmetric(8, 0))
    }

    /// A card on a panel or over the image.
    pub fn card_frame(&self) -> egui::Frame {
        egui::Frame::new().fill(self.raised).corner_radius(CARD_RADIUS).inner_margin(Margin::same(12))
    }
}

/// Puts fonts and both dresses into `ctx`; which one shows is `ctx.set_theme(egui::ThemePreference)`. Call once at the start.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.set_style_of(egui::Theme::Dark, style(&DARK));
    ctx.set_style_of(egui::Theme::Light, style(&LIGHT));
}

/// The family of semi-bold text.
#[must_use]
pub fn semibold_family() -> FontFamily {
    FontFamily::Name(SEMIBOLD.into())
}

/// The colour of a probability of 0..=1 over a photo: inferno, even in lightness, without its darkest fifth, which black rubber would
/// swallow. Clear at 0, so that a photo without a defect stays itself, and nearly opaque from 0.15 on.
#[must_use]
pub fn heat_colour(p: f32) -> Color32 {
    let p = p.clamp(0.0, 1.0);
    let [r, g, b] = Lut::Inferno.colour(0.2 + 0.8 * p);
    let rise = (p / 0.15).min(1.0);
    let opacity = 0.9 * rise * rise * (3.0 - 2.0 * rise);
    Color32::from_rgb(r, g, b).gamma_multiply(opacity)
}

/// `text` in semi-bold, for headings and figures that lead.
#[must_use]
pub fn semibold(text: impl Into<String>) -> RichText {
    RichText::new(text).family(semibold_family())
}

/// `text` as an 11-point caption in the faint colour.
#[must_use]
pub fn caption(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).size(CAPTION_SIZE).color(Theme::of(ui).faint)
}

/// The ring around a control that has the keyboard's focus, for controls that paint themselves. Over everything else of the control.
pub fn focus_ring(ui: &Ui, response: &egui::Response) {
    if response.has_focus() {
        let ring = Stroke::new(1.5, Theme::of(ui).accent_text);
        ui.painter().rect_stroke(response.rect.shrink(0.5), RADIUS, ring, egui::StrokeKind::Inside);
    }
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 2] = [
        ("inter", include_bytes!("../../assets/fonts/Inter-Regular-subset.otf")),
        ("inter-semibold", include_bytes!("../../assets/fonts/Inter-SemiBold-subset.otf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let icons = egui_material_icons::font_insert();
    let icon_name = icons.name.clone();
    fonts.font_data.insert(icons.name, Arc::new(icons.data));
    for family in icons.families {
        if family.family != FontFamily::Proportional {
            fonts.families.insert(family.family, vec![icon_name.clone()]);
        }
    }
    let mut fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    // Icons may stand inside a line of text; private-use code points clash with nothing.
    fallback.push(icon_name);
    let with_first = |first: &str| std::iter::once(first.to_owned()).chain(fallback.iter().cloned()).collect::<Vec<_>>();
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), with_first("inter-semibold"));
    fonts.families.insert(FontFamily::Proportional, with_first("inter"));
    fonts
}

fn style(theme: &Theme) -> Style {
    let mut style = Style { visuals: visuals(theme), animation_time: 0.08, ..Style::default() };
    let body = || FontId::new(BODY_SIZE, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, FontId::new(CAPTION_SIZE, FontFamily::Proportional)),
        (TextStyle::Body, body()),
        (TextStyle::Button, body()),
        (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
        (TextStyle::Heading, FontId::new(HEADING_SIZE, semibold_family())),
    ]
    .into();
    style.drag_value_text_style = TextStyle::Body;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, GRID);
    spacing.button_padding = vec2(8.0, 3.0);
    spacing.interact_size = vec2(32.0, 24.0);
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(4);
    spacing.indent = 16.0;
    spacing.slider_width = 120.0;
    spacing.slider_rail_height = 4.0;
    spacing.combo_width = 96.0;
    spacing.text_edit_width = 200.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 8.0;
    spacing.tooltip_width = 360.0;
    spacing.menu_width = 240.0;
    spacing.scroll = ScrollStyle { bar_width: 8.0, handle_min_length: 24.0, floating_width: 4.0, ..ScrollStyle::floating() };
    style
}

fn visuals(theme: &Theme) -> Visuals {
    let mut visuals = if theme.is_dark { Visuals::dark() } else { Visuals::light() };
    let radius = CornerRadius::same(RADIUS);
    let widget = |fill: Color32, box_fill: Color32, outline: Color32, text: Color32, width: f32| WidgetVisuals {
        bg_fill: box_fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: radius,
        fg_stroke: Stroke::new(width, text),
        expansion: 0.0,
    };
    // Buttons carry no outline of their own: their fill says that they can be pressed.
    visuals.widgets = Widgets {
        noninteractive: widget(theme.panel, theme.panel, theme.line, theme.text, 1.0),
        inactive: widget(theme.raised, theme.strong_line, Color32::TRANSPARENT, theme.text, 1.5),
        hovered: widget(theme.hovered, theme.strong_line, theme.strong_line, theme.text, 1.5),
        active: widget(theme.hovered, theme.accent, theme.accent_text, theme.text, 1.5),
        open: widget(theme.hovered, theme.raised, theme.strong_line, theme.text, 1.5),
    };
    visuals.selection = Selection { bg_fill: theme.accent_ground, stroke: Stroke::new(1.0, theme.accent_text) };
    visuals.hyperlink_color = theme.accent_text;
    visuals.weak_text_color = Some(theme.faint);
    visuals.faint_bg_color = theme.background;
    visuals.extreme_bg_color = theme.background;
    visuals.text_edit_bg_color = Some(if theme.is_dark { theme.background } else { theme.raised });
    visuals.code_bg_color = theme.raised;
    visuals.warn_fg_color = theme.review_text;
    visuals.error_fg_color = theme.ng_text;
    let shadow = |blur: u8, y: i8| Shadow {
        offset: [0, y],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(if theme.is_dark { 110 } else { 40 }),
    };
    visuals.window_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.window_shadow = shadow(24, 8);
    visuals.popup_shadow = shadow(12, 4);
    visuals.window_fill = theme.panel;
    visuals.window_stroke = theme.hairline();
    visuals.window_highlight_topmost = false;
    visuals.panel_fill = theme.panel;
    visuals.text_cursor = TextCursorStyle { stroke: Stroke::new(1.5, theme.accent_text), ..TextCursorStyle::default() };
    visuals.indent_has_left_vline = false;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    visuals.interact_cursor = None;
    visuals.disabled_alpha = 0.45;
    visuals
}

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast ratio as WCAG 2.1 defines them.
    fn luminance(c: Color32) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn the_contrast_formula_gives_the_known_extremes() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
        // #767676 on white is the well-known darkest-allowed gray: 4.54:1.
        assert!((contrast(Color32::from_gray(0x76), Color32::WHITE) - 4.54).abs() < 0.01);
    }

    /// CIE 1976 lightness, 0..=100.
    fn lightness(c: Color32) -> f64 {
        let y = luminance(c);
        if y > 216.0 / 24_389.0 { 116.0 * y.cbrt() - 16.0 } else { y * 24_389.0 / 27.0 }
    }

    #[test]
    fn equal_steps_of_probability_are_equal_steps_of_lightness() {
        let steps: Vec<f64> = (3..=20_u8).map(|k| lightness(heat_colour(f32::from(k) / 20.0).to_opaque())).collect();
        let mean = (steps[steps.len() - 1] - steps[0]) / (steps.len() - 1) as f64;
        assert!(mean > 3.0, "{mean}");
        for pair in steps.windows(2) {
            assert!((pair[1] - pair[0] - mean).abs() < 0.35 * mean, "{} instead of {mean}", pair[1] - pair[0]);
        }
        assert_eq!(heat_colour(0.0), Color32::TRANSPARENT);
        assert!((1..=255_u8).all(|k| heat_colour(f32::from(k) / 255.0).a() >= heat_colour(f32::from(k - 1) / 255.0).a()));
    }

    #[test]
    fn text_reads_on_every_ground_in_both_dresses() {
        for theme in [&DARK, &LIGHT] {
            let grounds = [theme.background, theme.panel, theme.raised, theme.float];
            let texts = [
                ("text", theme.text),
                ("faint", theme.faint),
                ("accent", theme.accent_text),
                ("ok", theme.ok_text),
                ("review", theme.review_text),
                ("ng", theme.ng_text),
            ];
            for (name, text) in texts {
                for ground in grounds {
                    let ratio = contrast(text, ground);
                    assert!(ratio >= 4.5, "{name} on {ground:?} (dark: {}) has only {ratio:.2}:1", theme.is_dark);
                }
            }
            for (name, text, ground) in [
                ("on accent", theme.on_accent, theme.accent),
                ("selected row", theme.text, theme.accent_ground),
                ("selected row, accent", theme.accent_text, theme.accent_ground),
                ("hovered", theme.text, theme.hovered),
                ("ok ground", theme.ok_text, theme.ok_ground),
                ("review ground", theme.review_text, theme.review_ground),
                ("ng ground", theme.ng_text, theme.ng_ground),
            ] {
                let ratio = contrast(text, ground);
                assert!(ratio >= 4.5, "{name} (dark: {}) has only {ratio:.2}:1", theme.is_dark);
            }
        }
    }

    #[test]
    fn marks_and_outlines_stand_out_from_their_panel() {
        // WCAG 1.4.11 asks 3:1 for the parts that one must see to use a control; marks also carry a sign, so colour is never alone.
        for theme in [&DARK, &LIGHT] {
            for colour in [theme.ok_text, theme.review_text, theme.ng_text, theme.accent_text] {
                assert!(contrast(colour, theme.panel) >= 3.0);
            }
        }
    }

    #[test]
    fn the_canvas_ground_has_no_hue() {
        for theme in [&DARK, &LIGHT] {
            let g = theme.canvas_ground;
            assert!(g.r() == g.g() && g.g() == g.b());
        }
    }

    #[test]
    fn digits_have_one_width_in_both_weights_and_every_sign_has_a_glyph() {
        let ctx = Context::default();
        install(&ctx);
        ctx.run_ui(egui::RawInput::default(), |ui| {
            for family in [FontFamily::Proportional, semibold_family()] {
                let font = FontId::new(BODY_SIZE, family);
                ui.ctx().fonts_mut(|fonts| {
                    let zero = fonts.glyph_width(&font, '0');
                    for digit in '1'..='9' {
                        assert!((fonts.glyph_width(&font, digit) - zero).abs() < 1e-3, "{digit} is not as wide as 0");
                    }
                    for sign in "²µ±×·≥≤−→←⌘°–…½".chars() {
                        assert!(fonts.has_glyph(&font, sign), "no glyph for {sign}");
                    }
                });
            }
        })
        .drop_without_applying_deltas();
    }
}
