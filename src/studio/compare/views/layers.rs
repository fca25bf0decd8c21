//! What lies over the photo in each view: maps with their colours, and the tags that say which side is which.

use delimit::session::SurfaceId;
use delimit::session::command::CompareView;
use egui::{Align2, Rect, vec2};

use super::difference::difference_palette;
use super::heat::heat_palette;
use super::{Side, wipe};
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, Layer, draw};
use crate::studio::stage::{LABELS, OUTLINES};
use crate::studio::theme::Theme;
use crate::studio::work::PhotoKey;

/// Layers of one image, told apart for their textures; the label has the ones of the other workspaces.
const DIFFERENCE: u64 = 2;
const MODEL: u64 = 4;
const CANDIDATE: u64 = 6;
const HEAT: u64 = 8;

/// How opaque maps are that are themselves the subject.
const SUBJECT: f32 = 0.85;

impl Studio {
    /// The layers over the photo of a compared image on one canvas.
    pub fn compare_layers(&mut self, image: usize, viewport: Rect, theme: &Theme) -> Vec<Layer> {
        let [first, second] = self.view.compare.sides;
        let view = self.view.compare.view;
        match view {
            // With one side only there is no difference; what there is is shown.
            CompareView::Difference => match [first, second].map(|side| self.side_map(side, image).is_some()) {
                [true, true] => self.difference_layer(image, theme).into_iter().collect(),
                [true, false] => self.side_layers(first, image, None),
                [false, _] => self.side_layers(second, image, None),
            },
            CompareView::Heat => self.heat_layer(image).into_iter().collect(),
            CompareView::Wipe => {
                let [left, right] = wipe::parts(viewport, self.view.compare.divider);
                let mut layers = self.side_layers(first, image, Some(left));
                layers.extend(self.side_layers(second, image, Some(right)));
                layers
            }
            // The second canvas asks for its side itself.
            CompareView::SideBySide => self.side_layers(first, image, None),
            CompareView::Label | CompareView::Model | CompareView::Candidate | CompareView::Blink => {
                self.side_alone().map_or_else(Vec::new, |side| self.side_layers(side, image, None))
            }
        }
    }

    fn difference_layer(&mut self, image: usize, theme: &Theme) -> Option<Layer> {
        let found = self.difference(image)?;
        Some(Layer {
            key: DIFFERENCE,
            map: found.pooled.map().clone(),
            pooled: Some(found.pooled),
            revision: found.revision,
            palette: difference_palette(theme, self.view.compare.tolerance_px),
            opacity: SUBJECT,
            clip: None,
            is_outline: false,
        })
    }

    fn heat_layer(&mut self, image: usize) -> Option<Layer> {
        let heat = self.heat(image)?;
        Some(Layer {
            key: HEAT,
            map: heat.levels.map().clone(),
            pooled: Some(heat.levels),
            revision: heat.revision,
            palette: heat_palette(),
            opacity: 1.0,
            clip: None,
            is_outline: false,
        })
    }

    /// One side in the colours of its classes, filled and outlined as the settings of the display say.
    pub(super) fn side_layers(&mut self, side: Side, image: usize, clip: Option<Rect>) -> Vec<Layer> {
        let Some(said) = self.side_map(side, image) else { return Vec::new() };
        let palette = self.label_palette(PhotoKey::Image(image));
        // The label's textures are those of the other workspaces, and follow its own count of changes.
        let (fill, outline, revision) = match side {
            Side::Label => {
                let revision = self.session.surface(SurfaceId::Label(image)).map_or(0, delimit::session::Surface::revision);
                (LABELS, OUTLINES, revision)
            }
            Side::Model => (MODEL, MODEL + 1, said.identity),
            Side::Candidate => (CANDIDATE, CANDIDATE + 1, said.identity),
        };
        let mut layers =
            Layer::of_labels([fill, outline], &said.map, revision, &palette, self.view.viewing.style, self.view.opacity);
        for layer in &mut layers {
            layer.clip = clip;
        }
        layers
    }

    /// What stands over the image in a view: tags, divider, bar of colours.
    pub fn draw_compare(&mut self, frame: &CanvasFrame, image: usize) {
        let viewport = frame.view.viewport();
        let [first, second] = self.view.compare.sides;
        let view = self.view.compare.view;
        match view {
            CompareView::Difference => {
                let missing = [first, second].into_iter().find(|side| self.side_map(*side, image).is_none());
                if let Some(side) = missing {
                    self.draw_side_tag(frame, side, image, viewport, Align2::LEFT_TOP);
                }
            }
            CompareView::Heat => self.draw_heat_bar(frame, image),
            CompareView::Wipe => {
                let [left, right] = wipe::parts(viewport, self.view.compare.divider);
                self.draw_divider(frame);
                self.draw_side_tag(frame, first, image, left, Align2::RIGHT_TOP);
                self.draw_side_tag(frame, second, image, right, Align2::LEFT_TOP);
            }
            CompareView::SideBySide => self.draw_side_tag(frame, first, image, viewport, Align2::LEFT_TOP),
            CompareView::Label | CompareView::Model | CompareView::Candidate | CompareView::Blink => {
                if let Some(side) = self.side_alone() {
                    self.draw_side_tag(frame, side, image, viewport, Align2::LEFT_TOP);
                }
            }
        }
    }

    /// Says in a corner of `part` which side is shown there.
    pub(super) fn draw_side_tag(&mut self, frame: &CanvasFrame, side: Side, image: usize, part: Rect, corner: Align2) {
        let theme = Theme::of_context(frame.painter.ctx());
        let text = match side {
            Side::Label => "Label".to_owned(),
            _ if self.side_map(side, image).is_none() => format!("{}: not run on this image", side.label()),
            _ => side.label().to_owned(),
        };
        let at = corner.pos_in_rect(&part) + corner.to_sign() * vec2(-10.0, -12.0);
        // A part that is too narrow for its tag cuts it rather than lending it to the other side.
        let painter = frame.painter.with_clip_rect(part.intersect(frame.painter.clip_rect()));
        draw::draw_tag(&painter, at, corner, &text, side.colour(theme));
    }
}
