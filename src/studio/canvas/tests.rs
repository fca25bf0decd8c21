//! The canvas as a whole without a GPU: what it uploads, what a reader of the screen is told, and that what is uploaded is right.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use delimit::raster::pyramid::{Pyramid, Window, label_level};
use delimit::raster::{Display, LabelMap, Photo, PixelRect, Plane, Shading};
use egui::{
    Color32, Context, CursorIcon, Event, FullOutput, ImageData, Modifiers, PointerButton, Pos2, RawInput, Rect, TextureId, pos2,
    vec2,
};

use super::{Canvas, CanvasContent, CanvasOptions, OverlayLayer, Palette, PointerKind};

const WHOLE: Window = Window { black: 0.0, white: 255.0 };

/// A stand-in for the graphics card: keeps textures as they were sent, and counts.
#[derive(Default)]
struct Card {
    textures: HashMap<TextureId, (usize, usize, Vec<Color32>)>,
    allocations: usize,
    bytes: usize,
}

impl Card {
    fn take(&mut self, output: FullOutput) -> Vec<egui::epaint::ClippedShape> {
        self.allocations = 0;
        self.bytes = 0;
        let FullOutput { mut textures_delta, shapes, .. } = output;
        for (id, deltas) in textures_delta.set.drain() {
            for delta in deltas {
                let ImageData::Color(image) = &delta.image;
                let [w, h] = image.size;
                // The font atlas is not the subject.
                if id == TextureId::default() {
                    continue;
                }
                self.bytes += w * h * 4;
                match delta.pos {
                    None => {
                        self.allocations += 1;
                        self.textures.insert(id, (w, h, image.pixels.clone()));
                    }
                    Some([x, y]) => {
                        let (width, _, pixels) = self.textures.get_mut(&id).expect("a part of a texture that exists");
                        for row in 0..h {
                            let at = (y + row) * *width + x;
                            pixels[at..at + w].copy_from_slice(&image.pixels[row * w..(row + 1) * w]);
                        }
                    }
                }
            }
        }
        for id in textures_delta.free.drain() {
            self.textures.remove(&id);
        }
        shapes
    }
}

struct Bench {
    ctx: Context,
    canvas: Canvas,
    pyramid: Pyramid,
    map: LabelMap,
    palette: Palette,
    revision: u64,
    window: Window,
    clip: Option<Rect>,
    is_outline: bool,
    card: Card,
    shapes: Vec<egui::epaint::ClippedShape>,
    time: Duration,
}

impl Bench {
    fn new(width: u32, height: u32) -> Self {
        let photo = Plane::from_fn(width, height, |x, y| (x.wrapping_mul(7) ^ y.wrapping_mul(13)) as u8);
        Self::with_photo(photo)
    }

    fn with_photo(photo: Plane<u8>) -> Self {
        Self::on(Photo::Gray8(photo))
    }

    fn on(photo: Photo) -> Self {
        let map = LabelMap::new(photo.width(), photo.height());
        let ctx = Context::default();
        crate::studio::theme::install(&ctx);
        Self {
            ctx,
            canvas: Canvas::new(),
            pyramid: Pyramid::build(photo),
            map,
            palette: Palette::of_classes([(1, Color32::RED), (2, Color32::GREEN)]),
            revision: 1,
            window: WHOLE,
            clip: None,
            is_outline: false,
            card: Card::default(),
            shapes: Vec::new(),
            time: Duration::ZERO,
        }
    }

