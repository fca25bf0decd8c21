//! The defect book: a page per class that says how it is drawn, how exactly, and shows what is one and what is not.

use std::collections::{HashMap, HashSet};

use delimit::check::BoundaryKind;
use delimit::jobs::{Job, JobNews};
use delimit::project::{BookExample, Class};
use delimit::raster::PixelRect;
use delimit::session::SurfaceId;
use delimit::session::command::Workspace;
use delimit::workflow::crops::{Crop, crops_of};
use egui::{
    Align, Context, Label, Layout, RichText, ScrollArea, Sense, Stroke, TextEdit, TextureHandle, Ui, WidgetInfo, Window, vec2,
};

use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{crop_texture, draw_crop, row_content, row_ground, section, settled_value};

/// Side of a picture, in points, and the most pixels of its longer side.
const PICTURE: f32 = 128.0;
const PICTURE_PX: u32 = 256;

/// Where a picture comes from: index of the image, and what of it.
type Place = (usize, PixelRect);

/// What the book shows at the moment.
#[derive(Default)]
pub struct Book {
    pub is_open: bool,
    class: Option<u8>,
    /// The guideline while it is being written, with its class.
    text: Option<(u8, String)>,
    caption: Option<(usize, String)>,
    pictures: HashMap<Place, (Crop, TextureHandle)>,
    failed: HashSet<Place>,
    job: Option<Job<(Place, Crop)>>,
    in_job: Vec<Place>,
}

impl Book {
    /// Opens the page of a class.
    pub const fn show(&mut self, class: u8) {
        self.class = Some(class);
    }

    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }
}

/// What is done on a page.
enum Deed {
    Change(Box<dyn FnOnce(&mut Class)>),
    Go(usize, PixelRect),
}

impl Studio {
    /// Opens the book on the page of the finding at hand, or of the class in the hand; closes it when it is open.
    pub(super) fn switch_book(&mut self) {
        let in_hand = self.finding_in_hand().filter(|f| f.finding.region.is_some()).map(|f| f.finding.class);
        let is_opened = !self.checking.book.is_open;
        let class = in_hand.filter(|_| self.view.workspace == Workspace::Check).unwrap_or(self.view.class);
        if is_opened && self.session.project().class(class).is_some() {
            self.checking.book.show(class);
        }
        self.checking.book.is_open = is_opened;
    }

