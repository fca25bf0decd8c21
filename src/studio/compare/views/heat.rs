//! How probable a defect is, pixel by pixel: from what the model said with its probabilities, as even colours with their bar.

use std::sync::Arc;

use delimit::jobs::Job;
use delimit::predict::Prediction;
use delimit::raster::{LabelMap, MaxPyramid, Plane};
use delimit::session::command::CompareView;
use egui::{FontId, Mesh, Rect, Shape, StrokeKind, pos2, vec2};

use super::Side;
use super::prepared::Prepared;
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, Palette};
use crate::studio::theme::{BODY_SIZE, CAPTION_SIZE, CARD_RADIUS, Theme, heat_colour};
use crate::studio::work;

/// The bar of colours, in points.
const BAR: egui::Vec2 = vec2(200.0, 10.0);

/// The model's map, and the class that is asked about.
type Key = (u64, Option<u8>);

/// Probabilities that can be drawn.
#[derive(Clone)]
pub struct Heat {
    /// `round(255 · p)`, with the largest of each square zoomed out.
    pub levels: Arc<MaxPyramid>,
    /// Of its textures.
    pub revision: u64,
}

/// What was read and worked out for the images that were looked at last.
pub struct Heats {
    /// By the identity of the model's map; None when no probabilities are kept.
    read: Prepared<u64, Option<Arc<Prediction>>>,
    made: Prepared<Key, Heat>,
}

impl Default for Heats {
    fn default() -> Self {
        Self { read: Prepared::new(3), made: Prepared::new(6) }
    }
}

impl Heats {
    pub const fn is_busy(&self) -> bool {
        self.read.is_busy() || self.made.is_busy()
    }

    pub fn poll(&mut self) -> Option<String> {
        self.read.poll().or_else(|| self.made.poll())
    }
}

/// `round(255 · p)` of "here is a defect" for every pixel: the probability of the class that won, or what "no defect" leaves over. With
/// a class: its probability where it won, 0 elsewhere, for what a class that lost had is not kept.
fn levels(prediction: &Prediction, class: Option<u8>) -> Plane<u8> {
    let mut levels = prediction.probability.clone();
    let won = prediction.class.to_plane();
    for (level, &id) in levels.as_mut_slice().iter_mut().zip(won.as_slice()) {
        *level = match class {
            Some(class) if id == class => *level,
            Some(_) => 0,
            None if id == 0 => 255 - *level,
            None => *level,
        };
    }
    levels
}

impl Studio {
    fn heat_key(&mut self, image: usize) -> Option<Key> {
        Some((self.side_map(Side::Model, image)?.identity, self.view.compare.heat_class))
    }

    pub(super) fn want_heat(&mut self, image: usize) {
        let Some(key) = self.heat_key(image) else { return };
        let (project, waker) = (self.session.shared_project(), self.waker());
        let heats = &mut self.compare_views.heats;
        heats.read.want(key.0, || {
            let mut reading = work::load_prediction(project, image, Arc::clone(&waker));
            Job::start("probabilities", Arc::clone(&waker), move |cx| {
                if let delimit::jobs::JobNews::Result(found) = reading.wait() {
                    cx.send(found.map(Arc::new));
                }
                Ok(())
            })
        });
        let Some(Some(prediction)) = heats.read.get(&key.0) else { return };
        let prediction = Arc::clone(prediction);
        heats.made.want(key, move || {
            Job::start("heat", waker, move |cx| {
                let levels = levels(&prediction, key.1);
                let levels = Arc::new(MaxPyramid::build(LabelMap::from_plane(&levels)));
                cx.send(Heat { levels, revision: key.0 << 9 | key.1.map_or(256, u64::from) });
                Ok(())
            })
        });
    }

    /// The probabilities of an image as soon as they are there.
    pub(super) fn heat(&mut self, image: usize) -> Option<Heat> {
        let key = self.heat_key(image)?;
        self.compare_views.heats.made.get(&key).cloned()
    }

    /// The probability at a pixel of the image on the canvas, 0..=1, while it is shown.
    fn heat_at(&mut self, (x, y): (u32, u32)) -> Option<f32> {
        if self.view.compare.view != CompareView::Heat {
            return None;
        }
        let heat = self.heat(self.view.image)?;
        Some(f32::from(heat.levels.map().get(x, y)) / 255.0)
    }

    /// Whose probability is shown.
    fn heat_name(&self) -> String {
        self.view.compare.heat_class.map_or_else(|| "any defect".to_owned(), |class| self.session.project().class_name(class))
    }

