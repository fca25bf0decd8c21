//! Keys as text, both ways: `Ctrl+Shift+D`.

use std::str::FromStr;

use crate::session::command::{Key, Shortcut};

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShortcutError {
    #[error("no key is named; write something like \"Ctrl+Shift+D\"")]
    Empty,
    #[error("`{0}` is held with no key; use Ctrl, Alt and Shift, as in \"Ctrl+Shift+D\"")]
    UnknownModifier(String),
    #[error("there is no key `{0}`; use a letter, a digit, a sign, F1 to F12, or a name like Enter, Home, PageUp, Left")]
    UnknownKey(String),
}

/// Signs of the keyboard that can be keys.
const SIGNS: &str = "+-[],.;'/\\`";

/// Names of keys that print nothing; the first one of a key is what [`Shortcut::text`] writes.
const NAMES: [(&str, Key); 27] = [
    ("←", Key::Left),
    ("left", Key::Left),
    ("→", Key::Right),
    ("right", Key::Right),
    ("↑", Key::Up),
    ("up", Key::Up),
    ("↓", Key::Down),
    ("down", Key::Down),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("page up", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("page down", Key::PageDown),
    ("insert", Key::Insert),
    ("ins", Key::Insert),
    ("tab", Key::Tab),
    ("enter", Key::Enter),
    ("return", Key::Enter),
    ("esc", Key::Escape),
    ("escape", Key::Escape),
    ("backspace", Key::Backspace),
    ("del", Key::Delete),
    ("delete", Key::Delete),
    ("plus", Key::Char('+')),
    ("minus", Key::Char('-')),
    ("comma", Key::Char(',')),
];

impl Key {
    /// Every key that a command can have, once.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = ('A'..='Z').chain('0'..='9').chain(SIGNS.chars()).map(Key::Char).collect();
        all.extend([Self::Left, Self::Right, Self::Up, Self::Down, Self::Home, Self::End, Self::PageUp, Self::PageDown]);
        all.extend([Self::Insert, Self::Tab, Self::Enter, Self::Escape, Self::Backspace, Self::Delete]);
        all.extend((1..=12).map(Self::F));
        all
    }
}

impl FromStr for Shortcut {
    type Err = ShortcutError;

    /// Reads what [`Shortcut::text`] writes. Large and small letters are the same, `Cmd` is `Ctrl`, `Option` is `Alt`.
    fn from_str(text: &str) -> Result<Self, ShortcutError> {
        let mut rest = text.trim();
        let mut shortcut = Self { command: false, shift: false, alt: false, key: Key::Enter };
        // A plus right at the start of what is left is the key itself.
        while let Some((at, _)) = rest.char_indices().skip(1).find(|(_, c)| *c == '+') {
            let modifier = rest[..at].trim();
            match modifier.to_lowercase().as_str() {
                "ctrl" | "control" | "cmd" | "command" => shortcut.command = true,
                "alt" | "option" => shortcut.alt = true,
                "shift" => shortcut.shift = true,
                _ => return Err(ShortcutError::UnknownModifier(modifier.to_owned())),
            }
            rest = rest[at + 1..].trim_start();
        }
        shortcut.key = key(rest.trim())?;
        Ok(shortcut)
    }
}

fn key(name: &str) -> Result<Key, ShortcutError> {
    let unknown = || ShortcutError::UnknownKey(name.to_owned());
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (None, _) => return Err(ShortcutError::Empty),
        (Some(c), None) if c.is_ascii_alphanumeric() || SIGNS.contains(c) => return Ok(Key::Char(c.to_ascii_uppercase())),
        _ => {}
    }
    let lower = name.to_lowercase();
    if let Some((_, key)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return Ok(*key);
    }
    let number = lower.strip_prefix('f').filter(|n| n.bytes().all(|b| b.is_ascii_digit())).ok_or_else(unknown)?;
    match number.parse::<u8>() {
        Ok(n @ 1..=12) => Ok(Key::F(n)),
        _ => Err(unknown()),
    }
}
