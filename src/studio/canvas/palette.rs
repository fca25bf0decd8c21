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

    /// A ramp from clear (0) over deep blue and magenta to pale yellow (255), for a map of probabilities × 255.
    #[must_use]
    pub fn heat() -> Self {
        // Lightness rises along the whole ramp, so it also reads without colour.
        const STOPS: [(f32, [f32; 3]); 5] = [
            (0.0, [20.0, 16.0, 60.0]),
            (0.3, [92.0, 24.0, 130.0]),
            (0.55, [190.0, 54.0, 108.0]),
            (0.8, [246.0, 130.0, 60.0]),
            (1.0, [252.0, 240.0, 170.0]),
        ];
        let mut palette = Self::default();
        for (id, colour) in palette.0.iter_mut().enumerate().skip(1) {
            let t = id as f32 / 255.0;
            let k = STOPS.iter().rposition(|stop| stop.0 <= t).unwrap_or(0).min(STOPS.len() - 2);
            let ((t0, a), (t1, b)) = (STOPS[k], STOPS[k + 1]);
            let f = (t - t0) / (t1 - t0);
            let [r, g, b]: [u8; 3] = std::array::from_fn(|c| (a[c] + (b[c] - a[c]) * f).round() as u8);
            // The least likely fade out, so that the photo stays visible where the model saw nothing.
            *colour = Color32::from_rgb(r, g, b).gamma_multiply((t * 4.0).min(1.0));
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

    #[test]
    fn heat_gets_lighter_with_every_step_and_starts_clear() {
        let p = Palette::heat();
        assert_eq!(p.0[0], Color32::TRANSPARENT);
        let luma = |c: Color32| 0.299 * f32::from(c.r()) + 0.587 * f32::from(c.g()) + 0.114 * f32::from(c.b());
        for id in 1..255 {
            assert!(luma(p.0[id + 1]) >= luma(p.0[id]) - 0.6, "step {id} darkens");
        }
        assert!(luma(p.0[255]) > 220.0);
    }
}