    fn frame(&mut self, events: Vec<Event>) -> Vec<super::PointerEvent> {
        let Self { ctx, canvas, pyramid, map, palette, revision, window, clip, is_outline, .. } = self;
        let shading = Shading::new(Display::new(*window), pyramid.photo());
        let input =
            RawInput { screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1600.0, 1000.0))), events, ..RawInput::default() };
        let mut pointer = Vec::new();
        let start = Instant::now();
        let output = ctx.run_ui(input, |ui| {
            let options = CanvasOptions {
                id_salt: "test",
                image_key: 1,
                width: map.width(),
                height: map.height(),
                label: "Canvas",
                value: "0 regions",
                cursor: CursorIcon::Crosshair,
                has_minimap: true,
            };
            let overlays = [OverlayLayer {
                key: 1,
                map,
                revision: *revision,
                palette,
                opacity: 0.5,
                clip: *clip,
                is_outline: *is_outline,
                pooled: None,
            }];
            let content = CanvasContent { pyramid, shading: &shading, overlays: &overlays };
            pointer = canvas.show(ui, &options, &content, |_| {}).pointer;
        });
        self.time = start.elapsed();
        self.shapes = self.card.take(output);
        pointer
    }

    /// Frames until nothing is uploaded any more.
    fn settle(&mut self) -> usize {
        for n in 0..200 {
            self.frame(Vec::new());
            if self.card.bytes == 0 && n > 1 {
                return n;
            }
        }
        panic!("the canvas never comes to rest");
    }

    /// What the textured rectangles of the last frame show in the middle of image pixel (x, y), topmost last.
    fn seen_at(&self, x: u32, y: u32) -> Vec<Color32> {
        let view = *self.canvas.view().unwrap();
        let pos = view.screen_rect(PixelRect::new(x, y, x + 1, y + 1)).center();
        let mut seen = Vec::new();
        for shape in &self.shapes {
            if let egui::Shape::Mesh(mesh) = &shape.shape
                && let Some((w, h, pixels)) = self.card.textures.get(&mesh.texture_id)
            {
                let (a, b) = (mesh.vertices[0], mesh.vertices[3]);
                let r = Rect::from_two_pos(a.pos, b.pos);
                if r.contains(pos) && shape.clip_rect.contains(pos) && shape.clip_rect.width() > 400.0 {
                    let t = (pos - r.min) / r.size();
                    let u = (a.uv.x + (b.uv.x - a.uv.x) * t.x) * *w as f32;
                    let v = (a.uv.y + (b.uv.y - a.uv.y) * t.y) * *h as f32;
                    seen.push(pixels[v as usize * w + u as usize]);
                }
            }
        }
        seen
    }
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

#[test]
fn every_pixel_on_the_screen_is_the_pixel_of_the_photo() {
    let mut bench = Bench::new(1500, 1100);
    bench.settle();
    bench.canvas.one_to_one();
    bench.settle();
    // Inside tiles, at their borders (512, 1024), and at the border of the image.
    for (x, y) in
        [(100, 100), (511, 300), (512, 300), (513, 511), (700, 512), (1023, 1024), (1024, 1023), (1499, 600), (1499, 1000)]
    {
        let raw = ((x * 7_u32) ^ (y * 13)) as u8;
        assert_eq!(bench.seen_at(x, y), [Color32::from_gray(raw)], "pixel {x}, {y}");
    }
}

#[test]
fn a_label_is_seen_where_it_was_painted_at_every_level() {
    let mut bench = Bench::new(1500, 1100);
    bench.map.fill_span(700, 512, 513, 2);
    bench.revision += 1;
    for fit in [false, true] {
        bench.settle();
        if fit {
            bench.canvas.fit();
        } else {
            bench.canvas.one_to_one();
        }
        bench.settle();
        assert_eq!(bench.seen_at(512, 700).last(), Some(&Color32::GREEN), "fitted: {fit}");
    }
}

#[test]
fn an_edit_uploads_its_own_pixels_and_allocates_nothing() {
    let mut bench = Bench::new(1500, 1100);
    bench.map.fill_span(500, 500, 520, 1);
    bench.map.fill_span(520, 500, 520, 1);
    bench.settle();
    bench.canvas.one_to_one();
    bench.settle();
    let dirty = PixelRect::new(480, 490, 580, 530);
    for y in dirty.y0..dirty.y1 {
        bench.map.fill_span(y, dirty.x0, dirty.x1, 1);
    }
    bench.revision += 1;
    bench.canvas.mark_dirty(1, 1, dirty, bench.revision);
    bench.frame(Vec::new());
    assert_eq!(bench.card.allocations, 0);
    // The 100 × 40 pixels lie over four tiles of level 0 that share a border of two pixels, and once more, smaller, on the mini-map.
    let mini = 1 << 14;
    assert!(bench.card.bytes >= 100 * 40 * 4 && bench.card.bytes < (104 * 44) * 4 + mini, "{} bytes", bench.card.bytes);
    for (x, y) in [(480, 490), (511, 511), (512, 512), (579, 529)] {
        assert_eq!(bench.seen_at(x, y).last(), Some(&Color32::RED), "pixel {x}, {y}");
    }
    assert_ne!(bench.seen_at(580, 529).last(), Some(&Color32::RED));
    assert_eq!(bench.settle(), 2, "nothing is left to do");
}

