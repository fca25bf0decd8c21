//! When a command can be used.

use super::{Command, CompareView, Tool, Workspace};

/// What decides whether a command can be used now.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandState {
    pub workspace: Workspace,
    pub is_read_only: bool,
    pub has_images: bool,
    pub has_model: bool,
    pub has_nominal: bool,
    pub has_unsaved_changes: bool,
    pub is_ruleset_saved: bool,
    pub can_undo: bool,
    pub can_redo: bool,
    pub is_working: bool,
    /// Classes, or zones while zones are painted.
    pub pick_count: usize,
    pub has_findings: bool,
    /// A finding is being looked at.
    pub has_finding_in_hand: bool,
    pub has_predictions: bool,
    /// A second model's predictions are there to be held against.
    pub has_candidate: bool,
    pub has_zones: bool,
    /// A region is selected, or lies under the pointer.
    pub has_selection: bool,
    /// A tool shows something that can be taken.
    pub has_draft: bool,
}

impl Command {
    /// Whether it can be used now; buttons and menu entries are dimmed otherwise.
    #[must_use]
    pub fn is_enabled(self, state: &CommandState) -> bool {
        let may_write = !state.is_read_only;
        match self {
            Self::AddImages => may_write,
            Self::ProtectOtherClasses | Self::LimitToBrightness | Self::LockClass | Self::LimitToSelection => {
                may_write && state.workspace == Workspace::Label
            }
            Self::LimitToZone => may_write && state.has_zones && state.workspace == Workspace::Label,
            Self::Save => may_write && state.has_unsaved_changes,
            Self::SaveRuleset => may_write && !state.is_ruleset_saved,
            Self::Undo => may_write && state.can_undo,
            Self::Redo => may_write && state.can_redo,
            Self::Use(Tool::ModelRegion) => {
                may_write && state.has_images && state.has_predictions && state.workspace == Workspace::Label
            }
            Self::Use(_) | Self::SwapTools | Self::PickUnderPointer | Self::SelectAll => {
                may_write && state.has_images && state.workspace == Workspace::Label
            }
            Self::Accept | Self::RemoveLastPoint => may_write && state.has_draft,
            Self::DeleteRegions
            | Self::GrowRegions
            | Self::ShrinkRegions
            | Self::SmoothRegions
            | Self::OpenRegions
            | Self::CloseRegions
            | Self::FillHoles
            | Self::RemoveSmall
            | Self::SplitRegions
            | Self::KeepLargest
            | Self::MergeRegions
            | Self::LockRegions
            | Self::CopyToNextImage => may_write && state.has_selection && state.workspace == Workspace::Label,
            Self::Reclass(n) => {
                may_write && state.has_selection && state.workspace == Workspace::Label && usize::from(n) <= state.pick_count
            }
            Self::PaintZones => may_write && state.has_nominal,
            Self::Pick(n) | Self::ShowOnly(n) => usize::from(n) <= state.pick_count,
            Self::ZoomToSelection
            | Self::AutoWindow
            | Self::AutoWindowHere
            | Self::Loupe
            | Self::Ruler
            | Self::WorkWithKeyboard
            | Self::NextTodo
            | Self::FilterFilm
            | Self::NextNote
            | Self::NextView
            | Self::NextImage
            | Self::PreviousImage
            | Self::EditLabel
            | Self::WriteReport
            | Self::ExportBundle => state.has_images,
            Self::DoneAndNext
            | Self::MarkReviewed
            | Self::MarkApproved
            | Self::FlagImage
            | Self::AddNote
            | Self::PartIsOk
            | Self::PartIsNg
            | Self::PartIsUnknown => may_write && state.has_images,
            Self::RunCheck | Self::FindDuplicates => state.has_images && !state.is_working,
            Self::RunPrediction => state.has_images && state.has_model && !state.is_working,
            Self::NextFinding | Self::PreviousFinding => state.has_findings,
            Self::SnapToEdge | Self::AcceptFinding => may_write && state.has_finding_in_hand,
            Self::SnapListed => may_write && state.has_findings && !state.is_working && state.workspace == Workspace::Check,
            Self::NextDisagreement => state.has_predictions,
            Self::LabelNext => state.has_predictions && may_write,
            Self::NextChart | Self::SuggestLimits => state.workspace == Workspace::Tune,
            Self::AdoptPredictions => state.has_predictions && may_write && !state.is_working,
            Self::Look(view) => {
                state.has_predictions
                    && state.workspace == Workspace::Compare
                    && (view != CompareView::Candidate || state.has_candidate)
            }
            Self::SwapSides | Self::OtherSide | Self::LessOfView | Self::MoreOfView => {
                state.has_predictions && state.workspace == Workspace::Compare
            }
            Self::StopWork => state.is_working,
            Self::OpenProject
            | Self::DefectBook
            | Self::ShowModels
            | Self::EdgeFit
            | Self::Show(_)
            | Self::CancelStroke
            | Self::BrushSmaller
            | Self::BrushLarger
            | Self::MuchSmallerBrush
            | Self::MuchLargerBrush
            | Self::FitView
            | Self::OneToOne
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::HideLabels
            | Self::CycleOutlines
            | Self::LessOpacity
            | Self::MoreOpacity
            | Self::SwitchTheme
            | Self::CommandPalette
            | Self::ShowKeys => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_writes_is_enabled_read_only() {
        let state = CommandState {
            is_read_only: true,
            has_images: true,
            has_model: true,
            has_nominal: true,
            has_unsaved_changes: true,
            can_undo: true,
            can_redo: true,
            ..CommandState::default()
        };
        for command in
            [Command::Save, Command::Undo, Command::Redo, Command::Use(Tool::Brush), Command::PartIsNg, Command::SaveRuleset]
        {
            assert!(!command.is_enabled(&state), "{command:?}");
        }
    }
}
