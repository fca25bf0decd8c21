//! How one looks at an image: its display by part number, outlines, one class alone, the loupe, the ruler; and the gestures for them.

use std::collections::HashMap;
use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::measure::{Calibration, Caliper};
use delimit::project::Project;
use delimit::raster::display::{Channel, Lut};
use delimit::raster::pyramid::{Pyramid, Window};
use delimit::raster::{Display, Histogram, LabelMap, Photo, PixelRect, Shading};
use delimit::session::{Command, SurfaceId};
use egui::{Context, Event, Key, Modifiers, PointerButton, Pos2, Ui};

use super::app::Studio;
use super::canvas::{CanvasFrame, PointerEvent, PointerKind, draw};
use super::keys;
use super::ruler::Ruler;
use super::work::PhotoKey;

/// A key that is held longer than this many seconds peeks instead of switching.
const PEEK_AFTER: f64 = 0.25;

/// Two taps within this many seconds are one double tap.
const DOUBLE_TAP: f64 = 0.4;

/// How the label map lies over the photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelStyle {
    #[default]
    Fill,
    Outline,
    Both,
}

impl LabelStyle {
    pub const ALL: [Self; 3] = [Self::Fill, Self::Outline, Self::Both];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Fill => "Fill",
            Self::Outline => "Outline",
            Self::Both => "Both",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Fill => Self::Outline,
            Self::Outline => Self::Both,
            Self::Both => Self::Fill,
        }
    }

    pub const fn has_fill(self) -> bool {
        !matches!(self, Self::Outline)
    }

    pub const fn has_outline(self) -> bool {
        !matches!(self, Self::Fill)
    }
}

/// Photos of one depth: a window for 16 bits says nothing about 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    Bits8,
    Bits16,
    Float,
}

impl Depth {
    const fn of(photo: &Photo) -> Self {
        match photo {
            Photo::Gray8(_) | Photo::Rgb8(_) => Self::Bits8,
            Photo::Gray16(_) | Photo::Rgb16(_) => Self::Bits16,
            Photo::GrayF32(_) => Self::Float,
        }
    }
}

/// What a person chose for the photos of one part number and depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DisplayChoice {
    /// None: what suits the photo.
    pub window: Option<Window>,
    pub gamma: f32,
    pub is_inverted: bool,
    pub lut: Lut,
    pub channel: Channel,
    /// Without a window of its own every photo gets the one of its percentiles.
    pub is_auto: bool,
}

impl Default for DisplayChoice {
    fn default() -> Self {
        Self { window: None, gamma: 1.0, is_inverted: false, lut: Lut::Gray, channel: Channel::Colour, is_auto: false }
    }
}

/// What is worked out once per photo.
struct PhotoFacts {
    key: PhotoKey,
    channel: Channel,
    histogram: Histogram,
    /// Where nobody chose: all of 8 bits, nearly all of what deeper photos hold.
    plain: Window,
}

/// Everything about looking, for as long as the window is open.
#[derive(Default)]
pub struct Viewing {
    choices: HashMap<(usize, Depth), DisplayChoice>,
    facts: Option<PhotoFacts>,
    shading: Option<(PhotoKey, Arc<Shading>)>,
    pub style: LabelStyle,
    /// The one class that is shown.
    pub solo: Option<u8>,
    pub has_loupe: bool,
    pub ruler: Ruler,
    /// Calibrations before the ruler changed them, by part number.
    pub calibration_was: HashMap<usize, Option<Calibration>>,
    /// The known length in the field, in mm.
    pub known_mm: f64,
    /// A drag with T held: where it was last, in points, and whether it moved.
    drag: Option<Pos2>,
    /// When H went down, and when T was last tapped.
    hide_since: Option<f64>,
    tapped: Option<f64>,
    /// The pointer is T's.
    is_windowing: bool,
    zones: HashMap<usize, Option<LabelMap>>,
    zones_job: Option<(usize, Job<Option<LabelMap>>)>,
}