#[test]
fn a_new_revision_without_a_word_is_read_again_in_full() {
    let mut bench = Bench::new(900, 700);
    bench.map.fill_span(300, 200, 400, 1);
    bench.settle();
    bench.canvas.one_to_one();
    bench.settle();
    bench.map.fill_span(300, 200, 400, 2);
    bench.revision += 1;
    bench.settle();
    assert_eq!(bench.seen_at(250, 300).last(), Some(&Color32::GREEN));
}

#[test]
fn opacity_costs_no_upload_and_a_palette_does() {
    let mut bench = Bench::new(900, 700);
    bench.map.fill_span(300, 200, 400, 1);
    bench.settle();
    bench.palette = Palette::of_classes([(1, Color32::BLUE)]);
    bench.frame(Vec::new());
    assert!(bench.card.bytes > 0 && bench.card.allocations == 0);
    bench.canvas.one_to_one();
    bench.settle();
    assert_eq!(bench.seen_at(250, 300).last(), Some(&Color32::BLUE));
}

#[test]
fn a_blank_map_takes_no_texture() {
    let mut bench = Bench::new(1500, 1100);
    bench.settle();
    let photo_only: usize = bench.card.textures.len();
    bench.map.fill_span(5, 5, 6, 1);
    bench.revision += 1;
    bench.settle();
    assert_eq!(bench.card.textures.len(), photo_only + 1, "one tile of the label is seen");
}

#[test]
fn a_frame_makes_a_few_tiles_and_shows_something_everywhere_meanwhile() {
    let mut bench = Bench::new(6000, 4000);
    bench.settle();
    bench.canvas.one_to_one();
    bench.frame(Vec::new());
    // 1600 × 1000 points at 100 % lie over at least 4 × 2 tiles; one frame may make 8 and a mini-map's worth.
    let most = (super::tiles::TILES_PER_FRAME as usize + 2) * 514 * 514 * 4;
    assert!(bench.card.bytes <= most, "{} bytes in one frame", bench.card.bytes);
    let view = *bench.canvas.view().unwrap();
    let visible = view.visible_pixels();
    for (x, y) in [(visible.x0 + 3, visible.y0 + 3), (visible.x1 - 4, visible.y0 + 3), (visible.x0 + 3, visible.y1 - 4)] {
        assert!(!bench.seen_at(x, y).is_empty(), "nothing at {x}, {y}");
    }
}

#[test]
fn textures_beyond_the_budget_are_let_go() {
    let mut bench = Bench::new(6000, 4000);
    bench.canvas = Canvas::with_byte_budget(24 << 20);
    bench.settle();
    bench.canvas.one_to_one();
    for k in 0..40 {
        bench.canvas.pan(vec2(if k < 20 { -300.0 } else { 300.0 }, if k % 10 < 5 { -200.0 } else { 200.0 }));
        bench.frame(Vec::new());
    }
    bench.settle();
    bench.frame(Vec::new());
    let held: usize = bench.card.textures.values().map(|(w, h, _)| w * h * 4).sum();
    assert_eq!(held, bench.canvas.texture_bytes());
    assert!(held <= (24 << 20), "{held} bytes");
}

#[test]
fn a_fast_click_and_a_stroke_come_through_the_widget() {
    let mut bench = Bench::new(1500, 1100);
    bench.settle();
    let at = pos2(800.0, 500.0);
    bench.frame(vec![Event::PointerMoved(at)]);
    bench.frame(vec![Event::PointerMoved(at)]);
    let events = bench.frame(vec![button(at, true), button(at, false)]);
    assert_eq!(events.iter().map(|e| e.kind).collect::<Vec<_>>(), [PointerKind::Pressed, PointerKind::Released]);
    let view = *bench.canvas.view().unwrap();
    assert_eq!(events[0].point, view.image_from_screen(at));

    let mut positions = Vec::new();
    bench.frame(vec![button(at, true)]);
    for k in 1..4_u8 {
        let moves = (0..5_u8).map(|m| Event::PointerMoved(at + vec2(f32::from(k * 5 + m), 0.0))).collect();
        positions.extend(bench.frame(moves).into_iter().flat_map(|e| e.path));
    }
    assert_eq!(positions.len(), 15, "every position of every frame");
    let events = bench.frame(vec![button(at, false)]);
    assert_eq!(events.last().map(|e| e.kind), Some(PointerKind::Released));
}

