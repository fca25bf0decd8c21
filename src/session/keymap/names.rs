//! Names of commands for files: they stay the same when words on buttons change, and are never given to another command.

use crate::session::Tool;
use crate::session::command::{Command, CompareView, Workspace};

impl Command {
    /// The name in files: `undo`, `use.brush`, `pick.3`, `show.check`.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Self::Show(workspace) => return format!("show.{}", workspace_name(workspace)),
            Self::Use(tool) => return format!("use.{}", tool_name(tool)),
            Self::Pick(n) => return format!("pick.{n}"),
            Self::Reclass(n) => return format!("reclass.{n}"),
            Self::ShowOnly(n) => return format!("show-only.{n}"),
            Self::Look(view) => return format!("look.{}", look_name(view)),
            Self::OpenProject => "open-project",
            Self::AddImages => "add-images",
            Self::Save => "save",
            Self::SaveRuleset => "save-ruleset",
            Self::ExportBundle => "export-bundle",
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::CancelStroke => "cancel-stroke",
            Self::Accept => "accept",
            Self::RemoveLastPoint => "remove-last-point",
            Self::SwapTools => "swap-tools",
            Self::BrushSmaller => "brush-smaller",
            Self::BrushLarger => "brush-larger",
            Self::MuchSmallerBrush => "much-smaller-brush",
            Self::MuchLargerBrush => "much-larger-brush",
            Self::ProtectOtherClasses => "protect-other-classes",
            Self::LimitToZone => "limit-to-zone",
            Self::LimitToSelection => "limit-to-selection",
            Self::LimitToBrightness => "limit-to-brightness",
            Self::LockClass => "lock-class",
            Self::PaintZones => "paint-zones",
            Self::PickUnderPointer => "pick-under-pointer",
            Self::SelectAll => "select-all",
            Self::DeleteRegions => "delete-regions",
            Self::GrowRegions => "grow-regions",
            Self::ShrinkRegions => "shrink-regions",
            Self::SmoothRegions => "smooth-regions",
            Self::OpenRegions => "open-regions",
            Self::CloseRegions => "close-regions",
            Self::FillHoles => "fill-holes",
            Self::KeepLargest => "keep-largest",
            Self::RemoveSmall => "remove-small",
            Self::SplitRegions => "split-regions",
            Self::MergeRegions => "merge-regions",
            Self::LockRegions => "lock-regions",
            Self::CopyToNextImage => "copy-to-next-image",
            Self::FitView => "fit-view",
            Self::OneToOne => "one-to-one",
            Self::ZoomIn => "zoom-in",
            Self::ZoomOut => "zoom-out",
            Self::ZoomToSelection => "zoom-to-selection",
            Self::HideLabels => "hide-labels",
            Self::CycleOutlines => "cycle-outlines",
            Self::AutoWindow => "auto-window",
            Self::AutoWindowHere => "auto-window-here",
            Self::Loupe => "loupe",
            Self::Ruler => "ruler",
            Self::LessOpacity => "less-opacity",
            Self::MoreOpacity => "more-opacity",
            Self::SwitchTheme => "switch-theme",
            Self::CommandPalette => "command-palette",
            Self::ShowKeys => "show-keys",
            Self::WorkWithKeyboard => "work-with-keyboard",
            Self::NextImage => "next-image",
            Self::PreviousImage => "previous-image",
            Self::NextTodo => "next-todo",
            Self::DoneAndNext => "done-and-next",
            Self::FlagImage => "flag-image",
            Self::PartIsOk => "part-is-ok",
            Self::PartIsNg => "part-is-ng",
            Self::PartIsUnknown => "part-is-unknown",
            Self::RunCheck => "run-check",
            Self::PreviousFinding => "previous-finding",
            Self::SnapToEdge => "snap-to-edge",
            Self::SnapListed => "snap-listed",
            Self::AcceptFinding => "accept-finding",
            Self::DefectBook => "defect-book",
            Self::EdgeFit => "edge-fit",
            Self::NextFinding => "next-finding",
            Self::RunPrediction => "run-prediction",
            Self::NextDisagreement => "next-disagreement",
            Self::LabelNext => "label-next",
            Self::NextChart => "next-chart",
            Self::WriteReport => "write-report",
            Self::SuggestLimits => "suggest-limits",
            Self::EditLabel => "edit-label",
            Self::ShowModels => "show-models",
            Self::AdoptPredictions => "adopt-predictions",
            Self::StopWork => "stop-work",
            Self::FilterFilm => "filter-film",
            Self::MarkReviewed => "mark-reviewed",
            Self::MarkApproved => "mark-approved",
            Self::AddNote => "add-note",
            Self::NextNote => "next-note",
            Self::NextView => "next-view",
            Self::FindDuplicates => "find-duplicates",
            Self::SwapSides => "swap-sides",
            Self::OtherSide => "other-side",
            Self::LessOfView => "less-of-view",
            Self::MoreOfView => "more-of-view",
        };
        name.to_owned()
    }

    /// The command of a name; None when no command is called so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|c| c.name() == name)
    }
}

const fn workspace_name(workspace: Workspace) -> &'static str {
    match workspace {
        Workspace::Label => "label",
        Workspace::Check => "check",
        Workspace::Compare => "compare",
        Workspace::Tune => "tune",
        Workspace::Export => "export",
    }
}

const fn look_name(view: CompareView) -> &'static str {
    match view {
        CompareView::Difference => "difference",
        CompareView::Label => "label",
        CompareView::Model => "model",
        CompareView::Candidate => "candidate",
        CompareView::Wipe => "wipe",
        CompareView::Blink => "blink",
        CompareView::SideBySide => "side-by-side",
        CompareView::Heat => "heat",
    }
}

const fn tool_name(tool: Tool) -> &'static str {
    match tool {
        Tool::Select => "select",
        Tool::Brush => "brush",
        Tool::Eraser => "eraser",
        Tool::ThresholdBrush => "threshold-brush",
        Tool::Polygon => "polygon",
        Tool::Rectangle => "rectangle",
        Tool::Ellipse => "ellipse",
        Tool::Fill => "fill",
        Tool::Knife => "knife",
        Tool::Wand => "wand",
        Tool::LiveWire => "live-wire",
        Tool::LevelTrace => "level-trace",
        Tool::ScratchTracer => "scratch-tracer",
        Tool::Segmenter => "segmenter",
        Tool::ModelRegion => "model-region",
    }
}
