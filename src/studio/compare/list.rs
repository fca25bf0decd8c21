//! The left panel of Compare: suspected labels, the cases of a figure, and the images worth a look, each a list to go through.

use delimit::check::Doubted;
use delimit::raster::PixelRect;
use delimit::session::Command;
use delimit::workflow::SetComparison;
use delimit::workflow::compare_models::ModelDuel;
use delimit::workflow::compare_set::{DefectCase, Suspect};
use egui::{Color32, FontId, Label, Pos2, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, text::LayoutJob, vec2};

use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::icons;
use crate::studio::keys;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, row_ground, tabs};

const ROW: f32 = 40.0;

/// Which list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListTab {
    #[default]
    Suspects,
    Cases,
    Queue,
}

/// A figure whose cases are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// (labelled, predicted) class, 0 for nothing.
    Defects(u8, u8),
    Pixels(u8, u8),
    /// Defects of a class (0: of all) that only one of two models finds; true: the candidate.
    Duel(u8, bool),
    /// Verdict on the label, verdict on the prediction.
    Parts(delimit::judge::Verdict, delimit::judge::Verdict),
}

/// In what order the queue goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueOrder {
    /// Ranks of the three others together.
    #[default]
    TeachesMost,
    Disagreement,
    Doubt,
    NearLimit,
}

impl QueueOrder {
    const ALL: [Self; 4] = [Self::TeachesMost, Self::Disagreement, Self::Doubt, Self::NearLimit];

    const fn label(self) -> &'static str {
        match self {
            Self::TeachesMost => "Teaches most",
            Self::Disagreement => "Disagreement",
            Self::Doubt => "Doubt",
            Self::NearLimit => "Near a limit",
        }
    }
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Suspect(Suspect),
    Defect(DefectCase),
    /// An image with a number of pixels.
    Pixels(usize, u64),
    /// Index of a part in the project, and its first image.
    Part(usize, usize),
    /// An image of the queue.
    Image(usize),
}

impl Row {
    pub const fn image(&self) -> usize {
        match self {
            Self::Suspect(s) => s.image,
            Self::Defect(c) => c.image,
            Self::Pixels(image, _) | Self::Part(_, image) | Self::Image(image) => *image,
        }
    }

    pub const fn bounds(&self) -> Option<PixelRect> {
        match self {
            Self::Suspect(s) => Some(s.bounds),
            Self::Defect(c) => Some(c.bounds),
            _ => None,
        }
    }
}

/// The lists and what is looked at.
#[derive(Debug, Default)]
pub struct CaseList {
    pub tab: ListTab,
    pub figure: Option<Figure>,
    order: QueueOrder,
    /// Images that somebody labelled, instead of those that nobody did.
    shows_labelled: bool,
    rows: Vec<Row>,
    /// With what they were listed.
    listed_for: Option<(ListTab, Option<Figure>, QueueOrder, bool)>,
    here: Option<usize>,
    scrolls: bool,
}

impl CaseList {
    pub const fn outdate(&mut self) {
        self.listed_for = None;
    }

    /// The line that is looked at.
    pub fn here(&self) -> Option<&Row> {
        self.rows.get(self.here?)
    }

    /// The line that is looked at was dealt with: it goes, and the next one moves up.
    pub fn settle_here(&mut self) {
        if let Some(here) = self.here.filter(|h| *h < self.rows.len()) {
            self.rows.remove(here);
        }
    }

    fn list(&mut self, figures: &SetComparison, duel: Option<&ModelDuel>, first_image_of: impl Fn(usize) -> Option<usize>) {
        let wanted = (self.tab, self.figure, self.order, self.shows_labelled);
        if self.listed_for == Some(wanted) {
            return;
        }
        let before = self.here().cloned();
        self.rows = match self.tab {
            ListTab::Suspects => figures.suspects.iter().cloned().map(Row::Suspect).collect(),
            ListTab::Cases => match self.figure {
                Some(Figure::Duel(class, is_won)) => {
                    let all = duel.map(|d| super::duel_panel::cases(d, class, is_won)).unwrap_or_default();
                    all.into_iter().map(Row::Defect).collect()
                }
                Some(figure) => cases(figures, figure, first_image_of),
                None => Vec::new(),
            },
            ListTab::Queue => queue(figures, self.order, self.shows_labelled),
        };
        self.listed_for = Some(wanted);
        self.here = before.and_then(|row| self.rows.iter().position(|r| same_place(r, &row)));
    }
}