#[test]
fn assistive_technology_finds_the_canvas_by_name_and_reads_its_value() {
    use egui_kittest::kittest::{NodeT as _, Queryable as _};
    let pyramid = Pyramid::build(Photo::Gray8(Plane::filled(64, 48, 90_u8)));
    let shading = Shading::new(Display::new(WHOLE), pyramid.photo());
    let mut canvas = Canvas::new();
    let harness = egui_kittest::Harness::new_ui(move |ui| {
        let options = CanvasOptions {
            id_salt: "a",
            image_key: 1,
            width: 64,
            height: 48,
            label: "Canvas, a.png",
            value: "3 regions, NG",
            cursor: CursorIcon::Default,
            has_minimap: false,
        };
        canvas.show(ui, &options, &CanvasContent { pyramid: &pyramid, shading: &shading, overlays: &[] }, |_| {});
    });
    let node = harness.get_by_label("Canvas, a.png");
    assert_eq!(node.accesskit_node().value().as_deref(), Some("3 regions, NG"));
}

/// Not a test of speed (machines differ) but of work: a stroke of a 200-pixel brush on 100 MP moves kilobytes, not megabytes. Prints
/// the times that ARCHITECTURE's promise "a frame never decodes, measures or saves" rests on.
#[test]
fn a_large_brush_on_a_hundred_megapixels_uploads_only_what_it_touched() {
    let mut bench = Bench::with_photo(Plane::filled(12_500, 8_000, 120_u8));
    bench.settle();
    for (name, zoom_out) in [("100 %", false), ("fitted", true)] {
        if zoom_out {
            bench.canvas.fit();
        } else {
            bench.canvas.one_to_one();
        }
        bench.settle();
        let (mut bytes, mut slowest, mut total, mut most_dirty) = (0, Duration::ZERO, Duration::ZERO, 0);
        let centre = (6250_i64, 4000_i64);
        for k in 0..60_i64 {
            let (cx, cy) = (centre.0 - 600 + k * 20, centre.1 + (k * k / 8) - 200);
            let dirty = PixelRect::new((cx - 100) as u32, (cy - 100) as u32, (cx + 100) as u32, (cy + 100) as u32);
            let start = Instant::now();
            for y in dirty.y0..dirty.y1 {
                let dy = i64::from(y) - cy;
                let half = ((10_000 - dy * dy).max(0) as f64).sqrt() as i64;
                bench.map.fill_span(y, (cx - half) as u32, (cx + half) as u32, 1);
            }
            bench.revision += 1;
            bench.canvas.mark_dirty(1, 1, dirty, bench.revision);
            let edit = start.elapsed();
            bench.frame(vec![Event::PointerMoved(pos2(400.0 + k as f32, 500.0))]);
            let time = edit + bench.time;
            if k > 0 && bench.card.allocations == 0 {
                most_dirty = most_dirty.max(bench.card.bytes);
            }
            bytes += bench.card.bytes;
            slowest = slowest.max(time);
            total += time;
        }
        println!(
            "200-px brush on 12500 × 8000 at {name}: {:.2} ms per frame, slowest {:.2} ms, {} KB per frame, most {} KB without a new tile",
            total.as_secs_f64() * 1000.0 / 60.0,
            slowest.as_secs_f64() * 1000.0,
            bytes / 60 / 1024,
            most_dirty / 1024
        );
        // 200 × 200 pixels once, plus shared borders and the mini-map's few.
        assert!(most_dirty <= 204 * 204 * 4 + 20_000, "{most_dirty} bytes");
        bench.map = LabelMap::new(12_500, 8_000);
        bench.revision += 1;
    }
}

