//! From the keys that were pressed to commands; the only place that knows both egui's keys and ours.

use std::cell::RefCell;
use std::sync::Arc;

use delimit::session::command::{Key, Shortcut};
use delimit::session::{Command, Keymap, Tool};
use egui::{Context, Event, KeyboardShortcut, Modifiers};

thread_local! {
    /// The keys of the person at this window. A window draws on one thread; every tooltip and menu asks here.
    static CURRENT: RefCell<Arc<Keymap>> = RefCell::new(Arc::new(Keymap::default()));
}

/// From now on these keys count, and are shown. Once per frame, before anything is drawn.
pub fn follow(keymap: &Arc<Keymap>) {
    CURRENT.with_borrow_mut(|current| {
        if !Arc::ptr_eq(current, keymap) {
            *current = Arc::clone(keymap);
        }
    });
}

fn current() -> Arc<Keymap> {
    CURRENT.with_borrow(Arc::clone)
}

/// The first key of a command as people read it; empty without one.
pub fn text(command: Command) -> String {
    current().text(command)
}

/// A phrase with the key of a command after it in brackets, where it has one.
pub fn with_key(phrase: &str, command: Command) -> String {
    let key = text(command);
    if key.is_empty() { phrase.to_owned() } else { format!("{phrase} ({key})") }
}

/// "N = next finding"; nothing for a command without a key.
pub fn hint(command: Command, what: &str) -> Option<String> {
    let key = text(command);
    (!key.is_empty()).then(|| format!("{key} = {what}"))
}

/// Gestures and keys of a tool: "drag = paint, [ = smaller, ] = larger".
pub fn tool_hint(tool: Tool) -> String {
    let keys = tool.keys().iter().filter_map(|&(command, what)| hint(command, what));
    std::iter::once(tool.gestures().to_owned()).chain(keys).collect::<Vec<_>>().join(", ")
}

/// [`hint`] with the first key that counts while the canvas has the keyboard.
pub fn hint_on_canvas(command: Command, what: &str) -> Option<String> {
    let keymap = current();
    let is_free = |s: &&Shortcut| s.command || s.alt || !moves_in_a_control(s.key);
    keymap.shortcuts(command).iter().find(is_free).map(|s| format!("{} = {what}", s.text()))
}

/// The commands whose keys were pressed in this frame. Plain letters belong to a text field that has the focus, plain arrows and
/// Enter to whatever has it: a slider, a limit, a button, the canvas.
pub fn pressed(ctx: &Context) -> Vec<Command> {
    if !ctx.input(|i| i.events.iter().any(|e| matches!(e, Event::Key { pressed: true, .. }))) {
        return Vec::new();
    }
    let keymap = current();
    let is_typing = ctx.text_edit_focused();
    let has_focus = ctx.memory(|m| m.focused().is_some());
    let mut found: Vec<(Command, Shortcut, KeyboardShortcut)> = Vec::new();
    for command in Command::all() {
        for &shortcut in keymap.shortcuts(command) {
            let is_plain = !shortcut.command && !shortcut.alt;
            if is_typing && is_plain && !matches!(shortcut.key, Key::F(_)) {
                continue;
            }
            if has_focus && is_plain && moves_in_a_control(shortcut.key) {
                continue;
            }
            found.extend(egui_shortcuts(shortcut).into_iter().map(|s| (command, shortcut, s)));
        }
    }
    // More modifiers first, or Ctrl+Z would swallow Ctrl+Shift+Z.
    found.sort_by_key(|(_, _, s)| {
        std::cmp::Reverse(u8::from(s.modifiers.shift) + u8::from(s.modifiers.alt) + u8::from(s.modifiers.command))
    });
    ctx.input_mut(|input| {
        found.into_iter().filter(|(_, own, s)| is_consumed(input, *own, *s)).map(|(command, ..)| command).collect()
    })
}

/// Keys that a control with the focus needs for itself.
const fn moves_in_a_control(key: Key) -> bool {
    matches!(
        key,
        Key::Left | Key::Right | Key::Up | Key::Down | Key::Home | Key::End | Key::PageUp | Key::PageDown | Key::Enter | Key::Tab
    )
}

