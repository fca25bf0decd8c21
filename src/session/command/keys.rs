//! The keys that commands have until a person changes them.

use super::{Command, CompareView, Key, Shortcut, Workspace};

impl Command {
    /// The keys that trigger it until somebody changes them ([`Keymap`](crate::session::Keymap)), the one shown in tooltips first.
    #[must_use]
    pub fn shortcuts(self) -> Vec<Shortcut> {
        use Key::{Backspace, Char, Delete, Enter, Escape, F, Insert, Left, Right};
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
            Self::PreviousFinding => vec![Shortcut::shift(Char('M'))],
            Self::SnapToEdge => vec![Shortcut::char('J')],
            Self::SnapListed => vec![Shortcut::shift(Char('J'))],
            Self::AcceptFinding => vec![Shortcut::alt(Char('J'))],
            Self::EdgeFit => vec![Shortcut::alt(Char('E'))],
            Self::DefectBook => vec![Shortcut::plain(F(2))],
            Self::RunPrediction => vec![Shortcut::plain(F(8))],
            Self::NextDisagreement => vec![Shortcut::char('M')],
            Self::LabelNext => vec![Shortcut::alt(Char('Q'))],
            Self::NextChart => vec![Shortcut::plain(F(4))],
            Self::WriteReport => vec![Shortcut::command(Char('P'))],
            Self::SuggestLimits => vec![Shortcut::plain(F(5))],
            Self::EditLabel => vec![Shortcut::shift(Char('E'))],
            Self::ShowModels => vec![Shortcut::plain(F(12))],
            Self::AdoptPredictions => vec![Shortcut::plain(F(10))],
            Self::Look(view) => vec![Shortcut::alt(Char(look_letter(view)))],
            Self::SwapSides => vec![Shortcut::alt(Char('X'))],
            // The second one for keyboards on which the first needs Shift.
            Self::OtherSide => vec![Shortcut::char(';'), Shortcut::plain(Insert)],
            Self::LessOfView => vec![Shortcut::alt(Left)],
            Self::MoreOfView => vec![Shortcut::alt(Right)],
            Self::StopWork => vec![Shortcut::command(Char('.'))],
        }
    }
}

/// The letter of a view, with Alt: the plain ones are tools.
const fn look_letter(view: CompareView) -> char {
    match view {
        CompareView::Difference => 'D',
        CompareView::Label => 'L',
        CompareView::Model => 'M',
        CompareView::Candidate => 'C',
        CompareView::Wipe => 'W',
        CompareView::Blink => 'K',
        CompareView::SideBySide => 'P',
        CompareView::Heat => 'H',
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
}