#[test]
fn label_levels_that_are_uploaded_in_part_equal_those_read_at_once() {
    let mut bench = Bench::new(3000, 2000);
    bench.map.fill_span(1000, 900, 1100, 1);
    bench.settle();
    for k in 0..20_u32 {
        let (x, y) = (900 + k * 37 % 500, 700 + k * 91 % 600);
        let dirty = PixelRect::new(x, y, x + 13, y + 7);
        for row in dirty.y0..dirty.y1 {
            bench.map.fill_span(row, dirty.x0, dirty.x1, (k % 3) as u8);
        }
        bench.revision += 1;
        bench.canvas.mark_dirty(1, 1, dirty, bench.revision);
        bench.frame(Vec::new());
    }
    bench.settle();
    // What is on the card is compared with the level read at once: the fitted view shows level 1 (3000 → 1600 is 53 %).
    let view = *bench.canvas.view().unwrap();
    let level = view.label_level(bench.pyramid.last_level());
    let whole = label_level(&bench.map, level, PixelRect::of_size(3000, 2000));
    for y in (600..1400).step_by(3) {
        for x in (850..1500).step_by(3) {
            let id = whole.at(x >> level, y >> level);
            let expected = bench.palette.0[id as usize];
            let seen = bench.seen_at(x, y);
            let top = if seen.len() > 1 { seen[seen.len() - 1] } else { Color32::TRANSPARENT };
            assert_eq!(top, expected, "pixel {x}, {y}");
        }
    }
}

#[test]
fn another_window_repaints_the_same_textures() {
    let mut bench = Bench::new(900, 700);
    bench.settle();
    bench.window = Window { black: 0.0, white: 127.5 };
    let mut allocations = 0;
    for _ in 0..4 {
        bench.frame(Vec::new());
        allocations += bench.card.allocations;
    }
    assert_eq!(allocations, 0);
    bench.canvas.one_to_one();
    bench.settle();
    // Half the range is twice the contrast.
    let raw = bench.pyramid.photo().gray_at(450, 350);
    let expected = (raw * 2.0).min(255.0) as u8;
    assert_eq!(bench.seen_at(450, 350), [Color32::from_gray(expected)]);
}

#[test]
fn a_wipe_shows_the_layer_on_its_side_only() {
    let mut bench = Bench::new(1500, 900);
    for y in 400..420 {
        bench.map.fill_span(y, 300, 1200, 1);
    }
    bench.clip = Some(Rect::from_min_max(pos2(0.0, 0.0), pos2(800.0, 1000.0)));
    bench.settle();
    bench.canvas.one_to_one();
    bench.settle();
    let view = *bench.canvas.view().unwrap();
    let border = view.image_from_screen(pos2(800.0, 0.0)).x as u32;
    assert_eq!(bench.seen_at(border - 2, 410).last(), Some(&Color32::RED));
    assert_ne!(bench.seen_at(border + 2, 410).last(), Some(&Color32::RED));
}

#[test]
fn the_view_is_kept_between_images_of_one_size_and_fitted_for_another() {
    let mut canvas = Canvas::new();
    let ctx = Context::default();
    let show = |canvas: &mut Canvas, key: u64, width: u32, height: u32| {
        let pyramid = Pyramid::build(Photo::Gray8(Plane::filled(width, height, 9_u8)));
        let shading = Shading::new(Display::new(WHOLE), pyramid.photo());
        let input = RawInput { screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(800.0, 600.0))), ..RawInput::default() };
        ctx.run_ui(input, |ui| {
            let options = CanvasOptions {
                id_salt: "a",
                image_key: key,
                width,
                height,
                label: "Canvas",
                value: "",
                cursor: CursorIcon::Default,
                has_minimap: true,
            };
            canvas.show(ui, &options, &CanvasContent { pyramid: &pyramid, shading: &shading, overlays: &[] }, |_| {});
        })
        .drop_without_applying_deltas();
        *canvas.view().unwrap()
    };
    show(&mut canvas, 1, 1000, 900);
    canvas.centre_on(PixelRect::new(100, 100, 140, 130));
    let first = show(&mut canvas, 1, 1000, 900);
    assert_eq!(show(&mut canvas, 2, 1000, 900), first, "the next part of the series shows the same place");
    let other = show(&mut canvas, 3, 500, 400);
    assert!(other.holds_whole_image());
    assert_eq!(other.zoom(), other.fit_zoom());
}

