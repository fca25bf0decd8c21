//! What each command does. Menus, keys, buttons, the palette and the tests all come through here.

use std::path::PathBuf;

use delimit::jobs::Job;
use delimit::judge::Disposition;
use delimit::project::LabelState;
use delimit::raster::IGNORE;
use delimit::session::command::{CommandState, Workspace};
use delimit::session::{Command, SurfaceId, Tool};
use delimit::workflow::bundling::{GOLDEN_PER_VERDICT, make_bundle};
use delimit::workflow::evaluation::compile;
use egui::Context;

use super::app::Studio;
use super::keys;
use super::state::Source;
use super::tools::{PaintOver, Shown};
use super::work::Written;

impl Studio {
    /// Carries out what was asked for since the last frame.
    pub fn run_commands(&mut self, ctx: &Context) {
        for command in self.take_commands() {
            if command.is_enabled(&self.command_state()) {
                self.run(command, ctx);
            }
        }
    }

    fn run(&mut self, command: Command, ctx: &Context) {
        if self.run_viewing(command)
            || self.run_on_film(command)
            || self.run_on_comparison(command, ctx)
            || self.run_on_findings(command, ctx)
            || self.run_on_views(command, ctx)
        {
            return;
        }
        match command {
            Command::OpenProject => self.ask_for_project(ctx),
            Command::AddImages => self.ask_for_images(ctx),
            Command::Save => self.start_saving(),
            Command::SaveRuleset => self.save_ruleset(),
            Command::NextChart => self.tune.next_chart(),
            Command::WriteReport => self.ask_where_to_report(),
            Command::SuggestLimits => self.suggest_limits(),
            Command::ExportBundle => self.ask_where_to_export(),
            Command::Show(workspace) => self.show(workspace),
            Command::Undo | Command::Redo => self.step_back_or_forth(command == Command::Undo, ctx),
            Command::CancelStroke => self.escape(),
            Command::Accept => self.accept_draft(ctx),
            Command::RemoveLastPoint => self.remove_last_point(),
            Command::Use(tool) => self.take_tool(tool),
            Command::SwapTools => self.take_tool(self.view.tool_before),
            Command::BrushSmaller => self.view.scale_tool(-1.0),
            Command::BrushLarger => self.view.scale_tool(1.0),
            Command::MuchSmallerBrush => self.view.scale_tool(-5.0),
            Command::MuchLargerBrush => self.view.scale_tool(5.0),
            Command::ProtectOtherClasses => {
                let is_on = self.view.limits.over == PaintOver::OwnClass;
                self.view.limits.over = if is_on { PaintOver::Everything } else { PaintOver::OwnClass };
            }
            Command::LimitToZone => {
                let zone = self.view.zone;
                self.view.limits.zone = if self.view.limits.zone.is_some() { None } else { Some(zone) };
            }
            Command::LimitToSelection => self.limit_to_selection(),
            Command::LimitToBrightness => self.limit_to_brightness(),
            Command::LockClass => {
                let class = self.view.class;
                if !self.view.limits.locked_classes.remove(&class) {
                    self.view.limits.locked_classes.insert(class);
                }
            }
            Command::PickUnderPointer => self.pick_under_pointer(),
            Command::SelectAll
            | Command::Reclass(_)
            | Command::DeleteRegions
            | Command::GrowRegions
            | Command::ShrinkRegions
            | Command::SmoothRegions
            | Command::OpenRegions
            | Command::CloseRegions
            | Command::FillHoles
            | Command::KeepLargest
            | Command::RemoveSmall
            | Command::SplitRegions
            | Command::MergeRegions
            | Command::LockRegions
            | Command::CopyToNextImage => self.run_on_regions(command, ctx),
            Command::PaintZones => {
                self.leave_map();
                self.view.is_painting_zones = !self.view.is_painting_zones;
                self.view.workspace = Workspace::Label;
            }
            Command::Pick(n) => self.pick(n),
            Command::FitView => self.canvas.fit(),
            Command::OneToOne => self.canvas.one_to_one(),
            Command::ZoomIn => self.canvas.zoom_in(),
            Command::ZoomOut => self.canvas.zoom_out(),
            Command::HideLabels => self.view.are_labels_hidden = !self.view.are_labels_hidden,
            Command::LessOpacity => self.view.opacity = (self.view.opacity - 0.1).max(0.0),
            Command::MoreOpacity => self.view.opacity = (self.view.opacity + 0.1).min(1.0),
            Command::SwitchTheme => {
                let is_dark = ctx.theme() == egui::Theme::Dark;
                ctx.set_theme(if is_dark { egui::ThemePreference::Light } else { egui::ThemePreference::Dark });
            }
            Command::CommandPalette => {
                self.view.shows_palette = !self.view.shows_palette;
                self.view.palette_text.clear();
                self.view.palette_row = 0;
            }
            Command::ShowKeys => self.view.shows_keys = !self.view.shows_keys,
            Command::WorkWithKeyboard => {
                if matches!(self.view.workspace, Workspace::Tune | Workspace::Export) {
                    self.show(Workspace::Label);
                }
                self.canvas.switch_keyboard();
            }
            Command::NextImage => self.step_image(1),
            Command::PreviousImage => self.step_image(-1),
            Command::NextTodo => self.go_to_next_todo(),
            Command::FlagImage => {
                let image = self.view.image;
                let is_flagged = self.session.sidecar(image).state == LabelState::Flagged;
                let state = if is_flagged { LabelState::InProgress } else { LabelState::Flagged };
                self.try_session(|s| s.set_state(image, state));
            }
            Command::PartIsOk => self.set_disposition(Disposition::Ok),
            Command::PartIsNg => self.set_disposition(Disposition::Ng),
            Command::PartIsUnknown => self.set_disposition(Disposition::Unknown),
            Command::RunPrediction => self.start_prediction(),
            Command::NextDisagreement => self.go_to_next_disagreement(),
            Command::StopWork => {
                if let Some(work) = &mut self.long_work {
                    work.job.cancel();
                    work.stopped_at.get_or_insert_with(std::time::Instant::now);
                    ctx.request_repaint_after(std::time::Duration::from_millis(300));
                }
            }
            Command::ZoomToSelection
            | Command::ShowOnly(_)
            | Command::CycleOutlines
            | Command::AutoWindow
            | Command::AutoWindowHere
            | Command::Loupe
            | Command::Ruler
            | Command::FilterFilm
            | Command::DoneAndNext
            | Command::MarkReviewed
            | Command::MarkApproved
            | Command::AddNote
            | Command::NextNote
            | Command::NextView
            | Command::FindDuplicates
            | Command::RunCheck
            | Command::NextFinding
            | Command::PreviousFinding
            | Command::SnapToEdge
            | Command::SnapListed
            | Command::AcceptFinding
            | Command::DefectBook
            | Command::EdgeFit
            | Command::LabelNext
            | Command::EditLabel
            | Command::AdoptPredictions
            | Command::ShowModels
            | Command::Look(_)
            | Command::SwapSides
            | Command::OtherSide
            | Command::LessOfView
            | Command::MoreOfView => {}
        }
    }

