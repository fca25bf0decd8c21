//! The decision at the cursor: the region under the pointer as it is now, mid-stroke too, with its size, its verdict, and how far it
//! is from the next one.

use delimit::judge::{Margin, Verdict, judge_region, next_better, next_worse};
use delimit::measure::{Feature, Grouping, Region};
use delimit::raster::Point;
use delimit::session::SurfaceId;
use delimit::workflow::measuring::{Ground, region_under};
use egui::{Align2, vec2};

use super::Place;
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, draw};
use crate::studio::filmstrip::mark_of;
use crate::studio::state::Source;
use crate::studio::theme::Theme;
use crate::studio::work::PhotoKey;
use crate::studio::workspaces::label::region_figures;

/// Larger regions are measured in the background only.
const MOST_PIXELS: u64 = 2_000_000;

/// The region under the pointer, and what it was measured for.
#[derive(Default)]
pub struct LiveRegion {
    key: Option<(SurfaceId, (u32, u32), u64)>,
    pub region: Option<Region>,
    grouping: Grouping,
}

impl Studio {
    /// Measures the region under the pointer when it or the map changed.
    pub(super) fn refresh_live(&mut self, place: &Place, frame: &CanvasFrame) {
        let Some(pixel) = frame.hovered_pixel.filter(|_| matches!(place.surface, SurfaceId::Label(_))) else {
            self.hand.live = LiveRegion::default();
            return;
        };
        let Some(surface) = self.session.surface(place.surface) else { return };
        let key = Some((place.surface, pixel, surface.revision()));
        let image = self.view.image;
        if self.hand.live.key == key && self.hand.live.grouping == *self.session.grouping(image) {
            return;
        }
        let part_number = self.session.project().part_numbers.get(self.view.part_number);
        let zones = self.session.surface(SurfaceId::Zones(self.view.part_number)).map(delimit::session::Surface::map);
        let photo = self.photo(PhotoKey::Image(image)).and_then(|p| p.as_ref().ok()).map(|p| p.photo());
        let ground = Ground { part_number, zones, label: surface.map(), grouping: self.session.grouping(image), photo };
        let wanted = part_number.map(|_| self.session.wanted(self.view.part_number)).unwrap_or_default();
        let region = region_under(&ground, pixel, MOST_PIXELS, &wanted);
        self.hand.live = LiveRegion { key, region, grouping: self.session.grouping(image).clone() };
    }

    /// The region under the pointer as it is now.
    #[cfg(test)]
    pub const fn live_region(&self) -> Option<&Region> {
        self.hand.live.region.as_ref()
    }

    /// The verdict on a region under the ruleset on the screen, and the words on the way to the next one.
    pub fn decision_on(&self, region: &Region) -> Option<(Verdict, Option<Margin>)> {
        let rules = self.analysis.evaluation(Source::Labels)?.board().rules();
        let verdict = judge_region(region, rules);
        Some((verdict, next_worse(region, rules).or_else(|| next_better(region, rules))))
    }

    /// The card beside the pointer.
    pub fn draw_live_chip(&self, frame: &CanvasFrame) {
        let (Some(region), Some((x, y))) = (&self.hand.live.region, frame.hovered_pixel) else { return };
        let theme = Theme::of_context(frame.painter.ctx());
        let calibration = self.session.project().part_numbers.get(self.view.part_number).and_then(|p| p.calibration);
        let title = format!("{} · {}", self.session.project().class_name(region.class), region_figures(region));
        let width = region.feature(Feature::Width);
        let title = if width.is_nan() { title } else { format!("{title} × {width:.2} mm") };
        let decision = self.decision_on(region).map(|(verdict, margin)| {
            let way = margin.map_or_else(String::new, |m| format!(" · {}", m.words(calibration)));
            (format!("{}{way}", verdict.word()), mark_of(verdict).text_colour(theme))
        });
        let mut lines = vec![(title.as_str(), None)];
        if let Some((words, colour)) = &decision {
            lines.push((words.as_str(), Some(*colour)));
        }
        let at = frame.view.screen_from_image(Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5));
        let tip = if self.view.tool.has_tip() { self.view.tool_px() as f32 } else { 0.0 };
        let offset = (frame.view.points_per_pixel() * tip / 2.0).min(160.0) + 14.0;
        let colour = self.class_colour(region.class);
        draw::draw_card(&frame.painter, at + vec2(offset, offset), Align2::LEFT_TOP, colour, &lines);
    }
}