/// Takes the key press out of the frame's events. Digits and brackets count by their place on the keyboard too: with Shift, and on
/// some layouts always, other signs are printed there.
fn is_consumed(input: &mut egui::InputState, own: Shortcut, shortcut: KeyboardShortcut) -> bool {
    let by_place = matches!(own.key, Key::Char('0'..='9' | '[' | ']'));
    // Signs may need Shift on one keyboard and none on another; a letter with Shift is another key than the letter.
    let is_exact = !matches!(own.key, Key::Char(c) if !c.is_ascii_alphabetic());
    let before = input.events.len();
    input.events.retain(|event| {
        let Event::Key { key, physical_key, pressed: true, modifiers, .. } = event else { return true };
        let is_key = *key == shortcut.logical_key || (by_place && *physical_key == Some(shortcut.logical_key));
        let is_held = if is_exact {
            modifiers.matches_logically(shortcut.modifiers)
                && modifiers.shift == shortcut.modifiers.shift
                && modifiers.alt == shortcut.modifiers.alt
        } else {
            modifiers.matches_logically(shortcut.modifiers)
        };
        !(is_key && is_held)
    });
    input.events.len() < before
}

/// The keys of a keyboard that mean a shortcut: a sign may be on several.
fn egui_shortcuts(shortcut: Shortcut) -> Vec<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    modifiers.command = shortcut.command;
    modifiers.shift = shortcut.shift;
    modifiers.alt = shortcut.alt;
    let mut keys = egui_keys(shortcut.key);
    // Shift turns this digit into a sign of its own on many keyboards.
    if shortcut.key == Key::Char('1') && shortcut.shift {
        keys.push(egui::Key::Exclamationmark);
    }
    keys.into_iter().map(|key| KeyboardShortcut::new(modifiers, key)).collect()
}

/// The keys of a keyboard that are ours; the first one is the one without Shift.
fn egui_keys(key: Key) -> Vec<egui::Key> {
    use egui::Key as E;
    match key {
        Key::Left => vec![E::ArrowLeft],
        Key::Right => vec![E::ArrowRight],
        Key::Up => vec![E::ArrowUp],
        Key::Down => vec![E::ArrowDown],
        Key::Home => vec![E::Home],
        Key::End => vec![E::End],
        Key::PageUp => vec![E::PageUp],
        Key::PageDown => vec![E::PageDown],
        Key::Insert => vec![E::Insert],
        Key::Tab => vec![E::Tab],
        Key::Enter => vec![E::Enter],
        Key::Escape => vec![E::Escape],
        Key::Backspace => vec![E::Backspace],
        Key::Delete => vec![E::Delete],
        Key::F(n) => E::from_name(&format!("F{n}")).into_iter().collect(),
        Key::Char('+') => vec![E::Plus, E::Equals],
        Key::Char('[') => vec![E::OpenBracket, E::OpenCurlyBracket],
        Key::Char(']') => vec![E::CloseBracket, E::CloseCurlyBracket],
        Key::Char('/') => vec![E::Slash, E::Questionmark],
        Key::Char(';') => vec![E::Semicolon, E::Colon],
        Key::Char('\\') => vec![E::Backslash, E::Pipe],
        Key::Char(c) => E::from_name(&c.to_string()).into_iter().collect(),
    }
}

/// Our key for one of the keyboard; None for keys that no command can have.
fn own_key(key: egui::Key) -> Option<Key> {
    Key::all().into_iter().find(|own| egui_keys(*own).contains(&key))
}

// --- a key being chosen ------------------------------------------------------------------------------------------------------

/// What was pressed while a new key is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    Key(Shortcut),
    /// Escape: all stays as it was.
    Cancelled,
    /// Backspace or Delete: no key.
    Cleared,
    /// A key that no command can have.
    Unusable,
}

/// Takes every key press of the frame away from everybody else; the first one counts.
pub fn catch(ctx: &Context) -> Option<Caught> {
    ctx.input_mut(|input| {
        let caught = input.events.iter().find_map(caught);
        input.events.retain(|e| !is_of_the_keyboard(e));
        caught
    })
}

