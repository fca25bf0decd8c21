//! A layer that owns what it draws, for callers that put layers together from several places.

use std::sync::Arc;

use delimit::raster::{LabelMap, MaxPyramid};
use egui::Rect;

use super::palette::Palette;
use super::widget::OverlayLayer;
use crate::studio::viewing::LabelStyle;

/// An [`OverlayLayer`] with its own map: tiles are shared, so that a copy costs little. Let go of it before the map is painted on.
pub struct Layer {
    pub key: u64,
    pub map: LabelMap,
    pub pooled: Option<Arc<MaxPyramid>>,
    pub revision: u64,
    pub palette: Palette,
    pub opacity: f32,
    pub clip: Option<Rect>,
    pub is_outline: bool,
}

impl Layer {
    /// The filled layer of a map and the one of its outlines, as far as `style` wants them. `keys` are those of both.
    pub fn of_labels(
        keys: [u64; 2],
        map: &LabelMap,
        revision: u64,
        palette: &Palette,
        style: LabelStyle,
        opacity: f32,
    ) -> Vec<Self> {
        let layers = [(keys[0], style.has_fill(), opacity, false), (keys[1], style.has_outline(), 1.0, true)];
        let shown = layers.into_iter().filter(|(_, is_shown, ..)| *is_shown);
        shown
            .map(|(key, _, opacity, is_outline)| Self {
                key,
                map: map.clone(),
                pooled: None,
                revision,
                palette: palette.clone(),
                opacity,
                clip: None,
                is_outline,
            })
            .collect()
    }

    pub fn overlay(&self) -> OverlayLayer<'_> {
        OverlayLayer {
            key: self.key,
            map: &self.map,
            revision: self.revision,
            palette: &self.palette,
            opacity: self.opacity,
            clip: self.clip,
            is_outline: self.is_outline,
            pooled: self.pooled.as_deref(),
        }
    }
}