impl std::fmt::Debug for Viewing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Viewing").field("style", &self.style).field("solo", &self.solo).finish_non_exhaustive()
    }
}

impl Viewing {
    /// Whether labels of a class may be seen.
    pub fn shows(&self, class: u8) -> bool {
        self.solo.is_none_or(|solo| solo == class)
    }

    /// Zones were repainted: what was read of them for the status line is old.
    pub fn forget_zones(&mut self) {
        self.zones.clear();
    }

    /// Takes back the topmost thing of looking; false when there is none.
    pub const fn escape(&mut self) -> bool {
        if self.ruler.line.is_some() {
            self.ruler.line = None;
            true
        } else if self.ruler.is_on {
            self.ruler.is_on = false;
            true
        } else {
            false
        }
    }
}

impl Studio {
    // --- display -------------------------------------------------------------------------------------------------------------

    fn choice_key(&self, photo: &Photo) -> (usize, Depth) {
        (self.view.part_number, Depth::of(photo))
    }

    /// What was chosen for photos like this one.
    pub fn display_choice(&self, photo: &Photo) -> DisplayChoice {
        self.view.viewing.choices.get(&self.choice_key(photo)).copied().unwrap_or_default()
    }

    pub fn set_display_choice(&mut self, photo: &Photo, choice: DisplayChoice) {
        let key = self.choice_key(photo);
        self.view.viewing.choices.insert(key, choice);
    }

    /// The photo on the canvas.
    pub fn shown_photo(&self) -> Option<(PhotoKey, Arc<Pyramid>)> {
        let key = self.photo_key()?;
        let pyramid = self.photo(key)?.as_ref().ok()?;
        Some((key, Arc::clone(pyramid)))
    }

    fn facts(&mut self, key: PhotoKey, pyramid: &Pyramid) -> &PhotoFacts {
        let channel = self.display_choice(pyramid.photo()).channel;
        let known = self.view.viewing.facts.take().filter(|f| f.key == key && f.channel == channel);
        let facts = known.unwrap_or_else(|| {
            let histogram = Histogram::of(pyramid.photo(), pyramid.photo().rect(), channel);
            PhotoFacts { key, channel, histogram, plain: pyramid.auto_window() }
        });
        self.view.viewing.facts.insert(facts)
    }

    /// Sorted values of the shown channel of a photo.
    pub fn photo_histogram(&mut self, key: PhotoKey, pyramid: &Pyramid) -> &Histogram {
        &self.facts(key, pyramid).histogram
    }

    /// How a photo is shown now.
    pub fn display_of(&mut self, key: PhotoKey, pyramid: &Pyramid) -> Display {
        let choice = self.display_choice(pyramid.photo());
        let DisplayChoice { gamma, is_inverted, lut, channel, .. } = choice;
        let window = choice.window.unwrap_or_else(|| {
            let facts = self.facts(key, pyramid);
            if choice.is_auto { facts.histogram.auto_window() } else { facts.plain }
        });
        Display { window, gamma, is_inverted, lut, channel }
    }

    /// The tables for the photo on the canvas, made anew when something about it changed.
    pub fn shading(&mut self, key: PhotoKey, pyramid: &Pyramid) -> Arc<Shading> {
        let display = self.display_of(key, pyramid);
        if let Some((k, shading)) = &self.view.viewing.shading
            && *k == key
            && shading.display() == display
        {
            return Arc::clone(shading);
        }
        let shading = Arc::new(Shading::new(display, pyramid.photo()));
        self.view.viewing.shading = Some((key, Arc::clone(&shading)));
        shading
    }

