//! From the keys that were pressed to commands; the only place that knows both egui's keys and ours.

use delimit::session::Command;
use delimit::session::command::{Key, Shortcut};
use egui::{Context, KeyboardShortcut, Modifiers};

/// The commands whose keys were pressed in this frame. Plain letters belong to a text field that has the focus, plain arrows and
/// Enter to whatever has it: a slider, a limit, a button.
pub fn pressed(ctx: &Context) -> Vec<Command> {
    let is_typing = ctx.text_edit_focused();
    let has_focus = ctx.memory(|m| m.focused().is_some());
    let mut found: Vec<(Command, KeyboardShortcut)> = Vec::new();
    for command in Command::all() {
        for shortcut in command.shortcuts() {
            let is_plain = !shortcut.command && !shortcut.alt;
            if is_typing && is_plain && !matches!(shortcut.key, Key::F(_)) {
                continue;
            }
            if has_focus && is_plain && matches!(shortcut.key, Key::Left | Key::Right | Key::Enter) {
                continue;
            }
            found.extend(egui_shortcuts(shortcut).into_iter().map(|s| (command, s)));
        }
    }
    // More modifiers first, or Ctrl+Z would swallow Ctrl+Shift+Z.
    found.sort_by_key(|(_, s)| {
        std::cmp::Reverse(u8::from(s.modifiers.shift) + u8::from(s.modifiers.alt) + u8::from(s.modifiers.command))
    });
    ctx.input_mut(|input| found.into_iter().filter(|(_, s)| is_consumed(input, *s)).map(|(command, _)| command).collect())
}

/// Takes the key press out of the frame's events. Digits and brackets count by their place on the keyboard too: with Shift, and on
/// some layouts always, other signs are printed there.
fn is_consumed(input: &mut egui::InputState, shortcut: KeyboardShortcut) -> bool {
    let by_place = matches!(
        shortcut.logical_key,
        egui::Key::Num0
            | egui::Key::Num1
            | egui::Key::Num2
            | egui::Key::Num3
            | egui::Key::Num4
            | egui::Key::Num5
            | egui::Key::Num6
            | egui::Key::Num7
            | egui::Key::Num8
            | egui::Key::Num9
            | egui::Key::OpenBracket
            | egui::Key::CloseBracket
    );
    let before = input.events.len();
    input.events.retain(|event| {
        let egui::Event::Key { key, physical_key, pressed: true, modifiers, .. } = event else { return true };
        let is_key = *key == shortcut.logical_key || (by_place && *physical_key == Some(shortcut.logical_key));
        !(is_key && modifiers.matches_logically(shortcut.modifiers))
    });
    input.events.len() < before
}

/// The keys of a keyboard that mean a shortcut: a sign may be on several.
fn egui_shortcuts(shortcut: Shortcut) -> Vec<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    modifiers.command = shortcut.command;
    modifiers.shift = shortcut.shift;
    modifiers.alt = shortcut.alt;
    let keys: Vec<egui::Key> = match shortcut.key {
        Key::Left => vec![egui::Key::ArrowLeft],
        Key::Right => vec![egui::Key::ArrowRight],
        Key::Enter => vec![egui::Key::Enter],
        Key::Escape => vec![egui::Key::Escape],
        Key::Backspace => vec![egui::Key::Backspace],
        Key::Delete => vec![egui::Key::Delete],
        Key::F(n) => egui::Key::from_name(&format!("F{n}")).into_iter().collect(),
        Key::Char('+') => vec![egui::Key::Plus, egui::Key::Equals],
        Key::Char('-') => vec![egui::Key::Minus],
        Key::Char('[') => vec![egui::Key::OpenBracket, egui::Key::OpenCurlyBracket],
        Key::Char(']') => vec![egui::Key::CloseBracket, egui::Key::CloseCurlyBracket],
        Key::Char(',') => vec![egui::Key::Comma],
        Key::Char('.') => vec![egui::Key::Period],
        // Shift turns this digit into a sign of its own on many keyboards.
        Key::Char('1') if shortcut.shift => vec![egui::Key::Num1, egui::Key::Exclamationmark],
        Key::Char(c) => egui::Key::from_name(&c.to_string()).into_iter().collect(),
    };
    keys.into_iter().map(|key| KeyboardShortcut::new(modifiers, key)).collect()
}

/// The first key of a command as people read it.
pub fn text(command: Command) -> String {
    command.shortcuts().first().map_or_else(String::new, |s| s.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortcut_is_a_key_of_the_keyboard() {
        for command in Command::all() {
            for shortcut in command.shortcuts() {
                assert!(!egui_shortcuts(shortcut).is_empty(), "{command:?}: {}", shortcut.text());
            }
        }
    }
}