fn cases(c: &SetComparison, figure: Figure, first_image_of: impl Fn(usize) -> Option<usize>) -> Vec<Row> {
    match figure {
        Figure::Duel(..) => Vec::new(),
        Figure::Defects(truth, said) => c.defects.get(&(truth, said)).into_iter().flatten().copied().map(Row::Defect).collect(),
        Figure::Pixels(truth, said) => {
            let count = |l: &delimit::workflow::compare_set::LabelledImage| l.confusion.count(truth, said);
            let images = c.images.iter().filter_map(|i| Some((i.image, count(i.labelled.as_ref()?))));
            let mut images: Vec<(usize, u64)> = images.filter(|(_, n)| *n > 0).collect();
            images.sort_by_key(|&(image, n)| (std::cmp::Reverse(n), image));
            images.into_iter().map(|(image, n)| Row::Pixels(image, n)).collect()
        }
        Figure::Parts(label, prediction) => {
            let parts = c.parts.as_ref().and_then(|p| p.verdicts.get(&(label, prediction)));
            parts.into_iter().flatten().filter_map(|&part| Some(Row::Part(part, first_image_of(part)?))).collect()
        }
    }
}

fn queue(c: &SetComparison, order: QueueOrder, labelled: bool) -> Vec<Row> {
    let mut images = if labelled { c.to_review.clone() } else { c.to_label.clone() };
    let of = |image: usize| c.images.binary_search_by_key(&image, |i| i.image).ok().map(|at| &c.images[at]);
    let rank = |image: usize| {
        let figures = of(image);
        match order {
            QueueOrder::TeachesMost => 0.0,
            QueueOrder::Disagreement => -(figures.map_or(0, |i| i.doubt.disagreement) as f64),
            QueueOrder::Doubt => -figures.map_or(0.0, |i| i.doubt.mean_entropy),
            QueueOrder::NearLimit => figures.and_then(|i| i.nearest_limit).unwrap_or(f64::INFINITY),
        }
    };
    images.sort_by(|&a, &b| rank(a).total_cmp(&rank(b)));
    images.into_iter().map(Row::Image).collect()
}

impl Studio {
    pub(super) fn case_list_ui(&mut self, ui: &mut Ui) {
        if self.compare.models.is_open {
            self.models_ui(ui);
            return;
        }
        if self.compare.adopting.is_some() {
            self.adopt_ui(ui);
            return;
        }
        let Some(figures) = self.compare.set.figures().cloned() else {
            let hint = "Suspected labels, the cases behind each figure and the images to label next come with the comparison";
            EmptyState { icon: icons::FINDINGS, title: "Nothing compared yet", hint, action: None }.show(ui);
            return;
        };
        let queue = figures.to_label.len();
        let cases = self.compare.list.figure.map(|f| self.case_count(&figures, f));
        let all = [
            (ListTab::Suspects, "Suspects", Some(figures.suspects.len())),
            (ListTab::Cases, "Cases", cases),
            (ListTab::Queue, "Queue", Some(queue)),
        ];
        tabs(ui, &mut self.compare.list.tab, &all);
        match self.compare.list.tab {
            ListTab::Suspects => self.suspects_head_ui(ui, &figures),
            ListTab::Cases => self.cases_head_ui(ui),
            ListTab::Queue => self.queue_head_ui(ui, &figures),
        }
        ui.add_space(4.0);
        self.bring_list_up_to_date(&figures);
        if self.compare.list.rows.is_empty() {
            self.no_rows_ui(ui);
            return;
        }
        if let Some(row) = self.case_rows_ui(ui, &figures) {
            self.compare.list.here = Some(row);
            self.show_case();
        }
    }

    fn bring_list_up_to_date(&mut self, figures: &SetComparison) {
        let parts = self.session.project().parts();
        let duel = self.compare.duel.result();
        self.compare.list.list(figures, duel, |part| parts.get(part)?.images.first().copied());
    }

