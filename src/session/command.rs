//! Every action a user can take, once: the menu, the keys, the palette and the tests read this list and cannot disagree.

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
    FindDuplicates,
    RunPrediction,
    NextDisagreement,
    StopWork,
}

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
    pub has_predictions: bool,
    pub has_zones: bool,
    /// A region is selected, or lies under the pointer.
    pub has_selection: bool,
    /// A tool shows something that can be taken.
    pub has_draft: bool,
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
            Self::FindDuplicates,
            Self::RunPrediction,
            Self::NextDisagreement,
            Self::StopWork,
        ]);
        all.extend((1..=9).map(Self::ShowOnly));
        all
    }

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
            Self::RunPrediction => "Run the model on all images".into(),
            Self::NextDisagreement => "Next disagreement".into(),
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
            | Self::WorkWithKeyboard => Group::View,
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
            | Self::FindDuplicates
            | Self::RunPrediction
            | Self::NextDisagreement
            | Self::StopWork => Group::Work,
        }
    }

    /// The keys that trigger it until somebody changes them ([`Keymap`](super::Keymap)), the one shown in tooltips first.
    #[must_use]
    pub fn shortcuts(self) -> Vec<Shortcut> {
        use Key::{Backspace, Char, Delete, Enter, Escape, F, Left, Right};
        match self {
            Self::OpenProject => vec![Shortcut::command(Char('O'))],
            Self::AddImages => vec![Shortcut::command_shift(Char('O'))],
            Self::Save => vec![Shortcut::command(Char('S'))],
            Self::SaveRuleset => vec![Shortcut::command_shift(Char('S'))],
            Self::ExportBundle => vec![Shortcut::command(Char('E'))],
            Self::Show(workspace) => {
                let digit = Workspace::ALL.iter().position(|w| *w == workspace).map_or('1', |i| char::from(b'1' + i as u8));
                vec![Shortcut::alt(Char(digit))]
            }
            Self::Undo => vec![Shortcut::command(Char('Z'))],
            Self::Redo => vec![Shortcut::command_shift(Char('Z')), Shortcut::command(Char('Y'))],
            Self::CancelStroke => vec![Shortcut::plain(Escape)],
            // The second one where Enter belongs to the canvas, a button or a slider.
            Self::Accept => vec![Shortcut::plain(Enter), Shortcut::command_shift(Enter)],
            Self::RemoveLastPoint => vec![Shortcut::plain(Backspace)],
            Self::Use(tool) => vec![tool.shortcut()],
            Self::SwapTools => vec![Shortcut::char('X')],
            Self::BrushSmaller => vec![Shortcut::char('[')],
            Self::BrushLarger => vec![Shortcut::char(']')],
            Self::MuchSmallerBrush => vec![Shortcut::shift(Char('['))],
            Self::MuchLargerBrush => vec![Shortcut::shift(Char(']'))],
            Self::ProtectOtherClasses => vec![Shortcut::char('K')],
            Self::LimitToZone => vec![Shortcut::alt(Char('Z'))],
            Self::LimitToSelection => vec![Shortcut::alt(Char('S'))],
            Self::LimitToBrightness => vec![Shortcut::alt(Char('B'))],
            Self::LockClass => vec![Shortcut::shift(Char('K'))],
            Self::PaintZones => vec![Shortcut::char('Z')],
            Self::Pick(n) => vec![Shortcut::char(char::from(b'0' + n))],
            Self::PickUnderPointer => vec![Shortcut::char('I')],
            Self::SelectAll => vec![Shortcut::command(Char('A'))],
            Self::Reclass(n) => vec![Shortcut::command_shift(Char(char::from(b'0' + n)))],
            Self::DeleteRegions => vec![Shortcut::plain(Delete)],
            Self::GrowRegions => vec![Shortcut::command(Char(']'))],
            Self::ShrinkRegions => vec![Shortcut::command(Char('['))],
            Self::SmoothRegions => vec![Shortcut::command(Char('M'))],
            Self::OpenRegions => vec![Shortcut::command_shift(Char('['))],
            Self::CloseRegions => vec![Shortcut::command_shift(Char(']'))],
            Self::FillHoles => vec![Shortcut::command(Char('H'))],
            Self::KeepLargest => vec![Shortcut::command(Char('L'))],
            Self::RemoveSmall => vec![Shortcut::command_shift(Char('L'))],
            Self::SplitRegions => vec![Shortcut::command(Char('J'))],
            Self::MergeRegions => vec![Shortcut::command_shift(Char('J'))],
            Self::LockRegions => vec![Shortcut::command_shift(Char('K'))],
            Self::CopyToNextImage => vec![Shortcut::command(Char('D'))],
            Self::FitView => vec![Shortcut::char('F')],
            Self::OneToOne => vec![Shortcut::command(Char('1'))],
            Self::ZoomIn => vec![Shortcut::command(Char('+')), Shortcut::char('+')],
            Self::ZoomOut => vec![Shortcut::command(Char('-')), Shortcut::char('-')],
            Self::ZoomToSelection => vec![Shortcut::shift(Char('F'))],
            Self::HideLabels => vec![Shortcut::char('H')],
            Self::ShowOnly(n) => vec![Shortcut::shift(Char(char::from(b'0' + n)))],
            Self::CycleOutlines => vec![Shortcut::char('O')],
            Self::AutoWindow => vec![Shortcut::shift(Char('T'))],
            Self::AutoWindowHere => vec![Shortcut::alt(Char('T'))],
            Self::Loupe => vec![Shortcut::char('Q')],
            Self::Ruler => vec![Shortcut::char('R')],
            Self::LessOpacity => vec![Shortcut::char(',')],
            Self::MoreOpacity => vec![Shortcut::char('.')],
            Self::SwitchTheme => vec![Shortcut::command(Char('T'))],
            Self::CommandPalette => vec![Shortcut::command(Char('K'))],
            Self::ShowKeys => vec![Shortcut::plain(F(1))],
            Self::WorkWithKeyboard => vec![Shortcut::plain(F(6))],
            Self::NextImage => vec![Shortcut::char('D'), Shortcut::plain(Right)],
            Self::PreviousImage => vec![Shortcut::char('A'), Shortcut::plain(Left)],
            Self::NextTodo => vec![Shortcut::command_shift(Char('D'))],
            Self::FilterFilm => vec![Shortcut::char('/'), Shortcut::command_shift(Char('F'))],
            Self::DoneAndNext => vec![Shortcut::command(Enter)],
            Self::MarkReviewed => vec![Shortcut::alt(Char('R'))],
            Self::MarkApproved => vec![Shortcut::alt(Char('A'))],
            Self::AddNote => vec![Shortcut::shift(Char('N'))],
            Self::NextNote => vec![Shortcut::command_shift(Char('N'))],
            Self::NextView => vec![Shortcut::char('\''), Shortcut::alt(Char('V'))],
            Self::FindDuplicates => vec![Shortcut::plain(F(9))],
            Self::FlagImage => vec![Shortcut::command(Char('F'))],
            Self::PartIsOk => vec![Shortcut::alt(Char('O'))],
            Self::PartIsNg => vec![Shortcut::alt(Char('N'))],
            Self::PartIsUnknown => vec![Shortcut::alt(Char('U'))],
            Self::RunCheck => vec![Shortcut::plain(F(7))],
            Self::NextFinding => vec![Shortcut::char('N')],
            Self::RunPrediction => vec![Shortcut::plain(F(8))],
            Self::NextDisagreement => vec![Shortcut::char('M')],
            Self::StopWork => vec![Shortcut::command(Char('.'))],
        }
    }

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
            Self::NextFinding => state.has_findings,
            Self::NextDisagreement => state.has_predictions,
            Self::StopWork => state.is_working,
            Self::OpenProject
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
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_two_commands_share_a_key() {
        let mut owners: HashMap<Shortcut, Command> = HashMap::new();
        for command in Command::all() {
            for shortcut in command.shortcuts() {
                if let Some(other) = owners.insert(shortcut, command) {
                    panic!("{} is the key of {other:?} and of {command:?}", shortcut.text());
                }
            }
        }
        assert!(owners.len() > Command::all().len() / 2);
    }

    #[test]
    fn every_command_has_a_key_and_words() {
        for command in Command::all() {
            assert!(!command.shortcuts().is_empty(), "{command:?}");
            assert!(!command.label().is_empty(), "{command:?}");
        }
    }

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