    /// What decides which commands can be used.
    pub fn command_state(&self) -> CommandState {
        let project = self.session.project();
        let pn = self.view.part_number;
        let surface = self.surface_id();
        let (can_undo, can_redo, is_ruleset_saved) = if self.view.workspace == Workspace::Tune && pn < project.part_numbers.len() {
            let slot = self.session.ruleset(pn);
            (slot.can_undo(), slot.can_redo(), slot.is_saved())
        } else {
            let is_saved = pn >= project.part_numbers.len() || self.session.ruleset(pn).is_saved();
            (surface.is_some_and(|s| self.session.can_undo(s)), surface.is_some_and(|s| self.session.can_redo(s)), is_saved)
        };
        CommandState {
            workspace: self.view.workspace,
            is_read_only: self.session.is_read_only(),
            has_images: !project.images().is_empty(),
            has_model: self.has_model(),
            has_nominal: project.part_numbers.get(pn).is_some_and(|p| p.nominal.is_some()),
            has_unsaved_changes: self.session.has_unsaved_changes(),
            is_ruleset_saved,
            can_undo,
            can_redo,
            is_working: self.long_work.is_some() || self.film_state.duplicate_job.is_some(),
            pick_count: if self.view.is_painting_zones {
                project.part_numbers.get(pn).map_or(0, |p| p.zones.len())
            } else {
                project.classes.len()
            },
            has_findings: match self.view.workspace {
                Workspace::Compare => self.compare.set.figures().is_some(),
                _ => self.analysis.is_any_checked,
            },
            has_finding_in_hand: match self.view.workspace {
                Workspace::Compare => self.suspect_in_hand().is_some(),
                _ => self.finding_in_hand().is_some(),
            },
            has_predictions: self.analysis.has_predictions(),
            has_candidate: self.has_candidate(),
            has_zones: project.part_numbers.get(pn).is_some_and(|p| !p.zones.is_empty()),
            has_selection: self.has_regions_in_hand(),
            has_draft: self.has_draft() || self.has_repair() || self.has_adoption(),
        }
    }