    fn case_count(&self, figures: &SetComparison, figure: Figure) -> usize {
        match figure {
            Figure::Defects(t, p) => figures.defects.get(&(t, p)).map_or(0, Vec::len),
            Figure::Parts(l, p) => figures.parts.as_ref().and_then(|c| c.verdicts.get(&(l, p))).map_or(0, Vec::len),
            Figure::Duel(class, is_won) => {
                self.compare.duel.result().map_or(0, |d| super::duel_panel::cases(d, class, is_won).len())
            }
            Figure::Pixels(..) if self.compare.list.tab == ListTab::Cases => self.compare.list.rows.len(),
            Figure::Pixels(t, p) => {
                figures.images.iter().filter(|i| i.labelled.as_ref().is_some_and(|l| l.confusion.count(t, p) > 0)).count()
            }
        }
    }

    fn suspects_head_ui(&mut self, ui: &mut Ui, figures: &SetComparison) {
        let words = match figures.rejected_suspects {
            0 => "Labels that a sure model and the edge in the photo speak against".to_owned(),
            n => format!("Labels that model and photo speak against; {n} judged to be right"),
        };
        ui.add(Label::new(theme::caption(ui, words)).wrap());
        let Some(suspect) = self.suspect_in_hand().cloned() else { return };
        let state = self.command_state();
        let (take, deeds) = match suspect.kind {
            Doubted::MissingLabel => ("Add it", "adds the model's region to the label"),
            Doubted::ExtraLabel => ("Delete it", "deletes the label"),
            Doubted::WrongClass => ("Change class", "gives the label the model's class"),
            Doubted::Boundary => ("Take outline", "replaces the label by the model's region"),
        };
        ui.add_space(2.0);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (command, words, hint) in [
                (Command::SnapToEdge, take, deeds),
                (Command::EditLabel, "Edit", "opens the place in Label"),
                (Command::AcceptFinding, "Label is right", "keeps the label as it is; asked again when it changes"),
            ] {
                let button = egui::Button::new(words).shortcut_text(keys::text(command));
                if ui.add_enabled(command.is_enabled(&state), button).on_hover_text(hint).clicked() {
                    self.push(command);
                }
            }
        });
    }

    fn cases_head_ui(&self, ui: &mut Ui) {
        let words = match self.compare.list.figure {
            None => "Press a figure on the right, such as a cell of the matrix, to list what is behind it".to_owned(),
            Some(figure) => self.figure_words(figure),
        };
        ui.add(Label::new(theme::caption(ui, words)).wrap());
    }

    fn figure_words(&self, figure: Figure) -> String {
        let name = |class: u8| self.session.project().class_name(class);
        match figure {
            Figure::Defects(0, p) => format!("{}: predicted where nothing is labelled", name(p)),
            Figure::Defects(t, 0) => format!("{}: labelled and missed", name(t)),
            Figure::Defects(t, p) if t == p => format!("{}: labelled and found", name(t)),
            Figure::Defects(t, p) => format!("{}: taken for {}", name(t), name(p)),
            Figure::Pixels(0, p) => format!("Pixels of background predicted as {}", name(p)),
            Figure::Pixels(t, 0) => format!("Pixels of {} predicted as background", name(t)),
            Figure::Pixels(t, p) => format!("Pixels of {} predicted as {}", name(t), name(p)),
            Figure::Duel(class, is_won) => {
                let of = if class == 0 { "Defects".to_owned() } else { name(class) };
                let by = if is_won { "found only by the candidate" } else { "lost by the candidate" };
                format!("{of}: {by}")
            }
            Figure::Parts(l, p) => format!("Parts: {} by the label, {} by the model", mark_of(l).name(), mark_of(p).name()),
        }
    }

    fn queue_head_ui(&mut self, ui: &mut Ui, figures: &SetComparison) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let list = &mut self.compare.list;
            for (value, words, n, hint) in [
                (false, "To label", figures.to_label.len(), "Images that nobody has labelled"),
                (true, "To review", figures.to_review.len(), "Labelled images"),
            ] {
                if ui.selectable_label(list.shows_labelled == value, format!("{words} {n}")).on_hover_text(hint).clicked() {
                    list.shows_labelled = value;
                }
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let combo = egui::ComboBox::from_id_salt("order of the queue").selected_text(list.order.label()).width(112.0);
                let combo = combo.show_ui(ui, |ui| {
                    for order in QueueOrder::ALL {
                        ui.selectable_value(&mut list.order, order, order.label());
                    }
                });
                combo.response.accessible_name("Order of the queue");
            });
        });
        if !self.compare.list.shows_labelled && !figures.to_label.is_empty() {
            let button = egui::Button::new("Label the next").shortcut_text(keys::text(Command::LabelNext));
            let hint = "Opens the image that teaches most in Label";
            let may = Command::LabelNext.is_enabled(&self.command_state());
            if ui.add_enabled(may, button).on_hover_text(hint).clicked() {
                self.push(Command::LabelNext);
            }
        }
    }

    fn no_rows_ui(&self, ui: &mut Ui) {
        let (title, hint) = match self.compare.list.tab {
            ListTab::Suspects => ("No suspected label", "Where the model parts from a label, the photo is not on its side"),
            ListTab::Cases => ("No case", "Choose a figure on the right"),
            ListTab::Queue if self.compare.list.shows_labelled => ("No labelled image", "Labelled images stand here"),
            ListTab::Queue => ("All is labelled", "Images without a label stand here once the model has seen them"),
        };
        EmptyState { icon: icons::FINDINGS, title, hint, action: None }.show(ui);
    }

    /// The rows in view; the one that was pressed.
    fn case_rows_ui(&mut self, ui: &mut Ui, figures: &SetComparison) -> Option<usize> {
        let mut chosen = None;
        let list = &self.compare.list;
        let mut area = ScrollArea::vertical().auto_shrink(false);
        if let (Some(here), true) = (list.here, list.scrolls) {
            area = area.vertical_scroll_offset((here as f32 - 3.0).max(0.0) * (ROW + ui.spacing().item_spacing.y));
        }
        area.show_rows(ui, ROW, list.rows.len(), |ui, rows| {
            for row in rows {
                let words = self.row_words(&list.rows[row], figures);
                if row_ui(ui, &words, list.here == Some(row)) {
                    chosen = Some(row);
                }
            }
        });
        self.compare.list.scrolls = false;
        chosen
    }

    fn row_words(&self, row: &Row, figures: &SetComparison) -> RowWords {
        let project = self.session.project();
        let image = project.images()[row.image()].id.clone();
        let colour = |class: u8| (class != 0).then(|| self.class_colour(class));
        let name = |class: u8| project.class_name(class);
        match row {
            Row::Suspect(s) => {
                let what = match s.kind {
                    Doubted::MissingLabel => format!("{} without a label", name(s.predicted)),
                    Doubted::ExtraLabel => format!("{} where nothing is seen", name(s.labelled)),
                    Doubted::WrongClass => format!("{} looks like {}", name(s.labelled), name(s.predicted)),
                    Doubted::Boundary => format!("{}: another outline fits better", name(s.labelled)),
                };
                let chips = [colour(s.labelled), colour(s.predicted).filter(|_| s.labelled != s.predicted)];
                let right = format!("{:.0} %", s.probability * 100.0);
                RowWords { chips, title: image, right, below: what }
            }
            Row::Defect(c) => {
                let size = |n: Option<usize>, word: &str| n.map(|n| format!("{word} #{}", n + 1));
                let below: Vec<String> =
                    [size(c.labelled, "label"), size(c.predicted, "prediction")].into_iter().flatten().collect();
                let right = format!("{} × {} px", c.bounds.width(), c.bounds.height());
                RowWords { chips: [None, None], title: image, right, below: below.join(" · ") }
            }
            Row::Pixels(_, n) => RowWords { chips: [None, None], title: image, right: format!("{n} px"), below: String::new() },
            Row::Part(part, _) => {
                let serial = project.parts()[*part].serial.clone();
                RowWords { chips: [None, None], title: serial, right: String::new(), below: image }
            }
            Row::Image(i) => {
                let at = figures.images.binary_search_by_key(i, |f| f.image).ok();
                let Some(f) = at.map(|at| &figures.images[at]) else {
                    return RowWords { chips: [None, None], title: image, right: String::new(), below: "not predicted".into() };
                };
                let mut below = Vec::new();
                if f.labelled.is_some() {
                    below.push(format!("{} px differ", f.doubt.disagreement));
                }
                below.push(format!("{} px in doubt", f.doubt.doubtful));
                if let Some(near) = f.nearest_limit {
                    below.push(format!("{:.0} % from a limit", near * 100.0));
                }
                let right = self.session.sidecar(*i).state.label().to_owned();
                RowWords { chips: [None, None], title: image, right, below: below.join(" · ") }
            }
        }
    }

    /// Shows the line that is looked at: its image, and its place in the middle.
    fn show_case(&mut self) {
        let Some(row) = self.compare.list.here().cloned() else { return };
        self.go_to(row.image());
        if let Some(bounds) = row.bounds() {
            self.canvas.centre_on(bounds);
        }
    }

    /// Goes on in the list that is shown.
    pub(super) fn step_case(&mut self, by: isize) {
        if let Some(figures) = self.compare.set.figures().cloned() {
            self.bring_list_up_to_date(&figures);
        }
        let list = &mut self.compare.list;
        let count = list.rows.len() as isize;
        if count == 0 {
            list.here = None;
            self.toasts.info("Nothing is left in this list");
            return;
        }
        let next = list.here.map_or(if by < 0 { count - 1 } else { 0 }, |here| (here as isize + by).rem_euclid(count));
        list.here = Some(next as usize);
        list.scrolls = true;
        self.show_case();
    }

    /// New figures came in: the line that is looked at stays in the hand when it is still there.
    pub(super) fn follow_case_in_hand(&mut self) {
        if let Some(figures) = self.compare.set.figures().cloned() {
            self.compare.list.outdate();
            self.bring_list_up_to_date(&figures);
        }
    }

    /// Lists the cases behind a figure.
    pub(super) fn list_cases(&mut self, figure: Figure) {
        let list = &mut self.compare.list;
        (list.tab, list.figure, list.here) = (ListTab::Cases, Some(figure), None);
        self.compare.adopting = None;
    }
}