    /// The window of the percentiles of what is in view, or of the whole image.
    pub fn set_auto_window(&mut self, only_in_view: bool) {
        let Some((key, pyramid)) = self.shown_photo() else { return };
        let mut choice = self.display_choice(pyramid.photo());
        let visible = self.canvas.view().filter(|_| only_in_view).map(super::canvas::CanvasView::visible_pixels);
        let window = match visible.filter(|r| !r.is_empty()) {
            Some(rect) => Histogram::of(pyramid.photo(), rect, choice.channel).auto_window(),
            None => self.photo_histogram(key, &pyramid).auto_window(),
        };
        choice.window = Some(window);
        self.set_display_choice(pyramid.photo(), choice);
    }

    /// T and a drag: to the right a wider window (less contrast), up a lower level (lighter).
    fn drag_window(&mut self, key: PhotoKey, pyramid: &Pyramid, by: egui::Vec2) {
        /// Points that double the width, and that move the level by the width.
        const TO_DOUBLE: f32 = 160.0;
        const BY_WIDTH: f32 = 400.0;
        let Window { black, white } = self.display_of(key, pyramid).window;
        let (low, high) = self.photo_histogram(key, pyramid).range();
        let span = (high - low).max(1e-6);
        let width = ((white - black).abs().max(span * 1e-4) * (by.x / TO_DOUBLE).exp2()).clamp(span * 1e-3, span * 8.0);
        let level = (f32::midpoint(black, white) + by.y / BY_WIDTH * width).clamp(low - span, high + span);
        let mut choice = self.display_choice(pyramid.photo());
        choice.window = Some(Window { black: level - width / 2.0, white: level + width / 2.0 });
        self.set_display_choice(pyramid.photo(), choice);
    }

    // --- keys and gestures ---------------------------------------------------------------------------------------------------

    /// Keys that are held or tapped twice; before the commands of the frame are looked for.
    pub fn follow_held_keys(&mut self, ctx: &Context) {
        let is_typing = ctx.text_edit_focused();
        let now = ctx.input(|i| i.time);
        // A held key repeats itself, and must not switch back and forth.
        let hides = keys::plain_keys(Command::HideLabels);
        let switches: Vec<Key> = [Command::HideLabels, Command::CycleOutlines, Command::Loupe, Command::Ruler, Command::OtherSide]
            .into_iter()
            .flat_map(keys::plain_keys)
            .collect();
        ctx.input_mut(|i| {
            i.events.retain(|e| !matches!(e, Event::Key { key, repeat: true, .. } if switches.contains(key)));
        });
        let is_press = |e: &Event, wanted: &[Key]| matches!(e, Event::Key { key, pressed: true, repeat: false, modifiers, .. } if wanted.contains(key) && *modifiers == Modifiers::NONE);
        let hide = ctx.input(|i| i.events.iter().any(|e| is_press(e, &hides)));
        let tap = ctx.input(|i| i.events.iter().filter(|e| is_press(e, &[Key::T])).count());
        let is_held = ctx.input(|i| hides.iter().any(|k| i.key_down(*k)));
        let viewing = &mut self.view.viewing;
        if hide && !is_typing {
            viewing.hide_since = Some(now);
        }
        if !is_held
            && let Some(since) = viewing.hide_since.take()
            && now - since > PEEK_AFTER
        {
            self.push(Command::HideLabels);
        }
        if tap > 0 && !is_typing {
            let viewing = &mut self.view.viewing;
            let is_double = tap > 1 || viewing.tapped.is_some_and(|at| now - at < DOUBLE_TAP);
            viewing.tapped = (!is_double).then_some(now);
            if is_double {
                self.push(Command::AutoWindow);
            }
        }
        self.view.viewing.is_windowing =
            !is_typing && ctx.input(|i| i.key_down(Key::T) && i.modifiers.is_none()) && self.session.active_stroke().is_none();
    }

    /// Whether the pointer on the canvas belongs to looking: no tool has it.
    pub const fn is_viewing_tool(&self) -> bool {
        self.view.viewing.ruler.is_on || self.view.viewing.is_windowing || self.view.viewing.drag.is_some()
    }

