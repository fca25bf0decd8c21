//! Regions split, merged and numbered without a change of a pixel: what the session does, and the cuts on the canvas.

use delimit::paint::fill::region_at;
use delimit::paint::instance_at;
use delimit::raster::{Area, BACKGROUND, Grouping, LabelMap, Point};
use delimit::session::{Session, SessionError, SurfaceId};
use egui::{Context, DragValue, Stroke, Ui, vec2};

use super::Place;
use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::theme::{self, Theme};

/// A neck this much narrower than the blobs on both sides is cut, in pixels.
pub(super) const NECK_PX: f64 = 3.0;

/// The largest number that can be typed.
const LARGEST_NUMBER: u32 = 99_999;

impl Studio {
    /// The pixels of the whole region under a pixel: of a label with all its fragments and no farther than to its cuts.
    pub(super) fn thing_at(&self, surface: SurfaceId, (x, y): (u32, u32)) -> Option<Area> {
        let map = self.session.surface(surface)?.map();
        match surface {
            SurfaceId::Label(image) => instance_at(map, self.session.grouping(image), x, y, None),
            SurfaceId::Zones(_) => region_at(map, x, y, None),
        }
    }

    /// The regions of a label or zone map with one value, each with all its pixels.
    pub(super) fn areas_of_value(&self, surface: SurfaceId, value: u8) -> Vec<Area> {
        let Some(map) = self.session.surface(surface).map(delimit::session::Surface::map) else { return Vec::new() };
        let mut runs = delimit::raster::runs::runs(map);
        runs.retain(|r| r.value == value);
        let regions = match surface {
            SurfaceId::Label(image) => self.session.grouping(image).group(&runs).components,
            SurfaceId::Zones(_) => delimit::raster::Components::of_runs(&runs),
        };
        regions.iter().map(Area::of_runs).collect()
    }

    /// Splits and merges of this surface are kept beside its pixels.
    pub(super) const fn keeps_pixels(&self, surface: SurfaceId) -> bool {
        self.view.settings.keeps_pixels && matches!(surface, SurfaceId::Label(_))
    }

    /// The selected regions become one.
    pub(super) fn merge_selected(&mut self, ctx: &Context) {
        let pixels = self.pixels_in_hand();
        let first = self.view.selected_regions.iter().min().copied();
        let image = self.view.image;
        let merged = self.on_instances(ctx, |s| s.merge_regions(image, &pixels));
        if let Some(number) = merged {
            // The regions before the first one stay where they are in the list.
            self.view.selected_regions = first.into_iter().collect();
            self.toasts.info(&format!("{} regions are one now, number {number}; Ctrl+Z takes them apart", pixels.len()));
        }
    }

    pub(super) fn split_selected(&mut self, ctx: &Context) {
        let pixels = self.pixels_in_hand();
        let image = self.view.image;
        if self.on_instances(ctx, |s| s.split_at_necks(image, &pixels, NECK_PX)).is_some() {
            self.view.selected_regions.truncate(1);
        }
    }

    pub(super) fn cut_between_pixels(&mut self, place: &Place, path: &[Point], ctx: &Context) {
        if let SurfaceId::Label(image) = place.surface {
            self.on_instances(ctx, |s| s.split_along(image, path));
        }
    }

    /// A change of the grouping; a refusal is told and changes nothing.
    fn on_instances<T>(&mut self, ctx: &Context, act: impl FnOnce(&mut Session) -> Result<T, SessionError>) -> Option<T> {
        self.hand.hover = None;
        match act(&mut self.session) {
            Ok(done) => {
                self.touch(ctx);
                Some(done)
            }
            Err(SessionError::Instance(refused)) => {
                self.toasts.info(&refused.to_string());
                None
            }
            Err(e) => {
                self.toasts.error(&e.to_string());
                None
            }
        }
    }

    /// A pixel of each region that is selected, or of the one under the pointer.
    fn pixels_in_hand(&self) -> Vec<(u32, u32)> {
        self.things().iter().filter_map(|thing| thing.area.spans().first()).map(|s| (s.x0, s.y)).collect()
    }

