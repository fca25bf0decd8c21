//! Tools that find the pixels themselves: fill, level trace and the model's region show what a click would take; the wand grows while
//! it is dragged.

use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::paint::fill::{connected, region_at};
use delimit::paint::smart::{Connectivity, ModelPick, Wand, WandField, level_trace};
use delimit::predict::Prediction;
use delimit::raster::pyramid::Window;
use delimit::raster::{Area, BACKGROUND, Point};
use delimit::session::{SurfaceId, Tool};
use egui::Context;

use super::{Draft, Place, Shown, takes_away};
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, PointerEvent, PointerKind};
use crate::studio::work;

/// Larger areas are not shown before the click, and a level trace that grows beyond is none.
const MOST_PIXELS: u64 = 1_000_000;

/// Screen points of a drag that take the wand through the whole range of brightness.
const FULL_DRAG: f32 = 600.0;

/// What a click would take, and what it was found for.
pub struct Hover {
    key: HoverKey,
    pub shown: Shown,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct HoverKey {
    tool: Tool,
    surface: SurfaceId,
    pixel: (u32, u32),
    revision: u64,
    probability: u8,
}

/// The wand between press and release.
pub struct WandDraft {
    field: WandField,
    pressed_at: egui::Pos2,
    /// Tolerance at the press, as a share of the brightness shown.
    from: f64,
    pub shown: Shown,
    pub takes_away: bool,
    /// The area ended at its largest size, not at a border in the image.
    pub is_cut: bool,
}

/// The model's answer on one image, with its probabilities.
#[derive(Default)]
pub struct ModelLayer {
    image: Option<usize>,
    loading: Option<Job<Option<Prediction>>>,
    prediction: Option<Arc<Prediction>>,
    pick: Option<((u32, u32), ModelPick)>,
}

impl ModelLayer {
    /// The class of the region that is shown.
    pub fn picked_class(&self) -> Option<u8> {
        self.pick.as_ref().map(|(_, pick)| pick.class())
    }
}

impl Studio {
    pub(super) fn pick_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        if event.kind != PointerKind::Pressed {
            return;
        }
        let Some(pixel) = place.pixel(event.point) else { return };
        let is_taken_away = takes_away(event);
        if self.view.tool == Tool::Fill {
            let area = self.session.surface(place.surface).map(|s| connected(s.map(), pixel.0, pixel.1));
            if let Some(area) = area {
                self.commit_area(area, is_taken_away, ctx);
            }
            return;
        }
        match self.picked(place, pixel) {
            Some(area) if !area.is_empty() => {
                if self.view.tool == Tool::ModelRegion && !self.view.is_painting_zones {
                    self.take_model_class();
                }
                self.commit_area(area, is_taken_away, ctx);
            }
            _ => self.toasts.info(match self.view.tool {
                Tool::ModelRegion => "The model sees nothing here",
                _ => "No closed contour of this brightness here",
            }),
        }
    }

    /// Shows what a click would take.
    pub(super) fn hover_tool(&mut self, place: &Place, frame: &CanvasFrame) {
        if self.view.tool == Tool::ModelRegion {
            self.load_model_layer();
        }
        let shows = matches!(self.view.tool, Tool::Fill | Tool::LevelTrace | Tool::ModelRegion);
        let pixel = frame.hovered_pixel.filter(|_| shows && !frame.is_panning);
        let Some(pixel) = pixel else {
            self.hand.hover = None;
            return;
        };
        let revision = self.session.surface(place.surface).map_or(0, delimit::session::Surface::revision);
        let probability = self.view.settings.probability;
        let key = HoverKey { tool: self.view.tool, surface: place.surface, pixel, revision, probability };
        if self.hand.hover.as_ref().is_none_or(|h| h.key != key) {
            self.hand.hover = self.picked(place, pixel).map(|area| Hover { key, shown: Shown::of(area) });
        }
    }

    /// The pixels that a click at `pixel` would take.
    fn picked(&mut self, place: &Place, pixel: (u32, u32)) -> Option<Area> {
        match self.view.tool {
            // The background is too large to be shown in every frame, and everybody knows where it is.
            Tool::Fill => region_at(self.session.surface(place.surface)?.map(), pixel.0, pixel.1, Some(MOST_PIXELS)),
            Tool::LevelTrace => level_trace(place.pyramid.photo(), pixel.0, pixel.1, MOST_PIXELS),
            Tool::ModelRegion => self.model_region(pixel),
            _ => None,
        }
    }

