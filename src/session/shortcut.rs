//! Keys of the keyboard and shortcuts, as people read them.

/// A key of the keyboard, by what is printed on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A letter (upper case), digit or sign.
    Char(char),
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    Insert,
    Tab,
    Enter,
    Escape,
    Backspace,
    Delete,
    /// F1 to F12.
    F(u8),
}

/// A key with its modifiers. `command` is Ctrl, or ⌘ on a Mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shortcut {
    pub command: bool,
    pub shift: bool,
    pub alt: bool,
    pub key: Key,
}

impl Shortcut {
    pub(super) const fn plain(key: Key) -> Self {
        Self { command: false, shift: false, alt: false, key }
    }

    pub(super) const fn char(c: char) -> Self {
        Self::plain(Key::Char(c))
    }

    pub(super) const fn command(key: Key) -> Self {
        Self { command: true, shift: false, alt: false, key }
    }

    pub(super) const fn shift(key: Key) -> Self {
        Self { command: false, shift: true, alt: false, key }
    }

    pub(super) const fn command_shift(key: Key) -> Self {
        Self { command: true, shift: true, alt: false, key }
    }

    pub(super) const fn alt(key: Key) -> Self {
        Self { command: false, shift: false, alt: true, key }
    }

    /// As people read it: `Ctrl+Shift+D`.
    #[must_use]
    pub fn text(self) -> String {
        let mut text = String::new();
        for (is_held, name) in [(self.command, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if is_held {
                text.push_str(name);
            }
        }
        match self.key {
            Key::Char(c) => text.push(c),
            Key::Left => text.push('←'),
            Key::Right => text.push('→'),
            Key::Up => text.push('↑'),
            Key::Down => text.push('↓'),
            Key::Home => text.push_str("Home"),
            Key::End => text.push_str("End"),
            Key::PageUp => text.push_str("PageUp"),
            Key::PageDown => text.push_str("PageDown"),
            Key::Insert => text.push_str("Insert"),
            Key::Tab => text.push_str("Tab"),
            Key::Enter => text.push_str("Enter"),
            Key::Escape => text.push_str("Esc"),
            Key::Backspace => text.push_str("Backspace"),
            Key::Delete => text.push_str("Del"),
            Key::F(n) => text.extend([String::from("F"), n.to_string()]),
        }
        text
    }
}