/// Scores move a little when an image is compared again; what it is about stays.
fn same_place(a: &Row, b: &Row) -> bool {
    match (a, b) {
        (Row::Suspect(a), Row::Suspect(b)) => (a.image, a.kind, a.bounds) == (b.image, b.kind, b.bounds),
        (a, b) => a == b,
    }
}

struct RowWords {
    chips: [Option<Color32>; 2],
    title: String,
    right: String,
    below: String,
}

/// A row; true when it was pressed.
fn row_ui(ui: &mut Ui, words: &RowWords, is_here: bool) -> bool {
    let theme = Theme::of(ui);
    let RowWords { chips, title, right, below } = words;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 4.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_here, format!("{title}: {below} {right}")));
    row_ground(ui, rect, &response, is_here);
    let painter = ui.painter_at(rect);
    let lone = below.is_empty();
    let (upper, lower) = if lone { (rect.center().y, rect.center().y) } else { (rect.min.y + 11.0, rect.max.y - 10.0) };
    let line = |text: &str, size: f32, ink: Color32, from: Pos2, to: f32| {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), FontId::proportional(size), ink);
        job.wrap = egui::text::TextWrapping::truncate_at_width((to - from.x).max(8.0));
        let galley = painter.layout_job(job);
        painter.galley(pos2(from.x, from.y - galley.size().y / 2.0), galley, ink);
    };
    let figure = painter.layout_no_wrap(right.clone(), FontId::proportional(theme::CAPTION_SIZE), theme.faint);
    let end = rect.max.x - 8.0 - figure.size().x;
    painter.galley(pos2(end, upper - figure.size().y / 2.0), figure, theme.faint);
    line(title, theme::BODY_SIZE, theme.text, pos2(rect.min.x + 8.0, upper), end - 8.0);
    let mut x = rect.min.x + 8.0;
    for colour in chips.iter().flatten() {
        painter.rect_filled(Rect::from_center_size(pos2(x + 4.0, lower), vec2(8.0, 8.0)), 2, *colour);
        x += 12.0;
    }
    line(below, theme::CAPTION_SIZE, theme.faint, pos2(x, lower), rect.max.x - 8.0);
    response.clicked()
}
