//! A trial of the canvas and the widgets in one window. Not part of the product.

mod studio;

use delimit::raster::pyramid::{Pyramid, Window};
use delimit::raster::{LabelMap, Photo, PixelRect, Plane, Point};
use egui::{Color32, CursorIcon, Panel, RichText, Ui, vec2};
use studio::canvas::draw::{self, BrushShape, ContourColours, ContourStyle};
use studio::canvas::{Canvas, CanvasContent, CanvasOptions, OverlayLayer, Palette, PointerKind};
use studio::widgets::{EmptyState, LimitSlider, Mark, Scale, Thumbnail, WorkState, kbd, section, stacked_bar, value_row};
use studio::widgets::{verdict_badge, verdict_tally};
use studio::{icons, theme};

struct Demo {
    canvas: Canvas,
    pyramid: Pyramid,
    map: LabelMap,
    revision: u64,
    palette: Palette,
    opacity: f32,
    diameter: f64,
    last: Option<Point>,
    tool: usize,
    workspace: usize,
    limits: [(f64, f64); 2],
    samples: Vec<f64>,
    selected: usize,
    contour: Vec<Point>,
    status: (Option<(u32, u32)>, String),
    checked: bool,
    thumb: Option<egui::TextureHandle>,
}

fn noise(x: u32, y: u32) -> f32 {
    let mut h = x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B);
    h ^= h >> 13;
    h = h.wrapping_mul(0xC2B2_AE35);
    h ^= h >> 16;
    (h & 0xFFFF) as f32 / 65535.0
}

fn metal(width: u32, height: u32) -> Plane<u8> {
    Plane::from_fn(width, height, |x, y| {
        let brushed = noise(x / 23, y) * 18.0 + noise(x, y) * 10.0;
        let shade = 128.0 + 26.0 * ((x as f32 / width as f32) * 3.0).sin() - 18.0 * (y as f32 / height as f32);
        let (dx, dy) = (x as f32 - width as f32 * 0.72, y as f32 - height as f32 * 0.4);
        let hole = (dx * dx + dy * dy).sqrt() < height as f32 * 0.14;
        let t = (x as f32 * 0.31 - y as f32 + height as f32 * 0.42).abs();
        let scratch = if t < 3.0 && x > width / 5 && x < width / 2 { 60.0 } else { 0.0 };
        if hole { 28.0 + noise(x, y) * 8.0 } else { (shade + brushed - 14.0 + scratch).clamp(0.0, 255.0) }
    } as u8)
}

impl Demo {
    fn new(width: u32, height: u32) -> Self {
        let pyramid = Pyramid::build(Photo::Gray8(metal(width, height)));
        let mut map = LabelMap::new(width, height);
        for x in width / 5..width / 2 {
            let y = (x as f32 * 0.31 + height as f32 * 0.42) as u32;
            for dy in 0..9 {
                map.fill_span((y + dy).saturating_sub(4), x, x + 1, 1);
            }
        }
        map.fill_span(40, 40, 41, 2);
        let mut contour = Vec::new();
        for k in 0..400 {
            let a = f64::from(k) / 400.0 * std::f64::consts::TAU;
            let r = f64::from(height) * (0.145 + 0.004 * (a * 9.0).sin());
            contour.push(Point::new(f64::from(width) * 0.72 + r * a.cos(), f64::from(height) * 0.4 + r * a.sin()));
        }
        let samples = (0..220).map(|k| 0.06 * 60_f64.powf(f64::from(noise(k, 7)) * f64::from(noise(k, 8)))).collect();
        Self {
            canvas: Canvas::new(),
            pyramid,
            map,
            revision: 1,
            palette: Palette::of_classes((1..=8).map(|id| (id, theme::CLASS_COLOURS[id as usize - 1]))),
            opacity: 0.55,
            diameter: 60.0,
            last: None,
            tool: 0,
            workspace: 0,
            limits: [(0.4, 1.2), (2.0, 6.0)],
            samples,
            selected: 2,
            contour,
            status: (None, String::new()),
            checked: true,
            thumb: None,
        }
    }