    /// The number of the one selected region, and the ways back from splits and merges.
    pub fn instance_ui(&mut self, ui: &mut Ui) {
        let image = self.view.image;
        let [index] = *self.view.selected_regions.as_slice() else { return };
        let Some(region) = self.analysis.labels[image].as_ref().and_then(|f| f.regions.get(index)) else { return };
        let (anchor, number) = (region.anchor, region.number);
        let grouping = self.session.grouping(image);
        let is_merged = number.is_some_and(|n| grouping.pixels_of(n).nth(1).is_some());
        let has_cuts = !grouping.cuts.is_empty();
        ui.add_enabled_ui(!self.session.is_read_only(), |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                // Painted, not a label: the field itself carries the name.
                let (place, _) = ui.allocate_exact_size(vec2(52.0, 24.0), egui::Sense::hover());
                let font = egui::FontId::proportional(theme::BODY_SIZE);
                ui.painter().text(place.left_center(), egui::Align2::LEFT_CENTER, "Number", font, Theme::of(ui).faint);
                let mut typed = number.unwrap_or(0);
                // Typed only: each number on the way of a drag would be a step of undo.
                let field = DragValue::new(&mut typed).range(0..=LARGEST_NUMBER).speed(0.0).update_while_editing(false);
                let field = field.custom_formatter(|n, _| if n < 1.0 { "none".into() } else { format!("{n:.0}") });
                let field = field.custom_parser(|text| {
                    text.trim().trim_start_matches('#').parse().ok().or_else(|| (text == "none").then_some(0.0))
                });
                let field = ui.add_sized(vec2(64.0, 24.0), field).accessible_name("Number");
                let typed = Some(typed).filter(|&n| n > 0);
                if field.changed() && typed != number {
                    let ctx = ui.ctx().clone();
                    self.on_instances(&ctx, |s| s.number_region(image, anchor, typed));
                }
                if is_merged && ui.button("Unmerge").on_hover_text("Its fragments are regions of their own again").clicked() {
                    let ctx = ui.ctx().clone();
                    self.on_instances(&ctx, |s| s.unmerge_region(image, anchor));
                }
                let heal = "Take every cut through or along this region away, and its number";
                if has_cuts && ui.button("Remove cuts").on_hover_text(heal).clicked() {
                    let ctx = ui.ctx().clone();
                    if self.on_instances(&ctx, |s| s.clear_instances(image, &[anchor])) == Some(false) {
                        self.toasts.info("No cut runs through or along this region");
                    }
                }
            });
        });
        if number.is_none() {
            ui.label(theme::caption(ui, "A number stays with a region while others come and go"));
        }
    }

    /// The cuts, where they part two pixels of one class.
    pub fn draw_cuts(&self, frame: &CanvasFrame) {
        let image = self.view.image;
        let grouping = self.session.grouping(image);
        let Some(surface) = self.session.surface(SurfaceId::Label(image)).filter(|_| !self.view.are_labels_hidden) else { return };
        let theme = Theme::of_context(frame.painter.ctx());
        let lines = parting_lines(grouping, surface.map());
        for stroke in [Stroke::new(3.0, theme.halo), Stroke::new(1.5, theme.ink)] {
            for [a, b] in &lines {
                frame.painter.line_segment([frame.view.screen_from_image(*a), frame.view.screen_from_image(*b)], stroke);
            }
        }
    }
}

/// The cracks of all cuts that part two pixels of one class, as lines in image space; cracks in a row are one line.
fn parting_lines(grouping: &Grouping, map: &LabelMap) -> Vec<[Point; 2]> {
    let mut lines: Vec<[Point; 2]> = Vec::new();
    for ((ax, ay), (bx, by)) in grouping.cuts.iter().flat_map(|cut| Grouping::sides(cut, map.rect())) {
        if map.get(ax, ay) == BACKGROUND || map.get(ax, ay) != map.get(bx, by) {
            continue;
        }
        let from = Point::new(f64::from(bx), f64::from(by));
        let to = if ay == by { Point::new(from.x, from.y + 1.0) } else { Point::new(from.x + 1.0, from.y) };
        match lines.last_mut() {
            Some(line) if line[1] == from && ((line[0].x == to.x) || (line[0].y == to.y)) => line[1] = to,
            _ => lines.push([from, to]),
        }
    }
    lines
}
