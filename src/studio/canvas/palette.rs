//! From ids to colours: the table that a layer of labels is painted through.

use egui::Color32;

/// One colour (premultiplied alpha) per id. Id 0, background, is clear unless somebody colours it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette(pub [Color32; 256]);

impl Default for Palette {
    fn default() -> Self {
        Self([Color32::TRANSPARENT; 256])
    }
}

impl Palette {
    /// Opaque `colours` for the named ids; every other id is clear (a hidden class is simply left out).
    #[must_use]
    pub fn of_classes(colours: impl IntoIterator<Item = (u8, Color32)>) -> Self {
        let mut palette = Self::default();
        for (id, colour) in colours {
            palette.0[id as usize] = colour;
        }
        palette
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are_not_named_are_clear() {
        let p = Palette::of_classes([(3, Color32::RED)]);
        assert_eq!(p.0[3], Color32::RED);
        assert!((0..=255_u8).filter(|&id| id != 3).all(|id| p.0[id as usize] == Color32::TRANSPARENT));
    }
}