    // --- the wand ------------------------------------------------------------------------------------------------------------

    pub(super) fn wand_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        match event.kind {
            PointerKind::Pressed => {
                let Some((x, y)) = place.pixel(event.point) else { return };
                let connectivity = if self.view.settings.wand_takes_corners { Connectivity::Eight } else { Connectivity::Four };
                let field = WandField::new(place.pyramid.photo(), x, y, connectivity, Wand::MAX_PIXELS);
                self.hand.draft = Draft::Wand(WandDraft {
                    field,
                    pressed_at: place.view.screen_from_image(event.point),
                    from: self.view.settings.wand_tolerance,
                    shown: Shown::default(),
                    takes_away: takes_away(event),
                    is_cut: false,
                });
                self.grow_wand(place, event.point);
            }
            PointerKind::Dragged => self.grow_wand(place, event.point),
            PointerKind::Released => {
                if let Draft::Wand(wand) = std::mem::take(&mut self.hand.draft) {
                    if wand.is_cut {
                        self.toasts.info("The wand ended at its largest size: less tolerance finds the border");
                    }
                    self.commit_area(Arc::unwrap_or_clone(wand.shown.area), wand.takes_away, ctx);
                }
            }
            PointerKind::Cancelled => self.hand.draft = Draft::Nothing,
        }
    }

    fn grow_wand(&mut self, place: &Place, point: Point) {
        let shown = self.shown_window(place);
        let Draft::Wand(wand) = &mut self.hand.draft else { return };
        let dragged = place.view.screen_from_image(point) - wand.pressed_at;
        // To the right and up is more.
        let share = (wand.from + f64::from((dragged.x - dragged.y) / FULL_DRAG)).clamp(0.0, 1.0);
        self.view.settings.wand_tolerance = share;
        let tolerance = share as f32 * (shown.white - shown.black).abs();
        let found = wand.field.at(place.pyramid.photo(), tolerance);
        (wand.shown, wand.is_cut) = (Shown::of(found.area), found.is_cut);
    }

    /// The raw values shown as black and white now: contrast that the eye sees is what the wand goes by.
    fn shown_window(&mut self, place: &Place) -> Window {
        match self.photo_key() {
            Some(key) => self.display_of(key, &place.pyramid).window,
            None => place.pyramid.auto_window(),
        }
    }

    // --- the model's region --------------------------------------------------------------------------------------------------

    /// Lower or higher probability for the model's region.
    pub(super) fn change_probability(&mut self, notches: f32) {
        let next = f32::from(self.view.settings.probability) + notches * 6.0;
        self.view.settings.probability = next.round().clamp(1.0, 255.0) as u8;
    }

    /// Reads what the model said about the image on the canvas, off the frame.
    fn load_model_layer(&mut self) {
        let image = self.view.image;
        let (project, waker) = (self.session.shared_project(), self.waker());
        let layer = &mut self.model_layer;
        if layer.image != Some(image) {
            *layer = ModelLayer { image: Some(image), ..ModelLayer::default() };
            layer.loading = Some(work::load_prediction(project, image, waker));
        }
        if let Some(job) = &mut layer.loading {
            match job.poll() {
                JobNews::Result(found) => layer.prediction = found.map(Arc::new),
                JobNews::Working => {}
                JobNews::Finished | JobNews::Failed(_) => layer.loading = None,
            }
        }
    }

    fn model_region(&mut self, pixel: (u32, u32)) -> Option<Area> {
        let threshold = self.view.settings.probability;
        let layer = &mut self.model_layer;
        let prediction = Arc::clone(layer.prediction.as_ref()?);
        if layer.pick.as_ref().is_none_or(|(at, _)| *at != pixel) {
            layer.pick = ModelPick::new(&prediction.class, &prediction.probability, pixel.0, pixel.1).map(|pick| (pixel, pick));
        }
        let (_, pick) = layer.pick.as_mut()?;
        Some(pick.at(&prediction.class, &prediction.probability, threshold))
    }

    /// The class that the model gave comes into the hand with its region.
    fn take_model_class(&mut self) {
        if let Some(class) = self.model_layer.picked_class().filter(|&class| class != BACKGROUND) {
            self.view.class = class;
        }
    }
}