    pub fn book_ui(&mut self, ctx: &Context) {
        self.take_pictures(ctx);
        if !self.checking.book.is_open {
            return;
        }
        let mut is_open = true;
        let theme = Theme::of_context(ctx);
        let frame = egui::Frame::window(&ctx.style_of(ctx.theme())).fill(theme.panel);
        let middle = ctx.content_rect().center();
        let window = Window::new("Defect book").open(&mut is_open).frame(frame).collapsible(false).default_size([720.0, 560.0]);
        window.min_width(560.0).pivot(egui::Align2::CENTER_CENTER).default_pos(middle).show(ctx, |ui| {
            let Some(first) = self.session.project().classes.first().map(|c| c.id) else {
                ui.label("The project has no class yet; add one to project.ron");
                return;
            };
            let id = *self.checking.book.class.get_or_insert(first);
            ui.horizontal_top(|ui| {
                ui.allocate_ui_with_layout(vec2(160.0, ui.available_height()), Layout::top_down(Align::Min), |ui| {
                    self.chapters_ui(ui, id);
                });
                ui.separator();
                ui.vertical(|ui| {
                    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.page_ui(ui, id));
                });
            });
        });
        if !is_open {
            self.checking.book.is_open = false;
        }
    }

    fn chapters_ui(&mut self, ui: &mut Ui, id: u8) {
        let classes: Vec<(u8, String, usize)> =
            self.session.project().classes.iter().map(|c| (c.id, c.name.clone(), c.examples.len())).collect();
        for (class, name, examples) in classes {
            let (rect, response) = ui.allocate_exact_size(vec2(156.0, 28.0), Sense::click());
            response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, class == id, format!("Page of {name}")));
            row_ground(ui, rect, &response, class == id);
            let colour = self.class_colour(class);
            let mut row = row_content(ui, rect);
            let (place, _) = row.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            row.painter().rect_filled(place, 2, colour);
            row.add(Label::new(name).truncate().selectable(false));
            if examples > 0 {
                row.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.add(Label::new(theme::caption(ui, examples.to_string())).selectable(false));
                });
            }
            if response.clicked() {
                self.keep_guideline(ui.ctx());
                self.checking.book.class = Some(class);
                self.checking.book.caption = None;
            }
        }
    }

    fn page_ui(&mut self, ui: &mut Ui, id: u8) {
        let Some(class) = self.session.project().class(id).cloned() else {
            self.checking.book.class = None;
            return;
        };
        let can_write = !self.session.is_read_only();
        let mut deed = None;
        ui.horizontal(|ui| {
            let (place, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
            ui.painter().rect_filled(place, 3, self.class_colour(id));
            ui.label(RichText::new(&class.name).size(theme::HEADING_SIZE));
        });
        ui.add_enabled_ui(can_write, |ui| {
            self.guideline_ui(ui, &class);
            section(ui, "How exactly", None);
            deed = precision_ui(ui, &class, self.session.project().tolerance_px);
            for (is_good, title, hint) in [
                (true, "Examples", "Choose a finding or region and press Example in Check: it is shown here."),
                (false, "Counter-examples", "What looks like one and is none, or is drawn wrongly."),
            ] {
                let count = class.examples.iter().filter(|e| e.is_good == is_good).count();
                section(ui, title, Some(count));
                if count == 0 {
                    ui.add(Label::new(theme::caption(ui, hint)).wrap());
                }
                ui.horizontal_wrapped(|ui| {
                    for (at, example) in class.examples.iter().enumerate().filter(|(_, e)| e.is_good == is_good) {
                        if let Some(wanted) = self.example_ui(ui, at, example) {
                            deed = Some(wanted);
                        }
                    }
                });
            }
        });
        match deed {
            Some(Deed::Change(change)) => {
                self.try_session(|s| s.change_class(id, change));
                self.touch(ui.ctx());
            }
            Some(Deed::Go(image, bounds)) => {
                self.go_to(image);
                self.canvas.centre_on(bounds);
            }
            None => {}
        }
    }

    /// What annotators need to know; written when the field is left.
    fn guideline_ui(&mut self, ui: &mut Ui, class: &Class) {
        section(ui, "Guideline", None);
        let book = &mut self.checking.book;
        let mut text = match &book.text {
            Some((id, text)) if *id == class.id => text.clone(),
            _ => class.note.clone(),
        };
        let field = TextEdit::multiline(&mut text).desired_rows(3).desired_width(f32::INFINITY);
        let field = ui.add(field.hint_text("How is it drawn? Where does it end? What does not belong to it?"));
        let field = field.accessible_name("Guideline");
        if field.changed() {
            book.text = Some((class.id, text));
        }
        if field.lost_focus() {
            self.keep_guideline(ui.ctx());
        }
    }

    pub(super) fn keep_guideline(&mut self, ctx: &Context) {
        if let Some((id, text)) = self.checking.book.text.take() {
            self.try_session(|s| s.change_class(id, |c| text.trim().clone_into(&mut c.note)));
            self.touch(ctx);
        }
    }

    /// The picture of an example with its caption and what can be done with it.
    fn example_ui(&mut self, ui: &mut Ui, at: usize, example: &BookExample) -> Option<Deed> {
        let image = self.session.project().images().iter().position(|i| i.id == example.image);
        let theme = Theme::of(ui);
        let mut deed = None;
        ui.allocate_ui_with_layout(vec2(PICTURE, PICTURE + 48.0), Layout::top_down(Align::Min), |ui| {
            let (rect, response) = ui.allocate_exact_size(vec2(PICTURE, PICTURE), Sense::click());
            let kind = if example.is_good { "Example" } else { "Counter-example" };
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("{kind} on {}", example.image)));
            ui.painter().rect_filled(rect, theme::RADIUS, theme.canvas_ground);
            let place = image.map(|image| (image, example.bounds));
            if let Some(place) = place {
                self.want_picture(place);
            }
            if let Some((crop, texture)) = place.and_then(|place| self.checking.book.pictures.get(&place)) {
                draw_crop(ui.painter(), rect, crop, texture, |class| self.class_colour(class));
            } else {
                let words = if image.is_none() { "image is gone" } else { "" };
                let font = egui::FontId::proportional(theme::CAPTION_SIZE);
                ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, words, font, theme.faint);
            }
            theme::focus_ring(ui, &response);
            let ink = if example.is_good { theme.ok } else { theme.ng };
            ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.5, ink), egui::StrokeKind::Inside);
            let response = response.on_hover_text(format!("{}\nadded by {}", example.image, example.added.by));
            if let (Some(image), true) = (image, response.clicked()) {
                deed = Some(Deed::Go(image, example.bounds));
            }
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                let caption =
                    self.checking.book.caption.as_ref().filter(|(row, _)| *row == at).map_or(&example.caption, |(_, t)| t);
                let mut text = caption.clone();
                let field = ui.add(TextEdit::singleline(&mut text).hint_text("caption").desired_width(PICTURE - 26.0));
                if field.changed() {
                    self.checking.book.caption = Some((at, text.clone()));
                }
                if field.lost_focus() && self.checking.book.caption.take().is_some() {
                    deed = Some(Deed::Change(Box::new(move |c| {
                        if let Some(e) = c.examples.get_mut(at) {
                            text.trim().clone_into(&mut e.caption);
                        }
                    })));
                }
                if icons::icon_button_sized(ui, icons::CLOSE, "Take it off the page", "", false, vec2(20.0, 20.0)).clicked() {
                    deed = Some(Deed::Change(Box::new(move |c| {
                        if at < c.examples.len() {
                            c.examples.remove(at);
                        }
                    })));
                }
            });
        });
        deed
    }

    /// Asks for the picture of a place; one after the other.
    fn want_picture(&mut self, place: Place) {
        let book = &self.checking.book;
        if book.pictures.contains_key(&place) || book.failed.contains(&place) || book.job.is_some() {
            return;
        }
        let project = self.session.shared_project();
        let label = self.session.surface(SurfaceId::Label(place.0)).map(|s| s.map().clone());
        let job = Job::start("picture", self.waker(), move |cx| {
            let crops = crops_of(&project, place.0, label, &[place.1], PICTURE_PX).map_err(|e| e.to_string())?;
            for crop in crops {
                cx.send((place, crop));
            }
            Ok(())
        });
        let book = &mut self.checking.book;
        (book.job, book.in_job) = (Some(job), vec![place]);
    }

    fn take_pictures(&mut self, ctx: &Context) {
        let book = &mut self.checking.book;
        let Some(job) = &mut book.job else { return };
        loop {
            match job.poll() {
                JobNews::Result((place, crop)) => {
                    let texture = crop_texture(ctx, &crop);
                    book.pictures.insert(place, (crop, texture));
                }
                JobNews::Working => return,
                JobNews::Finished => break,
                // The page shows that the picture is missing; what is wrong with the image is said where the image is shown.
                JobNews::Failed(_) => {
                    book.failed.extend(book.in_job.drain(..));
                    break;
                }
            }
        }
        book.job = None;
        ctx.request_repaint();
    }
}

