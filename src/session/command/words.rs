//! The words of commands, and where they stand in menus.

use super::{Command, CompareView};

/// Where a command stands in menus and in the sheet of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    Project,
    Workspace,
    Edit,
    Paint,
    Regions,
    View,
    Images,
    Work,
}

impl Group {
    pub const ALL: [Self; 8] =
        [Self::Project, Self::Workspace, Self::Edit, Self::Paint, Self::Regions, Self::View, Self::Images, Self::Work];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Project => "Project",
            Self::Workspace => "Workspace",
            Self::Edit => "Edit",
            Self::Paint => "Paint",
            Self::Regions => "Regions",
            Self::View => "View",
            Self::Images => "Images",
            Self::Work => "Work",
        }
    }
}

impl Command {
    /// The words on a menu entry or button.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::OpenProject => "Open project…".into(),
            Self::AddImages => "Add images…".into(),
            Self::Save => "Save now".into(),
            Self::SaveRuleset => "Save ruleset".into(),
            Self::ExportBundle => "Export bundle…".into(),
            Self::Show(workspace) => workspace.label().into(),
            Self::Undo => "Undo".into(),
            Self::Redo => "Redo".into(),
            Self::CancelStroke => "Cancel stroke".into(),
            Self::Accept => "Take what is shown".into(),
            Self::RemoveLastPoint => "Take the last corner back".into(),
            Self::Use(tool) => tool.label().into(),
            Self::SwapTools => "Back to the tool before".into(),
            Self::BrushSmaller => "Smaller brush".into(),
            Self::BrushLarger => "Larger brush".into(),
            Self::MuchSmallerBrush => "Much smaller brush".into(),
            Self::MuchLargerBrush => "Much larger brush".into(),
            Self::ProtectOtherClasses => "Protect other classes".into(),
            Self::LimitToZone => "Paint only in this zone".into(),
            Self::LimitToSelection => "Paint only in the selected regions".into(),
            Self::LimitToBrightness => "Paint only in a range of brightness".into(),
            Self::LockClass => "Lock or unlock this class".into(),
            Self::PaintZones => "Paint zones on the nominal image".into(),
            Self::Pick(0) => "Pick the ignore area".into(),
            Self::Pick(n) => format!("Pick class {n}"),
            Self::PickUnderPointer => "Pick the class under the pointer".into(),
            Self::SelectAll => "Select all regions".into(),
            Self::Reclass(n) => format!("Make the selected regions class {n}"),
            Self::DeleteRegions => "Delete the selected regions".into(),
            Self::GrowRegions => "Grow".into(),
            Self::ShrinkRegions => "Shrink".into(),
            Self::SmoothRegions => "Smooth".into(),
            Self::OpenRegions => "Open (remove thin parts)".into(),
            Self::CloseRegions => "Close (bridge narrow gaps)".into(),
            Self::FillHoles => "Fill holes".into(),
            Self::KeepLargest => "Keep only the largest".into(),
            Self::RemoveSmall => "Remove small islands".into(),
            Self::SplitRegions => "Split at the neck".into(),
            Self::MergeRegions => "Merge into one".into(),
            Self::LockRegions => "Lock or unlock the selected regions".into(),
            Self::CopyToNextImage => "Copy to the next image".into(),
            Self::FitView => "Fit image".into(),
            Self::OneToOne => "Actual pixels (1:1)".into(),
            Self::ZoomIn => "Zoom in".into(),
            Self::ZoomOut => "Zoom out".into(),
            Self::ZoomToSelection => "Zoom to the selection".into(),
            Self::HideLabels => "Hide or show labels".into(),
            Self::ShowOnly(n) => format!("Show only class {n}"),
            Self::CycleOutlines => "Fill, outlines or both".into(),
            Self::AutoWindow => "Automatic contrast".into(),
            Self::AutoWindowHere => "Automatic contrast in view".into(),
            Self::Loupe => "Loupe".into(),
            Self::Ruler => "Ruler".into(),
            Self::LessOpacity => "Less opaque labels".into(),
            Self::MoreOpacity => "More opaque labels".into(),
            Self::SwitchTheme => "Switch dark and light".into(),
            Self::CommandPalette => "Find a command…".into(),
            Self::ShowKeys => "Keys and gestures".into(),
            Self::WorkWithKeyboard => "Work on the image with the keyboard".into(),
            Self::NextImage => "Next image".into(),
            Self::PreviousImage => "Previous image".into(),
            Self::NextTodo => "Next image to do".into(),
            Self::FilterFilm => "Filter the images".into(),
            Self::DoneAndNext => "Done, next image".into(),
            Self::MarkReviewed => "Label is reviewed".into(),
            Self::MarkApproved => "Label is approved".into(),
            Self::AddNote => "Add note".into(),
            Self::NextNote => "Next open note".into(),
            Self::NextView => "Next view of this part".into(),
            Self::FindDuplicates => "Find duplicate images".into(),
            Self::FlagImage => "Flag image".into(),
            Self::PartIsOk => "Part is OK".into(),
            Self::PartIsNg => "Part is NG".into(),
            Self::PartIsUnknown => "Part is unknown".into(),
            Self::RunCheck => "Check all labels".into(),
            Self::NextFinding => "Next finding".into(),
            Self::PreviousFinding => "Previous finding".into(),
            Self::SnapToEdge => "Snap to the edge".into(),
            Self::SnapListed => "Snap all listed findings".into(),
            Self::AcceptFinding => "Accept the finding as it is".into(),
            Self::DefectBook => "Defect book".into(),
            Self::EdgeFit => "Edge fit at the pointer".into(),
            Self::RunPrediction => "Run the model on all images".into(),
            Self::NextDisagreement => "Next disagreement".into(),
            Self::LabelNext => "Label the image that teaches most".into(),
            Self::NextChart => "Next chart of the cell".into(),
            Self::WriteReport => "Write report…".into(),
            Self::SuggestLimits => "Suggest limits".into(),
            Self::EditLabel => "Edit this in Label".into(),
            Self::ShowModels => "Models of this part number…".into(),
            Self::AdoptPredictions => "Adopt predictions as labels…".into(),
            Self::Look(CompareView::Label) => "View: label alone".into(),
            Self::Look(CompareView::Model) => "View: model alone".into(),
            Self::Look(CompareView::Candidate) => "View: candidate alone".into(),
            Self::Look(CompareView::Heat) => "View: probability of a defect".into(),
            Self::Look(view) => format!("View: {}", view.label().to_lowercase()),
            Self::SwapSides => "Swap the two sides".into(),
            Self::OtherSide => "Show the other side".into(),
            Self::LessOfView => "Divider left, less tolerance, faster blink".into(),
            Self::MoreOfView => "Divider right, more tolerance, slower blink".into(),
            Self::StopWork => "Stop".into(),
        }
    }

    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::OpenProject | Self::AddImages | Self::Save | Self::SaveRuleset | Self::ExportBundle => Group::Project,
            Self::Show(_) => Group::Workspace,
            Self::Undo | Self::Redo | Self::CancelStroke | Self::Accept | Self::RemoveLastPoint => Group::Edit,
            Self::Use(_)
            | Self::SwapTools
            | Self::BrushSmaller
            | Self::BrushLarger
            | Self::MuchSmallerBrush
            | Self::MuchLargerBrush
            | Self::ProtectOtherClasses
            | Self::LimitToZone
            | Self::LimitToSelection
            | Self::LimitToBrightness
            | Self::LockClass
            | Self::PaintZones
            | Self::Pick(_)
            | Self::PickUnderPointer => Group::Paint,
            Self::SelectAll
            | Self::Reclass(_)
            | Self::DeleteRegions
            | Self::GrowRegions
            | Self::ShrinkRegions
            | Self::SmoothRegions
            | Self::OpenRegions
            | Self::CloseRegions
            | Self::FillHoles
            | Self::KeepLargest
            | Self::RemoveSmall
            | Self::SplitRegions
            | Self::MergeRegions
            | Self::LockRegions
            | Self::CopyToNextImage => Group::Regions,
            Self::FitView
            | Self::OneToOne
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomToSelection
            | Self::HideLabels
            | Self::ShowOnly(_)
            | Self::CycleOutlines
            | Self::AutoWindow
            | Self::AutoWindowHere
            | Self::Loupe
            | Self::Ruler
            | Self::LessOpacity
            | Self::MoreOpacity
            | Self::SwitchTheme
            | Self::CommandPalette
            | Self::ShowKeys
            | Self::WorkWithKeyboard
            | Self::Look(_)
            | Self::SwapSides
            | Self::OtherSide
            | Self::LessOfView
            | Self::MoreOfView => Group::View,
            Self::NextImage
            | Self::PreviousImage
            | Self::NextTodo
            | Self::FilterFilm
            | Self::DoneAndNext
            | Self::MarkReviewed
            | Self::MarkApproved
            | Self::FlagImage
            | Self::AddNote
            | Self::NextNote
            | Self::NextView
            | Self::PartIsOk
            | Self::PartIsNg
            | Self::PartIsUnknown => Group::Images,
            Self::RunCheck
            | Self::NextFinding
            | Self::PreviousFinding
            | Self::SnapToEdge
            | Self::SnapListed
            | Self::AcceptFinding
            | Self::DefectBook
            | Self::EdgeFit
            | Self::FindDuplicates
            | Self::RunPrediction
            | Self::NextDisagreement
            | Self::LabelNext
            | Self::NextChart
            | Self::WriteReport
            | Self::SuggestLimits
            | Self::EditLabel
            | Self::AdoptPredictions
            | Self::ShowModels
            | Self::StopWork => Group::Work,
        }
    }
}