    fn show(&mut self, workspace: Workspace) {
        self.try_session(|s| s.finish_stroke().map(drop));
        self.view.workspace = workspace;
        if workspace != Workspace::Label {
            self.view.is_painting_zones = false;
        }
    }

    /// Escape closes what is open on top, or takes the stroke in progress back.
    fn escape(&mut self) {
        if self.view.shows_palette || self.view.shows_keys {
            self.view.shows_palette = false;
            self.view.shows_keys = false;
        } else if self.escape_film() || self.escape_check() || self.escape_compare() {
        } else if self.session.active_stroke().is_some() {
            self.session.cancel_stroke();
        } else if !self.view.viewing.escape() && !self.drop_draft() && !self.canvas.leave_keyboard() {
            self.view.selected_regions.clear();
        }
    }

    fn step_back_or_forth(&mut self, is_back: bool, ctx: &Context) {
        if self.view.workspace == Workspace::Tune {
            let pn = self.view.part_number;
            self.try_session(|s| if is_back { s.undo_ruleset(pn) } else { s.redo_ruleset(pn) }.map(drop));
            self.analysis.apply_ruleset(&self.session, pn);
            return;
        }
        let Some(id) = self.surface_id() else { return };
        self.try_session(|s| if is_back { s.undo(id) } else { s.redo(id) }.map(drop));
        if matches!(id, SurfaceId::Zones(_)) {
            self.zones_changed();
        }
        self.touch(ctx);
    }

    fn pick(&mut self, digit: u8) {
        match usize::from(digit).checked_sub(1) {
            None if self.view.is_painting_zones => return,
            None => self.view.class = IGNORE,
            Some(index) if self.view.is_painting_zones => {
                if let Some(zone) = self.session.project().part_numbers[self.view.part_number].zones.get(index) {
                    self.view.zone = zone.id;
                }
            }
            Some(index) => {
                if let Some(class) = self.session.project().classes.get(index) {
                    self.view.class = class.id;
                }
            }
        }
        self.take_painting_tool();
    }

    /// A class was picked: a tool that paints comes into the hand, unless one is there.
    pub fn take_painting_tool(&mut self) {
        if matches!(self.view.tool, Tool::Eraser | Tool::Select | Tool::Knife) {
            self.take_tool(Tool::Brush);
        }
    }

    fn limit_to_selection(&mut self) {
        if self.view.limits.selection.take().is_some() {
            return;
        }
        let area = self.selected_area();
        if area.is_empty() {
            self.toasts.info("Select a region first, or point at one");
        } else {
            self.view.limits.selection = Some(Shown::of(area));
        }
    }

    fn limit_to_brightness(&mut self) {
        let limits = &mut self.view.limits;
        limits.is_by_brightness = !limits.is_by_brightness;
        if limits.is_by_brightness && self.view.settings.range.is_none() {
            limits.is_by_brightness = false;
            let tool = keys::with_key("Dab with the threshold brush", Command::Use(Tool::ThresholdBrush));
            self.toasts.info(&format!("{tool} first: it takes the range of brightness"));
        }
    }

    pub fn step_image(&mut self, by: isize) {
        if let Some(next) = self.film_neighbour(by) {
            self.view.is_painting_zones = false;
            self.go_to(next);
        }
    }

    fn go_to_next_todo(&mut self) {
        let count = self.session.project().images().len();
        let start = self.view.image;
        if let Some(next) = (1..=count).map(|d| (start + d) % count).find(|&i| self.session.sidecar(i).state == LabelState::Todo) {
            self.go_to(next);
        } else {
            self.toasts.info("No image is left to do");
        }
    }

    fn set_disposition(&mut self, disposition: Disposition) {
        let image = self.view.image;
        self.try_session(|s| s.set_disposition(image, disposition));
        self.analysis.outdate();
    }

