//! The part from above: where regions are rejected on parts that are good, or accepted on parts that are bad; and what happens when the
//! border of a zone is dragged.

use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::judge::{Score, Tally};
use delimit::paint::Gate;
use delimit::project::photo_file;
use delimit::raster::contour::Contour;
use delimit::raster::{Area, LabelMap, Photo, PixelRect, Point};
use delimit::session::SurfaceId;
use delimit::workflow::WorkflowError;
use delimit::workflow::tuning::zone_trial::{try_zones, with_areas};
use delimit::workflow::tuning::{MapOf, PartMap, moved_zone};
use egui::{
    Color32, ColorImage, Context, CursorIcon, FontId, Pos2, Rect, Sense, Shape, Stroke, TextureHandle, TextureOptions, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{Mark, counted_mark};

/// Longest side of the picture of the part, in pixels.
const PICTURE_PX: u32 = 1200;
/// How near the pointer must be to a border to take it, in points.
const REACH: f32 = 8.0;
/// How far a border goes at most, in px.
const FARTHEST: f64 = 64.0;

/// The photo of the part and its size in px.
struct Ground {
    part_number: usize,
    size: (u32, u32),
    texture: TextureHandle,
}

type GroundMade = (usize, (u32, u32), ColorImage);

/// What the density was made for: regions and verdicts as they were, whose, which.
type DensityFor = (u64, Source, MapOf, usize);

/// Borders of the zones as they are in memory, by revision.
type Borders = (u64, Vec<(u8, Vec<Contour>)>);

/// A zone with its border moved, not in the project yet.
struct Trial {
    zone: u8,
    by_px: f64,
    areas: Arc<Vec<(Area, u8)>>,
    borders: Vec<Contour>,
    labels: Option<(Tally, Score)>,
    predictions: Option<(Tally, Score)>,
}

/// The state of the map.
#[derive(Default)]
pub struct MapState {
    pub of: MapOf,
    ground: Option<Ground>,
    failed: Option<usize>,
    reading: Option<Job<GroundMade>>,
    density: Option<(DensityFor, PartMap, TextureHandle)>,
    borders: Option<Borders>,
    /// The zone whose border is in the hand.
    held: Option<u8>,
    trial: Option<Trial>,
    trying: Option<Job<Trial>>,
    /// Asked for while another trial is under way.
    next: Option<(u8, f64)>,
}

impl MapState {
    /// Asks what would be with the border of a zone moved outwards by so many px.
    pub const fn try_border(&mut self, zone: u8, by_px: f64) {
        self.next = Some((zone, by_px));
    }

    pub const fn is_busy(&self) -> bool {
        self.reading.is_some() || self.trying.is_some() || self.next.is_some()
    }
}

impl Studio {
    pub(super) fn part_map_ui(&mut self, ui: &mut Ui) {
        let pn = self.view.part_number;
        ui.horizontal(|ui| {
            for of in MapOf::ALL {
                ui.selectable_value(&mut self.tune.map.of, of, of.label());
            }
            let words = "all classes; drag the border of a zone to see what would change";
            ui.add(egui::Label::new(theme::caption(ui, words)).truncate());
        });
        self.make_density(ui.ctx());
        self.trial_ui(ui);
        let Some(ground) = self.tune.map.ground.as_ref().filter(|g| g.part_number == pn) else {
            let words = if self.tune.map.failed == Some(pn) {
                "This part number has no nominal image that can be read; choose one in project.ron."
            } else {
                "Reading the nominal image…"
            };
            ui.label(theme::caption(ui, words));
            return;
        };
        let (w, h) = (ground.size.0 as f32, ground.size.1 as f32);
        let (all, response) = ui.allocate_exact_size(ui.available_size() - vec2(0.0, 22.0), Sense::click_and_drag());
        let scale = (all.width() / w).min(all.height() / h);
        let rect = Rect::from_center_size(all.center(), vec2(w, h) * scale);
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let painter = ui.painter_at(all);
        painter.image(ground.texture.id(), rect, uv, Color32::from_gray(200));
        let mut words = String::new();
        if let Some((_, map, texture)) = &self.tune.map.density {
            painter.image(texture.id(), rect, uv, Color32::WHITE);
            let what = self.tune.map.of.label().to_lowercase();
            words = match map.regions {
                0 => format!("{what}: no region"),
                n => format!("{what}: {n} regions on {} parts; brightest where most lie", map.parts),
            };
        }
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, format!("Map of the part, {words}")));
        self.borders_ui(ui, rect, scale, &response);
        ui.label(theme::caption(ui, words));
    }

    // --- zones ---------------------------------------------------------------------------------------------------------------

    fn read_borders(&mut self) {
        let pn = self.view.part_number;
        let Some(surface) = self.session.surface(SurfaceId::Zones(pn)) else { return };
        let revision = surface.revision();
        if self.tune.map.borders.as_ref().is_some_and(|b| b.0 == revision) {
            return;
        }
        let map = surface.map().clone();
        let zones = &self.session.project().part_numbers[pn].zones;
        let borders = zones.iter().map(|z| (z.id, contours_of(&map, z.id))).collect();
        self.tune.map.borders = Some((revision, borders));
        self.tune.map.trial = None;
    }

    fn borders_ui(&mut self, ui: &Ui, rect: Rect, scale: f32, response: &egui::Response) {
        self.read_borders();
        let pn = self.view.part_number;
        let zones = self.session.project().part_numbers[pn].zones.clone();
        let Some((_, borders)) = &self.tune.map.borders else { return };
        let at = |p: &Point| rect.min + vec2(p.x as f32, p.y as f32) * scale;
        let painter = ui.painter_at(rect.expand(2.0));
        let pointer = response.hover_pos().or_else(|| response.interact_pointer_pos());
        for (zone, contours) in borders {
            let colour = zones.iter().find(|z| z.id == *zone).map_or(Color32::GRAY, |z| {
                let [r, g, b] = z.colour;
                Color32::from_rgb(r, g, b)
            });
            for contour in contours {
                let line: Vec<Pos2> = contour.points.iter().map(at).collect();
                painter.add(Shape::closed_line(line, Stroke::new(1.5, colour)));
            }
        }
        let theme = Theme::of(ui);
        if let Some(trial) = &self.tune.map.trial {
            for contour in &trial.borders {
                let mut line: Vec<Pos2> = contour.points.iter().map(at).collect();
                line.extend(line.first().copied());
                painter.extend(Shape::dashed_line(&line, Stroke::new(2.0, theme.ink), 6.0, 4.0));
            }
        }
        let over = self.tune.map.held.or_else(|| self.border_near(pointer?, rect, scale));
        if let (Some(zone), Some(p)) = (over, pointer) {
            ui.ctx().set_cursor_icon(CursorIcon::Move);
            let name = zones.iter().find(|z| z.id == zone).map_or("zone", |z| z.name.as_str());
            let by = self.tune.map.trial.as_ref().filter(|t| t.zone == zone && self.tune.map.held.is_some());
            let words = by.map_or_else(|| name.to_owned(), |t| format!("{name} {:+.0} px", t.by_px));
            let font = FontId::proportional(theme::BODY_SIZE);
            let galley = painter.layout_no_wrap(words, font, theme.text);
            let tag = Rect::from_min_size(p + vec2(14.0, 10.0), galley.size()).expand2(vec2(5.0, 2.0));
            painter.rect_filled(tag, theme::RADIUS, theme.float);
            painter.galley(tag.min + vec2(5.0, 2.0), galley, theme.text);
        }
        if response.drag_started() {
            // Where it was pressed, not where the hand has got to since.
            let pressed = ui.input(|i| i.pointer.press_origin());
            self.tune.map.held = pressed.and_then(|p| self.border_near(p, rect, scale));
        }
        if let (Some(zone), true, Some(p)) = (self.tune.map.held, response.dragged(), pointer) {
            let image = Point::new(f64::from((p.x - rect.min.x) / scale), f64::from((p.y - rect.min.y) / scale));
            if let Some(by) = self.signed_distance(zone, image) {
                self.tune.map.try_border(zone, by.clamp(-FARTHEST, FARTHEST).round());
            }
        }
        if response.drag_stopped() {
            self.tune.map.held = None;
        }
    }

    /// The zone whose border is nearest to a place of the window, within reach.
    fn border_near(&self, pointer: Pos2, rect: Rect, scale: f32) -> Option<u8> {
        let (_, borders) = self.tune.map.borders.as_ref()?;
        let at = |p: &Point| rect.min + vec2(p.x as f32, p.y as f32) * scale;
        let lines = borders.iter().flat_map(|(zone, contours)| contours.iter().map(move |c| (*zone, c)));
        let near = lines.map(|(zone, c)| (distance_to_line(pointer, &c.points.iter().map(at).collect::<Vec<_>>()), zone));
        near.filter(|(d, _)| *d < REACH).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, zone)| zone)
    }

    /// How far a place lies outside a zone (above 0) or inside, in px.
    fn signed_distance(&self, zone: u8, at: Point) -> Option<f64> {
        let surface = self.session.surface(SurfaceId::Zones(self.view.part_number))?;
        let (_, borders) = self.tune.map.borders.as_ref()?;
        let contours = &borders.iter().find(|(id, _)| *id == zone)?.1;
        let nearest = contours.iter().flat_map(|c| &c.points).map(|p| (p.x - at.x).hypot(p.y - at.y)).fold(f64::INFINITY, f64::min);
        let map = surface.map();
        let is_on = at.x >= 0.0 && at.y >= 0.0 && at.x < f64::from(map.width()) && at.y < f64::from(map.height());
        let is_inside = is_on && map.get(at.x as u32, at.y as u32) == zone;
        nearest.is_finite().then_some(if is_inside { -nearest } else { nearest })
    }

    fn start_trial(&mut self) {
        if self.tune.map.trying.is_some() {
            return;
        }
        let Some((zone, by_px)) = self.tune.map.next.take() else { return };
        let pn = self.view.part_number;
        let Some(surface) = self.session.surface(SurfaceId::Zones(pn)) else { return };
        let (map, kept) = (surface.map().clone(), self.session.project().part_numbers[pn].ignored_zones());
        let (snapshot, truth) = (self.session.snapshot(), self.session.dispositions());
        let ruleset = self.session.ruleset(pn).current().clone();
        let job = Job::start("Trying a zone", self.waker(), move |cx| {
            let areas = moved_zone(&map, zone, by_px, &kept);
            let moved = with_areas(&map, &areas);
            let borders = contours_of(&moved, zone);
            let areas = Arc::new(areas);
            let shown = Trial { zone, by_px, areas: Arc::clone(&areas), borders: borders.clone(), labels: None, predictions: None };
            if !cx.send(shown) {
                return Ok(());
            }
            match try_zones(&snapshot, pn, moved, &ruleset, &truth, &|| cx.is_cancelled(), &|| {}) {
                Ok(tried) => {
                    let figures = |e: &delimit::workflow::Evaluation| (e.tally(), e.score());
                    let (labels, predictions) = (Some(figures(&tried.labels)), tried.predictions.as_ref().map(figures));
                    cx.send(Trial { zone, by_px, areas, borders, labels, predictions });
                    Ok(())
                }
                Err(WorkflowError::Cancelled) => Ok(()),
                Err(e) => Err(e.to_string()),
            }
        });
        self.tune.map.trying = Some(job);
    }

    fn trial_ui(&mut self, ui: &mut Ui) {
        let Some(trial) = &self.tune.map.trial else { return };
        let pn = self.view.part_number;
        let zones = &self.session.project().part_numbers[pn].zones;
        let name = zones.iter().find(|z| z.id == trial.zone).map_or_else(String::new, |z| z.name.clone());
        let (mut keeps, mut drops) = (false, false);
        let sources = [(Source::Labels, trial.labels), (Source::Predictions, trial.predictions)];
        ui.horizontal(|ui| {
            ui.label(theme::semibold(format!("{name} {:+.0} px", trial.by_px)));
            for (source, tried) in sources {
                let Some(now) = self.analysis.evaluation(source) else { continue };
                ui.separator();
                ui.label(theme::caption(ui, source.label()));
                tally_marks(ui, now.tally());
                ui.label("→");
                match tried {
                    Some((tally, score)) => {
                        tally_marks(ui, tally);
                        let before = now.score();
                        let words = |what: &str, a: usize, b: usize| (a != b).then(|| format!("{what} {a} → {b}"));
                        let changed: Vec<String> = [
                            words("escapes", before.escapes().count, score.escapes().count),
                            words("overkill", before.overkill().count, score.overkill().count),
                        ]
                        .into_iter()
                        .flatten()
                        .collect();
                        if !changed.is_empty() {
                            ui.label(theme::caption(ui, changed.join(", ")));
                        }
                    }
                    None => drop(ui.label(theme::caption(ui, "counting…"))),
                }
            }
            ui.separator();
            keeps = ui.button("Keep").on_hover_text("Paint the zone so; undo is in Label, where zones are painted").clicked();
            drops = ui.button("Discard").clicked();
        });
        if keeps {
            let areas: Vec<_> = trial.areas.iter().map(|(area, zone)| (area.clone(), *zone, Gate::OPEN)).collect();
            self.try_session(|s| s.paint_areas(SurfaceId::Zones(pn), &areas).map(drop));
            self.tune.map.trial = None;
            self.zones_changed();
        } else if drops {
            self.tune.map.trial = None;
        }
    }

    // --- pictures ------------------------------------------------------------------------------------------------------------

    fn make_density(&mut self, ctx: &Context) {
        let pn = self.view.part_number;
        let source = self.source_here();
        let wanted = (self.analysis.revision(), source, self.tune.map.of, pn);
        if self.tune.map.density.as_ref().is_some_and(|d| d.0 == wanted) {
            return;
        }
        let Some(ground) = self.tune.map.ground.as_ref().filter(|g| g.part_number == pn) else { return };
        let Some(evaluation) = self.analysis.evaluation(source) else { return };
        let region = |image: usize, index: usize| self.analysis.regions(source, image)?.get(index);
        let map = PartMap::of(evaluation, self.tune.map.of, ground.size, region);
        let (w, h) = (map.density.width() as usize, map.density.height() as usize);
        let pixels = map.density.as_slice().iter().map(|&d| theme::heat_colour(d)).collect();
        let texture = ctx.load_texture("density", ColorImage::new([w, h], pixels), TextureOptions::LINEAR);
        self.tune.map.density = Some((wanted, map, texture));
    }

    pub(super) fn tick_map(&mut self, ctx: &Context) {
        self.take_ground(ctx);
        self.take_trial();
        self.start_trial();
        if self.tune.chart != super::Chart::Map || self.view.workspace != delimit::session::command::Workspace::Tune {
            return;
        }
        let pn = self.view.part_number;
        let is_there = self.tune.map.ground.as_ref().is_some_and(|g| g.part_number == pn) || self.tune.map.failed == Some(pn);
        if is_there || self.tune.map.reading.is_some() || pn >= self.session.project().part_numbers.len() {
            return;
        }
        let Some(path) = self.session.project().nominal_path(pn) else {
            self.tune.map.failed = Some(pn);
            return;
        };
        let job = Job::start("nominal image", self.waker(), move |cx| {
            let photo = photo_file::read(&path).map_err(|e| e.to_string())?;
            cx.send((pn, (photo.width(), photo.height()), picture_of(&photo)));
            Ok(())
        });
        self.tune.map.reading = Some(job);
    }

    fn take_ground(&mut self, ctx: &Context) {
        let map = &mut self.tune.map;
        let Some(job) = &mut map.reading else { return };
        match job.poll() {
            JobNews::Result((part_number, size, picture)) => {
                let texture = ctx.load_texture("nominal", picture, TextureOptions::LINEAR);
                map.ground = Some(Ground { part_number, size, texture });
                map.density = None;
            }
            JobNews::Working => {}
            JobNews::Finished => map.reading = None,
            JobNews::Failed(message) => {
                map.reading = None;
                map.failed = Some(self.view.part_number);
                self.toasts.error(&message);
            }
        }
    }

    fn take_trial(&mut self) {
        let map = &mut self.tune.map;
        // A border that is elsewhere by now: nobody waits for the old count.
        if map.next.is_some()
            && let Some(job) = &map.trying
        {
            job.cancel();
        }
        let Some(job) = &mut map.trying else { return };
        loop {
            match job.poll() {
                JobNews::Result(trial) => map.trial = Some(trial),
                JobNews::Working => return,
                JobNews::Finished => break,
                JobNews::Failed(message) => {
                    self.toasts.error(&message);
                    break;
                }
            }
        }
        self.tune.map.trying = None;
    }
}

