//! The borderline strip: the regions of the cell as pictures at one scale, in the order of the feature, with the limits as dividers to
//! drag between them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use delimit::jobs::{Job, JobNews};
use delimit::judge::{Bound, Bounds, Disposition, Limit};
use delimit::raster::PixelRect;
use delimit::session::SurfaceId;
use delimit::workflow::crops::{Crop, squares_of};
use delimit::workflow::tuning::CellRegions;
use egui::{
    Align2, Context, CursorIcon, FontId, Id, Pos2, Rect, ScrollArea, Sense, Stroke, StrokeKind, TextureHandle, Ui, WidgetInfo,
    pos2, vec2,
};

use super::histogram::short;
use super::{CellFor, Selected};
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::state::Source;
use crate::studio::theme::{self, CAPTION_SIZE, Theme};
use crate::studio::widgets::verdict_badge::paint_mark;
use crate::studio::widgets::{crop_texture, draw_crop};

/// Height of the strip with its caption, in points.
pub const HEIGHT: f32 = 168.0;
/// A tile with its gap.
const TILE: f32 = 108.0;
const PICTURE: f32 = 100.0;
/// Pixels of a picture at most.
const PICTURE_PX: u32 = 160;
/// Pictures kept at most; each is up to 100 kB.
const MOST: usize = 400;
/// Images decoded per job, so that the next one follows the view.
const BATCH: usize = 4;

/// Whose region, in which image, which one.
type Place = (Source, usize, usize);

/// The pictures of the strip.
#[derive(Default)]
pub struct Strip {
    pictures: HashMap<Place, (Crop, TextureHandle)>,
    failed: HashSet<Place>,
    job: Option<Job<(Place, Crop)>>,
    in_job: Vec<Place>,
    wanted: Vec<(Place, PixelRect)>,
    /// What the pictures were made for: regions as they were, side in px.
    made_for: Option<(u64, u32)>,
    /// What the strip was last scrolled to.
    scrolled_for: Option<CellFor>,
    /// A divider in the hand.
    held: Option<Bound>,
    /// Asked for elsewhere: the selected region, larger.
    also: Option<(Place, PixelRect)>,
}

impl Strip {
    pub const fn is_busy(&self) -> bool {
        self.job.is_some() || !self.wanted.is_empty()
    }
}

impl Studio {
    pub(super) fn strip_ui(&mut self, ui: &mut Ui) {
        let Some(regions) = self.cell_regions() else { return };
        let side = self.strip_side(&regions);
        let table = self.analysis.table_revision();
        if self.tune.strip.made_for != Some((table, side)) {
            let strip = &mut self.tune.strip;
            strip.pictures.clear();
            strip.failed.clear();
            strip.made_for = Some((table, side));
        }
        let measured = regions.measured();
        let mm = self.session.project().part_numbers[self.view.part_number].calibration.map(|c| f64::from(side) * c.x_mm_per_px);
        let scale = mm.map_or_else(|| format!("{side} px"), |mm| format!("{} mm", short(mm)));
        ui.horizontal(|ui| {
            ui.label(theme::semibold("At one scale"));
            let words = format!("{measured} regions by {}, each picture {scale} wide", self.view.feature.label().to_lowercase());
            ui.label(theme::caption(ui, words));
        });
        if measured == 0 {
            ui.label(theme::caption(ui, "No region of this cell has this figure."));
            return;
        }
        let limit = self.limit_on(self.view.feature);
        let counts = limit.map(|l| dividers(&regions, &l));
        let mut scroll = ScrollArea::horizontal().id_salt("borderline").auto_shrink(false);
        let made_for = self.tune.cell.as_ref().map(|(made_for, _)| made_for.clone());
        if self.tune.strip.scrolled_for != made_for {
            // To where it is decided, when another cell or feature is looked at.
            let middle = counts.map_or(measured, |(a, r)| usize::midpoint(a, r));
            scroll = scroll.horizontal_scroll_offset((middle as f32 * TILE - ui.available_width() / 2.0).max(0.0));
            self.tune.strip.scrolled_for = made_for;
        }
        let mut taken = None;
        let mut moved = None;
        scroll.show_viewport(ui, |ui, viewport| {
            let size = vec2(measured as f32 * TILE + 24.0, HEIGHT - 34.0);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let origin = rect.min + vec2(12.0, 0.0);
            let first = ((viewport.min.x - 12.0) / TILE).floor().max(0.0) as usize;
            let last = ((viewport.max.x / TILE).ceil() as usize).min(measured);
            self.want_pictures(&regions, first..last);
            for index in first..last {
                let at = Rect::from_min_size(origin + vec2(index as f32 * TILE + 4.0, 2.0), vec2(PICTURE, size.y - 6.0));
                if let Some(place) = self.tile_ui(ui, at, &regions, index) {
                    taken = Some(place);
                }
            }
            if let (Some(limit), Some(counts)) = (limit, counts) {
                moved = self.dividers_ui(ui, origin, size.y, &regions, &limit, counts);
            }
        });
        if taken.is_some() {
            self.tune.selected = taken;
        }
        if let (Some((bounds, is_final)), Some(key)) = (moved, self.view.cell.clone()) {
            self.change_limit(&key, self.view.feature, Some(bounds), is_final);
        }
    }

