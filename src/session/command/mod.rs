//! Every action a user can take, once: the menu, the keys, the palette and the tests read this list and cannot disagree.

mod keys;
mod look;
mod state;
mod words;

pub use self::look::CompareView;
pub use self::state::CommandState;
pub use self::words::Group;
pub use super::shortcut::{Key, Shortcut};
use super::tool::Tool;

/// The five workspaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Workspace {
    #[default]
    Label,
    Check,
    Compare,
    Tune,
    Export,
}

impl Workspace {
    pub const ALL: [Self; 5] = [Self::Label, Self::Check, Self::Compare, Self::Tune, Self::Export];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Label => "Label",
            Self::Check => "Check",
            Self::Compare => "Compare",
            Self::Tune => "Tune",
            Self::Export => "Export",
        }
    }
}

/// One thing a user can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    OpenProject,
    AddImages,
    Save,
    SaveRuleset,
    ExportBundle,
    Show(Workspace),
    Undo,
    Redo,
    CancelStroke,
    /// Takes what is previewed: a polygon, a traced scratch, a segmentation.
    Accept,
    /// Takes the last corner of a polygon back.
    RemoveLastPoint,
    Use(Tool),
    /// The tool in hand and the one before change places.
    SwapTools,
    BrushSmaller,
    BrushLarger,
    MuchSmallerBrush,
    MuchLargerBrush,
    ProtectOtherClasses,
    LimitToZone,
    LimitToSelection,
    LimitToBrightness,
    LockClass,
    PaintZones,
    /// The n-th class (or zone, while zones are painted), counted from 1; 0 is the area that is ignored.
    Pick(u8),
    /// Takes the class under the pointer into the hand.
    PickUnderPointer,
    SelectAll,
    /// Gives the selected regions the n-th class.
    Reclass(u8),
    DeleteRegions,
    GrowRegions,
    ShrinkRegions,
    SmoothRegions,
    OpenRegions,
    CloseRegions,
    FillHoles,
    KeepLargest,
    RemoveSmall,
    SplitRegions,
    MergeRegions,
    LockRegions,
    CopyToNextImage,
    FitView,
    OneToOne,
    ZoomIn,
    ZoomOut,
    ZoomToSelection,
    HideLabels,
    /// The n-th class alone, counted from 1; again for all.
    ShowOnly(u8),
    CycleOutlines,
    AutoWindow,
    AutoWindowHere,
    Loupe,
    Ruler,
    LessOpacity,
    MoreOpacity,
    SwitchTheme,
    CommandPalette,
    ShowKeys,
    /// Gives the canvas the keyboard: arrows move a cursor of its own over the pixels.
    WorkWithKeyboard,
    NextImage,
    PreviousImage,
    NextTodo,
    /// Puts the keyboard into the filter of the filmstrip.
    FilterFilm,
    DoneAndNext,
    MarkReviewed,
    MarkApproved,
    FlagImage,
    /// Pins a note where the pointer is.
    AddNote,
    /// The next note that nobody has resolved.
    NextNote,
    /// The next image of the same part.
    NextView,
    PartIsOk,
    PartIsNg,
    PartIsUnknown,
    RunCheck,
    NextFinding,
    PreviousFinding,
    /// Shows the finding's label moved to the edge in the photo; Enter takes it.
    SnapToEdge,
    /// The same for all findings that are listed.
    SnapListed,
    /// Says why a finding stays as it is.
    AcceptFinding,
    DefectBook,
    /// Colours the boundary under the pointer by how it fits the photo, while painting.
    EdgeFit,
    FindDuplicates,
    RunPrediction,
    NextDisagreement,
    /// The image that nobody has labelled and that teaches most, in Label.
    LabelNext,
    /// Another chart of the cell in Tune.
    NextChart,
    /// One page about the ruleset and what it does to the set.
    WriteReport,
    /// Limits that the decided parts speak for, in Tune.
    SuggestLimits,
    /// What is looked at, in Label.
    EditLabel,
    /// Takes predictions over as a start for labels.
    AdoptPredictions,
    /// The models of the part number, their cards and what they look at.
    ShowModels,
    /// Another way to look at label and model.
    Look(CompareView),
    /// The two sides of a comparison change places.
    SwapSides,
    /// The other side instead of the one that is shown; held, only as long.
    OtherSide,
    /// The figure of the view down: divider to the left, less tolerance, a shorter blink.
    LessOfView,
    MoreOfView,
    StopWork,
}

impl Command {
    /// Every command, in the order of menus and of the sheet of keys.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::OpenProject, Self::AddImages, Self::Save, Self::SaveRuleset, Self::ExportBundle];
        all.extend(Workspace::ALL.map(Self::Show));
        all.extend([Self::Undo, Self::Redo, Self::CancelStroke, Self::Accept, Self::RemoveLastPoint]);
        all.extend(Tool::ALL.map(Self::Use));
        all.extend([
            Self::SwapTools,
            Self::BrushSmaller,
            Self::BrushLarger,
            Self::MuchSmallerBrush,
            Self::MuchLargerBrush,
            Self::ProtectOtherClasses,
            Self::LimitToZone,
            Self::LimitToSelection,
            Self::LimitToBrightness,
            Self::LockClass,
            Self::PaintZones,
        ]);
        all.extend((0..=9).map(Self::Pick));
        all.extend([Self::PickUnderPointer, Self::SelectAll]);
        all.extend((1..=9).map(Self::Reclass));
        all.extend([
            Self::DeleteRegions,
            Self::GrowRegions,
            Self::ShrinkRegions,
            Self::SmoothRegions,
            Self::OpenRegions,
            Self::CloseRegions,
            Self::FillHoles,
            Self::KeepLargest,
            Self::RemoveSmall,
            Self::SplitRegions,
            Self::MergeRegions,
            Self::LockRegions,
            Self::CopyToNextImage,
            Self::FitView,
            Self::OneToOne,
            Self::ZoomIn,
            Self::ZoomOut,
            Self::ZoomToSelection,
            Self::HideLabels,
            Self::CycleOutlines,
            Self::AutoWindow,
            Self::AutoWindowHere,
            Self::Loupe,
            Self::Ruler,
            Self::LessOpacity,
            Self::MoreOpacity,
            Self::SwitchTheme,
            Self::CommandPalette,
            Self::ShowKeys,
            Self::WorkWithKeyboard,
            Self::NextImage,
            Self::PreviousImage,
            Self::NextTodo,
            Self::FilterFilm,
            Self::DoneAndNext,
            Self::MarkReviewed,
            Self::MarkApproved,
            Self::FlagImage,
            Self::AddNote,
            Self::NextNote,
            Self::NextView,
            Self::PartIsOk,
            Self::PartIsNg,
            Self::PartIsUnknown,
            Self::RunCheck,
            Self::NextFinding,
            Self::PreviousFinding,
            Self::SnapToEdge,
            Self::SnapListed,
            Self::AcceptFinding,
            Self::DefectBook,
            Self::EdgeFit,
            Self::FindDuplicates,
            Self::RunPrediction,
            Self::NextDisagreement,
            Self::LabelNext,
            Self::NextChart,
            Self::WriteReport,
            Self::SuggestLimits,
            Self::EditLabel,
            Self::AdoptPredictions,
            Self::ShowModels,
            Self::StopWork,
        ]);
        all.extend(CompareView::ALL.map(Self::Look));
        all.extend([Self::SwapSides, Self::OtherSide, Self::LessOfView, Self::MoreOfView]);
        all.extend((1..=9).map(Self::ShowOnly));
        all
    }
}