fn tally_marks(ui: &mut Ui, tally: Tally) {
    for (mark, count) in [(Mark::Ok, tally.ok), (Mark::Ng, tally.ng), (Mark::Review, tally.review)] {
        counted_mark(ui, mark, Some(count));
    }
}

fn contours_of(map: &LabelMap, zone: u8) -> Vec<Contour> {
    let runs: Vec<_> = delimit::raster::runs::runs(map).into_iter().filter(|r| r.value == zone).collect();
    Area::of_runs(&runs).contours()
}

/// The photo averaged down to what the screen shows.
fn picture_of(photo: &Photo) -> ColorImage {
    let crop = delimit::workflow::crops::Crop::of(
        photo,
        &LabelMap::new(photo.width(), photo.height()),
        PixelRect::of_size(photo.width(), photo.height()),
        PICTURE_PX,
    );
    let pixels = crop.rgb.iter().map(|c| Color32::from_rgb(c[0], c[1], c[2])).collect();
    ColorImage::new([crop.width as usize, crop.height as usize], pixels)
}

fn distance_to_line(p: Pos2, line: &[Pos2]) -> f32 {
    let closed = line.iter().zip(line.iter().cycle().skip(1));
    closed.map(|(&a, &b)| distance_to_segment(p, a, b)).fold(f32::INFINITY, f32::min)
}

fn distance_to_segment(p: Pos2, a: Pos2, b: Pos2) -> f32 {
    let (ab, ap) = (b - a, p - a);
    let t = (ap.dot(ab) / ab.length_sq().max(1e-9)).clamp(0.0, 1.0);
    p.distance(a + ab * t)
}