#[test]
fn a_press_on_the_mini_map_moves_the_view_and_paints_nothing() {
    let mut bench = Bench::new(6000, 4000);
    bench.settle();
    bench.canvas.one_to_one();
    bench.settle();
    // The map is 176 points wide and 12 from the corner: this is the middle of its right quarter.
    let at = pos2(1600.0 - 12.0 - 22.0, 1000.0 - 12.0 - 58.0);
    bench.frame(vec![Event::PointerMoved(at)]);
    bench.frame(vec![Event::PointerMoved(at)]);
    let mut events = bench.frame(vec![button(at, true)]);
    events.extend(bench.frame(vec![Event::PointerMoved(at + vec2(1.0, 0.0))]));
    let centre = bench.canvas.view().unwrap().centre();
    assert!((centre.x - 6000.0 * 0.875).abs() < 120.0, "{centre:?}");
    events.extend(bench.frame(vec![button(at, false)]));
    // A click inside one frame too.
    bench.canvas.centre_on(PixelRect::new(1000, 1000, 1010, 1010));
    bench.canvas.one_to_one();
    bench.frame(Vec::new());
    events.extend(bench.frame(vec![button(at, true), button(at, false)]));
    let centre = bench.canvas.view().unwrap().centre();
    assert!((centre.x - 6000.0 * 0.875).abs() < 120.0, "{centre:?}");
    let turn = Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: vec2(0.0, 1.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    };
    events.extend(bench.frame(vec![turn]));
    assert!(events.is_empty(), "{events:?}");
    assert_eq!(bench.canvas.view().unwrap().zoom(), 1.0, "the wheel over the map does not zoom");
}

#[test]
fn the_pixel_of_a_press_is_the_pixel_drawn_there_at_every_zoom_and_scaling() {
    for pixels_per_point in [1.0_f32, 1.25, 1.5, 2.0, 3.0] {
        let mut view =
            super::CanvasView::new(Rect::from_min_size(pos2(44.0, 40.0), vec2(1200.3, 799.7)), pixels_per_point, 5000, 3000);
        for zoom in [0.05, 0.24, 1.0 / 3.0, 0.5, 1.0, 1.5, 2.0, 3.0, 8.0, 31.7, 64.0] {
            view.fit();
            view.zoom_at(pos2(644.7, 440.2), zoom);
            for k in 0..60_u32 {
                for fraction in [0.0_f32, 0.49, 0.51, 0.99] {
                    // Positions inside of screen pixel (px, py), as a pointer reports them: in points.
                    let (px, py) = ((500 + k * 7) as f32, (300 + k * 5) as f32);
                    let pos = pos2((px + fraction) / pixels_per_point, (py + fraction) / pixels_per_point);
                    let point = view.image_from_screen(pos);
                    let Some((x, y)) = view.pixel_at(pos) else { continue };
                    assert_eq!((f64::from(x), f64::from(y)), (point.x.floor(), point.y.floor()));
                    let drawn = view.screen_rect(PixelRect::new(x, y, x + 1, y + 1));
                    let slack = 2e-3;
                    assert!(
                        drawn.expand(slack).contains(pos),
                        "{pixels_per_point} × {zoom}: {pos:?} is not in {drawn:?} of {x}, {y}"
                    );
                    // At whole zooms a screen pixel lies in one image pixel: the place inside of it says nothing.
                    if zoom >= 1.0 && zoom.fract() == 0.0 && fraction > 0.0 && fraction < 0.99 {
                        let middle = pos2((px + 0.5) / pixels_per_point, (py + 0.5) / pixels_per_point);
                        assert_eq!(view.pixel_at(middle), Some((x, y)), "{pixels_per_point} × {zoom} at {px} + {fraction}");
                    }
                    // A brush of one pixel paints that pixel and no other.
                    let brush = delimit::paint::Brush { diameter_px: 1.0, shape: delimit::paint::BrushShape::Round };
                    assert_eq!(stamped(brush, point), [(x, y)], "{pixels_per_point} × {zoom} at {point:?}");
                }
            }
        }
    }
}

/// The pixels that one stamp paints, on a map of 5000 × 3000.
fn stamped(brush: delimit::paint::Brush, at: delimit::raster::Point) -> Vec<(u32, u32)> {
    let mut pixels = Vec::new();
    brush.for_each_span(at, at, 5000, 3000, |y, x0, x1| pixels.extend((x0..x1).map(|x| (x, y))));
    pixels.dedup();
    pixels
}

