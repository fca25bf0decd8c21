//! The one gate that every painted pixel passes.

use crate::raster::BACKGROUND;

/// A set of pixel values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueSet([u64; 4]);

impl ValueSet {
    pub const ALL: Self = Self([u64::MAX; 4]);

    #[must_use]
    pub const fn contains(&self, value: u8) -> bool {
        self.0[(value >> 6) as usize] & (1 << (value & 63)) != 0
    }

    pub const fn insert(&mut self, value: u8) {
        self.0[(value >> 6) as usize] |= 1 << (value & 63);
    }

    pub const fn remove(&mut self, value: u8) {
        self.0[(value >> 6) as usize] &= !(1 << (value & 63));
    }
}

/// Decides for each pixel whether a tool may write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Values that may be painted over.
    writable: ValueSet,
}

impl Gate {
    /// Everything may be painted over.
    pub const OPEN: Self = Self { writable: ValueSet::ALL };

    /// Only background and `value` itself may be painted over: other classes are protected.
    #[must_use]
    pub fn protecting_all_but(value: u8) -> Self {
        let mut writable = ValueSet::default();
        writable.insert(BACKGROUND);
        writable.insert(value);
        Self { writable }
    }

    /// Pixels of `value` may not be changed (a locked class).
    #[must_use]
    pub const fn locking(mut self, value: u8) -> Self {
        self.writable.remove(value);
        self
    }

    /// True when a pixel of value `old` may be changed.
    #[must_use]
    pub const fn allows(&self, old: u8) -> bool {
        self.writable.contains(old)
    }

    /// True when nothing is protected: the screen shows a badge otherwise.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::OPEN
    }
}
