//! The filmstrip: every image with its state and verdict, only the visible ones drawn.

use delimit::project::LabelState;
use egui::{ScrollArea, Ui, vec2};

use super::app::Studio;
use super::state::FilmOrder;
use super::widgets::{Mark, Thumbnail, WorkState};

impl Studio {
    /// Images of the current part number in the order of the strip.
    pub fn film(&self) -> Vec<usize> {
        let project = self.session.project();
        let mut list: Vec<usize> =
            (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(self.view.part_number)).collect();
        if self.view.film_order == FilmOrder::Disagreement && self.view.workspace == delimit::session::command::Workspace::Compare {
            list.sort_by_key(|&i| std::cmp::Reverse(self.analysis.disagreement(i).unwrap_or(0)));
        }
        list
    }

    pub fn filmstrip_ui(&mut self, ui: &mut Ui) {
        let film = self.film();
        let selected = film.iter().position(|&i| i == self.view.image);
        let cell = Thumbnail::SIZE + vec2(4.0, 0.0);
        let mut area = ScrollArea::horizontal().id_salt("filmstrip").auto_shrink(false);
        // The image on the canvas is kept in view when it changes, and only then.
        if self.film_shows != Some(self.view.image)
            && let Some(at) = selected
        {
            let middle = at as f32 * cell.x - (ui.available_width() - cell.x) / 2.0;
            area = area.horizontal_scroll_offset(middle.max(0.0));
            self.film_shows = Some(self.view.image);
        }
        let mut clicked = None;
        ui.add_space(4.0);
        area.show_viewport(ui, |ui, viewport| {
            let total = film.len() as f32 * cell.x;
            ui.set_width(total.max(1.0));
            ui.set_height(cell.y);
            let first = (viewport.min.x / cell.x).floor().max(0.0) as usize;
            let last = ((viewport.max.x / cell.x).ceil() as usize).min(film.len());
            let origin = ui.max_rect().min;
            for (at, &image) in film.iter().enumerate().take(last).skip(first) {
                let place = egui::Rect::from_min_size(origin + vec2(at as f32 * cell.x, 0.0), Thumbnail::SIZE);
                let mut cell_ui = ui.new_child(egui::UiBuilder::new().max_rect(place).id_salt(image));
                if self.thumbnail(image).show(&mut cell_ui).clicked() {
                    clicked = Some(image);
                }
            }
        });
        if let Some(image) = clicked {
            self.view.is_painting_zones = false;
            self.film_shows = Some(image);
            self.go_to(image);
        }
    }

    fn thumbnail(&self, image: usize) -> Thumbnail<'_> {
        let state = match self.session.sidecar(image).state {
            LabelState::Todo => WorkState::Untouched,
            LabelState::InProgress | LabelState::Flagged => WorkState::InWork,
            LabelState::Done | LabelState::Reviewed | LabelState::Approved => WorkState::Done,
        };
        Thumbnail {
            name: &self.session.project().images()[image].part,
            texture: self.thumbnails.get(&image).map(|t| (t.id(), t.size_vec2())),
            state,
            mark: self.mark_of_image(image),
            is_selected: image == self.view.image,
        }
    }

    /// The verdict on the part that an image belongs to.
    pub fn mark_of_image(&self, image: usize) -> Option<Mark> {
        let part = self.part_of_image(image)?;
        let verdict = self.analysis.evaluation(self.source_here())?.verdict_of_part(part)?;
        Some(mark_of(verdict))
    }

    /// Index of the part that an image belongs to.
    pub fn part_of_image(&self, image: usize) -> Option<usize> {
        self.part_by_image.get(image).copied()
    }
}

/// The mark of a verdict.
pub const fn mark_of(verdict: delimit::judge::Verdict) -> Mark {
    match verdict {
        delimit::judge::Verdict::Ok => Mark::Ok,
        delimit::judge::Verdict::Review => Mark::Review,
        delimit::judge::Verdict::Ng => Mark::Ng,
    }
}
