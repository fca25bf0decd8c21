//! Which keys trigger which command: the defaults, and what a person changed. No key ever has two commands.

mod file;
mod names;
mod text;

use std::collections::HashMap;

pub use file::{KeymapFile, KeymapProblem};
pub use text::ShortcutError;

use super::command::{Command, Key, Shortcut};

/// Who has a key already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Command(Command),
    /// The window itself; the words say for what. Nobody can take such a key away.
    Window(&'static str),
}

/// A key cannot be given away, because somebody has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub shortcut: Shortcut,
    pub owner: Owner,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.shortcut.text();
        match self.owner {
            Owner::Command(command) => write!(f, "{key} is the key of “{}”", command.label()),
            Owner::Window(what) => write!(f, "{key} cannot be given away: the window needs it to {what}"),
        }
    }
}

impl std::error::Error for Conflict {}

/// Keys that are no command's: they are held, or move the focus, or belong to text fields.
const OF_THE_WINDOW: [(Shortcut, &str); 12] = [
    (held(Key::Char('T')), "change the contrast with T and a drag"),
    (held(Key::Tab), "go from control to control"),
    (shifted(Key::Tab), "go from control to control"),
    (shifted(Key::Enter), "hold the button down while one works with the keyboard"),
    (alt(Key::Enter), "press the right button while one works with the keyboard"),
    (held(Key::Up), "go up in a list or on the image"),
    (held(Key::Down), "go down in a list or on the image"),
    (shifted(Key::Up), "go up by ten pixels"),
    (shifted(Key::Down), "go down by ten pixels"),
    (command(Key::Char('C')), "copy text"),
    (command(Key::Char('X')), "cut text"),
    (command(Key::Char('V')), "paste text"),
];

const fn held(key: Key) -> Shortcut {
    Shortcut { command: false, shift: false, alt: false, key }
}

const fn shifted(key: Key) -> Shortcut {
    Shortcut { command: false, shift: true, alt: false, key }
}

const fn alt(key: Key) -> Shortcut {
    Shortcut { command: false, shift: false, alt: true, key }
}

const fn command(key: Key) -> Shortcut {
    Shortcut { command: true, shift: false, alt: false, key }
}

/// The keys of every command, both ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    by_command: HashMap<Command, Vec<Shortcut>>,
    by_shortcut: HashMap<Shortcut, Command>,
}

impl Default for Keymap {
    fn default() -> Self {
        let by_command: HashMap<Command, Vec<Shortcut>> = Command::all().into_iter().map(|c| (c, c.shortcuts())).collect();
        let by_shortcut = by_command.iter().flat_map(|(&c, keys)| keys.iter().map(move |&s| (s, c))).collect();
        Self { by_command, by_shortcut }
    }
}

impl Keymap {
    /// The keys of a command, the one shown in tooltips first; empty when it has none.
    #[must_use]
    pub fn shortcuts(&self, command: Command) -> &[Shortcut] {
        self.by_command.get(&command).map_or(&[], Vec::as_slice)
    }

    /// The command that a key triggers.
    #[must_use]
    pub fn command(&self, shortcut: Shortcut) -> Option<Command> {
        self.by_shortcut.get(&shortcut).copied()
    }

    /// Who has a key; None when it is free.
    #[must_use]
    pub fn owner(&self, shortcut: Shortcut) -> Option<Owner> {
        let window = OF_THE_WINDOW.iter().find(|(key, _)| *key == shortcut).map(|(_, what)| Owner::Window(what));
        window.or_else(|| self.command(shortcut).map(Owner::Command))
    }

    /// The first key of a command as people read it, `Ctrl+Z`; empty without one.
    #[must_use]
    pub fn text(&self, command: Command) -> String {
        self.shortcuts(command).first().map_or_else(String::new, |s| s.text())
    }

    /// Gives a command one key more, as the last of its keys.
    ///
    /// # Errors
    /// When another command or the window has the key; nothing is changed then.
    pub fn bind(&mut self, command: Command, shortcut: Shortcut) -> Result<(), Conflict> {
        let at = self.shortcuts(command).len();
        self.insert(command, at, shortcut)
    }

    /// Puts a key in the place of another one of the same command. Without that other one it is [`Self::bind`].
    ///
    /// # Errors
    /// When another command or the window has the new key; nothing is changed then.
    pub fn replace(&mut self, command: Command, old: Shortcut, new: Shortcut) -> Result<(), Conflict> {
        if self.command(new) == Some(command) {
            // Both keys are there: the place of the old one is taken, and the double goes.
            if old != new && self.command(old) == Some(command) {
                self.unbind(command, new);
            } else {
                return Ok(());
            }
        }
        let at = self.shortcuts(command).iter().position(|s| *s == old);
        self.insert(command, at.unwrap_or(usize::MAX), new)?;
        if at.is_some() {
            self.unbind(command, old);
        }
        Ok(())
    }

    /// Takes a key from whichever command has it and gives it to this one, at the place of `old` if that is given.
    ///
    /// # Errors
    /// When the window has the key: that cannot be taken.
    pub fn take(&mut self, command: Command, old: Option<Shortcut>, shortcut: Shortcut) -> Result<(), Conflict> {
        match self.owner(shortcut) {
            Some(owner @ Owner::Window(_)) => return Err(Conflict { shortcut, owner }),
            Some(Owner::Command(other)) if other != command => self.unbind(other, shortcut),
            _ => {}
        }
        match old {
            Some(old) => self.replace(command, old, shortcut),
            None => self.bind(command, shortcut),
        }
    }

    /// Takes one key from a command; nothing happens when it has another or none.
    pub fn unbind(&mut self, command: Command, shortcut: Shortcut) {
        if self.by_shortcut.get(&shortcut) == Some(&command) {
            self.by_shortcut.remove(&shortcut);
            if let Some(keys) = self.by_command.get_mut(&command) {
                keys.retain(|s| *s != shortcut);
            }
        }
    }

    /// Takes all keys from a command.
    pub fn clear(&mut self, command: Command) {
        for shortcut in self.shortcuts(command).to_vec() {
            self.unbind(command, shortcut);
        }
    }

    /// Gives a command the keys that it came with. Those that another command got meanwhile stay there and are named in the answer.
    pub fn reset(&mut self, command: Command) -> Vec<Conflict> {
        self.clear(command);
        command.shortcuts().into_iter().filter_map(|shortcut| self.bind(command, shortcut).err()).collect()
    }

    /// Gives every command the keys that it came with.
    pub fn reset_all(&mut self) {
        *self = Self::default();
    }

    /// Whether the keys of a command are others than those it came with.
    #[must_use]
    pub fn is_changed(&self, command: Command) -> bool {
        self.shortcuts(command) != command.shortcuts()
    }

    /// Commands with other keys than they came with, in the order of the menus.
    #[must_use]
    pub fn changed(&self) -> Vec<Command> {
        Command::all().into_iter().filter(|c| self.is_changed(*c)).collect()
    }

    fn insert(&mut self, command: Command, at: usize, shortcut: Shortcut) -> Result<(), Conflict> {
        match self.owner(shortcut) {
            Some(Owner::Command(owner)) if owner == command => return Ok(()),
            Some(owner) => return Err(Conflict { shortcut, owner }),
            None => {}
        }
        let keys = self.by_command.entry(command).or_default();
        keys.insert(at.min(keys.len()), shortcut);
        self.by_shortcut.insert(shortcut, command);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