#[test]
fn outlines_that_are_uploaded_in_part_equal_those_read_at_once() {
    let mut bench = Bench::new(1500, 1100);
    bench.is_outline = true;
    bench.map.fill_span(400, 500, 560, 1);
    bench.settle();
    bench.canvas.one_to_one();
    bench.settle();
    for k in 0..30_u32 {
        // Over the border of tiles at 512, and beside what is there.
        let (x, y) = (495 + k * 17 % 60, 495 + k * 29 % 50);
        let dirty = PixelRect::new(x, y, x + 9, y + 6);
        for row in dirty.y0..dirty.y1 {
            bench.map.fill_span(row, dirty.x0, dirty.x1, (k % 3) as u8);
        }
        bench.revision += 1;
        bench.canvas.mark_dirty(1, 1, dirty, bench.revision);
        bench.frame(Vec::new());
    }
    let whole = super::outline::rims(&bench.map, 0, bench.map.rect(), &bench.palette);
    for y in 480..570 {
        for x in 480..580 {
            let seen = bench.seen_at(x, y);
            let top = if seen.len() > 1 { seen[seen.len() - 1] } else { Color32::TRANSPARENT };
            assert_eq!(top, whole[(y * 1500 + x) as usize], "pixel {x}, {y}");
        }
    }
}

#[test]
fn an_image_of_another_size_may_keep_the_relative_place() {
    let view = super::CanvasView::new(Rect::from_min_size(Pos2::ZERO, vec2(800.0, 600.0)), 1.0, 1000, 900);
    let mut near = view;
    near.centre_on(PixelRect::new(200, 300, 220, 320));
    let other = near.for_size(2000, 450);
    let centre = other.centre();
    assert!((centre.x / 2000.0 - 0.21).abs() < 1e-9 && (centre.y / 450.0 - 310.0 / 900.0).abs() < 1e-9, "{centre:?}");
    assert!((other.zoom() / other.fit_zoom() - near.zoom() / near.fit_zoom()).abs() < 1e-9);
}

/// Prints the processor time of a painting frame on 100 megapixels of 16 bits; run with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn time_of_a_painting_frame_on_a_hundred_megapixels_of_16_bits() {
    let mut bench =
        Bench::on(Photo::Gray16(Plane::from_fn(10_000, 10_000, |x, y| (x.wrapping_mul(7) ^ y.wrapping_mul(13)) as u16)));
    bench.window = Window { black: 100.0, white: 9000.0 };
    println!(
        "photo and pyramid: {:.1} % of the photo",
        100.0 * bench.pyramid.heap_bytes() as f64 / bench.pyramid.photo().heap_bytes() as f64
    );
    for is_outline in [false, true] {
        bench.is_outline = is_outline;
        for zoom_in in [-20_i32, -3, 0, 2, 5, 8] {
            bench.canvas.one_to_one();
            for _ in 0..zoom_in.unsigned_abs() {
                if zoom_in < 0 {
                    bench.canvas.zoom_out();
                } else {
                    bench.canvas.zoom_in();
                }
            }
            bench.settle();
            let visible = bench.canvas.view().unwrap().visible_pixels();
            let side = (visible.width() / 8).clamp(4, 400);
            let (mut slowest, mut total) = (Duration::ZERO, Duration::ZERO);
            for k in 0..40_u32 {
                let x = visible.x0 + (visible.width() - side) * k / 40;
                let y = visible.y0 + (visible.height() - side) / 2;
                let dirty = PixelRect::new(x, y, x + side, y + side);
                let start = Instant::now();
                for row in dirty.y0..dirty.y1 {
                    bench.map.fill_span(row, dirty.x0, dirty.x1, 1 + (k % 2) as u8);
                }
                bench.revision += 1;
                bench.canvas.mark_dirty(1, 1, dirty, bench.revision);
                let edit = start.elapsed();
                bench.frame(vec![Event::PointerMoved(pos2(400.0 + k as f32, 500.0))]);
                let time = edit + bench.time;
                slowest = slowest.max(time);
                total += time;
            }
            println!(
                "outline {is_outline}, zoom {:.3}, brush {side} px: {:.2} ms per frame, slowest {:.2} ms",
                bench.canvas.view().unwrap().zoom(),
                total.as_secs_f64() * 1000.0 / 40.0,
                slowest.as_secs_f64() * 1000.0
            );
            bench.map = LabelMap::new(10_000, 10_000);
            bench.revision += 1;
        }
    }
}