    /// Goes to the image on which label and prediction part most, then down that list.
    fn go_to_next_disagreement(&mut self) {
        let order = self.by_disagreement();
        if order.is_empty() {
            return;
        }
        // Where this key has led before, it goes on; anywhere else it begins with the worst.
        let here = self.compare.at_disagreement.filter(|&i| i == self.view.image && self.view.workspace == Workspace::Compare);
        let next = here.and_then(|here| order.iter().position(|&i| i == here)).map_or(0, |at| (at + 1) % order.len());
        self.compare.at_disagreement = Some(order[next]);
        self.view.workspace = Workspace::Compare;
        self.go_to(order[next]);
    }

    /// Compared images, most disagreement first.
    pub fn by_disagreement(&self) -> Vec<usize> {
        let mut order: Vec<(u64, usize)> =
            (0..self.session.project().images().len()).filter_map(|i| Some((self.analysis.disagreement(i)?, i))).collect();
        order.sort_by_key(|&(pixels, image)| (std::cmp::Reverse(pixels), image));
        order.into_iter().map(|(_, image)| image).collect()
    }

    fn save_ruleset(&mut self) {
        let pn = self.view.part_number;
        self.try_session(|s| s.save_ruleset(pn));
        self.analysis.outdate();
    }

    // --- dialogs -------------------------------------------------------------------------------------------------------------

    fn ask_for_project(&mut self, ctx: &Context) {
        if let Some(folder) = rfd::FileDialog::new().set_title("Open a project folder").pick_folder() {
            self.reopen(&folder, ctx);
        }
    }

    fn ask_for_images(&mut self, ctx: &Context) {
        let picked = rfd::FileDialog::new()
            .set_title("Add images")
            .add_filter("Images", &delimit::project::photo_file::ENDINGS)
            .pick_files();
        if let Some(paths) = picked {
            self.add_images(&paths, ctx);
        }
    }

    /// Adds image files to the current part number (a dialog, or files dropped on the window).
    pub fn add_images(&mut self, paths: &[PathBuf], ctx: &Context) {
        let pn = self.view.part_number;
        if self.session.project().part_numbers.is_empty() {
            self.toasts.error("The project has no part number yet; add one to project.ron");
            return;
        }
        let before = self.session.project().images().len();
        self.try_session(|s| s.change_project(|p| p.add_images(pn, paths).map(drop)));
        let count = self.session.project().images().len();
        self.analysis.resize(count);
        self.toasts.info(&format!("{} images added", count - before));
        self.images_added();
        self.touch(ctx);
    }

    fn ask_where_to_export(&mut self) {
        let pn = self.view.part_number;
        let name = format!("{}.delimit", self.session.project().part_numbers[pn].name);
        let picked =
            rfd::FileDialog::new().set_title("Export bundle").set_file_name(name).add_filter("Bundle", &["delimit"]).save_file();
        if let Some(path) = picked {
            self.export_bundle(path);
        }
    }

    /// Writes the bundle of the current part number in the background.
    pub fn export_bundle(&mut self, path: PathBuf) {
        let pn = self.view.part_number;
        if self.analysis.evaluation(Source::Predictions).is_none() {
            self.toasts.error("Run the model first: a bundle carries golden parts with the verdicts on what its model says");
            return;
        }
        let ruleset = self.session.ruleset(pn).current().clone();
        let snapshot = self.session.snapshot();
        let truth = self.session.dispositions();
        let regions: Vec<_> = self.analysis.predictions.iter().map(|p| p.as_ref().map(|p| p.regions.clone())).collect();
        self.view.workspace = Workspace::Export;
        self.bundling = Some(Job::start("Writing the bundle", self.waker(), move |cx| {
            let rules = compile(snapshot.project(), pn, &ruleset).map_err(|e| e.to_string())?;
            let evaluation = delimit::workflow::Evaluation::new(snapshot.project(), pn, &rules, &truth, |i| regions[i].as_deref());
            let bundle = make_bundle(&snapshot, pn, &ruleset, &evaluation, GOLDEN_PER_VERDICT, "").map_err(|e| e.to_string())?;
            let sha256 = bundle.write(&path).map_err(|e| e.to_string())?;
            cx.send(Written { path, sha256, golden: bundle.golden.len() });
            Ok(())
        }));
    }
}