const fn is_of_the_keyboard(event: &Event) -> bool {
    matches!(event, Event::Key { pressed: true, .. } | Event::Text(_) | Event::Copy | Event::Cut | Event::Paste(_))
}

fn caught(event: &Event) -> Option<Caught> {
    let of_text = |c| Caught::Key(Shortcut { command: true, shift: false, alt: false, key: Key::Char(c) });
    match event {
        Event::Copy => Some(of_text('C')),
        Event::Cut => Some(of_text('X')),
        Event::Paste(_) => Some(of_text('V')),
        Event::Key { key: egui::Key::Escape, pressed: true, .. } => Some(Caught::Cancelled),
        Event::Key { key: egui::Key::Backspace | egui::Key::Delete, pressed: true, modifiers, .. } if modifiers.is_none() => {
            Some(Caught::Cleared)
        }
        // What opened the question may still be held.
        Event::Key { repeat: true, .. } => None,
        Event::Key { key, physical_key, pressed: true, modifiers, .. } => {
            let digit = physical_key.filter(|p| matches!(own_key(*p), Some(Key::Char('0'..='9'))));
            // Shift and a digit print a sign: what counts is the place.
            let own =
                own_key(if modifiers.shift { digit.unwrap_or(*key) } else { *key }).or_else(|| physical_key.and_then(own_key));
            let Some(own) = own else { return Some(Caught::Unusable) };
            // A sign that was typed with Shift is the sign alone, unless it is a bracket.
            let needs_shift = matches!(key, egui::Key::Plus | egui::Key::Questionmark | egui::Key::Colon | egui::Key::Pipe);
            let shift = modifiers.shift && !needs_shift;
            Some(Caught::Key(Shortcut { command: modifiers.command, shift, alt: modifiers.alt, key: own }))
        }
        _ => None,
    }
}

// --- keys that are held ------------------------------------------------------------------------------------------------------

/// The plain keys of a command on the keyboard: those that can be held.
pub fn plain_keys(command: Command) -> Vec<egui::Key> {
    let keymap = current();
    let plain = keymap.shortcuts(command).iter().filter(|s| !s.command && !s.shift && !s.alt);
    plain.flat_map(|s| egui_keys(s.key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_on_the_keyboard_and_found_again() {
        for key in Key::all() {
            let on_keyboard = egui_keys(key);
            assert!(!on_keyboard.is_empty(), "{key:?}");
            for pressed in on_keyboard {
                assert_eq!(own_key(pressed), Some(key), "{pressed:?}");
            }
        }
        assert_eq!(own_key(egui::Key::Space), None);
    }

    fn press(key: egui::Key, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key: Some(key), pressed: true, repeat: false, modifiers }
    }

    #[test]
    fn what_is_caught_is_what_would_trigger() {
        for key in Key::all() {
            if matches!(key, Key::Escape | Key::Backspace | Key::Delete) {
                continue;
            }
            let pressed = egui_keys(key)[0];
            for modifiers in [Modifiers::NONE, Modifiers::ALT, Modifiers::COMMAND, Modifiers::COMMAND | Modifiers::SHIFT] {
                let Some(Caught::Key(shortcut)) = caught(&press(pressed, modifiers)) else { panic!("{key:?}") };
                assert_eq!(shortcut.key, key);
                let triggers = egui_shortcuts(shortcut);
                assert!(triggers.iter().any(|s| s.logical_key == pressed && modifiers.matches_logically(s.modifiers)), "{key:?}");
            }
        }
        assert_eq!(caught(&press(egui::Key::Escape, Modifiers::NONE)), Some(Caught::Cancelled));
        assert_eq!(caught(&press(egui::Key::Delete, Modifiers::NONE)), Some(Caught::Cleared));
        assert_eq!(caught(&press(egui::Key::Space, Modifiers::NONE)), Some(Caught::Unusable));
        let shift_1 = Event::Key {
            key: egui::Key::Exclamationmark,
            physical_key: Some(egui::Key::Num1),
            pressed: true,
            repeat: false,
            modifiers: Modifiers::SHIFT,
        };
        assert_eq!(caught(&shift_1), Some(Caught::Key("Shift+1".parse().unwrap())));
    }
}