/// Kind of boundary, tolerance and least size.
fn precision_ui(ui: &mut Ui, class: &Class, common: f64) -> Option<Deed> {
    let mut deed = None;
    ui.horizontal(|ui| {
        ui.label(RichText::new("Boundary").color(Theme::of(ui).faint));
        for (kind, words, hint) in [
            (BoundaryKind::Sharp, "Sharp", "An edge that people agree on to within a pixel or two"),
            (BoundaryKind::Diffuse, "Diffuse", "Fades out: the check warns at most"),
        ] {
            if ui.selectable_label(class.boundary == kind, words).on_hover_text(hint).clicked() {
                deed = Some(Deed::Change(Box::new(move |c| c.boundary = kind)));
            }
        }
    });
    ui.horizontal(|ui| {
        let mut is_own = class.tolerance_px.is_some();
        if ui.checkbox(&mut is_own, "Tolerance of its own").changed() {
            deed = Some(Deed::Change(Box::new(move |c| c.tolerance_px = is_own.then_some(common))));
        }
        if let Some(px) = class.tolerance_px {
            if let Some(px) = settled_value(ui, "Tolerance of the class", px, 0.5..=6.0, 1, " px") {
                deed = Some(Deed::Change(Box::new(move |c| c.tolerance_px = Some(px))));
            }
        } else {
            ui.label(theme::caption(ui, format!("{common:.1} px as for all")));
        }
    });
    ui.horizontal(|ui| {
        let mut is_own = class.min_area_px.is_some();
        if ui.checkbox(&mut is_own, "Least size").changed() {
            deed = Some(Deed::Change(Box::new(move |c| c.min_area_px = is_own.then_some(4))));
        }
        match class.min_area_px {
            Some(px) => {
                if let Some(px) = settled_value(ui, "Least size of the class", px as f64, 1.0..=100_000.0, 0, " px") {
                    deed = Some(Deed::Change(Box::new(move |c| c.min_area_px = Some(px as u64))));
                }
            }
            None => {
                ui.label(theme::caption(ui, "smaller regions are specks"));
            }
        }
    });
    deed
}