    /// One scale for all: most regions fit whole, the largest are cut.
    fn strip_side(&self, regions: &CellRegions) -> u32 {
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return 64 };
        let table = evaluation.table();
        let mut sides: Vec<u32> = (regions.rows.iter().step_by(regions.len().div_ceil(500).max(1)))
            .filter_map(|&row| {
                let (image, region) = (table.image()[row as usize] as usize, table.region()[row as usize] as usize);
                let bounds = self.region_of(image, region)?;
                Some(bounds.width().max(bounds.height()))
            })
            .collect();
        sides.sort_unstable();
        let most = sides.get(sides.len() * 4 / 5).copied().unwrap_or(48);
        // In steps, so that one more region does not make all pictures anew.
        ((most + most / 2).max(32)).next_multiple_of(16).min(512)
    }

    /// Where a region of the source in view lies.
    pub(super) fn region_of(&self, image: usize, region: usize) -> Option<PixelRect> {
        self.analysis.regions(self.source_here(), image)?.get(region).map(|r| r.bounds)
    }

    fn tile_ui(&self, ui: &Ui, rect: Rect, regions: &CellRegions, index: usize) -> Option<Selected> {
        let theme = Theme::of(ui);
        let source = self.source_here();
        let evaluation = self.analysis.evaluation(source)?;
        let table = evaluation.table();
        let row = regions.rows[index] as usize;
        let place = Selected { image: table.image()[row] as usize, region: table.region()[row] as usize };
        let response = ui.interact(rect, Id::unique(("tile", place.image, place.region)), Sense::click());
        let (verdict, truth) = (regions.verdict(evaluation, index), regions.truth(evaluation, index));
        let serial = &self.session.project().parts()[evaluation.parts()[regions.parts[index] as usize]].serial;
        let value = short(f64::from(regions.values[index]));
        let is_here = self.tune.selected == Some(place);
        response.widget_info(|| {
            let words = format!("{serial} #{}: {value} {}, {}", place.region + 1, self.view.feature.unit(), verdict.word());
            WidgetInfo::selected(egui::Role::Button, true, is_here, words)
        });
        let picture = Rect::from_min_size(rect.min, vec2(PICTURE, PICTURE));
        ui.painter().rect_filled(picture, 2, theme.raised);
        if let Some((crop, texture)) = self.tune.strip.pictures.get(&(source, place.image, place.region)) {
            draw_crop(ui.painter(), picture, crop, texture, |class| self.class_colour(class));
        }
        let outline = if is_here {
            Stroke::new(2.0, theme.accent_text)
        } else if response.hovered() {
            Stroke::new(1.0, theme.text)
        } else {
            Stroke::new(1.0, theme.line)
        };
        ui.painter().rect_stroke(picture, 2, outline, StrokeKind::Inside);
        let y = picture.max.y + 12.0;
        let mark = mark_of(verdict);
        paint_mark(ui.painter(), pos2(rect.min.x + 7.0, y), 11.0, mark, mark.text_colour(theme));
        let font = FontId::proportional(CAPTION_SIZE);
        ui.painter().text(pos2(rect.min.x + 17.0, y), Align2::LEFT_CENTER, &value, font.clone(), theme.text);
        let (word, colour) = match truth {
            Disposition::Ok => ("part OK", theme.ok_text),
            Disposition::Ng => ("part NG", theme.ng_text),
            Disposition::Unknown => ("undecided", theme.faint),
        };
        ui.painter().text(pos2(rect.max.x, y), Align2::RIGHT_CENTER, word, font, colour);
        theme::focus_ring(ui, &response);
        let hover = format!("{serial} #{}\n{value} {}", place.region + 1, self.view.feature.unit());
        response.on_hover_text(hover).clicked().then_some(place)
    }

    /// The two limits between the pictures; dragged, they go to the gap nearest to the pointer.
    fn dividers_ui(
        &mut self,
        ui: &Ui,
        origin: Pos2,
        height: f32,
        regions: &CellRegions,
        limit: &Limit,
        (accept, reject): (usize, usize),
    ) -> Option<(Bounds, bool)> {
        let theme = Theme::of(ui);
        let mut moved = None;
        for (bound, count, colour, name) in
            [(Bound::Accept, accept, theme.ok_text, "accept below"), (Bound::Reject, reject, theme.ng_text, "reject from")]
        {
            let by = if accept == reject { if bound == Bound::Accept { -1.5 } else { 1.5 } } else { 0.0 };
            let x = origin.x + count as f32 * TILE + by;
            let grip = Rect::from_min_max(pos2(x - 5.0 + by * 2.0, origin.y), pos2(x + 5.0 + by * 2.0, origin.y + height));
            let response = ui
                .interact(grip, Id::unique(("divider", name)), Sense::click_and_drag())
                .on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
            response.widget_info(|| WidgetInfo::slider(true, count as f64, format!("regions before {name}")));
            let is_lit = response.hovered() || response.dragged();
            let stroke = Stroke::new(if is_lit { 4.0 } else { 2.5 }, colour);
            ui.painter().vline(x, origin.y + 1.0..=origin.y + PICTURE + 2.0, stroke);
            if response.dragged()
                && let Some(pointer) = response.interact_pointer_pos()
            {
                self.tune.strip.held = Some(bound);
                let gap = (((pointer.x - origin.x) / TILE).round().max(0.0) as usize).min(regions.measured());
                if gap != count
                    && let Some(value) = regions.limit_after(gap)
                {
                    moved = Some((limit.bounds().push(bound, rounded_between(regions, gap, value)), false));
                }
            }
            if response.drag_stopped() && self.tune.strip.held.take() == Some(bound) {
                moved = Some((limit.bounds(), true));
            }
        }
        moved
    }

    fn want_pictures(&mut self, regions: &CellRegions, range: Range<usize>) {
        let source = self.source_here();
        let Some(evaluation) = self.analysis.evaluation(source) else { return };
        let table = evaluation.table();
        let strip = &self.tune.strip;
        let mut wanted = Vec::new();
        for &row in &regions.rows[range] {
            let place = (source, table.image()[row as usize] as usize, table.region()[row as usize] as usize);
            if strip.pictures.contains_key(&place) || strip.failed.contains(&place) || strip.in_job.contains(&place) {
                continue;
            }
            if let Some(bounds) = self.region_of(place.1, place.2) {
                wanted.push((place, bounds));
            }
        }
        let also = self.tune.strip.also.take().filter(|(place, _)| !self.tune.strip.in_job.contains(place));
        wanted.extend(also);
        self.tune.strip.wanted = wanted;
    }

    /// The picture of the selected region over the width that is left; a click opens the image there.
    pub(super) fn selected_picture_ui(&mut self, ui: &mut Ui, selected: Selected) {
        let place = (self.source_here(), selected.image, selected.region);
        let Some(bounds) = self.region_of(selected.image, selected.region) else { return };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 180.0), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Open the image at this region"));
        ui.painter().rect_filled(rect, 2, Theme::of(ui).raised);
        match self.tune.strip.pictures.get(&place) {
            Some((crop, texture)) => draw_crop(ui.painter(), rect, crop, texture, |class| self.class_colour(class)),
            None if !self.tune.strip.failed.contains(&place) => self.tune.strip.also = Some((place, bounds)),
            None => {}
        }
        theme::focus_ring(ui, &response);
        if response.on_hover_text("Open the image here").clicked() {
            self.open_region(selected);
        }
    }

    pub(super) fn tick_strip(&mut self, ctx: &Context) {
        self.take_strip_pictures(ctx);
        let strip = &mut self.tune.strip;
        let Some((_, side)) = strip.made_for else { return };
        if strip.job.is_some() || strip.wanted.is_empty() {
            return;
        }
        let mut by_image: Vec<(usize, Vec<(Place, PixelRect)>)> = Vec::new();
        for (place, bounds) in std::mem::take(&mut strip.wanted) {
            let is_full = by_image.len() == BATCH;
            match by_image.iter().position(|(image, _)| *image == place.1) {
                Some(at) => by_image[at].1.push((place, bounds)),
                None if !is_full => by_image.push((place.1, vec![(place, bounds)])),
                None => {}
            }
        }
        strip.in_job = by_image.iter().flat_map(|(_, places)| places.iter().map(|p| p.0)).collect();
        let source = strip.in_job.first().map_or(Source::Labels, |p| p.0);
        let maps: Vec<_> = (by_image.iter())
            .map(|(image, _)| match source {
                Source::Labels => self.session.surface(SurfaceId::Label(*image)).map(|s| s.map().clone()),
                Source::Predictions => self.analysis.predictions.get(*image).and_then(Option::as_ref).map(|p| p.map.clone()),
            })
            .collect();
        let project = self.session.shared_project();
        let job = Job::start("pictures", self.waker(), move |cx| {
            for ((image, places), map) in by_image.into_iter().zip(maps) {
                let rects: Vec<PixelRect> = places.iter().map(|p| p.1).collect();
                // What cannot be read is told where the image is shown; here its tile stays empty.
                let Ok(crops) = squares_of(&project, image, map, &rects, side, PICTURE_PX) else { continue };
                for ((place, _), crop) in places.into_iter().zip(crops) {
                    if !cx.send((place, crop)) {
                        return Ok(());
                    }
                }
            }
            Ok(())
        });
        self.tune.strip.job = Some(job);
    }

    fn take_strip_pictures(&mut self, ctx: &Context) {
        let strip = &mut self.tune.strip;
        let Some(job) = &mut strip.job else { return };
        loop {
            match job.poll() {
                JobNews::Result((place, crop)) => {
                    if strip.pictures.len() >= MOST {
                        strip.pictures.clear();
                    }
                    strip.in_job.retain(|p| *p != place);
                    strip.pictures.insert(place, (crop.clone(), crop_texture(ctx, &crop)));
                }
                JobNews::Working => return,
                JobNews::Finished | JobNews::Failed(_) => break,
            }
        }
        strip.failed.extend(strip.in_job.drain(..));
        strip.job = None;
        ctx.request_repaint();
    }
}

/// How many regions lie before either limit.
fn dividers(regions: &CellRegions, limit: &Limit) -> (usize, usize) {
    let accept = limit.accept_below.or(limit.reject_from).unwrap_or(f64::INFINITY);
    let reject = limit.reject_from.or(limit.accept_below).unwrap_or(f64::INFINITY);
    (regions.below(accept), regions.below(reject))
}

/// A limit between two neighbours with as few digits as tell it from both.
fn rounded_between(regions: &CellRegions, gap: usize, value: f64) -> f64 {
    (0..6)
        .map(|decimals: usize| format!("{value:.decimals$}").parse().unwrap_or(value))
        .find(|rounded| regions.below(*rounded) == gap)
        .unwrap_or(value)
}