    /// Takes the strokes of a frame that are for the window or the ruler; the rest is left to the tools.
    pub fn take_viewing_gestures(&mut self, frame: &mut CanvasFrame, key: PhotoKey, pyramid: &Pyramid, ui: &Ui) {
        if !self.is_viewing_tool() || self.session.active_stroke().is_some() {
            return;
        }
        frame.is_panning = true;
        for event in std::mem::take(&mut frame.pointer) {
            let pos = frame.view.screen_from_image(event.point);
            match event.kind {
                PointerKind::Pressed if self.view.viewing.is_windowing => {
                    self.view.viewing.drag = Some(pos);
                    // A tap before a drag is no half of a double tap.
                    self.view.viewing.tapped = None;
                }
                PointerKind::Dragged | PointerKind::Released if self.view.viewing.drag.is_some() => {
                    if let Some(last) = self.view.viewing.drag {
                        self.drag_window(key, pyramid, pos - last);
                    }
                    self.view.viewing.drag = (event.kind == PointerKind::Dragged).then_some(pos);
                }
                PointerKind::Cancelled => {
                    self.view.viewing.drag = None;
                    self.view.viewing.ruler.let_go();
                }
                _ if self.view.viewing.ruler.is_on && event.button == PointerButton::Primary => {
                    self.pull_ruler(&event, frame, pyramid.photo());
                }
                _ => {}
            }
        }
        ui.ctx().request_repaint();
    }

    fn pull_ruler(&mut self, event: &PointerEvent, frame: &CanvasFrame, photo: &Photo) {
        let reach = f64::from(8.0 / frame.view.points_per_pixel());
        let ruler = &mut self.view.viewing.ruler;
        match event.kind {
            PointerKind::Pressed => ruler.press(event.point, reach),
            PointerKind::Dragged => ruler.pull(event.point, event.modifiers, photo),
            _ => {
                ruler.pull(event.point, event.modifiers, photo);
                ruler.let_go();
            }
        }
        // A press without a way is no line.
        if !ruler.is_pulled() && ruler.line.is_some_and(|l| l.length_px() < 1e-9) {
            ruler.line = None;
        }
    }

    /// What the commands of looking do; false when it is none of them.
    pub fn run_viewing(&mut self, command: Command) -> bool {
        match command {
            Command::AutoWindow => self.set_auto_window(false),
            Command::AutoWindowHere => self.set_auto_window(true),
            Command::CycleOutlines => self.view.viewing.style = self.view.viewing.style.next(),
            Command::Loupe => self.view.viewing.has_loupe = !self.view.viewing.has_loupe,
            Command::Ruler => self.view.viewing.ruler.is_on = !self.view.viewing.ruler.is_on,
            Command::ZoomToSelection => self.zoom_to_selection(),
            Command::ShowOnly(n) => {
                if let Some(class) = self.session.project().classes.get(usize::from(n) - 1) {
                    let id = class.id;
                    self.show_only(id);
                }
            }
            _ => return false,
        }
        true
    }

    /// Shows one class alone, or all again when it was alone.
    pub fn show_only(&mut self, class: u8) {
        let viewing = &mut self.view.viewing;
        viewing.solo = if viewing.solo == Some(class) { None } else { Some(class) };
    }

    /// Says over the image that other classes are not seen: what is forgotten there looks like a finished label.
    pub fn draw_solo(&self, frame: &CanvasFrame) {
        let Some(class) = self.view.viewing.solo.filter(|_| !self.view.is_painting_zones) else { return };
        let below = if self.limit_words().is_empty() { 12.0 } else { 44.0 };
        let at = frame.view.viewport().center_top() + egui::vec2(0.0, below);
        let text = format!("Only {} is shown", self.session.project().class_name(class));
        draw::draw_tag(&frame.painter, at, egui::Align2::CENTER_TOP, &text, self.class_colour(class));
    }

