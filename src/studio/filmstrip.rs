//! The filmstrip: the images that the filter lets through with state and verdict, only the visible ones drawn.

use egui::{ScrollArea, Ui, vec2};

use super::app::Studio;
use super::theme::Theme;
use super::widgets::{Mark, Thumbnail};

impl Studio {
    pub fn filmstrip_ui(&mut self, ui: &mut Ui) {
        self.film_bar_ui(ui);
        let film = self.film();
        if film.is_empty() {
            let text =
                if self.film_state.list.is_filtered() { "No image is like this; clear the filter to see all" } else { "No image" };
            ui.add_space(24.0);
            ui.vertical_centered(|ui| ui.label(super::theme::caption(ui, text)));
            return;
        }
        let cell = Thumbnail::SIZE + vec2(4.0, 0.0);
        let mut area = ScrollArea::horizontal().id_salt("filmstrip").auto_shrink(false);
        // The image on the canvas is kept in view when it changes, and only then.
        if self.film_shows != Some(self.view.image)
            && let Some(at) = self.film_state.list.position(self.view.image)
        {
            let middle = at as f32 * cell.x - (ui.available_width() - cell.x) / 2.0;
            area = area.horizontal_scroll_offset(middle.max(0.0));
            self.film_shows = Some(self.view.image);
        }
        let mut clicked = None;
        area.show_viewport(ui, |ui, viewport| {
            let total = film.len() as f32 * cell.x;
            ui.set_width(total.max(1.0));
            ui.set_height(cell.y);
            let first = (viewport.min.x / cell.x).floor().max(0.0) as usize;
            let last = ((viewport.max.x / cell.x).ceil() as usize).min(film.len());
            self.want_thumbnails(&film, first, last);
            let origin = ui.max_rect().min;
            for (at, &image) in film.iter().enumerate().take(last).skip(first) {
                let place = egui::Rect::from_min_size(origin + vec2(at as f32 * cell.x, 0.0), Thumbnail::SIZE);
                let mut cell_ui = ui.new_child(egui::UiBuilder::new().max_rect(place).id_salt(image));
                if self.thumbnail_ui(&mut cell_ui, image) {
                    clicked = Some(image);
                }
                // Images of one part that stand side by side hang together.
                if film.get(at + 1).is_some_and(|&next| self.part_of_image(next) == self.part_of_image(image)) {
                    let gap = egui::Rect::from_min_max(place.right_top() + vec2(-2.0, 22.0), place.right_top() + vec2(6.0, 40.0));
                    ui.painter().rect_filled(gap, 0, Theme::of(ui).strong_line);
                }
            }
        });
        if let Some(image) = clicked {
            self.view.is_painting_zones = false;
            self.film_shows = Some(image);
            self.go_to(image);
        }
    }

    /// What is in view, what comes next on both sides, and the other views of the part on the canvas.
    fn want_thumbnails(&mut self, film: &[usize], first: usize, last: usize) {
        let shown = last.saturating_sub(first);
        let middle = usize::midpoint(first, last);
        let mut near: Vec<usize> = (first.saturating_sub(shown)..(last + shown).min(film.len())).collect();
        near.sort_by_key(|at| at.abs_diff(middle));
        let views = self.part_of_image(self.view.image).and_then(|p| self.session.project().parts().get(p));
        let views: Vec<usize> = views.filter(|p| p.images.len() > 1).map_or_else(Vec::new, |p| p.images.clone());
        let wanted: Vec<usize> = near.into_iter().map(|at| film[at]).chain(views).collect();
        self.film_state.thumbnails.want(wanted);
    }

    fn thumbnail_ui(&mut self, ui: &mut Ui, image: usize) -> bool {
        let texture = self.film_state.thumbnails.get(image).map(|t| (t.id(), t.size_vec2()));
        let sidecar = self.session.sidecar(image);
        let project = self.session.project();
        let entry = &project.images()[image];
        let has_views = self.part_of_image(image).and_then(|p| project.parts().get(p)).is_some_and(|p| p.images.len() > 1);
        let thumbnail = Thumbnail {
            name: if has_views { &entry.id } else { &entry.part },
            texture,
            state: sidecar.state,
            open_notes: sidecar.open_notes().count(),
            mark: self.mark_of_image(image),
            is_selected: image == self.view.image,
        };
        thumbnail.show(ui).clicked()
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