    fn dab(&mut self, from: Point, to: Point, value: u8) -> PixelRect {
        let r = self.diameter / 2.0;
        let steps = (from.distance(to) / (r * 0.25).max(1.0)).ceil().max(1.0) as u32;
        let mut dirty = PixelRect::EMPTY;
        for k in 0..=steps {
            let t = f64::from(k) / f64::from(steps);
            let (cx, cy) = (from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t);
            let y0 = (cy - r).max(0.0) as u32;
            for y in y0..=(cy + r).max(0.0) as u32 {
                let dy = f64::from(y) + 0.5 - cy;
                let half = (r * r - dy * dy).max(0.0).sqrt();
                let (x0, x1) = ((cx - half).round().max(0.0) as u32, (cx + half).round().max(0.0) as u32);
                self.map.fill_span(y, x0, x1, value);
                dirty = dirty.union(PixelRect::new(x0, y, x1, y + 1));
            }
        }
        dirty.intersection(self.map.rect())
    }
}

impl eframe::App for Demo {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let t = theme::Theme::of(ui);
        Panel::top("bar").exact_size(40.0).frame(t.panel_frame().inner_margin(egui::Margin::symmetric(12, 0))).show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                ui.label(icons::PROJECT.rich_text().size(18.0).color(t.faint));
                ui.label(theme::semibold("housing-7"));
                ui.label(RichText::new("PN 4711-B").color(t.faint));
                ui.add_space(24.0);
                for (k, name) in ["Label", "Check", "Compare", "Tune", "Export"].into_iter().enumerate() {
                    if ui.selectable_label(self.workspace == k, name).clicked() {
                        self.workspace = k;
                    }
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let dark = ui.visuals().dark_mode;
                    if icons::icon_button(ui, if dark { icons::LIGHT } else { icons::DARK }, "Theme", "", false).clicked() {
                        ui.ctx().set_theme(if dark { egui::Theme::Light } else { egui::Theme::Dark });
                    }
                    kbd(ui, "Ctrl+K");
                    ui.add_space(8.0);
                    verdict_badge(ui, Mark::Review, Some(2));
                    verdict_badge(ui, Mark::Ng, Some(7));
                    verdict_badge(ui, Mark::Ok, Some(31));
                });
            });
        });
        Panel::bottom("status").exact_size(24.0).frame(t.ground_frame()).show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                let at = self.status.0.map_or_else(String::new, |(x, y)| {
                    format!("{x}, {y}   value {}", self.pyramid.photo().value_text(x, y).unwrap_or_default())
                });
                ui.label(theme::caption(ui, at));
                ui.separator();
                ui.label(theme::caption(ui, self.status.1.clone()));
                ui.separator();
                ui.label(theme::caption(ui, "drag = paint   Alt = erase"));
                kbd(ui, "[");
                kbd(ui, "]");
                ui.label(theme::caption(ui, "size"));
            });
        });
        Panel::bottom("strip").exact_size(88.0).frame(t.ground_frame().inner_margin(egui::Margin::symmetric(8, 4))).show(
            ui,
            |ui| {
                let thumb = self.thumb.get_or_insert_with(|| {
                    let level = self.pyramid.last_level();
                    let (w, h) = self.pyramid.level_size(level);
                    let plane = self.pyramid.rgba(level, PixelRect::of_size(w, h), Window { black: 0.0, white: 255.0 });
                    let pixels = plane.into_vec().into_iter().map(|[r, g, b, _]| Color32::from_rgb(r, g, b)).collect();
                    ui.ctx().load_texture(
                        "thumb",
                        egui::ColorImage::new([w as usize, h as usize], pixels),
                        egui::TextureOptions::LINEAR,
                    )
                });
                let texture = Some((thumb.id(), thumb.size_vec2()));
                ui.horizontal(|ui| {
                    for k in 0..9 {
                        let cell = Thumbnail {
                            name: &format!("housing-7_{k:02}.png"),
                            texture: if k == 7 { None } else { texture },
                            state: [WorkState::Done, WorkState::InWork, WorkState::Untouched][k % 3],
                            mark: [Some(Mark::Ok), Some(Mark::Ng), Some(Mark::Review), None, Some(Mark::Pending)][k % 5],
                            is_selected: k == self.selected,
                        };
                        if cell.show(ui).clicked() {
                            self.selected = k;
                        }
                    }
                });
            },
        );
        Panel::left("rail").exact_size(44.0).resizable(false).frame(t.panel_frame()).show(ui, |ui| {
            for (k, (icon, name, key)) in [
                (icons::BRUSH, "Brush", "B"),
                (icons::ERASER, "Eraser", "E"),
                (icons::POLYGON, "Polygon", "P"),
                (icons::LASSO, "Lasso", "Shift+P"),
                (icons::WAND, "Magic wand", "W"),
                (icons::LIVEWIRE, "Livewire", "L"),
                (icons::FILL, "Fill", "G"),
                (icons::PICKER, "Picker", "I"),
            ]
            .into_iter()
            .enumerate()
            {
                if icons::icon_button(ui, icon, name, key, self.tool == k).clicked() {
                    self.tool = k;
                }
            }
        });
        Panel::right("side").exact_size(288.0).frame(t.panel_frame()).show(ui, |ui| {
            section(ui, "Classes", None);
            for (k, name) in ["scratch", "pit", "burr"].into_iter().enumerate() {
                ui.horizontal(|ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(12.0, 12.0), egui::Sense::hover());
                    ui.painter().rect_filled(rect, 2, theme::CLASS_COLOURS[k]);
                    let _ = ui.selectable_label(k == 0, name);
                });
            }
            section(ui, "Region", Some(3));
            value_row(ui, "Length", "4.10", "mm");
            value_row(ui, "Area", "1.84", "mm²");
            value_row(ui, "Mean contrast", "23.5", "");
            section(ui, "Limits", None);
            for (k, (label, unit, range, scale)) in
                [("Length", "mm", 0.05..=4.0, Scale::Logarithmic), ("Area", "mm²", 0.0..=8.0, Scale::Linear)]
                    .into_iter()
                    .enumerate()
            {
                let slider = LimitSlider::new(label, self.limits[k].0, self.limits[k].1, range).unit(unit).step(0.01).scale(scale);
                if let (_, Some(change)) = slider.samples(&self.samples).show(ui) {
                    self.limits[k] = (change.accept_below, change.reject_from);
                }
            }
            stacked_bar(ui, vec2(ui.available_width(), 6.0), [31, 2, 7]);
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                verdict_tally(ui, Mark::Ok, 31, "of 40 parts", false);
                ui.add_space(12.0);
                verdict_tally(ui, Mark::Ng, 7, "17.5 %", false);
                ui.add_space(12.0);
                verdict_tally(ui, Mark::Review, 2, "5.0 %", true);
            });
            section(ui, "Tool", None);
            studio::widgets::slider_row(ui, "Size", &mut self.diameter, 1.0..=400.0, " px", true);
            studio::widgets::slider_row(ui, "Opacity", &mut self.opacity, 0.0..=1.0, "", false);
            ui.checkbox(&mut self.checked, "Protect other classes");
            egui::ComboBox::from_id_salt("shape").selected_text("Round").show_ui(ui, |ui| {
                let _ = ui.selectable_label(true, "Round");
                let _ = ui.selectable_label(false, "Square");
            });
            ui.separator();
            EmptyState {
                icon: icons::FINDINGS,
                title: "No findings",
                hint: "Run the check on this image",
                action: Some("Run check"),
            }
            .show(ui);
        });
        egui::CentralPanel::default().frame(egui::Frame::new()).show(ui, |ui| self.canvas_ui(ui));
        self.keys(ui);
    }
}