    /// The marked regions, else the line of the ruler, else all that is labelled.
    pub fn zoom_to_selection(&mut self) {
        let image = self.view.image;
        let regions = self.analysis.labels.get(image).and_then(Option::as_ref).map(|f| &f.regions);
        let chosen = self.view.selected_regions.iter().filter_map(|&i| Some(regions?.get(i)?.bounds));
        let marked = chosen.reduce(PixelRect::union);
        let line = self.view.viewing.ruler.line.map(|l: Caliper| {
            let low = |a: f64, b: f64| a.min(b).floor().max(0.0) as u32;
            let high = |a: f64, b: f64| a.max(b).ceil().max(0.0) as u32 + 1;
            PixelRect::new(low(l.from.x, l.to.x), low(l.from.y, l.to.y), high(l.from.x, l.to.x), high(l.from.y, l.to.y))
        });
        let all = regions.map(|r| r.iter().fold(PixelRect::EMPTY, |sum, r| sum.union(r.bounds))).filter(|r| !r.is_empty());
        match marked.or(line).or(all) {
            Some(rect) => self.canvas.centre_on(rect),
            None => self.toasts.info("Nothing is selected: pick a region of the list, or draw a line with R"),
        }
    }

    // --- what is under the pointer -------------------------------------------------------------------------------------------

    /// The pixel under the pointer in words: place, raw value, place on the part, label and zone.
    pub fn pixel_words(&mut self, key: PhotoKey, photo: &Photo, (x, y): (u32, u32)) -> Option<String> {
        let mut words = vec![format!("{x}, {y}   value {}", photo.value_text(x, y)?)];
        let pn = self.view.part_number;
        if let Some(c) = self.session.project().part_numbers.get(pn).and_then(|p| p.calibration) {
            let (u, v) = ((f64::from(x) + 0.5) * c.x_mm_per_px, (f64::from(y) + 0.5) * c.y_mm_per_px);
            words.push(format!("{u:.3}, {v:.3} mm"));
        }
        if let PhotoKey::Image(image) = key
            && let Some(id) = self.session.surface(SurfaceId::Label(image)).map(|s| s.map().get(x, y)).filter(|&id| id != 0)
        {
            words.push(self.session.project().class_name(id));
        }
        if let Some(zone) = self.zone_at(pn, x, y) {
            words.push(format!("zone {zone}"));
        }
        Some(words.join("   "))
    }

    fn zone_at(&mut self, pn: usize, x: u32, y: u32) -> Option<String> {
        if self.session.project().part_numbers.get(pn)?.zones.is_empty() {
            return None;
        }
        let get = |map: &LabelMap| (x < map.width() && y < map.height()).then(|| map.get(x, y));
        let id = match self.session.surface(SurfaceId::Zones(pn)) {
            Some(surface) => get(surface.map()),
            None => get(self.known_zones(pn)?),
        }?;
        self.session.project().part_numbers[pn].zones.iter().find(|z| z.id == id).map(|z| z.name.clone())
    }

    /// The zone map of a part number from its file; asked for in the background at the first time.
    fn known_zones(&mut self, pn: usize) -> Option<&LabelMap> {
        if self.view.viewing.zones_job.is_none() && !self.view.viewing.zones.contains_key(&pn) {
            let project: Arc<Project> = self.session.shared_project();
            let job = Job::start("zones", self.waker(), move |cx| {
                cx.send(project.read_zones(pn).map_err(|e| e.to_string())?);
                Ok(())
            });
            self.view.viewing.zones_job = Some((pn, job));
        }
        if let Some((of, job)) = &mut self.view.viewing.zones_job {
            let of = *of;
            match job.poll() {
                JobNews::Result(map) => {
                    self.view.viewing.zones.insert(of, map);
                }
                JobNews::Working => {}
                // A file that cannot be read is told where zones are used; here there is just no name.
                JobNews::Finished | JobNews::Failed(_) => {
                    self.view.viewing.zones.entry(of).or_insert(None);
                    self.view.viewing.zones_job = None;
                }
            }
        }
        self.view.viewing.zones.get(&pn)?.as_ref()
    }
}