    /// The probability under the pointer, for the status line.
    pub(super) fn heat_words(&mut self, pixel: (u32, u32)) -> Option<String> {
        let p = self.heat_at(pixel)?;
        Some(format!("p({}) {p:.3}", self.heat_name()))
    }

    /// The bar of colours in the corner of the canvas, with a mark at the value under the pointer.
    pub(super) fn draw_heat_bar(&mut self, frame: &CanvasFrame, image: usize) {
        const PAD: f32 = 8.0;
        let theme = Theme::of_context(frame.painter.ctx());
        let is_absent = self.heat_key(image).is_some_and(|key| matches!(self.compare_views.heats.read.get(&key.0), Some(None)));
        let title = if is_absent {
            "No probabilities are kept of this image: run the model again".to_owned()
        } else {
            match self.view.compare.heat_class {
                None => "Probability of any defect".to_owned(),
                Some(_) => format!("Probability of {} where it wins", self.heat_name()),
            }
        };
        let title = frame.painter.layout_no_wrap(title, FontId::proportional(BODY_SIZE - 1.0), theme.text);
        let tick = |text: &str| frame.painter.layout_no_wrap(text.to_owned(), FontId::proportional(CAPTION_SIZE), theme.faint);
        let ticks = ["0", "0.5", "1"].map(tick);
        let size = vec2(BAR.x.max(title.size().x), title.size().y + 4.0 + BAR.y + 3.0 + ticks[0].size().y) + vec2(PAD, PAD) * 2.0;
        let viewport = frame.view.viewport();
        let card = Rect::from_min_size(pos2(viewport.min.x + 12.0, viewport.max.y - 12.0 - size.y), size);
        if !viewport.contains_rect(card) {
            return;
        }
        let painter = &frame.painter;
        painter.rect(card, CARD_RADIUS, theme.float.gamma_multiply(0.94), theme.hairline(), StrokeKind::Outside);
        let at = card.min + vec2(PAD, PAD);
        let bar = Rect::from_min_size(pos2(at.x, at.y + title.size().y + 4.0), BAR);
        painter.galley(at, title, theme.text);
        // On the ground of the canvas: colours that let the photo through do so here too.
        painter.rect_filled(bar, 0, theme.canvas_ground);
        let mut mesh = Mesh::default();
        for i in 0..=64_u8 {
            let x = bar.min.x + f32::from(i) / 64.0 * bar.width();
            let colour = heat_colour(f32::from(i) / 64.0);
            mesh.colored_vertex(pos2(x, bar.min.y), colour);
            mesh.colored_vertex(pos2(x, bar.max.y), colour);
            if i > 0 {
                let n = u32::from(i) * 2;
                mesh.add_triangle(n - 2, n - 1, n);
                mesh.add_triangle(n - 1, n, n + 1);
            }
        }
        painter.add(Shape::mesh(mesh));
        painter.rect_stroke(bar, 0, theme.hairline(), StrokeKind::Outside);
        for (galley, share) in ticks.into_iter().zip([0.0_f32, 0.5, 1.0]) {
            let x = bar.min.x + share * (bar.width() - galley.size().x);
            painter.galley(pos2(x, bar.max.y + 3.0), galley, theme.faint);
        }
        if let Some(p) = frame.hovered_pixel.and_then(|pixel| self.heat_at(pixel)) {
            let x = bar.min.x + p * bar.width();
            for (width, colour) in [(4.0, theme.halo), (2.0, theme.ink)] {
                painter.vline(x, bar.y_range().expand(2.0), egui::Stroke::new(width, colour));
            }
        }
    }
}

/// The colours of the 256 levels.
pub fn heat_palette() -> Palette {
    Palette(std::array::from_fn(|level| heat_colour(level as f32 / 255.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_the_probability_of_a_defect_and_of_one_class() {
        let class = LabelMap::from_plane(&Plane::from_vec(4, 1, vec![0, 0, 1, 2]));
        let prediction = Prediction::new(class, Plane::from_vec(4, 1, vec![255, 200, 180, 140]), "");
        assert_eq!(levels(&prediction, None).as_slice(), &[0, 55, 180, 140]);
        assert_eq!(levels(&prediction, Some(1)).as_slice(), &[0, 0, 180, 0]);
        assert_eq!(levels(&prediction, Some(3)).as_slice(), &[0, 0, 0, 0]);
    }
}