impl Demo {
    fn keys(&mut self, ui: &Ui) {
        let pressed = |key| ui.input(|i| i.key_pressed(key));
        if pressed(egui::Key::F) {
            self.canvas.fit();
        }
        if pressed(egui::Key::Num1) {
            self.canvas.one_to_one();
        }
        if pressed(egui::Key::Plus) {
            self.canvas.zoom_in();
        }
        if pressed(egui::Key::Minus) {
            self.canvas.zoom_out();
        }
        if pressed(egui::Key::R) {
            self.canvas.centre_on(PixelRect::new(
                self.map.width() / 2 - 40,
                self.map.height() / 2,
                self.map.width() / 2,
                self.map.height() / 2 + 30,
            ));
        }
    }

    fn canvas_ui(&mut self, ui: &mut Ui) {
        let is_brush = self.tool < 2;
        let options = CanvasOptions {
            id_salt: "main",
            image_key: 1,
            width: self.map.width(),
            height: self.map.height(),
            label: "Canvas, housing-7_02.png",
            value: "3 regions, NG",
            cursor: if is_brush { CursorIcon::None } else { CursorIcon::Crosshair },
            has_minimap: true,
        };
        let frame = self.canvas.begin(ui, &options);
        for event in &frame.pointer {
            if event.kind == PointerKind::Pressed {
                self.last = None;
            }
            let value = u8::from(self.tool == 0 && !event.modifiers.alt);
            let mut dirty = PixelRect::EMPTY;
            for &p in &event.path {
                dirty = dirty.union(self.dab(self.last.unwrap_or(p), p, value));
                self.last = Some(p);
            }
            self.revision += 1;
            self.canvas.mark_dirty(1, 1, dirty, self.revision);
        }
        let overlays = [OverlayLayer {
            key: 1,
            map: &self.map,
            revision: self.revision,
            palette: &self.palette,
            opacity: self.opacity,
            clip: None,
        }];
        let content = CanvasContent { pyramid: &self.pyramid, window: Window { black: 0.0, white: 255.0 }, overlays: &overlays };
        self.canvas.paint(&frame, &content);
        let (painter, view) = (&frame.painter, &frame.view);
        let colours: Vec<Color32> = (0..400)
            .map(|k| {
                if k < 220 {
                    theme::DARK.ok
                } else if k < 320 {
                    theme::DARK.review
                } else {
                    theme::DARK.ng
                }
            })
            .collect();
        draw::draw_contour(painter, view, &self.contour, ContourColours::PerSegment(&colours), ContourStyle::default());
        let pit =
            PixelRect::new(self.map.width() / 3, self.map.height() / 5, self.map.width() / 3 + 30, self.map.height() / 5 + 22);
        draw::draw_rect_marker(painter, view, pit, theme::CLASS_COLOURS[1], Some("pit #3 · 0.12 mm²"));
        let at = view.screen_from_image(Point::new(f64::from(self.map.width()) * 0.4, f64::from(self.map.height()) * 0.55));
        let lines = [("scratch #2 · 1.84 mm² · 4.1 mm", None), ("review · +0.16 mm² → NG", Some(theme::Theme::of(ui).review_text))];
        draw::draw_card(painter, at, egui::Align2::LEFT_TOP, theme::CLASS_COLOURS[0], &lines);
        if let Some(point) = frame.image_point.filter(|_| is_brush && !frame.is_panning) {
            draw::brush_cursor(painter, view, point, self.diameter, BrushShape::Round, theme::CLASS_COLOURS[0], self.tool == 1);
        }
        self.canvas.finish(&frame, &content);
        self.status = (frame.hovered_pixel, view.zoom_text());
    }
}

fn main() -> eframe::Result {
    let args: Vec<String> = std::env::args().collect();
    let has = |word: &str| args.iter().any(|a| a == word);
    let (width, height) = if has("--small") { (640, 480) } else { (4096, 3000) };
    let light = has("--light");
    let options =
        eframe::NativeOptions { viewport: egui::ViewportBuilder::default().with_inner_size([1280.0, 720.0]), ..Default::default() };
    eframe::run_native(
        "Delimit",
        options,
        Box::new(move |cc| {
            theme::install(&cc.egui_ctx);
            cc.egui_ctx.set_theme(if light { egui::Theme::Light } else { egui::Theme::Dark });
            Ok(Box::new(Demo::new(width, height)))
        }),
    )
}
